/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_WEB_PERFORM_H
#define F1_WEB_PERFORM_H

/* The work of a request: done as it is, or as one transaction, where the client wants it done once however often it
 * asks (Idempotency-Key), or done to one version only (If-Match). */

#include "web/handler.h"

/* Calls work, or finds what it answered the first time. */
apr_status_t f1_perform(f1_call_t *call, f1_endpoint_fn_t *work, f1_buf_t *out, f1_result_t *res);

#endif
