/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* The simulator, judged by its documents alone: they must hold together as real ones do. */

#include <stdlib.h>
#include <string.h>

#include <apr_hash.h>
#include <apr_strings.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/str.h"
#include "f1_test.h"
#include "ingest/simulate.h"
#include "ingest/weather_parse.h"

#define NOW "2030-06-15T00:00:00Z"
#define CARS 20

/* Documents by path, parsed where somebody looked, and the digest over all bytes in their order. */
typedef struct documents_t {
    apr_hash_t *bytes, *parsed;
    char *digest;
    int count;
    int fail_at; /* the write that fails; 0: none */
} documents_t;

static apr_status_t keep(void *baton, const char *path, const char *data, size_t len, f1_result_t *res)
{
    documents_t *documents = baton;
    apr_pool_t *pool = f1_test_pool();

    assert_int_equal(strlen(data), len);
    if (++documents->count == documents->fail_at) {
        return f1_result_fail(res, F1_E_INTERNAL, APR_ENOSPC, "disk full");
    }
    assert_null(apr_hash_get(documents->bytes, path, APR_HASH_KEY_STRING));
    apr_hash_set(documents->bytes, apr_pstrdup(pool, path), APR_HASH_KEY_STRING, apr_pstrmemdup(pool, data, len));
    data = apr_pstrcat(pool, documents->digest, path, f1_str_sha256(data, len, pool), NULL);
    documents->digest = f1_str_sha256(data, strlen(data), pool);
    return APR_SUCCESS;
}

static documents_t *no_documents(int fail_at)
{
    documents_t *documents = apr_pcalloc(f1_test_pool(), sizeof(*documents));

    documents->parsed = apr_hash_make(f1_test_pool());
    documents->bytes = apr_hash_make(f1_test_pool());
    documents->digest = apr_pstrdup(f1_test_pool(), "");
    documents->fail_at = fail_at;
    return documents;
}

static f1_sim_options_t options_at(const char *now, int seasons)
{
    f1_sim_options_t options = {1, 0, seasons};

    assert_true(f1_time_parse(now, &options.now));
    return options;
}

static documents_t *simulate(const char *now, int seasons)
{
    f1_sim_options_t options = options_at(now, seasons);
    documents_t *documents = no_documents(0);
    f1_result_t *res = f1_test_result();

    f1_assert_ok(f1_simulate(&options, keep, documents, f1_test_pool(), res), res);
    return documents;
}

static const char *bytes_of(documents_t *documents, const char *path)
{
    const char *bytes = apr_hash_get(documents->bytes, path, APR_HASH_KEY_STRING);

    if (bytes == NULL) {
        fail_msg("there is no document %s", path);
    }
    return bytes;
}

static json_t *document_of(documents_t *documents, const char *path)
{
    json_t *document = apr_hash_get(documents->parsed, path, APR_HASH_KEY_STRING);

    if (document == NULL) {
        document = f1_test_json(bytes_of(documents, path));
        apr_hash_set(documents->parsed, apr_pstrdup(f1_test_pool(), path), APR_HASH_KEY_STRING, document);
    }
    return document;
}

/* The list in a document at a path below MRData. */
static json_t *list_of(documents_t *documents, const char *path, const char *where)
{
    json_t *list = f1_test_json_at(document_of(documents, path), apr_pstrcat(f1_test_pool(), "MRData/", where, NULL));

    if (list == NULL) {
        fail_msg("%s has no %s", path, where);
    }
    return list;
}

static json_t *races_of(documents_t *documents, int year, const char *name)
{
    return list_of(documents, apr_psprintf(f1_test_pool(), "%d/%s", year, name), "RaceTable/Races");
}

static const char *text_at(json_t *object, const char *path)
{
    json_t *value = strchr(path, '/') != NULL ? f1_test_json_at(object, path) : json_object_get(object, path);

    if (!json_is_string(value)) {
        fail_msg("no text at %s", path);
    }
    return json_string_value(value);
}

static int number_at(json_t *object, const char *path)
{
    apr_int64_t number;

    assert_true(f1_str_to_int64(text_at(object, path), &number));
    return (int)number;
}

