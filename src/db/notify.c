/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* The listening connection. libpq is used without ever waiting inside of it: all waiting is one poll on its socket and
 * on a pipe, whose other end stop() writes to. */

#include "db/notify.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include <apr_strings.h>
#include <apr_time.h>
#include <libpq-fe.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/route.h"
#include "base/str.h"
#include "db/conn.h"
#include "gen/statements.h"

#define BACKOFF_MIN apr_time_from_msec(100)
#define BACKOFF_MAX apr_time_from_sec(5)
#define GENERATIONS "f1board_generation"
#define CHANNEL_MAX 63 /* as PostgreSQL has it */
#define CONNECT_PATIENCE apr_time_from_sec(5)

struct f1_notify_t {
    f1_notify_calls_t calls;
    int wake[2];
    atomic_int stopped;
    PGconn *pg;
    int is_up;
};

static apr_status_t close_pipe(void *data)
{
    f1_notify_t *notify = data;

    close(notify->wake[0]);
    close(notify->wake[1]);
    return APR_SUCCESS;
}

apr_status_t f1_notify_create(f1_notify_t **pnotify, const f1_notify_calls_t *calls, apr_pool_t *pool, f1_result_t *res)
{
    f1_notify_t *notify = apr_pcalloc(pool, sizeof(*notify));

    if (pipe2(notify->wake, O_CLOEXEC | O_NONBLOCK)) {
        return f1_result_fail(res, F1_E_INTERNAL, errno, "no pipe can be made");
    }
    apr_pool_cleanup_register(pool, notify, close_pipe, apr_pool_cleanup_null);
    notify->calls = *calls;
    *pnotify = notify;
    return APR_SUCCESS;
}

void f1_notify_stop(f1_notify_t *notify)
{
    notify->stopped = 1;
    /* full is as good as written to */
    (void)!write(notify->wake[1], "", 1);
}

/* Waits for events on a socket (-1: on none) until deadline. 1: they came; 0: the time is over; -1: stopped. */
static int wait_for(f1_notify_t *notify, int fd, short events, apr_time_t deadline)
{
    struct pollfd fds[2] = {{notify->wake[0], POLLIN, 0}, {fd, events, 0}};

    while (!notify->stopped) {
        apr_interval_time_t left = deadline - apr_time_now();
        int ready = left > 0 ? poll(fds, 2, (int)apr_time_as_msec(left) + 1) : 0;

        if (!ready) {
            return 0;
        }
        if (ready > 0 && fds[1].revents) {
            return 1;
        }
        if (ready < 0 && errno != EINTR) {
            return 0;
        }
    }
    return -1;
}

int f1_notify_pause(f1_notify_t *notify, apr_interval_time_t duration)
{
    return wait_for(notify, -1, 0, apr_time_now() + duration) < 0;
}

static int connect_to(f1_notify_t *notify, const char *conninfo)
{
    static const char *const keywords[] = {"dbname", "application_name", "options", NULL};
    const char *const values[] = {conninfo, "mod_f1board listener", "-c search_path=" F1_DB_SCHEMA, NULL};
    apr_time_t deadline = apr_time_now() + CONNECT_PATIENCE;
    PostgresPollingStatusType next = PGRES_POLLING_WRITING;

    notify->pg = PQconnectStartParams(keywords, values, 1);
    if (!notify->pg || PQstatus(notify->pg) == CONNECTION_BAD) {
        return 0;
    }
    while (next == PGRES_POLLING_WRITING || next == PGRES_POLLING_READING) {
        if (wait_for(notify, PQsocket(notify->pg), next == PGRES_POLLING_READING ? POLLIN : POLLOUT, deadline) != 1) {
            return 0;
        }
        next = PQconnectPoll(notify->pg);
    }
    return next == PGRES_POLLING_OK && PQsetnonblocking(notify->pg, 1) == 0;
}

/* "results 1763690000000000", from a trigger or from somebody else with the right to notify. */
static void take_generation(f1_notify_t *notify, const char *words)
{
    const char *space = strchr(words, ' ');
    char domain[64];
    apr_int64_t generation;

    if (space && (size_t)(space - words) < sizeof(domain) && f1_str_to_int64(space + 1, &generation)) {
        apr_cpystrn(domain, words, (apr_size_t)(space - words) + 1);
        notify->calls.changed(notify->calls.baton, domain, generation, 0);
    }
}

