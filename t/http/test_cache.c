/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* The cache from outside: validators of every kind, hits without queries, and above all that a change of data is seen
 * by every child at once, whatever happens to the listeners. A child that has just begun may answer past the cache for
 * a moment: what is expected of it is asked for until it comes true, or the time is up. */

#include "f1_test.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <apr_strings.h>
#include <apr_thread_proc.h>
#include <curl/curl.h>

#include "base/route.h"

#define LIST "/api/v1/circuits"
#define ONE "/api/v1/circuits/krakow"
#define TIMED "/api/v1/races/next"
#define LISTENERS "FROM pg_stat_activity WHERE application_name = 'mod_f1board listener'"
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define PATIENCE apr_time_from_sec(30)

static f1_reply_t *ask(const char *path, const char *header, const char *encoding)
{
    const char *headers[] = {header, NULL};

    return f1_test_ask(&(f1_ask_t){.path = path, .headers = header ? headers : NULL, .encoding = encoding});
}

static const char *header(const f1_reply_t *reply, const char *name)
{
    const char *value = apr_table_get(reply->headers, name);

    return value ? value : "";
}

static const char *if_none(const char *tag)
{
    return apr_pstrcat(f1_test_pool(), "If-None-Match: ", tag, NULL);
}

static apr_int64_t counter(const char *name)
{
    const char *body = f1_test_get(apr_pstrcat(f1_test_pool(), getenv("F1_ORIGIN"), "/server-status?auto", NULL))->body;
    const char *at = strstr(body, apr_pstrcat(f1_test_pool(), "\n", name, ": ", NULL));

    assert_non_null(at);
    return apr_atoi64(strchr(at, ':') + 2);
}

/* An answer that came about this way ("hit", "miss", "bypass"). */
static f1_reply_t *get_as(const char *how, const char *path, const char *encoding)
{
    apr_time_t end = apr_time_now() + PATIENCE;
    f1_reply_t *reply;

    while (strcmp(header(reply = ask(path, NULL, encoding), "X-Cache"), how)) {
        if (apr_time_now() > end) {
            fail_msg("%s: %d, %s", path, reply->status, header(reply, "X-Cache"));
        }
        apr_sleep(apr_time_from_msec(2));
    }
    return reply;
}

/* A good answer whose ETag is that of the cache. */
static f1_reply_t *get(const char *path)
{
    apr_time_t end = apr_time_now() + PATIENCE;
    f1_reply_t *reply;

    while (!strcmp(header(reply = f1_test_get(path), "X-Cache"), "bypass")) {
        assert_true(apr_time_now() < end);
        apr_sleep(apr_time_from_msec(2));
    }
    assert_int_equal(reply->status, 200);
    return reply;
}

/* A 304 for which no query was made. */
static f1_reply_t *get_304(const char *path, const char *line, const char *encoding)
{
    apr_time_t end = apr_time_now() + PATIENCE;

    for (;;) {
        apr_int64_t queries = counter("F1BoardQueries");
        f1_reply_t *reply = ask(path, line, encoding);

        if (reply->status == 304 && counter("F1BoardQueries") == queries) {
            assert_int_equal(reply->body_len, 0);
            return reply;
        }
        assert_true(apr_time_now() < end);
        apr_sleep(apr_time_from_msec(2));
    }
}

/* All that is kept becomes unreachable. */
static void touch_everything(void)
{
    for (int i = 0; f1_domains[i]; i++) {
        f1_test_sql(apr_psprintf(f1_test_pool(), "SELECT generation_touch('%s')", f1_domains[i]));
    }
}

