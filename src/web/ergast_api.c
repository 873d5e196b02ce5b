/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Requests for the drop-in Ergast API: the path is handed to its grammar, and its verdicts become what clients of the
 * original know. */

#include "web/ergast_api.h"

#include <string.h>

#include <apr_strings.h>
#include <http_core.h>
#include <httpd.h>

#include "compat/ergast_answer.h"
#include "web/mount.h"

#define BASE "/ergast/f1"

/* What was asked, with the path below our mount, as the original would have it. */
static const char *asked_url(const f1_call_t *call, const char *path)
{
    apr_pool_t *pool = call->r->pool;
    char *url = ap_construct_url(pool, ap_escape_uri(pool, path), call->r);

    ap_str_tolower(url);
    return url;
}

/* To the same with a slash behind it. */
static apr_status_t redirect(f1_call_t *call)
{
    request_rec *r = call->r;

    call->status = HTTP_MOVED_PERMANENTLY;
    apr_table_setn(r->headers_out, "Location",
                   apr_pstrcat(r->pool, ap_escape_uri(r->pool, r->uri), "/", r->args ? "?" : "", r->args, NULL));
    return APR_SUCCESS;
}

f1_time_bond_t f1_ergast_time(const f1_call_t *call)
{
    static const char *const words[] = {"current", "last", "next"}; /* also as a part of another one: no harm done */
    const char *path = call->match.path_values[0];
    size_t i;

    for (i = 0; path && i < sizeof(words) / sizeof(words[0]); i++) {
        if (ap_strcasestr(path, words[i])) {
            return F1_TIME_CLOCK;
        }
    }
    return F1_TIME_NONE;
}

static apr_status_t answer(f1_call_t *call, f1_ergast_path_t *path, const char *url, f1_buf_t *out, f1_result_t *res)
{
    apr_pool_t *pool = call->r->pool;
    apr_time_t start = apr_time_now();
    f1_ergast_window_t window;
    f1_conn_t *conn;
    apr_status_t rv;

    f1_ergast_window_read(&window, call->r->args, pool);
    rv = call->db->open(call->db, &conn, pool, res);
    if (rv == APR_SUCCESS) {
        rv = f1_ergast_answer(conn, path, &window, url, out, pool, res);
        call->db->close(call->db, conn);
    }
    call->query_time = apr_time_now() - start;
    return rv;
}

apr_status_t f1_ergast_api(f1_call_t *call, f1_buf_t *out, f1_result_t *res)
{
    const char *below = f1_mount_path(call->dir, call->r);
    f1_ergast_path_t path;

    switch (f1_ergast_path_read(&path, below + strlen(BASE), call->r->pool)) {
    case F1_ERGAST_OK:
        return answer(call, &path, asked_url(call, below), out, res);
    case F1_ERGAST_REDIRECT:
        return redirect(call);
    case F1_ERGAST_NO_FINAL:
        return f1_result_fail(res, F1_E_BAD_REQUEST, APR_EINVAL,
                              "Bad Request: Endpoint does not support final filter.");
    case F1_ERGAST_NEEDS_SEASON:
        return f1_result_fail(res, F1_E_BAD_REQUEST, APR_EINVAL,
                              "Bad Request: Missing one of the required parameters ['season_year'].");
    case F1_ERGAST_NEEDS_ROUND:
        return f1_result_fail(res, F1_E_BAD_REQUEST, APR_EINVAL,
                              "Bad Request: Missing one of the required parameters ['season_year', 'race_round'].");
    case F1_ERGAST_UNSUPPORTED:
        return f1_result_fail(res, F1_E_BAD_REQUEST, APR_EINVAL, "Bad Request: Unsupported filter for endpoint.");
    case F1_ERGAST_NOT_FOUND:
        break;
    }
    return f1_result_fail(res, F1_E_NOT_FOUND, APR_NOTFOUND, "Not found.");
}
