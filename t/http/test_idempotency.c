/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Idempotency-Key as clients meet it: the same request again is answered and not done, another one is told so, and
 * where nothing was done the key is free. */

#include "f1_test.h"

#include <string.h>

#include <apr_strings.h>

#include "db/query.h"
#include "f1_test_users.h"

#define KEYS "/api/v1/me/api-keys"
#define SYNC "/api/v1/sync"
#define ONE "Idempotency-Key: 0f0c0a44-6f0b-4bd4-8b0f-0e5b8f6a4b1e"
#define TWO "Idempotency-Key: 1f0c0a44-6f0b-4bd4-8b0f-0e5b8f6a4b1e"
#define BOT "{\"name\":\"bot\",\"scopes\":[\"profile:read\"]}"
#define COUNT_KEYS "SELECT count(*) FROM api_key"

static f1_reply_t *post(const char *username, const char *path, const char *key, const char *body)
{
    const char *headers[] = {f1_test_bearer(username), "Content-Type: application/json", key, NULL};

    return f1_test_ask(&(f1_ask_t){.method = "POST", .path = path, .headers = headers, .body = body});
}

static const char *header(const f1_reply_t *reply, const char *name)
{
    const char *value = apr_table_get(reply->headers, name);

    return value ? value : "";
}

static void assert_problem(const f1_reply_t *reply, int status, const char *code, const char *detail)
{
    if (reply->status != status) {
        fail_msg("%d instead of %d: %s", reply->status, status, reply->body);
    }
    assert_string_equal(header(reply, "Content-Type"), "application/problem+json");
    f1_assert_json(reply->json, "error_code", apr_psprintf(f1_test_pool(), "\"%s\"", code));
    f1_assert_json(reply->json, "detail", apr_psprintf(f1_test_pool(), "\"%s\"", detail));
}

static void assert_same(const f1_reply_t *first, const f1_reply_t *again)
{
    assert_int_equal(again->status, first->status);
    assert_string_equal(again->body, first->body);
    assert_string_equal(header(again, "Content-Type"), header(first, "Content-Type"));
    assert_string_equal(header(first, "Idempotency-Replayed"), "");
    assert_string_equal(header(again, "Idempotency-Replayed"), "true");
}

static int start(void **state)
{
    if (f1_test_setup(state)) {
        return -1;
    }
    f1_test_sql("DELETE FROM request_replay; DELETE FROM api_key; DELETE FROM job");
    f1_test_users();
    return 0;
}

/* A secret that is shown once is shown to who did not get it; once more is not one more. */
static void it_is_done_once(void **state)
{
    f1_reply_t *first = post("bob", KEYS, ONE, BOT), *other;

    (void)state;
    assert_int_equal(first->status, 201);
    assert_same(first, post("bob", KEYS, ONE, BOT));
    assert_same(first, post("bob", KEYS, ONE, BOT));
    assert_string_equal(f1_test_sql(COUNT_KEYS), "1");
    other = post("bob", KEYS, TWO, BOT);
    assert_int_equal(other->status, 201);
    assert_string_not_equal(other->body, first->body);
    assert_int_equal(post("bob", KEYS, NULL, BOT)->status, 201);
    assert_string_equal(f1_test_sql(COUNT_KEYS), "3");
    assert_null(strstr(f1_test_sql("SELECT r.*, encode(answer, 'escape') FROM request_replay r"),
                       json_string_value(f1_test_json_at(first->json, "key"))));
}

/* Of a route that is SQL; and what became of it since makes no difference. */
static void the_answer_stays_what_it_was(void **state)
{
    static const char what[] = "{\"what\":\"season\",\"season\":2029}";
    f1_reply_t *first = post("ann", SYNC, ONE, what);

    (void)state;
    assert_int_equal(first->status, 202);
    f1_test_sql("DELETE FROM job");
    assert_same(first, post("ann", SYNC, ONE, what));
    assert_string_equal(f1_test_sql("SELECT count(*) FROM job"), "0");
}

