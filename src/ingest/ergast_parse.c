/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* From JSON to rows, by tables: which table an answer to a resource holds, which columns a kind of row has, where each
 * comes from and what it may be. Upstream writes every scalar as a string and leaves out what it does not know; null is
 * taken for left out too. */

#include "ingest/ergast_parse.h"

#include <string.h>

#include <apr_lib.h>
#include <apr_strings.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/str.h"
#include "ingest/nationality.h"

#define PATH_DEPTH 4
#define TEXT_MAX 200
#define URL_MAX 600
#define TOTAL_MAX 10000000
#define WEEK_MS (7 * 24 * 3600 * (apr_int64_t)1000)
#define PRINTED_MAX 60 /* bytes of a refused value that a message quotes */

typedef enum {
    TEXT,
    OPTIONAL_TEXT_EMPTY, /* text that may be "" */
    NATIONALITY, /* as such, a code becomes the word */
    SLUG,
    INTEGER,
    DECIMAL,
    DATE,
    TIME_OF_DAY,
    DURATION,
    CODE, /* three capitals */
    POSITION_TEXT,
    CONSTRUCTOR_LIST
} type_t;

typedef struct column_t {
    const char *path; /* below the row's object, parts separated by '/' */
    type_t type;
    int required;
    apr_int64_t min, max; /* numbers; max of text is bytes, 0: TEXT_MAX */
} column_t;

typedef struct kind_t {
    const char *const *names;
    const column_t *columns;
    int key; /* leading columns that, with season and round, may stand only once */
} kind_t;

#define WHOLE_ROW F1_ROW_MAX_COLUMNS

#define NAMES(...) ((const char *const[]){__VA_ARGS__, NULL})
#define COLUMNS(...) ((const column_t[]){__VA_ARGS__, {NULL, TEXT, 0, 0, 0}})

/* The last three only a simulated upstream has: see simulate.h. */
static const kind_t entity_circuit = {
    NAMES("id", "name", "locality", "country", "latitude", "longitude", "url", "length_km", "type", "time_zone"),
    COLUMNS({"circuitId", SLUG, 1, 0, 0}, {"circuitName", TEXT, 1, 0, 0}, {"Location/locality", TEXT, 0, 0, 0},
            {"Location/country", TEXT, 0, 0, 0}, {"Location/lat", DECIMAL, 0, -90, 90},
            {"Location/long", DECIMAL, 0, -180, 180}, {"url", TEXT, 0, 0, URL_MAX}, {"length_km", DECIMAL, 0, 1, 30},
            {"type", TEXT, 0, 0, 0}, {"time_zone", TEXT, 0, 0, 0}),
    1};

static const kind_t entity_driver = {
    NAMES("id", "ergast_id", "code", "number", "given_name", "family_name", "nationality", "birth_date", "url"),
    COLUMNS({"driverId", SLUG, 1, 0, 0}, {"driverId", TEXT, 1, 0, 0}, {"code", CODE, 0, 0, 0},
            {"permanentNumber", INTEGER, 0, 0, 999}, {"givenName", OPTIONAL_TEXT_EMPTY, 1, 0, 0},
            {"familyName", TEXT, 1, 0, 0}, {"nationality", NATIONALITY, 0, 0, 0}, {"dateOfBirth", DATE, 0, 0, 0},
            {"url", TEXT, 0, 0, URL_MAX}),
    1};

static const kind_t entity_constructor = {NAMES("id", "name", "nationality", "url"),
                                          COLUMNS({"constructorId", SLUG, 1, 0, 0}, {"name", TEXT, 1, 0, 0},
                                                  {"nationality", NATIONALITY, 0, 0, 0}, {"url", TEXT, 0, 0, URL_MAX}),
                                          1};

static const kind_t row_season = {NAMES("url"), COLUMNS({"url", TEXT, 0, 0, URL_MAX}), 0};

static const kind_t row_race = {NAMES("name", "circuit_id", "date", "url"),
                                COLUMNS({"raceName", TEXT, 1, 0, 0}, {"Circuit/circuitId", SLUG, 1, 0, 0},
                                        {"date", DATE, 1, 0, 0}, {"url", TEXT, 0, 0, URL_MAX}),
                                0};

/* kind is not read but set, from the name of the member that describes the session */
static const kind_t row_session = {
    NAMES("kind", "date", "time"),
    COLUMNS({"", TEXT, 0, 0, 0}, {"date", DATE, 1, 0, 0}, {"time", TIME_OF_DAY, 0, 0, 0}), 1};

