/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* The loop of a runner: take a job, do it, say how it ended while taking the next. How a job ended is kept until the
 * database has it, so that an outage loses nothing but time. */

#include "job/runner.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <apr_strings.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/str.h"
#include "db/query.h"
#include "gen/statements.h"

#define RETRY_MIN apr_time_from_sec(10)
#define RETRY_MAX apr_time_from_sec(3600)
#define OUTAGE_MIN apr_time_from_msec(250)
#define OUTAGE_MAX apr_time_from_sec(10)
#define BUSY_PAUSE apr_time_from_msec(50) /* of who runs until nothing is due, while what is due is with others */
#define GIVE_WAY_TIMES 4 /* as long as it worked */
#define GIVE_WAY_MAX apr_time_from_sec(1)
#define STEP_MIN apr_time_from_msec(500)
#define RACES_MAX 10 /* lost in a row for a slot of one kind: the queue is as busy as can be */
#define TEXT_MAX (64 * 1024)

/* Parameters of job/take, in its order. */
enum { ID, LEASE, STATE, RETRY_MS, RESULT, ERROR_CODE, ERROR, KINDS, MOST, NOW, LEASE_MS, TAKE_PARAMS };

struct f1_runner_t {
    f1_runner_options_t options;
    apr_pool_t *pool;
    const char *kinds, *most, *lease_ms; /* as PostgreSQL has them */
    int wake[2];
    atomic_int is_stopped;
    int is_rested; /* there was nothing to take before it slept */
    long count;
    /* the job at hand */
    apr_pool_t *job_pool;
    f1_job_t *job; /* NULL: there is none */
    const char *id, *lease;
    int attempts_max, is_lost, is_cancelled;
    apr_time_t began_at, resumed_at, next_step;
    const char *outcome[TAKE_PARAMS]; /* how it ended; ID NULL: there is nothing to tell */
};

static apr_status_t close_pipe(void *data)
{
    f1_runner_t *runner = data;

    close(runner->wake[0]);
    close(runner->wake[1]);
    return APR_SUCCESS;
}

/* Names are words, so that an array's text needs no quotes. */
static void write_kinds(f1_runner_t *runner)
{
    const f1_job_kind_t *kind;
    f1_buf_t names, most;

    f1_buf_init(&names, runner->pool, 256, TEXT_MAX);
    f1_buf_init(&most, runner->pool, 64, TEXT_MAX);
    for (kind = runner->options.kinds; kind->name; kind++) {
        f1_buf_addf(&names, "%c%s", kind == runner->options.kinds ? '{' : ',', kind->name);
        f1_buf_addf(&most, "%c%d", kind == runner->options.kinds ? '{' : ',', kind->most);
    }
    f1_buf_addc(&names, '}');
    f1_buf_addc(&most, '}');
    runner->kinds = names.data;
    runner->most = most.data;
}

apr_status_t f1_runner_create(f1_runner_t **prunner, const f1_runner_options_t *options, apr_pool_t *pool,
                              f1_result_t *res)
{
    f1_runner_t *runner = apr_pcalloc(pool, sizeof(*runner));

    if (pipe2(runner->wake, O_CLOEXEC | O_NONBLOCK)) {
        return f1_result_fail(res, F1_E_INTERNAL, errno, "no pipe can be made");
    }
    apr_pool_cleanup_register(pool, runner, close_pipe, apr_pool_cleanup_null);
    runner->pool = pool;
    runner->options = *options;
    if (!runner->options.lease) {
        runner->options.lease = F1_RUNNER_LEASE;
    }
    if (!runner->options.idle) {
        runner->options.idle = F1_RUNNER_IDLE;
    }
    runner->lease_ms = apr_ltoa(pool, (long)apr_time_as_msec(runner->options.lease));
    write_kinds(runner);
    apr_pool_create(&runner->job_pool, pool);
    apr_pool_tag(runner->job_pool, "f1board_job");
    *prunner = runner;
    return APR_SUCCESS;
}

