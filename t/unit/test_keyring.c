/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* The file of secrets: what it may hold, who may read it, and that what it holds is told to nobody. */

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <apr_file_io.h>
#include <apr_strings.h>

#include "auth/keyring.h"
#include "f1_test.h"
#include "f1_test_keys.h"

#define SECRET "gyCXbRQ5mUq0vLr3TnWz7PsKfHd2JxAe"
#define OTHER "0123456789abcdefghijklmnopqrstuvwxyz"

static char folder[] = "/tmp/f1t-keyring.XXXXXX";

/* A file of the test's folder, with these rights. */
static const char *file_of(const char *name, const char *text, mode_t rights)
{
    const char *path = apr_pstrcat(f1_test_pool(), folder, "/", name, NULL);
    apr_file_t *file;

    (void)unlink(path);
    assert_int_equal(apr_file_open(&file, path, APR_FOPEN_WRITE | APR_FOPEN_CREATE | APR_FOPEN_TRUNCATE,
                                   APR_FPROT_UREAD | APR_FPROT_UWRITE, f1_test_pool()),
                     APR_SUCCESS);
    assert_int_equal(apr_file_write_full(file, text, strlen(text), NULL), APR_SUCCESS);
    assert_int_equal(apr_file_close(file), APR_SUCCESS);
    assert_int_equal(chmod(path, rights), 0);
    return path;
}

static f1_keyring_t *load(const char *text)
{
    f1_keyring_t *ring = NULL;

    f1_assert_ok(f1_keyring_load(&ring, file_of("secrets", text, 0600), f1_test_pool(), f1_test_result()),
                 f1_test_result());
    return ring;
}

/* Loading fails, with words that hold these and no secret. */
static void refuses_file(const char *path, const char *words)
{
    f1_result_t *res = f1_result_make(f1_test_pool());
    f1_keyring_t *ring;

    assert_int_not_equal(f1_keyring_load(&ring, path, f1_test_pool(), res), APR_SUCCESS);
    assert_non_null(res->detail);
    if (!strstr(res->detail, words)) {
        fail_msg("\"%s\" does not say \"%s\"", res->detail, words);
    }
    assert_null(strstr(res->detail, "gyCX"));
    assert_null(strstr(res->detail, "BEGIN"));
}

static void refuses(const char *text, const char *words)
{
    refuses_file(file_of("secrets", text, 0600), words);
}

static void test_first_signs_and_all_verify(void **state)
{
    f1_keyring_t *ring = load("# a comment\n\n  \t\nnew HS256 " SECRET "\r\n  old\tHS256   " OTHER "  \n");

    (void)state;
    assert_int_equal(f1_keyring_count(ring), 2);
    assert_string_equal(f1_keyring_signer(ring)->kid, "new");
    assert_string_equal(f1_keyring_signer(ring)->signs, SECRET);
    assert_int_equal(f1_keyring_find(ring, "old")->alg, F1_ALG_HS256);
    assert_string_equal(f1_keyring_find(ring, "old")->verifies, OTHER);
    assert_null(f1_keyring_find(ring, "NEW"));
    assert_null(f1_keyring_find(ring, ""));
    assert_null(f1_keyring_find(ring, "../secrets"));
}

static void test_pem_files_beside_it(void **state)
{
    const char *path = file_of("rsa.pem", f1_test_key(F1_TEST_RSA)->private_pem, 0600);
    f1_keyring_t *ring;

    (void)state;
    file_of("ec.pem", f1_test_key(F1_TEST_P256)->public_pem, 0644);
    ring = load(apr_pstrcat(f1_test_pool(), "r RS256 ", path, "\ne ES256 ec.pem\n", NULL));
    assert_string_equal(f1_keyring_signer(ring)->signs, f1_test_key(F1_TEST_RSA)->private_pem);
    assert_string_equal(f1_keyring_signer(ring)->verifies, f1_test_key(F1_TEST_RSA)->public_pem);
    assert_null(f1_keyring_find(ring, "e")->signs);
    assert_string_equal(f1_keyring_find(ring, "e")->verifies, f1_test_key(F1_TEST_P256)->public_pem);
}

static void test_keys_of_the_wrong_kind(void **state)
{
    (void)state;
    file_of("rsa.pem", f1_test_key(F1_TEST_RSA)->private_pem, 0600);
    file_of("short.pem", f1_test_key(F1_TEST_RSA_SHORT)->private_pem, 0600);
    file_of("p256.pem", f1_test_key(F1_TEST_P256)->private_pem, 0600);
    file_of("p384.pem", f1_test_key(F1_TEST_P384)->private_pem, 0600);
    file_of("public.pem", f1_test_key(F1_TEST_RSA)->public_pem, 0644);
    file_of("text.pem", "gyCX", 0600);
    refuses("a RS256 short.pem\n", ":1: RS256 takes an RSA key of 2048 to 8192 bits");
    refuses("a RS256 p256.pem\n", "RS256 takes an RSA key");
    refuses("a ES256 rsa.pem\n", "ES256 takes a key on the curve P-256");
    refuses("a ES256 p384.pem\n", "ES256 takes a key on the curve P-256");
    refuses("a RS256 public.pem\n", "the first key signs: it must be a private one");
    refuses("a RS256 text.pem\n", "not a PEM text");
    refuses("a RS256 none.pem\n", "none.pem: No such file");
    refuses("a RS256 .\n", "is not a file of at most");
}

