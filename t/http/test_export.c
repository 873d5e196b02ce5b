/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Exports: what is in the file, how it is called, and what clients can do to a server that sends long answers. */

#include "f1_test.h"

#include <stdlib.h>
#include <string.h>

#include <apr_network_io.h>
#include <apr_strings.h>
#include <apr_uri.h>
#include <curl/curl.h>

#include "base/str.h"

#define EXPORT "/api/v1/export/race-results"
#define ROWS "1040" /* 52 races of 20 cars */
#define STALLED 20 /* clients; the server has 32 threads, and 8 connections in each child */

static const char *header(const f1_reply_t *reply, const char *name)
{
    const char *value = apr_table_get(reply->headers, name);

    return value ? value : "";
}

static f1_reply_t *head(const char *path, const char *encoding)
{
    return f1_test_ask(&(f1_ask_t){.method = "HEAD", .path = path, .encoding = encoding});
}

static int count_lines(const f1_reply_t *reply)
{
    const char *c = reply->body;
    int count = 0;

    for (; (c = strchr(c, '\n')) != NULL; c++) {
        count++;
    }
    return count;
}

static void files_are_called_by_what_is_in_them(void **state)
{
    static const struct {
        const char *query, *type, *name;
    } cases[] = {
        {"?season=2029&format=csv", "text/csv; charset=utf-8; header=present", "race_results_2029.csv"},
        {"?season=02029&format=CSV", "text/csv; charset=utf-8; header=present", "race_results_2029.csv"},
        {"?format=ndjson", "application/x-ndjson", "race_results_all.ndjson"},
        {"?season=2028", "application/json", "race_results_2028.json"},
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        f1_reply_t *reply = f1_test_get(apr_pstrcat(f1_test_pool(), EXPORT, cases[i].query, NULL));

        assert_int_equal(reply->status, 200);
        assert_string_equal(header(reply, "Content-Type"), cases[i].type);
        assert_string_equal(header(reply, "Content-Disposition"),
                            apr_pstrcat(f1_test_pool(), "attachment; filename=", cases[i].name, NULL));
    }
}

static void wrong_requests_are_refused(void **state)
{
    static const char *const wrong[] = {"?season=abc",
                                        "?season=1949",
                                        "?season=2026%0d%0aX-Evil:%201",
                                        "?format=xml",
                                        "?season=2029%22%3bx=%22",
                                        "?limit=5",
                                        "?season=2029&season=2028"};
    f1_reply_t *reply;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        reply = f1_test_get(apr_pstrcat(f1_test_pool(), EXPORT, wrong[i], NULL));
        assert_int_equal(reply->status, 400);
        assert_string_equal(header(reply, "Content-Disposition"), "");
        assert_string_equal(header(reply, "X-Evil"), "");
    }
    reply = f1_test_get(EXPORT "?season=1999&format=csv");
    assert_int_equal(reply->status, 404);
    assert_string_equal(header(reply, "Content-Type"), "application/problem+json");
    f1_assert_json(reply->json, "detail", "\"No such season\"");
    assert_int_equal(
        f1_test_ask(&(f1_ask_t){.path = EXPORT, .headers = (const char *const[]){"Accept: application/pdf", NULL}})
            ->status,
        406);
}

