/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Routes to paths. Each template of a route is a path of its own with one operation; all of them share the schema of
 * the route's rows, which is a component named after the route. jansson tells a lack of memory by NULL, which it takes
 * for a missing value everywhere: it is looked for once, at the end. */

#include "db/openapi.h"

#include <string.h>

#include <apr_lib.h>
#include <apr_strings.h>

#include "base/format.h"
#include "base/json.h"
#include "base/log.h"
#include "base/param.h"
#include "base/str.h"
#include "base/version.h"
#include "db/query.h"
#include "db/rowschema.h"

#define SLUG_PATTERN "^[A-Za-z0-9][A-Za-z0-9_-]{0,79}$" /* upper case is folded */

typedef struct maker_t {
    const f1_openapi_options_t *options;
    f1_conn_t *conn;
    json_t *doc, *schemas, *responses; /* the document, and of its components */
    apr_pool_t *pool;
    f1_result_t *res;
} maker_t;

/* --- parameters */

static json_t *integer_schema(apr_int64_t min, apr_int64_t max)
{
    return json_pack("{s:s, s:I, s:I}", "type", "integer", "minimum", (json_int_t)min, "maximum", (json_int_t)max);
}

static json_t *enum_schema(const char *const *values)
{
    json_t *list = json_array();

    for (; *values; values++) {
        (void)json_array_append_new(list, json_string(*values));
    }
    return json_pack("{s:s, s:o}", "type", "string", "enum", list);
}

static json_t *text_schema(const f1_param_t *param)
{
    return json_pack("{s:s, s:I, s:I}", "type", "string", "minLength", (json_int_t)param->min, "maxLength",
                     (json_int_t)param->max);
}

/* What tools should not show; it is told by no answer. */
static json_t *secret_schema(const f1_param_t *param)
{
    json_t *schema = text_schema(param);

    (void)json_object_set_new(schema, "format", json_string("password"));
    (void)json_object_set_new(schema, "writeOnly", json_true());
    return schema;
}

static json_t *param_schema(const f1_param_t *param)
{
    switch (param->type) {
    case F1_PARAM_INTEGER:
        return integer_schema(param->min, param->max);
    case F1_PARAM_SLUG:
        return json_pack("{s:s, s:s}", "type", "string", "pattern", SLUG_PATTERN);
    case F1_PARAM_DATE:
        return json_pack("{s:s, s:s}", "type", "string", "format", "date");
    case F1_PARAM_TIMESTAMP:
        return json_pack("{s:s, s:[{s:s}, {s:s}]}", "type", "string", "anyOf", "format", "date-time", "format", "date");
    case F1_PARAM_ENUM:
        return enum_schema(param->values);
    case F1_PARAM_UUID:
        return json_pack("{s:s, s:s}", "type", "string", "format", "uuid");
    case F1_PARAM_TEXT:
        return text_schema(param);
    case F1_PARAM_BOOLEAN:
        return json_pack("{s:s}", "type", "boolean");
    case F1_PARAM_EMAIL:
        return json_pack("{s:s, s:s, s:i}", "type", "string", "format", "email", "maxLength", 254);
    case F1_PARAM_SECRET:
        return secret_schema(param);
    case F1_PARAM_WORDS:
        return json_pack("{s:s, s:o}", "type", "array", "items", enum_schema(param->values));
    case F1_PARAM_OBJECTS:
        return json_pack("{s:s, s:I, s:I, s:{s:s}}", "type", "array", "minItems", (json_int_t)param->min, "maxItems",
                         (json_int_t)param->max, "items", "type", "object");
    }
    return NULL;
}

/* A parameter's text as the JSON value that its schema describes. */
static json_t *param_value(const f1_param_t *param, const char *text)
{
    apr_int64_t number;

    if (param->type == F1_PARAM_INTEGER && f1_str_to_int64(text, &number)) {
        return json_integer((json_int_t)number);
    }
    if (param->type == F1_PARAM_BOOLEAN) {
        return json_boolean(!strcmp(text, "true") || !strcmp(text, "1"));
    }
    return json_string(text);
}

