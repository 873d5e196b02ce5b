/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_WEB_TOPIC_H
#define F1_WEB_TOPIC_H

/* What clients of this child follow: a route whose result is events, with its values. A topic tells its state, the row
 * of the route's statement, as a Server-Sent Event, and again whenever it has changed. Changes are heard of by the
 * child's listener, and then one statement is asked for all who follow. */

#include "base/str.h"
#include "web/call.h"

/* How call's topic is now, appended to out as an event. */
apr_status_t f1_topic_look(const f1_call_t *call, f1_buf_t *out, f1_result_t *res);

/* The same, and r's client becomes a follower, who hears each later state once. *pfollower: NULL where none will come.
 * seen: the id of the event that the client has, or NULL; if it is this one's, out stays as it is. Who is no follower
 * for want of a place gets F1_E_UNAVAILABLE or F1_E_TOO_MANY_REQUESTS. */
apr_status_t f1_topic_follow(f1_follower_t **pfollower, const f1_call_t *call, const char *seen, f1_buf_t *out,
                             f1_result_t *res);

/* The answer has begun: returns what the handler returns. He is followed no longer when he goes, when his token ends,
 * when he may not follow any more, and after the last state. */
int f1_topic_stay(f1_follower_t *follower);

/* Instead of staying. */
void f1_topic_leave(f1_follower_t *follower);

void f1_topic_register_hooks(apr_pool_t *pool);

#endif
