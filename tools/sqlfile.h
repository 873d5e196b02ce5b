/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_TOOLS_SQLFILE_H
#define F1_TOOLS_SQLFILE_H

/* One file of sql/api or sql/stmt as the structures that are compiled in. What a header says is checked with the code
 * that checks requests later: defaults and examples pass through base/param.c and base/route.c. */

#include <stddef.h>
#include <apr_pools.h>

#include "base/route.h"
#include "base/statement.h"
#include "complaint.h"

#define SQLFILE_MAX_SIZE (64 * 1024)

/* Where a file stands. */
typedef struct sqlfile_place_t {
    const char *file;   /* for complaints: the path as it was opened */
    const char *area;   /* its folder and its name without .sql; both are sqltext_is_name */
    const char *name;
} sqlfile_place_t;

#define SQLFILE_MAX_TEMPLATES 8

typedef struct sqlfile_route_t {
    const char *path; /* for complaints */
    f1_route_t route; /* templates are set in any case */
    int lines[SQLFILE_MAX_TEMPLATES]; /* where each template stands */
} sqlfile_route_t;

/* Whether data may be SQL at all: size, UTF-8, Unix line ends, no control characters. */
int sqlfile_is_clean(const char *path, const char *data, size_t len, size_t max, complaints_t *complaints);

/* Both take clean, NUL-terminated data, and return a structure that is whole only if nothing was complained about.
 * Statement ids are left at 0. */
sqlfile_route_t *sqlfile_read_route(const sqlfile_place_t *place, const char *data, complaints_t *complaints,
                                    apr_pool_t *pool);
f1_statement_t *sqlfile_read_statement(const sqlfile_place_t *place, const char *data, complaints_t *complaints,
                                       apr_pool_t *pool);

#endif
