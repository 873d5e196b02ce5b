/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Loading a season: 1. what rows refer to (season, circuits, drivers, constructors), 2. the calendar, matched with the
 * races we know, 3. classifications: a session whose rows have another digest than its newest revision gets a new one.
 * Digests are compared here, so that sessions which did not change are not even sent. What was corrected by hand stays,
 * and what upstream says instead is kept beside it. */

#include "ingest/load.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <apr_strings.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "db/query.h"
#include "gen/statements.h"
#include "ingest/calendar.h"

#define JSON_MAX (64 * 1024 * 1024)

static const char *const loaded_names[] = {
#define F1_LOADED_NAME(symbol, name) name,
    F1_LOADED(F1_LOADED_NAME)
#undef F1_LOADED_NAME
};

const char *f1_loaded_name(f1_loaded_kind_t kind)
{
    return loaded_names[kind];
}

/* One load under way: what all steps below need. */
typedef struct work_t {
    f1_load_t *load;
    f1_conn_t *conn;
    const char *season; /* as a parameter */
    int year;
    const f1_ergast_rows_t *rows;
    int scope;
    const char *step;
    char now[F1_TIME_LEN], asked_at[F1_TIME_LEN];
    f1_rows_t *sessions; /* of the season, see season_sessions.sql */
    apr_array_header_t *changed; /* rounds, of int */
    apr_pool_t *pool;
    f1_result_t *res;
} work_t;

/* --- JSON of rows */

static void add_member(f1_buf_t *json, const char *name, const char *value)
{
    if (value) {
        f1_buf_addf(json, "%s\"%s\":", json->data[json->len - 1] == '{' ? "" : ",", name);
        f1_buf_add_json(json, value, strlen(value));
    }
}

static void add_int(f1_buf_t *json, const char *name, int value)
{
    f1_buf_addf(json, "%s\"%s\":%d", json->data[json->len - 1] == '{' ? "" : ",", name, value);
}

static void add_columns(f1_buf_t *json, f1_row_kind_t kind, const f1_row_t *row)
{
    const char *const *names = f1_ergast_columns(kind);
    int i;

    for (i = 0; names[i]; i++) {
        add_member(json, names[i], row->values[i]);
    }
}

static void begin(f1_buf_t *json, apr_pool_t *pool)
{
    f1_buf_init(json, pool, 4096, JSON_MAX);
    f1_buf_addc(json, '[');
}

static void begin_object(f1_buf_t *json)
{
    f1_buf_adds(json, json->data[json->len - 1] == '[' ? "{" : ",{");
}

static const char *end(f1_buf_t *json, f1_result_t *res)
{
    f1_buf_addc(json, ']');
    if (json->full) {
        f1_result_fail(res, F1_E_BAD_DATA, APR_ENOSPC, "the rows of a season exceed %d bytes", JSON_MAX);
    }
    return json->data;
}

/* All rows of a kind, each with its season, round and line. */
static const char *rows_json(const f1_ergast_rows_t *rows, f1_row_kind_t kind, apr_pool_t *pool, f1_result_t *res)
{
    const f1_row_t *row;
    f1_buf_t json;
    int i;

    begin(&json, pool);
    for (i = 0; i < f1_ergast_rows_count(rows, kind); i++) {
        row = f1_ergast_row(rows, kind, i);
        begin_object(&json);
        add_int(&json, "season", row->season);
        add_int(&json, "round", row->round);
        add_columns(&json, kind, row);
        f1_buf_addc(&json, '}');
    }
    return end(&json, res);
}

/* --- Statements */

static apr_status_t run(work_t *work, const f1_statement_t *statement, const char *const *values, f1_rows_t **prows)
{
    return f1_query(work->conn, statement, values, prows, work->pool, work->res);
}

static int cell(const f1_rows_t *rows, int row, int column)
{
    apr_int64_t value = 0;
    const char *text = f1_rows_get(rows, row, column);

    return text && f1_str_to_int64(text, &value) ? (int)value : 0;
}

