/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Parameters of a request. Every accepted value gets one canonical spelling, because values become cache keys: 007 and
 * 7, MONZA and monza, 2024-07-28 and 2024-07-28T02:00:00+02:00 ask the same. Messages quote what was sent, cut and
 * cleaned, and say what would be right. */

#include "base/param.h"

#include <limits.h>
#include <string.h>

#include <apr_lib.h>
#include <apr_strings.h>

#include "base/clock.h"
#include "base/str.h"

#define SLUG_MAX 80
#define QUOTE_MAX 40 /* characters of a value in a message */
#define EMAIL_MAX 254 /* bytes, RFC 5321 section 4.5.3.1.3 without the brackets */
#define LOCAL_MAX 64 /* of what stands before the @ */
#define LABEL_MAX 63 /* of a part of the host */

/* Index of a value in f1_request_t that is no declared parameter. */
enum { NAME_UNKNOWN = -1, NAME_LIMIT = -2, NAME_OFFSET = -3, NAME_FORMAT = -4 };

static int is_continuation(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

/* C0, DEL, and C1 (U+0080..U+009F, in UTF-8 c2 80..c2 9f). */
static int is_control(const char *s)
{
    unsigned char c = (unsigned char)s[0];

    return c < 0x20 || c == 0x7f || (c == 0xc2 && (unsigned char)s[1] < 0xa0);
}

static size_t utf8_length(const char *text)
{
    size_t count = 0;

    for (; *text; text++) {
        count += !is_continuation(*text);
    }
    return count;
}

const char *f1_param_shown(const char *text, apr_pool_t *pool)
{
    char *copy = apr_pstrdup(pool, text), *in = copy, *out = copy;
    int count = 0;

    while (*in && count < QUOTE_MAX) {
        int control = is_control(in);

        *out++ = control ? '?' : *in;
        for (in++; is_continuation(*in); in++) {
            if (!control) {
                *out++ = *in;
            }
        }
        count++;
    }
    if (*in) {
        *out = '\0';
        return apr_pstrcat(pool, copy, "…", NULL);
    }
    *out = '\0';
    return copy;
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

char *f1_param_decode(const char *text, size_t len, int plus, apr_pool_t *pool)
{
    char *decoded = apr_palloc(pool, len + 1), *out = decoded;
    size_t i;

    for (i = 0; i < len; i++) {
        if (text[i] == '%') {
            int high = len - i > 2 ? hex_value(text[i + 1]) : -1;
            int low = high >= 0 ? hex_value(text[i + 2]) : -1;

            if (low < 0) {
                return NULL;
            }
            *out++ = (char)(high << 4 | low);
            i += 2;
        }
        else {
            *out++ = plus && text[i] == '+' ? ' ' : text[i];
        }
    }
    *out = '\0';
    return f1_str_is_utf8(decoded, (size_t)(out - decoded)) ? decoded : NULL;
}

/* Digits with an optional '-'. What is too large for the type becomes its limit, which no declared range reaches. */
static int to_integer(const char *text, apr_int64_t *pvalue)
{
    const char *digits = text + (text[0] == '-');

    if (!*digits || strspn(digits, "0123456789") != strlen(digits)) {
        return 0;
    }
    if (!f1_str_to_int64(text, pvalue)) {
        *pvalue = text[0] == '-' ? APR_INT64_MIN : APR_INT64_MAX;
    }
    return 1;
}

static const char *integer_value(const f1_param_t *param, const char *text, apr_pool_t *pool)
{
    apr_int64_t value;

    if (!to_integer(text, &value) || value < param->min || value > param->max) {
        return NULL;
    }
    return apr_psprintf(pool, "%" APR_INT64_T_FMT, value);
}

static const char *slug_value(const char *text, apr_pool_t *pool)
{
    size_t i, len = strlen(text);
    char *slug;

    if (len > SLUG_MAX || !apr_isalnum(text[0])) {
        return NULL;
    }
    slug = apr_pstrmemdup(pool, text, len);
    for (i = 0; i < len; i++) {
        if (slug[i] >= 'A' && slug[i] <= 'Z') {
            slug[i] |= 0x20;
        }
        if (!strchr("abcdefghijklmnopqrstuvwxyz0123456789_-", slug[i])) {
            return NULL;
        }
    }
    return slug;
}

static const char *uuid_value(const char *text, apr_pool_t *pool)
{
    static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    char *uuid;
    size_t i;

    if (strlen(text) != sizeof(form) - 1) {
        return NULL;
    }
    uuid = apr_pstrdup(pool, text);
    for (i = 0; uuid[i]; i++) {
        if (form[i] == 'x' ? hex_value(uuid[i]) < 0 : uuid[i] != '-') {
            return NULL;
        }
        uuid[i] |= 0x20; /* digits and '-' have this bit already */
    }
    return uuid;
}

static const char *timestamp_value(const char *text, apr_pool_t *pool)
{
    apr_time_t time;

    if (!f1_time_parse(text, &time)) {
        return NULL;
    }
    return f1_time_format(apr_palloc(pool, F1_TIME_LEN), time);
}

static const char *enum_value(const f1_param_t *param, const char *text)
{
    int i;

    for (i = 0; param->values[i]; i++) {
        if (!strcmp(param->values[i], text)) {
            return param->values[i];
        }
    }
    return NULL;
}

static const char *text_value(const f1_param_t *param, const char *text, apr_pool_t *pool)
{
    apr_int64_t length = (apr_int64_t)utf8_length(text);
    const char *s;

    if (length < param->min || length > param->max) {
        return NULL;
    }
    for (s = text; *s; s++) {
        if (is_control(s)) {
            return NULL;
        }
    }
    return apr_pstrdup(pool, text);
}

static const char *boolean_value(const char *text)
{
    if (!strcmp(text, "true") || !strcmp(text, "1")) {
        return "true";
    }
    return !strcmp(text, "false") || !strcmp(text, "0") ? "false" : NULL;
}

/* Letters, digits and what else may stand in the unquoted part before the @ (RFC 5322 atext), in parts between dots. */
static int is_local(const char *text, size_t len)
{
    size_t i;

    if (len == 0 || len > LOCAL_MAX || text[0] == '.' || text[len - 1] == '.') {
        return 0;
    }
    for (i = 0; i < len; i++) {
        if (!apr_isalnum(text[i]) && !strchr("!#$%&'*+-/=?^_`{|}~.", text[i])) {
            return 0;
        }
        if (text[i] == '.' && text[i + 1] == '.') {
            return 0;
        }
    }
    return 1;
}

/* A name of at least two parts of letters, digits and inner hyphens. */
static int is_host(const char *text)
{
    int parts = 0;

    for (;; text++) {
        size_t len = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-");

        if (len == 0 || len > LABEL_MAX || text[0] == '-' || text[len - 1] == '-') {
            return 0;
        }
        parts++;
        text += len;
        if (*text != '.') {
            return !*text && parts > 1;
        }
    }
}

const char *f1_param_email(const char *text, apr_pool_t *pool)
{
    const char *at = strchr(text, '@');
    char *email, *c;

    if (!at || strlen(text) > EMAIL_MAX || !is_local(text, (size_t)(at - text))) {
        return NULL;
    }
    email = apr_pstrdup(pool, text);
    for (c = email + (at - text) + 1; *c; c++) {
        *c = (char)apr_tolower(*c);
    }
    return is_host(email + (at - text) + 1) ? email : NULL;
}

static const char *canonical(const f1_param_t *param, const char *text, apr_pool_t *pool)
{
    switch (param->type) {
    case F1_PARAM_INTEGER:
        return integer_value(param, text, pool);
    case F1_PARAM_SLUG:
        return slug_value(text, pool);
    case F1_PARAM_DATE:
        return f1_date_is_valid(text) ? apr_pstrdup(pool, text) : NULL;
    case F1_PARAM_TIMESTAMP:
        return timestamp_value(text, pool);
    case F1_PARAM_ENUM:
        return enum_value(param, text);
    case F1_PARAM_UUID:
        return uuid_value(text, pool);
    case F1_PARAM_TEXT:
    case F1_PARAM_SECRET:
        return text_value(param, text, pool);
    case F1_PARAM_BOOLEAN:
        return boolean_value(text);
    case F1_PARAM_EMAIL:
        return f1_param_email(text, pool);
    case F1_PARAM_WORDS: /* no text, see base/body.c */
    case F1_PARAM_OBJECTS:
        break;
    }
    return NULL;
}

static const char *list_of_values(const f1_param_t *param, apr_pool_t *pool)
{
    const char *list = param->values[0];
    int i;

    for (i = 1; param->values[i]; i++) {
        list = apr_pstrcat(pool, list, param->values[i + 1] ? ", " : " or ", param->values[i], NULL);
    }
    return list;
}

const char *f1_param_wanted(const f1_param_t *param, apr_pool_t *pool)
{
    switch (param->type) {
    case F1_PARAM_INTEGER:
        return apr_psprintf(pool, "an integer from %" APR_INT64_T_FMT " to %" APR_INT64_T_FMT, param->min, param->max);
    case F1_PARAM_SLUG:
        return "an id of letters, digits, _ and -";
    case F1_PARAM_DATE:
        return "a date like 2024-07-28";
    case F1_PARAM_TIMESTAMP:
        return "a date or a time with zone like 2024-07-28T13:00:00Z";
    case F1_PARAM_ENUM:
        return list_of_values(param, pool);
    case F1_PARAM_UUID:
        return "a UUID like 123e4567-e89b-12d3-a456-426614174000";
    case F1_PARAM_TEXT:
    case F1_PARAM_SECRET:
        return apr_psprintf(pool, "%" APR_INT64_T_FMT " to %" APR_INT64_T_FMT " characters without control characters",
                            param->min, param->max);
    case F1_PARAM_BOOLEAN:
        return "true or false";
    case F1_PARAM_EMAIL:
        return "an address like name@example.com";
    case F1_PARAM_WORDS:
        return apr_pstrcat(pool, "an array of ", list_of_values(param, pool), NULL);
    case F1_PARAM_OBJECTS:
        return apr_psprintf(pool, "an array of %" APR_INT64_T_FMT " to %" APR_INT64_T_FMT " objects", param->min,
                            param->max);
    }
    return "something else";
}

const char *f1_param_field(const f1_param_t *param, apr_pool_t *pool)
{
    return param->in == F1_IN_BODY ? apr_pstrcat(pool, "/", param->name, NULL) : param->name;
}

const char *f1_param_value(const f1_param_t *param, const char *text, apr_pool_t *pool, f1_result_t *res)
{
    const char *field = f1_param_field(param, pool), *value;

    if (!f1_str_is_utf8(text, strlen(text))) {
        f1_result_field(res, field, "must be %s, but is not valid UTF-8", f1_param_wanted(param, pool));
        return NULL;
    }
    value = canonical(param, text, pool);
    if (!value && param->type == F1_PARAM_SECRET) {
        f1_result_field(res, field, "must be %s", f1_param_wanted(param, pool));
    }
    else if (!value) {
        f1_result_field(res, field, "must be %s, not '%s'", f1_param_wanted(param, pool), f1_param_shown(text, pool));
    }
    return value;
}

/* What is known while a query string is read. */
typedef struct reader_t {
    f1_request_t *request;
    unsigned int seen; /* bit per parameter, and some above them */
    int limit_max;
    apr_pool_t *pool;
    f1_result_t *res;
} reader_t;

static int name_index(const f1_route_t *route, const char *name)
{
    int i;

    for (i = 0; i < route->param_count; i++) {
        if (route->params[i].in == F1_IN_QUERY && !strcmp(route->params[i].name, name)) {
            return i;
        }
    }
    if (route->answer == F1_ANSWER_LIST && !strcmp(name, "limit")) {
        return NAME_LIMIT;
    }
    if (route->answer == F1_ANSWER_LIST && !strcmp(name, "offset")) {
        return NAME_OFFSET;
    }
    if (f1_route_has_formats(route) && !strcmp(name, "format")) {
        return NAME_FORMAT;
    }
    return NAME_UNKNOWN;
}

/* A name from a query as the field of an error; what has none is blamed on the query. */
static const char *field_of(const char *name, apr_pool_t *pool)
{
    return name && *name ? f1_param_shown(name, pool) : "query";
}

static void refuse_unknown(const reader_t *reader, const char *name)
{
    const f1_route_t *route = reader->request->route;
    const char *known = "";
    int i;

    for (i = 0; i < route->param_count; i++) {
        if (route->params[i].in == F1_IN_QUERY) {
            known = apr_pstrcat(reader->pool, known, *known ? ", " : "", route->params[i].name, NULL);
        }
    }
    if (route->answer == F1_ANSWER_LIST) {
        known = apr_pstrcat(reader->pool, known, *known ? ", " : "", "limit, offset", NULL);
    }
    if (f1_route_has_formats(route)) {
        known = apr_pstrcat(reader->pool, known, *known ? ", " : "", "format", NULL);
    }
    known = *known ? apr_pstrcat(reader->pool, "known are ", known, NULL) : "no query parameter is";
    f1_result_field(reader->res, field_of(name, reader->pool), "is not known here; %s", known);
}

/* A limit above the maximum is cut rather than refused, and the answer says so. */
static void take_limit(reader_t *reader, const char *text)
{
    apr_int64_t value;

    if (!to_integer(text, &value) || value < 1) {
        f1_result_field(reader->res, "limit", "must be an integer from 1 to %d, not '%s'", reader->limit_max,
                        f1_param_shown(text, reader->pool));
    }
    else if (value > reader->limit_max) {
        reader->request->limit = reader->limit_max;
        reader->request->limit_clamped = value > INT_MAX ? INT_MAX : (int)value;
    }
    else {
        reader->request->limit = (int)value;
    }
}

static void take_offset(reader_t *reader, const char *text)
{
    apr_int64_t value;

    if (!to_integer(text, &value) || value < 0 || value > F1_OFFSET_MAX) {
        f1_result_field(reader->res, "offset", "must be an integer from 0 to %d, not '%s'", F1_OFFSET_MAX,
                        f1_param_shown(text, reader->pool));
    }
    else {
        reader->request->offset = (int)value;
    }
}

static void take_format(reader_t *reader, const char *text)
{
    int format = f1_format_find(text);

    if (format < 0) {
        f1_result_field(reader->res, "format", "must be json, csv or ndjson, not '%s'",
                        f1_param_shown(text, reader->pool));
        return;
    }
    reader->request->format = (f1_format_t)format;
    reader->request->format_given = 1;
}

static void take_pair(reader_t *reader, const char *name, const char *value)
{
    const f1_route_t *route = reader->request->route;
    int index = name_index(route, name);
    unsigned int bit = 1u << (index >= 0 ? index : F1_ROUTE_MAX_PARAMS - index);

    if (index == NAME_UNKNOWN) {
        refuse_unknown(reader, name);
        return;
    }
    if (reader->seen & bit) {
        f1_result_field(reader->res, name, "is given more than once");
        return;
    }
    reader->seen |= bit;
    if (index == NAME_LIMIT) {
        take_limit(reader, value);
    }
    else if (index == NAME_OFFSET) {
        take_offset(reader, value);
    }
    else if (index == NAME_FORMAT) {
        take_format(reader, value);
    }
    else {
        reader->request->values[index] = f1_param_value(&route->params[index], value, reader->pool, reader->res);
    }
}

static void read_query(reader_t *reader, const char *query)
{
    apr_pool_t *pool = reader->pool;

    while (*query && (!reader->res->fields || reader->res->fields->nelts < F1_PARAM_MAX_ERRORS)) {
        size_t len = strcspn(query, "&"), name_len = strcspn(query, "=&");
        char *name = f1_param_decode(query, name_len, 1, pool);
        char *value = f1_param_decode(query + name_len + (name_len < len), len - name_len - (name_len < len), 1, pool);

        if (!name || !value) {
            f1_result_field(reader->res, field_of(name, pool), "is not percent-encoded UTF-8");
        }
        else if (len > 0) {
            take_pair(reader, name, value);
        }
        query += len + (query[len] == '&');
    }
}

static int was_seen(const reader_t *reader, int index)
{
    return (reader->seen & 1u << index) != 0;
}

apr_status_t f1_param_check(f1_request_t *request, const f1_match_t *match, const char *query, int limit_default,
                            int limit_max, apr_pool_t *pool, f1_result_t *res)
{
    const f1_route_t *route = match->route;
    reader_t reader = {
        .request = request, .limit_max = limit_max > 0 ? limit_max : F1_LIMIT_MAX, .pool = pool, .res = res};
    int i;

    *request = (f1_request_t){.route = route, .limit = limit_default > 0 ? limit_default : F1_LIMIT_DEFAULT};
    if (request->limit > reader.limit_max) {
        request->limit = reader.limit_max;
    }
    for (i = 0; i < route->param_count; i++) {
        if (match->path_values[i]) {
            request->values[i] = f1_param_value(&route->params[i], match->path_values[i], pool, res);
            reader.seen |= 1u << i;
        }
    }
    read_query(&reader, query && !route->any_query ? query : "");
    for (i = 0; i < route->param_count; i++) {
        if (route->params[i].in == F1_IN_BODY) {
            continue;
        }
        if (was_seen(&reader, i)) {
            request->given |= 1u << i;
            continue;
        }
        request->values[i] = route->params[i].fallback;
        if (route->params[i].required) {
            f1_result_field(res, route->params[i].name, "is required and must be %s",
                            f1_param_wanted(&route->params[i], pool));
        }
    }
    return res->rv;
}
