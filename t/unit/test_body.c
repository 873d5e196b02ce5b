/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Bodies of requests: what of them becomes values, and what is said, about which place, where they are wrong. */

#include <string.h>

#include <apr_strings.h>

#include "f1_test.h"
#include "base/body.h"
#include "base/str.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *const roles[] = {"user", "admin", NULL};
static const char *const scopes[] = {"read:games", "write:games", "all", NULL};
enum { NAME, AGE, ROLE, BORN, AWAY, EMAIL, PASSWORD, SCOPES, CARS, ID };
static const f1_param_t params[] = {
    {.name = "name", .in = F1_IN_BODY, .type = F1_PARAM_TEXT, .min = 3, .max = 10, .required = 1},
    {.name = "age", .in = F1_IN_BODY, .type = F1_PARAM_INTEGER, .min = 0, .max = 150, .nullable = 1},
    {.name = "role", .in = F1_IN_BODY, .type = F1_PARAM_ENUM, .values = roles, .fallback = "user"},
    {.name = "born", .in = F1_IN_BODY, .type = F1_PARAM_DATE, .nullable = 1},
    {.name = "away", .in = F1_IN_BODY, .type = F1_PARAM_BOOLEAN},
    {.name = "email", .in = F1_IN_BODY, .type = F1_PARAM_EMAIL},
    {.name = "password", .in = F1_IN_BODY, .type = F1_PARAM_SECRET, .min = 8, .max = 20},
    {.name = "scopes", .in = F1_IN_BODY, .type = F1_PARAM_WORDS, .values = scopes},
    {.name = "cars", .in = F1_IN_BODY, .type = F1_PARAM_OBJECTS, .min = 1, .max = 2},
    {.name = "id", .in = F1_IN_PATH, .type = F1_PARAM_SLUG, .required = 1},
};
static const f1_route_t route = {.method = F1_POST, .params = params, .param_count = COUNT(params)};

static f1_request_t request;

/* "field: detail; …" of what is wrong with a body of len bytes; "" when nothing is. */
static const char *check_bytes(const char *body, size_t len)
{
    f1_result_t *res = f1_result_make(f1_test_pool());
    const char *text = "";
    int i;

    request = (f1_request_t){.route = &route};
    if (f1_body_check(&request, body, len, f1_test_pool(), res) == APR_SUCCESS) {
        assert_int_equal(res->error, F1_E_OK);
        return "";
    }
    for (i = 0; i < res->fields->nelts; i++) {
        const f1_field_error_t *error = &APR_ARRAY_IDX(res->fields, i, f1_field_error_t);

        text = apr_pstrcat(f1_test_pool(), text, i ? "; " : "", error->field, ": ", error->detail, NULL);
    }
    assert_int_equal(res->error, res->detail ? F1_E_BAD_REQUEST : F1_E_INVALID_PARAMETER);
    return text;
}

static const char *check(const char *body)
{
    return check_bytes(body, strlen(body));
}

/* The canonical value of one member beside the name that must be there. */
static const char *value_of(int index, const char *json)
{
    const char *body = apr_psprintf(f1_test_pool(), "{\"name\":\"Kim\",\"%s\":%s}", params[index].name, json);

    assert_string_equal(check(body), "");
    return request.values[index];
}

static void members_become_values(void **state)
{
    (void)state;
    assert_string_equal(value_of(AGE, "42"), "42");
    assert_string_equal(value_of(AGE, "-0"), "0");
    assert_string_equal(value_of(ROLE, "\"admin\""), "admin");
    assert_string_equal(value_of(BORN, "\"2007-02-28\""), "2007-02-28");
    assert_string_equal(value_of(AWAY, "false"), "false");
    assert_string_equal(value_of(EMAIL, "\"Kim.A+f1@Mail.Example.COM\""), "Kim.A+f1@mail.example.com");
    assert_string_equal(value_of(PASSWORD, "\"Geheim \\\"42\\\"\""), "Geheim \"42\"");
    assert_string_equal(value_of(SCOPES, "[]"), "{}");
    assert_string_equal(value_of(SCOPES, "[\"write:games\" , \"read:games\",\"write:games\"]"),
                        "{\"read:games\",\"write:games\"}");
    assert_string_equal(value_of(CARS, "[ {\"no\": 7, \"points\": [0.5, 8.14]}, {} ]"),
                        "[{\"no\":7,\"points\":[0.5,8.14]},{}]");
    assert_string_equal(check(" \r\n\t{ \"name\" : \"Kim\" } \n"), "");
    assert_string_equal(request.values[NAME], "Kim");
}

