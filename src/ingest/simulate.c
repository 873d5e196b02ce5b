/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Writes the documents of a simulated world, season by season, as far as they would be published by now. */

#include "ingest/simulate_int.h"

#include <stdlib.h>
#include <string.h>

#include <apr_strings.h>

#define MINUTE apr_time_from_sec(60)
#define DAY (1440 * MINUTE)
/* From the start of a session until upstream has its result. */
#define RACE_PUBLISHED (150 * MINUTE)
#define QUALIFYING_PUBLISHED (75 * MINUTE)
#define SPRINT_PUBLISHED (60 * MINUTE)
#define WEATHER_FORETOLD (15 * DAY) /* before the start */

typedef struct run_t {
    const f1_sim_world_t *world;
    f1_sim_write_t *write;
    void *baton;
    apr_pool_t *pool;
    f1_result_t *res;
} run_t;

/* One season under way. */
typedef struct season_run_t {
    run_t *run;
    const f1_sim_season_t *season;
    int round; /* of the slot at hand */
    f1_sim_weekend_t weekend;
    f1_sim_standings_t standings;
    int standings_round; /* the last one in standings */
    int has_driven[F1_SIM_DRIVERS];
    json_t *races, *results, *sprint, *qualifying; /* whole season */
    int result_count, sprint_count, qualifying_count;
} season_run_t;

/* Writes a document and lets go of it. */
static apr_status_t put(run_t *run, const char *path, json_t *document)
{
    char *data = json_dumps(document, JSON_COMPACT | JSON_REAL_PRECISION(6));
    apr_status_t rv;

    json_decref(document);
    if (data == NULL) {
        return f1_result_fail(run->res, F1_E_INTERNAL, APR_ENOMEM, "out of memory for %s", path);
    }
    rv = run->write(run->baton, path, data, strlen(data), run->res);
    free(data);
    return rv;
}

static const char *season_path(season_run_t *at, const char *name)
{
    return apr_psprintf(at->run->pool, "%d/%s", at->season->year, name);
}

static const char *round_path(season_run_t *at, const char *name)
{
    return apr_psprintf(at->run->pool, "%d/%d/%s", at->season->year, at->round, name);
}

/* A race with one list in it, as the document of its round. Takes over rows. */
static apr_status_t put_session(season_run_t *at, const f1_sim_slot_t *slot, const char *path, const char *list,
                                json_t *rows, int count)
{
    json_t *race = f1_sim_race_json(at->season->year, at->round, slot, 0);

    (void)json_object_set_new(race, list, rows);
    return put(at->run, round_path(at, path),
               f1_sim_document("RaceTable", at->season->year, at->round, "Races", json_pack("[o]", race), count));
}

/* The same list for the document of the season, which counts rows too. */
static void collect(season_run_t *at, const f1_sim_slot_t *slot, json_t *season_races, const char *list, json_t *rows,
                    int *pcount)
{
    json_t *race = f1_sim_race_json(at->season->year, at->round, slot, 0);

    *pcount += (int)json_array_size(rows);
    (void)json_object_set(race, list, rows);
    (void)json_array_append_new(season_races, race);
}

static void add_to_tally(f1_sim_tally_t *tally, const f1_sim_result_t *result, int is_sprint)
{
    int i;

    tally->is_present = 1;
    tally->points += result->points;
    for (i = 0; i < tally->team_count && tally->teams[i] != result->team; i++) {
    }
    if (i == tally->team_count) {
        tally->teams[tally->team_count++] = result->team;
    }
    if (!is_sprint && result->is_classified) {
        tally->wins += result->position == 1;
        tally->places[result->position - 1]++;
    }
}

void f1_sim_standings_add(f1_sim_standings_t *standings, const f1_sim_race_t *race, int is_sprint)
{
    int i;

    for (i = 0; i < F1_SIM_CARS; i++) {
        const f1_sim_result_t *result = &race->results[i];

        add_to_tally(&standings->drivers[result->driver], result, is_sprint);
        add_to_tally(&standings->teams[result->team], result, is_sprint);
    }
}

/* path: of a round, or of the season as far as it went */
static apr_status_t put_standings(season_run_t *at, const char *path, const char *list, json_t *rows)
{
    int year = at->season->year, round = at->standings_round, count = (int)json_array_size(rows);
    json_t *lists = json_array();

    if (round > 0) {
        (void)json_array_append_new(lists, json_pack("{s:o, s:o, s:o}", "season", json_sprintf("%d", year), "round",
                                                     json_sprintf("%d", round), list, rows));
    }
    else {
        json_decref(rows);
    }
    return put(at->run, path, f1_sim_document("StandingsTable", year, round, "StandingsLists", lists, count));
}

