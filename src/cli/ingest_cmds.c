/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* f1boardctl ingest, validate, status and backfill-nationalities. The commands of ingestion differ in their arguments
 * alone; what they all do (client with limits, run, ratings, summary) is ingest() below. */

#include "config.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <apr_strings.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/str.h"
#include "cli/cli.h"
#include "ingest/ergast.h"
#include "ingest/feed.h"
#include "ingest/openf1.h"
#include "ingest/run.h"
#include "ingest/validate.h"
#include "ingest/weather.h"
#include "task/task.h"

/* Where data comes from. */
typedef struct upstream_t {
    const char *option, *variable, *url; /* the last one where the others are not given */
    const char *limits;
} upstream_t;

static const upstream_t ergast = {"ergast", "F1_ERGAST_URL", F1_FEED_ERGAST_URL, F1_LIMITS_ERGAST};
static const upstream_t openf1 = {"openf1", "F1_OPENF1_URL", F1_FEED_OPENF1_URL, F1_LIMITS_OPENF1};

/* What the hooks of feed and ingestion share. */
typedef struct session_t {
    f1_cli_t *cli;
    f1_conn_t *conn;
    f1_feed_t feed;
    f1_ingest_t ingest;
    int done, total;
    const char *next;
} session_t;

/* --- Hooks */

static void on_progress(void *baton, int done, int total, const char *next)
{
    session_t *session = baton;

    session->done = done;
    session->total = total;
    session->next = apr_pstrdup(session->cli->pool, next);
    f1_cli_progress(session->cli, done, total, "%s", next);
}

static int is_stopping(void *baton)
{
    (void)baton;
    return f1_cli_stopping();
}

static int on_wait(void *baton, const char *why, apr_interval_time_t left)
{
    session_t *session = baton;

    if (left > apr_time_from_sec(1)) {
        f1_cli_progress(session->cli, session->done, session->total, "%s; waiting %d s: %s",
                        session->next ? session->next : "", (int)apr_time_sec(left) + 1, why);
    }
    return f1_cli_stopping();
}

/* --- Setting up */

/* The option, else what the environment says, else fallback. */
static const char *setting(f1_cli_t *cli, const char *option, const char *variable, const char *fallback)
{
    const char *value = f1_cli_option(cli, option);

    if (!value) {
        value = getenv(variable);
    }
    return value && *value ? value : fallback;
}

static f1_feed_options_t feed_options(session_t *session, f1_cli_t *cli)
{
    return (f1_feed_options_t){.rate = f1_cli_option(cli, "rate"),
                               .user_agent = "mod_f1board/" PACKAGE_VERSION " (f1boardctl)",
                               .ca_file = f1_cli_option(cli, "ca-file"),
                               .is_stopping = on_wait,
                               .baton = session};
}

static apr_status_t session_open(session_t *session, f1_cli_t *cli, const upstream_t *upstream)
{
    f1_feed_options_t options = feed_options(session, cli);

    *session = (session_t){.cli = cli};
    options.url = setting(cli, upstream->option, upstream->variable, upstream->url);
    options.usual = upstream->limits;
    if (f1_feed_open(&session->feed, &options, cli->pool, cli->res) != APR_SUCCESS ||
        f1_cli_conn(cli, &session->conn) != APR_SUCCESS) {
        return cli->res->rv;
    }
    session->feed.conn = session->conn;
    return APR_SUCCESS;
}

/* A URL or a limit that cannot be is the command line's fault. */
static f1_exit_t fail_to_open(f1_cli_t *cli)
{
    return cli->res->error == F1_E_BAD_REQUEST ? f1_cli_usage(cli, "%s", cli->res->detail) : f1_cli_fail(cli);
}

/* --- Summary */

static void print_counts(f1_cli_t *cli, const f1_loaded_t *counts)
{
    int kind;

    for (kind = 0; kind < F1_LOADED_KINDS; kind++) {
        if (counts[kind].seen) {
            f1_cli_print(cli, "  %-22s %7d seen, %6d new, %6d changed, %6d gone",
                         f1_loaded_name((f1_loaded_kind_t)kind), counts[kind].seen, counts[kind].inserted,
                         counts[kind].changed, counts[kind].removed);
        }
    }
}

