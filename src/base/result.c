/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Results of operations, and the one table that ties error symbols to HTTP statuses and codes. */

#include "base/result.h"

#include <stdarg.h>

#include <apr_errno.h>
#include <apr_strings.h>

static const struct {
    int http;
    const char *code;
    const char *title;
} errors[] = {
#define F1_ERROR_ROW(symbol, http, code, title) {http, code, title},
    F1_ERRORS(F1_ERROR_ROW)
#undef F1_ERROR_ROW
};

f1_result_t *f1_result_make(apr_pool_t *pool)
{
    f1_result_t *res = apr_pcalloc(pool, sizeof(*res));

    res->pool = pool;
    return res;
}

void f1_result_clear(f1_result_t *res)
{
    apr_pool_t *pool = res->pool;

    *res = (f1_result_t){.pool = pool};
}

apr_status_t f1_result_fail(f1_result_t *res, f1_error_t error, apr_status_t rv, const char *fmt, ...)
{
    va_list args;

    if (res->error == F1_E_OK) {
        va_start(args, fmt);
        res->detail = apr_pvsprintf(res->pool, fmt, args);
        va_end(args);
        res->error = error;
        res->rv = rv == APR_SUCCESS ? APR_EGENERAL : rv;
    }
    return res->rv;
}

void f1_result_field(f1_result_t *res, const char *field, const char *fmt, ...)
{
    f1_field_error_t *added;
    va_list args;

    if (res->error == F1_E_OK) {
        res->error = F1_E_INVALID_PARAMETER;
        res->rv = APR_EINVAL;
    }
    if (!res->fields) {
        res->fields = apr_array_make(res->pool, 4, sizeof(f1_field_error_t));
    }
    added = apr_array_push(res->fields);
    added->field = apr_pstrdup(res->pool, field);
    va_start(args, fmt);
    added->detail = apr_pvsprintf(res->pool, fmt, args);
    va_end(args);
}

int f1_error_http(f1_error_t error)
{
    return errors[error].http;
}

const char *f1_error_code(f1_error_t error)
{
    return errors[error].code;
}

const char *f1_error_title(f1_error_t error)
{
    return errors[error].title;
}

const char *f1_result_text(const f1_result_t *res, apr_pool_t *pool)
{
    const char *text = f1_error_code(res->error);
    int i;

    if (res->detail) {
        text = apr_pstrcat(pool, text, ": ", res->detail, NULL);
    }
    for (i = 0; res->fields && i < res->fields->nelts; i++) {
        const f1_field_error_t *field = &APR_ARRAY_IDX(res->fields, i, f1_field_error_t);

        text = apr_pstrcat(pool, text, i ? "; " : " (", field->field, ": ", field->detail, NULL);
    }
    return i ? apr_pstrcat(pool, text, ")", NULL) : text;
}
