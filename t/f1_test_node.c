/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Further httpds of a test: a copy of the first one's configuration with other files and another port. */

#include "f1_test_node.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <apr_network_io.h>
#include <apr_strings.h>

#include "f1_test.h"

#define STOP_TRIES 600

static int free_port(void)
{
    apr_sockaddr_t *any, *got;
    apr_socket_t *socket;

    assert_int_equal(apr_sockaddr_info_get(&any, "127.0.0.1", APR_INET, 0, 0, f1_test_pool()), APR_SUCCESS);
    assert_int_equal(apr_socket_create(&socket, APR_INET, SOCK_STREAM, APR_PROTO_TCP, f1_test_pool()), APR_SUCCESS);
    assert_int_equal(apr_socket_bind(socket, any), APR_SUCCESS);
    assert_int_equal(apr_socket_addr_get(&got, APR_LOCAL, socket), APR_SUCCESS);
    assert_int_equal(apr_socket_close(socket), APR_SUCCESS);
    return got->port;
}

/* The test may have failed, and have no pool any more. */
static apr_status_t end(void *data)
{
    const f1_test_node_t *node = data;
    int tries, is_wrong = access(node->pid_file, F_OK) == 0 && system(node->stop);

    for (tries = 0; tries < STOP_TRIES && access(node->pid_file, F_OK) == 0; tries++) {
        apr_sleep(apr_time_from_msec(50));
    }
    return is_wrong ? APR_EGENERAL : APR_SUCCESS;
}

void f1_test_node_stop(f1_test_node_t *node)
{
    assert_int_equal(end(node), APR_SUCCESS);
}

void f1_test_node_signal(const f1_test_node_t *node, int signal_number)
{
    assert_int_equal(kill((pid_t)apr_atoi64(f1_test_file(node->pid_file, NULL)), signal_number), 0);
}

f1_test_node_t *f1_test_node_start(const char *name, const char *lines)
{
    apr_pool_t *pool = f1_test_pool();
    f1_test_node_t *node = apr_pcalloc(pool, sizeof(*node));
    const char *sandbox = getenv("F1_SANDBOX");
    const char *httpd = apr_psprintf(pool, "'%s' -d %s -f %s/%s.conf -k", getenv("F1_HTTPD"), sandbox, sandbox, name);
    int port = free_port();

    node->name = name;
    node->origin = apr_psprintf(pool, "http://127.0.0.1:%d", port);
    node->url = apr_pstrcat(pool, node->origin, "/f1", NULL);
    node->pid_file = apr_psprintf(pool, "%s/%s.pid", sandbox, name);
    node->stop = apr_pstrcat(pool, httpd, " stop", NULL);
    assert_int_equal(system(apr_psprintf(pool,
                                         "{ sed -e 's|^Define PORT .*|Define PORT %d|' -e 's|^PidFile .*|PidFile %s|'"
                                         " %s/httpd.conf; cat <<'LINES'\n%s\nLINES\n} >%s/%s.conf",
                                         port, node->pid_file, sandbox, lines, sandbox, name)),
                     0);
    assert_int_equal(system(apr_pstrcat(pool, httpd, " start", NULL)), 0);
    apr_pool_cleanup_register(pool, node, end, apr_pool_cleanup_null);
    return node;
}
