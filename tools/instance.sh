# SPDX-License-Identifier: Apache-2.0
# Copyright The mod_f1board authors
#
# One private instance, PostgreSQL and httpd, kept in a folder. Part of dev.sh: demo, stop and bench share it.

port=8080 state=$top/build/demo ergast=https://api.jolpi.ca/ergast/f1 openf1= weather= seasons= clock= detach=

# Options of demo and bench; stop knows --state only.
parse_options()
{
    while [ $# -gt 0 ]; do
        case $1 in
        --detach) detach=1; shift; continue ;;
        --*=*) option=${1%%=*}; value=${1#*=}; shift ;;
        --*) [ $# -gt 1 ] || die "$1 needs a value"; option=$1; value=$2; shift 2 ;;
        *) die "what is '$1'? ./dev.sh help tells the options" ;;
        esac
        case $option in
        --port) port=$value ;;
        --state) case $value in /*) state=$value ;; *) state=$here/$value ;; esac ;;
        --ergast) ergast=${value%/} ;;
        --openf1) openf1=${value%/} ;;
        --weather) weather=${value%/} ;;
        --seasons) seasons=$value ;;
        --clock) clock=$value ;;
        *) die "unknown option $option; ./dev.sh help tells them" ;;
        esac
    done
    case $port in '' | *[!0-9]* | ??????*) die "--port '$port' should be a number from 1 to 65535" ;; esac
    [ "$port" -ge 1 ] && [ "$port" -le 65535 ] || die "--port '$port' should be a number from 1 to 65535"
    now=${clock:+${clock%@*}}
    now=${now:-$(date -u +%Y-%m-%dT%H:%M:%SZ)}
    this_year=${now%%-*}
    case $this_year in [12][0-9][0-9][0-9]) ;; *) die "--clock '$clock' should be like 2024-07-28T13:00:00Z@60" ;; esac
    seasons=${seasons:-$((this_year - 1))-$this_year}
    case $seasons in
    [12][0-9][0-9][0-9]) seasons=$seasons-$seasons ;;
    [12][0-9][0-9][0-9]-[12][0-9][0-9][0-9]) ;;
    *) die "--seasons '$seasons' should be like 2024 or 2021-2024" ;;
    esac
    [ "${seasons%-*}" -le "${seasons#*-}" ] || die "--seasons '$seasons': the first one is later than the last"
}

find_httpd()
{
    apxs=$(command -v apxs || echo /usr/bin/apxs)
    httpd=$("$apxs" -q SBINDIR)/$("$apxs" -q PROGNAME)
}

# Servers do not run as root: PostgreSQL refuses, and httpd's children have no need to.
as=
[ "$(id -u)" != 0 ] || as='setpriv --reuid=nobody --regid=nogroup --clear-groups'

pg_bindir()
{
    for dir in $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -rV) $(pg_config --bindir 2>/dev/null); do
        [ ! -x "$dir/initdb" ] || { echo "$dir"; return; }
    done
    die "PostgreSQL's server programs are not there"
}

# The process of a pid file, if it runs and is what it was: a number alone may have gone to another process since.
# running PIDFILE WORD: WORD stands in its command line.
running()
{
    pid=$(head -n 1 "$1" 2>/dev/null) && [ -n "$pid" ] && grep -qaF -- "$2" "/proc/$pid/cmdline" 2>/dev/null && echo "$pid"
}

httpd_running() { running "$state/httpd.pid" "$state/httpd.conf"; }

# Where cluster and socket live: in the state, unless the server may not go there, or the socket's path is too long for
# a unix socket (107 bytes); then in a folder below /tmp that $state/server leads to.
server_dir()
{
    mkdir -p "$state"
    dir=$(readlink "$state/server" || echo "$state/server")
    [ ! -d "$dir" ] || { echo "$dir"; return; }
    mkdir -p "$dir" && [ "$dir" = "$state/server" ] || die "cannot make $dir"
    [ -z "$as" ] || chown nobody:nogroup "$dir"
    if [ ${#dir} -gt 85 ] || ! $as test -w "$dir"; then
        rmdir "$dir"
        dir=$(mktemp -d /tmp/f1board.XXXXXX)
        [ -z "$as" ] || chown nobody:nogroup "$dir"
        ln -s "$dir" "$state/server"
    fi
    chmod 700 "$dir"
    echo "$dir"
}

pg_ctl()
{
    action=$1
    shift
    (cd / && $as "$pg_bin/pg_ctl" "$action" -s -w -t 60 -D "$server/pg" -l "$server/postgres.log" "$@") >&2
}

start_postgres()
{
    pg_bin=$(pg_bindir)
    server=$(server_dir)
    if [ ! -f "$server/pg/PG_VERSION" ]; then
        say "making a PostgreSQL cluster in ${server#"$top/"}"
        (cd / && $as "$pg_bin/initdb" -D "$server/pg" -U f1board -A trust -E UTF8 --locale=C.UTF-8 -N) >"$state/initdb.log" 2>&1 ||
            { tail "$state/initdb.log" >&2; die "initdb failed"; }
    fi
    # in a file, so that whoever restarts the server by hand gets the same one
    printf "%s\n" "listen_addresses = ''" "unix_socket_directories = '$server'" 'max_connections = 100' |
        $as sh -c 'cat >"$1"' sh "$server/pg/postgresql.auto.conf"
    pg_ctl start ${1:+-o "$*"} ||
        { $as tail -n 20 "$server/postgres.log" >&2; die "PostgreSQL does not start"; }
    ln -sf "$server/postgres.log" "$state/postgres.log"
    PGHOST=$server PGDATABASE=f1board PGUSER=f1board PGOPTIONS='-c search_path=f1board'
    export PGHOST PGDATABASE PGUSER PGOPTIONS
    unset PGPORT PGSERVICE PGDATA PGPASSFILE PGSSLMODE || true
}

write_env()
{
    F1_URL=http://127.0.0.1:$port/f1 F1_ERGAST_URL=$source F1_OPENF1_URL=$openf1 F1_WEATHER_URL=$weather
    export F1_URL F1_ERGAST_URL
    [ -z "$openf1" ] || export F1_OPENF1_URL
    [ -z "$weather" ] || export F1_WEATHER_URL
    names="PGHOST PGDATABASE PGUSER PGOPTIONS F1_URL F1_ERGAST_URL ${openf1:+F1_OPENF1_URL} ${weather:+F1_WEATHER_URL}"
    unset F1_CLOCK F1_CLOCK_START
    if [ -n "$clock" ]; then
        F1_CLOCK=$clock F1_CLOCK_START=$(date +%s%6N)
        export F1_CLOCK F1_CLOCK_START
        names="$names F1_CLOCK F1_CLOCK_START"
    fi
    {
        echo "# . this file, and psql and f1boardctl work on the instance in $state."
        for name in $names; do
            eval "value=\$$name"
            # shellcheck disable=SC2154
            printf "export %s='%s'\n" "$name" "$(printf '%s' "$value" | sed "s/'/'\\\\''/g")"
        done
        printf "PATH='%s':\$PATH\nexport PATH\n" "$top/build"
    } >"$state/env"
}

port_taken() { grep -qi ":$(printf %04X "$port") [0-9A-F]*:0000 0A" /proc/net/tcp /proc/net/tcp6 2>/dev/null; }

start_httpd()
{
    mkdir -p "$state/htdocs"
    [ -s "$state/secrets" ] || (umask 077 && f1boardctl secret new >"$state/secrets")
    sed -e "s|@STATE@|$state|g" -e "s|@PORT@|$port|g" -e "s|@MODULES@|$("$apxs" -q LIBEXECDIR)|g" \
        -e "s|@MODULE@|$top/build/.libs/mod_f1board.so|g" -e "s|@SERVER@|$server|g" -e "s|@TOP@|$top|g" \
        -e "s|@SOURCE@|$source|g" -e "s|@WEATHER@|${weather:+F1BoardWeatherURL $weather}|g" \
        -e "s|@CLOCK@|${clock:+F1BoardClock $clock}|g" "$top/tools/instance.conf.in" >"$state/httpd.conf"
    "$httpd" -d "$state" -f "$state/httpd.conf" -k start >&2 ||
        { tail -n 5 "$state/error.log" 2>/dev/null >&2; die "httpd does not start"; }
    waited=0
    until curl -s -o /dev/null -m 2 "$F1_URL/api/v1/health/live"; do
        waited=$((waited + 1))
        [ $waited -lt 100 ] || { tail -n 20 "$state/error.log" >&2; die "httpd does not answer"; }
        sleep 0.1
    done
}

# Once there is data, so that nobody loads the same meanwhile.
start_jobs()
{
    sed -i 's|^F1BoardJobs Off|F1BoardJobs 1|' "$state/httpd.conf"
    "$httpd" -d "$state" -f "$state/httpd.conf" -k graceful >&2
}

# Every httpd process of this instance. Children of a parent that was killed live on, and listen to nobody.
httpd_processes()
{
    grep -laF -- "$state/httpd.conf" /proc/[0-9]*/cmdline 2>/dev/null |
        while IFS=/ read -r _ _ pid _; do
            [ "$(readlink "/proc/$pid/exe")" != "$httpd" ] || echo "$pid"
        done
}

