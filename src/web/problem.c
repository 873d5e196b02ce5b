/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Error bodies. They tell what a client can act on and nothing of the inside: what is in f1_result_t was written for
 * strangers, and httpd's own errors are told by their status alone. */

#include "web/problem.h"

#include <string.h>

#include <apr_lib.h>
#include <apr_strings.h>
#include <http_protocol.h>
#include <http_request.h>
#include <util_filter.h>

#include "web/authn.h"
#include "web/mount.h"
#include "web/reply.h"

#define CONTENT_TYPE "application/problem+json"
#define BODY_MAX (64 * 1024)
#define FILTER "F1BOARD_PROBLEM"

typedef struct problem_t {
    int status;
    const char *code, *title;
    const char *detail; /* or NULL */
    const apr_array_header_t *fields; /* of f1_field_error_t, or NULL */
} problem_t;

static void add_member(f1_buf_t *out, const char *name, const char *text)
{
    f1_buf_addf(out, ",\"%s\":", name);
    f1_buf_add_json(out, text, strlen(text));
}

static void add_fields(f1_buf_t *out, const apr_array_header_t *fields)
{
    int i;

    f1_buf_adds(out, ",\"errors\":[");
    for (i = 0; fields && i < fields->nelts; i++) {
        const f1_field_error_t *error = &APR_ARRAY_IDX(fields, i, f1_field_error_t);

        f1_buf_adds(out, i ? ",{\"field\":" : "{\"field\":");
        f1_buf_add_json(out, error->field, strlen(error->field));
        add_member(out, "detail", error->detail);
        f1_buf_addc(out, '}');
    }
    f1_buf_addc(out, ']');
}

/* instance is the path alone, escaped: a query may be long, and hold what should not be repeated. */
static void write_body(f1_buf_t *out, const request_rec *r, const problem_t *problem)
{
    f1_buf_init(out, r->pool, 512, BODY_MAX);
    f1_buf_addf(out, "{\"type\":\"urn:f1board:error:%s\"", problem->code);
    add_member(out, "title", problem->title);
    f1_buf_addf(out, ",\"status\":%d", problem->status);
    if (problem->detail) {
        add_member(out, "detail", problem->detail);
    }
    if (r->uri) {
        add_member(out, "instance", ap_escape_uri(r->pool, r->uri));
    }
    add_fields(out, problem->fields);
    add_member(out, "error", problem->detail ? problem->detail : problem->title);
    add_member(out, "error_code", problem->code);
    f1_buf_addc(out, '}');
}

static void set_headers(f1_call_t *call, const f1_result_t *res)
{
    apr_table_t *headers = call->r->headers_out;
    apr_int64_t wait = (call->dir->retry_after + APR_USEC_PER_SEC - 1) / APR_USEC_PER_SEC;

    f1_reply_headers(call->r, call->dir);
    switch (call->status) {
    case HTTP_UNAUTHORIZED:
        f1_authn_challenge(call->r, headers, res, NULL);
        break;
    case HTTP_METHOD_NOT_ALLOWED:
        apr_table_setn(headers, "Allow", f1_route_allow(call->match.allowed, call->r->pool));
        break;
    case HTTP_TOO_MANY_REQUESTS:
        apr_table_setn(headers, "Retry-After", apr_itoa(call->r->pool, res->retry_after > 0 ? res->retry_after : 1));
        break;
    case HTTP_SERVICE_UNAVAILABLE:
        apr_table_setn(
            headers, "Retry-After",
            apr_psprintf(call->r->pool, "%" APR_INT64_T_FMT, res->retry_after > wait ? res->retry_after : wait));
        break;
    default:
        if (res->retry_after > 0) {
            apr_table_setn(headers, "Retry-After", apr_itoa(call->r->pool, res->retry_after));
        }
        break;
    }
}

int f1_problem_send(f1_call_t *call, const f1_result_t *res)
{
    problem_t problem = {f1_error_http(res->error), f1_error_code(res->error), f1_error_title(res->error), res->detail,
                         res->fields};
    f1_buf_t body;

    call->status = call->r->status = problem.status;
    set_headers(call, res);
    write_body(&body, call->r, &problem);
    apr_table_setn(call->r->subprocess_env, "filter-errordocs", "1"); /* mod_filter passes over errors otherwise */
    return f1_reply_send(call->r, CONTENT_TYPE, &body);
}

/* As the catalogue has it, or "403 Forbidden" as the title "Forbidden" and the code "forbidden". */
static void describe_status(problem_t *problem, const request_rec *r)
{
    const f1_result_t *why = f1_authn_failure(r);
    const char *line = ap_get_status_line(r->status);
    int status = r->status, error;
    char *c;

    *problem = (problem_t){.status = status, .title = strlen(line) > 4 ? line + 4 : line};
    if (why && f1_error_http(why->error) == status) {
        problem->code = f1_error_code(why->error);
        problem->title = f1_error_title(why->error);
        problem->detail = why->detail;
        return;
    }
    for (error = F1_E_BAD_REQUEST; error <= F1_E_TIMEOUT; error++) {
        if (f1_error_http((f1_error_t)error) == status) {
            problem->code = f1_error_code((f1_error_t)error);
            problem->title = f1_error_title((f1_error_t)error);
            return;
        }
    }
    problem->code = c = apr_pstrdup(r->pool, problem->title);
    for (; *c; c++) {
        *c = apr_isalnum(*c) ? (char)apr_tolower(*c) : '_';
    }
}

/* Takes the place of httpd's HTML: the first call brings our body, what httpd wrote is dropped. */
static apr_status_t error_filter(ap_filter_t *f, apr_bucket_brigade *bb)
{
    request_rec *r = f->r;
    problem_t problem;
    f1_buf_t body;

    apr_brigade_cleanup(bb);
    if (f->ctx) {
        return APR_SUCCESS;
    }
    f->ctx = r;
    describe_status(&problem, r);
    write_body(&body, r, &problem);
    f1_reply_headers(r, f1_call_of(r)->dir);
    ap_set_content_type(r, CONTENT_TYPE);
    ap_set_content_length(r, (apr_off_t)body.len);
    APR_BRIGADE_INSERT_TAIL(bb, apr_bucket_pool_create(body.data, body.len, r->pool, bb->bucket_alloc));
    APR_BRIGADE_INSERT_TAIL(bb, apr_bucket_eos_create(bb->bucket_alloc));
    return ap_pass_brigade(f->next, bb);
}

/* Runs when httpd sends an error of its own, after it looked for an ErrorDocument. */
static void insert_error_filter(request_rec *r)
{
    f1_call_t *call = f1_call_of(r);
    const f1_dir_config_t *dir = call ? call->dir : f1_mount_guess(r);

    if (dir && ap_is_HTTP_ERROR(r->status)) {
        f1_call_make(r, dir);
        ap_add_output_filter(FILTER, NULL, r, r->connection);
    }
}

void f1_problem_register_hooks(apr_pool_t *pool)
{
    (void)pool;
    ap_register_output_filter(FILTER, error_filter, NULL, AP_FTYPE_RESOURCE);
    ap_hook_insert_error_filter(insert_error_filter, NULL, NULL, APR_HOOK_LAST);
}
