/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Standings computed from results: sums, count-back, and when they are certain to be what upstream publishes. */

#include <string.h>

#include <apr_strings.h>

#include "f1_test.h"
#include "ingest/standings.h"

static void add(f1_ergast_rows_t *rows, f1_row_kind_t kind, int round, const char *const *values)
{
    f1_row_t row = {2101, round, values};

    APR_ARRAY_PUSH(rows->rows[kind], f1_row_t) = row;
}

/* "driver team place points", place R: retired */
static void result(f1_ergast_rows_t *rows, f1_row_kind_t kind, int round, const char *text)
{
    const char **values = apr_pcalloc(rows->pool, sizeof(char *) * F1_ROW_MAX_COLUMNS);
    char **words;

    assert_int_equal(apr_tokenize_to_argv(text, &words, rows->pool), APR_SUCCESS);
    values[F1_ENTRY_DRIVER] = words[0];
    values[F1_ENTRY_CONSTRUCTOR] = words[1];
    values[F1_ENTRY_POSITION] = *words[2] == 'R' ? "9" : words[2];
    values[F1_RESULT_POSITION_TEXT] = words[2];
    values[F1_RESULT_POINTS] = words[3];
    add(rows, kind, round, values);
}

/* "id place points wins constructors", place -: unranked */
static void published(f1_ergast_rows_t *rows, f1_row_kind_t kind, int round, const char *text)
{
    const char **values = apr_pcalloc(rows->pool, sizeof(char *) * F1_ROW_MAX_COLUMNS);
    char **words;

    assert_int_equal(apr_tokenize_to_argv(text, &words, rows->pool), APR_SUCCESS);
    values[F1_STANDING_ID] = words[0];
    values[F1_STANDING_POSITION] = *words[1] == '-' ? NULL : words[1];
    values[F1_STANDING_POSITION_TEXT] = words[1];
    values[F1_STANDING_POINTS] = words[2];
    values[F1_STANDING_WINS] = words[3];
    values[F1_STANDING_CONSTRUCTORS] = words[4];
    add(rows, kind, round, values);
}

static const char *list(f1_standings_t *standings, f1_row_kind_t kind, int round)
{
    f1_ergast_rows_t *rows = f1_ergast_rows_make(f1_test_pool());
    const char *text = "";
    int i;

    f1_standings_add(standings, kind, round, rows);
    for (i = 0; i < f1_ergast_rows_count(rows, kind); i++) {
        const char *const *values = f1_ergast_row(rows, kind, i)->values;

        text = apr_psprintf(f1_test_pool(), "%s%s%s %s %s %s%s%s", text, i ? "; " : "",
                            values[F1_STANDING_POSITION_TEXT], values[F1_STANDING_ID], values[F1_STANDING_POINTS],
                            values[F1_STANDING_WINS], values[F1_STANDING_CONSTRUCTORS] ? " " : "",
                            values[F1_STANDING_CONSTRUCTORS] ? values[F1_STANDING_CONSTRUCTORS] : "");
    }
    return text;
}

/* Two rounds and a sprint; after the second ada has 25 + 0.5, bo 18.14, cy and di nothing, di never classified. */
static f1_ergast_rows_t *season(void)
{
    f1_ergast_rows_t *rows = f1_ergast_rows_make(f1_test_pool());

    result(rows, F1_ROW_RESULT, 1, "ada kite 1 25");
    result(rows, F1_ROW_RESULT, 1, "bo fox 2 18");
    result(rows, F1_ROW_RESULT, 1, "cy kite 3 0");
    result(rows, F1_ROW_RESULT, 1, "di fox R 0");
    result(rows, F1_ROW_SPRINT, 2, "bo elk 1 0.14");
    result(rows, F1_ROW_RESULT, 2, "ada kite 2 0.5");
    result(rows, F1_ROW_RESULT, 2, "cy kite R 0");
    return rows;
}

