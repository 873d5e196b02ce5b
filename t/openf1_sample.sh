#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Copyright The mod_f1board authors
#
# Writes a fictional weekend of the simulated season 2030 (seed 1) as OpenF1 would list it: openf1_sample.sh DIR.
# For measuring, openf1_sample.sh DIR ROWS gives the race that many rows of car data, of 20 cars, instead.

set -eu
dir=$1
rows=${2:-}
mkdir -p "$dir/9001" "$dir/9004" "$dir/9005"

place='"location":"Évora","country_key":77,"country_code":"POR","country_name":"Portugal","circuit_key":31,"circuit_short_name":"Évora","gmt_offset":"01:00:00","year":2030'
cat >"$dir/meetings.json" <<END
[{"meeting_key":501,"meeting_name":"Alentejo Grand Prix","meeting_official_name":"FORMULA 1 \"CORTIÇA\" GRANDE PRÉMIO DO ALENTEJO 2030","meeting_code":"POR","date_start":"2030-05-31T11:30:00+00:00","is_cancelled":false,$place},
 {"meeting_key":502,"meeting_name":"Biscay Grand Prix","date_start":"2030-06-14T11:30:00+00:00","date_end":"2030-06-16T15:00:00+00:00","is_cancelled":false,"circuit_type":"Permanent","country_flag":"https://img.example/esp.png","circuit_image":null,"location":"Bilbao","country_key":12,"country_code":"ESP","country_name":"Spain","circuit_key":32,"circuit_short_name":"Bilbao","gmt_offset":"02:00:00","year":2030}]
END
cat >"$dir/sessions.json" <<END
[{"meeting_key":501,"session_key":9001,"session_name":"Practice 1","session_type":"Practice","date_start":"2030-05-31T11:30:00+00:00","date_end":"2030-05-31T12:30:00+00:00","is_cancelled":false,$place},
 {"meeting_key":501,"session_key":9004,"session_name":"Qualifying","session_type":"Qualifying","date_start":"2030-06-01T14:00:00+00:00","date_end":"2030-06-01T15:00:00+00:00","is_cancelled":false,$place},
 {"meeting_key":501,"session_key":9005,"session_name":"Race","session_type":"Race","date_start":"2030-06-02T13:00:00+00:00","date_end":"2030-06-02T15:00:00+00:00","is_cancelled":false,$place},
 {"meeting_key":502,"session_key":9006,"session_name":"Practice 1","session_type":"Practice","date_start":"2030-06-14T11:30:00+00:00","date_end":"2030-06-14T12:30:00+00:00","is_cancelled":true,"location":"Bilbao","country_key":12,"country_code":"ESP","country_name":"Spain","circuit_key":32,"circuit_short_name":"Bilbao","gmt_offset":"02:00:00","year":2030},
 {"meeting_key":502,"session_key":9010,"session_name":"Race","session_type":"Race","date_start":"2030-06-16T13:00:00+00:00","date_end":"2030-06-16T15:00:00+00:00","is_cancelled":false,"location":"Bilbao","country_key":12,"country_code":"ESP","country_name":"Spain","circuit_key":32,"circuit_short_name":"Bilbao","gmt_offset":"02:00:00","year":2030}]
END

for session in 9001 9004 9005; do
    cat >"$dir/$session/drivers.json" <<END
[{"meeting_key":501,"session_key":$session,"driver_number":62,"broadcast_name":"J DZIEDZIC","full_name":"Jan DZIEDZIC","name_acronym":"DZI","team_name":"Fuyuzora","team_colour":"3671C6","first_name":"Jan","last_name":"Dziedzic","headshot_url":null,"country_code":null},
 {"meeting_key":501,"session_key":$session,"driver_number":54,"broadcast_name":"L FAULHABER","full_name":"Lena FAULHABER","name_acronym":"FHB","team_name":"Maestrale","team_colour":"358181","first_name":"Lena","last_name":"Faulhaber","headshot_url":"https://img.example/fhb.png","country_code":"AUT"},
 {"meeting_key":501,"session_key":$session,"driver_number":137,"broadcast_name":"N NOBODY","full_name":"Nemo NOBODY","name_acronym":"NNN","team_name":null,"team_colour":null,"first_name":null,"last_name":null,"headshot_url":null,"country_code":null}]
END
done

cat >"$dir/9004/session_result.json" <<END
[{"meeting_key":501,"session_key":9004,"position":1,"driver_number":62,"number_of_laps":18,"dnf":false,"dns":false,"dsq":false,"duration":[91.295,90.503,89.708],"gap_to_leader":[0.302,0.221,0.0]},
 {"meeting_key":501,"session_key":9004,"position":2,"driver_number":54,"number_of_laps":12,"dnf":false,"dns":false,"dsq":false,"duration":[91.5,null,null],"gap_to_leader":[0.507,null,null]},
 {"meeting_key":501,"session_key":9004,"position":null,"driver_number":137,"number_of_laps":null,"dnf":false,"dns":true,"dsq":false,"duration":null,"gap_to_leader":null}]