/* A statement that answers inserted, changed, removed. */
static apr_status_t run_counted(work_t *work, const f1_statement_t *statement, const char *const *values,
                                f1_loaded_kind_t kind)
{
    f1_loaded_t *count = &work->load->counts[kind];
    f1_rows_t *rows;

    if (run(work, statement, values, &rows) == APR_SUCCESS) {
        count->inserted += cell(rows, 0, 0);
        count->changed += cell(rows, 0, 1);
        count->removed += cell(rows, 0, 2);
    }
    return work->res->rv;
}

static apr_status_t load_kind(work_t *work, const f1_ergast_rows_t *rows, f1_row_kind_t kind,
                              const f1_statement_t *statement, f1_loaded_kind_t counted)
{
    const char *values[1];

    if (!f1_ergast_rows_count(rows, kind)) {
        return APR_SUCCESS;
    }
    work->load->counts[counted].seen += f1_ergast_rows_count(rows, kind);
    values[0] = rows_json(rows, kind, work->pool, work->res);
    return work->res->rv != APR_SUCCESS ? work->res->rv : run_counted(work, statement, values, counted);
}

static apr_status_t load_entities(work_t *work, const f1_ergast_rows_t *rows)
{
    if (load_kind(work, rows, F1_ROW_SEASON, &f1_stmt_ingest_seasons, F1_LOADED_SEASON) == APR_SUCCESS &&
        load_kind(work, rows, F1_ROW_CIRCUIT, &f1_stmt_ingest_circuits, F1_LOADED_CIRCUIT) == APR_SUCCESS &&
        load_kind(work, rows, F1_ROW_DRIVER, &f1_stmt_ingest_drivers, F1_LOADED_DRIVER) == APR_SUCCESS) {
        load_kind(work, rows, F1_ROW_CONSTRUCTOR, &f1_stmt_ingest_constructors, F1_LOADED_CONSTRUCTOR);
    }
    return work->res->rv;
}

static apr_status_t load_year(work_t *work)
{
    const char *values[] = {apr_psprintf(work->pool, "[{\"season\":%d}]", work->year)};

    return run_counted(work, &f1_stmt_ingest_seasons, values, F1_LOADED_SEASON);
}

static apr_status_t load_entry_lists(work_t *work)
{
    const char *is_whole = work->scope & F1_LOAD_WHOLE_ENTRY_LIST ? "true" : "false";
    const char *drivers[] = {work->season, rows_json(work->rows, F1_ROW_DRIVER, work->pool, work->res), is_whole};
    const char *constructors[] = {work->season, rows_json(work->rows, F1_ROW_CONSTRUCTOR, work->pool, work->res),
                                  is_whole};

    if (work->res->rv == APR_SUCCESS && f1_ergast_rows_count(work->rows, F1_ROW_DRIVER) &&
        run(work, &f1_stmt_ingest_season_drivers, drivers, NULL) == APR_SUCCESS) {
        run(work, &f1_stmt_ingest_season_constructors, constructors, NULL);
    }
    return work->res->rv;
}

/* --- The calendar */

static f1_calendar_race_t *known_races(work_t *work, int *pcount)
{
    f1_calendar_race_t *races;
    f1_rows_t *rows;
    int i;

    *pcount = 0;
    if (run(work, &f1_stmt_ingest_season_races, &work->season, &rows) != APR_SUCCESS) {
        return NULL;
    }
    *pcount = f1_rows_count(rows);
    races = apr_pcalloc(work->pool, sizeof(*races) * (size_t)(*pcount + 1));
    for (i = 0; i < *pcount; i++) {
        races[i] = (f1_calendar_race_t){.id = f1_rows_get(rows, i, 0),
                                        .round = cell(rows, i, 1),
                                        .name = f1_rows_get(rows, i, 2),
                                        .circuit = f1_rows_get(rows, i, 3),
                                        .date = f1_rows_get(rows, i, 4),
                                        .has_data = strcmp(f1_rows_get(rows, i, 6), "t") == 0};
    }
    return races;
}