static void print_report(f1_cli_t *cli, const f1_ingest_report_t *report, apr_interval_time_t took)
{
    const char *counts = f1_run_counts(report->counts, cli->pool);

    f1_cli_print(cli, "%s: %s%s%d requests, %.1f s, %.3f s of it in the database", report->command,
                 report->has_changed ? "" : "nothing changed, ", report->resumes ? "resumed, " : "", report->requests,
                 (double)took / APR_USEC_PER_SEC, (double)report->load_took / APR_USEC_PER_SEC);
    print_counts(cli, report->counts);
    f1_cli_json(cli, json_pack("{s:s, s:s*, s:s*, s:b, s:i, s:f, s:f, s:o}", "command", report->command, "run",
                               report->run, "resumes", report->resumes, "has_changed", report->has_changed, "requests",
                               report->requests, "took_ms", (double)took / 1000, "load_ms",
                               (double)report->load_took / 1000, "counts", json_loads(counts, 0, NULL)));
}

static f1_exit_t ingest(f1_cli_t *cli, const f1_ingest_t *what)
{
    apr_time_t start = apr_time_now();
    f1_ingest_report_t report;
    f1_result_t *failed = f1_result_make(cli->pool);
    session_t session;

    if (session_open(&session, cli, &ergast) != APR_SUCCESS) {
        return fail_to_open(cli);
    }
    session.ingest = (f1_ingest_t){.what = what->what,
                                   .first = what->first,
                                   .last = what->last,
                                   .round = what->round,
                                   .laps = f1_cli_option(cli, "laps") != NULL,
                                   .pitstops = f1_cli_option(cli, "pitstops") != NULL,
                                   .restart = f1_cli_option(cli, "restart") != NULL,
                                   .source = session.feed.source,
                                   .conn = session.conn,
                                   .progress = on_progress,
                                   .is_stopping = is_stopping,
                                   .baton = &session};
    if (f1_ingest(&session.ingest, &report, cli->pool, cli->res) != APR_SUCCESS) {
        *failed = *cli->res;
        f1_result_clear(cli->res);
    }
    /* what was loaded before a failure counts too */
    if (f1_task_follow_up(session.conn, &report, cli->pool, cli->res) != APR_SUCCESS && failed->error == F1_E_OK) {
        return f1_cli_fail(cli);
    }
    if (failed->error != F1_E_OK) {
        print_counts(cli, report.counts);
        *cli->res = *failed;
        return f1_cli_fail(cli);
    }
    print_report(cli, &report, apr_time_now() - start);
    return F1_EXIT_OK;
}

/* --- Commands of ingestion */

static int year_argument(f1_cli_t *cli, const char *text, int *pyear)
{
    return f1_cli_integer(cli, "season", text, 1950, 2199, pyear);
}

static f1_exit_t one_year(f1_cli_t *cli, const char *const *args, f1_ingest_what_t what)
{
    f1_ingest_t ingestion = {.what = what};

    return year_argument(cli, args[0], &ingestion.first) ? ingest(cli, &ingestion) : F1_EXIT_USAGE;
}

static f1_exit_t run_season(f1_cli_t *cli, const char *const *args, int arg_count)
{
    (void)arg_count;
    return one_year(cli, args, F1_INGEST_SEASON);
}

static f1_exit_t run_drivers(f1_cli_t *cli, const char *const *args, int arg_count)
{
    (void)arg_count;
    return one_year(cli, args, F1_INGEST_DRIVERS);
}

static f1_exit_t run_standings(f1_cli_t *cli, const char *const *args, int arg_count)
{
    (void)arg_count;
    return one_year(cli, args, F1_INGEST_STANDINGS);
}

static f1_exit_t run_seasons(f1_cli_t *cli, const char *const *args, int arg_count)
{
    f1_ingest_t ingestion = {.what = F1_INGEST_SEASONS};
    const char *dash = strchr(args[0], '-'), *first = args[0];

    (void)arg_count;
    if (dash) {
        first = apr_pstrndup(cli->pool, args[0], (apr_size_t)(dash - args[0]));
    }
    if (!year_argument(cli, first, &ingestion.first) || !year_argument(cli, dash ? dash + 1 : first, &ingestion.last)) {
        return F1_EXIT_USAGE;
    }
    if (ingestion.last < ingestion.first) {
        return f1_cli_usage(cli, "seasons '%s' end before they begin", args[0]);
    }
    return ingest(cli, &ingestion);
}

/* YEAR ROUND or YEAR --round N */
static f1_exit_t one_round(f1_cli_t *cli, const char *const *args, int arg_count, f1_ingest_what_t what)
{
    f1_ingest_t ingestion = {.what = what};
    const char *round = arg_count == 2 ? args[1] : f1_cli_option(cli, "round");

    if (!round || (arg_count == 2 && f1_cli_option(cli, "round"))) {
        return f1_cli_usage(cli, "which round? Give it once, behind the season or as --round");
    }
    if (!year_argument(cli, args[0], &ingestion.first) ||
        !f1_cli_integer(cli, "round", round, 1, 99, &ingestion.round)) {
        return F1_EXIT_USAGE;
    }
    return ingest(cli, &ingestion);
}

