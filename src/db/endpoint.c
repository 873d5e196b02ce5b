/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* The generic handler: a route's statement, run with a request's values, and its rows as the answer. A page asks for
 * one row more than it shows; only when that row is there, or the page lies beyond the end, is the list counted. */

#include "db/endpoint.h"

#include <string.h>

#include <apr_escape.h>
#include <apr_strings.h>

#include "base/clock.h"
#include "base/etag.h"
#include "base/json.h"
#include "db/query.h"
#include "db/render.h"

#define RECORD_FIRST 4096 /* bytes; most rows fit */

typedef struct answer_t {
    f1_conn_t *conn;
    const f1_request_t *request;
    apr_pool_t *pool;
    f1_result_t *res;
} answer_t;

const char *f1_endpoint_value(const f1_request_t *request, int bind, apr_pool_t *pool)
{
    if (bind <= F1_BIND_GIVEN) {
        return request->given & 1u << (F1_BIND_GIVEN - bind) ? "true" : "false";
    }
    switch (bind) {
    case F1_BIND_LIMIT:
        return apr_itoa(pool, request->limit + 1);
    case F1_BIND_OFFSET:
        return apr_itoa(pool, request->offset);
    case F1_BIND_NOW:
        return f1_time_format(apr_palloc(pool, F1_TIME_LEN), f1_clock_now());
    case F1_BIND_ME:
        return request->me;
    case F1_BIND_MY_ROLE:
        return request->my_role;
    case F1_BIND_MY_SESSION:
        return request->my_session;
    case F1_BIND_MY_VIA:
        return request->my_via;
    case F1_BIND_MY_KEY:
        return request->my_key;
    default:
        return request->values[bind];
    }
}

static const char **bind_values(const answer_t *answer, const f1_bound_t *bound)
{
    int count = bound->statement->param_count;
    const char **values = apr_palloc(answer->pool, sizeof(*values) * (size_t)(count + 1));

    for (int i = 0; i < count; i++) {
        values[i] = f1_endpoint_value(answer->request, bound->binds[i], answer->pool);
    }
    return values;
}

static apr_status_t run(const answer_t *answer, const f1_bound_t *bound, f1_rows_t **prows)
{
    return f1_query(answer->conn, bound->statement, bind_values(answer, bound), prows, answer->pool, answer->res);
}

static apr_status_t fail_missing(const answer_t *answer)
{
    const char *noun = answer->request->route->noun;

    return f1_result_fail(answer->res, F1_E_NOT_FOUND, APR_NOTFOUND, "No such %s", noun != NULL ? noun : "resource");
}

static apr_status_t count_all(const answer_t *answer, apr_int64_t *ptotal)
{
    f1_rows_t *rows;
    const char *text;
    apr_status_t rv = run(answer, &answer->request->route->count, &rows);

    if (rv != APR_SUCCESS) {
        return rv;
    }
    text = f1_rows_count(rows) == 1 ? f1_rows_get(rows, 0, 0) : NULL;
    if (text == NULL || !f1_str_to_int64(text, ptotal)) {
        return f1_result_fail(answer->res, F1_E_INTERNAL, APR_EGENERAL, "The list cannot be counted");
    }
    return APR_SUCCESS;
}

/* An empty list is fine when what it belongs to exists. */
static apr_status_t check_exists(const answer_t *answer)
{
    const f1_bound_t *exists = &answer->request->route->exists;
    f1_rows_t *rows;
    apr_status_t rv;

    if (exists->statement == NULL) {
        return APR_SUCCESS;
    }
    rv = run(answer, exists, &rows);
    if (rv != APR_SUCCESS) {
        return rv;
    }
    return f1_rows_count(rows) > 0 ? APR_SUCCESS : fail_missing(answer);
}

