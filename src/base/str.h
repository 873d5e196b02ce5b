/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_BASE_STR_H
#define F1_BASE_STR_H

/* Bytes that grow up to a named maximum, and the few string checks everybody needs. */

#include <stddef.h>
#include <apr_pools.h>

/* A growing byte string. The memory belongs to the pool; a buffer that would pass its maximum keeps what it has, sets
 * full and ignores what follows, so that one test at the end is enough. data always ends in NUL (not counted). */
typedef struct f1_buf_t {
    apr_pool_t *pool;
    char *data;
    size_t len;
    size_t size;
    size_t max;
    int full;
} f1_buf_t;

/* first: bytes to reserve at once; max: bytes it may ever hold. */
void f1_buf_init(f1_buf_t *buf, apr_pool_t *pool, size_t first, size_t max);
void f1_buf_add(f1_buf_t *buf, const char *data, size_t len);
void f1_buf_adds(f1_buf_t *buf, const char *text);
void f1_buf_addc(f1_buf_t *buf, char c);
void f1_buf_addf(f1_buf_t *buf, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The text as a JSON string with its quotes; text must be valid UTF-8 (U+2028 and U+2029 need no escape in JSON). */
void f1_buf_add_json(f1_buf_t *buf, const char *text, size_t len);

/* Well-formed UTF-8 without NUL (RFC 3629: no surrogates, no overlong forms). */
int f1_str_is_utf8(const char *text, size_t len);

/* A whole decimal integer, optional leading '-', nothing else around it. 0 when it is not one or does not fit. */
int f1_str_to_int64(const char *text, apr_int64_t *pvalue);

/* Makes the ASCII letters of a text lower case, where it stands; returns it. */
char *f1_str_lower(char *text);

/* Lower-case hex of bytes. */
char *f1_str_hex(const unsigned char *bytes, size_t len, apr_pool_t *pool);

/* SHA-256 of bytes in lower-case hex (64 characters). */
char *f1_str_sha256(const char *data, size_t len, apr_pool_t *pool);

#endif
