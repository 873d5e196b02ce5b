/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* f1boardctl migrate: takes the schema up and down, tells where it stands, and verifies that database and program fit
 * together, down to every statement that is compiled in. */

#include <stdarg.h>

#include <apr_strings.h>

#include "base/json.h"
#include "cli/cli.h"
#include "db/migrate.h"
#include "db/query.h"
#include "gen/statements.h"

/* Progress of a run, and its answer as JSON. */
typedef struct run_t {
    f1_cli_t *cli;
    json_t *steps;
} run_t;

static void report(void *baton, const f1_migration_t *migration, int up, apr_interval_time_t took)
{
    run_t *run = baton;

    f1_cli_print(run->cli, "%04d_%s %s (%d ms)", migration->version, migration->name, up ? "applied" : "reverted",
                 (int)apr_time_as_msec(took));
    (void)json_array_append_new(run->steps, json_pack("{s:i, s:s, s:i}", "version", migration->version, "name",
                                                      migration->name, "ms", (int)apr_time_as_msec(took)));
}

static f1_exit_t finish(run_t *run, f1_conn_t *conn, const char *what, int done)
{
    f1_cli_t *cli = run->cli;
    int version;

    if (f1_migrate_version(conn, &version, cli->pool, cli->res) != APR_SUCCESS) {
        return f1_cli_fail(cli);
    }
    if (done == 0) {
        f1_cli_print(cli, "nothing to do");
    }
    f1_cli_print(cli, "the schema is at step %d of %d", version, f1_migration_count);
    f1_cli_json(cli, json_pack("{s:O, s:i, s:i}", what, run->steps, "version", version, "latest", f1_migration_count));
    return F1_EXIT_OK;
}

static f1_exit_t run_up(f1_cli_t *cli, const char *const *args, int arg_count)
{
    run_t run = {cli, f1_json_own(json_array(), cli->pool)};
    int target = 0, done;
    f1_conn_t *conn;

    if (arg_count > 0 && !f1_cli_integer(cli, "VERSION", args[0], 1, f1_migration_count, &target)) {
        return F1_EXIT_USAGE;
    }
    if (f1_cli_conn(cli, &conn) != APR_SUCCESS ||
        f1_migrate_up(conn, target, report, &run, &done, cli->pool, cli->res) != APR_SUCCESS) {
        return f1_cli_fail(cli);
    }
    return finish(&run, conn, "applied", done);
}

/* Where down goes to: the named step, nothing, or one step less than now. */
static f1_exit_t down_target(f1_cli_t *cli, f1_conn_t *conn, const char *const *args, int arg_count, int *ptarget)
{
    int all = f1_cli_option(cli, "all") != NULL;

    *ptarget = 0;
    if (all && arg_count > 0) {
        return f1_cli_usage(cli, "either VERSION or --all");
    }
    if (arg_count > 0) {
        return f1_cli_integer(cli, "VERSION", args[0], 0, f1_migration_count, ptarget) ? F1_EXIT_OK : F1_EXIT_USAGE;
    }
    if (!all) {
        if (f1_migrate_version(conn, ptarget, cli->pool, cli->res) != APR_SUCCESS) {
            return f1_cli_fail(cli);
        }
        *ptarget = *ptarget > 0 ? *ptarget - 1 : 0;
    }
    return F1_EXIT_OK;
}

static f1_exit_t run_down(f1_cli_t *cli, const char *const *args, int arg_count)
{
    run_t run = {cli, f1_json_own(json_array(), cli->pool)};
    int target, done;
    f1_conn_t *conn;
    f1_exit_t rc;

    if (f1_cli_conn(cli, &conn) != APR_SUCCESS) {
        return f1_cli_fail(cli);
    }
    rc = down_target(cli, conn, args, arg_count, &target);
    if (rc != F1_EXIT_OK) {
        return rc;
    }
    if (f1_migrate_down(conn, target, report, &run, &done, cli->pool, cli->res) != APR_SUCCESS) {
        return f1_cli_fail(cli);
    }
    return finish(&run, conn, "reverted", done);
}

static const char *state_name(const f1_migration_state_t *state)
{
    if (state->applied_at == NULL) {
        return "pending";
    }
    return state->unknown ? "unknown" : state->modified ? "modified" : "applied";
}

static f1_exit_t list_states(f1_cli_t *cli, int with_pending)
{
    json_t *steps = json_array();
    apr_array_header_t *states;
    f1_conn_t *conn;
    int i;

    f1_json_own(steps, cli->pool);
    if (f1_cli_conn(cli, &conn) != APR_SUCCESS ||
        f1_migrate_status(conn, &states, cli->pool, cli->res) != APR_SUCCESS) {
        return f1_cli_fail(cli);
    }
    for (i = 0; i < states->nelts; i++) {
        const f1_migration_state_t *state = &APR_ARRAY_IDX(states, i, f1_migration_state_t);

        if (state->applied_at == NULL && !with_pending) {
            continue;
        }
        f1_cli_print(cli, "%04d %-24s %-8s %s", state->version, state->name, state_name(state),
                     state->applied_at != NULL ? state->applied_at : "-");
        (void)json_array_append_new(steps,
                                    json_pack("{s:i, s:s, s:s, s:s?}", "version", state->version, "name", state->name,
                                              "state", state_name(state), "applied_at", state->applied_at));
    }
    f1_cli_json(cli, json_pack("{s:O}", "steps", steps));
    return F1_EXIT_OK;
}

