/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Outgoing HTTP against a server on the loopback that answers word for word what each test scripted. Waits between
 * tries are recorded instead of slept. */

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include <apr_strings.h>
#include <apr_thread_proc.h>

#include "base/http.h"
#include "base/str.h"
#include "f1_test.h"
#include "f1_test_server.h"

#define OK_HEAD "HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\n"
#define OK_ANSWER OK_HEAD "Content-Length: 2\r\n\r\n{}"
#define CLOSE "Connection: close\r\n"

#define MAX_WAITS 8

/* --- The client: waits are recorded, hooks fail when told to */

typedef struct hooks_t {
    int befores, waits;
    apr_interval_time_t wait[MAX_WAITS];
    const char *why;
    int refuse_before, refuse_wait; /* the call, counted from 1, that fails; 0: none */
} hooks_t;

static apr_status_t on_before(void *baton, const char *url, f1_result_t *res)
{
    hooks_t *hooks = baton;

    (void)url;
    if (++hooks->befores == hooks->refuse_before) {
        return f1_result_fail(res, F1_E_UNAVAILABLE, APR_SUCCESS, "no budget left");
    }
    return APR_SUCCESS;
}

static apr_status_t on_wait(void *baton, apr_interval_time_t wait, const char *why, f1_result_t *res)
{
    hooks_t *hooks = baton;

    (void)res;
    assert_true(hooks->waits < MAX_WAITS);
    hooks->wait[hooks->waits++] = wait;
    hooks->why = apr_pstrdup(f1_test_pool(), why);
    return hooks->waits == hooks->refuse_wait ? APR_EINTR : APR_SUCCESS;
}

static f1_http_options_t options_of(hooks_t *hooks)
{
    memset(hooks, 0, sizeof(*hooks));
    return (f1_http_options_t){.user_agent = "f1board-test/1",
                               .wait_min = apr_time_from_msec(100),
                               .wait_max = apr_time_from_msec(200),
                               .before = on_before,
                               .wait = on_wait,
                               .baton = hooks};
}

static f1_http_t *client_of(const f1_http_options_t *options)
{
    f1_http_t *http;

    f1_assert_ok(f1_http_create(&http, options, f1_test_pool(), f1_test_result()), f1_test_result());
    return http;
}

static f1_http_t *client(hooks_t *hooks)
{
    f1_http_options_t options = options_of(hooks);

    return client_of(&options);
}

static f1_http_reply_t *get(f1_http_t *http, const char *url)
{
    f1_http_reply_t *reply;

    f1_assert_ok(f1_http_get(http, url, &reply, f1_test_pool(), f1_test_result()), f1_test_result());
    return reply;
}

/* The request fails as upstream's fault, with words that hold these. */
static void get_fails(f1_http_t *http, const char *url, const char *words)
{
    f1_http_reply_t *reply;
    f1_result_t *res = f1_test_result();

    assert_int_not_equal(f1_http_get(http, url, &reply, f1_test_pool(), res), APR_SUCCESS);
    assert_int_equal(res->error, F1_E_UPSTREAM);
    assert_non_null(res->detail);
    if (!strstr(res->detail, words)) {
        fail_msg("\"%s\" does not say \"%s\"", res->detail, words);
    }
}

/* --- Tests */

static void test_connection_is_reused(void **state)
{
    f1_test_server_t *server = F1_TEST_SERVER({.bytes = OK_ANSWER}, {.bytes = OK_ANSWER});
    hooks_t hooks;
    f1_http_t *http = client(&hooks);
    f1_http_reply_t *reply;

    (void)state;
    get(http, f1_test_server_url(server, "/one"));
    reply = get(http, f1_test_server_url(server, "/two?limit=100"));
    assert_int_equal(reply->status, 200);
    assert_int_equal(reply->tries, 1);
    assert_string_equal(reply->body, "{}");
    assert_int_equal(reply->body_len, 2);
    assert_string_equal(reply->content_type, "application/json");
    assert_int_equal(server->connections, 1);
    assert_int_equal(f1_http_requests(http), 2);
    assert_int_equal(hooks.befores, 2);
    assert_non_null(strstr(server->last_head, "GET /two?limit=100 HTTP/1.1\r\n"));
    assert_non_null(strstr(server->last_head, "User-Agent: f1board-test/1\r\n"));
    assert_non_null(strstr(server->last_head, "gzip"));
}

