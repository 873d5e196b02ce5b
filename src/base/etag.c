/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* If-Match and If-None-Match (RFC 9110, 13.1). */

#include "base/etag.h"

#include <string.h>

static const char *const suffixes[] = {"-gzip", "-br"};

int f1_etag_is_any(const char *list)
{
    return list[strspn(list, " \t")] == '*';
}

/* Whether len bytes between quotes are bare, or bare and a suffix. */
static int is_of(const char *text, size_t len, const char *bare, size_t bare_len)
{
    size_t i;

    if (len < bare_len || memcmp(text, bare, bare_len)) {
        return 0;
    }
    for (i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
        size_t suffix = strlen(suffixes[i]);

        if (len == bare_len + suffix && !memcmp(text + bare_len, suffixes[i], suffix)) {
            return 1;
        }
    }
    return len == bare_len;
}

const char *f1_etag_find(const char *list, const char *own, f1_etag_compare_t compare, size_t *plen)
{
    const char *at = list + strspn(list, " \t,");

    while (*at) {
        int is_weak = !strncmp(at, "W/", 2);
        const char *end;

        at += is_weak ? 2 : 0;
        if (*at != '"' || !(end = strchr(at + 1, '"'))) {
            return NULL;
        }
        if (!(is_weak && compare == F1_ETAG_STRONGLY) &&
            is_of(at + 1, (size_t)(end - at) - 1, own + 1, strlen(own) - 2)) {
            *plen = (size_t)(end - at) + 1;
            return at;
        }
        at = end + 1;
        at += strspn(at, " \t,");
    }
    return NULL;
}
