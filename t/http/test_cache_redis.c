/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Answers in a Redis, which goes away and comes back; in one that is not there at all; and in a store of which the
 * module is missing. Nobody notices but by the time it takes. */

#include "f1_test.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <apr_strings.h>

#define ONE "/api/v1/circuits/krakow"
#define PATIENCE apr_time_from_sec(30)

static int port;

/* A shell's command, in the sandbox. */
static int run(const char *command)
{
    return system(apr_psprintf(f1_test_pool(), "cd '%s' && { %s; } >/dev/null 2>&1", getenv("F1_SANDBOX"), command));
}

/* The program is one under several names, of which Debian has this one without a service that starts by itself. */
static void start_redis(void)
{
    apr_time_t end = apr_time_now() + PATIENCE;

    run("ln -s \"$(command -v redis-check-rdb)\" redis-server");
    assert_int_equal(
        run(apr_psprintf(f1_test_pool(), "./redis-server --port %d --bind 127.0.0.1 --save '' --daemonize yes", port)),
        0);
    while (run(apr_psprintf(f1_test_pool(), "redis-cli -p %d ping | grep PONG", port))) {
        assert_true(apr_time_now() < end);
        apr_sleep(apr_time_from_msec(20));
    }
}

static void stop_redis(void)
{
    char command[80];

    apr_snprintf(command, sizeof(command), "redis-cli -p %d shutdown nosave >/dev/null 2>&1", port);
    (void)!system(command);
}

static const char *how(const f1_reply_t *reply)
{
    const char *value = apr_table_get(reply->headers, "X-Cache");

    return value ? value : "";
}

/* Good answers all the time, until one came about this way. */
static void await(const char *word)
{
    apr_time_t end = apr_time_now() + PATIENCE;
    f1_reply_t *reply;

    do {
        assert_true(apr_time_now() < end);
        apr_sleep(apr_time_from_msec(5));
        reply = f1_test_get(ONE);
        assert_int_equal(reply->status, 200);
    } while (strcmp(how(reply), word));
}

static const char *store_of(const f1_reply_t *reply)
{
    json_t *value = f1_test_json_at(reply->json, "checks/cache:store/0/observedValue");

    return value ? json_string_value(value) : "";
}

static void use_store(const char *line, const char *name)
{
    apr_time_t end = apr_time_now() + PATIENCE;
    FILE *file = fopen(apr_pstrcat(f1_test_pool(), getenv("F1_SANDBOX"), "/redis.conf", NULL), "w");

    assert_non_null(file);
    assert_true(fputs(line, file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(kill((pid_t)strtol(getenv("F1_HTTPD_PID"), NULL, 10), SIGUSR1), 0);
    while (strcmp(store_of(f1_test_get("/health/cache")), name)) {
        assert_true(apr_time_now() < end);
        apr_sleep(apr_time_from_msec(20));
    }
}

static void test_redis(void **state)
{
    (void)state;
    start_redis();
    use_store(apr_psprintf(f1_test_pool(), "F1BoardCache redis:127.0.0.1:%d\n", port), "redis");
    await("hit");
    assert_int_equal(run(apr_psprintf(f1_test_pool(), "redis-cli -p %d dbsize | grep -v '^0'", port)), 0);
    /* what is kept there by somebody else is not taken for an answer */
    run(apr_psprintf(f1_test_pool(),
                     "for key in $(redis-cli -p %d keys '*'); do redis-cli -p %d set $key 'F1C2 nonsense'; done", port,
                     port));
    await("miss");
    await("hit");
}

static void test_redis_goes_and_comes(void **state)
{
    f1_reply_t *reply;
    const char *known[] = {NULL, NULL};

    (void)state;
    f1_test_expect_log("scache_rd");
    f1_test_expect_log("socache_redis");
    await("hit");
    reply = f1_test_get(ONE);
    stop_redis();
    await("miss");
    for (int i = 0; i < 50; i++) {
        assert_int_equal(f1_test_get(ONE)->status, 200);
    }
    /* what the client has need not be anywhere else */
    known[0] = apr_pstrcat(f1_test_pool(), "If-None-Match: ", apr_table_get(reply->headers, "ETag"), NULL);
    assert_int_equal(f1_test_ask(&(f1_ask_t){.path = ONE, .headers = known})->status, 304);
    start_redis();
    await("hit");
}

static void test_missing_store(void **state)
{
    (void)state;
    f1_test_expect_log("F1B0562");
    use_store("F1BoardCache memcache:127.0.0.1:1\n", "none");
    await("miss");
    for (int i = 0; i < 20; i++) {
        assert_string_not_equal(how(f1_test_get(ONE)), "hit");
    }
    use_store("F1BoardCache shmcb\n", "shmcb");
    await("hit");
}

static int group_teardown(void **state)
{
    stop_redis();
    return f1_test_group_teardown(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        F1_TEST(test_redis),
        F1_TEST(test_redis_goes_and_comes),
        F1_TEST(test_missing_store),
    };

    if (system("command -v redis-check-rdb >/dev/null && command -v redis-cli >/dev/null") != 0) {
        puts("1..0 # SKIP no Redis");
        return 0;
    }
    port = 16000 + (int)(getpid() % 4000);
    return cmocka_run_group_tests(tests, f1_test_group_setup, group_teardown);
}
