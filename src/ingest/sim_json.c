/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Simulated weekends told as a Jolpica-compatible upstream tells real ones: every value a string, every member in its
 * order. jansson cannot fail here but for want of memory, and that is noticed once, when a document is written. */

#include "ingest/simulate_int.h"

#include <stdlib.h>
#include <string.h>

#include <apr_strings.h>

#define HOUR apr_time_from_sec(3600)
#define DAY (24 * HOUR)

static json_t *number(apr_int64_t value)
{
    return json_sprintf("%" APR_INT64_T_FMT, value);
}

/* "1:36.236", "33:17.667" or "1:33:56.736" */
static json_t *time_text(const char *prefix, apr_int64_t ms)
{
    int hours = (int)(ms / 3600000), minutes = (int)(ms / 60000 % 60), seconds = (int)(ms / 1000 % 60);

    if (hours > 0) {
        return json_sprintf("%s%d:%02d:%02d.%03d", prefix, hours, minutes, seconds, (int)(ms % 1000));
    }
    if (minutes > 0) {
        return json_sprintf("%s%d:%02d.%03d", prefix, minutes, seconds, (int)(ms % 1000));
    }
    return json_sprintf("%s%d.%03d", prefix, seconds, (int)(ms % 1000));
}

static void set_date_time(json_t *object, apr_time_t at)
{
    apr_time_exp_t date;

    (void)apr_time_exp_gmt(&date, at);
    (void)json_object_set_new(object, "date",
                              json_sprintf("%04d-%02d-%02d", date.tm_year + 1900, date.tm_mon + 1, date.tm_mday));
    (void)json_object_set_new(object, "time", json_sprintf("%02d:%02d:%02dZ", date.tm_hour, date.tm_min, date.tm_sec));
}

json_t *f1_sim_document(const char *table, int year, int round, const char *list, json_t *rows, int total)
{
    json_t *body = json_object();

    if (year > 0) {
        (void)json_object_set_new(body, "season", number(year));
    }
    if (round > 0) {
        (void)json_object_set_new(body, "round", number(round));
    }
    (void)json_object_set_new(body, list, rows);
    return json_pack("{s:{s:s, s:s, s:s, s:s, s:o, s:s, s:o, s:o}}", "MRData", "xmlns", "", "series", "f1", "simulated",
                     "true", "url", "", "limit", number(total), "offset", "0", "total", number(total), table, body);
}

json_t *f1_sim_circuit_json(int index)
{
    const f1_sim_circuit_t *circuit = &f1_sim_circuits[index];

    return json_pack("{s:s, s:s, s:{s:s, s:s, s:s, s:s}, s:o, s:s, s:s}", "circuitId", circuit->id, "circuitName",
                     circuit->name, "Location", "lat", circuit->latitude, "long", circuit->longitude, "locality",
                     circuit->locality, "country", circuit->country, "length_km",
                     json_sprintf("%d.%03d", circuit->length_m / 1000, circuit->length_m % 1000), "type", circuit->type,
                     "time_zone", circuit->time_zone);
}

json_t *f1_sim_driver_json(const f1_sim_world_t *world, int index)
{
    const f1_sim_driver_t *driver = &f1_sim_drivers[index];

    return json_pack("{s:s, s:o, s:s, s:s, s:s, s:s, s:s}", "driverId", driver->id, "permanentNumber",
                     number(driver->number), "code", driver->code, "givenName", driver->given, "familyName",
                     driver->family, "dateOfBirth", world->birth[index], "nationality", driver->nationality);
}

json_t *f1_sim_team_json(int index)
{
    const f1_sim_team_t *team = &f1_sim_teams[index];

    return json_pack("{s:s, s:s, s:s}", "constructorId", team->id, "name", team->name, "nationality",
                     team->nationality);
}

static void add_session(json_t *race, const char *name, apr_time_t at)
{
    json_t *session = json_object();

    set_date_time(session, at);
    (void)json_object_set_new(race, name, session);
}

