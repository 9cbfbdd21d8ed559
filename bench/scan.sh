#!/usr/bin/env bash
# A full scan against a shell loop that runs one count(*) … NOT EXISTS per reference through psql, on the same database:
# 10 million rows in 20 tables, 200 many2one columns without a constraint, 500 thousand orphans.
#
#   bench/scan.sh [ROUNDS]        needs target/odoo-orphan-cleanup.jar, psql, and a PostgreSQL by the PG* variables whose role
#                                 may create a database (PGHOST must be set; PGPASSWORD or ~/.pgpass)
#
# Both sides run in turn, ROUNDS times (5); whole processes are timed. The scan has a heap of 256 MB, and starts as the image does.
set -euo pipefail
rounds=${1:-5}
jar=$(cd "$(dirname "$0")/.." && pwd)/target/odoo-orphan-cleanup.jar
db=${BENCH_DB:-orphan_bench}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if ! psql -qAt -d "$db" -c 'SELECT 1' >/dev/null 2>&1; then
  echo "building $db …"
  createdb "$db"
  psql -q -v ON_ERROR_STOP=1 -d "$db" <<'SQL'
SET synchronous_commit = off;
CREATE TABLE ir_model (id serial PRIMARY KEY, model varchar, name jsonb, transient boolean DEFAULT false, state varchar DEFAULT 'base');
CREATE TABLE ir_model_fields (id serial PRIMARY KEY, model varchar, name varchar, ttype varchar, relation varchar, relation_field varchar,
  relation_table varchar, column1 varchar, column2 varchar, store boolean DEFAULT true, required boolean DEFAULT false,
  readonly boolean DEFAULT false, related varchar, on_delete varchar DEFAULT 'set null', company_dependent boolean DEFAULT false,
  depends varchar, state varchar DEFAULT 'base', selectable boolean DEFAULT true);
CREATE TABLE ir_model_relation (id serial PRIMARY KEY, name varchar, model integer, module integer);
CREATE TABLE ir_model_constraint (id serial PRIMARY KEY, name varchar, model integer, module integer, type varchar);
CREATE TABLE ir_module_module (id serial PRIMARY KEY, name varchar, state varchar, latest_version varchar);
CREATE TABLE ir_config_parameter (id serial PRIMARY KEY, key varchar, value text);
INSERT INTO ir_module_module (name, state, latest_version) VALUES ('base', 'installed', '18.0.1.3');
INSERT INTO ir_config_parameter (key, value) VALUES ('database.uuid', 'bench');
DO $$
DECLARE t int; c int; cols text; vals text;
BEGIN
  FOR t IN 1..10 LOOP
    EXECUTE format('CREATE TABLE parent_%s (id integer PRIMARY KEY, name varchar)', t);
    EXECUTE format('INSERT INTO parent_%s SELECT i, ''p'' FROM generate_series(1, 50000) i', t);
    INSERT INTO ir_model (model) VALUES ('parent.' || t);
    INSERT INTO ir_model_fields (model, name, ttype) VALUES ('parent.' || t, 'name', 'char'), ('parent.' || t, 'id', 'integer');
  END LOOP;
  FOR t IN 1..20 LOOP
    INSERT INTO ir_model (model) VALUES ('child.' || t);
    INSERT INTO ir_model_fields (model, name, ttype) VALUES ('child.' || t, 'name', 'char'), ('child.' || t, 'id', 'integer');
    cols := ''; vals := '';
    FOR c IN 1..10 LOOP
      cols := cols || format(', ref_%s_id integer', c);
      -- every 200th row of a column dangles, another one in each column
      vals := vals || format(', CASE WHEN (i + %s) %% 200 = 0 THEN 60000 + i %% 1000 ELSE 1 + (i * %s) %% 50000 END', c, c + t);
      INSERT INTO ir_model_fields (model, name, ttype, relation) VALUES ('child.' || t, format('ref_%s_id', c), 'many2one', 'parent.' || c);
    END LOOP;
    EXECUTE format('CREATE TABLE child_%s (id integer PRIMARY KEY, name varchar%s)', t, cols);
    EXECUTE format('INSERT INTO child_%s SELECT i, ''some text of a row'' %s FROM generate_series(1, 500000) i', t, vals);
  END LOOP;
END $$;
VACUUM ANALYZE;
SQL
fi

loop() {
  local table column total=0 n
  while IFS='|' read -r table column parent; do
    n=$(psql -qAt -d "$db" -c "SELECT count(*) FROM \"$table\" c WHERE c.\"$column\" IS NOT NULL AND NOT EXISTS (SELECT FROM \"$parent\" p WHERE p.id = c.\"$column\")")
    total=$((total + n))
  done < <(psql -qAt -d "$db" -c "SELECT replace(model, '.', '_'), name, replace(relation, '.', '_') FROM ir_model_fields WHERE ttype = 'many2one' ORDER BY id")
  echo "$total"
}

scan() {
  ORPHAN_DATA_DIR=$work/data ORPHAN_TARGET_JDBC_URL="jdbc:postgresql://$PGHOST:${PGPORT:-5432}/$db" \
    ORPHAN_TARGET_JDBC_USER=${PGUSER:-$USER} ORPHAN_TARGET_JDBC_PASSWORD=${PGPASSWORD:-} \
    java -Xmx256m -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -jar "$jar" scan --target default --out "$work/out" >"$work/log" 2>&1 || [ $? -eq 1 ] || { cat "$work/log"; exit 1; }
  echo $(($(wc -l <"$work/out/findings.csv") - 1))
}

seconds() { # runs "$1", its time into the file "$2"
  local start=$EPOCHREALTIME
  found=$("$1")
  awk -v a="$start" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.2f\n", b - a }' >>"$2"
  echo "$1: $(tail -n 1 "$2") s, $found orphans"
}

median() { sort -n "$1" | awk '{ v[NR] = $1 } END { print (NR % 2) ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }

for ((i = 1; i <= rounds; i++)); do
  seconds loop "$work/loop"
  seconds scan "$work/scan"
done
a=$(median "$work/scan") b=$(median "$work/loop")
echo "median of $rounds: scan $a s, shell loop $b s, ratio $(awk -v a="$a" -v b="$b" 'BEGIN { printf "%.2f", a / b }')"