/* The same rows in each format, and as the database has them. */
static void all_of_history_is_there(void **state)
{
    f1_reply_t *csv = f1_test_get(EXPORT "?format=csv"), *ndjson = f1_test_get(EXPORT "?format=ndjson");
    f1_reply_t *json = f1_test_get(EXPORT);
    static const char begins[] = "[\n  {\n    \"race\": {\n      \"id\": \"2028-";
    const char *line = ndjson->body;
    size_t i;

    (void)state;
    assert_string_equal(f1_test_sql("SELECT count(*) FROM result c JOIN session s ON s.id = c.session_id"
                                    " WHERE c.current AND s.kind = 'race'"),
                        ROWS);
    assert_string_equal(header(csv, "X-Total-Count"), ROWS);
    assert_int_equal(count_lines(csv), 1041);
    assert_int_equal(count_lines(ndjson), 1040);
    assert_int_equal(json_array_size(json->json), 1040);
    for (i = 0; i < 1040; i++) {
        size_t len = strcspn(line, "\n");

        assert_true(json_equal(f1_test_json(apr_pstrmemdup(f1_test_pool(), line, len)), json_array_get(json->json, i)));
        line += len + 1;
    }
    assert_memory_equal(json->body, begins, sizeof(begins) - 1);
    assert_string_equal(json->body + json->body_len - 6, "  }\n]\n");
}

/* Length is known in advance, whether the body fits into memory or not. */
static void head_is_get_without_body(void **state)
{
    static const char *const paths[] = {EXPORT, EXPORT "?format=csv", EXPORT "?season=2030&format=csv",
                                        EXPORT "?season=1999"};
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        f1_reply_t *get = f1_test_get(paths[i]), *is = head(paths[i], NULL);

        assert_int_equal(is->status, get->status);
        assert_int_equal(is->body_len, 0);
        assert_string_equal(header(is, "Content-Length"), apr_itoa(f1_test_pool(), (int)get->body_len));
        assert_string_equal(header(is, "Content-Type"), header(get, "Content-Type"));
        assert_string_equal(header(is, "Content-Disposition"), header(get, "Content-Disposition"));
    }
}

static void compression_keeps_the_content(void **state)
{
    f1_reply_t *plain = f1_test_get(EXPORT), *zipped = f1_test_ask(&(f1_ask_t){.path = EXPORT, .encoding = "gzip"});
    f1_reply_t *is = head(EXPORT, "gzip");
    f1_reply_t *raw =
        f1_test_ask(&(f1_ask_t){.path = EXPORT, .headers = (const char *const[]){"Accept-Encoding: gzip", NULL}});

    (void)state;
    assert_string_equal(header(zipped, "Content-Encoding"), "gzip");
    assert_int_equal(zipped->body_len, plain->body_len);
    assert_memory_equal(zipped->body, plain->body, plain->body_len);
    assert_int_equal(is->status, 200);
    assert_string_equal(header(is, "Content-Length"), apr_itoa(f1_test_pool(), (int)raw->body_len));
}

static void old_and_new_protocols(void **state)
{
    static const char request[] = "GET /f1" EXPORT "?format=csv HTTP/1.0\r\n\r\n";
    const char *mpm = getenv("F1_MPM"), *body;
    f1_reply_t *plain = f1_test_get(EXPORT "?format=csv"), *reply;
    size_t len;
    const char *answer = f1_test_raw(request, sizeof(request) - 1, &len);

    (void)state;
    body = strstr(answer, "\r\n\r\n");
    assert_non_null(body);
    assert_null(strstr(answer, "chunked"));
    assert_int_equal(len - (size_t)(body + 4 - answer), plain->body_len);
    assert_memory_equal(body + 4, plain->body, plain->body_len);
    if (mpm && !strcmp(mpm, "prefork")) {
        return; /* mod_http2 needs threads */
    }
    reply = f1_test_ask(&(f1_ask_t){.path = EXPORT "?format=csv", .http = CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE});
    assert_int_equal(reply->http, CURL_HTTP_VERSION_2_0);
    assert_memory_equal(reply->body, plain->body, plain->body_len);
}

