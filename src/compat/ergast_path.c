/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Reads a path segment by segment. What a segment may be is in two tables, one of filters and one of endpoints; order
 * and refusals are those of the service that clients were written for. */

#include "compat/ergast_path.h"

#include <string.h>

#include <apr_cstr.h>
#include <apr_strings.h>
#include <apr_tables.h>

#define BIT(criterion) (1u << F1_ERGAST_##criterion)

/* What is a property of a line in the classification of a race. */
#define ENTRY (BIT(GRID) | BIT(POSITION) | BIT(FASTEST) | BIT(STATUS_ID))
#define COMMON (BIT(SEASON) | BIT(ROUND) | BIT(CIRCUIT) | BIT(CONSTRUCTOR) | BIT(DRIVER) | ENTRY)

typedef enum { VALUE_NONE, VALUE_ID, VALUE_NUMBER } value_t;

static const struct {
    const char *name;
    f1_ergast_criterion_t criterion;
    value_t value;
} filters[] = {
    {"circuits", F1_ERGAST_CIRCUIT, VALUE_ID},     {"constructors", F1_ERGAST_CONSTRUCTOR, VALUE_ID},
    {"drivers", F1_ERGAST_DRIVER, VALUE_ID},       {"grid", F1_ERGAST_GRID, VALUE_NUMBER},
    {"results", F1_ERGAST_POSITION, VALUE_NUMBER}, {"fastest", F1_ERGAST_FASTEST, VALUE_NUMBER},
    {"status", F1_ERGAST_STATUS_ID, VALUE_NUMBER}, {"laps", F1_ERGAST_LAP, VALUE_NUMBER},
};

/* final: what the value at the end means; supported: bits of criteria. */
static const struct endpoint_t {
    value_t value;
    f1_ergast_criterion_t final;
    unsigned int supported;
} endpoints[] = {
    [F1_ERGAST_SEASONS] = {VALUE_NONE, F1_ERGAST_NUMBER, COMMON},
    [F1_ERGAST_CIRCUITS] = {VALUE_ID, F1_ERGAST_CIRCUIT, COMMON},
    [F1_ERGAST_RACES] = {VALUE_NONE, F1_ERGAST_NUMBER, COMMON},
    [F1_ERGAST_CONSTRUCTORS] = {VALUE_ID, F1_ERGAST_CONSTRUCTOR, COMMON},
    [F1_ERGAST_DRIVERS] = {VALUE_ID, F1_ERGAST_DRIVER, COMMON},
    [F1_ERGAST_RESULTS] = {VALUE_NUMBER, F1_ERGAST_POSITION, COMMON},
    [F1_ERGAST_SPRINT] = {VALUE_NUMBER, F1_ERGAST_NUMBER, COMMON | BIT(NUMBER)},
    [F1_ERGAST_QUALIFYING] = {VALUE_NUMBER, F1_ERGAST_NUMBER, COMMON | BIT(NUMBER)},
    [F1_ERGAST_PITSTOPS] = {VALUE_NUMBER, F1_ERGAST_NUMBER, COMMON | BIT(LAP) | BIT(NUMBER)},
    [F1_ERGAST_LAPS] = {VALUE_NUMBER, F1_ERGAST_LAP, COMMON | BIT(LAP)},
    [F1_ERGAST_DRIVER_STANDINGS] = {VALUE_NUMBER, F1_ERGAST_NUMBER,
                                    BIT(SEASON) | BIT(ROUND) | BIT(DRIVER) | BIT(NUMBER)},
    [F1_ERGAST_CONSTRUCTOR_STANDINGS] = {VALUE_NUMBER, F1_ERGAST_NUMBER,
                                         BIT(SEASON) | BIT(ROUND) | BIT(CONSTRUCTOR) | BIT(NUMBER)},
    [F1_ERGAST_STATUS] = {VALUE_NUMBER, F1_ERGAST_STATUS_ID, COMMON},
};

#define NAME(symbol, name) name,
static const char *const names[] = {F1_ERGAST_ENDPOINTS(NAME)};
#undef NAME

static const char digits[] = "0123456789";
static const char id_bytes[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";

static int is_number(const char *text, size_t most)
{
    size_t len = strspn(text, digits);

    return len > 0 && len <= most && !text[len];
}

static int is_year(const char *text)
{
    return is_number(text, 4) && strlen(text) == 4;
}

/* Takes ".json" off, also before a slash, or the slash. */
static f1_ergast_verdict_t take_suffix(char *text)
{
    size_t len = strlen(text);
    char *dot = strrchr(text, '.');
    int has_slash = len > 0 && text[len - 1] == '/';

    if (has_slash) {
        text[--len] = '\0';
    }
    if (!dot || strchr(dot, '/')) {
        return has_slash ? F1_ERGAST_OK : F1_ERGAST_REDIRECT;
    }
    if (apr_cstr_casecmp(dot, ".json") && apr_cstr_casecmp(dot, ".api")) {
        return F1_ERGAST_NOT_FOUND;
    }
    *dot = '\0';
    return F1_ERGAST_OK;
}

/* The segments of "/a/b", none of ""; NULL when one is empty. */
static apr_array_header_t *split(char *text, apr_pool_t *pool)
{
    apr_array_header_t *segments = apr_array_make(pool, 8, sizeof(const char *));
    char *segment, *next;

    if (*text && *text != '/') {
        return NULL;
    }
    for (segment = *text ? text + 1 : NULL; segment; segment = next) {
        next = strchr(segment, '/');
        if (next) {
            *next++ = '\0';
        }
        if (!*segment) {
            return NULL;
        }
        APR_ARRAY_PUSH(segments, const char *) = segment;
    }
    return segments;
}

static int endpoint_of(const char *name, f1_ergast_endpoint_t *pendpoint)
{
    size_t i;

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (!apr_cstr_casecmp(names[i], name)) {
            *pendpoint = (f1_ergast_endpoint_t)i;
            return 1;
        }
    }
    return 0;
}

