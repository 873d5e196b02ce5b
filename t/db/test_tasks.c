/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* What jobs do, and f1boardctl's view of them, on the simulated seasons: f1boardctl work is the runner here. */

#include <stdlib.h>
#include <string.h>

#include <apr_strings.h>

#include "db/query.h"
#include "f1_test.h"
#include "gen/statements.h"
#include "task/task.h"

/* Does all there is to do at that time. */
static void work_at(const char *clock)
{
    f1_test_ctl(0, apr_psprintf(f1_test_pool(), "work --until-idle --ergast %s%s%s", getenv("F1_UPSTREAM"),
                                clock ? " --clock " : "", clock ? clock : ""));
}

static void begin(void)
{
    f1_test_sql(
        "TRUNCATE f1board.job, f1board.session_check; UPDATE f1board.schedule SET next_at = NULL, is_paused = true");
}

static const char *newest(const char *columns)
{
    return f1_test_sql(apr_psprintf(f1_test_pool(), "SELECT %s FROM f1board.job ORDER BY id DESC LIMIT 1", columns));
}

static void usage_is_checked(void **state)
{
    (void)state;
    begin();
    f1_test_ctl(2, "job add frob");
    f1_test_ctl(2, "job add ingest '[]'");
    f1_test_ctl(2, "job add ingest '{'");
    f1_test_ctl(2, "job show x");
    f1_test_ctl(2, "job cancel 0");
    f1_test_ctl(1, "job show 999999");
    f1_test_ctl(1, "job cancel 999999");
    f1_test_ctl(1, "job retry 999999");
    f1_test_ctl(1, "schedule pause nothing");
    f1_test_ctl(1, "schedule run nothing");
    assert_string_equal(f1_test_sql("SELECT count(*) FROM f1board.job"), "0");
}

static void a_season_is_ingested(void **state)
{
    json_t *doc;
    const char *id;

    (void)state;
    begin();
    doc = f1_test_json(f1_test_ctl(0, "--json job add ingest '{\"what\": \"season\", \"season\": 2028}'"));
    id = apr_psprintf(f1_test_pool(), "%d", (int)json_integer_value(f1_test_json_at(doc, "id")));
    assert_non_null(strstr(f1_test_ctl(0, "job list"), "PENDING"));
    work_at(NULL);
    assert_string_equal(newest("state, result->>'command', result->>'has_changed', error"),
                        "SUCCESS|season 2028|false|");
    doc = f1_test_json(f1_test_ctl(0, apr_pstrcat(f1_test_pool(), "--json job show ", id, NULL)));
    f1_assert_json(doc, "0/state", "\"SUCCESS\"");
    assert_non_null(strstr(f1_test_ctl(0, "job list --state SUCCESS --kind ingest"), "ingest"));
    assert_string_equal(f1_test_ctl(0, "job list --kind rankings"), "");
}

static void what_cannot_be_fails_for_good(void **state)
{
    (void)state;
    begin();
    f1_test_ctl(0, "job add ingest '{\"what\": \"everything\"}'");
    work_at(NULL);
    assert_string_equal(newest("state, attempts, error"),
                        "FAILURE|1|bad_request: the payload does not say what to ingest");
    f1_test_ctl(0, "job add ingest '{\"what\": \"race\"}'");
    work_at(NULL);
    assert_string_equal(newest("state, error"), "FAILURE|bad_request: to ingest a race needs a round");
    f1_test_ctl(0, "job add ingest '{\"what\": \"season\", \"season\": 2101}'");
    work_at(NULL);
    assert_string_equal(newest("state, error_code"), "FAILURE|not_found");
    f1_test_ctl(0, apr_pstrcat(f1_test_pool(), "job retry ", newest("id"), NULL));
    assert_string_equal(newest("state, attempts, finished_at IS NULL"), "PENDING|0|t");
    f1_test_ctl(0, apr_pstrcat(f1_test_pool(), "job cancel ", newest("id"), NULL));
    assert_string_equal(newest("state"), "CANCELLED");
    assert_string_equal(
        f1_test_sql("SELECT string_agg(action, ' ' ORDER BY id) FROM f1board.audit_log"
                    " WHERE via = 'f1boardctl' AND object_id = (SELECT max(id)::text FROM f1board.job)"),
        "job.add job.retry job.cancel");
}

static void schedules_can_be_paused_and_run(void **state)
{
    (void)state;
    begin();
    f1_test_ctl(0, "schedule resume clean_up");
    f1_test_sql("INSERT INTO f1board.job (kind, run_at, state, finished_at)"
                "VALUES ('rankings', now(), 'SUCCESS', now() - interval '31 days')");
    f1_test_ctl(0, "schedule run clean_up");
    f1_test_ctl(1, "schedule run clean_up"); /* it waits */
    f1_test_ctl(0, "schedule run rankings");
    work_at(NULL);
    assert_string_equal(f1_test_sql("SELECT string_agg(kind || ' ' || state, ',' ORDER BY kind) FROM f1board.job"),
                        "clean_up SUCCESS,rankings SUCCESS");
    assert_string_equal(f1_test_sql("SELECT result->>'jobs' FROM f1board.job WHERE kind = 'clean_up'"), "1");
    assert_non_null(strstr(f1_test_ctl(0, "schedule list"), "clean_up"));
    assert_string_equal(f1_test_sql("SELECT is_paused FROM f1board.schedule WHERE name = 'clean_up'"), "f");
    f1_test_ctl(0, "schedule pause clean_up");
    assert_string_equal(f1_test_sql("SELECT via, details FROM f1board.audit_log WHERE action = 'schedule.change'"
                                    " ORDER BY id DESC LIMIT 1"),
                        "f1boardctl|{\"is_paused\": true}");
    assert_string_equal(f1_test_sql("SELECT string_agg(action || ' ' || via, ', ' ORDER BY id) FROM"
                                    " (SELECT * FROM f1board.audit_log ORDER BY id DESC LIMIT 3) AS u"),
                        "schedule.run f1boardctl, schedule.run f1boardctl, schedule.change f1boardctl");
}