static f1_exit_t run_race(f1_cli_t *cli, const char *const *args, int arg_count)
{
    return one_round(cli, args, arg_count, F1_INGEST_RACE);
}

static f1_exit_t run_qualifying(f1_cli_t *cli, const char *const *args, int arg_count)
{
    return one_round(cli, args, arg_count, F1_INGEST_QUALIFYING);
}

static f1_exit_t run_current(f1_cli_t *cli, const char *const *args, int arg_count)
{
    f1_ingest_t ingestion = {.what = F1_INGEST_CURRENT};
    apr_time_exp_t now;

    (void)args;
    (void)arg_count;
    if (apr_time_exp_gmt(&now, f1_clock_now()) != APR_SUCCESS) {
        return f1_cli_usage(cli, "the clock shows no date");
    }
    ingestion.first = now.tm_year + 1900;
    return ingest(cli, &ingestion);
}

/* session KEY|latest, meeting KEY|latest, year Y */
static int openf1_arguments(f1_cli_t *cli, const char *const *args, f1_openf1_t *what)
{
    const char *telemetry = f1_cli_option(cli, "telemetry");

    what->what = strcmp(args[0], "session") == 0   ? F1_OPENF1_SESSION
                 : strcmp(args[0], "meeting") == 0 ? F1_OPENF1_MEETING
                                                   : F1_OPENF1_YEAR;
    if (what->what == F1_OPENF1_YEAR && strcmp(args[0], "year") != 0) {
        (void)f1_cli_usage(cli, "'%s' should be session, meeting or year", args[0]);
        return 0;
    }
    if (telemetry && strcmp(telemetry, "yes") != 0 && strcmp(telemetry, "no") != 0) {
        (void)f1_cli_usage(cli, "--telemetry '%s' should be yes or no", telemetry);
        return 0;
    }
    what->telemetry = telemetry ? strcmp(telemetry, "yes") == 0 : what->what == F1_OPENF1_SESSION;
    if (what->what == F1_OPENF1_YEAR) {
        return year_argument(cli, args[1], &what->key);
    }
    return strcmp(args[1], "latest") == 0 || f1_cli_integer(cli, args[0], args[1], 1, INT_MAX, &what->key);
}

static f1_exit_t run_openf1(f1_cli_t *cli, const char *const *args, int arg_count)
{
    f1_openf1_t what = {.restart = f1_cli_option(cli, "restart") != NULL};
    apr_time_t start = apr_time_now();
    f1_ingest_report_t report;
    session_t session;

    (void)arg_count;
    if (!openf1_arguments(cli, args, &what)) {
        return F1_EXIT_USAGE;
    }
    if (session_open(&session, cli, &openf1) != APR_SUCCESS) {
        return fail_to_open(cli);
    }
    what.source = session.feed.source;
    what.conn = session.conn;
    what.progress = on_progress;
    what.is_stopping = is_stopping;
    what.baton = &session;
    if (f1_openf1_ingest(&what, &report, cli->pool, cli->res) != APR_SUCCESS) {
        print_counts(cli, report.counts);
        return f1_cli_fail(cli);
    }
    print_report(cli, &report, apr_time_now() - start);
    return F1_EXIT_OK;
}

apr_status_t f1_cli_weather(f1_cli_t *cli, f1_weather_access_t *access)
{
    const char *file = setting(cli, "weather-key-file", "F1_WEATHER_KEY_FILE", NULL);

    access->service = setting(cli, "weather", "F1_WEATHER", F1_WEATHER_USUAL);
    access->url = setting(cli, "weather-url", "F1_WEATHER_URL", NULL);
    return file ? f1_weather_key_read(&access->key, file, cli->pool, cli->res) : APR_SUCCESS;
}

