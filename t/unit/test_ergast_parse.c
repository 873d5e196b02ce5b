/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Answers of an Ergast-compatible upstream: what they become, and what is refused with which words. Drivers, teams and
 * circuits are fictional. */

#include <string.h>

#include <apr_strings.h>

#include "f1_test.h"
#include "ingest/ergast_parse.h"

#define DRIVER                                                                                                   \
    "\"Driver\":{\"driverId\":\"Ada_Marsh\",\"code\":\"MAR\",\"permanentNumber\":\"07\",\"url\":\"http://x/a\"," \
    "\"givenName\":\"Ada\",\"familyName\":\"M\\u00e4rsh\",\"dateOfBirth\":\"2001-02-28\",\"nationality\":\"GBR\"}"
#define TEAM "\"Constructor\":{\"constructorId\":\"blue-kite\",\"name\":\"Blue Kite\",\"nationality\":\"Dutch\"}"
#define RESULT                                                                                                     \
    "{\"number\":\"7\",\"position\":\"1\",\"positionText\":\"1\",\"points\":\"8.14\"," DRIVER "," TEAM             \
    ",\"grid\":\"0\",\"laps\":\"52\",\"status\":\"Finished\",\"Time\":{\"millis\":\"5881989\",\"time\":\"1:38:01." \
    "989\"},"                                                                                                      \
    "\"FastestLap\":{\"rank\":\"1\",\"lap\":\"44\",\"Time\":{\"time\":\"1:21.716\"},"                              \
    "\"AverageSpeed\":{\"units\":\"kph\",\"speed\":\"193.005\"}}}"
#define CIRCUIT                                                                              \
    "\"Circuit\":{\"circuitId\":\"salt_flats\",\"circuitName\":\"Salt Flats\",\"Location\":" \
    "{\"lat\":\"-34.9272\",\"long\":\"138.617\",\"locality\":\"Saltby\",\"country\":\"Utopia\"}}"

static const char *envelope(int limit, int offset, int total, const char *table)
{
    return apr_psprintf(f1_test_pool(), "{\"MRData\":{\"limit\":\"%d\",\"offset\":\"%d\",\"total\":\"%d\",%s}}", limit,
                        offset, total, table);
}

static const char *races(const char *list, const char *rows)
{
    return apr_psprintf(
        f1_test_pool(),
        "\"RaceTable\":{\"season\":\"2101\",\"Races\":[{\"season\":\"2101\",\"round\":\"3\",\"%s\":[%s]}]}", list,
        rows);
}

static apr_status_t read_page(f1_ergast_page_t *page, f1_ergast_resource_t resource, const char *body)
{
    *page = (f1_ergast_page_t){.resource = resource, .name = "the list"};
    f1_result_clear(f1_test_result());
    return f1_ergast_page_read(page, 2101, 0, body, strlen(body), f1_test_pool(), f1_test_result());
}

static f1_ergast_rows_t *rows_of(f1_ergast_resource_t resource, const char *body)
{
    f1_ergast_rows_t *rows = f1_ergast_rows_make(f1_test_pool());
    f1_ergast_page_t page;
    size_t i;

    f1_assert_ok(read_page(&page, resource, body), f1_test_result());
    for (i = 0; i < json_array_size(page.items); i++) {
        f1_assert_ok(f1_ergast_item_rows(&page, (int)i, 2101, 0, rows, f1_test_result()), f1_test_result());
    }
    return rows;
}

/* A value by its column's name; "~" stands for NULL. */
static const char *value(const f1_ergast_rows_t *rows, f1_row_kind_t kind, int row, const char *column)
{
    const char *const *names = f1_ergast_columns(kind);
    int i;

    for (i = 0; names[i] && strcmp(names[i], column) != 0; i++) {
    }
    assert_non_null(names[i]);
    assert_in_range(row, 0, f1_ergast_rows_count(rows, kind) - 1);
    return f1_ergast_row(rows, kind, row)->values[i] ? f1_ergast_row(rows, kind, row)->values[i] : "~";
}

