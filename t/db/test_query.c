/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* src/db/conn.c and query.c against a real server: typed rows, failures by SQLSTATE, and above all what happens when
 * the backend behind a connection goes away or forgets. */

#include <string.h>

#include <apr_strings.h>

#include <libpq-fe.h>

#include "f1_test.h"
#include "base/counters.h"
#include "db/query.h"

/* Statements of the tests' own; ids only have to differ from each other on one connection. */
/* clang-format off */
#define READ(number, words, params) {number, "test_" #number, words, params, NULL, 1, NULL, 0}
#define WRITE(number, words, params) {number, "test_" #number, words, params, NULL, 0, NULL, 0}
/* clang-format on */

static const f1_statement_t kinds =
    READ(0,
         "SELECT 1 AS n, 8.14::numeric AS points, true AS yes, now() AS at, '{\"a\":1}'::jsonb AS doc, 'x'::text AS t,"
         " NULL::integer AS nothing, $1::text || '!' AS said",
         1);
static const f1_statement_t pid_of = READ(1, "SELECT pg_backend_pid(), current_setting('search_path')", 0);
static const f1_statement_t sleeps = READ(2, "SELECT pg_sleep(5)", 0);
static const f1_statement_t insert = WRITE(3, "INSERT INTO pg_temp.thing (id) VALUES ($1::int)", 1);
static const f1_statement_t select_all = READ(4, "SELECT * FROM pg_temp.thing ORDER BY id", 0);
static const f1_statement_t broken = READ(5, "SELECT no_such_column", 0);
static const f1_statement_t as_integer = READ(7, "SELECT $1::text::int", 1);
static const f1_statement_t write_pid = WRITE(8, "SELECT pg_backend_pid()", 0);

static const char *ask_one(const f1_statement_t *statement, const char *value)
{
    f1_result_t *res = f1_test_result();
    f1_rows_t *rows;

    f1_result_clear(res);
    if (f1_query(f1_test_conn(), statement, &value, &rows, f1_test_pool(), res) != APR_SUCCESS) {
        return NULL;
    }
    return f1_rows_get(rows, 0, 0);
}

/* Ends this connection's backend from another connection, and waits until it is gone. */
static void kill_backend(void)
{
    const char *sql = apr_psprintf(f1_test_pool(), "SELECT pg_terminate_backend(%s, 5000)", ask_one(&pid_of, NULL));

    assert_string_equal(f1_test_sql(sql), "t");
}

static void rows_know_their_kinds(void **state)
{
    f1_conn_t *conn = f1_test_conn();
    f1_result_t *res = f1_test_result();
    static const f1_col_kind_t expected[] = {F1_COL_NUMBER, F1_COL_NUMBER, F1_COL_BOOLEAN, F1_COL_TIMESTAMP,
                                             F1_COL_JSON,   F1_COL_TEXT,   F1_COL_NUMBER,  F1_COL_TEXT};
    const char *value = "a'b\\";
    f1_rows_t *rows;
    int i;

    (void)state;
    assert_int_equal(f1_query(conn, &kinds, &value, &rows, f1_test_pool(), res), APR_SUCCESS);
    assert_int_equal(f1_rows_count(rows), 1);
    assert_int_equal(f1_rows_columns(rows), 8);
    for (i = 0; i < 8; i++) {
        assert_int_equal(f1_rows_kind(rows, i), expected[i]);
    }
    assert_string_equal(f1_rows_get(rows, 0, 1), "8.14");
    assert_null(f1_rows_get(rows, 0, 6));
    assert_string_equal(f1_rows_get(rows, 0, f1_rows_column(rows, "said")), "a'b\\!");
    assert_int_equal(f1_rows_length(rows, 0, 7), 5);
    assert_string_equal(f1_rows_name(rows, 3), "at");
    assert_int_equal(f1_rows_column(rows, "missing"), -1);
    /* the session is in UTC whatever the server's default is */
    assert_non_null(strstr(f1_rows_get(rows, 0, 3), "+00"));
}

static void a_read_survives_the_loss_of_its_backend(void **state)
{
    f1_conn_t *conn = f1_test_conn();
    f1_result_t *res = f1_test_result();
    const char *before = apr_pstrdup(f1_test_pool(), ask_one(&pid_of, NULL));
    f1_rows_t *rows;

    (void)state;
    kill_backend();
    assert_int_equal(f1_query(conn, &pid_of, NULL, &rows, f1_test_pool(), res), APR_SUCCESS);
    assert_string_not_equal(f1_rows_get(rows, 0, 0), before);
    /* and the new session is set up like the old one */
    assert_string_equal(f1_rows_get(rows, 0, 1), F1_DB_SCHEMA);
}

