/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Takes the schema up and down. A run holds an advisory lock of its session from reading what is applied until its
 * last step is committed, so that of many programs that start at once one migrates and the others find nothing left
 * to do. A step and the row that remembers it are one transaction: what is remembered is what is there. */

#include "db/migrate.h"

#include <string.h>

#include <apr_strings.h>
#include <apr_time.h>

#include "base/log.h"
#include "base/str.h"
#include "db/query.h"
#include "gen/statements.h"

typedef struct step_t {
    const f1_migration_t *migration;
    int up;
    apr_pool_t *pool;
} step_t;

static apr_status_t step_body(f1_conn_t *conn, void *baton, f1_result_t *res)
{
    const step_t *step = baton;
    const f1_migration_t *migration = step->migration;
    /* to forget a step takes the first of these alone */
    const char *values[] = {apr_itoa(step->pool, migration->version), migration->name, migration->sha256};
    apr_status_t rv;

    rv = f1_exec(conn, step->up ? migration->up : migration->down, res);
    if (rv != APR_SUCCESS) {
        return rv;
    }
    return f1_query(conn, step->up ? &f1_stmt_db_migration_add : &f1_stmt_db_migration_remove, values, NULL, step->pool,
                    res);
}

static apr_status_t find_schema(f1_conn_t *conn, int *phas_schema, int *phas_table, apr_pool_t *pool, f1_result_t *res)
{
    f1_rows_t *rows;
    apr_status_t rv = f1_query(conn, &f1_stmt_db_schema_find, NULL, &rows, pool, res);

    if (rv != APR_SUCCESS) {
        return rv;
    }
    *phas_schema = f1_rows_get(rows, 0, 0)[0] == 't';
    *phas_table = f1_rows_get(rows, 0, 1)[0] == 't';
    return APR_SUCCESS;
}

/* The schema and the table of steps, where they are missing. baton: the pool. */
static apr_status_t create_body(f1_conn_t *conn, void *baton, f1_result_t *res)
{
    apr_pool_t *pool = baton;
    int has_schema, has_table;
    apr_status_t rv = find_schema(conn, &has_schema, &has_table, pool, res);

    if (rv == APR_SUCCESS && !has_schema) {
        rv = f1_query(conn, &f1_stmt_db_schema_create, NULL, NULL, pool, res);
    }
    if (rv == APR_SUCCESS && !has_table) {
        rv = f1_query(conn, &f1_stmt_db_migration_create, NULL, NULL, pool, res);
    }
    return rv;
}

static apr_status_t drop_body(f1_conn_t *conn, void *baton, f1_result_t *res)
{
    apr_pool_t *pool = baton;
    int has_schema, has_table;
    apr_status_t rv = find_schema(conn, &has_schema, &has_table, pool, res);

    if (rv == APR_SUCCESS && has_table) {
        rv = f1_query(conn, &f1_stmt_db_migration_drop, NULL, NULL, pool, res);
    }
    if (rv == APR_SUCCESS && has_schema) {
        rv = f1_query(conn, &f1_stmt_db_schema_drop, NULL, NULL, pool, res);
    }
    return rv;
}

static void add_applied(apr_array_header_t *states, const f1_rows_t *rows, int row, apr_pool_t *pool)
{
    f1_migration_state_t *state;
    apr_int64_t version = 0;

    (void)f1_str_to_int64(f1_rows_get(rows, row, 0), &version);
    if (version >= 1 && version <= f1_migration_count) {
        state = &APR_ARRAY_IDX(states, (int)version - 1, f1_migration_state_t);
        state->modified = strcmp(f1_rows_get(rows, row, 2), f1_migrations[version - 1].sha256) != 0;
    }
    else {
        state = apr_array_push(states);
        state->version = (int)version;
        state->name = apr_pstrdup(pool, f1_rows_get(rows, row, 1));
        state->unknown = 1;
    }
    state->applied_at = apr_pstrdup(pool, f1_rows_get(rows, row, 3));
}

apr_status_t f1_migrate_status(f1_conn_t *conn, apr_array_header_t **pstates, apr_pool_t *pool, f1_result_t *res)
{
    apr_array_header_t *states = apr_array_make(pool, f1_migration_count, sizeof(f1_migration_state_t));
    int i, has_schema, has_table;
    f1_rows_t *rows;
    apr_status_t rv;

    for (i = 0; i < f1_migration_count; i++) {
        f1_migration_state_t *state = apr_array_push(states);

        state->version = f1_migrations[i].version;
        state->name = f1_migrations[i].name;
    }
    *pstates = states;
    rv = find_schema(conn, &has_schema, &has_table, pool, res);
    if (rv != APR_SUCCESS || !has_table) {
        return rv;
    }
    rv = f1_query(conn, &f1_stmt_db_migration_list, NULL, &rows, pool, res);
    if (rv != APR_SUCCESS) {
        return rv;
    }
    for (i = 0; i < f1_rows_count(rows); i++) {
        add_applied(states, rows, i, pool);
    }
    return APR_SUCCESS;
}

apr_status_t f1_migrate_version(f1_conn_t *conn, int *pversion, apr_pool_t *pool, f1_result_t *res)
{
    apr_array_header_t *states;
    apr_status_t rv = f1_migrate_status(conn, &states, pool, res);
    int i;

    *pversion = 0;
    for (i = 0; rv == APR_SUCCESS && i < states->nelts; i++) {
        const f1_migration_state_t *state = &APR_ARRAY_IDX(states, i, f1_migration_state_t);

        if (state->applied_at != NULL) {
            *pversion = state->version;
        }
    }
    return rv;
}

