# SPDX-License-Identifier: Apache-2.0
# Copyright The mod_f1board authors
#
# ./dev.sh bench-mail: how fast mail leaves. Ten thousand accounts get a notification mail by one statement; two runners
# send them to a mail server on this machine that counts them (t/smtp_sink.py). Database, runners and mail server share
# the machine; at least 200 a second should go.

. tools/instance.sh
state=$top/build/bench-mail port=8086
parse_options "$@"
need python3-aiosmtpd
bring_up
[ "$loaded" = 0 ] || die "there is no data to measure with"
. "$state/env"

count=${F1_BENCH_MAILS:-10000} sink=$state/sink
rm -rf "$sink"
mkdir "$sink"
mkfifo "$sink/in"
/usr/bin/python3 t/smtp_sink.py "$sink" --count-only <"$sink/in" >"$sink/port" 2>"$sink/log" &
sink_pid=$!
exec 3>"$sink/in"
while [ ! -s "$sink/port" ]; do sleep 0.1; done

now() { date +%s.%N; }

send()
{
    f1boardctl work --until-idle --smtp "smtp://127.0.0.1:$(cat "$sink/port")" --smtp-plain \
        --mail-from f1@example.org --public-url https://f1.example.org/f1 >"$sink/work$1" 2>&1
}

psql -qXc "DELETE FROM f1board.account WHERE username LIKE 'bench\\_%'"
psql -qXc "INSERT INTO f1board.account (username, email, email_verified_at)
    SELECT 'bench_' || n, 'bench_' || n || '@example.org', now() FROM generate_series(1, $count) AS n"
begun=$(now)
psql -qXc "INSERT INTO f1board.mail_outbox
        (account_id, kind, recipient, subject, body, html, is_optional, event_key, created_at)
    SELECT id, 'results', email, 'Belgian Grand Prix: the results', repeat(E'A line of the results.\n', 20),
        repeat('<p>A line of the results.</p>', 20), true, 'bench', '2000-01-01'
    FROM f1board.account WHERE username LIKE 'bench\\_%'"
queued=$(now)
send 1 &
first=$!
send 2
wait $first
sent=$(now)
exec 3>&-
wait $sink_pid
left=$(psql -qXAtc "SELECT count(*) FROM f1board.mail_outbox WHERE event_key = 'bench' AND state <> 'sent'")
psql -qXc "DELETE FROM f1board.account WHERE username LIKE 'bench\\_%'"
awk -v n="$count" -v begun="$begun" -v queued="$queued" -v sent="$sent" -v came="$(cat "$sink/count")" -v left="$left" \
    'BEGIN { printf "%d mails queued in %.2f s, sent in %.2f s: %.0f mails/s; %d arrived, %d not sent\n",
             n, queued - begun, sent - queued, n / (sent - queued), came, left }'
