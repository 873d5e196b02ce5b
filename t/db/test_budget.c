/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* The request budget: how it is spelled, and that processes which share a database keep it together. Waits are
 * recorded instead of slept, so that bookings run into the future and their times tell what would have been sent. */

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <apr_strings.h>

#include "f1_test.h"
#include "ingest/budget.h"

typedef struct waits_t {
    int count;
    apr_interval_time_t last;
    const char *why;
    apr_status_t answer;
} waits_t;

static apr_status_t on_wait(void *baton, apr_interval_time_t wait, const char *why, f1_result_t *res)
{
    waits_t *waits = baton;

    (void)res;
    waits->count++;
    waits->last = wait;
    waits->why = apr_pstrdup(f1_test_pool(), why);
    return waits->answer;
}

static f1_budget_t budget_of(const char *url, const char *spec, waits_t *waits)
{
    f1_budget_t budget = {.wait = on_wait, .baton = waits, .wait_max = apr_time_from_sec(7200)};

    memset(waits, 0, sizeof(*waits));
    f1_assert_ok(f1_budget_init(&budget, url, spec, F1_LIMITS_ERGAST, f1_test_pool(), f1_test_result()),
                 f1_test_result());
    return budget;
}

static void take(const f1_budget_t *budget, f1_conn_t *conn, int times)
{
    while (times-- > 0) {
        f1_assert_ok(f1_budget_take(budget, conn, f1_test_pool(), f1_test_result()), f1_test_result());
    }
}

static const char *booked(const char *upstream)
{
    return f1_test_sql(
        apr_psprintf(f1_test_pool(), "SELECT count(*) FROM f1board.upstream_request WHERE upstream = '%s'", upstream));
}

static void assert_limits(const f1_limits_t *limits, int count, int requests, int seconds, int requests2, int seconds2)
{
    assert_int_equal(limits->count, count);
    assert_int_equal(limits->limits[0].requests, requests);
    assert_int_equal(limits->limits[0].seconds, seconds);
    assert_int_equal(limits->limits[1].requests, requests2);
    assert_int_equal(limits->limits[1].seconds, seconds2);
}

static void limits_are_spelled(void **state)
{
    static const char *const wrong[] = {"",          " ",
                                        "4",         "4/m",
                                        "/s",        "0/s",
                                        "-1/s",      "4/s,",
                                        ",4/s",      "4/s,4/s",
                                        "4/s 500/h", "4/s;500/h",
                                        "4/s,none",  "None",
                                        "4 /s",      "4/ s",
                                        "1000001/h", "99999999999999999999/s",
                                        "4.5/s",     "4/s,500/h,1/s",
                                        "+4/s",      "30/0s",
                                        "30/-1s",    "30/10",
                                        "1/25h",     "1/99999999999999h",
                                        "1/1s,2/s",  "1/s,1/2s,1/3s,1/4s,1/5s"};
    f1_limits_t limits;

    (void)state;
    assert_true(f1_limits_parse("4/s,500/h", &limits));
    assert_limits(&limits, 2, 4, 1, 500, 3600);
    assert_true(f1_limits_parse("30/10s", &limits));
    assert_limits(&limits, 1, 30, 10, 0, 0);
    assert_true(f1_limits_parse("1000000/h,1/24h", &limits));
    assert_limits(&limits, 2, 1000000, 3600, 1, 86400);
    assert_true(f1_limits_parse("none", &limits));
    assert_int_equal(limits.count, 0);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
        limits.count = 77;
        if (f1_limits_parse(wrong[i], &limits)) {
            fail_msg("\"%s\" is taken for limits", wrong[i]);
        }
        assert_int_equal(limits.count, 77);
    }
}

