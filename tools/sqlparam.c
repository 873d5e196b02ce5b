/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Parameter declarations of endpoints. */

#include "sqlparam.h"

#include <string.h>

#include <apr_strings.h>

#include "base/param.h"
#include "base/str.h"
#include "sqlheader.h"
#include "sqltext.h"

#define INTEGER_BOUND APR_INT64_C(1000000000000000) /* a double holds these exactly, which JSON readers rely on */
#define TEXT_BOUND 10000
#define ENUM_MAX 32

typedef enum { PLAIN, RANGE, VALUES } argument_t;

static const struct {
    const char *name;
    f1_param_type_t type;
    argument_t argument;
    const char *form;
} types[] = {
    {"integer", F1_PARAM_INTEGER, RANGE, "integer(1950..2199)"},
    {"slug", F1_PARAM_SLUG, PLAIN, "slug"},
    {"date", F1_PARAM_DATE, PLAIN, "date"},
    {"timestamp", F1_PARAM_TIMESTAMP, PLAIN, "timestamp"},
    {"enum", F1_PARAM_ENUM, VALUES, "enum(first|second)"},
    {"uuid", F1_PARAM_UUID, PLAIN, "uuid"},
    {"text", F1_PARAM_TEXT, RANGE, "text(1..100)"},
    {"boolean", F1_PARAM_BOOLEAN, PLAIN, "boolean"},
    {"email", F1_PARAM_EMAIL, PLAIN, "email"},
    {"secret", F1_PARAM_SECRET, RANGE, "secret(8..72)"},
    {"words", F1_PARAM_WORDS, VALUES, "words(first|second)"},
    {"objects", F1_PARAM_OBJECTS, RANGE, "objects(1..50)"},
};

/* What is being read, and where to complain. */
typedef struct reader_t {
    f1_param_t *param;
    const char *file;
    int line;
    complaints_t *complaints;
    apr_pool_t *pool;
} reader_t;

/* "lo..hi", both within what the type can bound. */
static int read_range(const reader_t *reader, const char *range)
{
    int is_integer = reader->param->type == F1_PARAM_INTEGER;
    apr_int64_t low = is_integer ? -INTEGER_BOUND : 0, high = is_integer ? INTEGER_BOUND : TEXT_BOUND;
    const char *dots = strstr(range, "..");

    if (!dots ||
        !f1_str_to_int64(apr_pstrmemdup(reader->pool, range, (apr_size_t)(dots - range)), &reader->param->min) ||
        !f1_str_to_int64(dots + 2, &reader->param->max)) {
        complain(reader->complaints, reader->file, reader->line, "'%s' is no range; write lowest..highest", range);
        return 0;
    }
    if (reader->param->min > reader->param->max) {
        complain(reader->complaints, reader->file, reader->line, "the range %s is empty", range);
        return 0;
    }
    if (reader->param->min < low || reader->param->max > high) {
        complain(reader->complaints, reader->file, reader->line,
                 "the range %s leaves %" APR_INT64_T_FMT "..%" APR_INT64_T_FMT, range, low, high);
        return 0;
    }
    return 1;
}

static int is_enum_value(const char *value)
{
    size_t len = strlen(value);

    return len > 0 && len <= 40 &&
           strspn(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-+.:") == len;
}

/* "a|b|c" */
static int read_values(const reader_t *reader, const char *list)
{
    const char **values = apr_pcalloc(reader->pool, (ENUM_MAX + 1) * sizeof(*values));
    int count = 0, i;

    for (;;) {
        size_t len = strcspn(list, "|");
        const char *value = apr_pstrmemdup(reader->pool, list, len);

        if (!is_enum_value(value)) {
            complain(reader->complaints, reader->file, reader->line, "'%s' cannot be a value of an enum", value);
            return 0;
        }
        for (i = 0; i < count; i++) {
            if (!strcmp(values[i], value)) {
                complain(reader->complaints, reader->file, reader->line, "the enum has '%s' twice", value);
                return 0;
            }
        }
        if (count == ENUM_MAX) {
            complain(reader->complaints, reader->file, reader->line, "the enum has more than %d values", ENUM_MAX);
            return 0;
        }
        values[count++] = value;
        if (!list[len]) {
            reader->param->values = values;
            return 1;
        }
        list += len + 1;
    }
}

static int read_type(const reader_t *reader, const char *word)
{
    size_t name_len = strcspn(word, "("), len = strlen(word);
    const char *forms = "", *argument = NULL;
    size_t i;

    if (word[name_len] && word[len - 1] == ')') {
        argument = apr_pstrmemdup(reader->pool, word + name_len + 1, len - name_len - 2);
    }
    for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        forms = apr_pstrcat(reader->pool, forms, i ? ", " : "", types[i].form, NULL);
        if (strlen(types[i].name) == name_len && !strncmp(types[i].name, word, name_len) &&
            (types[i].argument == PLAIN ? !word[name_len] : argument != NULL)) {
            reader->param->type = types[i].type;
            return types[i].argument == PLAIN   ? 1
                   : types[i].argument == RANGE ? read_range(reader, argument)
                                                : read_values(reader, argument);
        }
    }
    complain(reader->complaints, reader->file, reader->line, "unknown type '%s'; types are %s", word, forms);
    return 0;
}

