/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* The process-wide log sink. Messages are formatted only when the sink wants their level. */

#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>

#include <apr_strings.h>

#define MESSAGE_MAX 2048

static int stderr_enabled(void *baton, f1_log_level_t level)
{
    (void)baton;
    return level <= F1_LOG_WARNING;
}

static void stderr_print(void *baton, f1_log_level_t level, apr_status_t rv, const char *message)
{
    char why[120];

    (void)baton;
    (void)level;
    if (rv == APR_SUCCESS) {
        fprintf(stderr, "%s\n", message);
    }
    else {
        fprintf(stderr, "%s (%s)\n", message, apr_strerror(rv, why, sizeof(why)));
    }
}

static const f1_log_sink_t stderr_sink = {stderr_enabled, stderr_print, NULL};
static f1_log_sink_t current = {stderr_enabled, stderr_print, NULL};

void f1_log_sink_set(const f1_log_sink_t *sink)
{
    current = sink ? *sink : stderr_sink;
}

int f1_log_enabled(f1_log_level_t level)
{
    return current.enabled(current.baton, level);
}

void f1_log(f1_log_level_t level, apr_status_t rv, const char *fmt, ...)
{
    char message[MESSAGE_MAX];
    va_list args;

    if (!f1_log_enabled(level)) {
        return;
    }
    va_start(args, fmt);
    apr_vsnprintf(message, sizeof(message), fmt, args);
    va_end(args);
    current.print(current.baton, level, rv, message);
}
