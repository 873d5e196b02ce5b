/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Tokens of other issuers: keys from a server on the loopback that answers what each test scripted. How long keys are
 * good for is set so that no test waits. */

#include <stdlib.h>
#include <string.h>

#include <apr_strings.h>
#include <apr_thread_proc.h>
#include <apr_time.h>

#include "auth/jwks.h"
#include "auth/jws.h"
#include "auth/token.h"
#include "base/clock.h"
#include "f1_test.h"
#include "f1_test_keys.h"
#include "f1_test_server.h"

#define ISSUER "https://tenant.example/"
#define AUDIENCE "f1board"
#define AT_ONCE 1 /* microseconds */
#define NEVER apr_time_from_sec(24 * 60 * 60)

/* --- The issuer */

static const char *jwk(const char *kid, f1_test_key_kind_t kind)
{
    const f1_test_key_t *key = f1_test_key(kind);

    return apr_psprintf(f1_test_pool(),
                        "{\"kty\":\"RSA\",\"use\":\"sig\",\"alg\":\"RS256\",\"kid\":\"%s\",\"n\":\"%s\",\"e\":\"%s\"}",
                        kid, key->n, key->e);
}

static const char *answer_of(const char *body)
{
    return apr_psprintf(f1_test_pool(),
                        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %" APR_SIZE_T_FMT
                        "\r\n\r\n%s",
                        strlen(body), body);
}

static const char *jwks_of(const char *keys)
{
    return answer_of(apr_pstrcat(f1_test_pool(), "{\"keys\":[", keys, "]}", NULL));
}

/* A token as the issuer makes it, with some members added or others in their place: JSON of an object. */
static const char *token_with(const char *kid, f1_test_key_kind_t kind, const char *members)
{
    apr_int64_t now = apr_time_sec(apr_time_now());
    json_t *claims = json_pack("{s:s, s:s, s:s, s:I, s:I}", "iss", ISSUER, "aud", AUDIENCE, "sub", "auth0|42", "iat",
                               now, "exp", now + 3600);
    f1_key_t key = {kid, F1_ALG_RS256, f1_test_key(kind)->private_pem, NULL};
    const char *token = NULL;
    apr_status_t rv;

    assert_int_equal(json_object_update(claims, f1_test_json(members)), 0);
    rv = f1_jws_sign(&token, claims, &key, f1_test_pool(), f1_test_result());
    json_decref(claims);
    f1_assert_ok(rv, f1_test_result());
    return token;
}

static const char *token(const char *kid)
{
    return token_with(kid, F1_TEST_RSA, "{}");
}

/* --- We */

static const f1_jwks_options_t eager = {.fresh = AT_ONCE, .refetch = AT_ONCE, .retry = AT_ONCE, .timeout = 2000000};
static const f1_jwks_options_t patient = {.fresh = NEVER, .refetch = NEVER, .retry = NEVER};
/* asks again for unknown keys only */
static const f1_jwks_options_t usual = {.fresh = NEVER, .refetch = AT_ONCE, .retry = AT_ONCE};

static f1_jwks_t *jwks_with(const f1_test_server_t *server, const f1_jwks_options_t *options)
{
    f1_issuer_t issuers[] = {{"https://other.example/", AUDIENCE, "http://127.0.0.1:1/jwks"},
                             {ISSUER, AUDIENCE, f1_test_server_url(server, "/.well-known/jwks.json")}};
    f1_jwks_t *jwks = NULL;

    f1_assert_ok(f1_jwks_create(&jwks, issuers, 2, options, f1_test_pool(), f1_test_result()), f1_test_result());
    return jwks;
}

static f1_stranger_t accepts(f1_jwks_t *jwks, const char *text)
{
    f1_stranger_t stranger;

    f1_assert_ok(f1_jwks_verify(&stranger, text, jwks, f1_test_pool(), f1_test_result()), f1_test_result());
    assert_string_equal(stranger.issuer, ISSUER);
    return stranger;
}

static int refuses_as(f1_jwks_t *jwks, const char *text, f1_error_t error, const char *words)
{
    f1_result_t *res = f1_result_make(f1_test_pool());
    f1_stranger_t stranger;

    assert_int_not_equal(f1_jwks_verify(&stranger, text, jwks, f1_test_pool(), res), APR_SUCCESS);
    assert_null(stranger.subject);
    if (res->error != error || !strstr(res->detail, words)) {
        fail_msg("%s, not %s with \"%s\"", f1_result_text(res, f1_test_pool()), f1_error_code(error), words);
    }
    return res->retry_after;
}

