/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* A feed is a listening connection and what it told. The thread of the first server that wants a database's feed runs
 * it; threads of other servers with the same database only find it and end. How to connect is asked of a connection of
 * mod_dbd's, so that credentials stand in one place. */

#include "web/listener.h"

#include <stdatomic.h>
#include <string.h>

#include <apr_strings.h>
#include <apr_thread_mutex.h>
#include <apr_thread_proc.h>
#include <mpm_common.h>
#include <http_log.h>

#include "base/log.h"
#include "base/route.h"
#include "db/notify.h"
#include "web/dbd.h"

APLOG_USE_MODULE(f1board);

#define RETRY apr_time_from_msec(500)
#define START_PATIENCE apr_time_from_msec(200)

typedef struct feed_t {
    struct feed_t *next;
    const char *conninfo, *place;
    _Atomic apr_int64_t generations[F1_DOMAINS_MAX];
    atomic_int is_up;
} feed_t;

/* All of it belongs to the child that reads it. */
struct f1_listener_t {
    server_rec *s;
    f1_listener_t *next; /* of those that were started */
    _Atomic apr_time_t started_at; /* 0: not yet */
    _Atomic(feed_t *) feed;
    f1_notify_t *notify;
    apr_thread_t *thread;
    apr_pool_t *pool;
};

static f1_notice_fn_t *tell; /* NULL: nobody wants to know */

static struct {
    apr_pool_t *pool;
    apr_thread_mutex_t *lock; /* for what follows */
    f1_listener_t *listeners;
    feed_t *feeds;
    int is_stopping;
} child;

f1_listener_t *f1_listener_create(server_rec *s, apr_pool_t *pconf)
{
    f1_listener_t *listener = apr_pcalloc(pconf, sizeof(*listener));

    listener->s = s;
    return listener;
}

void f1_listener_tell(f1_notice_fn_t *fn)
{
    tell = fn;
}

static void on_change(void *baton, const char *domain, apr_int64_t generation, int was_read)
{
    f1_listener_t *listener = baton;
    feed_t *feed = listener->feed;
    int i;

    for (i = 0; f1_domains[i]; i++) {
        if (!strcmp(f1_domains[i], domain)) {
            if (was_read || generation > feed->generations[i]) {
                feed->generations[i] = generation;
            }
            return;
        }
    }
}

static void on_notice(void *baton, const char *channel, const char *payload)
{
    (void)baton;
    if (tell) {
        tell(channel, payload);
    }
}

static void on_up(void *baton)
{
    f1_listener_t *listener = baton;

    atomic_load(&listener->feed)->is_up = 1;
    on_notice(baton, NULL, NULL);
}

static void on_down(void *baton)
{
    f1_listener_t *listener = baton;

    atomic_load(&listener->feed)->is_up = 0;
}

/* NULL when it was stopped before the database could be asked. */
static const char *find_conninfo(f1_listener_t *listener, const char **pplace)
{
    const char *info;

    do {
        info = f1_dbd_conninfo(f1_config_server(listener->s)->dbd, 1, pplace, listener->pool);
    } while (!info && !f1_notify_pause(listener->notify, RETRY));
    return info;
}

/* The feed of a database; *pis_new: nobody runs it yet. */
static feed_t *take_feed(const char *conninfo, const char *place, apr_pool_t *pool, int *pis_new)
{
    feed_t *feed;

    apr_thread_mutex_lock(child.lock);
    for (feed = child.feeds; feed && strcmp(feed->conninfo, conninfo); feed = feed->next) {
    }
    *pis_new = !feed;
    if (!feed) {
        feed = apr_pcalloc(pool, sizeof(*feed));
        feed->conninfo = conninfo;
        feed->place = place;
        feed->next = child.feeds;
        child.feeds = feed;
    }
    apr_thread_mutex_unlock(child.lock);
    return feed;
}

static void *APR_THREAD_FUNC run(apr_thread_t *thread, void *data)
{
    f1_listener_t *listener = data;
    const char *place = NULL, *conninfo;
    int is_new;

    (void)thread;
    (void)apr_setup_signal_thread(); /* which are none of its business */
    conninfo = find_conninfo(listener, &place);
    if (conninfo) {
        listener->feed = take_feed(conninfo, place, listener->pool, &is_new);
        if (is_new) {
            f1_notify_run(listener->notify, conninfo);
        }
    }
    return NULL; /* apr_thread_exit would leave this frame behind, which AddressSanitizer takes for an overflow */
}

