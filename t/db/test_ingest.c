/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Ingestion from an upstream that lives in this program: lists of rows, answered page by page, with faults on demand.
 * Everything in it is fictional, and far from the simulated seasons of the database. */

#include <string.h>

#include <apr_hash.h>
#include <apr_strings.h>

#include "base/clock.h"
#include "base/json.h"
#include "f1_test.h"
#include "ingest/ergast.h"
#include "ingest/validate.h"

#define PAGE 2 /* races of this test have three or four rows: most pages hold parts of two */

/* --- The upstream */

typedef struct fake_t {
    f1_source_t source;
    apr_hash_t *lists; /* path to json_t array of rows with season and round */
    const char *fail_path; /* asked for: fails, or says body */
    int fail_at; /* offset */
    int fail_times; /* -1: always */
    const char *fail_body; /* NULL: F1_E_UPSTREAM */
    int shrink; /* after so many more answers a row of fail_path goes */
    int asked; /* of fail_path */
} fake_t;

static const struct {
    const char *resource, *table, *items, *rows;
} shapes[] = {
    {"seasons", "SeasonTable", "Seasons", NULL},
    {"drivers", "DriverTable", "Drivers", NULL},
    {"constructors", "ConstructorTable", "Constructors", NULL},
    {"races", "RaceTable", "Races", NULL},
    {"results", "RaceTable", "Races", "Results"},
    {"sprint", "RaceTable", "Races", "SprintResults"},
    {"qualifying", "RaceTable", "Races", "QualifyingResults"},
    {"laps", "RaceTable", "Races", "Laps"},
    {"pitstops", "RaceTable", "Races", "PitStops"},
    {"driverstandings", "StandingsTable", "StandingsLists", "DriverStandings"},
    {"constructorstandings", "StandingsTable", "StandingsLists", "ConstructorStandings"},
};

static int shape_of(const char *path)
{
    const char *name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
    int i;

    for (i = 0; strcmp(shapes[i].resource, name) != 0; i++) {
    }
    return i;
}

static json_t *list_of(fake_t *fake, const char *path)
{
    json_t *list = apr_hash_get(fake->lists, path, APR_HASH_KEY_STRING);

    if (!list) {
        list = f1_json_own(json_array(), f1_test_pool());
        apr_hash_set(fake->lists, apr_pstrdup(f1_test_pool(), path), APR_HASH_KEY_STRING, list);
    }
    return list;
}

/* Rows of one page, those of a round in an item of their own. */
static json_t *items_of(json_t *list, int shape, int offset, int limit)
{
    json_t *items = json_array(), *item = NULL, *row;
    size_t i;

    for (i = (size_t)offset; i < json_array_size(list) && i < (size_t)(offset + limit); i++) {
        row = json_array_get(list, i);
        if (!shapes[shape].rows) {
            json_array_append(items, row);
            continue;
        }
        if (!item || !json_equal(json_object_get(item, "round"), json_object_get(row, "round")) ||
            !json_equal(json_object_get(item, "season"), json_object_get(row, "season"))) {
            item = json_pack("{s:O, s:O, s:[]}", "season", json_object_get(row, "season"), "round",
                             json_object_get(row, "round"), shapes[shape].rows);
            json_array_append_new(items, item);
        }
        json_array_append(json_object_get(item, shapes[shape].rows), json_object_get(row, "row"));
    }
    return items;
}

static apr_status_t fake_get(f1_source_t *source, const char *path, int offset, const char **pbody, size_t *plen,
                             apr_pool_t *pool, f1_result_t *res)
{
    fake_t *fake = source->baton;
    json_t *list = list_of(fake, path), *doc;
    int shape = shape_of(path), is_target = fake->fail_path && strcmp(path, fake->fail_path) == 0;
    char *body;

    source->requests++;
    fake->asked += is_target;
    if (is_target && fake->shrink && --fake->shrink == 0) {
        json_array_remove(list, json_array_size(list) - 1);
    }
    if (is_target && offset == fake->fail_at && fake->fail_times) {
        fake->fail_times--;
        if (!fake->fail_body) {
            return f1_result_fail(res, F1_E_UPSTREAM, APR_EGENERAL, "fake answered 503");
        }
        *pbody = fake->fail_body;
        *plen = strlen(fake->fail_body);
        return APR_SUCCESS;
    }
    doc = json_pack("{s:{s:s, s:s, s:s, s:{s:o}}}", "MRData", "limit", apr_itoa(pool, PAGE), "offset",
                    apr_itoa(pool, offset), "total", apr_itoa(pool, (int)json_array_size(list)), shapes[shape].table,
                    shapes[shape].items, items_of(list, shape, offset, PAGE));
    body = json_dumps(doc, 0);
    *pbody = apr_pstrdup(pool, body);
    *plen = strlen(*pbody);
    free(body);
    json_decref(doc);
    return APR_SUCCESS;
}

static fake_t *fake_make(void)
{
    fake_t *fake = apr_pcalloc(f1_test_pool(), sizeof(*fake));

    fake->source = (f1_source_t){.base = "fake:", .get = fake_get, .baton = fake};
    fake->lists = apr_hash_make(f1_test_pool());
    return fake;
}

static void append(fake_t *fake, const char *path, json_t *row)
{
    json_array_append_new(list_of(fake, path), row);
}

