/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Batches of mail, from the outbox to the mail server. */

#include "task/send_mail.h"

#include <stdlib.h>
#include <string.h>

#include <apr_escape.h>
#include <apr_strings.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/http.h"
#include "base/json.h"
#include "base/log.h"
#include "base/secret_file.h"
#include "base/str.h"
#include "db/query.h"
#include "gen/statements.h"
#include "task/task.h"

#define BATCH 10 /* so many are uncertain at most when a sender dies */
#define SHIFT apr_time_from_sec(10) /* then other jobs may go first */
#define LEASE apr_time_from_sec(300) /* longer than BATCH_TIME and one mail */
#define BATCH_TIME apr_time_from_sec(120) /* after which what is left of a batch goes back */
#define RETRY_MIN apr_time_from_sec(60)
#define RETRY_MAX apr_time_from_sec(7200)
#define ATTEMPTS 16 /* most of a day */
#define AWAY_MIN apr_time_from_sec(10)
#define AWAY_MAX apr_time_from_sec(600)
#define TELL_TRIES 30 /* a second apart, while the database is away */
#define HTML_MAX (1024 * 1024)

/* Columns of delivery/mail_turn. */
enum { ID, RECIPIENT, SUBJECT, BODY, HTML, MESSAGE_ID, ATTEMPT, TOKEN };

/* A job at work. */
typedef struct shift_t {
    f1_job_t *job;
    const f1_post_office_t *office;
    f1_smtp_t *smtp;
    const char *lease;
    json_t *told; /* how the mails of the last batch went */
    apr_pool_t *pool; /* of the batch */
    apr_time_t until; /* of the batch */
    const char *away; /* why the server takes nothing; NULL: it does */
    int is_stopped;
    int count[F1_SMTP_UNCERTAIN + 1];
} shift_t;

/* --- The post office */

static const char *office_url(const char *url, apr_pool_t *pool)
{
    size_t len = url ? strlen(url) : 0;

    while (len > 0 && url[len - 1] == '/') {
        len--;
    }
    url = apr_pstrmemdup(pool, url ? url : "", len);
    return f1_http_url_is_valid(url) && !strpbrk(url, "?#<>\" ") ? url : NULL;
}

apr_status_t f1_post_office_open(const f1_post_office_t **poffice, const f1_post_settings_t *settings, apr_pool_t *pool,
                                 f1_result_t *res)
{
    f1_post_office_t *office = apr_pcalloc(pool, sizeof(*office));
    f1_result_t *why = f1_result_make(pool);

    *poffice = NULL;
    if (!settings->smtp) {
        return APR_SUCCESS;
    }
    if (!f1_smtp_url_is_valid(settings->smtp)) {
        return f1_result_fail(res, F1_E_INVALID_PARAMETER, APR_EINVAL,
                              "the mail server should be smtp://HOST[:PORT] or smtps://HOST[:PORT]");
    }
    office->smtp =
        (f1_smtp_options_t){.url = settings->smtp, .ca_file = settings->ca_file, .require_tls = settings->require_tls};
    if (settings->auth_file && f1_secret_file_login(&office->smtp.user, &office->smtp.password, settings->auth_file,
                                                    pool, res) != APR_SUCCESS) {
        return res->rv;
    }
    if (f1_mailbox_parse(&office->from, settings->from ? settings->from : "", pool, why) != APR_SUCCESS) {
        return f1_result_fail(res, F1_E_INVALID_PARAMETER, APR_EINVAL, "the sender of mail %s", why->detail);
    }
    office->host = strchr(office->from.address, '@') + 1;
    office->url = office_url(settings->url, pool);
    if (!office->url) {
        return f1_result_fail(res, F1_E_INVALID_PARAMETER, APR_EINVAL,
                              "the service's own URL, for links in mail, should be like https://example.org/f1");
    }
    *poffice = office;
    return APR_SUCCESS;
}

/* --- One mail */

