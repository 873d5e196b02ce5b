/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Text exposition, in Prometheus' own format 0.0.4 or as OpenMetrics 1.0, which differ in the names of counters and in
 * the last line. Every family is always there, with a sample or without, so that whoever looks finds its name. */

#include "web/metrics.h"

#include <string.h>

#include <apr_strings.h>
#include <http_protocol.h>

#include "base/clock.h"
#include "base/counters.h"
#include "base/version.h"
#include "db/migrate.h"
#include "db/query.h"
#include "gen/statements.h"
#include "task/task.h"
#include "web/crew.h"
#include "web/dbd.h"

#define TEXT_TYPE "text/plain; version=0.0.4; charset=utf-8"
#define OPEN_TYPE F1_METRICS_OPEN "; version=1.0.0; charset=utf-8"
#define LABELS_MAX 512

typedef struct writer_t {
    f1_buf_t *out;
    int is_open; /* OpenMetrics */
    const char *name; /* of the family at work, without prefix and _total */
    const char *suffix; /* of its samples */
} writer_t;

/* What the database said; what it did not say is NULL. */
typedef struct database_t {
    int reached, version;
    f1_rows_t *ingestion, *rows, *upstreams, *jobs, *oldest_job;
} database_t;

static void begin(writer_t *w, const char *name, const char *type, const char *help)
{
    const char *shown;

    w->name = name;
    w->suffix = strcmp(type, "counter") ? "" : "_total";
    shown = w->is_open ? "" : w->suffix;
    f1_buf_addf(w->out, "# HELP f1board_%s%s %s\n# TYPE f1board_%s%s %s\n", name, shown, help, name, shown, type);
}

static void add_name(writer_t *w, const char *suffix, const char *labels)
{
    f1_buf_addf(w->out, *labels ? "f1board_%s%s{%s} " : "f1board_%s%s ", w->name, suffix, labels);
}

static void sample(writer_t *w, const char *labels, apr_int64_t value)
{
    add_name(w, w->suffix, labels);
    f1_buf_addf(w->out, "%" APR_INT64_T_FMT "\n", value);
}

/* Microseconds as seconds. */
static void seconds(writer_t *w, const char *suffix, const char *labels, apr_uint64_t us)
{
    add_name(w, suffix, labels);
    f1_buf_addf(w->out, "%" APR_UINT64_T_FMT ".%06u\n", us / APR_USEC_PER_SEC, (unsigned)(us % APR_USEC_PER_SEC));
}

static void one(writer_t *w, const char *name, const char *type, const char *help, apr_int64_t value)
{
    begin(w, name, type, help);
    sample(w, "", value);
}

/* NAME="VALUE", after what is in labels already. VALUE comes from tables and from the database. */
static void add_label(f1_buf_t *labels, const char *name, const char *value)
{
    f1_buf_addf(labels, "%s%s=\"", labels->len ? "," : "", name);
    for (; *value; value++) {
        if (*value == '\n') {
            f1_buf_adds(labels, "\\n");
            continue;
        }
        if (*value == '"' || *value == '\\') {
            f1_buf_addc(labels, '\\');
        }
        f1_buf_addc(labels, *value);
    }
    f1_buf_addc(labels, '"');
}

static void start_labels(f1_buf_t *labels, apr_pool_t *pool)
{
    f1_buf_init(labels, pool, LABELS_MAX, LABELS_MAX * 8);
}

/* "0.0005", "1.0": as OpenMetrics wants it, so that the label is the same in both formats. */
static const char *bound_text(char text[16], int bucket)
{
    apr_interval_time_t us;
    size_t len;

    if (bucket == F1_BUCKETS - 1) {
        return "+Inf";
    }
    us = f1_bucket_bounds[bucket];
    apr_snprintf(text, 16, "%d.%06d", (int)(us / APR_USEC_PER_SEC), (int)(us % APR_USEC_PER_SEC));
    for (len = strlen(text); text[len - 1] == '0' && text[len - 2] != '.'; len--) {
        text[len - 1] = '\0';
    }
    return text;
}

static apr_uint64_t count_of(const f1_histogram_t *histogram)
{
    apr_uint64_t count = 0;
    int i;

    for (i = 0; i < F1_BUCKETS; i++) {
        count += histogram->buckets[i];
    }
    return count;
}

static void histogram(writer_t *w, const char *labels, const f1_histogram_t *histogram)
{
    apr_uint64_t count = 0;
    char text[16];
    int i;

    for (i = 0; i < F1_BUCKETS; i++) {
        count += histogram->buckets[i];
        f1_buf_addf(w->out, "f1board_%s_bucket{%s%sle=\"%s\"} %" APR_UINT64_T_FMT "\n", w->name, labels,
                    *labels ? "," : "", bound_text(text, i), count);
    }
    seconds(w, "_sum", labels, histogram->sum);
    add_name(w, "_count", labels);
    f1_buf_addf(w->out, "%" APR_UINT64_T_FMT "\n", count);
}

