/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_TOOLS_SQLTEXT_H
#define F1_TOOLS_SQLTEXT_H

/* One SQL statement with :name parameters, read as far as needed to find them: PostgreSQL's strings, quoted names,
 * dollar quotes, comments, casts and array slices are stepped over (its manual, 4.1 Lexical Structure). */

#include <stddef.h>
#include <apr_pools.h>
#include <apr_tables.h>

#include "complaint.h"

typedef struct sqltext_use_t {
    size_t at;          /* offset of the colon */
    const char *name;
    int line;
} sqltext_use_t;

typedef struct sqltext_t {
    const char *file;
    int line;                   /* of the first byte */
    const char *text;           /* the statement without blank edges and without its final semicolon */
    size_t len;                 /* 0: there is none */
    const char *first_word;     /* lower case, "" when it begins otherwise */
    apr_array_header_t *uses;   /* of sqltext_use_t, in order */
    size_t order_by;            /* offset of the outermost ORDER BY, 0: there is none */
    int limit_line;             /* of an outermost LIMIT, OFFSET, FETCH or FOR, 0: there is none */
} sqltext_t;

/* text: what is left of a file from the given line on; UTF-8 without NUL. Complains about what cannot be one
 * statement; what is returned is then still safe to use, but may lack parameters. */
sqltext_t *sqltext_scan(const char *text, const char *file, int line, complaints_t *complaints, apr_pool_t *pool);

/* The first len bytes with $n for each :name. names (of const char *): $1 first; a name not in it is appended. */
const char *sqltext_number(const sqltext_t *sql, size_t len, apr_array_header_t *names, apr_pool_t *pool);

/* Index in names (of const char *), or -1. */
int sqltext_find_name(const apr_array_header_t *names, const char *name);

/* [a-z][a-z0-9_]*, at most 40 bytes: how parameters, areas, files and handlers are called. */
int sqltext_is_name(const char *text);

#endif