/* The HTML of a mail as a whole document. */
static const char *page_of(const char *subject, const char *html, const char *unsubscribe, apr_pool_t *pool)
{
    f1_buf_t out;

    f1_buf_init(&out, pool, strlen(html) + 1024, HTML_MAX);
    f1_buf_addf(&out,
                "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>%s</title>\n</head>\n"
                "<body>\n%s\n",
                apr_pescape_entity(pool, subject, 0), html);
    if (unsubscribe) {
        f1_buf_addf(&out, "<p><small><a href=\"%s\">No more mail of this kind</a></small></p>\n", unsubscribe);
    }
    f1_buf_adds(&out, "</body>\n</html>\n");
    return out.data;
}

static f1_smtp_mail_t mail_of(const shift_t *shift, const f1_rows_t *rows, int row)
{
    const f1_post_office_t *office = shift->office;
    const char *token = f1_rows_get(rows, row, TOKEN), *html = f1_rows_get(rows, row, HTML);
    apr_pool_t *pool = shift->pool;
    f1_smtp_mail_t mail = {.from = office->from,
                           .to = f1_rows_get(rows, row, RECIPIENT),
                           .subject = f1_rows_get(rows, row, SUBJECT),
                           .text = f1_rows_get(rows, row, BODY),
                           .message_id = apr_pstrcat(pool, f1_rows_get(rows, row, MESSAGE_ID), "@", office->host, NULL),
                           .unsubscribe =
                               token ? apr_pstrcat(pool, office->url, "/api/v1/unsubscribe/", token, NULL) : NULL};

    if (mail.unsubscribe) {
        mail.text = apr_pstrcat(pool, mail.text, "\n-- \nNo more mail of this kind: ", mail.unsubscribe, "\n", NULL);
    }
    mail.html = html ? page_of(mail.subject, html, mail.unsubscribe, pool) : NULL;
    return mail;
}

/* The server's reply, or a word of ours. */
static const char *code_of(const f1_smtp_reply_t *reply, apr_pool_t *pool)
{
    static const char *const words[] = {
        [F1_SMTP_REFUSED] = "unsendable", [F1_SMTP_DEFERRED] = "network", [F1_SMTP_UNCERTAIN] = "lost"};

    return reply->code >= 400 ? apr_itoa(pool, reply->code) : words[reply->outcome];
}

/* One more for the next delivery/mail_turn. */
static void tell(shift_t *shift, const char *id, const char *state, int tried, const f1_smtp_reply_t *reply,
                 apr_interval_time_t pause)
{
    json_t *one = json_pack("{s:s, s:s, s:b, s:I}", "id", id, "state", state, "tried", tried, "pause_ms",
                            (json_int_t)apr_time_as_msec(pause));

    if (reply) {
        (void)json_object_set_new(one, "error", json_string(reply->words));
        (void)json_object_set_new(one, "code", json_string(code_of(reply, shift->pool)));
    }
    (void)json_array_append_new(shift->told, one);
}

static void tell_deferred(shift_t *shift, const char *id, int attempt, f1_smtp_reply_t *reply)
{
    if (attempt >= ATTEMPTS) {
        tell(shift, id, "failed", 1, reply, 0);
        return;
    }
    tell(shift, id, "waiting", 1, reply, f1_backoff(attempt, RETRY_MIN, RETRY_MAX));
}

