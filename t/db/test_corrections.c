/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Classifications that change after they were published: the log of changes, and answers as of a time. */

#include <stdlib.h>
#include <string.h>

#include <apr_strings.h>

#include "base/clock.h"
#include "db/query.h"
#include "f1_test.h"
#include "fake_upstream.h"
#include "gen/statements.h"
#include "ingest/load.h"

static void at(const char *time)
{
    f1_clock_set(apr_pstrcat(f1_test_pool(), time, "@0", NULL), 0);
}

/* The season's corrections, the last first, in words: "2 race: new_dnf t_ada finished>disqualified". */
static const char *corrections(int season)
{
    json_t *doc = f1_test_answer(apr_psprintf(f1_test_pool(), "/api/v1/seasons/%d/corrections?limit=100", season));
    json_t *item, *changes, *change;
    const char *text = "", *name;
    size_t i, j;

    json_array_foreach(f1_test_json_at(doc, "items"), i, item)
    {
        text = apr_psprintf(f1_test_pool(), "%s%s%d %s:", text, i ? "; " : "",
                            (int)json_integer_value(json_object_get(item, "revision")),
                            json_string_value(json_object_get(item, "session")));
        json_object_foreach(json_object_get(item, "diff"), name, changes)
        {
            text = apr_psprintf(f1_test_pool(), "%s %s", text, name);
            json_array_foreach(changes, j, change)
            {
                char *old = json_dumps(json_object_get(change, "old"), JSON_ENCODE_ANY | JSON_REAL_PRECISION(6));
                char *new = json_dumps(json_object_get(change, "new"), JSON_ENCODE_ANY | JSON_REAL_PRECISION(6));

                text = apr_psprintf(f1_test_pool(), "%s %s %s>%s", text,
                                    json_string_value(f1_test_json_at(change, "driver/id")),
                                    old && *old != '{' ? old : "", new &&*new != '{' ? new : "");
                free(old);
                free(new);
            }
        }
    }
    return text;
}

static void set_result(fake_t *fake, int season, int index, const char *place, const char *points)
{
    fake_set(fake_row(fake, season, 2, "results", index), "position", place);
    fake_set(fake_row(fake, season, 2, "results", index), "positionText", place);
    fake_set(fake_row(fake, season, 2, "results", index), "points", points);
}

/* Places and points of the first two are swapped, swapped back, and swapped again: each is a state of its own, and what
 * comes twice is nothing. */
