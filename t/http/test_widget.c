/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* <f1-board> in pages: files, proxied and included ones, over every protocol; and all that the filter leaves alone. */

#include "f1_test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <apr_network_io.h>
#include <apr_strings.h>
#include <apr_uri.h>
#include <curl/curl.h>

#define TAG "<f1-board view=\"standings\" season=\"2029\" limit=\"2\">wait</f1-board>"
#define PAGE "<!doctype html><p>before</p>" TAG "<p>after</p>"
#define STREAM_MB 200
#define GROWTH_KB 8192 /* at most, while that passes */

static void put(const char *name, const char *text)
{
    const char *path = apr_psprintf(f1_test_pool(), "%s/htdocs/%s", getenv("F1_SANDBOX"), name);
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path, 0644), 0);
}

static const char *url(const char *path)
{
    return apr_pstrcat(f1_test_pool(), getenv("F1_ORIGIN"), path, NULL);
}

static f1_reply_t *get(const char *path)
{
    return f1_test_get(url(path));
}

static f1_reply_t *get_with(const char *path, const char *line)
{
    const char *const headers[] = {line, NULL};

    return f1_test_ask(&(f1_ask_t){.path = url(path), .headers = headers});
}

static int has(const char *text, const char *part)
{
    return strstr(text, part) != NULL;
}

/* The page with the first two of 2029's standings instead of its tag, and no sign of it being a file. */
static void assert_board(const f1_reply_t *reply)
{
    static const char *const gone[] = {"Content-Length", "ETag", "Last-Modified", "Accept-Ranges"};
    const char *rows = reply->body;
    int count = 0;

    assert_int_equal(reply->status, 200);
    while ((rows = strstr(rows, "<th scope=\"row\">"))) {
        rows++;
        count++;
    }
    assert_int_equal(count, 2);
    assert_non_null(strstr(reply->body, "<p>before</p><section class=\"f1-board f1-board--standings"));
    assert_non_null(strstr(reply->body, " championship 2029 after round "));
    assert_non_null(strstr(reply->body, "</section>\n<p>after</p>"));
    assert_false(has(reply->body, "<f1-board") || has(reply->body, "wait"));
    for (size_t i = 1; i < sizeof(gone) / sizeof(gone[0]); i++) {
        assert_null(apr_table_get(reply->headers, gone[i]));
    }
}

static void test_file(void **state)
{
    f1_reply_t *reply;

    (void)state;
    put("page.html", PAGE);
    reply = get("/plain/page.html");
    assert_string_equal(reply->body, PAGE);
    assert_non_null(apr_table_get(reply->headers, "ETag"));
    assert_board(get("/board/page.html"));
    put("text.txt", PAGE);
    assert_string_equal(get("/board/text.txt")->body, PAGE);
    put("no-body.html", TAG);
    assert_true(has(get("/board/no-body.html")->body, "<table>"));
}

static void test_other_origins(void **state)
{
    (void)state;
    put("page.html", PAGE);
    put("part.html", TAG);
    put("outer.shtml", "<!doctype html><p>before</p><!--#include virtual=\"part.html\" --><p>after</p>");
    put("half.shtml", "<!doctype html><p>before</p><f1-board view=\"standings\" season=\"2029\" limit=\"2\" "
                      "<!--#echo var=\"none\" -->>x</f1-board><p>after</p>");
    assert_board(get("/proxied/page.html"));
    assert_board(get("/board/outer.shtml"));
    assert_string_equal(get("/plain/outer.shtml")->body, PAGE);
}

static void test_protocols(void **state)
{
    f1_reply_t *reply;

    (void)state;
    put("page.html", PAGE);
    reply = f1_test_ask(&(f1_ask_t){.path = url("/board/page.html"), .http = CURL_HTTP_VERSION_1_0});
    assert_board(reply);
    if (strcmp(getenv("F1_MPM"), "prefork")) {
        reply = f1_test_ask(&(f1_ask_t){.path = url("/board/page.html"), .http = CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE});
        assert_board(reply);
        assert_int_equal(reply->http, CURL_HTTP_VERSION_2_0);
    }
    reply = f1_test_ask(&(f1_ask_t){.path = url("/zip/page.html"), .encoding = "gzip"});
    assert_string_equal(apr_table_get(reply->headers, "Content-Encoding"), "gzip");
    assert_board(reply);
}

