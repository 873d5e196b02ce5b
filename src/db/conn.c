/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Connections to PostgreSQL: the direct provider, and the session every backend gets before its first statement. */

#include "db/conn_int.h"

#include <string.h>

#include <apr_strings.h>

#include "base/counters.h"
#include "base/log.h"
#include "base/statement.h"
#include "base/str.h"

#define CONNINFO_MAX 65536

const char *f1_conn_error(const f1_conn_t *conn, apr_pool_t *pool)
{
    char *text = apr_pstrdup(pool, PQerrorMessage(conn->pg));
    size_t len = strlen(text);

    while (len && (text[len - 1] == '\n' || text[len - 1] == ' ')) {
        text[--len] = '\0';
    }
    for (; len; len--) {
        if (text[len - 1] == '\n' || text[len - 1] == '\t') {
            text[len - 1] = ' ';
        }
    }
    return text;
}

static apr_status_t unavailable(f1_conn_t *conn, f1_result_t *res)
{
    f1_count(F1_COUNT_DB_ERROR, 1);
    f1_log(F1_LOG_WARNING, APR_SUCCESS, F1LOGNO(0200) "cannot connect to PostgreSQL: %s",
           f1_conn_error(conn, res->pool));
    res->retry_after = 1;
    return f1_result_fail(res, F1_E_DATABASE_UNAVAILABLE, APR_ECONNREFUSED, "the database does not answer");
}

static void log_notice(void *baton, const char *message)
{
    (void)baton;
    f1_log(F1_LOG_DEBUG, APR_SUCCESS, F1LOGNO(0201) "PostgreSQL: %.*s", (int)strcspn(message, "\n"), message);
}

/* What mod_dbd and connection strings cannot be trusted to set, because a reset or a pooler loses it. Returns what the
 * server said. */
static PGresult *session_setup(f1_conn_t *conn, apr_pool_t *pool)
{
    static const char sql[] = "SELECT set_config('search_path', $1, false), set_config('TimeZone', 'UTC', false),"
                              " set_config('DateStyle', 'ISO, YMD', false),"
                              " set_config('statement_timeout', $2, false), set_config('application_name', $3, false),"
                              " set_config('enable_sort', $4, false)";
    char timeout[24];
    const char *values[] = {F1_DB_SCHEMA, timeout,
                            conn->settings.application_name ? conn->settings.application_name : "f1board",
                            conn->settings.by_index ? "off" : "on"};
    PGresult *pgres;

    apr_snprintf(timeout, sizeof(timeout), "%" APR_TIME_T_FMT, apr_time_as_msec(conn->settings.statement_timeout));
    PQsetNoticeProcessor(conn->pg, log_notice, NULL);
    pgres = f1_pgresult_own(PQexecParams(conn->pg, sql, 4, NULL, values, NULL, NULL, 0), pool);
    if (PQresultStatus(pgres) == PGRES_TUPLES_OK) {
        memset(conn->prepared, 0, (size_t)f1_statement_count);
        conn->backend_pid = PQbackendPID(conn->pg);
    }
    return pgres;
}

int f1_conn_is_lost(f1_conn_t *conn, const PGresult *pgres)
{
    if (PQstatus(conn->pg) != CONNECTION_OK || !pgres || !PQresultErrorField(pgres, PG_DIAG_SQLSTATE)) {
        conn->broken = 1;
    }
    return conn->broken;
}

static int reset(f1_conn_t *conn)
{
    f1_count(F1_COUNT_DB_RESET, 1);
    PQreset(conn->pg);
    conn->broken = 0;
    return PQstatus(conn->pg) == CONNECTION_OK;
}

apr_status_t f1_conn_ready(f1_conn_t *conn, f1_result_t *res)
{
    int resets = 0;

    for (;;) {
        PGresult *pgres;

        if (conn->broken || PQstatus(conn->pg) != CONNECTION_OK) {
            if (!reset(conn)) {
                return unavailable(conn, res);
            }
            resets++;
        }
        else if (PQbackendPID(conn->pg) == conn->backend_pid) {
            return APR_SUCCESS;
        }
        conn->backend_pid = 0;
        pgres = session_setup(conn, res->pool);
        /* a connection that lay idle shows only now that the server went away meanwhile */
        if (!conn->backend_pid && (!f1_conn_is_lost(conn, pgres) || resets >= F1_CONN_TRIES)) {
            return f1_pgresult_fail(conn, pgres, "session set-up", res);
        }
    }
}

