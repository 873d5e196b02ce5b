/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Base64 in its dialects, random words, key derivation and keys in PEM: against the vectors of their standards, and
 * with what is none. */

#include <string.h>

#include <apr_strings.h>

#include "base/base64.h"
#include "base/crypto.h"
#include "base/str.h"
#include "f1_test.h"
#include "f1_test_keys.h"

static void assert_decodes(const char *alphabet, const char *text, const char *bytes)
{
    size_t len = 99;
    unsigned char *decoded = f1_base64_decode(alphabet, text, strlen(text), &len, f1_test_pool());

    assert_non_null(decoded);
    assert_int_equal(len, strlen(bytes));
    assert_string_equal((char *)decoded, bytes);
}

static int decodes(const char *text, size_t len)
{
    size_t bytes;

    return f1_base64_decode(f1_base64_url, text, len, &bytes, f1_test_pool()) != NULL;
}

/* RFC 4648 section 10 */
static void test_base64_vectors(void **state)
{
    static const struct {
        const char *bytes, *padded, *plain;
    } rows[] = {{"", "", ""},
                {"f", "Zg==", "Zg"},
                {"fo", "Zm8=", "Zm8"},
                {"foo", "Zm9v", "Zm9v"},
                {"foob", "Zm9vYg==", "Zm9vYg"},
                {"fooba", "Zm9vYmE=", "Zm9vYmE"},
                {"foobar", "Zm9vYmFy", "Zm9vYmFy"}};
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const unsigned char *bytes = (const unsigned char *)rows[i].bytes;

        assert_string_equal(f1_base64_encode(f1_base64_standard, bytes, strlen(rows[i].bytes), f1_test_pool()),
                            rows[i].plain);
        assert_int_equal(F1_BASE64_LEN(strlen(rows[i].bytes)), strlen(rows[i].plain));
        assert_decodes(f1_base64_standard, rows[i].padded, rows[i].bytes);
        assert_decodes(f1_base64_standard, rows[i].plain, rows[i].bytes);
    }
}

static void test_base64_alphabets(void **state)
{
    static const unsigned char bytes[] = {0xfb, 0xff, 0xfe, 0x00};
    apr_pool_t *pool = f1_test_pool();

    (void)state;
    assert_string_equal(f1_base64_encode(f1_base64_url, bytes, 4, pool), "-__-AA");
    assert_string_equal(f1_base64_encode(f1_base64_standard, bytes, 4, pool), "+//+AA");
    assert_string_equal(f1_base64_encode(f1_base64_passlib, bytes, 4, pool), ".//.AA");
    assert_string_equal(f1_base64_encode(f1_base64_bcrypt, bytes, 4, pool), "8998..");
}

static void test_base64_refuses(void **state)
{
    (void)state;
    assert_false(decodes("Z", 1));
    assert_false(decodes("Zm9vY", 5));
    assert_false(decodes("Zm9v=", 5));
    assert_false(decodes("Zg=", 3));
    assert_false(decodes("Z===", 4));
    assert_false(decodes("====", 4));
    assert_false(decodes("Zg==Zg==", 8));
    assert_false(decodes("Zm+v", 4));
    assert_false(decodes("Zm\nv", 4));
    assert_false(decodes("Zm\0v", 4));
    assert_true(decodes("Zm-v", 4));
    assert_true(decodes("", 0));
}

static void test_random_words_differ(void **state)
{
    const char *one = f1_random_text(32, f1_test_pool()), *two = f1_random_text(32, f1_test_pool());

    (void)state;
    assert_int_equal(strlen(one), 43);
    assert_int_equal(strspn(one, f1_base64_url), 43);
    assert_string_not_equal(one, two);
}

static void test_uuid_has_its_form(void **state)
{
    const char *one = f1_random_uuid(f1_test_pool());
    int i;

    (void)state;
    assert_int_equal(strlen(one), 36);
    for (i = 0; i < 36; i++) {
        int dash = i == 8 || i == 13 || i == 18 || i == 23;

        assert_non_null(strchr(dash ? "-" : "0123456789abcdef", one[i]));
    }
    assert_int_equal(one[14], '4');
    assert_non_null(strchr("89ab", one[19]));
    assert_string_not_equal(one, f1_random_uuid(f1_test_pool()));
}

