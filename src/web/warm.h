/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_WEB_WARM_H
#define F1_WEB_WARM_H

/* A server that has just started asks itself for what everybody will ask it for, so that the answers are in the cache
 * and what they need of the database is in its memory. */

#include <httpd.h>

/* Does so where F1BoardWarm says, and returns when all was asked for, the server does not answer, or is_stopping says
 * so. What went wrong is logged. */
void f1_warm(server_rec *s, int (*is_stopping)(void *unused), apr_pool_t *pool);

/* NULL, or what is wrong with the configuration. */
const char *f1_warm_check(const server_rec *s);

#endif
