/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_INGEST_FEED_H
#define F1_INGEST_FEED_H

/* An upstream, ready to be read: HTTP client, request budget and source as they belong together. Whoever ingests, a
 * command or a job, brings the connection that the budget is kept over, and says how to wait and when to stop. */

#include "db/conn.h"
#include "ingest/budget.h"
#include "ingest/source.h"

#define F1_FEED_ERGAST_URL "https://api.jolpi.ca/ergast/f1"
#define F1_FEED_OPENF1_URL "https://api.openf1.org/v1"

typedef struct f1_feed_options_t {
    const char *url;                /* http(s)://… or file:///DIR */
    const char *rate;               /* "4/s,500/h" or "none"; NULL or "": usual, none on loopback */
    const char *usual;              /* F1_LIMITS_… */
    const char *user_agent;
    const char *ca_file;            /* trusted instead of the system's certificates; NULL: those */
    /* Asked while waiting, a few times a second: why ("limit of example.com (500/h)") and how much longer. Returns 1 to
     * stop. */
    int (*is_stopping)(void *baton, const char *why, apr_interval_time_t left);
    void *baton;
} f1_feed_options_t;

typedef struct f1_feed_t {
    f1_source_t *source;
    f1_conn_t *conn;                /* set it before anything is read */
    f1_feed_options_t options;
    f1_budget_t budget;
    apr_pool_t *scratch;
} f1_feed_t;

/* No request is sent and no connection needed yet. F1_E_BAD_REQUEST: the URL or the rate is none. feed lives as long as
 * pool. Reading from it fails with F1_E_UNAVAILABLE and APR_EINTR when it is stopped. */
apr_status_t f1_feed_open(f1_feed_t *feed, const f1_feed_options_t *options, apr_pool_t *pool, f1_result_t *res);

#endif
