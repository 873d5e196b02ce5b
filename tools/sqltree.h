/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_TOOLS_SQLTREE_H
#define F1_TOOLS_SQLTREE_H

/* Everything below sql/, checked file by file and against each other, in an order that does not depend on the disk. */

#include <apr_pools.h>
#include <apr_tables.h>

#include "complaint.h"
#include "db/migrate.h"
#include "sqlfile.h"
#include "sqlroute.h"

#define SQLTREE_MAX_MIGRATION (256 * 1024)
#define SQLTREE_MAX_OPENAPI (256 * 1024)

typedef struct sqltree_statement_t {
    const char *file; /* for complaints */
    const f1_statement_t *statement;
} sqltree_statement_t;

typedef struct sqltree_t {
    apr_array_header_t *routes;     /* of sqlroute_t *, by name */
    apr_array_header_t *statements; /* of sqltree_statement_t, by name: the index is the id */
    apr_array_header_t *migrations; /* of f1_migration_t, by version */
    apr_array_header_t *domains;    /* of const char *, in the order of the file "domains" */
    apr_array_header_t *constraints; /* of f1_constraint_t, in the order of the file "constraints" */
    const char *openapi;            /* text of openapi.json; "" where there is none */
} sqltree_t;

/* root: the sql folder. What cannot be read is a complaint too; the tree is whole only if there is none. */
sqltree_t *sqltree_read(const char *root, complaints_t *complaints, apr_pool_t *pool);

#endif
