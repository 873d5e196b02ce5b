/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* What happened is told event by event, each in a transaction of its own; reminders in statements of bounded size. What
 * is said stands in sql/stmt/notify. */

#include "task/notifications.h"

#include <string.h>

#include <apr_general.h>

#include "base/clock.h"
#include "base/str.h"
#include "db/query.h"
#include "gen/statements.h"

/* Rows of a statement that reminds. The lease is prolonged between two of them. */
#define REMINDERS_AT_ONCE 20000

/* How each kind of event is told; others are nobody's business. */
static const struct {
    const char *kind;
    const f1_statement_t *statement;
} tales[] = {
    {"results", &f1_stmt_notify_results},       {"correction", &f1_stmt_notify_correction},
    {"race_moved", &f1_stmt_notify_calendar},   {"race_cancelled", &f1_stmt_notify_calendar},
    {"race_revived", &f1_stmt_notify_calendar},
};

typedef enum { EVENTS, NOTIFICATIONS, MAILS, DELIVERIES, COUNTS } count_t;

typedef struct work_t {
    f1_job_t *job;
    apr_pool_t *pool; /* of one statement */
    char now[F1_TIME_LEN];
    apr_int64_t counts[COUNTS];
} work_t;

/* Tells, and adds what the statement says of how many it told. */
static apr_status_t tell(work_t *work, const f1_statement_t *statement, const char *const *values, f1_result_t *res)
{
    f1_rows_t *rows;
    int i;

    if (f1_query(work->job->conn, statement, values, &rows, work->pool, res) != APR_SUCCESS) {
        return res->rv;
    }
    for (i = NOTIFICATIONS; i < COUNTS; i++) {
        apr_int64_t count = 0;

        (void)f1_str_to_int64(f1_rows_get(rows, 0, i - NOTIFICATIONS), &count);
        work->counts[i] += count;
    }
    return APR_SUCCESS;
}

/* The body of a transaction. */
static apr_status_t tell_event(f1_conn_t *conn, void *baton, f1_result_t *res)
{
    work_t *work = baton;
    f1_rows_t *rows;
    size_t i;

    if (f1_query(conn, &f1_stmt_notify_take_event, NULL, &rows, work->pool, res) != APR_SUCCESS ||
        !f1_rows_count(rows)) {
        return res->rv;
    }
    work->counts[EVENTS]++;
    for (i = 0; i < sizeof(tales) / sizeof(tales[0]); i++) {
        if (strcmp(tales[i].kind, f1_rows_get(rows, 0, 1)) == 0) {
            const char *values[] = {f1_rows_get(rows, 0, 0), work->now};

            return tell(work, tales[i].statement, values, res);
        }
    }
    return APR_SUCCESS;
}

static apr_status_t tell_events(work_t *work, f1_result_t *res)
{
    apr_int64_t before;

    do {
        before = work->counts[EVENTS];
        apr_pool_clear(work->pool);
        if (f1_job_step(work->job, (int)before, 0, "events", res) != APR_SUCCESS ||
            f1_transaction(work->job->conn, tell_event, work, res) != APR_SUCCESS) {
            return res->rv;
        }
    } while (work->counts[EVENTS] > before);
    return APR_SUCCESS;
}

static apr_status_t remind(work_t *work, f1_result_t *res)
{
    const char *values[] = {work->now, APR_STRINGIFY(REMINDERS_AT_ONCE)};
    apr_int64_t before;

    do {
        before = work->counts[NOTIFICATIONS];
        apr_pool_clear(work->pool);
        if (f1_job_step(work->job, 0, 0, "reminders", res) != APR_SUCCESS ||
            tell(work, &f1_stmt_notify_reminders, values, res) != APR_SUCCESS) {
            return res->rv;
        }
    } while (work->counts[NOTIFICATIONS] == before + REMINDERS_AT_ONCE);
    return APR_SUCCESS;
}

apr_status_t f1_notifications_run(f1_job_t *job, f1_result_t *res)
{
    static const char *const names[COUNTS] = {"events", "notifications", "mails", "deliveries"};
    work_t work = {.job = job};
    int i;

    apr_pool_create(&work.pool, job->pool);
    f1_time_format(work.now, f1_clock_now());
    if (f1_job_give_key(job, res) == APR_SUCCESS && tell_events(&work, res) == APR_SUCCESS) {
        (void)remind(&work, res);
    }
    for (i = 0; i < COUNTS; i++) {
        (void)json_object_set_new(job->result, names[i], json_integer(work.counts[i]));
    }
    return res->rv;
}
