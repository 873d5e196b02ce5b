/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* What the tables of accounts promise by themselves, whoever writes to them: names that are one name, a log that only
 * grows, and erasure that leaves ids and nothing else. */

#include <string.h>

#include <apr_strings.h>

#include "f1_test.h"

#define ANNA "00000000-0000-4000-8000-00000000000a"
#define BERT "00000000-0000-4000-8000-00000000000b"

/* The SQLSTATE with which a statement is refused, or "done". */
static const char *outcome(const char *sql)
{
    f1_test_sql("CREATE OR REPLACE FUNCTION public.outcome(sql text) RETURNS text LANGUAGE plpgsql AS"
                " 'BEGIN EXECUTE sql; RETURN ''done''; EXCEPTION WHEN OTHERS THEN RETURN SQLSTATE; END'");
    return f1_test_sql(apr_psprintf(f1_test_pool(), "SELECT public.outcome($sql$%s$sql$)", sql));
}

static void start(void)
{
    f1_test_sql("DELETE FROM account; INSERT INTO account (id, username, email) VALUES"
                " ('" ANNA "', 'Anna', 'Anna@example.org'), ('" BERT "', 'bert_1', NULL)");
}

static void test_names_are_unique_without_case(void **state)
{
    (void)state;
    start();
    assert_string_equal(outcome("INSERT INTO account (username) VALUES ('aNNA')"), "23505");
    assert_string_equal(outcome("INSERT INTO account (username, email) VALUES ('x_1', 'anna@EXAMPLE.org')"), "23505");
    assert_string_equal(outcome("INSERT INTO account (username) VALUES ('no_mail')"), "done");
}

static void test_what_is_no_name(void **state)
{
    static const char *const names[] = {"ab", "a b", "änna", "a-b-c", "a@b.c", "", "anna\n"};

    (void)state;
    start();
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const char *sql = apr_psprintf(f1_test_pool(), "INSERT INTO account (username) VALUES ('%s')", names[i]);

        assert_string_equal(outcome(sql), "23514");
    }
    assert_string_equal(outcome("INSERT INTO account (username) VALUES (repeat('a', 50))"), "done");
    assert_string_equal(outcome("INSERT INTO account (username) VALUES (repeat('a', 51))"), "23514");
    assert_string_equal(outcome("UPDATE account SET email = 'a@b@c'"), "23514");
    assert_string_equal(outcome("UPDATE account SET email = repeat('a', 250) || '@b.org'"), "23514");
    assert_string_equal(outcome("UPDATE account SET role = 'root'"), "23514");
}

static void test_a_username_never_changes(void **state)
{
    (void)state;
    start();
    assert_string_equal(outcome("UPDATE account SET username = 'Other' WHERE id = '" ANNA "'"), "23514");
    assert_string_equal(outcome("UPDATE account SET username = username, role = 'admin'"), "done");
}

static void test_one_unused_refresh_token_for_each_session(void **state)
{
    (void)state;
    start();
    f1_test_sql("INSERT INTO user_session (id, account_id, expires_at) VALUES ('" ANNA "', '" ANNA "', 'infinity');"
                "INSERT INTO refresh_token (hash, session_id) VALUES (sha256('1'), '" ANNA "')");
    assert_string_equal(outcome("INSERT INTO refresh_token (hash, session_id) VALUES (sha256('2'), '" ANNA "')"),
                        "23505");
    assert_string_equal(
        outcome("WITH used AS (UPDATE refresh_token SET used_at = now() RETURNING session_id)"
                "INSERT INTO refresh_token (hash, session_id) SELECT sha256('2'), session_id FROM used"),
        "done");
    assert_string_equal(outcome("INSERT INTO refresh_token (hash, session_id) VALUES ('plain', '" ANNA "')"), "23514");
}

static void test_keys(void **state)
{
    static const struct {
        const char *scopes, *outcome;
    } keys[] = {{"{}", "done"},         {"{read,predictions:write}", "done"},
                {"{Read}", "23514"},    {"{\"a b\"}", "23514"},
                {"{\"a,b\"}", "23514"}, {"{\"\"}", "23514"},
                {"{\"x;y\"}", "23514"}, {"{a,NULL}", "23514"}};

    (void)state;
    start();
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        assert_string_equal(outcome(apr_psprintf(f1_test_pool(),
                                                 "INSERT INTO api_key (account_id, name, prefix, hash, scopes) VALUES"
                                                 " ('" ANNA "', 'k', 'f1b_abcdefgh', sha256('%d'), '%s')",
                                                 (int)i, keys[i].scopes)),
                            keys[i].outcome);
    }
    assert_string_equal(outcome("INSERT INTO api_key (account_id, name, prefix, hash, scopes) VALUES"
                                " ('" BERT "', 'same', 'f1b_abcdefgh', sha256('0'), '{}')"),
                        "23505");
}

