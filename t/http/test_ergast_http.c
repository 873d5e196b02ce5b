/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* The Ergast API as its clients meet it: requests as FastF1 builds them, the statuses and errors of the original, and,
 * where F1_SHARED has an upstream with real seasons and real answers, a comparison with these. */

#include "f1_test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <apr_lib.h>
#include <apr_strings.h>

#include "base/str.h"

#define BASE "/ergast/f1"

static const char *header(const f1_reply_t *reply, const char *name)
{
    const char *value = apr_table_get(reply->headers, name);

    return value ? value : "";
}

static f1_reply_t *get(const char *path, int status)
{
    f1_reply_t *reply = f1_test_get(apr_pstrcat(f1_test_pool(), BASE, path, NULL));

    if (reply->status != status) {
        fail_msg("%s: %d %s", path, reply->status, reply->body);
    }
    return reply;
}

static void answers_are_json_that_may_be_kept(void **state)
{
    f1_reply_t *reply = get("/2029/1/results.json?limit=1", 200);

    (void)state;
    assert_string_equal(header(reply, "Content-Type"), "application/json");
    assert_non_null(strstr(header(reply, "Cache-Control"), "max-age="));
    f1_assert_json(reply->json, "MRData/xmlns", "\"\"");
    f1_assert_json(reply->json, "MRData/series", "\"f1\"");
    f1_assert_json(reply->json, "MRData/limit", "\"1\"");
    f1_assert_json(reply->json, "MRData/offset", "\"0\"");
    f1_assert_json(reply->json, "MRData/total", "\"20\"");
    f1_assert_json(reply->json, "MRData/RaceTable/season", "\"2029\"");
    f1_assert_json(reply->json, "MRData/RaceTable/round", "\"1\"");
    reply = f1_test_ask(&(f1_ask_t){.method = "HEAD", .path = BASE "/2029/1/results.json"});
    assert_int_equal(reply->status, 200);
    assert_int_equal(reply->body_len, 0);
}

static void an_answer_says_what_was_asked(void **state)
{
    static const struct {
        const char *path, *url;
    } cases[] = {
        {"/2029/1/RESULTS.json?limit=1", "/2029/1/results.json"},
        {"/2029/Drivers/Nobody/driverStandings/", "/2029/drivers/nobody/driverstandings/"},
        {"/drivers/h%C3%A9ros.json", "/drivers/h%c3%a9ros.json"},
        {".json", ".json"},
        {"/", "/"},
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        f1_assert_json(get(cases[i].path, 200)->json, "MRData/url",
                       apr_pstrcat(f1_test_pool(), "\"", getenv("F1_ORIGIN"), BASE, cases[i].url, "\"", NULL));
    }
}

static void the_query_is_part_of_the_question(void **state)
{
    (void)state;
    f1_assert_json(get("/2029/1/results.json?limit=1", 200)->json, "MRData/limit", "\"1\"");
    f1_assert_json(get("/2029/1/results.json?limit=2", 200)->json, "MRData/limit", "\"2\"");
    f1_assert_json(get("/2029/1/results.json", 200)->json, "MRData/limit", "\"30\"");
    f1_assert_json(get("/2029/1/results.json?limit=1000", 200)->json, "MRData/limit", "\"100\"");
    f1_assert_json(get("/2029/1/results.json?limit=abc&offset=-4", 200)->json, "MRData/limit", "\"30\"");
    f1_assert_json(get("/2029/1/results.json?offset=1&_=17&format=xml", 200)->json, "MRData/offset", "\"1\"");
}

static void a_slash_is_asked_for(void **state)
{
    static const char *const paths[] = {"", "/2029", "/2029/1/results", "/2029/races/1"};
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        assert_string_equal(header(get(paths[i], 301), "Location"),
                            apr_pstrcat(f1_test_pool(), "/f1" BASE, paths[i], "/", NULL));
    }
    assert_string_equal(header(get("/2029/1/results?limit=3&x=%20", 301), "Location"),
                        "/f1" BASE "/2029/1/results/?limit=3&x=%20");
}

static const struct {
    const char *path;
    int status;
    const char *detail;
} refused[] = {
    {"/seasons/2029.json", 400, "Bad Request: Endpoint does not support final filter."},
    {"/laps.json", 400, "Bad Request: Missing one of the required parameters ['season_year', 'race_round']."},
    {"/2029/pitstops.json", 400, "Bad Request: Missing one of the required parameters ['season_year', 'race_round']."},
    {"/driverstandings.json", 400, "Bad Request: Missing one of the required parameters ['season_year']."},
    {"/2029/grid/1/driverstandings.json", 400, "Bad Request: Unsupported filter for endpoint."},
    {"/2029/laps/1/results.json", 400, "Bad Request: Unsupported filter for endpoint."},
    {"/2029/grid/1.0/results.json", 404, "Not found."},
    {"/2029/grid/+1/results.json", 404, "Not found."},
    {"/2029/grid/-1/results.json", 404, "Not found."},
    {"/2029/grid/%D9%A1/results.json", 404, "Not found."},
    {"/%D9%A1%D9%A2%D9%A3%D9%A4/results.json", 404, "Not found."},
    {"/2029/results/one.json", 404, "Not found."},
    {"/2029.xml", 404, "Not found."},
    {"/nonsense/", 404, "Not found."},
    {"/nonsense", 404, "Not found."},
    {"/2040/last/results.json", 404, "Race round not found"},
};

static void what_cannot_be_answered_says_why(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        f1_assert_json(get(refused[i].path, refused[i].status)->json, "detail",
                       apr_pstrcat(f1_test_pool(), "\"", refused[i].detail, "\"", NULL));
    }
}