static f1_exit_t run_weather(f1_cli_t *cli, const char *const *args, int arg_count)
{
    session_t session = {.cli = cli};
    f1_weather_t what = {.race = f1_cli_option(cli, "race"),
                         .again = f1_cli_option(cli, "again") != NULL,
                         .feed = feed_options(&session, cli),
                         .progress = on_progress,
                         .is_stopping = is_stopping,
                         .baton = &session};
    apr_time_t start = apr_time_now();
    f1_ingest_report_t report;

    if (arg_count && what.race) {
        return f1_cli_usage(cli, "a season or --race, not both");
    }
    if (arg_count && !year_argument(cli, args[0], &what.season)) {
        return F1_EXIT_USAGE;
    }
    if (f1_cli_weather(cli, &what.access) != APR_SUCCESS) {
        return fail_to_open(cli);
    }
    if (f1_cli_conn(cli, &what.conn) != APR_SUCCESS ||
        f1_weather_ingest(&what, &report, cli->pool, cli->res) != APR_SUCCESS) {
        return fail_to_open(cli);
    }
    print_report(cli, &report, apr_time_now() - start);
    return F1_EXIT_OK;
}

/* --- The other commands */

static f1_exit_t run_validate(f1_cli_t *cli, const char *const *args, int arg_count)
{
    json_t *list = f1_json_own(json_array(), cli->pool);
    apr_array_header_t *findings;
    f1_conn_t *conn;
    int year, i;

    (void)arg_count;
    if (!year_argument(cli, args[0], &year)) {
        return F1_EXIT_USAGE;
    }
    if (f1_cli_conn(cli, &conn) != APR_SUCCESS ||
        f1_validate(conn, year, &findings, cli->pool, cli->res) != APR_SUCCESS) {
        return f1_cli_fail(cli);
    }
    for (i = 0; i < findings->nelts; i++) {
        const f1_finding_t *finding = &APR_ARRAY_IDX(findings, i, f1_finding_t);
        const char *where = finding->round ? apr_psprintf(cli->pool, "%d round %d", year, finding->round) : args[0];

        f1_cli_print(cli, "%s: %s: %s", where, finding->rule, finding->detail);
        (void)json_array_append_new(list, json_pack("{s:i, s:s, s:s}", "round", finding->round, "rule", finding->rule,
                                                    "detail", finding->detail));
    }
    f1_cli_print(cli, "%d: %d finding%s", year, findings->nelts, findings->nelts == 1 ? "" : "s");
    f1_cli_json(cli, json_pack("{s:i, s:O}", "season", year, "findings", list));
    return findings->nelts ? F1_EXIT_FINDINGS : F1_EXIT_OK;
}

static f1_exit_t run_backfill(f1_cli_t *cli, const char *const *args, int arg_count)
{
    f1_ingest_t ingestion = {.what = F1_INGEST_DRIVERS};
    int drivers = 0, constructors = 0, i;
    f1_exit_t rc = F1_EXIT_OK;
    apr_array_header_t *seasons;
    f1_conn_t *conn;

    (void)args;
    (void)arg_count;
    if (f1_cli_conn(cli, &conn) != APR_SUCCESS ||
        f1_nationalities_convert(conn, &drivers, &constructors, cli->pool, cli->res) != APR_SUCCESS ||
        f1_nationalities_missing(conn, &seasons, cli->pool, cli->res) != APR_SUCCESS) {
        return f1_cli_fail(cli);
    }
    f1_cli_note(cli, "converted: %d drivers, %d constructors; seasons to ask upstream for: %d", drivers, constructors,
                seasons->nelts);
    for (i = 0; i < seasons->nelts && rc == F1_EXIT_OK; i++) {
        ingestion.first = APR_ARRAY_IDX(seasons, i, int);
        rc = ingest(cli, &ingestion);
    }
    return rc;
}

static f1_exit_t run_status(f1_cli_t *cli, const char *const *args, int arg_count)
{
    f1_rows_t *runs, *seasons;
    f1_conn_t *conn;
    int i;

    (void)args;
    (void)arg_count;
    if (f1_cli_conn(cli, &conn) != APR_SUCCESS ||
        f1_ingestion_status(conn, &runs, &seasons, cli->pool, cli->res) != APR_SUCCESS) {
        return f1_cli_fail(cli);
    }
    f1_cli_print(cli, "season   races completed qualifying standings laps");
    for (i = 0; i < f1_rows_count(seasons); i++) {
        f1_cli_print(cli, "%6s %7s %9s %10s %9s %4s", f1_rows_get(seasons, i, 0), f1_rows_get(seasons, i, 1),
                     f1_rows_get(seasons, i, 2), f1_rows_get(seasons, i, 3), f1_rows_get(seasons, i, 4),
                     f1_rows_get(seasons, i, 5));
    }
    f1_cli_print(cli, "last runs:");
    for (i = 0; i < f1_rows_count(runs); i++) {
        f1_cli_print(cli, "%6s %.19s %-8s %s from %s, %s requests%s%s", f1_rows_get(runs, i, 0),
                     f1_rows_get(runs, i, 4), f1_rows_get(runs, i, 3), f1_rows_get(runs, i, 1), f1_rows_get(runs, i, 2),
                     f1_rows_get(runs, i, 6), f1_rows_get(runs, i, 8) ? ": " : "",
                     f1_rows_get(runs, i, 8) ? f1_rows_get(runs, i, 8) : "");
    }
    f1_cli_json(cli, json_pack("{s:o, s:o}", "seasons", f1_cli_rows(cli, seasons), "runs", f1_cli_rows(cli, runs)));
    return F1_EXIT_OK;
}