/* "1:33:56.736", "33:17.667" or "17.667" in milliseconds */
static apr_int64_t milliseconds(const char *text)
{
    apr_int64_t total = 0;
    char *end;

    for (;;) {
        total = total * 60 + strtol(text, &end, 10);
        if (*end != ':') {
            break;
        }
        text = end + 1;
    }
    assert_int_equal(*end, '.');
    assert_int_equal(strlen(end), 4);
    return total * 1000 + strtol(end + 1, NULL, 10);
}

static apr_time_t time_of(json_t *race)
{
    apr_time_t time;

    assert_true(
        f1_time_parse(apr_pstrcat(f1_test_pool(), text_at(race, "date"), "T", text_at(race, "time"), NULL), &time));
    return time;
}

static void same_options_same_bytes(void **state)
{
    documents_t *documents = simulate(NOW, 3);

    (void)state;
    assert_string_equal(simulate(NOW, 3)->digest, documents->digest);
    /* What every machine and compiler must come to. It changes with the model only. */
    assert_string_equal(documents->digest, "1a9982fd2d10d4026bea8f1b1383bdca512007e60ccf80b8418435b8334d1286");
}

static void another_seed_is_another_world(void **state)
{
    f1_sim_options_t options = options_at(NOW, 1);
    documents_t *documents = no_documents(0);
    f1_result_t *res = f1_test_result();

    (void)state;
    options.seed = 2;
    f1_assert_ok(f1_simulate(&options, keep, documents, f1_test_pool(), res), res);
    assert_string_not_equal(documents->digest, simulate(NOW, 1)->digest);
}

static void a_write_that_fails_ends_it(void **state)
{
    f1_sim_options_t options = options_at(NOW, 2);
    int fail_at;

    (void)state;
    for (fail_at = 1; fail_at < 80; fail_at += 7) {
        documents_t *documents = no_documents(fail_at);
        f1_result_t *res = f1_result_make(f1_test_pool());

        assert_int_equal(f1_simulate(&options, keep, documents, f1_test_pool(), res), APR_ENOSPC);
        assert_string_equal(res->detail, "disk full");
        assert_int_equal(documents->count, fail_at);
    }
}

static int rows_in(json_t *mrdata)
{
    static const char *const lists[] = {"Results", "SprintResults", "QualifyingResults", "PitStops"};
    json_t *races = f1_test_json_at(mrdata, "RaceTable/Races"), *race, *lap;
    int count = 0, has_list = 0;
    size_t i, j, k;

    json_array_foreach(races, i, race)
    {
        for (k = 0; k < sizeof(lists) / sizeof(lists[0]); k++) {
            has_list |= f1_json_array(race, lists[k]) != NULL;
            count += (int)json_array_size(f1_json_array(race, lists[k]));
        }
        json_array_foreach(f1_json_array(race, "Laps"), j, lap)
        {
            has_list = 1;
            count += (int)json_array_size(f1_json_array(lap, "Timings"));
        }
    }
    return has_list ? count : (int)json_array_size(races);
}

static void documents_say_what_they_are(void **state)
{
    documents_t *documents = simulate(NOW, 3);
    apr_hash_index_t *entry;

    (void)state;
    for (entry = apr_hash_first(f1_test_pool(), documents->bytes); entry != NULL; entry = apr_hash_next(entry)) {
        json_t *document = document_of(documents, apr_hash_this_key(entry)), *mrdata;

        if (strstr(apr_hash_this_key(entry), "/weather")) {
            assert_true(json_is_true(json_object_get(document, "simulated")));
            continue;
        }
        mrdata = f1_json_object(document, "MRData");
        assert_string_equal(text_at(mrdata, "simulated"), "true");
        assert_string_equal(text_at(mrdata, "offset"), "0");
        assert_string_equal(text_at(mrdata, "limit"), text_at(mrdata, "total"));
        if (f1_json_object(mrdata, "RaceTable") != NULL) {
            assert_int_equal(number_at(mrdata, "total"), rows_in(mrdata));
        }
    }
}

/* Fails unless an element of list has this id. */
static void assert_listed(json_t *list, const char *key, const char *id)
{
    json_t *element;
    size_t i;

    json_array_foreach(list, i, element)
    {
        if (strcmp(text_at(element, key), id) == 0) {
            return;
        }
    }
    fail_msg("%s is not in the list", id);
}

