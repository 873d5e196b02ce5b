/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Values of parameters: which pass, in what canonical spelling, and what is said about the others. */

#include <limits.h>
#include <string.h>

#include <apr_strings.h>

#include "f1_test.h"
#include "base/param.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *const sorts[] = {"position", "grid", "-points", NULL};
static const char *const lone[] = {"only", NULL};

static const f1_param_t integer = {
    .name = "season", .in = F1_IN_QUERY, .type = F1_PARAM_INTEGER, .min = 1950, .max = 2199};
static const f1_param_t wide = {.name = "delta", .in = F1_IN_QUERY, .type = F1_PARAM_INTEGER, .min = -100, .max = 100};
static const f1_param_t slug = {.name = "driver", .in = F1_IN_QUERY, .type = F1_PARAM_SLUG};
static const f1_param_t date = {.name = "day", .in = F1_IN_QUERY, .type = F1_PARAM_DATE};
static const f1_param_t timestamp = {.name = "as_of", .in = F1_IN_QUERY, .type = F1_PARAM_TIMESTAMP};
static const f1_param_t sort = {.name = "sort", .in = F1_IN_QUERY, .type = F1_PARAM_ENUM, .values = sorts};
static const f1_param_t one_value = {.name = "mode", .in = F1_IN_QUERY, .type = F1_PARAM_ENUM, .values = lone};
static const f1_param_t uuid = {.name = "user", .in = F1_IN_QUERY, .type = F1_PARAM_UUID};
static const f1_param_t text = {.name = "search", .in = F1_IN_QUERY, .type = F1_PARAM_TEXT, .min = 2, .max = 5};
static const f1_param_t email = {.name = "email", .in = F1_IN_QUERY, .type = F1_PARAM_EMAIL};
static const f1_param_t boolean = {.name = "all", .in = F1_IN_QUERY, .type = F1_PARAM_BOOLEAN};

#define A_60 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define A_63 A_60 "aaa"
#define A_64 A_60 "aaaa"
#define SLUG_80 "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggggggggghhhhhhhhhh"

