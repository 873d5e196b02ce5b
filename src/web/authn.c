/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* From headers to identities, and AuthType F1Board. What was found out stays with the outermost request, because
 * subrequests and internal redirects have its headers. A name that httpd found out belongs to the one request and its
 * location, so that one is compared. Nothing of a credential is ever logged. */

#include "web/authn.h"

#include <string.h>

#include <apr_strings.h>
#include <http_core.h>
#include <http_log.h>
#include <http_protocol.h>
#include <http_request.h>

#include "auth/bearer.h"
#include "auth/jwks.h"
#include "auth/token.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "web/dbd.h"
#include "web/limits.h"

APLOG_USE_MODULE(f1board);

#define MEMORY "f1board:identity"
#define REALM "f1board"
#define SERVER_ISSUER "httpd" /* of account links: httpd's own word */
#define SUBJECT_MAX 255
#define FRESH apr_time_from_sec(10 * 60) /* how long after a login elsewhere somebody may do what takes one */

/* What is known about who asks, by one way of showing it. */
typedef struct known_t {
    int asked;
    f1_identity_t identity;
    f1_result_t *res;
} known_t;

typedef struct memory_t {
    known_t shown; /* in headers */
    known_t server; /* by httpd, as */
    const char *server_user;
    const known_t *last;
} memory_t;

static const request_rec *outermost(const request_rec *r)
{
    while (r->main || r->prev) {
        r = r->main ? r->main : r->prev;
    }
    return r;
}

static memory_t *memory_of(const request_rec *r)
{
    void *memory = NULL;

    apr_pool_userdata_get(&memory, MEMORY, outermost(r)->pool);
    return memory;
}

static memory_t *make_memory(const request_rec *r)
{
    apr_pool_t *pool = outermost(r)->pool;
    memory_t *memory = memory_of(r);

    if (!memory) {
        memory = apr_pcalloc(pool, sizeof(*memory));
        apr_pool_userdata_setn(memory, MEMORY, NULL, pool);
    }
    return memory;
}

/* --- What headers show */

/* What was verified without the database. */
typedef struct shown_t {
    f1_by_t by;
    const char *key; /* F1_BY_KEY */
    f1_claims_t claims; /* a token of ours */
    f1_vouched_t vouched; /* issuer set: another vouches */
    apr_time_t until; /* when a token expires, by the machine's clock */
} shown_t;

static apr_status_t look_up(const request_rec *r, const shown_t *shown, known_t *known)
{
    apr_pool_t *pool = outermost(r)->pool;
    f1_dbd_lease_t lease;
    f1_conn_t *conn;
    apr_status_t rv;

    f1_dbd_lease(&lease, f1_config_server(r->server)->dbd);
    rv = lease.db.open(&lease.db, &conn, pool, known->res);
    if (rv != APR_SUCCESS) {
        return rv;
    }
    if (shown->vouched.issuer) {
        rv = f1_identity_by_link(&known->identity, conn, &shown->vouched, pool, known->res);
    }
    else if (shown->by == F1_BY_KEY) {
        rv = f1_identity_by_key(&known->identity, conn, shown->key, pool, known->res);
    }
    else {
        rv = f1_identity_by_session(&known->identity, conn, shown->claims.user_id, shown->claims.session_id, pool,
                                    known->res);
    }
    lease.db.close(&lease.db, conn);
    ap_log_rerror(APLOG_MARK, APLOG_DEBUG, 0, r, F1LOGNO(0552) "the database was asked who shows %s: %s",
                  f1_by_name(shown->by),
                  rv == APR_SUCCESS ? known->identity.username : f1_result_text(known->res, pool));
    return rv;
}

/* When the clock will show this, by the machine's clock; 0: never. */
static apr_time_t real_time(apr_time_t shown)
{
    apr_interval_time_t left = f1_clock_until(shown);

    return left < APR_INT64_MAX - apr_time_now() ? apr_time_now() + left : 0;
}

/* No connection to the database is held meanwhile: an issuer's keys may have to be fetched. */
static apr_status_t verify_token(const request_rec *r, const char *token, shown_t *shown, f1_result_t *res)
{
    const f1_server_config_t *server = f1_config_server(r->server);
    apr_pool_t *pool = outermost(r)->pool;
    f1_stranger_t stranger;

    shown->by = F1_BY_TOKEN;
    if (!f1_jwks_is_for(server->jwks, token, pool)) {
        if (f1_token_verify(&shown->claims, token, &server->token_rules, pool, res) == APR_SUCCESS) {
            shown->until = real_time(shown->claims.expires_at);
        }
        return res->rv;
    }
    if (f1_jwks_verify(&stranger, token, server->jwks, pool, res) == APR_SUCCESS) {
        shown->vouched =
            (f1_vouched_t){F1_BY_TOKEN,       stranger.issuer, stranger.subject,
                           stranger.username, stranger.email,  apr_time_now() - stranger.login_at <= FRESH};
        shown->until = stranger.expires_at;
    }
    return res->rv;
}

