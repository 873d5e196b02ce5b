/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_WEB_LOGITEM_H
#define F1_WEB_LOGITEM_H

/* %{NAME}^f1 in LogFormat: something about the request as a JSON value, with its quotes. What mod_log_config itself
 * writes is escaped for people: "\x7f" is no JSON. NAME is time, method, path, route, cache, query_us, or else a
 * request header's name. */

#include <httpd.h>

void f1_logitem_register_hooks(apr_pool_t *pool);

#endif
