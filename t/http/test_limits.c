/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Limits as clients meet them: how many of how many requests are answered by all children together, what answers say
 * about it, who is counted, and that nothing a client writes into a request makes him somebody else. */

#include "f1_test.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <apr_strings.h>
#include <apr_thread_proc.h>
#include <curl/curl.h>

#include "base/route.h"
#include "f1_test_users.h"

#define SEASONS "/api/v1/seasons"
#define LIVE "/api/v1/health/live"
#define PROXIED "Host: proxied.example"
#define CHILDREN 4
#define THREADS 8
#define EACH 20

static const char *header(const f1_reply_t *reply, const char *name)
{
    const char *value = apr_table_get(reply->headers, name);

    return value ? value : "";
}

static int number(const f1_reply_t *reply, const char *name)
{
    const char *value = header(reply, name);

    return *value ? (int)strtol(value, NULL, 10) : -1;
}

static int remaining(const f1_reply_t *reply)
{
    return number(reply, "X-RateLimit-Remaining");
}

/* As a client of this address, who comes through the proxy. more: one more header, or NULL. */
static f1_reply_t *ask_from(const char *address, const char *method, const char *path, const char *more)
{
    const char *headers[] = {PROXIED, apr_pstrcat(f1_test_pool(), "X-Forwarded-For: ", address, NULL), more, NULL};

    return f1_test_ask(&(f1_ask_t){.method = method, .path = path, .headers = headers});
}

static f1_reply_t *get_from(const char *address, const char *path)
{
    return ask_from(address, "GET", path, NULL);
}

/* Leaves the address with this many requests. */
static void use_up(const char *address, int leave)
{
    int i;

    for (i = 0; i < 100 - leave; i++) {
        assert_int_equal(get_from(address, LIVE)->status, 200);
    }
}

static void assert_refused(const f1_reply_t *reply)
{
    assert_int_equal(reply->status, 429);
    assert_string_equal(header(reply, "Content-Type"), "application/problem+json");
    assert_non_null(strstr(header(reply, "Cache-Control"), "no-store"));
    assert_int_equal(remaining(reply), 0);
    assert_in_range(number(reply, "Retry-After"), 1, number(reply, "X-RateLimit-Reset") - time(NULL) + 1);
    f1_assert_json(reply->json, "status", "429");
    f1_assert_json(reply->json, "error", "\"Rate limit exceeded\"");
    f1_assert_json(reply->json, "error_code", "\"too_many_requests\"");
}

static void test_headers(void **state)
{
    static const char *const usual[] = {"Host: usual.example", NULL};
    f1_reply_t *reply = f1_test_ask(&(f1_ask_t){.path = SEASONS, .headers = usual});
    int i;

    (void)state;
    assert_int_equal(reply->status, 200);
    assert_string_equal(header(reply, "RateLimit-Policy"), "\"anonymous\";q=100;w=60");
    assert_string_equal(header(reply, "RateLimit"), "\"anonymous\";r=99;t=6");
    assert_int_equal(number(reply, "X-RateLimit-Limit"), 100);
    assert_int_equal(remaining(reply), 99);
    assert_in_range(number(reply, "X-RateLimit-Reset"), time(NULL) + 6 - 30, time(NULL) + 7);
    for (i = 1; i <= 100; i++) {
        reply = get_from("10.0.0.1", SEASONS);
        assert_int_equal(reply->status, 200);
        assert_int_equal(remaining(reply), 100 - i);
    }
    assert_string_equal(header(reply, "RateLimit-Policy"), "\"anonymous\";q=100;w=3600");
    reply = get_from("10.0.0.1", SEASONS);
    assert_refused(reply);
    assert_in_range(number(reply, "Retry-After"), 1, 360);
}

/* Who waits as long as he is told may ask again. */
static void test_retry_after(void **state)
{
    f1_reply_t *reply;
    int i;

    (void)state;
    for (i = 0; (reply = get_from("10.0.0.2", "/api/v1/races"))->status == 200; i++) {
        assert_true(i < 1000);
    }
    assert_refused(reply);
    apr_sleep(apr_time_from_sec(number(reply, "Retry-After")));
    assert_int_equal(get_from("10.0.0.2", "/api/v1/races")->status, 200);
}

