/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Keys of requests that may be sent again: who gets one, what it stands for and how long, what of it is stored, and
 * that work and answer are there together or not at all. The work is a row of a table. */

#include <string.h>

#include <apr_strings.h>

#include "f1_test.h"
#include "base/seal.h"
#include "base/str.h"
#include "db/query.h"
#include "db/replay.h"

#define ANN "00000000-0000-4000-8000-00000000000a"
#define BOB "00000000-0000-4000-8000-00000000000b"
#define KEY "5f0c0a44-6f0b-4bd4-8b0f-0e5b8f6a4b1e"
#define SECRET "{\"key\":\"f1b_very_secret\"}"
#define WORKED "SELECT count(*) FROM login_source"

static f1_replay_t request_of(const char *account, const char *key, const char *words)
{
    return (f1_replay_t){.account_id = account,
                         .route = "things/create",
                         .key = key,
                         .request_hash = f1_str_sha256(words, strlen(words), f1_test_pool())};
}

static apr_status_t work(f1_conn_t *conn, void *baton, f1_result_t *res)
{
    f1_replay_t *replay = baton;

    replay->status = 201;
    replay->location = "/f1/api/v1/things/1";
    replay->content_type = "application/json";
    replay->body = SECRET;
    replay->len = sizeof(SECRET) - 1;
    return f1_exec(conn,
                   "INSERT INTO login_source (subject, network, failures, failed_at)"
                   " VALUES (gen_random_uuid(), '127.0.0.1', 1, now())",
                   res);
}

/* "done", "found: status location body", or the error. */
static const char *ask_with(f1_replay_t *replay, apr_status_t (*fn)(f1_conn_t *conn, void *baton, f1_result_t *res))
{
    f1_result_t *res = f1_test_result();

    f1_result_clear(res);
    if (f1_replay(f1_test_conn(), replay, fn, replay, res) != APR_SUCCESS) {
        return f1_result_text(res, f1_test_pool());
    }
    return replay->is_found ? apr_psprintf(f1_test_pool(), "found: %d %s %s %s", replay->status, replay->location,
                                           replay->content_type, replay->body)
                            : "done";
}

static const char *ask(f1_replay_t *replay)
{
    return ask_with(replay, work);
}

static int start_empty(void **state)
{
    if (f1_test_setup(state)) {
        return -1;
    }
    f1_test_sql("DELETE FROM request_replay; DELETE FROM login_source;"
                "INSERT INTO account (id, username) VALUES ('" ANN "', 'ann'), ('" BOB
                "', 'bob') ON CONFLICT DO NOTHING");
    return 0;
}

#define BUSY "conflict: The first request with this Idempotency-Key is still being worked on"
#define OTHER "unprocessable: This Idempotency-Key was sent with another request"
#define AGAIN "found: 201 /f1/api/v1/things/1 application/json " SECRET

static void the_same_request_gets_the_same_answer(void **state)
{
    f1_replay_t first = request_of(ANN, KEY, "a"), other = request_of(ANN, KEY, "b");

    (void)state;
    assert_string_equal(ask(&first), "done");
    assert_string_equal(ask(&first), AGAIN);
    assert_string_equal(ask(&first), AGAIN);
    assert_string_equal(ask(&other), OTHER);
    assert_string_equal(f1_test_sql(WORKED), "1");
}

/* While the first one works, the same comes on another connection. */
static apr_status_t work_while_another_asks(f1_conn_t *conn, void *baton, f1_result_t *res)
{
    f1_replay_t again = *(f1_replay_t *)baton;
    f1_result_t *theirs = f1_result_make(f1_test_pool());
    f1_conn_t *other;
    f1_db_t *db;

    f1_assert_ok(
        f1_db_direct_create(&db, "", &(f1_session_settings_t){.application_name = "other"}, f1_test_pool(), theirs),
        theirs);
    f1_assert_ok(db->open(db, &other, f1_test_pool(), theirs), theirs);
    assert_int_not_equal(f1_replay(other, &again, work, &again, theirs), APR_SUCCESS);
    assert_string_equal(f1_result_text(theirs, f1_test_pool()), BUSY);
    assert_int_equal(theirs->retry_after, 1);
    again = request_of(ANN, KEY "-other", "a");
    f1_result_clear(theirs);
    f1_assert_ok(f1_replay(other, &again, work, &again, theirs), theirs);
    return work(conn, baton, res);
}

static void the_same_at_the_same_time_is_told_to_wait(void **state)
{
    f1_replay_t first = request_of(ANN, KEY, "a");

    (void)state;
    assert_string_equal(ask_with(&first, work_while_another_asks), "done");
    assert_string_equal(ask(&first), AGAIN);
    assert_string_equal(f1_test_sql(WORKED), "2");
}

static void a_key_is_its_accounts_and_its_routes(void **state)
{
    f1_replay_t ann = request_of(ANN, KEY, "a"), bob = request_of(BOB, KEY, "a"), elsewhere = ann;

    (void)state;
    elsewhere.route = "things/other";
    assert_string_equal(ask(&ann), "done");
    assert_string_equal(ask(&bob), "done");
    assert_string_equal(ask(&elsewhere), "done");
    f1_test_sql("DELETE FROM account WHERE id = '" BOB "'");
    assert_string_equal(f1_test_sql("SELECT DISTINCT account_id FROM request_replay"), ANN);
}

