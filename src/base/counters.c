/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Counters in memory that processes share. A counter only ever grows, so relaxed additions are all it takes. */

#include "base/counters.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#define STRIPES 8
#define LINE 64 /* bytes of a cache line */

const apr_interval_time_t f1_bucket_bounds[F1_BUCKETS - 1] = {
    100, 250, 500, 1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000, 500000, 1000000, 2000000, 5000000, 10000000};

/* By status; those of classes follow, in their order. */
const f1_status_label_t f1_status_labels[F1_STATUSES] = {
    {200, "200"}, {204, "204"}, {206, "206"}, {301, "301"}, {302, "302"}, {304, "304"}, {400, "400"},
    {401, "401"}, {403, "403"}, {404, "404"}, {405, "405"}, {406, "406"}, {408, "408"}, {409, "409"},
    {412, "412"}, {413, "413"}, {414, "414"}, {415, "415"}, {429, "429"}, {500, "500"}, {502, "502"},
    {503, "503"}, {504, "504"}, {1, "1xx"},   {2, "2xx"},   {3, "3xx"},   {4, "4xx"},   {5, "5xx"}};
#define FIRST_CLASS (F1_STATUSES - 5)

const char *const f1_asked_names[F1_ASKED_KINDS] = {"GET",   "HEAD",   "POST",    "PUT",
                                                    "PATCH", "DELETE", "OPTIONS", "other"};

typedef struct histogram_t {
    atomic_ullong buckets[F1_BUCKETS], sum;
} histogram_t;

typedef struct series_t {
    _Alignas(LINE) atomic_ullong statuses[F1_STATUSES];
    histogram_t took;
} series_t;

/* Everything but requests, whose number is not known to the compiler. They follow. */
typedef struct stripe_t {
    _Alignas(LINE) atomic_ullong counts[F1_COUNT_KINDS];
    histogram_t durations[F1_DURATION_KINDS];
} stripe_t;

typedef struct process_t {
    _Alignas(LINE) atomic_int pid; /* 0: nobody's */
    atomic_llong levels[F1_LEVEL_KINDS];
} process_t;

typedef struct table_t {
    int stripe_count, process_count;
    size_t stripe_size;
    char *stripes;
    process_t *processes;
    atomic_uint *next_stripe;
} table_t;

static stripe_t own_stripe;
static process_t own_process;
static atomic_uint own_next;

static table_t table = {1, 1, sizeof(stripe_t), (char *)&own_stripe, &own_process, &own_next};
static _Atomic(process_t *) self = &own_process;

static stripe_t *stripe_at(int i)
{
    return (stripe_t *)(void *)(table.stripes + (size_t)i * table.stripe_size);
}

/* Each thread stays with the stripe that it was dealt first. */
static stripe_t *my_stripe(void)
{
    static _Thread_local const char *dealt_from;
    static _Thread_local stripe_t *mine;

    if (dealt_from != table.stripes) {
        dealt_from = table.stripes;
        mine = stripe_at((int)(atomic_fetch_add(table.next_stripe, 1) % (unsigned)table.stripe_count));
    }
    return mine;
}

static series_t *series_at(stripe_t *stripe, int series)
{
    return (series_t *)(void *)(stripe + 1) + series;
}

static int has_series(int series)
{
    return series >= 0 && series < f1_series_count() && table.stripes != (char *)&own_stripe;
}

int f1_series_count(void)
{
    return 2 * f1_route_count + F1_ASKED_KINDS;
}

int f1_series_of(int route, f1_asked_t asked)
{
    return route < 0 ? 2 * f1_route_count + (int)asked : 2 * route + (asked == F1_ASKED_HEAD);
}

void f1_series_labels(int series, int *proute, f1_asked_t *pasked)
{
    *proute = series < 2 * f1_route_count ? series / 2 : -1;
    if (*proute < 0) {
        *pasked = (f1_asked_t)(series - 2 * f1_route_count);
        return;
    }
    if (series % 2) {
        *pasked = F1_ASKED_HEAD;
        return;
    }
    switch (f1_routes[*proute].method) {
    case F1_POST:
        *pasked = F1_ASKED_POST;
        break;
    case F1_PUT:
        *pasked = F1_ASKED_PUT;
        break;
    case F1_PATCH:
        *pasked = F1_ASKED_PATCH;
        break;
    case F1_DELETE:
        *pasked = F1_ASKED_DELETE;
        break;
    default:
        *pasked = F1_ASKED_GET;
        break;
    }
}

static void add(atomic_ullong *counter, unsigned long long amount)
{
    atomic_fetch_add_explicit(counter, amount, memory_order_relaxed);
}

static unsigned long long value(atomic_ullong *counter)
{
    return atomic_load_explicit(counter, memory_order_relaxed);
}

static void add_duration(histogram_t *histogram, apr_interval_time_t took)
{
    int bucket = 0;

    while (bucket < F1_BUCKETS - 1 && took > f1_bucket_bounds[bucket]) {
        bucket++;
    }
    add(&histogram->buckets[bucket], 1);
    add(&histogram->sum, took > 0 ? (unsigned long long)took : 0); /* the wall clock may have been set back */
}

