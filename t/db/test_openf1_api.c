/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* The drop-in OpenF1 API without httpd: the sample's rows by every operator, and, where the shared upstream is at hand,
 * the same questions to it and to us. */

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <apr_file_info.h>
#include <apr_strings.h>

#include "f1_test.h"
#include "base/clock.h"
#include "base/http.h"
#include "compat/openf1_answer.h"
#include "db/query.h"

#define UPSTREAM_MAX (64 * 1024 * 1024)

/* The answer's text; NULL where it is refused, then the result says why. */
static const char *ask(const char *list, const char *args)
{
    const f1_statement_t *statement = f1_openf1_statement(list);
    f1_openf1_query_t *query;
    f1_result_t *res = f1_test_result();
    int count;
    f1_buf_t out;

    f1_result_clear(res);
    assert_non_null(statement);
    f1_buf_init(&out, f1_test_pool(), 4096, F1_OPENF1_MAX_BODY);
    if (f1_openf1_query_read(&query, args, f1_test_pool(), res) != APR_SUCCESS ||
        f1_openf1_answer(f1_test_conn(), statement, query, &out, &count, f1_test_pool(), res) != APR_SUCCESS) {
        return NULL;
    }
    return out.data;
}

/* --- The sample */

static void check(const char *list, const char *args, const char *member, const char *expected)
{
    const char *answer = ask(list, args), *values = "";
    json_t *doc;
    size_t i;

    if (!answer) {
        fail_msg("%s?%s: %s", list, args, f1_result_text(f1_test_result(), f1_test_pool()));
        return;
    }
    doc = f1_test_json(answer);
    for (i = 0; i < json_array_size(doc); i++) {
        char *value = json_dumps(json_object_get(json_array_get(doc, i), member),
                                 JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(15));

        values = apr_pstrcat(f1_test_pool(), values, i ? " " : "", value, NULL);
        free(value);
    }
    if (strcmp(values, expected) != 0) {
        fail_msg("%s?%s: %s is [%s], not [%s]", list, args, member, values, expected);
    }
}