static void test_no_content_type(void **state)
{
    f1_test_server_t *server = F1_TEST_SERVER({.bytes = "HTTP/1.1 204 No Content\r\n\r\n"});
    hooks_t hooks;
    f1_http_reply_t *reply = get(client(&hooks), f1_test_server_url(server, "/"));

    (void)state;
    assert_int_equal(reply->status, 204);
    assert_string_equal(reply->content_type, "");
    assert_string_equal(reply->body, "");
}

static void test_idle_connection_dropped(void **state)
{
    f1_test_server_t *server = F1_TEST_SERVER({.bytes = OK_ANSWER, .then = F1_TEST_DROP}, {.bytes = OK_ANSWER});
    hooks_t hooks;
    f1_http_t *http = client(&hooks);

    (void)state;
    get(http, f1_test_server_url(server, "/"));
    assert_int_equal(get(http, f1_test_server_url(server, "/"))->status, 200);
    assert_int_equal(server->connections, 2);
}

static const char *gzip_answer(const unsigned char *data, size_t len, size_t *plen)
{
    const char *head = apr_psprintf(
        f1_test_pool(), OK_HEAD "Content-Encoding: gzip\r\nContent-Length: %" APR_SIZE_T_FMT "\r\n\r\n", len);
    char *answer = apr_palloc(f1_test_pool(), strlen(head) + len);

    memcpy(answer, head, strlen(head));
    memcpy(answer + strlen(head), data, len);
    *plen = strlen(head) + len;
    return answer;
}

static void test_gzip(void **state)
{
    /* {"MRData":{}} */
    static const unsigned char data[] = {0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0xab,
                                         0x56, 0xf2, 0x0d, 0x72, 0x49, 0x2c, 0x49, 0x54, 0xb2, 0xaa, 0xae,
                                         0xad, 0x05, 0x00, 0x9c, 0xf1, 0xd8, 0x8a, 0x0d, 0x00, 0x00, 0x00};
    size_t len;
    const char *answer = gzip_answer(data, sizeof(data), &len);
    f1_test_server_t *server = F1_TEST_SERVER({.bytes = answer, .len = len});
    hooks_t hooks;

    (void)state;
    assert_string_equal(get(client(&hooks), f1_test_server_url(server, "/"))->body, "{\"MRData\":{}}");
}

/* Appends the count low bits of value to a DEFLATE stream, first bit first. */
static void put_bits(unsigned char *out, size_t *pbit, unsigned value, int count)
{
    for (int i = 0; i < count; i++, (*pbit)++) {
        out[*pbit / 8] |= (unsigned char)((value >> i & 1) << *pbit % 8);
    }
}

/* One block with the fixed Huffman codes of RFC 1951: a zero byte, then copies of the last 258 bytes without end. */
static void test_gzip_bomb(void **state)
{
    enum { copies = 40000, size = 10 + (3 + 8 + copies * 13) / 8 + 1 };
    static const unsigned char head[10] = {0x1f, 0x8b, 0x08, 0, 0, 0, 0, 0, 0, 0x03};
    unsigned char *data = apr_pcalloc(f1_test_pool(), size);
    size_t bit = sizeof(head) * 8, len;
    hooks_t hooks;
    f1_http_options_t options = options_of(&hooks);
    const char *answer;
    f1_test_server_t *server;

    (void)state;
    memcpy(data, head, sizeof(head));
    put_bits(data, &bit, 1 | 1 << 1, 3); /* last block, fixed codes */
    put_bits(data, &bit, 0x0c, 8); /* literal 0: 00110000 from its high bit */
    for (int i = 0; i < copies; i++) {
        put_bits(data, &bit, 0xa3, 8); /* length 258: 11000101 from its high bit */
        put_bits(data, &bit, 0, 5); /* distance 1 */
    }
    assert_true((bit + 7) / 8 <= size);
    answer = gzip_answer(data, size, &len);
    server = F1_TEST_SERVER({.bytes = answer, .len = len});
    options.max_body = 1024 * 1024; /* a tenth of what comes out, sixteen times what comes in */
    get_fails(client_of(&options), f1_test_server_url(server, "/"), "more than 1048576 bytes");
    assert_int_equal(server->requests, 1);
}

static void test_body_bound(void **state)
{
    f1_test_server_t *server =
        F1_TEST_SERVER({.bytes = OK_HEAD "Content-Length: 8\r\n\r\n12345678"},
                       {.bytes = OK_HEAD "Content-Length: 9\r\n\r\n123456789", .then = F1_TEST_DROP});
    hooks_t hooks;
    f1_http_options_t options = options_of(&hooks);
    f1_http_t *http;

    (void)state;
    options.max_body = 8;
    http = client_of(&options);
    assert_string_equal(get(http, f1_test_server_url(server, "/"))->body, "12345678");
    get_fails(http, f1_test_server_url(server, "/"), "more than 8 bytes (1 try)");
    assert_int_equal(hooks.waits, 0);
}