stop_instance()
{
    find_httpd
    if pid=$(httpd_running) && kill -TERM "$pid"; then
        waited=0
        while [ -n "$(httpd_processes)" ] && [ $waited -lt 200 ]; do
            sleep 0.1
            waited=$((waited + 1))
        done
    fi
    for pid in $(httpd_processes); do
        kill -KILL "$pid" || true
    done
    server=$(readlink "$state/server" || echo "$state/server")
    if running "$server/pg/postmaster.pid" "$server/pg" >/dev/null; then
        pg_bin=$(pg_bindir)
        pg_ctl stop -m fast
    fi
}

# ticks: processor time of httpd's children so far, in ticks of the clock
ticks()
{
    for pid in $(pgrep -P "$(cat "$state/httpd.pid")"); do
        sed 's/.*) //' "/proc/$pid/stat"
    done | awk '{ sum += $12 + $13 } END { print sum }'
}

# cost PATH: microseconds of that for one request, asked by $clients for $seconds
cost()
{
    before=$(ticks)
    wrk -t1 -c$clients -d"${seconds}s" "http://127.0.0.1:$port/$1" >"$state/wrk.log"
    ! grep -E 'Non-2xx|Socket errors' "$state/wrk.log" >&2 || die "$1 failed under load"
    awk -v ticks="$(($(ticks) - before))" -v hertz="$(getconf CLK_TCK)" \
        '/requests in/ { printf "%.1f\n", ticks / hertz * 1e6 / $1 }' "$state/wrk.log"
}

