/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Webhooks as their owners see them, with the server's own runner that sends to them; and the links in mail. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <apr_strings.h>
#include <apr_time.h>

#include "f1_test.h"
#include "f1_test_sink.h"
#include "f1_test_users.h"

#define TOKEN "4893177d-7147-40bb-a032-fad52182209b"
#define PATIENCE_MS 30000

static f1_reply_t *ask(const char *username, const char *method, const char *path, const char *body)
{
    const char *const headers[] = {f1_test_bearer(username), body ? "Content-Type: application/json" : NULL, NULL};

    return f1_test_ask(&(f1_ask_t){.method = method, .path = path, .headers = headers, .body = body});
}

static const char *text(const f1_reply_t *reply, const char *path)
{
    return json_string_value(f1_test_json_at(reply->json, path));
}

static void begin(void)
{
    f1_test_users();
    f1_test_sql("DELETE FROM f1board.webhook; DELETE FROM f1board.mail_outbox");
}

/* bob's new one. */
static f1_reply_t *add(const char *url)
{
    f1_reply_t *reply = ask("bob", "POST", "/api/v1/me/webhooks",
                            apr_psprintf(f1_test_pool(), "{\"url\": \"%s\", \"kinds\": [\"results\"]}", url));

    assert_int_equal(reply->status, 201);
    return reply;
}

static const char *path_of(const f1_reply_t *webhook, const char *more)
{
    return apr_pstrcat(f1_test_pool(), "/api/v1/me/webhooks/", text(webhook, "id"), more, NULL);
}

static void test_a_webhook(void **state)
{
    f1_reply_t *added, *reply;

    (void)state;
    begin();
    added = add("https://example.org/hook?a=b");
    assert_string_equal(apr_table_get(added->headers, "Location"),
                        apr_pstrcat(f1_test_pool(), "/f1", path_of(added, ""), NULL));
    assert_int_equal(strncmp(text(added, "secret"), "whsec_", 6), 0);
    assert_int_equal(strlen(text(added, "secret")), 6 + 44);
    f1_assert_json(added->json, "kinds", "[\"results\"]");
    f1_assert_json(added->json, "is_active", "true");
    reply = ask("bob", "GET", path_of(added, ""), NULL);
    assert_string_equal(text(reply, "url"), "https://example.org/hook?a=b");
    assert_null(strstr(reply->body, "secret"));
    reply = ask("bob", "PATCH", path_of(added, ""), "{\"kinds\": [\"correction\", \"results\"], \"is_active\": false}");
    assert_int_equal(reply->status, 200);
    f1_assert_json(reply->json, "kinds", "[\"results\", \"correction\"]");
    f1_assert_json(reply->json, "is_active", "false");
    assert_null(strstr(reply->body, "secret"));
    assert_int_equal(ask("bob", "POST", path_of(added, "/test"), NULL)->status, 404);
    reply = ask("bob", "GET", "/api/v1/me/webhooks", NULL);
    f1_assert_json(reply->json, "total", "1");
    assert_null(strstr(reply->body, "secret"));
    reply = ask("bob", "GET", "/api/v1/me/export", NULL);
    assert_string_equal(text(reply, "webhooks/0/url"), "https://example.org/hook?a=b");
    assert_null(strstr(reply->body, "secret"));
    /* nobody else's */
    assert_int_equal(ask("ann", "GET", path_of(added, ""), NULL)->status, 404);
    assert_int_equal(ask("ann", "PATCH", path_of(added, ""), "{\"is_active\": true}")->status, 404);
    assert_int_equal(ask("ann", "GET", path_of(added, "/deliveries"), NULL)->status, 404);
    assert_int_equal(ask("ann", "DELETE", path_of(added, ""), NULL)->status, 404);
    assert_int_equal(ask("bob", "DELETE", path_of(added, ""), NULL)->status, 204);
    assert_int_equal(ask("bob", "DELETE", path_of(added, ""), NULL)->status, 404);
    assert_string_equal(f1_test_sql("SELECT string_agg(action, ' ' ORDER BY id) FROM f1board.audit_log"
                                    " WHERE action LIKE 'webhook.%'"),
                        "webhook.add webhook.change webhook.remove");
}

