/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* f1boardctl as scripts and people meet it: what it prints where, and what it ends with. */

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <apr_file_info.h>
#include <apr_strings.h>

#include "f1_test.h"
#include "db/migrate.h"

/* What one run said. */
typedef struct said_t {
    int code;
    const char *out, *err;
} said_t;

static const char *sandbox(const char *name)
{
    return apr_pstrcat(f1_test_pool(), getenv("F1_SANDBOX"), "/", name, NULL);
}

/* arguments: as a shell reads them, redirections included */
static said_t ctl(const char *arguments)
{
    const char *command = apr_psprintf(f1_test_pool(), "'%s' %s >'%s' 2>'%s'", getenv("F1_CTL"), arguments,
                                       sandbox("out"), sandbox("err"));
    int status = system(command);
    said_t said;

    if (!WIFEXITED(status)) {
        fail_msg("%s: ended with status %d", command, status);
    }
    said.code = WEXITSTATUS(status);
    said.out = f1_test_file(sandbox("out"), NULL);
    said.err = f1_test_file(sandbox("err"), NULL);
    return said;
}

#define assert_says(text, part)                                  \
    do {                                                         \
        if (strstr((text), (part)) == NULL) {                    \
            fail_msg("\"%s\" is not in \"%s\"", (part), (text)); \
        }                                                        \
    } while (0)

/* Each command that help lists is explained, in the same words, by "help NAME" and "NAME --help". */
static void help_comes_from_the_table(void **state)
{
    said_t all = ctl("help");
    const char *line = strstr(all.out, "Commands:\n");
    int count = 0;

    (void)state;
    assert_int_equal(all.code, 0);
    assert_string_equal(all.err, "");
    assert_string_equal(ctl("--help").out, all.out);
    assert_non_null(line);
    for (line = strchr(line, '\n') + 1; *line == ' '; line = strchr(line, '\n') + 1) {
        const char *name = apr_pstrndup(f1_test_pool(), line + 2, (size_t)(strstr(line + 2, "  ") - line - 2));
        said_t one = ctl(apr_pstrcat(f1_test_pool(), "help ", name, NULL));

        assert_int_equal(one.code, 0);
        assert_says(one.out, apr_pstrcat(f1_test_pool(), "usage: f1boardctl ", name, NULL));
        assert_string_equal(ctl(apr_pstrcat(f1_test_pool(), name, " --help", NULL)).out, one.out);
        count++;
    }
    assert_true(count >= 7);
}

static void help_of_an_area(void **state)
{
    said_t said = ctl("help migrate");

    (void)state;
    assert_int_equal(said.code, 0);
    assert_says(said.out, "migrate up");
    assert_says(said.out, "migrate verify");
    assert_null(strstr(said.out, "simulate"));
    assert_int_equal(ctl("help migr").code, 2);
    assert_says(ctl("help me").err, "there is no command 'me'");
}

static void a_wrong_command_line_does_nothing(void **state)
{
    static const struct {
        const char *arguments, *why;
    } wrong[] = {{"", "which command?"},
                 {"nonsense", "unknown command 'nonsense'"},
                 {"migrate", "unknown command 'migrate'"},
                 {"migrate sideways", "unknown command 'migrate sideways'"},
                 {"migrate status --frequency 3", "unknown option --frequency"},
                 {"migrate status -x", "unknown option -x"},
                 {"migrate up 1 2", "usage: f1boardctl migrate up [VERSION]"},
                 {"migrate up one", "VERSION 'one' should be a whole number"},
                 {"migrate up 4000", "should be a whole number from 1 to"},
                 {"migrate up --all", "unknown option --all"},
                 {"migrate down 1 --all", "either VERSION or --all"},
                 {"migrate down --all=yes", "option --all takes no value"},
                 {"migrate status --database", "option --database needs a value: CONNINFO"},
                 {"migrate status --clock noon", "clock 'noon' should be like 2024-07-28T13:00:00Z"},
                 {"simulate", "--out DIR is needed"},
                 {"simulate --out /nowhere --seasons 0", "--seasons '0' should be a whole number from 1 to 20"},
                 {"simulate --out /nowhere --seed -1", "--seed '-1' should be a whole number"},
                 {"simulate --out /nowhere --now today", "--now 'today' should be like 2030-06-15"},
                 {"simulate here", "usage: f1boardctl simulate --out DIR"}};
    const char *version = f1_test_sql("SELECT max(version) FROM schema_migration");
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        said_t said = ctl(wrong[i].arguments);

        assert_int_equal(said.code, 2);
        assert_string_equal(said.out, "");
        assert_says(said.err, "f1boardctl: ");
        assert_says(said.err, wrong[i].why);
        assert_says(said.err, "\nTry 'f1boardctl help");
    }
    assert_string_equal(f1_test_sql("SELECT max(version) FROM schema_migration"), version);
}

