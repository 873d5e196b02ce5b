/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_COMPAT_ERGAST_ANSWER_H
#define F1_COMPAT_ERGAST_ANSWER_H

/* Answers in the form of the Ergast API and its successor, from our rows: everything about them that is not HTTP. Each
 * endpoint is one statement of sql/stmt/ergast, which takes all criteria, those not asked as NULL. */

#include "base/str.h"
#include "compat/ergast_path.h"
#include "db/conn.h"

#define F1_ERGAST_LIMIT_DEFAULT 30
#define F1_ERGAST_LIMIT_MAX 100

/* A page counts rows (drivers, result lines, lap times), not the races they are grouped into. */
typedef struct f1_ergast_window_t {
    int limit, offset;
} f1_ergast_window_t;

/* limit and offset of a raw query string (or NULL). What cannot be one counts as not given, what is too much is cut; of
 * several the last one counts. Other names are ignored. */
void f1_ergast_window_read(f1_ergast_window_t *window, const char *query, apr_pool_t *pool);

/* Appends the answer to a path that was read with F1_ERGAST_OK. "current", "last" and "next" in it are replaced by what
 * they mean by the clock. url: what MRData says it was asked. */
apr_status_t f1_ergast_answer(f1_conn_t *conn, f1_ergast_path_t *path, const f1_ergast_window_t *window,
                              const char *url, f1_buf_t *out, apr_pool_t *pool, f1_result_t *res);

#endif
