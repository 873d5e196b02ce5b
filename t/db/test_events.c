/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Events: which loads write which, and that every consumer takes each once, whoever else takes or writes. */

#include <string.h>

#include <apr_strings.h>

#include "base/clock.h"
#include "db/query.h"
#include "f1_test.h"
#include "fake_upstream.h"

/* What a season's events say, one in a line. */
static const char *events(int season, const char *columns)
{
    return f1_test_sqlf("SELECT e.kind, e.race_id, %s FROM event e JOIN race r ON r.id = e.race_id"
                        " WHERE r.season = %d ORDER BY e.id",
                        columns, season);
}

static void results_and_corrections_are_told(void **state)
{
    fake_t *fake = fake_make();
    const char *told = "results|2131-salt-grand-prix|qualifying|1|2131-03-21 00:00:00+00\n"
                       "results|2131-fen-grand-prix|qualifying|1|2131-03-21 00:00:00+00";

    (void)state;
    fake_add_season(fake, 2131);
    f1_clock_set("2131-03-21T00:00:00Z@0", 0);
    fake_ingest_ok(fake, F1_INGEST_SEASON, 2131, 0);
    assert_non_null(strstr(events(2131, "e.session, e.revision, e.at"), told));
    assert_string_equal(events(2131, "e.payload"), "results|2131-salt-grand-prix|{\"source\": \"ergast\"}\n"
                                                   "results|2131-fen-grand-prix|{\"source\": \"ergast\"}\n"
                                                   "results|2131-salt-grand-prix|{\"source\": \"ergast\"}\n"
                                                   "results|2131-fen-grand-prix|{\"source\": \"ergast\"}");
    /* the same again tells nothing; another state does */
    fake_ingest_ok(fake, F1_INGEST_SEASON, 2131, 0);
    assert_string_equal(f1_test_sql("SELECT count(*) FROM event WHERE race_id LIKE '2131%'"), "4");
    fake_set(fake_row(fake, 2131, 2, "results", 0), "positionText", "D");
    fake_set(fake_row(fake, 2131, 2, "results", 0), "points", "0");
    fake_ingest_ok(fake, F1_INGEST_RACE, 2131, 2);
    fake_ingest_ok(fake, F1_INGEST_RACE, 2131, 2);
    assert_string_equal(f1_test_sql("SELECT race_id, session, revision, payload FROM event WHERE kind = 'correction'"
                                    " AND race_id LIKE '2131%'"),
                        "2131-fen-grand-prix|race|2|{\"diff\": {\"new_dnf\": [{\"new\": \"disqualified\", "
                        "\"old\": \"finished\", \"field\": \"outcome\", \"driver\": {\"id\": \"t_ada\", "
                        "\"code\": null, \"name\": \"Test t_ada\"}}], \"point_changes\": [{\"new\": 0, "
                        "\"old\": 25, \"field\": \"points\", \"driver\": {\"id\": \"t_ada\", \"code\": null, "
                        "\"name\": \"Test t_ada\"}}]}, \"source\": \"ergast\"}");
}

/* A load that is refused in its last row has told nothing either. */
static void what_is_rolled_back_is_not_told(void **state)
{
    fake_t *fake = fake_make();

    (void)state;
    fake_add_season(fake, 2132);
    fake_add_result(fake, "results", 2132, 9, "t_ada", "1", "25");
    fake_ingest_refused(fake, F1_INGEST_SEASON, 2132, 0, "results of round 9, which is not in the calendar");
    assert_string_equal(f1_test_sql("SELECT count(*) FROM event WHERE race_id LIKE '2132%'"), "0");
}

