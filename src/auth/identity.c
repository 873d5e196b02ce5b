/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Who is asking, and who may do what: the one place that decides it for the routes of the API. */

#include "auth/identity.h"

#include <string.h>

#include <apr_strings.h>

#include "base/clock.h"
#include "base/str.h"
#include "db/query.h"
#include "gen/statements.h"

#define SCOPES_MAX 32
#define MEMBER_MAX 40 /* bytes of a UUID and what is around it */
#define CHALLENGE_MAX 1024

const f1_identity_t f1_identity_nobody = {.by = F1_BY_NOTHING};

static const char *const role_names[] = {NULL, "user", "admin"};

const char *f1_role_name(f1_role_t role)
{
    return role_names[role];
}

f1_role_t f1_role_of(const char *name)
{
    int role;

    for (role = F1_ROLE_ADMIN; role > F1_ROLE_NONE && (!name || strcmp(role_names[role], name) != 0); role--) {
    }
    return (f1_role_t)role;
}

const char *f1_by_name(f1_by_t by)
{
    static const char *const names[] = {"nobody", "token", "apikey", "server"};

    return names[by];
}

/* --- Who it is */

static const char *column(const f1_rows_t *rows, const char *name)
{
    return f1_rows_get(rows, 0, f1_rows_column(rows, name));
}

static int is_set(const f1_rows_t *rows, const char *name)
{
    const char *value = column(rows, name);

    return value && *value == 't';
}

/* From a row with id, username, role and disabled. */
static apr_status_t take_user(f1_identity_t *identity, f1_by_t by, const f1_rows_t *rows, f1_result_t *res)
{
    *identity = f1_identity_nobody;
    if (is_set(rows, "disabled")) {
        return f1_result_fail(res, F1_E_TOKEN_INVALID, APR_EACCES, "The account is disabled");
    }
    identity->by = by;
    identity->user_id = column(rows, "id");
    identity->username = column(rows, "username");
    identity->role = by == F1_BY_KEY ? F1_ROLE_NONE : f1_role_of(column(rows, "role"));
    return APR_SUCCESS;
}

static const char *now(apr_pool_t *pool)
{
    return f1_time_format(apr_palloc(pool, F1_TIME_LEN), f1_clock_now());
}

apr_status_t f1_identity_by_session(f1_identity_t *identity, f1_conn_t *conn, const char *user_id,
                                    const char *session_id, apr_pool_t *pool, f1_result_t *res)
{
    const char *values[] = {user_id, session_id, now(pool)};
    f1_rows_t *rows;
    apr_status_t rv = f1_query(conn, &f1_stmt_auth_identity_session, values, &rows, pool, res);

    if (rv == APR_SUCCESS && f1_rows_count(rows) == 0) {
        rv = f1_result_fail(res, F1_E_TOKEN_INVALID, APR_EACCES, "The access token's session has ended");
    }
    if (rv == APR_SUCCESS) {
        rv = take_user(identity, F1_BY_TOKEN, rows, res);
    }
    if (rv == APR_SUCCESS) {
        identity->session_id = apr_pstrdup(pool, session_id);
    }
    return rv;
}

/* "a b c" as a list. */
static const char *const *words_of(const char *text, apr_pool_t *pool)
{
    const char **words = apr_pcalloc(pool, (SCOPES_MAX + 1) * sizeof(*words));
    char *state, *word, *list = apr_pstrdup(pool, text ? text : "");
    int count = 0;

    for (word = apr_strtok(list, " ", &state); word && count < SCOPES_MAX; word = apr_strtok(NULL, " ", &state)) {
        words[count++] = word;
    }
    return words;
}

