/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* What /metrics tells: that it is what happened, over all children and a restart, and in a form that Prometheus reads.
 * Where there is a promtool (F1_PROMTOOL, or in PATH), it has a say too. */

#include "f1_test.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <apr_strings.h>
#include <apr_thread_proc.h>
#include <curl/curl.h>

#define METRICS "/metrics"
#define LIST "/api/v1/seasons"
#define CLIENTS 4
#define EACH 50
#define OF_LIST "f1board_http_requests_total{method=\"GET\",route=\"/api/v1/seasons\",status=\"200\"}"

static const char *text(void)
{
    f1_reply_t *reply = f1_test_get(METRICS);

    assert_int_equal(reply->status, 200);
    return apr_pstrcat(f1_test_pool(), "\n", reply->body, NULL);
}

/* The value of a sample, with its labels as they are written; -1 when it is not there. */
static double in(const char *body, const char *sample)
{
    const char *at = strstr(body, apr_pstrcat(f1_test_pool(), "\n", sample, " ", NULL));

    return at ? strtod(at + 1 + strlen(sample), NULL) : -1;
}

static double now(const char *sample)
{
    double value = in(text(), sample);

    return value < 0 ? 0 : value; /* nothing was counted yet */
}

/* Counted when the answer is sent, which may be a moment after it is read. */
static void assert_becomes(const char *sample, double expected)
{
    double value = -1;
    int i;

    for (i = 0; i < 100 && value != expected; i++) {
        apr_sleep(apr_time_from_msec(i ? 50 : 0));
        value = now(sample);
    }
    if (value != expected) {
        fail_msg("%s is %g, not %g", sample, value, expected);
    }
}

static size_t drop(char *data, size_t size, size_t count, void *baton)
{
    (void)data;
    (void)baton;
    return size * count;
}

static void *APR_THREAD_FUNC client(apr_thread_t *thread, void *url)
{
    static atomic_int offset; /* another page each time: no cache has it */
    CURL *easy = curl_easy_init();
    char page[256];
    int failures = 0, i;

    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L); /* so that every request may find another child */
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, drop);
    for (i = 0; i < EACH; i++) {
        apr_snprintf(page, sizeof(page), "%s?offset=%d", (const char *)url, atomic_fetch_add(&offset, 1));
        curl_easy_setopt(easy, CURLOPT_URL, page);
        failures += curl_easy_perform(easy) != CURLE_OK;
    }
    curl_easy_cleanup(easy);
    apr_thread_exit(thread, failures ? APR_EGENERAL : APR_SUCCESS);
    return NULL;
}

/* CLIENTS * EACH requests for the list. */
static void ask_much(void)
{
    char *url = apr_pstrcat(f1_test_pool(), getenv("F1_URL"), LIST, NULL);
    apr_thread_t *threads[CLIENTS];
    apr_status_t rv;
    int i;

    for (i = 0; i < CLIENTS; i++) {
        assert_int_equal(apr_thread_create(&threads[i], NULL, client, url, f1_test_pool()), APR_SUCCESS);
    }
    for (i = 0; i < CLIENTS; i++) {
        assert_int_equal(apr_thread_join(&rv, threads[i]), APR_SUCCESS);
        assert_int_equal(rv, APR_SUCCESS);
    }
}

/* How many processes answered requests for the list so far. */
static int answering_children(void)
{
    apr_pool_t *pool = f1_test_pool();
    const char *log = f1_test_file(apr_pstrcat(pool, getenv("F1_SANDBOX"), "/pids.log", NULL), NULL);
    apr_table_t *pids = apr_table_make(pool, 8);
    char *line, *last;

    for (line = apr_strtok(apr_pstrdup(pool, log), "\n", &last); line; line = apr_strtok(NULL, "\n", &last)) {
        char *path = strchr(line, ' ');

        if (path && strstr(path, LIST)) {
            *path = '\0';
            apr_table_set(pids, line, "");
        }
    }
    return apr_table_elts(pids)->nelts;
}

static double status_page(const char *name)
{
    apr_pool_t *pool = f1_test_pool();
    const char *body = f1_test_get(apr_pstrcat(pool, getenv("F1_ORIGIN"), "/server-status?auto", NULL))->body;
    const char *at = strstr(body, apr_pstrcat(pool, "\n", name, ": ", NULL));

    assert_non_null(at);
    return strtod(strchr(at, ':') + 1, NULL);
}

