/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* OpenF1's lists by tables: each names the members we keep and what they may be. Members that no table names are passed
 * over, because upstream adds some from time to time. */

#include "ingest/openf1_parse.h"

#include <limits.h>
#include <string.h>

#include <apr_strings.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/number.h"

#define ROWS_MAX_BYTES (1024 * 1024 * 1024)
#define TEXT_MAX_BYTES 4000
#define ARRAY_MAX 1000
#define NUMBER_MAX 1e12
#define POSTGRES_EPOCH apr_time_from_sec(APR_INT64_C(946684800)) /* 2000-01-01 */

typedef enum {
    INTEGER,
    SMALL, /* fits a smallint */
    DRIVER, /* a car's number, which does too */
    NUMBER,
    BOOLEAN,
    TEXT,
    TIME,
    GAP, /* number or text */
    PARTS, /* number, text, or array of numbers and nulls */
    NUMBERS /* array of numbers and nulls */
} type_t;

typedef struct member_t {
    const char *name;
    type_t type;
    int is_required; /* neither absent nor null */
} member_t;

/* Every list but meetings has a session, too. */
#define MEETING                   \
    {                             \
        "meeting_key", INTEGER, 1 \
    }
#define KEYS                      \
    MEETING,                      \
    {                             \
        "session_key", INTEGER, 1 \
    }
#define END              \
    {                    \
        NULL, INTEGER, 0 \
    }

#define PLACE                                                                                                        \
    {"year", INTEGER, 1}, {"date_start", TIME, 1}, {"date_end", TIME, 0}, {"gmt_offset", TEXT, 0},                   \
        {"is_cancelled", BOOLEAN, 0}, {"location", TEXT, 0}, {"country_key", INTEGER, 0}, {"country_code", TEXT, 0}, \
        {"country_name", TEXT, 0}, {"circuit_key", INTEGER, 0},                                                      \
    {                                                                                                                \
        "circuit_short_name", TEXT, 0                                                                                \
    }

#define STANDING                                                                                   \
    {"position_start", INTEGER, 0}, {"position_current", INTEGER, 0}, {"points_start", NUMBER, 0}, \
    {                                                                                              \
        "points_current", NUMBER, 0                                                                \
    }

static const member_t meetings[] = {MEETING,
                                    PLACE,
                                    {"meeting_name", TEXT, 0},
                                    {"meeting_official_name", TEXT, 0},
                                    {"meeting_code", TEXT, 0},
                                    {"country_flag", TEXT, 0},
                                    {"circuit_type", TEXT, 0},
                                    {"circuit_image", TEXT, 0},
                                    {"circuit_info_url", TEXT, 0},
                                    END};
static const member_t sessions[] = {KEYS, PLACE, {"session_name", TEXT, 0}, {"session_type", TEXT, 0}, END};
static const member_t drivers[] = {KEYS,
                                   {"driver_number", DRIVER, 1},
                                   {"name_acronym", TEXT, 0},
                                   {"broadcast_name", TEXT, 0},
                                   {"first_name", TEXT, 0},
                                   {"last_name", TEXT, 0},
                                   {"full_name", TEXT, 0},
                                   {"team_name", TEXT, 0},
                                   {"team_colour", TEXT, 0},
                                   {"country_code", TEXT, 0},
                                   {"headshot_url", TEXT, 0},
                                   END};
static const member_t position[] = {
    KEYS, {"date", TIME, 1}, {"driver_number", DRIVER, 1}, {"position", INTEGER, 0}, END};
static const member_t intervals[] = {
    KEYS, {"date", TIME, 1}, {"driver_number", DRIVER, 1}, {"gap_to_leader", GAP, 0}, {"interval", GAP, 0}, END};
static const member_t laps[] = {KEYS,
                                {"driver_number", DRIVER, 1},
                                {"lap_number", INTEGER, 1},
                                {"date_start", TIME, 0},
                                {"lap_duration", NUMBER, 0},
                                {"duration_sector_1", NUMBER, 0},
                                {"duration_sector_2", NUMBER, 0},
                                {"duration_sector_3", NUMBER, 0},
                                {"i1_speed", NUMBER, 0},
                                {"i2_speed", NUMBER, 0},
                                {"st_speed", NUMBER, 0},
                                {"is_pit_out_lap", BOOLEAN, 0},
                                {"segments_sector_1", NUMBERS, 0},
                                {"segments_sector_2", NUMBERS, 0},
                                {"segments_sector_3", NUMBERS, 0},
                                END};
