/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Pages with <f1-board> in them: wherever a page is cut, what comes out is the same. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <apr_general.h>

#include "tag_run.h"

#define EVERY_CUT 2048 /* longer pages are cut at some places only */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static apr_pool_t *pool;

static void run(f1_buf_t *out, const char *page, size_t len, size_t first, size_t piece)
{
    f1_buf_init(out, pool, 256, 64 * 1024 * 1024);
    f1_tag_run(out, page, len, first, piece);
}

static void require_same(const f1_buf_t *whole, const char *page, size_t len, size_t first, size_t piece)
{
    apr_pool_t *outer = pool;
    f1_buf_t cut;

    if (apr_pool_create(&pool, outer) != APR_SUCCESS) {
        abort();
    }
    run(&cut, page, len, first, piece);
    if (cut.len != whole->len || memcmp(cut.data, whole->data, cut.len)) {
        abort();
    }
    apr_pool_destroy(pool);
    pool = outer;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *page = (const char *)data;
    size_t step = size / EVERY_CUT + 1;
    f1_buf_t whole;

    if (!pool && (apr_initialize() != APR_SUCCESS || apr_pool_create(&pool, NULL) != APR_SUCCESS)) {
        abort();
    }
    apr_pool_clear(pool);
    run(&whole, page, size, size, size);
    require_same(&whole, page, size, 0, 1);
    require_same(&whole, page, size, 0, 7);
    for (size_t at = 1; at < size; at += step) {
        require_same(&whole, page, size, at, size);
    }
    return 0;
}