static const char *series_labels(int series, apr_pool_t *pool)
{
    f1_buf_t labels;
    f1_asked_t asked;
    int route;

    start_labels(&labels, pool);
    f1_series_labels(series, &route, &asked);
    add_label(&labels, "method", f1_asked_names[asked]);
    add_label(&labels, "route", route < 0 ? "none" : f1_routes[route].templates[0]);
    return labels.data;
}

static void add_statuses(writer_t *w, const char *labels, const f1_series_t *series)
{
    int i;

    for (i = 0; i < F1_STATUSES; i++) {
        if (series->statuses[i]) {
            sample(w, apr_pstrcat(w->out->pool, labels, ",status=\"", f1_status_labels[i].text, "\"", NULL),
                   (apr_int64_t)series->statuses[i]);
        }
    }
}

static void add_requests(writer_t *w)
{
    apr_pool_t *pool = w->out->pool;
    int count = f1_series_count(), i;
    f1_series_t *series = apr_palloc(pool, sizeof(*series) * (size_t)count);
    const char **labels = apr_palloc(pool, sizeof(*labels) * (size_t)count);

    begin(w, "http_requests", "counter",
          "Requests below a mount, by route and status; route is none where no route has the path.");
    for (i = 0; i < count; i++) {
        f1_counted_requests(i, &series[i]);
        labels[i] = series_labels(i, pool);
        add_statuses(w, labels[i], &series[i]);
    }
    begin(w, "http_request_duration_seconds", "histogram", "From a request's first line until its answer is sent.");
    for (i = 0; i < count; i++) {
        if (count_of(&series[i].took)) {
            histogram(w, labels[i], &series[i].took);
        }
    }
    one(w, "http_requests_in_flight", "gauge", "Requests that are being answered, this one included.",
        f1_counted_level(F1_LEVEL_REQUESTS));
    one(w, "http_response_bytes", "counter", "Bytes of answers' bodies.", (apr_int64_t)f1_counted(F1_COUNT_BYTES));
}

static void add_refusals(writer_t *w)
{
    f1_limit_class_t limit;

    begin(w, "http_requests_limited", "counter", "Requests refused with 429, by the limit that was used up.");
    for (limit = F1_LIMIT_ANONYMOUS; limit < F1_LIMIT_CLASSES; limit++) {
        sample(w, apr_psprintf(w->out->pool, "limit=\"%s\"", f1_limit_names[limit]),
               (apr_int64_t)f1_counted((f1_count_t)(F1_COUNT_LIMITED + limit)));
    }
    one(w, "limit_store_failures", "counter",
        "Requests counted by this machine alone, because the limits' Redis did not answer.",
        (apr_int64_t)f1_counted(F1_COUNT_LIMIT_ALONE));
}

/* In all, also where it is zero: the hit ratio is a quotient of these. */
static void add_cache(writer_t *w)
{
    begin(w, "cache_requests", "counter", "Requests for answers that may be kept, by what the cache did.");
    sample(w, "result=\"hit\"", (apr_int64_t)f1_counted(F1_COUNT_CACHE_HIT));
    sample(w, "result=\"not_modified\"", (apr_int64_t)f1_counted(F1_COUNT_CACHE_KNOWN));
    sample(w, "result=\"miss\"", (apr_int64_t)f1_counted(F1_COUNT_CACHE_MISS));
    sample(w, "result=\"bypass\"", (apr_int64_t)f1_counted(F1_COUNT_CACHE_BYPASS));
}

static void add_streams(writer_t *w)
{
    apr_int64_t all = f1_counted_level(F1_LEVEL_STREAMS), threads = f1_counted_level(F1_LEVEL_STREAM_THREADS);

    begin(w, "streams", "gauge", "Clients that listen to events, by whether each keeps a thread.");
    sample(w, "thread=\"shared\"", all > threads ? all - threads : 0);
    sample(w, "thread=\"own\"", threads);
    one(w, "stream_events", "counter", "Events sent to clients, each to each.",
        (apr_int64_t)f1_counted(F1_COUNT_STREAM_TEXTS));
    one(w, "streams_dropped", "counter", "Clients that did not take events, and were dropped.",
        (apr_int64_t)f1_counted(F1_COUNT_STREAM_DROPPED));
}

static void add_durations(writer_t *w, f1_duration_t kind, const char *name, const char *help)
{
    f1_histogram_t durations;

    f1_counted_durations(kind, &durations);
    begin(w, name, "histogram", help);
    histogram(w, "", &durations);
}

