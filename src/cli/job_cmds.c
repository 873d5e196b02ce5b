/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* f1boardctl work, job and schedule: runs jobs as the server does, and looks after what runs anywhere. */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include <apr_strings.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/str.h"
#include "cli/cli.h"
#include "db/query.h"
#include "gen/statements.h"
#include "job/queue.h"
#include "job/runner.h"
#include "task/task.h"

/* --- work */

static f1_runner_t *at_work;

static void stop_work(void)
{
    f1_runner_stop(at_work);
}

static apr_status_t open_post_office(f1_cli_t *cli, const f1_post_office_t **poffice)
{
    const f1_post_settings_t settings = {.smtp = f1_cli_option(cli, "smtp"),
                                         .auth_file = f1_cli_option(cli, "smtp-auth"),
                                         .ca_file = f1_cli_option(cli, "ca-file"),
                                         .from = f1_cli_option(cli, "mail-from"),
                                         .url = f1_cli_option(cli, "public-url"),
                                         .require_tls = f1_cli_option(cli, "smtp-plain") == NULL};

    return f1_post_office_open(poffice, &settings, cli->pool, cli->res);
}

static f1_exit_t run_work(f1_cli_t *cli, const char *const *args, int arg_count)
{
    const char *ergast = f1_cli_option(cli, "ergast");
    f1_task_context_t context = {.ergast = ergast ? ergast : getenv("F1_ERGAST_URL"),
                                 .rate = f1_cli_option(cli, "rate"),
                                 .ca_file = f1_cli_option(cli, "ca-file"),
                                 .user_agent = "mod_f1board/" PACKAGE_VERSION " (f1boardctl)",
                                 .webhook_http = f1_cli_option(cli, "webhook-http") != NULL,
                                 .webhook_private = f1_cli_option(cli, "webhook-private") != NULL};
    f1_runner_options_t options = {.context = &context, .until_idle = f1_cli_option(cli, "until-idle") != NULL};

    (void)args;
    (void)arg_count;
    if (f1_cli_weather(cli, &context.weather) != APR_SUCCESS) {
        return f1_cli_fail(cli);
    }
    if (open_post_office(cli, &context.post_office) != APR_SUCCESS) {
        return f1_cli_usage(cli, "%s", cli->res->detail);
    }
    options.kinds = f1_task_kinds_of(&context, cli->pool);
    if (f1_cli_db_new(cli, "f1boardctl work", &options.queue) != APR_SUCCESS ||
        f1_cli_db_new(cli, "f1boardctl job", &options.work) != APR_SUCCESS ||
        f1_runner_create(&at_work, &options, cli->pool, cli->res) != APR_SUCCESS) {
        return f1_cli_fail(cli);
    }
    f1_cli_stop_hook(stop_work);
    f1_cli_note(cli, "at work%s", options.until_idle ? " until nothing is due" : "; interrupt to end");
    if (f1_runner_run(at_work, cli->res) != APR_SUCCESS) {
        return f1_cli_fail(cli);
    }
    f1_cli_print(cli, "%ld jobs were run", f1_runner_count(at_work));
    f1_cli_json(cli, json_pack("{s:i}", "jobs", (int)f1_runner_count(at_work)));
    return f1_cli_stopping() && options.until_idle ? F1_EXIT_INTERRUPTED : F1_EXIT_OK;
}

/* --- What all the others do */

/* A statement that changes one thing, by its id or name, and returns it. to: what it becomes, where it takes that. */
static f1_exit_t change(f1_cli_t *cli, const f1_statement_t *statement, const char *which, const char *to,
                        const char *missing)
{
    char now[F1_TIME_LEN];
    const char *values[] = {which, f1_time_format(now, f1_clock_now()), to};
    f1_rows_t *rows;

    if (f1_cli_query(cli, statement, values, &rows) != APR_SUCCESS) {
        return f1_cli_fail(cli);
    }
    if (!f1_rows_count(rows)) {
        f1_result_fail(cli->res, F1_E_NOT_FOUND, APR_NOTFOUND, "%s", missing);
        return f1_cli_fail(cli);
    }
    if (f1_rows_columns(rows) == 3) {
        f1_cli_print(cli, "job %s (%s): %s", f1_rows_get(rows, 0, 0), f1_rows_get(rows, 0, 1), f1_rows_get(rows, 0, 2));
    }
    f1_cli_json(cli, f1_cli_rows(cli, rows));
    return F1_EXIT_OK;
}

