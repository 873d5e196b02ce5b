/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Bodies on their way and at their goal: those that come too slowly, not whole, too large or as something else, and
 * what endpoints that change something say about values of each kind. */

#include "f1_test.h"

#include <string.h>

#include <apr_strings.h>

#include "base/param.h"
#include "base/str.h"
#include "f1_test_users.h"

#define FORGOT "/api/v1/auth/forgot-password"
#define ME "/api/v1/me"
#define KEYS "/api/v1/me/api-keys"
#define SYNC "/api/v1/sync"
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static f1_reply_t *send_as(const char *username, const char *method, const char *path, const char *body)
{
    const char *headers[] = {"Content-Type: application/json", username ? f1_test_bearer(username) : NULL, NULL};

    return f1_test_ask(&(f1_ask_t){.method = method, .path = path, .headers = headers, .body = body});
}

static int start(void **state)
{
    if (f1_test_setup(state)) {
        return -1;
    }
    f1_test_sql("DELETE FROM job");
    f1_test_users();
    return 0;
}

/* --- on their way */

static const char *head(const char *more)
{
    return apr_pstrcat(f1_test_pool(),
                       "POST /f1" FORGOT " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n", more,
                       "\r\n\r\n", NULL);
}

/* Some bytes come, and then none for longer than mod_reqtimeout waits. */
static void a_body_that_comes_too_slowly_is_408(void **state)
{
    const char *const requests[] = {
        apr_pstrcat(f1_test_pool(), head("Content-Length: 30"), "{\"email\":", NULL),
        apr_pstrcat(f1_test_pool(), head("Transfer-Encoding: chunked"), "9\r\n{\"email\":\r\n", NULL)};
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(requests); i++) {
        const char *answer = f1_test_raw(requests[i], strlen(requests[i]), NULL);

        assert_non_null(strstr(answer, "HTTP/1.1 408 "));
        assert_non_null(strstr(answer, "close\r\n"));
        assert_non_null(strstr(answer, "Content-Type: application/problem+json"));
        assert_non_null(strstr(answer, "\"error_code\":\"request_timeout\""));
        assert_non_null(strstr(answer, "\"detail\":\"The request body came too slowly\""));
    }
}

static void a_body_that_is_cut_off_is_400(void **state)
{
    const char *const requests[] = {
        apr_pstrcat(f1_test_pool(), head("Content-Length: 30"), "{\"email\":", NULL),
        apr_pstrcat(f1_test_pool(), head("Content-Length: 30"), NULL),
        apr_pstrcat(f1_test_pool(), head("Transfer-Encoding: chunked"), "9\r\n{\"email\":\r\n", NULL),
        apr_pstrcat(f1_test_pool(), head("Transfer-Encoding: chunked"), "9\r\n{\"em", NULL)};
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(requests); i++) {
        const char *answer = f1_test_raw_end(requests[i]);

        if (!strstr(answer, "HTTP/1.1 400 ")) {
            fail_msg("%d: %s", (int)i, answer);
        }
        assert_non_null(strstr(answer, "\"error_code\":\"bad_request\""));
        assert_non_null(strstr(answer, "\"detail\":\"The request body is cut off, or is sent in a wrong way\""));
    }
}

static void a_body_that_is_too_large_is_413(void **state)
{
    char *large = apr_pcalloc(f1_test_pool(), 65537 + 1);
    f1_reply_t *reply;

    (void)state;
    memset(large, ' ', 65537);
    reply = send_as(NULL, "POST", FORGOT, large);
    assert_int_equal(reply->status, 413);
    f1_assert_json(reply->json, "detail", "\"The request body is larger than the 65536 bytes allowed\"");
    memcpy(large, "{\"email\":\"a@example.org\"}", 25);
    large[65536] = '\0';
    assert_int_equal(send_as(NULL, "POST", FORGOT, large)->status, 204);
}

static void a_body_of_another_type_is_415(void **state)
{
    static const char *const types[][3] = {
        {"Content-Type: text/plain"},
        {"Content-Type: application/x-www-form-urlencoded"},
        {"Content-Type: multipart/form-data; boundary=x"},
        {"Content-Type: application/json; charset=latin1"},
        {"Content-Type: application/merge-patch+json"},
        {"Content-Type:"},
        {"Content-Type: application/json", "Content-Encoding: gzip"},
    };
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(types); i++) {
        f1_reply_t *reply = f1_test_ask(&(f1_ask_t){
            .method = "POST", .path = FORGOT, .headers = types[i], .body = "{\"email\":\"a@example.org\"}"});

        if (reply->status != 415) {
            fail_msg("%s: %d", types[i][0], reply->status);
        }
        f1_assert_json(reply->json, "error_code", "\"unsupported_media_type\"");
    }
}