/* Asks for the whole history, and reads nothing of it. */
static apr_socket_t *ask_and_wait(void)
{
    static const char request[] = "GET /f1" EXPORT " HTTP/1.1\r\nHost: localhost\r\n\r\n";
    apr_pool_t *pool = f1_test_pool();
    apr_size_t len = sizeof(request) - 1;
    apr_sockaddr_t *address;
    apr_socket_t *socket;
    apr_uri_t uri;

    assert_int_equal(apr_uri_parse(pool, getenv("F1_URL"), &uri), APR_SUCCESS);
    assert_int_equal(apr_sockaddr_info_get(&address, uri.hostname, APR_INET, uri.port, 0, pool), APR_SUCCESS);
    assert_int_equal(apr_socket_create(&socket, APR_INET, SOCK_STREAM, APR_PROTO_TCP, pool), APR_SUCCESS);
    assert_int_equal(apr_socket_opt_set(socket, APR_SO_RCVBUF, 4096), APR_SUCCESS);
    assert_int_equal(apr_socket_timeout_set(socket, apr_time_from_sec(10)), APR_SUCCESS);
    assert_int_equal(apr_socket_connect(socket, address), APR_SUCCESS);
    assert_int_equal(apr_socket_send(socket, request, &len), APR_SUCCESS);
    return socket;
}

/* What the sandbox's httpd has open in /tmp: files without a name. */
static int open_files(void)
{
    const char *command = "find /proc/[0-9]*/fd -lname '*/f1board.* (deleted)' 2>/dev/null | wc -l";
    char line[32] = "";
    apr_int64_t count;
    FILE *pipe = popen(command, "r");

    assert_non_null(pipe);
    assert_non_null(fgets(line, sizeof(line), pipe));
    assert_int_equal(pclose(pipe), 0);
    line[strcspn(line, "\n")] = '\0';
    assert_true(f1_str_to_int64(line, &count));
    return (int)count;
}

static void wait_until_files_are_closed(void)
{
    for (int i = 0; i < 200 && open_files() > 0; i++) {
        apr_sleep(apr_time_from_msec(50));
    }
    assert_int_equal(open_files(), 0);
}

static void clients_that_go_away_leave_nothing(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < 40; i++) {
        apr_socket_t *socket = ask_and_wait();
        char some[1024];
        apr_size_t len = sizeof(some);

        if (i % 2) {
            assert_int_equal(apr_socket_recv(socket, some, &len), APR_SUCCESS);
        }
        apr_socket_close(socket);
    }
    wait_until_files_are_closed();
    assert_string_equal(header(f1_test_get(EXPORT), "X-Total-Count"), ROWS);
}

static const char *busy(void)
{
    return f1_test_sql("SELECT count(*) FROM pg_stat_activity"
                       " WHERE application_name = 'mod_f1board' AND state <> 'idle'");
}

/* More of them than there are connections to the database, fewer than threads: others are answered at once. */
static void stalled_clients_hold_no_connection(void **state)
{
    apr_socket_t *stalled[STALLED];
    apr_time_t start;
    int i;

    (void)state;
    f1_test_expect_log("AH00484|AH10159"); /* under prefork each of them has a process */
    for (i = 0; i < STALLED; i++) {
        stalled[i] = ask_and_wait();
    }
    for (i = 0; i < 400 && (open_files() < STALLED || strcmp(busy(), "0")); i++) {
        apr_sleep(apr_time_from_msec(100));
    }
    assert_int_equal(open_files(), STALLED);
    start = apr_time_now();
    assert_int_equal(f1_test_get("/api/v1/seasons")->status, 200);
    assert_true(apr_time_now() - start < apr_time_from_sec(5));
    for (i = 0; i < STALLED; i++) {
        apr_socket_close(stalled[i]);
    }
    wait_until_files_are_closed();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        F1_TEST(files_are_called_by_what_is_in_them),
        F1_TEST(wrong_requests_are_refused),
        F1_TEST(all_of_history_is_there),
        F1_TEST(head_is_get_without_body),
        F1_TEST(compression_keeps_the_content),
        F1_TEST(old_and_new_protocols),

        F1_TEST(clients_that_go_away_leave_nothing),
        F1_TEST(stalled_clients_hold_no_connection),
    };

    return f1_test_run(tests);
}