apr_status_t f1_identity_by_key(f1_identity_t *identity, f1_conn_t *conn, const char *key, apr_pool_t *pool,
                                f1_result_t *res)
{
    const char *values[] = {f1_str_sha256(key, strlen(key), pool), now(pool)};
    f1_rows_t *rows;
    apr_status_t rv = f1_query(conn, &f1_stmt_auth_identity_key, values, &rows, pool, res);

    if (rv != APR_SUCCESS) {
        return rv;
    }
    if (f1_rows_count(rows) == 0) {
        return f1_result_fail(res, F1_E_TOKEN_INVALID, APR_EACCES, "The API key is invalid");
    }
    if (is_set(rows, "revoked")) {
        return f1_result_fail(res, F1_E_TOKEN_INVALID, APR_EACCES, "The API key was revoked");
    }
    if (is_set(rows, "expired")) {
        return f1_result_fail(res, F1_E_TOKEN_EXPIRED, APR_EACCES, "The API key has expired");
    }
    rv = take_user(identity, F1_BY_KEY, rows, res);
    identity->owner_role = f1_role_of(column(rows, "role"));
    identity->key_id = column(rows, "key_id");
    identity->key_prefix = column(rows, "prefix");
    identity->scopes = words_of(column(rows, "scopes"), pool);
    return rv;
}

/* Finds or makes the account. F1_E_CONFLICT: another did so in the same moment. */
static apr_status_t link_or_add(f1_rows_t **prows, f1_conn_t *conn, const f1_vouched_t *vouched, int first,
                                apr_pool_t *pool, f1_result_t *res)
{
    const char *values[] = {
        vouched->issuer, vouched->subject,       first ? vouched->username : NULL, first ? vouched->email : NULL,
        now(pool),       f1_by_name(vouched->by)};
    apr_status_t rv = f1_query(conn, &f1_stmt_auth_identity_link, values, prows, pool, res);

    return rv == APR_SUCCESS && f1_rows_count(*prows) == 0
               ? f1_query(conn, &f1_stmt_auth_identity_link_add, values, prows, pool, res)
               : rv;
}

/* What the database says about our statement, as it concerns whoever asks. */
static apr_status_t not_linked(f1_result_t *res)
{
    f1_error_t error = res->error;

    if (error != F1_E_CONFLICT && error != F1_E_BAD_REQUEST) {
        return res->rv;
    }
    f1_result_clear(res);
    if (error == F1_E_BAD_REQUEST) {
        return f1_result_fail(res, F1_E_TOKEN_INVALID, APR_EINVAL,
                              "Nobody can be called what the token calls its user");
    }
    res->retry_after = 1;
    return f1_result_fail(res, F1_E_UNAVAILABLE, APR_EAGAIN, "The account is being made");
}

apr_status_t f1_identity_by_link(f1_identity_t *identity, f1_conn_t *conn, const f1_vouched_t *vouched,
                                 apr_pool_t *pool, f1_result_t *res)
{
    f1_rows_t *rows = NULL;
    int attempt;

    /* the second time the account is there, or only its name was taken; the third time it is there for sure */
    for (attempt = 0; attempt < 3; attempt++) {
        f1_result_clear(res);
        if (link_or_add(&rows, conn, vouched, attempt == 0, pool, res) == APR_SUCCESS) {
            (void)take_user(identity, vouched->by, rows, res);
            identity->is_fresh = res->rv == APR_SUCCESS && vouched->is_fresh;
            return res->rv;
        }
        if (res->error != F1_E_CONFLICT) {
            break;
        }
    }
    return not_linked(res);
}

typedef const char *f1_member_t(const f1_identity_t *identity);

static const char *user_id(const f1_identity_t *identity)
{
    return identity->user_id;
}

static const char *role(const f1_identity_t *identity)
{
    return f1_role_name(identity->role);
}

static const char *session_id(const f1_identity_t *identity)
{
    return identity->session_id;
}

static const char *key_id(const f1_identity_t *identity)
{
    return identity->key_id;
}

/* An array of PostgreSQL. Roles and UUIDs are words, so that they need no quotes. */
static const char *array_of(f1_member_t *member, const f1_identity_t *identities, int count, apr_pool_t *pool)
{
    f1_buf_t out;
    int i;

    f1_buf_init(&out, pool, 256, (size_t)count * MEMBER_MAX + 3);
    for (i = 0; i < count; i++) {
        const char *value = member(&identities[i]);

        f1_buf_addf(&out, "%c%s", i ? ',' : '{', value ? value : "NULL");
    }
    f1_buf_addc(&out, '}');
    return out.data;
}

