/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* All who follow a topic have heard its state, or will: so one that is read again and has not changed has nothing to
 * tell to anybody. It is read by the request that makes it, and then by one thread of the child: at notices, and now
 * and then, should one have been lost. The same thread looks whether those who follow still may.
 *
 * Locks: the one of this file is taken before the hub's. */

#include "web/topic.h"

#include <stdlib.h>
#include <string.h>

#include <apr_strings.h>
#include <apr_thread_cond.h>
#include <apr_thread_mutex.h>
#include <apr_thread_proc.h>
#include <http_config.h>
#include <http_log.h>
#include <mpm_common.h>

#include "auth/limit.h"
#include "base/log.h"
#include "db/endpoint.h"
#include "web/dbd.h"
#include "web/hub.h"
#include "web/listener.h"

APLOG_USE_MODULE(f1board);

#define STATE_MAX (64 * 1024) /* bytes of what a topic tells */
#define PAUSE apr_time_from_msec(200) /* between two readings of a topic: changes in between are one */
#define REREAD apr_time_from_sec(15) /* without any notice */
#define RECHECK apr_time_from_sec(15) /* whether those who follow still may */
#define RETRY apr_time_from_sec(1) /* after the database failed */
#define ID_MAX 40
#define EVENT_OVERHEAD 128 /* bytes of an event beside its state */
#define UUID_MAX 40
#define IDLE ":\n\n"

typedef struct topic_t {
    struct topic_t *next;
    apr_pool_t *pool; /* used under the lock alone */
    server_rec *s;
    const char *key; /* the route and its values */
    const char *subject; /* what notices name; NULL: nothing */
    f1_request_t request;
    int users; /* followers, and who reads it at the moment */
    apr_time_t read_at, due_at; /* when the last reading began, and the next should */
    apr_int64_t asked, known; /* the newest reading that was begun, and that the state comes from */
    f1_hub_text_t *state; /* an event; NULL: never read */
    char id[ID_MAX];
    int is_last; /* the state is */
    f1_hub_room_t room;
} topic_t;

/* A client, as long as the hub has him. */
struct f1_follower_t {
    f1_follower_t *next, **link;
    topic_t *topic;
    f1_hub_guest_t *guest;
    apr_uint64_t number; /* of all in this child, ever */
    f1_role_t role;
    char user_id[UUID_MAX], session_id[UUID_MAX], key_id[UUID_MAX]; /* empty: none */
};

static struct {
    server_rec *s;
    apr_pool_t *pool; /* of topics, used under the lock alone */
    apr_pool_t *own; /* the thread's alone, once it runs */
    apr_thread_mutex_t *lock; /* NULL: there are no streams */
    apr_thread_cond_t *changed;
    apr_thread_t *thread; /* NULL: not started */
    topic_t *topics;
    f1_follower_t *followers;
    apr_uint64_t numbers; /* given to followers so far */
    apr_time_t check_at;
    int is_stopping, has_failed;
} child;

static void lock(void)
{
    apr_thread_mutex_lock(child.lock);
}

static void unlock(void)
{
    apr_thread_mutex_unlock(child.lock);
}

/* --- Topics */

/* What makes a reading another: the route and what is bound. The clock is not a part of it. */
static const char *key_of(const f1_request_t *request, apr_pool_t *pool)
{
    const f1_bound_t *query = &request->route->query;
    const char *key = request->route->name;
    int i;

    for (i = 0; i < query->statement->param_count; i++) {
        const char *value = query->binds[i] == F1_BIND_NOW ? NULL : f1_endpoint_value(request, query->binds[i], pool);

        key = value ? apr_psprintf(pool, "%s %d=%s", key, i, value) : key;
    }
    return key;
}

static topic_t *find_topic(const server_rec *s, const char *key)
{
    topic_t *topic;

    for (topic = child.topics; topic; topic = topic->next) {
        if (topic->s == s && !strcmp(topic->key, key)) {
            return topic;
        }
    }
    return NULL;
}