static void add_connections(writer_t *w)
{
    apr_int64_t open = f1_counted_level(F1_LEVEL_DB_OPEN), used = f1_counted_level(F1_LEVEL_DB_USED);

    begin(w, "db_connections", "gauge", "Database connections of all processes, by what they do.");
    sample(w, "state=\"used\"", used);
    sample(w, "state=\"idle\"", open > used ? open - used : 0);
}

static void add_work(writer_t *w)
{
    static const struct {
        f1_count_t kind;
        const char *name, *help;
    } counts[] = {
        {F1_COUNT_DB_QUERY, "db_queries", "Statements sent to the database."},
        {F1_COUNT_DB_PREPARE, "db_prepares", "Statements prepared, once on each connection."},
        {F1_COUNT_DB_ERROR, "db_errors", "Statements that failed, and connections that could not be opened."},
        {F1_COUNT_DB_RESET, "db_resets", "Lost database connections opened anew."},
        {F1_COUNT_DB_SLOW, "db_slow_queries", "Statements that took longer than F1BoardSlowQuery."},
    };
    size_t i;

    for (i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        one(w, counts[i].name, "counter", counts[i].help, (apr_int64_t)f1_counted(counts[i].kind));
    }
    begin(w, "db_seconds", "counter",
          "Time that requests spent with the database, the wait for a connection included.");
    seconds(w, w->suffix, "", f1_counted(F1_COUNT_DB_TIME));
    add_durations(w, F1_DURATION_DB_QUERY, "db_query_duration_seconds", "Prepared statements, there and back.");
    add_durations(w, F1_DURATION_DB_WAIT, "db_wait_seconds", "Time until a request had a database connection.");
    add_connections(w);
}

/* A family out of the database: a sample for each row, its labels the columns that names (NULL-terminated) tells. */
static void add_rows(writer_t *w, const f1_rows_t *rows, const char *const *names, const char *column)
{
    int value = rows ? f1_rows_column(rows, column) : -1, row, i;

    for (row = 0; value >= 0 && row < f1_rows_count(rows); row++) {
        const char *text = f1_rows_get(rows, row, value);
        f1_buf_t labels;

        start_labels(&labels, w->out->pool);
        for (i = 0; names[i]; i++) {
            const char *label = f1_rows_get(rows, row, f1_rows_column(rows, names[i]));

            add_label(&labels, names[i], label ? label : "");
        }
        if (text && !labels.full) {
            add_name(w, w->suffix, labels.data);
            f1_buf_addf(w->out, "%s\n", text);
        }
    }
}

static void add_ingestion(writer_t *w, const database_t *database)
{
    static const char *const by_source[] = {"source", NULL}, *const by_upstream[] = {"upstream", NULL},
                             *const by_kind[] = {"kind", "outcome", NULL};

    begin(w, "ingestion_runs", "counter", "Runs of ingestion that ended well.");
    add_rows(w, database->ingestion, by_source, "successes");
    begin(w, "ingestion_failures", "counter", "Runs of ingestion that failed.");
    add_rows(w, database->ingestion, by_source, "failures");
    begin(w, "ingestion_last_success_timestamp_seconds", "gauge", "When ingestion last ended well.");
    add_rows(w, database->ingestion, by_source, "last_success");
    begin(w, "ingestion_last_failure_timestamp_seconds", "gauge", "When ingestion last failed.");
    add_rows(w, database->ingestion, by_source, "last_failure");
    begin(w, "ingestion_rows", "counter", "Rows that ingestion saw, inserted, changed and removed.");
    add_rows(w, database->rows, by_kind, "rows");
    begin(w, "upstream_requests", "counter", "Requests sent to a source by runs that have ended.");
    add_rows(w, database->ingestion, by_upstream, "requests");
    begin(w, "upstream_hour_requests", "gauge", "Requests of the last hour, which its limit allows for.");
    add_rows(w, database->upstreams, by_upstream, "last_hour");
}

/* Runs are this machine's, of all its children; jobs are the database's, of all machines. */
static void add_runs(writer_t *w)
{
    apr_pool_t *pool = w->out->pool;
    f1_crew_tally_t tally;
    int kind, i;

    begin(w, "job_runs", "counter", "Runs of jobs by this server's runners, by how they ended.");
    for (kind = 0; f1_task_kinds[kind].name; kind++) {
        f1_crew_tally(kind, &tally);
        for (i = 0; i < F1_CREW_OUTCOMES; i++) {
            if (tally.outcomes[i]) {
                sample(w,
                       apr_psprintf(pool, "kind=\"%s\",outcome=\"%s\"", f1_task_kinds[kind].name, f1_crew_outcomes[i]),
                       (apr_int64_t)tally.outcomes[i]);
            }
        }
    }
    begin(w, "job_run_duration_seconds", "histogram", "How long runs of jobs took.");
    for (kind = 0; f1_task_kinds[kind].name; kind++) {
        f1_crew_tally(kind, &tally);
        if (count_of(&tally.took)) {
            histogram(w, apr_psprintf(pool, "kind=\"%s\"", f1_task_kinds[kind].name), &tally.took);
        }
    }
}

