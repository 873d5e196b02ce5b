/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* f1boardctl user and apikey: accounts for whoever runs the service, the first admin among them. Passwords are typed
 * without echo, or come on standard input; on a command line others could see them. */

#include "config.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <apr_lib.h>
#include <apr_strings.h>

#include "auth/account.h"
#include "auth/apikey.h"
#include "base/crypto.h"
#include "base/json.h"
#include "cli/cli.h"
#include "gen/statements.h"

#define LINE_MAX_BYTES 1024

static apr_status_t open_errand(f1_cli_t *cli, f1_errand_t *errand)
{
    *errand = (f1_errand_t){.via = "f1boardctl", .service = "F1Board", .pool = cli->pool, .res = cli->res};
    return f1_cli_db(cli, &errand->db);
}

/* --- Passwords */

/* One line of standard input, without its end; NULL: there is none, or it is too long. */
static const char *read_line(f1_cli_t *cli)
{
    char *line = apr_pcalloc(cli->pool, LINE_MAX_BYTES);
    size_t len;

    f1_secret_wipe_with(cli->pool, line, LINE_MAX_BYTES);
    if (!fgets(line, LINE_MAX_BYTES, stdin)) {
        return NULL;
    }
    len = strcspn(line, "\r\n");
    if (!line[len] && len == LINE_MAX_BYTES - 1) {
        return NULL;
    }
    line[len] = '\0';
    return line;
}

static const char *type_in(f1_cli_t *cli, const char *prompt)
{
    apr_size_t size = LINE_MAX_BYTES;
    char *text = apr_pcalloc(cli->pool, size);

    f1_secret_wipe_with(cli->pool, text, LINE_MAX_BYTES);
    return apr_password_get(prompt, text, &size) == APR_SUCCESS ? text : NULL;
}

/* NULL with the reason in cli->res. */
static const char *ask_password(f1_cli_t *cli)
{
    const char *password, *again;

    if (!isatty(STDIN_FILENO)) {
        password = read_line(cli);
        again = password;
    }
    else {
        password = type_in(cli, "New password: ");
        again = password ? type_in(cli, "Once more: ") : NULL;
    }
    if (!password || !again || strcmp(password, again) != 0) {
        f1_result_fail(cli->res, F1_E_BAD_REQUEST, APR_EINVAL, "%s",
                       password && again ? "the two are not the same" : "a password is needed on standard input");
        return NULL;
    }
    return password;
}

/* --- What is said */

static f1_exit_t show(f1_cli_t *cli, const f1_rows_t *rows)
{
    f1_cli_print_row(cli, rows, 22);
    f1_cli_json(cli, json_incref(json_array_get(f1_json_own(f1_cli_rows(cli, rows), cli->pool), 0)));
    return F1_EXIT_OK;
}

/* The account that an argument names. */
static apr_status_t find(const f1_errand_t *errand, const char *who, f1_rows_t **prows)
{
    apr_status_t rv = f1_errand_query(errand, &f1_stmt_auth_account_find, &who, prows);

    if (rv == APR_SUCCESS && !f1_rows_count(*prows)) {
        rv = f1_result_fail(errand->res, F1_E_NOT_FOUND, APR_NOTFOUND, "there is no account '%s'", who);
    }
    return rv;
}

/* How the account is now. */
static f1_exit_t show_account(f1_cli_t *cli, const f1_errand_t *errand, const char *who)
{
    f1_rows_t *rows;

    return cli->res->rv == APR_SUCCESS && find(errand, who, &rows) == APR_SUCCESS ? show(cli, rows) : f1_cli_fail(cli);
}

/* --- user */

static f1_exit_t run_add(f1_cli_t *cli, const char *const *args, int arg_count)
{
    f1_account_new_t account = {.username = args[0],
                                .email = f1_cli_option(cli, "email"),
                                .role = f1_cli_option(cli, "admin") ? "admin" : "user",
                                .verified = f1_cli_option(cli, "email") != NULL};
    f1_errand_t errand;
    f1_rows_t *rows;

    (void)arg_count;
    if (open_errand(cli, &errand) != APR_SUCCESS || !(account.password = ask_password(cli)) ||
        f1_account_add(&errand, &account, &rows) != APR_SUCCESS) {
        return f1_cli_fail(cli);
    }
    return show_account(cli, &errand, f1_errand_column(rows, "id"));
}

