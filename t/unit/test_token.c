/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Access tokens: what is signed is accepted, and everything that people forge is not. Forged tokens are made with the
 * same function that signs, given what a forger has, or put together by hand. */

#include <stdlib.h>
#include <string.h>

#include <apr_file_io.h>
#include <apr_strings.h>

#include "auth/jws.h"
#include "auth/token.h"
#include "base/base64.h"
#include "base/clock.h"
#include "f1_test.h"
#include "f1_test_keys.h"

#define NOW "2024-07-28T13:00:00Z@0"
#define NOW_SECONDS 1722171600
#define ISSUER "https://f1.example.com/f1"
#define AUDIENCE "f1board"
#define USER "0193b0c8-0000-7000-8000-000000000001"
#define SESSION "0193b0c8-0000-7000-8000-00000000000a"
#define SECRET "gyCXbRQ5mUq0vLr3TnWz7PsKfHd2JxAe"

static apr_status_t remove_file(void *path)
{
    return apr_file_remove(path, f1_test_pool());
}

/* A file for as long as the test lasts, which only we may read. */
static const char *file_of(const char *text)
{
    apr_pool_t *pool = f1_test_pool();
    char *path = apr_pstrdup(pool, "/tmp/f1t-token.XXXXXX");
    apr_file_t *file;

    assert_int_equal(apr_file_mktemp(&file, path, APR_FOPEN_CREATE | APR_FOPEN_WRITE | APR_FOPEN_EXCL, pool),
                     APR_SUCCESS);
    assert_int_equal(apr_file_write_full(file, text, strlen(text), NULL), APR_SUCCESS);
    assert_int_equal(apr_file_close(file), APR_SUCCESS);
    apr_pool_pre_cleanup_register(pool, path, remove_file);
    return path;
}

static const f1_keyring_t *ring_of(const char *text)
{
    f1_keyring_t *ring = NULL;

    f1_assert_ok(f1_keyring_load(&ring, file_of(text), f1_test_pool(), f1_test_result()), f1_test_result());
    return ring;
}

static f1_token_rules_t rules_of(const char *secrets)
{
    assert_int_equal(f1_clock_set(NOW, 0), APR_SUCCESS);
    return (f1_token_rules_t){ring_of(secrets), ISSUER, AUDIENCE, apr_time_from_sec(900)};
}

static f1_claims_t somebody(void)
{
    return (f1_claims_t){.user_id = USER, .username = "lauda", .role = "user", .session_id = SESSION};
}

static const char *sign(const f1_token_rules_t *rules)
{
    f1_claims_t claims = somebody();
    const char *token = NULL;

    f1_assert_ok(f1_token_sign(&token, &claims, rules, f1_test_pool(), f1_test_result()), f1_test_result());
    return token;
}

static f1_claims_t accepts(const f1_token_rules_t *rules, const char *token)
{
    f1_claims_t claims;

    f1_assert_ok(f1_token_verify(&claims, token, rules, f1_test_pool(), f1_test_result()), f1_test_result());
    return claims;
}

static void refuses_as(const f1_token_rules_t *rules, const char *token, f1_error_t error, const char *words)
{
    f1_result_t *res = f1_result_make(f1_test_pool());
    f1_claims_t claims;

    assert_int_not_equal(f1_token_verify(&claims, token, rules, f1_test_pool(), res), APR_SUCCESS);
    assert_null(claims.user_id);
    if (res->error != error || !strstr(res->detail, words)) {
        fail_msg("%s, not %s with \"%s\"", f1_result_text(res, f1_test_pool()), f1_error_code(error), words);
    }
}

static void refuses(const f1_token_rules_t *rules, const char *token, const char *words)
{
    refuses_as(rules, token, F1_E_TOKEN_INVALID, words);
}

/* --- What a forger does */

static const char *encode(const char *text)
{
    return f1_base64_encode(f1_base64_url, (const unsigned char *)text, strlen(text), f1_test_pool());
}

/* Three parts of text; signature as it stands. */
static const char *glue(const char *header, const char *claims, const char *signature)
{
    return apr_pstrcat(f1_test_pool(), encode(header), ".", encode(claims), ".", signature, NULL);
}

