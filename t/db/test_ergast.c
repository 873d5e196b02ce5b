/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* The Ergast API from rows: what was loaded from an upstream comes out as the upstream had it, in pages of rows,
 * narrowed by every filter, by the clock; what rows can be without (times, links, numbers) is left out. */

#include <stdlib.h>
#include <string.h>

#include <apr_strings.h>

#include "f1_test.h"
#include "base/clock.h"
#include "base/counters.h"
#include "base/json.h"
#include "compat/ergast_answer.h"

#define SQL(...) ((void)f1_test_sql(apr_psprintf(f1_test_pool(), __VA_ARGS__)))
#define BODY_MAX (8 * 1024 * 1024)

static int set_clock(void **state)
{
    const char *clock = getenv("F1_CLOCK");

    return f1_test_setup(state) || !clock || f1_clock_set(clock, 0) != APR_SUCCESS ? -1 : 0;
}

static void at_clock(const char *now)
{
    assert_int_equal(f1_clock_set(apr_pstrcat(f1_test_pool(), now, "@0", NULL), 0), APR_SUCCESS);
}

/* MRData for what follows the base, "/2029/1/results.json?limit=2"; NULL for what does not exist. */
static json_t *get(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

static json_t *get(const char *fmt, ...)
{
    apr_pool_t *pool = f1_test_pool();
    f1_result_t *res = f1_result_make(pool);
    f1_ergast_window_t window;
    f1_ergast_path_t path;
    const char *target, *query;
    apr_status_t rv;
    va_list args;
    f1_buf_t out;

    va_start(args, fmt);
    target = apr_pvsprintf(pool, fmt, args);
    va_end(args);
    query = strchr(target, '?');
    f1_ergast_window_read(&window, query ? query + 1 : NULL, pool);
    target = apr_pstrmemdup(pool, target, strcspn(target, "?"));
    if (f1_ergast_path_read(&path, target, pool) != F1_ERGAST_OK) {
        fail_msg("%s is no path", target);
    }
    f1_buf_init(&out, pool, 4096, BODY_MAX);
    rv = f1_ergast_answer(f1_test_conn(), &path, &window, target, &out, pool, res);
    if (res->error == F1_E_NOT_FOUND) {
        return NULL;
    }
    f1_assert_ok(rv, res);
    return json_object_get(f1_test_json(out.data), "MRData");
}

/* A table's list of items. */
static json_t *items_of(json_t *data)
{
    const char *name, *inner;
    json_t *table, *list;

    json_object_foreach(data, name, table)
    {
        json_object_foreach(table, inner, list)
        {
            if (json_is_array(list)) {
                return list;
            }
        }
    }
    fail_msg("an answer without a list");
    return NULL;
}

static int total_of(json_t *data)
{
    apr_int64_t total = -1;

    assert_true(f1_str_to_int64(json_string_value(json_object_get(data, "total")), &total));
    return (int)total;
}

/* --- What went in comes out */

/* The document of the upstream that the database was loaded from. */
static json_t *upstream(const char *name)
{
    const char *base = getenv("F1_UPSTREAM") + strlen("file://");

    return json_object_get(
        f1_test_json(f1_test_file(apr_pstrcat(f1_test_pool(), base, "/", name, ".json", NULL), NULL)), "MRData");
}

/* Without zeros at the end of degrees. */
static void trim_degrees(json_t *location, const char *name)
{
    char *text = apr_pstrdup(f1_test_pool(), json_string_value(json_object_get(location, name)));
    size_t len = strlen(text);

    while (len && text[len - 1] == '0') {
        text[--len] = '\0';
    }
    json_object_set_new(location, name, json_string(text));
}

/* Takes out what the simulator's circuits have more. */
static json_t *plain(json_t *value)
{
    static const char *const more[] = {"length_km", "type", "time_zone"};
    const char *key;
    json_t *member;
    size_t i;

    for (i = 0; i < sizeof(more) / sizeof(more[0]) && json_object_get(value, "circuitId"); i++) {
        json_object_del(value, more[i]);
    }
    if (json_object_get(value, "lat")) {
        trim_degrees(value, "lat");
        trim_degrees(value, "long");
    }
    json_object_foreach(value, key, member)
    {
        plain(member);
    }
    json_array_foreach(value, i, member)
    {
        plain(member);
    }
    return value;
}

/* Shows the first item that differs. */
static void assert_same(const char *name, json_t *got, json_t *wanted)
{
    size_t i = 0;

    if (json_equal(got, wanted)) {
        return;
    }
    if (json_is_array(got) && json_array_size(got) == json_array_size(wanted)) {
        while (json_equal(json_array_get(got, i), json_array_get(wanted, i))) {
            i++;
        }
        got = json_array_get(got, i);
        wanted = json_array_get(wanted, i);
    }
    fail_msg("%s, item %d: got %s\nwant %s", name, (int)i, json_dumps(got, JSON_SORT_KEYS),
             json_dumps(wanted, JSON_SORT_KEYS));
}

/* In any order: each item of one list is in the other. */
static void assert_same_items(const char *name, json_t *got, json_t *wanted)
{
    json_t *one;
    size_t i, j;

    assert_int_equal(json_array_size(got), json_array_size(wanted));
    json_array_foreach(got, i, one)
    {
        for (j = 0; j < json_array_size(wanted) && !json_equal(one, json_array_get(wanted, j)); j++) {
        }
        if (j == json_array_size(wanted)) {
            fail_msg("%s: nobody wants %s", name, json_dumps(one, JSON_SORT_KEYS));
        }
    }
}

static int has_sprint(int round)
{
    return *f1_test_sql(apr_psprintf(f1_test_pool(),
                                     "SELECT 1 FROM race r JOIN session s ON s.race_id = r.id"
                                     " WHERE r.season = 2029 AND r.round = %d AND s.kind = 'sprint'",
                                     round));
}

static void rounds_are_as_they_were_loaded(void **state)
{
    static const char *const names[] = {"results", "qualifying", "driverstandings", "constructorstandings", "sprint"};
    int round, sprints = 0;
    size_t i;

    (void)state;
    for (round = 1; round <= 22; round++) {
        size_t count = sizeof(names) / sizeof(names[0]) - !has_sprint(round);
        const char *stops = apr_psprintf(f1_test_pool(), "2029/%d/pitstops", round);

        sprints += has_sprint(round) != 0;
        for (i = 0; i < count; i++) {
            const char *name = apr_psprintf(f1_test_pool(), "2029/%d/%s", round, names[i]);

            assert_same(name, items_of(get("/%s.json?limit=100", name)), plain(items_of(upstream(name))));
        }
        /* in an order of their own where nobody knows the time of day */
        assert_same_items(stops, f1_test_json_at(items_of(get("/%s.json?limit=100", stops)), "0/PitStops"),
                          f1_test_json_at(items_of(upstream(stops)), "0/PitStops"));
    }
    assert_int_equal(sprints, 4);
    assert_int_equal(total_of(get("/2029/2/sprint.json")), 0);
}

static void lists_are_as_they_were_loaded(void **state)
{
    (void)state;
    assert_same("races", items_of(get("/2029/races.json?limit=100")), plain(items_of(upstream("2029/races"))));
    assert_same("a season", items_of(get("/2029.json?limit=100")), plain(items_of(upstream("2029/races"))));
    assert_same("seasons", items_of(get("/seasons.json")), items_of(upstream("seasons")));
    assert_same_items("drivers", items_of(get("/2029/drivers.json")), items_of(upstream("2029/drivers")));
    assert_same_items("constructors", items_of(get("/2029/constructors.json")),
                      items_of(upstream("2029/constructors")));
    assert_same_items("circuits", items_of(get("/circuits.json?limit=100")), plain(items_of(upstream("circuits"))));
    assert_same("standings", items_of(get("/2029/driverstandings.json")), items_of(upstream("2029/driverstandings")));
}

/* --- Pages */

/* Timings of all laps in one list; pages cut laps apart. */
static json_t *timings_of(json_t *data)
{
    json_t *all = f1_json_own(json_array(), f1_test_pool()), *lap, *timing;
    size_t i, j;

    json_array_foreach(json_object_get(json_array_get(items_of(data), 0), "Laps"), i, lap)
    {
        json_array_foreach(json_object_get(lap, "Timings"), j, timing)
        {
            json_array_append_new(all, json_pack("[O, O]", json_object_get(lap, "number"), timing));
        }
    }
    return all;
}

static void laps_come_in_pages_of_lap_times(void **state)
{
    json_t *wanted = timings_of(upstream("2029/1/laps")), *got = f1_json_own(json_array(), f1_test_pool());
    int total = total_of(get("/2029/1/laps.json")), offset;

    (void)state;
    assert_int_equal(total, json_array_size(wanted));
    for (offset = 0; offset < total; offset += 100) {
        json_array_extend(got, timings_of(get("/2029/1/laps.json?limit=100&offset=%d", offset)));
    }
    assert_same("laps", got, wanted);
}

static void a_page_counts_rows_and_goes_over_races(void **state)
{
    json_t *data = get("/2029/results.json?limit=30&offset=15"), *races = items_of(data);

    (void)state;
    assert_int_equal(total_of(data), 440);
    f1_assert_json(data, "limit", "\"30\"");
    f1_assert_json(data, "offset", "\"15\"");
    assert_int_equal(json_array_size(races), 3);
    assert_int_equal(json_array_size(f1_test_json_at(races, "0/Results")), 5);
    assert_int_equal(json_array_size(f1_test_json_at(races, "1/Results")), 20);
    assert_int_equal(json_array_size(f1_test_json_at(races, "2/Results")), 5);
    f1_assert_json(races, "0/round", "\"1\"");
    f1_assert_json(races, "2/round", "\"3\"");
    f1_assert_json(races, "0/Results/0/position", "\"16\"");
    data = get("/2029/results.json?offset=1000000");
    assert_int_equal(total_of(data), 440);
    assert_int_equal(json_array_size(items_of(data)), 0);
    data = get("/2029/1/driverstandings.json?limit=1&offset=19");
    f1_assert_json(items_of(data), "0/DriverStandings/0/position", "\"20\"");
    assert_int_equal(json_array_size(items_of(get("/2029/1/driverstandings.json?offset=20"))), 0);
}

/* --- Filters */

/* Each value below is a string, never null, and no object is empty. */
static void assert_strings(json_t *value)
{
    const char *key;
    json_t *member;
    size_t i;

    assert_true(json_is_string(value) || json_is_array(value) || json_object_size(value) > 0);
    json_object_foreach(value, key, member)
    {
        assert_strings(member);
    }
    json_array_foreach(value, i, member)
    {
        assert_strings(member);
    }
}

static const char *winner_of(int round, const char *member)
{
    return json_string_value(f1_test_json_at(get("/2029/%d/results/1.json", round),
                                             apr_psprintf(f1_test_pool(), "RaceTable/Races/0/Results/0/%s", member)));
}

static void every_endpoint_takes_its_filters(void **state)
{
    static const char *const names[] = {"seasons", "circuits", "races",      "constructors", "drivers", "results",
                                        "sprint",  "status",   "qualifying", "pitstops",     "laps"};
    const char *driver = winner_of(4, "Driver/driverId"), *team = winner_of(4, "Constructor/constructorId");
    const char *grid = winner_of(4, "grid"), *circuit;
    size_t i;

    (void)state;
    circuit = json_string_value(f1_test_json_at(get("/2029/4.json"), "RaceTable/Races/0/Circuit/circuitId"));
    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        json_t *data = get("/2029/4/circuits/%s/constructors/%s/drivers/%s/grid/%s/status/1/fastest/0/%s.json", circuit,
                           team, driver, grid, names[i]);

        if (strcmp(names[i], "sprint")) { /* the grid and the status of a sprint are its own */
            assert_true(total_of(data) > 0);
        }
        assert_strings(data);
        assert_int_equal(total_of(get("/2029/4/circuits/nowhere/drivers/%s/%s.json", driver, names[i])), 0);
        assert_int_equal(total_of(get("/2029/4/drivers/nobody/%s.json", names[i])), 0);
        assert_int_equal(total_of(get("/2029/4/constructors/notexist/%s.json", names[i])), 0);
        assert_int_equal(total_of(get("/2029/4/grid/999999999999999999999/%s.json", names[i])), 0);
        assert_int_equal(total_of(get("/2029/4/results/99/%s.json", names[i])), 0);
        assert_int_equal(total_of(get("/2029/4/fastest/4294967297/%s.json", names[i])), 0);
        assert_int_equal(total_of(get("/2029/4/status/109/%s.json", names[i])), 0);
        assert_int_equal(total_of(get("/2029/99/drivers/%s/%s.json", driver, names[i])), 0);
    }
}

