/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* The commands of ingestion as a program: arguments, answers, exit statuses, on the simulated seasons. */

#include <stdlib.h>
#include <string.h>

#include <apr_strings.h>

#include "f1_test.h"

static const char *from_upstream(const char *arguments)
{
    return apr_psprintf(f1_test_pool(), "%s --ergast %s", arguments, getenv("F1_UPSTREAM"));
}

static void usage_is_checked(void **state)
{
    static const char *const wrong[] = {"ingest season 1949",
                                        "ingest season x",
                                        "ingest seasons 2029-2028",
                                        "ingest seasons 2028-",
                                        "ingest race 2028",
                                        "ingest race 2028 1 --round 1",
                                        "ingest race 2028 100",
                                        "ingest season 2028 --rate 1/m",
                                        "ingest season 2028 --ergast ftp://x",
                                        "ingest season 2028 --frob",
                                        "validate",
                                        "validate 3000"};
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        f1_test_ctl(2, wrong[i]);
    }
}

static void commands_load(void **state)
{
    static const char *const commands[] = {"ingest season 2028",       "ingest seasons 2028-2028 --restart",
                                           "ingest race 2028 3",       "ingest qualifying 2028 --round 3",
                                           "ingest drivers 2028",      "ingest standings 2028",
                                           "ingest current --pitstops"};
    size_t i;
    json_t *doc;

    (void)state;
    for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        doc = f1_test_json(f1_test_ctl(0, from_upstream(apr_pstrcat(f1_test_pool(), "--json ", commands[i], NULL))));
        f1_assert_json(doc, "has_changed", "false");
    }
    assert_non_null(strstr(f1_test_ctl(0, from_upstream("ingest drivers 2028")), "nothing changed"));
    assert_non_null(strstr(f1_test_ctl(1, from_upstream("ingest season 2101")), "upstream has no races of 2101"));
    assert_non_null(strstr(f1_test_ctl(3, "ingest season 2028 --ergast http://127.0.0.1:9/x"), "upstream_error"));
    assert_non_null(strstr(f1_test_ctl(4, "--database host=/nowhere ingest season 2028"), "database_unavailable"));
}

/* A race that has lost its results comes back, and the ratings with it. */
static void what_is_missing_comes_back(void **state)
{
    const char *ratings = "SELECT count(*), round(sum(elo)) FROM driver_rating", *before = f1_test_sql(ratings);
    json_t *doc;

    (void)state;
    f1_test_sql("DELETE FROM driver_rating; DELETE FROM revision v USING session s WHERE s.id = v.session_id"
                " AND s.kind = 'race' AND s.season = 2028");
    assert_non_null(strstr(f1_test_ctl(1, "validate 2028"), "results: the race has no winner"));
    doc = f1_test_json(f1_test_ctl(0, from_upstream("--json ingest season 2028")));
    f1_assert_json(doc, "has_changed", "true");
    assert_string_equal(f1_test_sql(ratings), before);
    f1_assert_json(f1_test_json(f1_test_ctl(0, "--json validate 2028")), "findings", "[]");
}

static void status_tells(void **state)
{
    json_t *doc = f1_test_json(f1_test_ctl(0, "--json status"));

    (void)state;
    f1_assert_json(doc, "seasons/0/season", "2028");
    f1_assert_json(doc, "runs/0/state", "\"success\"");
    assert_non_null(strstr(f1_test_ctl(0, "status"), "season   races completed"));
}

static void nationalities_come_from_upstream(void **state)
{
    (void)state;
    f1_test_sql("UPDATE driver SET nationality = CASE WHEN id = (SELECT min(id) FROM driver) THEN '' ELSE 'ITA' END"
                " WHERE id IN (SELECT id FROM driver ORDER BY id LIMIT 2)");
    f1_test_ctl(0, from_upstream("backfill-nationalities"));
    assert_string_equal(f1_test_sql("SELECT count(*) FROM driver WHERE nationality IN ('', 'ITA')"), "0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        F1_TEST(usage_is_checked),
        F1_TEST(commands_load),
        F1_TEST(what_is_missing_comes_back),
        F1_TEST(status_tells),
        F1_TEST(nationalities_come_from_upstream),
    };

    return f1_test_run(tests);
}
