#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Copyright The mod_f1board authors
#
# Prevents an include against the layers: the library that suddenly needs httpd to be tested, or two siblings that can
# no longer be understood one by one. Also that a second place talks to a library that has its one door.

. "${F1_SRCDIR:-.}/t/lint/guard.inc"

# inside FOLDER ALLOWED: includes by path of FOLDER's files that lead elsewhere
inside()
{
    [ ! -d "src/$1" ] || grep -nE '^ *# *include "' -r "src/$1" | grep -vE "\"(config\.h|($2)/[^\"]*)\""
}

siblings()
{
    for layer in auth compat ingest job ml game live; do
        inside $layer "base|db|gen|$layer"
    done
}

# door HEADERS PLACES: includes of HEADERS outside of PLACES (extended regular expressions)
door() { grep -nE "^ *# *include <($1)" -r src t tools mod_f1board.c --include='*.[ch]' | grep -vE "^($2)"; }

httpd='(httpd|http_[a-z]*|ap_[a-z_]*|util_[a-z]*|mod_[a-z]*|mpm_[a-z]*|scoreboard|unixd)\.h'

guard 'base includes nothing above it' "$(inside base base)"
guard 'db includes base only' "$(inside db 'base|db|gen')"
guard 'siblings do not include each other, web or cli' "$(siblings)"
guard 'task includes the library only' "$(inside task 'base|db|gen|auth|compat|ingest|job|ml|game|live|task')"
guard 'cli does not include web' "$(inside cli 'base|db|gen|auth|compat|ingest|job|ml|game|live|task|cli')"
guard 'web does not include cli' "$(inside web 'base|db|gen|auth|compat|ingest|job|ml|game|live|task|web')"
guard 'httpd is included in web only' "$(door "$httpd" 'src/web/|mod_f1board\.c|t/mod_pieces\.c|tools/constant\.c')"
guard 'libpq is included in db only' "$(door 'libpq-fe\.h|postgresql/' 'src/db/|t/f1_test_db\.c|t/db/test_query\.c')"
guard 'libcurl is included in base only' "$(door 'curl/' 'src/base/|t/f1_test_(http|load)\.c|t/http/')"
guard 'libcrypto is included in base only' "$(door 'openssl/' 'src/base/|t/f1_test_keys\.c')"
guard 'libjwt is included in auth only' "$(door 'jwt\.h' 'src/auth/jws\.c')"
guard 'XGBoost is included in ml only' "$(door 'xgboost/' 'src/ml/')"
