/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_AUTH_JWKS_H
#define F1_AUTH_JWKS_H

/* Tokens of other issuers (Auth0, Clerk, Keycloak), which publish the keys they sign with as a JWKS (RFC 7517). RS256
 * only. Keys are fetched when the first token of an issuer comes, and again after an hour, or when a token names a key
 * that is not known, but not twice within a minute, and not within ten seconds after a failure. One thread fetches, and
 * asks once; the others go on with the keys there are, or are sent away with F1_E_UNAVAILABLE. If an issuer is away,
 * its keys hold for a day.
 *
 * These tokens' time is the real one, whatever base/clock.h says: others wrote them. */

#include <apr_pools.h>
#include <apr_time.h>

#include "auth/keyring.h"
#include "base/result.h"

#define F1_ISSUERS_MAX 8
#define F1_JWKS_MAX_BODY (256 * 1024)
#define F1_JWKS_MAX_KEYS 64

typedef struct f1_issuer_t {
    const char *issuer;         /* iss, character by character */
    const char *audience;       /* what aud must be or contain */
    const char *url;            /* of the JWKS: https, or http on the loopback */
} f1_issuer_t;

typedef struct f1_stranger_t {
    const char *issuer, *subject;       /* together they name the user, for ever */
    const char *username;               /* preferred_username, nickname or NULL: a wish, unique nowhere */
    const char *email;                  /* NULL unless the issuer says that it is verified */
    apr_time_t expires_at;
    apr_time_t login_at;                /* auth_time, else iat, by the real time; 0: the token does not tell */
} f1_stranger_t;

typedef struct f1_jwks_t f1_jwks_t;

/* Whether this may be configured; NULL, or what is wrong with it. */
const char *f1_issuer_wrong(const f1_issuer_t *issuer, apr_pool_t *pool);

/* 0 takes the default. */
typedef struct f1_jwks_options_t {
    apr_interval_time_t fresh;          /* keys younger than this are not asked for again; 1 h */
    apr_interval_time_t stale;          /* keys older than this are not used; 24 h */
    apr_interval_time_t refetch;        /* least time between two fetches; 1 min */
    apr_interval_time_t retry;          /* that after one that failed; 10 s */
    apr_interval_time_t timeout;        /* of a fetch; 5 s */
    const char *ca_file;                /* trusted instead of the system's certificates, or NULL */
} f1_jwks_options_t;

/* For each process: threads share it, forks do not. Fetches nothing yet. options: NULL for the defaults. */
apr_status_t f1_jwks_create(f1_jwks_t **pjwks, const f1_issuer_t *issuers, int count,
                            const f1_jwks_options_t *options, apr_pool_t *pool, f1_result_t *res);

/* Whether the token says that it comes from one of these issuers: then f1_jwks_verify is to be asked, else
 * f1_token_verify. jwks may be NULL. */
int f1_jwks_is_for(const f1_jwks_t *jwks, const char *token, apr_pool_t *pool);

/* Reads the keys of a JWKS that can be used, at most F1_JWKS_MAX_KEYS, and returns how many there are; -1 when the text
 * is no JWKS. Others are passed over: of another type or use, too short or too long, without a name or with one that is
 * there already. */
int f1_jwks_read(f1_key_t keys[F1_JWKS_MAX_KEYS], const char *text, size_t len, apr_pool_t *pool, f1_result_t *res);

/* As f1_token_verify; F1_E_UNAVAILABLE with retry_after where the issuer's keys cannot be had. May take the seconds
 * that a fetch takes: hold no database connection meanwhile. */
apr_status_t f1_jwks_verify(f1_stranger_t *stranger, const char *token, f1_jwks_t *jwks, apr_pool_t *pool,
                            f1_result_t *res);

#endif
