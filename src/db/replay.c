/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Keys and answers of requests that may be sent again. The client's key is not stored: one hash of it finds the row,
 * another one seals the answer in it, and neither tells the other. */

#include "db/replay.h"

#include <string.h>

#include <apr_strings.h>

#include "base/seal.h"
#include "base/str.h"
#include "db/query.h"
#include "gen/statements.h"

typedef struct once_t {
    f1_replay_t *replay;
    const char *key_hash, *secret;
    apr_status_t (*work)(f1_conn_t *conn, void *baton, f1_result_t *res);
    void *baton;
} once_t;

static int is_key(const char *key)
{
    size_t len = strlen(key), i;

    for (i = 0; i < len; i++) {
        if (key[i] < '!' || key[i] > '~') {
            return 0;
        }
    }
    return len >= F1_REPLAY_KEY_MIN && len <= F1_REPLAY_KEY_MAX;
}

/* Of two requests with one key at a time the second does not wait for the first: it would hold a connection. */
static apr_status_t lock(f1_conn_t *conn, const once_t *once, f1_result_t *res)
{
    f1_rows_t *rows;

    if (f1_query(conn, &f1_stmt_replay_lock, &once->key_hash, &rows, res->pool, res) == APR_SUCCESS &&
        strcmp(f1_rows_get(rows, 0, 0), "t") != 0) {
        res->retry_after = 1;
        f1_result_fail(res, F1_E_CONFLICT, APR_EBUSY,
                       "The first request with this Idempotency-Key is still being worked on");
    }
    return res->rv;
}

static apr_status_t find(f1_conn_t *conn, const once_t *once, f1_result_t *res)
{
    f1_replay_t *replay = once->replay;
    const char *values[] = {once->key_hash, replay->request_hash};
    apr_int64_t status;
    f1_rows_t *rows;

    if (f1_query(conn, &f1_stmt_replay_find, values, &rows, res->pool, res) != APR_SUCCESS ||
        f1_rows_count(rows) == 0) {
        return res->rv;
    }
    if (strcmp(f1_rows_get(rows, 0, 0), "t") != 0) {
        return f1_result_fail(res, F1_E_UNPROCESSABLE, APR_EINVAL,
                              "This Idempotency-Key was sent with another request");
    }
    replay->body = f1_unseal(once->secret, f1_rows_get(rows, 0, 4), &replay->len, res->pool);
    if (!replay->body || !f1_str_to_int64(f1_rows_get(rows, 0, 1), &status)) {
        return f1_result_fail(res, F1_E_INTERNAL, APR_EGENERAL, "The stored answer cannot be read");
    }
    replay->is_found = 1;
    replay->status = (int)status;
    replay->location = f1_rows_get(rows, 0, 2);
    replay->content_type = f1_rows_get(rows, 0, 3);
    return APR_SUCCESS;
}

static apr_status_t keep(f1_conn_t *conn, const once_t *once, f1_result_t *res)
{
    const f1_replay_t *replay = once->replay;
    const char *sealed = f1_seal(once->secret, replay->body, replay->len, res->pool);
    const char *values[] = {once->key_hash,
                            replay->account_id,
                            replay->request_hash,
                            apr_itoa(res->pool, replay->status),
                            replay->location,
                            replay->content_type,
                            sealed};

    if (!sealed) {
        return f1_result_fail(res, F1_E_INTERNAL, APR_EGENERAL, "The answer cannot be kept");
    }
    return f1_query(conn, &f1_stmt_replay_keep, values, NULL, res->pool, res);
}

static apr_status_t do_once(f1_conn_t *conn, void *baton, f1_result_t *res)
{
    const once_t *once = baton;

    if (lock(conn, once, res) != APR_SUCCESS || find(conn, once, res) != APR_SUCCESS || once->replay->is_found) {
        return res->rv;
    }
    return once->work(conn, once->baton, res) == APR_SUCCESS ? keep(conn, once, res) : res->rv;
}

apr_status_t f1_replay(f1_conn_t *conn, f1_replay_t *replay,
                       apr_status_t (*work)(f1_conn_t *conn, void *baton, f1_result_t *res), void *baton,
                       f1_result_t *res)
{
    const char *name = apr_pstrcat(res->pool, replay->account_id, " ", replay->route, " ", replay->key, NULL);
    once_t once = {.replay = replay,
                   .key_hash = f1_str_sha256(name, strlen(name), res->pool),
                   .secret = apr_pstrcat(res->pool, "answer ", name, NULL),
                   .work = work,
                   .baton = baton};

    replay->is_found = 0;
    if (!is_key(replay->key)) {
        f1_result_field(res, "Idempotency-Key", "must be %d to %d visible ASCII characters, like a UUID",
                        F1_REPLAY_KEY_MIN, F1_REPLAY_KEY_MAX);
        return res->rv;
    }
    return f1_transaction(conn, do_once, &once, res);
}
