/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Jobs and their runners: each is done once, however many runners there are; what fails comes again; what is stopped,
 * cancelled or left by the dead is neither lost nor done by two; and the schedule makes a job of what is due. */

#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include <apr_allocator.h>
#include <apr_strings.h>
#include <apr_thread_proc.h>

#include "base/clock.h"
#include "base/json.h"
#include "db/query.h"
#include "f1_test.h"
#include "job/queue.h"
#include "job/runner.h"

/* How long a test waits for what takes milliseconds on a machine that has nothing else to do. */
#define LONG_ENOUGH apr_time_from_sec(60)

#define CROWD 4

/* What runners do last before they sleep. */
#define SLEEPERS                                                                                     \
    "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'test queue' AND state = 'idle'" \
    " AND query LIKE '%schedule_run%'"

static atomic_int running, most_running, started;
static atomic_int may_end;

/* --- Kinds */

static apr_status_t count_job(f1_job_t *job, f1_result_t *res)
{
    return f1_exec(job->conn,
                   apr_psprintf(job->pool, "INSERT INTO public.done VALUES (%" APR_INT64_T_FMT ", '%s')", job->id,
                                json_string_value(json_object_get(job->payload, "name"))),
                   res);
}

static apr_status_t tell(f1_job_t *job, f1_result_t *res)
{
    (void)json_object_set_new(job->result, "told", json_integer(job->attempt));
    return f1_job_step(job, 1, 1, "telling", res);
}

static apr_status_t disappoint(f1_job_t *job, f1_result_t *res)
{
    if (json_object_get(job->payload, "final")) {
        return f1_result_fail(res, F1_E_NOT_FOUND, APR_NOTFOUND, "no such race");
    }
    return f1_result_fail(res, F1_E_UPSTREAM, APR_EGENERAL, "upstream is away");
}

/* Goes on in small steps until the test lets it end. */
static apr_status_t linger(f1_job_t *job, f1_result_t *res)
{
    int now = ++running, most = most_running;

    while (now > most && !atomic_compare_exchange_weak(&most_running, &most, now)) {
    }
    started++;
    while (!may_end && f1_job_step(job, 1, 2, "lingering", res) == APR_SUCCESS) {
        apr_sleep(apr_time_from_msec(10));
    }
    running--;
    return res->rv;
}

/* Says nothing for as long as the test wants, whatever becomes of its lease. */
static apr_status_t sulk(f1_job_t *job, f1_result_t *res)
{
    started++;
    while (!may_end) {
        apr_sleep(apr_time_from_msec(10));
    }
    return f1_job_step(job, 2, 2, NULL, res);
}

/* As what empties a box does: what comes while it works is for another. */
static apr_status_t empty(f1_job_t *job, f1_result_t *res)
{
    return f1_job_give_key(job, res) == APR_SUCCESS ? linger(job, res) : res->rv;
}

static apr_status_t cut_queue(f1_job_t *job, f1_result_t *res)
{
    return f1_exec(job->conn,
                   "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'test queue'", res);
}

static const f1_job_kind_t kinds[] = {
    {"count", count_job, 0, "counts"},
    {"tell", tell, 0, "tells its attempt"},
    {"fail", disappoint, 0, "fails"},
    {"linger", linger, 2, "waits; two at a time"},
    {"sulk", sulk, 0, "does not step"},
    {"empty", empty, 1, "gives its key away, and waits"},
    {"cut_queue", cut_queue, 0, "ends its runner's connection"},
    {NULL, NULL, 0, NULL},
};

/* --- Runners */

typedef struct worker_t {
    f1_runner_t *runner;
    apr_thread_t *thread; /* NULL: it has ended */
    apr_pool_t *pool;
} worker_t;

