/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Any bytes as the answer to any resource: rows come out that keep the rules of their columns, or words. The first byte
 * chooses the resource. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <apr_general.h>

#include "ingest/ergast_parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_rows(const f1_ergast_rows_t *rows)
{
    int kind, i;

    for (kind = 0; kind < F1_ROW_KINDS; kind++) {
        for (i = 0; i < f1_ergast_rows_count(rows, (f1_row_kind_t)kind); i++) {
            const f1_row_t *row = f1_ergast_row(rows, (f1_row_kind_t)kind, i);

            if (kind != F1_ROW_SEASON && (!row->values[0] || !*row->values[0])) {
                abort();
            }
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static int is_initialized;
    f1_ergast_page_t page = {.name = "fuzz"};
    f1_ergast_rows_t *rows;
    apr_pool_t *pool;
    f1_result_t *res;
    char *body;
    size_t i;

    if (!is_initialized++) {
        apr_initialize();
    }
    if (!size) {
        return 0;
    }
    apr_pool_create(&pool, NULL);
    res = f1_result_make(pool);
    rows = f1_ergast_rows_make(pool);
    page.resource = (f1_ergast_resource_t)(data[0] % F1_ERGAST_RESOURCES);
    body = apr_pcalloc(pool, size);
    memcpy(body, data + 1, size - 1);
    if (f1_ergast_page_read(&page, 0, 0, body, size - 1, pool, res) == APR_SUCCESS) {
        for (i = 0; i < json_array_size(page.items) && res->error == F1_E_OK; i++) {
            if (f1_ergast_item_rows(&page, (int)i, 0, 0, rows, res) != APR_SUCCESS && res->error != F1_E_BAD_DATA) {
                abort();
            }
        }
    }
    else if (res->error != F1_E_BAD_DATA || !res->detail) {
        abort();
    }
    check_rows(rows);
    apr_pool_destroy(pool);
    return 0;
}
