/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_BASE_BODY_H
#define F1_BASE_BODY_H

/* A request's body, one JSON object, checked against the parameters that its route declares there. It is RFC 8259 as
 * jansson reads it, more strictly where readers differ: a name may be given once, numbers must fit 64 bits or a double,
 * strings are Unicode without NUL and lone surrogates. */

#include "base/param.h"

/* The largest body there may be: how many bytes a request may have is F1BoardMaxBody's. While it is read jansson's own
 * bound of depth, 2048, keeps the stack safe. */
#define F1_BODY_MAX_DEPTH 8      /* arrays and objects within each other, the body itself being the first */
#define F1_BODY_MAX_VALUES 1000  /* members of objects and elements of arrays, in all */
#define F1_BODY_MAX_STRING 40000 /* bytes of a string; ten thousand characters, the longest text, always fit */

/* Adds the body's values to a request that f1_param_check has filled. What is no JSON is F1_E_BAD_REQUEST with line and
 * column, what is too much the same with a JSON pointer (RFC 6901); wrong, unknown and missing members are
 * F1_E_INVALID_PARAMETER, all told at once by their pointers. Returns what res says in the end, which includes what was
 * wrong with the request before. */
apr_status_t f1_body_check(f1_request_t *request, const char *data, size_t len, apr_pool_t *pool, f1_result_t *res);

#endif
