/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Files of sql/api. Reading goes in three steps: header lines one by one, then the SQL, then what only shows when both
 * are known (unused parameters, examples). A step is left out where earlier complaints would only breed more. */

#include "sqlroute.h"

#include <string.h>

#include <apr_lib.h>
#include <apr_strings.h>

#include "base/body.h"
#include "sqlheader.h"
#include "sqlparam.h"
#include "sqltext.h"

#define TEMPLATE_MAX 200 /* bytes */
#define DOMAINS_MAX 8
#define EXAMPLES_MAX 32
#define SCHEMAS_MAX 16
#define MEDIA_MAX 8
#define MAX_AGE (365 * 24 * 3600)

typedef struct file_t {
    const sqlfile_place_t *place;
    complaints_t *complaints;
    apr_pool_t *pool;
    sqltext_t *body;
    sqltext_t *exists;
    sqlroute_t *read;
    f1_route_t *route; /* &read->route */
    f1_param_t params[F1_ROUTE_MAX_PARAMS];
    sqlparam_presence_t presence[F1_ROUTE_MAX_PARAMS];
    int param_lines[F1_ROUTE_MAX_PARAMS];
    int used[F1_ROUTE_MAX_PARAMS];
    const char *templates[SQLROUTE_MAX_TEMPLATES + 1];
    int template_count;
    const char *examples[EXAMPLES_MAX + 1];
    const char *bodies[EXAMPLES_MAX + 1];
    int example_lines[EXAMPLES_MAX];
    int example_count;
    f1_schema_t schemas[SCHEMAS_MAX + 1];
    int schema_count;
    const char *media[MEDIA_MAX + 1];
    const char *listen_name; /* the value that notices name; NULL: they are not listened to */
    int auth_line, answer_line, status_line, location_line, noun_line, query_line, media_line, listen_line, until_line,
        body_line;
} file_t;

static const struct {
    const char *name;
    int method;
} methods[] = {{"GET", F1_GET}, {"POST", F1_POST}, {"PUT", F1_PUT}, {"PATCH", F1_PATCH}, {"DELETE", F1_DELETE}};

static const struct {
    const char *name;
    f1_answer_t answer;
} answers[] = {{"list", F1_ANSWER_LIST}, {"stream", F1_ANSWER_STREAM}, {"one", F1_ANSWER_ONE},
               {"json", F1_ANSWER_JSON}, {"none", F1_ANSWER_NONE},     {"events", F1_ANSWER_EVENTS}};

/* :name that no header declares, and who may ask where it has a value. */
static const struct {
    const char *name;
    int bind;
    f1_auth_t least;
} built_in[] = {{"now", F1_BIND_NOW, F1_AUTH_OPEN},
                {"me", F1_BIND_ME, F1_AUTH_USER},
                {"my_role", F1_BIND_MY_ROLE, F1_AUTH_USER},
                {"my_session", F1_BIND_MY_SESSION, F1_AUTH_USER},
                {"my_via", F1_BIND_MY_VIA, F1_AUTH_USER},
                {"my_key", F1_BIND_MY_KEY, F1_AUTH_USER}};

#define BUILT_IN (int)(sizeof(built_in) / sizeof(built_in[0]))

static const struct {
    const char *name;
    f1_auth_t auth;
} auths[] = {{"open", F1_AUTH_OPEN},
             {"public", F1_AUTH_PUBLIC},
             {"user", F1_AUTH_USER},
             {"admin", F1_AUTH_ADMIN},
             {"apikey", F1_AUTH_SCOPE}};

#define AUTHS (sizeof(auths) / sizeof(auths[0]))

#define COMPLAIN(at, ...) complain(file->complaints, file->place->file, (at), __VA_ARGS__)

/* --- header lines */

/* The name in the "{name}" that is the segment, or NULL. As the last one it may be "{name*}". */
static const char *segment_param(const char *segment, size_t len, apr_pool_t *pool)
{
    int takes_rest = len > 3 && segment[len - 2] == '*' && !segment[len];

    return len > 2 && segment[0] == '{' && segment[len - 1] == '}'
               ? apr_pstrmemdup(pool, segment + 1, len - 2 - (size_t)takes_rest)
               : NULL;
}

