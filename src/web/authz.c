/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Authorization providers. What stands behind Require is read once, when the configuration is. */

#include "web/authz.h"

#include <string.h>

#include <apr_strings.h>
#include <httpd.h>
#include <ap_provider.h>
#include <http_config.h>
#include <http_log.h>
#include <http_request.h>
#include <mod_auth.h>

#include "base/log.h"
#include "web/authn.h"

APLOG_USE_MODULE(f1board);

#define USERNAME_MIN 3
#define USERNAME_MAX 50

/* Who asks, or why that does not matter. */
static authz_status asking(request_rec *r, const f1_identity_t **pidentity)
{
    f1_result_t *res = f1_result_make(r->pool);

    if (!r->user) {
        return AUTHZ_DENIED_NO_USER;
    }
    if (f1_authn_identify(r, pidentity, res) == APR_SUCCESS) {
        return (*pidentity)->by == F1_BY_NOTHING ? AUTHZ_DENIED : AUTHZ_GRANTED;
    }
    ap_log_rerror(APLOG_MARK, APLOG_INFO, 0, r, F1LOGNO(0551) "who asks is not known: %s",
                  f1_result_text(res, r->pool));
    return f1_error_http(res->error) == HTTP_UNAUTHORIZED ? AUTHZ_DENIED : AUTHZ_GENERAL_ERROR;
}

/* The words of a Require line, each of which has to be right. */
static const char *parse_words(cmd_parms *cmd, const char *line, int (*is_right)(const char *word), const char *what,
                               const void **parsed)
{
    apr_array_header_t *words = apr_array_make(cmd->pool, 4, sizeof(const char *));
    const char *word;

    for (word = ap_getword_conf(cmd->pool, &line); *word; word = ap_getword_conf(cmd->pool, &line)) {
        if (!is_right(word)) {
            return apr_psprintf(cmd->pool, "'%s' cannot be %s", word, what);
        }
        APR_ARRAY_PUSH(words, const char *) = word;
    }
    *parsed = words;
    return NULL;
}

/* --- f1board-user */

static int is_username(const char *word)
{
    size_t len = strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");

    return len >= USERNAME_MIN && len <= USERNAME_MAX && !word[len];
}

static const char *parse_user(cmd_parms *cmd, const char *line, const void **parsed)
{
    return parse_words(cmd, line, is_username, "a username, which is 3 to 50 letters, digits and _", parsed);
}

static authz_status check_user(request_rec *r, const char *line, const void *parsed)
{
    const apr_array_header_t *names = parsed;
    const f1_identity_t *identity;
    authz_status status = asking(r, &identity);
    int i;

    (void)line;
    if (status != AUTHZ_GRANTED) {
        return status;
    }
    if (identity->role == F1_ROLE_NONE) {
        return AUTHZ_DENIED;
    }
    for (i = 0; i < names->nelts && strcasecmp(APR_ARRAY_IDX(names, i, const char *), identity->username); i++) {
    }
    return i < names->nelts || !names->nelts ? AUTHZ_GRANTED : AUTHZ_DENIED;
}

/* --- f1board-role */

static const char *parse_role(cmd_parms *cmd, const char *line, const void **parsed)
{
    const char *word = ap_getword_conf(cmd->pool, &line);
    f1_role_t *role = apr_palloc(cmd->pool, sizeof(*role));

    *role = f1_role_of(word);
    *parsed = role;
    return *role == F1_ROLE_NONE || *ap_getword_conf(cmd->pool, &line) ? "takes one role, which is user or admin"
                                                                       : NULL;
}

static authz_status check_role(request_rec *r, const char *line, const void *parsed)
{
    const f1_role_t *least = parsed;
    const f1_identity_t *identity;
    authz_status status = asking(r, &identity);

    (void)line;
    return status == AUTHZ_GRANTED && identity->role < *least ? AUTHZ_DENIED : status;
}

/* --- f1board-apikey */

static const char *parse_key(cmd_parms *cmd, const char *line, const void **parsed)
{
    return parse_words(cmd, line, f1_scope_is_valid, "a scope, which is like jobs:run", parsed);
}

static authz_status check_key(request_rec *r, const char *line, const void *parsed)
{
    const apr_array_header_t *scopes = parsed;
    const f1_identity_t *identity;
    authz_status status = asking(r, &identity);
    int i;

    (void)line;
    if (status == AUTHZ_GRANTED && identity->by != F1_BY_KEY) {
        return AUTHZ_DENIED;
    }
    for (i = 0; status == AUTHZ_GRANTED && i < scopes->nelts; i++) {
        if (!f1_identity_has_scope(identity, APR_ARRAY_IDX(scopes, i, const char *))) {
            status = AUTHZ_DENIED;
        }
    }
    return status;
}

void f1_authz_register_providers(apr_pool_t *pool)
{
    static const authz_provider user = {check_user, parse_user}, role = {check_role, parse_role},
                                key = {check_key, parse_key};
    static const struct {
        const char *name;
        const authz_provider *provider;
    } all[] = {{"f1board-user", &user}, {"f1board-role", &role}, {"f1board-apikey", &key}};
    size_t i;

    for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        ap_register_auth_provider(pool, AUTHZ_PROVIDER_GROUP, all[i].name, AUTHZ_PROVIDER_VERSION, all[i].provider,
                                  AP_AUTH_INTERNAL_PER_CONF);
    }
}