static void refuses(f1_jwks_t *jwks, const char *text, const char *words)
{
    refuses_as(jwks, text, F1_E_TOKEN_INVALID, words);
}

/* --- Tests */

static void test_a_token_of_the_issuer(void **state)
{
    f1_test_server_t *server = F1_TEST_SERVER({.bytes = jwks_of(jwk("k1", F1_TEST_RSA))});
    f1_jwks_t *jwks = jwks_with(server, &patient);
    f1_stranger_t stranger;
    const char *text;

    (void)state;
    text = token_with("k1", F1_TEST_RSA,
                      "{\"preferred_username\":\"niki\",\"email\":\"niki@example.com\",\"email_verified\":true,"
                      "\"aud\":[\"account\",\"f1board\"]}");
    assert_true(f1_jwks_is_for(jwks, text, f1_test_pool()));
    assert_int_equal(server->requests, 0);
    stranger = accepts(jwks, text);
    assert_string_equal(stranger.subject, "auth0|42");
    assert_string_equal(stranger.username, "niki");
    assert_string_equal(stranger.email, "niki@example.com");
    assert_true(stranger.expires_at > apr_time_now());
    accepts(jwks, text);
    assert_int_equal(server->requests, 1);
    assert_non_null(strstr(server->last_head, "GET /.well-known/jwks.json HTTP/1.1\r\n"));
    assert_non_null(strstr(f1_test_log(), "F1B0722"));
}

static void test_who_it_is(void **state)
{
    f1_jwks_t *jwks = jwks_with(F1_TEST_SERVER({.bytes = jwks_of(jwk("k1", F1_TEST_RSA))}), &patient);
    static const char *const nobody[] = {"{\"sub\":\"\"}", "{\"sub\":42}", "{\"sub\":null}"};
    static const char *const unproved[] = {"{\"email\":\"a@b.c\"}", "{\"email\":\"a@b.c\",\"email_verified\":false}",
                                           "{\"email\":\"a@b.c\",\"email_verified\":\"true\"}",
                                           "{\"email\":[\"a@b.c\"],\"email_verified\":true}"};
    size_t i;

    (void)state;
    assert_null(accepts(jwks, token("k1")).username);
    assert_string_equal(accepts(jwks, token_with("k1", F1_TEST_RSA, "{\"nickname\":\"niki\"}")).username, "niki");
    for (i = 0; i < sizeof(nobody) / sizeof(nobody[0]); i++) {
        refuses(jwks, token_with("k1", F1_TEST_RSA, nobody[i]), "it names nobody");
    }
    for (i = 0; i < sizeof(unproved) / sizeof(unproved[0]); i++) {
        assert_null(accepts(jwks, token_with("k1", F1_TEST_RSA, unproved[i])).email);
    }
}

static void test_claims(void **state)
{
    f1_jwks_t *jwks = jwks_with(F1_TEST_SERVER({.bytes = jwks_of(jwk("k1", F1_TEST_RSA))}), &patient);
    apr_int64_t now = apr_time_sec(apr_time_now());
    apr_pool_t *pool = f1_test_pool();

    (void)state;
    /* the time of others is the real one */
    assert_int_equal(f1_clock_set("2000-01-01T00:00:00Z@0", 0), APR_SUCCESS);
    accepts(jwks, token("k1"));
    refuses(jwks, token_with("k1", F1_TEST_RSA, "{\"aud\":\"account\"}"), "it is for another audience");
    refuses(jwks, token_with("k1", F1_TEST_RSA, "{\"aud\":null}"), "it is for another audience");
    refuses(jwks, token_with("k1", F1_TEST_RSA, "{\"exp\":null}"), "it never expires");
    refuses_as(jwks, token_with("k1", F1_TEST_RSA, apr_psprintf(pool, "{\"exp\":%ld}", (long)now - 1)),
               F1_E_TOKEN_EXPIRED, "has expired");
    refuses(jwks, token_with("k1", F1_TEST_RSA, apr_psprintf(pool, "{\"nbf\":%ld}", (long)now + 3600)),
            "it is not valid yet");
}

