/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* f1boardctl against an upstream that is a program of its own and has real seasons, if there is one: F1_SHARED names a
 * folder with upstream/upstream.py. It pages, corrects results, limits rates and fails on demand. */

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <apr_strings.h>
#include <apr_time.h>

#include "base/http.h"
#include "base/str.h"
#include "f1_test.h"

#define START_TRIES 100

static pid_t upstream_pid;
static const char *base; /* "http://127.0.0.1:8401" */

/* --- The upstream */

static int start_upstream(void)
{
    char script[1024], port_file[1024], port[16] = "";
    static char url[64];
    FILE *file;
    int tries;

    if (!getenv("F1_SHARED") || !getenv("F1_SANDBOX")) {
        return 0;
    }
    apr_snprintf(script, sizeof(script), "%s/upstream/upstream.py", getenv("F1_SHARED"));
    apr_snprintf(port_file, sizeof(port_file), "%s/upstream-port", getenv("F1_SANDBOX"));
    if (access(script, R_OK) != 0) {
        return 0;
    }
    upstream_pid = fork();
    if (upstream_pid == 0) {
        if (!freopen("/dev/null", "w", stdout)) {
            _exit(127);
        }
        execlp("python3", "python3", script, "--port-file", port_file, "--now", "2024-12-31T00:00:00Z", "--speed", "0",
               (char *)NULL);
        _exit(127);
    }
    for (tries = 0; tries < START_TRIES; tries++) {
        file = fopen(port_file, "r");
        if (file) {
            if (fgets(port, sizeof(port), file)) {
                port[strcspn(port, "\n")] = '\0';
            }
            fclose(file);
            break;
        }
        apr_sleep(apr_time_from_msec(100));
    }
    apr_snprintf(url, sizeof(url), "http://127.0.0.1:%s", port);
    base = url;
    return *port != '\0';
}

static void stop_upstream(void)
{
    if (upstream_pid > 0) {
        kill(upstream_pid, SIGTERM);
        (void)waitpid(upstream_pid, NULL, 0);
    }
}

/* --- Talking to it and to f1boardctl */

static const char *output_of(const char *command, int *pexit)
{
    FILE *pipe = popen(command, "r");
    char part[4096];
    f1_buf_t out;
    size_t len;
    int status;

    assert_non_null(pipe);
    f1_buf_init(&out, f1_test_pool(), 4096, 16 * 1024 * 1024);
    while ((len = fread(part, 1, sizeof(part), pipe)) > 0) {
        f1_buf_add(&out, part, len);
    }
    status = pclose(pipe);
    *pexit = WIFEXITED(status) ? WEXITSTATUS(status) : 128;
    return out.data;
}

/* {"garbage_next": 1} and the like */
static void control(const char *json)
{
    int status;

    output_of(apr_psprintf(f1_test_pool(), "curl -fsS -d '%s' %s/_control", json, base), &status);
    assert_int_equal(status, 0);
}

/* What f1boardctl says with --json, standard error included when it fails. Weather is another upstream's. */
static const char *ctl(const char *arguments, const char *clock, int expected)
{
    const char *upstream = strstr(arguments, "weather") ? apr_pstrcat(f1_test_pool(), "--weather-url ", base, NULL)
                                                        : apr_psprintf(f1_test_pool(), "--ergast %s/ergast/f1", base);
    int status;
    const char *out = output_of(
        apr_psprintf(f1_test_pool(), "%s --clock %s@0 --json %s %s 2>&1", getenv("F1_CTL"), clock, arguments, upstream),
        &status);

    if (status != expected) {
        fail_msg("%s ended with %d instead of %d: %s", arguments, status, expected, out);
    }
    return out;
}

static json_t *get(const char *path)
{
    int status;
    const char *body = output_of(apr_psprintf(f1_test_pool(), "curl -fsS '%s%s'", base, path), &status);

    assert_int_equal(status, 0);
    return f1_test_json(body);
}

/* "position id points wins constructors" of every row. */
static const char *published(int season, int round, int is_drivers)
{
    const char *what = is_drivers ? "driver" : "constructor", *text = "";
    const char *list = is_drivers ? "DriverStandings" : "ConstructorStandings";
    json_t *doc, *rows, *row, *team;
    size_t i, j;

    doc = get(apr_psprintf(f1_test_pool(), "/ergast/f1/%d/%d/%sstandings.json?limit=100", season, round, what));
    rows = f1_test_json_at(doc, apr_psprintf(f1_test_pool(), "MRData/StandingsTable/StandingsLists/0/%s", list));
    json_array_foreach(rows, i, row)
    {
        json_t *of = json_object_get(row, is_drivers ? "Driver" : "Constructor");
        const char *place = json_string_value(json_object_get(row, "position"));

        text = apr_psprintf(f1_test_pool(), "%s%s %s %s %s %s", text, place ? place : "-",
                            json_string_value(json_object_get(row, "positionText")),
                            json_string_value(json_object_get(of, is_drivers ? "driverId" : "constructorId")),
                            json_string_value(json_object_get(row, "points")),
                            json_string_value(json_object_get(row, "wins")));
        json_array_foreach(json_object_get(row, "Constructors"), j, team)
        {
            text =
                apr_pstrcat(f1_test_pool(), text, " ", json_string_value(json_object_get(team, "constructorId")), NULL);
        }
        text = apr_pstrcat(f1_test_pool(), text, "\n", NULL);
    }
    return text;
}

