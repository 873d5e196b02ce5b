/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Weather services' answers. Every number has a range that weather has had on Earth, with a margin: what lies outside
 * is in other units, or no measurement. */

#include "ingest/weather_parse.h"

#include <math.h>
#include <string.h>

#include <apr_strings.h>

#include "base/json.h"

#define HOUR apr_time_from_sec(3600)
#define KMH_OF_MS 3.6
#define OWM_HOURS 3 /* that an entry of a forecast is for, those before its time */

/* An answer that is being read. */
typedef struct reading_t {
    f1_weather_answer_t *answer;
    const char *name;
    f1_result_t *res;
} reading_t;

typedef struct range_t {
    const char *name, *unit;
    double min, max;
} range_t;

static const range_t temperatures = {"temperature_2m", "°C", -60, 60};
static const range_t amounts = {"precipitation", "mm", 0, 500};
static const range_t speeds = {"wind_speed_10m", "km/h", 0, 500};
static const range_t probabilities = {"precipitation_probability", "%", 0, 100};

static apr_status_t refuse(const reading_t *reading, const char *what)
{
    return f1_result_fail(reading->res, F1_E_BAD_DATA, APR_EGENERAL, "%s: %s", reading->name, what);
}

static const f1_weather_hour_t *last_hour(const reading_t *reading)
{
    const apr_array_header_t *hours = reading->answer->hours;

    return hours->nelts ? &APR_ARRAY_IDX(hours, hours->nelts - 1, f1_weather_hour_t) : NULL;
}

/* A number in its range times factor, or NaN where there is none; 0 when it is something else. */
static int read_number(const reading_t *reading, const json_t *value, const range_t *range, double factor,
                       double *pnumber)
{
    double number = json_number_value(value) * factor;

    if (!value || json_is_null(value)) {
        *pnumber = NAN;
        return 1;
    }
    if (!json_is_number(value) || number < range->min || number > range->max) {
        (void)f1_result_fail(reading->res, F1_E_BAD_DATA, APR_EGENERAL, "%s: %s should be from %g to %g %s",
                             reading->name, range->name, range->min, range->max, range->unit);
        return 0;
    }
    *pnumber = number;
    return 1;
}

/* A time in seconds that lies in the years 1940 to 2199; 0 when it is something else. */
static int read_time(const json_t *value, apr_time_t *ptime)
{
    json_int_t seconds = json_integer_value(value);

    if (!json_is_integer(value) || seconds < -946771200 || seconds >= APR_INT64_C(7258118400)) {
        return 0;
    }
    *ptime = apr_time_from_sec(seconds);
    return 1;
}

static int percent(double number)
{
    return isnan(number) ? -1 : (int)lround(number);
}

/* --- Open-Meteo: {"hourly_units": {…}, "hourly": {"time": […], "temperature_2m": […], …}} */

typedef struct columns_t {
    const json_t *times, *temperatures, *amounts, *speeds, *probabilities;
    size_t count;
} columns_t;

/* Sets *pcolumn to the column of that name, which is as long as the times and in the unit that it should be; NULL where
 * an optional one is not there. */
static apr_status_t find_column(const reading_t *reading, const json_t *document, const range_t *range, size_t count,
                                int is_optional, const json_t **pcolumn)
{
    const char *unit = f1_json_str(f1_json_object(document, "hourly_units"), range->name);

    *pcolumn = f1_json_array(f1_json_object(document, "hourly"), range->name);
    if (is_optional && !*pcolumn) {
        return APR_SUCCESS;
    }
    if (json_array_size(*pcolumn) != count || !unit || strcmp(unit, range->unit) != 0) {
        return f1_result_fail(reading->res, F1_E_BAD_DATA, APR_EGENERAL,
                              "%s: %s should be in %s, with a value for each time", reading->name, range->name,
                              range->unit);
    }
    return APR_SUCCESS;
}

static apr_status_t find_columns(const reading_t *reading, const json_t *document, columns_t *columns)
{
    columns->times = f1_json_array(f1_json_object(document, "hourly"), "time");
    columns->count = json_array_size(columns->times);
    if (!columns->times || columns->count > F1_WEATHER_HOURS_MAX) {
        return refuse(reading, "hourly should have an array of at most 1000 times");
    }
    if (find_column(reading, document, &temperatures, columns->count, 0, &columns->temperatures) != APR_SUCCESS ||
        find_column(reading, document, &amounts, columns->count, 0, &columns->amounts) != APR_SUCCESS ||
        find_column(reading, document, &speeds, columns->count, 0, &columns->speeds) != APR_SUCCESS) {
        return reading->res->rv;
    }
    return find_column(reading, document, &probabilities, columns->count, 1, &columns->probabilities);
}

/* What fell in an hour, and how probable that is, stands at the hour's end: the next place. */
static apr_status_t read_hour(const reading_t *reading, const columns_t *columns, size_t i)
{
    const f1_weather_hour_t *last = last_hour(reading);
    f1_weather_hour_t hour;
    double probability;

    if (!read_time(json_array_get(columns->times, i), &hour.at) || hour.at % HOUR ||
        (last && hour.at != last->at + HOUR)) {
        return refuse(reading, "time should be full hours in seconds, one after the other");
    }
    if (read_number(reading, json_array_get(columns->temperatures, i), &temperatures, 1, &hour.temperature) &&
        read_number(reading, json_array_get(columns->speeds, i), &speeds, 1, &hour.wind) &&
        read_number(reading, json_array_get(columns->amounts, i + 1), &amounts, 1, &hour.precipitation) &&
        read_number(reading, json_array_get(columns->probabilities, i + 1), &probabilities, 1, &probability)) {
        hour.rain_probability = percent(probability);
        APR_ARRAY_PUSH(reading->answer->hours, f1_weather_hour_t) = hour;
    }
    return reading->res->rv;
}

