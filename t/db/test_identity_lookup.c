/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Whom the database knows behind a session, a key, or somebody else's word, and that nobody is known any longer than he
 * should be. */

#include "f1_test.h"

#include <string.h>

#include <apr_strings.h>

#include "auth/identity.h"
#include "base/clock.h"
#include "base/str.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define NOW "2030-06-15T12:00:00Z"
#define ANN "11111111-1111-4111-8111-111111111111"
#define BOB "22222222-2222-4222-8222-222222222222"
#define ANNS_SESSION "aaaaaaaa-1111-4111-8111-111111111111"
#define KEY "f1b_abcdefgh_and_what_is_secret"

static int with_users(void **state)
{
    if (f1_test_setup(state) || f1_clock_set(NOW "@0", 0) != APR_SUCCESS) {
        return -1;
    }
    f1_test_sql(apr_psprintf(
        f1_test_pool(),
        "DELETE FROM account;"
        "INSERT INTO account (id, username, role) VALUES ('" ANN "', 'Ann_1', 'admin'), ('" BOB "', 'bob', 'user');"
        "INSERT INTO user_session (id, account_id, created_at, expires_at) VALUES"
        " ('" ANNS_SESSION "', '" ANN "', '2030-06-01T00:00Z', '2030-06-15T12:00:01Z');"
        "INSERT INTO api_key (account_id, name, prefix, hash, scopes, created_at, expires_at) VALUES"
        " ('" ANN "', 'bot', 'f1b_abcdefgh', '\\x%s', '{jobs:run,a}', '2030-06-01T00:00Z', '2030-06-15T12:00:01Z')",
        f1_str_sha256(KEY, strlen(KEY), f1_test_pool())));
    return 0;
}

#define WITH_USERS(test) cmocka_unit_test_setup_teardown(test, with_users, f1_test_teardown)

static f1_result_t *fresh(void)
{
    f1_result_clear(f1_test_result());
    return f1_test_result();
}

static void a_session_has_a_user(void **state)
{
    f1_identity_t who;

    (void)state;
    f1_assert_ok(f1_identity_by_session(&who, f1_test_conn(), ANN, ANNS_SESSION, f1_test_pool(), fresh()),
                 f1_test_result());
    assert_int_equal(who.by, F1_BY_TOKEN);
    assert_int_equal(who.role, F1_ROLE_ADMIN);
    assert_string_equal(who.user_id, ANN);
    assert_string_equal(who.username, "Ann_1");
    assert_string_equal(who.session_id, ANNS_SESSION);
    f1_test_sql("UPDATE account SET role = 'user' WHERE username = 'Ann_1'"); /* at once, whatever a token says */
    f1_assert_ok(f1_identity_by_session(&who, f1_test_conn(), ANN, ANNS_SESSION, f1_test_pool(), fresh()),
                 f1_test_result());
    assert_int_equal(who.role, F1_ROLE_USER);
}

static void assert_no_session(const char *user, const char *session, const char *because)
{
    f1_identity_t who;

    assert_int_not_equal(f1_identity_by_session(&who, f1_test_conn(), user, session, f1_test_pool(), fresh()),
                         APR_SUCCESS);
    assert_int_equal(f1_test_result()->error, F1_E_TOKEN_INVALID);
    assert_string_equal(f1_test_result()->detail, because);
}

static void a_session_ends(void **state)
{
    static const char ended[] = "The access token's session has ended";

    (void)state;
    assert_no_session(BOB, ANNS_SESSION, ended);
    assert_no_session(ANN, BOB, ended);
    f1_test_sql("UPDATE account SET disabled_at = now() WHERE username = 'Ann_1'");
    assert_no_session(ANN, ANNS_SESSION, "The account is disabled");
    f1_test_sql("UPDATE account SET disabled_at = NULL; UPDATE user_session SET expires_at = '" NOW "'");
    assert_no_session(ANN, ANNS_SESSION, ended);
    f1_test_sql("UPDATE user_session SET expires_at = '2031-01-01', revoked_at = now()");
    assert_no_session(ANN, ANNS_SESSION, ended);
    f1_test_sql("DELETE FROM account WHERE username = 'Ann_1'");
    assert_no_session(ANN, ANNS_SESSION, ended);
}