static void an_answer_without_a_body_too(void **state)
{
    const char *path = apr_pstrcat(f1_test_pool(), "/api/v1/users/",
                                   f1_test_sql("SELECT id FROM account WHERE username = 'bob'"), "/unlock", NULL);
    f1_reply_t *first = post("ann", path, ONE, NULL), *again = post("ann", path, ONE, NULL);

    (void)state;
    assert_int_equal(first->status, 204);
    assert_int_equal(again->status, 204);
    assert_string_equal(header(again, "Idempotency-Replayed"), "true");
    assert_string_equal(f1_test_sql("SELECT count(*) FROM audit_log WHERE action = 'account.unlock'"), "1");
}

static void another_request_is_told(void **state)
{
    static const char said[] = "This Idempotency-Key was sent with another request";

    (void)state;
    assert_int_equal(post("bob", KEYS, ONE, BOT)->status, 201);
    assert_problem(post("bob", KEYS, ONE, "{\"name\":\"other\",\"scopes\":[]}"), 422, "unprocessable", said);
    /* the same members in other bytes are not looked into */
    assert_problem(post("bob", KEYS, ONE, "{\"scopes\":[\"profile:read\"],\"name\":\"bot\"}"), 422, "unprocessable",
                   said);
    f1_test_sql("INSERT INTO job (id, kind, run_at) OVERRIDING SYSTEM VALUE VALUES (1, 'rankings', now()),"
                " (2, 'rankings', now())");
    assert_int_equal(post("ann", "/api/v1/jobs/1/cancel", ONE, NULL)->status, 200);
    assert_problem(post("ann", "/api/v1/jobs/2/cancel", ONE, NULL), 422, "unprocessable", said);
}

static void a_key_is_its_owners(void **state)
{
    f1_reply_t *bob = post("bob", KEYS, ONE, BOT), *ann = post("ann", KEYS, ONE, BOT);

    (void)state;
    assert_int_equal(ann->status, 201);
    assert_string_not_equal(ann->body, bob->body);
    assert_same(bob, post("bob", KEYS, ONE, BOT));
    assert_string_equal(f1_test_sql(COUNT_KEYS), "2");
}

static void who_may_not_gets_no_answer(void **state)
{
    const char *headers[] = {"Content-Type: application/json", ONE, NULL};

    (void)state;
    assert_int_equal(post("bob", KEYS, ONE, BOT)->status, 201);
    assert_int_equal(post("cyd", KEYS, ONE, BOT)->status, 401); /* logged out */
    assert_int_equal(post("bob", SYNC, ONE, "{\"what\":\"current\"}")->status, 403);
    assert_int_equal(f1_test_ask(&(f1_ask_t){.method = "POST", .path = KEYS, .headers = headers, .body = BOT})->status,
                     401);
}

static void what_failed_is_tried_again(void **state)
{
    (void)state;
    assert_problem(post("ann", "/api/v1/jobs/7/cancel", ONE, NULL), 404, "not_found", "No such job that waits or runs");
    f1_test_sql("INSERT INTO job (id, kind, run_at) OVERRIDING SYSTEM VALUE VALUES (7, 'rankings', now())");
    assert_int_equal(post("ann", "/api/v1/jobs/7/cancel", ONE, NULL)->status, 200);
    assert_int_equal(post("bob", KEYS, TWO, "{\"name\":7}")->status, 400);
    assert_int_equal(post("bob", KEYS, TWO, BOT)->status, 201);
}

static void what_is_no_key_is_refused(void **state)
{
    const char *const keys[] = {"Idempotency-Key;", "Idempotency-Key: 123456789012345",
                                "Idempotency-Key: 1234567890 123456",
                                apr_psprintf(f1_test_pool(), "Idempotency-Key: %0256d", 1)};
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        f1_reply_t *reply = post("bob", KEYS, keys[i], BOT);

        assert_int_equal(reply->status, 400);
        f1_assert_json(reply->json, "errors",
                       "[{\"field\": \"Idempotency-Key\","
                       " \"detail\": \"must be 16 to 255 visible ASCII characters, like a UUID\"}]");
    }
    assert_string_equal(f1_test_sql(COUNT_KEYS), "0");
    assert_int_equal(post("bob", KEYS, "Idempotency-Key: \"1234567890abcd\"", BOT)->status, 201);
}

