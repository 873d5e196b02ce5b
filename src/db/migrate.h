/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_DB_MIGRATE_H
#define F1_DB_MIGRATE_H

/* The schema, as numbered steps up and down that are compiled in from sql/migrations. Each step is one transaction;
 * an advisory lock makes concurrent runs wait for each other. What was applied is kept with its SHA-256, so that a
 * step that was edited afterwards is noticed: then, when a step is missing among those applied, or when the database
 * has steps that this program does not, up and down change nothing and say F1_E_SCHEMA_MISMATCH.
 *
 * The connection should have no statement timeout: a step, and the wait for another run, take as long as they take.
 */

#include <apr_pools.h>
#include <apr_tables.h>

#include "base/result.h"
#include "db/conn.h"

typedef struct f1_migration_t {
    int version;                /* NNNN of the file name */
    const char *name;
    const char *up, *down;      /* SQL */
    const char *sha256;         /* of up, lower-case hex */
} f1_migration_t;

extern const f1_migration_t f1_migrations[];    /* ascending, without gaps, from 1 */
extern const int f1_migration_count;

typedef struct f1_migration_state_t {
    int version;
    const char *name;
    const char *applied_at;     /* RFC 3339, NULL: pending */
    int modified;               /* applied with another SHA-256 than the compiled-in one */
    int unknown;                /* applied, but this program does not have it: the database is newer */
} f1_migration_state_t;

/* Called for each step as it is done; may be NULL. */
typedef void f1_migrate_report_t(void *baton, const f1_migration_t *migration, int up, apr_interval_time_t took);

/* Applies all steps up to target (0: all). Nothing to do is success. *papplied: how many were applied. */
apr_status_t f1_migrate_up(f1_conn_t *conn, int target, f1_migrate_report_t *report, void *baton, int *papplied,
                           apr_pool_t *pool, f1_result_t *res);
/* Reverts steps above target, newest first (target 0: down to nothing, the schema itself too). */
apr_status_t f1_migrate_down(f1_conn_t *conn, int target, f1_migrate_report_t *report, void *baton, int *preverted,
                             apr_pool_t *pool, f1_result_t *res);
/* Array of f1_migration_state_t: every known step and every applied unknown one, ascending. */
apr_status_t f1_migrate_status(f1_conn_t *conn, apr_array_header_t **pstates, apr_pool_t *pool, f1_result_t *res);
/* Highest applied version, 0 for an empty database. */
apr_status_t f1_migrate_version(f1_conn_t *conn, int *pversion, apr_pool_t *pool, f1_result_t *res);

#endif
