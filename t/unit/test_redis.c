/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* The connection to Redis against one that answers anything: replies of each kind, in one piece and byte by byte, and
 * those that Redis would never send. */

#include "f1_test.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <apr_network_io.h>
#include <apr_strings.h>

#include "base/redis.h"

#define TIMEOUT apr_time_from_msec(300)

static const char *const ping[] = {"PING", NULL};

static apr_socket_t *listener(apr_port_t *pport)
{
    apr_pool_t *pool = f1_test_pool();
    apr_sockaddr_t *address;
    apr_socket_t *socket;

    assert_int_equal(apr_sockaddr_info_get(&address, "127.0.0.1", APR_INET, 0, 0, pool), APR_SUCCESS);
    assert_int_equal(apr_socket_create(&socket, APR_INET, SOCK_STREAM, APR_PROTO_TCP, pool), APR_SUCCESS);
    assert_int_equal(apr_socket_bind(socket, address), APR_SUCCESS);
    assert_int_equal(apr_socket_listen(socket, 5), APR_SUCCESS);
    assert_int_equal(apr_socket_addr_get(&address, APR_LOCAL, socket), APR_SUCCESS);
    *pport = address->port;
    return socket;
}

/* Reads the command, answers in pieces of so many bytes, and waits for the end where it should not come by itself. */
static void serve(apr_socket_t *listening, const char *answer, size_t piece, int stays)
{
    apr_pool_t *pool = f1_test_pool();
    apr_socket_t *client;
    char command[1024];
    apr_size_t len = sizeof(command);

    if (apr_socket_accept(&client, listening, pool) != APR_SUCCESS ||
        apr_socket_recv(client, command, &len) != APR_SUCCESS) {
        _exit(1);
    }
    while (*answer) {
        apr_size_t sent = strlen(answer) < piece ? strlen(answer) : piece;

        if (apr_socket_send(client, answer, &sent) != APR_SUCCESS) {
            _exit(0);
        }
        answer += sent;
    }
    len = sizeof(command);
    if (stays) {
        (void)apr_socket_recv(client, command, &len);
    }
    _exit(0);
}

static apr_status_t ask(const char *answer, size_t piece, int stays, f1_redis_reply_t *reply)
{
    f1_result_t *res = f1_test_result();
    apr_socket_t *listening;
    f1_redis_t *redis;
    apr_port_t port;
    pid_t pid;

    f1_result_clear(res);
    listening = listener(&port);
    pid = fork();
    assert_true(pid >= 0);
    if (!pid) {
        serve(listening, answer, piece, stays);
    }
    f1_assert_ok(
        f1_redis_open(&redis, &(f1_redis_server_t){.host = "127.0.0.1", .port = port}, TIMEOUT, f1_test_pool(), res),
        res);
    (void)f1_redis_ask(redis, ping, reply, res);
    kill(pid, SIGKILL);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    apr_socket_close(listening);
    return res->rv;
}

static void test_replies(void **state)
{
    static const struct {
        const char *answer, *text;
        int count;
        apr_int64_t last;
    } cases[] = {
        {"+PONG\r\n", "PONG", 0, 0},
        {"+\r\n", "", 0, 0},
        {"$5\r\nhello\r\n", "hello", 0, 0},
        {"$0\r\n\r\n", "", 0, 0},
        {":42\r\n", "", 1, 42},
        {":-9223372036854775808\r\n", "", 1, APR_INT64_MIN},
        {"*4\r\n:1\r\n:99\r\n:0\r\n:3600000\r\n", "", 4, 3600000},
        {"*0\r\n", "", 0, 0},
        {"*8\r\n:1\r\n:2\r\n:3\r\n:4\r\n:5\r\n:6\r\n:7\r\n:8\r\n", "", 8, 8},
    };
    f1_redis_reply_t reply;
    size_t i, piece;

    (void)state;
    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        for (piece = 1; piece < 100; piece += 98) {
            f1_assert_ok(ask(cases[i].answer, piece, 1, &reply), f1_test_result());
            assert_string_equal(reply.text, cases[i].text);
            assert_int_equal(reply.count, cases[i].count);
            if (reply.count) {
                assert_int_equal(reply.numbers[reply.count - 1], cases[i].last);
            }
        }
    }
}

static void test_strange_replies(void **state)
{
    const char *text = apr_psprintf(f1_test_pool(), "+%0600d\r\n", 1);
    const char *cases[] = {
        "",
        "\r\n",
        "+PONG",
        "+PONG\r",
        "HTTP/1.1 400 Bad Request\r\n",
        ":\r\n",
        ":x\r\n",
        ":99999999999999999999\r\n",
        "$-1\r\n",
        "$5\r\nhell\r\n",
        "$5\r\nhello!\r\n",
        "$99999999999999999999\r\n",
        "$128\r\n",
        "*-1\r\n",
        "*9\r\n:1\r\n",
        "*2\r\n:1\r\n",
        "*1\r\n$1\r\na\r\n",
        "*1\r\n*1\r\n:1\r\n",
        "*99999999999\r\n",
        text,
    };
    f1_redis_reply_t reply;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (ask(cases[i], 100, 0, &reply) == APR_SUCCESS) {
            fail_msg("'%s' is taken for a reply", cases[i]);
        }
        assert_int_equal(f1_test_result()->error, F1_E_UPSTREAM);
    }
}

