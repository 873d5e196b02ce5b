/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Who is told what, when and how: reminders, results, corrections, calendar and account; that nobody is told twice,
 * whoever runs at the same time; and what ten thousand users cost. f1boardctl work is the runner. The race is on the
 * day on which Europe's clocks go forward. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <apr_general.h>
#include <apr_strings.h>
#include <apr_time.h>

#include "db/query.h"
#include "f1_test.h"
#include "gen/statements.h"

#define RACE "2131-test-grand-prix"
#define CROWD "10000"
#define PROCESSES 4

/* ann wants nothing but the inbox, bob mail too; cyd's address is not confirmed, dan is disabled, and eve lives where
 * no server knows the time. */
static void start(void)
{
    f1_test_sql(
        "DELETE FROM account; DELETE FROM result WHERE season = 2131; DELETE FROM race WHERE season = 2131;"
        "TRUNCATE job, event_due;"
        "UPDATE schedule SET next_at = NULL, is_paused = true;"
        "UPDATE notification_kind SET in_app = true WHERE kind = 'lock_soon';"
        "INSERT INTO account (username, email, email_verified_at, notifications_enabled, time_zone, disabled_at,"
        "                     created_at) VALUES"
        " ('ann', 'ann@example.org', '2131-01-01', false, 'UTC', NULL, '2131-01-01'),"
        " ('bob', 'bob@example.org', '2131-01-01', true, 'Europe/Rome', NULL, '2131-01-01'),"
        " ('cyd', 'cyd@example.org', NULL, true, 'America/New_York', NULL, '2131-01-01'),"
        " ('dan', 'dan@example.org', '2131-01-01', true, 'UTC', '2131-01-02', '2131-01-01'),"
        " ('eve', 'eve@example.org', '2131-01-01', true, 'Mars/Olympus_Mons', NULL, '2131-01-01');"
        "INSERT INTO season (year) VALUES (2131) ON CONFLICT DO NOTHING;"
        "INSERT INTO race (id, season, round, name, circuit_id, date)"
        " SELECT '" RACE "', 2131, 1, E'Test <\\n\"Grand\" & Prix', (SELECT min(id) FROM circuit), '2131-03-25';"
        "INSERT INTO session (race_id, season, kind, date, starts_at) VALUES"
        " ('" RACE "', 2131, 'practice_1', '2131-03-24', '2131-03-24T10:00:00Z'),"
        " ('" RACE "', 2131, 'qualifying', '2131-03-24', '2131-03-24T14:00:00Z'),"
        " ('" RACE "', 2131, 'race', '2131-03-25', '2131-03-25T13:00:00Z')");
}

/* Runs the job at that time, and returns what it had to tell. */
static const char *tell_at(const char *clock)
{
    f1_test_sqlf("SELECT job_want('notify', '%s', NULL, '{}')", clock);
    f1_test_ctl(0, apr_psprintf(f1_test_pool(), "work --until-idle --clock %s@0", clock));
    return f1_test_sql("SELECT state, result->'events', result->'notifications', result->'mails', result->'deliveries'"
                       " FROM job WHERE kind = 'notify' ORDER BY id DESC LIMIT 1");
}

static void happens(const char *kind, const char *session, int revision, const char *at, const char *payload)
{
    f1_test_sqlf("INSERT INTO event (kind, race_id, session, revision, at, payload) VALUES"
                 " ('%s', '" RACE "', nullif('%s', ''), nullif(%d, 0), '%s', '%s')",
                 kind, session, revision, at, payload);
}

static const char *told(const char *columns)
{
    return f1_test_sqlf("SELECT %s FROM notification n JOIN account a ON a.id = n.account_id"
                        " ORDER BY n.created_at, n.kind, n.subject, a.username",
                        columns);
}

static void wishes(const char *username, const char *kind, const char *what)
{
    f1_test_sqlf("INSERT INTO notification_preference (account_id, kind) SELECT id, '%s' FROM account"
                 " WHERE username = '%s' ON CONFLICT DO NOTHING;"
                 "UPDATE notification_preference p SET %s FROM account a"
                 " WHERE a.id = p.account_id AND a.username = '%s' AND p.kind = '%s'",
                 kind, username, what, username, kind);
}

