/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_INGEST_SOURCE_H
#define F1_INGEST_SOURCE_H

/* An upstream that speaks Ergast's format, and its lists, page by page.
 *
 * Two kinds: BASE http(s)://… is asked for BASE/PATH.json?limit=100&offset=N; BASE file:///DIR has the whole list in
 * DIR/PATH.json, and a file that is not there is an empty list. */

#include "base/http.h"
#include "ingest/ergast_parse.h"

#define F1_SOURCE_PAGE 100              /* rows upstream gives at most */

typedef struct f1_source_t f1_source_t;
struct f1_source_t {
    const char *base;
    int whole;                          /* one answer holds the whole list */
    /* The answer for path ("2024/results") at offset, in pool; *pbody NULL: there is no such list. */
    apr_status_t (*get)(f1_source_t *source, const char *path, int offset, const char **pbody, size_t *plen,
                        apr_pool_t *pool, f1_result_t *res);
    void *baton;
    int requests;                       /* sent so far, repeated ones too */
    int is_simulated;                   /* some answer said so of itself */
};

/* base: see above; http: for http(s), may be NULL for file. F1_E_BAD_REQUEST when base is neither. */
apr_status_t f1_source_create(f1_source_t **psource, const char *base, f1_http_t *http, apr_pool_t *pool,
                              f1_result_t *res);

/* A list that is being read. */
typedef struct f1_listing_t f1_listing_t;

/* season and round: 0 for all. Nothing is asked yet. */
f1_listing_t *f1_listing_open(f1_source_t *source, f1_ergast_resource_t resource, int season, int round,
                              apr_pool_t *pool);

/* Adds the rows of the next season to rows: of this one in a list of all seasons (rows of earlier ones are passed
 * over), else all there are. APR_EAGAIN, with res untouched: upstream changed the list meanwhile, what was added is
 * of no use. */
apr_status_t f1_listing_take(f1_listing_t *listing, int season, f1_ergast_rows_t *rows, f1_result_t *res);

/* Adds a whole list at once; reading it is begun again up to three times when it changes meanwhile. */
apr_status_t f1_source_list(f1_source_t *source, f1_ergast_resource_t resource, int season, int round,
                            f1_ergast_rows_t *rows, f1_result_t *res);

#endif
