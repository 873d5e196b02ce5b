/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Authorization in the first line, X-API-Key in the second; a line that is not there is a field that is not there. What
 * is read is of the kind it is said to be, and can be read again. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <apr_general.h>
#include <apr_strings.h>

#include "auth/bearer.h"
#include "auth/token.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int holds)
{
    if (!holds) {
        abort();
    }
}

static int has_prefix(const char *text)
{
    return !strncmp(text, F1_API_KEY_PREFIX, strlen(F1_API_KEY_PREFIX));
}

static void check_bearer(const f1_bearer_t *bearer, apr_pool_t *pool)
{
    f1_bearer_t again;

    if (bearer->kind == F1_BEARER_NONE) {
        require(!bearer->text);
        return;
    }
    require(strlen(bearer->text) <= (bearer->kind == F1_BEARER_API_KEY ? F1_API_KEY_MAX : F1_TOKEN_MAX));
    require(has_prefix(bearer->text) == (bearer->kind == F1_BEARER_API_KEY));
    require(!strpbrk(bearer->text, " \t\r\n\"',;"));
    require(f1_bearer_read(&again, apr_pstrcat(pool, "Bearer ", bearer->text, NULL), NULL, pool,
                           f1_result_make(pool)) == APR_SUCCESS);
    require(again.kind == bearer->kind && !strcmp(again.text, bearer->text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static apr_pool_t *pool;
    char *authorization, *api_key;
    f1_bearer_t bearer;
    f1_result_t *res;

    if (!pool) {
        require(apr_initialize() == APR_SUCCESS && apr_pool_create(&pool, NULL) == APR_SUCCESS);
    }
    apr_pool_clear(pool);
    authorization = apr_pstrmemdup(pool, (const char *)data, size);
    api_key = strchr(authorization, '\n');
    if (api_key) {
        *api_key++ = '\0';
    }
    res = f1_result_make(pool);
    if (f1_bearer_read(&bearer, *authorization ? authorization : NULL, api_key, pool, res) == APR_SUCCESS) {
        check_bearer(&bearer, pool);
    }
    else {
        require(res->error == F1_E_TOKEN_INVALID && strlen(res->detail) < 200);
    }
    return 0;
}
