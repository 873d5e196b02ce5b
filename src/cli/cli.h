/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_CLI_CLI_H
#define F1_CLI_CLI_H

/* f1boardctl, the administrator's program. Each area brings an array of commands, ended by one without a name; main.c
 * joins them in one table, from which arguments are parsed and all help is printed. One thread runs one command.
 *
 * What a command says goes three ways. Answers (f1_cli_print) are lines on standard output. How it is getting on
 * (f1_cli_note, f1_cli_progress) goes to standard error and is left out with --quiet. With --json there is nothing
 * of both but one JSON document on standard output (f1_cli_json, or the error). */

#include <apr_pools.h>
#include <jansson.h>

#include "base/result.h"
#include "db/conn.h"
#include "db/query.h"
#include "ingest/weather.h"

/* What the process ends with. Part of the interface: scripts look at it. */
typedef enum {
    F1_EXIT_OK = 0,
    F1_EXIT_FINDINGS = 1,       /* a check found something, or the command failed otherwise */
    F1_EXIT_USAGE = 2,          /* the command line is wrong; nothing was done */
    F1_EXIT_UPSTREAM = 3,       /* a data source failed, or what it sent was refused */
    F1_EXIT_DATABASE = 4,       /* the database cannot be reached, or its schema is of another version */
    F1_EXIT_INTERRUPTED = 5     /* SIGINT or SIGTERM; what is done is kept */
} f1_exit_t;

typedef struct f1_cli_t {
    apr_pool_t *pool;           /* lives as long as the process */
    f1_result_t *res;           /* for the command's own calls */
    int json, quiet, verbose;   /* global options, for the rare command that cares */
    const char *command;        /* its name */
    apr_table_t *options;       /* private: what was given, by name */
    f1_db_t *db;                /* private: opened by f1_cli_db */
} f1_cli_t;

typedef struct f1_option_t {
    const char *name;           /* "round" is given as --round VALUE or --round=VALUE */
    const char *value;          /* what its value is called in help: "N"; NULL: a switch */
    const char *help;
} f1_option_t;

typedef struct f1_command_t {
    const char *name;           /* one or two words: "ingest season" */
    const char *synopsis;       /* its arguments and options: "YEAR [--force]"; "" when it takes none */
    const char *summary;        /* one line */
    int args_min, args_max;
    const f1_option_t *options; /* ended by one without a name; NULL: none */
    f1_exit_t (*run)(f1_cli_t *cli, const char *const *args, int arg_count);
} f1_command_t;

extern const f1_command_t f1_cli_correction_commands[];
extern const f1_command_t f1_cli_ingest_commands[];
extern const f1_command_t f1_cli_job_commands[];
extern const f1_command_t f1_cli_mail_commands[];
extern const f1_command_t f1_cli_migrate_commands[];
extern const f1_command_t f1_cli_openapi_commands[];
extern const f1_command_t f1_cli_secret_commands[];
extern const f1_command_t f1_cli_simulate_commands[];
extern const f1_command_t f1_cli_user_commands[];

/* The value of one of the command's options, "" for a switch that was given, NULL when it was not. */
const char *f1_cli_option(const f1_cli_t *cli, const char *name);

/* A whole number between min and max. Otherwise says so, naming what it was for, and returns 0: end the command with
 * F1_EXIT_USAGE. */
int f1_cli_integer(f1_cli_t *cli, const char *what, const char *text, int min, int max, int *pvalue);

/* An argument that no table can check is wrong: says why, and returns F1_EXIT_USAGE. */
f1_exit_t f1_cli_usage(f1_cli_t *cli, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Says why cli->res failed and returns the exit code that fits it. */
f1_exit_t f1_cli_fail(f1_cli_t *cli);

/* The weather service of the options weather, weather-url and weather-key-file, else of the environment. */
#define F1_CLI_WEATHER_OPTIONS                                                                              \
    {"weather", "SERVICE", "open-meteo, openweathermap or off; else F1_WEATHER, else " F1_WEATHER_USUAL},        \
        {"weather-url", "URL", "it, or what answers as it does; else F1_WEATHER_URL, else the service's own"}, \
    {                                                                                                       \
        "weather-key-file", "FILE", "its key, for OpenWeatherMap; else F1_WEATHER_KEY_FILE"                 \
    }
apr_status_t f1_cli_weather(f1_cli_t *cli, f1_weather_access_t *access);

/* The database named by --database, else by libpq's environment; connects at the first open. */
apr_status_t f1_cli_db(f1_cli_t *cli, f1_db_t **pdb);

/* The connection itself. */
apr_status_t f1_cli_conn(f1_cli_t *cli, f1_conn_t **pconn);

/* One statement on it. */
apr_status_t f1_cli_query(f1_cli_t *cli, const f1_statement_t *statement, const char *const *values,
                          f1_rows_t **prows);

/* Another connection to it, under a name of its own. */
apr_status_t f1_cli_db_new(f1_cli_t *cli, const char *application_name, f1_db_t **pdb);

/* What main does before anything is said: from here on the log goes to standard error too, between two states of the
 * progress bar, and signals are noticed. */
void f1_cli_console_start(f1_cli_t *cli);

/* True once SIGINT or SIGTERM came: finish the step, keep what is done, end with F1_EXIT_INTERRUPTED. A second signal
 * ends the process at once. */
int f1_cli_stopping(void);

/* Called by the first of these signals, in its handler. */
void f1_cli_stop_hook(void (*hook)(void));

/* One line of the answer; nothing with --json. */
void f1_cli_print(f1_cli_t *cli, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The answer as JSON, printed with --json only. Takes over the reference. */
void f1_cli_json(f1_cli_t *cli, json_t *document);

/* Rows as an array of objects, for it. */
json_t *f1_cli_rows(f1_cli_t *cli, const f1_rows_t *rows);

/* The first row, a line for each column: its name, in width characters, and its value, - where there is none. */
void f1_cli_print_row(f1_cli_t *cli, const f1_rows_t *rows, int width);

/* text, or - where there is none. */
const char *f1_cli_or_dash(const char *text);

/* One line about what is happening; nothing with --quiet or --json. */
void f1_cli_note(f1_cli_t *cli, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* done of total (0: not known) steps: a bar on a terminal, else a line now and then. fmt says what is at work. Call it
 * as often as you like. done == total ends it. */
void f1_cli_progress(f1_cli_t *cli, int done, int total, const char *fmt, ...) __attribute__((format(printf, 4, 5)));

#endif