static void every_schedule_can_be_named(void **state)
{
    const char *const *name, *all = "";

    (void)state;
    for (name = f1_task_schedules; *name; name++) {
        all = apr_pstrcat(f1_test_pool(), all, *all ? "," : "", *name, NULL);
    }
    assert_string_equal(f1_test_sql("SELECT string_agg(name, ',' ORDER BY name COLLATE \"C\") FROM f1board.schedule"),
                        all);
}

static void set_schedules(const char *names, const char *settings)
{
    const char *values[] = {names, settings};

    f1_assert_ok(f1_query(f1_test_conn(), &f1_stmt_job_schedule_set, values, NULL, f1_test_pool(), f1_test_result()),
                 f1_test_result());
}

static void configuration_has_a_say_in_schedules(void **state)
{
    const char *const rankings = "SELECT period, default_period, is_off, is_paused FROM f1board.schedule"
                                 " WHERE name = 'rankings'";

    (void)state;
    begin();
    set_schedules("{weather,rankings}", "{off,600000000 microseconds}");
    assert_string_equal(f1_test_sql(rankings), "00:10:00|01:00:00|f|t");
    assert_string_equal(f1_test_sql("SELECT string_agg(name, ',') FROM f1board.schedule WHERE is_off"), "weather");
    set_schedules("{rankings}", "{2 hours}");
    assert_string_equal(f1_test_sql(rankings), "02:00:00|01:00:00|f|t");
    set_schedules("{rankings}", "{off}");
    assert_string_equal(f1_test_sql(rankings), "01:00:00||t|t");
    f1_test_sql("UPDATE f1board.schedule SET is_paused = false WHERE name = 'rankings'");
    assert_non_null(strstr(f1_test_ctl(0, "schedule list"), " off "));
    assert_string_equal(f1_test_sql("SET search_path = f1board; SELECT schedule_run('2024-07-28T13:00:00Z') IS NULL"),
                        "t");
    set_schedules("{}", "{}");
    assert_string_equal(f1_test_sql(rankings), "01:00:00||f|f");
    assert_string_equal(f1_test_sql("SELECT count(*) FROM f1board.schedule WHERE is_off OR default_period IS NOT NULL"),
                        "0");
}

/* The last race that has results, which it loses. */
#define LAST_RACE                                                                       \
    "SELECT s.id FROM f1board.session s JOIN f1board.revision v ON v.session_id = s.id" \
    " WHERE s.kind = 'race' ORDER BY s.date DESC LIMIT 1"

static const char *look(const char *session)
{
    return f1_test_sql(
        apr_psprintf(f1_test_pool(),
                     "SELECT phase, revision, verified, extract(epoch FROM next_at - last_at)::integer / 3600"
                     " FROM f1board.session_check WHERE session_id = %s",
                     session));
}

/* Hours after the session's start, as f1boardctl takes the time. */
static const char *hours_after(const char *session, int hours)
{
    return f1_test_sql(apr_psprintf(f1_test_pool(),
                                    "SELECT to_char((f1board.session_begin(starts_at, date) + %d * interval '1 hour')"
                                    " AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z@0\"')"
                                    " FROM f1board.session WHERE id = %s",
                                    hours, session));
}

static void check_at(const char *session, int hours)
{
    const char *clock = hours_after(session, hours);

    f1_test_ctl(0, apr_pstrcat(f1_test_pool(), "schedule run checks --clock ", clock, NULL));
    work_at(clock);
    work_at(clock);
}

static void results_are_polled_and_verified(void **state)
{
    const char *session;

    (void)state;
    begin();
    session = f1_test_sql(LAST_RACE);
    f1_test_sql(apr_psprintf(f1_test_pool(), "DELETE FROM f1board.revision WHERE session_id = %s", session));
    /* too early, then an hour after the start: upstream has them */
    check_at(session, 0);
    assert_string_equal(look(session), "");
    check_at(session, 1);
    assert_string_equal(look(session), "verify|1|0|24");
    assert_string_equal(
        f1_test_sql(apr_psprintf(
            f1_test_pool(), "SELECT count(*) > 15 FROM f1board.result WHERE session_id = %s AND current", session)),
        "t");
    /* not due */
    check_at(session, 20);
    assert_string_equal(look(session), "verify|1|0|24");
    check_at(session, 26);
    assert_string_equal(look(session), "verify|1|1|24");
    /* something changed, so that three looks follow again */
    f1_test_sql(apr_psprintf(f1_test_pool(),
                             "UPDATE f1board.revision SET digest = 'another' WHERE session_id = %s;"
                             "UPDATE f1board.result SET points = points + 1 WHERE session_id = %s",
                             session, session));
    check_at(session, 51);
    assert_string_equal(look(session), "verify|2|0|24");
    check_at(session, 76);
    check_at(session, 101);
    assert_string_equal(look(session), "verify|2|2|24");
    check_at(session, 126);
    assert_string_equal(look(session), "done|2|3|");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        F1_TEST(usage_is_checked),
        F1_TEST(a_season_is_ingested),
        F1_TEST(what_cannot_be_fails_for_good),
        F1_TEST(schedules_can_be_paused_and_run),
        F1_TEST(every_schedule_can_be_named),
        F1_TEST(configuration_has_a_say_in_schedules),
        F1_TEST(results_are_polled_and_verified),
    };

    return f1_test_run(tests);
}
