/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_TAG_RUN_H
#define F1_TAG_RUN_H

/* A page through the scanner of tags in two pieces and more, with the filter's rules and without httpd: an element
 * whose view is "yes" becomes "[attributes]", others stay. For a unit test and for a fuzz target. */

#include "base/str.h"

/* piece: bytes at a time, after a first piece of first bytes. */
void f1_tag_run(f1_buf_t *out, const char *page, size_t len, size_t first, size_t piece);

#endif
