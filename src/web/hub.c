/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* A guest of the hub's own is a connection that httpd has suspended. The worker that suspends it goes on to write to it
 * for a moment after our hook, so the hub waits until that shows in scoreboard and connection; from then on nobody else
 * touches it, and it needs no lock. What several threads touch (who is here, in which room, with what still to hear) is
 * under one lock, which nobody holds while he reads, writes or waits. */

#include "web/hub.h"

#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <apr_poll.h>
#include <apr_portable.h>
#include <apr_strings.h>
#include <apr_thread_mutex.h>
#include <apr_thread_proc.h>
#include <ap_mpm.h>
#include <http_connection.h>
#include <http_core.h>
#include <http_log.h>
#include <http_protocol.h>
#include <http_request.h>
#include <mpm_common.h>
#include <scoreboard.h>
#include <util_filter.h>

#include "base/counters.h"
#include "base/log.h"
#include "web/config.h"

APLOG_USE_MODULE(f1board);

#define SILENCE apr_time_from_sec(20) /* proxies close what is silent for longer than half a minute or so */
#define STUCK apr_time_from_sec(30) /* a guest who takes nothing for so long is shown out */
#define FAREWELL apr_time_from_sec(2) /* for all to take what they were told, when the process ends */
#define TICK apr_time_from_sec(1)
#define ARRIVAL apr_time_from_msec(1) /* between two looks whether a worker has let go of a connection */
#define QUEUE_MAX 32 /* texts */
#define QUEUE_BYTES (256 * 1024)
#define PASS_MAX (32 * 1024) /* bytes at a time: httpd's filters wait for clients from 64 KB on */
#define READS_MAX 16 /* of one connection in a row */
#define RETRY_AFTER 5 /* seconds */

struct f1_hub_text_t {
    atomic_int references;
    size_t len;
    char data[];
};

struct f1_hub_guest_t {
    f1_hub_terms_t terms;
    char owner[F1_HUB_OWNER_MAX];
    int is_held; /* by the hub; else the guest keeps his thread */
    /* under the lock */
    f1_hub_guest_t *next, **link; /* in child.guests */
    f1_hub_guest_t *next_in_room, **room_link; /* link NULL: in none */
    f1_hub_guest_t *next_arrival;
    f1_hub_text_t *queue[QUEUE_MAX];
    int first, count;
    size_t bytes;
    /* set under the lock, looked at without */
    atomic_int has_news, is_dismissed, is_lost;
    /* of the thread that serves him */
    conn_rec *c;
    request_rec *r; /* of one with a thread */
    ap_filter_t *filters; /* where what he hears goes in */
    apr_bucket_brigade *bb;
    size_t heard; /* bytes of the first text in the queue */
    apr_time_t heard_at; /* when he last took something */
    int is_gone;
    int wake; /* an eventfd; -1 with the hub */
    worker_score *worker;
    f1_hub_guest_t *next_held;
    apr_pollfd_t poll;
};

static struct {
    server_rec *s;
    apr_pool_t *pool; /* the hub's own */
    apr_thread_mutex_t *lock; /* NULL: there are no guests */
    apr_pollset_t *pollset;
    apr_thread_t *thread; /* NULL: not started, or joined */
    int is_async, generation;
    int threads_here, threads_max; /* that guests may keep, in this child and in all */
    /* under the lock */
    f1_hub_guest_t *guests, *arrivals;
    int count, held_count;
    atomic_int is_stopping, is_over; /* is_over: whoever is still here is shown out at once */
    _Atomic apr_time_t stop_by;
    /* the hub's */
    f1_hub_guest_t *held;
} child;

static void lock(void)
{
    apr_thread_mutex_lock(child.lock);
}

static void unlock(void)
{
    apr_thread_mutex_unlock(child.lock);
}

/* --- Texts */

f1_hub_text_t *f1_hub_text_make(const char *data, size_t len)
{
    f1_hub_text_t *text = malloc(sizeof(*text) + len);

    if (!text) {
        abort(); /* as APR does */
    }
    atomic_init(&text->references, 1);
    text->len = len;
    memcpy(text->data, data, len);
    return text;
}

