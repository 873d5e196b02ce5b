/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Growing buffers with a maximum, UTF-8 and number checks, lower case, hex and SHA-256. */

#include "base/str.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <apr_lib.h>
#include <apr_strings.h>
#include <openssl/evp.h>

void f1_buf_init(f1_buf_t *buf, apr_pool_t *pool, size_t first, size_t max)
{
    *buf = (f1_buf_t){.pool = pool, .max = max};
    buf->size = (first < max ? first : max) + 1;
    buf->data = apr_palloc(pool, buf->size);
    buf->data[0] = '\0';
}

/* Room for more bytes and the NUL. Sizes double, so that the bytes left behind in the pool are at most as many as the
 * bytes in use. */
static int reserve(f1_buf_t *buf, size_t more)
{
    size_t size = buf->size;
    char *data;

    if (buf->full || more > buf->max - buf->len) {
        buf->full = 1;
        return 0;
    }
    if (buf->len + more < size) {
        return 1;
    }
    while (size <= buf->len + more) {
        size *= 2;
    }
    if (size > buf->max + 1) {
        size = buf->max + 1;
    }
    data = apr_palloc(buf->pool, size);
    memcpy(data, buf->data, buf->len + 1);
    buf->data = data;
    buf->size = size;
    return 1;
}

void f1_buf_add(f1_buf_t *buf, const char *data, size_t len)
{
    if (reserve(buf, len)) {
        memcpy(buf->data + buf->len, data, len);
        buf->len += len;
        buf->data[buf->len] = '\0';
    }
}

void f1_buf_adds(f1_buf_t *buf, const char *text)
{
    f1_buf_add(buf, text, strlen(text));
}

void f1_buf_addc(f1_buf_t *buf, char c)
{
    f1_buf_add(buf, &c, 1);
}

void f1_buf_addf(f1_buf_t *buf, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    f1_buf_adds(buf, apr_pvsprintf(buf->pool, fmt, args));
    va_end(args);
}

/* RFC 8259 section 7: quotation mark, backslash and U+0000..U+001F must be escaped. 'u' asks for \u00XX. */
static char json_escape_of(unsigned char c)
{
    switch (c) {
    case '"':
        return '"';
    case '\\':
        return '\\';
    case '\n':
        return 'n';
    case '\r':
        return 'r';
    case '\t':
        return 't';
    default:
        return c < 0x20 ? 'u' : '\0';
    }
}

void f1_buf_add_json(f1_buf_t *buf, const char *text, size_t len)
{
    static const char hex[] = "0123456789abcdef";
    size_t i, plain = 0;

    f1_buf_addc(buf, '"');
    for (i = 0; i < len; i++) {
        char escaped[6] = {'\\', json_escape_of((unsigned char)text[i]), '0', '0'};

        if (!escaped[1]) {
            continue;
        }
        escaped[4] = hex[(text[i] >> 4) & 15];
        escaped[5] = hex[text[i] & 15];
        f1_buf_add(buf, text + plain, i - plain);
        f1_buf_add(buf, escaped, escaped[1] == 'u' ? 6 : 2);
        plain = i + 1;
    }
    f1_buf_add(buf, text + plain, len - plain);
    f1_buf_addc(buf, '"');
}

/* Length of the well-formed sequence at s (RFC 3629 section 4), 0 when it is none. */
static size_t utf8_sequence(const unsigned char *s, size_t left)
{
    unsigned char low = 0x80, high = 0xbf;
    size_t need, i;

    if (s[0] > 0 && s[0] < 0x80) {
        return 1;
    }
    if (s[0] < 0xc2 || s[0] > 0xf4) {
        return 0;
    }
    need = s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
    switch (s[0]) {
    case 0xe0:
        low = 0xa0;
        break;
    case 0xed:
        high = 0x9f;
        break;
    case 0xf0:
        low = 0x90;
        break;
    case 0xf4:
        high = 0x8f;
        break;
    default:
        break;
    }
    if (left < need || s[1] < low || s[1] > high) {
        return 0;
    }
    for (i = 2; i < need; i++) {
        if ((s[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    return need;
}

int f1_str_is_utf8(const char *text, size_t len)
{
    const unsigned char *s = (const unsigned char *)text;
    size_t i, step;

    for (i = 0; i < len; i += step) {
        step = utf8_sequence(s + i, len - i);
        if (!step) {
            return 0;
        }
    }
    return 1;
}

int f1_str_to_int64(const char *text, apr_int64_t *pvalue)
{
    const char *digits = text + (text[0] == '-');
    apr_int64_t value = 0;

    if (!*digits) {
        return 0;
    }
    /* counts downwards, because the most negative value has no positive twin */
    for (; *digits; digits++) {
        int digit = *digits - '0';

        if (digit < 0 || digit > 9 || value < (APR_INT64_MIN + digit) / 10) {
            return 0;
        }
        value = value * 10 - digit;
    }
    if (text[0] != '-') {
        if (value == APR_INT64_MIN) {
            return 0;
        }
        value = -value;
    }
    *pvalue = value;
    return 1;
}

char *f1_str_lower(char *text)
{
    char *c;

    for (c = text; *c; c++) {
        *c = (char)apr_tolower(*c);
    }
    return text;
}

char *f1_str_hex(const unsigned char *bytes, size_t len, apr_pool_t *pool)
{
    static const char digits[] = "0123456789abcdef";
    char *hex = apr_palloc(pool, 2 * len + 1);
    size_t i;

    for (i = 0; i < len; i++) {
        hex[2 * i] = digits[bytes[i] >> 4];
        hex[2 * i + 1] = digits[bytes[i] & 15];
    }
    hex[2 * len] = '\0';
    return hex;
}

char *f1_str_sha256(const char *data, size_t len, apr_pool_t *pool)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int size = 0;

    /* fails only where a policy forbids SHA-256 or memory is out; pools abort on the latter too */
    if (EVP_Digest(data, len, digest, &size, EVP_sha256(), NULL) != 1) {
        abort();
    }
    return f1_str_hex(digest, size, pool);
}