static void append_row(fake_t *fake, int season, int round, const char *resource, json_t *row)
{
    json_t *placed = json_pack("{s:s, s:s, s:o}", "season", apr_itoa(f1_test_pool(), season), "round",
                               apr_itoa(f1_test_pool(), round), "row", row);

    append(fake, resource, json_incref(placed));
    append(fake, apr_psprintf(f1_test_pool(), "%d/%s", season, resource), json_incref(placed));
    append(fake, apr_psprintf(f1_test_pool(), "%d/%d/%s", season, round, resource), placed);
}

static void add_race(fake_t *fake, int season, int round, const char *name, const char *circuit, const char *date)
{
    json_t *race =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:{s:s, s:s, s:{s:s}}, s:{s:s, s:s}}", "season",
                  apr_itoa(f1_test_pool(), season), "round", apr_itoa(f1_test_pool(), round), "raceName", name, "date",
                  date, "time", "13:00:00Z", "Circuit", "circuitId", circuit, "circuitName", circuit, "Location",
                  "country", "Utopia", "FirstPractice", "date", date, "time", "09:00:00Z");

    append(fake, "races", json_incref(race));
    append(fake, apr_psprintf(f1_test_pool(), "%d/races", season), race);
}

static json_t *driver(const char *id)
{
    return json_pack("{s:s, s:s, s:s, s:s}", "driverId", id, "givenName", "Test", "familyName", id, "nationality",
                     "British");
}

static json_t *team(const char *id)
{
    return json_pack("{s:s, s:s, s:s}", "constructorId", id, "name", id, "nationality", "Dutch");
}

/* place "R": retired */
static void add_result(fake_t *fake, const char *resource, int season, int round, const char *who, const char *place,
                       const char *points)
{
    append_row(fake, season, round, resource,
               json_pack("{s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:s, s:s}", "number", "7", "position",
                         *place == 'R' ? "4" : place, "positionText", place, "points", points, "laps", "50", "Driver",
                         driver(who), "Constructor", team("t_kite"), "status", "Finished", "grid", "1"));
}

static void add_qualifying(fake_t *fake, int season, int round, const char *who, const char *place, const char *q1)
{
    append_row(fake, season, round, "qualifying",
               json_pack("{s:s, s:s*, s:s, s:o, s:o}", "number", "7", "position", place, "Q1", q1, "Driver",
                         driver(who), "Constructor", team("t_kite")));
}

static void add_standing(fake_t *fake, int season, int round, const char *who, const char *place, const char *points,
                         const char *wins)
{
    append_row(fake, season, round, "driverstandings",
               json_pack("{s:s, s:s, s:s, s:s, s:o, s:[o]}", "position", place, "positionText", place, "points", points,
                         "wins", wins, "Driver", driver(who), "Constructors", team("t_kite")));
}

static void add_team_standing(fake_t *fake, int season, int round, const char *points, const char *wins)
{
    append_row(fake, season, round, "constructorstandings",
               json_pack("{s:s, s:s, s:s, s:s, s:o}", "position", "1", "positionText", "1", "points", points, "wins",
                         wins, "Constructor", team("t_kite")));
}

/* Two races of three drivers, both won by t_ada, and a third to come. */
static void add_season(fake_t *fake, int season)
{
    int round;

    append(fake, "seasons", json_pack("{s:s}", "season", apr_itoa(f1_test_pool(), season)));
    add_race(fake, season, 1, "Salt Grand Prix", "t_salt", apr_psprintf(f1_test_pool(), "%d-03-06", season));
    add_race(fake, season, 2, "Fen Grand Prix", "t_fen", apr_psprintf(f1_test_pool(), "%d-03-20", season));
    add_race(fake, season, 3, "Moor Grand Prix", "t_moor", apr_psprintf(f1_test_pool(), "%d-04-03", season));
    for (round = 1; round <= 2; round++) {
        add_result(fake, "results", season, round, "t_ada", "1", "25");
        add_result(fake, "results", season, round, "t_bo", "2", "8.14");
        add_result(fake, "results", season, round, "t_cy", "R", "0");
        add_qualifying(fake, season, round, "t_bo", "1", "1:20.5");
        add_qualifying(fake, season, round, "t_ada", "2", "1:20.6");
        add_qualifying(fake, season, round, "t_cy", NULL, "");
        add_standing(fake, season, round, "t_ada", "1", round == 1 ? "25" : "50", round == 1 ? "1" : "2");
        add_standing(fake, season, round, "t_bo", "2", round == 1 ? "8.14" : "16.28", "0");
        add_standing(fake, season, round, "t_cy", "3", "0", "0");
        add_team_standing(fake, season, round, round == 1 ? "33.14" : "66.28", round == 1 ? "1" : "2");
    }
    append(fake, apr_psprintf(f1_test_pool(), "%d/drivers", season), driver("t_ada"));
    append(fake, apr_psprintf(f1_test_pool(), "%d/drivers", season), driver("t_bo"));
    append(fake, apr_psprintf(f1_test_pool(), "%d/drivers", season), driver("t_cy"));
    append(fake, apr_psprintf(f1_test_pool(), "%d/drivers", season), driver("t_reserve"));
    append(fake, apr_psprintf(f1_test_pool(), "%d/constructors", season), team("t_kite"));
}

/* --- Asking for it */

static f1_ingest_report_t report;

