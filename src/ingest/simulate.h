/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_INGEST_SIMULATE_H
#define F1_INGEST_SIMULATE_H

/* Fictional seasons in the shape of a Jolpica-compatible upstream, for demonstrations without a network and for tests.
 * Circuits, teams and drivers are made up; nothing comes from real results. docs/simulator.md tells the model.
 *
 * The same options give the same bytes on every machine: all arithmetic is on integers, random numbers are our own.
 * A later now with the same seed and first season continues the same world: what has happened stays.
 *
 * Each document is a whole MRData answer (limit = total, offset 0) with two differences: "simulated": "true" in MRData,
 * and three more members in every Circuit, because nobody else knows these circuits: "length_km" ("5.213"),
 * "type" (street, permanent or road) and "time_zone" (IANA). Members without a truth (url, a pit stop's time of day)
 * are absent. "2030/4/weather" is an answer of Open-Meteo instead, with "simulated": true. A race that is called off
 * stands in the calendar until ten days before it, then it is gone and the rounds behind it move up, as upstream does
 * it. */

#include <apr_pools.h>
#include <apr_time.h>
#include <jansson.h>

#include "base/result.h"

#define F1_SIM_SEASONS_MAX 20

typedef struct f1_sim_options_t {
    apr_uint64_t seed;
    apr_time_t now;     /* the last season is under way then; years 1970 to 2199 */
    int seasons;        /* how many, the last being that of now: 1 to F1_SIM_SEASONS_MAX */
} f1_sim_options_t;

/* Takes one document. path: relative, without extension, "2030/4/results". */
typedef apr_status_t f1_sim_write_t(void *baton, const char *path, const char *data, size_t len, f1_result_t *res);

/* Writes all documents; the first failure of write ends it. */
apr_status_t f1_simulate(const f1_sim_options_t *options, f1_sim_write_t *write, void *baton, apr_pool_t *pool,
                         f1_result_t *res);

/* What the results follow from, for judging predictions: per season the pace of cars, drivers and their fit to each
 * circuit, all in millionths of a lap (less is faster), and the spread of everything random. */
json_t *f1_sim_strengths(const f1_sim_options_t *options, apr_pool_t *pool);

#endif
