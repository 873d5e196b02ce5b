/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* The table of base/counters.h in shared memory. Requests are counted when their answers are sent. */

#include "web/status.h"

#include <apr_optional_hooks.h>
#include <apr_strings.h>
#include <ap_mpm.h>
#include <http_config.h>
#include <http_protocol.h>
#include <mod_status.h>

#include "base/counters.h"
#include "web/call.h"
#include "web/crew.h"
#include "web/shared.h"

/* What the page shows of all requests together. */
typedef struct totals_t {
    apr_uint64_t requests, unavailable;
    apr_uint64_t classes[6]; /* by a status' first digit */
} totals_t;

apr_status_t f1_status_start(server_rec *s)
{
    int children = 0, is_new;
    const char *name;
    void *memory;
    apr_status_t rv = ap_mpm_query(AP_MPMQ_HARD_LIMIT_DAEMONS, &children);

    if (rv != APR_SUCCESS || children < 1) {
        children = 1;
    }
    /* another version of this module, loaded at a restart, may count other things: it begins anew in a table of its
     * own, and children that still run go on with theirs */
    name = apr_psprintf(s->process->pconf, "counters:%" APR_UINT64_T_HEX_FMT ":%d", f1_counters_version(), children);
    rv = f1_shared_find(s, name, f1_counters_size(children), &memory, &is_new);
    if (rv == APR_SUCCESS) {
        f1_counters_use(memory, children);
    }
    return rv;
}

static apr_status_t leave(void *unused)
{
    (void)unused;
    f1_counters_leave();
    return APR_SUCCESS;
}

/* Before mod_dbd opens connections. */
static void child_init(apr_pool_t *pchild, server_rec *s)
{
    (void)s;
    f1_counters_join();
    apr_pool_cleanup_register(pchild, NULL, leave, apr_pool_cleanup_null);
}

static f1_asked_t asked_of(const request_rec *r)
{
    switch (r->method_number) {
    case M_GET:
        return r->header_only ? F1_ASKED_HEAD : F1_ASKED_GET;
    case M_POST:
        return F1_ASKED_POST;
    case M_PUT:
        return F1_ASKED_PUT;
    case M_PATCH:
        return F1_ASKED_PATCH;
    case M_DELETE:
        return F1_ASKED_DELETE;
    case M_OPTIONS:
        return F1_ASKED_OPTIONS;
    default:
        return F1_ASKED_OTHER;
    }
}

/* Also sees what httpd refused before any handler ran. */
static int log_transaction(request_rec *r)
{
    const f1_route_t *route;
    f1_call_t *call;

    while (!f1_call_of(r) && r->next) {
        r = r->next; /* an internal redirect led to us */
    }
    call = f1_call_of(r);
    if (!call) {
        return DECLINED;
    }
    route = call->match.route;
    f1_count_request(f1_series_of(route ? (int)(route - f1_routes) : -1, asked_of(r)), r->status,
                     apr_time_now() - r->request_time);
    f1_count(F1_COUNT_BYTES, (apr_uint64_t)r->bytes_sent);
    if (call->query_time) {
        f1_count(F1_COUNT_DB_TIME, (apr_uint64_t)call->query_time);
    }
    return OK;
}

static void add_up(totals_t *totals)
{
    f1_series_t series;
    int i, status;

    *totals = (totals_t){0};
    for (i = 0; i < f1_series_count(); i++) {
        f1_counted_requests(i, &series);
        for (status = 0; status < F1_STATUSES; status++) {
            totals->requests += series.statuses[status];
            totals->classes[f1_status_labels[status].text[0] - '0'] += series.statuses[status];
            if (f1_status_labels[status].status == HTTP_SERVICE_UNAVAILABLE) {
                totals->unavailable += series.statuses[status];
            }
        }
    }
}

static apr_uint64_t limited(void)
{
    apr_uint64_t sum = 0;
    f1_limit_class_t limit;

    for (limit = F1_LIMIT_ANONYMOUS; limit < F1_LIMIT_CLASSES; limit++) {
        sum += f1_counted((f1_count_t)(F1_COUNT_LIMITED + limit));
    }
    return sum;
}

/* A child that has just died may leave a sum below zero for a moment. */
static apr_uint64_t level(f1_level_t kind)
{
    apr_int64_t value = f1_counted_level(kind);

    return value > 0 ? (apr_uint64_t)value : 0;
}

static void row(request_rec *r, int flags, const char *name, const char *title, apr_uint64_t value)
{
    if (flags & AP_STATUS_SHORT) {
        ap_rprintf(r, "F1Board%s: %" APR_UINT64_T_FMT "\n", name, value);
    }
    else {
        ap_rprintf(r, "<dt>%s: %" APR_UINT64_T_FMT "</dt>\n", title, value);
    }
}

