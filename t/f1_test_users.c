/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Users, sessions and keys by plain SQL; tokens by the library. */

#include "f1_test_users.h"

#include "f1_test.h"

#include <stdlib.h>
#include <string.h>

#include <apr_strings.h>

#include "base/clock.h"
#include "base/str.h"

#define ISSUER "f1board"
#define AUDIENCE "f1board"

void f1_test_users(void)
{
    f1_test_sql("DELETE FROM account;"
                "INSERT INTO account (username, role, created_at) VALUES"
                " ('ann', 'admin', '2030-01-01'), ('bob', 'user', '2030-01-01'), ('cyd', 'user', '2030-01-01'),"
                " ('dan', 'user', '2030-01-01');"
                "INSERT INTO user_session (account_id, created_at, expires_at)"
                " SELECT id, '2030-06-14', '2040-01-01' FROM account;"
                "UPDATE account SET disabled_at = '2030-06-14' WHERE username = 'dan';"
                "UPDATE user_session s SET revoked_at = '2030-06-14' FROM account a"
                " WHERE a.id = s.account_id AND a.username = 'cyd'");
}

static const char *about(const char *username, const char *what)
{
    return f1_test_sql(apr_psprintf(f1_test_pool(),
                                    "SELECT %s FROM account a JOIN user_session s ON s.account_id = a.id"
                                    " WHERE a.username = '%s'",
                                    what, username));
}

const char *f1_test_session(const char *username)
{
    return about(username, "s.id");
}

static const f1_keyring_t *keys(void)
{
    const char *file = apr_pstrcat(f1_test_pool(), getenv("F1_SANDBOX"), "/secrets", NULL);
    f1_keyring_t *ring;

    f1_assert_ok(f1_keyring_load(&ring, file, f1_test_pool(), f1_test_result()), f1_test_result());
    return ring;
}

const char *f1_test_token(const f1_test_token_t *wanted)
{
    f1_token_rules_t rules = {.keys = keys(),
                              .issuer = wanted->issuer ? wanted->issuer : ISSUER,
                              .audience = wanted->audience ? wanted->audience : AUDIENCE,
                              .lifetime = apr_time_from_sec(15 * 60)};
    f1_claims_t claims = {.user_id = about(wanted->username, "a.id"),
                          .username = wanted->username,
                          .role = about(wanted->username, "a.role"),
                          .session_id = wanted->session_id ? wanted->session_id : f1_test_session(wanted->username)};
    const char *token;

    assert_int_equal(f1_clock_set(wanted->signed_at ? wanted->signed_at : getenv("F1_CLOCK"), 0), APR_SUCCESS);
    f1_assert_ok(f1_token_sign(&token, &claims, &rules, f1_test_pool(), f1_test_result()), f1_test_result());
    return token;
}

const char *f1_test_bearer(const char *username)
{
    return apr_pstrcat(f1_test_pool(), "Authorization: Bearer ",
                       f1_test_token(&(f1_test_token_t){.username = username}), NULL);
}

const char *f1_test_api_key(const char *username, const char *scopes, const char *expires_at)
{
    static int count;
    const char *key = apr_psprintf(f1_test_pool(), "f1b_test%04d_which_nobody_guesses", ++count);
    const char *expires = expires_at ? apr_psprintf(f1_test_pool(), "'%s'", expires_at) : "NULL";

    f1_test_sql(apr_psprintf(f1_test_pool(),
                             "INSERT INTO api_key (account_id, name, prefix, hash, scopes, created_at, expires_at)"
                             " SELECT id, 'of a test', '%.12s', '\\x%s', '{%s}', '2030-01-01', %s FROM account"
                             " WHERE username = '%s'",
                             key, f1_str_sha256(key, strlen(key), f1_test_pool()), scopes, expires, username));
    return key;
}