static int take_notices(f1_notify_t *notify)
{
    PGnotify *notice;

    if (!PQconsumeInput(notify->pg)) {
        return 0;
    }
    while ((notice = PQnotifies(notify->pg)) != NULL) {
        if (!strcmp(notice->relname, GENERATIONS)) {
            take_generation(notify, notice->extra);
        }
        else {
            notify->calls.noticed(notify->calls.baton, notice->relname, notice->extra);
        }
        PQfreemem(notice);
    }
    return 1;
}

static void take_rows(f1_notify_t *notify, const PGresult *rows)
{
    apr_int64_t generation;
    int i;

    for (i = 0; i < PQntuples(rows); i++) {
        if (f1_str_to_int64(PQgetvalue(rows, i, 1), &generation)) {
            notify->calls.changed(notify->calls.baton, PQgetvalue(rows, i, 0), generation, 1);
        }
    }
}

/* Sends a statement and takes its rows. A notice that came before them was there before they were read. */
static int ask(f1_notify_t *notify, const char *sql)
{
    apr_time_t deadline = apr_time_now() + F1_NOTIFY_PATIENCE;
    PGresult *rows;
    int is_right = PQsendQuery(notify->pg, sql), unsent = 1;

    while (is_right && ((unsent = PQflush(notify->pg)) == 1 || PQisBusy(notify->pg))) {
        is_right = unsent >= 0 &&
                   wait_for(notify, PQsocket(notify->pg), (short)(POLLIN | (unsent ? POLLOUT : 0)), deadline) == 1 &&
                   PQconsumeInput(notify->pg);
    }
    is_right = is_right && take_notices(notify);
    while (is_right && (rows = PQgetResult(notify->pg)) != NULL) {
        is_right = PQresultStatus(rows) == PGRES_TUPLES_OK || PQresultStatus(rows) == PGRES_COMMAND_OK;
        if (is_right) {
            take_rows(notify, rows);
        }
        PQclear(rows);
    }
    return is_right && take_notices(notify);
}

/* Some routes share a channel; to listen twice is to listen once. */
static int listen_to_routes(f1_notify_t *notify)
{
    char sql[CHANNEL_MAX + sizeof("LISTEN ")];
    int i, is_right = 1;

    for (i = 0; i < f1_route_count && is_right; i++) {
        if (f1_routes[i].listen) {
            apr_snprintf(sql, sizeof(sql), "LISTEN %s", f1_routes[i].listen);
            is_right = ask(notify, sql);
        }
    }
    return is_right;
}

static void follow(f1_notify_t *notify)
{
    int ready = 1;

    if (!ask(notify, "LISTEN " GENERATIONS) || !listen_to_routes(notify) || !ask(notify, f1_stmt_db_generations.sql)) {
        return;
    }
    notify->is_up = 1;
    notify->calls.up(notify->calls.baton);
    f1_log(F1_LOG_DEBUG, APR_SUCCESS, F1LOGNO(0280) "listening for changes of data");
    while (ready >= 0) {
        apr_time_t ping = apr_time_now() + F1_NOTIFY_PING;

        while ((ready = wait_for(notify, PQsocket(notify->pg), POLLIN, ping)) == 1) {
            if (!take_notices(notify)) {
                return;
            }
        }
        if (!ready && !ask(notify, f1_stmt_db_generations.sql)) {
            return;
        }
    }
}

static void hang_up(f1_notify_t *notify)
{
    const char *words = PQerrorMessage(notify->pg);

    if (notify->is_up) {
        notify->calls.down(notify->calls.baton);
    }
    if (!notify->stopped) {
        f1_log(F1_LOG_INFO, APR_SUCCESS, F1LOGNO(0281) "not listening for changes of data: %.*s",
               (int)strcspn(words, "\n"), words);
    }
    PQfinish(notify->pg);
    notify->pg = NULL;
}

void f1_notify_run(f1_notify_t *notify, const char *conninfo)
{
    int failures = 0;

    while (!notify->stopped) {
        notify->is_up = 0;
        if (connect_to(notify, conninfo)) {
            follow(notify);
        }
        failures = notify->is_up ? 1 : failures + 1;
        hang_up(notify);
        (void)f1_notify_pause(notify, f1_backoff(failures, BACKOFF_MIN, BACKOFF_MAX));
    }
}
