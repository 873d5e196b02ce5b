/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Migrations: from nothing up, down to nothing, again, many at once, and everything a run must refuse. The first test
 * takes the seeded database apart; every other begins without a schema. */

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <apr_strings.h>
#include <apr_general.h>

#include "f1_test.h"
#include "db/migrate.h"

#define PROCESSES 8

/* All that makes up a schema, in one digest. */
static const char fingerprint_sql[] =
    "SELECT md5(string_agg(line, E'\\n' ORDER BY line)) FROM ("
    " SELECT concat_ws(' ', c.relkind, c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,"
    "                  pg_get_expr(d.adbin, d.adrelid)) AS line"
    "   FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid"
    "   LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum"
    "  WHERE c.relnamespace = to_regnamespace('f1board') AND a.attnum > 0 AND NOT a.attisdropped"
    " UNION ALL SELECT concat_ws(' ', conname, pg_get_constraintdef(oid)) FROM pg_constraint"
    "            WHERE connamespace = to_regnamespace('f1board')"
    " UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'f1board'"
    " UNION ALL SELECT pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = to_regnamespace('f1board')"
    " UNION ALL SELECT definition FROM pg_views WHERE schemaname = 'f1board'"
    " UNION ALL SELECT definition FROM pg_matviews WHERE schemaname = 'f1board') AS everything";

static void start_from_nothing(void)
{
    f1_test_sql("SET client_min_messages = warning; DROP SCHEMA IF EXISTS f1board CASCADE");
}

static int up(int target)
{
    f1_result_t *res = f1_result_make(f1_test_pool());
    int applied = -1;

    f1_assert_ok(f1_migrate_up(f1_test_conn(), target, NULL, NULL, &applied, f1_test_pool(), res), res);
    return applied;
}

static int down(int target)
{
    f1_result_t *res = f1_result_make(f1_test_pool());
    int reverted = -1;

    f1_assert_ok(f1_migrate_down(f1_test_conn(), target, NULL, NULL, &reverted, f1_test_pool(), res), res);
    return reverted;
}

static int version(void)
{
    f1_result_t *res = f1_result_make(f1_test_pool());
    int number = -1;

    f1_assert_ok(f1_migrate_version(f1_test_conn(), &number, f1_test_pool(), res), res);
    return number;
}

/* Neither up nor down goes, both for this reason. */
static void assert_refused(const char *why)
{
    f1_result_t *up_res = f1_result_make(f1_test_pool()), *down_res = f1_result_make(f1_test_pool());
    int done;

    assert_int_not_equal(f1_migrate_up(f1_test_conn(), 0, NULL, NULL, &done, f1_test_pool(), up_res), APR_SUCCESS);
    assert_int_equal(done, 0);
    assert_int_equal(up_res->error, F1_E_SCHEMA_MISMATCH);
    assert_non_null(strstr(up_res->detail, why));
    assert_int_not_equal(f1_migrate_down(f1_test_conn(), 0, NULL, NULL, &done, f1_test_pool(), down_res), APR_SUCCESS);
    assert_int_equal(done, 0);
    assert_int_equal(down_res->error, F1_E_SCHEMA_MISMATCH);
    assert_non_null(strstr(down_res->detail, why));
}

static int has_schema(void)
{
    return strcmp(f1_test_sql("SELECT to_regnamespace('f1board') IS NOT NULL"), "t") == 0;
}

static void assert_lock_is_free(void)
{
    assert_string_equal(f1_test_sql("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"), "0");
}

static void down_with_data_in_it(void **state)
{
    (void)state;
    assert_string_not_equal(f1_test_sql("SELECT count(*) FROM race"), "0");
    assert_int_equal(down(0), f1_migration_count);
    assert_false(has_schema());
    assert_int_equal(version(), 0);
    assert_lock_is_free();
}

static void up_down_up(void **state)
{
    const char *before;

    (void)state;
    start_from_nothing();
    assert_int_equal(version(), 0);
    assert_int_equal(up(0), f1_migration_count);
    assert_int_equal(version(), f1_migration_count);
    before = f1_test_sql(fingerprint_sql);
    assert_int_equal(up(0), 0);
    assert_int_equal(down(0), f1_migration_count);
    assert_false(has_schema());
    assert_int_equal(down(0), 0);
    assert_int_equal(up(0), f1_migration_count);
    assert_string_equal(f1_test_sql(fingerprint_sql), before);
    assert_lock_is_free();
}

/* Each step undoes exactly what it did. */
static void step_by_step(void **state)
{
    const char **before = apr_pcalloc(f1_test_pool(), sizeof(char *) * (size_t)(f1_migration_count + 1));
    int i;

    (void)state;
    start_from_nothing();
    for (i = 1; i <= f1_migration_count; i++) {
        assert_int_equal(up(i), 1);
        before[i] = f1_test_sql(fingerprint_sql);
    }
    for (i = f1_migration_count - 1; i >= 1; i--) {
        assert_int_equal(down(i), 1);
        assert_int_equal(version(), i);
        if (strcmp(f1_test_sql(fingerprint_sql), before[i]) != 0) {
            fail_msg("step %d leaves something behind", i + 1);
        }
    }
}