/* It and its connections are gone with the test. */
static worker_t *make_runner(int until_idle)
{
    const f1_session_settings_t queue = {0, "test queue", 1}, work = {0, "test work", 0};
    /* so long that a test fails which is only saved by the next look */
    f1_runner_options_t options = {.kinds = kinds, .until_idle = until_idle, .idle = apr_time_from_sec(120)};
    f1_result_t *res = f1_test_result();
    apr_allocator_t *allocator;
    apr_pool_t *pool;
    worker_t *worker;

    assert_int_equal(apr_allocator_create(&allocator), APR_SUCCESS);
    assert_int_equal(apr_pool_create_ex(&pool, f1_test_pool(), NULL, allocator), APR_SUCCESS);
    apr_allocator_owner_set(allocator, pool);
    worker = apr_pcalloc(pool, sizeof(*worker));
    worker->pool = pool;
    f1_assert_ok(f1_db_direct_create(&options.queue, "", &queue, pool, res), res);
    f1_assert_ok(f1_db_direct_create(&options.work, "", &work, pool, res), res);
    f1_assert_ok(f1_runner_create(&worker->runner, &options, pool, res), res);
    return worker;
}

static void *APR_THREAD_FUNC run(apr_thread_t *thread, void *data)
{
    worker_t *worker = data;

    (void)thread;
    (void)f1_runner_run(worker->runner, f1_result_make(worker->pool));
    return NULL;
}

static apr_status_t join(void *data)
{
    worker_t *worker = data;
    apr_status_t rv, joined = APR_SUCCESS;

    if (worker->thread) {
        joined = apr_thread_join(&rv, worker->thread);
        worker->thread = NULL;
    }
    return joined;
}

static apr_status_t stop(void *data)
{
    worker_t *worker = data;

    f1_runner_stop(worker->runner);
    return join(worker);
}

/* Whatever a test that failed left at work: no thread outlives the pools it uses. */
static apr_status_t abandon(void *data)
{
    may_end = 1;
    return stop(data);
}

static worker_t *start(int until_idle)
{
    worker_t *worker = make_runner(until_idle);

    assert_int_equal(apr_thread_create(&worker->thread, NULL, run, worker, f1_test_pool()), APR_SUCCESS);
    apr_pool_pre_cleanup_register(f1_test_pool(), worker, abandon);
    return worker;
}

static void start_crowd(worker_t *crowd[CROWD], int until_idle)
{
    for (int i = 0; i < CROWD; i++) {
        crowd[i] = start(until_idle);
    }
}

static void end_crowd(worker_t *crowd[CROWD], apr_status_t (*end)(void *worker))
{
    for (int i = 0; i < CROWD; i++) {
        assert_int_equal(end(crowd[i]), APR_SUCCESS);
    }
}

/* Does what there is to do, here and now. */
static void drain(void)
{
    worker_t *worker = make_runner(1);

    f1_assert_ok(f1_runner_run(worker->runner, f1_test_result()), f1_test_result());
    apr_pool_destroy(worker->pool);
}

static void begin(void)
{
    running = most_running = started = may_end = 0;
    f1_test_sql("TRUNCATE f1board.job; TRUNCATE f1board.schedule; DROP TABLE IF EXISTS public.done;"
                "CREATE TABLE public.done (id bigint, name text)");
}

static apr_int64_t add(const f1_order_t *order)
{
    apr_int64_t id;

    f1_assert_ok(f1_queue_add(f1_test_conn(), order, &id, f1_test_pool(), f1_test_result()), f1_test_result());
    return id;
}

static const char *job(apr_int64_t id, const char *columns)
{
    return f1_test_sql(
        apr_psprintf(f1_test_pool(), "SELECT %s FROM f1board.job WHERE id = %" APR_INT64_T_FMT, columns, id));
}

static void wait_for(const char *sql, const char *expected)
{
    apr_time_t end = apr_time_now() + LONG_ENOUGH;

    while (strcmp(f1_test_sql(sql), expected) != 0 && apr_time_now() < end) {
        apr_sleep(apr_time_from_msec(20));
    }
    assert_string_equal(f1_test_sql(sql), expected);
}

static void wait_for_started(int count)
{
    apr_time_t end = apr_time_now() + LONG_ENOUGH;

    while (started < count && apr_time_now() < end) {
        apr_sleep(apr_time_from_msec(5));
    }
    assert_int_equal(started, count);
}

/* A runner at work on the one job there is, of a kind that goes on. */
static worker_t *start_on(const char *kind, apr_int64_t *pid)
{
    worker_t *worker;

    begin();
    *pid = add(&(f1_order_t){.kind = kind});
    worker = start(0);
    wait_for_started(1);
    return worker;
}

/* --- Tests */

