/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* What every endpoint shares: methods, Accept, bodies, limits, error bodies, paging, and the versions of HTTP. */

#include "f1_test.h"

#include <stdlib.h>
#include <string.h>

#include <apr_strings.h>
#include <curl/curl.h>

#define LIST "/api/v1/seasons"
#define ALIVE "/api/v1/health/live"

static const char *header(const f1_reply_t *reply, const char *name)
{
    const char *value = apr_table_get(reply->headers, name);

    return value ? value : "";
}

static f1_reply_t *ask(const char *method, const char *path, const char *name_value, const char *body)
{
    const char *headers[] = {name_value, NULL};

    return f1_test_ask(
        &(f1_ask_t){.method = method, .path = path, .headers = name_value ? headers : NULL, .body = body});
}

/* The shape of every error. instance: what the path is called in it. */
static void assert_problem(const f1_reply_t *reply, int status, const char *code, const char *instance)
{
    apr_pool_t *pool = f1_test_pool();
    const char *quoted = apr_psprintf(pool, "\"%s\"", code);

    if (reply->status != status) {
        print_error("%s: %s\n", instance, reply->body);
    }
    assert_int_equal(reply->status, status);
    assert_string_equal(header(reply, "Content-Type"), "application/problem+json");
    assert_string_equal(header(reply, "Cache-Control"), "no-store");
    assert_string_equal(header(reply, "X-Content-Type-Options"), "nosniff");
    assert_non_null(reply->json);
    f1_assert_json(reply->json, "type", apr_psprintf(pool, "\"urn:f1board:error:%s\"", code));
    f1_assert_json(reply->json, "status", apr_itoa(pool, status));
    f1_assert_json(reply->json, "error_code", quoted);
    f1_assert_json(reply->json, "instance", apr_psprintf(pool, "\"%s\"", instance));
    assert_true(json_is_string(f1_test_json_at(reply->json, "title")));
    assert_true(json_is_string(f1_test_json_at(reply->json, "error")));
    assert_true(json_is_array(f1_test_json_at(reply->json, "errors")));
}

static void test_service(void **state)
{
    static const char *const paths[] = {"/api/v1", "/api/v1/", "/"};
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        f1_reply_t *reply = f1_test_get(paths[i]);

        assert_int_equal(reply->status, 200);
        assert_string_equal(header(reply, "Content-Type"), "application/json");
        f1_assert_json(reply->json, "name", "\"F1Board\"");
        f1_assert_json(reply->json, "api", "\"/f1/api/v1\"");
        f1_assert_json(reply->json, "now", "\"2030-06-15T00:00:00Z\"");
        f1_assert_json(reply->json, "database/status", "\"ok\"");
        assert_true(json_array_size(f1_test_json_at(reply->json, "endpoints")) > 20);
    }
    assert_int_equal(f1_test_get(getenv("F1_URL"))->status, 200);
}

static void test_methods(void **state)
{
    static const char *const refused[] = {"POST", "PUT", "PATCH", "DELETE", "PROPFIND", "BREW"};
    f1_reply_t *reply;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        reply = ask(refused[i], ALIVE, NULL, NULL);
        assert_problem(reply, 405, "method_not_allowed", "/f1" ALIVE);
        assert_string_equal(header(reply, "Allow"), "GET, HEAD, OPTIONS");
    }
    reply = ask("OPTIONS", ALIVE, NULL, NULL);
    assert_int_equal(reply->status, 204);
    assert_int_equal(reply->body_len, 0);
    assert_string_equal(header(reply, "Allow"), "GET, HEAD, OPTIONS");
    assert_problem(ask("OPTIONS", "/api/v1/nothing", NULL, NULL), 404, "not_found", "/f1/api/v1/nothing");
}

static void test_head_is_get_without_body(void **state)
{
    f1_reply_t *get = f1_test_get(LIST), *head = ask("HEAD", LIST, NULL, NULL);

    (void)state;
    assert_int_equal(get->status, 200);
    assert_int_equal(head->status, 200);
    assert_int_equal(head->body_len, 0);
    assert_string_equal(header(head, "Content-Length"), apr_itoa(f1_test_pool(), (int)get->body_len));
    assert_string_equal(header(head, "Link"), header(get, "Link"));
    assert_int_equal(ask("HEAD", "/nothing", NULL, NULL)->status, 404);
}