static void filters_mean_what_they_say(void **state)
{
    json_t *data = get("/2029/results/1.json?limit=100"), *race;
    size_t i;

    (void)state;
    assert_int_equal(total_of(data), 22);
    f1_assert_json(data, "RaceTable/position", "\"1\"");
    json_array_foreach(items_of(data), i, race)
    {
        f1_assert_json(race, "Results/0/position", "\"1\"");
        f1_assert_json(race, "Results/0/positionText", "\"1\"");
    }
    data = get("/2029/fastest/1/results.json?limit=100");
    assert_int_equal(total_of(data), 22);
    f1_assert_json(items_of(data), "7/Results/0/FastestLap/rank", "\"1\"");
    f1_assert_json(items_of(get("/2029/grid/01/results.json")), "0/Results/0/grid", "\"1\"");
    assert_int_equal(total_of(get("/2029/fastest/0/results.json")), 440);
    assert_int_equal(total_of(get("/2029/results/1/sprint.json")), 0);
    assert_int_equal(total_of(get("/2029/sprint/1.json")), 4);
    assert_int_equal(total_of(get("/2029/1/laps/3.json")), total_of(get("/2029/1/laps/3/laps.json")));
    data = get("/2029/1/laps/3.json?limit=1");
    f1_assert_json(items_of(data), "0/Laps/0/number", "\"3\"");
    assert_null(f1_test_json_at(data, "RaceTable/lap"));
    data = get("/2029/1/pitstops/1.json");
    f1_assert_json(data, "RaceTable/stop", "\"1\"");
    f1_assert_json(items_of(data), "0/PitStops/0/stop", "\"1\"");
    data = get("/2029/driverstandings/3.json");
    f1_assert_json(data, "StandingsTable/driverStandings", "\"3\"");
    f1_assert_json(data, "StandingsTable/round", "\"22\"");
    f1_assert_json(items_of(data), "0/DriverStandings/0/position", "\"3\"");
    assert_int_equal(total_of(data), 1);
    f1_assert_json(items_of(get("/2029/1/qualifying/1.json")), "0/QualifyingResults/0/position", "\"1\"");
}

