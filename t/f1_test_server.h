/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_TEST_SERVER_H
#define F1_TEST_SERVER_H

/* An HTTP server on the loopback that answers word for word what a test scripted: request number n with step number n,
 * on as many connections as the client opens, one after the other. It goes with the test's pool. */

#include <stddef.h>

#define F1_TEST_MAX_STEPS 16
#define F1_TEST_MAX_HEAD 8192

typedef enum { F1_TEST_KEEP, F1_TEST_DROP, F1_TEST_HANG } f1_test_then_t;

typedef struct f1_test_step_t {
    const char *bytes;
    size_t len;             /* 0: strlen(bytes) */
    f1_test_then_t then;    /* after the answer: wait for the next request, close, or wait for the client to close */
} f1_test_step_t;

typedef struct f1_test_server_t {
    int port;
    f1_test_step_t steps[F1_TEST_MAX_STEPS];    /* those that are not taken yet may be changed */
    volatile int requests, connections;
    char last_head[F1_TEST_MAX_HEAD];
} f1_test_server_t;

f1_test_server_t *f1_test_server(const f1_test_step_t *steps, int count);
#define F1_TEST_SERVER(...) \
    f1_test_server((const f1_test_step_t[]){__VA_ARGS__}, \
                   sizeof((const f1_test_step_t[]){__VA_ARGS__}) / sizeof(f1_test_step_t))

/* "http://127.0.0.1:PORT/path" */
const char *f1_test_server_url(const f1_test_server_t *server, const char *path);

#endif
