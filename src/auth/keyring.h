/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_AUTH_KEYRING_H
#define F1_AUTH_KEYRING_H

/* The keys that tokens of our own are signed with, from a file that an administrator keeps:
 *
 *     # kid    algorithm  secret, or the PEM file of a key (relative to this file's folder)
 *     2026-11  HS256      gyCXbRQ…
 *     2026-08  ES256      old.pem
 *
 * The first line signs, all verify. A key has one algorithm, whatever a token says. Neither the file nor that of a
 * private key may be readable for everybody or writable for others than its owner. The keyring is read when the server
 * starts or is told to reload, and does not change afterwards: threads share it. */

#include <stddef.h>
#include <apr_pools.h>

#include "base/result.h"

#define F1_KEYRING_MAX 16       /* keys */
#define F1_SECRET_MIN 32        /* bytes: as long as the hash (RFC 7518 section 3.2) */

typedef enum { F1_ALG_HS256, F1_ALG_RS256, F1_ALG_ES256 } f1_alg_t;

typedef struct f1_key_t {
    const char *kid;
    f1_alg_t alg;
    const char *signs;          /* HS256: the secret; else the private key's PEM, or NULL where there is none */
    const char *verifies;       /* HS256: the secret; else the public key's PEM */
} f1_key_t;

typedef struct f1_keyring_t f1_keyring_t;

/* On failure res names file and line, never what stands there. */
apr_status_t f1_keyring_load(f1_keyring_t **pring, const char *file, apr_pool_t *pool, f1_result_t *res);

/* The one that signs: its "signs" is there. */
const f1_key_t *f1_keyring_signer(const f1_keyring_t *ring);

/* NULL when there is none of this name. */
const f1_key_t *f1_keyring_find(const f1_keyring_t *ring, const char *kid);

int f1_keyring_count(const f1_keyring_t *ring);

/* "HS256"; and back: -1 when it is none of the three. */
const char *f1_alg_name(f1_alg_t alg);
int f1_alg_find(const char *name);

/* A new line for the file: kid (NULL: one is made of the day), HS256 and a secret of 256 bits. */
const char *f1_keyring_new_line(const char *kid, apr_pool_t *pool, f1_result_t *res);

#endif