static void a_job_tells_its_result(void **state)
{
    apr_int64_t id;

    (void)state;
    begin();
    id = add(&(f1_order_t){.kind = "tell"});
    assert_string_equal(job(id, "state, attempts"), "PENDING|0");
    drain();
    assert_string_equal(job(id, "state, attempts, result->>'told', error, lease IS NULL, finished_at IS NULL"),
                        "SUCCESS|1|1||t|f");
}

static void a_key_is_there_once(void **state)
{
    const f1_order_t order = {.kind = "tell", .key = "races 2024"};

    (void)state;
    begin();
    assert_true(add(&order) > 0);
    assert_int_equal(add(&order), 0);
    drain();
    assert_true(add(&order) > 0);
}

static void small_priorities_go_first(void **state)
{
    (void)state;
    begin();
    (void)add(&(f1_order_t){.kind = "count", .payload = "{\"name\":\"usual\"}"});
    (void)add(&(f1_order_t){.kind = "count", .payload = "{\"name\":\"later\"}", .priority = 80});
    (void)add(&(f1_order_t){.kind = "count", .payload = "{\"name\":\"first\"}", .priority = 10});
    (void)add(&(f1_order_t){
        .kind = "count", .payload = "{\"name\":\"not yet\"}", .run_at = f1_clock_now() + apr_time_from_sec(3600)});
    drain();
    assert_string_equal(f1_test_sql("SELECT string_agg(name, ',' ORDER BY ctid) FROM public.done"),
                        "first,usual,later");
}

/* Ordered while one works, another comes after it; ordered twice, one. */
static void a_key_that_is_given_away_is_free(void **state)
{
    const f1_order_t order = {.kind = "empty", .key = "box"};
    worker_t *worker;

    (void)state;
    begin();
    assert_int_not_equal(add(&order), 0);
    worker = start(0);
    wait_for_started(1);
    assert_int_not_equal(add(&order), 0);
    assert_int_equal(add(&order), 0);
    may_end = 1;
    wait_for("SELECT count(*) FROM f1board.job WHERE state = 'SUCCESS'", "2");
    assert_int_equal(stop(worker), APR_SUCCESS);
}

static void failures_come_again_with_pauses(void **state)
{
    apr_int64_t id, final;

    (void)state;
    begin();
    id = add(&(f1_order_t){.kind = "fail", .attempts_max = 2});
    final = add(&(f1_order_t){.kind = "fail", .payload = "{\"final\":true}"});
    drain();
    assert_string_equal(job(id, "state, attempts, error_code, error, retry_at > clock_timestamp() + interval '5 s'"),
                        "RETRY|1|upstream_error|upstream_error: upstream is away|t");
    assert_string_equal(job(final, "state, attempts, error"), "FAILURE|1|not_found: no such race");
    drain();
    assert_string_equal(job(id, "state, attempts"), "RETRY|1");
    f1_test_sql("UPDATE f1board.job SET retry_at = clock_timestamp() WHERE state = 'RETRY'");
    drain();
    assert_string_equal(job(id, "state, attempts, finished_at IS NULL"), "FAILURE|2|f");
    assert_non_null(strstr(f1_test_log(), "F1B0761"));
    assert_non_null(strstr(f1_test_log(), "F1B0760"));
}

/* Exactly once, with as many runners as two nodes of two children have. */
static void a_crowd_does_each_job_once(void **state)
{
    worker_t *crowd[CROWD];

    (void)state;
    begin();
    f1_test_sql("INSERT INTO f1board.job (kind, payload, run_at)"
                "SELECT 'count', '{\"name\": \"x\"}', now() FROM generate_series(1, 1000)");
    start_crowd(crowd, 1);
    end_crowd(crowd, join);
    assert_string_equal(f1_test_sql("SELECT count(*), count(DISTINCT id) FROM public.done"), "1000|1000");
    assert_string_equal(f1_test_sql("SELECT state, max(attempts), count(*) FROM f1board.job GROUP BY state"),
                        "SUCCESS|1|1000");
}

static void no_more_of_a_kind_run_than_may(void **state)
{
    worker_t *crowd[CROWD];
    int i;

    (void)state;
    begin();
    for (i = 0; i < 6; i++) {
        (void)add(&(f1_order_t){.kind = "linger"});
    }
    (void)add(&(f1_order_t){.kind = "tell", .priority = 90});
    start_crowd(crowd, 0);
    wait_for_started(2);
    /* others go on meanwhile */
    wait_for("SELECT state FROM f1board.job WHERE kind = 'tell'", "SUCCESS");
    assert_int_equal(started, 2);
    may_end = 1;
    wait_for("SELECT DISTINCT state FROM f1board.job", "SUCCESS");
    assert_int_equal(most_running, 2);
    end_crowd(crowd, stop);
}

