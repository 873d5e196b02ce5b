/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_BASE_LOG_H
#define F1_BASE_LOG_H

/* Logging that knows no httpd: the library writes to one sink, which the module points at ap_log_error, the CLI at
 * stderr and the tests at a buffer. Set the sink once, before threads start.
 *
 * Messages of level debug and above begin with a number of our own, F1LOGNO(0123), that is used in one place only and
 * never again; a message added with F1LOGNO() gets its number from tools/lognumbers.sh. Trace levels have none.
 * No secret and no parameter value is logged above trace. */

#include <apr_errno.h>

/* httpd's APLOG_* values, so that the module passes them on unchanged. */
typedef enum {
    F1_LOG_CRIT = 2,
    F1_LOG_ERR = 3,
    F1_LOG_WARNING = 4,
    F1_LOG_NOTICE = 5,
    F1_LOG_INFO = 6,
    F1_LOG_DEBUG = 7,
    F1_LOG_TRACE1 = 8
} f1_log_level_t;

#define F1LOGNO(n) "F1B" #n ": "

typedef struct f1_log_sink_t {
    int (*enabled)(void *baton, f1_log_level_t level);
    /* message: one line without its newline; rv: APR_SUCCESS when there is no status to tell */
    void (*print)(void *baton, f1_log_level_t level, apr_status_t rv, const char *message);
    void *baton;
} f1_log_sink_t;

/* The sink is copied. NULL restores the first one, which prints warnings and above to stderr. */
void f1_log_sink_set(const f1_log_sink_t *sink);

int f1_log_enabled(f1_log_level_t level);

void f1_log(f1_log_level_t level, apr_status_t rv, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

#endif