/* Takes the filter that a name and a value are; 0: they are none. */
static int take_filter(f1_ergast_path_t *path, const char *name, const char *value)
{
    size_t i;

    for (i = 0; i < sizeof(filters) / sizeof(filters[0]); i++) {
        const char *allowed = filters[i].value == VALUE_ID ? id_bytes : digits;

        if (!apr_cstr_casecmp(filters[i].name, name) && !value[strspn(value, allowed)]) {
            path->criteria[filters[i].criterion] = value;
            return 1;
        }
    }
    return 0;
}

/* The value after the endpoint. A filter that says something about the same goes before it. */
static f1_ergast_verdict_t take_final(f1_ergast_path_t *path, const char *value)
{
    const struct endpoint_t *endpoint = &endpoints[path->endpoint];

    switch (endpoint->value) {
    case VALUE_NONE:
        return F1_ERGAST_NO_FINAL;
    case VALUE_NUMBER:
        if (value[strspn(value, digits)]) {
            return F1_ERGAST_NOT_FOUND;
        }
        break;
    case VALUE_ID:
        if (strchr(value, '.')) {
            return F1_ERGAST_NOT_FOUND;
        }
        break;
    }
    if (!path->criteria[endpoint->final]) {
        path->criteria[endpoint->final] = value;
    }
    return F1_ERGAST_OK;
}

/* The word that text is, whatever its case; NULL: it is neither. */
static const char *word_of(const char *text, const char *word, const char *other)
{
    if (!apr_cstr_casecmp(text, word)) {
        return word;
    }
    return other && !apr_cstr_casecmp(text, other) ? other : NULL;
}

static f1_ergast_verdict_t read_segments(f1_ergast_path_t *path, const char *const *at, const char *const *end)
{
    const char *season, *round;

    if (at < end && (season = is_year(*at) ? *at : word_of(*at, "current", NULL)) != NULL) {
        path->criteria[F1_ERGAST_SEASON] = season;
        at++;
        if (at < end && (round = is_number(*at, 2) ? *at : word_of(*at, "last", "next")) != NULL) {
            path->criteria[F1_ERGAST_ROUND] = round;
            at++;
        }
    }
    path->endpoint = F1_ERGAST_RACES;
    if (at == end) {
        return F1_ERGAST_OK;
    }
    while (end - at > 2 && take_filter(path, at[0], at[1])) {
        at += 2;
    }
    if (end - at > 2 || !endpoint_of(at[0], &path->endpoint)) {
        return F1_ERGAST_NOT_FOUND;
    }
    return end - at == 2 ? take_final(path, at[1]) : F1_ERGAST_OK;
}

static f1_ergast_verdict_t check(const f1_ergast_path_t *path)
{
    const char *const *criteria = path->criteria;
    int i;

    switch (path->endpoint) {
    case F1_ERGAST_PITSTOPS:
    case F1_ERGAST_LAPS:
        if (!criteria[F1_ERGAST_ROUND]) {
            return F1_ERGAST_NEEDS_ROUND;
        }
        break;
    case F1_ERGAST_DRIVER_STANDINGS:
    case F1_ERGAST_CONSTRUCTOR_STANDINGS:
        if (!criteria[F1_ERGAST_SEASON]) {
            return F1_ERGAST_NEEDS_SEASON;
        }
        break;
    default:
        break;
    }
    for (i = 0; i < F1_ERGAST_CRITERIA; i++) {
        if (criteria[i] && !(endpoints[path->endpoint].supported & 1u << i)) {
            return F1_ERGAST_UNSUPPORTED;
        }
    }
    return F1_ERGAST_OK;
}

f1_ergast_verdict_t f1_ergast_path_read(f1_ergast_path_t *path, const char *text, apr_pool_t *pool)
{
    char *copy = apr_pstrdup(pool, text);
    f1_ergast_verdict_t suffix, verdict;
    apr_array_header_t *segments;

    *path = (f1_ergast_path_t){.endpoint = F1_ERGAST_RACES};
    suffix = take_suffix(copy);
    segments = suffix == F1_ERGAST_NOT_FOUND ? NULL : split(copy, pool);
    if (!segments) {
        return F1_ERGAST_NOT_FOUND;
    }
    verdict =
        read_segments(path, (const char *const *)segments->elts, (const char *const *)segments->elts + segments->nelts);
    if (verdict == F1_ERGAST_NOT_FOUND || suffix == F1_ERGAST_REDIRECT) {
        return verdict == F1_ERGAST_NOT_FOUND ? verdict : suffix;
    }
    return verdict == F1_ERGAST_OK ? check(path) : verdict;
}
