/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_INGEST_WEATHER_H
#define F1_INGEST_WEATHER_H

/* Weather of races from a service: forecasts of coming ones, again and again as they near, and what the weather of past
 * ones was. A race is one request; what it answered is stored at once. Races of which OpenF1 measured the weather are
 * left alone.
 *
 * A service's base URL may be another server that answers as it does, or (Open-Meteo) file:///DIR with
 * SEASON/ROUND/weather.json; a missing file is no answer. */

#include "ingest/ergast.h"
#include "ingest/feed.h"

#define F1_WEATHER_OFF "off"
#define F1_WEATHER_USUAL "open-meteo"

/* How many races a run asks for that nobody named. */
#define F1_WEATHER_MOST 20

/* Whom to ask. */
typedef struct f1_weather_access_t {
    const char *service;            /* "open-meteo", "openweathermap"; NULL: F1_WEATHER_USUAL */
    const char *url;                /* instead of the service's own; NULL: that */
    const char *key;                /* for OpenWeatherMap; told to it alone */
} f1_weather_access_t;

typedef struct f1_weather_t {
    f1_weather_access_t access;
    f1_feed_options_t feed;         /* url and usual are set here */
    int season, round;              /* all races of a season, or one; 0: those that are due */
    const char *race;               /* or the one of this id; NULL: none */
    int again;                      /* of a season: also races whose weather was observed */
    f1_conn_t *conn;
    /* as in f1_ingest_t */
    void (*progress)(void *baton, int done, int total, const char *next);
    int (*is_stopping)(void *baton);
    void *baton;
} f1_weather_t;

/* Report as of f1_ingest, but run is NULL where there was nothing to ask for. Failures: as of f1_ingest; also
 * F1_E_BAD_REQUEST where service, key or URL cannot be. An answer that is refused does not keep other races from being
 * asked for; the first failure is told at the end. */
apr_status_t f1_weather_ingest(const f1_weather_t *weather, f1_ingest_report_t *report, apr_pool_t *pool,
                               f1_result_t *res);

/* Whether this may be asked, or off: F1_E_BAD_REQUEST where there is no such service, or it lacks its key. */
apr_status_t f1_weather_check(const f1_weather_access_t *access, f1_result_t *res);

/* The key in a file that others may not read: letters and digits. */
apr_status_t f1_weather_key_read(const char **pkey, const char *file, apr_pool_t *pool, f1_result_t *res);

#endif
