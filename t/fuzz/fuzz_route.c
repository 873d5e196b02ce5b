/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Paths: whatever finds a route must be what one of its templates spells with the values that were taken out. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <apr_general.h>
#include <apr_strings.h>

#include "base/route.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int holds)
{
    if (!holds) {
        abort();
    }
}

/* The path that a template and values make, or NULL when a value is missing. */
static const char *spell(const char *template, const f1_match_t *match, apr_pool_t *pool)
{
    const char *path = "";

    while (*template) {
        size_t len = strcspn(template, "{"), name_len = strcspn(template + len, "}");
        int i;

        path = apr_pstrcat(pool, path, apr_pstrmemdup(pool, template, len), NULL);
        template += len;
        if (!*template) {
            break;
        }
        for (i = 0; i < match->route->param_count; i++) {
            const char *name = match->route->params[i].name;

            size_t star = template[name_len - 1] == '*'; /* {name*} */

            if (strlen(name) == name_len - 1 - star && !strncmp(name, template + 1, name_len - 1 - star)) {
                break;
            }
        }
        require(i < match->route->param_count);
        if (!match->path_values[i]) {
            return NULL;
        }
        path = apr_pstrcat(pool, path, match->path_values[i], NULL);
        template += name_len + 1;
    }
    return path;
}

/* Whether a parameter may be all that is left of a path. */
static int takes_rest(const f1_route_t *route, int param)
{
    char braced[64];

    apr_snprintf(braced, sizeof(braced), "{%s*}", route->params[param].name);
    return strstr(route->templates[0], braced) != NULL;
}

static void check_match(const f1_match_t *match, int method, const char *path, apr_pool_t *pool)
{
    int i, spelled = 0;

    require(match->route->method == method && (match->allowed & method));
    for (i = 0; i < match->route->param_count; i++) {
        if (match->path_values[i]) {
            require(match->route->params[i].in == F1_IN_PATH);
            require(*match->path_values[i] || takes_rest(match->route, i));
            require(!strchr(match->path_values[i], '/') || takes_rest(match->route, i));
        }
    }
    for (i = 0; match->route->templates[i]; i++) {
        const char *made = spell(match->route->templates[i], match, pool);

        spelled += made && (!strcmp(made, path) || !strcmp(apr_pstrcat(pool, made, "/", NULL), path));
    }
    require(spelled > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const int methods[] = {F1_GET, F1_POST, F1_PUT, F1_PATCH, F1_DELETE};
    static apr_pool_t *pool;
    const char *path;
    size_t i;

    if (!pool) {
        require(apr_initialize() == APR_SUCCESS && apr_pool_create(&pool, NULL) == APR_SUCCESS);
    }
    apr_pool_clear(pool);
    path = apr_pstrmemdup(pool, (const char *)data, size);
    for (i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        f1_match_t match;

        if (f1_route_find(f1_routes, f1_route_count, methods[i], path, &match, pool)) {
            check_match(&match, methods[i], path, pool);
        }
        else {
            require(!match.route && !(match.allowed & methods[i]));
        }
    }
    return 0;
}