json_t *f1_sim_race_json(int year, int round, const f1_sim_slot_t *slot, int with_sessions)
{
    json_t *race = json_pack("{s:o, s:o, s:s, s:o}", "season", number(year), "round", number(round), "raceName",
                             f1_sim_circuits[slot->circuit].race_name, "Circuit", f1_sim_circuit_json(slot->circuit));

    set_date_time(race, slot->start);
    if (!with_sessions) {
        return race;
    }
    add_session(race, "FirstPractice", slot->start - 2 * DAY - 4 * HOUR);
    if (slot->is_sprint) {
        add_session(race, "Qualifying", slot->start - DAY);
        add_session(race, "Sprint", slot->start - DAY - 4 * HOUR);
        add_session(race, "SprintQualifying", slot->start - 2 * DAY);
    }
    else {
        add_session(race, "SecondPractice", slot->start - 2 * DAY);
        add_session(race, "ThirdPractice", slot->start - DAY - 4 * HOUR);
        add_session(race, "Qualifying", slot->start - DAY);
    }
    return race;
}

static json_t *position_text(const f1_sim_result_t *result)
{
    static const char *const letters[] = {
        [F1_SIM_RETIRED] = "R", [F1_SIM_NOT_STARTED] = "W", [F1_SIM_DISQUALIFIED] = "D"};

    return result->is_classified ? number(result->position) : json_string(letters[result->end]);
}

static const char *status(const f1_sim_result_t *result)
{
    static const char *const words[] = {[F1_SIM_FINISHED] = "Finished",
                                        [F1_SIM_LAPPED] = "Lapped",
                                        [F1_SIM_NOT_STARTED] = "Did not start",
                                        [F1_SIM_DISQUALIFIED] = "Disqualified"};

    return result->end == F1_SIM_RETIRED ? result->reason : words[result->end];
}

static void add_times(json_t *row, const f1_sim_result_t *result, const f1_sim_result_t *winner,
                      const f1_sim_circuit_t *circuit)
{
    if (result->end == F1_SIM_FINISHED || result->end == F1_SIM_LAPPED) {
        (void)json_object_set_new(row, "Time",
                                  json_pack("{s:o, s:o}", "millis", number(result->time_ms), "time",
                                            result == winner ? time_text("", result->time_ms)
                                                             : time_text("+", result->time_ms - winner->time_ms)));
    }
    if (result->best_lap > 0) {
        int speed = (int)((apr_int64_t)circuit->length_m * 3600000 / result->best_ms);

        (void)json_object_set_new(row, "FastestLap",
                                  json_pack("{s:o, s:o, s:{s:o}, s:{s:s, s:o}}", "rank", number(result->best_rank),
                                            "lap", number(result->best_lap), "Time", "time",
                                            time_text("", result->best_ms), "AverageSpeed", "units", "kph", "speed",
                                            json_sprintf("%d.%03d", speed / 1000, speed % 1000)));
    }
}

json_t *f1_sim_results_json(const f1_sim_world_t *world, const f1_sim_race_t *race, const f1_sim_circuit_t *circuit)
{
    json_t *rows = json_array();
    int i;

    for (i = 0; i < F1_SIM_CARS; i++) {
        const f1_sim_result_t *result = &race->results[i];
        json_t *row =
            json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:s}", "number",
                      number(f1_sim_drivers[result->driver].number), "position", number(result->position),
                      "positionText", position_text(result), "points", number(result->points), "Driver",
                      f1_sim_driver_json(world, result->driver), "Constructor", f1_sim_team_json(result->team), "grid",
                      number(result->grid), "laps", number(result->laps), "status", status(result));

        add_times(row, result, &race->results[0], circuit);
        (void)json_array_append_new(rows, row);
    }
    return rows;
}

json_t *f1_sim_qualifying_json(const f1_sim_world_t *world, const f1_sim_qualifying_t *qualifying)
{
    static const char *const names[] = {"Q1", "Q2", "Q3"};
    json_t *rows = json_array();
    int i, part;

    for (i = 0; i < F1_SIM_CARS; i++) {
        json_t *row = json_pack("{s:o, s:o, s:o, s:o}", "number", number(f1_sim_drivers[qualifying[i].driver].number),
                                "position", number(i + 1), "Driver", f1_sim_driver_json(world, qualifying[i].driver),
                                "Constructor", f1_sim_team_json(qualifying[i].team));

        for (part = 0; part < 3 && qualifying[i].part_ms[part] > 0; part++) {
            (void)json_object_set_new(row, names[part], time_text("", qualifying[i].part_ms[part]));
        }
        (void)json_array_append_new(rows, row);
    }
    return rows;
}

