/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* If-Match on what may be changed: who says which version he means changes that one or nothing, also when two do so at
 * once, and where a lost update would hurt he has to say it. */

#include "f1_test.h"

#include <string.h>

#include <apr_strings.h>

#include "base/route.h"
#include "db/query.h"
#include "f1_test_users.h"

#define ME "/api/v1/me"
#define SCHEDULE "/api/v1/schedules/season_review"
#define STALE "It is not what If-Match names any more; fetch it again"

static const char *header(const f1_reply_t *reply, const char *name)
{
    const char *value = apr_table_get(reply->headers, name);

    return value ? value : "";
}

/* condition: a header, or NULL. */
static f1_reply_t *ask(const char *method, const char *username, const char *path, const char *condition,
                       const char *body)
{
    const char *headers[] = {f1_test_bearer(username), "Content-Type: application/json", condition, NULL};

    return f1_test_ask(&(f1_ask_t){.method = method, .path = path, .headers = headers, .body = body});
}

static void assert_problem(const f1_reply_t *reply, int status, const char *code, const char *detail)
{
    if (reply->status != status) {
        fail_msg("%d instead of %d: %s", reply->status, status, reply->body);
    }
    f1_assert_json(reply->json, "error_code", apr_psprintf(f1_test_pool(), "\"%s\"", code));
    f1_assert_json(reply->json, "detail", apr_psprintf(f1_test_pool(), "\"%s\"", detail));
}

/* "If-Match: …" with the tag that a GET has now. */
static const char *if_match(const char *username, const char *path)
{
    f1_reply_t *reply = ask("GET", username, path, NULL, NULL);
    const char *tag = header(reply, "ETag");

    assert_int_equal(reply->status, 200);
    assert_int_equal(strlen(tag), 34);
    assert_int_equal(*tag, '"');
    return apr_pstrcat(f1_test_pool(), "If-Match: ", tag, NULL);
}

static const char *path_of(const char *username)
{
    return apr_pstrcat(
        f1_test_pool(), "/api/v1/users/",
        f1_test_sql(apr_psprintf(f1_test_pool(), "SELECT id FROM account WHERE username = '%s'", username)), NULL);
}

static int start(void **state)
{
    if (f1_test_setup(state)) {
        return -1;
    }
    f1_test_users();
    return 0;
}

/* Its own ETag makes no answer that others may keep. */
static void a_version_is_known_by_its_tag(void **state)
{
    const char *known = if_match("bob", ME) + strlen("If-Match: ");
    f1_reply_t *reply = ask("GET", "bob", ME, apr_pstrcat(f1_test_pool(), "If-None-Match: ", known, NULL), NULL);

    (void)state;
    assert_int_equal(reply->status, 304);
    assert_string_equal(header(reply, "ETag"), known);
    assert_non_null(strstr(header(reply, "Cache-Control"), "private"));
    assert_int_equal(ask("PATCH", "bob", ME, NULL, "{\"time_zone\":\"Europe/Rome\"}")->status, 200);
    reply = ask("GET", "bob", ME, apr_pstrcat(f1_test_pool(), "If-None-Match: ", known, NULL), NULL);
    assert_int_equal(reply->status, 200);
    assert_string_not_equal(header(reply, "ETag"), known);
}

static void a_change_is_of_the_version_that_is_named(void **state)
{
    const char *first = if_match("bob", ME), *tag = first + strlen("If-Match: ");
    f1_reply_t *reply = ask("PATCH", "bob", ME, first, "{\"time_zone\":\"Europe/Rome\"}");

    (void)state;
    assert_int_equal(reply->status, 200);
    f1_assert_json(reply->json, "time_zone", "\"Europe/Rome\"");
    assert_problem(ask("PATCH", "bob", ME, first, "{\"time_zone\":\"Europe/Paris\"}"), 412, "precondition_failed",
                   STALE);
    assert_problem(ask("PATCH", "bob", ME, "If-Match: \"\"", "{\"time_zone\":\"Europe/Paris\"}"), 412,
                   "precondition_failed", STALE);
    assert_string_equal(f1_test_sql("SELECT time_zone FROM account WHERE username = 'bob'"), "Europe/Rome");
    /* the very bytes are meant, so a weak tag names nothing */
    assert_problem(ask("PATCH", "bob", ME, apr_pstrcat(f1_test_pool(), "If-Match: W/", tag, NULL), "{}"), 412,
                   "precondition_failed", STALE);
    assert_int_equal(ask("PATCH", "bob", ME, "If-Match: *", "{\"time_zone\":\"Europe/Paris\"}")->status, 200);
    reply = ask("PATCH", "bob", ME,
                apr_pstrcat(f1_test_pool(), "If-Match: \"x\", ", if_match("bob", ME) + strlen("If-Match: "), NULL),
                "{\"time_zone\":\"UTC\"}");
    assert_int_equal(reply->status, 200);
    assert_int_equal(ask("PATCH", "bob", ME, NULL, "{\"time_zone\":\"Europe/Oslo\"}")->status, 200);
}

/* What was compressed on its way has another tag, which names the same version. */
static void a_compressed_version_is_the_same(void **state)
{
    const char *headers[] = {f1_test_bearer("bob"), NULL};
    f1_reply_t *reply = f1_test_ask(&(f1_ask_t){.path = ME, .headers = headers, .encoding = "gzip"});

    (void)state;
    assert_non_null(strstr(header(reply, "ETag"), "-gzip\""));
    assert_int_equal(ask("PATCH", "bob", ME, apr_pstrcat(f1_test_pool(), "If-Match: ", header(reply, "ETag"), NULL),
                         "{\"notifications_enabled\":true}")
                         ->status,
                     200);
}

