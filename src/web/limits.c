/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Limits of requests. Buckets are in memory that all children share, and those of several machines in Redis too. */

#include "web/limits.h"

#include <apr_strings.h>

#include "auth/limit.h"
#include "auth/limit_redis.h"
#include "base/counters.h"
#include "base/secret_file.h"
#include "web/shared.h"

static f1_limit_table_t *table;
static f1_limit_redis_t *redis; /* NULL: this machine counts by itself */

static f1_redis_server_t redis_server; /* as the configuration has it */

const char *f1_limits_load(server_rec *s, apr_pool_t *pconf)
{
    const f1_server_config_t *config = f1_config_server(s);
    f1_result_t *res = f1_result_make(pconf);
    const char *path;

    redis_server = (f1_redis_server_t){0};
    if (!f1_config_redis(&redis_server, config->limit_store, pconf) || !config->limit_auth_file) {
        return NULL;
    }
    path = ap_server_root_relative(pconf, config->limit_auth_file);
    if (!path) {
        return "F1BoardLimitAuthFile is no path";
    }
    if (f1_secret_file_login(&redis_server.user, &redis_server.password, path, pconf, res) != APR_SUCCESS) {
        return apr_pstrcat(pconf, "F1BoardLimitAuthFile: ", res->detail, NULL);
    }
    return NULL;
}

static apr_status_t start_redis(server_rec *s)
{
    apr_pool_t *pconf = s->process->pconf;
    const char *name = apr_psprintf(pconf, "limits:%s:%d", redis_server.host, redis_server.port);
    void *memory;
    int is_new;
    apr_status_t rv = f1_shared_find(s, name, f1_limit_redis_size(), &memory, &is_new);

    return rv == APR_SUCCESS ? f1_limit_redis_make(&redis, &redis_server, memory, pconf) : rv;
}

apr_status_t f1_limits_start(server_rec *s)
{
    void *memory;
    int is_new;
    apr_status_t rv = f1_shared_find(s, "limits", f1_limit_table_size(), &memory, &is_new);

    if (rv == APR_SUCCESS && is_new) {
        rv = f1_limit_table_make(memory);
    }
    table = memory;
    redis = NULL;
    if (rv == APR_SUCCESS && redis_server.host) {
        rv = start_redis(s);
    }
    return rv;
}

static f1_rate_t rate_of(const f1_dir_config_t *dir, f1_limit_class_t limit)
{
    const apr_int64_t rates[F1_LIMIT_CLASSES] = {dir->limit_anonymous, dir->limit_user,    dir->limit_login,
                                                 dir->limit_register,  dir->limit_refresh, dir->limit_failures};

    return f1_config_rate(dir->limit ? rates[limit] : 0);
}

/* mod_remoteip has put the client's address in the place of a trusted proxy's. */
static void make_address_key(char key[F1_LIMIT_KEY_MAX], const request_rec *r, f1_limit_class_t limit)
{
    const apr_sockaddr_t *address = r->useragent_addr;

    f1_limit_address_key(key, f1_limit_names[limit], address->ipaddr_ptr, (apr_size_t)address->ipaddr_len);
}

static void make_user_key(char key[F1_LIMIT_KEY_MAX], const char *user_id)
{
    apr_snprintf(key, F1_LIMIT_KEY_MAX, "%s %s", f1_limit_names[F1_LIMIT_USER], user_id);
}

/* Of what Redis allows this machine keeps a count: so it need not ask for somebody whom it alone has let in often
 * enough, and knows about everybody when Redis is away. */
static void take_together(const char *key, const f1_rate_t *rate, f1_verdict_t *verdict, apr_pool_t *pool)
{
    apr_int64_t now = f1_limit_now();
    f1_verdict_t own;

    f1_limit_ask(table, key, rate, F1_LIMIT_LOOK, now, verdict);
    if (!verdict->allowed) {
        return;
    }
    if (f1_limit_redis_ask(redis, key, rate, verdict, f1_result_make(pool)) != APR_SUCCESS) {
        f1_count(F1_COUNT_LIMIT_ALONE, 1);
        f1_limit_ask(table, key, rate, F1_LIMIT_TAKE, now, verdict);
    }
    else if (verdict->allowed) {
        f1_limit_ask(table, key, rate, F1_LIMIT_TAKE, now, &own);
    }
}

