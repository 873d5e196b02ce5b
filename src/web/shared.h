/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_WEB_SHARED_H
#define F1_WEB_SHARED_H

/* Memory that all children share, and that a graceful restart finds again: it belongs to the process, not to the
 * configuration or to this module's code. */

#include <httpd.h>

/* Finds the memory of this name and size, or makes it: of zeroes, from a multiple of 64 bytes on. What is kept in it
 * another way needs another name, because the module may be another version since. */
apr_status_t f1_shared_find(server_rec *s, const char *name, apr_size_t size, void **pmemory, int *pis_new);

#endif
