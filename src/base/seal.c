/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Authenticated encryption with libcrypto. A nonce must never come twice with one key: secrets here are used for one
 * text each, and twelve random bytes do for the rest. */

#include "base/seal.h"

#include <limits.h>
#include <string.h>

#include <apr_escape.h>
#include <openssl/evp.h>

#include "base/crypto.h"
#include "base/str.h"

#define NONCE_LEN 12
#define TAG_LEN 16
#define KEY_LEN 32

static void make_key(unsigned char key[KEY_LEN], const char *secret, apr_pool_t *pool)
{
    (void)apr_unescape_hex(key, f1_str_sha256(secret, strlen(secret), pool), APR_ESCAPE_STRING, 0, NULL);
}

const char *f1_seal(const char *secret, const char *data, size_t len, apr_pool_t *pool)
{
    unsigned char key[KEY_LEN], *out = apr_palloc(pool, NONCE_LEN + len + TAG_LEN);
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    int written = 0, last = 0, sealed;

    make_key(key, secret, pool);
    f1_random_bytes(out, NONCE_LEN);
    sealed = context && len < INT_MAX && EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), NULL, key, out) == 1 &&
             EVP_EncryptUpdate(context, out + NONCE_LEN, &written, (const unsigned char *)data, (int)len) == 1 &&
             EVP_EncryptFinal_ex(context, out + NONCE_LEN + written, &last) == 1 &&
             EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, TAG_LEN, out + NONCE_LEN + len) == 1;
    EVP_CIPHER_CTX_free(context);
    return sealed ? f1_str_hex(out, NONCE_LEN + len + TAG_LEN, pool) : NULL;
}

const char *f1_unseal(const char *secret, const char *sealed, size_t *plen, apr_pool_t *pool)
{
    unsigned char key[KEY_LEN], *bytes, *out;
    int written = 0, last = 0, opened;
    EVP_CIPHER_CTX *context;
    apr_size_t len = 0;

    bytes = (unsigned char *)apr_punescape_hex(pool, sealed, 0, &len);
    if (!bytes || len < NONCE_LEN + TAG_LEN || len > INT_MAX) {
        return NULL;
    }
    *plen = len - NONCE_LEN - TAG_LEN;
    out = apr_palloc(pool, *plen + 1);
    make_key(key, secret, pool);
    context = EVP_CIPHER_CTX_new();
    opened = context && EVP_DecryptInit_ex(context, EVP_aes_256_gcm(), NULL, key, bytes) == 1 &&
             EVP_DecryptUpdate(context, out, &written, bytes + NONCE_LEN, (int)*plen) == 1 &&
             EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, TAG_LEN, bytes + len - TAG_LEN) == 1 &&
             EVP_DecryptFinal_ex(context, out + written, &last) == 1;
    EVP_CIPHER_CTX_free(context);
    out[*plen] = '\0';
    return opened ? (const char *)out : NULL;
}
