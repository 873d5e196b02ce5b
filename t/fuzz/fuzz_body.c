/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Bodies of requests. What is taken has the members that jansson sees in it; a value that passed stays what it is when
 * it is checked again; and what is said about the rest may stand in an answer, without any part of a secret. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <apr_general.h>
#include <apr_strings.h>
#include <jansson.h>

#include "base/body.h"
#include "base/str.h"

#define TEXT_BOUND 2048 /* bytes of one message */
#define ERRORS_BOUND 40 /* messages */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const sorts[] = {"position", "grid", NULL}, *const scopes[] = {"read", "write:games", NULL};
static const f1_param_t params[] = {
    {.name = "n", .in = F1_IN_BODY, .type = F1_PARAM_INTEGER, .min = -5, .max = 2199},
    {.name = "slug", .in = F1_IN_BODY, .type = F1_PARAM_SLUG, .nullable = 1},
    {.name = "day", .in = F1_IN_BODY, .type = F1_PARAM_DATE},
    {.name = "at", .in = F1_IN_BODY, .type = F1_PARAM_TIMESTAMP},
    {.name = "sort", .in = F1_IN_BODY, .type = F1_PARAM_ENUM, .values = sorts, .fallback = "grid"},
    {.name = "user", .in = F1_IN_BODY, .type = F1_PARAM_UUID},
    {.name = "q", .in = F1_IN_BODY, .type = F1_PARAM_TEXT, .min = 1, .max = 10, .required = 1},
    {.name = "all", .in = F1_IN_BODY, .type = F1_PARAM_BOOLEAN},
    {.name = "email", .in = F1_IN_BODY, .type = F1_PARAM_EMAIL, .nullable = 1},
    {.name = "password", .in = F1_IN_BODY, .type = F1_PARAM_SECRET, .min = 30, .max = 40},
    {.name = "scopes", .in = F1_IN_BODY, .type = F1_PARAM_WORDS, .values = scopes},
    {.name = "cars", .in = F1_IN_BODY, .type = F1_PARAM_OBJECTS, .min = 1, .max = 3},
};
#define PARAM_COUNT ((int)(sizeof(params) / sizeof(params[0])))
static const f1_route_t route = {.method = F1_POST, .params = params, .param_count = PARAM_COUNT};

static void require(int holds)
{
    if (!holds) {
        abort();
    }
}

static void check_message(const char *text)
{
    size_t i, len = strlen(text);

    require(len < TEXT_BOUND && f1_str_is_utf8(text, len));
    for (i = 0; i < len; i++) {
        require((unsigned char)text[i] >= 0x20 && text[i] != 0x7f);
    }
}

static void check_refusal(const f1_result_t *res)
{
    int i;

    require(res->error == F1_E_INVALID_PARAMETER || res->error == F1_E_BAD_REQUEST);
    require(res->fields && res->fields->nelts > 0 && res->fields->nelts <= ERRORS_BOUND);
    for (i = 0; i < res->fields->nelts; i++) {
        const f1_field_error_t *error = &APR_ARRAY_IDX(res->fields, i, f1_field_error_t);

        require(!*error->field || *error->field == '/');
        check_message(error->field);
        check_message(error->detail);
        require(strcmp(error->field, "/password") || !strstr(error->detail, "not '"));
    }
}

static void check_request(const f1_request_t *request, json_t *doc, apr_pool_t *pool)
{
    int i, given = 0;

    for (i = 0; i < PARAM_COUNT; i++) {
        const char *value = request->values[i];
        json_t *member = json_object_get(doc, params[i].name);

        require(!member == !(request->given & 1u << i));
        require(!json_is_null(member) || (params[i].nullable && !value));
        given += member != NULL;
        if (value && params[i].type != F1_PARAM_WORDS && params[i].type != F1_PARAM_OBJECTS) {
            const char *again = f1_param_value(&params[i], value, pool, f1_result_make(pool));

            require(again && !strcmp(again, value));
        }
        if (value && params[i].type == F1_PARAM_TEXT) {
            require(!strcmp(value, json_string_value(member)));
        }
    }
    require(given == (int)json_object_size(doc));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static apr_pool_t *pool;
    f1_request_t request = {.route = &route};
    f1_result_t *res;
    json_t *doc;

    if (!pool) {
        require(apr_initialize() == APR_SUCCESS && apr_pool_create(&pool, NULL) == APR_SUCCESS);
    }
    apr_pool_clear(pool);
    res = f1_result_make(pool);
    if (f1_body_check(&request, (const char *)data, size, pool, res) == APR_SUCCESS) {
        doc = json_loadb((const char *)data, size, JSON_REJECT_DUPLICATES, NULL);
        require(doc != NULL);
        check_request(&request, doc, pool);
        json_decref(doc);
    }
    else {
        check_refusal(res);
    }
    return 0;
}
