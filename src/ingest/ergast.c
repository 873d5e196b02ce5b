/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* The operations. A range that begins with upstream's first season reads races, results and qualifying as one list of
 * all seasons and cuts it at season's ends: a page then holds what would be the last rows of one season and the first
 * of the next, which saves every seventh request. Where such a list changes while it is read, the rest of the range is
 * read season by season. */

#include "ingest/ergast.h"

#include <string.h>

#include <apr_strings.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "db/query.h"
#include "gen/statements.h"
#include "ingest/run.h"
#include "ingest/standings.h"

#define ROUNDS_MAX 100 /* more than a season has */
#define HISTORY_MIN 20 /* seasons from which lists of all seasons save requests */

/* Which standings to ask for. */
typedef enum {
    ALL_ROUNDS,
    FEWEST, /* what cannot be computed for certain */
    FROM_CHANGED /* from the first round whose results changed, and where there are none */
} standings_mode_t;

typedef struct op_t {
    const f1_ingest_t *ingest;
    f1_source_t *source;
    f1_load_t load;
    f1_run_t *run;
    f1_listing_t *history[F1_ERGAST_RESOURCES]; /* lists of all seasons that are being read */
    int is_history; /* the range is read from such lists */
    int done, total; /* steps, for the progress */
    apr_pool_t *pool; /* of one season */
    f1_result_t *res;
} op_t;

/* --- Fetching */

static apr_status_t go_on(op_t *op)
{
    if (op->ingest->is_stopping && op->ingest->is_stopping(op->ingest->baton)) {
        return f1_result_fail(op->res, F1_E_UNAVAILABLE, APR_EINTR, "stopped; the same command goes on from here");
    }
    return APR_SUCCESS;
}

static void show(op_t *op, const char *next)
{
    if (op->ingest->progress) {
        op->ingest->progress(op->ingest->baton, op->done, op->total, next);
    }
}

/* From the list of all seasons if it is being read and has not changed meanwhile, else of this season alone. */
static apr_status_t fetch(op_t *op, f1_ergast_resource_t resource, int season, int round, f1_ergast_rows_t *rows)
{
    f1_ergast_rows_t *taken;
    apr_status_t rv;

    if (go_on(op) != APR_SUCCESS) {
        return op->res->rv;
    }
    if (op->history[resource]) {
        taken = f1_ergast_rows_make(rows->pool);
        rv = f1_listing_take(op->history[resource], season, taken, op->res);
        if (rv != APR_EAGAIN) {
            if (rv == APR_SUCCESS) {
                f1_ergast_rows_merge(rows, taken);
            }
            return rv;
        }
        op->history[resource] = NULL;
    }
    return f1_source_list(op->source, resource, season, round, rows, op->res);
}

static int has_session(const f1_ergast_rows_t *rows, const char *kind, int round)
{
    int i;

    for (i = 0; i < f1_ergast_rows_count(rows, F1_ROW_SESSION); i++) {
        const f1_row_t *row = f1_ergast_row(rows, F1_ROW_SESSION, i);

        if ((!round || row->round == round) && strcmp(row->values[F1_SESSION_KIND], kind) == 0) {
            return 1;
        }
    }
    return 0;
}

static apr_status_t fetch_calendar(op_t *op, int season, int round, f1_ergast_rows_t *rows)
{
    op->load.asked_at = f1_clock_now();
    if (fetch(op, F1_ERGAST_RACES, season, 0, rows) != APR_SUCCESS) {
        return op->res->rv;
    }
    if (!f1_ergast_rows_count(rows, F1_ROW_RACE)) {
        return f1_result_fail(op->res, F1_E_NOT_FOUND, APR_NOTFOUND, "upstream has no races of %d", season);
    }
    if (round && !has_session(rows, "race", round)) {
        return f1_result_fail(op->res, F1_E_NOT_FOUND, APR_NOTFOUND, "upstream has no round %d of %d", round, season);
    }
    return APR_SUCCESS;
}