END
cat >"$dir/9004/starting_grid.json" <<END
[{"meeting_key":501,"session_key":9004,"position":1,"driver_number":62,"lap_duration":89.708},
 {"meeting_key":501,"session_key":9004,"position":2,"driver_number":54,"lap_duration":null}]
END

cat >"$dir/9005/session_result.json" <<END
[{"meeting_key":501,"session_key":9005,"position":1,"driver_number":62,"number_of_laps":3,"points":25.0,"dnf":false,"dns":false,"dsq":false,"duration":5625.103,"gap_to_leader":0},
 {"meeting_key":501,"session_key":9005,"position":2,"driver_number":54,"number_of_laps":2,"points":18.0,"dnf":false,"dns":false,"dsq":false,"duration":5660.5,"gap_to_leader":"+1 LAP"},
 {"meeting_key":501,"session_key":9005,"position":null,"driver_number":137,"number_of_laps":0,"points":null,"dnf":true,"dns":false,"dsq":false,"duration":null,"gap_to_leader":null}]
END
cat >"$dir/9005/position.json" <<END
[{"meeting_key":501,"session_key":9005,"date":"2030-06-02T12:05:19.767000+00:00","driver_number":62,"position":1},
 {"meeting_key":501,"session_key":9005,"date":"2030-06-02T12:05:19.767000+00:00","driver_number":54,"position":2},
 {"meeting_key":501,"session_key":9005,"date":"2030-06-02T13:02:10+00:00","driver_number":54,"position":1},
 {"meeting_key":501,"session_key":9005,"date":"2030-06-02T13:02:10+00:00","driver_number":62,"position":2},
 {"meeting_key":501,"session_key":9005,"date":"2030-06-02T13:03:20.5+00:00","driver_number":62,"position":1}]
END
cat >"$dir/9005/intervals.json" <<END
[{"meeting_key":501,"session_key":9005,"date":"2030-06-02T13:00:11.220000+00:00","driver_number":62,"gap_to_leader":0.0,"interval":0.0},
 {"meeting_key":501,"session_key":9005,"date":"2030-06-02T13:00:11.220000+00:00","driver_number":54,"gap_to_leader":0.752,"interval":0.752},
 {"meeting_key":501,"session_key":9005,"date":"2030-06-02T13:00:15+00:00","driver_number":137,"gap_to_leader":null,"interval":null},
 {"meeting_key":501,"session_key":9005,"date":"2030-06-02T13:04:15+00:00","driver_number":54,"gap_to_leader":"+1 LAP","interval":"+1 LAP"}]
END
cat >"$dir/9005/laps.json" <<END
[{"meeting_key":501,"session_key":9005,"driver_number":62,"lap_number":1,"date_start":null,"duration_sector_1":null,"duration_sector_2":38.489,"duration_sector_3":32.363,"i1_speed":284,"i2_speed":293,"is_pit_out_lap":false,"lap_duration":null,"segments_sector_1":[2048,2049,2051],"segments_sector_2":[2049,null],"segments_sector_3":[],"st_speed":307},
 {"meeting_key":501,"session_key":9005,"driver_number":54,"lap_number":1,"date_start":null,"duration_sector_1":null,"duration_sector_2":39.0,"duration_sector_3":33.1,"i1_speed":null,"i2_speed":null,"is_pit_out_lap":false,"lap_duration":null,"segments_sector_1":null,"segments_sector_2":[2064,2064],"segments_sector_3":[2064],"st_speed":null},
 {"meeting_key":501,"session_key":9005,"driver_number":62,"lap_number":2,"date_start":"2030-06-02T13:01:31.500000+00:00","duration_sector_1":18.085,"duration_sector_2":38.5,"duration_sector_3":33.415,"i1_speed":290,"i2_speed":301,"is_pit_out_lap":false,"lap_duration":90.0,"segments_sector_1":[2049],"segments_sector_2":[2051],"segments_sector_3":[2048],"st_speed":311},
 {"meeting_key":501,"session_key":9005,"driver_number":54,"lap_number":2,"date_start":"2030-06-02T13:01:32.250000+00:00","duration_sector_1":40.1,"duration_sector_2":39.4,"duration_sector_3":33.0,"i1_speed":288,"i2_speed":299,"is_pit_out_lap":true,"lap_duration":112.5,"segments_sector_1":[2064,2048],"segments_sector_2":[2048],"segments_sector_3":[2048],"st_speed":305},
 {"meeting_key":501,"session_key":9005,"driver_number":62,"lap_number":3,"date_start":"2030-06-02T13:03:01.500000+00:00","duration_sector_1":18.0,"duration_sector_2":38.4,"duration_sector_3":33.1,"i1_speed":291,"i2_speed":302,"is_pit_out_lap":false,"lap_duration":89.5,"segments_sector_1":[2051],"segments_sector_2":[2051],"segments_sector_3":[2051],"st_speed":313}]
END
cat >"$dir/9005/pit.json" <<END
[{"meeting_key":501,"session_key":9005,"date":"2030-06-02T13:01:30.391000+00:00","driver_number":54,"lap_number":1,"pit_duration":21.6,"lane_duration":21.6,"stop_duration":2.3},
 {"meeting_key":501,"session_key":9005,"date":"2030-06-02T13:02:30+00:00","driver_number":137,"lap_number":null,"pit_duration":null,"lane_duration":null,"stop_duration":null}]
