/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_INGEST_OPENF1_H
#define F1_INGEST_OPENF1_H

/* Ingestion from an OpenF1-compatible upstream. Everything of a session is fetched and checked first, and then loaded
 * in one transaction: readers see the old session or the new one. A list that is equal to what was loaded before is
 * not written again.
 *
 * Upstream is http(s)://… as OpenF1 answers there, or file:///DIR with sessions.json, meetings.json, and for each
 * session KEY/laps.json and so on, KEY/car_data_DRIVER.json, KEY/location_DRIVER.json; a missing file is an empty
 * list. */

#include "ingest/ergast.h"

typedef enum { F1_OPENF1_SESSION, F1_OPENF1_MEETING, F1_OPENF1_YEAR } f1_openf1_what_t;

typedef struct f1_openf1_t {
    f1_openf1_what_t what;
    int key;                        /* of session or meeting, 0: the latest; or the year */
    int telemetry;                  /* car data and locations too: some 120 requests for a race */
    int restart;                    /* a year: do not resume */
    f1_source_t *source;
    f1_conn_t *conn;
    /* as in f1_ingest_t */
    void (*progress)(void *baton, int done, int total, const char *next);
    int (*is_stopping)(void *baton);
    void *baton;
} f1_openf1_t;

/* Report and failures as of f1_ingest. */
apr_status_t f1_openf1_ingest(const f1_openf1_t *openf1, f1_ingest_report_t *report, apr_pool_t *pool,
                              f1_result_t *res);

#endif
