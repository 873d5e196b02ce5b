/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef FAKE_UPSTREAM_H
#define FAKE_UPSTREAM_H

/* An upstream that lives in the test program: lists of rows, answered page by page, with faults on demand. Everything
 * in it is fictional, and far from the simulated seasons of the database. Lists are those of Ergast's paths:
 * "2101/races", "2101/2/results". */

#include <apr_hash.h>
#include <jansson.h>

#include "ingest/ergast.h"

typedef struct fake_t {
    f1_source_t source;
    apr_hash_t *lists; /* path to json_t array of rows with season and round */
    const char *fail_path; /* asked for: fails, or says body */
    int fail_at; /* offset */
    int fail_times; /* -1: always */
    const char *fail_body; /* NULL: F1_E_UPSTREAM */
    int shrink; /* after so many more answers a row of fail_path goes */
    int asked; /* of fail_path */
} fake_t;

fake_t *fake_make(void);

/* The list of a path, to be changed; a row of results has its round beside it. */
json_t *fake_list(fake_t *fake, const char *path);

/* A row of a list; of a round's if round is given. */
json_t *fake_row(fake_t *fake, int season, int round, const char *resource, int index);
void fake_set(json_t *row, const char *name, const char *value);

void fake_append(fake_t *fake, const char *path, json_t *row);
void fake_append_row(fake_t *fake, int season, int round, const char *resource, json_t *row);

void fake_add_race(fake_t *fake, int season, int round, const char *name, const char *circuit, const char *date);
json_t *fake_driver(const char *id);
json_t *fake_team(const char *id);

/* resource: results or sprint. place "R": retired */
void fake_add_result(fake_t *fake, const char *resource, int season, int round, const char *who, const char *place,
                     const char *points);
void fake_add_qualifying(fake_t *fake, int season, int round, const char *who, const char *place, const char *q1);
void fake_add_standing(fake_t *fake, int season, int round, const char *who, const char *place, const char *points,
                       const char *wins);
void fake_add_team_standing(fake_t *fake, int season, int round, const char *points, const char *wins);

/* Two races of three drivers, both won by t_ada, and a third to come. */
void fake_add_season(fake_t *fake, int season);

/* Ingests from it: what, and season and round, or the first and the last season. */
extern f1_ingest_report_t fake_report;
void fake_ingest_ok(fake_t *fake, f1_ingest_what_t what, int first, int second);
void fake_ingest_refused(fake_t *fake, f1_ingest_what_t what, int first, int second, const char *why);

/* The current lines of a race: "1 t_ada 1 25, 2 t_bo …". */
const char *fake_results(int season, int round);

#endif