static void a_wrong_command_line_is_told_as_asked_for(void **state)
{
    said_t said = ctl("migrate sideways --json");

    (void)state;
    assert_int_equal(said.code, 2);
    f1_assert_json(f1_test_json(said.out), "error_code", "\"usage\"");
    f1_assert_json(f1_test_json(said.out), "detail", "\"unknown command 'migrate sideways'\"");
    assert_says(said.err, "Try 'f1boardctl help migrate'.");
    assert_says(ctl("sideways").err, "Try 'f1boardctl help'.");
}

static void options_stand_anywhere(void **state)
{
    (void)state;
    assert_int_equal(ctl("--quiet migrate status").code, 0);
    assert_int_equal(ctl("migrate status --quiet").code, 0);
    assert_int_equal(ctl("migrate status --database=dbname=f1board").code, 0);
    assert_int_equal(ctl("--database dbname=f1board migrate status").code, 0);
    assert_int_equal(ctl("migrate up -- 1").code, 0);
    assert_int_equal(ctl("migrate up -- -1").code, 2);
    assert_says(ctl("--version").out, "f1boardctl ");
}

static void migrations_are_taken_up_and_down(void **state)
{
    const char *last =
        apr_psprintf(f1_test_pool(), "the schema is at step %d of %d\n", f1_migration_count, f1_migration_count);
    said_t said;

    (void)state;
    said = ctl("migrate down");
    assert_int_equal(said.code, 0);
    assert_says(said.out, apr_psprintf(f1_test_pool(), "_%s reverted", f1_migrations[f1_migration_count - 1].name));
    assert_says(said.out, apr_psprintf(f1_test_pool(), "at step %d of", f1_migration_count - 1));
    said = ctl("migrate verify");
    assert_int_equal(said.code, 1);
    assert_says(said.out, "is not applied");
    assert_says(ctl("migrate status").out, "pending  -\n");
    assert_null(strstr(ctl("migrate history").out, "pending"));
    assert_says(ctl("migrate up").out, last);
    said = ctl("migrate up");
    assert_int_equal(said.code, 0);
    assert_says(said.out, "nothing to do");
    assert_says(ctl("migrate down 1").out, "at step 1 of");
    assert_says(ctl("migrate down --all").out, "at step 0 of");
    assert_string_equal(f1_test_sql("SELECT to_regnamespace('f1board') IS NULL"), "t");
    assert_int_equal(ctl("migrate down").code, 0);
    assert_says(ctl("migrate up").out, last);
}

static void verify_finds(void **state)
{
    said_t said = ctl("migrate verify");

    (void)state;
    assert_string_equal(said.err, "");
    assert_int_equal(said.code, 0);
    assert_says(said.out, "statements fit\n");

    f1_test_sql("ALTER TABLE race RENAME COLUMN status TO state");
    said = ctl("migrate verify");
    assert_int_equal(said.code, 1);
    assert_says(said.out, "cannot be prepared\n");
    f1_test_sql("ALTER TABLE race RENAME COLUMN state TO status");

    f1_test_sql("UPDATE schema_migration SET sha256 = md5(sha256) WHERE version = 1");
    said = ctl("migrate verify --json");
    assert_int_equal(said.code, 1);
    f1_assert_json(f1_test_json(said.out), "findings/0", "\"step 0001_core is not the one that was applied\"");
    assert_int_equal(ctl("migrate up").code, 4);
    f1_test_sql("SET client_min_messages = warning; DROP SCHEMA f1board CASCADE");
    assert_int_equal(ctl("migrate up").code, 0);
}