/* Classifications of a season (round 0) or of one race. */
static apr_status_t fetch_classifications(op_t *op, int season, int round, f1_ergast_rows_t *rows)
{
    if (fetch(op, F1_ERGAST_RESULTS, season, round, rows) != APR_SUCCESS ||
        fetch(op, F1_ERGAST_QUALIFYING, season, round, rows) != APR_SUCCESS) {
        return op->res->rv;
    }
    return has_session(rows, "sprint", round) ? fetch(op, F1_ERGAST_SPRINT, season, round, rows) : APR_SUCCESS;
}

static apr_status_t fetch_entry_lists(op_t *op, int season, f1_ergast_rows_t *rows)
{
    if (fetch(op, F1_ERGAST_DRIVERS, season, 0, rows) == APR_SUCCESS) {
        fetch(op, F1_ERGAST_CONSTRUCTORS, season, 0, rows);
    }
    return op->res->rv;
}

static void set_source(op_t *op)
{
    op->load.source = op->source->is_simulated ? "simulator" : "ergast";
}

static apr_status_t load_season(op_t *op, int season, const f1_ergast_rows_t *rows, int scope, const char *step,
                                apr_array_header_t **pchanged)
{
    set_source(op);
    return f1_load_season(&op->load, season, rows, scope, step, pchanged, op->pool, op->res);
}

/* --- Laps and pit stops */

static int took_part(const f1_ergast_rows_t *rows, int round, const char *driver)
{
    static const f1_row_kind_t kinds[] = {F1_ROW_RESULT, F1_ROW_SPRINT, F1_ROW_QUALIFYING};
    size_t kind;
    int i;

    for (kind = 0; kind < sizeof(kinds) / sizeof(kinds[0]); kind++) {
        for (i = 0; i < f1_ergast_rows_count(rows, kinds[kind]); i++) {
            const f1_row_t *row = f1_ergast_row(rows, kinds[kind], i);

            if (row->round == round && strcmp(row->values[F1_ENTRY_DRIVER], driver) == 0) {
                return 1;
            }
        }
    }
    return 0;
}

/* rows: what the race's classifications say, to see that only its drivers have laps and stops. */
static apr_status_t ingest_timings(op_t *op, f1_ergast_resource_t resource, int season, int round,
                                   const f1_ergast_rows_t *rows)
{
    f1_row_kind_t kind = f1_ergast_resource_kind(resource);
    f1_ergast_rows_t *timings = f1_ergast_rows_make(op->pool);
    const char *driver;
    int i;

    if (fetch(op, resource, season, round, timings) != APR_SUCCESS) {
        return op->res->rv;
    }
    for (i = 0; i < f1_ergast_rows_count(timings, kind); i++) {
        driver = f1_ergast_row(timings, kind, i)->values[F1_LAP_DRIVER];
        if (!took_part(rows, round, driver)) {
            return f1_result_fail(op->res, F1_E_BAD_DATA, APR_EGENERAL,
                                  "%d/%d/%s: driverId '%s' did not take part in this race", season, round,
                                  f1_ergast_resource_name(resource), driver);
        }
    }
    return f1_load_timings(&op->load, season, round, kind, timings, op->pool, op->res);
}

static apr_status_t ingest_timings_of(op_t *op, const f1_ergast_rows_t *rows, const apr_array_header_t *rounds,
                                      int season, int laps, int pitstops)
{
    const char *step;
    int i, round;

    for (i = 0; i < rounds->nelts && op->res->rv == APR_SUCCESS; i++) {
        round = APR_ARRAY_IDX(rounds, i, int);
        step = apr_psprintf(op->pool, "%d laps of round %d", season, round);
        if (f1_run_is_done(op->run, step)) {
            continue;
        }
        show(op, step);
        if ((pitstops && ingest_timings(op, F1_ERGAST_PITSTOPS, season, round, rows) != APR_SUCCESS) ||
            (laps && ingest_timings(op, F1_ERGAST_LAPS, season, round, rows) != APR_SUCCESS)) {
            return op->res->rv;
        }
        (void)f1_run_done(op->run, step, op->res);
    }
    return op->res->rv;
}