f1_conn_t *f1_conn_wrap(void *pgconn, const f1_session_settings_t *settings, apr_pool_t *pool)
{
    f1_conn_t *conn = apr_pcalloc(pool, sizeof(*conn));

    conn->pg = pgconn;
    conn->settings = *settings;
    conn->prepared = apr_pcalloc(pool, (size_t)f1_statement_count + 1);
    return conn;
}

/* "host='/run' dbname='f1' ": quotes and backslashes escaped as PQconninfoParse wants it. */
static void add_option(f1_buf_t *out, const PQconninfoOption *option)
{
    const char *c;

    f1_buf_addf(out, "%s='", option->keyword);
    for (c = option->val; *c; c++) {
        if (*c == '\'' || *c == '\\') {
            f1_buf_addc(out, '\\');
        }
        f1_buf_addc(out, *c);
    }
    f1_buf_adds(out, "' ");
}

const char *f1_conn_info(const f1_conn_t *conn, apr_pool_t *pool)
{
    PQconninfoOption *options = PQconninfo(conn->pg), *option;
    f1_buf_t out;

    f1_buf_init(&out, pool, 256, CONNINFO_MAX);
    for (option = options; option && option->keyword; option++) {
        if (option->val && *option->val) {
            add_option(&out, option);
        }
    }
    PQconninfoFree(options);
    return out.data;
}

const char *f1_conn_place(const f1_conn_t *conn, apr_pool_t *pool)
{
    const char *host = PQhost(conn->pg), *port = PQport(conn->pg), *name = PQdb(conn->pg);

    return apr_pstrcat(pool, host ? host : "", " ", port ? port : "", " ", name ? name : "", NULL);
}

typedef struct direct_t {
    f1_db_t db;
    const char *conninfo;
    f1_session_settings_t settings;
    apr_pool_t *pool;
    f1_conn_t *conn;
} direct_t;

static apr_status_t direct_finish(void *data)
{
    direct_t *direct = data;

    PQfinish(direct->conn->pg);
    direct->conn = NULL;
    return APR_SUCCESS;
}

static apr_status_t direct_open(f1_db_t *db, f1_conn_t **pconn, apr_pool_t *pool, f1_result_t *res)
{
    direct_t *direct = (direct_t *)db;

    (void)pool;
    if (!direct->conn) {
        direct->conn = f1_conn_wrap(PQconnectdb(direct->conninfo), &direct->settings, direct->pool);
        apr_pool_cleanup_register(direct->pool, direct, direct_finish, apr_pool_cleanup_null);
        if (PQstatus(direct->conn->pg) != CONNECTION_OK) {
            return unavailable(direct->conn, res);
        }
    }
    *pconn = direct->conn;
    return f1_conn_ready(direct->conn, res);
}

static void close_nothing(f1_db_t *db, f1_conn_t *conn)
{
    (void)db;
    (void)conn;
}

apr_status_t f1_db_direct_create(f1_db_t **pdb, const char *conninfo, const f1_session_settings_t *settings,
                                 apr_pool_t *pool, f1_result_t *res)
{
    direct_t *direct = apr_pcalloc(pool, sizeof(*direct));
    char *why = NULL;
    PQconninfoOption *options = PQconninfoParse(conninfo, &why);

    if (!options) {
        f1_result_fail(res, F1_E_BAD_REQUEST, APR_EINVAL, "not a connection string: %s", why ? why : "out of memory");
        PQfreemem(why);
        return res->rv;
    }
    PQconninfoFree(options);
    /* kept for the next open: a command runs many statements and has no need of more than one connection */
    direct->db = (f1_db_t){direct_open, close_nothing};
    direct->conninfo = apr_pstrdup(pool, conninfo);
    direct->settings = *settings;
    direct->settings.application_name = apr_pstrdup(pool, settings->application_name);
    direct->pool = pool;
    *pdb = &direct->db;
    return APR_SUCCESS;
}

static apr_status_t held_open(f1_db_t *db, f1_conn_t **pconn, apr_pool_t *pool, f1_result_t *res)
{
    (void)pool;
    (void)res;
    *pconn = ((f1_db_held_t *)db)->conn;
    return APR_SUCCESS;
}

void f1_db_hold(f1_db_held_t *held, f1_conn_t *conn)
{
    *held = (f1_db_held_t){.db = {held_open, close_nothing}, .conn = conn};
}
