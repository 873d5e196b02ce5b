/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_INGEST_ERGAST_H
#define F1_INGEST_ERGAST_H

/* Ingestion from an Ergast-compatible upstream. Each step fetches and checks everything it needs first and loads it
 * then, so nothing is stored of a step that failed, and no transaction is open while upstream is waited for.
 * Standings are a step of their own: results do not wait for them. */

#include "db/conn.h"
#include "ingest/load.h"
#include "ingest/source.h"

typedef enum {
    F1_INGEST_SEASON,               /* first: calendar, entry lists, all classifications, standings of every round */
    F1_INGEST_SEASONS,              /* first to last, with as few requests as will do: see standings.h */
    F1_INGEST_RACE,                 /* first, round: with laps and pit stops; standings from there on if it changed */
    F1_INGEST_QUALIFYING,           /* first, round */
    F1_INGEST_DRIVERS,              /* first: drivers and constructors; works before the season begins */
    F1_INGEST_STANDINGS,            /* first: after every round of which there are results here */
    F1_INGEST_CURRENT               /* the season by the clock; laps, pit stops and standings of what changed */
} f1_ingest_what_t;

typedef struct f1_ingest_t {
    f1_ingest_what_t what;
    int first, last, round;
    int laps, pitstops;             /* seasons: of every race too */
    int restart;                    /* do not resume */
    f1_source_t *source;
    f1_conn_t *conn;
    /* done of total steps, and what comes next; may be NULL */
    void (*progress)(void *baton, int done, int total, const char *next);
    /* asked between requests; may be NULL */
    int (*is_stopping)(void *baton);
    void *baton;
} f1_ingest_t;

typedef struct f1_ingest_report_t {
    const char *command;            /* "season 2024": how the run is called in the book */
    const char *run, *resumes;      /* ids; NULL: none */
    int requests;
    int has_changed;                /* some row of the database is another now */
    f1_loaded_t counts[F1_LOADED_KINDS];
    apr_interval_time_t load_took;
} f1_ingest_report_t;

/* Fills report also when it fails. F1_E_NOT_FOUND: upstream has nothing of what was asked for. F1_E_UPSTREAM and
 * F1_E_BAD_DATA: upstream's fault; what was stored before is untouched. F1_E_UNAVAILABLE with APR_EINTR: stopped. */
apr_status_t f1_ingest(const f1_ingest_t *ingest, f1_ingest_report_t *report, apr_pool_t *pool, f1_result_t *res);

#endif