/* The place in a part is not published; it follows from the times. */
static void places_in_parts_of_qualifying_follow_the_times(void **state)
{
    static const char first[] = "SELECT count(*) FROM ("
                                "SELECT q.entry_id, q.position, rank() OVER (ORDER BY q.q1_ms, q.position) AS one,"
                                " rank() OVER (ORDER BY q.q2_ms, q.position) AS two FROM qualifying_result q"
                                " JOIN session s ON s.id = q.session_id AND s.kind = 'qualifying'"
                                " JOIN race r ON r.id = s.race_id WHERE r.season = 2029 AND r.round = %d AND q.current"
                                ") AS p WHERE 1 IN (position, one, two)";
    int round, several = 0;

    (void)state;
    for (round = 1; round <= 22; round++) {
        int total = total_of(get("/2029/%d/qualifying/1.json", round));

        assert_string_equal(f1_test_sql(apr_psprintf(f1_test_pool(), first, round)), apr_itoa(f1_test_pool(), total));
        several += total > 1;
    }
    assert_true(several > 0);
}

/* --- The clock */

/* "2029 3" for what a path with "last" or "next" was about, "" for nothing. */
static const char *meant(const char *now, const char *path)
{
    json_t *data;

    at_clock(now);
    data = get("%s", path);
    return data ? apr_pstrcat(f1_test_pool(), json_string_value(f1_test_json_at(data, "RaceTable/season")), " ",
                              json_string_value(f1_test_json_at(data, "RaceTable/round")), NULL)
                : "";
}

