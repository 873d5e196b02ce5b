#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Copyright The mod_f1board authors
#
# The commands of a checkout. Each installs what it lacks (apt), builds in build/ and runs; nothing of it touches a
# system's own PostgreSQL or httpd. The commands themselves are in tools/: demo.sh, check.sh and so on.

set -eu

usage()
{
    cat <<'END'
usage: ./dev.sh demo [OPTION...]     a private PostgreSQL and httpd with data in them, until Ctrl-C
       ./dev.sh stop [--state DIR]   ends a demo
       ./dev.sh check [TEST...]      every test and guard, or only these; --sanitize: all in an ASan/UBSan build
       ./dev.sh bench [OPTION...]    requests per second beside PostgreSQL's own; options as for demo
       ./dev.sh bench-login          what a flood of logins leaves of everything else
       ./dev.sh bench-mail           how fast mail leaves
       ./dev.sh bench-jobs           what background work costs, and how fast jobs are done
       ./dev.sh bench-widget         what the filter F1BOARD costs a page without its tags

  --port N             httpd's port on 127.0.0.1 (8080)
  --state DIR          keeps cluster, logs and pid files (build/demo); one for each instance
  --ergast URL         the upstream (https://api.jolpi.ca/ergast/f1); seasons are simulated where it does not answer
  --openf1 URL         base URLs of the other sources, for those who read them
  --weather URL
  --seasons A-B        what is loaded: a year or a range (this season and the one before)
  --clock ISO[@SPEED]  what time it is; time goes on at SPEED (1), and stands still with @0
  --detach             return as soon as the data is loaded
END
}

say() { printf '%s\n' "==> $*" >&2; }
die() { printf '%s\n' "dev.sh: $*" >&2; exit 1; }

# need PACKAGE...: installs those that are missing. PostgreSQL's packages would set up and start a cluster of their own
# for everybody; where they come new, that is switched off first.
need()
{
    command -v dpkg-query >/dev/null || { say "not a Debian system: taking for granted that $* are there"; return 0; }
    missing=
    for package; do
        case $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) in
        installed) ;;
        *) missing="$missing $package" ;;
        esac
    done
    [ -n "$missing" ] || return 0
    sudo=
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null || die "please install, as root:$missing"
        sudo=sudo
    fi
    say "installing$missing"
    if [ ! -e /etc/postgresql-common ]; then
        $sudo mkdir -p /etc/postgresql-common/createcluster.d
        echo 'create_main_cluster = false' |
            $sudo tee /etc/postgresql-common/createcluster.d/no-main-cluster.conf >/dev/null
    fi
    # shellcheck disable=SC2086
    apt_install $missing || { $sudo apt-get -q update >&2 && apt_install $missing; } || die "cannot install:$missing"
}

apt_install()
{
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends "$@" >&2
}

# build DIR CONFIGURE-OPTION...: an up to date out-of-tree build; what it says is shown only when it fails.
build()
{
    dir=$1
    shift
    mkdir -p "$dir"
    log=$dir/build.log
    say "building in ${dir#"$top/"}"
    {
        { [ -x configure ] || autoreconf -fi; } &&
            cd "$dir" &&
            { [ -f Makefile ] || "$top/configure" -q "$@"; } &&
            make -s -j"$(nproc)" all
    } >"$log" 2>&1 || { cd "$top"; tail -n 40 "$log" >&2; return 1; }
    cd "$top"
}

# docs_ui BUILD-DIR: the pages of the API's description; all else works without them.
docs_ui()
{
    if ! command -v npm >/dev/null; then
        say 'no Node.js: api/docs will tell how to get its pages'
    elif ! make -s -C "$1" docs-ui >"$1/docs-ui.log" 2>&1; then
        say "npm failed, api/docs will tell how to get its pages; see $1/docs-ui.log"
    fi
}

here=$PWD
cd "$(dirname "$0")"
top=$PWD

packages_build='autoconf automake libtool make gcc libc6-dev pkg-config apache2-dev libapr1-dev libaprutil1-dev
    libjansson-dev libcurl4-openssl-dev libpq-dev libssl-dev libjwt-dev'
packages_run='apache2-bin libaprutil1-dbd-pgsql postgresql curl ca-certificates util-linux'
packages_check='libcmocka-dev clang valgrind gcovr git xz-utils procps python3-jsonschema python3-aiosmtpd redis-tools'

command=${1:-help}
[ $# = 0 ] || shift
case $command in
demo | stop | check | bench) . "tools/$command.sh" ;;
bench-login) . tools/bench_login.sh ;;
bench-mail) . tools/bench_mail.sh ;;
bench-jobs) . tools/bench_jobs.sh ;;
bench-widget) . tools/bench_widget.sh ;;
help | -h | --help) usage ;;
*) usage >&2; exit 2 ;;
esac
