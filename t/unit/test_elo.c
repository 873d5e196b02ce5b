/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* The Elo formula. */

#include <math.h>

#include "f1_test.h"
#include "ml/elo.h"

#define CARS 20

static void assert_near(double value, double expected)
{
    if (fabs(value - expected) > 1e-9) {
        fail_msg("%.12f is not %.12f", value, expected);
    }
}

static void expectation(void **state)
{
    (void)state;
    assert_near(f1_elo_expected(1500, 1500), 0.5);
    assert_near(f1_elo_expected(1900, 1500), 10.0 / 11.0);
    assert_near(f1_elo_expected(1500, 1900), 1.0 / 11.0);
    assert_near(f1_elo_expected(1600, 1500) + f1_elo_expected(1500, 1600), 1.0);
}

/* Among equals the winner gains what a won match gives, the last loses as much, and places between are in steps. */
static void equals(void **state)
{
    double ratings[CARS], changes[CARS], sum = 0;
    int ranks[CARS];

    (void)state;
    for (int i = 0; i < CARS; i++) {
        ratings[i] = F1_ELO_BASE;
        ranks[i] = i + 1;
    }
    f1_elo_changes(changes, ratings, ranks, CARS);
    assert_near(changes[0], F1_ELO_K / 2);
    assert_near(changes[CARS - 1], -F1_ELO_K / 2);
    for (int i = 0; i < CARS; i++) {
        assert_near(changes[i], F1_ELO_K / 2 - i * F1_ELO_K / (CARS - 1));
        sum += changes[i];
    }
    assert_near(sum, 0);
}

static void winner_gains_last_loses(void **state)
{
    const double ratings[] = {2100, 1300, 1500, 1700};
    const int ranks[] = {1, 2, 3, 4};
    double changes[4];

    (void)state;
    f1_elo_changes(changes, ratings, ranks, 4);
    assert_true(changes[0] > 0);
    assert_true(changes[3] < 0);
    assert_true(changes[1] > changes[0]); /* nobody expected it of him */
    assert_true(changes[0] < F1_ELO_K && changes[3] > -F1_ELO_K);
    assert_near(changes[0] + changes[1] + changes[2] + changes[3], 0);
}

static void two_are_a_match(void **state)
{
    const double ratings[] = {1500, 1900};
    const int won[] = {7, 9}, drawn[] = {3, 3};
    double changes[2];

    (void)state;
    f1_elo_changes(changes, ratings, won, 2);
    assert_near(changes[0], 32.0 * 10.0 / 11.0);
    assert_near(changes[1], -32.0 * 10.0 / 11.0);
    f1_elo_changes(changes, ratings, drawn, 2);
    assert_near(changes[0], 32.0 * (0.5 - 1.0 / 11.0));
    assert_near(changes[1], -32.0 * (0.5 - 1.0 / 11.0));
}

/* Shared drives: both stand first, and neither beats the other. */
static void shared_places_are_draws(void **state)
{
    const double ratings[] = {1500, 1500, 1500};
    const int ranks[] = {1, 1, 3};
    double changes[3];

    (void)state;
    f1_elo_changes(changes, ratings, ranks, 3);
    assert_near(changes[0], 8);
    assert_near(changes[1], 8);
    assert_near(changes[2], -16);
}

static void alone_nothing_changes(void **state)
{
    const double rating = 1612;
    const int rank = 1;
    double change = 99;

    (void)state;
    f1_elo_changes(&change, &rating, &rank, 1);
    assert_near(change, 0);
    f1_elo_changes(NULL, NULL, NULL, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        F1_TEST(expectation),
        F1_TEST(equals),
        F1_TEST(winner_gains_last_loses),
        F1_TEST(two_are_a_match),
        F1_TEST(shared_places_are_draws),
        F1_TEST(alone_nothing_changes),
    };

    return f1_test_run(tests);
}