static void results_become_rows(void **state)
{
    f1_ergast_rows_t *rows = rows_of(F1_ERGAST_RESULTS, envelope(100, 0, 1, races("Results", RESULT)));

    (void)state;
    assert_int_equal(f1_ergast_rows_count(rows, F1_ROW_RESULT), 1);
    assert_int_equal(f1_ergast_row(rows, F1_ROW_RESULT, 0)->season, 2101);
    assert_int_equal(f1_ergast_row(rows, F1_ROW_RESULT, 0)->round, 3);
    assert_string_equal(value(rows, F1_ROW_RESULT, 0, "driver_id"), "ada_marsh");
    assert_string_equal(value(rows, F1_ROW_RESULT, 0, "points"), "8.14");
    assert_string_equal(value(rows, F1_ROW_RESULT, 0, "time_ms"), "5881989");
    assert_string_equal(value(rows, F1_ROW_RESULT, 0, "fastest_ms"), "81716");
    assert_string_equal(value(rows, F1_ROW_RESULT, 0, "fastest_text"), "1:21.716");
    assert_string_equal(value(rows, F1_ROW_RESULT, 0, "grid"), "0");
    assert_string_equal(value(rows, F1_ROW_DRIVER, 0, "number"), "7");
    assert_string_equal(value(rows, F1_ROW_DRIVER, 0, "family_name"), "M\xc3\xa4rsh");
    assert_string_equal(value(rows, F1_ROW_DRIVER, 0, "nationality"), "British");
    assert_string_equal(value(rows, F1_ROW_CONSTRUCTOR, 0, "url"), "~");
}

static void what_is_left_out_is_null(void **state)
{
    f1_ergast_rows_t *rows = rows_of(
        F1_ERGAST_QUALIFYING, envelope(100, 0, 2,
                                       races("QualifyingResults", "{\"position\":null," DRIVER "," TEAM ",\"Q1\":\"\"},"
                                                                  "{\"position\":\"2\"," DRIVER "," TEAM
                                                                  ",\"Q1\":\"59.9\",\"Q2\":\"0:00\"}")));

    (void)state;
    assert_string_equal(value(rows, F1_ROW_QUALIFYING, 0, "position"), "~");
    assert_string_equal(value(rows, F1_ROW_QUALIFYING, 0, "number"), "~");
    assert_string_equal(value(rows, F1_ROW_QUALIFYING, 0, "q1_text"), "");
    assert_string_equal(value(rows, F1_ROW_QUALIFYING, 0, "q1_ms"), "~");
    assert_string_equal(value(rows, F1_ROW_QUALIFYING, 0, "q2_text"), "~");
    assert_string_equal(value(rows, F1_ROW_QUALIFYING, 1, "q1_ms"), "59900");
    assert_string_equal(value(rows, F1_ROW_QUALIFYING, 1, "q2_ms"), "~");
    assert_string_equal(value(rows, F1_ROW_QUALIFYING, 1, "q2_text"), "0:00");
}

static void calendars_become_races_and_sessions(void **state)
{
    f1_ergast_rows_t *rows = rows_of(
        F1_ERGAST_RACES,
        envelope(
            100, 0, 1,
            "\"RaceTable\":{\"season\":\"2101\",\"Races\":[{\"season\":\"2101\",\"round\":\"1\",\"raceName\":\"Salt "
            "Grand Prix\"," CIRCUIT ",\"date\":\"2101-03-06\",\"time\":\"15:00:00Z\",\"SprintShootout\":{\"date\":"
            "\"2101-03-04\",\"time\":\"12:30:00Z\"},\"Sprint\":{\"date\":\"2101-03-05\"}}]}"));

    (void)state;
    assert_int_equal(f1_ergast_rows_count(rows, F1_ROW_SESSION), 3);
    assert_string_equal(value(rows, F1_ROW_SESSION, 0, "kind"), "race");
    assert_string_equal(value(rows, F1_ROW_SESSION, 0, "time"), "15:00:00Z");
    assert_string_equal(value(rows, F1_ROW_SESSION, 1, "kind"), "sprint_qualifying");
    assert_string_equal(value(rows, F1_ROW_SESSION, 2, "time"), "~");
    assert_string_equal(value(rows, F1_ROW_CIRCUIT, 0, "latitude"), "-34.9272");
}

