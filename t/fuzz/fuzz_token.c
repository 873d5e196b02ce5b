/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Access tokens. The input is taken for a token, which must not be accepted unless signing what it claims gives it
 * back; and, where it is a JSON object, for the claims of one that is rightly signed, so that claims are reached. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <apr_file_io.h>
#include <apr_general.h>
#include <apr_strings.h>

#include "auth/jws.h"
#include "auth/token.h"
#include "base/clock.h"
#include "base/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char secret[] = "a-secret-of-tests-with-32-letters";
static const f1_key_t key = {"k1", F1_ALG_HS256, secret, secret};
static f1_token_rules_t rules = {NULL, "f1board", "f1board", 0};

static void require(int holds)
{
    if (!holds) {
        abort();
    }
}

/* A keyring comes out of a file only. */
static f1_keyring_t *make_ring(apr_pool_t *pool)
{
    char *path = apr_pstrdup(pool, "/tmp/f1t-fuzz.XXXXXX");
    f1_keyring_t *ring;
    apr_file_t *file;

    require(apr_file_mktemp(&file, path, APR_FOPEN_CREATE | APR_FOPEN_WRITE | APR_FOPEN_EXCL, pool) == APR_SUCCESS);
    require(apr_file_printf(file, "k1 HS256 %s\n", secret) > 0 && apr_file_close(file) == APR_SUCCESS);
    require(f1_keyring_load(&ring, path, pool, f1_result_make(pool)) == APR_SUCCESS);
    require(apr_file_remove(path, pool) == APR_SUCCESS);
    return ring;
}

static apr_pool_t *start(void)
{
    static apr_pool_t *pool;
    apr_pool_t *lasting = NULL;

    if (!pool) {
        require(apr_initialize() == APR_SUCCESS && apr_pool_create(&lasting, NULL) == APR_SUCCESS);
        require(apr_pool_create(&pool, lasting) == APR_SUCCESS);
        rules.keys = make_ring(lasting);
        require(f1_clock_set("2024-07-28T13:00:00Z@0", 0) == APR_SUCCESS);
    }
    apr_pool_clear(pool);
    return pool;
}

/* Whatever is said may be shown. */
static void check_refusal(const f1_result_t *res, const f1_claims_t *claims)
{
    require(res->error == F1_E_TOKEN_INVALID || res->error == F1_E_TOKEN_EXPIRED);
    require(res->detail && strlen(res->detail) < 200 && !strstr(res->detail, secret));
    require(!claims->user_id && !claims->role);
}

static void check_claims(const f1_claims_t *claims)
{
    require(*claims->user_id && *claims->username && *claims->session_id && *claims->token_id);
    require(!strcmp(claims->role, "user") || !strcmp(claims->role, "admin"));
    require(claims->expires_at > f1_clock_now());
}

static void try_token(const char *token, apr_pool_t *pool)
{
    f1_result_t *res = f1_result_make(pool);
    f1_claims_t claims;
    f1_jws_t jws;
    const char *again;

    if (f1_token_verify(&claims, token, &rules, pool, res) != APR_SUCCESS) {
        check_refusal(res, &claims);
        return;
    }
    check_claims(&claims);
    require(f1_jws_read(&jws, token, pool, res) == APR_SUCCESS && !strcmp(jws.kid, key.kid));
    require(f1_jws_sign(&again, jws.claims, &key, pool, res) == APR_SUCCESS && !strcmp(again, token));
}

static void try_claims(const char *data, size_t size, apr_pool_t *pool)
{
    f1_result_t *res = f1_result_make(pool);
    const char *token;
    json_t *doc;

    if (f1_json_parse(&doc, data, size, F1_E_BAD_REQUEST, pool, res) == APR_SUCCESS && json_is_object(doc)) {
        require(f1_jws_sign(&token, doc, &key, pool, res) == APR_SUCCESS);
        try_token(token, pool);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    apr_pool_t *pool = start();

    try_token(apr_pstrmemdup(pool, (const char *)data, size), pool);
    try_claims((const char *)data, size, pool);
    return 0;
}
