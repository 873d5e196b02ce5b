/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Limits of two machines, two httpds here, that share a Redis: together they allow what one may; and each goes on by
 * itself while Redis is away, hangs, or is none. */

#include "f1_test.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <apr_strings.h>

#define SEASONS "/api/v1/seasons"
#define LIVE "/api/v1/health/live"

static pid_t redis_pid, second_pid;
static int redis_port, second_port;

static const char *env(const char *name)
{
    const char *value = getenv(name);

    assert_non_null(value);
    return value;
}

static const char *in_sandbox(const char *name)
{
    return apr_pstrcat(f1_test_pool(), env("F1_SANDBOX"), "/", name, NULL);
}

/* In a session of its own: prefork sends its signals to the whole process group. */
static pid_t start(const char *program, const char *const *words)
{
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (!pid) {
        if (setsid() < 0 || !freopen("/dev/null", "w", stdout) || !freopen("/dev/null", "w", stderr)) {
            _exit(126);
        }
        execvp(program, (char *const *)words);
        _exit(127);
    }
    return pid;
}

static void stop(pid_t *pid, int signal_number)
{
    if (*pid) {
        kill(*pid, signal_number);
        waitpid(*pid, NULL, 0);
        *pid = 0;
    }
}

/* What redis-cli says to this. */
static const char *redis_cli(const char *words)
{
    apr_pool_t *pool = f1_test_pool();
    FILE *pipe = popen(apr_psprintf(pool, "redis-cli -p %d %s 2>&1", redis_port, words), "r");
    char *said = apr_pcalloc(pool, 4096);

    assert_non_null(pipe);
    said[fread(said, 1, 4095, pipe)] = '\0';
    pclose(pipe);
    return said;
}

/* The program is one under several names, of which Debian has this one without a service that starts by itself. */
static void start_redis(void)
{
    const char *const words[] = {"redis-server",
                                 "--port",
                                 apr_itoa(f1_test_pool(), redis_port),
                                 "--bind",
                                 "127.0.0.1",
                                 "--save",
                                 "",
                                 "--appendonly",
                                 "no",
                                 NULL};
    int i;

    redis_pid = start("redis-check-rdb", words);
    for (i = 0; i < 200 && strncmp(redis_cli("ping"), "PONG", 4); i++) {
        apr_sleep(apr_time_from_msec(50));
    }
    assert_string_equal(redis_cli("ping"), "PONG\n");
}

/* A file of the sandbox with some words replaced, as another one. */
static void write_edited(const char *from, const char *to, const char *expressions)
{
    const char *command =
        apr_psprintf(f1_test_pool(), "sed %s '%s' >'%s'", expressions, in_sandbox(from), in_sandbox(to));

    assert_int_equal(system(command), 0);
}

static f1_reply_t *ask_at(const char *url, const char *address)
{
    const char *headers[] = {apr_pstrcat(f1_test_pool(), "X-Forwarded-For: ", address, NULL), NULL};

    return f1_test_ask(&(f1_ask_t){.path = url, .headers = headers});
}

static const char *second(const char *path)
{
    return apr_psprintf(f1_test_pool(), "http://127.0.0.1:%d/f1%s", second_port, path);
}

static int status_of(int node, const char *address)
{
    return ask_at(node ? second(SEASONS) : SEASONS, address)->status;
}

static int generation(void)
{
    f1_reply_t *reply = f1_test_get(apr_pstrcat(f1_test_pool(), env("F1_ORIGIN"), "/server-status?auto", NULL));
    const char *at = reply->body ? strstr(reply->body, "ParentServerConfigGeneration: ") : NULL;

    return at ? (int)strtol(strchr(at, ' '), NULL, 10) : -1;
}

static void restart(void)
{
    int before = generation(), i;

    assert_int_equal(kill((pid_t)strtol(env("F1_HTTPD_PID"), NULL, 10), SIGUSR1), 0);
    for (i = 0; i < 400 && generation() != before + 1; i++) {
        apr_sleep(apr_time_from_msec(50));
    }
    assert_int_equal(generation(), before + 1);
}

