/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* <f1-board> in pages: files, proxied and included ones, over every protocol; and all that the filter leaves alone. */

#include "f1_test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <apr_strings.h>
#include <curl/curl.h>

#define TAG "<f1-board view=\"standings\" season=\"2029\" limit=\"2\">wait</f1-board>"
#define PAGE "<!doctype html><p>before</p>" TAG "<p>after</p>"

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
        F1_TEST(test_file),       F1_TEST(test_other_origins), F1_TEST(test_protocols),
        F1_TEST(test_left_alone), F1_TEST(test_charsets),      F1_TEST(test_views),
        F1_TEST(test_fallback),   F1_TEST(test_long_page),     F1_TEST(test_database_away),
    };

    return f1_test_run(tests);
}