apr_status_t f1_identity_recheck(const f1_identity_t *identities, int count, char *is_gone, f1_conn_t *conn,
                                 apr_pool_t *pool, f1_result_t *res)
{
    const char *values[] = {array_of(user_id, identities, count, pool), array_of(role, identities, count, pool),
                            array_of(session_id, identities, count, pool), array_of(key_id, identities, count, pool),
                            now(pool)};
    apr_int64_t place;
    f1_rows_t *rows;
    int i;

    if (!count || f1_query(conn, &f1_stmt_auth_identity_recheck, values, &rows, pool, res) != APR_SUCCESS) {
        return res->rv;
    }
    for (i = 0; i < f1_rows_count(rows); i++) {
        if (f1_str_to_int64(f1_rows_get(rows, i, 0), &place) && place >= 1 && place <= count) {
            is_gone[place - 1] = 1;
        }
    }
    return APR_SUCCESS;
}

/* --- What he may do */

int f1_identity_has_scope(const f1_identity_t *identity, const char *scope)
{
    const char *const *has;

    for (has = identity->scopes; has && *has; has++) {
        if (!strcmp(*has, scope)) {
            return 1;
        }
    }
    return 0;
}

/* least: what its owner has to be. */
static apr_status_t key_may_use(const f1_identity_t *identity, const char *scope, f1_role_t least, f1_result_t *res)
{
    if (!scope) {
        return f1_result_fail(res, F1_E_FORBIDDEN, APR_EACCES,
                              "An API key cannot do this; it takes the user's own access token");
    }
    if (!f1_identity_has_scope(identity, scope)) {
        return f1_result_fail(res, F1_E_FORBIDDEN, APR_EACCES, "The API key lacks the scope '%s'", scope);
    }
    if (identity->owner_role < least) {
        return f1_result_fail(res, F1_E_FORBIDDEN, APR_EACCES, "Only API keys of administrators may do this");
    }
    return APR_SUCCESS;
}

apr_status_t f1_identity_may_use(const f1_identity_t *identity, const f1_route_t *route, int public_read,
                                 f1_result_t *res)
{
    f1_role_t least = route->auth == F1_AUTH_ADMIN ? F1_ROLE_ADMIN : F1_ROLE_USER;

    if (route->auth == F1_AUTH_OPEN || (route->auth == F1_AUTH_PUBLIC && public_read)) {
        return APR_SUCCESS;
    }
    if (identity->by == F1_BY_NOTHING) {
        return f1_result_fail(res, F1_E_UNAUTHORIZED, APR_EACCES, "An access token is missing");
    }
    if (identity->by == F1_BY_KEY) {
        return key_may_use(identity, route->auth == F1_AUTH_PUBLIC ? F1_SCOPE_READ : route->scope, least, res);
    }
    if (identity->role < least) {
        return f1_result_fail(res, F1_E_FORBIDDEN, APR_EACCES, "Only administrators may do this");
    }
    return APR_SUCCESS;
}

/* A quoted string of what is printable ASCII in text; what would end it is left out. */
static void add_quoted(f1_buf_t *out, const char *name, const char *text)
{
    f1_buf_addf(out, "%s=\"", name);
    for (; *text; text++) {
        if (*text >= ' ' && *text <= '~' && *text != '"' && *text != '\\') {
            f1_buf_addc(out, *text);
        }
    }
    f1_buf_addc(out, '"');
}

const char *f1_identity_challenge(const f1_result_t *res, const char *realm, const char *scope, apr_pool_t *pool)
{
    f1_buf_t out;

    f1_buf_init(&out, pool, 128, CHALLENGE_MAX);
    add_quoted(&out, "Bearer realm", realm);
    if (res->error == F1_E_TOKEN_EXPIRED || res->error == F1_E_TOKEN_INVALID) {
        add_quoted(&out, ", error=\"invalid_token\", error_description", res->detail);
    }
    if (res->error == F1_E_FORBIDDEN) {
        add_quoted(&out, ", error=\"insufficient_scope\", error_description", res->detail);
        if (scope) {
            add_quoted(&out, ", scope", scope);
        }
    }
    return out.full ? "Bearer" : out.data;
}