static const member_t pit[] = {KEYS,
                               {"date", TIME, 1},
                               {"driver_number", DRIVER, 1},
                               {"lap_number", INTEGER, 0},
                               {"pit_duration", NUMBER, 0},
                               {"lane_duration", NUMBER, 0},
                               {"stop_duration", NUMBER, 0},
                               END};
static const member_t stints[] = {KEYS,
                                  {"driver_number", DRIVER, 1},
                                  {"stint_number", INTEGER, 0},
                                  {"lap_start", INTEGER, 0},
                                  {"lap_end", INTEGER, 0},
                                  {"compound", TEXT, 0},
                                  {"tyre_age_at_start", INTEGER, 0},
                                  END};
static const member_t race_control[] = {KEYS,
                                        {"date", TIME, 1},
                                        {"category", TEXT, 0},
                                        {"driver_number", DRIVER, 0},
                                        {"flag", TEXT, 0},
                                        {"lap_number", INTEGER, 0},
                                        {"message", TEXT, 0},
                                        {"qualifying_phase", INTEGER, 0},
                                        {"scope", TEXT, 0},
                                        {"sector", INTEGER, 0},
                                        END};
static const member_t weather[] = {KEYS,
                                   {"date", TIME, 1},
                                   {"air_temperature", NUMBER, 0},
                                   {"track_temperature", NUMBER, 0},
                                   {"humidity", NUMBER, 0},
                                   {"pressure", NUMBER, 0},
                                   {"rainfall", NUMBER, 0},
                                   {"wind_direction", NUMBER, 0},
                                   {"wind_speed", NUMBER, 0},
                                   END};
static const member_t overtakes[] = {KEYS,
                                     {"date", TIME, 1},
                                     {"overtaking_driver_number", DRIVER, 0},
                                     {"overtaken_driver_number", DRIVER, 0},
                                     {"position", INTEGER, 0},
                                     END};
static const member_t session_result[] = {KEYS,
                                          {"driver_number", DRIVER, 1},
                                          {"position", INTEGER, 0},
                                          {"points", NUMBER, 0},
                                          {"number_of_laps", INTEGER, 0},
                                          {"duration", PARTS, 0},
                                          {"gap_to_leader", PARTS, 0},
                                          {"dnf", BOOLEAN, 0},
                                          {"dns", BOOLEAN, 0},
                                          {"dsq", BOOLEAN, 0},
                                          END};
static const member_t starting_grid[] = {
    KEYS, {"driver_number", DRIVER, 1}, {"position", INTEGER, 0}, {"lap_duration", NUMBER, 0}, END};
static const member_t team_radio[] = {
    KEYS, {"date", TIME, 1}, {"driver_number", DRIVER, 0}, {"recording_url", TEXT, 0}, END};
static const member_t championship_drivers[] = {KEYS, {"driver_number", DRIVER, 1}, STANDING, END};
static const member_t championship_teams[] = {KEYS, {"team_name", TEXT, 1}, STANDING, END};
/* In the order of the columns that COPY names. */
static const member_t car_data[] = {{"date", TIME, 1},
                                    {"session_key", INTEGER, 1},
                                    MEETING,
                                    {"driver_number", DRIVER, 1},
                                    {"speed", SMALL, 0},
                                    {"rpm", SMALL, 0},
                                    {"n_gear", SMALL, 0},
                                    {"throttle", SMALL, 0},
                                    {"brake", SMALL, 0},
                                    {"drs", SMALL, 0},
                                    END};
static const member_t location[] = {
    {"date", TIME, 1}, {"session_key", INTEGER, 1}, MEETING,           {"driver_number", DRIVER, 1},
    {"x", INTEGER, 0}, {"y", INTEGER, 0},           {"z", INTEGER, 0}, END};

