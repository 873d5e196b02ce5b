/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Headers and bodies. A body is a single bucket over the buffer it was rendered into: nothing is copied. */

#include "web/reply.h"

#include <string.h>

#include <apr_lib.h>
#include <apr_strings.h>
#include <http_core.h>
#include <http_protocol.h>

#include "web/cache.h"

#define CORS_EXPOSED                                                                                              \
    "Content-Disposition, ETag, Idempotency-Replayed, Link, Location, RateLimit, RateLimit-Policy, Retry-After, " \
    "WWW-Authenticate, X-Limit-Clamped, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, X-Total-Count"
#define CORS_HEADERS "Accept, Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, X-API-Key"
#define CORS_MAX_AGE "7200" /* seconds a browser may remember a preflight; they allow no more */

/* The value for Access-Control-Allow-Origin, NULL when the origin may not read answers. */
static const char *allowed_origin(const char *origins, const char *origin)
{
    size_t len = strlen(origin);
    const char *word = origins;

    while (*word) {
        size_t word_len = strcspn(word, " ");

        if (word_len == 1 && word[0] == '*') {
            return "*";
        }
        if (word_len == len && !strncasecmp(word, origin, len)) {
            return origin;
        }
        word += word_len + (word[word_len] == ' ');
    }
    return NULL;
}

/* Never with credentials: the API is read without cookies. */
static void add_cors(request_rec *r, const f1_dir_config_t *dir)
{
    const char *origin = apr_table_get(r->headers_in, "Origin");
    const char *allowed;

    if (!dir->cors_origins) {
        return;
    }
    apr_table_mergen(r->headers_out, "Vary", "Origin");
    allowed = origin ? allowed_origin(dir->cors_origins, origin) : NULL;
    if (!allowed) {
        return;
    }
    apr_table_setn(r->headers_out, "Access-Control-Allow-Origin", allowed);
    apr_table_setn(r->headers_out, "Access-Control-Expose-Headers", CORS_EXPOSED);
    if (r->method_number == M_OPTIONS && apr_table_get(r->headers_in, "Access-Control-Request-Method")) {
        apr_table_setn(r->headers_out, "Access-Control-Allow-Methods",
                       f1_route_allow(f1_call_of(r)->match.allowed, r->pool));
        apr_table_setn(r->headers_out, "Access-Control-Allow-Headers", CORS_HEADERS);
        apr_table_setn(r->headers_out, "Access-Control-Max-Age", CORS_MAX_AGE);
    }
}

/* What keeps an answer from becoming something else in a browser: a page, a script or a picture of another site's page,
 * or a frame in it. Pages of ours have said before what they may load. */