static atomic_int statuses[600];

static size_t drop(char *data, size_t size, size_t count, void *baton)
{
    (void)data;
    (void)baton;
    return size * count;
}

static void *APR_THREAD_FUNC client(apr_thread_t *thread, void *address)
{
    CURL *easy = curl_easy_init();
    struct curl_slist *headers = curl_slist_append(NULL, PROXIED);
    const char *url = apr_pstrcat(apr_thread_pool_get(thread), getenv("F1_URL"), SEASONS, NULL);
    int failures = 0, i;
    long status = 0;

    headers = curl_slist_append(headers, address);
    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L); /* so that every request may find another child */
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, drop);
    for (i = 0; i < EACH; i++) {
        failures += curl_easy_perform(easy) != CURLE_OK;
        curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
        atomic_fetch_add(&statuses[status < 600 ? status : 0], 1);
    }
    curl_easy_cleanup(easy);
    curl_slist_free_all(headers);
    apr_thread_exit(thread, failures ? APR_EGENERAL : APR_SUCCESS);
    return NULL;
}

/* THREADS * EACH requests of one client, all at the same time. */
static void ask_at_once(const char *address)
{
    char *line = apr_pstrcat(f1_test_pool(), "X-Forwarded-For: ", address, NULL);
    apr_thread_t *threads[THREADS];
    apr_status_t rv;
    int i;

    memset(statuses, 0, sizeof(statuses));
    for (i = 0; i < THREADS; i++) {
        assert_int_equal(apr_thread_create(&threads[i], NULL, client, line, f1_test_pool()), APR_SUCCESS);
    }
    for (i = 0; i < THREADS; i++) {
        assert_int_equal(apr_thread_join(&rv, threads[i]), APR_SUCCESS);
        assert_int_equal(rv, APR_SUCCESS);
    }
}

/* How many processes answered so far. */
static int children(void)
{
    apr_pool_t *pool = f1_test_pool();
    const char *log = f1_test_file(apr_pstrcat(pool, getenv("F1_SANDBOX"), "/pids.log", NULL), NULL);
    apr_table_t *pids = apr_table_make(pool, 8);
    char *line, *last;

    for (line = apr_strtok(apr_pstrdup(pool, log), "\n", &last); line; line = apr_strtok(NULL, "\n", &last)) {
        apr_table_setn(pids, apr_strtok(line, " ", &line), "");
    }
    return apr_table_elts(pids)->nelts;
}

static void test_exact_over_children(void **state)
{
    int round;

    (void)state;
    for (round = 0; round < 5 || (round < 50 && children() < CHILDREN); round++) {
        ask_at_once(apr_psprintf(f1_test_pool(), "10.1.0.%d", round));
        assert_int_equal(statuses[200], 100);
        assert_int_equal(statuses[429], THREADS * EACH - 100);
    }
    assert_true(children() >= CHILDREN);
}

/* Whatever becomes of a request, it was one. */
static void test_everything_counts(void **state)
{
    static const struct {
        const char *method, *path, *more;
        int status;
    } cases[] = {
        {"GET", SEASONS, NULL, 200},
        {"HEAD", SEASONS, NULL, 200},
        {"OPTIONS", SEASONS, NULL, 204},
        {"GET", SEASONS, "If-None-Match: *", 304},
        {"GET", "/api/v1/nothing", NULL, 404},
        {"OPTIONS", "/api/v1/nothing", NULL, 404},
        {"GET", "/api/v1/drivers/none", NULL, 404},
        {"POST", SEASONS, NULL, 405},
        {"GET", SEASONS "?limit=x", NULL, 400},
        {"GET", SEASONS "?bogus", NULL, 400},
        {"GET", SEASONS, "Accept: text/html", 406},
        {"GET", "/ergast/f1/nothing/at/all", NULL, 404},
        {"GET", LIVE, NULL, 200},
    };
    int expected = 100;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        f1_reply_t *reply = ask_from("10.0.0.3", cases[i].method, cases[i].path, cases[i].more);

        if (reply->status != cases[i].status) {
            print_error("%s %s\n", cases[i].method, cases[i].path);
        }
        assert_int_equal(reply->status, cases[i].status);
        expected--;
        if (reply->status != 304) { /* httpd sends no more of its headers than RFC 9110 asks for */
            assert_int_equal(remaining(reply), expected);
        }
    }
    for (; expected > 0; expected--) {
        assert_int_equal(ask_from("10.0.0.3", "HEAD", SEASONS, NULL)->status, 200);
    }
    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(ask_from("10.0.0.3", cases[i].method, cases[i].path, cases[i].more)->status, 429);
    }
}

