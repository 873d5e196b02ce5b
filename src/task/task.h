/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_TASK_TASK_H
#define F1_TASK_TASK_H

/* What jobs do. The kinds join parts of the library that know nothing of each other (the queue, ingestion, ratings);
 * the module and f1boardctl give the same table to their runners.
 *
 *   ingest         what: season (season), race or qualifying (season, round), drivers or standings (season), current
 *   calendar       orders the running season again, if a race weekend is near
 *   plan_checks    orders check_results for every session whose results are due
 *   check_results  session: asks for the results of a session, and says when to ask again
 *   weather        of a race (race), of those of a season (season, perhaps round; again: also what is known), else of
 *                  all that are due
 *   rankings       computes ratings and rankings anew
 *   notify         tells users what happened, and reminds them of races
 *   clean_up       forgets what is not needed any more
 *   send_mail      sends the mail that waits (send_mail.h)
 *   send_webhooks  tells webhooks what waits for them (send_webhooks.h)
 *   probe          seconds (0): does nothing for so long
 */

#include "ingest/ergast.h"
#include "ingest/weather.h"
#include "job/job.h"
#include "task/send_mail.h"

typedef struct f1_task_context_t {
    const char *ergast;             /* base URL; NULL: F1_FEED_ERGAST_URL */
    const char *rate;               /* as f1_feed_options_t has it */
    f1_weather_access_t weather;    /* service "off": weather is not asked for */
    const char *ca_file;
    const char *user_agent;
    apr_interval_time_t keep;       /* how long ended jobs are kept */
    const f1_post_office_t *post_office;    /* NULL: mail waits for a runner that has one */
    int webhook_http, webhook_private;      /* whether webhooks may be http, or addresses that are not public */
} f1_task_context_t;

#define F1_TASK_KEEP apr_time_from_sec(30 * 86400)

/* Ratings and rankings follow results, if there is something to follow. */
apr_status_t f1_task_follow_up(f1_conn_t *conn, const f1_ingest_report_t *report, apr_pool_t *pool, f1_result_t *res);

extern const f1_job_kind_t f1_task_kinds[];

/* Names of what the table schedule has, which configuration may name; ended by NULL. */
extern const char *const f1_task_schedules[];

/* Those of them that a runner with this context can do; without a post office all but send_mail. */
const f1_job_kind_t *f1_task_kinds_of(const f1_task_context_t *context, apr_pool_t *pool);

#endif
