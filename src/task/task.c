/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* What jobs do, and the table of their kinds. */

#include "task/task.h"

#include <string.h>

#include <apr_strings.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/str.h"
#include "db/query.h"
#include "gen/statements.h"
#include "ingest/ergast.h"
#include "ingest/feed.h"
#include "ingest/run.h"
#include "ingest/weather.h"
#include "job/queue.h"
#include "ml/elo.h"
#include "task/notifications.h"
#include "task/send_mail.h"
#include "task/send_webhooks.h"

/* --- Ingestion, as a job */

/* What the hooks of feed and ingestion share. */
typedef struct work_t {
    f1_job_t *job;
    f1_feed_t feed;
} work_t;

static void on_progress(void *baton, int done, int total, const char *next)
{
    work_t *work = baton;
    f1_result_t *ignored = f1_result_make(work->job->pool);

    /* whether it should stop is asked by is_stopping */
    (void)f1_job_step(work->job, done, total, next, ignored);
}

static int is_stopping(void *baton)
{
    return f1_job_is_stopping(((work_t *)baton)->job);
}

static int on_wait(void *baton, const char *why, apr_interval_time_t left)
{
    (void)why;
    (void)left;
    return is_stopping(baton);
}

apr_status_t f1_task_follow_up(f1_conn_t *conn, const f1_ingest_report_t *report, apr_pool_t *pool, f1_result_t *res)
{
    const f1_loaded_t *results = &report->counts[F1_LOADED_RESULT];

    if (!results->inserted && !results->changed && !results->removed) {
        return APR_SUCCESS;
    }
    return f1_elo_refresh(conn, NULL, pool, res);
}

static void tell_report(f1_job_t *job, const f1_ingest_report_t *report)
{
    const char *counts = f1_run_counts(report->counts, job->pool);

    (void)json_object_set_new(job->result, "command", json_string(report->command));
    (void)json_object_set_new(job->result, "requests", json_integer(report->requests));
    (void)json_object_set_new(job->result, "has_changed", json_boolean(report->has_changed));
    (void)json_object_set_new(job->result, "counts", json_loads(counts, 0, NULL));
}

static apr_status_t ingest(f1_job_t *job, f1_ingest_what_t what, int season, int round, f1_result_t *res)
{
    const f1_task_context_t *context = job->context;
    work_t work = {.job = job};
    const f1_feed_options_t options = {.url = context->ergast ? context->ergast : F1_FEED_ERGAST_URL,
                                       .rate = context->rate,
                                       .usual = F1_LIMITS_ERGAST,
                                       .user_agent = context->user_agent,
                                       .ca_file = context->ca_file,
                                       .is_stopping = on_wait,
                                       .baton = &work};
    f1_ingest_t ingestion = {.what = what,
                             .first = season,
                             .round = round,
                             .conn = job->conn,
                             .progress = on_progress,
                             .is_stopping = is_stopping,
                             .baton = &work};
    f1_result_t *followed = f1_result_make(job->pool);
    f1_ingest_report_t report;

    if (f1_feed_open(&work.feed, &options, job->pool, res) != APR_SUCCESS) {
        return res->rv;
    }
    work.feed.conn = job->conn;
    ingestion.source = work.feed.source;
    (void)f1_ingest(&ingestion, &report, job->pool, res);
    tell_report(job, &report);
    /* what was loaded before a failure counts too */
    if (f1_task_follow_up(job->conn, &report, job->pool, followed) != APR_SUCCESS && res->error == F1_E_OK) {
        *res = *followed;
    }
    return res->rv;
}

static int running_season(void)
{
    char now[F1_TIME_LEN];
    apr_int64_t year = 0;

    f1_time_format(now, f1_clock_now());
    now[4] = '\0';
    (void)f1_str_to_int64(now, &year);
    return (int)year;
}

/* A member of the payload that should be a number in a range; otherwise, or if it is not there, fallback. */
static int number_of(const f1_job_t *job, const char *name, int min, int max, int fallback)
{
    const json_t *value = json_object_get(job->payload, name);
    json_int_t number = json_is_integer(value) ? json_integer_value(value) : fallback;

    return number >= min && number <= max ? (int)number : fallback;
}