/* wanted: the canonical spelling, or NULL: refused. */
static const struct {
    const f1_param_t *param;
    const char *given, *wanted;
} values[] = {
    {&email, "a@b.c", "a@b.c"},
    {&email, "Kim.O'Neil+f1@Mail-2.Example.COM", "Kim.O'Neil+f1@mail-2.example.com"},
    {&email, A_64 "@" A_63 "." A_63 "." A_60 "a", A_64 "@" A_63 "." A_63 "." A_60 "a"},
    {&email, A_64 "@" A_63 "." A_63 "." A_60 "aa", NULL},
    {&email, "a" A_64 "@b.c", NULL},
    {&email, "a@b." A_64, NULL},
    {&email, "", NULL},
    {&email, "@b.c", NULL},
    {&email, "a@", NULL},
    {&email, "a.b.c", NULL},
    {&email, "a@b", NULL},
    {&email, "a@b.", NULL},
    {&email, "a@.b", NULL},
    {&email, "a@b..c", NULL},
    {&email, "a@b@c.d", NULL},
    {&email, "a@-b.c", NULL},
    {&email, "a@b-.c", NULL},
    {&email, "a@b_c.d", NULL},
    {&email, ".a@b.c", NULL},
    {&email, "a.@b.c", NULL},
    {&email, "a..b@b.c", NULL},
    {&email, "a b@b.c", NULL},
    {&email, "a@b.c ", NULL},
    {&email, "\"a\"@b.c", NULL},
    {&email, "a<b@b.c>", NULL},
    {&email, "a,b@b.c", NULL},
    {&email, "a\r\nBcc: x@y.z", NULL},
    {&email, "\xc3\xa9@b.c", NULL},
    {&email, "a@\xc3\xa9.c", NULL},
    {&email, "a@[127.0.0.1]", NULL},

    {&integer, "1950", "1950"},
    {&integer, "2199", "2199"},
    {&integer, "002024", "2024"},
    {&integer, "1949", NULL},
    {&integer, "2200", NULL},
    {&integer, "", NULL},
    {&integer, "+2024", NULL},
    {&integer, " 2024", NULL},
    {&integer, "2024 ", NULL},
    {&integer, "2024.0", NULL},
    {&integer, "2e3", NULL},
    {&integer, "0x7d0", NULL},
    {&integer, "99999999999999999999999999", NULL},
    {&integer, "\xd9\xa2\xd9\xa0\xd9\xa2\xd9\xa4", NULL},
    {&wide, "-0", "0"},
    {&wide, "-007", "-7"},
    {&wide, "-100", "-100"},
    {&wide, "-101", NULL},
    {&wide, "--1", NULL},
    {&wide, "-", NULL},
    {&wide, "-99999999999999999999999999", NULL},

    {&slug, "max_verstappen", "max_verstappen"},
    {&slug, "Red-Bull", "red-bull"},
    {&slug, "3", "3"},
    {&slug, SLUG_80, SLUG_80},
    {&slug, SLUG_80 "x", NULL},
    {&slug, "", NULL},
    {&slug, "-a", NULL},
    {&slug, "_a", NULL},
    {&slug, "a b", NULL},
    {&slug, "a/b", NULL},
    {&slug, "a'--", NULL},
    {&slug, "r\xc3\xa4ikk\xc3\xb6nen", NULL},
    {&slug, "\xff", NULL},

    {&date, "2024-02-29", "2024-02-29"},
    {&date, "2023-02-29", NULL},
    {&date, "2024-2-9", NULL},
    {&date, "0000-01-01", NULL},
    {&date, "2024-07-28T00:00:00Z", NULL},
    {&date, "", NULL},

    {&timestamp, "2024-07-28", "2024-07-28T00:00:00Z"},
    {&timestamp, "2024-07-28T02:00:00+02:00", "2024-07-28T00:00:00Z"},
    {&timestamp, "2024-07-28T00:00:00.5Z", "2024-07-28T00:00:00.500000Z"},
    {&timestamp, "2024-07-28T02:00:00", NULL},
    {&timestamp, "2024-07-28T25:00:00Z", NULL},
    {&timestamp, "0224-01-01", "0224-01-01T00:00:00Z"},
    {&timestamp, "0001-01-01", "0001-01-01T00:00:00Z"},
    {&timestamp, "0001-01-01T00:00:00+00:01", NULL},
    {&timestamp, "0000-12-31", NULL},
    {&timestamp, "9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"},
    {&timestamp, "9999-12-31T23:59:59-00:01", NULL},
    {&timestamp, "now", NULL},
    {&timestamp, "infinity", NULL},

    {&sort, "grid", "grid"},
    {&sort, "-points", "-points"},
    {&sort, "Grid", NULL},
    {&sort, "gri", NULL},
    {&sort, "", NULL},

    {&uuid, "123E4567-e89b-12d3-A456-426614174000", "123e4567-e89b-12d3-a456-426614174000"},
    {&uuid, "123e4567-e89b-12d3-a456-42661417400", NULL},
    {&uuid, "123e4567-e89b-12d3-a456-4266141740000", NULL},
    {&uuid, "123e4567ae89b-12d3-a456-426614174000", NULL},
    {&uuid, "123e4567-e89b-12d3-a456-42661417400g", NULL},
    {&uuid, "{23e4567-e89b-12d3-a456-42661417400}", NULL},
    {&uuid, "123e4567-e89b-12d3-a456-42661417400\r", NULL},

    {&text, "ab", "ab"},
    {&text, " a ", " a "},
    {&text, "h\xc3\xbclk\xc3\xb6", "h\xc3\xbclk\xc3\xb6"},
    {&text, "\xf0\x9f\x8f\x8e\xf0\x9f\x8f\x8e\xf0\x9f\x8f\x8e", "\xf0\x9f\x8f\x8e\xf0\x9f\x8f\x8e\xf0\x9f\x8f\x8e"},
    {&text, "a", NULL},
    {&text, "\xc3\xbc", NULL},
    {&text, "abcdef", NULL},
    {&text, "a\nb", NULL},
    {&text,
     "a\x7f"
     "b",
     NULL},
    {&text,
     "a\xc2\x85"
     "b",
     NULL},
    {&text,
     "a\xc2\xa0"
     "b",
     "a\xc2\xa0"
     "b"},
    {&text, "a\xc3", NULL},
    {&text, "a\xed\xa0\x80", NULL},

    {&boolean, "true", "true"},
    {&boolean, "1", "true"},
    {&boolean, "false", "false"},
    {&boolean, "0", "false"},
    {&boolean, "TRUE", NULL},
    {&boolean, "yes", NULL},
    {&boolean, "", NULL},
};