static void default_depends_on_host(void **state)
{
    static const char *const far[] = {"https://api.jolpi.ca/ergast/f1", "http://128.0.0.1/", "http://127.example.com/",
                                      "http://localhost.example.com/",  "http://[::2]/",     "https://10.0.0.1:8443/"};
    static const char *const near[] = {"http://127.0.0.1:8401/ergast/f1", "http://127.1.2.3/", "http://LocalHost:80/",
                                       "https://[::1]:8401/", "file:///var/lib/f1"};
    waits_t waits;

    (void)state;
    for (size_t i = 0; i < sizeof(far) / sizeof(*far); i++) {
        assert_int_equal(budget_of(far[i], NULL, &waits).limits.count, 2);
    }
    for (size_t i = 0; i < sizeof(near) / sizeof(*near); i++) {
        assert_int_equal(budget_of(near[i], NULL, &waits).limits.count, 0);
    }
}

static void init_tells_upstream_and_limits(void **state)
{
    waits_t waits;
    f1_budget_t budget = budget_of("https://API.Jolpi.ca:443/ergast/f1", NULL, &waits);

    (void)state;
    assert_string_equal(budget.upstream, "api.jolpi.ca");
    assert_limits(&budget.limits, 2, 4, 1, 500, 3600);
    budget = budget_of("http://127.0.0.1:8401/", "2/s", &waits); /* what is configured wins */
    assert_limits(&budget.limits, 1, 2, 1, 0, 0);
    assert_int_not_equal(
        f1_budget_init(&budget, "https://a/", "fast", F1_LIMITS_ERGAST, f1_test_pool(), f1_test_result()), APR_SUCCESS);
    assert_non_null(strstr(f1_test_result()->detail, "\"fast\""));
}

static void no_limits_no_bookings(void **state)
{
    waits_t waits;
    f1_budget_t budget = budget_of("http://free.example/", "none", &waits);

    (void)state;
    take(&budget, f1_test_conn(), 100);
    assert_int_equal(waits.count, 0);
    assert_string_equal(booked("free.example"), "0");
}

/* A process of its own, which books and must not assert: cmocka would go on with the next test in it. */
static pid_t book_in_child(const f1_budget_t *budget, const waits_t *waits, int times)
{
    pid_t pid = fork();

    if (pid == 0) {
        const f1_session_settings_t settings = {0, "f1test child", 0};
        f1_result_t *res = f1_result_make(f1_test_pool());
        f1_db_t *db;
        f1_conn_t *conn;
        apr_status_t rv = f1_db_direct_create(&db, "", &settings, f1_test_pool(), res);

        rv = rv == APR_SUCCESS ? db->open(db, &conn, f1_test_pool(), res) : rv;
        for (int i = 0; i < times && rv == APR_SUCCESS; i++) {
            rv = f1_budget_take(budget, conn, f1_test_pool(), res);
        }
        _exit(rv == APR_SUCCESS && waits->count > 0 ? 0 : 1);
    }
    return pid;
}

static void processes_share_the_second(void **state)
{
    waits_t waits;
    f1_budget_t budget = budget_of("https://second.example/", "4/s", &waits);
    pid_t children[2];
    int status;

    (void)state;
    for (int i = 0; i < 2; i++) {
        children[i] = book_in_child(&budget, &waits, 60);
        assert_true(children[i] > 0);
    }
    for (int i = 0; i < 2; i++) {
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_int_equal(status, 0);
    }
    assert_string_equal(booked("second.example"), "120");
    /* the most requests in any second that begins with one, and that none is booked later than it has to be */
    assert_string_equal(f1_test_sql("SELECT max(n) FROM (SELECT count(*) OVER (ORDER BY at RANGE BETWEEN CURRENT ROW"
                                    " AND '0.999999 s' FOLLOWING) AS n FROM f1board.upstream_request"
                                    " WHERE upstream = 'second.example') AS windows"),
                        "4");
    assert_string_equal(f1_test_sql("SELECT max(at) - min(at) < '40 s' FROM f1board.upstream_request"
                                    " WHERE upstream = 'second.example'"),
                        "t");
}

