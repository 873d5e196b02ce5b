/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_WEB_REPLY_H
#define F1_WEB_REPLY_H

/* What goes out: headers that every answer has, and one brigade with the body. */

#include "base/str.h"
#include "web/call.h"

/* What every answer has: no-store, Vary, what protects browsers, and what CORS asks for. */
void f1_reply_headers(request_rec *r, const f1_dir_config_t *dir);

/* What a good answer has besides: Cache-Control for how long it may be kept, and its ETag. */
void f1_reply_validators(const f1_call_t *call);

/* Link (RFC 8288) to the first, previous, next and last page, X-Total-Count, and what became of a limit above the
 * maximum. */
void f1_reply_page(const f1_call_t *call, apr_int64_t total);

/* Content-Type, Content-Length and the body itself, which has to stay until the request ends. */
int f1_reply_send(request_rec *r, const char *content_type, const f1_buf_t *body);

/* Content-Disposition of a download, which is named after its route and what was asked for, and X-Total-Count. */
void f1_reply_attachment(const f1_call_t *call, apr_int64_t total);

/* The same for a body that is a spool's file. */
int f1_reply_send_file(request_rec *r, const char *content_type, const f1_spool_t *spool);

#endif
