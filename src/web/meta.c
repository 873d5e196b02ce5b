/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Service description and health. Both answer without a database too: that is when they are needed. The health format
 * is draft-inadarei-api-health-check's, which allows "ok" for "pass"; older clients look for it. */

#include "web/meta.h"

#include <string.h>

#include <apr_strings.h>

#include "base/clock.h"
#include "base/counters.h"
#include "base/version.h"
#include "db/migrate.h"
#include "db/query.h"
#include "db/render.h"
#include "gen/statements.h"
#include "web/dbd.h"
#include "web/listener.h"
#include "web/request.h"
#include "web/store.h"

#define API_BASE "/api/v1"

/* What one look at the database told. */
typedef struct database_t {
    int reached;
    int version;
    apr_interval_time_t took;
    f1_rows_t *sources; /* NULL unless asked for */
} database_t;

static void member(f1_buf_t *out, const char *name, const char *text)
{
    f1_buf_addf(out, "\"%s\":", name);
    f1_buf_add_json(out, text, strlen(text));
}

static int is_right(const database_t *database)
{
    return database->reached && database->version == f1_dbd_schema_version();
}

/* Failure is an answer here: it is told by database, res stays clean. */
static void look(f1_call_t *call, int with_sources, database_t *database)
{
    apr_pool_t *pool = call->r->pool;
    f1_result_t *res = f1_result_make(pool);
    apr_time_t start = apr_time_now();
    f1_dbd_lease_t lease;
    f1_conn_t *conn;
    apr_status_t rv;

    *database = (database_t){0};
    f1_dbd_lease(&lease, f1_config_server(call->r->server)->dbd);
    lease.any_schema = 1;
    rv = lease.db.open(&lease.db, &conn, pool, res);
    if (rv == APR_SUCCESS) {
        rv = f1_migrate_version(conn, &database->version, pool, res);
        database->reached = rv == APR_SUCCESS;
        if (with_sources && is_right(database) &&
            f1_query(conn, &f1_stmt_meta_sources, NULL, &database->sources, pool, res) != APR_SUCCESS) {
            database->sources = NULL;
        }
        lease.db.close(&lease.db, conn);
    }
    database->took = apr_time_now() - start;
    call->query_time += database->took;
}

static int has_simulated(const f1_rows_t *sources)
{
    int column = f1_rows_column(sources, "source"), i;

    for (i = 0; i < f1_rows_count(sources); i++) {
        const char *source = f1_rows_get(sources, i, column);

        if (source && !strcmp(source, "simulator")) {
            return 1;
        }
    }
    return 0;
}

static void add_data(f1_buf_t *out, const database_t *database, apr_pool_t *pool)
{
    f1_buf_addf(out, ",\"database\":{\"status\":\"%s\",\"schema_version\":", is_right(database) ? "ok" : "unavailable");
    if (database->reached) {
        f1_buf_addf(out, "%d", database->version);
    }
    else {
        f1_buf_adds(out, "null");
    }
    f1_buf_addf(out, ",\"schema_expected\":%d},\"data\":", f1_dbd_schema_version());
    if (!database->sources) {
        f1_buf_adds(out, "null");
        return;
    }
    f1_buf_addf(out, "{\"simulated\":%s,\"sources\":[", has_simulated(database->sources) ? "true" : "false");
    f1_render_rows(out, database->sources, 0, f1_rows_count(database->sources), pool);
    f1_buf_adds(out, "]}");
}

static void add_endpoints(f1_buf_t *out, const char *base)
{
    int i;

    f1_buf_adds(out, ",\"endpoints\":[");
    for (i = 0; i < f1_route_count; i++) {
        f1_buf_adds(out, i ? ",{" : "{");
        member(out, "path", apr_pstrcat(out->pool, base, f1_routes[i].templates[0], NULL));
        f1_buf_addc(out, ',');
        member(out, "summary", f1_routes[i].summary);
        f1_buf_addc(out, '}');
    }
    f1_buf_addc(out, ']');
}

apr_status_t f1_meta_service(f1_call_t *call, f1_buf_t *out, f1_result_t *res)
{
    const f1_dir_config_t *dir = call->dir;
    char now[F1_TIME_LEN];
    database_t database;

    (void)res;
    look(call, 1, &database);
    f1_buf_addc(out, '{');
    member(out, "name", dir->title);
    f1_buf_addf(out, ",\"software\":\"mod_f1board\",\"version\":\"%s\",", f1_version);
    member(out, "api", apr_pstrcat(out->pool, dir->base, API_BASE, NULL));
    f1_buf_addc(out, ',');
    member(out, "health", apr_pstrcat(out->pool, dir->base, API_BASE "/health", NULL));
    f1_buf_addc(out, ',');
    member(out, "now", f1_time_format(now, f1_clock_now()));
    add_data(out, &database, out->pool);
    add_endpoints(out, dir->base);
    f1_buf_addc(out, '}');
    return APR_SUCCESS;
}