/* Whether template has this parameter, from its beginning or from a slash on. */
static int has_param(const char *template, const char *name, apr_pool_t *pool)
{
    return strstr(template, apr_pstrcat(pool, "{", name, "}", NULL)) ||
           strstr(template, apr_pstrcat(pool, "{", name, "*}", NULL));
}

static int is_segment(const char *segment, size_t len, apr_pool_t *pool)
{
    const char *param = segment_param(segment, len, pool);

    if (param) {
        return sqltext_is_name(param);
    }
    return len > 0 && *segment != '.' && strspn(segment, "abcdefghijklmnopqrstuvwxyz0123456789_-.") >= len;
}

static int is_template(const char *path, apr_pool_t *pool)
{
    if (!strcmp(path, "/")) {
        return 1;
    }
    if (*path != '/' || strlen(path) > TEMPLATE_MAX) {
        return 0;
    }
    while (*path) {
        size_t len = strcspn(path + 1, "/");

        if (!is_segment(path + 1, len, pool)) {
            return 0;
        }
        path += 1 + len;
    }
    return 1;
}

static int method_of(const char *name)
{
    size_t i;

    for (i = 0; name && i < sizeof(methods) / sizeof(methods[0]); i++) {
        if (!strcmp(methods[i].name, name)) {
            return methods[i].method;
        }
    }
    return 0;
}

static void read_route(void *baton, const sqlheader_line_t *line)
{
    file_t *file = baton;
    const char *text = line->value, *name = sqlheader_word(&text, file->pool);
    const char *path = sqlheader_word(&text, file->pool);
    int method = method_of(name);

    if (!method) {
        COMPLAIN(line->line, "unknown method '%s'; methods are GET, POST, PUT, PATCH, DELETE", name);
    }
    else if (!path || sqlheader_word(&text, file->pool)) {
        COMPLAIN(line->line, "a route is: METHOD /path");
    }
    else if (!is_template(path, file->pool)) {
        COMPLAIN(line->line, "'%s' is no path of lower-case words and {parameters} without a slash at its end", path);
    }
    else if (file->route->method && file->route->method != method) {
        COMPLAIN(line->line, "all routes of a file have one method");
    }
    else if (file->template_count == SQLROUTE_MAX_TEMPLATES) {
        COMPLAIN(line->line, "more than %d routes", SQLROUTE_MAX_TEMPLATES);
    }
    else {
        file->route->method = method;
        file->read->lines[file->template_count] = line->line;
        file->templates[file->template_count++] = path;
    }
}

static void read_summary(void *baton, const sqlheader_line_t *line)
{
    file_t *file = baton;

    sqlfile_check_summary(file->place, line->value, line->line, file->complaints);
    file->route->summary = line->value;
}

static int param_index(const file_t *file, const char *name)
{
    int i;

    for (i = 0; i < file->route->param_count; i++) {
        if (!strcmp(file->params[i].name, name)) {
            return i;
        }
    }
    return -1;
}

static void read_param(void *baton, const sqlheader_line_t *line)
{
    file_t *file = baton;
    int i = file->route->param_count;
    sqlparam_presence_t presence;
    f1_param_t param;

    sqlparam_read(&param, &presence, line->value, file->place->file, line->line, file->complaints, file->pool);
    if (!param.name) {
        return;
    }
    if (param_index(file, param.name) >= 0) {
        COMPLAIN(line->line, "'%s' is declared already on line %d", param.name,
                 file->param_lines[param_index(file, param.name)]);
    }
    else if (i == F1_ROUTE_MAX_PARAMS) {
        COMPLAIN(line->line, "more than %d parameters", F1_ROUTE_MAX_PARAMS);
    }
    else {
        file->params[i] = param;
        file->presence[i] = presence;
        file->param_lines[i] = line->line;
        file->route->param_count++;
    }
}

static void read_auth(void *baton, const sqlheader_line_t *line)
{
    file_t *file = baton;
    const char *text = line->value, *word = sqlheader_word(&text, file->pool);
    const char *scope = sqlheader_word(&text, file->pool);
    size_t i;

    file->auth_line = line->line;
    for (i = 0; i < AUTHS && strcmp(auths[i].name, word); i++) {
    }
    if (i == AUTHS || (scope && auths[i].auth < F1_AUTH_ADMIN) || (!scope && auths[i].auth == F1_AUTH_SCOPE) ||
        sqlheader_word(&text, file->pool)) {
        COMPLAIN(line->line, "auth is: open, public, user, admin, admin and a scope, or apikey and a scope");
        return;
    }
    if (scope && !f1_scope_is_valid(scope)) {
        COMPLAIN(line->line, "'%s' cannot be a scope", scope);
    }
    file->route->auth = auths[i].auth;
    file->route->scope = scope;
}