static apr_status_t read_open_meteo(const reading_t *reading, const json_t *document)
{
    columns_t columns;
    size_t i;

    if (find_columns(reading, document, &columns) != APR_SUCCESS) {
        return reading->res->rv;
    }
    for (i = 0; i < columns.count && reading->res->error == F1_E_OK; i++) {
        (void)read_hour(reading, &columns, i);
    }
    reading->answer->is_simulated = json_is_true(json_object_get(document, "simulated"));
    return reading->res->rv;
}

/* --- OpenWeatherMap: {"dt": 1722168000, "main": {"temp": …}, "wind": {"speed": …}, "rain": {"3h": …}, "pop": …} */

/* Rain and snow of so many hours; what is not told of did not fall. */
static int read_fallen(const reading_t *reading, const json_t *entry, const char *span, double *psum)
{
    static const char *const kinds[] = {"rain", "snow"};
    double amount;
    size_t i;

    *psum = 0;
    for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        const json_t *value = json_object_get(f1_json_object(entry, kinds[i]), span);

        if (!read_number(reading, value, &amounts, 1, &amount)) {
            return 0;
        }
        *psum += isnan(amount) ? 0 : amount;
    }
    return 1;
}

/* An entry as the hour before its time. */
static apr_status_t read_entry(const reading_t *reading, const json_t *entry, const char *span, f1_weather_hour_t *hour)
{
    static const range_t pops = {"pop", "", 0, 1};
    const json_t *temperature = json_object_get(f1_json_object(entry, "main"), "temp");
    const json_t *wind = json_object_get(f1_json_object(entry, "wind"), "speed");
    double pop;

    if (!read_time(json_object_get(entry, "dt"), &hour->at)) {
        return refuse(reading, "dt should be a time in seconds");
    }
    if (read_number(reading, temperature, &temperatures, 1, &hour->temperature) &&
        read_number(reading, wind, &speeds, KMH_OF_MS, &hour->wind) &&
        read_fallen(reading, entry, span, &hour->precipitation) &&
        read_number(reading, json_object_get(entry, "pop"), &pops, 1, &pop)) {
        hour->rain_probability = percent(pop * 100);
    }
    return reading->res->rv;
}

static apr_status_t read_forecast_entry(const reading_t *reading, const json_t *entry)
{
    const f1_weather_hour_t *last = last_hour(reading);
    f1_weather_hour_t hour;
    apr_time_t until;

    if (read_entry(reading, entry, "3h", &hour) != APR_SUCCESS) {
        return reading->res->rv;
    }
    until = hour.at - hour.at % HOUR;
    if (last && last->at >= until - OWM_HOURS * HOUR) {
        return refuse(reading, "dt should be three hours after the one before");
    }
    hour.precipitation /= OWM_HOURS;
    for (hour.at = until - OWM_HOURS * HOUR; hour.at < until; hour.at += HOUR) {
        APR_ARRAY_PUSH(reading->answer->hours, f1_weather_hour_t) = hour;
    }
    return APR_SUCCESS;
}

static apr_status_t read_owm_forecast(const reading_t *reading, const json_t *document)
{
    const json_t *list = f1_json_array(document, "list");
    size_t i;

    if (!list || json_array_size(list) > F1_WEATHER_HOURS_MAX / OWM_HOURS) {
        return refuse(reading, "list should be an array of at most 333 entries");
    }
    for (i = 0; i < json_array_size(list) && reading->res->error == F1_E_OK; i++) {
        (void)read_forecast_entry(reading, json_array_get(list, i));
    }
    return reading->res->rv;
}

/* Most of the hour before lies in the one that is half an hour ago. */
static apr_status_t read_owm_current(const reading_t *reading, const json_t *document)
{
    f1_weather_hour_t hour;

    if (read_entry(reading, document, "1h", &hour) == APR_SUCCESS) {
        hour.at -= HOUR / 2;
        hour.at -= hour.at % HOUR;
        APR_ARRAY_PUSH(reading->answer->hours, f1_weather_hour_t) = hour;
    }
    return reading->res->rv;
}

apr_status_t f1_weather_read(f1_weather_answer_t *answer, f1_weather_format_t format, const char *name,
                             const char *body, size_t len, apr_pool_t *pool, f1_result_t *res)
{
    static apr_status_t (*const readers[])(const reading_t *, const json_t *) = {
        [F1_WEATHER_OPEN_METEO] = read_open_meteo,
        [F1_WEATHER_OWM_FORECAST] = read_owm_forecast,
        [F1_WEATHER_OWM_CURRENT] = read_owm_current,
    };
    const reading_t reading = {answer, name, res};
    json_t *document;

    answer->hours = apr_array_make(pool, 48, sizeof(f1_weather_hour_t));
    answer->is_simulated = 0;
    if (f1_json_parse(&document, body, len, F1_E_BAD_DATA, pool, res) != APR_SUCCESS) {
        res->detail = apr_psprintf(res->pool, "%s: %s", name, res->detail);
        return res->rv;
    }
    return readers[format](&reading, document);
}
