/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Reads JSON from strangers. The whole text is read, because what follows a wrong member must be JSON too, but nothing
 * is kept of it but the members that the route knows. The reader always knows where it is, for the pointer in an error;
 * it stops at the first thing that is no JSON, since nobody can tell what the rest would mean. */

#include "base/body.h"

#include <stdarg.h>
#include <string.h>

#include <apr_lib.h>
#include <apr_strings.h>

#include "base/number.h"
#include "base/str.h"

#define POINTER_BOUND 400 /* bytes */

typedef enum { NOTHING, JSON_NULL, A_BOOLEAN, A_NUMBER, A_STRING, AN_ARRAY, AN_OBJECT } kind_t;

typedef struct value_t {
    kind_t kind;
    const char *text; /* of what is neither array nor object */
    apr_array_header_t *elements; /* of an array, value_t */
} value_t;

/* A step on the way to a value: a member, or, where name is NULL, an element. */
typedef struct step_t {
    const char *name;
    int index;
} step_t;

typedef struct reader_t {
    const char *at, *end; /* what is still to be read */
    const char *start;
    step_t path[F1_BODY_MAX_DEPTH];
    int depth; /* steps in path */
    int values; /* seen so far */
    int is_broken;
    f1_request_t *request;
    apr_pool_t *pool;
    f1_result_t *res;
} reader_t;

static void read_value(reader_t *reader, value_t *value);

/* --- what is wrong, and where */

/* RFC 6901: ~ and / in names are written ~0 and ~1. Long names are cut, as everything that is shown. */
static const char *pointer(const reader_t *reader)
{
    f1_buf_t out;
    int i;

    f1_buf_init(&out, reader->pool, 64, POINTER_BOUND);
    for (i = 0; i < reader->depth; i++) {
        const step_t *step = &reader->path[i];
        const char *name = step->name ? f1_param_shown(step->name, reader->pool) : NULL;

        f1_buf_addc(&out, '/');
        if (!name) {
            f1_buf_addf(&out, "%d", step->index);
        }
        for (; name && *name; name++) {
            if (*name == '~' || *name == '/') {
                f1_buf_adds(&out, *name == '~' ? "~0" : "~1");
            }
            else {
                f1_buf_addc(&out, *name);
            }
        }
    }
    return out.data;
}

