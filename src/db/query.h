/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_DB_QUERY_H
#define F1_DB_QUERY_H

/* Statements and their rows. Results come in libpq's text format and live in the pool of the call. */

#include <stddef.h>
#include <apr_pools.h>
#include <apr_want.h>

#include "base/result.h"
#include "base/statement.h"
#include "db/conn.h"

typedef struct f1_rows_t f1_rows_t;

/* What a column is, as far as rendering cares. */
typedef enum { F1_COL_TEXT, F1_COL_NUMBER, F1_COL_BOOLEAN, F1_COL_TIMESTAMP, F1_COL_JSON } f1_col_kind_t;

/* Runs a statement, preparing it first where this backend has not. values: one text or NULL for each parameter.
 * A lost connection is re-opened and the statement sent again, a few times at most, if it is read-only and no
 * transaction was open. prows may be NULL. SQLSTATE decides res: 23505 and 23503 conflict, 22xxx and 23514 bad request,
 * 57014 timeout, 08xxx, 57P01-03 and 53xxx database unavailable, else internal (the server's words go to the log only).
 * Where a constraint of f1_constraints refused something, res names the field. What a function of ours refuses with
 * SQLSTATE F1400, F1404, F1409 or F1422 is that HTTP status, in its words. */
apr_status_t f1_query(f1_conn_t *conn, const f1_statement_t *statement, const char *const *values, f1_rows_t **prows,
                      apr_pool_t *pool, f1_result_t *res);

/* Statements that take longer are logged by their names, at level warn; 0, as it begins: none are. Set it before
 * threads start. */
void f1_query_log_slow(apr_interval_time_t limit);

/* Called with each row: it is row 0 of rows, and gone afterwards. The last call is without a row, so that columns are
 * known even where there is none. A failure in res ends the calls. */
typedef void f1_row_fn_t(void *baton, const f1_rows_t *rows, f1_result_t *res);

/* As f1_query, but rows come one by one as the server makes them, and memory stays the same however many there are.
 * The connection is busy until all were read, so each should take its row quickly: the server's statement timeout
 * runs. Rows may have been passed to each when the statement fails. */
apr_status_t f1_query_each(f1_conn_t *conn, const f1_statement_t *statement, const char *const *values,
                           f1_row_fn_t *each, void *baton, f1_result_t *res);

/* Text without parameters, perhaps several statements: BEGIN, COMMIT, migrations. Never built from outside text. */
apr_status_t f1_exec(f1_conn_t *conn, const char *sql, f1_result_t *res);

/* BEGIN … COMMIT around body; ROLLBACK when it fails. */
apr_status_t f1_transaction(f1_conn_t *conn, apr_status_t (*body)(f1_conn_t *conn, void *baton, f1_result_t *res),
                            void *baton, f1_result_t *res);

/* COPY … FROM STDIN of rows in the format that the command names, in as many parts as they are in. command: "COPY t
 * (a, b) FROM STDIN". */
apr_status_t f1_copy_in(f1_conn_t *conn, const char *command, const struct iovec *parts, int count, f1_result_t *res);

/* Asks the server to prepare the statement and to describe it (tests and documentation): parameter and column type
 * names as PostgreSQL prints them (arrays of param_count and *pcolumns). */
typedef struct f1_description_t {
    int param_count, column_count;
    const char **param_types;
    const char **column_names;
    const char **column_types;
} f1_description_t;
apr_status_t f1_describe(f1_conn_t *conn, const f1_statement_t *statement, f1_description_t *description,
                         apr_pool_t *pool, f1_result_t *res);

int f1_rows_count(const f1_rows_t *rows);
int f1_rows_columns(const f1_rows_t *rows);
const char *f1_rows_name(const f1_rows_t *rows, int column);
f1_col_kind_t f1_rows_kind(const f1_rows_t *rows, int column);
/* NULL for SQL NULL; lives as long as the rows. */
const char *f1_rows_get(const f1_rows_t *rows, int row, int column);
size_t f1_rows_length(const f1_rows_t *rows, int row, int column);
/* By the column's name; -1 when there is none. */
int f1_rows_column(const f1_rows_t *rows, const char *name);
/* Rows that an INSERT, UPDATE or DELETE touched. */
long f1_rows_affected(const f1_rows_t *rows);

/* The SQLSTATE table itself; NULL (no answer from the server) is F1_E_DATABASE_UNAVAILABLE. */
f1_error_t f1_sqlstate_error(const char *sqlstate);

#endif