/* --- at their goal */

static void an_error_is_told_in_full(void **state)
{
    f1_reply_t *reply = send_as("bob", "PATCH", ME, "{\"time_zone\":\"\",\"role\":\"admin\",\"email\":null}");

    (void)state;
    assert_int_equal(reply->status, 400);
    assert_string_equal(apr_table_get(reply->headers, "Content-Type"), "application/problem+json");
    assert_string_equal(
        reply->body,
        "{\"type\":\"urn:f1board:error:invalid_parameter\",\"title\":\"Invalid parameter\",\"status\":400,"
        "\"instance\":\"/f1/api/v1/me\",\"errors\":["
        "{\"field\":\"/time_zone\",\"detail\":\"must be 1 to 64 characters without control characters, not ''\"},"
        "{\"field\":\"/role\",\"detail\":\"is not known here; known are favorite_team, notifications_enabled, "
        "time_zone,"
        " email\"},"
        "{\"field\":\"/email\",\"detail\":\"must be an address like name@example.com, not null\"}],"
        "\"error\":\"Invalid parameter\",\"error_code\":\"invalid_parameter\"}");
    reply = send_as("bob", "PATCH", ME, "{\"time_zone\":\n tru}");
    assert_int_equal(reply->status, 400);
    assert_string_equal(reply->body,
                        "{\"type\":\"urn:f1board:error:bad_request\",\"title\":\"Bad request\",\"status\":400,"
                        "\"detail\":\"The request body is not JSON\",\"instance\":\"/f1/api/v1/me\",\"errors\":["
                        "{\"field\":\"\",\"detail\":\"invalid token, in line 2 at column 4\"}],"
                        "\"error\":\"The request body is not JSON\",\"error_code\":\"bad_request\"}");
}

typedef struct case_t {
    const char *body;
    const char *field, *detail; /* of the only error; NULL: it is taken */
} case_t;

static void check(const char *username, const char *method, const char *path, const case_t *cases, size_t count)
{
    size_t i;

    for (i = 0; i < count; i++) {
        f1_reply_t *reply = send_as(username, method, path, cases[i].body);
        json_t *errors = f1_test_json_at(reply->json, "errors");
        const char *said = json_string_value(f1_test_json_at(errors, "0/detail"));
        const char *field = json_string_value(f1_test_json_at(errors, "0/field"));

        if (!cases[i].field) {
            if (reply->status >= 300) {
                fail_msg("%s: %d %s", cases[i].body, reply->status, reply->body);
            }
        }
        else if (reply->status != 400 || !said || json_array_size(errors) != 1 || strcmp(field, cases[i].field) ||
                 strcmp(said, cases[i].detail)) {
            fail_msg("%s: %d %s", cases[i].body, reply->status, reply->body);
        }
    }
}

/* What is said about a value that is none of a POST's member, or, element, of the array that the member is. */
static const char *refusal(const char *path, const char *member, int element, const char *value)
{
    f1_match_t match;
    f1_param_t param;
    int i = 0;

    assert_true(f1_route_find(f1_routes, f1_route_count, F1_POST, path, &match, f1_test_pool()));
    while (strcmp(match.route->params[i].name, member) != 0) {
        i++;
    }
    param = match.route->params[i];
    param.type = element ? F1_PARAM_ENUM : param.type;
    return apr_pstrcat(f1_test_pool(), value ? "must be " : "is required and must be ",
                       f1_param_wanted(&param, f1_test_pool()), value ? ", not " : NULL, value, NULL);
}

#define TEAM "must be an id of letters, digits, _ and - or null, not "
#define FLAG "must be true or false, not "
#define ZONE "must be 1 to 64 characters without control characters, not "
#define MAIL "must be an address like name@example.com, not "