static void spells_values_canonically(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(values); i++) {
        f1_result_t *res = f1_result_make(f1_test_pool());
        const char *value = f1_param_value(values[i].param, values[i].given, f1_test_pool(), res);

        if (values[i].wanted) {
            assert_non_null(value);
            assert_string_equal(value, values[i].wanted);
            assert_int_equal(res->error, F1_E_OK);
        }
        else {
            assert_null(value);
            assert_int_equal(res->error, F1_E_INVALID_PARAMETER);
            assert_int_equal(res->fields->nelts, 1);
            assert_string_equal(APR_ARRAY_IDX(res->fields, 0, f1_field_error_t).field, values[i].param->name);
        }
    }
}

static const struct {
    const f1_param_t *param;
    const char *given, *detail;
} refusals[] = {
    {&integer, "abc", "must be an integer from 1950 to 2199, not 'abc'"},
    {&wide, "101", "must be an integer from -100 to 100, not '101'"},
    {&slug, "a b", "must be an id of letters, digits, _ and -, not 'a b'"},
    {&date, "", "must be a date like 2024-07-28, not ''"},
    {&timestamp, "x", "must be a date or a time with zone like 2024-07-28T13:00:00Z, not 'x'"},
    {&sort, "x", "must be position, grid or -points, not 'x'"},
    {&one_value, "x", "must be only, not 'x'"},
    {&uuid, "x", "must be a UUID like 123e4567-e89b-12d3-a456-426614174000, not 'x'"},
    {&text, "x", "must be 2 to 5 characters without control characters, not 'x'"},
    {&boolean, "x", "must be true or false, not 'x'"},
    {&text, "a\xff", "must be 2 to 5 characters without control characters, but is not valid UTF-8"},
    {&integer,
     "a\nb\x7f\xc2\x80"
     "c",
     "must be an integer from 1950 to 2199, not 'a?b??c'"},
    {&boolean, "1234567890123456789012345678901234567890",
     "must be true or false, not '1234567890123456789012345678901234567890'"},
    {&boolean, "123456789012345678901234567890123456789\xc3\xbc",
     "must be true or false, not '123456789012345678901234567890123456789\xc3\xbc'"},
    {&boolean, "123456789012345678901234567890123456789\xc3\xbc\xc3\xbc",
     "must be true or false, not '123456789012345678901234567890123456789\xc3\xbc\xe2\x80\xa6'"},
};

static void says_what_would_be_right(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(refusals); i++) {
        f1_result_t *res = f1_result_make(f1_test_pool());

        assert_null(f1_param_value(refusals[i].param, refusals[i].given, f1_test_pool(), res));
        assert_string_equal(APR_ARRAY_IDX(res->fields, 0, f1_field_error_t).detail, refusals[i].detail);
    }
}

static void decodes_percents(void **state)
{
    static const struct {
        const char *given;
        int plus;
        const char *wanted;
    } cases[] = {
        {"a%20b", 0, "a b"},     {"a+b", 0, "a+b"},         {"a+b", 1, "a b"},
        {"%2B", 1, "+"},         {"%c3%BC", 0, "\xc3\xbc"}, {"", 0, ""},
        {"%", 0, NULL},          {"%2", 0, NULL},           {"%zz", 0, NULL},
        {"%2g", 0, NULL},        {"a%00b", 0, NULL},        {"%ff", 0, NULL},
        {"%25%32%30", 0, "%20"}, {"%ed%a0%80", 0, NULL},    {"%-1", 0, NULL},
        {"100%", 0, NULL},
    };
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(cases); i++) {
        char *decoded = f1_param_decode(cases[i].given, strlen(cases[i].given), cases[i].plus, f1_test_pool());

        if (cases[i].wanted) {
            assert_non_null(decoded);
            assert_string_equal(decoded, cases[i].wanted);
        }
        else {
            assert_null(decoded);
        }
    }
    /* only len bytes count */
    assert_null(f1_param_decode("%20", 2, 0, f1_test_pool()));
    assert_string_equal(f1_param_decode("a%20b", 1, 0, f1_test_pool()), "a");
}

/* --- whole requests */