static void strings_are_unescaped(void **state)
{
    (void)state;
    assert_string_equal(check("{\"n\\u0061me\":\"\\u00e9\\u20ac\\ud83c\\udfc1\\/\\\\\\\"\"}"), "");
    assert_string_equal(request.values[NAME], "\xc3\xa9\xe2\x82\xac\xf0\x9f\x8f\x81/\\\"");
    assert_string_equal(check("{\"name\":\"\xf0\x9f\x8f\x81 \xc3\xa9 \x7e\"}"), "");
}

/* PATCH can erase by null, and leave alone what is absent. */
static void null_and_absent_differ(void **state)
{
    (void)state;
    assert_string_equal(check("{\"name\":\"Kim\",\"born\":null}"), "");
    assert_int_equal(request.given, 1u << NAME | 1u << BORN);
    assert_null(request.values[BORN]);
    assert_null(request.values[AGE]);
    assert_string_equal(request.values[ROLE], "user"); /* the fallback, though it is not given */
    assert_string_equal(check("{\"name\":null}"),
                        "/name: must be 3 to 10 characters without control characters, not null");
}

static const struct {
    const char *body, *wrong;
} members[] = {
    {"{}", "/name: is required and must be 3 to 10 characters without control characters"},
    {"{\"name\":3}", "/name: must be 3 to 10 characters without control characters, not a number"},
    {"{\"name\":\"Ki\"}", "/name: must be 3 to 10 characters without control characters, not 'Ki'"},
    {"{\"name\":\"K\\u0007im\"}", "/name: must be 3 to 10 characters without control characters, not 'K?im'"},
    {"{\"name\":\"Kim\",\"age\":\"42\"}", "/age: must be an integer from 0 to 150 or null, not a string"},
    {"{\"name\":\"Kim\",\"age\":42.0}", "/age: must be an integer from 0 to 150, not '42.0'"},
    {"{\"name\":\"Kim\",\"age\":1e2}", "/age: must be an integer from 0 to 150, not '100.0'"},
    {"{\"name\":\"Kim\",\"age\":151}", "/age: must be an integer from 0 to 150, not '151'"},
    {"{\"name\":\"Kim\",\"away\":\"true\"}", "/away: must be true or false, not a string"},
    {"{\"name\":\"Kim\",\"away\":1}", "/away: must be true or false, not a number"},
    {"{\"name\":\"Kim\",\"role\":null}", "/role: must be user or admin, not null"},
    {"{\"name\":\"Kim\",\"role\":{\"a\":1}}", "/role: must be user or admin, not an object"},
    {"{\"name\":\"Kim\",\"born\":\"2023-02-29\"}", "/born: must be a date like 2024-07-28, not '2023-02-29'"},
    {"{\"name\":\"Kim\",\"scopes\":\"all\"}",
     "/scopes: must be an array of read:games, write:games or all, not a string"},
    {"{\"name\":\"Kim\",\"scopes\":[\"all\",7,\"none\"]}",
     "/scopes/1: must be read:games, write:games or all, not a number; "
     "/scopes/2: must be read:games, write:games or all, not 'none'"},
    {"{\"name\":\"Kim\",\"cars\":{}}", "/cars: must be an array of 1 to 2 objects, not an object"},
    {"{\"name\":\"Kim\",\"cars\":[]}", "/cars: must be an array of 1 to 2 objects, not an array"},
    {"{\"name\":\"Kim\",\"cars\":[{},{},{}]}", "/cars: must be an array of 1 to 2 objects, not an array"},
    {"{\"name\":\"Kim\",\"cars\":[{},7]}", "/cars: must be an array of 1 to 2 objects, not an array"},
    {"[]", ": must be an object, not an array"},
    {"{\"name\":\"Kim\",\"id\":\"x\"}",
     "/id: is not known here; known are name, age, role, born, away, email, password, scopes, cars"},
    {"{\"name\":\"Kim\",\"a/b~\\n\":1}",
     "/a~1b~0?: is not known here; known are name, age, role, born, away, email, password, scopes, cars"},
    {"{\"age\":-1,\"away\":2}",
     "/age: must be an integer from 0 to 150, not '-1'; /away: must be true or false, not a number; "
     "/name: is required and must be 3 to 10 characters without control characters"},
};

static void wrong_members_are_told_by_pointer(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(members); i++) {
        assert_string_equal(check(members[i].body), members[i].wrong);
    }
}

