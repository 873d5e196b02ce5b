/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_WEB_KEYS_H
#define F1_WEB_KEYS_H

/* The secrets of each server, from its directives into its configuration: they are read whenever httpd reads its
 * configuration, while it is still root, and so a graceful restart takes up new ones. */

#include "web/config.h"

/* Fills in token_rules of every server. NULL, or what is wrong with which file. */
const char *f1_keys_load(server_rec *main_server, apr_pool_t *pconf);

#endif
