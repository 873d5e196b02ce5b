/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* API keys: made and revoked here, recognised in auth/identity.c. */

#include "auth/apikey.h"

#include <apr_strings.h>

#include "auth/bearer.h"
#include "base/clock.h"
#include "gen/statements.h"

#define PREFIX_LEN 12 /* characters that may be seen */

apr_status_t f1_apikey_add(const f1_errand_t *errand, const f1_apikey_new_t *wanted, const char **pkey,
                           f1_rows_t **prows)
{
    f1_ticket_t ticket = f1_errand_ticket(F1_API_KEY_PREFIX, errand->pool);
    const char *values[] = {wanted->user_id, wanted->name,   apr_pstrmemdup(errand->pool, ticket.text, PREFIX_LEN),
                            ticket.hash,     wanted->scopes, wanted->expires_at};
    apr_time_t expires;

    if (wanted->expires_at && (!f1_time_parse(wanted->expires_at, &expires) || expires <= f1_clock_now())) {
        f1_result_field(errand->res, "/expires_at", "must be a time to come");
        return errand->res->rv;
    }
    if (f1_errand_query(errand, &f1_stmt_auth_apikey_add, values, prows) != APR_SUCCESS) {
        return errand->res->rv;
    }
    if (!f1_rows_count(*prows)) {
        return f1_result_fail(errand->res, F1_E_CONFLICT, APR_EGENERAL,
                              "The account has as many keys as it may; revoke one first");
    }
    *pkey = ticket.text;
    return APR_SUCCESS;
}

apr_status_t f1_apikey_revoke(const f1_errand_t *errand, const char *key_id, const char *user_id)
{
    const char *values[] = {key_id, user_id};

    return f1_errand_change(errand, &f1_stmt_auth_apikey_revoke, values, "API key");
}