static const struct {
    const char *body, *wrong;
} texts[] = {
    {"", "'[' or '{' expected, in line 1 at column 0"},
    {"null", "'[' or '{' expected, in line 1 at column 4"},
    {"\xef\xbb\xbf{}", "'[' or '{' expected, in line 1 at column 1"},
    {"{} {}", "something follows the object, in line 1 at column 4"},
    {"{", "string or '}' expected, in line 1 at column 1"},
    {"{a:1}", "string or '}' expected, in line 1 at column 2"},
    {"{'a':1}", "string or '}' expected, in line 1 at column 2"},
    {"{\"age\" 1}", "':' expected, in line 1 at column 8"},
    {"{\"age\":}", "unexpected token, in line 1 at column 8"},
    {"{\"age\":1,}", "string or '}' expected, in line 1 at column 10"},
    {"{\n\"age\":1\n\"b\":2}", "'}' expected, in line 3 at column 3"},
    {"{\"age\":1", "'}' expected, in line 1 at column 8"},
    {"{\"a\":[1,]}", "unexpected token, in line 1 at column 9"},
    {"{\"a\":[1 2]}", "']' expected, in line 1 at column 9"},
    {"{\"age\":01}", "invalid token, in line 1 at column 8"},
    {"{\"age\":+1}", "invalid token, in line 1 at column 8"},
    {"{\"age\":1.}", "invalid token, in line 1 at column 9"},
    {"{\"age\":.5}", "invalid token, in line 1 at column 8"},
    {"{\"age\":1e}", "invalid token, in line 1 at column 9"},
    {"{\"age\":0x1}", "'}' expected, in line 1 at column 9"},
    {"{\"age\":NaN}", "invalid token, in line 1 at column 10"},
    {"{\"age\":True}", "invalid token, in line 1 at column 11"},
    {"{\"age\":1e400}", "real number overflow, in line 1 at column 12"},
    {"{\"age\":-1e400}", "real number overflow, in line 1 at column 13"},
    {"{\"age\":9223372036854775808}", "too big integer, in line 1 at column 26"},
    {"{\"name\":\"Kim}", "premature end of input, in line 1 at column 13"},
    {"{\"name\":\"Kim\\\"}", "premature end of input, in line 1 at column 15"},
    {"{\"name\":\"K\nm\"}", "unexpected newline, in line 1 at column 10"},
    {"{\"name\":\"K\001m\"}", "control character 0x1, in line 1 at column 10"},
    {"{\"name\":\"\\u0000\"}", "a string holds a NUL, in line 1 at column 16"},
    {"{\"na\\u0000me\":1}", "a string holds a NUL, in line 1 at column 13"},
    {"{\"name\":\"\\x41\"}", "invalid escape, in line 1 at column 11"},
    {"{\"name\":\"\\u00g0\"}", "invalid escape, in line 1 at column 14"},
    {"{\"name\":\"\\ud83c\"}", "invalid Unicode '\\uD83C', in line 1 at column 16"},
    {"{\"name\":\"\\udfc1\\ud83c\"}", "invalid Unicode '\\uDFC1', in line 1 at column 22"},
    {"{\"name\":\"\\ud83c\\u0041\"}", "invalid Unicode '\\uD83C\\u0041', in line 1 at column 22"},
    {"{\"name\":\"\\ud83cxxxxxx\"}", "invalid Unicode '\\uD83C', in line 1 at column 22"},
    {"{\"name\":\"\xff\"}", "it is not UTF-8, in line 1 at column 9"},
    {"{\"name\":\"\xed\xa0\xbc\"}", "it is not UTF-8, in line 1 at column 9"},
    {"{\"na\xc3me\":1}", "it is not UTF-8, in line 1 at column 4"},
    {"{\"name\":\"Kim\",\"name\":\"Kim\"}", "duplicate object key, in line 1 at column 20"},
    {"{\"a\":[{\"b\":1,\"b\":1}]}", "duplicate object key, in line 1 at column 16"},
};

/* What is no JSON is told of the body as a whole, whose pointer is empty. */
static void what_is_no_json_is_told_by_place(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(texts); i++) {
        assert_string_equal(check(texts[i].body), apr_pstrcat(f1_test_pool(), ": ", texts[i].wrong, NULL));
    }
    assert_string_equal(check_bytes("{\"name\":\"K\0im\"}", 15), ": control character 0x0, in line 1 at column 10");
    assert_string_equal(check_bytes("{\"name\":\"Kim\"}\0", 15),
                        ": something follows the object, in line 1 at column 15");
    assert_string_equal(check_bytes("{\"name\":\0\"Kim\"}", 16), ": invalid token, in line 1 at column 9");
}

/* A text of count parts between two ends. */
static const char *repeat(const char *before, const char *part, int count, const char *after)
{
    f1_buf_t out;

    f1_buf_init(&out, f1_test_pool(), 1024, 1024 * 1024);
    f1_buf_adds(&out, before);
    while (count-- > 0) {
        f1_buf_adds(&out, part);
    }
    f1_buf_adds(&out, after);
    return out.data;
}

