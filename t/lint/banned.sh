#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Copyright The mod_f1board authors
#
# Prevents what reviews overlook: functions that cannot be used safely, notes to ourselves that readers must carry, SQL
# in C strings, and characters that editors show differently.

. "${F1_SRCDIR:-.}/t/lint/guard.inc"

code() { find src t tools mod_f1board.c -name '*.[ch]' -print0; }
text() { find src t tools sql conf docs mod_f1board.c dev.sh configure.ac Makefile.am ! -path 't/fuzz/corpus/*' -type f -print0; }

# No bounds (strcpy and the like), no error (atoi), hidden state (strtok, localtime), a name to be taken (tmpnam).
functions='strcpy|strcat|strncat|sprintf|vsprintf|gets|atoi|atol|atof|strtok|asctime|ctime|localtime|gmtime|tmpnam|alloca'
# Written so that this line does not find itself.
notes='TO[D]O|FIX[M]E|XX[X]|HAC[K]'
sql='SELECT .* FROM|INSERT INTO|UPDATE [a-z_]+ SET|DELETE FROM|CREATE (TABLE|SCHEMA|INDEX)'

guard 'no banned function' "$(code | xargs -0 grep -nHE "\b($functions) *\(")"
guard 'no note to ourselves' "$(text | xargs -0 grep -nHwE "$notes")"
guard 'SQL stands in sql/ (the catalog: src/db) only' \
    "$(code | xargs -0 grep -nHE "\"[^\"]*\b($sql) " | grep -vE '^(src/db|t|tools)/')"
guard 'no tab' "$(text | xargs -0 grep -nHP '\t' | grep -v '^Makefile.am:')"
guard 'no blank at the end of a line' "$(text | xargs -0 grep -nHE ' +$')"
guard 'no line of code is longer than 120 columns' "$(code | xargs -0 grep -nHE '^.{121}')"
