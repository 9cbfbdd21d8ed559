#!/usr/bin/env python3
"""Recall and precision of a full scan on a real Odoo database.

    bench/inject.py TEMPLATE [WORK]    needs target/odoo-orphan-cleanup.jar (or JAR), psycopg2, java, and a PostgreSQL by the
                                       PG* variables whose role is a superuser

Copies the database TEMPLATE (nobody may be connected to it), gives every table and every field that has no value yet a
healthy one, scans, then lets one row of each reference of the catalog point to an id that nothing has (with
session_replication_role = replica), scans again and compares. The copy is dropped afterwards.
"""
import collections
import csv
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import psycopg2
from psycopg2.extensions import quote_ident

MISSING = 1_900_000_000
template = sys.argv[1]
name = template + "_injected"
jar = os.environ.get("JAR", str(pathlib.Path(__file__).parent.parent / "target" / "odoo-orphan-cleanup.jar"))
work = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else tempfile.mkdtemp())
host, port = os.environ.get("PGHOST", "127.0.0.1"), os.environ.get("PGPORT", "5432")


def admin(sql):
    connection = psycopg2.connect(dbname="postgres")
    connection.autocommit = True
    connection.cursor().execute(sql)
    connection.close()


admin(f'DROP DATABASE IF EXISTS "{name}"')
admin(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
db = psycopg2.connect(dbname=name)
cur = db.cursor()
cur.execute("SET session_replication_role = replica")
failures = []


def q(identifier):
    return quote_ident(identifier, db)


def one(sql, *parameters):
    cur.execute(sql, parameters)
    row = cur.fetchone()
    return row[0] if row else None


def attempt(what, sql, *parameters):
    """What the database refuses whatever the role is told at the end."""
    cur.execute("SAVEPOINT s")
    try:
        cur.execute(sql, parameters)
        rows = cur.rowcount
    except psycopg2.Error as e:
        cur.execute("ROLLBACK TO s")
        failures.append((what, str(e).strip().split("\n")[0]))
        return 0
    cur.execute("RELEASE s")
    return rows


def scan(out):
    run = subprocess.run(
        ["java", "-XX:TieredStopAtLevel=1", "-jar", jar, "scan", "--target", "default", "--full", "--out", str(out)],
        env=dict(os.environ, ORPHAN_DATA_DIR=str(work / "data"), ORPHAN_TARGET_JDBC_URL=f"jdbc:postgresql://{host}:{port}/{name}",
                 ORPHAN_TARGET_JDBC_USER=os.environ["PGUSER"], ORPHAN_TARGET_JDBC_PASSWORD=os.environ.get("PGPASSWORD", "")),
        capture_output=True, text=True)
    if run.returncode not in (0, 1):
        sys.exit(run.stdout + run.stderr)
    with open(out / "findings.csv", newline="") as file:
        found = collections.Counter((f["child_table"], f["field"], int(f["child_id"]), int(f["missing_id"]), f["parent_model"])
                                    for f in csv.DictReader(file))
    return json.loads((out / "report.json").read_text()), found


cur.execute("""SELECT c.relname, a.attname, format_type(a.atttypid, NULL), a.attnotnull AND a.attidentity = '' AND a.attgenerated = '',
                 a.atthasdef
               FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
               WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped""")
columns = collections.defaultdict(dict)
for table, column, kind, not_null, default in cur.fetchall():
    columns[table][column] = (kind, not_null, default)
cur.execute("""SELECT conrelid::regclass::text, a.attname, confrelid::regclass::text FROM pg_constraint
               JOIN pg_attribute a ON a.attrelid = conrelid AND a.attnum = conkey[1] WHERE contype = 'f' AND cardinality(conkey) = 1""")
parents = {(t.strip('"'), c): p.strip('"') for t, c, p in cur.fetchall()}


def dummy(kind):
    if "char" in kind or kind == "text":
        return "x"
    if "json" in kind:
        return "{}"
    if kind == "bytea":
        return b""
    if "timestamp" in kind or kind == "date":
        return "2020-01-01"
    if kind == "boolean":
        return False
    return 0


def first(table):
    return one(f"SELECT min(id) FROM {q(table)}")


# 1: a row for every table; checks would forbid some, and a scan does not look at them
cur.execute("SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE contype = 'c' AND conrelid <> 0"
            " AND connamespace = 'public'::regnamespace AND conislocal")
for table, constraint in cur.fetchall():
    cur.execute(f"ALTER TABLE {table} DROP CONSTRAINT {q(constraint)}")
made = []
for table, cols in columns.items():
    if "id" in cols and one(f"SELECT count(*) FROM ONLY {q(table)}") == 0:
        needed = [c for c, (kind, not_null, default) in cols.items() if not_null and c != "id" and not default]
        names = ", ".join(q(c) for c in ["id"] + needed)
        values = [1] + [dummy(cols[c][0]) for c in needed]
        if attempt(f"a row of {table}", f"INSERT INTO {q(table)} ({names}) VALUES ({', '.join(['%s'] * len(values))})", *values):
            made.append((table, needed))
for table, needed in made:
    for column in needed:
        if (table, column) in parents:
            attempt(f"{table}.{column}", f"UPDATE ONLY {q(table)} SET {q(column)} = %s", first(parents[table, column]))
db.commit()
report, found = scan(work / "before")

# 2: a healthy value for what has none
partner = first("res_partner")
company = first("res_company")
for entry in report["left-out"]:
    table, field = entry["table"], entry["field"]
    if not table or not field or table not in columns or field not in columns[table]:
        continue
    kind = columns[table][field][0]
    if kind == "jsonb" and "company" in entry["reason"]:
        relation = one("SELECT relation FROM ir_model_fields WHERE model = %s AND name = %s", entry["model"], field)
        parent = relation.replace(".", "_")
        if parent in columns and first(parent):
            attempt(f"{table}.{field}", f"UPDATE ONLY {q(table)} SET {q(field)} = %s WHERE id = %s",
                    json.dumps({str(company): first(parent)}), first(table))
    elif "char" in kind or kind == "text":
        attempt(f"{table}.{field}", f"UPDATE ONLY {q(table)} SET {q(field)} = %s WHERE id = %s", f"res.partner,{partner}", first(table))
    elif kind == "integer" and entry["reason"].startswith("no row"):
        stem = field[:-3] if field.endswith("_id") else field
        column = next((c for c in (stem + "_model", "model", "res_model") if c in columns[table] and "char" in columns[table][c][0]), None)
        if column:
            attempt(f"{table}.{field}", f"UPDATE ONLY {q(table)} SET {q(field)} = %s, {q(column)} = 'res.partner' WHERE id = %s",
                    partner, first(table))
if "ir_property" in columns:
    field_id = one("SELECT id FROM ir_model_fields WHERE company_dependent LIMIT 1") \
        if "company_dependent" in columns["ir_model_fields"] else first("ir_model_fields")
    attempt("ir_property", "INSERT INTO ir_property (name, type, fields_id, value_reference, res_id) VALUES ('x', 'many2one', %s, %s, %s)",
            field_id, f"res.partner,{partner}", f"res.partner,{partner}")
db.commit()
report, found = scan(work / "healthy")
baseline = found
references = [r for r in report["references"] if r["skipped"] is None]
print(f"{name}: {len(report['references'])} references, {len(references)} read, {len(report['left-out'])} left out, "
      f"{sum(found.values())} findings before", flush=True)

# 3: one row of each reference
expected = collections.Counter()
kinds = collections.Counter()
owners = collections.defaultdict(set)
for r in references:
    if r["kind"] == "many2many":
        owners[r["table"]].add(r["field"])
used = set()


def take(table, field, condition="true"):
    """A row whose value in this place is not spoken for."""
    cur.execute(f"SELECT id FROM ONLY {q(table)} WHERE {condition} ORDER BY id LIMIT 500")
    for (row,) in cur.fetchall():
        if (table, field, row) not in used:
            used.add((table, field, row))
            return row
    return None


def spare(table):
    """A healthy row of its own, for what is damaged besides the references of the catalog."""
    names = [c for c in columns[table] if c != "id"]
    new = (one(f"SELECT max(id) FROM ONLY {q(table)}") or 0) + 1
    cur.execute("SAVEPOINT spare")
    try:
        cur.execute(f"INSERT INTO {q(table)} (id, {', '.join(map(q, names))}) SELECT %s, {', '.join(map(q, names))}"
                    f" FROM ONLY {q(table)} ORDER BY id LIMIT 1", (new,))
    except psycopg2.Error:
        cur.execute("ROLLBACK TO spare")
        return None
    return new


keys = [r for r in references if r["kind"] == "company-dependent" and "@" in r["field"]]
attachment = spare("ir_attachment")
keyed = spare(keys[0]["table"]) if keys else None
for no, r in enumerate(references):
    table, field, missing = r["table"], r["field"], MISSING + no
    what = f"{r['kind']} {table}.{field} -> {r['parent-model'] or r['parent-table']}"
    row, done = None, 0
    if r["kind"] == "many2many":
        other = next(iter(owners[table] - {field}), None) or next(c for c in columns[table] if c != field)
        side = parents.get((table, other))
        row = first(side) if side else one(f"SELECT min({q(other)}) FROM {q(table)}")
        done = row is not None and attempt(what, f"INSERT INTO {q(table)} ({q(other)}, {q(field)}) VALUES (%s, %s)", row, missing)
    elif r["kind"] == "many2one-reference":
        column = r["found-how"].split("the model is in ")[1].split(":")[0]
        row = take(table, field, f"{q(column)} = '{r['parent-model']}'")
        done = row and attempt(what, f"UPDATE ONLY {q(table)} SET {q(field)} = %s WHERE id = %s", missing, row)
    elif r["kind"] == "reference" or table == "ir_property" and field in ("value_reference", "res_id"):
        row = take(table, field,
                   f"split_part({q(field)}, ',', 1) = '{r['parent-model']}'")
        done = row and attempt(what, f"UPDATE ONLY {q(table)} SET {q(field)} = %s WHERE id = %s", f"{r['parent-model']},{missing}", row)
    elif r["kind"] == "company-dependent":
        column, key = field.rsplit("@", 1)
        row = take(table, field)
        done = row and attempt(what, f"UPDATE ONLY {q(table)} SET {q(column)} = coalesce({q(column)}, '{{}}') || %s WHERE id = %s",
                               json.dumps({key: missing}), row)
    else:
        row = take(table, field)
        done = row and attempt(what, f"UPDATE ONLY {q(table)} SET {q(field)} = %s WHERE id = %s", missing, row)
    if done:
        expected[table, field, row, missing, r["parent-model"] or ""] += 1
        kinds[r["kind"]] += 1
    elif not row:
        failures.append((what, "no row"))
# what names something that is not there at all
row = attachment
if row and attempt("unknown model", "UPDATE ir_attachment SET res_model = 'gone.model', res_id = 5 WHERE id = %s", row):
    expected["ir_attachment", "res_id", row, 5, "gone.model"] += 1
    kinds["unknown model"] += 1
if keys:
    column = keys[0]["field"].rsplit("@", 1)[0]
    row = keyed
    if row and attempt("unknown company", f"UPDATE {q(keys[0]['table'])} SET {q(column)} = '{{\"77777\": null}}' WHERE id = %s", row):
        expected[keys[0]["table"], f"{column}@77777", row, 77777, "res.company"] += 1
        kinds["unknown company"] += 1
db.commit()
report, found = scan(work / "injected")
db.close()
extra = found - expected - baseline
lost = expected - found
print("injected:", dict(kinds), "together", sum(expected.values()))
print("not injectable:", len(failures))
for what, why in failures:
    print("   ", what, ":", why)
print("not found:", len(lost))
for key in list(lost)[:20]:
    print("   ", key)
print("found, not injected:", len(extra))
for key in list(extra)[:20]:
    print("   ", key)
print(f"recall {100 * (1 - sum(lost.values()) / sum(expected.values())):.2f} %, "
      f"precision {100 * (1 - sum(extra.values()) / max(1, sum(found.values()))):.2f} %")
admin(f'DROP DATABASE "{name}"')
sys.exit(1 if lost or extra else 0)
