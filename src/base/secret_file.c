/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Reads files of secrets, and looks at their rights. Size and rights are those of the open file, whatever its name
 * leads to by then. */

#include "base/secret_file.h"

#include <string.h>

#include <apr_file_io.h>
#include <apr_strings.h>

#include "base/crypto.h"

static apr_status_t read_open(f1_secret_file_t *out, apr_file_t *handle, const char *file, apr_pool_t *pool,
                              f1_result_t *res)
{
    apr_finfo_t info;
    apr_status_t rv = apr_file_info_get(&info, APR_FINFO_TYPE | APR_FINFO_SIZE | APR_FINFO_PROT, handle);

    if (rv == APR_SUCCESS && (info.filetype != APR_REG || info.size > F1_SECRET_FILE_MAX)) {
        return f1_result_fail(res, F1_E_INTERNAL, APR_EINVAL, "%s is not a file of at most %d bytes", file,
                              F1_SECRET_FILE_MAX);
    }
    if (rv == APR_SUCCESS) {
        out->rights = info.protection;
        out->text = apr_pcalloc(pool, (apr_size_t)info.size + 1);
        f1_secret_wipe_with(pool, out->text, (apr_size_t)info.size);
        rv = apr_file_read_full(handle, out->text, (apr_size_t)info.size, &out->len);
    }
    return rv == APR_SUCCESS ? rv : f1_result_fail(res, F1_E_INTERNAL, rv, "%s cannot be read", file);
}

apr_status_t f1_secret_file_read(f1_secret_file_t *out, const char *file, apr_pool_t *pool, f1_result_t *res)
{
    char why[120];
    apr_file_t *handle;
    apr_status_t rv = apr_file_open(&handle, file, APR_FOPEN_READ | APR_FOPEN_BINARY, APR_FPROT_OS_DEFAULT, pool);

    *out = (f1_secret_file_t){0};
    if (rv != APR_SUCCESS) {
        return f1_result_fail(res, F1_E_INTERNAL, rv, "%s: %s", file, apr_strerror(rv, why, sizeof(why)));
    }
    rv = read_open(out, handle, file, pool, res);
    (void)apr_file_close(handle);
    return rv;
}

apr_status_t f1_secret_file_check(const f1_secret_file_t *content, const char *file, int is_secret, f1_result_t *res)
{
    apr_fileperms_t wrong = APR_FPROT_GWRITE | APR_FPROT_WWRITE | (is_secret ? APR_FPROT_WREAD : 0);

    if (content->rights & wrong) {
        return f1_result_fail(res, F1_E_INTERNAL, APR_EACCES, "%s may be read or changed by others: chmod %s it", file,
                              is_secret ? "600" : "644");
    }
    return APR_SUCCESS;
}

apr_status_t f1_secret_file_login(const char **puser, const char **ppassword, const char *file, apr_pool_t *pool,
                                  f1_result_t *res)
{
    f1_secret_file_t content;
    char *colon, *end;

    if (f1_secret_file_read(&content, file, pool, res) != APR_SUCCESS ||
        f1_secret_file_check(&content, file, 1, res) != APR_SUCCESS) {
        return res->rv;
    }
    colon = strchr(content.text, ':');
    end = content.text + strcspn(content.text, "\r\n");
    if (!colon || colon == content.text || colon > end || strlen(content.text) != content.len ||
        end[strspn(end, "\r\n")]) {
        return f1_result_fail(res, F1_E_INTERNAL, APR_EINVAL, "%s should be one line, user:password", file);
    }
    *end = *colon = '\0';
    *puser = content.text;
    *ppassword = colon + 1;
    return APR_SUCCESS;
}