static void reverts_of_reverts(void **state)
{
    static const char *const times[] = {"2141-03-21T08:00:00Z", "2141-03-22T08:00:00Z", "2141-03-23T08:00:00Z"};
    fake_t *fake = fake_make();
    json_t *doc;
    int i, swapped;

    (void)state;
    fake_add_season(fake, 2141);
    at("2141-03-20T18:00:00Z");
    fake_ingest_ok(fake, F1_INGEST_SEASON, 2141, 0);
    assert_string_equal(corrections(2141), "");
    for (i = 0, swapped = 1; i < 3; i++, swapped = !swapped) {
        at(times[i]);
        set_result(fake, 2141, 0, swapped ? "2" : "1", swapped ? "8.14" : "25");
        set_result(fake, 2141, 1, swapped ? "1" : "2", swapped ? "25" : "8.14");
        fake_ingest_ok(fake, F1_INGEST_RACE, 2141, 2);
        fake_ingest_ok(fake, F1_INGEST_RACE, 2141, 2);
        fake_ingest_ok(fake, F1_INGEST_SEASON, 2141, 0);
    }
    assert_string_equal(fake_results(2141, 2), "1 t_bo 1 25, 2 t_ada 2 8.14, 3 t_cy R 0");
    assert_string_equal(corrections(2141),
                        "4 race: point_changes t_ada 25>8.14 t_bo 8.14>25 position_changes t_ada 1>2 "
                        "t_bo 2>1; 3 race: point_changes t_ada 8.14>25 t_bo 25>8.14 position_changes "
                        "t_ada 2>1 t_bo 1>2; 2 race: point_changes t_ada 25>8.14 t_bo 8.14>25 "
                        "position_changes t_ada 1>2 t_bo 2>1");
    assert_string_equal(f1_test_sql("SELECT string_agg(revision::text, ',' ORDER BY id) FROM event"
                                    " WHERE race_id = '2141-fen-grand-prix' AND kind = 'correction'"),
                        "2,3,4");
    doc = f1_test_answer("/api/v1/races/2141-fen-grand-prix/results?as_of=2141-03-22T09:00:00Z&limit=1");
    f1_assert_json(doc, "items/0/driver/id", "\"t_ada\"");
    doc = f1_test_answer("/api/v1/races/2141-fen-grand-prix/results?as_of=2141-03-21T09:00:00Z&limit=1");
    f1_assert_json(doc, "items/0/driver/id", "\"t_bo\"");
    /* the log by its other paths and filters */
    doc = f1_test_answer("/api/v1/corrections?season=2141&since=2141-03-22T08:00:00Z&session=race");
    f1_assert_json(doc, "total", "2");
    f1_assert_json(doc, "items/0/known_at", "\"2141-03-23T08:00:00Z\"");
    f1_assert_json(doc, "items/0/source", "\"ergast\"");
    f1_assert_json(doc, "items/0/race/round", "2");
    f1_assert_json(doc, "items/0/classes", "[\"point_changes\", \"position_changes\"]");
    f1_assert_json(f1_test_answer("/api/v1/corrections?race=2141-fen-grand-prix&limit=1"), "total", "3");
    f1_assert_json(f1_test_answer("/api/v1/corrections?season=2141&session=qualifying"), "total", "0");
    f1_assert_json(f1_test_answer("/api/v1/seasons/2141/races/2/corrections?limit=1&offset=2"), "items/0/revision",
                   "2");
    f1_assert_json(f1_test_answer("/api/v1/races/2141-salt-grand-prix/corrections"), "total", "0");
    f1_assert_json(f1_test_answer(apr_psprintf(f1_test_pool(), "/api/v1/corrections/%d",
                                               (int)json_integer_value(f1_test_json_at(doc, "items/0/id")))),
                   "revision", "4");
}

/* Upstream moves places first and points an hour later; standings come later still. */
static void half_an_update(void **state)
{
    fake_t *fake = fake_make();
    json_t *doc;

    (void)state;
    fake_add_season(fake, 2142);
    at("2142-03-20T18:00:00Z");
    fake_ingest_ok(fake, F1_INGEST_SEASON, 2142, 0);
    at("2142-03-21T10:00:00Z");
    set_result(fake, 2142, 0, "2", "25");
    set_result(fake, 2142, 1, "1", "8.14");
    fake_ingest_ok(fake, F1_INGEST_RACE, 2142, 2);
    at("2142-03-21T11:00:00Z");
    set_result(fake, 2142, 0, "2", "8.14");
    set_result(fake, 2142, 1, "1", "25");
    fake_ingest_ok(fake, F1_INGEST_RACE, 2142, 2);
    assert_string_equal(corrections(2142), "3 race: point_changes t_ada 25>8.14 t_bo 8.14>25; 2 race: position_changes "
                                           "t_ada 1>2 t_bo 2>1");
    /* standings still say what they said; as they do not add up they are asked for again, also when nothing changed */
    assert_string_equal(f1_test_sql("SELECT string_agg(points::text, ' ' ORDER BY line) FROM driver_standing"
                                    " WHERE race_id = '2142-fen-grand-prix'"),
                        "50 16.28 0");
    at("2142-03-22T10:00:00Z");
    fake_set(fake_row(fake, 2142, 2, "driverstandings", 0), "points", "33.14");
    fake_set(fake_row(fake, 2142, 2, "driverstandings", 1), "points", "33.14");
    fake_set(fake_row(fake, 2142, 2, "driverstandings", 1), "wins", "1");
    fake_ingest_ok(fake, F1_INGEST_CURRENT, 2142, 0);
    doc = f1_test_answer("/api/v1/standings/drivers?season=2142");
    f1_assert_json(doc, "items/1/points", "33.14");
    f1_assert_json(doc, "items/1/wins", "1");
    doc = f1_test_answer("/api/v1/standings/drivers?season=2142&as_of=2142-03-22T09:59:59Z");
    f1_assert_json(doc, "items/1/points", "16.28");
    /* now they add up, and are not asked for again */
    fake->fail_path = "2142/2/driverstandings";
    fake_ingest_ok(fake, F1_INGEST_CURRENT, 2142, 0);
    assert_int_equal(fake->asked, 0);
}

