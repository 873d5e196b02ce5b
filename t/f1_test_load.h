/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_TEST_LOAD_H
#define F1_TEST_LOAD_H

/* Clients that never stop asking the program's server for one page, on connections that they keep. */

#include <stdatomic.h>

#include <apr_thread_proc.h>

#define F1_TEST_CLIENTS 3 /* the prefork MPM has four processes here */

typedef struct f1_test_load_t {
    atomic_int stop;
    atomic_int ok, unavailable, other;  /* answers with 200, with 503, and whatever else came of it */
    const char *url;
    apr_thread_t *threads[F1_TEST_CLIENTS];
} f1_test_load_t;

/* path: below the mount. */
void f1_test_load_start(f1_test_load_t *load, const char *path);
void f1_test_load_stop(f1_test_load_t *load);

#endif
