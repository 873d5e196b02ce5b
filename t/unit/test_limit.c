/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Limits: exactly as many as a rate says, one process or several; what leaks when; who gets whose place; and what a
 * check costs. */

#include "f1_test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <apr_strings.h>

#include "auth/limit.h"

#define START 1000000 /* milliseconds */
#define PROCESSES 4
#define CHECKS 1000000

static const f1_rate_t usual = {100, 60}, login = {30, 3600};

static f1_limit_table_t *make_table(void)
{
    void *memory =
        mmap(NULL, f1_limit_table_size(), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    assert_true(memory != MAP_FAILED);
    assert_int_equal(f1_limit_table_make(memory), APR_SUCCESS);
    return memory;
}

static void drop_table(f1_limit_table_t *table)
{
    assert_int_equal(munmap(table, f1_limit_table_size()), 0);
}

/* How many of these requests are allowed, each gap milliseconds after the one before, from *pnow on. */
static int pour(apr_uint64_t *state, const f1_rate_t *rate, int requests, apr_int64_t gap, apr_int64_t *pnow)
{
    f1_verdict_t verdict;
    int allowed = 0;

    for (; requests > 0; requests--) {
        *state = f1_limit_drop(*state, rate, F1_LIMIT_TAKE, *pnow, &verdict);
        allowed += verdict.allowed;
        *pnow += gap;
    }
    return allowed;
}

static void test_the_101st(void **state)
{
    apr_uint64_t bucket = 0;
    apr_int64_t now = START;
    f1_verdict_t verdict;
    int i;

    (void)state;
    for (i = 1; i <= 100; i++) {
        bucket = f1_limit_drop(bucket, &usual, F1_LIMIT_TAKE, now, &verdict);
        assert_true(verdict.allowed);
        assert_int_equal(verdict.remaining, 100 - i);
        assert_int_equal(verdict.wait, 0);
        now += 59; /* 5.9 s in all, and a step is 6 */
    }
    bucket = f1_limit_drop(bucket, &usual, F1_LIMIT_TAKE, now, &verdict);
    assert_false(verdict.allowed);
    assert_int_equal(verdict.remaining, 0);
    assert_int_equal(verdict.wait, 100);
    assert_int_equal(verdict.reset, 60000 - 5900);
    now += verdict.wait;
    assert_int_equal(pour(&bucket, &usual, 50, 0, &now), 10);
    now += 60000;
    assert_int_equal(pour(&bucket, &usual, 150, 0, &now), 100);
}

/* Who does what he is told waits no longer than that, and not in vain. */
static void test_waiting(void **state)
{
    static const f1_rate_t rates[] = {{1, 1},    {1, 86400}, {2, 60},       {3, 1},      {7, 60},         {10, 3600},
                                      {19, 60},  {30, 3600}, {100, 60},     {101, 60},   {999, 1},        {1000, 1},
                                      {4000, 3}, {12345, 7}, {1000000, 60}, {999999, 1}, {1000000, 86400}};
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
        apr_int64_t now = START, step, waited = 0;
        apr_uint64_t bucket = 0;
        f1_verdict_t verdict;
        apr_uint32_t drops;
        int more = 0;

        step = f1_limit_step(&rates[i], &drops);
        assert_int_equal(pour(&bucket, &rates[i], (int)rates[i].count + 1, 0, &now), rates[i].count);
        while (more < (int)rates[i].count) {
            (void)f1_limit_drop(bucket, &rates[i], F1_LIMIT_LOOK, now, &verdict);
            assert_false(verdict.allowed);
            assert_in_range(verdict.wait, 1, step);
            assert_int_equal(verdict.remaining, 0);
            waited += verdict.wait;
            now += verdict.wait - 1;
            assert_int_equal(pour(&bucket, &rates[i], 1, 1, &now), 0);
            assert_int_equal(pour(&bucket, &rates[i], (int)drops + 1, 0, &now), drops);
            more += (int)drops;
        }
        assert_in_range(waited, (apr_int64_t)rates[i].seconds * 1000, (apr_int64_t)rates[i].seconds * 1000 * 13 / 10);
    }
}