static apr_status_t ingest(fake_t *fake, f1_ingest_what_t what, int first, int second)
{
    f1_ingest_t ingestion = {
        .what = what, .first = first, .last = second, .round = second, .source = &fake->source, .conn = f1_test_conn()};

    f1_result_clear(f1_test_result());
    fake->source.requests = 0;
    return f1_ingest(&ingestion, &report, f1_test_pool(), f1_test_result());
}

static void ingest_ok(fake_t *fake, f1_ingest_what_t what, int first, int second)
{
    f1_assert_ok(ingest(fake, what, first, second), f1_test_result());
}

static void ingest_refused(fake_t *fake, f1_ingest_what_t what, int first, int second, const char *why)
{
    assert_int_not_equal(ingest(fake, what, first, second), APR_SUCCESS);
    if (!strstr(f1_test_result()->detail, why)) {
        fail_msg("'%s' lacks '%s'", f1_test_result()->detail, why);
    }
}

static const char *ask(const char *fmt, ...)
{
    const char *sql;
    va_list args;

    va_start(args, fmt);
    sql = apr_pvsprintf(f1_test_pool(), fmt, args);
    va_end(args);
    return f1_test_sql(sql);
}

/* Every row of the season with its version: equal before and after means that nothing was written. */
static const char *versions(int season)
{
    static const char *const tables[] = {"session",
                                         "race",
                                         "entry",
                                         "revision",
                                         "result",
                                         "qualifying_result",
                                         "lap",
                                         "pit_stop",
                                         "driver_standing",
                                         "constructor_standing",
                                         "season_driver",
                                         "season_constructor"};
    const char *sql = "SELECT 'driver', ctid, xmin, xmax FROM driver WHERE id LIKE 't%'"
                      " UNION ALL SELECT 'constructor', ctid, xmin, xmax FROM constructor WHERE id LIKE 't%'"
                      " UNION ALL SELECT 'circuit', ctid, xmin, xmax FROM circuit WHERE id LIKE 't%'";
    size_t i;

    for (i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
        sql = apr_psprintf(f1_test_pool(), "%s UNION ALL SELECT '%s', ctid, xmin, xmax FROM %s WHERE season = %d", sql,
                           tables[i], tables[i], season);
    }
    return f1_test_sql(apr_pstrcat(f1_test_pool(), sql, " ORDER BY 1, 2", NULL));
}

static const char *results(int season, int round)
{
    return ask("SELECT string_agg(concat_ws(' ', x.line, e.driver_id, x.position_text, x.points), ', ' ORDER BY x.line)"
               " FROM result x JOIN session s ON s.id = x.session_id JOIN race r ON r.id = s.race_id"
               " JOIN entry e ON e.id = x.entry_id"
               " WHERE x.current AND r.season = %d AND r.round = %d AND s.kind = 'race'",
               season, round);
}

/* A row of a list, to be changed. */
static json_t *row_at(fake_t *fake, int season, int round, const char *resource, int index)
{
    json_t *list = list_of(fake, round ? apr_psprintf(f1_test_pool(), "%d/%d/%s", season, round, resource)
                                       : apr_psprintf(f1_test_pool(), "%d/%s", season, resource));
    json_t *row = json_array_get(list, (size_t)index);

    assert_non_null(row);
    return round ? json_object_get(row, "row") : row;
}

static void set(json_t *row, const char *name, const char *value)
{
    json_object_set_new(row, name, json_string(value));
}

/* --- Tests */

static void a_season_is_loaded(void **state)
{
    fake_t *fake = fake_make();

    (void)state;
    add_season(fake, 2101);
    ingest_ok(fake, F1_INGEST_SEASON, 2101, 0);
    assert_int_equal(report.counts[F1_LOADED_RESULT].inserted, 6);
    assert_int_equal(report.counts[F1_LOADED_QUALIFYING].inserted, 6);
    assert_int_equal(report.counts[F1_LOADED_DRIVER_STANDING].inserted, 6);
    assert_string_equal(results(2101, 2), "1 t_ada 1 25, 2 t_bo 2 8.14, 3 t_cy R 0");
    assert_string_equal(ask("SELECT string_agg(concat_ws(' ', id, round, status), ', ' ORDER BY round) FROM race"
                            " WHERE season = 2101"),
                        "2101-salt-grand-prix 1 completed, 2101-fen-grand-prix 2 completed, 2101-moor-grand-prix 3 "
                        "scheduled");
    assert_string_equal(ask("SELECT starts_at FROM session WHERE race_id = '2101-fen-grand-prix'"
                            " AND kind = 'practice_1'"),
                        "2101-03-20 09:00:00+00");
    assert_string_equal(
        ask("SELECT count(*), count(*) FILTER (WHERE q1_text = '' AND q1_ms IS NULL AND position IS NULL)"
            " FROM qualifying_result WHERE season = 2101"),
        "6|2");
    assert_string_equal(ask("SELECT count(*) FROM season_driver WHERE season = 2101"), "4");
    assert_string_equal(ask("SELECT points, wins, source FROM driver_standing"
                            " WHERE race_id = '2101-fen-grand-prix' AND driver_id = 't_bo'"),
                        "16.28|0|ergast");
    assert_string_equal(ask("SELECT state, requests FROM ingestion_run WHERE id = %s", report.run),
                        apr_psprintf(f1_test_pool(), "success|%d", report.requests));
}