static int is_id(f1_cli_t *cli, const char *text)
{
    apr_int64_t id;

    if (f1_str_to_int64(text, &id) && id > 0) {
        return 1;
    }
    (void)f1_cli_usage(cli, "'%s' should be the number of a job", text);
    return 0;
}

/* --- job */

static f1_exit_t run_list(f1_cli_t *cli, const char *const *args, int arg_count)
{
    const char *values[] = {f1_cli_option(cli, "state"), f1_cli_option(cli, "kind")};
    f1_rows_t *rows;
    int i;

    (void)args;
    (void)arg_count;
    if (f1_cli_query(cli, &f1_stmt_job_list, values, &rows) != APR_SUCCESS) {
        return f1_cli_fail(cli);
    }
    for (i = 0; i < f1_rows_count(rows); i++) {
        f1_cli_print(cli, "%8s %-16s %-9s %2s/%-2s %.19s %s%s%s", f1_rows_get(rows, i, 0), f1_rows_get(rows, i, 1),
                     f1_rows_get(rows, i, 2), f1_rows_get(rows, i, 3), f1_rows_get(rows, i, 4), f1_rows_get(rows, i, 5),
                     f1_rows_get(rows, i, 7), f1_rows_get(rows, i, 9) ? ": " : "",
                     f1_rows_get(rows, i, 9) ? f1_rows_get(rows, i, 9) : "");
    }
    f1_cli_json(cli, f1_cli_rows(cli, rows));
    return F1_EXIT_OK;
}

static f1_exit_t run_show(f1_cli_t *cli, const char *const *args, int arg_count)
{
    f1_rows_t *rows;

    (void)arg_count;
    if (!is_id(cli, args[0])) {
        return F1_EXIT_USAGE;
    }
    if (f1_cli_query(cli, &f1_stmt_job_show, args, &rows) != APR_SUCCESS) {
        return f1_cli_fail(cli);
    }
    if (!f1_rows_count(rows)) {
        f1_result_fail(cli->res, F1_E_NOT_FOUND, APR_NOTFOUND, "there is no job %s", args[0]);
        return f1_cli_fail(cli);
    }
    f1_cli_print_row(cli, rows, 14);
    f1_cli_json(cli, f1_cli_rows(cli, rows));
    return F1_EXIT_OK;
}

static f1_exit_t run_cancel(f1_cli_t *cli, const char *const *args, int arg_count)
{
    (void)arg_count;
    return is_id(cli, args[0])
               ? change(cli, &f1_stmt_job_cancel, args[0], NULL, "there is no such job that waits or runs")
               : F1_EXIT_USAGE;
}

static f1_exit_t run_retry(f1_cli_t *cli, const char *const *args, int arg_count)
{
    (void)arg_count;
    return is_id(cli, args[0]) ? change(cli, &f1_stmt_job_retry, args[0], NULL,
                                        "there is no such job that failed, was cancelled, or is to be tried again")
                               : F1_EXIT_USAGE;
}

static f1_exit_t unknown_kind(f1_cli_t *cli, const char *name)
{
    const char *known = NULL;
    const f1_job_kind_t *kind;

    for (kind = f1_task_kinds; kind->name; kind++) {
        known = known ? apr_pstrcat(cli->pool, known, ", ", kind->name, NULL) : kind->name;
    }
    return f1_cli_usage(cli, "'%s' is no kind of job; there are: %s", name, known);
}

static int is_kind(const char *name)
{
    const f1_job_kind_t *kind;

    for (kind = f1_task_kinds; kind->name && strcmp(kind->name, name) != 0; kind++) {
    }
    return kind->name != NULL;
}

static f1_exit_t run_add(f1_cli_t *cli, const char *const *args, int arg_count)
{
    const char *payload = arg_count > 1 ? args[1] : "{}";
    const f1_order_t order = {.kind = args[0], .payload = payload, .priority = 20, .via = "f1boardctl"};
    f1_conn_t *conn;
    apr_int64_t id;
    json_t *doc;

    if (!is_kind(args[0])) {
        return unknown_kind(cli, args[0]);
    }
    if (f1_json_parse(&doc, payload, strlen(payload), F1_E_BAD_REQUEST, cli->pool, cli->res) != APR_SUCCESS ||
        !json_is_object(doc)) {
        return f1_cli_usage(cli, "'%s' should be a JSON object", payload);
    }
    if (f1_cli_conn(cli, &conn) != APR_SUCCESS || f1_queue_add(conn, &order, &id, cli->pool, cli->res) != APR_SUCCESS) {
        return f1_cli_fail(cli);
    }
    f1_cli_print(cli, "job %" APR_INT64_T_FMT " (%s): PENDING", id, args[0]);
    f1_cli_json(cli, json_pack("{s:I, s:s}", "id", (json_int_t)id, "kind", args[0]));
    return F1_EXIT_OK;
}

