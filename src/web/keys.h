/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_WEB_KEYS_H
#define F1_WEB_KEYS_H

/* Who signs the tokens that a server takes, from its directives into its configuration: keys of our own, and other
 * issuers. The file of secrets is read whenever httpd reads its configuration, while it is still root; so a graceful
 * restart takes up new ones. */

#include "web/config.h"

/* Fills in token_rules of every server. NULL, or what is wrong with which file or issuer. */
const char *f1_keys_load(server_rec *main_server, apr_pool_t *pconf);

/* Fills in jwks in each child. */
void f1_keys_register_hooks(apr_pool_t *pool);

#endif