static void every_operator_finds_its_rows(void **state)
{
    static const char *const cases[][4] = {
        {"laps", "lap_number=2", "driver_number", "62 54"},
        {"laps", "lap_number>1", "lap_number", "2 2 3"},
        {"laps", "lap_number%3E1", "lap_number", "2 2 3"},
        {"laps", "lap_number%3e%3D2", "lap_number", "2 2 3"},
        {"laps", "lap_number%3E=2", "lap_number", "2 2 3"},
        {"laps", "lap_number>=2&lap_number<3", "lap_number", "2 2"},
        {"laps", "lap_number<=1", "driver_number", "62 54"},
        {"laps", "lap_number<2", "lap_number", "1 1"},
        {"laps", "driver_number=54&driver_number=62&lap_number=3", "lap_number", "3"},
        {"laps", "Driver_Number=62", "lap_number", "1 2 3"},
        {"laps", "lap_number>=3&lap_number<=1", "lap_number", "1 1 3"}, /* no interval: two bounds, either will do */
        {"laps", "lap_duration>=90.0", "lap_duration", "90.0 112.5"},
        {"laps", "lap_duration>90", "lap_duration", "112.5"},
        {"laps", "lap_duration=9e1", "lap_duration", "90.0"},
        {"laps", "lap_duration>=abc", "lap_number", ""},
        {"laps", "is_pit_out_lap=true", "driver_number", "54"},
        {"laps", "is_pit_out_lap=True&lap_number=2", "driver_number", "54"},
        {"laps", "is_pit_out_lap<true", "lap_number", "1 1 2 3"},
        {"laps", "is_pit_out_lap=1", "lap_number", ""},
        {"laps", "segments_sector_1=2048", "lap_number", "1 2"},
        {"laps", "segments_sector_2>2063&lap_number=1", "driver_number", "54"},
        {"laps", "date_start>=2030-06-02T13:01:32", "lap_number", "2 3"},
        {"laps", "date_start>=2030-06-02T13:01:32%2B00:00", "lap_number", "2 3"},
        {"laps", "date_start>=2030-06-02T15:01:32+02:00", "lap_number", "2 3"}, /* '+' is a space, and is repaired */
        {"laps", "date_start>=2030-06-02T15:01:32%2B0200", "lap_number", "2 3"},
        {"laps", "date_start=2030-06-02", "lap_number", "2 2 3"},
        {"laps", "date_start>2030-06-02", "lap_number", ""},
        {"laps", "date_start<=2030-06-02", "lap_number", "2 2 3"},
        {"laps", "date_start<2030-06-02", "lap_number", ""},
        {"laps", "date_start>2030-06-01&date_start<2030-06-03", "lap_number", "2 2 3"},
        {"laps", "date_start>=06/02/2030", "lap_number", "2 2 3"},
        {"laps", "date_start>=02+June+2030", "lap_number", "2 2 3"},
        {"laps", "date_start>=2021-09-10+14:30:20+EST", "lap_number", "2 2 3"},
        {"laps", "date_start>=2030", "lap_number", ""},
        {"laps", "nothing=1", "lap_number", ""},
        {"laps", "amp;lap_number=1", "lap_number", ""},
        {"laps", "&&lap_number=3&", "lap_number", "3"},
        {"laps", "lap_number=3&csv=false", "lap_number", "3"},
        {"laps", "lap_number=99999999999999999999999", "lap_number", ""},
        {"laps", "lap_number=NaN", "lap_number", ""},
        {"laps", "lap_number=%D9%A1", "lap_number", ""},
        {"laps", "session_key=latest&lap_number=3", "lap_number", "3"},
        {"laps", "meeting_key=latest&lap_number=3", "session_key", "9005"},
        {"laps", "session_key>latest", "lap_number", ""},
        {"intervals", "interval=%2B1+LAP", "driver_number", "54"},
        {"intervals", "interval>0.005", "interval", "0.752"},
        {"intervals", "interval>=0&interval<1", "interval", "0.0 0.752"},
        {"intervals", "gap_to_leader>A", "interval", ""},
        {"intervals", "gap_to_leader<A", "gap_to_leader", "\"+1 LAP\""},
        {"intervals", "gap_to_leader<A&gap_to_leader=0", "gap_to_leader", "0.0 \"+1 LAP\""},
        {"session_result", "session_key=9004", "duration", "[91.295,90.503,89.708] [91.5,null,null] null"},
        {"session_result", "duration<90", "driver_number", "62"},
        {"session_result", "gap_to_leader=%2B1%20LAP", "points", "18.0"},
        {"session_result", "session_key=9005", "gap_to_leader", "0 \"+1 LAP\" null"},
        {"session_result", "points>=18", "points", "25.0 18.0"},
        {"session_result", "dnf=true", "driver_number", "137"},
        {"session_result", "dnf<=true&dnf>=true&dnf<=TRUE", "driver_number", "137"},
        {"laps", "lap_number>=2&lap_number<3&lap_number<3.0", "lap_number", "2 2"},
        {"drivers", "name_acronym=FHB&session_key=9005", "full_name", "\"Lena FAULHABER\""},
        {"drivers", "name_acronym>=F&name_acronym<G&session_key=9005", "driver_number", "54"},
        {"drivers", "team_colour=358181&session_key=9005", "driver_number", "54"},
        {"drivers", "full_name=Lena%20FAULHABER", "session_key", "9001 9004 9005"},
        {"drivers", "full_name=Lena+FAULHABER&driver_number=%22", "session_key", ""},
        {"position", "position>=1&position<=1&driver_number=62", "date",
         "\"2030-06-02T12:05:19.767000+00:00\" \"2030-06-02T13:03:20.500000+00:00\""},
        {"race_control", "flag=GREEN", "message", "\"GREEN LIGHT - PIT EXIT OPEN\""},
        {"meetings", "year=2030", "meeting_key", "501 502"},
        {"meetings", "meeting_key=latest", "meeting_name", "\"Alentejo Grand Prix\""},
        {"meetings", "meeting_official_name=FORMULA+1+\"CORTI%C3%87A\"+GRANDE+PR%C3%89MIO+DO+ALENTEJO+2030",
         "meeting_key", "501"},
        {"meetings", "gmt_offset=01:00:00", "meeting_key", "501"},
        {"sessions", "session_name=Race&year=2030", "session_key", "9005 9010"},
        {"sessions", "is_cancelled=true", "session_key", "9006"},
        {"sessions", "date_start>=2030-06-14&date_end<=2030-06-16", "session_key", "9006 9010"},
        {"sessions", "session_key>=9001&session_key<=9004&session_key>=9010&session_key<=9015", "session_key",
         "9001 9004 9010"},
        {"team_radio", "", "date", "\"2030-06-02T13:02:30.123456+00:00\""},
        {"championship_drivers", "", "position_current", "1 2"},
        {"championship_teams", "team_name=Fuyuzora", "points_current", "125"},
        {"stints", "compound=HARD", "tyre_age_at_start", "3"},
        {"pit", "stop_duration<3", "lap_number", "1"},
        {"pit", "", "pit_duration", "21.6 null"},
        {"weather", "", "wind_speed", "3.0"},
        {"overtakes", "overtaken_driver_number=62", "position", "1"},
        {"starting_grid", "", "lap_duration", "89.708 null"},
        {"CAR_data", "session_key=9005&driver_number=62&date<2030-06-02T12:59:31", "rpm", "9503 9518 9534 9549"},
        {"location", "session_key=9005&date>=2030-06-02T13:00:00&date<2030-06-02T13:00:00.2", "driver_number", "54 62"},
        {"location", "session_key=9005&driver_number=5", "x", ""},
    };
    size_t i;

    (void)state;
    assert_int_equal(f1_clock_set(getenv("F1_CLOCK"), 0), APR_SUCCESS);
    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        check(cases[i][0], cases[i][1], cases[i][2], cases[i][3]);
    }
}