/* Standings have no revisions, but rows that changed are kept. */
static void standings_as_of(void **state)
{
    fake_t *fake = fake_make();
    json_t *doc;

    (void)state;
    fake_add_season(fake, 2143);
    at("2143-06-01T00:00:00Z"); /* long after the races: they count from their start on */
    fake_ingest_ok(fake, F1_INGEST_SEASON, 2143, 0);
    at("2143-07-01T00:00:00Z");
    fake_set(fake_row(fake, 2143, 2, "driverstandings", 1), "points", "10");
    json_array_remove(fake_list(fake, "2143/2/driverstandings"), 2);
    fake_set(fake_row(fake, 2143, 2, "constructorstandings", 0), "points", "60");
    fake_ingest_ok(fake, F1_INGEST_SEASON, 2143, 0);

    f1_assert_json(f1_test_answer("/api/v1/standings/drivers?season=2143"), "total", "2");
    doc = f1_test_answer("/api/v1/standings/drivers?season=2143&as_of=2143-06-15");
    f1_assert_json(doc, "total", "3");
    f1_assert_json(doc, "items/1/points", "16.28");
    f1_assert_json(doc, "items/2/driver/id", "\"t_cy\"");
    doc = f1_test_answer("/api/v1/standings/drivers?season=2143&as_of=2143-07-01");
    f1_assert_json(doc, "total", "2");
    f1_assert_json(doc, "items/1/points", "10");
    f1_assert_json(f1_test_answer("/api/v1/standings/constructors?season=2143&as_of=2143-06-30"), "items/0/points",
                   "66.28");
    f1_assert_json(f1_test_answer("/api/v1/standings/constructors?season=2143&as_of=2143-07-01"), "items/0/points",
                   "60");
    /* between the races, and before them */
    doc = f1_test_answer("/api/v1/standings/drivers?season=2143&as_of=2143-03-10");
    f1_assert_json(doc, "items/0/race/round", "1");
    f1_assert_json(doc, "items/0/points", "25");
    f1_assert_json(f1_test_answer("/api/v1/standings/drivers?season=2143&as_of=2143-01-01"), "total", "0");
    f1_assert_json(f1_test_answer("/api/v1/standings/drivers?season=2143&round=2&as_of=2143-03-10"), "total", "0");
}

