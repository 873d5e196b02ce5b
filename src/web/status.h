/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_WEB_STATUS_H
#define F1_WEB_STATUS_H

/* Counts requests, over all children and through graceful restarts; and the page of mod_status as one of the two places
 * that show what was counted. The other is metrics.h. */

#include <httpd.h>

/* Finds the counters of the running server, or makes them. Call it before children are made. */
apr_status_t f1_status_start(server_rec *s);

void f1_status_register_hooks(apr_pool_t *pool);

#endif
