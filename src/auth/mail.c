/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Mail about accounts: plain text that says what happened and what to do. */

#include "auth/mail.h"

#include <apr_strings.h>

f1_mail_t f1_mail_verify(const char *service, const char *token, apr_pool_t *pool)
{
    return (f1_mail_t){
        apr_psprintf(pool, "%s: confirm your e-mail address", service),
        apr_psprintf(
            pool,
            "Somebody, you we hope, gave this address to %s.\n\nTo confirm it, enter this code within a day:\n\n"
            "    %s\n\nIf it was not you, you need not do anything.\n",
            service, token)};
}

f1_mail_t f1_mail_reset(const char *service, const char *token, apr_pool_t *pool)
{
    return (f1_mail_t){
        apr_psprintf(pool, "%s: a new password", service),
        apr_psprintf(
            pool,
            "Somebody, you we hope, has forgotten the password of your account at %s.\n\nTo choose a new one,"
            " enter this code within an hour:\n\n    %s\n\nIf it was not you, you need not do anything: without"
            " the code your password stays as it is.\n",
            service, token)};
}

f1_mail_t f1_mail_password_changed(const char *service, apr_pool_t *pool)
{
    return (f1_mail_t){apr_psprintf(pool, "%s: your password was changed", service),
                       apr_psprintf(pool,
                                    "The password of your account at %s was changed, and other sessions have ended.\n\n"
                                    "If it was not you, choose a new one at once, by \"forgot password\".\n",
                                    service)};
}

f1_mail_t f1_mail_email_changed(const char *service, apr_pool_t *pool)
{
    return (f1_mail_t){apr_psprintf(pool, "%s: your e-mail address was changed", service),
                       apr_psprintf(pool,
                                    "Your account at %s has another e-mail address now, and this one is forgotten.\n\n"
                                    "If it was not you, tell whoever runs the service.\n",
                                    service)};
}