static void check_refused(const char *list, const char *args, const char *why)
{
    if (ask(list, args)) {
        fail_msg("%s?%s is answered", list, args);
    }
    assert_int_equal(f1_error_http(f1_test_result()->error), 400);
    if (!strstr(f1_result_text(f1_test_result(), f1_test_pool()), why)) {
        fail_msg("%s?%s: %s", list, args, f1_result_text(f1_test_result(), f1_test_pool()));
    }
}

static void what_cannot_be_answered_is_told(void **state)
{
    (void)state;
    check_refused("laps", "foo", "'foo' should be a field, one of = > >= < <=, and a value");
    check_refused("laps", "lap_number=", "should be a field");
    check_refused("laps", "lap_number=%zz", "percent-encoding");
    check_refused("laps", "lap_number=%ff", "UTF-8");
    check_refused("laps", "lap_number=%00", "UTF-8");
    check_refused("car_data", NULL, "add session_key=");
    check_refused("car_data", "speed>300", "add session_key=");
    check_refused("location", "session_key>9000", "add session_key=");
    check_refused("location", "session_key=9005", "add driver_number=");
    check_refused("car_data", "session_key=9005&driver_number>1", "add driver_number=");
    assert_null(f1_openf1_statement("telemetry"));
    assert_null(f1_openf1_statement(""));
}

static void an_answer_has_a_bound(void **state)
{
    (void)state;
    (void)f1_test_sql("INSERT INTO openf1_overtakes (session_key, line, meeting_key, date, overtaking_driver_number,"
                      " overtaken_driver_number) SELECT 9005, n, 501, now(), 98, n % 7"
                      " FROM generate_series(1000, 101000) AS n");
    check_refused("overtakes", "overtaking_driver_number=98", "More than 100000 rows match");
    assert_non_null(ask("overtakes", "overtaking_driver_number=98&overtaken_driver_number>0"));
    (void)f1_test_sql("DELETE FROM openf1_overtakes WHERE overtaking_driver_number = 98");
}

static void a_member_that_is_not_there_is_left_out(void **state)
{
    json_t *doc = f1_test_json(ask("meetings", "year=2030"));

    (void)state;
    assert_null(f1_test_json_at(doc, "0/circuit_type"));
    f1_assert_json(doc, "0/meeting_code", "\"POR\"");
    f1_assert_json(doc, "1/circuit_type", "\"Permanent\"");
    f1_assert_json(doc, "1/date_end", "\"2030-06-16T15:00:00+00:00\"");
    f1_assert_json(doc, "1/meeting_official_name", "null");
}