static void test_header_bound(void **state)
{
    f1_buf_t answer;
    f1_test_server_t *server;
    hooks_t hooks;

    (void)state;
    f1_buf_init(&answer, f1_test_pool(), 0, 128 * 1024);
    f1_buf_adds(&answer, OK_HEAD);
    while (answer.len < 70 * 1024) {
        f1_buf_adds(&answer, "X-Filler: 0123456789012345678901234567890123456789\r\n");
    }
    f1_buf_adds(&answer, "Content-Length: 2\r\n\r\n{}");
    server = F1_TEST_SERVER({.bytes = answer.data, .then = F1_TEST_DROP});
    get_fails(client(&hooks), f1_test_server_url(server, "/"), "bytes of header fields");
    assert_int_equal(hooks.waits, 0);
}

static void test_503_then_200(void **state)
{
    f1_test_server_t *server = F1_TEST_SERVER(
        {.bytes = "HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nContent-Length: 5\r\n\r\nlater"}, {.bytes = OK_ANSWER});
    hooks_t hooks;
    f1_http_reply_t *reply = get(client(&hooks), f1_test_server_url(server, "/"));

    (void)state;
    assert_int_equal(reply->status, 200);
    assert_int_equal(reply->tries, 2);
    assert_string_equal(reply->body, "{}");
    assert_int_equal(hooks.waits, 1);
    assert_int_equal(hooks.wait[0], apr_time_from_sec(7));
    assert_string_equal(hooks.why, "127.0.0.1: status 503");
    assert_int_equal(hooks.befores, 2);
    assert_non_null(strstr(f1_test_log(), "F1B0150"));
}

static const char *busy_until(apr_time_t when)
{
    char date[APR_RFC822_DATE_LEN];

    apr_rfc822_date(date, when);
    return apr_psprintf(f1_test_pool(), "HTTP/1.1 503 Busy\r\nRetry-After: %s\r\nContent-Length: 0\r\n\r\n", date);
}

static void test_retry_after_date(void **state)
{
    f1_test_server_t *server =
        F1_TEST_SERVER({.bytes = busy_until(apr_time_now() + apr_time_from_sec(200))},
                       {.bytes = busy_until(apr_time_now() - apr_time_from_sec(200))}, {.bytes = OK_ANSWER});
    hooks_t hooks;

    (void)state;
    assert_int_equal(get(client(&hooks), f1_test_server_url(server, "/"))->tries, 3);
    assert_int_equal(hooks.waits, 2);
    /* libcurl counts in whole seconds, of two clocks */
    assert_in_range(hooks.wait[0], apr_time_from_sec(100), apr_time_from_sec(202));
    assert_in_range(hooks.wait[1], apr_time_from_msec(150), apr_time_from_msec(200)); /* our own second wait */
}

static void test_retry_after_too_long(void **state)
{
    f1_test_server_t *server =
        F1_TEST_SERVER({.bytes = "HTTP/1.1 429 Slow down\r\nRetry-After: 3600\r\nContent-Length: 0\r\n\r\n"});
    hooks_t hooks;

    (void)state;
    get_fails(client(&hooks), f1_test_server_url(server, "/"), "status 429 (1 try)");
    assert_int_equal(f1_test_result()->retry_after, 3600);
    assert_int_equal(hooks.waits, 0);
}

static void test_retry_after_absurd(void **state)
{
    f1_test_server_t *server =
        F1_TEST_SERVER({.bytes = "HTTP/1.1 429 Slow down\r\nRetry-After: -5\r\nContent-Length: 0\r\n\r\n"},
                       {.bytes = "HTTP/1.1 429 Slow down\r\nRetry-After: soon\r\nContent-Length: 0\r\n\r\n"},
                       {.bytes = "HTTP/1.1 429 Slow down\r\nRetry-After: 9999999999\r\nContent-Length: 0\r\n\r\n"});
    hooks_t hooks;

    (void)state;
    get_fails(client(&hooks), f1_test_server_url(server, "/"), "status 429 (3 tries)");
    assert_in_range(hooks.wait[0], apr_time_from_msec(75), apr_time_from_msec(100));
    assert_in_range(hooks.wait[1], apr_time_from_msec(150), apr_time_from_msec(200));
    assert_int_equal(f1_test_result()->retry_after, APR_INT32_MAX);
}

