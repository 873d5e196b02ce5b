/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_BASE_COUNTERS_H
#define F1_BASE_COUNTERS_H

/* What the program did, counted once for whoever shows it. The table has no locks and no text: requests are counted by
 * the number of their route, and a name is only looked for when the table is read.
 *
 * httpd's processes share one table (f1_counters_use). Until then, and in programs that are one process, counts go into
 * a small table of the process, which has no room for requests. A table is made of several equal stripes, so that
 * threads that count at the same time seldom write to the same cache line; reading adds the stripes up. */

#include <apr_time.h>

#include "base/route.h"

typedef enum {
    F1_COUNT_BYTES,         /* of answers' bodies */
    F1_COUNT_DB_TIME,       /* microseconds that requests spent with the database, the wait for a connection included */
    F1_COUNT_DB_QUERY,
    F1_COUNT_DB_PREPARE,
    F1_COUNT_DB_ERROR,
    F1_COUNT_DB_RESET,      /* connections opened anew */
    F1_COUNT_DB_SLOW,       /* statements that took longer than allowed without a word */
    F1_COUNT_LIMITED,       /* requests refused by limits: one for each f1_limit_class_t from here on */
    F1_COUNT_LIMITED_LAST = F1_COUNT_LIMITED + F1_LIMIT_CLASSES - 1,
    F1_COUNT_LIMIT_ALONE,   /* requests counted by this machine alone, because the store of all of them is away */
    F1_COUNT_CACHE_HIT,
    F1_COUNT_CACHE_MISS,
    F1_COUNT_CACHE_KNOWN,   /* answered with 304 */
    F1_COUNT_CACHE_BYPASS,  /* neither looked for nor kept: changes of data could not be followed */
    F1_COUNT_STREAM_TEXTS,  /* that clients of streams were sent, each to each */
    F1_COUNT_STREAM_DROPPED,    /* clients that did not take them */
    F1_COUNT_KINDS
} f1_count_t;

/* How often what took how long. */
typedef enum {
    F1_DURATION_DB_WAIT,    /* until there was a connection */
    F1_DURATION_DB_QUERY,   /* a prepared statement, on its way there and back */
    F1_DURATION_KINDS
} f1_duration_t;

/* What is the case now; summed over processes that live. */
typedef enum {
    F1_LEVEL_DB_OPEN,       /* connections */
    F1_LEVEL_DB_USED,       /* of these, lent to a request */
    F1_LEVEL_REQUESTS,      /* under way */
    F1_LEVEL_STREAMS,       /* clients that listen */
    F1_LEVEL_STREAM_THREADS,    /* of these, with a thread of their own */
    F1_LEVEL_KINDS
} f1_level_t;

/* Upper bounds of a histogram's buckets in microseconds; the last one has none. */
#define F1_BUCKETS 17
extern const apr_interval_time_t f1_bucket_bounds[F1_BUCKETS - 1];

typedef struct f1_histogram_t {
    apr_uint64_t buckets[F1_BUCKETS];   /* each for itself, not added up */
    apr_uint64_t sum;                   /* microseconds */
} f1_histogram_t;

/* Statuses are counted one by one where they are known, else by their class. */
#define F1_STATUSES 28
typedef struct f1_status_label_t {
    int status;             /* the class alone (4) for "4xx" */
    char text[4];
} f1_status_label_t;
extern const f1_status_label_t f1_status_labels[F1_STATUSES];

/* A series: requests of one route and method. There are f1_series_count() of them. */
typedef struct f1_series_t {
    apr_uint64_t statuses[F1_STATUSES];
    f1_histogram_t took;
} f1_series_t;

/* Requests that no route took have a series for each method. */
typedef enum {
    F1_ASKED_GET,
    F1_ASKED_HEAD,
    F1_ASKED_POST,
    F1_ASKED_PUT,
    F1_ASKED_PATCH,
    F1_ASKED_DELETE,
    F1_ASKED_OPTIONS,
    F1_ASKED_OTHER,
    F1_ASKED_KINDS
} f1_asked_t;
extern const char *const f1_asked_names[F1_ASKED_KINDS];

int f1_series_count(void);

/* route: index into f1_routes, -1 for none. What a route is asked for is its own method, or HEAD. */
int f1_series_of(int route, f1_asked_t asked);

/* The other way; *proute is -1 where there is none. */
void f1_series_labels(int series, int *proute, f1_asked_t *pasked);

/* --- Counting */

void f1_count(f1_count_t kind, apr_uint64_t amount);
void f1_count_duration(f1_duration_t kind, apr_interval_time_t took);
void f1_count_level(f1_level_t kind, int change);
void f1_count_request(int series, int status, apr_interval_time_t took);

/* --- Reading, which is no snapshot: others go on counting meanwhile */

apr_uint64_t f1_counted(f1_count_t kind);
void f1_counted_durations(f1_duration_t kind, f1_histogram_t *histogram);
apr_int64_t f1_counted_level(f1_level_t kind);
void f1_counted_requests(int series, f1_series_t *out);

/* --- The table of several processes */

/* A number for everything that places in the table depend on: programs that differ in it cannot share a table. */
apr_uint64_t f1_counters_version(void);

/* Bytes for at most this many processes at a time. */
apr_size_t f1_counters_size(int processes);

/* From here on this process and those it forks count in memory, which is zeroed, shared and stays. */
void f1_counters_use(void *memory, int processes);

/* In each process that counts: its levels are its own, and are gone with it, whatever it died of. */
void f1_counters_join(void);
void f1_counters_leave(void);

#endif
