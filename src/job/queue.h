/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_JOB_QUEUE_H
#define F1_JOB_QUEUE_H

/* Jobs as they are ordered. Runners find them by themselves (runner.h). */

#include <apr_pools.h>
#include <apr_time.h>

#include "base/result.h"
#include "db/conn.h"

typedef struct f1_order_t {
    const char *kind;
    const char *payload;            /* a JSON object; NULL: an empty one */
    const char *key;                /* of jobs with it only one waits or runs; NULL: none */
    int priority;                   /* 0: the usual one (50); smaller goes first */
    apr_time_t run_at;              /* by f1_clock_now; 0: now */
    int attempts_max;               /* 0: the usual 5 */
    const char *requested_by;       /* an account's id, or NULL */
    const char *via;                /* how it is ordered by hand, as the audit log has it; NULL: it is not */
} f1_order_t;

/* *pid: 0 when one with its key is there already, which is no failure. */
apr_status_t f1_queue_add(f1_conn_t *conn, const f1_order_t *order, apr_int64_t *pid, apr_pool_t *pool,
                          f1_result_t *res);

#endif