void f1_runner_stop(f1_runner_t *runner)
{
    runner->is_stopped = 1;
    /* full is as good as written to */
    (void)!write(runner->wake[1], "", 1);
}

long f1_runner_count(const f1_runner_t *runner)
{
    return runner->count;
}

/* Sleeps, unless the runner is stopped. */
static void nap(f1_runner_t *runner, apr_interval_time_t duration)
{
    struct pollfd wake = {runner->wake[0], POLLIN, 0};

    (void)poll(&wake, 1, (int)apr_time_as_msec(duration));
}

/* Jobs can wait, and what they make the database do has no low priority there. */
static void give_way(f1_runner_t *runner)
{
    apr_interval_time_t pause = (apr_time_now() - runner->resumed_at) * GIVE_WAY_TIMES;

    if (runner->options.is_busy && runner->options.is_busy(runner->options.baton)) {
        nap(runner, pause < GIVE_WAY_MAX ? pause : GIVE_WAY_MAX);
    }
    runner->resumed_at = apr_time_now();
}

/* --- What jobs call */

static const char *progress_text(int done, int total, const char *doing, apr_pool_t *pool)
{
    json_t *progress = f1_json_own(json_pack("{s:i, s:i, s:s*}", "done", done, "total", total, "doing", doing), pool);
    char *text = progress ? json_dumps(progress, JSON_COMPACT) : NULL;
    const char *kept = apr_pstrdup(pool, text);

    free(text);
    return kept;
}

/* Whether the job may go on, as its row says. An outage does not stop it: its lease may outlive that. */
static void ask_row(f1_runner_t *runner, const char *progress, apr_pool_t *pool)
{
    const char *values[] = {runner->id, runner->lease, runner->lease_ms, progress};
    f1_result_t *res = f1_result_make(pool);
    f1_conn_t *conn;
    f1_rows_t *rows;

    if (runner->options.queue->open(runner->options.queue, &conn, pool, res) != APR_SUCCESS) {
        return;
    }
    if (f1_query(conn, &f1_stmt_job_step, values, &rows, pool, res) == APR_SUCCESS) {
        runner->is_lost = !f1_rows_count(rows);
        runner->is_cancelled = !runner->is_lost && *f1_rows_get(rows, 0, 0) == 't';
    }
    runner->options.queue->close(runner->options.queue, conn);
}

static int should_stop(const f1_runner_t *runner)
{
    return runner->is_stopped || runner->is_lost || runner->is_cancelled;
}

static void step(f1_runner_t *runner, int done, int total, const char *doing, int has_words)
{
    apr_time_t now = apr_time_now();
    apr_pool_t *pool;

    if (should_stop(runner) || now < runner->next_step) {
        return;
    }
    runner->next_step = now + STEP_MIN;
    apr_pool_create(&pool, runner->job_pool);
    ask_row(runner, has_words ? progress_text(done, total, doing, pool) : NULL, pool);
    apr_pool_destroy(pool);
}

apr_status_t f1_job_step(f1_job_t *job, int done, int total, const char *doing, f1_result_t *res)
{
    f1_runner_t *runner = job->runner;

    give_way(runner);
    step(runner, done, total, doing, 1);
    if (!should_stop(runner)) {
        return APR_SUCCESS;
    }
    return f1_result_fail(res, F1_E_UNAVAILABLE, APR_EINTR, "%s",
                          runner->is_lost        ? "the job is another runner's by now"
                          : runner->is_cancelled ? "the job was cancelled"
                                                 : "the runner is told to stop");
}

int f1_job_is_stopping(f1_job_t *job)
{
    step(job->runner, 0, 0, NULL, 0);
    return should_stop(job->runner);
}

/* --- How a job ends */

/* What was asked for cannot be, however often it is tried. */
static int is_final(f1_error_t error)
{
    int http = f1_error_http(error);

    return http >= 400 && http < 500 && error != F1_E_CONFLICT;
}