static topic_t *make_topic(server_rec *s, const char *key, const f1_request_t *request)
{
    apr_pool_t *pool;
    topic_t *topic;
    int i;

    apr_pool_create(&pool, child.pool);
    apr_pool_tag(pool, "f1board_topic");
    topic = apr_pcalloc(pool, sizeof(*topic));
    topic->pool = pool;
    topic->s = s;
    topic->key = apr_pstrdup(pool, key);
    topic->request = *request;
    topic->request.if_match = NULL;
    topic->request.me = apr_pstrdup(pool, request->me);
    topic->request.my_role = apr_pstrdup(pool, request->my_role);
    topic->request.my_session = apr_pstrdup(pool, request->my_session);
    topic->request.my_via = apr_pstrdup(pool, request->my_via);
    topic->request.my_key = apr_pstrdup(pool, request->my_key);
    for (i = 0; i < F1_ROUTE_MAX_PARAMS; i++) {
        topic->request.values[i] = apr_pstrdup(pool, request->values[i]);
    }
    topic->subject = f1_endpoint_value(&topic->request, request->route->listen_bind, pool);
    topic->due_at = apr_time_now() + REREAD;
    topic->next = child.topics;
    child.topics = topic;
    return topic;
}

/* Under the lock. */
static void release_topic(topic_t *topic)
{
    topic_t **link = &child.topics;

    if (--topic->users) {
        return;
    }
    while (*link != topic) {
        link = &(*link)->next;
    }
    *link = topic->next;
    f1_hub_text_drop(topic->state);
    apr_pool_destroy(topic->pool);
}

/* --- Reading */

/* "id: 3fa4…\ndata: {…}\n\n". In JSON a line may end between values only, where it is a blank like any other. */
static void add_event(f1_buf_t *out, const char *id, const f1_buf_t *state)
{
    size_t i;

    f1_buf_addf(out, "id: %s\ndata: ", id);
    for (i = 0; i < state->len; i++) {
        char c = state->data[i];

        f1_buf_addc(out, c == '\n' || c == '\r' ? ' ' : c);
    }
    f1_buf_adds(out, "\n\n");
}

/* The state's ETag without its quotes. */
static const char *id_of(const f1_buf_t *state, apr_pool_t *pool)
{
    const char *tag = f1_endpoint_tag(state->data, state->len, pool);

    return apr_pstrmemdup(pool, tag + 1, strlen(tag) - 2);
}

/* Under the lock: what was read is what the topic tells from here on. */
static void accept_state(topic_t *topic, const f1_buf_t *state, int is_last, apr_pool_t *pool)
{
    const char *id = id_of(state, pool);
    f1_buf_t event;

    topic->is_last = is_last;
    if (!topic->state || strcmp(id, topic->id) != 0) {
        f1_hub_text_drop(topic->state);
        f1_buf_init(&event, pool, state->len + EVENT_OVERHEAD, STATE_MAX + EVENT_OVERHEAD);
        add_event(&event, id, state);
        topic->state = f1_hub_text_make(event.data, event.len);
        apr_cpystrn(topic->id, id, sizeof(topic->id));
        f1_hub_tell(&topic->room, topic->state);
    }
    if (is_last) {
        f1_hub_dismiss_all(&topic->room);
    }
}

static apr_status_t ask_state(const server_rec *s, const f1_request_t *request, f1_buf_t *state, f1_page_t *page,
                              apr_pool_t *pool, f1_result_t *res)
{
    f1_dbd_lease_t lease;
    f1_conn_t *conn;

    f1_buf_init(state, pool, 1024, STATE_MAX);
    f1_dbd_lease(&lease, f1_config_server(s)->dbd);
    if (lease.db.open(&lease.db, &conn, pool, res) == APR_SUCCESS) {
        (void)f1_endpoint_answer(conn, request, state, page, pool, res);
        lease.db.close(&lease.db, conn);
    }
    return res->rv;
}

/* Of two readings at a time the one that began later counts; what the other saw in between will be noticed. */
static apr_status_t read_topic(topic_t *topic, apr_pool_t *pool, f1_result_t *res)
{
    f1_buf_t state;
    apr_int64_t ticket;
    f1_page_t page;

    lock();
    ticket = ++topic->asked;
    topic->read_at = apr_time_now();
    topic->due_at = topic->read_at + REREAD;
    unlock();
    (void)ask_state(topic->s, &topic->request, &state, &page, pool, res);
    lock();
    if (ticket > topic->known && (res->error == F1_E_OK || res->error == F1_E_NOT_FOUND)) {
        topic->known = ticket;
        if (res->error == F1_E_OK) {
            accept_state(topic, &state, page.is_last, pool);
        }
        else {
            f1_hub_dismiss_all(&topic->room); /* there is nothing to follow any more */
        }
    }
    unlock();
    return res->rv;
}

/* --- The thread that reads */

