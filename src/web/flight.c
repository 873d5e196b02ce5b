/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* A slot of shared memory is free, or holds a mark: what its answer is known by, and until when it counts. A process
 * that dies leaves one that ends by itself. Those who wait look every few milliseconds, so that there is nothing to
 * lock and nobody to wake. */

#include "web/flight.h"

#include <stdatomic.h>
#include <string.h>

#include <apr_shm.h>

#define SLOTS 256
#define TICK apr_time_from_msec(10) /* what a mark's time is counted in: 32 bits are more than a year */
#define LOOK apr_time_from_msec(2)

static _Atomic apr_uint64_t *slots; /* NULL: there are none */

apr_status_t f1_flight_start(apr_pool_t *pconf)
{
    apr_shm_t *shm;
    apr_status_t rv = apr_shm_create(&shm, SLOTS * sizeof(*slots), NULL, pconf);

    slots = NULL;
    if (rv == APR_SUCCESS) {
        slots = apr_shm_baseaddr_get(shm);
        memset((void *)slots, 0, SLOTS * sizeof(*slots));
    }
    return rv;
}

static apr_uint32_t ticks(apr_time_t time)
{
    return (apr_uint32_t)(time / TICK);
}

/* The ticket's eight characters from at on, as 32 bits. */
static apr_uint32_t bits(const char *ticket, size_t at)
{
    apr_uint64_t number;

    memcpy(&number, ticket + at, sizeof(number));
    return (apr_uint32_t)(number * 0x9e3779b97f4a7c15 >> 32);
}

/* Whether the mark's time has not come, and could have been given by somebody in the last patience. */
static int counts(apr_uint64_t mark, apr_interval_time_t patience)
{
    apr_uint32_t left = (apr_uint32_t)mark - ticks(apr_time_now());

    return mark && left && left <= ticks(patience) + 1;
}

static int is_same(apr_uint64_t mark, apr_uint64_t other)
{
    return mark >> 32 == other >> 32;
}

int f1_flight_board(f1_flight_t *flight, const char *ticket, apr_interval_time_t patience)
{
    apr_uint64_t mark = (apr_uint64_t)bits(ticket, 0) << 32 | ticks(apr_time_now() + patience);
    int slot = (int)(bits(ticket, F1_FLIGHT_TICKET / 2) % SLOTS);
    apr_uint64_t held = slots ? slots[slot] : 0;

    flight->mark = 0;
    while (slots && !counts(held, patience)) {
        if (atomic_compare_exchange_strong(&slots[slot], &held, mark)) {
            flight->slot = slot;
            flight->mark = mark;
            return 0;
        }
    }
    if (!slots || !is_same(held, mark)) {
        return 0;
    }
    while (counts(held, patience) && slots[slot] == held) {
        apr_sleep(LOOK);
    }
    return 1;
}

void f1_flight_land(f1_flight_t *flight)
{
    if (flight->mark) {
        atomic_compare_exchange_strong(&slots[flight->slot], &flight->mark, 0);
        flight->mark = 0;
    }
}
