/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Two small pages without scripts. */

#include "web/unsubscribe.h"

#include <apr_strings.h>

#include "db/query.h"
#include "gen/statements.h"

#define HTML_TYPE "text/html; charset=utf-8"
#define POLICY "default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

/* What the kind of mail is about, as the page says it; NULL with a failure in res. */
static const char *ask(const f1_call_t *call, const f1_statement_t *statement, f1_result_t *res)
{
    apr_pool_t *pool = call->r->pool;
    const char *summary = NULL;
    f1_rows_t *rows;
    f1_conn_t *conn;

    if (call->db->open(call->db, &conn, pool, res) != APR_SUCCESS) {
        return NULL;
    }
    if (f1_query(conn, statement, call->request.values, &rows, pool, res) == APR_SUCCESS) {
        if (f1_rows_count(rows)) {
            summary = ap_escape_html(pool, f1_rows_get(rows, 0, 1));
        }
        else {
            f1_result_fail(res, F1_E_NOT_FOUND, APR_NOTFOUND, "No such %s", call->match.route->noun);
        }
    }
    call->db->close(call->db, conn);
    return summary;
}

static void write_page(f1_call_t *call, f1_buf_t *out, const char *words, const char *form)
{
    call->content_type = HTML_TYPE;
    apr_table_setn(call->r->headers_out, "Content-Security-Policy", POLICY);
    f1_buf_addf(out,
                "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                "<meta name=\"robots\" content=\"noindex\">\n<title>%s</title>\n</head>\n<body>\n<h1>%s</h1>\n",
                ap_escape_html(call->r->pool, call->dir->title), ap_escape_html(call->r->pool, call->dir->title));
    f1_buf_adds(out, words);
    f1_buf_adds(out, form);
    f1_buf_adds(out, "</body>\n</html>\n");
}

apr_status_t f1_unsubscribe_page(f1_call_t *call, f1_buf_t *out, f1_result_t *res)
{
    const char *summary = ask(call, &f1_stmt_delivery_unsubscribe_find, res);

    if (summary) {
        write_page(call, out,
                   apr_psprintf(call->r->pool, "<p>No more mail of this kind: <strong>%s</strong>?</p>\n", summary),
                   "<form method=\"post\"><button>No more mail of this kind</button></form>\n");
    }
    return res->rv;
}

apr_status_t f1_unsubscribe(f1_call_t *call, f1_buf_t *out, f1_result_t *res)
{
    const char *summary = ask(call, &f1_stmt_delivery_unsubscribe, res);

    if (summary) {
        write_page(call, out,
                   apr_psprintf(call->r->pool,
                                "<p>You get no more mail of this kind: <strong>%s</strong>.</p>\n"
                                "<p>It can be turned on again among the preferences of your account.</p>\n",
                                summary),
                   "");
    }
    return res->rv;
}
