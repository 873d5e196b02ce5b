/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_INGEST_CALENDAR_H
#define F1_INGEST_CALENDAR_H

/* Which race of a published calendar is which of the races we know. Round numbers, dates and venues move, so none of
 * them identifies a race by itself; see f1_calendar_match for what does. */

#include <apr_pools.h>

typedef struct f1_calendar_race_t {
    int round;                  /* 0: none */
    const char *name, *circuit, *date;
    const char *id;             /* known ones have it; published ones get it, NULL: new */
    int has_data;               /* known: results or qualifying of it are stored */
    int matched;                /* known: is in the published calendar */
} f1_calendar_race_t;

/* Gives each published race the id of a known one that is not yet taken:
 * 1. one of the same name (the nearest in time, if there are several),
 * 2. else one at the same circuit (the nearest),
 * 3. else the one with the same round number, if it is at most ten days away. */
void f1_calendar_match(f1_calendar_race_t *published, int published_count, f1_calendar_race_t *known, int known_count);

#endif
