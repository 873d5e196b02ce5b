/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* The database of a test program, as t/run names it in PGHOST and PGDATABASE: once through the library, and once past
 * it, so that what the library wrote is not checked by the library itself. */

#include "f1_test.h"

#include <string.h>

#include <libpq-fe.h>

#include <apr_strings.h>

#include "base/json.h"
#include "base/param.h"
#include "base/route.h"
#include "base/str.h"
#include "db/endpoint.h"

#define ROWS_MAX (16 * 1024 * 1024)

static f1_conn_t *connection;

static apr_status_t forget_connection(void *unused)
{
    (void)unused;
    connection = NULL;
    return APR_SUCCESS;
}

f1_conn_t *f1_test_conn(void)
{
    const f1_session_settings_t settings = {0, "f1test", 0};
    f1_result_t *res = f1_result_make(f1_test_pool());
    f1_db_t *db;

    if (!connection) {
        f1_assert_ok(f1_db_direct_create(&db, "", &settings, f1_test_pool(), res), res);
        f1_assert_ok(db->open(db, &connection, f1_test_pool(), res), res);
        apr_pool_cleanup_register(f1_test_pool(), NULL, forget_connection, apr_pool_cleanup_null);
    }
    return connection;
}

static apr_status_t finish(void *conn)
{
    PQfinish(conn);
    return APR_SUCCESS;
}

static apr_status_t clear(void *rows)
{
    PQclear(rows);
    return APR_SUCCESS;
}

const char *f1_test_sql(const char *sql)
{
    apr_pool_t *pool = f1_test_pool();
    PGconn *conn = PQconnectdb("");
    PGresult *rows;
    f1_buf_t out;

    apr_pool_cleanup_register(pool, conn, finish, apr_pool_cleanup_null);
    rows = PQexec(conn, sql);
    apr_pool_cleanup_register(pool, rows, clear, apr_pool_cleanup_null);
    if (PQresultStatus(rows) != PGRES_TUPLES_OK && PQresultStatus(rows) != PGRES_COMMAND_OK) {
        fail_msg("%s: %s", sql, PQerrorMessage(conn));
    }
    f1_buf_init(&out, pool, 256, ROWS_MAX);
    for (int row = 0; row < PQntuples(rows); row++) {
        for (int column = 0; column < PQnfields(rows); column++) {
            f1_buf_adds(&out, column ? "|" : row ? "\n" : "");
            f1_buf_adds(&out, PQgetvalue(rows, row, column));
        }
    }
    assert_false(out.full);
    apr_pool_cleanup_run(pool, rows, clear);
    apr_pool_cleanup_run(pool, conn, finish);
    return out.data;
}

const char *f1_test_notices(const char *channel, const char *sql)
{
    apr_pool_t *pool = f1_test_pool();
    PGconn *conn = PQconnectdb("");
    PGnotify *notice;
    const char *words = "";

    apr_pool_cleanup_register(pool, conn, finish, apr_pool_cleanup_null);
    PQclear(PQexec(conn, apr_pstrcat(pool, "LISTEN ", channel, NULL)));
    f1_test_sql(sql);
    /* an answer brings what was sent before it */
    PQclear(PQexec(conn, "SELECT 1"));
    while ((notice = PQnotifies(conn)) != NULL) {
        words = apr_pstrcat(pool, words, *words ? " " : "", notice->extra, NULL);
        PQfreemem(notice);
    }
    apr_pool_cleanup_run(pool, conn, finish);
    return words;
}

void f1_test_wait_until(const char *sql)
{
    apr_time_t end = apr_time_now() + apr_time_from_sec(30);

    while (strcmp(f1_test_sql(sql), "t") != 0) {
        if (apr_time_now() > end) {
            fail_msg("never: %s", sql);
        }
        apr_sleep(apr_time_from_msec(50));
    }
}

const char *f1_test_sqlf(const char *fmt, ...)
{
    const char *sql;
    va_list args;

    va_start(args, fmt);
    sql = apr_pvsprintf(f1_test_pool(), fmt, args);
    va_end(args);
    return f1_test_sql(sql);
}

/* Of a stream, in a buffer that is too small for it. */
static void keep(void *kept, f1_buf_t *out, f1_result_t *res)
{
    (void)res;
    f1_buf_add(kept, out->data, out->len);
    out->len = 0;
}

static apr_status_t answer(const f1_request_t *request, f1_buf_t *out, f1_result_t *res)
{
    const f1_drain_t drain = {keep, out};
    apr_int64_t count;
    f1_page_t page;
    f1_buf_t part;

    if (request->route->answer != F1_ANSWER_STREAM) {
        return f1_endpoint_answer(f1_test_conn(), request, out, &page, f1_test_pool(), res);
    }
    f1_buf_init(&part, f1_test_pool(), 16, 8192);
    if (f1_endpoint_stream(f1_test_conn(), request, &part, &drain, &count, res) == APR_SUCCESS) {
        keep(out, &part, res);
    }
    return res->rv;
}

json_t *f1_test_answer(const char *target)
{
    apr_pool_t *pool = f1_test_pool();
    f1_result_t *res = f1_result_make(pool);
    const char *query = strchr(target, '?');
    const char *path = f1_param_decode(target, query ? (size_t)(query - target) : strlen(target), 0, pool);
    f1_request_t request;
    f1_match_t match;
    f1_buf_t out;

    f1_buf_init(&out, pool, 4096, F1_ENDPOINT_MAX_BODY);
    assert_true(f1_route_find(f1_routes, f1_route_count, F1_GET, path, &match, pool));
    if (f1_param_check(&request, &match, query ? query + 1 : NULL, 0, 0, pool, res) == APR_SUCCESS &&
        answer(&request, &out, res) == APR_SUCCESS) {
        return f1_test_json(out.data);
    }
    assert_int_not_equal(res->error, F1_E_INTERNAL);
    return f1_json_own(
        json_pack("{s:s, s:s}", "error_code", f1_error_code(res->error), "detail", f1_result_text(res, pool)), pool);
}
