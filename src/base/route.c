/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Finds the route of a path. Templates are compared with the path byte by byte, without cutting either into pieces:
 * most rows differ from it within a few bytes, so that a scan of the whole table needs no index and no memory. */

#include "base/route.h"

#include <string.h>

#include <apr_strings.h>
#include <apr_tables.h>

const char *const f1_limit_names[F1_LIMIT_CLASSES] = {"anonymous", "user", "login", "register", "refresh", "failures"};

/* The end of the segment at s. */
static const char *segment_end(const char *s)
{
    while (*s && *s != '/') {
        s++;
    }
    return s;
}

/* Whether the parameter that begins at pattern is {name*}. */
static int takes_rest(const char *pattern)
{
    return segment_end(pattern)[-2] == '*';
}

/* Whether pattern describes path. A parameter takes a whole segment of at least one byte. */
static int matches(const char *pattern, const char *path)
{
    while (*pattern) {
        if (*pattern == '{') {
            const char *end = segment_end(path);

            if (takes_rest(pattern)) {
                return 1;
            }
            if (end == path) {
                return 0;
            }
            path = end;
            pattern = segment_end(pattern);
        }
        else if (*pattern++ != *path++) {
            return 0;
        }
    }
    return !*path || (path[0] == '/' && !path[1]);
}

/* Of two templates that match one path: whether a says more about it where they first differ. */
static int is_closer(const char *a, const char *b)
{
    for (;; a++, b++) {
        if (*a == '{' && *b == '{') {
            if (takes_rest(a) != takes_rest(b)) {
                return takes_rest(b);
            }
            a = segment_end(a);
            b = segment_end(b);
        }
        if (*a != *b) {
            return *b == '{';
        }
        if (!*a) {
            return 0;
        }
    }
}

static int param_index(const f1_route_t *route, const char *name, size_t len)
{
    int i;

    for (i = 0; i < route->param_count; i++) {
        if (!strncmp(route->params[i].name, name, len) && !route->params[i].name[len]) {
            return i;
        }
    }
    return -1;
}

static void take_values(f1_match_t *match, const char *pattern, const char *path, apr_pool_t *pool)
{
    while (*pattern) {
        if (*pattern == '{') {
            const char *end = segment_end(path), *pattern_end = segment_end(pattern);
            int rest = takes_rest(pattern);
            int i = param_index(match->route, pattern + 1, (size_t)(pattern_end - pattern - 2 - rest));

            if (rest) {
                end = path + strlen(path);
            }

            if (i >= 0) {
                match->path_values[i] = apr_pstrmemdup(pool, path, (apr_size_t)(end - path));
            }
            path = end;
            pattern = pattern_end;
        }
        else {
            pattern++;
            path++;
        }
    }
}

int f1_route_find(const f1_route_t *routes, int count, int method, const char *path, f1_match_t *match,
                  apr_pool_t *pool)
{
    const char *best = NULL;
    int i, j;

    *match = (f1_match_t){0};
    for (i = 0; i < count; i++) {
        for (j = 0; routes[i].templates[j]; j++) {
            const char *pattern = routes[i].templates[j];

            if (!matches(pattern, path)) {
                continue;
            }
            match->allowed |= routes[i].method;
            if (routes[i].method == method && (!best || is_closer(pattern, best))) {
                match->route = &routes[i];
                best = pattern;
            }
        }
    }
    if (!best) {
        return 0;
    }
    take_values(match, best, path, pool);
    return 1;
}

int f1_scope_is_valid(const char *scope)
{
    size_t len = strspn(scope, "abcdefghijklmnopqrstuvwxyz0123456789_.:-");

    return *scope >= 'a' && *scope <= 'z' && len <= F1_SCOPE_MAX && !scope[len];
}

static const struct {
    int method;
    const char *name;
} methods[] = {{F1_GET, "GET"}, {F1_POST, "POST"}, {F1_PUT, "PUT"}, {F1_PATCH, "PATCH"}, {F1_DELETE, "DELETE"}};

const char *f1_method_name(int method)
{
    size_t i = sizeof(methods) / sizeof(methods[0]) - 1;

    while (i > 0 && methods[i].method != method) {
        i--;
    }
    return methods[i].name;
}

const char *f1_route_allow(int allowed, apr_pool_t *pool)
{
    const char *allow = "";
    size_t i;

    for (i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        if (allowed & methods[i].method) {
            allow = apr_pstrcat(pool, allow, methods[i].name, methods[i].method == F1_GET ? ", HEAD, " : ", ", NULL);
        }
    }
    return apr_pstrcat(pool, allow, "OPTIONS", NULL);
}