static void test_not_modified(void **state)
{
    f1_reply_t *reply, *again;
    const char *tag;

    (void)state;
    reply = get(LIST);
    tag = header(reply, "ETag");
    assert_int_equal(strlen(tag), 34);
    again = get_304(LIST, if_none(tag), NULL);
    assert_string_equal(header(again, "ETag"), tag);
    assert_string_equal(header(again, "Cache-Control"), header(reply, "Cache-Control"));
    assert_string_equal(header(again, "Vary"), header(reply, "Vary"));
    assert_non_null(strstr(header(reply, "Vary"), "Accept-Encoding"));
    assert_string_equal(header(again, "Content-Type"), "");
    /* in a list, weakly, beside nonsense */
    get_304(LIST, if_none(apr_pstrcat(f1_test_pool(), "\"x\", W/", tag, NULL)), NULL);
    get_304(LIST, if_none("*"), NULL);
    assert_int_equal(ask(LIST, if_none("\"x\""), NULL)->status, 200);
    assert_int_equal(ask(LIST, if_none("nonsense"), NULL)->status, 200);
    assert_int_equal(ask(LIST, if_none("\"open"), NULL)->status, 200);
    assert_int_equal(ask(LIST, if_none(""), NULL)->status, 200);
    /* not of another page or representation */
    assert_int_equal(ask(LIST "?limit=1", if_none(tag), NULL)->status, 200);
    assert_int_equal(ask(LIST "?format=csv", if_none(tag), NULL)->status, 200);
    assert_int_equal(ask("/api/v1/circuits/nowhere", if_none("*"), NULL)->status, 404);
    assert_string_equal(header(f1_test_get("/api/v1/circuits/nowhere"), "ETag"), "");
    assert_true(counter("F1BoardCacheNotModified") > 0);
}

/* If-None-Match alone decides, where both are there. */
static void test_if_modified_since(void **state)
{
    static const char future[] = "If-Modified-Since: Fri, 01 Jan 2100 00:00:00 GMT";
    const char *tag;

    (void)state;
    tag = header(get(LIST), "ETag");
    assert_int_equal(
        f1_test_ask(&(f1_ask_t){.path = LIST, .headers = (const char *const[]){if_none("\"x\""), future, NULL}})
            ->status,
        200);
    get_304(LIST,
            apr_pstrcat(f1_test_pool(), if_none(tag), "\r\nIf-Modified-Since: Fri, 01 Jan 1999 00:00:00 GMT", NULL),
            NULL);
}

static void test_encodings(void **state)
{
    static const char *const encodings[][2] = {{"gzip", "-gzip\""}, {"br", "-br\""}};

    (void)state;
    for (size_t i = 0; i < COUNT(encodings); i++) {
        f1_reply_t *reply;
        const char *tag;

        get(LIST);
        reply = get_as("hit", LIST, encodings[i][0]);
        tag = header(reply, "ETag");
        assert_string_equal(header(reply, "Content-Encoding"), encodings[i][0]);
        assert_non_null(strstr(tag, encodings[i][1]));
        assert_string_equal(header(get_304(LIST, if_none(tag), encodings[i][0]), "ETag"), tag);
    }
}

static void test_head(void **state)
{
    f1_reply_t *page, *head;
    apr_time_t end = apr_time_now() + PATIENCE;

    (void)state;
    do {
        assert_true(apr_time_now() < end);
        page = get(LIST);
        head = f1_test_ask(&(f1_ask_t){.path = LIST, .method = "HEAD"});
    } while (strcmp(header(head, "X-Cache"), "hit"));
    assert_int_equal(head->status, 200);
    assert_string_equal(header(head, "ETag"), header(page, "ETag"));
    assert_string_equal(header(head, "Link"), header(page, "Link"));
    assert_string_equal(header(head, "Content-Length"), header(page, "Content-Length"));
    do {
        assert_true(apr_time_now() < end);
        head = f1_test_ask(&(f1_ask_t){
            .path = LIST, .method = "HEAD", .headers = (const char *const[]){if_none(header(page, "ETag")), NULL}});
    } while (head->status != 304);
}

static int as_before(void *other, const char *name, const char *value)
{
    const char *was = apr_table_get(other, name);

    if (strcasecmp(name, "Date") && strcasecmp(name, "X-Cache") && (!was || strcmp(was, value))) {
        print_error("%s: %s, and was %s\n", name, value, was ? was : "not there");
        return 0;
    }
    return 1;
}