static void test_children_add_up(void **state)
{
    double before = now(OF_LIST), queries = now("f1board_db_queries_total"),
           waits = now("f1board_db_wait_seconds_count"), bytes = now("f1board_http_response_bytes_total");

    (void)state;
    ask_much();
    assert_becomes(OF_LIST, before + CLIENTS * EACH);
    assert_true(answering_children() > 1);
    assert_becomes("f1board_http_request_duration_seconds_count{method=\"GET\",route=\"/api/v1/seasons\"}",
                   before + CLIENTS * EACH);
    assert_true(now("f1board_db_queries_total") >= queries + CLIENTS * EACH);
    assert_true(now("f1board_db_wait_seconds_count") >= waits + CLIENTS * EACH);
    assert_true(now("f1board_http_response_bytes_total") > bytes + CLIENTS * EACH * 100);
    assert_becomes("f1board_http_requests_in_flight", 1);
    assert_becomes("f1board_db_connections{state=\"used\"}", 0);
    assert_true(now("f1board_db_connections{state=\"idle\"}") >= 2);
}

/* Without a store nothing is a hit; that a child follows the data yet is waited for. */
static void test_cache(void **state)
{
    static const char same[] = "f1board_cache_requests_total{result=\"not_modified\"}",
                      miss[] = "f1board_cache_requests_total{result=\"miss\"}";
    const char *headers[] = {NULL, NULL};
    double sames = now(same), misses = now(miss);
    apr_time_t end = apr_time_now() + apr_time_from_sec(30);
    f1_reply_t *reply;

    (void)state;
    do {
        assert_true(apr_time_now() < end);
        reply = f1_test_get(LIST "?limit=7");
    } while (now(miss) <= misses);
    headers[0] = apr_pstrcat(f1_test_pool(), "If-None-Match: ", apr_table_get(reply->headers, "ETag"), NULL);
    do {
        assert_true(apr_time_now() < end);
        assert_in_range(f1_test_ask(&(f1_ask_t){.path = LIST "?limit=7", .headers = headers})->status, 200, 304);
    } while (now(same) <= sames);
    assert_becomes("f1board_cache_requests_total{result=\"hit\"}", 0);
    assert_true(now("f1board_cache_requests_total{result=\"bypass\"}") >= 0);
}

static void test_statuses_and_methods(void **state)
{
    static const char missing[] = "f1board_http_requests_total{method=\"GET\",route=\"none\",status=\"404\"}",
                      brewed[] = "f1board_http_requests_total{method=\"other\",route=\"none\",status=\"405\"}",
                      head[] = "f1board_http_requests_total{method=\"HEAD\",route=\"/api/v1/seasons\",status=\"200\"}",
                      wrong[] = "f1board_http_requests_total{method=\"GET\",route=\"/api/v1/seasons\",status=\"400\"}",
                      alias[] =
                          "f1board_http_requests_total{method=\"GET\",route=\"/api/v1/health/live\",status=\"200\"}";
    double missings = now(missing), brews = now(brewed), heads = now(head), wrongs = now(wrong), aliases = now(alias);

    (void)state;
    assert_int_equal(f1_test_get("/nothing")->status, 404);
    assert_int_equal(f1_test_get("/api/v1/races/%7Brace_id%7D%22%5C")->status, 400); /* no label comes from a path */
    assert_int_equal(f1_test_ask(&(f1_ask_t){.method = "BREW", .path = LIST})->status, 405);
    assert_int_equal(f1_test_ask(&(f1_ask_t){.method = "HEAD", .path = LIST})->status, 200);
    assert_int_equal(f1_test_get(LIST "?limit=x")->status, 400);
    assert_int_equal(f1_test_get("/health/live")->status, 200);
    assert_becomes(missing, missings + 1);
    assert_becomes(brewed, brews + 1);
    assert_becomes(head, heads + 1);
    assert_becomes(wrong, wrongs + 1);
    assert_becomes(alias, aliases + 1);
    assert_becomes("f1board_http_requests_total{method=\"GET\",route=\"/api/v1/races/{race_id}\",status=\"400\"}", 1);
}

