/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Answers of weather services, read in each format: what is taken are hours in their order, with numbers that weather
 * can have. */

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include <apr_general.h>

#include "ingest/weather_parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* NaN is between all. */
static void check_between(double number, double min, double max)
{
    if (number < min || number > max) {
        abort();
    }
}

static void check_hours(const f1_weather_answer_t *answer)
{
    int i;

    if (answer->hours->nelts > F1_WEATHER_HOURS_MAX) {
        abort();
    }
    for (i = 0; i < answer->hours->nelts; i++) {
        const f1_weather_hour_t *hour = &APR_ARRAY_IDX(answer->hours, i, f1_weather_hour_t);

        if (hour->at % apr_time_from_sec(3600) || hour->rain_probability < -1 || hour->rain_probability > 100 ||
            (i && hour->at <= hour[-1].at)) {
            abort();
        }
        check_between(hour->temperature, -60, 60);
        check_between(hour->precipitation, 0, 1000);
        check_between(hour->wind, 0, 500);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static apr_pool_t *root;
    apr_pool_t *pool;

    if (!root) {
        apr_initialize();
        apr_pool_create(&root, NULL);
    }
    apr_pool_create(&pool, root);
    for (f1_weather_format_t format = F1_WEATHER_OPEN_METEO; format <= F1_WEATHER_OWM_CURRENT; format++) {
        f1_result_t *res = f1_result_make(pool);
        f1_weather_answer_t answer;

        if (f1_weather_read(&answer, format, "answer", (const char *)data, size, pool, res) == APR_SUCCESS) {
            check_hours(&answer);
        }
        else if (res->error != F1_E_BAD_DATA || !res->detail) {
            abort();
        }
    }
    apr_pool_destroy(pool);
    return 0;
}
