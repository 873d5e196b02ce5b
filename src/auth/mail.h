/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_AUTH_MAIL_H
#define F1_AUTH_MAIL_H

/* What mail about accounts says. The statement that makes a reason for a mail puts it into mail_outbox too. */

#include <apr_pools.h>

typedef struct f1_mail_t {
    const char *subject, *body;
} f1_mail_t;

/* service: F1BoardTitle; token: what the mail brings. */
f1_mail_t f1_mail_verify(const char *service, const char *token, apr_pool_t *pool);
f1_mail_t f1_mail_reset(const char *service, const char *token, apr_pool_t *pool);

/* Told, so that an owner notices what somebody else did. */
f1_mail_t f1_mail_password_changed(const char *service, apr_pool_t *pool);
f1_mail_t f1_mail_email_changed(const char *service, apr_pool_t *pool);

#endif
