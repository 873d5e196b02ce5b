/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_INGEST_SIMULATE_INT_H
#define F1_INGEST_SIMULATE_INT_H

/* Inside of the simulator. The world is made of tables (sim_tables.c); a season of it is a calendar, line-ups and paces
 * (sim_season.c); a weekend is driven lap by lap (sim_race.c) and told as documents (sim_json.c, sim_weather.c).
 *
 * Every random decision draws from a stream of its own, named by what is decided. So no decision moves another, and
 * what happened before some date does not depend on how far the world is simulated. Two draws never stand in one
 * expression, because C leaves open which comes first. */

#include <apr_pools.h>
#include <apr_time.h>
#include <jansson.h>

#include "ingest/simulate.h"

#define F1_SIM_TEAMS 10
#define F1_SIM_CARS (2 * F1_SIM_TEAMS)
#define F1_SIM_CIRCUITS 26
#define F1_SIM_DRIVERS 46
#define F1_SIM_SLOTS_MAX 25
#define F1_SIM_LAPS_MAX 100
#define F1_SIM_STOPS_MAX 3

/* How far the paces spread: standard deviations in millionths of a lap. */
#define F1_SIM_SPREAD_CAR 3400      /* between cars */
#define F1_SIM_SPREAD_DRIVER 1600   /* between drivers */
#define F1_SIM_SPREAD_FIT 1300      /* of a car, and of a driver, from circuit to circuit */
#define F1_SIM_SPREAD_FORM 1800     /* of a driver from race to race */
#define F1_SIM_SPREAD_LAP 3000      /* from lap to lap */
#define F1_SIM_SPREAD_QUALIFYING 1300 /* from one qualifying lap to the next */

/* PCG32 (M. E. O'Neill, "PCG: A Family of Simple Fast Space-Efficient Statistically Good Algorithms", 2014). */
typedef struct f1_rng_t {
    apr_uint64_t state, increment;
} f1_rng_t;

typedef enum {
    F1_SIM_WORLD,
    F1_SIM_CAR,
    F1_SIM_DRIVER,
    F1_SIM_CAR_FIT,
    F1_SIM_DRIVER_FIT,
    F1_SIM_CALENDAR,
    F1_SIM_LINEUP,
    F1_SIM_QUALIFYING,
    F1_SIM_SPRINT_QUALIFYING,
    F1_SIM_SPRINT,
    F1_SIM_RACE,
    F1_SIM_STEWARDS,
    F1_SIM_WEATHER
} f1_sim_stream_t;

/* year, a and b tell decisions of one kind apart. */
f1_rng_t f1_rng_make(apr_uint64_t seed, f1_sim_stream_t kind, int year, int a, int b);
apr_uint32_t f1_rng_next(f1_rng_t *rng);
/* 0 .. count - 1 */
int f1_rng_below(f1_rng_t *rng, int count);
/* Nearly normal, mean 0: the sum of twelve even numbers. */
int f1_rng_normal(f1_rng_t *rng, int deviation);

typedef struct f1_sim_circuit_t {
    const char *id, *name, *race_name, *locality, *country, *latitude, *longitude, *type, *time_zone;
    int length_m, speed_kmh;        /* of a race lap, on average */
    int start_minute;               /* when races start, minutes after midnight UTC */
    int wear;                       /* what a lap more on the same tyres costs, millionths of a lap */
    int pit_ms;                     /* what a pit stop takes */
} f1_sim_circuit_t;

typedef struct f1_sim_team_t {
    const char *id, *name, *nationality;
} f1_sim_team_t;

typedef struct f1_sim_driver_t {
    const char *id, *code, *given, *family, *nationality;
    int number;
} f1_sim_driver_t;

extern const f1_sim_circuit_t f1_sim_circuits[F1_SIM_CIRCUITS];     /* in the order the calendar visits them */
extern const f1_sim_team_t f1_sim_teams[F1_SIM_TEAMS];
extern const f1_sim_driver_t f1_sim_drivers[F1_SIM_DRIVERS];

/* A place in the calendar as it was first published. */
typedef struct f1_sim_slot_t {
    int circuit;
    apr_time_t start;               /* of the race */
    int is_sprint;
    int is_called_off;
} f1_sim_slot_t;

typedef struct f1_sim_season_t {
    int year;
    int slot_count;
    f1_sim_slot_t slots[F1_SIM_SLOTS_MAX];
    int seats[F1_SIM_CARS];         /* drivers by car as the season begins; cars 2t and 2t + 1 are team t's */
    int swap_slot, swap[2];         /* from this slot on, these two cars have each other's driver */
    int absent_slot, absent_count, absent, reserve;     /* a car that a reserve driver takes for a while */
} f1_sim_season_t;

