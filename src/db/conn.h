/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_DB_CONN_H
#define F1_DB_CONN_H

/* Where connections come from. f1_db_t is a provider: the direct one below opens a libpq connection of its own (CLI,
 * tests); the module brings one on top of mod_dbd. Take a connection only around a query, and give it back.
 *
 * A connection remembers the server process it talks to. A silent reset gives a new one, and with it prepared
 * statements and session settings are gone; f1_conn_ready notices and sets the session up again. */

#include <apr_pools.h>

#include "base/result.h"

typedef struct f1_db_t f1_db_t;
typedef struct f1_conn_t f1_conn_t;

struct f1_db_t {
    /* res on failure: F1_E_DATABASE_UNAVAILABLE, retry_after 1 */
    apr_status_t (*open)(f1_db_t *db, f1_conn_t **pconn, apr_pool_t *pool, f1_result_t *res);
    void (*close)(f1_db_t *db, f1_conn_t *conn);
};

#define F1_DB_SCHEMA "f1board"

/* Our schema alone in search_path, UTC, statement_timeout (0: none), application_name. by_index: rows are read in the
 * order of an index rather than sorted, for queues that statistics do not know to be long. */
typedef struct f1_session_settings_t {
    apr_interval_time_t statement_timeout;
    const char *application_name;
    int by_index;
} f1_session_settings_t;

/* conninfo: libpq's ("" reads PGHOST and so on). One connection, opened at the first open and kept until pool ends;
 * for one thread. settings are copied. */
apr_status_t f1_db_direct_create(f1_db_t **pdb, const char *conninfo, const f1_session_settings_t *settings,
                                 apr_pool_t *pool, f1_result_t *res);

/* The door to a connection that is taken already, and stays so: for work that is to be part of a transaction and need
 * not know. */
typedef struct f1_db_held_t {
    f1_db_t db;
    f1_conn_t *conn;
} f1_db_held_t;
void f1_db_hold(f1_db_held_t *held, f1_conn_t *conn);

/* Wraps a PGconn that somebody else owns (mod_dbd's, by apr_dbd_native_handle). The wrapper lives in pool, which must
 * not outlive the connection. */
f1_conn_t *f1_conn_wrap(void *pgconn, const f1_session_settings_t *settings, apr_pool_t *pool);

/* Makes sure that the connection works and its session is set up; resets a broken one. Costs nothing when all is
 * well. F1_E_DATABASE_UNAVAILABLE otherwise. */
apr_status_t f1_conn_ready(f1_conn_t *conn, f1_result_t *res);

/* How to open another connection to the same database: a connection string with everything that libpq was given or
 * found, secrets too. Never log it. */
const char *f1_conn_info(const f1_conn_t *conn, apr_pool_t *pool);

/* Which database that is, without a secret: "host port name". */
const char *f1_conn_place(const f1_conn_t *conn, apr_pool_t *pool);

/* Sleeps until somebody notifies on channel, timeout has passed, or there is something to read from the descriptor
 * wake (-1: none). Listens from the first call on, and returns at once where notices may have been missed before: at
 * that call, and after the connection was lost. channel: a constant name. */
apr_status_t f1_conn_wait(f1_conn_t *conn, const char *channel, int wake, apr_interval_time_t timeout,
                          f1_result_t *res);

#endif
