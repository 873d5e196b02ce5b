/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_COMPAT_OPENF1_QUERY_H
#define F1_COMPAT_OPENF1_QUERY_H

/* OpenF1's query language: field, operator (= > >= < <=) and value, percent-encoded or not, any number of them with
 * '&' between. Different fields must all match. On one field, a lower and an upper bound make an interval, and of
 * intervals, single bounds and equal values one has to match. Values have the type they look like: true and false,
 * numbers, times, else texts; a value only ever matches values of its type. A day alone is all of that day. */

#include <apr_tables.h>

#include "base/result.h"
#include "base/statement.h"

typedef struct f1_openf1_query_t {
    apr_array_header_t *conditions;     /* private */
    int is_csv;                         /* csv=true */
    int asks_latest;                    /* some session_key or meeting_key is "latest" */
} f1_openf1_query_t;

/* What "latest" means; 0: there is none. */
typedef struct f1_openf1_latest_t {
    int session_key, meeting_key;
} f1_openf1_latest_t;

/* args: the raw query string, or NULL. F1_E_INVALID_PARAMETER where it is none of this language. */
apr_status_t f1_openf1_query_read(f1_openf1_query_t **pquery, const char *args, apr_pool_t *pool, f1_result_t *res);

/* Whether a field is asked for, and whether only by '='. */
int f1_openf1_query_has(const f1_openf1_query_t *query, const char *field);
int f1_openf1_query_has_equal(const f1_openf1_query_t *query, const char *field);

/* Sets values of the statement's filters, sets of ranges or NULL. 0: there is no row that could match. */
int f1_openf1_query_values(const f1_openf1_query_t *query, const f1_statement_t *statement,
                           const f1_openf1_latest_t *latest, const char **values, apr_pool_t *pool);

#endif
