/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_DB_OPENAPI_H
#define F1_DB_OPENAPI_H

/* The API's description, OpenAPI 3.1, from the very tables that answer requests: routes and parameters as they are
 * checked, rows as PostgreSQL describes them. What no table knows (errors, headers, the answers of C functions) stands
 * in sql/openapi.json, which is the document without its paths. */

#include <jansson.h>

#include "base/route.h"
#include "db/conn.h"

/* Text of sql/openapi.json, compiled in. */
extern const char f1_openapi_frame[];

typedef struct f1_openapi_options_t {
    const f1_route_t *routes;
    int route_count;
    const char *title;
    const char *base;       /* path or URL of the mount, without a slash at its end; "" for the root */
    int limit_default;      /* of lists; 0 takes the compiled ones */
    int limit_max;
} f1_openapi_options_t;

/* Describes every statement on conn. The document lives as long as pool. F1_E_INTERNAL, told in the log, when a
 * statement cannot be described or a schema that a route names is missing. */
apr_status_t f1_openapi_make(json_t **pdoc, f1_conn_t *conn, const f1_openapi_options_t *options, apr_pool_t *pool,
                             f1_result_t *res);

#endif
