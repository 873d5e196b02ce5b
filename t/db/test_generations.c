/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Generations of data domains: which change moves which, once for a transaction, and what moves none. */

#include <string.h>

#include <apr_strings.h>

#include "f1_test.h"
#include "base/route.h"
#include "base/str.h"

static const struct {
    const char *table, *domain;
} followed[] = {
    {"season", "schedule"},
    {"circuit", "schedule"},
    {"circuit_fact", "schedule"},
    {"race", "schedule"},
    {"race_alias", "schedule"},
    {"session", "schedule"},
    {"calendar_session", "schedule"},
    {"weather", "weather"},
    {"weather_hour", "weather"},
    {"driver", "entrants"},
    {"constructor", "entrants"},
    {"season_driver", "entrants"},
    {"season_constructor", "entrants"},
    {"entry", "entrants"},
    {"revision", "results"},
    {"result", "results"},
    {"qualifying_result", "results"},
    {"ergast_status", "results"},
    {"lap", "laps"},
    {"pit_stop", "laps"},
    {"session_load", "laps"},
    {"driver_standing", "standings"},
    {"constructor_standing", "standings"},
    {"driver_rating", "rankings"},
    {"constructor_rating", "rankings"},
    {"openf1_meetings", "openf1"},
    {"openf1_load", "openf1"},
    {"openf1_laps", "openf1"},
};

/* The domains whose generation differs after the SQL, in order; one that went down is marked. */
static const char *moved_by(const char *sql)
{
    f1_test_sql("DROP TABLE IF EXISTS public.before; CREATE TABLE public.before AS TABLE generation");
    f1_test_sql(sql);
    return f1_test_sql("SELECT string_agg(CASE WHEN g.value < b.value THEN 'DOWN ' ELSE '' END || g.domain, ' '"
                       " ORDER BY g.domain) FROM generation g LEFT JOIN public.before b ON b.domain = g.domain"
                       " WHERE g.value IS DISTINCT FROM b.value");
}

/* The word that TRUNCATE leaves, whose transaction is never committed, and the triggers for all else. */
static void test_every_table_moves_its_domain(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(followed) / sizeof(followed[0]); i++) {
        const char *sql = apr_psprintf(f1_test_pool(),
                                       "BEGIN; TRUNCATE %s CASCADE; SELECT string_agg(domain, ' ')"
                                       " FROM generation_touched",
                                       followed[i].table);

        assert_non_null(strstr(f1_test_sql(sql), followed[i].domain));
        sql =
            apr_psprintf(f1_test_pool(),
                         "SELECT string_agg(tgname, ' ' ORDER BY tgname) FROM pg_trigger WHERE tgrelid = '%s'::regclass"
                         " AND tgname LIKE 'generation%%' AND encode(tgargs, 'escape') = '%s\\000'",
                         followed[i].table, followed[i].domain);
        assert_string_equal(f1_test_sql(sql),
                            "generation_delete generation_insert generation_truncate generation_update");
    }
    assert_string_equal(f1_test_sql("SELECT count(*) FROM generation_touched"), "0");
}

/* Tables that no answer shows, or that hold no data of the sport. A new table belongs to a domain, or to this list. */
static void test_no_table_is_forgotten(void **state)
{
    (void)state;
    assert_string_equal(f1_test_sql("SELECT string_agg(relname, ' ' ORDER BY relname) FROM pg_class c"
                                    " WHERE relnamespace = 'f1board'::regnamespace AND relkind IN ('r', 'p')"
                                    " AND NOT relispartition AND NOT EXISTS (SELECT FROM pg_trigger"
                                    " WHERE tgrelid = c.oid AND tgname = 'generation_insert')"),
                        "account account_link account_token api_key audit_log event event_consumer event_due"
                        " generation generation_touched ingestion_run ingestion_step job login_source mail_outbox"
                        " notification notification_kind notification_preference openf1_car_data openf1_location"
                        " refresh_token request_replay schedule schema_migration session_check upstream"
                        " upstream_request user_session weather_check webhook webhook_delivery");
}

