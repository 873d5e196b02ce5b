/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Ratings in the database: computed from results as they are, only differences written, rankings refreshed. A season
 * far in the future, with three races, comes after whatever else the database holds. */

#include <apr_strings.h>

#include "f1_test.h"
#include "ml/elo.h"

/* Three races of three newcomers: a win for each of the first two; the third has a car that two drivers shared, a
 * driver who stands twice and one who did not start. */
static const char season[] =
    "SET search_path = f1board;"
    "INSERT INTO season (year) VALUES (2190);"
    "INSERT INTO circuit (id, name) VALUES ('elo-ring', 'Ring');"
    "INSERT INTO constructor (id, name) VALUES ('elo-red', 'Red'), ('elo-blue', 'Blue');"
    "INSERT INTO driver (id, given_name, family_name) VALUES ('elo-a', 'A', 'A'), ('elo-b', 'B', 'B'),"
    " ('elo-c', 'C', 'C'), ('null', 'N', 'N');"
    "INSERT INTO race (id, season, round, name, circuit_id, date) VALUES"
    " ('2190-one', 2190, 1, 'One', 'elo-ring', '2190-03-01'), ('2190-two', 2190, 2, 'Two', 'elo-ring', '2190-03-08'),"
    " ('2190-three', 2190, 3, 'Three', 'elo-ring', '2190-03-15');"
    "INSERT INTO session (race_id, season, kind, date) SELECT id, season, 'race', date FROM race WHERE season = 2190;"
    "INSERT INTO revision (session_id, season, number, known_at, source, digest, row_count)"
    " SELECT id, season, 1, now(), 'test', '', 3 FROM session WHERE season = 2190;"
    "INSERT INTO entry (season, race_id, driver_id, constructor_id) SELECT 2190, r, d, c FROM (VALUES"
    " ('2190-one', 'elo-a', 'elo-red'), ('2190-one', 'elo-b', 'elo-blue'), ('2190-one', 'elo-c', 'elo-red'),"
    " ('2190-two', 'elo-a', 'elo-red'), ('2190-two', 'elo-b', 'elo-blue'),"
    " ('2190-three', 'elo-a', 'elo-red'), ('2190-three', 'elo-b', 'elo-red'), ('2190-three', 'elo-c', 'elo-blue'),"
    " ('2190-three', 'elo-a', 'elo-blue'), ('2190-three', 'null', 'elo-blue')) AS e (r, d, c);"
    "INSERT INTO result (season, session_id, revision, line, entry_id, position, position_text, points, status)"
    " SELECT 2190, s.id, 1, v.line, e.id, v.position, v.shown, 0, 'x' FROM (VALUES"
    " ('2190-one', 'elo-a', 'elo-red', 1, 1, '1'), ('2190-one', 'elo-b', 'elo-blue', 2, 2, '2'),"
    " ('2190-one', 'elo-c', 'elo-red', 3, 3, 'R'), ('2190-two', 'elo-b', 'elo-blue', 1, 1, '1'),"
    " ('2190-two', 'elo-a', 'elo-red', 2, 2, '2'), ('2190-three', 'elo-a', 'elo-red', 1, 1, '1'),"
    " ('2190-three', 'elo-b', 'elo-red', 2, 1, '1'), ('2190-three', 'elo-c', 'elo-blue', 3, 3, '3'),"
    " ('2190-three', 'elo-a', 'elo-blue', 4, 4, 'R'), ('2190-three', 'null', 'elo-blue', 5, 5, 'W'))"
    " AS v (race, driver, constructor, line, position, shown) JOIN session s ON s.race_id = v.race"
    " JOIN entry e ON (e.race_id, e.driver_id, e.constructor_id) = (v.race, v.driver, v.constructor)";

static f1_elo_counts_t refresh(void)
{
    f1_elo_counts_t counts;

    f1_assert_ok(f1_elo_refresh(f1_test_conn(), &counts, f1_test_pool(), f1_test_result()), f1_test_result());
    return counts;
}

static const char *elos(const char *race)
{
    return f1_test_sql(apr_pstrcat(f1_test_pool(), "SELECT driver_id, elo FROM f1board.driver_rating WHERE race_id = '",
                                   race, "' ORDER BY driver_id", NULL));
}

