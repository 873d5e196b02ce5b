/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* The request budget of an upstream. The database function upstream_reserve holds the lock and the memory; here are
 * the limits' spelling and defaults, and the waiting. */

#include "ingest/budget.h"

#include <arpa/inet.h>
#include <string.h>

#include <apr_strings.h>
#include <apr_uri.h>

#include "base/str.h"
#include "db/query.h"
#include "gen/statements.h"

/* Length of the unit that ends a limit, 0: none. */
static int unit_of(char c)
{
    return c == 's' ? 1 : c == 'h' ? 3600 : 0;
}

/* A whole number from 1 to max in len bytes; 0 when it is not one. */
static int parse_count(const char *text, size_t len, int max)
{
    char digits[8];
    apr_int64_t count;

    if (!len || len >= sizeof(digits)) {
        return 0;
    }
    apr_cpystrn(digits, text, len + 1);
    return f1_str_to_int64(digits, &count) && count >= 1 && count <= max ? (int)count : 0;
}

/* One "500/h" or "30/10s". 0 when it is not, or when its window had its limit already. */
static int parse_limit(const char *text, size_t len, f1_limits_t *limits)
{
    const char *slash = memchr(text, '/', len);
    size_t window = slash ? len - (size_t)(slash - text) - 1 : 0;
    f1_limit_t limit;
    int i;

    if (!window || limits->count == F1_LIMITS_MAX) {
        return 0;
    }
    limit.seconds = unit_of(text[len - 1]);
    if (window > 1) {
        limit.seconds *= parse_count(slash + 1, window - 1, F1_LIMIT_MAX_WINDOW);
    }
    limit.requests = parse_count(text, (size_t)(slash - text), F1_LIMIT_MAX_RATE);
    if (!limit.requests || limit.seconds < 1 || limit.seconds > F1_LIMIT_MAX_WINDOW) {
        return 0;
    }
    for (i = 0; i < limits->count; i++) {
        if (limits->limits[i].seconds == limit.seconds) {
            return 0;
        }
    }
    limits->limits[limits->count++] = limit;
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
    return f1_str_lower(uri.hostname);
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

apr_status_t f1_budget_init(f1_budget_t *budget, const char *url, const char *spec, const char *usual, apr_pool_t *pool,
                            f1_result_t *res)
{
    budget->upstream = host_of(url, pool);
    if (!spec || !*spec) {
        spec = strncmp(url, "file:", 5) == 0 || is_loopback(budget->upstream) ? "none" : usual;
    }
    if (!f1_limits_parse(spec, &budget->limits)) {
        return f1_result_fail(res, F1_E_BAD_REQUEST, APR_EINVAL,
                              "limits are written like \"4/s,500/h\", \"30/10s\", or \"none\", not \"%s\"", spec);
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

/* One member of all limits as PostgreSQL writes an array. */
static const char *array_text(const f1_limits_t *limits, int seconds, apr_pool_t *pool)
{
    const char *text = "{";
    int i;

    for (i = 0; i < limits->count; i++) {
        text = apr_psprintf(pool, "%s%s%d", text, i ? "," : "",
                            seconds ? limits->limits[i].seconds : limits->limits[i].requests);
    }
    return apr_pstrcat(pool, text, "}", NULL);
}

/* As it is written in a specification. */
static const char *limit_text(const f1_limit_t *limit, apr_pool_t *pool)
{
    int hours = limit->seconds % 3600 == 0, window = hours ? limit->seconds / 3600 : limit->seconds;

    return window == 1 ? apr_psprintf(pool, "%d/%c", limit->requests, hours ? 'h' : 's')
                       : apr_psprintf(pool, "%d/%d%c", limit->requests, window, hours ? 'h' : 's');
}

apr_status_t f1_budget_take(const f1_budget_t *budget, f1_conn_t *conn, apr_pool_t *pool, f1_result_t *res)
{
    const f1_limits_t *limits = &budget->limits;
    const char *values[] = {budget->upstream, array_text(limits, 0, pool), array_text(limits, 1, pool),
                            apr_psprintf(pool, "%" APR_TIME_T_FMT, apr_time_as_msec(budget->wait_max))};
    apr_int64_t wait, which;
    f1_rows_t *rows;
    const char *why;
    apr_status_t rv;

    if (!limits->count) {
        return APR_SUCCESS;
    }
    rv = f1_query(conn, &f1_stmt_ingest_upstream_reserve, values, &rows, pool, res);
    if (rv != APR_SUCCESS) {
        return rv;
    }
    if (f1_rows_count(rows) != 1 || !f1_str_to_int64(f1_rows_get(rows, 0, 0), &wait) ||
        !f1_str_to_int64(f1_rows_get(rows, 0, 1), &which) || which < 1 || which > limits->count) {
        return f1_result_fail(res, F1_E_INTERNAL, APR_EGENERAL, "upstream_reserve returned no wait");
    }
    why = apr_psprintf(pool, "limit of %s (%s)", budget->upstream, limit_text(&limits->limits[which - 1], pool));
    if (strcmp(f1_rows_get(rows, 0, 2), "t") != 0) {
        rv = f1_result_fail(res, F1_E_UPSTREAM, APR_EAGAIN, "the %s is used up", why);
        res->retry_after = (int)((wait + 999) / 1000);
        return rv;
    }
    return wait > 0 ? wait_for_slot(budget, apr_time_from_msec(wait), why, res) : APR_SUCCESS;
}
