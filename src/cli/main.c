/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* f1boardctl: finds the command in the table, checks its arguments and options, sets up what commands stand on (log,
 * signals, clock, database) and runs it. All usage texts come out of the table. */

#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <apr_general.h>
#include <apr_strings.h>
#include <apr_tables.h>

#include "base/clock.h"
#include "base/str.h"
#include "cli/cli.h"

#define PROGRAM "f1boardctl"
#define ARGS_MAX 64

static f1_exit_t run_help(f1_cli_t *cli, const char *const *args, int arg_count);

static const f1_option_t global_options[] = {
    {"database", "CONNINFO", "libpq connection string or URI; else PGHOST, PGDATABASE and so on"},
    {"clock", "ISO[@SPEED]", "what time it is now, and how fast time goes on; else F1_CLOCK"},
    {"json", NULL, "print the answer as one JSON document"},
    {"quiet", NULL, "say nothing but the answer and errors"},
    {"verbose", NULL, "log everything"},
    {"help", NULL, "explain the command instead of running it"},
    {"version", NULL, "print the version"},
    {NULL, NULL, NULL}};

static const f1_command_t own_commands[] = {
    {"help", "[COMMAND]", "Explain a command, or list all", 0, 2, NULL, run_help},
    {NULL, NULL, NULL, 0, 0, NULL, NULL}};

static const f1_command_t *const areas[] = {f1_cli_migrate_commands,
                                            f1_cli_ingest_commands,
                                            f1_cli_correction_commands,
                                            f1_cli_job_commands,
                                            f1_cli_mail_commands,
                                            f1_cli_simulate_commands,
                                            f1_cli_openapi_commands,
                                            f1_cli_secret_commands,
                                            f1_cli_user_commands,
                                            own_commands,
                                            NULL};

/* Calls each (NULL: nothing) with every command whose name is prefix or begins with it and a blank; NULL: all. Returns
 * how many there are. */
static int for_each_command(const char *prefix, void (*each)(const f1_command_t *command))
{
    const f1_command_t *const *area, *command;
    size_t len = prefix != NULL ? strlen(prefix) : 0;
    int found = 0;

    for (area = areas; *area != NULL; area++) {
        for (command = *area; command->name != NULL; command++) {
            if (prefix == NULL || (strncmp(command->name, prefix, len) == 0 &&
                                   (command->name[len] == '\0' || command->name[len] == ' '))) {
                if (each != NULL) {
                    each(command);
                }
                found++;
            }
        }
    }
    return found;
}

static const f1_command_t *find_command(const char *name)
{
    const f1_command_t *const *area, *command;

    for (area = areas; *area != NULL; area++) {
        for (command = *area; command->name != NULL; command++) {
            if (strcmp(command->name, name) == 0) {
                return command;
            }
        }
    }
    return NULL;
}

static const f1_option_t *find_option(const f1_option_t *options, const char *name, size_t len)
{
    for (; options != NULL && options->name != NULL; options++) {
        if (strncmp(options->name, name, len) == 0 && options->name[len] == '\0') {
            return options;
        }
    }
    return NULL;
}

static void print_summary(const f1_command_t *command)
{
    printf("  %-28s %s\n", command->name, command->summary);
}

static void print_options(const f1_option_t *options)
{
    char left[40];

    for (; options != NULL && options->name != NULL; options++) {
        apr_snprintf(left, sizeof(left), "--%s%s%s", options->name, options->value != NULL ? " " : "",
                     options->value != NULL ? options->value : "");
        printf("  %-28s %s\n", left, options->help);
    }
}

static void print_command(const f1_command_t *command)
{
    printf("usage: " PROGRAM " %s%s%s\n\n%s.\n", command->name, *command->synopsis != '\0' ? " " : "",
           command->synopsis, command->summary);
    if (command->options != NULL) {
        printf("\n");
        print_options(command->options);
    }
}

static void print_overview(void)
{
    printf("usage: " PROGRAM " [OPTION...] COMMAND [ARGUMENT...]\n\nCommands:\n");
    for_each_command(NULL, print_summary);
    printf("\nOptions of every command:\n");
    print_options(global_options);
    printf("\nExit status: 0 done, 1 findings or failure, 2 usage, 3 upstream, 4 database, 5 interrupted.\n");
}