static void a_key_has_scopes_and_no_role(void **state)
{
    f1_identity_t who;

    (void)state;
    f1_assert_ok(f1_identity_by_key(&who, f1_test_conn(), KEY, f1_test_pool(), fresh()), f1_test_result());
    assert_int_equal(who.by, F1_BY_KEY);
    assert_int_equal(who.role, F1_ROLE_NONE);
    assert_string_equal(who.user_id, ANN);
    assert_string_equal(who.username, "Ann_1");
    assert_string_equal(who.key_prefix, "f1b_abcdefgh");
    assert_null(who.session_id);
    assert_true(f1_identity_has_scope(&who, "jobs:run"));
    assert_true(f1_identity_has_scope(&who, "a"));
    assert_false(f1_identity_has_scope(&who, "jobs"));
    f1_test_sql("UPDATE api_key SET scopes = '{}'");
    f1_assert_ok(f1_identity_by_key(&who, f1_test_conn(), KEY, f1_test_pool(), fresh()), f1_test_result());
    assert_false(f1_identity_has_scope(&who, ""));
}

static void assert_used(const char *when)
{
    f1_identity_t who;

    f1_assert_ok(f1_identity_by_key(&who, f1_test_conn(), KEY, f1_test_pool(), fresh()), f1_test_result());
    assert_string_equal(f1_test_sql("SELECT to_char(last_used_at AT TIME ZONE 'UTC', 'HH24:MI:SS') FROM api_key"),
                        when);
}

static void its_use_is_noted_once_a_minute(void **state)
{
    (void)state;
    f1_test_sql("UPDATE api_key SET expires_at = NULL");
    assert_used("12:00:00");
    f1_clock_set("2030-06-15T12:00:59Z@0", 0);
    assert_used("12:00:00");
    f1_clock_set("2030-06-15T12:01:00Z@0", 0);
    assert_used("12:01:00");
}

static void assert_no_key(const char *key, f1_error_t error, const char *because)
{
    f1_identity_t who;

    assert_int_not_equal(f1_identity_by_key(&who, f1_test_conn(), key, f1_test_pool(), fresh()), APR_SUCCESS);
    assert_int_equal(f1_test_result()->error, error);
    assert_string_equal(f1_test_result()->detail, because);
    assert_string_equal(f1_test_sql("SELECT count(*) FROM api_key WHERE last_used_at IS NOT NULL"), "0");
}

static void a_key_ends(void **state)
{
    (void)state;
    assert_no_key(KEY "x", F1_E_TOKEN_INVALID, "The API key is invalid");
    assert_no_key("", F1_E_TOKEN_INVALID, "The API key is invalid");
    f1_test_sql("UPDATE account SET disabled_at = now() WHERE username = 'Ann_1'");
    assert_no_key(KEY, F1_E_TOKEN_INVALID, "The account is disabled");
    f1_test_sql("UPDATE account SET disabled_at = NULL; UPDATE api_key SET expires_at = '" NOW "'");
    assert_no_key(KEY, F1_E_TOKEN_EXPIRED, "The API key has expired");
    f1_test_sql("UPDATE api_key SET revoked_at = now()");
    assert_no_key(KEY, F1_E_TOKEN_INVALID, "The API key was revoked");
}

static void assert_linked(const f1_vouched_t *vouched, f1_identity_t *who)
{
    f1_assert_ok(f1_identity_by_link(who, f1_test_conn(), vouched, f1_test_pool(), fresh()), f1_test_result());
    assert_int_equal(who->by, vouched->by);
    assert_null(who->session_id);
}

