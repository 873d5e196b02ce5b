/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_WEB_FLIGHT_H
#define F1_WEB_FLIGHT_H

/* Of several requests that want the same answer at the same time, in whatever child, one makes it: it has a flight. The
 * others wait until it lands, and look into the store. */

#include <apr_pools.h>
#include <apr_time.h>

#define F1_FLIGHT_TICKET 16 /* characters that say which answer is meant; each of them random enough for four bits */

typedef struct f1_flight_t {
    int slot;
    apr_uint64_t mark; /* 0: none */
} f1_flight_t;

/* Shared memory for the children to come; without it nobody waits for anybody. */
apr_status_t f1_flight_start(apr_pool_t *pconf);

/* Takes a flight, unless somebody has it: then waits until he lands, or for patience from when he took it, if he died
 * with it. 1: others need not be waited for any more; 0: it is ours to land, or all places are taken. */
int f1_flight_board(f1_flight_t *flight, const char *ticket, apr_interval_time_t patience);

/* Does nothing without a flight. */
void f1_flight_land(f1_flight_t *flight);

#endif