/* Under the lock. *pnext: when something will be due, if nothing is. */
static topic_t *find_due(apr_time_t now, apr_time_t *pnext)
{
    topic_t *topic;

    *pnext = child.check_at;
    for (topic = child.topics; topic; topic = topic->next) {
        if (topic->due_at <= now) {
            return topic;
        }
        if (topic->due_at < *pnext) {
            *pnext = topic->due_at;
        }
    }
    return NULL;
}

static void read_again(topic_t *topic, apr_pool_t *pool)
{
    f1_result_t *res = f1_result_make(pool);

    (void)read_topic(topic, pool, res);
    lock();
    if (res->error != F1_E_OK && res->error != F1_E_NOT_FOUND) {
        topic->due_at = apr_time_now() + RETRY;
    }
    release_topic(topic);
    unlock();
}

/* What is asked about followers, while they may come and go. */
typedef struct check_t {
    f1_identity_t *identities;
    apr_uint64_t *numbers;
    char *is_gone;
    int count;
} check_t;

static const char *word_or_null(const char *word, apr_pool_t *pool)
{
    return *word ? apr_pstrdup(pool, word) : NULL;
}

/* Those of one server, whose database knows them. Under the lock. */
static void list_followers(check_t *check, const server_rec *s, apr_pool_t *pool)
{
    const f1_follower_t *follower;
    size_t count = 0;

    for (follower = child.followers; follower; follower = follower->next) {
        count++;
    }
    check->count = 0;
    check->identities = apr_pcalloc(pool, sizeof(*check->identities) * (count + 1));
    check->numbers = apr_palloc(pool, sizeof(*check->numbers) * (count + 1));
    check->is_gone = apr_pcalloc(pool, count + 1);
    for (follower = child.followers; follower; follower = follower->next) {
        if (follower->topic->s == s && *follower->user_id) {
            f1_identity_t *identity = &check->identities[check->count];

            check->numbers[check->count++] = follower->number;
            identity->role = follower->role;
            identity->user_id = apr_pstrdup(pool, follower->user_id);
            identity->session_id = word_or_null(follower->session_id, pool);
            identity->key_id = word_or_null(follower->key_id, pool);
        }
    }
}

/* Under the lock. Both lists begin with who came last. */
static void dismiss_gone(const check_t *check)
{
    const f1_follower_t *follower;
    int i = 0;

    for (follower = child.followers; follower; follower = follower->next) {
        while (i < check->count && check->numbers[i] > follower->number) {
            i++;
        }
        if (i < check->count && check->numbers[i] == follower->number && check->is_gone[i]) {
            f1_hub_dismiss(follower->guest);
        }
    }
}

/* If the database does not answer, all may stay: the next look is soon. */
static void check_followers(server_rec *s, apr_pool_t *pool)
{
    f1_result_t *res = f1_result_make(pool);
    f1_dbd_lease_t lease;
    f1_conn_t *conn;
    check_t check;

    lock();
    list_followers(&check, s, pool);
    unlock();
    f1_dbd_lease(&lease, f1_config_server(s)->dbd);
    if (!check.count || lease.db.open(&lease.db, &conn, pool, res) != APR_SUCCESS) {
        return;
    }
    (void)f1_identity_recheck(check.identities, check.count, check.is_gone, conn, pool, res);
    lease.db.close(&lease.db, conn);
    lock();
    dismiss_gone(&check);
    unlock();
}

static void check_all(apr_pool_t *pool)
{
    server_rec *s;

    for (s = child.s; s; s = s->next) {
        check_followers(s, pool);
    }
}

/* Something to do, or a sleep until there is. */
static void turn(apr_pool_t *pool)
{
    apr_time_t now = apr_time_now(), next;
    topic_t *topic;
    int is_check;

    lock();
    topic = find_due(now, &next);
    is_check = !topic && child.check_at <= now;
    if (topic) {
        topic->users++;
    }
    else if (is_check) {
        child.check_at = now + RECHECK;
    }
    else if (!child.is_stopping) {
        (void)apr_thread_cond_timedwait(child.changed, child.lock, next - now);
    }
    unlock();
    if (topic) {
        read_again(topic, pool);
    }
    else if (is_check) {
        check_all(pool);
    }
}

static void *APR_THREAD_FUNC run(apr_thread_t *thread, void *unused)
{
    apr_pool_t *pool;
    int is_stopping;

    (void)thread;
    (void)unused;
    (void)apr_setup_signal_thread(); /* which are none of its business */
    apr_pool_create(&pool, child.own);
    do {
        turn(pool);
        apr_pool_clear(pool);
        lock();
        is_stopping = child.is_stopping;
        unlock();
    } while (!is_stopping);
    return NULL; /* apr_thread_exit would leave this frame behind, which AddressSanitizer takes for an overflow */
}

