/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_INGEST_LOAD_H
#define F1_INGEST_LOAD_H

/* From checked rows to the database. Every function here is one transaction: all of it happens, or nothing. The rows of
 * a kind go over as one JSON array and are taken apart by one statement, however many there are. What is equal to what
 * is stored writes nothing. */

#include <apr_tables.h>

#include "db/conn.h"
#include "ingest/ergast_parse.h"

/* What a load counts: X(symbol, name). */
#define F1_LOADED(X)                                                                                                   \
    X(SEASON, "seasons")                                                                                               \
    X(CIRCUIT, "circuits")                                                                                             \
    X(DRIVER, "drivers")                                                                                               \
    X(CONSTRUCTOR, "constructors")                                                                                     \
    X(RACE, "races")                                                                                                   \
    X(SESSION, "sessions")                                                                                             \
    X(RESULT, "results")                                                                                               \
    X(SPRINT, "sprint_results")                                                                                        \
    X(QUALIFYING, "qualifying_results")                                                                                \
    X(LAP, "laps")                                                                                                     \
    X(PIT_STOP, "pit_stops")                                                                                           \
    X(DRIVER_STANDING, "driver_standings")                                                                             \
    X(CONSTRUCTOR_STANDING, "constructor_standings")                                                                   \
    X(OPENF1_MEETINGS, "openf1_meetings")                                                                              \
    X(OPENF1_SESSIONS, "openf1_sessions")                                                                              \
    X(OPENF1_DRIVERS, "openf1_drivers")                                                                                \
    X(OPENF1_POSITION, "openf1_position")                                                                              \
    X(OPENF1_INTERVALS, "openf1_intervals")                                                                            \
    X(OPENF1_LAPS, "openf1_laps")                                                                                      \
    X(OPENF1_PIT, "openf1_pit")                                                                                        \
    X(OPENF1_STINTS, "openf1_stints")                                                                                  \
    X(OPENF1_RACE_CONTROL, "openf1_race_control")                                                                      \
    X(OPENF1_WEATHER, "openf1_weather")                                                                                \
    X(OPENF1_OVERTAKES, "openf1_overtakes")                                                                            \
    X(OPENF1_SESSION_RESULT, "openf1_session_result")                                                                  \
    X(OPENF1_STARTING_GRID, "openf1_starting_grid")                                                                    \
    X(OPENF1_TEAM_RADIO, "openf1_team_radio")                                                                          \
    X(OPENF1_CHAMPIONSHIP_DRIVERS, "openf1_championship_drivers")                                                      \
    X(OPENF1_CHAMPIONSHIP_TEAMS, "openf1_championship_teams")                                                          \
    X(OPENF1_CAR_DATA, "openf1_car_data")                                                                              \
    X(OPENF1_LOCATION, "openf1_location")                                                                              \
    X(WEATHER, "weather")

typedef enum {
#define F1_LOADED_ENUM(symbol, name) F1_LOADED_##symbol,
    F1_LOADED(F1_LOADED_ENUM)
#undef F1_LOADED_ENUM
    F1_LOADED_KINDS
} f1_loaded_kind_t;

typedef struct f1_loaded_t {
    int seen, inserted, changed, removed;
} f1_loaded_t;

const char *f1_loaded_name(f1_loaded_kind_t kind);

typedef struct f1_load_t {
    f1_conn_t *conn;
    const char *source;             /* of revisions: "ergast", "simulator" */
    const char *run;                /* id of the run, or NULL */
    apr_time_t asked_at;            /* by the clock: upstream was not asked before. 0: just now */
    f1_loaded_t counts[F1_LOADED_KINDS];
    apr_interval_time_t took;       /* in the database, all loads together */
} f1_load_t;

/* What rows of a season are all there is. */
typedef enum {
    F1_LOAD_WHOLE_CALENDAR = 1,     /* races not among the rows are no longer in the calendar */
    F1_LOAD_WHOLE_RESULTS = 2,      /* there are no results but these; what upstream lost stays, with a warning */
    F1_LOAD_WHOLE_ENTRY_LIST = 4    /* drivers and constructors not among the rows do not take part */
} f1_load_scope_t;

/* A season, its calendar, who takes part, and every classification there are rows of. step: done with it, or NULL.
 * Sets *pchanged: rounds (ascending, of int) whose classification is new or another. */
apr_status_t f1_load_season(f1_load_t *load, int season, const f1_ergast_rows_t *rows, int scope, const char *step,
                            apr_array_header_t **pchanged, apr_pool_t *pool, f1_result_t *res);

/* Drivers, constructors and seasons that belong to no season in particular. */
apr_status_t f1_load_entities(f1_load_t *load, const f1_ergast_rows_t *rows, apr_pool_t *pool, f1_result_t *res);

/* Laps (F1_ROW_LAP) or pit stops (F1_ROW_PIT_STOP) of a race. */
apr_status_t f1_load_timings(f1_load_t *load, int season, int round, f1_row_kind_t kind, const f1_ergast_rows_t *rows,
                             apr_pool_t *pool, f1_result_t *res);

/* Standings after the given rounds (of int). computed: rows that did not come from upstream, or NULL. */
apr_status_t f1_load_standings(f1_load_t *load, int season, const apr_array_header_t *rounds,
                               const f1_ergast_rows_t *rows, const f1_ergast_rows_t *computed, const char *step,
                               apr_pool_t *pool, f1_result_t *res);

#endif