static const kind_t row_result = {
    NAMES("driver_id", "constructor_id", "number", "position", "position_text", "points", "time_ms", "time_text",
          "grid", "laps", "status", "fastest_rank", "fastest_lap", "fastest_ms", "fastest_text", "fastest_speed",
          "fastest_unit"),
    COLUMNS({"Driver/driverId", SLUG, 1, 0, 0}, {"Constructor/constructorId", SLUG, 1, 0, 0},
            {"number", INTEGER, 0, 0, 999}, {"position", INTEGER, 0, 1, 999}, {"positionText", POSITION_TEXT, 1, 0, 0},
            {"points", DECIMAL, 1, 0, 1000}, {"Time/millis", INTEGER, 0, 1, WEEK_MS},
            {"Time/time", OPTIONAL_TEXT_EMPTY, 0, 0, 0}, {"grid", INTEGER, 0, 0, 999}, {"laps", INTEGER, 0, 0, 999},
            {"status", TEXT, 1, 0, 0}, {"FastestLap/rank", INTEGER, 0, 0, 999}, {"FastestLap/lap", INTEGER, 0, 1, 999},
            {"FastestLap/Time/time", DURATION, 0, 0, 0}, {"FastestLap/Time/time", OPTIONAL_TEXT_EMPTY, 0, 0, 0},
            {"FastestLap/AverageSpeed/speed", DECIMAL, 0, 1, 1000}, {"FastestLap/AverageSpeed/units", TEXT, 0, 0, 0}),
    WHOLE_ROW};

static const kind_t row_qualifying = {
    NAMES("driver_id", "constructor_id", "number", "position", "q1_ms", "q2_ms", "q3_ms", "q1_text", "q2_text",
          "q3_text"),
    COLUMNS({"Driver/driverId", SLUG, 1, 0, 0}, {"Constructor/constructorId", SLUG, 1, 0, 0},
            {"number", INTEGER, 0, 0, 999}, {"position", INTEGER, 0, 1, 999}, {"Q1", DURATION, 0, 0, 0},
            {"Q2", DURATION, 0, 0, 0}, {"Q3", DURATION, 0, 0, 0}, {"Q1", OPTIONAL_TEXT_EMPTY, 0, 0, 0},
            {"Q2", OPTIONAL_TEXT_EMPTY, 0, 0, 0}, {"Q3", OPTIONAL_TEXT_EMPTY, 0, 0, 0}),
    WHOLE_ROW};

/* the number of the lap stands above its timings and is set by who reads them */
static const kind_t row_lap = {NAMES("driver_id", "lap", "position", "time_ms"),
                               COLUMNS({"driverId", SLUG, 1, 0, 0}, {"", TEXT, 0, 0, 0},
                                       {"position", INTEGER, 0, 1, 999}, {"time", DURATION, 0, 0, 0}),
                               2};

static const kind_t row_pit_stop = {NAMES("driver_id", "stop", "lap", "local_time", "duration_ms", "duration_text"),
                                    COLUMNS({"driverId", SLUG, 1, 0, 0}, {"stop", INTEGER, 1, 1, 999},
                                            {"lap", INTEGER, 1, 0, 999}, {"time", TIME_OF_DAY, 0, 0, 0},
                                            {"duration", DURATION, 0, 0, 0},
                                            {"duration", OPTIONAL_TEXT_EMPTY, 0, 0, 0}),
                                    2};

static const kind_t row_driver_standing = {
    NAMES("id", "position", "position_text", "points", "wins", "constructor_ids"),
    COLUMNS({"Driver/driverId", SLUG, 1, 0, 0}, {"position", INTEGER, 0, 1, 999},
            {"positionText", POSITION_TEXT, 1, 0, 0}, {"points", DECIMAL, 1, -1000, 10000}, {"wins", INTEGER, 1, 0, 99},
            {"Constructors", CONSTRUCTOR_LIST, 1, 0, 0}),
    1};

static const kind_t row_constructor_standing = {
    NAMES("id", "position", "position_text", "points", "wins"),
    COLUMNS({"Constructor/constructorId", SLUG, 1, 0, 0}, {"position", INTEGER, 0, 1, 999},
            {"positionText", POSITION_TEXT, 1, 0, 0}, {"points", DECIMAL, 1, -1000, 10000},
            {"wins", INTEGER, 1, 0, 99}),
    1};

static const kind_t *const kinds[F1_ROW_KINDS] = {
    [F1_ROW_SEASON] = &row_season,
    [F1_ROW_CIRCUIT] = &entity_circuit,
    [F1_ROW_DRIVER] = &entity_driver,
    [F1_ROW_CONSTRUCTOR] = &entity_constructor,
    [F1_ROW_RACE] = &row_race,
    [F1_ROW_SESSION] = &row_session,
    [F1_ROW_RESULT] = &row_result,
    [F1_ROW_SPRINT] = &row_result,
    [F1_ROW_QUALIFYING] = &row_qualifying,
    [F1_ROW_LAP] = &row_lap,
    [F1_ROW_PIT_STOP] = &row_pit_stop,
    [F1_ROW_DRIVER_STANDING] = &row_driver_standing,
    [F1_ROW_CONSTRUCTOR_STANDING] = &row_constructor_standing,
};

/* How an answer is built: MRData holds table, which holds a list of items; an item is a row itself, or holds a list of
 * rows. */