static void test_429_storm(void **state)
{
    f1_test_step_t no = {.bytes = "HTTP/1.1 429 Slow down\r\nRetry-After: 3\r\nContent-Length: 0\r\n\r\n"};
    f1_test_server_t *server = F1_TEST_SERVER(no, no, no, no);
    hooks_t hooks;

    (void)state;
    get_fails(client(&hooks), f1_test_server_url(server, "/"), "127.0.0.1: status 429 (3 tries)");
    assert_int_equal(server->requests, 3);
    assert_int_equal(hooks.waits, 2);
    assert_int_equal(f1_test_result()->retry_after, 3);
}

static void test_404_is_final(void **state)
{
    f1_test_server_t *server = F1_TEST_SERVER(
        {.bytes =
             "HTTP/1.1 404 Not Found\r\nRetry-After: 1\r\nContent-Type: Text/Plain\r\nContent-Length: 4\r\n\r\ngone"});
    hooks_t hooks;
    f1_http_reply_t *reply = get(client(&hooks), f1_test_server_url(server, "/"));

    (void)state;
    assert_int_equal(reply->status, 404);
    assert_string_equal(reply->body, "gone");
    assert_string_equal(reply->content_type, "text/plain");
    assert_int_equal(server->requests, 1);
    assert_int_equal(hooks.waits, 0);
}

static void test_sleeps_without_hook(void **state)
{
    f1_test_server_t *server =
        F1_TEST_SERVER({.bytes = "HTTP/1.1 502 Bad\r\nContent-Length: 0\r\n\r\n"}, {.bytes = OK_ANSWER});
    const f1_http_options_t options = {.user_agent = "f1board-test/1", .wait_min = 1, .wait_max = 1};

    (void)state;
    assert_int_equal(get(client_of(&options), f1_test_server_url(server, "/"))->tries, 2);
}

static void test_broken_off(void **state)
{
    f1_test_step_t length = {.bytes = OK_HEAD "Content-Length: 100\r\n\r\n{\"MRData\"", .then = F1_TEST_DROP};
    f1_test_step_t chunked = {.bytes = OK_HEAD "Transfer-Encoding: chunked\r\n\r\n5\r\n{\"MRD", .then = F1_TEST_DROP};
    f1_test_server_t *server =
        F1_TEST_SERVER(length, chunked, {.bytes = OK_ANSWER}, length, length, {.bytes = "", .then = F1_TEST_DROP});
    hooks_t hooks;
    f1_http_t *http = client(&hooks);
    f1_http_reply_t *reply = get(http, f1_test_server_url(server, "/"));

    (void)state;
    assert_int_equal(reply->tries, 3);
    assert_string_equal(reply->body, "{}");
    get_fails(http, f1_test_server_url(server, "/"), "(3 tries)");
}

static void test_chunked(void **state)
{
    f1_test_server_t *server =
        F1_TEST_SERVER({.bytes = OK_HEAD "Transfer-Encoding: chunked\r\n\r\n3\r\n[1,\r\n2\r\n2]\r\n0\r\n\r\n"});
    hooks_t hooks;

    (void)state;
    assert_string_equal(get(client(&hooks), f1_test_server_url(server, "/"))->body, "[1,2]");
}

static void test_slow_body(void **state)
{
    f1_test_step_t slow = {.bytes = OK_HEAD "Content-Length: 100\r\n\r\n{", .then = F1_TEST_HANG};
    f1_test_server_t *server = F1_TEST_SERVER(slow, slow);
    hooks_t hooks;
    f1_http_options_t options = options_of(&hooks);

    (void)state;
    options.timeout = apr_time_from_msec(300);
    options.attempts = 2;
    get_fails(client_of(&options), f1_test_server_url(server, "/"), "timed out");
    assert_int_equal(hooks.waits, 1);
}

static const char *moved(const char *target)
{
    return apr_pstrcat(f1_test_pool(), "HTTP/1.1 302 Found\r\nLocation: ", target, "\r\nContent-Length: 0\r\n\r\n",
                       NULL);
}

static void test_redirect_same_place(void **state)
{
    f1_test_server_t *server =
        F1_TEST_SERVER({.bytes = moved("/b/")}, {.bytes = moved("../c?x=1")}, {.bytes = OK_ANSWER});
    hooks_t hooks;
    f1_http_reply_t *reply = get(client(&hooks), f1_test_server_url(server, "/a"));

    (void)state;
    assert_int_equal(reply->status, 200);
    assert_int_equal(reply->tries, 3);
    assert_int_equal(hooks.befores, 3); /* each is a request that upstream counts */
    assert_non_null(strstr(server->last_head, "GET /c?x=1 "));
    assert_int_equal(server->connections, 1);
}

