/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* What may be done with accounts, and what becomes of their sessions, tokens and keys meanwhile. The clock stands still
 * and is set by the tests. */

#include "f1_test.h"

#include <string.h>

#include <apr_strings.h>

#include "auth/account.h"
#include "auth/apikey.h"
#include "auth/guard.h"
#include "auth/identity.h"
#include "auth/password.h"
#include "auth/session.h"
#include "base/clock.h"

#define WEEK apr_time_from_sec(7 * 24 * 3600)
#define HOME "192.0.2.1"
#define ELSEWHERE "198.51.100.7"
#define RIGHT "SecurePass123"
#define WRONG "SecurePass124"

/* One connection for all, as f1_db_t wants it. */
static apr_status_t open_it(f1_db_t *db, f1_conn_t **pconn, apr_pool_t *pool, f1_result_t *res)
{
    (void)db;
    (void)pool;
    (void)res;
    *pconn = f1_test_conn();
    return APR_SUCCESS;
}

static void close_it(f1_db_t *db, f1_conn_t *conn)
{
    (void)db;
    (void)conn;
}

static f1_db_t database = {open_it, close_it};
static f1_errand_t errand;

/* Whoever asks next, from where. */
static f1_errand_t *from(const char *address)
{
    errand = (f1_errand_t){.db = &database,
                           .via = "nobody",
                           .address = address,
                           .user_agent = "test",
                           .service = "F1Board",
                           .pool = f1_test_pool(),
                           .res = f1_result_make(f1_test_pool())};
    return &errand;
}

static f1_errand_t *as(const char *actor)
{
    from(HOME)->actor = actor;
    errand.via = "token";
    return &errand;
}

static void at(const char *time)
{
    assert_int_equal(f1_clock_set(apr_pstrcat(f1_test_pool(), time, "@0", NULL), 0), APR_SUCCESS);
}

static f1_login_t anna;

static void start(void)
{
    const f1_account_new_t account = {
        .username = "Anna", .email = "Anna@example.org", .password = RIGHT, .role = "user"};

    f1_password_setup(4, 8);
    f1_test_sql("DELETE FROM account; DELETE FROM login_source; DELETE FROM mail_outbox");
    at("2030-06-15T12:00:00Z");
    f1_assert_ok(f1_session_register(&anna, from(HOME), &account, WEEK), errand.res);
}

/* "ok", or the code of what is wrong. */
static const char *login_from(const char *address, const char *name, const char *password)
{
    f1_login_t login;

    (void)f1_session_login(&login, from(address), name, password, WEEK);
    return f1_error_code(errand.res->error);
}

static const char *login(const char *name, const char *password)
{
    return login_from(HOME, name, password);
}

static const char *refresh(f1_login_t *next, const char *token)
{
    (void)f1_session_refresh(next, from(HOME), token, WEEK);
    return f1_error_code(errand.res->error);
}

static int session_counts(const f1_login_t *of)
{
    f1_result_t *res = f1_result_make(f1_test_pool());
    f1_identity_t identity;

    return f1_identity_by_session(&identity, f1_test_conn(), of->user_id, of->session_id, f1_test_pool(), res) ==
           APR_SUCCESS;
}

/* The token in the last mail of a kind. */
static const char *mailed(const char *kind)
{
    return f1_test_sql(apr_psprintf(
        f1_test_pool(),
        "SELECT substring(body FROM '\\n    (\\S{43})\\n') FROM mail_outbox WHERE kind = '%s' ORDER BY id DESC LIMIT 1",
        kind));
}

static void assert_wrong_token(void)
{
    assert_int_equal(errand.res->error, F1_E_INVALID_PARAMETER);
    assert_non_null(strstr(f1_result_text(errand.res, f1_test_pool()), "/token: was used already, is too old"));
}