/* Only what a route can be in: the other classes are of whoever asks, and of what went wrong. */
static void read_limit(void *baton, const sqlheader_line_t *line)
{
    file_t *file = baton;
    f1_limit_class_t limit;

    for (limit = F1_LIMIT_LOGIN; limit < F1_LIMIT_FAILURES && strcmp(f1_limit_names[limit], line->value); limit++) {
    }
    if (limit == F1_LIMIT_FAILURES) {
        COMPLAIN(line->line, "limit is: login, register or refresh");
        return;
    }
    file->route->limit = limit;
}

/* "30s", "5m", "1h", "7d" in seconds, 0 when it is none or too long. */
static int age_of(const char *text)
{
    size_t len = strlen(text);
    apr_int64_t count, unit;

    if (len < 2 || len > 9 || !apr_isdigit(text[0])) {
        return 0;
    }
    switch (text[len - 1]) {
    case 's':
        unit = 1;
        break;
    case 'm':
        unit = 60;
        break;
    case 'h':
        unit = 3600;
        break;
    case 'd':
        unit = 24 * 3600;
        break;
    default:
        return 0;
    }
    count = 0;
    for (; apr_isdigit(*text); text++) {
        count = count * 10 + (*text - '0');
    }
    return text[1] || count * unit > MAX_AGE ? 0 : (int)(count * unit);
}

static void read_cache(void *baton, const sqlheader_line_t *line)
{
    file_t *file = baton;
    const char **domains = apr_pcalloc(file->pool, (DOMAINS_MAX + 1) * sizeof(*domains));
    const char *text = line->value, *word = sqlheader_word(&text, file->pool), *next;
    int count = 0;

    file->read->cache_line = line->line;
    file->route->domains = domains;
    if (!strcmp(line->value, "none")) {
        return;
    }
    for (; (next = sqlheader_word(&text, file->pool)) != NULL; word = next) {
        if (count == DOMAINS_MAX || !sqltext_is_name(word)) {
            COMPLAIN(line->line, "'%s' cannot be %s", word, count == DOMAINS_MAX ? "one more domain" : "a data domain");
            return;
        }
        domains[count++] = word;
    }
    file->route->max_age = age_of(word);
    if (!file->route->max_age) {
        COMPLAIN(
            line->line,
            "cache is: none, or how long, after data domains if there are any: 'results 1h' (s, m, h, d; to 365d)");
    }
}

static void read_result(void *baton, const sqlheader_line_t *line)
{
    file_t *file = baton;
    size_t i;

    for (i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
        if (!strcmp(answers[i].name, line->value)) {
            file->route->answer = answers[i].answer;
            file->answer_line = line->line;
            return;
        }
    }
    COMPLAIN(line->line, "unknown result '%s'; results are list, stream, one, json, none, events", line->value);
}

static void read_status(void *baton, const sqlheader_line_t *line)
{
    file_t *file = baton;

    file->status_line = line->line;
    if (!strcmp(line->value, "201")) {
        file->route->status = 201; /* Created */
    }
    else if (!strcmp(line->value, "202")) {
        file->route->status = 202; /* Accepted */
    }
    else {
        COMPLAIN(line->line, "status is: 201 or 202; others follow from the result");
    }
}

static void read_location(void *baton, const sqlheader_line_t *line)
{
    file_t *file = baton;

    if (!is_template(line->value, file->pool) || strstr(line->value, "*}")) {
        COMPLAIN(line->line, "a location is a path of lower-case words and {columns}");
    }
    file->location_line = line->line;
    file->route->location = line->value;
}

static void read_match(void *baton, const sqlheader_line_t *line)
{
    file_t *file = baton;

    if (strcmp(line->value, "optional") && strcmp(line->value, "required")) {
        COMPLAIN(line->line, "match is: optional or required");
    }
    file->read->match_line = line->line;
    file->route->match_required = *line->value == 'r';
}

