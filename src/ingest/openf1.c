/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* The operations: 1. the schedule (meetings and sessions of what was asked for), 2. each of its sessions that has
 * begun, list by list. Telemetry is asked for by driver and hour, because a race of it is a hundred megabytes of JSON.
 */

#include "ingest/openf1.h"

#include <string.h>

#include <apr_strings.h>

#include "base/clock.h"
#include "base/log.h"
#include "db/query.h"
#include "gen/statements.h"
#include "ingest/openf1_parse.h"
#include "ingest/run.h"

#define WINDOW apr_time_from_sec(3600)
#define MARGIN apr_time_from_sec(2 * 86400) /* how far a row's date may lie outside of its session */
#define LENGTH_USUAL apr_time_from_sec(4 * 3600) /* of a session without an end */
#define FIRST_OF_SESSION F1_OPENF1_DRIVERS
#define DIGESTS_MAX (1024 * 1024)

static const struct {
    const f1_statement_t *forget, *copy;
} telemetry_lists[] = {{&f1_stmt_openf1_forget_car_data, &f1_stmt_openf1_copy_car_data},
                       {&f1_stmt_openf1_forget_location, &f1_stmt_openf1_copy_location}};

/* A session as it was fetched. */
typedef struct fetched_t {
    const f1_openf1_key_t *key;
    const char *key_text;
    apr_array_header_t *parts[F1_OPENF1_LISTS]; /* of f1_openf1_rows_t *: one, or one for each driver */
} fetched_t;

typedef struct op_t {
    const f1_openf1_t *openf1;
    f1_loaded_t counts[F1_LOADED_KINDS];
    apr_interval_time_t took;
    f1_run_t *run;
    const fetched_t *fetched; /* what the transaction loads */
    f1_openf1_rows_t *meetings, *sessions;
    int done, total; /* sessions, for the progress */
    apr_pool_t *pool; /* of one session */
    f1_result_t *res;
} op_t;

static const char *time_text(apr_time_t time, apr_pool_t *pool)
{
    return f1_time_format(apr_palloc(pool, F1_TIME_LEN), time);
}

/* --- Fetching */

static apr_status_t go_on(op_t *op, const char *next)
{
    const f1_openf1_t *openf1 = op->openf1;

    if (openf1->is_stopping && openf1->is_stopping(openf1->baton)) {
        return f1_result_fail(op->res, F1_E_UNAVAILABLE, APR_EINTR, "stopped; the same command goes on from here");
    }
    if (openf1->progress) {
        openf1->progress(openf1->baton, op->done, op->total, next);
    }
    return APR_SUCCESS;
}

/* The answer to list?query; hosted services say 404 where there is nothing. */
static apr_status_t ask_http(op_t *op, const char *list, const char *query, const char **pbody, size_t *plen,
                             apr_pool_t *pool)
{
    f1_source_t *source = op->openf1->source;
    f1_http_reply_t *reply;

    if (f1_http_get(source->baton, apr_psprintf(pool, "%s/%s?%s", source->base, list, query), &reply, pool, op->res) !=
        APR_SUCCESS) {
        return op->res->rv;
    }
    source->requests = f1_http_requests(source->baton);
    if (reply->status != 200 && reply->status != 404) {
        return f1_result_fail(op->res, F1_E_UPSTREAM, APR_EGENERAL, "%s: upstream answered %d", list, reply->status);
    }
    *pbody = reply->status == 200 ? reply->body : NULL;
    *plen = reply->body_len;
    return APR_SUCCESS;
}

/* Adds what list?query holds, or the file of that path. */
static apr_status_t fetch(op_t *op, f1_openf1_rows_t *rows, const f1_openf1_scope_t *scope, const char *path,
                          const char *query)
{
    f1_source_t *source = op->openf1->source;
    const char *list = f1_openf1_list_name(rows->list), *body = NULL;
    apr_pool_t *scratch;
    size_t len = 0;

    if (go_on(op, path) != APR_SUCCESS) {
        return op->res->rv;
    }
    apr_pool_create(&scratch, op->pool);
    apr_pool_tag(scratch, "f1_openf1 answer");
    if ((source->whole ? source->get(source, path, 0, &body, &len, scratch, op->res)
                       : ask_http(op, list, query, &body, &len, scratch)) == APR_SUCCESS &&
        body) {
        (void)f1_openf1_rows_add(rows, scope, path, body, len, scratch, op->res);
    }
    apr_pool_destroy(scratch);
    return op->res->rv;
}

