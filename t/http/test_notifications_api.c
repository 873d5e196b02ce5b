/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* The inbox and its preferences as clients meet them: what is listed, read, counted and deleted, what of it belongs to
 * whom, and what goes when the account goes. */

#include "f1_test.h"

#include <string.h>

#include <apr_strings.h>

#include "f1_test_users.h"

#define INBOX "/api/v1/me/notifications"
#define WISHES "/api/v1/me/notification-preferences"

static f1_reply_t *ask(const char *who, const char *method, const char *path, const char *body)
{
    const char *headers[] = {f1_test_bearer(who), body ? "Content-Type: application/json" : NULL, NULL};

    return f1_test_ask(&(f1_ask_t){.method = method, .path = path, .headers = headers, .body = body});
}

static json_t *get(const char *who, const char *path)
{
    f1_reply_t *reply = ask(who, "GET", path, NULL);

    assert_int_equal(reply->status, 200);
    assert_string_equal(apr_table_get(reply->headers, "Cache-Control"), "private, no-store");
    return reply->json;
}

/* Three for bob, the second of them read; one that he does not want to see; one for ann. */
static void start(void)
{
    f1_test_users();
    f1_test_sql(
        "INSERT INTO notification (account_id, kind, subject, title, text, race_id, link, in_app, by_mail, by_webhook,"
        "                          created_at, read_at)"
        " SELECT a.id, v.kind, v.subject, v.title, 'Text of <b>' || v.title || '</b>', v.race,"
        "        '/api/v1/races/' || v.race, v.in_app, false, false, '2030-06-14T12:00:00Z', v.read_at::timestamptz"
        " FROM (VALUES ('bob', 'results', 'a', 'First', '2029-krakow-grand-prix', true, NULL),"
        "              ('bob', 'results', 'b', 'Second', 'no-race', true, '2030-06-14T13:00:00Z'),"
        "              ('bob', 'account', 'c', 'Third', NULL, true, NULL),"
        "              ('bob', 'results', 'd', 'Hidden', NULL, false, NULL),"
        "              ('ann', 'results', 'a', 'Other', NULL, true, NULL))"
        "      AS v (username, kind, subject, title, race, in_app, read_at)"
        " JOIN account a USING (username) ORDER BY v.username, v.subject");
}

static const char *path_of(const char *title)
{
    return apr_pstrcat(
        f1_test_pool(), INBOX "/",
        f1_test_sql(apr_psprintf(f1_test_pool(), "SELECT id FROM notification WHERE title = '%s'", title)), NULL);
}

static void the_inbox_is_listed(void **state)
{
    json_t *doc;

    (void)state;
    start();
    doc = get("bob", INBOX);
    f1_assert_json(doc, "total", "3");
    f1_assert_json(doc, "items/0/title", "\"Third\"");
    f1_assert_json(doc, "items/0/race", "null");
    f1_assert_json(doc, "items/0/link", "null");
    f1_assert_json(doc, "items/1/read", "true");
    f1_assert_json(doc, "items/1/read_at", "\"2030-06-14T13:00:00Z\"");
    f1_assert_json(doc, "items/1/race", "null");
    f1_assert_json(doc, "items/2/text", "\"Text of <b>First</b>\"");
    f1_assert_json(doc, "items/2/read", "false");
    f1_assert_json(doc, "items/2/race/id", "\"2029-krakow-grand-prix\"");
    f1_assert_json(doc, "items/2/race/season", "2029");
    f1_assert_json(doc, "items/2/link", "\"/api/v1/races/2029-krakow-grand-prix\"");
    f1_assert_json(get("bob", INBOX "?unread=true"), "total", "2");
    f1_assert_json(get("bob", INBOX "?unread=false"), "items/0/title", "\"Second\"");
    f1_assert_json(get("bob", INBOX "?kind=account"), "total", "1");
    f1_assert_json(get("bob", INBOX "?limit=1&offset=2"), "items/0/title", "\"First\"");
    assert_int_equal(ask("bob", "GET", INBOX "?kind=gossip", NULL)->status, 400);
    assert_int_equal(f1_test_get(INBOX)->status, 401);
}

static void what_is_read_counts_no_more(void **state)
{
    json_t *doc;

    (void)state;
    start();
    f1_assert_json(get("bob", INBOX "/unread-count"), "unread_count", "2");
    doc = ask("bob", "PATCH", path_of("First"), "{\"read\": true}")->json;
    f1_assert_json(doc, "read", "true");
    f1_assert_json(doc, "race/id", "\"2029-krakow-grand-prix\"");
    f1_assert_json(get("bob", path_of("First")), "read_at", "\"2030-06-15T00:00:00Z\"");
    f1_assert_json(get("bob", INBOX "/unread-count"), "unread_count", "1");
    /* when it was read first stays */
    doc = ask("bob", "PATCH", path_of("Second"), "{\"read\": true}")->json;
    f1_assert_json(doc, "read_at", "\"2030-06-14T13:00:00Z\"");
    doc = ask("bob", "PATCH", path_of("Second"), "{\"read\": false}")->json;
    f1_assert_json(doc, "read_at", "null");
    f1_assert_json(ask("bob", "POST", INBOX "/read-all", NULL)->json, "count", "2");
    f1_assert_json(ask("bob", "POST", INBOX "/read-all", NULL)->json, "count", "0");
    f1_assert_json(get("bob", INBOX "/unread-count"), "unread_count", "0");
    f1_assert_json(get("ann", INBOX "/unread-count"), "unread_count", "1");
    assert_int_equal(ask("bob", "PATCH", path_of("First"), "{}")->status, 400);
}

