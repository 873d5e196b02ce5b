/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Asking a weather service, race by race. The database says which races and what to ask (weather_races.sql) and makes
 * a race's weather of its hours (weather_put); here is how services are asked, and what of an answer is enough. */

#include "ingest/weather.h"

#include <math.h>
#include <string.h>

#include <apr_strings.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/number.h"
#include "base/secret_file.h"
#include "base/str.h"
#include "db/query.h"
#include "gen/statements.h"
#include "ingest/run.h"
#include "ingest/weather_parse.h"

#define HOUR apr_time_from_sec(3600)
#define WET_MM 0.3 /* an hour in which so much falls is wet; less is drizzle that leaves a track dry */
#define KEY_MAX 128
#define HOURS_MAX_BYTES (16 * 1024)
#define ALL "1000" /* races that somebody named; no season has so many */
#define MOST_TEXT APR_STRINGIFY(F1_WEATHER_MOST)

typedef enum { ARCHIVE, FORECAST, CURRENT } question_t;
static const char *const questions[] = {"archive", "forecast", "current"};

/* A weather service. */
typedef struct service_t {
    const char *name;
    const char *archive, *base; /* URLs; archive NULL: it tells nothing of the past */
    const char *path; /* of both, for servers that are given without one */
    const char *limits;
    const char *forecast_days, *has_current;
    int has_key;
} service_t;

static const service_t services[] = {
    {"open-meteo", "https://archive-api.open-meteo.com/v1", "https://api.open-meteo.com/v1", "/v1",
     F1_LIMITS_OPEN_METEO, "15", "false", 0},
    {"openweathermap", NULL, "https://api.openweathermap.org/data/2.5", "/data/2.5", F1_LIMITS_OPENWEATHERMAP, "5",
     "true", 1},
};

/* A race that is asked for. */
typedef struct race_t {
    const char *id, *latitude, *longitude, *first_day, *last_day;
    question_t question;
    int season, round, is_known;
    apr_time_t first_hour, ends_at;
} race_t;

typedef struct op_t {
    const f1_weather_t *weather;
    const service_t *service;
    f1_feed_t archive, feed; /* source NULL: not asked yet */
    f1_rows_t *races;
    f1_run_t *run;
    f1_ingest_report_t *report;
    f1_result_t *failed; /* the first race that was refused */
    apr_pool_t *pool;
    f1_result_t *res;
} op_t;

static const service_t *find_service(const char *name)
{
    size_t i;

    for (i = 0; i < sizeof(services) / sizeof(services[0]); i++) {
        if (strcmp(services[i].name, name) == 0) {
            return &services[i];
        }
    }
    return NULL;
}

static const char *service_name(const f1_weather_access_t *access)
{
    return access->service ? access->service : F1_WEATHER_USUAL;
}

apr_status_t f1_weather_check(const f1_weather_access_t *access, f1_result_t *res)
{
    const service_t *service = find_service(service_name(access));

    if (!service && strcmp(service_name(access), F1_WEATHER_OFF) != 0) {
        return f1_result_fail(res, F1_E_BAD_REQUEST, APR_EINVAL, "'%s' should be open-meteo, openweathermap or off",
                              service_name(access));
    }
    if (service && service->has_key && !access->key) {
        return f1_result_fail(res, F1_E_BAD_REQUEST, APR_EINVAL, "%s needs a key, in a file", service->name);
    }
    return APR_SUCCESS;
}