static void points_are_summed_exactly(void **state)
{
    f1_standings_t *standings = f1_standings_make(2101, season(), f1_test_pool());

    (void)state;
    assert_int_equal(f1_standings_rounds(standings)->nelts, 2);
    assert_string_equal(list(standings, F1_ROW_DRIVER_STANDING, 1),
                        "1 ada 25 1 {kite}; 2 bo 18 0 {fox}; 3 cy 0 0 {kite}; - di 0 0 {fox}");
    assert_string_equal(list(standings, F1_ROW_DRIVER_STANDING, 2),
                        "1 ada 25.5 1 {kite}; 2 bo 18.14 0 {fox,elk}; 3 cy 0 0 {kite}; - di 0 0 {fox}");
    assert_string_equal(list(standings, F1_ROW_CONSTRUCTOR_STANDING, 2), "1 kite 25.5 1; 2 fox 18 0; 3 elk 0.14 0");
}

/* Without points: by the best results, then by where retirements were put, whoever came first in the season. */
static void the_unranked_stand_in_order_of_results(void **state)
{
    f1_ergast_rows_t *rows = f1_ergast_rows_make(f1_test_pool()), *lists = f1_ergast_rows_make(f1_test_pool());
    f1_standings_t *standings;

    (void)state;
    result(rows, F1_ROW_RESULT, 1, "ada kite 1 10");
    result(rows, F1_ROW_RESULT, 1, "bo fox 7 0");
    result(rows, F1_ROW_RESULT, 1, "cy elk 8 0");
    result(rows, F1_ROW_RESULT, 1, "di owl R 0");
    result(rows, F1_ROW_RESULT, 1, "eve yak R 0");
    result(rows, F1_ROW_RESULT, 2, "cy elk 7 0");
    result(rows, F1_ROW_RESULT, 2, "eve yak R 0");
    published(lists, F1_ROW_DRIVER_STANDING, 2, "ada 1 10 1 {kite}");
    published(lists, F1_ROW_DRIVER_STANDING, 2, "bo - 0 0 {fox}");
    published(lists, F1_ROW_DRIVER_STANDING, 2, "cy - 0 0 {elk}");
    published(lists, F1_ROW_DRIVER_STANDING, 2, "di - 0 0 {owl}");
    published(lists, F1_ROW_DRIVER_STANDING, 2, "eve - 0 0 {yak}");
    standings = f1_standings_make(2101, rows, f1_test_pool());
    f1_standings_learn(standings, F1_ROW_DRIVER_STANDING, 2, lists);
    assert_string_equal(list(standings, F1_ROW_DRIVER_STANDING, 1),
                        "1 ada 10 1 {kite}; - bo 0 0 {fox}; - cy 0 0 {elk}; - di 0 0 {owl}; - eve 0 0 {yak}");
    assert_string_equal(list(standings, F1_ROW_DRIVER_STANDING, 2),
                        "1 ada 10 1 {kite}; - cy 0 0 {elk}; - bo 0 0 {fox}; - eve 0 0 {yak}; - di 0 0 {owl}");
}

/* Only a list that agrees makes the others certain; whether who has no points is ranked, it must tell. */
static void certainty_needs_evidence(void **state)
{
    f1_standings_t *standings = f1_standings_make(2101, season(), f1_test_pool());
    f1_ergast_rows_t *lists = f1_ergast_rows_make(f1_test_pool());

    (void)state;
    assert_false(f1_standings_is_certain(standings, F1_ROW_DRIVER_STANDING, 1));
    published(lists, F1_ROW_DRIVER_STANDING, 2, "ada 1 25.50 1 {kite}");
    published(lists, F1_ROW_DRIVER_STANDING, 2, "bo 2 18.14 0 {fox,elk}");
    published(lists, F1_ROW_DRIVER_STANDING, 2, "cy - 0 0 {kite}");
    published(lists, F1_ROW_DRIVER_STANDING, 2, "di - 0 0 {fox}");
    f1_standings_learn(standings, F1_ROW_DRIVER_STANDING, 2, lists);
    assert_false(f1_standings_is_refuted(standings, F1_ROW_DRIVER_STANDING));
    assert_true(f1_standings_is_certain(standings, F1_ROW_DRIVER_STANDING, 1));
    assert_string_equal(list(standings, F1_ROW_DRIVER_STANDING, 1),
                        "1 ada 25 1 {kite}; 2 bo 18 0 {fox}; - cy 0 0 {kite}; - di 0 0 {fox}");
}

