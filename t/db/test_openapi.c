/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* The API's description, made from a table of the test's own: what becomes of columns, parameters and headers, and what
 * happens when a statement cannot be described. What the server sends is t/http/test_contract.c's. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <apr_strings.h>

#include "f1_test.h"
#include "db/openapi.h"
#include "db/query.h"
#include "db/rowschema.h"

static f1_route_t route_of(const char *sql, f1_answer_t answer)
{
    static const f1_statement_t template = {.id = 0, .name = "f1b_test", .read_only = 1};
    static const char *const templates[] = {"/api/v1/things", NULL}, *const media[] = {"application/json", NULL};
    static const char *const examples[] = {"/api/v1/things", NULL};
    f1_statement_t *statement = apr_pmemdup(f1_test_pool(), &template, sizeof(template));

    statement->sql = sql;
    return (f1_route_t){.name = "things/list",
                        .file = "sql/api/things/list.sql",
                        .method = F1_GET,
                        .templates = templates,
                        .summary = "Things",
                        .area = "things",
                        .auth = F1_AUTH_PUBLIC,
                        .max_age = 60,
                        .answer = answer,
                        .query = {statement, NULL},
                        .media = media,
                        .examples = examples};
}

static json_t *describe(const f1_route_t *route)
{
    const f1_openapi_options_t options = {.routes = route, .route_count = 1, .title = "Test", .base = ""};
    json_t *doc = NULL;

    return f1_openapi_make(&doc, f1_test_conn(), &options, f1_test_pool(), f1_test_result()) == APR_SUCCESS ? doc
                                                                                                            : NULL;
}

static void columns_are_their_type_or_null(void **state)
{
    f1_route_t route = route_of("SELECT 1::smallint AS a, 1 AS b, 1::bigint AS c, 1.5 AS d, 1::float8 AS e, true AS f,"
                                " now() AS g, current_date AS h, gen_random_uuid() AS i, 'x'::text AS j,"
                                " '[]'::jsonb AS k, '10:00'::time AS l, ARRAY[1] AS m",
                                F1_ANSWER_ONE);
    json_t *doc = describe(&route), *schema;

    (void)state;
    f1_assert_ok(doc ? APR_SUCCESS : APR_EGENERAL, f1_test_result());
    schema = f1_test_json_at(doc, "components/schemas/ThingsList");
    f1_assert_json(schema, "required",
                   "[\"a\",\"b\",\"c\",\"d\",\"e\",\"f\",\"g\",\"h\",\"i\",\"j\",\"k\",\"l\",\"m\"]");
    f1_assert_json(schema, "properties/a", "{\"type\": [\"integer\", \"null\"]}");
    f1_assert_json(schema, "properties/b", "{\"type\": [\"integer\", \"null\"]}");
    f1_assert_json(schema, "properties/c", "{\"type\": [\"integer\", \"null\"]}");
    f1_assert_json(schema, "properties/d", "{\"type\": [\"number\", \"null\"]}");
    f1_assert_json(schema, "properties/e", "{\"type\": [\"number\", \"null\"]}");
    f1_assert_json(schema, "properties/f", "{\"type\": [\"boolean\", \"null\"]}");
    f1_assert_json(schema, "properties/g", "{\"type\": [\"string\", \"null\"], \"format\": \"date-time\"}");
    f1_assert_json(schema, "properties/h", "{\"type\": [\"string\", \"null\"], \"format\": \"date\"}");
    f1_assert_json(schema, "properties/i", "{\"type\": [\"string\", \"null\"], \"format\": \"uuid\"}");
    f1_assert_json(schema, "properties/j", "{\"type\": [\"string\", \"null\"]}");
    f1_assert_json(schema, "properties/k", "{}");
    f1_assert_json(schema, "properties/l", "{\"type\": [\"string\", \"null\"]}");
    f1_assert_json(schema, "properties/m", "{\"type\": [\"string\", \"null\"]}");
}

