/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* tools/mksql: which files it accepts, what it says about the others and at which line, and that what it writes
 * compiles without a warning into the tables that the files describe. */

#include <dlfcn.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <apr_strings.h>

#include "f1_test.h"
#include "base/route.h"
#include "base/str.h"
#include "db/migrate.h"
#include "tools/sqlfile.h"
#include "tools/sqlroute.h"
#include "tools/sqltext.h"
#include "tools/sqltree.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* "line: message" for each complaint, one per line. */
static const char *told(complaints_t *complaints)
{
    const char *text = "";
    int i;

    complaints_sort(complaints);
    for (i = 0; i < complaints->list->nelts; i++) {
        const complaint_t *complaint = &APR_ARRAY_IDX(complaints->list, i, complaint_t);

        text = apr_psprintf(f1_test_pool(), "%s%s%d: %s", text, i ? "\n" : "", complaint->line, complaint->message);
    }
    return text;
}

/* --- SQL text */

typedef struct text_case_t {
    const char *sql, *numbered, *names;
} text_case_t;

static const text_case_t texts[] = {
    {"SELECT :a", "SELECT $1", "a"},
    {"SELECT :b, :a, :b_2, :b", "SELECT $1, $2, $3, $1", "b a b_2"},
    {"SELECT :a::text || x::int", "SELECT $1::text || x::int", "a"},
    {"SELECT (:a),-:b,x=:c", "SELECT ($1),-$2,x=$3", "a b c"},
    {"SELECT ':a', 'it''s :a', :b", "SELECT ':a', 'it''s :a', $1", "b"},
    {"SELECT E'\\':a', e'\\\\', :b", "SELECT E'\\':a', e'\\\\', $1", "b"},
    {"SELECT E'a''\\':a', :b", "SELECT E'a''\\':a', $1", "b"},
    {"SELECT '\\', :b, '\\'", "SELECT '\\', $1, '\\'", "b"},
    {"SELECT U&'\\0041:a', B'01', :b", "SELECT U&'\\0041:a', B'01', $1", "b"},
    {"SELECT :b AS \":a\"\":a\"", "SELECT $1 AS \":a\"\":a\"", "b"},
    {"SELECT $$:a$$, $t$ :a $$ :a $t$, :b", "SELECT $$:a$$, $t$ :a $$ :a $t$, $1", "b"},
    {"SELECT a$b$, :b, c$b$", "SELECT a$b$, $1, c$b$", "b"},
    {"SELECT 1 -- :a '\n, :b", "SELECT 1 -- :a '\n, $1", "b"},
    {"SELECT /* :a /* ' */ :a */ :b", "SELECT /* :a /* ' */ :a */ $1", "b"},
    {"SELECT a[1:2], a[lo:hi], a[f(x):hi], a[b[1]:hi]", "SELECT a[1:2], a[lo:hi], a[f(x):hi], a[b[1]:hi]", ""},
    {"SELECT a[:n], a[1: :n], a[(:n)]", "SELECT a[$1], a[1: $1], a[($1)]", "n"},
    {"SELECT f(x := :a, y => :b)", "SELECT f(x := $1, y => $2)", "a b"},
    {"SELECT 'é' AS é, :a", "SELECT 'é' AS é, $1", "a"},
    {"SELECT 1e5, 2.5, x - :a", "SELECT 1e5, 2.5, x - $1", "a"},
    {"\n  SELECT 1 ; -- done\n /* really */ ", "SELECT 1", ""},
    {"-- why\nSELECT 1", "-- why\nSELECT 1", ""},
    {"-- nothing else", "", ""},
    {" \n\t", "", ""},
};

static void numbers_parameters(void **state)
{
    apr_pool_t *pool = f1_test_pool();
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(texts); i++) {
        complaints_t *complaints = complaints_make(pool);
        apr_array_header_t *names = apr_array_make(pool, 4, sizeof(const char *));
        sqltext_t *sql = sqltext_scan(texts[i].sql, "x.sql", 1, complaints, pool);

        assert_string_equal(sqltext_number(sql, sql->len, names, pool), texts[i].numbered);
        assert_string_equal(apr_array_pstrcat(pool, names, ' '), texts[i].names);
        assert_string_equal(told(complaints), "");
    }
}

static const struct {
    const char *sql, *complaint;
} broken_texts[] = {
    {"SELECT\n'x", "2: a string is never closed"},
    {"SELECT\n\n\"x", "3: a quoted name is never closed"},
    {"SELECT E'x\\'", "1: a string is never closed"},
    {"SELECT\n/* /* */", "2: a comment is never closed"},
    {"SELECT $a$ $$ $b$", "1: a dollar-quoted string is never closed"},
    {"SELECT (1\n)\n)", "3: a ')' closes nothing"},
    {"SELECT (1]", "1: a ']' closes nothing"},
    {"SELECT f(1,\na[1]", "2: a '(' is never closed"},
    {"SELECT $1", "1: parameters are written :name, not $1"},
    {"SELECT 1;\nSELECT 2", "2: a file holds one statement, but something follows its semicolon"},
    {"SELECT 1;;", "1: a file holds one statement, but something follows its semicolon"},
};

static void says_why_text_is_no_statement(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(broken_texts); i++) {
        complaints_t *complaints = complaints_make(f1_test_pool());

        sqltext_scan(broken_texts[i].sql, "x.sql", 1, complaints, f1_test_pool());
        assert_string_equal(told(complaints), broken_texts[i].complaint);
    }
}

static void refuses_deep_nesting(void **state)
{
    complaints_t *complaints = complaints_make(f1_test_pool());
    char sql[200];

    (void)state;
    memset(sql, '(', sizeof(sql) - 1);
    sql[sizeof(sql) - 1] = '\0';
    sqltext_scan(sql, "x.sql", 1, complaints, f1_test_pool());
    assert_string_equal(told(complaints), "1: brackets are nested too deeply");
}

static const struct {
    const char *sql;
    int has_order, has_limit;
} clauses[] = {
    {"SELECT 1", 0, 0},
    {"SELECT x FROM t ORDER BY x", 1, 0},
    {"SELECT x FROM t\nOrder\nBY x LIMIT 3", 1, 1},
    {"SELECT row_number() OVER (ORDER BY x) FROM t", 0, 0},
    {"WITH a AS (SELECT 1 ORDER BY 1 LIMIT 1) SELECT * FROM a", 0, 0},
    {"SELECT 'ORDER BY' AS \"limit\" -- LIMIT\nFROM t", 0, 0},
    {"SELECT x FROM t OFFSET 3", 0, 1},
    {"SELECT x FROM t FETCH FIRST ROW ONLY", 0, 1},
    {"SELECT x FROM t FOR UPDATE", 0, 1},
    {"SELECT reorder, limits FROM t", 0, 0},
};

static void sees_clauses_of_the_outermost_query(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(clauses); i++) {
        sqltext_t *sql = sqltext_scan(clauses[i].sql, "x.sql", 1, complaints_make(f1_test_pool()), f1_test_pool());

        assert_int_equal(sql->order_by > 0, clauses[i].has_order);
        assert_int_equal(sql->limit_line > 0, clauses[i].has_limit);
    }
}

/* --- files of sql/api */

#define HEAD                        \
    "-- route: GET /api/v1/races\n" \
    "-- summary: All races\n"       \
    "-- auth: public\n"             \
    "-- cache: schedule 1h\n"       \
    "-- result: list\n"             \
    "-- example: /api/v1/races\n"
#define BODY "SELECT name FROM race ORDER BY name\n"
#define ONE(header, body)                     \
    "-- route: GET /api/v1/races/{race_id}\n" \
    "-- param: race_id path slug\n"           \
    "-- summary: A race\n"                    \
    "-- auth: public\n"                       \
    "-- cache: none\n"                        \
    "-- result: one\n"                        \
    "-- example: /api/v1/races/monza\n" header body