/* Over time nobody gets more than the rate and one bucketful. */
static void test_long_run(void **state)
{
    apr_uint64_t bucket = 0;
    apr_int64_t now = START;
    int allowed = 0, i;

    (void)state;
    srand(1);
    for (i = 0; i < 200000; i++) {
        allowed += pour(&bucket, &usual, 1, (apr_int64_t)(rand() % 300), &now);
    }
    assert_in_range(allowed, (now - START) * 100 / 60000 - 10, (now - START) * 100 / 60000 + 100);
}

static void test_looking_changes_nothing(void **state)
{
    apr_uint64_t bucket = 0;
    apr_int64_t now = START;
    f1_verdict_t verdict;
    int i;

    (void)state;
    pour(&bucket, &usual, 99, 0, &now);
    for (i = 0; i < 3; i++) {
        (void)f1_limit_drop(bucket, &usual, F1_LIMIT_LOOK, now, &verdict);
        assert_true(verdict.allowed);
        assert_int_equal(verdict.remaining, 1);
    }
    (void)f1_limit_drop(0, &usual, F1_LIMIT_LOOK, now, &verdict);
    assert_int_equal(verdict.remaining, 100);
    assert_int_equal(verdict.reset, 0);
}

/* Another process may read the clock a moment before the one that came last. */
static void test_clock_of_others(void **state)
{
    apr_uint64_t bucket = 0;
    apr_int64_t now = START;
    f1_verdict_t verdict;

    (void)state;
    assert_int_equal(pour(&bucket, &usual, 100, 0, &now), 100);
    now -= 5;
    assert_int_equal(pour(&bucket, &usual, 1, 0, &now), 0);
    (void)f1_limit_drop(bucket, &usual, F1_LIMIT_LOOK, now, &verdict);
    assert_in_range(verdict.wait, 1, 6000);
}

/* A bucket that was somebody else's, at another rate: its new owner waits a period of his own at most. */
static void test_taken_over(void **state)
{
    apr_uint64_t bucket = 0;
    apr_int64_t now = START;
    f1_verdict_t verdict;

    (void)state;
    pour(&bucket, &login, 30, 0, &now);
    bucket = f1_limit_drop(bucket, &usual, F1_LIMIT_TAKE, now, &verdict);
    assert_int_equal(verdict.remaining, 69);
    assert_in_range(verdict.reset, 1, 60000);
    bucket = 0;
    pour(&bucket, &usual, 100, 0, &now);
    bucket = f1_limit_drop(bucket, &login, F1_LIMIT_TAKE, now, &verdict);
    assert_in_range(verdict.reset, 1, 3600000);
    assert_true(verdict.allowed);
}

static int ask_often(f1_limit_table_t *table, const char *key, int requests)
{
    f1_verdict_t verdict;
    int allowed = 0;

    for (; requests > 0; requests--) {
        f1_limit_ask(table, key, &usual, F1_LIMIT_TAKE, START, &verdict);
        allowed += verdict.allowed;
    }
    return allowed;
}

/* Processes that ask for the same new client at the same time share exactly 100. */
static void test_processes(void **state)
{
    f1_limit_table_t *table = make_table();
    int round, i, status;

    (void)state;
    for (round = 0; round < 50; round++) {
        const char *key = apr_psprintf(f1_test_pool(), "anonymous 10.0.0.%d", round);
        int allowed = 0;

        for (i = 0; i < PROCESSES; i++) {
            pid_t pid = fork();

            assert_true(pid >= 0);
            if (!pid) {
                _exit(ask_often(table, key, 60));
            }
        }
        for (i = 0; i < PROCESSES; i++) {
            assert_true(wait(&status) > 0);
            assert_true(WIFEXITED(status));
            allowed += WEXITSTATUS(status);
        }
        assert_int_equal(allowed, 100);
    }
    drop_table(table);
}

static void test_keys_are_apart(void **state)
{
    static const f1_rate_t other = {5, 60};
    f1_limit_table_t *table = make_table();
    f1_verdict_t verdict;

    (void)state;
    assert_int_equal(ask_often(table, "anonymous 10.0.0.1", 150), 100);
    assert_int_equal(ask_often(table, "anonymous 10.0.0.2", 150), 100);
    assert_int_equal(ask_often(table, "user 10.0.0.1", 150), 100);
    f1_limit_ask(table, "anonymous 10.0.0.1", &other, F1_LIMIT_LOOK, START, &verdict);
    assert_int_equal(verdict.remaining, 5);
    f1_limit_ask(table, "anonymous 10.0.0.1", &usual, F1_LIMIT_LOOK, START, &verdict);
    assert_int_equal(verdict.remaining, 0);
    drop_table(table);
}

