# SPDX-License-Identifier: Apache-2.0
# Copyright The mod_f1board authors
#
# ./dev.sh bench: what the module costs on top of PostgreSQL. Endpoints of one query, over HTTP, beside pgbench running
# the very same statement on the same data in the same minute; and loading a season beside COPY of the same rows.
# Absolute numbers mean little, ratios a lot. Server and client share the machine in both cases.

. tools/instance.sh
state=$top/build/bench port=8081
parse_options "$@"
need wrk
bring_up
[ "$loaded" = 0 ] || die "there is no data to measure with"

seconds=${F1_BENCH_SECONDS:-5} clients=8

# http PATH [TEXT]: requests a second; the answer must be 200, and hold TEXT
http()
{
    curl -fsS "http://127.0.0.1:$port$1" | grep -qF -- "${2:-}" || die "$1 does not answer as it should"
    wrk -t1 -c$clients -d1s "http://127.0.0.1:$port$1" >/dev/null
    wrk -t1 -c$clients -d${seconds}s "http://127.0.0.1:$port$1" >"$state/wrk.log"
    ! grep -E 'Non-2xx|Socket errors' "$state/wrk.log" >&2 || die "$1 failed under load"
    awk '/^Requests\/sec/ { print $2 }' "$state/wrk.log"
}

# sql FILE [NAME=VALUE...]: transactions a second of an endpoint's statement; parameters without a value are NULL
sql()
{
    file=$top/sql/api/$1.sql
    shift
    names=now
    for setting; do
        names="$names|${setting%%=*}"
    done
    {
        grep -v '^--' "$file" |
            sed -E "s/(^|[^:]):($names)\\b/\\1@\\2/g; s/(^|[^:]):[a-z_]+\\b/\\1NULL/g; s/(^|[^@])@($names)\\b/\\1:\\2/g"
        ! grep -q '^-- result: list' "$file" || echo 'LIMIT :limit OFFSET :offset'
        echo ';'
    } >"$state/pgbench.sql"
    set -- "now=$now" limit=101 offset=0 "$@"
    for setting; do
        set -- "$@" -D "$setting"
        shift
    done
    pgbench -n -M prepared -c$clients -j1 -T1 -f "$state/pgbench.sql" "$@" >"$state/pgbench.log" 2>&1 &&
        pgbench -n -M prepared -c$clients -j1 -T$seconds -f "$state/pgbench.sql" "$@" >"$state/pgbench.log" 2>&1 ||
        { cat "$state/pgbench.log" >&2; die "pgbench failed"; }
    awk '/^tps/ { print $3 }' "$state/pgbench.log"
}

# compare WHAT PATH TEXT FILE NAME=VALUE...
compare()
{
    what=$1 ours=$(http "$2" "$3") || exit 1
    shift 3
    theirs=$(sql "$@") || exit 1
    awk -v what="$what" -v a="$ours" -v b="$theirs" \
        'BEGIN { printf "%-44s %10.0f %10.0f %8.2f\n", what, a, b, b ? a / b : 0 }'
}

alone()
{
    ours=$(http "$2") || exit 1
    printf '%-44s %10.0f\n' "$1" "$ours"
}

value() { psql -XAtqc "$1"; }

race=$(value "SELECT race_id FROM driver_standing ORDER BY season DESC, race_id DESC LIMIT 1")
season=$(value "SELECT season FROM race WHERE id = '$race'")
driver=$(value "SELECT driver_id FROM driver_standing WHERE race_id = '$race' ORDER BY line LIMIT 1")
circuit=$(value "SELECT circuit_id FROM race WHERE id = '$race'")

# configure LINE...: with these lines behind the configuration
cp "$state/httpd.conf" "$state/plain.conf"
configure()
{
    { cat "$state/plain.conf"; printf '%s\n' "$@"; } >"$state/httpd.conf"
    "$httpd" -d "$state" -f "$state/httpd.conf" -k graceful || die "httpd does not take: $*"
    sleep 2
}

# --- One query, beside PostgreSQL alone: nothing may come out of the cache.

configure 'F1BoardCache none'
say "measuring, $clients clients, ${seconds} s each"
printf '%-44s %10s %10s %8s\n' 'requests/s' httpd pgbench ratio
compare '/circuits/{id}' "/f1/api/v1/circuits/$circuit" "$circuit" circuits/one "circuit_id=$circuit"
compare '/drivers/{id}' "/f1/api/v1/drivers/$driver" "$driver" drivers/one "driver_id=$driver"
compare '/races/{id}/results' "/f1/api/v1/races/$race/results?limit=100" "$driver" races/results "race_id=$race"
compare '/standings/drivers?season=' "/f1/api/v1/standings/drivers?season=$season&limit=100" "$driver" \
    standings/drivers "season=$season"