json_t *f1_sim_laps_json(const f1_sim_race_t *race, int *ptotal)
{
    json_t *laps = json_array();
    int lap, position, i;

    *ptotal = 0;
    for (lap = 0; lap < race->laps; lap++) {
        json_t *times = json_array();

        for (position = 1; position <= F1_SIM_CARS; position++) {
            for (i = 0; i < F1_SIM_CARS; i++) {
                const f1_sim_result_t *result = &race->results[i];

                if (lap < result->laps && result->lap_position[lap] == position) {
                    (void)json_array_append_new(
                        times, json_pack("{s:s, s:o, s:o}", "driverId", f1_sim_drivers[result->driver].id, "position",
                                         number(position), "time", time_text("", result->lap_ms[lap])));
                    (*ptotal)++;
                }
            }
        }
        (void)json_array_append_new(laps, json_pack("{s:o, s:o}", "number", number(lap + 1), "Timings", times));
    }
    return laps;
}

json_t *f1_sim_stops_json(const f1_sim_race_t *race)
{
    json_t *stops = json_array();
    int lap, i, stop;

    for (lap = 1; lap <= race->laps; lap++) {
        for (i = 0; i < F1_SIM_CARS; i++) {
            const f1_sim_result_t *result = &race->results[i];

            for (stop = 0; stop < result->stops; stop++) {
                if (result->stop_lap[stop] == lap) {
                    (void)json_array_append_new(stops, json_pack("{s:s, s:o, s:o, s:o}", "driverId",
                                                                 f1_sim_drivers[result->driver].id, "lap", number(lap),
                                                                 "stop", number(stop + 1), "duration",
                                                                 time_text("", result->stop_ms[stop])));
                }
            }
        }
    }
    return stops;
}

/* --- Standings */

/* More points, then more wins, then more second places and so on. What is still equal keeps the order of the table. */
static int is_ahead(const f1_sim_tally_t *a, const f1_sim_tally_t *b)
{
    int place;

    if (a->points != b->points) {
        return a->points > b->points;
    }
    for (place = 0; place < F1_SIM_CARS; place++) {
        if (a->places[place] != b->places[place]) {
            return a->places[place] > b->places[place];
        }
    }
    return a < b;
}

/* The indexes of those present, best first; returns how many. */
static int rank(const f1_sim_tally_t *tallies, int count, int *order)
{
    int ranked = 0, i, at;

    for (i = 0; i < count; i++) {
        if (!tallies[i].is_present) {
            continue;
        }
        for (at = ranked++; at > 0 && is_ahead(&tallies[i], &tallies[order[at - 1]]); at--) {
            order[at] = order[at - 1];
        }
        order[at] = i;
    }
    return ranked;
}

static json_t *standing_json(const f1_sim_tally_t *tally, int position)
{
    return json_pack("{s:o, s:o, s:o, s:o}", "position", number(position), "positionText", number(position), "points",
                     number(tally->points), "wins", number(tally->wins));
}

json_t *f1_sim_driver_standings_json(const f1_sim_world_t *world, const f1_sim_standings_t *standings)
{
    int order[F1_SIM_DRIVERS], count = rank(standings->drivers, F1_SIM_DRIVERS, order), i, j;
    json_t *rows = json_array();

    for (i = 0; i < count; i++) {
        const f1_sim_tally_t *tally = &standings->drivers[order[i]];
        json_t *row = standing_json(tally, i + 1), *teams = json_array();

        for (j = 0; j < tally->team_count; j++) {
            (void)json_array_append_new(teams, f1_sim_team_json(tally->teams[j]));
        }
        (void)json_object_set_new(row, "Driver", f1_sim_driver_json(world, order[i]));
        (void)json_object_set_new(row, "Constructors", teams);
        (void)json_array_append_new(rows, row);
    }
    return rows;
}

json_t *f1_sim_team_standings_json(const f1_sim_standings_t *standings)
{
    int order[F1_SIM_TEAMS], count = rank(standings->teams, F1_SIM_TEAMS, order), i;
    json_t *rows = json_array();

    for (i = 0; i < count; i++) {
        json_t *row = standing_json(&standings->teams[order[i]], i + 1);

        (void)json_object_set_new(row, "Constructor", f1_sim_team_json(order[i]));
        (void)json_array_append_new(rows, row);
    }
    return rows;
}