static const struct resource_t {
    const char *name, *table, *items, *rows;
    f1_row_kind_t kind;
} resources[F1_ERGAST_RESOURCES] = {
    [F1_ERGAST_SEASONS] = {"seasons", "SeasonTable", "Seasons", NULL, F1_ROW_SEASON},
    [F1_ERGAST_DRIVERS] = {"drivers", "DriverTable", "Drivers", NULL, F1_ROW_DRIVER},
    [F1_ERGAST_CONSTRUCTORS] = {"constructors", "ConstructorTable", "Constructors", NULL, F1_ROW_CONSTRUCTOR},
    [F1_ERGAST_RACES] = {"races", "RaceTable", "Races", NULL, F1_ROW_RACE},
    [F1_ERGAST_RESULTS] = {"results", "RaceTable", "Races", "Results", F1_ROW_RESULT},
    [F1_ERGAST_SPRINT] = {"sprint", "RaceTable", "Races", "SprintResults", F1_ROW_SPRINT},
    [F1_ERGAST_QUALIFYING] = {"qualifying", "RaceTable", "Races", "QualifyingResults", F1_ROW_QUALIFYING},
    [F1_ERGAST_LAPS] = {"laps", "RaceTable", "Races", "Laps", F1_ROW_LAP},
    [F1_ERGAST_PITSTOPS] = {"pitstops", "RaceTable", "Races", "PitStops", F1_ROW_PIT_STOP},
    [F1_ERGAST_DRIVER_STANDINGS] = {"driverstandings", "StandingsTable", "StandingsLists", "DriverStandings",
                                    F1_ROW_DRIVER_STANDING},
    [F1_ERGAST_CONSTRUCTOR_STANDINGS] = {"constructorstandings", "StandingsTable", "StandingsLists",
                                         "ConstructorStandings", F1_ROW_CONSTRUCTOR_STANDING},
};

/* A session's member of a race in the calendar. The shootout was the first name of the sprint's qualifying. */
static const struct {
    const char *member, *kind;
} sessions[] = {
    {"FirstPractice", "practice_1"},
    {"SecondPractice", "practice_2"},
    {"ThirdPractice", "practice_3"},
    {"Qualifying", "qualifying"},
    {"SprintShootout", "sprint_qualifying"},
    {"SprintQualifying", "sprint_qualifying"},
    {"Sprint", "sprint"},
};

const char *f1_ergast_resource_name(f1_ergast_resource_t resource)
{
    return resources[resource].name;
}

f1_row_kind_t f1_ergast_resource_kind(f1_ergast_resource_t resource)
{
    return resources[resource].kind;
}

const char *const *f1_ergast_columns(f1_row_kind_t kind)
{
    return kinds[kind]->names;
}

/* --- Rows */

f1_ergast_rows_t *f1_ergast_rows_make(apr_pool_t *pool)
{
    f1_ergast_rows_t *rows = apr_pcalloc(pool, sizeof(*rows));
    int kind;

    rows->pool = pool;
    for (kind = 0; kind < F1_ROW_KINDS; kind++) {
        rows->rows[kind] = apr_array_make(pool, 32, sizeof(f1_row_t));
        rows->seen[kind] = apr_hash_make(pool);
    }
    return rows;
}

int f1_ergast_rows_count(const f1_ergast_rows_t *rows, f1_row_kind_t kind)
{
    return rows->rows[kind]->nelts;
}

const f1_row_t *f1_ergast_row(const f1_ergast_rows_t *rows, f1_row_kind_t kind, int i)
{
    return &APR_ARRAY_IDX(rows->rows[kind], i, f1_row_t);
}

static const char *row_key(f1_row_kind_t kind, const f1_row_t *row, apr_pool_t *pool)
{
    f1_buf_t key;
    int i;

    f1_buf_init(&key, pool, 64, 64 * 1024);
    f1_buf_addf(&key, "%d %d", row->season, row->round);
    for (i = 0; i < kinds[kind]->key && kinds[kind]->names[i]; i++) {
        f1_buf_addc(&key, '\t');
        f1_buf_adds(&key, row->values[i] ? row->values[i] : "\\N");
    }
    return key.data;
}

/* Adds a row; 0 when it stands there already. */
static int add_row(f1_ergast_rows_t *rows, f1_row_kind_t kind, const f1_row_t *row)
{
    const char *key = row_key(kind, row, rows->pool);

    if (apr_hash_get(rows->seen[kind], key, APR_HASH_KEY_STRING)) {
        return 0;
    }
    apr_hash_set(rows->seen[kind], key, APR_HASH_KEY_STRING, "");
    APR_ARRAY_PUSH(rows->rows[kind], f1_row_t) = *row;
    return 1;
}

void f1_ergast_rows_merge(f1_ergast_rows_t *rows, const f1_ergast_rows_t *more)
{
    int kind, i;

    for (kind = 0; kind < F1_ROW_KINDS; kind++) {
        for (i = 0; i < more->rows[kind]->nelts; i++) {
            (void)add_row(rows, (f1_row_kind_t)kind, &APR_ARRAY_IDX(more->rows[kind], i, f1_row_t));
        }
    }
}

