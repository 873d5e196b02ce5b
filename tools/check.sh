# SPDX-License-Identifier: Apache-2.0
# Copyright The mod_f1board authors
#
# ./dev.sh check: a list of questions, each answered by a build, or a run of tests, in a folder of build/check. The last
# line sums up all TAP results; a build and a coverage floor count one each.

sanitize= wanted=
for word; do
    case $word in
    --sanitize) sanitize=1 ;;
    -*) usage >&2; exit 2 ;;
    *) wanted="$wanted $word" ;;
    esac
done

# shellcheck disable=SC2086
need $packages_build $packages_run $packages_check
checks=$top/build/check
passed=0 failed=0 skipped=0
mkdir -p "$checks"

pass() { passed=$((passed + 1)); say "    ok: $*"; }
fail() { failed=$((failed + 1)); say "    FAILED: $*"; }

# The last line, however the script ends.
finish()
{
    [ $? = 0 ] || fail 'the check itself broke off'
    echo "$passed passed, $failed failed, $skipped skipped"
    trap - EXIT
    [ "$failed" = 0 ] || exit 1
}
trap finish EXIT

# promtool comes with a service that nobody asked for: the program alone is taken out of the package. Without it, the
# tests that ask it are skipped.
get_promtool()
{
    F1_PROMTOOL=$(command -v promtool) || F1_PROMTOOL=$checks/prometheus/usr/bin/promtool
    export F1_PROMTOOL
    [ ! -x "$F1_PROMTOOL" ] || return 0
    say 'getting promtool'
    mkdir -p "$checks/prometheus" && cd "$checks/prometheus" || return
    if ! { apt-get -q download prometheus && dpkg-deb -x prometheus_*.deb . && rm -f prometheus_*.deb; } \
        >"$checks/prometheus.log" 2>&1; then
        say "    not to be had: $(tail -n 1 "$checks/prometheus.log")"
    fi
    cd "$top" || exit 1
}

# compile DIR CONFIGURE-OPTION...: products and test programs
compile()
{
    dir=$checks/$1
    shift
    if build "$dir" --enable-werror "$@" &&
        { make -s -C "$dir" -j"$(nproc)" check TESTS= >>"$dir/build.log" 2>&1 || { tail -n 40 "$dir/build.log" >&2; false; }; }
    then
        pass 'it builds without a warning'
    else
        fail "it does not build; see $dir/build.log"
        return 1
    fi
}

# names DIR PATTERN: the tests of a build that match an extended regular expression
names() { make -s -C "$checks/$1" list-tests | tr ' ' '\n' | grep -E "$2" | tr '\n' ' '; }