static apr_status_t put_both_standings(season_run_t *at, const char *driver_path, const char *team_path)
{
    apr_status_t rv =
        put_standings(at, driver_path, "DriverStandings", f1_sim_driver_standings_json(at->run->world, &at->standings));

    if (rv != APR_SUCCESS) {
        return rv;
    }
    return put_standings(at, team_path, "ConstructorStandings", f1_sim_team_standings_json(&at->standings));
}

static apr_status_t put_qualifying(season_run_t *at, const f1_sim_slot_t *slot)
{
    json_t *rows = f1_sim_qualifying_json(at->run->world, at->weekend.qualifying);

    collect(at, slot, at->qualifying, "QualifyingResults", rows, &at->qualifying_count);
    return put_session(at, slot, "qualifying", "QualifyingResults", rows, F1_SIM_CARS);
}

static apr_status_t put_sprint(season_run_t *at, const f1_sim_slot_t *slot)
{
    json_t *rows = f1_sim_results_json(at->run->world, &at->weekend.sprint, &f1_sim_circuits[slot->circuit]);

    collect(at, slot, at->sprint, "SprintResults", rows, &at->sprint_count);
    return put_session(at, slot, "sprint", "SprintResults", rows, F1_SIM_CARS);
}

static apr_status_t put_race(season_run_t *at, const f1_sim_slot_t *slot)
{
    json_t *rows = f1_sim_results_json(at->run->world, &at->weekend.race, &f1_sim_circuits[slot->circuit]), *stops;
    apr_status_t rv;
    int total;

    collect(at, slot, at->results, "Results", rows, &at->result_count);
    rv = put_session(at, slot, "results", "Results", rows, F1_SIM_CARS);
    if (rv != APR_SUCCESS) {
        return rv;
    }
    rows = f1_sim_laps_json(&at->weekend.race, &total);
    rv = put_session(at, slot, "laps", "Laps", rows, total);
    if (rv != APR_SUCCESS) {
        return rv;
    }
    stops = f1_sim_stops_json(&at->weekend.race);
    total = (int)json_array_size(stops);
    return put_session(at, slot, "pitstops", "PitStops", stops, total);
}

static void note_drivers(season_run_t *at)
{
    int i;

    for (i = 0; i < F1_SIM_CARS; i++) {
        at->has_driven[at->weekend.qualifying[i].driver] = 1;
    }
}

/* One weekend of the calendar, with what is published of it. */
static apr_status_t put_weekend(season_run_t *at, int index)
{
    const f1_sim_slot_t *slot = &at->season->slots[index];
    apr_time_t now = at->run->world->now;
    apr_status_t rv;

    (void)json_array_append_new(at->races, f1_sim_race_json(at->season->year, at->round, slot, 1));
    rv = put(at->run, round_path(at, "races"),
             f1_sim_document("RaceTable", at->season->year, at->round, "Races",
                             json_pack("[o]", f1_sim_race_json(at->season->year, at->round, slot, 1)), 1));
    if (rv == APR_SUCCESS && now >= slot->start - WEATHER_FORETOLD) {
        rv = put(at->run, round_path(at, "weather"), f1_sim_weather_json(at->run->world, at->season->year, slot));
    }
    if (rv != APR_SUCCESS || now < slot->start - 2 * DAY) {
        return rv;
    }
    f1_sim_weekend_run(&at->weekend, at->run->world, at->season, index);
    if (slot->is_sprint && now >= slot->start - DAY - 240 * MINUTE + SPRINT_PUBLISHED) {
        rv = put_sprint(at, slot);
    }
    if (rv == APR_SUCCESS && now >= slot->start - DAY + QUALIFYING_PUBLISHED) {
        note_drivers(at);
        rv = put_qualifying(at, slot);
    }
    if (rv != APR_SUCCESS || now < slot->start + RACE_PUBLISHED) {
        return rv;
    }
    rv = put_race(at, slot);
    if (rv != APR_SUCCESS) {
        return rv;
    }
    if (slot->is_sprint) {
        f1_sim_standings_add(&at->standings, &at->weekend.sprint, 1);
    }
    f1_sim_standings_add(&at->standings, &at->weekend.race, 0);
    at->standings_round = at->round;
    return put_both_standings(at, round_path(at, "driverstandings"), round_path(at, "constructorstandings"));
}

static json_t *teams_json(void)
{
    json_t *rows = json_array();
    int i;

    for (i = 0; i < F1_SIM_TEAMS; i++) {
        (void)json_array_append_new(rows, f1_sim_team_json(i));
    }
    return rows;
}