#define WITH_PARAM(param) HEAD "-- param: " param "\nSELECT name FROM race WHERE x = :x ORDER BY name\n"
#define WITH_ROUTE(route) \
    "-- route: " route "\n-- summary: s\n-- auth: open\n-- cache: none\n-- result: json\n-- example: /\nSELECT 1\n"
#define AUTH_FORM "3: auth is: open, public, user, admin, admin and a scope, or apikey and a scope"
#define WITH_AUTH(auth) WITH_KEYS(auth, "none", "json", "GET")
#define WITH_CACHE(cache) WITH_KEYS("public", cache, "json", "GET")
#define WITH_KEYS(auth, cache, result, method)                                                           \
    "-- route: " method " /a\n-- summary: s\n-- auth: " auth "\n-- cache: " cache "\n-- result: " result \
    "\n-- example: /a\nSELECT 1\n"
#define WITH_BODY(method, param, body, sql)                                                                        \
    "-- route: " method " /a\n-- param: " param "\n-- summary: s\n-- auth: user\n-- cache: none\n-- result: one\n" \
    "-- example: /a " body "\n" sql

#define EVENTS(method, more) EVENTS_OF(method, "none", more, "SELECT 1 WHERE x = :t")
#define EVENTS_OF(method, cache, more, rest)                                              \
    "-- route: " method " /a/{t}\n-- param: t path slug\n-- auth: user\n-- cache: " cache \
    "\n-- result: events\n-- summary: s\n-- example: /a/x\n" more rest

#define LACKS_ALL                                                                              \
    "1: the header lacks 'auth'\n1: the header lacks 'cache'\n1: the header lacks 'example'\n" \
    "1: the header lacks 'result'\n1: the header lacks 'route'\n1: the header lacks 'summary'"
#define CACHE_FORM \
    "4: cache is: none, or how long, after data domains if there are any: 'results 1h' (s, m, h, d; to 365d)"
#define NOT_MEDIA "5: rows come in the media types of rows; only a handler has others"
#define SCHEMA_FORM "5: schema is: Name, or a column or status and the Name"
#define KNOWN_KEYS                                                                                                    \
    "; known are route, summary, param, auth, limit, cache, result, status, location, match, noun, exists, handler, " \
    "query, "                                                                                                         \
    "schema, "                                                                                                        \
    "media, listen, until, body, example"
#define ROUTE_FORM " is no path of lower-case words and {parameters} without a slash at its end"
#define PARAM_FORM "7: a parameter is: name path|query|body type [optional|required] [nullable] [default=…] [-- text]"

static const char range_form[] =
    "types are integer(1950..2199), slug, date, timestamp, enum(first|second), uuid, text(1..100), boolean, email, "
    "secret(8..72), words(first|second)";