/* What comes from the cache is what came from the database, with all its headers, and without a query. */
static void assert_hit_is_equal(const char *path)
{
    apr_time_t end = apr_time_now() + PATIENCE;
    f1_reply_t *first, *second;
    apr_int64_t queries;

    do { /* what depends on the time is not kept for long, and a child may not know yet what changed */
        assert_true(apr_time_now() < end);
        touch_everything();
        first = get_as("miss", path, NULL);
        assert_int_equal(first->status, 200);
        queries = counter("F1BoardQueries");
        second = f1_test_get(path);
    } while (strcmp(header(second, "X-Cache"), "hit") || strcmp(header(second, "ETag"), header(first, "ETag")));
    assert_int_equal(counter("F1BoardQueries"), queries);
    assert_int_equal(second->status, 200);
    assert_int_equal(first->body_len, second->body_len);
    assert_memory_equal(first->body, second->body, first->body_len);
    if (!apr_table_do(as_before, second->headers, first->headers, NULL) ||
        !apr_table_do(as_before, first->headers, second->headers, NULL)) {
        fail_msg("%s", path);
    }
}

static void test_hits_are_equal(void **state)
{
    static const char *const more[] = {LIST "?limit=2&offset=2", LIST "?limit=500", LIST "?format=csv",
                                       LIST "?format=ndjson"};
    int checked = 0;

    (void)state;
    for (int i = 0; i < f1_route_count; i++) {
        const f1_route_t *route = &f1_routes[i];

        if (route->method != F1_GET || !f1_route_has_tag(route) || !route->domains[0]) {
            continue;
        }
        for (int j = 0; route->examples[j]; j++) {
            if (f1_test_get(route->examples[j])->status == 200) { /* some show what is not there */
                assert_hit_is_equal(route->examples[j]);
                checked++;
            }
        }
    }
    for (size_t i = 0; i < COUNT(more); i++) {
        assert_hit_is_equal(more[i]);
    }
    assert_true(checked > 20);
}

static void test_classes(void **state)
{
    static const struct {
        const char *path, *control;
    } classes[] = {
        {"/api/v1/races?season=2028", "public, max-age=86400, stale-while-revalidate=86400"},
        {"/api/v1/races/2029-krakow-grand-prix/results", "public, max-age=86400, stale-while-revalidate=86400"},
        {"/ergast/f1/2029/1/results.json", "public, max-age=86400, stale-while-revalidate=86400"},
        {"/ergast/f1/current/last/results.json", "public, max-age=60, stale-while-revalidate=60"},
        {"/api/v1/races?season=2030", "public, max-age=60, stale-while-revalidate=60"},
        {TIMED, "public, max-age=60, stale-while-revalidate=60"},
        {ONE, "public, max-age=3600, stale-while-revalidate=3600"},
        {"/openf1/v1/sessions?session_key=latest", "no-store"},
        {"/api/v1/health", "no-store"},
        {"/api/v1/circuits/nowhere", "no-store"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(classes); i++) {
        assert_string_equal(header(f1_test_get(classes[i].path), "Cache-Control"), classes[i].control);
    }
}

/* Until another answer than the one with this tag is given. */
static f1_reply_t *get_other(const char *path, const char *tag)
{
    apr_time_t end = apr_time_now() + PATIENCE;
    f1_reply_t *reply;

    while (!strcmp(header(reply = get(path), "ETag"), tag)) {
        assert_true(apr_time_now() < end);
        apr_sleep(apr_time_from_msec(2));
    }
    return reply;
}

/* Answers that depend on the time are compared by their bytes. */
static void test_timed(void **state)
{
    const char *tag, *changed;

    (void)state;
    tag = header(get(TIMED), "ETag");
    get_304(TIMED, if_none(tag), NULL);
    f1_test_sql("UPDATE race SET url = 'http://example.com/timed'");
    changed = header(get_other(TIMED, tag), "ETag");
    /* moved, and the same all the same */
    tag = header(get(LIST), "ETag");
    f1_test_sql("UPDATE circuit_fact SET length_km = length_km + 0.001 WHERE circuit_id = 'spa'");
    get_other(LIST, tag);
    get_304(TIMED, if_none(changed), NULL);
}

/* --- Many at once. f1_test_ask belongs to the test's own thread. */

typedef struct client_t {
    apr_thread_t *thread;
    const char *url;
    char body[4096], cache[16];
    size_t len;
    long status;
    void (*each)(struct client_t *client); /* NULL: asks once */
    int answers, wrong;
    apr_int64_t behind; /* microseconds, the most by which an answer was late */
} client_t;

static size_t take_body(char *data, size_t size, size_t count, void *baton)
{
    client_t *client = baton;
    size_t len = size * count, room = sizeof(client->body) - 1 - client->len;

    memcpy(client->body + client->len, data, len < room ? len : room);
    client->len += len < room ? len : room;
    client->body[client->len] = '\0';
    return len;
}

static size_t take_header(char *data, size_t size, size_t count, void *baton)
{
    client_t *client = baton;

    if (!strncasecmp(data, "X-Cache: ", 9)) {
        apr_cpystrn(client->cache, data + 9, strcspn(data + 9, "\r\n") + 1);
    }
    return size * count;
}

static void ask_on(client_t *client, CURL *easy)
{
    client->len = 0;
    client->status = 0;
    client->cache[0] = '\0';
    curl_easy_setopt(easy, CURLOPT_URL, client->url);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, client);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, client);
    if (curl_easy_perform(easy) == CURLE_OK) {
        curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &client->status);
    }
}