static void references_resolve(void **state)
{
    static const char *const lists[][2] = {
        {"results", "Results"}, {"sprint", "SprintResults"}, {"qualifying", "QualifyingResults"}};
    documents_t *documents = simulate(NOW, 3);
    int year;
    size_t i, j, k;

    (void)state;
    for (year = 2028; year <= 2030; year++) {
        json_t *drivers = list_of(documents, apr_psprintf(f1_test_pool(), "%d/drivers", year), "DriverTable/Drivers");
        json_t *teams =
            list_of(documents, apr_psprintf(f1_test_pool(), "%d/constructors", year), "ConstructorTable/Constructors");
        json_t *race, *row;

        json_array_foreach(drivers, j, row)
        {
            assert_listed(list_of(documents, "drivers", "DriverTable/Drivers"), "driverId", text_at(row, "driverId"));
        }
        for (i = 0; i < 3; i++) {
            json_array_foreach(races_of(documents, year, lists[i][0]), j, race)
            {
                assert_listed(list_of(documents, "circuits", "CircuitTable/Circuits"), "circuitId",
                              text_at(race, "Circuit/circuitId"));
                assert_listed(races_of(documents, year, "races"), "round", text_at(race, "round"));
                json_array_foreach(f1_json_array(race, lists[i][1]), k, row)
                {
                    assert_listed(drivers, "driverId", text_at(row, "Driver/driverId"));
                    assert_listed(teams, "constructorId", text_at(row, "Constructor/constructorId"));
                }
            }
        }
    }
}

static void circuits_tell_length_type_and_zone(void **state)
{
    json_t *circuits = list_of(simulate(NOW, 1), "circuits", "CircuitTable/Circuits"), *circuit;
    size_t i;

    (void)state;
    json_array_foreach(circuits, i, circuit)
    {
        double length = strtod(text_at(circuit, "length_km"), NULL);
        const char *type = text_at(circuit, "type");

        assert_true(length > 3 && length < 8);
        assert_true(strcmp(type, "street") == 0 || strcmp(type, "permanent") == 0 || strcmp(type, "road") == 0);
        assert_non_null(strchr(text_at(circuit, "time_zone"), '/'));
    }
}

static int points_for(int position, int is_sprint)
{
    static const int race[] = {25, 18, 15, 12, 10, 8, 6, 4, 2, 1}, sprint[] = {8, 7, 6, 5, 4, 3, 2, 1};

    if (is_sprint) {
        return position <= 8 ? sprint[position - 1] : 0;
    }
    return position <= 10 ? race[position - 1] : 0;
}

/* One classification: places, grid, times and points. */
static void check_classification(json_t *rows, int is_sprint)
{
    int grids[CARS + 1] = {0}, ranks[CARS + 1] = {0}, winner_laps = number_at(json_array_get(rows, 0), "laps");
    apr_int64_t before = 0;
    json_t *row;
    size_t i;

    assert_int_equal(json_array_size(rows), CARS);
    json_array_foreach(rows, i, row)
    {
        int position = (int)i + 1, laps = number_at(row, "laps"), grid = number_at(row, "grid");
        const char *text = text_at(row, "positionText"), *status = text_at(row, "status");
        int is_classified = text[0] >= '0' && text[0] <= '9', rank = 0;

        assert_int_equal(number_at(row, "position"), position);
        assert_in_range(grid, 0, CARS);
        assert_true(grid == 0 || grids[grid]++ == 0);
        assert_true(is_classified ? number_at(row, "positionText") == position : strchr("RWD", text[0]) != NULL);
        assert_int_equal(text[0] == 'W', strcmp(status, "Did not start") == 0);
        assert_int_equal(text[0] == 'D', strcmp(status, "Disqualified") == 0);
        assert_true(text[0] != 'W' || laps == 0);
        assert_int_equal(strcmp(status, "Finished") == 0, laps == winner_laps && text[0] != 'D' && laps > 0);
        if (f1_test_json_at(row, "FastestLap") != NULL) {
            rank = number_at(row, "FastestLap/rank");
            assert_in_range(rank, 1, CARS);
            assert_int_equal(ranks[rank]++, 0);
        }
        assert_int_equal(
            number_at(row, "points"),
            is_classified ? points_for(position, is_sprint) + (!is_sprint && rank == 1 && position <= 10 ? 1 : 0) : 0);
        if (strcmp(status, "Finished") == 0) {
            apr_int64_t time = number_at(row, "Time/millis");

            assert_true(time >= before);
            before = time;
        }
    }
}