static void last_and_next_follow_the_clock(void **state)
{
    (void)state;
    assert_string_equal(meant("2029-01-01T00:00:00Z", "/current/last.json"), "2029 1");
    assert_string_equal(meant("2029-01-01T00:00:00Z", "/current/next.json"), "2029 1");
    assert_string_equal(meant("2029-03-04T02:59:59Z", "/current/next/results.json"), "2029 1");
    assert_string_equal(meant("2029-03-04T03:00:01Z", "/current/next/results.json"), "2029 2");
    assert_string_equal(meant("2029-03-04T03:00:01Z", "/current/last/results.json"), "2029 1");
    assert_string_equal(meant("2029-12-31T23:59:59Z", "/current/last.json"), "2029 22");
    assert_string_equal(meant("2029-12-31T23:59:59Z", "/current/next.json"), "2030 1");
    assert_string_equal(meant("2030-06-15T00:00:00Z", "/2028/last.json"), "2028 21");
    assert_string_equal(meant("2030-06-15T00:00:00Z", "/2028/next.json"), "2029 1");
    /* a year without a calendar */
    assert_string_equal(meant("2031-01-01T00:00:00Z", "/current/last.json"), "");
    assert_string_equal(meant("2031-01-01T00:00:00Z", "/current/next.json"), "2032 1");
    assert_int_equal(total_of(get("/current.json")), 0);
    assert_int_equal(total_of(get("/current/driverstandings.json")), 0);
    f1_assert_json(get("/current/driverstandings.json"), "StandingsTable/round", "null");
}