static apr_status_t refuse(f1_conn_t *conn, void *baton, f1_result_t *res)
{
    (void)work(conn, baton, res);
    return f1_result_fail(res, F1_E_CONFLICT, APR_EGENERAL, "That is taken");
}

static void what_came_to_nothing_may_be_tried_again(void **state)
{
    f1_replay_t first = request_of(ANN, KEY, "a"), other = request_of(ANN, KEY, "b");

    (void)state;
    assert_string_equal(ask_with(&first, refuse), "conflict: That is taken");
    assert_string_equal(f1_test_sql(WORKED), "0");
    assert_string_equal(ask(&other), "done");
    assert_string_equal(ask(&other), AGAIN);
    assert_string_equal(ask(&first), OTHER);
}

/* As when the process, its machine or the database dies: between the work and the answer's row. */
static apr_status_t die(f1_conn_t *conn, void *baton, f1_result_t *res)
{
    (void)work(conn, baton, res);
    f1_test_sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state = 'idle in transaction'");
    return res->rv;
}

static void work_and_answer_are_there_together_or_not_at_all(void **state)
{
    f1_replay_t first = request_of(ANN, KEY, "a");

    (void)state;
    assert_non_null(strstr(ask_with(&first, die), "database_unavailable"));
    assert_string_equal(f1_test_sql(WORKED), "0");
    assert_string_equal(ask(&first), "done");
    assert_string_equal(f1_test_sql(WORKED), "1");
}

static void keys_expire(void **state)
{
    f1_replay_t first = request_of(ANN, KEY, "a"), other = request_of(ANN, KEY, "b");

    (void)state;
    assert_string_equal(ask(&first), "done");
    f1_test_sql("UPDATE request_replay SET answered_at = now() - interval '23 h 59 min'");
    assert_string_equal(ask(&first), AGAIN);
    f1_test_sql("UPDATE request_replay SET answered_at = now() - interval '25 h'");
    assert_string_equal(ask(&other), "done");
    assert_string_equal(ask(&other), AGAIN);
    assert_string_equal(f1_test_sql("SELECT count(*) FROM request_replay"), "1");
}

static void what_is_no_key_is_refused(void **state)
{
    static const char *const keys[] = {"", "123456789012345", "1234567890 123456", "1234567890123456\177",
                                       "12345678901234\303\251"};
    f1_replay_t replay = request_of(ANN, apr_psprintf(f1_test_pool(), "%0256d", 1), "a");
    size_t i;

    (void)state;
    assert_non_null(strstr(ask(&replay), "Idempotency-Key: must be 16 to 255"));
    for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        replay.key = keys[i];
        assert_non_null(strstr(ask(&replay), "Idempotency-Key: must be 16 to 255"));
    }
    replay.key = "1234567890123456";
    assert_string_equal(ask(&replay), "done");
}

/* An answer may be shown once, so whoever reads the table must not see it. */
static void stored_answers_are_sealed(void **state)
{
    f1_replay_t first = request_of(ANN, KEY, "a");
    const char *dump;

    (void)state;
    assert_string_equal(ask(&first), "done");
    dump = f1_test_sql("SELECT r.*, encode(answer, 'escape') FROM request_replay r");
    assert_null(strstr(dump, "secret"));
    assert_null(strstr(dump, KEY));
    f1_test_sql("UPDATE request_replay SET answer = set_byte(answer, 14, get_byte(answer, 14) # 1)");
    assert_non_null(strstr(ask(&first), "internal"));
}

static void seals_hold(void **state)
{
    const char *sealed = f1_seal("the secret", SECRET, sizeof(SECRET) - 1, f1_test_pool());
    size_t len;

    (void)state;
    assert_string_equal(f1_unseal("the secret", sealed, &len, f1_test_pool()), SECRET);
    assert_int_equal(len, sizeof(SECRET) - 1);
    assert_string_not_equal(sealed, f1_seal("the secret", SECRET, sizeof(SECRET) - 1, f1_test_pool()));
    assert_null(f1_unseal("another", sealed, &len, f1_test_pool()));
    assert_null(
        f1_unseal("the secret", apr_pstrmemdup(f1_test_pool(), sealed, strlen(sealed) - 2), &len, f1_test_pool()));
    assert_null(f1_unseal("the secret", "", &len, f1_test_pool()));
    assert_null(f1_unseal("the secret", "zz", &len, f1_test_pool()));
    sealed = f1_seal("the secret", "", 0, f1_test_pool());
    assert_string_equal(f1_unseal("the secret", sealed, &len, f1_test_pool()), "");
    assert_int_equal(len, 0);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, start_empty, f1_test_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_same_request_gets_the_same_answer),
        TEST(the_same_at_the_same_time_is_told_to_wait),
        TEST(a_key_is_its_accounts_and_its_routes),
        TEST(what_came_to_nothing_may_be_tried_again),
        TEST(work_and_answer_are_there_together_or_not_at_all),
        TEST(keys_expire),
        TEST(what_is_no_key_is_refused),
        TEST(stored_answers_are_sealed),
        TEST(seals_hold),
    };

    return f1_test_run(tests);
}