static void answers_as_json(void **state)
{
    said_t said = ctl("migrate status --json");
    json_t *document = f1_test_json(said.out);

    (void)state;
    assert_int_equal(said.code, 0);
    assert_int_equal(json_array_size(f1_test_json_at(document, "steps")), f1_migration_count);
    f1_assert_json(document, "steps/0/version", "1");
    f1_assert_json(document, "steps/0/name", "\"core\"");
    f1_assert_json(document, "steps/0/state", "\"applied\"");
    assert_true(json_is_string(f1_test_json_at(document, "steps/0/applied_at")));
    document = f1_test_json(ctl("--json migrate down").out);
    f1_assert_json(document, "version", apr_itoa(f1_test_pool(), f1_migration_count - 1));
    f1_assert_json(document, "reverted/0/version", apr_itoa(f1_test_pool(), f1_migration_count));
    document = f1_test_json(ctl("--json migrate up").out);
    f1_assert_json(document, "applied/0/version", apr_itoa(f1_test_pool(), f1_migration_count));
}

static void no_database(void **state)
{
    said_t said = ctl("--json --database 'host=/nowhere' migrate status");

    (void)state;
    assert_int_equal(said.code, 4);
    f1_assert_json(f1_test_json(said.out), "error_code", "\"database_unavailable\"");
    assert_says(said.err, "f1boardctl: migrate status: database_unavailable: the database does not answer");
    said = ctl("--database 'no such thing' migrate status");
    assert_int_equal(said.code, 1);
    assert_says(said.err, "not a connection string");
}

static void an_answer_that_nobody_gets_is_a_failure(void **state)
{
    said_t said;

    (void)state;
    said.code = system(apr_psprintf(f1_test_pool(), "'%s' help >/dev/full 2>'%s'", getenv("F1_CTL"), sandbox("err")));
    assert_int_equal(WEXITSTATUS(said.code), 1);
    assert_says(f1_test_file(sandbox("err"), NULL), "cannot write to standard output");
}

static void simulate_writes_files(void **state)
{
    const char *dir = sandbox("simulated");
    apr_finfo_t info;
    said_t said;

    (void)state;
    said =
        ctl(apr_pstrcat(f1_test_pool(), "simulate --seasons 1 --now 2030-06-15 --strengths --json --out ", dir, NULL));
    assert_int_equal(said.code, 0);
    assert_string_equal(said.err, "");
    f1_assert_json(f1_test_json(said.out), "seasons", "1");
    f1_assert_json(f1_test_json(said.out), "simulated", "true");
    f1_assert_json(f1_test_json(f1_test_file(sandbox("simulated/2030/races.json"), NULL)), "MRData/simulated",
                   "\"true\"");
    assert_int_equal(apr_stat(&info, sandbox("simulated/2030/1/laps.json"), APR_FINFO_SIZE, f1_test_pool()),
                     APR_SUCCESS);
    assert_int_equal(apr_stat(&info, sandbox("simulated/strengths.json"), APR_FINFO_SIZE, f1_test_pool()), APR_SUCCESS);
}

static void simulate_asks_the_clock(void **state)
{
    json_t *strengths = f1_test_json(ctl("--clock 2041-03-30T00:00:00Z@0 simulate --strengths --seasons 2").out);

    (void)state;
    f1_assert_json(strengths, "seasons/0/season", "2040");
    f1_assert_json(strengths, "seasons/1/season", "2041");
    assert_null(f1_test_json_at(strengths, "seasons/2"));
    assert_int_equal(setenv("F1_CLOCK_START", "noon", 1), 0);
    assert_says(ctl("simulate --strengths").err, "F1_CLOCK_START 'noon' should be microseconds since 1970");
    assert_int_equal(unsetenv("F1_CLOCK_START"), 0);
}

static void simulate_says_where_it_cannot_write(void **state)
{
    said_t said = ctl("simulate --out /dev/null/here");

    (void)state;
    assert_int_equal(said.code, 1);
    assert_says(said.err, "cannot write /dev/null/here/seasons.json: ");
}