static f1_calendar_race_t *published_races(work_t *work, int *pcount)
{
    f1_calendar_race_t *races;
    const f1_row_t *row;
    int i;

    *pcount = f1_ergast_rows_count(work->rows, F1_ROW_RACE);
    races = apr_pcalloc(work->pool, sizeof(*races) * (size_t)(*pcount + 1));
    for (i = 0; i < *pcount; i++) {
        row = f1_ergast_row(work->rows, F1_ROW_RACE, i);
        races[i] = (f1_calendar_race_t){.round = row->round,
                                        .name = row->values[F1_RACE_NAME],
                                        .circuit = row->values[F1_RACE_CIRCUIT],
                                        .date = row->values[F1_RACE_DATE]};
    }
    return races;
}

/* Races that are not in the published calendar: cancelled, unless they took place. */
static apr_status_t cancel_missing(work_t *work, const f1_calendar_race_t *known, int known_count)
{
    const char *values[1];
    f1_buf_t ids;
    int i;

    begin(&ids, work->pool);
    for (i = 0; i < known_count; i++) {
        if (known[i].matched) {
            continue;
        }
        if (known[i].has_data) {
            return f1_result_fail(work->res, F1_E_BAD_DATA, APR_EGENERAL,
                                  "the calendar of %d lacks the %s of %s, of which there are results", work->year,
                                  known[i].name, known[i].date);
        }
        f1_buf_addf(&ids, "%s\"%s\"", ids.len > 1 ? "," : "", known[i].id);
    }
    values[0] = end(&ids, work->res);
    return ids.len > 2 ? run_counted(work, &f1_stmt_ingest_cancel_races, values, F1_LOADED_RACE) : APR_SUCCESS;
}

static apr_status_t load_races(work_t *work, const f1_calendar_race_t *published, int count)
{
    const char *values[2] = {work->season, NULL};
    f1_buf_t json;
    int i;

    begin(&json, work->pool);
    for (i = 0; i < count; i++) {
        begin_object(&json);
        add_member(&json, "id", published[i].id);
        add_int(&json, "round", published[i].round);
        add_columns(&json, F1_ROW_RACE, f1_ergast_row(work->rows, F1_ROW_RACE, i));
        f1_buf_addc(&json, '}');
    }
    values[1] = end(&json, work->res);
    work->load->counts[F1_LOADED_RACE].seen += count;
    return run_counted(work, &f1_stmt_ingest_races, values, F1_LOADED_RACE);
}

static apr_status_t tell_moves(work_t *work, const char *former)
{
    const char *values[] = {work->season, former, work->now};

    return run(work, &f1_stmt_ingest_calendar_events, values, NULL);
}

static apr_status_t load_calendar(work_t *work)
{
    int known_count, count;
    f1_calendar_race_t *known = known_races(work, &known_count), *published = published_races(work, &count);
    const char *values[2] = {work->season, NULL};
    f1_rows_t *former;

    if (work->res->rv != APR_SUCCESS || !count ||
        run(work, &f1_stmt_ingest_calendar_state, &work->season, &former) != APR_SUCCESS) {
        return work->res->rv;
    }
    f1_calendar_match(published, count, known, known_count);
    if ((work->scope & F1_LOAD_WHOLE_CALENDAR) && cancel_missing(work, known, known_count) != APR_SUCCESS) {
        return work->res->rv;
    }
    values[1] = rows_json(work->rows, F1_ROW_SESSION, work->pool, work->res);
    work->load->counts[F1_LOADED_SESSION].seen += f1_ergast_rows_count(work->rows, F1_ROW_SESSION);
    if (load_races(work, published, count) != APR_SUCCESS ||
        run_counted(work, &f1_stmt_ingest_sessions, values, F1_LOADED_SESSION) != APR_SUCCESS) {
        return work->res->rv;
    }
    return tell_moves(work, f1_rows_get(former, 0, 0));
}

/* --- Classifications */

/* The rows of one session, in the order of the classification. */
typedef struct group_t {
    int round;
    int count;
    const f1_row_t **rows;
} group_t;

typedef struct class_t {
    f1_row_kind_t kind;
    const char *session;
    f1_loaded_kind_t counted;
} class_t;

