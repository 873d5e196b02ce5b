/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_BASE_CRYPTO_H
#define F1_BASE_CRYPTO_H

/* The few things of libcrypto that the program needs, under one roof: random numbers, comparisons that tell nothing by
 * the time they take, key derivation, and public keys. Where libcrypto cannot do what it must always be able to do
 * (random numbers, SHA-256), the process ends: going on would mean secrets that can be guessed. */

#include <stddef.h>
#include <apr_pools.h>

#include "base/result.h"

/* --- Secrets */

void f1_random_bytes(unsigned char *bytes, size_t len);

/* So many random bytes as base64url: 32 make 43 characters that nobody guesses. */
char *f1_random_text(size_t bytes, apr_pool_t *pool);

/* A random UUID (version 4), in lower case. */
char *f1_random_uuid(apr_pool_t *pool);

/* Whether they are the same; the time depends on len alone. */
int f1_secret_equal(const void *a, const void *b, size_t len);

/* Overwrites what is no longer needed, and no compiler leaves it out. */
void f1_secret_wipe(void *bytes, size_t len);

/* Overwrites it when the pool goes. */
void f1_secret_wipe_with(apr_pool_t *pool, void *bytes, size_t len);

/* --- Authenticity: HMAC with SHA-256 (RFC 2104) */

#define F1_HMAC_LEN 32
void f1_hmac_sha256(unsigned char out[F1_HMAC_LEN], const void *key, size_t key_len, const void *data, size_t len);

/* --- Key derivation: PBKDF2 with HMAC-SHA-256 (RFC 8018) */

void f1_pbkdf2_sha256(const char *password, const unsigned char *salt, size_t salt_len, int iterations,
                      unsigned char *out, size_t out_len);

/* --- Keys of signatures */

typedef enum { F1_PEM_RSA, F1_PEM_P256, F1_PEM_OTHER } f1_pem_kind_t;

#define F1_RSA_BITS_MIN 2048    /* fewer are broken by now, more cost too much */
#define F1_RSA_BITS_MAX 8192

typedef struct f1_pem_t {
    f1_pem_kind_t kind;
    int bits;                   /* of the modulus, or of the curve */
    const char *private_pem;    /* wiped with the pool; NULL: there is only a public key */
    const char *public_pem;     /* "-----BEGIN PUBLIC KEY-----…" */
} f1_pem_t;

/* The first key of a PEM text: a private one without a passphrase, or a public one. */
apr_status_t f1_pem_read(f1_pem_t *key, const char *pem, size_t len, apr_pool_t *pool, f1_result_t *res);

/* An RSA public key as a JWK has it (RFC 7518 section 6.3): big-endian numbers. NULL when they make no key. */
const char *f1_pem_from_rsa(const unsigned char *modulus, size_t modulus_len, const unsigned char *exponent,
                            size_t exponent_len, apr_pool_t *pool);

#endif