/* Actions of the audit log about an object, in order. */
static const char *audited(const char *object)
{
    return f1_test_sql(apr_psprintf(
        f1_test_pool(), "SELECT string_agg(action, ' ' ORDER BY id) FROM audit_log WHERE object_id = '%s'", object));
}

static void test_register(void **state)
{
    const f1_account_new_t same_name = {.username = "anna", .email = "b@b.org", .password = RIGHT, .role = "user"};
    const f1_account_new_t same_mail = {.email = "ANNA@example.org", .password = RIGHT, .role = "user"};
    const f1_account_new_t weak = {.username = "weak", .email = "w@b.org", .password = "password", .role = "user"};
    const f1_account_new_t nameless = {.email = "n@b.org", .password = RIGHT, .role = "user"};
    f1_login_t other;

    (void)state;
    start();
    assert_true(session_counts(&anna));
    assert_string_equal(audited(anna.user_id), "account.add");
    assert_string_equal(f1_test_sql("SELECT recipient, kind, expires_at - created_at, is_optional FROM mail_outbox"),
                        "Anna@example.org|verify_email|1 day|f");
    assert_string_equal(f1_test_sql("SELECT count(*) FROM account WHERE password_hash LIKE '%" RIGHT "%'"), "0");
    (void)f1_session_register(&other, from(HOME), &same_name, WEEK);
    assert_string_equal(f1_result_text(errand.res, f1_test_pool()) + strlen("conflict: "),
                        "username is taken (/username: is taken)");
    (void)f1_session_register(&other, from(HOME), &same_mail, WEEK);
    assert_int_equal(errand.res->error, F1_E_CONFLICT);
    (void)f1_session_register(&other, from(HOME), &weak, WEEK);
    assert_int_equal(errand.res->error, F1_E_INVALID_PARAMETER);
    f1_assert_ok(f1_session_register(&other, from(HOME), &nameless, WEEK), errand.res);
    assert_int_equal(strncmp(other.username, "user_", 5), 0);
    assert_string_equal(f1_test_sql("SELECT count(*) FROM account"), "2");
}

/* What cannot be done as a whole leaves nothing. */
static void test_register_is_one_step(void **state)
{
    const f1_account_new_t account = {.username = "half", .email = "h@b.org", .password = RIGHT, .role = "user"};
    f1_login_t other;

    (void)state;
    start();
    f1_test_sql("CREATE FUNCTION no_session() RETURNS trigger LANGUAGE plpgsql AS"
                " $$ BEGIN RAISE EXCEPTION 'not today'; END $$;"
                "CREATE TRIGGER no_session AFTER INSERT ON refresh_token EXECUTE FUNCTION no_session()");
    assert_int_not_equal(f1_session_register(&other, from(HOME), &account, WEEK), APR_SUCCESS);
    f1_test_sql("DROP FUNCTION no_session() CASCADE");
    assert_string_equal(f1_test_sql("SELECT count(*) FROM account WHERE username = 'half'"), "0");
    assert_string_equal(f1_test_sql("SELECT count(*) FROM mail_outbox WHERE recipient = 'h@b.org'"), "0");
    f1_assert_ok(f1_session_register(&other, from(HOME), &account, WEEK), errand.res);
    assert_true(session_counts(&other));
    assert_string_equal(refresh(&anna, other.refresh_token), "ok");
}

static void test_login(void **state)
{
    const char *wrong, *unknown;

    (void)state;
    start();
    at("2030-06-16T12:00:00Z");
    assert_string_equal(login("ANNA", RIGHT), "ok");
    assert_string_equal(login("anna@EXAMPLE.org", RIGHT), "ok");
    assert_string_equal(f1_test_sql("SELECT last_login_at AT TIME ZONE 'UTC' FROM account"), "2030-06-16 12:00:00");
    assert_string_equal(login("anna", WRONG), "unauthorized");
    wrong = errand.res->detail;
    assert_string_equal(login("nobody", RIGHT), "unauthorized");
    unknown = errand.res->detail;
    assert_string_equal(wrong, unknown);
    assert_string_equal(f1_test_sql("SELECT count(*) FROM user_session"), "3");
    f1_assert_ok(f1_account_set(as(NULL), anna.user_id, NULL, "true"), errand.res);
    assert_string_equal(login("anna", RIGHT), "forbidden");
    assert_string_equal(login("anna", WRONG), "unauthorized");
    assert_string_equal(audited(anna.user_id), "account.add login.success login.success login.failure account.disable"
                                               " login.refused login.failure");
}

