/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_DB_ENDPOINT_H
#define F1_DB_ENDPOINT_H

/* Answers a checked request from its route's SQL: bind, run, count where the page does not hold everything, render.
 * Everything about an answer that is not HTTP is here, so that tests and later representations share it. */

#include "base/param.h"
#include "base/str.h"
#include "db/conn.h"

typedef struct f1_page_t {
    int is_list;
    apr_int64_t total;          /* lists: rows in all */
    int count;                  /* rows in this page */
    const char *location;       /* of what was created, below the mount; NULL: nothing was, or it has no path */
    int is_last;                /* events: no other will follow */
} f1_page_t;

/* The largest answer body, bytes: 100 rows of the widest list are far below. */
#define F1_ENDPOINT_MAX_BODY (8 * 1024 * 1024)

/* Appends the body to out: for a list in JSON the object with items, total, limit and offset, in other formats its
 * rows alone. F1_E_NOT_FOUND when a route that answers one row finds none, or when a list is empty because what its
 * path names does not exist. F1_ANSWER_JSON: the statement's single value is the body. F1_ANSWER_NONE writes nothing;
 * where the route has a noun, F1_E_NOT_FOUND when no row was touched. A statement that changes something is a
 * transaction of its own, and never sent twice. */
apr_status_t f1_endpoint_answer(f1_conn_t *conn, const f1_request_t *request, f1_buf_t *out, f1_page_t *page,
                                apr_pool_t *pool, f1_result_t *res);

/* The value that stands for a bind of the request's route: an index into its parameters, or F1_BIND_…. */
const char *f1_endpoint_value(const f1_request_t *request, int bind, apr_pool_t *pool);

/* Runs body as one transaction, or, where the request has no if_match, as it is. With it the transaction fails with
 * F1_E_PRECONDITION_FAILED unless what the request changes (its route's state) is what one of these tags names, and
 * stays so until the commit. Handlers in C whose route has a state use it too; their body begins no transaction. */
apr_status_t f1_endpoint_change(f1_conn_t *conn, const f1_request_t *request,
                                apr_status_t (*body)(f1_conn_t *conn, void *baton, f1_result_t *res), void *baton,
                                f1_result_t *res);

/* The ETag of an answer that is these bytes, with its quotes. */
const char *f1_endpoint_tag(const char *body, size_t len, apr_pool_t *pool);

/* Where a long body goes, part by part. */
typedef struct f1_drain_t {
    void (*take)(void *baton, f1_buf_t *out, f1_result_t *res); /* empties out */
    void *baton;
} f1_drain_t;

/* The body of a F1_ANSWER_STREAM: all rows, in the memory that out may take. It is drained whenever it is half full;
 * what it holds in the end is the body's end. JSON is an indented array. *pcount: rows. What was drained is to be
 * thrown away when it fails: F1_E_NOT_FOUND as above, or whatever happens to the statement on its way. */
apr_status_t f1_endpoint_stream(f1_conn_t *conn, const f1_request_t *request, f1_buf_t *out, const f1_drain_t *drain,
                                apr_int64_t *pcount, f1_result_t *res);

#endif