static void everybody_is_reminded_once(void **state)
{
    (void)state;
    start();
    assert_string_equal(tell_at("2131-03-24T11:59:59Z"), "SUCCESS|0|0|0|0");
    assert_string_equal(tell_at("2131-03-24T12:00:00Z"), "SUCCESS|0|4|0|0"); /* predictions */
    assert_string_equal(tell_at("2131-03-24T12:59:59Z"), "SUCCESS|0|0|0|0");
    assert_string_equal(tell_at("2131-03-24T13:00:00Z"), "SUCCESS|0|4|2|0");
    assert_string_equal(tell_at("2131-03-24T13:00:00Z"), "SUCCESS|0|0|0|0");
    assert_string_equal(tell_at("2131-03-25T12:59:00Z"), "SUCCESS|0|0|0|0");
    assert_string_equal(told("a.username, n.kind, n.title"),
                        "ann|lock_soon|Test < \"Grand\" & Prix: predictions close Saturday 24 March, 14:00\n"
                        "bob|lock_soon|Test < \"Grand\" & Prix: predictions close Saturday 24 March, 15:00\n"
                        "cyd|lock_soon|Test < \"Grand\" & Prix: predictions close Saturday 24 March, 10:00\n"
                        "eve|lock_soon|Test < \"Grand\" & Prix: predictions close Saturday 24 March, 14:00\n"
                        "ann|race_reminder|Test < \"Grand\" & Prix: Sunday 25 March, 13:00\n"
                        "bob|race_reminder|Test < \"Grand\" & Prix: Sunday 25 March, 15:00\n"
                        "cyd|race_reminder|Test < \"Grand\" & Prix: Sunday 25 March, 09:00\n"
                        "eve|race_reminder|Test < \"Grand\" & Prix: Sunday 25 March, 13:00");
}

static void mail_is_for_who_wants_it(void **state)
{
    const char *html;

    (void)state;
    start();
    tell_at("2131-03-24T13:30:00Z");
    assert_string_equal(f1_test_sql("SELECT recipient, kind, is_optional, utc_text(expires_at) FROM mail_outbox"
                                    " ORDER BY recipient"),
                        "bob@example.org|race_reminder|t|2131-03-25T13:00:00Z\n"
                        "eve@example.org|race_reminder|t|2131-03-25T13:00:00Z");
    assert_non_null(strstr(f1_test_sql("SELECT body FROM mail_outbox WHERE recipient LIKE 'bob@%'"),
                           "Hello bob,\n\nThe Test < \"Grand\" & Prix at "));
    assert_non_null(strstr(f1_test_sql("SELECT body FROM mail_outbox WHERE recipient LIKE 'bob@%'"),
                           " starts on Sunday, 25 March 2131 at 15:00 (Europe/Rome).\n"));
    html = f1_test_sql("SELECT html FROM mail_outbox WHERE recipient LIKE 'bob@%'");
    assert_non_null(strstr(html, "<h2>Test &lt; &quot;Grand&quot; &amp; Prix: Sunday 25 March, 15:00</h2>"));
    assert_null(strstr(html, "Test <"));
}

static void each_is_told_as_he_wishes(void **state)
{
    (void)state;
    start();
    f1_test_sql("UPDATE notification_kind SET in_app = false WHERE kind = 'lock_soon'");
    wishes("ann", "race_reminder", "hours_before = 48");
    wishes("bob", "race_reminder", "hours_before = 1, in_app = false");
    wishes("cyd", "race_reminder", "in_app = false");
    wishes("eve", "race_reminder", "mail = false");
    assert_string_equal(tell_at("2131-03-23T13:00:00Z"), "SUCCESS|0|1|0|0");
    assert_string_equal(tell_at("2131-03-24T13:00:00Z"), "SUCCESS|0|1|0|0");
    assert_string_equal(tell_at("2131-03-25T12:00:00Z"), "SUCCESS|0|1|1|0");
    assert_string_equal(told("a.username, n.in_app, n.by_mail"), "ann|t|f\neve|t|f\nbob|f|t");
}

