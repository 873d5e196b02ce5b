#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Copyright The mod_f1board authors
#
# Prevents a script that only breaks when somebody finally needs it: each is at least read by the shell.

. "${F1_SRCDIR:-.}/t/lint/guard.inc"

scripts() { find t tools dev.sh .ci -name '*.sh' -o -name '*.inc' -o -path t/run -o -path .ci/run; }

unreadable()
{
    scripts | while read -r script; do
        sh -n "$script" 2>&1
    done
}

guard 'scripts are read by sh' "$(unreadable)"
guard 'commands can be executed' "$(find dev.sh t/run tools/lognumbers.sh .ci/run ! -perm -u+x)"