static void a_second_time_writes_nothing(void **state)
{
    fake_t *fake = fake_make();
    const char *before;

    (void)state;
    add_season(fake, 2102);
    ingest_ok(fake, F1_INGEST_SEASON, 2102, 0);
    assert_true(report.has_changed);
    before = versions(2102);
    ingest_ok(fake, F1_INGEST_SEASON, 2102, 0);
    assert_false(report.has_changed);
    assert_string_equal(versions(2102), before);
    ingest_ok(fake, F1_INGEST_RACE, 2102, 1);
    ingest_ok(fake, F1_INGEST_DRIVERS, 2102, 0);
    ingest_ok(fake, F1_INGEST_STANDINGS, 2102, 0);
    ingest_ok(fake, F1_INGEST_QUALIFYING, 2102, 2);
    assert_string_equal(versions(2102), before);
}

static void a_correction_is_a_revision(void **state)
{
    fake_t *fake = fake_make();

    (void)state;
    add_season(fake, 2103);
    f1_clock_set("2103-03-21T00:00:00Z@0", 0);
    ingest_ok(fake, F1_INGEST_SEASON, 2103, 0);
    /* t_ada disqualified, t_cy taken out, t_di put in */
    f1_clock_set("2103-03-25T00:00:00Z@0", 0);
    set(row_at(fake, 2103, 2, "results", 0), "points", "0");
    set(row_at(fake, 2103, 2, "results", 0), "positionText", "D");
    set(row_at(fake, 2103, 2, "results", 0), "position", "3");
    set(row_at(fake, 2103, 2, "results", 1), "position", "1");
    json_array_remove(list_of(fake, "2103/2/results"), 2);
    append(fake, "2103/2/results",
           json_pack("{s:s, s:s, s:{s:s, s:s, s:s, s:o, s:o, s:s}}", "season", "2103", "round", "2", "row", "position",
                     "2", "positionText", "2", "points", "18", "Driver", driver("t_di"), "Constructor", team("t_fox"),
                     "status", "Finished"));
    ingest_ok(fake, F1_INGEST_RACE, 2103, 2);
    assert_string_equal(results(2103, 2), "1 t_bo 2 8.14, 2 t_di 2 18, 3 t_ada D 0");
    assert_string_equal(results(2103, 1), "1 t_ada 1 25, 2 t_bo 2 8.14, 3 t_cy R 0");
    assert_int_equal(report.counts[F1_LOADED_RESULT].inserted, 1);
    assert_int_equal(report.counts[F1_LOADED_RESULT].removed, 1);
    assert_int_equal(report.counts[F1_LOADED_RESULT].changed, 2);
    assert_string_equal(
        ask("SELECT v.number, v.known_at, v.row_count, (SELECT count(*) FROM result x WHERE x.season = 2103"
            " AND x.session_id = v.session_id AND x.revision = v.number AND x.current = (v.number = 2))"
            " FROM revision v JOIN session s ON s.id = v.session_id"
            " WHERE s.race_id = '2103-fen-grand-prix' AND s.kind = 'race' ORDER BY 1"),
        "1|2103-03-21 00:00:00+00|3|3\n2|2103-03-25 00:00:00+00|3|3");
    assert_string_equal(
        ask("SELECT string_agg(concat_ws(' ', c ->> 'driver_id', c ->> 'change', c ->> 'field', c ->> 'old', c ->> "
            "'new'),"
            " ', ') FROM revision v JOIN session s ON s.id = v.session_id, jsonb_array_elements(v.changes) AS c"
            " WHERE s.race_id = '2103-fen-grand-prix' AND s.kind = 'race' AND v.number = 2"),
        "t_ada changed points 25 0, t_ada changed position 1 3, t_ada changed position_text 1 D, "
        "t_bo changed position 2 1, t_cy removed, t_di added");
}

/* One thing wrong in an answer: nothing of the run is stored, and the words say what. */
static void bad_answers_change_nothing(void **state)
{
    static const struct {
        const char *path;
        int at;
        const char *body, *why;
    } faults[] = {
        {"2104/results", 2, "{\"MRData\":{\"limit\":\"2\",\"of", "2104/results at offset 2"},
        {"2104/results", 4, "<html>busy</html>", "2104/results at offset 4"},
        {"2104/races", 0, "", "2104/races"},
        {"2104/races", 2,
         "{\"MRData\":{\"limit\":\"2\",\"offset\":\"0\",\"total\":\"1\",\"RaceTable\":{\"Races\":[{}]}}}",
         "is the page at offset 0"},
        {"2104/qualifying", 0,
         "{\"MRData\":{\"limit\":\"2\",\"offset\":\"0\",\"total\":\"0\",\"RaceTable\":{\"season\":\"2103\","
         "\"Races\":[]}}}",
         "about season 2103 instead of 2104"},
        {"2104/drivers", 2, NULL, "fake answered 503"},
    };
    fake_t *fake = fake_make();
    const char *before;
    size_t i;

    (void)state;
    add_season(fake, 2104);
    ingest_ok(fake, F1_INGEST_SEASON, 2104, 0);
    before = versions(2104);
    set(row_at(fake, 2104, 1, "results", 1), "points", "7");
    for (i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
        fake->fail_path = faults[i].path;
        fake->fail_at = faults[i].at;
        fake->fail_body = faults[i].body;
        fake->fail_times = 1;
        ingest_refused(fake, F1_INGEST_SEASON, 2104, 0, faults[i].why);
        assert_string_equal(versions(2104), before);
        assert_string_equal(ask("SELECT state, error IS NOT NULL FROM ingestion_run WHERE id = %s", report.run),
                            "failure|t");
    }
    fake->fail_path = NULL;
    set(row_at(fake, 2104, 1, "results", 1), "points", "-7");
    ingest_refused(fake, F1_INGEST_SEASON, 2104, 0, "round 1, Results 2: points '-7' should be a number");
    set(row_at(fake, 2104, 1, "results", 1), "points", "8.14");
    add_result(fake, "results", 2104, 9, "t_ada", "1", "25");
    ingest_refused(fake, F1_INGEST_SEASON, 2104, 0, "results of round 9, which is not in the calendar");
    assert_string_equal(versions(2104), before);
}

