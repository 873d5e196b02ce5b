# SPDX-License-Identifier: Apache-2.0
# Copyright The mod_f1board authors
#
# ./dev.sh demo: builds, starts an instance, fills it from the upstream, or with simulated seasons where that does not
# answer, and says where it is.

. tools/instance.sh
parse_options "$@"

if httpd_running >/dev/null; then
    die "an instance is running in $state already; ./dev.sh stop --state $state ends it"
fi
! port_taken || die "port $port is taken by another program; --port N takes another"

# shellcheck disable=SC2086
need $packages_build $packages_run
build "$top/build" || die "the build failed"
PATH=$top/build:$PATH

upstream_answers()
{
    case $ergast in
    file://*) [ -d "${ergast#file://}" ] ;;
    *) curl -fsSL -m 15 -o /dev/null "$ergast/seasons.json?limit=1" ;;
    esac
}

# Simulated and real seasons never meet in one database: when the kind of the data changes, it starts empty.
fresh_when_kind_changes()
{
    kind=$1
    old=$(cat "$state/kind" 2>/dev/null || echo "$kind")
    if [ "$kind" != "$old" ]; then
        say "the data was $old and will be $kind: starting with an empty database"
        PGOPTIONS='' "$pg_bin/dropdb" --force f1board
    fi
    echo "$kind" >"$state/kind"
    PGOPTIONS='' psql -qAt -d postgres -c "SELECT 1 FROM pg_database WHERE datname = 'f1board'" | grep -q 1 ||
        PGOPTIONS='' createdb f1board
}

simulate()
{
    rm -rf "$state/simulated"
    f1boardctl simulate --seed 1 --seasons $((${seasons#*-} - ${seasons%-*} + 1)) --now "$now" --out "$state/simulated"
    ergast=file://$state/simulated
    # What the simulator wrote ends with the season of now.
    seasons=$((this_year - ${seasons#*-} + ${seasons%-*}))-$this_year
}

trap 'stop_instance' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

stop_instance # what a killed one may have left
rm -f "$state/httpd.pid"
start_postgres
if upstream_answers; then
    kind=real
else
    kind=simulated
    simulate
fi
fresh_when_kind_changes $kind
write_env
f1boardctl migrate up
start_httpd
[ $kind = real ] || say "$F1_ERGAST_URL is simulated data"
say "loading the seasons $seasons from $ergast"
loaded=0
f1boardctl ingest seasons "$seasons" --ergast "$ergast" || loaded=$?

echo
[ $loaded = 0 ] || echo "Loading did not come to its end (see above). To go on with it:
    . $state/env; f1boardctl ingest seasons $seasons
"
[ $kind = real ] || echo "NOTE: the upstream does not answer. All seasons, teams, drivers and results here are SIMULATED.
"
cat <<END
API      $F1_URL/api/v1/
Status   http://127.0.0.1:$port/server-status
Logs     $state/error.log, $state/postgres.log
Shell    . $state/env     then psql and f1boardctl work on this instance

    curl -s '$F1_URL/api/v1/standings/drivers?season=${seasons#*-}&limit=3'

END

if [ -n "$detach" ]; then
    trap - EXIT
    echo "It goes on running. To end it: ./dev.sh stop --state $state"
    exit $loaded
fi
echo "Ctrl-C ends it."
while httpd_running >/dev/null; do
    sleep 1
done
die "httpd has ended; see $state/error.log"
