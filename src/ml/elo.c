/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Elo ratings: the formula, one pass over all starts in the order of time, and writing what came out. Ratings depend on
 * everything before them, so they are always computed whole; that is a matter of milliseconds. */

#include "ml/elo.h"

#include <math.h>
#include <string.h>

#include <apr_hash.h>
#include <apr_strings.h>
#include <apr_tables.h>

#include "base/log.h"
#include "base/str.h"
#include "db/query.h"
#include "gen/statements.h"

#define MAX_TEXT (16 * 1024 * 1024) /* of one array: some 30 times what 75 seasons take */

double f1_elo_expected(double a, double b)
{
    return 1.0 / (1.0 + pow(10.0, (b - a) / 400.0));
}

void f1_elo_changes(double *changes, const double *ratings, const int *ranks, int count)
{
    for (int i = 0; i < count; i++) {
        changes[i] = 0.0;
    }
    for (int i = 0; i < count; i++) {
        for (int j = i + 1; j < count; j++) {
            double score = ranks[i] < ranks[j] ? 1.0 : ranks[i] == ranks[j] ? 0.5 : 0.0;
            double change = F1_ELO_K / (count - 1) * (score - f1_elo_expected(ratings[i], ratings[j]));

            changes[i] += change;
            changes[j] -= change;
        }
    }
}

typedef struct competitor_t {
    const char *id;
    double rating;
} competitor_t;

/* All drivers or all constructors: their ratings so far, who is in the race at hand, and what goes to the database,
 * as four arrays in PostgreSQL's text form. */
typedef struct ladder_t {
    apr_pool_t *pool;
    apr_hash_t *competitors;
    apr_array_header_t *field; /* of competitor_t * */
    apr_array_header_t *ranks; /* of int */
    f1_buf_t seasons, races, ids, elos;
} ladder_t;

static ladder_t *ladder_make(apr_pool_t *pool)
{
    ladder_t *ladder = apr_pcalloc(pool, sizeof(*ladder));

    ladder->pool = pool;
    ladder->competitors = apr_hash_make(pool);
    ladder->field = apr_array_make(pool, 64, sizeof(competitor_t *));
    ladder->ranks = apr_array_make(pool, 64, sizeof(int));
    f1_buf_init(&ladder->seasons, pool, 64 * 1024, MAX_TEXT);
    f1_buf_init(&ladder->races, pool, 64 * 1024, MAX_TEXT);
    f1_buf_init(&ladder->ids, pool, 64 * 1024, MAX_TEXT);
    f1_buf_init(&ladder->elos, pool, 64 * 1024, MAX_TEXT);
    return ladder;
}

static competitor_t *competitor_get(ladder_t *ladder, const char *id)
{
    competitor_t *competitor = apr_hash_get(ladder->competitors, id, APR_HASH_KEY_STRING);

    if (!competitor) {
        competitor = apr_palloc(ladder->pool, sizeof(*competitor));
        *competitor = (competitor_t){.id = id, .rating = F1_ELO_BASE};
        apr_hash_set(ladder->competitors, id, APR_HASH_KEY_STRING, competitor);
    }
    return competitor;
}

/* Lines come best first: who is there already has a better one. */
static void add_start(ladder_t *ladder, const char *id, int rank)
{
    competitor_t *competitor = competitor_get(ladder, id);

    for (int i = 0; i < ladder->field->nelts; i++) {
        if (APR_ARRAY_IDX(ladder->field, i, competitor_t *) == competitor) {
            return;
        }
    }
    APR_ARRAY_PUSH(ladder->field, competitor_t *) = competitor;
    APR_ARRAY_PUSH(ladder->ranks, int) = rank;
}

/* Slugs need no escapes, but without quotes "null" would be NULL. */
static void add_quoted(f1_buf_t *array, const char *slug)
{
    f1_buf_adds(array, array->len ? ",\"" : "{\"");
    f1_buf_adds(array, slug);
    f1_buf_addc(array, '"');
}

static void add_plain(f1_buf_t *array, const char *number)
{
    f1_buf_addc(array, array->len ? ',' : '{');
    f1_buf_adds(array, number);
}

/* Rates the field, notes the new ratings, and makes room for the next race. */
static void close_race(ladder_t *ladder, const char *season, const char *race, apr_pool_t *scratch)
{
    int count = ladder->field->nelts;
    double *ratings = apr_palloc(scratch, sizeof(*ratings) * (size_t)count);
    double *changes = apr_palloc(scratch, sizeof(*changes) * (size_t)count);

    for (int i = 0; i < count; i++) {
        ratings[i] = APR_ARRAY_IDX(ladder->field, i, competitor_t *)->rating;
    }
    f1_elo_changes(changes, ratings, (const int *)ladder->ranks->elts, count);
    for (int i = 0; i < count; i++) {
        competitor_t *competitor = APR_ARRAY_IDX(ladder->field, i, competitor_t *);

        competitor->rating += changes[i];
        add_plain(&ladder->seasons, season);
        add_quoted(&ladder->races, race);
        add_quoted(&ladder->ids, competitor->id);
        add_plain(&ladder->elos, apr_psprintf(scratch, "%.3f", competitor->rating));
    }
    apr_array_clear(ladder->field);
    apr_array_clear(ladder->ranks);
}

