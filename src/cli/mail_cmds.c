/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* f1boardctl mail: looks after mail that is on its way, or never left. */

#include <string.h>

#include <apr_strings.h>

#include "base/clock.h"
#include "base/str.h"
#include "cli/cli.h"
#include "db/query.h"
#include "gen/statements.h"

static const char *or_nothing(const char *text)
{
    return text ? text : "";
}

static f1_exit_t run_list(f1_cli_t *cli, const char *const *args, int arg_count)
{
    const char *values[] = {f1_cli_option(cli, "state"), f1_cli_option(cli, "failed") ? "true" : "false"};
    f1_rows_t *rows;
    int i;

    (void)args;
    (void)arg_count;
    if (f1_cli_query(cli, &f1_stmt_delivery_mail_list, values, &rows) != APR_SUCCESS) {
        return f1_cli_fail(cli);
    }
    for (i = 0; i < f1_rows_count(rows); i++) {
        f1_cli_print(cli, "%8s %-16s %-9s %2s %.19s %s %s %s", f1_rows_get(rows, i, 0), f1_rows_get(rows, i, 1),
                     f1_rows_get(rows, i, 2), f1_rows_get(rows, i, 3), f1_rows_get(rows, i, 6), f1_rows_get(rows, i, 4),
                     or_nothing(f1_rows_get(rows, i, 9)), or_nothing(f1_rows_get(rows, i, 10)));
    }
    f1_cli_json(cli, f1_cli_rows(cli, rows));
    return F1_EXIT_OK;
}

static f1_exit_t run_retry(f1_cli_t *cli, const char *const *args, int arg_count)
{
    char now[F1_TIME_LEN];
    const char *values[] = {strcmp(args[0], "failed") ? args[0] : NULL, f1_time_format(now, f1_clock_now())};
    apr_int64_t id;
    f1_rows_t *rows;

    (void)arg_count;
    if (values[0] && (!f1_str_to_int64(args[0], &id) || id < 1)) {
        return f1_cli_usage(cli, "'%s' should be the number of a mail, or failed", args[0]);
    }
    if (f1_cli_query(cli, &f1_stmt_delivery_mail_retry, values, &rows) != APR_SUCCESS) {
        return f1_cli_fail(cli);
    }
    if (!f1_rows_count(rows)) {
        f1_result_fail(cli->res, F1_E_NOT_FOUND, APR_NOTFOUND, "there is no such mail that failed or is uncertain");
        return f1_cli_fail(cli);
    }
    f1_cli_print(cli, "mails that wait again: %s", f1_rows_get(rows, 0, 0));
    f1_cli_json(cli, f1_cli_rows(cli, rows));
    return F1_EXIT_OK;
}

static const f1_option_t list_options[] = {{"failed", NULL, "those alone that failed, or may have been sent"},
                                           {"state", "STATE", "waiting, sending, sent, failed or uncertain"},
                                           {NULL, NULL, NULL}};

const f1_command_t f1_cli_mail_commands[] = {
    {"mail list", "[OPTION...]", "Show the newest mail, and what became of it", 0, 0, list_options, run_list},
    {"mail retry", "ID|failed", "Send a mail that failed or is uncertain once more; or all that failed", 1, 1, NULL,
     run_retry},
    {NULL, NULL, NULL, 0, 0, NULL, NULL}};
