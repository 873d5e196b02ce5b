/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Standings: results up to a round are tallied anew for every question, which costs some microseconds and keeps no
 * state but the conventions that are left. */

#include "ingest/standings.h"

#include <stdlib.h>
#include <string.h>

#include <apr_strings.h>

#include "base/str.h"

#define PLACES 64 /* of count-back; places further back count as the last of these */
#define LEVEL_CONSTRUCTORS_FIRST 2000
#define SCALE 1000000 /* points are kept in millionths, see is_decimal in ergast_parse.c */

/* Conventions, as bits of a set. */
enum { UNRANKED_POINTLESS = 1, SHARED_PLACES = 2, CONVENTIONS = 4 };

typedef struct entrant_t {
    const char *id;
    apr_int64_t points;
    int wins;
    int places[PLACES]; /* how often, by place */
    int all_places[PLACES]; /* the same with those where who retired was put */
    int classified;
    const char *constructors; /* "a,b" in the order the driver first drove for them */
} entrant_t;

/* All that was won up to a round. */
typedef struct tally_t {
    apr_hash_t *by_id;
    apr_array_header_t *entrants; /* of entrant_t *, in the order of their first result */
    int *positions[CONVENTIONS]; /* by index into entrants; 0: unranked */
} tally_t;

struct f1_standings_t {
    int season;
    const f1_ergast_rows_t *rows;
    apr_array_header_t *rounds; /* of int */
    unsigned left[2]; /* set of conventions, for drivers and for constructors */
    int constructors_begun;
    apr_pool_t *pool, *scratch;
};

static int index_of(f1_row_kind_t kind)
{
    return kind == F1_ROW_CONSTRUCTOR_STANDING;
}

