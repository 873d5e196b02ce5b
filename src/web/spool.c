/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Temporary files of long bodies. They lose their name at once, so that nothing is left of them whatever happens. */

#include "web/spool.h"

#include <apr_file_io.h>
#include <apr_strings.h>

#include "base/log.h"

#define SIZE_MAX_BYTES ((apr_off_t)1 << 30)

static apr_status_t open_file(f1_spool_t *spool)
{
    const char *dir;
    char *name;
    apr_status_t rv = apr_temp_dir_get(&dir, spool->pool);

    if (rv != APR_SUCCESS) {
        return rv;
    }
    name = apr_pstrcat(spool->pool, dir, "/f1board.XXXXXX", NULL);
    rv = apr_file_mktemp(&spool->file, name, APR_FOPEN_CREATE | APR_FOPEN_EXCL | APR_FOPEN_READ | APR_FOPEN_WRITE,
                         spool->pool);
    return rv == APR_SUCCESS ? apr_file_remove(name, spool->pool) : rv;
}

void f1_spool_take(void *baton, f1_buf_t *out, f1_result_t *res)
{
    f1_spool_t *spool = baton;
    apr_status_t rv = spool->file ? APR_SUCCESS : open_file(spool);

    if (spool->size + (apr_off_t)out->len > SIZE_MAX_BYTES) {
        f1_result_fail(res, F1_E_INTERNAL, APR_ENOSPC, "The answer is too large");
        return;
    }
    if (rv == APR_SUCCESS) {
        rv = apr_file_write_full(spool->file, out->data, out->len, NULL);
    }
    if (rv != APR_SUCCESS) {
        f1_log(F1_LOG_ERR, rv, F1LOGNO(0570) "cannot write a long answer to a temporary file");
        f1_result_fail(res, F1_E_UNAVAILABLE, rv, "There is no room for an answer of this length");
        return;
    }
    spool->size += (apr_off_t)out->len;
    out->len = 0;
}