static void test_accept(void **state)
{
    static const struct {
        const char *accept;
        int status;
    } cases[] = {
        {"Accept: application/json", 200},
        {"Accept: APPLICATION/JSON", 200},
        {"Accept: application/*", 200},
        {"Accept: */*", 200},
        {"Accept;", 200}, /* there, but empty */
        {"Accept: text/html, application/xhtml+xml, */*;q=0.8", 200},
        {"Accept: text/html;q=1, application/json ; q=0.001", 200},
        {"Accept: application/json;q=0, text/html", 406},
        {"Accept: application/json;q=0.000", 406},
        {"Accept: application/*;q=0, text/html", 406},
        {"Accept: application/json;q=", 406},
        {"Accept: application/json;q=x", 406},
        {"Accept: text/html", 406},
        {"Accept: application/jsonx", 406},
        {"Accept: application/jso", 406},
        {"Accept: ,;,=;q", 406},
        {"Accept: text/html;q=1;*/*", 406},
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        f1_reply_t *reply = ask("GET", LIST, cases[i].accept, NULL);

        if (reply->status != cases[i].status) {
            print_error("%s\n", cases[i].accept);
        }
        assert_int_equal(reply->status, cases[i].status);
    }
    assert_problem(ask("GET", LIST, "Accept: text/html", NULL), 406, "not_acceptable", "/f1" LIST);
}

static void test_bodies(void **state)
{
    static const char json[] = "Content-Type: application/json";
    static const char *const zipped[] = {"Content-Type: application/json", "Content-Encoding: gzip", NULL};
    char *big = apr_palloc(f1_test_pool(), 65537 + 1);

    (void)state;
    memset(big, ' ', 65537);
    big[65537] = '\0';
    assert_int_equal(ask("GET", ALIVE, json, "{}")->status, 200);
    assert_int_equal(ask("GET", ALIVE, "Content-Type: application/json; charset=utf-8", "{}")->status, 200);
    assert_int_equal(ask("GET", ALIVE, "Content-Type: Application/JSON ;charset=\"UTF-8\"", "{}")->status, 200);
    assert_problem(ask("GET", ALIVE, "Content-Type: application/json; charset=latin1", "{}"), 415,
                   "unsupported_media_type", "/f1" ALIVE);
    assert_problem(ask("GET", ALIVE, "Content-Type: application/json, text/plain", "{}"), 415, "unsupported_media_type",
                   "/f1" ALIVE);
    assert_problem(ask("GET", ALIVE, "Content-Type: text/plain", "{}"), 415, "unsupported_media_type", "/f1" ALIVE);
    assert_problem(ask("GET", ALIVE, "Content-Type: application/jsonp", "{}"), 415, "unsupported_media_type",
                   "/f1" ALIVE);
    assert_problem(f1_test_ask(&(f1_ask_t){.path = ALIVE, .headers = zipped, .body = "{}"}), 415,
                   "unsupported_media_type", "/f1" ALIVE);
    assert_problem(ask("GET", ALIVE, json, big), 413, "body_too_large", "/f1" ALIVE);
    big[65536] = '\0';
    assert_int_equal(ask("GET", ALIVE, json, big)->status, 200);
}

static const char *raw(const char *request)
{
    return f1_test_raw(request, strlen(request), NULL);
}

/* A client that asks whether it should send its body is told no by the answer itself, and yes by 100. */
static void test_expectations(void **state)
{
    const char *head = "GET /f1" ALIVE " HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nConnection: close\r\n";
    const char *answer;

    (void)state;
    answer = raw(apr_pstrcat(f1_test_pool(), head, "Content-Type: text/plain\r\nContent-Length: 2\r\n\r\n", NULL));
    assert_non_null(strstr(answer, "HTTP/1.1 415 "));
    assert_null(strstr(answer, "100 Continue"));
    answer = raw(
        apr_pstrcat(f1_test_pool(), head, "Content-Type: application/json\r\nContent-Length: 99999999\r\n\r\n", NULL));
    assert_non_null(strstr(answer, "HTTP/1.1 413 "));
    assert_null(strstr(answer, "100 Continue"));
    answer =
        raw(apr_pstrcat(f1_test_pool(), head, "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}", NULL));
    assert_non_null(strstr(answer, "HTTP/1.1 100 Continue\r\n"));
    assert_non_null(strstr(answer, "HTTP/1.1 200 OK\r\n"));
}

