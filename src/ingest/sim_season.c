/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* What is fixed before anybody drives: paces, calendars and line-ups of all seasons, each from a random stream of its
 * own. Paces of a year are moving averages over yearly draws, so that a good car is often good next year too, and
 * that a year's pace does not depend on which season the world begins with. */

#include "ingest/simulate_int.h"

#include <string.h>

#include <apr_strings.h>

#define DAY apr_time_from_sec(86400)
#define WEEK (7 * DAY)
#define CALLED_OFF_BEFORE (10 * DAY)
#define FIRST_MONTH 2 /* March, as struct tm counts */
#define SEASON_WEEKS 36
#define SLOTS_MIN 21
#define CHANGES_PER_WINTER 2

static apr_uint64_t mix(apr_uint64_t x)
{
    /* splitmix64 (S. Vigna), so that names that differ in one bit give unrelated streams */
    x += APR_UINT64_C(0x9E3779B97F4A7C15);
    x = (x ^ (x >> 30)) * APR_UINT64_C(0xBF58476D1CE4E5B9);
    x = (x ^ (x >> 27)) * APR_UINT64_C(0x94D049BB133111EB);
    return x ^ (x >> 31);
}

f1_rng_t f1_rng_make(apr_uint64_t seed, f1_sim_stream_t kind, int year, int a, int b)
{
    apr_uint64_t name =
        mix(((apr_uint64_t)kind << 48) ^ ((apr_uint64_t)year << 32) ^ ((apr_uint64_t)a << 16) ^ (apr_uint64_t)b);
    f1_rng_t rng = {mix(seed ^ name), mix(name) | 1};

    (void)f1_rng_next(&rng);
    return rng;
}

apr_uint32_t f1_rng_next(f1_rng_t *rng)
{
    apr_uint64_t old = rng->state;
    apr_uint32_t shifted = (apr_uint32_t)(((old >> 18) ^ old) >> 27), turn = (apr_uint32_t)(old >> 59);

    rng->state = old * APR_UINT64_C(6364136223846793005) + rng->increment;
    return (shifted >> turn) | (shifted << ((32 - turn) & 31));
}

int f1_rng_below(f1_rng_t *rng, int count)
{
    return (int)(((apr_uint64_t)f1_rng_next(rng) * (apr_uint64_t)count) >> 32);
}

int f1_rng_normal(f1_rng_t *rng, int deviation)
{
    apr_int64_t sum = -6 * 65536;
    int i;

    for (i = 0; i < 12; i++) {
        sum += f1_rng_next(rng) >> 16;
    }
    return (int)(sum * deviation / 65536);
}

/* A draw a year, remembered for three: 4/6 of this year's, 4/6 of the last, 2/6 of the one before (in squares: 1). */
static int yearly(const f1_sim_world_t *world, f1_sim_stream_t kind, int year, int who, int deviation)
{
    static const int weight[3] = {4, 4, 2};
    int back, sum = 0;

    for (back = 0; back < 3; back++) {
        f1_rng_t rng = f1_rng_make(world->seed, kind, year - back, who, 0);

        sum += weight[back] * f1_rng_normal(&rng, deviation);
    }
    return sum / 6;
}

int f1_sim_car_pace(const f1_sim_world_t *world, int year, int team)
{
    return yearly(world, F1_SIM_CAR, year, team, F1_SIM_SPREAD_CAR);
}

/* Three parts talent to one part of how the year goes. */
int f1_sim_driver_pace(const f1_sim_world_t *world, int year, int driver)
{
    f1_rng_t talent = f1_rng_make(world->seed, F1_SIM_DRIVER, 0, driver, 0);

    return (3 * f1_rng_normal(&talent, F1_SIM_SPREAD_DRIVER) +
            yearly(world, F1_SIM_DRIVER, year, driver, F1_SIM_SPREAD_DRIVER)) /
           3;
}

int f1_sim_car_fit(const f1_sim_world_t *world, int year, int team, int circuit)
{
    f1_rng_t rng = f1_rng_make(world->seed, F1_SIM_CAR_FIT, year, team, circuit);

    return f1_rng_normal(&rng, F1_SIM_SPREAD_FIT);
}

int f1_sim_driver_fit(const f1_sim_world_t *world, int driver, int circuit)
{
    f1_rng_t rng = f1_rng_make(world->seed, F1_SIM_DRIVER_FIT, 0, driver, circuit);

    return f1_rng_normal(&rng, F1_SIM_SPREAD_FIT);
}

/* Midnight of the first Sunday of March. */
static apr_time_t first_sunday(int year)
{
    apr_time_exp_t date;
    apr_time_t time = 0;

    memset(&date, 0, sizeof(date));
    date.tm_year = year - 1900;
    date.tm_mon = FIRST_MONTH;
    date.tm_mday = 1;
    (void)apr_time_exp_gmt_get(&time, &date);
    (void)apr_time_exp_gmt(&date, time);
    return time + ((7 - date.tm_wday) % 7) * DAY;
}

/* Circuits in their order, one or two weeks apart, in a season of SEASON_WEEKS. One race has but a week on either side:
 * it will be called off, and even then there is a race every other week. */