static void ask_once(client_t *client)
{
    CURL *easy = curl_easy_init();

    ask_on(client, easy);
    curl_easy_cleanup(easy);
}

static void *APR_THREAD_FUNC run_client(apr_thread_t *thread, void *data)
{
    client_t *client = data;

    (client->each ? client->each : ask_once)(client);
    apr_thread_exit(thread, APR_SUCCESS);
    return NULL;
}

static client_t *start_clients(int count, const char *path, void (*each)(client_t *client))
{
    client_t *clients = apr_pcalloc(f1_test_pool(), sizeof(*clients) * (size_t)count);

    for (int i = 0; i < count; i++) {
        clients[i].url = apr_pstrcat(f1_test_pool(), getenv("F1_URL"), path, NULL);
        clients[i].each = each;
        assert_int_equal(apr_thread_create(&clients[i].thread, NULL, run_client, &clients[i], f1_test_pool()),
                         APR_SUCCESS);
    }
    return clients;
}

static void await_clients(client_t *clients, int count)
{
    apr_status_t rv;

    for (int i = 0; i < count; i++) {
        assert_int_equal(apr_thread_join(&rv, clients[i].thread), APR_SUCCESS);
    }
}

static void await_sql(const char *sql, const char *wanted)
{
    apr_time_t end = apr_time_now() + PATIENCE;

    while (strcmp(f1_test_sql(sql), wanted)) {
        assert_true(apr_time_now() < end);
        apr_sleep(apr_time_from_msec(10));
    }
}

