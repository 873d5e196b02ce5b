/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Weather as clients meet it: none, then asked for by an administrator, fetched by httpd's own job, and shown wherever
 * the race is, whatever was cached before. */

#include "f1_test.h"

#include <string.h>

#include <apr_strings.h>

#include "f1_test_users.h"

#define RACE "2030-biscay-grand-prix" /* the next one */
#define PATH "/api/v1/races/" RACE "/weather"
#define LONG_ENOUGH apr_time_from_sec(30)

static f1_reply_t *ask_until(const char *path, int status)
{
    apr_time_t end = apr_time_now() + LONG_ENOUGH;
    f1_reply_t *reply = f1_test_get(path);

    while (reply->status != status && apr_time_now() < end) {
        apr_sleep(apr_time_from_msec(50));
        reply = f1_test_get(path);
    }
    assert_int_equal(reply->status, status);
    return reply;
}

static f1_reply_t *order(const char *username, const char *body)
{
    const char *headers[] = {f1_test_bearer(username), "Content-Type: application/json", NULL};

    return f1_test_ask(&(f1_ask_t){.method = "POST", .path = "/api/v1/sync", .headers = headers, .body = body});
}

static const char *order_for_the_race(void)
{
    return apr_psprintf(f1_test_pool(), "{\"what\": \"weather\", \"season\": 2030, \"round\": %s}",
                        f1_test_sql("SELECT round FROM race WHERE id = '" RACE "'"));
}

static void weather_comes_by_a_job(void **state)
{
    const char *round = f1_test_sql("SELECT round FROM race WHERE id = '" RACE "'");
    f1_reply_t *reply;

    (void)state;
    f1_test_users();
    f1_test_sql("UPDATE schedule SET is_paused = true; SELECT weather_forget('" RACE "')");
    reply = ask_until(PATH, 404);
    f1_assert_json(reply->json, "detail", "\"No such race, or no weather of it\"");
    f1_assert_json(f1_test_get("/api/v1/races/" RACE)->json, "weather", "null");

    assert_int_equal(order("bob", order_for_the_race())->status, 403);
    reply = order("ann", order_for_the_race());
    assert_int_equal(reply->status, 202);
    f1_assert_json(reply->json, "kind", "\"weather\"");

    reply = ask_until(PATH, 200);
    f1_assert_json(reply->json, "race/id", "\"" RACE "\"");
    f1_assert_json(reply->json, "source", "\"simulator\"");
    f1_assert_json(reply->json, "is_forecast", "true");
    f1_assert_json(reply->json, "starts_at", "\"2030-06-16T13:00:00Z\"");
    f1_assert_json(reply->json, "fetched_at", "\"2030-06-15T00:00:00Z\"");
    f1_assert_json(reply->json, "hours/0/at", "\"2030-06-16T13:00:00Z\"");
    f1_assert_json(reply->json, "hours/1/at", "\"2030-06-16T14:00:00Z\"");
    assert_null(f1_test_json_at(reply->json, "hours/2"));
    assert_string_equal(f1_test_get(apr_psprintf(f1_test_pool(), "/api/v1/seasons/2030/races/%s/weather", round))->body,
                        reply->body);
    /* the domain's change was heard of, or the answer would still be 404 */
    f1_assert_json(f1_test_get("/api/v1/races/next")->json, "weather/is_forecast", "true");
    f1_assert_json(f1_test_get("/api/v1/races/" RACE)->json, "weather/source", "\"simulator\"");
}

static void an_order_is_checked(void **state)
{
    (void)state;
    assert_int_equal(order("ann", "{\"what\": \"weather\", \"season\": 1949}")->status, 400);
    assert_int_equal(order("ann", "{\"what\": \"wether\"}")->status, 400);
    assert_int_equal(f1_test_get("/api/v1/races/2030-moon-grand-prix/weather")->status, 404);
    assert_int_equal(f1_test_get(PATH "?limit=1")->status, 400);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        F1_TEST(weather_comes_by_a_job),
        F1_TEST(an_order_is_checked),
    };

    return f1_test_run(tests);
}