/* --- Standings */

/* What is gathered of a season's standings before it is stored. */
typedef struct gathered_t {
    int season;
    f1_ergast_rows_t *published, *computed;
    apr_array_header_t *rounds; /* of int: those of which there is a list */
} gathered_t;

static const f1_ergast_resource_t standings_resources[] = {F1_ERGAST_DRIVER_STANDINGS, F1_ERGAST_CONSTRUCTOR_STANDINGS};

static gathered_t *gather_begin(op_t *op, int season)
{
    gathered_t *gathered = apr_palloc(op->pool, sizeof(*gathered));

    *gathered = (gathered_t){season, f1_ergast_rows_make(op->pool), f1_ergast_rows_make(op->pool),
                             apr_array_make(op->pool, 24, sizeof(int))};
    return gathered;
}

/* Marks the rounds of the drivers' lists that are there; a list that is not, half-way through an update, leaves what
 * is stored as it is. */
static void note_rounds(gathered_t *gathered)
{
    const f1_ergast_rows_t *lists[] = {gathered->published, gathered->computed};
    int list, i, j, round;

    for (list = 0; list < 2; list++) {
        for (i = 0; i < f1_ergast_rows_count(lists[list], F1_ROW_DRIVER_STANDING); i++) {
            round = f1_ergast_row(lists[list], F1_ROW_DRIVER_STANDING, i)->round;
            for (j = 0; j < gathered->rounds->nelts && APR_ARRAY_IDX(gathered->rounds, j, int) != round; j++) {
            }
            if (j == gathered->rounds->nelts) {
                APR_ARRAY_PUSH(gathered->rounds, int) = round;
            }
        }
    }
}

static apr_status_t fetch_both(op_t *op, gathered_t *gathered, int round)
{
    int before = f1_ergast_rows_count(gathered->published, F1_ROW_DRIVER_STANDING);

    if (fetch(op, F1_ERGAST_DRIVER_STANDINGS, gathered->season, round, gathered->published) != APR_SUCCESS ||
        fetch(op, F1_ERGAST_CONSTRUCTOR_STANDINGS, gathered->season, round, gathered->published) != APR_SUCCESS) {
        return op->res->rv;
    }
    if (f1_ergast_rows_count(gathered->published, F1_ROW_DRIVER_STANDING) == before) {
        f1_log(F1_LOG_NOTICE, APR_SUCCESS, F1LOGNO(0302) "%d round %d: upstream has no standings yet", gathered->season,
               round);
    }
    return APR_SUCCESS;
}

static apr_status_t fetch_and_learn(op_t *op, gathered_t *gathered, f1_standings_t *standings,
                                    f1_ergast_resource_t resource, int round)
{
    if (fetch(op, resource, gathered->season, round, gathered->published) == APR_SUCCESS) {
        f1_standings_learn(standings, f1_ergast_resource_kind(resource), round, gathered->published);
    }
    return op->res->rv;
}

/* One kind of standings: the last list, then in order those that are not certain. What was taken for certain must not
 * be refuted by a later list; where that happens all are asked for. */