static void the_own_account_takes_values_of_its_kinds(void **state)
{
    static const case_t cases[] = {
        {"{}", NULL, NULL},
        {"{\"favorite_team\":7}", "/favorite_team", TEAM "a number"},
        {"{\"favorite_team\":true}", "/favorite_team", TEAM "a boolean"},
        {"{\"favorite_team\":[]}", "/favorite_team", TEAM "an array"},
        {"{\"favorite_team\":{\"id\":\"x\"}}", "/favorite_team", TEAM "an object"},
        {"{\"favorite_team\":\"a b\"}", "/favorite_team", "must be an id of letters, digits, _ and -, not 'a b'"},
        {"{\"favorite_team\":\"nobody\"}", "/favorite_team", "is the id of no constructor"},
        {"{\"notifications_enabled\":false}", NULL, NULL},
        {"{\"notifications_enabled\":null}", "/notifications_enabled", FLAG "null"},
        {"{\"notifications_enabled\":0}", "/notifications_enabled", FLAG "a number"},
        {"{\"notifications_enabled\":\"true\"}", "/notifications_enabled", FLAG "a string"},
        {"{\"time_zone\":null}", "/time_zone", ZONE "null"},
        {"{\"time_zone\":2}", "/time_zone", ZONE "a number"},
        {"{\"time_zone\":\"a\\u0007b\"}", "/time_zone", ZONE "'a?b'"},
        {"{\"time_zone\":\"Europe/Nowhere\"}", "/time_zone", "is no time zone like Europe/Rome"},
        {"{\"time_zone\":\"+02\"}", "/time_zone", "is no time zone like Europe/Rome"},
        {"{\"time_zone\":\"America/Argentina/Buenos_Aires\"}", NULL, NULL},
        {"{\"email\":\"bob\"}", "/email", MAIL "'bob'"},
        {"{\"email\":\"bob@localhost\"}", "/email", MAIL "'bob@localhost'"},
        {"{\"email\":\"b\\u00f6b@example.org\"}", "/email", MAIL "'b\303\266b@example.org'"},
        {"{\"email\":[\"bob@example.org\"]}", "/email", MAIL "an array"},
        {"{\"id\":\"x\"}", "/id",
         "is not known here; known are favorite_team, notifications_enabled, time_zone, email"},
        {"{\"a/b~c\":1}", "/a~1b~0c",
         "is not known here; known are favorite_team, notifications_enabled, time_zone, email"},
    };

    (void)state;
    check("bob", "PATCH", ME, cases, COUNT(cases));
    assert_string_equal(
        f1_test_sql("SELECT notifications_enabled, time_zone, email_pending FROM account WHERE username = 'bob'"),
        "f|America/Argentina/Buenos_Aires|");
}

/* What is absent stays as it is; null takes away. */
static void null_is_not_absent(void **state)
{
    static const char preference[] = "/api/v1/me/notification-preferences/race_reminder";
    const char *usual, *team = f1_test_sql("SELECT min(id) FROM constructor");
    f1_reply_t *reply = send_as("bob", "PATCH", ME, apr_psprintf(f1_test_pool(), "{\"favorite_team\":\"%s\"}", team));

    (void)state;
    assert_int_equal(reply->status, 200);
    reply = send_as("bob", "PATCH", ME, "{\"time_zone\":\"UTC\"}");
    assert_string_equal(json_string_value(f1_test_json_at(reply->json, "favorite_team")), team);
    reply = send_as("bob", "PATCH", ME, "{\"favorite_team\":null}");
    f1_assert_json(reply->json, "favorite_team", "null");
    f1_assert_json(reply->json, "time_zone", "\"UTC\"");
    usual = f1_test_sql("SELECT hours_before FROM notification_kind WHERE kind = 'race_reminder'");
    f1_assert_json(send_as("bob", "PATCH", preference, "{\"hours_before\":48}")->json, "hours_before", "48");
    f1_assert_json(send_as("bob", "PATCH", preference, "{\"mail\":false}")->json, "hours_before", "48");
    f1_assert_json(send_as("bob", "PATCH", preference, "{\"hours_before\":null}")->json, "hours_before", usual);
}

#define YEAR "must be an integer from 1950 to 2199, not "
#define WHAT(value) refusal(SYNC, "what", 0, value)