/* A check as the draft has them: an array of one under its name. */
static void add_database(f1_buf_t *out, const database_t *database)
{
    char now[F1_TIME_LEN];

    f1_time_format(now, apr_time_now());
    f1_buf_addf(out, "\"database:responseTime\":[{\"componentType\":\"datastore\",\"status\":\"%s\",",
                database->reached ? "pass" : "fail");
    if (database->reached) {
        f1_buf_addf(out, "\"observedValue\":%.3f,\"observedUnit\":\"ms\",", (double)database->took / 1000.0);
    }
    else {
        f1_buf_adds(out, "\"output\":\"the database cannot be reached\",");
    }
    f1_buf_addf(out, "\"time\":\"%s\"}]", now);
    if (!database->reached) {
        return;
    }
    f1_buf_addf(out,
                ",\"database:schemaVersion\":[{\"componentType\":\"datastore\",\"status\":\"%s\","
                "\"observedValue\":%d,",
                is_right(database) ? "pass" : "fail", database->version);
    if (!is_right(database)) {
        f1_buf_addf(out, "\"output\":\"this service needs version %d\",", f1_dbd_schema_version());
    }
    f1_buf_addf(out, "\"time\":\"%s\"}]", now);
}

static void add_count(f1_buf_t *out, const char *name, f1_count_t count)
{
    f1_buf_addf(out, "\"cache:%s\":[{\"componentType\":\"component\",\"status\":\"pass\",\"observedValue\":", name);
    f1_buf_addf(out, "%" APR_UINT64_T_FMT "}]", f1_counted(count));
}

/* Answers are right whatever the cache does, so it never fails a health check: without it there is a warning. */
static void add_cache(const f1_call_t *call, f1_buf_t *out)
{
    const char *store = f1_store_name();
    int listens = f1_listener_is_up(f1_config_server(call->r->server)->listener);

    f1_buf_addf(out, "\"cache:store\":[{\"componentType\":\"component\",\"status\":\"%s\",\"observedValue\":\"%s\"}],",
                strcmp(store, "none") ? "pass" : "warn", store);
    f1_buf_addf(out,
                "\"cache:listener\":[{\"componentType\":\"component\",\"status\":\"%s\",\"observedValue\":\"%s\"}],",
                listens ? "pass" : "warn", listens ? "up" : "down");
    add_count(out, "hits", F1_COUNT_CACHE_HIT);
    f1_buf_addc(out, ',');
    add_count(out, "misses", F1_COUNT_CACHE_MISS);
}

static void begin(f1_call_t *call, f1_buf_t *out, int well)
{
    if (!well) {
        call->status = HTTP_SERVICE_UNAVAILABLE;
    }
    f1_buf_addf(out, "{\"status\":\"%s\",\"version\":\"1\",\"releaseId\":\"%s\"", well ? "ok" : "fail", f1_version);
}

apr_status_t f1_meta_live(f1_call_t *call, f1_buf_t *out, f1_result_t *res)
{
    (void)res;
    begin(call, out, 1);
    f1_buf_addc(out, '}');
    return APR_SUCCESS;
}

static apr_status_t answer_health(f1_call_t *call, f1_buf_t *out, int with_cache)
{
    database_t database;

    look(call, 0, &database);
    begin(call, out, is_right(&database));
    f1_buf_adds(out, ",\"checks\":{");
    add_database(out, &database);
    if (with_cache) {
        f1_buf_addc(out, ',');
        add_cache(call, out);
    }
    f1_buf_adds(out, "}}");
    return APR_SUCCESS;
}

apr_status_t f1_meta_health(f1_call_t *call, f1_buf_t *out, f1_result_t *res)
{
    (void)res;
    return answer_health(call, out, 1);
}

apr_status_t f1_meta_database(f1_call_t *call, f1_buf_t *out, f1_result_t *res)
{
    (void)res;
    return answer_health(call, out, 0);
}

/* Ready to be sent requests: everything an answer needs is there, which is the database. */
apr_status_t f1_meta_ready(f1_call_t *call, f1_buf_t *out, f1_result_t *res)
{
    (void)res;
    return answer_health(call, out, 0);
}

apr_status_t f1_meta_cache(f1_call_t *call, f1_buf_t *out, f1_result_t *res)
{
    (void)res;
    begin(call, out, 1);
    f1_buf_adds(out, ",\"checks\":{");
    add_cache(call, out);
    f1_buf_adds(out, "}}");
    return APR_SUCCESS;
}