/* --- Values */

/* Of digits that were checked before. */
static apr_int64_t number(const char *digits)
{
    apr_int64_t value = 0;

    (void)f1_str_to_int64(digits, &value);
    return value;
}

/* Where in an answer we are, for words about what is wrong with it. */
typedef struct place_t {
    const f1_ergast_page_t *page;
    const char *list; /* what is being read: "Results" */
    int season, round, row; /* 0: not known; row counts from 1 */
    f1_result_t *res;
    apr_pool_t *pool; /* of the rows */
} place_t;

/* value: what is wrong, NULL where there is none to show. */
static apr_status_t bad(const place_t *place, const char *path, const char *value, const char *wrong)
{
    apr_pool_t *pool = place->res->pool;
    const char *where = place->list;

    if (place->round) {
        where = apr_psprintf(pool, "round %d, %s", place->round, where);
    }
    if (place->row) {
        where = apr_psprintf(pool, "%s %d", where, place->row);
    }
    return f1_result_fail(place->res, F1_E_BAD_DATA, APR_EGENERAL, "%s: %s: %s %s%.*s%s%s", place->page->name, where,
                          path, value ? "'" : "", PRINTED_MAX, value ? value : "", value ? "' " : "", wrong);
}

/* The string at path; NULL when it is absent, and *pok is 0 when there is something else than a string. */
static const char *string_at(json_t *object, const char *path, int *pok)
{
    char name[40];
    const char *slash;
    json_t *value = object;
    size_t len;

    *pok = 1;
    for (; value && json_is_object(value) && path; path = slash ? slash + 1 : NULL) {
        slash = strchr(path, '/');
        len = slash ? (size_t)(slash - path) : strlen(path);
        apr_cpystrn(name, path, len + 1 < sizeof(name) ? len + 1 : sizeof(name));
        value = json_object_get(value, name);
    }
    if (!value || json_is_null(value)) {
        return NULL;
    }
    *pok = json_is_string(value) && !path;
    return *pok ? json_string_value(value) : NULL;
}

/* Without control characters. JSON strings may hold NUL; jansson refuses it. */
static int is_clean(const char *text)
{
    for (; *text; text++) {
        if ((unsigned char)*text < 0x20 || *text == 0x7f) {
            return 0;
        }
    }
    return 1;
}

/* Ids are lower case here; upstream has a few that are not. NULL when text cannot be one. */
static const char *slug(const char *text, apr_pool_t *pool)
{
    size_t len = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");

    if (!len || len > 80 || text[len] || text[0] == '_' || text[0] == '-') {
        return NULL;
    }
    return f1_str_lower(apr_pstrdup(pool, text));
}

static int is_code(const char *text)
{
    return strlen(text) == 3 && strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 3;
}

static int is_position_text(const char *text)
{
    size_t digits = strspn(text, "0123456789");

    return digits ? digits <= 3 && !text[digits] : strspn(text, "-RDEWFN") == 1 && !text[1];
}

/* [-]digits[.digits], at most 9 and 6 of them, so that min and max decide in exact arithmetic of int64. */
static int is_decimal(const char *text, apr_int64_t min, apr_int64_t max)
{
    const char *digits = *text == '-' ? text + 1 : text;
    size_t whole = strspn(digits, "0123456789"), part = 0;
    char copy[17] = "";
    apr_int64_t value;

    if (digits[whole] == '.') {
        part = strspn(digits + whole + 1, "0123456789");
        if (!part || digits[whole + 1 + part]) {
            return 0;
        }
    }
    else if (digits[whole]) {
        return 0;
    }
    if (!whole || whole > 9 || part > 6) {
        return 0;
    }
    /* whole and fraction as one number of millionths */
    memset(copy, '0', whole + 6);
    memcpy(copy, digits, whole);
    memcpy(copy + whole, digits + whole + 1, part);
    value = number(copy);
    if (*text == '-') {
        value = -value;
    }
    return value >= min * 1000000 && value <= max * 1000000;
}

/* HH:MM:SS with a Z (UTC) or without. */
static int is_time_of_day(const char *text)
{
    char stamp[40];
    apr_time_t time;
    size_t len = strlen(text);

    if (len < 8 || len > 20) {
        return 0;
    }
    apr_snprintf(stamp, sizeof(stamp), "2000-01-01T%s%s", text, text[len - 1] == 'Z' ? "" : "Z");
    return f1_time_parse(stamp, &time);
}