static void orders_take_numbers_within_bounds(void **state)
{
    const case_t cases[] = {
        {"{\"what\":\"season\",\"season\":1949}", "/season", YEAR "'1949'"},
        {"{\"what\":\"season\",\"season\":2200}", "/season", YEAR "'2200'"},
        {"{\"what\":\"season\",\"season\":-2029}", "/season", YEAR "'-2029'"},
        {"{\"what\":\"season\",\"season\":9223372036854775807}", "/season", YEAR "'9223372036854775807'"},
        {"{\"what\":\"season\",\"season\":9223372036854775808}", "", "too big integer, in line 1 at column 45"},
        {"{\"what\":\"season\",\"season\":1e400}", "", "real number overflow, in line 1 at column 31"},
        {"{\"what\":\"season\",\"season\":2029.5}", "/season", YEAR "'2029.5'"},
        {"{\"what\":\"season\",\"season\":2029.0}", "/season", YEAR "'2029.0'"},
        {"{\"what\":\"season\",\"season\":\"2029\"}", "/season", YEAR "a string"},
        {"{\"what\":\"season\",\"season\":null}", "/season", YEAR "null"},
        {"{\"what\":\"season\",\"season\":[2029]}", "/season", YEAR "an array"},
        {"{\"what\":\"seasons\"}", "/what", WHAT("'seasons'")},
        {"{\"what\":\"Season\"}", "/what", WHAT("'Season'")},
        {"{\"what\":null}", "/what", WHAT("null")},
        {"{\"what\":1}", "/what", WHAT("a number")},
        {"{}", "/what", WHAT(NULL)},
        {"[]", "", "must be an object, not an array"},
        {"{\"what\":\"current\",\"what\":\"season\"}", "", "duplicate object key, in line 1 at column 24"},
        {"{\"what\":\"season\",\"season\":1950}", NULL, NULL},
        {"{\"what\":\"season\",\"season\":2199}", NULL, NULL},
        {" \n{ \"what\" : \"race\", \"season\" : 2029, \"round\" : 99 }\n", NULL, NULL},
    };

    (void)state;
    check("ann", "POST", SYNC, cases, COUNT(cases));
    assert_string_equal(f1_test_sql("SELECT count(*) FROM job"), "3");
}

#define NAME "must be 1 to 100 characters without control characters, not "
#define UNTIL "must be a date or a time with zone like 2024-07-28T13:00:00Z, not "

static void keys_take_words_and_times(void **state)
{
    static const case_t cases[] = {
        {"{\"name\":\"\",\"scopes\":[]}", "/name", NAME "''"},
        {"{\"scopes\":[]}", "/name", "is required and must be 1 to 100 characters without control characters"},
        {"{\"name\":\"x\",\"scopes\":[],\"expires_at\":\"tomorrow\"}", "/expires_at", UNTIL "'tomorrow'"},
        {"{\"name\":\"x\",\"scopes\":[],\"expires_at\":\"2031-02-30\"}", "/expires_at", UNTIL "'2031-02-30'"},
        {"{\"name\":\"x\",\"scopes\":[],\"expires_at\":\"2031-01-01T10:00:00\"}", "/expires_at",
         UNTIL "'2031-01-01T10:00:00'"},
        {"{\"name\":\"x\",\"scopes\":[],\"expires_at\":1924988400}", "/expires_at", UNTIL "a number"},
        {"{\"name\":\"x\\u0000\",\"scopes\":[]}", "", "a string holds a NUL, in line 1 at column 17"},
        {"{\"name\":\"\\ud83c\",\"scopes\":[]}", "", "invalid Unicode '\\uD83C', in line 1 at column 16"},
        {"{\"name\":\"\xff\",\"scopes\":[]}", "", "it is not UTF-8, in line 1 at column 9"},
        {"{\"name\":\"x\",\"scopes\":[[[[[[[[[]]]]]]]]]}", "/scopes/0/0/0/0/0/0/0",
         "is nested more than 8 levels deep"},
        {"{\"name\":\"\\ud83c\\udfc1\",\"scopes\":[\"profile:read\",\"profile:read\"],"
         "\"expires_at\":\"2031-01-01T01:00:00+01:00\"}",
         NULL, NULL},
    };

    (void)state;
    check("bob", "POST", KEYS, cases, COUNT(cases));
    assert_string_equal(f1_test_sql("SELECT name, scopes, expires_at AT TIME ZONE 'UTC' FROM api_key"),
                        "\360\237\217\201|{profile:read}|2031-01-01 00:00:00");
}

#define SCOPES(value) refusal(KEYS, "scopes", 0, value)

