# SPDX-License-Identifier: Apache-2.0
# Copyright The mod_f1board authors
#
# ./dev.sh bench-jobs: what background work costs, with two children that have a runner each. What an idle node asks its
# database and its upstream; how fast jobs that do nothing are done; and what a cached answer loses meanwhile. Server and
# client share the machine.

. tools/instance.sh
state=$top/build/bench-jobs port=8085
parse_options "$@"
need wrk
bring_up
[ "$loaded" = 0 ] || die "there is no data to measure with"

seconds=${F1_BENCH_SECONDS:-10} count=${F1_BENCH_JOBS:-10000} children=2
target=http://127.0.0.1:$port/f1/api/v1/seasons

# as many children for as long as it takes, and no connection that has to wait for a thread
sed -i -E '/^(MinSpareThreads|MaxSpareThreads|ThreadsPerChild|MaxRequestWorkers|StartServers) /d' "$state/httpd.conf"
cat >>"$state/httpd.conf" <<END
ServerLimit $children
StartServers $children
ThreadsPerChild 25
MaxRequestWorkers $((25 * children))
MinSpareThreads $((25 * children))
MaxSpareThreads $((25 * children))
MaxKeepAliveRequests 0
END

ask() { psql -XqAt -c "$1"; }

# runners NUMBER: waits until so many are at work
runners()
{
    waited=0
    until [ "$(ask "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'mod_f1board runner'")" = "$1" ]; do
        waited=$((waited + 1))
        [ $waited -lt 300 ] || die "there are no $1 runners"
        sleep 0.1
    done
}

restart()
{
    "$httpd" -d "$state" -f "$state/httpd.conf" -k stop || die "httpd does not stop"
    while httpd_running >/dev/null; do
        sleep 0.1
    done
    "$httpd" -d "$state" -f "$state/httpd.conf" -k start || die "httpd does not start again"
    until curl -fsS -o /dev/null "$target"; do
        sleep 0.1
    done
}

queue() { ask "INSERT INTO job (kind, run_at) SELECT 'probe', '1950-01-01' FROM generate_series(1, $1)"; }
left() { ask "SELECT count(*) FROM job WHERE kind = 'probe' AND finished_at IS NULL"; }

# reads: requests a second of a cached answer
reads()
{
    wrk -t1 -c8 -d${seconds}s "$target" >"$state/wrk.log"
    ! grep -E 'Non-2xx|Socket errors' "$state/wrk.log" >&2 || die "reads failed"
    awk '/^Requests\/sec/ { print $2 }' "$state/wrk.log"
}

sed -i 's|^F1BoardJobs Off|F1BoardJobs 1|' "$state/httpd.conf"
restart
reads >/dev/null
runners $children

# --- Idle: a minute, in which the schedule is kept too; sessions without results were asked for before. The log of
# statements tells who sent them: PostgreSQL's own counters know the work of its housekeeping as well.

sleep 70
requests=$(ask "SELECT coalesce(sum(requests), 0) FROM ingestion_run")
ask "ALTER SYSTEM SET log_line_prefix = '%a|'"
ask "ALTER SYSTEM SET log_statement = 'all'"
ask "SELECT FROM pg_reload_conf()" >/dev/null
sleep 60
ask "ALTER SYSTEM RESET log_statement"
ask "ALTER SYSTEM RESET log_line_prefix"
ask "SELECT FROM pg_reload_conf()" >/dev/null
sent=$($as grep -acE '^mod_f1board[^|]*\|LOG:  (execute|statement)' "$server/postgres.log" || true)
printf '%-44s %10s\n' 'an idle node' ''
awk -v n="$sent" -v c=$children 'BEGIN { printf "%-44s %10.2f\n", "  queries a second of each child", n / 60 / c }'
printf '%-44s %10s\n' '  requests to upstream' $(($(ask "SELECT coalesce(sum(requests), 0) FROM ingestion_run") - requests))

# --- Jobs that do nothing

queue "$count"
start=$(date +%s%N)
while [ "$(left)" != 0 ]; do
    sleep 0.1
done
end=$(date +%s%N)
printf '%-44s %10s\n' "$count jobs that do nothing, $children children" ''
awk -v n="$count" -v ns=$((end - start)) 'BEGIN { printf "%-44s %10.0f\n", "  jobs a second", n / (ns / 1e9) }'
[ "$(ask "SELECT count(*) FROM job WHERE kind = 'probe' AND (state <> 'SUCCESS' OR attempts <> 1)")" = 0 ] ||
    die "some job was not done at its first attempt"

# --- Reading beside them, in pairs, because a machine is not equally fast all the time

echo
printf '%-44s %10s %10s %8s\n' 'requests/s of a cached answer' alone beside ratio
for round in 1 2 3 4 5; do
    alone=$(reads)
    queue 50000
    beside=$(reads)
    done=$((50000 - $(left)))
    ask "DELETE FROM job WHERE kind = 'probe'"
    awk -v r=$round -v a="$alone" -v b="$beside" -v d=$done -v s="$seconds" \
        'BEGIN { printf "%-44s %10.0f %10.0f %8.2f\n", "  round " r ", " int(d / s) " jobs/s", a, b, b / a }'
    sleep 1
done | tee "$state/rounds.log"
awk '{ alone += $(NF - 2); beside += $(NF - 1) } END { printf "%-55s %10s %8.2f\n", "  in all", "", beside / alone }' "$state/rounds.log"
