/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_AUTH_APIKEY_H
#define F1_AUTH_APIKEY_H

/* Keys for programs. The key itself is shown once, when it is made; its beginning is kept to tell keys apart. */

#include "auth/errand.h"

typedef struct f1_apikey_new_t {
    const char *user_id, *name;
    const char *scopes;         /* as PostgreSQL writes an array: "{a,b}" */
    const char *expires_at;     /* NULL: never */
} f1_apikey_new_t;

/* *pkey: the key; *prows: what is kept of it. F1_E_CONFLICT where the account has twenty keys already. */
apr_status_t f1_apikey_add(const f1_errand_t *errand, const f1_apikey_new_t *wanted, const char **pkey,
                           f1_rows_t **prows);

/* user_id: whose it has to be; NULL: anybody's. */
apr_status_t f1_apikey_revoke(const f1_errand_t *errand, const char *key_id, const char *user_id);

#endif