static void test_who_may_read(void **state)
{
    static const mode_t wrong[] = {0604, 0602, 0620, 0606, 0644, 0666, 0777};
    const char *text = "a HS256 " SECRET "\n";
    f1_keyring_t *ring;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        refuses_file(file_of("secrets", text, wrong[i]), "chmod 600");
    }
    f1_assert_ok(f1_keyring_load(&ring, file_of("secrets", text, 0640), f1_test_pool(), f1_test_result()),
                 f1_test_result());
    file_of("rsa.pem", f1_test_key(F1_TEST_RSA)->private_pem, 0644);
    refuses("a RS256 rsa.pem\n", "chmod 600");
    file_of("public.pem", f1_test_key(F1_TEST_RSA)->public_pem, 0664);
    refuses("a HS256 " SECRET "\nb RS256 public.pem\n", ":2: ");
}

static void test_weak_secrets(void **state)
{
    (void)state;
    refuses("a HS256 gyCXbRQ5mUq0vLr3TnWz7PsKfHd2JxA\n", ":1: the secret is shorter than 32 characters");
    refuses("a HS256 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n", "the secret can be guessed");
    refuses("a HS256 123456789123456789123456789123456789\n", "the secret can be guessed");
}

static void test_lines_that_are_wrong(void **state)
{
    (void)state;
    refuses("", "has no key");
    refuses("# nothing\n", "has no key");
    refuses("\na HS256\n", ":2: a line has three words");
    refuses("a HS256 " SECRET " more\n", "a line has three words");
    refuses("a none " SECRET "\n", "the algorithm should be HS256, RS256 or ES256");
    refuses("a hs256 " SECRET "\n", "the algorithm should be");
    refuses("a HS512 " SECRET "\n", "the algorithm should be");
    refuses("a/b HS256 " SECRET "\n", "the name of a key");
    refuses("\xc3\xa4 HS256 " SECRET "\n", "the name of a key");
    refuses("a HS256 " SECRET "\na HS256 " OTHER "\n", ":2: there is a key of this name already");
    refuses_file(apr_pstrcat(f1_test_pool(), folder, "/missing", NULL), "No such file");
    refuses_file(folder, "is not a file of at most");
}

static void test_not_too_many(void **state)
{
    const char *text = "";
    int i;

    (void)state;
    for (i = 0; i < F1_KEYRING_MAX; i++) {
        text = apr_psprintf(f1_test_pool(), "%sk%d HS256 " SECRET "\n", text, i);
    }
    assert_int_equal(f1_keyring_count(load(text)), F1_KEYRING_MAX);
    refuses(apr_pstrcat(f1_test_pool(), text, "more HS256 " SECRET "\n", NULL), ":17: there are more than 16 keys");
}

static void test_a_file_with_nul(void **state)
{
    const char *path = file_of("secrets", "", 0600);
    apr_file_t *file;

    (void)state;
    assert_int_equal(apr_file_open(&file, path, APR_FOPEN_WRITE, 0, f1_test_pool()), APR_SUCCESS);
    assert_int_equal(apr_file_write_full(file, "a HS256 " SECRET "\0\n", 42, NULL), APR_SUCCESS);
    assert_int_equal(apr_file_close(file), APR_SUCCESS);
    refuses_file(path, "is not text");
}

static void test_new_lines_can_be_used(void **state)
{
    apr_pool_t *pool = f1_test_pool();
    f1_result_t *res = f1_test_result();
    const char *one = f1_keyring_new_line(NULL, pool, res), *two = f1_keyring_new_line(NULL, pool, res);
    const char *named = f1_keyring_new_line("2026-11", pool, res);

    (void)state;
    assert_int_equal(f1_keyring_count(load(apr_pstrcat(pool, one, "\n", two, "\n", named, NULL))), 3);
    assert_memory_equal(named, "2026-11 HS256 ", 14);
    assert_int_equal(strlen(named), 14 + 43);
    assert_null(f1_keyring_new_line("", pool, f1_result_make(pool)));
    assert_null(f1_keyring_new_line("a b", pool, res));
    assert_int_equal(res->error, F1_E_BAD_REQUEST);
}

static int make_folder(void **state)
{
    return f1_test_group_setup(state) == 0 && mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    static const char *const names[] = {"secrets",  "rsa.pem",  "short.pem",  "p256.pem",
                                        "p384.pem", "text.pem", "public.pem", "ec.pem"};
    size_t i;

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char path[100];

        apr_snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
        (void)unlink(path);
    }
    (void)rmdir(folder);
    return f1_test_group_teardown(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        F1_TEST(test_first_signs_and_all_verify),
        F1_TEST(test_pem_files_beside_it),
        F1_TEST(test_keys_of_the_wrong_kind),
        F1_TEST(test_who_may_read),
        F1_TEST(test_weak_secrets),
        F1_TEST(test_lines_that_are_wrong),
        F1_TEST(test_not_too_many),
        F1_TEST(test_a_file_with_nul),
        F1_TEST(test_new_lines_can_be_used),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
