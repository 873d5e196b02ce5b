/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Query strings, after a first line that is a value from a path. What passes stays what it is when it is checked again
 * (a cache key must not depend on the spelling), and what is said about the rest may stand in an answer. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <apr_general.h>
#include <apr_strings.h>

#include "base/param.h"
#include "base/str.h"

#define TEXT_BOUND 600 /* bytes of one message */
#define ERRORS_BOUND 40 /* messages */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const sorts[] = {"position", "grid", NULL};
static const f1_param_t params[] = {
    {.name = "id", .in = F1_IN_PATH, .type = F1_PARAM_SLUG, .required = 1},
    {.name = "n", .in = F1_IN_QUERY, .type = F1_PARAM_INTEGER, .min = -5, .max = 2199},
    {.name = "slug", .in = F1_IN_QUERY, .type = F1_PARAM_SLUG},
    {.name = "day", .in = F1_IN_QUERY, .type = F1_PARAM_DATE},
    {.name = "at", .in = F1_IN_QUERY, .type = F1_PARAM_TIMESTAMP},
    {.name = "sort", .in = F1_IN_QUERY, .type = F1_PARAM_ENUM, .values = sorts, .fallback = "grid"},
    {.name = "user", .in = F1_IN_QUERY, .type = F1_PARAM_UUID},
    {.name = "q", .in = F1_IN_QUERY, .type = F1_PARAM_TEXT, .min = 1, .max = 10},
    {.name = "all", .in = F1_IN_QUERY, .type = F1_PARAM_BOOLEAN},
};
static const f1_route_t route = {
    .method = F1_GET,
    .params = params,
    .param_count = sizeof(params) / sizeof(params[0]),
    .answer = F1_ANSWER_LIST,
};

static void require(int holds)
{
    if (!holds) {
        abort();
    }
}

static void check_message(const char *text)
{
    size_t i, len = strlen(text);

    require(len > 0 && len < TEXT_BOUND && f1_str_is_utf8(text, len));
    for (i = 0; i < len; i++) {
        require((unsigned char)text[i] >= 0x20 && text[i] != 0x7f);
    }
}

static void check_refusal(const f1_result_t *res)
{
    int i;

    require(res->error == F1_E_INVALID_PARAMETER && res->fields && res->fields->nelts > 0);
    require(res->fields->nelts <= ERRORS_BOUND);
    for (i = 0; i < res->fields->nelts; i++) {
        check_message(APR_ARRAY_IDX(res->fields, i, f1_field_error_t).field);
        check_message(APR_ARRAY_IDX(res->fields, i, f1_field_error_t).detail);
    }
}

static void check_request(const f1_request_t *request, apr_pool_t *pool)
{
    int i;

    require(request->limit >= 1 && request->limit <= F1_LIMIT_MAX);
    require(!request->limit_clamped || request->limit_clamped > F1_LIMIT_MAX);
    require(request->offset >= 0 && request->offset <= F1_OFFSET_MAX);
    require(request->values[0] != NULL);
    for (i = 0; i < route.param_count; i++) {
        if (request->values[i]) {
            const char *again = f1_param_value(&params[i], request->values[i], pool, f1_result_make(pool));

            require(again && !strcmp(again, request->values[i]));
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static apr_pool_t *pool;
    f1_request_t request;
    f1_match_t match = {.route = &route};
    f1_result_t *res;
    char *id, *query;

    if (!pool) {
        require(apr_initialize() == APR_SUCCESS && apr_pool_create(&pool, NULL) == APR_SUCCESS);
    }
    apr_pool_clear(pool);
    id = apr_pstrmemdup(pool, (const char *)data, size);
    query = strchr(id, '\n');
    if (query) {
        *query++ = '\0';
    }
    match.path_values[0] = id;
    res = f1_result_make(pool);
    if (f1_param_check(&request, &match, query, 0, 0, pool, res) == APR_SUCCESS) {
        check_request(&request, pool);
    }
    else {
        check_refusal(res);
    }
    return 0;
}
