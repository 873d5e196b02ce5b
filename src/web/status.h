/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_WEB_STATUS_H
#define F1_WEB_STATUS_H

/* What the module did since the server was started, over all children and through graceful restarts, shown by
 * mod_status. */

#include <httpd.h>

/* Finds the counters of the running server, or makes them. Call it before children are made. */
apr_status_t f1_status_start(server_rec *s);

void f1_status_register_hooks(apr_pool_t *pool);

#endif