/* The parameter's value in the first of the route's examples that has it and is answered; NULL when none has it. */
static const char *example_value(const maker_t *maker, const f1_route_t *route, int index)
{
    f1_result_t *res = f1_result_make(maker->pool);
    const char *const *example;

    for (example = route->examples; *example; example++) {
        size_t len = strcspn(*example, "?");
        f1_request_t request;
        f1_match_t match;

        if (f1_route_find(route, 1, route->method, apr_pstrmemdup(maker->pool, *example, len), &match, maker->pool) &&
            f1_param_check(&request, &match, (*example)[len] ? *example + len + 1 : NULL, 0, 0, maker->pool, res) ==
                APR_SUCCESS &&
            request.values[index]) {
            return request.values[index];
        }
    }
    return NULL;
}

static json_t *parameter(const maker_t *maker, const f1_route_t *route, int index)
{
    const f1_param_t *param = &route->params[index];
    const char *example = example_value(maker, route, index);
    int in_path = param->in == F1_IN_PATH;
    json_t *schema = param_schema(param);

    if (param->fallback) {
        (void)json_object_set_new(schema, "default", param_value(param, param->fallback));
    }
    return json_pack("{s:s, s:s, s:b, s:s*, s:o, s:o*}", "name", param->name, "in", in_path ? "path" : "query",
                     "required", in_path || param->required, "description", param->doc, "schema", schema, "example",
                     example ? param_value(param, example) : NULL);
}

/* A template as OpenAPI has it, which knows no {name*}. */
static const char *path_of(const maker_t *maker, const char *template)
{
    const char *star = strstr(template, "*}");

    return star ? apr_pstrcat(maker->pool, apr_pstrmemdup(maker->pool, template, (apr_size_t)(star - template)), "}",
                              NULL)
                : template;
}

static int is_in_path(const maker_t *maker, const char *path, const f1_param_t *param)
{
    return strstr(path, apr_pstrcat(maker->pool, "{", param->name, "}", NULL)) != NULL;
}

/* --- bodies of requests */

/* A member of a body: its type, perhaps null too. */
static json_t *member_schema(const f1_param_t *param)
{
    json_t *schema = param_schema(param), *type = json_object_get(schema, "type");

    if (param->nullable) {
        (void)json_object_set_new(schema, "type", json_pack("[O, s]", type, "null"));
        (void)json_array_append_new(json_object_get(schema, "enum"), json_null());
    }
    if (param->fallback) {
        (void)json_object_set_new(schema, "default", param_value(param, param->fallback));
    }
    if (param->doc) {
        (void)json_object_set_new(schema, "description", json_string(param->doc));
    }
    return schema;
}

/* An object of the route's members and no others; NULL: the route takes no body. */
static json_t *request_body(const f1_route_t *route)
{
    json_t *members = json_object(), *required = json_array(), *content;
    int i;

    for (i = 0; i < route->param_count; i++) {
        if (route->params[i].in == F1_IN_BODY) {
            (void)json_object_set_new(members, route->params[i].name, member_schema(&route->params[i]));
        }
        if (route->params[i].in == F1_IN_BODY && route->params[i].required) {
            (void)json_array_append_new(required, json_string(route->params[i].name));
        }
    }
    content = json_pack("{s:{s:s, s:o, s:b, s:o}}", "schema", "type", "object", "properties", members,
                        "additionalProperties", 0, "required", required);
    if (!f1_route_takes_body(route)) {
        json_decref(content);
        return NULL;
    }
    (void)json_object_set_new(content, "example", json_loads(route->bodies[0], 0, NULL));
    return json_pack("{s:b, s:{s:o}}", "required", 1, "content", F1_TYPE_JSON, content);
}

