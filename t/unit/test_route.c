/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Which route a path and a method find, what values they carry, and which methods a path has. */

#include <string.h>

#include <apr_strings.h>

#include "f1_test.h"
#include "base/route.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define TEMPLATES(...)                 \
    .templates = (const char *const[]) \
    {                                  \
        __VA_ARGS__, NULL              \
    }
#define PARAM(param)                                            \
    {                                                           \
        .name = #param, .in = F1_IN_PATH, .type = F1_PARAM_SLUG \
    }

static const f1_param_t params[] = {PARAM(race_id), PARAM(season), PARAM(round), PARAM(race)};

#define ROUTE(row, verb, ...)                                                                   \
    {                                                                                           \
        .name = row, .method = verb, .params = params, .param_count = 4, TEMPLATES(__VA_ARGS__) \
    }

/* The rows with parameters stand first on purpose: order must not decide. */
static const f1_route_t table[] = {
    ROUTE("one", F1_GET, "/v1/races/{race_id}", "/v1/seasons/{season}/races/{round}"),
    ROUTE("change", F1_PATCH, "/v1/races/{race_id}"),
    ROUTE("results", F1_GET, "/v1/races/{race_id}/results"),
    ROUTE("any", F1_GET, "/v1/{race}/{race_id}/{season}"),
    ROUTE("next", F1_GET, "/v1/races/next"),
    ROUTE("create", F1_POST, "/v1/races"),
    ROUTE("list", F1_GET, "/v1/races"),
    ROUTE("replace", F1_PUT, "/v1/races/next"),
    ROUTE("root", F1_GET, "/"),
    ROUTE("rest", F1_GET, "/old/{race*}", "/old"),
    ROUTE("less", F1_GET, "/old/{season}/x"),
};

/* values: of race_id, season, round, race. */
static const struct {
    int method;
    const char *path, *name;
    int allowed;
    const char *values[4];
} cases[] = {
    {F1_GET, "/v1/races", "list", F1_GET | F1_POST, {NULL}},
    {F1_GET, "/v1/races/", "list", F1_GET | F1_POST, {NULL}},
    {F1_POST, "/v1/races", "create", F1_GET | F1_POST, {NULL}},
    {F1_DELETE, "/v1/races", NULL, F1_GET | F1_POST, {NULL}},
    {F1_GET, "/v1/races/monza", "one", F1_GET | F1_PATCH, {"monza"}},
    {F1_GET, "/v1/races/monza/", "one", F1_GET | F1_PATCH, {"monza"}},
    {F1_GET, "/v1/races/a b{c}", "one", F1_GET | F1_PATCH, {"a b{c}"}},
    {F1_GET, "/v1/races/next", "next", F1_GET | F1_PUT | F1_PATCH, {NULL}},
    {F1_PUT, "/v1/races/next", "replace", F1_GET | F1_PUT | F1_PATCH, {NULL}},
    {F1_PATCH, "/v1/races/next", "change", F1_GET | F1_PUT | F1_PATCH, {"next"}},
    {F1_GET, "/v1/races/nex", "one", F1_GET | F1_PATCH, {"nex"}},
    {F1_GET, "/v1/races/nextt", "one", F1_GET | F1_PATCH, {"nextt"}},
    {F1_GET, "/v1/seasons/2024/races/5", "one", F1_GET, {NULL, "2024", "5"}},
    {F1_GET, "/v1/races/monza/results", "results", F1_GET, {"monza"}},
    {F1_GET, "/v1/races/monza/laps", "any", F1_GET, {"monza", "laps", NULL, "races"}},
    {F1_GET, "/", "root", F1_GET, {NULL}},
    {F1_GET, "//", "root", F1_GET, {NULL}},
    {F1_GET, "/old", "rest", F1_GET, {NULL}},
    {F1_GET, "/old/", "rest", F1_GET, {NULL, NULL, NULL, ""}},
    {F1_GET, "/old/a", "rest", F1_GET, {NULL, NULL, NULL, "a"}},
    {F1_GET, "/old/a//b/", "rest", F1_GET, {NULL, NULL, NULL, "a//b/"}},
    {F1_GET, "/old/a/x", "less", F1_GET, {NULL, "a"}},
    {F1_POST, "/old/a", NULL, F1_GET, {NULL}},
    {F1_GET, "/older", NULL, 0, {NULL}},
    {F1_GET, "", NULL, 0, {NULL}},
    {F1_GET, "///", NULL, 0, {NULL}},
    {F1_GET, "/v1", NULL, 0, {NULL}},
    {F1_GET, "/v1/race", NULL, 0, {NULL}},
    {F1_GET, "/v1/racess", NULL, 0, {NULL}},
    {F1_GET, "/v1/RACES", NULL, 0, {NULL}},
    {F1_GET, "/v1/races//", NULL, 0, {NULL}},
    {F1_GET, "/v1//results", NULL, 0, {NULL}},
    {F1_GET, "/v1/races//results", NULL, 0, {NULL}},
    {F1_GET, "/v1/races/monza/results/x", NULL, 0, {NULL}},
    {F1_GET, "/v1/races/monza/results//", NULL, 0, {NULL}},
    {F1_GET, "v1/races", NULL, 0, {NULL}},
};

