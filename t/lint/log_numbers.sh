#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Copyright The mod_f1board authors
#
# Prevents two messages with one number: an operator who looks a number up must find one place. And a number that was
# never filled in.

. "${F1_SRCDIR:-.}/t/lint/guard.inc"

numbers() { grep -noE 'F1LOGNO\([0-9]*\)' -r src mod_f1board.c --include='*.c'; }

# range LAYER DIGITS: numbers of a layer that are not 0Dnn
range() { numbers | grep "^src/$1/" | grep -v '()' | grep -vE "\(0$2[0-9]{2}\)"; }

ranges()
{
    range base 1
    range db 2
    range ingest 3
    range ml 4
    range web 5
    range cli 6
    range auth 7
}

# Calls of a level that needs a number; the format may stand some lines below.
unnumbered()
{
    find src mod_f1board.c -name '*.c' ! -name log.c -exec awk '
        /f1_log\(F1_LOG_(CRIT|ERR|WARNING|NOTICE|INFO|DEBUG)/ { call = FILENAME ":" FNR ": " $0; lines = 0; open = 1 }
        open { if (/F1LOGNO/) open = 0; else if (/;/ || ++lines > 3) { print call; open = 0 } }' {} +
}

guard 'each number is used once' "$(numbers | sed 's/.*(\(.*\))/\1/' | grep . | sort | uniq -d)"
guard 'no number is empty (tools/lognumbers.sh fills them in)' "$(numbers | grep '()')"
guard "numbers are in their layer's range" "$(ranges)"
guard 'messages of level debug and above have a number' "$(unnumbered)"