/* What a pool holds: a connection that was never used, and whose server is gone when it is. */
static void an_idle_connection_may_be_lost_before_its_first_use(void **state)
{
    f1_result_t *res = f1_test_result();
    f1_session_settings_t settings = {0, "test_query idle", 0};
    f1_rows_t *rows;
    f1_conn_t *conn;
    PGconn *pg;

    (void)state;
    pg = PQconnectdb("");
    conn = f1_conn_wrap(pg, &settings, f1_test_pool());
    assert_string_equal(
        f1_test_sql(apr_psprintf(f1_test_pool(), "SELECT pg_terminate_backend(%d, 5000)", PQbackendPID(pg))), "t");
    f1_assert_ok(f1_query(conn, &pid_of, NULL, &rows, f1_test_pool(), res), res);
    assert_string_equal(f1_rows_get(rows, 0, 1), F1_DB_SCHEMA);
    PQfinish(pg);
}

static void a_write_is_not_sent_twice(void **state)
{
    f1_result_t *res = f1_test_result();

    (void)state;
    assert_non_null(ask_one(&write_pid, NULL));
    kill_backend();
    assert_null(ask_one(&write_pid, NULL));
    assert_int_equal(res->error, F1_E_DATABASE_UNAVAILABLE);
    assert_int_equal(res->retry_after, 1);
    assert_non_null(ask_one(&write_pid, NULL));
}

static void a_forgotten_statement_is_prepared_again(void **state)
{
    f1_conn_t *conn = f1_test_conn();
    f1_result_t *res = f1_test_result();
    apr_uint64_t prepares, queries;

    (void)state;
    assert_non_null(ask_one(&pid_of, NULL));
    prepares = f1_counted(F1_COUNT_DB_PREPARE);
    queries = f1_counted(F1_COUNT_DB_QUERY);
    assert_non_null(ask_one(&pid_of, NULL));
    assert_int_equal(f1_counted(F1_COUNT_DB_PREPARE), prepares);
    assert_int_equal(f1_counted(F1_COUNT_DB_QUERY), queries + 1);
    assert_int_equal(f1_exec(conn, "DEALLOCATE ALL", res), APR_SUCCESS);
    assert_non_null(ask_one(&pid_of, NULL));
    assert_int_equal(f1_counted(F1_COUNT_DB_PREPARE), prepares + 1);
}

static void a_changed_table_is_noticed(void **state)
{
    f1_conn_t *conn = f1_test_conn();
    f1_result_t *res = f1_test_result();
    f1_rows_t *rows;

    (void)state;
    assert_int_equal(f1_exec(conn, "CREATE TEMP TABLE thing (id integer PRIMARY KEY)", res), APR_SUCCESS);
    assert_int_equal(f1_query(conn, &select_all, NULL, &rows, f1_test_pool(), res), APR_SUCCESS);
    assert_int_equal(f1_rows_columns(rows), 1);
    assert_int_equal(f1_exec(conn, "ALTER TABLE pg_temp.thing ADD name text", res), APR_SUCCESS);
    assert_int_equal(f1_query(conn, &select_all, NULL, &rows, f1_test_pool(), res), APR_SUCCESS);
    assert_int_equal(f1_rows_columns(rows), 2);
}

static void failures_are_translated(void **state)
{
    f1_conn_t *conn = f1_test_conn();
    f1_result_t *res = f1_test_result();

    (void)state;
    assert_int_equal(f1_exec(conn, "CREATE TEMP TABLE thing (id integer PRIMARY KEY CHECK (id > 0))", res),
                     APR_SUCCESS);
    assert_null(ask_one(&broken, NULL));
    assert_int_equal(res->error, F1_E_INTERNAL);
    assert_null(strstr(res->detail, "no_such_column"));
    assert_null(ask_one(&as_integer, "secret"));
    assert_int_equal(res->error, F1_E_BAD_REQUEST);
    assert_null(strstr(res->detail, "secret"));
    ask_one(&insert, "1");
    assert_int_equal(res->error, F1_E_OK);
    ask_one(&insert, "1");
    assert_int_equal(res->error, F1_E_CONFLICT);
    ask_one(&insert, "-1");
    assert_int_equal(res->error, F1_E_BAD_REQUEST);
    assert_int_equal(f1_exec(conn, "SET statement_timeout = '50ms'", res), APR_SUCCESS);
    assert_null(ask_one(&sleeps, NULL));
    assert_int_equal(res->error, F1_E_TIMEOUT);
    assert_int_equal(f1_sqlstate_error("53300"), F1_E_DATABASE_UNAVAILABLE);
    assert_int_equal(f1_sqlstate_error("57P03"), F1_E_DATABASE_UNAVAILABLE);
    assert_int_equal(f1_sqlstate_error("40P01"), F1_E_UNAVAILABLE);
    assert_int_equal(f1_sqlstate_error(NULL), F1_E_DATABASE_UNAVAILABLE);
}