static apr_status_t fetch_list(op_t *op, fetched_t *fetched, f1_openf1_list_t list)
{
    const f1_openf1_key_t *key = fetched->key;
    f1_openf1_scope_t scope = {.meeting_key = key->meeting_key,
                               .session_key = key->session_key,
                               .from = key->start - MARGIN,
                               .to = key->end + MARGIN};
    f1_openf1_rows_t *rows = f1_openf1_rows_make(list, op->pool);

    fetched->parts[list] = apr_array_make(op->pool, 1, sizeof(rows));
    APR_ARRAY_PUSH(fetched->parts[list], f1_openf1_rows_t *) = rows;
    return fetch(op, rows, &scope, apr_psprintf(op->pool, "%d/%s", key->session_key, f1_openf1_list_name(list)),
                 apr_psprintf(op->pool, "session_key=%d", key->session_key));
}

/* One driver's telemetry, an hour at a time; the first and the last window are open, so that nothing is left out. */
static apr_status_t fetch_driver(op_t *op, const fetched_t *fetched, f1_openf1_rows_t *rows, int driver)
{
    const f1_openf1_key_t *key = fetched->key;
    f1_openf1_scope_t scope = {.meeting_key = key->meeting_key,
                               .session_key = key->session_key,
                               .driver = driver,
                               .from = key->start - MARGIN};
    const char *path = apr_psprintf(op->pool, "%d/%s_%d", key->session_key, f1_openf1_list_name(rows->list), driver);
    const char *keys = apr_psprintf(op->pool, "session_key=%d&driver_number=%d", key->session_key, driver), *query;
    apr_time_t end = key->start;

    do {
        end += WINDOW;
        scope.to = end < key->end && !op->openf1->source->whole ? end : key->end + MARGIN;
        query = keys;
        if (scope.from >= key->start) {
            query = apr_psprintf(op->pool, "%s&date%%3E=%s", query, time_text(scope.from, op->pool));
        }
        if (scope.to <= key->end) {
            query = apr_psprintf(op->pool, "%s&date%%3C%s", query, time_text(scope.to, op->pool));
        }
        if (fetch(op, rows, &scope, path, query) != APR_SUCCESS) {
            return op->res->rv;
        }
        scope.from = scope.to;
    } while (scope.to <= key->end);
    return APR_SUCCESS;
}

static apr_status_t fetch_telemetry(op_t *op, fetched_t *fetched, f1_openf1_list_t list)
{
    const apr_array_header_t *drivers = APR_ARRAY_IDX(fetched->parts[F1_OPENF1_DRIVERS], 0, f1_openf1_rows_t *)->keys;
    int i;

    fetched->parts[list] = apr_array_make(op->pool, drivers->nelts + 1, sizeof(f1_openf1_rows_t *));
    for (i = 0; i < drivers->nelts && op->res->error == F1_E_OK; i++) {
        f1_openf1_rows_t *rows = f1_openf1_rows_make(list, op->pool);

        APR_ARRAY_PUSH(fetched->parts[list], f1_openf1_rows_t *) = rows;
        (void)fetch_driver(op, fetched, rows, APR_ARRAY_IDX(drivers, i, f1_openf1_key_t).driver);
    }
    return op->res->rv;
}

static apr_status_t fetch_session(op_t *op, fetched_t *fetched)
{
    f1_openf1_list_t list;

    for (list = FIRST_OF_SESSION; list < F1_OPENF1_CAR_DATA && op->res->error == F1_E_OK; list++) {
        (void)fetch_list(op, fetched, list);
    }
    for (; op->openf1->telemetry && list < F1_OPENF1_LISTS && op->res->error == F1_E_OK; list++) {
        (void)fetch_telemetry(op, fetched, list);
    }
    return op->res->rv;
}

/* --- Loading */

static int cell(const f1_rows_t *rows, int row, int column)
{
    apr_int64_t value = 0;
    const char *text = f1_rows_get(rows, row, column);

    return text && f1_str_to_int64(text, &value) ? (int)value : 0;
}

static apr_status_t run(op_t *op, const f1_statement_t *statement, const char *const *values, f1_rows_t **prows)
{
    return f1_query(op->openf1->conn, statement, values, prows, op->pool, op->res);
}

static const char *array_of(const f1_openf1_rows_t *rows, apr_pool_t *pool)
{
    return apr_pstrcat(pool, "[", rows->text.data, "]", NULL);
}