static void send_one(shift_t *shift, const f1_rows_t *rows, int row)
{
    const f1_smtp_mail_t mail = mail_of(shift, rows, row);
    const char *id = f1_rows_get(rows, row, ID);
    f1_smtp_reply_t reply = f1_smtp_send(shift->smtp, &mail, shift->pool);
    apr_int64_t attempt = 0;

    shift->count[reply.outcome]++;
    shift->is_stopped |= reply.is_stopped;
    switch (reply.outcome) {
    case F1_SMTP_SENT:
        tell(shift, id, "sent", 1, NULL, 0);
        return;
    case F1_SMTP_REFUSED:
        f1_log(F1_LOG_WARNING, APR_SUCCESS, F1LOGNO(0775) "mail %s was refused by %s (%d)", id,
               f1_smtp_host(shift->smtp), reply.code);
        tell(shift, id, "failed", 1, &reply, 0);
        return;
    case F1_SMTP_UNCERTAIN:
        f1_log(F1_LOG_WARNING, APR_SUCCESS,
               F1LOGNO(0776) "whether %s took mail %s is not known: %s; it is not sent again",
               f1_smtp_host(shift->smtp), id, reply.words);
        tell(shift, id, "uncertain", 1, &reply, 0);
        return;
    case F1_SMTP_DEFERRED:
        if (!reply.is_stopped) {
            (void)f1_str_to_int64(f1_rows_get(rows, row, ATTEMPT), &attempt);
            tell_deferred(shift, id, (int)attempt, &reply);
            return;
        }
        break;
    case F1_SMTP_AWAY:
        shift->away = reply.is_stopped ? NULL : apr_pstrdup(shift->job->pool, reply.words);
        break;
    }
    tell(shift, id, "waiting", 0, NULL, 0);
}

/* --- A batch */

static int should_go_on(const shift_t *shift)
{
    return !shift->is_stopped && !shift->away && apr_time_now() < shift->until;
}

static void send_batch(shift_t *shift, const f1_rows_t *rows)
{
    f1_result_t *stop = f1_result_make(shift->pool);
    int i;

    shift->until = apr_time_now() + BATCH_TIME;
    for (i = 0; i < f1_rows_count(rows); i++) {
        shift->is_stopped |= f1_job_step(shift->job, shift->count[F1_SMTP_SENT], 0, NULL, stop) != APR_SUCCESS;
        if (should_go_on(shift)) {
            send_one(shift, rows, i);
        }
        else {
            tell(shift, f1_rows_get(rows, i, ID), "waiting", 0, NULL, 0);
        }
    }
}

/* Tells how the last batch went, and takes the next of most mails. */
static apr_status_t turn(shift_t *shift, int most, f1_rows_t **prows, f1_result_t *res)
{
    apr_pool_t *pool = shift->pool;
    char *told = json_dumps(shift->told, JSON_COMPACT), now[F1_TIME_LEN];
    const char *values[] = {shift->lease, apr_pstrdup(pool, told), apr_itoa(pool, most),
                            apr_ltoa(pool, (long)apr_time_as_msec(LEASE)), f1_time_format(now, f1_clock_now())};

    free(told);
    return f1_query(shift->job->conn, &f1_stmt_delivery_mail_turn, values, prows, pool, res);
}

/* That mails were sent must not be lost because the database is away for a moment. */
static apr_status_t turn_patiently(shift_t *shift, int most, f1_rows_t **prows, f1_result_t *res)
{
    int tries = 0;

    while (turn(shift, most, prows, res) != APR_SUCCESS) {
        if (res->error != F1_E_DATABASE_UNAVAILABLE || !json_array_size(shift->told) || ++tries >= TELL_TRIES ||
            f1_job_is_stopping(shift->job)) {
            return res->rv;
        }
        f1_result_clear(res);
        apr_sleep(apr_time_from_sec(1));
    }
    (void)json_array_clear(shift->told);
    return APR_SUCCESS;
}

/* --- The job */

static int job_is_stopping(void *baton)
{
    return f1_job_is_stopping(baton);
}

/* If mail is left, another job comes for it: at once, or when it may be tried again. */
static apr_status_t order_more(const shift_t *shift, apr_interval_time_t pause, int failures, f1_result_t *res)
{
    apr_pool_t *pool = shift->job->pool;
    char now[F1_TIME_LEN];
    const char *values[] = {f1_time_format(now, f1_clock_now()), apr_ltoa(pool, (long)apr_time_as_msec(pause)),
                            failures ? apr_psprintf(pool, "{\"failures\": %d}", failures) : "{}"};

    return f1_query(shift->job->conn, &f1_stmt_delivery_mail_more, values, NULL, pool, res);
}