static void a_signal_ends_it_at_the_next_step(void **state)
{
    const char *dir = sandbox("cut-short");
    const char *command = apr_psprintf(f1_test_pool(),
                                       "'%s' simulate --seasons 20 --out '%s' 2>'%s' & "
                                       "until [ -e '%s/seasons.json' ]; do sleep 0.02; done; kill -TERM $!; wait $!",
                                       getenv("F1_CTL"), dir, sandbox("err"), dir);
    int status = system(command);

    (void)state;
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 5);
    assert_says(f1_test_file(sandbox("err"), NULL), "interrupted after ");
}

/* Runs with standard error on a terminal of 40 columns, and returns what it showed there. */
static const char *on_terminal(const char *arguments)
{
    const struct winsize size = {24, 40, 0, 0};
    char *shown = apr_pcalloc(f1_test_pool(), 65536);
    int master = posix_openpt(O_RDWR | O_NOCTTY), slave;
    ssize_t len = 0, got;

    assert_true(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
    slave = open(ptsname(master), O_RDWR | O_NOCTTY);
    assert_true(slave >= 0);
    assert_int_equal(ioctl(slave, TIOCSWINSZ, &size), 0);
    assert_int_equal(system(apr_psprintf(f1_test_pool(), "'%s' %s >'%s' 2>%s", getenv("F1_CTL"), arguments,
                                         sandbox("out"), ptsname(master))),
                     0);
    assert_int_equal(fcntl(master, F_SETFL, O_NONBLOCK), 0);
    while (len < 65535 && (got = read(master, shown + len, (size_t)(65535 - len))) > 0) {
        len += got;
    }
    close(slave);
    close(master);
    return shown;
}

static void progress_fits_the_terminal(void **state)
{
    const char *arguments = apr_pstrcat(f1_test_pool(), "simulate --seasons 2 --out ", sandbox("bar"), NULL);
    const char *shown = on_terminal(arguments), *line;
    int lines = 0;

    (void)state;
    assert_says(shown, "1 documents, seasons");
    assert_null(strchr(shown, '\n'));
    for (line = strstr(shown, "\r\033[K"); line != NULL; line = strstr(line, "\r\033[K")) {
        line += strlen("\r\033[K");
        assert_in_range(strcspn(line, "\r"), 0, 39);
        lines++;
    }
    assert_true(lines >= 1);
    assert_string_equal(on_terminal(apr_pstrcat(f1_test_pool(), arguments, " --quiet", NULL)), "");
}

/* The line goes into a file as it is; without --json nothing else is said. */
static void a_new_secret_is_a_line(void **state)
{
    said_t one = ctl("secret new"), two = ctl("secret new"), named = ctl("secret new 2030-06");

    (void)state;
    assert_int_equal(one.code, 0);
    assert_string_equal(one.err, "");
    assert_string_not_equal(one.out, two.out);
    assert_ptr_equal(strchr(one.out, '\n'), one.out + strlen(one.out) - 1);
    assert_memory_equal(named.out, "2030-06 HS256 ", 14);
    assert_int_equal(strlen(named.out), 14 + 43 + 1);
    assert_says(ctl("--json secret new x").out, "\"line\": \"x HS256 ");
    named = ctl("secret new 'a b'");
    assert_int_equal(named.code, 2);
    assert_says(named.err, "the name of a key has at most 64 letters");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        F1_TEST(help_comes_from_the_table),
        F1_TEST(help_of_an_area),
        F1_TEST(a_wrong_command_line_does_nothing),
        F1_TEST(a_wrong_command_line_is_told_as_asked_for),
        F1_TEST(options_stand_anywhere),
        F1_TEST(migrations_are_taken_up_and_down),
        F1_TEST(verify_finds),
        F1_TEST(answers_as_json),
        F1_TEST(no_database),
        F1_TEST(an_answer_that_nobody_gets_is_a_failure),
        F1_TEST(simulate_writes_files),
        F1_TEST(simulate_asks_the_clock),
        F1_TEST(simulate_says_where_it_cannot_write),
        F1_TEST(a_signal_ends_it_at_the_next_step),
        F1_TEST(progress_fits_the_terminal),
        F1_TEST(a_new_secret_is_a_line),
    };

    return f1_test_run(tests);
}
