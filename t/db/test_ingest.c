/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Ingestion from an upstream that lives in this program, and what it makes of faults and changes. */

#include <string.h>

#include <apr_strings.h>

#include "base/clock.h"
#include "base/json.h"
#include "f1_test.h"
#include "fake_upstream.h"
#include "ingest/validate.h"

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

/* --- Tests */

static void a_season_is_loaded(void **state)
{
    fake_t *fake = fake_make();

    (void)state;
    fake_add_season(fake, 2101);
    fake_ingest_ok(fake, F1_INGEST_SEASON, 2101, 0);
    assert_int_equal(fake_report.counts[F1_LOADED_RESULT].inserted, 6);
    assert_int_equal(fake_report.counts[F1_LOADED_QUALIFYING].inserted, 6);
    assert_int_equal(fake_report.counts[F1_LOADED_DRIVER_STANDING].inserted, 6);
    assert_string_equal(fake_results(2101, 2), "1 t_ada 1 25, 2 t_bo 2 8.14, 3 t_cy R 0");
    assert_string_equal(
        f1_test_sqlf("SELECT string_agg(concat_ws(' ', id, round, status), ', ' ORDER BY round) FROM race"
                     " WHERE season = 2101"),
        "2101-salt-grand-prix 1 completed, 2101-fen-grand-prix 2 completed, 2101-moor-grand-prix 3 "
        "scheduled");
    assert_string_equal(f1_test_sqlf("SELECT starts_at FROM session WHERE race_id = '2101-fen-grand-prix'"
                                     " AND kind = 'practice_1'"),
                        "2101-03-20 09:00:00+00");
    assert_string_equal(
        f1_test_sqlf("SELECT count(*), count(*) FILTER (WHERE q1_text = '' AND q1_ms IS NULL AND position IS NULL)"
                     " FROM qualifying_result WHERE season = 2101"),
        "6|2");
    assert_string_equal(f1_test_sqlf("SELECT count(*) FROM season_driver WHERE season = 2101"), "4");
    assert_string_equal(f1_test_sqlf("SELECT points, wins, source FROM driver_standing"
                                     " WHERE race_id = '2101-fen-grand-prix' AND driver_id = 't_bo'"),
                        "16.28|0|ergast");
    assert_string_equal(f1_test_sqlf("SELECT state, requests FROM ingestion_run WHERE id = %s", fake_report.run),
                        apr_psprintf(f1_test_pool(), "success|%d", fake_report.requests));
}

static void a_second_time_writes_nothing(void **state)
{
    fake_t *fake = fake_make();
    const char *before;

    (void)state;
    fake_add_season(fake, 2102);
    fake_ingest_ok(fake, F1_INGEST_SEASON, 2102, 0);
    assert_true(fake_report.has_changed);
    before = versions(2102);
    fake_ingest_ok(fake, F1_INGEST_SEASON, 2102, 0);
    assert_false(fake_report.has_changed);
    assert_string_equal(versions(2102), before);
    fake_ingest_ok(fake, F1_INGEST_RACE, 2102, 1);
    fake_ingest_ok(fake, F1_INGEST_DRIVERS, 2102, 0);
    fake_ingest_ok(fake, F1_INGEST_STANDINGS, 2102, 0);
    fake_ingest_ok(fake, F1_INGEST_QUALIFYING, 2102, 2);
    assert_string_equal(versions(2102), before);
}