static json_t *parameters(const maker_t *maker, const f1_route_t *route, const char *path)
{
    json_t *list = json_array();
    int i;

    for (i = 0; i < route->param_count; i++) {
        if (route->params[i].in == F1_IN_QUERY || is_in_path(maker, path, &route->params[i])) {
            (void)json_array_append_new(list, parameter(maker, route, i));
        }
    }
    if (route->answer == F1_ANSWER_LIST) {
        (void)json_array_append_new(list, f1_schema_ref("parameters", "limit"));
        (void)json_array_append_new(list, f1_schema_ref("parameters", "offset"));
    }
    if (f1_route_has_formats(route)) {
        (void)json_array_append_new(list, f1_schema_ref("parameters", "format"));
    }
    if (f1_route_is_repeatable(route)) {
        (void)json_array_append_new(list, f1_schema_ref("parameters", "IdempotencyKey"));
    }
    if (route->answer == F1_ANSWER_EVENTS) {
        (void)json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:{s:s}}", "name", "Last-Event-ID", "in", "header",
                                                    "description", "id of the event that the client has", "schema",
                                                    "type", "string"));
    }
    if (route->state) {
        (void)json_array_append_new(list, json_pack("{s:s, s:s, s:b, s:s, s:{s:s}}", "name", "If-Match", "in", "header",
                                                    "required", route->match_required, "description",
                                                    "change this version only: the ETag of a GET", "schema", "type",
                                                    "string"));
    }
    return list;
}

static void add_list_parameter(const maker_t *maker, const char *name, const char *description, json_t *schema)
{
    (void)json_object_set_new(
        json_object_get(json_object_get(maker->doc, "components"), "parameters"), name,
        json_pack("{s:s, s:s, s:s, s:o}", "name", name, "in", "query", "description", description, "schema", schema));
}

/* What every list has. */
static void add_list_parameters(const maker_t *maker)
{
    int max = maker->options->limit_max > 0 ? maker->options->limit_max : F1_LIMIT_MAX;
    int usual = maker->options->limit_default > 0 ? maker->options->limit_default : F1_LIMIT_DEFAULT;
    json_t *limit = integer_schema(1, max), *offset = integer_schema(0, F1_OFFSET_MAX), *formats = json_array();
    int i;

    for (i = 0; i < F1_FORMAT_COUNT; i++) {
        (void)json_array_append_new(formats, json_string(f1_formats[i].name));
    }
    (void)json_object_set_new(limit, "default", json_integer(usual < max ? usual : max));
    (void)json_object_set_new(offset, "default", json_integer(0));
    add_list_parameter(maker, "limit", "items on the page; a larger number than the maximum is lowered to it", limit);
    add_list_parameter(maker, "offset", "items to skip", offset);
    add_list_parameter(maker, "format", "the representation, whatever Accept says",
                       json_pack("{s:s, s:o}", "type", "string", "enum", formats));
}

/* --- answers */

/* "races/results" as RacesResults. */
static const char *component_name(const f1_route_t *route, apr_pool_t *pool)
{
    char *name = apr_palloc(pool, strlen(route->name) + 1), *out = name;
    const char *c;
    int upper = 1;

    for (c = route->name; *c; c++) {
        if (apr_isalnum(*c)) {
            *out++ = (char)(upper ? apr_toupper(*c) : *c);
        }
        upper = !apr_isalnum(*c);
    }
    *out = '\0';
    return name;
}

/* The schema that the route declares for a status; NULL: for its usual answer. */
static const char *declared_schema(const f1_route_t *route, const char *status)
{
    const f1_schema_t *schema;

    for (schema = route->schemas; schema && schema->name; schema++) {
        if (status ? schema->of && !strcmp(schema->of, status) : !schema->of) {
            return schema->name;
        }
    }
    return NULL;
}

/* A redirect has no body: what it names is a whole response. */
static int is_redirect(const f1_schema_t *schema)
{
    return schema->of && *schema->of == '3';
}

static apr_status_t check_schemas(const maker_t *maker, const f1_route_t *route)
{
    const f1_schema_t *schema;

    for (schema = route->schemas; schema && schema->name; schema++) {
        if (!json_object_get(is_redirect(schema) ? maker->responses : maker->schemas, schema->name)) {
            return f1_result_fail(maker->res, F1_E_INTERNAL, APR_EGENERAL, "%s names the schema %s, which is nowhere",
                                  route->file, schema->name);
        }
    }
    return APR_SUCCESS;
}