static void who_decides_about_others_has_to_look(void **state)
{
    const char *bob = path_of("bob"), *first = if_match("ann", bob);

    (void)state;
    assert_problem(ask("PATCH", "ann", bob, NULL, "{\"role\":\"admin\"}"), 428, "precondition_required",
                   "If-Match should say which version is to be changed: the ETag of a GET, or * for any");
    assert_int_equal(ask("PATCH", "ann", bob, first, "{\"disabled\":true}")->status, 204);
    assert_problem(ask("PATCH", "ann", bob, first, "{\"role\":\"admin\"}"), 412, "precondition_failed", STALE);
    assert_string_equal(f1_test_sql("SELECT role FROM account WHERE username = 'bob'"), "user");
    assert_int_equal(ask("PATCH", "ann", bob, if_match("ann", bob), "{\"disabled\":false}")->status, 204);
    assert_int_equal(ask("PATCH", "ann", bob, "If-Match: *", "{\"role\":\"admin\"}")->status, 204);
    assert_int_equal(
        ask("PATCH", "ann", "/api/v1/users/123e4567-e89b-12d3-a456-426614174000", "If-Match: *", "{\"role\":\"user\"}")
            ->status,
        404);
    assert_int_equal(ask("PATCH", "ann", path_of("ann"), "If-Match: *", "{\"role\":\"user\"}")->status, 409);
}

/* Of a route that is SQL. */
static void schedules_have_versions(void **state)
{
    const char *first = if_match("ann", SCHEDULE);

    (void)state;
    assert_int_equal(ask("PATCH", "ann", SCHEDULE, first, "{\"is_paused\":true}")->status, 200);
    assert_problem(ask("PATCH", "ann", SCHEDULE, first, "{\"is_paused\":false}"), 412, "precondition_failed", STALE);
    f1_assert_json(ask("GET", "ann", SCHEDULE, NULL, NULL)->json, "is_paused", "true");
    assert_int_equal(ask("PATCH", "ann", SCHEDULE, NULL, "{\"is_paused\":false}")->status, 200);
    assert_int_equal(ask("GET", "ann", "/api/v1/schedules/nothing", NULL, NULL)->status, 404);
}

/* Whatever has versions is the same: nothing is changed that is not what was named. */
static void every_route_with_versions_looks_at_them(void **state)
{
    int i, count = 0;

    (void)state;
    for (i = 0; i < f1_route_count; i++) {
        const f1_route_t *route = &f1_routes[i];
        f1_reply_t *reply;

        if (!route->state) {
            continue;
        }
        reply = ask(f1_method_name(route->method), "ann", route->examples[0], "If-Match: \"x\"",
                    route->bodies ? route->bodies[0] : NULL);
        if (reply->status != 412 && reply->status != 404) {
            fail_msg("%s: %d %s", route->file, reply->status, reply->body);
        }
        count += reply->status == 412;
    }
    assert_true(count >= 3);
}

/* A condition counts when all else is right, and is never passed over. */
static void conditions_come_last(void **state)
{
    const char *bob = path_of("bob");

    (void)state;
    assert_int_equal(ask("PATCH", "ann", bob, NULL, "{\"role\":\"king\"}")->status, 400);
    assert_int_equal(ask("PATCH", "bob", bob, NULL, "{\"role\":\"admin\"}")->status, 403);
    assert_int_equal(ask("PATCH", "bob", ME, "If-Match: \"x\"", "{\"time_zone\":7}")->status, 400);
    assert_problem(ask("POST", "bob", "/api/v1/me/api-keys", "If-Match: *", "{\"name\":\"x\",\"scopes\":[]}"), 412,
                   "precondition_failed", "This resource has no versions that If-Match could name");
    assert_string_equal(f1_test_sql("SELECT count(*) FROM api_key"), "0");
}

/* The row changes between the look at it and the change: the test holds it until then. */
static void of_two_at_once_one_fails(void **state)
{
    const char *headers[] = {f1_test_bearer("bob"), "Content-Type: application/json", if_match("bob", ME), NULL};
    FILE *asked;

    (void)state;
    f1_assert_ok(f1_exec(f1_test_conn(), "BEGIN; UPDATE account SET time_zone = 'Europe/Oslo' WHERE username = 'bob'",
                         f1_test_result()),
                 f1_test_result());
    asked = f1_test_ask_meanwhile(
        &(f1_ask_t){.method = "PATCH", .path = ME, .headers = headers, .body = "{\"time_zone\":\"Europe/Rome\"}"});
    f1_test_wait_until("SELECT count(*) > 0 FROM pg_locks WHERE NOT granted");
    f1_assert_ok(f1_exec(f1_test_conn(), "COMMIT", f1_test_result()), f1_test_result());
    assert_non_null(strstr(f1_test_heard(asked), "It was changed at the same moment; fetch it again"));
    assert_string_equal(f1_test_sql("SELECT time_zone FROM account WHERE username = 'bob'"), "Europe/Oslo");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, start, f1_test_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_version_is_known_by_its_tag),
        TEST(a_change_is_of_the_version_that_is_named),
        TEST(a_compressed_version_is_the_same),
        TEST(who_decides_about_others_has_to_look),
        TEST(schedules_have_versions),
        TEST(every_route_with_versions_looks_at_them),
        TEST(conditions_come_last),
        TEST(of_two_at_once_one_fails),
    };

    return f1_test_run(tests);
}