static void classifications_follow_the_rules(void **state)
{
    documents_t *documents = simulate(NOW, 6);
    int year, lapped = 0, retired = 0;
    json_t *race, *row;
    size_t i, j;

    (void)state;
    for (year = 2025; year <= 2030; year++) {
        json_array_foreach(races_of(documents, year, "results"), i, race)
        {
            check_classification(f1_json_array(race, "Results"), 0);
            json_array_foreach(f1_json_array(race, "Results"), j, row)
            {
                lapped += strcmp(text_at(row, "status"), "Lapped") == 0;
                retired += strcmp(text_at(row, "positionText"), "R") == 0;
            }
        }
        json_array_foreach(races_of(documents, year, "sprint"), i, race)
        {
            check_classification(f1_json_array(race, "SprintResults"), 1);
        }
    }
    assert_in_range(lapped, 50, 800);
    assert_in_range(retired, 150, 600);
}

static void rare_ends_happen(void **state)
{
    documents_t *documents = simulate(NOW, 10);
    int year, disqualified = 0, not_started = 0, pit_lane = 0;
    json_t *race, *row;
    size_t i, j;

    (void)state;
    for (year = 2021; year <= 2030; year++) {
        json_array_foreach(races_of(documents, year, "results"), i, race)
        {
            json_array_foreach(f1_json_array(race, "Results"), j, row)
            {
                disqualified += strcmp(text_at(row, "positionText"), "D") == 0;
                not_started += strcmp(text_at(row, "positionText"), "W") == 0;
                pit_lane += strcmp(text_at(row, "grid"), "0") == 0;
            }
        }
    }
    assert_in_range(disqualified, 1, 40);
    assert_in_range(not_started, 1, 20);
    assert_in_range(pit_lane, 10, 120);
}

static void qualifying_knocks_out(void **state)
{
    json_t *race, *row;
    size_t i, j;

    (void)state;
    json_array_foreach(races_of(simulate(NOW, 1), 2030, "qualifying"), i, race)
    {
        apr_int64_t before = 0;

        json_array_foreach(f1_json_array(race, "QualifyingResults"), j, row)
        {
            const char *last = j < 10 ? "Q3" : j < 15 ? "Q2" : "Q1";
            apr_int64_t time = milliseconds(text_at(row, last));

            assert_int_equal(number_at(row, "position"), (int)j + 1);
            assert_int_equal(f1_json_str(row, "Q3") != NULL, j < 10);
            assert_int_equal(f1_json_str(row, "Q2") != NULL, j < 15);
            assert_true(milliseconds(text_at(row, "Q1")) > 0);
            assert_true(time >= before || j == 10 || j == 15);
            before = time;
        }
        assert_int_equal(j, CARS);
    }
}

/* A driver's laps, and the sum of their times. */
static int laps_of(json_t *laps, const char *driver, apr_int64_t *psum, apr_int64_t *pbest)
{
    json_t *lap, *timing;
    int count = 0;
    size_t i, j;

    *psum = *pbest = 0;
    json_array_foreach(laps, i, lap)
    {
        assert_int_equal(number_at(lap, "number"), (int)i + 1);
        json_array_foreach(f1_json_array(lap, "Timings"), j, timing)
        {
            assert_int_equal(number_at(timing, "position"), (int)j + 1);
            if (strcmp(text_at(timing, "driverId"), driver) == 0) {
                apr_int64_t time = milliseconds(text_at(timing, "time"));

                *psum += time;
                *pbest = *pbest == 0 || time < *pbest ? time : *pbest;
                count++;
            }
        }
    }
    return count;
}

static void laps_add_up_to_results(void **state)
{
    documents_t *documents = simulate(NOW, 2);
    json_t *races = races_of(documents, 2029, "results"), *race, *row;
    size_t i, j;

    (void)state;
    json_array_foreach(races, i, race)
    {
        const char *round = text_at(race, "round");
        json_t *laps =
            list_of(documents, apr_psprintf(f1_test_pool(), "2029/%s/laps", round), "RaceTable/Races/0/Laps");
        apr_int64_t winner = 0;

        json_array_foreach(f1_json_array(race, "Results"), j, row)
        {
            apr_int64_t sum, best;

            assert_int_equal(laps_of(laps, text_at(row, "Driver/driverId"), &sum, &best), number_at(row, "laps"));
            if (f1_json_object(row, "Time") != NULL) {
                const char *text = text_at(row, "Time/time");

                assert_true(sum == number_at(row, "Time/millis"));
                winner = j == 0 ? sum : winner;
                assert_true(milliseconds(text + (j > 0)) == (j == 0 ? sum : sum - winner));
                assert_true(j == 0 || *text == '+');
            }
            if (best > 0) {
                assert_true(best == milliseconds(text_at(row, "FastestLap/Time/time")));
            }
        }
    }
}

