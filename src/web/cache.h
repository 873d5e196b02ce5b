/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_WEB_CACHE_H
#define F1_WEB_CACHE_H

/* Answers that were given before, and the validators of all that may be kept.
 *
 * The key of an answer is a hash of everything it depends on: route, parameters, representation, and the generations of
 * the route's data domains. A change of data moves a generation, so that no old answer can be found any more; nothing
 * is ever deleted. The ETag is made of the key too, so that a client that has the answer is told so (304) without a
 * look at database or store. Only answers that depend on the time are compared by their bytes.
 *
 * Without generations (the listener is not up) neither is used: bypass. Without a store, validators still are. */

#include "base/str.h"
#include "web/call.h"

/* Once at start-up, after the routes' handlers were found. */
void f1_cache_start(server_rec *s, apr_pool_t *pconf);

/* After a request is checked and its representation chosen. time: how a handler's answer depends on the clock; for SQL
 * it is known. 1: it is answered, either by out and the headers that belong to it, or by call->status 304. 0: it is to
 * be answered, and handed to f1_cache_keep in any case. */
int f1_cache_find(f1_call_t *call, f1_time_bond_t time, f1_buf_t *out);

/* out: the answer, whose headers are in headers_out; NULL when there is none worth keeping. May turn it into a 304. */
void f1_cache_keep(f1_call_t *call, const f1_buf_t *out);

/* The same for a JSON answer that goes into a page: without headers and validators. */
int f1_cache_find_part(f1_cache_use_t *use, const f1_request_t *request, request_rec *r, f1_buf_t *out);
void f1_cache_keep_part(f1_cache_use_t *use, const f1_request_t *request, request_rec *r, const f1_buf_t *out);

/* The answer's Cache-Control. */
const char *f1_cache_control(const f1_call_t *call);

/* "hit", "miss", "304", "bypass", "none". */
const char *f1_cache_word(const f1_call_t *call);

#endif
