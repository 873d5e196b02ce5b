/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_TOOLS_COMPLAINT_H
#define F1_TOOLS_COMPLAINT_H

/* What is wrong with the files under sql/, all of it: "file:line: message", which editors and CI can jump to. */

#include <apr_pools.h>
#include <apr_tables.h>

typedef struct complaint_t {
    const char *file;
    int line;
    const char *message;
} complaint_t;

typedef struct complaints_t {
    apr_pool_t *pool;
    apr_array_header_t *list; /* of complaint_t */
} complaints_t;

complaints_t *complaints_make(apr_pool_t *pool);

void complain(complaints_t *complaints, const char *file, int line, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* Orders them by file and line. */
void complaints_sort(complaints_t *complaints);

#endif