static void qualifying_and_sprint_as_of(void **state)
{
    fake_t *fake = fake_make();

    (void)state;
    fake_add_season(fake, 2144);
    json_object_set_new(json_array_get(fake_list(fake, "2144/races"), 0), "Sprint",
                        json_pack("{s:s, s:s}", "date", "2144-03-05", "time", "13:00:00Z"));
    fake_add_result(fake, "sprint", 2144, 1, "t_ada", "1", "8");
    fake_add_result(fake, "sprint", 2144, 1, "t_bo", "2", "7");
    at("2144-03-08T00:00:00Z");
    fake_ingest_ok(fake, F1_INGEST_SEASON, 2144, 0);
    at("2144-03-09T00:00:00Z");
    json_array_remove(fake_list(fake, "2144/1/sprint"), 0);
    fake_set(fake_row(fake, 2144, 1, "sprint", 0), "position", "1");
    fake_set(fake_row(fake, 2144, 1, "sprint", 0), "positionText", "1");
    fake_set(fake_row(fake, 2144, 1, "qualifying", 0), "Q1", "1:19.9");
    fake_set(fake_row(fake, 2144, 1, "qualifying", 0), "number", "8");
    json_array_remove(fake_list(fake, "2144/1/qualifying"), 2);
    fake_ingest_ok(fake, F1_INGEST_RACE, 2144, 1);
    assert_string_equal(corrections(2144),
                        "2 qualifying: removed t_cy > time_changes t_bo 80500>79900 t_bo \"1:20.5\">\"1:19.9\" "
                        "entry_changes t_bo 7>8; 2 sprint: removed t_ada > position_changes t_bo 2>1");
    f1_assert_json(f1_test_answer("/api/v1/races/2144-salt-grand-prix/sprint"), "total", "1");
    f1_assert_json(f1_test_answer("/api/v1/races/2144-salt-grand-prix/sprint?as_of=2144-03-08"), "total", "2");
    f1_assert_json(f1_test_answer("/api/v1/races/2144-salt-grand-prix/qualifying"), "total", "2");
    f1_assert_json(f1_test_answer("/api/v1/races/2144-salt-grand-prix/qualifying?as_of=2144-03-08T23:00:00Z"), "total",
                   "3");
    f1_assert_json(f1_test_answer("/api/v1/races/2144-salt-grand-prix/qualifying?as_of=2144-03-01"), "total", "0");
}

/* --- By hand */

/* Corrects the race of round 2 by f1boardctl. */
static json_t *correct(int season, const char *changes, const char *options)
{
    return f1_test_json(
        f1_test_ctl(0, apr_psprintf(f1_test_pool(), "--json correction apply %d-fen-grand-prix race '%s' %s", season,
                                    changes, options)));
}

static int id_of(json_t *rows)
{
    return (int)json_integer_value(f1_test_json_at(rows, "0/id"));
}

static json_t *undo(const char *verb, int id)
{
    return f1_test_json(f1_test_ctl(0, apr_psprintf(f1_test_pool(), "--json correction %s %d", verb, id)));
}

/* Points and places after round 2: "t_ada 1 50, …". */
static const char *standings(int season)
{
    return f1_test_sqlf("SELECT string_agg(concat_ws(' ', driver_id, position_text, points, wins), ', ' ORDER BY line)"
                        " FROM driver_standing WHERE race_id = '%d-fen-grand-prix'",
                        season);
}

/* The states of a season's corrections, the last first. */
static const char *states(int season)
{
    return f1_test_sqlf("SELECT string_agg(revision || ' ' || source || ' ' || state, ', ' ORDER BY id DESC)"
                        " FROM correction WHERE \"race.season\" = %d",
                        season);
}

#define DISQUALIFY                                                                                     \
    "[{\"driver_id\": \"t_ada\", \"position\": 3, \"position_text\": \"D\", \"points\": 0,"            \
    "  \"status\": \"Disqualified\"}, {\"driver_id\": \"t_bo\", \"position\": 1, \"points\": \"25\"}," \
    " {\"driver_id\": \"t_cy\", \"position\": 4}]"

static fake_t *loaded(int season)
{
    fake_t *fake = fake_make();

    fake_add_season(fake, season);
    at(apr_psprintf(f1_test_pool(), "%d-03-20T18:00:00Z", season));
    fake_ingest_ok(fake, F1_INGEST_SEASON, season, 0);
    return fake;
}