static void a_race_that_moves_is_another(void **state)
{
    (void)state;
    start();
    f1_test_sql("UPDATE notification_kind SET in_app = false WHERE kind = 'lock_soon'");
    tell_at("2131-03-24T13:00:00Z");
    f1_test_sql("UPDATE session SET starts_at = '2131-03-25T15:00:00Z' WHERE race_id = '" RACE "' AND kind = 'race'");
    assert_string_equal(tell_at("2131-03-24T14:00:00Z"), "SUCCESS|0|0|0|0");
    assert_string_equal(tell_at("2131-03-24T15:00:00Z"), "SUCCESS|0|4|2|0");
    assert_string_equal(f1_test_sql("SELECT count(DISTINCT title) FROM notification n JOIN account a"
                                    " ON a.id = n.account_id WHERE a.username = 'bob'"),
                        "2");
    /* one that is called off is none */
    start();
    f1_test_sql("UPDATE race SET status = 'cancelled', round = NULL WHERE id = '" RACE "'");
    assert_string_equal(tell_at("2131-03-24T13:00:00Z"), "SUCCESS|0|0|0|0");
}

static void what_has_begun_is_past_reminding(void **state)
{
    (void)state;
    start();
    assert_string_equal(tell_at("2131-03-25T13:00:00Z"), "SUCCESS|0|0|0|0");
    /* a race of which only the day is known */
    f1_test_sql("UPDATE session SET starts_at = NULL WHERE race_id = '" RACE "' AND kind = 'race'");
    assert_string_equal(tell_at("2131-03-25T00:00:00Z"), "SUCCESS|0|0|0|0");
    assert_string_equal(tell_at("2131-03-24T14:00:00Z"), "SUCCESS|0|4|2|0");
    assert_string_equal(told("DISTINCT ON (n.created_at, n.kind, n.subject) n.title"),
                        "Test < \"Grand\" & Prix: Sunday 25 March");
}

/* The race's classification in a revision: the first three. */
static void classify(int revision)
{
    f1_test_sqlf("INSERT INTO entry (season, race_id, driver_id, constructor_id, number)"
                 " SELECT 2131, '" RACE "', d.id, (SELECT min(id) FROM constructor), row_number() OVER (ORDER BY d.id)"
                 " FROM (SELECT id FROM driver ORDER BY id LIMIT 3) AS d ON CONFLICT DO NOTHING;"
                 "INSERT INTO revision (session_id, season, number, known_at, source, digest, row_count)"
                 " SELECT id, 2131, %d, '2131-03-25T15:00:00Z', 'test', 'x', 3 FROM session"
                 " WHERE race_id = '" RACE "' AND kind = 'race';"
                 "INSERT INTO result (season, session_id, revision, line, entry_id, position, position_text, points,"
                 "                    status)"
                 " SELECT 2131, s.id, %d, e.number, e.id, e.number, e.number, 10, 'Finished' FROM session s"
                 " JOIN entry e USING (race_id) WHERE s.race_id = '" RACE "' AND s.kind = 'race'",
                 revision, revision);
}

static void results_are_told(void **state)
{
    const char *text;

    (void)state;
    start();
    classify(1);
    happens("results", "race", 1, "2131-03-25T15:00:00Z", "{}");
    /* the event ordered the job itself */
    f1_test_ctl(0, "work --until-idle --clock 2131-03-25T15:00:00Z@0");
    assert_string_equal(f1_test_sql("SELECT state, result FROM job WHERE kind = 'notify'"),
                        "SUCCESS|{\"mails\": 2, \"events\": 1, \"deliveries\": 0, \"notifications\": 4}");
    assert_string_equal(tell_at("2131-03-25T15:01:00Z"), "SUCCESS|0|0|0|0");
    text = told("DISTINCT ON (n.created_at, n.kind, n.subject) n.title, n.link, n.text");
    assert_string_equal(text, f1_test_sql("SELECT 'Test < \"Grand\" & Prix: race results',"
                                          " '/api/v1/races/" RACE "/results',"
                                          " string_agg(nr || '. ' || d.name || ' (' || k.name || ')', E'\\n')"
                                          " FROM (SELECT row_number() OVER (ORDER BY id) AS nr, name FROM driver"
                                          "       ORDER BY id LIMIT 3) AS d,"
                                          " (SELECT name FROM constructor ORDER BY id LIMIT 1) AS k"));
    /* a season that is loaded later is no news, nor is what happened before somebody came */
    start();
    happens("results", "race", 1, "2131-04-25T15:00:00Z", "{}");
    assert_string_equal(tell_at("2131-04-25T15:00:00Z"), "SUCCESS|1|0|0|0");
    start();
    happens("results", "race", 1, "2131-03-25T15:00:00Z", "{}");
    f1_test_sql("UPDATE account SET created_at = '2131-03-25T15:00:01Z' WHERE username <> 'ann'");
    assert_string_equal(tell_at("2131-03-25T15:00:02Z"), "SUCCESS|1|1|0|0");
    assert_string_equal(told("n.text"), "They are there.");
}