static const struct {
    const char *name;
    const member_t *members;
} lists[] = {
    {"meetings", meetings},
    {"sessions", sessions},
    {"drivers", drivers},
    {"position", position},
    {"intervals", intervals},
    {"laps", laps},
    {"pit", pit},
    {"stints", stints},
    {"race_control", race_control},
    {"weather", weather},
    {"overtakes", overtakes},
    {"session_result", session_result},
    {"starting_grid", starting_grid},
    {"team_radio", team_radio},
    {"championship_drivers", championship_drivers},
    {"championship_teams", championship_teams},
    {"car_data", car_data},
    {"location", location},
};

const char *f1_openf1_list_name(f1_openf1_list_t list)
{
    return lists[list].name;
}

f1_openf1_rows_t *f1_openf1_rows_make(f1_openf1_list_t list, apr_pool_t *pool)
{
    f1_openf1_rows_t *rows = apr_pcalloc(pool, sizeof(*rows));

    rows->list = list;
    f1_buf_init(&rows->text, pool, 4096, ROWS_MAX_BYTES);
    rows->keys = apr_array_make(pool, 4, sizeof(f1_openf1_key_t));
    return rows;
}

/* --- Values */

/* One answer that is being read. */
typedef struct answer_t {
    f1_openf1_rows_t *rows;
    const f1_openf1_scope_t *scope;
    const char *name;
    size_t at; /* index of the row */
    f1_result_t *res;
} answer_t;

static int refuse(const answer_t *answer, const char *member, const char *why)
{
    f1_result_fail(answer->res, F1_E_BAD_DATA, APR_EGENERAL, "%s, row %" APR_SIZE_T_FMT ": %s %s", answer->name,
                   answer->at + 1, member, why);
    return 0;
}

static int is_within(const json_t *value, double min, double max)
{
    return json_is_number(value) && json_number_value(value) >= min && json_number_value(value) <= max;
}

/* A whole number may come as 12.0. */
static int is_whole(const json_t *value, double min, double max)
{
    return is_within(value, min, max) &&
           (json_is_integer(value) || json_number_value(value) == (double)(json_int_t)json_number_value(value));
}

static int is_text(const json_t *value)
{
    return json_is_string(value) && json_string_length(value) <= TEXT_MAX_BYTES;
}

static int is_array_of_numbers(const json_t *value)
{
    size_t i;

    if (!json_is_array(value) || json_array_size(value) > ARRAY_MAX) {
        return 0;
    }
    for (i = 0; i < json_array_size(value); i++) {
        const json_t *element = json_array_get(value, i);

        if (!json_is_null(element) && !is_within(element, -NUMBER_MAX, NUMBER_MAX)) {
            return 0;
        }
    }
    return 1;
}

/* OpenF1 means UTC where it names no zone. */
static int read_time(const json_t *value, apr_time_t *ptime)
{
    const char *text = json_string_value(value);
    char zoned[48];
    size_t len;

    if (!text || json_string_length(value) > 40) {
        return 0;
    }
    if (f1_time_parse(text, ptime)) {
        return 1;
    }
    len = strlen(text);
    memcpy(zoned, text, len);
    memcpy(zoned + len, "Z", 2);
    return f1_time_parse(zoned, ptime);
}

static int has_type(const json_t *value, type_t type)
{
    apr_time_t time;

    switch (type) {
    case INTEGER:
        return is_whole(value, INT_MIN, INT_MAX);
    case SMALL:
        return is_whole(value, SHRT_MIN, SHRT_MAX);
    case DRIVER:
        return is_whole(value, 0, 999);
    case NUMBER:
        return is_within(value, -NUMBER_MAX, NUMBER_MAX);
    case BOOLEAN:
        return json_is_boolean(value);
    case TEXT:
        return is_text(value);
    case TIME:
        return read_time(value, &time);
    case GAP:
        return is_within(value, -NUMBER_MAX, NUMBER_MAX) || is_text(value);
    case PARTS:
        return is_within(value, -NUMBER_MAX, NUMBER_MAX) || is_text(value) || is_array_of_numbers(value);
    default:
        return is_array_of_numbers(value);
    }
}

static const char *type_words(type_t type)
{
    static const char *const words[] = {"a whole number",
                                        "a small whole number",
                                        "a car's number",
                                        "a number",
                                        "true or false",
                                        "a text of at most 4000 bytes",
                                        "a time",
                                        "a number or a text",
                                        "a number, a text, or numbers",
                                        "an array of numbers"};

    return words[type];
}