static void a_dry_run_keeps_nothing(void **state)
{
    const char *before;
    json_t *rows;

    (void)state;
    loaded(2151);
    before = f1_test_sql("SELECT (SELECT count(*) FROM revision), (SELECT count(*) FROM audit_log),"
                         " (SELECT count(*) FROM event), (SELECT sum(value) FROM generation),"
                         " (SELECT count(*) FROM correction_hold), (SELECT count(*) FROM job)");
    rows = correct(2151, DISQUALIFY, "--dry-run");
    f1_assert_json(rows, "0/id", "null");
    f1_assert_json(rows, "0/revision", "2");
    f1_assert_json(rows, "0/diff/new_dnf/0/new", "\"disqualified\"");
    assert_string_equal(f1_test_sql("SELECT (SELECT count(*) FROM revision), (SELECT count(*) FROM audit_log),"
                                    " (SELECT count(*) FROM event), (SELECT sum(value) FROM generation),"
                                    " (SELECT count(*) FROM correction_hold), (SELECT count(*) FROM job)"),
                        before);
    assert_string_equal(fake_results(2151, 2), "1 t_ada 1 25, 2 t_bo 2 8.14, 3 t_cy R 0");
}

/* Results, standings, the log, the audit log, the event and the ratings follow a correction by hand, and its end. */
static void by_hand_and_back(void **state)
{
    json_t *rows;

    (void)state;
    loaded(2152);
    f1_test_sql("DELETE FROM job");
    rows = correct(2152, DISQUALIFY, "--note 'fuel sample'");
    assert_string_equal(fake_results(2152, 2), "1 t_bo 1 25, 2 t_ada D 0, 3 t_cy R 0");
    assert_string_equal(standings(2152), "t_bo 1 33.14 1, t_ada 2 25 1, t_cy 3 0 0");
    assert_string_equal(f1_test_sql("SELECT points, wins, source FROM constructor_standing"
                                    " WHERE race_id = '2152-fen-grand-prix'"),
                        "58.14|2|adjusted");
    assert_string_equal(states(2152), "2 admin held");
    assert_string_equal(
        f1_test_sql("SELECT via, action, details FROM audit_log WHERE object_id = '2152-fen-grand-prix'"),
        "f1boardctl|correction.apply|{\"note\": \"fuel sample\", \"session\": \"race\", "
        "\"revision\": 2}");
    assert_string_equal(f1_test_sql("SELECT kind, payload ->> 'note' FROM event WHERE race_id = '2152-fen-grand-prix'"
                                    " AND revision = 2 AND session = 'race'"),
                        "correction|fuel sample");
    assert_string_equal(f1_test_sql("SELECT state FROM job WHERE kind = 'rankings'"), "PENDING");
    assert_non_null(strstr(f1_test_ctl(0, "correction list --season 2152"), "fuel sample"));
    assert_non_null(strstr(f1_test_ctl(0, "correction list --race 2152-fen-grand-prix --conflicts"), "held"));
    /* standings of the round before stay as they were */
    assert_string_equal(f1_test_sql("SELECT count(*) FROM driver_standing WHERE race_id = '2152-salt-grand-prix'"
                                    " AND (source <> 'ergast' OR stated IS NOT NULL)"),
                        "0");
    rows = undo("undo", id_of(rows));
    assert_string_equal(fake_results(2152, 2), "1 t_ada 1 25, 2 t_bo 2 8.14, 3 t_cy R 0");
    assert_string_equal(standings(2152), "t_ada 1 50 2, t_bo 2 16.28 0, t_cy 3 0 0");
    assert_string_equal(f1_test_sql("SELECT count(*) FROM driver_standing WHERE season = 2152"
                                    " AND (source <> 'ergast' OR stated IS NOT NULL)"),
                        "0");
    assert_string_equal(states(2152), "3 admin upstream, 2 admin superseded");
    /* undoing that brings the disqualification back, and who comes late is told */
    rows = undo("undo", id_of(rows));
    assert_string_equal(fake_results(2152, 2), "1 t_bo 1 25, 2 t_ada D 0, 3 t_cy R 0");
    assert_string_equal(states(2152), "4 admin held, 3 admin upstream, 2 admin superseded");
    f1_test_ctl(1, apr_psprintf(f1_test_pool(), "correction undo %d", id_of(rows) - 1));
    f1_test_ctl(1, "correction undo 99999999");
}