static const char *part_of(const char *token, int number)
{
    for (; number > 0; number--) {
        token = strchr(token, '.') + 1;
    }
    return apr_pstrmemdup(f1_test_pool(), token, strcspn(token, "."));
}

static const char claims_template[] =
    "{\"iss\":\"" ISSUER "\",\"aud\":\"" AUDIENCE "\",\"sub\":\"" USER "\",\"preferred_username\":\"lauda\","
    "\"role\":\"user\",\"sid\":\"" SESSION "\",\"jti\":\"0193b0c8-0000-7000-8000-00000000000b\"}";

/* The claims of a good token, with one changed: value is JSON, or NULL to take it out. */
static json_t *claims_but(const char *name, const char *value)
{
    json_t *claims = f1_test_json(claims_template);

    (void)json_object_set_new(claims, "iat", json_integer(NOW_SECONDS));
    (void)json_object_set_new(claims, "nbf", json_integer(NOW_SECONDS));
    (void)json_object_set_new(claims, "exp", json_integer(NOW_SECONDS + 900));
    if (value) {
        json_t *wrapped = f1_test_json(apr_pstrcat(f1_test_pool(), "[", value, "]", NULL));

        (void)json_object_set(claims, name, json_array_get(wrapped, 0));
    }
    else {
        (void)json_object_del(claims, name);
    }
    return claims;
}

static const char *signed_by(f1_alg_t alg, const char *kid, const char *with, const json_t *claims)
{
    f1_key_t key = {kid, alg, with, with};
    const char *token = NULL;

    f1_assert_ok(f1_jws_sign(&token, claims, &key, f1_test_pool(), f1_test_result()), f1_test_result());
    return token;
}

/* A token that the right key signed, with one claim changed. */
static const char *with_claim(const char *name, const char *value)
{
    return signed_by(F1_ALG_HS256, "k1", SECRET, claims_but(name, value));
}

static const char *time_from_now(int seconds)
{
    return apr_itoa(f1_test_pool(), NOW_SECONDS + seconds);
}

/* --- Tests */

static void test_sign_and_verify(void **state)
{
    f1_token_rules_t rules = rules_of("k1 HS256 " SECRET);
    f1_claims_t given = somebody(), read;
    const char *token = NULL;

    (void)state;
    f1_assert_ok(f1_token_sign(&token, &given, &rules, f1_test_pool(), f1_test_result()), f1_test_result());
    read = accepts(&rules, token);
    assert_string_equal(read.user_id, USER);
    assert_string_equal(read.username, "lauda");
    assert_string_equal(read.role, "user");
    assert_string_equal(read.session_id, SESSION);
    assert_string_equal(read.token_id, given.token_id);
    assert_true(read.issued_at == apr_time_from_sec(NOW_SECONDS));
    assert_true(read.expires_at == apr_time_from_sec(NOW_SECONDS + 900));
    assert_true(given.expires_at == read.expires_at);
    assert_string_not_equal(token, sign(&rules));
}

static void test_what_is_in_a_token(void **state)
{
    f1_token_rules_t rules = rules_of("k1 HS256 " SECRET);
    const char *header = part_of(sign(&rules), 0);
    size_t len;
    json_t *doc = f1_test_json((char *)f1_base64_decode(f1_base64_url, header, strlen(header), &len, f1_test_pool()));

    (void)state;
    f1_assert_json(doc, "alg", "\"HS256\"");
    f1_assert_json(doc, "typ", "\"JWT\"");
    f1_assert_json(doc, "kid", "\"k1\"");
}

static void test_all_algorithms(void **state)
{
    static const struct {
        const char *name;
        f1_test_key_kind_t kind;
    } rows[] = {{"RS256", F1_TEST_RSA}, {"ES256", F1_TEST_P256}};
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const f1_test_key_t *key = f1_test_key(rows[i].kind);
        const char *line = apr_psprintf(f1_test_pool(), "k2 %s %s", rows[i].name, file_of(key->private_pem));
        f1_token_rules_t rules = rules_of(line), verifier;
        int n;

        for (n = 0; n < 20; n++) { /* signatures of ES256 have numbers of several lengths */
            assert_string_equal(accepts(&rules, sign(&rules)).user_id, USER);
        }
        line = apr_psprintf(f1_test_pool(), "k1 HS256 " SECRET "\nk2 %s %s", rows[i].name, file_of(key->public_pem));
        verifier = rules_of(line);
        assert_string_equal(accepts(&verifier, sign(&rules)).user_id, USER);
    }
}