static void other_points_refute(void **state)
{
    static const char *const wrong[] = {"bo 2 18.13 0 {fox,elk}", "bo 2 18.14 1 {fox,elk}", "bo 3 18.14 0 {fox,elk}",
                                        "bo 2 18.14 0 {elk,fox}", "eve 2 18.14 0 {fox,elk}"};
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        f1_standings_t *standings = f1_standings_make(2101, season(), f1_test_pool());
        f1_ergast_rows_t *lists = f1_ergast_rows_make(f1_test_pool());

        published(lists, F1_ROW_DRIVER_STANDING, 2, "ada 1 25.5 1 {kite}");
        published(lists, F1_ROW_DRIVER_STANDING, 2, wrong[i]);
        published(lists, F1_ROW_DRIVER_STANDING, 2, "cy 3 0 0 {kite}");
        published(lists, F1_ROW_DRIVER_STANDING, 2, "di - 0 0 {fox}");
        f1_standings_learn(standings, F1_ROW_DRIVER_STANDING, 2, lists);
        assert_true(f1_standings_is_refuted(standings, F1_ROW_DRIVER_STANDING));
        assert_false(f1_standings_is_certain(standings, F1_ROW_DRIVER_STANDING, 1));
    }
}

/* Who is level with points is in doubt, for drivers always, for constructors until 1999. */
static void level_entrants_are_in_doubt(void **state)
{
    f1_ergast_rows_t *rows = f1_ergast_rows_make(f1_test_pool()), *lists = f1_ergast_rows_make(f1_test_pool());
    f1_standings_t *modern, *old;

    (void)state;
    result(rows, F1_ROW_RESULT, 1, "ada kite 1 10");
    result(rows, F1_ROW_RESULT, 1, "bo fox 2 10");
    result(rows, F1_ROW_RESULT, 2, "ada kite 1 10");
    result(rows, F1_ROW_RESULT, 2, "bo fox 2 6");
    published(lists, F1_ROW_CONSTRUCTOR_STANDING, 2, "kite 1 20 2 {}");
    published(lists, F1_ROW_CONSTRUCTOR_STANDING, 2, "fox 2 16 0 {}");
    published(lists, F1_ROW_DRIVER_STANDING, 1, "ada 1 10 1 {kite}");
    published(lists, F1_ROW_DRIVER_STANDING, 1, "bo 2 10 0 {fox}");
    modern = f1_standings_make(2101, rows, f1_test_pool());
    f1_standings_learn(modern, F1_ROW_DRIVER_STANDING, 1, lists);
    assert_false(f1_standings_is_certain(modern, F1_ROW_DRIVER_STANDING, 1));
    assert_true(f1_standings_is_certain(modern, F1_ROW_DRIVER_STANDING, 2));
    f1_standings_learn(modern, F1_ROW_CONSTRUCTOR_STANDING, 2, lists);
    assert_true(f1_standings_is_certain(modern, F1_ROW_CONSTRUCTOR_STANDING, 1));
    old = f1_standings_make(1995, rows, f1_test_pool());
    f1_standings_learn(old, F1_ROW_CONSTRUCTOR_STANDING, 2, lists);
    assert_false(f1_standings_is_certain(old, F1_ROW_CONSTRUCTOR_STANDING, 1));
    assert_false(
        f1_standings_is_certain(f1_standings_make(1990, rows, f1_test_pool()), F1_ROW_CONSTRUCTOR_STANDING, 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        F1_TEST(points_are_summed_exactly),   F1_TEST(the_unranked_stand_in_order_of_results),
        F1_TEST(certainty_needs_evidence),    F1_TEST(other_points_refute),
        F1_TEST(level_entrants_are_in_doubt),
    };

    return f1_test_run(tests);
}
