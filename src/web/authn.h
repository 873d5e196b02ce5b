/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_WEB_AUTHN_H
#define F1_WEB_AUTHN_H

/* Who asks, out of what a request shows: Authorization with a token or an API key, X-API-Key, or a name that another
 * module of httpd has found out (F1BoardTrustRemoteUser). It is found out once for a request with all its subrequests
 * and internal redirects, and when somebody wants to know.
 *
 * The same for any other part of the server: "AuthType F1Board" with "Require f1board-user", "f1board-role" and
 * "f1board-apikey" (authz.h). */

#include <httpd.h>

#include "auth/identity.h"
#include "web/config.h"

#define F1_AUTH_TYPE "F1Board"

/* Succeeds with f1_identity_nobody where nothing was shown. Fails with F1_E_TOKEN_INVALID or F1_E_TOKEN_EXPIRED when
 * what was shown does not count, and as the database and issuers of tokens fail. */
apr_status_t f1_authn_identify(request_rec *r, const f1_identity_t **pidentity, f1_result_t *res);

/* Why the last try failed; NULL: it did not, or there was none. */
const f1_result_t *f1_authn_failure(const request_rec *r);

/* r->user and F1BOARD_* in the environment, for logs, expressions and whatever the request is passed on to. */
void f1_authn_publish(request_rec *r, const f1_identity_t *identity);

/* Sets WWW-Authenticate of an answer with status 401 or 403. headers: headers_out or err_headers_out. */
void f1_authn_challenge(request_rec *r, apr_table_t *headers, const f1_result_t *res, const char *scope);

void f1_authn_register_hooks(apr_pool_t *pool);

#endif
