/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Deliveries to webhooks: signed in a way that others can check (t/webhook_sink.py), in order, again after failures,
 * and to nobody in the service's own network. f1boardctl work is the runner. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <apr_strings.h>

#include "base/base64.h"
#include "f1_test.h"
#include "f1_test_sink.h"
#include "task/send_webhooks.h"

#define ANNA "11111111-1111-4111-8111-111111111111"
#define SECRET "c2VjcmV0IHNlY3JldCBzZWNyZXQgc2VjcmV0IHNlY3I=" /* 32 bytes */

static void work(const char *options)
{
    int status =
        system(apr_psprintf(f1_test_pool(), "%s work --until-idle %s >/dev/null 2>&1", getenv("F1_CTL"), options));

    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}
#define ALL "--webhook-http --webhook-private"

static f1_test_sink_t *begin(void)
{
    f1_test_sink_t *sink = f1_test_sink("t/webhook_sink.py", "");
    FILE *file = fopen(f1_test_sink_path(sink, "secret"), "w");

    assert_non_null(file);
    assert_true(fputs("whsec_" SECRET, file) >= 0);
    assert_int_equal(fclose(file), 0);
    f1_test_sql("SET search_path = f1board; DELETE FROM job; DELETE FROM account;"
                "UPDATE schedule SET next_at = NULL, is_paused = true;"
                "INSERT INTO account (id, username) VALUES ('" ANNA "', 'anna')");
    return sink;
}

/* The new one's id. */
static const char *hook(const char *url)
{
    return f1_test_sql(apr_psprintf(f1_test_pool(),
                                    "INSERT INTO f1board.webhook (account_id, url, secret, kinds) VALUES"
                                    " ('" ANNA "', '%s', decode('" SECRET "', 'base64'), '{results}') RETURNING id",
                                    url));
}

static const char *hook_at(const f1_test_sink_t *sink, const char *path)
{
    return hook(apr_psprintf(f1_test_pool(), "http://127.0.0.1:%d%s", sink->port, path));
}

static void tell(const char *key)
{
    f1_test_sql(apr_psprintf(f1_test_pool(),
                             "INSERT INTO f1board.webhook_delivery (webhook_id, event_key, kind, payload, created_at)"
                             " SELECT id, '%s', 'results', '{\"race\": \"S\xc3\xa3o Paulo\"}', '2030-06-15'"
                             " FROM f1board.webhook WHERE is_active ON CONFLICT (webhook_id, event_key) DO NOTHING",
                             key));
}

static const char *deliveries(const char *columns)
{
    return f1_test_sql(apr_psprintf(f1_test_pool(), "SELECT %s FROM f1board.webhook_delivery ORDER BY id", columns));
}

static const char *hooks(const char *columns)
{
    return f1_test_sql(
        apr_psprintf(f1_test_pool(), "SELECT %s FROM f1board.webhook ORDER BY created_at, url", columns));
}

/* What is paused after a failure may go on. */
static void pass_time(void)
{
    f1_test_sql("UPDATE f1board.webhook SET next_at = now();"
                "UPDATE f1board.job SET retry_at = NULL WHERE state = 'PENDING'");
}

