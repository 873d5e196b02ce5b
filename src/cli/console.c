/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* What f1boardctl says: answers on standard output, progress, errors and the log on standard error, and the signals
 * that ask it to stop. A progress bar owns the last line of the terminal; whatever else is printed there takes it away
 * first, and the next progress draws it again. There is one console in a process, hence the static state. */

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <apr_strings.h>
#include <apr_time.h>

#include "base/log.h"
#include "base/str.h"
#include "cli/cli.h"
#include "db/render.h"

#define PROGRAM "f1boardctl"
#define BAR_WIDTH 24
#define COLUMNS_DEFAULT 80
#define COLUMNS_MAX 240
#define REDRAW_INTERVAL apr_time_from_msec(100)
#define ROWS_MAX (16 * 1024 * 1024)
#define LINE_INTERVAL apr_time_from_sec(1)

static volatile sig_atomic_t stopping;
static void (*stop_hook)(void);

static struct {
    int is_terminal;
    int bar_shown;
    apr_time_t last_drawn;
    f1_log_level_t log_level;
} console;

static void on_signal(int number)
{
    (void)number;
    stopping = 1;
    if (stop_hook) {
        stop_hook();
    }
}

void f1_cli_stop_hook(void (*hook)(void))
{
    stop_hook = hook;
}

int f1_cli_stopping(void)
{
    return stopping != 0;
}

static void take_bar_away(void)
{
    if (console.bar_shown) {
        fputs("\r\033[K", stderr);
        console.bar_shown = 0;
    }
}

static int log_enabled(void *baton, f1_log_level_t level)
{
    (void)baton;
    return level <= console.log_level;
}

static void log_print(void *baton, f1_log_level_t level, apr_status_t rv, const char *message)
{
    char why[200];

    (void)baton;
    (void)level;
    take_bar_away();
    if (rv == APR_SUCCESS) {
        fprintf(stderr, PROGRAM ": %s\n", message);
        return;
    }
    fprintf(stderr, PROGRAM ": %s: %s\n", message, apr_strerror(rv, why, sizeof(why)));
}

void f1_cli_console_start(f1_cli_t *cli)
{
    f1_log_sink_t sink = {log_enabled, log_print, NULL};
    struct sigaction action;

    console.is_terminal = isatty(STDERR_FILENO);
    console.log_level = cli->verbose ? F1_LOG_TRACE1 : cli->quiet ? F1_LOG_ERR : F1_LOG_WARNING;
    f1_log_sink_set(&sink);

    /* The second signal finds the default action again and ends the process. */
    memset(&action, 0, sizeof(action));
    action.sa_handler = on_signal;
    action.sa_flags = SA_RESETHAND;
    sigemptyset(&action.sa_mask);
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
}

void f1_cli_print(f1_cli_t *cli, const char *fmt, ...)
{
    va_list args;

    if (cli->json) {
        return;
    }
    take_bar_away();
    va_start(args, fmt);
    vprintf(fmt, args);
    va_end(args);
    putchar('\n');
}

void f1_cli_json(f1_cli_t *cli, json_t *document)
{
    if (cli->json && document != NULL) {
        /* A failure to write is found by main, which checks the stream at the end. */
        (void)json_dumpf(document, stdout, JSON_INDENT(2));
        putchar('\n');
    }
    json_decref(document);
}

void f1_cli_note(f1_cli_t *cli, const char *fmt, ...)
{
    va_list args;

    if (cli->json || cli->quiet) {
        return;
    }
    take_bar_away();
    va_start(args, fmt);
    vfprintf(stderr, fmt, args);
    va_end(args);
    fputc('\n', stderr);
}

f1_exit_t f1_cli_usage(f1_cli_t *cli, const char *fmt, ...)
{
    const char *why;
    va_list args;

    va_start(args, fmt);
    why = apr_pvsprintf(cli->pool, fmt, args);
    va_end(args);
    take_bar_away();
    if (cli->command != NULL) {
        fprintf(stderr, PROGRAM ": %s: %s\nTry '" PROGRAM " help %s'.\n", cli->command, why, cli->command);
    }
    else {
        fprintf(stderr, PROGRAM ": %s\nTry '" PROGRAM " help'.\n", why);
    }
    f1_cli_json(cli, json_pack("{s:s, s:s, s:s}", "error", "Usage", "error_code", "usage", "detail", why));
    return F1_EXIT_USAGE;
}