static void test_rotation(void **state)
{
    static const char other[] = "Zq8wE1rTy2Ui3Op4As5Df6Gh7Jk8Lz9X";
    f1_token_rules_t before = rules_of("k1 HS256 " SECRET);
    f1_token_rules_t both = rules_of(apr_psprintf(f1_test_pool(), "k2 HS256 %s\nk1 HS256 " SECRET, other));
    f1_token_rules_t after = rules_of(apr_psprintf(f1_test_pool(), "k2 HS256 %s", other));
    const char *old = sign(&before), *new = sign(&both);

    (void)state;
    assert_string_equal(accepts(&both, old).user_id, USER);
    assert_string_equal(accepts(&both, new).user_id, USER);
    assert_string_equal(accepts(&after, new).user_id, USER);
    refuses(&after, old, "its key is unknown");
    refuses(&before, new, "its key is unknown");
    /* a key of the same name is not the same key */
    both = rules_of(apr_psprintf(f1_test_pool(), "k1 HS256 %s", other));
    refuses(&both, old, "its signature is wrong");
}

static void test_alg_none(void **state)
{
    static const char *const names[] = {"none", "None", "NONE", "nOnE", ""};
    f1_token_rules_t rules = rules_of("k1 HS256 " SECRET);
    const char *claims = json_dumps(claims_but("role", "\"admin\""), 0), *header;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        header = apr_psprintf(f1_test_pool(), "{\"alg\":\"%s\",\"kid\":\"k1\"}", names[i]);
        refuses(&rules, glue(header, claims, ""), "it is no JSON Web Token");
        refuses(&rules, glue(header, claims, "AAAA"), "its algorithm is not that of its key");
        refuses(&rules, glue(header, claims, part_of(sign(&rules), 2)), "its algorithm is not that of its key");
    }
    free((char *)claims);
}

/* The public key, which everybody has, as the secret of an HMAC. */
static void test_public_key_as_hmac_secret(void **state)
{
    static const char *const algs[] = {"RS256", "ES256"};
    const f1_test_key_t *keys[] = {f1_test_key(F1_TEST_RSA), f1_test_key(F1_TEST_P256)};
    int i;

    (void)state;
    for (i = 0; i < 2; i++) {
        f1_token_rules_t rules =
            rules_of(apr_psprintf(f1_test_pool(), "k1 %s %s", algs[i], file_of(keys[i]->private_pem)));
        json_t *claims = claims_but("role", "\"admin\"");

        refuses(&rules, signed_by(F1_ALG_HS256, "k1", keys[i]->public_pem, claims), "its algorithm is not");
        refuses(&rules, signed_by(i ? F1_ALG_RS256 : F1_ALG_ES256, "k1", keys[!i]->private_pem, claims),
                "its algorithm is not");
        refuses(&rules,
                signed_by(i ? F1_ALG_ES256 : F1_ALG_RS256, "k1",
                          f1_test_key(i ? F1_TEST_P384 : F1_TEST_RSA_OTHER)->private_pem, claims),
                "its signature is wrong");
    }
}

static void test_signatures(void **state)
{
    f1_token_rules_t rules = rules_of("k1 HS256 " SECRET);
    const char *token = sign(&rules), *head = apr_pstrmemdup(f1_test_pool(), token, strlen(token) - 43);
    char *changed = apr_pstrdup(f1_test_pool(), token);
    size_t len = strlen(token), i;

    (void)state;
    refuses(&rules, apr_pstrmemdup(f1_test_pool(), token, len - 1), "Invalid token");
    refuses(&rules, apr_pstrmemdup(f1_test_pool(), token, len - 3), "Invalid token");
    refuses(&rules, apr_pstrmemdup(f1_test_pool(), token, len - 40), "Invalid token");
    refuses(&rules, head, "it is no JSON Web Token");
    refuses(&rules, apr_pstrcat(f1_test_pool(), token, "A", NULL), "Invalid token");
    refuses(&rules, apr_pstrcat(f1_test_pool(), token, "=", NULL), "Invalid token");
    refuses(&rules, apr_pstrcat(f1_test_pool(), head, encode("other signature, of 32 bytes too"), NULL),
            "its signature is wrong");
    refuses(&rules, signed_by(F1_ALG_HS256, "k1", "Zq8wE1rTy2Ui3Op4As5Df6Gh7Jk8Lz9X", claims_but("role", "\"user\"")),
            "its signature is wrong");
    for (i = 0; i < len; i++) { /* no character may change, the unused bits of the last one included */
        changed[i] = changed[i] == 'A' ? 'B' : changed[i] == 'B' ? 'A' : (char)(changed[i] ^ 1);
        refuses(&rules, changed, "Invalid token");
        changed[i] = token[i];
    }
    accepts(&rules, changed);
}

