/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* The database goes away and comes back, and httpd restarts gracefully, while requests are coming in. */

#include "f1_test.h"
#include "f1_test_load.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <apr_strings.h>

#define LIST "/api/v1/seasons"
static void database(const char *action)
{
    assert_int_equal(system(apr_psprintf(f1_test_pool(), "'%s' %s", getenv("F1_PGCTL"), action)), 0);
}

/* The children of the server, a line for each. */
static const char *children(void)
{
    apr_pool_t *pool = f1_test_pool();
    char line[256];
    const char *all = "\n";
    FILE *pipe = popen(apr_psprintf(pool, "pgrep -P %s", getenv("F1_HTTPD_PID")), "r");

    assert_non_null(pipe);
    while (fgets(line, sizeof(line), pipe)) {
        all = apr_pstrcat(pool, all, line, NULL);
    }
    assert_int_equal(pclose(pipe), 0);
    return all;
}

/* Whether those of before are still there; httpd may have added some. */
static void assert_still_there(const char *before)
{
    apr_pool_t *pool = f1_test_pool();
    const char *after = children();
    char *last, *pid;

    for (pid = apr_strtok(apr_pstrdup(pool, before), "\n", &last); pid; pid = apr_strtok(NULL, "\n", &last)) {
        assert_non_null(strstr(after, apr_pstrcat(pool, "\n", pid, "\n", NULL)));
    }
}

static void expect_log(void)
{
    f1_test_expect_log("dbd:error");
    f1_test_expect_log("F1B0200");
    f1_test_expect_log("F1B0210");
    f1_test_expect_log("F1B0510");
}

/* Asks until the status is what it should be. Returns how long that took; -1 after 10 s. */
static apr_interval_time_t until(const char *path, int status)
{
    apr_time_t start = apr_time_now();

    while (apr_time_now() - start < apr_time_from_sec(10)) {
        if (f1_test_get(path)->status == status) {
            return apr_time_now() - start;
        }
        apr_sleep(apr_time_from_msec(10));
    }
    return -1;
}

static void test_database_away(void **state)
{
    const char *before = children();
    apr_interval_time_t took;
    f1_reply_t *reply;
    f1_test_load_t load;

    (void)state;
    expect_log();
    f1_test_load_start(&load, LIST);
    apr_sleep(apr_time_from_msec(200));
    database("stop -m fast");
    reply = f1_test_get(LIST);
    assert_int_equal(reply->status, 503);
    assert_string_equal(apr_table_get(reply->headers, "Content-Type"), "application/problem+json");
    assert_string_equal(apr_table_get(reply->headers, "Retry-After"), "1");
    f1_assert_json(reply->json, "error_code", "\"database_unavailable\"");
    apr_sleep(apr_time_from_msec(700));

    /* what needs no database goes on, and says what is missing */
    assert_int_equal(f1_test_get("/health/live")->status, 200);
    reply = f1_test_get("/health/ready");
    assert_int_equal(reply->status, 503);
    f1_assert_json(reply->json, "status", "\"fail\"");
    f1_assert_json(reply->json, "checks/database:responseTime/0/status", "\"fail\"");
    reply = f1_test_get("/");
    assert_int_equal(reply->status, 200);
    f1_assert_json(reply->json, "database/status", "\"unavailable\"");

    database("start");
    took = until(LIST, 200);
    assert_in_range(took, 0, APR_USEC_PER_SEC);
    apr_sleep(apr_time_from_msec(1000));
    load.ok = 0;
    load.unavailable = 0;
    apr_sleep(apr_time_from_msec(300));
    f1_test_load_stop(&load);
    assert_int_equal(load.other, 0); /* no connection was dropped, no other error seen, all the time */
    assert_int_equal(load.unavailable, 0);
    assert_true(load.ok > 0);
    assert_still_there(before);
}