head -c 2000 /dev/zero | tr '\0' 'x' >"$state/htdocs/static.txt"
echo
alone '/api/v1/health/live, no query' /f1/api/v1/health/live
alone 'a static file of 2000 bytes' /static.txt

# --- A cached answer, beside the same bytes in a file, and from a handler that does nothing but send them with the same
# headers (tools/constant.c); by turns, and the medians. What counts is processor time of httpd, which is what bounds
# requests a second, and other work of the machine disturbs less.

answer=/f1/api/v1/circuits/$circuit
cc=$(sed -n 's/^CC = //p' build/Makefile)
# shellcheck disable=SC2046
$cc -O2 -fPIC -shared $(sed -n 's/^HTTPD_CPPFLAGS = //p' build/Makefile) -I"$("$apxs" -q INCLUDEDIR)" \
    $("$("$apxs" -q APR_CONFIG)" --includes --cppflags) tools/constant.c -o "$state/constant.so"
configure "LoadModule constant_module $state/constant.so"
curl -fsS "http://127.0.0.1:$port$answer" >/dev/null
curl -fsS -D "$state/headers" -o "$state/htdocs/answer.txt" "http://127.0.0.1:$port$answer"
tr -d '\r' <"$state/headers" | sed -nE '/^(Date|Server|Content-Length|Keep-Alive|Connection|Upgrade):/Id
    s/"/\\"/g; s/^([A-Za-z-]+): (.*)/    ConstantHeader \1 "\2"/p' >"$state/constant.headers"
configure "LoadModule constant_module $state/constant.so" '<Location "/constant">' '    SetHandler constant' \
    "    ConstantBody $state/htdocs/answer.txt" "$(cat "$state/constant.headers")" '</Location>'
usual=$seconds seconds=1
for round in $(seq 11); do
    echo "$(cost "${answer#/}") $(cost answer.txt) $(cost constant)"
done >"$state/rounds"
seconds=$usual
printf '\n%-44s %10s %10s %8s\n' 'processor us/request, median of 11 rounds' cached other ratio
median() { awk -v a="$1" -v b="${2:-0}" '{ print (b ? $b / $a : $a) }' "$state/rounds" | sort -n | sed -n 6p; }
for other in '2 1.15 a static file' '3 0.90 a constant handler'; do
    set -- $other
    column=$1 floor=$2
    shift 2
    echo "$(median 1) $(median "$column") $(median 1 "$column")" |
        awk -v what="$answer, $*" -v floor="$floor" '{ printf "%-44s %10.1f %10.1f %8.2f  %s\n", what, $1, $2, $3,
            ($3 >= floor ? "OK" : "MISSED (" floor ")") }'
done
configure

# --- What a limit costs that nobody reaches: the check alone, and all of it with the headers that tell about it, as the
# difference between a mount with a limit and one without, by turns.

printf '\n%-44s %10s\n' 'a limit' 'us'
if make -s -C build t/unit/test_limit >"$state/test_limit.log" 2>&1; then
    build/t/unit/test_limit 2>&1 | awk '/^# a check/ { printf "%-44s %10.2f  %s\n", "check alone, " $5 " clients", $7 / 1000,
        $7 <= 2000 ? "OK" : "MISSED (2.00)" }'
fi
cat >>"$state/httpd.conf" <<'END'
<Location "/limited">
    SetHandler f1board
    F1BoardLimit On
    F1BoardLimitAnonymous 1000000/1s
</Location>
END
"$httpd" -d "$state" -f "$state/httpd.conf" -k graceful || die "httpd does not take the limit"
sleep 2
usual=$seconds seconds=1
for round in $(seq 21); do
    with=$(cost limited/api/v1/health/live) without=$(cost f1/api/v1/health/live)
    echo "$with $without" | awk '{ print $1, $2, $1 - $2 }'
done >"$state/rounds"
seconds=$usual
sort -n -k3 "$state/rounds" | awk '{ with[NR] = $1; without[NR] = $2; more[NR] = $3 } END {
    half = int((NR + 1) / 2)
    printf "%-44s %10.1f  %s (of %.1f; half of %d rounds between %.1f and %.1f)\n", "/api/v1/health/live, median difference",
        more[half], more[half] <= 2 ? "OK" : "MISSED (2.0)", with[half], NR, more[int(NR / 4) + 1], more[int(NR * 3 / 4) + 1]
}'

# --- A thousand clients who ask now and then, 425 requests a second in all (tools/pace.c): what they wait, and what httpd
# takes of memory meanwhile.

# Memory of httpd's children in MiB, what they share counted once.
memory()
{
    for pid in $(pgrep -P "$(cat "$state/httpd.pid")"); do
        cat "/proc/$pid/smaps_rollup"
    done | awk '/^Pss:/ { sum += $2 } END { printf "%.1f", sum / 1024 }'
}

