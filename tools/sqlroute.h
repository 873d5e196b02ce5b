/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_TOOLS_SQLROUTE_H
#define F1_TOOLS_SQLROUTE_H

/* One file of sql/api as the structure that is compiled in. What its header says is checked with the code that checks
 * requests later: defaults and examples pass through base/param.c and base/route.c. */

#include <apr_pools.h>

#include "base/route.h"
#include "complaint.h"
#include "sqlfile.h"

#define SQLROUTE_MAX_TEMPLATES 8

typedef struct sqlroute_t {
    const char *path;                  /* for complaints */
    int lines[SQLROUTE_MAX_TEMPLATES]; /* where each template stands */
    int cache_line, match_line;
    f1_route_t route;
} sqlroute_t;

/* data: clean and NUL-terminated. What is returned has its method and templates; it is whole if nothing was complained
 * about. */
sqlroute_t *sqlroute_read(const sqlfile_place_t *place, const char *data, complaints_t *complaints, apr_pool_t *pool);

#endif