typedef struct refresh_t {
    apr_pool_t *pool;
    ladder_t *drivers, *constructors;
    f1_elo_counts_t counts;
} refresh_t;

enum { SEASON, RACE, DRIVER, CONSTRUCTOR, POSITION };

static void rate_all(refresh_t *refresh, const f1_rows_t *rows)
{
    int count = f1_rows_count(rows);
    apr_pool_t *scratch;

    apr_pool_create(&scratch, refresh->pool);
    for (int row = 0; row < count; row++) {
        const char *race = f1_rows_get(rows, row, RACE);
        apr_int64_t position = 0;

        (void)f1_str_to_int64(f1_rows_get(rows, row, POSITION), &position); /* an integer column says nothing else */
        add_start(refresh->drivers, f1_rows_get(rows, row, DRIVER), (int)position);
        add_start(refresh->constructors, f1_rows_get(rows, row, CONSTRUCTOR), (int)position);
        if (row + 1 == count || strcmp(f1_rows_get(rows, row + 1, RACE), race) != 0) {
            close_race(refresh->drivers, f1_rows_get(rows, row, SEASON), race, scratch);
            close_race(refresh->constructors, f1_rows_get(rows, row, SEASON), race, scratch);
            refresh->counts.races++;
            apr_pool_clear(scratch);
        }
    }
    apr_pool_destroy(scratch);
}

static const char *array_text(f1_buf_t *array)
{
    f1_buf_adds(array, array->len ? "}" : "{}");
    return array->data;
}

static apr_status_t write_ladder(f1_conn_t *conn, const f1_statement_t *statement, ladder_t *ladder, long *pwritten,
                                 f1_result_t *res)
{
    const char *values[] = {array_text(&ladder->seasons), array_text(&ladder->races), array_text(&ladder->ids),
                            array_text(&ladder->elos)};
    f1_rows_t *rows;
    apr_status_t rv;

    if (ladder->seasons.full || ladder->races.full || ladder->ids.full || ladder->elos.full) {
        return f1_result_fail(res, F1_E_INTERNAL, APR_ENOSPC, "more ratings than fit into %d bytes", MAX_TEXT);
    }
    rv = f1_query(conn, statement, values, &rows, ladder->pool, res);
    if (rv == APR_SUCCESS) {
        *pwritten = f1_rows_affected(rows);
    }
    return rv;
}

static apr_status_t refresh_all(f1_conn_t *conn, void *baton, f1_result_t *res)
{
    refresh_t *refresh = baton;
    f1_rows_t *rows;
    apr_status_t rv;

    rv = f1_query(conn, &f1_stmt_ml_elo_lock, NULL, NULL, refresh->pool, res);
    if (rv == APR_SUCCESS) {
        rv = f1_query(conn, &f1_stmt_ml_elo_starts, NULL, &rows, refresh->pool, res);
    }
    if (rv != APR_SUCCESS) {
        return rv;
    }
    rate_all(refresh, rows);
    rv = write_ladder(conn, &f1_stmt_ml_elo_drivers_write, refresh->drivers, &refresh->counts.drivers, res);
    if (rv == APR_SUCCESS) {
        rv = write_ladder(conn, &f1_stmt_ml_elo_constructors_write, refresh->constructors,
                          &refresh->counts.constructors, res);
    }
    if (rv == APR_SUCCESS) {
        rv = f1_query(conn, &f1_stmt_ml_driver_rankings_refresh, NULL, NULL, refresh->pool, res);
    }
    if (rv == APR_SUCCESS) {
        rv = f1_query(conn, &f1_stmt_ml_constructor_rankings_refresh, NULL, NULL, refresh->pool, res);
    }
    if (rv == APR_SUCCESS) {
        rv = f1_query(conn, &f1_stmt_db_generation_touch, (const char *const[]){"rankings"}, NULL, refresh->pool, res);
    }
    return rv;
}

apr_status_t f1_elo_refresh(f1_conn_t *conn, f1_elo_counts_t *counts, apr_pool_t *pool, f1_result_t *res)
{
    refresh_t refresh = {0};
    apr_status_t rv;

    apr_pool_create(&refresh.pool, pool);
    refresh.drivers = ladder_make(refresh.pool);
    refresh.constructors = ladder_make(refresh.pool);
    rv = f1_transaction(conn, refresh_all, &refresh, res);
    apr_pool_destroy(refresh.pool);
    if (rv != APR_SUCCESS) {
        return rv;
    }
    f1_log(F1_LOG_DEBUG, APR_SUCCESS,
           F1LOGNO(0400) "%d races rated, %ld drivers' and %ld constructors' ratings written", refresh.counts.races,
           refresh.counts.drivers, refresh.counts.constructors);
    if (counts) {
        *counts = refresh.counts;
    }
    return APR_SUCCESS;
}