static apr_status_t gather_fewest(op_t *op, gathered_t *gathered, f1_standings_t *standings,
                                  f1_ergast_resource_t resource)
{
    const apr_array_header_t *rounds = f1_standings_rounds(standings);
    f1_row_kind_t kind = f1_ergast_resource_kind(resource);
    int *certain = apr_pcalloc(op->pool, sizeof(int) * (size_t)rounds->nelts), i;

    if (fetch_and_learn(op, gathered, standings, resource, APR_ARRAY_IDX(rounds, rounds->nelts - 1, int)) !=
        APR_SUCCESS) {
        return op->res->rv;
    }
    for (i = 0; i < rounds->nelts - 1; i++) {
        certain[i] = f1_standings_is_certain(standings, kind, APR_ARRAY_IDX(rounds, i, int));
        if (!certain[i] &&
            fetch_and_learn(op, gathered, standings, resource, APR_ARRAY_IDX(rounds, i, int)) != APR_SUCCESS) {
            return op->res->rv;
        }
    }
    for (i = 0; i < rounds->nelts - 1; i++) {
        if (certain[i] && !f1_standings_is_refuted(standings, kind)) {
            f1_standings_add(standings, kind, APR_ARRAY_IDX(rounds, i, int), gathered->computed);
        }
        else if (certain[i] && fetch(op, resource, gathered->season, APR_ARRAY_IDX(rounds, i, int),
                                     gathered->published) != APR_SUCCESS) {
            return op->res->rv;
        }
    }
    return APR_SUCCESS;
}

static apr_status_t load_gathered(op_t *op, gathered_t *gathered, const char *step)
{
    note_rounds(gathered);
    if (!gathered->rounds->nelts) {
        return APR_SUCCESS;
    }
    set_source(op);
    return f1_load_standings(&op->load, gathered->season, gathered->rounds, gathered->published, gathered->computed,
                             step, op->pool, op->res);
}

/* After every round from first on that has results here, and after those whose standings are missing or do not fit. */
static apr_status_t ingest_stored_standings(op_t *op, int season, int first)
{
    const char *values[] = {apr_itoa(op->pool, season)};
    gathered_t *gathered = gather_begin(op, season);
    apr_int64_t round = 0;
    f1_rows_t *rows;
    int i;

    if (f1_query(op->ingest->conn, &f1_stmt_ingest_standing_rounds, values, &rows, op->pool, op->res) != APR_SUCCESS) {
        return op->res->rv;
    }
    for (i = 0; i < f1_rows_count(rows); i++) {
        (void)f1_str_to_int64(f1_rows_get(rows, i, 0), &round);
        if ((round >= first || strcmp(f1_rows_get(rows, i, 1), "f") == 0) &&
            fetch_both(op, gathered, (int)round) != APR_SUCCESS) {
            return op->res->rv;
        }
    }
    return load_gathered(op, gathered, NULL);
}

static apr_status_t ingest_season_standings(op_t *op, int season, const f1_ergast_rows_t *rows, standings_mode_t mode)
{
    f1_standings_t *standings = f1_standings_make(season, rows, op->pool);
    const apr_array_header_t *rounds = f1_standings_rounds(standings);
    const char *step = apr_psprintf(op->pool, "%d standings", season);
    gathered_t *gathered = gather_begin(op, season);
    size_t kind;
    int i;

    if (!rounds->nelts) {
        return APR_SUCCESS;
    }
    show(op, step);
    if (mode == FEWEST && season < F1_STANDINGS_FIRST) {
        (void)fetch_both(op, gathered, 0);
    }
    else if (mode == FEWEST) {
        for (kind = 0; kind < 2 && op->res->rv == APR_SUCCESS; kind++) {
            (void)gather_fewest(op, gathered, standings, standings_resources[kind]);
        }
    }
    else {
        for (i = 0; i < rounds->nelts && op->res->rv == APR_SUCCESS; i++) {
            (void)fetch_both(op, gathered, APR_ARRAY_IDX(rounds, i, int));
        }
    }
    return op->res->rv == APR_SUCCESS ? load_gathered(op, gathered, step) : op->res->rv;
}

/* --- Operations */

/* Seasons that upstream has no results of yet are not over, and who takes part is more than who did so far. */
static int needs_entry_lists(const op_t *op, int season, const f1_ergast_rows_t *rows)
{
    f1_standings_t *results = f1_standings_make(season, rows, op->pool);

    return !op->is_history || f1_standings_rounds(results)->nelts < f1_ergast_rows_count(rows, F1_ROW_RACE);
}