/* --- Following */

static void left(void *data)
{
    f1_follower_t *follower = data;

    lock();
    *follower->link = follower->next;
    if (follower->next) {
        follower->next->link = follower->link;
    }
    release_topic(follower->topic);
    unlock();
    free(follower);
}

static void keep_word(char word[UUID_MAX], const char *text)
{
    apr_cpystrn(word, text ? text : "", UUID_MAX);
}

static f1_follower_t *make_follower(const f1_call_t *call, topic_t *topic)
{
    f1_follower_t *follower = calloc(1, sizeof(*follower));

    if (!follower) {
        abort(); /* as APR does */
    }
    follower->topic = topic;
    follower->role = call->identity->by == F1_BY_KEY ? call->identity->owner_role : call->identity->role;
    keep_word(follower->user_id, call->identity->user_id);
    keep_word(follower->session_id, call->identity->session_id);
    keep_word(follower->key_id, call->identity->key_id);
    return follower;
}

static apr_status_t enter(f1_follower_t *follower, const f1_call_t *call, f1_result_t *res)
{
    const apr_sockaddr_t *address = call->r->useragent_addr;
    char owner[F1_LIMIT_KEY_MAX];
    f1_hub_terms_t terms = {
        .owner = owner, .until = call->identity->until, .idle = IDLE, .left = left, .baton = follower};

    if (call->identity->user_id) {
        terms.owner = call->identity->user_id;
    }
    else {
        f1_limit_address_key(owner, "", address->ipaddr_ptr, (apr_size_t)address->ipaddr_len);
    }
    return f1_hub_enter(&follower->guest, call->r, &terms, res);
}

/* Under the lock: from the state that the client gets now on he misses none. */
static apr_status_t join(f1_follower_t **pfollower, const f1_call_t *call, topic_t *topic, f1_result_t *res)
{
    f1_follower_t *follower = make_follower(call, topic);

    if (enter(follower, call, res) != APR_SUCCESS) {
        free(follower);
        return res->rv;
    }
    f1_hub_join(&topic->room, follower->guest);
    topic->users++;
    follower->number = ++child.numbers;
    follower->next = child.followers;
    follower->link = &child.followers;
    if (follower->next) {
        follower->next->link = &follower->next;
    }
    child.followers = follower;
    *pfollower = follower;
    return APR_SUCCESS;
}

static apr_status_t make_pools(void)
{
    apr_status_t rv = APR_SUCCESS;

    if (!child.pool) {
        rv = apr_pool_create_unmanaged_ex(&child.pool, NULL, NULL);
    }
    if (rv == APR_SUCCESS && !child.own) {
        rv = apr_pool_create_unmanaged_ex(&child.own, NULL, NULL);
    }
    return rv;
}

/* Under the lock, with the first client. Without the thread topics are read by requests alone. */
static void start_once(void)
{
    apr_status_t rv;

    if (child.thread || child.is_stopping || child.has_failed) {
        return;
    }
    child.check_at = apr_time_now() + RECHECK;
    rv = apr_thread_create(&child.thread, NULL, run, NULL, child.own);
    if (rv != APR_SUCCESS) {
        child.thread = NULL;
        child.has_failed = 1;
        ap_log_error(APLOG_MARK, APLOG_ERR, rv, child.s, F1LOGNO(0543) "no thread can follow changes for streams");
    }
}

/* NULL: there is no memory for any. */
static topic_t *take_topic(const f1_call_t *call)
{
    const char *key = key_of(&call->request, call->r->pool);
    topic_t *topic = NULL;

    lock();
    if (make_pools() == APR_SUCCESS) {
        start_once();
        topic = find_topic(call->r->server, key);
        topic = topic ? topic : make_topic(call->r->server, key, &call->request);
        topic->users++;
    }
    unlock();
    return topic;
}

apr_status_t f1_topic_look(const f1_call_t *call, f1_buf_t *out, f1_result_t *res)
{
    apr_pool_t *pool = call->r->pool;
    f1_buf_t state;
    f1_page_t page;

    if (ask_state(call->r->server, &call->request, &state, &page, pool, res) == APR_SUCCESS) {
        add_event(out, id_of(&state, pool), &state);
    }
    return res->rv;
}