static void read_noun(void *baton, const sqlheader_line_t *line)
{
    file_t *file = baton;

    sqlfile_check_summary(file->place, line->value, line->line, file->complaints);
    file->route->noun = line->value;
    file->noun_line = line->line;
}

static void read_exists(void *baton, const sqlheader_line_t *line)
{
    file_t *file = baton;

    file->exists = sqltext_scan(line->value, file->place->file, line->line, file->complaints, file->pool);
    if (strcmp(file->exists->first_word, "select")) {
        COMPLAIN(line->line, "exists is a SELECT on one line");
    }
}

static void read_handler(void *baton, const sqlheader_line_t *line)
{
    file_t *file = baton;

    if (strncmp(line->value, "c ", 2) || !sqltext_is_name(line->value + 2)) {
        COMPLAIN(line->line, "a handler is: c name");
    }
    file->route->handler = line->value[1] ? line->value + 2 : line->value;
}

static void read_query(void *baton, const sqlheader_line_t *line)
{
    file_t *file = baton;

    if (strcmp(line->value, "any")) {
        COMPLAIN(line->line, "query is: any");
    }
    file->route->any_query = 1;
    file->query_line = line->line;
}

static void read_body(void *baton, const sqlheader_line_t *line)
{
    file_t *file = baton;

    if (strcmp(line->value, "any")) {
        COMPLAIN(line->line, "body is: any");
        return;
    }
    file->route->any_body = 1;
    file->body_line = line->line;
}

/* A schema of sql/openapi.json, whose names begin with a capital. */
static int is_schema(const char *name)
{
    return apr_isupper(*name) && !name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")];
}

static int is_status(const char *word)
{
    return strlen(word) == 3 && strspn(word, "0123456789") == 3 && *word >= '2' && *word <= '5';
}

static void read_schema(void *baton, const sqlheader_line_t *line)
{
    file_t *file = baton;
    const char *text = line->value, *first = sqlheader_word(&text, file->pool);
    const char *second = sqlheader_word(&text, file->pool), *name = second ? second : first;

    if (file->schema_count == SCHEMAS_MAX) {
        COMPLAIN(line->line, "more than %d schemas", SCHEMAS_MAX);
    }
    else if (!is_schema(name) || (second && !sqltext_is_name(first) && !is_status(first)) ||
             sqlheader_word(&text, file->pool)) {
        COMPLAIN(line->line, "schema is: Name, or a column or status and the Name");
    }
    else {
        file->schemas[file->schema_count++] = (f1_schema_t){second ? first : NULL, name};
    }
}

/* "text/css", in lower case and without parameters. */
static int is_media_type(const char *type)
{
    size_t main_len = strspn(type, "abcdefghijklmnopqrstuvwxyz0123456789.+-");

    return main_len > 0 && type[main_len] == '/' && type[main_len + 1] &&
           !type[main_len + 1 + strspn(type + main_len + 1, "abcdefghijklmnopqrstuvwxyz0123456789.+-")];
}

static void read_media(void *baton, const sqlheader_line_t *line)
{
    file_t *file = baton;
    const char *text = line->value, *type;
    int count = 0;

    file->media_line = line->line;
    while ((type = sqlheader_word(&text, file->pool)) != NULL) {
        if (count == MEDIA_MAX || !is_media_type(type)) {
            COMPLAIN(line->line, "'%s' cannot be %s", type,
                     count == MEDIA_MAX ? "one more media type" : "a media type");
            return;
        }
        file->media[count++] = type;
    }
}

/* A target has no blanks; what follows one is the body. */
static void read_example(void *baton, const sqlheader_line_t *line)
{
    file_t *file = baton;
    const char *body = line->value, *target = sqlheader_word(&body, file->pool);

    if (file->example_count == EXAMPLES_MAX) {
        COMPLAIN(line->line, "more than %d examples", EXAMPLES_MAX);
        return;
    }
    file->example_lines[file->example_count] = line->line;
    file->bodies[file->example_count] = body + strspn(body, " \t");
    file->examples[file->example_count++] = target;
}