static f1_exit_t exit_code(f1_error_t error)
{
    if (stopping) {
        return F1_EXIT_INTERRUPTED;
    }
    switch (error) {
    case F1_E_UPSTREAM:
    case F1_E_BAD_DATA:
        return F1_EXIT_UPSTREAM;
    case F1_E_DATABASE_UNAVAILABLE:
    case F1_E_SCHEMA_MISMATCH:
        return F1_EXIT_DATABASE;
    default:
        return F1_EXIT_FINDINGS;
    }
}

f1_exit_t f1_cli_fail(f1_cli_t *cli)
{
    f1_error_t error = cli->res->error;

    take_bar_away();
    fprintf(stderr, PROGRAM ": %s: %s\n", cli->command, f1_result_text(cli->res, cli->pool));
    f1_cli_json(cli, json_pack("{s:s, s:s, s:s?}", "error", f1_error_title(error), "error_code", f1_error_code(error),
                               "detail", cli->res->detail));
    return exit_code(error);
}

static int columns(void)
{
    struct winsize size;

    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) {
        return COLUMNS_DEFAULT;
    }
    return size.ws_col < COLUMNS_MAX ? size.ws_col : COLUMNS_MAX;
}

/* Cuts UTF-8 text after so many characters, taking each for one column. */
static void cut(char *text, int width)
{
    for (; *text != '\0'; text++) {
        if (((unsigned char)*text & 0xC0) != 0x80 && width-- <= 0) {
            *text = '\0';
            return;
        }
    }
}

static void draw_bar(int done, int total, const char *what)
{
    char line[4 * COLUMNS_MAX], bar[BAR_WIDTH + 1];
    int filled = total > 0 && done > 0 ? (int)((double)done / total * BAR_WIDTH) : 0;

    memset(bar, '.', BAR_WIDTH);
    memset(bar, '#', (size_t)(filled < BAR_WIDTH ? filled : BAR_WIDTH));
    bar[BAR_WIDTH] = '\0';
    if (total > 0) {
        apr_snprintf(line, sizeof(line), "[%s] %d/%d %s", bar, done, total, what);
    }
    else {
        apr_snprintf(line, sizeof(line), "%d %s", done, what);
    }
    cut(line, columns() - 1);
    fprintf(stderr, "\r\033[K%s", line);
    console.bar_shown = 1;
}

static void print_step(int done, int total, const char *what)
{
    if (total > 0) {
        fprintf(stderr, "%d/%d %s\n", done, total, what);
    }
    else {
        fprintf(stderr, "%d %s\n", done, what);
    }
}

void f1_cli_progress(f1_cli_t *cli, int done, int total, const char *fmt, ...)
{
    apr_interval_time_t interval = console.is_terminal ? REDRAW_INTERVAL : LINE_INTERVAL;
    int is_last = total > 0 && done >= total;
    apr_time_t now = apr_time_now();
    char what[4 * COLUMNS_MAX];
    va_list args;

    if (cli->json || cli->quiet || (!is_last && now - console.last_drawn < interval)) {
        return;
    }
    if (is_last && console.is_terminal) {
        take_bar_away();
        return;
    }
    console.last_drawn = now;
    va_start(args, fmt);
    apr_vsnprintf(what, sizeof(what), fmt, args);
    va_end(args);
    if (console.is_terminal) {
        draw_bar(done, total, what);
    }
    else {
        print_step(done, total, what);
    }
}

json_t *f1_cli_rows(f1_cli_t *cli, const f1_rows_t *rows)
{
    f1_buf_t text;

    f1_buf_init(&text, cli->pool, 4096, ROWS_MAX);
    f1_buf_addc(&text, '[');
    f1_render_rows(&text, rows, 0, f1_rows_count(rows), cli->pool);
    f1_buf_addc(&text, ']');
    return json_loads(text.data, 0, NULL);
}

const char *f1_cli_or_dash(const char *text)
{
    return text ? text : "-";
}

void f1_cli_print_row(f1_cli_t *cli, const f1_rows_t *rows, int width)
{
    int i;

    for (i = 0; i < f1_rows_columns(rows); i++) {
        f1_cli_print(cli, "%-*s %s", width, f1_rows_name(rows, i), f1_cli_or_dash(f1_rows_get(rows, 0, i)));
    }
}