/* A name that nobody has costs what some account's password does, always the same one's, and is never let in by it. */
static void test_unknown_names_cost_as_much(void **state)
{
    f1_guard_t guard, again;

    (void)state;
    start();
    f1_assert_ok(f1_guard_find(&guard, from(HOME), "nobody", NULL), errand.res);
    assert_null(guard.id);
    assert_null(guard.hash);
    assert_string_equal(guard.decoy, f1_test_sql("SELECT password_hash FROM account"));
    assert_string_equal(login("nobody", RIGHT), "unauthorized");
    f1_test_sql("INSERT INTO account (username, password_hash)"
                " SELECT 'other' || i, '$pbkdf2-sha256$' || i || '$MDEyMzQ1Njc4OTAxMjM0NQ$' || repeat('A', 43)"
                " FROM generate_series(1, 20) AS i");
    f1_assert_ok(f1_guard_find(&guard, from(HOME), "nobody", NULL), errand.res);
    f1_assert_ok(f1_guard_find(&again, from(ELSEWHERE), "NOBODY", NULL), errand.res);
    assert_string_equal(guard.decoy, again.decoy);
    f1_assert_ok(f1_guard_find(&again, from(HOME), "somebody", NULL), errand.res);
    f1_test_sql("UPDATE account SET password_hash = NULL WHERE username = 'Anna'");
    assert_string_equal(login("anna", RIGHT), "unauthorized");
}

/* However many fail, few lines say so; none of them where there is no account. */
static void test_failures_are_audited(void **state)
{
    (void)state;
    start();
    for (int i = 0; i < 20; i++) {
        f1_test_sql("UPDATE login_source SET locked_until = NULL");
        assert_string_equal(login_from(ELSEWHERE, "anna", WRONG), "unauthorized");
        assert_string_equal(login_from(ELSEWHERE, "nobody", WRONG), "unauthorized");
    }
    assert_string_equal(
        f1_test_sql(apr_psprintf(f1_test_pool(),
                                 "SELECT string_agg(action || ' ' || (details->>'failures'), ', ' ORDER BY id)"
                                 " FROM audit_log WHERE object_id = '%s' AND action LIKE 'login.%%'",
                                 anna.user_id)),
        "login.failure 1, login.failure 2, login.failure 4, login.lockout 5, login.failure 8, login.failure 16");
    f1_test_sql("UPDATE login_source SET failures = 99 WHERE network = '0.0.0.0/0'");
    assert_string_equal(login_from("203.0.113.1", "anna", WRONG), "unauthorized");
    assert_string_equal(
        f1_test_sql("SELECT details FROM audit_log WHERE action = 'login.lockout' ORDER BY id DESC LIMIT 1"),
        "{\"seconds\": 60, \"failures\": 100, \"everywhere\": true}");
    assert_string_equal(f1_test_sql("SELECT count(*) FROM audit_log WHERE object_id = md5('nobody')::uuid::text"), "0");
}

static void test_a_weaker_hash_is_replaced(void **state)
{
    (void)state;
    start();
    f1_password_setup(5, 8);
    assert_string_equal(login("anna", RIGHT), "ok");
    assert_string_equal(f1_test_sql("SELECT substr(password_hash, 4, 4) FROM account"), "$05$");
    assert_string_equal(login("anna", RIGHT), "ok");
}