/* The statement waits for a lock, and so do all who want the answer: one for the database, the others for him. */
static void test_one_asks_for_all(void **state)
{
    enum { CLIENTS = 8 };
    client_t *clients;
    int misses = 0, hits = 0, bypassed = 0;
    apr_int64_t queries;

    (void)state;
    get(ONE);
    touch_everything();
    get_as("miss", ONE, NULL);
    touch_everything();
    assert_int_equal(system("psql -Xqc 'BEGIN; LOCK TABLE circuit; SELECT pg_sleep(1.5); COMMIT' >/dev/null &"), 0);
    await_sql("SELECT count(*) FROM pg_locks WHERE relation = 'circuit'::regclass AND granted"
              " AND mode = 'AccessExclusiveLock'",
              "1");
    queries = counter("F1BoardQueries");
    clients = start_clients(CLIENTS, ONE, NULL);
    await_clients(clients, CLIENTS);
    for (int i = 0; i < CLIENTS; i++) {
        assert_int_equal(clients[i].status, 200);
        assert_string_equal(clients[i].body, clients[0].body);
        misses += !strcmp(clients[i].cache, "miss");
        hits += !strcmp(clients[i].cache, "hit");
        bypassed += !strcmp(clients[i].cache, "bypass");
    }
    assert_int_equal(misses + hits + bypassed, CLIENTS);
    assert_true(misses == 1 || bypassed == CLIENTS);
    /* a connection's first use asks for the schema's version, too */
    assert_in_range(counter("F1BoardQueries") - queries, 1, 2 * (misses + bypassed));
}

/* --- Changes */

#define READERS 4
#define CHANGES 40
static _Atomic apr_time_t committed_at[CHANGES + 1]; /* 0: not yet */
static atomic_int stop_reading;

/* An answer is compared with the changes that had been committed before it was asked for. */
static void judge(client_t *client, apr_time_t asked)
{
    const char *at = strstr(client->body, "example.com/");
    apr_int64_t seen = at ? apr_atoi64(at + strlen("example.com/")) : 0;
    apr_time_t missed = seen < CHANGES ? committed_at[seen + 1] : 0;

    client->answers++;
    if (client->status != 200 || seen > CHANGES) {
        client->wrong++;
    }
    else if (missed && asked - missed > client->behind) {
        client->behind = asked - missed;
    }
}

/* A connection stays with a child: each is used for a few requests only. */
static void read_on(client_t *client)
{
    while (!stop_reading) {
        CURL *easy = curl_easy_init();
        int i;

        for (i = 0; i < 20 && !stop_reading; i++) {
            apr_time_t asked = apr_time_now();

            ask_on(client, easy);
            judge(client, asked);
        }
        curl_easy_cleanup(easy);
    }
}

/* 100 ms is what is promised; a machine that has more to do than it can may let a process wait for longer. Below the
 * two seconds after which a listener looks for itself, it was the notice that told. */
static void test_changes_are_seen_by_all(void **state)
{
    client_t *clients;
    int answers = 0, wrong = 0;
    apr_int64_t behind = 0;
    const char *log;

    (void)state;
    get(ONE);
    stop_reading = 0;
    clients = start_clients(READERS, ONE, read_on);
    for (int change = 1; change <= CHANGES; change++) {
        f1_test_sql(apr_psprintf(f1_test_pool(), "UPDATE circuit SET url = 'http://example.com/%d'", change));
        committed_at[change] = apr_time_now();
        apr_sleep(apr_time_from_msec(change % 4 ? 120 : 5));
        if (change % 15 == 0) { /* the listeners are cut off: nobody may rely on what they told */
            f1_test_sql("SELECT pg_terminate_backend(pid) " LISTENERS);
        }
    }
    stop_reading = 1;
    await_clients(clients, READERS);
    for (int i = 0; i < READERS; i++) {
        answers += clients[i].answers;
        wrong += clients[i].wrong;
        behind = clients[i].behind > behind ? clients[i].behind : behind;
    }
    print_message("# %d answers, the latest %" APR_INT64_T_FMT " us behind\n", answers, behind);
    assert_int_equal(wrong, 0);
    assert_true(behind < apr_time_from_sec(1));
    assert_true(answers > CHANGES);
    log = f1_test_file(apr_pstrcat(f1_test_pool(), getenv("F1_SANDBOX"), "/notes.log", NULL), NULL);
    assert_non_null(strstr(log, " hit 200 /f1" ONE));
}

/* New connections are refused, and those of the listeners end: nobody knows what changed, and what is known is not
 * relied on. */
