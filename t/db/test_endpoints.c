/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Every endpoint that is SQL, from the route table: what PostgreSQL thinks of its statements, whether they read large
 * tables by index, whether the pages of a list join up, and its examples' answers against t/golden. Run with F1_BLESS=1
 * to write the answers anew, then read the diff. */

#include <stdlib.h>
#include <string.h>

#include <apr_file_io.h>
#include <apr_strings.h>

#include "f1_test.h"
#include "base/clock.h"
#include "base/param.h"
#include "base/route.h"
#include "db/endpoint.h"
#include "db/query.h"

#define ROWS_OF_STREAM 3

static int set_clock(void **state)
{
    const char *clock = getenv("F1_CLOCK");

    return f1_test_setup(state) || !clock || f1_clock_set(clock, 0) != APR_SUCCESS ? -1 : 0;
}

/* The types that PostgreSQL may infer for a parameter. */
static int type_agrees(const f1_route_t *route, int bind, const char *type)
{
    if (bind <= F1_BIND_GIVEN) {
        return strcmp(type, "boolean") == 0;
    }
    switch (bind) {
    case F1_BIND_LIMIT:
    case F1_BIND_OFFSET:
        return strcmp(type, "bigint") == 0;
    case F1_BIND_NOW:
        return strcmp(type, "timestamp with time zone") == 0;
    case F1_BIND_ME:
    case F1_BIND_MY_SESSION:
    case F1_BIND_MY_KEY:
        return strcmp(type, "uuid") == 0;
    case F1_BIND_MY_ROLE:
    case F1_BIND_MY_VIA:
        return strcmp(type, "text") == 0;
    default:
        break;
    }
    switch (route->params[bind].type) {
    case F1_PARAM_INTEGER:
        return strcmp(type, "integer") == 0 || strcmp(type, "bigint") == 0;
    case F1_PARAM_DATE:
        return strcmp(type, "date") == 0;
    case F1_PARAM_TIMESTAMP:
        return strcmp(type, "timestamp with time zone") == 0;
    case F1_PARAM_UUID:
        return strcmp(type, "uuid") == 0;
    case F1_PARAM_BOOLEAN:
        return strcmp(type, "boolean") == 0;
    case F1_PARAM_WORDS:
        return strcmp(type, "text[]") == 0;
    case F1_PARAM_OBJECTS:
        return strcmp(type, "jsonb") == 0;
    default:
        return strcmp(type, "text") == 0;
    }
}

static void check_types(const f1_route_t *route, const f1_bound_t *bound)
{
    f1_description_t description;
    int i;

    if (!bound->statement) {
        return;
    }
    f1_assert_ok(f1_describe(f1_test_conn(), bound->statement, &description, f1_test_pool(), f1_test_result()),
                 f1_test_result());
    assert_int_equal(description.param_count, bound->statement->param_count);
    for (i = 0; i < description.param_count; i++) {
        if (!type_agrees(route, bound->binds[i], description.param_types[i])) {
            fail_msg("%s: :%s is a %s to PostgreSQL", route->file, bound->statement->param_names[i],
                     description.param_types[i]);
        }
    }
}

static void declared_types_are_the_inferred_ones(void **state)
{
    int i;

    (void)state;
    for (i = 0; i < f1_route_count; i++) {
        check_types(&f1_routes[i], &f1_routes[i].query);
        check_types(&f1_routes[i], &f1_routes[i].count);
        check_types(&f1_routes[i], &f1_routes[i].exists);
    }
}

static int is_large(const char *table)
{
    return strncmp(table, "result_", 7) == 0 || strncmp(table, "qualifying_result_", 18) == 0 ||
           strncmp(table, "lap_", 4) == 0 || strncmp(table, "pit_stop_", 9) == 0;
}

/* Walks a plan of EXPLAIN (FORMAT JSON): a partition of a large table is only ever looked into by a key. */
static void check_plan(const f1_route_t *route, json_t *node)
{
    const char *table = json_string_value(json_object_get(node, "Relation Name"));
    const char *type = json_string_value(json_object_get(node, "Node Type"));
    json_t *below = json_object_get(node, "Plans");
    size_t i;

    if (table && is_large(table) && !json_object_get(node, "Index Cond") && !json_object_get(node, "Recheck Cond")) {
        fail_msg("%s: %s reads all of %s", route->file, type, table);
    }
    for (i = 0; i < json_array_size(below); i++) {
        check_plan(route, json_array_get(below, i));
    }
}

/* The generic plan, because that is what a busy connection uses; without the plans that win only because the seeded
 * tables are so small that one may as well read all of them. */