static void test_domains_are_those_of_the_routes(void **state)
{
    const char *listed = "";

    (void)state;
    for (int i = 0; f1_domains[i]; i++) {
        listed = apr_pstrcat(f1_test_pool(), listed, i ? "\n" : "", f1_domains[i], NULL);
    }
    assert_string_equal(
        f1_test_sql(apr_psprintf(
            f1_test_pool(), "SELECT domain FROM generation EXCEPT SELECT regexp_split_to_table('%s', '\\n')", listed)),
        "");
    assert_string_equal(
        f1_test_sql(apr_psprintf(
            f1_test_pool(), "SELECT regexp_split_to_table('%s', '\\n') EXCEPT SELECT domain FROM generation", listed)),
        "");
}

/* The domains of all tables that a statement reads, also by views and functions, in order. */
static const char domains_read_by[] =
    "CREATE FUNCTION public.domains_read_by(text) RETURNS text LANGUAGE sql AS $f$"
    "WITH RECURSIVE object(name, pattern, body, domain) AS ("
    "    SELECT relname::text, '\\m(from|join)\\s+\\(*' || relname || '\\M',"
    "           CASE WHEN relkind = 'v' THEN pg_get_viewdef(c.oid) ELSE '' END,"
    "           CASE WHEN relkind = 'm' THEN 'rankings' ELSE (SELECT encode(substring(tgargs FROM 1 FOR length(tgargs) "
    "- 1), 'escape') FROM pg_trigger"
    "            WHERE tgrelid = c.oid AND tgname = 'generation_insert') END"
    "    FROM pg_class c WHERE relnamespace = 'f1board'::regnamespace AND relkind IN ('r', 'p', 'v', 'm')"
    "    UNION ALL SELECT proname::text, '\\m' || proname || '\\s*\\(', prosrc, NULL"
    "    FROM pg_proc WHERE pronamespace = 'f1board'::regnamespace), "
    "seen(name, body, domain) AS ("
    "    SELECT '' COLLATE \"C\", $1 COLLATE \"C\", NULL"
    "    UNION SELECT o.name, o.body, o.domain FROM seen s JOIN object o ON s.body ~* o.pattern"
    "    AND s.body !~ ('\\m' || o.name || '\\s+AS\\s+(MATERIALIZED )?\\(\\s')) " /* WITH hides the table */
    "SELECT string_agg(DISTINCT domain, ' ') FROM seen $f$";

static void add_statement(f1_buf_t *out, const f1_route_t *route, const f1_statement_t *statement)
{
    if (statement) {
        f1_buf_addf(out, "%s('%s', '", out->len ? ", " : "", route->file);
        for (int i = 0; route->domains[i]; i++) {
            f1_buf_addf(out, "%s%s", i ? " " : "", route->domains[i]);
        }
        f1_buf_addf(out, "', $sql$%s$sql$)", statement->sql);
    }
}

/* Those that a handler written in C runs. */
static void add_statements_of(f1_buf_t *out, const f1_route_t *route)
{
    static const struct {
        const char *handler, *prefix;
    } handlers[] = {{"ergast", "f1b_ergast_"}, {"openf1", "f1b_openf1_api_"}, {"calendar", "f1b_calendar_"}};

    for (size_t i = 0; i < sizeof(handlers) / sizeof(handlers[0]); i++) {
        for (int j = 0; route->handler && !strcmp(route->handler, handlers[i].handler) && j < f1_statement_count; j++) {
            if (!strncmp(f1_statements[j]->name, handlers[i].prefix, strlen(handlers[i].prefix))) {
                add_statement(out, route, f1_statements[j]);
            }
        }
    }
}

/* A domain that an endpoint reads and does not name would let it answer with what once was. */
static void test_routes_name_what_they_read(void **state)
{
    f1_buf_t rows;

    (void)state;
    f1_test_sql(domains_read_by);
    assert_string_equal(f1_test_sql("SELECT public.domains_read_by('SELECT 1 FROM find_standing(1, 2, now())')"),
                        "schedule standings");
    f1_buf_init(&rows, f1_test_pool(), 65536, 4 * 1024 * 1024);
    for (int i = 0; i < f1_route_count; i++) {
        if (f1_routes[i].max_age) {
            add_statement(&rows, &f1_routes[i], f1_routes[i].query.statement);
            add_statement(&rows, &f1_routes[i], f1_routes[i].exists.statement);
            add_statements_of(&rows, &f1_routes[i]);
        }
    }
    assert_string_equal(f1_test_sql(apr_pstrcat(f1_test_pool(), "SELECT DISTINCT file, domain FROM (VALUES ", rows.data,
                                                ") AS v (file, named, sql),"
                                                " string_to_table(public.domains_read_by(sql), ' ') AS domain"
                                                " WHERE domain <> ALL (string_to_array(named, ' '))",
                                                NULL)),
                        "");
}

