/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_WEB_EVENTS_H
#define F1_WEB_EVENTS_H

/* Routes whose result is events, over HTTP: Server-Sent Events as browsers' EventSource reads them. docs/streams.md. */

#include "base/str.h"
#include "web/call.h"

/* Appends what the client hears at first to out. Where more may follow, call gets a follower: then the answer is sent
 * with f1_events_send, else as any other. */
apr_status_t f1_events_answer(f1_call_t *call, f1_buf_t *out, f1_result_t *res);

/* Sends the head with what the client hears at first, and leaves the connection open to a follower. Returns what the
 * handler returns. */
int f1_events_send(f1_call_t *call, const f1_buf_t *first);

#endif
