/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* jansson reads the text, and says where it ceases to be JSON. What is looked at here is the document: whether it keeps
 * within bounds, and whether its members are what the route wants; what is wrong there is told by its pointer. */

#include "base/body.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <apr_strings.h>

#include "base/json.h"
#include "base/number.h"

#define POINTER_MAX 2048 /* bytes; F1_BODY_MAX_DEPTH names, as long as they are shown, always fit */

typedef struct reader_t {
    f1_request_t *request;
    int values; /* seen so far, the body itself among them */
    int is_too_much;
    apr_pool_t *pool;
    f1_result_t *res;
} reader_t;

/* --- the text */

/* What jansson says is of use, but for the text that it repeats behind "near": that may be a secret. */
static const char *complaint(const json_error_t *error, apr_pool_t *pool)
{
    const char *near;

    switch (json_error_code(error)) {
    case json_error_null_character:
    case json_error_null_byte_in_key:
        return "a string holds a NUL";
    case json_error_invalid_utf8:
        return "it is not UTF-8";
    case json_error_stack_overflow:
        return "it is nested too deep";
    case json_error_end_of_input_expected:
        return "something follows the object";
    default:
        near = strstr(error->text, " near ");
        return near ? apr_pstrmemdup(pool, error->text, (apr_size_t)(near - error->text)) : error->text;
    }
}

static json_t *parse(const char *data, size_t len, apr_pool_t *pool, f1_result_t *res)
{
    json_error_t error;
    json_t *doc = f1_json_own(json_loadb(data, len, JSON_REJECT_DUPLICATES, &error), pool);

    if (!doc) {
        f1_result_fail(res, F1_E_BAD_REQUEST, APR_EINVAL, "The request body is not JSON");
        f1_result_field(res, "", "%s, in line %d at column %d", complaint(&error, pool), error.line, error.column);
    }
    return doc;
}

/* --- its bounds */

/* RFC 6901: ~ and / in names are written ~0 and ~1. Long names are cut, as everything that is shown. */
static const char *member_pointer(const char *parent, const char *name, apr_pool_t *pool)
{
    f1_buf_t out;

    f1_buf_init(&out, pool, 64, POINTER_MAX);
    f1_buf_addf(&out, "%s/", parent);
    for (name = f1_param_shown(name, pool); *name; name++) {
        if (*name == '~' || *name == '/') {
            f1_buf_adds(&out, *name == '~' ? "~0" : "~1");
        }
        else {
            f1_buf_addc(&out, *name);
        }
    }
    return out.data;
}

static void out_of_bounds(reader_t *reader, const char *pointer, const char *what, int bound, const char *unit)
{
    reader->is_too_much = 1;
    f1_result_fail(reader->res, F1_E_BAD_REQUEST, APR_EINVAL, "The request body is too much");
    f1_result_field(reader->res, pointer, "%s more than %d %s", what, bound, unit);
}

static int is_container(const json_t *value)
{
    return json_is_object(value) || json_is_array(value);
}

/* Ends at the first thing that is too much. depth: arrays and objects around the value. */
static void check_bounds(reader_t *reader, const char *pointer, json_t *value, int depth)
{
    apr_pool_t *pool = reader->pool;
    const char *name;
    json_t *part;
    size_t i;

    if (reader->values++ > F1_BODY_MAX_VALUES) {
        out_of_bounds(reader, pointer, "here the body has", F1_BODY_MAX_VALUES, "values");
    }
    else if (is_container(value) && depth == F1_BODY_MAX_DEPTH) {
        out_of_bounds(reader, pointer, "is nested", F1_BODY_MAX_DEPTH, "levels deep");
    }
    else if (json_string_length(value) > F1_BODY_MAX_STRING) {
        out_of_bounds(reader, pointer, "has", F1_BODY_MAX_STRING, "bytes");
    }
    for (i = 0; i < json_array_size(value) && !reader->is_too_much; i++) {
        check_bounds(reader, apr_psprintf(pool, "%s/%" APR_SIZE_T_FMT, pointer, (apr_size_t)i),
                     json_array_get(value, i), depth + 1);
    }
    json_object_foreach(value, name, part)
    {
        if (!reader->is_too_much) {
            check_bounds(reader, member_pointer(pointer, name, pool), part, depth + 1);
        }
    }
}

