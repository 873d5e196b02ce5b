/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Makes the keys that tests sign with. */

#include "f1_test_keys.h"

#include <stdlib.h>

#include <apr_general.h>
#include <apr_strings.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "base/base64.h"

#define MODULUS_MAX 512 /* bytes */

/* Keys outlive the pools of tests. */
static apr_pool_t *pool;
static f1_test_key_t keys[F1_TEST_KEYS];

static void require(int holds)
{
    if (!holds) {
        abort();
    }
}

static EVP_PKEY *generate(f1_test_key_kind_t kind)
{
    switch (kind) {
    case F1_TEST_RSA_SHORT:
        return EVP_RSA_gen(1024);
    case F1_TEST_P256:
        return EVP_EC_gen("P-256");
    case F1_TEST_P384:
        return EVP_EC_gen("P-384");
    case F1_TEST_ED25519:
        return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    default:
        return EVP_RSA_gen(2048);
    }
}

static const char *text_of(BIO *bio)
{
    char *data;
    long len = BIO_get_mem_data(bio, &data);
    const char *text = apr_pstrmemdup(pool, data, (apr_size_t)len);

    BIO_free(bio);
    return text;
}

static const char *number(EVP_PKEY *key, const char *name)
{
    unsigned char bytes[MODULUS_MAX];
    BIGNUM *number = NULL;
    int len;

    require(EVP_PKEY_get_bn_param(key, name, &number) && BN_num_bytes(number) <= MODULUS_MAX);
    len = BN_bn2bin(number, bytes);
    BN_free(number);
    return f1_base64_encode(f1_base64_url, bytes, (size_t)len, pool);
}

static void make(f1_test_key_t *out, f1_test_key_kind_t kind)
{
    EVP_PKEY *key = generate(kind);
    BIO *private_bio = BIO_new(BIO_s_mem()), *public_bio = BIO_new(BIO_s_mem());

    require(key && private_bio && public_bio && PEM_write_bio_PrivateKey(private_bio, key, NULL, NULL, 0, NULL, NULL) &&
            PEM_write_bio_PUBKEY(public_bio, key));
    out->private_pem = text_of(private_bio);
    out->public_pem = text_of(public_bio);
    if (EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA) {
        out->n = number(key, OSSL_PKEY_PARAM_RSA_N);
        out->e = number(key, OSSL_PKEY_PARAM_RSA_E);
    }
    EVP_PKEY_free(key);
}

const f1_test_key_t *f1_test_key(f1_test_key_kind_t kind)
{
    if (!pool) {
        require(apr_pool_create(&pool, NULL) == APR_SUCCESS);
    }
    if (!keys[kind].private_pem) {
        make(&keys[kind], kind);
    }
    return &keys[kind];
}
