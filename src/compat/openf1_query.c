/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Reading goes in three steps: 1. pieces between '&', decoded; 2. each piece as field, operator and typed value, a day
 * alone as the bounds it stands for; 3. for each filter of a statement, the conditions on it as a set of ranges. What
 * reaches SQL is only ever a value that was parsed and written anew here. */

#include "compat/openf1_query.h"

#include <string.h>
#include <time.h>

#include <apr_lib.h>
#include <apr_strings.h>

#include "base/clock.h"
#include "base/number.h"
#include "base/param.h"
#include "base/str.h"

#define CONDITIONS_MAX 200
#define VALUE_MAX 64 /* of what may be a time */
#define RANGES_MAX 65536
#define DAY apr_time_from_sec(86400)

typedef enum { EQUAL, ABOVE, FROM, BELOW, UNTIL } op_t;
typedef enum { BOOLEAN, NUMBER, TIME, TEXT, LATEST } kind_t;

typedef struct condition_t {
    const char *field;
    op_t op;
    kind_t kind;
    double number; /* BOOLEAN: 0 or 1 */
    apr_time_t time;
    const char *text; /* as it was written */
} condition_t;

/* --- Times */

/* "14", "14:30", "14:30:20.5" as the last one of them. */
static const char *full_time_of_day(const char *text, apr_pool_t *pool)
{
    switch (strspn(text, "0123456789:.")) {
    case 2:
        return apr_pstrcat(pool, text, ":00:00", NULL);
    case 5:
        return apr_pstrcat(pool, text, ":00", NULL);
    default:
        return text;
    }
}

/* "+02", "+0200", "+02:00" as the last one of them. Without a zone it is UTC; names of zones mean nothing, as with the
 * original. */
static const char *full_zone(const char *text, apr_pool_t *pool)
{
    size_t len;

    text += strspn(text, " ");
    len = strlen(text);
    if (len <= 4 && strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == len) {
        return "Z";
    }
    if (len == 3) {
        return apr_pstrcat(pool, text, ":00", NULL);
    }
    return len == 5 ? apr_psprintf(pool, "%.3s:%s", text, text + 3) : text;
}

/* "2023-09", "2023-09-16", "2023-09-16T13:03:35.2+00:00" and shorter. */
static int parse_iso(const char *text, apr_time_t *ptime, int *phas_time, apr_pool_t *pool)
{
    const char *time;
    size_t len;

    *phas_time = 0;
    if (strlen(text) == 7) {
        return f1_time_parse(apr_pstrcat(pool, text, "-01", NULL), ptime);
    }
    if (strlen(text) < 10 || (text[10] && text[10] != 'T' && text[10] != ' ')) {
        return 0;
    }
    if (!text[10] || strspn(text + 10, " ") == strlen(text + 10)) {
        return f1_time_parse(apr_pstrmemdup(pool, text, 10), ptime);
    }
    if (!apr_isdigit(text[11])) { /* a day and its zone */
        return f1_time_parse(apr_psprintf(pool, "%.10sT00:00:00%s", text, full_zone(text + 10, pool)), ptime);
    }
    *phas_time = 1;
    len = strspn(text + 11, "0123456789:.");
    time = full_time_of_day(apr_pstrmemdup(pool, text + 11, len), pool);
    return f1_time_parse(apr_psprintf(pool, "%.10sT%s%s", text, time, full_zone(text + 11 + len, pool)), ptime);
}

/* Days as people write them; 30 February is none. */
static int parse_day(const char *text, apr_time_t *ptime, int *phas_time)
{
    static const char *const formats[] = {
        "%m/%d/%Y", "%m-%d-%Y", "%d %B %Y", "%B %d, %Y", "%Y/%m/%d", "%m/%d/%Y %H:%M:%S", "%a %b %d %H:%M:%S %Y"};
    size_t i;

    for (i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
        struct tm tm = {0};
        const char *end = strptime(text, formats[i], &tm);
        int day = tm.tm_mday;

        if (end && !*end && tm.tm_year > -1900 && tm.tm_year < 8000) {
            *ptime = apr_time_from_sec((apr_time_t)timegm(&tm));
            *phas_time = strstr(formats[i], "%H") != NULL;
            return tm.tm_mday == day;
        }
    }
    return 0;
}

/* --- Conditions */