static void read_listen(void *baton, const sqlheader_line_t *line)
{
    file_t *file = baton;
    const char *text = line->value, *channel = sqlheader_word(&text, file->pool);
    const char *name = sqlheader_word(&text, file->pool);

    if (!sqltext_is_name(channel) || !name || !sqltext_is_name(name) || sqlheader_word(&text, file->pool)) {
        COMPLAIN(line->line, "listen is: a channel, and the parameter that its notices name");
    }
    file->listen_line = line->line;
    file->listen_name = name;
    file->route->listen = channel;
}

static void read_until(void *baton, const sqlheader_line_t *line)
{
    file_t *file = baton;

    if (!sqltext_is_name(line->value)) {
        COMPLAIN(line->line, "until is: a column");
    }
    file->until_line = line->line;
    file->route->until = line->value;
}

static const sqlheader_key_t keys[] = {
    {"route", 1, 1, read_route},     {"summary", 1, 0, read_summary}, {"param", 0, 1, read_param},
    {"auth", 1, 0, read_auth},       {"limit", 0, 0, read_limit},     {"cache", 1, 0, read_cache},
    {"result", 1, 0, read_result},   {"status", 0, 0, read_status},   {"location", 0, 0, read_location},
    {"match", 0, 0, read_match},     {"noun", 0, 0, read_noun},       {"exists", 0, 0, read_exists},
    {"handler", 0, 0, read_handler}, {"query", 0, 0, read_query},     {"schema", 0, 1, read_schema},
    {"media", 0, 0, read_media},     {"listen", 0, 0, read_listen},   {"until", 0, 0, read_until},
    {"body", 0, 0, read_body},       {"example", 1, 1, read_example}, {NULL, 0, 0, NULL},
};

/* --- what the lines mean together */

static void check_template(file_t *file, const char *template, int line)
{
    while (*template && template[1]) {
        size_t len = strcspn(template + 1, "/");
        const char *name = segment_param(template + 1, len, file->pool);
        int i = name ? param_index(file, name) : -1;

        if (name && (i < 0 || file->params[i].in != F1_IN_PATH)) {
            COMPLAIN(line, "{%s} is not declared as a path parameter", name);
        }
        template += 1 + len;
        if (name && has_param(template, name, file->pool)) {
            COMPLAIN(line, "{%s} stands twice in one path", name);
        }
    }
}

/* A path parameter must be given where all templates have it. */
static void check_path_param(file_t *file, int i)
{
    f1_param_t *param = &file->params[i];
    int count = 0, j;

    for (j = 0; j < file->template_count; j++) {
        count += has_param(file->templates[j], param->name, file->pool);
    }
    if (!count) {
        COMPLAIN(file->param_lines[i], "no path has {%s}", param->name);
        return;
    }
    param->required = count == file->template_count;
    if (param->required && (file->presence[i] == SQLPARAM_OPTIONAL || param->fallback)) {
        COMPLAIN(file->param_lines[i], "'%s' cannot be absent: every path has it", param->name);
    }
    else if (!param->required && file->presence[i] == SQLPARAM_REQUIRED) {
        COMPLAIN(file->param_lines[i], "'%s' cannot be required: not every path has it", param->name);
    }
}

static void check_paths(file_t *file)
{
    int i;

    for (i = 0; i < file->template_count; i++) {
        check_template(file, file->templates[i], file->read->lines[i]);
    }
    for (i = 0; i < file->route->param_count && file->template_count; i++) {
        if (file->params[i].in == F1_IN_PATH) {
            check_path_param(file, i);
        }
    }
}

/* What HTTP lets a method have, and what it would mean. */
static void check_method(file_t *file)
{
    int method = file->route->method, i;

    for (i = 0; i < file->route->param_count && method; i++) {
        const f1_param_t *param = &file->params[i];

        if (param->in != F1_IN_BODY) {
            continue;
        }
        if (method == F1_GET) {
            COMPLAIN(file->param_lines[i], "requests with this method have no body");
        }
        if (method == F1_PATCH && param->fallback) {
            COMPLAIN(file->param_lines[i], "'%s' can have no default: a PATCH leaves alone what it does not name",
                     param->name);
        }
    }
    if (file->body_line && method && method != F1_POST) {
        COMPLAIN(file->body_line, "only a POST can have any body");
    }
    if (file->status_line && method && !(method & (F1_POST | F1_PUT))) {
        COMPLAIN(file->status_line, "only POST and PUT create");
    }
    if (file->status_line && file->answer_line && file->route->answer != F1_ANSWER_ONE &&
        file->route->answer != F1_ANSWER_JSON) {
        COMPLAIN(file->status_line, "what has this status is one row or json");
    }
    if (file->read->match_line && method && !(method & (F1_PUT | F1_PATCH | F1_DELETE))) {
        COMPLAIN(file->read->match_line, "only PUT, PATCH and DELETE change what is there");
    }
    if (file->location_line && (file->route->status != 201 || file->route->answer != F1_ANSWER_ONE)) {
        COMPLAIN(file->location_line, "a location belongs to one row with status 201");
    }
}

