/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Drives a weekend. A lap takes the circuit's time, made longer or shorter by the pace of car and driver, their fit to
 * the circuit, the form of the day, the age of the tyres, fuel, and chance. Cars do not meet: who is faster is ahead.
 * A race ends when the first car has done all laps; the others finish the lap they are in. */

#include "ingest/simulate_int.h"

#include <stdlib.h>
#include <string.h>

#define MILLION 1000000
#define RACE_METRES 305000
#define SPRINT_METRES 100000
#define QUALIFYING_GAIN 35000 /* how much faster a lap is without fuel and on new tyres, millionths */
#define TRACK_GAIN 1500 /* and how much more from one part of qualifying to the next */
#define FUEL_EFFECT 300 /* what the fuel for one more lap costs, millionths */
#define STANDING_START_MS 4500
#define GRID_PLACE_MS 160 /* from one place on the grid to the next, in time */
#define PIT_LANE_START_MS 9000
/* Chances, one in so many. */
#define RETIRES_PER_LAP 450
#define RETIRES_AT_START 70
#define STARTS_FROM_PIT_LANE 80
#define DOES_NOT_START 700
#define RACES_WITH_DISQUALIFICATION 12

static const char *const reasons[] = {"Engine",    "Gearbox",  "Hydraulics", "Brakes",     "Suspension", "Accident",
                                      "Collision", "Puncture", "Power Unit", "Electrical", "Spun off",   "Overheating"};
static const char *const start_reasons[] = {"Collision", "Accident", "Collision damage"};

static const int race_points[] = {25, 18, 15, 12, 10, 8, 6, 4, 2, 1};
static const int sprint_points[] = {8, 7, 6, 5, 4, 3, 2, 1};

#define LENGTH(array) ((int)(sizeof(array) / sizeof((array)[0])))

/* Where and when something is driven. */
typedef struct scene_t {
    const f1_sim_world_t *world;
    const f1_sim_season_t *season;
    int slot;
    const f1_sim_circuit_t *circuit;
    int circuit_index;
    int lap_ms; /* of a car with no advantage at all */
} scene_t;

static apr_int64_t scaled(int ms, apr_int64_t millionths)
{
    return ms + (apr_int64_t)ms * millionths / MILLION;
}

static int steady_pace(const scene_t *scene, int car)
{
    int driver = f1_sim_seat(scene->season, scene->slot, car), year = scene->season->year;

    return f1_sim_car_pace(scene->world, year, car / 2) + f1_sim_driver_pace(scene->world, year, driver) +
           f1_sim_car_fit(scene->world, year, car / 2, scene->circuit_index) +
           f1_sim_driver_fit(scene->world, driver, scene->circuit_index);
}

static f1_rng_t scene_rng(const scene_t *scene, f1_sim_stream_t kind, int who)
{
    return f1_rng_make(scene->world->seed, kind, scene->season->year, scene->circuit_index, who);
}

/* --- Qualifying */

/* Who got further is ahead, then who was faster there; the same time is settled by the car, as by who set it first. */
static int by_qualifying(const void *va, const void *vb)
{
    const f1_sim_qualifying_t *a = va, *b = vb;
    int part;

    for (part = 2; part >= 0; part--) {
        if (a->part_ms[part] != b->part_ms[part]) {
            if (a->part_ms[part] == 0 || b->part_ms[part] == 0) {
                return a->part_ms[part] == 0 ? 1 : -1;
            }
            return a->part_ms[part] < b->part_ms[part] ? -1 : 1;
        }
    }
    return a->car - b->car;
}

