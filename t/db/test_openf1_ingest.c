/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Ingestion of OpenF1's lists from files: what is loaded, what a second load changes, what is refused, how links to
 * our own races follow, and that telemetry takes a hypertable where there are some. */

#include <stdlib.h>
#include <string.h>

#include <apr_file_io.h>
#include <apr_strings.h>

#include "f1_test.h"
#include "base/clock.h"
#include "ingest/openf1.h"

#define RACE "openf1/9005/"

static const char *sandbox(const char *name)
{
    return apr_pstrcat(f1_test_pool(), getenv("F1_SANDBOX"), "/upstream/", name, NULL);
}

static void write_file(const char *name, const char *text)
{
    apr_file_t *file;

    assert_int_equal(apr_file_open(&file, sandbox(name), APR_FOPEN_WRITE | APR_FOPEN_CREATE | APR_FOPEN_TRUNCATE,
                                   APR_FPROT_OS_DEFAULT, f1_test_pool()),
                     APR_SUCCESS);
    assert_int_equal(apr_file_write_full(file, text, strlen(text), NULL), APR_SUCCESS);
    assert_int_equal(apr_file_close(file), APR_SUCCESS);
}

static const char *read_file(const char *name)
{
    return f1_test_file(sandbox(name), NULL);
}

/* The text with the first occurrence of old replaced. */
static const char *with(const char *text, const char *old, const char *new)
{
    const char *at = strstr(text, old);

    assert_non_null(at);
    return apr_pstrcat(f1_test_pool(), apr_pstrmemdup(f1_test_pool(), text, (apr_size_t)(at - text)), new,
                       at + strlen(old), NULL);
}

static apr_status_t ingest(f1_openf1_what_t what, int key, f1_ingest_report_t *report)
{
    f1_result_t *res = f1_test_result();
    f1_openf1_t openf1 = {.what = what, .key = key, .telemetry = 1, .conn = f1_test_conn()};

    f1_result_clear(res);
    assert_int_equal(f1_clock_set(getenv("F1_CLOCK"), 0), APR_SUCCESS);
    f1_assert_ok(f1_source_create(&openf1.source, apr_pstrcat(f1_test_pool(), "file://", sandbox("openf1"), NULL), NULL,
                                  f1_test_pool(), res),
                 res);
    return f1_openf1_ingest(&openf1, report, f1_test_pool(), res);
}

static void load(f1_openf1_what_t what, int key, f1_ingest_report_t *report)
{
    f1_assert_ok(ingest(what, key, report), f1_test_result());
}

static void assert_refused(f1_error_t error, const char *why)
{
    f1_ingest_report_t report;

    assert_int_not_equal(ingest(F1_OPENF1_SESSION, 9005, &report), APR_SUCCESS);
    assert_int_equal(f1_test_result()->error, error);
    if (!strstr(f1_test_result()->detail, why)) {
        fail_msg("\"%s\" is not in \"%s\"", why, f1_test_result()->detail);
    }
    assert_false(report.has_changed);
}

static void no_value_is_lost(void **state)
{
    (void)state;
    assert_string_equal(f1_test_sql("SELECT interval FROM openf1_intervals ORDER BY line"), "0.0\n0.752\n\n\"+1 LAP\"");
    assert_string_equal(f1_test_sql("SELECT duration, gap_to_leader FROM openf1_session_result WHERE session_key = 9004"
                                    " ORDER BY line"),
                        "[91.295, 90.503, 89.708]|[0.302, 0.221, 0.0]\n[91.5, null, null]|[0.507, null, null]\n|");
    assert_string_equal(f1_test_sql("SELECT segments_sector_1, segments_sector_2, segments_sector_3, date_start IS NULL"
                                    " FROM openf1_laps WHERE line = 1"),
                        "[2048, 2049, 2051]|[2049, null]|[]|t");
    assert_string_equal(f1_test_sql("SELECT points FROM openf1_session_result WHERE session_key = 9005 AND line = 1"),
                        "25.0");
    assert_string_equal(f1_test_sql("SELECT message FROM openf1_race_control WHERE line = 2"),
                        "CAR 137 (NNN) STOPPED \\ SECTOR 14, \"RETIRED\"");
    assert_string_equal(
        f1_test_sql("SELECT count(*), min(date), max(drs) FROM openf1_car_data WHERE driver_number = 62"),
        "1000|2030-06-02 12:59:30.062+00|12");
    assert_string_equal(f1_test_sql("SELECT meeting_official_name FROM openf1_meetings WHERE meeting_key = 501"),
                        "FORMULA 1 \"CORTIÇA\" GRANDE PRÉMIO DO ALENTEJO 2030");
}