/* Both pages read one table. */
static void test_status_page_agrees(void **state)
{
    apr_pool_t *pool = f1_test_pool();
    double sum = 0;
    const char *body;
    char *line, *last;

    (void)state;
    apr_sleep(apr_time_from_msec(200));
    body = text();
    for (line = apr_strtok(apr_pstrdup(pool, body), "\n", &last); line; line = apr_strtok(NULL, "\n", &last)) {
        if (!strncmp(line, "f1board_http_requests_total{", 28)) {
            sum += strtod(strrchr(line, ' '), NULL);
        }
    }
    apr_sleep(apr_time_from_msec(200));
    assert_true(status_page("F1BoardRequests") == sum + 1); /* the request for the metrics themselves */
    assert_true(status_page("F1BoardQueries") == in(body, "f1board_db_queries_total"));
}

static void test_graceful_restart(void **state)
{
    double before = now(OF_LIST);

    (void)state;
    assert_int_equal(kill((pid_t)apr_atoi64(getenv("F1_HTTPD_PID")), SIGUSR1), 0);
    apr_sleep(apr_time_from_sec(1));
    assert_true(now(OF_LIST) == before);
    assert_int_equal(f1_test_get(LIST)->status, 200);
    assert_becomes(OF_LIST, before + 1);
    assert_becomes("f1board_http_requests_in_flight", 1);
}

/* Whatever a child had under way, nobody counts it any longer when it is gone. */
static void test_dead_child(void **state)
{
    apr_pool_t *pool = f1_test_pool();
    double idle;

    (void)state;
    f1_test_expect_log("AH0005[12]");
    ask_much();
    idle = now("f1board_db_connections{state=\"idle\"}");
    assert_true(idle > 0);
    assert_int_equal(system(apr_psprintf(pool, "pkill -KILL -P %s", getenv("F1_HTTPD_PID"))), 0);
    apr_sleep(apr_time_from_sec(1));
    for (int i = 0; i < 50 && f1_test_get("/health/live")->status != 200; i++) {
        apr_sleep(apr_time_from_msec(100));
    }
    assert_true(now("f1board_db_connections{state=\"idle\"}") < idle);
    assert_becomes("f1board_http_requests_in_flight", 1);
}

/* Buckets only grow up to +Inf, which is the count; and the sum fits to them. */
static void test_histograms(void **state)
{
    apr_pool_t *pool = f1_test_pool();
    const char *body = text();
    char *line, *last, *end;
    double before = 0, value;
    int seen = 0;

    (void)state;
    for (line = apr_strtok(apr_pstrdup(pool, body), "\n", &last); line; line = apr_strtok(NULL, "\n", &last)) {
        char *le = strstr(line, "le=\"");

        if (line[0] == '#' || !strstr(line, "_bucket{")) {
            continue;
        }
        assert_non_null(le);
        value = strtod(strrchr(line, ' '), &end);
        assert_int_equal(*end, '\0');
        assert_true(!strncmp(le + 4, "0.0001\"", 7) || value >= before);
        before = value;
        if (!strncmp(le + 4, "+Inf\"", 5)) {
            char *count = apr_pstrdup(pool, line), *bucket = strstr(count, "_bucket{");

            /* name_bucket{labels,le="+Inf"} has a twin name_count{labels}, or name_count */
            le = strstr(count, "le=\"");
            le[le[-1] == ',' ? -1 : 0] = '\0';
            count = apr_pstrcat(pool, apr_pstrmemdup(pool, count, (apr_size_t)(bucket - count)), "_count",
                                bucket[8] ? apr_pstrcat(pool, bucket + 7, "}", NULL) : "", NULL);
            assert_true(in(body, count) == value);
            seen++;
        }
    }
    assert_true(seen > 4);
}