static void test_left_alone(void **state)
{
    f1_reply_t *page, *reply;

    (void)state;
    put("page.html", PAGE);
    page = get("/plain/page.html");

    reply = f1_test_ask(&(f1_ask_t){.method = "HEAD", .path = url("/board/page.html")});
    assert_int_equal(reply->status, 200);
    assert_int_equal(reply->body_len, 0);
    assert_null(apr_table_get(reply->headers, "Content-Length"));
    assert_null(apr_table_get(reply->headers, "ETag"));

    /* the file has not changed, its page may have */
    assert_board(get_with("/board/page.html",
                          apr_pstrcat(f1_test_pool(), "If-None-Match: ", apr_table_get(page->headers, "ETag"), NULL)));
    assert_board(get_with("/board/page.html", "Range: bytes=0-9"));

    /* behind a proxy both answers come ready */
    reply = get_with("/proxied/page.html",
                     apr_pstrcat(f1_test_pool(), "If-None-Match: ", apr_table_get(page->headers, "ETag"), NULL));
    assert_int_equal(reply->status, 304);
    assert_non_null(apr_table_get(reply->headers, "ETag"));
    reply = get_with("/proxied/page.html", "Range: bytes=0-19");
    assert_int_equal(reply->status, 206);
    assert_memory_equal(reply->body, PAGE, 20);

    reply = get("/board/absent.html");
    assert_int_equal(reply->status, 404);
    assert_string_equal(reply->body, PAGE);
    reply = get("/fixed/page.html");
    assert_string_equal(reply->body, PAGE);
    assert_non_null(apr_table_get(reply->headers, "Content-Length"));
    put("packed.html.gz", PAGE);
    assert_string_equal(get("/board/packed.html.gz")->body, PAGE);
}

static void test_charsets(void **state)
{
    (void)state;
    f1_test_sql("UPDATE driver SET given_name = 'Zo\xc3\xab <b>\"&' WHERE id = 'hakimi'");
    put("driver.html.utf8", "<f1-board view=driver driver=hakimi></f1-board>");
    put("driver.html.latin1", "<f1-board view=driver driver=hakimi></f1-board>");
    put("driver.html", "<f1-board view=driver driver=hakimi></f1-board>");
    put("driver.html.utf16", "<f1-board view=driver driver=hakimi></f1-board>");
    assert_true(has(get("/board/driver.html.utf8")->body, "<strong>Zo\xc3\xab &lt;b&gt;&quot;&amp; Hakimi</strong>"));
    assert_true(has(get("/board/driver.html.latin1")->body, "<strong>Zo&#235; &lt;b&gt;&quot;&amp; Hakimi</strong>"));
    assert_true(has(get("/board/driver.html")->body, "<strong>Zo&#235; &lt;b&gt;&quot;&amp; Hakimi</strong>"));
    assert_string_equal(get("/board/driver.html.utf16")->body, "<f1-board view=driver driver=hakimi></f1-board>");
    f1_test_sql("UPDATE driver SET given_name = 'Zayd' WHERE id = 'hakimi'");
}