static void test_refresh(void **state)
{
    f1_login_t next, after, other;

    (void)state;
    start();
    assert_string_equal(refresh(&next, anna.refresh_token), "ok");
    assert_string_equal(next.session_id, anna.session_id);
    assert_string_equal(next.username, "Anna");
    at("2030-06-20T12:00:00Z");
    assert_string_equal(refresh(&after, next.refresh_token), "ok");
    f1_assert_ok(f1_session_login(&other, from(HOME), "anna", RIGHT, WEEK), errand.res);
    /* one that was used comes again: the session ends, and the thief's token with it; others go on */
    assert_string_equal(refresh(&next, anna.refresh_token), "unauthorized");
    assert_non_null(strstr(errand.res->detail, "was used before"));
    assert_string_equal(refresh(&next, after.refresh_token), "unauthorized");
    assert_false(session_counts(&anna));
    assert_true(session_counts(&other));
    assert_string_equal(audited(anna.session_id), "session.revoke");
    assert_string_equal(refresh(&next, "nonsense"), "unauthorized");
    at("2030-06-27T12:00:00Z");
    assert_string_equal(refresh(&next, other.refresh_token), "unauthorized");
    assert_non_null(strstr(errand.res->detail, "has expired"));
}

static void test_sessions_end(void **state)
{
    f1_login_t other;

    (void)state;
    start();
    f1_assert_ok(f1_session_login(&other, from(HOME), "anna", RIGHT, WEEK), errand.res);
    assert_int_not_equal(f1_session_end(as(anna.user_id), other.session_id, anna.session_id), APR_SUCCESS);
    assert_int_equal(errand.res->error, F1_E_NOT_FOUND);
    f1_assert_ok(f1_session_end(as(anna.user_id), anna.user_id, anna.session_id), errand.res);
    assert_false(session_counts(&anna));
    assert_true(session_counts(&other));
    f1_assert_ok(f1_session_end_all(as(anna.user_id), anna.user_id), errand.res);
    assert_false(session_counts(&other));
}

static void test_old_sessions_are_swept(void **state)
{
    (void)state;
    start();
    at("2030-06-29T12:00:01Z");
    assert_string_equal(login("anna", RIGHT), "ok");
    assert_string_equal(f1_test_sql("SELECT count(*) FROM user_session"), "1");
}

static void test_guessing_from_one_place(void **state)
{
    (void)state;
    start();
    for (int i = 0; i < 5; i++) {
        assert_string_equal(login_from(ELSEWHERE, "anna", WRONG), "unauthorized");
    }
    /* the right password does not help there, and a wait is no failure */
    assert_string_equal(login_from(ELSEWHERE, "anna", RIGHT), "too_many_requests");
    assert_int_equal(errand.res->retry_after, 30);
    assert_string_equal(login_from(HOME, "anna", RIGHT), "ok");
    at("2030-06-15T12:00:30Z");
    assert_string_equal(login_from(ELSEWHERE, "anna", WRONG), "unauthorized");
    assert_string_equal(login_from(ELSEWHERE, "anna", RIGHT), "too_many_requests");
    assert_int_equal(errand.res->retry_after, 60);
    /* a name that nobody has is no different */
    for (int i = 0; i < 5; i++) {
        assert_string_equal(login_from(ELSEWHERE, "nobody", WRONG), "unauthorized");
    }
    assert_string_equal(login_from(ELSEWHERE, "nobody", RIGHT), "too_many_requests");
    /* admins can help, and so does a success */
    f1_assert_ok(f1_account_unlock(as(NULL), anna.user_id), errand.res);
    assert_string_equal(login_from(ELSEWHERE, "anna", RIGHT), "ok");
}