static const char *stored(int season, int round, int is_drivers)
{
    const char *rows = f1_test_sql(apr_psprintf(
        f1_test_pool(),
        "SELECT concat_ws(' ', coalesce(s.position::text, '-'), s.position_text, s.%s_id, trim_scale(s.points), "
        "s.wins%s)"
        " FROM %s_standing s JOIN race r ON r.id = s.race_id WHERE r.season = %d AND r.round = %d ORDER BY s.line",
        is_drivers ? "driver" : "constructor", is_drivers ? ", array_to_string(s.constructor_ids, ' ')" : "",
        is_drivers ? "driver" : "constructor", season, round));

    return *rows ? apr_pstrcat(f1_test_pool(), rows, "\n", NULL) : "";
}

/* Computed lists hold the unranked in an order of their own, so lines are compared as a set. */
static const char *sorted(const char *lines)
{
    const char *values =
        apr_pstrcat(f1_test_pool(), "SELECT string_agg(l, E'\\n' ORDER BY l) FROM regexp_split_to_table($x$", lines,
                    "$x$, E'\\n') AS l", NULL);

    return f1_test_sql(values);
}

static void compare_standings(int season)
{
    int rounds, round, kind;

    rounds = (int)strtol(
        f1_test_sql(apr_psprintf(f1_test_pool(), "SELECT count(*) FROM race WHERE season = %d AND status = 'completed'",
                                 season)),
        NULL, 10);
    assert_in_range(rounds, 10, 30);
    for (round = 1; round <= rounds; round++) {
        for (kind = 0; kind < 2; kind++) {
            assert_string_equal(sorted(stored(season, round, kind)), sorted(published(season, round, kind)));
        }
    }
}

/* --- Tests */

static void seasons_are_equal(void **state)
{
    static const int seasons[] = {1995, 2007, 2022, 2024};
    json_t *doc;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(seasons) / sizeof(seasons[0]); i++) {
        doc =
            f1_test_json(ctl(apr_psprintf(f1_test_pool(), "ingest seasons %d", seasons[i]), "2024-12-31T00:00:00Z", 0));
        f1_assert_json(doc, "has_changed", "true");
        compare_standings(seasons[i]);
    }
    doc = f1_test_json(ctl("ingest season 2024", "2024-12-31T00:00:00Z", 0));
    f1_assert_json(doc, "has_changed", "false");
    f1_assert_json(doc, "counts/results/seen", "479");
}

static void corrections_arrive(void **state)
{
    const char *race = "SELECT concat_ws(' ', x.revision, x.position_text, x.points) FROM result x"
                       " JOIN session s ON s.id = x.session_id JOIN entry e ON e.id = x.entry_id"
                       " WHERE s.race_id = '2024-hungarian-grand-prix' AND s.kind = 'race' AND e.driver_id = 'piastri'"
                       " ORDER BY x.revision";

    (void)state;
    control("{\"amend\": {\"season\": 2024, \"round\": 13, \"driverId\": \"piastri\"}}");
    ctl("ingest race 2024 13", "2025-01-02T00:00:00Z", 0);
    assert_string_equal(f1_test_sql(race), "1 1 25\n2 D 0");
    compare_standings(2024);
    control("{\"amend\": \"clear\"}");
    ctl("ingest current", "2024-12-31T00:00:00Z", 0);
    assert_string_equal(f1_test_sql(race), "1 1 25\n2 D 0\n3 1 25");
    assert_string_equal(
        f1_test_sql("SELECT kind, revision, payload -> 'diff' ? 'new_dnf', payload -> 'diff' ? 'resolved_dnf'"
                    " FROM event WHERE race_id = '2024-hungarian-grand-prix' AND session = 'race' ORDER BY id"),
        "results|1||\ncorrection|2|t|f\ncorrection|3|f|t");
    compare_standings(2024);
}