static void a_correction_is_a_revision(void **state)
{
    fake_t *fake = fake_make();

    (void)state;
    fake_add_season(fake, 2103);
    f1_clock_set("2103-03-21T00:00:00Z@0", 0);
    fake_ingest_ok(fake, F1_INGEST_SEASON, 2103, 0);
    /* t_ada disqualified, t_cy taken out, t_di put in */
    f1_clock_set("2103-03-25T00:00:00Z@0", 0);
    fake_set(fake_row(fake, 2103, 2, "results", 0), "points", "0");
    fake_set(fake_row(fake, 2103, 2, "results", 0), "positionText", "D");
    fake_set(fake_row(fake, 2103, 2, "results", 0), "position", "3");
    fake_set(fake_row(fake, 2103, 2, "results", 1), "position", "1");
    json_array_remove(fake_list(fake, "2103/2/results"), 2);
    fake_append(fake, "2103/2/results",
                json_pack("{s:s, s:s, s:{s:s, s:s, s:s, s:o, s:o, s:s}}", "season", "2103", "round", "2", "row",
                          "position", "2", "positionText", "2", "points", "18", "Driver", fake_driver("t_di"),
                          "Constructor", fake_team("t_fox"), "status", "Finished"));
    fake_ingest_ok(fake, F1_INGEST_RACE, 2103, 2);
    assert_string_equal(fake_results(2103, 2), "1 t_bo 2 8.14, 2 t_di 2 18, 3 t_ada D 0");
    assert_string_equal(fake_results(2103, 1), "1 t_ada 1 25, 2 t_bo 2 8.14, 3 t_cy R 0");
    assert_int_equal(fake_report.counts[F1_LOADED_RESULT].inserted, 1);
    assert_int_equal(fake_report.counts[F1_LOADED_RESULT].removed, 1);
    assert_int_equal(fake_report.counts[F1_LOADED_RESULT].changed, 2);
    assert_string_equal(
        f1_test_sqlf("SELECT v.number, v.known_at, v.row_count, (SELECT count(*) FROM result x WHERE x.season = 2103"
                     " AND x.session_id = v.session_id AND x.revision = v.number AND x.current = (v.number = 2))"
                     " FROM revision v JOIN session s ON s.id = v.session_id"
                     " WHERE s.race_id = '2103-fen-grand-prix' AND s.kind = 'race' ORDER BY 1"),
        "1|2103-03-21 00:00:00+00|3|3\n2|2103-03-25 00:00:00+00|3|3");
    assert_string_equal(
        f1_test_sqlf("SELECT string_agg(concat_ws(' ', c ->> 'driver_id', c ->> 'change', c ->> 'field',"
                     " coalesce(c #>> '{old,points}', c ->> 'old'), coalesce(c #>> '{new,points}', c ->> 'new')), ', "
                     "') FROM revision v JOIN session s ON s.id = v.session_id, jsonb_array_elements(v.changes) AS c"
                     " WHERE s.race_id = '2103-fen-grand-prix' AND s.kind = 'race' AND v.number = 2"),
        "t_ada changed points 25 0, t_ada changed position 1 3, t_ada changed position_text 1 D, "
        "t_bo changed position 2 1, t_cy removed 0, t_di added 18");
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
    fake_add_season(fake, 2104);
    fake_ingest_ok(fake, F1_INGEST_SEASON, 2104, 0);
    before = versions(2104);
    fake_set(fake_row(fake, 2104, 1, "results", 1), "points", "7");
    for (i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
        fake->fail_path = faults[i].path;
        fake->fail_at = faults[i].at;
        fake->fail_body = faults[i].body;
        fake->fail_times = 1;
        fake_ingest_refused(fake, F1_INGEST_SEASON, 2104, 0, faults[i].why);
        assert_string_equal(versions(2104), before);
        assert_string_equal(
            f1_test_sqlf("SELECT state, error IS NOT NULL FROM ingestion_run WHERE id = %s", fake_report.run),
            "failure|t");
    }
    fake->fail_path = NULL;
    fake_set(fake_row(fake, 2104, 1, "results", 1), "points", "-7");
    fake_ingest_refused(fake, F1_INGEST_SEASON, 2104, 0, "round 1, Results 2: points '-7' should be a number");
    fake_set(fake_row(fake, 2104, 1, "results", 1), "points", "8.14");
    fake_add_result(fake, "results", 2104, 9, "t_ada", "1", "25");
    fake_ingest_refused(fake, F1_INGEST_SEASON, 2104, 0, "results of round 9, which is not in the calendar");
    assert_string_equal(versions(2104), before);
}

static void lists_that_change_are_read_again(void **state)
{
    fake_t *fake = fake_make();

    (void)state;
    fake_add_season(fake, 2105);
    fake_append_row(fake, 2105, 2, "results",
                    json_pack("{s:s, s:s, s:s, s:o, s:o, s:s}", "position", "9", "positionText", "9", "points", "0",
                              "Driver", fake_driver("t_ghost"), "Constructor", fake_team("t_kite"), "status",
                              "Finished"));
    fake->fail_path = "2105/results";
    fake->shrink = 3;
    fake_ingest_ok(fake, F1_INGEST_SEASON, 2105, 0);
    assert_int_equal(fake->asked, 3 + 3);
    assert_string_equal(fake_results(2105, 2), "1 t_ada 1 25, 2 t_bo 2 8.14, 3 t_cy R 0");
    assert_non_null(strstr(f1_test_log(), "F1B0300"));
}