static void explain(const f1_route_t *route, const f1_bound_t *bound)
{
    const char *values = "", *plan;
    int i;

    if (!bound->statement) {
        return;
    }
    for (i = 0; i < bound->statement->param_count; i++) {
        values = apr_pstrcat(f1_test_pool(), values, i ? ", NULL" : "(NULL", NULL);
    }
    plan = f1_test_sql(apr_psprintf(f1_test_pool(),
                                    "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off;"
                                    "SET plan_cache_mode = force_generic_plan;"
                                    "PREPARE asked AS %s; EXPLAIN (FORMAT JSON) EXECUTE asked%s%s",
                                    bound->statement->sql, values, i ? ")" : ""));
    check_plan(route, f1_test_json_at(f1_test_json(plan), "0/Plan"));
}

static void large_tables_are_read_by_index(void **state)
{
    int i;

    (void)state;
    for (i = 0; i < f1_route_count; i++) {
        if (f1_routes[i].answer != F1_ANSWER_STREAM) { /* which reads all there is */
            explain(&f1_routes[i], &f1_routes[i].query);
        }
        explain(&f1_routes[i], &f1_routes[i].count);
        explain(&f1_routes[i], &f1_routes[i].exists);
    }
}

/* Whether a test without an account can ask the route as often as it likes. */
static int is_open(const f1_route_t *route)
{
    return route->query.statement && route->method == F1_GET && route->auth <= F1_AUTH_PUBLIC;
}

/* A created thing's location is made of columns that its row has. */
static void locations_name_columns(void **state)
{
    int i;

    (void)state;
    for (i = 0; i < f1_route_count; i++) {
        const char *name = f1_routes[i].location;
        f1_description_t description;

        while (name && (name = strchr(name, '{')) != NULL) {
            size_t len = strcspn(++name, "}");
            int column = 0;

            f1_assert_ok(f1_describe(f1_test_conn(), f1_routes[i].query.statement, &description, f1_test_pool(),
                                     f1_test_result()),
                         f1_test_result());
            while (column < description.column_count &&
                   (strncmp(description.column_names[column], name, len) || description.column_names[column][len])) {
                column++;
            }
            if (column == description.column_count) {
                fail_msg("%s: the location names a column that is not there", f1_routes[i].file);
            }
        }
    }
}

static json_t *ask_page(const char *target, int limit, int offset)
{
    return f1_test_answer(
        apr_psprintf(f1_test_pool(), "%s%climit=%d&offset=%d", target, strchr(target, '?') ? '&' : '?', limit, offset));
}

/* A list read in pages of seven is the list read at once, and every page tells the same total. */
static void check_pages(const char *target)
{
    json_t *whole = ask_page(target, F1_LIMIT_MAX, 0);
    json_t *total = json_object_get(whole, "total"), *items = json_object_get(whole, "items"), *page, *some;
    size_t at = 0, i;

    do {
        page = ask_page(target, 7, (int)at);
        some = json_object_get(page, "items");
        assert_true(json_equal(json_object_get(page, "total"), total));
        for (i = 0; i < json_array_size(some) && at < F1_LIMIT_MAX; i++, at++) {
            assert_true(json_equal(json_array_get(some, i), json_array_get(items, at)));
        }
    } while (i == 7 && at < F1_LIMIT_MAX);
    assert_int_equal(at, json_array_size(items));
    page = ask_page(target, 7, (int)json_integer_value(total));
    assert_int_equal(json_array_size(json_object_get(page, "items")), 0);
    assert_true(json_equal(json_object_get(page, "total"), total));
}

static void pages_join_up(void **state)
{
    int i;

    (void)state;
    for (i = 0; i < f1_route_count; i++) {
        if (is_open(&f1_routes[i]) && f1_routes[i].answer == F1_ANSWER_LIST) {
            const char *target = f1_routes[i].examples[0];

            check_pages(apr_pstrmemdup(f1_test_pool(), target, strcspn(target, "?")));
        }
    }
}

static void write_golden(const char *name, json_t *body)
{
    char *text = json_dumps(body, JSON_INDENT(2) | JSON_SORT_KEYS | JSON_REAL_PRECISION(15));
    const char *path = apr_pstrcat(f1_test_pool(), getenv("F1_SRCDIR"), "/t/golden/", name, ".json", NULL);
    const char *dir = apr_pstrmemdup(f1_test_pool(), path, (size_t)(strrchr(path, '/') - path));
    apr_file_t *file;

    assert_int_equal(apr_dir_make_recursive(dir, APR_FPROT_OS_DEFAULT, f1_test_pool()), APR_SUCCESS);
    assert_int_equal(apr_file_open(&file, path, APR_FOPEN_WRITE | APR_FOPEN_CREATE | APR_FOPEN_TRUNCATE,
                                   APR_FPROT_OS_DEFAULT, f1_test_pool()),
                     APR_SUCCESS);
    apr_file_printf(file, "%s\n", text);
    assert_int_equal(apr_file_close(file), APR_SUCCESS);
    free(text);
}

