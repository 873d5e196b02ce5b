/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_WEB_DBD_H
#define F1_WEB_DBD_H

/* Database connections out of mod_dbd's pool, which belongs to the virtual host and its child process.
 *
 * Missing databases cost little: after a failed attempt requests fail at once, while one of them tries again four times
 * a second. A connection's first use checks that the schema has the version this program was made for, and brings it
 * there where F1BoardMigrate allows; httpd itself starts without any of that. */

#include "db/conn.h"
#include "web/config.h"

/* Made at start-up, one per server; lives as long as the configuration. */
f1_dbd_t *f1_dbd_create(server_rec *s, apr_pool_t *pconf);

/* One user's door to it: a provider that has at most one connection out. Valid until dbd or the user's pool ends. */
typedef struct f1_dbd_lease_t {
    f1_db_t db;
    f1_dbd_t *dbd;
    void *held;
    int any_schema;     /* set it to get connections to a database of whatever version */
    int no_schema;      /* set it where the schema does not matter: it is neither looked at nor brought up to date */
} f1_dbd_lease_t;

void f1_dbd_lease(f1_dbd_lease_t *lease, f1_dbd_t *dbd);

/* How a thread opens connections of its own to the same database: f1_conn_info, and f1_conn_place in *pplace. no_schema
 * as above. NULL: the database is away, or its schema does not fit; ask again. */
const char *f1_dbd_conninfo(f1_dbd_t *dbd, int no_schema, const char **pplace, apr_pool_t *pool);

/* The version the schema should have. */
int f1_dbd_schema_version(void);

void f1_dbd_register_hooks(apr_pool_t *pool);

#endif
