/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Weather of races on the simulated seasons: what is asked for and when, what becomes of the answers, and who wins. */

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <apr_strings.h>

#include "f1_test.h"
#include "f1_test_server.h"

#define RACE "2029-krakow-grand-prix" /* 2029-09-09T13:00:00Z, round 16 */
#define NEXT "2030-biscay-grand-prix" /* 2030-06-16T13:00:00Z */
#define MEASURED "2030-alentejo-grand-prix" /* 2030-06-02T13:00:00Z, OpenF1's session 9005 */
#define KEY "5ecre7K3y"

static const char *weather_of(const char *race)
{
    return f1_test_sqlf(
        "SELECT conditions, temperature, precipitation_mm, wind_kmh, rain_probability, is_forecast, source"
        " FROM weather WHERE race_id = '%s'",
        race);
}

static const char *asked_at(const char *race)
{
    return f1_test_sqlf("SELECT to_char(asked_at AT TIME ZONE 'UTC', 'MM-DD HH24:MI'), in_vain FROM weather_check"
                        " WHERE race_id = '%s'",
                        race);
}

static const char *ingest(int status, const char *arguments)
{
    return f1_test_ctl(status, apr_psprintf(f1_test_pool(), "ingest weather %s", arguments));
}

static void forget(const char *race)
{
    (void)f1_test_sqlf("SELECT weather_forget('%s')", race);
}

static void has(const char *text, const char *part)
{
    if (!strstr(text, part)) {
        fail_msg("'%s' is not in '%s'", part, text);
    }
}

/* --- From files */

static void past_races_have_observed_weather(void **state)
{
    (void)state;
    assert_string_equal(f1_test_sql("SELECT count(*) FROM race r FULL JOIN weather w ON w.race_id = r.id"
                                    " WHERE (r.status = 'completed') <> (w.race_id IS NOT NULL) AND r.id <> '" NEXT
                                    "'"),
                        "0");
    assert_string_equal(f1_test_sql("SELECT DISTINCT is_forecast, source FROM weather WHERE race_id <> '" NEXT "'"),
                        "f|simulator");
    assert_string_equal(f1_test_sql("SELECT string_agg(DISTINCT conditions, ' ' ORDER BY conditions) FROM weather"),
                        "dry mixed wet");
    assert_string_equal(f1_test_sql("SELECT count(*) FROM weather w WHERE w.temperature <> (SELECT round(avg("
                                    "h.temperature), 1) FROM weather_hour h WHERE h.race_id = w.race_id)"),
                        "0");
    /* all is known, so nobody is asked */
    has(ingest(0, apr_psprintf(f1_test_pool(), "2029 --weather-url %s", getenv("F1_UPSTREAM"))),
        "nothing changed, 0 req");
    has(ingest(0, apr_psprintf(f1_test_pool(), "2029 --again --weather-url %s", getenv("F1_UPSTREAM"))), " requests");
}

static void conditions_follow_the_rule(void **state)
{
    static const struct {
        const char *wet, *conditions;
    } cases[] = {{"0", "dry"}, {"0.09", "dry"}, {"0.1", "mixed"}, {"0.59", "mixed"}, {"0.6", "wet"}, {"1", "wet"}};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_string_equal(f1_test_sqlf("SELECT weather_conditions(%s)", cases[i].wet), cases[i].conditions);
    }
}

static void usage_is_checked(void **state)
{
    (void)state;
    ingest(2, "2029 --race " RACE);
    ingest(2, "1949");
    has(ingest(2, "2029 --weather oracle"), "'oracle' should be open-meteo, openweathermap or off");
    has(ingest(2, "2029 --weather off"), "weather is off");
    has(ingest(2, "2029 --weather openweathermap"), "needs a key");
    has(ingest(2, "--race " RACE " --weather-url ftp://x/"), "should be http://");
    has(ingest(1, "--race 2029-nowhere-grand-prix"), "no such race");
}

static void work_at(const char *clock)
{
    f1_test_ctl(0, apr_psprintf(f1_test_pool(), "schedule run weather --clock %sZ@0", clock));
    f1_test_ctl(0, apr_psprintf(f1_test_pool(), "work --until-idle --weather-url %s --clock %sZ@0",
                                getenv("F1_UPSTREAM"), clock));
}