apr_int64_t f1_ergast_time_ms(const char *text)
{
    apr_int64_t ms = 0, part;
    int parts = 0, digits;

    if (*text == '+') {
        text++;
    }
    for (;; text++) {
        for (part = 0, digits = 0; apr_isdigit(*text) && digits < 7; text++, digits++) {
            part = part * 10 + (*text - '0');
        }
        if (!digits || ++parts > 3) {
            return 0;
        }
        ms = ms * 60 + part * 1000;
        if (*text != ':') {
            break;
        }
    }
    if (*text == '.') {
        for (part = 100, text++; apr_isdigit(*text) && part; text++, part /= 10) {
            ms += (*text - '0') * part;
        }
    }
    return *text || ms > WEEK_MS ? 0 : ms;
}

static apr_status_t integer_value(const place_t *place, const column_t *column, const char *text, const char **pvalue)
{
    apr_int64_t value;

    if (!f1_str_to_int64(text, &value) || value < column->min || value > column->max) {
        return bad(place, column->path, text,
                   apr_psprintf(place->res->pool,
                                "should be a whole number from %" APR_INT64_T_FMT " to %" APR_INT64_T_FMT, column->min,
                                column->max));
    }
    *pvalue = apr_psprintf(place->pool, "%" APR_INT64_T_FMT, value);
    return APR_SUCCESS;
}

/* A time in milliseconds; "" and a zero, which both stand for a time that was not taken, are no value. */
static apr_status_t duration_value(const place_t *place, const column_t *column, const char *text, const char **pvalue)
{
    apr_int64_t ms;

    *pvalue = NULL;
    if (!text[strspn(text, "0:.")]) {
        return APR_SUCCESS;
    }
    ms = f1_ergast_time_ms(text);
    if (ms <= 0 || ms > APR_INT32_MAX) {
        return bad(place, column->path, text, "should be a time like 1:21.716");
    }
    *pvalue = apr_psprintf(place->pool, "%" APR_INT64_T_FMT, ms);
    return APR_SUCCESS;
}

static apr_status_t text_value(const place_t *place, const column_t *column, const char *text, const char **pvalue)
{
    apr_size_t max = column->max ? (apr_size_t)column->max : TEXT_MAX;
    const char *should = NULL;

    *pvalue = column->type == NATIONALITY ? f1_nationality(text, place->pool) : apr_pstrdup(place->pool, text);
    switch (column->type) {
    case SLUG:
        *pvalue = slug(text, place->pool);
        should = *pvalue ? NULL : "should be an id of a-z, 0-9, _ and -";
        break;
    case CODE:
        should = is_code(text) ? NULL : "should be three capital letters";
        break;
    case DECIMAL:
        should = is_decimal(text, column->min, column->max)
                     ? NULL
                     : apr_psprintf(place->res->pool, "should be a number from %d to %d", (int)column->min,
                                    (int)column->max);
        break;
    case DATE:
        should = f1_date_is_valid(text) ? NULL : "should be a date";
        break;
    case TIME_OF_DAY:
        should = is_time_of_day(text) ? NULL : "should be a time of day";
        break;
    case POSITION_TEXT:
        should = is_position_text(text) ? NULL : "should be a place, R, D, E, W, F, N or -";
        break;
    default:
        should = strlen(text) <= max && is_clean(text) ? NULL : "is too long or holds control characters";
        break;
    }
    return should ? bad(place, column->path, text, should) : APR_SUCCESS;
}

/* The ids of a list of constructors as a PostgreSQL array. */
static apr_status_t constructor_list(const place_t *place, json_t *object, const column_t *column, const char **pvalue)
{
    json_t *list = f1_json_array(object, column->path), *item;
    const char *text, *id;
    f1_buf_t ids;
    size_t i;

    if (!list) {
        return bad(place, column->path, NULL, "should be a list");
    }
    f1_buf_init(&ids, place->pool, 64, 4096);
    f1_buf_addc(&ids, '{');
    json_array_foreach(list, i, item)
    {
        text = json_is_object(item) ? f1_json_str(item, "constructorId") : NULL;
        id = text ? slug(text, place->res->pool) : NULL;
        if (!id) {
            return bad(place, "Constructors/constructorId", text, "should be an id of a-z, 0-9, _ and -");
        }
        f1_buf_addf(&ids, "%s%s", i ? "," : "", id);
    }
    f1_buf_addc(&ids, '}');
    if (ids.full) {
        return bad(place, column->path, NULL, "is too long");
    }
    *pvalue = ids.data;
    return APR_SUCCESS;
}

static apr_status_t column_value(const place_t *place, json_t *object, const column_t *column, const char **pvalue)
{
    const char *text;
    int ok;

    *pvalue = NULL;
    if (column->type == CONSTRUCTOR_LIST) {
        return constructor_list(place, object, column, pvalue);
    }
    text = string_at(object, column->path, &ok);
    if (!ok) {
        return bad(place, column->path, NULL, "should be a string");
    }
    if (text && !*text && column->type != OPTIONAL_TEXT_EMPTY && !column->required) {
        text = NULL;
    }
    if (!text) {
        return column->required ? bad(place, column->path, NULL, "is missing") : APR_SUCCESS;
    }
    if (!*text && column->type != OPTIONAL_TEXT_EMPTY) {
        return bad(place, column->path, text, "should not be empty");
    }
    switch (column->type) {
    case INTEGER:
        return integer_value(place, column, text, pvalue);
    case DURATION:
        return duration_value(place, column, text, pvalue);
    default:
        return text_value(place, column, text, pvalue);
    }
}