/* A value by what it looks like. *phas_time: it is no day alone. */
static void type_value(condition_t *condition, int *phas_time, apr_pool_t *pool)
{
    char *text = apr_pstrdup(pool, condition->text);

    *phas_time = 1;
    apr_collapse_spaces(text, text);
    condition->kind = TEXT;
    if (!strcasecmp(condition->text, "true") || !strcasecmp(condition->text, "false")) {
        condition->kind = BOOLEAN;
        condition->number = apr_tolower(condition->text[0]) == 't';
    }
    else if (f1_number_parse(text, &condition->number)) {
        condition->kind = NUMBER;
    }
    else if (strlen(condition->text) <= VALUE_MAX && (parse_iso(condition->text, &condition->time, phas_time, pool) ||
                                                      parse_day(condition->text, &condition->time, phas_time))) {
        condition->kind = TIME;
    }
    else {
        *phas_time = 1;
    }
}

static void push(f1_openf1_query_t *query, const condition_t *condition)
{
    APR_ARRAY_PUSH(query->conditions, condition_t) = *condition;
}

/* A day alone, as bounds. */
static void push_day(f1_openf1_query_t *query, condition_t *condition)
{
    condition_t next = *condition;

    next.time += DAY;
    switch (condition->op) {
    case EQUAL:
        condition->op = FROM;
        next.op = BELOW;
        push(query, condition);
        push(query, &next);
        break;
    case ABOVE:
        next.op = FROM;
        push(query, &next);
        break;
    case UNTIL:
        next.op = BELOW;
        push(query, &next);
        break;
    default:
        push(query, condition);
        break;
    }
}

static int is_key(const char *field)
{
    return !strcmp(field, "session_key") || !strcmp(field, "meeting_key");
}

static void add_condition(f1_openf1_query_t *query, condition_t *condition, apr_pool_t *pool)
{
    int has_time;

    if (!strcmp(condition->field, "csv")) {
        query->is_csv = strcasecmp(condition->text, "false") && strcmp(condition->text, "0");
        return;
    }
    if (is_key(condition->field) && !strcmp(condition->text, "latest")) {
        condition->kind = LATEST;
        query->asks_latest = 1;
        push(query, condition);
        return;
    }
    type_value(condition, &has_time, pool);
    if (has_time) {
        push(query, condition);
    }
    else {
        push_day(query, condition);
    }
}

/* In a query string '+' is a space, so a zone "+02:00" arrives as " 02:00". */
static void repair_zone(char *value)
{
    size_t len = strlen(value);
    char *zone = len > 6 ? value + len - 6 : NULL;

    if (zone && zone[0] == ' ' && zone[3] == ':' && strspn(zone + 1, "0123456789:") == 5 &&
        strpbrk(value, "T:") < zone) {
        zone[0] = '+';
    }
}

/* Splits "date>=2023" into field and operator; the value follows. NULL when there is no operator, or nothing behind
 * an equals sign. */
static char *split(char *piece, op_t *pop)
{
    char *at = strpbrk(piece, "<>=");

    if (!at || (*at == '=' && !at[1])) {
        return NULL;
    }
    if (*at == '=') {
        *pop = EQUAL;
    }
    else {
        *pop = *at == '>' ? (at[1] == '=' ? FROM : ABOVE) : (at[1] == '=' ? UNTIL : BELOW);
    }
    *at = '\0';
    return at + (*pop == FROM || *pop == UNTIL ? 2 : 1);
}

static void read_piece(f1_openf1_query_t *query, const char *raw, size_t len, apr_pool_t *pool, f1_result_t *res)
{
    char *piece = f1_param_decode(raw, len, 1, pool), *value;
    condition_t condition = {0};

    if (!piece) {
        f1_result_field(res, "query", "is not UTF-8 in percent-encoding");
        return;
    }
    value = split(piece, &condition.op);
    if (!value) {
        f1_result_field(res, "query", "'%.40s' should be a field, one of = > >= < <=, and a value", piece);
        return;
    }
    f1_str_lower(piece);
    if (strstr(piece, "date")) {
        repair_zone(value);
    }
    condition.field = piece;
    condition.text = value;
    add_condition(query, &condition, pool);
}