static void run_qualifying(f1_sim_qualifying_t *list, const scene_t *scene, f1_sim_stream_t kind)
{
    static const int taking_part[3] = {F1_SIM_CARS, 15, 10};
    f1_rng_t rngs[F1_SIM_CARS];
    int part, i;

    for (i = 0; i < F1_SIM_CARS; i++) {
        memset(&list[i], 0, sizeof(list[i]));
        list[i].car = i;
        list[i].driver = f1_sim_seat(scene->season, scene->slot, i);
        list[i].team = i / 2;
        rngs[i] = scene_rng(scene, kind, i);
    }
    for (part = 0; part < 3; part++) {
        for (i = 0; i < taking_part[part]; i++) {
            f1_rng_t *rng = &rngs[list[i].car];
            int pace = steady_pace(scene, list[i].car) - QUALIFYING_GAIN - part * TRACK_GAIN;
            int first = f1_rng_normal(rng, F1_SIM_SPREAD_QUALIFYING);
            int second = f1_rng_normal(rng, F1_SIM_SPREAD_QUALIFYING);

            list[i].part_ms[part] = (int)scaled(scene->lap_ms, pace + (first < second ? first : second));
        }
        qsort(list, F1_SIM_CARS, sizeof(*list), by_qualifying);
    }
}

/* --- Race */

static void set_grid(f1_sim_race_t *race, const f1_sim_qualifying_t *qualifying, const scene_t *scene,
                     f1_sim_stream_t kind)
{
    int i, from_grid = 0, from_pit_lane = 0;

    for (i = 0; i < F1_SIM_CARS; i++) {
        f1_sim_result_t *result = &race->results[i];
        f1_rng_t rng = scene_rng(scene, F1_SIM_STEWARDS, (int)kind * F1_SIM_CARS + qualifying[i].car);

        result->car = qualifying[i].car;
        result->driver = qualifying[i].driver;
        result->team = qualifying[i].team;
        if (f1_rng_below(&rng, DOES_NOT_START) == 0) {
            result->end = F1_SIM_NOT_STARTED;
        }
        result->grid = f1_rng_below(&rng, STARTS_FROM_PIT_LANE) == 0 ? 0 : ++from_grid;
    }
    for (i = 0; i < F1_SIM_CARS; i++) {
        f1_sim_result_t *result = &race->results[i];

        result->place = result->grid > 0 ? result->grid : from_grid + ++from_pit_lane;
    }
}

/* One stop, or two where tyres wear fast, at about even distances. */
static void plan_stops(f1_sim_result_t *result, const scene_t *scene, int laps, f1_rng_t *rng)
{
    int count = scene->circuit->wear >= 280 ? 2 : 1, i;

    if (f1_rng_below(rng, 5) == 0) {
        count++;
    }
    for (i = 0; i < count; i++) {
        result->stop_lap[i] = laps * (i + 1) / (count + 1) + f1_rng_below(rng, 7) - 3;
        result->stop_ms[i] = scene->circuit->pit_ms + f1_rng_normal(rng, 600);
    }
    result->stops = count;
}

static int lap_time(const f1_sim_result_t *result, const scene_t *scene, int pace, int lap, int tyre_age, f1_rng_t *rng)
{
    apr_int64_t ms = scaled(scene->lap_ms, pace + (apr_int64_t)tyre_age * scene->circuit->wear -
                                               (apr_int64_t)lap * FUEL_EFFECT + f1_rng_normal(rng, F1_SIM_SPREAD_LAP));

    if (lap == 1) {
        ms += STANDING_START_MS + result->place * GRID_PLACE_MS + (result->grid == 0 ? PIT_LANE_START_MS : 0);
    }
    return (int)ms;
}

/* Drives as far as the car lasts; what counts is cut off later. */
static void drive(f1_sim_result_t *result, const scene_t *scene, f1_sim_stream_t kind, int laps)
{
    f1_rng_t rng = scene_rng(scene, kind, result->car);
    int pace = steady_pace(scene, result->car) + f1_rng_normal(&rng, F1_SIM_SPREAD_FORM);
    int lap, tyre_age = 0, stop = 0;

    if (kind == F1_SIM_RACE) {
        plan_stops(result, scene, laps, &rng);
    }
    for (lap = 1; lap <= laps; lap++) {
        int is_start = lap == 1 && f1_rng_below(&rng, RETIRES_AT_START) == 0;

        if (is_start || f1_rng_below(&rng, RETIRES_PER_LAP) == 0) {
            result->end = F1_SIM_RETIRED;
            result->reason = is_start ? start_reasons[f1_rng_below(&rng, LENGTH(start_reasons))]
                                      : reasons[f1_rng_below(&rng, LENGTH(reasons))];
            return;
        }
        result->lap_ms[lap - 1] = lap_time(result, scene, pace, lap, tyre_age++, &rng);
        if (stop < result->stops && lap == result->stop_lap[stop]) {
            result->lap_ms[lap - 1] += result->stop_ms[stop++];
            tyre_age = 0;
        }
        result->laps = lap;
    }
}