/* JSON tells of the page in the body; the other formats are nothing but rows. */
static void add_page(const answer_t *answer, const f1_rows_t *rows, const f1_page_t *page, f1_buf_t *out)
{
    const f1_request_t *request = answer->request;
    f1_render_t *render;

    if (request->format == F1_FORMAT_JSON) {
        f1_buf_adds(out, "{\"items\":[");
        f1_render_rows(out, rows, 0, page->count, answer->pool);
        f1_buf_addf(out, "],\"total\":%" APR_INT64_T_FMT ",\"limit\":%d,\"offset\":%d}", page->total, request->limit,
                    request->offset);
        return;
    }
    render = f1_render_make(rows, request->format, answer->pool);
    f1_render_head(out, render);
    for (int row = 0; row < page->count; row++) {
        f1_render_record(out, render, rows, row);
    }
}

static apr_status_t answer_list(const answer_t *answer, f1_buf_t *out, f1_page_t *page)
{
    const f1_request_t *request = answer->request;
    f1_rows_t *rows;
    int fetched;
    apr_status_t rv = run(answer, &request->route->query, &rows);

    if (rv != APR_SUCCESS) {
        return rv;
    }
    fetched = f1_rows_count(rows);
    page->is_list = 1;
    page->count = fetched > request->limit ? request->limit : fetched;
    page->total = (apr_int64_t)request->offset + page->count;
    if (fetched > request->limit || (fetched == 0 && request->offset > 0)) {
        rv = count_all(answer, &page->total);
    }
    if (rv == APR_SUCCESS && page->total == 0) {
        rv = check_exists(answer);
    }
    if (rv != APR_SUCCESS) {
        return rv;
    }
    add_page(answer, rows, page, out);
    return APR_SUCCESS;
}

/* The route's location with the row's values in its braces; NULL when one of them is missing. */
static const char *location_of(const answer_t *answer, const f1_rows_t *rows)
{
    const char *template = answer->request->route->location, *location = "";

    while (template && *template) {
        size_t plain = strcspn(template, "{"), len = strcspn(template + plain, "}");
        const char *value = "";

        if (len > 0) {
            const char *name = apr_pstrmemdup(answer->pool, template + plain + 1, len - 1);
            int column = f1_rows_column(rows, name);

            value = column >= 0 ? f1_rows_get(rows, 0, column) : NULL;
        }
        if (value == NULL) {
            return NULL;
        }
        location = apr_pstrcat(answer->pool, location, apr_pstrmemdup(answer->pool, template, plain),
                               apr_pescape_path_segment(answer->pool, value), NULL);
        template += plain + len + (len > 0);
    }
    return *location ? location : NULL;
}

static int is_last(const answer_t *answer, const f1_rows_t *rows)
{
    const char *until = answer->request->route->until;
    int column = until != NULL ? f1_rows_column(rows, until) : -1;

    return column >= 0 && f1_rows_get(rows, 0, column) != NULL;
}

static apr_status_t answer_one(const answer_t *answer, f1_buf_t *out, f1_page_t *page)
{
    f1_rows_t *rows;
    apr_status_t rv = run(answer, &answer->request->route->query, &rows);

    if (rv != APR_SUCCESS) {
        return rv;
    }
    if (f1_rows_count(rows) == 0) {
        return fail_missing(answer);
    }
    f1_render_row(out, rows, 0, answer->pool);
    page->location = location_of(answer, rows);
    page->is_last = is_last(answer, rows);
    return APR_SUCCESS;
}

/* What names something that is to be changed or removed is a 404 when there is no such thing. */
static apr_status_t answer_none(const answer_t *answer)
{
    const f1_route_t *route = answer->request->route;
    f1_rows_t *rows;
    apr_status_t rv = run(answer, &route->query, &rows);

    if (rv == APR_SUCCESS && route->noun != NULL && f1_rows_affected(rows) == 0) {
        rv = fail_missing(answer);
    }
    return rv;
}

static apr_status_t answer_json(const answer_t *answer, f1_buf_t *out)
{
    f1_rows_t *rows;
    const char *body;
    apr_status_t rv = run(answer, &answer->request->route->query, &rows);

    if (rv != APR_SUCCESS) {
        return rv;
    }
    body = f1_rows_count(rows) > 0 ? f1_rows_get(rows, 0, 0) : NULL;
    if (body == NULL) {
        return fail_missing(answer);
    }
    f1_buf_adds(out, body);
    return APR_SUCCESS;
}