/* The schedule runs every hour; what matters is when this race's turn comes. */
static void forecasts_are_refreshed_as_the_race_nears(void **state)
{
    static const struct {
        const char *now, *asked, *is_forecast;
    } steps[] = {
        {"2030-05-31T00:40:00", "", ""}, /* too far ahead */
        {"2030-06-02T00:40:00", "06-02 00:40|0", "t"},
        {"2030-06-02T23:40:00", "06-02 00:40|0", "t"},
        {"2030-06-03T00:40:00", "06-03 00:40|0", "t"},
        {"2030-06-13T13:40:00", "06-13 13:40|0", "t"}, /* less than three days ahead */
        {"2030-06-13T18:40:00", "06-13 13:40|0", "t"},
        {"2030-06-13T19:39:59", "06-13 19:39|0", "t"}, /* schedules are not on the second */
        {"2030-06-15T13:40:00", "06-15 13:40|0", "t"}, /* less than a day */
        {"2030-06-15T14:40:00", "06-15 14:40|0", "t"},
        {"2030-06-16T14:40:00", "06-16 14:40|0", "t"},
        {"2030-06-16T15:40:00", "06-16 14:40|0", "t"}, /* it is over */
        {"2030-06-17T14:40:00", "06-17 14:40|0", "t"},
        {"2030-06-21T14:40:00", "06-21 14:40|0", "t"},
        {"2030-06-22T14:40:00", "06-22 14:40|0", "f"}, /* five days after: what it was */
        {"2030-06-23T14:40:00", "06-22 14:40|0", "f"},
    };

    (void)state;
    f1_test_sql("UPDATE schedule SET next_at = NULL, is_paused = true; TRUNCATE job");
    forget(NEXT);
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        work_at(steps[i].now);
        if (strcmp(asked_at(NEXT), steps[i].asked) != 0) {
            fail_msg("%s: asked at '%s' instead of '%s'", steps[i].now, asked_at(NEXT), steps[i].asked);
        }
        assert_string_equal(f1_test_sql("SELECT is_forecast FROM weather WHERE race_id = '" NEXT "'"),
                            steps[i].is_forecast);
    }
    assert_string_equal(f1_test_sql("SELECT DISTINCT state FROM job WHERE kind = 'weather'"), "SUCCESS");
}

static void past_seasons_are_filled_a_few_at_a_time(void **state)
{
    (void)state;
    f1_test_sql("TRUNCATE weather, weather_hour, weather_check, job");
    work_at("2030-06-15T00:40:00");
    /* 20 were asked for; the second race ahead has no answer yet */
    assert_string_equal(f1_test_sql("SELECT count(*), count(*) FILTER (WHERE is_forecast) FROM weather"), "19|1");
    assert_string_equal(f1_test_sql("SELECT count(*), sum(in_vain) FROM weather_check"), "20|1");
    work_at("2030-06-15T01:40:00");
    work_at("2030-06-15T02:40:00");
    work_at("2030-06-15T03:40:00");
    assert_string_equal(f1_test_sql("SELECT count(*) FROM race r LEFT JOIN weather w ON w.race_id = r.id"
                                    " WHERE r.status = 'completed' AND w.race_id IS NULL"),
                        "0");
}

static void a_race_that_is_moved_has_no_weather(void **state)
{
    (void)state;
    f1_test_sql("UPDATE session SET starts_at = starts_at + interval '1 day', date = date + 1"
                " WHERE race_id = '" NEXT "' AND kind = 'race'");
    work_at("2030-06-15T05:40:00");
    assert_string_equal(weather_of(NEXT), "");
    assert_string_equal(asked_at(NEXT), "06-15 05:40|1"); /* and the answer has not its hours */
    f1_test_sql("UPDATE session SET starts_at = starts_at - interval '1 day', date = date - 1"
                " WHERE race_id = '" NEXT "' AND kind = 'race'");
    ingest(0, apr_psprintf(f1_test_pool(), "--race " NEXT " --weather-url %s", getenv("F1_UPSTREAM")));
    assert_string_not_equal(weather_of(NEXT), "");
    f1_test_sql("BEGIN; UPDATE race SET status = 'cancelled', round = NULL WHERE id = '" NEXT "'; COMMIT");
    work_at("2030-06-15T06:40:00");
    assert_string_equal(weather_of(NEXT), "");
    assert_string_equal(f1_test_sql("SELECT count(*) FROM weather_hour WHERE race_id = '" NEXT "'"), "0");
}

