/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* calendar.ics as a subscriber sees it, while races move, are cancelled and come back. */

#include "f1_test.h"

#include <stdlib.h>
#include <string.h>

#include <apr_strings.h>

#define FEED "/api/v1/seasons/2030/calendar.ics"
#define RACE "2030-biscay-grand-prix"

static f1_reply_t *get(const char *path)
{
    f1_reply_t *reply = f1_test_get(path);

    assert_int_equal(reply->status, 200);
    assert_string_equal(apr_table_get(reply->headers, "Content-Type"), "text/calendar; charset=utf-8");
    return reply;
}

static int count(const char *text, const char *what)
{
    int found = 0;

    for (; (text = strstr(text, what)) != NULL; text += strlen(what)) {
        found++;
    }
    return found;
}

/* The event of this session, from its UID to its end. NULL: there is none. */
static const char *event(const char *kind)
{
    const char *body = get(FEED)->body;
    const char *begin = strstr(body, apr_pstrcat(f1_test_pool(), "UID:" RACE "-", kind, "@mod-f1board\r\n", NULL));

    return begin ? apr_pstrmemdup(f1_test_pool(), begin, (size_t)(strstr(begin, "END:VEVENT") - begin)) : NULL;
}

static int sequence(const char *kind)
{
    const char *text = event(kind);

    assert_non_null(text);
    text = strstr(text, "\r\nSEQUENCE:");
    assert_non_null(text);
    return (int)strtol(text + 11, NULL, 10);
}

static int has(const char *kind, const char *line)
{
    const char *text = event(kind);

    return text && strstr(text, apr_pstrcat(f1_test_pool(), "\r\n", line, "\r\n", NULL)) != NULL;
}

static void change(const char *sql)
{
    f1_test_sql(sql);
}

static void all_sessions_are_events(void **state)
{
    const char *body = get(FEED)->body;
    const char *sessions = f1_test_sql("SELECT count(*) FROM session WHERE season = 2030");

    (void)state;
    assert_string_equal(apr_itoa(f1_test_pool(), count(body, "BEGIN:VEVENT\r\n")), sessions);
    assert_int_equal(strncmp(body, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n", 30), 0);
    assert_int_equal(count(body, "\n"), count(body, "\r\n"));
    assert_true(has("race", "DTSTART:20300616T130000Z"));
    assert_true(has("race", "DTEND:20300616T150000Z"));
    assert_true(has("race", "SUMMARY:Biscay Grand Prix: Race"));
    assert_true(has("qualifying", "DTEND:20300615T140000Z"));
    assert_int_equal(count(get("/api/v1/races/calendar.ics")->body, "UID:" RACE), 5); /* the season of the clock */
}

static void kinds_can_be_chosen(void **state)
{
    const char *body = get(FEED "?session=race,qualifying")->body;

    (void)state;
    assert_int_equal(count(body, ": Race\r\n"), 22);
    assert_int_equal(count(body, ": Qualifying\r\n"), 22);
    assert_int_equal(count(body, "BEGIN:VEVENT"), 44);
    assert_int_equal(f1_test_get(FEED "?session=race,tea")->status, 400);
    assert_int_equal(f1_test_get(FEED "?session=race,")->status, 400);
    assert_int_equal(f1_test_get("/api/v1/seasons/1999/calendar.ics")->status, 404);
    assert_int_equal(
        f1_test_ask(&(f1_ask_t){.path = FEED, .headers = (const char *const[]){"Accept: text/html", NULL}})->status,
        406);
}

static void a_move_is_a_new_sequence(void **state)
{
    int before = sequence("race");

    (void)state;
    change("UPDATE session SET starts_at = '2030-06-16T16:00:00Z' WHERE race_id = '" RACE "' AND kind = 'race'");
    assert_true(has("race", "DTSTART:20300616T160000Z"));
    assert_int_equal(sequence("race"), before + 1);
    assert_int_equal(sequence("qualifying"), 0);
    change("UPDATE session SET starts_at = starts_at WHERE race_id = '" RACE "'");
    assert_int_equal(sequence("race"), before + 1);
    change("UPDATE session SET starts_at = NULL WHERE race_id = '" RACE "' AND kind = 'race'");
    assert_true(has("race", "DTSTART;VALUE=DATE:20300616"));
    assert_int_equal(sequence("race"), before + 2);
}

static void what_is_cancelled_stays_as_such(void **state)
{
    int before = sequence("qualifying");

    (void)state;
    change("UPDATE race SET status = 'cancelled' WHERE id = '" RACE "'");
    assert_true(has("qualifying", "STATUS:CANCELLED"));
    assert_int_equal(sequence("qualifying"), before + 1);
    change("UPDATE race SET status = 'scheduled' WHERE id = '" RACE "'");
    assert_true(has("qualifying", "STATUS:CONFIRMED"));
    assert_int_equal(sequence("qualifying"), before + 2);
}

static void a_session_that_is_gone_is_cancelled_and_may_come_back(void **state)
{
    int before = sequence("practice_3");

    (void)state;
    change("DELETE FROM session WHERE race_id = '" RACE "' AND kind = 'practice_3'");
    assert_true(has("practice_3", "STATUS:CANCELLED"));
    assert_int_equal(sequence("practice_3"), before + 1);
    change("INSERT INTO session (race_id, season, kind, date, starts_at)"
           " VALUES ('" RACE "', 2030, 'practice_3', '2030-06-15', '2030-06-15T10:00:00Z')");
    assert_true(has("practice_3", "STATUS:CONFIRMED"));
    assert_true(has("practice_3", "DTSTART:20300615T100000Z"));
    assert_int_equal(sequence("practice_3"), before + 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        F1_TEST(all_sessions_are_events),
        F1_TEST(kinds_can_be_chosen),
        F1_TEST(a_move_is_a_new_sequence),
        F1_TEST(what_is_cancelled_stays_as_such),
        F1_TEST(a_session_that_is_gone_is_cancelled_and_may_come_back),
    };

    return f1_test_run(tests);
}