static void laps_and_standings_become_rows(void **state)
{
    f1_ergast_rows_t *laps = rows_of(
        F1_ERGAST_LAPS,
        envelope(100, 0, 2,
                 races("Laps", "{\"number\":\"1\",\"Timings\":[{\"driverId\":\"ada_marsh\",\"position\":\"1\",\"time\":"
                               "\"1:40.5\"},{\"driverId\":\"bo_lind\",\"position\":\"2\",\"time\":\"1:41.25\"}]}")));
    f1_ergast_rows_t *standings = rows_of(
        F1_ERGAST_DRIVER_STANDINGS,
        envelope(100, 0, 1,
                 "\"StandingsTable\":{\"season\":\"2101\",\"StandingsLists\":[{\"season\":\"2101\",\"round\":\"3\","
                 "\"DriverStandings\":[{\"positionText\":\"-\",\"points\":\"0\",\"wins\":\"0\"," DRIVER
                 ",\"Constructors\":[{\"constructorId\":\"blue-kite\",\"name\":\"Blue Kite\"},"
                 "{\"constructorId\":\"Red\",\"name\":\"Red\"}]}]}]}"));

    (void)state;
    assert_string_equal(value(laps, F1_ROW_LAP, 1, "driver_id"), "bo_lind");
    assert_string_equal(value(laps, F1_ROW_LAP, 1, "lap"), "1");
    assert_string_equal(value(laps, F1_ROW_LAP, 1, "time_ms"), "101250");
    assert_string_equal(value(standings, F1_ROW_DRIVER_STANDING, 0, "position"), "~");
    assert_string_equal(value(standings, F1_ROW_DRIVER_STANDING, 0, "constructor_ids"), "{blue-kite,red}");
    assert_int_equal(f1_ergast_rows_count(standings, F1_ROW_CONSTRUCTOR), 2);
}

static void times_are_read(void **state)
{
    static const struct {
        const char *text;
        apr_int64_t ms;
    } times[] = {{"1:38:01.989", 5881989}, {"+2.141", 2141}, {"25.885", 25885}, {"59", 59000}, {"0:00.001", 1},
                 {"1:2:3.4", 3723400},     {"", 0},          {"+", 0},          {":1", 0},     {"1:", 0},
                 {"1:2:3:4", 0},           {"-1.0", 0},      {"1.2.3", 0},      {"1 lap", 0},  {"99999999:00", 0},
                 {"9999999:00:00", 0},     {"1.2345678", 0}};
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        assert_int_equal(f1_ergast_time_ms(times[i].text), times[i].ms);
    }
}