static void make_calendar(f1_sim_season_t *season, apr_uint64_t seed)
{
    f1_rng_t rng = f1_rng_make(seed, F1_SIM_CALENDAR, season->year, 0, 0);
    int slots = SLOTS_MIN + f1_rng_below(&rng, F1_SIM_SLOTS_MAX - SLOTS_MIN + 1), left = slots, circuit;
    int called_off = slots / 3 + f1_rng_below(&rng, slots / 3);
    int free_gaps = slots - 1 - 2, long_gaps = SEASON_WEEKS - (slots - 1);
    apr_time_t day = first_sunday(season->year);

    for (circuit = 0; circuit < F1_SIM_CIRCUITS; circuit++) {
        int number = season->slot_count;
        f1_sim_slot_t *slot = &season->slots[number];

        if (f1_rng_below(&rng, F1_SIM_CIRCUITS - circuit) >= left) {
            continue;
        }
        slot->circuit = circuit;
        slot->start = day + f1_sim_circuits[circuit].start_minute * apr_time_from_sec(60);
        slot->is_called_off = number == called_off;
        slot->is_sprint = f1_rng_below(&rng, 4) == 0;
        season->slot_count++;
        left--;
        day += WEEK;
        if (number != called_off - 1 && number != called_off && free_gaps > 0 &&
            f1_rng_below(&rng, free_gaps--) < long_gaps) {
            day += WEEK;
            long_gaps--;
        }
    }
}

/* Moves a calendar by whole weeks so that now lies between a day after the first race and a day before the last. */
static void move_calendar(f1_sim_season_t *season, apr_time_t now)
{
    apr_time_t early = season->slots[0].start + DAY - now;
    apr_time_t late = now - (season->slots[season->slot_count - 1].start - DAY);
    apr_time_t by = early > 0 ? -((early + WEEK - 1) / WEEK) * WEEK : late > 0 ? ((late + WEEK - 1) / WEEK) * WEEK : 0;
    int i;

    for (i = 0; i < season->slot_count; i++) {
        season->slots[i].start += by;
    }
}

/* What happens to the line-up on the way: two cars of different teams change drivers in the middle of the season, and
 * before it a driver misses one or two races. */
static void make_changes(f1_sim_season_t *season, f1_rng_t *rng, int reserve)
{
    int slots = season->slot_count;

    season->swap_slot = slots * 2 / 5 + f1_rng_below(rng, slots / 5);
    season->swap[0] = f1_rng_below(rng, F1_SIM_CARS);
    season->swap[1] = (season->swap[0] + 2 + f1_rng_below(rng, F1_SIM_CARS - 3)) % F1_SIM_CARS;
    if (season->swap[1] / 2 == season->swap[0] / 2) {
        season->swap[1] = (season->swap[1] + 2) % F1_SIM_CARS;
    }
    season->absent = f1_rng_below(rng, F1_SIM_CARS);
    season->absent_slot = 1 + f1_rng_below(rng, slots / 5);
    season->absent_count = 1 + f1_rng_below(rng, 2);
    season->reserve = reserve;
}

int f1_sim_seat(const f1_sim_season_t *season, int slot, int car)
{
    if (car == season->absent && season->reserve >= 0 && slot >= season->absent_slot &&
        slot < season->absent_slot + season->absent_count) {
        return season->reserve;
    }
    if (slot >= season->swap_slot && (car == season->swap[0] || car == season->swap[1])) {
        return season->seats[car == season->swap[0] ? season->swap[1] : season->swap[0]];
    }
    return season->seats[car];
}

/* From the last line-up of a season to the first of the next: newcomers while there are any, and two drivers who take
 * each other's place. Returns how many drivers have raced or been hired by then. */
static int winter(f1_sim_season_t *next, const f1_sim_season_t *season, f1_rng_t *rng, const int *order, int hired)
{
    int i, car, other;

    for (car = 0; car < F1_SIM_CARS; car++) {
        next->seats[car] = f1_sim_seat(season, F1_SIM_SLOTS_MAX, car);
    }
    for (i = 0; i < CHANGES_PER_WINTER && hired < F1_SIM_DRIVERS; i++) {
        next->seats[f1_rng_below(rng, F1_SIM_CARS)] = order[hired++];
    }
    car = f1_rng_below(rng, F1_SIM_CARS);
    other = (car + F1_SIM_CARS / 2) % F1_SIM_CARS;
    i = next->seats[car];
    next->seats[car] = next->seats[other];
    next->seats[other] = i;
    return hired;
}

static void make_lineups(f1_sim_world_t *world)
{
    f1_rng_t rng = f1_rng_make(world->seed, F1_SIM_LINEUP, world->seasons[0].year, 0, 0);
    int order[F1_SIM_DRIVERS] = {0}, hired = F1_SIM_CARS, i;

    for (i = 0; i < F1_SIM_DRIVERS; i++) {
        int j = f1_rng_below(&rng, i + 1);

        order[i] = order[j];
        order[j] = i;
    }
    memcpy(world->seasons[0].seats, order, sizeof(world->seasons[0].seats));
    for (i = 0; i < world->season_count; i++) {
        f1_sim_season_t *season = &world->seasons[i];

        if (i > 0) {
            hired = winter(season, &world->seasons[i - 1], &rng, order, hired);
        }
        /* who stands in as reserve is the first to be hired next winter */
        make_changes(season, &rng, hired < F1_SIM_DRIVERS ? order[hired] : -1);
    }
}

