/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* The small parts of src/base: results, log sink, buffers, UTF-8, numbers, JSON documents, the clock. */

#include <string.h>

#include <apr_strings.h>

#include "f1_test.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/result.h"
#include "base/str.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void result_keeps_the_first_failure(void **state)
{
    f1_result_t *res = f1_result_make(f1_test_pool());

    (void)state;
    assert_int_equal(res->error, F1_E_OK);
    assert_int_equal(f1_result_fail(res, F1_E_CONFLICT, APR_SUCCESS, "name %s is taken", "x"), APR_EGENERAL);
    assert_int_equal(f1_result_fail(res, F1_E_INTERNAL, APR_ENOENT, "later"), APR_EGENERAL);
    assert_int_equal(res->error, F1_E_CONFLICT);
    assert_string_equal(f1_result_text(res, f1_test_pool()), "conflict: name x is taken");
    f1_result_clear(res);
    assert_int_equal(res->error, F1_E_OK);
    assert_null(res->detail);
}

static void result_collects_field_errors(void **state)
{
    f1_result_t *res = f1_result_make(f1_test_pool());

    (void)state;
    f1_result_field(res, "season", "must be %d or later", 1950);
    f1_result_field(res, "round", "is missing");
    assert_int_equal(res->error, F1_E_INVALID_PARAMETER);
    assert_int_equal(f1_error_http(res->error), 400);
    assert_int_equal(res->fields->nelts, 2);
    assert_string_equal(f1_result_text(res, f1_test_pool()),
                        "invalid_parameter (season: must be 1950 or later; round: is missing)");
}

static void error_catalogue_is_complete(void **state)
{
    (void)state;
    assert_int_equal(f1_error_http(F1_E_OK), 200);
    assert_int_equal(f1_error_http(F1_E_NOT_FOUND), 404);
    assert_string_equal(f1_error_code(F1_E_DATABASE_UNAVAILABLE), "database_unavailable");
    assert_string_equal(f1_error_title(F1_E_TIMEOUT), "The query took too long");
    assert_int_equal(f1_error_http(F1_E_TIMEOUT), 504);
}

typedef struct captured_t {
    int printed;
    char message[100];
} captured_t;

static int only_errors(void *baton, f1_log_level_t level)
{
    (void)baton;
    return level <= F1_LOG_ERR;
}

static void capture(void *baton, f1_log_level_t level, apr_status_t rv, const char *message)
{
    captured_t *captured = baton;

    (void)level;
    (void)rv;
    captured->printed++;
    apr_cpystrn(captured->message, message, sizeof(captured->message));
}

static void log_goes_to_the_sink_at_its_level(void **state)
{
    captured_t captured = {0};
    f1_log_sink_t sink = {only_errors, capture, &captured};

    (void)state;
    f1_log_sink_set(&sink);
    f1_log(F1_LOG_DEBUG, APR_SUCCESS, "not %s", "printed");
    assert_int_equal(captured.printed, 0);
    f1_log(F1_LOG_ERR, APR_SUCCESS, "printed %d", 7);
    assert_int_equal(captured.printed, 1);
    assert_string_equal(captured.message, "printed 7");
}

static void buffer_grows_to_its_maximum_and_stops(void **state)
{
    f1_buf_t buf;
    int i;

    (void)state;
    f1_buf_init(&buf, f1_test_pool(), 2, 10);
    for (i = 0; i < 5; i++) {
        f1_buf_adds(&buf, "ab");
    }
    assert_int_equal(buf.len, 10);
    assert_int_equal(buf.full, 0);
    f1_buf_addc(&buf, 'c');
    assert_int_equal(buf.full, 1);
    assert_string_equal(buf.data, "ababababab");
    /* what would fit is ignored too: a body with a hole is worse than a short one */
    f1_buf_init(&buf, f1_test_pool(), 0, 3);
    f1_buf_adds(&buf, "abcd");
    f1_buf_adds(&buf, "a");
    assert_string_equal(buf.data, "");
    assert_int_equal(buf.full, 1);
}

static void buffer_writes_json_strings(void **state)
{
    static const struct {
        const char *text, *json;
    } cases[] = {
        {"", "\"\""},
        {"plain", "\"plain\""},
        {"a\"b\\c", "\"a\\\"b\\\\c\""},
        {"\n\r\t", "\"\\n\\r\\t\""},
        {"\x01\x1f", "\"\\u0001\\u001f\""},
        {"S\xc3\xa3o \xf0\x9f\x8f\x81", "\"S\xc3\xa3o \xf0\x9f\x8f\x81\""},
    };
    f1_buf_t buf;
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(cases); i++) {
        f1_buf_init(&buf, f1_test_pool(), 4, 100);
        f1_buf_add_json(&buf, cases[i].text, strlen(cases[i].text));
        assert_string_equal(buf.data, cases[i].json);
    }
}