static void test_values_from_the_database(void **state)
{
    const char *body;

    (void)state;
    f1_test_sql("INSERT INTO f1board.ingestion_run (command, source, state, finished_at, requests, counts) VALUES"
                " ('x', E'https://user:secret@a\"b\\\\c\\nd/path', 'success', '2030-01-01Z', 7, '{\"odd\": 1}'),"
                " ('x', 'http://upstream.example:81/f1', 'failure', '2030-01-02Z', 3, '{\"races\": {\"seen\": 5}}'),"
                " ('x', 'http://upstream.example:81/f1', 'success', '2030-01-01Z', 4, '{}');"
                "INSERT INTO f1board.upstream VALUES ('upstream.example');"
                "INSERT INTO f1board.upstream_request VALUES ('upstream.example', clock_timestamp()),"
                " ('upstream.example', clock_timestamp() - interval '2 hours')");
    body = text();
    assert_true(in(body, "f1board_upstream_requests_total{upstream=\"a\\\"b\\\\c\\nd\"}") == 7);
    assert_null(strstr(body, "secret"));
    assert_true(in(body, "f1board_upstream_requests_total{upstream=\"upstream.example\"}") == 7);
    assert_true(in(body, "f1board_ingestion_runs_total{source=\"upstream.example\"}") == 1);
    assert_true(in(body, "f1board_ingestion_failures_total{source=\"upstream.example\"}") == 1);
    assert_true(in(body, "f1board_ingestion_last_success_timestamp_seconds{source=\"upstream.example\"}") ==
                1893456000);
    assert_true(in(body, "f1board_ingestion_last_failure_timestamp_seconds{source=\"upstream.example\"}") ==
                1893542400);
    assert_true(in(body, "f1board_upstream_hour_requests{upstream=\"upstream.example\"}") == 1);
    assert_true(in(body, "f1board_ingestion_rows_total{kind=\"races\",outcome=\"seen\"}") >= 5);
    assert_true(in(body, "f1board_schema_up_to_date") == 1);
    assert_true(in(body, "f1board_schema_version") == in(body, "f1board_schema_expected_version"));
    assert_non_null(strstr(body, "\nf1board_build_info{version=\""));
}

static f1_reply_t *ask(const char *method, const char *header)
{
    const char *headers[] = {header, NULL};

    return f1_test_ask(&(f1_ask_t){.method = method, .path = METRICS, .headers = header ? headers : NULL});
}

static const char *type_of(const f1_reply_t *reply)
{
    return apr_table_get(reply->headers, "Content-Type");
}

static void test_protocol(void **state)
{
    static const char text_type[] = "text/plain; version=0.0.4; charset=utf-8";
    f1_reply_t *reply = ask("GET", NULL);

    (void)state;
    assert_string_equal(type_of(reply), text_type);
    assert_string_equal(apr_table_get(reply->headers, "Cache-Control"), "no-store");
    assert_null(strstr(reply->body, "# EOF"));
    reply = ask("HEAD", NULL);
    assert_int_equal(reply->status, 200);
    assert_int_equal(reply->body_len, 0);
    assert_int_equal(ask("POST", NULL)->status, 405);
    assert_string_equal(apr_table_get(ask("OPTIONS", NULL)->headers, "Allow"), "GET, HEAD, OPTIONS");
    assert_int_equal(ask("GET", "Accept: application/json")->status, 406);
    assert_string_equal(type_of(ask("GET", "Accept: */*")), text_type);
    assert_int_equal(f1_test_get(METRICS "?x=1")->status, 400);

    /* as Prometheus asks */
    reply = ask("GET", "Accept: application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;"
                       "q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1");
    assert_int_equal(reply->status, 200);
    assert_string_equal(type_of(reply), "application/openmetrics-text; version=1.0.0; charset=utf-8");
    assert_non_null(strstr(reply->body, "# TYPE f1board_http_requests counter\n"));
    assert_non_null(strstr(reply->body, "\nf1board_http_requests_total{"));
    assert_string_equal(reply->body + reply->body_len - 6, "# EOF\n");
}

static void test_without_database(void **state)
{
    apr_pool_t *pool = f1_test_pool();
    const char *body;

    (void)state;
    f1_test_expect_log("dbd:error");
    f1_test_expect_log("F1B0200");
    f1_test_expect_log("F1B0210");
    f1_test_expect_log("F1B0510");
    assert_int_equal(system(apr_psprintf(pool, "'%s' stop -m fast", getenv("F1_PGCTL"))), 0);
    body = text();
    assert_int_equal(system(apr_psprintf(pool, "'%s' start", getenv("F1_PGCTL"))), 0);
    assert_true(in(body, "f1board_database_up") == 0);
    assert_true(in(body, "f1board_schema_up_to_date") == 0);
    assert_true(in(body, "f1board_schema_version") < 0);
    assert_true(in(body, OF_LIST) > 0);
    assert_true(in(body, "f1board_db_errors_total") > 0);
    apr_sleep(apr_time_from_sec(1));
    assert_becomes("f1board_database_up", 1);
}

