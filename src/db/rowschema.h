/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_DB_ROWSCHEMA_H
#define F1_DB_ROWSCHEMA_H

/* JSON Schema (2020-12) of the objects that render.h makes of a statement's rows, from what PostgreSQL tells of its
 * columns. It tells no more than that a column may be NULL, so every member is of its type or null unless the route
 * declares a schema for it. */

#include <jansson.h>

#include "base/route.h"
#include "db/query.h"

/* declared: ends with a NULL name, or NULL. components: schemas by name. An object "driver" whose members are those of
 * the schema "DriverRef" is that or null. A new reference; NULL when memory ran out. */
json_t *f1_row_schema(const f1_description_t *description, const f1_schema_t *declared, const json_t *components,
                      apr_pool_t *pool);

/* {"$ref": "#/components/KIND/NAME"}: a new reference. */
json_t *f1_schema_ref(const char *kind, const char *name);

#endif