END
cat >"$dir/9005/stints.json" <<END
[{"meeting_key":501,"session_key":9005,"stint_number":1,"driver_number":54,"lap_start":1,"lap_end":1,"compound":"SOFT","tyre_age_at_start":0},
 {"meeting_key":501,"session_key":9005,"stint_number":2,"driver_number":54,"lap_start":2,"lap_end":2,"compound":"HARD","tyre_age_at_start":3},
 {"meeting_key":501,"session_key":9005,"stint_number":1,"driver_number":62,"lap_start":null,"lap_end":null,"compound":null,"tyre_age_at_start":0}]
END
cat >"$dir/9005/race_control.json" <<END
[{"meeting_key":501,"session_key":9005,"date":"2030-06-02T12:20:00+00:00","driver_number":null,"lap_number":1,"category":"Flag","flag":"GREEN","scope":"Track","sector":null,"message":"GREEN LIGHT - PIT EXIT OPEN","qualifying_phase":null},
 {"meeting_key":501,"session_key":9005,"date":"2030-06-02T13:02:40+00:00","driver_number":137,"lap_number":2,"category":"Other","flag":null,"scope":null,"sector":14,"message":"CAR 137 (NNN) STOPPED \\\\ SECTOR 14, \"RETIRED\"","qualifying_phase":null}]
END
cat >"$dir/9005/weather.json" <<END
[{"meeting_key":501,"session_key":9005,"date":"2030-06-02T12:06:07.170000+00:00","pressure":1016.4,"wind_speed":3.0,"rainfall":0,"humidity":55.0,"air_temperature":27.4,"track_temperature":34.6,"wind_direction":67}]
END
cat >"$dir/9005/overtakes.json" <<END
[{"meeting_key":501,"session_key":9005,"overtaking_driver_number":54,"overtaken_driver_number":62,"date":"2030-06-02T13:02:10+00:00","position":1}]
END
cat >"$dir/9005/team_radio.json" <<END
[{"meeting_key":501,"session_key":9005,"date":"2030-06-02T13:02:30.1234567+00:00","driver_number":62,"recording_url":"https://radio.example/dzi_1.mp3"}]
END
cat >"$dir/9005/championship_drivers.json" <<END
[{"meeting_key":501,"session_key":9005,"driver_number":54,"position_start":1,"position_current":2,"points_start":100.5,"points_current":118.5},
 {"meeting_key":501,"session_key":9005,"driver_number":62,"position_start":2,"position_current":1,"points_start":100,"points_current":125}]
END
cat >"$dir/9005/championship_teams.json" <<END
[{"meeting_key":501,"session_key":9005,"team_name":"Fuyuzora","position_start":null,"position_current":1,"points_start":null,"points_current":125}]
END

# telemetry DRIVER SESSION ROWS: four samples a second from half a minute before the race on, a lap being 90 s long and
# the course a circle; locations lie an eighth of a second behind.
telemetry()
{
    awk -v driver="$1" -v session="$2" -v rows="$3" -v car="$dir/$2/car_data_$1.json" -v place="$dir/$2/location_$1.json" '
        function clock(t) {
            return sprintf("2030-06-02T%02d:%02d:%06.3f000+00:00", int(t / 3600), int(t / 60) % 60, t - int(t / 60) * 60)
        }
        BEGIN {
            for (i = 0; i < rows; i++) {
                t = 13 * 3600 - 30 + i * 0.25 + driver / 1000
                turn = 6.283185307 * t / 90
                separator = i ? "," : "["
                printf "%s{\"date\":\"%s\",\"session_key\":%d,\"meeting_key\":501,\"driver_number\":%d,\"speed\":%d," \
                    "\"rpm\":%d,\"n_gear\":%d,\"throttle\":%d,\"brake\":%d,\"drs\":%d}\n", separator, clock(t), session,
                    driver, 200 + 100 * sin(turn), 10000 + 1000 * cos(turn), 4 + 3 * sin(turn), 50 + 50 * cos(turn),
                    (cos(turn) < -0.5) * 100, (sin(turn) > 0.9) * 12 >car
                printf "%s{\"date\":\"%s\",\"session_key\":%d,\"meeting_key\":501,\"driver_number\":%d,\"x\":%d,\"y\":%d," \
                    "\"z\":%d}\n", separator, clock(t + 0.125), session, driver, 5000 * cos(turn), 5000 * sin(turn),
                    100 * sin(turn) >place
            }
            print "]" >car
            print "]" >place
        }'
}
if [ -z "$rows" ]; then
    telemetry 62 9005 1000
    telemetry 54 9005 1000
    exit
fi
separator='['
for driver in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 62; do
    printf '%s{"meeting_key":501,"session_key":9005,"driver_number":%d}\n' "$separator" "$driver"
    separator=,
    telemetry "$driver" 9005 $((rows / 20))
done >"$dir/9005/drivers.json"
echo ']' >>"$dir/9005/drivers.json"