static const struct {
    const char *data, *complaints;
} routes[] = {
    {HEAD BODY, ""},
    {HEAD "-- a comment, and one more\n--\n-- SPDX-License-Identifier: Apache-2.0\n" BODY, ""},
    {"--route:GET /a\n--   summary :x\n-- summary: s\n-- auth: public\n-- cache: none\n-- result: json\n"
     "-- example: /a\nSELECT 1",
     ""},
    {ONE("-- noun: race\n", "SELECT 1 WHERE x = :race_id AND y < :now"), ""},
    {"", "1: the file has neither SQL nor a handler\n" LACKS_ALL},
    {"\n" HEAD BODY, LACKS_ALL},
    {HEAD "-- bogus: 1\n" BODY, "7: unknown key 'bogus'" KNOWN_KEYS},
    {HEAD "-- Auth: user\n" BODY, "7: unknown key 'Auth'" KNOWN_KEYS},
    {HEAD "-- limit: login\n" BODY, ""},
    {HEAD "-- limit: refresh\n" BODY, ""},
    {HEAD "-- limit: user\n" BODY, "7: limit is: login, register or refresh"},
    {HEAD "-- limit: failures\n" BODY, "7: limit is: login, register or refresh"},
    {HEAD "-- limit: none\n" BODY, "7: limit is: login, register or refresh"},
    {HEAD "-- auth: user\n" BODY, "7: 'auth' stands already on line 3"},
    {HEAD "-- noun:\n" BODY, "7: 'noun' says nothing"},

    {WITH_ROUTE("GET /"), ""},
    {WITH_ROUTE("GET"), "1: a route is: METHOD /path"},
    {WITH_ROUTE("GET / /"), "1: a route is: METHOD /path"},
    {WITH_ROUTE("get /"), "1: unknown method 'get'; methods are GET, POST, PUT, PATCH, DELETE"},
    {WITH_ROUTE("HEAD /"), "1: unknown method 'HEAD'; methods are GET, POST, PUT, PATCH, DELETE"},
    {WITH_ROUTE("GET a"), "1: 'a'" ROUTE_FORM},
    {WITH_ROUTE("GET /a/"), "1: '/a/'" ROUTE_FORM},
    {WITH_ROUTE("GET /a//b"), "1: '/a//b'" ROUTE_FORM},
    {WITH_ROUTE("GET /A"), "1: '/A'" ROUTE_FORM},
    {WITH_ROUTE("GET /{A}"), "1: '/{A}'" ROUTE_FORM},
    {WITH_ROUTE("GET /x{a}"), "1: '/x{a}'" ROUTE_FORM},
    {WITH_ROUTE("GET /{}"), "1: '/{}'" ROUTE_FORM},
    {WITH_ROUTE("GET /.."), "1: '/..'" ROUTE_FORM},
    {WITH_ROUTE("GET /a?b"), "1: '/a?b'" ROUTE_FORM},
    {WITH_ROUTE("GET /{x}"), "1: {x} is not declared as a path parameter"},
    {HEAD "-- route: DELETE /api/v1/races/x\n" BODY, "7: all routes of a file have one method"},
    {ONE("-- route: GET /a/{race_id}/{race_id}\n", "SELECT :race_id"), "8: {race_id} stands twice in one path"},

    {EVENTS("GET", "-- listen: a_channel t\n"), ""},
    {EVENTS("GET", "-- listen: a_channel me\n-- until: ended_at\n"), ""},
    {EVENTS("GET", ""), "5: events need a channel to listen to"},
    {EVENTS("POST", "-- listen: c t\n"), "5: events are read with GET"},
    {EVENTS("GET", "-- listen: c\n"), "8: listen is: a channel, and the parameter that its notices name"},
    {EVENTS("GET", "-- listen: c; t\n"), "8: listen is: a channel, and the parameter that its notices name"},
    {EVENTS("GET", "-- listen: c t u\n"), "8: listen is: a channel, and the parameter that its notices name"},
    {EVENTS("GET", "-- listen: c u\n"), "8: :u is not declared"},
    {EVENTS("GET", "-- listen: c t\n-- until: \"a\"\n"), "9: until is: a column"},
    {EVENTS_OF("GET", "results 1h", "-- listen: c t\n", "SELECT :t"),
     "4: events are not cached; they have 'cache: none'\n"
     "4: only what anybody may ask is cached; others need 'cache: none'"},
    {EVENTS_OF("GET", "none", "-- listen: c t\n", "-- handler: c x\n"), "5: events are rows; a handler has none"},
    {HEAD "-- listen: c me\n" BODY, "7: :me has no value where anybody may ask\n7: only events listen"},
    {HEAD "-- until: name\n" BODY, "7: only events go on until something"},

    {WITH_PARAM("x query integer(1..99)"), ""},
    {WITH_PARAM("x query integer(-5..5) optional default=0 -- what it -- means"), ""},
    {WITH_PARAM("x query text(1..100) required"), "6: the example is refused: invalid_parameter (x: is required and "
                                                  "must be 1 to 100 characters without control characters)"},
    {WITH_PARAM("x query enum(a|b-2|+c) default=+c"), ""},
    {WITH_PARAM("x query timestamp default=2024-01-01"), ""},
    {WITH_PARAM("x query uuid"), ""},
    {WITH_PARAM("x query boolean default=true"), ""},
    {WITH_PARAM("x query date"), ""},
    {WITH_PARAM("x query"), PARAM_FORM "\n8: :x is not declared"},
    {WITH_PARAM("x header slug"), PARAM_FORM "\n8: :x is not declared"},
    {WITH_PARAM("X query slug"), "7: 'X' cannot name a parameter; use a-z, 0-9 and _\n7: 'X' is never used\n"
                                 "8: :x is not declared"},
    {WITH_PARAM("limit query slug"), "7: 'limit' is a reserved name\n7: 'limit' is never used\n8: :x is not declared"},
    {WITH_PARAM("y query slug"), "7: 'y' is never used\n8: :x is not declared"},
    {WITH_PARAM("x path slug"), "7: no path has {x}"},
    {WITH_PARAM("x query slug\n-- param: x query date"), "8: 'x' is declared already on line 7"},
    {WITH_PARAM("x query number"), NULL},
    {WITH_PARAM("x query integer"), NULL},
    {WITH_PARAM("x query slug(1..2)"), NULL},
    {WITH_PARAM("x query integer(1..2"), NULL},
    {WITH_PARAM("x query integer(1-2)"), "7: '1-2' is no range; write lowest..highest"},
    {WITH_PARAM("x query integer(1..)"), "7: '1..' is no range; write lowest..highest"},
    {WITH_PARAM("x query integer(..9)"), "7: '..9' is no range; write lowest..highest"},
    {WITH_PARAM("x query integer(1..9x)"), "7: '1..9x' is no range; write lowest..highest"},
    {WITH_PARAM("x query integer(9..1)"), "7: the range 9..1 is empty"},
    {WITH_PARAM("x query integer(0..1000000000000001)"),
     "7: the range 0..1000000000000001 leaves -1000000000000000..1000000000000000"},
    {WITH_PARAM("x query text(-1..3)"), "7: the range -1..3 leaves 0..10000"},
    {WITH_PARAM("x query enum()"), "7: '' cannot be a value of an enum"},
    {WITH_PARAM("x query enum(a||b)"), "7: '' cannot be a value of an enum"},
    {WITH_PARAM("x query enum(a|b!)"), "7: 'b!' cannot be a value of an enum"},
    {WITH_PARAM("x query enum(a|b|a)"), "7: the enum has 'a' twice"},
    {WITH_PARAM("x query integer(1..9) default=10"), "7: the default of 'x' must be an integer from 1 to 9, not '10'"},
    {WITH_PARAM("x query enum(a|b) default=c"), "7: the default of 'x' must be a or b, not 'c'"},
    {WITH_PARAM("x query date default=2023-02-29"),
     "7: the default of 'x' must be a date like 2024-07-28, not '2023-02-29'"},
    {WITH_PARAM("x query slug required default=a"), "7: 'x' is required and needs no default"},
    {WITH_PARAM("x query slug perhaps"),
     "7: 'perhaps' is out of place; after the type come optional or required, in a body nullable, default=…, and -- "
     "text"},
    {WITH_PARAM("x query slug nullable"),
     "7: 'nullable' is out of place; after the type come optional or required, in a body nullable, default=…, and -- "
     "text"},
    {WITH_PARAM("x query secret(1..9)"), "7: 'x' can stand in a body only"},
    {WITH_PARAM("x query words(a|b)"), "7: 'x' can stand in a body only"},
    {WITH_PARAM("x query email default=a@b.example"), ""},
    {WITH_PARAM("x body slug"), "7: requests with this method have no body"},
    {WITH_BODY("POST", "x body text(0..5) required nullable -- what", "{\"x\": null}", "SELECT :x"), ""},
    {WITH_BODY("PUT", "x body words(a|b:c)", "{\"x\": [\"b:c\"]}", "SELECT :x, :x_given, :now"), ""},
    {WITH_BODY("PATCH", "x body secret(8..9)", "{}", "SELECT :x"), ""},
    {WITH_BODY("POST", "x body secret(8..9) default=abcdefgh", "{}", "SELECT :x"), "2: 'x' can have no default"},
    {WITH_BODY("PATCH", "x body slug default=a", "{}", "SELECT :x"),
     "2: 'x' can have no default: a PATCH leaves alone what it does not name"},
    {WITH_BODY("GET", "x body slug", "{}", "SELECT :x"), "2: requests with this method have no body"},
    {WITH_BODY("POST", "x body slug", "{}", "SELECT :x_given"), "2: 'x' is never used"},
    {WITH_BODY("POST", "x query slug", "", "SELECT :x, :x_given"), "8: :x_given is not declared"},
    {WITH_BODY("POST", "x body slug\n-- param: x_given body slug", "{}", "SELECT :x, :x_given"),
     "3: 'x_given' tells whether another parameter is given"},
    {WITH_BODY("POST", "x body slug", "", "SELECT :x"), "7: the example needs a body behind its path"},
    {WITH_BODY("POST", "x query slug", "{}", "SELECT :x"), "7: the example takes no body"},
    {WITH_BODY("POST", "x body slug", "{\"x\": 1}", "SELECT :x"),
     "7: the example is refused: invalid_parameter (/x: must be an id of letters, digits, _ and -, not a number)"},
    {WITH_BODY("POST", "x body slug\n-- status: 201", "{}", "SELECT :x"), ""},
    {WITH_BODY("POST", "x body slug\n-- status: 200", "{}", "SELECT :x"),
     "3: status is: 201 or 202; others follow from the result"},
    {WITH_BODY("PATCH", "x body slug\n-- status: 201", "{}", "SELECT :x"), "3: only POST and PUT create"},
    {WITH_BODY("POST", "x body slug\n-- status: 201\n-- location: /a/{x}/b", "{}", "SELECT :x AS x"), ""},
    {WITH_BODY("POST", "x body slug\n-- status: 201\n-- location: /a/{X}", "{}", "SELECT :x AS x"),
     "4: a location is a path of lower-case words and {columns}"},
    {WITH_BODY("POST", "x body slug\n-- status: 202\n-- location: /a", "{}", "SELECT :x AS x"),
     "4: a location belongs to one row with status 201"},
    {WITH_BODY("POST", "x body slug\n-- match: optional", "{}", "SELECT :x AS x"),
     "3: only PUT, PATCH and DELETE change what is there"},
    {WITH_BODY("POST", "x body slug\n-- status: 201\n-- location: /a", "{}", "-- handler: c x\n"),
     "4: a handler tells the location itself"},
    {WITH_KEYS("user", "none", "none\n-- status: 202", "POST"), "6: what has this status is one row or json"},
    {ONE("-- route: GET /r/{n}\n-- param: n path integer(1..9) default=1\n", "SELECT :race_id, :n"), ""},
    {ONE("-- route: GET /r/{n}\n-- param: n path integer(1..9) required\n", "SELECT :race_id, :n"),
     "9: 'n' cannot be required: not every path has it"},
    {"-- route: GET /r/{n}\n-- param: n path slug optional\n-- summary: s\n-- auth: public\n-- cache: none\n"
     "-- result: one\n-- example: /r/a\nSELECT :n",
     "2: 'n' cannot be absent: every path has it"},
    {ONE("-- route: GET /r/{n}\n-- param: n query slug\n", "SELECT :race_id, :n"),
     "8: {n} is not declared as a path parameter"},

    {WITH_AUTH("user"), ""},
    {WITH_AUTH("admin"), ""},
    {WITH_AUTH("open"), ""},
    {WITH_AUTH("apikey jobs:run"), ""},
    {WITH_AUTH("apikey"), AUTH_FORM},
    {WITH_AUTH("apikey Jobs"), "3: 'Jobs' cannot be a scope"},
    {WITH_AUTH("apikey jobs:run models"), AUTH_FORM},
    {WITH_AUTH("nobody"), AUTH_FORM},
    {WITH_AUTH("user jobs"), AUTH_FORM},
    {WITH_KEYS("user", "results 1h", "json", "GET"),
     "4: only what anybody may ask is cached; others need 'cache: none'"},
    {WITH_KEYS("public", "none", "json", "POST"), "3: public is for GET; what anybody may change has 'auth: open'"},
    {ONE("", "SELECT :race_id, :me"), "8: :me has no value where anybody may ask"},
    {ONE("", "SELECT :race_id, :mine"), "8: :mine is not declared"},
    {WITH_CACHE("results schedule 365d"), ""},
    {WITH_CACHE("results 30s"), ""},
    {WITH_CACHE("results 5m"), ""},
    {WITH_CACHE("1h"), ""},
    {WITH_CACHE("none\n-- schema: Thing\n-- schema: 503 Thing\n-- schema: column Thing"), ""},
    {WITH_CACHE("none\n-- schema: thing"), SCHEMA_FORM},
    {WITH_CACHE("none\n-- schema: 1 Thing"), SCHEMA_FORM},
    {WITH_CACHE("none\n-- schema: a Thing more"), SCHEMA_FORM},
    {WITH_CACHE("none\n-- media: text/html"), NOT_MEDIA},
    {WITH_CACHE("none\n-- media: text"), "5: 'text' cannot be a media type\n" NOT_MEDIA},
    {WITH_CACHE("none\n-- media: a/b c/d;e"), "5: 'c/d;e' cannot be a media type\n" NOT_MEDIA},
    {WITH_CACHE("results"), CACHE_FORM},
    {WITH_CACHE("results 366d"), CACHE_FORM},
    {WITH_CACHE("results 0s"), CACHE_FORM},
    {WITH_CACHE("results 1y"), CACHE_FORM},
    {WITH_CACHE("results 1hh"), CACHE_FORM},
    {WITH_CACHE("Results 1h"), "4: 'Results' cannot be a data domain"},
    {WITH_KEYS("user", "results 1h", "none", "POST"), "4: only GET is cached"},
    {WITH_KEYS("user", "none", "none", "POST"), ""},
    {WITH_KEYS("user", "none", "rows", "GET"),
     "5: unknown result 'rows'; results are list, stream, one, json, none, events"},
    {WITH_KEYS("user", "none", "list", "POST"),
     "5: a list is read with GET\n7: a list needs an ORDER BY, or its pages overlap"},

    {HEAD "SELECT 1", "7: a list needs an ORDER BY, or its pages overlap"},
    {HEAD "SELECT 1\nORDER BY 1\nLIMIT 5", "9: a list has no LIMIT, OFFSET, FETCH or FOR of its own; they are added"},
    {HEAD "SELECT 1\nWHERE a = :b ORDER BY 1", "8: :b is not declared"},
    {HEAD "SELECT 1 ORDER BY 1 + :limit", "7: :limit is not declared"},
    {HEAD "INSERT INTO a SELECT 1 ORDER BY 1", "7: GET needs a statement that begins with SELECT or WITH"},
    {HEAD "-- x\n", "8: the file has neither SQL nor a handler"},
    {HEAD "SELECT 1 ORDER BY 1; SELECT", "7: a file holds one statement, but something follows its semicolon"},
    {HEAD "-- noun: race\n" BODY, "7: the noun of a list needs an exists that looks for it"},
    {HEAD "-- exists: SELECT 1\n" BODY, "7: exists needs a noun to say what does not exist"},
    {HEAD "-- noun: race\n-- exists: SELECT 1 WHERE :x\n" BODY, "8: :x is not declared"},
    {HEAD "-- noun: race\n-- exists: DELETE FROM a\n" BODY, "8: exists is a SELECT on one line"},
    {ONE("-- noun: race\n-- exists: SELECT 1\n", "SELECT :race_id"), "9: exists belongs to a list that is SQL"},
    {HEAD "-- handler: c metadata\n", ""},
    {HEAD "-- handler: c metadata\n" BODY, "8: a route has either SQL or a handler"},
    {HEAD "-- handler: c metadata\n-- noun: x\n-- exists: SELECT 1\n", "9: exists belongs to a list that is SQL"},
    {HEAD "-- handler: metadata\n", "7: a handler is: c name"},
    {HEAD "-- handler: c Meta\n", "7: a handler is: c name"},
    {HEAD "-- handler: c metadata\n-- query: any\n", ""},
    {HEAD "-- handler: c metadata\n-- query: none\n", "8: query is: any"},
    {HEAD "-- body: all\n" BODY, "7: body is: any"},
    {HEAD "-- body: any\n" BODY, "7: only a POST can have any body"},
    {WITH_KEYS("open", "none\n-- body: any", "none", "POST"), ""},
    {HEAD "-- query: any\n" BODY, "7: only a handler can read any query"},
    {ONE("-- route: GET /r/{n*}\n-- param: n path text(0..9)\n", "SELECT :race_id, :n"), ""},
    {ONE("-- route: GET /r/{n*}\n", "SELECT :race_id"), "8: {n} is not declared as a path parameter"},

    {HEAD "-- example: /api/v1/races?limit=5&offset=3\n-- example: /api/v1/races/\n" BODY, ""},
    {HEAD "-- example: /api/v1/drivers\n" BODY, "7: the example matches no route of this file"},
    {HEAD "-- example: /api/v1/%zz\n" BODY, "7: the example matches no route of this file"},
    {HEAD "-- example: /api/v1/races?season=1\n" BODY,
     "7: the example is refused: invalid_parameter (season: is not known here; known are limit, offset, format)"},
};

