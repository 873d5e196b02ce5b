/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Jobs as they are ordered. */

#include "job/queue.h"

#include <apr_strings.h>

#include "base/clock.h"
#include "base/str.h"
#include "db/query.h"
#include "gen/statements.h"
#include "job/job.h"

apr_status_t f1_queue_add(f1_conn_t *conn, const f1_order_t *order, apr_int64_t *pid, apr_pool_t *pool,
                          f1_result_t *res)
{
    char run_at[F1_TIME_LEN], now[F1_TIME_LEN];
    const char *values[] = {
        order->kind,
        order->payload,
        order->key,
        order->priority ? apr_itoa(pool, order->priority) : NULL,
        f1_time_format(run_at, order->run_at ? order->run_at : f1_clock_now()),
        order->attempts_max ? apr_itoa(pool, order->attempts_max) : NULL,
        order->requested_by,
        order->via,
        f1_time_format(now, f1_clock_now()),
    };
    f1_rows_t *rows;

    *pid = 0;
    if (f1_query(conn, &f1_stmt_job_add, values, &rows, pool, res) == APR_SUCCESS && f1_rows_count(rows)) {
        (void)f1_str_to_int64(f1_rows_get(rows, 0, 0), pid);
    }
    return res->rv;
}

apr_status_t f1_job_give_key(f1_job_t *job, f1_result_t *res)
{
    const char *id = apr_psprintf(job->pool, "%" APR_INT64_T_FMT, job->id);

    return f1_query(job->conn, &f1_stmt_job_give_key, &id, NULL, job->pool, res);
}
