/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_WEB_AUTHZ_H
#define F1_WEB_AUTHZ_H

/* Require f1board-user [NAME…], f1board-role user|admin and f1board-apikey [SCOPE…] in any part of the server, for
 * those whom AuthType F1Board, or another module that is trusted (F1BoardTrustRemoteUser), has let in. The first two
 * are for people: an API key satisfies neither, whosever it is. */

#include <apr_pools.h>

void f1_authz_register_providers(apr_pool_t *pool);

#endif