static void lists_that_change_are_read_again(void **state)
{
    fake_t *fake = fake_make();

    (void)state;
    add_season(fake, 2105);
    append_row(fake, 2105, 2, "results",
               json_pack("{s:s, s:s, s:s, s:o, s:o, s:s}", "position", "9", "positionText", "9", "points", "0",
                         "Driver", driver("t_ghost"), "Constructor", team("t_kite"), "status", "Finished"));
    fake->fail_path = "2105/results";
    fake->shrink = 3;
    ingest_ok(fake, F1_INGEST_SEASON, 2105, 0);
    assert_int_equal(fake->asked, 3 + 3);
    assert_string_equal(results(2105, 2), "1 t_ada 1 25, 2 t_bo 2 8.14, 3 t_cy R 0");
    assert_non_null(strstr(f1_test_log(), "F1B0300"));
}

/* A page sent twice under the right offset: its rows stand there already. */
static void repeated_pages_are_refused(void **state)
{
    fake_t *fake = fake_make();
    json_t *list;

    (void)state;
    add_season(fake, 2106);
    list = list_of(fake, "2106/results");
    json_array_set(list, 2, json_array_get(list, 0));
    ingest_refused(fake, F1_INGEST_SEASON, 2106, 0, "stands there twice");
    assert_string_equal(ask("SELECT count(*) FROM race WHERE season = 2106"), "0");
}

static void shared_cars_and_places_are_kept(void **state)
{
    fake_t *fake = fake_make();

    (void)state;
    add_season(fake, 2107);
    add_result(fake, "results", 2107, 1, "t_bo", "1", "4");
    ingest_ok(fake, F1_INGEST_SEASON, 2107, 0);
    assert_string_equal(results(2107, 1), "1 t_ada 1 25, 2 t_bo 1 4, 3 t_bo 2 8.14, 4 t_cy R 0");
    assert_string_equal(ask("SELECT count(*) FROM entry WHERE season = 2107 AND driver_id = 't_bo'"), "2");
}

/* The first race is cancelled: the others move up and stay themselves; it comes back at another place. */
static void calendars_change(void **state)
{
    fake_t *fake = fake_make();
    json_t *races, *salt;

    (void)state;
    add_season(fake, 2108);
    json_array_clear(list_of(fake, "2108/results"));
    json_array_clear(list_of(fake, "2108/qualifying"));
    ingest_ok(fake, F1_INGEST_SEASON, 2108, 0);
    races = list_of(fake, "2108/races");
    salt = json_incref(json_array_get(races, 0));
    json_array_remove(races, 0);
    set(json_array_get(races, 0), "round", "1");
    set(json_array_get(races, 1), "round", "2");
    json_object_del(json_array_get(races, 1), "FirstPractice");
    ingest_ok(fake, F1_INGEST_SEASON, 2108, 0);
    assert_string_equal(ask("SELECT string_agg(concat_ws(' ', id, round, status), ', ' ORDER BY date) FROM race"
                            " WHERE season = 2108"),
                        "2108-salt-grand-prix cancelled, 2108-fen-grand-prix 1 scheduled, 2108-moor-grand-prix 2 "
                        "scheduled");
    assert_string_equal(ask("SELECT count(*) FROM session WHERE race_id = '2108-moor-grand-prix'"
                            " AND kind = 'practice_1'"),
                        "0");
    set(salt, "round", "3");
    set(salt, "date", "2108-10-01");
    set(json_object_get(salt, "Circuit"), "circuitId", "t_heath");
    json_array_append_new(races, salt);
    ingest_ok(fake, F1_INGEST_SEASON, 2108, 0);
    assert_string_equal(
        ask("SELECT id, round, status, circuit_id FROM race WHERE season = 2108 AND date > '2108-09-01'"),
        "2108-salt-grand-prix|3|scheduled|t_heath");
    assert_string_equal(ask("SELECT string_agg(concat_ws(' ', race_id, round), ', ' ORDER BY race_id, round)"
                            " FROM race_alias WHERE season = 2108 AND valid_to IS NOT NULL"),
                        "2108-fen-grand-prix 2, 2108-moor-grand-prix 3, 2108-salt-grand-prix 1");
}

