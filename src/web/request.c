/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Method, Accept and body of a request. Headers are what strangers send: nothing is assumed about their form. */

#include "web/request.h"

#include <string.h>

#include <apr_lib.h>
#include <http_protocol.h>

#include "base/route.h"
#include "base/str.h"

#define READ_SIZE 8192

int f1_request_method(const request_rec *r)
{
    switch (r->method_number) {
    case M_GET:
        return F1_GET;
    case M_POST:
        return F1_POST;
    case M_PUT:
        return F1_PUT;
    case M_PATCH:
        return F1_PATCH;
    case M_DELETE:
        return F1_DELETE;
    default:
        return 0;
    }
}

/* How closely a range of len bytes, without parameters, describes type: 3 exactly, 2 its main type, 1 as anything,
 * 0 not at all. */
static int closeness(const char *range, size_t len, const char *type)
{
    size_t main_len = strcspn(type, "/") + 1;

    if (len == 3 && !strncmp(range, "*/*", 3)) {
        return 1;
    }
    if (len == main_len + 1 && range[main_len] == '*' && !strncasecmp(range, type, main_len)) {
        return 2;
    }
    return len == strlen(type) && !strncasecmp(range, type, len) ? 3 : 0;
}

/* "0.8", len bytes that should be at most a digit and three decimals, in thousandths; what is none counts as 0. */
static int thousandths(const char *text, size_t len)
{
    int value = 0, unit = 1000;
    size_t i;

    for (i = 0; i < len; i++) {
        if (i == 1 && text[i] == '.') {
            continue;
        }
        if (i == 1 || i > 4 || !apr_isdigit(text[i])) {
            return 0;
        }
        value += (text[i] - '0') * unit;
        unit /= 10;
    }
    return value < 1000 ? value : 1000;
}

/* The q that parameters, len bytes from the first semicolon on, say; 1000 when they do not. */
static int quality(const char *parameters, size_t len)
{
    const char *end = parameters + len;

    while (parameters < end) {
        parameters++;
        while (parameters < end && apr_isspace(*parameters)) {
            parameters++;
        }
        if (end - parameters >= 2 && apr_tolower(parameters[0]) == 'q' && parameters[1] == '=') {
            size_t rest = (size_t)(end - parameters) - 2, q = strcspn(parameters + 2, "; \t");

            return thousandths(parameters + 2, q < rest ? q : rest);
        }
        while (parameters < end && *parameters != ';') {
            parameters++;
        }
    }
    return 1000;
}

/* How gladly the header takes a type: 0 not at all; otherwise its q first, then how closely the range describes it. */
static int weight(const char *accept, const char *type)
{
    int best = 0, q = 0;

    while (*accept) {
        size_t len = strcspn(accept, ","), lead = strspn(accept, " \t"), range_len, bare;
        const char *range = accept + (lead < len ? lead : len);
        int close;

        range_len = len - (size_t)(range - accept);
        bare = strcspn(range, ";, \t");
        close = closeness(range, bare, type);
        if (close > best) {
            size_t semicolon = strcspn(range, ";");

            best = close;
            q = semicolon < range_len ? quality(range + semicolon, range_len - semicolon) : 1000;
        }
        accept += len + (accept[len] == ',');
    }
    return q ? 4 * q + best : 0;
}

int f1_request_choose(const request_rec *r, const char *const *types)
{
    const char *accept = apr_table_get(r->headers_in, "Accept");
    int chosen = -1, heaviest = 0, i;

    if (!accept || !accept[strspn(accept, " \t")]) {
        return 0;
    }
    for (i = 0; types[i]; i++) {
        int is = weight(accept, types[i]);

        if (is > heaviest) {
            heaviest = is;
            chosen = i;
        }
    }
    return chosen;
}

/* "; charset=utf-8", perhaps quoted, is the only parameter that JSON may have. */
static int is_utf8(const char *parameters)
{
    static const char charset[] = "charset=";

    parameters += strspn(parameters, " \t");
    if (!*parameters) {
        return 1;
    }
    if (*parameters++ != ';') {
        return 0;
    }
    parameters += strspn(parameters, " \t");
    if (strncasecmp(parameters, charset, sizeof(charset) - 1)) {
        return 0;
    }
    parameters += sizeof(charset) - 1;
    return !strcasecmp(parameters, "utf-8") || !strcasecmp(parameters, "\"utf-8\"");
}

