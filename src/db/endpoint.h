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
} f1_page_t;

/* The largest answer body, bytes: 100 rows of the widest list are far below. */
#define F1_ENDPOINT_MAX_BODY (8 * 1024 * 1024)

/* Appends the body to out: for a list in JSON the object with items, total, limit and offset, in other formats its
 * rows alone. F1_E_NOT_FOUND when a route that answers one row finds none, or when a list is empty because what its
 * path names does not exist. F1_ANSWER_JSON: the statement's single value is the body. F1_ANSWER_NONE writes nothing.
 */
apr_status_t f1_endpoint_answer(f1_conn_t *conn, const f1_request_t *request, f1_buf_t *out, f1_page_t *page,
                                apr_pool_t *pool, f1_result_t *res);

#endif