static f1_exit_t run_list(f1_cli_t *cli, const char *const *args, int arg_count)
{
    f1_errand_t errand;
    f1_rows_t *rows;
    int i;

    (void)args;
    (void)arg_count;
    if (open_errand(cli, &errand) != APR_SUCCESS ||
        f1_errand_query(&errand, &f1_stmt_auth_account_list, NULL, &rows) != APR_SUCCESS) {
        return f1_cli_fail(cli);
    }
    for (i = 0; i < f1_rows_count(rows); i++) {
        const char *disabled = f1_rows_get(rows, i, f1_rows_column(rows, "disabled"));

        f1_cli_print(cli, "%s %-5s %-8s %-24s %s", f1_rows_get(rows, i, f1_rows_column(rows, "id")),
                     f1_rows_get(rows, i, f1_rows_column(rows, "role")), *disabled == 't' ? "disabled" : "",
                     f1_rows_get(rows, i, f1_rows_column(rows, "username")),
                     f1_cli_or_dash(f1_rows_get(rows, i, f1_rows_column(rows, "email"))));
    }
    f1_cli_json(cli, f1_cli_rows(cli, rows));
    return F1_EXIT_OK;
}

static f1_exit_t run_show(f1_cli_t *cli, const char *const *args, int arg_count)
{
    f1_errand_t errand;

    (void)arg_count;
    return open_errand(cli, &errand) == APR_SUCCESS ? show_account(cli, &errand, args[0]) : f1_cli_fail(cli);
}

/* role or disabled as f1_account_set has them. */
static f1_exit_t set(f1_cli_t *cli, const char *who, const char *role, const char *disabled)
{
    f1_errand_t errand;
    f1_rows_t *rows;

    if (open_errand(cli, &errand) != APR_SUCCESS || find(&errand, who, &rows) != APR_SUCCESS ||
        f1_account_set(&errand, f1_errand_column(rows, "id"), role, disabled) != APR_SUCCESS) {
        return f1_cli_fail(cli);
    }
    return show_account(cli, &errand, who);
}

static f1_exit_t run_role(f1_cli_t *cli, const char *const *args, int arg_count)
{
    (void)arg_count;
    if (strcmp(args[1], "user") != 0 && strcmp(args[1], "admin") != 0) {
        return f1_cli_usage(cli, "the role '%s' should be user or admin", args[1]);
    }
    return set(cli, args[0], args[1], NULL);
}

static f1_exit_t run_disable(f1_cli_t *cli, const char *const *args, int arg_count)
{
    (void)arg_count;
    return set(cli, args[0], NULL, "true");
}

static f1_exit_t run_enable(f1_cli_t *cli, const char *const *args, int arg_count)
{
    (void)arg_count;
    return set(cli, args[0], NULL, "false");
}

static f1_exit_t run_unlock(f1_cli_t *cli, const char *const *args, int arg_count)
{
    f1_errand_t errand;
    f1_rows_t *rows;

    (void)arg_count;
    if (open_errand(cli, &errand) == APR_SUCCESS && find(&errand, args[0], &rows) == APR_SUCCESS) {
        (void)f1_account_unlock(&errand, f1_errand_column(rows, "id"));
    }
    return show_account(cli, &errand, args[0]);
}

static f1_exit_t run_password(f1_cli_t *cli, const char *const *args, int arg_count)
{
    f1_errand_t errand;
    const char *password;
    f1_rows_t *rows;

    (void)arg_count;
    if (open_errand(cli, &errand) == APR_SUCCESS && find(&errand, args[0], &rows) == APR_SUCCESS &&
        (password = ask_password(cli)) != NULL) {
        (void)f1_account_set_password(&errand, f1_errand_column(rows, "id"), f1_errand_column(rows, "username"),
                                      password);
    }
    return show_account(cli, &errand, args[0]);
}

static f1_exit_t run_delete(f1_cli_t *cli, const char *const *args, int arg_count)
{
    f1_errand_t errand;
    f1_rows_t *rows;

    (void)arg_count;
    if (open_errand(cli, &errand) != APR_SUCCESS || find(&errand, args[0], &rows) != APR_SUCCESS ||
        f1_account_erase(&errand, f1_errand_column(rows, "id")) != APR_SUCCESS) {
        return f1_cli_fail(cli);
    }
    f1_cli_print(cli, "deleted %s", f1_errand_column(rows, "id"));
    f1_cli_json(cli, json_pack("{s:s}", "deleted", f1_errand_column(rows, "id")));
    return F1_EXIT_OK;
}

/* --- apikey */

