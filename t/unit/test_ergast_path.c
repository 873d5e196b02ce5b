/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* The path grammar of the Ergast API, and what its query strings ask for. */

#include <string.h>

#include <apr_strings.h>

#include "f1_test.h"
#include "compat/ergast_answer.h"

/* What a path was read as: "results season=2023 position=1". */
static const char *reading(const char *text)
{
    static const char *const verdicts[] = {NULL,           "not found",   "redirect",   "no final",
                                           "needs season", "needs round", "unsupported"};
    static const char *const criteria[] = {"season", "round",   "circuit", "constructor", "driver", "grid",
                                           "place",  "fastest", "status",  "lap",         "number"};
#define NAME(symbol, name) name,
    static const char *const endpoints[] = {F1_ERGAST_ENDPOINTS(NAME)};
#undef NAME
    apr_pool_t *pool = f1_test_pool();
    f1_ergast_path_t path;
    f1_ergast_verdict_t verdict = f1_ergast_path_read(&path, text, pool);
    const char *out;
    int i;

    if (verdict != F1_ERGAST_OK) {
        return verdicts[verdict];
    }
    out = endpoints[path.endpoint];
    for (i = 0; i < F1_ERGAST_CRITERIA; i++) {
        if (path.criteria[i]) {
            out = apr_pstrcat(pool, out, " ", criteria[i], "=", path.criteria[i], NULL);
        }
    }
    return out;
}

static const struct {
    const char *path, *read;
} cases[] = {
    /* beginnings and ends */
    {".json", "races"},
    {"/", "races"},
    {"", "redirect"},
    {"/2023.json", "races season=2023"},
    {"/2023/", "races season=2023"},
    {"/2023", "redirect"},
    {"/2023/5.json", "races season=2023 round=5"},
    {"/2023/5.json/", "races season=2023 round=5"},
    {"/2023/5.api", "races season=2023 round=5"},
    {"/2023/5.xml", "not found"},
    {"/2023/5.", "not found"},
    {"/2023.json/5", "not found"},
    {"/2023//5.json", "not found"},
    {"//2023.json", "not found"},
    {"/2023/5/results.json//", "not found"},
    {"x.json", "not found"},
    /* seasons and rounds */
    {"/current.json", "races season=current"},
    {"/current/last/results.json", "results season=current round=last"},
    {"/2023/next/", "races season=2023 round=next"},
    {"/CURRENT/Last/Results.JSON", "results season=current round=last"},
    {"/0000/00/results.json", "results season=0000 round=00"},
    {"/203.json", "not found"},
    {"/20230.json", "not found"},
    {"/2023/100/results.json", "not found"},
    {"/last.json", "not found"},
    {"/5/results.json", "not found"},
    {"/drivers/alonso/2023/results.json", "not found"},
    {"/2023/current/results.json", "not found"},
    {"/\xd9\xa1\xd9\xa2\xd9\xa3\xd9\xa4.json", "not found"},
    /* filters */
    {"/drivers/alonso/constructors/renault/results.json", "results constructor=renault driver=alonso"},
    {"/constructors/renault/drivers/alonso/results.json", "results constructor=renault driver=alonso"},
    {"/2008/5/grid/1/results/2/fastest/3/status/4/circuits/monaco/drivers.json",
     "drivers season=2008 round=5 circuit=monaco grid=1 place=2 fastest=3 status=4"},
    {"/drivers/alonso/drivers/glock/results.json", "results driver=glock"},
    {"/grid/1/grid/2/grid/3/results.json", "results grid=3"},
    {"/drivers/ALONSO/results.json", "results driver=ALONSO"},
    {"/Drivers/scott_Brown/RESULTS/1.Json", "results driver=scott_Brown place=1"},
    {"/drivers/al.onso/results.json", "not found"},
    {"/drivers/al onso/results.json", "not found"},
    {"/constructors/lotus-ford/races.json", "races constructor=lotus-ford"},
    {"/grid/999999999999999999999/results.json", "results grid=999999999999999999999"},
    {"/grid/007/results.json", "results grid=007"},
    {"/grid/+1/results.json", "not found"},
    {"/grid/-1/results.json", "not found"},
    {"/grid/1.0/results.json", "not found"},
    {"/grid/\xd9\xa1/results.json", "not found"},
    {"/sprint/1/results.json", "not found"},
    {"/pitstops/1/laps.json", "not found"},
    {"/grid/results.json", "not found"},
    {"/wheels/4/results.json", "not found"},
    /* the value at the end */
    {"/results/1.json", "results place=1"},
    {"/results/x.json", "not found"},
    {"/results/1/2.json", "not found"},
    {"/drivers/alonso.json", "drivers driver=alonso"},
    {"/drivers/h\xc3\xa9ros.json", "drivers driver=h\xc3\xa9ros"},
    {"/drivers/a.b.json", "not found"},
    {"/drivers/alonso/drivers/glock.json", "drivers driver=alonso"},
    {"/circuits/monza/", "circuits circuit=monza"},
    {"/constructors/ferrari/", "constructors constructor=ferrari"},
    {"/status/1.json", "status status=1"},
    {"/2023/sprint/1.json", "sprint season=2023 number=1"},
    {"/qualifying/1.json", "qualifying number=1"},
    {"/2023/1/laps/3.json", "laps season=2023 round=1 lap=3"},
    {"/2023/1/pitstops/3.json", "pitstops season=2023 round=1 number=3"},
    {"/2023/1/laps/3/pitstops/2.json", "pitstops season=2023 round=1 lap=3 number=2"},
    {"/2023/driverStandings/1.json", "driverstandings season=2023 number=1"},
    {"/2023/constructorStandings.json", "constructorstandings season=2023"},
    {"/seasons/2023.json", "no final"},
    {"/2023/races/1.json", "no final"},
    {"/2023/races/1", "redirect"},
    /* what an endpoint needs and does not know */
    {"/laps.json", "needs round"},
    {"/2023/pitstops.json", "needs round"},
    {"/driverstandings.json", "needs season"},
    {"/drivers/alonso/driverstandings.json", "needs season"},
    {"/2023/drivers/alonso/driverstandings.json", "driverstandings season=2023 driver=alonso"},
    {"/2023/constructors/ferrari/driverstandings.json", "unsupported"},
    {"/2023/drivers/alonso/constructorstandings.json", "unsupported"},
    {"/2023/circuits/monza/driverstandings.json", "unsupported"},
    {"/2023/status/1/constructorstandings.json", "unsupported"},
    {"/2023/laps/1/results.json", "unsupported"},
    {"/laps/1/status.json", "unsupported"},
    {"/2023/laps/1/results", "redirect"},
};

