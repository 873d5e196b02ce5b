/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* libcrypto, in as few words as possible. What it leaves in its queue of errors is cleared: the thread is httpd's, and
 * mod_ssl would wonder. */

#include "base/crypto.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <apr_strings.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rand.h>

#include "base/base64.h"

#define PEM_MAX (64 * 1024)

void f1_random_bytes(unsigned char *bytes, size_t len)
{
    if (len > INT_MAX || RAND_bytes(bytes, (int)len) != 1) {
        abort();
    }
}

char *f1_random_text(size_t bytes, apr_pool_t *pool)
{
    unsigned char *random = apr_palloc(pool, bytes);
    char *text;

    f1_random_bytes(random, bytes);
    text = f1_base64_encode(f1_base64_url, random, bytes, pool);
    f1_secret_wipe(random, bytes);
    return text;
}

char *f1_random_uuid(apr_pool_t *pool)
{
    unsigned char b[16];

    f1_random_bytes(b, sizeof(b));
    b[6] = (unsigned char)((b[6] & 0x0f) | 0x40); /* version 4, RFC 9562 section 5.4 */
    b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
    return apr_psprintf(pool, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1], b[2],
                        b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]);
}

int f1_secret_equal(const void *a, const void *b, size_t len)
{
    return CRYPTO_memcmp(a, b, len) == 0;
}

void f1_secret_wipe(void *bytes, size_t len)
{
    OPENSSL_cleanse(bytes, len);
}

typedef struct secret_t {
    void *bytes;
    size_t len;
} secret_t;

static apr_status_t wipe_cleanup(void *data)
{
    secret_t *secret = data;

    f1_secret_wipe(secret->bytes, secret->len);
    return APR_SUCCESS;
}

void f1_secret_wipe_with(apr_pool_t *pool, void *bytes, size_t len)
{
    secret_t *secret = apr_palloc(pool, sizeof(*secret));

    secret->bytes = bytes;
    secret->len = len;
    apr_pool_cleanup_register(pool, secret, wipe_cleanup, apr_pool_cleanup_null);
}

void f1_hmac_sha256(unsigned char out[F1_HMAC_LEN], const void *key, size_t key_len, const void *data, size_t len)
{
    if (key_len > INT_MAX || !HMAC(EVP_sha256(), key, (int)key_len, data, len, out, NULL)) {
        abort();
    }
}

void f1_pbkdf2_sha256(const char *password, const unsigned char *salt, size_t salt_len, int iterations,
                      unsigned char *out, size_t out_len)
{
    if (salt_len > INT_MAX || out_len > INT_MAX ||
        PKCS5_PBKDF2_HMAC(password, -1, salt, (int)salt_len, iterations, EVP_sha256(), (int)out_len, out) != 1) {
        abort();
    }
}

/* --- Keys */

/* What a memory BIO holds, copied into the pool; NULL when writing it failed. */
static char *bio_text(BIO *bio, int written, apr_pool_t *pool)
{
    char *data;
    long len = written ? BIO_get_mem_data(bio, &data) : 0;

    return len > 0 ? apr_pstrmemdup(pool, data, (size_t)len) : NULL;
}

static char *public_text(EVP_PKEY *key, apr_pool_t *pool)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *text = bio ? bio_text(bio, PEM_write_bio_PUBKEY(bio, key), pool) : NULL;

    BIO_free(bio);
    return text;
}

static char *private_text(EVP_PKEY *key, apr_pool_t *pool)
{
    BIO *bio = BIO_new(BIO_s_secmem());
    char *text = bio ? bio_text(bio, PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL), pool) : NULL;

    BIO_free(bio);
    if (text) {
        f1_secret_wipe_with(pool, text, strlen(text));
    }
    return text;
}

/* libcrypto would ask on the terminal. */
static int no_passphrase(char *buf, int size, int writing, void *baton)
{
    (void)buf;
    (void)size;
    (void)writing;
    (void)baton;
    return -1;
}

static int is_p256(EVP_PKEY *key)
{
    char name[64];
    size_t len;

    return EVP_PKEY_get_group_name(key, name, sizeof(name), &len) == 1 && !strcmp(name, "prime256v1");
}

static f1_pem_kind_t kind_of(EVP_PKEY *key)
{
    switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_RSA:
        return F1_PEM_RSA;
    case EVP_PKEY_EC:
        return is_p256(key) ? F1_PEM_P256 : F1_PEM_OTHER;
    default:
        return F1_PEM_OTHER;
    }
}

static EVP_PKEY *read_key(BIO *bio, int *pprivate)
{
    EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL);

    *pprivate = key != NULL;
    if (!key && BIO_reset(bio) == 1) {
        key = PEM_read_bio_PUBKEY(bio, NULL, no_passphrase, NULL);
    }
    return key;
}

apr_status_t f1_pem_read(f1_pem_t *out, const char *pem, size_t len, apr_pool_t *pool, f1_result_t *res)
{
    BIO *bio = len <= PEM_MAX ? BIO_new_mem_buf(pem, (int)len) : NULL;
    int is_private = 0;
    EVP_PKEY *key = bio ? read_key(bio, &is_private) : NULL;

    *out = (f1_pem_t){.kind = F1_PEM_OTHER};
    if (key) {
        out->kind = kind_of(key);
        out->bits = EVP_PKEY_get_bits(key);
        out->public_pem = public_text(key, pool);
        out->private_pem = is_private ? private_text(key, pool) : NULL;
    }
    EVP_PKEY_free(key);
    BIO_free(bio);
    ERR_clear_error();
    if (!out->public_pem || (is_private && !out->private_pem)) {
        return f1_result_fail(res, F1_E_BAD_REQUEST, APR_EINVAL,
                              "not a PEM text with a private key without a passphrase, or a public key");
    }
    return APR_SUCCESS;
}

/* Takes both numbers, which may be NULL. */
static EVP_PKEY *rsa_key(BIGNUM *n, BIGNUM *e)
{
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    OSSL_PARAM *params = NULL;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
    EVP_PKEY *key = NULL;

    if (n && e && build && context && OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n) &&
        OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, e)) {
        params = OSSL_PARAM_BLD_to_param(build);
    }
    if (params && EVP_PKEY_fromdata_init(context) == 1 &&
        EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, params) != 1) {
        key = NULL;
    }
    OSSL_PARAM_free(params);
    EVP_PKEY_CTX_free(context);
    OSSL_PARAM_BLD_free(build);
    BN_free(n);
    BN_free(e);
    return key;
}

const char *f1_pem_from_rsa(const unsigned char *modulus, size_t modulus_len, const unsigned char *exponent,
                            size_t exponent_len, apr_pool_t *pool)
{
    EVP_PKEY *key;
    char *text;

    if (modulus_len > PEM_MAX || exponent_len > PEM_MAX) {
        return NULL;
    }
    key = rsa_key(BN_bin2bn(modulus, (int)modulus_len, NULL), BN_bin2bn(exponent, (int)exponent_len, NULL));
    text = key ? public_text(key, pool) : NULL;
    EVP_PKEY_free(key);
    ERR_clear_error();
    return text;
}