static void take(const char *key, const f1_rate_t *rate, f1_verdict_t *verdict, apr_pool_t *pool)
{
    if (redis) {
        take_together(key, rate, verdict, pool);
    }
    else {
        f1_limit_ask(table, key, rate, F1_LIMIT_TAKE, f1_limit_now(), verdict);
    }
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

/* A route's own class is by address, because whoever is to prove who he is has not done so yet. */
static f1_limit_class_t class_of(const f1_call_t *call)
{
    f1_limit_class_t limit = call->match.route ? call->match.route->limit : F1_LIMIT_ANONYMOUS;

    return limit == F1_LIMIT_ANONYMOUS && call->identity->user_id ? F1_LIMIT_USER : limit;
}

/* What httpd asks itself, for a page that includes an answer, is nobody's request. */
apr_status_t f1_limits_count(f1_call_t *call, f1_result_t *res)
{
    f1_limit_class_t limit = class_of(call);
    f1_rate_t rate = rate_of(call->dir, limit);
    char key[F1_LIMIT_KEY_MAX];
    f1_verdict_t verdict;

    if (res->error == F1_E_TOO_MANY_REQUESTS || !rate.count || call->r->main) {
        return res->rv;
    }
    if (limit == F1_LIMIT_USER) {
        make_user_key(key, call->identity->user_id);
    }
    else {
        make_address_key(key, call->r, limit);
    }
    take(key, &rate, &verdict, call->r->pool);
    add_headers(call->r, limit, &rate, &verdict);
    return verdict.allowed ? res->rv : refuse(limit, &verdict, res);
}

apr_status_t f1_limits_check_user(request_rec *r, const char *user_id, f1_result_t *res)
{
    const f1_call_t *call = f1_call_of(r);
    char key[F1_LIMIT_KEY_MAX];
    f1_verdict_t verdict;
    f1_rate_t rate;

    if (!call || r->main || !call->match.route || call->match.route->limit != F1_LIMIT_ANONYMOUS) {
        return res->rv;
    }
    rate = rate_of(call->dir, F1_LIMIT_USER);
    if (!rate.count) {
        return res->rv;
    }
    make_user_key(key, user_id);
    f1_limit_ask(table, key, &rate, F1_LIMIT_LOOK, f1_limit_now(), &verdict);
    if (verdict.allowed) {
        return res->rv;
    }
    add_headers(r, F1_LIMIT_USER, &rate, &verdict);
    return refuse(F1_LIMIT_USER, &verdict, res);
}

/* Wrong credentials are counted by each machine for itself. */
static int ask_failures(const request_rec *r, f1_limit_act_t act, f1_rate_t *rate, f1_verdict_t *verdict)
{
    char key[F1_LIMIT_KEY_MAX];

    *rate = rate_of(ap_get_module_config(r->per_dir_config, &f1board_module), F1_LIMIT_FAILURES);
    if (!rate->count) {
        return 1;
    }
    make_address_key(key, r, F1_LIMIT_FAILURES);
    f1_limit_ask(table, key, rate, act, f1_limit_now(), verdict);
    return verdict->allowed;
}

apr_status_t f1_limits_check_failures(request_rec *r, f1_result_t *res)
{
    f1_verdict_t verdict;
    f1_rate_t rate;

    if (ask_failures(r, F1_LIMIT_LOOK, &rate, &verdict)) {
        return res->rv;
    }
    add_headers(r, F1_LIMIT_FAILURES, &rate, &verdict);
    return refuse(F1_LIMIT_FAILURES, &verdict, res);
}

void f1_limits_count_failure(const request_rec *r)
{
    f1_verdict_t verdict;
    f1_rate_t rate;

    (void)ask_failures(r, F1_LIMIT_TAKE, &rate, &verdict);
}
