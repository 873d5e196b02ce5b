/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_BASE_MAILHEADER_H
#define F1_BASE_MAILHEADER_H

/* What stands in the header of a mail: words of any language in ASCII (RFC 2047), and addresses. Nothing that was
 * checked or written here can end a header field, or begin another. */

#include <apr_pools.h>

#include "base/result.h"

/* UTF-8 without control characters as the value of a Subject: itself where that is plain, else encoded words, folded.
 * NULL when it is no such text. */
const char *f1_mailheader_words(const char *text, apr_pool_t *pool);

typedef struct f1_mailbox_t {
    const char *header;         /* "F1Board <noreply@example.org>", the name encoded where it has to be */
    const char *address;        /* "noreply@example.org" */
} f1_mailbox_t;

/* "address" or "Name <address>". F1_E_INVALID_PARAMETER when it is neither. */
apr_status_t f1_mailbox_parse(f1_mailbox_t *mailbox, const char *text, apr_pool_t *pool, f1_result_t *res);

#endif