static void test_whose_token_it_is(void **state)
{
    f1_test_server_t *server = F1_TEST_SERVER({.bytes = jwks_of(jwk("k1", F1_TEST_RSA))});
    f1_jwks_t *jwks = jwks_with(server, &patient);
    apr_pool_t *pool = f1_test_pool();
    const char *ours = token_with("k1", F1_TEST_RSA, "{\"iss\":\"f1board\"}");

    (void)state;
    assert_false(f1_jwks_is_for(jwks, ours, pool));
    assert_false(f1_jwks_is_for(jwks, token_with("k1", F1_TEST_RSA, "{\"iss\":[\"" ISSUER "\"]}"), pool));
    assert_false(f1_jwks_is_for(jwks, token_with("k1", F1_TEST_RSA, "{\"iss\":null}"), pool));
    assert_false(f1_jwks_is_for(jwks, "", pool));
    assert_false(f1_jwks_is_for(jwks, NULL, pool));
    assert_false(f1_jwks_is_for(NULL, token("k1"), pool));
    refuses(jwks, ours, "it is of another issuer");
    refuses(jwks, "a.b.c", "it is no JSON Web Token");
    assert_int_equal(server->requests, 0);
}

static const char *signed_by(f1_alg_t alg, const char *with)
{
    apr_int64_t now = apr_time_sec(apr_time_now());
    json_t *claims =
        json_pack("{s:s, s:s, s:s, s:I}", "iss", ISSUER, "aud", AUDIENCE, "sub", "auth0|42", "exp", now + 3600);
    f1_key_t key = {"k1", alg, with, NULL};
    const char *text = NULL;
    apr_status_t rv = f1_jws_sign(&text, claims, &key, f1_test_pool(), f1_test_result());

    json_decref(claims);
    f1_assert_ok(rv, f1_test_result());
    return text;
}

static void test_forged_signatures(void **state)
{
    f1_test_server_t *server = F1_TEST_SERVER({.bytes = jwks_of(jwk("k1", F1_TEST_RSA))});
    f1_jwks_t *jwks = jwks_with(server, &patient);
    const char *good = token("k1");

    (void)state;
    /* the public key as a secret does not even make us ask for keys */
    refuses(jwks, signed_by(F1_ALG_HS256, f1_test_key(F1_TEST_RSA)->public_pem), "not signed with RS256");
    refuses(jwks, signed_by(F1_ALG_ES256, f1_test_key(F1_TEST_P256)->private_pem), "not signed with RS256");
    assert_int_equal(server->requests, 0);
    refuses(jwks, token_with("k1", F1_TEST_RSA_OTHER, "{}"), "its signature is wrong");
    refuses(jwks, apr_pstrmemdup(f1_test_pool(), good, strlen(good) - 4), "Invalid token");
    accepts(jwks, good);
}

static void test_rotation(void **state)
{
    const char *one = jwk("k1", F1_TEST_RSA), *two = jwk("k2", F1_TEST_RSA_OTHER);
    f1_test_server_t *server =
        F1_TEST_SERVER({.bytes = jwks_of(one)}, {.bytes = jwks_of(apr_pstrcat(f1_test_pool(), one, ",", two, NULL))},
                       {.bytes = jwks_of(two)}, {.bytes = jwks_of(two)});
    f1_jwks_t *jwks = jwks_with(server, &usual);

    (void)state;
    accepts(jwks, token("k1"));
    assert_int_equal(server->requests, 1);
    accepts(jwks, token_with("k2", F1_TEST_RSA_OTHER, "{}"));
    assert_int_equal(server->requests, 2);
    accepts(jwks, token("k1"));
    assert_int_equal(server->requests, 2);
    refuses(jwks, token("k3"), "its key is unknown");
    assert_int_equal(server->requests, 3);
    refuses(jwks, token("k1"), "its key is unknown");
    assert_int_equal(server->requests, 4);
    accepts(jwks, token_with("k2", F1_TEST_RSA_OTHER, "{}"));
    assert_int_equal(server->requests, 4);
}

