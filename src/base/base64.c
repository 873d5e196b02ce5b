/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Base64 by alphabets: 64 characters each, in the order of their values. */

#include "base/base64.h"

#include <string.h>

#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define DIGITS "0123456789"

const char f1_base64_url[] = UPPER LOWER DIGITS "-_";
const char f1_base64_standard[] = UPPER LOWER DIGITS "+/";
const char f1_base64_passlib[] = UPPER LOWER DIGITS "./";
const char f1_base64_bcrypt[] = "./" UPPER LOWER DIGITS;

char *f1_base64_encode(const char *alphabet, const unsigned char *bytes, size_t len, apr_pool_t *pool)
{
    char *text = apr_palloc(pool, F1_BASE64_LEN(len) + 1), *to = text;
    unsigned int bits = 0, count = 0;
    size_t i;

    for (i = 0; i < len; i++) {
        bits = (bits << 8 | bytes[i]) & 0xffff;
        for (count += 8; count >= 6; count -= 6) {
            *to++ = alphabet[(bits >> (count - 6)) & 63];
        }
    }
    if (count > 0) {
        *to++ = alphabet[(bits << (6 - count)) & 63];
    }
    *to = '\0';
    return text;
}

/* Characters before the padding; 0 where there is padding that does not belong there. */
static size_t without_padding(const char *text, size_t len)
{
    size_t rest = len;

    while (rest > 0 && text[rest - 1] == '=') {
        rest--;
    }
    return rest == len || (len % 4 == 0 && len - rest <= 2) ? rest : 0;
}

unsigned char *f1_base64_decode(const char *alphabet, const char *text, size_t len, size_t *pbytes, apr_pool_t *pool)
{
    size_t rest = without_padding(text, len), i;
    unsigned char *bytes, *to;
    unsigned int bits = 0, count = 0;

    if (rest % 4 == 1 || (rest == 0 && len > 0)) {
        return NULL;
    }
    to = bytes = apr_palloc(pool, rest / 4 * 3 + 3);
    for (i = 0; i < rest; i++) {
        const char *at = text[i] ? strchr(alphabet, text[i]) : NULL;

        if (!at) {
            return NULL;
        }
        bits = (bits << 6 | (unsigned int)(at - alphabet)) & 0xffff;
        count += 6;
        if (count >= 8) {
            count -= 8;
            *to++ = (unsigned char)(bits >> count);
        }
    }
    *to = '\0';
    *pbytes = (size_t)(to - bytes);
    return bytes;
}
