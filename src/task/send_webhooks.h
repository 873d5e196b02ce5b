/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_TASK_SEND_WEBHOOKS_H
#define F1_TASK_SEND_WEBHOOKS_H

/* The job that tells webhooks what stands in webhook_delivery: a POST for each, signed in the way of Standard Webhooks.
 * A webhook gets its deliveries one after the other in their order, and none while it is paused after a failure. What
 * its receiver took may come again if the sender died before it was noted: the id in its header is the same then.
 *
 * URLs are strangers' words. No redirect is followed, no more of an answer is read than its beginning, and unless the
 * context allows it nothing is connected to that is no public address, whatever the name in the URL says. */

#include "job/job.h"

f1_job_fn_t f1_send_webhooks;

/* The value of the header webhook-signature: of the id, the time in seconds and the body, with the secret's bytes. */
const char *f1_webhook_signature(const unsigned char *secret, size_t secret_len, const char *id, const char *seconds,
                                 const char *body, apr_pool_t *pool);

#endif
