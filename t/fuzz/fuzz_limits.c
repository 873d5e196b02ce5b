/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* The spelling of request limits: whatever is accepted lies within the bounds and has a limit unless it is "none". */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ingest/budget.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int in_bounds(int limit)
{
    return limit >= 0 && limit <= F1_LIMIT_MAX_RATE;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *spec = malloc(size + 1);
    f1_limits_t limits;

    if (!spec) {
        return 0;
    }
    memcpy(spec, data, size);
    spec[size] = '\0';
    if (f1_limits_parse(spec, &limits)) {
        if (!in_bounds(limits.per_second) || !in_bounds(limits.per_hour) ||
            (!limits.per_second && !limits.per_hour) != (strcmp(spec, "none") == 0)) {
            abort();
        }
    }
    free(spec);
    return 0;
}