void f1_hub_text_drop(f1_hub_text_t *text)
{
    if (text && atomic_fetch_sub(&text->references, 1) == 1) {
        free(text);
    }
}

const char *f1_hub_text_data(const f1_hub_text_t *text, size_t *plen)
{
    *plen = text->len;
    return text->data;
}

/* --- Coming and going */

static int is_full(f1_result_t *res)
{
    apr_int64_t most = f1_config_server(child.s)->streams;

    if (child.is_stopping || child.count >= most) {
        res->retry_after = RETRY_AFTER;
        f1_result_fail(res, F1_E_UNAVAILABLE, APR_EAGAIN, "%s",
                       most ? "As many clients listen as this server allows for" : "This server has no streams");
        return 1;
    }
    return 0;
}

static int has_enough(const char *owner, f1_result_t *res)
{
    apr_int64_t most = f1_config_server(child.s)->streams_each;
    const f1_hub_guest_t *guest;
    int count = 0;

    for (guest = child.guests; guest; guest = guest->next) {
        count += !strcmp(guest->owner, owner);
    }
    if (count >= most) {
        res->retry_after = RETRY_AFTER;
        f1_result_fail(res, F1_E_TOO_MANY_REQUESTS, APR_EAGAIN, "You listen to %d streams already, which is the most",
                       count);
        return 1;
    }
    return 0;
}

/* A quarter of the threads, of this child and of all, so that the others serve everybody else. */
static int takes_thread(f1_result_t *res)
{
    f1_count_level(F1_LEVEL_STREAM_THREADS, 1);
    if (child.count - child.held_count >= child.threads_here ||
        f1_counted_level(F1_LEVEL_STREAM_THREADS) > child.threads_max) {
        f1_count_level(F1_LEVEL_STREAM_THREADS, -1);
        res->retry_after = RETRY_AFTER;
        f1_result_fail(res, F1_E_UNAVAILABLE, APR_EAGAIN, "As many clients listen as this server has threads for");
        return 0;
    }
    return 1;
}

static void *APR_THREAD_FUNC serve_all(apr_thread_t *thread, void *unused);

static apr_status_t start_hub(void)
{
    apr_uint32_t size = (apr_uint32_t)f1_config_server(child.s)->streams + 1;
    apr_status_t rv = APR_SUCCESS;

    if (child.thread) {
        return APR_SUCCESS;
    }
    if (!child.pool) {
        rv = apr_pool_create_unmanaged_ex(&child.pool, NULL, NULL);
    }
    if (rv == APR_SUCCESS && !child.pollset) {
        rv = apr_pollset_create(&child.pollset, size, child.pool, APR_POLLSET_WAKEABLE | APR_POLLSET_NOCOPY);
    }
    if (rv == APR_SUCCESS) {
        rv = apr_thread_create(&child.thread, NULL, serve_all, NULL, child.pool);
    }
    if (rv != APR_SUCCESS) {
        child.thread = NULL;
        ap_log_error(APLOG_MARK, APLOG_ERR, rv, child.s,
                     F1LOGNO(0540) "no thread can serve clients that listen: each keeps the one that he came with");
    }
    return rv;
}

/* Whether httpd can let go of r's connection. What other filters of a connection hold back would never come out. */
static int can_be_held(const request_rec *r)
{
    const conn_rec *c = r->connection;

    return child.is_async && c->cs && !c->master && !c->clogging_input_filters && !r->prev && !r->main &&
           start_hub() == APR_SUCCESS;
}

static void link_guest(f1_hub_guest_t *guest)
{
    guest->next = child.guests;
    guest->link = &child.guests;
    if (guest->next) {
        guest->next->link = &guest->next;
    }
    child.guests = guest;
    child.count++;
    child.held_count += guest->is_held;
    f1_count_level(F1_LEVEL_STREAMS, 1);
}