static void races_with_results_do_not_vanish(void **state)
{
    fake_t *fake = fake_make();

    (void)state;
    add_season(fake, 2109);
    ingest_ok(fake, F1_INGEST_SEASON, 2109, 0);
    json_array_remove(list_of(fake, "2109/races"), 1);
    ingest_refused(fake, F1_INGEST_SEASON, 2109, 0,
                   "lacks the Fen Grand Prix of 2109-03-20, of which there are results");
}

/* Upstream has lost a race's results: what is stored stays, and somebody is told. */
static void lost_results_stay(void **state)
{
    fake_t *fake = fake_make();
    json_t *list;

    (void)state;
    add_season(fake, 2110);
    ingest_ok(fake, F1_INGEST_SEASON, 2110, 0);
    list = list_of(fake, "2110/results");
    json_array_remove(list, 0);
    json_array_remove(list, 0);
    json_array_remove(list, 0);
    ingest_ok(fake, F1_INGEST_SEASON, 2110, 0);
    assert_string_equal(results(2110, 1), "1 t_ada 1 25, 2 t_bo 2 8.14, 3 t_cy R 0");
    assert_non_null(strstr(f1_test_log(), "F1B0301: 2110 round 1: upstream no longer has the race"));
}

static void a_range_resumes(void **state)
{
    fake_t *fake = fake_make();
    const char *run;

    (void)state;
    add_season(fake, 2111);
    add_season(fake, 2112);
    add_season(fake, 2113);
    fake->fail_path = "2112/qualifying";
    fake->fail_at = 2;
    fake->fail_times = 1;
    ingest_refused(fake, F1_INGEST_SEASONS, 2111, 2113, "fake answered 503");
    assert_string_equal(
        ask("SELECT string_agg(DISTINCT season::text, ',') FROM race WHERE season BETWEEN 2111 AND 2113"), "2111");
    run = report.run;
    fake->fail_path = "2111/races";
    fake->asked = 0;
    ingest_ok(fake, F1_INGEST_SEASONS, 2111, 2113);
    assert_string_equal(report.resumes, run);
    assert_int_equal(fake->asked, 0);
    assert_string_equal(results(2113, 2), "1 t_ada 1 25, 2 t_bo 2 8.14, 3 t_cy R 0");
    /* what ended well begins anew */
    ingest_ok(fake, F1_INGEST_SEASONS, 2111, 2113);
    assert_null(report.resumes);
    assert_false(report.has_changed);
    assert_int_not_equal(fake->asked, 0);
}

/* Twenty seasons and more from the first one on are read from the lists of all seasons, while these last. */
static void a_long_range_reads_lists_of_all_seasons(void **state)
{
    fake_t *fake = fake_make();
    int season;

    (void)state;
    for (season = 2130; season < 2150; season++) {
        add_season(fake, season);
    }
    append(fake, "seasons", json_pack("{s:s}", "season", "2150"));
    append(fake, "drivers", driver("t_unseen"));
    append(fake, "constructors", team("t_kite"));
    fake->fail_path = "2135/results";
    ingest_ok(fake, F1_INGEST_SEASONS, 2130, 2150);
    assert_int_equal(fake->asked, 0);
    assert_int_equal(report.counts[F1_LOADED_RESULT].inserted, 120);
    assert_string_equal(results(2149, 2), "1 t_ada 1 25, 2 t_bo 2 8.14, 3 t_cy R 0");
    assert_string_equal(ask("SELECT count(*) FROM driver WHERE id = 't_unseen'"), "1");
    assert_string_equal(ask("SELECT count(*) FROM season_driver WHERE season = 2140"), "4");
    assert_non_null(strstr(f1_test_log(), "F1B0303: 2150: upstream has no races of 2150"));
    /* a row goes while the list is read: from there on each season is asked for */
    fake->fail_path = "results";
    fake->shrink = 20;
    ingest_ok(fake, F1_INGEST_SEASONS, 2130, 2150);
    assert_int_equal(fake->asked, 20);
    assert_false(report.has_changed);
}

static int stop_after;

static int stops(void *baton)
{
    (void)baton;
    return stop_after-- == 0;
}

static void a_range_can_be_stopped(void **state)
{
    fake_t *fake = fake_make();
    f1_ingest_t ingestion = {.what = F1_INGEST_SEASONS,
                             .first = 2122,
                             .last = 2123,
                             .source = &fake->source,
                             .conn = f1_test_conn(),
                             .is_stopping = stops};

    (void)state;
    add_season(fake, 2122);
    add_season(fake, 2123);
    stop_after = 11;
    assert_int_equal(f1_ingest(&ingestion, &report, f1_test_pool(), f1_test_result()), APR_EINTR);
    assert_string_equal(ask("SELECT string_agg(DISTINCT season::text, ',') FROM race WHERE season IN (2122, 2123)"),
                        "2122");
    stop_after = -1;
    f1_result_clear(f1_test_result());
    f1_assert_ok(f1_ingest(&ingestion, &report, f1_test_pool(), f1_test_result()), f1_test_result());
    assert_non_null(report.resumes);
    assert_string_equal(results(2123, 1), "1 t_ada 1 25, 2 t_bo 2 8.14, 3 t_cy R 0");
}

