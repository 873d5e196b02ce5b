/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_WEB_HANDLER_H
#define F1_WEB_HANDLER_H

/* The one handler of all endpoints: match, authenticate, limits, validate, answer (the route's SQL or its C function),
 * headers. */

#include "base/str.h"
#include "web/call.h"

/* An endpoint in C: appends the body to out; may change call's status and content type. */
typedef apr_status_t f1_endpoint_fn_t(f1_call_t *call, f1_buf_t *out, f1_result_t *res);

/* Finds the C functions that routes name. NULL, or what is wrong. */
const char *f1_handler_resolve(apr_pool_t *pconf);

void f1_handler_register_hooks(apr_pool_t *pool);

#endif