/* However many guess from however many places: who was here before gets in, and a new password does from elsewhere. */
static void test_guessing_from_everywhere_locks_nobody_out(void **state)
{
    (void)state;
    start();
    f1_test_sql(apr_psprintf(f1_test_pool(),
                             "INSERT INTO login_source (subject, network, failures, failed_at, locked_until)"
                             " VALUES ('%s', '0.0.0.0/0', 150, '2030-06-15T12:00:00Z', '2030-06-15T12:15:00Z')",
                             anna.user_id));
    assert_string_equal(login_from(ELSEWHERE, "anna", RIGHT), "too_many_requests");
    assert_int_equal(errand.res->retry_after, 900);
    assert_string_equal(login_from(HOME, "anna", RIGHT), "ok");
    f1_assert_ok(f1_account_forgot(from(ELSEWHERE), "anna@example.org"), errand.res);
    f1_assert_ok(f1_account_reset(from(ELSEWHERE), mailed("reset_password"), WRONG), errand.res);
    assert_string_equal(login_from(ELSEWHERE, "anna", WRONG), "ok");
    /* an hour's wait, or a quarter of one, is the longest there is */
    assert_string_equal(f1_test_sql("SELECT login_delay('192.0.2.1', 1000), login_delay('0.0.0.0/0', 1000000)"),
                        "01:00:00|00:15:00");
    assert_string_equal(f1_test_sql("SELECT login_network('2001:db8:1:2:3:4:5:6') = login_network('2001:db8:1:2::9')"),
                        "t");
}

static void test_failures_are_forgotten(void **state)
{
    (void)state;
    start();
    for (int i = 0; i < 5; i++) {
        assert_string_equal(login_from(ELSEWHERE, "anna", WRONG), "unauthorized");
        assert_string_equal(login_from(ELSEWHERE, apr_itoa(f1_test_pool(), i), WRONG), "unauthorized");
    }
    at("2030-06-16T12:00:01Z");
    assert_string_equal(login_from(ELSEWHERE, "anna", WRONG), "unauthorized");
    assert_string_equal(login_from(ELSEWHERE, "anna", WRONG), "unauthorized");
    assert_string_equal(f1_test_sql("SELECT count(*) FROM login_source WHERE succeeded_at IS NULL"), "2");
}

static void test_verify_email(void **state)
{
    const char *first, *second;
    const f1_account_change_t change = {.email = "new@example.org"};

    (void)state;
    start();
    first = mailed("verify_email");
    f1_assert_ok(f1_account_verify_email(from(HOME), first), errand.res);
    assert_string_equal(f1_test_sql("SELECT email_verified FROM account_profile"), "t");
    assert_int_not_equal(f1_account_verify_email(from(HOME), first), APR_SUCCESS);
    assert_wrong_token();
    f1_assert_ok(f1_account_update(as(anna.user_id), anna.user_id, &change), errand.res);
    second = mailed("verify_email");
    assert_string_equal(f1_test_sql("SELECT email, email_pending FROM account"), "Anna@example.org|new@example.org");
    at("2030-06-16T12:00:01Z");
    assert_int_not_equal(f1_account_verify_email(from(HOME), second), APR_SUCCESS);
    at("2030-06-16T11:59:59Z");
    f1_assert_ok(f1_account_verify_email(from(HOME), second), errand.res);
    assert_string_equal(f1_test_sql("SELECT email, email_pending FROM account"), "new@example.org|");
    assert_string_equal(f1_test_sql("SELECT recipient FROM mail_outbox WHERE kind = 'email_changed'"),
                        "Anna@example.org");
    assert_string_equal(audited(anna.user_id), "account.add account.email account.update account.email");
}

