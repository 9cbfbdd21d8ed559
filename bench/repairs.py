#!/usr/bin/env python3
"""Repair rate on a real Odoo against a bare client that sends the same batches.

  bench/repairs.py [RECORDS] [ROUNDS]     (5000, 5)

Makes leads whose customer is deleted with SQL, lets each side null them out in turn, and prints ids per second and the
ratio of the medians. Ours is the time between the run's first and last call as its own report tells it; the bare client's
is the time of its calls. Needs target/odoo-orphan-cleanup.jar, psql, a throw-away Odoo with crm on this machine, and
ODOO_URL, ODOO_DB, ODOO_LOGIN, ODOO_API_KEY, ODOO_JDBC_URL, ODOO_JDBC_USER, ODOO_JDBC_PASSWORD (a role that may set
session_replication_role). The records it makes are unlinked at the end.
"""
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

RECORDS, ROUNDS = (int(a) for a in (sys.argv[1:] + ["5000", "5"][len(sys.argv) - 1:])[:2])
JAR = pathlib.Path(__file__).resolve().parent.parent / "target" / "odoo-orphan-cleanup.jar"
ENV = os.environ
URL, DB, LOGIN, KEY = (ENV["ODOO_" + name] for name in ("URL", "DB", "LOGIN", "API_KEY"))
JDBC = ENV["ODOO_JDBC_URL"]
HOST, PORT, PGDB = re.match(r"jdbc:postgresql://([^:/]+)(?::(\d+))?/([^?]+)", JDBC).groups()
QUIET = {k: True for k in ("tracking_disable", "mail_notrack", "mail_create_nosubscribe", "mail_create_nolog")}
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def rpc(service, method, *args):
    body = {"jsonrpc": "2.0", "method": "call", "id": 1, "params": {"service": service, "method": method, "args": args}}
    request = urllib.request.Request(URL + "/jsonrpc", json.dumps(body).encode(), {"Content-Type": "application/json"})
    answer = json.load(OPENER.open(request, timeout=300))
    if "error" in answer:
        sys.exit(answer["error"]["data"]["message"])
    return answer.get("result")


UID = rpc("common", "login", DB, LOGIN, KEY)


def call(model, method, *args, **kwargs):
    return rpc("object", "execute_kw", DB, UID, KEY, model, method, args, kwargs)


def sql(statement):
    env = {**ENV, "PGPASSWORD": ENV.get("ODOO_JDBC_PASSWORD", "")}
    return subprocess.run(["psql", "-qAt", "-v", "ON_ERROR_STOP=1", "-h", HOST, "-p", PORT or "5432", "-U", ENV["ODOO_JDBC_USER"], "-d", PGDB,
                           "-c", statement], env=env, check=True, capture_output=True, text=True).stdout.strip()


def damage():
    partner = call("res.partner", "create", {"name": "Bench customer"}, context=QUIET)
    ids = []
    for start in range(0, RECORDS, 500):
        ids += call("crm.lead", "create", [{"name": "Bench", "type": "opportunity", "partner_id": partner}
                                           for _ in range(min(500, RECORDS - start))], context=QUIET)
    sql(f"BEGIN; SET LOCAL session_replication_role = replica; DELETE FROM res_partner WHERE id = {partner}; COMMIT")
    sql("ANALYZE crm_lead")
    return ids, partner


def remove(ids):
    for start in range(0, len(ids), 500):
        call("crm.lead", "unlink", ids[start:start + 500], context=QUIET)


def bare(ids):
    started = time.time()
    call("crm.lead", "write", ids[:1], {"partner_id": False}, context=QUIET)
    for start in range(1, len(ids), 200):
        call("crm.lead", "write", ids[start:start + 200], {"partner_id": False}, context=QUIET)
    return len(ids) / (time.time() - started)


def ours(ids, folder):
    job = folder / "bench.yaml"
    job.write_text(json.dumps({
        "name": "bench", "target": "default", "references": {"include": ["crm.lead.partner_id"]},
        "rules": [{"when": {"field": "crm.lead.partner_id"}, "policy": "null-out"}], "approval": "none",
        "backup": {"require": False}, "limits": {"share-of-table": 1.0, "repairs-per-run": 1000000,
                                                 "repairs-per-reference": 1000000, "ids-per-call": 200}}, indent=1))
    env = {**ENV, "ORPHAN_DATA_DIR": str(folder / "data"), "ORPHAN_TARGET_JDBC_URL": JDBC,
           "ORPHAN_TARGET_JDBC_USER": ENV["ODOO_JDBC_USER"], "ORPHAN_TARGET_JDBC_PASSWORD": ENV.get("ODOO_JDBC_PASSWORD", ""),
           "ORPHAN_TARGET_URL": URL, "ORPHAN_TARGET_DATABASE": DB, "ORPHAN_TARGET_LOGIN": LOGIN, "ORPHAN_TARGET_API_KEY": KEY}
    # as the image starts it
    run = subprocess.run(["java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-jar", str(JAR), "cleanup", "--job", str(job), "--yes", "--json", "--out", str(folder / "out")],
                         env=env, capture_output=True, text=True)
    report = json.loads((folder / "out" / "report.json").read_text())
    if report["counts"]["repaired"] != len(ids):
        sys.exit(f"repaired {report['counts']['repaired']} of {len(ids)}: {run.stderr[-2000:]}")
    return len(ids) / report["repair-seconds"]


def main():
    rates = {"bare": [], "ours": []}
    with tempfile.TemporaryDirectory() as tmp:
        for n in range(ROUNDS):
            for side in ("bare", "ours") if n % 2 else ("ours", "bare"):
                ids, _ = damage()
                try:
                    rate = bare(ids) if side == "bare" else ours(ids, pathlib.Path(tmp))
                finally:
                    remove(ids)
                rates[side].append(rate)
                print(f"{side}: {rate:.0f} ids/s", flush=True)
    a, b = statistics.median(rates["ours"]), statistics.median(rates["bare"])
    print(f"median of {ROUNDS}, {RECORDS} leads, 200 ids a call: ours {a:.0f}, bare {b:.0f} ids/s, ratio {a / b:.2f}")


main()
