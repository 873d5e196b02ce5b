/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_TASK_NOTIFICATIONS_H
#define F1_TASK_NOTIFICATIONS_H

/* Telling people: of each event that happened, and of races that start soon. Whom and how the database finds out by
 * itself, one statement for all users; mail and webhooks go out by jobs of their own. */

#include "job/job.h"

/* The job. An event is taken in the transaction that tells of it, and nobody is told the same twice, so it may run any
 * number of times, at once too. */
apr_status_t f1_notifications_run(f1_job_t *job, f1_result_t *res);

#endif
