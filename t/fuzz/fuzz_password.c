/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* A password in the first line, a stored hash behind it, which is verified only where that is cheap: this is about
 * reading it. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <apr_general.h>
#include <apr_strings.h>

#include "auth/password.h"

#define CHEAP_DIGITS 3 /* of iterations */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int holds)
{
    if (!holds) {
        abort();
    }
}

static int is_cheap(const char *stored)
{
    static const char *const prefixes[] = {"$pbkdf2-sha256$", "pbkdf2_sha256$", "pbkdf2:sha256:"};
    size_t i;

    for (i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
        size_t len = strlen(prefixes[i]);

        if (!strncmp(stored, prefixes[i], len)) {
            return strspn(stored + len, "0123456789") <= CHEAP_DIGITS;
        }
    }
    return !strncmp(stored + 3, "$04$", 4); /* bcrypt */
}

static void check_password(const char *password, apr_pool_t *pool)
{
    f1_result_t *res = f1_result_make(pool);

    if (f1_password_check(password, "niki_lauda", "/password", res)) {
        require(strlen(password) >= F1_PASSWORD_MIN && strlen(password) <= F1_PASSWORD_MAX);
    }
    else {
        require(res->error == F1_E_INVALID_PARAMETER && res->fields->nelts <= 4);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static apr_pool_t *pool;
    char *password, *stored;
    int right;

    if (!pool) {
        require(apr_initialize() == APR_SUCCESS && apr_pool_create(&pool, NULL) == APR_SUCCESS);
        f1_password_setup(F1_PASSWORD_COST_MIN, 1);
    }
    apr_pool_clear(pool);
    password = apr_pstrmemdup(pool, (const char *)data, size);
    stored = strchr(password, '\n');
    if (stored) {
        *stored++ = '\0';
    }
    check_password(password, pool);
    if (f1_password_is_hash(stored, pool) && is_cheap(stored)) {
        require(f1_password_verify(&right, password, stored, pool, f1_result_make(pool)) == APR_SUCCESS);
    }
    require(!stored || f1_password_needs_rehash(stored) == (strncmp(stored, "$2y$04$", 7) != 0));
    return 0;
}