/* --- Rows that lack something */

/* A season with two races, the first with a result, the second called off. */
static void make_season(int year)
{
    SQL("INSERT INTO season (year) VALUES (%d)", year);
    SQL("INSERT INTO circuit (id, name, latitude, longitude) VALUES ('ring_%d', 'Ring', -1.016940, 123.456789)", year);
    SQL("INSERT INTO constructor (id, name) VALUES ('team_%d', 'Team')", year);
    SQL("INSERT INTO driver (id, given_name, family_name) VALUES ('ann_%d', 'Ann', 'Ämter')", year);
    SQL("INSERT INTO race (id, season, round, name, circuit_id, date, status) VALUES"
        " ('%d-1', %d, 1, 'Race', 'ring_%d', '%d-05-01', 'completed'),"
        " ('%d-2', %d, 2, 'Other race', 'ring_%d', '%d-06-01', 'cancelled')",
        year, year, year, year, year, year, year, year);
    SQL("INSERT INTO session (race_id, season, kind, date, starts_at, is_planned) VALUES"
        " ('%d-1', %d, 'race', '%d-05-01', NULL, true), ('%d-1', %d, 'qualifying', '%d-04-30', NULL, false),"
        " ('%d-1', %d, 'practice_1', '%d-04-29', NULL, true),"
        " ('%d-1', %d, 'sprint_qualifying', '%d-04-29', '%d-04-29 23:30Z', true)",
        year, year, year, year, year, year, year, year, year, year, year, year, year);
    SQL("INSERT INTO entry (season, race_id, driver_id, constructor_id) VALUES (%d, '%d-1', 'ann_%d', 'team_%d')", year,
        year, year, year);
    SQL("INSERT INTO revision (session_id, season, number, known_at, source, digest, row_count)"
        " SELECT id, season, 1, now(), 'test', '', 1 FROM session WHERE season = %d AND kind IN ('race', 'qualifying')",
        year);
    SQL("INSERT INTO result (season, session_id, revision, line, entry_id, position_text, points, status, time_text,"
        " fastest_speed, fastest_unit)"
        " SELECT s.season, s.id, 1, 1, e.id, 'R', 0.50, 'Hit a badger', '', 201.5, 'kph'"
        " FROM session s JOIN entry e USING (race_id) WHERE s.season = %d AND s.kind = 'race'",
        year);
    SQL("INSERT INTO qualifying_result (season, session_id, revision, line, entry_id, q1_text)"
        " SELECT s.season, s.id, 1, 1, e.id, '' FROM session s JOIN entry e USING (race_id)"
        " WHERE s.season = %d AND s.kind = 'qualifying'",
        year);
}