#define CHANGE(field, old, new) \
    "{\"driver\": {\"id\": \"a\", \"name\": \"Ann Bo\"}, \"field\": \"" field "\", \"old\": " old ", \"new\": " new "}"

static void corrections_are_told(void **state)
{
    (void)state;
    start();
    happens("correction", "race", 2, "2131-05-01T00:00:00Z",
            "{\"diff\": {\"position_changes\": [" CHANGE(
                "position", "1",
                "2") "],"
                     " \"new_dnf\": [" CHANGE(
                         "outcome", "\"finished\"",
                         "\"not_classified\"") "],"
                                               " \"point_changes\": [" CHANGE(
                                                   "points", "25",
                                                   "null") "],"
                                                           " \"time_changes\": [" CHANGE(
                                                               "time_ms", "1",
                                                               "2") "],"
                                                                    " \"removed\": [{\"driver\": {\"id\": \"b\", "
                                                                    "\"name\": \"Cy Do\"}, \"position\": 3}]}}");
    assert_string_equal(tell_at("2131-05-01T00:00:01Z"), "SUCCESS|1|4|2|0");
    assert_string_equal(told("DISTINCT ON (n.created_at, n.kind, n.subject) n.title, n.text"),
                        "Test < \"Grand\" & Prix: race results corrected|"
                        "Ann Bo: finished → not classified\nCy Do: is no longer classified\nAnn Bo: place 1 → 2\n"
                        "Ann Bo: points 25 → none");
    /* a time that was mended, one of long ago, and a season long past */
    happens("correction", "race", 3, "2131-05-02T00:00:00Z",
            "{\"diff\": {\"time_changes\": [" CHANGE("time_ms", "1", "2") "]}}");
    happens("correction", "race", 4, "2131-04-20T00:00:00Z",
            "{\"diff\": {\"position_changes\": [" CHANGE("position", "1", "2") "]}}");
    assert_string_equal(tell_at("2131-05-02T00:00:00Z"), "SUCCESS|2|0|0|0");
    happens("correction", "race", 5, "2132-05-02T00:00:00Z",
            "{\"diff\": {\"position_changes\": [" CHANGE("position", "1", "2") "]}}");
    assert_string_equal(tell_at("2132-05-02T00:00:00Z"), "SUCCESS|1|0|0|0");
}

static void a_long_correction_is_cut(void **state)
{
    (void)state;
    start();
    f1_test_sql("INSERT INTO event (kind, race_id, session, revision, at, payload)"
                " SELECT 'correction', '" RACE "', 'race', 2, '2131-03-26', jsonb_build_object('diff',"
                " jsonb_build_object('position_changes', jsonb_agg(jsonb_build_object('driver', jsonb_build_object("
                " 'name', 'Driver ' || n), 'field', 'position', 'old', n, 'new', n + 1))))"
                " FROM generate_series(1, 20) AS n");
    tell_at("2131-03-26T00:00:00Z");
    assert_string_equal(told("DISTINCT ON (n.created_at, n.kind, n.subject)"
                             " regexp_count(n.text, E'\\n'), substring(n.text FROM 'and.*')"),
                        "10|and 10 more");
}

