/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Directives as one table: reading, checking, inheriting and defaulting walk over its rows, none has code of its own.
 * A message about a wrong value names the directive, the value and what would be right. */

#include "web/config.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <apr_lib.h>
#include <apr_strings.h>
#include <apr_uri.h>

#include "base/clock.h"
#include "base/str.h"
#include "ingest/feed.h"
#include "ingest/weather.h"
#include "task/task.h"

typedef struct directive_t {
    f1_scope_t scope;
    f1_type_t type;
    size_t offset; /* in the struct of its scope */
    const char *name, *fallback, *minimum, *maximum;
} directive_t;

#define STRUCT_GLOBAL f1_server_config_t
#define STRUCT_SERVER f1_server_config_t
#define STRUCT_DIR f1_dir_config_t

static const directive_t directives[] = {
#define F1_DIRECTIVE(scope, type, field, name, fallback, minimum, maximum, help) \
    {F1_SCOPE_##scope, F1_TYPE_##type, offsetof(STRUCT_##scope, field), name, fallback, minimum, maximum},
#include "web/directives.def"
#undef F1_DIRECTIVE
};

enum {
#define F1_DIRECTIVE(scope, type, field, ...) ROW_##field,
#include "web/directives.def"
#undef F1_DIRECTIVE
    ROWS
};

static int is_number(const directive_t *row)
{
    return row->type <= F1_TYPE_FLAG;
}

static int is_server(const directive_t *row)
{
    return row->scope != F1_SCOPE_DIR;
}

static apr_int64_t *number_in(void *config, const directive_t *row)
{
    return (apr_int64_t *)((char *)config + row->offset);
}

static const char **text_in(void *config, const directive_t *row)
{
    return (const char **)((char *)config + row->offset);
}

static int parse_bytes(const char *text, apr_int64_t *pvalue)
{
    char digits[20];
    size_t len = strspn(text, "0123456789");
    apr_int64_t unit = 1;

    switch (text[len]) {
    case 'k':
    case 'K':
        unit = 1024;
        break;
    case 'm':
    case 'M':
        unit = 1024 * 1024;
        break;
    case '\0':
        break;
    default:
        return 0;
    }
    if (!len || len >= sizeof(digits) || (text[len] && text[len + 1])) {
        return 0;
    }
    apr_cpystrn(digits, text, len + 1);
    if (!f1_str_to_int64(digits, pvalue) || *pvalue > APR_INT64_MAX / unit) {
        return 0;
    }
    *pvalue *= unit;
    return 1;
}

/* COUNT/TIME, where a time of one unit may leave its number out: 30/h. */
static int parse_rate(const char *text, apr_int64_t *pvalue)
{
    size_t digits = strspn(text, "0123456789");
    const char *time = text + digits + 1;
    apr_int64_t count, period;
    char copy[24];

    if (!strcasecmp(text, "off")) {
        *pvalue = 0;
        return 1;
    }
    if (text[digits] != '/' || !*time || strspn(time, "0123456789hims") != strlen(time) ||
        strlen(text) > sizeof(copy) - 2) {
        return 0;
    }
    apr_cpystrn(copy, text, digits + 1);
    if (!f1_str_to_int64(copy, &count) || count < 1 || count > F1_LIMIT_COUNT_MAX) {
        return 0;
    }
    apr_snprintf(copy, sizeof(copy), "%s%s", apr_isalpha(*time) ? "1" : "", time);
    if (ap_timeout_parameter_parse(copy, &period, "s") != APR_SUCCESS || period < APR_USEC_PER_SEC ||
        period > apr_time_from_sec(F1_LIMIT_SECONDS_MAX)) {
        return 0;
    }
    *pvalue = count << 32 | apr_time_sec(period);
    return 1;
}

static int parse_number(f1_type_t type, const char *text, apr_int64_t *pvalue)
{
    switch (type) {
    case F1_TYPE_INTEGER:
        if (!strcasecmp(text, "off")) {
            text = "0";
        }
        return f1_str_to_int64(text, pvalue);
    case F1_TYPE_BYTES:
        return parse_bytes(text, pvalue);
    case F1_TYPE_DURATION:
        return apr_isdigit(text[0]) && ap_timeout_parameter_parse(text, pvalue, "s") == APR_SUCCESS;
    case F1_TYPE_RATE:
        return parse_rate(text, pvalue);
    case F1_TYPE_FLAG:
        *pvalue = !strcasecmp(text, "on");
        return *pvalue || !strcasecmp(text, "off");
    default:
        return 0;
    }
}

static int bound(const directive_t *row, const char *text, apr_int64_t otherwise, apr_int64_t *pvalue)
{
    *pvalue = otherwise;
    return !text || parse_number(row->type, text, pvalue);
}

static int number_is_right(const directive_t *row, const char *text, apr_int64_t *pvalue)
{
    apr_int64_t low, high;

    return parse_number(row->type, text, pvalue) && bound(row, row->minimum, APR_INT64_MIN, &low) &&
           bound(row, row->maximum, APR_INT64_MAX, &high) && low <= *pvalue && *pvalue <= high;
}

/* As browsers write it in Origin: scheme and host, a port where it is not the scheme's, nothing behind it. */
static int origin_is_right(const char *text, apr_pool_t *pool)
{
    apr_uri_t uri;

    if (!strcmp(text, "*")) {
        return 1;
    }
    if (apr_uri_parse(pool, text, &uri) != APR_SUCCESS || !uri.hostname || !uri.scheme ||
        (strcmp(uri.scheme, "http") && strcmp(uri.scheme, "https"))) {
        return 0;
    }
    return !uri.path && !uri.query && !uri.fragment && !uri.user && !uri.password;
}

/* The base of URLs: paths are put behind it, and what it says is logged. */
static int upstream_is_right(const char *text, apr_pool_t *pool)
{
    apr_uri_t uri;

    if (!strncmp(text, "file:///", 8)) {
        return 1;
    }
    return apr_uri_parse(pool, text, &uri) == APR_SUCCESS && uri.scheme && uri.hostname && *uri.hostname &&
           (!strcmp(uri.scheme, "http") || !strcmp(uri.scheme, "https")) && !uri.query && !uri.fragment && !uri.user &&
           !uri.password;
}

int f1_config_redis(f1_redis_server_t *server, const char *store, apr_pool_t *pool)
{
    return !strncasecmp(store, "redis:", 6) && f1_redis_server_parse(server, store + 6, pool);
}

static int text_is_right(const directive_t *row, const char *text, apr_pool_t *pool)
{
    apr_int64_t low, high;

    switch (row->type) {
    case F1_TYPE_TEXT:
        return f1_str_to_int64(row->minimum, &low) && f1_str_to_int64(row->maximum, &high) &&
               strlen(text) >= (size_t)low && strlen(text) <= (size_t)high && f1_str_is_utf8(text, strlen(text));
    case F1_TYPE_CLOCK:
        return f1_clock_spec_is_valid(text);
    case F1_TYPE_STORE:
        return !strcasecmp(text, "local") || f1_config_redis(&(f1_redis_server_t){0}, text, pool);
    case F1_TYPE_UPSTREAM:
        return upstream_is_right(text, pool);
    case F1_TYPE_BUDGET:
        return f1_limits_parse(text, &(f1_limits_t){0});
    case F1_TYPE_ORIGINS:
        return origin_is_right(text, pool);
    default:
        return 0;
    }
}

/* Completes "should be …". */
static const char *wanted(const directive_t *row, apr_pool_t *pool)
{
    switch (row->type) {
    case F1_TYPE_INTEGER:
        return apr_psprintf(pool, "a whole number from %s to %s", row->minimum, row->maximum);
    case F1_TYPE_BYTES:
        return apr_psprintf(pool, "a number of bytes from %s to %s, like 2k or 1M", row->minimum, row->maximum);
    case F1_TYPE_DURATION:
        return apr_psprintf(pool, "a time from %s to %s, like 250ms, 5s, 2mi or 1h", row->minimum, row->maximum);
    case F1_TYPE_RATE:
        return "off, or requests in a time of 1s to 24h, like 100/60s or 30/h";
    case F1_TYPE_FLAG:
        return "On or Off";
    case F1_TYPE_TEXT:
        return apr_psprintf(pool, "%s to %s bytes of UTF-8", row->minimum, row->maximum);
    case F1_TYPE_CLOCK:
        return "like 2024-07-28T13:00:00Z, or 2024-07-28T13:00:00Z@60 for time that runs 60 times as fast";
    case F1_TYPE_STORE:
        return "local, redis:HOST:PORT or redis:HOST:PORT/DATABASE";
    case F1_TYPE_UPSTREAM:
        return "a URL like https://api.example.com/f1 or file:///srv/f1, without user, query or fragment";
    case F1_TYPE_BUDGET:
        return "none, or requests in seconds or hours, like 4/s,500/h or 30/10s";
    case F1_TYPE_ORIGINS:
        return "* or origins like https://example.com or http://localhost:3000, without a path";
    case F1_TYPE_SCHEDULES:
        return "the name of a schedule, and Off, On or a time from 1s to 8784h, like 10mi or 2h";
    case F1_TYPE_ISSUERS:
        return "an issuer, its audience and the URL of its keys";
    }
    return "something else";
}

static const char *complain(const directive_t *row, const char *value, apr_pool_t *pool)
{
    return apr_psprintf(pool, "%s: '%s' should be %s", row->name, value, wanted(row, pool));
}

static const char *set_text(const directive_t *row, void *config, int argc, char *const argv[], apr_pool_t *pool)
{
    const char **field = text_in(config, row);
    int i;

    for (i = 0; i < argc; i++) {
        if (!text_is_right(row, argv[i], pool)) {
            return complain(row, argv[i], pool);
        }
    }
    *field = argv[0];
    for (i = 1; i < argc; i++) {
        *field = apr_pstrcat(pool, *field, " ", argv[i], NULL);
    }
    return NULL;
}

static int is_schedule(const char *name)
{
    const char *const *known;

    for (known = f1_task_schedules; *known && strcmp(*known, name) != 0; known++) {
    }
    return *known != NULL;
}

static const char *unknown_schedule(const directive_t *row, const char *name, apr_pool_t *pool)
{
    const char *const *known, *all = f1_task_schedules[0];

    for (known = f1_task_schedules + 1; *known; known++) {
        all = apr_pstrcat(pool, all, ", ", *known, NULL);
    }
    return apr_psprintf(pool, "%s: there is no schedule '%s'; there are %s", row->name, name, all);
}

#define SCHEDULE_MAX apr_time_from_sec(8784 * 3600)

/* As it is stored; NULL when it is none. */
static const char *schedule_setting(const char *text, apr_pool_t *pool)
{
    apr_int64_t period;

    if (!strcasecmp(text, "off") || !strcasecmp(text, "on")) {
        return text[1] == 'n' || text[1] == 'N' ? "on" : "off";
    }
    return parse_number(F1_TYPE_DURATION, text, &period) && period >= APR_USEC_PER_SEC && period <= SCHEDULE_MAX
               ? apr_psprintf(pool, "%" APR_INT64_T_FMT, period)
               : NULL;
}

/* The directive may stand several times, for each schedule once. */
static const char *add_schedule(const directive_t *row, void *config, int argc, char *const argv[], apr_pool_t *pool)
{
    const char **field = text_in(config, row), *words = *field ? *field : "", *setting;

    if (argc != 2) {
        return apr_psprintf(pool, "%s takes %s", row->name, wanted(row, pool));
    }
    if (!is_schedule(argv[0])) {
        return unknown_schedule(row, argv[0], pool);
    }
    setting = schedule_setting(argv[1], pool);
    if (!setting) {
        return apr_psprintf(pool, "%s: '%s' should be Off, On or a time from 1s to 8784h, like 10mi or 2h", row->name,
                            argv[1]);
    }
    while (*words) {
        if (!strcmp(ap_getword_white(pool, &words), argv[0])) {
            return apr_psprintf(pool, "%s: '%s' stands there twice", row->name, argv[0]);
        }
        (void)ap_getword_white(pool, &words);
    }
    *field = apr_pstrcat(pool, *field ? *field : "", *field ? " " : "", argv[0], " ", setting, NULL);
    return NULL;
}

/* The directive may stand several times. */
static const char *add_issuer(const directive_t *row, void *config, int argc, char *const argv[], apr_pool_t *pool)
{
    const char **field = text_in(config, row), *wrong;

    if (argc != 3) {
        return apr_psprintf(pool, "%s takes %s", row->name, wanted(row, pool));
    }
    wrong = f1_issuer_wrong(&(f1_issuer_t){argv[0], argv[1], argv[2]}, pool);
    if (wrong) {
        return apr_psprintf(pool, "%s: %s", row->name, wrong);
    }
    *field = apr_pstrcat(pool, *field ? *field : "", *field ? " " : "", argv[0], " ", argv[1], " ", argv[2], NULL);
    return NULL;
}

static const char *set(cmd_parms *cmd, void *dir, int argc, char *const argv[])
{
    const directive_t *row = cmd->info;
    const char *misplaced =
        ap_check_cmd_context(cmd, row->scope == F1_SCOPE_GLOBAL ? GLOBAL_ONLY : NOT_IN_DIRECTORY | NOT_IN_LIMIT);
    void *config = is_server(row) ? f1_config_server(cmd->server) : dir;
    apr_int64_t value;

    if (misplaced) {
        return misplaced;
    }
    if (row->type == F1_TYPE_ISSUERS) {
        return add_issuer(row, config, argc, argv, cmd->pool);
    }
    if (row->type == F1_TYPE_SCHEDULES) {
        return add_schedule(row, config, argc, argv, cmd->pool);
    }
    if (argc < 1 || (argc > 1 && row->type != F1_TYPE_ORIGINS)) {
        return apr_psprintf(cmd->pool, "%s takes one value, which should be %s", row->name, wanted(row, cmd->pool));
    }
    if (!is_number(row)) {
        return set_text(row, config, argc, argv, cmd->pool);
    }
    if (!number_is_right(row, argv[0], &value)) {
        return complain(row, argv[0], cmd->pool);
    }
    *number_in(config, row) = value;
    return NULL;
}

#define WHERE_GLOBAL RSRC_CONF
#define WHERE_SERVER RSRC_CONF
#define WHERE_DIR (RSRC_CONF | ACCESS_CONF)

const command_rec f1_config_commands[] = {
#define F1_DIRECTIVE(scope, type, field, name, fallback, minimum, maximum, help) \
    AP_INIT_TAKE_ARGV(name, set, (void *)&directives[ROW_##field], WHERE_##scope, help),
#include "web/directives.def"
#undef F1_DIRECTIVE
    {NULL, {NULL}, NULL, 0, RAW_ARGS, NULL}};

static void clear(void *config, int server)
{
    int i;

    for (i = 0; i < ROWS; i++) {
        if (is_server(&directives[i]) == server && is_number(&directives[i])) {
            *number_in(config, &directives[i]) = F1_UNSET;
        }
    }
}

/* config, a copy of the inner one, takes from outer what it has not set itself. Runs in every request. */
static void inherit(void *config, void *outer, int server)
{
    int i;

    for (i = 0; i < ROWS; i++) {
        const directive_t *row = &directives[i];

        if (is_server(row) != server) {
            continue;
        }
        if (!is_number(row)) {
            if (!*text_in(config, row)) {
                *text_in(config, row) = *text_in(outer, row);
            }
        }
        else if (*number_in(config, row) == F1_UNSET) {
            *number_in(config, row) = *number_in(outer, row);
        }
    }
}

static void fill(void *config, int server)
{
    int i;

    for (i = 0; i < ROWS; i++) {
        const directive_t *row = &directives[i];

        if (is_server(row) != server) {
            continue;
        }
        if (!is_number(row)) {
            if (!*text_in(config, row)) {
                *text_in(config, row) = row->fallback;
            }
        }
        else if (*number_in(config, row) == F1_UNSET) {
            ap_assert(parse_number(row->type, row->fallback, number_in(config, row)));
        }
    }
}

void *f1_config_server_create(apr_pool_t *pool, server_rec *s)
{
    f1_server_config_t *config = apr_pcalloc(pool, sizeof(*config));

    (void)s;
    clear(config, 1);
    return config;
}

void *f1_config_server_merge(apr_pool_t *pool, void *outer, void *inner)
{
    f1_server_config_t *config = apr_pmemdup(pool, inner, sizeof(*config));

    inherit(config, outer, 1);
    return config;
}

void *f1_config_dir_create(apr_pool_t *pool, char *path)
{
    f1_dir_config_t *config = apr_pcalloc(pool, sizeof(*config));

    (void)path;
    clear(config, 0);
    return config;
}

void *f1_config_dir_merge(apr_pool_t *pool, void *outer, void *inner)
{
    f1_dir_config_t *config = apr_pmemdup(pool, inner, sizeof(*config));

    inherit(config, outer, 0);
    if (!config->base) {
        config->base = ((f1_dir_config_t *)outer)->base;
        config->base_len = ((f1_dir_config_t *)outer)->base_len;
    }
    return config;
}

void f1_config_defaults(server_rec *main_server)
{
    server_rec *s;

    for (s = main_server; s; s = s->next) {
        fill(f1_config_server(s), 1);
        fill(ap_get_module_config(s->lookup_defaults, &f1board_module), 0);
    }
}

typedef struct clock_start_t {
    const char *spec;
    apr_time_t at;
} clock_start_t;

/* When the clock was first set to this, as long as the process lives. */
static apr_time_t kept_start(const char *spec, apr_pool_t *process_pool)
{
    static const char key[] = "f1board:clock";
    clock_start_t *start = NULL;

    apr_pool_userdata_get((void **)&start, key, process_pool);
    if (!start || strcmp(start->spec, spec)) {
        start = apr_palloc(process_pool, sizeof(*start));
        start->spec = apr_pstrdup(process_pool, spec);
        start->at = apr_time_now();
        apr_pool_userdata_set(start, key, NULL, process_pool);
    }
    return start->at;
}

const char *f1_config_clock(server_rec *main_server)
{
    const char *spec = f1_config_server(main_server)->clock;
    const char *text = getenv("F1_CLOCK_START");
    apr_int64_t start;

    if (!spec) {
        return f1_clock_set(NULL, 0) == APR_SUCCESS ? NULL : "the clock cannot be set";
    }
    if (!text || !*text) {
        start = kept_start(spec, main_server->process->pool);
    }
    else if (!f1_str_to_int64(text, &start)) {
        return "F1_CLOCK_START in the environment should be microseconds since 1970";
    }
    return f1_clock_set(spec, start) == APR_SUCCESS ? NULL : "F1BoardClock cannot be set";
}