static void test_unknown_keys_do_not_make_us_ask(void **state)
{
    f1_test_server_t *server = F1_TEST_SERVER({.bytes = jwks_of(jwk("k1", F1_TEST_RSA))});
    f1_jwks_t *jwks = jwks_with(server, NULL); /* as in a server */
    int i;

    (void)state;
    accepts(jwks, token("k1"));
    for (i = 0; i < 50; i++) {
        refuses(jwks, token(apr_psprintf(f1_test_pool(), "made-up-%d", i)), "its key is unknown");
    }
    accepts(jwks, token("k1"));
    assert_int_equal(server->requests, 1);
}

static void test_old_keys_are_asked_for_again(void **state)
{
    f1_test_server_t *server =
        F1_TEST_SERVER({.bytes = jwks_of(jwk("k1", F1_TEST_RSA))}, {.bytes = jwks_of(jwk("k1", F1_TEST_RSA_OTHER))});
    f1_jwks_t *jwks = jwks_with(server, &eager);

    (void)state;
    accepts(jwks, token("k1"));
    refuses(jwks, token("k1"), "its signature is wrong");
    assert_int_equal(server->requests, 2);
}

/* Whatever the issuer says instead of keys: those there are go on being good. */
static void test_an_issuer_in_trouble(void **state)
{
    static const char *const troubles[] = {
        "HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 404 Gone\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/latest/meta-data/\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 302 Found\r\nLocation: http://localhost:1/jwks\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n{\"keys\":{}}",
        "HTTP/1.1 200 OK\r\nContent-Length: 23\r\n\r\n{\"keys\":[],\"keys\":[{}]}",
        "HTTP/1.1 200 OK\r\nContent-Length: 9000000\r\n\r\n{",
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(troubles) / sizeof(troubles[0]); i++) {
        f1_test_server_t *server =
            F1_TEST_SERVER({.bytes = jwks_of(jwk("k1", F1_TEST_RSA))}, {.bytes = troubles[i], .then = F1_TEST_DROP},
                           {.bytes = troubles[i], .then = F1_TEST_DROP});
        f1_jwks_t *jwks = jwks_with(server, &usual);

        accepts(jwks, token("k1"));
        assert_int_equal(refuses_as(jwks, token("k2"), F1_E_UNAVAILABLE, "cannot be had right now"), 1);
        accepts(jwks, token("k1"));
        assert_int_equal(server->requests, 2);
    }
    assert_non_null(strstr(f1_test_log(), "F1B0721: the keys of " ISSUER " cannot be fetched"));
}

static void test_too_large_a_document(void **state)
{
    char *filler = apr_palloc(f1_test_pool(), F1_JWKS_MAX_BODY + 1);
    f1_test_server_t *server;

    (void)state;
    memset(filler, ' ', F1_JWKS_MAX_BODY);
    filler[F1_JWKS_MAX_BODY] = '\0';
    server = F1_TEST_SERVER(
        {.bytes = jwks_of(apr_pstrcat(f1_test_pool(), jwk("k1", F1_TEST_RSA), filler, NULL)), .then = F1_TEST_DROP});
    refuses_as(jwks_with(server, &patient), token("k1"), F1_E_UNAVAILABLE, "cannot be had right now");
    assert_non_null(strstr(f1_test_log(), "more than 262144 bytes"));
}

static void test_an_issuer_that_never_answered(void **state)
{
    f1_test_server_t *server =
        F1_TEST_SERVER({.bytes = "HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n", .then = F1_TEST_DROP},
                       {.bytes = jwks_of(jwk("k1", F1_TEST_RSA))});
    f1_jwks_t *jwks = jwks_with(server, NULL);
    int i, wait;

    (void)state;
    for (i = 0; i < 10; i++) {
        wait = refuses_as(jwks, token("k1"), F1_E_UNAVAILABLE, "cannot be had right now");
        assert_true(wait >= 1 && wait <= 10);
    }
    assert_int_equal(server->requests, 1);
    jwks = jwks_with(server, &usual);
    accepts(jwks, token("k1"));
}

static void test_keys_grow_stale(void **state)
{
    f1_jwks_options_t options = {.fresh = AT_ONCE, .stale = AT_ONCE, .refetch = NEVER, .retry = NEVER};
    f1_test_server_t *server = F1_TEST_SERVER({.bytes = jwks_of(jwk("k1", F1_TEST_RSA))});
    f1_jwks_t *jwks = jwks_with(server, &options);

    (void)state;
    /* nothing is known that is younger than a microsecond: neither now nor later is the key used */
    (void)f1_jwks_verify(&(f1_stranger_t){0}, token("k1"), jwks, f1_test_pool(), f1_result_make(f1_test_pool()));
    refuses(jwks, token("k1"), "its key is unknown");
    assert_int_equal(server->requests, 1);
}

