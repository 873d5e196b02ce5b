/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_AUTH_JWS_H
#define F1_AUTH_JWS_H

/* Signed JSON objects in their compact form (RFC 7515): what a token is before anybody asks what it claims. libjwt
 * computes signatures; what it is given has been read strictly before, because it takes the algorithm from the token.
 *
 * Reading a token proves nothing: until f1_jws_verify says yes, all that stands in it is what a stranger wrote. */

#include <apr_pools.h>
#include <jansson.h>

#include "auth/keyring.h"
#include "base/result.h"

#define F1_KID_MAX 200          /* bytes */

typedef struct f1_jws_t {
    const char *text;
    int alg;                    /* f1_alg_t, or -1: none that we know */
    const char *kid;            /* printable */
    json_t *claims;             /* an object */
} f1_jws_t;

/* F1_E_TOKEN_INVALID for everything that is not: at most F1_TOKEN_MAX bytes; three parts of base64url, each in its one
 * spelling; two JSON objects without duplicate members; a header with alg and kid, no extension that must be understood
 * (crit), and a type, if any, that is a token's. */
apr_status_t f1_jws_read(f1_jws_t *jws, const char *text, apr_pool_t *pool, f1_result_t *res);

/* Whether key made the signature, by the key's algorithm. */
apr_status_t f1_jws_verify(const f1_jws_t *jws, const f1_key_t *key, f1_result_t *res);

/* claims: a JSON object. */
apr_status_t f1_jws_sign(const char **ptext, const json_t *claims, const f1_key_t *key, apr_pool_t *pool,
                         f1_result_t *res);

#endif
