/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* The database of a test program, as t/run names it in PGHOST and PGDATABASE: once through the library, and once past
 * it, so that what the library wrote is not checked by the library itself. */

#include "f1_test.h"

#include <libpq-fe.h>

#include <apr_strings.h>

#include "base/str.h"

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
    const f1_session_settings_t settings = {0, "f1test"};
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