static void utf8_is_checked_to_the_letter(void **state)
{
    static const struct {
        const char *bytes;
        int ok;
    } cases[] = {
        {"", 1},
        {"abc", 1},
        {"\xc3\xa9", 1},
        {"\xe2\x82\xac", 1},
        {"\xf0\x9f\x98\x80", 1},
        {"\xf4\x8f\xbf\xbf", 1},
        {"\xc3", 0}, /* cut short */
        {"\xc0\xaf", 0}, /* overlong */
        {"\xe0\x80\xaf", 0}, /* overlong */
        {"\xf0\x80\x80\xaf", 0}, /* overlong */
        {"\xed\xa0\x80", 0}, /* surrogate */
        {"\xf4\x90\x80\x80", 0}, /* beyond U+10FFFF */
        {"\xff", 0},
        {"a\x80", 0}, /* continuation alone */
        {"\xe2\x82z", 0},
    };
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(cases); i++) {
        assert_int_equal(f1_str_is_utf8(cases[i].bytes, strlen(cases[i].bytes)), cases[i].ok);
    }
    assert_false(f1_str_is_utf8("a\0b", 3));
}

static void integers_are_whole_and_bounded(void **state)
{
    static const struct {
        const char *text;
        int ok;
        apr_int64_t value;
    } cases[] = {
        {"0", 1, 0},
        {"2024", 1, 2024},
        {"-7", 1, -7},
        {"007", 1, 7},
        {"9223372036854775807", 1, APR_INT64_MAX},
        {"-9223372036854775808", 1, APR_INT64_MIN},
        {"9223372036854775808", 0, 0},
        {"-9223372036854775809", 0, 0},
        {"99999999999999999999999", 0, 0},
        {"", 0, 0},
        {"-", 0, 0},
        {"+1", 0, 0},
        {" 1", 0, 0},
        {"1.0", 0, 0},
        {"1e3", 0, 0},
        {"\xd9\xa1", 0, 0}, /* U+0661, a digit elsewhere */
    };
    apr_int64_t value;
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(cases); i++) {
        assert_int_equal(f1_str_to_int64(cases[i].text, &value), cases[i].ok);
        if (cases[i].ok) {
            assert_true(value == cases[i].value);
        }
    }
}

