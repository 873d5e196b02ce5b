/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Keyrings of servers. Servers with the same file share its keyring. */

#include "web/keys.h"

#include <string.h>

#include <apr_strings.h>
#include <http_config.h>

#include "auth/password.h"

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

const char *f1_keys_load(server_rec *main_server, apr_pool_t *pconf)
{
    const f1_server_config_t *config = f1_config_server(main_server);
    const char *wrong = NULL;
    server_rec *s;

    f1_password_setup((int)config->password_cost, (int)config->password_jobs);
    for (s = main_server; s && !wrong; s = s->next) {
        wrong = load(main_server, s, pconf);
    }
    return wrong;
}