static void note_debut(f1_sim_world_t *world, int season, int driver, apr_pool_t *pool)
{
    f1_rng_t rng = f1_rng_make(world->seed, F1_SIM_WORLD, 0, driver, 0);
    int age, month, day;

    if (driver < 0 || world->debut[driver] >= 0) {
        return;
    }
    world->debut[driver] = season;
    age = season == 0 ? 20 + f1_rng_below(&rng, 18) : 18 + f1_rng_below(&rng, 6);
    month = 1 + f1_rng_below(&rng, 12);
    day = 1 + f1_rng_below(&rng, 28);
    world->birth[driver] = apr_psprintf(pool, "%04d-%02d-%02d", world->seasons[season].year - age, month, day);
}

static void note_debuts(f1_sim_world_t *world, apr_pool_t *pool)
{
    int i, car;

    for (i = 0; i < F1_SIM_DRIVERS; i++) {
        world->debut[i] = -1;
    }
    for (i = 0; i < world->season_count; i++) {
        for (car = 0; car < F1_SIM_CARS; car++) {
            note_debut(world, i, world->seasons[i].seats[car], pool);
        }
        note_debut(world, i, world->seasons[i].reserve, pool);
    }
}

void f1_sim_world_make(f1_sim_world_t *world, const f1_sim_options_t *options, apr_pool_t *pool)
{
    apr_time_exp_t now;
    int i;

    memset(world, 0, sizeof(*world));
    world->seed = options->seed;
    world->now = options->now;
    world->season_count = options->seasons;
    world->seasons = apr_pcalloc(pool, (size_t)options->seasons * sizeof(*world->seasons));
    (void)apr_time_exp_gmt(&now, options->now);
    for (i = 0; i < options->seasons; i++) {
        world->seasons[i].year = now.tm_year + 1900 - (options->seasons - 1 - i);
        make_calendar(&world->seasons[i], options->seed);
    }
    move_calendar(&world->seasons[options->seasons - 1], options->now);
    make_lineups(world);
    note_debuts(world, pool);
}

int f1_sim_is_listed(const f1_sim_world_t *world, const f1_sim_slot_t *slot)
{
    return !slot->is_called_off || world->now < slot->start - CALLED_OFF_BEFORE;
}

static json_t *paces_json(const f1_sim_world_t *world, int year)
{
    json_t *cars = json_object(), *drivers = json_object();
    int i, circuit;

    for (i = 0; i < F1_SIM_TEAMS; i++) {
        json_t *fit = json_object();

        for (circuit = 0; circuit < F1_SIM_CIRCUITS; circuit++) {
            (void)json_object_set_new(fit, f1_sim_circuits[circuit].id,
                                      json_integer(f1_sim_car_fit(world, year, i, circuit)));
        }
        (void)json_object_set_new(cars, f1_sim_teams[i].id,
                                  json_pack("{s:i, s:o}", "pace", f1_sim_car_pace(world, year, i), "circuit_fit", fit));
    }
    for (i = 0; i < F1_SIM_DRIVERS; i++) {
        json_t *fit;

        if (world->debut[i] < 0) {
            continue;
        }
        fit = json_object();
        for (circuit = 0; circuit < F1_SIM_CIRCUITS; circuit++) {
            (void)json_object_set_new(fit, f1_sim_circuits[circuit].id,
                                      json_integer(f1_sim_driver_fit(world, i, circuit)));
        }
        (void)json_object_set_new(
            drivers, f1_sim_drivers[i].id,
            json_pack("{s:i, s:o}", "pace", f1_sim_driver_pace(world, year, i), "circuit_fit", fit));
    }
    return json_pack("{s:i, s:o, s:o}", "season", year, "constructors", cars, "drivers", drivers);
}

json_t *f1_sim_strengths(const f1_sim_options_t *options, apr_pool_t *pool)
{
    f1_sim_world_t world;
    json_t *seasons = json_array();
    int i;

    f1_sim_world_make(&world, options, pool);
    for (i = 0; i < world.season_count; i++) {
        (void)json_array_append_new(seasons, paces_json(&world, world.seasons[i].year));
    }
    return json_pack("{s:s, s:{s:i, s:i, s:i, s:i, s:i, s:i}, s:o}", "unit", "millionths of a lap, less is faster",
                     "standard_deviations", "car", F1_SIM_SPREAD_CAR, "driver", F1_SIM_SPREAD_DRIVER, "circuit_fit",
                     F1_SIM_SPREAD_FIT, "form", F1_SIM_SPREAD_FORM, "lap", F1_SIM_SPREAD_LAP, "qualifying",
                     F1_SIM_SPREAD_QUALIFYING, "seasons", seasons);
}
