/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_WEB_RUNNERS_H
#define F1_WEB_RUNNERS_H

/* Runners of jobs in httpd's children: threads of low priority with connections of their own, for each database that
 * servers have. They begin with the child, and are told to stop when it is: what they are at ends at its next step and
 * is done later, by another. */

#include "web/config.h"

/* Checks what jobs need to know of all servers, and completes it. NULL, or what is wrong. */
const char *f1_runners_check(server_rec *main_server, apr_pool_t *pconf);

void f1_runners_register_hooks(apr_pool_t *pool);

#endif
