/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* The way of a request through its checks to its answer. Each step fills res with why it cannot go on; whatever res
 * says in the end becomes the reply in one place. */

#include "web/handler.h"

#include <string.h>

#include <apr_strings.h>
#include <http_log.h>
#include <http_protocol.h>
#include <http_request.h>

#include "base/body.h"
#include "base/counters.h"
#include "base/log.h"
#include "db/endpoint.h"
#include "web/account_api.h"
#include "web/authn.h"
#include "web/cache.h"
#include "web/calendar_feed.h"
#include "web/describe.h"
#include "web/ergast_api.h"
#include "web/events.h"
#include "web/limits.h"
#include "web/meta.h"
#include "web/metrics.h"
#include "web/mount.h"
#include "web/openf1_api.h"
#include "web/perform.h"
#include "web/problem.h"
#include "web/reply.h"
#include "web/request.h"
#include "web/sink.h"
#include "web/unsubscribe.h"

APLOG_USE_MODULE(f1board);

#define BODY_FIRST 8192 /* most answers fit at once */
#define STREAM_BUFFER (128 * 1024)

typedef struct endpoint_t {
    const char *name;
    f1_endpoint_fn_t *fn;
    f1_time_bond_t (*time)(const f1_call_t *call); /* NULL: its answers depend on the clock */
} endpoint_t;

static const endpoint_t endpoints[] = {
    {"service", f1_meta_service, NULL},
    {"health", f1_meta_health, NULL},
    {"health_live", f1_meta_live, NULL},
    {"health_ready", f1_meta_ready, NULL},
    {"health_database", f1_meta_database, NULL},
    {"health_cache", f1_meta_cache, NULL},
    {"openapi", f1_describe_openapi, NULL},
    {"docs", f1_describe_docs, NULL},
    {"redoc", f1_describe_redoc, NULL},
    {"docs_asset", f1_describe_asset, NULL},
    {"ergast", f1_ergast_api, f1_ergast_time},
    {"metrics", f1_metrics_answer, NULL},
    {"openf1", f1_openf1_api, f1_openf1_time},
    {"calendar", f1_calendar_feed, NULL},
    {"auth_register", f1_auth_register, NULL},
    {"auth_login", f1_auth_login, NULL},
    {"auth_refresh", f1_auth_refresh, NULL},
    {"auth_logout", f1_auth_logout, NULL},
    {"auth_logout_all", f1_auth_logout_all, NULL},
    {"auth_verify_email", f1_auth_verify_email, NULL},
    {"auth_forgot_password", f1_auth_forgot_password, NULL},
    {"auth_reset_password", f1_auth_reset_password, NULL},
    {"auth_change_password", f1_auth_change_password, NULL},
    {"me_update", f1_me_update, NULL},
    {"me_erase", f1_me_erase, NULL},
    {"me_session_end", f1_me_session_end, NULL},
    {"me_api_key_add", f1_me_api_key_add, NULL},
    {"me_api_key_revoke", f1_me_api_key_revoke, NULL},
    {"users_update", f1_users_update, NULL},
    {"users_unlock", f1_users_unlock, NULL},
    {"unsubscribe_page", f1_unsubscribe_page, NULL},
    {"unsubscribe", f1_unsubscribe, NULL},
};

static const endpoint_t **route_endpoints; /* by index into f1_routes; NULL: the route has SQL */

static const endpoint_t *find_endpoint(const char *name)
{
    size_t i;

    for (i = 0; i < sizeof(endpoints) / sizeof(endpoints[0]); i++) {
        if (!strcmp(endpoints[i].name, name)) {
            return &endpoints[i];
        }
    }
    return NULL;
}

const char *f1_handler_resolve(apr_pool_t *pconf)
{
    int i;

    route_endpoints = apr_pcalloc(pconf, sizeof(*route_endpoints) * (size_t)(f1_route_count + 1));
    for (i = 0; i < f1_route_count; i++) {
        const f1_route_t *route = &f1_routes[i];

        if (route->handler && !(route_endpoints[i] = find_endpoint(route->handler))) {
            return apr_psprintf(pconf, "%s names the handler '%s', which this program does not have", route->file,
                                route->handler);
        }
    }
    return NULL;
}

