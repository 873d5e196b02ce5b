/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Load on the program's server: a thread for each client. */

#include "f1_test_load.h"

#include <stdlib.h>
#include <string.h>

#include <apr_strings.h>
#include <curl/curl.h>

#include "f1_test.h"

static size_t drop(char *data, size_t size, size_t count, void *baton)
{
    (void)data;
    (void)baton;
    return size * count;
}

static void *APR_THREAD_FUNC client(apr_thread_t *thread, void *data)
{
    f1_test_load_t *load = data;
    CURL *easy = curl_easy_init();

    curl_easy_setopt(easy, CURLOPT_URL, load->url);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT, 20L);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, drop);
    while (!load->stop) {
        long status = 0;

        if (curl_easy_perform(easy) == CURLE_OK) {
            curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
        }
        atomic_fetch_add(status == 200 ? &load->ok : status == 503 ? &load->unavailable : &load->other, 1);
    }
    curl_easy_cleanup(easy);
    apr_thread_exit(thread, APR_SUCCESS);
    return NULL;
}

void f1_test_load_start(f1_test_load_t *load, const char *path)
{
    memset(load, 0, sizeof(*load));
    load->url = apr_pstrcat(f1_test_pool(), getenv("F1_URL"), path, NULL);
    for (int i = 0; i < F1_TEST_CLIENTS; i++) {
        assert_int_equal(apr_thread_create(&load->threads[i], NULL, client, load, f1_test_pool()), APR_SUCCESS);
    }
}

void f1_test_load_stop(f1_test_load_t *load)
{
    load->stop = 1;
    for (int i = 0; i < F1_TEST_CLIENTS; i++) {
        apr_status_t rv;

        assert_int_equal(apr_thread_join(&rv, load->threads[i]), APR_SUCCESS);
    }
}