static void add_protection(request_rec *r)
{
    apr_table_t *headers = r->headers_out;

    apr_table_setn(headers, "X-Content-Type-Options", "nosniff");
    apr_table_setn(headers, "X-Frame-Options", "SAMEORIGIN");
    apr_table_setn(headers, "Referrer-Policy", "no-referrer");
    apr_table_setn(headers, "Cross-Origin-Resource-Policy", "same-origin");
    if (!apr_table_get(headers, "Content-Security-Policy")) {
        apr_table_setn(headers, "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
    }
}

void f1_reply_headers(request_rec *r, const f1_dir_config_t *dir)
{
    const f1_call_t *call = f1_call_of(r);

    add_protection(r);
    apr_table_setn(r->headers_out, "Cache-Control", call && call->is_private ? "private, no-store" : "no-store");
    apr_table_mergen(r->headers_out, "Vary", "Accept");
    if (call && call->is_private) {
        apr_table_mergen(r->headers_out, "Vary", "Authorization, X-API-Key");
    }
    add_cors(r, dir);
}

void f1_reply_validators(const f1_call_t *call)
{
    apr_table_t *headers = call->r->headers_out;

    apr_table_setn(headers, "Cache-Control", f1_cache_control(call));
    apr_table_mergen(headers, "Vary", "Accept-Encoding");
    if (call->cache.etag) {
        apr_table_setn(headers, "ETag", call->cache.etag);
    }
}

static void set_total(request_rec *r, apr_int64_t total)
{
    apr_table_setn(r->headers_out, "X-Total-Count", apr_psprintf(r->pool, "%" APR_INT64_T_FMT, total));
}

static void add_link(f1_buf_t *out, const f1_call_t *call, const char *rest, apr_int64_t offset, const char *rel)
{
    f1_buf_addf(out, "%s<%s?%slimit=%d&offset=%" APR_INT64_T_FMT ">; rel=\"%s\"", out->len ? ", " : "",
                ap_escape_uri(call->r->pool, call->r->uri), rest, call->request.limit, offset, rel);
}

/* The request's own query parameters in their canonical form, "season=2024&", without the page. */
static const char *query_parameters(const f1_call_t *call)
{
    const f1_route_t *route = call->request.route;
    apr_pool_t *pool = call->r->pool;
    const char *query = "";
    int i;

    for (i = 0; i < route->param_count; i++) {
        if (route->params[i].in == F1_IN_QUERY && call->request.values[i]) {
            query = apr_pstrcat(pool, query, route->params[i].name, "=",
                                ap_escape_urlencoded(pool, call->request.values[i]), "&", NULL);
        }
    }
    if (call->request.format_given) {
        query = apr_pstrcat(pool, query, "format=", f1_formats[call->request.format].name, "&", NULL);
    }
    return query;
}

void f1_reply_page(const f1_call_t *call, apr_int64_t total)
{
    request_rec *r = call->r;
    apr_int64_t limit = call->request.limit, offset = call->request.offset;
    apr_int64_t last = total > 0 ? (total - 1) / limit * limit : 0;
    const char *rest = query_parameters(call);
    f1_buf_t links;

    f1_buf_init(&links, r->pool, 512, 16384);
    add_link(&links, call, rest, 0, "first");
    if (offset > 0) {
        apr_int64_t before = offset > last + limit ? last : offset - limit;

        add_link(&links, call, rest, before > 0 ? before : 0, "prev");
    }
    if (offset + limit < total) {
        add_link(&links, call, rest, offset + limit, "next");
    }
    add_link(&links, call, rest, last, "last");
    if (!links.full) {
        apr_table_setn(r->headers_out, "Link", links.data);
    }
    set_total(r, total);
    if (call->request.limit_clamped) {
        apr_table_setn(r->headers_out, "X-Limit-Clamped",
                       apr_psprintf(r->pool, "asked=%d, used=%d", call->request.limit_clamped, call->request.limit));
    }
}

/* What a file name may hold everywhere. */
static const char *safe_name(const char *text, apr_pool_t *pool)
{
    char *name = apr_pstrdup(pool, text), *c;

    for (c = name; *c; c++) {
        if (!apr_isalnum(*c) && *c != '-') {
            *c = '_';
        }
    }
    return name;
}

void f1_reply_attachment(const f1_call_t *call, apr_int64_t total)
{
    const f1_request_t *request = &call->request;
    const char *slash = strchr(request->route->name, '/');
    apr_pool_t *pool = call->r->pool;
    const char *name = "";
    int i;

    for (i = 0; i < request->route->param_count; i++) {
        if (request->values[i]) {
            name = apr_pstrcat(pool, name, "_", safe_name(request->values[i], pool), NULL);
        }
    }
    apr_table_setn(call->r->headers_out, "Content-Disposition",
                   apr_pstrcat(pool, "attachment; filename=", slash + 1, *name ? name : "_all", ".",
                               f1_formats[request->format].name, NULL));
    set_total(call->r, total);
}

static int send_brigade(request_rec *r, const char *content_type, apr_bucket_brigade *bb, apr_off_t length)
{
    apr_status_t rv;

    ap_set_content_type(r, content_type);
    ap_set_content_length(r, length);
    APR_BRIGADE_INSERT_TAIL(bb, apr_bucket_eos_create(bb->bucket_alloc));
    rv = ap_pass_brigade(r->output_filters, bb);
    /* a client that went away is no error of ours, and there is nobody left to tell */
    return rv == APR_SUCCESS || r->connection->aborted ? OK : AP_FILTER_ERROR;
}

int f1_reply_send(request_rec *r, const char *content_type, const f1_buf_t *body)
{
    apr_bucket_brigade *bb = apr_brigade_create(r->pool, r->connection->bucket_alloc);

    APR_BRIGADE_INSERT_TAIL(bb, apr_bucket_pool_create(body->data, body->len, r->pool, bb->bucket_alloc));
    return send_brigade(r, content_type, bb, (apr_off_t)body->len);
}

int f1_reply_send_file(request_rec *r, const char *content_type, const f1_spool_t *spool)
{
    apr_bucket_brigade *bb = apr_brigade_create(r->pool, r->connection->bucket_alloc);

    apr_brigade_insert_file(bb, spool->file, 0, spool->size, r->pool);
    return send_brigade(r, content_type, bb, spool->size);
}