static void test_an_address_that_somebody_else_confirmed_first(void **state)
{
    const f1_account_new_t other = {
        .username = "bert", .email = "new@example.org", .role = "user", .verified = 1, .password = RIGHT};
    const f1_account_change_t change = {.email = "new@example.org"};
    f1_rows_t *rows;

    (void)state;
    start();
    /* one mail in a minute, however often another address is given */
    f1_assert_ok(f1_account_update(as(anna.user_id), anna.user_id, &change), errand.res);
    assert_string_equal(f1_test_sql("SELECT count(*) FROM mail_outbox"), "1");
    at("2030-06-15T12:01:00Z");
    f1_assert_ok(f1_account_update(as(anna.user_id), anna.user_id, &change), errand.res);
    assert_string_equal(f1_test_sql("SELECT count(*) FROM mail_outbox"), "2");
    f1_assert_ok(f1_account_add(as(NULL), &other, &rows), errand.res);
    assert_int_not_equal(f1_account_verify_email(from(HOME), mailed("verify_email")), APR_SUCCESS);
    assert_int_equal(errand.res->error, F1_E_CONFLICT);
}

static void test_reset_password(void **state)
{
    const char *token;
    apr_time_t begun;

    (void)state;
    start();
    begun = apr_time_now();
    f1_assert_ok(f1_account_forgot(from(HOME), "nobody@example.org"), errand.res);
    assert_true(apr_time_now() - begun >= apr_time_from_msec(100)); /* at the beat, be there much to do or little */
    assert_string_equal(mailed("reset_password"), "");
    begun = apr_time_now();
    f1_assert_ok(f1_account_forgot(from(HOME), "ANNA@example.org"), errand.res);
    assert_true(apr_time_now() - begun >= apr_time_from_msec(100));
    token = mailed("reset_password");
    f1_assert_ok(f1_account_forgot(from(HOME), "anna@example.org"), errand.res);
    assert_string_equal(mailed("reset_password"), token); /* one a minute */
    assert_int_not_equal(f1_account_reset(from(HOME), token, "weak"), APR_SUCCESS);
    assert_int_equal(errand.res->error, F1_E_INVALID_PARAMETER);
    assert_int_not_equal(f1_account_reset(from(HOME), mailed("verify_email"), WRONG), APR_SUCCESS);
    f1_assert_ok(f1_account_reset(from(HOME), token, WRONG), errand.res);
    assert_int_not_equal(f1_account_reset(from(HOME), token, RIGHT), APR_SUCCESS);
    assert_wrong_token();
    assert_false(session_counts(&anna));
    assert_string_equal(login("anna", RIGHT), "unauthorized");
    assert_string_equal(login("anna", WRONG), "ok");
    assert_string_equal(f1_test_sql("SELECT count(*) FROM mail_outbox WHERE kind = 'password_changed'"), "1");
    at("2030-06-15T12:01:00Z");
    f1_assert_ok(f1_account_forgot(from(HOME), "anna@example.org"), errand.res);
    token = mailed("reset_password");
    at("2030-06-15T13:01:01Z");
    assert_int_not_equal(f1_account_reset(from(HOME), token, RIGHT), APR_SUCCESS);
}

static void test_change_password(void **state)
{
    f1_login_t other;

    (void)state;
    start();
    f1_assert_ok(f1_session_login(&other, from(HOME), "anna", RIGHT, WEEK), errand.res);
    assert_int_not_equal(
        f1_account_change_password(as(anna.user_id), anna.user_id, WRONG, "OtherPass123", anna.session_id),
        APR_SUCCESS);
    assert_non_null(strstr(f1_result_text(errand.res, f1_test_pool()), "/current_password"));
    assert_int_not_equal(f1_account_change_password(as(anna.user_id), anna.user_id, RIGHT, RIGHT, anna.session_id),
                         APR_SUCCESS);
    f1_assert_ok(f1_account_change_password(as(anna.user_id), anna.user_id, RIGHT, "OtherPass123", anna.session_id),
                 errand.res);
    assert_true(session_counts(&anna));
    assert_false(session_counts(&other));
    assert_string_equal(login("anna", "OtherPass123"), "ok");
    assert_string_equal(audited(anna.user_id),
                        "account.add login.success login.failure account.password login.success");
}