static f1_exit_t run_help(f1_cli_t *cli, const char *const *args, int arg_count)
{
    const char *name;
    const f1_command_t *command;

    if (arg_count == 0) {
        print_overview();
        return F1_EXIT_OK;
    }
    name = arg_count == 2 ? apr_pstrcat(cli->pool, args[0], " ", args[1], NULL) : args[0];
    command = find_command(name);
    if (command != NULL) {
        print_command(command);
    }
    else if (for_each_command(name, print_summary) == 0) {
        return f1_cli_usage(cli, "there is no command '%s'", name);
    }
    return F1_EXIT_OK;
}

const char *f1_cli_option(const f1_cli_t *cli, const char *name)
{
    return apr_table_get(cli->options, name);
}

int f1_cli_integer(f1_cli_t *cli, const char *what, const char *text, int min, int max, int *pvalue)
{
    apr_int64_t value;

    if (!f1_str_to_int64(text, &value) || value < min || value > max) {
        (void)f1_cli_usage(cli, "%s '%s' should be a whole number from %d to %d", what, text, min, max);
        return 0;
    }
    *pvalue = (int)value;
    return 1;
}

apr_status_t f1_cli_db_new(f1_cli_t *cli, const char *application_name, f1_db_t **pdb)
{
    const f1_session_settings_t settings = {0, application_name, 0};
    const char *conninfo = f1_cli_option(cli, "database");

    return f1_db_direct_create(pdb, conninfo != NULL ? conninfo : "", &settings, cli->pool, cli->res);
}

apr_status_t f1_cli_db(f1_cli_t *cli, f1_db_t **pdb)
{
    if (cli->db == NULL && f1_cli_db_new(cli, PROGRAM, &cli->db) != APR_SUCCESS) {
        return cli->res->rv;
    }
    *pdb = cli->db;
    return APR_SUCCESS;
}

apr_status_t f1_cli_conn(f1_cli_t *cli, f1_conn_t **pconn)
{
    f1_db_t *db = NULL;

    if (f1_cli_db(cli, &db) != APR_SUCCESS) {
        return cli->res->rv;
    }
    return db->open(db, pconn, cli->pool, cli->res);
}

apr_status_t f1_cli_query(f1_cli_t *cli, const f1_statement_t *statement, const char *const *values, f1_rows_t **prows)
{
    f1_conn_t *conn;

    if (f1_cli_conn(cli, &conn) != APR_SUCCESS) {
        return cli->res->rv;
    }
    return f1_query(conn, statement, values, prows, cli->pool, cli->res);
}

/* The command line, taken apart. */
typedef struct line_t {
    int argc, next;
    const char *const *argv;
    const f1_command_t *command;
    const char *args[ARGS_MAX];
    int arg_count;
} line_t;

/* --name, --name VALUE or --name=VALUE at argv[next - 1]. */
static f1_exit_t take_option(f1_cli_t *cli, line_t *line, const char *text)
{
    size_t len = strcspn(text, "=");
    const char *value = text[len] == '=' ? text + len + 1 : NULL;
    const f1_option_t *option = find_option(global_options, text, len);

    if (option == NULL && line->command != NULL) {
        option = find_option(line->command->options, text, len);
    }
    if (option == NULL) {
        return f1_cli_usage(cli, "unknown option --%.*s", (int)len, text);
    }
    if (option->value == NULL && value != NULL) {
        return f1_cli_usage(cli, "option --%s takes no value", option->name);
    }
    if (option->value != NULL && value == NULL) {
        if (line->next == line->argc) {
            return f1_cli_usage(cli, "option --%s needs a value: %s", option->name, option->value);
        }
        value = line->argv[line->next++];
    }
    apr_table_set(cli->options, option->name, value != NULL ? value : "");
    return F1_EXIT_OK;
}

/* The command at argv[next - 1], perhaps with the word after it. */
static f1_exit_t take_command(f1_cli_t *cli, line_t *line, const char *word)
{
    if (line->next < line->argc) {
        line->command = find_command(apr_pstrcat(cli->pool, word, " ", line->argv[line->next], NULL));
    }
    if (line->command != NULL) {
        line->next++;
    }
    else {
        line->command = find_command(word);
    }
    if (line->command == NULL) {
        cli->command = for_each_command(word, NULL) > 0 ? word : NULL;
        return f1_cli_usage(cli, "unknown command '%s%s%s'", word, line->next < line->argc ? " " : "",
                            line->next < line->argc ? line->argv[line->next] : "");
    }
    cli->command = line->command->name;
    return F1_EXIT_OK;
}

