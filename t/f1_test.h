/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_TEST_H
#define F1_TEST_H

/* What every test program shares. A program is one group:
 *
 *     static void test_something(void **state) { … f1_test_pool() … }
 *
 *     int main(void)
 *     {
 *         const struct CMUnitTest tests[] = {F1_TEST(test_something)};
 *         return f1_test_run(tests);
 *     }
 *
 * Around each test stand a fresh pool, a fresh capture of the log and the real clock; all of it is gone afterwards,
 * also when the test failed. Anything returned lives until the test ends. Standard output belongs to TAP. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <setjmp.h>
#include <cmocka.h>

#include <apr_pools.h>
#include <apr_tables.h>
#include <jansson.h>

#include "base/result.h"
#include "db/conn.h"

#define F1_TEST(test) cmocka_unit_test_setup_teardown(test, f1_test_setup, f1_test_teardown)
#define f1_test_run(tests) cmocka_run_group_tests(tests, f1_test_group_setup, f1_test_group_teardown)

int f1_test_group_setup(void **state);
int f1_test_group_teardown(void **state);
int f1_test_setup(void **state);
int f1_test_teardown(void **state);

apr_pool_t *f1_test_pool(void);

/* A result that says OK; the same one all through a test. */
f1_result_t *f1_test_result(void);

/* What was logged since the test began, one line per message: "4 F1B0101: …" begins with the level's number. */
const char *f1_test_log(void);

/* A file's content; the test fails when it cannot be read. Relative names are looked up in the source tree. */
const char *f1_test_file(const char *name, size_t *plen);

/* Fails, showing the result's text, unless rv is APR_SUCCESS. */
#define f1_assert_ok(rv, res) f1_assert_ok_at((rv), (res), #rv, __FILE__, __LINE__)
void f1_assert_ok_at(apr_status_t rv, const f1_result_t *res, const char *what, const char *file, int line);

/* --- f1boardctl */

/* Runs it as a program, with arguments as a shell reads them, redirections included. Standard output and error
 * together; the test fails unless it ends with status. */
const char *f1_test_ctl(int status, const char *arguments);

/* --- JSON */

/* Parses text; the test fails, showing it, when it is not JSON. */
json_t *f1_test_json(const char *text);

/* The value at a path of member names and array indexes, "items/0/driver/id"; NULL when there is none. */
json_t *f1_test_json_at(json_t *doc, const char *path);

/* The value at path equals the JSON value that expected spells: f1_assert_json(doc, "items/0/position", "1"). */
#define f1_assert_json(doc, path, expected) f1_assert_json_at((doc), (path), (expected), __FILE__, __LINE__)
void f1_assert_json_at(json_t *doc, const char *path, const char *expected, const char *file, int line);

/* --- The program's own database (t/db and t/http) */

/* A connection through the library, opened at the first call: the same one all through a test. */
f1_conn_t *f1_test_conn(void);

/* Runs SQL on a connection of its own, not through the code under test. Rows as psql -At prints them: columns
 * separated by '|', rows by newline, NULL empty. The test fails on an SQL error. */
const char *f1_test_sql(const char *sql);
const char *f1_test_sqlf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* What somebody who listens on channel hears of the statement: the notices' texts, separated by blanks. */
const char *f1_test_notices(const char *channel, const char *sql);

/* Waits, half a minute at most, until a query says true. */
void f1_test_wait_until(const char *sql);

/* Answers a GET of an API target ("/api/v1/races?limit=1") without httpd: route, parameters, SQL, rendering. The body,
 * or an object of error_code and detail. The test fails when the route is not there or the error is internal. */
json_t *f1_test_answer(const char *target);

/* --- The program's own server (t/http) */

typedef struct f1_ask_t {
    const char *method;             /* NULL: GET */
    const char *path;               /* below the mount, "/api/v1/races"; or a whole URL */
    const char *const *headers;     /* "Name: value", NULL-terminated; NULL: none */
    const char *body;               /* NULL: none */
    size_t body_len;                /* 0: strlen(body) */
    const char *encoding;           /* Accept-Encoding, decoded on arrival; NULL: none sent */
    long http;                      /* a CURL_HTTP_VERSION_…; 0: HTTP/1.1 */
} f1_ask_t;

typedef struct f1_reply_t {
    int status;                     /* 0: no answer */
    long http;                      /* CURL_HTTP_VERSION_… of the answer */
    apr_table_t *headers;           /* last value of each name, case-insensitive */
    const char *body;
    size_t body_len;
    json_t *json;                   /* NULL when the body is not JSON */
} f1_reply_t;

f1_reply_t *f1_test_ask(const f1_ask_t *ask);
f1_reply_t *f1_test_get(const char *path);

/* Asks in another process while the test goes on; f1_test_heard waits for its end: "STATUS BODY". Nothing of it may
 * hold a single quote. */
FILE *f1_test_ask_meanwhile(const f1_ask_t *ask);
const char *f1_test_heard(FILE *asked);

/* Sends these very bytes, and returns everything that comes back until the server closes (or 10 s have passed). */
const char *f1_test_raw(const char *bytes, size_t len, size_t *plen);

/* The same by a client that says after its last byte that no more will come. */
const char *f1_test_raw_end(const char *text);

/* Announces that httpd's error log will hold a line of level warn or above that matches this extended regular
 * expression (a log number, mostly). Any such line that no test announced fails the program. */
void f1_test_expect_log(const char *regex);

#endif