static void test_bypass(void **state)
{
    apr_time_t end = apr_time_now() + PATIENCE;
    const char *tag;
    f1_reply_t *reply;
    int in_a_row = 0;

    (void)state;
    tag = header(get(ONE), "ETag");
    assert_int_equal(system("psql -Xqd postgres -c 'ALTER DATABASE f1board ALLOW_CONNECTIONS false'"
                            " -c \"SELECT pg_terminate_backend(pid) " LISTENERS "\" >/dev/null"),
                     0);
    reply = get_as("bypass", ONE, NULL);
    assert_string_not_equal(header(reply, "ETag"), tag);
    while (in_a_row < 20) { /* each child gets word of its own */
        assert_true(apr_time_now() < end);
        in_a_row = ask(ONE, if_none(tag), NULL)->status == 200 ? in_a_row + 1 : 0;
    }
    assert_int_equal(system("psql -Xqd postgres -c 'ALTER DATABASE f1board ALLOW_CONNECTIONS true' >/dev/null"), 0);
    assert_string_equal(header(get(ONE), "ETag"), tag);
    f1_assert_json(f1_test_get("/health/cache")->json, "checks/cache:store/0/observedValue", "\"shmcb\"");
    f1_assert_json(f1_test_get("/health/cache")->json, "checks/cache:store/0/status", "\"pass\"");
}

static void test_database_away(void **state)
{
    const char *tag;
    apr_time_t end = apr_time_now() + PATIENCE;

    (void)state;
    f1_test_expect_log("dbd:error");
    f1_test_expect_log("F1B0(200|210|510)");
    tag = header(get(ONE), "ETag");
    assert_int_equal(system(apr_psprintf(f1_test_pool(), "'%s' stop -m fast", getenv("F1_PGCTL"))), 0);
    /* nobody can say whether it is still so */
    while (ask(ONE, if_none(tag), NULL)->status != 503) {
        assert_true(apr_time_now() < end);
    }
    assert_int_equal(f1_test_get("/health/cache")->status, 200);
    assert_int_equal(system(apr_psprintf(f1_test_pool(), "'%s' start", getenv("F1_PGCTL"))), 0);
    get_304(ONE, if_none(tag), NULL);
}

static void test_graceful_restart(void **state)
{
    const char *tag;

    (void)state;
    tag = header(get(ONE), "ETag");
    f1_test_sql("CREATE TABLE public.former AS SELECT pid " LISTENERS);
    assert_int_equal(kill((pid_t)apr_atoi64(getenv("F1_HTTPD_PID")), SIGUSR1), 0);
    /* old children are gone with their connections */
    await_sql("SELECT count(*) " LISTENERS " AND pid IN (SELECT pid FROM public.former)", "0");
    get_304(ONE, if_none(tag), NULL);
    get_as("hit", ONE, NULL);
}

static void test_notes(void **state)
{
    static const char *const words[] = {" hit 200 /f1" ONE, " miss 200 /f1" LIST, " 304 304 /f1" LIST,
                                        " bypass 200 /f1" ONE, " none 200 /f1/health/live"};
    const char *path = apr_pstrcat(f1_test_pool(), getenv("F1_SANDBOX"), "/notes.log", NULL);
    apr_time_t end = apr_time_now() + PATIENCE;

    (void)state;
    assert_int_equal(f1_test_get("/health/live")->status, 200);
    for (size_t i = 0; i < COUNT(words); i++) {
        while (!strstr(f1_test_file(path, NULL), words[i])) {
            assert_true(apr_time_now() < end);
            apr_sleep(apr_time_from_msec(20));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        F1_TEST(test_not_modified), F1_TEST(test_if_modified_since), F1_TEST(test_encodings),
        F1_TEST(test_head),         F1_TEST(test_hits_are_equal),    F1_TEST(test_classes),
        F1_TEST(test_timed),        F1_TEST(test_one_asks_for_all),  F1_TEST(test_changes_are_seen_by_all),
        F1_TEST(test_bypass),       F1_TEST(test_database_away),     F1_TEST(test_graceful_restart),
        F1_TEST(test_notes),
    };

    return f1_test_run(tests);
}