static void test_what_is_no_webhook(void **state)
{
    static const char *const urls[] = {"ftp://a.example/",
                                       "https://",
                                       "https://u:p@a.example/",
                                       "//a.example",
                                       "https://a.example/#x",
                                       "https://a.example/ b",
                                       "https://a.example:123456/",
                                       "javascript:alert(1)",
                                       "https://a.example\\u000d\\u000aX: y/",
                                       ""};
    f1_reply_t *reply;

    (void)state;
    begin();
    for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
        reply = ask("bob", "POST", "/api/v1/me/webhooks",
                    apr_psprintf(f1_test_pool(), "{\"url\": \"%s\", \"kinds\": [\"results\"]}", urls[i]));
        if (reply->status != 400 || strcmp(text(reply, "errors/0/field"), "/url") != 0) {
            fail_msg("%s: %s", urls[i], reply->body);
        }
    }
    reply = ask("bob", "POST", "/api/v1/me/webhooks", "{\"url\": \"https://a.example/\", \"kinds\": []}");
    assert_int_equal(reply->status, 400);
    reply = ask("bob", "POST", "/api/v1/me/webhooks", "{\"url\": \"https://a.example/\", \"kinds\": [\"all\"]}");
    assert_int_equal(reply->status, 400);
    assert_string_equal(f1_test_sql("SELECT count(*) FROM f1board.webhook"), "0");
}

static void test_ten_at_most(void **state)
{
    f1_reply_t *reply;

    (void)state;
    begin();
    for (int i = 0; i < 10; i++) {
        add("https://example.org/hook");
    }
    reply =
        ask("bob", "POST", "/api/v1/me/webhooks", "{\"url\": \"https://example.org/hook\", \"kinds\": [\"results\"]}");
    assert_int_equal(reply->status, 400);
    assert_non_null(strstr(text(reply, "errors/0/detail"), "at most ten"));
    assert_string_equal(f1_test_sql("SELECT count(*) FROM f1board.webhook"), "10");
}

/* A test delivery goes out by the server's own runner, at once, and is signed with the secret that was shown. */
static void test_a_test_delivery(void **state)
{
    const f1_test_sink_t *sink = f1_test_sink("t/webhook_sink.py", "");
    FILE *file = fopen(f1_test_sink_path(sink, "secret"), "w");
    const char *deliveries;
    f1_reply_t *added, *reply;
    json_t *got;
    int waited = 0;

    (void)state;
    begin();
    added = add(apr_psprintf(f1_test_pool(), "http://127.0.0.1:%d/ok", sink->port));
    assert_non_null(file);
    assert_true(fputs(text(added, "secret"), file) >= 0);
    assert_int_equal(fclose(file), 0);
    reply = ask("bob", "POST", path_of(added, "/test"), NULL);
    assert_int_equal(reply->status, 202);
    assert_string_equal(text(reply, "state"), "waiting");
    got = f1_test_sink_get(sink, 1);
    f1_assert_json(got, "signed", "true");
    f1_assert_json(got, "body/type", "\"test\"");
    deliveries = path_of(added, "/deliveries");
    do {
        apr_sleep(apr_time_from_msec(50));
        reply = ask("bob", "GET", deliveries, NULL);
    } while (strcmp(text(reply, "items/0/state"), "waiting") == 0 && (waited += 50) < PATIENCE_MS);
    assert_string_equal(text(reply, "items/0/state"), "delivered");
    f1_assert_json(reply->json, "items/0/status", "204");
    f1_assert_json(reply->json, "items/0/attempts", "1");
    reply = ask("bob", "GET", apr_pstrcat(f1_test_pool(), deliveries, "?state=failed", NULL), NULL);
    f1_assert_json(reply->json, "total", "0");
}