typedef struct asker_t {
    f1_jwks_t *jwks;
    const char *token;
    apr_status_t rv;
} asker_t;

static void *APR_THREAD_FUNC ask(apr_thread_t *thread, void *data)
{
    apr_pool_t *pool = apr_thread_pool_get(thread);
    asker_t *asker = data;
    f1_stranger_t stranger;

    asker->rv = f1_jwks_verify(&stranger, asker->token, asker->jwks, pool, f1_result_make(pool));
    return NULL;
}

/* An issuer that does not answer holds one thread, and that not for ever. */
static void test_one_thread_waits(void **state)
{
    f1_test_server_t *server = F1_TEST_SERVER({.bytes = "", .then = F1_TEST_HANG});
    f1_jwks_options_t options = {.timeout = apr_time_from_sec(2)};
    asker_t asker = {jwks_with(server, &options), token("k1"), APR_SUCCESS};
    apr_thread_t *thread;
    apr_status_t rv;

    (void)state;
    assert_int_equal(apr_thread_create(&thread, NULL, ask, &asker, f1_test_pool()), APR_SUCCESS);
    while (server->requests == 0) {
        apr_sleep(1000);
    }
    refuses_as(asker.jwks, token("k1"), F1_E_UNAVAILABLE, "cannot be had right now");
    assert_int_equal(server->requests, 1);
    apr_thread_join(&rv, thread);
    assert_int_not_equal(asker.rv, APR_SUCCESS);
}

static int count_of(const char *text)
{
    f1_key_t keys[F1_JWKS_MAX_KEYS];

    return f1_jwks_read(keys, text, strlen(text), f1_test_pool(), f1_result_make(f1_test_pool()));
}

/* The key with one member changed: value is JSON, or NULL to take it out. */
static const char *jwk_but(const char *name, const char *value)
{
    json_t *doc = f1_test_json(jwk("k1", F1_TEST_RSA));
    const char *copy;
    char *text;

    if (value) {
        (void)json_object_set(doc, name,
                              json_array_get(f1_test_json(apr_pstrcat(f1_test_pool(), "[", value, "]", NULL)), 0));
    }
    else {
        (void)json_object_del(doc, name);
    }
    text = json_dumps(doc, 0);
    copy = apr_pstrcat(f1_test_pool(), "{\"keys\":[", text, "]}", NULL);
    free(text);
    return copy;
}

static void test_keys_that_are_passed_over(void **state)
{
    static const struct {
        const char *name, *value;
    } rows[] = {
        {"kty", "\"EC\""},
        {"kty", "\"oct\""},
        {"kty", "\"rsa\""},
        {"kty", "7"},
        {"kty", NULL},
        {"use", "\"enc\""},
        {"use", "null"},
        {"alg", "\"RS512\""},
        {"alg", "\"HS256\""},
        {"alg", "\"none\""},
        {"kid", NULL},
        {"kid", "\"\""},
        {"kid", "7"},
        {"n", NULL},
        {"n", "\"\""},
        {"n", "\"AQAB\""},
        {"n", "\"!\""},
        {"n", "7"},
        {"e", NULL},
        {"e", "\"\""},
        {"e", "\"AQ\""},
        {"e", "\"AAAB\""},
        {"e", "\"Ag\""},
        {"e", "\"AA\""},
        {"e", "\"AQAAAAAAAAAAAQAB\""},
    };
    size_t i;

    (void)state;
    assert_int_equal(count_of(jwk_but("x5c", "[\"AAAA\"]")), 1);
    assert_int_equal(count_of(jwk_but("use", NULL)), 1);
    assert_int_equal(count_of(jwk_but("alg", NULL)), 1);
    assert_int_equal(count_of(jwk_but("e", "\"Aw\"")), 1);
    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (count_of(jwk_but(rows[i].name, rows[i].value)) != 0) {
            fail_msg("a key with %s %s is taken", rows[i].name, rows[i].value ? rows[i].value : "missing");
        }
    }
    assert_int_equal(count_of(apr_pstrcat(f1_test_pool(), "{\"keys\":[", jwk("k1", F1_TEST_RSA_SHORT), "]}", NULL)), 0);
    assert_int_equal(count_of("{\"keys\":[null, 7, [], {}, \"k1\"]}"), 0);
    assert_int_equal(count_of("{\"keys\":[]}"), 0);
    assert_int_equal(count_of("[]"), -1);
    assert_int_equal(count_of(""), -1);
}

