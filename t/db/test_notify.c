/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* The listener: what it tells when data changes, when its connection is cut, when the server is away, and how fast it
 * stops. */

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <apr_strings.h>
#include <apr_thread_proc.h>

#include "f1_test.h"
#include "db/notify.h"

/* How long a test waits for what takes milliseconds on a machine that has nothing else to do. */
#define LONG_ENOUGH apr_time_from_sec(10)

#define LISTENERS "FROM pg_stat_activity WHERE application_name = 'mod_f1board listener'"

typedef struct seen_t {
    _Atomic apr_int64_t results, schedule, job;
    atomic_int ups, downs, domains;
    f1_notify_t *notify;
    const char *conninfo;
    apr_thread_t *thread;
} seen_t;

static void on_change(void *baton, const char *domain, apr_int64_t generation, int was_read)
{
    seen_t *seen = baton;
    _Atomic apr_int64_t *known = !strcmp(domain, "results") ? &seen->results : &seen->schedule;

    if (strcmp(domain, "results") && strcmp(domain, "schedule")) {
        seen->domains++;
    }
    else if (was_read || generation > *known) {
        *known = generation;
    }
}

/* "42" where a job with this id has changed. */
static void on_notice(void *baton, const char *channel, const char *payload)
{
    seen_t *seen = baton;

    if (!strcmp(channel, "f1board_progress")) {
        seen->job = apr_atoi64(payload);
    }
}

static void on_up(void *baton)
{
    ((seen_t *)baton)->ups++;
}

static void on_down(void *baton)
{
    ((seen_t *)baton)->downs++;
}

static void *APR_THREAD_FUNC run(apr_thread_t *thread, void *data)
{
    seen_t *seen = data;

    f1_notify_run(seen->notify, seen->conninfo);
    apr_thread_exit(thread, APR_SUCCESS);
    return NULL;
}

static void start(seen_t *seen, const char *conninfo)
{
    const f1_notify_calls_t calls = {seen, on_change, on_notice, on_up, on_down};
    f1_result_t *res = f1_test_result();

    memset(seen, 0, sizeof(*seen));
    seen->conninfo = conninfo;
    f1_assert_ok(f1_notify_create(&seen->notify, &calls, f1_test_pool(), res), res);
    assert_int_equal(apr_thread_create(&seen->thread, NULL, run, seen, f1_test_pool()), APR_SUCCESS);
}

/* Returns how long it took. */
static apr_interval_time_t stop(seen_t *seen)
{
    apr_time_t before = apr_time_now();
    apr_status_t rv;

    f1_notify_stop(seen->notify);
    assert_int_equal(apr_thread_join(&rv, seen->thread), APR_SUCCESS);
    return apr_time_now() - before;
}

/* Waits until *value is at least wanted; fails after patience. */
static void await(const atomic_int *value, int wanted, apr_interval_time_t patience)
{
    apr_time_t end = apr_time_now() + patience;

    while (*value < wanted) {
        assert_true(apr_time_now() < end);
        apr_sleep(1000);
    }
}

static void await_job(const seen_t *seen, apr_int64_t wanted)
{
    apr_time_t end = apr_time_now() + LONG_ENOUGH;

    while (seen->job != wanted) {
        assert_true(apr_time_now() < end);
        apr_sleep(1000);
    }
}

static apr_int64_t stored(const char *domain)
{
    return apr_atoi64(
        f1_test_sql(apr_psprintf(f1_test_pool(), "SELECT value FROM generation WHERE domain = '%s'", domain)));
}

static void await_generation(const _Atomic apr_int64_t *known, const char *domain, apr_interval_time_t patience)
{
    apr_int64_t wanted = stored(domain);
    apr_time_t end = apr_time_now() + patience;

    while (*known != wanted) {
        assert_true(apr_time_now() < end);
        apr_sleep(500);
    }
}

static void test_changes_are_told(void **state)
{
    seen_t seen;

    (void)state;
    start(&seen, "");
    await(&seen.ups, 1, LONG_ENOUGH);
    assert_true(seen.results == stored("results"));
    assert_true(seen.schedule == stored("schedule"));
    assert_true(seen.domains > 0);
    for (int i = 0; i < 20; i++) {
        f1_test_sql("UPDATE result SET laps = laps + 1 WHERE line = 1");
        await_generation(&seen.results, "results", LONG_ENOUGH);
    }
    /* nobody is misled by notices that are none */
    f1_test_sql("NOTIFY f1board_generation, 'results'; NOTIFY f1board_generation, 'results x';"
                "NOTIFY f1board_generation; NOTIFY f1board_generation, 'results 1'");
    apr_sleep(apr_time_from_msec(50));
    assert_true(seen.results == stored("results"));
    assert_in_range(stop(&seen), 0, LONG_ENOUGH);
    assert_int_equal(seen.downs, 1);
}