/* RFC 7914 section 11 */
/* RFC 4231 sections 4.3 and 4.7: a short key, and one that is longer than a block */
static void test_hmac_vectors(void **state)
{
    static const char data[] = "Test Using Larger Than Block-Size Key - Hash Key First";
    unsigned char key[131], out[F1_HMAC_LEN];

    (void)state;
    f1_hmac_sha256(out, "Jefe", 4, "what do ya want for nothing?", 28);
    assert_string_equal(f1_str_hex(out, sizeof(out), f1_test_pool()),
                        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    memset(key, 0xaa, sizeof(key));
    f1_hmac_sha256(out, key, sizeof(key), data, sizeof(data) - 1);
    assert_string_equal(f1_str_hex(out, sizeof(out), f1_test_pool()),
                        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

static void test_pbkdf2_vector(void **state)
{
    unsigned char out[64];

    (void)state;
    f1_pbkdf2_sha256("passwd", (const unsigned char *)"salt", 4, 1, out, sizeof(out));
    assert_string_equal(f1_str_hex(out, sizeof(out), f1_test_pool()),
                        "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"
                        "49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783");
}

static void test_secrets_are_compared_and_wiped(void **state)
{
    char one[] = "abcdef", two[] = "abcdeg";

    (void)state;
    assert_true(f1_secret_equal(one, two, 5));
    assert_false(f1_secret_equal(one, two, 6));
    f1_secret_wipe(one, 6);
    assert_memory_equal(one, "\0\0\0\0\0\0", 6);
}

static void test_a_secret_is_wiped_with_its_pool(void **state)
{
    static char secret[] = "secret";
    apr_pool_t *pool;

    (void)state;
    assert_int_equal(apr_pool_create(&pool, f1_test_pool()), APR_SUCCESS);
    f1_secret_wipe_with(pool, secret, 6);
    assert_string_equal(secret, "secret");
    apr_pool_destroy(pool);
    assert_memory_equal(secret, "\0\0\0\0\0\0", 6);
}

static f1_pem_t read_pem(const char *text)
{
    f1_pem_t pem;

    f1_assert_ok(f1_pem_read(&pem, text, strlen(text), f1_test_pool(), f1_test_result()), f1_test_result());
    return pem;
}

static void test_pem_kinds(void **state)
{
    const f1_test_key_t *rsa = f1_test_key(F1_TEST_RSA), *p256 = f1_test_key(F1_TEST_P256);
    f1_pem_t pem = read_pem(rsa->private_pem);

    (void)state;
    assert_int_equal(pem.kind, F1_PEM_RSA);
    assert_int_equal(pem.bits, 2048);
    assert_string_equal(pem.private_pem, rsa->private_pem);
    assert_string_equal(pem.public_pem, rsa->public_pem);
    pem = read_pem(rsa->public_pem);
    assert_null(pem.private_pem);
    assert_string_equal(pem.public_pem, rsa->public_pem);
    pem = read_pem(p256->private_pem);
    assert_int_equal(pem.kind, F1_PEM_P256);
    assert_string_equal(pem.public_pem, p256->public_pem);
    assert_int_equal(read_pem(f1_test_key(F1_TEST_P384)->private_pem).kind, F1_PEM_OTHER);
    assert_int_equal(read_pem(f1_test_key(F1_TEST_ED25519)->public_pem).kind, F1_PEM_OTHER);
}

static void test_pem_refuses(void **state)
{
    static const char *const texts[] = {
        "",
        "secret",
        "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
        /* with a passphrase, for which nobody may be asked */
        ("-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n"
         "DEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF\n\nAAAA\n-----END RSA PRIVATE KEY-----\n"),
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        f1_result_t *res = f1_result_make(f1_test_pool());
        f1_pem_t pem;

        assert_int_not_equal(f1_pem_read(&pem, texts[i], strlen(texts[i]), f1_test_pool(), res), APR_SUCCESS);
        assert_non_null(strstr(res->detail, "not a PEM text"));
    }
}

static void test_rsa_numbers_make_the_same_key(void **state)
{
    const f1_test_key_t *rsa = f1_test_key(F1_TEST_RSA);
    apr_pool_t *pool = f1_test_pool();
    size_t n_len, e_len;
    unsigned char *n = f1_base64_decode(f1_base64_url, rsa->n, strlen(rsa->n), &n_len, pool);
    unsigned char *e = f1_base64_decode(f1_base64_url, rsa->e, strlen(rsa->e), &e_len, pool);

    (void)state;
    assert_string_equal(f1_pem_from_rsa(n, n_len, e, e_len, pool), rsa->public_pem);
    assert_null(f1_pem_from_rsa(n, 1024 * 1024, e, e_len, pool));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        F1_TEST(test_base64_vectors),
        F1_TEST(test_base64_alphabets),
        F1_TEST(test_base64_refuses),
        F1_TEST(test_random_words_differ),
        F1_TEST(test_uuid_has_its_form),
        F1_TEST(test_hmac_vectors),
        F1_TEST(test_pbkdf2_vector),
        F1_TEST(test_secrets_are_compared_and_wiped),
        F1_TEST(test_a_secret_is_wiped_with_its_pool),
        F1_TEST(test_pem_kinds),
        F1_TEST(test_pem_refuses),
        F1_TEST(test_rsa_numbers_make_the_same_key),
    };

    return f1_test_run(tests);
}
