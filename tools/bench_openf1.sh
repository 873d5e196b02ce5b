#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Copyright The mod_f1board authors
#
# What loading telemetry costs, and reading a lap of it, in the database that the environment names (PGHOST and so on,
# with the simulated season 2030 of seed 1): bench_openf1.sh [ROWS]. Two figures: the load of that many rows of car data
# against COPY of the same rows into a bare table, and the 95th percentile of the lap's statement.

set -eu
rows=${1:-1000000}
here=$(cd "$(dirname "$0")" && pwd)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
PGOPTIONS='-c search_path=f1board'
F1_CLOCK=2030-06-15T00:00:00Z@0
export PGOPTIONS F1_CLOCK
sql() { psql -XAtq -v ON_ERROR_STOP=1 "$@"; }

"$here/../t/openf1_sample.sh" "$dir/up" "$rows"
load()
{
    sql -c 'DELETE FROM openf1_load; TRUNCATE openf1_car_data, openf1_location'
    f1boardctl ingest openf1 session 9005 --openf1 "file://$dir/up" --json --quiet >"$dir/report"
    sed -n 's/.*"load_ms": *\([0-9]*\).*/\1/p' "$dir/report"
}
copy()
{
    sql -c 'SET client_min_messages = error; DROP TABLE IF EXISTS bench_copy; CREATE TABLE bench_copy (LIKE openf1_car_data)'
    sql -c '\timing on' -c "\\copy bench_copy FROM '$dir/rows'" | sed -n 's/^Time: \([0-9]*\).*/\1/p'
}

rm -f "$dir"/up/9005/location_*
load >/dev/null
sql -c "\\copy (SELECT * FROM openf1_car_data) TO '$dir/rows'" # the same rows, as COPY likes them
copy >/dev/null
# The shortest time of each: whatever else runs only ever makes them longer.
for _ in 1 2 3; do
    echo "$(load) $(copy)"
done | awk -v rows="$rows" '
    NR == 1 || $1 < ours { ours = $1 }
    NR == 1 || $2 < copied { copied = $2 }
    END { printf "%d rows of car data: loaded in %d ms, by COPY alone in %d ms: %.2f of its rate\n", rows, ours, copied,
              copied / ours }'
sql -c 'DROP TABLE bench_copy' -c 'VACUUM ANALYZE openf1_car_data'

# The places of one car, so that the lap has all it needs.
"$here/../t/openf1_sample.sh" "$dir/small"
cp "$dir"/small/9005/location_62.json "$dir/up/9005/"
f1boardctl ingest openf1 session 9005 --openf1 "file://$dir/up" --quiet >/dev/null
sed -e '/^--/d' -e "s/:race_id/'2030-alentejo-grand-prix'/g" -e 's/:year/NULL/; s/:round/NULL/' \
    -e "s/:driver/'dziedzic'/g" -e "s/:lap/'fastest'/g" -e "s/:session/'race'/g" "$here/../sql/api/races/telemetry.sql" |
    tr '\n' ' ' | sed 's/ -- each sample has way behind it, the first since the start//; s/ -- places, and the samples behind each//' >"$dir/lap.sql"
echo ';' >>"$dir/lap.sql"
(cd "$dir" && pgbench -n -M prepared -t 500 -l --log-prefix="$dir/log" -f "$dir/lap.sql" >"$dir/pgbench")
cut -d' ' -f3 "$dir"/log.* | sort -n | awk '{ t[NR] = $1 } END {
    printf "a lap of telemetry: 1 statement, median %.2f ms, p95 %.2f ms\n", t[int(NR / 2)] / 1000, t[int(NR * 0.95)] / 1000 }'
