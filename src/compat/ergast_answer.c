/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* From a path to MRData: what relative words mean, the endpoint's statement with its criteria, the envelope. */

#include "compat/ergast_answer.h"

#include <limits.h>
#include <string.h>

#include <apr_lib.h>
#include <apr_strings.h>

#include "base/clock.h"
#include "base/param.h"
#include "compat/ergast_render.h"
#include "db/query.h"
#include "gen/statements.h"

/* lead: columns before those of the items: the total, in standings also the round they are after. */
static const struct {
    const f1_statement_t *statement;
    const char *table, *list;
    int lead;
} endpoints[] = {
    [F1_ERGAST_SEASONS] = {&f1_stmt_ergast_seasons, "SeasonTable", "Seasons", 1},
    [F1_ERGAST_CIRCUITS] = {&f1_stmt_ergast_circuits, "CircuitTable", "Circuits", 1},
    [F1_ERGAST_RACES] = {&f1_stmt_ergast_races, "RaceTable", "Races", 1},
    [F1_ERGAST_CONSTRUCTORS] = {&f1_stmt_ergast_constructors, "ConstructorTable", "Constructors", 1},
    [F1_ERGAST_DRIVERS] = {&f1_stmt_ergast_drivers, "DriverTable", "Drivers", 1},
    [F1_ERGAST_RESULTS] = {&f1_stmt_ergast_results, "RaceTable", "Races", 1},
    [F1_ERGAST_SPRINT] = {&f1_stmt_ergast_sprint, "RaceTable", "Races", 1},
    [F1_ERGAST_QUALIFYING] = {&f1_stmt_ergast_qualifying, "RaceTable", "Races", 1},
    [F1_ERGAST_PITSTOPS] = {&f1_stmt_ergast_pitstops, "RaceTable", "Races", 1},
    [F1_ERGAST_LAPS] = {&f1_stmt_ergast_laps, "RaceTable", "Races", 1},
    [F1_ERGAST_DRIVER_STANDINGS] = {&f1_stmt_ergast_driverstandings, "StandingsTable", "StandingsLists", 2},
    [F1_ERGAST_CONSTRUCTOR_STANDINGS] = {&f1_stmt_ergast_constructorstandings, "StandingsTable", "StandingsLists", 2},
    [F1_ERGAST_STATUS] = {&f1_stmt_ergast_status, "StatusTable", "Status", 1},
};

/* The statements' parameter for a criterion, the member that repeats it in an answer, and whether it is a number. */
static const struct {
    const char *param, *member;
    int is_number;
} criteria[] = {
    [F1_ERGAST_SEASON] = {"season", "season", 1},       [F1_ERGAST_ROUND] = {"round", "round", 1},
    [F1_ERGAST_CIRCUIT] = {"circuit", "circuitId", 0},  [F1_ERGAST_CONSTRUCTOR] = {"constructor", "constructorId", 0},
    [F1_ERGAST_DRIVER] = {"driver", "driverId", 0},     [F1_ERGAST_GRID] = {"grid", "grid", 1},
    [F1_ERGAST_POSITION] = {"position", "position", 1}, [F1_ERGAST_FASTEST] = {"fastest", "fastest", 1},
    [F1_ERGAST_STATUS_ID] = {"status", "status", 1},    [F1_ERGAST_LAP] = {"lap", "lap", 1},
    [F1_ERGAST_NUMBER] = {"number", NULL, 1},
};

/* --- Pages */

/* A number from text, none of it negative: at most max; fallback where it is none or below min. */
static int read_number(const char *text, int min, int max, int fallback)
{
    apr_int64_t value = 0;

    text += strspn(text, " ");
    text += *text == '+';
    if (!apr_isdigit(*text)) {
        return fallback;
    }
    for (; apr_isdigit(*text); text++) {
        value = value > max ? value : value * 10 + (*text - '0');
    }
    if (text[strspn(text, " ")] || value < min) {
        return fallback;
    }
    return value > max ? max : (int)value;
}

void f1_ergast_window_read(f1_ergast_window_t *window, const char *query, apr_pool_t *pool)
{
    *window = (f1_ergast_window_t){.limit = F1_ERGAST_LIMIT_DEFAULT};
    while (query && *query) {
        size_t len = strcspn(query, "&");
        const char *equals = memchr(query, '=', len);
        size_t name_len = equals ? (size_t)(equals - query) : len;
        const char *value = equals ? f1_param_decode(equals + 1, len - name_len - 1, 1, pool) : NULL;

        if (value && name_len == 5 && !strncmp(query, "limit", 5)) {
            window->limit = read_number(value, 1, F1_ERGAST_LIMIT_MAX, F1_ERGAST_LIMIT_DEFAULT);
        }
        if (value && name_len == 6 && !strncmp(query, "offset", 6)) {
            window->offset = read_number(value, 0, F1_OFFSET_MAX, 0);
        }
        query += len + (query[len] == '&');
    }
}

/* --- Questions */

/* No stored number is as large as the one that stands for all larger ones. */
static const char *number_text(const char *digits, apr_pool_t *pool)
{
    return apr_itoa(pool, read_number(digits, 0, INT_MAX, 0));
}

static const char *value_of(const f1_ergast_path_t *path, const f1_ergast_window_t *window, const char *param,
                            apr_pool_t *pool)
{
    size_t i;

    if (!strcmp(param, "limit")) {
        return apr_itoa(pool, window->limit);
    }
    if (!strcmp(param, "offset")) {
        return apr_itoa(pool, window->offset);
    }
    if (!strcmp(param, "round_text")) {
        return path->criteria[F1_ERGAST_ROUND];
    }
    for (i = 0; i < F1_ERGAST_CRITERIA && strcmp(criteria[i].param, param); i++) {
    }
    if (i == F1_ERGAST_CRITERIA || !path->criteria[i]) {
        return NULL;
    }
    if (criteria[i].is_number) {
        return number_text(path->criteria[i], pool);
    }
    return f1_str_lower(apr_pstrdup(pool, path->criteria[i]));
}