static apr_status_t answer_once(const answer_t *answer, f1_buf_t *out, f1_page_t *page)
{
    switch (answer->request->route->answer) {
    case F1_ANSWER_LIST:
        return answer_list(answer, out, page);
    case F1_ANSWER_STREAM: /* has a function of its own */
        break;
    case F1_ANSWER_ONE:
    case F1_ANSWER_EVENTS:
        return answer_one(answer, out, page);
    case F1_ANSWER_JSON:
        return answer_json(answer, out);
    case F1_ANSWER_NONE:
        return answer_none(answer);
    }
    return f1_result_fail(answer->res, F1_E_INTERNAL, APR_ENOTIMPL, "The answer is too large");
}

/* --- changes of what is as it should be */

#define TAG_LEN 32 /* characters of SHA-256 */

const char *f1_endpoint_tag(const char *body, size_t len, apr_pool_t *pool)
{
    return apr_pstrcat(pool, "\"", apr_pstrmemdup(pool, f1_str_sha256(body, len, pool), TAG_LEN), "\"", NULL);
}

static int names_tag(const char *if_match, const char *tag)
{
    size_t len;

    return f1_etag_is_any(if_match) || f1_etag_find(if_match, tag, F1_ETAG_STRONGLY, &len) != NULL;
}

static const char *value_of(const f1_request_t *request, const char *name)
{
    for (int i = 0; i < request->route->param_count; i++) {
        if (strcmp(request->route->params[i].name, name) == 0) {
            return request->values[i];
        }
    }
    return NULL;
}

/* What a GET of the thing would answer now, to whoever asks. */
static apr_status_t answer_state(f1_conn_t *conn, const f1_request_t *request, f1_buf_t *out, f1_result_t *res)
{
    const f1_route_t *route = request->route->state;
    f1_request_t get = *request;
    const answer_t answer = {.conn = conn, .request = &get, .pool = res->pool, .res = res};
    f1_page_t page;

    get.route = route;
    get.given = 0;
    for (int i = 0; i < F1_ROUTE_MAX_PARAMS; i++) {
        get.values[i] = i < route->param_count ? value_of(request, route->params[i].name) : NULL;
    }
    f1_buf_init(out, res->pool, 1024, F1_ENDPOINT_MAX_BODY);
    return answer_one(&answer, out, &page);
}

typedef struct change_t {
    const f1_request_t *request;
    apr_status_t (*body)(f1_conn_t *conn, void *baton, f1_result_t *res);
    void *baton;
    int is_checked; /* the state was what it should be */
} change_t;

