/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_WEB_STORE_H
#define F1_WEB_STORE_H

/* Where answers are kept: one of httpd's socache providers, named by F1BoardCache. It may be away, forget what it was
 * given, or be full: then answers are made anew, and nothing else happens. */

#include <httpd.h>

#define F1_STORE_ID_LEN 32 /* characters of the names under which answers are kept */

/* Finds the provider and makes the store. What is missing is logged, and nothing is kept. */
void f1_store_start(server_rec *s, apr_pool_t *pconf, apr_pool_t *ptemp);

/* "shmcb", "redis" and so on, or "none". */
const char *f1_store_name(void);

/* The largest thing that is kept; 0 when nothing is: there is no store, or it failed a moment ago. */
apr_size_t f1_store_max(void);

/* What is kept, in the request's pool with a NUL behind it; NULL: nothing. */
char *f1_store_get(const char *id, apr_size_t *plen, request_rec *r);

void f1_store_put(const char *id, char *data, apr_size_t len, apr_interval_time_t keep, request_rec *r);

void f1_store_register_hooks(apr_pool_t *pool);

#endif