static void put(const char *name, const char *text, mode_t rights)
{
    FILE *file = fopen(in_sandbox(name), "w");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(in_sandbox(name), rights), 0);
}

/* more: what stands behind the port, and in further lines. */
static void use_port(int port, const char *more)
{
    put("redis.conf", apr_psprintf(f1_test_pool(), "F1BoardLimitStore redis:127.0.0.1:%d%s\n", port, more), 0644);
}

/* The same configuration at another port. */
static void start_second(void)
{
    const char *const words[] = {env("F1_HTTPD"), "-d", env("F1_SANDBOX"), "-f", in_sandbox("second.conf"),
                                 "-DFOREGROUND",  NULL};
    int i;

    write_edited("httpd.conf", "second.conf",
                 apr_psprintf(f1_test_pool(),
                              "-e 's/^Define PORT .*/Define PORT %d/' -e 's/httpd.pid/second.pid/' -e "
                              "'s/error.log/second.log/'",
                              second_port));
    second_pid = start(words[0], words);
    for (i = 0; i < 400 && f1_test_get(second(LIVE))->status != 200; i++) {
        apr_sleep(apr_time_from_msec(50));
    }
    assert_int_equal(f1_test_get(second(LIVE))->status, 200);
}

static void test_two_nodes(void **state)
{
    int allowed = 0, refused = 0, i;
    f1_reply_t *reply;

    (void)state;
    start_redis();
    use_port(redis_port, "");
    restart();
    start_second();
    for (i = 0; i < 200; i++) {
        int status = status_of(i % 2, "10.0.0.1");

        allowed += status == 200;
        refused += status == 429;
        assert_int_equal(status, i < 100 ? 200 : 429);
    }
    assert_int_equal(allowed, 100);
    assert_int_equal(refused, 100);
    reply = ask_at(second(SEASONS), "10.0.0.1");
    assert_in_range(strtol(apr_table_get(reply->headers, "Retry-After"), NULL, 10), 1, 360);
    assert_string_equal(apr_table_get(reply->headers, "X-RateLimit-Remaining"), "0");
    assert_int_equal(status_of(1, "10.0.0.2"), 200);
    reply = ask_at(SEASONS, "10.0.0.2");
    assert_string_equal(apr_table_get(reply->headers, "X-RateLimit-Remaining"), "98");
    assert_string_equal(redis_cli("keys 'f1board:limit:*0.0.2'"), "f1board:limit:100/3600:anonymous 10.0.0.2\n");
    assert_in_range(strtol(redis_cli("ttl 'f1board:limit:100/3600:anonymous 10.0.0.2'"), NULL, 10), 1, 360);
}

static int lines_with(const char *number)
{
    const char *log = f1_test_file(env("F1_LOG"), NULL), *at;
    int lines = 0;

    for (at = strstr(log, number); at; at = strstr(at + 1, number)) {
        lines++;
    }
    return lines;
}

static void test_redis_goes_and_comes(void **state)
{
    int i;

    (void)state;
    f1_test_expect_log("F1B0740");
    for (i = 0; i < 60; i++) {
        assert_int_equal(status_of(0, "10.0.0.3"), 200);
    }
    stop(&redis_pid, SIGKILL);
    for (i = 0; i < 60; i++) { /* this node knows what it has allowed */
        assert_int_equal(status_of(0, "10.0.0.3"), i < 40 ? 200 : 429);
    }
    for (i = 0; i < 110; i++) { /* the other one has heard nothing of it */
        assert_int_equal(status_of(1, "10.0.0.3"), i < 100 ? 200 : 429);
    }
    assert_int_equal(lines_with("F1B0740"), 1);
    start_redis();
    for (i = 0; i < 600 && !lines_with("F1B0741"); i++) {
        assert_int_equal(ask_at(LIVE, apr_psprintf(f1_test_pool(), "10.1.%d.%d", i / 250, i % 250))->status, 200);
        apr_sleep(apr_time_from_msec(50));
    }
    assert_int_equal(lines_with("F1B0741"), 1);
    assert_int_equal(status_of(0, "10.0.0.4"), 200);
    assert_string_equal(redis_cli("exists 'f1board:limit:100/3600:anonymous 10.0.0.4'"), "1\n");
}