static int has_body(const file_t *file)
{
    return file->body->len > 0;
}

static void check_handler(file_t *file)
{
    if (has_body(file)) {
        COMPLAIN(file->body->line, "a route has either SQL or a handler");
    }
    if (file->exists) {
        COMPLAIN(file->exists->line, "exists belongs to a list that is SQL");
    }
    if (file->location_line) {
        COMPLAIN(file->location_line, "a handler tells the location itself");
    }
}

static int has_rows(const file_t *file)
{
    return file->route->answer == F1_ANSWER_LIST || file->route->answer == F1_ANSWER_STREAM;
}

/* What clients are told of again and again is read again and again. */
static void check_events(file_t *file)
{
    const f1_route_t *route = file->route;
    int is_events = file->answer_line && route->answer == F1_ANSWER_EVENTS;

    if (is_events && route->method && route->method != F1_GET) {
        COMPLAIN(file->answer_line, "events are read with GET");
    }
    if (is_events && file->read->cache_line && (route->max_age || route->domains[0])) {
        COMPLAIN(file->read->cache_line, "events are not cached; they have 'cache: none'");
    }
    if (is_events && route->handler) {
        COMPLAIN(file->answer_line, "events are rows; a handler has none");
    }
    if (is_events && !file->listen_line) {
        COMPLAIN(file->answer_line, "events need a channel to listen to");
    }
    if (!is_events && file->listen_line) {
        COMPLAIN(file->listen_line, "only events listen");
    }
    if (!is_events && file->until_line) {
        COMPLAIN(file->until_line, "only events go on until something");
    }
}

/* A stream is a list that has one page. */
static void check_list(file_t *file)
{
    if (file->route->method != F1_GET) {
        COMPLAIN(file->answer_line, "a list is read with GET");
    }
    if (!file->body->order_by) {
        COMPLAIN(file->body->line, "a list needs an ORDER BY, or its pages overlap");
    }
    if (file->body->limit_line) {
        COMPLAIN(file->body->limit_line, "a list has no LIMIT, OFFSET, FETCH or FOR of its own; they are added");
    }
}

static void check_body(file_t *file)
{
    int is_list = file->answer_line && has_rows(file);

    if (!has_body(file)) {
        COMPLAIN(file->body->line, "the file has neither SQL nor a handler");
        return;
    }
    if (file->route->any_query) {
        COMPLAIN(file->query_line, "only a handler can read any query");
    }
    if (file->route->method == F1_GET && strcmp(file->body->first_word, "select") &&
        strcmp(file->body->first_word, "with")) {
        COMPLAIN(file->body->line, "GET needs a statement that begins with SELECT or WITH");
    }
    if (is_list) {
        check_list(file);
    }
    if (file->media_line) {
        COMPLAIN(file->media_line, "rows come in the media types of rows; only a handler has others");
    }
    if (file->exists && !is_list) {
        COMPLAIN(file->exists->line, "exists belongs to a list that is SQL");
    }
    if (file->exists && !file->route->noun) {
        COMPLAIN(file->exists->line, "exists needs a noun to say what does not exist");
    }
    if (is_list && file->route->noun && !file->exists) {
        COMPLAIN(file->noun_line, "the noun of a list needs an exists that looks for it");
    }
}

/* Index in built_in, or -1. */
static int built_in_index(const char *name)
{
    int i;

    for (i = 0; i < BUILT_IN; i++) {
        if (!strcmp(built_in[i].name, name)) {
            return i;
        }
    }
    return -1;
}

static void check_built_in(file_t *file, const sqltext_use_t *use)
{
    int i = built_in_index(use->name);

    if (i < 0) {
        COMPLAIN(use->line, ":%s is not declared", use->name);
    }
    else if (file->auth_line && file->route->auth < built_in[i].least) {
        COMPLAIN(use->line, ":%s has no value where anybody may ask", use->name);
    }
}