static void test_issuer_and_audience(void **state)
{
    static const char *const issuers[] = {
        "\"\"", "\"" ISSUER "/\"", "\"https://evil.example\"", "[\"" ISSUER "\"]", "null", NULL};
    static const char *const audiences[] = {"\"\"",
                                            "\"F1board\"",
                                            "\"f1board2\"",
                                            "\"f1board f1board2\"",
                                            "[]",
                                            "[\"other\"]",
                                            "[[\"f1board\"]]",
                                            "{\"f1board\":1}",
                                            "7",
                                            "null",
                                            NULL};
    f1_token_rules_t rules = rules_of("k1 HS256 " SECRET), other = rules;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(issuers) / sizeof(issuers[0]); i++) {
        refuses(&rules, with_claim("iss", issuers[i]), "it is of another issuer");
    }
    for (i = 0; i < sizeof(audiences) / sizeof(audiences[0]); i++) {
        refuses(&rules, with_claim("aud", audiences[i]), "it is for another audience");
    }
    accepts(&rules, with_claim("aud", "[\"other\",\"f1board\"]"));
    other.audience = "f1board-staging";
    refuses(&rules, sign(&other), "it is for another audience");
    other = rules;
    other.issuer = "https://staging.example.com/f1";
    refuses(&rules, sign(&other), "it is of another issuer");
}

static void test_times(void **state)
{
    f1_token_rules_t rules = rules_of("k1 HS256 " SECRET);

    (void)state;
    accepts(&rules, with_claim("exp", time_from_now(1)));
    refuses_as(&rules, with_claim("exp", time_from_now(0)), F1_E_TOKEN_EXPIRED, "has expired");
    refuses_as(&rules, with_claim("exp", time_from_now(-1)), F1_E_TOKEN_EXPIRED, "has expired");
    refuses_as(&rules, with_claim("exp", "0"), F1_E_TOKEN_EXPIRED, "has expired");
    accepts(&rules, with_claim("nbf", time_from_now(30)));
    refuses(&rules, with_claim("nbf", time_from_now(31)), "it is not valid yet");
    accepts(&rules, with_claim("iat", time_from_now(30)));
    refuses(&rules, with_claim("iat", time_from_now(31)), "it is not valid yet");
    /* it expires by the clock */
    assert_int_equal(f1_clock_set("2024-07-28T13:14:59Z@0", 0), APR_SUCCESS);
    accepts(&rules, with_claim("role", "\"user\""));
    assert_int_equal(f1_clock_set("2024-07-28T13:15:01Z@0", 0), APR_SUCCESS);
    refuses_as(&rules, with_claim("role", "\"user\""), F1_E_TOKEN_EXPIRED, "has expired");
    /* what was never right has not expired */
    refuses(&rules, signed_by(F1_ALG_HS256, "k1", "Zq8wE1rTy2Ui3Op4As5Df6Gh7Jk8Lz9X", claims_but("role", "\"user\"")),
            "its signature is wrong");
}

static void test_times_that_are_none(void **state)
{
    static const char *const values[] = {"null", "\"1722172500\"", "-1", "true", "[]", "1e300", NULL};
    f1_token_rules_t rules = rules_of("k1 HS256 " SECRET);
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        refuses(&rules, with_claim("exp", values[i]), "it never expires");
        refuses(&rules, with_claim("nbf", values[i]), values[i] ? "it is not valid yet" : "a claim is missing");
        refuses(&rules, with_claim("iat", values[i]), values[i] ? "it is not valid yet" : "a claim is missing");
    }
    accepts(&rules, with_claim("exp", "1722172500.5"));
}