/* Types that stand in a body only, and have no default. */
static int is_of_bodies(f1_param_type_t type)
{
    return type == F1_PARAM_SECRET || type == F1_PARAM_WORDS || type == F1_PARAM_OBJECTS;
}

static int read_default(const reader_t *reader, const char *text)
{
    f1_result_t *res = f1_result_make(reader->pool);

    if (is_of_bodies(reader->param->type)) {
        complain(reader->complaints, reader->file, reader->line, "'%s' can have no default", reader->param->name);
        return 0;
    }
    reader->param->fallback = f1_param_value(reader->param, text, reader->pool, res);
    if (!reader->param->fallback) {
        complain(reader->complaints, reader->file, reader->line, "the default of '%s' %s", reader->param->name,
                 APR_ARRAY_IDX(res->fields, 0, f1_field_error_t).detail);
        return 0;
    }
    return 1;
}

/* The words after the type. */
static int read_rest(const reader_t *reader, sqlparam_presence_t *presence, const char *text)
{
    const char *word = sqlheader_word(&text, reader->pool);

    *presence = SQLPARAM_UNSAID;
    if (word && (!strcmp(word, "optional") || !strcmp(word, "required"))) {
        *presence = *word == 'o' ? SQLPARAM_OPTIONAL : SQLPARAM_REQUIRED;
        word = sqlheader_word(&text, reader->pool);
    }
    if (word && !strcmp(word, "nullable") && reader->param->in == F1_IN_BODY) {
        reader->param->nullable = 1;
        word = sqlheader_word(&text, reader->pool);
    }
    if (word && !strncmp(word, "default=", 8)) {
        if (*presence == SQLPARAM_REQUIRED) {
            complain(reader->complaints, reader->file, reader->line, "'%s' is required and needs no default",
                     reader->param->name);
            return 0;
        }
        if (!read_default(reader, word + 8)) {
            return 0;
        }
        word = sqlheader_word(&text, reader->pool);
    }
    if (word) {
        complain(reader->complaints, reader->file, reader->line,
                 "'%s' is out of place; after the type come optional or required, in a body nullable, default=…, "
                 "and -- text",
                 word);
    }
    return !word;
}

static int is_reserved(const char *name)
{
    static const char *const reserved[] = {"limit", "offset", "now", "format"};
    size_t i;

    for (i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++) {
        if (!strcmp(name, reserved[i])) {
            return 1;
        }
    }
    return 0;
}

static int read_name(const reader_t *reader, const char *name)
{
    reader->param->name = name;
    if (!sqltext_is_name(name)) {
        complain(reader->complaints, reader->file, reader->line, "'%s' cannot name a parameter; use a-z, 0-9 and _",
                 name);
        return 0;
    }
    if (is_reserved(name)) {
        complain(reader->complaints, reader->file, reader->line, "'%s' is a reserved name", name);
        return 0;
    }
    return 1;
}

static int read_place(const reader_t *reader, const char *word)
{
    static const char *const places[] = {"path", "query", "body"};
    int i;

    for (i = 0; i < 3; i++) {
        if (!strcmp(word, places[i])) {
            reader->param->in = (f1_param_in_t)i;
            return 1;
        }
    }
    return 0;
}

/* What is in an URL is written to logs, and is one text. */
static int check_place(const reader_t *reader)
{
    if (reader->param->in != F1_IN_BODY && is_of_bodies(reader->param->type)) {
        complain(reader->complaints, reader->file, reader->line, "'%s' can stand in a body only", reader->param->name);
        return 0;
    }
    return 1;
}

/* Cuts the text after " -- " off. */
static const char *split_doc(const reader_t *reader, const char *text)
{
    const char *dashes = strstr(text, " -- ");

    if (!dashes) {
        return text;
    }
    reader->param->doc = dashes + 4 + strspn(dashes + 4, " \t");
    return apr_pstrmemdup(reader->pool, text, (apr_size_t)(dashes - text));
}

int sqlparam_read(f1_param_t *param, sqlparam_presence_t *presence, const char *text, const char *file, int line,
                  complaints_t *complaints, apr_pool_t *pool)
{
    reader_t reader = {.param = param, .file = file, .line = line, .complaints = complaints, .pool = pool};
    const char *name, *in, *type;

    *param = (f1_param_t){0};
    text = split_doc(&reader, text);
    name = sqlheader_word(&text, pool);
    in = sqlheader_word(&text, pool);
    type = sqlheader_word(&text, pool);
    if (!type || !read_place(&reader, in)) {
        complain(complaints, file, line,
                 "a parameter is: name path|query|body type [optional|required] [nullable] [default=…] [-- text]");
        return 0;
    }
    if (!read_name(&reader, name) || !read_type(&reader, type) || !check_place(&reader) ||
        !read_rest(&reader, presence, text)) {
        return 0;
    }
    param->required = param->in != F1_IN_PATH && *presence == SQLPARAM_REQUIRED;
    return 1;
}
