/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_AUTH_IDENTITY_H
#define F1_AUTH_IDENTITY_H

/* Who is asking, how that was shown, and what he may therefore do. A user shows himself by an access token, or because
 * httpd knows him already; then he has his role. An API key stands for its user's machine: it can do what its scopes
 * name, and nothing else its user could. */

#include <apr_pools.h>

#include "base/result.h"
#include "base/route.h"

typedef enum { F1_BY_NOTHING, F1_BY_TOKEN, F1_BY_KEY, F1_BY_SERVER } f1_by_t;

typedef enum { F1_ROLE_NONE, F1_ROLE_USER, F1_ROLE_ADMIN } f1_role_t;

typedef struct f1_identity_t {
    f1_by_t by;
    f1_role_t role;                 /* F1_ROLE_NONE: nobody known, or a key */
    const char *user_id, *username; /* NULL: nobody known; else the user, or whom the key belongs to */
    const char *session_id;         /* NULL: not by a token of ours */
    const char *key_id, *key_prefix;    /* F1_BY_KEY */
    const char *const *scopes;      /* F1_BY_KEY; NULL-terminated */
} f1_identity_t;

extern const f1_identity_t f1_identity_nobody;

/* Whether he may use the route. public_read: strangers may use public ones. F1_E_UNAUTHORIZED where he has to show who
 * he is, F1_E_FORBIDDEN where that would not help. */
apr_status_t f1_identity_may_use(const f1_identity_t *identity, const f1_route_t *route, int public_read,
                                 f1_result_t *res);

int f1_identity_has_scope(const f1_identity_t *identity, const char *scope);

/* "user" and "admin"; NULL for F1_ROLE_NONE. */
const char *f1_role_name(f1_role_t role);
f1_role_t f1_role_of(const char *name);

#endif