static const char *state_after(const f1_runner_t *runner, const f1_result_t *res)
{
    if (res->error == F1_E_OK) {
        return "SUCCESS";
    }
    if (runner->is_cancelled) {
        return "CANCELLED";
    }
    if (runner->is_stopped && APR_STATUS_IS_EINTR(res->rv)) {
        return "PENDING";
    }
    return is_final(res->error) || runner->job->attempt >= runner->attempts_max ? "FAILURE" : "RETRY";
}

static const char *result_text(const f1_job_t *job)
{
    char *text = json_object_size(job->result) ? json_dumps(job->result, JSON_COMPACT) : NULL;
    const char *kept = apr_pstrdup(job->pool, text);

    free(text);
    return kept;
}

static void log_end(const f1_runner_t *runner, const char *state, const f1_result_t *res)
{
    const f1_job_t *job = runner->job;

    if (!strcmp(state, "FAILURE")) {
        f1_log(F1_LOG_ERR, res->rv, F1LOGNO(0760) "job %" APR_INT64_T_FMT " (%s) failed for good: %s", job->id,
               job->kind, f1_result_text(res, job->pool));
    }
    else if (!strcmp(state, "RETRY")) {
        f1_log(F1_LOG_WARNING, res->rv, F1LOGNO(0761) "job %" APR_INT64_T_FMT " (%s) failed at attempt %d: %s", job->id,
               job->kind, job->attempt, f1_result_text(res, job->pool));
    }
    else {
        f1_log(F1_LOG_DEBUG, APR_SUCCESS, F1LOGNO(0762) "job %" APR_INT64_T_FMT " (%s): %s", job->id, job->kind, state);
    }
}

static void report(const f1_runner_t *runner, const char *state)
{
    if (runner->options.report) {
        runner->options.report(runner->options.baton, runner->job, state, apr_time_now() - runner->began_at);
    }
}

/* Fills in what the next job/take tells. */
static void note_outcome(f1_runner_t *runner, const f1_result_t *res)
{
    const char **outcome = runner->outcome, *state;
    apr_interval_time_t pause;

    if (runner->is_lost) {
        report(runner, "LOST");
        f1_log(F1_LOG_WARNING, APR_SUCCESS,
               F1LOGNO(0763) "job %" APR_INT64_T_FMT " (%s) took too long without a step, and went to another runner",
               runner->job->id, runner->job->kind);
        return;
    }
    state = state_after(runner, res);
    report(runner, state);
    log_end(runner, state, res);
    outcome[ID] = runner->id;
    outcome[LEASE] = runner->lease;
    outcome[STATE] = state;
    outcome[RESULT] = result_text(runner->job);
    if (res->error != F1_E_OK && strcmp(state, "PENDING") != 0) {
        outcome[ERROR_CODE] = f1_error_code(res->error);
        outcome[ERROR] = f1_result_text(res, runner->job_pool);
    }
    if (!strcmp(state, "RETRY")) {
        pause = f1_backoff(runner->job->attempt, RETRY_MIN, RETRY_MAX);
        if (pause < apr_time_from_sec(res->retry_after)) {
            pause = apr_time_from_sec(res->retry_after);
        }
        outcome[RETRY_MS] = apr_ltoa(runner->job_pool, (long)apr_time_as_msec(pause));
    }
}

static void forget_outcome(f1_runner_t *runner)
{
    memset(runner->outcome, 0, sizeof(runner->outcome));
    runner->job = NULL;
    apr_pool_clear(runner->job_pool);
}

/* --- The loop */

static const f1_job_kind_t *find_kind(const f1_runner_t *runner, const char *name)
{
    const f1_job_kind_t *kind;

    for (kind = runner->options.kinds; kind->name && strcmp(kind->name, name) != 0; kind++) {
    }
    return kind; /* only those that we know were asked for */
}

