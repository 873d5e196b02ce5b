/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Deliveries, one by one, to whichever webhook has waited longest. */

#include "task/send_webhooks.h"

#include <string.h>

#include <apr_strings.h>

#include "base/base64.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/http.h"
#include "base/log.h"
#include "base/str.h"
#include "db/query.h"
#include "gen/statements.h"
#include "task/task.h"

#define SHIFT apr_time_from_sec(10) /* then other jobs may go first */
#define LEASE apr_time_from_sec(60) /* longer than a request */
#define TIMEOUT apr_time_from_sec(10)
#define CONNECT_TIMEOUT apr_time_from_sec(5)
#define ANSWER_MAX 4096
#define RETRY_MIN apr_time_from_sec(10)
#define RETRY_MAX apr_time_from_sec(3600)
#define ATTEMPTS 8 /* of a delivery: about twenty minutes, where it is the only one */
#define FAILURES "20" /* of a webhook in a row: about half a day */
#define HTTP_GONE 410

/* Columns of delivery/webhook_take. */
enum { ID, WEBHOOK, URL, SECRET, FAILURES_SO_FAR, ATTEMPTS_SO_FAR, BODY };

typedef struct round_t {
    f1_job_t *job;
    f1_http_t *http;
    const char *lease;
    apr_pool_t *pool; /* of the delivery */
    int delivered, failed;
} round_t;

/* How a delivery went. */
typedef struct outcome_t {
    int status; /* 0: no answer */
    const char *error; /* NULL: it was taken */
    int was_sent;
} outcome_t;

const char *f1_webhook_signature(const unsigned char *secret, size_t secret_len, const char *id, const char *seconds,
                                 const char *body, apr_pool_t *pool)
{
    const char *text = apr_pstrcat(pool, id, ".", seconds, ".", body, NULL);
    unsigned char mac[F1_HMAC_LEN];

    f1_hmac_sha256(mac, secret, secret_len, text, strlen(text));
    return apr_pstrcat(pool, "v1,", f1_base64_encode(f1_base64_standard, mac, sizeof(mac), pool), "=", NULL);
}

/* Receivers refuse old signatures, so the time is the real one. */
static outcome_t post(const round_t *round, const f1_rows_t *rows)
{
    apr_pool_t *pool = round->pool;
    const char *id = f1_rows_get(rows, 0, ID), *body = f1_rows_get(rows, 0, BODY),
               *secret = f1_rows_get(rows, 0, SECRET);
    const char *seconds = apr_psprintf(pool, "%" APR_TIME_T_FMT, apr_time_sec(apr_time_now()));
    size_t len;
    const unsigned char *key = f1_base64_decode(f1_base64_standard, secret, strlen(secret), &len, pool);
    const char *const headers[] = {
        "Content-Type: application/json", apr_pstrcat(pool, "webhook-id: ", id, NULL),
        apr_pstrcat(pool, "webhook-timestamp: ", seconds, NULL),
        apr_pstrcat(pool, "webhook-signature: ", f1_webhook_signature(key, len, id, seconds, body, pool), NULL), NULL};
    const f1_http_post_t request = {
        .url = f1_rows_get(rows, 0, URL), .headers = headers, .body = body, .body_len = strlen(body)};
    f1_result_t *res = f1_result_make(pool);
    f1_http_reply_t *reply;

    if (f1_http_post(round->http, &request, &reply, pool, res) != APR_SUCCESS) {
        return (outcome_t){.error = res->detail, .was_sent = !APR_STATUS_IS_EINTR(res->rv)};
    }
    return (outcome_t){.status = reply->status,
                       .error = reply->status / 100 == 2 ? NULL : apr_psprintf(pool, "status %d", reply->status),
                       .was_sent = 1};
}

static outcome_t deliver(const round_t *round, const f1_rows_t *rows)
{
    const f1_task_context_t *context = round->job->context;

    if (!context->webhook_http && strncmp(f1_rows_get(rows, 0, URL), "https://", 8) != 0) {
        return (outcome_t){.error = "this service sends to https URLs only", .was_sent = 1};
    }
    return post(round, rows);
}

static int number(const f1_rows_t *rows, int column)
{
    apr_int64_t value = 0;

    (void)f1_str_to_int64(f1_rows_get(rows, 0, column), &value);
    return (int)value;
}