/* What notices name is one of the statement's parameters. */
static void check_listen(file_t *file)
{
    int i = file->listen_name ? param_index(file, file->listen_name) : -1;
    const sqltext_use_t use = {.name = file->listen_name, .line = file->listen_line};

    if (file->listen_name && i < 0) {
        check_built_in(file, &use);
    }
}

/* The parameter of the body whose presence a name asks for, "bio_given"; -1: it asks for none. */
static int given_index(const file_t *file, const char *name)
{
    size_t len = strlen(name), suffix = sizeof("_given") - 1;
    int index;

    if (len <= suffix || strcmp(name + len - suffix, "_given")) {
        return -1;
    }
    index = param_index(file, apr_pstrmemdup(file->pool, name, len - suffix));
    return index >= 0 && file->params[index].in == F1_IN_BODY ? index : -1;
}

static void check_uses(file_t *file, const sqltext_t *sql)
{
    int i;

    for (i = 0; i < sql->uses->nelts; i++) {
        const sqltext_use_t *use = &APR_ARRAY_IDX(sql->uses, i, sqltext_use_t);
        int index = param_index(file, use->name);

        if (index >= 0) {
            file->used[index] = 1;
        }
        else if (given_index(file, use->name) < 0) {
            check_built_in(file, use);
        }
    }
}

static void check_params(file_t *file)
{
    int i;

    check_uses(file, file->body);
    check_listen(file);
    if (file->exists) {
        check_uses(file, file->exists);
    }
    for (i = 0; i < file->route->param_count; i++) {
        if (!file->used[i] && !file->route->handler) {
            COMPLAIN(file->param_lines[i], "'%s' is never used", file->params[i].name);
        }
        if (given_index(file, file->params[i].name) >= 0) {
            COMPLAIN(file->param_lines[i], "'%s' tells whether another parameter is given", file->params[i].name);
        }
    }
}

/* An example must be answered by its own route, with values that pass. */
static void check_example(file_t *file, const char *target, const char *body, int line)
{
    int takes_body = f1_route_takes_body(file->route);
    size_t path_len = strcspn(target, "?");
    const char *path = f1_param_decode(target, path_len, 0, file->pool);
    f1_result_t *res = f1_result_make(file->pool);
    f1_request_t request;
    f1_match_t match;

    if (!path || !f1_route_find(file->route, 1, file->route->method, path, &match, file->pool)) {
        COMPLAIN(line, "the example matches no route of this file");
    }
    else if (f1_param_check(&request, &match, target[path_len] ? target + path_len + 1 : NULL, 0, 0, file->pool, res)) {
        COMPLAIN(line, "the example is refused: %s", f1_result_text(res, file->pool));
    }
    else if (takes_body != !!*body) {
        COMPLAIN(line, takes_body ? "the example needs a body behind its path" : "the example takes no body");
    }
    else if (takes_body && f1_body_check(&request, body, strlen(body), file->pool, res)) {
        COMPLAIN(line, "the example is refused: %s", f1_result_text(res, file->pool));
    }
}

/* --- statements */

static int bind_of(const file_t *file, const char *name)
{
    int i = param_index(file, name);

    if (i >= 0) {
        return i;
    }
    i = built_in_index(name);
    if (i >= 0) {
        return built_in[i].bind;
    }
    i = given_index(file, name);
    if (i >= 0) {
        return F1_BIND_GIVEN - i;
    }
    return strcmp(name, "offset") ? F1_BIND_LIMIT : F1_BIND_OFFSET; /* which lists end in */
}

/* A statement of this file. All but the query itself only read. */
static f1_bound_t bound(file_t *file, const char *suffix, const char *sql, const apr_array_header_t *names)
{
    int *binds = apr_pcalloc(file->pool, (size_t)(names->nelts + 1) * sizeof(*binds)), i;
    f1_statement_t *statement = sqlfile_statement(file->place, suffix, sql, names, file->complaints, file->pool);

    statement->read_only = *suffix || file->route->method == F1_GET;
    for (i = 0; i < names->nelts; i++) {
        binds[i] = bind_of(file, APR_ARRAY_IDX(names, i, const char *));
    }
    return (f1_bound_t){statement, binds};
}

