/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_AUTH_LIMIT_H
#define F1_AUTH_LIMIT_H

/* How often somebody may ask: GCRA, in its form of a leaking bucket. A request is a drop; the bucket holds count drops
 * and loses that many in each period. It leaks not drop by drop but in steps, about ten in a period, the first of which
 * comes one step after the drop that fell into the empty bucket: so the 101st of 100 is refused, however slowly those
 * came within a step, and nobody who is refused waits longer than a step.
 *
 * Buckets are in a table of fixed size, in memory that processes share. It has no locks: a bucket is one word, which is
 * compared and swapped. A hash of its key, with a secret that the table is made with, says which set of eight it is in.
 * A newcomer takes the place of a bucket that is empty, as that of somebody who has not asked for a while always is.
 * Where there is none in the set, he takes over the one that will be empty first, with what is in it: so pushing others
 * out gets nobody rid of drops. */

#include <apr.h>
#include <apr_errno.h>

/* At most count requests at once, and again in each period. */
#define F1_LIMIT_COUNT_MAX 1000000
#define F1_LIMIT_SECONDS_MAX (24 * 3600)
typedef struct f1_rate_t {
    apr_uint32_t count;         /* 1 to F1_LIMIT_COUNT_MAX */
    apr_uint32_t seconds;       /* 1 to F1_LIMIT_SECONDS_MAX */
} f1_rate_t;

typedef struct f1_verdict_t {
    int allowed;
    apr_uint32_t remaining;     /* requests that would be allowed now */
    apr_int64_t wait;           /* milliseconds until one is allowed; 0: now */
    apr_int64_t reset;          /* milliseconds until all of count are */
} f1_verdict_t;

/* What a request does to its bucket. */
typedef enum {
    F1_LIMIT_TAKE,              /* a drop falls in, if there is room */
    F1_LIMIT_LOOK               /* nothing */
} f1_limit_act_t;

/* --- The bucket alone */

/* Milliseconds of a step; *pdrops: what leaks in each. */
apr_int64_t f1_limit_step(const f1_rate_t *rate, apr_uint32_t *pdrops);

/* What state (0: nothing has fallen in yet) becomes at now, which is milliseconds of any clock that is not set back. */
apr_uint64_t f1_limit_drop(apr_uint64_t state, const f1_rate_t *rate, f1_limit_act_t act, apr_int64_t now,
                           f1_verdict_t *verdict);

/* --- The table */

typedef struct f1_limit_table_t f1_limit_table_t;

#define F1_LIMIT_BUCKETS (128 * 1024)
apr_size_t f1_limit_table_size(void);

/* A table in zeroed memory of that size, from the beginning of a page on. */
apr_status_t f1_limit_table_make(f1_limit_table_t *table);

/* key: who is counted, and for what. With another rate it is another bucket. */
void f1_limit_ask(f1_limit_table_t *table, const char *key, const f1_rate_t *rate, f1_limit_act_t act,
                  apr_int64_t now, f1_verdict_t *verdict);

/* Milliseconds on the clock that all processes of this machine share and nobody sets. */
apr_int64_t f1_limit_now(void);

/* --- Who is counted */

#define F1_LIMIT_KEY_MAX 128

/* "login 192.0.2.7", "anonymous 2001:db8:0:1::/64". address: 4 or 16 bytes. A home or a host has 2^64 addresses of
 * IPv6, so they are one; and an IPv4 address in IPv6's clothes is what it is. */
void f1_limit_address_key(char key[F1_LIMIT_KEY_MAX], const char *what, const unsigned char *address, apr_size_t len);

#endif