static void dots_nest(void **state)
{
    f1_route_t route = route_of("SELECT 1 AS \"a.b.c\", 2 AS \"a.b.d\", 3 AS \"a.e\", 'x' AS \"driver.id\","
                                " 'y' AS \"driver.code\", 'z' AS \"driver.name\", 'k' AS \"constructor.id\"",
                                F1_ANSWER_ONE);
    json_t *doc = describe(&route), *schema;

    (void)state;
    f1_assert_ok(doc ? APR_SUCCESS : APR_EGENERAL, f1_test_result());
    schema = f1_test_json_at(doc, "components/schemas/ThingsList");
    f1_assert_json(schema, "properties/a/type", "[\"object\", \"null\"]");
    f1_assert_json(schema, "properties/a/required", "[\"b\", \"e\"]");
    f1_assert_json(schema, "properties/a/properties/b/required", "[\"c\", \"d\"]");
    f1_assert_json(schema, "properties/a/properties/b/properties/d", "{\"type\": [\"integer\", \"null\"]}");
    f1_assert_json(schema, "properties/driver",
                   "{\"anyOf\": [{\"$ref\": \"#/components/schemas/DriverRef\"}, {\"type\": \"null\"}]}");
    /* a constructor without its name is none of the known ones */
    f1_assert_json(schema, "properties/constructor/required", "[\"id\"]");
}

static void parameters_tell_their_bounds(void **state)
{
    static const char *const values[] = {"a", "b", NULL};
    static const char *const templates[] = {"/t/{n}", "/t", NULL}, *const examples[] = {"/t/7?word=hi", NULL};
    static const f1_param_t params[] = {
        {.name = "n", .in = F1_IN_PATH, .type = F1_PARAM_INTEGER, .min = 1, .max = 9, .doc = "a number"},
        {.name = "kind", .in = F1_IN_QUERY, .type = F1_PARAM_ENUM, .values = values, .fallback = "b"},
        {.name = "word", .in = F1_IN_QUERY, .type = F1_PARAM_TEXT, .min = 1, .max = 5, .required = 1},
        {.name = "on", .in = F1_IN_QUERY, .type = F1_PARAM_BOOLEAN, .fallback = "true"},
        {.name = "id", .in = F1_IN_QUERY, .type = F1_PARAM_UUID},
        {.name = "day", .in = F1_IN_QUERY, .type = F1_PARAM_DATE},
        {.name = "at", .in = F1_IN_QUERY, .type = F1_PARAM_TIMESTAMP}};
    f1_route_t route = route_of("SELECT 1 AS a", F1_ANSWER_LIST);
    json_t *doc, *paths, *list;

    (void)state;
    route.templates = templates;
    route.examples = examples;
    route.params = params;
    route.param_count = 7;
    doc = describe(&route);
    f1_assert_ok(doc ? APR_SUCCESS : APR_EGENERAL, f1_test_result());
    paths = json_object_get(doc, "paths");
    list = json_object_get(json_object_get(json_object_get(paths, "/t/{n}"), "get"), "parameters");
    assert_int_equal(json_array_size(list), 10);
    f1_assert_json(
        list, "0",
        "{\"name\": \"n\", \"in\": \"path\", \"required\": true, \"description\": \"a number\", \"example\": 7,"
        " \"schema\": {\"type\": \"integer\", \"minimum\": 1, \"maximum\": 9}}");
    f1_assert_json(list, "1/schema", "{\"type\": \"string\", \"enum\": [\"a\", \"b\"], \"default\": \"b\"}");
    f1_assert_json(list, "1/required", "false");
    f1_assert_json(list, "2/schema", "{\"type\": \"string\", \"minLength\": 1, \"maxLength\": 5}");
    f1_assert_json(list, "2/required", "true");
    f1_assert_json(list, "2/example", "\"hi\"");
    f1_assert_json(list, "3/schema", "{\"type\": \"boolean\", \"default\": true}");
    f1_assert_json(list, "4/schema", "{\"type\": \"string\", \"format\": \"uuid\"}");
    f1_assert_json(list, "5/schema", "{\"type\": \"string\", \"format\": \"date\"}");
    f1_assert_json(list, "6/schema/anyOf", "[{\"format\": \"date-time\"}, {\"format\": \"date\"}]");
    list = json_object_get(json_object_get(json_object_get(paths, "/t"), "get"), "parameters");
    assert_int_equal(json_array_size(list), 9);
    f1_assert_json(list, "0/name", "\"kind\"");
}

