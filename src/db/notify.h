/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_DB_NOTIFY_H
#define F1_DB_NOTIFY_H

/* Follows the generations of data domains, and the channels of routes that have events, over a connection of its own:
 * LISTENs first and then reads all generations, so that no change is lost between the two; every few seconds it reads
 * them again, which also shows that the server is still there. A connection that is lost, or does not answer, is opened
 * anew, with growing pauses.
 *
 * One thread runs it and gets the calls; any thread may stop it. */

#include <apr_pools.h>

#include "base/result.h"

/* A change is known at once; a server that vanished without a word after at most the sum of these. */
#define F1_NOTIFY_PING apr_time_from_sec(2)
#define F1_NOTIFY_PATIENCE apr_time_from_sec(1)

typedef struct f1_notify_t f1_notify_t;

typedef struct f1_notify_calls_t {
    void *baton;
    /* was_read: the generation was read, and is what it is; else a notice told it, which a later reading may have
     * overtaken, so that a smaller one than is known means nothing */
    void (*changed)(void *baton, const char *domain, apr_int64_t generation, int was_read);
    /* somebody notified on a channel of a route's; payload: what changed */
    void (*noticed)(void *baton, const char *channel, const char *payload);
    void (*up)(void *baton);    /* all domains were told, and changes are from now on */
    void (*down)(void *baton);  /* what was told may be old from now on; not called when it was not up */
} f1_notify_calls_t;

apr_status_t f1_notify_create(f1_notify_t **pnotify, const f1_notify_calls_t *calls, apr_pool_t *pool,
                              f1_result_t *res);

/* Returns when it is stopped, at once if it was stopped before. conninfo: libpq's. */
void f1_notify_run(f1_notify_t *notify, const char *conninfo);

/* Sleeps; returns 1 when it was stopped. For the thread that will run it. */
int f1_notify_pause(f1_notify_t *notify, apr_interval_time_t duration);

/* Makes run and pause return within milliseconds, looking up a host's name excepted. */
void f1_notify_stop(f1_notify_t *notify);

#endif
