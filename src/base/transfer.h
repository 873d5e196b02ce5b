/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_BASE_TRANSFER_H
#define F1_BASE_TRANSFER_H

/* What every libcurl handle of ours has in common, whatever it speaks: it keeps its connections open, verifies
 * certificates, leaves signals alone, has time-outs, asks whether it should stop, and can be kept to the public
 * Internet. http.c and smtp.c stand on it; nothing else knows it. */

#include <apr_pools.h>
#include <apr_time.h>
#include <curl/curl.h>

#include "base/result.h"

typedef struct f1_transfer_options_t {
    apr_interval_time_t timeout, connect_timeout;
    const char *ca_file;                /* trusted instead of the system's certificates, or NULL */
    /* Asked about once a second; 1 ends the transfer with CURLE_ABORTED_BY_CALLBACK. NULL: no hook. */
    int (*is_stopping)(void *baton);
    void *baton;
    int public_only;                    /* connects to no address that is not public, and by no proxy */
} f1_transfer_options_t;

typedef struct f1_transfer_t {
    CURL *curl;
    f1_transfer_options_t options;
    int is_refused;                     /* an address was not public: set by a transfer, cleared by f1_transfer_begin */
    char words[CURL_ERROR_SIZE];
} f1_transfer_t;

/* options: copied. Lives as long as pool. */
apr_status_t f1_transfer_create(f1_transfer_t **ptransfer, const f1_transfer_options_t *options, apr_pool_t *pool,
                                f1_result_t *res);

/* Before each transfer. */
void f1_transfer_begin(f1_transfer_t *transfer);

/* Why the last one failed, in printable ASCII. */
const char *f1_transfer_words(const f1_transfer_t *transfer, CURLcode code, apr_pool_t *pool);

/* Others have a say in many words (certificates, replies), which go where only text may stand: replaces what is not
 * printable ASCII, where it stands. */
const char *f1_transfer_printable(char *text);

#endif