/* The version to go on from; refuses what somebody should look at first. */
static apr_status_t check_states(const apr_array_header_t *states, int *pversion, f1_result_t *res)
{
    int i, version = 0;

    for (i = 0; i < states->nelts; i++) {
        const f1_migration_state_t *state = &APR_ARRAY_IDX(states, i, f1_migration_state_t);

        if (state->unknown) {
            return f1_result_fail(res, F1_E_SCHEMA_MISMATCH, APR_EGENERAL,
                                  "the database has step %04d_%s, which this program does not: a newer version made it",
                                  state->version, state->name);
        }
        if (state->modified) {
            return f1_result_fail(res, F1_E_SCHEMA_MISMATCH, APR_EGENERAL,
                                  "step %04d_%s is not the one that was applied: its SQL has changed since",
                                  state->version, state->name);
        }
        if (state->applied_at != NULL && ++version != state->version) {
            return f1_result_fail(res, F1_E_SCHEMA_MISMATCH, APR_EGENERAL,
                                  "step %04d_%s is applied, but step %04d before it is not", state->version,
                                  state->name, version);
        }
    }
    *pversion = version;
    return APR_SUCCESS;
}

/* One run, with the lock held. */
typedef struct run_t {
    int target;
    f1_migrate_report_t *report;
    void *baton;
    int done;
    apr_pool_t *pool;
} run_t;

static apr_status_t run_step(f1_conn_t *conn, run_t *run, const f1_migration_t *migration, int up, f1_result_t *res)
{
    step_t step = {migration, up, run->pool};
    apr_time_t start = apr_time_now();
    apr_status_t rv = f1_transaction(conn, step_body, &step, res);

    if (rv != APR_SUCCESS) {
        f1_log(F1_LOG_ERR, APR_SUCCESS, F1LOGNO(0250) "migration %04d_%s (%s) failed and was rolled back",
               migration->version, migration->name, up ? "up" : "down");
        return rv;
    }
    f1_log(F1_LOG_INFO, APR_SUCCESS, F1LOGNO(0251) "migration %04d_%s %s", migration->version, migration->name,
           up ? "applied" : "reverted");
    run->done++;
    if (run->report != NULL) {
        run->report(run->baton, migration, up, apr_time_now() - start);
    }
    return APR_SUCCESS;
}

static apr_status_t read_version(f1_conn_t *conn, int *pversion, apr_pool_t *pool, f1_result_t *res)
{
    apr_array_header_t *states;
    apr_status_t rv = f1_migrate_status(conn, &states, pool, res);

    return rv == APR_SUCCESS ? check_states(states, pversion, res) : rv;
}

static apr_status_t run_up(f1_conn_t *conn, run_t *run, f1_result_t *res)
{
    int version, target = run->target > 0 ? run->target : f1_migration_count;
    apr_status_t rv;

    rv = f1_transaction(conn, create_body, run->pool, res);
    if (rv == APR_SUCCESS) {
        rv = read_version(conn, &version, run->pool, res);
    }
    while (rv == APR_SUCCESS && version < target) {
        rv = run_step(conn, run, &f1_migrations[version++], 1, res);
    }
    return rv;
}

static apr_status_t run_down(f1_conn_t *conn, run_t *run, f1_result_t *res)
{
    int version;
    apr_status_t rv = read_version(conn, &version, run->pool, res);

    while (rv == APR_SUCCESS && version > run->target) {
        rv = run_step(conn, run, &f1_migrations[--version], 0, res);
    }
    if (rv == APR_SUCCESS && run->target == 0) {
        rv = f1_transaction(conn, drop_body, run->pool, res);
    }
    return rv;
}

static apr_status_t run_locked(f1_conn_t *conn, run_t *run, int *pdone,
                               apr_status_t (*body)(f1_conn_t *conn, run_t *run, f1_result_t *res), f1_result_t *res)
{
    apr_status_t rv;

    *pdone = 0;
    if (run->target < 0 || run->target > f1_migration_count) {
        return f1_result_fail(res, F1_E_BAD_REQUEST, APR_EINVAL, "there is no migration %d: the last one is %d",
                              run->target, f1_migration_count);
    }
    rv = f1_query(conn, &f1_stmt_db_migration_lock, NULL, NULL, run->pool, res);
    if (rv != APR_SUCCESS) {
        return rv;
    }
    rv = body(conn, run, res);
    *pdone = run->done;
    /* With a result of its own, as res may have failed; a session that is gone has lost the lock anyway. */
    (void)f1_query(conn, &f1_stmt_db_migration_unlock, NULL, NULL, run->pool, f1_result_make(run->pool));
    return rv;
}

apr_status_t f1_migrate_up(f1_conn_t *conn, int target, f1_migrate_report_t *report, void *baton, int *papplied,
                           apr_pool_t *pool, f1_result_t *res)
{
    run_t run = {target, report, baton, 0, pool};

    return run_locked(conn, &run, papplied, run_up, res);
}

apr_status_t f1_migrate_down(f1_conn_t *conn, int target, f1_migrate_report_t *report, void *baton, int *preverted,
                             apr_pool_t *pool, f1_result_t *res)
{
    run_t run = {target, report, baton, 0, pool};

    return run_locked(conn, &run, preverted, run_down, res);
}