static void csv_has_sorted_columns(void **state)
{
    (void)state;
    assert_string_equal(ask("intervals", "csv=true&driver_number=54"),
                        "date,driver_number,gap_to_leader,interval,meeting_key,session_key\r\n"
                        "2030-06-02T13:00:11.220000+00:00,54,0.752,0.752,501,9005\r\n"
                        "2030-06-02T13:04:15+00:00,54,+1 LAP,+1 LAP,501,9005\r\n");
    assert_string_equal(ask("pit", "csv=true&driver_number=1"),
                        "date,driver_number,lane_duration,lap_number,meeting_key,pit_duration,session_key,"
                        "stop_duration\r\n");
    assert_non_null(strstr(ask("session_result", "csv=1&session_key=9004&driver_number=62"),
                           "False,False,62,False,\"[91.295, 90.503, 89.708]\",\"[0.302, 0.221, 0.0]\",501,18,,1,9004"));
    assert_non_null(strstr(ask("session_result", "csv=1&session_key=9004"), "\"[91.5, None, None]\""));
    assert_non_null(strstr(ask("meetings", "csv=1"), ",circuit_type,"));
    assert_null(strstr(ask("meetings", "csv=1&meeting_key=501"), "circuit_type"));
    assert_non_null(strstr(ask("race_control", "csv=true&lap_number=2"), "\"CAR 137 (NNN) STOPPED \\ SECTOR 14, "
                                                                         "\"\"RETIRED\"\"\""));
}

static void telemetry_is_read_by_index(void **state)
{
    const f1_statement_t *statement = f1_openf1_statement("car_data");
    const char *plan = f1_test_sql(
        apr_psprintf(f1_test_pool(),
                     "SET enable_seqscan = off; SET plan_cache_mode = force_generic_plan; PREPARE asked AS %s;"
                     "EXPLAIN EXECUTE asked(10, NULL, NULL, '{[62,62]}', NULL, NULL, NULL, NULL, '{[9005,9005]}', NULL,"
                     " NULL)",
                     statement->sql));

    (void)state;
    assert_int_equal(statement->param_count, 11);
    assert_non_null(strstr(plan, "Index Cond: ((session_key = ANY"));
    assert_non_null(strstr(plan, "AND (driver_number >= low_key") ? plan : strstr(plan, "AND (driver_number >= "));
    assert_null(strstr(plan, "Seq Scan on openf1_car_data"));
}

/* The sample's course is a circle of 5 km around, driven at 200 km/h on average; telemetry is where the car was. */
static void a_lap_has_distance_and_place(void **state)
{
    json_t *doc = f1_test_answer("/api/v1/races/2030-alentejo-grand-prix/telemetry?driver=dziedzic&lap=2");
    json_t *samples = json_object_get(doc, "samples"), *sample = NULL;
    double x, y, before = -1;
    size_t i;

    (void)state;
    f1_assert_json(doc, "lap/time/text", "\"1:30.000\"");
    assert_int_equal(json_array_size(samples), 360);
    json_array_foreach(samples, i, sample)
    {
        x = (double)json_integer_value(json_object_get(sample, "x"));
        y = (double)json_integer_value(json_object_get(sample, "y"));
        assert_true(x * x + y * y > 4990.0 * 4990.0 && x * x + y * y < 5010.0 * 5010.0);
        assert_true(json_number_value(json_object_get(sample, "distance")) > before);
        before = json_number_value(json_object_get(sample, "distance"));
    }
    assert_true(before > 4950 && before < 5050);
    f1_assert_json(f1_test_answer("/api/v1/seasons/2030/races/9/telemetry?driver=dziedzic"), "lap/number", "3");
    f1_assert_json(f1_test_answer("/api/v1/seasons/2030/races/9/telemetry?driver=dziedzic&lap=1"), "lap/time", "null");
    f1_assert_json(f1_test_answer("/api/v1/seasons/2030/races/9/telemetry?driver=dziedzic&lap=9"), "error_code",
                   "\"not_found\"");
    f1_assert_json(f1_test_answer("/api/v1/seasons/2030/races/9/telemetry?driver=hakimi"), "error_code",
                   "\"not_found\"");
    f1_assert_json(f1_test_answer("/api/v1/seasons/2030/races/9/telemetry"), "error_code", "\"invalid_parameter\"");
}

/* --- The shared upstream */