static void test_redirect_elsewhere(void **state)
{
    static const char *const targets[] = {"http://localhost:%d/",
                                          "http://127.0.0.1:1/",
                                          "//127.0.0.2:%d/",
                                          "ftp://127.0.0.1:%d/",
                                          "file:///etc/passwd",
                                          "http://user@127.0.0.1:%d/",
                                          "http://h\xc3\xa4st\xff.example/"};

    (void)state;
    for (size_t i = 0; i < sizeof(targets) / sizeof(*targets); i++) {
        f1_test_server_t *server = F1_TEST_SERVER({.bytes = "?", .then = F1_TEST_DROP}, {.bytes = OK_ANSWER});
        hooks_t hooks;
        f1_http_t *http = client(&hooks);
        /* the format is one of the literals above; those without %d ignore the port */
        const char *port = strstr(targets[i], "%d");
        const char *target = port ? apr_psprintf(f1_test_pool(), "%.*s%d%s", (int)(port - targets[i]), targets[i],
                                                 server->port, port + 2)
                                  : targets[i];

        server->steps[0].bytes = moved(target);
        f1_result_clear(f1_test_result());
        get_fails(http, f1_test_server_url(server, "/"), "127.0.0.1: ");
        for (const char *c = f1_test_result()->detail; *c; c++) {
            assert_true(*c >= ' ' && *c <= '~');
        }
        assert_int_equal(server->requests, 1);
        assert_int_equal(hooks.waits, 0);
    }
}

static void test_redirect_loop(void **state)
{
    f1_test_step_t again = {.bytes = moved("/")};
    f1_test_server_t *server = F1_TEST_SERVER(again, again, again, again, again);
    hooks_t hooks;

    (void)state;
    get_fails(client(&hooks), f1_test_server_url(server, "/"), "more than 3 redirects");
    assert_int_equal(server->requests, 4);
}

static void test_garbage(void **state)
{
    static const char *const answers[] = {"SSH-2.0-OpenSSH_9.2\r\n\r\n", "HTTP/1.1 2x0 OK\r\n\r\n",
                                          "HTTP/1.1 099 Odd\r\nContent-Length: 0\r\n\r\n",
                                          "HTTP/7.5 200 OK\r\nContent-Length: 0\r\n\r\n", "{\"MRData\":{}}\r\n\r\n"};
    hooks_t hooks;
    f1_http_t *http = client(&hooks);

    (void)state;
    for (size_t i = 0; i < sizeof(answers) / sizeof(*answers); i++) {
        f1_test_server_t *server = F1_TEST_SERVER({.bytes = answers[i], .then = F1_TEST_DROP});

        f1_result_clear(f1_test_result());
        get_fails(http, f1_test_server_url(server, "/"), "(1 try)");
    }
    assert_int_equal(hooks.waits, 0);
}

static void test_connection_refused(void **state)
{
    hooks_t hooks;

    (void)state;
    /* nothing listens on port 1, which only root may open */
    get_fails(client(&hooks), "http://127.0.0.1:1/", "127.0.0.1: ");
    assert_non_null(strstr(f1_test_result()->detail, "(3 tries)"));
    assert_int_equal(hooks.waits, 2);
}

static void test_before_refuses(void **state)
{
    f1_test_server_t *server =
        F1_TEST_SERVER({.bytes = "HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n"}, {.bytes = OK_ANSWER});
    hooks_t hooks;
    f1_http_t *http = client(&hooks);
    f1_http_reply_t *reply;
    apr_status_t rv;

    (void)state;
    hooks.refuse_before = 2;
    rv = f1_http_get(http, f1_test_server_url(server, "/"), &reply, f1_test_pool(), f1_test_result());
    assert_int_not_equal(rv, APR_SUCCESS);
    assert_int_equal(f1_test_result()->error, F1_E_UNAVAILABLE);
    assert_string_equal(f1_test_result()->detail, "no budget left");
    assert_int_equal(server->requests, 1);
}

static void test_wait_refuses(void **state)
{
    f1_test_server_t *server =
        F1_TEST_SERVER({.bytes = "HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n"}, {.bytes = OK_ANSWER});
    hooks_t hooks;
    f1_http_t *http = client(&hooks);
    f1_http_reply_t *reply;
    apr_status_t rv;

    (void)state;
    hooks.refuse_wait = 1;
    rv = f1_http_get(http, f1_test_server_url(server, "/"), &reply, f1_test_pool(), f1_test_result());
    assert_int_equal(rv, APR_EINTR); /* the hook's own */
    assert_int_equal(f1_test_result()->error, F1_E_UPSTREAM);
    assert_int_equal(server->requests, 1);
}