static void test_all_claims_are_required(void **state)
{
    static const char *const names[] = {"sub", "preferred_username", "role", "sid", "jti"};
    static const char *const values[] = {"\"\"", "null", "7", "[\"x\"]", NULL};
    f1_token_rules_t rules = rules_of("k1 HS256 " SECRET);
    size_t i, j;

    (void)state;
    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        for (j = 0; j < sizeof(values) / sizeof(values[0]); j++) {
            refuses(&rules, with_claim(names[i], values[j]), "a claim is missing");
        }
    }
    refuses(&rules, with_claim("role", "\"root\""), "its role is unknown");
    refuses(&rules, with_claim("role", "\"Admin\""), "its role is unknown");
    accepts(&rules, with_claim("role", "\"admin\""));
    accepts(&rules, with_claim("anything", "{\"else\": [1, 2]}"));
}

static void test_key_names(void **state)
{
    static const char *const kids[] = {
        "", "k2", "K1", "../k1", "/dev/null", "k1\\u0000", "k1 ", "k1' OR '1'='1", "\xc3\xa4", "file:///etc/passwd"};
    f1_token_rules_t rules = rules_of("k1 HS256 " SECRET);
    const char *claims = json_dumps(claims_but("role", "\"user\""), 0), *signature = part_of(sign(&rules), 2);
    char *longest = apr_pcalloc(f1_test_pool(), F1_KID_MAX + 2);
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(kids) / sizeof(kids[0]); i++) {
        const char *header = apr_psprintf(f1_test_pool(), "{\"alg\":\"HS256\",\"kid\":\"%s\"}", kids[i]);

        refuses(&rules, glue(header, claims, signature), "Invalid token");
    }
    refuses(&rules, glue("{\"alg\":\"HS256\"}", claims, signature), "names no algorithm or no key");
    refuses(&rules, glue("{\"alg\":\"HS256\",\"kid\":1}", claims, signature), "names no algorithm or no key");
    refuses(&rules, glue("{\"kid\":\"k1\"}", claims, signature), "names no algorithm or no key");
    refuses(&rules, glue("{\"alg\":null,\"kid\":\"k1\"}", claims, signature), "names no algorithm or no key");
    memset(longest, 'k', F1_KID_MAX + 1);
    refuses(&rules, signed_by(F1_ALG_HS256, longest, SECRET, claims_but("role", "\"user\"")),
            "names no algorithm or no key");
    longest[F1_KID_MAX] = '\0';
    refuses(&rules, signed_by(F1_ALG_HS256, longest, SECRET, claims_but("role", "\"user\"")), "its key is unknown");
    free((char *)claims);
}

static void test_headers_that_bring_keys_or_extensions(void **state)
{
    f1_token_rules_t rules = rules_of("k1 HS256 " SECRET);
    const char *claims = json_dumps(claims_but("role", "\"user\""), 0), *signature = part_of(sign(&rules), 2);
    static const char start[] = "{\"alg\":\"HS256\",\"kid\":\"k1\",";
    static const char *const unknown[] = {"\"crit\":[\"exp\"]}", "\"crit\":[]}", "\"typ\":\"logout+jwt\"}",
                                          "\"typ\":\"\"}",       "\"typ\":7}",   "\"crit\":[\"b64\"],\"b64\":false}"};
    static const char *const keys[] = {"\"jwk\":{\"kty\":\"oct\",\"k\":\"AAAA\"}}",
                                       "\"jku\":\"https://evil.example/\"}", "\"x5u\":\"https://evil.example/\"}",
                                       "\"x5c\":[\"AAAA\"]}"};
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
        refuses(&rules, glue(apr_pstrcat(f1_test_pool(), start, unknown[i], NULL), claims, signature),
                "asks for something unknown");
    }
    for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        refuses(&rules, glue(apr_pstrcat(f1_test_pool(), start, keys[i], NULL), claims, signature),
                "its signature is wrong");
    }
    free((char *)claims);
}