static const class_t classes[] = {
    {F1_ROW_RESULT, "race", F1_LOADED_RESULT},
    {F1_ROW_SPRINT, "sprint", F1_LOADED_SPRINT},
    {F1_ROW_QUALIFYING, "qualifying", F1_LOADED_QUALIFYING},
};

#define CLASSES (int)(sizeof(classes) / sizeof(classes[0]))

static int position_of(const f1_row_t *row)
{
    apr_int64_t position = 0;
    const char *text = row->values[F1_ENTRY_POSITION];

    return text && f1_str_to_int64(text, &position) ? (int)position : INT_MAX;
}

/* By round, then by place, who has none last. Rows of a kind are one array, so that what is equal keeps the order in
 * which it was published. */
static int compare_rows(const void *a, const void *b)
{
    const f1_row_t *one = *(const f1_row_t *const *)a, *other = *(const f1_row_t *const *)b;
    int order = one->round - other->round;

    if (!order) {
        order = (position_of(one) > position_of(other)) - (position_of(one) < position_of(other));
    }
    return order ? order : (one > other) - (one < other);
}

static apr_array_header_t *group_rows(work_t *work, f1_row_kind_t kind)
{
    apr_array_header_t *groups = apr_array_make(work->pool, 24, sizeof(group_t));
    int count = f1_ergast_rows_count(work->rows, kind), i;
    const f1_row_t **sorted = apr_palloc(work->pool, sizeof(*sorted) * (size_t)(count + 1));
    group_t *group = NULL;

    for (i = 0; i < count; i++) {
        sorted[i] = f1_ergast_row(work->rows, kind, i);
    }
    qsort(sorted, (size_t)count, sizeof(*sorted), compare_rows);
    for (i = 0; i < count; i++) {
        if (!group || sorted[i]->round != group->round) {
            group = apr_array_push(groups);
            *group = (group_t){sorted[i]->round, 0, sorted + i};
        }
        group->count++;
    }
    return groups;
}

/* Sessions that need to be there before there can be results of them. */
static apr_status_t add_sessions(work_t *work)
{
    const char *values[2] = {work->season, NULL};
    f1_buf_t json;
    int c, i, round;

    begin(&json, work->pool);
    for (c = 0; c < CLASSES; c++) {
        for (i = 0, round = 0; i < f1_ergast_rows_count(work->rows, classes[c].kind); i++) {
            const f1_row_t *row = f1_ergast_row(work->rows, classes[c].kind, i);

            if (row->round != round) {
                round = row->round;
                begin_object(&json);
                add_int(&json, "round", round);
                add_member(&json, "kind", classes[c].session);
                f1_buf_addc(&json, '}');
            }
        }
    }
    values[1] = end(&json, work->res);
    return work->res->rv != APR_SUCCESS ? work->res->rv : run(work, &f1_stmt_ingest_add_sessions, values, NULL);
}

static apr_status_t list_sessions(work_t *work)
{
    const char *values[] = {work->season, work->asked_at, work->now};

    return run(work, &f1_stmt_ingest_season_sessions, values, &work->sessions);
}

/* Row number of a session in work->sessions, -1: none. */
static int find_session(const work_t *work, int round, const char *kind)
{
    int i;

    for (i = 0; i < f1_rows_count(work->sessions); i++) {
        if (cell(work->sessions, i, 0) == round && strcmp(f1_rows_get(work->sessions, i, 3), kind) == 0) {
            return i;
        }
    }
    return -1;
}

/* What a kind's changed sessions send: their revisions, and the rows of these; and what upstream says of sessions that
 * were corrected by hand. */
typedef struct outgoing_t {
    f1_buf_t sessions, rows, held;
} outgoing_t;

static void add_rows(f1_buf_t *json, const class_t *class, const group_t *group, const char *session, int revision)
{
    int i;

    for (i = 0; i < group->count; i++) {
        begin_object(json);
        f1_buf_addf(json, "\"session_id\":%s,\"revision\":%d,\"line\":%d", session, revision, i + 1);
        add_columns(json, class->kind, group->rows[i]);
        f1_buf_addc(json, '}');
    }
}