static f1_exit_t run_create(f1_cli_t *cli, const char *const *args, int arg_count)
{
    const char *scopes = f1_cli_option(cli, "scopes"), *key;
    f1_apikey_new_t wanted = {.name = args[1], .expires_at = f1_cli_option(cli, "expires")};
    f1_errand_t errand;
    f1_rows_t *rows;

    (void)arg_count;
    wanted.scopes = apr_pstrcat(cli->pool, "{", scopes ? scopes : "", "}", NULL);
    if (open_errand(cli, &errand) != APR_SUCCESS || find(&errand, args[0], &rows) != APR_SUCCESS) {
        return f1_cli_fail(cli);
    }
    wanted.user_id = f1_errand_column(rows, "id");
    if (f1_apikey_add(&errand, &wanted, &key, &rows) != APR_SUCCESS) {
        return f1_cli_fail(cli);
    }
    f1_cli_print(cli, "%s", key);
    f1_cli_note(cli, "this is the only time that the key is shown; its id is %s", f1_errand_column(rows, "id"));
    f1_cli_json(cli, json_pack("{s:s, s:s}", "key", key, "id", f1_errand_column(rows, "id")));
    return F1_EXIT_OK;
}

static f1_exit_t run_keys(f1_cli_t *cli, const char *const *args, int arg_count)
{
    f1_errand_t errand;
    const char *id;
    f1_rows_t *rows;
    int i;

    (void)arg_count;
    if (open_errand(cli, &errand) != APR_SUCCESS || find(&errand, args[0], &rows) != APR_SUCCESS) {
        return f1_cli_fail(cli);
    }
    id = f1_errand_column(rows, "id");
    if (f1_errand_query(&errand, &f1_stmt_auth_apikey_list, &id, &rows) != APR_SUCCESS) {
        return f1_cli_fail(cli);
    }
    for (i = 0; i < f1_rows_count(rows); i++) {
        f1_cli_print(cli, "%s %s… %-8s %-20s %s", f1_rows_get(rows, i, 0), f1_rows_get(rows, i, 2),
                     f1_rows_get(rows, i, 7) ? "revoked" : "", f1_rows_get(rows, i, 1), f1_rows_get(rows, i, 3));
    }
    f1_cli_json(cli, f1_cli_rows(cli, rows));
    return F1_EXIT_OK;
}

static f1_exit_t run_revoke(f1_cli_t *cli, const char *const *args, int arg_count)
{
    f1_errand_t errand;

    (void)arg_count;
    if (open_errand(cli, &errand) != APR_SUCCESS || f1_apikey_revoke(&errand, args[0], NULL) != APR_SUCCESS) {
        return f1_cli_fail(cli);
    }
    f1_cli_print(cli, "revoked %s", args[0]);
    f1_cli_json(cli, json_pack("{s:s}", "revoked", args[0]));
    return F1_EXIT_OK;
}

static const f1_option_t add_options[] = {{"email", "ADDRESS", "e-mail address, which counts as confirmed"},
                                          {"admin", NULL, "may do everything"},
                                          {NULL, NULL, NULL}};
static const f1_option_t create_options[] = {{"scopes", "A,B", "what the key may do; default nothing"},
                                             {"expires", "TIME", "until when it is good; default for ever"},
                                             {NULL, NULL, NULL}};

const f1_command_t f1_cli_user_commands[] = {
    {"user add", "NAME [--email ADDRESS] [--admin]", "Add an account; its password comes on standard input", 1, 1,
     add_options, run_add},
    {"user list", "", "List all accounts", 0, 0, NULL, run_list},
    {"user show", "WHO", "Show an account, by its name, address or id", 1, 1, NULL, run_show},
    {"user role", "WHO user|admin", "Give an account another role", 2, 2, NULL, run_role},
    {"user disable", "WHO", "Disable an account, and end its sessions", 1, 1, NULL, run_disable},
    {"user enable", "WHO", "Enable an account again", 1, 1, NULL, run_enable},
    {"user unlock", "WHO", "Forget an account's failed logins", 1, 1, NULL, run_unlock},
    {"user password", "WHO", "Set a password, which comes on standard input, and end all sessions", 1, 1, NULL,
     run_password},
    {"user delete", "WHO", "Delete an account and all that belongs to it", 1, 1, NULL, run_delete},
    {"apikey create", "WHO NAME [--scopes A,B] [--expires TIME]", "Make an API key, and print it this once", 2, 2,
     create_options, run_create},
    {"apikey list", "WHO", "List the API keys of an account", 1, 1, NULL, run_keys},
    {"apikey revoke", "ID", "Revoke an API key", 1, 1, NULL, run_revoke},
    {NULL, NULL, NULL, 0, 0, NULL, NULL}};
