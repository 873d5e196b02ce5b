/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_BASE_BASE64_H
#define F1_BASE_BASE64_H

/* Base64 in the dialects that tokens and password hashes are written in: the same bits in the same order, with other
 * characters for them. */

#include <stddef.h>
#include <apr_pools.h>

extern const char f1_base64_url[];      /* RFC 4648 section 5: tokens, and every secret that we make */
extern const char f1_base64_standard[]; /* section 4 */
extern const char f1_base64_passlib[];  /* that, with '.' for '+' */
extern const char f1_base64_bcrypt[];

/* Characters that len bytes become, without padding. */
#define F1_BASE64_LEN(len) (((len) * 4 + 2) / 3)

/* Without padding. */
char *f1_base64_encode(const char *alphabet, const unsigned char *bytes, size_t len, apr_pool_t *pool);

/* len characters, with the padding that belongs to them or without any. Bits of the last character that belong to no
 * byte are ignored: who needs one spelling for each value encodes the bytes again. Returns the bytes in pool (with a
 * NUL behind them, not counted), NULL when there are other characters or there is no such length. */
unsigned char *f1_base64_decode(const char *alphabet, const char *text, size_t len, size_t *pbytes, apr_pool_t *pool);

#endif