/* All columns of a kind from one object. Columns without a path are left to the caller. */
static apr_status_t object_values(const place_t *place, json_t *object, f1_row_kind_t kind, const char **values)
{
    const column_t *column;
    int i;

    if (!json_is_object(object)) {
        return bad(place, "row", NULL, "should be an object");
    }
    for (i = 0, column = kinds[kind]->columns; column->path; i++, column++) {
        if (*column->path && column_value(place, object, column, &values[i]) != APR_SUCCESS) {
            return place->res->rv;
        }
    }
    return APR_SUCCESS;
}

static const char **new_values(const place_t *place)
{
    return apr_pcalloc(place->pool, sizeof(char *) * F1_ROW_MAX_COLUMNS);
}

/* A driver, constructor or circuit. The same one is described in many rows; the first description counts. */
static apr_status_t add_entity(const place_t *place, json_t *description, f1_row_kind_t kind, f1_ergast_rows_t *rows)
{
    place_t inner = *place;
    const char *id, **values;
    f1_row_t row = {0, 0, &id};

    id = json_is_object(description) ? f1_json_str(description, kinds[kind]->columns[F1_COL_ID].path) : NULL;
    id = id ? slug(id, place->res->pool) : NULL;
    if (id && apr_hash_get(rows->seen[kind], row_key(kind, &row, place->res->pool), APR_HASH_KEY_STRING)) {
        return APR_SUCCESS;
    }
    inner.list = apr_pstrcat(place->res->pool, place->list, "/", kinds[kind]->columns[F1_COL_ID].path, NULL);
    values = new_values(place);
    row.values = values;
    if (object_values(&inner, description, kind, values) == APR_SUCCESS) {
        (void)add_row(rows, kind, &row);
    }
    return place->res->rv;
}

/* --- Checks that span columns */

/* A winner's time is printed whole; where it is, it must be the number beside it. (A time without a fraction is known
 * to be printed without its seconds too, so a shorter print is only compared as far as it goes.) */
static apr_status_t check_time(const place_t *place, const char *const *values)
{
    const char *text = values[F1_RESULT_TIME_TEXT], *ms = values[F1_RESULT_TIME_MS];
    apr_int64_t printed;

    if (!text || !*text || !ms || *text == '+' || !strchr(text, '.')) {
        return APR_SUCCESS;
    }
    printed = f1_ergast_time_ms(text);
    if (printed <= 0 || printed != number(ms)) {
        return bad(place, "Time/millis", ms, apr_psprintf(place->res->pool, "does not agree with the time '%s'", text));
    }
    return APR_SUCCESS;
}

/* --- Items */

/* Season and round of an item, which must be the ones that were asked for. */
static apr_status_t item_place(place_t *place, json_t *item, int season, int round)
{
    static const column_t season_column = {"season", INTEGER, 1, 1950, 2199};
    static const column_t round_column = {"round", INTEGER, 1, 1, 99};
    const char *value;

    if (column_value(place, item, &season_column, &value) != APR_SUCCESS) {
        return place->res->rv;
    }
    place->season = (int)number(value);
    if (season && place->season != season) {
        return bad(place, "season", value, apr_psprintf(place->res->pool, "should be %d, as asked for", season));
    }
    if (place->page->resource == F1_ERGAST_SEASONS) {
        return APR_SUCCESS;
    }
    if (column_value(place, item, &round_column, &value) != APR_SUCCESS) {
        return place->res->rv;
    }
    place->round = (int)number(value);
    if (round && place->round != round) {
        return bad(place, "round", value, apr_psprintf(place->res->pool, "should be %d, as asked for", round));
    }
    return APR_SUCCESS;
}

static apr_status_t add_once(const place_t *place, f1_row_kind_t kind, const char *const *values,
                             f1_ergast_rows_t *rows)
{
    f1_row_t row = {place->season, place->round, values};

    if (!add_row(rows, kind, &row)) {
        return bad(place, "row", values[F1_COL_ID], "stands there twice, as if a page had been sent again");
    }
    return APR_SUCCESS;
}

static apr_status_t add_session(place_t *place, json_t *object, const char *kind, f1_ergast_rows_t *rows)
{
    const char **values = new_values(place);

    place->list = kind;
    values[F1_SESSION_KIND] = kind;
    if (object_values(place, object, F1_ROW_SESSION, values) != APR_SUCCESS) {
        return place->res->rv;
    }
    return add_once(place, F1_ROW_SESSION, values, rows);
}

