/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* JWKS documents as another issuer may send them. Each key that is read has a name of its own and is one that we would
 * verify with. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <apr_general.h>

#include "auth/jwks.h"
#include "auth/jws.h"
#include "base/crypto.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int holds)
{
    if (!holds) {
        abort();
    }
}

static void check_key(const f1_key_t *keys, int index, apr_pool_t *pool)
{
    const f1_key_t *key = &keys[index];
    f1_pem_t pem;
    int i;

    require(*key->kid && strlen(key->kid) <= F1_KID_MAX && key->alg == F1_ALG_RS256 && !key->signs);
    require(f1_pem_read(&pem, key->verifies, strlen(key->verifies), pool, f1_result_make(pool)) == APR_SUCCESS);
    require(pem.kind == F1_PEM_RSA && pem.bits >= F1_RSA_BITS_MIN && pem.bits <= F1_RSA_BITS_MAX && !pem.private_pem);
    for (i = 0; i < index; i++) {
        require(strcmp(keys[i].kid, key->kid) != 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static apr_pool_t *pool;
    f1_key_t keys[F1_JWKS_MAX_KEYS];
    f1_result_t *res;
    int count, i;

    if (!pool) {
        require(apr_initialize() == APR_SUCCESS && apr_pool_create(&pool, NULL) == APR_SUCCESS);
    }
    apr_pool_clear(pool);
    res = f1_result_make(pool);
    count = f1_jwks_read(keys, (const char *)data, size, pool, res);
    require(count <= F1_JWKS_MAX_KEYS && (count < 0) == (res->error == F1_E_BAD_DATA));
    for (i = 0; i < count; i++) {
        check_key(keys, i, pool);
    }
    return 0;
}