/* --- schedule */

static f1_exit_t run_schedules(f1_cli_t *cli, const char *const *args, int arg_count)
{
    f1_rows_t *rows;
    int i;

    (void)args;
    (void)arg_count;
    if (f1_cli_query(cli, &f1_stmt_job_schedules, NULL, &rows) != APR_SUCCESS) {
        return f1_cli_fail(cli);
    }
    for (i = 0; i < f1_rows_count(rows); i++) {
        f1_cli_print(cli, "%-18s every %-9s %-26.19s %s", f1_rows_get(rows, i, 0), f1_rows_get(rows, i, 4),
                     *f1_rows_get(rows, i, 6) == 't'   ? "off"
                     : *f1_rows_get(rows, i, 1) == 't' ? "paused"
                                                       : f1_cli_or_dash(f1_rows_get(rows, i, 2)),
                     f1_rows_get(rows, i, 5));
    }
    f1_cli_json(cli, f1_cli_rows(cli, rows));
    return F1_EXIT_OK;
}

static f1_exit_t pause_schedule(f1_cli_t *cli, const char *name, const char *is_paused)
{
    return change(cli, &f1_stmt_job_schedule_pause, name, is_paused, "there is no such schedule");
}

static f1_exit_t run_pause(f1_cli_t *cli, const char *const *args, int arg_count)
{
    (void)arg_count;
    return pause_schedule(cli, args[0], "true");
}

static f1_exit_t run_resume(f1_cli_t *cli, const char *const *args, int arg_count)
{
    (void)arg_count;
    return pause_schedule(cli, args[0], "false");
}

static f1_exit_t run_now(f1_cli_t *cli, const char *const *args, int arg_count)
{
    (void)arg_count;
    return change(cli, &f1_stmt_job_schedule_now, args[0], NULL,
                  "there is no such schedule whose job does not wait or run");
}

/* --- Tables */

static const f1_option_t work_options[] = {
    {"until-idle", NULL, "end when nothing is due"},
    {"ergast", "URL", "upstream; else F1_ERGAST_URL, else the public one"},
    {"rate", "LIMITS", "requests upstream may get, like 4/s,500/h, or none"},
    F1_CLI_WEATHER_OPTIONS,
    {"ca-file", "FILE", "certificates to trust instead of the system's"},
    {"smtp", "URL", "server that takes mail, smtp:// or smtps://; else mail waits"},
    {"smtp-auth", "FILE", "user:password for it"},
    {"smtp-plain", NULL, "send mail without TLS where the server has none"},
    {"mail-from", "ADDRESS", "sender of mail; needed with --smtp"},
    {"public-url", "URL", "where the world finds the service; needed with --smtp"},
    {"webhook-http", NULL, "let webhooks have http URLs"},
    {"webhook-private", NULL, "let webhooks be at addresses that are not public"},
    {NULL, NULL, NULL}};

static const f1_option_t list_options[] = {{"state", "STATE", "PENDING, STARTED, SUCCESS, FAILURE, RETRY or CANCELLED"},
                                           {"kind", "KIND", "jobs of this kind alone"},
                                           {NULL, NULL, NULL}};

const f1_command_t f1_cli_job_commands[] = {
    {"work", "[OPTION...]", "Run jobs, and keep the schedule", 0, 0, work_options, run_work},
    {"job list", "[OPTION...]", "Show the newest jobs", 0, 0, list_options, run_list},
    {"job show", "ID", "Show all there is to know of a job", 1, 1, NULL, run_show},
    {"job add", "KIND [PAYLOAD]", "Order a job; its payload is a JSON object", 1, 2, NULL, run_add},
    {"job cancel", "ID", "Cancel a job that waits, stop one that runs", 1, 1, NULL, run_cancel},
    {"job retry", "ID", "Let a job that failed or was cancelled run again", 1, 1, NULL, run_retry},
    {"schedule list", "", "Show what comes again, and when", 0, 0, NULL, run_schedules},
    {"schedule pause", "NAME", "Keep a schedule from making jobs", 1, 1, NULL, run_pause},
    {"schedule resume", "NAME", "Let a paused schedule go on", 1, 1, NULL, run_resume},
    {"schedule run", "NAME", "Run what is scheduled now, out of its turn", 1, 1, NULL, run_now},
    {NULL, NULL, NULL, 0, 0, NULL, NULL}};
