/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_TEST_USERS_H
#define F1_TEST_USERS_H

/* Users of the program's own database, and what they show. Tokens are signed with the keys of the program's own server,
 * at the time it is there. */

#include "auth/token.h"

/* Makes them anew, with a session each: ann is an administrator, bob, cyd and dan are users; dan is disabled, and cyd
 * has logged out. */
void f1_test_users(void);

/* The id of the user's session. */
const char *f1_test_session(const char *username);

/* "Authorization: Bearer …" of the user. */
const char *f1_test_bearer(const char *username);

/* What may be wrong with a token. */
typedef struct f1_test_token_t {
    const char *username;
    const char *signed_at;      /* NULL: now; the clock's notation */
    const char *issuer, *audience;  /* NULL: the right ones */
    const char *session_id;     /* NULL: the user's */
} f1_test_token_t;

/* The token alone. */
const char *f1_test_token(const f1_test_token_t *wanted);

/* A new key of the user, which expires when that is given: the key alone. scopes: "jobs:run,a". */
const char *f1_test_api_key(const char *username, const char *scopes, const char *expires_at);

#endif
