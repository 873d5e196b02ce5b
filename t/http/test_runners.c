/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Jobs inside httpd, with four children and a second httpd on the same database: each is done once, whatever becomes of
 * children, servers and database meanwhile. */

#include "f1_test.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <apr_strings.h>

/* How long a test waits for what takes a second or two on a machine that has nothing else to do. */
#define LONG_ENOUGH apr_time_from_sec(40)

static void wait_for(const char *sql, const char *expected)
{
    apr_time_t end = apr_time_now() + LONG_ENOUGH;

    while (strcmp(f1_test_sql(sql), expected) != 0 && apr_time_now() < end) {
        apr_sleep(apr_time_from_msec(50));
    }
    assert_string_equal(f1_test_sql(sql), expected);
}

#define RUNNERS "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'mod_f1board runner'"
#define STATES "SELECT string_agg(DISTINCT state, ',') FROM f1board.job"

/* From here on each job that is taken is counted. What still runs comes to its end first. */
static void begin(void)
{
    f1_test_sql("UPDATE f1board.schedule SET is_paused = true, next_at = NULL;"
                "UPDATE f1board.job SET cancel_asked = true WHERE state = 'STARTED'");
    wait_for("SELECT count(*) FROM f1board.job WHERE state = 'STARTED'", "0");
    f1_test_sql("DELETE FROM f1board.job;"
                "DROP TABLE IF EXISTS public.taken; CREATE TABLE public.taken (id bigint);"
                "CREATE OR REPLACE FUNCTION public.note_taken() RETURNS trigger LANGUAGE plpgsql AS"
                " 'BEGIN INSERT INTO public.taken VALUES (NEW.id); RETURN NULL; END';"
                "CREATE OR REPLACE TRIGGER note_taken AFTER UPDATE OF state ON f1board.job FOR EACH ROW"
                " WHEN (NEW.state = 'STARTED') EXECUTE FUNCTION public.note_taken()");
}

static void add_probe(int seconds)
{
    f1_test_sql(apr_psprintf(f1_test_pool(),
                             "INSERT INTO f1board.job (kind, payload, run_at)"
                             " VALUES ('probe', '{\"seconds\": %d}', '2030-01-01T00:00:00Z')",
                             seconds));
}

static void graceful(void)
{
    assert_int_equal(kill((pid_t)apr_atoi64(getenv("F1_HTTPD_PID")), SIGUSR1), 0);
}

static void children_run_jobs(void **state)
{
    (void)state;
    begin();
    wait_for(RUNNERS, "4");
    add_probe(0);
    wait_for(STATES, "SUCCESS");
    f1_test_sql("INSERT INTO f1board.job (kind, payload, run_at)"
                " VALUES ('ingest', '{\"what\": \"season\", \"season\": 2028}', '2030-01-01T00:00:00Z')");
    wait_for("SELECT state, result->>'command' FROM f1board.job ORDER BY id DESC LIMIT 1", "SUCCESS|season 2028");
    assert_string_equal(f1_test_sql("SELECT count(*), count(DISTINCT id) FROM public.taken"), "2|2");
}

/* The job of a child that has to end waits again at once, and is done by another; none is left behind. */
static void a_graceful_restart_interrupts(void **state)
{
    (void)state;
    begin();
    add_probe(4);
    wait_for(STATES, "STARTED");
    graceful();
    wait_for("SELECT count(*) > 1, count(DISTINCT id) FROM public.taken", "t|1");
    wait_for(STATES, "SUCCESS");
    assert_string_equal(f1_test_sql("SELECT attempts, error IS NULL FROM f1board.job"), "1|t");
    wait_for(RUNNERS, "4");
}

static void configuration_has_a_say_in_schedules(void **state)
{
    (void)state;
    wait_for("SELECT string_agg(name || ' ' || CASE WHEN is_off THEN 'off' ELSE period::text END, ',' ORDER BY name)"
             " FROM f1board.schedule WHERE is_off OR default_period IS NOT NULL",
             "season_review off,weather 02:00:00");
    assert_non_null(strstr(f1_test_file(getenv("F1_LOG"), NULL), "F1BoardSchedule: weather comes every 02:00:00"));
}

static const char *page(const char *path)
{
    return f1_test_get(apr_pstrcat(f1_test_pool(), path[1] == 's' ? getenv("F1_ORIGIN") : getenv("F1_URL"), path, NULL))
        ->body;
}

/* Asks for a page until it has the words, which begin a line of it. */
static void wait_for_line(const char *path, const char *words)
{
    const char *line = apr_pstrcat(f1_test_pool(), "\n", words, NULL);
    apr_time_t end = apr_time_now() + LONG_ENOUGH;

    while (!strstr(page(path), line) && apr_time_now() < end) {
        apr_sleep(apr_time_from_msec(50));
    }
    if (!strstr(page(path), line)) {
        fail_msg("%s has no line %s", path, words);
    }
}

static void what_runners_do_is_shown(void **state)
{
    (void)state;
    begin();
    add_probe(3600);
    wait_for_line("/server-status?auto", "F1BoardRunnersBusy: 1\n");
    wait_for_line("/server-status?auto", "F1BoardRunners: 4\n");
    assert_non_null(strstr(page("/server-status"), "<td>probe</td>"));
    assert_non_null(strstr(page("/server-status"), "<td>idle</td>"));
    wait_for_line("/metrics", "f1board_job_runners{state=\"busy\"} 1\n");
    wait_for_line("/metrics", "f1board_job_runners{state=\"idle\"} 3\n");
    wait_for_line("/metrics", "f1board_jobs{kind=\"probe\",state=\"started\"} 1\n");
    wait_for_line("/metrics", "f1board_job_oldest_due_seconds 0");
    f1_test_sql("SELECT f1board.job_cancel(id) FROM f1board.job");
    wait_for_line("/metrics", "f1board_job_runs_total{kind=\"probe\",outcome=\"cancelled\"} 1\n");
    wait_for_line("/metrics", "f1board_job_run_duration_seconds_bucket{kind=\"probe\",le=\"+Inf\"} ");
    f1_test_sql("UPDATE f1board.job SET state = 'FAILURE'");
    wait_for_line("/metrics", "f1board_jobs{kind=\"probe\",state=\"failure\"} 1\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        F1_TEST(configuration_has_a_say_in_schedules),
        F1_TEST(children_run_jobs),
        F1_TEST(what_runners_do_is_shown),
        F1_TEST(a_graceful_restart_interrupts),
    };

    return f1_test_run(tests);
}