static void test_the_audit_log_only_grows(void **state)
{
    (void)state;
    f1_test_sql("INSERT INTO audit_log (via, action, object_id) VALUES ('server', 'setting.change', 'x')");
    assert_string_equal(outcome("UPDATE audit_log SET object_id = 'y'"), "42501");
    assert_string_equal(outcome("UPDATE audit_log SET object_id = 'y' WHERE false"), "42501");
    assert_string_equal(outcome("DELETE FROM audit_log"), "42501");
    assert_string_equal(outcome("TRUNCATE audit_log"), "42501");
    assert_string_equal(outcome("INSERT INTO audit_log (via, action, object_id) VALUES ('me', 'a.b', 'x')"), "23514");
    assert_string_equal(f1_test_sql("SELECT object_id FROM audit_log WHERE via = 'server'"), "x");
}

static void test_a_changed_result_is_in_the_audit_log(void **state)
{
    (void)state;
    f1_test_sql("INSERT INTO revision (session_id, season, number, known_at, source, digest, row_count)"
                " SELECT session_id, season, 2, known_at, 'ergast', 'x', 0 FROM revision WHERE number = 1"
                " ORDER BY session_id LIMIT 1");
    assert_string_equal(
        f1_test_sql("SELECT a.via, a.details->>'session' = s.kind, a.details->>'source', a.object_id = s.race_id"
                    " FROM audit_log a, revision r JOIN session s ON s.id = r.session_id"
                    " WHERE a.action = 'result.change' AND r.number = 2"),
        "load|t|ergast|t");
}

/* Everything that a person left is gone, and what the audit log says of them are ids. */
static void test_erasure(void **state)
{
    (void)state;
    start();
    f1_test_sql("INSERT INTO account_link (issuer, subject, account_id) VALUES ('https://id.test', 'a', '" ANNA "');"
                "INSERT INTO user_session (id, account_id, expires_at) VALUES ('" BERT "', '" ANNA "', 'infinity');"
                "INSERT INTO refresh_token (hash, session_id) VALUES (sha256('e'), '" BERT "');"
                "INSERT INTO api_key (account_id, name, prefix, hash, scopes) VALUES"
                " ('" ANNA "', 'k', 'f1b_abcdefgh', sha256('e'), '{}');"
                "INSERT INTO account_token (account_id, purpose, hash, email, expires_at) VALUES"
                " ('" ANNA "', 'verify_email', sha256('e'), 'anna@example.org', 'infinity');"
                "INSERT INTO login_source (subject, network, failed_at) VALUES ('" ANNA "', '192.0.2.1', now());"
                "INSERT INTO mail_outbox (account_id, kind, recipient, subject, body) VALUES"
                " ('" ANNA "', 'verify_email', 'anna@example.org', 's', 'b');"
                "INSERT INTO audit_log (actor_id, via, action, object_id) VALUES"
                " ('" ANNA "', 'token', 'account.update', '" ANNA "')");
    f1_test_sql("DELETE FROM account WHERE id = '" ANNA "'");
    assert_string_equal(f1_test_sql("SELECT (SELECT count(*) FROM account_link) + (SELECT count(*) FROM user_session)"
                                    " + (SELECT count(*) FROM refresh_token) + (SELECT count(*) FROM api_key)"
                                    " + (SELECT count(*) FROM account_token) + (SELECT count(*) FROM login_source)"
                                    " + (SELECT count(*) FROM mail_outbox)"),
                        "0");
    assert_string_equal(f1_test_sql("SELECT count(*) FROM audit_log WHERE actor_id = '" ANNA "'"), "1");
    /* no column of it could hold more than ids and facts */
    assert_string_equal(f1_test_sql("SELECT string_agg(attname, ' ' ORDER BY attnum) FROM pg_attribute"
                                    " WHERE attrelid = 'audit_log'::regclass AND attnum > 0"),
                        "id at actor_id via action object_id details");
}

static void test_mail_is_forgotten_when_sent(void **state)
{
    (void)state;
    start();
    f1_test_sql("INSERT INTO mail_outbox (kind, recipient, subject, body) VALUES ('test', 'a@b.org', 's', 'secret')");
    assert_string_equal(outcome("UPDATE mail_outbox SET state = 'sent', sent_at = now()"), "23514");
    assert_string_equal(outcome("UPDATE mail_outbox SET state = 'sent', sent_at = now(), body = NULL"), "done");
    assert_string_equal(outcome("INSERT INTO mail_outbox (kind, recipient, subject, body) VALUES"
                                " ('test', 'a@b.org', E's\\nBcc: all@example.org', 'b')"),
                        "23514");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        F1_TEST(test_names_are_unique_without_case),
        F1_TEST(test_what_is_no_name),
        F1_TEST(test_a_username_never_changes),
        F1_TEST(test_one_unused_refresh_token_for_each_session),
        F1_TEST(test_keys),
        F1_TEST(test_the_audit_log_only_grows),
        F1_TEST(test_a_changed_result_is_in_the_audit_log),
        F1_TEST(test_erasure),
        F1_TEST(test_mail_is_forgotten_when_sent),
    };

    return f1_test_run(tests);
}