static void finds_routes(void **state)
{
    size_t i, j;

    (void)state;
    for (i = 0; i < COUNT(cases); i++) {
        f1_match_t match;
        int found = f1_route_find(table, COUNT(table), cases[i].method, cases[i].path, &match, f1_test_pool());

        assert_int_equal(found, cases[i].name != NULL);
        assert_int_equal(match.allowed, cases[i].allowed);
        if (!found) {
            assert_null(match.route);
            continue;
        }
        assert_string_equal(match.route->name, cases[i].name);
        for (j = 0; j < F1_ROUTE_MAX_PARAMS; j++) {
            if (j < COUNT(cases[i].values) && cases[i].values[j]) {
                assert_string_equal(match.path_values[j], cases[i].values[j]);
            }
            else {
                assert_null(match.path_values[j]);
            }
        }
    }
}

static void copies_values(void **state)
{
    char path[] = "/v1/races/monza";
    f1_match_t match;

    (void)state;
    assert_true(f1_route_find(table, COUNT(table), F1_GET, path, &match, f1_test_pool()));
    memset(path, 'x', sizeof(path) - 1);
    assert_string_equal(match.path_values[0], "monza");
}

static void finds_nothing_in_an_empty_table(void **state)
{
    f1_match_t match;

    (void)state;
    assert_false(f1_route_find(table, 0, F1_GET, "/v1/races", &match, f1_test_pool()));
    assert_int_equal(match.allowed, 0);
}

static void names_allowed_methods(void **state)
{
    (void)state;
    assert_string_equal(f1_route_allow(F1_GET, f1_test_pool()), "GET, HEAD, OPTIONS");
    assert_string_equal(f1_route_allow(F1_DELETE | F1_POST, f1_test_pool()), "POST, DELETE, OPTIONS");
    assert_string_equal(f1_route_allow(F1_GET | F1_POST | F1_PUT | F1_PATCH | F1_DELETE, f1_test_pool()),
                        "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
    assert_string_equal(f1_route_allow(0, f1_test_pool()), "OPTIONS");
}

/* Every example in sql/api finds its own route in the whole table, not only in its own file. */
static void examples_find_their_routes(void **state)
{
    int i, j;

    (void)state;
    assert_true(f1_route_count > 0);
    for (i = 0; i < f1_route_count; i++) {
        for (j = 0; f1_routes[i].examples[j]; j++) {
            const char *example = f1_routes[i].examples[j];
            char *path = apr_pstrmemdup(f1_test_pool(), example, strcspn(example, "?"));
            f1_match_t match;

            assert_true(f1_route_find(f1_routes, f1_route_count, f1_routes[i].method, path, &match, f1_test_pool()));
            assert_string_equal(match.route->name, f1_routes[i].name);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        F1_TEST(finds_routes),
        F1_TEST(copies_values),
        F1_TEST(finds_nothing_in_an_empty_table),
        F1_TEST(names_allowed_methods),
        F1_TEST(examples_find_their_routes),
    };

    return f1_test_run(tests);
}