/* A season in its steps: results, standings, and laps if asked for. */
static apr_status_t ingest_season(op_t *op, int season, standings_mode_t mode)
{
    const f1_ingest_t *ingest = op->ingest;
    const char *step = apr_psprintf(op->pool, "%d results", season);
    int scope = F1_LOAD_WHOLE_CALENDAR | F1_LOAD_WHOLE_RESULTS;
    f1_ergast_rows_t *rows = f1_ergast_rows_make(op->pool);
    apr_array_header_t *changed;

    show(op, step);
    if (fetch_calendar(op, season, 0, rows) != APR_SUCCESS ||
        fetch_classifications(op, season, 0, rows) != APR_SUCCESS) {
        return op->res->rv;
    }
    if (needs_entry_lists(op, season, rows)) {
        scope |= F1_LOAD_WHOLE_ENTRY_LIST;
        (void)fetch_entry_lists(op, season, rows);
    }
    if (op->res->rv != APR_SUCCESS || load_season(op, season, rows, scope, step, &changed) != APR_SUCCESS) {
        return op->res->rv;
    }
    if (mode == FROM_CHANGED) {
        show(op, "standings");
        if (ingest_stored_standings(op, season, changed->nelts ? APR_ARRAY_IDX(changed, 0, int) : ROUNDS_MAX) !=
            APR_SUCCESS) {
            return op->res->rv;
        }
        return ingest_timings_of(op, rows, changed, season, ingest->laps, ingest->pitstops);
    }
    if (ingest_season_standings(op, season, rows, mode) != APR_SUCCESS || (!ingest->laps && !ingest->pitstops)) {
        return op->res->rv;
    }
    return ingest_timings_of(op, rows, f1_standings_rounds(f1_standings_make(season, rows, op->pool)), season,
                             ingest->laps, ingest->pitstops);
}

/* Of the seasons upstream has, those in the range go into the database and into years. */
static apr_status_t list_seasons(op_t *op, apr_array_header_t *years)
{
    f1_ergast_rows_t *rows = f1_ergast_rows_make(op->pool), *wanted = f1_ergast_rows_make(op->pool);
    const f1_row_t *row;
    int i, first;

    if (fetch(op, F1_ERGAST_SEASONS, 0, 0, rows) != APR_SUCCESS) {
        return op->res->rv;
    }
    for (i = 0; i < f1_ergast_rows_count(rows, F1_ROW_SEASON); i++) {
        row = f1_ergast_row(rows, F1_ROW_SEASON, i);
        if (row->season >= op->ingest->first && row->season <= op->ingest->last) {
            APR_ARRAY_PUSH(wanted->rows[F1_ROW_SEASON], f1_row_t) = *row;
            APR_ARRAY_PUSH(years, int) = row->season;
        }
    }
    if (!years->nelts) {
        return f1_result_fail(op->res, F1_E_NOT_FOUND, APR_NOTFOUND, "upstream has no season from %d to %d",
                              op->ingest->first, op->ingest->last);
    }
    first = f1_ergast_row(rows, F1_ROW_SEASON, 0)->season;
    op->is_history =
        !op->source->whole && !op->run->resumes && APR_ARRAY_IDX(years, 0, int) == first && years->nelts >= HISTORY_MIN;
    if (op->is_history) {
        (void)fetch_entry_lists(op, 0, wanted);
    }
    return op->res->rv == APR_SUCCESS ? f1_load_entities(&op->load, wanted, op->pool, op->res) : op->res->rv;
}

/* A season that is listed but has no calendar yet does not end the range. */
static apr_status_t ingest_listed_season(op_t *op, int season)
{
    if (ingest_season(op, season, op->source->whole ? ALL_ROUNDS : FEWEST) != APR_SUCCESS &&
        op->res->error == F1_E_NOT_FOUND) {
        f1_log(F1_LOG_NOTICE, APR_SUCCESS, F1LOGNO(0303) "%d: %s", season, op->res->detail);
        f1_result_clear(op->res);
    }
    return op->res->rv;
}