/* Upstream goes on saying what it said: nothing is overwritten, by no kind of load. Then it says something new, which
 * is kept beside the correction; then the same as we. */
static void upstream_does_not_overwrite(void **state)
{
    fake_t *fake = loaded(2153);
    json_t *rows;

    (void)state;
    at("2153-03-21T00:00:00Z");
    correct(2153, DISQUALIFY, "");
    fake_ingest_ok(fake, F1_INGEST_RACE, 2153, 2);
    fake_ingest_ok(fake, F1_INGEST_SEASON, 2153, 0);
    fake_ingest_ok(fake, F1_INGEST_CURRENT, 2153, 0);
    assert_string_equal(fake_results(2153, 2), "1 t_bo 1 25, 2 t_ada D 0, 3 t_cy R 0");
    assert_string_equal(standings(2153), "t_bo 1 33.14 1, t_ada 2 25 1, t_cy 3 0 0");
    assert_string_equal(states(2153), "2 admin held");
    rows = f1_test_answer("/api/v1/corrections/conflicts");
    f1_assert_json(rows, "items/0/race/id", "\"2153-fen-grand-prix\"");
    f1_assert_json(rows, "items/0/state", "\"held\"");
    f1_assert_json(rows, "items/0/diff/resolved_dnf/0/driver/id", "\"t_ada\"");

    at("2153-03-22T00:00:00Z");
    set_result(fake, 2153, 1, "2", "7");
    fake_set(fake_row(fake, 2153, 2, "driverstandings", 1), "points", "15.14");
    fake_ingest_ok(fake, F1_INGEST_RACE, 2153, 2);
    fake_ingest_ok(fake, F1_INGEST_RACE, 2153, 2);
    assert_non_null(strstr(f1_test_log(), "F1B0311"));
    assert_string_equal(fake_results(2153, 2), "1 t_bo 1 25, 2 t_ada D 0, 3 t_cy R 0");
    assert_string_equal(states(2153), "2 admin conflict");
    /* upstream's own standings moved along; what we add to them is less now, and comes to the same */
    assert_string_equal(standings(2153), "t_bo 1 33.14 1, t_ada 2 25 1, t_cy 3 0 0");
    rows = f1_test_answer("/api/v1/corrections/conflicts?state=conflict");
    f1_assert_json(rows, "total", "1");
    f1_assert_json(rows, "items/0/upstream", "{\"source\": \"ergast\", \"known_at\": \"2153-03-22T00:00:00Z\"}");
    f1_assert_json(rows, "items/0/diff/point_changes/1/new", "7");

    at("2153-03-23T00:00:00Z");
    set_result(fake, 2153, 0, "3", "0");
    fake_set(fake_row(fake, 2153, 2, "results", 0), "positionText", "D");
    fake_set(fake_row(fake, 2153, 2, "results", 0), "status", "Disqualified");
    set_result(fake, 2153, 1, "1", "25");
    fake_set(fake_row(fake, 2153, 2, "driverstandings", 0), "points", "25");
    fake_set(fake_row(fake, 2153, 2, "driverstandings", 0), "wins", "1");
    fake_set(fake_row(fake, 2153, 2, "driverstandings", 1), "points", "33.14");
    fake_set(fake_row(fake, 2153, 2, "driverstandings", 1), "wins", "1");
    fake_ingest_ok(fake, F1_INGEST_RACE, 2153, 2);
    assert_string_equal(states(2153), "2 admin upstream");
    assert_string_equal(f1_test_sql("SELECT count(*) FROM correction_hold h JOIN session s ON s.id = h.session_id"
                                    " WHERE s.season = 2153"),
                        "0");
    f1_assert_json(f1_test_answer("/api/v1/corrections/conflicts"), "total", "1"); /* of another season */
    fake_ingest_ok(fake, F1_INGEST_SEASON, 2153, 0);
    assert_string_equal(states(2153), "2 admin upstream");
    /* from here on it is upstream's */
    at("2153-03-24T00:00:00Z");
    set_result(fake, 2153, 1, "1", "24");
    fake_ingest_ok(fake, F1_INGEST_RACE, 2153, 2);
    assert_string_equal(fake_results(2153, 2), "1 t_bo 1 24, 2 t_ada D 0, 3 t_cy R 0");
}

