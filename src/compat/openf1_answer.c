/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* One statement a list, in sql/stmt/openf1_api; "latest" takes another one before. */

#include "compat/openf1_answer.h"

#include <string.h>

#include <apr_strings.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/number.h"
#include "db/query.h"
#include "db/render.h"
#include "gen/statements.h"

#define PARAM_MOST 0 /* of every statement here the first */

static const struct {
    const char *name;
    const f1_statement_t *statement;
} lists[] = {
    {"car_data", &f1_stmt_openf1_api_car_data},
    {"championship_drivers", &f1_stmt_openf1_api_championship_drivers},
    {"championship_teams", &f1_stmt_openf1_api_championship_teams},
    {"drivers", &f1_stmt_openf1_api_drivers},
    {"intervals", &f1_stmt_openf1_api_intervals},
    {"laps", &f1_stmt_openf1_api_laps},
    {"location", &f1_stmt_openf1_api_location},
    {"meetings", &f1_stmt_openf1_api_meetings},
    {"overtakes", &f1_stmt_openf1_api_overtakes},
    {"pit", &f1_stmt_openf1_api_pit},
    {"position", &f1_stmt_openf1_api_position},
    {"race_control", &f1_stmt_openf1_api_race_control},
    {"session_result", &f1_stmt_openf1_api_session_result},
    {"sessions", &f1_stmt_openf1_api_sessions},
    {"starting_grid", &f1_stmt_openf1_api_starting_grid},
    {"stints", &f1_stmt_openf1_api_stints},
    {"team_radio", &f1_stmt_openf1_api_team_radio},
    {"weather", &f1_stmt_openf1_api_weather},
};

const f1_statement_t *f1_openf1_statement(const char *list)
{
    size_t i;

    for (i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        if (!strcasecmp(lists[i].name, list)) {
            return lists[i].statement;
        }
    }
    return NULL;
}

/* A session of telemetry is half a million rows. */
static apr_status_t check_telemetry(const f1_statement_t *statement, const f1_openf1_query_t *query, f1_result_t *res)
{
    if (statement != &f1_stmt_openf1_api_car_data && statement != &f1_stmt_openf1_api_location) {
        return APR_SUCCESS;
    }
    if (!f1_openf1_query_has_equal(query, "session_key") && !f1_openf1_query_has_equal(query, "meeting_key")) {
        return f1_result_fail(res, F1_E_BAD_REQUEST, APR_EINVAL,
                              "Telemetry is asked for by session: add session_key= or meeting_key=, and driver_number="
                              " or date>= and date<");
    }
    if (!f1_openf1_query_has_equal(query, "driver_number") && !f1_openf1_query_has(query, "date")) {
        return f1_result_fail(res, F1_E_BAD_REQUEST, APR_EINVAL,
                              "A session of telemetry is too much for one answer: add driver_number=, or date>= and"
                              " date<");
    }
    return APR_SUCCESS;
}

static apr_status_t find_latest(f1_conn_t *conn, f1_openf1_latest_t *latest, apr_pool_t *pool, f1_result_t *res)
{
    const char *now = f1_time_format(apr_palloc(pool, F1_TIME_LEN), f1_clock_now());
    apr_int64_t session, meeting;
    f1_rows_t *rows;

    if (f1_query(conn, &f1_stmt_openf1_api_latest, &now, &rows, pool, res) == APR_SUCCESS && f1_rows_count(rows) &&
        f1_str_to_int64(f1_rows_get(rows, 0, 0), &session) && f1_str_to_int64(f1_rows_get(rows, 0, 1), &meeting)) {
        *latest = (f1_openf1_latest_t){(int)session, (int)meeting};
    }
    return res->rv;
}

/* --- CSV, as the original's clients read it: true is True, a text in JSON is a text */

static void add_cell(f1_buf_t *out, const char *text)
{
    size_t len;

    if (!text[strcspn(text, ",\"\r\n")]) {
        f1_buf_adds(out, text);
        return;
    }
    f1_buf_addc(out, '"');
    for (; *text; text += len) {
        len = strcspn(text, "\"");
        f1_buf_add(out, text, len);
        if (text[len]) {
            f1_buf_adds(out, "\"\"");
            len++;
        }
    }
    f1_buf_addc(out, '"');
}

