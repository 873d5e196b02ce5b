/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_COMPAT_OPENF1_ANSWER_H
#define F1_COMPAT_OPENF1_ANSWER_H

/* Answers as OpenF1 gives them: an array of objects, or CSV. */

#include "base/str.h"
#include "compat/openf1_query.h"
#include "db/conn.h"

#define F1_OPENF1_ROWS_MAX 100000
#define F1_OPENF1_MAX_BODY (128 * 1024 * 1024)

/* The statement of a list ("car_data"), whatever its case; NULL: there is no such list. */
const f1_statement_t *f1_openf1_statement(const char *list);

/* Appends the answer to out, which should hold F1_OPENF1_MAX_BODY; *pcount: rows in it. F1_E_BAD_REQUEST where
 * telemetry is not asked for by session, and by driver or time, and where more than F1_OPENF1_ROWS_MAX rows match. */
apr_status_t f1_openf1_answer(f1_conn_t *conn, const f1_statement_t *statement, const f1_openf1_query_t *query,
                              f1_buf_t *out, int *pcount, apr_pool_t *pool, f1_result_t *res);

#endif
