/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_ML_ELO_H
#define F1_ML_ELO_H

/* Elo ratings of drivers and constructors, race by race since the first season.
 *
 * A race is a match of each starter against each other one, weighted so that a race moves a rating by no more than a
 * single match would: a rating changes by K/(n-1) times the sum of (score - expectation), the score being 1 for the
 * better placed, 1/2 each for a shared place. What one wins the others lose. Everybody starts at the base.
 *
 * Who did not start (withdrawn, not qualified) is left out; who retired has the place that was published. A driver who
 * stands twice counts with his best line, and a constructor with its best car, however many it entered. Sprints do not
 * count. */

#include <apr_pools.h>

#include "base/result.h"
#include "db/conn.h"

#define F1_ELO_BASE 1500.0
#define F1_ELO_K 32.0

/* The score that a may expect against b: 1/2 for equals, 10/11 for 400 points more. */
double f1_elo_expected(double a, double b);

/* What a race changes. ranks: smaller is better, equal is a draw. changes, ratings and ranks have count members. */
void f1_elo_changes(double *changes, const double *ratings, const int *ranks, int count);

typedef struct f1_elo_counts_t {
    int races;
    long drivers, constructors;     /* ratings (one per race and starter) that were not there like this before */
} f1_elo_counts_t;

/* Computes all ratings anew from the current results and writes those that differ, then refreshes the rankings, all in
 * one transaction. To be called after results changed; concurrent calls wait for each other. counts may be NULL. */
apr_status_t f1_elo_refresh(f1_conn_t *conn, f1_elo_counts_t *counts, apr_pool_t *pool, f1_result_t *res);

#endif