static void the_calendar_is_told(void **state)
{
    (void)state;
    start();
    happens("race_moved", "", 0, "2131-03-20T00:00:00Z",
            "{\"sessions\": [{\"session\": \"race\", \"old\": {}, \"new\": {}}]}");
    assert_string_equal(tell_at("2131-03-20T00:00:00Z"), "SUCCESS|1|4|2|0");
    assert_non_null(strstr(told("n.text"), "Race: Sunday, 25 March 2131 at 09:00 (America/New_York)"));
    assert_null(strstr(told("n.text"), "Qualifying"));
    happens("race_moved", "", 0, "2131-03-20T00:30:00Z",
            "{\"sessions\": [{\"session\": \"practice_1\", \"old\": {}, \"new\": {}}]}");
    assert_string_equal(tell_at("2131-03-20T00:30:00Z"), "SUCCESS|1|4|2|0");
    assert_string_equal(f1_test_sql("SELECT string_agg(DISTINCT substring(title FROM ': .*'), '') FROM notification"),
                        ": moved: new times");
    happens("race_renumbered", "", 0, "2131-03-20T01:00:00Z", "{}");
    assert_string_equal(tell_at("2131-03-20T01:00:00Z"), "SUCCESS|1|0|0|0");
    happens("race_cancelled", "", 0, "2131-03-20T02:00:00Z", "{}");
    happens("race_revived", "", 0, "2131-03-20T02:00:00Z", "{}");
    happens("race_cancelled", "", 0, "2131-03-20T02:00:00Z", "{}");
    assert_string_equal(tell_at("2131-03-20T02:00:00Z"), "SUCCESS|3|12|6|0");
    assert_non_null(strstr(told("n.text"), ", planned for Sunday, 25 March 2131, was cancelled."));
    assert_non_null(strstr(told("n.text"), "Qualifying: Saturday, 24 March 2131 at 15:00 (Europe/Rome)\nRace: Sunday"));
    /* of what is over nobody needs to know where it went */
    happens("race_moved", "", 0, "2131-03-26T00:00:00Z", "{}");
    assert_string_equal(tell_at("2131-03-26T00:00:00Z"), "SUCCESS|1|0|0|0");
}

static void webhooks_are_told(void **state)
{
    json_t *doc;

    (void)state;
    start();
    f1_test_sql("INSERT INTO webhook (account_id, url, secret, kinds, is_active)"
                " SELECT id, 'https://example.org/' || username, decode(repeat('00', 32), 'hex'), v.kinds, v.is_active"
                " FROM account JOIN (VALUES ('ann', '{race_reminder,results}'::text[], true),"
                " ('ann', '{results}', true), ('bob', '{race_reminder}', false), ('cyd', '{race_reminder}', true))"
                " AS v (username, kinds, is_active) USING (username)");
    wishes("cyd", "race_reminder", "webhook = false");
    assert_string_equal(tell_at("2131-03-24T15:00:00Z"), "SUCCESS|0|4|2|1");
    assert_string_equal(f1_test_sql("SELECT event_key, kind FROM webhook_delivery"),
                        "race_reminder " RACE " 2131-03-25T13:00:00Z|race_reminder");
    doc = f1_test_json(f1_test_sql("SELECT payload FROM webhook_delivery"));
    f1_assert_json(doc, "race/id", "\"" RACE "\"");
    f1_assert_json(doc, "link", "\"/api/v1/races/" RACE "\"");
    assert_string_equal(told("a.username, n.by_webhook"), "ann|t\nbob|f\ncyd|f\neve|f");
}

static void owners_are_told_of_their_accounts(void **state)
{
    (void)state;
    start();
    f1_test_sql("INSERT INTO audit_log (via, action, object_id, details)"
                " SELECT 'token', v.action, a.id, v.details::jsonb FROM account a JOIN (VALUES"
                " ('ann', 'account.password', '{}'), ('ann', 'account.update', '{}'),"
                " ('bob', 'account.role', '{\"role\": \"admin\"}')) AS v (username, action, details) USING (username);"
                "INSERT INTO audit_log (via, action, object_id, details)"
                " SELECT 'nobody', 'session.revoke', gen_random_uuid(), jsonb_build_object('account', id, 'reason',"
                " CASE username WHEN 'cyd' THEN 'reuse' ELSE 'logout' END) FROM account;"
                "INSERT INTO audit_log (via, action, object_id) VALUES ('token', 'account.password', 'nobody')");
    assert_string_equal(f1_test_sql("SELECT a.username, n.title, n.in_app, n.by_mail FROM notification n"
                                    " JOIN account a ON a.id = n.account_id ORDER BY 1"),
                        "ann|Your password was changed|t|f\n"
                        "bob|Your role was changed|t|f\n"
                        "cyd|A session was ended for safety|t|f");
}