static void test_lost_connections_come_back(void **state)
{
    seen_t seen;

    (void)state;
    start(&seen, "");
    await(&seen.ups, 1, LONG_ENOUGH);
    for (int i = 1; i <= 3; i++) {
        assert_string_equal(f1_test_sql("SELECT count(pg_terminate_backend(pid)) " LISTENERS), "1");
        await(&seen.downs, i, LONG_ENOUGH);
        f1_test_sql("UPDATE result SET laps = laps + 1 WHERE line = 1");
        await(&seen.ups, i + 1, LONG_ENOUGH);
        assert_true(seen.results == stored("results"));
    }
    stop(&seen);
}

/* What was changed without a notice, or went back as after a restore, is found by reading again. */
static void test_reads_again(void **state)
{
    seen_t seen;

    (void)state;
    start(&seen, "");
    await(&seen.ups, 1, LONG_ENOUGH);
    f1_test_sql("UPDATE generation SET value = 7 WHERE domain = 'schedule'");
    await_generation(&seen.schedule, "schedule", F1_NOTIFY_PING + F1_NOTIFY_PATIENCE + LONG_ENOUGH);
    assert_int_equal(seen.downs, 0);
    stop(&seen);
}

/* What routes with events listen to comes as it was said. */
static void test_notices_are_told(void **state)
{
    seen_t seen;

    (void)state;
    start(&seen, "");
    await(&seen.ups, 1, LONG_ENOUGH);
    f1_test_sql("INSERT INTO job (kind, run_at) VALUES ('test', '2030-01-01');"
                "UPDATE job SET priority = 1");
    f1_test_sql("NOTIFY f1board_nobody, '41'; NOTIFY f1board_progress, '42'");
    await_job(&seen, 42);
    /* jobs tell how they go on when somebody follows them, and only then */
    f1_test_sql("SELECT id FROM job_watch((SELECT max(id) FROM job)); UPDATE job SET priority = 2");
    await_job(&seen, apr_atoi64(f1_test_sql("SELECT max(id) FROM job")));
    stop(&seen);
}

/* A backend that no longer answers is given up within the promised time. */
static void test_silent_servers(void **state)
{
    const char *pid;
    seen_t seen;

    (void)state;
    start(&seen, "");
    await(&seen.ups, 1, LONG_ENOUGH);
    pid = f1_test_sql("SELECT pid " LISTENERS);
    assert_int_equal(system(apr_psprintf(f1_test_pool(), "kill -STOP %s", pid)), 0);
    await(&seen.downs, 1, F1_NOTIFY_PING + F1_NOTIFY_PATIENCE + LONG_ENOUGH);
    await(&seen.ups, 2, LONG_ENOUGH);
    assert_int_equal(system(apr_psprintf(f1_test_pool(), "kill -CONT %s", pid)), 0);
    stop(&seen);
}

static void test_stops_in_every_state(void **state)
{
    seen_t seen;

    (void)state;
    /* nobody there: between two tries */
    start(&seen, "host=/nowhere");
    apr_sleep(apr_time_from_msec(700));
    assert_in_range(stop(&seen), 0, LONG_ENOUGH);
    assert_int_equal(seen.ups + seen.downs, 0);
    /* a database without our tables */
    start(&seen, "dbname=postgres");
    apr_sleep(apr_time_from_msec(300));
    assert_in_range(stop(&seen), 0, LONG_ENOUGH);
    assert_int_equal(seen.ups + seen.downs, 0);
    /* at once */
    start(&seen, "");
    assert_in_range(stop(&seen), 0, LONG_ENOUGH);
    assert_string_equal(f1_test_sql("SELECT count(*) " LISTENERS " AND state = 'active'"), "0");
}

/* The way the module gets there: what a connection was opened with opens another one. */
static void test_connection_info(void **state)
{
    const char *info = f1_conn_info(f1_test_conn(), f1_test_pool());
    seen_t seen;

    (void)state;
    assert_non_null(strstr(info, "dbname='f1board'"));
    start(&seen, info);
    await(&seen.ups, 1, LONG_ENOUGH);
    stop(&seen);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        F1_TEST(test_changes_are_told), F1_TEST(test_lost_connections_come_back),
        F1_TEST(test_reads_again),      F1_TEST(test_notices_are_told),
        F1_TEST(test_silent_servers),   F1_TEST(test_stops_in_every_state),
        F1_TEST(test_connection_info),
    };

    return f1_test_run(tests);
}