/* --- members */

static const char *kind_name(const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        return "an object";
    case JSON_ARRAY:
        return "an array";
    case JSON_STRING:
        return "a string";
    case JSON_INTEGER:
    case JSON_REAL:
        return "a number";
    case JSON_TRUE:
    case JSON_FALSE:
        return "a boolean";
    case JSON_NULL:
        break;
    }
    return "null";
}

/* A value as the text that its parameter is checked by; NULL when it is of another kind. */
static const char *text_of(f1_param_type_t type, const json_t *value, apr_pool_t *pool)
{
    switch (type) {
    case F1_PARAM_WORDS:
    case F1_PARAM_OBJECTS:
        return NULL;
    case F1_PARAM_INTEGER:
        if (json_is_real(value)) {
            return f1_number_format(apr_palloc(pool, F1_NUMBER_LEN), json_real_value(value));
        }
        if (json_is_integer(value)) {
            return apr_psprintf(pool, "%" APR_INT64_T_FMT, (apr_int64_t)json_integer_value(value));
        }
        return NULL;
    case F1_PARAM_BOOLEAN:
        return json_is_boolean(value) ? (json_is_true(value) ? "true" : "false") : NULL;
    default:
        return json_string_value(value);
    }
}

static void wrong(const reader_t *reader, const char *pointer, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
static void wrong(const reader_t *reader, const char *pointer, const char *fmt, ...)
{
    va_list args;

    if (reader->res->fields && reader->res->fields->nelts >= F1_PARAM_MAX_ERRORS) {
        return;
    }
    va_start(args, fmt);
    f1_result_field(reader->res, pointer, "%s", apr_pvsprintf(reader->pool, fmt, args));
    va_end(args);
}

static void check_word(const reader_t *reader, const f1_param_t *param, const char *pointer, const json_t *element)
{
    f1_param_t word = *param;
    const char *text = json_string_value(element), *wanted;

    word.type = F1_PARAM_ENUM;
    wanted = f1_param_wanted(&word, reader->pool);
    if (!text) {
        wrong(reader, pointer, "must be %s, not %s", wanted, kind_name(element));
    }
    else if (!f1_param_value(&word, text, reader->pool, f1_result_make(reader->pool))) {
        wrong(reader, pointer, "must be %s, not '%s'", wanted, f1_param_shown(text, reader->pool));
    }
}

static int has_word(const json_t *array, const char *word)
{
    json_t *element;
    size_t i;

    json_array_foreach(array, i, element)
    {
        if (json_is_string(element) && !strcmp(json_string_value(element), word)) {
            return 1;
        }
    }
    return 0;
}

/* The words as an array of PostgreSQL, each once and in the order of their declaration: one spelling for what is a
 * set. They are made of letters, digits and a few signs that need no escape between quotes. */
static const char *words_value(const reader_t *reader, const f1_param_t *param, const json_t *array)
{
    const char *field = f1_param_field(param, reader->pool), *words = "";
    json_t *element;
    size_t i;

    json_array_foreach(array, i, element)
    {
        check_word(reader, param, apr_psprintf(reader->pool, "%s/%" APR_SIZE_T_FMT, field, (apr_size_t)i), element);
    }
    for (i = 0; param->values[i]; i++) {
        if (has_word(array, param->values[i])) {
            words = apr_pstrcat(reader->pool, words, *words ? ",\"" : "\"", param->values[i], "\"", NULL);
        }
    }
    return apr_pstrcat(reader->pool, "{", words, "}", NULL);
}

/* As text again; NULL where it is none of so many objects. Numbers keep the digits that a double needs. */
static const char *objects_value(const reader_t *reader, const f1_param_t *param, const json_t *array)
{
    const char *value;
    json_t *element;
    char *text;
    size_t i;

    if (json_array_size(array) < (size_t)param->min || json_array_size(array) > (size_t)param->max) {
        return NULL;
    }
    json_array_foreach(array, i, element)
    {
        if (!json_is_object(element)) {
            return NULL;
        }
    }
    text = json_dumps(array, JSON_COMPACT | JSON_REAL_PRECISION(15));
    value = apr_pstrdup(reader->pool, text);
    free(text);
    return value;
}

static const char *member_value(const reader_t *reader, const f1_param_t *param, const json_t *value)
{
    const char *text, *wanted = f1_param_wanted(param, reader->pool);

    if (json_is_null(value) && param->nullable) {
        return NULL;
    }
    if (param->type == F1_PARAM_WORDS && json_is_array(value)) {
        return words_value(reader, param, value);
    }
    if (param->type == F1_PARAM_OBJECTS && (text = objects_value(reader, param, value))) {
        return text;
    }
    text = text_of(param->type, value, reader->pool);
    if (text) {
        return f1_param_value(param, text, reader->pool, reader->res);
    }
    wrong(reader, f1_param_field(param, reader->pool), "must be %s%s, not %s", wanted,
          param->nullable ? " or null" : "", kind_name(value));
    return NULL;
}

static void refuse_unknown(const reader_t *reader, const char *name)
{
    const f1_route_t *route = reader->request->route;
    const char *known = "";
    int i;

    for (i = 0; i < route->param_count; i++) {
        if (route->params[i].in == F1_IN_BODY) {
            known = apr_pstrcat(reader->pool, known, *known ? ", " : "", route->params[i].name, NULL);
        }
    }
    wrong(reader, member_pointer("", name, reader->pool), "is not known here; known are %s", known);
}

static int index_of(const f1_route_t *route, const char *name)
{
    int i;

    for (i = 0; i < route->param_count; i++) {
        if (route->params[i].in == F1_IN_BODY && !strcmp(route->params[i].name, name)) {
            return i;
        }
    }
    return -1;
}

static void take_member(const reader_t *reader, const char *name, const json_t *value)
{
    f1_request_t *request = reader->request;
    int i = index_of(request->route, name);

    if (i < 0) {
        refuse_unknown(reader, name);
        return;
    }
    request->given |= 1u << i;
    request->values[i] = member_value(reader, &request->route->params[i], value);
}

static void check_absent(const reader_t *reader)
{
    f1_request_t *request = reader->request;
    int i;

    for (i = 0; i < request->route->param_count; i++) {
        const f1_param_t *param = &request->route->params[i];

        if (param->in != F1_IN_BODY || request->given & 1u << i) {
            continue;
        }
        request->values[i] = param->fallback;
        if (param->required) {
            f1_result_field(reader->res, f1_param_field(param, reader->pool), "is required and must be %s",
                            f1_param_wanted(param, reader->pool));
        }
    }
}

apr_status_t f1_body_check(f1_request_t *request, const char *data, size_t len, apr_pool_t *pool, f1_result_t *res)
{
    reader_t reader = {.request = request, .pool = pool, .res = res};
    json_t *doc = parse(data, len, pool, res), *value;
    const char *name;

    if (!doc) {
        return res->rv;
    }
    if (!json_is_object(doc)) {
        f1_result_field(res, "", "must be an object, not %s", kind_name(doc));
        return res->rv;
    }
    check_bounds(&reader, "", doc, 0);
    if (reader.is_too_much) {
        return res->rv;
    }
    json_object_foreach(doc, name, value)
    {
        take_member(&reader, name, value);
    }
    check_absent(&reader);
    return res->rv;
}