static void sha256_is_the_standard_one(void **state)
{
    (void)state;
    /* FIPS 180-2, appendix B.1 */
    assert_string_equal(f1_str_sha256("abc", 3, f1_test_pool()),
                        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void json_is_strict_and_says_where(void **state)
{
    f1_result_t *res = f1_result_make(f1_test_pool());
    json_t *doc;

    (void)state;
    assert_int_equal(f1_json_parse(&doc, "{\"a\": {\"b\": \"c\"}, \"d\": [1]}", 27, F1_E_BAD_DATA, f1_test_pool(), res),
                     APR_SUCCESS);
    assert_string_equal(f1_json_str(f1_json_object(doc, "a"), "b"), "c");
    assert_int_equal(json_array_size(f1_json_array(doc, "d")), 1);
    assert_null(f1_json_str(doc, "a"));
    assert_null(f1_json_object(doc, "d"));
    assert_null(f1_json_array(doc, "missing"));
    assert_int_not_equal(f1_json_parse(&doc, "{\"a\":1,\"a\":2}", 13, F1_E_BAD_DATA, f1_test_pool(), res), APR_SUCCESS);
    assert_null(doc);
    assert_int_equal(res->error, F1_E_BAD_DATA);
    f1_result_clear(res);
    assert_int_not_equal(f1_json_parse(&doc, "[1] x", 5, F1_E_BAD_REQUEST, f1_test_pool(), res), APR_SUCCESS);
    assert_int_equal(res->error, F1_E_BAD_REQUEST);
    assert_non_null(strstr(res->detail, "line 1"));
}

static void times_are_parsed_and_written(void **state)
{
    static const struct {
        const char *text, *canonical; /* NULL: refused */
    } cases[] = {
        {"2024-07-28T13:00:00Z", "2024-07-28T13:00:00Z"},
        {"2024-07-28T15:00:00+02:00", "2024-07-28T13:00:00Z"},
        {"2024-07-28 09:30:00-03:30", "2024-07-28T13:00:00Z"},
        {"2024-07-28T13:00:00.25Z", "2024-07-28T13:00:00.250000Z"},
        {"2024-07-28T13:00:00.1234567Z", "2024-07-28T13:00:00.123456Z"},
        {"1950-05-13T14:30:00Z", "1950-05-13T14:30:00Z"},
        {"1950-05-13T14:30:00.5Z", "1950-05-13T14:30:00.500000Z"},
        {"2024-02-29", "2024-02-29T00:00:00Z"},
        {"2016-12-31T23:59:60Z", "2016-12-31T23:59:59Z"},
        {"2023-02-29", NULL},
        {"2100-02-29", NULL},
        {"2024-13-01", NULL},
        {"2024-00-10", NULL},
        {"2024-04-31", NULL},
        {"2024-1-1", NULL},
        {"2024-07-28T13:00:00", NULL}, /* no zone */
        {"2024-07-28T13:00Z", NULL},
        {"2024-07-28T24:00:00Z", NULL},
        {"2024-07-28T13:00:00.Z", NULL},
        {"2024-07-28T13:00:00Zx", NULL},
        {"2024-07-28T13:00:00+2:00", NULL},
        {"2024-07-28T13:00:00+24:00", NULL},
        {"2024-07-28x", NULL},
        {"", NULL},
        {"now", NULL},
    };
    char buf[F1_TIME_LEN];
    apr_time_t time;
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(cases); i++) {
        assert_int_equal(f1_time_parse(cases[i].text, &time), cases[i].canonical != NULL);
        if (cases[i].canonical) {
            assert_string_equal(f1_time_format(buf, time), cases[i].canonical);
        }
    }
    assert_true(f1_date_is_valid("2024-12-31"));
    assert_false(f1_date_is_valid("2024-12-31T00:00:00Z"));
}

static void clock_can_be_set(void **state)
{
    apr_time_t shown, start = apr_time_now() - apr_time_from_sec(10);

    (void)state;
    assert_true(f1_time_parse("2024-12-31T00:00:00Z", &shown));
    assert_int_equal(f1_clock_set("2024-12-31T00:00:00Z@0", 0), APR_SUCCESS);
    assert_true(f1_clock_now() == shown);
    assert_int_equal(f1_clock_set("2024-12-31T00:00:00Z@60", start), APR_SUCCESS);
    assert_true(f1_clock_now() >= shown + apr_time_from_sec(600));
    assert_true(f1_clock_now() < shown + apr_time_from_sec(86400));
    assert_int_equal(f1_clock_set("2024-12-31T00:00:00Z@fast", 0), APR_EINVAL);
    assert_true(f1_clock_spec_is_valid("2024-12-31@1.5"));
    assert_false(f1_clock_spec_is_valid("2024-12-31@-1"));
    assert_false(f1_clock_spec_is_valid("2024-12-31@nan"));
    assert_false(f1_clock_spec_is_valid("2024-12-31@1e300"));
    assert_false(f1_clock_spec_is_valid("@1"));
    assert_false(f1_clock_spec_is_valid("2024-12-31T00:00:00.0000000000000000000000000000000000Z"));
}

static void waits_double_up_to_the_maximum(void **state)
{
    int i;

    (void)state;
    for (i = 0; i < 100; i++) {
        assert_in_range(f1_backoff(1, 2000, 10000), 1500, 2000);
        assert_in_range(f1_backoff(2, 2000, 10000), 3000, 4000);
        assert_in_range(f1_backoff(40, 2000, 10000), 7500, 10000);
    }
}

static void json_is_laid_out_for_people(void **state)
{
    static const struct {
        const char *json, *indented;
    } cases[] = {
        {"{\"a\":8.140,\"b\":[1,{\"c\":null}]}",
         "{\n    \"a\": 8.140,\n    \"b\": [\n      1,\n      {\n        \"c\": null\n      }\n    ]\n  }"},
        {"{\"a\": [ ], \"b\": { }}", "{\n    \"a\": [],\n    \"b\": {}\n  }"},
        {"\"a{[,:]}\\\"\\\\\"", "\"a{[,:]}\\\"\\\\\""},
        {"[\"x y\", \"\"]", "[\n    \"x y\",\n    \"\"\n  ]"},
        {"[[]]", "[\n    []\n  ]"},
        {"12", "12"},
        {"", ""},
        {"\"open", "\"open"}, /* no JSON, but no harm either */
        {"\"open\\", "\"open\\"},
    };
    size_t i;
    f1_buf_t buf;

    (void)state;
    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        f1_buf_init(&buf, f1_test_pool(), 16, 1024);
        f1_json_indent(&buf, cases[i].json, strlen(cases[i].json), 1);
        assert_string_equal(buf.data, cases[i].indented);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        F1_TEST(result_keeps_the_first_failure),
        F1_TEST(result_collects_field_errors),
        F1_TEST(error_catalogue_is_complete),
        F1_TEST(log_goes_to_the_sink_at_its_level),
        F1_TEST(buffer_grows_to_its_maximum_and_stops),
        F1_TEST(buffer_writes_json_strings),
        F1_TEST(utf8_is_checked_to_the_letter),
        F1_TEST(integers_are_whole_and_bounded),
        F1_TEST(sha256_is_the_standard_one),
        F1_TEST(json_is_strict_and_says_where),
        F1_TEST(json_is_laid_out_for_people),
        F1_TEST(times_are_parsed_and_written),
        F1_TEST(clock_can_be_set),
        F1_TEST(waits_double_up_to_the_maximum),
    };

    return f1_test_run(tests);
}