static apr_status_t find_route(f1_call_t *call, f1_result_t *res)
{
    request_rec *r = call->r;
    const char *path = f1_mount_path(call->dir, r);

    if (path && f1_route_find(f1_routes, f1_route_count, f1_request_method(r), path, &call->match, r->pool)) {
        return APR_SUCCESS;
    }
    if (!path || !call->match.allowed) {
        return f1_result_fail(res, F1_E_NOT_FOUND, APR_NOTFOUND, "There is nothing at this path");
    }
    return f1_result_fail(res, F1_E_METHOD_NOT_ALLOWED, APR_ENOTIMPL, "This resource has the methods %s",
                          f1_route_allow(call->match.allowed, r->pool));
}

/* Who asks, and whether he may. Where httpd knows him by what browsers send on their own accord, a page elsewhere could
 * make them ask: what it wants changed is refused. */
static apr_status_t authenticate(f1_call_t *call, f1_result_t *res)
{
    const f1_route_t *route = call->match.route;
    request_rec *r = call->r;
    apr_status_t rv;

    if (route->auth == F1_AUTH_OPEN) {
        return APR_SUCCESS;
    }
    call->is_private = route->auth != F1_AUTH_PUBLIC || !call->dir->public_read;
    rv = f1_authn_identify(r, &call->identity, res);
    if (rv != APR_SUCCESS) {
        return rv;
    }
    f1_authn_publish(r, call->identity);
    rv = f1_identity_may_use(call->identity, route, (int)call->dir->public_read, res);
    if (res->error == F1_E_FORBIDDEN) {
        f1_authn_challenge(r, r->headers_out, res, route->scope);
    }
    if (rv == APR_SUCCESS && call->identity->by == F1_BY_SERVER && route->method != F1_GET &&
        f1_request_is_foreign(r)) {
        rv = f1_result_fail(res, F1_E_FORBIDDEN, APR_EACCES, "Pages of other sites may not ask for this");
    }
    return rv;
}

static apr_status_t check_limits(f1_call_t *call, f1_result_t *res)
{
    const f1_dir_config_t *dir = call->dir;
    request_rec *r = call->r;

    if (r->args && strlen(r->args) > (size_t)dir->max_query) {
        return f1_result_fail(res, F1_E_URI_TOO_LONG, APR_ENAMETOOLONG,
                              "The query string is longer than the %" APR_INT64_T_FMT " bytes allowed", dir->max_query);
    }
    if (call->match.route->any_body) {
        return f1_request_drop(r, dir->max_body, res);
    }
    return f1_request_read(r, dir->max_body, f1_route_takes_body(call->match.route) ? &call->body : NULL, res);
}

/* A condition that cannot be looked at must not be passed over (RFC 9110 section 13.2.2). */
static apr_status_t check_conditions(const f1_call_t *call, f1_result_t *res)
{
    const f1_route_t *route = call->match.route;
    const char *if_match = apr_table_get(call->r->headers_in, "If-Match");

    if (route->method == F1_GET) {
        return APR_SUCCESS;
    }
    if (if_match && !route->state) {
        return f1_result_fail(res, F1_E_PRECONDITION_FAILED, APR_EGENERAL,
                              "This resource has no versions that If-Match could name");
    }
    if (!if_match && route->match_required) {
        return f1_result_fail(res, F1_E_PRECONDITION_REQUIRED, APR_EGENERAL,
                              "If-Match should say which version is to be changed: the ETag of a GET, or * for any");
    }
    return APR_SUCCESS;
}

static apr_status_t validate(f1_call_t *call, f1_result_t *res)
{
    apr_int64_t most = call->dir->page_size_max;
    apr_int64_t usual = call->dir->page_size < most ? call->dir->page_size : most; /* <If> may have set either */

    f1_param_check(&call->request, &call->match, call->r->args, (int)usual, (int)most, call->r->pool, res);
    call->request.if_match = apr_table_get(call->r->headers_in, "If-Match");
    if (f1_route_takes_body(call->match.route)) {
        f1_body_check(&call->request, call->body.data, call->body.len, call->r->pool, res);
    }
    call->request.me = call->identity->user_id;
    call->request.my_role = f1_role_name(call->identity->role);
    call->request.my_session = call->identity->session_id;
    call->request.my_via = f1_by_name(call->identity->by);
    call->request.my_key = call->identity->key_id;
    return res->rv;
}

static const char *list_of(const char *const *types, apr_pool_t *pool)
{
    const char *list = *types;

    for (types++; *types; types++) {
        list = apr_pstrcat(pool, list, types[1] ? ", " : " or ", *types, NULL);
    }
    return list;
}

