/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_BASE_ETAG_H
#define F1_BASE_ETAG_H

/* Entity tags in requests. */

#include <stddef.h>

/* Whether the value of If-Match or If-None-Match is "*". */
int f1_etag_is_any(const char *list);

/* How tags are compared: If-Match wants the very bytes, If-None-Match passes W/ over (RFC 9110, 8.8.3.2). */
typedef enum { F1_ETAG_STRONGLY, F1_ETAG_WEAKLY } f1_etag_compare_t;

/* The tag in a list that stands for own, a strong tag with its quotes; NULL when there is none. It may have the suffix
 * that a compressing filter of httpd puts behind it ("…-gzip", "…-br"). The result points into list, *plen: its length
 * with quotes and suffix. Nothing behind what is no tag is looked at. */
const char *f1_etag_find(const char *list, const char *own, f1_etag_compare_t compare, size_t *plen);

#endif