/* What each runner of jobs does. */
static void show_runners(request_rec *r, int flags)
{
    apr_uint64_t runners = 0, busy = 0;
    f1_crew_view_t view;
    int i;

    if (!(flags & AP_STATUS_SHORT)) {
        ap_rputs("<table border=\"0\"><tr><th>Runner</th><th>PID</th><th>Job</th><th>Kind</th><th>Seconds</th></tr>\n",
                 r);
    }
    for (i = 0; i < F1_CREW_MAX; i++) {
        if (!f1_crew_see(i, &view)) {
            continue;
        }
        runners++;
        busy += view.kind != NULL;
        if (!(flags & AP_STATUS_SHORT) && view.kind) {
            ap_rprintf(r,
                       "<tr><td>%d</td><td>%d</td><td>%" APR_INT64_T_FMT "</td><td>%s</td><td>%" APR_TIME_T_FMT
                       "</td></tr>\n",
                       i, view.pid, view.job, view.kind, apr_time_sec(apr_time_now() - view.since));
        }
        else if (!(flags & AP_STATUS_SHORT)) {
            ap_rprintf(r, "<tr><td>%d</td><td>%d</td><td></td><td>idle</td><td></td></tr>\n", i, view.pid);
        }
    }
    if (!(flags & AP_STATUS_SHORT)) {
        ap_rputs("</table>\n", r);
        return;
    }
    row(r, flags, "Runners", NULL, runners);
    row(r, flags, "RunnersBusy", NULL, busy);
}

static int show(request_rec *r, int flags)
{
    totals_t totals;

    add_up(&totals);
    if (!(flags & AP_STATUS_SHORT)) {
        ap_rputs("<hr />\n<h2>mod_f1board</h2>\n<dl>\n", r);
    }
    row(r, flags, "Requests", "Requests", totals.requests);
    row(r, flags, "Replies2xx", "Answered with 2xx", totals.classes[2]);
    row(r, flags, "Replies3xx", "Answered with 3xx", totals.classes[3]);
    row(r, flags, "Replies4xx", "Answered with 4xx", totals.classes[4]);
    row(r, flags, "Replies5xx", "Answered with 5xx", totals.classes[5]);
    row(r, flags, "Unavailable", "Of these, 503 Service Unavailable", totals.unavailable);
    row(r, flags, "Limited", "Requests refused by limits", limited());
    row(r, flags, "Bytes", "Bytes of answers", f1_counted(F1_COUNT_BYTES));
    row(r, flags, "Queries", "Database statements", f1_counted(F1_COUNT_DB_QUERY));
    row(r, flags, "QueryMicroseconds", "Microseconds spent with the database", f1_counted(F1_COUNT_DB_TIME));
    row(r, flags, "Prepares", "Statements prepared", f1_counted(F1_COUNT_DB_PREPARE));
    row(r, flags, "DatabaseErrors", "Database errors", f1_counted(F1_COUNT_DB_ERROR));
    row(r, flags, "DatabaseReconnects", "Database connections opened anew", f1_counted(F1_COUNT_DB_RESET));
    row(r, flags, "CacheHits", "Answers from the cache", f1_counted(F1_COUNT_CACHE_HIT));
    row(r, flags, "CacheMisses", "Answers that were not in the cache", f1_counted(F1_COUNT_CACHE_MISS));
    row(r, flags, "CacheNotModified", "Answers that the client had (304)", f1_counted(F1_COUNT_CACHE_KNOWN));
    row(r, flags, "CacheBypassed", "Answers past the cache", f1_counted(F1_COUNT_CACHE_BYPASS));
    row(r, flags, "Streams", "Clients that listen to events", level(F1_LEVEL_STREAMS));
    row(r, flags, "StreamThreads", "Of these, with a thread of their own", level(F1_LEVEL_STREAM_THREADS));
    row(r, flags, "StreamTexts", "Events sent, heartbeats not counted", f1_counted(F1_COUNT_STREAM_TEXTS));
    row(r, flags, "StreamsDropped", "Clients dropped that did not take them", f1_counted(F1_COUNT_STREAM_DROPPED));
    if (!(flags & AP_STATUS_SHORT)) {
        ap_rputs("</dl>\n", r);
    }
    show_runners(r, flags);
    return OK;
}

void f1_status_register_hooks(apr_pool_t *pool)
{
    (void)pool;
    ap_hook_child_init(child_init, NULL, NULL, APR_HOOK_REALLY_FIRST);
    ap_hook_log_transaction(log_transaction, NULL, NULL, APR_HOOK_MIDDLE);
    APR_OPTIONAL_HOOK(ap, status_hook, show, NULL, NULL, APR_HOOK_MIDDLE);
}