static void pit_stops_fall_into_the_race(void **state)
{
    documents_t *documents = simulate(NOW, 2);
    json_t *race, *stop;
    size_t i, j;

    (void)state;
    json_array_foreach(races_of(documents, 2029, "results"), i, race)
    {
        json_t *stops = list_of(documents, apr_psprintf(f1_test_pool(), "2029/%s/pitstops", text_at(race, "round")),
                                "RaceTable/Races/0/PitStops");
        int lap = 0;

        assert_in_range(json_array_size(stops), 10, 3 * CARS);
        json_array_foreach(stops, j, stop)
        {
            assert_true(number_at(stop, "lap") >= lap);
            lap = number_at(stop, "lap");
            assert_in_range(number_at(stop, "stop"), 1, 3);
            assert_in_range(milliseconds(text_at(stop, "duration")), 15000, 35000);
        }
        assert_true(lap < number_at(race, "Results/0/laps"));
    }
}

/* Points and wins of a driver or team over races up to a round. */
static void sum_up(json_t *races, const char *list, const char *path, const char *id, int round, int *ppoints,
                   int *pwins)
{
    json_t *race, *row;
    size_t i, j;

    json_array_foreach(races, i, race)
    {
        json_array_foreach(f1_json_array(race, list), j, row)
        {
            if (number_at(race, "round") <= round && strcmp(text_at(row, path), id) == 0) {
                *ppoints += number_at(row, "points");
                *pwins += pwins != NULL && strcmp(text_at(row, "positionText"), "1") == 0;
            }
        }
    }
}

static void check_standings(documents_t *documents, int year, int round, const char *path, const char *list,
                            const char *id_path)
{
    json_t *table = list_of(documents, path, "StandingsTable/StandingsLists/0"), *row;
    int before = 1000000, wins_before = 0;
    size_t i;

    assert_int_equal(number_at(table, "round"), round);
    json_array_foreach(f1_json_array(table, list), i, row)
    {
        int points = 0, wins = 0, ignored = 0;

        sum_up(races_of(documents, year, "results"), "Results", id_path, text_at(row, id_path), round, &points, &wins);
        sum_up(races_of(documents, year, "sprint"), "SprintResults", id_path, text_at(row, id_path), round, &points,
               &ignored);
        assert_int_equal(number_at(row, "position"), (int)i + 1);
        assert_int_equal(number_at(row, "points"), points);
        assert_int_equal(number_at(row, "wins"), wins);
        assert_true(points < before || (points == before && wins <= wins_before));
        before = points;
        wins_before = wins;
    }
    assert_true(i >= 10);
}

static void standings_are_sums(void **state)
{
    documents_t *documents = simulate(NOW, 2);
    int rounds = (int)json_array_size(races_of(documents, 2029, "races")), round;
    apr_pool_t *pool = f1_test_pool();

    (void)state;
    for (round = 1; round <= rounds; round++) {
        check_standings(documents, 2029, round, apr_psprintf(pool, "2029/%d/driverstandings", round), "DriverStandings",
                        "Driver/driverId");
        check_standings(documents, 2029, round, apr_psprintf(pool, "2029/%d/constructorstandings", round),
                        "ConstructorStandings", "Constructor/constructorId");
    }
    check_standings(documents, 2029, rounds, "2029/driverstandings", "DriverStandings", "Driver/driverId");
}

