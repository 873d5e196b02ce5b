/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* The shipped configuration compresses every kind of answer, and a client that has a compressed one need not get it
 * again. */

#include "f1_test.h"

#include <string.h>

#include <apr_strings.h>

static const char *header(const f1_reply_t *reply, const char *name)
{
    const char *value = apr_table_get(reply->headers, name);

    return value ? value : "";
}

static void test_every_type(void **state)
{
    static const struct {
        const char *path, *type;
    } answers[] = {
        {"/api/v1/circuits", "application/json"},
        {"/api/v1/circuits/nowhere", "application/problem+json"},
        {"/api/v1/circuits?format=csv", "text/csv; charset=utf-8; header=present"},
        {"/api/v1/circuits?format=ndjson", "application/x-ndjson"},
        {"/api/v1/seasons/2030/calendar.ics", "text/calendar; charset=utf-8"},
        {"/api/openapi.json", NULL},
        {"/ergast/f1/2029/1/results.json", "application/json"},
        {"/openf1/v1/laps?session_key=9005&lap_number=2", "application/json"},
    };
    static const char *const encodings[][2] = {{"gzip", "gzip"}, {"br", "br"}};

    (void)state;
    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
        f1_reply_t *plain = f1_test_get(answers[i].path);

        if (answers[i].type) {
            assert_string_equal(header(plain, "Content-Type"), answers[i].type);
        }
        for (size_t j = 0; j < sizeof(encodings) / sizeof(encodings[0]); j++) {
            f1_reply_t *reply = f1_test_ask(&(f1_ask_t){.path = answers[i].path, .encoding = encodings[j][0]});

            if (strcmp(header(reply, "Content-Encoding"), encodings[j][1])) {
                fail_msg("%s, %s: %s", answers[i].path, encodings[j][0], header(reply, "Content-Encoding"));
            }
            assert_int_equal(reply->status, plain->status);
            assert_non_null(strstr(header(reply, "Vary"), "Accept-Encoding"));
            if (plain->status == 200) {
                assert_int_equal(reply->body_len, plain->body_len);
                assert_memory_equal(reply->body, plain->body, plain->body_len);
            }
        }
    }
}

/* Where a client takes both. */
static void test_brotli_comes_first(void **state)
{
    f1_reply_t *reply =
        f1_test_ask(&(f1_ask_t){.path = "/api/v1/circuits?format=csv", .encoding = "gzip, deflate, br"});

    (void)state;
    assert_string_equal(header(reply, "Content-Encoding"), "br");
}

/* Until the child that answers follows the data, ETags are made of bytes, and another child's may be others. */
static void test_not_modified(void **state)
{
    static const char *const encodings[] = {"gzip", "br"};

    (void)state;
    for (size_t i = 0; i < sizeof(encodings) / sizeof(encodings[0]); i++) {
        apr_time_t end = apr_time_now() + apr_time_from_sec(30);
        f1_reply_t *reply, *again;

        do {
            const char *headers[2] = {NULL, NULL};

            assert_true(apr_time_now() < end);
            reply = f1_test_ask(&(f1_ask_t){.path = "/api/v1/circuits", .encoding = encodings[i]});
            headers[0] = apr_pstrcat(f1_test_pool(), "If-None-Match: ", header(reply, "ETag"), NULL);
            again = f1_test_ask(&(f1_ask_t){.path = "/api/v1/circuits", .encoding = encodings[i], .headers = headers});
        } while (again->status != 304);
        assert_string_equal(header(again, "ETag"), header(reply, "ETag"));
        assert_non_null(strstr(header(again, "ETag"), apr_pstrcat(f1_test_pool(), "-", encodings[i], "\"", NULL)));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        F1_TEST(test_every_type),
        F1_TEST(test_brotli_comes_first),
        F1_TEST(test_not_modified),
    };

    return f1_test_run(tests);
}