static void test_errors(void **state)
{
    f1_redis_reply_t reply;

    (void)state;
    assert_int_not_equal(ask("-NOSCRIPT No matching script.\r\n", 100, 1, &reply), APR_SUCCESS);
    assert_string_equal(f1_test_result()->detail, "Redis refuses: NOSCRIPT No matching script.");
    assert_true(APR_STATUS_IS_TIMEUP(ask("*2\r\n:1\r\n", 100, 1, &reply)));
}

static void test_nobody_there(void **state)
{
    f1_result_t *res = f1_test_result();
    apr_socket_t *listening;
    f1_redis_t *redis;
    apr_port_t port;

    (void)state;
    listening = listener(&port);
    apr_socket_close(listening);
    assert_int_not_equal(
        f1_redis_open(&redis, &(f1_redis_server_t){.host = "127.0.0.1", .port = port}, TIMEOUT, f1_test_pool(), res),
        APR_SUCCESS);
    assert_non_null(strstr(res->detail, "cannot be reached"));
    f1_result_clear(res);
    assert_int_not_equal(f1_redis_open(&redis, &(f1_redis_server_t){.host = "no.such.host.invalid", .port = port},
                                       TIMEOUT, f1_test_pool(), res),
                         APR_SUCCESS);
    assert_non_null(strstr(res->detail, "has no address"));
}

/* What is sent, as lengths and bytes; and what is too long for it. */
static void test_command(void **state)
{
    const char *const words[] = {"SET", "a b\r\nDEL c", "", NULL};
    char *big = apr_palloc(f1_test_pool(), 10001);
    const char *const too_long[] = {"SET", big, NULL};
    f1_result_t *res = f1_test_result();
    f1_redis_reply_t reply;
    apr_socket_t *listening;
    f1_redis_t *redis;
    apr_port_t port;
    int status;
    pid_t pid;

    (void)state;
    memset(big, 'x', 10000);
    big[10000] = '\0';
    listening = listener(&port);
    pid = fork();
    assert_true(pid >= 0);
    if (!pid) {
        static const char expected[] = "*3\r\n$3\r\nSET\r\n$10\r\na b\r\nDEL c\r\n$0\r\n\r\n";
        char got[256] = "";
        apr_size_t at = 0, len;
        apr_socket_t *client;

        if (apr_socket_accept(&client, listening, f1_test_pool()) != APR_SUCCESS) {
            _exit(1);
        }
        while (at < sizeof(expected) - 1) {
            len = sizeof(got) - 1 - at;
            if (apr_socket_recv(client, got + at, &len) != APR_SUCCESS) {
                _exit(2);
            }
            at += len;
        }
        len = 5;
        _exit(strcmp(got, expected) || apr_socket_send(client, "+OK\r\n", &len) != APR_SUCCESS ? 3 : 0);
    }
    f1_assert_ok(f1_redis_open(&redis, &(f1_redis_server_t){.host = "127.0.0.1", .port = port}, apr_time_from_sec(10),
                               f1_test_pool(), res),
                 res);
    f1_assert_ok(f1_redis_ask(redis, words, &reply, res), res);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    assert_int_not_equal(f1_redis_ask(redis, too_long, &reply, res), APR_SUCCESS);
    assert_string_equal(res->detail, "A command for Redis is too long");
}

static void test_addresses(void **state)
{
    static const char *const wrong[] = {
        "",          "6379",  "h",       "h:",     ":6379",  "h:0",       "h:65536", "h:6379/",
        "h:6379/-1", "h:1/x", "h:1/1/1", "h:1/ 1", "[::1:1", "h:1/10000", "h:1/0x1", "[fe80::1%1]:1/1"};
    f1_redis_server_t server;
    size_t i;

    (void)state;
    assert_true(f1_redis_server_parse(&server, "redis.example.com:6379", f1_test_pool()));
    assert_string_equal(server.host, "redis.example.com");
    assert_int_equal(server.port, 6379);
    assert_int_equal(server.database, 0);
    assert_true(f1_redis_server_parse(&server, "[2001:db8::1]:1/15", f1_test_pool()));
    assert_string_equal(server.host, "2001:db8::1");
    assert_int_equal(server.database, 15);
    for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        if (f1_redis_server_parse(&server, wrong[i], f1_test_pool())) {
            fail_msg("'%s' is taken", wrong[i]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        F1_TEST(test_replies),      F1_TEST(test_strange_replies), F1_TEST(test_errors),
        F1_TEST(test_nobody_there), F1_TEST(test_command),         F1_TEST(test_addresses),
    };

    return f1_test_run(tests);
}
