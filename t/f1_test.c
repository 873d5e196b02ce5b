/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* The fixtures around each test: pool, captured log, clock; and asserts on results and JSON. cmocka leaves a failed
 * test by longjmp, so everything hangs on the test's pool and the teardown destroys that. */

#include "f1_test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <apr_file_io.h>
#include <apr_general.h>
#include <apr_strings.h>
#include <apr_thread_mutex.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/str.h"

#define LOG_MAX (1024 * 1024)
#define CTL_MAX (4 * 1024 * 1024)

static apr_pool_t *root;
static apr_pool_t *log_pool;
static apr_thread_mutex_t *log_mutex;

static apr_pool_t *pool;
static f1_result_t *result;
static f1_buf_t log_lines;

static int capture_enabled(void *baton, f1_log_level_t level)
{
    (void)baton;
    return level <= F1_LOG_DEBUG;
}

static void capture_print(void *baton, f1_log_level_t level, apr_status_t rv, const char *message)
{
    (void)baton;
    (void)rv;
    apr_thread_mutex_lock(log_mutex);
    f1_buf_addf(&log_lines, "%d %s\n", (int)level, message);
    apr_thread_mutex_unlock(log_mutex);
}

int f1_test_group_setup(void **state)
{
    (void)state;
    if (apr_initialize() != APR_SUCCESS || apr_pool_create(&root, NULL) != APR_SUCCESS) {
        return -1;
    }
    return apr_thread_mutex_create(&log_mutex, APR_THREAD_MUTEX_DEFAULT, root) == APR_SUCCESS ? 0 : -1;
}

int f1_test_group_teardown(void **state)
{
    (void)state;
    apr_terminate();
    return 0;
}

int f1_test_setup(void **state)
{
    const f1_log_sink_t sink = {capture_enabled, capture_print, NULL};

    (void)state;
    if (apr_pool_create(&pool, root) != APR_SUCCESS) {
        return -1;
    }
    apr_pool_tag(pool, "test");
    result = f1_result_make(pool);
    /* of its own, because other threads than the test's may log */
    if (apr_pool_create(&log_pool, pool) != APR_SUCCESS) {
        return -1;
    }
    apr_pool_tag(log_pool, "test log");
    f1_buf_init(&log_lines, log_pool, 1024, LOG_MAX);
    f1_log_sink_set(&sink);
    return 0;
}

int f1_test_teardown(void **state)
{
    apr_pool_t *gone = pool;

    (void)state;
    f1_log_sink_set(NULL);
    pool = NULL;
    apr_pool_destroy(gone);
    return f1_clock_set(NULL, 0) == APR_SUCCESS ? 0 : -1;
}

apr_pool_t *f1_test_pool(void)
{
    return pool;
}

f1_result_t *f1_test_result(void)
{
    return result;
}

const char *f1_test_log(void)
{
    return log_lines.data;
}

const char *f1_test_file(const char *name, size_t *plen)
{
    const char *srcdir = getenv("F1_SRCDIR");
    const char *path = name[0] == '/' ? name : apr_pstrcat(pool, srcdir ? srcdir : ".", "/", name, NULL);
    apr_file_t *file;
    apr_finfo_t info;
    char *data;
    apr_status_t rv = apr_file_open(&file, path, APR_FOPEN_READ, APR_FPROT_OS_DEFAULT, pool);

    if (rv == APR_SUCCESS) {
        rv = apr_file_info_get(&info, APR_FINFO_SIZE, file);
    }
    if (rv != APR_SUCCESS) {
        fail_msg("%s cannot be read", path);
    }
    data = apr_pcalloc(pool, (size_t)info.size + 1);
    assert_int_equal(apr_file_read_full(file, data, (size_t)info.size, plen), APR_SUCCESS);
    assert_int_equal(apr_file_close(file), APR_SUCCESS);
    return data;
}

void f1_assert_ok_at(apr_status_t rv, const f1_result_t *res, const char *what, const char *file, int line)
{
    if (rv != APR_SUCCESS) {
        print_error("%s failed: %s\n", what, res ? f1_result_text(res, pool) : "no result");
        _fail(file, line);
    }
}

json_t *f1_test_json(const char *text)
{
    json_t *doc;

    if (f1_json_parse(&doc, text, strlen(text), F1_E_BAD_DATA, pool, f1_result_make(pool)) != APR_SUCCESS) {
        fail_msg("not JSON: %s", text);
    }
    return doc;
}

json_t *f1_test_json_at(json_t *doc, const char *path)
{
    char *last, *step = apr_strtok(apr_pstrdup(pool, path), "/", &last);

    for (; doc && step; step = apr_strtok(NULL, "/", &last)) {
        apr_int64_t index;

        if (json_is_array(doc)) {
            doc = f1_str_to_int64(step, &index) && index >= 0 ? json_array_get(doc, (size_t)index) : NULL;
        }
        else {
            doc = json_object_get(doc, step);
        }
    }
    return doc;
}

void f1_assert_json_at(json_t *doc, const char *path, const char *expected, const char *file, int line)
{
    json_t *want = f1_json_own(json_loads(expected, JSON_DECODE_ANY, NULL), pool);
    json_t *have = f1_test_json_at(doc, path);

    if (!want) {
        print_error("expected value is not JSON: %s\n", expected);
        _fail(file, line);
    }
    if (!have || !json_equal(have, want)) {
        char *text = have ? json_dumps(have, JSON_ENCODE_ANY) : NULL;

        print_error("%s: %s, expected %s\n", path, text ? text : "missing", expected);
        free(text);
        _fail(file, line);
    }
}

const char *f1_test_ctl(int status, const char *arguments)
{
    FILE *pipe = popen(apr_psprintf(f1_test_pool(), "%s 2>&1 %s", getenv("F1_CTL"), arguments), "r");
    char part[4096];
    f1_buf_t out;
    size_t len;
    int ended;

    assert_non_null(pipe);
    f1_buf_init(&out, f1_test_pool(), 4096, CTL_MAX);
    while ((len = fread(part, 1, sizeof(part), pipe)) > 0) {
        f1_buf_add(&out, part, len);
    }
    ended = pclose(pipe);
    if (!WIFEXITED(ended) || WEXITSTATUS(ended) != status) {
        fail_msg("%s did not end with %d: %s", arguments, status, out.data);
    }
    return out.data;
}
