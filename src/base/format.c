/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* The table of representations. */

#include "base/format.h"

#include <strings.h>

/* RFC 7111 has CSV's parameters; the other two are UTF-8 by definition. */
const f1_format_info_t f1_formats[F1_FORMAT_COUNT] = {
    [F1_FORMAT_JSON] = {"json", F1_TYPE_JSON},
    [F1_FORMAT_CSV] = {"csv", F1_TYPE_CSV "; charset=utf-8; header=present"},
    [F1_FORMAT_NDJSON] = {"ndjson", F1_TYPE_NDJSON},
};

int f1_format_find(const char *name)
{
    for (int i = 0; i < F1_FORMAT_COUNT; i++) {
        if (!strcasecmp(f1_formats[i].name, name)) {
            return i;
        }
    }
    return -1;
}