static void loading_the_season_again_keeps_it(void **state)
{
    const char *before = f1_test_sql("SELECT count(*) FROM weather");

    (void)state;
    f1_test_ctl(0, apr_psprintf(f1_test_pool(), "ingest season 2029 --ergast %s", getenv("F1_UPSTREAM")));
    assert_string_equal(f1_test_sql("SELECT count(*) FROM weather"), before);
}

/* --- OpenF1 */

/* Samples every ten minutes from the start; it rains in those of the first so many. */
static void measure(int rainy)
{
    (void)f1_test_sqlf(
        "DELETE FROM openf1_weather WHERE session_key = 9005;"
        "INSERT INTO openf1_weather (session_key, line, meeting_key, date, air_temperature, rainfall, "
        "wind_speed) SELECT 9005, i, 501, timestamptz '2030-06-02T12:50:00Z' + i * interval '10 minutes',"
        " CASE WHEN i = 3 THEN 1e12 ELSE 20 END, (i BETWEEN 1 AND %d)::integer, 5"
        " FROM generate_series(0, 14) AS i;"
        "UPDATE openf1_load SET loaded_at = '2030-06-02T16:00:00Z'"
        " WHERE session_key = 9005 AND list = 'weather'",
        rainy);
}

static void openf1_wins(void **state)
{
    (void)state;
    forget(MEASURED);
    measure(6);
    assert_string_equal(weather_of(MEASURED), "mixed|20.0||18.00||f|openf1");
    assert_string_equal(f1_test_sql("SELECT to_char(at AT TIME ZONE 'UTC', 'HH24'), wet FROM weather_hour"
                                    " WHERE race_id = '" MEASURED "' ORDER BY at"),
                        "13|1.00\n14|0.00");
    measure(1);
    assert_string_equal(weather_of(MEASURED), "dry|20.0||18.00||f|openf1");
    measure(12);
    assert_string_equal(weather_of(MEASURED), "wet|20.0||18.00||f|openf1");
    has(ingest(1, apr_psprintf(f1_test_pool(), "--race " MEASURED " --weather-url %s", getenv("F1_UPSTREAM"))),
        "OpenF1 measured it");
    ingest(0, apr_psprintf(f1_test_pool(), "2030 --again --weather-url %s", getenv("F1_UPSTREAM")));
    assert_string_equal(weather_of(MEASURED), "wet|20.0||18.00||f|openf1");
}

static void what_openf1_measured_goes_with_its_session(void **state)
{
    (void)state;
    measure(12);
    f1_test_sql("UPDATE openf1_sessions SET session_id = NULL WHERE session_key = 9005");
    assert_string_equal(weather_of(MEASURED), "");
    f1_test_sql("SELECT openf1_link()");
    assert_string_equal(weather_of(MEASURED), "wet|20.0||18.00||f|openf1");
    f1_test_sql("DELETE FROM openf1_sessions WHERE session_key = 9005");
    assert_string_equal(weather_of(MEASURED), "");
}

/* --- Over HTTP */

static f1_test_step_t reply(int status, const char *body)
{
    return (f1_test_step_t){.bytes = apr_psprintf(f1_test_pool(), "HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n%s",
                                                  status, (int)strlen(body), body)};
}

/* The hours from 12:00 to 15:00 on the day of RACE. */
static f1_test_step_t open_meteo(const char *amounts)
{
    return reply(200,
                 apr_psprintf(f1_test_pool(),
                              "{\"hourly_units\":{\"temperature_2m\":\"°C\",\"precipitation\":\"mm\","
                              "\"wind_speed_10m\":\"km/h\",\"precipitation_probability\":\"%%\"},\"hourly\":{"
                              "\"time\":[1883649600,1883653200,1883656800,1883660400],\"temperature_2m\":[1,20,21,1],"
                              "\"precipitation\":%s,\"wind_speed_10m\":[1,10,11.5,1]}}",
                              amounts));
}

static const char *ask(int status, const f1_test_server_t *server, const char *path, const char *arguments)
{
    return ingest(status,
                  apr_psprintf(f1_test_pool(), "--weather-url %s %s", f1_test_server_url(server, path), arguments));
}

