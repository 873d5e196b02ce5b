# SPDX-License-Identifier: Apache-2.0
# Copyright The mod_f1board authors
#
# ./dev.sh bench-login: what a flood of logins leaves of everything else. 64 connections try passwords without a pause,
# each request from another address, so that no limit of requests helps, while a public list is read as usual. Reads
# should keep at least half of their throughput, without an error. Server and clients share the machine.

. tools/instance.sh
state=$top/build/bench-login port=8084
parse_options "$@"
need wrk
bring_up
[ "$loaded" = 0 ] || die "there is no data to measure with"

# as many threads in each child as there are connections, or event closes those that wait for a next request
sed -i -E '/^(MinSpareThreads|MaxSpareThreads|ThreadsPerChild|MaxRequestWorkers|StartServers) /d' "$state/httpd.conf"
cat >>"$state/httpd.conf" <<END
ServerLimit 2
StartServers 2
ThreadLimit 128
ThreadsPerChild 128
MaxRequestWorkers 256
MinSpareThreads 25
MaxSpareThreads 256
MaxKeepAliveRequests 0
END
"$httpd" -d "$state" -f "$state/httpd.conf" -k stop || die "httpd does not stop"
sleep 2
"$httpd" -d "$state" -f "$state/httpd.conf" -k start || die "httpd does not start again"
sleep 1

seconds=${F1_BENCH_SECONDS:-5} target=http://127.0.0.1:$port/f1/api/v1
cat >"$state/login.lua" <<'END'
wrk.method = "POST"
local n = 0
function request()
    n = n + 1
    return wrk.format(nil, nil, { ["Content-Type"] = "application/json" },
        '{"login":"somebody' .. n .. '","password":"SecurePass123"}')
end
END

# reads LOG: requests a second of the list
reads()
{
    wrk -t1 -c8 -d${seconds}s "$target/drivers" >"$1"
    ! grep -E 'Non-2xx|Socket errors' "$1" >&2 || die "reads failed"
    awk '/^Requests\/sec/ { print $2 }' "$1"
}

reads "$state/warm.log" >/dev/null
alone=$(reads "$state/alone.log")
wrk -t1 -c64 -d$((seconds + 2))s --timeout 30s -s "$state/login.lua" "$target/auth/login" >"$state/flood.log" &
sleep 1
beside=$(reads "$state/beside.log")
wait
printf '%-44s %10s %10s %8s\n' 'requests/s' alone flooded ratio
awk -v a="$alone" -v b="$beside" 'BEGIN { printf "%-44s %10.0f %10.0f %8.2f\n", "/drivers", a, b, b / a }'
awk '/requests in/ { all = $1 } /Non-2xx/ { print "logins: " all " requests, " $NF " refused" }' "$state/flood.log"
