/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_JOB_RUNNER_H
#define F1_JOB_RUNNER_H

/* Runs jobs, one at a time. Any number of runners, in any number of processes and nodes, share the queue: a job is
 * taken under a lease, and whoever does not prolong it has lost it. A runner without work sleeps until a job is
 * notified or due; it also keeps the schedule, so that what is due becomes a job wherever a runner is.
 *
 * One thread runs it; any thread may stop it. While the database is away it waits, and goes on where it was. */

#include "db/conn.h"
#include "job/job.h"

/* How long a job may be silent (f1_job_step) before it is another's. Longer than any one statement or request. */
#define F1_RUNNER_LEASE apr_time_from_sec(60)

/* A runner without work looks at the queue at least so often: for jobs whose runner died, and should a notice be lost.
 */
#define F1_RUNNER_IDLE apr_time_from_sec(10)

typedef struct f1_runner_t f1_runner_t;

typedef struct f1_runner_options_t {
    const f1_job_kind_t *kinds;     /* ended by one without a name */
    const void *context;            /* for them */
    f1_db_t *queue, *work;          /* connections that nobody else uses: the runner's own, and its jobs' */
    int until_idle;                 /* return when nothing is due */
    /* Told by the runner's thread when a job begins (state NULL), and what state it is in when it has ended: PENDING
     * where it was broken off, LOST where it is another runner's by now. NULL: nobody wants to know. */
    void (*report)(void *baton, const f1_job_t *job, const char *state, apr_interval_time_t took);
    /* Whether the machine has more urgent things to do: a job then works a fifth of its time. NULL: it has not. */
    int (*is_busy)(void *baton);
    void *baton;
    apr_interval_time_t lease, idle;    /* 0: F1_RUNNER_LEASE, F1_RUNNER_IDLE */
} f1_runner_options_t;

apr_status_t f1_runner_create(f1_runner_t **prunner, const f1_runner_options_t *options, apr_pool_t *pool,
                              f1_result_t *res);

/* Returns when it is stopped; with until_idle also when nothing is due, or with a failure of the database. */
apr_status_t f1_runner_run(f1_runner_t *runner, f1_result_t *res);

/* Makes run return: at once when it sleeps, else when its job ends or takes its next step. It may be called from a
 * signal handler. */
void f1_runner_stop(f1_runner_t *runner);

/* Jobs that were run to an end, whichever. */
long f1_runner_count(const f1_runner_t *runner);

#endif