static void a_sleeper_is_woken(void **state)
{
    worker_t *worker;
    apr_int64_t id;

    (void)state;
    begin();
    worker = start(0);
    wait_for(SLEEPERS, "1");
    id = add(&(f1_order_t){.kind = "tell"});
    wait_for(apr_psprintf(f1_test_pool(), "SELECT state FROM f1board.job WHERE id = %" APR_INT64_T_FMT, id), "SUCCESS");
    assert_int_equal(stop(worker), APR_SUCCESS);
}

static void a_stopped_runner_gives_its_job_back(void **state)
{
    worker_t *worker;
    apr_time_t before;
    apr_int64_t id;

    (void)state;
    worker = start_on("linger", &id);
    before = apr_time_now();
    assert_int_equal(stop(worker), APR_SUCCESS);
    assert_true(apr_time_now() - before < LONG_ENOUGH);
    assert_string_equal(job(id, "state, attempts, lease IS NULL"), "PENDING|0|t");
    may_end = 1;
    drain();
    assert_string_equal(job(id, "state, attempts"), "SUCCESS|1");
}

static void a_job_can_be_cancelled(void **state)
{
    worker_t *worker;
    apr_int64_t id;

    (void)state;
    worker = start_on("linger", &id);
    wait_for("SELECT progress->>'doing' FROM f1board.job", "lingering");
    f1_test_sql("UPDATE f1board.job SET cancel_asked = true");
    wait_for("SELECT state FROM f1board.job", "CANCELLED");
    assert_string_equal(job(id, "cancel_asked, error"), "f|unavailable: the job was cancelled");
    assert_int_equal(stop(worker), APR_SUCCESS);
}

/* The first runner is silent for longer than its lease; the second does the job, and the first's outcome is void. */
static void a_lost_lease_is_another_runners_job(void **state)
{
    worker_t *worker;
    apr_int64_t id;

    (void)state;
    worker = start_on("sulk", &id);
    f1_test_sql("UPDATE f1board.job SET lease_until = clock_timestamp() - interval '1 s', kind = 'tell'");
    drain();
    assert_string_equal(job(id, "state, attempts, result->>'told'"), "SUCCESS|2|2");
    may_end = 1;
    wait_for(SLEEPERS, "1");
    assert_string_equal(job(id, "state, attempts, error_code"), "SUCCESS|2|");
    assert_int_equal(stop(worker), APR_SUCCESS);
    assert_non_null(strstr(f1_test_log(), "F1B0764"));
}

static void an_outage_loses_no_outcome(void **state)
{
    apr_int64_t id;
    worker_t *worker;

    (void)state;
    begin();
    id = add(&(f1_order_t){.kind = "cut_queue"});
    worker = start(0);
    wait_for("SELECT state FROM f1board.job", "SUCCESS");
    assert_string_equal(job(id, "attempts"), "1");
    assert_int_equal(stop(worker), APR_SUCCESS);
}

/* --- The schedule */

static void schedule(const char *name, const char *period, const char *phase)
{
    f1_test_sql(apr_psprintf(f1_test_pool(),
                             "INSERT INTO f1board.schedule (name, kind, period, phase, summary)"
                             "VALUES ('%s', 'tell', '%s', '%s', 'a test')",
                             name, period, phase));
}

static const char *run_schedule(const char *now)
{
    return f1_test_sql(apr_psprintf(f1_test_pool(),
                                    "SET search_path = f1board; SET TimeZone = 'UTC';"
                                    "SELECT schedule_run('%s')",
                                    now));
}

static const char *jobs_made(void)
{
    return f1_test_sql("SELECT count(*) FROM f1board.job");
}