static void the_calendar_goes_around_now(void **state)
{
    static const char *const nows[] = {"2030-06-15T00:00:00Z", "2029-12-31T23:59:59Z", "2030-01-01T00:00:00Z",
                                       "2030-02-10T12:00:00Z", "2030-03-04T12:00:00Z", "2030-11-30T00:00:00Z",
                                       "2031-08-01T06:00:00Z", "2026-11-21T01:00:00Z", "2026-08-23T15:00:00Z"};
    size_t n, i;

    (void)state;
    for (n = 0; n < sizeof(nows) / sizeof(nows[0]); n++) {
        documents_t *documents = simulate(nows[n], 2);
        f1_sim_options_t options = options_at(nows[n], 2);
        int year = (int)strtol(nows[n], NULL, 10), done = (int)json_array_size(races_of(documents, year, "results"));
        json_t *races = races_of(documents, year, "races"), *race;
        apr_time_t next = 0;

        assert_in_range(json_array_size(races), 20, 25);
        assert_in_range(done, 1, json_array_size(races) - 1);
        json_array_foreach(races, i, race)
        {
            assert_int_equal(number_at(race, "round"), (int)i + 1);
            if (next == 0 && time_of(race) > options.now) {
                next = time_of(race);
            }
        }
        /* races start at different times of the day */
        assert_in_range(next - options.now, 1, 15 * apr_time_from_sec(86400));
        assert_in_range(json_array_size(races_of(documents, year - 1, "results")), 20, 24);
    }
}

static void sessions_stand_before_the_race(void **state)
{
    static const char *const plain[] = {"FirstPractice", "SecondPractice", "ThirdPractice", "Qualifying"};
    static const char *const sprint[] = {"FirstPractice", "SprintQualifying", "Sprint", "Qualifying"};
    json_t *race;
    int sprints = 0;
    size_t i, j;

    (void)state;
    json_array_foreach(races_of(simulate(NOW, 1), 2030, "races"), i, race)
    {
        int is_sprint = f1_json_object(race, "Sprint") != NULL;
        apr_time_t before = 0;

        sprints += is_sprint;
        for (j = 0; j < 4; j++) {
            json_t *session = f1_json_object(race, is_sprint ? sprint[j] : plain[j]);

            assert_non_null(session);
            assert_true(time_of(session) > before);
            before = time_of(session);
        }
        assert_true(time_of(race) > before);
    }
    assert_in_range(sprints, 1, 12);
}

static void time_goes_on_in_the_same_world(void **state)
{
    documents_t *before = simulate(NOW, 3), *after = simulate("2030-08-20T00:00:00Z", 3);
    apr_hash_index_t *entry;
    int compared = 0;

    (void)state;
    for (entry = apr_hash_first(f1_test_pool(), before->bytes); entry != NULL; entry = apr_hash_next(entry)) {
        const char *path = apr_hash_this_key(entry);

        if (strncmp(path, "2028/", 5) == 0 || strncmp(path, "2029/", 5) == 0 || strstr(path, "/results") != NULL) {
            if (strcmp(path, "2030/results") != 0) {
                assert_string_equal(bytes_of(after, path), apr_hash_this_val(entry));
                compared++;
            }
        }
    }
    assert_true(compared > 300);
    assert_true(json_array_size(races_of(after, 2030, "results")) > json_array_size(races_of(before, 2030, "results")));
}

/* Every other week of a season: once, one race leaves the calendar, and it is one that lies ahead. */
static void a_race_is_called_off(void **state)
{
    size_t before = 0;
    int day, changes = 0;

    (void)state;
    for (day = 0; day < 200; day += 14) {
        char now[F1_TIME_LEN];
        documents_t *documents;
        size_t races;

        f1_time_format(now, options_at("2030-04-15", 1).now + day * apr_time_from_sec(86400));
        documents = simulate(now, 1);
        races = json_array_size(races_of(documents, 2030, "races"));
        if (day > 0 && races != before) {
            assert_int_equal(races, before - 1);
            changes++;
        }
        before = races;
    }
    assert_int_equal(changes, 1);
}

static void results_appear_one_after_the_other(void **state)
{
    static const struct {
        const char *now;
        int qualifying, results;
    } steps[] = {{"2030-06-14T00:00:00Z", 9, 9},
                 {"2030-06-15T14:14:00Z", 9, 9},
                 {"2030-06-15T14:15:00Z", 10, 9},
                 {"2030-06-16T15:29:00Z", 10, 9},
                 {"2030-06-16T15:30:00Z", 10, 10}};
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        documents_t *documents = simulate(steps[i].now, 1);

        assert_int_equal(json_array_size(races_of(documents, 2030, "qualifying")), steps[i].qualifying);
        assert_int_equal(json_array_size(races_of(documents, 2030, "results")), steps[i].results);
        assert_int_equal(
            number_at(list_of(documents, "2030/driverstandings", "StandingsTable/StandingsLists/0"), "round"),
            steps[i].results);
    }
}