static void test_many_keys(void **state)
{
    const char *all = jwk("k0", F1_TEST_RSA), *text;
    f1_key_t keys[F1_JWKS_MAX_KEYS];
    int i;

    (void)state;
    for (i = 1; i < F1_JWKS_MAX_KEYS + 10; i++) {
        all =
            apr_pstrcat(f1_test_pool(), all, ",", jwk(apr_psprintf(f1_test_pool(), "k%d", i), F1_TEST_RSA_OTHER), NULL);
    }
    assert_int_equal(count_of(apr_pstrcat(f1_test_pool(), "{\"keys\":[", all, "]}", NULL)), F1_JWKS_MAX_KEYS);
    /* the first of two with one name */
    text = apr_psprintf(f1_test_pool(), "{\"keys\":[%s,%s]}", jwk("k", F1_TEST_RSA), jwk("k", F1_TEST_RSA_OTHER));
    assert_int_equal(f1_jwks_read(keys, text, strlen(text), f1_test_pool(), f1_test_result()), 1);
    assert_string_equal(keys[0].verifies, f1_test_key(F1_TEST_RSA)->public_pem);
}

static const char *wrong(const char *issuer, const char *audience, const char *url)
{
    const char *why = f1_issuer_wrong(&(f1_issuer_t){issuer, audience, url}, f1_test_pool());

    return why ? why : "";
}

static void test_what_may_be_configured(void **state)
{
    static const char *const urls[] = {"http://issuer.example/jwks",
                                       "ftp://issuer.example/jwks",
                                       "file:///etc/passwd",
                                       "/jwks",
                                       "issuer.example",
                                       "https://",
                                       "https:///jwks",
                                       "https://user:secret@issuer.example/jwks",
                                       "https://issuer.example/jwks#keys",
                                       "http://localhost.example/jwks",
                                       "http://127.0.0.2.example/",
                                       ""};
    size_t i;

    (void)state;
    assert_string_equal(wrong(ISSUER, "f1board", "https://tenant.example/.well-known/jwks.json"), "");
    assert_string_equal(wrong(ISSUER, "f1board", "http://localhost:8080/jwks"), "");
    assert_string_equal(wrong(ISSUER, "f1board", "http://127.0.0.1/jwks"), "");
    assert_string_equal(wrong(ISSUER, "f1board", "http://[::1]:8080/jwks"), "");
    for (i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
        assert_non_null(strstr(wrong(ISSUER, "f1board", urls[i]), "keys should be at a URL"));
    }
    assert_non_null(strstr(wrong("", "f1board", "https://a.example/"), "issuer and audience"));
    assert_non_null(strstr(wrong(ISSUER, "", "https://a.example/"), "issuer and audience"));
    assert_non_null(strstr(wrong(ISSUER, "f1 board", "https://a.example/"), "issuer and audience"));
    assert_non_null(strstr(wrong(ISSUER, "f1board\n", "https://a.example/"), "issuer and audience"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        F1_TEST(test_a_token_of_the_issuer),
        F1_TEST(test_who_it_is),
        F1_TEST(test_claims),
        F1_TEST(test_whose_token_it_is),
        F1_TEST(test_forged_signatures),
        F1_TEST(test_rotation),
        F1_TEST(test_unknown_keys_do_not_make_us_ask),
        F1_TEST(test_old_keys_are_asked_for_again),
        F1_TEST(test_an_issuer_in_trouble),
        F1_TEST(test_too_large_a_document),
        F1_TEST(test_an_issuer_that_never_answered),
        F1_TEST(test_keys_grow_stale),
        F1_TEST(test_one_thread_waits),
        F1_TEST(test_keys_that_are_passed_over),
        F1_TEST(test_many_keys),
        F1_TEST(test_what_may_be_configured),
    };

    return f1_test_run(tests);
}
