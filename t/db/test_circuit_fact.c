/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* The facts about circuits, from migrations and from simulated upstreams: complete, plausible, and in zones that
 * PostgreSQL knows. */

#include "f1_test.h"
#include "db/query.h"
#include "gen/statements.h"

static void zones_exist(void **state)
{
    (void)state;
    assert_string_equal(f1_test_sql("SELECT circuit_id, time_zone FROM f1board.circuit_fact"
                                    " WHERE time_zone NOT IN (SELECT name FROM pg_timezone_names)"),
                        "");
}

static void facts_are_complete(void **state)
{
    (void)state;
    assert_string_equal(f1_test_sql("SELECT count(*) >= 77 FROM f1board.circuit_fact"), "t");
    assert_string_equal(f1_test_sql("SELECT circuit_id FROM f1board.circuit_fact WHERE type IS NULL"), "");
    assert_string_equal(f1_test_sql("SELECT circuit_id FROM f1board.circuit_fact WHERE length_km IS NULL"
                                    " OR length_km NOT BETWEEN 3 AND 26"),
                        "");
}

/* Winter and summer on both sides of the equator. */
static void local_times(void **state)
{
    (void)state;
    assert_string_equal(f1_test_sql("SELECT f1board.local_time('2024-03-24T04:00:00Z', time_zone)"
                                    " FROM f1board.circuit_fact WHERE circuit_id = 'albert_park'"),
                        "2024-03-24T15:00:00+11:00");
    assert_string_equal(f1_test_sql("SELECT f1board.local_time('2024-07-28T13:00:00Z', time_zone)"
                                    " FROM f1board.circuit_fact WHERE circuit_id = 'spa'"),
                        "2024-07-28T15:00:00+02:00");
    assert_string_equal(f1_test_sql("SELECT f1board.local_time('2024-11-24T06:00:00Z', time_zone)"
                                    " FROM f1board.circuit_fact WHERE circuit_id = 'vegas'"),
                        "2024-11-23T22:00:00-08:00");
}

static void load_circuits(const char *rows)
{
    f1_result_t *res = f1_test_result();

    f1_assert_ok(f1_query(f1_test_conn(), &f1_stmt_ingest_circuits, &rows, NULL, f1_test_pool(), res), res);
}

static void simulated_circuits_bring_their_own(void **state)
{
    (void)state;
    assert_string_equal(f1_test_sql("SELECT c.id FROM circuit c LEFT JOIN circuit_fact f ON f.circuit_id = c.id"
                                    " WHERE f.type IS NULL OR f.length_km IS NULL OR f.time_zone IS NULL"),
                        "");
    assert_string_equal(f1_test_sql("SELECT length_km, type, time_zone FROM circuit_fact WHERE circuit_id = 'krakow'"),
                        "5.011|permanent|Europe/Warsaw");
}

/* A zone that PostgreSQL does not know would fail every query about its circuit. */
static void what_upstream_says_cannot_do_harm(void **state)
{
    (void)state;
    load_circuits(
        "[{\"id\": \"a\", \"name\": \"A\", \"length_km\": 5, \"type\": \"road\", \"time_zone\": \"Moon/Tycho\"},"
        " {\"id\": \"b\", \"name\": \"B\", \"length_km\": 5, \"type\": \"oval\", \"time_zone\": \"Asia/Tokyo\"},"
        " {\"id\": \"c\", \"name\": \"C\", \"length_km\": 5, \"type\": \"road\", \"time_zone\": \"Asia/Tokyo\"},"
        " {\"id\": \"spa\", \"name\": \"S\", \"length_km\": 9, \"type\": \"road\", \"time_zone\": \"Asia/Tokyo\"}]");
    assert_string_equal(f1_test_sql("SELECT string_agg(id, '' ORDER BY id) FROM circuit WHERE length(id) = 1"), "abc");
    assert_string_equal(f1_test_sql("SELECT circuit_id, time_zone FROM circuit_fact WHERE length(circuit_id) = 1"),
                        "c|Asia/Tokyo");
    assert_string_equal(f1_test_sql("SELECT time_zone FROM circuit_fact WHERE circuit_id = 'spa'"), "Europe/Brussels");
}

int main(void)
{
    const struct CMUnitTest tests[] = {F1_TEST(zones_exist), F1_TEST(facts_are_complete), F1_TEST(local_times),
                                       F1_TEST(simulated_circuits_bring_their_own),
                                       F1_TEST(what_upstream_says_cannot_do_harm)};

    return f1_test_run(tests);
}