/* How much it rains in the two hours of a race, in millimetres; -1: there is no weather yet. */
static double rain_in(documents_t *documents, json_t *race)
{
    const char *path = apr_psprintf(f1_test_pool(), "%s/%s/weather", text_at(race, "season"), text_at(race, "round"));
    const char *when = apr_psprintf(f1_test_pool(), "%sT%s", text_at(race, "date"), text_at(race, "time"));
    const char *bytes = apr_hash_get(documents->bytes, path, APR_HASH_KEY_STRING);
    f1_result_t *res = f1_test_result();
    f1_weather_answer_t answer;
    apr_time_t start;
    double sum = 0;
    int found = 0;

    if (!bytes) {
        return -1;
    }
    assert_true(f1_time_parse(when, &start));
    f1_assert_ok(f1_weather_read(&answer, F1_WEATHER_OPEN_METEO, path, bytes, strlen(bytes), f1_test_pool(), res), res);
    assert_true(answer.is_simulated);
    for (int i = 0; i < answer.hours->nelts; i++) {
        const f1_weather_hour_t *hour = &APR_ARRAY_IDX(answer.hours, i, f1_weather_hour_t);

        if (hour->at >= start && hour->at < start + apr_time_from_sec(7200)) {
            assert_true(hour->temperature > -10 && hour->temperature < 45);
            sum += hour->precipitation;
            found++;
        }
    }
    assert_int_equal(found, 2);
    return sum;
}

/* Each race has weather from a fortnight before its start on, and most are dry. */
static void weather_is_foretold(void **state)
{
    documents_t *documents = simulate(NOW, 8);
    const apr_time_t now = options_at(NOW, 1).now;
    int dry = 0, wet = 0, year;
    size_t i;

    (void)state;
    for (year = 2023; year <= 2030; year++) {
        json_t *race;

        json_array_foreach(races_of(documents, year, "races"), i, race)
        {
            double rain = rain_in(documents, race);
            apr_time_t start;

            assert_true(f1_time_parse(
                apr_pstrcat(f1_test_pool(), text_at(race, "date"), "T", text_at(race, "time"), NULL), &start));
            assert_int_equal(rain >= 0, now >= start - 15 * apr_time_from_sec(86400));
            dry += rain == 0;
            wet += rain > 0;
        }
    }
    assert_true(dry > wet && wet > 20);
}

static void drivers_move(void **state)
{
    documents_t *documents = simulate(NOW, 3);
    json_t *old = list_of(documents, "2028/driverstandings", "StandingsTable/StandingsLists/0/DriverStandings");
    json_t *new = list_of(documents, "2029/driverstandings", "StandingsTable/StandingsLists/0/DriverStandings");
    int on_the_way = 0, in_winter = 0;
    json_t *a, *b;
    size_t i, j;

    (void)state;
    assert_int_equal(json_array_size(old), CARS + 1);
    json_array_foreach(old, i, a)
    {
        json_t *last = f1_json_array(a, "Constructors");

        on_the_way += json_array_size(last) == 2;
        json_array_foreach(new, j, b)
        {
            in_winter += strcmp(text_at(a, "Driver/driverId"), text_at(b, "Driver/driverId")) == 0 &&
                         strcmp(text_at(json_array_get(last, json_array_size(last) - 1), "constructorId"),
                                text_at(b, "Constructors/0/constructorId")) != 0;
        }
    }
    assert_int_equal(on_the_way, 2);
    assert_true(in_winter >= 1);
}