static apr_status_t check_type(const request_rec *r, f1_result_t *res)
{
    static const char json[] = "application/json";
    const char *type = apr_table_get(r->headers_in, "Content-Type");
    const char *encoding = apr_table_get(r->headers_in, "Content-Encoding");

    if (!type || strncasecmp(type, json, sizeof(json) - 1) || !is_utf8(type + sizeof(json) - 1)) {
        return f1_result_fail(res, F1_E_UNSUPPORTED_MEDIA_TYPE, APR_EINVAL,
                              "A request body should be application/json in UTF-8");
    }
    if (encoding && strcasecmp(encoding, "identity")) {
        return f1_result_fail(res, F1_E_UNSUPPORTED_MEDIA_TYPE, APR_EINVAL,
                              "A request body should have no Content-Encoding");
    }
    return APR_SUCCESS;
}

static apr_status_t too_large(apr_int64_t max, f1_result_t *res)
{
    return f1_result_fail(res, F1_E_BODY_TOO_LARGE, APR_ENOSPC,
                          "The request body is larger than the %" APR_INT64_T_FMT " bytes allowed", max);
}

/* Adds what bb holds to *ptotal, and to body if there is one; *pend: whether the body ends in it. */
static apr_status_t take(apr_bucket_brigade *bb, f1_buf_t *body, apr_int64_t *ptotal, int *pend)
{
    apr_bucket *b;

    for (b = APR_BRIGADE_FIRST(bb); b != APR_BRIGADE_SENTINEL(bb); b = APR_BUCKET_NEXT(b)) {
        const char *data = NULL;
        apr_size_t len = 0;
        apr_status_t rv = APR_SUCCESS;

        if (APR_BUCKET_IS_EOS(b)) {
            *pend = 1;
        }
        else if (!APR_BUCKET_IS_METADATA(b)) {
            rv = apr_bucket_read(b, &data, &len, APR_BLOCK_READ);
        }
        if (rv != APR_SUCCESS) {
            return rv;
        }
        if (body && len) {
            f1_buf_add(body, data, len);
        }
        *ptotal += (apr_int64_t)len;
    }
    return APR_SUCCESS;
}

/* *ptotal: its bytes. */
static apr_status_t read_to_end(request_rec *r, apr_int64_t max, f1_buf_t *body, apr_int64_t *ptotal, f1_result_t *res)
{
    apr_bucket_brigade *bb = apr_brigade_create(r->pool, r->connection->bucket_alloc);
    apr_status_t rv = APR_SUCCESS;
    int end = 0;

    while (!end && rv == APR_SUCCESS && *ptotal <= max) {
        rv = ap_get_brigade(r->input_filters, bb, AP_MODE_READBYTES, APR_BLOCK_READ, READ_SIZE);
        if (rv == APR_SUCCESS) {
            rv = take(bb, body, ptotal, &end);
        }
        apr_brigade_cleanup(bb);
    }
    if (APR_STATUS_IS_TIMEUP(rv)) {
        return f1_result_fail(res, F1_E_REQUEST_TIMEOUT, rv, "The request body came too slowly");
    }
    if (rv != APR_SUCCESS) {
        return f1_result_fail(res, F1_E_BAD_REQUEST, rv, "The request body is cut off, or is sent in a wrong way");
    }
    return *ptotal <= max ? APR_SUCCESS : too_large(max, res);
}

apr_status_t f1_request_read(request_rec *r, apr_int64_t max, f1_buf_t *body, f1_result_t *res)
{
    const char *length = apr_table_get(r->headers_in, "Content-Length");
    apr_int64_t bytes = 0, total = 0;

    if (body) {
        f1_buf_init(body, r->pool, 1024, (size_t)max);
    }
    else if (!length && !apr_table_get(r->headers_in, "Transfer-Encoding")) {
        return APR_SUCCESS;
    }
    if (length && f1_str_to_int64(length, &bytes) && bytes > max) {
        return too_large(max, res);
    }
    if (r->expecting_100 && check_type(r, res) != APR_SUCCESS) {
        return res->rv;
    }
    /* Read first: over HTTP/2 an answer to a body that is not taken comes with a reset, which some clients prefer. */
    if (read_to_end(r, max, body, &total, res) != APR_SUCCESS) {
        return res->rv;
    }
    return total || body ? check_type(r, res) : APR_SUCCESS;
}

int f1_request_is_foreign(const request_rec *r)
{
    const char *site = apr_table_get(r->headers_in, "Sec-Fetch-Site");
    const char *origin = apr_table_get(r->headers_in, "Origin"), *host = apr_table_get(r->headers_in, "Host");

    if (site && strcmp(site, "same-origin") != 0 && strcmp(site, "none") != 0) {
        return 1;
    }
    if (!origin) {
        return 0;
    }
    origin = strstr(origin, "://");
    return !origin || !host || strcasecmp(origin + 3, host) != 0;
}

apr_status_t f1_request_drop(request_rec *r, apr_int64_t max, f1_result_t *res)
{
    apr_int64_t total = 0;

    return read_to_end(r, max, NULL, &total, res);
}
