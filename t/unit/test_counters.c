/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Counters: that nothing is lost between threads and processes, that labels and numbers fit, and that what processes
 * had under way is gone with them. */

#include "f1_test.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <apr_thread_proc.h>

#include "base/counters.h"
#include "base/route.h"

#define PROCESSES 3
#define THREADS 4
#define EACH 20000

static int use_table(void)
{
    void *memory = mmap(NULL, f1_counters_size(PROCESSES), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (memory == MAP_FAILED) {
        return 0;
    }
    f1_counters_use(memory, PROCESSES);
    return 1;
}

/* Each of the labels that a series has leads back to it. */
static void test_series(void **state)
{
    f1_asked_t asked;
    int i, route;

    (void)state;
    for (i = 0; i < f1_series_count(); i++) {
        f1_series_labels(i, &route, &asked);
        assert_in_range(asked, 0, F1_ASKED_KINDS - 1);
        assert_int_equal(f1_series_of(route, asked), i);
    }
    assert_int_equal(f1_series_of(f1_route_count - 1, F1_ASKED_HEAD), 2 * f1_route_count - 1);
    assert_string_equal(f1_asked_names[F1_ASKED_OPTIONS], "OPTIONS");
}

static apr_uint64_t with_status(int series, const char *text)
{
    f1_series_t read;
    int i;

    f1_counted_requests(series, &read);
    for (i = 0; i < F1_STATUSES; i++) {
        if (!strcmp(f1_status_labels[i].text, text)) {
            return read.statuses[i];
        }
    }
    return UINT64_MAX;
}

static void test_statuses(void **state)
{
    static const struct {
        int status;
        const char *label;
    } cases[] = {{200, "200"}, {299, "2xx"}, {307, "3xx"}, {404, "404"}, {418, "4xx"},
                 {101, "1xx"}, {599, "5xx"}, {0, "5xx"},   {999, "5xx"}, {-5, "5xx"}};
    int series = f1_series_of(-1, F1_ASKED_PUT);
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        apr_uint64_t before = with_status(series, cases[i].label);

        f1_count_request(series, cases[i].status, 1);
        assert_int_equal(with_status(series, cases[i].label), before + 1);
    }
    f1_count_request(-1, 200, 1);
    f1_count_request(f1_series_count(), 200, 1); /* there is no such series: nothing happens */
}

static void test_durations(void **state)
{
    f1_histogram_t read;
    int i;

    (void)state;
    for (i = 0; i < F1_BUCKETS - 1; i++) {
        assert_true(i == 0 || f1_bucket_bounds[i] > f1_bucket_bounds[i - 1]);
        f1_count_duration(F1_DURATION_DB_WAIT, f1_bucket_bounds[i]); /* a bound belongs to its bucket */
    }
    f1_count_duration(F1_DURATION_DB_WAIT, f1_bucket_bounds[F1_BUCKETS - 2] + 1);
    f1_count_duration(F1_DURATION_DB_WAIT, -7); /* a clock that was set back */
    f1_counted_durations(F1_DURATION_DB_WAIT, &read);
    assert_int_equal(read.buckets[0], 2);
    for (i = 1; i < F1_BUCKETS; i++) {
        assert_int_equal(read.buckets[i], 1);
    }
}

static void *APR_THREAD_FUNC work(apr_thread_t *thread, void *unused)
{
    int i;

    (void)unused;
    for (i = 0; i < EACH; i++) {
        f1_count_request(0, 200, 1000);
        f1_count(F1_COUNT_BYTES, 3);
    }
    apr_thread_exit(thread, APR_SUCCESS);
    return NULL;
}

static void run_threads(void)
{
    apr_thread_t *threads[THREADS];
    apr_status_t rv;
    int i;

    for (i = 0; i < THREADS; i++) {
        assert_int_equal(apr_thread_create(&threads[i], NULL, work, NULL, f1_test_pool()), APR_SUCCESS);
    }
    for (i = 0; i < THREADS; i++) {
        assert_int_equal(apr_thread_join(&rv, threads[i]), APR_SUCCESS);
    }
}