/* --- Links in mail */

static f1_reply_t *follow(const char *method, const char *token, const char *type, const char *body)
{
    const char *const headers[] = {type, NULL};

    return f1_test_ask(&(f1_ask_t){.method = method,
                                   .path = apr_pstrcat(f1_test_pool(), "/api/v1/unsubscribe/", token, NULL),
                                   .headers = headers,
                                   .body = body});
}

static const char *preferences(void)
{
    return f1_test_sql("SELECT a.username, p.kind, p.mail FROM f1board.notification_preference p"
                       " JOIN f1board.account a ON a.id = p.account_id ORDER BY 1, 2");
}

static void test_unsubscribe(void **state)
{
    f1_reply_t *reply;

    (void)state;
    begin();
    f1_test_sql("INSERT INTO f1board.mail_outbox (account_id, kind, recipient, subject, is_optional, state, sent_at,"
                " unsubscribe_hash) SELECT id, 'results', 'bob@example.org', 's', true, 'sent', now(),"
                " sha256('" TOKEN "') FROM f1board.account WHERE username = 'bob'");
    /* programs that look at mail follow links: nothing is changed */
    reply = follow("GET", TOKEN, NULL, NULL);
    assert_int_equal(reply->status, 200);
    assert_string_equal(apr_table_get(reply->headers, "Content-Type"), "text/html; charset=utf-8");
    assert_string_equal(apr_table_get(reply->headers, "Cache-Control"), "no-store");
    assert_string_equal(apr_table_get(reply->headers, "Referrer-Policy"), "no-referrer");
    assert_non_null(strstr(reply->body, "Results of a session are there"));
    assert_non_null(strstr(reply->body, "<form method=\"post\">"));
    assert_null(strstr(reply->body, "example.org"));
    assert_string_equal(preferences(), "");
    /* the mailer's button */
    reply = follow("POST", TOKEN, "Content-Type: application/x-www-form-urlencoded", "List-Unsubscribe=One-Click");
    assert_int_equal(reply->status, 200);
    assert_string_equal(preferences(), "bob|results|f");
    assert_string_equal(f1_test_sql("SELECT bool_or(by_mail) FROM f1board.notification_wish w JOIN f1board.account a"
                                    " ON a.id = w.account_id WHERE a.username = 'bob' AND w.kind = 'results'"),
                        "f");
    /* the page's button, and again */
    f1_test_sql("UPDATE f1board.notification_preference SET mail = true, webhook = false");
    reply = follow("POST", TOKEN, "Content-Type: multipart/form-data; boundary=x", "--x--\r\n");
    assert_int_equal(reply->status, 200);
    assert_int_equal(follow("POST", TOKEN, NULL, NULL)->status, 200);
    assert_string_equal(f1_test_sql("SELECT mail, webhook FROM f1board.notification_preference"), "f|f");
}

static void test_links_that_lead_nowhere(void **state)
{
    char *large = apr_palloc(f1_test_pool(), 100001);

    (void)state;
    begin();
    assert_int_equal(follow("GET", TOKEN, NULL, NULL)->status, 404);
    assert_int_equal(follow("POST", TOKEN, NULL, NULL)->status, 404);
    assert_int_equal(follow("GET", "x", NULL, NULL)->status, 400);
    assert_int_equal(follow("DELETE", TOKEN, NULL, NULL)->status, 405);
    memset(large, 'x', 100000);
    large[100000] = '\0';
    assert_int_equal(follow("POST", TOKEN, "Content-Type: text/plain", large)->status, 413);
    assert_string_equal(preferences(), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        F1_TEST(test_a_webhook),       F1_TEST(test_what_is_no_webhook), F1_TEST(test_ten_at_most),
        F1_TEST(test_a_test_delivery), F1_TEST(test_unsubscribe),        F1_TEST(test_links_that_lead_nowhere),
    };

    return f1_test_run(tests);
}
