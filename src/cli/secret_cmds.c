/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Keys for the file of secrets, so that nobody has to think one up. */

#include "auth/keyring.h"
#include "cli/cli.h"

static f1_exit_t run_new(f1_cli_t *cli, const char *const *args, int arg_count)
{
    const char *line = f1_keyring_new_line(arg_count > 0 ? args[0] : NULL, cli->pool, cli->res);

    if (!line) {
        return f1_cli_usage(cli, "%s", cli->res->detail);
    }
    f1_cli_print(cli, "%s", line);
    f1_cli_json(cli, json_pack("{s:s}", "line", line));
    return F1_EXIT_OK;
}

const f1_command_t f1_cli_secret_commands[] = {
    {"secret new", "[NAME]", "Print a new line for F1BoardSecretsFile: a key of that name, or of today", 0, 1, NULL,
     run_new},
    {NULL, NULL, NULL, 0, 0, NULL, NULL}};