static void test_changes(void **state)
{
    (void)state;
    assert_string_equal(moved_by("INSERT INTO circuit (id, name) VALUES ('new_one', 'New One')"), "schedule");
    assert_string_equal(moved_by("UPDATE circuit SET name = 'Newer' WHERE id = 'new_one'"), "schedule");
    assert_string_equal(moved_by("DELETE FROM circuit WHERE id = 'new_one'"), "schedule");
    assert_string_equal(moved_by("UPDATE result SET laps = laps - 1 WHERE line = 1"), "results");
    assert_string_equal(moved_by("UPDATE lap SET time_ms = time_ms + 1 WHERE lap = 1"), "laps");
    assert_string_equal(moved_by("UPDATE driver_standing SET wins = wins + 1"), "standings");
    assert_string_equal(moved_by("UPDATE driver_rating SET elo = elo + 1"), "rankings");
    assert_string_equal(moved_by("UPDATE driver SET given_name = 'X' || given_name"), "entrants");
    assert_string_equal(moved_by("SELECT generation_touch('rankings')"), "rankings");
    assert_string_equal(moved_by("BEGIN; UPDATE driver SET number = 99; UPDATE race SET url = 'x'; COMMIT"),
                        "entrants schedule");
    /* what goes with it by foreign keys */
    assert_string_equal(moved_by("DELETE FROM session WHERE season = 2028"), "laps results schedule");
    assert_string_equal(moved_by("TRUNCATE lap"), "laps");
}

static void test_no_changes(void **state)
{
    (void)state;
    assert_string_equal(moved_by("UPDATE circuit SET name = name"), "");
    assert_string_equal(moved_by("DELETE FROM result WHERE season = 1950"), "");
    assert_string_equal(moved_by("INSERT INTO circuit SELECT * FROM circuit LIMIT 0"), "");
    assert_string_equal(moved_by("INSERT INTO season (year) VALUES (2029) ON CONFLICT DO NOTHING"), "");
    assert_string_equal(moved_by("BEGIN; UPDATE driver SET number = 98; ROLLBACK"), "");
    assert_string_equal(moved_by("BEGIN; SAVEPOINT a; UPDATE driver SET number = 97; ROLLBACK TO a; COMMIT"), "");
}

/* However much a transaction changed, it is one generation more; and never one from the past. */
static void test_once_for_a_transaction(void **state)
{
    (void)state;
    f1_test_sql("UPDATE generation SET value = 9000000000000000");
    f1_test_sql("BEGIN; UPDATE driver SET number = 1; UPDATE driver SET number = 2; UPDATE constructor SET url = 'y';"
                "SAVEPOINT a; UPDATE driver SET number = 3; RELEASE a; COMMIT");
    assert_string_equal(f1_test_sql("SELECT value FROM generation WHERE domain = 'entrants'"), "9000000000000001");
    f1_test_sql("UPDATE generation SET value = 5");
    f1_test_sql("UPDATE driver SET number = 4");
    assert_string_equal(f1_test_sql("SELECT value > 1700000000000000 FROM generation WHERE domain = 'entrants'"), "t");
    assert_string_equal(f1_test_sql("SELECT count(*) FROM generation_touched"), "0");
}

static void test_any_search_path_will_do(void **state)
{
    (void)state;
    assert_string_equal(moved_by("SET search_path = pg_catalog; UPDATE f1board.driver SET number = 5"), "entrants");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        F1_TEST(test_every_table_moves_its_domain),
        F1_TEST(test_no_table_is_forgotten),
        F1_TEST(test_domains_are_those_of_the_routes),
        F1_TEST(test_routes_name_what_they_read),
        F1_TEST(test_changes),
        F1_TEST(test_no_changes),
        F1_TEST(test_once_for_a_transaction),
        F1_TEST(test_any_search_path_will_do),
    };

    return f1_test_run(tests);
}