/* --- Tables */

#define REQUEST_OPTIONS                                                       \
    {"rate", "LIMITS", "requests upstream may get, like 4/s,500/h, or none"}, \
    {                                                                         \
        "ca-file", "FILE", "certificates to trust instead of the system's"    \
    }
#define SOURCE_OPTIONS                                                                                       \
    {"ergast", "URL", "upstream, http(s)://… or file:///DIR; else F1_ERGAST_URL, else " F1_FEED_ERGAST_URL}, \
        REQUEST_OPTIONS

static const f1_option_t source_options[] = {SOURCE_OPTIONS, {NULL, NULL, NULL}};

static const f1_option_t round_options[] = {
    SOURCE_OPTIONS, {"round", "N", "the round, if it is not the second argument"}, {NULL, NULL, NULL}};

static const f1_option_t season_options[] = {SOURCE_OPTIONS,
                                             {"laps", NULL, "lap times of every race too (about 12 requests each)"},
                                             {"pitstops", NULL, "pit stops of every race too (a request each)"},
                                             {NULL, NULL, NULL}};

static const f1_option_t range_options[] = {SOURCE_OPTIONS,
                                            {"laps", NULL, "lap times of every race too (about 12 requests each)"},
                                            {"pitstops", NULL, "pit stops of every race too (a request each)"},
                                            {"restart", NULL, "do not resume a run that was broken off"},
                                            {NULL, NULL, NULL}};

static const f1_option_t openf1_options[] = {
    {"openf1", "URL", "upstream, http(s)://… or file:///DIR; else F1_OPENF1_URL, else " F1_FEED_OPENF1_URL},
    REQUEST_OPTIONS,
    {"telemetry", "yes|no", "car data and locations too; a session usually, a meeting or a year usually not"},
    {"restart", NULL, "do not resume a year that was broken off"},
    {NULL, NULL, NULL}};

static const f1_option_t weather_options[] = {F1_CLI_WEATHER_OPTIONS,
                                              REQUEST_OPTIONS,
                                              {"race", "ID", "of this race alone"},
                                              {"again", NULL, "also of races whose weather was observed"},
                                              {NULL, NULL, NULL}};

const f1_command_t f1_cli_ingest_commands[] = {
    {"ingest season", "YEAR [OPTION...]", "Load a season: calendar, entries, all results, standings after every round",
     1, 1, season_options, run_season},
    {"ingest seasons", "FIRST-LAST [OPTION...]", "Load seasons with as few requests as will do; resumes", 1, 1,
     range_options, run_seasons},
    {"ingest race", "YEAR ROUND [OPTION...]", "Load a race weekend with its laps and pit stops", 1, 2, round_options,
     run_race},
    {"ingest qualifying", "YEAR ROUND [OPTION...]", "Load a qualifying", 1, 2, round_options, run_qualifying},
    {"ingest drivers", "YEAR [OPTION...]", "Load the drivers and constructors of a season", 1, 1, source_options,
     run_drivers},
    {"ingest standings", "YEAR [OPTION...]", "Load the standings after every round of a season", 1, 1, source_options,
     run_standings},
    {"ingest current", "[OPTION...]", "Load what is new or changed in the running season", 0, 0, season_options,
     run_current},
    {"ingest openf1", "session|meeting|year KEY|latest|YEAR [OPTION...]",
     "Load what OpenF1 tells about a session, a meeting, or a year", 2, 2, openf1_options, run_openf1},
    {"ingest weather", "[YEAR] [OPTION...]", "Load the weather of a season's races, of one, or of those that are due",
     0, 1, weather_options, run_weather},
    {"validate", "YEAR", "Look for gaps and contradictions in a season's data", 1, 1, NULL, run_validate},
    {"backfill-nationalities", "[OPTION...]", "Turn country codes into nationalities, and fetch missing ones", 0, 0,
     source_options, run_backfill},
    {"status", "", "Show what is loaded, and the last runs", 0, 0, NULL, run_status},
    {NULL, NULL, NULL, 0, 0, NULL, NULL}};