/* A page sent twice under the right offset: its rows stand there already. */
static void repeated_pages_are_refused(void **state)
{
    fake_t *fake = fake_make();
    json_t *list;

    (void)state;
    fake_add_season(fake, 2106);
    list = fake_list(fake, "2106/results");
    json_array_set(list, 2, json_array_get(list, 0));
    fake_ingest_refused(fake, F1_INGEST_SEASON, 2106, 0, "stands there twice");
    assert_string_equal(f1_test_sqlf("SELECT count(*) FROM race WHERE season = 2106"), "0");
}

static void shared_cars_and_places_are_kept(void **state)
{
    fake_t *fake = fake_make();

    (void)state;
    fake_add_season(fake, 2107);
    fake_add_result(fake, "results", 2107, 1, "t_bo", "1", "4");
    fake_ingest_ok(fake, F1_INGEST_SEASON, 2107, 0);
    assert_string_equal(fake_results(2107, 1), "1 t_ada 1 25, 2 t_bo 1 4, 3 t_bo 2 8.14, 4 t_cy R 0");
    assert_string_equal(f1_test_sqlf("SELECT count(*) FROM entry WHERE season = 2107 AND driver_id = 't_bo'"), "2");
}

/* The first race is cancelled: the others move up and stay themselves; it comes back at another place. */
static void calendars_change(void **state)
{
    fake_t *fake = fake_make();
    json_t *races, *salt;

    (void)state;
    fake_add_season(fake, 2108);
    json_array_clear(fake_list(fake, "2108/results"));
    json_array_clear(fake_list(fake, "2108/qualifying"));
    fake_ingest_ok(fake, F1_INGEST_SEASON, 2108, 0);
    races = fake_list(fake, "2108/races");
    salt = json_incref(json_array_get(races, 0));
    json_array_remove(races, 0);
    fake_set(json_array_get(races, 0), "round", "1");
    fake_set(json_array_get(races, 1), "round", "2");
    json_object_del(json_array_get(races, 1), "FirstPractice");
    fake_ingest_ok(fake, F1_INGEST_SEASON, 2108, 0);
    assert_string_equal(
        f1_test_sqlf("SELECT string_agg(concat_ws(' ', id, round, status), ', ' ORDER BY date) FROM race"
                     " WHERE season = 2108"),
        "2108-salt-grand-prix cancelled, 2108-fen-grand-prix 1 scheduled, 2108-moor-grand-prix 2 "
        "scheduled");
    assert_string_equal(f1_test_sqlf("SELECT count(*) FROM session WHERE race_id = '2108-moor-grand-prix'"
                                     " AND kind = 'practice_1'"),
                        "0");
    fake_set(salt, "round", "3");
    fake_set(salt, "date", "2108-10-01");
    fake_set(json_object_get(salt, "Circuit"), "circuitId", "t_heath");
    json_array_append_new(races, salt);
    fake_ingest_ok(fake, F1_INGEST_SEASON, 2108, 0);
    assert_string_equal(
        f1_test_sqlf("SELECT id, round, status, circuit_id FROM race WHERE season = 2108 AND date > '2108-09-01'"),
        "2108-salt-grand-prix|3|scheduled|t_heath");
    assert_string_equal(f1_test_sqlf("SELECT string_agg(concat_ws(' ', race_id, round), ', ' ORDER BY race_id, round)"
                                     " FROM race_alias WHERE season = 2108 AND valid_to IS NOT NULL"),
                        "2108-fen-grand-prix 2, 2108-moor-grand-prix 3, 2108-salt-grand-prix 1");
}

static void races_with_results_do_not_vanish(void **state)
{
    fake_t *fake = fake_make();

    (void)state;
    fake_add_season(fake, 2109);
    fake_ingest_ok(fake, F1_INGEST_SEASON, 2109, 0);
    json_array_remove(fake_list(fake, "2109/races"), 1);
    fake_ingest_refused(fake, F1_INGEST_SEASON, 2109, 0,
                        "lacks the Fen Grand Prix of 2109-03-20, of which there are results");
}

