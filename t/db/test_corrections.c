/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Classifications that change after they were published: the log of changes, and answers as of a time. */

#include <string.h>

#include <apr_strings.h>

#include "base/clock.h"
#include "f1_test.h"
#include "fake_upstream.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        F1_TEST(reverts_of_reverts),
        F1_TEST(half_an_update),
        F1_TEST(standings_as_of),
        F1_TEST(qualifying_and_sprint_as_of),
    };

    return f1_test_run(tests);
}