static const f1_param_t params[] = {
    {.name = "race_id", .in = F1_IN_PATH, .type = F1_PARAM_SLUG},
    {.name = "season", .in = F1_IN_QUERY, .type = F1_PARAM_INTEGER, .min = 1950, .max = 2199},
    {.name = "search", .in = F1_IN_QUERY, .type = F1_PARAM_TEXT, .min = 1, .max = 20},
    {.name = "sort", .in = F1_IN_QUERY, .type = F1_PARAM_ENUM, .values = sorts, .fallback = "position"},
};
static const f1_param_t required[] = {
    {.name = "team", .in = F1_IN_QUERY, .type = F1_PARAM_SLUG, .required = 1},
};
static const f1_route_t list = {.method = F1_GET, .params = params, .param_count = 4, .answer = F1_ANSWER_LIST};
static const f1_route_t one = {.method = F1_GET, .params = params, .param_count = 4, .answer = F1_ANSWER_ONE};
static const f1_route_t plain = {.method = F1_GET, .answer = F1_ANSWER_ONE};
static const f1_route_t plain_list = {.method = F1_GET, .answer = F1_ANSWER_LIST};
static const f1_route_t strict = {.method = F1_GET, .params = required, .param_count = 1, .answer = F1_ANSWER_ONE};

/* values, limit and offset as one line: "race_id|season|search|sort limit=… offset=… clamped=…", or what is wrong. */
static const char *checked(const f1_route_t *route, const char *path_value, const char *query)
{
    f1_result_t *res = f1_result_make(f1_test_pool());
    f1_match_t match = {.route = route, .path_values = {path_value}};
    f1_request_t request;
    const char *line = "";
    int i;

    if (f1_param_check(&request, &match, query, 0, 0, f1_test_pool(), res) != APR_SUCCESS) {
        return f1_result_text(res, f1_test_pool());
    }
    for (i = 0; i < route->param_count; i++) {
        line = apr_pstrcat(f1_test_pool(), line, i ? "|" : "", request.values[i] ? request.values[i] : "", NULL);
    }
    return apr_psprintf(f1_test_pool(), "%s limit=%d offset=%d clamped=%d", line, request.limit, request.offset,
                        request.limit_clamped);
}

#define BAD(fields) "invalid_parameter (" fields ")"
#define KNOWN "season, search, sort, limit, offset, format"
#define NOT_A_LIMIT(value) BAD("limit: must be an integer from 1 to 100, not '" value "'")
#define NOT_AN_OFFSET(value) BAD("offset: must be an integer from 0 to 1000000000, not '" value "'")

