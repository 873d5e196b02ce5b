/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_AUTH_IDENTITY_H
#define F1_AUTH_IDENTITY_H

/* Who is asking, how that was shown, and what he may therefore do. A user shows himself by an access token, or because
 * httpd knows him already; then he has his role. An API key stands for its user's machine: it can do what its scopes
 * name, as long as its user could, and nothing else.
 *
 * Whatever was shown, the database is asked once, so that a disabled account, an ended session, a revoked key and a
 * role that was taken away count from the next request on. */

#include <apr_pools.h>

#include "base/result.h"
#include "base/route.h"
#include "db/conn.h"

typedef enum { F1_BY_NOTHING, F1_BY_TOKEN, F1_BY_KEY, F1_BY_SERVER } f1_by_t;

typedef enum { F1_ROLE_NONE, F1_ROLE_USER, F1_ROLE_ADMIN } f1_role_t;

typedef struct f1_identity_t {
    f1_by_t by;
    f1_role_t role;                     /* F1_ROLE_NONE: nobody known, or a key */
    const char *user_id, *username;     /* NULL: nobody known; of a key: whom it belongs to */
    const char *session_id;             /* NULL: not by a token of ours */
    const char *key_id, *key_prefix;    /* F1_BY_KEY */
    const char *const *scopes;          /* F1_BY_KEY; NULL-terminated */
    f1_role_t owner_role;               /* F1_BY_KEY: of whom it belongs to */
    int is_fresh;                       /* another vouches that it is he and nobody else, since a moment ago */
    apr_time_t until;                   /* when a token expires, by the machine's clock; 0: it was none */
} f1_identity_t;

extern const f1_identity_t f1_identity_nobody;

/* --- Who it is. F1_E_TOKEN_INVALID or F1_E_TOKEN_EXPIRED: what was shown does no longer count. Times are the clock's.
 */

/* The user and session of a token that was verified. */
apr_status_t f1_identity_by_session(f1_identity_t *identity, f1_conn_t *conn, const char *user_id,
                                    const char *session_id, apr_pool_t *pool, f1_result_t *res);

/* key: as it was sent. Notes that it was used. */
apr_status_t f1_identity_by_key(f1_identity_t *identity, f1_conn_t *conn, const char *key, apr_pool_t *pool,
                                f1_result_t *res);

/* Somebody for whom another vouches: an external issuer of tokens, or httpd. */
typedef struct f1_vouched_t {
    f1_by_t by;                         /* F1_BY_TOKEN or F1_BY_SERVER */
    const char *issuer, *subject;       /* together they name the user, for ever */
    const char *username;               /* what he would like to be called; taken if nobody is, and if it can be one */
    const char *email;                  /* known to be his; NULL: none */
    int is_fresh;                       /* as the identity has it */
} f1_vouched_t;

/* Who comes for the first time gets an account. A name that somebody has already makes nobody that one. */
apr_status_t f1_identity_by_link(f1_identity_t *identity, f1_conn_t *conn, const f1_vouched_t *vouched,
                                 apr_pool_t *pool, f1_result_t *res);

/* Which of these, who were found as above, would not be found so any more, as far as account, role, session and key
 * are concerned: is_gone is set to 1 for them, and else left alone. */
apr_status_t f1_identity_recheck(const f1_identity_t *identities, int count, char *is_gone, f1_conn_t *conn,
                                 apr_pool_t *pool, f1_result_t *res);

/* --- What he may do */

/* Whether he may use the route. public_read: strangers may use public ones. F1_E_UNAUTHORIZED where he has to show who
 * he is, F1_E_FORBIDDEN where that would not help. */
apr_status_t f1_identity_may_use(const f1_identity_t *identity, const f1_route_t *route, int public_read,
                                 f1_result_t *res);

int f1_identity_has_scope(const f1_identity_t *identity, const char *scope);

/* "user" and "admin"; NULL for F1_ROLE_NONE. */
const char *f1_role_name(f1_role_t role);
f1_role_t f1_role_of(const char *name);

/* How it was shown, as the audit log has it: "nobody", "token", "apikey", "server". */
const char *f1_by_name(f1_by_t by);

/* WWW-Authenticate (RFC 6750) for an answer that says what res does. realm: to be quoted. scope: what was lacking, or
 * NULL. */
const char *f1_identity_challenge(const f1_result_t *res, const char *realm, const char *scope, apr_pool_t *pool);

#endif