static void reads_paths(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *read = reading(cases[i].path);

        if (strcmp(read, cases[i].read)) {
            fail_msg("%s is read as '%s', not '%s'", cases[i].path, read, cases[i].read);
        }
    }
}

static void knows_all_endpoints(void **state)
{
    static const char *const names[] = {"seasons",
                                        "circuits",
                                        "races",
                                        "constructors",
                                        "drivers",
                                        "results",
                                        "sprint",
                                        "status",
                                        "qualifying",
                                        "pitstops",
                                        "laps",
                                        "driverstandings",
                                        "constructorstandings"};
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        assert_string_equal(reading(apr_pstrcat(f1_test_pool(), "/2023/1/", names[i], ".json", NULL)),
                            apr_pstrcat(f1_test_pool(), names[i], " season=2023 round=1", NULL));
    }
}

static void leaves_its_input_alone(void **state)
{
    const char *text = "/2023/Drivers/Alonso/RESULTS.json";
    char copy[64];

    (void)state;
    apr_cpystrn(copy, text, sizeof(copy));
    assert_string_equal(reading(copy), "results season=2023 driver=Alonso");
    assert_string_equal(copy, text);
}

static const struct {
    const char *query;
    int limit, offset;
} windows[] = {
    {NULL, 30, 0},
    {"", 30, 0},
    {"limit=5", 5, 0},
    {"limit=5&offset=10", 5, 10},
    {"offset=10&limit=100", 100, 10},
    {"limit=101", 100, 0},
    {"limit=99999999999999999999999", 100, 0},
    {"limit=0", 30, 0},
    {"limit=-1&offset=-1", 30, 0},
    {"limit=abc&offset=1e9", 30, 0},
    {"limit=10abc", 30, 0},
    {"limit=+7", 7, 0},
    {"limit=%37", 7, 0},
    {"limit=%207%20&offset=5%20", 7, 5},
    {"limit=7%208", 30, 0},
    {"limit=%2B%2B7", 30, 0},
    {"limit=1&limit=2", 2, 0},
    {"limit=&offset=", 30, 0},
    {"limit", 30, 0},
    {"limit=%zz", 30, 0},
    {"_=1700000000&format=json&limit=3&&x", 3, 0},
    {"limits=5&offsets=5", 30, 0},
    {"offset=9223372036854775808", 30, 1000000000},
};

static void reads_windows(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(windows) / sizeof(windows[0]); i++) {
        f1_ergast_window_t window;

        f1_ergast_window_read(&window, windows[i].query, f1_test_pool());
        if (window.limit != windows[i].limit || window.offset != windows[i].offset) {
            fail_msg("%s is limit %d, offset %d", windows[i].query, window.limit, window.offset);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        F1_TEST(reads_paths),
        F1_TEST(knows_all_endpoints),
        F1_TEST(leaves_its_input_alone),
        F1_TEST(reads_windows),
    };

    return f1_test_run(tests);
}