static f1_hub_guest_t *make_guest(request_rec *r, const f1_hub_terms_t *terms)
{
    f1_hub_guest_t *guest = calloc(1, sizeof(*guest));

    if (!guest) {
        abort(); /* as APR does */
    }
    guest->terms = *terms;
    apr_cpystrn(guest->owner, terms->owner, sizeof(guest->owner));
    guest->c = r->connection;
    guest->wake = -1;
    guest->heard_at = apr_time_now();
    return guest;
}

static apr_status_t find_place(f1_hub_guest_t *guest, request_rec *r, f1_result_t *res)
{
    if (is_full(res) || has_enough(guest->owner, res)) {
        return res->rv;
    }
    guest->is_held = can_be_held(r);
    if (!guest->is_held && takes_thread(res)) {
        guest->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        guest->r = r;
        guest->bb = apr_brigade_create(r->pool, r->connection->bucket_alloc);
    }
    return res->rv;
}

apr_status_t f1_hub_enter(f1_hub_guest_t **pguest, request_rec *r, const f1_hub_terms_t *terms, f1_result_t *res)
{
    f1_hub_guest_t *guest;
    apr_status_t rv;

    if (!child.lock) {
        return f1_result_fail(res, F1_E_UNAVAILABLE, APR_ENOTIMPL, "This server has no streams");
    }
    guest = make_guest(r, terms);
    lock();
    rv = find_place(guest, r, res);
    if (rv == APR_SUCCESS) {
        link_guest(guest);
    }
    unlock();
    if (rv != APR_SUCCESS) {
        free(guest);
        return rv;
    }
    *pguest = guest;
    return APR_SUCCESS;
}

void f1_hub_join(f1_hub_room_t *room, f1_hub_guest_t *guest)
{
    lock();
    guest->next_in_room = room->guests;
    guest->room_link = &room->guests;
    if (guest->next_in_room) {
        guest->next_in_room->room_link = &guest->next_in_room;
    }
    room->guests = guest;
    unlock();
}

static void unlink_guest(f1_hub_guest_t *guest)
{
    *guest->link = guest->next;
    if (guest->next) {
        guest->next->link = guest->link;
    }
    if (guest->room_link) {
        *guest->room_link = guest->next_in_room;
        if (guest->next_in_room) {
            guest->next_in_room->room_link = guest->room_link;
        }
    }
    child.count--;
    child.held_count -= guest->is_held;
    f1_count_level(F1_LEVEL_STREAMS, -1);
    if (!guest->is_held) {
        f1_count_level(F1_LEVEL_STREAM_THREADS, -1);
    }
}

void f1_hub_leave(f1_hub_guest_t *guest)
{
    lock();
    unlink_guest(guest);
    unlock();
    for (; guest->count; guest->count--, guest->first = (guest->first + 1) % QUEUE_MAX) {
        f1_hub_text_drop(guest->queue[guest->first]);
    }
    if (guest->wake >= 0) {
        close(guest->wake);
    }
    guest->terms.left(guest->terms.baton);
    free(guest);
}

/* --- Telling */

/* Only for those who keep a thread; the hub is woken once for all. */
static void wake_guest(const f1_hub_guest_t *guest)
{
    static const apr_uint64_t one = 1;

    if (guest->wake >= 0) {
        /* full is as good as written to */
        (void)!write(guest->wake, &one, sizeof(one));
    }
}

static void wake_hub(void)
{
    if (child.pollset) {
        (void)apr_pollset_wakeup(child.pollset);
    }
}

/* A guest without room in his queue does not listen. */
static void tell_guest(f1_hub_guest_t *guest, f1_hub_text_t *text)
{
    if (guest->count == QUEUE_MAX || guest->bytes + text->len > QUEUE_BYTES) {
        guest->is_lost = 1;
    }
    else {
        atomic_fetch_add(&text->references, 1);
        guest->queue[(guest->first + guest->count++) % QUEUE_MAX] = text;
        guest->bytes += text->len;
    }
    guest->has_news = 1;
    wake_guest(guest);
}