/* Another query, another spelling of the path: one client. */
static void test_spellings(void **state)
{
    static const char *const paths[] = {SEASONS "?limit=1",
                                        SEASONS "?limit=2",
                                        SEASONS "?_=12345",
                                        SEASONS "?limit=1&limit=",
                                        SEASONS "/",
                                        "//api//v1///seasons",
                                        "/api/v1/./seasons",
                                        "/api/v1/%73easons",
                                        "/api/x/../v1/seasons",
                                        "/API/v1/seasons",
                                        "/api/v1/drivers/HAKIMI/",
                                        "/ergast/f1/2029.json",
                                        "/api/v1/seasons%20",
                                        "/api/v1/seasons;x=1"};
    int before;
    size_t i;

    (void)state;
    use_up("10.0.0.4", 50);
    for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        assert_int_equal(remaining(get_from("10.0.0.4", paths[i])), 49 - (int)i);
    }
    /* httpd refuses an encoded slash by itself, before anybody is asked what it is: it costs, and counts, nothing */
    before = remaining(get_from("10.0.0.4", LIVE));
    assert_int_equal(get_from("10.0.0.4", "/api%2Fv1/seasons")->status, 404);
    assert_int_equal(remaining(get_from("10.0.0.4", LIVE)), before - 1);
}

/* Headers with addresses in them are what a client says about himself, unless a trusted proxy said it. */
static void test_spoofed_addresses(void **state)
{
    static const char *const names[] = {"X-Forwarded-For", "X-Real-IP",      "Forwarded",
                                        "X-Client-IP",     "True-Client-IP", "X-Forwarded-For"};
    apr_pool_t *pool = f1_test_pool();
    int i;

    (void)state;
    for (i = 0; i < 18; i++) {
        const char *line = apr_psprintf(pool, "%s: 10.7.0.%d", names[i % 6], i);
        const char *headers[] = {line, NULL};

        assert_int_equal(remaining(f1_test_ask(&(f1_ask_t){.path = SEASONS, .headers = headers})), 59 - i);
    }
    for (i = 0; i < 10; i++) { /* the proxy adds whom it has seen to what it was told */
        assert_int_equal(remaining(get_from(apr_psprintf(pool, "10.8.0.%d, 10.0.0.5", i), LIVE)), 99 - i);
    }
    assert_int_equal(remaining(get_from("10.8.0.1", LIVE)), 99);
}

static void test_ipv6(void **state)
{
    (void)state;
    assert_int_equal(remaining(get_from("2001:db8:1:2::1", LIVE)), 99);
    assert_int_equal(remaining(get_from("2001:db8:1:2:ffff::2", LIVE)), 98);
    assert_int_equal(remaining(get_from("2001:db8:1:3::1", LIVE)), 99);
    assert_int_equal(remaining(get_from("10.0.0.6", LIVE)), 99);
    assert_int_equal(remaining(get_from("::ffff:10.0.0.6", LIVE)), 98);
}