static void checks_files_of_routes(void **state)
{
    static const sqlfile_place_t place = {"sql/api/races/list.sql", "races", "list"};
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(routes); i++) {
        complaints_t *complaints = complaints_make(f1_test_pool());
        const char *said;

        sqlroute_read(&place, routes[i].data, complaints, f1_test_pool());
        said = told(complaints);
        if (routes[i].complaints) {
            assert_string_equal(said, routes[i].complaints);
        }
        else {
            assert_true(!strncmp(said, "7: unknown type '", 17));
            assert_non_null(strstr(said, range_form));
            assert_null(strchr(said, '\n'));
        }
    }
}

static void bounds_routes_of_a_file(void **state)
{
    static const sqlfile_place_t place = {"sql/api/a/a_name_that_makes_the_count_too_long_by_one.sql", "an_area",
                                          "a_name_that_makes_the_count_too_long_by_one_abc"};
    complaints_t *complaints = complaints_make(f1_test_pool());
    const char *data = HEAD;
    int i;

    (void)state;
    sqlroute_read(&place, HEAD BODY, complaints, f1_test_pool());
    assert_string_equal(told(complaints), "1: the statement's name f1b_an_area_a_name_that_makes_the_count_too_long_by_"
                                          "one_abc_count has more than 63 bytes; choose a shorter file name");
    complaints = complaints_make(f1_test_pool());
    for (i = 0; i < 17; i++) {
        data = apr_psprintf(f1_test_pool(), "%s-- param: p%d query slug\n", data, i);
    }
    for (i = 0; i < 8; i++) {
        data = apr_psprintf(f1_test_pool(), "%s-- route: GET /r%d\n", data, i);
    }
    sqlroute_read(&place, apr_pstrcat(f1_test_pool(), data, "-- handler: c x\n", NULL), complaints, f1_test_pool());
    assert_string_equal(told(complaints), "23: more than 16 parameters\n31: more than 8 routes");
}