static void who_is_vouched_for_gets_one_account(void **state)
{
    static const f1_vouched_t carl = {F1_BY_TOKEN, "https://issuer.example/", "auth0|1", "carl", "Carl@example.com", 0};
    static const f1_vouched_t renamed = {F1_BY_TOKEN, "https://issuer.example/", "auth0|1", "charles", NULL, 1};
    f1_identity_t first, second;

    (void)state;
    assert_linked(&carl, &first);
    assert_string_equal(first.username, "carl");
    assert_false(first.is_fresh);
    assert_int_equal(first.role, F1_ROLE_USER);
    assert_linked(&renamed, &second);
    assert_string_equal(second.user_id, first.user_id);
    assert_string_equal(second.username, "carl");
    assert_true(second.is_fresh);
    assert_string_equal(f1_test_sql("SELECT email, email_verified_at IS NOT NULL, password_hash IS NULL FROM account"
                                    " WHERE username = 'carl'"),
                        "Carl@example.com|t|t");
    assert_string_equal(f1_test_sql("SELECT via, action, details->>'issuer', count(*) FROM audit_log GROUP BY 1, 2, 3"),
                        "token|account.add|https://issuer.example/|1");
    f1_test_sql("UPDATE account SET disabled_at = now() WHERE username = 'carl'");
    assert_int_not_equal(f1_identity_by_link(&second, f1_test_conn(), &carl, f1_test_pool(), fresh()), APR_SUCCESS);
    assert_int_equal(f1_test_result()->error, F1_E_TOKEN_INVALID);
}

/* A name, or an address, that is taken makes nobody its owner. */
static void names_are_wishes(void **state)
{
    static const f1_vouched_t cases[] = {
        {F1_BY_SERVER, "httpd", "ann_1", "ann_1", NULL, 0},
        {F1_BY_TOKEN, "https://issuer.example/", "ann_1", "ANN_1", NULL, 0},
        {F1_BY_TOKEN, "https://other.example/", "1", "a b; DROP", "no address", 0},
        {F1_BY_TOKEN, "https://other.example/", "2", "\xd0\xb0nn_1", "x@example.com", 0},
        {F1_BY_TOKEN, "https://other.example/", "3", NULL, "X@Example.com", 0},
    };
    f1_identity_t who;
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(cases); i++) {
        assert_linked(&cases[i], &who);
        assert_string_not_equal(who.user_id, ANN);
        assert_int_equal(strncmp(who.username, "user_", 5), 0);
        assert_int_equal(strlen(who.username), 21);
    }
    assert_string_equal(f1_test_sql("SELECT count(*) FROM account WHERE email IS NOT NULL"), "1");
}

static void subjects_have_bounds(void **state)
{
    char *subject = apr_pcalloc(f1_test_pool(), 257);
    f1_vouched_t vouched = {F1_BY_TOKEN, "https://issuer.example/", subject, NULL, NULL, 0};
    f1_identity_t who;

    (void)state;
    memset(subject, 'x', 256);
    assert_int_not_equal(f1_identity_by_link(&who, f1_test_conn(), &vouched, f1_test_pool(), fresh()), APR_SUCCESS);
    assert_int_equal(f1_test_result()->error, F1_E_TOKEN_INVALID);
    vouched.subject = "";
    assert_int_not_equal(f1_identity_by_link(&who, f1_test_conn(), &vouched, f1_test_pool(), fresh()), APR_SUCCESS);
    assert_int_equal(f1_test_result()->error, F1_E_TOKEN_INVALID);
    assert_string_equal(f1_test_sql("SELECT count(*) FROM account"), "2");
    subject[255] = '\0';
    vouched.subject = subject;
    assert_linked(&vouched, &who);
}