static void the_archive_is_asked(void **state)
{
    f1_test_server_t *server = F1_TEST_SERVER(open_meteo("[9,9,0.4,0.1]"), open_meteo("[9,9,0.2,null]"));

    (void)state;
    forget(RACE);
    ask(0, server, "", "--race " RACE);
    has(server->last_head, "GET /v1/archive?latitude=50.064700&longitude=19.945000&start_date=2029-09-09"
                           "&end_date=2029-09-09&timeformat=unixtime&timezone=GMT"
                           "&hourly=temperature_2m,precipitation,wind_speed_10m HTTP");
    assert_string_equal(weather_of(RACE), "mixed|20.5|0.50|10.75||f|open-meteo");
    /* what is not whole is no answer */
    ask(0, server, "/other/v2/", "--race " RACE);
    has(server->last_head, "GET /other/v2/archive?");
    assert_string_equal(weather_of(RACE), "mixed|20.5|0.50|10.75||f|open-meteo");
    assert_string_equal(asked_at(RACE), "06-15 00:00|1");
}

static void answers_that_cannot_be_are_refused(void **state)
{
    f1_test_server_t *server =
        F1_TEST_SERVER(reply(400, "{\"error\":true}"), reply(200, "{"), open_meteo("[0,0,0,-1]"));
    const char *before = weather_of(RACE);

    (void)state;
    has(ask(3, server, "", "--race " RACE), "F1B0320: weather of " RACE ": open-meteo answered 400");
    has(ask(3, server, "", "--race " RACE), "weather of " RACE);
    has(ask(3, server, "", "--race " RACE), "precipitation should be from 0 to 500 mm");
    assert_string_equal(weather_of(RACE), before);
    assert_string_equal(f1_test_sql("SELECT state, error FROM ingestion_run ORDER BY id DESC LIMIT 1"),
                        "failure|upstream_bad_data: weather of " RACE ": precipitation should be from 0 to 500 mm");
}

/* One race's answer that is refused does not cost the others theirs. */
static void others_get_their_turn(void **state)
{
    f1_test_server_t *server = F1_TEST_SERVER(reply(400, "{}"), open_meteo("[0,0,0,0]"), open_meteo("[0,0,0,0]"));

    (void)state;
    f1_test_sql("UPDATE race SET status = 'cancelled', round = NULL WHERE season = 2028 AND round NOT IN (1, 2)");
    f1_test_sql("SELECT weather_forget(id) FROM race WHERE season = 2028");
    has(ask(3, server, "", "2028"), "answered 400");
    assert_int_equal(server->requests, 2);
    assert_string_equal(f1_test_sql("SELECT string_agg(in_vain::text, ' ' ORDER BY in_vain) FROM weather_check"
                                    " WHERE race_id LIKE '2028-%'"),
                        "1 1"); /* one was refused, the other has not these hours */
}

static const char *key_file(const char *content, mode_t rights)
{
    const char *name = apr_pstrcat(f1_test_pool(), getenv("F1_SANDBOX"), "/weather.key", NULL);
    FILE *file = fopen(name, "w");

    assert_non_null(file);
    assert_true(fputs(content, file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(name, rights), 0);
    return name;
}

static void the_key_file_is_checked(void **state)
{
    static const char *const wrong[] = {"", "two words\n", "a&b=c\n", "\n" KEY "\n"};

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        has(ingest(2, apr_psprintf(f1_test_pool(), "2029 --weather openweathermap --weather-key-file %s",
                                   key_file(wrong[i], 0600))),
            "should hold a key of letters and digits alone");
    }
    has(ingest(1, apr_psprintf(f1_test_pool(), "2029 --weather openweathermap --weather-key-file %s",
                               key_file(KEY "\n", 0644))),
        "chmod 600");
    has(ingest(1, "2029 --weather openweathermap --weather-key-file /nowhere/key"), "No such file");
}

#define ENTRY(dt, more) "{\"dt\":" dt ",\"main\":{\"temp\":20.5},\"wind\":{\"speed\":5}" more "}"