/* --- files of sql/stmt */

static const struct {
    const char *data, *complaints;
} statements[] = {
    {"-- summary: s\n-- params: b, a\n-- access: read\nSELECT :a, :b", ""},
    {"-- summary: s\n-- filters: a number, b json\n-- filters: c time\nSELECT 1 WHERE :filters", ""},
    {"-- summary: s\n-- filters: a number\nSELECT 1", "2: 'a' is never used"},
    {"-- summary: s\n-- filters: a word\nSELECT 1 WHERE :filters",
     "2: 'a word' is no filter: name and number, text, verbatim, boolean, time or json\n"
     "3: :filters is not in params"},
    {"-- summary: s\n-- filters: a time, a time\nSELECT 1 WHERE :filters", "2: 'a' stands twice"},
    {"-- summary: s\n-- params: a b\nSELECT :a, :b", ""},
    {"-- summary: s\nSELECT 1 LIMIT 3", ""},
    {"SELECT 1", "1: the header lacks 'summary'"},
    {"-- summary: s\n", "2: the file has no SQL"},
    {"-- summary: s\nSELECT :a", "2: :a is not in params"},
    {"-- summary: s\n-- params: a, b\nSELECT :a", "2: 'b' is never used"},
    {"-- summary: s\n-- params: a, a\nSELECT :a", "2: 'a' stands twice"},
    {"-- summary: s\n-- params: a, B\nSELECT :a", "2: 'B' cannot name a parameter; params is: first, second, …"},
    {"-- summary: s\n-- params: a,,b\nSELECT :a", "2: '' cannot name a parameter; params is: first, second, …"},
    {"-- summary: s\n-- access: full\nSELECT 1", "2: access is: read or write"},
    {"-- summary: s\n-- route: GET /\nSELECT 1", "2: unknown key 'route'; known are summary, params, access, filters"},
};

static void checks_files_of_statements(void **state)
{
    static const sqlfile_place_t place = {"sql/stmt/ingest/load.sql", "ingest", "load"};
    f1_statement_t *statement;
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(statements); i++) {
        complaints_t *complaints = complaints_make(f1_test_pool());

        sqlfile_read_statement(&place, statements[i].data, complaints, f1_test_pool());
        assert_string_equal(told(complaints), statements[i].complaints);
    }
    statement = sqlfile_read_statement(&place, statements[0].data, complaints_make(f1_test_pool()), f1_test_pool());
    assert_string_equal(statement->name, "f1b_ingest_load");
    assert_string_equal(statement->sql, "SELECT $2, $1");
    assert_int_equal(statement->param_count, 2);
    assert_string_equal(statement->param_names[0], "b");
    assert_int_equal(statement->read_only, 1);
}

static void refuses_files_that_are_no_text(void **state)
{
    static const struct {
        const char *data;
        size_t len;
        const char *complaint;
    } cases[] = {
        {"a\tb\n", 4, ""},
        {"a\nb\r\n", 5, "2: lines end with LF alone, not CR LF"},
        {"a\xff", 2, "1: the file is not UTF-8 without NUL"},
        {"a\0b", 3, "1: the file is not UTF-8 without NUL"},
        {"a\n\n\033[1m", 7, "3: control character 0x1b"},
        {"123456789", 9, "1: the file has more than 8 bytes"},
    };
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(cases); i++) {
        complaints_t *complaints = complaints_make(f1_test_pool());

        assert_int_equal(sqlfile_is_clean("x.sql", cases[i].data, cases[i].len, 8, complaints), !*cases[i].complaint);
        assert_string_equal(told(complaints), cases[i].complaint);
    }
}

/* --- whole trees */

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *walk)
{
    (void)info;
    (void)type;
    (void)walk;
    return remove(path);
}

static apr_status_t remove_folder(void *path)
{
    return nftw(path, remove_entry, 8, FTW_DEPTH | FTW_PHYS) ? APR_EGENERAL : APR_SUCCESS;
}

/* A folder that goes with the test, with an empty tree in it. */
static const char *make_tree(void)
{
    char *root = apr_pstrdup(f1_test_pool(), "/tmp/f1mksql.XXXXXX");
    static const char *const folders[] = {"api", "api/races", "api/zz", "stmt", "stmt/load", "migrations", "gen"};
    size_t i;

    assert_non_null(mkdtemp(root));
    apr_pool_cleanup_register(f1_test_pool(), root, remove_folder, apr_pool_cleanup_null);
    for (i = 0; i < COUNT(folders); i++) {
        assert_int_equal(mkdir(apr_pstrcat(f1_test_pool(), root, "/", folders[i], NULL), 0700), 0);
    }
    return root;
}