static void test_views(void **state)
{
    static const struct {
        const char *attributes, *part;
    } cases[] = {
        {"view=next-race", "<strong>Biscay Grand Prix</strong>"},
        {"view=next-race",
         "<time datetime=\"2030-06-16T13:00:00Z\">2030-06-16 13:00 UTC</time> (15:00 at the circuit)"},
        {"view=calendar season=2029", "<caption>Calendar of the 2029 season</caption>"},
        {"view=calendar season=1951", "<p>There is no calendar yet.</p>"},
        {"view=driver-standings",
         "<caption>Drivers&#8217; championship 2030 after round 9, Alentejo Grand Prix</caption>"},
        {"view=constructor-standings season=2029 round=1", "championship 2029 after round 1, Wellington"},
        {"view=race-result race=2029-krakow-grand-prix", "<th scope=\"row\">Lukas Faulhaber</th>"},
        {"view=race-result season=2029 round=1", "<caption>Race result</caption>"},
        {"view=race-result race=2030-biscay-grand-prix", "<p>There is no result yet.</p>"},
        {"view=driver driver=hakimi", "<dt>Team</dt><dd>Aldebaran</dd>"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *body;

        put("view.html", apr_psprintf(f1_test_pool(), "<f1-board %s>wait</f1-board>", cases[i].attributes));
        body = get("/board/view.html")->body;
        if (!has(body, cases[i].part) || has(body, "wait")) {
            fail_msg("%s: %s is not in %s", cases[i].attributes, cases[i].part, body);
        }
    }
    put("calendar.html", "<f1-board view=calendar season=2029></f1-board>");
    assert_true(has(get("/board/calendar.html")->body, "<td>20</td>")); /* no page ends at F1BoardPageSize */
}

static void test_fallback(void **state)
{
    static const char *const wrong[] = {
        "",
        "view=nothing",
        "view=\"../../etc/passwd\"",
        "view=standings season=abc",
        "view=standings class=x",
        "view=standings format=csv",
        "view=race-result",
        "view=race-result race=x season=2029 round=1",
        "view=race-result race=\"2029-krakow-grand-prix/results\"",
        "view=driver driver=\"hakimi/stats\"",
        "view=driver driver=nobody",
        "view=next-race year=2029",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        const char *page = apr_psprintf(f1_test_pool(), "<f1-board %s><b>wait</b></f1-board>!", wrong[i]);

        put("wrong.html", page);
        assert_string_equal(get("/board/wrong.html")->body, page);
    }
    assert_true(has(f1_test_file(getenv("F1_LOG"), NULL), "F1B0591: <f1-board> in this page keeps its fallback: "));
    put("nested.html", "<f1-board view=none><f1-board view=next-race>a</f1-board>b</f1-board>");
    assert_true(has(get("/board/nested.html")->body, "<f1-board view=none><section class=\"f1-board f1-board--next"));
}

static int count(const char *text, const char *part)
{
    int found = 0;

    while ((text = strstr(text, part))) {
        text++;
        found++;
    }
    return found;
}

/* Includes in includes: what is half a tag in each of them is a tag in the page. */
static void test_nested_includes(void **state)
{
    (void)state;
    put("outer.shtml", "<!doctype html><p>before</p><!--#include virtual=\"middle.shtml\" --><p>after</p>");
    put("middle.shtml", "<f1-board view=<!--#include virtual=\"inner.shtml\" -->>wait</f1-board>");
    put("inner.shtml", "\"standings\" season=2029 <!--#include virtual=\"part.html\" -->");
    put("part.html", "limit=2");
    assert_board(get("/board/outer.shtml"));
    put("part.html", TAG);
    put("middle.shtml", "<!--#include virtual=\"inner.shtml\" --><!--#include virtual=\"part.html\" -->");
    put("inner.shtml", "<!--#include virtual=\"part.html\" -->");
    assert_int_equal(count(get("/board/outer.shtml")->body, "<table>"), 2);
}

/* Nothing that stands in the database becomes markup, in text or attributes, whatever the page's charset is. */
/* The page once it has these words: every child hears of a change a moment after its commit. */
static const char *get_until(const char *path, const char *words)
{
    apr_time_t end = apr_time_now() + apr_time_from_sec(10);
    const char *body = get(path)->body;

    while (!has(body, words) && apr_time_now() < end) {
        apr_sleep(apr_time_from_msec(20));
        body = get(path)->body;
    }
    return body;
}

static void test_names_are_no_markup(void **state)
{
    static const char *const views[] = {
        "view=standings season=2029", "view=constructor-standings season=2029",
        "view=calendar season=2029",  "view=race-result season=2029 round=1",
        "view=driver driver=hakimi",
    };
    static const char evil[] = "\"><script>alert(1)</script><img src=x onerror=''alert(2)''>{{points}}";

    (void)state;
    f1_test_sql(apr_psprintf(f1_test_pool(),
                             "UPDATE driver SET family_name = '%s'; UPDATE constructor SET name = '%s';"
                             "UPDATE race SET name = '%s'; UPDATE circuit SET name = '%s'",
                             evil, evil, evil, evil));
    for (size_t i = 0; i < sizeof(views) / sizeof(views[0]); i++) {
        static const char *const suffixes[] = {"", ".utf8", ".latin1"};

        for (size_t j = 0; j < sizeof(suffixes) / sizeof(suffixes[0]); j++) {
            const char *body;

            put(apr_pstrcat(f1_test_pool(), "evil.html", suffixes[j], NULL),
                apr_psprintf(f1_test_pool(), "<f1-board %s>wait</f1-board>", views[i]));
            body = get_until(apr_pstrcat(f1_test_pool(), "/board/evil.html", suffixes[j], NULL),
                             "&quot;&gt;&lt;script&gt;");
            if (!has(body, "&quot;&gt;&lt;script&gt;") || !has(body, "{{points}}") || has(body, "<script") ||
                has(body, "<img") || has(body, "wait")) {
                fail_msg("%s%s: %s", views[i], suffixes[j], body);
            }
        }
    }
    f1_test_sql("UPDATE driver SET family_name = initcap(id); UPDATE constructor SET name = initcap(id);"
                "UPDATE race SET name = initcap(id); UPDATE circuit SET name = initcap(id)");
}

/* A view has the rows that the page's own location allows, whatever mounts there are. */
static void test_the_page_sets_limits(void **state)
{
    (void)state;
    put("all.html", "<f1-board view=standings season=2029></f1-board>");
    assert_int_equal(count(get("/board/all.html")->body, "<th scope=\"row\">"), 21);
    assert_int_equal(count(get("/short/all.html")->body, "<th scope=\"row\">"), 3);
}

/* --- Buckets of all kinds, and what stands between them */

static void test_kinds_of_buckets(void **state)
{
    static const char *const kinds[] = {"heap", "pool", "transient", "immortal", "file", "pipe", "socket"};
    apr_pool_t *pool = f1_test_pool();
    const char *expected;
    size_t page = strlen(PAGE), step;

    (void)state;
    put("one.pieces", "heap " PAGE "\n");
    expected = get("/pieces/one.pieces")->body;
    assert_true(has(expected, "<p>before</p><section") && has(expected, "</section>\n<p>after</p>"));
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        for (step = 1; step < page; step = step * 2 + 3) {
            const char *lines = "";

            for (size_t at = 0, n = 0; at < page; at += step, n++) {
                const char *kind = step == 1 ? kinds[i] : kinds[(i + n) % (sizeof(kinds) / sizeof(kinds[0]))];

                lines = apr_pstrcat(pool, lines, kind, " ", apr_pstrndup(pool, &PAGE[at], step),
                                    n % 3 == 1 ? "\npass\n" : "\n", NULL);
            }
            put("many.pieces", lines);
            assert_true(!strncmp(get("/pieces/many.pieces")->body, "<!doctype html><p>before</p>", 28));
            if (!has(lines, "pipe") && !has(lines, "socket")) { /* which say when they have nothing yet */
                assert_string_equal(get("/pieces/many.pieces")->body, expected);
            }
        }
    }
}

