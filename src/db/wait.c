/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Sleeping on a connection until somebody notifies: how a thread with a connection of its own waits for work. */

#include "db/conn_int.h"

#include <errno.h>
#include <poll.h>

#include <apr_strings.h>

#include "db/query.h"

/* The longest poll at a time, so that an int holds its milliseconds. */
#define POLL_MAX apr_time_from_sec(3600)

/* Notices that came; -1: the connection is lost. */
static int take_notices(f1_conn_t *conn)
{
    PGnotify *notice;
    int count = 0;

    if (!PQconsumeInput(conn->pg)) {
        conn->broken = 1;
        return -1;
    }
    while ((notice = PQnotifies(conn->pg)) != NULL) {
        PQfreemem(notice);
        count++;
    }
    return count;
}

apr_status_t f1_conn_wait(f1_conn_t *conn, const char *channel, int wake, apr_interval_time_t timeout, f1_result_t *res)
{
    struct pollfd fds[2] = {{-1, POLLIN, 0}, {wake, POLLIN, 0}};
    apr_time_t deadline = apr_time_now() + (timeout < POLL_MAX ? timeout : POLL_MAX);

    if (f1_conn_ready(conn, res) != APR_SUCCESS) {
        return res->rv;
    }
    if (conn->listening_pid != conn->backend_pid) {
        if (f1_exec(conn, apr_pstrcat(res->pool, "LISTEN ", channel, NULL), res) == APR_SUCCESS) {
            conn->listening_pid = conn->backend_pid;
        }
        return res->rv;
    }
    while (take_notices(conn) == 0) {
        apr_interval_time_t left = deadline - apr_time_now();

        fds[0].fd = PQsocket(conn->pg);
        if (left <= 0 || (poll(fds, 2, (int)apr_time_as_msec(left) + 1) < 0 && errno != EINTR) || fds[1].revents) {
            break;
        }
    }
    return APR_SUCCESS;
}