/* Under the lock. */
static apr_status_t follow(f1_follower_t **pfollower, const f1_call_t *call, topic_t *topic, f1_result_t *res)
{
    if (!topic->state) {
        return f1_result_fail(res, F1_E_NOT_FOUND, APR_NOTFOUND, "It has just gone"); /* as another request saw */
    }
    return topic->is_last ? APR_SUCCESS : join(pfollower, call, topic, res);
}

apr_status_t f1_topic_follow(f1_follower_t **pfollower, const f1_call_t *call, const char *seen, f1_buf_t *out,
                             f1_result_t *res)
{
    topic_t *topic;
    int is_known;

    *pfollower = NULL;
    if (!child.lock) {
        return f1_result_fail(res, F1_E_UNAVAILABLE, APR_ENOTIMPL, "This server has no streams");
    }
    is_known = f1_listener_start(f1_config_server(call->r->server)->listener);
    topic = take_topic(call);
    if (!topic) {
        return f1_result_fail(res, F1_E_UNAVAILABLE, APR_ENOMEM, "This server has no streams");
    }
    lock();
    is_known = is_known && topic->state;
    unlock();
    if (!is_known) {
        (void)read_topic(topic, call->r->pool, res);
    }
    lock();
    if (res->error == F1_E_OK && follow(pfollower, call, topic, res) == APR_SUCCESS &&
        (!seen || strcmp(seen, topic->id) != 0)) {
        size_t len;
        const char *event = f1_hub_text_data(topic->state, &len);

        f1_buf_add(out, event, len);
    }
    release_topic(topic);
    unlock();
    return res->rv;
}

int f1_topic_stay(f1_follower_t *follower)
{
    return f1_hub_stay(follower->guest);
}

void f1_topic_leave(f1_follower_t *follower)
{
    f1_hub_leave(follower->guest);
}

/* --- The child's life */

/* A payload of "*" means everybody's. */
static int is_about(const topic_t *topic, const char *channel, const char *payload)
{
    if (!channel) {
        return 1;
    }
    return !strcmp(topic->request.route->listen, channel) &&
           (!strcmp(payload, "*") || (topic->subject && !strcmp(topic->subject, payload)));
}

/* On a listener's thread. */
static void on_notice(const char *channel, const char *payload)
{
    apr_time_t now = apr_time_now();
    topic_t *topic;

    if (!child.lock) {
        return;
    }
    lock();
    for (topic = child.topics; topic; topic = topic->next) {
        apr_time_t soonest = topic->read_at + PAUSE > now ? topic->read_at + PAUSE : now;

        if (is_about(topic, channel, payload) && soonest < topic->due_at) {
            topic->due_at = soonest;
        }
    }
    apr_thread_cond_signal(child.changed);
    unlock();
}

static void tell_to_stop(void)
{
    lock();
    child.is_stopping = 1;
    apr_thread_cond_signal(child.changed);
    unlock();
}

static void child_stopping(apr_pool_t *pchild, int graceful)
{
    (void)pchild;
    (void)graceful;
    if (child.lock) {
        tell_to_stop();
    }
}

/* Before mod_dbd's connections go. */
static apr_status_t end_child(void *unused)
{
    apr_status_t rv;

    (void)unused;
    tell_to_stop();
    if (child.thread) {
        apr_thread_join(&rv, child.thread);
        child.thread = NULL;
    }
    return APR_SUCCESS;
}

/* After all threads ended, the hub's too. */
static apr_status_t end_pools(void *unused)
{
    (void)unused;
    if (child.own) {
        apr_pool_destroy(child.own);
    }
    if (child.pool) {
        apr_pool_destroy(child.pool);
    }
    return APR_SUCCESS;
}

static void child_init(apr_pool_t *pchild, server_rec *s)
{
    apr_status_t rv = apr_thread_mutex_create(&child.lock, APR_THREAD_MUTEX_DEFAULT, pchild);

    child.s = s;
    if (rv == APR_SUCCESS) {
        rv = apr_thread_cond_create(&child.changed, pchild);
    }
    if (rv != APR_SUCCESS) {
        child.lock = NULL;
        ap_log_error(APLOG_MARK, APLOG_ERR, rv, s, F1LOGNO(0544) "nothing can be followed: there are no streams");
        return;
    }
    apr_pool_pre_cleanup_register(pchild, NULL, end_child);
    apr_pool_cleanup_register(pchild, NULL, end_pools, apr_pool_cleanup_null);
}

void f1_topic_register_hooks(apr_pool_t *pool)
{
    (void)pool;
    f1_listener_tell(on_notice);
    ap_hook_child_init(child_init, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_child_stopping(child_stopping, NULL, NULL, APR_HOOK_MIDDLE);
}
