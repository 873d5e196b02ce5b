/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* The API's description, for those who make clients or pages of it without asking a server. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <apr_strings.h>

#include "cli/cli.h"
#include "db/openapi.h"

static apr_status_t make(f1_cli_t *cli, const f1_openapi_options_t *options, json_t **pdoc)
{
    f1_conn_t *conn;

    if (f1_cli_conn(cli, &conn) != APR_SUCCESS) {
        return cli->res->rv;
    }
    return f1_openapi_make(pdoc, conn, options, cli->pool, cli->res);
}

static f1_exit_t run_openapi(f1_cli_t *cli, const char *const *args, int arg_count)
{
    const char *mount = f1_cli_option(cli, "mount"), *title = f1_cli_option(cli, "title");
    f1_openapi_options_t options = {.routes = f1_routes, .route_count = f1_route_count};
    size_t len;
    json_t *doc;
    char *text;

    (void)args;
    (void)arg_count;
    mount = mount ? mount : "/f1";
    len = strlen(mount);
    if (len && mount[len - 1] == '/') {
        len--;
    }
    options.base = apr_pstrmemdup(cli->pool, mount, len);
    options.title = title ? title : "F1Board";
    if (make(cli, &options, &doc) != APR_SUCCESS) {
        return f1_cli_fail(cli);
    }
    if (cli->json) {
        f1_cli_json(cli, json_incref(doc));
        return F1_EXIT_OK;
    }
    text = json_dumps(doc, JSON_INDENT(2));
    f1_cli_print(cli, "%s", text ? text : "");
    free(text);
    return F1_EXIT_OK;
}

static const f1_option_t openapi_options[] = {{"mount", "URL", "path or URL that the paths are below; default /f1"},
                                              {"title", "TEXT", "name of the service; default F1Board"},
                                              {NULL, NULL, NULL}};

const f1_command_t f1_cli_openapi_commands[] = {{"openapi", "[--mount URL] [--title TEXT]",
                                                 "Print the API's description, OpenAPI 3.1", 0, 0, openapi_options,
                                                 run_openapi},
                                                {NULL, NULL, NULL, 0, 0, NULL, NULL}};
