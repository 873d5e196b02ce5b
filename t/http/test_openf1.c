/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* The drop-in OpenF1 API as its clients meet it. What is asked is tested in t/db/test_openf1_api. */

#include "f1_test.h"

#include <stdlib.h>
#include <string.h>

#include <apr_strings.h>

#define V1 "/openf1/v1/"

static const char *header(const f1_reply_t *reply, const char *name)
{
    const char *value = apr_table_get(reply->headers, name);

    return value ? value : "";
}

/* On the server's other mount. */
static const char *strict(const char *path)
{
    const char *url = getenv("F1_URL");

    return apr_pstrcat(f1_test_pool(), apr_pstrmemdup(f1_test_pool(), url, (apr_size_t)(strrchr(url, '/') - url)),
                       "/strict", path, NULL);
}

static void rows_are_a_bare_array(void **state)
{
    f1_reply_t *reply = f1_test_get(V1 "laps?session_key=9005&lap_number%3E=2&driver_number=62");

    (void)state;
    assert_int_equal(reply->status, 200);
    assert_string_equal(header(reply, "Content-Type"), "application/json");
    assert_string_equal(header(reply, "Cache-Control"), "public, max-age=1, stale-while-revalidate=1");
    assert_int_equal(json_array_size(reply->json), 2);
    f1_assert_json(reply->json, "0/date_start", "\"2030-06-02T13:01:31.500000+00:00\"");
    assert_int_equal(json_object_size(json_array_get(reply->json, 0)), 16);
}

static void operators_may_be_raw(void **state)
{
    static const char request[] = "GET /f1" V1 "laps?lap_number>=2&lap_number<3 HTTP/1.0\r\n\r\n";
    const char *answer = f1_test_raw(request, sizeof(request) - 1, NULL);

    (void)state;
    assert_non_null(strstr(answer, " 200 OK"));
    assert_non_null(strstr(answer, "\"lap_number\":2"));
    assert_null(strstr(answer, "\"lap_number\":3"));
}

static void every_list_is_there_in_any_case(void **state)
{
    static const char *const lists[] = {"championship_drivers",
                                        "championship_teams",
                                        "drivers",
                                        "intervals",
                                        "laps",
                                        "meetings",
                                        "overtakes",
                                        "pit",
                                        "position",
                                        "race_control",
                                        "sessions",
                                        "session_result",
                                        "starting_grid",
                                        "stints",
                                        "team_radio",
                                        "weather",
                                        "Laps",
                                        "SESSIONS/",
                                        "car_data?session_key=9005&driver_number=62",
                                        "Location?session_key=9005&driver_number=62"};
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        f1_reply_t *reply = f1_test_get(apr_pstrcat(f1_test_pool(), V1, lists[i], NULL));

        if (reply->status != 200 || !json_array_size(reply->json)) {
            fail_msg("%s: %d %.200s", lists[i], reply->status, reply->body);
        }
    }
    assert_int_equal(f1_test_get(V1 "telemetry")->status, 404);
    assert_int_equal(f1_test_get("/openf1/v1")->status, 404);
}

static void csv_is_a_file(void **state)
{
    const char *accept[] = {"Accept: text/csv", NULL};
    f1_reply_t *reply = f1_test_ask(&(f1_ask_t){.path = V1 "Stints?csv=true&compound=HARD", .headers = accept});

    (void)state;
    assert_int_equal(reply->status, 200);
    assert_string_equal(header(reply, "Content-Type"), "text/csv; charset=utf-8");
    assert_string_equal(header(reply, "Content-Disposition"), "attachment; filename=stints.csv");
    assert_string_equal(reply->body, "compound,driver_number,lap_end,lap_start,meeting_key,session_key,stint_number,"
                                     "tyre_age_at_start\r\nHARD,54,2,2,501,9005,2,3\r\n");
}

static void nothing_is_an_empty_array_or_404(void **state)
{
    f1_reply_t *reply = f1_test_get(V1 "laps?lap_number=99");

    (void)state;
    assert_int_equal(reply->status, 200);
    assert_string_equal(reply->body, "[]");
    reply = f1_test_get(strict(V1 "laps?lap_number=99"));
    assert_int_equal(reply->status, 404);
    f1_assert_json(reply->json, "detail", "\"No results found.\"");
    assert_int_equal(f1_test_get(strict(V1 "laps?lap_number=1"))->status, 200);
}

static void what_is_wrong_is_told(void **state)
{
    f1_reply_t *reply = f1_test_get(V1 "laps?foo");

    (void)state;
    assert_int_equal(reply->status, 400);
    assert_string_equal(header(reply, "Content-Type"), "application/problem+json");
    reply = f1_test_get(V1 "car_data");
    assert_int_equal(reply->status, 400);
    assert_non_null(strstr(reply->body, "session_key="));
    assert_int_equal(f1_test_ask(&(f1_ask_t){.method = "DELETE", .path = V1 "laps"})->status, 405);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        F1_TEST(rows_are_a_bare_array),
        F1_TEST(operators_may_be_raw),
        F1_TEST(every_list_is_there_in_any_case),
        F1_TEST(csv_is_a_file),
        F1_TEST(nothing_is_an_empty_array_or_404),
        F1_TEST(what_is_wrong_is_told),
    };

    return f1_test_run(tests);
}