apr_status_t f1_openf1_query_read(f1_openf1_query_t **pquery, const char *args, apr_pool_t *pool, f1_result_t *res)
{
    f1_openf1_query_t *query = apr_pcalloc(pool, sizeof(*query));
    size_t len;

    *pquery = query;
    query->conditions = apr_array_make(pool, 8, sizeof(condition_t));
    for (; args && *args; args += len + (args[len] == '&')) {
        len = strcspn(args, "&");
        if (len) {
            read_piece(query, args, len, pool, res);
        }
        if (query->conditions->nelts > CONDITIONS_MAX) {
            f1_result_field(res, "query", "has more than %d conditions", CONDITIONS_MAX);
        }
        if (res->error != F1_E_OK) {
            return res->rv;
        }
    }
    return APR_SUCCESS;
}

static int count_of(const f1_openf1_query_t *query, const char *field, int equal_only)
{
    const condition_t *conditions = (const condition_t *)query->conditions->elts;
    int i, count = 0;

    for (i = 0; i < query->conditions->nelts; i++) {
        if (!strcmp(conditions[i].field, field) && (!equal_only || conditions[i].op == EQUAL)) {
            count++;
        }
    }
    return count;
}

int f1_openf1_query_has(const f1_openf1_query_t *query, const char *field)
{
    return count_of(query, field, 0) > 0;
}

int f1_openf1_query_has_equal(const f1_openf1_query_t *query, const char *field)
{
    int count = count_of(query, field, 0);

    return count && count == count_of(query, field, 1);
}

/* --- Ranges */

/* Conditions of one kind on one field, on the way to a set of ranges. */
typedef struct ranges_t {
    f1_buf_t text;
    apr_array_header_t *lower, *upper; /* of const condition_t *, ascending */
    kind_t kind;
} ranges_t;

static int compare(const condition_t *a, const condition_t *b)
{
    switch (a->kind) {
    case TEXT:
        return strcmp(a->text, b->text);
    case TIME:
        return (a->time > b->time) - (a->time < b->time);
    default:
        return (a->number > b->number) - (a->number < b->number);
    }
}

static void insert(apr_array_header_t *sorted, const condition_t *condition)
{
    const condition_t **at;

    APR_ARRAY_PUSH(sorted, const condition_t *) = condition;
    for (at = (const condition_t **)sorted->elts + sorted->nelts - 1;
         at > (const condition_t **)sorted->elts && compare(at[0], at[-1]) < 0; at--) {
        const condition_t *before = at[-1];

        at[-1] = at[0];
        at[0] = before;
    }
}

static void add_quoted(f1_buf_t *out, const char *text)
{
    f1_buf_addc(out, '"');
    for (; *text; text++) {
        if (*text == '"' || *text == '\\') {
            f1_buf_addc(out, '\\');
        }
        f1_buf_addc(out, *text);
    }
    f1_buf_addc(out, '"');
}

static void add_bound(f1_buf_t *out, const condition_t *bound)
{
    char text[F1_NUMBER_LEN > F1_TIME_LEN ? F1_NUMBER_LEN : F1_TIME_LEN];

    switch (bound->kind) {
    case TEXT:
        add_quoted(out, bound->text);
        break;
    case TIME:
        add_quoted(out, f1_time_format(text, bound->time));
        break;
    case BOOLEAN:
        f1_buf_addc(out, bound->number != 0 ? 't' : 'f');
        break;
    default:
        f1_buf_adds(out, f1_number_format(text, bound->number));
        break;
    }
}

/* NULL: no bound on that side. */
static void add_range(ranges_t *ranges, const condition_t *low, const condition_t *high)
{
    f1_buf_t *out = &ranges->text;

    f1_buf_adds(out, out->len > 1 ? "," : "");
    f1_buf_addc(out, low && low->op != ABOVE ? '[' : '(');
    if (low) {
        add_bound(out, low);
    }
    f1_buf_addc(out, ',');
    if (high) {
        add_bound(out, high);
    }
    f1_buf_addc(out, high && high->op != BELOW ? ']' : ')');
}

/* The lowest lower bound goes with the lowest upper bound above it, and so on; where one finds none, it and the rest
 * stand alone. This is how the original pairs them. */
static void add_bounds(ranges_t *ranges)
{
    const condition_t **lower = (const condition_t **)ranges->lower->elts;
    const condition_t **upper = (const condition_t **)ranges->upper->elts;
    int i, j, is_pairing = 1;

    for (i = 0; i < ranges->lower->nelts; i++) {
        for (j = 0; is_pairing && j < ranges->upper->nelts && (!upper[j] || compare(lower[i], upper[j]) > 0); j++) {
        }
        is_pairing = is_pairing && j < ranges->upper->nelts;
        add_range(ranges, lower[i], is_pairing ? upper[j] : NULL);
        if (is_pairing) {
            upper[j] = NULL;
        }
    }
    for (j = 0; j < ranges->upper->nelts; j++) {
        if (upper[j]) {
            add_range(ranges, NULL, upper[j]);
        }
    }
}

