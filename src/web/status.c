/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Counters in anonymous shared memory, which belongs to the process and so outlives the configuration and this module's
 * code. Each is added to without a lock. */

#include "web/status.h"

#include <stdatomic.h>

#include <apr_optional_hooks.h>
#include <apr_shm.h>
#include <apr_strings.h>
#include <http_protocol.h>
#include <mod_status.h>

#include "db/conn.h"
#include "web/call.h"

/* X(field, name, title) */
#define COUNTERS(X)                                                                   \
    X(requests, "F1BoardRequests", "Requests")                                        \
    X(success, "F1BoardReplies2xx", "Answered with 2xx")                              \
    X(redirect, "F1BoardReplies3xx", "Answered with 3xx")                             \
    X(client_error, "F1BoardReplies4xx", "Answered with 4xx")                         \
    X(server_error, "F1BoardReplies5xx", "Answered with 5xx")                         \
    X(unavailable, "F1BoardUnavailable", "Of these, 503 Service Unavailable")         \
    X(bytes, "F1BoardBytes", "Bytes of answers")                                      \
    X(queries, "F1BoardQueries", "Database statements")                               \
    X(query_time, "F1BoardQueryMicroseconds", "Microseconds spent with the database") \
    X(prepares, "F1BoardPrepares", "Statements prepared")                             \
    X(db_errors, "F1BoardDatabaseErrors", "Database errors")                          \
    X(db_resets, "F1BoardDatabaseReconnects", "Database connections opened anew")

typedef struct counters_t {
#define COUNTER(field, name, title) atomic_ullong field;
    COUNTERS(COUNTER)
#undef COUNTER
} counters_t;

static counters_t *counters;

apr_status_t f1_status_start(server_rec *s)
{
    apr_pool_t *pool = s->process->pool;
    /* another version of this module, loaded at a restart, may count other things */
    const char *key = apr_psprintf(s->process->pconf, "f1board:counters:%" APR_SIZE_T_FMT, sizeof(counters_t));
    void *shm = NULL;
    apr_status_t rv;

    apr_pool_userdata_get(&shm, key, pool);
    if (!shm) {
        rv = apr_shm_create((apr_shm_t **)&shm, sizeof(counters_t), NULL, pool);
        if (rv != APR_SUCCESS) {
            return rv;
        }
        memset(apr_shm_baseaddr_get(shm), 0, sizeof(counters_t));
        apr_pool_userdata_set(shm, key, NULL, pool);
    }
    counters = apr_shm_baseaddr_get(shm);
    return APR_SUCCESS;
}

static void add(atomic_ullong *counter, unsigned long long amount)
{
    if (amount) {
        atomic_fetch_add_explicit(counter, amount, memory_order_relaxed);
    }
}

/* Passes on what the library counted in this process since the last time. Two threads may come in the wrong order: the
 * difference of one is then negative, and both together are right again. */
static void add_since(atomic_ullong *counter, atomic_ullong *seen, unsigned long long now)
{
    if (atomic_load_explicit(seen, memory_order_relaxed) != now) {
        add(counter, now - atomic_exchange(seen, now));
    }
}

static void count_database(void)
{
    static atomic_ullong queries, prepares, errors, resets;
    f1_db_counts_t now;

    f1_db_counts(&now);
    add_since(&counters->queries, &queries, now.queries);
    add_since(&counters->prepares, &prepares, now.prepares);
    add_since(&counters->db_errors, &errors, now.errors);
    add_since(&counters->db_resets, &resets, now.resets);
}

static void count_status(int status)
{
    atomic_ullong *const classes[] = {
        NULL, NULL, &counters->success, &counters->redirect, &counters->client_error, &counters->server_error};

    if (status >= 200 && status < 600) {
        add(classes[status / 100], 1);
    }
    add(&counters->unavailable, status == HTTP_SERVICE_UNAVAILABLE);
}

/* Also sees what httpd refused before any handler ran. */
static int log_transaction(request_rec *r)
{
    f1_call_t *call;

    while (!f1_call_of(r) && r->next) {
        r = r->next; /* an internal redirect led to us */
    }
    call = f1_call_of(r);
    if (!counters || !call) {
        return DECLINED;
    }
    add(&counters->requests, 1);
    add(&counters->bytes, (unsigned long long)r->bytes_sent);
    count_status(r->status);
    if (call->query_time) {
        add(&counters->query_time, (unsigned long long)call->query_time);
        count_database();
    }
    return OK;
}

static int show(request_rec *r, int flags)
{
    if (!counters) {
        return DECLINED;
    }
    if (flags & AP_STATUS_SHORT) {
#define COUNTER(field, name, title) ap_rprintf(r, name ": %" APR_UINT64_T_FMT "\n", (apr_uint64_t)counters->field);
        COUNTERS(COUNTER)
#undef COUNTER
        return OK;
    }
    ap_rputs("<hr />\n<h2>mod_f1board</h2>\n<dl>\n", r);
#define COUNTER(field, name, title) \
    ap_rprintf(r, "<dt>" title ": %" APR_UINT64_T_FMT "</dt>\n", (apr_uint64_t)counters->field);
    COUNTERS(COUNTER)
#undef COUNTER
    ap_rputs("</dl>\n", r);
    return OK;
}

void f1_status_register_hooks(apr_pool_t *pool)
{
    (void)pool;
    ap_hook_log_transaction(log_transaction, NULL, NULL, APR_HOOK_MIDDLE);
    APR_OPTIONAL_HOOK(ap, status_hook, show, NULL, NULL, APR_HOOK_MIDDLE);
}