/* Who is known to take part: the line-up of the first race, and whoever drove since. */
static json_t *season_drivers_json(season_run_t *at)
{
    json_t *rows = json_array();
    int i;

    for (i = 0; i < F1_SIM_CARS; i++) {
        at->has_driven[at->season->seats[i]] = 1;
    }
    for (i = 0; i < F1_SIM_DRIVERS; i++) {
        if (at->has_driven[i]) {
            (void)json_array_append_new(rows, f1_sim_driver_json(at->run->world, i));
        }
    }
    return rows;
}

/* Takes over rows. */
static apr_status_t put_list(run_t *run, const char *path, const char *table, int year, const char *list, json_t *rows,
                             int count)
{
    return put(run, path, f1_sim_document(table, year, 0, list, rows, count));
}

/* rv: of what was written before. The lists are let go of in any case. */
static apr_status_t put_season_lists(season_run_t *at, apr_status_t rv)
{
    int year = at->season->year, race_count = (int)json_array_size(at->races);
    json_t *drivers = season_drivers_json(at);
    const struct {
        const char *name, *table, *list;
        json_t *rows;
        int count;
    } lists[] = {{"races", "RaceTable", "Races", at->races, race_count},
                 {"results", "RaceTable", "Races", at->results, at->result_count},
                 {"qualifying", "RaceTable", "Races", at->qualifying, at->qualifying_count},
                 {"sprint", "RaceTable", "Races", at->sprint, at->sprint_count},
                 {"drivers", "DriverTable", "Drivers", drivers, (int)json_array_size(drivers)},
                 {"constructors", "ConstructorTable", "Constructors", teams_json(), F1_SIM_TEAMS}};
    size_t i;

    for (i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        if (rv == APR_SUCCESS) {
            rv = put_list(at->run, season_path(at, lists[i].name), lists[i].table, year, lists[i].list, lists[i].rows,
                          lists[i].count);
        }
        else {
            json_decref(lists[i].rows);
        }
    }
    return rv;
}

static apr_status_t put_season(run_t *run, const f1_sim_season_t *season)
{
    season_run_t *at = apr_pcalloc(run->pool, sizeof(*at));
    apr_status_t rv = APR_SUCCESS;
    int slot;

    at->run = run;
    at->season = season;
    at->races = json_array();
    at->results = json_array();
    at->sprint = json_array();
    at->qualifying = json_array();
    for (slot = 0; slot < season->slot_count && rv == APR_SUCCESS; slot++) {
        if (f1_sim_is_listed(run->world, &season->slots[slot])) {
            at->round++;
            rv = put_weekend(at, slot);
        }
    }
    rv = put_season_lists(at, rv);
    if (rv != APR_SUCCESS) {
        return rv;
    }
    return put_both_standings(at, season_path(at, "driverstandings"), season_path(at, "constructorstandings"));
}

static apr_status_t put_everything_known(run_t *run)
{
    json_t *seasons = json_array(), *drivers = json_array(), *circuits = json_array();
    const f1_sim_world_t *world = run->world;
    apr_status_t rv;
    int i;

    for (i = 0; i < world->season_count; i++) {
        (void)json_array_append_new(seasons, json_pack("{s:o}", "season", json_sprintf("%d", world->seasons[i].year)));
    }
    for (i = 0; i < F1_SIM_DRIVERS; i++) {
        if (world->debut[i] >= 0) {
            (void)json_array_append_new(drivers, f1_sim_driver_json(world, i));
        }
    }
    for (i = 0; i < F1_SIM_CIRCUITS; i++) {
        (void)json_array_append_new(circuits, f1_sim_circuit_json(i));
    }
    rv = put_list(run, "seasons", "SeasonTable", 0, "Seasons", seasons, world->season_count);
    if (rv == APR_SUCCESS) {
        rv = put_list(run, "drivers", "DriverTable", 0, "Drivers", json_incref(drivers), (int)json_array_size(drivers));
    }
    json_decref(drivers);
    if (rv == APR_SUCCESS) {
        rv = put_list(run, "circuits", "CircuitTable", 0, "Circuits", json_incref(circuits), F1_SIM_CIRCUITS);
    }
    json_decref(circuits);
    if (rv == APR_SUCCESS) {
        rv = put_list(run, "constructors", "ConstructorTable", 0, "Constructors", teams_json(), F1_SIM_TEAMS);
    }
    return rv;
}

apr_status_t f1_simulate(const f1_sim_options_t *options, f1_sim_write_t *write, void *baton, apr_pool_t *pool,
                         f1_result_t *res)
{
    f1_sim_world_t world;
    run_t run = {&world, write, baton, pool, res};
    apr_status_t rv;
    int i;

    f1_sim_world_make(&world, options, pool);
    rv = put_everything_known(&run);
    for (i = 0; i < world.season_count && rv == APR_SUCCESS; i++) {
        rv = put_season(&run, &world.seasons[i]);
    }
    return rv;
}
