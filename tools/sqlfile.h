/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_TOOLS_SQLFILE_H
#define F1_TOOLS_SQLFILE_H

/* What all SQL files have in common, and files of sql/stmt. */

#include <stddef.h>
#include <apr_pools.h>
#include <apr_tables.h>

#include "base/statement.h"
#include "complaint.h"

#define SQLFILE_MAX_SIZE (64 * 1024)
#define SQLFILE_MAX_SUMMARY 120

/* Where a file stands. */
typedef struct sqlfile_place_t {
    const char *file;   /* for complaints: the path as it was opened */
    const char *area;   /* its folder and its name without .sql; both are sqltext_is_name */
    const char *name;
} sqlfile_place_t;

/* Whether data may be SQL at all: size, UTF-8, Unix line ends, no control characters. */
int sqlfile_is_clean(const char *path, const char *data, size_t len, size_t max, complaints_t *complaints);

/* summary: of a file, or the noun of a route. */
void sqlfile_check_summary(const sqlfile_place_t *place, const char *summary, int line, complaints_t *complaints);

/* A statement of the file, named after it and suffix. names (of const char *): of its parameters, $1 first. */
f1_statement_t *sqlfile_statement(const sqlfile_place_t *place, const char *suffix, const char *sql,
                                  const apr_array_header_t *names, complaints_t *complaints, apr_pool_t *pool);

/* A file of sql/stmt. data: clean and NUL-terminated. What is returned is whole if nothing was complained about; its
 * id is left at 0. */
f1_statement_t *sqlfile_read_statement(const sqlfile_place_t *place, const char *data, complaints_t *complaints,
                                       apr_pool_t *pool);

#endif