/* Reading needs no key, strangers have none, and what a wrong password costs is counted each time. */
static void elsewhere_it_means_nothing(void **state)
{
    const char *headers[] = {f1_test_bearer("bob"), ONE, NULL};
    static const char wrong[] = "{\"current_password\":\"SecurePass122\",\"new_password\":\"SecurePass124\"}";
    f1_reply_t *reply;
    int i;

    (void)state;
    for (i = 0; i < 2; i++) {
        reply = f1_test_ask(&(f1_ask_t){.path = KEYS, .headers = headers});
        assert_int_equal(reply->status, 200);
        assert_string_equal(header(reply, "Idempotency-Replayed"), "");
        assert_int_equal(
            post("bob", "/api/v1/auth/login", "Idempotency-Key: x", "{\"login\":\"x\",\"password\":\"y\"}")->status,
            401);
        f1_test_sql("UPDATE account SET password_hash = '$2b$04$abcdefghijklmnopqrstuuAlVC7POtiDvaUJKNrT1JeGH/8gjPHfS'"
                    " WHERE username = 'bob'");
        assert_int_equal(post("bob", "/api/v1/auth/change-password", TWO, wrong)->status, 400);
    }
    assert_string_equal(f1_test_sql("SELECT count(*) FROM request_replay"), "0");
    assert_string_equal(f1_test_sql("SELECT max(failures) FROM login_source s JOIN account a ON a.id = s.subject"
                                    " WHERE username = 'bob'"),
                        "2");
}

/* The first one is held up at a lock of the test's. */
static void the_same_meanwhile_is_told_to_wait(void **state)
{
    const char *headers[] = {f1_test_bearer("bob"), "Content-Type: application/json", ONE, NULL};
    const char *first;
    f1_reply_t *reply;
    FILE *asked;

    (void)state;
    f1_assert_ok(f1_exec(f1_test_conn(), "BEGIN; LOCK TABLE api_key IN SHARE MODE", f1_test_result()),
                 f1_test_result());
    asked = f1_test_ask_meanwhile(&(f1_ask_t){.method = "POST", .path = KEYS, .headers = headers, .body = BOT});
    f1_test_wait_until("SELECT count(*) > 0 FROM pg_locks WHERE relation = 'api_key'::regclass AND NOT granted");
    reply = post("bob", KEYS, ONE, BOT);
    assert_problem(reply, 409, "conflict", "The first request with this Idempotency-Key is still being worked on");
    assert_string_equal(header(reply, "Retry-After"), "1");
    f1_assert_ok(f1_exec(f1_test_conn(), "COMMIT", f1_test_result()), f1_test_result());
    first = f1_test_heard(asked);
    reply = post("bob", KEYS, ONE, BOT);
    assert_string_equal(first, apr_pstrcat(f1_test_pool(), "201 ", reply->body, NULL));
    assert_string_equal(header(reply, "Idempotency-Replayed"), "true");
    assert_string_equal(f1_test_sql(COUNT_KEYS), "1");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, start, f1_test_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(it_is_done_once),
        TEST(the_answer_stays_what_it_was),
        TEST(an_answer_without_a_body_too),
        TEST(another_request_is_told),
        TEST(a_key_is_its_owners),
        TEST(who_may_not_gets_no_answer),
        TEST(what_failed_is_tried_again),
        TEST(what_is_no_key_is_refused),
        TEST(elsewhere_it_means_nothing),
        TEST(the_same_meanwhile_is_told_to_wait),
    };

    return f1_test_run(tests);
}
