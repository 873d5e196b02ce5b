#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Copyright The mod_f1board authors
#
# Prevents an endpoint that no test ever asks: each needs an example request, and one of SQL the answer to it that a
# person has looked at. Those with a handler in C tell about the server, and are t/http's.

. "${F1_SRCDIR:-.}/t/lint/guard.inc"

endpoints() { find sql/api -name '*.sql'; }

without_golden()
{
    endpoints | xargs -r grep -L '^-- handler: ' | while read -r file; do
        golden=t/golden/${file#sql/api/}
        [ -f "${golden%.sql}.json" ] || echo "$file: no ${golden%.sql}.json"
    done
}

orphans()
{
    find t/golden -name '*.json' | while read -r golden; do
        file=sql/api/${golden#t/golden/}
        [ -f "${file%.json}.sql" ] || echo "$golden: no ${file%.json}.sql"
    done
}

guard 'each endpoint has an example' "$(endpoints | xargs -r grep -L '^-- example: ')"
guard 'each endpoint has a golden answer' "$(without_golden)"
guard 'each golden answer has an endpoint' "$(orphans)"