/* Upstream has lost a race's results: what is stored stays, and somebody is told. */
static void lost_results_stay(void **state)
{
    fake_t *fake = fake_make();
    json_t *list;

    (void)state;
    fake_add_season(fake, 2110);
    fake_ingest_ok(fake, F1_INGEST_SEASON, 2110, 0);
    list = fake_list(fake, "2110/results");
    json_array_remove(list, 0);
    json_array_remove(list, 0);
    json_array_remove(list, 0);
    fake_ingest_ok(fake, F1_INGEST_SEASON, 2110, 0);
    assert_string_equal(fake_results(2110, 1), "1 t_ada 1 25, 2 t_bo 2 8.14, 3 t_cy R 0");
    assert_non_null(strstr(f1_test_log(), "F1B0301: 2110 round 1: upstream no longer has the race"));
}

static void a_range_resumes(void **state)
{
    fake_t *fake = fake_make();
    const char *run;

    (void)state;
    fake_add_season(fake, 2111);
    fake_add_season(fake, 2112);
    fake_add_season(fake, 2113);
    fake->fail_path = "2112/qualifying";
    fake->fail_at = 2;
    fake->fail_times = 1;
    fake_ingest_refused(fake, F1_INGEST_SEASONS, 2111, 2113, "fake answered 503");
    assert_string_equal(
        f1_test_sqlf("SELECT string_agg(DISTINCT season::text, ',') FROM race WHERE season BETWEEN 2111 AND 2113"),
        "2111");
    run = fake_report.run;
    fake->fail_path = "2111/races";
    fake->asked = 0;
    fake_ingest_ok(fake, F1_INGEST_SEASONS, 2111, 2113);
    assert_string_equal(fake_report.resumes, run);
    assert_int_equal(fake->asked, 0);
    assert_string_equal(fake_results(2113, 2), "1 t_ada 1 25, 2 t_bo 2 8.14, 3 t_cy R 0");
    /* what ended well begins anew */
    fake_ingest_ok(fake, F1_INGEST_SEASONS, 2111, 2113);
    assert_null(fake_report.resumes);
    assert_false(fake_report.has_changed);
    assert_int_not_equal(fake->asked, 0);
}

/* Twenty seasons and more from the first one on are read from the lists of all seasons, while these last. */
static void a_long_range_reads_lists_of_all_seasons(void **state)
{
    fake_t *fake = fake_make();
    int season;

    (void)state;
    for (season = 2130; season < 2150; season++) {
        fake_add_season(fake, season);
    }
    fake_append(fake, "seasons", json_pack("{s:s}", "season", "2150"));
    fake_append(fake, "drivers", fake_driver("t_unseen"));
    fake_append(fake, "constructors", fake_team("t_kite"));
    fake->fail_path = "2135/results";
    fake_ingest_ok(fake, F1_INGEST_SEASONS, 2130, 2150);
    assert_int_equal(fake->asked, 0);
    assert_int_equal(fake_report.counts[F1_LOADED_RESULT].inserted, 120);
    assert_string_equal(fake_results(2149, 2), "1 t_ada 1 25, 2 t_bo 2 8.14, 3 t_cy R 0");
    assert_string_equal(f1_test_sqlf("SELECT count(*) FROM driver WHERE id = 't_unseen'"), "1");
    assert_string_equal(f1_test_sqlf("SELECT count(*) FROM season_driver WHERE season = 2140"), "4");
    assert_non_null(strstr(f1_test_log(), "F1B0303: 2150: upstream has no races of 2150"));
    /* a row goes while the list is read: from there on each season is asked for */
    fake->fail_path = "results";
    fake->shrink = 20;
    fake_ingest_ok(fake, F1_INGEST_SEASONS, 2130, 2150);
    assert_int_equal(fake->asked, 20);
    assert_false(fake_report.has_changed);
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
    fake_add_season(fake, 2122);
    fake_add_season(fake, 2123);
    stop_after = 11;
    assert_int_equal(f1_ingest(&ingestion, &fake_report, f1_test_pool(), f1_test_result()), APR_EINTR);
    assert_string_equal(
        f1_test_sqlf("SELECT string_agg(DISTINCT season::text, ',') FROM race WHERE season IN (2122, 2123)"), "2122");
    stop_after = -1;
    f1_result_clear(f1_test_result());
    f1_assert_ok(f1_ingest(&ingestion, &fake_report, f1_test_pool(), f1_test_result()), f1_test_result());
    assert_non_null(fake_report.resumes);
    assert_string_equal(fake_results(2123, 1), "1 t_ada 1 25, 2 t_bo 2 8.14, 3 t_cy R 0");
}

