/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_WEB_REQUEST_H
#define F1_WEB_REQUEST_H

/* What of a request is not parameters: method, Accept, body. Each check fills res with what a client can do better. */

#include <httpd.h>

#include "base/result.h"
#include "base/str.h"

/* The f1_method_t for r (HEAD is GET); 0 for what no route can have. */
int f1_request_method(const request_rec *r);

/* Which of these media types (NULL-terminated, the usual one first) the client likes best, by RFC 9110 §12.5.1: of each
 * type the most specific range decides; of equal ones the type that is named, then the first. -1: none will do. */
int f1_request_choose(const request_rec *r, const char *const *types);

/* Whether a browser says that a page of another origin wants this (Fetch's Sec-Fetch-Site, or Origin, which all of them
 * send with what is not GET). Programs say nothing of the kind, and are not. */
int f1_request_is_foreign(const request_rec *r);

/* Reads the body to its end, into an uninitialized body, or drops it where that is NULL. One that is not JSON in UTF-8,
 * uncompressed, is F1_E_UNSUPPORTED_MEDIA_TYPE, one of more than max bytes F1_E_BODY_TOO_LARGE, one that comes too
 * slowly for httpd F1_E_REQUEST_TIMEOUT. A client that waits to be told whether it should send its body (Expect) is
 * told first. */
apr_status_t f1_request_read(request_rec *r, apr_int64_t max, f1_buf_t *body, f1_result_t *res);

/* Reads a body of whatever type to its end, and drops it. */
apr_status_t f1_request_drop(request_rec *r, apr_int64_t max, f1_result_t *res);

#endif
