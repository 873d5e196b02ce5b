/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Requests for the drop-in OpenF1 API: the list is the last part of the path, the rest is the query's. */

#include "web/openf1_api.h"

#include <string.h>

#include <apr_strings.h>

#include "compat/openf1_answer.h"

#define BODY_FIRST 65536

static void send_as_csv(f1_call_t *call, const char *list)
{
    char *name = apr_pstrcat(call->r->pool, list, ".csv", NULL);

    ap_str_tolower(name);
    call->content_type = "text/csv; charset=utf-8";
    apr_table_setn(call->r->headers_out, "Content-Disposition",
                   apr_pstrcat(call->r->pool, "attachment; filename=", name, NULL));
}

f1_time_bond_t f1_openf1_time(const f1_call_t *call)
{
    const char *query = call->r->args;

    /* letters may be hidden in escapes */
    return query && (strstr(query, "latest") || strstr(query, "%6") || strstr(query, "%7")) ? F1_TIME_LIVE
                                                                                            : F1_TIME_NONE;
}

apr_status_t f1_openf1_api(f1_call_t *call, f1_buf_t *out, f1_result_t *res)
{
    apr_pool_t *pool = call->r->pool;
    const char *list = call->match.path_values[0];
    const f1_statement_t *statement = f1_openf1_statement(list);
    apr_time_t start = apr_time_now();
    f1_openf1_query_t *query;
    f1_conn_t *conn;
    int count = 0;

    if (!statement) {
        return f1_result_fail(res, F1_E_NOT_FOUND, APR_NOTFOUND, "OpenF1 has no list of this name");
    }
    if (f1_openf1_query_read(&query, call->r->args, pool, res) != APR_SUCCESS) {
        return res->rv;
    }
    f1_buf_init(out, pool, BODY_FIRST, F1_OPENF1_MAX_BODY);
    if (call->db->open(call->db, &conn, pool, res) == APR_SUCCESS) {
        (void)f1_openf1_answer(conn, statement, query, out, &count, pool, res);
        call->db->close(call->db, conn);
    }
    call->query_time = apr_time_now() - start;
    if (res->error == F1_E_OK && !count && call->dir->openf1_empty_404) {
        return f1_result_fail(res, F1_E_NOT_FOUND, APR_NOTFOUND, "No results found.");
    }
    if (res->error == F1_E_OK && query->is_csv) {
        send_as_csv(call, list);
    }
    return res->rv;
}