static void what_is_not_known_is_left_out(void **state)
{
    json_t *race;

    (void)state;
    make_season(2023);
    race = json_array_get(items_of(get("/2023/results.json")), 0);
    assert_same("a result", race,
                f1_test_json("{\"season\":\"2023\",\"round\":\"1\",\"raceName\":\"Race\",\"Circuit\":{"
                             "\"circuitId\":\"ring_2023\",\"circuitName\":\"Ring\",\"Location\":{\"lat\":\"-1.01694\","
                             "\"long\":\"123.4568\"}},\"date\":\"2023-05-01\",\"Results\":[{\"positionText\":\"R\","
                             "\"points\":\"0.5\",\"Driver\":{\"driverId\":\"ann_2023\",\"givenName\":\"Ann\","
                             "\"familyName\":\"Ämter\"},\"Constructor\":{\"constructorId\":\"team_2023\",\"name\":"
                             "\"Team\"},\"status\":\"Hit a badger\",\"Time\":{\"time\":\"\"},\"FastestLap\":{"
                             "\"AverageSpeed\":{\"units\":\"kph\",\"speed\":\"201.500\"}}}]}"));
    race = json_array_get(items_of(get("/2023/1/qualifying.json")), 0);
    f1_assert_json(race, "QualifyingResults/0/Q1", "\"\"");
    assert_null(f1_test_json_at(race, "QualifyingResults/0/Q2"));
    assert_null(f1_test_json_at(race, "QualifyingResults/0/position"));
}

static void a_calendar_shows_what_is_planned(void **state)
{
    json_t *races;

    (void)state;
    make_season(2022);
    make_season(2024);
    races = items_of(get("/2024.json"));
    assert_int_equal(json_array_size(races), 1);
    assert_null(f1_test_json_at(races, "0/Qualifying"));
    f1_assert_json(races, "0/FirstPractice", "{\"date\": \"2024-04-29\"}");
    f1_assert_json(races, "0/SprintQualifying", "{\"date\": \"2024-04-29\", \"time\": \"23:30:00Z\"}");
    assert_null(f1_test_json_at(races, "0/SprintShootout"));
    races = items_of(get("/2022/1/races.json"));
    f1_assert_json(races, "0/SprintShootout/date", "\"2022-04-29\"");
    assert_null(f1_test_json_at(races, "0/SprintQualifying"));
    assert_int_equal(total_of(get("/2024/2/races.json")), 0);
    assert_int_equal(total_of(get("/circuits/ring_2024/races.json")), 1);
}

static void unknown_statuses_are_no_trouble(void **state)
{
    static const char *const unknown[] = {"52", "57", "0", "144", "999999999999999999999"};
    json_t *data;
    size_t i;

    (void)state;
    make_season(2021);
    data = get("/2021/status.json");
    f1_assert_json(items_of(data), "0/status", "\"Hit a badger\"");
    f1_assert_json(items_of(data), "0/statusId", "\"0\"");
    f1_assert_json(items_of(data), "0/count", "\"1\"");
    for (i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
        assert_int_equal(total_of(get("/status/%s.json", unknown[i])), 0);
        assert_int_equal(total_of(get("/2029/status/%s/drivers.json", unknown[i])), 0);
    }
    assert_string_equal(f1_test_sql("SELECT count(*), min(id), max(id) FROM ergast_status"), "141|1|143");
    data = get("/2029/status.json");
    f1_assert_json(items_of(data), "0/status", "\"Finished\"");
    f1_assert_json(items_of(data), "0/statusId", "\"1\"");
}

