/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* The f1_db_t provider over mod_dbd. mod_dbd is reached by optional functions only, so that the order in which modules
 * are loaded does not matter. Our wrapper of a connection is made when mod_dbd opens it, because no other thread can be
 * at work on the pool then, and stays with it, so that prepared statements are known for as long as they exist. */

#include "web/dbd.h"

#include <stdatomic.h>

#include <apr_dbd.h>
#include <apr_optional.h>
#include <apr_optional_hooks.h>
#include <apr_strings.h>
#include <mod_dbd.h>
#include <http_log.h>

#include "base/counters.h"
#include "base/log.h"
#include "db/migrate.h"

APLOG_USE_MODULE(f1board);

#define RETRY apr_time_from_msec(250)
#define LOG_INTERVAL apr_time_from_sec(10)
#define WRAPPER_KEY "f1board:connection"

static APR_OPTIONAL_FN_TYPE(ap_dbd_open) * dbd_open;
static APR_OPTIONAL_FN_TYPE(ap_dbd_close) * dbd_close;

struct f1_dbd_t {
    server_rec *s;
    /* 0 while all is well; else when to try again; PROBING while somebody does. Its copy in each child is the child's.
     */
    _Atomic apr_time_t retry_at;
    _Atomic apr_time_t down_since;
    _Atomic apr_time_t logged_at;
    atomic_flag migrating;
};

#define PROBING APR_INT64_MAX

typedef struct wrapper_t {
    f1_conn_t *conn;
    int schema_is_right;
} wrapper_t;

f1_dbd_t *f1_dbd_create(server_rec *s, apr_pool_t *pconf)
{
    f1_dbd_t *dbd = apr_pcalloc(pconf, sizeof(*dbd));

    dbd->s = s;
    atomic_flag_clear(&dbd->migrating);
    return dbd;
}

int f1_dbd_schema_version(void)
{
    return f1_migrations[f1_migration_count - 1].version;
}

/* At most one line in LOG_INTERVAL about a state that every request meets. */
static int may_log(f1_dbd_t *dbd)
{
    apr_time_t now = apr_time_now(), last = dbd->logged_at;

    return now - last >= LOG_INTERVAL && atomic_compare_exchange_strong(&dbd->logged_at, &last, now);
}

static apr_status_t count_closed(void *rec)
{
    (void)rec;
    f1_count_level(F1_LEVEL_DB_OPEN, -1);
    return APR_SUCCESS;
}

static apr_status_t post_connect(apr_pool_t *pool, dbd_cfg_t *cfg, ap_dbd_t *rec)
{
    f1_server_config_t *server = f1_config_server(cfg->server);
    f1_session_settings_t settings = {server->statement_timeout, "mod_f1board", 0};
    wrapper_t *wrapper = apr_pcalloc(pool, sizeof(*wrapper));
    void *pgconn;

    if (strcmp(apr_dbd_name(rec->driver), "pgsql")) {
        return APR_SUCCESS; /* somebody else's database */
    }
    pgconn = apr_dbd_native_handle(rec->driver, rec->handle);
    wrapper->conn = f1_conn_wrap(pgconn, &settings, pool);
    f1_count_level(F1_LEVEL_DB_OPEN, 1);
    apr_pool_cleanup_register(rec->pool, rec, count_closed, apr_pool_cleanup_null);
    return apr_pool_userdata_setn(wrapper, WRAPPER_KEY, NULL, rec->pool);
}

static void came_back(f1_dbd_t *dbd)
{
    apr_time_t since = atomic_exchange(&dbd->down_since, 0);

    dbd->retry_at = 0;
    if (since) {
        ap_log_error(APLOG_MARK, APLOG_NOTICE, 0, dbd->s,
                     F1LOGNO(0511) "the database answers again after %" APR_TIME_T_FMT " ms",
                     apr_time_as_msec(apr_time_now() - since));
    }
}

static apr_status_t is_away(f1_dbd_t *dbd, f1_result_t *res)
{
    apr_time_t now = apr_time_now(), none = 0;

    atomic_compare_exchange_strong(&dbd->down_since, &none, now);
    dbd->retry_at = now + RETRY;
    if (may_log(dbd)) {
        ap_log_error(APLOG_MARK, APLOG_WARNING, 0, dbd->s,
                     F1LOGNO(0510) "the database cannot be reached; requests are answered with 503 until it can");
    }
    return f1_result_fail(res, F1_E_DATABASE_UNAVAILABLE, APR_ECONNREFUSED, "The database cannot be reached");
}

/* Whether this thread may try: always while all is well, one at a time otherwise. */
static int may_try(f1_dbd_t *dbd)
{
    apr_time_t at = dbd->retry_at;

    return !at || (at <= apr_time_now() && atomic_compare_exchange_strong(&dbd->retry_at, &at, PROBING));
}

static apr_status_t migrate(f1_dbd_t *dbd, f1_conn_t *conn, apr_pool_t *pool, f1_result_t *res)
{
    apr_status_t rv;
    int applied = 0;

    if (atomic_flag_test_and_set(&dbd->migrating)) {
        return f1_result_fail(res, F1_E_SCHEMA_MISMATCH, APR_EAGAIN, "The database schema is being brought up to date");
    }
    rv = f1_migrate_up(conn, 0, NULL, NULL, &applied, pool, res);
    atomic_flag_clear(&dbd->migrating);
    if (rv == APR_SUCCESS && applied) { /* else another process was faster */
        ap_log_error(APLOG_MARK, APLOG_NOTICE, 0, dbd->s,
                     F1LOGNO(0512) "the database schema was brought to version %d (%d steps)", f1_dbd_schema_version(),
                     applied);
    }
    if (rv != APR_SUCCESS && may_log(dbd)) {
        ap_log_error(APLOG_MARK, APLOG_ERR, rv, dbd->s,
                     F1LOGNO(0513) "the database schema cannot be brought up to date: %s", f1_result_text(res, pool));
    }
    return rv;
}

