/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Answers of weather services: which hour a number is of, what is not known, and what is refused with which words. */

#include <math.h>
#include <string.h>

#include <apr_strings.h>

#include "f1_test.h"
#include "base/clock.h"
#include "ingest/weather_parse.h"

#define UNITS                                                                                                         \
    "\"hourly_units\":{\"time\":\"unixtime\",\"temperature_2m\":\"°C\",\"precipitation\":\"mm\",\"wind_speed_10m\":" \
    "\"km/h\",\"precipitation_probability\":\"%\"}"
#define HOURS(times, temperatures, amounts, speeds, more)                                                      \
    "{" UNITS ",\"hourly\":{\"time\":" times ",\"temperature_2m\":" temperatures ",\"precipitation\":" amounts \
    ",\"wind_speed_10m\":" speeds more "}}"
/* 2024-07-28T12:00:00Z and on */
#define NOON "1722168000"
#define ONE "1722171600"
#define TWO "1722175200"

static apr_status_t read_as(f1_weather_answer_t *answer, f1_weather_format_t format, const char *body, f1_result_t *res)
{
    return f1_weather_read(answer, format, "weather of x", body, strlen(body), f1_test_pool(), res);
}

static f1_weather_answer_t taken(f1_weather_format_t format, const char *body)
{
    f1_result_t *res = f1_test_result();
    f1_weather_answer_t answer;

    f1_assert_ok(read_as(&answer, format, body, res), res);
    return answer;
}

static void refused(f1_weather_format_t format, const char *body, const char *why)
{
    f1_result_t *res = f1_result_make(f1_test_pool());
    f1_weather_answer_t answer;

    assert_int_not_equal(read_as(&answer, format, body, res), APR_SUCCESS);
    assert_int_equal(res->error, F1_E_BAD_DATA);
    if (!strstr(res->detail, why)) {
        fail_msg("'%s' is not in '%s'", why, res->detail);
    }
}

/* An hour as one text: "12:00 20.1 0.4 10.5 55". */
static void is_hour(const f1_weather_answer_t *answer, int i, const char *expected)
{
    const f1_weather_hour_t *hour;
    char at[F1_TIME_LEN];

    assert_true(i < answer->hours->nelts);
    hour = &APR_ARRAY_IDX(answer->hours, i, f1_weather_hour_t);
    assert_string_equal(apr_psprintf(f1_test_pool(), "%.5s %.1f %.1f %.1f %d", f1_time_format(at, hour->at) + 11,
                                     hour->temperature, hour->precipitation, hour->wind, hour->rain_probability),
                        expected);
}

static void what_fell_belongs_to_the_hour_before(void **state)
{
    f1_weather_answer_t answer =
        taken(F1_WEATHER_OPEN_METEO, HOURS("[" NOON "," ONE "," TWO "]", "[20.1,21,22.5]", "[9,0.4,0]", "[10.5,11,12]",
                                           ",\"precipitation_probability\":[1,55,3]"));

    (void)state;
    assert_int_equal(answer.hours->nelts, 3);
    is_hour(&answer, 0, "12:00 20.1 0.4 10.5 55");
    is_hour(&answer, 1, "13:00 21.0 0.0 11.0 3");
    /* the end of the last hour is not there */
    assert_true(isnan(APR_ARRAY_IDX(answer.hours, 2, f1_weather_hour_t).precipitation));
    assert_int_equal(APR_ARRAY_IDX(answer.hours, 2, f1_weather_hour_t).rain_probability, -1);
    assert_false(answer.is_simulated);
}

static void what_is_not_known_is_null(void **state)
{
    f1_weather_answer_t answer =
        taken(F1_WEATHER_OPEN_METEO, HOURS("[" NOON "," ONE "]", "[null,21]", "[0,null]", "[null,1]", ""));

    (void)state;
    assert_true(isnan(APR_ARRAY_IDX(answer.hours, 0, f1_weather_hour_t).temperature));
    assert_true(isnan(APR_ARRAY_IDX(answer.hours, 0, f1_weather_hour_t).precipitation));
    assert_true(isnan(APR_ARRAY_IDX(answer.hours, 0, f1_weather_hour_t).wind));
    assert_int_equal(taken(F1_WEATHER_OPEN_METEO, HOURS("[]", "[]", "[]", "[]", "")).hours->nelts, 0);
}

static void simulated_answers_say_so(void **state)
{
    (void)state;
    assert_true(taken(F1_WEATHER_OPEN_METEO,
                      "{\"simulated\":true," UNITS ",\"hourly\":{\"time\":[],\"temperature_2m\":[],"
                      "\"precipitation\":[],\"wind_speed_10m\":[]}}")
                    .is_simulated);
}

