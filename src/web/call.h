/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_WEB_CALL_H
#define F1_WEB_CALL_H

/* A request below a mount, as far as it is known. It is kept with httpd's request from the moment its location is
 * known, lives in that request's pool, and is what endpoints, counters and logs look at. */

#include "auth/identity.h"
#include "base/param.h"
#include "base/str.h"
#include "web/config.h"
#include "web/dbd.h"
#include "web/flight.h"
#include "web/spool.h"

typedef enum { F1_CACHE_NONE, F1_CACHE_BYPASS, F1_CACHE_MISS, F1_CACHE_HIT, F1_CACHE_NOT_MODIFIED } f1_cache_state_t;

/* How an answer depends on what time it is: not at all; on the clock; it tells what happens now, and is of no use to
 * anybody a moment later. */
typedef enum { F1_TIME_NONE, F1_TIME_CLOCK, F1_TIME_LIVE } f1_time_bond_t;

/* What cache.c knows of a request. */
typedef struct f1_cache_use_t {
    f1_cache_state_t state;
    f1_time_bond_t time;
    const apr_int64_t *generations; /* of the route's domains, as the request found them */
    const char *id;
    const char *etag;               /* NULL: none */
    f1_flight_t flight;
} f1_cache_use_t;

typedef struct f1_follower_t f1_follower_t;

typedef struct f1_call_t {
    request_rec *r;
    const f1_dir_config_t *dir;
    f1_match_t match;
    f1_request_t request;
    f1_buf_t body;                  /* of the request, where the route takes one */
    const f1_identity_t *identity;  /* who asks: f1_identity_nobody where the route does not want to know */
    int is_private;                 /* the answer is not for everybody */
    f1_dbd_lease_t lease;
    f1_db_t *db;                    /* whose connections the endpoint uses: the lease, or a transaction that all it does
                                       is a part of, so it begins none */
    int status;                     /* of the answer */
    const char *content_type;
    f1_spool_t spool;               /* the body, when it is long */
    apr_interval_time_t query_time; /* spent with the database */
    f1_cache_use_t cache;
    f1_follower_t *follower;        /* the client stays to hear what follows the answer; NULL: as with most */
} f1_call_t;

/* NULL when r is not, or not yet, a call. */
static inline f1_call_t *f1_call_of(const request_rec *r)
{
    return ap_get_module_config(r->request_config, &f1board_module);
}

static inline f1_call_t *f1_call_make(request_rec *r, const f1_dir_config_t *dir)
{
    f1_call_t *call = f1_call_of(r);

    if (!call) {
        call = apr_pcalloc(r->pool, sizeof(*call));
        call->r = r;
        call->identity = &f1_identity_nobody;
        f1_dbd_lease(&call->lease, f1_config_server(r->server)->dbd);
        call->db = &call->lease.db;
        ap_set_module_config(r->request_config, &f1board_module, call);
    }
    call->dir = dir;
    return call;
}

#endif
