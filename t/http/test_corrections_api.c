/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Corrections over HTTP, as an administrator makes them and as everybody reads them: what answers and caches show of
 * them, who may, and what is refused in which words. */

#include "f1_test.h"

#include <stdlib.h>
#include <string.h>

#include <apr_strings.h>
#include <apr_time.h>

#include "f1_test_users.h"

#define RACE "2030-tasmanian-grand-prix"
#define CORRECTIONS "/api/v1/races/" RACE "/corrections"

static f1_reply_t *post(const char *username, const char *path, const char *body)
{
    const char *headers[] = {f1_test_bearer(username), "Content-Type: application/json", NULL};
    const f1_ask_t ask = {.method = "POST", .path = path, .headers = headers, .body = body};

    return f1_test_ask(&ask);
}

static json_t *posted(const char *path, const char *body)
{
    f1_reply_t *reply = post("ann", path, body);

    if (reply->status != 200 || !reply->json) {
        fail_msg("%s: %d %s", path, reply->status, reply->body);
    }
    return reply->json;
}

static void refused(const char *path, const char *body, int status, const char *detail)
{
    f1_reply_t *reply = post("ann", path, body);

    if (reply->status != status || !strstr(reply->body, detail)) {
        fail_msg("%s: not %d '%s' but %d %s", body, status, detail, reply->status, reply->body);
    }
}

static json_t *got(const char *path)
{
    f1_reply_t *reply = f1_test_get(path);

    assert_int_equal(reply->status, 200);
    return reply->json;
}

/* The answer once each child has heard of the change, which takes milliseconds. */
static json_t *awaited(const char *path, const char *at, const char *value)
{
    json_t *expected = f1_test_json(apr_pstrcat(f1_test_pool(), "[", value, "]", NULL)), *doc = NULL;
    int i;

    for (i = 0; i < 300; i++) {
        doc = got(path);
        if (json_equal(f1_test_json_at(doc, at), json_array_get(expected, 0))) {
            return doc;
        }
        apr_sleep(apr_time_from_msec(100));
    }
    f1_assert_json(doc, at, value);
    return doc;
}

static const char *winner(void)
{
    return json_string_value(f1_test_json_at(got("/api/v1/races/" RACE "/results?limit=1"), "items/0/driver/id"));
}

static const char *change_of(const char *driver, const char *members)
{
    return apr_psprintf(f1_test_pool(), "{\"session\": \"race\", \"changes\": [{\"driver_id\": \"%s\", %s}]}", driver,
                        members);
}

static const char *path_of(json_t *correction, const char *verb)
{
    return apr_psprintf(f1_test_pool(), "/api/v1/corrections/%d/%s",
                        (int)json_integer_value(json_object_get(correction, "id")), verb);
}

static void a_correction_and_its_end(void **state)
{
    const char *driver = winner(), *dry;
    json_t *made, *list;

    (void)state;
    f1_test_users();
    f1_assert_json(got(CORRECTIONS), "total", "0");
    dry = apr_psprintf(
        f1_test_pool(),
        "{\"session\": \"race\", \"changes\": [{\"driver_id\": \"%s\", \"points\": 0.5}], \"dry_run\": true}", driver);
    made = posted(CORRECTIONS, dry);
    f1_assert_json(made, "id", "null");
    f1_assert_json(made, "classes", "[\"point_changes\"]");
    f1_assert_json(made, "diff/point_changes/0/new", "0.5");
    f1_assert_json(got(CORRECTIONS), "total", "0");

    made = posted(CORRECTIONS, change_of(driver, "\"points\": 0.5"));
    f1_assert_json(made, "state", "\"held\"");
    f1_assert_json(made, "source", "\"admin\"");
    list = awaited(CORRECTIONS, "total", "1");
    f1_assert_json(list, "items/0/diff/point_changes/0/old", "26");
    awaited("/api/v1/races/" RACE "/results?limit=1", "items/0/points", "0.5");
    f1_assert_json(awaited("/api/v1/seasons/2030/corrections", "total", "1"), "items/0/race/id", "\"" RACE "\"");
    f1_assert_json(got("/api/v1/standings/drivers?season=2030&round=1"), "total", "20");
    assert_string_equal(f1_test_sqlf("SELECT points, source FROM driver_standing WHERE race_id = '" RACE "'"
                                     " AND driver_id = '%s'",
                                     driver),
                        "0.5|adjusted");
    assert_string_equal(f1_test_sql("SELECT a.username, l.via, l.action FROM audit_log l JOIN account a"
                                    " ON a.id = l.actor_id ORDER BY l.id DESC LIMIT 1"),
                        "ann|token|correction.apply");

    made = posted(path_of(made, "undo"), "{\"note\": \"a slip\"}");
    f1_assert_json(made, "note", "\"a slip\"");
    f1_assert_json(made, "state", "\"upstream\"");
    awaited("/api/v1/races/" RACE "/results?limit=1", "items/0/points", "26");
    refused(path_of(made, "accept"), "{}", 409, "Upstream does not contradict");
}

static void conflicts_are_for_admins(void **state)
{
    const char *headers[] = {NULL, NULL};
    const f1_ask_t ask = {.path = "/api/v1/corrections/conflicts", .headers = headers};
    json_t *made;

    (void)state;
    f1_test_users();
    headers[0] = f1_test_bearer("bob");
    assert_int_equal(f1_test_ask(&ask)->status, 403);
    assert_int_equal(post("bob", CORRECTIONS, change_of("nobody", "\"points\": 1"))->status, 403);
    assert_int_equal(f1_test_get("/api/v1/corrections/conflicts")->status, 401);
    made = posted(CORRECTIONS, change_of(winner(), "\"points\": 1"));
    headers[0] = f1_test_bearer("ann");
    f1_assert_json(f1_test_ask(&ask)->json, "items/0/diff/point_changes/0/new", "26");
    f1_assert_json(posted(path_of(made, "accept"), "{}"), "state", "\"upstream\"");
    f1_assert_json(f1_test_ask(&ask)->json, "total", "0");
}

static void what_is_refused(void **state)
{
    (void)state;
    f1_test_users();
    refused(CORRECTIONS, "{\"session\": \"race\", \"changes\": []}", 400, "an array of 1 to 60 objects");
    refused(CORRECTIONS, "{\"session\": \"race\", \"changes\": \"all\"}", 400, "an array of 1 to 60 objects");
    refused(CORRECTIONS, "{\"session\": \"practice_1\", \"changes\": [{}]}", 400, "/session");
    refused(CORRECTIONS, "{\"session\": \"race\", \"changes\": [{}]}", 400, "\"field\":\"/changes/0/driver_id\"");
    refused(CORRECTIONS, change_of(winner(), "\"points\": -1"), 400, "\"field\":\"/changes/0/points\"");
    refused(CORRECTIONS, change_of(winner(), "\"points'; DROP TABLE race; --\": 1"), 400, "is not known here");
    refused(CORRECTIONS, change_of("nobody", "\"points\": 1"), 422, "does not stand in this classification");
    refused("/api/v1/races/2030-moon-grand-prix/corrections", change_of("x", "\"points\": 1"), 404, "No such race");
    refused("/api/v1/corrections/2147483647/undo", "{}", 404, "No such correction");
    f1_assert_json(f1_test_get("/api/v1/races/2030-moon-grand-prix/corrections")->json, "status", "404");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        F1_TEST(a_correction_and_its_end),
        F1_TEST(conflicts_are_for_admins),
        F1_TEST(what_is_refused),
    };

    return f1_test_run(tests);
}