/* Also with a name that PostgreSQL would take for something else. */
/* Ids may have capital letters there; what was asked is repeated as it was asked. */
static void ids_are_written_as_upstream_writes_them(void **state)
{
    json_t *data;

    (void)state;
    SQL("INSERT INTO driver (id, ergast_id, given_name, family_name) VALUES ('o_hara', 'o_Hara', 'Ed', 'O''Hara')"
        " ON CONFLICT DO NOTHING");
    data = get("/drivers/O_hara.json");
    f1_assert_json(data, "DriverTable/driverId", "\"O_hara\"");
    f1_assert_json(data, "DriverTable/Drivers/0/driverId", "\"o_Hara\"");
    data = get("/2029/05/driverStandings.json");
    f1_assert_json(data, "StandingsTable/round", "\"05\"");
    f1_assert_json(data, "StandingsTable/StandingsLists/0/round", "\"05\"");
}

/* The drivers of that family name, in the order of the list. */
static const char *namesakes(void)
{
    const char *ids = "", *name;
    json_t *driver;
    size_t i;

    json_array_foreach(items_of(get("/drivers.json?limit=100")), i, driver)
    {
        name = json_string_value(json_object_get(driver, "familyName"));
        if (name && strcmp(name, "Namesake") == 0) {
            ids = apr_pstrcat(f1_test_pool(), ids, *ids ? " " : "",
                              json_string_value(json_object_get(driver, "driverId")), NULL);
        }
    }
    return ids;
}

/* Of one family name the one who raced first stands first. */
static void namesakes_stand_in_order_of_debut(void **state)
{
    (void)state;
    make_season(2025);
    make_season(2026);
    SQL("UPDATE driver SET family_name = 'Namesake', given_name = CASE id WHEN 'ann_2025' THEN 'Zoe' ELSE given_name "
        "END"
        " WHERE id IN ('ann_2025', 'ann_2026')");
    SQL("INSERT INTO driver (id, given_name, family_name) VALUES ('never_raced', 'Abe', 'Namesake')");
    assert_string_equal(namesakes(), "ann_2025 ann_2026 never_raced");
}

static void hostile_words_are_only_words(void **state)
{
    (void)state;
    assert_int_equal(total_of(get("/drivers/%s.json", "' OR true --")), 0);
    f1_assert_json(get("/drivers/%s.json", "a\"b\\"), "DriverTable/driverId", "\"a\\\"b\\\\\"");
    assert_int_equal(total_of(get("/circuits/%s.json", "{}")), 0);
}

/* --- Cost */

static apr_uint64_t queries_of(const char *path)
{
    apr_uint64_t before;

    get("%s", path); /* the connection is there, its statement prepared */
    before = f1_counted(F1_COUNT_DB_QUERY);
    get("%s", path);
    return f1_counted(F1_COUNT_DB_QUERY) - before;
}

static void an_answer_is_one_query(void **state)
{
    (void)state;
    assert_int_equal(queries_of("/2029/1/results.json"), 1);
    assert_int_equal(queries_of("/2029/1/laps.json?limit=100&offset=700"), 1);
    assert_int_equal(queries_of("/2029/driverstandings.json"), 1);
    assert_int_equal(queries_of("/2029/results.json?offset=100000"), 1);
    assert_int_equal(queries_of("/current/last/results.json"), 2);
}

int main(void)
{
#define CLOCKED(test) cmocka_unit_test_setup_teardown(test, set_clock, f1_test_teardown)
    const struct CMUnitTest tests[] = {
        CLOCKED(rounds_are_as_they_were_loaded),
        CLOCKED(lists_are_as_they_were_loaded),
        CLOCKED(laps_come_in_pages_of_lap_times),
        CLOCKED(a_page_counts_rows_and_goes_over_races),
        CLOCKED(every_endpoint_takes_its_filters),
        CLOCKED(filters_mean_what_they_say),
        CLOCKED(places_in_parts_of_qualifying_follow_the_times),
        CLOCKED(last_and_next_follow_the_clock),
        CLOCKED(what_is_not_known_is_left_out),
        CLOCKED(a_calendar_shows_what_is_planned),
        CLOCKED(unknown_statuses_are_no_trouble),
        CLOCKED(ids_are_written_as_upstream_writes_them),
        CLOCKED(namesakes_stand_in_order_of_debut),
        CLOCKED(hostile_words_are_only_words),
        CLOCKED(an_answer_is_one_query),
    };

    return f1_test_run(tests);
}
