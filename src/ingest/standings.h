/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_INGEST_STANDINGS_H
#define F1_INGEST_STANDINGS_H

/* Championship standings computed from results, for the rounds where that gives what upstream publishes.
 *
 * Upstream's standings are the truth: points are taken away by stewards, and who is level is placed by rules that
 * changed over time and were not always followed. But asking for two lists after every round of the whole history
 * would be more requests than all else together. So the last list of a season is always asked for, others as needed,
 * and what they say is held against four conventions: entrants without points are unranked, or only those who were
 * never classified are; who is level shares a place, or is placed by count-back of results. A list is certain when
 * every convention that agrees with all lists seen so far gives the same list, in which nobody with points is level
 * (constructors since 2000 may be: count-back has always held for them). Before 1991 only the best results of a season
 * counted, and nothing is certain. */

#include "ingest/ergast_parse.h"

typedef struct f1_standings_t f1_standings_t;

#define F1_STANDINGS_FIRST 1991         /* first season in which every result counts */

/* rows: results and sprints of one season; must outlive what is made. */
f1_standings_t *f1_standings_make(int season, const f1_ergast_rows_t *rows, apr_pool_t *pool);

/* Rounds with results, ascending, of int. */
const apr_array_header_t *f1_standings_rounds(const f1_standings_t *standings);

/* kind, here and below: F1_ROW_DRIVER_STANDING or F1_ROW_CONSTRUCTOR_STANDING. Takes note of a published list, which
 * stands among the rows. What it says of drivers is evidence for constructors that are asked about later. */
void f1_standings_learn(f1_standings_t *standings, f1_row_kind_t kind, int round, const f1_ergast_rows_t *published);

/* Whether every convention was refuted: then nothing is certain, and was not before. */
int f1_standings_is_refuted(const f1_standings_t *standings, f1_row_kind_t kind);

int f1_standings_is_certain(f1_standings_t *standings, f1_row_kind_t kind, int round);

/* Adds the list after a round, by the conventions that are left. */
void f1_standings_add(f1_standings_t *standings, f1_row_kind_t kind, int round, f1_ergast_rows_t *computed);

#endif
