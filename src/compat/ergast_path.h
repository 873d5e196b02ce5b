/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_COMPAT_ERGAST_PATH_H
#define F1_COMPAT_ERGAST_PATH_H

/* The path grammar of the Ergast API as its successor has it:
 *
 *     [ season [ / round ] ] ( / filter / value )* / endpoint [ / value ] ( "/" | ".json" )
 *
 * A season is a year or "current", a round a number, "last" or "next". Of a filter that is repeated the last one
 * counts. The value at the end belongs to the endpoint: drivers/alonso, results/1. Without an endpoint the races are
 * meant. Case does not matter; values stay as they were asked. Nothing here knows any data. */

#include <apr_pools.h>

/* X(symbol, name) */
#define F1_ERGAST_ENDPOINTS(X)                                                                                         \
    X(SEASONS, "seasons")                                                                                              \
    X(CIRCUITS, "circuits")                                                                                            \
    X(RACES, "races")                                                                                                  \
    X(CONSTRUCTORS, "constructors")                                                                                    \
    X(DRIVERS, "drivers")                                                                                              \
    X(RESULTS, "results")                                                                                              \
    X(SPRINT, "sprint")                                                                                                \
    X(QUALIFYING, "qualifying")                                                                                        \
    X(PITSTOPS, "pitstops")                                                                                            \
    X(LAPS, "laps")                                                                                                    \
    X(DRIVER_STANDINGS, "driverstandings")                                                                             \
    X(CONSTRUCTOR_STANDINGS, "constructorstandings")                                                                   \
    X(STATUS, "status")

typedef enum {
#define F1_ERGAST_ENDPOINT_ENUM(symbol, name) F1_ERGAST_##symbol,
    F1_ERGAST_ENDPOINTS(F1_ERGAST_ENDPOINT_ENUM)
#undef F1_ERGAST_ENDPOINT_ENUM
} f1_ergast_endpoint_t;

/* What an answer can be narrowed by. Number is the value at the end of sprint, qualifying and both standings (a place)
 * and of pitstops (a stop), for which there is no filter. */
typedef enum {
    F1_ERGAST_SEASON,
    F1_ERGAST_ROUND,
    F1_ERGAST_CIRCUIT,
    F1_ERGAST_CONSTRUCTOR,
    F1_ERGAST_DRIVER,
    F1_ERGAST_GRID,
    F1_ERGAST_POSITION,
    F1_ERGAST_FASTEST,
    F1_ERGAST_STATUS_ID,
    F1_ERGAST_LAP,
    F1_ERGAST_NUMBER,
    F1_ERGAST_CRITERIA
} f1_ergast_criterion_t;

typedef enum {
    F1_ERGAST_OK,
    F1_ERGAST_NOT_FOUND,
    F1_ERGAST_REDIRECT,     /* to the same with a slash behind it */
    F1_ERGAST_NO_FINAL,     /* this and the next: the path is fine, but the endpoint cannot be asked so */
    F1_ERGAST_NEEDS_SEASON,
    F1_ERGAST_NEEDS_ROUND,
    F1_ERGAST_UNSUPPORTED
} f1_ergast_verdict_t;

typedef struct f1_ergast_path_t {
    f1_ergast_endpoint_t endpoint;
    const char *criteria[F1_ERGAST_CRITERIA];   /* as asked, but words ("last") in lower case; NULL: not asked */
} f1_ergast_path_t;

/* Reads what follows the base, "/2023/5/results.json", decoded UTF-8. */
f1_ergast_verdict_t f1_ergast_path_read(f1_ergast_path_t *path, const char *text, apr_pool_t *pool);

#endif
