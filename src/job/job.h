/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_JOB_JOB_H
#define F1_JOB_JOB_H

/* A job while it runs, as the function sees it that does it.
 *
 * A job may run twice: its process may die before the outcome is written. So what it does should be idempotent, and a
 * transaction where it can. It may be told to stop at any step: the server restarts, somebody cancelled it, or its
 * lease went to another runner. It has a second or two to return then; what it did not do, its next run does. */

#include <apr_pools.h>
#include <jansson.h>

#include "base/result.h"
#include "db/conn.h"

typedef struct f1_job_t {
    apr_int64_t id;
    const char *kind;
    const json_t *payload;          /* an object */
    int attempt;                    /* 1 at first */
    f1_conn_t *conn;                /* its own; a statement's longest time is the runner's setting */
    const void *context;            /* what the kinds' owner gave the runner: upstreams and such */
    json_t *result;                 /* an empty object, for what there is to tell in the end */
    apr_pool_t *pool;               /* ends with the job */
    struct f1_runner_t *runner;     /* private */
} f1_job_t;

/* A failure in res makes the job run again, with growing pauses, as long as it has attempts left; a request that cannot
 * succeed (F1_E_NOT_FOUND and other errors of whoever asked) fails for good at once. */
typedef apr_status_t f1_job_fn_t(f1_job_t *job, f1_result_t *res);

typedef struct f1_job_kind_t {
    const char *name;               /* "ingest_season" */
    f1_job_fn_t *run;
    int most;                       /* that may run at a time, on all nodes; 0: any number */
    const char *summary;            /* a sentence */
} f1_job_kind_t;

/* To be called at every step of a job that takes longer than a moment, at least every few seconds: the lease is
 * prolonged, and progress may be followed. done of total (0: not known) steps; doing: at what, may be NULL. It costs a
 * statement at most twice a second, and none in between. F1_E_UNAVAILABLE with APR_EINTR: stop now. */
apr_status_t f1_job_step(f1_job_t *job, int done, int total, const char *doing, f1_result_t *res);

/* The same without words: whether the job should stop. For hooks that are called in waits. */
int f1_job_is_stopping(f1_job_t *job);

/* Gives the job's key away, before it looks at what there is to do: what is ordered with the key from now on is another
 * job, which finds what this one no longer saw. */
apr_status_t f1_job_give_key(f1_job_t *job, f1_result_t *res);

#endif
