/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* What all SQL files have in common, and files of sql/stmt, whose header says little. */

#include "sqlfile.h"

#include <string.h>

#include <apr_strings.h>

#include "base/str.h"
#include "sqlheader.h"
#include "sqltext.h"

#define STATEMENT_NAME_MAX 63 /* PostgreSQL's NAMEDATALEN - 1 */
#define PARAMS_MAX 64
#define FILTERS ":filters"

typedef struct file_t {
    const sqlfile_place_t *place;
    apr_array_header_t *names; /* of const char *: what "params" declares */
    int names_line;
    int is_read_only;
    apr_array_header_t *filters; /* of f1_filter_t */
    complaints_t *complaints;
    apr_pool_t *pool;
} file_t;

#define COMPLAIN(at, ...) complain(file->complaints, file->place->file, (at), __VA_ARGS__)

int sqlfile_is_clean(const char *path, const char *data, size_t len, size_t max, complaints_t *complaints)
{
    int line = 1;
    size_t i;

    if (len > max) {
        complain(complaints, path, 1, "the file has more than %" APR_SIZE_T_FMT " bytes", max);
        return 0;
    }
    if (!f1_str_is_utf8(data, len)) {
        complain(complaints, path, 1, "the file is not UTF-8 without NUL");
        return 0;
    }
    for (i = 0; i < len; i++) {
        unsigned char c = (unsigned char)data[i];

        if (c == '\r') {
            complain(complaints, path, line, "lines end with LF alone, not CR LF");
            return 0;
        }
        if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f) {
            complain(complaints, path, line, "control character 0x%02x", c);
            return 0;
        }
        line += c == '\n';
    }
    return 1;
}

void sqlfile_check_summary(const sqlfile_place_t *place, const char *summary, int line, complaints_t *complaints)
{
    if (strlen(summary) > SQLFILE_MAX_SUMMARY) {
        complain(complaints, place->file, line, "more than %d bytes", SQLFILE_MAX_SUMMARY);
    }
}

f1_statement_t *sqlfile_statement(const sqlfile_place_t *place, const char *suffix, const char *sql,
                                  const apr_array_header_t *names, complaints_t *complaints, apr_pool_t *pool)
{
    f1_statement_t *statement = apr_pcalloc(pool, sizeof(*statement));

    statement->name = apr_pstrcat(pool, "f1b_", place->area, "_", place->name, suffix, NULL);
    statement->sql = sql;
    statement->param_count = names->nelts;
    statement->param_names = (const char *const *)names->elts;
    if (strlen(statement->name) > STATEMENT_NAME_MAX) {
        complain(complaints, place->file, 1,
                 "the statement's name %s has more than %d bytes; choose a shorter file name", statement->name,
                 STATEMENT_NAME_MAX);
    }
    return statement;
}

static void read_summary(void *baton, const sqlheader_line_t *line)
{
    file_t *file = baton;

    sqlfile_check_summary(file->place, line->value, line->line, file->complaints);
}

static void read_params(void *baton, const sqlheader_line_t *line)
{
    file_t *file = baton;
    const char *text = line->value;

    file->names_line = line->line;
    while (*text) {
        size_t len = strcspn(text, ", \t");
        const char *name = apr_pstrmemdup(file->pool, text, len);

        if (!sqltext_is_name(name)) {
            COMPLAIN(line->line, "'%s' cannot name a parameter; params is: first, second, …", name);
            return;
        }
        if (sqltext_find_name(file->names, name) >= 0) {
            COMPLAIN(line->line, "'%s' stands twice", name);
        }
        if (file->names->nelts == PARAMS_MAX) {
            COMPLAIN(line->line, "more than %d parameters", PARAMS_MAX);
            return;
        }
        APR_ARRAY_PUSH(file->names, const char *) = name;
        text += len;
        text += strspn(text, " \t");
        text += *text == ',';
        text += strspn(text, " \t");
    }
}

/* --- filters */

/* How each type of f1_filter_type_t is called, and the condition it makes: $ stands for the name. */
static const struct {
    const char *name, *condition;
} filter_types[] = {
    {"number", "(:$::nummultirange IS NULL OR $::numeric <@ :$)"},
    {"text", "(:$::text_ranges IS NULL OR $ <@ :$)"},
    {"verbatim", "(:$::text_ranges IS NULL OR $ <@ :$)"},
    {"boolean", "(:$::boolean_ranges IS NULL OR $ <@ :$)"},
    {"time", "(:$::tstzmultirange IS NULL OR $ <@ :$)"},
    {"json", "(:$::nummultirange IS NULL OR json_is_in($, :$, :$_text))"},
};

#define FILTER_TYPES (int)(sizeof(filter_types) / sizeof(filter_types[0]))

