/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_BASE_PARAM_H
#define F1_BASE_PARAM_H

/* What a request asks, checked against what its route declares. All errors are reported at once, by name. */

#include "base/format.h"
#include "base/result.h"
#include "base/route.h"

#define F1_LIMIT_DEFAULT 20
#define F1_LIMIT_MAX 100
#define F1_OFFSET_MAX 1000000000
#define F1_PARAM_MAX_ERRORS 16 /* thousands of wrong names get no answer of thousands of lines */

typedef struct f1_request_t {
    const f1_route_t *route;
    const char *values[F1_ROUTE_MAX_PARAMS];    /* canonical text by index into route->params; NULL: absent */
    unsigned int given;                         /* bit by index: whether the request has it, be it null */
    int limit, offset;                          /* lists only */
    int limit_clamped;                          /* what was asked for when it was more than the maximum, else 0 */
    f1_format_t format;                         /* JSON unless format= says otherwise, or later Accept */
    int format_given;                           /* by format=, which wins over Accept */
    const char *if_match;                       /* the header's value, where the route has a state; NULL: none */
    const char *me, *my_role, *my_session, *my_via, *my_key;    /* who asks, as F1_BIND_ME and its like have
                                                                   it; NULL: nobody known. Set after the check */
} f1_request_t;

/* All but the body, which is base/body.h's. limit_max and limit_default: 0 takes the compiled ones. query: the raw
 * query string without '?', or NULL. Names and values are percent-decoded ('+' is a space) and must be UTF-8 without
 * NUL; an unknown or repeated name is an error. */
apr_status_t f1_param_check(f1_request_t *request, const f1_match_t *match, const char *query, int limit_default,
                            int limit_max, apr_pool_t *pool, f1_result_t *res);

/* One value against one parameter: its canonical form in pool, or NULL with a field error in res. Not for words. */
const char *f1_param_value(const f1_param_t *param, const char *text, apr_pool_t *pool, f1_result_t *res);

/* A parameter as the field of an error: its name, or the JSON pointer of a member of the body. */
const char *f1_param_field(const f1_param_t *param, apr_pool_t *pool);

/* Completes "must be …". */
const char *f1_param_wanted(const f1_param_t *param, apr_pool_t *pool);

/* An e-mail address, its host in lower case; NULL when it is none that every mailer takes: no quotes, comments,
 * literals, nor characters beyond ASCII. */
const char *f1_param_email(const char *text, apr_pool_t *pool);

/* Valid UTF-8 as it may stand in a message: its first few characters, without control characters. */
const char *f1_param_shown(const char *text, apr_pool_t *pool);

/* Percent-decodes len bytes; plus: '+' is a space. NULL when malformed, or not UTF-8 without NUL. */
char *f1_param_decode(const char *text, size_t len, int plus, apr_pool_t *pool);

#endif