static apr_int64_t time_after(const f1_sim_result_t *result, int laps)
{
    apr_int64_t sum = 0;
    int i;

    for (i = 0; i < laps; i++) {
        sum += result->lap_ms[i];
    }
    return sum;
}

/* Cuts off what was driven after the flag, and sums up what is left. */
static void finish(f1_sim_result_t *result, int race_laps, apr_int64_t flag)
{
    int lap, stops = 0;

    for (lap = 0; lap < result->laps && (result->time_ms < flag || flag == 0); lap++) {
        result->time_ms += result->lap_ms[lap];
        if (result->best_lap == 0 || result->lap_ms[lap] < result->best_ms) {
            result->best_lap = lap + 1;
            result->best_ms = result->lap_ms[lap];
        }
        while (stops < result->stops && result->stop_lap[stops] == lap + 1) {
            stops++;
        }
    }
    if (result->time_ms >= flag && flag != 0) {
        result->end = lap < race_laps ? F1_SIM_LAPPED : F1_SIM_FINISHED;
    }
    result->laps = lap;
    result->stops = stops;
}

/* Finishers by laps and time; then who retired, by laps; then who did not start. */
static int by_result(const void *va, const void *vb)
{
    static const int order[] = {[F1_SIM_FINISHED] = 0,
                                [F1_SIM_LAPPED] = 0,
                                [F1_SIM_RETIRED] = 0,
                                [F1_SIM_NOT_STARTED] = 1,
                                [F1_SIM_DISQUALIFIED] = 2};
    const f1_sim_result_t *a = va, *b = vb;

    if (order[a->end] != order[b->end]) {
        return order[a->end] - order[b->end];
    }
    if (a->is_classified != b->is_classified) {
        return b->is_classified - a->is_classified;
    }
    if (a->laps != b->laps) {
        return b->laps - a->laps;
    }
    if ((a->end == F1_SIM_RETIRED) != (b->end == F1_SIM_RETIRED)) {
        return a->end == F1_SIM_RETIRED ? 1 : -1;
    }
    if (a->time_ms != b->time_ms) {
        return a->time_ms < b->time_ms ? -1 : 1;
    }
    return a->place - b->place;
}

static void sort_results(f1_sim_race_t *race)
{
    int i;

    qsort(race->results, F1_SIM_CARS, sizeof(race->results[0]), by_result);
    for (i = 0; i < F1_SIM_CARS; i++) {
        race->results[i].position = i + 1;
    }
}

static void rank_fastest_laps(f1_sim_race_t *race)
{
    int i, j;

    for (i = 0; i < F1_SIM_CARS; i++) {
        f1_sim_result_t *result = &race->results[i];

        result->best_rank = result->best_lap > 0;
        for (j = 0; result->best_lap > 0 && j < F1_SIM_CARS; j++) {
            const f1_sim_result_t *other = &race->results[j];

            result->best_rank += other->best_lap > 0 &&
                                 (other->best_ms < result->best_ms || (other->best_ms == result->best_ms && j < i));
        }
    }
}

static void rank_laps(f1_sim_race_t *race)
{
    apr_int64_t sums[F1_SIM_CARS] = {0};
    int lap, i, j;

    for (lap = 0; lap < race->laps; lap++) {
        for (i = 0; i < F1_SIM_CARS; i++) {
            sums[i] += lap < race->results[i].laps ? race->results[i].lap_ms[lap] : 0;
        }
        for (i = 0; i < F1_SIM_CARS; i++) {
            race->results[i].lap_position[lap] = 1;
            for (j = 0; j < F1_SIM_CARS; j++) {
                race->results[i].lap_position[lap] +=
                    lap < race->results[j].laps && (sums[j] < sums[i] || (sums[j] == sums[i] && j < i));
            }
        }
    }
}