static void put(const char *root, const char *name, const char *data)
{
    FILE *file = fopen(apr_pstrcat(f1_test_pool(), root, "/", name, NULL), "w");

    assert_non_null(file);
    assert_true(fputs(data, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

/* What every tree needs. */
static void put_migrations(const char *root)
{
    put(root, "domains", "# what may change\nresults  of races\n\nschedule\n");
    put(root, "constraints", "# what is told\nthing_name  name  is \"taken\"\n\n");
    put(root, "migrations/0001_core.up.sql", "CREATE TABLE a (\n    b text -- \"what\?\?/\"\n);\n");
    put(root, "migrations/0001_core.down.sql", "DROP TABLE a;\n");
    put(root, "migrations/0002_more.up.sql", "SELECT '\\'\t;");
    put(root, "migrations/0002_more.down.sql", "SELECT 1\n");
}

/* Complaints about a tree with paths relative to it, one per line. */
static const char *told_of_tree(const char *root)
{
    complaints_t *complaints = complaints_make(f1_test_pool());
    size_t root_len = strlen(root) + 1;
    const char *text = "";
    int i;

    sqltree_read(root, complaints, f1_test_pool());
    complaints_sort(complaints);
    for (i = 0; i < complaints->list->nelts; i++) {
        const complaint_t *complaint = &APR_ARRAY_IDX(complaints->list, i, complaint_t);

        text = apr_psprintf(f1_test_pool(), "%s%s:%d: %s\n", text, complaint->file + root_len, complaint->line,
                            complaint->message);
    }
    return text;
}

#define ROUTE(route, example)                                                                                     \
    "-- route: " route "\n-- param: a path slug\n-- summary: s\n-- auth: open\n-- cache: none\n-- result: json\n" \
    "-- example: " example "\nSELECT :a\n"

static void finds_what_two_files_both_claim(void **state)
{
    const char *root = make_tree(), *expected;

    (void)state;
    put_migrations(root);
    put(root, "api/races/one.sql", ROUTE("GET /r/{a}", "/r/1"));
    put(root, "api/races/two.sql",
        "-- route: GET /r/{b}\n-- param: b path slug\n-- summary: s\n-- auth: public\n"
        "-- cache: none\n-- result: json\n-- example: /r/1\nSELECT :b\n");
    put(root, "api/zz/delete.sql", ROUTE("DELETE /r/{a}", "/r/1"));
    put(root, "api/zz/literal.sql", ROUTE("GET /r/x/{a}", "/r/x/1"));
    put(root, "stmt/load/one.sql", "-- summary: s\nSELECT 1");
    assert_int_equal(mkdir(apr_pstrcat(f1_test_pool(), root, "/stmt/races", NULL), 0700), 0);
    put(root, "stmt/races/one.sql", "-- summary: s\nSELECT 1");
    expected = apr_psprintf(f1_test_pool(),
                            "api/races/two.sql:1: /r/{b} is a route of %s/api/races/one.sql:1 already\n"
                            "stmt/races/one.sql:1: its statement f1b_races_one is one of %s/api/races/one.sql too; "
                            "rename one\n",
                            root, root);
    assert_string_equal(told_of_tree(root), expected);
}

static void knows_all_data_domains(void **state)
{
    const char *root = make_tree();

    (void)state;
    put_migrations(root);
    put(root, "api/races/one.sql",
        "-- route: GET /r\n-- summary: s\n-- auth: public\n-- cache: results shedule 1h\n-- result: json\n"
        "-- example: /r\nSELECT 1\n");
    assert_string_equal(told_of_tree(root),
                        "api/races/one.sql:4: 'shedule' is no data domain that sql/domains lists\n");
    put(root, "domains", "results\nshedule  # a comment\nresults again\nNo\n");
    assert_string_equal(told_of_tree(root), "domains:3: 'results' is listed already\n"
                                            "domains:4: 'No' cannot be a data domain\n");
}

static void checks_what_constraints_tell(void **state)
{
    const char *root = make_tree();

    (void)state;
    put_migrations(root);
    put(root, "constraints", "a_key a is taken # so\na_key b is used\nb_key\nc_key c\nD d is\ne_key E is\n");
    assert_string_equal(told_of_tree(root), "constraints:2: 'a_key' is listed already\n"
                                            "constraints:3: a constraint is: name field what is wrong\n"
                                            "constraints:4: a constraint is: name field what is wrong\n"
                                            "constraints:5: a constraint is: name field what is wrong\n"
                                            "constraints:6: a constraint is: name field what is wrong\n");
}

#define STATE(path, more, sql) \
    "-- route: GET " path      \
    "\n-- summary: s\n-- auth: user\n-- result: one\n-- example: /t/a\n-- param: t path slug\n" more sql
#define CHANGE(path, match)                                                                                       \
    "-- route: PUT " path "\n-- match: " match "\n-- summary: s\n-- auth: user\n-- cache: none\n-- result: one\n" \
    "-- param: t path slug\n-- example: /t/a\nUPDATE t SET a = 1 WHERE t = :t RETURNING a"
#define NO_STATE                                                                                                       \
    "api/races/put.sql:2: match needs one path, and a GET of it that is SQL, answers one row, has no cache, no query " \
    "parameters and no :now\n"

static void finds_what_a_change_is_of(void **state)
{
    static const struct {
        const char *get, *put, *complaints;
    } cases[] = {
        {STATE("/t/{t}", "-- cache: none\n", "SELECT :t AS t"), CHANGE("/t/{t}", "required"), ""},
        {STATE("/t/{t}", "-- cache: none\n", "SELECT :t AS t"), CHANGE("/t/{t}", "perhaps"),
         "api/races/put.sql:2: match is: optional or required\n"},
        {STATE("/s/{t}", "-- cache: none\n-- route: GET /t/{t}\n", "SELECT :t AS t"), CHANGE("/t/{t}", "optional"), ""},
        {STATE("/t/{t}/u", "-- cache: none\n-- route: GET /t/{t}/v\n-- example: /t/a/v\n", "SELECT :t AS t"),
         CHANGE("/t/{t}", "optional"), NULL},
        {STATE("/t/{t}", "-- cache: none\n", "SELECT :t AS t, :now"), CHANGE("/t/{t}", "optional"), NO_STATE},
        {STATE("/t/{t}", "-- cache: none\n-- param: q query slug\n", "SELECT :t AS t, :q"),
         CHANGE("/t/{t}", "optional"), NO_STATE},
        {STATE("/t/{t}", "-- cache: none\n-- handler: c x\n", ""), CHANGE("/t/{t}", "optional"), NO_STATE},
        {STATE("/t/{t}", "-- cache: none\n", "SELECT :t AS t"), CHANGE("/t/{t}", "optional\n-- route: PUT /u/{t}"),
         NO_STATE},
    };
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(cases); i++) {
        const char *root = make_tree();

        put_migrations(root);
        put(root, "api/races/get.sql", cases[i].get);
        put(root, "api/races/put.sql", cases[i].put);
        if (cases[i].complaints) {
            assert_string_equal(told_of_tree(root), cases[i].complaints);
        }
        else {
            assert_non_null(strstr(told_of_tree(root), NO_STATE));
        }
    }
}

static void refuses_files_in_wrong_places(void **state)
{
    const char *root = make_tree();

    (void)state;
    put_migrations(root);
    put(root, "api/lost.sql", "SELECT 1");
    put(root, "api/README.md", "not looked at");
    put(root, "api/zz/notes.txt", "neither");
    put(root, "api/zz/.hidden.sql", "neither");
    put(root, "api/zz/Upper.sql", "SELECT 1");
    put(root, "stmt/load/crlf.sql", "-- summary: s\r\nSELECT 1\r\n");
    assert_int_equal(mkdir(apr_pstrcat(f1_test_pool(), root, "/api/races/deep", NULL), 0700), 0);
    assert_int_equal(mkdir(apr_pstrcat(f1_test_pool(), root, "/api/My-Area", NULL), 0700), 0);
    assert_string_equal(told_of_tree(root),
                        "api/My-Area:1: areas are named with a-z, 0-9 and _, beginning with a letter\n"
                        "api/lost.sql:1: SQL files stand in the folder of their area\n"
                        "api/races/deep:1: an area has files only\n"
                        "api/zz/Upper.sql:1: files are named with a-z, 0-9 and _, beginning with a letter\n"
                        "stmt/load/crlf.sql:1: lines end with LF alone, not CR LF\n");
}

static void refuses_gaps_in_migrations(void **state)
{
    const char *root = make_tree();

    (void)state;
    put(root, "domains", "");
    put(root, "constraints", "");
    assert_string_equal(told_of_tree(root), "migrations:1: there are no migrations\n");
    put(root, "migrations/0001_core.up.sql", "SELECT 1");
    put(root, "migrations/0002_x.up.sql", " \n");
    put(root, "migrations/0002_y.down.sql", "SELECT 1");
    put(root, "migrations/3_z.up.sql", "SELECT 1");
    put(root, "migrations/0000_z.up.sql", "SELECT 1");
    put(root, "migrations/0003_z.sql", "SELECT 1");
    put(root, "migrations/0004_w.up.sql", "SELECT 1");
    put(root, "migrations/0004_w.down.sql", "SELECT 1");
    assert_string_equal(
        told_of_tree(root),
        "migrations/0000_z.up.sql:1: migrations are named NNNN_name.up.sql and NNNN_name.down.sql, from 0001 on\n"
        "migrations/0001_core:1: its .down.sql is missing\n"
        "migrations/0002_x.up.sql:1: the migration does nothing\n"
        "migrations/0002_y.down.sql:1: number 0002 is taken by x\n"
        "migrations/0003_z.sql:1: migrations are named NNNN_name.up.sql and NNNN_name.down.sql, from 0001 on\n"
        "migrations/0004_w:1: migration 0003 is missing before this one\n"
        "migrations/3_z.up.sql:1: migrations are named NNNN_name.up.sql and NNNN_name.down.sql, from 0001 on\n");
}

/* --- the program and what it writes */

#define RESULTS                                                                                            \
    "-- route: GET /api/v1/races/{race_id}/results\n"                                                      \
    "-- route: GET /api/v1/seasons/{season}/races/{round}/results\n"                                       \
    "-- summary: Classification of a \"race\"\n"                                                           \
    "-- param: race_id path slug -- the race's id\n"                                                       \
    "-- param: season path integer(1950..2199)\n"                                                          \
    "-- param: round path integer(1..99)\n"                                                                \
    "-- param: sort query enum(position|grid) default=position\n"                                          \
    "-- param: as_of query timestamp default=2024-07-28T02:00:00+02:00\n"                                  \
    "-- auth: public\n"                                                                                    \
    "-- cache: results schedule 1h\n"                                                                      \
    "-- result: list\n"                                                                                    \
    "-- noun: race\n"                                                                                      \
    "-- exists: SELECT 1 FROM race WHERE id = :race_id OR season = :season\n"                              \
    "-- example: /api/v1/races/2024-monza/results?limit=5\n"                                               \
    "-- example: /api/v1/seasons/2024/races/16/results\n"                                                  \
    "SELECT r.position AS \"driver.position\", '\\ ?\?' AS é\n"                                           \
    "  FROM result r\n"                                                                                    \
    " WHERE r.race = :race_id OR r.season = :season AND r.round = :round AND r.at < least(:as_of, :now)\n" \
    " ORDER BY CASE :sort WHEN 'grid' THEN r.grid END, r.position;\n"

/* Exit status of a command, whose error output lands in log. */
static int run(const char *command, const char *log)
{
    int status = system(apr_pstrcat(f1_test_pool(), command, " 2>", log, NULL));

    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static int mksql(const char *root)
{
    return run(apr_pstrcat(f1_test_pool(), getenv("F1_BUILDDIR"), "/tools/mksql ", root, " ", root, "/gen", NULL),
               apr_pstrcat(f1_test_pool(), root, "/log", NULL));
}

static const char *read_back(const char *root, const char *name)
{
    return f1_test_file(apr_pstrcat(f1_test_pool(), root, "/", name, NULL), NULL);
}

static void fill_tree(const char *root)
{
    put_migrations(root);
    put(root, "api/races/results.sql", RESULTS);
    put(root, "api/zz/touch.sql",
        "-- route: POST /api/v1/touch\n-- summary: s\n-- auth: apikey jobs:run\n-- cache: none\n"
        "-- result: none\n-- example: /api/v1/touch\nUPDATE a SET b = :now, c = :me, d = :my_role, e = :my_session,"
        " f = :my_via, g = :my_key");
    put(root, "api/zz/write.sql",
        "-- route: PUT /api/v1/write\n-- summary: s\n-- auth: user\n-- cache: none\n-- result: one\n-- status: 201\n"
        "-- match: required\n-- location: /api/v1/write/{x}\n-- param: a body words(x:y|z) required\n-- param: b body "
        "integer(-5..0) "
        "nullable\n-- param: c body email\n"
        "-- param: d body secret(8..72)\n-- example: /api/v1/write {\"a\": [], \"b\": null}\n"
        "-- example: /api/v1/write {\"a\": [\"z\"]}\nSELECT :a, :b, :b_given, :c, :d");
    put(root, "api/zz/meta.sql",
        "-- route: GET /\n-- summary: s\n-- auth: public\n-- cache: none\n-- result: json\n"
        "-- example: /\n-- handler: c metadata\n");
    put(root, "api/zz/read.sql",
        "-- route: GET /api/v1/write\n-- summary: s\n-- auth: user\n-- cache: none\n-- result: one\n"
        "-- example: /api/v1/write\nSELECT 1 AS a");
    put(root, "stmt/load/begin.sql", "-- summary: s\n-- params: b, a\n-- access: read\nSELECT :a,\n       :b\n");
}

static void *load(const char *root)
{
    const char *object = apr_pstrcat(f1_test_pool(), root, "/tables.so", NULL);
    const char *log = apr_pstrcat(f1_test_pool(), root, "/log", NULL);
    void *tables;

    if (run(apr_psprintf(f1_test_pool(),
                         F1_COMPILE
                         " -Wall -Wextra -Werror -Wshadow -Wwrite-strings -shared -fPIC -Wl,-Bsymbolic -iquote %s "
                         "-o %s %s/gen/routes.c %s/gen/statements.c %s/gen/migrations.c",
                         root, object, root, root, root),
            log)) {
        fail_msg("%s", f1_test_file(log, NULL));
    }
    tables = dlopen(object, RTLD_NOW | RTLD_LOCAL);
    assert_non_null(tables);
    return tables;
}

static void check_statements(void *tables)
{
    const f1_statement_t *const *all = dlsym(tables, "f1_statements");
    const int *count = dlsym(tables, "f1_statement_count");
    static const char *const names[] = {
        "f1b_load_begin", "f1b_races_results", "f1b_races_results_count", "f1b_races_results_exists", "f1b_zz_read",
        "f1b_zz_touch",   "f1b_zz_write"};
    size_t i;

    assert_int_equal(*count, COUNT(names));
    for (i = 0; i < COUNT(names); i++) {
        assert_int_equal(all[i]->id, i);
        assert_string_equal(all[i]->name, names[i]);
        assert_ptr_equal(all[i], dlsym(tables, apr_pstrcat(f1_test_pool(), "f1_stmt_", names[i] + 4, NULL)));
    }
    assert_string_equal(all[0]->sql, "SELECT $2,\n       $1");
    assert_string_equal(all[0]->param_names[0], "b");
    assert_int_equal(all[0]->read_only, 1);
    assert_string_equal(all[1]->sql, "SELECT r.position AS \"driver.position\", '\\ ?\?' AS é\n"
                                     "  FROM result r\n"
                                     " WHERE r.race = $1 OR r.season = $2 AND r.round = $3 AND r.at < least($4, $5)\n"
                                     " ORDER BY CASE $6 WHEN 'grid' THEN r.grid END, r.position\n"
                                     "LIMIT $7 OFFSET $8");
    assert_int_equal(all[1]->param_count, 8);
    assert_string_equal(all[1]->param_names[4], "now");
    assert_string_equal(all[2]->sql, "SELECT count(*) FROM (\n"
                                     "SELECT r.position AS \"driver.position\", '\\ ?\?' AS é\n"
                                     "  FROM result r\n"
                                     " WHERE r.race = $1 OR r.season = $2 AND r.round = $3 AND r.at < least($4, $5)\n"
                                     ") AS page");
    assert_string_equal(all[3]->sql, "SELECT 1 FROM race WHERE id = $1 OR season = $2");
    assert_int_equal(all[5]->read_only, 0);
}

static void check_results(const f1_route_t *route, void *tables)
{
    static const int query_binds[] = {0, 1, 2, 4, F1_BIND_NOW, 3, F1_BIND_LIMIT, F1_BIND_OFFSET};
    static const int exists_binds[] = {0, 1};

    assert_string_equal(route->name, "races/results");
    assert_string_equal(route->file, "sql/api/races/results.sql");
    assert_string_equal(route->area, "races");
    assert_string_equal(route->summary, "Classification of a \"race\"");
    assert_int_equal(route->method, F1_GET);
    assert_string_equal(route->templates[0], "/api/v1/races/{race_id}/results");
    assert_string_equal(route->templates[1], "/api/v1/seasons/{season}/races/{round}/results");
    assert_null(route->templates[2]);
    assert_int_equal(route->param_count, 5);
    assert_int_equal(route->params[0].in, F1_IN_PATH);
    assert_int_equal(route->params[0].required, 0);
    assert_string_equal(route->params[0].doc, "the race's id");
    assert_int_equal(route->params[1].type, F1_PARAM_INTEGER);
    assert_int_equal(route->params[1].min, 1950);
    assert_int_equal(route->params[1].max, 2199);
    assert_null(route->params[1].doc);
    assert_string_equal(route->params[3].values[1], "grid");
    assert_null(route->params[3].values[2]);
    assert_string_equal(route->params[3].fallback, "position");
    assert_string_equal(route->params[4].fallback, "2024-07-28T00:00:00Z");
    assert_string_equal(route->domains[1], "schedule");
    assert_null(route->domains[2]);
    assert_int_equal(route->max_age, 3600);
    assert_int_equal(route->answer, F1_ANSWER_LIST);
    assert_string_equal(route->noun, "race");
    assert_string_equal(route->examples[0], "/api/v1/races/2024-monza/results?limit=5");
    assert_null(route->examples[2]);
    assert_ptr_equal(route->query.statement, dlsym(tables, "f1_stmt_races_results"));
    assert_memory_equal(route->query.binds, query_binds, sizeof(query_binds));
    assert_memory_equal(route->count.binds, query_binds, 5 * sizeof(int));
    assert_ptr_equal(route->exists.statement, dlsym(tables, "f1_stmt_races_results_exists"));
    assert_memory_equal(route->exists.binds, exists_binds, sizeof(exists_binds));
}

static void check_constraints(void *tables)
{
    const f1_constraint_t *constraints = dlsym(tables, "f1_constraints");

    assert_string_equal(constraints[0].name, "thing_name");
    assert_string_equal(constraints[0].field, "name");
    assert_string_equal(constraints[0].detail, "is \"taken\"");
    assert_null(constraints[1].name);
}

static void check_write(const f1_route_t *route)
{
    static const int binds[] = {0, 1, F1_BIND_GIVEN - 1, 2, 3};

    assert_int_equal(route->method, F1_PUT);
    assert_int_equal(route->status, 201);
    assert_string_equal(route->location, "/api/v1/write/{x}");
    assert_true(f1_route_takes_body(route));
    assert_int_equal(route->params[0].in, F1_IN_BODY);
    assert_int_equal(route->params[0].type, F1_PARAM_WORDS);
    assert_string_equal(route->params[0].values[0], "x:y");
    assert_int_equal(route->params[0].required, 1);
    assert_int_equal(route->params[0].nullable, 0);
    assert_int_equal(route->params[1].min, -5);
    assert_int_equal(route->params[1].nullable, 1);
    assert_int_equal(route->params[2].type, F1_PARAM_EMAIL);
    assert_int_equal(route->params[3].type, F1_PARAM_SECRET);
    assert_int_equal(route->params[3].max, 72);
    assert_memory_equal(route->query.binds, binds, sizeof(binds));
    assert_int_equal(route->query.statement->read_only, 0);
    assert_string_equal(route->examples[1], "/api/v1/write");
    assert_string_equal(route->bodies[1], "{\"a\": [\"z\"]}");
    assert_null(route->examples[2]);
}

static void writes_tables_that_compile(void **state)
{
    static const int touch_binds[] = {F1_BIND_NOW,        F1_BIND_ME,     F1_BIND_MY_ROLE,
                                      F1_BIND_MY_SESSION, F1_BIND_MY_VIA, F1_BIND_MY_KEY};
    const char *root = make_tree();
    const f1_migration_t *migrations;
    const f1_route_t *table;
    void *tables;

    (void)state;
    fill_tree(root);
    assert_int_equal(mksql(root), 0);
    assert_string_equal(read_back(root, "log"), "");
    tables = load(root);
    check_statements(tables);
    check_constraints(tables);
    table = dlsym(tables, "f1_routes");
    assert_int_equal(*(const int *)dlsym(tables, "f1_route_count"), 5);
    check_results(&table[0], tables);
    assert_string_equal(table[1].name, "zz/meta");
    assert_string_equal(table[1].handler, "metadata");
    assert_null(table[1].query.statement);
    assert_null(table[1].domains[0]);
    assert_int_equal(table[3].method, F1_POST);
    assert_int_equal(table[1].auth, F1_AUTH_PUBLIC);
    assert_int_equal(table[3].auth, F1_AUTH_SCOPE);
    assert_string_equal(table[3].scope, "jobs:run");
    assert_memory_equal(table[3].query.binds, touch_binds, sizeof(touch_binds));
    assert_null(table[3].count.statement);
    assert_null(table[3].bodies);
    assert_int_equal(table[3].status, 0);
    check_write(&table[4]);
    assert_ptr_equal(table[4].state, &table[2]);
    assert_int_equal(table[4].match_required, 1);
    assert_int_equal(table[2].has_version, 1);
    assert_null(table[3].state);

    migrations = dlsym(tables, "f1_migrations");
    assert_int_equal(*(const int *)dlsym(tables, "f1_migration_count"), 2);
    assert_int_equal(migrations[1].version, 2);
    assert_string_equal(migrations[0].name, "core");
    assert_string_equal(migrations[0].up, read_back(root, "migrations/0001_core.up.sql"));
    assert_string_equal(migrations[1].up, "SELECT '\\'\t;");
    assert_string_equal(migrations[1].down, "SELECT 1\n");
    assert_string_equal(migrations[1].sha256, f1_str_sha256("SELECT '\\'\t;", 12, f1_test_pool()));
    assert_int_equal(dlclose(tables), 0);
}

static void writes_only_what_changes(void **state)
{
    const char *root = make_tree();
    const char *routes_c = apr_pstrcat(f1_test_pool(), root, "/gen/routes.c", NULL);
    const char *statements_c = apr_pstrcat(f1_test_pool(), root, "/gen/statements.c", NULL);
    struct stat first, second;

    (void)state;
    fill_tree(root);
    assert_int_equal(mksql(root), 0);
    assert_int_equal(stat(routes_c, &first), 0);
    assert_int_equal(mksql(root), 0);
    assert_int_equal(stat(routes_c, &second), 0);
    assert_int_equal(first.st_ino, second.st_ino);
    put(root, "stmt/load/begin.sql", "-- summary: s\nSELECT 5");
    assert_int_equal(mksql(root), 0);
    assert_int_equal(stat(routes_c, &second), 0);
    assert_int_equal(first.st_ino, second.st_ino);
    assert_non_null(strstr(f1_test_file(statements_c, NULL), "SELECT 5"));
}

static void tells_errors_and_writes_nothing(void **state)
{
    const char *root = make_tree(), *expected;

    (void)state;
    fill_tree(root);
    put(root, "api/zz/meta.sql", WITH_AUTH("nobody"));
    assert_int_equal(mksql(root), 1);
    expected =
        apr_psprintf(f1_test_pool(),
                     "%s/api/zz/meta.sql:3: auth is: open, public, user, admin, admin and a scope, or apikey and a"
                     " scope\n",
                     root);
    assert_string_equal(read_back(root, "log"), expected);
    assert_int_equal(access(apr_pstrcat(f1_test_pool(), root, "/gen/routes.c", NULL), F_OK), -1);
    put(root, "api/zz/meta.sql", WITH_AUTH("user"));
    remove_folder(apr_pstrcat(f1_test_pool(), root, "/gen", NULL));
    assert_int_equal(mksql(root), 2);
    assert_int_equal(run(apr_pstrcat(f1_test_pool(), getenv("F1_BUILDDIR"), "/tools/mksql ", root, NULL),
                         apr_pstrcat(f1_test_pool(), root, "/log", NULL)),
                     2);
    assert_string_equal(read_back(root, "log"), "usage: mksql SQL-FOLDER OUT-FOLDER\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        F1_TEST(numbers_parameters),
        F1_TEST(says_why_text_is_no_statement),
        F1_TEST(refuses_deep_nesting),
        F1_TEST(sees_clauses_of_the_outermost_query),
        F1_TEST(checks_files_of_routes),
        F1_TEST(bounds_routes_of_a_file),
        F1_TEST(checks_files_of_statements),
        F1_TEST(refuses_files_that_are_no_text),
        F1_TEST(finds_what_two_files_both_claim),
        F1_TEST(knows_all_data_domains),
        F1_TEST(checks_what_constraints_tell),
        F1_TEST(finds_what_a_change_is_of),
        F1_TEST(refuses_files_in_wrong_places),
        F1_TEST(refuses_gaps_in_migrations),
        F1_TEST(writes_tables_that_compile),
        F1_TEST(writes_only_what_changes),
        F1_TEST(tells_errors_and_writes_nothing),
    };

    return f1_test_run(tests);
}