static apr_status_t check_schema(f1_dbd_t *dbd, f1_conn_t *conn, apr_pool_t *pool, f1_result_t *res)
{
    int version, wanted = f1_dbd_schema_version();
    apr_status_t rv = f1_migrate_version(conn, &version, pool, res);

    if (rv != APR_SUCCESS || version == wanted) {
        return rv;
    }
    if (version < wanted && f1_config_server(dbd->s)->migrate) {
        return migrate(dbd, conn, pool, res);
    }
    f1_result_fail(res, F1_E_SCHEMA_MISMATCH, APR_EINCOMPLETE,
                   "The database schema has version %d, this service needs %d: %s", version, wanted,
                   version < wanted ? "run 'f1boardctl migrate up'" : "install the newer version of the service");
    if (may_log(dbd)) {
        ap_log_error(APLOG_MARK, APLOG_ERR, 0, dbd->s, F1LOGNO(0514) "%s", res->detail);
    }
    return res->rv;
}

static void give_back(f1_dbd_lease_t *lease)
{
    dbd_close(lease->dbd->s, lease->held);
    lease->held = NULL;
    f1_count_level(F1_LEVEL_DB_USED, -1);
}

/* After a failure nothing short of a statement shows that a connection works: the first one taken is asked. */
static apr_status_t verify(const f1_dbd_lease_t *lease, wrapper_t *wrapper, int trying, apr_pool_t *pool,
                           f1_result_t *res)
{
    apr_status_t rv;

    if (!trying && (wrapper->schema_is_right || lease->no_schema)) {
        return APR_SUCCESS;
    }
    rv = check_schema(lease->dbd, wrapper->conn, pool, res);
    wrapper->schema_is_right = rv == APR_SUCCESS;
    if (rv != APR_SUCCESS && lease->any_schema && res->error == F1_E_SCHEMA_MISMATCH) {
        f1_result_clear(res);
        rv = APR_SUCCESS;
    }
    return rv;
}

static apr_status_t lease_open(f1_db_t *db, f1_conn_t **pconn, apr_pool_t *pool, f1_result_t *res)
{
    f1_dbd_lease_t *lease = (f1_dbd_lease_t *)db;
    f1_dbd_t *dbd = lease->dbd;
    int trying = dbd->retry_at != 0;
    wrapper_t *wrapper = NULL;
    apr_time_t start;
    ap_dbd_t *rec;
    apr_status_t rv;

    if (!dbd_open || !may_try(dbd)) {
        return f1_result_fail(res, F1_E_DATABASE_UNAVAILABLE, APR_ECONNREFUSED, "The database cannot be reached");
    }
    start = apr_time_now();
    rec = dbd_open(pool, dbd->s);
    f1_count_duration(F1_DURATION_DB_WAIT, apr_time_now() - start);
    if (!rec) {
        f1_count(F1_COUNT_DB_ERROR, 1);
        return is_away(dbd, res);
    }
    lease->held = rec;
    f1_count_level(F1_LEVEL_DB_USED, 1);
    apr_pool_userdata_get((void **)&wrapper, WRAPPER_KEY, rec->pool);
    rv = wrapper ? verify(lease, wrapper, trying, pool, res)
                 : f1_result_fail(res, F1_E_INTERNAL, APR_ENOTIMPL, "The database is not PostgreSQL");
    if (trying && res->error != F1_E_DATABASE_UNAVAILABLE) {
        came_back(dbd);
    }
    if (rv != APR_SUCCESS) {
        give_back(lease);
        return res->error == F1_E_DATABASE_UNAVAILABLE ? is_away(dbd, res) : rv;
    }
    *pconn = wrapper->conn;
    return APR_SUCCESS;
}

static void lease_close(f1_db_t *db, f1_conn_t *conn)
{
    f1_dbd_lease_t *lease = (f1_dbd_lease_t *)db;

    (void)conn;
    if (lease->held) {
        give_back(lease);
    }
}

void f1_dbd_lease(f1_dbd_lease_t *lease, f1_dbd_t *dbd)
{
    *lease = (f1_dbd_lease_t){.db = {lease_open, lease_close}, .dbd = dbd};
}

const char *f1_dbd_conninfo(f1_dbd_t *dbd, int no_schema, const char **pplace, apr_pool_t *pool)
{
    const char *info = NULL;
    apr_pool_t *scratch;
    f1_dbd_lease_t lease;
    f1_conn_t *conn;

    apr_pool_create(&scratch, pool);
    f1_dbd_lease(&lease, dbd);
    lease.no_schema = no_schema;
    if (lease.db.open(&lease.db, &conn, scratch, f1_result_make(scratch)) == APR_SUCCESS) {
        info = f1_conn_info(conn, pool);
        *pplace = f1_conn_place(conn, pool);
        lease.db.close(&lease.db, conn);
    }
    apr_pool_destroy(scratch);
    return info;
}

static void find_dbd(void)
{
    dbd_open = APR_RETRIEVE_OPTIONAL_FN(ap_dbd_open);
    dbd_close = APR_RETRIEVE_OPTIONAL_FN(ap_dbd_close);
}

void f1_dbd_register_hooks(apr_pool_t *pool)
{
    (void)pool;
    ap_hook_optional_fn_retrieve(find_dbd, NULL, NULL, APR_HOOK_MIDDLE);
    APR_OPTIONAL_HOOK(dbd, post_connect, post_connect, NULL, NULL, APR_HOOK_MIDDLE);
}
