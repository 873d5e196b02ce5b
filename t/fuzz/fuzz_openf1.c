/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Answers of an OpenF1 upstream, read as each of its lists: what is taken is JSON again, or rows for COPY of the
 * right number of columns, and has as many as were counted. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <apr_general.h>
#include <apr_strings.h>
#include <jansson.h>

#include "ingest/openf1_parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The number of so many bytes at *pat, which must be there. */
static long take(const f1_openf1_rows_t *rows, size_t *pat, size_t bytes)
{
    unsigned long value = 0;

    if (rows->text.len - *pat < bytes) {
        abort();
    }
    for (; bytes; bytes--) {
        value = value << 8 | (unsigned char)rows->text.data[(*pat)++];
    }
    return (long)value;
}

/* Rows of COPY's binary format: a count of columns, then each with its length. */
static void check_copy(const f1_openf1_rows_t *rows)
{
    long columns = rows->list == F1_OPENF1_CAR_DATA ? 10 : 7;
    size_t at = 0;
    int count = 0;

    for (; at < rows->text.len; count++) {
        if (take(rows, &at, 2) != columns) {
            abort();
        }
        for (long i = 0; i < columns; i++) {
            long len = take(rows, &at, 4);

            if (len != 0xffffffffL && len != 2 && len != 4 && len != 8) {
                abort();
            }
            (void)take(rows, &at, len == 0xffffffffL ? 0 : (size_t)len);
        }
    }
    if (count != rows->count) {
        abort();
    }
}

static void check_objects(const f1_openf1_rows_t *rows, apr_pool_t *pool)
{
    json_t *doc = json_loads(apr_pstrcat(pool, "[", rows->text.data, "]", NULL), JSON_REJECT_DUPLICATES, NULL);

    if (!doc || (int)json_array_size(doc) != rows->count) {
        abort();
    }
    json_decref(doc);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const f1_openf1_scope_t scope = {.may_have_others = size % 2};
    static apr_pool_t *root;
    apr_pool_t *pool;

    if (!root) {
        apr_initialize();
        apr_pool_create(&root, NULL);
    }
    apr_pool_create(&pool, root);
    for (f1_openf1_list_t list = 0; list < F1_OPENF1_LISTS; list++) {
        f1_openf1_rows_t *rows = f1_openf1_rows_make(list, pool);
        f1_result_t *res = f1_result_make(pool);

        if (f1_openf1_rows_add(rows, &scope, "answer", (const char *)data, size, pool, res) != APR_SUCCESS) {
            if (res->error != F1_E_BAD_DATA || !res->detail) {
                abort();
            }
        }
        else if (list >= F1_OPENF1_CAR_DATA) {
            check_copy(rows);
        }
        else {
            check_objects(rows, pool);
        }
    }
    apr_pool_destroy(pool);
    return 0;
}