static const struct {
    const f1_route_t *route;
    const char *path_value, *query, *wanted;
} requests[] = {
    {&list, NULL, NULL, "|||position limit=20 offset=0 clamped=0"},
    {&list, NULL, "", "|||position limit=20 offset=0 clamped=0"},
    {&list, "Monza", "season=02024&sort=grid", "monza|2024||grid limit=20 offset=0 clamped=0"},
    {&list, NULL, "&&season=2024&", "|2024||position limit=20 offset=0 clamped=0"},
    {&list, NULL, "search=a+b%26c%3Dd=e", "||a b&c=d=e|position limit=20 offset=0 clamped=0"},
    {&list, NULL, "s%65ason=2024", "|2024||position limit=20 offset=0 clamped=0"},
    {&list, NULL, "limit=1&offset=7", "|||position limit=1 offset=7 clamped=0"},
    {&list, NULL, "limit=100", "|||position limit=100 offset=0 clamped=0"},
    {&list, NULL, "limit=101", "|||position limit=100 offset=0 clamped=101"},
    {&list, NULL, "limit=99999999999999999999", "|||position limit=100 offset=0 clamped=2147483647"},
    {&list, NULL, "offset=1000000000", "|||position limit=20 offset=1000000000 clamped=0"},
    {&one, "a", NULL, "a|||position limit=20 offset=0 clamped=0"},

    {&list, NULL, "limit=0", NOT_A_LIMIT("0")},
    {&list, NULL, "limit=-5", NOT_A_LIMIT("-5")},
    {&list, NULL, "limit=ten", NOT_A_LIMIT("ten")},
    {&list, NULL, "limit=", NOT_A_LIMIT("")},
    {&list, NULL, "limit", NOT_A_LIMIT("")},
    {&list, NULL, "limit=+5", NOT_A_LIMIT(" 5")},
    {&list, NULL, "offset=-1", NOT_AN_OFFSET("-1")},
    {&list, NULL, "offset=1000000001", NOT_AN_OFFSET("1000000001")},
    {&list, NULL, "offset=99999999999999999999", NOT_AN_OFFSET("99999999999999999999")},
    {&list, NULL, "offset=1.5", NOT_AN_OFFSET("1.5")},
    {&list, NULL, "limit=5&limit=6", BAD("limit: is given more than once")},
    {&list, NULL, "offset=5&offset=x", BAD("offset: is given more than once")},
    {&list, NULL, "season=2024&season=2024", BAD("season: is given more than once")},
    {&list, NULL, "season=x&season=2024",
     BAD("season: must be an integer from 1950 to 2199, not 'x'; season: is given more than once")},
    {&list, NULL, "sesaon=2024", BAD("sesaon: is not known here; known are " KNOWN)},
    {&list, NULL, "race_id=monza", BAD("race_id: is not known here; known are " KNOWN)},
    {&list, NULL, "Season=2024", BAD("Season: is not known here; known are " KNOWN)},
    {&list, NULL, "=2024", BAD("query: is not known here; known are " KNOWN)},
    {&one, NULL, "limit=5", BAD("limit: is not known here; known are season, search, sort")},
    {&plain, NULL, "a=1", BAD("a: is not known here; no query parameter is")},
    {&plain_list, NULL, "a=1", BAD("a: is not known here; known are limit, offset, format")},
    {&list, NULL, "a%0ab=1", BAD("a?b: is not known here; known are " KNOWN)},
    {&list, NULL, "season=20%", BAD("season: is not percent-encoded UTF-8")},
    {&list, NULL, "search=%ff", BAD("search: is not percent-encoded UTF-8")},
    {&list, NULL, "search=a%00", BAD("search: is not percent-encoded UTF-8")},
    {&list, NULL, "%zz=1", BAD("query: is not percent-encoded UTF-8")},
    {&list, NULL, "=%ff", BAD("query: is not percent-encoded UTF-8")},
    {&list, "a b", "season=1&limit=0",
     BAD("race_id: must be an id of letters, digits, _ and -, not 'a b'; season: must be an integer from 1950 to 2199, "
         "not '1'; limit: must be an integer from 1 to 100, not '0'")},
    {&list, "\xff", NULL, BAD("race_id: must be an id of letters, digits, _ and -, but is not valid UTF-8")},
    {&strict, NULL, NULL, BAD("team: is required and must be an id of letters, digits, _ and -")},
    {&strict, NULL, "team=", BAD("team: must be an id of letters, digits, _ and -, not ''")},
    {&strict, NULL, "team=Ferrari", "ferrari limit=20 offset=0 clamped=0"},
};

static void checks_requests(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(requests); i++) {
        assert_string_equal(checked(requests[i].route, requests[i].path_value, requests[i].query), requests[i].wanted);
    }
}

static void takes_limits_from_configuration(void **state)
{
    f1_match_t match = {.route = &list};
    f1_request_t request;

    (void)state;
    f1_assert_ok(f1_param_check(&request, &match, NULL, 5, 10, f1_test_pool(), f1_test_result()), f1_test_result());
    assert_int_equal(request.limit, 5);
    f1_assert_ok(f1_param_check(&request, &match, "limit=11", 5, 10, f1_test_pool(), f1_test_result()),
                 f1_test_result());
    assert_int_equal(request.limit, 10);
    assert_int_equal(request.limit_clamped, 11);
    f1_assert_ok(f1_param_check(&request, &match, NULL, 0, 10, f1_test_pool(), f1_test_result()), f1_test_result());
    assert_int_equal(request.limit, 10);
    assert_int_equal(f1_param_check(&request, &match, "limit=x", 0, 10, f1_test_pool(), f1_test_result()), APR_EINVAL);
    assert_string_equal(f1_result_text(f1_test_result(), f1_test_pool()),
                        BAD("limit: must be an integer from 1 to 10, not 'x'"));
}

static void bounds_its_complaints(void **state)
{
    f1_result_t *res = f1_test_result();
    f1_match_t match = {.route = &list};
    f1_request_t request;
    const char *query = "x=1";
    int i;

    (void)state;
    for (i = 0; i < 100; i++) {
        query = apr_pstrcat(f1_test_pool(), query, "&x=1", NULL);
    }
    assert_int_equal(f1_param_check(&request, &match, query, 0, 0, f1_test_pool(), res), APR_EINVAL);
    assert_int_equal(res->fields->nelts, 16);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        F1_TEST(spells_values_canonically), F1_TEST(says_what_would_be_right),        F1_TEST(decodes_percents),
        F1_TEST(checks_requests),           F1_TEST(takes_limits_from_configuration), F1_TEST(bounds_its_complaints),
    };

    return f1_test_run(tests);
}