/* Adds the schema of the route's rows to the components; those that look the same are one. */
static apr_status_t add_row_schema(const maker_t *maker, const f1_route_t *route, const char **pname)
{
    f1_description_t description;
    json_t *schema, *known;
    const char *name;

    if (f1_describe(maker->conn, route->query.statement, &description, maker->pool, maker->res) != APR_SUCCESS) {
        return maker->res->rv;
    }
    schema = f1_row_schema(&description, route->schemas, maker->schemas, maker->pool);
    json_object_foreach(maker->schemas, name, known)
    {
        if (json_equal(schema, known)) {
            *pname = name;
            json_decref(schema);
            return APR_SUCCESS;
        }
    }
    *pname = component_name(route, maker->pool);
    (void)json_object_set_new(maker->schemas, *pname, schema);
    return APR_SUCCESS;
}

/* The body of a usual answer. row: the schema of its rows, NULL where the answer is not made of rows. */
static json_t *body_schema(const f1_route_t *route, const char *row)
{
    const char *declared = declared_schema(route, NULL);

    if (row && route->answer == F1_ANSWER_LIST) {
        return json_pack("{s:[o, {s:{s:{s:s, s:o}}}]}", "allOf", f1_schema_ref("schemas", "Page"), "properties",
                         "items", "type", "array", "items", f1_schema_ref("schemas", row));
    }
    if (row && route->answer == F1_ANSWER_STREAM) {
        return json_pack("{s:s, s:o}", "type", "array", "items", f1_schema_ref("schemas", row));
    }
    if (row || declared) {
        return f1_schema_ref("schemas", row ? row : declared);
    }
    return json_object(); /* anything */
}

static int is_json(const char *media)
{
    size_t len = strlen(media);

    return len > 5 && (!strcmp(media + len - 5, "/json") || !strcmp(media + len - 5, "+json"));
}

/* The same body in each of the route's media types. Takes the reference to schema. */
static json_t *content(const f1_route_t *route, json_t *schema)
{
    static const char *const row_types[] = {F1_TYPE_JSON, F1_TYPE_CSV, F1_TYPE_NDJSON, NULL};
    json_t *list = json_object();
    const char *const *media;

    for (media = f1_route_has_formats(route) ? row_types : route->media; *media; media++) {
        json_t *value =
            is_json(*media) ? json_pack("{s:O}", "schema", schema) : json_pack("{s:{s:s}}", "schema", "type", "string");

        if (route->answer == F1_ANSWER_EVENTS) { /* which OpenAPI has no words for */
            (void)json_object_set(value, "x-event-data", schema);
        }
        (void)json_object_set_new(list, *media, value);
    }
    json_decref(schema);
    return list;
}

static json_t *usual_headers(const f1_route_t *route)
{
    json_t *headers = json_pack("{s:o}", "Cache-Control", f1_schema_ref("headers", "CacheControl"));

    if (f1_route_has_tag(route) || route->has_version) {
        (void)json_object_set_new(headers, "ETag", f1_schema_ref("headers", "ETag"));
    }
    if (route->location) {
        (void)json_object_set_new(headers, "Location", f1_schema_ref("headers", "Location"));
    }
    if (f1_route_is_repeatable(route)) {
        (void)json_object_set_new(headers, "Idempotency-Replayed", f1_schema_ref("headers", "Replayed"));
    }
    if (route->answer == F1_ANSWER_LIST) {
        (void)json_object_set_new(headers, "Link", f1_schema_ref("headers", "Link"));
        (void)json_object_set_new(headers, "X-Limit-Clamped", f1_schema_ref("headers", "LimitClamped"));
    }
    if (route->answer == F1_ANSWER_STREAM) {
        (void)json_object_set_new(headers, "Content-Disposition", f1_schema_ref("headers", "Attachment"));
    }
    if (f1_route_has_formats(route)) {
        (void)json_object_set_new(headers, "X-Total-Count", f1_schema_ref("headers", "TotalCount"));
    }
    return headers;
}