/* Another process adds the account between our look and our insert: a trigger plays it. */
static void two_first_requests_make_one_account(void **state)
{
    static const f1_vouched_t dora = {F1_BY_TOKEN, "https://issuer.example/", "dora", "dora", NULL, 0};
    f1_identity_t who;

    (void)state;
    f1_test_sql("CREATE FUNCTION race() RETURNS trigger LANGUAGE plpgsql AS $$"
                "BEGIN RAISE EXCEPTION 'taken' USING ERRCODE = 'unique_violation'; END $$;"
                "CREATE TRIGGER race BEFORE INSERT ON account FOR EACH ROW WHEN (NEW.username = 'dora')"
                " EXECUTE FUNCTION race()");
    assert_linked(&dora, &who);
    assert_int_equal(strncmp(who.username, "user_", 5), 0);
    f1_test_sql("DELETE FROM account; DROP TRIGGER race ON account;"
                "CREATE TRIGGER race BEFORE INSERT ON account FOR EACH ROW EXECUTE FUNCTION race()");
    assert_int_not_equal(f1_identity_by_link(&who, f1_test_conn(), &dora, f1_test_pool(), fresh()), APR_SUCCESS);
    assert_int_equal(f1_test_result()->error, F1_E_UNAVAILABLE); /* for ever, which is not waited for */
    f1_test_sql("DROP TRIGGER race ON account; DROP FUNCTION race()");
}

/* Those who keep listening are looked at again, all at once. */
static void some_are_gone(void **state)
{
    const f1_identity_t everybody[] = {
        {.by = F1_BY_TOKEN, .role = F1_ROLE_ADMIN, .user_id = ANN, .session_id = ANNS_SESSION},
        {.by = F1_BY_TOKEN, .role = F1_ROLE_USER, .user_id = BOB},
        {.by = F1_BY_TOKEN, .role = F1_ROLE_ADMIN, .user_id = BOB}, /* who was one once */
        {.by = F1_BY_TOKEN, .role = F1_ROLE_USER, .user_id = BOB, .session_id = ANNS_SESSION},
        {.by = F1_BY_KEY, .user_id = ANN, .key_id = f1_test_sql("SELECT id FROM api_key")},
        {.by = F1_BY_KEY, .user_id = BOB, .key_id = f1_test_sql("SELECT id FROM api_key")},
        {.by = F1_BY_TOKEN, .role = F1_ROLE_USER, .user_id = "99999999-9999-4999-8999-999999999999"},
    };
    char is_gone[COUNT(everybody)] = {0};

    (void)state;
    f1_assert_ok(f1_identity_recheck(everybody, COUNT(everybody), is_gone, f1_test_conn(), f1_test_pool(), fresh()),
                 f1_test_result());
    assert_memory_equal(is_gone, "\0\0\1\1\0\1\1", COUNT(everybody));
    f1_test_sql("UPDATE account SET disabled_at = '2030-06-15' WHERE username = 'bob'");
    assert_int_equal(f1_clock_set("2030-06-15T12:00:01Z@0", 0), APR_SUCCESS);
    f1_assert_ok(f1_identity_recheck(everybody, COUNT(everybody), is_gone, f1_test_conn(), f1_test_pool(), fresh()),
                 f1_test_result());
    assert_memory_equal(is_gone, "\1\1\1\1\1\1\1", COUNT(everybody));
    f1_assert_ok(f1_identity_recheck(NULL, 0, is_gone, f1_test_conn(), f1_test_pool(), fresh()), f1_test_result());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_USERS(a_session_has_a_user),
        WITH_USERS(a_session_ends),
        WITH_USERS(a_key_has_scopes_and_no_role),
        WITH_USERS(its_use_is_noted_once_a_minute),
        WITH_USERS(a_key_ends),
        WITH_USERS(who_is_vouched_for_gets_one_account),
        WITH_USERS(names_are_wishes),
        WITH_USERS(subjects_have_bounds),
        WITH_USERS(two_first_requests_make_one_account),
        WITH_USERS(some_are_gone),
    };

    return f1_test_run(tests);
}