void f1_hub_tell(f1_hub_room_t *room, f1_hub_text_t *text)
{
    f1_hub_guest_t *guest;

    lock();
    for (guest = room->guests; guest; guest = guest->next_in_room) {
        tell_guest(guest, text);
    }
    wake_hub();
    unlock();
}

static void dismiss(f1_hub_guest_t *guest)
{
    guest->is_dismissed = 1;
    wake_guest(guest);
}

void f1_hub_dismiss(f1_hub_guest_t *guest)
{
    lock();
    dismiss(guest);
    wake_hub();
    unlock();
}

void f1_hub_dismiss_all(f1_hub_room_t *room)
{
    f1_hub_guest_t *guest;

    lock();
    for (guest = room->guests; guest; guest = guest->next_in_room) {
        dismiss(guest);
    }
    wake_hub();
    unlock();
}

/* --- Serving one guest, on the thread that has his connection */

/* What filters keep because the client does not take it now. */
static apr_status_t push(conn_rec *c)
{
    ap_filter_t *last = c->output_filters;

    while (last->next) {
        last = last->next;
    }
    return last->frec->filter_func.out_func(last, NULL);
}

/* EOS makes mod_ssl send what it has; FLUSH, which the hub cannot use, would wait for the client. */
static void say(f1_hub_guest_t *guest, const char *data, size_t len)
{
    apr_bucket_alloc_t *alloc = guest->c->bucket_alloc;
    apr_status_t rv;

    APR_BRIGADE_INSERT_TAIL(guest->bb, apr_bucket_transient_create(data, len, alloc));
    APR_BRIGADE_INSERT_TAIL(guest->bb, guest->is_held ? apr_bucket_eos_create(alloc) : apr_bucket_flush_create(alloc));
    rv = ap_pass_brigade(guest->filters, guest->bb);
    apr_brigade_cleanup(guest->bb);
    if (rv == APR_SUCCESS && guest->is_held) {
        rv = push(guest->c);
    }
    if (rv != APR_SUCCESS || guest->c->aborted) {
        guest->is_gone = 1;
    }
}

/* The text that the guest hears next; it stays in his queue until he has heard all of it. */
static f1_hub_text_t *next_text(f1_hub_guest_t *guest)
{
    f1_hub_text_t *text;

    lock();
    text = guest->count ? guest->queue[guest->first] : NULL;
    if (!text) {
        guest->has_news = 0;
    }
    unlock();
    return text;
}

static void finish_text(f1_hub_guest_t *guest, f1_hub_text_t *text)
{
    lock();
    guest->first = (guest->first + 1) % QUEUE_MAX;
    guest->count--;
    guest->bytes -= text->len;
    unlock();
    guest->heard = 0;
    f1_hub_text_drop(text);
    f1_count(F1_COUNT_STREAM_TEXTS, 1);
}

static void say_all(f1_hub_guest_t *guest)
{
    f1_hub_text_t *text;

    while (guest->has_news && !guest->is_gone && !guest->c->data_in_output_filters &&
           (text = next_text(guest)) != NULL) {
        size_t len = text->len - guest->heard;

        len = len < PASS_MAX ? len : PASS_MAX;
        say(guest, text->data + guest->heard, len);
        guest->heard += len;
        if (guest->heard == text->len) {
            finish_text(guest, text);
        }
        guest->heard_at = apr_time_now();
    }
}

static void show_out(f1_hub_guest_t *guest)
{
    guest->is_gone = 1;
    f1_count(F1_COUNT_STREAM_DROPPED, 1);
    ap_log_cerror(APLOG_MARK, APLOG_INFO, 0, guest->c,
                  F1LOGNO(0541) "a client that does not take what it is sent is dropped");
}