/* In a range, standings that follow from results are not asked for. */
static void a_range_computes_standings(void **state)
{
    fake_t *fake = fake_make();

    (void)state;
    fake_add_season(fake, 2114);
    fake->fail_path = "2114/1/driverstandings";
    fake_ingest_ok(fake, F1_INGEST_SEASONS, 2114, 2114);
    assert_int_equal(fake->asked, 2); /* t_cy has no points: whether he is ranked was not certain */
    assert_string_equal(
        f1_test_sqlf("SELECT string_agg(concat_ws(' ', r.round, c.constructor_id, c.points, c.wins, c.source), ', '"
                     " ORDER BY r.round) FROM constructor_standing c JOIN race r ON r.id = c.race_id"
                     " WHERE c.season = 2114"),
        "1 t_kite 33.14 1 computed, 2 t_kite 66.28 2 ergast");
    /* taking points away breaks the sum: now every round is asked for */
    fake_set(fake_row(fake, 2114, 2, "constructorstandings", 0), "points", "50");
    fake_ingest_ok(fake, F1_INGEST_SEASONS, 2114, 2114);
    assert_string_equal(f1_test_sqlf("SELECT string_agg(concat_ws(' ', points, source), ', ' ORDER BY points)"
                                     " FROM constructor_standing WHERE season = 2114"),
                        "33.14 computed, 50 ergast");
}

static void late_standings_do_not_hold_up_results(void **state)
{
    fake_t *fake = fake_make();

    (void)state;
    fake_add_season(fake, 2115);
    json_array_clear(fake_list(fake, "2115/2/driverstandings"));
    json_array_clear(fake_list(fake, "2115/2/constructorstandings"));
    fake_ingest_ok(fake, F1_INGEST_SEASON, 2115, 0);
    assert_string_equal(f1_test_sqlf("SELECT DISTINCT race_id FROM driver_standing WHERE season = 2115"),
                        "2115-salt-grand-prix");
    assert_non_null(strstr(f1_test_log(), "F1B0302"));
    fake_set(fake_row(fake, 2115, 1, "driverstandings", 0), "points", "many");
    fake_set(fake_row(fake, 2115, 2, "results", 1), "points", "6");
    fake_ingest_refused(fake, F1_INGEST_SEASON, 2115, 0, "points 'many' should be a number");
    assert_string_equal(fake_results(2115, 2), "1 t_ada 1 25, 2 t_bo 2 6, 3 t_cy R 0");
}

static void add_lap(fake_t *fake, int season, int lap, const char *who, const char *time)
{
    fake_append_row(fake, season, 1, "laps",
                    json_pack("{s:s, s:[{s:s, s:s, s:s}]}", "number", apr_itoa(f1_test_pool(), lap), "Timings",
                              "driverId", who, "position", "1", "time", time));
}

static void laps_and_stops_are_replaced(void **state)
{
    fake_t *fake = fake_make();
    const char *before;

    (void)state;
    fake_add_season(fake, 2116);
    add_lap(fake, 2116, 1, "t_ada", "1:30.5");
    add_lap(fake, 2116, 2, "t_ada", "1:29.5");
    fake_append_row(fake, 2116, 1, "pitstops",
                    json_pack("{s:s, s:s, s:s, s:n, s:s}", "driverId", "t_bo", "stop", "1", "lap", "9", "time",
                              "duration", "1:02.125"));
    fake_ingest_ok(fake, F1_INGEST_RACE, 2116, 1);
    assert_string_equal(f1_test_sqlf("SELECT lap, driver_id, time_ms FROM lap WHERE season = 2116 ORDER BY lap"),
                        "1|t_ada|90500\n2|t_ada|89500");
    assert_string_equal(f1_test_sqlf("SELECT driver_id, lap, local_time, duration_ms, duration_text FROM pit_stop"
                                     " WHERE season = 2116"),
                        "t_bo|9||62125|1:02.125");
    before = versions(2116);
    fake_ingest_ok(fake, F1_INGEST_RACE, 2116, 1);
    assert_string_equal(versions(2116), before);
    json_array_remove(fake_list(fake, "2116/1/laps"), 0);
    add_lap(fake, 2116, 3, "t_cy", "1:31");
    fake_ingest_ok(fake, F1_INGEST_RACE, 2116, 1);
    assert_int_equal(fake_report.counts[F1_LOADED_LAP].inserted, 1);
    assert_int_equal(fake_report.counts[F1_LOADED_LAP].removed, 1);
    add_lap(fake, 2116, 4, "t_nobody", "1:31");
    fake_ingest_refused(fake, F1_INGEST_RACE, 2116, 1, "2116/1/laps: driverId 't_nobody' did not take part");
    assert_string_equal(f1_test_sqlf("SELECT count(*) FROM lap WHERE season = 2116"), "2");
}