static apr_status_t insert_two(f1_conn_t *conn, void *baton, f1_result_t *res)
{
    const char *first = "1", *second = baton;
    f1_rows_t *rows;

    if (f1_query(conn, &insert, &first, &rows, res->pool, res) != APR_SUCCESS) {
        return res->rv;
    }
    assert_int_equal(f1_rows_affected(rows), 1);
    return f1_query(conn, &insert, &second, NULL, res->pool, res);
}

static void transactions_are_all_or_nothing(void **state)
{
    f1_conn_t *conn = f1_test_conn();
    f1_result_t *res = f1_test_result();
    char one[] = "1", two[] = "2";
    f1_rows_t *rows;

    (void)state;
    assert_int_equal(f1_exec(conn, "CREATE TEMP TABLE thing (id integer PRIMARY KEY)", res), APR_SUCCESS);
    assert_int_not_equal(f1_transaction(conn, insert_two, one, res), APR_SUCCESS);
    assert_int_equal(res->error, F1_E_CONFLICT);
    f1_result_clear(res);
    assert_int_equal(f1_query(conn, &select_all, NULL, &rows, f1_test_pool(), res), APR_SUCCESS);
    assert_int_equal(f1_rows_count(rows), 0);
    assert_int_equal(f1_transaction(conn, insert_two, two, res), APR_SUCCESS);
    assert_int_equal(f1_query(conn, &select_all, NULL, &rows, f1_test_pool(), res), APR_SUCCESS);
    assert_int_equal(f1_rows_count(rows), 2);
}

static void copy_loads_rows_or_none(void **state)
{
    f1_conn_t *conn = f1_test_conn();
    f1_result_t *res = f1_test_result();
    static const char command[] = "COPY pg_temp.thing (id) FROM STDIN";
    static char begin[] = "1\n2", end[] = "\n3\n", wrong[] = "4\nx\n";
    const struct iovec parts[] = {{begin, 3}, {end, 3}}, bad = {wrong, 4};
    f1_rows_t *rows;

    (void)state;
    assert_int_equal(f1_exec(conn, "CREATE TEMP TABLE thing (id integer PRIMARY KEY)", res), APR_SUCCESS);
    assert_int_equal(f1_copy_in(conn, command, parts, 2, res), APR_SUCCESS);
    assert_int_equal(f1_copy_in(conn, command, NULL, 0, res), APR_SUCCESS);
    assert_int_not_equal(f1_copy_in(conn, command, &bad, 1, res), APR_SUCCESS);
    assert_int_equal(res->error, F1_E_BAD_REQUEST);
    f1_result_clear(res);
    assert_int_equal(f1_query(conn, &select_all, NULL, &rows, f1_test_pool(), res), APR_SUCCESS);
    assert_int_equal(f1_rows_count(rows), 3);
    assert_int_not_equal(f1_copy_in(conn, "COPY pg_temp.nothing FROM STDIN", NULL, 0, res), APR_SUCCESS);
    assert_int_equal(res->error, F1_E_INTERNAL);
}

static void statements_describe_themselves(void **state)
{
    f1_conn_t *conn = f1_test_conn();
    f1_result_t *res = f1_test_result();
    f1_description_t description;

    (void)state;
    assert_int_equal(f1_describe(conn, &kinds, &description, f1_test_pool(), res), APR_SUCCESS);
    assert_int_equal(description.param_count, 1);
    assert_string_equal(description.param_types[0], "text");
    assert_int_equal(description.column_count, 8);
    assert_string_equal(description.column_names[1], "points");
    assert_string_equal(description.column_types[1], "numeric");
    assert_string_equal(description.column_types[3], "timestamp with time zone");
    assert_int_not_equal(f1_describe(conn, &broken, &description, f1_test_pool(), res), APR_SUCCESS);
}

static void a_missing_server_is_said(void **state)
{
    f1_result_t *res = f1_test_result();
    f1_session_settings_t settings = {0, NULL, 0};
    f1_conn_t *conn;
    f1_db_t *db;

    (void)state;
    assert_int_equal(f1_db_direct_create(&db, "host=/nonexistent", &settings, f1_test_pool(), res), APR_SUCCESS);
    assert_int_not_equal(db->open(db, &conn, f1_test_pool(), res), APR_SUCCESS);
    assert_int_equal(res->error, F1_E_DATABASE_UNAVAILABLE);
    assert_null(strstr(res->detail, "nonexistent"));
    f1_result_clear(res);
    assert_int_not_equal(f1_db_direct_create(&db, "no such = option", &settings, f1_test_pool(), res), APR_SUCCESS);
    assert_int_equal(res->error, F1_E_BAD_REQUEST);
}

typedef struct seen_t {
    int calls, rows;
    const char *first_column; /* its name */
    const char *last; /* value of it */
    int fail_at;
} seen_t;

