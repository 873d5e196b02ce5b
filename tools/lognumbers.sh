#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Copyright The mod_f1board authors
#
# Gives each F1LOGNO() without a number the next free one of its layer's range. Run in the source tree before committing.

set -eu
cd "$(dirname "$0")/.."

# next LAYER FIRST: the number after the highest in use
next()
{
    { echo "$2"; grep -hoE 'F1LOGNO\([0-9]{4}\)' -r "src/$1" | tr -dc '0-9\n'; } | sort -n | tail -n 1 |
        awk '{ printf "%04d\n", $1 + 1 }'
}

for range in base:0100 db:0200 ingest:0300 ml:0400 web:0500 cli:0600; do
    layer=${range%:*}
    grep -l 'F1LOGNO()' -r "src/$layer" --include='*.c' | while read -r file; do
        while grep -q 'F1LOGNO()' "$file"; do
            number=$(next "$layer" "${range#*:}")
            awk -v number="$number" '!done && sub(/F1LOGNO\(\)/, "F1LOGNO(" number ")") { done = 1 } { print }' \
                "$file" >"$file.numbered"
            cat "$file.numbered" >"$file"
            rm "$file.numbered"
            echo "$file: F1LOGNO($number)"
        done
    done
done