# run DIR NAME MAKE-ARGUMENT...: runs tests, and adds the sums that make check prints
run()
{
    dir=$checks/$1 log=$checks/$1/$2.log
    shift 2
    find "$dir" -maxdepth 1 -type d -name 'mod_f1board-*' -exec chmod -R u+w {} + -exec rm -rf {} +
    make -k -C "$dir" -j"$(nproc)" "$@" >"$log" 2>&1 || true
    grep -aE '^(FAIL|ERROR|XPASS): ' "$log" >&2 || true
    # shellcheck disable=SC2046
    set -- $(awk '/^# (PASS|XFAIL): / { p += $3 } /^# (FAIL|XPASS|ERROR): / { f += $3 } /^# SKIP: / { s += $3 }
                  END { print p + 0, f + 0, s + 0 }' "$log")
    say "    $1 passed, $2 failed, $3 skipped"
    passed=$((passed + $1)) failed=$((failed + $2)) skipped=$((skipped + $3))
    [ "$1" != 0 ] || { tail -n 40 "$log" >&2; fail "no test passed; see $log"; }
    [ "$2" = 0 ] || keep_logs
}

# What failed tests said would be overwritten by the next run.
keep_logs()
{
    rm -rf "${log%.log}.failed"
    mkdir -p "${log%.log}.failed"
    # distcheck runs them in a folder of its own
    tests=$(ls -d "$dir"/mod_f1board-*/_build/sub/t 2>/dev/null) || tests=$dir/t
    find "$tests" -name '*.trs' -exec grep -lE '^:test-result: (FAIL|ERROR|XPASS)' {} + | sed 's/trs$/log/' |
        while read -r file; do
            cp "$file" "${log%.log}.failed"
            tail -n 60 "$file" >&2
        done
    say "    all they said: ${log%.log}.failed"
}

# floor PERCENT FOLDER...: how many of the folder's lines were executed in the coverage build
floor()
{
    least=$1
    shift
    for folder; do
        percent=$(awk -F, -v folder="src/$folder/" 'index($1, folder) == 1 { lines += $2; hit += $3 }
            END { printf "%.1f", lines ? hit * 100 / lines : 0 }' "$checks/coverage.csv")
        if [ "${percent%.*}" -ge "$least" ]; then
            pass "src/$folder: tests execute $percent % of its lines"
        else
            fail "src/$folder: tests execute $percent % of its lines, less than $least %"
        fi
    done
}

get_promtool

# The tests that the command line names, in any of the forms t/unit/test_str, test_str, banned.sh, banned.
pattern=.
[ -z "$wanted" ] || pattern="(^|/)($(echo $wanted | sed 's/\.sh//g; s/ /|/g'))(\.sh)?\$"

if [ -n "$sanitize" ]; then
    say 'Is everything clean under ASan and UBSan?'
    compile sanitize CC=gcc --with-sanitizer=address,undefined || exit 0
    run sanitize all check TESTS="$(names sanitize "$pattern")"
    exit 0
fi

say 'Does it build with gcc, and pass all tests?'
compile gcc CC=gcc || exit 0
docs_ui "$checks/gcc"
run gcc all check TESTS="$(names gcc "$pattern")"
[ -z "$wanted" ] || exit 0

for mpm in worker prefork; do
    say "Does it serve with $mpm too?"
    run gcc $mpm check F1_MPM=$mpm TESTS="$(names gcc '^t/http/')"
done

say 'Does the library stay within its memory?'
# Not the simulator, which drives a hundred seasons: ten seconds, but minutes under valgrind. ASan has it, too.
run gcc valgrind check F1_VALGRIND=1 TESTS="$(names gcc '^t/(unit|fuzz)/' | sed 's|t/unit/test_simulate||')"

say 'Does it build with clang, and do the same?'
! compile clang CC=clang || run clang unit check TESTS="$(names clang '^t/(unit|fuzz)/')"

say 'Are the tests complete?'
if compile coverage CC=gcc --enable-coverage; then
    find "$checks/coverage" -name '*.gcda' -delete
    rm -rf "$checks/gcov"
    mkdir "$checks/gcov"
    run coverage all check F1_GCOV="$checks/gcov" TESTS="$(names coverage '^t/(unit|db|http|fuzz)/')"
    for part in "$checks"/gcov/*; do
        [ -d "$part" ] || continue
        gcov-tool merge "$checks/coverage" "$part$checks/coverage" -o "$checks/merged" >"$checks/gcovr.log" 2>&1 &&
            cp -r "$checks/merged/." "$checks/coverage" && rm -r "$checks/merged" || fail "cannot add up $part"
    done
    : >"$checks/coverage.csv"
    mkdir -p "$checks/gcovr"
    (cd "$checks/gcovr" && # it leaves files where it stands when it fails
        gcovr -r "$top" --gcov-ignore-parse-errors --filter "$top/src/" --csv "$checks/coverage.csv" \
            "$checks/coverage" >"$checks/gcovr.log" 2>&1) || { tail "$checks/gcovr.log" >&2; fail 'gcovr failed'; }
    floor 85 base db ingest
    floor 80 web
fi

say 'Is a release complete?'
run gcc distcheck distcheck
if grep -qa 'archives ready for distribution' "$checks/gcc/distcheck.log"; then
    pass 'a release builds, passes, installs and uninstalls'
else
    tail -n 20 "$checks/gcc/distcheck.log" >&2
    fail "distcheck; see $checks/gcc/distcheck.log"
fi
