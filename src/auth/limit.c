/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Leaking buckets and the table they are in. A bucket's word has the time when it will be empty, in milliseconds, above
 * the number of its drops; with the rate that tells when it last leaked. The worst that can happen between processes
 * that meet in a set is that a drop falls into a bucket which somebody else has just taken over. */

#include "auth/limit.h"

#include <stdatomic.h>
#include <string.h>
#include <time.h>

#include <apr_general.h>
#include <apr_siphash.h>
#include <apr_strings.h>

#define STEPS 10 /* in a period, where count is that much */
#define DROP_BITS 22 /* hold F1_LIMIT_COUNT_MAX; the others hold milliseconds of 139 years */
#define DROP_MASK ((1ULL << DROP_BITS) - 1)
#define WAYS 8
#define LINE 64 /* bytes of a cache line */
#define MAPPED "\0\0\0\0\0\0\0\0\0\0\xff\xff" /* before an IPv4 address in an IPv6 one */

/* The keys are one cache line, the buckets the next. */
typedef struct set_t {
    _Alignas(LINE) atomic_ullong keys[WAYS]; /* 0: nobody's */
    atomic_ullong buckets[WAYS];
} set_t;

struct f1_limit_table_t {
    unsigned char secret[APR_SIPHASH_KSIZE];
    set_t sets[F1_LIMIT_BUCKETS / WAYS];
};

apr_int64_t f1_limit_step(const f1_rate_t *rate, apr_uint32_t *pdrops)
{
    apr_int64_t period = (apr_int64_t)rate->seconds * 1000;

    *pdrops = rate->count < STEPS ? 1 : rate->count / STEPS;
    return (period * *pdrops + rate->count - 1) / rate->count;
}

/* Milliseconds in which that many drops leak. */
static apr_int64_t leak_time(apr_uint64_t drops, apr_int64_t step, apr_uint32_t each)
{
    return (apr_int64_t)((drops + each - 1) / each) * step;
}

apr_uint64_t f1_limit_drop(apr_uint64_t state, const f1_rate_t *rate, f1_limit_act_t act, apr_int64_t now,
                           f1_verdict_t *verdict)
{
    apr_uint64_t drops = state & DROP_MASK, gone;
    apr_int64_t empty = (apr_int64_t)(state >> DROP_BITS), step, last;
    apr_uint32_t each;

    step = f1_limit_step(rate, &each);
    last = empty - leak_time(drops, step, each);
    if (empty <= now) {
        drops = 0;
    }
    if (empty <= now || last > now) {
        last = now; /* later: taken over from a slower rate, or our clock was read a moment before theirs */
    }
    gone = (apr_uint64_t)((now - last) / step);
    last += (apr_int64_t)gone * step;
    drops = gone * each < drops ? drops - gone * each : 0;
    if (drops > rate->count) {
        drops = rate->count;
    }
    verdict->allowed = drops < rate->count;
    drops += verdict->allowed && act == F1_LIMIT_TAKE;
    empty = last + leak_time(drops, step, each);
    verdict->remaining = rate->count - (apr_uint32_t)drops;
    verdict->wait = verdict->allowed ? 0 : last + step - now;
    verdict->reset = drops ? empty - now : 0;
    return (apr_uint64_t)empty << DROP_BITS | drops;
}

apr_size_t f1_limit_table_size(void)
{
    return sizeof(f1_limit_table_t);
}

apr_status_t f1_limit_table_make(f1_limit_table_t *table)
{
    return apr_generate_random_bytes(table->secret, sizeof(table->secret));
}

apr_int64_t f1_limit_now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time); /* a clock that is always there */
    return (apr_int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

/* The key's place in the set, -1 when it has none. */
static int find(set_t *set, unsigned long long key)
{
    int i;

    for (i = 0; i < WAYS; i++) {
        if (atomic_load(&set->keys[i]) == key) {
            return i;
        }
    }
    return -1;
}

/* Gives the key the first place whose bucket is empty, else the one that will be first. When others do the same at the
 * same time it may get two: the first one counts, so the caller has to look. */
static void claim(set_t *set, unsigned long long key, apr_int64_t now)
{
    unsigned long long owners[WAYS], soonest = 0;
    int best = -1, i;

    for (i = 0; i < WAYS; i++) {
        unsigned long long empty;

        owners[i] = atomic_load(&set->keys[i]);
        empty = atomic_load(&set->buckets[i]) >> DROP_BITS;
        if (best < 0 || empty < soonest) {
            best = i;
            soonest = empty;
        }
        if (empty <= (unsigned long long)now) {
            break;
        }
    }
    atomic_compare_exchange_strong(&set->keys[best], &owners[best], key);
}

static unsigned long long hash(const f1_limit_table_t *table, const char *key, const f1_rate_t *rate)
{
    unsigned long long of_key = apr_siphash24(key, strlen(key), table->secret);
    unsigned long long of_rate = ((unsigned long long)rate->count << 32 | rate->seconds) * 0x9e3779b97f4a7c15;

    return (of_key ^ of_rate) | 1;
}

void f1_limit_ask(f1_limit_table_t *table, const char *key, const f1_rate_t *rate, f1_limit_act_t act, apr_int64_t now,
                  f1_verdict_t *verdict)
{
    unsigned long long wanted = hash(table, key, rate), old, new;
    set_t *set = &table->sets[(wanted >> 32) % (F1_LIMIT_BUCKETS / WAYS)];
    int place;

    while ((place = find(set, wanted)) < 0) {
        if (act == F1_LIMIT_LOOK) {
            (void)f1_limit_drop(0, rate, act, now, verdict);
            return;
        }
        claim(set, wanted, now);
    }
    old = atomic_load(&set->buckets[place]);
    do {
        new = f1_limit_drop(old, rate, act, now, verdict);
    } while (act == F1_LIMIT_TAKE && verdict->allowed &&
             !atomic_compare_exchange_weak(&set->buckets[place], &old, new));
}

void f1_limit_address_key(char key[F1_LIMIT_KEY_MAX], const char *what, const unsigned char *address, apr_size_t len)
{
    if (len == 16 && !memcmp(address, MAPPED, sizeof(MAPPED) - 1)) {
        address += 12;
        len = 4;
    }
    if (len == 4) {
        apr_snprintf(key, F1_LIMIT_KEY_MAX, "%s %d.%d.%d.%d", what, address[0], address[1], address[2], address[3]);
    }
    else {
        apr_snprintf(key, F1_LIMIT_KEY_MAX, "%s %x:%x:%x:%x::/64", what, address[0] << 8 | address[1],
                     address[2] << 8 | address[3], address[4] << 8 | address[5], address[6] << 8 | address[7]);
    }
}
