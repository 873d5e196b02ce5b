/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Several mounts and virtual hosts with their own databases and settings, schemas that do not fit, and pages of other
 * origins. Settings are in test_mounts.conf. */

#include "f1_test.h"

#include <stdlib.h>
#include <string.h>

#include <apr_strings.h>

#define LIST "/api/v1/seasons"

static f1_reply_t *ask_host(const char *host, const char *path)
{
    apr_pool_t *pool = f1_test_pool();
    const char *const headers[] = {apr_pstrcat(pool, "Host: ", host, NULL), NULL};

    return f1_test_ask(&(f1_ask_t){.path = apr_pstrcat(pool, getenv("F1_ORIGIN"), path, NULL), .headers = headers});
}

static const char *header(const f1_reply_t *reply, const char *name)
{
    const char *value = apr_table_get(reply->headers, name);

    return value ? value : "";
}

static void test_second_mount(void **state)
{
    f1_reply_t *reply = ask_host("localhost", "/deep/base" LIST);

    (void)state;
    assert_int_equal(reply->status, 200);
    f1_assert_json(reply->json, "limit", "2");
    assert_non_null(strstr(header(reply, "Link"), "</deep/base" LIST "?limit=2&offset=2>; rel=\"next\""));
    reply = ask_host("localhost", "/deep/base" LIST "?limit=3");
    assert_string_equal(header(reply, "X-Limit-Clamped"), "asked=3, used=2");
    reply = ask_host("localhost", "/deep/base/");
    f1_assert_json(reply->json, "name", "\"Deep\"");
    f1_assert_json(reply->json, "api", "\"/deep/base/api/v1\"");
    f1_assert_json(ask_host("localhost", "/f1/")->json, "name", "\"F1Board\"");
    f1_assert_json(ask_host("localhost", "/f1" LIST)->json, "limit", "20");
    assert_int_equal(ask_host("localhost", "/deep/baseless")->status, 404);
    assert_string_not_equal(header(ask_host("localhost", "/deep/baseless"), "Content-Type"),
                            "application/problem+json");
}

static void test_settings_of_a_part(void **state)
{
    const char *const small[] = {"X-Small: 1", NULL};

    (void)state;
    f1_assert_json(f1_test_ask(&(f1_ask_t){.path = LIST, .headers = small})->json, "limit", "1");
    f1_assert_json(f1_test_get(LIST)->json, "limit", "20");
}

static void test_other_handler_below_mount(void **state)
{
    f1_reply_t *reply = f1_test_get("/status?auto");

    (void)state;
    assert_int_equal(reply->status, 200);
    assert_non_null(strstr(reply->body, "ServerUptimeSeconds"));
}

static void test_denied_part(void **state)
{
    f1_reply_t *reply = f1_test_get("/private/x");

    (void)state;
    f1_test_expect_log("AH01630");
    assert_int_equal(reply->status, 403);
    assert_string_equal(header(reply, "Content-Type"), "application/problem+json");
    f1_assert_json(reply->json, "error_code", "\"forbidden\"");
    f1_assert_json(reply->json, "title", "\"Forbidden\"");
}

/* An empty database gets its schema at the first contact; it is another database than the main server's. */
static void test_host_with_own_database(void **state)
{
    f1_reply_t *reply;

    (void)state;
    f1_test_sql("CREATE DATABASE second");
    reply = ask_host("second.example", "/f1" LIST);
    assert_int_equal(reply->status, 200);
    f1_assert_json(reply->json, "total", "0");
    f1_assert_json(ask_host("second.example", "/f1/")->json, "name", "\"Second\"");
    f1_assert_json(ask_host("second.example", "/f1/")->json, "database/status", "\"ok\"");
    f1_assert_json(ask_host("first.example", "/f1" LIST)->json, "total", "3");
    f1_assert_json(ask_host("localhost", "/f1" LIST)->json, "total", "3");
    assert_int_equal(
        ask_host("second.example", "/f1" LIST "?limit=00000000000000000000000000000000000000000000000000000000000001")
            ->status,
        414);
}