static int status_index(int status)
{
    int i, kind = status / 100;

    for (i = 0; i < FIRST_CLASS; i++) {
        if (f1_status_labels[i].status == status) {
            return i;
        }
    }
    return FIRST_CLASS + (kind >= 1 && kind <= 5 ? kind : 5) - 1;
}

void f1_count(f1_count_t kind, apr_uint64_t amount)
{
    add(&my_stripe()->counts[kind], amount);
}

void f1_count_duration(f1_duration_t kind, apr_interval_time_t took)
{
    add_duration(&my_stripe()->durations[kind], took);
}

void f1_count_level(f1_level_t kind, int change)
{
    atomic_fetch_add_explicit(&self->levels[kind], change, memory_order_relaxed);
}

void f1_count_request(int series, int status, apr_interval_time_t took)
{
    series_t *mine;

    if (has_series(series)) {
        mine = series_at(my_stripe(), series);
        add(&mine->statuses[status_index(status)], 1);
        add_duration(&mine->took, took);
    }
}

apr_uint64_t f1_counted(f1_count_t kind)
{
    apr_uint64_t sum = 0;
    int i;

    for (i = 0; i < table.stripe_count; i++) {
        sum += value(&stripe_at(i)->counts[kind]);
    }
    return sum;
}

static void read_histogram(histogram_t *histogram, f1_histogram_t *out)
{
    int i;

    for (i = 0; i < F1_BUCKETS; i++) {
        out->buckets[i] += value(&histogram->buckets[i]);
    }
    out->sum += value(&histogram->sum);
}

void f1_counted_durations(f1_duration_t kind, f1_histogram_t *histogram)
{
    int i;

    memset(histogram, 0, sizeof(*histogram));
    for (i = 0; i < table.stripe_count; i++) {
        read_histogram(&stripe_at(i)->durations[kind], histogram);
    }
}

void f1_counted_requests(int series, f1_series_t *out)
{
    int i, status;

    memset(out, 0, sizeof(*out));
    for (i = 0; has_series(series) && i < table.stripe_count; i++) {
        series_t *from = series_at(stripe_at(i), series);

        for (status = 0; status < F1_STATUSES; status++) {
            out->statuses[status] += value(&from->statuses[status]);
        }
        read_histogram(&from->took, &out->took);
    }
}

static int is_alive(process_t *process)
{
    int pid = process->pid;

    return process == self || (pid > 0 && (kill((pid_t)pid, 0) == 0 || errno != ESRCH));
}

apr_int64_t f1_counted_level(f1_level_t kind)
{
    apr_int64_t sum = 0;
    int i;

    for (i = 0; i < table.process_count; i++) {
        if (is_alive(&table.processes[i])) {
            sum += table.processes[i].levels[kind];
        }
    }
    return sum;
}

static apr_uint64_t mix(apr_uint64_t hash, const void *bytes, size_t len)
{
    const unsigned char *c = bytes;
    size_t i;

    for (i = 0; i < len; i++) {
        hash = (hash ^ c[i]) * 0x100000001b3; /* FNV-1a */
    }
    return hash;
}

apr_uint64_t f1_counters_version(void)
{
    const size_t shape[] = {F1_COUNT_KINDS, F1_DURATION_KINDS, F1_LEVEL_KINDS,
                            F1_ASKED_KINDS, STRIPES,           sizeof(stripe_t)};
    apr_uint64_t hash = mix(0xcbf29ce484222325, shape, sizeof(shape));
    int i;

    hash = mix(hash, f1_bucket_bounds, sizeof(f1_bucket_bounds));
    for (i = 0; i < F1_STATUSES; i++) {
        hash = mix(hash, f1_status_labels[i].text, sizeof(f1_status_labels[i].text));
    }
    for (i = 0; i < f1_route_count; i++) {
        hash = mix(hash, &f1_routes[i].method, sizeof(f1_routes[i].method));
        hash = mix(hash, f1_routes[i].templates[0], strlen(f1_routes[i].templates[0]) + 1);
    }
    return hash;
}

/* Memory is laid out as: the next stripe to deal, processes, stripes. */
static size_t stripe_size(void)
{
    return sizeof(stripe_t) + (size_t)f1_series_count() * sizeof(series_t);
}

apr_size_t f1_counters_size(int processes)
{
    return LINE + LINE + (size_t)processes * sizeof(process_t) + STRIPES * stripe_size();
}

void f1_counters_use(void *memory, int processes)
{
    char *at = (char *)memory + (LINE - (size_t)memory % LINE) % LINE;

    table.next_stripe = (atomic_uint *)(void *)at;
    table.processes = (process_t *)(void *)(at + LINE);
    table.process_count = processes;
    table.stripes = (char *)(table.processes + processes);
    table.stripe_size = stripe_size();
    table.stripe_count = STRIPES;
}

void f1_counters_join(void)
{
    int i, kind;

    for (i = 0; i < table.process_count; i++) {
        process_t *process = &table.processes[i];
        int pid = process->pid;

        if (is_alive(process) || !atomic_compare_exchange_strong(&process->pid, &pid, (int)getpid())) {
            continue;
        }
        for (kind = 0; kind < F1_LEVEL_KINDS; kind++) {
            process->levels[kind] = 0;
        }
        self = process;
        return;
    }
}

void f1_counters_leave(void)
{
    atomic_exchange(&self, &own_process)->pid = 0;
}