/* In a range, standings that follow from results are not asked for. */
static void a_range_computes_standings(void **state)
{
    fake_t *fake = fake_make();

    (void)state;
    add_season(fake, 2114);
    fake->fail_path = "2114/1/driverstandings";
    ingest_ok(fake, F1_INGEST_SEASONS, 2114, 2114);
    assert_int_equal(fake->asked, 2); /* t_cy has no points: whether he is ranked was not certain */
    assert_string_equal(
        ask("SELECT string_agg(concat_ws(' ', r.round, c.constructor_id, c.points, c.wins, c.source), ', '"
            " ORDER BY r.round) FROM constructor_standing c JOIN race r ON r.id = c.race_id"
            " WHERE c.season = 2114"),
        "1 t_kite 33.14 1 computed, 2 t_kite 66.28 2 ergast");
    /* taking points away breaks the sum: now every round is asked for */
    set(row_at(fake, 2114, 2, "constructorstandings", 0), "points", "50");
    ingest_ok(fake, F1_INGEST_SEASONS, 2114, 2114);
    assert_string_equal(ask("SELECT string_agg(concat_ws(' ', points, source), ', ' ORDER BY points)"
                            " FROM constructor_standing WHERE season = 2114"),
                        "33.14 computed, 50 ergast");
}

static void late_standings_do_not_hold_up_results(void **state)
{
    fake_t *fake = fake_make();

    (void)state;
    add_season(fake, 2115);
    json_array_clear(list_of(fake, "2115/2/driverstandings"));
    json_array_clear(list_of(fake, "2115/2/constructorstandings"));
    ingest_ok(fake, F1_INGEST_SEASON, 2115, 0);
    assert_string_equal(ask("SELECT DISTINCT race_id FROM driver_standing WHERE season = 2115"),
                        "2115-salt-grand-prix");
    assert_non_null(strstr(f1_test_log(), "F1B0302"));
    set(row_at(fake, 2115, 1, "driverstandings", 0), "points", "many");
    set(row_at(fake, 2115, 2, "results", 1), "points", "6");
    ingest_refused(fake, F1_INGEST_SEASON, 2115, 0, "points 'many' should be a number");
    assert_string_equal(results(2115, 2), "1 t_ada 1 25, 2 t_bo 2 6, 3 t_cy R 0");
}

static void add_lap(fake_t *fake, int season, int lap, const char *who, const char *time)
{
    append_row(fake, season, 1, "laps",
               json_pack("{s:s, s:[{s:s, s:s, s:s}]}", "number", apr_itoa(f1_test_pool(), lap), "Timings", "driverId",
                         who, "position", "1", "time", time));
}

static void laps_and_stops_are_replaced(void **state)
{
    fake_t *fake = fake_make();
    const char *before;

    (void)state;
    add_season(fake, 2116);
    add_lap(fake, 2116, 1, "t_ada", "1:30.5");
    add_lap(fake, 2116, 2, "t_ada", "1:29.5");
    append_row(fake, 2116, 1, "pitstops",
               json_pack("{s:s, s:s, s:s, s:n, s:s}", "driverId", "t_bo", "stop", "1", "lap", "9", "time", "duration",
                         "1:02.125"));
    ingest_ok(fake, F1_INGEST_RACE, 2116, 1);
    assert_string_equal(ask("SELECT lap, driver_id, time_ms FROM lap WHERE season = 2116 ORDER BY lap"),
                        "1|t_ada|90500\n2|t_ada|89500");
    assert_string_equal(ask("SELECT driver_id, lap, local_time, duration_ms, duration_text FROM pit_stop"
                            " WHERE season = 2116"),
                        "t_bo|9||62125|1:02.125");
    before = versions(2116);
    ingest_ok(fake, F1_INGEST_RACE, 2116, 1);
    assert_string_equal(versions(2116), before);
    json_array_remove(list_of(fake, "2116/1/laps"), 0);
    add_lap(fake, 2116, 3, "t_cy", "1:31");
    ingest_ok(fake, F1_INGEST_RACE, 2116, 1);
    assert_int_equal(report.counts[F1_LOADED_LAP].inserted, 1);
    assert_int_equal(report.counts[F1_LOADED_LAP].removed, 1);
    add_lap(fake, 2116, 4, "t_nobody", "1:31");
    ingest_refused(fake, F1_INGEST_RACE, 2116, 1, "2116/1/laps: driverId 't_nobody' did not take part");
    assert_string_equal(ask("SELECT count(*) FROM lap WHERE season = 2116"), "2");
}

static void what_upstream_lacks_is_not_found(void **state)
{
    fake_t *fake = fake_make();

    (void)state;
    add_season(fake, 2117);
    ingest_refused(fake, F1_INGEST_SEASON, 2118, 0, "no races of 2118");
    ingest_refused(fake, F1_INGEST_RACE, 2117, 9, "no round 9 of 2117");
    ingest_refused(fake, F1_INGEST_SEASONS, 2150, 2160, "no season from 2150 to 2160");
    ingest_refused(fake, F1_INGEST_DRIVERS, 2118, 0, "no drivers of 2118");
    ingest_refused(fake, F1_INGEST_STANDINGS, 2118, 0, "no results of 2118");
    assert_int_equal(f1_test_result()->error, F1_E_NOT_FOUND);
    ingest_ok(fake, F1_INGEST_CURRENT, 2118, 0);
    assert_string_equal(results(2117, 2), "1 t_ada 1 25, 2 t_bo 2 8.14, 3 t_cy R 0");
}