/* Tokens that nobody knows are no way to be somebody else. */
static void test_unknown_tokens(void **state)
{
    int i, refused = 0;

    (void)state;
    for (i = 0; i < 110; i++) {
        const char *token = apr_psprintf(f1_test_pool(), i % 2 ? "Authorization: Bearer t%d" : "X-API-Key: f1b_%d", i);

        refused += ask_from("10.0.0.7", "GET", SEASONS, token)->status == 429;
    }
    assert_true(refused >= 50);
    assert_int_equal(get_from("10.0.0.7", SEASONS)->status, 200); /* who shows nothing has guessed nothing */
}

static f1_reply_t *ask_as(const char *credentials, const char *address)
{
    return ask_from(address, "GET", SEASONS, credentials);
}

/* How often the database was asked who somebody is. */
static int lookups_in_log(void)
{
    const char *at = f1_test_file(getenv("F1_LOG"), NULL);
    int count = 0;

    while ((at = strstr(at, "F1B0552")) != NULL) {
        at++;
        count++;
    }
    return count;
}

/* A user is one, wherever from and with whatever he shows; his addresses have their own. */
static void test_users(void **state)
{
    apr_pool_t *pool = f1_test_pool();
    const char *bob, *others_key, *ann;
    f1_reply_t *reply;
    int i, lookups;

    (void)state;
    f1_test_users();
    bob = f1_test_bearer("bob");
    ann = f1_test_bearer("ann");
    for (i = 0; i < 98; i++) {
        reply = ask_as(bob, apr_psprintf(pool, "10.2.0.%d", i));
        assert_int_equal(reply->status, 200);
        assert_int_equal(remaining(reply), 99 - i);
    }
    assert_string_equal(header(reply, "RateLimit-Policy"), "\"user\";q=100;w=3600");
    for (i = 0; i < 2; i++) {
        others_key = apr_pstrcat(pool, "X-API-Key: ", f1_test_api_key("bob", "", NULL), NULL);
        assert_int_equal(remaining(ask_as(others_key, "10.2.0.1")), 1 - i);
    }
    lookups = lookups_in_log();
    assert_refused(ask_as(bob, "10.2.1.1"));
    assert_int_equal(lookups_in_log(), lookups); /* a token says whose it is: the database is not asked */
    assert_refused(ask_as(others_key, "10.2.1.2"));
    assert_int_equal(lookups_in_log(), lookups + 1);
    assert_int_equal(remaining(ask_as(ann, "10.2.0.1")), 99);
    assert_int_equal(remaining(get_from("10.2.0.1", SEASONS)), 99);
}

/* Guesses are counted where they come from; then nothing that is shown there is looked at, but who shows nothing is let
 * in. The same holds for other parts of the server. */
static void test_failures(void **state)
{
    apr_pool_t *pool = f1_test_pool();
    const char *private = apr_pstrcat(pool, getenv("F1_ORIGIN"), "/private/", NULL), *expired, *ann;
    f1_reply_t *reply;
    int i;

    (void)state;
    f1_test_users();
    ann = f1_test_bearer("ann");
    expired =
        apr_pstrcat(pool, "Authorization: Bearer ",
                    f1_test_token(&(f1_test_token_t){.username = "ann", .signed_at = "2030-06-14T20:00:00Z@0"}), NULL);
    for (i = 0; i < 20; i++) { /* that was right once, and nobody guesses it */
        assert_int_equal(ask_as(expired, "10.3.0.1")->status, 401);
    }
    for (i = 0; i < 60; i++) {
        const char *guess =
            apr_psprintf(pool, i % 2 ? "X-API-Key: f1b_guess%03d_%032d" : "Authorization: Bearer a.b%03d.%d", i, i);

        assert_int_equal(ask_from("10.3.0.1", "GET", i % 3 ? SEASONS : private, guess)->status, 401);
    }
    reply = ask_as(ann, "10.3.0.1");
    assert_refused(reply);
    assert_string_equal(header(reply, "RateLimit-Policy"), "\"failures\";q=60;w=3600");
    reply = ask_from("10.3.0.1", "GET", private, ann);
    assert_int_equal(reply->status, 429);
    assert_in_range(number(reply, "Retry-After"), 1, 360);
    assert_int_equal(ask_as(ann, "10.3.0.2")->status, 200);
    assert_int_equal(get_from("10.3.0.1", SEASONS)->status, 200);
    assert_int_equal(remaining(get_from("10.3.0.1", SEASONS)), 100 - 20 - 40 - 2);
}

