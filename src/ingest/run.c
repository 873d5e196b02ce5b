/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Rows of ingestion_run and ingestion_step. Most steps are marked by the transaction that does them (see load.c), so
 * that "done" and "committed" are the same. */

#include "ingest/run.h"

#include <apr_strings.h>

#include "base/str.h"
#include "db/query.h"
#include "gen/statements.h"

#define COUNTS_MAX 8192

static apr_status_t find_resumable(f1_run_t *run, const char *command, const char *source, f1_result_t *res)
{
    const char *values[] = {command, source};
    f1_rows_t *rows;

    if (f1_query(run->conn, &f1_stmt_ingest_run_unfinished, values, &rows, run->pool, res) == APR_SUCCESS &&
        f1_rows_count(rows)) {
        run->resumes = f1_rows_get(rows, 0, 0);
    }
    return res->rv;
}

static apr_status_t read_steps(f1_run_t *run, f1_result_t *res)
{
    f1_rows_t *rows;
    int i;

    if (f1_query(run->conn, &f1_stmt_ingest_run_steps, &run->id, &rows, run->pool, res) != APR_SUCCESS) {
        return res->rv;
    }
    for (i = 0; i < f1_rows_count(rows); i++) {
        apr_hash_set(run->steps, f1_rows_get(rows, i, 0), APR_HASH_KEY_STRING, "");
    }
    return APR_SUCCESS;
}

apr_status_t f1_run_start(f1_run_t **prun, f1_conn_t *conn, const char *command, const char *source, int restart,
                          apr_pool_t *pool, f1_result_t *res)
{
    f1_run_t *run = apr_pcalloc(pool, sizeof(*run));
    const char *values[] = {command, source, NULL};
    f1_rows_t *rows;

    run->conn = conn;
    run->pool = pool;
    run->steps = apr_hash_make(pool);
    if (!restart && find_resumable(run, command, source, res) != APR_SUCCESS) {
        return res->rv;
    }
    values[2] = run->resumes;
    if (f1_query(conn, &f1_stmt_ingest_run_start, values, &rows, pool, res) != APR_SUCCESS) {
        return res->rv;
    }
    run->id = f1_rows_get(rows, 0, 0);
    *prun = run;
    return read_steps(run, res);
}

int f1_run_is_done(const f1_run_t *run, const char *step)
{
    return apr_hash_get(run->steps, step, APR_HASH_KEY_STRING) != NULL;
}

apr_status_t f1_run_done(f1_run_t *run, const char *step, f1_result_t *res)
{
    const char *values[] = {run->id, step};

    apr_hash_set(run->steps, apr_pstrdup(run->pool, step), APR_HASH_KEY_STRING, "");
    return f1_query(run->conn, &f1_stmt_ingest_run_step, values, NULL, run->pool, res);
}

const char *f1_run_counts(const f1_loaded_t *counts, apr_pool_t *pool)
{
    f1_buf_t json;
    int kind;

    f1_buf_init(&json, pool, 512, COUNTS_MAX);
    f1_buf_addc(&json, '{');
    for (kind = 0; kind < F1_LOADED_KINDS; kind++) {
        const f1_loaded_t *count = &counts[kind];

        if (count->seen || count->inserted || count->changed || count->removed) {
            f1_buf_addf(&json, "%s\"%s\":{\"seen\":%d,\"inserted\":%d,\"changed\":%d,\"removed\":%d}",
                        json.len > 1 ? "," : "", f1_loaded_name((f1_loaded_kind_t)kind), count->seen, count->inserted,
                        count->changed, count->removed);
        }
    }
    f1_buf_addc(&json, '}');
    return json.data;
}

int f1_run_has_changed(const f1_loaded_t *counts)
{
    int kind, sum = 0;

    for (kind = 0; kind < F1_LOADED_KINDS; kind++) {
        sum += counts[kind].inserted + counts[kind].changed + counts[kind].removed;
    }
    return sum > 0;
}

apr_status_t f1_run_finish(f1_run_t *run, const f1_result_t *outcome, int requests, const f1_loaded_t *counts,
                           f1_result_t *res)
{
    int failed = outcome->error != F1_E_OK;
    const char *values[] = {run->id, failed ? "failure" : "success", apr_itoa(run->pool, requests),
                            f1_run_counts(counts, run->pool), failed ? f1_result_text(outcome, run->pool) : NULL};

    return f1_query(run->conn, &f1_stmt_ingest_run_finish, values, NULL, run->pool, res);
}