/* A forecast, then what it was while the race was run. The key goes to the service and nowhere else. */
static void openweathermap_is_asked(void **state)
{
    const char *key = apr_pstrcat(f1_test_pool(), "--weather openweathermap --race " RACE " --weather-key-file ",
                                  key_file(KEY "\n", 0600), NULL);
    f1_test_server_t *server =
        F1_TEST_SERVER(reply(200, "{\"list\":[" ENTRY("1883660400", ",\"rain\":{\"3h\":1.2},\"pop\":0.7") "]}"),
                       reply(200, ENTRY("1883655600", "")), reply(401, "{\"cod\":401}"), reply(404, "{\"cod\":404}"));
    const char *said;

    (void)state;
    forget(RACE);
    ask(0, server, "", apr_pstrcat(f1_test_pool(), key, " --clock 2029-09-07T00:00:00Z@0", NULL));
    has(server->last_head, "GET /data/2.5/forecast?lat=50.064700&lon=19.945000&units=metric&appid=" KEY " HTTP");
    assert_string_equal(weather_of(RACE), "wet|20.5|0.80|18.00|70|t|openweathermap");
    ask(0, server, "", apr_pstrcat(f1_test_pool(), key, " --clock 2029-09-09T13:40:00Z@0", NULL));
    has(server->last_head, "GET /data/2.5/weather?");
    assert_string_equal(f1_test_sql("SELECT to_char(at AT TIME ZONE 'UTC', 'HH24'), precipitation_mm, is_forecast"
                                    " FROM weather_hour WHERE race_id = '" RACE "' ORDER BY at"),
                        "13|0.00|f\n14|0.40|t");
    said = ask(3, server, "", apr_pstrcat(f1_test_pool(), key, " --clock 2029-09-09T14:40:00Z@0", NULL));
    has(said, "openweathermap does not take the key");
    assert_null(strstr(said, KEY));
    said = ask(3, server, "", apr_pstrcat(f1_test_pool(), key, " --clock 2029-09-09T14:40:00Z@0 --verbose", NULL));
    has(said, "openweathermap answered 404");
    assert_null(strstr(said, KEY));
    /* it has no past */
    has(ask(1, server, "", key), "no such race, or none whose weather can be asked for");
    assert_string_equal(f1_test_sql("SELECT count(*) FROM ingestion_run WHERE ingestion_run::text LIKE '%" KEY "%'"),
                        "0");
    assert_string_equal(f1_test_sql("SELECT count(*) FROM upstream_request u WHERE u::text LIKE '%" KEY "%'"), "0");
    has(ingest(2, apr_psprintf(f1_test_pool(), "%s --clock 2029-09-07T00:00:00Z@0 --weather-url %s", key,
                               getenv("F1_UPSTREAM"))),
        "cannot be read from files");
}

/* --- Jobs */

static const char *newest(const char *columns)
{
    return f1_test_sqlf("SELECT %s FROM job ORDER BY id DESC LIMIT 1", columns);
}

static void jobs_ask_for_what_they_are_told(void **state)
{
    const char *work = apr_psprintf(f1_test_pool(), "work --until-idle --weather-url %s", getenv("F1_UPSTREAM"));

    (void)state;
    f1_test_sql("UPDATE schedule SET is_paused = true; TRUNCATE job");
    forget(RACE);
    f1_test_ctl(0, "job add weather '{\"season\": 2029, \"round\": 16}'");
    f1_test_ctl(0, work);
    assert_string_equal(newest("state, result->>'command', result->'counts'->'weather'->>'inserted'"),
                        "SUCCESS|weather 2029 --round 16|1");
    f1_test_ctl(0, "job add weather '{\"race\": \"" RACE "\"}'");
    f1_test_ctl(0, work);
    assert_string_equal(newest("state, result->'counts'->'weather'->>'changed'"), "SUCCESS|1");
    f1_test_ctl(0, "job add weather '{\"round\": 3}'");
    f1_test_ctl(0, work);
    assert_string_equal(newest("state, error"), "FAILURE|bad_request: a round needs its season");
    f1_test_ctl(0, "job add weather");
    f1_test_ctl(0, "work --until-idle --weather off");
    assert_string_equal(newest("state, result"), "SUCCESS|{\"is_off\": true}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        F1_TEST(past_races_have_observed_weather),
        F1_TEST(conditions_follow_the_rule),
        F1_TEST(usage_is_checked),
        F1_TEST(forecasts_are_refreshed_as_the_race_nears),
        F1_TEST(past_seasons_are_filled_a_few_at_a_time),
        F1_TEST(a_race_that_is_moved_has_no_weather),
        F1_TEST(loading_the_season_again_keeps_it),
        F1_TEST(openf1_wins),
        F1_TEST(what_openf1_measured_goes_with_its_session),
        F1_TEST(the_archive_is_asked),
        F1_TEST(answers_that_cannot_be_are_refused),
        F1_TEST(the_key_file_is_checked),
        F1_TEST(openweathermap_is_asked),
        F1_TEST(jobs_ask_for_what_they_are_told),
        F1_TEST(others_get_their_turn),
    };

    return f1_test_run(tests);
}
