/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* mksql SQL-FOLDER OUT-FOLDER: compiles everything below sql/ into routes.c, statements.{c,h}, migrations.c and
 * openapi.c. All of it is one run, because statements are numbered over all files. A file whose text would not change
 * is left alone, so that make rebuilds nothing. Exit status: 0 done, 1 something is wrong with the SQL files, 2 it
 * could not run. */

#include <stdio.h>
#include <string.h>

#include <apr_file_io.h>
#include <apr_general.h>
#include <apr_strings.h>

#include "base/str.h"
#include "sqltree.h"
#include "sqlwrite.h"

#define OUTPUT_MAX (16 * 1024 * 1024)

static const struct {
    const char *name;
    void (*write)(f1_buf_t *out, const sqltree_t *tree);
} outputs[] = {
    {"statements.h", sqlwrite_statements_header},
    {"statements.c", sqlwrite_statements},
    {"routes.c", sqlwrite_routes},
    {"migrations.c", sqlwrite_migrations},
    {"openapi.c", sqlwrite_openapi},
};

/* 0 also when the file cannot be read: writing it will tell. */
static int is_same(const char *path, const f1_buf_t *text, apr_pool_t *pool)
{
    char *data = apr_palloc(pool, text->len + 1);
    apr_size_t len = 0;
    apr_file_t *file;

    if (apr_file_open(&file, path, APR_FOPEN_READ | APR_FOPEN_BINARY, APR_OS_DEFAULT, pool) != APR_SUCCESS) {
        return 0;
    }
    /* one byte more than expected is a difference too; the end of the file is what should stop the reading */
    if (!APR_STATUS_IS_EOF(apr_file_read_full(file, data, text->len + 1, &len))) {
        len = 0;
    }
    return apr_file_close(file) == APR_SUCCESS && len == text->len && !memcmp(data, text->data, len);
}

/* Written aside and renamed, so that an interrupted run leaves no half file with a new time. */
static apr_status_t write_file(const char *path, const f1_buf_t *text, apr_pool_t *pool)
{
    const char *aside = apr_pstrcat(pool, path, ".new", NULL);
    apr_status_t rv, closed;
    apr_file_t *file;

    rv = apr_file_open(&file, aside, APR_FOPEN_WRITE | APR_FOPEN_CREATE | APR_FOPEN_TRUNCATE | APR_FOPEN_BINARY,
                       APR_OS_DEFAULT, pool);
    if (rv != APR_SUCCESS) {
        return rv;
    }
    rv = apr_file_write_full(file, text->data, text->len, NULL);
    closed = apr_file_close(file);
    rv = rv == APR_SUCCESS ? closed : rv;
    return rv == APR_SUCCESS ? apr_file_rename(aside, path, pool) : rv;
}

static int write_outputs(const sqltree_t *tree, const char *folder, apr_pool_t *pool)
{
    size_t i;

    for (i = 0; i < sizeof(outputs) / sizeof(outputs[0]); i++) {
        const char *path = apr_pstrcat(pool, folder, "/", outputs[i].name, NULL);
        apr_status_t rv = APR_ENOSPC;
        char text[120];
        f1_buf_t out;

        f1_buf_init(&out, pool, 64 * 1024, OUTPUT_MAX);
        outputs[i].write(&out, tree);
        if (!out.full && is_same(path, &out, pool)) {
            continue;
        }
        if (!out.full) {
            rv = write_file(path, &out, pool);
        }
        if (rv != APR_SUCCESS) {
            fprintf(stderr, "%s: %s\n", path, apr_strerror(rv, text, sizeof(text)));
            return 2;
        }
    }
    return 0;
}

static int run(const char *sql, const char *folder, apr_pool_t *pool)
{
    complaints_t *complaints = complaints_make(pool);
    sqltree_t *tree = sqltree_read(sql, complaints, pool);
    int i;

    if (!complaints->list->nelts) {
        return write_outputs(tree, folder, pool);
    }
    complaints_sort(complaints);
    for (i = 0; i < complaints->list->nelts; i++) {
        const complaint_t *complaint = &APR_ARRAY_IDX(complaints->list, i, complaint_t);

        fprintf(stderr, "%s:%d: %s\n", complaint->file, complaint->line, complaint->message);
    }
    return 1;
}

int main(int argc, const char *const *argv)
{
    apr_pool_t *pool;
    int status = 2;

    if (argc != 3) {
        fprintf(stderr, "usage: mksql SQL-FOLDER OUT-FOLDER\n");
        return 2;
    }
    if (apr_app_initialize(&argc, &argv, NULL) != APR_SUCCESS) {
        return 2;
    }
    if (apr_pool_create(&pool, NULL) == APR_SUCCESS) {
        status = run(argv[1], argv[2], pool);
    }
    apr_terminate();
    return status;
}