static void rows_are_linked_to_ours(void **state)
{
    (void)state;
    assert_string_equal(f1_test_sql("SELECT o.session_key, s.kind FROM openf1_sessions o JOIN session s ON"
                                    " s.id = o.session_id AND s.race_id = o.race_id ORDER BY 1"),
                        "9001|practice_1\n9004|qualifying\n9005|race\n9006|practice_1\n9010|race");
    assert_string_equal(
        f1_test_sql("SELECT driver_number, driver_id FROM openf1_drivers WHERE session_key = 9005 ORDER BY line"),
        "62|dziedzic\n54|faulhaber\n137|");
}

static void links_follow_our_data(void **state)
{
    (void)state;
    f1_test_sql("UPDATE openf1_sessions SET race_id = NULL, session_id = NULL;"
                "UPDATE openf1_drivers SET driver_id = NULL;"
                "UPDATE session SET starts_at = starts_at WHERE false");
    rows_are_linked_to_ours(state);
    f1_test_sql("UPDATE openf1_drivers SET driver_number = 999 WHERE driver_number = 62; SELECT openf1_link()");
    assert_string_equal(f1_test_sql("SELECT DISTINCT driver_id FROM openf1_drivers WHERE driver_number = 999"),
                        "dziedzic"); /* by his code */
    f1_test_sql("UPDATE openf1_drivers SET driver_number = 62 WHERE driver_number = 999");
}

static void a_second_load_changes_nothing(void **state)
{
    f1_ingest_report_t report;
    const char *versions = "SELECT sum(xmin::text::bigint) FROM (SELECT xmin FROM openf1_laps UNION ALL"
                           " SELECT xmin FROM openf1_sessions UNION ALL SELECT xmin FROM openf1_drivers UNION ALL"
                           " SELECT xmin FROM openf1_meetings UNION ALL SELECT xmin FROM openf1_car_data) AS rows";
    const char *before = f1_test_sql(versions);

    (void)state;
    load(F1_OPENF1_YEAR, 2030, &report);
    assert_false(report.has_changed);
    assert_int_equal(report.counts[F1_LOADED_OPENF1_CAR_DATA].seen, 2000);
    assert_string_equal(f1_test_sql(versions), before);
}

static void latest_is_what_began_last(void **state)
{
    f1_ingest_report_t report;

    (void)state;
    load(F1_OPENF1_SESSION, 0, &report); /* 9006 was cancelled, 9010 is to come */
    assert_string_equal(report.command, "openf1 session latest --telemetry yes");
    assert_int_equal(report.counts[F1_LOADED_OPENF1_LAPS].seen, 5);
    load(F1_OPENF1_MEETING, 0, &report);
    assert_int_equal(report.counts[F1_LOADED_OPENF1_SESSIONS].seen, 3);
}

static void a_changed_list_is_replaced_whole(void **state)
{
    const char *pit = read_file(RACE "pit.json");
    f1_ingest_report_t report;

    (void)state;
    write_file(RACE "pit.json", "[]");
    load(F1_OPENF1_SESSION, 9005, &report);
    assert_int_equal(report.counts[F1_LOADED_OPENF1_PIT].removed, 2);
    assert_int_equal(report.counts[F1_LOADED_OPENF1_LAPS].removed, 0);
    assert_string_equal(f1_test_sql("SELECT count(*) FROM openf1_pit"), "0");
    write_file(RACE "pit.json", pit);
    load(F1_OPENF1_SESSION, 9005, &report);
    assert_int_equal(report.counts[F1_LOADED_OPENF1_PIT].inserted, 2);
    assert_string_equal(f1_test_sql("SELECT count(*) FROM openf1_pit"), "2");
}