static void see(void *baton, const f1_rows_t *rows, f1_result_t *res)
{
    seen_t *seen = baton;

    seen->calls++;
    seen->rows += f1_rows_count(rows);
    seen->first_column = apr_pstrdup(f1_test_pool(), f1_rows_name(rows, 0));
    if (f1_rows_count(rows)) {
        seen->last = apr_pstrdup(f1_test_pool(), f1_rows_get(rows, 0, 0));
    }
    if (seen->fail_at && seen->rows == seen->fail_at) {
        f1_result_fail(res, F1_E_UNAVAILABLE, APR_ENOSPC, "enough");
    }
}

static const f1_statement_t numbers = READ(20, "SELECT i AS n FROM generate_series(1, $1::text::int) AS i", 1);
static const f1_statement_t breaks_late = READ(21, "SELECT 1 / (3 - i) AS n FROM generate_series(1, 9) AS i", 0);
static const f1_statement_t write_numbers = WRITE(22, "SELECT i AS n FROM generate_series(1, 3) AS i", 0);

static apr_status_t read_each(const f1_statement_t *statement, const char *value, seen_t *seen)
{
    f1_result_clear(f1_test_result());
    return f1_query_each(f1_test_conn(), statement, &value, see, seen, f1_test_result());
}

static void rows_can_be_read_one_by_one(void **state)
{
    seen_t seen = {0}, none = {0};

    (void)state;
    f1_assert_ok(read_each(&numbers, "1000", &seen), f1_test_result());
    assert_int_equal(seen.rows, 1000);
    assert_int_equal(seen.calls, 1001);
    assert_string_equal(seen.last, "1000");
    f1_assert_ok(read_each(&numbers, "0", &none), f1_test_result());
    assert_int_equal(none.calls, 1);
    assert_string_equal(none.first_column, "n");
    assert_string_equal(ask_one(&pid_of, NULL), ask_one(&pid_of, NULL)); /* and the connection is free again */
}

static void reading_one_by_one_can_fail_halfway(void **state)
{
    seen_t broken_late = {0}, enough = {.fail_at = 5};

    (void)state;
    assert_int_not_equal(read_each(&breaks_late, NULL, &broken_late), APR_SUCCESS);
    assert_int_equal(f1_test_result()->error, F1_E_BAD_REQUEST); /* division by zero */
    assert_int_equal(broken_late.rows, 2);
    assert_int_not_equal(read_each(&numbers, "1000", &enough), APR_SUCCESS);
    assert_int_equal(f1_test_result()->error, F1_E_UNAVAILABLE);
    assert_int_equal(enough.calls, 5);
    assert_int_not_equal(read_each(&as_integer, "x", &enough), APR_SUCCESS);
    assert_int_equal(f1_test_result()->error, F1_E_BAD_REQUEST);
    assert_non_null(ask_one(&pid_of, NULL));
}

static void reading_one_by_one_survives_a_lost_backend(void **state)
{
    seen_t seen = {0}, none = {0};

    (void)state;
    assert_non_null(ask_one(&pid_of, NULL));
    kill_backend();
    f1_assert_ok(read_each(&numbers, "3", &seen), f1_test_result());
    assert_int_equal(seen.rows, 3);
    f1_assert_ok(f1_exec(f1_test_conn(), "DEALLOCATE ALL", f1_test_result()), f1_test_result());
    f1_assert_ok(read_each(&numbers, "3", &seen), f1_test_result());
    assert_int_equal(seen.rows, 6);
    f1_assert_ok(read_each(&write_numbers, NULL, &seen), f1_test_result());
    kill_backend();
    assert_int_not_equal(read_each(&write_numbers, NULL, &none), APR_SUCCESS);
    assert_int_equal(f1_test_result()->error, F1_E_DATABASE_UNAVAILABLE);
    assert_int_equal(none.calls, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        F1_TEST(rows_know_their_kinds),
        F1_TEST(a_read_survives_the_loss_of_its_backend),
        F1_TEST(an_idle_connection_may_be_lost_before_its_first_use),
        F1_TEST(a_write_is_not_sent_twice),
        F1_TEST(a_forgotten_statement_is_prepared_again),
        F1_TEST(a_changed_table_is_noticed),
        F1_TEST(failures_are_translated),
        F1_TEST(transactions_are_all_or_nothing),
        F1_TEST(copy_loads_rows_or_none),
        F1_TEST(statements_describe_themselves),
        F1_TEST(rows_can_be_read_one_by_one),
        F1_TEST(reading_one_by_one_can_fail_halfway),
        F1_TEST(reading_one_by_one_survives_a_lost_backend),
        F1_TEST(a_missing_server_is_said),
    };

    return f1_test_run(tests);
}