/* Says what there is to say, and finds out whether the guest goes. */
static void serve(f1_hub_guest_t *guest, apr_time_t now)
{
    int may_hear;

    say_all(guest);
    may_hear = !guest->c->data_in_output_filters;
    if (guest->is_gone) {
        return;
    }
    if (guest->is_lost || (!may_hear && now - guest->heard_at > STUCK)) {
        show_out(guest);
    }
    else if (child.is_over || (child.is_stopping && now >= child.stop_by) ||
             (guest->terms.until && now >= guest->terms.until) ||
             (may_hear && guest->is_dismissed && !guest->has_news)) {
        guest->is_gone = 1;
    }
    else if (may_hear && now - guest->heard_at >= SILENCE) {
        say(guest, guest->terms.idle, strlen(guest->terms.idle));
        guest->heard_at = now;
    }
}

/* --- Guests with threads of their own */

/* prefork calls no child_stopping while a request is answered; its parent counts generations. */
static int is_outdated(void)
{
    int state;

    return child.is_stopping || ap_scoreboard_image->global->running_generation != child.generation ||
           (ap_mpm_query(AP_MPMQ_MPM_STATE, &state) == APR_SUCCESS && state == AP_MPMQ_STOPPING);
}

/* Until there is something to say, the client is gone, or it is time to look around. */
static void wait_for_news(f1_hub_guest_t *guest)
{
    struct pollfd fds[2] = {{guest->wake, POLLIN, 0}, {-1, POLLRDHUP, 0}};
    apr_uint64_t count;
    apr_os_sock_t fd;

    if (!guest->c->master && apr_os_sock_get(&fd, ap_get_conn_socket(guest->c)) == APR_SUCCESS) {
        fds[1].fd = fd;
    }
    if (poll(fds, 2, (int)apr_time_as_msec(TICK)) > 0) {
        /* it is only there to end the wait */
        (void)!read(guest->wake, &count, sizeof(count));
    }
    if (fds[1].revents || guest->c->aborted) {
        guest->is_gone = 1;
    }
}

static int stay_here(f1_hub_guest_t *guest)
{
    conn_rec *c = guest->c;

    guest->filters = guest->r->output_filters;
    for (;;) {
        if (is_outdated()) {
            guest->is_dismissed = 1;
        }
        serve(guest, apr_time_now());
        if (guest->is_gone) {
            break;
        }
        wait_for_news(guest);
    }
    if (!c->aborted) {
        APR_BRIGADE_INSERT_TAIL(guest->bb, apr_bucket_eos_create(c->bucket_alloc));
        (void)ap_pass_brigade(guest->filters, guest->bb);
    }
    f1_hub_leave(guest);
    return OK;
}

int f1_hub_stay(f1_hub_guest_t *guest)
{
    if (!guest->is_held) {
        return stay_here(guest);
    }
    ap_remove_input_filter_byhandle(guest->c->input_filters, "reqtimeout");
    ap_set_module_config(guest->c->conn_config, &f1board_module, guest);
    return SUSPENDED;
}

/* --- Guests of the hub */

/* httpd lets go of a connection, on the worker's thread. The request ends here: its memory is not needed for what may
 * be hours. */
static void suspend_connection(conn_rec *c, request_rec *r)
{
    f1_hub_guest_t *guest = ap_get_module_config(c->conn_config, &f1board_module);
    apr_allocator_t *allocator = apr_pool_allocator_get(c->pool);

    if (!guest) {
        return;
    }
    if (allocator) {
        apr_allocator_max_free_set(allocator, 1); /* what the request leaves is not kept for another */
    }
    if (r) {
        ap_process_request_after_handler(r);
        c->cs->state = CONN_STATE_SUSPENDED;
    }
    guest->worker = ap_get_scoreboard_worker(c->sbh);
    (void)ap_update_child_status(c->sbh, SERVER_CLOSING, NULL);
    lock();
    guest->next_arrival = child.arrivals;
    child.arrivals = guest;
    wake_hub();
    unlock();
}

/* After our hook the worker takes the scoreboard's handle from the connection, and only then does something else. */
static int was_let_go(const f1_hub_guest_t *guest)
{
    return __atomic_load_n(&guest->worker->status, __ATOMIC_ACQUIRE) != SERVER_CLOSING &&
           !__atomic_load_n(&guest->c->sbh, __ATOMIC_ACQUIRE);
}

