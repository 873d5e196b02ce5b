#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Copyright The mod_f1board authors
#
# Prevents an endpoint that no test ever asks: each needs an example request, and one of SQL that reads what is public
# the answer to it that a person has looked at. Those with a handler in C, and what needs an account or changes
# something, are t/http's.

. "${F1_SRCDIR:-.}/t/lint/guard.inc"

endpoints() { find sql/api -name '*.sql'; }

# The files that the examples of SQL endpoints ask for: NAME.json, NAME.2.json and so on, in their order.
wanted()
{
    endpoints | xargs -r grep -l '^-- route: GET ' | xargs -r grep -l '^-- auth: \(open\|public\)$' |
        xargs -r grep -L '^-- handler: ' | while read -r file; do
        name=${file#sql/api/}
        awk -v name="t/golden/${name%.sql}" '/^-- example: / { print name (n++ ? "." n : "") ".json" }' "$file"
    done
}

missing() { wanted | while read -r golden; do [ -f "$golden" ] || echo "no $golden"; done; }

guard 'each endpoint has an example' "$(endpoints | xargs -r grep -L '^-- example: ')"
guard 'each example has a golden answer' "$(missing)"
guard 'each golden answer has an example' "$(find t/golden -name '*.json' | grep -vxF -e "$(wanted)")"