/* One that takes connections and says nothing costs a few requests a moment, not all of them. */
static void test_redis_hangs(void **state)
{
    apr_time_t start_time;
    int i;

    (void)state;
    assert_int_equal(kill(redis_pid, SIGSTOP), 0);
    start_time = apr_time_now();
    for (i = 0; i < 100; i++) {
        assert_int_equal(status_of(0, "10.0.0.5"), 200);
    }
    assert_int_equal(status_of(0, "10.0.0.5"), 429);
    assert_true(apr_time_now() - start_time < apr_time_from_sec(10)); /* 100 times the time-out would be 20 */
    assert_int_equal(kill(redis_pid, SIGCONT), 0);
}

static void log_in_with(const char *login)
{
    put("redis-login", login, 0600);
    use_port(redis_port, "/2\nF1BoardLimitAuthFile redis-login");
    restart();
}

static int is_counted(const char *options, const char *address)
{
    return !strcmp(
        redis_cli(apr_psprintf(f1_test_pool(), "--no-auth-warning %s exists 'f1board:limit:100/3600:anonymous %s'",
                               options, address)),
        "1\n");
}

/* It may have been left alone for some seconds yet. */
static void wait_until_counted(const char *options, const char *address)
{
    int i;

    for (i = 0; i < 90 && !is_counted(options, address); i++) {
        assert_int_equal(status_of(0, address), 200);
        apr_sleep(apr_time_from_msec(i ? 300 : 0));
    }
    assert_true(is_counted(options, address));
}

/* The words of docs/limits.md, a password that is right, and one that is wrong. */
static void test_passwords_and_databases(void **state)
{
    (void)state;
    redis_cli("acl setuser f1board on '>sesame open' '~f1board:limit:*' +evalsha '+script|load' +time +get +set "
              "+select");
    redis_cli("config set requirepass topsecret");
    log_in_with("f1board:sesame open\n");
    wait_until_counted("-a topsecret -n 2", "10.0.0.7");
    assert_false(is_counted("-a topsecret", "10.0.0.7"));
    log_in_with("default:topsecret");
    wait_until_counted("-a topsecret -n 2", "10.0.0.8");
    log_in_with("f1board:abracadabra");
    assert_int_equal(status_of(0, "10.0.0.9"), 200);
    assert_false(is_counted("-a topsecret -n 2", "10.0.0.9"));
    assert_non_null(strstr(f1_test_file(env("F1_LOG"), NULL), "Redis refuses: WRONGPASS"));
    assert_null(strstr(f1_test_file(env("F1_LOG"), NULL), "abracadabra"));
}

static void test_what_is_no_redis(void **state)
{
    f1_reply_t *reply;
    int i;

    (void)state;
    use_port((int)strtol(strrchr(env("F1_ORIGIN"), ':') + 1, NULL, 10), ""); /* httpd's own */
    restart();
    for (i = 0; i < 101; i++) {
        reply = ask_at(SEASONS, "10.0.0.6");
        assert_int_equal(reply->status, i < 100 ? 200 : 429);
    }
}

static int group_teardown(void **state)
{
    stop(&second_pid, SIGTERM);
    if (redis_pid) {
        kill(redis_pid, SIGCONT);
    }
    stop(&redis_pid, SIGKILL);
    return f1_test_group_teardown(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        F1_TEST(test_two_nodes),        F1_TEST(test_redis_goes_and_comes),
        F1_TEST(test_redis_hangs),      F1_TEST(test_passwords_and_databases),
        F1_TEST(test_what_is_no_redis),
    };

    if (system("command -v redis-check-rdb && command -v redis-cli >/dev/null") != 0) {
        puts("1..0 # SKIP no Redis");
        return 0;
    }
    srand((unsigned)getpid());
    redis_port = 12000 + rand() % 4000;
    second_port = 16000 + rand() % 3900;
    return cmocka_run_group_tests(tests, f1_test_group_setup, group_teardown);
}
