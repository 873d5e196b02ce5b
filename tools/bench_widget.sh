# SPDX-License-Identifier: Apache-2.0
# Copyright The mod_f1board authors
#
# ./dev.sh bench-widget: what the filter F1BOARD costs a page without its tags. 100 kB of ordinary markup are fetched
# with the filter and without, by turns; what counts is the processor time of httpd's children for a request. The page
# comes as a file in one piece, as one that is read in pieces of 8 kB, and through mod_proxy from another httpd.

. tools/instance.sh
state=$top/build/bench-widget port=8082
parse_options "$@"
need wrk
bring_up

seconds=${F1_BENCH_SECONDS:-3} rounds=${F1_BENCH_ROUNDS:-5} clients=4 behind=$((port + 1))
row='<tr class="row-even"><td>17</td><th scope="row"><a href="/drivers/17?a=1&amp;b=2">A driver</a></th><td>Text</td></tr>'
{
    echo '<!doctype html><html><body><table>'
    yes "$row" | head -c 100000
    echo '</table></body></html>'
} >"$state/htdocs/page.htm"

cat >>"$state/httpd.conf" <<END
LoadModule alias_module $("$apxs" -q LIBEXECDIR)/mod_alias.so
LoadModule proxy_module $("$apxs" -q LIBEXECDIR)/mod_proxy.so
LoadModule proxy_http_module $("$apxs" -q LIBEXECDIR)/mod_proxy_http.so
<Files "page.htm">
    ForceType text/html
</Files>
AliasMatch "^/(plain|filter)/(whole|pieces)/" "$state/htdocs/page.htm"
ProxyPassMatch "^/(plain|filter)/proxy/(.*)" "http://127.0.0.1:$behind/\$2"
<LocationMatch "^/filter/">
    SetOutputFilter F1BOARD
</LocationMatch>
<LocationMatch "/pieces/">
    EnableMMAP Off
</LocationMatch>
END
sed -n '/^<IfModule !mpm_event/,/^LoadModule authz_core/p' "$state/httpd.conf" >"$state/behind.conf"
cat >>"$state/behind.conf" <<END
Listen 127.0.0.1:$behind
ServerName localhost
PidFile $state/behind.pid
DefaultRuntimeDir $state
ErrorLog $state/behind.log
DocumentRoot $state/htdocs
<IfModule unixd_module>
    User nobody
    Group nogroup
</IfModule>
<Files "page.htm">
    ForceType text/html
</Files>
END

stop_behind() { ! kill -TERM "$(cat "$state/behind.pid" 2>/dev/null)" 2>/dev/null || sleep 1; }
trap 'stop_behind; stop_instance' EXIT
"$httpd" -d "$state" -f "$state/behind.conf" -k start || die "the httpd behind the proxy does not start"
"$httpd" -d "$state" -f "$state/httpd.conf" -k graceful || die "httpd does not take the filter"
sleep 2

say "measuring, $clients clients, $rounds rounds of ${seconds} s each"
printf '%-44s %10s %10s %8s\n' 'us of processor time for 100 kB' filter plain ratio
for way in whole pieces proxy; do
    curl -fsS -o "$state/plain.out" "http://127.0.0.1:$port/plain/$way/page.htm" || die "plain/$way does not answer"
    curl -fsS "http://127.0.0.1:$port/filter/$way/page.htm" | cmp - "$state/plain.out" || die "filter/$way is another page"
    for round in $(seq "$rounds"); do
        with=$(cost "filter/$way/page.htm") without=$(cost "plain/$way/page.htm")
        awk -v what="$way, round $round" -v a="$with" -v b="$without" \
            'BEGIN { printf "%-44s %10.1f %10.1f %8.3f\n", what, a, b, b ? a / b : 0 }'
    done | tee "$state/rounds"
    sort -n -k6 "$state/rounds" | awk -v what="$way, median" '
        { ratio[NR] = $NF }
        END {
            median = ratio[int((NR + 1) / 2)]
            printf "%-44s %10s %10s %8.3f  %s\n", what, "", "", median, median <= 1.1 ? "OK" : "MISSED (1.10)"
        }'
done