static void what_nobody_has_is_an_empty_answer(void **state)
{
    static const char *const paths[] = {"/status/52.json",
                                        "/status/57.json",
                                        "/status/0.json",
                                        "/2029/status/999/results.json",
                                        "/2029/grid/999999999999999999999/results.json",
                                        "/2029/fastest/99/drivers.json",
                                        "/grid/999/constructors/notexist/circuits.json",
                                        "/2029/99/results.json",
                                        "/1951/driverstandings.json",
                                        "/2029/results.json?offset=9223372036854775808"};
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        assert_non_null(strstr(get(paths[i], 200)->body, ":[]}}}"));
    }
}

/* --- FastF1 */

/* Its client puts season and round first, then its selectors in this order, then the endpoint, and asks with limit and
 * offset as parameters. */
static void requests_of_fastf1_are_answered(void **state)
{
    static const char *const endpoints[] = {"seasons", "races",      "drivers", "constructors", "circuits", "status",
                                            "results", "qualifying", "sprint",  "laps",         "pitstops"};
    static const char *const selectors[] = {
        "",
        "/drivers/faulhaber",
        "/constructors/maestrale",
        "/circuits/wellington",
        "/grid/1",
        "/results/1",
        "/fastest/1",
        "/status/1",
        "/drivers/faulhaber/constructors/maestrale/grid/1/results/2/fastest/1/status/1"};
    static const char *const starts[] = {"/2029/1", "/current/last", "/current/next", "/2029/last"};
    size_t i, j, k;

    (void)state;
    for (i = 0; i < sizeof(endpoints) / sizeof(endpoints[0]); i++) {
        for (j = 0; j < sizeof(selectors) / sizeof(selectors[0]); j++) {
            for (k = 0; k < sizeof(starts) / sizeof(starts[0]); k++) {
                f1_reply_t *reply = get(apr_pstrcat(f1_test_pool(), starts[k], selectors[j], "/", endpoints[i],
                                                    ".json?limit=5&offset=0", NULL),
                                        200);

                assert_true(json_is_object(f1_test_json_at(reply->json, "MRData")));
            }
        }
    }
    get("/current/driverStandings.json", 200);
    get("/2029/5/driverStandings/1.json", 200);
    get("/2029/drivers/faulhaber/driverStandings.json", 200);
    get("/current/last/constructorStandings.json", 200);
    get("/2029/constructors/maestrale/constructorStandings.json", 200);
    get("/2029/1/drivers/faulhaber/laps/1.json", 200);
    get("/2029/1/laps/20/drivers/faulhaber/pitstops/1.json", 200);
}

/* --- The real thing */

/* Ingests what the stored answers are about, then compares. */
static const char script[] =
    "python3 \"$F1_SHARED/upstream/upstream.py\" --fixture --now 2024-12-31T00:00:00Z --port-file \"$F1_SANDBOX/peer\""
    " >/dev/null 2>&1 & peer=$!; trap 'kill $peer' EXIT;"
    " for i in $(seq 100); do [ -s \"$F1_SANDBOX/peer\" ] && break; sleep 0.1; done;"
    " F1_ERGAST_URL=http://127.0.0.1:$(cat \"$F1_SANDBOX/peer\")/ergast/f1; export F1_ERGAST_URL;"
    " for season in 1980 2007 2008 2009 2023 2024; do"
    " \"$F1_CTL\" ingest season $season --ergast $F1_ERGAST_URL >/dev/null 2>&1 || echo $season failed; done;"
    " for round in 1 10 18; do"
    " \"$F1_CTL\" ingest race 2023 $round --ergast $F1_ERGAST_URL >/dev/null 2>&1 || echo $round failed; done;"
    " python3 \"$F1_SHARED/upstream/oracle/compare.py\" \"$F1_URL/ergast/f1\"";

static void answers_equal_real_ones(void **state)
{
    FILE *pipe = popen(script, "r");
    const char *line = NULL;
    char part[1024];
    int equal = 0, quirks = 0, all = 0;

    (void)state;
    assert_non_null(pipe);
    while (fgets(part, sizeof(part), pipe)) {
        print_message("# %s", part);
        line = apr_pstrdup(f1_test_pool(), part);
        if (strstr(line, "2023/12/qualifying/13.json")) {
            quirks++; /* a place in a part of qualifying is not in what upstream publishes */
        }
    }
    (void)pclose(pipe);
    assert_non_null(line);
    assert_int_equal(sscanf(line, "%d of %d equal", &equal, &all), 2);
    assert_true(all > 30);
    assert_int_equal(equal + quirks, all);
}

static int has_peer(void)
{
    const char *shared = getenv("F1_SHARED");
    char path[1024];

    if (!shared) {
        return 0;
    }
    apr_snprintf(path, sizeof(path), "%s/upstream/oracle/compare.py", shared);
    return access(path, R_OK) == 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        F1_TEST(answers_are_json_that_may_be_kept), F1_TEST(an_answer_says_what_was_asked),
        F1_TEST(the_query_is_part_of_the_question), F1_TEST(a_slash_is_asked_for),
        F1_TEST(what_cannot_be_answered_says_why),  F1_TEST(what_nobody_has_is_an_empty_answer),
        F1_TEST(requests_of_fastf1_are_answered),   F1_TEST(answers_equal_real_ones),
    };

    /* the last test is only there with its data */
    return _cmocka_run_group_tests("ergast", tests, sizeof(tests) / sizeof(tests[0]) - !has_peer(), f1_test_group_setup,
                                   f1_test_group_teardown);
}