/* Routes that name a class are counted in it, by address, whoever asks. Their requests have no body: nothing comes of
 * them. */
static void test_classes(void **state)
{
    static const char *const policies[F1_LIMIT_CLASSES] = {
        [F1_LIMIT_LOGIN] = "\"login\";q=30;w=3600",
        [F1_LIMIT_REGISTER] = "\"register\";q=10;w=3600",
        [F1_LIMIT_REFRESH] = "\"refresh\";q=100;w=3600",
    };
    apr_pool_t *pool = f1_test_pool();
    const char *bob;
    int i, j;

    (void)state;
    f1_test_users();
    bob = f1_test_bearer("bob");
    for (i = 0; i < f1_route_count; i++) {
        const f1_route_t *route = &f1_routes[i];
        const char *path = apr_pstrmemdup(pool, route->examples[0], strcspn(route->examples[0], "? "));
        const char *address = apr_psprintf(pool, "10.4.%d.1", i);
        f1_reply_t *reply;

        if (!policies[route->limit]) {
            continue;
        }
        for (j = (int)strtol(strchr(policies[route->limit], '=') + 1, NULL, 10); j > 0; j--) {
            reply = ask_from(address, f1_method_name(route->method), path, j % 2 ? bob : NULL);
            assert_int_not_equal(reply->status, 429);
            assert_string_equal(header(reply, "RateLimit-Policy"), policies[route->limit]);
            assert_int_equal(remaining(reply), j - 1);
        }
        assert_refused(ask_from(address, f1_method_name(route->method), path, bob));
        assert_int_equal(remaining(get_from(address, SEASONS)), 99);
    }
}

static void test_directives(void **state)
{
    int i, before = remaining(f1_test_get(SEASONS));
    f1_reply_t *reply;

    (void)state;
    assert_true(before >= 0 && before < 60);
    for (i = 0; i < 30; i++) {
        reply = f1_test_get(i % 2 ? LIVE : "/api/v1/circuits");
        assert_int_equal(reply->status, 200);
        assert_string_equal(header(reply, "RateLimit-Policy"), "");
    }
    for (i = 0; i < 3; i++) { /* another rate is another budget */
        reply = f1_test_get("/api/v1/drivers");
        assert_string_equal(header(reply, "RateLimit-Policy"), "\"anonymous\";q=3;w=3600");
        assert_int_equal(remaining(reply), 2 - i);
    }
    assert_refused(f1_test_get("/api/v1/drivers"));
    assert_int_equal(remaining(f1_test_get(SEASONS)), before - 1);
}

/* A page that includes answers asks for them itself. */
static void test_included(void **state)
{
    apr_pool_t *pool = f1_test_pool();
    const char *page = apr_pstrcat(pool, getenv("F1_SANDBOX"), "/htdocs/page.shtml", NULL);
    FILE *file = fopen(page, "w");
    int before = remaining(f1_test_get(SEASONS));
    f1_reply_t *reply;

    (void)state;
    assert_non_null(file);
    assert_true(fputs("<!--#include virtual=\"/f1" SEASONS "\" --><!--#include virtual=\"/f1" SEASONS "\" -->", file) >
                0);
    assert_int_equal(fclose(file), 0);
    reply = f1_test_get(apr_pstrcat(pool, getenv("F1_ORIGIN"), "/page.shtml", NULL));
    assert_int_equal(reply->status, 200);
    assert_non_null(strstr(reply->body, "\"year\":2030"));
    assert_int_equal(remaining(f1_test_get(SEASONS)), before - 1);
}