/* Of the rows' content, whatever revision they become. */
static const char *digest_of(work_t *work, const class_t *class, const group_t *group)
{
    f1_buf_t content;
    int i;

    f1_buf_init(&content, work->pool, 4096, JSON_MAX);
    for (i = 0; i < group->count; i++) {
        f1_buf_addc(&content, '{');
        add_columns(&content, class->kind, group->rows[i]);
        f1_buf_addc(&content, '}');
    }
    return f1_str_sha256(content.data, content.len, work->pool);
}

static void add_held(outgoing_t *out, const class_t *class, const group_t *group, const char *session,
                     const char *digest)
{
    begin_object(&out->held);
    f1_buf_addf(&out->held, "\"session_id\":%s,\"digest\":\"%s\",\"lines\":[", session, digest);
    add_rows(&out->held, class, group, session, 0);
    f1_buf_adds(&out->held, "]}");
}

static void add_group(work_t *work, const class_t *class, const group_t *group, outgoing_t *out)
{
    int at = find_session(work, group->round, class->session), revision = cell(work->sessions, at, 4) + 1;
    const char *session = f1_rows_get(work->sessions, at, 2), *known = f1_rows_get(work->sessions, at, 5);
    const char *digest = digest_of(work, class, group);

    if (known && strcmp(known, digest) == 0) {
        return;
    }
    if (known && *f1_rows_get(work->sessions, at, 8) == 't') {
        f1_log(
            F1_LOG_NOTICE, APR_SUCCESS,
            F1LOGNO(0310) "%d round %d: the %s was learned anew while upstream was asked, what it said before is left",
            work->year, group->round, class->session);
        return;
    }
    APR_ARRAY_PUSH(work->changed, int) = group->round;
    if (*f1_rows_get(work->sessions, at, 7) == 't') {
        add_held(out, class, group, session, digest);
        return;
    }
    begin_object(&out->sessions);
    f1_buf_addf(&out->sessions, "\"session_id\":%s,\"revision\":%d,\"row_count\":%d,\"digest\":\"%s\"}", session,
                revision, group->count, digest);
    add_rows(&out->rows, class, group, session, revision);
    if (!known) {
        work->load->counts[class->counted].inserted += group->count;
    }
}

static apr_status_t send_revisions(work_t *work, const class_t *class, outgoing_t *out)
{
    const char *values[] = {
        work->season,   end(&out->sessions, work->res), end(&out->rows, work->res), work->now, work->load->source,
        work->load->run};

    if (work->res->rv != APR_SUCCESS || out->sessions.len == 2) {
        return work->res->rv;
    }
    return run_counted(work, &f1_stmt_ingest_classifications, values, class->counted);
}

/* Standings follow in their own load, or where only hands were right here. */
static apr_status_t send_held(work_t *work, outgoing_t *out)
{
    const char *sessions = end(&out->held, work->res);
    const char *held[] = {sessions, work->load->source, work->now}, *adjusted[] = {work->season, work->now};
    f1_rows_t *rows;
    int i;

    if (work->res->rv != APR_SUCCESS || out->held.len == 2 ||
        run(work, &f1_stmt_ingest_held, held, NULL) != APR_SUCCESS ||
        run(work, &f1_stmt_ingest_settle, &sessions, &rows) != APR_SUCCESS) {
        return work->res->rv;
    }
    for (i = 0; i < f1_rows_count(rows); i++) {
        int is_contradicted = *f1_rows_get(rows, i, 2) == 't';

        f1_log(is_contradicted ? F1_LOG_WARNING : F1_LOG_NOTICE, APR_SUCCESS,
               F1LOGNO(0311) "%d round %s: upstream %s of the %s what was corrected by hand%s", work->year,
               f1_rows_get(rows, i, 0), is_contradicted ? "does not say" : "now says too", f1_rows_get(rows, i, 1),
               is_contradicted ? ", which stays until somebody accepts upstream's" : "");
    }
    return run(work, &f1_stmt_ingest_standings_adjust, adjusted, NULL);
}