static apr_status_t ask_headers(request_rec *r, known_t *known)
{
    shown_t shown = {.by = F1_BY_KEY};
    f1_bearer_t bearer;
    apr_status_t rv;

    rv = f1_bearer_read(&bearer, apr_table_get(r->headers_in, "Authorization"),
                        apr_table_get(r->headers_in, "X-API-Key"), outermost(r)->pool, known->res);
    if (rv != APR_SUCCESS || bearer.kind == F1_BEARER_NONE || f1_limits_check_failures(r, known->res) != APR_SUCCESS) {
        return known->res->rv;
    }
    shown.key = bearer.text;
    if (bearer.kind == F1_BEARER_TOKEN) {
        rv = verify_token(r, bearer.text, &shown, known->res);
    }
    if (rv == APR_SUCCESS && shown.claims.user_id) {
        rv = f1_limits_check_user(r, shown.claims.user_id, known->res);
    }
    rv = rv == APR_SUCCESS ? look_up(r, &shown, known) : rv;
    known->identity.until = shown.until;
    if (known->res->error == F1_E_TOKEN_INVALID) {
        f1_limits_count_failure(r);
    }
    return rv;
}

/* --- What httpd knows */

static int is_ours(const char *auth_type)
{
    return auth_type && !strcasecmp(auth_type, F1_AUTH_TYPE);
}

/* The name that another module found out, where it is trusted. */
static const char *server_user(const request_rec *r)
{
    const f1_dir_config_t *dir = ap_get_module_config(r->per_dir_config, &f1board_module);

    return dir && dir->trust_remote_user == 1 && r->user && *r->user && !is_ours(r->ap_auth_type) ? r->user : NULL;
}

static apr_status_t ask_server(const request_rec *r, const char *user, known_t *known)
{
    shown_t shown = {.by = F1_BY_SERVER, .vouched = {F1_BY_SERVER, SERVER_ISSUER, user, user, NULL, 1}};

    if (strlen(user) > SUBJECT_MAX || !f1_str_is_utf8(user, strlen(user))) {
        return f1_result_fail(known->res, F1_E_TOKEN_INVALID, APR_EINVAL, "The user's name cannot be used");
    }
    return look_up(r, &shown, known);
}

/* --- Both */

static known_t *begin(known_t *known, const request_rec *r)
{
    *known = (known_t){.asked = 1, .identity = f1_identity_nobody, .res = f1_result_make(outermost(r)->pool)};
    return known;
}

/* What is shown wins over what httpd knows, because it was meant for us. */
static const known_t *find_out(request_rec *r)
{
    memory_t *memory = make_memory(r);
    const char *user = server_user(r);

    if (!memory->shown.asked) {
        ask_headers(r, begin(&memory->shown, r));
    }
    if (memory->shown.res->error != F1_E_OK || memory->shown.identity.by != F1_BY_NOTHING || !user) {
        return &memory->shown;
    }
    if (!memory->server.asked || strcmp(memory->server_user, user) != 0) {
        memory->server_user = apr_pstrdup(outermost(r)->pool, user);
        ask_server(r, memory->server_user, begin(&memory->server, r));
    }
    return &memory->server;
}

apr_status_t f1_authn_identify(request_rec *r, const f1_identity_t **pidentity, f1_result_t *res)
{
    const known_t *known = find_out(r);
    const f1_result_t *why = known->res;

    *pidentity = why->error == F1_E_OK ? &known->identity : &f1_identity_nobody;
    make_memory(r)->last = known;
    if (why->error == F1_E_OK) {
        return APR_SUCCESS;
    }
    f1_result_fail(res, why->error, why->rv, "%s", why->detail);
    res->retry_after = why->retry_after;
    return res->rv;
}

const f1_result_t *f1_authn_failure(const request_rec *r)
{
    const memory_t *memory = memory_of(r);

    return memory && memory->last && memory->last->res->error != F1_E_OK ? memory->last->res : NULL;
}