static apr_array_header_t *no_names(file_t *file)
{
    return apr_array_make(file->pool, 8, sizeof(const char *));
}

/* The count leaves the ORDER BY out: sorting, and joins that only serve it, would be done for nothing. */
static void make_list_statements(file_t *file)
{
    apr_array_header_t *names = no_names(file);
    const char *sql = sqltext_number(file->body, file->body->len, names, file->pool);

    APR_ARRAY_PUSH(names, const char *) = "limit";
    APR_ARRAY_PUSH(names, const char *) = "offset";
    sql = apr_psprintf(file->pool, "%s\nLIMIT $%d OFFSET $%d", sql, names->nelts - 1, names->nelts);
    file->route->query = bound(file, "", sql, names);

    names = no_names(file);
    sql = sqltext_number(file->body, file->body->order_by, names, file->pool);
    sql = apr_pstrcat(file->pool, "SELECT count(*) FROM (\n", sql, "\n) AS page", NULL);
    file->route->count = bound(file, "_count", sql, names);
}

static void make_statements(file_t *file)
{
    apr_array_header_t *names = no_names(file);

    if (file->route->handler) {
        return;
    }
    if (file->exists) {
        const char *sql = sqltext_number(file->exists, file->exists->len, names, file->pool);

        file->route->exists = bound(file, "_exists", sql, names);
        names = no_names(file);
    }
    if (file->route->answer == F1_ANSWER_LIST) {
        make_list_statements(file);
        return;
    }
    file->route->query = bound(file, "", sqltext_number(file->body, file->body->len, names, file->pool), names);
}

static void finish_route(file_t *file)
{
    f1_route_t *route = file->route;
    int i;

    route->name = apr_pstrcat(file->pool, file->place->area, "/", file->place->name, NULL);
    route->file = apr_pstrcat(file->pool, "sql/api/", route->name, ".sql", NULL);
    route->area = file->place->area;
    route->params = file->params;
    if (route->listen) {
        route->listen_bind = bind_of(file, file->listen_name);
        file->media[0] = "text/event-stream";
    }
    route->examples = file->examples;
    route->bodies = f1_route_takes_body(route) ? file->bodies : NULL;
    for (i = 0; i < file->example_count; i++) {
        check_example(file, file->examples[i], file->bodies[i], file->example_lines[i]);
    }
}

/* What one may see another should not find in a cache, and what changes something is no public reading. */
static void check_access(file_t *file)
{
    const f1_route_t *route = file->route;

    if (file->read->cache_line && route->max_age && route->method && route->method != F1_GET) {
        COMPLAIN(file->read->cache_line, "only GET is cached");
    }
    else if (file->read->cache_line && route->max_age && route->auth > F1_AUTH_PUBLIC) {
        COMPLAIN(file->read->cache_line, "only what anybody may ask is cached; others need 'cache: none'");
    }
    if (file->auth_line && route->auth == F1_AUTH_PUBLIC && route->method && route->method != F1_GET) {
        COMPLAIN(file->auth_line, "public is for GET; what anybody may change has 'auth: open'");
    }
}

sqlroute_t *sqlroute_read(const sqlfile_place_t *place, const char *data, complaints_t *complaints, apr_pool_t *pool)
{
    file_t *file = apr_pcalloc(pool, sizeof(*file));
    int before = complaints->list->nelts, line;
    const char *rest;

    file->place = place;
    file->complaints = complaints;
    file->pool = pool;
    file->read = apr_pcalloc(pool, sizeof(*file->read));
    file->read->path = place->file;
    file->route = &file->read->route;
    file->route->templates = file->templates;
    file->route->schemas = file->schemas;
    file->route->media = file->media;
    file->media[0] = "application/json";
    rest = sqlheader_read(place->file, data, keys, file, &line, complaints, pool);
    file->body = sqltext_scan(rest, place->file, line, complaints, pool);
    check_paths(file);
    check_access(file);
    check_method(file);
    check_events(file);
    if (file->route->handler) {
        check_handler(file);
    }
    else {
        check_body(file);
    }
    check_params(file);
    if (complaints->list->nelts > before) {
        return file->read;
    }
    make_statements(file);
    finish_route(file);
    return file->read;
}