static void keys_are_for_known_scopes(void **state)
{
    const case_t cases[] = {
        {"{\"name\":\"x\"}", "/scopes", SCOPES(NULL)},
        {"{\"name\":\"x\",\"scopes\":\"profile:read\"}", "/scopes", SCOPES("a string")},
        {"{\"name\":\"x\",\"scopes\":null}", "/scopes", SCOPES("null")},
        {"{\"name\":\"x\",\"scopes\":{}}", "/scopes", SCOPES("an object")},
        {"{\"name\":\"x\",\"scopes\":[\"profile:read\",\"root\"]}", "/scopes/1", refusal(KEYS, "scopes", 1, "'root'")},
        {"{\"name\":\"x\",\"scopes\":[[\"profile:read\"]]}", "/scopes/0", refusal(KEYS, "scopes", 1, "an array")},
    };

    (void)state;
    check("bob", "POST", KEYS, cases, COUNT(cases));
}

/* Two bytes each. */
static void texts_are_measured_in_characters(void **state)
{
    int count;

    (void)state;
    for (count = 100; count <= 101; count++) {
        f1_buf_t body;
        int i;

        f1_buf_init(&body, f1_test_pool(), 256, 1024);
        f1_buf_adds(&body, "{\"scopes\":[],\"name\":\"");
        for (i = 0; i < count; i++) {
            f1_buf_adds(&body, "\303\251");
        }
        f1_buf_adds(&body, "\"}");
        assert_int_equal(send_as("bob", "POST", KEYS, body.data)->status, count == 100 ? 201 : 400);
    }
}

static void switches_take_booleans(void **state)
{
    static const case_t cases[] = {
        {"{\"is_paused\":\"true\"}", "/is_paused", FLAG "a string"},
        {"{\"is_paused\":1}", "/is_paused", FLAG "a number"},
        {"{\"is_paused\":null}", "/is_paused", FLAG "null"},
        {"{}", "/is_paused", "is required and must be true or false"},
        {"{\"is_paused\":true}", NULL, NULL},
        {"{\"is_paused\":false}", NULL, NULL},
    };

    (void)state;
    check("ann", "PATCH", "/api/v1/schedules/season_review", cases, COUNT(cases));
}

#define LONE "\"username\":\"kim\",\"email\":\"kim@example.org\""

/* What is secret is in no answer, whatever is wrong with it. */
static void secrets_are_not_repeated(void **state)
{
    static const case_t cases[] = {
        {"{" LONE ",\"password\":\"Hush1\"}", "/password", "must have at least 8 characters"},
        {"{" LONE ",\"password\":\"Hush1\\u0007\"}", "/password",
         "must be 1 to 1000 characters without control characters"},
        {"{" LONE ",\"password\":[\"Hush1\"]}", "/password",
         "must be 1 to 1000 characters without control characters, not an array"},
        {"{" LONE ",\"password\":Hush1}", "", "invalid token, in line 1 at column 59"},
        {"{" LONE ",\"password\":\"Hush1}", "", "premature end of input, in line 1 at column 62"},
        {"{" LONE ",\"password\":\"Hush1\",\"password\":\"Hush1\"}", "",
         "duplicate object key, in line 1 at column 73"},
    };
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(cases); i++) {
        assert_null(strstr(send_as(NULL, "POST", "/api/v1/auth/register", cases[i].body)->body, "Hush"));
    }
    check(NULL, "POST", "/api/v1/auth/register", cases, COUNT(cases));
}

/* A body where none is wanted is read and passed over, if it is JSON by its type. */
static void a_body_that_nobody_wants(void **state)
{
    const char *headers[] = {f1_test_bearer("ann"), "Content-Type: text/plain", NULL};

    (void)state;
    assert_int_equal(send_as("ann", "POST", "/api/v1/schedules/clean_up/run", "{\"what\":")->status, 202);
    assert_int_equal(
        f1_test_ask(
            &(f1_ask_t){.method = "POST", .path = "/api/v1/schedules/clean_up/run", .headers = headers, .body = "x"})
            ->status,
        415);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, start, f1_test_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_body_that_comes_too_slowly_is_408),
        TEST(a_body_that_is_cut_off_is_400),
        TEST(a_body_that_is_too_large_is_413),
        TEST(a_body_of_another_type_is_415),
        TEST(an_error_is_told_in_full),
        TEST(the_own_account_takes_values_of_its_kinds),
        TEST(null_is_not_absent),
        TEST(orders_take_numbers_within_bounds),
        TEST(keys_take_words_and_times),
        TEST(keys_are_for_known_scopes),
        TEST(texts_are_measured_in_characters),
        TEST(switches_take_booleans),
        TEST(secrets_are_not_repeated),
        TEST(a_body_that_nobody_wants),
    };

    return f1_test_run(tests);
}
