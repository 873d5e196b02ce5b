/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_INGEST_NATIONALITY_H
#define F1_INGEST_NATIONALITY_H

/* Sources name nations by code ("GBR", "NED", "NL"), results by the word that Ergast uses ("British", "Dutch"). */

#include <stddef.h>
#include <apr_pools.h>

/* The word for a two-letter ISO 3166 code or a three-letter ISO or IOC one, in any case, white space around it
 * ignored. What is no known code comes back stripped, so that a word stays the word; NULL and "" give "". */
const char *f1_nationality(const char *code, apr_pool_t *pool);

/* The table, sorted by code. */
typedef struct f1_nation_t {
    const char *code;
    const char *word;
} f1_nation_t;

extern const f1_nation_t f1_nations[];
extern const size_t f1_nation_count;

#endif
