/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_DB_RENDER_H
#define F1_DB_RENDER_H

/* Typed rows as JSON. Column names are the member names; a dot nests (columns of one object stand together), and an
 * object whose columns are all NULL is null itself. Numbers are written as PostgreSQL prints them, so that no digit is
 * lost; timestamps become RFC 3339 UTC. */

#include "base/str.h"
#include "db/query.h"

/* Row number row as an object. */
void f1_render_row(f1_buf_t *out, const f1_rows_t *rows, int row, apr_pool_t *pool);

/* Rows first..last-1 as the inside of an array: objects separated by commas. */
void f1_render_rows(f1_buf_t *out, const f1_rows_t *rows, int first, int last, apr_pool_t *pool);

#endif
