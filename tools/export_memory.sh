#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Copyright The mod_f1board authors
#
# tools/export_memory.sh STATE [CLIENTS]: what exports of the whole history cost on a running instance of dev.sh demo.
# For each format, and for compressed JSON: bytes, time to the first byte and to the last, and how much the memory (PSS
# of all httpd processes) grows at most while CLIENTS (4) read at once. Fails where it grows by more than 40 MiB.

set -eu
state=$1 clients=${2:-4}
. "$state/env"
export=$F1_URL/api/v1/export/race-results
status=0

pss() # of all processes of this server, in KiB
{
    parent=$(cat "$state/httpd.pid")
    { echo "$parent"; pgrep -P "$parent"; } | while read -r pid; do
        cat "/proc/$pid/smaps_rollup" 2>/dev/null || :
    done | awk '/^Pss:/ { sum += $2 } END { print sum }'
}

# measure NAME CURL-OPTION...
measure()
{
    name=$1
    shift
    before=$(pss) peak=0 pids=
    for i in $(seq "$clients"); do
        curl -fsS -o /dev/null -w '%{size_download} %{time_starttransfer} %{time_total}\n' "$@" >"$state/export.$i" &
        pids="$pids $!"
    done
    while kill -0 $pids 2>/dev/null; do
        now=$(pss)
        [ "$now" -le "$peak" ] || peak=$now
        sleep 0.02
    done
    wait
    awk -v name="$name" -v growth=$((peak - before)) '
        { bytes = $1; first += $2; last += $3 }
        END { printf "%-10s %9d bytes  first %.2f s  last %.2f s  PSS %+.1f MiB\n", name, bytes, first / NR, last / NR,
                     growth / 1024 }' "$state"/export.*
    rm -f "$state"/export.*
    [ $((peak - before)) -le 40960 ] || status=1
}

curl -fsS -o /dev/null "$export?format=csv" # children are made, connections opened
echo "$clients clients at once"
measure json "$export"
measure csv "$export?format=csv"
measure ndjson "$export?format=ndjson"
measure json+gzip -H 'Accept-Encoding: gzip' "$export"
exit $status