/* Worked out by hand: E(1516, 1500) = 0.52301, so the favourite loses 16.736 points in the second race. */
static void ratings_follow_races(void **state)
{
    f1_elo_counts_t counts;

    (void)state;
    f1_test_sql(season);
    counts = refresh();
    assert_true(counts.races >= 3);
    assert_true(counts.drivers >= 8);
    assert_string_equal(elos("2190-one"), "elo-a|1516.000\nelo-b|1500.000\nelo-c|1484.000");
    assert_string_equal(elos("2190-two"), "elo-a|1499.264\nelo-b|1516.736");
    assert_string_equal(elos("2190-three"), "elo-a|1507.314\nelo-b|1523.583\nelo-c|1469.103");
    assert_string_equal(f1_test_sql("SELECT constructor_id, elo FROM f1board.constructor_rating"
                                    " WHERE race_id = '2190-one' ORDER BY constructor_id"),
                        "elo-blue|1484.000\nelo-red|1516.000");
    assert_string_equal(f1_test_sql("SELECT elo FROM f1board.driver_rankings WHERE driver_id = 'elo-b'"), "1523.583");
}

static void unchanged_writes_nothing(void **state)
{
    f1_elo_counts_t counts = refresh();

    (void)state;
    assert_int_equal(counts.drivers, 0);
    assert_int_equal(counts.constructors, 0);
}

static void change_moves_what_follows(void **state)
{
    f1_elo_counts_t counts;

    (void)state;
    f1_test_sql("UPDATE f1board.result r SET position = 3 - position, position_text = 3 - position, line = line + 10"
                " FROM f1board.session s WHERE s.id = r.session_id AND s.race_id = '2190-two'");
    counts = refresh();
    assert_int_equal(counts.drivers, 5); /* two of the race, three of the next; the race before stays */
    assert_string_equal(elos("2190-two"), "elo-a|1531.264\nelo-b|1484.736");
}

static void rating_without_start_goes(void **state)
{
    (void)state;
    f1_test_sql("UPDATE f1board.result r SET position_text = 'W' FROM f1board.session s, f1board.entry e"
                " WHERE s.id = r.session_id AND e.id = r.entry_id AND s.race_id = '2190-three'"
                " AND e.driver_id = 'elo-c'");
    refresh();
    assert_string_equal(
        f1_test_sql("SELECT driver_id FROM f1board.driver_rating WHERE race_id = '2190-three' ORDER BY 1"),
        "elo-a\nelo-b");
}

static void what_one_wins_others_lose(void **state)
{
    (void)state;
    assert_string_equal(f1_test_sql("SELECT abs(avg(elo) - 1500) < 0.01 FROM f1board.driver_rankings"
                                    " WHERE driver_id IN (SELECT driver_id FROM f1board.driver_rating)"),
                        "t");
}

static void transaction_is_whole(void **state)
{
    f1_result_t *res = f1_test_result();

    (void)state;
    f1_test_sql("ALTER TABLE f1board.constructor_rating ADD CONSTRAINT elo_broken CHECK (elo > 100000) NOT VALID");
    f1_test_sql("UPDATE f1board.result r SET position = 1, position_text = '1' FROM f1board.session s, f1board.entry e"
                " WHERE s.id = r.session_id AND e.id = r.entry_id AND s.race_id = '2190-three'"
                " AND e.driver_id = 'elo-c'");
    assert_int_not_equal(f1_elo_refresh(f1_test_conn(), NULL, f1_test_pool(), res), APR_SUCCESS);
    f1_test_sql("ALTER TABLE f1board.constructor_rating DROP CONSTRAINT elo_broken");
    assert_string_equal(f1_test_sql("SELECT count(*) FROM f1board.driver_rating WHERE race_id = '2190-three'"), "2");
    f1_result_clear(res);
    assert_true(refresh().drivers > 0);
    assert_string_equal(f1_test_sql("SELECT count(*) FROM f1board.driver_rating WHERE race_id = '2190-three'"), "3");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        F1_TEST(ratings_follow_races),      F1_TEST(unchanged_writes_nothing),  F1_TEST(change_moves_what_follows),
        F1_TEST(rating_without_start_goes), F1_TEST(what_one_wins_others_lose), F1_TEST(transaction_is_whole),
    };

    return f1_test_run(tests);
}