/* A statement that waits is told by its name, and no value with it. */
static void test_slow_statement(void **state)
{
    apr_pool_t *pool = f1_test_pool();
    double slow = now("f1board_db_slow_queries_total");
    const char *log;

    (void)state;
    f1_test_expect_log("F1B0270");
    assert_int_equal(system(apr_psprintf(pool,
                                         "'%s/psql' -qXc 'BEGIN' -c 'LOCK TABLE f1board.circuit' -c 'SELECT"
                                         " pg_sleep(1)' -c 'COMMIT' >/dev/null &",
                                         getenv("F1_PG_BINDIR"))),
                     0);
    apr_sleep(apr_time_from_msec(400));
    assert_int_equal(f1_test_get("/api/v1/circuits/secret-value")->status, 404);
    assert_becomes("f1board_db_slow_queries_total", slow + 1);
    log = f1_test_file(getenv("F1_LOG"), NULL);
    log = strstr(log, "F1B0270: f1b_circuits_one took ");
    assert_non_null(log);
    assert_null(strstr(apr_pstrmemdup(pool, log, strcspn(log, "\n")), "secret-value"));
}

/* Each line of the log is an object, whatever a client sends; and says what was asked. */
static void test_json_log(void **state)
{
    static const char hostile[] = "GET /f1/%22%5C%01%ff%e2%82%ac%0a?x=\"y\\ HTTP/1.1\r\nHost: localhost\r\n"
                                  "User-Agent: \"},\\\"\\\xff\xfe\t\xe2\x82\xac{\r\nConnection: close\r\n\r\n",
                      brew[] = "BR'EW /f1/api/v1/seasons HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    apr_pool_t *pool = f1_test_pool();
    const char *name = apr_pstrcat(pool, getenv("F1_SANDBOX"), "/requests.json", NULL);
    json_t *last_one = NULL;
    char *line, *last;
    size_t len;
    int hostiles = 0, brews = 0;

    (void)state;
    f1_test_raw(hostile, sizeof(hostile) - 1, &len);
    f1_test_raw(brew, sizeof(brew) - 1, &len);
    assert_int_equal(f1_test_ask(&(f1_ask_t){.path = LIST "?limit=1"})->status, 200);
    apr_sleep(apr_time_from_msec(200));
    for (line = apr_strtok(apr_pstrdup(pool, f1_test_file(name, NULL)), "\n", &last); line;
         line = apr_strtok(NULL, "\n", &last)) {
        last_one = f1_test_json(line);
        assert_true(json_is_integer(f1_test_json_at(last_one, "status")));
        assert_true(json_is_string(f1_test_json_at(last_one, "path")));
        hostiles += !strncmp(json_string_value(f1_test_json_at(last_one, "path")), "/f1/\"\\", 6);
        brews += !strcmp(json_string_value(f1_test_json_at(last_one, "method")), "BR'EW");
    }
    assert_int_equal(hostiles, 1);
    assert_int_equal(brews, 1);
    f1_assert_json(last_one, "event", "\"request_completed\"");
    f1_assert_json(last_one, "method", "\"GET\"");
    f1_assert_json(last_one, "path", "\"/f1/api/v1/seasons\"");
    f1_assert_json(last_one, "route", "\"/api/v1/seasons\"");
    f1_assert_json(last_one, "status", "200");
    f1_assert_json(last_one, "agent", "null");
    assert_true(json_integer_value(f1_test_json_at(last_one, "query_us")) > 0);
    assert_true(json_integer_value(f1_test_json_at(last_one, "bytes")) > 0);
    assert_true(json_is_integer(f1_test_json_at(last_one, "duration_ms")));
}

/* promtool is content with its input, or not there. */
static void assert_promtool(const char *command, const char *input)
{
    apr_pool_t *pool = f1_test_pool();
    const char *tool = getenv("F1_PROMTOOL"), *name = apr_pstrcat(pool, getenv("F1_SANDBOX"), "/promtool.in", NULL),
               *says = apr_pstrcat(pool, getenv("F1_SANDBOX"), "/promtool.out", NULL);
    FILE *file = fopen(name, "w");

    if (!tool || !*tool) {
        tool = "promtool";
    }
    assert_non_null(file);
    assert_true(fputs(input, file) >= 0);
    assert_int_equal(fclose(file), 0);
    if (system(apr_psprintf(pool, "command -v '%s' >/dev/null", tool)) != 0) {
        return;
    }
    if (system(apr_psprintf(pool, "'%s' %s <'%s' >'%s' 2>&1", tool, command, name, says)) != 0) {
        fail_msg("promtool: %s", f1_test_file(says, NULL));
    }
}

