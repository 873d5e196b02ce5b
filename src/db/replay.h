/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_DB_REPLAY_H
#define F1_DB_REPLAY_H

/* Requests that may be sent again: who does not know whether his POST arrived repeats it with the same Idempotency-Key,
 * and gets the answer that the first one had. Work and answer are one transaction: whatever breaks off, and whenever,
 * either both are there or the request was never made. */

#include "db/conn.h"

/* An Idempotency-Key is as long as this at least, because it guards the stored answer: a UUID is. */
#define F1_REPLAY_KEY_MIN 16
#define F1_REPLAY_KEY_MAX 255

typedef struct f1_replay_t {
    const char *account_id;     /* whose key it is */
    const char *route;
    const char *key;            /* as the client sent it */
    const char *request_hash;   /* SHA-256 of all that makes the request, in hex */
    /* The answer: out of the store, is_found, or what the work leaves here. */
    int is_found;
    int status;                 /* 2xx */
    const char *location;       /* NULL: none */
    const char *content_type;
    const char *body;
    size_t len;
} f1_replay_t;

/* Does the work in a transaction unless the answer of the last 24 hours is there; where it fails nothing was done, and
 * the key may be used again. F1_E_CONFLICT while somebody else is at work on it, F1_E_UNPROCESSABLE when it was another
 * request, F1_E_INVALID_PARAMETER when the key is none. */
apr_status_t f1_replay(f1_conn_t *conn, f1_replay_t *replay,
                       apr_status_t (*work)(f1_conn_t *conn, void *baton, f1_result_t *res), void *baton,
                       f1_result_t *res);

#endif