static void add_problems(json_t *responses, const f1_route_t *route)
{
    static const struct {
        const char *status, *name;
    } always[] = {{"400", "BadRequest"},    {"406", "NotAcceptable"},        {"413", "BodyTooLarge"},
                  {"414", "UriTooLong"},    {"415", "UnsupportedMediaType"}, {"429", "TooManyRequests"},
                  {"500", "InternalError"}, {"503", "Unavailable"},          {"504", "Timeout"},
                  {"default", "Error"}};
    size_t i;

    if (f1_route_has_tag(route) || route->has_version) {
        (void)json_object_set_new(responses, "304", f1_schema_ref("responses", "NotModified"));
    }
    if (route->auth != F1_AUTH_OPEN || route->method != F1_GET) { /* open: what it is shown is in the body */
        (void)json_object_set_new(responses, "401", f1_schema_ref("responses", "Unauthorized"));
    }
    if (route->auth > F1_AUTH_PUBLIC || route->method != F1_GET) {
        (void)json_object_set_new(responses, "403", f1_schema_ref("responses", "Forbidden"));
    }
    if (route->noun) {
        (void)json_object_set_new(responses, "404", f1_schema_ref("responses", "NotFound"));
    }
    if (route->method != F1_GET) {
        (void)json_object_set_new(responses, "409", f1_schema_ref("responses", "Conflict"));
        (void)json_object_set_new(responses, "412", f1_schema_ref("responses", "PreconditionFailed"));
    }
    if (f1_route_is_repeatable(route)) {
        (void)json_object_set_new(responses, "422", f1_schema_ref("responses", "Unprocessable"));
    }
    if (route->match_required) {
        (void)json_object_set_new(responses, "428", f1_schema_ref("responses", "PreconditionRequired"));
    }
    for (i = 0; i < sizeof(always) / sizeof(always[0]); i++) {
        if (!json_object_get(responses, always[i].status)) {
            (void)json_object_set_new(responses, always[i].status, f1_schema_ref("responses", always[i].name));
        }
    }
}

/* What a C function answers with a status of its own. */
static void add_declared(json_t *responses, const f1_route_t *route)
{
    const f1_schema_t *schema;

    for (schema = route->schemas; schema && schema->name; schema++) {
        if (is_redirect(schema)) {
            (void)json_object_set_new(responses, schema->of, f1_schema_ref("responses", schema->name));
        }
        else if (schema->of && apr_isdigit(*schema->of)) {
            json_t *headers = json_pack("{s:o}", "Cache-Control", f1_schema_ref("headers", "NoStore"));

            if (!strcmp(schema->of, "503")) {
                (void)json_object_set_new(headers, "Retry-After", f1_schema_ref("headers", "RetryAfter"));
            }
            (void)json_object_set_new(responses, schema->of,
                                      json_pack("{s:s, s:o, s:o}", "description", route->summary, "headers", headers,
                                                "content", content(route, f1_schema_ref("schemas", schema->name))));
        }
    }
}

static const char *status_text(const f1_route_t *route)
{
    return route->status == 201 ? "201" : route->status == 202 ? "202" : "200";
}

static json_t *responses_of(const f1_route_t *route, const char *row)
{
    json_t *responses = json_object();

    if (route->answer == F1_ANSWER_NONE) {
        (void)json_object_set_new(responses, "204", json_pack("{s:s}", "description", route->summary));
    }
    else {
        (void)json_object_set_new(responses, status_text(route),
                                  json_pack("{s:s, s:o, s:o}", "description", route->summary, "headers",
                                            usual_headers(route), "content", content(route, body_schema(route, row))));
    }
    if (route->until) {
        (void)json_object_set_new(responses, "204",
                                  json_pack("{s:s}", "description", "The client has the last event: no other follows"));
    }
    add_declared(responses, route);
    add_problems(responses, route);
    return responses;
}

/* --- paths */

/* Requests to try, and what an alias is one of. */
static const char *description_of(const maker_t *maker, const f1_route_t *route, int index)
{
    const char *const *example;
    const char *text = "";

    if (index) {
        text = apr_psprintf(maker->pool, "The same as `%s`.\n\n", route->templates[0]);
    }
    for (example = route->examples; *example; example++) {
        text = apr_pstrcat(maker->pool, text, example == route->examples ? "For example " : ", ", "`",
                           maker->options->base, *example, "`", NULL);
    }
    return text;
}

/* One of these has to be shown; {}: nothing. The words in a list are roles and scopes. */
static json_t *security_of(const f1_route_t *route)
{
    switch (route->auth) {
    case F1_AUTH_OPEN:
        return json_array();
    case F1_AUTH_PUBLIC:
        return json_pack("[{}, {s:[]}, {s:[]}]", "bearer", "apiKey");
    case F1_AUTH_USER:
        return json_pack("[{s:[s]}]", "bearer", "user");
    case F1_AUTH_ADMIN:
        return route->scope ? json_pack("[{s:[s]}, {s:[s]}]", "bearer", "admin", "apiKey", route->scope)
                            : json_pack("[{s:[s]}]", "bearer", "admin");
    case F1_AUTH_SCOPE:
        return json_pack("[{s:[s]}, {s:[s]}]", "bearer", "user", "apiKey", route->scope);
    }
    return NULL;
}

