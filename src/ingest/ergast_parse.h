/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_INGEST_ERGAST_PARSE_H
#define F1_INGEST_ERGAST_PARSE_H

/* Answers of an Ergast-compatible upstream as typed, checked rows. A page is one answer: its envelope is checked when
 * it is read, its rows when they are taken out of it. Everything an answer can get wrong ends in F1_E_BAD_DATA, with
 * words that name the page and the field; nothing here does any input or output.
 *
 * A row is its values as canonical text, in the order of its kind's columns, ready for PostgreSQL. */

#include <jansson.h>
#include <apr_hash.h>
#include <apr_tables.h>

#include "base/result.h"

/* What upstream lists. */
typedef enum {
    F1_ERGAST_SEASONS,
    F1_ERGAST_DRIVERS,
    F1_ERGAST_CONSTRUCTORS,
    F1_ERGAST_RACES,
    F1_ERGAST_RESULTS,
    F1_ERGAST_SPRINT,
    F1_ERGAST_QUALIFYING,
    F1_ERGAST_LAPS,
    F1_ERGAST_PITSTOPS,
    F1_ERGAST_DRIVER_STANDINGS,
    F1_ERGAST_CONSTRUCTOR_STANDINGS,
    F1_ERGAST_RESOURCES
} f1_ergast_resource_t;

/* What we make of it. The season and round of a row stand beside its columns. */
typedef enum {
    F1_ROW_SEASON,
    F1_ROW_CIRCUIT,
    F1_ROW_DRIVER,
    F1_ROW_CONSTRUCTOR,
    F1_ROW_RACE,
    F1_ROW_SESSION,                 /* one per session that a race in the calendar names */
    F1_ROW_RESULT,
    F1_ROW_SPRINT,                  /* columns as F1_ROW_RESULT */
    F1_ROW_QUALIFYING,
    F1_ROW_LAP,
    F1_ROW_PIT_STOP,
    F1_ROW_DRIVER_STANDING,
    F1_ROW_CONSTRUCTOR_STANDING,
    F1_ROW_KINDS
} f1_row_kind_t;

/* Columns that C looks at; the rest is in the tables of ergast_parse.c. */
enum { F1_COL_ID };                                                 /* circuit, driver, constructor */
enum { F1_RACE_NAME, F1_RACE_CIRCUIT, F1_RACE_DATE };
enum { F1_SESSION_KIND };
/* race, sprint, qualifying */
enum { F1_ENTRY_DRIVER, F1_ENTRY_CONSTRUCTOR, F1_ENTRY_NUMBER, F1_ENTRY_POSITION, F1_RESULT_POSITION_TEXT,
       F1_RESULT_POINTS, F1_RESULT_TIME_MS, F1_RESULT_TIME_TEXT };
enum { F1_LAP_DRIVER };                                             /* lap, pit stop */
enum { F1_STANDING_ID, F1_STANDING_POSITION, F1_STANDING_POSITION_TEXT, F1_STANDING_POINTS, F1_STANDING_WINS,
       F1_STANDING_CONSTRUCTORS };

#define F1_ROW_MAX_COLUMNS 18

typedef struct f1_row_t {
    int season, round;              /* 0 where the kind has none */
    const char *const *values;      /* NULL: SQL NULL */
} f1_row_t;

/* Rows of all kinds, gathered over pages and lists. */
typedef struct f1_ergast_rows_t {
    apr_pool_t *pool;
    apr_array_header_t *rows[F1_ROW_KINDS];     /* of f1_row_t */
    apr_hash_t *seen[F1_ROW_KINDS];             /* row as text, or id, to index + 1 */
} f1_ergast_rows_t;

f1_ergast_rows_t *f1_ergast_rows_make(apr_pool_t *pool);
/* Adds what is not there yet. more must live as long as rows. */
void f1_ergast_rows_merge(f1_ergast_rows_t *rows, const f1_ergast_rows_t *more);
int f1_ergast_rows_count(const f1_ergast_rows_t *rows, f1_row_kind_t kind);
const f1_row_t *f1_ergast_row(const f1_ergast_rows_t *rows, f1_row_kind_t kind, int i);

/* Column names in the order of values, NULL-terminated. */
const char *const *f1_ergast_columns(f1_row_kind_t kind);

/* Last part of the path: "results". */
const char *f1_ergast_resource_name(f1_ergast_resource_t resource);
/* The kind of row that a resource is about. */
f1_row_kind_t f1_ergast_resource_kind(f1_ergast_resource_t resource);

/* One answer. Items are what its table lists: drivers, races, standings lists. */
typedef struct f1_ergast_page_t {
    f1_ergast_resource_t resource;
    const char *name;               /* for messages: "2024/results at offset 100" */
    json_t *items;
    int limit, offset, total;
    int is_simulated;
} f1_ergast_page_t;

/* Reads an answer to name; season and round: what was asked for (0: all), which its table must repeat if it names any.
 * The page has to hold as many rows as its limit, offset and total promise. */
apr_status_t f1_ergast_page_read(f1_ergast_page_t *page, int season, int round, const char *body, size_t len,
                                 apr_pool_t *pool, f1_result_t *res);

/* The season an item belongs to, 0 where it has none. */
apr_status_t f1_ergast_item_season(const f1_ergast_page_t *page, int item, int *pseason, f1_result_t *res);

/* Adds an item's rows, and the drivers, constructors and circuits it describes. season and round as above. A row that
 * was added before is an error, because it means that upstream sent a page twice. */
apr_status_t f1_ergast_item_rows(const f1_ergast_page_t *page, int item, int season, int round,
                                 f1_ergast_rows_t *rows, f1_result_t *res);

/* "1:38:01.989", "+2.141", "25.885" in milliseconds; 0 when it is not a time between 1 ms and a week. */
apr_int64_t f1_ergast_time_ms(const char *text);

#endif
