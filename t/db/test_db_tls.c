/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* The connection string that docs/security.md recommends: PostgreSQL is spoken to by TLS, and only if it is the one it
 * should be. The program's server gets a certificate for "localhost", made by openssl(1). */

#include "f1_test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <apr_strings.h>

#include "db/query.h"

static const f1_statement_t is_encrypted = {
    .id = 0,
    .name = "test_tls_is_encrypted",
    .sql = "SELECT ssl AND version >= 'TLSv1.2' FROM pg_stat_ssl WHERE pid = pg_backend_pid()",
    .read_only = 1,
};

static int port;

static const char *in_sandbox(const char *name)
{
    return apr_pstrcat(f1_test_pool(), getenv("F1_SANDBOX"), "/", name, NULL);
}

static void run(const char *command)
{
    if (system(command) != 0) {
        fail_msg("%s", command);
    }
}

/* PostgreSQL wants its key to be its own, and nobody else's. */
static void make_certificate(const char *name)
{
    const char *path = in_sandbox(name);

    run(apr_psprintf(f1_test_pool(),
                     "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost"
                     " -addext subjectAltName=DNS:localhost -keyout '%s.key' -out '%s.crt' 2>/dev/null &&"
                     " chmod 600 '%s.key' && { [ \"$(id -u)\" != 0 ] || chown nobody '%s.key'; }",
                     path, path, path, path));
}

/* Starts it anew with the certificate, on a port of its own; one that is taken is replaced by another. */
static void restart_with_tls(const char *name)
{
    const char *path = in_sandbox(name);
    int tries, status = 1;

    for (tries = 0; tries < 10 && status != 0; tries++) {
        port = 20000 + (int)(apr_time_now() % 11987);
        status = system(apr_psprintf(f1_test_pool(),
                                     "'%s' restart -m fast -o '-p %d -c listen_addresses=127.0.0.1 -c ssl=on"
                                     " -c ssl_cert_file=%s.crt -c ssl_key_file=%s.key'",
                                     getenv("F1_PGCTL"), port, path, path));
    }
    assert_int_equal(status, 0);
}

static int with_tls(void **state)
{
    if (f1_test_group_setup(state) || f1_test_setup(state)) {
        return -1;
    }
    make_certificate("right");
    make_certificate("wrong");
    restart_with_tls("right");
    return f1_test_teardown(state);
}

/* A connection with these settings; NULL when there is none. */
static f1_conn_t *connect_to(const char *host, const char *settings)
{
    static const f1_session_settings_t session = {0, "test", 0};
    const char *conninfo =
        apr_psprintf(f1_test_pool(), "host=%s hostaddr=127.0.0.1 port=%d password=s3cret %s", host, port, settings);
    f1_conn_t *conn = NULL;
    f1_db_t *db;

    f1_result_clear(f1_test_result());
    f1_assert_ok(f1_db_direct_create(&db, conninfo, &session, f1_test_pool(), f1_test_result()), f1_test_result());
    return db->open(db, &conn, f1_test_pool(), f1_test_result()) == APR_SUCCESS ? conn : NULL;
}

static const char *verified_by(const char *name)
{
    return apr_psprintf(f1_test_pool(), "sslmode=verify-full sslrootcert=%s.crt", in_sandbox(name));
}

static void the_right_server_is_spoken_to_by_tls(void **state)
{
    f1_conn_t *conn = connect_to("localhost", verified_by("right"));
    f1_rows_t *rows;

    (void)state;
    assert_non_null(conn);
    f1_assert_ok(f1_query(conn, &is_encrypted, NULL, &rows, f1_test_pool(), f1_test_result()), f1_test_result());
    assert_string_equal(f1_rows_get(rows, 0, 0), "t");
    /* whoever connects by what this connection was made with does the same */
    assert_non_null(strstr(f1_conn_info(conn, f1_test_pool()), "verify-full"));
}

static void others_are_not_spoken_to(void **state)
{
    (void)state;
    assert_null(connect_to("localhost", verified_by("wrong")));
    assert_int_equal(f1_test_result()->error, F1_E_DATABASE_UNAVAILABLE);
    assert_non_null(strstr(f1_test_log(), "certificate verify failed"));
    assert_null(connect_to("elsewhere.example", verified_by("right")));
    assert_non_null(strstr(f1_test_log(), "does not match host name"));
    assert_null(strstr(f1_test_log(), "s3cret"));
    assert_null(strstr(f1_result_text(f1_test_result(), f1_test_pool()), "s3cret"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        F1_TEST(the_right_server_is_spoken_to_by_tls),
        F1_TEST(others_are_not_spoken_to),
    };

    return cmocka_run_group_tests(tests, with_tls, f1_test_group_teardown);
}
