/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* A sink prints its port when it listens, and ends when its standard input does. */

#include "f1_test_sink.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <apr_file_io.h>
#include <apr_strings.h>
#include <apr_thread_proc.h>
#include <apr_time.h>

#include "base/str.h"
#include "f1_test.h"

#define PATIENCE_MS 30000
#define NAP_MS 20

/* Debian's packages of Python are Debian's Python's. */
static const char *python(void)
{
    struct stat info;

    return stat("/usr/bin/python3", &info) == 0 ? "/usr/bin/python3" : "python3";
}

static apr_status_t stop(void *data)
{
    apr_proc_t *proc = data;
    int code;
    apr_exit_why_e why;

    (void)apr_file_close(proc->in);
    (void)apr_proc_wait(proc, &code, &why, APR_WAIT);
    return APR_SUCCESS;
}

const char *f1_test_sink_path(const f1_test_sink_t *sink, const char *name)
{
    return apr_pstrcat(f1_test_pool(), sink->dir, "/", name, NULL);
}

static void start(f1_test_sink_t *sink, const char *script, const char *arguments)
{
    apr_pool_t *pool = f1_test_pool();
    const char *command =
        apr_psprintf(pool, "%s %s/%s %s %s", python(), getenv("F1_SRCDIR"), script, sink->dir, arguments);
    apr_procattr_t *attributes;
    apr_proc_t *proc = apr_palloc(pool, sizeof(*proc));
    char **argv, line[32] = "";
    apr_int64_t port = 0;

    assert_int_equal(apr_tokenize_to_argv(command, &argv, pool), APR_SUCCESS);
    assert_int_equal(apr_procattr_create(&attributes, pool), APR_SUCCESS);
    assert_int_equal(apr_procattr_io_set(attributes, APR_FULL_BLOCK, APR_FULL_BLOCK, APR_NO_PIPE), APR_SUCCESS);
    assert_int_equal(apr_procattr_cmdtype_set(attributes, APR_PROGRAM_PATH), APR_SUCCESS);
    assert_int_equal(apr_proc_create(proc, argv[0], (const char *const *)argv, NULL, attributes, pool), APR_SUCCESS);
    apr_pool_pre_cleanup_register(pool, proc, stop);
    if (apr_file_gets(line, sizeof(line), proc->out) != APR_SUCCESS) {
        fail_msg("%s does not start", command);
    }
    line[strcspn(line, "\n")] = '\0';
    assert_true(f1_str_to_int64(line, &port));
    sink->port = (int)port;
    sink->proc = proc;
}

f1_test_sink_t *f1_test_sink(const char *script, const char *arguments)
{
    f1_test_sink_t *sink = apr_pcalloc(f1_test_pool(), sizeof(*sink));
    char *dir = apr_pstrcat(f1_test_pool(), getenv("F1_SANDBOX"), "/sink.XXXXXX", NULL);

    assert_non_null(mkdtemp(dir));
    sink->dir = dir;
    start(sink, script, arguments);
    return sink;
}

static int is_there(const char *path)
{
    struct stat info;

    return stat(path, &info) == 0;
}

static const char *path_of(const f1_test_sink_t *sink, int n)
{
    return f1_test_sink_path(sink, apr_psprintf(f1_test_pool(), "%d.json", n));
}

json_t *f1_test_sink_get(const f1_test_sink_t *sink, int n)
{
    const char *path = path_of(sink, n);
    size_t len;
    int waited;

    for (waited = 0; !is_there(path); waited += NAP_MS) {
        if (waited > PATIENCE_MS) {
            fail_msg("number %d did not come", n);
        }
        apr_sleep(apr_time_from_msec(NAP_MS));
    }
    return f1_test_json(f1_test_file(path, &len));
}

int f1_test_sink_count(const f1_test_sink_t *sink)
{
    int n = 0;

    while (is_there(path_of(sink, n + 1))) {
        n++;
    }
    return n;
}
