/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Paths and query strings of the Ergast API: whatever is sent, what was read has the form that SQL relies on. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <apr_general.h>
#include <apr_strings.h>

#include "compat/ergast_answer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int holds)
{
    if (!holds) {
        abort();
    }
}

static int is_digits(const char *text)
{
    return *text && !text[strspn(text, "0123456789")];
}

static void check_path(const f1_ergast_path_t *path)
{
    const char *const *criteria = path->criteria;
    int i;

    for (i = 0; i < F1_ERGAST_CRITERIA; i++) {
        require(!criteria[i] || (*criteria[i] && !strchr(criteria[i], '/')));
    }
    for (i = F1_ERGAST_GRID; i < F1_ERGAST_CRITERIA; i++) {
        require(!criteria[i] || is_digits(criteria[i]));
    }
    require(!criteria[F1_ERGAST_ROUND] || criteria[F1_ERGAST_SEASON]);
    require(!criteria[F1_ERGAST_SEASON] || is_digits(criteria[F1_ERGAST_SEASON]) ||
            !strcmp(criteria[F1_ERGAST_SEASON], "current"));
    require(!criteria[F1_ERGAST_ROUND] || is_digits(criteria[F1_ERGAST_ROUND]) ||
            !strcmp(criteria[F1_ERGAST_ROUND], "last") || !strcmp(criteria[F1_ERGAST_ROUND], "next"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static apr_pool_t *pool;
    f1_ergast_window_t window;
    f1_ergast_path_t path, again;
    f1_ergast_verdict_t verdict;
    const char *text;

    if (!pool) {
        require(apr_initialize() == APR_SUCCESS && apr_pool_create(&pool, NULL) == APR_SUCCESS);
    }
    apr_pool_clear(pool);
    text = apr_pstrmemdup(pool, (const char *)data, size);
    verdict = f1_ergast_path_read(&path, text, pool);
    if (verdict == F1_ERGAST_OK) {
        check_path(&path);
    }
    if (verdict == F1_ERGAST_REDIRECT) { /* where it leads to there is something, and no other redirect */
        verdict = f1_ergast_path_read(&again, apr_pstrcat(pool, text, "/", NULL), pool);
        require(verdict != F1_ERGAST_REDIRECT && verdict != F1_ERGAST_NOT_FOUND);
    }
    f1_ergast_window_read(&window, text, pool);
    require(window.limit >= 1 && window.limit <= F1_ERGAST_LIMIT_MAX && window.offset >= 0);
    return 0;
}