static void what_is_deleted_is_not_there(void **state)
{
    const char *path;

    (void)state;
    start();
    path = path_of("First");
    assert_int_equal(ask("bob", "DELETE", path, NULL)->status, 204);
    assert_int_equal(ask("bob", "DELETE", path, NULL)->status, 404);
    assert_int_equal(ask("bob", "GET", path, NULL)->status, 404);
    assert_int_equal(ask("bob", "PATCH", path, "{\"read\": true}")->status, 404);
    f1_assert_json(get("bob", INBOX), "total", "2");
    f1_assert_json(get("bob", INBOX "/unread-count"), "unread_count", "1");
    /* that he was told stays known */
    assert_string_equal(f1_test_sql("SELECT count(*) FROM notification WHERE title = 'First'"), "1");
}

static void another_users_is_not_there(void **state)
{
    const char *path;

    (void)state;
    start();
    path = path_of("Other");
    assert_int_equal(ask("bob", "GET", path, NULL)->status, 404);
    assert_int_equal(ask("bob", "PATCH", path, "{\"read\": true}")->status, 404);
    assert_int_equal(ask("bob", "DELETE", path, NULL)->status, 404);
    assert_int_equal(ask("bob", "GET", path_of("Hidden"), NULL)->status, 404);
    f1_assert_json(get("ann", path), "read", "false");
}

static void preferences_begin_with_the_defaults(void **state)
{
    json_t *doc;

    (void)state;
    start();
    doc = get("bob", WISHES);
    f1_assert_json(doc, "total", "5");
    f1_assert_json(doc, "items/0/kind", "\"race_reminder\"");
    f1_assert_json(doc, "items/0/hours_before", "24");
    f1_assert_json(doc, "items/0/mail", "true");
    f1_assert_json(doc, "items/1/mail", "false");
    f1_assert_json(doc, "items/2/hours_before", "null");
    doc = ask("bob", "PATCH", WISHES "/race_reminder", "{\"hours_before\": 48, \"mail\": false}")->json;
    f1_assert_json(doc, "hours_before", "48");
    f1_assert_json(doc, "mail", "false");
    f1_assert_json(doc, "in_app", "true");
    /* what is not named stays, and null is the default */
    doc = ask("bob", "PATCH", WISHES "/race_reminder", "{\"in_app\": false, \"mail\": null}")->json;
    f1_assert_json(doc, "hours_before", "48");
    f1_assert_json(doc, "mail", "true");
    f1_assert_json(doc, "in_app", "false");
    f1_assert_json(get("bob", WISHES), "items/0/in_app", "false");
    f1_assert_json(get("ann", WISHES), "items/0/in_app", "true");
    assert_int_equal(ask("bob", "PATCH", WISHES "/race_reminder", "{\"hours_before\": 0}")->status, 400);
    assert_int_equal(ask("bob", "PATCH", WISHES "/race_reminder", "{\"hours_before\": 169}")->status, 400);
    doc = ask("bob", "PATCH", WISHES "/results", "{\"hours_before\": 2}")->json;
    f1_assert_json(doc, "errors/0/field", "\"/hours_before\"");
    assert_int_equal(ask("bob", "PATCH", WISHES "/account", "{\"mail\": false}")->status, 400);
}

static void export_and_erasure_take_all(void **state)
{
    json_t *doc;

    (void)state;
    start();
    ask("bob", "PATCH", WISHES "/results", "{\"mail\": false}");
    doc = get("bob", "/api/v1/me/export");
    f1_assert_json(doc, "notifications/0/title", "\"First\"");
    f1_assert_json(doc, "notifications/3/title", "\"Hidden\"");
    f1_assert_json(doc, "notification_preferences/0/kind", "\"results\"");
    f1_test_sql("DELETE FROM account WHERE username = 'bob'");
    assert_string_equal(f1_test_sql("SELECT (SELECT string_agg(title, ',') FROM notification),"
                                    " (SELECT count(*) FROM notification_preference)"),
                        "Other|0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        F1_TEST(the_inbox_is_listed),
        F1_TEST(what_is_read_counts_no_more),
        F1_TEST(what_is_deleted_is_not_there),
        F1_TEST(another_users_is_not_there),
        F1_TEST(preferences_begin_with_the_defaults),
        F1_TEST(export_and_erasure_take_all),
    };

    return f1_test_run(tests);
}