static void nobody_is_real(void **state)
{
    static const char *const real[] = {
        "verstappen", "norris",    "leclerc",    "piastri",  "sainz",      "hamilton",   "russell",    "perez",
        "alonso",     "stroll",    "hulkenberg", "tsunoda",  "gasly",      "ocon",       "magnussen",  "albon",
        "ricciardo",  "bearman",   "colapinto",  "zhou",     "bottas",     "sargeant",   "lawson",     "antonelli",
        "hadjar",     "bortoleto", "doohan",     "lindblad", "vettel",     "raikkonen",  "schumacher", "button",
        "rosberg",    "massa",     "webber",     "hakkinen", "villeneuve", "hill",       "senna",      "prost",
        "mansell",    "piquet",    "lauda",      "hunt",     "andretti",   "fittipaldi", "stewart",    "clark",
        "brabham",    "moss",      "fangio",     "ascari",   "farina",     "peterson",   "lindqvist",  "kubica",
        "kvyat",      "ericsson",  "nasr",       "palmer",   "giovinazzi", "latifi",     "mazepin",    "grosjean",
        "maldonado",  "sutil",     "kobayashi",  "sato"};
    json_t *drivers = list_of(simulate(NOW, F1_SIM_SEASONS_MAX), "drivers", "DriverTable/Drivers"), *driver, *other;
    size_t i, j;

    (void)state;
    assert_in_range(json_array_size(drivers), 40, 46);
    json_array_foreach(drivers, i, driver)
    {
        const char *id = text_at(driver, "driverId");

        assert_true(f1_date_is_valid(text_at(driver, "dateOfBirth")));
        for (j = 0; j < sizeof(real) / sizeof(real[0]); j++) {
            assert_null(strstr(id, real[j]));
        }
        json_array_foreach(drivers, j, other)
        {
            assert_true(i == j || (strcmp(id, text_at(other, "driverId")) != 0 &&
                                   strcmp(text_at(driver, "code"), text_at(other, "code")) != 0 &&
                                   strcmp(text_at(driver, "permanentNumber"), text_at(other, "permanentNumber")) != 0));
        }
    }
}

/* Car and driver together, as strengths tell. */
static int pace_of(json_t *season, json_t *standing)
{
    apr_pool_t *pool = f1_test_pool();
    json_t *driver =
        f1_test_json_at(season, apr_pstrcat(pool, "drivers/", text_at(standing, "Driver/driverId"), "/pace", NULL));
    json_t *car = f1_test_json_at(
        season, apr_pstrcat(pool, "constructors/", text_at(standing, "Constructors/0/constructorId"), "/pace", NULL));

    assert_true(json_is_integer(driver) && json_is_integer(car));
    return (int)(json_integer_value(driver) + json_integer_value(car));
}

static void strengths_explain_results(void **state)
{
    f1_sim_options_t options = options_at(NOW, 3);
    json_t *strengths = f1_json_own(f1_sim_strengths(&options, f1_test_pool()), f1_test_pool());
    json_t *season = f1_test_json_at(strengths, "seasons/1");
    json_t *standings =
        list_of(simulate(NOW, 3), "2029/driverstandings", "StandingsTable/StandingsLists/0/DriverStandings");
    int top = 0, bottom = 0;
    size_t i;

    (void)state;
    assert_int_equal(json_integer_value(f1_test_json_at(season, "season")), 2029);
    assert_int_equal(json_object_size(f1_test_json_at(season, "constructors/aldebaran/circuit_fit")), 26);
    for (i = 0; i < 5; i++) {
        top += pace_of(season, json_array_get(standings, i));
        bottom += pace_of(season, json_array_get(standings, CARS - 1 - i));
    }
    assert_true(top + 5 * 2000 < bottom);
}

int main(void)
{
    const struct CMUnitTest tests[] = {F1_TEST(same_options_same_bytes),
                                       F1_TEST(another_seed_is_another_world),
                                       F1_TEST(a_write_that_fails_ends_it),
                                       F1_TEST(documents_say_what_they_are),
                                       F1_TEST(references_resolve),
                                       F1_TEST(circuits_tell_length_type_and_zone),
                                       F1_TEST(classifications_follow_the_rules),
                                       F1_TEST(rare_ends_happen),
                                       F1_TEST(qualifying_knocks_out),
                                       F1_TEST(laps_add_up_to_results),
                                       F1_TEST(pit_stops_fall_into_the_race),
                                       F1_TEST(standings_are_sums),
                                       F1_TEST(the_calendar_goes_around_now),
                                       F1_TEST(sessions_stand_before_the_race),
                                       F1_TEST(time_goes_on_in_the_same_world),
                                       F1_TEST(a_race_is_called_off),
                                       F1_TEST(results_appear_one_after_the_other),
                                       F1_TEST(weather_is_foretold),
                                       F1_TEST(drivers_move),
                                       F1_TEST(nobody_is_real),
                                       F1_TEST(strengths_explain_results)};

    return f1_test_run(tests);
}
