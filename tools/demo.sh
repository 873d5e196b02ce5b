# SPDX-License-Identifier: Apache-2.0
# Copyright The mod_f1board authors
#
# ./dev.sh demo: an instance with data in it, and where to find it.

. tools/instance.sh
parse_options "$@"
bring_up
# of the newest seasons; jobs ask for the others, a few every hour
for season in "${seasons#*-}" "$((${seasons#*-} - 1))"; do
    f1boardctl ingest weather "$season" || {
        say "no weather for now; jobs will ask for it again"
        break
    }
done
start_jobs
cp "$top/tools/demo.html" "$state/htdocs/index.html"

echo
[ "$loaded" = 0 ] || cat <<END
Loading did not come to its end (see above). What is there is served; to go on with it:

    . $state/env; f1boardctl ingest seasons $seasons

END
[ "$kind" = real ] || cat <<END
NOTE: $ergast does not answer.
All circuits, teams, drivers and results here are SIMULATED.

END
cat <<END
Page     http://127.0.0.1:$port/
API      $F1_URL/api/v1/
Status   http://127.0.0.1:$port/server-status
Logs     $state/error.log $state/postgres.log
Shell    . $state/env      and psql and f1boardctl work on this instance

    curl -s '$F1_URL/api/v1/standings/drivers?season=${seasons#*-}&limit=3'

END

if [ -n "$detach" ]; then
    trap - EXIT
    echo "It goes on running; ./dev.sh stop --state $state ends it."
    exit "$loaded"
fi
echo "Ctrl-C ends it."
while httpd_running >/dev/null; do
    sleep 1
done
die "httpd has ended; see $state/error.log"