/* Statements of the schedule answer inserted, changed, removed. */
static apr_status_t load_schedule_list(op_t *op, const f1_statement_t *statement, const f1_openf1_rows_t *rows,
                                       const char *const *values)
{
    f1_loaded_t *count = &op->counts[F1_LOADED_OPENF1_MEETINGS + (int)rows->list];
    f1_rows_t *answer;

    count->seen += rows->count;
    if (run(op, statement, values, &answer) == APR_SUCCESS) {
        count->inserted += cell(answer, 0, 0);
        count->changed += cell(answer, 0, 1);
        count->removed += cell(answer, 0, 2);
    }
    return op->res->rv;
}

static apr_status_t load_schedule(f1_conn_t *conn, void *baton, f1_result_t *res)
{
    op_t *op = baton;
    const f1_openf1_t *openf1 = op->openf1;
    const char *year = openf1->what == F1_OPENF1_YEAR ? apr_itoa(op->pool, openf1->key) : NULL;
    const f1_openf1_key_t *first = (const f1_openf1_key_t *)op->sessions->keys->elts;
    const char *meetings[] = {array_of(op->meetings, op->pool), year};
    const char *sessions[] = {array_of(op->sessions, op->pool), year,
                              openf1->what == F1_OPENF1_MEETING ? apr_itoa(op->pool, first->meeting_key) : NULL};

    (void)conn;
    if (load_schedule_list(op, &f1_stmt_openf1_meetings, op->meetings, meetings) != APR_SUCCESS) {
        return res->rv;
    }
    return load_schedule_list(op, &f1_stmt_openf1_sessions, op->sessions, sessions);
}

static apr_status_t copy_parts(op_t *op, f1_openf1_list_t list)
{
    static char begin[] = "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", end[] = "\377\377"; /* around rows in binary format */
    const apr_array_header_t *parts = op->fetched->parts[list];
    struct iovec *rows = apr_palloc(op->pool, sizeof(*rows) * (size_t)(parts->nelts + 2));
    int which = list - F1_OPENF1_CAR_DATA, i;

    if (run(op, telemetry_lists[which].forget, &op->fetched->key_text, NULL) != APR_SUCCESS) {
        return op->res->rv;
    }
    rows[0] = (struct iovec){begin, sizeof(begin) - 1};
    for (i = 0; i < parts->nelts; i++) {
        const f1_buf_t *text = &APR_ARRAY_IDX(parts, i, f1_openf1_rows_t *)->text;

        rows[i + 1] = (struct iovec){text->data, text->len};
    }
    rows[parts->nelts + 1] = (struct iovec){end, sizeof(end) - 1};
    return f1_copy_in(op->openf1->conn, telemetry_lists[which].copy->sql, rows, parts->nelts + 2, op->res);
}

static apr_status_t replace_list(op_t *op, f1_openf1_list_t list)
{
    const char *values[3] = {f1_openf1_list_name(list), op->fetched->key_text, NULL};

    if (list >= F1_OPENF1_CAR_DATA) {
        return copy_parts(op, list);
    }
    values[2] = array_of(APR_ARRAY_IDX(op->fetched->parts[list], 0, f1_openf1_rows_t *), op->pool);
    return run(op, &f1_stmt_openf1_replace, values, NULL);
}

/* Of all parts; *pcount: rows in them. */
static const char *digest_of(op_t *op, f1_openf1_list_t list, int *pcount)
{
    const apr_array_header_t *parts = op->fetched->parts[list];
    f1_buf_t digests;
    int i;

    *pcount = 0;
    f1_buf_init(&digests, op->pool, 64, DIGESTS_MAX);
    for (i = 0; i < parts->nelts; i++) {
        const f1_openf1_rows_t *rows = APR_ARRAY_IDX(parts, i, f1_openf1_rows_t *);

        f1_buf_adds(&digests, f1_str_sha256(rows->text.data, rows->text.len, op->pool));
        *pcount += rows->count;
    }
    return f1_str_sha256(digests.data, digests.len, op->pool);
}