static apr_status_t send_all(shift_t *shift, f1_result_t *res)
{
    apr_time_t until = apr_time_now() + SHIFT;
    f1_rows_t *rows;
    int batches = 0, is_over = 0;

    for (;;) {
        is_over = is_over || shift->is_stopped || shift->away || apr_time_now() > until;
        if (turn_patiently(shift, is_over ? 0 : BATCH, &rows, res) != APR_SUCCESS || !f1_rows_count(rows)) {
            return res->rv;
        }
        /* the first went well, and there is so much that another may help */
        if (batches++ == 1 && f1_rows_count(rows) == BATCH && order_more(shift, 0, 0, res) != APR_SUCCESS) {
            return res->rv;
        }
        send_batch(shift, rows);
        apr_pool_clear(shift->pool);
    }
}

static void tell_result(const shift_t *shift)
{
    static const char *const names[] = {[F1_SMTP_SENT] = "sent",
                                        [F1_SMTP_REFUSED] = "refused",
                                        [F1_SMTP_DEFERRED] = "deferred",
                                        [F1_SMTP_UNCERTAIN] = "uncertain"};
    size_t i;

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (names[i]) {
            (void)json_object_set_new(shift->job->result, names[i], json_integer(shift->count[i]));
        }
    }
    if (shift->away) {
        (void)json_object_set_new(shift->job->result, "away", json_string(shift->away));
    }
}

/* What comes after the last batch. How often in a row the server was away goes with the order for the next job. */
static apr_status_t end_shift(shift_t *shift, f1_result_t *res)
{
    json_int_t before = json_integer_value(json_object_get(shift->job->payload, "failures"));
    int failures = before > 0 && before < 100 ? (int)before + 1 : 1;

    tell_result(shift);
    if (shift->is_stopped) { /* it waits again, or was cancelled */
        return f1_job_step(shift->job, shift->count[F1_SMTP_SENT], 0, NULL, res);
    }
    if (!shift->away) {
        return order_more(shift, 0, 0, res);
    }
    f1_log(F1_LOG_WARNING, APR_SUCCESS, F1LOGNO(0777) "%s takes no mail: %s", f1_smtp_host(shift->smtp), shift->away);
    return order_more(shift, f1_backoff(failures, AWAY_MIN, AWAY_MAX), failures, res);
}

static apr_status_t begin_shift(shift_t *shift, f1_result_t *res)
{
    f1_job_t *job = shift->job;
    f1_smtp_options_t smtp = shift->office->smtp;
    char now[F1_TIME_LEN];
    const char *values[] = {f1_time_format(now, f1_clock_now())};

    smtp.is_stopping = job_is_stopping;
    smtp.baton = job;
    if (f1_smtp_create(&shift->smtp, &smtp, job->pool, res) == APR_SUCCESS &&
        f1_job_give_key(job, res) == APR_SUCCESS) {
        (void)f1_query(job->conn, &f1_stmt_delivery_mail_bury, values, NULL, job->pool, res);
    }
    return res->rv;
}

apr_status_t f1_send_mail(f1_job_t *job, f1_result_t *res)
{
    const f1_task_context_t *context = job->context;
    shift_t shift = {.job = job,
                     .office = context->post_office,
                     .lease = f1_random_uuid(job->pool),
                     .told = f1_json_own(json_array(), job->pool)};

    if (!shift.office) {
        return f1_result_fail(res, F1_E_INTERNAL, APR_ENOTIMPL, "this runner knows no mail server");
    }
    apr_pool_create(&shift.pool, job->pool);
    if (begin_shift(&shift, res) == APR_SUCCESS && send_all(&shift, res) == APR_SUCCESS) {
        (void)end_shift(&shift, res);
    }
    return res->rv;
}
