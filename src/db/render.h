/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_DB_RENDER_H
#define F1_DB_RENDER_H

/* Typed rows as JSON, CSV or NDJSON. Column names are the member names; a dot nests (columns of one object stand
 * together), and an object whose columns are all NULL is null itself; a member whose column's name ends in '?' is left
 * out where it is NULL. Numbers are written as PostgreSQL prints them, so
 * that no digit is lost; timestamps become RFC 3339 UTC.
 *
 * CSV is RFC 4180 with a line of names, which keep their dots. NULL is an empty cell. A text that a spreadsheet would
 * take for a formula (= + - @ TAB CR at its beginning) gets an apostrophe before it; numbers are never touched. */

#include "base/format.h"
#include "base/str.h"
#include "db/query.h"

/* What is the same for all rows of a statement, worked out once. */
typedef struct f1_render_t f1_render_t;

/* rows: any of the statement's, or none of them; it is not needed afterwards. */
f1_render_t *f1_render_make(const f1_rows_t *rows, f1_format_t format, apr_pool_t *pool);

/* What stands before the first record: CSV's line of names. */
void f1_render_head(f1_buf_t *out, const f1_render_t *render);

/* Row number row as a record: a JSON object, or a whole line. */
void f1_render_record(f1_buf_t *out, const f1_render_t *render, const f1_rows_t *rows, int row);

/* Row number row as an object. */
void f1_render_row(f1_buf_t *out, const f1_rows_t *rows, int row, apr_pool_t *pool);

/* Rows first..last-1 as the inside of an array: objects separated by commas. */
void f1_render_rows(f1_buf_t *out, const f1_rows_t *rows, int first, int last, apr_pool_t *pool);

#endif
