/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_WEB_UNSUBSCRIBE_H
#define F1_WEB_UNSUBSCRIBE_H

/* Where the links in mail lead by which its readers get no more of its kind. Who has the link may; nobody has to log
 * in. A GET changes nothing, because programs that look at mail follow links; what changes is a POST, by the page's
 * button or by the mailer's own (RFC 8058). */

#include "base/str.h"
#include "web/call.h"

apr_status_t f1_unsubscribe_page(f1_call_t *call, f1_buf_t *out, f1_result_t *res);
apr_status_t f1_unsubscribe(f1_call_t *call, f1_buf_t *out, f1_result_t *res);

#endif