static void test_duplicate_members(void **state)
{
    f1_token_rules_t rules = rules_of("k1 HS256 " SECRET);
    static const char twice[] = "{\"role\":\"user\",\"role\":\"admin\"}";

    (void)state;
    refuses(&rules, glue("{\"alg\":\"HS256\",\"kid\":\"k1\"}", twice, "AAAA"), "it is no JSON Web Token");
    refuses(&rules, glue("{\"alg\":\"HS256\",\"alg\":\"none\",\"kid\":\"k1\"}", "{}", "AAAA"),
            "it is no JSON Web Token");
}

static void test_what_is_no_token(void **state)
{
    static const char *const texts[] = {"",
                                        ".",
                                        "..",
                                        "...",
                                        "a",
                                        "a.b",
                                        "a.b.",
                                        ".b.c",
                                        "a..c",
                                        "a.b.c.d",
                                        "a.b.c.",
                                        "a.b.c.d.e",
                                        "e30.e30.AAAA",
                                        "e30=.e30.AAAA",
                                        "e 0.e30.AAAA",
                                        "e30.W10.AAAA",
                                        "bnVsbA.bnVsbA.AAAA"};
    f1_token_rules_t rules = rules_of("k1 HS256 " SECRET), none = rules;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        refuses(&rules, texts[i], "Invalid token");
    }
    refuses(&rules, NULL, "it is no JSON Web Token");
    none.keys = NULL;
    refuses_as(&none, sign(&rules), F1_E_UNAVAILABLE, "has no accounts");
}

static void test_oversized_and_deep(void **state)
{
    f1_token_rules_t rules = rules_of("k1 HS256 " SECRET);
    char *big = apr_pcalloc(f1_test_pool(), 1024 * 1024 + 1);
    const char *filler, *token;
    size_t room;

    (void)state;
    memset(big, 'a', 1024 * 1024);
    refuses(&rules, big, "it is no JSON Web Token");
    refuses(&rules, apr_psprintf(f1_test_pool(), "e30.%s.AAAA", big), "it is no JSON Web Token");
    memset(big, '[', 3000);
    big[3000] = '\0';
    refuses(&rules, glue(big, "{}", "AAAA"), "it is no JSON Web Token");
    /* exactly as long as it may be, and then longer */
    room = F1_TOKEN_MAX * 3 / 4 - 700;
    for (token = ""; strlen(token) <= F1_TOKEN_MAX; room++) {
        memset(big, 'x', room);
        big[room] = '\0';
        filler = apr_pstrcat(f1_test_pool(), "\"", big, "\"", NULL);
        token = with_claim("filler", filler);
        if (strlen(token) <= F1_TOKEN_MAX) {
            accepts(&rules, token);
        }
    }
    refuses(&rules, token, "it is no JSON Web Token");
}

static void test_signing_without_keys_or_text(void **state)
{
    f1_token_rules_t rules = rules_of("k1 HS256 " SECRET);
    f1_result_t *res = f1_result_make(f1_test_pool());
    f1_claims_t claims = somebody();
    const char *token;

    (void)state;
    claims.username = "\xff";
    assert_int_not_equal(f1_token_sign(&token, &claims, &rules, f1_test_pool(), res), APR_SUCCESS);
    assert_int_equal(res->error, F1_E_INTERNAL);
    rules.keys = NULL;
    claims = somebody();
    res = f1_result_make(f1_test_pool());
    assert_int_not_equal(f1_token_sign(&token, &claims, &rules, f1_test_pool(), res), APR_SUCCESS);
    assert_int_equal(res->error, F1_E_UNAVAILABLE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        F1_TEST(test_sign_and_verify),
        F1_TEST(test_what_is_in_a_token),
        F1_TEST(test_all_algorithms),
        F1_TEST(test_rotation),
        F1_TEST(test_alg_none),
        F1_TEST(test_public_key_as_hmac_secret),
        F1_TEST(test_signatures),
        F1_TEST(test_issuer_and_audience),
        F1_TEST(test_times),
        F1_TEST(test_times_that_are_none),
        F1_TEST(test_all_claims_are_required),
        F1_TEST(test_key_names),
        F1_TEST(test_headers_that_bring_keys_or_extensions),
        F1_TEST(test_duplicate_members),
        F1_TEST(test_what_is_no_token),
        F1_TEST(test_oversized_and_deep),
        F1_TEST(test_signing_without_keys_or_text),
    };

    return f1_test_run(tests);
}
