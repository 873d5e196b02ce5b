/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Keyrings and issuers of servers. Servers with the same file share its keyring; keys of other issuers are fetched by
 * each child for itself. */

#include "web/keys.h"

#include <string.h>

#include <apr_strings.h>
#include <ap_mpm.h>
#include <http_config.h>
#include <http_log.h>

#include "auth/password.h"
#include "base/log.h"

APLOG_USE_MODULE(f1board);

/* Of a child's threads a quarter may wait for a password to be checked; the others serve. */
#define THREADS_PER_WAITER 4

static const f1_keyring_t *keyring_of_earlier(const server_rec *first, const server_rec *s, const char *file)
{
    for (; first != s; first = first->next) {
        const f1_server_config_t *config = f1_config_server(first);

        if (config->secrets_file && !strcmp(config->secrets_file, file)) {
            return config->token_rules.keys;
        }
    }
    return NULL;
}

static const char *load(const server_rec *main_server, const server_rec *s, apr_pool_t *pconf)
{
    f1_server_config_t *config = f1_config_server(s);
    f1_result_t *res = f1_result_make(pconf);
    f1_keyring_t *ring = NULL;
    const char *path;

    config->token_rules = (f1_token_rules_t){
        .issuer = config->token_issuer, .audience = config->token_audience, .lifetime = config->token_lifetime};
    if (!config->secrets_file) {
        return NULL;
    }
    config->token_rules.keys = keyring_of_earlier(main_server, s, config->secrets_file);
    if (config->token_rules.keys) {
        return NULL;
    }
    path = ap_server_root_relative(pconf, config->secrets_file);
    if (!path) {
        return "F1BoardSecretsFile is no path";
    }
    if (f1_keyring_load(&ring, path, pconf, res) != APR_SUCCESS) {
        return apr_pstrcat(pconf, "F1BoardSecretsFile: ", res->detail, NULL);
    }
    config->token_rules.keys = ring;
    return NULL;
}

/* The next three words of the list; 0 when there are no more. */
static int next_issuer(f1_issuer_t *issuer, const char **list, apr_pool_t *pool)
{
    issuer->issuer = ap_getword_white(pool, list);
    issuer->audience = ap_getword_white(pool, list);
    issuer->url = ap_getword_white(pool, list);
    return *issuer->url != '\0';
}

/* How many there are, at most one more than may be. */
static int read_issuers(f1_issuer_t issuers[F1_ISSUERS_MAX + 1], const char *words, apr_pool_t *pool)
{
    int count = 0;

    words = words ? words : "";
    while (count <= F1_ISSUERS_MAX && next_issuer(&issuers[count], &words, pool)) {
        count++;
    }
    return count;
}

/* A token says which issuer it is of, so that none may stand for two. */
static const char *check_issuers(const server_rec *s, apr_pool_t *pool)
{
    const f1_server_config_t *config = f1_config_server(s);
    f1_issuer_t issuers[F1_ISSUERS_MAX + 1];
    int count = read_issuers(issuers, config->external_issuers, pool), i, j;

    if (count > F1_ISSUERS_MAX) {
        return apr_psprintf(pool, "F1BoardExternalIssuer: there are more than %d", F1_ISSUERS_MAX);
    }
    for (i = 0; i < count; i++) {
        if (!strcmp(issuers[i].issuer, config->token_issuer)) {
            return apr_psprintf(pool, "F1BoardExternalIssuer: '%s' is F1BoardTokenIssuer too", issuers[i].issuer);
        }
        for (j = 0; j < i; j++) {
            if (!strcmp(issuers[i].issuer, issuers[j].issuer)) {
                return apr_psprintf(pool, "F1BoardExternalIssuer: '%s' stands there twice", issuers[i].issuer);
            }
        }
    }
    return NULL;
}

const char *f1_keys_load(server_rec *main_server, apr_pool_t *pconf)
{
    const f1_server_config_t *config = f1_config_server(main_server);
    const char *wrong = NULL;
    int threads;
    server_rec *s;

    f1_password_setup((int)config->password_cost, (int)config->password_jobs);
    if (ap_mpm_query(AP_MPMQ_MAX_THREADS, &threads) == APR_SUCCESS) {
        f1_password_queue(threads / THREADS_PER_WAITER);
    }
    for (s = main_server; s && !wrong; s = s->next) {
        wrong = load(main_server, s, pconf);
        wrong = wrong ? wrong : check_issuers(s, pconf);
    }
    return wrong;
}

/* A virtual host that has taken over the list takes over the keys. */
static f1_jwks_t *jwks_of_earlier(const server_rec *first, const server_rec *s)
{
    const char *issuers = f1_config_server(s)->external_issuers;

    for (; first != s; first = first->next) {
        if (f1_config_server(first)->external_issuers == issuers) {
            return f1_config_server(first)->jwks;
        }
    }
    return NULL;
}

static void start_issuers(const server_rec *main_server, const server_rec *s, apr_pool_t *pchild)
{
    f1_server_config_t *config = f1_config_server(s);
    f1_issuer_t issuers[F1_ISSUERS_MAX + 1];
    f1_result_t *res = f1_result_make(pchild);
    int count = read_issuers(issuers, config->external_issuers, pchild);

    config->jwks = jwks_of_earlier(main_server, s);
    if (count > 0 && !config->jwks && f1_jwks_create(&config->jwks, issuers, count, NULL, pchild, res) != APR_SUCCESS) {
        config->jwks = NULL;
        ap_log_error(APLOG_MARK, APLOG_ERR, res->rv, s, F1LOGNO(0595) "no token of another issuer is taken: %s",
                     res->detail);
    }
}

static void child_init(apr_pool_t *pchild, server_rec *main_server)
{
    server_rec *s;

    for (s = main_server; s; s = s->next) {
        start_issuers(main_server, s, pchild);
    }
}

void f1_keys_register_hooks(apr_pool_t *pool)
{
    (void)pool;
    ap_hook_child_init(child_init, NULL, NULL, APR_HOOK_MIDDLE);
}