/* A list that no longer has a session of which there are results: more likely a fault than a race that never was. */
static void warn_missing(const work_t *work, const class_t *class, const apr_array_header_t *groups)
{
    int i, g, round;

    for (i = 0; i < f1_rows_count(work->sessions); i++) {
        round = cell(work->sessions, i, 0);
        for (g = 0; g < groups->nelts && APR_ARRAY_IDX(groups, g, group_t).round != round; g++) {
        }
        if (g == groups->nelts && cell(work->sessions, i, 6) &&
            strcmp(f1_rows_get(work->sessions, i, 3), class->session) == 0) {
            f1_log(F1_LOG_WARNING, APR_SUCCESS,
                   F1LOGNO(0301) "%d round %d: upstream no longer has the %s, what is stored stays", work->year, round,
                   class->session);
        }
    }
}

static apr_status_t load_class(work_t *work, const class_t *class)
{
    apr_array_header_t *groups = group_rows(work, class->kind);
    outgoing_t out;
    int i, round;

    work->load->counts[class->counted].seen += f1_ergast_rows_count(work->rows, class->kind);
    begin(&out.sessions, work->pool);
    begin(&out.rows, work->pool);
    begin(&out.held, work->pool);
    for (i = 0; i < groups->nelts; i++) {
        round = APR_ARRAY_IDX(groups, i, group_t).round;
        if (find_session(work, round, class->session) < 0) {
            return f1_result_fail(work->res, F1_E_BAD_DATA, APR_EGENERAL,
                                  "%d: there are %s results of round %d, which is not in the calendar", work->year,
                                  class->session, round);
        }
        add_group(work, class, &APR_ARRAY_IDX(groups, i, group_t), &out);
    }
    if (work->scope & F1_LOAD_WHOLE_RESULTS) {
        warn_missing(work, class, groups);
    }
    return send_revisions(work, class, &out) == APR_SUCCESS ? send_held(work, &out) : work->res->rv;
}

static apr_status_t load_classifications(work_t *work)
{
    int c;

    if (add_sessions(work) != APR_SUCCESS || list_sessions(work) != APR_SUCCESS) {
        return work->res->rv;
    }
    for (c = 0; c < CLASSES; c++) {
        if (load_class(work, &classes[c]) != APR_SUCCESS) {
            return work->res->rv;
        }
    }
    return run(work, &f1_stmt_ingest_race_states, &work->season, NULL);
}

static apr_status_t finish_step(work_t *work)
{
    const char *values[] = {work->load->run, work->step};

    return work->step ? run(work, &f1_stmt_ingest_run_step, values, NULL) : APR_SUCCESS;
}

/* --- Transactions */

static void work_init(work_t *work, f1_load_t *load, int season, const f1_ergast_rows_t *rows, apr_pool_t *pool,
                      f1_result_t *res)
{
    *work = (work_t){.load = load,
                     .conn = load->conn,
                     .season = apr_itoa(pool, season),
                     .year = season,
                     .rows = rows,
                     .changed = apr_array_make(pool, 24, sizeof(int)),
                     .pool = pool,
                     .res = res};
    f1_time_format(work->now, f1_clock_now());
    f1_time_format(work->asked_at, load->asked_at ? load->asked_at : f1_clock_now());
}

/* Counts are of what was committed, so a failed transaction takes its own back. */
static apr_status_t transact(work_t *work, apr_status_t (*body)(f1_conn_t *conn, void *baton, f1_result_t *res))
{
    f1_loaded_t before[F1_LOADED_KINDS];
    apr_time_t start = apr_time_now();

    memcpy(before, work->load->counts, sizeof(before));
    if (f1_transaction(work->conn, body, work, work->res) != APR_SUCCESS) {
        memcpy(work->load->counts, before, sizeof(before));
    }
    work->load->took += apr_time_now() - start;
    return work->res->rv;
}