static void add_filter(file_t *file, const char *name, const char *type, int line)
{
    f1_filter_t filter = {.name = name, .param = file->names->nelts};
    int i;

    for (i = 0; i < FILTER_TYPES && strcmp(filter_types[i].name, type); i++) {
    }
    filter.type = (f1_filter_type_t)i;
    if (i == FILTER_TYPES || !sqltext_is_name(name)) {
        COMPLAIN(line, "'%s %s' is no filter: name and number, text, verbatim, boolean, time or json", name, type);
        return;
    }
    if (sqltext_find_name(file->names, name) >= 0) {
        COMPLAIN(line, "'%s' stands twice", name);
        return;
    }
    if (file->names->nelts >= PARAMS_MAX - 1) {
        COMPLAIN(line, "more than %d parameters", PARAMS_MAX);
        return;
    }
    APR_ARRAY_PUSH(file->filters, f1_filter_t) = filter;
    APR_ARRAY_PUSH(file->names, const char *) = name;
    if (filter.type == F1_FILTER_JSON) {
        APR_ARRAY_PUSH(file->names, const char *) = apr_pstrcat(file->pool, name, "_text", NULL);
    }
}

/* name type, name type, … */
static void read_filters(void *baton, const sqlheader_line_t *line)
{
    file_t *file = baton;
    char *state, *item, *list = apr_pstrdup(file->pool, line->value);

    file->names_line = line->line;
    for (item = apr_strtok(list, ",", &state); item; item = apr_strtok(NULL, ",", &state)) {
        const char *rest = item, *name = sqlheader_word(&rest, file->pool), *type = sqlheader_word(&rest, file->pool);

        add_filter(file, name ? name : "", type ? type : "", line->line);
    }
}

/* The condition of one filter. */
static const char *condition_of(const f1_filter_t *filter, apr_pool_t *pool)
{
    const char *text = filter_types[filter->type].condition, *condition = "", *mark;

    for (; (mark = strchr(text, '$')) != NULL; text = mark + 1) {
        condition =
            apr_pstrcat(pool, condition, apr_pstrmemdup(pool, text, (apr_size_t)(mark - text)), filter->name, NULL);
    }
    return apr_pstrcat(pool, condition, text, NULL);
}

/* The body with the conditions in place of :filters, on one line, so that lines keep their numbers. */
static const char *with_filters(file_t *file, const char *body)
{
    const char *at = strstr(body, FILTERS), *conditions = "";
    int i;

    if (!file->filters->nelts || !at) {
        return body;
    }
    for (i = 0; i < file->filters->nelts; i++) {
        conditions = apr_pstrcat(file->pool, conditions, i ? " AND " : "",
                                 condition_of(&APR_ARRAY_IDX(file->filters, i, f1_filter_t), file->pool), NULL);
    }
    return apr_pstrcat(file->pool, apr_pstrmemdup(file->pool, body, (apr_size_t)(at - body)), conditions,
                       at + strlen(FILTERS), NULL);
}

static void read_access(void *baton, const sqlheader_line_t *line)
{
    file_t *file = baton;

    file->is_read_only = !strcmp(line->value, "read");
    if (!file->is_read_only && strcmp(line->value, "write")) {
        COMPLAIN(line->line, "access is: read or write");
    }
}

static const sqlheader_key_t keys[] = {
    {"summary", 1, 0, read_summary},
    {"params", 0, 0, read_params},
    {"access", 0, 0, read_access},
    {"filters", 0, 1, read_filters},
    {NULL, 0, 0, NULL},
};

static void check_params(file_t *file, const sqltext_t *body)
{
    apr_array_header_t *used = apr_array_make(file->pool, 8, sizeof(const char *));
    int i;

    for (i = 0; i < body->uses->nelts; i++) {
        const sqltext_use_t *use = &APR_ARRAY_IDX(body->uses, i, sqltext_use_t);

        if (sqltext_find_name(file->names, use->name) < 0) {
            COMPLAIN(use->line, ":%s is not in params", use->name);
        }
        APR_ARRAY_PUSH(used, const char *) = use->name;
    }
    for (i = 0; i < file->names->nelts; i++) {
        const char *name = APR_ARRAY_IDX(file->names, i, const char *);

        if (sqltext_find_name(used, name) < 0) {
            COMPLAIN(file->names_line, "'%s' is never used", name);
        }
    }
}

f1_statement_t *sqlfile_read_statement(const sqlfile_place_t *place, const char *data, complaints_t *complaints,
                                       apr_pool_t *pool)
{
    file_t whole = {.place = place, .complaints = complaints, .pool = pool}, *file = &whole;
    f1_statement_t *statement;
    const char *rest, *sql;
    sqltext_t *body;
    int line;

    file->names = apr_array_make(pool, 8, sizeof(const char *));
    file->filters = apr_array_make(pool, 8, sizeof(f1_filter_t));
    rest = sqlheader_read(place->file, data, keys, file, &line, complaints, pool);
    rest = with_filters(file, rest);
    body = sqltext_scan(rest, place->file, line, complaints, pool);
    if (!body->len) {
        COMPLAIN(body->line, "the file has no SQL");
    }
    check_params(file, body);
    sql = sqltext_number(body, body->len, file->names, pool);
    statement = sqlfile_statement(place, "", sql, file->names, complaints, pool);
    statement->read_only = file->is_read_only;
    statement->filters = (const f1_filter_t *)file->filters->elts;
    statement->filter_count = file->filters->nelts;
    return statement;
}
