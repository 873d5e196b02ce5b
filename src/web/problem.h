/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_WEB_PROBLEM_H
#define F1_WEB_PROBLEM_H

/* Errors as application/problem+json (RFC 9457), with "error" and "error_code" beside its own members. Ours are sent
 * as they are, whatever ErrorDocument says; those that httpd raises below a mount (a broken %-escape, Require) get the
 * same form where no ErrorDocument was set for them. */

#include "base/result.h"
#include "web/call.h"

/* Sends what res says. Returns what a handler returns. */
int f1_problem_send(f1_call_t *call, const f1_result_t *res);

void f1_problem_register_hooks(apr_pool_t *pool);

#endif
