/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_BASE_SECRET_FILE_H
#define F1_BASE_SECRET_FILE_H

/* Small files with keys and passwords. Who may read and change one is a part of what is read: a secret that others
 * could have read is none. Messages name the file, never what is in it. */

#include <apr_file_info.h>
#include <apr_pools.h>

#include "base/result.h"

#define F1_SECRET_FILE_MAX (64 * 1024)

typedef struct f1_secret_file_t {
    char *text;                 /* overwritten when the pool goes */
    apr_size_t len;
    apr_fileperms_t rights;
} f1_secret_file_t;

/* Reads all of it. F1_E_INTERNAL where it cannot be read, or is no plain file of F1_SECRET_FILE_MAX bytes at most. */
apr_status_t f1_secret_file_read(f1_secret_file_t *out, const char *file, apr_pool_t *pool, f1_result_t *res);

/* Others may neither read a secret nor change it, and the group may not change it: F1_E_INTERNAL where they may. */
apr_status_t f1_secret_file_check(const f1_secret_file_t *content, const char *file, int is_secret, f1_result_t *res);

/* A secret file of one line, user:password. What is read goes with the pool. */
apr_status_t f1_secret_file_login(const char **puser, const char **ppassword, const char *file, apr_pool_t *pool,
                                  f1_result_t *res);

#endif