static void bodies_tell_their_members(void **state)
{
    static const char *const values[] = {"a", "b", NULL}, *const bodies[] = {"{\"name\": \"Kim\"}"};
    static const f1_param_t params[] = {
        {.name = "name", .in = F1_IN_BODY, .type = F1_PARAM_TEXT, .min = 1, .max = 9, .required = 1, .doc = "a name"},
        {.name = "kind", .in = F1_IN_BODY, .type = F1_PARAM_ENUM, .values = values, .nullable = 1},
        {.name = "kinds", .in = F1_IN_BODY, .type = F1_PARAM_WORDS, .values = values},
        {.name = "email", .in = F1_IN_BODY, .type = F1_PARAM_EMAIL, .nullable = 1},
        {.name = "password", .in = F1_IN_BODY, .type = F1_PARAM_SECRET, .min = 8, .max = 72},
        {.name = "n", .in = F1_IN_BODY, .type = F1_PARAM_INTEGER, .min = 1, .max = 9, .fallback = "7"},
        {.name = "q", .in = F1_IN_QUERY, .type = F1_PARAM_SLUG}};
    f1_route_t route = route_of("SELECT 1 AS a", F1_ANSWER_ONE);
    json_t *doc, *operation, *content, *schema;

    (void)state;
    route.method = F1_POST;
    route.max_age = 0;
    route.status = 201;
    route.location = "/api/v1/things/{a}";
    route.bodies = bodies;
    route.params = params;
    route.param_count = 7;
    doc = describe(&route);
    f1_assert_ok(doc ? APR_SUCCESS : APR_EGENERAL, f1_test_result());
    operation = json_object_get(json_object_get(json_object_get(doc, "paths"), "/api/v1/things"), "post");
    assert_int_equal(json_array_size(json_object_get(operation, "parameters")), 1);
    assert_non_null(f1_test_json_at(operation, "responses/201/content"));
    assert_null(f1_test_json_at(operation, "responses/200"));
    assert_non_null(f1_test_json_at(operation, "responses/201/headers/Location"));
    assert_non_null(f1_test_json_at(operation, "responses/409"));
    f1_assert_json(operation, "requestBody/required", "true");
    content = json_object_get(f1_test_json_at(operation, "requestBody/content"), "application/json");
    f1_assert_json(content, "example", "{\"name\": \"Kim\"}");
    schema = json_object_get(content, "schema");
    f1_assert_json(schema, "type", "\"object\"");
    f1_assert_json(schema, "required", "[\"name\"]");
    f1_assert_json(schema, "additionalProperties", "false");
    f1_assert_json(schema, "properties/name",
                   "{\"type\": \"string\", \"minLength\": 1, \"maxLength\": 9, \"description\": \"a name\"}");
    f1_assert_json(schema, "properties/kind", "{\"type\": [\"string\", \"null\"], \"enum\": [\"a\", \"b\", null]}");
    f1_assert_json(schema, "properties/kinds",
                   "{\"type\": \"array\", \"items\": {\"type\": \"string\", \"enum\": [\"a\", \"b\"]}}");
    f1_assert_json(schema, "properties/email",
                   "{\"type\": [\"string\", \"null\"], \"format\": \"email\", \"maxLength\": 254}");
    f1_assert_json(schema, "properties/password",
                   "{\"type\": \"string\", \"minLength\": 8, \"maxLength\": 72, \"format\": \"password\","
                   " \"writeOnly\": true}");
    f1_assert_json(schema, "properties/n", "{\"type\": \"integer\", \"minimum\": 1, \"maximum\": 9, \"default\": 7}");
}