static void disqualify_somebody(f1_sim_race_t *race, const scene_t *scene)
{
    f1_rng_t rng = scene_rng(scene, F1_SIM_STEWARDS, 0);
    f1_sim_result_t *result = &race->results[f1_rng_below(&rng, F1_SIM_CARS / 2)];

    if (f1_rng_below(&rng, RACES_WITH_DISQUALIFICATION) == 0 && result->end == F1_SIM_FINISHED) {
        result->end = F1_SIM_DISQUALIFIED;
        result->is_classified = 0;
        sort_results(race);
    }
}

static void give_points(f1_sim_race_t *race, const int *points, int count, int for_fastest_lap)
{
    int i;

    for (i = 0; i < F1_SIM_CARS; i++) {
        f1_sim_result_t *result = &race->results[i];

        if (result->is_classified && result->position <= count) {
            result->points = points[result->position - 1] + (result->best_rank == 1 ? for_fastest_lap : 0);
        }
    }
}

static void run_race(f1_sim_race_t *race, const f1_sim_qualifying_t *qualifying, const scene_t *scene,
                     f1_sim_stream_t kind)
{
    int metres = kind == F1_SIM_RACE ? RACE_METRES : SPRINT_METRES, i, most = 0;
    apr_int64_t flag = 0;

    memset(race, 0, sizeof(*race));
    race->laps = (metres + scene->circuit->length_m - 1) / scene->circuit->length_m;
    set_grid(race, qualifying, scene, kind);
    for (i = 0; i < F1_SIM_CARS; i++) {
        f1_sim_result_t *result = &race->results[i];

        if (result->end != F1_SIM_NOT_STARTED) {
            drive(result, scene, kind, race->laps);
        }
        if (result->laps == race->laps && (flag == 0 || time_after(result, race->laps) < flag)) {
            flag = time_after(result, race->laps);
        }
    }
    for (i = 0; i < F1_SIM_CARS; i++) {
        finish(&race->results[i], race->laps, flag);
        most = race->results[i].laps > most ? race->results[i].laps : most;
    }
    for (i = 0; i < F1_SIM_CARS; i++) {
        f1_sim_result_t *result = &race->results[i];

        result->is_classified = result->laps > 0 && result->laps * 10 >= most * 9;
    }
    sort_results(race);
    if (kind == F1_SIM_RACE) {
        disqualify_somebody(race, scene);
    }
    rank_fastest_laps(race);
    rank_laps(race);
    give_points(race, kind == F1_SIM_RACE ? race_points : sprint_points,
                kind == F1_SIM_RACE ? LENGTH(race_points) : LENGTH(sprint_points), kind == F1_SIM_RACE);
}

void f1_sim_weekend_run(f1_sim_weekend_t *weekend, const f1_sim_world_t *world, const f1_sim_season_t *season, int slot)
{
    const f1_sim_circuit_t *circuit = &f1_sim_circuits[season->slots[slot].circuit];
    scene_t scene = {world, season, slot, circuit, season->slots[slot].circuit, 0};
    f1_sim_qualifying_t sprint_qualifying[F1_SIM_CARS];

    /* metres per (kilometres per hour) in milliseconds */
    scene.lap_ms = circuit->length_m * 3600 / circuit->speed_kmh;
    run_qualifying(weekend->qualifying, &scene, F1_SIM_QUALIFYING);
    run_race(&weekend->race, weekend->qualifying, &scene, F1_SIM_RACE);
    if (season->slots[slot].is_sprint) {
        run_qualifying(sprint_qualifying, &scene, F1_SIM_SPRINT_QUALIFYING);
        run_race(&weekend->sprint, sprint_qualifying, &scene, F1_SIM_SPRINT);
    }
}
