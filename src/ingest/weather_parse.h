/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_INGEST_WEATHER_PARSE_H
#define F1_INGEST_WEATHER_PARSE_H

/* Answers of weather services as hours in one set of units, whatever they were in: °C, mm, km/h. Services tell of an
 * hour when it is over; here it is named by its beginning. */

#include <apr_tables.h>
#include <apr_time.h>

#include "base/result.h"

typedef enum {
    F1_WEATHER_OPEN_METEO,          /* columns by the hour, times as seconds, units as asked for */
    F1_WEATHER_OWM_FORECAST,        /* OpenWeatherMap: every three hours, metric */
    F1_WEATHER_OWM_CURRENT          /* OpenWeatherMap: the hour before now */
} f1_weather_format_t;

typedef struct f1_weather_hour_t {
    apr_time_t at;                  /* its beginning, on the full hour */
    double temperature, precipitation, wind;    /* NaN: not known */
    int rain_probability;           /* percent; -1: not known */
} f1_weather_hour_t;

#define F1_WEATHER_HOURS_MAX 1000

typedef struct f1_weather_answer_t {
    apr_array_header_t *hours;      /* of f1_weather_hour_t, ascending */
    int is_simulated;               /* it says so of itself */
} f1_weather_answer_t;

/* F1_E_BAD_DATA: the answer is not what it should be; name says in the message what it was. */
apr_status_t f1_weather_read(f1_weather_answer_t *answer, f1_weather_format_t format, const char *name,
                             const char *body, size_t len, apr_pool_t *pool, f1_result_t *res);

#endif
