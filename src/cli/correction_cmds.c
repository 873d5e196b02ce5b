/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* f1boardctl correction: what changed of classifications, and changes made by hand. What may be changed, and what
 * follows from it, is decided in the database, for this tool as for the API. */

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <apr_strings.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/str.h"
#include "cli/cli.h"
#include "gen/statements.h"

/* Columns of the statements in sql/stmt/correction. */
enum { ID, KNOWN_AT, RACE, SESSION, REVISION, SOURCE, STATE, NOTE, DIFF };

/* --- What is said */

/* A value of a diff on one line: text as it is, the rest as JSON. */
static const char *shown(f1_cli_t *cli, const json_t *value)
{
    const char *text;
    char *json;

    if (!value || json_is_string(value)) {
        return value ? json_string_value(value) : "-";
    }
    json = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(15));
    text = apr_pstrdup(cli->pool, json ? json : "");
    free(json);
    return text;
}

static void print_diff(f1_cli_t *cli, const char *diff)
{
    const char *class;
    json_t *doc, *items, *item;
    size_t i;

    if (f1_json_parse(&doc, diff, strlen(diff), F1_E_INTERNAL, cli->pool, cli->res) != APR_SUCCESS) {
        return;
    }
    json_object_foreach(doc, class, items)
    {
        json_array_foreach(items, i, item)
        {
            const char *field = f1_json_str(item, "field");

            f1_cli_print(cli, "         %-16s %-20s %s%s%s -> %s", class,
                         f1_cli_or_dash(f1_json_str(json_object_get(item, "driver"), "id")), field ? field : "",
                         field ? " " : "", shown(cli, json_object_get(item, "old")),
                         shown(cli, json_object_get(item, "new")));
        }
    }
}

static f1_exit_t print_corrections(f1_cli_t *cli, const f1_rows_t *rows)
{
    int i;

    for (i = 0; i < f1_rows_count(rows); i++) {
        const char *note = f1_rows_get(rows, i, NOTE);

        f1_cli_print(cli, "%8s %.19s %s %s, revision %s, from %s: %s%s%s", f1_cli_or_dash(f1_rows_get(rows, i, ID)),
                     f1_rows_get(rows, i, KNOWN_AT), f1_rows_get(rows, i, RACE), f1_rows_get(rows, i, SESSION),
                     f1_rows_get(rows, i, REVISION), f1_rows_get(rows, i, SOURCE), f1_rows_get(rows, i, STATE),
                     note ? "; " : "", note ? note : "");
        print_diff(cli, f1_rows_get(rows, i, DIFF));
    }
    f1_cli_json(cli, f1_cli_rows(cli, rows));
    return F1_EXIT_OK;
}

static f1_exit_t ask(f1_cli_t *cli, const f1_statement_t *statement, const char *const *values)
{
    f1_rows_t *rows;

    return f1_cli_query(cli, statement, values, &rows) == APR_SUCCESS ? print_corrections(cli, rows) : f1_cli_fail(cli);
}

/* --- Commands */

static const char *dry_run(const f1_cli_t *cli)
{
    return f1_cli_option(cli, "dry-run") ? "true" : "false";
}

static f1_exit_t run_list(f1_cli_t *cli, const char *const *args, int arg_count)
{
    const char *season = f1_cli_option(cli, "season");
    const char *values[] = {season, f1_cli_option(cli, "race"), f1_cli_option(cli, "conflicts") ? "true" : "false"};
    int year;

    (void)args;
    (void)arg_count;
    if (season && !f1_cli_integer(cli, "season", season, 1950, 2199, &year)) {
        return F1_EXIT_USAGE;
    }
    return ask(cli, &f1_stmt_correction_list, values);
}

static f1_exit_t run_apply(f1_cli_t *cli, const char *const *args, int arg_count)
{
    char now[F1_TIME_LEN];
    const char *values[] = {
        args[0], args[1], args[2], f1_cli_option(cli, "note"), dry_run(cli), f1_time_format(now, f1_clock_now())};
    json_t *changes;

    (void)arg_count;
    if (f1_json_parse(&changes, args[2], strlen(args[2]), F1_E_BAD_REQUEST, cli->pool, cli->res) != APR_SUCCESS ||
        !json_is_array(changes)) {
        return f1_cli_usage(cli, "'%s' should be a JSON array of changes", args[2]);
    }
    return ask(cli, &f1_stmt_correction_apply, values);
}

/* Both take the number of a correction. */
static f1_exit_t change(f1_cli_t *cli, const f1_statement_t *statement, const char *id)
{
    char now[F1_TIME_LEN];
    const char *values[] = {id, f1_cli_option(cli, "note"), dry_run(cli), f1_time_format(now, f1_clock_now())};
    int number;

    return f1_cli_integer(cli, "the number of a correction", id, 1, INT_MAX, &number) ? ask(cli, statement, values)
                                                                                      : F1_EXIT_USAGE;
}

static f1_exit_t run_undo(f1_cli_t *cli, const char *const *args, int arg_count)
{
    (void)arg_count;
    return change(cli, &f1_stmt_correction_undo, args[0]);
}

static f1_exit_t run_accept(f1_cli_t *cli, const char *const *args, int arg_count)
{
    (void)arg_count;
    return change(cli, &f1_stmt_correction_accept, args[0]);
}

static const f1_option_t list_options[] = {{"season", "YEAR", "of this season alone"},
                                           {"race", "ID", "of this race alone"},
                                           {"conflicts", NULL, "only those that upstream does not agree with"},
                                           {NULL, NULL, NULL}};

static const f1_option_t change_options[] = {
    {"note", "TEXT", "why; it is published"}, {"dry-run", NULL, "only tell what would change"}, {NULL, NULL, NULL}};

const f1_command_t f1_cli_correction_commands[] = {
    {"correction list", "[OPTION...]", "Show the newest corrections", 0, 0, list_options, run_list},
    {"correction apply", "RACE SESSION CHANGES [OPTION...]",
     "Correct a classification by hand; changes are a JSON array of objects", 3, 3, change_options, run_apply},
    {"correction undo", "ID [OPTION...]", "Bring back the classification before a correction", 1, 1, change_options,
     run_undo},
    {"correction accept", "ID [OPTION...]", "Give a correction up for what upstream says", 1, 1, change_options,
     run_accept},
    {NULL, NULL, NULL, 0, 0, NULL, NULL}};