/* Reminds until nobody is left, and ends with how many it told; each of several that do so at the same time. */
static void remind_in_child(void)
{
    const f1_session_settings_t settings = {0, "test", 0};
    const char *const values[] = {"2131-03-24T15:00:00Z", "100"};
    f1_result_t *res;
    f1_conn_t *conn;
    apr_pool_t *pool;
    f1_rows_t *rows;
    f1_db_t *db;
    int rounds;

    apr_pool_create(&pool, NULL);
    res = f1_result_make(pool);
    if (f1_db_direct_create(&db, "", &settings, pool, res) != APR_SUCCESS ||
        db->open(db, &conn, pool, res) != APR_SUCCESS) {
        _exit(1);
    }
    for (rounds = 0; rounds < 100; rounds++) {
        if (f1_query(conn, &f1_stmt_notify_reminders, values, &rows, pool, res) != APR_SUCCESS) {
            _exit(1);
        }
        if (strcmp(f1_rows_get(rows, 0, 0), "0") == 0) {
            break;
        }
    }
    _exit(0);
}

static void add_crowd(void)
{
    f1_test_sql("INSERT INTO account (username, email, email_verified_at, notifications_enabled, time_zone, created_at)"
                " SELECT 'crowd_' || n, 'crowd_' || n || '@example.org', '2131-01-01', true,"
                " (ARRAY['UTC', 'Europe/Rome', 'Asia/Tokyo', 'America/Sao_Paulo', 'Australia/Lord_Howe'])[n % 5 + 1],"
                " '2131-01-01' FROM generate_series(1, " CROWD ") AS n; ANALYZE account");
}