static const char *const questions[][2] = {
    {"meetings", ""},
    {"meetings", "year=2024"},
    {"meetings", "country_name=Belgium"},
    {"meetings", "date_start>=2025-01-01"},
    {"meetings", "date_start<2025"},
    {"meetings", "is_cancelled=false&circuit_key>0"},
    {"meetings", "meeting_name>=B&meeting_name<C"},
    {"sessions", ""},
    {"sessions", "session_name=Race"},
    {"sessions", "session_type=Practice&date_end<=2024-07-26"},
    {"sessions", "date_start>2024-07-26&date_start<2024-07-28"},
    {"sessions", "date_start=2024-07-27"},
    {"sessions", "gmt_offset=02:00:00"},
    {"sessions", "session_key=9574&session_key=9839"},
    {"sessions", "session_key=latest"},
    {"sessions", "meeting_key=latest"},
    {"sessions", "year>=2024&year<=2024"},
    {"drivers", ""},
    {"drivers", "driver_number=1"},
    {"drivers", "driver_number=1&driver_number=81&name_acronym=PIA"},
    {"drivers", "name_acronym=VER&session_key=latest"},
    {"drivers", "team_colour=3671C6"},
    {"drivers", "driver_number>=4&driver_number<=11&driver_number>=44&driver_number<=55"},
    {"drivers", "country_code=NED"},
    {"drivers", "driver_number=abc"},
    {"intervals", ""},
    {"intervals", "interval<0.3"},
    {"intervals", "interval>=0.5&interval<0.7&driver_number=4"},
    {"intervals", "gap_to_leader>10&date>=2025-12-07T13:10:00"},
    {"intervals", "date>2025-12-07T13:10:00%2B00:00&date<2025-12-07T13:11:00%2B00:00"},
    {"laps", ""},
    {"laps", "lap_number=8"},
    {"laps", "lap_duration<89"},
    {"laps", "lap_duration>=88.5&lap_duration<=89.5&driver_number=1"},
    {"laps", "is_pit_out_lap=true"},
    {"laps", "segments_sector_2=2064"},
    {"laps", "st_speed>320"},
    {"laps", "date_start>=2025-12-07T13:20:00"},
    {"laps", "lap_duration>=abc"},
    {"pit", ""},
    {"pit", "pit_duration<25&lap_number>5"},
    {"pit", "lane_duration>=20&lane_duration<=22"},
    {"pit", "date>=2024-07-28"},
    {"position", ""},
    {"position", "position<=3"},
    {"position", "position>=4&position<=7&position>=10&position<=15"},
    {"position", "driver_number=4&position>1"},
    {"race_control", ""},
    {"race_control", "flag=YELLOW"},
    {"race_control", "category=Flag&sector>=2&sector<=5"},
    {"race_control", "driver_number=1"},
    {"race_control", "flag=BLACK+AND+WHITE"},
    {"race_control", "lap_number>20&session_key=9574"},
    {"session_result", ""},
    {"session_result", "position<=3"},
    {"session_result", "duration<106"},
    {"session_result", "gap_to_leader=%2B1+LAP"},
    {"session_result", "gap_to_leader>=0.5&gap_to_leader<2"},
    {"session_result", "dnf=true"},
    {"session_result", "dsq=true&dns=false"},
    {"session_result", "points>0"},
    {"starting_grid", ""},
    {"starting_grid", "position<=5"},
    {"starting_grid", "lap_duration>=113&lap_duration<114"},
    {"stints", ""},
    {"stints", "compound=SOFT"},
    {"stints", "tyre_age_at_start>=3"},
    {"stints", "lap_start>1&lap_end<20"},
    {"overtakes", ""},
    {"overtakes", "overtaking_driver_number=44"},
    {"overtakes", "position=1"},
    {"overtakes", "date>=2024-07-28T13:30:00&date<2024-07-28T13:40:00"},
    {"weather", ""},
    {"weather", "wind_direction>=130&track_temperature<35"},
    {"weather", "rainfall=0&humidity>=55"},
    {"weather", "air_temperature<27&air_temperature>=26.5"},
    {"team_radio", ""},
    {"championship_drivers", ""},
    {"championship_teams", ""},
    {"laps", "nothing=1"},
    {"laps", "lap_number>=9.5"},
    {"laps", "date_start>=2025-12-07T13:20:00+00:00"},
    {"laps", "date_start>=12/07/2025"},
    {"laps", "date_start>=2021-09-10+14:30:20+EST"},
    {"laps", "lap_number>=2&lap_number>=5&lap_number<=3"},
};

typedef struct upstream_t {
    pid_t pid;
    const char *base;
    f1_http_t *http;
} upstream_t;

/* The port that the program wrote, NULL when it does not. */
static const char *wait_for_port(const char *file)
{
    apr_finfo_t info;
    int i;

    for (i = 0; i < 300; i++) {
        if (apr_stat(&info, file, APR_FINFO_SIZE, f1_test_pool()) == APR_SUCCESS && info.size > 0) {
            return apr_pstrndup(f1_test_pool(), f1_test_file(file, NULL), strcspn(f1_test_file(file, NULL), "\n"));
        }
        apr_sleep(apr_time_from_msec(100));
    }
    return NULL;
}