# paced WHAT PATH MILLISECONDS
paced()
{
    build/tools/pace -c 1000 -r 425 -w 3 -d 10 "http://127.0.0.1:$port$2" >"$state/pace.log" &
    pace=$!
    sleep 12
    pss=$(memory)
    wait $pace || cat "$state/pace.log" >&2
    awk -v what="$1" -v floor="$3" -v pss="$pss" '{
        missed = ($10 > floor ? " p95 " floor " ms" : "") ($4 > 0 ? " no errors" : "") (pss > 70 ? " 70 MiB" : "")
        verdict = missed == "" ? "OK" : "MISSED (" substr(missed, 2) ")"
        printf "%-28s %7s %7s %7s %7s %7s %7.1f  %s\n", what, $8, $10, $12, $14, $4, pss, verdict
    }' "$state/pace.log"
}

# restart LINE...: with these lines in the configuration, and what a thousand connections need (docs/performance.md)
restart()
{
    { sed -E '/^(MinSpareThreads|MaxSpareThreads|ThreadsPerChild|MaxRequestWorkers|StartServers) /d' "$state/plain.conf"
        printf '%s\n' 'ServerLimit 2' 'StartServers 2' 'ThreadLimit 256' 'ThreadsPerChild 256' 'MaxRequestWorkers 512' \
            'MinSpareThreads 25' 'MaxSpareThreads 512' 'MaxKeepAliveRequests 0' 'KeepAliveTimeout 15' "$@"
    } >"$state/httpd.conf"
    "$httpd" -d "$state" -f "$state/httpd.conf" -k stop || die "httpd does not stop"
    while [ -n "$(httpd_processes)" ]; do
        sleep 0.1
    done
    "$httpd" -d "$state" -f "$state/httpd.conf" -k start || die "httpd does not take: $*"
    sleep 2
}

make -s -C build tools/pace >&2 || die "tools/pace does not build"
say "1000 clients, 425 requests a second"
printf '%-28s %7s %7s %7s %7s %7s %7s\n' '' p50 p95 p99 'max ms' errors 'PSS MiB'
restart
paced 'cached' "/f1/api/v1/circuits/$circuit" 1
restart 'F1BoardCache none'
paced 'one query' "/f1/api/v1/circuits/$circuit" 3
echo

# --- A season loaded into an empty database, beside COPY of the rows it wrote. Both have all constraints to check.

tables='season circuit constructor driver season_driver season_constructor race session entry revision result
    qualifying_result driver_standing constructor_standing'

# empty_database NAME
empty_database()
{
    PGOPTIONS='-c client_min_messages=warning' "$pg_bin/dropdb" --if-exists "$1"
    PGOPTIONS='' "$pg_bin/createdb" "$1"
    f1boardctl --quiet --database "dbname=$1" migrate up >/dev/null
}

empty_database bench_load
f1boardctl --json --database 'dbname=bench_load' ingest season "$season" --ergast "$source" --rate none \
    >"$state/load.json" || die "the season cannot be loaded"
load=$(awk -F: '/"load_ms"/ { print $2 + 0 }' "$state/load.json")

empty_database bench_copy
for table in $tables; do
    columns=$(value "SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute
        WHERE attrelid = '$table'::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''")
    echo "COPY $table ($columns) FROM STDIN;"
    psql -Xqd bench_load -c "COPY (SELECT $columns FROM $table) TO STDOUT"
    printf '%s\n' '\.'
done >"$state/rows.sql"
{ printf '%s\n' '\timing on'; cat "$state/rows.sql"; } | psql -X1 -v ON_ERROR_STOP=1 -d bench_copy >"$state/copy.log" ||
    die "the rows cannot be copied"
copy=$(awk '/^Time:/ { sum += $2 } END { print sum }' "$state/copy.log")
rows=$(awk '/^COPY / { sum += $2 } END { print sum }' "$state/copy.log")
printf '\n%-44s %10s %10s %8s\n' 'milliseconds' f1boardctl COPY ratio
awk -v what="season $season, $rows rows" -v a="$load" -v b="$copy" \
    'BEGIN { printf "%-44s %10.0f %10.0f %8.2f\n", what, a, b, b ? a / b : 0 }'

# --- Telemetry: loading it, and reading a lap, in a database with the season that the sample belongs to.

echo
empty_database bench_openf1
rm -rf "$state/telemetry"
f1boardctl --quiet simulate --seed 1 --seasons 1 --now 2030-06-15T00:00:00Z --out "$state/telemetry" >/dev/null
f1boardctl --quiet --database dbname=bench_openf1 --clock 2030-06-15T00:00:00Z ingest season 2030 \
    --ergast "file://$state/telemetry" >/dev/null || die "the season of the telemetry cannot be loaded"
PGDATABASE=bench_openf1 sh "$top/tools/bench_openf1.sh" "${F1_BENCH_ROWS:-200000}"