static apr_status_t ask(f1_conn_t *conn, const f1_ergast_path_t *path, const f1_ergast_window_t *window,
                        f1_rows_t **prows, apr_pool_t *pool, f1_result_t *res)
{
    const f1_statement_t *statement = endpoints[path->endpoint].statement;
    const char **values = apr_palloc(pool, sizeof(*values) * (size_t)statement->param_count);
    int i;

    for (i = 0; i < statement->param_count; i++) {
        values[i] = value_of(path, window, statement->param_names[i], pool);
    }
    return f1_query(conn, statement, values, prows, pool, res);
}

/* "last" and "next", which may be in the year after. */
static apr_status_t resolve_round(f1_conn_t *conn, f1_ergast_path_t *path, const char *now, apr_pool_t *pool,
                                  f1_result_t *res)
{
    const char *values[] = {path->criteria[F1_ERGAST_SEASON], path->criteria[F1_ERGAST_ROUND], now};
    f1_rows_t *rows;
    apr_status_t rv = f1_query(conn, &f1_stmt_ergast_round, values, &rows, pool, res);

    if (rv != APR_SUCCESS) {
        return rv;
    }
    path->criteria[F1_ERGAST_SEASON] = f1_rows_get(rows, 0, 0);
    path->criteria[F1_ERGAST_ROUND] = f1_rows_get(rows, 0, 1);
    if (!path->criteria[F1_ERGAST_ROUND]) {
        return f1_result_fail(res, F1_E_NOT_FOUND, APR_NOTFOUND, "Race round not found");
    }
    return APR_SUCCESS;
}

static apr_status_t resolve(f1_conn_t *conn, f1_ergast_path_t *path, apr_pool_t *pool, f1_result_t *res)
{
    const char *season = path->criteria[F1_ERGAST_SEASON], *round = path->criteria[F1_ERGAST_ROUND];
    char now[F1_TIME_LEN];

    f1_time_format(now, f1_clock_now());
    if (season && !strcmp(season, "current")) {
        path->criteria[F1_ERGAST_SEASON] = apr_pstrmemdup(pool, now, 4);
    }
    return round && !apr_isdigit(*round) ? resolve_round(conn, path, now, pool, res) : APR_SUCCESS;
}

/* --- Answers */

static void add_member(f1_buf_t *out, const char *name, const char *value)
{
    f1_buf_addf(out, "\"%s\":", name);
    f1_buf_add_json(out, value, strlen(value));
    f1_buf_addc(out, ',');
}

/* The name under which a criterion is repeated; NULL: it is not. */
static const char *member_of(f1_ergast_endpoint_t endpoint, int criterion)
{
    if (criterion == F1_ERGAST_LAP && endpoint == F1_ERGAST_LAPS) {
        return NULL;
    }
    if (criterion != F1_ERGAST_NUMBER) {
        return criteria[criterion].member;
    }
    switch (endpoint) {
    case F1_ERGAST_PITSTOPS:
        return "stop";
    case F1_ERGAST_DRIVER_STANDINGS:
        return "driverStandings";
    case F1_ERGAST_CONSTRUCTOR_STANDINGS:
        return "constructorStandings";
    default:
        return NULL;
    }
}

static void add_table(f1_buf_t *out, const f1_ergast_path_t *path, const f1_rows_t *rows)
{
    int i;

    f1_buf_addf(out, "\"%s\":{", endpoints[path->endpoint].table);
    for (i = 0; i < F1_ERGAST_CRITERIA; i++) {
        const char *member = member_of(path->endpoint, i);

        if (member && path->criteria[i]) {
            add_member(out, member, path->criteria[i]);
        }
        else if (i == F1_ERGAST_ROUND && endpoints[path->endpoint].lead > 1) {
            f1_buf_adds(out, "\"round\":null,"); /* standings are after a round, even where there are none */
        }
    }
    f1_buf_addf(out, "\"%s\":[", endpoints[path->endpoint].list);
    f1_ergast_render(out, rows, endpoints[path->endpoint].lead);
    f1_buf_adds(out, "]}");
}

apr_status_t f1_ergast_answer(f1_conn_t *conn, f1_ergast_path_t *path, const f1_ergast_window_t *window,
                              const char *url, f1_buf_t *out, apr_pool_t *pool, f1_result_t *res)
{
    f1_rows_t *rows;
    apr_status_t rv = resolve(conn, path, pool, res);

    if (rv == APR_SUCCESS) {
        rv = ask(conn, path, window, &rows, pool, res);
    }
    if (rv != APR_SUCCESS) {
        return rv;
    }
    if (endpoints[path->endpoint].lead > 1 && !path->criteria[F1_ERGAST_ROUND]) {
        path->criteria[F1_ERGAST_ROUND] = f1_rows_get(rows, 0, 1);
    }
    f1_buf_adds(out, "{\"MRData\":{");
    add_member(out, "xmlns", "");
    add_member(out, "series", "f1");
    add_member(out, "url", url);
    add_member(out, "limit", apr_itoa(pool, window->limit));
    add_member(out, "offset", apr_itoa(pool, window->offset));
    add_member(out, "total", f1_rows_get(rows, 0, 0));
    add_table(out, path, rows);
    f1_buf_adds(out, "}}");
    if (out->full) {
        return f1_result_fail(res, F1_E_INTERNAL, APR_ENOSPC, "The answer is too large");
    }
    return APR_SUCCESS;
}