apr_status_t f1_weather_key_read(const char **pkey, const char *file, apr_pool_t *pool, f1_result_t *res)
{
    f1_secret_file_t content;
    size_t len;

    if (f1_secret_file_read(&content, file, pool, res) != APR_SUCCESS ||
        f1_secret_file_check(&content, file, 1, res) != APR_SUCCESS) {
        return res->rv;
    }
    len = strspn(content.text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789");
    if (!len || len > KEY_MAX || content.text[len + strspn(content.text + len, " \r\n")]) {
        return f1_result_fail(res, F1_E_BAD_REQUEST, APR_EINVAL, "%s should hold a key of letters and digits alone",
                              file);
    }
    content.text[len] = '\0';
    *pkey = content.text;
    return APR_SUCCESS;
}

/* --- Asking */

/* The service's own URL, or the one that is set instead; with the usual path where that is a server alone. */
static const char *base_url(const op_t *op, const char *own)
{
    const char *url = op->weather->access.url, *host;
    size_t len;

    if (!url || !*url) {
        return own;
    }
    len = strlen(url);
    while (len && url[len - 1] == '/') {
        len--;
    }
    url = apr_pstrmemdup(op->pool, url, len);
    host = strstr(url, "://");
    return host && !strchr(host + 3, '/') ? apr_pstrcat(op->pool, url, op->service->path, NULL) : url;
}

/* The feed that answers the question, which is opened when it is first needed. */
static apr_status_t find_feed(op_t *op, question_t question, f1_feed_t **pfeed)
{
    f1_feed_options_t options = op->weather->feed;

    *pfeed = question == ARCHIVE ? &op->archive : &op->feed;
    if ((*pfeed)->source) {
        return APR_SUCCESS;
    }
    options.url = base_url(op, question == ARCHIVE ? op->service->archive : op->service->base);
    options.usual = op->service->limits;
    if (f1_feed_open(*pfeed, &options, op->pool, op->res) != APR_SUCCESS) {
        return op->res->rv;
    }
    (*pfeed)->conn = op->weather->conn;
    if ((*pfeed)->source->whole && op->service->has_key) {
        return f1_result_fail(op->res, F1_E_BAD_REQUEST, APR_EINVAL, "%s cannot be read from files", op->service->name);
    }
    return APR_SUCCESS;
}

static const char *url_of(const op_t *op, const race_t *race, const char *base, apr_pool_t *pool)
{
    if (op->service->has_key) {
        return apr_psprintf(pool, "%s/%s?lat=%s&lon=%s&units=metric&appid=%s", base,
                            race->question == CURRENT ? "weather" : "forecast", race->latitude, race->longitude,
                            op->weather->access.key);
    }
    return apr_psprintf(pool,
                        "%s/%s?latitude=%s&longitude=%s&start_date=%s&end_date=%s&timeformat=unixtime&timezone=GMT"
                        "&hourly=temperature_2m,precipitation,wind_speed_10m%s",
                        base, questions[race->question], race->latitude, race->longitude, race->first_day,
                        race->last_day, race->question == FORECAST ? ",precipitation_probability" : "");
}

/* *pbody NULL: there is no answer. */
static apr_status_t ask(const op_t *op, const race_t *race, f1_source_t *source, const char **pbody, size_t *plen,
                        apr_pool_t *pool)
{
    f1_http_reply_t *reply;

    *pbody = NULL;
    if (source->whole) {
        return source->get(source, apr_psprintf(pool, "%d/%d/weather", race->season, race->round), 0, pbody, plen, pool,
                           op->res);
    }
    if (f1_http_get(source->baton, url_of(op, race, source->base, pool), &reply, pool, op->res) != APR_SUCCESS) {
        return op->res->rv;
    }
    if (op->service->has_key && (reply->status == 401 || reply->status == 403)) {
        return f1_result_fail(op->res, F1_E_UPSTREAM, APR_EACCES, "%s does not take the key", op->service->name);
    }
    if (reply->status != 200) {
        return f1_result_fail(op->res, F1_E_BAD_DATA, APR_EGENERAL, "weather of %s: %s answered %d", race->id,
                              op->service->name, reply->status);
    }
    *pbody = reply->body;
    *plen = reply->body_len;
    return APR_SUCCESS;
}

/* --- What of an answer is enough */

static int is_whole(const f1_weather_hour_t *hour)
{
    return !isnan(hour->temperature) && !isnan(hour->precipitation);
}

static void add_number(f1_buf_t *json, const char *name, double number)
{
    char text[F1_NUMBER_LEN];

    if (!isnan(number)) {
        f1_buf_addf(json, "\"%s\":%s,", name, f1_number_format(text, number));
    }
}

static void add_hour(f1_buf_t *json, const f1_weather_hour_t *hour, int is_forecast)
{
    char at[F1_TIME_LEN];

    f1_buf_addf(json, "%s{\"at\":\"%s\",", json->len > 1 ? "," : "", f1_time_format(at, hour->at));
    add_number(json, "temperature", hour->temperature);
    add_number(json, "precipitation_mm", hour->precipitation);
    add_number(json, "wind_kmh", hour->wind);
    if (is_forecast && hour->rain_probability >= 0) {
        f1_buf_addf(json, "\"rain_probability\":%d,", hour->rain_probability);
    }
    f1_buf_addf(json, "\"wet\":%d,\"is_forecast\":%s}", hour->precipitation >= WET_MM, is_forecast ? "true" : "false");
}

/* The hours of the race, as weather_put takes them; NULL where some are missing: what is known of the others would
 * pass for the whole race. What the weather is now is one of them. */
static const char *hours_of(const race_t *race, const f1_weather_answer_t *answer, apr_pool_t *pool)
{
    int wanted = (int)((race->ends_at - race->first_hour + HOUR - 1) / HOUR), found = 0, i;
    f1_buf_t json;

    f1_buf_init(&json, pool, 512, HOURS_MAX_BYTES);
    f1_buf_addc(&json, '[');
    for (i = 0; i < answer->hours->nelts; i++) {
        const f1_weather_hour_t *hour = &APR_ARRAY_IDX(answer->hours, i, f1_weather_hour_t);

        if (hour->at >= race->first_hour && hour->at < race->ends_at && is_whole(hour)) {
            add_hour(&json, hour, race->question == FORECAST);
            found++;
        }
    }
    f1_buf_addc(&json, ']');
    return found == wanted || (race->question == CURRENT && found) ? json.data : NULL;
}

/* --- Races */

static apr_status_t store(op_t *op, const race_t *race, const char *hours, int is_simulated, apr_pool_t *pool)
{
    f1_loaded_t *count = &op->report->counts[F1_LOADED_WEATHER];
    char now[F1_TIME_LEN];
    const char *values[] = {race->id, hours, is_simulated ? "simulator" : op->service->name,
                            f1_time_format(now, f1_clock_now())};
    apr_time_t start = apr_time_now();
    f1_rows_t *rows;

    if (f1_query(op->weather->conn, &f1_stmt_ingest_weather_store, values, &rows, pool, op->res) != APR_SUCCESS) {
        return op->res->rv;
    }
    op->report->load_took += apr_time_now() - start;
    if (*f1_rows_get(rows, 0, 0) == 't') {
        count->inserted += !race->is_known;
        count->changed += race->is_known;
    }
    return APR_SUCCESS;
}

static apr_status_t ask_and_read(op_t *op, const race_t *race, f1_weather_answer_t *answer, const char **phours,
                                 apr_pool_t *pool)
{
    f1_weather_format_t format = !op->service->has_key       ? F1_WEATHER_OPEN_METEO
                                 : race->question == CURRENT ? F1_WEATHER_OWM_CURRENT
                                                             : F1_WEATHER_OWM_FORECAST;
    const char *body;
    f1_feed_t *feed;
    size_t len = 0;

    *phours = NULL;
    if (find_feed(op, race->question, &feed) != APR_SUCCESS ||
        ask(op, race, feed->source, &body, &len, pool) != APR_SUCCESS || !body) {
        return op->res->rv;
    }
    if (f1_weather_read(answer, format, apr_pstrcat(pool, "weather of ", race->id, NULL), body, len, pool, op->res) ==
        APR_SUCCESS) {
        *phours = hours_of(race, answer, pool);
    }
    return op->res->rv;
}

/* What is refused is noted, so that the others get their turn. */
static apr_status_t do_race(op_t *op, const race_t *race, apr_pool_t *pool)
{
    f1_weather_answer_t answer = {0};
    const char *hours;

    op->report->counts[F1_LOADED_WEATHER].seen++;
    if (ask_and_read(op, race, &answer, &hours, pool) != APR_SUCCESS) {
        if (op->res->error != F1_E_BAD_DATA) {
            return op->res->rv;
        }
        f1_log(F1_LOG_WARNING, APR_SUCCESS, F1LOGNO(0320) "%s", op->res->detail);
        (void)f1_result_fail(op->failed, op->res->error, op->res->rv, "%s", op->res->detail);
        f1_result_clear(op->res);
    }
    return store(op, race, hours, answer.is_simulated, pool);
}

static apr_int64_t number(const f1_rows_t *rows, int row, int column)
{
    apr_int64_t value = 0;

    (void)f1_str_to_int64(f1_rows_get(rows, row, column), &value);
    return value;
}

static race_t race_of(const f1_rows_t *rows, int row)
{
    race_t race = {.id = f1_rows_get(rows, row, 0),
                   .latitude = f1_rows_get(rows, row, 4),
                   .longitude = f1_rows_get(rows, row, 5),
                   .first_day = f1_rows_get(rows, row, 6),
                   .last_day = f1_rows_get(rows, row, 7),
                   .season = (int)number(rows, row, 2),
                   .round = (int)number(rows, row, 3),
                   .first_hour = apr_time_from_sec(number(rows, row, 8)),
                   .ends_at = apr_time_from_sec(number(rows, row, 9)),
                   .is_known = *f1_rows_get(rows, row, 10) == 't'};

    while (race.question < CURRENT && strcmp(questions[race.question], f1_rows_get(rows, row, 1)) != 0) {
        race.question++;
    }
    return race;
}

static apr_status_t go_on(const op_t *op, int done, const char *next)
{
    const f1_weather_t *weather = op->weather;

    if (weather->is_stopping && weather->is_stopping(weather->baton)) {
        return f1_result_fail(op->res, F1_E_UNAVAILABLE, APR_EINTR, "stopped; what was loaded stays");
    }
    if (weather->progress) {
        weather->progress(weather->baton, done, f1_rows_count(op->races), next);
    }
    return APR_SUCCESS;
}

static apr_status_t do_races(op_t *op)
{
    int count = f1_rows_count(op->races), i;
    apr_pool_t *pool;

    apr_pool_create(&pool, op->pool);
    apr_pool_tag(pool, "f1_weather race");
    for (i = 0; i < count && op->res->error == F1_E_OK; i++) {
        race_t race = race_of(op->races, i);

        apr_pool_clear(pool);
        if (go_on(op, i, apr_pstrcat(pool, questions[race.question], " of ", race.id, NULL)) == APR_SUCCESS) {
            (void)do_race(op, &race, pool);
        }
    }
    apr_pool_destroy(pool);
    return op->res->error == F1_E_OK ? go_on(op, count, "done") : op->res->rv;
}

/* --- The operation */

static const char *true_or_false(int value)
{
    return value ? "true" : "false";
}

static apr_status_t find_races(op_t *op)
{
    const f1_weather_t *weather = op->weather;
    int is_due = !weather->season && !weather->race;
    char now[F1_TIME_LEN];
    const char *values[] = {weather->season ? apr_itoa(op->pool, weather->season) : NULL,
                            weather->round ? apr_itoa(op->pool, weather->round) : NULL,
                            weather->race,
                            true_or_false(weather->again || weather->race || weather->round),
                            true_or_false(is_due),
                            true_or_false(op->service->archive != NULL),
                            op->service->forecast_days,
                            op->service->has_current,
                            f1_time_format(now, f1_clock_now()),
                            is_due ? MOST_TEXT : ALL};

    if (f1_query(weather->conn, &f1_stmt_ingest_weather_moved, NULL, NULL, op->pool, op->res) != APR_SUCCESS ||
        f1_query(weather->conn, &f1_stmt_ingest_weather_races, values, &op->races, op->pool, op->res) != APR_SUCCESS) {
        return op->res->rv;
    }
    if (!f1_rows_count(op->races) && (weather->race || weather->round)) {
        return f1_result_fail(op->res, F1_E_NOT_FOUND, APR_NOTFOUND,
                              "there is no such race, or none whose weather can be asked for: it was called off, lies "
                              "too far ahead, or OpenF1 measured it");
    }
    return APR_SUCCESS;
}

static apr_status_t open_service(op_t *op)
{
    const f1_weather_t *weather = op->weather;

    if (f1_weather_check(&weather->access, op->res) != APR_SUCCESS) {
        return op->res->rv;
    }
    op->service = find_service(service_name(&weather->access));
    if (!op->service || (weather->round && !weather->season)) {
        return f1_result_fail(op->res, F1_E_BAD_REQUEST, APR_EINVAL, "%s",
                              op->service ? "a round needs its season" : "weather is off: there is nobody to ask");
    }
    return APR_SUCCESS;
}

/* The words by which a run is found again. */
static const char *command_of(const f1_weather_t *weather, apr_pool_t *pool)
{
    if (weather->race) {
        return apr_pstrcat(pool, "weather --race ", weather->race, NULL);
    }
    return !weather->season ? "weather"
           : weather->round ? apr_psprintf(pool, "weather %d --round %d", weather->season, weather->round)
                            : apr_psprintf(pool, "weather %d", weather->season);
}

static int requests_of(const f1_feed_t *feed)
{
    return !feed->source ? 0 : feed->source->whole ? feed->source->requests : f1_http_requests(feed->source->baton);
}

static apr_status_t do_run(op_t *op)
{
    f1_ingest_report_t *report = op->report;
    f1_result_t *finish = f1_result_make(op->pool);

    if (f1_run_start(&op->run, op->weather->conn, report->command, base_url(op, op->service->base), 1, op->pool,
                     op->res) != APR_SUCCESS) {
        return op->res->rv;
    }
    report->run = op->run->id;
    if (do_races(op) == APR_SUCCESS && op->failed->error != F1_E_OK) {
        *op->res = *op->failed;
    }
    report->requests = requests_of(&op->archive) + requests_of(&op->feed);
    report->has_changed = f1_run_has_changed(report->counts);
    if (f1_run_finish(op->run, op->res, report->requests, report->counts, finish) != APR_SUCCESS &&
        op->res->error == F1_E_OK) {
        *op->res = *finish;
    }
    return op->res->rv;
}

apr_status_t f1_weather_ingest(const f1_weather_t *weather, f1_ingest_report_t *report, apr_pool_t *pool,
                               f1_result_t *res)
{
    op_t op = {.weather = weather, .report = report, .failed = f1_result_make(pool), .pool = pool, .res = res};

    *report = (f1_ingest_report_t){.command = command_of(weather, pool)};
    if (open_service(&op) != APR_SUCCESS || find_races(&op) != APR_SUCCESS || !f1_rows_count(op.races)) {
        return res->rv;
    }
    return do_run(&op);
}