static apr_status_t race_item(place_t *place, json_t *race, f1_ergast_rows_t *rows)
{
    const char **values = new_values(place);
    json_t *object;
    size_t i;

    if (object_values(place, race, F1_ROW_RACE, values) != APR_SUCCESS ||
        add_once(place, F1_ROW_RACE, values, rows) != APR_SUCCESS ||
        add_entity(place, json_object_get(race, "Circuit"), F1_ROW_CIRCUIT, rows) != APR_SUCCESS ||
        add_session(place, race, "race", rows) != APR_SUCCESS) {
        return place->res->rv;
    }
    for (i = 0; i < sizeof(sessions) / sizeof(sessions[0]); i++) {
        object = json_object_get(race, sessions[i].member);
        if (object && !json_is_null(object) && add_session(place, object, sessions[i].kind, rows) != APR_SUCCESS) {
            return place->res->rv;
        }
    }
    return APR_SUCCESS;
}

static apr_status_t entry_row(place_t *place, json_t *object, f1_row_kind_t kind, f1_ergast_rows_t *rows)
{
    const char **values = new_values(place);

    if (object_values(place, object, kind, values) != APR_SUCCESS ||
        add_entity(place, json_object_get(object, "Driver"), F1_ROW_DRIVER, rows) != APR_SUCCESS ||
        add_entity(place, json_object_get(object, "Constructor"), F1_ROW_CONSTRUCTOR, rows) != APR_SUCCESS) {
        return place->res->rv;
    }
    if (kind != F1_ROW_QUALIFYING && check_time(place, values) != APR_SUCCESS) {
        return place->res->rv;
    }
    return add_once(place, kind, values, rows);
}

static apr_status_t standing_row(place_t *place, json_t *object, f1_row_kind_t kind, f1_ergast_rows_t *rows)
{
    const char **values = new_values(place);
    json_t *constructor;
    size_t i;

    if (object_values(place, object, kind, values) != APR_SUCCESS) {
        return place->res->rv;
    }
    if (kind == F1_ROW_CONSTRUCTOR_STANDING) {
        return add_entity(place, json_object_get(object, "Constructor"), F1_ROW_CONSTRUCTOR, rows) == APR_SUCCESS
                   ? add_once(place, kind, values, rows)
                   : place->res->rv;
    }
    json_array_foreach(json_object_get(object, "Constructors"), i, constructor)
    {
        if (add_entity(place, constructor, F1_ROW_CONSTRUCTOR, rows) != APR_SUCCESS) {
            return place->res->rv;
        }
    }
    if (add_entity(place, json_object_get(object, "Driver"), F1_ROW_DRIVER, rows) != APR_SUCCESS) {
        return place->res->rv;
    }
    return add_once(place, kind, values, rows);
}

/* A lap holds a timing for each driver. */
static apr_status_t lap_rows(place_t *place, json_t *lap, f1_ergast_rows_t *rows)
{
    static const column_t number_column = {"number", INTEGER, 1, 1, 999};
    const char *number, **values;
    json_t *timing;
    size_t i;

    if (column_value(place, lap, &number_column, &number) != APR_SUCCESS) {
        return place->res->rv;
    }
    json_array_foreach(json_object_get(lap, "Timings"), i, timing)
    {
        values = new_values(place);
        values[1] = number;
        if (object_values(place, timing, F1_ROW_LAP, values) != APR_SUCCESS ||
            add_once(place, F1_ROW_LAP, values, rows) != APR_SUCCESS) {
            return place->res->rv;
        }
    }
    return APR_SUCCESS;
}

static apr_status_t plain_row(place_t *place, json_t *object, f1_row_kind_t kind, f1_ergast_rows_t *rows)
{
    const char **values = new_values(place);

    if (object_values(place, object, kind, values) != APR_SUCCESS) {
        return place->res->rv;
    }
    return add_once(place, kind, values, rows);
}

static apr_status_t one_row(place_t *place, json_t *object, f1_row_kind_t kind, f1_ergast_rows_t *rows)
{
    switch (kind) {
    case F1_ROW_RESULT:
    case F1_ROW_SPRINT:
    case F1_ROW_QUALIFYING:
        return entry_row(place, object, kind, rows);
    case F1_ROW_DRIVER_STANDING:
    case F1_ROW_CONSTRUCTOR_STANDING:
        return standing_row(place, object, kind, rows);
    case F1_ROW_LAP:
        return lap_rows(place, object, rows);
    default:
        return plain_row(place, object, kind, rows);
    }
}

apr_status_t f1_ergast_item_season(const f1_ergast_page_t *page, int item, int *pseason, f1_result_t *res)
{
    place_t place = {page, resources[page->resource].items, 0, 0, item + 1, res, res->pool};

    *pseason = 0;
    if (page->resource == F1_ERGAST_DRIVERS || page->resource == F1_ERGAST_CONSTRUCTORS) {
        return APR_SUCCESS;
    }
    (void)item_place(&place, json_array_get(page->items, (size_t)item), 0, 0);
    *pseason = place.season;
    return res->rv;
}

