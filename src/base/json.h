/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_BASE_JSON_H
#define F1_BASE_JSON_H

/* jansson tied to pools: a parsed document lives as long as the pool it was parsed into. And JSON text for people. */

#include <jansson.h>
#include <apr_pools.h>

#include "base/result.h"
#include "base/str.h"

/* Parses a whole document of at most JSON_PARSER_MAX_DEPTH levels; duplicate keys are refused. On failure res says
 * error (the caller's choice: F1_E_BAD_DATA for upstreams, F1_E_BAD_REQUEST for clients), line and column. */
apr_status_t f1_json_parse(json_t **pdoc, const char *data, size_t len, f1_error_t error, apr_pool_t *pool,
                           f1_result_t *res);

/* Hands a reference that the caller owns to the pool. Returns doc; NULL stays NULL. */
json_t *f1_json_own(json_t *doc, apr_pool_t *pool);

/* Valid JSON as people read it: a member a line, two blanks for each level; depth: the level it stands in. Numbers and
 * strings stay as they are written. */
void f1_json_indent(f1_buf_t *out, const char *json, size_t len, int depth);

/* Getters that say NULL for a member that is missing or of another type. Strings live as long as the document. */
const char *f1_json_str(const json_t *object, const char *key);
json_t *f1_json_object(const json_t *object, const char *key);
json_t *f1_json_array(const json_t *object, const char *key);

#endif