static void test_unusable_urls(void **state)
{
    static const char *const urls[] = {"",
                                       "/relative",
                                       "file:///etc/passwd",
                                       "ftp://127.0.0.1/",
                                       "gopher://127.0.0.1/",
                                       "http://",
                                       "http://u:p@127.0.0.1:1/",
                                       "http://127.0.0.1:99999/"};
    hooks_t hooks;
    f1_http_t *http = client(&hooks);
    char *long_url = apr_pcalloc(f1_test_pool(), 5001);

    (void)state;
    for (size_t i = 0; i < sizeof(urls) / sizeof(*urls); i++) {
        f1_result_clear(f1_test_result());
        get_fails(http, urls[i], "");
        assert_null(strstr(f1_test_result()->detail, "u:p"));
    }
    memset(long_url, 'a', 5000);
    memcpy(long_url, "http://h/", 9);
    f1_result_clear(f1_test_result());
    get_fails(http, long_url, "URL");
    assert_int_equal(hooks.waits, 0);
}

static void test_keys_stay_secret(void **state)
{
    f1_test_server_t *server = F1_TEST_SERVER({.bytes = "HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n"},
                                              {.bytes = OK_ANSWER}, {.bytes = moved("http://localhost/?appid=s3cret")});
    hooks_t hooks;
    f1_http_t *http = client(&hooks);

    (void)state;
    get(http, f1_test_server_url(server, "/s3cret?appid=s3cret"));
    get_fails(http, f1_test_server_url(server, "/?appid=s3cret"), "127.0.0.1");
    assert_null(strstr(f1_test_result()->detail, "s3cret"));
    assert_null(strstr(hooks.why, "s3cret"));
    assert_null(strstr(f1_test_log(), "s3cret"));
}

/* --- TLS, with openssl(1) as the server */

static apr_proc_t *openssl_start(const char *arguments, apr_int32_t out)
{
    apr_pool_t *pool = f1_test_pool();
    apr_proc_t *proc = apr_pcalloc(pool, sizeof(*proc));
    apr_procattr_t *attr;
    char **argv;

    assert_int_equal(apr_tokenize_to_argv(apr_pstrcat(pool, "openssl ", arguments, NULL), &argv, pool), APR_SUCCESS);
    assert_int_equal(apr_procattr_create(&attr, pool), APR_SUCCESS);
    assert_int_equal(apr_procattr_io_set(attr, APR_NO_PIPE, out, APR_NO_PIPE), APR_SUCCESS);
    assert_int_equal(apr_procattr_cmdtype_set(attr, APR_PROGRAM_PATH), APR_SUCCESS);
    assert_int_equal(apr_proc_create(proc, argv[0], (const char *const *)argv, NULL, attr, pool), APR_SUCCESS);
    return proc;
}

static apr_status_t openssl_stop(void *data)
{
    apr_proc_t *proc = data;
    apr_exit_why_e why;
    int code;

    apr_proc_kill(proc, SIGKILL);
    return apr_proc_wait(proc, &code, &why, APR_WAIT) == APR_CHILD_DONE ? APR_SUCCESS : APR_EGENERAL;
}

/* Starts the server on a free port, which it prints ("ACCEPT 127.0.0.1:40123"). */
static int openssl_server(const char *dir)
{
    const char *arguments =
        apr_psprintf(f1_test_pool(), "s_server -accept 127.0.0.1:0 -cert %s/cert.pem -key %s/key.pem -www", dir, dir);
    apr_proc_t *proc = openssl_start(arguments, APR_FULL_BLOCK);
    char line[256];

    apr_pool_cleanup_register(f1_test_pool(), proc, openssl_stop, apr_pool_cleanup_null);
    while (apr_file_gets(line, sizeof(line), proc->out) == APR_SUCCESS) {
        if (strncmp(line, "ACCEPT 127.0.0.1:", 17) == 0) {
            return (int)apr_strtoi64(line + 17, NULL, 10);
        }
    }
    return 0;
}

static apr_status_t remove_dir(void *data)
{
    const char *dir = data;
    apr_pool_t *pool;

    apr_pool_create(&pool, NULL);
    apr_file_remove(apr_pstrcat(pool, dir, "/cert.pem", NULL), pool);
    apr_file_remove(apr_pstrcat(pool, dir, "/key.pem", NULL), pool);
    apr_dir_remove(dir, pool);
    apr_pool_destroy(pool);
    return APR_SUCCESS;
}