static f1_exit_t run_status(f1_cli_t *cli, const char *const *args, int arg_count)
{
    (void)args;
    (void)arg_count;
    return list_states(cli, 1);
}

static f1_exit_t run_history(f1_cli_t *cli, const char *const *args, int arg_count)
{
    (void)args;
    (void)arg_count;
    return list_states(cli, 0);
}

/* What verify found so far. */
typedef struct findings_t {
    f1_cli_t *cli;
    json_t *list;
} findings_t;

static void found(findings_t *findings, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void found(findings_t *findings, const char *fmt, ...)
{
    const char *text;
    va_list args;

    va_start(args, fmt);
    text = apr_pvsprintf(findings->cli->pool, fmt, args);
    va_end(args);
    f1_cli_print(findings->cli, "%s", text);
    (void)json_array_append_new(findings->list, json_string(text));
}

static apr_status_t verify_steps(findings_t *findings, f1_conn_t *conn, apr_pool_t *pool, f1_result_t *res)
{
    apr_array_header_t *states;
    apr_status_t rv = f1_migrate_status(conn, &states, pool, res);
    int i;

    for (i = 0; rv == APR_SUCCESS && i < states->nelts; i++) {
        const f1_migration_state_t *state = &APR_ARRAY_IDX(states, i, f1_migration_state_t);

        if (state->applied_at == NULL) {
            found(findings, "step %04d_%s is not applied", state->version, state->name);
        }
        else if (state->unknown) {
            found(findings, "step %04d_%s was applied by a newer program", state->version, state->name);
        }
        else if (state->modified) {
            found(findings, "step %04d_%s is not the one that was applied", state->version, state->name);
        }
    }
    return rv;
}

static apr_status_t verify_server(findings_t *findings, f1_conn_t *conn, apr_pool_t *pool, f1_result_t *res)
{
    f1_rows_t *rows;
    apr_status_t rv = f1_query(conn, &f1_stmt_db_server_problems, NULL, &rows, pool, res);
    int i;

    for (i = 0; rv == APR_SUCCESS && i < f1_rows_count(rows); i++) {
        found(findings, "%s", f1_rows_get(rows, i, 0));
    }
    return rv;
}

/* Every statement is prepared, unless the schema is another one anyway; only a database that is gone ends it. */
static apr_status_t verify_statements(findings_t *findings, f1_conn_t *conn, apr_pool_t *pool, f1_result_t *res)
{
    f1_description_t description;
    int i;

    if (json_array_size(findings->list) > 0) {
        return APR_SUCCESS;
    }
    for (i = 0; i < f1_statement_count; i++) {
        f1_result_t *why = f1_result_make(pool);

        if (f1_describe(conn, f1_statements[i], &description, pool, why) == APR_SUCCESS) {
            continue;
        }
        if (why->error == F1_E_DATABASE_UNAVAILABLE) {
            return f1_result_fail(res, why->error, why->rv, "%s", why->detail);
        }
        found(findings, "statement %s cannot be prepared", f1_statements[i]->name);
    }
    return APR_SUCCESS;
}

static f1_exit_t run_verify(f1_cli_t *cli, const char *const *args, int arg_count)
{
    findings_t findings = {cli, f1_json_own(json_array(), cli->pool)};
    f1_conn_t *conn;
    int count;

    (void)args;
    (void)arg_count;
    if (f1_cli_conn(cli, &conn) != APR_SUCCESS || verify_server(&findings, conn, cli->pool, cli->res) != APR_SUCCESS ||
        verify_steps(&findings, conn, cli->pool, cli->res) != APR_SUCCESS ||
        verify_statements(&findings, conn, cli->pool, cli->res) != APR_SUCCESS) {
        return f1_cli_fail(cli);
    }
    count = (int)json_array_size(findings.list);
    if (count == 0) {
        f1_cli_print(cli, "%d steps and %d statements fit", f1_migration_count, f1_statement_count);
    }
    f1_cli_json(cli, json_pack("{s:O, s:i, s:i}", "findings", findings.list, "steps", f1_migration_count, "statements",
                               f1_statement_count));
    return count == 0 ? F1_EXIT_OK : F1_EXIT_FINDINGS;
}

static const f1_option_t down_options[] = {{"all", NULL, "down to nothing: the schema itself goes too"},
                                           {NULL, NULL, NULL}};

const f1_command_t f1_cli_migrate_commands[] = {
    {"migrate up", "[VERSION]", "Apply all steps of the schema that are missing, or those up to VERSION", 0, 1, NULL,
     run_up},
    {"migrate down", "[VERSION|--all]", "Revert the newest step, or all above VERSION, with the data in them", 0, 1,
     down_options, run_down},
    {"migrate status", "", "List all steps and whether they are applied", 0, 0, NULL, run_status},
    {"migrate history", "", "List the steps that are applied, and since when", 0, 0, NULL, run_history},
    {"migrate verify", "", "Check that server, schema and every compiled-in statement fit together", 0, 0, NULL,
     run_verify},
    {NULL, NULL, NULL, 0, 0, NULL, NULL}};