/* What is wrong with a page as such. */
static void pages_are_refused(void **state)
{
    static const struct {
        const char *body, *why;
    } pages[] = {
        {"", "the list: "},
        {"<html><body>503</body></html>", "the list: "},
        {"{\"MRData\":{\"limit\":\"100\",\"off", "the list: "},
        {"[]", "has no MRData/RaceTable/Races"},
        {"{\"MRData\":{}}", "has no MRData/RaceTable/Races"},
        {"{\"MRData\":{\"RaceTable\":{\"Races\":{}}}}", "has no MRData/RaceTable/Races"},
        {"{\"MRData\":{\"RaceTable\":{\"Races\":[]}}}", "no usable limit, offset and total"},
        {"{\"MRData\":{\"limit\":\"-1\",\"offset\":\"0\",\"total\":\"0\",\"RaceTable\":{\"Races\":[]}}}",
         "no usable limit"},
        {"{\"MRData\":{\"limit\":\"100\",\"offset\":\"0\",\"total\":\"99999999999\",\"RaceTable\":{\"Races\":[]}}}",
         "no usable limit"},
        {"{\"MRData\":{\"limit\":\"100\",\"offset\":\"0\",\"total\":\"0\",\"RaceTable\":{\"season\":\"2100\","
         "\"Races\":[]}}}",
         "about season 2100 instead of 2101"},
        {"{\"MRData\":{\"limit\":\"100\",\"offset\":\"0\",\"total\":\"20\",\"RaceTable\":{\"Races\":[]}}}",
         "0 rows where limit 100, offset 0 and total 20 promise 20"},
    };
    f1_ergast_page_t page;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
        assert_int_not_equal(read_page(&page, F1_ERGAST_RESULTS, pages[i].body), APR_SUCCESS);
        assert_int_equal(f1_test_result()->error, F1_E_BAD_DATA);
        if (!strstr(f1_test_result()->detail, pages[i].why)) {
            fail_msg("page %d: '%s' lacks '%s'", (int)i, f1_test_result()->detail, pages[i].why);
        }
    }
}

static char *replaced(const char *text, const char *old, const char *new)
{
    const char *at = strstr(text, old);

    assert_non_null(at);
    return apr_pstrcat(f1_test_pool(), apr_pstrndup(f1_test_pool(), text, (apr_size_t)(at - text)), new,
                       at + strlen(old), NULL);
}

/* One thing wrong in an otherwise good row: the message names list, round, row and field. */
static void rows_are_refused(void **state)
{
    static const struct {
        const char *old, *new, *field;
    } changes[] = {
        {"\"position\":\"1\"", "\"position\":\"0\"", "position '0' should be a whole number from 1"},
        {"\"position\":\"1\"", "\"position\":1", "position should be a string"},
        {"\"positionText\":\"1\"", "\"positionText\":\"Q\"", "positionText"},
        {"\"positionText\":\"1\",", "", "positionText is missing"},
        {"\"points\":\"8.14\"", "\"points\":\"-1\"", "points '-1' should be a number from 0 to 1000"},
        {"\"points\":\"8.14\"", "\"points\":\"1e3\"", "points"},
        {"\"points\":\"8.14\"", "\"points\":\"\"", "points"},
        {"\"points\":\"8.14\"", "\"points\":\"1000.000001\"", "points"},
        {"\"points\":\"8.14\"", "\"points\":\"0.0000001\"", "points"},
        {"\"points\":\"8.14\"", "\"points\":\"NaN\"", "points"},
        {"\"grid\":\"0\"", "\"grid\":\"-1\"", "grid"},
        {"\"laps\":\"52\"", "\"laps\":\"99999999999999999999\"", "laps"},
        {"\"status\":\"Finished\"", "\"status\":\"\"", "status"},
        {"\"status\":\"Finished\"", "\"status\":\"a\\nb\"", "status"},
        {"\"millis\":\"5881989\"", "\"millis\":\"5881988\"", "does not agree with the time '1:38:01.989'"},
        {"1:21.716", "a while", "FastestLap/Time/time"},
        {"\"number\":\"7\"", "\"number\":\"1000\"", "number"},
        {"\"Ada_Marsh\"", "\"../etc\"", "driverId"},
        {"\"Ada_Marsh\"", "\"\"", "driverId"},
        {"\"MAR\"", "\"Marsh\"", "code"},
        {"2001-02-28", "2001-02-29", "dateOfBirth"},
        {"\"blue-kite\"", "null", "Constructor/constructorId is missing"},
        {"\"Constructor\":{", "\"Constructor\":[],\"Other\":{", "constructorId"},
    };
    f1_ergast_page_t page;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        f1_ergast_rows_t *rows = f1_ergast_rows_make(f1_test_pool());
        const char *row = replaced(RESULT, changes[i].old, changes[i].new);

        f1_assert_ok(read_page(&page, F1_ERGAST_RESULTS, envelope(100, 0, 1, races("Results", row))), f1_test_result());
        if (f1_ergast_item_rows(&page, 0, 2101, 0, rows, f1_test_result()) == APR_SUCCESS) {
            fail_msg("change %d to %s was accepted", (int)i, changes[i].new);
        }
        assert_int_equal(f1_test_result()->error, F1_E_BAD_DATA);
        if (!strstr(f1_test_result()->detail, changes[i].field) ||
            !strstr(f1_test_result()->detail, "the list: round 3, Results")) {
            fail_msg("change %d: '%s' lacks '%s'", (int)i, f1_test_result()->detail, changes[i].field);
        }
        assert_int_equal(f1_ergast_rows_count(rows, F1_ROW_RESULT), 0);
    }
}