static apr_status_t run_ingest(f1_job_t *job, f1_result_t *res)
{
    static const struct {
        const char *name;
        f1_ingest_what_t what;
        int has_round;
    } whats[] = {
        {"season", F1_INGEST_SEASON, 0},         {"race", F1_INGEST_RACE, 1},
        {"qualifying", F1_INGEST_QUALIFYING, 1}, {"drivers", F1_INGEST_DRIVERS, 0},
        {"standings", F1_INGEST_STANDINGS, 0},   {"current", F1_INGEST_CURRENT, 0},
    };
    const char *what = f1_json_str(job->payload, "what");
    int round = number_of(job, "round", 1, 99, 0);
    size_t i;

    for (i = 0; what && i < sizeof(whats) / sizeof(whats[0]); i++) {
        if (strcmp(whats[i].name, what) != 0) {
            continue;
        }
        if (whats[i].has_round != (round > 0)) {
            return f1_result_fail(res, F1_E_BAD_REQUEST, APR_EINVAL, "to ingest a %s %s", what,
                                  round ? "needs no round" : "needs a round");
        }
        return ingest(job, whats[i].what, number_of(job, "season", 1950, 2199, running_season()), round, res);
    }
    return f1_result_fail(res, F1_E_BAD_REQUEST, APR_EINVAL, "the payload does not say what to ingest");
}

/* The same as every night, which may be under way: two at a time would only ask twice. */
static apr_status_t run_calendar(f1_job_t *job, f1_result_t *res)
{
    const f1_order_t order = {.kind = "ingest", .payload = "{\"what\":\"current\"}", .key = "schedule daily_ingestion"};
    apr_int64_t id;
    char now[F1_TIME_LEN];
    const char *values[] = {f1_time_format(now, f1_clock_now())};
    f1_rows_t *rows;

    if (f1_query(job->conn, &f1_stmt_task_weekend_near, values, &rows, job->pool, res) != APR_SUCCESS ||
        !f1_rows_count(rows)) {
        return res->rv;
    }
    return f1_queue_add(job->conn, &order, &id, job->pool, res);
}

/* --- Results: are they there, and do they stay */

static apr_status_t run_plan_checks(f1_job_t *job, f1_result_t *res)
{
    char now[F1_TIME_LEN];
    const char *values[] = {f1_time_format(now, f1_clock_now())};

    return f1_query(job->conn, &f1_stmt_task_plan_checks, values, NULL, job->pool, res);
}

/* What upstream says now; that it has nothing yet is an answer too. */
static apr_status_t ask_for_results(f1_job_t *job, const char *session, const char *now, f1_result_t *res)
{
    const char *values[] = {session, now};
    apr_int64_t season = 0, round = 0;
    f1_rows_t *rows;
    int is_race;

    if (f1_query(job->conn, &f1_stmt_task_check_session, values, &rows, job->pool, res) != APR_SUCCESS ||
        !f1_rows_count(rows) || *f1_rows_get(rows, 0, 3) != 't') {
        return res->rv;
    }
    (void)f1_str_to_int64(f1_rows_get(rows, 0, 0), &season);
    (void)f1_str_to_int64(f1_rows_get(rows, 0, 1), &round);
    is_race = strcmp(f1_rows_get(rows, 0, 2), "qualifying") != 0;
    if (ingest(job, is_race ? F1_INGEST_RACE : F1_INGEST_QUALIFYING, (int)season, (int)round, res) != APR_SUCCESS &&
        res->error == F1_E_NOT_FOUND) {
        f1_result_clear(res);
    }
    return res->rv;
}

static apr_status_t run_check_results(f1_job_t *job, f1_result_t *res)
{
    char now[F1_TIME_LEN];
    const char *session = apr_itoa(job->pool, number_of(job, "session", 1, APR_INT32_MAX, 0));
    const char *values[] = {session, f1_time_format(now, f1_clock_now())};
    f1_rows_t *rows;

    if (ask_for_results(job, session, now, res) != APR_SUCCESS ||
        f1_query(job->conn, &f1_stmt_task_check_note, values, &rows, job->pool, res) != APR_SUCCESS) {
        return res->rv;
    }
    if (f1_rows_count(rows)) {
        (void)json_object_set_new(job->result, "phase", json_string(f1_rows_get(rows, 0, 0)));
        (void)json_object_set_new(job->result, "next_at",
                                  f1_rows_get(rows, 0, 3) ? json_string(f1_rows_get(rows, 0, 3)) : json_null());
    }
    return APR_SUCCESS;
}

/* --- Weather */