/* A stream's beginning is enough to look at. */
static json_t *abridged(json_t *answer)
{
    while (json_array_size(answer) > ROWS_OF_STREAM) {
        assert_int_equal(json_array_remove(answer, ROWS_OF_STREAM), 0);
    }
    return answer;
}

static void check_golden(const f1_route_t *route, int n)
{
    const char *name = n ? apr_psprintf(f1_test_pool(), "%s.%d", route->name, n + 1) : route->name;
    json_t *answer = abridged(f1_test_answer(route->examples[n]));
    size_t len;

    if (getenv("F1_BLESS")) {
        write_golden(name, answer);
    }
    else if (!json_equal(answer, f1_test_json(f1_test_file(
                                     apr_pstrcat(f1_test_pool(), "t/golden/", name, ".json", NULL), &len)))) {
        char *text = json_dumps(answer, JSON_INDENT(2) | JSON_SORT_KEYS | JSON_REAL_PRECISION(15));

        print_error("%s is not t/golden/%s.json:\n%s\n", route->examples[n], name, text);
        free(text);
        fail();
    }
}

static void examples_are_answered_as_recorded(void **state)
{
    int i, n;

    (void)state;
    for (i = 0; i < f1_route_count; i++) {
        for (n = 0; is_open(&f1_routes[i]) && f1_routes[i].examples[n]; n++) {
            check_golden(&f1_routes[i], n);
        }
    }
}

/* Asks a route of the test's own, with room for max bytes. */
static const char *ask_route(int id, f1_answer_t kind, const char *sql, size_t max, f1_result_t *res)
{
    const f1_statement_t statement = {
        .id = id, .name = apr_psprintf(f1_test_pool(), "kind_%d", id), .sql = sql, .read_only = 1};
    const f1_route_t route = {.answer = kind, .query = {&statement, NULL}, .noun = "thing"};
    const f1_request_t request = {.route = &route, .limit = 10};
    f1_page_t page;
    f1_buf_t out;

    f1_buf_init(&out, f1_test_pool(), 1, max);
    return f1_endpoint_answer(f1_test_conn(), &request, &out, &page, f1_test_pool(), res) == APR_SUCCESS ? out.data
                                                                                                         : NULL;
}

static void answers_of_each_kind(void **state)
{
    f1_result_t *res = f1_test_result();

    (void)state;
    assert_string_equal(ask_route(0, F1_ANSWER_JSON, "SELECT '{\"a\": 8.14}'::jsonb", 100, res), "{\"a\": 8.14}");
    assert_string_equal(ask_route(1, F1_ANSWER_ONE, "SELECT 8.14 AS a", 100, res), "{\"a\":8.14}");
    assert_string_equal(ask_route(2, F1_ANSWER_NONE, "SELECT 1", 100, res), "");
    assert_null(ask_route(3, F1_ANSWER_JSON, "SELECT NULL::jsonb", 100, res));
    assert_int_equal(res->error, F1_E_NOT_FOUND);
    assert_string_equal(res->detail, "No such thing");
    f1_result_clear(res);
    assert_null(ask_route(4, F1_ANSWER_ONE, "SELECT 1 AS a WHERE false", 100, res));
    assert_int_equal(res->error, F1_E_NOT_FOUND);
}

static void an_answer_has_a_maximum(void **state)
{
    f1_result_t *res = f1_test_result();

    (void)state;
    assert_non_null(ask_route(0, F1_ANSWER_ONE, "SELECT 1 AS a", 7, res));
    assert_null(ask_route(1, F1_ANSWER_ONE, "SELECT 11 AS a", 7, res));
    assert_int_equal(res->error, F1_E_INTERNAL);
}

#define AT_CLOCK(test) cmocka_unit_test_setup_teardown(test, set_clock, f1_test_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        AT_CLOCK(declared_types_are_the_inferred_ones),
        AT_CLOCK(large_tables_are_read_by_index),
        AT_CLOCK(locations_name_columns),
        AT_CLOCK(pages_join_up),
        AT_CLOCK(examples_are_answered_as_recorded),
        F1_TEST(answers_of_each_kind),
        F1_TEST(an_answer_has_a_maximum),
    };

    return f1_test_run(tests);
}
