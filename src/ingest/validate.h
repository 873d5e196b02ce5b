/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_INGEST_VALIDATE_H
#define F1_INGEST_VALIDATE_H

/* Looking over what is stored: integrity of a season beyond what the schema enforces, nationalities, completeness. */

#include <apr_tables.h>

#include "db/query.h"

typedef struct f1_finding_t {
    int round;                      /* 0: about the season */
    const char *rule, *detail;
} f1_finding_t;

/* Array of f1_finding_t, by round; empty when all is well. */
apr_status_t f1_validate(f1_conn_t *conn, int season, apr_array_header_t **pfindings, apr_pool_t *pool,
                         f1_result_t *res);

/* Replaces codes by words. */
apr_status_t f1_nationalities_convert(f1_conn_t *conn, int *pdrivers, int *pconstructors, apr_pool_t *pool,
                                      f1_result_t *res);

/* Seasons (of int) in which a driver or constructor has no nationality. */
apr_status_t f1_nationalities_missing(f1_conn_t *conn, apr_array_header_t **pseasons, apr_pool_t *pool,
                                      f1_result_t *res);

/* The last runs (id, command, source, state, started_at, finished_at, requests, counts, error), and all seasons
 * (season, and of how many races there are: races, completed, qualifying, standings, laps). */
apr_status_t f1_ingestion_status(f1_conn_t *conn, f1_rows_t **pruns, f1_rows_t **pseasons, apr_pool_t *pool,
                                 f1_result_t *res);

#endif
