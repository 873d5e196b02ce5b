/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* The facts about circuits that migrations bring: complete, plausible, and in zones that PostgreSQL knows. */

#include "f1_test.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {F1_TEST(zones_exist), F1_TEST(facts_are_complete), F1_TEST(local_times)};

    return f1_test_run(tests);
}
