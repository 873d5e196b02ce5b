/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_WEB_LIMITS_H
#define F1_WEB_LIMITS_H

/* How often somebody may ask: who is counted, as what, and what an answer says about it. Every request for a mount is
 * counted once, whatever becomes of it, before it costs more than finding its route and who asks; docs/limits.md. */

#include "base/result.h"
#include "web/call.h"

/* Reads where Redis is and who may ask it, while httpd still is root. NULL, or what is wrong. */
const char *f1_limits_load(server_rec *s, apr_pool_t *pconf);

/* Finds the buckets of the running server, or makes them. Call it before children are made. */
apr_status_t f1_limits_start(server_rec *s);

/* Counts the call, and leaves headers for its answer. F1_E_TOO_MANY_REQUESTS takes the place of whatever res says when
 * whoever asks has used up his limit; else res stays as it is. Returns what res says then. */
apr_status_t f1_limits_count(f1_call_t *call, f1_result_t *res);

/* Before credentials are looked at, which costs something: F1_E_TOO_MANY_REQUESTS for an address from where too many
 * wrong ones came. r: any request, below a mount or not. */
apr_status_t f1_limits_check_failures(request_rec *r, f1_result_t *res);

/* The same for a user whose token is signed, before the database is asked whether it still counts: where the request is
 * one of those that f1_limits_count counts for him, and he has used up his limit. */
apr_status_t f1_limits_check_user(request_rec *r, const char *user_id, f1_result_t *res);

/* The credentials were wrong. */
void f1_limits_count_failure(const request_rec *r);

#endif
