#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Copyright The mod_f1board authors
#
# Prevents two source files of one name, which nobody can tell apart in a backtrace or a log; and a file without its
# licence line.

. "${F1_SRCDIR:-.}/t/lint/guard.inc"

code() { find src t tools mod_f1board.c -name '*.[ch]' -print; }

guard 'source files have names of their own' "$(code | sed 's|.*/||' | sort | uniq -d)"
guard 'each source file names its licence' "$(code | xargs grep -L '^/\* SPDX-License-Identifier: Apache-2.0$')"
guard 'file names need no quoting' "$(find src t tools sql conf docs -name '*[!a-zA-Z0-9._-]*')"
