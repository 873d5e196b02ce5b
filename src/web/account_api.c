/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Each endpoint hands what was checked to src/auth, and its answer back as JSON. */

#include "web/account_api.h"

#include <string.h>

#include <apr_strings.h>

#include "auth/account.h"
#include "auth/apikey.h"
#include "auth/session.h"
#include "auth/token.h"
#include "base/clock.h"
#include "db/render.h"

static const f1_errand_t *errand_of(const f1_call_t *call, f1_result_t *res)
{
    f1_errand_t *errand = apr_palloc(call->r->pool, sizeof(*errand));

    *errand = (f1_errand_t){.db = call->db,
                            .actor = call->identity->user_id,
                            .via = f1_by_name(call->identity->by),
                            .key = call->identity->key_id,
                            .address = call->r->useragent_ip,
                            .user_agent = apr_table_get(call->r->headers_in, "User-Agent"),
                            .service = call->dir->title,
                            .pool = call->r->pool,
                            .res = res};
    if (errand->user_agent && !f1_str_is_utf8(errand->user_agent, strlen(errand->user_agent))) {
        errand->user_agent = NULL;
    }
    return errand;
}

static int param_index(const f1_call_t *call, const char *name)
{
    const f1_route_t *route = call->match.route;
    int i;

    for (i = 0; i < route->param_count && strcmp(route->params[i].name, name) != 0; i++) {
    }
    return i;
}

/* Of a parameter that the route declares. */
static const char *value(const f1_call_t *call, const char *name)
{
    return call->request.values[param_index(call, name)];
}

/* --- Tokens */

static void add_time(f1_buf_t *out, const char *name, apr_time_t time)
{
    char text[F1_TIME_LEN];

    f1_buf_addf(out, ",\"%s\":\"%s\"", name, f1_time_format(text, apr_time_from_sec(apr_time_sec(time))));
}

/* The same for a login as for everything that ends in one; older clients look for "token" and "user_id". */
static apr_status_t answer_login(f1_call_t *call, const f1_errand_t *errand, const f1_login_t *login, f1_buf_t *out)
{
    const f1_token_rules_t *rules = &f1_config_server(call->r->server)->token_rules;
    f1_claims_t claims = {
        .user_id = login->user_id, .username = login->username, .role = login->role, .session_id = login->session_id};
    f1_rows_t *profile;
    const char *token;

    if (f1_account_profile(errand, login->user_id, &profile) != APR_SUCCESS ||
        f1_token_sign(&token, &claims, rules, errand->pool, errand->res) != APR_SUCCESS) {
        return errand->res->rv;
    }
    f1_buf_addf(out, "{\"user_id\":\"%s\",\"user\":", login->user_id);
    f1_render_row(out, profile, 0, errand->pool);
    f1_buf_addf(out, ",\"token_type\":\"Bearer\",\"token\":\"%s\",\"access_token\":\"%s\",\"expires_in\":%d", token,
                token, (int)apr_time_sec(rules->lifetime));
    add_time(out, "expires_at", claims.expires_at);
    f1_buf_addf(out, ",\"refresh_token\":\"%s\"", login->refresh_token);
    add_time(out, "refresh_expires_at", login->refresh_expires_at);
    f1_buf_addf(out, ",\"session_id\":\"%s\"}", login->session_id);
    return APR_SUCCESS;
}

/* Without keys nobody can be let in; to be asked before anything is changed. */
static apr_status_t need_keys(const f1_call_t *call, f1_result_t *res)
{
    if (f1_config_server(call->r->server)->token_rules.keys) {
        return APR_SUCCESS;
    }
    return f1_result_fail(res, F1_E_UNAVAILABLE, APR_ENOTIMPL, "This server has no keys to sign tokens with");
}

static apr_interval_time_t session_lifetime(const f1_call_t *call)
{
    return f1_config_server(call->r->server)->refresh_lifetime;
}

apr_status_t f1_auth_register(f1_call_t *call, f1_buf_t *out, f1_result_t *res)
{
    const f1_account_new_t account = {.username = value(call, "username"),
                                      .email = value(call, "email"),
                                      .password = value(call, "password"),
                                      .role = "user"};
    f1_login_t login;
    const f1_errand_t *errand = errand_of(call, res);

    if (need_keys(call, res) != APR_SUCCESS ||
        f1_session_register(&login, errand, &account, session_lifetime(call)) != APR_SUCCESS) {
        return res->rv;
    }
    return answer_login(call, errand, &login, out);
}

/* A username or an address, by one of three names. */
static const char *login_name(const f1_call_t *call, f1_result_t *res)
{
    const char *const names[] = {value(call, "login"), value(call, "username"), value(call, "email")};
    const char *name = NULL;
    int i, count = 0;

    for (i = 0; i < 3; i++) {
        name = names[i] ? names[i] : name;
        count += names[i] != NULL;
    }
    if (count != 1) {
        f1_result_field(res, "/login", "should be a username or an e-mail address, and be given once");
        return NULL;
    }
    return name;
}

apr_status_t f1_auth_login(f1_call_t *call, f1_buf_t *out, f1_result_t *res)
{
    const char *name = login_name(call, res);
    f1_login_t login;
    const f1_errand_t *errand = errand_of(call, res);

    if (!name || need_keys(call, res) != APR_SUCCESS ||
        f1_session_login(&login, errand, name, value(call, "password"), session_lifetime(call)) != APR_SUCCESS) {
        return res->rv;
    }
    return answer_login(call, errand, &login, out);
}