static apr_status_t stop_upstream(void *pid)
{
    kill(*(pid_t *)pid, SIGTERM);
    waitpid(*(pid_t *)pid, NULL, 0);
    return APR_SUCCESS;
}

/* 0: there is none here. */
static int start_upstream(upstream_t *upstream)
{
    const char *shared = getenv("F1_SHARED"), *program, *file, *port;
    f1_http_options_t options = {.user_agent = "f1test", .max_body = UPSTREAM_MAX};
    apr_finfo_t info;

    if (!shared) {
        return 0;
    }
    program = apr_pstrcat(f1_test_pool(), shared, "/upstream/upstream.py", NULL);
    file = apr_pstrcat(f1_test_pool(), getenv("F1_SANDBOX"), "/port", NULL);
    if (apr_stat(&info, program, APR_FINFO_TYPE, f1_test_pool()) != APR_SUCCESS) {
        return 0;
    }
    upstream->pid = fork();
    if (!upstream->pid) {
        (void)!freopen("/dev/null", "w", stdout);
        (void)!freopen("/dev/null", "w", stderr);
        execlp("python3", "python3", program, "--now", "2026-01-01T00:00:00Z", "--port-file", file, (char *)NULL);
        _exit(127);
    }
    apr_pool_cleanup_register(f1_test_pool(), &upstream->pid, stop_upstream, apr_pool_cleanup_null);
    port = wait_for_port(file);
    if (!port) {
        return 0;
    }
    upstream->base = apr_pstrcat(f1_test_pool(), "http://127.0.0.1:", port, "/v1", NULL);
    f1_assert_ok(f1_http_create(&upstream->http, &options, f1_test_pool(), f1_test_result()), f1_test_result());
    return 1;
}

static void ingest_from(const upstream_t *upstream, const char *what)
{
    const char *command = apr_psprintf(f1_test_pool(),
                                       "'%s' ingest openf1 %s --telemetry no --openf1 %s --quiet --clock"
                                       " 2026-01-01T00:00:00Z@0 >/dev/null",
                                       getenv("F1_CTL"), what, upstream->base);

    assert_int_equal(system(command), 0);
}

/* The same question to both, of the meetings that were loaded. */
static void compare(const upstream_t *upstream, const char *list, const char *args)
{
    const char *asked = apr_pstrcat(f1_test_pool(), args, *args ? "&" : "",
                                    strstr(args, "meeting_key") ? "" : "meeting_key=1242&meeting_key=1276", NULL);
    const char *ours = ask(list, asked);
    f1_http_reply_t *reply;

    f1_assert_ok(f1_http_get(upstream->http, apr_pstrcat(f1_test_pool(), upstream->base, "/", list, "?", asked, NULL),
                             &reply, f1_test_pool(), f1_test_result()),
                 f1_test_result());
    assert_int_equal(reply->status, 200);
    if (!ours || !json_equal(f1_test_json(ours), f1_test_json(reply->body))) {
        fail_msg("%s?%s: %.600s\n  is not %.600s", list, asked, ours ? ours : "refused", reply->body);
    }
}

static void answers_are_upstreams(void **state)
{
    static upstream_t upstream;
    size_t i;

    (void)state;
    if (!start_upstream(&upstream)) {
        return;
    }
    ingest_from(&upstream, "meeting 1242");
    ingest_from(&upstream, "session 9839");
    assert_int_equal(f1_clock_set("2026-01-01T00:00:00Z@0", 0), APR_SUCCESS);
    f1_test_sql("DELETE FROM openf1_sessions WHERE year = 2030; DELETE FROM openf1_meetings WHERE year = 2030");
    for (i = 0; i < sizeof(questions) / sizeof(questions[0]); i++) {
        compare(&upstream, questions[i][0], questions[i][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        F1_TEST(every_operator_finds_its_rows), F1_TEST(what_cannot_be_answered_is_told),
        F1_TEST(an_answer_has_a_bound),         F1_TEST(a_member_that_is_not_there_is_left_out),
        F1_TEST(csv_has_sorted_columns),        F1_TEST(telemetry_is_read_by_index),
        F1_TEST(a_lap_has_distance_and_place),  F1_TEST(answers_are_upstreams),
    };

    return f1_test_run(tests);
}
