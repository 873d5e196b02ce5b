/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* A libcurl handle with the options that hold for all of ours. Whether an address is public is asked when its socket is
 * made, after names were looked up, so that no name can lead elsewhere than it did when it was looked at. */

#include "base/transfer.h"

#include <sys/socket.h>

#include <apr_lib.h>
#include <apr_strings.h>

#include "base/address.h"

static apr_status_t transfer_cleanup(void *data)
{
    f1_transfer_t *transfer = data;

    curl_easy_cleanup(transfer->curl);
    curl_global_cleanup();
    return APR_SUCCESS;
}

static int on_progress(void *baton, curl_off_t down_total, curl_off_t down, curl_off_t up_total, curl_off_t up)
{
    const f1_transfer_t *transfer = baton;

    (void)down_total;
    (void)down;
    (void)up_total;
    (void)up;
    return transfer->options.is_stopping(transfer->options.baton);
}

static curl_socket_t on_socket(void *baton, curlsocktype purpose, struct curl_sockaddr *address)
{
    f1_transfer_t *transfer = baton;

    (void)purpose;
    if (!f1_address_is_public(&address->addr)) {
        transfer->is_refused = 1;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static CURLcode setup(f1_transfer_t *transfer)
{
    CURL *curl = transfer->curl;
    const f1_transfer_options_t *o = &transfer->options;
    CURLcode code = CURLE_OK;

#define SET(option, value) code = code ? code : curl_easy_setopt(curl, option, value)
    SET(CURLOPT_ERRORBUFFER, transfer->words);
    SET(CURLOPT_NOSIGNAL, 1L); /* other threads of the process own the signals */
    SET(CURLOPT_SSL_VERIFYPEER, 1L);
    SET(CURLOPT_SSL_VERIFYHOST, 2L);
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (o->ca_file) {
        SET(CURLOPT_CAINFO, o->ca_file);
        SET(CURLOPT_CAPATH, NULL); /* instead of the system's, not beside it */
    }
    SET(CURLOPT_TIMEOUT_MS, (long)apr_time_as_msec(o->timeout));
    SET(CURLOPT_CONNECTTIMEOUT_MS, (long)apr_time_as_msec(o->connect_timeout));
    SET(CURLOPT_TCP_KEEPALIVE, 1L);
    if (o->is_stopping) {
        SET(CURLOPT_XFERINFOFUNCTION, on_progress);
        SET(CURLOPT_XFERINFODATA, transfer);
        SET(CURLOPT_NOPROGRESS, 0L);
    }
    if (o->public_only) {
        SET(CURLOPT_OPENSOCKETFUNCTION, on_socket);
        SET(CURLOPT_OPENSOCKETDATA, transfer);
        SET(CURLOPT_PROXY, ""); /* a proxy's address would be looked at instead */
    }
#undef SET
    return code;
}

apr_status_t f1_transfer_create(f1_transfer_t **ptransfer, const f1_transfer_options_t *options, apr_pool_t *pool,
                                f1_result_t *res)
{
    f1_transfer_t *transfer = apr_pcalloc(pool, sizeof(*transfer));
    CURLcode code;

    transfer->options = *options;
    transfer->options.ca_file = apr_pstrdup(pool, options->ca_file);
    /* counted by libcurl, and safe beside other threads with every version that configure accepts */
    code = curl_global_init(CURL_GLOBAL_DEFAULT);
    if (code != CURLE_OK) {
        return f1_result_fail(res, F1_E_INTERNAL, APR_EGENERAL, "libcurl does not start: %s", curl_easy_strerror(code));
    }
    transfer->curl = curl_easy_init();
    apr_pool_cleanup_register(pool, transfer, transfer_cleanup, apr_pool_cleanup_null);
    code = transfer->curl ? setup(transfer) : CURLE_OUT_OF_MEMORY;
    if (code != CURLE_OK) {
        return f1_result_fail(res, F1_E_INTERNAL, APR_EGENERAL, "libcurl refuses its options: %s",
                              curl_easy_strerror(code));
    }
    *ptransfer = transfer;
    return APR_SUCCESS;
}

void f1_transfer_begin(f1_transfer_t *transfer)
{
    transfer->words[0] = '\0';
    transfer->is_refused = 0;
}

const char *f1_transfer_printable(char *text)
{
    for (char *c = text; *c; c++) {
        if (!apr_isascii(*c) || !apr_isprint(*c)) {
            *c = '?';
        }
    }
    return text;
}

const char *f1_transfer_words(const f1_transfer_t *transfer, CURLcode code, apr_pool_t *pool)
{
    if (transfer->is_refused) {
        return "its address is not one of the public Internet";
    }
    return f1_transfer_printable(apr_pstrdup(pool, *transfer->words ? transfer->words : curl_easy_strerror(code)));
}