static f1_exit_t parse(f1_cli_t *cli, line_t *line)
{
    f1_exit_t rc = F1_EXIT_OK;
    int only_args = 0, i;

    /* known before anything can be wrong, because it says how that is told */
    for (i = 1; i < line->argc; i++) {
        cli->json |= strcmp(line->argv[i], "--json") == 0;
    }
    while (line->next < line->argc && rc == F1_EXIT_OK) {
        const char *word = line->argv[line->next++];

        if (!only_args && strcmp(word, "--") == 0) {
            only_args = 1;
        }
        else if (!only_args && strncmp(word, "--", 2) == 0) {
            rc = take_option(cli, line, word + 2);
        }
        else if (!only_args && word[0] == '-' && word[1] != '\0') {
            rc = f1_cli_usage(cli, "unknown option %s", word);
        }
        else if (line->command == NULL) {
            rc = take_command(cli, line, word);
        }
        else if (line->arg_count < ARGS_MAX) {
            line->args[line->arg_count++] = word;
        }
        else {
            rc = f1_cli_usage(cli, "too many arguments");
        }
    }
    cli->quiet = f1_cli_option(cli, "quiet") != NULL;
    cli->verbose = f1_cli_option(cli, "verbose") != NULL;
    return rc;
}

/* --clock, or the clock that whoever started us put into the environment, with the real time at which it began. */
static f1_exit_t set_clock(f1_cli_t *cli)
{
    const char *spec = f1_cli_option(cli, "clock"), *start = NULL;
    apr_int64_t real_start = 0;

    if (spec == NULL) {
        spec = getenv("F1_CLOCK");
        start = getenv("F1_CLOCK_START");
    }
    if (spec == NULL) {
        return F1_EXIT_OK;
    }
    if (start != NULL && *start != '\0' && (!f1_str_to_int64(start, &real_start) || real_start < 0)) {
        return f1_cli_usage(cli, "F1_CLOCK_START '%s' should be microseconds since 1970", start);
    }
    if (f1_clock_set(spec, real_start) != APR_SUCCESS) {
        return f1_cli_usage(cli, "clock '%s' should be like 2024-07-28T13:00:00Z or 2024-07-28T13:00:00Z@60", spec);
    }
    return F1_EXIT_OK;
}

static f1_exit_t run(f1_cli_t *cli, line_t *line)
{
    f1_exit_t rc = set_clock(cli);

    if (rc != F1_EXIT_OK) {
        return rc;
    }
    if (f1_cli_option(cli, "version") != NULL) {
        printf(PROGRAM " " PACKAGE_VERSION "\n");
        return F1_EXIT_OK;
    }
    if (f1_cli_option(cli, "help") != NULL) {
        if (line->command != NULL) {
            print_command(line->command);
        }
        else {
            print_overview();
        }
        return F1_EXIT_OK;
    }
    if (line->command == NULL) {
        return f1_cli_usage(cli, "which command?");
    }
    if (line->arg_count < line->command->args_min || line->arg_count > line->command->args_max) {
        return f1_cli_usage(cli, "usage: " PROGRAM " %s %s", line->command->name, line->command->synopsis);
    }
    return line->command->run(cli, line->args, line->arg_count);
}

int main(int argc, const char *const *argv)
{
    line_t line = {argc, 1, argv, NULL, {NULL}, 0};
    f1_cli_t cli = {NULL, NULL, 0, 0, 0, NULL, NULL, NULL};
    f1_exit_t rc;

    if (apr_initialize() != APR_SUCCESS || apr_pool_create(&cli.pool, NULL) != APR_SUCCESS) {
        fputs(PROGRAM ": cannot initialise APR\n", stderr);
        return F1_EXIT_FINDINGS;
    }
    cli.res = f1_result_make(cli.pool);
    cli.options = apr_table_make(cli.pool, 8);
    rc = parse(&cli, &line);
    f1_cli_console_start(&cli);
    if (rc == F1_EXIT_OK) {
        rc = run(&cli, &line);
    }
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fputs(PROGRAM ": cannot write to standard output\n", stderr);
        rc = rc == F1_EXIT_OK ? F1_EXIT_FINDINGS : rc;
    }
    apr_pool_destroy(cli.pool);
    apr_terminate();
    return rc;
}