static void test_promtool(void **state)
{
    (void)state;
    assert_promtool("check metrics", f1_test_get(METRICS)->body);
}

/* Each f1board_… in text is a family that body tells of, or one of its samples. */
static void assert_known(const char *text, const char *body)
{
    static const char *const suffixes[] = {"_bucket", "_sum", "_count"};
    apr_pool_t *pool = f1_test_pool();
    const char *at = text;

    while ((at = strstr(at, "f1board_"))) {
        size_t len = strspn(at, "abcdefghijklmnopqrstuvwxyz_1");
        char *name = apr_pstrmemdup(pool, at, len);

        /* the names of our own recorded series have it in the middle */
        if (at == text || at[-1] != ':') {
            for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
                char *end = name + len - strlen(suffixes[i]);

                if (end > name && !strcmp(end, suffixes[i])) {
                    *end = '\0';
                }
            }
            if (!strstr(body, apr_pstrcat(pool, "# TYPE ", name, " ", NULL))) {
                fail_msg("/metrics has no %s", name);
            }
        }
        at += len;
    }
}

/* Adds the expressions of a dashboard to rules, with Grafana's variables filled in. */
static void take_expressions(json_t *dashboard, json_t *rules, const char *body)
{
    apr_pool_t *pool = f1_test_pool();
    json_t *panel, *target;
    size_t i, j;

    json_array_foreach(f1_test_json_at(dashboard, "panels"), i, panel)
    {
        json_array_foreach(f1_test_json_at(panel, "targets"), j, target)
        {
            const char *expr = json_string_value(f1_test_json_at(target, "expr")), *variable;

            assert_non_null(expr);
            assert_known(expr, body);
            while ((variable = strstr(expr, "$__rate_interval"))) {
                expr = apr_pstrcat(pool, apr_pstrmemdup(pool, expr, (apr_size_t)(variable - expr)), "5m",
                                   variable + strlen("$__rate_interval"), NULL);
            }
            json_array_append_new(
                rules,
                json_pack("{ssss}", "record", apr_psprintf(pool, "r%d", (int)json_array_size(rules)), "expr", expr));
        }
    }
}

/* What dashboards and alerts ask for is there, and Prometheus understands the question. JSON is YAML, too. */
static void test_dashboards(void **state)
{
    static const char *const dashboards[] = {"conf/monitoring/dashboard-service.json",
                                             "conf/monitoring/dashboard-ingestion.json"};
    const char *body = f1_test_get(METRICS)->body;
    json_t *rules = json_array(), *file;
    char *text;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(dashboards) / sizeof(dashboards[0]); i++) {
        json_t *dashboard = f1_test_json(f1_test_file(dashboards[i], NULL));

        assert_true(json_is_string(f1_test_json_at(dashboard, "uid")));
        assert_true(json_is_string(f1_test_json_at(dashboard, "title")));
        take_expressions(dashboard, rules, body);
    }
    assert_true(json_array_size(rules) > 30);
    assert_known(f1_test_file("conf/monitoring/alerts.yml", NULL), body);
    file = json_pack("{s[{ssso}]}", "groups", "name", "dashboards", "rules", rules);
    assert_non_null(file);
    text = json_dumps(file, 0);
    json_decref(file);
    assert_promtool("check rules /dev/stdin", text);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        F1_TEST(test_children_add_up),
        F1_TEST(test_cache),
        F1_TEST(test_statuses_and_methods),
        F1_TEST(test_status_page_agrees),
        F1_TEST(test_graceful_restart),
        F1_TEST(test_dead_child),
        F1_TEST(test_histograms),
        F1_TEST(test_protocol),
        F1_TEST(test_slow_statement),
        F1_TEST(test_values_from_the_database),
        F1_TEST(test_json_log),
        F1_TEST(test_promtool),
        F1_TEST(test_dashboards),
        F1_TEST(test_without_database),
    };

    return f1_test_run(tests);
}
