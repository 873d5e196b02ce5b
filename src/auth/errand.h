/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_AUTH_ERRAND_H
#define F1_AUTH_ERRAND_H

/* What everything that is done with accounts stands on: for whom, from where, and with which database. It holds a
 * connection during a statement and not longer, so that none is held while a password is hashed.
 *
 * A change and its line in the audit log are one statement. */

#include <apr_pools.h>

#include "base/result.h"
#include "base/statement.h"
#include "db/conn.h"
#include "db/query.h"

typedef struct f1_errand_t {
    f1_db_t *db;
    const char *actor;          /* id of the account that does it; NULL: none */
    const char *via;            /* how it was shown, as audit_log has it: "token" */
    const char *key;            /* id of the API key that was shown; NULL: none */
    const char *address;        /* of the client; NULL: there is none */
    const char *user_agent;     /* what it says it is; NULL: nothing */
    const char *service;        /* what the service is called in mail */
    apr_pool_t *pool;
    f1_result_t *res;
} f1_errand_t;

/* The statement's parameters now, actor, via, key, address and user_agent are the errand's; values are all others, in
 * their order. prows may be NULL. */
apr_status_t f1_errand_query(const f1_errand_t *errand, const f1_statement_t *statement, const char *const *values,
                             f1_rows_t **prows);

/* The same for a statement that returns the id of what it found: without a row F1_E_NOT_FOUND, "No such NOUN". */
apr_status_t f1_errand_change(const f1_errand_t *errand, const f1_statement_t *statement, const char *const *values,
                              const char *noun);

/* A column of the first row by its name; and whether it is true. */
const char *f1_errand_column(const f1_rows_t *rows, const char *name);
int f1_errand_is(const f1_rows_t *rows, const char *name);

/* A new secret and the digest under which it is stored. */
typedef struct f1_ticket_t {
    const char *text, *hash;
} f1_ticket_t;
f1_ticket_t f1_errand_ticket(const char *prefix, apr_pool_t *pool);

/* The digest of one that was shown. */
const char *f1_errand_digest(const char *text, apr_pool_t *pool);

#endif