/* A body in small chunks, with extensions and a trailer, is a body like others. */
static void test_chunked_body(void **state)
{
    const char *answer = raw("GET /f1" ALIVE " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                             "Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
                             "1;a=b\r\n{\r\n01\r\n}\r\n0\r\nTrailer: x\r\n\r\n");

    (void)state;
    assert_non_null(strstr(answer, "HTTP/1.1 200 OK\r\n"));
}

/* The length is told before the body, and the answer does not wait for it. */
static void test_announced_body(void **state)
{
    const char *answer = raw("GET /f1" ALIVE " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                             "Content-Length: 99999999999\r\n\r\n");

    (void)state;
    assert_non_null(strstr(answer, "HTTP/1.1 413 "));
    assert_non_null(strstr(answer, "\"error_code\":\"body_too_large\""));
}

/* A chunked body tells no length: it is cut off where it passes the maximum. */
static void test_endless_body(void **state)
{
    apr_pool_t *pool = f1_test_pool();
    char *chunk = apr_palloc(pool, 4096 + 1);
    const char *request = "GET /f1" ALIVE " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                          "Transfer-Encoding: chunked\r\n\r\n";
    const char *answer;
    int i;

    (void)state;
    memset(chunk, 'x', 4096);
    chunk[4096] = '\0';
    for (i = 0; i < 32; i++) {
        request = apr_pstrcat(pool, request, "1000\r\n", chunk, "\r\n", NULL);
    }
    answer = raw(request);
    assert_non_null(strstr(answer, "HTTP/1.1 413 "));
}

static void test_broken_chunks(void **state)
{
    const char *answer = raw("GET /f1" ALIVE " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                             "Transfer-Encoding: chunked\r\n\r\nnonsense\r\n");

    (void)state;
    assert_non_null(strstr(answer, "HTTP/1.1 400 "));
    assert_non_null(strstr(answer, "\"error_code\":\"bad_request\""));
}

static void test_queries(void **state)
{
    apr_pool_t *pool = f1_test_pool();
    char *name = apr_palloc(pool, 2100);
    f1_reply_t *reply;

    (void)state;
    memset(name, 'x', 2099);
    name[2099] = '\0';
    assert_problem(f1_test_get(apr_pstrcat(pool, LIST "?", name, NULL)), 414, "uri_too_long", "/f1" LIST);
    reply = f1_test_get(LIST "?limit=abc&offset=-1&colour=red");
    assert_problem(reply, 400, "invalid_parameter", "/f1" LIST);
    assert_int_equal(json_array_size(f1_test_json_at(reply->json, "errors")), 3);
    f1_assert_json(reply->json, "errors/0/field", "\"limit\"");
    assert_problem(f1_test_get(LIST "?limit=%zz"), 400, "invalid_parameter", "/f1" LIST);
    assert_problem(f1_test_get(LIST "?limit=%00"), 400, "invalid_parameter", "/f1" LIST);
}

/* What httpd refuses before it asks us. */
static void test_errors_of_httpd(void **state)
{
    (void)state;
    f1_test_expect_log("AH10244");
    f1_test_expect_log("AH00026"); /* found %2f, AllowEncodedSlashes Off */
    assert_problem(f1_test_get("/%zz"), 400, "bad_request", "/f1/%25zz");
    assert_problem(f1_test_get("/api/v1%2fseasons"), 404, "not_found", "/f1/api/v1/seasons");
    assert_problem(f1_test_get("/../f1/nothing"), 404, "not_found", "/f1/nothing");
    assert_int_equal(f1_test_get("/../elsewhere")->status, 404);
    assert_string_not_equal(header(f1_test_get("/../elsewhere"), "Content-Type"), "application/problem+json");
}

static void test_unknown_paths(void **state)
{
    static const char *const paths[] = {"/api/v1/nothing", "/api", "/api/v1/seasons/2028/extra", "/API/v1/seasons",
                                        "/api/v1/%c3%a4"};
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        assert_problem(f1_test_get(paths[i]), 404, "not_found", apr_pstrcat(f1_test_pool(), "/f1", paths[i], NULL));
    }
    /* no type by suffix, no file name */
    assert_string_equal(header(f1_test_get("/api/v1/drivers/nobody.gz"), "Content-Encoding"), "");
    assert_int_equal(f1_test_get("/api/v1/drivers/..%5c..%5cetc")->status, 400);
}

#define FIRST "</f1" LIST "?limit=1&offset=0>; rel=\"first\""
#define LAST "</f1" LIST "?limit=1&offset=2>; rel=\"last\""

static void test_links(void **state)
{
    static const struct {
        const char *query, *link;
    } cases[] = {
        {"?limit=1", FIRST ", </f1" LIST "?limit=1&offset=1>; rel=\"next\", " LAST},
        {"?limit=1&offset=1",
         FIRST ", </f1" LIST "?limit=1&offset=0>; rel=\"prev\", </f1" LIST "?limit=1&offset=2>; rel=\"next\", " LAST},
        {"?limit=1&offset=2", FIRST ", </f1" LIST "?limit=1&offset=1>; rel=\"prev\", " LAST},
        {"?limit=1&offset=900", FIRST ", </f1" LIST "?limit=1&offset=2>; rel=\"prev\", " LAST},
        {"", "</f1" LIST "?limit=20&offset=0>; rel=\"first\", </f1" LIST "?limit=20&offset=0>; rel=\"last\""},
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        f1_reply_t *reply = f1_test_get(apr_pstrcat(f1_test_pool(), LIST, cases[i].query, NULL));

        assert_int_equal(reply->status, 200);
        f1_assert_json(reply->json, "total", "3");
        assert_string_equal(header(reply, "Link"), cases[i].link);
    }
    /* the request's own parameters go along, in one spelling */
    assert_non_null(strstr(header(f1_test_get("/api/v1/drivers?search=a%20%3E%22&limit=07"), "Link"),
                           "</f1/api/v1/drivers?search=a+%3e%22&limit=7&offset=0>; rel=\"first\""));
}

static void test_clamped_limit(void **state)
{
    f1_reply_t *reply = f1_test_get(LIST "?limit=500");

    (void)state;
    assert_int_equal(reply->status, 200);
    f1_assert_json(reply->json, "limit", "100");
    assert_string_equal(header(reply, "X-Limit-Clamped"), "asked=500, used=100");
    assert_string_equal(header(f1_test_get(LIST "?limit=100"), "X-Limit-Clamped"), "");
}

static void test_caching_headers(void **state)
{
    (void)state;
    assert_non_null(strstr(header(f1_test_get(LIST), "Cache-Control"), "public, max-age="));
    assert_string_equal(header(f1_test_get("/api/v1/health"), "Cache-Control"), "no-store");
    assert_string_equal(header(f1_test_get(LIST), "X-Content-Type-Options"), "nosniff");
    assert_non_null(strstr(header(f1_test_get(LIST), "Vary"), "Accept"));
}

static void assert_protected(const f1_reply_t *reply)
{
    assert_string_equal(header(reply, "X-Content-Type-Options"), "nosniff");
    assert_string_equal(header(reply, "X-Frame-Options"), "SAMEORIGIN");
    assert_string_equal(header(reply, "Referrer-Policy"), "no-referrer");
    assert_string_equal(header(reply, "Cross-Origin-Resource-Policy"), "same-origin");
    assert_non_null(strstr(header(reply, "Content-Security-Policy"), "default-src 'none'"));
    assert_non_null(strstr(header(reply, "Content-Security-Policy"), "frame-ancestors "));
}

static void test_what_protects_browsers(void **state)
{
    (void)state;
    f1_test_expect_log("AH10244");
    assert_protected(f1_test_get(LIST));
    assert_protected(f1_test_get("/api/docs"));
    assert_protected(f1_test_get("/nothing"));
    assert_protected(f1_test_get("/%zz"));
    assert_protected(ask("OPTIONS", LIST, NULL, NULL));
    assert_string_equal(header(f1_test_get(LIST), "Content-Security-Policy"),
                        "default-src 'none'; frame-ancestors 'none'");
}

static void test_health(void **state)
{
    static const char *const paths[] = {"/api/v1/health",
                                        "/api/v1/health/live",
                                        "/api/v1/health/ready",
                                        "/api/v1/health/database",
                                        "/api/v1/health/cache",
                                        "/api/v1/health/redis",
                                        "/health",
                                        "/health/live",
                                        "/health/ready",
                                        "/health/database",
                                        "/health/cache",
                                        "/health/redis"};
    f1_reply_t *reply;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        reply = f1_test_get(paths[i]);
        assert_int_equal(reply->status, 200);
        assert_string_equal(header(reply, "Content-Type"), "application/json");
        f1_assert_json(reply->json, "status", "\"ok\"");
    }
    reply = ask("GET", "/health", "Accept: application/health+json", NULL);
    assert_string_equal(header(reply, "Content-Type"), "application/health+json");
    f1_assert_json(reply->json, "checks/database:responseTime/0/status", "\"pass\"");
    f1_assert_json(reply->json, "checks/database:schemaVersion/0/status", "\"pass\"");
    f1_assert_json(reply->json, "checks/cache:store/0/observedValue", "\"shmcb\"");
    assert_problem(f1_test_get("/health?verbose=1"), 400, "invalid_parameter", "/f1/health");
}