static void up_to_a_step_and_no_further(void **state)
{
    f1_result_t *res = f1_result_make(f1_test_pool());
    int done = -1;

    (void)state;
    start_from_nothing();
    assert_int_equal(up(2), 2);
    assert_int_equal(up(1), 0);
    assert_int_equal(version(), 2);
    assert_int_equal(down(2), 0);
    assert_int_equal(down(1), 1);
    assert_int_equal(f1_migrate_up(f1_test_conn(), f1_migration_count + 1, NULL, NULL, &done, f1_test_pool(), res),
                     APR_EINVAL);
    assert_int_equal(res->error, F1_E_BAD_REQUEST);
    assert_int_equal(done, 0);
    f1_result_clear(res);
    assert_int_equal(f1_migrate_down(f1_test_conn(), -1, NULL, NULL, &done, f1_test_pool(), res), APR_EINVAL);
}

static void count_step(void *baton, const f1_migration_t *migration, int is_up, apr_interval_time_t took)
{
    int *last = baton;

    assert_true(is_up ? migration->version == *last + 1 : migration->version == *last);
    assert_true(took >= 0);
    *last = is_up ? migration->version : migration->version - 1;
}

static void steps_are_reported_in_their_order(void **state)
{
    f1_result_t *res = f1_result_make(f1_test_pool());
    int done, last = 0;

    (void)state;
    start_from_nothing();
    f1_assert_ok(f1_migrate_up(f1_test_conn(), 0, count_step, &last, &done, f1_test_pool(), res), res);
    assert_int_equal(last, f1_migration_count);
    f1_assert_ok(f1_migrate_down(f1_test_conn(), 0, count_step, &last, &done, f1_test_pool(), res), res);
    assert_int_equal(last, 0);
}

static void status_tells_each_step(void **state)
{
    f1_result_t *res = f1_result_make(f1_test_pool());
    apr_array_header_t *states;
    int i;

    (void)state;
    start_from_nothing();
    up(2);
    f1_test_sql("UPDATE f1board.schema_migration SET sha256 = 'x' WHERE version = 2;"
                "INSERT INTO f1board.schema_migration (version, name, sha256) VALUES (9999, 'later', 'y')");
    f1_assert_ok(f1_migrate_status(f1_test_conn(), &states, f1_test_pool(), res), res);
    assert_int_equal(states->nelts, f1_migration_count + 1);
    for (i = 0; i < states->nelts; i++) {
        const f1_migration_state_t *step = &APR_ARRAY_IDX(states, i, f1_migration_state_t);

        assert_int_equal(step->applied_at != NULL, i < 2 || i == f1_migration_count);
        assert_int_equal(step->modified, i == 1);
        assert_int_equal(step->unknown, i == f1_migration_count);
        assert_int_equal(step->version, i == f1_migration_count ? 9999 : i + 1);
    }
    assert_string_equal(APR_ARRAY_IDX(states, f1_migration_count, f1_migration_state_t).name, "later");
    assert_int_equal(version(), 9999);
}

/* A process of its own, with its own connection. Never returns. */
static void migrate_in_child(void)
{
    const f1_session_settings_t settings = {0, "child", 0};
    apr_pool_t *pool;
    f1_result_t *res;
    f1_conn_t *conn;
    f1_db_t *db;
    int applied;

    if (apr_pool_create(&pool, NULL) != APR_SUCCESS) {
        _exit(1);
    }
    res = f1_result_make(pool);
    if (f1_db_direct_create(&db, "", &settings, pool, res) != APR_SUCCESS ||
        db->open(db, &conn, pool, res) != APR_SUCCESS ||
        f1_migrate_up(conn, 0, NULL, NULL, &applied, pool, res) != APR_SUCCESS) {
        _exit(1);
    }
    _exit(applied == f1_migration_count ? 10 : applied == 0 ? 20 : 30);
}

static void many_at_once_from_nothing(void **state)
{
    pid_t children[PROCESSES];
    int i, status, migrated = 0, idle = 0;

    (void)state;
    start_from_nothing();
    for (i = 0; i < PROCESSES; i++) {
        children[i] = fork();
        assert_int_not_equal(children[i], -1);
        if (children[i] == 0) {
            migrate_in_child();
        }
    }
    for (i = 0; i < PROCESSES; i++) {
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_true(WIFEXITED(status));
        migrated += WEXITSTATUS(status) == 10;
        idle += WEXITSTATUS(status) == 20;
    }
    assert_int_equal(migrated, 1);
    assert_int_equal(idle, PROCESSES - 1);
    assert_int_equal(version(), f1_migration_count);
    assert_lock_is_free();
}

static void an_edited_step_is_refused(void **state)
{
    (void)state;
    start_from_nothing();
    up(3);
    f1_test_sql("UPDATE f1board.schema_migration SET sha256 = repeat('0', 64) WHERE version = 2");
    assert_refused("step 0002_classification is not the one that was applied");
    assert_int_equal(version(), 3);
    assert_lock_is_free();
}