static void upstream_is_accepted(void **state)
{
    fake_t *fake = loaded(2154);
    json_t *rows = correct(2154, DISQUALIFY, "");

    (void)state;
    set_result(fake, 2154, 1, "2", "7");
    at("2154-03-25T00:00:00Z");
    fake_ingest_ok(fake, F1_INGEST_RACE, 2154, 2);
    undo("accept", id_of(rows));
    assert_string_equal(fake_results(2154, 2), "1 t_ada 1 25, 2 t_bo 2 7, 3 t_cy R 0");
    assert_string_equal(states(2154), "3 ergast upstream, 2 admin superseded");
    assert_string_equal(standings(2154), "t_ada 1 50 2, t_bo 2 16.28 0, t_cy 3 0 0");
    f1_test_ctl(1, apr_psprintf(f1_test_pool(), "correction accept %d", id_of(rows)));
    fake_ingest_ok(fake, F1_INGEST_SEASON, 2154, 0);
    assert_string_equal(states(2154), "3 ergast upstream, 2 admin superseded");
}

/* Drivers come, go and change cars; qualifying too. Nothing of it that cannot be is taken. */
static void what_may_be_changed(void **state)
{
    static const struct {
        const char *changes, *why;
    } wrong[] = {
        {"[{}]", "/changes/0/driver_id is required"},
        {"[{\"driver_id\": \"t_ada\", \"points\": \"many\"}]", "/changes/0/points must be a number"},
        {"[{\"driver_id\": \"t_ada\", \"points\": null}]", "/changes/0/points must be a number"},
        {"[{\"driver_id\": \"t_ada\", \"points\": [1]}]", "/changes/0/points must be a number"},
        {"[{\"driver_id\": \"t_ada\", \"position\": 0}]", "/changes/0/position must be an integer"},
        {"[{\"driver_id\": \"t_ada\", \"speed\": 1}]", "/changes/0/speed is not known here"},
        {"[{\"driver_id\": \"t_ada\", \"q1_ms\": 1}]", "/changes/0/q1_ms is not known here"},
        {"[{\"driver_id\": \"t_nobody\", \"points\": 1}]", "/changes/0/driver_id does not stand in"},
        {"[{\"driver_id\": \"t_nobody\", \"add\": true, \"constructor_id\": \"t_kite\"}]", "names no driver"},
        {"[{\"driver_id\": \"t_reserve\", \"add\": true}]", "/changes/0/constructor_id is required"},
        {"[{\"driver_id\": \"t_ada\", \"constructor_id\": \"none\"}]", "names no constructor"},
        {"[{\"driver_id\": \"t_ada\", \"points\": 25}]", "is like this already"},
        {"[{\"driver_id\": \"t_ada\", \"remove\": true}, {\"driver_id\": \"t_bo\", \"remove\": true},"
         " {\"driver_id\": \"t_cy\", \"remove\": true}]",
         "cannot lose its last line"},
    };
    f1_result_t *res = f1_test_result();
    size_t i;

    (void)state;
    loaded(2155);
    for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        const char *values[] = {"2155-fen-grand-prix", "race", wrong[i].changes, NULL, "false", "2155-04-01T00:00:00Z"};

        f1_result_clear(res);
        (void)f1_query(f1_test_conn(), &f1_stmt_correction_apply, values, NULL, f1_test_pool(), res);
        if (!res->detail || !strstr(res->detail, wrong[i].why)) {
            fail_msg("%s: '%s' lacks '%s'", wrong[i].changes, res->detail, wrong[i].why);
        }
    }
    f1_test_ctl(1, "correction apply 2155-moor-grand-prix race '[{\"driver_id\": \"t_ada\"}]'");
    f1_test_ctl(1, "correction apply 2155-nowhere race '[{\"driver_id\": \"t_ada\"}]'");
    f1_test_ctl(2, "correction apply 2155-fen-grand-prix race '{}'");
    f1_test_ctl(2, "correction undo x");
    correct(2155,
            "[{\"driver_id\": \"t_cy\", \"remove\": true}, {\"driver_id\": \"t_reserve\", \"add\": true,"
            " \"constructor_id\": \"t_kite\", \"number\": 9, \"position\": 3, \"points\": 0.5},"
            " {\"driver_id\": \"t_bo\", \"number\": 8, \"status\": \"+1 Lap\", \"grid\": null}]",
            "");
    assert_string_equal(fake_results(2155, 2), "1 t_ada 1 25, 2 t_bo 2 8.14, 3 t_reserve 3 0.5");
    f1_test_ctl(0, "correction apply 2155-fen-grand-prix qualifying '[{\"driver_id\": \"t_bo\", \"remove\": true},"
                   " {\"driver_id\": \"t_ada\", \"position\": 1, \"q1_text\": \"1:19.5\", \"q1_ms\": 79500}]'");
    f1_assert_json(f1_test_answer("/api/v1/races/2155-fen-grand-prix/qualifying"), "items/0/q1/ms", "79500");
    f1_assert_json(f1_test_answer("/api/v1/races/2155-fen-grand-prix/qualifying"), "total", "2");
}

