/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_TOOLS_SQLHEADER_H
#define F1_TOOLS_SQLHEADER_H

/* The comment lines on top of a SQL file: "-- key: value" lines are the header, other ones are just comments. The
 * first line that is no comment ends it. */

#include <apr_pools.h>

#include "complaint.h"

typedef struct sqlheader_line_t {
    const char *key;
    const char *value; /* without blanks at its ends */
    int line;
} sqlheader_line_t;

/* A key, how often it may stand in a header, and what reads its value. */
typedef struct sqlheader_key_t {
    const char *name;
    int is_required;
    int repeats;
    void (*read)(void *baton, const sqlheader_line_t *line);
} sqlheader_key_t;

/* keys: ends with a NULL name. Complains about unknown, missing, repeated and empty ones; the others are read in their
 * order. Returns what follows the header, and in *pline the line where that begins. */
const char *sqlheader_read(const char *file, const char *data, const sqlheader_key_t *keys, void *baton, int *pline,
                           complaints_t *complaints, apr_pool_t *pool);

/* The next word at *pat, which moves behind it; NULL at the end. */
const char *sqlheader_word(const char **pat, apr_pool_t *pool);

#endif