# --- What is in it

upstream_answers()
{
    case $ergast in
    file://*) [ -d "${ergast#file://}" ] ;;
    *) curl -fsSL -m 15 -o /dev/null "$ergast/seasons.json?limit=1" ;;
    esac
}

# Simulated and real seasons never meet in one database: when the kind of the data changes, it starts empty.
make_database()
{
    old=$(cat "$state/kind" 2>/dev/null || echo "$kind")
    if [ "$kind" != "$old" ]; then
        say "the data was $old and will be $kind: starting with an empty database"
        PGOPTIONS='' "$pg_bin/dropdb" --if-exists --force f1board
    fi
    echo "$kind" >"$state/kind"
    if [ -z "$(PGOPTIONS='' psql -XqAt -d postgres -c "SELECT 1 FROM pg_database WHERE datname = 'f1board'")" ]; then
        PGOPTIONS='' "$pg_bin/createdb" f1board
    fi
    f1boardctl migrate up
}

# What the simulator writes ends with the season of now.
simulate()
{
    count=$((${seasons#*-} - ${seasons%-*} + 1))
    seasons=$((this_year - count + 1))-$this_year
    rm -rf "$state/simulated"
    f1boardctl simulate --seed 1 --seasons $count --now "$now" --out "$state/simulated"
    source=file://$state/simulated weather=file://$state/simulated
}

# From nothing to an instance with data. $kind says which, $loaded how the loading ended.
bring_up()
{
    if httpd_running >/dev/null; then
        die "an instance is running in $state already; ./dev.sh stop --state $state ends it"
    fi
    # shellcheck disable=SC2086
    need $packages_build $packages_run
    stop_instance # what one that was killed may have left
    rm -f "$state/httpd.pid"
    ! port_taken || die "port $port is taken by another program; --port N takes another"
    build "$top/build" || die "the build failed"
    docs_ui "$top/build"
    PATH=$top/build:$PATH

    trap stop_instance EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    start_postgres
    kind=real source=$ergast loaded=0
    if ! upstream_answers; then
        say "$ergast does not answer: the data will be simulated"
        kind=simulated
        simulate
    fi
    write_env
    make_database
    start_httpd
    say "loading the seasons $seasons from $source"
    f1boardctl ingest seasons "$seasons" --ergast "$source" || loaded=$?
}