static void take(ranges_t *ranges, const condition_t *condition)
{
    if (condition->op == EQUAL) {
        add_range(ranges, condition, condition);
    }
    else if (condition->op == ABOVE || condition->op == FROM) {
        insert(ranges->lower, condition);
    }
    else {
        insert(ranges->upper, condition);
    }
}

/* A condition as a filter sees it: "latest" is a number, and to some filters everything is a text. */
static condition_t seen_by(const f1_filter_t *filter, const condition_t *condition, const f1_openf1_latest_t *latest)
{
    condition_t seen = *condition;
    int key = !strcmp(condition->field, "session_key") ? latest->session_key : latest->meeting_key;

    if (filter->type == F1_FILTER_VERBATIM) {
        seen.kind = TEXT;
    }
    else if (seen.kind == LATEST && key) {
        seen.kind = NUMBER;
        seen.number = key;
    }
    return seen;
}

/* What is said twice counts once, so that it does not stand alone beside its pair. */
static int is_known(const condition_t *const *seen, int count, const condition_t *condition)
{
    int i;

    for (i = 0; i < count && (seen[i]->op != condition->op || compare(seen[i], condition) != 0); i++) {
    }
    return i < count;
}

/* The set of ranges of one kind; *pcount: conditions in it. */
static const char *ranges_of(const f1_openf1_query_t *query, const f1_filter_t *filter, kind_t kind,
                             const f1_openf1_latest_t *latest, int *pcount, apr_pool_t *pool)
{
    const condition_t *conditions = (const condition_t *)query->conditions->elts;
    const condition_t **known = apr_palloc(pool, sizeof(*known) * (size_t)(query->conditions->nelts + 1));
    ranges_t ranges = {.lower = apr_array_make(pool, 2, sizeof(condition_t *)),
                       .upper = apr_array_make(pool, 2, sizeof(condition_t *)),
                       .kind = kind};
    int i, count = 0;

    f1_buf_init(&ranges.text, pool, 128, RANGES_MAX);
    f1_buf_addc(&ranges.text, '{');
    for (i = 0; i < query->conditions->nelts; i++) {
        condition_t seen = seen_by(filter, &conditions[i], latest);

        if (!strcmp(conditions[i].field, filter->name) && seen.kind == kind && !is_known(known, count, &seen)) {
            known[count] = apr_pmemdup(pool, &seen, sizeof(seen));
            take(&ranges, known[count++]);
        }
    }
    *pcount += count;
    add_bounds(&ranges);
    f1_buf_addc(&ranges.text, '}');
    return ranges.text.data;
}

int f1_openf1_query_values(const f1_openf1_query_t *query, const f1_statement_t *statement,
                           const f1_openf1_latest_t *latest, const char **values, apr_pool_t *pool)
{
    static const kind_t kinds[] = {NUMBER, TEXT, TEXT, BOOLEAN, TIME, NUMBER}; /* by f1_filter_type_t */
    const condition_t *conditions = (const condition_t *)query->conditions->elts;
    int i, j;

    for (i = 0; i < query->conditions->nelts; i++) {
        for (j = 0; j < statement->filter_count && strcmp(statement->filters[j].name, conditions[i].field); j++) {
        }
        if (j == statement->filter_count) {
            return 0;
        }
    }
    for (j = 0; j < statement->filter_count; j++) {
        const f1_filter_t *filter = &statement->filters[j];
        int count = 0;

        values[filter->param] = NULL;
        if (filter->type == F1_FILTER_JSON) {
            values[filter->param + 1] = NULL;
        }
        if (!f1_openf1_query_has(query, filter->name)) {
            continue;
        }
        values[filter->param] = ranges_of(query, filter, kinds[filter->type], latest, &count, pool);
        if (filter->type == F1_FILTER_JSON) {
            values[filter->param + 1] = ranges_of(query, filter, TEXT, latest, &count, pool);
        }
        if (!count) {
            return 0;
        }
    }
    return 1;
}
