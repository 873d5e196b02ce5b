/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Statements about accounts: what is the same for all of them is filled in here, by the names of their parameters. */

#include "auth/errand.h"

#include <string.h>

#include <apr_strings.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/str.h"

#define TICKET_BYTES 32

/* 0: it is none of the errand's. */
static int own_value(const f1_errand_t *errand, const char *name, const char **pvalue)
{
    const struct {
        const char *name, *value;
    } own[] = {{"actor", errand->actor},
               {"via", errand->via},
               {"key", errand->key},
               {"address", errand->address},
               {"user_agent", errand->user_agent}};
    size_t i;

    if (!strcmp(name, "now")) {
        *pvalue = f1_time_format(apr_palloc(errand->pool, F1_TIME_LEN), f1_clock_now());
        return 1;
    }
    for (i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
        if (!strcmp(name, own[i].name)) {
            *pvalue = own[i].value;
            return 1;
        }
    }
    return 0;
}

apr_status_t f1_errand_query(const f1_errand_t *errand, const f1_statement_t *statement, const char *const *values,
                             f1_rows_t **prows)
{
    const char **all = apr_pcalloc(errand->pool, sizeof(*all) * (size_t)(statement->param_count + 1));
    f1_conn_t *conn;
    int i;

    for (i = 0; i < statement->param_count; i++) {
        if (!own_value(errand, statement->param_names[i], &all[i])) {
            all[i] = *values++;
        }
    }
    if (errand->db->open(errand->db, &conn, errand->pool, errand->res) != APR_SUCCESS) {
        return errand->res->rv;
    }
    (void)f1_query(conn, statement, all, prows, errand->pool, errand->res);
    errand->db->close(errand->db, conn);
    return errand->res->rv;
}

apr_status_t f1_errand_change(const f1_errand_t *errand, const f1_statement_t *statement, const char *const *values,
                              const char *noun)
{
    f1_rows_t *rows;
    apr_status_t rv = f1_errand_query(errand, statement, values, &rows);

    if (rv == APR_SUCCESS && !f1_rows_count(rows)) {
        rv = f1_result_fail(errand->res, F1_E_NOT_FOUND, APR_NOTFOUND, "No such %s", noun);
    }
    return rv;
}

const char *f1_errand_column(const f1_rows_t *rows, const char *name)
{
    return f1_rows_get(rows, 0, f1_rows_column(rows, name));
}

int f1_errand_is(const f1_rows_t *rows, const char *name)
{
    const char *value = f1_errand_column(rows, name);

    return value && *value == 't';
}

const char *f1_errand_digest(const char *text, apr_pool_t *pool)
{
    return f1_str_sha256(text, strlen(text), pool);
}

f1_ticket_t f1_errand_ticket(const char *prefix, apr_pool_t *pool)
{
    f1_ticket_t ticket;

    ticket.text = apr_pstrcat(pool, prefix, f1_random_text(TICKET_BYTES, pool), NULL);
    ticket.hash = f1_errand_digest(ticket.text, pool);
    return ticket;
}