/* What a row of job/take says. The lease's words outlive the rows. */
static apr_status_t read_job(f1_runner_t *runner, const f1_rows_t *rows, f1_result_t *res)
{
    apr_pool_t *pool = runner->job_pool;
    f1_job_t *job = apr_pcalloc(pool, sizeof(*job));
    apr_int64_t attempt = 0, most = 0;
    json_t *payload;

    runner->id = apr_pstrdup(pool, f1_rows_get(rows, 0, 1));
    job->kind = apr_pstrdup(pool, f1_rows_get(rows, 0, 2));
    runner->lease = apr_pstrdup(pool, f1_rows_get(rows, 0, 6));
    (void)f1_str_to_int64(runner->id, &job->id);
    (void)f1_str_to_int64(f1_rows_get(rows, 0, 4), &attempt);
    (void)f1_str_to_int64(f1_rows_get(rows, 0, 5), &most);
    job->attempt = (int)attempt;
    job->pool = pool;
    job->context = runner->options.context;
    job->result = f1_json_own(json_object(), pool);
    job->runner = runner;
    runner->attempts_max = (int)most;
    runner->is_lost = runner->is_cancelled = 0;
    runner->began_at = apr_time_now();
    runner->next_step = apr_time_now() + STEP_MIN;
    runner->job = job;
    if (f1_json_parse(&payload, f1_rows_get(rows, 0, 3), f1_rows_length(rows, 0, 3), F1_E_INTERNAL, pool, res) ==
        APR_SUCCESS) {
        job->payload = payload;
    }
    return res->rv;
}

static void run_job(f1_runner_t *runner, f1_result_t *res)
{
    const f1_job_kind_t *kind = find_kind(runner, runner->job->kind);
    f1_db_t *work = runner->options.work;

    report(runner, NULL);
    if (work->open(work, &runner->job->conn, runner->job_pool, res) == APR_SUCCESS) {
        (void)kind->run(runner->job, res);
        work->close(work, runner->job->conn);
    }
    runner->count++;
}

/* Tells how the last job ended and asks for the next of kinds. */
static apr_status_t ask_take(f1_runner_t *runner, f1_conn_t *conn, const char *kinds, f1_rows_t **prows,
                             apr_pool_t *pool, f1_result_t *res)
{
    char now[F1_TIME_LEN];
    const char *values[TAKE_PARAMS];
    int races = 0;

    memcpy(values, runner->outcome, sizeof(values));
    values[KINDS] = kinds;
    values[MOST] = runner->most;
    values[NOW] = f1_time_format(now, f1_clock_now());
    values[LEASE_MS] = runner->lease_ms;
    while (f1_query(conn, &f1_stmt_job_take, values, prows, pool, res) != APR_SUCCESS) {
        if (res->error != F1_E_CONFLICT || races++ >= RACES_MAX) {
            return res->rv;
        }
        f1_result_clear(res);
    }
    return APR_SUCCESS;
}

/* *pfound: there is a next job. */
static apr_status_t take(f1_runner_t *runner, f1_conn_t *conn, int *pfound, apr_pool_t *pool, f1_result_t *res)
{
    f1_rows_t *rows;

    if (ask_take(runner, conn, runner->kinds, &rows, pool, res) != APR_SUCCESS) {
        return res->rv;
    }
    forget_outcome(runner);
    *pfound = f1_rows_get(rows, 0, 1) != NULL;
    return *pfound ? read_job(runner, rows, res) : APR_SUCCESS;
}

/* Keeps the schedule, and finds out how long there will be nothing to do. *pready: there may be something even now. */
static apr_status_t look(f1_runner_t *runner, f1_conn_t *conn, apr_interval_time_t *ppause, int *pready,
                         apr_pool_t *pool, f1_result_t *res)
{
    char now[F1_TIME_LEN];
    const char *values[] = {f1_time_format(now, f1_clock_now()), runner->kinds}, *next, *retry;
    apr_int64_t ms;
    apr_time_t at;
    f1_rows_t *rows;

    if (f1_query(conn, &f1_stmt_job_look, values, &rows, pool, res) != APR_SUCCESS) {
        return res->rv;
    }
    *ppause = runner->options.idle;
    if (strcmp(f1_rows_get(rows, 0, 0), "0") != 0) {
        f1_log(F1_LOG_WARNING, APR_SUCCESS, F1LOGNO(0764) "jobs of runners that died: %s", f1_rows_get(rows, 0, 0));
        *ppause = 0;
    }
    next = f1_rows_get(rows, 0, 1);
    if (next && f1_time_parse(next, &at) && f1_clock_until(at) < *ppause) {
        *ppause = f1_clock_until(at);
    }
    retry = f1_rows_get(rows, 0, 2);
    if (retry && f1_str_to_int64(retry, &ms) && apr_time_from_msec(ms) < *ppause) {
        *ppause = ms > 0 ? apr_time_from_msec(ms) : 0;
    }
    *pready = *f1_rows_get(rows, 0, 3) == 't';
    return APR_SUCCESS;
}