static void other_seasons_and_rounds_are_refused(void **state)
{
    f1_ergast_rows_t *rows = f1_ergast_rows_make(f1_test_pool());
    f1_ergast_page_t page;

    (void)state;
    f1_assert_ok(read_page(&page, F1_ERGAST_RESULTS, envelope(100, 0, 1, races("Results", RESULT))), f1_test_result());
    assert_int_not_equal(f1_ergast_item_rows(&page, 0, 2100, 0, rows, f1_test_result()), APR_SUCCESS);
    assert_non_null(strstr(f1_test_result()->detail, "season '2101' should be 2100, as asked for"));
    f1_result_clear(f1_test_result());
    assert_int_not_equal(f1_ergast_item_rows(&page, 0, 2101, 4, rows, f1_test_result()), APR_SUCCESS);
    assert_non_null(strstr(f1_test_result()->detail, "round '3' should be 4, as asked for"));
}

static void repeated_rows_are_refused(void **state)
{
    f1_ergast_rows_t *rows = f1_ergast_rows_make(f1_test_pool());
    f1_ergast_page_t page;

    (void)state;
    f1_assert_ok(read_page(&page, F1_ERGAST_RESULTS, envelope(100, 0, 1, races("Results", RESULT))), f1_test_result());
    f1_assert_ok(f1_ergast_item_rows(&page, 0, 2101, 0, rows, f1_test_result()), f1_test_result());
    assert_int_not_equal(f1_ergast_item_rows(&page, 0, 2101, 0, rows, f1_test_result()), APR_SUCCESS);
    assert_non_null(strstr(f1_test_result()->detail, "stands there twice"));
}

/* The same driver may have two lines, and two drivers a place. */
static void shared_cars_and_places_are_rows(void **state)
{
    const char *other = replaced(replaced(RESULT, "\"number\":\"7\"", "\"number\":\"9\""), "Ada_Marsh", "bo_lind");
    const char *again = replaced(replaced(RESULT, "\"position\":\"1\"", "\"position\":\"5\""), "8.14", "1.33");
    const char *all = apr_psprintf(f1_test_pool(), "%s,%s,%s", RESULT, other, again);
    f1_ergast_rows_t *rows = rows_of(F1_ERGAST_RESULTS, envelope(100, 0, 3, races("Results", all)));

    (void)state;
    assert_int_equal(f1_ergast_rows_count(rows, F1_ROW_RESULT), 3);
    assert_int_equal(f1_ergast_rows_count(rows, F1_ROW_DRIVER), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        F1_TEST(results_become_rows),
        F1_TEST(what_is_left_out_is_null),
        F1_TEST(calendars_become_races_and_sessions),
        F1_TEST(laps_and_standings_become_rows),
        F1_TEST(times_are_read),
        F1_TEST(pages_are_refused),
        F1_TEST(rows_are_refused),
        F1_TEST(other_seasons_and_rounds_are_refused),
        F1_TEST(repeated_rows_are_refused),
        F1_TEST(shared_cars_and_places_are_rows),
    };

    return f1_test_run(tests);
}
