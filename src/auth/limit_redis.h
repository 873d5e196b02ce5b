/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_AUTH_LIMIT_REDIS_H
#define F1_AUTH_LIMIT_REDIS_H

/* Buckets that several machines share, in Redis: the same bucket as limit.h's, as a script that runs there, on Redis'
 * clock. Each thread has a connection of its own. When Redis does not answer, all processes of this machine leave it
 * alone for some seconds, then one asks again; that it went away, and that it is back, is logged once. */

#include <apr_pools.h>

#include "auth/limit.h"
#include "base/redis.h"
#include "base/result.h"

typedef struct f1_limit_redis_t f1_limit_redis_t;

/* Bytes of zeroed memory that processes share. */
apr_size_t f1_limit_redis_size(void);

/* Before processes and threads are made. Connects to nothing yet. What server points to lives as long as pool. */
apr_status_t f1_limit_redis_make(f1_limit_redis_t **predis, const f1_redis_server_t *server, void *shared,
                                 apr_pool_t *pool);

/* As f1_limit_ask, and takes a drop. A failure means that the caller decides by himself; it has been logged. */
apr_status_t f1_limit_redis_ask(f1_limit_redis_t *redis, const char *key, const f1_rate_t *rate, f1_verdict_t *verdict,
                                f1_result_t *res);

#endif
