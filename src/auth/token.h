/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_AUTH_TOKEN_H
#define F1_AUTH_TOKEN_H

/* Access tokens: JWTs (RFC 7519, 9068) that we sign and that we alone verify. A token is short-lived and not stored;
 * whether its user still may, and its session still is, is asked in the database by whoever verified it.
 *
 * Time is the clock's (base/clock.h). All claims are required and checked; nbf and iat may lie F1_TOKEN_LEEWAY seconds
 * in the future, because clocks differ, but what has expired has expired. */

#include <apr_pools.h>
#include <apr_time.h>
#include <jansson.h>

#include "auth/keyring.h"
#include "base/result.h"

#define F1_TOKEN_MAX 8192       /* bytes */
#define F1_TOKEN_LEEWAY 30      /* seconds */

/* Who signs, and for whom: the same when signing and verifying. */
typedef struct f1_token_rules_t {
    const f1_keyring_t *keys;
    const char *issuer;
    const char *audience;
    apr_interval_time_t lifetime;   /* of access tokens */
} f1_token_rules_t;

typedef struct f1_claims_t {
    const char *user_id;        /* sub: UUID */
    const char *username;       /* preferred_username */
    const char *role;           /* "user" or "admin" */
    const char *session_id;     /* sid: UUID */
    const char *token_id;       /* jti: UUID */
    apr_time_t issued_at, expires_at;
} f1_claims_t;

/* Signs a token for claims' user, role and session. Fills in the rest: token_id, issued_at (now) and expires_at. */
apr_status_t f1_token_sign(const char **ptoken, f1_claims_t *claims, const f1_token_rules_t *rules, apr_pool_t *pool,
                           f1_result_t *res);

/* F1_E_TOKEN_EXPIRED when the token was right once; F1_E_TOKEN_INVALID for everything else that may be wrong with it,
 * NULL and "" included (what is no token at all is the caller's: F1_E_UNAUTHORIZED). The words may be shown. */
apr_status_t f1_token_verify(f1_claims_t *claims, const char *token, const f1_token_rules_t *rules, apr_pool_t *pool,
                             f1_result_t *res);

/* What every issuer's claims have in common, own and others': iss is this one, aud is or has that one, exp is not over
 * at now, nbf and iat are not to come. Times in whole seconds; nbf and iat may be absent. */
apr_status_t f1_claims_check(const json_t *claims, const char *issuer, const char *audience, apr_time_t now,
                             f1_result_t *res);

/* A claim that is a time: seconds since 1970, in whole ones. 0: it is none, or not there. */
int f1_claims_time(const json_t *claims, const char *name, apr_time_t *ptime);

#endif
