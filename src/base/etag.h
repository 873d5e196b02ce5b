/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_BASE_ETAG_H
#define F1_BASE_ETAG_H

/* Entity tags in requests. */

#include <stddef.h>

/* Whether the value of If-None-Match is "*". */
int f1_etag_is_any(const char *list);

/* The tag among those of If-None-Match that stands for own, a strong tag with its quotes; NULL when there is none. It
 * is compared weakly (W/ is passed over), and may have the suffix that a compressing filter of httpd puts behind it
 * ("…-gzip", "…-br"). The result points into list, *plen: its length with quotes and suffix. Nothing behind what is no
 * tag is looked at. */
const char *f1_etag_find(const char *list, const char *own, size_t *plen);

#endif
