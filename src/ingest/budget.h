/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_INGEST_BUDGET_H
#define F1_INGEST_BUDGET_H

/* How often an upstream may be asked. Requests are counted in the database by the upstream's host, so that the limits
 * hold over all processes and nodes that share it. */

#include <apr_pools.h>
#include <apr_time.h>

#include "base/result.h"
#include "db/conn.h"

#define F1_LIMITS_MAX 4
#define F1_LIMIT_MAX_RATE 1000000
#define F1_LIMIT_MAX_WINDOW 86400

typedef struct f1_limit_t {
    int requests, seconds;          /* at most so many in any window of that length */
} f1_limit_t;

typedef struct f1_limits_t {
    f1_limit_t limits[F1_LIMITS_MAX];
    int count;                      /* 0: no limit */
} f1_limits_t;

/* What public upstreams allow. */
#define F1_LIMITS_ERGAST "4/s,500/h"
#define F1_LIMITS_OPENF1 "30/10s"
#define F1_LIMITS_OPEN_METEO "5/s,400/h"            /* 10 000 a day */
#define F1_LIMITS_OPENWEATHERMAP "60/60s"

/* "4/s,500/h", "30/10s", or "none": requests in a window of seconds or hours, each window once. 0 when it is something
 * else. */
int f1_limits_parse(const char *spec, f1_limits_t *limits);

typedef struct f1_budget_t {
    const char *upstream;           /* lower-case host; "" for a file: URL */
    f1_limits_t limits;
    apr_interval_time_t wait_max;   /* a request that would have to wait longer fails at once */
    /* Called instead of sleeping; must return after about wait. why: "limit of example.com (500/h)". A
     * failure ends the request with it. NULL: apr_sleep. */
    apr_status_t (*wait)(void *baton, apr_interval_time_t wait, const char *why, f1_result_t *res);
    void *baton;
} f1_budget_t;

/* Sets upstream and limits for a base URL, and leaves the rest. spec: NULL or "" takes usual, or no limits where url is
 * a file: URL or its host a loopback address. */
apr_status_t f1_budget_init(f1_budget_t *budget, const char *url, const char *spec, const char *usual,
                            apr_pool_t *pool, f1_result_t *res);

/* Books the next request and waits until it may be sent. conn must not be in a transaction: others could not book
 * until its end. F1_E_UPSTREAM with retry_after, and nothing booked, when that is further away than wait_max. A wait
 * that was broken off keeps its booking. */
apr_status_t f1_budget_take(const f1_budget_t *budget, f1_conn_t *conn, apr_pool_t *pool, f1_result_t *res);

#endif
