/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Limits in Redis. A key is "f1board:limit:100/60:anonymous 192.0.2.7", its value drops and the time when the bucket
 * will be empty; Redis forgets it then. */

#include "auth/limit_redis.h"

#include <stdatomic.h>

#include <apr_strings.h>
#include <apr_thread_proc.h>

#include "base/log.h"

#define TIMEOUT apr_time_from_msec(200)
#define PAUSE 5000 /* milliseconds without a question after a failure */

/* f1_limit_drop, line by line. */
static const char script[] =
    "local count, each, step = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])\n"
    "local time = redis.call('TIME')\n"
    "local now = time[1] * 1000 + math.floor(time[2] / 1000)\n"
    "local drops, empty = string.match(redis.call('GET', KEYS[1]) or '0 0', '^(%d+) (%d+)$')\n"
    "drops, empty = tonumber(drops) or 0, tonumber(empty) or 0\n"
    "local last = empty - math.ceil(drops / each) * step\n"
    "if empty <= now then drops = 0 end\n"
    "if empty <= now or last > now then last = now end\n"
    "local gone = math.floor((now - last) / step)\n"
    "last = last + gone * step\n"
    "drops = math.min(math.max(drops - gone * each, 0), count)\n"
    "local allowed = drops < count\n"
    "if allowed then drops = drops + 1 end\n"
    "empty = last + math.ceil(drops / each) * step\n"
    "if allowed then\n"
    "    redis.call('SET', KEYS[1], string.format('%d %.0f', drops, empty), 'PX', string.format('%.0f', empty - now))\n"
    "end\n"
    "return {allowed and 1 or 0, count - drops, allowed and 0 or last + step - now, empty - now}\n";
#define NUMBERS 4 /* in its answer */

/* In shared memory. */
typedef struct away_t {
    atomic_llong until; /* on f1_limit_now's clock; 0: it is not away */
} away_t;

struct f1_limit_redis_t {
    f1_redis_server_t server;
    away_t *away;
    apr_threadkey_t *connections; /* of connection_t */
};

typedef struct connection_t {
    apr_pool_t *pool;
    f1_redis_t *redis;
    char script[F1_REDIS_TEXT]; /* its name in Redis */
} connection_t;

apr_size_t f1_limit_redis_size(void)
{
    return sizeof(away_t);
}

static void close_connection(void *connection)
{
    if (connection) {
        apr_pool_destroy(((connection_t *)connection)->pool);
    }
}

static apr_status_t delete_key(void *key)
{
    return apr_threadkey_private_delete(key);
}

apr_status_t f1_limit_redis_make(f1_limit_redis_t **predis, const f1_redis_server_t *server, void *shared,
                                 apr_pool_t *pool)
{
    f1_limit_redis_t *redis = apr_pcalloc(pool, sizeof(*redis));
    apr_status_t rv;

    redis->server = *server;
    redis->away = shared;
    *predis = redis;
    rv = apr_threadkey_private_create(&redis->connections, close_connection, pool);
    if (rv == APR_SUCCESS) {
        apr_pool_cleanup_register(pool, redis->connections, delete_key, apr_pool_cleanup_null);
    }
    return rv;
}

/* Opens the thread's connection, and tells Redis the script. */
static apr_status_t connect_thread(f1_limit_redis_t *redis, connection_t **pconnection, f1_result_t *res)
{
    const char *const load[] = {"SCRIPT", "LOAD", script, NULL};
    connection_t *connection;
    f1_redis_reply_t reply;
    apr_pool_t *pool;
    apr_status_t rv = apr_pool_create(&pool, NULL); /* of no request, and no parent that other threads work with */

    if (rv != APR_SUCCESS) {
        return f1_result_fail(res, F1_E_INTERNAL, rv, "There is no memory for a connection");
    }
    connection = apr_pcalloc(pool, sizeof(*connection));
    connection->pool = pool;
    rv = f1_redis_open(&connection->redis, &redis->server, TIMEOUT, pool, res);
    if (rv == APR_SUCCESS) {
        rv = f1_redis_ask(connection->redis, load, &reply, res);
    }
    if (rv != APR_SUCCESS) {
        apr_pool_destroy(pool);
        return rv;
    }
    apr_cpystrn(connection->script, reply.text, sizeof(connection->script));
    *pconnection = connection;
    return apr_threadkey_private_set(connection, redis->connections);
}