/* A list of numbers, texts and nulls as Python prints it: the original's clients read that. */
static const char *python_list(json_t *list, apr_pool_t *pool)
{
    char number[F1_NUMBER_LEN];
    json_t *item;
    f1_buf_t out;
    size_t i;

    f1_buf_init(&out, pool, 64, F1_OPENF1_MAX_BODY);
    json_array_foreach(list, i, item)
    {
        f1_buf_adds(&out, i ? ", " : "[");
        if (json_is_string(item)) {
            f1_buf_addf(&out, "'%s'", json_string_value(item));
        }
        else if (json_is_integer(item)) {
            f1_buf_addf(&out, "%" JSON_INTEGER_FORMAT, json_integer_value(item));
        }
        else {
            f1_buf_adds(&out, json_is_real(item) ? f1_number_format(number, json_real_value(item)) : "None");
        }
    }
    f1_buf_adds(&out, i ? "]" : "[]");
    return out.data;
}

static void add_value(f1_buf_t *out, const f1_rows_t *rows, int row, int column, apr_pool_t *pool)
{
    const char *text = f1_rows_get(rows, row, column);
    json_t *json;

    if (!text) {
        return;
    }
    switch (f1_rows_kind(rows, column)) {
    case F1_COL_BOOLEAN:
        f1_buf_adds(out, text[0] == 't' ? "True" : "False");
        break;
    case F1_COL_JSON:
        json = f1_json_own(json_loads(text, JSON_DECODE_ANY, NULL), pool);
        if (json_is_string(json)) {
            text = json_string_value(json);
        }
        add_cell(out, json_is_array(json) ? python_list(json, pool) : text);
        break;
    default:
        add_cell(out, text);
        break;
    }
}

/* Whether a column has to be there: all have but those that upstream tells of some only, where it told of none. */
static int is_told(const f1_rows_t *rows, int column)
{
    int row;

    if (!strchr(f1_rows_name(rows, column), '?')) {
        return 1;
    }
    for (row = 0; row < f1_rows_count(rows) && !f1_rows_get(rows, row, column); row++) {
    }
    return row < f1_rows_count(rows);
}

/* The columns stand in alphabetical order, as the statements do. */
static void add_csv(f1_buf_t *out, const f1_rows_t *rows, apr_pool_t *pool)
{
    int *told = apr_palloc(pool, sizeof(*told) * (size_t)(f1_rows_columns(rows) + 1)), count = 0, row, i;

    for (i = 0; i < f1_rows_columns(rows); i++) {
        if (is_told(rows, i)) {
            told[count++] = i;
        }
    }
    for (i = 0; i < count; i++) {
        const char *name = f1_rows_name(rows, told[i]);

        f1_buf_adds(out, i ? "," : "");
        f1_buf_add(out, name, strcspn(name, "?"));
    }
    f1_buf_adds(out, "\r\n");
    for (row = 0; row < f1_rows_count(rows); row++) {
        for (i = 0; i < count; i++) {
            f1_buf_adds(out, i ? "," : "");
            add_value(out, rows, row, told[i], pool);
        }
        f1_buf_adds(out, "\r\n");
    }
}

/* --- Answers */

apr_status_t f1_openf1_answer(f1_conn_t *conn, const f1_statement_t *statement, const f1_openf1_query_t *query,
                              f1_buf_t *out, int *pcount, apr_pool_t *pool, f1_result_t *res)
{
    const char **values = apr_pcalloc(pool, sizeof(*values) * (size_t)statement->param_count);
    f1_openf1_latest_t latest = {0};
    f1_rows_t *rows;

    if (check_telemetry(statement, query, res) != APR_SUCCESS ||
        (query->asks_latest && find_latest(conn, &latest, pool, res) != APR_SUCCESS)) {
        return res->rv;
    }
    /* what cannot match is asked for nevertheless, as no rows: CSV needs their names */
    values[PARAM_MOST] = "0";
    if (f1_openf1_query_values(query, statement, &latest, values, pool)) {
        values[PARAM_MOST] = apr_itoa(pool, F1_OPENF1_ROWS_MAX + 1);
    }
    if (f1_query(conn, statement, values, &rows, pool, res) != APR_SUCCESS) {
        return res->rv;
    }
    *pcount = f1_rows_count(rows);
    if (*pcount > F1_OPENF1_ROWS_MAX) {
        return f1_result_fail(res, F1_E_BAD_REQUEST, APR_EINVAL,
                              "More than %d rows match: ask for one session or driver, or a shorter time",
                              F1_OPENF1_ROWS_MAX);
    }
    if (query->is_csv) {
        add_csv(out, rows, pool);
    }
    else {
        f1_buf_addc(out, '[');
        f1_render_rows(out, rows, 0, *pcount, pool);
        f1_buf_addc(out, ']');
    }
    if (out->full) {
        return f1_result_fail(res, F1_E_BAD_REQUEST, APR_ENOSPC, "The answer is too large: ask for less");
    }
    return APR_SUCCESS;
}