static void add_runners(writer_t *w)
{
    int i, idle = 0, busy = 0;
    f1_crew_view_t view;

    for (i = 0; i < F1_CREW_MAX; i++) {
        if (f1_crew_see(i, &view)) {
            *(view.kind ? &busy : &idle) += 1;
        }
    }
    begin(w, "job_runners", "gauge", "This server's runners of jobs, by what they do.");
    sample(w, "state=\"busy\"", busy);
    sample(w, "state=\"idle\"", idle);
}

static void add_jobs(writer_t *w, const database_t *database)
{
    static const char *const by_state[] = {"kind", "state", NULL}, *const by_nothing[] = {NULL};

    add_runners(w);
    add_runs(w);
    begin(w, "jobs", "gauge", "Jobs that wait (pending, retry), run (started) or failed for good (failure).");
    add_rows(w, database->jobs, by_state, "jobs");
    begin(w, "job_oldest_due_seconds", "gauge", "For how long the oldest job that could be run has waited.");
    add_rows(w, database->oldest_job, by_nothing, "seconds");
}

static void add_database(writer_t *w, const database_t *database)
{
    int wanted = f1_dbd_schema_version();

    one(w, "database_up", "gauge", "Whether the database answers.", database->reached);
    begin(w, "schema_version", "gauge", "Version of the database's schema.");
    if (database->reached) {
        sample(w, "", database->version);
    }
    one(w, "schema_expected_version", "gauge", "Version of the schema that this program needs.", wanted);
    one(w, "schema_up_to_date", "gauge", "Whether these two are the same.",
        database->reached && database->version == wanted);
    add_ingestion(w, database);
}

static f1_rows_t *ask(f1_conn_t *conn, const f1_statement_t *statement, const char *const *values, apr_pool_t *pool)
{
    f1_rows_t *rows;

    return f1_query(conn, statement, values, &rows, pool, f1_result_make(pool)) == APR_SUCCESS ? rows : NULL;
}

static void ask_all(database_t *database, f1_conn_t *conn, apr_pool_t *pool)
{
    char now[F1_TIME_LEN];
    const char *values[] = {f1_time_format(now, f1_clock_now())};

    database->ingestion = ask(conn, &f1_stmt_meta_ingestion_metrics, NULL, pool);
    database->rows = ask(conn, &f1_stmt_meta_ingestion_rows, NULL, pool);
    database->upstreams = ask(conn, &f1_stmt_meta_upstream_metrics, NULL, pool);
    database->jobs = ask(conn, &f1_stmt_meta_job_metrics, NULL, pool);
    database->oldest_job = ask(conn, &f1_stmt_meta_job_oldest, values, pool);
}

/* A database that is away is no failure here, but what is told. */
static void look(f1_call_t *call, database_t *database)
{
    apr_pool_t *pool = call->r->pool;
    f1_result_t *res = f1_result_make(pool);
    apr_time_t start = apr_time_now();
    f1_dbd_lease_t lease;
    f1_conn_t *conn;

    *database = (database_t){0};
    f1_dbd_lease(&lease, f1_config_server(call->r->server)->dbd);
    lease.any_schema = 1;
    if (lease.db.open(&lease.db, &conn, pool, res) == APR_SUCCESS) {
        database->reached = f1_migrate_version(conn, &database->version, pool, res) == APR_SUCCESS;
        if (database->reached && database->version == f1_dbd_schema_version()) {
            ask_all(database, conn, pool);
        }
        lease.db.close(&lease.db, conn);
    }
    call->query_time += apr_time_now() - start;
}

apr_status_t f1_metrics_answer(f1_call_t *call, f1_buf_t *out, f1_result_t *res)
{
    writer_t w = {.out = out, .is_open = !strcmp(call->content_type, F1_METRICS_OPEN)};
    database_t database;

    (void)res;
    look(call, &database);
    call->content_type = w.is_open ? OPEN_TYPE : TEXT_TYPE;
    begin(&w, "build_info", "gauge", "Always 1; the labels say what is running.");
    sample(&w,
           apr_psprintf(out->pool, "version=\"%s\",httpd=\"%d.%d.%d\"", f1_version, AP_SERVER_MAJORVERSION_NUMBER,
                        AP_SERVER_MINORVERSION_NUMBER, AP_SERVER_PATCHLEVEL_NUMBER),
           1);
    add_requests(&w);
    add_refusals(&w);
    add_cache(&w);
    add_streams(&w);
    add_work(&w);
    add_database(&w, &database);
    add_jobs(&w, &database);
    if (w.is_open) {
        f1_buf_adds(out, "# EOF\n");
    }
    return APR_SUCCESS;
}