/* Without F1BoardMigrate an empty database stays empty, and the answer tells what to run. */
static void test_host_with_old_schema(void **state)
{
    f1_reply_t *reply;

    (void)state;
    f1_test_expect_log("F1B0514");
    f1_test_sql("CREATE DATABASE third");
    reply = ask_host("third.example", "/f1" LIST);
    assert_int_equal(reply->status, 503);
    f1_assert_json(reply->json, "error_code", "\"schema_mismatch\"");
    assert_non_null(strstr(json_string_value(f1_test_json_at(reply->json, "detail")), "f1boardctl migrate up"));
    assert_string_equal(header(reply, "Retry-After"), "7");
    reply = ask_host("third.example", "/f1/health");
    assert_int_equal(reply->status, 503);
    f1_assert_json(reply->json, "status", "\"fail\"");
    f1_assert_json(reply->json, "checks/database:responseTime/0/status", "\"pass\"");
    f1_assert_json(reply->json, "checks/database:schemaVersion/0/status", "\"fail\"");
    assert_int_equal(ask_host("third.example", "/f1/health/live")->status, 200);
    assert_int_equal(ask_host("third.example", "/f1/")->status, 200);
}

static void test_mount_of_one_host(void **state)
{
    (void)state;
    assert_int_equal(ask_host("third.example", "/only/here/health/live")->status, 200);
    assert_int_equal(ask_host("second.example", "/only/here/health/live")->status, 404);
}

static f1_reply_t *ask_from(const char *method, const char *host, const char *origin)
{
    apr_pool_t *pool = f1_test_pool();
    const char *const headers[] = {apr_pstrcat(pool, "Host: ", host, NULL), apr_pstrcat(pool, "Origin: ", origin, NULL),
                                   "Access-Control-Request-Method: GET", NULL};

    return f1_test_ask(&(f1_ask_t){
        .method = method, .path = apr_pstrcat(pool, getenv("F1_URL"), "/health/live", NULL), .headers = headers});
}

static void test_origins(void **state)
{
    static const char allow[] = "Access-Control-Allow-Origin";
    f1_reply_t *reply = ask_from("OPTIONS", "localhost", "http://localhost:3000");

    (void)state;
    assert_int_equal(reply->status, 204);
    assert_string_equal(header(reply, allow), "http://localhost:3000");
    assert_string_equal(header(reply, "Access-Control-Allow-Methods"), "GET, HEAD, OPTIONS");
    assert_string_equal(header(reply, "Access-Control-Max-Age"), "7200");
    assert_string_equal(header(reply, "Access-Control-Allow-Credentials"), "");
    reply = ask_from("GET", "localhost", "https://dashboard.example.com");
    assert_int_equal(reply->status, 200);
    assert_string_equal(header(reply, allow), "https://dashboard.example.com");
    assert_non_null(strstr(header(reply, "Access-Control-Expose-Headers"), "Link"));
    assert_non_null(strstr(header(reply, "Vary"), "Origin"));
    reply = ask_from("GET", "localhost", "http://localhost:30000");
    assert_string_equal(header(reply, allow), "");
    assert_non_null(strstr(header(reply, "Vary"), "Origin"));
    assert_string_equal(header(ask_from("GET", "third.example", "null"), allow), "*");
    assert_string_equal(header(f1_test_get("/health/live"), allow), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        F1_TEST(test_second_mount),
        F1_TEST(test_settings_of_a_part),
        F1_TEST(test_other_handler_below_mount),
        F1_TEST(test_denied_part),
        F1_TEST(test_host_with_own_database),
        F1_TEST(test_host_with_old_schema),
        F1_TEST(test_mount_of_one_host),
        F1_TEST(test_origins),
    };

    return f1_test_run(tests);
}