/* loads: what was loaded before, see loads.sql. */
static apr_status_t load_list(op_t *op, f1_openf1_list_t list, const f1_rows_t *loads)
{
    f1_loaded_t *count = &op->counts[F1_LOADED_OPENF1_MEETINGS + (int)list];
    const char *values[] = {op->fetched->key_text, f1_openf1_list_name(list), NULL, NULL, op->run->id};
    int rows, before = 0, i;

    values[2] = digest_of(op, list, &rows);
    values[3] = apr_itoa(op->pool, rows);
    count->seen += rows;
    for (i = 0; i < f1_rows_count(loads); i++) {
        if (strcmp(f1_rows_get(loads, i, 0), values[1]) == 0) {
            if (strcmp(f1_rows_get(loads, i, 1), values[2]) == 0) {
                return APR_SUCCESS;
            }
            before = cell(loads, i, 2);
        }
    }
    count->inserted += rows;
    count->removed += before;
    if (replace_list(op, list) != APR_SUCCESS) {
        return op->res->rv;
    }
    return run(op, &f1_stmt_openf1_loaded, values, NULL);
}

static apr_status_t load_session(f1_conn_t *conn, void *baton, f1_result_t *res)
{
    op_t *op = baton;
    const f1_openf1_key_t *key = op->fetched->key;
    const char *span[] = {time_text(key->start - MARGIN, op->pool), time_text(key->end + MARGIN, op->pool)};
    f1_openf1_list_t list;
    f1_rows_t *loads;

    (void)conn;
    if (run(op, &f1_stmt_openf1_loads, &op->fetched->key_text, &loads) != APR_SUCCESS ||
        (op->openf1->telemetry && run(op, &f1_stmt_openf1_partitions, span, NULL) != APR_SUCCESS)) {
        return res->rv;
    }
    for (list = FIRST_OF_SESSION; list < F1_OPENF1_LISTS && res->error == F1_E_OK; list++) {
        if (op->fetched->parts[list]) {
            (void)load_list(op, list, loads);
        }
    }
    return res->rv;
}

static apr_status_t in_transaction(op_t *op, apr_status_t (*load)(f1_conn_t *, void *, f1_result_t *))
{
    apr_time_t start = apr_time_now();
    apr_status_t rv = f1_transaction(op->openf1->conn, load, op, op->res);

    op->took += apr_time_now() - start;
    return rv;
}

/* --- Operations */

/* The latest session that has begun and was not cancelled: a file has all sessions, a service only answers this one. */
static const f1_openf1_key_t *latest_of(const f1_openf1_rows_t *sessions, int is_answered)
{
    const f1_openf1_key_t *keys = (const f1_openf1_key_t *)sessions->keys->elts, *latest = NULL;
    int i;

    for (i = 0; i < sessions->keys->nelts; i++) {
        if ((is_answered || (!keys[i].is_cancelled && keys[i].start <= f1_clock_now())) &&
            (!latest || keys[i].start > latest->start)) {
            latest = &keys[i];
        }
    }
    return latest;
}

/* The key that "latest" means. */
static apr_status_t find_latest(op_t *op, int *pkey)
{
    const char *name = op->openf1->what == F1_OPENF1_SESSION ? "session_key" : "meeting_key";
    f1_openf1_rows_t *sessions = f1_openf1_rows_make(F1_OPENF1_SESSIONS, op->pool);
    const f1_openf1_scope_t all = {0};
    const f1_openf1_key_t *latest;

    if (fetch(op, sessions, &all, "sessions", apr_pstrcat(op->pool, name, "=latest", NULL)) != APR_SUCCESS) {
        return op->res->rv;
    }
    latest = latest_of(sessions, !op->openf1->source->whole);
    if (!latest) {
        return f1_result_fail(op->res, F1_E_NOT_FOUND, APR_NOTFOUND, "upstream has no session that has begun");
    }
    *pkey = op->openf1->what == F1_OPENF1_SESSION ? latest->session_key : latest->meeting_key;
    return APR_SUCCESS;
}

static apr_status_t fetch_schedule(op_t *op, int key)
{
    static const char *const names[] = {"session_key", "meeting_key", "year"};
    f1_openf1_scope_t scope = {.may_have_others = op->openf1->source->whole};
    const char *query = apr_psprintf(op->pool, "%s=%d", names[op->openf1->what], key);

    *(op->openf1->what == F1_OPENF1_SESSION   ? &scope.session_key
      : op->openf1->what == F1_OPENF1_MEETING ? &scope.meeting_key
                                              : &scope.year) = key;
    op->meetings = f1_openf1_rows_make(F1_OPENF1_MEETINGS, op->pool);
    op->sessions = f1_openf1_rows_make(F1_OPENF1_SESSIONS, op->pool);
    if (fetch(op, op->sessions, &scope, "sessions", query) != APR_SUCCESS) {
        return op->res->rv;
    }
    if (!op->sessions->count) {
        return f1_result_fail(op->res, F1_E_NOT_FOUND, APR_NOTFOUND, "upstream has no session with %s", query);
    }
    if (op->openf1->what == F1_OPENF1_SESSION) {
        scope = (f1_openf1_scope_t){.meeting_key = APR_ARRAY_IDX(op->sessions->keys, 0, f1_openf1_key_t).meeting_key,
                                    .may_have_others = op->openf1->source->whole};
        query = apr_psprintf(op->pool, "meeting_key=%d", scope.meeting_key);
    }
    return fetch(op, op->meetings, &scope, "meetings", query);
}