static void add_number(f1_buf_t *out, const json_t *value)
{
    char text[F1_NUMBER_LEN];

    if (json_is_integer(value)) {
        f1_buf_addf(out, "%" APR_INT64_T_FMT, (apr_int64_t)json_integer_value(value));
    }
    else {
        f1_buf_adds(out, f1_number_format(text, json_real_value(value)));
    }
}

/* Of a value that has the type of a time. */
static apr_time_t time_of(const json_t *value)
{
    apr_time_t time = 0;

    (void)read_time(value, &time);
    return time;
}

/* A value that has its type, as JSON. */
static void add_value(f1_buf_t *out, const json_t *value, type_t type)
{
    char text[F1_TIME_LEN];
    size_t i;

    if (json_is_number(value) && (type == INTEGER || type == DRIVER)) {
        f1_buf_addf(out, "%" APR_INT64_T_FMT, (apr_int64_t)json_number_value(value));
    }
    else if (json_is_number(value)) {
        add_number(out, value);
    }
    else if (type == TIME) {
        f1_buf_addf(out, "\"%s\"", f1_time_format(text, time_of(value)));
    }
    else if (json_is_string(value)) {
        f1_buf_add_json(out, json_string_value(value), json_string_length(value));
    }
    else if (json_is_array(value)) {
        for (i = 0; i < json_array_size(value); i++) {
            f1_buf_addc(out, i ? ',' : '[');
            add_value(out, json_array_get(value, i), NUMBER);
        }
        f1_buf_adds(out, i ? "]" : "[]");
    }
    else {
        f1_buf_adds(out, json_is_true(value) ? "true" : json_is_false(value) ? "false" : "null");
    }
}

/* --- Rows */

static int integer_of(const json_t *row, const char *name)
{
    const json_t *value = json_object_get(row, name);

    return is_whole(value, INT_MIN, INT_MAX) ? (int)json_number_value(value) : 0;
}

/* Whether the row is what was asked for; if not, *pname says by which member. */
static int is_in_scope(const answer_t *answer, const json_t *row, const char **pname)
{
    const f1_openf1_scope_t *scope = answer->scope;
    const struct {
        const char *name;
        int wanted;
    } keys[] = {{"year", scope->year},
                {"meeting_key", scope->meeting_key},
                {"session_key", scope->session_key},
                {"driver_number", scope->driver}};
    apr_time_t date;
    size_t i;

    for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        *pname = keys[i].name;
        if (keys[i].wanted && integer_of(row, keys[i].name) != keys[i].wanted) {
            return 0;
        }
    }
    *pname = "date";
    return !scope->to || !read_time(json_object_get(row, "date"), &date) || (date >= scope->from && date < scope->to);
}

static int has_types(const answer_t *answer, const json_t *row)
{
    const member_t *member;

    for (member = lists[answer->rows->list].members; member->name; member++) {
        const json_t *value = json_object_get(row, member->name);

        if (!value || json_is_null(value)) {
            if (member->is_required) {
                return refuse(answer, member->name, "is missing");
            }
        }
        else if (!has_type(value, member->type)) {
            return refuse(answer, member->name,
                          apr_psprintf(answer->res->pool, "should be %s", type_words(member->type)));
        }
    }
    return 1;
}

static void add_object(const answer_t *answer, const json_t *row)
{
    f1_buf_t *out = &answer->rows->text;
    const member_t *member;

    f1_buf_addf(out, "%s{\"line\":%d", out->len ? "," : "", answer->rows->count + 1);
    for (member = lists[answer->rows->list].members; member->name; member++) {
        const json_t *value = json_object_get(row, member->name);

        if (value && !json_is_null(value)) {
            f1_buf_addf(out, ",\"%s\":", member->name);
            add_value(out, value, member->type);
        }
    }
    f1_buf_addc(out, '}');
}

/* In network byte order. */
static void add_binary(f1_buf_t *out, apr_int64_t value, int bytes)
{
    char data[8];
    int i;

    for (i = 0; i < bytes; i++) {
        data[i] = (char)((apr_uint64_t)value >> 8 * (bytes - 1 - i));
    }
    f1_buf_add(out, data, (size_t)bytes);
}

