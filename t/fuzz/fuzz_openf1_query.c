/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* OpenF1's query language: whatever is taken becomes sets of ranges in braces, with all quotes closed and as many
 * brackets opened as closed, for the filters that the query names, and nothing for the others. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <apr_general.h>
#include <apr_strings.h>

#include "compat/openf1_answer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_ranges(const char *text)
{
    int in_quotes = 0, open = 0;
    const char *c;

    if (text[0] != '{' || text[strlen(text) - 1] != '}') {
        abort();
    }
    for (c = text + 1; c[1]; c++) {
        if (in_quotes && *c == '\\' && c[1]) {
            c++;
        }
        else if (*c == '"') {
            in_quotes = !in_quotes;
        }
        else if (!in_quotes) {
            open += (*c == '[' || *c == '(') - (*c == ']' || *c == ')');
            if (open < 0 || open > 1 || !strchr("[](),-+.0123456789etf", *c)) {
                abort();
            }
        }
    }
    if (in_quotes || open) {
        abort();
    }
}

static void check_statement(const f1_openf1_query_t *query, const f1_statement_t *statement, apr_pool_t *pool)
{
    const char **values = apr_pcalloc(pool, sizeof(*values) * (size_t)statement->param_count);
    const f1_openf1_latest_t latest = {9005, 501};
    int i;

    if (!f1_openf1_query_values(query, statement, &latest, values, pool)) {
        return;
    }
    for (i = 0; i < statement->filter_count; i++) {
        const char *value = values[statement->filters[i].param];

        if ((value != NULL) != f1_openf1_query_has(query, statement->filters[i].name)) {
            abort();
        }
        if (value) {
            check_ranges(value);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const lists[] = {"laps", "drivers", "session_result", "Meetings", "car_data"};
    static apr_pool_t *root;
    f1_openf1_query_t *query;
    f1_result_t *res;
    apr_pool_t *pool;
    size_t i;

    if (!root) {
        apr_initialize();
        apr_pool_create(&root, NULL);
    }
    apr_pool_create(&pool, root);
    res = f1_result_make(pool);
    if (f1_openf1_query_read(&query, apr_pstrmemdup(pool, (const char *)data, size), pool, res) == APR_SUCCESS) {
        for (i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
            check_statement(query, f1_openf1_statement(lists[i]), pool);
        }
    }
    else if (res->error != F1_E_INVALID_PARAMETER) {
        abort();
    }
    apr_pool_destroy(pool);
    return 0;
}
