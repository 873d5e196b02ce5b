/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_DB_CONN_INT_H
#define F1_DB_CONN_INT_H

/* The inside of a connection, for the files of src/db only. */

#include <libpq-fe.h>

#include "db/conn.h"

/* How often a lost connection is made anew for one statement: while a server shuts down, or an administrator ends
 * backends, the next one may be lost as well. */
#define F1_CONN_TRIES 3

struct f1_conn_t {
    PGconn *pg;
    int backend_pid;            /* whose session is set up; 0: nobody's yet */
    int broken;                 /* lost, though libpq does not say so yet: see f1_conn_is_lost */
    int listening_pid;          /* the one that was told to LISTEN: see f1_conn_wait */
    unsigned char *prepared;    /* by statement id: 1 when backend_pid has it */
    f1_session_settings_t settings;
};

/* Whether a failed statement means that the connection is lost, which is noted. A server that goes down at once leaves
 * a notice behind; libpq reads that, reports that it could not write, and still calls the connection good. What it
 * reports itself, unlike the server, has no SQLSTATE. */
int f1_conn_is_lost(f1_conn_t *conn, const PGresult *pgres);

/* Hands a PGresult to the pool. */
PGresult *f1_pgresult_own(PGresult *pgres, apr_pool_t *pool);

/* libpq's message on one line, without the newline it ends in. */
const char *f1_conn_error(const f1_conn_t *conn, apr_pool_t *pool);

/* Fills res from a failed result (or from none: the connection broke) and logs what clients must not see. */
apr_status_t f1_pgresult_fail(f1_conn_t *conn, const PGresult *pgres, const char *what, f1_result_t *res);

#endif
