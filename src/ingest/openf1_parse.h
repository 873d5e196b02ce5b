/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_INGEST_OPENF1_PARSE_H
#define F1_INGEST_OPENF1_PARSE_H

/* Answers of an OpenF1-compatible upstream as rows ready for PostgreSQL: every member has a type, a range and a length,
 * every row belongs to what was asked for, and numbers and times have one spelling, so that equal answers are equal
 * bytes. */

#include <apr_tables.h>
#include <apr_time.h>

#include "base/result.h"
#include "base/str.h"

/* What upstream lists: X(symbol, name). Those from DRIVERS on belong to a session; the last two go by COPY. */
#define F1_OPENF1_LISTS_X(X)                                                                                           \
    X(MEETINGS, "meetings")                                                                                            \
    X(SESSIONS, "sessions")                                                                                            \
    X(DRIVERS, "drivers")                                                                                              \
    X(POSITION, "position")                                                                                            \
    X(INTERVALS, "intervals")                                                                                          \
    X(LAPS, "laps")                                                                                                    \
    X(PIT, "pit")                                                                                                      \
    X(STINTS, "stints")                                                                                                \
    X(RACE_CONTROL, "race_control")                                                                                    \
    X(WEATHER, "weather")                                                                                              \
    X(OVERTAKES, "overtakes")                                                                                          \
    X(SESSION_RESULT, "session_result")                                                                                \
    X(STARTING_GRID, "starting_grid")                                                                                  \
    X(TEAM_RADIO, "team_radio")                                                                                        \
    X(CHAMPIONSHIP_DRIVERS, "championship_drivers")                                                                    \
    X(CHAMPIONSHIP_TEAMS, "championship_teams")                                                                        \
    X(CAR_DATA, "car_data")                                                                                            \
    X(LOCATION, "location")

typedef enum {
#define F1_OPENF1_LIST_ENUM(symbol, name) F1_OPENF1_##symbol,
    F1_OPENF1_LISTS_X(F1_OPENF1_LIST_ENUM)
#undef F1_OPENF1_LIST_ENUM
    F1_OPENF1_LISTS
} f1_openf1_list_t;

const char *f1_openf1_list_name(f1_openf1_list_t list);

/* What was asked for; 0 where anything goes. A row of something else is an error, or passed over if others may be
 * there. */
typedef struct f1_openf1_scope_t {
    int year, meeting_key, session_key, driver;
    apr_time_t from, to;            /* of a row's date: from <= date < to; to 0: anything goes */
    int may_have_others;
} f1_openf1_scope_t;

/* What the next question is made of: a row's keys and times, 0 where it has none. */
typedef struct f1_openf1_key_t {
    int meeting_key, session_key, driver;
    apr_time_t start, end;
    int is_cancelled;
} f1_openf1_key_t;

typedef struct f1_openf1_rows_t {
    f1_openf1_list_t list;
    f1_buf_t text;                  /* JSON objects with commas between them; of the last two lists rows for COPY */
    int count;
    apr_array_header_t *keys;       /* of f1_openf1_key_t: meetings, sessions, drivers; else empty */
} f1_openf1_rows_t;

f1_openf1_rows_t *f1_openf1_rows_make(f1_openf1_list_t list, apr_pool_t *pool);

/* Adds an answer's rows. name: for messages, "laps of session 9839". scratch: for the document, which is as large as
 * the answer; may be cleared afterwards. F1_E_BAD_DATA where the answer is not what it should be. */
apr_status_t f1_openf1_rows_add(f1_openf1_rows_t *rows, const f1_openf1_scope_t *scope, const char *name,
                                const char *body, size_t len, apr_pool_t *scratch, f1_result_t *res);

#endif
