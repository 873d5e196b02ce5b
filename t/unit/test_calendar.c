/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Which race is which when a calendar changes. */

#include "f1_test.h"
#include "ingest/calendar.h"

#define KNOWN(id_, round_, name_, circuit_, date_)                                              \
    {                                                                                           \
        .id = (id_), .round = (round_), .name = (name_), .circuit = (circuit_), .date = (date_) \
    }
#define PUBLISHED(round_, name_, circuit_, date_) KNOWN(NULL, round_, name_, circuit_, date_)

static void names_survive_new_rounds_and_venues(void **state)
{
    f1_calendar_race_t known[] = {KNOWN("a", 1, "Salt Grand Prix", "salt", "2101-03-06"),
                                  KNOWN("b", 2, "Fen Grand Prix", "fen", "2101-03-20"),
                                  KNOWN("c", 3, "Moor Grand Prix", "moor", "2101-04-03")};
    f1_calendar_race_t published[] = {PUBLISHED(1, "Fen Grand Prix", "moor", "2101-03-20"),
                                      PUBLISHED(2, "Moor Grand Prix", "salt", "2101-04-03")};

    (void)state;
    f1_calendar_match(published, 2, known, 3);
    assert_string_equal(published[0].id, "b");
    assert_string_equal(published[1].id, "c");
    assert_false(known[0].matched);
}

static void circuits_survive_new_names(void **state)
{
    f1_calendar_race_t known[] = {KNOWN("first", 1, "Salt Grand Prix", "salt", "2101-03-06"),
                                  KNOWN("second", 2, "Second Salt Grand Prix", "salt", "2101-08-06")};
    f1_calendar_race_t published[] = {PUBLISHED(1, "Utopian Grand Prix", "salt", "2101-08-01"),
                                      PUBLISHED(2, "Other Grand Prix", "salt", "2101-03-01")};

    (void)state;
    f1_calendar_match(published, 2, known, 2);
    assert_string_equal(published[0].id, "second");
    assert_string_equal(published[1].id, "first");
}

static void rounds_count_only_nearby(void **state)
{
    f1_calendar_race_t known[] = {KNOWN("a", 1, "Salt Grand Prix", "salt", "2101-03-06"),
                                  KNOWN("b", 2, "Fen Grand Prix", "fen", "2101-03-20")};
    f1_calendar_race_t published[] = {PUBLISHED(1, "New Grand Prix", "heath", "2101-03-13"),
                                      PUBLISHED(2, "Late Grand Prix", "hill", "2101-09-20")};

    (void)state;
    f1_calendar_match(published, 2, known, 2);
    assert_string_equal(published[0].id, "a");
    assert_null(published[1].id);
    assert_false(known[1].matched);
}

static void names_that_stand_twice_go_by_date(void **state)
{
    f1_calendar_race_t known[] = {KNOWN("spring", 1, "Salt Grand Prix", "salt", "2101-03-06"),
                                  KNOWN("autumn", 2, "Salt Grand Prix", "salt", "2101-10-06")};
    f1_calendar_race_t published[] = {PUBLISHED(1, "Salt Grand Prix", "salt", "2101-10-13"),
                                      PUBLISHED(2, "Salt Grand Prix", "salt", "2101-03-13"),
                                      PUBLISHED(3, "Salt Grand Prix", "salt", "2101-12-01")};

    (void)state;
    f1_calendar_match(published, 3, known, 2);
    assert_string_equal(published[0].id, "autumn");
    assert_string_equal(published[1].id, "spring");
    assert_null(published[2].id);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        F1_TEST(names_survive_new_rounds_and_venues),
        F1_TEST(circuits_survive_new_names),
        F1_TEST(rounds_count_only_nearby),
        F1_TEST(names_that_stand_twice_go_by_date),
    };

    return f1_test_run(tests);
}