/* With an allocator of its own, because no other thread may use its pool. */
static apr_status_t make_pool(apr_pool_t **ppool)
{
    apr_allocator_t *allocator;
    apr_status_t rv = apr_allocator_create(&allocator);

    if (rv == APR_SUCCESS) {
        rv = apr_pool_create_ex(ppool, child.pool, NULL, allocator);
    }
    if (rv == APR_SUCCESS) {
        apr_allocator_owner_set(allocator, *ppool);
        apr_pool_tag(*ppool, "f1board_listener");
    }
    return rv;
}

static apr_status_t start(f1_listener_t *listener)
{
    const f1_notify_calls_t calls = {listener, on_change, on_notice, on_up, on_down};
    apr_status_t rv = make_pool(&listener->pool);

    if (rv == APR_SUCCESS) {
        rv = f1_notify_create(&listener->notify, &calls, listener->pool, f1_result_make(listener->pool));
    }
    if (rv == APR_SUCCESS) {
        rv = apr_thread_create(&listener->thread, NULL, run, listener, listener->pool);
    }
    if (rv == APR_SUCCESS) {
        listener->next = child.listeners;
        child.listeners = listener;
    }
    return rv;
}

/* Once in a child; what fails then fails for good, and answers are not cached. */
static void start_once(f1_listener_t *listener)
{
    apr_status_t rv = APR_SUCCESS;

    if (!child.lock) {
        return;
    }
    apr_thread_mutex_lock(child.lock);
    if (!listener->started_at && !child.is_stopping) {
        listener->started_at = apr_time_now();
        rv = start(listener);
    }
    apr_thread_mutex_unlock(child.lock);
    if (rv != APR_SUCCESS) {
        ap_log_error(APLOG_MARK, APLOG_ERR, rv, listener->s,
                     F1LOGNO(0560) "no thread can listen for changes of data: answers are not cached");
    }
}

int f1_listener_is_up(const f1_listener_t *listener)
{
    const feed_t *feed = listener->feed;

    return feed && feed->is_up;
}

/* A child that has just begun waits for its first connection, so that its first requests find what others kept. */
int f1_listener_start(f1_listener_t *listener)
{
    if (!listener->started_at) {
        start_once(listener);
    }
    while (!f1_listener_is_up(listener) && apr_time_now() < listener->started_at + START_PATIENCE) {
        apr_sleep(apr_time_from_msec(1));
    }
    return f1_listener_is_up(listener);
}

const char *f1_listener_read(f1_listener_t *listener, f1_domain_set_t domains, apr_int64_t *generations, int *pcount)
{
    feed_t *feed;
    int i, count = 0;

    if (!f1_listener_is_up(listener) && !f1_listener_start(listener)) {
        return NULL;
    }
    feed = listener->feed;
    for (i = 0; domains >> i; i++) {
        if (domains >> i & 1) {
            generations[count++] = feed->generations[i];
        }
    }
    *pcount = count;
    return feed->place;
}

static void tell_to_stop(void)
{
    f1_listener_t *listener;

    apr_thread_mutex_lock(child.lock);
    child.is_stopping = 1;
    for (listener = child.listeners; listener; listener = listener->next) {
        f1_notify_stop(listener->notify);
    }
    apr_thread_mutex_unlock(child.lock);
}

/* Before mod_dbd's connections and our pools go. */
static apr_status_t stop(void *unused)
{
    f1_listener_t *listener;
    apr_status_t rv;

    (void)unused;
    tell_to_stop();
    for (listener = child.listeners; listener; listener = listener->next) {
        apr_thread_join(&rv, listener->thread);
    }
    child.lock = NULL;
    return APR_SUCCESS;
}

static void child_init(apr_pool_t *pchild, server_rec *s)
{
    child.pool = pchild;
    if (apr_thread_mutex_create(&child.lock, APR_THREAD_MUTEX_DEFAULT, pchild) != APR_SUCCESS) {
        ap_log_error(APLOG_MARK, APLOG_ERR, 0, s, F1LOGNO(0561) "no mutex can be made: answers are not cached");
        child.lock = NULL;
        return;
    }
    apr_pool_pre_cleanup_register(pchild, NULL, stop);
}

static void child_stopping(apr_pool_t *pchild, int graceful)
{
    (void)pchild;
    (void)graceful;
    if (child.lock) {
        tell_to_stop();
    }
}

void f1_listener_register_hooks(apr_pool_t *pool)
{
    (void)pool;
    ap_hook_child_init(child_init, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_child_stopping(child_stopping, NULL, NULL, APR_HOOK_MIDDLE);
}