static json_t *operation(const maker_t *maker, const f1_route_t *route, int index, const char *row)
{
    char *id = apr_pstrdup(maker->pool, route->name), *slash = strchr(id, '/');

    if (slash) {
        *slash = '_';
    }
    if (index) {
        id = apr_psprintf(maker->pool, "%s_%d", id, index + 1);
    }
    return json_pack("{s:s, s:s, s:s, s:[s], s:o, s:o*, s:o, s:o}", "operationId", id, "summary", route->summary,
                     "description", description_of(maker, route, index), "tags", route->area, "parameters",
                     parameters(maker, route, path_of(maker, route->templates[index])), "requestBody",
                     request_body(route), "responses", responses_of(route, row), "security", security_of(route));
}

static apr_status_t add_route(const maker_t *maker, const f1_route_t *route)
{
    json_t *paths = json_object_get(maker->doc, "paths");
    const char *row = NULL;
    int i;

    if (check_schemas(maker, route) != APR_SUCCESS) {
        return maker->res->rv;
    }
    if (route->query.statement && route->answer != F1_ANSWER_JSON && route->answer != F1_ANSWER_NONE &&
        add_row_schema(maker, route, &row) != APR_SUCCESS) {
        return maker->res->rv;
    }
    for (i = 0; route->templates[i]; i++) {
        const char *name = path_of(maker, route->templates[i]);
        json_t *path = json_object_get(paths, name);

        if (!path) {
            path = json_object();
            (void)json_object_set_new(paths, name, path);
        }
        (void)json_object_set_new(path, f1_str_lower(apr_pstrdup(maker->pool, f1_method_name(route->method))),
                                  operation(maker, route, i, row));
    }
    return APR_SUCCESS;
}

/* One for each area; routes stand in their order. */
static void add_tags(const maker_t *maker)
{
    json_t *tags = json_object_get(maker->doc, "tags");
    const char *before = "";
    int i;

    for (i = 0; i < maker->options->route_count; i++) {
        const char *area = maker->options->routes[i].area;

        if (strcmp(area, before)) {
            (void)json_array_append_new(tags, json_pack("{s:s}", "name", area));
        }
        before = area;
    }
}

static void add_info(const maker_t *maker)
{
    json_t *info = json_object_get(maker->doc, "info");
    const char *base = maker->options->base;

    (void)json_object_set_new(info, "title", json_string(maker->options->title));
    (void)json_object_set_new(info, "version", json_string(f1_version));
    (void)json_array_append_new(json_object_get(maker->doc, "servers"), json_pack("{s:s}", "url", *base ? base : "/"));
}

apr_status_t f1_openapi_make(json_t **pdoc, f1_conn_t *conn, const f1_openapi_options_t *options, apr_pool_t *pool,
                             f1_result_t *res)
{
    maker_t maker = {.options = options, .conn = conn, .pool = pool, .res = res};
    int i;

    if (f1_json_parse(&maker.doc, f1_openapi_frame, strlen(f1_openapi_frame), F1_E_INTERNAL, pool, res) !=
        APR_SUCCESS) {
        return res->rv;
    }
    maker.schemas = json_object_get(json_object_get(maker.doc, "components"), "schemas");
    maker.responses = json_object_get(json_object_get(maker.doc, "components"), "responses");
    add_info(&maker);
    add_tags(&maker);
    add_list_parameters(&maker);
    for (i = 0; i < options->route_count; i++) {
        if (add_route(&maker, &options->routes[i]) != APR_SUCCESS) {
            if (res->error == F1_E_INTERNAL) {
                f1_log(F1_LOG_ERR, res->rv, F1LOGNO(0290) "%s cannot be described", options->routes[i].file);
            }
            return res->rv;
        }
    }
    *pdoc = maker.doc;
    return APR_SUCCESS;
}
