/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_BASE_REDIS_H
#define F1_BASE_REDIS_H

/* A connection to Redis that sends a command and reads a short reply; apr_redis has no scripts. After any failure a
 * connection is of no more use: what it would answer next may be the answer to something else. */

#include <apr_network_io.h>
#include <apr_pools.h>

#include "base/result.h"

typedef struct f1_redis_t f1_redis_t;

#define F1_REDIS_NUMBERS 8
#define F1_REDIS_TEXT 128
typedef struct f1_redis_reply_t {
    char text[F1_REDIS_TEXT];               /* of a reply that is one string */
    apr_int64_t numbers[F1_REDIS_NUMBERS];  /* of one that is a number, or a list of them */
    int count;
} f1_redis_reply_t;

typedef struct f1_redis_server_t {
    const char *host;
    apr_port_t port;
    int database;
    const char *user, *password;            /* NULL: none */
} f1_redis_server_t;

/* "HOST:PORT" or "HOST:PORT/DATABASE"; 0: it is neither. */
#define F1_REDIS_DATABASE_MAX 9999
int f1_redis_server_parse(f1_redis_server_t *server, const char *text, apr_pool_t *pool);

/* The connection lives in pool. timeout: longest wait, each time that there is something to wait for. */
apr_status_t f1_redis_open(f1_redis_t **predis, const f1_redis_server_t *server, apr_interval_time_t timeout,
                           apr_pool_t *pool, f1_result_t *res);

/* words: the command and its arguments, NULL-terminated. Failures are F1_E_UPSTREAM; an error that Redis answered is in
 * the result's words. */
apr_status_t f1_redis_ask(f1_redis_t *redis, const char *const *words, f1_redis_reply_t *reply, f1_result_t *res);

#endif