static void disconnect_thread(f1_limit_redis_t *redis, connection_t *connection)
{
    (void)apr_threadkey_private_set(NULL, redis->connections); /* where something was set before, NULL can be */
    close_connection(connection);
}

static apr_status_t ask_script(connection_t *connection, const char *key, const f1_rate_t *rate,
                               f1_redis_reply_t *reply, f1_result_t *res)
{
    char name[F1_LIMIT_KEY_MAX + 40], count[16], drops[16], step[24];
    const char *const words[] = {"EVALSHA", connection->script, "1", name, count, drops, step, NULL};
    apr_uint32_t each;

    apr_snprintf(step, sizeof(step), "%" APR_INT64_T_FMT, f1_limit_step(rate, &each));
    apr_snprintf(drops, sizeof(drops), "%u", each);
    apr_snprintf(count, sizeof(count), "%u", rate->count);
    apr_snprintf(name, sizeof(name), "f1board:limit:%u/%u:%s", rate->count, rate->seconds, key);
    if (f1_redis_ask(connection->redis, words, reply, res) != APR_SUCCESS) {
        return res->rv;
    }
    if (reply->count != NUMBERS) {
        return f1_result_fail(res, F1_E_UPSTREAM, APR_EINVAL, "Redis answers something else than was asked");
    }
    return APR_SUCCESS;
}

/* A connection that was used before may be gone since, as after a restart of Redis; then a new one decides. */
static apr_status_t ask(f1_limit_redis_t *redis, const char *key, const f1_rate_t *rate, f1_redis_reply_t *reply,
                        f1_result_t *res)
{
    connection_t *connection = NULL;
    void *kept = NULL;

    (void)apr_threadkey_private_get(&kept, redis->connections); /* nothing is as good as a failure */
    if (kept) {
        if (ask_script(kept, key, rate, reply, res) == APR_SUCCESS) {
            return APR_SUCCESS;
        }
        disconnect_thread(redis, kept);
        if (APR_STATUS_IS_TIMEUP(res->rv)) {
            return res->rv;
        }
        f1_result_clear(res);
    }
    if (connect_thread(redis, &connection, res) == APR_SUCCESS &&
        ask_script(connection, key, rate, reply, res) != APR_SUCCESS) {
        disconnect_thread(redis, connection);
    }
    return res->rv;
}

/* Whether to ask: always while all is well, and one of all processes after each pause. */
static int may_ask(away_t *away, long long until)
{
    apr_int64_t now = f1_limit_now();

    return !until || (now >= until && atomic_compare_exchange_strong(&away->until, &until, now + PAUSE));
}

apr_status_t f1_limit_redis_ask(f1_limit_redis_t *redis, const char *key, const f1_rate_t *rate, f1_verdict_t *verdict,
                                f1_result_t *res)
{
    long long until = atomic_load(&redis->away->until);
    f1_redis_reply_t reply;

    if (!may_ask(redis->away, until)) {
        return f1_result_fail(res, F1_E_UPSTREAM, APR_EAGAIN, "Redis is away");
    }
    if (ask(redis, key, rate, &reply, res) != APR_SUCCESS) {
        if (!atomic_exchange(&redis->away->until, f1_limit_now() + PAUSE)) {
            f1_log(F1_LOG_WARNING, res->rv,
                   F1LOGNO(0740) "limits are counted by this machine alone until Redis answers: %s", res->detail);
        }
        return res->rv;
    }
    if (until && atomic_exchange(&redis->away->until, 0)) {
        f1_log(F1_LOG_NOTICE, APR_SUCCESS, F1LOGNO(0741) "Redis answers, limits are counted together again");
    }
    verdict->allowed = reply.numbers[0] != 0;
    verdict->remaining = (apr_uint32_t)reply.numbers[1];
    verdict->wait = reply.numbers[2];
    verdict->reset = reply.numbers[3];
    return APR_SUCCESS;
}