static int compare_ints(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

f1_standings_t *f1_standings_make(int season, const f1_ergast_rows_t *rows, apr_pool_t *pool)
{
    f1_standings_t *standings = apr_pcalloc(pool, sizeof(*standings));
    int i, j, round;

    standings->season = season;
    standings->rows = rows;
    standings->rounds = apr_array_make(pool, 24, sizeof(int));
    standings->left[0] = standings->left[1] = (1U << CONVENTIONS) - 1;
    standings->pool = pool;
    apr_pool_create(&standings->scratch, pool);
    apr_pool_tag(standings->scratch, "f1_standings scratch");
    for (i = 0; i < f1_ergast_rows_count(rows, F1_ROW_RESULT); i++) {
        round = f1_ergast_row(rows, F1_ROW_RESULT, i)->round;
        for (j = 0; j < standings->rounds->nelts && APR_ARRAY_IDX(standings->rounds, j, int) != round; j++) {
        }
        if (j == standings->rounds->nelts) {
            APR_ARRAY_PUSH(standings->rounds, int) = round;
        }
    }
    qsort(standings->rounds->elts, (size_t)standings->rounds->nelts, sizeof(int), compare_ints);
    return standings;
}

const apr_array_header_t *f1_standings_rounds(const f1_standings_t *standings)
{
    return standings->rounds;
}

/* --- Tallies */

static apr_int64_t millionths(const char *points)
{
    const char *dot = strchr(points, '.');
    apr_int64_t value = 0;
    char digits[24];
    size_t whole = dot ? (size_t)(dot - points) : strlen(points), i;

    for (i = 0; i < whole + 6 && i < sizeof(digits) - 1; i++) {
        if (i < whole) {
            digits[i] = points[i];
        }
        else {
            digits[i] = dot && i - whole < strlen(dot + 1) ? dot[1 + i - whole] : '0';
        }
    }
    digits[i] = '\0';
    (void)f1_str_to_int64(digits, &value);
    return value;
}

static entrant_t *entrant(tally_t *tally, const char *id, apr_pool_t *pool)
{
    entrant_t *found = apr_hash_get(tally->by_id, id, APR_HASH_KEY_STRING);

    if (!found) {
        found = apr_pcalloc(pool, sizeof(*found));
        found->id = id;
        found->constructors = "";
        apr_hash_set(tally->by_id, id, APR_HASH_KEY_STRING, found);
        APR_ARRAY_PUSH(tally->entrants, entrant_t *) = found;
    }
    return found;
}

static void drove_for(entrant_t *driver, const char *constructor, apr_pool_t *pool)
{
    const char *at = driver->constructors;
    size_t len = strlen(constructor);

    while (*at) {
        if (strncmp(at, constructor, len) == 0 && (at[len] == ',' || !at[len])) {
            return;
        }
        at += strcspn(at, ",");
        at += *at == ',';
    }
    driver->constructors = apr_pstrcat(pool, driver->constructors, *driver->constructors ? "," : "", constructor, NULL);
}

static void count_place(entrant_t *who, const char *const *values)
{
    const char *text = values[F1_RESULT_POSITION_TEXT], *position = values[F1_ENTRY_POSITION];
    apr_int64_t place = 0, index;

    if (!position || !f1_str_to_int64(position, &place)) {
        return;
    }
    index = place < PLACES ? place - 1 : PLACES - 1;
    who->all_places[index]++;
    if (!text[strspn(text, "0123456789")]) {
        who->classified = 1;
        who->wins += place == 1;
        who->places[index]++;
    }
}

/* Only races count for wins and count-back, sprints just give points. */
static void add_results(f1_standings_t *standings, tally_t *tally, int column, f1_row_kind_t kind, int round)
{
    apr_pool_t *pool = standings->scratch;
    int i;

    for (i = 0; i < f1_ergast_rows_count(standings->rows, kind); i++) {
        const f1_row_t *row = f1_ergast_row(standings->rows, kind, i);
        entrant_t *who;

        if (row->round != round) {
            continue;
        }
        who = entrant(tally, row->values[column], pool);
        who->points += millionths(row->values[F1_RESULT_POINTS]);
        drove_for(who, row->values[F1_ENTRY_CONSTRUCTOR], pool);
        if (kind == F1_ROW_RESULT) {
            count_place(who, row->values);
        }
    }
}

static int count_back(const int *a, const int *b)
{
    int place;

    for (place = 0; place < PLACES; place++) {
        if (a[place] != b[place]) {
            return b[place] - a[place];
        }
    }
    return 0;
}

/* Below 0: a stands before b; 0: they are level. */
static int compare_results(const entrant_t *a, const entrant_t *b)
{
    return count_back(a->places, b->places);
}

static int stands_before(const entrant_t *a, const entrant_t *b, int convention)
{
    if (a->points != b->points) {
        return a->points > b->points;
    }
    return !(convention & SHARED_PLACES) && compare_results(a, b) < 0;
}

static int is_ranked(const entrant_t *who, int convention)
{
    return who->points > 0 || (!(convention & UNRANKED_POINTLESS) && who->classified);
}

static int *rank(const tally_t *tally, int convention, apr_pool_t *pool)
{
    int count = tally->entrants->nelts, *positions = apr_pcalloc(pool, sizeof(int) * (size_t)(count + 1)), i, j;
    entrant_t *const *entrants = (entrant_t *const *)tally->entrants->elts;

    for (i = 0; i < count; i++) {
        if (!is_ranked(entrants[i], convention)) {
            continue;
        }
        positions[i] = 1;
        for (j = 0; j < count; j++) {
            positions[i] += is_ranked(entrants[j], convention) && stands_before(entrants[j], entrants[i], convention);
        }
    }
    return positions;
}

static tally_t *tally_after(f1_standings_t *standings, f1_row_kind_t kind, int round)
{
    int column = kind == F1_ROW_DRIVER_STANDING ? F1_ENTRY_DRIVER : F1_ENTRY_CONSTRUCTOR, i, convention;
    tally_t *tally;

    apr_pool_clear(standings->scratch);
    tally = apr_pcalloc(standings->scratch, sizeof(*tally));
    tally->by_id = apr_hash_make(standings->scratch);
    tally->entrants = apr_array_make(standings->scratch, 32, sizeof(entrant_t *));
    for (i = 0; i < standings->rounds->nelts && APR_ARRAY_IDX(standings->rounds, i, int) <= round; i++) {
        add_results(standings, tally, column, F1_ROW_SPRINT, APR_ARRAY_IDX(standings->rounds, i, int));
        add_results(standings, tally, column, F1_ROW_RESULT, APR_ARRAY_IDX(standings->rounds, i, int));
    }
    for (convention = 0; convention < CONVENTIONS; convention++) {
        tally->positions[convention] = rank(tally, convention, standings->scratch);
    }
    return tally;
}

/* --- Evidence */

static int list_is(const char *array, const char *list)
{
    size_t len = strlen(list);

    return strlen(array) == len + 2 && strncmp(array + 1, list, len) == 0;
}

/* A published place agrees when it is the one the convention gives; who is exactly level may have been put in any
 * order by it. */
static int place_agrees(const tally_t *tally, int convention, int i, const char *published)
{
    const int *positions = tally->positions[convention];
    apr_int64_t place = 0;
    int j, level = 0;

    if (!published || !positions[i]) {
        return !published && !positions[i];
    }
    for (j = 0; j < tally->entrants->nelts; j++) {
        level += positions[j] == positions[i];
    }
    (void)f1_str_to_int64(published, &place);
    return place >= positions[i] && place < positions[i] + (convention & SHARED_PLACES ? 1 : level);
}

static int row_agrees(const tally_t *tally, f1_row_kind_t kind, int convention, const char *const *values)
{
    entrant_t *const *entrants = (entrant_t *const *)tally->entrants->elts;
    apr_int64_t wins = 0;
    int i;

    for (i = 0; i < tally->entrants->nelts && strcmp(entrants[i]->id, values[F1_STANDING_ID]) != 0; i++) {
    }
    (void)f1_str_to_int64(values[F1_STANDING_WINS], &wins);
    return i < tally->entrants->nelts && entrants[i]->points == millionths(values[F1_STANDING_POINTS]) &&
           entrants[i]->wins == wins && place_agrees(tally, convention, i, values[F1_STANDING_POSITION]) &&
           (kind != F1_ROW_DRIVER_STANDING || list_is(values[F1_STANDING_CONSTRUCTORS], entrants[i]->constructors));
}

void f1_standings_learn(f1_standings_t *standings, f1_row_kind_t kind, int round, const f1_ergast_rows_t *published)
{
    tally_t *tally = tally_after(standings, kind, round);
    unsigned *left = &standings->left[index_of(kind)];
    int convention, i, count;

    if (kind == F1_ROW_CONSTRUCTOR_STANDING && !standings->constructors_begun) {
        standings->constructors_begun = 1;
        *left = standings->left[0] ? standings->left[0] : *left;
    }
    for (convention = 0; convention < CONVENTIONS; convention++) {
        for (i = 0, count = 0; i < f1_ergast_rows_count(published, kind); i++) {
            const f1_row_t *row = f1_ergast_row(published, kind, i);

            if (row->round == round) {
                count++;
                if (!row_agrees(tally, kind, convention, row->values)) {
                    *left &= ~(1U << convention);
                }
            }
        }
        if (count != tally->entrants->nelts) {
            *left = 0;
        }
    }
}

int f1_standings_is_refuted(const f1_standings_t *standings, f1_row_kind_t kind)
{
    return standings->left[index_of(kind)] == 0;
}

/* Whether two of those that are ranked are level: with points, or with exactly the same results. */
static int has_doubt(const f1_standings_t *standings, const tally_t *tally, f1_row_kind_t kind, const int *positions)
{
    entrant_t *const *entrants = (entrant_t *const *)tally->entrants->elts;
    int may_be_level = kind == F1_ROW_CONSTRUCTOR_STANDING && standings->season >= LEVEL_CONSTRUCTORS_FIRST;
    int i, j;

    for (i = 0; i < tally->entrants->nelts; i++) {
        for (j = 0; j < i; j++) {
            if (!positions[i] || !positions[j] || entrants[i]->points != entrants[j]->points) {
                continue;
            }
            if ((entrants[i]->points > 0 && !may_be_level) || compare_results(entrants[i], entrants[j]) == 0) {
                return 1;
            }
        }
    }
    return 0;
}

int f1_standings_is_certain(f1_standings_t *standings, f1_row_kind_t kind, int round)
{
    unsigned left = standings->left[index_of(kind)];
    const int *first = NULL;
    tally_t *tally;
    int convention;

    if (!left || standings->season < F1_STANDINGS_FIRST) {
        return 0;
    }
    tally = tally_after(standings, kind, round);
    for (convention = 0; convention < CONVENTIONS; convention++) {
        if (!(left & (1U << convention))) {
            continue;
        }
        if (first && memcmp(first, tally->positions[convention], sizeof(int) * (size_t)tally->entrants->nelts) != 0) {
            return 0;
        }
        first = tally->positions[convention];
    }
    return !has_doubt(standings, tally, kind, first);
}

/* --- Rows */

static const char *points_text(apr_int64_t points, apr_pool_t *pool)
{
    char *text = apr_psprintf(pool, "%" APR_INT64_T_FMT ".%06d", points / SCALE, (int)(points % SCALE));
    size_t len = strlen(text);

    while (text[len - 1] == '0') {
        text[--len] = '\0';
    }
    if (text[len - 1] == '.') {
        text[len - 1] = '\0';
    }
    return text;
}

static void add_entrant(const entrant_t *who, f1_row_kind_t kind, int position, f1_row_t row,
                        f1_ergast_rows_t *computed)
{
    const char **values = apr_pcalloc(computed->pool, sizeof(char *) * F1_ROW_MAX_COLUMNS);

    values[F1_STANDING_ID] = who->id;
    values[F1_STANDING_POSITION] = position ? apr_itoa(computed->pool, position) : NULL;
    values[F1_STANDING_POSITION_TEXT] = position ? values[F1_STANDING_POSITION] : "-";
    values[F1_STANDING_POINTS] = points_text(who->points, computed->pool);
    values[F1_STANDING_WINS] = apr_itoa(computed->pool, who->wins);
    if (kind == F1_ROW_DRIVER_STANDING) {
        values[F1_STANDING_CONSTRUCTORS] = apr_psprintf(computed->pool, "{%s}", who->constructors);
    }
    row.values = values;
    APR_ARRAY_PUSH(computed->rows[kind], f1_row_t) = row;
}

/* The line of who is unranked, among all of these: by results, then by where retirements were put. */
static int unranked_line(const tally_t *tally, const int *positions, int i)
{
    entrant_t *const *entrants = (entrant_t *const *)tally->entrants->elts;
    int line = 1, j, difference;

    for (j = 0; j < tally->entrants->nelts; j++) {
        difference = compare_results(entrants[j], entrants[i]);
        if (!difference) {
            difference = count_back(entrants[j]->all_places, entrants[i]->all_places);
        }
        line += !positions[j] && difference < 0;
    }
    return line;
}

void f1_standings_add(f1_standings_t *standings, f1_row_kind_t kind, int round, f1_ergast_rows_t *computed)
{
    tally_t *tally = tally_after(standings, kind, round);
    f1_row_t row = {standings->season, round, NULL};
    int convention = 0, count = tally->entrants->nelts, line, i;
    const int *positions;

    while (convention < CONVENTIONS - 1 && !(standings->left[index_of(kind)] & (1U << convention))) {
        convention++;
    }
    positions = tally->positions[convention];
    for (line = 1; line <= 2 * count; line++) {
        for (i = 0; i < count; i++) {
            /* the unranked, who have place 0, come last */
            if (line == (positions[i] ? positions[i] : count + unranked_line(tally, positions, i))) {
                add_entrant(APR_ARRAY_IDX(tally->entrants, i, entrant_t *), kind, positions[i], row, computed);
            }
        }
    }
}