static void open_meteo_is_refused(void **state)
{
    static const struct {
        const char *body, *why;
    } cases[] = {
        {"", "weather of x"},
        {"[1", "weather of x"},
        {"[]", "hourly should have an array"},
        {"{\"error\":true,\"reason\":\"no\"}", "hourly should have an array"},
        {"{\"hourly\":{\"time\":{}}}", "hourly should have an array"},
        {"{\"hourly\":{\"time\":[]}}", "temperature_2m should be in °C"},
        {HOURS("[" NOON "]", "[1,2]", "[0]", "[0]", ""), "temperature_2m should be in °C, with a value for each time"},
        {HOURS("[" NOON "]", "[1]", "[]", "[0]", ""), "precipitation should be in mm, with a value for each time"},
        {HOURS("[" NOON "]", "[1]", "[0]", "0", ""), "wind_speed_10m should be in km/h, with a value"},
        {HOURS("[" NOON "]", "[1]", "[0]", "[0]", ",\"precipitation_probability\":[]"), "precipitation_probability"},
        {HOURS("[1722168001]", "[1]", "[0]", "[0]", ""), "time should be full hours"},
        {HOURS("[\"2024-07-28T12:00\"]", "[1]", "[0]", "[0]", ""), "time should be full hours"},
        {HOURS("[9223372036854775800]", "[1]", "[0]", "[0]", ""), "time should be full hours"},
        {HOURS("[-9000000000000]", "[1]", "[0]", "[0]", ""), "time should be full hours"},
        {HOURS("[" NOON "," NOON "]", "[1,1]", "[0,0]", "[0,0]", ""), "one after the other"},
        {HOURS("[" NOON "," TWO "]", "[1,1]", "[0,0]", "[0,0]", ""), "one after the other"},
        {HOURS("[" NOON "]", "[60.1]", "[0]", "[0]", ""), "temperature_2m should be from -60 to 60 °C"},
        {HOURS("[" NOON "]", "[\"20\"]", "[0]", "[0]", ""), "temperature_2m should be from"},
        {HOURS("[" NOON "]", "[1]", "[0]", "[1e300]", ""), "wind_speed_10m should be from 0 to 500 km/h"},
        {HOURS("[" NOON "," ONE "]", "[1,1]", "[0,-0.1]", "[1,1]", ""), "precipitation should be from 0 to 500 mm"},
        {HOURS("[" NOON "," ONE "]", "[1,1]", "[0,0]", "[1,1]", ",\"precipitation_probability\":[0,101]"), "to 100 %"},
        {"{\"hourly_units\":{\"temperature_2m\":\"°F\"},\"hourly\":{\"time\":[],\"temperature_2m\":[]}}", "in °C"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        refused(F1_WEATHER_OPEN_METEO, cases[i].body, cases[i].why);
    }
}

static void no_answer_is_too_long(void **state)
{
    char *times = apr_palloc(f1_test_pool(), 2 * F1_WEATHER_HOURS_MAX + 2);

    (void)state;
    for (int i = 0; i <= F1_WEATHER_HOURS_MAX; i++) {
        memcpy(times + 2 * i, "0,", 2);
    }
    times[2 * F1_WEATHER_HOURS_MAX + 1] = '\0';
    refused(F1_WEATHER_OPEN_METEO, apr_pstrcat(f1_test_pool(), "{\"hourly\":{\"time\":[", times, "]}}", NULL),
            "at most 1000 times");
}

#define ENTRY(dt, more) "{\"dt\":" dt ",\"main\":{\"temp\":20.5},\"wind\":{\"speed\":5}" more "}"

static void an_entry_is_three_hours(void **state)
{
    f1_weather_answer_t answer =
        taken(F1_WEATHER_OWM_FORECAST,
              "{\"list\":[" ENTRY("1722178800", ",\"rain\":{\"3h\":1.2},\"snow\":{\"3h\":0.3},\"pop\":0.71") "," ENTRY(
                  "1722189600", "") "]}");

    (void)state;
    assert_int_equal(answer.hours->nelts, 6);
    is_hour(&answer, 0, "12:00 20.5 0.5 18.0 71");
    is_hour(&answer, 2, "14:00 20.5 0.5 18.0 71");
    is_hour(&answer, 3, "15:00 20.5 0.0 18.0 -1");
}

static void now_is_the_hour_of_half_an_hour_ago(void **state)
{
    f1_weather_answer_t answer = taken(F1_WEATHER_OWM_CURRENT, ENTRY("1722170400", ",\"rain\":{\"1h\":0.4}"));

    (void)state; /* 12:40, and then 12:20 */
    is_hour(&answer, 0, "12:00 20.5 0.4 18.0 -1");
    answer = taken(F1_WEATHER_OWM_CURRENT, ENTRY("1722169200", ""));
    is_hour(&answer, 0, "11:00 20.5 0.0 18.0 -1");
}

static void openweathermap_is_refused(void **state)
{
    static const struct {
        const char *body, *why;
    } cases[] = {
        {"{\"cod\":401}", "list should be an array"},
        {"{\"list\":{}}", "list should be an array"},
        {"{\"list\":[1]}", "dt should be a time"},
        {"{\"list\":[" ENTRY("1e9", "") "]}", "dt should be a time"},
        {"{\"list\":[" ENTRY("1722178800", "") "," ENTRY("1722178800", "") "]}", "three hours after the one before"},
        {"{\"list\":[" ENTRY("1722178800", ",\"rain\":{\"3h\":\"1\"}") "]}", "precipitation should be"},
        {"{\"list\":[" ENTRY("1722178800", ",\"pop\":1.5") "]}", "pop should be from 0 to 1"},
        {"{\"list\":[{\"dt\":1722178800,\"main\":{\"temp\":293.6}}]}", "temperature_2m should be from"},
        {"{\"list\":[{\"dt\":1722178800,\"wind\":{\"speed\":139}}]}", "wind_speed_10m should be from"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        refused(F1_WEATHER_OWM_FORECAST, cases[i].body, cases[i].why);
    }
    refused(F1_WEATHER_OWM_CURRENT, "{\"cod\":401}", "dt should be a time");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        F1_TEST(what_fell_belongs_to_the_hour_before),
        F1_TEST(what_is_not_known_is_null),
        F1_TEST(simulated_answers_say_so),
        F1_TEST(open_meteo_is_refused),
        F1_TEST(no_answer_is_too_long),
        F1_TEST(an_entry_is_three_hours),
        F1_TEST(now_is_the_hour_of_half_an_hour_ago),
        F1_TEST(openweathermap_is_refused),
    };

    return f1_test_run(tests);
}