/* A file that is shorter than it was, or longer: what its bucket stands for is there, and the rest of the page. */
static void test_files_that_change(void **state)
{
    (void)state;
    put("file.pieces", "shorter <p>before</p>\nheap <p>middle</p>\nlonger <p>after</p>\n");
    assert_string_equal(get("/pieces/file.pieces")->body, "<p>before</p><p>middle</p><p>after</p>");
    put("file.pieces", "shorter <p>before</p><f1-board view=no\npass\nshorter >wait</f1-board><\n");
    assert_string_equal(get("/pieces/file.pieces")->body, "<p>before</p><f1-board view=no>wait</f1-board><");
}

/* Metadata keep their place among bytes that are passed on; what is held comes before the end. */
static void test_metadata(void **state)
{
    const char *body;

    (void)state;
    put("meta.pieces", "heap <p>a\nflush\nunknown\nheap b</p>\npass\npass\nunknown\nheap c\nunknown\n");
    assert_string_equal(get("/pieces/meta.pieces")->body, "<p>a[flush][unknown]b</p>[unknown]c[unknown]");
    put("meta.pieces", "flush\nheap <p>a</p><f1-bo\nflush\nheap ard view=next-race>wa\nunknown\nflush\n"
                       "heap it</f1-board>b\n");
    body = get("/pieces/meta.pieces")->body;
    assert_true(!strncmp(body, "[flush]<p>a</p>[flush]<section", 30));
    assert_true(has(body, "</section>\n[unknown][flush]b"));
    put("meta.pieces", "heap <p>a</p><f1-bo\npass\neoc\n");
    assert_string_equal(get("/pieces/meta.pieces")->body, "<p>a</p><f1-bo[eoc]");
    put("meta.pieces", "heap <f1-board view=next-race>wa\npass\nheap it\neoc\n");
    body = get("/pieces/meta.pieces")->body;
    assert_true(has(body, "</section>\nwait[eoc]"));
    put("meta.pieces", "heap <\n");
    assert_string_equal(get("/pieces/meta.pieces")->body, "<");
    put("meta.pieces", "");
    assert_string_equal(get("/pieces/meta.pieces")->body, "");
}

