#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Copyright The mod_f1board authors
#
# Prevents a directive that administrators cannot find, and a documented one that no longer exists:
# src/web/directives.def and conf/f1board.conf name the same ones.

. "${F1_SRCDIR:-.}/t/lint/guard.inc"

declared() { grep -oE '"F1Board[A-Za-z]+"' src/web/directives.def | tr -d '"' | sort -u; }
documented() { grep -oE '^ *#? *F1Board[A-Za-z]+ ' conf/f1board.conf | tr -d '# ' | sort -u; }

# only_in FIRST SECOND
only_in()
{
    "$1" | while read -r name; do
        "$2" | grep -qx "$name" || echo "$name"
    done
}

guard 'each directive is in conf/f1board.conf' "$(only_in declared documented)"
guard 'each directive of conf/f1board.conf exists' "$(only_in documented declared)"