/* Clients have nothing to say; what they say nevertheless is thrown away. */
static void hear(f1_hub_guest_t *guest)
{
    apr_status_t rv = APR_SUCCESS;
    int is_empty = 0, i;

    for (i = 0; i < READS_MAX && rv == APR_SUCCESS && !is_empty; i++) {
        rv = ap_get_brigade(guest->c->input_filters, guest->bb, AP_MODE_READBYTES, APR_NONBLOCK_READ, 8000);
        is_empty = APR_BRIGADE_EMPTY(guest->bb);
        apr_brigade_cleanup(guest->bb);
    }
    if (rv != APR_SUCCESS && !APR_STATUS_IS_EAGAIN(rv)) {
        guest->is_gone = 1;
    }
}

static void watch(f1_hub_guest_t *guest, apr_int16_t events)
{
    if (guest->poll.reqevents == events) {
        return;
    }
    if (guest->poll.reqevents) {
        (void)apr_pollset_remove(child.pollset, &guest->poll);
    }
    guest->poll.reqevents = events;
    if (events && apr_pollset_add(child.pollset, &guest->poll) != APR_SUCCESS) {
        guest->poll.reqevents = 0;
        guest->is_gone = 1;
    }
}

/* The connection is the hub's from here on. Its client may have said something before, or be gone. */
static void take(f1_hub_guest_t *guest)
{
    conn_rec *c = guest->c;
    apr_socket_t *socket = ap_get_conn_socket(c);

    guest->next_held = child.held;
    child.held = guest;
    c->current_thread = child.thread;
    guest->bb = apr_brigade_create(c->pool, c->bucket_alloc);
    guest->filters = c->output_filters;
    guest->poll = (apr_pollfd_t){.desc_type = APR_POLL_SOCKET, .desc.s = socket, .client_data = guest};
    (void)apr_socket_timeout_set(socket, 0);
    watch(guest, APR_POLLIN);
    hear(guest);
}

static void take_arrivals(void)
{
    f1_hub_guest_t *guest, **link, *taken = NULL;

    lock();
    for (link = &child.arrivals; (guest = *link) != NULL;) {
        if (was_let_go(guest)) {
            *link = guest->next_arrival;
            guest->next_arrival = taken;
            taken = guest;
        }
        else {
            link = &guest->next_arrival;
        }
    }
    unlock();
    for (; taken; taken = taken->next_arrival) {
        take(taken);
    }
}

/* TLS is told the end, and httpd's lists too; the socket is closed with its pool. */
static void close_connection(conn_rec *c)
{
    apr_bucket_brigade *bb;

    ap_set_module_config(c->conn_config, &f1board_module, NULL);
    (void)ap_prep_lingering_close(c);
    if (!c->aborted && !c->data_in_output_filters) {
        bb = apr_brigade_create(c->pool, c->bucket_alloc);
        APR_BRIGADE_INSERT_TAIL(bb, ap_bucket_eoc_create(c->bucket_alloc));
        if (ap_pass_brigade(c->output_filters, bb) == APR_SUCCESS) {
            (void)push(c);
        }
    }
    c->aborted = 1;
    c->cs->state = CONN_STATE_SUSPENDED;
    apr_pool_destroy(c->pool);
}

static void serve_held(apr_time_t now)
{
    f1_hub_guest_t *guest, **link = &child.held;

    while ((guest = *link) != NULL) {
        if (!guest->is_gone) {
            serve(guest, now);
        }
        if (!guest->is_gone) {
            watch(guest, guest->c->data_in_output_filters ? APR_POLLIN | APR_POLLOUT : APR_POLLIN);
        }
        if (guest->is_gone) {
            conn_rec *c = guest->c;

            *link = guest->next_held;
            watch(guest, 0);
            f1_hub_leave(guest);
            close_connection(c);
        }
        else {
            link = &guest->next_held;
        }
    }
}