static void test_profile(void **state)
{
    f1_account_change_t change = {.favorite_team_given = 1, .favorite_team = "no_such", .time_zone = "Mars/Olympus"};
    const char *team = f1_test_sql("SELECT id FROM constructor ORDER BY id LIMIT 1");

    (void)state;
    start();
    assert_int_not_equal(f1_account_update(as(anna.user_id), anna.user_id, &change), APR_SUCCESS);
    assert_int_equal(errand.res->fields->nelts, 2);
    change = (f1_account_change_t){
        .favorite_team_given = 1, .favorite_team = team, .time_zone = "Europe/Rome", .notifications_enabled = "true"};
    f1_assert_ok(f1_account_update(as(anna.user_id), anna.user_id, &change), errand.res);
    f1_assert_ok(f1_account_update(as(anna.user_id), anna.user_id, &change), errand.res); /* changes nothing */
    assert_string_equal(
        f1_test_sql("SELECT count(*), max(details::text) FROM audit_log WHERE action = 'account.update' AND id > "
                    "(SELECT max(id) FROM audit_log WHERE action = 'account.add')"),
        "1|{\"changed\": [\"favorite_team\", \"notifications_enabled\", \"time_zone\"]}");
    change = (f1_account_change_t){.favorite_team_given = 1};
    f1_assert_ok(f1_account_update(as(anna.user_id), anna.user_id, &change), errand.res);
    assert_string_equal(f1_test_sql("SELECT favorite_team IS NULL, time_zone FROM account"), "t|Europe/Rome");
}

static void test_admins(void **state)
{
    static const char nobody[] = "00000000-0000-4000-8000-000000000000";

    (void)state;
    start();
    f1_assert_ok(f1_account_set(as(NULL), anna.user_id, "admin", NULL), errand.res);
    f1_assert_ok(f1_account_set(as(NULL), anna.user_id, "admin", "false"), errand.res);
    f1_assert_ok(f1_account_set(as(NULL), anna.user_id, "user", "true"), errand.res);
    assert_false(session_counts(&anna));
    f1_assert_ok(f1_account_set(as(NULL), anna.user_id, NULL, "false"), errand.res);
    assert_string_equal(audited(anna.user_id), "account.add account.role account.role account.disable account.enable");
    assert_string_equal(
        f1_test_sql("SELECT details FROM audit_log WHERE action = 'account.role' ORDER BY id DESC LIMIT 1"),
        "{\"to\": \"user\", \"from\": \"admin\"}");
    assert_int_not_equal(f1_account_set(as(anna.user_id), anna.user_id, "admin", NULL), APR_SUCCESS);
    assert_int_equal(errand.res->error, F1_E_CONFLICT);
    assert_int_not_equal(f1_account_set(as(NULL), nobody, "admin", NULL), APR_SUCCESS);
    assert_int_equal(errand.res->error, F1_E_NOT_FOUND);
    assert_int_not_equal(f1_account_unlock(as(NULL), nobody), APR_SUCCESS);
}

static void test_erase(void **state)
{
    (void)state;
    start();
    f1_assert_ok(f1_account_erase(as(anna.user_id), anna.user_id), errand.res);
    assert_string_equal(f1_test_sql("SELECT (SELECT count(*) FROM account) + (SELECT count(*) FROM login_source)"
                                    " + (SELECT count(*) FROM mail_outbox)"),
                        "0");
    assert_string_equal(audited(anna.user_id), "account.add account.erase");
    assert_false(session_counts(&anna));
    assert_string_equal(login("anna", RIGHT), "unauthorized");
}

static const char *leave(const char *password, int is_fresh)
{
    (void)f1_account_leave(as(anna.user_id), anna.user_id, password, is_fresh);
    return f1_result_text(errand.res, f1_test_pool());
}