/* A row in COPY's binary format, which the server reads in half the time of text: the number of columns, then each
 * with its length before it, -1 for NULL. */
static void add_tuple(const answer_t *answer, const json_t *row)
{
    f1_buf_t *out = &answer->rows->text;
    const member_t *first = lists[answer->rows->list].members, *member;
    int count;

    for (count = 0; first[count].name; count++) {
    }
    add_binary(out, count, 2);
    for (member = first; member->name; member++) {
        const json_t *value = json_object_get(row, member->name);
        int bytes = member->type == TIME ? 8 : member->type == INTEGER ? 4 : 2;

        if (!value || json_is_null(value)) {
            add_binary(out, -1, 4);
            continue;
        }
        add_binary(out, bytes, 4);
        add_binary(out, member->type == TIME ? time_of(value) - POSTGRES_EPOCH : (apr_int64_t)json_number_value(value),
                   bytes);
    }
}

static void add_key(const answer_t *answer, const json_t *row)
{
    f1_openf1_key_t *key = apr_array_push(answer->rows->keys);

    *key = (f1_openf1_key_t){.meeting_key = integer_of(row, "meeting_key"),
                             .session_key = integer_of(row, "session_key"),
                             .driver = integer_of(row, "driver_number"),
                             .is_cancelled = json_is_true(json_object_get(row, "is_cancelled"))};
    (void)read_time(json_object_get(row, "date_start"), &key->start);
    (void)read_time(json_object_get(row, "date_end"), &key->end);
}

/* Meetings, sessions and the drivers of a session have keys of their own, which must not come twice. */
static int is_new_key(const answer_t *answer)
{
    const f1_openf1_key_t *keys = (const f1_openf1_key_t *)answer->rows->keys->elts;
    const f1_openf1_key_t *last = &keys[answer->rows->keys->nelts - 1], *key;

    for (key = keys; key < last; key++) {
        if (key->session_key == last->session_key && key->driver == last->driver &&
            (answer->rows->list != F1_OPENF1_MEETINGS || key->meeting_key == last->meeting_key)) {
            return refuse(answer, "it", "came before");
        }
    }
    return 1;
}

static void add_row(const answer_t *answer, const json_t *row)
{
    f1_openf1_rows_t *rows = answer->rows;
    const char *name;

    if (!json_is_object(row)) {
        refuse(answer, "it", "should be an object");
        return;
    }
    if (!is_in_scope(answer, row, &name)) {
        if (!answer->scope->may_have_others) {
            refuse(answer, name, "is not what was asked for");
        }
        return;
    }
    if (!has_types(answer, row)) {
        return;
    }
    if (rows->list <= F1_OPENF1_DRIVERS) {
        add_key(answer, row);
        if (!is_new_key(answer)) {
            return;
        }
    }
    if (rows->list >= F1_OPENF1_CAR_DATA) {
        add_tuple(answer, row);
    }
    else {
        add_object(answer, row);
    }
    rows->count++;
}

apr_status_t f1_openf1_rows_add(f1_openf1_rows_t *rows, const f1_openf1_scope_t *scope, const char *name,
                                const char *body, size_t len, apr_pool_t *scratch, f1_result_t *res)
{
    answer_t answer = {.rows = rows, .scope = scope, .name = name, .res = res};
    json_t *doc;

    if (f1_json_parse(&doc, body, len, F1_E_BAD_DATA, scratch, res) != APR_SUCCESS) {
        return res->rv;
    }
    if (!json_is_array(doc)) {
        return f1_result_fail(res, F1_E_BAD_DATA, APR_EGENERAL, "%s: the answer should be an array", name);
    }
    for (answer.at = 0; answer.at < json_array_size(doc) && res->error == F1_E_OK; answer.at++) {
        add_row(&answer, json_array_get(doc, answer.at));
    }
    if (rows->text.full) {
        f1_result_fail(res, F1_E_BAD_DATA, APR_ENOSPC, "%s: more than %d bytes", name, ROWS_MAX_BYTES);
    }
    return res->rv;
}