static apr_status_t season_body(f1_conn_t *conn, void *baton, f1_result_t *res)
{
    work_t *work = baton;

    (void)conn;
    if (run(work, &f1_stmt_ingest_lock_season, &work->season, NULL) == APR_SUCCESS && load_year(work) == APR_SUCCESS &&
        load_entities(work, work->rows) == APR_SUCCESS && load_calendar(work) == APR_SUCCESS &&
        load_classifications(work) == APR_SUCCESS && load_entry_lists(work) == APR_SUCCESS) {
        finish_step(work);
    }
    return res->rv;
}

static int compare_ints(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

apr_status_t f1_load_season(f1_load_t *load, int season, const f1_ergast_rows_t *rows, int scope, const char *step,
                            apr_array_header_t **pchanged, apr_pool_t *pool, f1_result_t *res)
{
    work_t work;

    work_init(&work, load, season, rows, pool, res);
    work.scope = scope;
    work.step = step;
    (void)transact(&work, season_body);
    qsort(work.changed->elts, (size_t)work.changed->nelts, sizeof(int), compare_ints);
    *pchanged = work.changed;
    return res->rv;
}

static apr_status_t entities_body(f1_conn_t *conn, void *baton, f1_result_t *res)
{
    work_t *work = baton;

    (void)conn;
    (void)res;
    return load_entities(work, work->rows);
}

apr_status_t f1_load_entities(f1_load_t *load, const f1_ergast_rows_t *rows, apr_pool_t *pool, f1_result_t *res)
{
    work_t work;

    work_init(&work, load, 0, rows, pool, res);
    return transact(&work, entities_body);
}

typedef struct timings_t {
    work_t work;
    int round;
    f1_row_kind_t kind;
} timings_t;

/* Whether this content is what was loaded of the session before. */
static int is_loaded(work_t *work, const char *session, const char *kind, const char *digest)
{
    f1_rows_t *loads;
    int i;

    if (run(work, &f1_stmt_ingest_session_loads, &session, &loads) != APR_SUCCESS) {
        return 0;
    }
    for (i = 0; i < f1_rows_count(loads); i++) {
        if (strcmp(f1_rows_get(loads, i, 0), kind) == 0 && strcmp(f1_rows_get(loads, i, 1), digest) == 0) {
            return 1;
        }
    }
    return 0;
}

static apr_status_t replace_timings(timings_t *timings, const char *session)
{
    work_t *work = &timings->work;
    int is_laps = timings->kind == F1_ROW_LAP, count = f1_ergast_rows_count(work->rows, timings->kind);
    const char *rows = rows_json(work->rows, timings->kind, work->pool, work->res);
    const char *name = is_laps ? "laps" : "pitstops", *digest = f1_str_sha256(rows, strlen(rows), work->pool);
    const char *values[] = {work->season, session, rows};
    const char *loaded[] = {session, name, digest, apr_itoa(work->pool, count), work->now, work->load->run};

    if (is_loaded(work, session, name, digest) || work->res->rv != APR_SUCCESS) {
        return work->res->rv;
    }
    if (run_counted(work, is_laps ? &f1_stmt_ingest_laps : &f1_stmt_ingest_pit_stops, values,
                    is_laps ? F1_LOADED_LAP : F1_LOADED_PIT_STOP) == APR_SUCCESS) {
        run(work, &f1_stmt_ingest_session_loaded, loaded, NULL);
    }
    return work->res->rv;
}

static apr_status_t timings_body(f1_conn_t *conn, void *baton, f1_result_t *res)
{
    timings_t *timings = baton;
    work_t *work = &timings->work;
    int at;

    (void)conn;
    if (run(work, &f1_stmt_ingest_lock_season, &work->season, NULL) != APR_SUCCESS ||
        list_sessions(work) != APR_SUCCESS) {
        return res->rv;
    }
    at = find_session(work, timings->round, "race");
    if (at < 0) {
        return f1_result_fail(res, F1_E_BAD_DATA, APR_EGENERAL,
                              "%d: there are laps or pit stops of round %d, which is unknown", work->year,
                              timings->round);
    }
    return replace_timings(timings, f1_rows_get(work->sessions, at, 2));
}

apr_status_t f1_load_timings(f1_load_t *load, int season, int round, f1_row_kind_t kind, const f1_ergast_rows_t *rows,
                             apr_pool_t *pool, f1_result_t *res)
{
    timings_t timings = {.round = round, .kind = kind};

    if (!f1_ergast_rows_count(rows, kind)) {
        return APR_SUCCESS;
    }
    work_init(&timings.work, load, season, rows, pool, res);
    load->counts[kind == F1_ROW_LAP ? F1_LOADED_LAP : F1_LOADED_PIT_STOP].seen += f1_ergast_rows_count(rows, kind);
    return transact(&timings.work, timings_body);
}

typedef struct standings_t {
    work_t work;
    const apr_array_header_t *rounds;
    const f1_ergast_rows_t *computed; /* NULL: none */
} standings_t;

/* The line of a row is its place among the rows of its round, which stand together. */
static void add_standings(f1_buf_t *json, const f1_ergast_rows_t *rows, f1_row_kind_t kind, const char *source)
{
    const f1_row_t *row;
    int i, round = 0, line = 0;

    for (i = 0; i < f1_ergast_rows_count(rows, kind); i++) {
        row = f1_ergast_row(rows, kind, i);
        line = row->round == round ? line + 1 : 1;
        round = row->round;
        begin_object(json);
        add_int(json, "round", round);
        add_int(json, "line", line);
        add_columns(json, kind, row);
        add_member(json, "source", source);
        f1_buf_addc(json, '}');
    }
}

static apr_status_t load_standings(standings_t *standings, f1_row_kind_t kind, const f1_statement_t *statement,
                                   f1_loaded_kind_t counted)
{
    work_t *work = &standings->work;
    const char *values[] = {work->season, NULL, NULL, work->load->source, work->now};
    f1_buf_t rounds, rows;
    int i;

    begin(&rounds, work->pool);
    begin(&rows, work->pool);
    for (i = 0; i < standings->rounds->nelts; i++) {
        f1_buf_addf(&rounds, "%s%d", i ? "," : "", APR_ARRAY_IDX(standings->rounds, i, int));
    }
    add_standings(&rows, work->rows, kind, NULL);
    work->load->counts[counted].seen += f1_ergast_rows_count(work->rows, kind);
    if (standings->computed) {
        add_standings(&rows, standings->computed, kind, "computed");
        work->load->counts[counted].seen += f1_ergast_rows_count(standings->computed, kind);
    }
    values[1] = end(&rounds, work->res);
    values[2] = end(&rows, work->res);
    return work->res->rv != APR_SUCCESS ? work->res->rv : run_counted(work, statement, values, counted);
}

static apr_status_t standings_body(f1_conn_t *conn, void *baton, f1_result_t *res)
{
    standings_t *standings = baton;
    work_t *work = &standings->work;
    const char *adjusted[] = {work->season, work->now};

    (void)conn;
    if (run(work, &f1_stmt_ingest_lock_season, &work->season, NULL) == APR_SUCCESS &&
        load_entities(work, work->rows) == APR_SUCCESS &&
        load_standings(standings, F1_ROW_DRIVER_STANDING, &f1_stmt_ingest_driver_standings,
                       F1_LOADED_DRIVER_STANDING) == APR_SUCCESS &&
        load_standings(standings, F1_ROW_CONSTRUCTOR_STANDING, &f1_stmt_ingest_constructor_standings,
                       F1_LOADED_CONSTRUCTOR_STANDING) == APR_SUCCESS &&
        run(work, &f1_stmt_ingest_standings_adjust, adjusted, NULL) == APR_SUCCESS) {
        finish_step(work);
    }
    return res->rv;
}

apr_status_t f1_load_standings(f1_load_t *load, int season, const apr_array_header_t *rounds,
                               const f1_ergast_rows_t *rows, const f1_ergast_rows_t *computed, const char *step,
                               apr_pool_t *pool, f1_result_t *res)
{
    standings_t standings = {.rounds = rounds, .computed = computed};

    work_init(&standings.work, load, season, rows, pool, res);
    standings.work.step = step;
    return transact(&standings.work, standings_body);
}
