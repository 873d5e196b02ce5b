/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_BASE_SEAL_H
#define F1_BASE_SEAL_H

/* Bytes that only who knows a secret can read, and that nobody can change unnoticed: AES-256-GCM with a random nonce
 * and the SHA-256 of the secret. A secret that can be guessed is none here: nothing makes guessing slow. */

#include <stddef.h>
#include <apr_pools.h>

/* Nonce, what is sealed and its tag, in hex; NULL when it is too long. */
const char *f1_seal(const char *secret, const char *data, size_t len, apr_pool_t *pool);

/* What was sealed, with a NUL behind it; NULL when it was with another secret, or was changed since. */
const char *f1_unseal(const char *secret, const char *sealed, size_t *plen, apr_pool_t *pool);

#endif