/* From the first look on the transaction sees one state; whoever changed that in the meantime makes it fail. */
static apr_status_t change_if_match(f1_conn_t *conn, void *baton, f1_result_t *res)
{
    change_t *change = baton;
    f1_buf_t state;

    if (f1_exec(conn, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", res) != APR_SUCCESS ||
        answer_state(conn, change->request, &state, res) != APR_SUCCESS) {
        return res->rv;
    }
    if (!names_tag(change->request->if_match, f1_endpoint_tag(state.data, state.len, res->pool))) {
        return f1_result_fail(res, F1_E_PRECONDITION_FAILED, APR_EGENERAL,
                              "It is not what If-Match names any more; fetch it again");
    }
    change->is_checked = 1;
    return change->body(conn, change->baton, res);
}

apr_status_t f1_endpoint_change(f1_conn_t *conn, const f1_request_t *request,
                                apr_status_t (*body)(f1_conn_t *conn, void *baton, f1_result_t *res), void *baton,
                                f1_result_t *res)
{
    change_t change = {.request = request, .body = body, .baton = baton};

    if (request->if_match == NULL || request->route->state == NULL) {
        return body(conn, baton, res);
    }
    if (f1_transaction(conn, change_if_match, &change, res) != APR_SUCCESS && change.is_checked &&
        res->error == F1_E_UNAVAILABLE) {
        f1_result_clear(res);
        f1_result_fail(res, F1_E_PRECONDITION_FAILED, APR_EGENERAL,
                       "It was changed at the same moment; fetch it again");
    }
    return res->rv;
}

typedef struct writing_t {
    const answer_t *answer;
    f1_buf_t *out;
    f1_page_t *page;
} writing_t;

static apr_status_t write_once(f1_conn_t *conn, void *baton, f1_result_t *res)
{
    writing_t *writing = baton;

    (void)conn;
    (void)res;
    return answer_once(writing->answer, writing->out, writing->page);
}

apr_status_t f1_endpoint_answer(f1_conn_t *conn, const f1_request_t *request, f1_buf_t *out, f1_page_t *page,
                                apr_pool_t *pool, f1_result_t *res)
{
    const answer_t answer = {.conn = conn, .request = request, .pool = pool, .res = res};
    writing_t writing = {&answer, out, page};
    apr_status_t rv;

    *page = (f1_page_t){.count = 1};
    rv = f1_endpoint_change(conn, request, write_once, &writing, res);
    if (rv == APR_SUCCESS && out->full) {
        rv = f1_result_fail(res, F1_E_INTERNAL, APR_ENOSPC, "The answer is too large");
    }
    return rv;
}

typedef struct stream_t {
    f1_format_t format;
    f1_buf_t *out;
    const f1_drain_t *drain;
    f1_render_t *render; /* NULL until the columns are known */
    f1_buf_t record; /* a row of JSON before it is indented */
    apr_int64_t count;
    apr_pool_t *pool;
} stream_t;

static void begin_stream(stream_t *stream, const f1_rows_t *rows)
{
    stream->render = f1_render_make(rows, stream->format, stream->pool);
    f1_render_head(stream->out, stream->render);
    if (stream->format == F1_FORMAT_JSON) {
        f1_buf_addc(stream->out, '[');
        f1_buf_init(&stream->record, stream->pool, RECORD_FIRST, stream->out->max);
    }
}

static void add_indented(stream_t *stream, const f1_rows_t *rows)
{
    f1_buf_adds(stream->out, stream->count ? ",\n  " : "\n  ");
    stream->record.len = 0;
    f1_render_record(&stream->record, stream->render, rows, 0);
    f1_json_indent(stream->out, stream->record.data, stream->record.len, 1);
}

static void add_to_stream(void *baton, const f1_rows_t *rows, f1_result_t *res)
{
    stream_t *stream = baton;

    if (!stream->render) {
        begin_stream(stream, rows);
    }
    if (f1_rows_count(rows) == 0) {
        return;
    }
    if (stream->format == F1_FORMAT_JSON) {
        add_indented(stream, rows);
    }
    else {
        f1_render_record(stream->out, stream->render, rows, 0);
    }
    stream->count++;
    if (stream->out->full || stream->record.full) {
        f1_result_fail(res, F1_E_INTERNAL, APR_ENOSPC, "A row is too large");
    }
    else if (stream->out->len > stream->out->max / 2) {
        stream->drain->take(stream->drain->baton, stream->out, res);
    }
}

apr_status_t f1_endpoint_stream(f1_conn_t *conn, const f1_request_t *request, f1_buf_t *out, const f1_drain_t *drain,
                                apr_int64_t *pcount, f1_result_t *res)
{
    const answer_t answer = {.conn = conn, .request = request, .pool = out->pool, .res = res};
    const f1_bound_t *query = &request->route->query;
    stream_t stream = {.format = request->format, .out = out, .drain = drain, .pool = out->pool};
    apr_status_t rv = f1_query_each(conn, query->statement, bind_values(&answer, query), add_to_stream, &stream, res);

    if (rv == APR_SUCCESS && stream.count == 0) {
        rv = check_exists(&answer);
    }
    if (rv == APR_SUCCESS && stream.format == F1_FORMAT_JSON) {
        f1_buf_adds(out, stream.count ? "\n]\n" : "]\n");
    }
    *pcount = stream.count;
    return rv;
}
