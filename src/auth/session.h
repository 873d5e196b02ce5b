/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_AUTH_SESSION_H
#define F1_AUTH_SESSION_H

/* Sessions: what begins with a login and goes on as long as somebody refreshes it. A refresh token is good for once and
 * gives the next; one that comes a second time was stolen, from the one or the other, and ends the session. */

#include <apr_time.h>

#include "auth/account.h"
#include "auth/errand.h"

typedef struct f1_login_t {
    const char *user_id, *username, *role;
    const char *session_id;
    const char *refresh_token;
    apr_time_t refresh_expires_at;
} f1_login_t;

/* A new account and its first session, which lasts for lifetime unless it is refreshed. */
apr_status_t f1_session_register(f1_login_t *login, const f1_errand_t *errand, const f1_account_new_t *account,
                                 apr_interval_time_t lifetime);

/* name: a username or an e-mail address. F1_E_UNAUTHORIZED, in the same words and after the same time, for a name
 * that nobody has and a wrong password; F1_E_FORBIDDEN for the right one of a disabled account. */
apr_status_t f1_session_login(f1_login_t *login, const f1_errand_t *errand, const char *name, const char *password,
                              apr_interval_time_t lifetime);

/* F1_E_UNAUTHORIZED: the token is none, or no longer. */
apr_status_t f1_session_refresh(f1_login_t *login, const f1_errand_t *errand, const char *refresh_token,
                                apr_interval_time_t lifetime);

/* F1_E_NOT_FOUND where the account has no such session. */
apr_status_t f1_session_end(const f1_errand_t *errand, const char *user_id, const char *session_id);
apr_status_t f1_session_end_all(const f1_errand_t *errand, const char *user_id);

#endif
