/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_TOOLS_SQLWRITE_H
#define F1_TOOLS_SQLWRITE_H

/* The C that a tree becomes: one function for each generated file. The text depends on the tree alone. */

#include "base/str.h"
#include "sqltree.h"

void sqlwrite_routes(f1_buf_t *out, const sqltree_t *tree);
void sqlwrite_statements(f1_buf_t *out, const sqltree_t *tree);
void sqlwrite_statements_header(f1_buf_t *out, const sqltree_t *tree);
void sqlwrite_migrations(f1_buf_t *out, const sqltree_t *tree);
void sqlwrite_openapi(f1_buf_t *out, const sqltree_t *tree);

#endif