static apr_status_t run_weather(f1_job_t *job, f1_result_t *res)
{
    const f1_task_context_t *context = job->context;
    work_t work = {.job = job};
    const f1_weather_t weather = {.access = context->weather,
                                  .feed = {.user_agent = context->user_agent,
                                           .ca_file = context->ca_file,
                                           .is_stopping = on_wait,
                                           .baton = &work},
                                  .season = number_of(job, "season", 1950, 2199, 0),
                                  .round = number_of(job, "round", 1, 99, 0),
                                  .race = f1_json_str(job->payload, "race"),
                                  .again = json_is_true(json_object_get(job->payload, "again")),
                                  .conn = job->conn,
                                  .progress = on_progress,
                                  .is_stopping = is_stopping,
                                  .baton = &work};
    f1_ingest_report_t report;

    if (context->weather.service && strcmp(context->weather.service, F1_WEATHER_OFF) == 0) {
        (void)json_object_set_new(job->result, "is_off", json_true());
        return APR_SUCCESS;
    }
    (void)f1_weather_ingest(&weather, &report, job->pool, res);
    tell_report(job, &report);
    return res->rv;
}

/* --- Housekeeping */

static apr_status_t run_rankings(f1_job_t *job, f1_result_t *res)
{
    f1_elo_counts_t counts;

    if (f1_elo_refresh(job->conn, &counts, job->pool, res) == APR_SUCCESS) {
        (void)json_object_set_new(job->result, "races", json_integer(counts.races));
        (void)json_object_set_new(job->result, "changed", json_integer(counts.drivers + counts.constructors));
    }
    return res->rv;
}

static apr_status_t run_clean_up(f1_job_t *job, f1_result_t *res)
{
    const f1_task_context_t *context = job->context;
    apr_interval_time_t keep = context->keep ? context->keep : F1_TASK_KEEP;
    char now[F1_TIME_LEN];
    const char *values[] = {apr_psprintf(job->pool, "%" APR_TIME_T_FMT, apr_time_as_msec(keep)),
                            f1_time_format(now, f1_clock_now())};
    f1_rows_t *rows;
    int i;

    if (f1_query(job->conn, &f1_stmt_task_clean_up, values, &rows, job->pool, res) != APR_SUCCESS) {
        return res->rv;
    }
    for (i = 0; i < f1_rows_columns(rows); i++) {
        apr_int64_t count = 0;

        (void)f1_str_to_int64(f1_rows_get(rows, 0, i), &count);
        (void)json_object_set_new(job->result, f1_rows_name(rows, i), json_integer(count));
    }
    return APR_SUCCESS;
}

#define PROBE_SECONDS_MAX 3600
#define PROBE_STEP apr_time_from_msec(100)

/* For whoever wants to see that jobs are run, and what becomes of one that takes its time. */
static apr_status_t run_probe(f1_job_t *job, f1_result_t *res)
{
    int seconds = number_of(job, "seconds", 0, PROBE_SECONDS_MAX, 0);
    apr_time_t start = apr_time_now(), end = start + apr_time_from_sec(seconds), now = start;

    while (now < end && f1_job_step(job, (int)apr_time_sec(now - start), seconds, NULL, res) == APR_SUCCESS) {
        apr_sleep(end - now < PROBE_STEP ? end - now : PROBE_STEP);
        now = apr_time_now();
    }
    return res->rv;
}

const f1_job_kind_t f1_task_kinds[] = {
    {"ingest", run_ingest, 1, "Loads what upstream has"},
    {"calendar", run_calendar, 1, "Orders the running season while a race weekend is near"},
    {"plan_checks", run_plan_checks, 1, "Orders what asks for results that are due"},
    {"check_results", run_check_results, 1, "Asks for the results of a session"},
    {"weather", run_weather, 1, "Asks for the weather of races"},
    {"rankings", run_rankings, 1, "Computes ratings and rankings"},
    {"notify", f1_notifications_run, 1, "Tells users what happened, and reminds them of races"},
    {"clean_up", run_clean_up, 1, "Forgets ended jobs, sessions, tokens and notifications"},
    {"send_mail", f1_send_mail, 4, "Sends the mail that waits"},
    {"send_webhooks", f1_send_webhooks, 4, "Tells webhooks what waits for them"},
    {"probe", run_probe, 0, "Does nothing, as many seconds long as it is told"},
    {NULL, NULL, 0, NULL},
};

const char *const f1_task_schedules[] = {
    "calendar", "checks", "clean_up", "daily_ingestion", "notifications", "rankings", "season_review", "weather", NULL,
};

const f1_job_kind_t *f1_task_kinds_of(const f1_task_context_t *context, apr_pool_t *pool)
{
    f1_job_kind_t *kinds, *end;
    const f1_job_kind_t *kind;

    if (context->post_office) {
        return f1_task_kinds;
    }
    kinds = end = apr_pcalloc(pool, sizeof(f1_task_kinds));
    for (kind = f1_task_kinds; kind->name; kind++) {
        if (kind->run != f1_send_mail) {
            *end++ = *kind;
        }
    }
    return kinds;
}
