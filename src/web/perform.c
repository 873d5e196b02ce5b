/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Endpoints take their connections from call->db and know nothing of transactions: around them it is the door to one
 * connection, on which the transaction was begun. */

#include "web/perform.h"

#include <apr_strings.h>

#include "db/endpoint.h"
#include "db/replay.h"

typedef struct deed_t {
    f1_call_t *call;
    f1_endpoint_fn_t *work;
    f1_buf_t *out;
    f1_replay_t replay;
} deed_t;

static apr_status_t work_within(f1_conn_t *conn, void *baton, f1_result_t *res)
{
    deed_t *deed = baton;
    f1_call_t *call = deed->call;
    f1_db_t *db = call->db;
    f1_db_held_t held;

    f1_db_hold(&held, conn);
    call->db = &held.db;
    (void)deed->work(call, deed->out, res);
    call->db = db;
    deed->replay.status = call->status;
    deed->replay.location = apr_table_get(call->r->headers_out, "Location");
    deed->replay.content_type = call->content_type;
    deed->replay.body = deed->out->data;
    deed->replay.len = deed->out->len;
    return res->rv;
}

/* All that makes the request what it is, but for the headers. */
static const char *request_hash(const f1_call_t *call)
{
    const request_rec *r = call->r;
    const char *head = apr_pstrcat(r->pool, r->uri, "?", r->args ? r->args : "", "\n", NULL);
    f1_buf_t text;

    f1_buf_init(&text, r->pool, strlen(head) + call->body.len + 1, strlen(head) + call->body.len + 1);
    f1_buf_adds(&text, head);
    f1_buf_add(&text, call->body.len ? call->body.data : "", call->body.len);
    return f1_str_sha256(text.data, text.len, r->pool);
}

static void give_again(f1_call_t *call, const f1_replay_t *replay, f1_buf_t *out)
{
    apr_table_t *headers = call->r->headers_out;

    call->status = replay->status;
    call->content_type = replay->content_type;
    if (replay->location) {
        apr_table_setn(headers, "Location", replay->location);
    }
    apr_table_setn(headers, "Idempotency-Replayed", "true");
    f1_buf_add(out, replay->body, replay->len);
}

static apr_status_t work_once(deed_t *deed, f1_conn_t *conn, const char *key, f1_result_t *res)
{
    f1_call_t *call = deed->call;

    deed->replay = (f1_replay_t){.account_id = call->identity->user_id,
                                 .route = call->match.route->name,
                                 .key = key,
                                 .request_hash = request_hash(call)};
    if (f1_replay(conn, &deed->replay, work_within, deed, res) == APR_SUCCESS && deed->replay.is_found) {
        give_again(call, &deed->replay, deed->out);
    }
    return res->rv;
}

apr_status_t f1_perform(f1_call_t *call, f1_endpoint_fn_t *work, f1_buf_t *out, f1_result_t *res)
{
    const f1_route_t *route = call->match.route;
    const char *key = f1_route_is_repeatable(route) ? apr_table_get(call->r->headers_in, "Idempotency-Key") : NULL;
    deed_t deed = {.call = call, .work = work, .out = out};
    f1_conn_t *conn;

    /* SQL looks at If-Match itself */
    if (!key && !(call->request.if_match && route->state && route->handler)) {
        return work(call, out, res);
    }
    if (call->db->open(call->db, &conn, call->r->pool, res) != APR_SUCCESS) {
        return res->rv;
    }
    if (key) {
        (void)work_once(&deed, conn, key, res);
    }
    else {
        (void)f1_endpoint_change(conn, &call->request, work_within, &deed, res);
    }
    call->db->close(call->db, conn);
    if (res->error != F1_E_OK) {
        apr_table_unset(call->r->headers_out, "Location"); /* what was made is not there after all */
    }
    return res->rv;
}