static void many_at_once_tell_nobody_twice(void **state)
{
    pid_t children[PROCESSES];
    int i, status;

    (void)state;
    start();
    f1_test_sql("UPDATE notification_kind SET in_app = false WHERE kind = 'lock_soon'");
    f1_test_sql("INSERT INTO account (username, email, email_verified_at, notifications_enabled, created_at)"
                " SELECT 'crowd_' || n, 'crowd_' || n || '@example.org', '2131-01-01', true, '2131-01-01'"
                " FROM generate_series(1, 996) AS n");
    for (i = 0; i < PROCESSES; i++) {
        children[i] = fork();
        assert_int_not_equal(children[i], -1);
        if (children[i] == 0) {
            remind_in_child();
        }
    }
    for (i = 0; i < PROCESSES; i++) {
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    assert_string_equal(f1_test_sql("SELECT count(*), count(DISTINCT account_id) FROM notification"), "1000|1000");
    assert_string_equal(f1_test_sql("SELECT count(*), count(DISTINCT recipient) FROM mail_outbox"), "998|998");
}

static void names_from_outside_stay_in_their_place(void **state)
{
    (void)state;
    start();
    f1_test_sql("UPDATE race SET name = repeat(E'<x>\\r\\n', 200) WHERE id = '" RACE "'");
    assert_string_equal(tell_at("2131-03-24T13:00:00Z"), "SUCCESS|0|8|2|0");
    assert_string_equal(f1_test_sql("SELECT count(*) FROM notification WHERE title ~ '[[:cntrl:]]' OR text ~ E'\\r'"),
                        "0");
    assert_string_equal(f1_test_sql("SELECT count(*) FROM mail_outbox WHERE html LIKE '%<x>%'"), "0");
}

#define INBOX "f1board_inbox"
#define INSERT                                                                                                   \
    "INSERT INTO notification (account_id, kind, subject, title, text, in_app, by_mail, by_webhook, created_at)" \
    " SELECT id, 'results', n, 'x', 'x', true, false, false, now() FROM account, generate_series(1, 2) AS n"

static void who_shows_inboxes_is_told(void **state)
{
    const char *ann;

    (void)state;
    start();
    ann = f1_test_sql("SELECT id FROM account WHERE username = 'ann'");
    assert_string_equal(f1_test_notices(INBOX, INSERT " WHERE username = 'ann'"), ann);
    assert_string_equal(f1_test_notices(INBOX, "UPDATE notification SET read_at = now() WHERE subject = '1'"), ann);
    assert_string_equal(f1_test_notices(INBOX, "UPDATE notification SET read_at = now() WHERE subject = '3'"), "");
    assert_string_equal(f1_test_notices(INBOX, "DELETE FROM notification"), ann);
    add_crowd();
    assert_string_equal(f1_test_notices(INBOX, INSERT " LIMIT 202"), "*");
}

/* Tells whom of the crowd there is to tell at that time; how long it took is told with F1_FIGURES. */
static void remind_crowd(const char *now, const char *expected)
{
    const char *const values[] = {now, "20000"};
    apr_time_t begin = apr_time_now();
    f1_rows_t *rows;

    f1_assert_ok(f1_query(f1_test_conn(), &f1_stmt_notify_reminders, values, &rows, f1_test_pool(), f1_test_result()),
                 f1_test_result());
    if (getenv("F1_FIGURES")) {
        fprintf(stderr, "one statement queued %s mails to a crowd of " CROWD " in %d ms\n", f1_rows_get(rows, 0, 1),
                (int)apr_time_as_msec(apr_time_now() - begin));
    }
    assert_string_equal(f1_rows_get(rows, 0, 0), expected);
    assert_string_equal(f1_rows_get(rows, 0, 1), expected);
}

static void a_crowd_is_told_by_one_statement(void **state)
{
    (void)state;
    start();
    f1_test_sql("UPDATE notification_kind SET in_app = false WHERE kind = 'lock_soon'; DELETE FROM account");
    add_crowd();
    remind_crowd("2131-03-24T15:00:00Z", CROWD);
    assert_string_equal(f1_test_sql("SELECT count(*), count(DISTINCT subject) FROM mail_outbox"), CROWD "|5");
    remind_crowd("2131-03-24T15:01:00Z", "0");
    remind_crowd("2131-08-24T15:00:00Z", "0"); /* no race is near */
}

static void what_is_old_is_forgotten(void **state)
{
    (void)state;
    start();
    f1_test_sql("INSERT INTO notification (account_id, kind, subject, title, text, in_app, by_mail, by_webhook,"
                " created_at, read_at)"
                " SELECT a.id, 'results', v.subject, 'x', 'x', v.in_app, false, false, v.created_at::timestamptz,"
                " v.read_at::timestamptz FROM account a, (VALUES"
                " ('unread', true, '2131-01-01', NULL), ('read of late', true, '2131-01-01', '2131-05-30'),"
                " ('read', true, '2131-01-01', '2131-01-02'), ('deleted', false, '2131-01-01', NULL),"
                " ('young', true, '2131-05-30', '2131-05-30'), ('very old', true, '2130-01-01', NULL))"
                " AS v (subject, in_app, created_at, read_at) WHERE a.username = 'ann'");
    f1_test_sql("INSERT INTO job (kind, run_at) VALUES ('clean_up', '2131-06-01')");
    f1_test_ctl(0, "work --until-idle --clock 2131-06-01T00:00:00Z@0");
    assert_string_equal(f1_test_sql("SELECT string_agg(subject, ',' ORDER BY subject) FROM notification"),
                        "read of late,unread,young");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        F1_TEST(everybody_is_reminded_once),
        F1_TEST(mail_is_for_who_wants_it),
        F1_TEST(each_is_told_as_he_wishes),
        F1_TEST(a_race_that_moves_is_another),
        F1_TEST(what_has_begun_is_past_reminding),
        F1_TEST(results_are_told),
        F1_TEST(corrections_are_told),
        F1_TEST(a_long_correction_is_cut),
        F1_TEST(the_calendar_is_told),
        F1_TEST(webhooks_are_told),
        F1_TEST(owners_are_told_of_their_accounts),
        F1_TEST(many_at_once_tell_nobody_twice),
        F1_TEST(names_from_outside_stay_in_their_place),
        F1_TEST(who_shows_inboxes_is_told),
        F1_TEST(a_crowd_is_told_by_one_statement),
        F1_TEST(what_is_old_is_forgotten),
    };

    return f1_test_run(tests);
}