static apr_socket_t *ask(const char *path)
{
    const char *request = apr_psprintf(f1_test_pool(), "GET %s HTTP/1.0\r\n\r\n", path);
    apr_size_t len = strlen(request);
    apr_pool_t *pool = f1_test_pool();
    apr_sockaddr_t *address;
    apr_socket_t *socket;
    apr_uri_t uri;

    assert_int_equal(apr_uri_parse(pool, getenv("F1_ORIGIN"), &uri), APR_SUCCESS);
    assert_int_equal(apr_sockaddr_info_get(&address, uri.hostname, APR_INET, uri.port, 0, pool), APR_SUCCESS);
    assert_int_equal(apr_socket_create(&socket, APR_INET, SOCK_STREAM, APR_PROTO_TCP, pool), APR_SUCCESS);
    assert_int_equal(apr_socket_timeout_set(socket, apr_time_from_sec(30)), APR_SUCCESS);
    assert_int_equal(apr_socket_connect(socket, address), APR_SUCCESS);
    assert_int_equal(apr_socket_send(socket, request, &len), APR_SUCCESS);
    return socket;
}

/* What comes until text was among it, or until the end. */
static const char *receive(apr_socket_t *socket, const char *until)
{
    const char *all = "";
    char some[4096];

    while (!until || !has(all, until)) {
        apr_size_t len = sizeof(some) - 1;
        apr_status_t rv = apr_socket_recv(socket, some, &len);

        some[len] = '\0';
        all = apr_pstrcat(f1_test_pool(), all, some, NULL);
        if (APR_STATUS_IS_EOF(rv)) {
            break;
        }
        assert_int_equal(rv, APR_SUCCESS);
    }
    return all;
}

/* What was flushed, or what a script has written before it waits, comes before the rest is there. */
static void test_comes_in_time(void **state)
{
    static const char *const paths[] = {"/pieces/slow.pieces", "/board/slow.cgi"};
    const char *go = apr_psprintf(f1_test_pool(), "%s/htdocs/go", getenv("F1_SANDBOX"));
    const char *script = apr_psprintf(f1_test_pool(), "%s/htdocs/slow.cgi", getenv("F1_SANDBOX"));

    (void)state;
    put("slow.pieces",
        "heap <p>early</p><f1-board view=\nflush\npass\nwait go\nheap next-race>wait</f1-board><p>late</p>\n");
    put("slow.cgi", "#!/bin/sh\nprintf 'Content-Type: text/html\n\n<p>early</p><f1-board view='\n"
                    "until [ -e go ]; do sleep 0.05; done\necho 'next-race>wait</f1-board><p>late</p>'\n");
    assert_int_equal(chmod(script, 0755), 0);
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        apr_socket_t *socket = ask(paths[i]);
        const char *rest;

        assert_false(has(receive(socket, "<p>early</p>"), "section"));
        put("go", "");
        rest = receive(socket, NULL);
        assert_true(has(rest, "f1-board--next-race") && has(rest, "<p>late</p>") && !has(rest, "wait"));
        assert_int_equal(remove(go), 0);
        apr_socket_close(socket);
    }
}

/* Proportional memory of httpd's children, in KiB. */
static long memory(void)
{
    FILE *pipe = popen("for pid in $(pgrep -P $F1_HTTPD_PID); do cat /proc/$pid/smaps_rollup; done 2>/dev/null |"
                       " awk '/^Pss:/ { sum += $2 } END { print sum + 0 }'",
                       "r");
    char line[32] = "";

    assert_non_null(pipe);
    assert_non_null(fgets(line, sizeof(line), pipe));
    assert_int_equal(pclose(pipe), 0);
    return strtol(line, NULL, 10);
}

/* A page that does not end for long, in memory that does not grow: with nothing of ours in it, with much that might
 * be, and with a fallback that is never closed. Instrumented servers are slow and keep memory: less, and no limit. */
