/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Matching of calendars: three passes, the surest sign first, so that a weak sign never takes a race from a strong
 * one. Calendars have some twenty races. */

#include "ingest/calendar.h"

#include <limits.h>
#include <string.h>

#include <apr_time.h>

#include "base/clock.h"

#define SAME_ROUND_DAYS 10

typedef enum { BY_NAME, BY_CIRCUIT, BY_ROUND, PASSES } pass_t;

static int days_between(const char *one, const char *other)
{
    apr_time_t a = 0, b = 0;

    if (!f1_time_parse(one, &a) || !f1_time_parse(other, &b)) {
        return INT_MAX;
    }
    return (int)(apr_time_sec(a > b ? a - b : b - a) / 86400);
}

static int alike(const f1_calendar_race_t *race, const f1_calendar_race_t *known, pass_t pass)
{
    switch (pass) {
    case BY_NAME:
        return strcmp(race->name, known->name) == 0;
    case BY_CIRCUIT:
        return strcmp(race->circuit, known->circuit) == 0;
    default:
        return race->round == known->round && days_between(race->date, known->date) <= SAME_ROUND_DAYS;
    }
}

static f1_calendar_race_t *nearest(const f1_calendar_race_t *race, f1_calendar_race_t *known, int known_count,
                                   pass_t pass)
{
    f1_calendar_race_t *best = NULL;
    int i, days, best_days = INT_MAX;

    for (i = 0; i < known_count; i++) {
        days = days_between(race->date, known[i].date);
        if (!known[i].matched && alike(race, &known[i], pass) && (!best || days < best_days)) {
            best = &known[i];
            best_days = days;
        }
    }
    return best;
}

void f1_calendar_match(f1_calendar_race_t *published, int published_count, f1_calendar_race_t *known, int known_count)
{
    f1_calendar_race_t *found;
    int pass, i;

    for (pass = BY_NAME; pass < PASSES; pass++) {
        for (i = 0; i < published_count; i++) {
            found = published[i].id ? NULL : nearest(&published[i], known, known_count, (pass_t)pass);
            if (found) {
                published[i].id = found->id;
                found->matched = 1;
            }
        }
    }
}