static void wait_for(pid_t pid)
{
    int status;

    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

static void test_nothing_is_lost(void **state)
{
    f1_series_t read;
    pid_t pids[2];
    int i;

    (void)state;
    for (i = 0; i < 2; i++) {
        pids[i] = fork();
        if (!pids[i]) {
            run_threads();
            _exit(0);
        }
    }
    wait_for(pids[0]);
    wait_for(pids[1]);
    f1_counted_requests(0, &read);
    assert_int_equal(read.took.sum, 2 * THREADS * EACH * (apr_uint64_t)1000);
    assert_int_equal(read.took.buckets[3], 2 * THREADS * EACH);
    assert_int_equal(with_status(0, "200"), 2 * THREADS * EACH);
    assert_int_equal(f1_counted(F1_COUNT_BYTES), 2 * THREADS * EACH * 3);
}

/* Joins, has two under way, tells so, and ends as it is told to. */
static pid_t start_process(int *to, int *from)
{
    int go[2], ready[2];
    char byte = 0;
    pid_t pid;

    assert_int_equal(pipe(go), 0);
    assert_int_equal(pipe(ready), 0);
    pid = fork();
    if (!pid) {
        f1_counters_join();
        f1_count_level(F1_LEVEL_REQUESTS, 2);
        if (write(ready[1], &byte, 1) != 1 || read(go[0], &byte, 1) != 1) {
            _exit(1);
        }
        if (byte == 'l') {
            f1_counters_leave();
            f1_count_level(F1_LEVEL_REQUESTS, 5); /* nobody's any more */
        }
        _exit(0);
    }
    *to = go[1];
    *from = ready[0];
    assert_int_equal(read(*from, &byte, 1), 1);
    return pid;
}

static void test_levels(void **state)
{
    int to[PROCESSES], from[PROCESSES], i, round;
    pid_t pids[PROCESSES];

    (void)state;
    for (round = 0; round < 3; round++) { /* places are used again */
        for (i = 0; i < PROCESSES; i++) {
            pids[i] = start_process(&to[i], &from[i]);
            assert_int_equal(f1_counted_level(F1_LEVEL_REQUESTS), 2 * (i + 1));
        }
        for (i = 0; i < PROCESSES; i++) {
            assert_int_equal(write(to[i], i ? "x" : "l", 1), 1);
            wait_for(pids[i]);
            assert_int_equal(f1_counted_level(F1_LEVEL_REQUESTS), 2 * (PROCESSES - i - 1));
        }
    }
}

static void test_version(void **state)
{
    (void)state;
    assert_int_equal(f1_counters_version(), f1_counters_version());
    assert_true(f1_counters_size(PROCESSES + 1) > f1_counters_size(PROCESSES));
}

/* How long it takes to count a request, with two counters besides, as the module does. */
static void test_cost(void **state)
{
    const char *bench = getenv("F1_BENCH");
    apr_time_t start = apr_time_now();
    double ns;
    int i;

    (void)state;
    for (i = 0; i < 50 * EACH; i++) {
        f1_count_request(i % 8, 200, 1000);
        f1_count(F1_COUNT_BYTES, 3);
        f1_count(F1_COUNT_DB_TIME, 3);
    }
    ns = (double)(apr_time_now() - start) * 1000 / (50 * EACH);
    print_message("# %.0f ns to count a request\n", ns);
    assert_true(!bench || ns < 300);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        F1_TEST(test_series), F1_TEST(test_statuses), F1_TEST(test_durations), F1_TEST(test_nothing_is_lost),
        F1_TEST(test_levels), F1_TEST(test_version),  F1_TEST(test_cost),
    };

    if (!use_table()) {
        return 1;
    }
    return f1_test_run(tests);
}
