/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Limits of requests. Buckets are in memory that all children share. */

#include "web/limits.h"

#include <apr_strings.h>

#include "auth/limit.h"
#include "base/counters.h"
#include "web/shared.h"

static f1_limit_table_t *table;

apr_status_t f1_limits_start(server_rec *s)
{
    void *memory;
    int is_new;
    apr_status_t rv = f1_shared_find(s, "limits", f1_limit_table_size(), &memory, &is_new);

    if (rv == APR_SUCCESS && is_new) {
        rv = f1_limit_table_make(memory);
    }
    table = memory;
    return rv;
}

static f1_rate_t rate_of(const f1_dir_config_t *dir, f1_limit_class_t limit)
{
    const apr_int64_t rates[F1_LIMIT_CLASSES] = {dir->limit_anonymous, dir->limit_user,    dir->limit_login,
                                                 dir->limit_register,  dir->limit_refresh, dir->limit_failures};

    return f1_config_rate(dir->limit ? rates[limit] : 0);
}

/* mod_remoteip has put the client's address in the place of a trusted proxy's. */
static void ask_address(const f1_call_t *call, f1_limit_class_t limit, const f1_rate_t *rate, f1_limit_act_t act,
                        f1_verdict_t *verdict)
{
    const apr_sockaddr_t *address = call->r->useragent_addr;
    char key[F1_LIMIT_KEY_MAX];

    f1_limit_address_key(key, f1_limit_names[limit], address->ipaddr_ptr, (apr_size_t)address->ipaddr_len);
    f1_limit_ask(table, key, rate, act, f1_limit_now(), verdict);
}

static apr_int64_t seconds(apr_int64_t milliseconds)
{
    return (milliseconds + 999) / 1000;
}

/* RateLimit as draft-ietf-httpapi-ratelimit-headers has it, and what clients knew before. */
static void add_headers(request_rec *r, f1_limit_class_t limit, const f1_rate_t *rate, const f1_verdict_t *verdict)
{
    const char *name = f1_limit_names[limit];
    apr_int64_t reset = seconds(verdict->reset);

    apr_table_setn(r->headers_out, "RateLimit-Policy",
                   apr_psprintf(r->pool, "\"%s\";q=%u;w=%u", name, rate->count, rate->seconds));
    apr_table_setn(r->headers_out, "RateLimit",
                   apr_psprintf(r->pool, "\"%s\";r=%u;t=%" APR_INT64_T_FMT, name, verdict->remaining, reset));
    apr_table_setn(r->headers_out, "X-RateLimit-Limit", apr_psprintf(r->pool, "%u", rate->count));
    apr_table_setn(r->headers_out, "X-RateLimit-Remaining", apr_psprintf(r->pool, "%u", verdict->remaining));
    apr_table_setn(r->headers_out, "X-RateLimit-Reset",
                   apr_psprintf(r->pool, "%" APR_INT64_T_FMT, apr_time_sec(r->request_time) + reset));
}

static apr_status_t refuse(f1_limit_class_t limit, const f1_verdict_t *verdict, f1_result_t *res)
{
    f1_count((f1_count_t)(F1_COUNT_LIMITED + limit), 1);
    f1_result_clear(res);
    f1_result_fail(res, F1_E_TOO_MANY_REQUESTS, APR_EAGAIN, "Rate limit exceeded");
    res->retry_after = (int)seconds(verdict->wait);
    return res->rv;
}

/* What httpd asks itself, for a page that includes an answer, was counted with the page or is nobody's. */
static int is_counted(const f1_call_t *call, const f1_rate_t *rate)
{
    return rate->count && !call->r->main;
}

apr_status_t f1_limits_count(f1_call_t *call, f1_result_t *res)
{
    f1_limit_class_t limit = call->match.route ? call->match.route->limit : F1_LIMIT_ANONYMOUS;
    f1_rate_t rate = rate_of(call->dir, limit);
    f1_verdict_t verdict;

    if (res->error == F1_E_TOO_MANY_REQUESTS || !is_counted(call, &rate)) {
        return res->rv;
    }
    ask_address(call, limit, &rate, F1_LIMIT_TAKE, &verdict);
    add_headers(call->r, limit, &rate, &verdict);
    return verdict.allowed ? res->rv : refuse(limit, &verdict, res);
}

apr_status_t f1_limits_check_failures(f1_call_t *call, f1_result_t *res)
{
    f1_rate_t rate = rate_of(call->dir, F1_LIMIT_FAILURES);
    f1_verdict_t verdict;

    if (!is_counted(call, &rate)) {
        return res->rv;
    }
    ask_address(call, F1_LIMIT_FAILURES, &rate, F1_LIMIT_LOOK, &verdict);
    if (verdict.allowed) {
        return res->rv;
    }
    add_headers(call->r, F1_LIMIT_FAILURES, &rate, &verdict);
    return refuse(F1_LIMIT_FAILURES, &verdict, res);
}

void f1_limits_count_failure(f1_call_t *call)
{
    f1_rate_t rate = rate_of(call->dir, F1_LIMIT_FAILURES);
    f1_verdict_t verdict;

    if (is_counted(call, &rate)) {
        ask_address(call, F1_LIMIT_FAILURES, &rate, F1_LIMIT_TAKE, &verdict);
    }
}