static void test_leave(void **state)
{
    (void)state;
    start();
    assert_string_equal(leave(NULL, 1), "invalid_parameter (/password: is needed: the password of this account)");
    assert_string_equal(leave(WRONG, 1), "invalid_parameter (/password: is not the password of this account)");
    assert_string_equal(f1_test_sql("SELECT count(*) FROM account"), "1");
    assert_string_equal(leave(RIGHT, 0), "ok");
    assert_string_equal(f1_test_sql("SELECT count(*) FROM account"), "0");
    start();
    f1_test_sql("UPDATE account SET password_hash = NULL");
    assert_int_equal(strncmp(leave(RIGHT, 0), "forbidden: Log in once more", 27), 0);
    assert_string_equal(leave(NULL, 1), "ok");
    assert_string_equal(f1_test_sql("SELECT count(*) FROM account"), "0");
}

static void test_api_keys(void **state)
{
    f1_apikey_new_t wanted = {.user_id = anna.user_id, .name = "bot", .scopes = "{profile:read}"};
    f1_identity_t identity;
    f1_rows_t *rows;
    const char *key, *id;

    (void)state;
    start();
    wanted.user_id = anna.user_id;
    f1_assert_ok(f1_apikey_add(as(anna.user_id), &wanted, &key, &rows), errand.res);
    id = f1_errand_column(rows, "id");
    assert_int_equal(strncmp(key, f1_errand_column(rows, "prefix"), 12), 0);
    f1_assert_ok(f1_identity_by_key(&identity, f1_test_conn(), key, f1_test_pool(), errand.res), errand.res);
    assert_true(f1_identity_has_scope(&identity, "profile:read"));
    assert_string_equal(f1_test_sql(apr_psprintf(
                            f1_test_pool(), "SELECT count(*) FROM api_key k WHERE k::text LIKE '%%%s%%'", key + 12)),
                        "0");
    assert_int_not_equal(f1_apikey_revoke(as(anna.user_id), id, anna.session_id), APR_SUCCESS);
    f1_assert_ok(f1_apikey_revoke(as(anna.user_id), id, anna.user_id), errand.res);
    assert_int_not_equal(f1_identity_by_key(&identity, f1_test_conn(), key, f1_test_pool(), errand.res), APR_SUCCESS);
    assert_string_equal(audited(id), "apikey.add apikey.revoke");
    wanted.expires_at = "2030-06-15T12:00:00Z";
    assert_int_not_equal(f1_apikey_add(as(anna.user_id), &wanted, &key, &rows), APR_SUCCESS);
    wanted.expires_at = NULL;
    for (int i = 0; i < 20; i++) {
        f1_assert_ok(f1_apikey_add(as(anna.user_id), &wanted, &key, &rows), errand.res);
    }
    assert_int_not_equal(f1_apikey_add(as(anna.user_id), &wanted, &key, &rows), APR_SUCCESS);
    assert_int_equal(errand.res->error, F1_E_CONFLICT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        F1_TEST(test_register),
        F1_TEST(test_register_is_one_step),
        F1_TEST(test_login),
        F1_TEST(test_unknown_names_cost_as_much),
        F1_TEST(test_failures_are_audited),
        F1_TEST(test_a_weaker_hash_is_replaced),
        F1_TEST(test_refresh),
        F1_TEST(test_sessions_end),
        F1_TEST(test_old_sessions_are_swept),
        F1_TEST(test_guessing_from_one_place),
        F1_TEST(test_guessing_from_everywhere_locks_nobody_out),
        F1_TEST(test_failures_are_forgotten),
        F1_TEST(test_verify_email),
        F1_TEST(test_an_address_that_somebody_else_confirmed_first),
        F1_TEST(test_reset_password),
        F1_TEST(test_change_password),
        F1_TEST(test_profile),
        F1_TEST(test_admins),
        F1_TEST(test_erase),
        F1_TEST(test_leave),
        F1_TEST(test_api_keys),
    };

    return f1_test_run(tests);
}