static void what_upstream_lacks_is_not_found(void **state)
{
    fake_t *fake = fake_make();

    (void)state;
    fake_add_season(fake, 2117);
    fake_ingest_refused(fake, F1_INGEST_SEASON, 2118, 0, "no races of 2118");
    fake_ingest_refused(fake, F1_INGEST_RACE, 2117, 9, "no round 9 of 2117");
    fake_ingest_refused(fake, F1_INGEST_SEASONS, 2150, 2160, "no season from 2150 to 2160");
    fake_ingest_refused(fake, F1_INGEST_DRIVERS, 2118, 0, "no drivers of 2118");
    fake_ingest_refused(fake, F1_INGEST_STANDINGS, 2118, 0, "no results of 2118");
    assert_int_equal(f1_test_result()->error, F1_E_NOT_FOUND);
    fake_ingest_ok(fake, F1_INGEST_CURRENT, 2118, 0);
    assert_string_equal(fake_results(2117, 2), "1 t_ada 1 25, 2 t_bo 2 8.14, 3 t_cy R 0");
}

/* Drivers are there before the season is; who is no longer on the list and never raced goes. */
static void entry_lists_come_first(void **state)
{
    fake_t *fake = fake_make();

    (void)state;
    fake_append(fake, "2119/drivers", fake_driver("t_ada"));
    fake_append(fake, "2119/drivers", fake_driver("t_bo"));
    fake_append(fake, "2119/constructors", fake_team("t_kite"));
    fake_ingest_ok(fake, F1_INGEST_DRIVERS, 2119, 0);
    json_array_remove(fake_list(fake, "2119/drivers"), 0);
    fake_ingest_ok(fake, F1_INGEST_DRIVERS, 2119, 0);
    assert_string_equal(f1_test_sqlf("SELECT string_agg(driver_id, ',') FROM season_driver WHERE season = 2119"),
                        "t_bo");
}

static void capital_letters_of_ids_are_kept_aside(void **state)
{
    fake_t *fake = fake_make();

    (void)state;
    fake_append(fake, "2122/drivers", fake_driver("t_Eve"));
    fake_append(fake, "2122/drivers", fake_driver("t_fox"));
    fake_append(fake, "2122/constructors", fake_team("t_kite"));
    fake_ingest_ok(fake, F1_INGEST_DRIVERS, 2122, 0);
    assert_string_equal(
        f1_test_sqlf("SELECT string_agg(id || '=' || coalesce(ergast_id, '-'), ' ' ORDER BY id) FROM driver"
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
    fake_add_season(fake, 2120);
    json_array_remove(fake_list(fake, "2120/qualifying"), 5);
    fake_set(fake_row(fake, 2120, 1, "results", 1), "position", "3");
    fake_set(fake_row(fake, 2120, 2, "driverstandings", 1), "points", "99");
    fake_ingest_ok(fake, F1_INGEST_SEASON, 2120, 0);
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
    f1_test_sqlf("INSERT INTO season (year) VALUES (2121)");
    f1_test_sqlf("INSERT INTO driver (id, given_name, family_name, nationality) VALUES ('t_ned', '', 'N', 'NED'),"
                 " ('t_odd', '', 'O', 'XQZ'), ('t_none', '', 'P', '')");
    f1_test_sqlf("INSERT INTO constructor (id, name, nationality) VALUES ('t_ita', 'I', 'ITA')");
    f1_test_sqlf("INSERT INTO season_driver (season, driver_id) VALUES (2121, 't_none')");
    f1_assert_ok(f1_nationalities_convert(f1_test_conn(), &drivers, &constructors, f1_test_pool(), f1_test_result()),
                 f1_test_result());
    assert_int_equal(drivers, 1);
    assert_int_equal(constructors, 1);
    assert_string_equal(
        f1_test_sqlf("SELECT string_agg(nationality, ',' ORDER BY id) FROM driver WHERE id LIKE 't\\_n%%'"
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