/* The example of the Standard Webhooks specification. */
static void test_signature(void **state)
{
    static const char secret[] = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    size_t len;
    const unsigned char *key = f1_base64_decode(f1_base64_standard, secret, strlen(secret), &len, f1_test_pool());

    (void)state;
    assert_string_equal(f1_webhook_signature(key, len, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330",
                                             "{\"test\": 2432232314}", f1_test_pool()),
                        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

static void test_a_delivery(void **state)
{
    const f1_test_sink_t *sink = begin();
    json_t *got;

    (void)state;
    hook_at(sink, "/ok");
    tell("results 1");
    tell("results 1"); /* is nothing new */
    work(ALL);
    assert_string_equal(deliveries("state, attempts, status, error"), "delivered|1|204|");
    assert_string_equal(hooks("failures, delivered_at, lease"), "0|2030-06-15 00:00:00+00|");
    got = f1_test_sink_get(sink, 1);
    f1_assert_json(got, "signed", "true");
    f1_assert_json(got, "body",
                   "{\"type\": \"results\", \"timestamp\": \"2030-06-15T00:00:00+00:00\","
                   " \"data\": {\"race\": \"S\xc3\xa3o Paulo\"}}");
    f1_assert_json(got, "headers/Content-Type", "\"application/json\"");
    assert_string_equal(json_string_value(f1_test_json_at(got, "headers/webhook-id")), deliveries("id"));
    work(ALL);
    assert_int_equal(f1_test_sink_count(sink), 1);
}

static void test_in_order(void **state)
{
    const f1_test_sink_t *sink = begin();

    (void)state;
    hook_at(sink, "/ok");
    f1_test_sql("INSERT INTO f1board.webhook_delivery (webhook_id, event_key, kind, payload)"
                " SELECT w.id, n::text, 'results', jsonb_build_object('n', n)"
                " FROM f1board.webhook w, generate_series(1, 20) AS n ORDER BY n.n");
    work(ALL);
    assert_int_equal(f1_test_sink_count(sink), 20);
    for (int i = 1; i <= 20; i++) {
        assert_int_equal(json_integer_value(f1_test_json_at(f1_test_sink_get(sink, i), "body/data/n")), i);
    }
}

static void test_what_fails_comes_again(void **state)
{
    static const struct {
        const char *path, *outcome;
    } rows[] = {{"/status/500", "waiting|1|500|status 500"},
                {"/status/404", "waiting|1|404|status 404"},
                {"/redirect", "waiting|1|307|status 307"},
                {"/big", "delivered|1|200|"}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const f1_test_sink_t *sink = begin();

        hook_at(sink, rows[i].path);
        tell("results 1");
        work(ALL);
        assert_string_equal(deliveries("state, attempts, status, error"), rows[i].outcome);
        assert_int_equal(f1_test_sink_count(sink), 1);
        if (*rows[i].outcome == 'w') {
            assert_string_equal(hooks("failures, next_at > now(), next_at <= now() + interval '10 s'"), "1|t|t");
            assert_string_equal(f1_test_sql("SELECT kind, retry_at > now() FROM f1board.job WHERE state = 'PENDING'"),
                                "send_webhooks|t");
            pass_time();
            f1_test_sql(
                apr_psprintf(f1_test_pool(), "UPDATE f1board.webhook SET url = 'http://127.0.0.1:%d/ok'", sink->port));
            work(ALL);
            assert_string_equal(deliveries("state, attempts, status, error"), "delivered|2|204|");
            assert_string_equal(hooks("failures"), "0");
            /* the same one, for who remembers ids */
            assert_string_equal(json_string_value(f1_test_json_at(f1_test_sink_get(sink, 2), "headers/webhook-id")),
                                json_string_value(f1_test_json_at(f1_test_sink_get(sink, 1), "headers/webhook-id")));
        }
    }
}

/* One that is away keeps no other waiting, and nothing of its own overtakes. */
static void test_one_fails_others_do_not(void **state)
{
    const f1_test_sink_t *sink = begin();

    (void)state;
    hook_at(sink, "/status/503");
    hook_at(sink, "/ok");
    tell("results 1");
    tell("results 2");
    work(ALL);
    assert_string_equal(
        f1_test_sql("SELECT w.url ~ 'ok$', d.event_key, d.state, d.attempts"
                    " FROM f1board.webhook_delivery d JOIN f1board.webhook w ON w.id = d.webhook_id"
                    " ORDER BY 1, 2"),
        "f|results 1|waiting|1\nf|results 2|waiting|0\nt|results 1|delivered|1\nt|results 2|delivered|1");
}

static void test_a_delivery_is_given_up(void **state)
{
    const f1_test_sink_t *sink = begin();

    (void)state;
    hook_at(sink, "/status/500");
    tell("results 1");
    tell("results 2");
    f1_test_sql("UPDATE f1board.webhook_delivery SET attempts = 7 WHERE event_key = 'results 1'");
    work(ALL);
    assert_string_equal(deliveries("state, attempts"), "failed|8\nwaiting|0");
    assert_string_equal(hooks("failures, is_active"), "1|t");
}

static void test_too_many_failures(void **state)
{
    const f1_test_sink_t *sink = begin();
    const char *id = hook_at(sink, "/status/500");

    (void)state;
    tell("results 1");
    tell("results 2");
    f1_test_sql("UPDATE f1board.webhook SET failures = 19");
    work(ALL);
    assert_string_equal(hooks("failures, is_active"), "20|f");
    assert_string_equal(deliveries("state, error"), "failed|status 500\nfailed|the webhook was turned off");
    assert_string_equal(f1_test_sql("SELECT kind, title, in_app, link FROM f1board.notification"),
                        apr_psprintf(f1_test_pool(), "account|A webhook was turned off|t|/api/v1/me/webhooks/%s", id));
    tell("results 3");
    work(ALL);
    assert_int_equal(f1_test_sink_count(sink), 1);
    /* what waits when it is turned on again wakes the job */
    f1_test_sql(
        "UPDATE f1board.webhook SET is_active = true, failures = 0;"
        "UPDATE f1board.webhook_delivery SET state = 'waiting'; DELETE FROM f1board.job WHERE state = 'PENDING';"
        "UPDATE f1board.webhook SET is_active = false; UPDATE f1board.webhook SET is_active = true");
    assert_string_equal(f1_test_sql("SELECT kind FROM f1board.job WHERE state = 'PENDING'"), "send_webhooks");
}

static void test_gone(void **state)
{
    const f1_test_sink_t *sink = begin();

    (void)state;
    hook_at(sink, "/status/410");
    tell("results 1");
    work(ALL);
    assert_string_equal(hooks("failures, is_active"), "1|f");
    assert_string_equal(deliveries("state, status"), "failed|410");
}

/* Whatever the URL's host says, it leads into our own network: nobody is connected to. */
static void test_private_addresses(void **state)
{
    const f1_test_sink_t *sink = begin();
    static const char *const hosts[] = {"127.0.0.1", "localhost", "2130706433", "[::ffff:127.0.0.1]", "0.0.0.0"};

    (void)state;
    for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
        f1_test_sql("DELETE FROM f1board.webhook");
        hook(apr_psprintf(f1_test_pool(), "http://%s:%d/ok", hosts[i], sink->port));
        tell("results 1");
        work("--webhook-http");
        assert_string_equal(deliveries("state, status, error ~ 'its address is not one of the public Internet'"),
                            "waiting||t");
    }
    assert_int_equal(f1_test_sink_count(sink), 0);
}

static void test_https_only(void **state)
{
    const f1_test_sink_t *sink = begin();

    (void)state;
    hook_at(sink, "/ok");
    tell("results 1");
    work("--webhook-private");
    assert_string_equal(deliveries("state, attempts, error"), "waiting|1|this service sends to https URLs only");
    assert_int_equal(f1_test_sink_count(sink), 0);
}

/* Who has a webhook and dies is followed by another, when the lease is over. */
static void test_a_sender_that_died(void **state)
{
    const f1_test_sink_t *sink = begin();

    (void)state;
    hook_at(sink, "/ok");
    tell("results 1");
    f1_test_sql("UPDATE f1board.webhook SET lease = gen_random_uuid(), lease_until = now() + interval '1 hour'");
    work(ALL);
    assert_int_equal(f1_test_sink_count(sink), 0);
    assert_string_equal(f1_test_sql("SELECT retry_at > now() + interval '50 min' FROM f1board.job"
                                    " WHERE state = 'PENDING'"),
                        "t");
    f1_test_sql("UPDATE f1board.webhook SET lease_until = now() - interval '1 s'");
    pass_time();
    work(ALL);
    assert_int_equal(f1_test_sink_count(sink), 1);
}

static void test_many(void **state)
{
    const f1_test_sink_t *sink = begin();

    (void)state;
    f1_test_sql("INSERT INTO f1board.account (id, username) SELECT gen_random_uuid(), 'user_' || n"
                " FROM generate_series(1, 200) AS n");
    f1_test_sql(apr_psprintf(f1_test_pool(),
                             "INSERT INTO f1board.webhook (account_id, url, secret, kinds) SELECT id,"
                             " 'http://127.0.0.1:%d/ok', decode('" SECRET
                             "', 'base64'), '{results}' FROM f1board.account",
                             sink->port));
    tell("results 1");
    assert_int_equal(
        system(apr_psprintf(f1_test_pool(),
                            "(%s work --until-idle " ALL " & %s work --until-idle " ALL " & wait) >/dev/null 2>&1",
                            getenv("F1_CTL"), getenv("F1_CTL"))),
        0);
    work(ALL);
    assert_string_equal(f1_test_sql("SELECT state, count(*), max(attempts) FROM f1board.webhook_delivery GROUP BY 1"),
                        "delivered|201|1");
    assert_int_equal(f1_test_sink_count(sink), 201);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        F1_TEST(test_signature),
        F1_TEST(test_a_delivery),
        F1_TEST(test_in_order),
        F1_TEST(test_what_fails_comes_again),
        F1_TEST(test_one_fails_others_do_not),
        F1_TEST(test_a_delivery_is_given_up),
        F1_TEST(test_too_many_failures),
        F1_TEST(test_gone),
        F1_TEST(test_private_addresses),
        F1_TEST(test_https_only),
        F1_TEST(test_a_sender_that_died),
        F1_TEST(test_many),
    };

    return f1_test_run(tests);
}