static void broken_answers_are_refused(void **state)
{
    const char *out;

    (void)state;
    control("{\"garbage_next\": 1}");
    out = ctl("ingest season 2023", "2024-12-31T00:00:00Z", 3);
    assert_non_null(strstr(out, "upstream_bad_data"));
    assert_non_null(strstr(out, "2023/races"));
    control("{\"truncate_next\": 1, \"truncate_mode\": \"short\"}");
    out = ctl("ingest season 2023", "2024-12-31T00:00:00Z", 3);
    assert_string_equal(f1_test_sql("SELECT count(*) FROM race WHERE season = 2023"), "0");
    control("{\"down\": true}");
    out = ctl("ingest season 2023", "2024-12-31T00:00:00Z", 3);
    assert_non_null(strstr(out, "upstream_error"));
    control("{\"down\": false}");
}

static void passing_faults_are_sat_out(void **state)
{
    int seen_429 = 0;
    json_t *log, *entry;
    size_t i;

    (void)state;
    control("{\"clear_log\": true, \"fail_next\": 1, \"drop_next\": 1, \"rate_limit\": \"5/s\"}");
    ctl("ingest race 2023 1", "2024-12-31T00:00:00Z", 0);
    control("{\"truncate_next\": 1, \"truncate_mode\": \"cut\"}");
    ctl("ingest qualifying 2023 1", "2024-12-31T00:00:00Z", 0);
    control("{\"rate_limit\": \"\"}");
    log = get("/_log");
    json_array_foreach(log, i, entry)
    {
        seen_429 += json_integer_value(json_object_get(entry, "status")) == 429;
        assert_non_null(strstr(json_string_value(json_object_get(entry, "user_agent")), "mod_f1board/"));
        assert_non_null(strstr(json_string_value(json_object_get(entry, "accept_encoding")), "gzip"));
    }
    assert_int_not_equal(seen_429, 0);
    assert_string_equal(f1_test_sql("SELECT count(*), count(DISTINCT driver_id) FROM lap WHERE season = 2023"),
                        "1055|20");
    assert_string_equal(f1_test_sql("SELECT count(*) FROM pit_stop WHERE season = 2023"), "50");
}

static const char *key_file(void)
{
    const char *name = apr_pstrcat(f1_test_pool(), getenv("F1_SANDBOX"), "/upstream.key", NULL);
    FILE *file = fopen(name, "w");

    assert_non_null(file);
    assert_true(fputs("abc123\n", file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(name, 0600), 0);
    return name;
}

/* Forecasts and the past of a season that is under way, from one service and the other. */
static void weather_is_fetched(void **state)
{
    const char *summary = "SELECT source, is_forecast, count(*), bool_and(conditions IS NOT NULL AND wind_kmh > 0)"
                          " FROM weather GROUP BY 1, 2 ORDER BY 1, 2";
    const char *day = "2024-07-24T00:00:00Z"; /* between Budapest and Spa */
    const char *by_key =
        apr_psprintf(f1_test_pool(), "ingest weather 2024 --weather openweathermap --weather-key-file %s", key_file());

    (void)state;
    control("{\"now\": \"2024-07-24T00:00:00Z\"}");
    f1_test_sql("SELECT weather_forget(id) FROM race");
    f1_assert_json(f1_test_json(ctl("ingest weather 2024", day, 0)), "requests", "14");
    assert_string_equal(f1_test_sql(summary), "open-meteo|f|12|t\nopen-meteo|t|2|t");
    control("{\"rate_limit\": \"openmeteo=2/s\"}");
    ctl("ingest weather 2024 --again", day, 0);
    control("{\"rate_limit\": \"\", \"garbage_next\": 1}");
    assert_non_null(strstr(ctl("ingest weather --race 2024-belgian-grand-prix", day, 3), "upstream_bad_data"));
    assert_string_equal(f1_test_sql(summary), "open-meteo|f|12|t\nopen-meteo|t|2|t");
    ctl(by_key, day, 0);
    assert_string_equal(f1_test_sql(summary), "open-meteo|f|12|t\nopen-meteo|t|1|t\nopenweathermap|t|1|t");
    control("{\"now\": \"2024-12-31T00:00:00Z\"}");
    ctl("ingest weather 2024", "2024-12-31T00:00:00Z", 0);
    assert_string_equal(f1_test_sql(summary), "open-meteo|f|24|t");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        F1_TEST(seasons_are_equal),          F1_TEST(corrections_arrive), F1_TEST(broken_answers_are_refused),
        F1_TEST(passing_faults_are_sat_out), F1_TEST(weather_is_fetched),
    };
    int failed;

    if (!start_upstream()) {
        stop_upstream();
        puts("1..0 # SKIP no upstream to test with in F1_SHARED");
        return 0;
    }
    failed = f1_test_run(tests);
    stop_upstream();
    return failed;
}