/* The representation: format= if it was given, else what Accept likes best of what the route has. */
static apr_status_t negotiate(f1_call_t *call, f1_result_t *res)
{
    static const char *const row_types[F1_FORMAT_COUNT + 1] = {F1_TYPE_JSON, F1_TYPE_CSV, F1_TYPE_NDJSON};
    const f1_route_t *route = call->match.route;
    const char *const *types = route->media;
    int has_formats = f1_route_has_formats(route), chosen;

    if (has_formats) {
        types = row_types;
    }
    chosen = call->request.format_given ? (int)call->request.format : f1_request_choose(call->r, types);
    if (chosen < 0) {
        return f1_result_fail(res, F1_E_NOT_ACCEPTABLE, APR_EINVAL, "This resource is %s",
                              list_of(types, call->r->pool));
    }
    call->content_type = types[chosen];
    if (has_formats) {
        call->request.format = (f1_format_t)chosen;
        call->content_type = f1_formats[chosen].content_type;
    }
    return APR_SUCCESS;
}

/* All rows of a stream. What is spooled at all is spooled to its end. */
static apr_status_t answer_stream(f1_call_t *call, f1_conn_t *conn, f1_buf_t *out, f1_page_t *page, f1_result_t *res)
{
    const f1_drain_t drain = {f1_spool_take, &call->spool};

    call->spool.pool = call->r->pool;
    out->max = STREAM_BUFFER;
    *page = (f1_page_t){0};
    if (f1_endpoint_stream(conn, &call->request, out, &drain, &page->total, res) == APR_SUCCESS && call->spool.file) {
        f1_spool_take(&call->spool, out, res);
    }
    return res->rv;
}

static apr_status_t answer_from_sql(f1_call_t *call, f1_buf_t *out, f1_result_t *res)
{
    int is_stream = call->match.route->answer == F1_ANSWER_STREAM;
    apr_pool_t *pool = call->r->pool;
    apr_time_t start = apr_time_now();
    f1_conn_t *conn;
    f1_page_t page;
    apr_status_t rv;

    rv = call->db->open(call->db, &conn, pool, res);
    if (rv == APR_SUCCESS) {
        rv = is_stream ? answer_stream(call, conn, out, &page, res)
                       : f1_endpoint_answer(conn, &call->request, out, &page, pool, res);
        call->db->close(call->db, conn);
    }
    call->query_time = apr_time_now() - start;
    if (rv == APR_SUCCESS && page.is_list) {
        f1_reply_page(call, page.total);
    }
    if (rv == APR_SUCCESS && page.location) {
        apr_table_setn(call->r->headers_out, "Location", apr_pstrcat(pool, call->dir->base, page.location, NULL));
    }
    if (rv == APR_SUCCESS && is_stream) {
        f1_reply_attachment(call, page.total);
    }
    return rv;
}

/* What is asked for, by whom, and whether he may ask now. */
static apr_status_t admit(f1_call_t *call, f1_result_t *res)
{
    if (find_route(call, res) == APR_SUCCESS) {
        authenticate(call, res);
    }
    return f1_limits_count(call, res);
}

/* Of an answer that is no error; a handler in C may have another. */
static int usual_status(const f1_route_t *route)
{
    if (route->status) {
        return route->status;
    }
    return route->answer == F1_ANSWER_NONE ? HTTP_NO_CONTENT : HTTP_OK;
}

static f1_time_bond_t time_bond(const f1_call_t *call, const endpoint_t *endpoint)
{
    if (!endpoint) {
        return F1_TIME_NONE;
    }
    return endpoint->time ? endpoint->time(call) : F1_TIME_CLOCK;
}

static apr_status_t answer_or_find(f1_call_t *call, f1_buf_t *out, f1_result_t *res)
{
    const endpoint_t *endpoint = route_endpoints[call->match.route - f1_routes];
    int is_events = call->match.route->answer == F1_ANSWER_EVENTS;
    apr_status_t rv;

    call->status = usual_status(call->match.route);
    if (f1_cache_find(call, time_bond(call, endpoint), out)) {
        return APR_SUCCESS;
    }
    f1_buf_init(out, call->r->pool, BODY_FIRST, F1_ENDPOINT_MAX_BODY);
    rv = f1_perform(call, is_events ? f1_events_answer : endpoint ? endpoint->fn : answer_from_sql, out, res);
    f1_cache_keep(call, rv == APR_SUCCESS ? out : NULL);
    return rv;
}

