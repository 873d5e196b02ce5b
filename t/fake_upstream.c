/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* See the header. Lists are kept by path, whole; a page is cut out of one when it is asked for. */

#include "fake_upstream.h"

#include <stdlib.h>
#include <string.h>

#include <apr_hash.h>
#include <apr_strings.h>

#include "base/json.h"
#include "f1_test.h"

#define PAGE 2 /* races of this test have three or four rows: most pages hold parts of two */

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

json_t *fake_list(fake_t *fake, const char *path)
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
    json_t *list = fake_list(fake, path), *doc;
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

fake_t *fake_make(void)
{
    fake_t *fake = apr_pcalloc(f1_test_pool(), sizeof(*fake));

    fake->source = (f1_source_t){.base = "fake:", .get = fake_get, .baton = fake};
    fake->lists = apr_hash_make(f1_test_pool());
    return fake;
}

void fake_append(fake_t *fake, const char *path, json_t *row)
{
    json_array_append_new(fake_list(fake, path), row);
}

void fake_append_row(fake_t *fake, int season, int round, const char *resource, json_t *row)
{
    json_t *placed = json_pack("{s:s, s:s, s:o}", "season", apr_itoa(f1_test_pool(), season), "round",
                               apr_itoa(f1_test_pool(), round), "row", row);

    fake_append(fake, resource, json_incref(placed));
    fake_append(fake, apr_psprintf(f1_test_pool(), "%d/%s", season, resource), json_incref(placed));
    fake_append(fake, apr_psprintf(f1_test_pool(), "%d/%d/%s", season, round, resource), placed);
}

void fake_add_race(fake_t *fake, int season, int round, const char *name, const char *circuit, const char *date)
{
    json_t *race =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:{s:s, s:s, s:{s:s}}, s:{s:s, s:s}}", "season",
                  apr_itoa(f1_test_pool(), season), "round", apr_itoa(f1_test_pool(), round), "raceName", name, "date",
                  date, "time", "13:00:00Z", "Circuit", "circuitId", circuit, "circuitName", circuit, "Location",
                  "country", "Utopia", "FirstPractice", "date", date, "time", "09:00:00Z");

    fake_append(fake, "races", json_incref(race));
    fake_append(fake, apr_psprintf(f1_test_pool(), "%d/races", season), race);
}

json_t *fake_driver(const char *id)
{
    return json_pack("{s:s, s:s, s:s, s:s}", "driverId", id, "givenName", "Test", "familyName", id, "nationality",
                     "British");
}

json_t *fake_team(const char *id)
{
    return json_pack("{s:s, s:s, s:s}", "constructorId", id, "name", id, "nationality", "Dutch");
}

/* place "R": retired */
void fake_add_result(fake_t *fake, const char *resource, int season, int round, const char *who, const char *place,
                     const char *points)
{
    fake_append_row(fake, season, round, resource,
                    json_pack("{s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:s, s:s}", "number", "7", "position",
                              *place == 'R' ? "4" : place, "positionText", place, "points", points, "laps", "50",
                              "Driver", fake_driver(who), "Constructor", fake_team("t_kite"), "status", "Finished",
                              "grid", "1"));
}

void fake_add_qualifying(fake_t *fake, int season, int round, const char *who, const char *place, const char *q1)
{
    fake_append_row(fake, season, round, "qualifying",
                    json_pack("{s:s, s:s*, s:s, s:o, s:o}", "number", "7", "position", place, "Q1", q1, "Driver",
                              fake_driver(who), "Constructor", fake_team("t_kite")));
}

void fake_add_standing(fake_t *fake, int season, int round, const char *who, const char *place, const char *points,
                       const char *wins)
{
    fake_append_row(fake, season, round, "driverstandings",
                    json_pack("{s:s, s:s, s:s, s:s, s:o, s:[o]}", "position", place, "positionText", place, "points",
                              points, "wins", wins, "Driver", fake_driver(who), "Constructors", fake_team("t_kite")));
}

void fake_add_team_standing(fake_t *fake, int season, int round, const char *points, const char *wins)
{
    fake_append_row(fake, season, round, "constructorstandings",
                    json_pack("{s:s, s:s, s:s, s:s, s:o}", "position", "1", "positionText", "1", "points", points,
                              "wins", wins, "Constructor", fake_team("t_kite")));
}

