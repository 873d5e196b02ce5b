/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* A race weekend of the past, lived through at an hour in a second by two nodes that nobody helps: four children and
 * two on one database, each restarted gracefully every ten seconds from the moment on that the season is there; and an
 * upstream that publishes as time goes on, amends a result after the race, and counts who asks it how often. It needs
 * an upstream with real seasons beside the project (F1_SHARED). */

#include "f1_test.h"
#include "f1_test_node.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <apr_strings.h>

/* How long something may take that needs a day or two of the weekend, which are a minute: on a busy machine. */
#define LONG_ENOUGH apr_time_from_sec(240)
#define RESTART apr_time_from_sec(10)

#define BEGIN "2024-07-19T00:30:00Z"
#define SPEED "3600"
#define RACE "2024-hungarian-grand-prix"

/* What upstreams allow. Ten seconds, because requests that leave in time may arrive a bit late. */
#define PER_HOUR 500
#define WINDOW 10
#define PER_WINDOW (4 * WINDOW + 4)

static const char *upstream; /* its origin */
static f1_test_node_t *nodes[2];
static apr_time_t restarted_at; /* 0: not before the season is there */

/* --- The upstream */

static apr_status_t stop_upstream(void *pid)
{
    return kill(*(pid_t *)pid, SIGTERM) ? APR_EGENERAL : APR_SUCCESS;
}

static void start_upstream(void)
{
    apr_pool_t *pool = f1_test_pool();
    const char *port_file = apr_pstrcat(pool, getenv("F1_SANDBOX"), "/upstream-port", NULL);
    pid_t *pid = apr_palloc(pool, sizeof(*pid));
    int tries;

    *pid = fork();
    if (!*pid) {
        execlp("sh", "sh", "-c",
               "exec python3 \"$F1_SHARED/upstream/upstream.py\" --port-file \"$F1_SANDBOX/upstream-port\""
               " --now " BEGIN " --speed 0 >/dev/null",
               (char *)NULL);
        _exit(127);
    }
    assert_true(*pid > 0);
    apr_pool_cleanup_register(pool, pid, stop_upstream, apr_pool_cleanup_null);
    for (tries = 0; tries < 600 && access(port_file, R_OK) != 0; tries++) {
        apr_sleep(apr_time_from_msec(100));
    }
    upstream = apr_psprintf(pool, "http://127.0.0.1:%d", (int)apr_atoi64(f1_test_file(port_file, NULL)));
}

static void control(const char *json)
{
    f1_reply_t *reply = f1_test_ask(
        &(f1_ask_t){.method = "POST", .path = apr_pstrcat(f1_test_pool(), upstream, "/_control", NULL), .body = json});

    assert_int_equal(reply->status, 200);
}

/* --- The nodes */

/* What comes every minute comes every ten here, which are three seconds; and the calendar is looked at twice a day, so
 * that hours of requests fit into minutes. */
static const char *configuration(int children)
{
    return apr_psprintf(f1_test_pool(),
                        "DBDParams \"host=%s dbname=weekend user=f1board\"\n"
                        "F1BoardClock " BEGIN "@" SPEED "\n"
                        "F1BoardJobs 1\nF1BoardJobLease 5s\n"
                        "F1BoardErgast %s/ergast/f1\nF1BoardErgastRate 4/s,500/h\nF1BoardWeatherURL %s\n"
                        "F1BoardSchedule checks 10mi\nF1BoardSchedule notifications 10mi\n"
                        "F1BoardSchedule calendar 12h\nF1BoardSchedule weather 12h\nF1BoardSchedule season_review Off\n"
                        "StartServers %d\n",
                        getenv("F1_SANDBOX"), upstream, upstream, children);
}

static void start_nodes(void)
{
    apr_pool_t *pool = f1_test_pool();

    f1_test_sql("CREATE DATABASE weekend");
    assert_int_equal(setenv("PGDATABASE", "weekend", 1), 0);
    f1_test_ctl(0, "migrate up");
    f1_test_sql("SET search_path = f1board;"
                "INSERT INTO account (username, email, email_verified_at, notifications_enabled, created_at)"
                " VALUES ('ann', 'ann@example.org', '2024-01-01', true, '2024-01-01')");
    assert_int_equal(setenv("F1_CLOCK_START", apr_psprintf(pool, "%" APR_TIME_T_FMT, apr_time_now()), 1), 0);
    control("{\"now\": \"" BEGIN "\", \"speed\": " SPEED "}");
    nodes[0] = f1_test_node_start("first", configuration(4));
    nodes[1] = f1_test_node_start("second", configuration(2));
}

static void restart_nodes(void)
{
    size_t i;

    if (!restarted_at || apr_time_now() - restarted_at < RESTART) {
        return;
    }
    restarted_at = apr_time_now();
    for (i = 0; i < sizeof(nodes) / sizeof(nodes[0]); i++) {
        f1_test_node_signal(nodes[i], SIGUSR1);
    }
}

