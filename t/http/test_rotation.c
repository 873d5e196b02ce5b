/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Keys of tokens come and go with graceful restarts: what the old one signed is good until its line is taken out. And
 * nothing of keys and tokens is in the logs. */

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <apr_strings.h>
#include <apr_time.h>

#include "auth/jws.h"
#include "f1_test.h"
#include "f1_test_keys.h"
#include "f1_test_users.h"

#define OLD "2030-05 HS256 old-gyCXbRQ5mUq0vLr3TnWz7PsKfHd2JxAe\n"
#define NEW "2030-06 HS256 new-Zq8wE1rTy2Ui3Op4As5Df6Gh7Jk8Lz9X\n"
#define TRIES 400
#define IN_A_ROW 20

static const char *in_sandbox(const char *name)
{
    return apr_pstrcat(f1_test_pool(), getenv("F1_SANDBOX"), "/", name, NULL);
}

/* As only we may read it. */
static void write_file(const char *name, const char *text)
{
    FILE *file = fopen(in_sandbox(name), "w");

    assert_non_null(file);
    assert_int_equal(chmod(in_sandbox(name), 0600), 0);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static f1_reply_t *ask_with(const char *token)
{
    const char *headers[] = {apr_pstrcat(f1_test_pool(), "Authorization: Bearer ", token, NULL), NULL};

    return f1_test_ask(&(f1_ask_t){.path = "/api/v1/races?limit=1", .headers = headers});
}

static void assert_unknown_key(const char *token)
{
    f1_reply_t *reply = ask_with(token);

    assert_int_equal(reply->status, 401);
    f1_assert_json(reply->json, "error_code", "\"token_invalid\"");
    f1_assert_json(reply->json, "detail", "\"Invalid token: its key is unknown\"");
}

/* New children have the new keys; old ones may still take a connection, so that it has to hold for a while. */
static void restart_until(const char *token, int status)
{
    int tries, row = 0;

    assert_int_equal(kill((pid_t)strtol(getenv("F1_HTTPD_PID"), NULL, 10), SIGUSR1), 0);
    for (tries = 0; tries < TRIES && row < IN_A_ROW; tries++) {
        row = ask_with(token)->status == status ? row + 1 : 0;
        apr_sleep(apr_time_from_msec(row ? 5 : 50));
    }
    assert_int_equal(row, IN_A_ROW);
}

static void restart_with(const char *secrets, const char *token, int status)
{
    write_file("secrets", secrets);
    restart_until(token, status);
}

static const char *token_of(const char *username)
{
    return f1_test_token(&(f1_test_token_t){.username = username});
}

static void test_rotation(void **state)
{
    const char *first, *old, *new;

    (void)state;
    f1_test_users();
    first = token_of("bob");
    assert_int_equal(ask_with(first)->status, 200);
    write_file("secrets", OLD);
    old = token_of("bob");
    assert_unknown_key(old);
    restart_until(old, 200);
    assert_unknown_key(first);

    write_file("secrets", NEW OLD);
    new = token_of("bob");
    assert_unknown_key(new);
    restart_until(new, 200);
    assert_int_equal(ask_with(old)->status, 200);

    restart_with(NEW, old, 401);
    assert_unknown_key(old);
    assert_int_equal(ask_with(new)->status, 200);
}

/* The claims of a token that is good, with another signature under them. */
static const char *forge(const char *token, f1_alg_t alg, const char *with)
{
    f1_key_t key = {"2030-07", alg, with, NULL};
    const char *forged;
    f1_jws_t jws;

    f1_assert_ok(f1_jws_read(&jws, token, f1_test_pool(), f1_test_result()), f1_test_result());
    f1_assert_ok(f1_jws_sign(&forged, jws.claims, &key, f1_test_pool(), f1_test_result()), f1_test_result());
    return forged;
}

static void test_a_public_key_is_no_secret(void **state)
{
    const f1_test_key_t *rsa = f1_test_key(F1_TEST_RSA);
    const char *token, *claims;
    f1_reply_t *reply;

    (void)state;
    write_file("rsa.pem", rsa->private_pem);
    write_file("secrets", "2030-07 RS256 rsa.pem\n" NEW);
    f1_test_users();
    token = token_of("ann");
    restart_until(token, 200);
    reply = ask_with(forge(token, F1_ALG_HS256, rsa->public_pem));
    assert_int_equal(reply->status, 401);
    f1_assert_json(reply->json, "detail", "\"Invalid token: its algorithm is not that of its key\"");
    assert_int_equal(ask_with(forge(token, F1_ALG_RS256, f1_test_key(F1_TEST_RSA_OTHER)->private_pem))->status, 401);
    assert_int_equal(ask_with(forge(token, F1_ALG_RS256, rsa->private_pem))->status, 200);
    /* {"alg":"none","kid":"2030-07"} */
    claims = strchr(token, '.') + 1;
    claims = apr_pstrmemdup(f1_test_pool(), claims, strcspn(claims, ".") + 1);
    token = apr_pstrcat(f1_test_pool(), "eyJhbGciOiJub25lIiwia2lkIjoiMjAzMC0wNyJ9.", claims, NULL);
    assert_int_equal(ask_with(token)->status, 401);
    assert_int_equal(ask_with(apr_pstrcat(f1_test_pool(), token, "AAAA", NULL))->status, 401);
}

static void test_logs_have_no_secrets(void **state)
{
    const char *log = f1_test_file(getenv("F1_LOG"), NULL), *access = f1_test_file(in_sandbox("access.log"), NULL);

    (void)state;
    assert_non_null(strstr(access, "/api/v1/races"));
    assert_null(strstr(log, "gyCXbRQ5"));
    assert_null(strstr(log, "Zq8wE1rT"));
    assert_null(strstr(log, "PRIVATE KEY"));
    assert_null(strstr(log, "eyJ"));
    assert_null(strstr(access, "eyJ"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        F1_TEST(test_rotation),
        F1_TEST(test_a_public_key_is_no_secret),
        F1_TEST(test_logs_have_no_secrets),
    };

    return f1_test_run(tests);
}