apr_status_t f1_ergast_item_rows(const f1_ergast_page_t *page, int item, int season, int round, f1_ergast_rows_t *rows,
                                 f1_result_t *res)
{
    const struct resource_t *resource = &resources[page->resource];
    place_t place = {page, resource->items, 0, 0, item + 1, res, rows->pool};
    json_t *object = json_array_get(page->items, (size_t)item), *row;
    size_t i;

    if (resource->kind == F1_ROW_DRIVER || resource->kind == F1_ROW_CONSTRUCTOR) {
        return add_entity(&place, object, resource->kind, rows);
    }
    if (item_place(&place, object, season, round) != APR_SUCCESS) {
        return res->rv;
    }
    if (resource->kind == F1_ROW_RACE) {
        return race_item(&place, object, rows);
    }
    if (!resource->rows) {
        return plain_row(&place, object, resource->kind, rows);
    }
    place.list = resource->rows;
    json_array_foreach(json_object_get(object, resource->rows), i, row)
    {
        place.row = (int)i + 1;
        if (one_row(&place, row, resource->kind, rows) != APR_SUCCESS) {
            return res->rv;
        }
    }
    return APR_SUCCESS;
}

/* --- Pages */

static int envelope_number(json_t *data, const char *name)
{
    const char *text = f1_json_str(data, name);
    apr_int64_t value;

    return text && f1_str_to_int64(text, &value) && value >= 0 && value <= TOTAL_MAX ? (int)value : -1;
}

/* What a page counts: drivers, result rows, timings. */
static int count_rows(const f1_ergast_page_t *page)
{
    const char *list = resources[page->resource].rows;
    json_t *item, *row;
    size_t i, j, count = 0;

    if (!list) {
        return (int)json_array_size(page->items);
    }
    json_array_foreach(page->items, i, item)
    {
        if (page->resource != F1_ERGAST_LAPS) {
            count += json_array_size(json_object_get(item, list));
            continue;
        }
        json_array_foreach(json_object_get(item, list), j, row)
        {
            count += json_array_size(json_object_get(row, "Timings"));
        }
    }
    return (int)count;
}

/* What a table says it is about must be what was asked for. */
static apr_status_t check_criterion(const f1_ergast_page_t *page, json_t *table, const char *name, int asked,
                                    f1_result_t *res)
{
    const char *text = f1_json_str(table, name);
    apr_int64_t value;

    if (asked && text && (!f1_str_to_int64(text, &value) || value != asked)) {
        return f1_result_fail(res, F1_E_BAD_DATA, APR_EGENERAL, "%s: the answer is about %s %.*s instead of %d",
                              page->name, name, PRINTED_MAX, text, asked);
    }
    return APR_SUCCESS;
}

static apr_status_t check_count(const f1_ergast_page_t *page, f1_result_t *res)
{
    int left = page->total - page->offset, rows = count_rows(page), promised;

    promised = left < 0 ? 0 : left < page->limit ? left : page->limit;
    if (rows != promised) {
        return f1_result_fail(res, F1_E_BAD_DATA, APR_EGENERAL,
                              "%s: %d rows where limit %d, offset %d and total %d promise %d", page->name, rows,
                              page->limit, page->offset, page->total, promised);
    }
    return APR_SUCCESS;
}

apr_status_t f1_ergast_page_read(f1_ergast_page_t *page, int season, int round, const char *body, size_t len,
                                 apr_pool_t *pool, f1_result_t *res)
{
    const struct resource_t *resource = &resources[page->resource];
    const char *simulated;
    json_t *doc, *data, *table;

    if (f1_json_parse(&doc, body, len, F1_E_BAD_DATA, pool, res) != APR_SUCCESS) {
        res->detail = apr_psprintf(res->pool, "%s: %s", page->name, res->detail);
        return res->rv;
    }
    data = json_is_object(doc) ? f1_json_object(doc, "MRData") : NULL;
    table = data ? f1_json_object(data, resource->table) : NULL;
    page->items = table ? f1_json_array(table, resource->items) : NULL;
    if (!page->items) {
        return f1_result_fail(res, F1_E_BAD_DATA, APR_EGENERAL, "%s: the answer has no MRData/%s/%s", page->name,
                              resource->table, resource->items);
    }
    page->limit = envelope_number(data, "limit");
    page->offset = envelope_number(data, "offset");
    page->total = envelope_number(data, "total");
    if (page->limit < 0 || page->offset < 0 || page->total < 0 || (!page->limit && page->total)) {
        return f1_result_fail(res, F1_E_BAD_DATA, APR_EGENERAL, "%s: MRData has no usable limit, offset and total",
                              page->name);
    }
    simulated = f1_json_str(data, "simulated");
    page->is_simulated = simulated && strcmp(simulated, "true") == 0;
    if (check_criterion(page, table, "season", season, res) != APR_SUCCESS ||
        check_criterion(page, table, "round", round, res) != APR_SUCCESS) {
        return res->rv;
    }
    return check_count(page, res);
}