/* The text is not what can be read here; the reader goes no further. */
static void broken(reader_t *reader, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void broken(reader_t *reader, const char *fmt, ...)
{
    const char *what;
    va_list args;

    if (reader->is_broken) {
        return;
    }
    va_start(args, fmt);
    what = apr_pvsprintf(reader->pool, fmt, args);
    va_end(args);
    reader->is_broken = 1;
    f1_result_fail(reader->res, F1_E_BAD_REQUEST, APR_EINVAL, "The request body is not acceptable JSON");
    f1_result_field(reader->res, pointer(reader), "%s, at byte %" APR_SIZE_T_FMT, what,
                    (apr_size_t)(reader->at - reader->start) + 1);
}

static void wrong(const reader_t *reader, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void wrong(const reader_t *reader, const char *fmt, ...)
{
    va_list args;

    if (reader->res->fields && reader->res->fields->nelts >= F1_PARAM_MAX_ERRORS) {
        return;
    }
    va_start(args, fmt);
    f1_result_field(reader->res, pointer(reader), "%s", apr_pvsprintf(reader->pool, fmt, args));
    va_end(args);
}

/* --- texts */

/* The next byte that is no blank; '\0' at the end, and for a NUL, which can begin nothing. */
static char peek(reader_t *reader)
{
    while (reader->at < reader->end && *reader->at && strchr(" \t\r\n", *reader->at)) {
        reader->at++;
    }
    return reader->at < reader->end ? *reader->at : '\0';
}

static void unexpected(reader_t *reader, const char *wanted)
{
    broken(reader, "%s, but %s", wanted, reader->at < reader->end ? "something else stands there" : "the text ends");
}

/* Four hex digits as a code unit; -1 when they are none. */
static int read_unit(reader_t *reader)
{
    int unit = 0, i;

    for (i = 0; i < 4; i++) {
        char c = reader->at < reader->end ? (char)apr_tolower(*reader->at) : '\0';

        if (!apr_isxdigit(c)) {
            broken(reader, "four hexadecimal digits should follow \\u");
            return -1;
        }
        unit = unit << 4 | (c <= '9' ? c - '0' : c - 'a' + 10);
        reader->at++;
    }
    return unit;
}

/* The character of a \u, perhaps of two that are a pair; -1 when it is none. */
static int read_code_point(reader_t *reader)
{
    int high = read_unit(reader), low;

    if (high < 0) {
        return -1;
    }
    if (high == 0) {
        broken(reader, "a string holds a NUL");
        return -1;
    }
    if (high < 0xd800 || high > 0xdfff) {
        return high;
    }
    if (high > 0xdbff || reader->end - reader->at < 2 || reader->at[0] != '\\' || reader->at[1] != 'u') {
        broken(reader, "a string holds half of a surrogate pair");
        return -1;
    }
    reader->at += 2;
    low = read_unit(reader);
    if (low < 0) {
        return -1;
    }
    if (low < 0xdc00 || low > 0xdfff) {
        broken(reader, "a string holds half of a surrogate pair");
        return -1;
    }
    return 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
}

static char *put_utf8(char *out, int c)
{
    if (c < 0x80) {
        *out++ = (char)c;
        return out;
    }
    if (c < 0x800) {
        *out++ = (char)(0xc0 | c >> 6);
    }
    else if (c < 0x10000) {
        *out++ = (char)(0xe0 | c >> 12);
        *out++ = (char)(0x80 | (c >> 6 & 0x3f));
    }
    else {
        *out++ = (char)(0xf0 | c >> 18);
        *out++ = (char)(0x80 | (c >> 12 & 0x3f));
        *out++ = (char)(0x80 | (c >> 6 & 0x3f));
    }
    *out++ = (char)(0x80 | (c & 0x3f));
    return out;
}

/* What stands behind a backslash. Returns the end of what was put at out. */
static char *read_escape(reader_t *reader, char *out)
{
    static const char escapes[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
    char c = reader->at < reader->end ? *reader->at : '\0';
    const char *found = c ? strchr(escapes, c) : NULL;
    int code_point;

    if (found) {
        reader->at++;
        *out++ = meanings[found - escapes];
        return out;
    }
    if (c != 'u') {
        broken(reader, "a string holds a backslash that escapes nothing");
        return out;
    }
    reader->at++;
    code_point = read_code_point(reader);
    return code_point < 0 ? out : put_utf8(out, code_point);
}

/* Bytes up to the quote that ends the string which the reader is in; a backslash takes the next byte along. */
static size_t raw_length(const reader_t *reader)
{
    const char *s;

    for (s = reader->at; s < reader->end && *s != '"'; s++) {
        s += *s == '\\' && s + 1 < reader->end;
    }
    return (size_t)(s - reader->at);
}

/* A string of at most max bytes, from its opening quote on; NULL when it is none. Nothing becomes longer by being
 * unescaped. */
static const char *read_string(reader_t *reader, size_t max)
{
    const char *open = reader->at;
    char *text, *out;

    reader->at++;
    out = text = apr_palloc(reader->pool, raw_length(reader) + 1);
    while (!reader->is_broken && reader->at < reader->end && *reader->at != '"') {
        if ((unsigned char)*reader->at < 0x20) {
            broken(reader,
                   *reader->at ? "a string holds a control character that is not escaped" : "a string holds a NUL");
        }
        else if (*reader->at == '\\') {
            reader->at++;
            out = read_escape(reader, out);
        }
        else {
            *out++ = *reader->at++;
        }
    }
    if (!reader->is_broken && reader->at == reader->end) {
        reader->at = open;
        broken(reader, "a string is never closed");
    }
    if (reader->is_broken) {
        return NULL;
    }
    reader->at++;
    if ((size_t)(out - text) > max) {
        reader->at = open;
        broken(reader, "a string is longer than %" APR_SIZE_T_FMT " bytes", (apr_size_t)max);
        return NULL;
    }
    if (!f1_str_is_utf8(text, (size_t)(out - text))) {
        reader->at = open;
        broken(reader, "a string is not UTF-8");
        return NULL;
    }
    *out = '\0';
    return text;
}

static size_t digits(const char *text)
{
    return strspn(text, "0123456789");
}

/* RFC 8259 section 6, which knows neither a plus sign, nor leading zeros, nor bare dots. */
static int is_number(const char *text)
{
    size_t len;

    text += *text == '-';
    len = digits(text);
    if (len == 0 || (len > 1 && *text == '0')) {
        return 0;
    }
    text += len;
    if (*text == '.') {
        len = digits(text + 1);
        if (len == 0) {
            return 0;
        }
        text += 1 + len;
    }
    if (*text == 'e' || *text == 'E') {
        text++;
        text += *text == '+' || *text == '-';
        len = digits(text);
        if (len == 0) {
            return 0;
        }
        text += len;
    }
    return !*text;
}

/* Letters, digits and signs up to what may stand behind a value: a number, true, false or null, or none of them. */
static void read_word(reader_t *reader, value_t *value)
{
    const char *s = reader->at, *text;
    double number;

    while (s < reader->end && (apr_isalnum(*s) || (*s && strchr("+-.", *s)))) {
        s++;
    }
    text = apr_pstrmemdup(reader->pool, reader->at, (apr_size_t)(s - reader->at));
    value->text = text;
    if (!strcmp(text, "null")) {
        value->kind = JSON_NULL;
    }
    else if (!strcmp(text, "true") || !strcmp(text, "false")) {
        value->kind = A_BOOLEAN;
    }
    else if (!is_number(text)) {
        unexpected(reader, "a value is expected");
        return;
    }
    else if (strlen(text) > F1_BODY_MAX_NUMBER) {
        broken(reader, "a number is longer than %d characters", F1_BODY_MAX_NUMBER);
        return;
    }
    else if (!f1_number_parse(text, &number)) {
        broken(reader, "a number is beyond what a double holds");
        return;
    }
    else {
        value->kind = A_NUMBER;
    }
    reader->at = s;
}

/* --- arrays and objects */

static int enter(reader_t *reader)
{
    if (reader->depth == F1_BODY_MAX_DEPTH) {
        broken(reader, "it is nested more than %d levels deep", F1_BODY_MAX_DEPTH);
        return 0;
    }
    reader->path[reader->depth++] = (step_t){NULL, 0};
    reader->at++;
    return 1;
}

/* Behind a value within an array or an object: whether another one follows. The bracket that closes is read. */
static int goes_on(reader_t *reader, char close)
{
    char c = peek(reader);

    if (reader->is_broken) {
        return 0;
    }
    if (c != ',' && c != close) {
        unexpected(reader, close == ']' ? "a comma or ] is expected" : "a comma or } is expected");
        return 0;
    }
    reader->at++;
    if (c == ',' && peek(reader) == close) {
        broken(reader, "nothing follows a comma");
        return 0;
    }
    return c == ',';
}

static int is_empty(reader_t *reader, char close)
{
    if (peek(reader) != close) {
        return 0;
    }
    reader->at++;
    return 1;
}

static int count_value(reader_t *reader)
{
    if (reader->values++ == F1_BODY_MAX_VALUES) {
        broken(reader, "there are more than %d values", F1_BODY_MAX_VALUES);
        return 0;
    }
    return 1;
}

static void read_array(reader_t *reader, value_t *value)
{
    value->elements = apr_array_make(reader->pool, 4, sizeof(value_t));
    if (!enter(reader)) {
        return;
    }
    if (!is_empty(reader, ']')) {
        do {
            value_t *element = apr_array_push(value->elements);

            reader->path[reader->depth - 1].index = value->elements->nelts - 1;
            *element = (value_t){NOTHING, NULL, NULL};
            if (count_value(reader)) {
                read_value(reader, element);
            }
        } while (goes_on(reader, ']'));
    }
    reader->depth--;
}

/* A name and its colon. What is wrong with a name is the object's, and from then on the member's. */
static void read_name(reader_t *reader)
{
    const char *name = NULL;

    reader->depth--;
    if (peek(reader) == '"') {
        name = read_string(reader, F1_BODY_MAX_NAME);
    }
    else {
        unexpected(reader, "a member's name is expected");
    }
    reader->path[reader->depth++] = (step_t){name ? name : "", 0};
    if (!name) {
        return;
    }
    if (peek(reader) == ':') {
        reader->at++;
    }
    else {
        unexpected(reader, "a colon is expected");
    }
}

/* take: what to do with each member, or NULL: an object that is in no place for one. */
static void read_object(reader_t *reader, void (*take)(reader_t *reader, const char *name, const value_t *value))
{
    value_t value;

    if (!enter(reader)) {
        return;
    }
    if (!is_empty(reader, '}')) {
        do {
            read_name(reader);
            if (!reader->is_broken && count_value(reader)) {
                read_value(reader, &value);
            }
            if (!reader->is_broken && take) {
                take(reader, reader->path[reader->depth - 1].name, &value);
            }
        } while (goes_on(reader, '}'));
    }
    reader->depth--;
}

static void read_value(reader_t *reader, value_t *value)
{
    char c = peek(reader);

    *value = (value_t){NOTHING, NULL, NULL};
    if (c == '{') {
        value->kind = AN_OBJECT;
        read_object(reader, NULL);
    }
    else if (c == '[') {
        value->kind = AN_ARRAY;
        read_array(reader, value);
    }
    else if (c == '"') {
        value->kind = A_STRING;
        value->text = read_string(reader, F1_BODY_MAX_STRING);
    }
    else {
        read_word(reader, value);
    }
}

/* --- members */

static const char *kind_name(kind_t kind)
{
    static const char *const names[] = {"nothing",  "null",     "a boolean", "a number",
                                        "a string", "an array", "an object"};

    return names[kind];
}

static kind_t kind_of(f1_param_type_t type)
{
    switch (type) {
    case F1_PARAM_INTEGER:
        return A_NUMBER;
    case F1_PARAM_BOOLEAN:
        return A_BOOLEAN;
    case F1_PARAM_WORDS:
        return AN_ARRAY;
    default:
        return A_STRING;
    }
}

static int has_word(const value_t *value, const char *word)
{
    int i;

    for (i = 0; i < value->elements->nelts; i++) {
        const char *text = APR_ARRAY_IDX(value->elements, i, value_t).text;

        if (text && !strcmp(text, word)) {
            return 1;
        }
    }
    return 0;
}

static void check_word(reader_t *reader, const f1_param_t *param, const value_t *element, int index)
{
    f1_param_t word = *param;

    word.type = F1_PARAM_ENUM;
    reader->path[reader->depth++] = (step_t){NULL, index};
    if (element->kind != A_STRING) {
        wrong(reader, "must be %s, not %s", f1_param_wanted(&word, reader->pool), kind_name(element->kind));
    }
    else if (!f1_param_value(&word, element->text, reader->pool, f1_result_make(reader->pool))) {
        wrong(reader, "must be %s, not '%s'", f1_param_wanted(&word, reader->pool),
              f1_param_shown(element->text, reader->pool));
    }
    reader->depth--;
}

/* The words as an array of PostgreSQL, each once and in the order of their declaration: one spelling for what is a
 * set. They are made of letters, digits and a few signs that need no escape between quotes. */
static const char *words_value(reader_t *reader, const f1_param_t *param, const value_t *value)
{
    const char *array = "";
    int i;

    for (i = 0; i < value->elements->nelts; i++) {
        check_word(reader, param, &APR_ARRAY_IDX(value->elements, i, value_t), i);
    }
    for (i = 0; param->values[i]; i++) {
        if (has_word(value, param->values[i])) {
            array = apr_pstrcat(reader->pool, array, *array ? ",\"" : "\"", param->values[i], "\"", NULL);
        }
    }
    return apr_pstrcat(reader->pool, "{", array, "}", NULL);
}

static int index_of(const f1_route_t *route, const char *name)
{
    int i;

    for (i = 0; i < route->param_count; i++) {
        if (route->params[i].in == F1_IN_BODY && !strcmp(route->params[i].name, name)) {
            return i;
        }
    }
    return -1;
}

static void refuse_unknown(reader_t *reader)
{
    const f1_route_t *route = reader->request->route;
    const char *known = "";
    int i;

    for (i = 0; i < route->param_count; i++) {
        if (route->params[i].in == F1_IN_BODY) {
            known = apr_pstrcat(reader->pool, known, *known ? ", " : "", route->params[i].name, NULL);
        }
    }
    wrong(reader, "is not known here; known are %s", known);
}

static void take_member(reader_t *reader, const char *name, const value_t *value)
{
    f1_request_t *request = reader->request;
    int i = index_of(request->route, name);
    const f1_param_t *param = i >= 0 ? &request->route->params[i] : NULL;

    if (!param) {
        refuse_unknown(reader);
        return;
    }
    if (request->given & 1u << i) {
        wrong(reader, "is given more than once");
        return;
    }
    request->given |= 1u << i;
    if (value->kind == JSON_NULL && param->nullable) {
        return;
    }
    if (value->kind != kind_of(param->type)) {
        wrong(reader, "must be %s%s, not %s", f1_param_wanted(param, reader->pool), param->nullable ? " or null" : "",
              kind_name(value->kind));
    }
    else if (param->type == F1_PARAM_WORDS) {
        request->values[i] = words_value(reader, param, value);
    }
    else {
        request->values[i] = f1_param_value(param, value->text, reader->pool, reader->res);
    }
}

static void check_absent(const reader_t *reader)
{
    f1_request_t *request = reader->request;
    int i;

    for (i = 0; i < request->route->param_count; i++) {
        const f1_param_t *param = &request->route->params[i];

        if (param->in != F1_IN_BODY || request->given & 1u << i) {
            continue;
        }
        request->values[i] = param->fallback;
        if (param->required) {
            f1_result_field(reader->res, f1_param_field(param, reader->pool), "is required and must be %s",
                            f1_param_wanted(param, reader->pool));
        }
    }
}

apr_status_t f1_body_check(f1_request_t *request, const char *data, size_t len, apr_pool_t *pool, f1_result_t *res)
{
    reader_t reader = {.at = data, .end = data + len, .start = data, .request = request, .pool = pool, .res = res};

    if (peek(&reader) != '{') {
        broken(&reader, "the body should be a JSON object");
        return res->rv;
    }
    read_object(&reader, take_member);
    if (!reader.is_broken && (peek(&reader) || reader.at < reader.end)) {
        broken(&reader, "something follows the object");
    }
    if (!reader.is_broken) {
        check_absent(&reader);
    }
    return res->rv;
}