static void what_is_due_becomes_a_job_once(void **state)
{
    (void)state;
    begin();
    schedule("daily", "1 day", "2 hours");
    schedule("weekly", "7 days", "4 hours");
    assert_string_equal(run_schedule("2024-07-28T13:00:00Z"), "2024-07-29 02:00:00+00");
    assert_string_equal(jobs_made(), "0");
    assert_string_equal(f1_test_sql("SELECT next_at AT TIME ZONE 'UTC' FROM f1board.schedule WHERE name = 'weekly'"),
                        "2024-07-29 04:00:00");
    assert_string_equal(run_schedule("2024-07-29T02:00:00Z"), "2024-07-29 04:00:00+00");
    assert_string_equal(run_schedule("2024-07-29T02:00:01Z"), "2024-07-29 04:00:00+00");
    assert_string_equal(f1_test_sql("SELECT kind, unique_key, state FROM f1board.job"), "tell|schedule daily|PENDING");
}

static void what_was_missed_is_caught_up_once(void **state)
{
    (void)state;
    begin();
    schedule("hourly", "1 hour", "0");
    (void)run_schedule("2024-03-31T00:30:00Z");
    /* the night in which Europe's clocks change, and half a day more */
    assert_string_equal(run_schedule("2024-03-31T12:30:00Z"), "2024-03-31 13:00:00+00");
    assert_string_equal(jobs_made(), "1");
    /* and it runs still when it is due again: two would only do the same twice */
    assert_string_equal(run_schedule("2024-03-31T13:00:00Z"), "2024-03-31 14:00:00+00");
    assert_string_equal(jobs_made(), "1");
}

static void a_clock_set_back_and_a_pause(void **state)
{
    (void)state;
    begin();
    schedule("daily", "1 day", "2 hours");
    (void)run_schedule("2024-07-28T13:00:00Z");
    assert_string_equal(run_schedule("2021-03-28T13:00:00Z"), "2021-03-29 02:00:00+00");
    f1_test_sql("UPDATE f1board.schedule SET is_paused = true");
    assert_string_equal(run_schedule("2021-04-28T13:00:00Z"), "");
    assert_string_equal(jobs_made(), "0");
}

/* Nobody tells it that the time has come, and its next look would be minutes away. */
static void a_runner_wakes_when_something_is_due(void **state)
{
    worker_t *worker;

    (void)state;
    begin();
    (void)add(&(f1_order_t){
        .kind = "count", .payload = "{\"name\":\"later\"}", .run_at = f1_clock_now() + apr_time_from_sec(2)});
    schedule("often", "2 seconds", "0");
    worker = start(0);
    wait_for("SELECT count(*) >= 2 FROM f1board.job WHERE kind = 'tell' AND state = 'SUCCESS'", "t");
    wait_for("SELECT name FROM public.done", "later");
    stop(worker);
}

static void one_of_many_runners_finds_it_due(void **state)
{
    worker_t *crowd[CROWD];

    (void)state;
    begin();
    assert_int_equal(f1_clock_set("2024-07-28T13:00:00Z@0", 0), APR_SUCCESS);
    schedule("daily", "1 day", "2 hours");
    (void)run_schedule("2024-07-27T13:00:00Z");
    start_crowd(crowd, 1);
    end_crowd(crowd, join);
    assert_string_equal(f1_test_sql("SELECT count(*), min(state) FROM f1board.job"), "1|SUCCESS");
    assert_int_equal(f1_clock_set(NULL, 0), APR_SUCCESS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        F1_TEST(a_job_tells_its_result),
        F1_TEST(a_key_is_there_once),
        F1_TEST(a_key_that_is_given_away_is_free),
        F1_TEST(small_priorities_go_first),
        F1_TEST(failures_come_again_with_pauses),
        F1_TEST(a_crowd_does_each_job_once),
        F1_TEST(no_more_of_a_kind_run_than_may),
        F1_TEST(a_sleeper_is_woken),
        F1_TEST(a_stopped_runner_gives_its_job_back),
        F1_TEST(a_job_can_be_cancelled),
        F1_TEST(a_lost_lease_is_another_runners_job),
        F1_TEST(an_outage_loses_no_outcome),
        F1_TEST(what_is_due_becomes_a_job_once),
        F1_TEST(what_was_missed_is_caught_up_once),
        F1_TEST(a_clock_set_back_and_a_pause),
        F1_TEST(a_runner_wakes_when_something_is_due),
        F1_TEST(one_of_many_runners_finds_it_due),
    };

    return f1_test_run(tests);
}