static void test_tls_is_verified(void **state)
{
    apr_pool_t *pool = f1_test_pool();
    char dir[] = "/tmp/f1-test-http-XXXXXX";
    hooks_t hooks;
    f1_http_options_t options = options_of(&hooks);
    const char *url;
    f1_test_server_t *server;
    apr_proc_t *proc;
    int port, code;
    apr_exit_why_e why;

    (void)state;
    assert_non_null(mkdtemp(dir));
    apr_pool_cleanup_register(pool, apr_pstrdup(pool, dir), remove_dir, apr_pool_cleanup_null);
    proc = openssl_start(
        apr_psprintf(pool,
                     "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -batch -days 2 "
                     "-subj /CN=f1board -addext subjectAltName=IP:127.0.0.1 -keyout %s/key.pem -out %s/cert.pem",
                     dir, dir),
        APR_NO_PIPE);
    assert_int_equal(apr_proc_wait(proc, &code, &why, APR_WAIT), APR_CHILD_DONE);
    assert_int_equal(code, 0);
    port = openssl_server(dir);
    assert_true(port > 0);
    url = apr_psprintf(pool, "https://127.0.0.1:%d/", port);

    get_fails(client_of(&options), url, "certificate");
    assert_int_equal(hooks.waits, 0); /* a second look would see the same certificate */
    f1_result_clear(f1_test_result());

    options.ca_file = apr_pstrcat(pool, dir, "/cert.pem", NULL);
    assert_int_equal(get(client_of(&options), url)->status, 200);

    /* from http to https on the same host, whatever the port */
    server = F1_TEST_SERVER({.bytes = moved(url)});
    assert_int_equal(get(client_of(&options), f1_test_server_url(server, "/"))->tries, 2);

    /* trusted, but not for this name */
    get_fails(client_of(&options), apr_psprintf(pool, "https://localhost:%d/", port), "localhost");
    f1_result_clear(f1_test_result());

    options.ca_file = "/nonexistent";
    get_fails(client_of(&options), url, "(1 try)");
    assert_int_equal(hooks.waits, 0);
}

static int stop_now(void *baton)
{
    return ((hooks_t *)baton)->befores > 0;
}