typedef struct f1_sim_world_t {
    apr_uint64_t seed;
    apr_time_t now;
    int season_count;
    f1_sim_season_t *seasons;
    int debut[F1_SIM_DRIVERS];      /* index of the season of the first race, -1: never seen */
    const char *birth[F1_SIM_DRIVERS];
} f1_sim_world_t;

void f1_sim_world_make(f1_sim_world_t *world, const f1_sim_options_t *options, apr_pool_t *pool);
/* Who drives a car. */
int f1_sim_seat(const f1_sim_season_t *season, int slot, int car);
/* Pace in a season at a circuit: car + driver, without anything random. */
int f1_sim_car_pace(const f1_sim_world_t *world, int year, int team);
int f1_sim_driver_pace(const f1_sim_world_t *world, int year, int driver);
int f1_sim_car_fit(const f1_sim_world_t *world, int year, int team, int circuit);
int f1_sim_driver_fit(const f1_sim_world_t *world, int driver, int circuit);
/* False once a race that is called off has left the calendar. */
int f1_sim_is_listed(const f1_sim_world_t *world, const f1_sim_slot_t *slot);

typedef enum { F1_SIM_FINISHED, F1_SIM_LAPPED, F1_SIM_RETIRED, F1_SIM_NOT_STARTED, F1_SIM_DISQUALIFIED } f1_sim_end_t;

typedef struct f1_sim_result_t {
    int car, driver, team;
    int grid;                       /* 0: from the pit lane */
    int place;                      /* on the grid, with the pit lane behind */
    f1_sim_end_t end;
    const char *reason;             /* of a retirement */
    int is_classified;
    int position, points;
    int laps;
    int lap_ms[F1_SIM_LAPS_MAX], lap_position[F1_SIM_LAPS_MAX];
    apr_int64_t time_ms;            /* sum of lap_ms */
    int best_lap, best_ms, best_rank;   /* 0: no lap */
    int stops, stop_lap[F1_SIM_STOPS_MAX], stop_ms[F1_SIM_STOPS_MAX];
} f1_sim_result_t;

typedef struct f1_sim_race_t {
    int laps;
    f1_sim_result_t results[F1_SIM_CARS];   /* by position */
} f1_sim_race_t;

typedef struct f1_sim_qualifying_t {
    int car, driver, team;
    int part_ms[3];                 /* 0: not in this part */
} f1_sim_qualifying_t;

typedef struct f1_sim_weekend_t {
    f1_sim_qualifying_t qualifying[F1_SIM_CARS];    /* by position */
    f1_sim_race_t race, sprint;
} f1_sim_weekend_t;

/* Everything about a weekend, whether it has been published yet or not. */
void f1_sim_weekend_run(f1_sim_weekend_t *weekend, const f1_sim_world_t *world, const f1_sim_season_t *season,
                        int slot);

/* Points and places so far, of drivers or of teams. */
typedef struct f1_sim_tally_t {
    int is_present;
    int points, wins;
    int places[F1_SIM_CARS];        /* how often each position of a race, for ties */
    int teams[F1_SIM_TEAMS], team_count;    /* drivers: whom for, in order */
} f1_sim_tally_t;

typedef struct f1_sim_standings_t {
    f1_sim_tally_t drivers[F1_SIM_DRIVERS];
    f1_sim_tally_t teams[F1_SIM_TEAMS];
} f1_sim_standings_t;

void f1_sim_standings_add(f1_sim_standings_t *standings, const f1_sim_race_t *race, int is_sprint);

/* A document: {"MRData": {…, table: {season, round, list: [rows]}}}. year and round 0: not in it. Takes over rows. */
json_t *f1_sim_document(const char *table, int year, int round, const char *list, json_t *rows, int total);
json_t *f1_sim_circuit_json(int circuit);
json_t *f1_sim_driver_json(const f1_sim_world_t *world, int driver);
json_t *f1_sim_team_json(int team);
/* A race without anything in it; with its sessions where it is for the calendar. */
json_t *f1_sim_race_json(int year, int round, const f1_sim_slot_t *slot, int with_sessions);
json_t *f1_sim_results_json(const f1_sim_world_t *world, const f1_sim_race_t *race, const f1_sim_circuit_t *circuit);
json_t *f1_sim_qualifying_json(const f1_sim_world_t *world, const f1_sim_qualifying_t *qualifying);
/* *ptotal: how many times are in it */
json_t *f1_sim_laps_json(const f1_sim_race_t *race, int *ptotal);
json_t *f1_sim_stops_json(const f1_sim_race_t *race);
/* The hours around a race, in the form of Open-Meteo. */
json_t *f1_sim_weather_json(const f1_sim_world_t *world, int year, const f1_sim_slot_t *slot);
json_t *f1_sim_driver_standings_json(const f1_sim_world_t *world, const f1_sim_standings_t *standings);
json_t *f1_sim_team_standings_json(const f1_sim_standings_t *standings);

#endif
