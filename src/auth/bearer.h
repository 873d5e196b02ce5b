/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_AUTH_BEARER_H
#define F1_AUTH_BEARER_H

/* What a request brings along to say who it is: the header fields Authorization and X-API-Key, told apart and bounded,
 * but not believed. */

#include <apr_pools.h>

#include "base/result.h"

#define F1_API_KEY_PREFIX "f1b_"        /* what every API key begins with, so that scanners of leaks find it */
#define F1_API_KEY_MAX 128              /* bytes */

typedef enum {
    F1_BEARER_NONE,             /* nothing, or an Authorization of another scheme, which is somebody else's */
    F1_BEARER_TOKEN,            /* a JWT, to be verified */
    F1_BEARER_API_KEY           /* begins with the prefix; characters and length are right */
} f1_bearer_kind_t;

typedef struct f1_bearer_t {
    f1_bearer_kind_t kind;
    const char *text;           /* the token or key alone; NULL: none */
} f1_bearer_t;

/* authorization, api_key: the fields' values, NULL where they are absent. F1_E_TOKEN_INVALID for a bearer that is
 * empty, too long or of characters that RFC 6750 does not know, for a key that is none, and where both fields are
 * there and say different things. */
apr_status_t f1_bearer_read(f1_bearer_t *bearer, const char *authorization, const char *api_key, apr_pool_t *pool,
                            f1_result_t *res);

#endif