/* A body that never comes to its end holds a thread no longer than mod_reqtimeout allows. */
static void test_slow_body(void **state)
{
    const char *request =
        apr_psprintf(f1_test_pool(), "GET /f1" LIVE " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                                     "Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"a\":");
    apr_time_t start = apr_time_now();
    const char *answer;
    size_t len;

    (void)state;
    answer = f1_test_raw(request, strlen(request), &len);
    assert_true(!strncmp(answer, "HTTP/1.1 408", 12) || !strncmp(answer, "HTTP/1.1 400", 12));
    assert_true(apr_time_now() - start < apr_time_from_sec(9)); /* httpd's own Timeout is 10 */
}

/* Who is refused is refused before his body is waited for. */
static void test_refused_before_the_body(void **state)
{
    const char *request =
        "GET /f1" LIVE " HTTP/1.1\r\nHost: proxied.example\r\nX-Forwarded-For: 10.0.0.8\r\nConnection: close\r\n"
        "Expect: 100-continue\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n";
    const char *answer;
    size_t len;

    (void)state;
    use_up("10.0.0.8", 0);
    answer = f1_test_raw(request, strlen(request), &len);
    assert_true(!strncmp(answer, "HTTP/1.1 429", 12));
}

static const char *text(const char *url)
{
    f1_reply_t *reply = get_from("10.0.0.9", url);

    assert_int_equal(reply->status, 200);
    return apr_pstrcat(f1_test_pool(), "\n", reply->body, NULL);
}

static long value(const char *body, const char *name)
{
    const char *at = strstr(body, name);

    assert_non_null(at);
    return strtol(at + strlen(name), NULL, 10);
}

static void test_counted_refusals(void **state)
{
    static const char sample[] = "\nf1board_http_requests_limited_total{limit=\"anonymous\"} ",
                      line[] = "\nF1BoardLimited: ";
    static const char others[] = "\nf1board_http_requests_limited_total{limit=\"user\"} ";
    const char *status = apr_pstrcat(f1_test_pool(), getenv("F1_ORIGIN"), "/server-status?auto", NULL);
    long before = value(text("/metrics"), others);
    long metric = value(text("/metrics"), sample), shown = value(text(status), line);
    int i;

    (void)state;
    use_up("10.0.0.10", 0);
    for (i = 0; i < 7; i++) {
        assert_refused(get_from("10.0.0.10", SEASONS));
    }
    assert_int_equal(value(text("/metrics"), sample), metric + 7);
    assert_int_equal(value(text(status), line), shown + 7);
    assert_int_equal(value(text("/metrics"), others), before);
}

static int generation(void)
{
    const char *body = text(apr_pstrcat(f1_test_pool(), getenv("F1_ORIGIN"), "/server-status?auto", NULL));

    return (int)value(body, "\nParentServerConfigGeneration: ");
}

static void test_graceful_restart(void **state)
{
    int before = generation(), i;

    (void)state;
    use_up("10.0.0.11", 0);
    assert_refused(get_from("10.0.0.11", SEASONS));
    assert_int_equal(kill((pid_t)strtol(getenv("F1_HTTPD_PID"), NULL, 10), SIGUSR1), 0);
    for (i = 0; i < 200 && generation() == before; i++) {
        apr_sleep(apr_time_from_msec(50));
    }
    assert_int_equal(generation(), before + 1);
    assert_in_range(remaining(get_from("10.0.0.11", SEASONS)), 0, 60);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        F1_TEST(test_headers),
        F1_TEST(test_retry_after),
        F1_TEST(test_exact_over_children),
        F1_TEST(test_everything_counts),
        F1_TEST(test_spellings),
        F1_TEST(test_spoofed_addresses),
        F1_TEST(test_ipv6),
        F1_TEST(test_unknown_tokens),
        F1_TEST(test_users),
        F1_TEST(test_failures),
        F1_TEST(test_classes),
        F1_TEST(test_directives),
        F1_TEST(test_included),
        F1_TEST(test_slow_body),
        F1_TEST(test_refused_before_the_body),
        F1_TEST(test_counted_refusals),
        F1_TEST(test_graceful_restart),
    };

    return f1_test_run(tests);
}