/* Drivers are there before the season is; who is no longer on the list and never raced goes. */
static void entry_lists_come_first(void **state)
{
    fake_t *fake = fake_make();

    (void)state;
    append(fake, "2119/drivers", driver("t_ada"));
    append(fake, "2119/drivers", driver("t_bo"));
    append(fake, "2119/constructors", team("t_kite"));
    ingest_ok(fake, F1_INGEST_DRIVERS, 2119, 0);
    json_array_remove(list_of(fake, "2119/drivers"), 0);
    ingest_ok(fake, F1_INGEST_DRIVERS, 2119, 0);
    assert_string_equal(ask("SELECT string_agg(driver_id, ',') FROM season_driver WHERE season = 2119"), "t_bo");
}

static void capital_letters_of_ids_are_kept_aside(void **state)
{
    fake_t *fake = fake_make();

    (void)state;
    append(fake, "2122/drivers", driver("t_Eve"));
    append(fake, "2122/drivers", driver("t_fox"));
    append(fake, "2122/constructors", team("t_kite"));
    ingest_ok(fake, F1_INGEST_DRIVERS, 2122, 0);
    assert_string_equal(ask("SELECT string_agg(id || '=' || coalesce(ergast_id, '-'), ' ' ORDER BY id) FROM driver"
                            " WHERE id IN ('t_eve', 't_fox')"),
                        "t_eve=t_Eve t_fox=-");
}

static void findings_are_found(void **state)
{
    fake_t *fake = fake_make();
    apr_array_header_t *findings;
    const char *text = "";
    int i;

    (void)state;
    add_season(fake, 2120);
    json_array_remove(list_of(fake, "2120/qualifying"), 5);
    set(row_at(fake, 2120, 1, "results", 1), "position", "3");
    set(row_at(fake, 2120, 2, "driverstandings", 1), "points", "99");
    ingest_ok(fake, F1_INGEST_SEASON, 2120, 0);
    f1_assert_ok(f1_validate(f1_test_conn(), 2120, &findings, f1_test_pool(), f1_test_result()), f1_test_result());
    for (i = 0; i < findings->nelts; i++) {
        const f1_finding_t *finding = &APR_ARRAY_IDX(findings, i, f1_finding_t);

        text = apr_psprintf(f1_test_pool(), "%s%d %s: %s\n", text, finding->round, finding->rule, finding->detail);
    }
    assert_non_null(strstr(text, "1 results: race: place 2 is missing\n"));
    assert_non_null(strstr(text, "2 qualifying: t_cy started, but has no line in qualifying\n"));
    assert_non_null(strstr(text, "2 standings: t_bo has 99 points, his results give 16.28\n"));
    f1_assert_ok(f1_validate(f1_test_conn(), 2150, &findings, f1_test_pool(), f1_test_result()), f1_test_result());
    assert_int_equal(findings->nelts, 1);
}

static void nationalities_are_words(void **state)
{
    apr_array_header_t *seasons;
    int drivers = 0, constructors = 0;

    (void)state;
    ask("INSERT INTO season (year) VALUES (2121)");
    ask("INSERT INTO driver (id, given_name, family_name, nationality) VALUES ('t_ned', '', 'N', 'NED'),"
        " ('t_odd', '', 'O', 'XQZ'), ('t_none', '', 'P', '')");
    ask("INSERT INTO constructor (id, name, nationality) VALUES ('t_ita', 'I', 'ITA')");
    ask("INSERT INTO season_driver (season, driver_id) VALUES (2121, 't_none')");
    f1_assert_ok(f1_nationalities_convert(f1_test_conn(), &drivers, &constructors, f1_test_pool(), f1_test_result()),
                 f1_test_result());
    assert_int_equal(drivers, 1);
    assert_int_equal(constructors, 1);
    assert_string_equal(ask("SELECT string_agg(nationality, ',' ORDER BY id) FROM driver WHERE id LIKE 't\\_n%%'"
                            " OR id = 't_odd'"),
                        "Dutch,,XQZ");
    f1_assert_ok(f1_nationalities_missing(f1_test_conn(), &seasons, f1_test_pool(), f1_test_result()),
                 f1_test_result());
    assert_int_equal(seasons->nelts, 1);
    assert_int_equal(APR_ARRAY_IDX(seasons, 0, int), 2121);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        F1_TEST(a_season_is_loaded),
        F1_TEST(a_second_time_writes_nothing),
        F1_TEST(a_correction_is_a_revision),
        F1_TEST(bad_answers_change_nothing),
        F1_TEST(lists_that_change_are_read_again),
        F1_TEST(repeated_pages_are_refused),
        F1_TEST(shared_cars_and_places_are_kept),
        F1_TEST(calendars_change),
        F1_TEST(races_with_results_do_not_vanish),
        F1_TEST(lost_results_stay),
        F1_TEST(a_range_resumes),
        F1_TEST(a_long_range_reads_lists_of_all_seasons),
        F1_TEST(a_range_can_be_stopped),
        F1_TEST(a_range_computes_standings),
        F1_TEST(late_standings_do_not_hold_up_results),
        F1_TEST(laps_and_stops_are_replaced),
        F1_TEST(what_upstream_lacks_is_not_found),
        F1_TEST(entry_lists_come_first),
        F1_TEST(capital_letters_of_ids_are_kept_aside),
        F1_TEST(findings_are_found),
        F1_TEST(nationalities_are_words),
    };

    return f1_test_run(tests);
}