static void calendars_are_told(void **state)
{
    fake_t *fake = fake_make();
    json_t *races, *salt;

    (void)state;
    fake_add_season(fake, 2133);
    json_array_clear(fake_list(fake, "2133/results"));
    json_array_clear(fake_list(fake, "2133/qualifying"));
    fake_ingest_ok(fake, F1_INGEST_SEASON, 2133, 0);
    assert_string_equal(events(2133, "e.payload"), "");
    /* the first is called off, the others move up, the last a week */
    races = fake_list(fake, "2133/races");
    salt = json_incref(json_array_get(races, 0));
    json_array_remove(races, 0);
    fake_set(json_array_get(races, 0), "round", "1");
    fake_set(json_array_get(races, 1), "round", "2");
    fake_set(json_array_get(races, 1), "date", "2133-04-10");
    f1_clock_set("2133-01-05T00:00:00Z@0", 0);
    fake_ingest_ok(fake, F1_INGEST_SEASON, 2133, 0);
    assert_string_equal(
        events(2133, "e.payload"),
        "race_cancelled|2133-salt-grand-prix|{\"round\": {\"new\": null, \"old\": 1}}\n"
        "race_renumbered|2133-fen-grand-prix|{\"round\": {\"new\": 1, \"old\": 2}}\n"
        "race_moved|2133-moor-grand-prix|{\"date\": {\"new\": \"2133-04-10\", \"old\": \"2133-04-03\"}, "
        "\"sessions\": [{\"new\": {\"date\": \"2133-04-10\", \"starts_at\": \"2133-04-10T13:00:00Z\"}, "
        "\"old\": {\"date\": \"2133-04-03\", \"starts_at\": \"2133-04-03T13:00:00Z\"}, \"session\": \"race\"}]}\n"
        "race_renumbered|2133-moor-grand-prix|{\"round\": {\"new\": 2, \"old\": 3}}");
    fake_ingest_ok(fake, F1_INGEST_SEASON, 2133, 0);
    assert_string_equal(f1_test_sql("SELECT count(*), min(at) FROM event WHERE race_id LIKE '2133%'"),
                        "4|2133-01-05 00:00:00+00");
    f1_assert_json(f1_test_answer("/api/v1/seasons/2133/races/3"), "id", "\"2133-moor-grand-prix\"");
    f1_assert_json(f1_test_answer("/api/v1/seasons/2133/races/3/corrections"), "total", "0");
    f1_assert_json(f1_test_answer("/api/v1/races/2133-salt-grand-prix"), "status", "\"cancelled\"");
    /* it comes back elsewhere */
    fake_set(salt, "round", "3");
    fake_set(salt, "date", "2133-10-01");
    fake_set(json_object_get(salt, "Circuit"), "circuitId", "t_heath");
    json_array_append_new(races, salt);
    fake_ingest_ok(fake, F1_INGEST_SEASON, 2133, 0);
    assert_string_equal(
        f1_test_sql("SELECT kind, payload - 'sessions' FROM event WHERE race_id LIKE '2133%' ORDER BY id OFFSET 4"),
        "race_revived|{\"date\": {\"new\": \"2133-10-01\", \"old\": \"2133-03-06\"}, \"round\": {\"new\": 3, \"old\": "
        "null}, \"circuit_id\": {\"new\": \"t_heath\", \"old\": \"t_salt\"}}");
    /* a number that was a race's before means it until another race has it */
    f1_assert_json(f1_test_answer("/api/v1/seasons/2133/races/1"), "id", "\"2133-fen-grand-prix\"");
    f1_assert_json(f1_test_answer("/api/v1/seasons/2133/races/3"), "id", "\"2133-salt-grand-prix\"");
    /* only a time of day, on the day itself */
    fake_set(json_object_get(json_array_get(races, 0), "FirstPractice"), "time", "12:00:00Z");
    fake_ingest_ok(fake, F1_INGEST_SEASON, 2133, 0);
    assert_string_equal(
        f1_test_sql("SELECT kind, race_id, payload #>> '{sessions,0,new,starts_at}', payload ? 'date' FROM event"
                    " WHERE race_id LIKE '2133%' ORDER BY id OFFSET 5"),
        "race_moved|2133-fen-grand-prix|2133-03-20T12:00:00Z|f");
}

#define TELL(number)                                                                                         \
    "INSERT INTO event (kind, race_id, at) SELECT 'race_moved', (SELECT min(id) FROM race), now() + " number \
    " * interval '1 s'"

/* A transaction that began first and commits last: its event is taken too, after those of others. */
static void late_commits_are_taken(void **state)
{
    f1_conn_t *slow = f1_test_conn();
    f1_result_t *res = f1_test_result();

    (void)state;
    f1_test_sql("INSERT INTO event_consumer (name) VALUES ('tester')");
    f1_assert_ok(f1_exec(slow, "BEGIN", res), res);
    f1_assert_ok(f1_exec(slow, TELL("1"), res), res);
    f1_test_sql(TELL("2"));
    assert_string_equal(f1_test_sql("SELECT count(*) FROM event_take('tester', 10)"), "1");
    f1_assert_ok(f1_exec(slow, "COMMIT", res), res);
    assert_string_equal(f1_test_sql("SELECT count(*) FROM event_take('tester', 10)"), "1");
    assert_string_equal(f1_test_sql("SELECT count(*) FROM event_take('tester', 10)"), "0");
}

/* Two takers get different events; what one gives back by failing the next has again; consumers do not share. */
static void each_takes_each_once(void **state)
{
    f1_conn_t *other = f1_test_conn();
    f1_result_t *res = f1_test_result();

    (void)state;
    f1_test_sql("INSERT INTO event_consumer (name) VALUES ('one'), ('another')");
    f1_test_sql(TELL("1") " FROM generate_series(1, 5)");
    f1_assert_ok(f1_exec(other, "BEGIN", res), res);
    f1_assert_ok(f1_exec(other, "SELECT event_take('one', 2)", res), res);
    assert_string_equal(f1_test_sql("SELECT count(*), count(DISTINCT id) FROM event_take('one', 10)"), "3|3");
    assert_string_equal(f1_test_sql("SELECT count(*) FROM event_take('another', 10)"), "5");
    f1_assert_ok(f1_exec(other, "ROLLBACK", res), res);
    assert_string_equal(f1_test_sql("SELECT count(*) FROM event_take('one', 10)"), "2");
    assert_string_equal(f1_test_sql("SELECT count(*) FROM event_take('nobody', 10)"), "0");
    assert_string_equal(f1_test_sql("SELECT count(*) FROM event_due WHERE consumer IN ('one', 'another')"), "0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        F1_TEST(results_and_corrections_are_told),
        F1_TEST(what_is_rolled_back_is_not_told),
        F1_TEST(calendars_are_told),
        F1_TEST(late_commits_are_taken),
        F1_TEST(each_takes_each_once),
    };

    return f1_test_run(tests);
}