static void test_long_stream(void **state)
{
    static const char *const texts[] = {"<p class=\"a-b\">text &amp; more</p>",
                                        "<!-- <f1-board view=next-race> --><f1-", "<f1-board view=none>wait"};
    const char *instrumented = getenv("F1_INSTRUMENT");
    int plain = !(instrumented && *instrumented) && !getenv("F1_VALGRIND"), megabytes = plain ? STREAM_MB : 4;

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        long before, most = 0;
        long long bytes = 0;
        FILE *pipe;
        int status;

        put("stream.pieces", apr_psprintf(f1_test_pool(), "repeat %d %s\n", 1, texts[i]));
        get("/pieces/stream.pieces");
        put("stream.pieces", apr_psprintf(f1_test_pool(), "repeat %d %s\n", megabytes * 125, texts[i]));
        before = memory();
        pipe = popen(apr_psprintf(f1_test_pool(),
                                  "curl -sS -w '%%{size_download}' -o /dev/null '%s' & pid=$!;"
                                  " wait $pid",
                                  url("/pieces/stream.pieces")),
                     "r");
        assert_non_null(pipe);
        for (status = 0; !status;) {
            fd_set set;
            struct timeval wait = {.tv_usec = 20000};
            long now = memory();

            most = now > most ? now : most;
            FD_ZERO(&set);
            FD_SET(fileno(pipe), &set);
            status = select(fileno(pipe) + 1, &set, NULL, NULL, &wait);
        }
        assert_int_equal(fscanf(pipe, "%lld", &bytes), 1);
        assert_int_equal(pclose(pipe), 0);
        assert_true(bytes == megabytes * 1000000LL);
        if (plain && most - before > GROWTH_KB) {
            fail_msg("%s: %ld KiB more than the %ld before", texts[i], most - before, before);
        }
    }
}

/* Tags at every place where mod_proxy and files are cut, and more text than fits into memory at once would be. */
static void test_long_page(void **state)
{
    apr_pool_t *pool = f1_test_pool();
    size_t filler = 700000, shift;
    char *text = apr_palloc(pool, filler + 1);

    (void)state;
    memset(text, 'x', filler);
    text[filler] = '\0';
    for (shift = 0; shift < 60; shift += 7) {
        const char *file, *proxied;

        text[filler - 5000 - shift] = '\0';
        put("long.html", apr_pstrcat(pool, text, TAG, text, "<f1-board view=next-race>wait</f1-board>", text, NULL));
        text[filler - 5000 - shift] = 'x';
        file = get("/board/long.html")->body;
        proxied = get("/proxied/long.html")->body;
        assert_string_equal(file, proxied);
        assert_true(has(file, "f1-board--driver-standings") && has(file, "f1-board--next-race"));
        assert_false(has(file, "wait"));
    }
}

static void test_database_away(void **state)
{
    const char *pgctl = getenv("F1_PGCTL");

    (void)state;
    f1_test_expect_log("dbd:error");
    f1_test_expect_log("F1B0200");
    f1_test_expect_log("F1B0210");
    f1_test_expect_log("F1B0510");
    f1_test_expect_log("F1B0590");
    put("page.html", PAGE);
    assert_int_equal(system(apr_psprintf(f1_test_pool(), "'%s' stop -m fast", pgctl)), 0);
    assert_string_equal(get("/board/page.html")->body, PAGE);
    assert_string_equal(get("/board/page.html")->body, PAGE);
    assert_true(has(f1_test_file(getenv("F1_LOG"), NULL), "F1B0590: <f1-board> keeps its fallback: database_unavail"));
    assert_int_equal(system(apr_psprintf(f1_test_pool(), "'%s' start", pgctl)), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        F1_TEST(test_file),
        F1_TEST(test_other_origins),
        F1_TEST(test_nested_includes),
        F1_TEST(test_protocols),
        F1_TEST(test_left_alone),
        F1_TEST(test_charsets),
        F1_TEST(test_views),
        F1_TEST(test_fallback),
        F1_TEST(test_the_page_sets_limits),
        F1_TEST(test_kinds_of_buckets),
        F1_TEST(test_files_that_change),
        F1_TEST(test_metadata),
        F1_TEST(test_comes_in_time),
        F1_TEST(test_long_stream),
        F1_TEST(test_long_page),
        F1_TEST(test_names_are_no_markup),
        F1_TEST(test_database_away),
    };

    return f1_test_run(tests);
}