static void hour_is_kept(void **state)
{
    waits_t waits;
    f1_budget_t budget = budget_of("https://hour.example/", "10/h", &waits);
    f1_conn_t *conn = f1_test_conn();
    f1_result_t *res = f1_test_result();

    (void)state;
    take(&budget, conn, 10);
    assert_int_equal(waits.count, 0);

    budget.wait_max = apr_time_from_sec(60);
    assert_int_not_equal(f1_budget_take(&budget, conn, f1_test_pool(), res), APR_SUCCESS);
    assert_int_equal(res->error, F1_E_UPSTREAM);
    assert_in_range(res->retry_after, 3000, 3601);
    assert_non_null(strstr(res->detail, "limit of hour.example (10/h)"));
    assert_int_equal(waits.count, 0);
    assert_string_equal(booked("hour.example"), "10"); /* nothing was kept for the one that failed */
    f1_result_clear(res);

    budget.wait_max = apr_time_from_sec(7200);
    take(&budget, conn, 1);
    assert_int_equal(waits.count, 1);
    assert_in_range(waits.last, apr_time_from_sec(3000), apr_time_from_sec(3601));
    assert_string_equal(waits.why, "limit of hour.example (10/h)");
    assert_string_equal(booked("hour.example"), "11");
}

static void any_window_is_kept(void **state)
{
    waits_t waits;
    f1_budget_t budget = budget_of("https://window.example/", F1_LIMITS_OPENF1, &waits);

    (void)state;
    take(&budget, f1_test_conn(), 30);
    assert_int_equal(waits.count, 0);
    take(&budget, f1_test_conn(), 1);
    assert_int_equal(waits.count, 1);
    assert_in_range(waits.last, apr_time_from_sec(5), apr_time_from_msec(10250));
    assert_string_equal(waits.why, "limit of window.example (30/10s)");
}

static void what_is_over_is_forgotten(void **state)
{
    waits_t waits;
    f1_budget_t budget = budget_of("https://past.example/", "4/s,5/h", &waits);

    (void)state;
    f1_test_sql("INSERT INTO f1board.upstream VALUES ('past.example');"
                "INSERT INTO f1board.upstream_request SELECT 'past.example', now() - interval '61 min'"
                " FROM generate_series(1, 5)");
    take(&budget, f1_test_conn(), 4);
    assert_int_equal(waits.count, 0);
    assert_string_equal(booked("past.example"), "4");
    take(&budget, f1_test_conn(), 1);
    assert_int_equal(waits.count, 1);
    assert_in_range(waits.last, 1, apr_time_from_msec(1250));
    assert_string_equal(waits.why, "limit of past.example (4/s)");
}

static void upstreams_do_not_share(void **state)
{
    waits_t waits;
    f1_budget_t one = budget_of("https://one.example/", "1/h", &waits);
    f1_budget_t two = budget_of("https://two.example/", "1/h", &waits);

    (void)state;
    take(&one, f1_test_conn(), 1);
    take(&two, f1_test_conn(), 1);
    assert_int_equal(waits.count, 0);
}

static void wait_can_be_broken_off(void **state)
{
    waits_t waits;
    f1_budget_t budget = budget_of("https://stop.example/", "1/h", &waits);
    f1_conn_t *conn = f1_test_conn();

    (void)state;
    take(&budget, conn, 1);
    waits.answer = APR_EINTR;
    assert_int_equal(f1_budget_take(&budget, conn, f1_test_pool(), f1_test_result()), APR_EINTR);
    assert_int_equal(f1_test_result()->error, F1_E_UPSTREAM);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        F1_TEST(limits_are_spelled),     F1_TEST(default_depends_on_host),    F1_TEST(init_tells_upstream_and_limits),
        F1_TEST(no_limits_no_bookings),  F1_TEST(processes_share_the_second), F1_TEST(hour_is_kept),
        F1_TEST(any_window_is_kept),     F1_TEST(what_is_over_is_forgotten),  F1_TEST(upstreams_do_not_share),
        F1_TEST(wait_can_be_broken_off),
    };

    return f1_test_run(tests);
}