static apr_status_t answer(f1_call_t *call, f1_buf_t *out, f1_result_t *res)
{
    apr_status_t rv = admit(call, res);

    if (rv == APR_SUCCESS) {
        rv = check_limits(call, res);
    }
    if (rv == APR_SUCCESS) {
        rv = validate(call, res);
    }
    if (rv == APR_SUCCESS) {
        rv = negotiate(call, res);
    }
    if (rv == APR_SUCCESS) {
        rv = check_conditions(call, res);
    }
    if (rv == APR_SUCCESS) {
        rv = answer_or_find(call, out, res);
    }
    return rv;
}

/* What exists says so, also to a browser that asks before it asks (CORS). */
static int answer_options(f1_call_t *call)
{
    request_rec *r = call->r;

    r->status = HTTP_NO_CONTENT;
    apr_table_setn(r->headers_out, "Allow", f1_route_allow(call->match.allowed, r->pool));
    f1_reply_headers(r, call->dir);
    return OK;
}

/* For LogFormat: %{f1board_route}n, %{f1board_cache}n (hit, miss, 304, bypass, none), and the microseconds spent with
 * the database as %{f1board_query}n. */
static void leave_notes(const f1_call_t *call)
{
    request_rec *r = call->r;

    if (call->match.route) {
        apr_table_setn(r->notes, "f1board_route", call->match.route->name);
    }
    apr_table_setn(r->notes, "f1board_cache", f1_cache_word(call));
    apr_table_setn(r->notes, "f1board_query",
                   call->query_time ? apr_psprintf(r->pool, "%" APR_TIME_T_FMT, call->query_time) : "0");
}

static int reply(f1_call_t *call, const f1_buf_t *out, const f1_result_t *res)
{
    request_rec *r = call->r;

    leave_notes(call);
    if (res->error == F1_E_METHOD_NOT_ALLOWED && r->method_number == M_OPTIONS) {
        return answer_options(call);
    }
    if (res->error != F1_E_OK) {
        return f1_problem_send(call, res);
    }
    f1_reply_headers(r, call->dir);
    if (call->status == HTTP_OK || call->status == HTTP_NOT_MODIFIED) {
        f1_reply_validators(call);
    }
    if (call->status == HTTP_NOT_MODIFIED) {
        return HTTP_NOT_MODIFIED; /* httpd takes the filters of bodies away */
    }
    r->status = call->status;
    if (call->follower || (r->header_only && call->match.route->answer == F1_ANSWER_EVENTS)) {
        return f1_events_send(call, out);
    }
    if (call->status == HTTP_SERVICE_UNAVAILABLE) {
        apr_table_setn(r->headers_out, "Retry-After", "1");
    }
    if (call->spool.file) {
        return f1_reply_send_file(r, call->content_type, &call->spool);
    }
    return call->status == HTTP_NO_CONTENT ? OK : f1_reply_send(r, call->content_type, out);
}

static int handle(request_rec *r)
{
    const f1_dir_config_t *dir;
    request_rec *outer;
    f1_result_t *res;
    f1_call_t *call;
    f1_buf_t out;
    int status;

    if (!r->handler || strcmp(r->handler, F1_HANDLER)) {
        return DECLINED;
    }
    dir = ap_get_module_config(r->per_dir_config, &f1board_module);
    if (!dir || !dir->base) {
        ap_log_rerror(APLOG_MARK, APLOG_ERR, 0, r,
                      F1LOGNO(0501) "SetHandler " F1_HANDLER " should be in a <Location>, which says where URLs begin");
        return HTTP_INTERNAL_SERVER_ERROR;
    }
    outer = f1_sink_request(r);
    f1_count_level(F1_LEVEL_REQUESTS, 1);
    call = f1_call_make(r, dir);
    call->status = HTTP_OK;
    res = f1_result_make(r->pool);
    answer(call, &out, res);
    status = reply(call, &out, res);
    ap_log_rerror(APLOG_MARK, APLOG_DEBUG, 0, r,
                  F1LOGNO(0502) "%s answered with %d, %" APR_TIME_T_FMT " us with the database",
                  call->match.route ? call->match.route->name : "no route", call->status, call->query_time);
    f1_count_level(F1_LEVEL_REQUESTS, -1);
    f1_sink_request(outer);
    return status;
}

void f1_handler_register_hooks(apr_pool_t *pool)
{
    (void)pool;
    ap_hook_handler(handle, NULL, NULL, APR_HOOK_MIDDLE);
}