/* Lets time go by until the database says so. */
static void comes(const char *what, const char *sql)
{
    apr_time_t end = apr_time_now() + LONG_ENOUGH;
    const char *query = apr_pstrcat(f1_test_pool(), "SET search_path = f1board; SELECT ", sql, NULL);

    while (strcmp(f1_test_sql(query), "t") != 0 && apr_time_now() < end) {
        restart_nodes();
        apr_sleep(apr_time_from_msec(200));
    }
    if (strcmp(f1_test_sql(query), "t") != 0) {
        print_error("%s\n", f1_test_sql("SELECT upstream, count(*) FROM f1board.upstream_request GROUP BY 1"));
        print_error("jobs:\n%s\n",
                    f1_test_sql("SELECT kind, state, count(*), max(error) FROM f1board.job GROUP BY 1, 2 ORDER BY 1"));
        fail_msg("%s did not come", what);
    }
}

static json_t *answer(const char *path)
{
    f1_reply_t *reply = f1_test_get(apr_pstrcat(f1_test_pool(), nodes[0]->url, path, NULL));

    assert_int_equal(reply->status, 200);
    return reply->json;
}

/* --- What upstream saw */

static void assert_was_polite(void)
{
    json_t *log = f1_test_get(apr_pstrcat(f1_test_pool(), upstream, "/_log", NULL))->json, *entry;
    double times[PER_HOUR];
    size_t i, count = 0;

    json_array_foreach(log, i, entry)
    {
        if (strcmp(json_string_value(json_object_get(entry, "upstream")), "jolpica") != 0) {
            continue;
        }
        assert_true(count < PER_HOUR);
        times[count] = json_number_value(json_object_get(entry, "t"));
        if (count >= PER_WINDOW && times[count] - times[count - PER_WINDOW] < WINDOW) {
            fail_msg("more than %d requests in %d s", PER_WINDOW, WINDOW);
        }
        assert_non_null(strstr(json_string_value(json_object_get(entry, "user_agent")), "mod_f1board/"));
        count++;
    }
    print_message("# %d requests\n", (int)count);
    assert_true(count > 0);
}

#define SESSION(kind) "(SELECT id FROM session WHERE race_id = '" RACE "' AND kind = '" kind "')"
#define REVISIONS(kind) "(SELECT count(*) FROM revision WHERE session_id = " SESSION(kind) ")"

static void the_weekend(void **state)
{
    (void)state;
    start_upstream();
    start_nodes();
    comes("the calendar", "count(*) = 24 FROM race WHERE season = 2024");
    comes("the season so far", "count(*) > 0 FROM driver_standing WHERE race_id = '2024-british-grand-prix'");
    restarted_at = apr_time_now();
    comes("qualifying", REVISIONS("qualifying") " = 1");
    comes("the result", REVISIONS("race") " = 1");
    comes("the standings", "count(*) > 20 FROM driver_standing WHERE race_id = '" RACE "'");
    f1_assert_json(answer("/api/v1/races/" RACE "/results?limit=1"), "items/0/driver/id", "\"piastri\"");
    comes("the look at what was found", "phase = 'verify' FROM session_check WHERE session_id = " SESSION("race"));
    comes("weather", "count(*) > 0 FROM weather WHERE race_id = '" RACE "'");
    comes("word of the result", "count(*) = 1 FROM notification WHERE race_id = '" RACE "' AND kind = 'race_reminder'");

    control("{\"amend\": {\"season\": 2024, \"round\": 13, \"driverId\": \"piastri\", \"action\": \"disqualify\"}}");
    comes("the correction", REVISIONS("race") " = 2");
    comes("three looks more",
          "phase = 'verify' AND verified = 0 AND revision = 2 FROM session_check WHERE session_id = " SESSION("race"));
    comes("word of the correction",
          "count(*) = 1 FROM notification WHERE race_id = '" RACE "' AND kind = 'correction'");
    f1_assert_json(answer("/api/v1/races/" RACE "/results?limit=1"), "items/0/driver/id", "\"norris\"");
    f1_assert_json(answer("/api/v1/corrections?race=" RACE "&session=race"), "total", "1");

    /* once, on whichever node */
    assert_string_equal(f1_test_sql("SET search_path = f1board;"
                                    "SELECT kind, count(*) FROM notification WHERE race_id = '" RACE "'"
                                    " GROUP BY 1 ORDER BY 1"),
                        "correction|1\nrace_reminder|1\nresults|2");
    assert_string_equal(f1_test_sql("SET search_path = f1board;"
                                    "SELECT count(*), count(DISTINCT (kind, event_key)) FROM mail_outbox"
                                    " WHERE event_key IS NOT NULL"),
                        "4|4");
    assert_string_equal(f1_test_sql("SELECT count(*) FROM f1board.job WHERE state = 'FAILURE'"), "0");
    assert_was_polite();
}

int main(void)
{
    const struct CMUnitTest tests[] = {F1_TEST(the_weekend)};

    if (!getenv("F1_SHARED")) {
        puts("1..0 # SKIP no upstream with real seasons");
        return 0;
    }
    return f1_test_run(tests);
}
