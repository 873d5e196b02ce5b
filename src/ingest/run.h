/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_INGEST_RUN_H
#define F1_INGEST_RUN_H

/* The book of ingestion: what ran, how it ended, and which of its steps are done. The same command, given again after
 * a run that did not end well, goes on with the first step that is not done. */

#include <apr_hash.h>

#include "db/conn.h"
#include "ingest/load.h"

typedef struct f1_run_t {
    f1_conn_t *conn;
    const char *id;
    const char *resumes;            /* the run that is continued, or NULL */
    apr_hash_t *steps;              /* done, by name */
    apr_pool_t *pool;
} f1_run_t;

/* restart: begin from the start even if there is something to resume. */
apr_status_t f1_run_start(f1_run_t **prun, f1_conn_t *conn, const char *command, const char *source, int restart,
                          apr_pool_t *pool, f1_result_t *res);

int f1_run_is_done(const f1_run_t *run, const char *step);

/* A step that needed no transaction of its own. */
apr_status_t f1_run_done(f1_run_t *run, const char *step, f1_result_t *res);

/* Writes down how the run ended; outcome is what it returned, and what that says is kept with the run. */
apr_status_t f1_run_finish(f1_run_t *run, const f1_result_t *outcome, int requests, const f1_loaded_t *counts,
                           f1_result_t *res);

/* Counts as a JSON object of kinds that were seen: {"races": {"seen": 24, …}}. */
const char *f1_run_counts(const f1_loaded_t *counts, apr_pool_t *pool);

/* Whether the database is another than before. */
int f1_run_has_changed(const f1_loaded_t *counts);

#endif
