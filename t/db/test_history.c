/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* What endpoints say about things that change: corrected results, renumbered and cancelled races, the clock. Each test
 * makes a season of its own, far from the simulated ones. */

#include <apr_strings.h>

#include "f1_test.h"
#include "base/clock.h"

#define SQL(...) ((void)f1_test_sql(apr_psprintf(f1_test_pool(), __VA_ARGS__)))

static json_t *get(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

static json_t *get(const char *fmt, ...)
{
    va_list args;
    const char *target;

    va_start(args, fmt);
    target = apr_pvsprintf(f1_test_pool(), fmt, args);
    va_end(args);
    return f1_test_answer(target);
}

static void at_clock(const char *now)
{
    assert_int_equal(f1_clock_set(apr_pstrcat(f1_test_pool(), now, "@0", NULL), 0), APR_SUCCESS);
}

/* A season with a circuit, a constructor and two drivers, whose ids end in the year. */
static void make_season(int year)
{
    SQL("INSERT INTO season (year) VALUES (%d)", year);
    SQL("INSERT INTO circuit (id, name) VALUES ('ring_%d', 'Ring')", year);
    SQL("INSERT INTO circuit_fact (circuit_id, time_zone) VALUES ('ring_%d', 'America/St_Johns')", year);
    SQL("INSERT INTO constructor (id, name) VALUES ('team_%d', 'Team')", year);
    SQL("INSERT INTO driver (id, code, given_name, family_name)"
        " VALUES ('ann_%d', 'ANN', 'Ann', 'Ämter 100%%'), ('bo_%d', NULL, 'Bo', 'Berg')",
        year, year);
    SQL("INSERT INTO season_driver (season, driver_id) VALUES (%d, 'ann_%d'), (%d, 'bo_%d')", year, year, year, year);
}

/* A race "YEAR-ROUND" and its session; starts_at: "NULL" or a quoted time. Entries 1 and 2 are Ann's and Bo's. */
static void make_race(int year, int round, const char *status, const char *date, const char *starts_at)
{
    SQL("INSERT INTO race (id, season, round, name, circuit_id, date, status)"
        " VALUES ('%d-%d', %d, %d, 'Race %d', 'ring_%d', '%s', '%s')",
        year, round, year, round, round, year, date, status);
    SQL("INSERT INTO session (race_id, season, kind, date, starts_at) VALUES ('%d-%d', %d, 'race', '%s', %s)", year,
        round, year, date, starts_at);
    SQL("INSERT INTO entry (season, race_id, driver_id, constructor_id, number)"
        " VALUES (%d, '%d-%d', 'ann_%d', 'team_%d', 1), (%d, '%d-%d', 'bo_%d', 'team_%d', 2)",
        year, year, round, year, year, year, year, round, year, year);
}

/* The classification's next revision: who is given first wins. */
static void classify(int year, int round, int revision, const char *known_at, int first, int second)
{
    SQL("UPDATE result SET current = false WHERE session_id = (SELECT id FROM session WHERE race_id = '%d-%d')", year,
        round);
    SQL("INSERT INTO revision (session_id, season, number, known_at, source, digest, row_count)"
        " SELECT id, season, %d, '%s', 'test', '%d', 2 FROM session WHERE race_id = '%d-%d'",
        revision, known_at, revision, year, round);
    SQL("INSERT INTO result (season, session_id, revision, line, entry_id, position, position_text, points, status)"
        " SELECT s.season, s.id, %d, v.line, e.id, v.line, v.line, 10 - v.line, 'Finished'"
        " FROM session s JOIN entry e ON e.race_id = s.race_id"
        " JOIN (VALUES (1, %d), (2, %d)) AS v (line, number) ON v.number = e.number WHERE s.race_id = '%d-%d'",
        revision, first, second, year, round);
}

static void results_are_told_as_of_a_time(void **state)
{
    const char *results = "/api/v1/races/1990-1/results";

    (void)state;
    make_season(1990);
    make_race(1990, 1, "completed", "1990-05-06", "'1990-05-06 13:00Z'");
    classify(1990, 1, 1, "1990-05-07 00:00Z", 1, 2);
    classify(1990, 1, 2, "1990-05-09 00:00Z", 2, 1);
    f1_assert_json(get("%s", results), "items/0/driver/id", "\"bo_1990\"");
    f1_assert_json(get("%s?as_of=1990-05-09", results), "items/0/driver/id", "\"bo_1990\"");
    f1_assert_json(get("%s?as_of=1990-05-08T23:59:59Z", results), "items/0/driver/id", "\"ann_1990\"");
    f1_assert_json(get("%s?as_of=1990-05-08T23:59:59Z", results), "total", "2");
    /* learned of later than it happened: from the start on, what was known first */
    f1_assert_json(get("%s?as_of=1990-05-06T13:00:00Z", results), "items/0/driver/id", "\"ann_1990\"");
    f1_assert_json(get("%s?as_of=1990-05-06T12:59:59Z", results), "total", "0");
    f1_assert_json(get("/api/v1/races/1990-1/qualifying?as_of=1990-05-09"), "total", "0");
    f1_assert_json(get("/api/v1/races/1990-1/revisions"), "items/0/number", "2");
    f1_assert_json(get("/api/v1/races/1990-1/revisions?session=sprint"), "total", "0");
    f1_assert_json(get("/api/v1/drivers/ann_1990/results"), "items/0/position", "2");
}

static void a_date_alone_counts_from_its_midnight(void **state)
{
    (void)state;
    make_season(1991);
    make_race(1991, 1, "completed", "1991-05-06", "NULL");
    classify(1991, 1, 1, "2020-01-01 00:00Z", 1, 2);
    f1_assert_json(get("/api/v1/races/1991-1/results?as_of=1991-05-06"), "total", "2");
    f1_assert_json(get("/api/v1/races/1991-1/results?as_of=1991-05-05T23:59:59Z"), "total", "0");
}

static void a_renumbered_race_is_still_found(void **state)
{
    (void)state;
    make_season(1992);
    make_race(1992, 1, "scheduled", "1992-05-06", "NULL");
    make_race(1992, 2, "scheduled", "1992-05-13", "NULL");
    make_race(1992, 3, "scheduled", "1992-05-20", "NULL");
    SQL("UPDATE race SET status = 'cancelled', round = NULL WHERE id = '1992-1'");
    SQL("UPDATE race SET round = round - 1 WHERE season = 1992 AND round > 1");
    f1_assert_json(get("/api/v1/seasons/1992/races/1"), "id", "\"1992-2\"");
    f1_assert_json(get("/api/v1/seasons/1992/races/2"), "id", "\"1992-3\"");
    f1_assert_json(get("/api/v1/seasons/1992/races/3"), "id", "\"1992-3\"");
    f1_assert_json(get("/api/v1/seasons/1992/races/3/results"), "total", "0");
    f1_assert_json(get("/api/v1/seasons/1992/races/4"), "error_code", "\"not_found\"");
    f1_assert_json(get("/api/v1/seasons/1992/races/4/laps"), "error_code", "\"not_found\"");
}

static void a_cancelled_race_is_listed_but_never_next(void **state)
{
    json_t *races;

    (void)state;
    make_season(1993);
    make_race(1993, 1, "completed", "1993-04-29", "'1993-04-29 13:00Z'");
    make_race(1993, 2, "scheduled", "1993-05-06", "'1993-05-06 13:00Z'");
    make_race(1993, 3, "scheduled", "1993-05-13", "'1993-05-13 13:00Z'");
    SQL("UPDATE race SET status = 'cancelled', round = NULL WHERE id = '1993-2'");
    races = get("/api/v1/seasons/1993/races");
    f1_assert_json(races, "total", "3");
    f1_assert_json(races, "items/1/status", "\"cancelled\"");
    f1_assert_json(races, "items/1/round", "null");
    f1_assert_json(get("/api/v1/races?season=1993&status=cancelled"), "total", "1");
    at_clock("1993-05-01T00:00:00Z");
    f1_assert_json(get("/api/v1/races/next"), "id", "\"1993-3\"");
    at_clock("1993-05-08T00:00:00Z");
    f1_assert_json(get("/api/v1/races/last"), "id", "\"1993-1\"");
}

static void next_and_last_turn_at_the_start(void **state)
{
    (void)state;
    make_season(1994);
    make_race(1994, 1, "completed", "1994-05-06", "'1994-05-06 13:00Z'");
    make_race(1994, 2, "scheduled", "1994-05-13", "NULL");
    at_clock("1994-05-06T12:59:59Z");
    f1_assert_json(get("/api/v1/races/next"), "id", "\"1994-1\"");
    f1_assert_json(get("/api/v1/races/next"), "starts_at", "\"1994-05-06T13:00:00Z\"");
    f1_assert_json(get("/api/v1/races/next"), "starts_at_local", "\"1994-05-06T10:30:00-02:30\"");
    at_clock("1994-05-06T13:00:00Z");
    f1_assert_json(get("/api/v1/races/next"), "id", "\"1994-2\"");
    f1_assert_json(get("/api/v1/races/last"), "id", "\"1994-1\"");
    /* only its date is known: until the day is over it may still start */
    at_clock("1994-05-13T23:59:59Z");
    f1_assert_json(get("/api/v1/races/next"), "id", "\"1994-2\"");
    at_clock("1994-05-14T00:00:00Z");
    f1_assert_json(get("/api/v1/races/last"), "id", "\"1994-2\"");
}

static void standings_default_to_the_latest_by_the_clock(void **state)
{
    const char *drivers = "/api/v1/standings/drivers";

    (void)state;
    make_season(1995);
    make_race(1995, 1, "completed", "1995-05-06", "NULL");
    make_race(1995, 2, "completed", "1995-05-13", "NULL");
    make_race(1995, 3, "scheduled", "1995-05-20", "NULL");
    SQL("INSERT INTO driver_standing VALUES (1995, '1995-1', 1, 'ann_1995', 1, '1', 9, 1, '{team_1995}', 'test'),"
        " (1995, '1995-2', 1, 'ann_1995', 1, '1', 18, 2, '{team_1990,team_1995}', 'test')");
    at_clock("1995-05-10T00:00:00Z");
    f1_assert_json(get("%s", drivers), "items/0/points", "9");
    f1_assert_json(get("%s", drivers), "items/0/constructor", "{\"id\": \"team_1995\", \"name\": \"Team\"}");
    at_clock("1995-06-01T00:00:00Z");
    f1_assert_json(get("%s", drivers), "items/0/race/round", "2");
    f1_assert_json(get("%s", drivers), "items/0/constructor/id", "\"team_1995\"");
    f1_assert_json(get("%s", drivers), "items/0/constructor_ids", "[\"team_1990\", \"team_1995\"]");
    f1_assert_json(get("%s?season=1995", drivers), "items/0/points", "18");
    f1_assert_json(get("%s?year=1995&round=1", drivers), "items/0/points", "9");
    f1_assert_json(get("%s?season=1995&round=3", drivers), "total", "0");
    f1_assert_json(get("/api/v1/standings/constructors?season=1995"), "total", "0");
    f1_assert_json(get("/api/v1/rankings/drivers?season=1995"), "items/0/wins", "2");
    f1_assert_json(get("/api/v1/rankings/drivers?season=1995"), "items/1/elo", "1500");
    /* the season is not over yet, so nobody has its title */
    f1_assert_json(get("/api/v1/drivers/ann_1995/stats"), "titles", "0");
    SQL("UPDATE race SET status = 'cancelled', round = NULL WHERE id = '1995-3'");
    f1_assert_json(get("/api/v1/drivers/ann_1995/stats"), "titles", "1");
}

static void shared_cars_count_once(void **state)
{
    json_t *stats;

    (void)state;
    make_season(1956);
    make_race(1956, 1, "completed", "1956-01-22", "NULL");
    classify(1956, 1, 1, "2020-01-01 00:00Z", 1, 2);
    SQL("INSERT INTO entry (season, race_id, driver_id, constructor_id, number)"
        " VALUES (1956, '1956-1', 'ann_1956', 'team_1956', 2)");
    SQL("INSERT INTO result (season, session_id, revision, line, entry_id, position, position_text, points, status)"
        " SELECT 1956, s.id, 1, 3, e.id, 2, '2', 1.14, 'Finished' FROM session s JOIN entry e USING (race_id)"
        " WHERE race_id = '1956-1' AND driver_id = 'ann_1956' AND number = 2");
    f1_assert_json(get("/api/v1/races/1956-1/results"), "items/2/position", "2");
    f1_assert_json(get("/api/v1/races/1956-1/results"), "items/2/points", "1.14");
    f1_assert_json(get("/api/v1/drivers/ann_1956/results"), "total", "2");
    stats = get("/api/v1/drivers/ann_1956/stats");
    f1_assert_json(stats, "starts", "1");
    f1_assert_json(stats, "podiums", "1");
    f1_assert_json(stats, "points", "10.14");
    f1_assert_json(get("/api/v1/constructors/team_1956/stats"), "podiums", "2");
}

static void search_takes_letters_as_they_are(void **state)
{
    (void)state;
    make_season(1997);
    f1_assert_json(get("/api/v1/drivers?season=1997&search=aMTER"), "total", "1");
    f1_assert_json(get("/api/v1/drivers?season=1997&search=%%C3%%A4mter"), "total", "1");
    f1_assert_json(get("/api/v1/drivers?season=1997&search=bo_1997"), "total", "1");
    f1_assert_json(get("/api/v1/drivers?season=1997&search=ann+%%C3%%84mter"), "total", "1");
    /* no pattern characters */
    f1_assert_json(get("/api/v1/drivers?season=1997&search=100%%25"), "total", "1");
    f1_assert_json(get("/api/v1/drivers?season=1997&search=b%%25g"), "total", "0");
    f1_assert_json(get("/api/v1/drivers?season=1997&search=b_rg"), "total", "0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        F1_TEST(results_are_told_as_of_a_time),    F1_TEST(a_date_alone_counts_from_its_midnight),
        F1_TEST(a_renumbered_race_is_still_found), F1_TEST(a_cancelled_race_is_listed_but_never_next),
        F1_TEST(next_and_last_turn_at_the_start),  F1_TEST(standings_default_to_the_latest_by_the_clock),
        F1_TEST(shared_cars_count_once),           F1_TEST(search_takes_letters_as_they_are),
    };

    return f1_test_run(tests);
}