static apr_status_t ingest_range(op_t *op)
{
    static const f1_ergast_resource_t listed[] = {F1_ERGAST_RACES, F1_ERGAST_RESULTS, F1_ERGAST_QUALIFYING};
    apr_pool_t *pool = op->pool;
    apr_array_header_t *years = apr_array_make(pool, 80, sizeof(int));
    const char *step;
    size_t list;
    int i;

    show(op, "seasons, drivers and constructors");
    if (list_seasons(op, years) != APR_SUCCESS) {
        return op->res->rv;
    }
    for (list = 0; op->is_history && list < sizeof(listed) / sizeof(listed[0]); list++) {
        op->history[listed[list]] = f1_listing_open(op->source, listed[list], 0, 0, pool);
    }
    op->total = years->nelts;
    apr_pool_create(&op->pool, pool);
    apr_pool_tag(op->pool, "f1_ingest season");
    for (i = 0; i < years->nelts && op->res->rv == APR_SUCCESS; i++) {
        apr_pool_clear(op->pool);
        op->done = i;
        step = apr_itoa(op->pool, APR_ARRAY_IDX(years, i, int));
        if (!f1_run_is_done(op->run, step) && ingest_listed_season(op, APR_ARRAY_IDX(years, i, int)) == APR_SUCCESS) {
            (void)f1_run_done(op->run, step, op->res);
        }
    }
    op->pool = pool;
    return op->res->rv;
}

static apr_status_t ingest_race(op_t *op)
{
    int season = op->ingest->first, round = op->ingest->round;
    f1_ergast_rows_t *rows = f1_ergast_rows_make(op->pool);
    apr_array_header_t *changed, *rounds = apr_array_make(op->pool, 1, sizeof(int));

    show(op, "calendar and results");
    if (fetch_calendar(op, season, round, rows) != APR_SUCCESS ||
        fetch_classifications(op, season, round, rows) != APR_SUCCESS ||
        load_season(op, season, rows, F1_LOAD_WHOLE_CALENDAR, NULL, &changed) != APR_SUCCESS) {
        return op->res->rv;
    }
    if (f1_ergast_rows_count(rows, F1_ROW_RESULT)) {
        APR_ARRAY_PUSH(rounds, int) = round;
    }
    if (ingest_timings_of(op, rows, rounds, season, 1, 1) != APR_SUCCESS) {
        return op->res->rv;
    }
    show(op, "standings");
    return ingest_stored_standings(op, season, changed->nelts ? round : ROUNDS_MAX);
}

static apr_status_t ingest_qualifying(op_t *op)
{
    int season = op->ingest->first, round = op->ingest->round;
    f1_ergast_rows_t *rows = f1_ergast_rows_make(op->pool);
    apr_array_header_t *changed;

    show(op, "calendar and qualifying");
    if (fetch_calendar(op, season, round, rows) != APR_SUCCESS ||
        fetch(op, F1_ERGAST_QUALIFYING, season, round, rows) != APR_SUCCESS) {
        return op->res->rv;
    }
    return load_season(op, season, rows, F1_LOAD_WHOLE_CALENDAR, NULL, &changed);
}

static apr_status_t ingest_drivers(op_t *op)
{
    int season = op->ingest->first;
    f1_ergast_rows_t *rows = f1_ergast_rows_make(op->pool);
    apr_array_header_t *changed;

    show(op, "drivers and constructors");
    if (fetch_entry_lists(op, season, rows) != APR_SUCCESS) {
        return op->res->rv;
    }
    if (!f1_ergast_rows_count(rows, F1_ROW_DRIVER)) {
        return f1_result_fail(op->res, F1_E_NOT_FOUND, APR_NOTFOUND, "upstream has no drivers of %d", season);
    }
    return load_season(op, season, rows, F1_LOAD_WHOLE_ENTRY_LIST, NULL, &changed);
}