apr_status_t f1_auth_refresh(f1_call_t *call, f1_buf_t *out, f1_result_t *res)
{
    f1_login_t login;
    const f1_errand_t *errand = errand_of(call, res);

    if (need_keys(call, res) != APR_SUCCESS ||
        f1_session_refresh(&login, errand, value(call, "refresh_token"), session_lifetime(call)) != APR_SUCCESS) {
        return res->rv;
    }
    return answer_login(call, errand, &login, out);
}

/* Who came without a session of ours has none that could end. */
apr_status_t f1_auth_logout(f1_call_t *call, f1_buf_t *out, f1_result_t *res)
{
    (void)out;
    return call->identity->session_id
               ? f1_session_end(errand_of(call, res), call->identity->user_id, call->identity->session_id)
               : APR_SUCCESS;
}

apr_status_t f1_auth_logout_all(f1_call_t *call, f1_buf_t *out, f1_result_t *res)
{
    (void)out;
    return f1_session_end_all(errand_of(call, res), call->identity->user_id);
}

/* --- Addresses and passwords */

apr_status_t f1_auth_verify_email(f1_call_t *call, f1_buf_t *out, f1_result_t *res)
{
    (void)out;
    return f1_account_verify_email(errand_of(call, res), value(call, "token"));
}

apr_status_t f1_auth_forgot_password(f1_call_t *call, f1_buf_t *out, f1_result_t *res)
{
    (void)out;
    return f1_account_forgot(errand_of(call, res), value(call, "email"));
}

apr_status_t f1_auth_reset_password(f1_call_t *call, f1_buf_t *out, f1_result_t *res)
{
    (void)out;
    return f1_account_reset(errand_of(call, res), value(call, "token"), value(call, "password"));
}

apr_status_t f1_auth_change_password(f1_call_t *call, f1_buf_t *out, f1_result_t *res)
{
    (void)out;
    return f1_account_change_password(errand_of(call, res), call->identity->user_id, value(call, "current_password"),
                                      value(call, "new_password"), call->identity->session_id);
}

/* --- The own account */

apr_status_t f1_me_update(f1_call_t *call, f1_buf_t *out, f1_result_t *res)
{
    const f1_account_change_t change = {.favorite_team_given =
                                            (int)(call->request.given >> param_index(call, "favorite_team") & 1u),
                                        .favorite_team = value(call, "favorite_team"),
                                        .notifications_enabled = value(call, "notifications_enabled"),
                                        .time_zone = value(call, "time_zone"),
                                        .email = value(call, "email")};
    const char *id = call->identity->user_id;
    f1_rows_t *profile;
    const f1_errand_t *errand = errand_of(call, res);

    if (change.email && call->identity->by == F1_BY_KEY) { /* who has the address can have a new password sent there */
        return f1_result_fail(res, F1_E_FORBIDDEN, APR_EACCES,
                              "An API key cannot change the e-mail address; it takes the user's own access token");
    }
    if (f1_account_update(errand, id, &change) == APR_SUCCESS &&
        f1_account_profile(errand, id, &profile) == APR_SUCCESS) {
        f1_render_row(out, profile, 0, call->r->pool);
    }
    return res->rv;
}

apr_status_t f1_me_erase(f1_call_t *call, f1_buf_t *out, f1_result_t *res)
{
    (void)out;
    return f1_account_leave(errand_of(call, res), call->identity->user_id, value(call, "password"),
                            call->identity->is_fresh);
}

apr_status_t f1_me_session_end(f1_call_t *call, f1_buf_t *out, f1_result_t *res)
{
    (void)out;
    return f1_session_end(errand_of(call, res), call->identity->user_id, value(call, "session_id"));
}

apr_status_t f1_me_api_key_add(f1_call_t *call, f1_buf_t *out, f1_result_t *res)
{
    const f1_apikey_new_t wanted = {.user_id = call->identity->user_id,
                                    .name = value(call, "name"),
                                    .scopes = value(call, "scopes"),
                                    .expires_at = value(call, "expires_at")};
    const char *key;
    f1_rows_t *rows;

    if (f1_apikey_add(errand_of(call, res), &wanted, &key, &rows) == APR_SUCCESS) {
        f1_buf_addf(out, "{\"key\":\"%s\",\"api_key\":", key);
        f1_render_row(out, rows, 0, call->r->pool);
        f1_buf_addc(out, '}');
    }
    return res->rv;
}

apr_status_t f1_me_api_key_revoke(f1_call_t *call, f1_buf_t *out, f1_result_t *res)
{
    (void)out;
    return f1_apikey_revoke(errand_of(call, res), value(call, "key_id"), call->identity->user_id);
}

/* --- Other accounts, for admins */

apr_status_t f1_users_update(f1_call_t *call, f1_buf_t *out, f1_result_t *res)
{
    (void)out;
    return f1_account_set(errand_of(call, res), value(call, "user_id"), value(call, "role"), value(call, "disabled"));
}

apr_status_t f1_users_unlock(f1_call_t *call, f1_buf_t *out, f1_result_t *res)
{
    (void)out;
    return f1_account_unlock(errand_of(call, res), value(call, "user_id"));
}
