/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* The list of complaints. */

#include "complaint.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <apr_strings.h>

complaints_t *complaints_make(apr_pool_t *pool)
{
    complaints_t *complaints = apr_palloc(pool, sizeof(*complaints));

    complaints->pool = pool;
    complaints->list = apr_array_make(pool, 8, sizeof(complaint_t));
    return complaints;
}

void complain(complaints_t *complaints, const char *file, int line, const char *fmt, ...)
{
    complaint_t *complaint = apr_array_push(complaints->list);
    va_list args;

    complaint->file = file;
    complaint->line = line;
    va_start(args, fmt);
    complaint->message = apr_pvsprintf(complaints->pool, fmt, args);
    va_end(args);
}

static int compare(const void *a, const void *b)
{
    const complaint_t *first = a, *second = b;
    int order = strcmp(first->file, second->file);

    if (!order) {
        order = first->line - second->line;
    }
    return order ? order : strcmp(first->message, second->message);
}

void complaints_sort(complaints_t *complaints)
{
    qsort(complaints->list->elts, (size_t)complaints->list->nelts, sizeof(complaint_t), compare);
}
