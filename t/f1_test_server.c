/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* The scripted server: one thread, which has a pool of its own. */

#include "f1_test_server.h"

#include <string.h>

#include <apr_network_io.h>
#include <apr_portable.h>
#include <apr_strings.h>
#include <apr_thread_proc.h>

#include "f1_test.h"

/* What tests do not see. */
typedef struct running_t {
    f1_test_server_t shown;
    apr_pool_t *pool;
    apr_socket_t *listener;
    apr_thread_t *thread;
    apr_sockaddr_t *address;
    volatile int stopping;
} running_t;

/* Reads up to the blank line. 0 when the client closed before. */
static int read_head(f1_test_server_t *server, apr_socket_t *client)
{
    size_t used = 0;

    while (used < F1_TEST_MAX_HEAD - 1) {
        apr_size_t len = 1;
        if (apr_socket_recv(client, server->last_head + used, &len) != APR_SUCCESS || len == 0) {
            return 0;
        }
        used += len;
        server->last_head[used] = '\0';
        if (used >= 4 && strcmp(server->last_head + used - 4, "\r\n\r\n") == 0) {
            return 1;
        }
    }
    return 0;
}

static void send_all(apr_socket_t *client, const char *bytes, size_t len)
{
    while (len > 0) {
        apr_size_t part = len;
        if (apr_socket_send(client, bytes, &part) != APR_SUCCESS) {
            return;
        }
        bytes += part;
        len -= part;
    }
}

static void serve(f1_test_server_t *server, apr_socket_t *client)
{
    char rest;
    apr_size_t len = 1;

    while (server->requests < F1_TEST_MAX_STEPS && server->steps[server->requests].bytes && read_head(server, client)) {
        const f1_test_step_t *step = &server->steps[server->requests++];
        send_all(client, step->bytes, step->len ? step->len : strlen(step->bytes));
        if (step->then == F1_TEST_HANG) {
            (void)apr_socket_recv(client, &rest, &len);
        }
        if (step->then != F1_TEST_KEEP) {
            return;
        }
    }
}

static void *APR_THREAD_FUNC server_main(apr_thread_t *thread, void *data)
{
    running_t *running = data;
    apr_pool_t *pool = apr_thread_pool_get(thread);
    apr_socket_t *client;

    while (apr_socket_accept(&client, running->listener, pool) == APR_SUCCESS) {
        if (running->stopping) {
            break;
        }
        running->shown.connections++;
        serve(&running->shown, client);
        apr_socket_close(client);
    }
    return NULL;
}

/* The listener is woken by a connection; the client under test, made later, is gone by now. */
static apr_status_t server_stop(void *data)
{
    running_t *running = data;
    apr_socket_t *waker;
    apr_status_t rv;

    running->stopping = 1;
    rv = apr_socket_create(&waker, APR_INET, SOCK_STREAM, APR_PROTO_TCP, running->pool);
    if (rv == APR_SUCCESS) {
        rv = apr_socket_connect(waker, running->address);
    }
    if (rv == APR_SUCCESS) {
        apr_thread_join(&rv, running->thread);
        apr_pool_destroy(running->pool);
    }
    return rv;
}

f1_test_server_t *f1_test_server(const f1_test_step_t *steps, int count)
{
    apr_pool_t *pool;
    running_t *running;
    apr_sockaddr_t *any;

    assert_true(count <= F1_TEST_MAX_STEPS);
    assert_int_equal(apr_pool_create_unmanaged(&pool), APR_SUCCESS);
    running = apr_pcalloc(pool, sizeof(*running));
    running->pool = pool;
    memcpy(running->shown.steps, steps, sizeof(*steps) * (size_t)count);
    assert_int_equal(apr_sockaddr_info_get(&any, "127.0.0.1", APR_INET, 0, 0, pool), APR_SUCCESS);
    assert_int_equal(apr_socket_create(&running->listener, APR_INET, SOCK_STREAM, APR_PROTO_TCP, pool), APR_SUCCESS);
    assert_int_equal(apr_socket_bind(running->listener, any), APR_SUCCESS);
    assert_int_equal(apr_socket_listen(running->listener, 8), APR_SUCCESS);
    assert_int_equal(apr_socket_addr_get(&running->address, APR_LOCAL, running->listener), APR_SUCCESS);
    running->shown.port = running->address->port;
    assert_int_equal(apr_thread_create(&running->thread, NULL, server_main, running, pool), APR_SUCCESS);
    apr_pool_cleanup_register(f1_test_pool(), running, server_stop, apr_pool_cleanup_null);
    return &running->shown;
}

const char *f1_test_server_url(const f1_test_server_t *server, const char *path)
{
    return apr_psprintf(f1_test_pool(), "http://127.0.0.1:%d%s", server->port, path);
}