static void test_http_1_0(void **state)
{
    const char *answer = raw("GET /f1" ALIVE " HTTP/1.0\r\n\r\n");

    (void)state;
    assert_non_null(strstr(answer, " 200 OK\r\n"));
    assert_non_null(strstr(answer, "{\"status\":\"ok\""));
    assert_null(strstr(answer, "chunked"));
}

static void test_http_2(void **state)
{
    const char *mpm = getenv("F1_MPM");
    f1_ask_t ask_2 = {.path = LIST, .http = CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE};
    f1_reply_t *reply;

    (void)state;
    if (mpm && !strcmp(mpm, "prefork")) {
        return; /* mod_http2 needs threads */
    }
    reply = f1_test_ask(&ask_2);
    assert_int_equal(reply->status, 200);
    assert_int_equal(reply->http, CURL_HTTP_VERSION_2_0);
    f1_assert_json(reply->json, "total", "3");
    ask_2.path = "/nothing";
    assert_problem(f1_test_ask(&ask_2), 404, "not_found", "/f1/nothing");
    ask_2.path = "/%zz";
    f1_test_expect_log("AH10244");
    assert_problem(f1_test_ask(&ask_2), 400, "bad_request", "/f1/%25zz");
    ask_2.path = ALIVE;
    ask_2.headers = (const char *const[]){"Content-Type: text/plain", NULL};
    ask_2.body = "{}";
    assert_problem(f1_test_ask(&ask_2), 415, "unsupported_media_type", "/f1" ALIVE);
}

static void test_compression(void **state)
{
    f1_reply_t *reply = f1_test_ask(&(f1_ask_t){.path = "/", .encoding = "gzip"});

    (void)state;
    assert_int_equal(reply->status, 200);
    assert_string_equal(header(reply, "Content-Encoding"), "gzip");
    f1_assert_json(reply->json, "name", "\"F1Board\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        F1_TEST(test_service),         F1_TEST(test_methods),      F1_TEST(test_head_is_get_without_body),
        F1_TEST(test_accept),          F1_TEST(test_bodies),       F1_TEST(test_announced_body),
        F1_TEST(test_expectations),    F1_TEST(test_chunked_body), F1_TEST(test_endless_body),
        F1_TEST(test_broken_chunks),   F1_TEST(test_queries),      F1_TEST(test_errors_of_httpd),
        F1_TEST(test_unknown_paths),   F1_TEST(test_links),        F1_TEST(test_clamped_limit),
        F1_TEST(test_caching_headers), F1_TEST(test_health),       F1_TEST(test_http_1_0),
        F1_TEST(test_http_2),          F1_TEST(test_compression),  F1_TEST(test_what_protects_browsers),
    };

    return f1_test_run(tests);
}
