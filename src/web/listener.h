/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_WEB_LISTENER_H
#define F1_WEB_LISTENER_H

/* What each child knows of the generations of data domains: a thread of its own listens to the database of a server,
 * from the first request on that asks. Servers with one database share it. Each child keeps its own copy, because of
 * notices that arrive in several processes in different order only the own order is known to be right. */

#include "web/config.h"

/* A set of data domains, bits by index into f1_domains. */
typedef apr_uint32_t f1_domain_set_t;

/* Made at start-up, one per server; lives as long as the configuration. */
f1_listener_t *f1_listener_create(server_rec *s, apr_pool_t *pconf);

/* The generations of a set, in the order of f1_domains, and in *pcount how many; room for F1_DOMAINS_MAX. Returns which
 * database they are of, because copies of a database have equal ones; NULL while they are not known for sure. */
const char *f1_listener_read(f1_listener_t *listener, f1_domain_set_t domains, apr_int64_t *generations, int *pcount);

/* The same without any: listens from here on, if nobody did, and waits a moment. Whether changes are heard of. */
int f1_listener_start(f1_listener_t *listener);

/* Called on a listener's thread with each notice for a route that has events: its channel, and what changed. channel
 * NULL: notices may have been missed. Set it once, before children are made. */
typedef void f1_notice_fn_t(const char *channel, const char *payload);
void f1_listener_tell(f1_notice_fn_t *tell);

/* Whether they are known. */
int f1_listener_is_up(const f1_listener_t *listener);

void f1_listener_register_hooks(apr_pool_t *pool);

#endif
