/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_TASK_SEND_MAIL_H
#define F1_TASK_SEND_MAIL_H

/* The job that sends what stands in mail_outbox. It takes ten mails at a time under a lease, sends them over one
 * connection, and says how they went while taking the next. No mail is ever sent twice: one whose sender died, or whose
 * connection was lost when the server had all of it, is 'uncertain' from then on, until somebody decides.
 *
 * What failed for now is tried again with growing pauses, what was refused for good stays as 'failed' with the server's
 * words. While the server is away no mail is to blame: all of them wait, and the job comes back. */

#include "base/smtp.h"
#include "job/job.h"

/* By which way mail leaves, and where its links lead. */
typedef struct f1_post_office_t {
    f1_smtp_options_t smtp;
    f1_mailbox_t from;
    const char *host;           /* of the sender's address, for Message-ID */
    const char *url;            /* of the service, without a slash at its end: "https://example.org/f1" */
} f1_post_office_t;

/* As an administrator writes it down. */
typedef struct f1_post_settings_t {
    const char *smtp;           /* NULL: there is no mail server */
    const char *auth_file, *ca_file;    /* NULL: none */
    const char *from, *url;     /* needed where there is one */
    int require_tls;
} f1_post_settings_t;

/* *poffice: NULL without a mail server. The failure's words name what is wrong as the sender, the URL … */
apr_status_t f1_post_office_open(const f1_post_office_t **poffice, const f1_post_settings_t *settings,
                                 apr_pool_t *pool, f1_result_t *res);

f1_job_fn_t f1_send_mail;

#endif