static apr_status_t settle(round_t *round, const f1_rows_t *rows, const outcome_t *outcome, f1_result_t *res)
{
    apr_pool_t *pool = round->pool;
    int is_last = outcome->was_sent && number(rows, ATTEMPTS_SO_FAR) + 1 >= ATTEMPTS;
    apr_interval_time_t pause = 0;
    char now[F1_TIME_LEN];
    const char *values[] = {f1_rows_get(rows, 0, ID),
                            f1_rows_get(rows, 0, WEBHOOK),
                            round->lease,
                            !outcome->error ? "delivered"
                            : is_last       ? "failed"
                                            : "waiting",
                            outcome->was_sent ? "true" : "false",
                            outcome->status ? apr_itoa(pool, outcome->status) : NULL,
                            outcome->error,
                            NULL,
                            outcome->status == HTTP_GONE ? "true" : "false",
                            FAILURES,
                            f1_time_format(now, f1_clock_now())};

    if (outcome->error && outcome->was_sent) {
        pause = f1_backoff(number(rows, FAILURES_SO_FAR) + 1, RETRY_MIN, RETRY_MAX);
    }
    values[7] = apr_ltoa(pool, (long)apr_time_as_msec(pause));
    round->delivered += !outcome->error;
    round->failed += outcome->error && outcome->was_sent;
    return f1_query(round->job->conn, &f1_stmt_delivery_webhook_settle, values, NULL, pool, res);
}

/* If deliveries wait that this job is not at, another job comes for them. */
static apr_status_t order_more(const round_t *round, f1_result_t *res)
{
    char now[F1_TIME_LEN];
    const char *values[] = {f1_time_format(now, f1_clock_now()), round->lease};

    return f1_query(round->job->conn, &f1_stmt_delivery_webhook_more, values, NULL, round->job->pool, res);
}

/* One delivery. *pfound: there was one. */
static apr_status_t send_one(round_t *round, int *pfound, f1_result_t *res)
{
    const char *values[] = {round->lease, apr_ltoa(round->pool, (long)apr_time_as_msec(LEASE))};
    f1_rows_t *rows;
    outcome_t outcome;

    if (f1_query(round->job->conn, &f1_stmt_delivery_webhook_take, values, &rows, round->pool, res) != APR_SUCCESS) {
        return res->rv;
    }
    *pfound = f1_rows_count(rows) > 0;
    /* a receiver that takes its time keeps none but itself waiting */
    if (!*pfound || (round->delivered + round->failed == 0 && order_more(round, res) != APR_SUCCESS)) {
        return res->rv;
    }
    outcome = deliver(round, rows);
    return settle(round, rows, &outcome, res);
}

static apr_status_t send_all(round_t *round, f1_result_t *res)
{
    apr_time_t until = apr_time_now() + SHIFT;
    int found = 1;

    while (found && apr_time_now() < until) {
        if (f1_job_step(round->job, round->delivered, 0, NULL, res) != APR_SUCCESS ||
            send_one(round, &found, res) != APR_SUCCESS) {
            return res->rv;
        }
        apr_pool_clear(round->pool);
    }
    return order_more(round, res);
}

static int job_is_stopping(void *baton)
{
    return f1_job_is_stopping(baton);
}

apr_status_t f1_send_webhooks(f1_job_t *job, f1_result_t *res)
{
    const f1_task_context_t *context = job->context;
    const f1_http_options_t options = {.user_agent = context->user_agent,
                                       .timeout = TIMEOUT,
                                       .connect_timeout = CONNECT_TIMEOUT,
                                       .max_body = ANSWER_MAX,
                                       .ca_file = context->ca_file,
                                       .is_stopping = job_is_stopping,
                                       .baton = job,
                                       .public_only = !context->webhook_private};
    round_t round = {.job = job, .lease = f1_random_uuid(job->pool)};

    apr_pool_create(&round.pool, job->pool);
    if (f1_http_create(&round.http, &options, job->pool, res) == APR_SUCCESS &&
        f1_job_give_key(job, res) == APR_SUCCESS) {
        (void)send_all(&round, res);
    }
    (void)json_object_set_new(job->result, "delivered", json_integer(round.delivered));
    (void)json_object_set_new(job->result, "failed", json_integer(round.failed));
    return res->rv;
}