static apr_status_t ingest_standings(op_t *op)
{
    const f1_loaded_t *count = &op->load.counts[F1_LOADED_DRIVER_STANDING];

    show(op, "standings");
    if (ingest_stored_standings(op, op->ingest->first, 0) == APR_SUCCESS && !count->seen) {
        f1_result_fail(op->res, F1_E_NOT_FOUND, APR_NOTFOUND,
                       "there are no results of %d here to which upstream has standings", op->ingest->first);
    }
    return op->res->rv;
}

/* In the first weeks of a year there may not be a calendar of it yet. */
static apr_status_t ingest_current(op_t *op)
{
    if (ingest_season(op, op->ingest->first, FROM_CHANGED) != APR_SUCCESS && op->res->error == F1_E_NOT_FOUND) {
        f1_result_clear(op->res);
        (void)ingest_season(op, op->ingest->first - 1, FROM_CHANGED);
    }
    return op->res->rv;
}

static apr_status_t ingest_what(op_t *op)
{
    switch (op->ingest->what) {
    case F1_INGEST_SEASON:
        return ingest_season(op, op->ingest->first, ALL_ROUNDS);
    case F1_INGEST_SEASONS:
        return ingest_range(op);
    case F1_INGEST_RACE:
        return ingest_race(op);
    case F1_INGEST_QUALIFYING:
        return ingest_qualifying(op);
    case F1_INGEST_DRIVERS:
        return ingest_drivers(op);
    case F1_INGEST_STANDINGS:
        return ingest_standings(op);
    default:
        return ingest_current(op);
    }
}

/* The words by which a run is found again, which is why they hold all that changes what it does. */
static const char *command_of(const f1_ingest_t *ingest, apr_pool_t *pool)
{
    static const char *const names[] = {"season", "seasons", "race", "qualifying", "drivers", "standings", "current"};
    const char *command = apr_psprintf(pool, "%s %d", names[ingest->what], ingest->first);

    if (ingest->what == F1_INGEST_SEASONS) {
        command = apr_psprintf(pool, "%s-%d", command, ingest->last);
    }
    if (ingest->what == F1_INGEST_RACE || ingest->what == F1_INGEST_QUALIFYING) {
        command = apr_psprintf(pool, "%s %d", command, ingest->round);
    }
    return apr_pstrcat(pool, command, ingest->laps ? " --laps" : "", ingest->pitstops ? " --pitstops" : "", NULL);
}

apr_status_t f1_ingest(const f1_ingest_t *ingest, f1_ingest_report_t *report, apr_pool_t *pool, f1_result_t *res)
{
    op_t op = {.ingest = ingest, .source = ingest->source, .load = {.conn = ingest->conn}, .pool = pool, .res = res};
    int resumable = ingest->what == F1_INGEST_SEASONS;
    f1_result_t *finish = f1_result_make(pool);

    *report = (f1_ingest_report_t){.command = command_of(ingest, pool)};
    if (f1_run_start(&op.run, ingest->conn, report->command, ingest->source->base, ingest->restart || !resumable, pool,
                     res) != APR_SUCCESS) {
        return res->rv;
    }
    op.load.run = report->run = op.run->id;
    report->resumes = op.run->resumes;
    op.total = 1;
    (void)ingest_what(&op);
    memcpy(report->counts, op.load.counts, sizeof(report->counts));
    report->requests = ingest->source->requests;
    report->has_changed = f1_run_has_changed(report->counts);
    report->load_took = op.load.took;
    if (f1_run_finish(op.run, res, report->requests, report->counts, finish) != APR_SUCCESS && res->error == F1_E_OK) {
        return f1_result_fail(res, finish->error, finish->rv, "%s", finish->detail);
    }
    if (res->error == F1_E_OK && ingest->progress) {
        ingest->progress(ingest->baton, op.total, op.total, "done");
    }
    return res->rv;
}