/* Many more clients than places. Places of those who have not asked for a while are free; while all are taken, somebody
 * new may find drops in his bucket, and nobody has more than he may. */
static void test_crowd(void **state)
{
    f1_limit_table_t *table = make_table();
    apr_int64_t now = START;
    f1_verdict_t verdict;
    int round, i, refused = 0, began_new = 0;
    char key[32];

    (void)state;
    for (round = 0; round < 2; round++, now += 60000) {
        for (i = 0; i < 4 * F1_LIMIT_BUCKETS; i++) {
            apr_snprintf(key, sizeof(key), "crowd %d", i);
            f1_limit_ask(table, key, &usual, F1_LIMIT_TAKE, now, &verdict);
            refused += !verdict.allowed;
            began_new += verdict.remaining == 99;
        }
    }
    assert_int_equal(refused, 0);
    assert_in_range(began_new, F1_LIMIT_BUCKETS, 8 * F1_LIMIT_BUCKETS);
    drop_table(table);
}

static const char *key_of(const char *address, apr_size_t len)
{
    char *key = apr_palloc(f1_test_pool(), F1_LIMIT_KEY_MAX);

    f1_limit_address_key(key, "login", (const unsigned char *)address, len);
    return key;
}

static void test_addresses(void **state)
{
    (void)state;
    assert_string_equal(key_of("\xc0\x00\x02\xff", 4), "login 192.0.2.255");
    assert_string_equal(key_of("\0\0\0\0\0\0\0\0\0\0\xff\xff\xc0\x00\x02\x07", 16), "login 192.0.2.7");
    assert_string_equal(key_of("\x20\x01\x0d\xb8\0\0\x00\x01\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa", 16),
                        "login 2001:db8:0:1::/64");
    assert_string_equal(key_of("\x20\x01\x0d\xb8\0\0\x00\x01\0\0\0\0\0\0\0\x01", 16), "login 2001:db8:0:1::/64");
    assert_string_equal(key_of("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01", 16), "login 0:0:0:0::/64");
}

static double cost(f1_limit_table_t *table, int clients)
{
    unsigned char address[4] = {10, 0, 0, 0};
    struct timespec start, end;
    f1_verdict_t verdict;
    char key[F1_LIMIT_KEY_MAX];
    int i;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &start);
    for (i = 0; i < CHECKS; i++) {
        int client = i % clients;

        address[1] = (unsigned char)(client >> 16);
        address[2] = (unsigned char)(client >> 8);
        address[3] = (unsigned char)client;
        f1_limit_address_key(key, "anonymous", address, sizeof(address));
        f1_limit_ask(table, key, &usual, F1_LIMIT_TAKE, f1_limit_now(), &verdict);
    }
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
    return ((double)(end.tv_sec - start.tv_sec) * 1e9 + (double)(end.tv_nsec - start.tv_nsec)) / CHECKS;
}

/* The whole check, from the client's address to the verdict. */
static void test_cost(void **state)
{
    static const int clients[] = {1, 1000, 100000};
    f1_limit_table_t *table = make_table();
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(clients) / sizeof(clients[0]); i++) {
        /* told only: ./dev.sh bench judges it, where nothing else slows it down */
        print_message("# a check with %d clients: %.0f ns of processor time\n", clients[i], cost(table, clients[i]));
    }
    drop_table(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        F1_TEST(test_the_101st),
        F1_TEST(test_waiting),
        F1_TEST(test_long_run),
        F1_TEST(test_looking_changes_nothing),
        F1_TEST(test_clock_of_others),
        F1_TEST(test_taken_over),
        F1_TEST(test_processes),
        F1_TEST(test_keys_are_apart),
        F1_TEST(test_crowd),
        F1_TEST(test_addresses),
        F1_TEST(test_cost),
    };

    return f1_test_run(tests);
}
