# SPDX-License-Identifier: Apache-2.0
# Copyright The mod_f1board authors
#
# ./dev.sh bench-widget: what the filter F1BOARD costs a page without its tags. One file of 100 kB of ordinary markup is
# fetched with the filter and without, by turns; what counts is the processor time of httpd's children for a request.

. tools/instance.sh
state=$top/build/bench-widget port=8082
parse_options "$@"
need wrk
bring_up

seconds=${F1_BENCH_SECONDS:-3} clients=4
row='<tr class="row-even"><td>17</td><th scope="row"><a href="/drivers/17?a=1&amp;b=2">A driver</a></th><td>Text</td></tr>'
{
    echo '<!doctype html><html><body><table>'
    yes "$row" | head -c 100000
    echo '</table></body></html>'
} >"$state/htdocs/widget.html"
cp "$state/htdocs/widget.html" "$state/htdocs/plain.html"
cat >>"$state/httpd.conf" <<'END'
<Files "widget.html">
    ForceType text/html
    SetOutputFilter F1BOARD
</Files>
<Files "plain.html">
    ForceType text/html
</Files>
END
"$httpd" -d "$state" -f "$state/httpd.conf" -k graceful || die "httpd does not take the filter"
sleep 2

# ticks: processor time of httpd's children so far, in ticks of the clock
ticks()
{
    for pid in $(pgrep -P "$(cat "$state/httpd.pid")"); do
        sed 's/.*) //' "/proc/$pid/stat"
    done | awk '{ sum += $12 + $13 } END { print sum }'
}

# cost FILE: microseconds for one request
cost()
{
    before=$(ticks)
    wrk -t1 -c$clients -d"${seconds}s" "http://127.0.0.1:$port/$1" >"$state/wrk.log"
    ! grep -E 'Non-2xx|Socket errors' "$state/wrk.log" >&2 || die "$1 failed under load"
    awk -v ticks="$(($(ticks) - before))" -v hertz="$(getconf CLK_TCK)" \
        '/requests in/ { printf "%.1f\n", ticks / hertz * 1e6 / $1 }' "$state/wrk.log"
}

say "measuring, $clients clients, ${seconds} s each"
printf '%-44s %10s %10s %8s\n' 'us of processor time for 100 kB' filter plain ratio
for round in 1 2 3 4 5; do
    with=$(cost widget.html) without=$(cost plain.html)
    awk -v what="round $round" -v a="$with" -v b="$without" \
        'BEGIN { printf "%-44s %10.1f %10.1f %8.3f\n", what, a, b, b ? a / b : 0 }'
done
