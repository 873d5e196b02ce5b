/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_WEB_SPOOL_H
#define F1_WEB_SPOOL_H

/* A body on its way from the database to a client. A short one stays in memory; one that grows is written to a nameless
 * file, in constant memory and as fast as the database gives it. So the connection goes back before the first byte
 * goes out, an error on the way is still a proper answer, and the length is known. */

#include <httpd.h>

#include "base/str.h"
#include "base/result.h"

typedef struct f1_spool_t {
    apr_file_t *file;   /* NULL while memory is enough; closed with pool */
    apr_off_t size;     /* of the file */
    apr_pool_t *pool;
} f1_spool_t;

/* Appends what out holds to the file, and empties it; a f1_drain_t's take. */
void f1_spool_take(void *spool, f1_buf_t *out, f1_result_t *res);

#endif
