/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_WEB_REQUEST_H
#define F1_WEB_REQUEST_H

/* What of a request is not parameters: method, Accept, body. Each check fills res with what a client can do better. */

#include <httpd.h>

#include "base/result.h"

/* The f1_method_t for r (HEAD is GET); 0 for what no route can have. */
int f1_request_method(const request_rec *r);

/* Whether the client takes this media type ("application/json"), by RFC 9110 §12.5.1: its most specific range decides.
 */
int f1_request_accepts(const request_rec *r, const char *type);

/* Whether Accept names this very type, not just a range it is in. */
int f1_request_names(const request_rec *r, const char *type);

/* Reads the body to its end and drops it. A body that is not JSON is F1_E_UNSUPPORTED_MEDIA_TYPE, one of more than max
 * bytes F1_E_BODY_TOO_LARGE; both are said before it is read, where its length is announced. */
apr_status_t f1_request_drain(request_rec *r, apr_int64_t max, f1_result_t *res);

#endif