static void what_is_gone_upstream_is_gone(void **state)
{
    const char *sessions = read_file("openf1/sessions.json"), *last = strstr(sessions, ",\n {\"meeting_key\":502");
    f1_ingest_report_t report;

    (void)state;
    write_file("openf1/sessions.json",
               apr_pstrcat(f1_test_pool(), apr_pstrmemdup(f1_test_pool(), sessions, (apr_size_t)(last - sessions)), "]",
                           NULL));
    load(F1_OPENF1_YEAR, 2030, &report);
    assert_int_equal(report.counts[F1_LOADED_OPENF1_SESSIONS].removed, 2);
    write_file("openf1/sessions.json", sessions);
    load(F1_OPENF1_YEAR, 2030, &report);
    assert_int_equal(report.counts[F1_LOADED_OPENF1_SESSIONS].inserted, 2);
}

static void hostile_data_is_refused(void **state)
{
    static const struct {
        const char *file, *old, *new, *why;
    } cases[] = {
        {"laps.json", "[", "{\"a\":[", "not JSON"},
        {"laps.json", "\"session_key\":9005", "\"session_key\":9004", "session_key is not what was asked for"},
        {"laps.json", "\"session_key\":9005,", "", "session_key is not what was asked for"},
        {"laps.json", "\"lap_number\":1", "\"lap_number\":\"1\"", "row 1: lap_number should be a whole number"},
        {"laps.json", "\"lap_number\":2", "\"lap_number\":null", "row 3: lap_number is missing"},
        {"laps.json", "\"lap_number\":2", "\"lap_number\":1e300", "row 3: lap_number should be"},
        {"laps.json", "\"i2_speed\":293", "\"i2_speed\":[293]", "row 1: i2_speed should be a number"},
        {"laps.json", "[2049,null]", "[2049,\"x\"]", "row 1: segments_sector_2 should be an array of numbers"},
        {"laps.json", "\"2030-06-02T13:01:31.500000+00:00\"", "\"2030-02-30T13:01:31\"", "date_start should be a time"},
        {"position.json", "2030-06-02T13:02:10", "1999-06-02T13:02:10", "row 3: date is not what was asked for"},
        {"drivers.json", "\"driver_number\":54", "\"driver_number\":62", "row 2: it came before"},
        {"drivers.json", "\"driver_number\":54", "\"driver_number\":5400", "driver_number should be a car's number"},
        {"car_data_62.json", "\"driver_number\":62", "\"driver_number\":54", "driver_number is not what was asked for"},
        {"car_data_62.json", "\"speed\":113", "\"speed\":40000", "speed should be a small whole number"},
        {"car_data_62.json", "\"speed\":113", "\"speed\":\"1\\t2\"", "speed should be a small whole number"},
        {"location_54.json", "[{", "{", "not JSON"},
        {"weather.json", "[{", "[7,{", "row 1: it should be an object"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *name = apr_pstrcat(f1_test_pool(), RACE, cases[i].file, NULL), *right = read_file(name);

        write_file(name, with(right, cases[i].old, cases[i].new));
        assert_refused(F1_E_BAD_DATA, cases[i].why);
        write_file(name, right);
    }
    write_file("openf1/9005/stints.json", "{}");
    assert_refused(F1_E_BAD_DATA, "the answer should be an array");
    no_value_is_lost(state);
    assert_string_equal(f1_test_sql("SELECT count(*) FROM openf1_stints"), "3");
}

static void nothing_upstream_is_not_found(void **state)
{
    f1_ingest_report_t report;

    (void)state;
    assert_int_not_equal(ingest(F1_OPENF1_SESSION, 1, &report), APR_SUCCESS);
    assert_int_equal(f1_test_result()->error, F1_E_NOT_FOUND);
    assert_int_not_equal(ingest(F1_OPENF1_YEAR, 1999, &report), APR_SUCCESS);
    assert_int_equal(f1_test_result()->error, F1_E_NOT_FOUND);
    assert_string_equal(f1_test_sql("SELECT count(*) FROM openf1_sessions"), "5");
}

static void telemetry_is_partitioned_by_year(void **state)
{
    (void)state;
    assert_string_equal(f1_test_sql("SELECT tableoid::regclass, count(*) FROM openf1_car_data GROUP BY 1"),
                        "openf1_car_data_2030|2000");
    f1_test_sql(
        "SELECT openf1_partitions('2029-12-31', '2031-01-01'); SELECT openf1_partitions('2030-01-01', '2030-01-02')");
    assert_string_equal(f1_test_sql("SELECT count(*) FROM pg_inherits WHERE inhparent = 'openf1_location'::regclass"),
                        "3");
}

/* TimescaleDB cannot be had everywhere, but what we ask of it can: an extension of that name in the catalog, and a
 * create_hypertable that notes how it was called. */
static void telemetry_takes_hypertables(void **state)
{
    const char *up = f1_test_sql("SELECT name FROM schema_migration WHERE version = (SELECT max(version) FROM"
                                 " schema_migration WHERE name LIKE '%openf1')");
    const char *sql = f1_test_file(
        apr_psprintf(f1_test_pool(), "sql/migrations/%s_%s.up.sql",
                     f1_test_sql("SELECT to_char(max(version), 'FM0000') FROM schema_migration WHERE name = 'openf1'"),
                     up),
        NULL);
    const char *start = strstr(sql, "DO $$"), *end = strstr(start, "END $$;");

    (void)state;
    f1_test_sql(
        "SET allow_system_table_mods = on;"
        "CREATE TABLE called (what text);"
        "CREATE SCHEMA ts;"
        "CREATE FUNCTION ts.create_hypertable(name regclass, time_column name, chunk_time_interval interval,"
        " create_default_indexes boolean) RETURNS void LANGUAGE sql AS"
        " 'INSERT INTO f1board.called VALUES (name || '' by '' || time_column || '' '' || chunk_time_interval)';"
        "INSERT INTO pg_extension (oid, extname, extowner, extnamespace, extrelocatable, extversion)"
        " SELECT 99999, 'timescaledb', 10, oid, false, '2' FROM pg_namespace WHERE nspname = 'ts';"
        "DROP TABLE openf1_car_data, openf1_location");
    f1_test_sql(
        apr_pstrcat(f1_test_pool(), apr_pstrmemdup(f1_test_pool(), start, (apr_size_t)(end - start)), "END $$", NULL));
    assert_string_equal(f1_test_sql("SELECT what FROM called ORDER BY what"),
                        "openf1_car_data by date 7 days\nopenf1_location by date 7 days");
    assert_string_equal(f1_test_sql("SELECT DISTINCT relkind FROM pg_class WHERE relname IN ('openf1_car_data',"
                                    " 'openf1_location')"),
                        "r");
    f1_test_sql("DELETE FROM openf1_load");
    f1_test_sql("SELECT openf1_partitions('2030-01-01', '2030-12-01')"); /* there is nothing to partition */
    assert_string_equal(f1_test_sql("SELECT count(*) FROM pg_inherits WHERE inhparent = 'openf1_location'::regclass"),
                        "0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        F1_TEST(no_value_is_lost),
        F1_TEST(rows_are_linked_to_ours),
        F1_TEST(links_follow_our_data),
        F1_TEST(a_second_load_changes_nothing),
        F1_TEST(latest_is_what_began_last),
        F1_TEST(a_changed_list_is_replaced_whole),
        F1_TEST(what_is_gone_upstream_is_gone),
        F1_TEST(nothing_upstream_is_not_found),
        F1_TEST(telemetry_is_partitioned_by_year),
        F1_TEST(hostile_data_is_refused),
        F1_TEST(telemetry_takes_hypertables),
    };

    return f1_test_run(tests);
}