/* A server process of the database ends: the connection is opened anew, and nobody notices. */
static void test_backends_killed(void **state)
{
    f1_test_load_t load;

    (void)state;
    f1_test_expect_log("F1B0210"); /* 57P01 reaches whoever was waiting for an answer */
    f1_test_load_start(&load, LIST);
    for (int i = 0; i < 5; i++) {
        apr_sleep(apr_time_from_msec(300));
        f1_test_sql("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                    " WHERE application_name = 'mod_f1board'");
    }
    f1_test_load_stop(&load);
    assert_int_equal(load.other, 0);
    assert_int_equal(load.unavailable, 0);
    assert_true(load.ok > 0);
}

/* A statement that waits for a lock is given up after F1BoardStatementTimeout, and its connection is good for more. */
static void test_slow_statement(void **state)
{
    apr_pool_t *pool = f1_test_pool();
    f1_reply_t *reply;

    (void)state;
    assert_int_equal(system(apr_psprintf(pool,
                                         "'%s/psql' -qXc 'BEGIN' -c 'LOCK TABLE f1board.season' -c 'SELECT pg_sleep(2)'"
                                         " -c 'COMMIT' >/dev/null &",
                                         getenv("F1_PG_BINDIR"))),
                     0);
    apr_sleep(apr_time_from_msec(500));
    reply = f1_test_get(LIST "?offset=1");
    assert_int_equal(reply->status, 504);
    f1_assert_json(reply->json, "error_code", "\"timeout\"");
    assert_int_equal(f1_test_get("/api/v1/circuits")->status, 200);
    assert_in_range(until(LIST "?offset=1", 200), 0, 4 * APR_USEC_PER_SEC);
}

static void graceful(void)
{
    assert_int_equal(kill((pid_t)apr_atoi64(getenv("F1_HTTPD_PID")), SIGUSR1), 0);
}

/* Value of a counter in "/server-status?auto". */
static apr_int64_t counter(const char *name)
{
    const char *body = f1_test_get(apr_pstrcat(f1_test_pool(), getenv("F1_ORIGIN"), "/server-status?auto", NULL))->body;
    const char *at = strstr(body, apr_pstrcat(f1_test_pool(), "\n", name, ": ", NULL));

    assert_non_null(at);
    return apr_atoi64(strchr(at, ':') + 2);
}

static void test_graceful_restart(void **state)
{
    apr_int64_t before;
    f1_test_load_t load;

    (void)state;
    f1_test_load_start(&load, LIST);
    apr_sleep(apr_time_from_msec(200));
    before = counter("F1BoardRequests");
    assert_true(before > 0);
    for (int i = 0; i < 3; i++) {
        graceful();
        apr_sleep(apr_time_from_msec(700));
    }
    f1_test_load_stop(&load);
    assert_int_equal(load.other, 0);
    assert_int_equal(load.unavailable, 0);
    assert_true(load.ok > 0);
    assert_true(counter("F1BoardRequests") >= before);
}

/* httpd starts, and restarts, without a database. */
static void test_restart_without_database(void **state)
{
    (void)state;
    expect_log();
    f1_test_expect_log("AH0063[36]"); /* mod_dbd, for children that begin without a connection */
    database("stop -m immediate");
    graceful();
    apr_sleep(apr_time_from_msec(700));
    assert_int_equal(f1_test_get(LIST)->status, 503);
    assert_int_equal(f1_test_get("/health/live")->status, 200);
    database("start");
    assert_in_range(until(LIST, 200), 0, APR_USEC_PER_SEC);
    apr_sleep(apr_time_from_msec(600)); /* until each child has noticed */
}

static void test_counters(void **state)
{
    apr_int64_t requests = counter("F1BoardRequests"), ok = counter("F1BoardReplies2xx"),
                wrong = counter("F1BoardReplies4xx"), bytes = counter("F1BoardBytes"),
                queries = counter("F1BoardQueries");
    f1_reply_t *page;

    (void)state;
    assert_int_equal(f1_test_get(LIST "?limit=7&offset=1")->status, 200); /* which nobody asked for before */
    assert_int_equal(f1_test_get("/nothing")->status, 404);
    f1_test_expect_log("AH10244");
    assert_int_equal(f1_test_get("/%zz")->status, 400);
    apr_sleep(apr_time_from_msec(50)); /* counted after the answer is sent */
    assert_int_equal(counter("F1BoardRequests"), requests + 3);
    assert_int_equal(counter("F1BoardReplies2xx"), ok + 1);
    assert_int_equal(counter("F1BoardReplies4xx"), wrong + 2);
    assert_true(counter("F1BoardBytes") > bytes);
    assert_true(counter("F1BoardQueries") > queries);
    assert_true(counter("F1BoardUnavailable") > 0);
    page = f1_test_get(apr_pstrcat(f1_test_pool(), getenv("F1_ORIGIN"), "/server-status", NULL));
    assert_non_null(strstr(page->body, "<h2>mod_f1board</h2>"));
    assert_non_null(strstr(page->body, "Database statements: "));
}

/* Lines for requests carry a number and their client, and the notes that LogFormat can show. */
static void test_log_lines(void **state)
{
    const char *log;

    (void)state;
    assert_int_equal(f1_test_get("/api/v1/drivers?limit=1")->status, 200);
    apr_sleep(apr_time_from_msec(50));
    log = f1_test_file(getenv("F1_LOG"), NULL);
    assert_non_null(strstr(log, "F1B0502: drivers/list answered with 200"));
    assert_non_null(strstr(log, "[f1board:notice]"));
    assert_non_null(strstr(log, "F1B0511: the database answers again after"));
    assert_null(strstr(log, "AH0005"));
    log = f1_test_file(apr_pstrcat(f1_test_pool(), getenv("F1_SANDBOX"), "/notes.log", NULL), NULL);
    assert_non_null(strstr(log, "GET /f1/api/v1/drivers?limit=1 HTTP/1.1 200 drivers/list "));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        F1_TEST(test_database_away),    F1_TEST(test_backends_killed),          F1_TEST(test_slow_statement),
        F1_TEST(test_graceful_restart), F1_TEST(test_restart_without_database), F1_TEST(test_counters),
        F1_TEST(test_log_lines),
    };

    return f1_test_run(tests);
}