/* Fetches and loads one session. A pool of its own, because telemetry is large. */
static apr_status_t ingest_session(op_t *op, f1_openf1_key_t *key)
{
    const char *step = apr_psprintf(op->pool, "session %d", key->session_key);
    apr_pool_t *pool = op->pool;
    fetched_t fetched = {.key = key};

    if (f1_run_is_done(op->run, step)) {
        return APR_SUCCESS;
    }
    if (key->end < key->start) {
        key->end = key->start + LENGTH_USUAL;
    }
    apr_pool_create(&op->pool, pool);
    apr_pool_tag(op->pool, "f1_openf1 session");
    fetched.key_text = apr_itoa(op->pool, key->session_key);
    op->fetched = &fetched;
    if (fetch_session(op, &fetched) == APR_SUCCESS && in_transaction(op, load_session) == APR_SUCCESS) {
        (void)f1_run_done(op->run, step, op->res);
    }
    apr_pool_destroy(op->pool);
    op->pool = pool;
    return op->res->rv;
}

static apr_status_t ingest_what(op_t *op)
{
    int key = op->openf1->key, i;

    if (!key && find_latest(op, &key) != APR_SUCCESS) {
        return op->res->rv;
    }
    if (fetch_schedule(op, key) != APR_SUCCESS || in_transaction(op, load_schedule) != APR_SUCCESS) {
        return op->res->rv;
    }
    op->total = op->sessions->keys->nelts;
    for (i = 0; i < op->total && op->res->error == F1_E_OK; i++) {
        f1_openf1_key_t *session = &APR_ARRAY_IDX(op->sessions->keys, i, f1_openf1_key_t);

        op->done = i;
        if (session->start <= f1_clock_now() && !session->is_cancelled) {
            (void)ingest_session(op, session);
        }
    }
    if (op->res->error == F1_E_OK) {
        (void)run(op, &f1_stmt_openf1_link, NULL, NULL);
    }
    return op->res->rv;
}

/* The words by which a run is found again. */
static const char *command_of(const f1_openf1_t *openf1, apr_pool_t *pool)
{
    static const char *const names[] = {"session", "meeting", "year"};

    return apr_psprintf(pool, "openf1 %s %s%s", names[openf1->what],
                        openf1->key ? apr_itoa(pool, openf1->key) : "latest",
                        openf1->telemetry ? " --telemetry yes" : " --telemetry no");
}

apr_status_t f1_openf1_ingest(const f1_openf1_t *openf1, f1_ingest_report_t *report, apr_pool_t *pool, f1_result_t *res)
{
    op_t op = {.openf1 = openf1, .pool = pool, .res = res};
    f1_result_t *finish = f1_result_make(pool);

    *report = (f1_ingest_report_t){.command = command_of(openf1, pool)};
    if (f1_run_start(&op.run, openf1->conn, report->command, openf1->source->base,
                     openf1->restart || openf1->what != F1_OPENF1_YEAR, pool, res) != APR_SUCCESS) {
        return res->rv;
    }
    report->run = op.run->id;
    report->resumes = op.run->resumes;
    op.total = 1;
    (void)ingest_what(&op);
    memcpy(report->counts, op.counts, sizeof(report->counts));
    report->requests = openf1->source->requests;
    report->has_changed = f1_run_has_changed(report->counts);
    report->load_took = op.took;
    if (f1_run_finish(op.run, res, report->requests, report->counts, finish) != APR_SUCCESS && res->error == F1_E_OK) {
        return f1_result_fail(res, finish->error, finish->rv, "%s", finish->detail);
    }
    if (res->error == F1_E_OK && openf1->progress) {
        openf1->progress(openf1->baton, op.total, op.total, "done");
    }
    return res->rv;
}