static void a_request_can_be_stopped(void **state)
{
    f1_test_server_t *server =
        F1_TEST_SERVER({.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", .then = F1_TEST_HANG});
    f1_http_reply_t *reply;
    hooks_t hooks;
    f1_http_options_t options = options_of(&hooks);
    apr_time_t before = apr_time_now();

    (void)state;
    options.is_stopping = stop_now;
    assert_int_equal(
        f1_http_get(client_of(&options), f1_test_server_url(server, "/"), &reply, f1_test_pool(), f1_test_result()),
        APR_EINTR);
    assert_int_equal(f1_test_result()->error, F1_E_UNAVAILABLE);
    assert_int_equal(hooks.befores, 1); /* and not asked again */
    assert_true(apr_time_now() - before < apr_time_from_sec(25)); /* the request's own patience is 30 s */
}

/* --- POST */

static const char *const json_field[] = {"Content-Type: application/json", "webhook-id: 7", NULL};

static f1_http_post_t post_of(const f1_test_server_t *server)
{
    return (f1_http_post_t){
        .url = f1_test_server_url(server, "/hook"), .headers = json_field, .body = "{\"a\":1}", .body_len = 7};
}

static void a_post_is_sent_once(void **state)
{
    static const struct {
        const char *answer;
        int status;
    } rows[] = {{"HTTP/1.1 204 No Content\r\n\r\n", 204},
                {"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n", 503},
                {"HTTP/1.1 308 Elsewhere\r\nLocation: /there\r\nContent-Length: 0\r\n\r\n", 308}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        f1_test_server_t *server =
            F1_TEST_SERVER({.bytes = rows[i].answer, .then = F1_TEST_DROP}, {.bytes = OK_ANSWER});
        f1_http_post_t post = post_of(server);
        f1_http_reply_t *reply;
        hooks_t hooks;

        f1_assert_ok(f1_http_post(client(&hooks), &post, &reply, f1_test_pool(), f1_test_result()), f1_test_result());
        assert_int_equal(reply->status, rows[i].status);
        assert_int_equal(server->requests, 1);
        assert_int_equal(hooks.befores + hooks.waits, 0);
        assert_non_null(strstr(server->last_head, "POST /hook HTTP/1.1\r\n"));
        assert_non_null(strstr(server->last_head, "Content-Type: application/json\r\n"));
        assert_non_null(strstr(server->last_head, "webhook-id: 7\r\n"));
        assert_non_null(strstr(server->last_head, "Content-Length: 7\r\n"));
    }
}

static void a_long_answer_to_a_post_is_cut(void **state)
{
    f1_test_server_t *server =
        F1_TEST_SERVER({.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n0123456789", .then = F1_TEST_HANG});
    f1_http_post_t post = post_of(server);
    f1_http_reply_t *reply;
    hooks_t hooks;
    f1_http_options_t options = options_of(&hooks);

    (void)state;
    options.max_body = 8;
    f1_assert_ok(f1_http_post(client_of(&options), &post, &reply, f1_test_pool(), f1_test_result()), f1_test_result());
    assert_int_equal(reply->status, 200);
    assert_true(reply->body_len <= 8);
}

static void a_get_follows_a_post(void **state)
{
    f1_test_server_t *server =
        F1_TEST_SERVER({.bytes = "HTTP/1.1 204 No Content\r\n\r\n", .then = F1_TEST_DROP}, {.bytes = OK_ANSWER});
    f1_http_post_t post = post_of(server);
    f1_http_reply_t *reply;
    hooks_t hooks;
    f1_http_t *http = client(&hooks);

    (void)state;
    f1_assert_ok(f1_http_post(http, &post, &reply, f1_test_pool(), f1_test_result()), f1_test_result());
    assert_int_equal(get(http, f1_test_server_url(server, "/"))->status, 200);
    assert_non_null(strstr(server->last_head, "GET / HTTP/1.1\r\n"));
    assert_null(strstr(server->last_head, "webhook-id"));
}

/* By number or by name, and whatever the environment says of proxies. */
static void the_public_alone(void **state)
{
    f1_test_server_t *server = F1_TEST_SERVER({.bytes = OK_ANSWER}, {.bytes = OK_ANSWER});
    const char *const urls[] = {f1_test_server_url(server, "/"),
                                apr_psprintf(f1_test_pool(), "http://localhost:%d/", server->port),
                                apr_psprintf(f1_test_pool(), "http://2130706433:%d/", server->port),
                                apr_psprintf(f1_test_pool(), "http://[::ffff:127.0.0.1]:%d/", server->port)};
    hooks_t hooks;
    f1_http_options_t options = options_of(&hooks);
    f1_http_t *http;

    (void)state;
    options.public_only = 1;
    http = client_of(&options);
    assert_int_equal(setenv("http_proxy", f1_test_server_url(server, ""), 1), 0);
    for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
        f1_http_post_t post = post_of(server);
        f1_result_t *res = f1_result_make(f1_test_pool());
        f1_http_reply_t *reply;

        post.url = urls[i];
        assert_int_not_equal(f1_http_post(http, &post, &reply, f1_test_pool(), res), APR_SUCCESS);
        assert_int_equal(res->error, F1_E_UPSTREAM);
        if (!strstr(res->detail, "its address is not one of the public Internet")) {
            fail_msg("%s: %s", urls[i], res->detail);
        }
    }
    assert_int_equal(unsetenv("http_proxy"), 0);
    assert_int_equal(server->connections, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        F1_TEST(test_connection_is_reused),
        F1_TEST(test_no_content_type),
        F1_TEST(test_idle_connection_dropped),
        F1_TEST(test_gzip),
        F1_TEST(test_gzip_bomb),
        F1_TEST(test_body_bound),
        F1_TEST(test_header_bound),
        F1_TEST(test_503_then_200),
        F1_TEST(test_retry_after_date),
        F1_TEST(test_retry_after_too_long),
        F1_TEST(test_retry_after_absurd),
        F1_TEST(test_429_storm),
        F1_TEST(test_404_is_final),
        F1_TEST(test_sleeps_without_hook),
        F1_TEST(test_broken_off),
        F1_TEST(test_chunked),
        F1_TEST(test_slow_body),
        F1_TEST(test_redirect_same_place),
        F1_TEST(test_redirect_elsewhere),
        F1_TEST(test_redirect_loop),
        F1_TEST(test_garbage),
        F1_TEST(test_connection_refused),
        F1_TEST(test_before_refuses),
        F1_TEST(test_wait_refuses),
        F1_TEST(test_unusable_urls),
        F1_TEST(test_keys_stay_secret),
        F1_TEST(test_tls_is_verified),
        F1_TEST(a_request_can_be_stopped),
        F1_TEST(a_post_is_sent_once),
        F1_TEST(a_long_answer_to_a_post_is_cut),
        F1_TEST(a_get_follows_a_post),
        F1_TEST(the_public_alone),
    };

    return f1_test_run(tests);
}