static void a_newer_database_is_refused(void **state)
{
    (void)state;
    start_from_nothing();
    up(0);
    f1_test_sql("INSERT INTO f1board.schema_migration (version, name, sha256) VALUES (9999, 'later', 'x')");
    assert_refused("step 9999_later");
    assert_lock_is_free();
}

static void a_gap_is_refused(void **state)
{
    (void)state;
    start_from_nothing();
    up(3);
    f1_test_sql("DELETE FROM f1board.schema_migration WHERE version = 2");
    assert_refused("but step 0002 before it is not");
}

static void a_failing_step_leaves_no_trace(void **state)
{
    f1_result_t *res = f1_result_make(f1_test_pool());
    const char *before;
    int applied;

    (void)state;
    start_from_nothing();
    up(1);
    /* The second step creates lap among others; it will find one there already, after it has made result. */
    f1_test_sql("CREATE TABLE f1board.lap ()");
    before = f1_test_sql(fingerprint_sql);
    assert_int_not_equal(f1_migrate_up(f1_test_conn(), 0, NULL, NULL, &applied, f1_test_pool(), res), APR_SUCCESS);
    assert_int_equal(applied, 0);
    assert_int_equal(res->error, F1_E_INTERNAL);
    assert_non_null(strstr(f1_test_log(), "F1B0250: migration 0002_classification (up) failed and was rolled back"));
    assert_non_null(strstr(f1_test_log(), "relation \"lap\" already exists"));
    assert_string_equal(f1_test_sql(fingerprint_sql), before);
    assert_int_equal(version(), 1);
    assert_lock_is_free();
    f1_test_sql("DROP TABLE f1board.lap");
    assert_int_equal(up(0), f1_migration_count - 1);
}

static void what_is_not_ours_stays(void **state)
{
    f1_result_t *res = f1_result_make(f1_test_pool());
    int reverted;

    (void)state;
    start_from_nothing();
    up(0);
    f1_test_sql("CREATE TABLE f1board.somebody_elses (n integer)");
    assert_int_not_equal(f1_migrate_down(f1_test_conn(), 0, NULL, NULL, &reverted, f1_test_pool(), res), APR_SUCCESS);
    assert_int_equal(reverted, f1_migration_count);
    assert_string_equal(f1_test_sql("SELECT count(*) FROM f1board.somebody_elses"), "0");
    assert_int_equal(up(0), f1_migration_count);
}

/* An administrator made the schema, and the program may not make any. */
static void a_schema_that_was_given(void **state)
{
    const f1_session_settings_t settings = {0, "f1test", 0};
    f1_result_t *res = f1_result_make(f1_test_pool());
    f1_conn_t *conn;
    f1_db_t *db;
    int applied;

    (void)state;
    start_from_nothing();
    f1_test_sql("SET client_min_messages = warning; DROP ROLE IF EXISTS f1_tenant; CREATE ROLE f1_tenant LOGIN;"
                "CREATE SCHEMA f1board AUTHORIZATION f1_tenant");
    f1_assert_ok(f1_db_direct_create(&db, "user=f1_tenant", &settings, f1_test_pool(), res), res);
    f1_assert_ok(db->open(db, &conn, f1_test_pool(), res), res);
    f1_assert_ok(f1_migrate_up(conn, 0, NULL, NULL, &applied, f1_test_pool(), res), res);
    assert_int_equal(applied, f1_migration_count);
    start_from_nothing();
    f1_test_sql("DROP ROLE f1_tenant");
}

static void a_backend_that_went_away_is_replaced(void **state)
{
    f1_result_t *res = f1_result_make(f1_test_pool());
    apr_array_header_t *states;

    (void)state;
    start_from_nothing();
    assert_int_equal(version(), 0);
    f1_test_sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'f1test'");
    f1_assert_ok(f1_migrate_status(f1_test_conn(), &states, f1_test_pool(), res), res);
    assert_int_equal(states->nelts, f1_migration_count);
}

int main(void)
{
    const struct CMUnitTest tests[] = {F1_TEST(down_with_data_in_it),
                                       F1_TEST(up_down_up),
                                       F1_TEST(step_by_step),
                                       F1_TEST(up_to_a_step_and_no_further),
                                       F1_TEST(steps_are_reported_in_their_order),
                                       F1_TEST(status_tells_each_step),
                                       F1_TEST(many_at_once_from_nothing),
                                       F1_TEST(an_edited_step_is_refused),
                                       F1_TEST(a_newer_database_is_refused),
                                       F1_TEST(a_gap_is_refused),
                                       F1_TEST(a_failing_step_leaves_no_trace),
                                       F1_TEST(what_is_not_ours_stays),
                                       F1_TEST(a_schema_that_was_given),
                                       F1_TEST(a_backend_that_went_away_is_replaced)};

    return f1_test_run(tests);
}