static void handle_events(const apr_pollfd_t *ready, apr_int32_t count)
{
    apr_int32_t i;

    for (i = 0; i < count; i++) {
        f1_hub_guest_t *guest = ready[i].client_data;

        if (ready[i].rtnevents & ~APR_POLLOUT) {
            hear(guest);
        }
        if (!guest->is_gone && ready[i].rtnevents & APR_POLLOUT && push(guest->c) != APR_SUCCESS) {
            guest->is_gone = 1;
        }
    }
}

/* How long nothing is to be done unless something happens. *pis_done: nor ever again. */
static apr_interval_time_t patience(int *pis_done)
{
    apr_interval_time_t result;

    lock();
    result = child.arrivals ? ARRIVAL : child.held ? TICK : -1;
    *pis_done = child.is_over || (child.is_stopping && !child.held_count);
    unlock();
    return result;
}

static void *APR_THREAD_FUNC serve_all(apr_thread_t *thread, void *unused)
{
    apr_interval_time_t timeout;
    int is_done;

    (void)thread;
    (void)unused;
    (void)apr_setup_signal_thread(); /* which are none of its business */
    while (timeout = patience(&is_done), !is_done) {
        const apr_pollfd_t *ready = NULL;
        apr_int32_t count = 0;

        if (apr_pollset_poll(child.pollset, timeout, &count, &ready) == APR_SUCCESS) {
            handle_events(ready, count);
        }
        take_arrivals();
        serve_held(apr_time_now());
    }
    serve_held(apr_time_now());
    return NULL; /* apr_thread_exit would leave this frame behind, which AddressSanitizer takes for an overflow */
}

/* --- The child's life */

static void join_hub(void)
{
    apr_status_t rv;

    if (child.thread) {
        apr_thread_join(&rv, child.thread);
        child.thread = NULL;
    }
}

static void stop(int at_once)
{
    f1_hub_guest_t *guest;

    lock();
    if (!child.is_stopping) {
        child.stop_by = apr_time_now() + FAREWELL;
    }
    child.is_stopping = 1;
    child.is_over = child.is_over || at_once;
    for (guest = child.guests; guest; guest = guest->next) {
        dismiss(guest);
    }
    wake_hub();
    unlock();
}

static void child_stopping(apr_pool_t *pchild, int graceful)
{
    (void)pchild;
    if (!child.lock) {
        return;
    }
    stop(!graceful);
    if (!graceful) {
        join_hub(); /* later, connections would go away under it */
    }
}

/* All guests left long ago, or the child ends without a word. */
static apr_status_t end_child(void *unused)
{
    (void)unused;
    stop(1);
    join_hub();
    if (child.pool) {
        apr_pool_destroy(child.pool);
    }
    child.pool = NULL;
    child.pollset = NULL;
    return APR_SUCCESS;
}

static void child_init(apr_pool_t *pchild, server_rec *s)
{
    int processes = 1, threads = 0;

    child.s = s;
    (void)ap_mpm_query(AP_MPMQ_IS_ASYNC, &child.is_async);
    (void)ap_mpm_query(AP_MPMQ_MAX_DAEMONS, &processes);
    (void)ap_mpm_query(AP_MPMQ_MAX_THREADS, &threads);
    child.generation = ap_scoreboard_image->global->running_generation;
    child.threads_here = threads >= 8 ? threads / 4 : 1;
    child.threads_max = processes * (threads > 0 ? threads : 1) / 4;
    if (apr_thread_mutex_create(&child.lock, APR_THREAD_MUTEX_DEFAULT, pchild) != APR_SUCCESS) {
        child.lock = NULL;
        ap_log_error(APLOG_MARK, APLOG_ERR, 0, s, F1LOGNO(0542) "no mutex can be made: there are no streams");
        return;
    }
    apr_pool_pre_cleanup_register(pchild, NULL, end_child);
}

void f1_hub_register_hooks(apr_pool_t *pool)
{
    (void)pool;
    ap_hook_child_init(child_init, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_child_stopping(child_stopping, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_suspend_connection(suspend_connection, NULL, NULL, APR_HOOK_MIDDLE);
}