/* Upstream was asked before a correction, and its answer comes after: that is no news. */
static void late_answers_are_left(void **state)
{
    fake_t *fake = loaded(2156);
    f1_load_t load = {.conn = f1_test_conn(), .source = "ergast"};
    f1_ergast_rows_t *rows = f1_ergast_rows_make(f1_test_pool());
    apr_array_header_t *changed;

    (void)state;
    f1_assert_ok(f1_source_list(&fake->source, F1_ERGAST_RACES, 2156, 0, rows, f1_test_result()), f1_test_result());
    f1_assert_ok(f1_source_list(&fake->source, F1_ERGAST_RESULTS, 2156, 0, rows, f1_test_result()), f1_test_result());
    at("2156-03-21T10:00:00Z");
    load.asked_at = f1_clock_now();
    at("2156-03-21T10:00:05Z");
    set_result(fake, 2156, 1, "2", "7");
    fake_ingest_ok(fake, F1_INGEST_RACE, 2156, 2);
    at("2156-03-21T10:00:10Z");
    f1_assert_ok(f1_load_season(&load, 2156, rows, 0, NULL, &changed, f1_test_pool(), f1_test_result()),
                 f1_test_result());
    assert_int_equal(changed->nelts, 0);
    assert_string_equal(fake_results(2156, 2), "1 t_ada 1 25, 2 t_bo 2 7, 3 t_cy R 0");
    assert_non_null(strstr(f1_test_log(), "F1B0310"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        F1_TEST(reverts_of_reverts),          F1_TEST(half_an_update),          F1_TEST(standings_as_of),
        F1_TEST(qualifying_and_sprint_as_of), F1_TEST(a_dry_run_keeps_nothing), F1_TEST(by_hand_and_back),
        F1_TEST(upstream_does_not_overwrite), F1_TEST(upstream_is_accepted),    F1_TEST(what_may_be_changed),
        F1_TEST(late_answers_are_left),
    };

    return f1_test_run(tests);
}