/* What only the header knows: schemas of columns and statuses, and who may ask. */
static void declared_schemas_are_taken(void **state)
{
    static const f1_schema_t schemas[] = {{"a", "Slug"}, {"503", "Health"}, {NULL, NULL}};
    f1_route_t route = route_of("SELECT 'x' AS a, 'y' AS b", F1_ANSWER_ONE);
    json_t *doc, *operation, *responses;

    (void)state;
    route.schemas = schemas;
    route.auth = F1_AUTH_USER;
    route.noun = "thing";
    doc = describe(&route);
    f1_assert_ok(doc ? APR_SUCCESS : APR_EGENERAL, f1_test_result());
    f1_assert_json(doc, "components/schemas/ThingsList/properties/a", "{\"$ref\": \"#/components/schemas/Slug\"}");
    operation = json_object_get(json_object_get(json_object_get(doc, "paths"), "/api/v1/things"), "get");
    responses = json_object_get(operation, "responses");
    f1_assert_json(operation, "security", "[{\"bearer\": [\"user\"]}]");
    f1_assert_json(
        json_object_get(json_object_get(f1_test_json_at(responses, "503/content"), "application/json"), "schema"),
        "$ref", "\"#/components/schemas/Health\"");
    assert_non_null(json_object_get(responses, "401"));
    assert_non_null(json_object_get(responses, "403"));
    assert_non_null(json_object_get(responses, "404"));
    assert_non_null(json_object_get(responses, "304"));
    f1_assert_json(doc, "servers", "[{\"url\": \"/\"}]");
}

static void what_cannot_be_described_is_told(void **state)
{
    static const f1_schema_t schemas[] = {{NULL, "Nowhere"}, {NULL, NULL}};
    f1_route_t route = route_of("SELECT no_such_column", F1_ANSWER_ONE);

    (void)state;
    assert_null(describe(&route));
    assert_int_equal(f1_test_result()->error, F1_E_INTERNAL);
    assert_non_null(strstr(f1_test_log(), "F1B0290: sql/api/things/list.sql"));
    f1_result_clear(f1_test_result());
    route = route_of("SELECT 1 AS a", F1_ANSWER_ONE);
    route.schemas = schemas;
    assert_null(describe(&route));
    assert_int_equal(f1_test_result()->error, F1_E_INTERNAL);
    assert_non_null(strstr(f1_test_result()->detail, "Nowhere"));
}

static void f1boardctl_prints_it(void **state)
{
    FILE *pipe = popen("\"$F1_CTL\" openapi --mount https://f1.example.com/api/ --title Mine", "r");
    char *text = apr_palloc(f1_test_pool(), 1024 * 1024);
    size_t len;
    json_t *doc;

    (void)state;
    assert_non_null(pipe);
    len = fread(text, 1, 1024 * 1024 - 1, pipe);
    text[len] = '\0';
    assert_int_equal(pclose(pipe), 0);
    doc = f1_test_json(text);
    f1_assert_json(doc, "servers", "[{\"url\": \"https://f1.example.com/api\"}]");
    f1_assert_json(doc, "info/title", "\"Mine\"");
    assert_true(json_object_size(json_object_get(doc, "paths")) > 40);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        F1_TEST(columns_are_their_type_or_null), F1_TEST(dots_nest),
        F1_TEST(parameters_tell_their_bounds),   F1_TEST(bodies_tell_their_members),
        F1_TEST(declared_schemas_are_taken),     F1_TEST(what_cannot_be_described_is_told),
        F1_TEST(f1boardctl_prints_it),
    };

    return f1_test_run(tests);
}