/* Without a job: sleeps, unless it slept before and there is something by now. *pidle: there is nothing. */
static apr_status_t rest(f1_runner_t *runner, f1_conn_t *conn, int *pidle, apr_pool_t *pool, f1_result_t *res)
{
    apr_interval_time_t pause = 0;
    int is_ready = 0;

    if (look(runner, conn, &pause, &is_ready, pool, res) != APR_SUCCESS) {
        return res->rv;
    }
    /* what nobody took a moment ago, nobody may take now: too many of its kind run */
    *pidle = !runner->is_rested || !is_ready;
    runner->is_rested = *pidle;
    if (runner->options.until_idle) {
        apr_sleep(*pidle ? 0 : BUSY_PAUSE);
    }
    else if (*pidle && pause > 0) {
        (void)f1_conn_wait(conn, "f1board_job", runner->wake[0], pause, res);
    }
    return res->rv;
}

/* One job, or one sleep. *pidle: there was none. A runner that wakes up looks before it takes: that is one statement
 * for each time that nothing came of it. */
static apr_status_t turn(f1_runner_t *runner, int *pidle, apr_pool_t *pool, f1_result_t *res)
{
    f1_db_t *queue = runner->options.queue;
    f1_conn_t *conn;
    int found = 0;

    if (queue->open(queue, &conn, pool, res) != APR_SUCCESS) {
        return res->rv;
    }
    runner->resumed_at = apr_time_now(); /* taking a job is work, too */
    if (runner->is_rested || (take(runner, conn, &found, pool, res) == APR_SUCCESS && !found)) {
        (void)rest(runner, conn, pidle, pool, res);
    }
    queue->close(queue, conn);
    if (found) {
        run_job(runner, res);
        note_outcome(runner, res);
        f1_result_clear(res);
        give_way(runner);
    }
    return res->rv;
}

/* How the last job of a stopped runner ended; it takes no other. If that fails, the job is run again by and by. */
static void tell_outcome(f1_runner_t *runner, apr_pool_t *pool)
{
    f1_result_t *res = f1_result_make(pool);
    f1_conn_t *conn;

    if (!runner->outcome[ID] || runner->options.queue->open(runner->options.queue, &conn, pool, res) != APR_SUCCESS) {
        return;
    }
    (void)ask_take(runner, conn, "{}", &(f1_rows_t *){NULL}, pool, res);
    runner->options.queue->close(runner->options.queue, conn);
    forget_outcome(runner);
}

apr_status_t f1_runner_run(f1_runner_t *runner, f1_result_t *res)
{
    int failures = 0, idle = 0;
    apr_pool_t *pool;

    apr_pool_create(&pool, runner->pool);
    apr_pool_tag(pool, "f1board_runner");
    /* what the first look finds due is a job only for the second */
    while (!runner->is_stopped && !(runner->options.until_idle && idle > 1)) {
        f1_result_t *failed = f1_result_make(pool);
        int is_idle = 0;

        if (turn(runner, &is_idle, pool, failed) == APR_SUCCESS) {
            failures = 0;
        }
        else if (runner->options.until_idle) {
            f1_result_fail(res, failed->error, failed->rv, "%s", failed->detail);
            break;
        }
        else {
            nap(runner, f1_backoff(++failures, OUTAGE_MIN, OUTAGE_MAX));
        }
        idle = is_idle ? idle + 1 : 0;
        apr_pool_clear(pool);
    }
    tell_outcome(runner, pool);
    apr_pool_destroy(pool);
    return res->rv;
}