/* Two races of three drivers, both won by t_ada, and a third to come. */
void fake_add_season(fake_t *fake, int season)
{
    int round;

    fake_append(fake, "seasons", json_pack("{s:s}", "season", apr_itoa(f1_test_pool(), season)));
    fake_add_race(fake, season, 1, "Salt Grand Prix", "t_salt", apr_psprintf(f1_test_pool(), "%d-03-06", season));
    fake_add_race(fake, season, 2, "Fen Grand Prix", "t_fen", apr_psprintf(f1_test_pool(), "%d-03-20", season));
    fake_add_race(fake, season, 3, "Moor Grand Prix", "t_moor", apr_psprintf(f1_test_pool(), "%d-04-03", season));
    for (round = 1; round <= 2; round++) {
        fake_add_result(fake, "results", season, round, "t_ada", "1", "25");
        fake_add_result(fake, "results", season, round, "t_bo", "2", "8.14");
        fake_add_result(fake, "results", season, round, "t_cy", "R", "0");
        fake_add_qualifying(fake, season, round, "t_bo", "1", "1:20.5");
        fake_add_qualifying(fake, season, round, "t_ada", "2", "1:20.6");
        fake_add_qualifying(fake, season, round, "t_cy", NULL, "");
        fake_add_standing(fake, season, round, "t_ada", "1", round == 1 ? "25" : "50", round == 1 ? "1" : "2");
        fake_add_standing(fake, season, round, "t_bo", "2", round == 1 ? "8.14" : "16.28", "0");
        fake_add_standing(fake, season, round, "t_cy", "3", "0", "0");
        fake_add_team_standing(fake, season, round, round == 1 ? "33.14" : "66.28", round == 1 ? "1" : "2");
    }
    fake_append(fake, apr_psprintf(f1_test_pool(), "%d/drivers", season), fake_driver("t_ada"));
    fake_append(fake, apr_psprintf(f1_test_pool(), "%d/drivers", season), fake_driver("t_bo"));
    fake_append(fake, apr_psprintf(f1_test_pool(), "%d/drivers", season), fake_driver("t_cy"));
    fake_append(fake, apr_psprintf(f1_test_pool(), "%d/drivers", season), fake_driver("t_reserve"));
    fake_append(fake, apr_psprintf(f1_test_pool(), "%d/constructors", season), fake_team("t_kite"));
}

/* --- Asking for it */

f1_ingest_report_t fake_report;

static apr_status_t fake_ingest(fake_t *fake, f1_ingest_what_t what, int first, int second)
{
    f1_ingest_t ingestion = {
        .what = what, .first = first, .last = second, .round = second, .source = &fake->source, .conn = f1_test_conn()};

    f1_result_clear(f1_test_result());
    fake->source.requests = 0;
    return f1_ingest(&ingestion, &fake_report, f1_test_pool(), f1_test_result());
}

void fake_ingest_ok(fake_t *fake, f1_ingest_what_t what, int first, int second)
{
    f1_assert_ok(fake_ingest(fake, what, first, second), f1_test_result());
}

void fake_ingest_refused(fake_t *fake, f1_ingest_what_t what, int first, int second, const char *why)
{
    assert_int_not_equal(fake_ingest(fake, what, first, second), APR_SUCCESS);
    if (!strstr(f1_test_result()->detail, why)) {
        fail_msg("'%s' lacks '%s'", f1_test_result()->detail, why);
    }
}

const char *fake_results(int season, int round)
{
    return f1_test_sqlf(
        "SELECT string_agg(concat_ws(' ', x.line, e.driver_id, x.position_text, x.points), ', ' ORDER BY x.line)"
        " FROM result x JOIN session s ON s.id = x.session_id JOIN race r ON r.id = s.race_id"
        " JOIN entry e ON e.id = x.entry_id"
        " WHERE x.current AND r.season = %d AND r.round = %d AND s.kind = 'race'",
        season, round);
}

/* A row of a list, to be changed. */
json_t *fake_row(fake_t *fake, int season, int round, const char *resource, int index)
{
    json_t *list = fake_list(fake, round ? apr_psprintf(f1_test_pool(), "%d/%d/%s", season, round, resource)
                                         : apr_psprintf(f1_test_pool(), "%d/%s", season, resource));
    json_t *row = json_array_get(list, (size_t)index);

    assert_non_null(row);
    return round ? json_object_get(row, "row") : row;
}

void fake_set(json_t *row, const char *name, const char *value)
{
    json_object_set_new(row, name, json_string(value));
}
