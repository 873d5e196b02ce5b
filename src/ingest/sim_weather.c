/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Weather of simulated races, as Open-Meteo would tell it. Temperatures follow latitude and season; seven races in ten
 * are dry, and in one of ten it never stops raining. Nobody drives otherwise for it. */

#include "ingest/simulate_int.h"

#include <stdlib.h>

#define HOUR apr_time_from_sec(3600)
#define HOURS_BEFORE 6
#define HOURS 13
#define DRY_PERCENT 70
#define SHOWERS_PERCENT 20 /* rain for an hour, in the middle or at either end of the race */

/* Everything in tenths: of °C, mm, km/h. */
typedef struct day_t {
    int temperature, wind;
    int rain_from, rain_to; /* hours after that of the start, the latter not included */
} day_t;

/* What is usual there at that time of the year. */
static int usual_temperature(const f1_sim_circuit_t *circuit, apr_time_t at)
{
    int latitude = (int)strtol(circuit->latitude, NULL, 10), away = abs(latitude), from_summer;
    apr_time_exp_t day;

    if (apr_time_exp_gmt(&day, at) != APR_SUCCESS) {
        return 0;
    }
    from_summer = 91 - abs(day.tm_yday - 200);
    return 280 - away * away * 75 / 1000 + (latitude < 0 ? -1 : 1) * from_summer * (20 + away * 2) / 91;
}

static day_t make_day(const f1_sim_world_t *world, int year, const f1_sim_slot_t *slot)
{
    f1_rng_t rng = f1_rng_make(world->seed, F1_SIM_WEATHER, year, slot->circuit, 0);
    day_t day = {.rain_from = HOURS, .rain_to = HOURS};
    int sky = f1_rng_below(&rng, 100);

    day.temperature = usual_temperature(&f1_sim_circuits[slot->circuit], slot->start) + f1_rng_normal(&rng, 30);
    day.wind = 20 + f1_rng_below(&rng, 220);
    if (sky >= DRY_PERCENT + SHOWERS_PERCENT) {
        day.rain_from = -HOURS_BEFORE;
    }
    else if (sky >= DRY_PERCENT) {
        day.rain_from = f1_rng_below(&rng, 2);
        day.rain_to = day.rain_from + 1;
    }
    return day;
}

static json_t *tenths(int number)
{
    return json_real(number / 10.0);
}

json_t *f1_sim_weather_json(const f1_sim_world_t *world, int year, const f1_sim_slot_t *slot)
{
    f1_rng_t rng = f1_rng_make(world->seed, F1_SIM_WEATHER, year, slot->circuit, 1);
    json_t *times = json_array(), *temperatures = json_array(), *amounts = json_array(), *speeds = json_array();
    day_t day = make_day(world, year, slot);
    apr_time_t start = slot->start - slot->start % HOUR;
    int hour;

    for (hour = -HOURS_BEFORE; hour < HOURS - HOURS_BEFORE; hour++) {
        int wind = day.wind + f1_rng_normal(&rng, 15), amount = 4 + f1_rng_below(&rng, 30);
        /* what fell in the hour before */
        int is_wet = hour > day.rain_from && hour <= day.rain_to;

        (void)json_array_append_new(times, json_integer(apr_time_sec(start + hour * HOUR)));
        (void)json_array_append_new(temperatures, tenths(day.temperature - 6 * abs(hour - 1)));
        (void)json_array_append_new(amounts, tenths(is_wet ? amount : 0));
        (void)json_array_append_new(speeds, tenths(wind > 0 ? wind : 0));
    }
    return json_pack("{s:b, s:{s:s, s:s, s:s, s:s}, s:{s:o, s:o, s:o, s:o}}", "simulated", 1, "hourly_units", "time",
                     "unixtime", "temperature_2m", "°C", "precipitation", "mm", "wind_speed_10m", "km/h", "hourly",
                     "time", times, "temperature_2m", temperatures, "precipitation", amounts, "wind_speed_10m", speeds);
}
