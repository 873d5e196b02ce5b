/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* The request budget of an upstream. The database function upstream_reserve holds the lock and the memory; here are
 * the limits' spelling and defaults, and the waiting. */

#include "ingest/budget.h"

#include <arpa/inet.h>
#include <string.h>

#include <apr_lib.h>
#include <apr_strings.h>
#include <apr_uri.h>

#include "base/str.h"
#include "db/query.h"
#include "gen/statements.h"

static const f1_limits_t standard = {.per_second = 4, .per_hour = 500};

/* One "500/h". 0 when it is not, or when its unit had its limit already. */
static int parse_limit(const char *text, size_t len, f1_limits_t *limits)
{
    char digits[8];
    apr_int64_t rate;
    int *limit;

    if (len < 3 || len - 2 >= sizeof(digits) || text[len - 2] != '/') {
        return 0;
    }
    apr_cpystrn(digits, text, len - 1);
    if (!f1_str_to_int64(digits, &rate) || rate < 1 || rate > F1_LIMIT_MAX_RATE) {
        return 0;
    }
    switch (text[len - 1]) {
    case 's':
        limit = &limits->per_second;
        break;
    case 'h':
        limit = &limits->per_hour;
        break;
    default:
        return 0;
    }
    if (*limit) {
        return 0;
    }
    *limit = (int)rate;
    return 1;
}

int f1_limits_parse(const char *spec, f1_limits_t *limits)
{
    f1_limits_t parsed = {0};
    size_t len;

    if (strcmp(spec, "none") != 0) {
        for (;;) {
            len = strcspn(spec, ",");
            if (!parse_limit(spec, len, &parsed)) {
                return 0;
            }
            if (!spec[len]) {
                break;
            }
            spec += len + 1;
        }
    }
    *limits = parsed;
    return 1;
}

/* The URL's host in lower case, "" where it has none. */
static const char *host_of(const char *url, apr_pool_t *pool)
{
    apr_uri_t uri;

    if (apr_uri_parse(pool, url, &uri) != APR_SUCCESS || !uri.hostname) {
        return "";
    }
    for (char *c = uri.hostname; *c; c++) {
        *c = (char)apr_tolower(*c);
    }
    return uri.hostname;
}

static int is_loopback(const char *host)
{
    struct in_addr v4;
    struct in6_addr v6;

    if (inet_pton(AF_INET, host, &v4) == 1) {
        return ntohl(v4.s_addr) >> 24 == 127;
    }
    if (inet_pton(AF_INET6, host, &v6) == 1) {
        return IN6_IS_ADDR_LOOPBACK(&v6);
    }
    return strcmp(host, "localhost") == 0;
}

f1_limits_t f1_limits_default(const char *url, apr_pool_t *pool)
{
    const f1_limits_t none = {0};

    return strncmp(url, "file:", 5) == 0 || is_loopback(host_of(url, pool)) ? none : standard;
}

apr_status_t f1_budget_init(f1_budget_t *budget, const char *url, const char *spec, apr_pool_t *pool, f1_result_t *res)
{
    budget->upstream = host_of(url, pool);
    if (!spec || !*spec) {
        budget->limits = f1_limits_default(url, pool);
    }
    else if (!f1_limits_parse(spec, &budget->limits)) {
        return f1_result_fail(res, F1_E_BAD_REQUEST, APR_EINVAL,
                              "limits are written like \"4/s,500/h\", or \"none\", not \"%s\"", spec);
    }
    return APR_SUCCESS;
}

static apr_status_t wait_for_slot(const f1_budget_t *budget, apr_interval_time_t wait, const char *why,
                                  f1_result_t *res)
{
    apr_status_t rv;

    if (!budget->wait) {
        apr_sleep(wait);
        return APR_SUCCESS;
    }
    rv = budget->wait(budget->baton, wait, why, res);
    return rv == APR_SUCCESS ? APR_SUCCESS
                             : f1_result_fail(res, F1_E_UPSTREAM, rv, "waiting for the %s was given up", why);
}

/* A limit as the database wants it: NULL for none. */
static const char *limit_text(int limit, apr_pool_t *pool)
{
    return limit ? apr_itoa(pool, limit) : NULL;
}

apr_status_t f1_budget_take(const f1_budget_t *budget, f1_conn_t *conn, apr_pool_t *pool, f1_result_t *res)
{
    const char *values[] = {budget->upstream, limit_text(budget->limits.per_second, pool),
                            limit_text(budget->limits.per_hour, pool),
                            apr_psprintf(pool, "%" APR_TIME_T_FMT, apr_time_as_msec(budget->wait_max))};
    f1_rows_t *rows;
    apr_int64_t wait;
    const char *why;
    apr_status_t rv;
    int by_hour;

    if (!budget->limits.per_second && !budget->limits.per_hour) {
        return APR_SUCCESS;
    }
    rv = f1_query(conn, &f1_stmt_ingest_upstream_reserve, values, &rows, pool, res);
    if (rv != APR_SUCCESS) {
        return rv;
    }
    if (f1_rows_count(rows) != 1 || !f1_str_to_int64(f1_rows_get(rows, 0, 0), &wait)) {
        return f1_result_fail(res, F1_E_INTERNAL, APR_EGENERAL, "upstream_reserve returned no wait");
    }
    by_hour = strcmp(f1_rows_get(rows, 0, 1), "t") == 0;
    why = apr_psprintf(pool, "%s limit of %s (%d requests)", by_hour ? "hourly" : "per-second", budget->upstream,
                       by_hour ? budget->limits.per_hour : budget->limits.per_second);
    if (strcmp(f1_rows_get(rows, 0, 2), "t") != 0) {
        rv = f1_result_fail(res, F1_E_UPSTREAM, APR_EAGAIN, "the %s is used up", why);
        res->retry_after = (int)((wait + 999) / 1000);
        return rv;
    }
    return wait > 0 ? wait_for_slot(budget, apr_time_from_msec(wait), why, res) : APR_SUCCESS;
}