void f1_authn_challenge(request_rec *r, apr_table_t *headers, const f1_result_t *res, const char *scope)
{
    const char *name = is_ours(ap_auth_type(r)) ? ap_auth_name(r) : NULL;

    apr_table_setn(headers, "WWW-Authenticate", f1_identity_challenge(res, name ? name : REALM, scope, r->pool));
}

/* --- AuthType F1Board */

static void set_env(request_rec *r, const char *name, const char *value)
{
    if (value) {
        apr_table_setn(r->subprocess_env, name, value);
    }
    else {
        apr_table_unset(r->subprocess_env, name);
    }
}

static const char *joined(const char *const *words, apr_pool_t *pool)
{
    const char *text = words && *words ? *words : NULL;

    for (words += text != NULL; text && *words; words++) {
        text = apr_pstrcat(pool, text, " ", *words, NULL);
    }
    return text;
}

void f1_authn_publish(request_rec *r, const f1_identity_t *identity)
{
    int is_key = identity->by == F1_BY_KEY;

    if (identity->by == F1_BY_NOTHING) {
        return;
    }
    if (identity->by != F1_BY_SERVER) {
        r->user = is_key ? apr_pstrcat(r->pool, "key:", identity->key_prefix, NULL)
                         : apr_pstrdup(r->pool, identity->username);
    }
    set_env(r, "F1BOARD_BY", f1_by_name(identity->by));
    set_env(r, "F1BOARD_USER", identity->username);
    set_env(r, "F1BOARD_USER_ID", identity->user_id);
    set_env(r, "F1BOARD_ROLE", f1_role_name(identity->role));
    set_env(r, "F1BOARD_KEY", identity->key_prefix);
    set_env(r, "F1BOARD_SCOPES", is_key ? joined(identity->scopes, r->pool) : NULL);
}

static int refuse(request_rec *r, const f1_result_t *res)
{
    int status = f1_error_http(res->error);

    ap_log_rerror(APLOG_MARK, APLOG_INFO, 0, r, F1LOGNO(0550) "nobody is let in: %s", f1_result_text(res, r->pool));
    if (status == HTTP_UNAUTHORIZED) {
        f1_authn_challenge(r, r->err_headers_out, res, NULL);
    }
    if (status == HTTP_SERVICE_UNAVAILABLE || status == HTTP_TOO_MANY_REQUESTS) {
        apr_table_setn(r->err_headers_out, "Retry-After",
                       apr_itoa(r->pool, res->retry_after > 0 ? res->retry_after : 1));
    }
    return status;
}

static int check_authn(request_rec *r)
{
    f1_result_t *res = f1_result_make(r->pool);
    const f1_identity_t *identity;

    if (!is_ours(ap_auth_type(r))) {
        return DECLINED;
    }
    r->ap_auth_type = apr_pstrdup(r->pool, F1_AUTH_TYPE);
    if (f1_authn_identify(r, &identity, res) == APR_SUCCESS && identity->by == F1_BY_NOTHING) {
        f1_result_fail(res, F1_E_UNAUTHORIZED, APR_EACCES, "An access token is missing");
    }
    if (res->error != F1_E_OK) {
        return refuse(r, res);
    }
    f1_authn_publish(r, identity);
    return OK;
}

/* Somebody is known, and is not let in. httpd answers with 401, or 403 after AuthzSendForbiddenOnFailure. */
static int note_auth_failure(request_rec *r, const char *auth_type)
{
    f1_result_t *res = f1_result_make(r->pool);

    if (!is_ours(auth_type)) {
        return DECLINED;
    }
    f1_result_fail(res, F1_E_FORBIDDEN, APR_EACCES, "This is not for everybody");
    f1_authn_challenge(r, r->err_headers_out, res, NULL);
    return OK;
}

/* An internal redirect within one location is not asked again, but its environment is another. */
static int fixups(request_rec *r)
{
    const memory_t *memory = memory_of(r);

    if (memory && memory->last && r->user && is_ours(r->ap_auth_type ? r->ap_auth_type : ap_auth_type(r))) {
        f1_authn_publish(r, &memory->last->identity);
    }
    return DECLINED;
}

void f1_authn_register_hooks(apr_pool_t *pool)
{
    (void)pool;
    ap_hook_check_authn(check_authn, NULL, NULL, APR_HOOK_MIDDLE, AP_AUTH_INTERNAL_PER_CONF);
    ap_hook_note_auth_failure(note_auth_failure, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_fixups(fixups, NULL, NULL, APR_HOOK_FIRST);
}
