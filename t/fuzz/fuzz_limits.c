/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* The spelling of request limits: whatever is accepted lies within the bounds and has a limit unless it is "none". */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ingest/budget.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int in_bounds(const f1_limit_t *limit)
{
    return limit->requests >= 1 && limit->requests <= F1_LIMIT_MAX_RATE && limit->seconds >= 1 &&
           limit->seconds <= F1_LIMIT_MAX_WINDOW;
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
        if (limits.count < 0 || limits.count > F1_LIMITS_MAX || !limits.count != (strcmp(spec, "none") == 0)) {
            abort();
        }
        for (int i = 0; i < limits.count; i++) {
            if (!in_bounds(&limits.limits[i])) {
                abort();
            }
        }
    }
    free(spec);
    return 0;
}