/* What is said about an object of so many unknown members. */
static const char *many_members(int count)
{
    f1_buf_t out;
    int i;

    f1_buf_init(&out, f1_test_pool(), 1024, 1024 * 1024);
    for (i = 0; i < count; i++) {
        f1_buf_addf(&out, "%c\"a%d\":1", i ? ',' : '{', i);
    }
    f1_buf_addc(&out, '}');
    return check(out.data);
}

static void everything_is_bounded(void **state)
{
    static const char unknown[] = "is not known here; known are name, age, role, born, away, email, password, scopes, "
                                  "cars";
    const char *said;
    int i, count;

    (void)state;
    assert_string_equal(check("{\"a\":[[[[[[[1]]]]]]]}"),
                        apr_pstrcat(f1_test_pool(), "/a: ", unknown,
                                    "; /name: is required and must be 3 to 10 characters without control characters",
                                    NULL));
    assert_string_equal(check("{\"a\":[[[[[[[[1]]]]]]]]}"), "/a/0/0/0/0/0/0/0: is nested more than 8 levels deep");
    assert_string_equal(check("{\"a\":[1,{\"b/~\":[[[[[{}]]]]]}]}"),
                        "/a/1/b~1~0/0/0/0/0/0: is nested more than 8 levels deep");
    assert_string_equal(check(repeat("{\"a\":", "[", 100000, "")), ": it is nested too deep, in line 1 at column 2053");
    assert_null(strstr(check(repeat("{\"a\":[0", ",0", 998, "]}")), "values"));
    assert_string_equal(check(repeat("{\"a\":[0", ",0", 999, "]}")), "/a/999: here the body has more than 1000 values");
    assert_null(strstr(check(repeat("{\"a\":\"", "x", 40000, "\"}")), "bytes"));
    assert_string_equal(check(repeat("{\"a\":\"", "x", 40001, "\"}")), "/a: has more than 40000 bytes");
    assert_non_null(strstr(check(repeat("{\"", "x", 41, "\":1}")),
                           "/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\xe2\x80\xa6: is not known"));
    said = many_members(900);
    for (i = count = 0; said[i]; i++) {
        count += !strncmp(said + i, "not known", 9);
    }
    assert_int_equal(count, F1_PARAM_MAX_ERRORS);
}

static void secrets_are_not_repeated(void **state)
{
    static const char *const bodies[] = {
        "{\"name\":\"Kim\",\"password\":\"hush\"}",
        "{\"name\":\"Kim\",\"password\":\"hush\\u0007hush\"}",
        "{\"name\":\"Kim\",\"password\":[\"hush\"]}",
        "{\"name\":\"Kim\",\"password\":\"hush\",\"password\":\"hush\"}",
        "{\"name\":\"Kim\",\"password\":\"hush\\u0000\"}",
        "{\"name\":\"Kim\",\"password\":hush}",
        "{\"name\":\"Kim\",\"password\":\"hush\xff\"}",
    };
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(bodies); i++) {
        const char *said = check(bodies[i]);

        assert_string_not_equal(said, "");
        assert_null(strstr(said, "hush"));
    }
}

static void errors_of_all_places_come_together(void **state)
{
    f1_match_t match = {.route = &route, .path_values = {[ID] = "a b"}};
    static const char body[] = "{\"name\":\"K\"}";
    f1_result_t *res = f1_test_result();

    (void)state;
    assert_int_not_equal(f1_param_check(&request, &match, "x=1", 0, 0, f1_test_pool(), res), APR_SUCCESS);
    assert_int_not_equal(f1_body_check(&request, body, sizeof(body) - 1, f1_test_pool(), res), APR_SUCCESS);
    assert_int_equal(res->error, F1_E_INVALID_PARAMETER);
    assert_int_equal(res->fields->nelts, 3);
    assert_string_equal(APR_ARRAY_IDX(res->fields, 0, f1_field_error_t).field, "id");
    assert_string_equal(APR_ARRAY_IDX(res->fields, 1, f1_field_error_t).field, "x");
    assert_string_equal(APR_ARRAY_IDX(res->fields, 2, f1_field_error_t).field, "/name");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        F1_TEST(members_become_values),
        F1_TEST(strings_are_unescaped),
        F1_TEST(null_and_absent_differ),
        F1_TEST(wrong_members_are_told_by_pointer),
        F1_TEST(what_is_no_json_is_told_by_place),
        F1_TEST(everything_is_bounded),
        F1_TEST(secrets_are_not_repeated),
        F1_TEST(errors_of_all_places_come_together),
    };

    return f1_test_run(tests);
}
