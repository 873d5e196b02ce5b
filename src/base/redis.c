/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* RESP, the protocol of Redis, as far as short replies need it. Replies are read through a buffer of their connection;
 * one that does not fit, or is of another kind, is a failure. */

#include "base/redis.h"

#include <string.h>

#include <apr_strings.h>

#include "base/crypto.h"
#include "base/str.h"

#define COMMAND_MAX 8192
#define LINE_MAX_LEN 512

struct f1_redis_t {
    apr_socket_t *socket;
    char unread[1024];
    size_t at, end;
};

static apr_status_t fail(f1_result_t *res, apr_status_t rv, const char *what)
{
    char buf[120];

    return f1_result_fail(res, F1_E_UPSTREAM, rv, "Redis %s: %s", what, apr_strerror(rv, buf, sizeof(buf)));
}

int f1_redis_server_parse(f1_redis_server_t *server, const char *text, apr_pool_t *pool)
{
    const char *slash = strrchr(text, '/');
    const char *address = slash ? apr_pstrmemdup(pool, text, (apr_size_t)(slash - text)) : text;
    apr_int64_t database = 0;
    char *host, *scope;

    *server = (f1_redis_server_t){0};
    if (slash && (!f1_str_to_int64(slash + 1, &database) || database < 0 || database > F1_REDIS_DATABASE_MAX)) {
        return 0;
    }
    if (apr_parse_addr_port(&host, &scope, &server->port, address, pool) != APR_SUCCESS) {
        return 0;
    }
    server->host = host;
    server->database = (int)database;
    return host && server->port && !scope;
}

static apr_status_t connect_to(f1_redis_t *redis, const f1_redis_server_t *server, apr_interval_time_t timeout,
                               apr_pool_t *pool, f1_result_t *res)
{
    apr_sockaddr_t *address;
    apr_status_t rv = apr_sockaddr_info_get(&address, server->host, APR_UNSPEC, server->port, 0, pool);

    if (rv != APR_SUCCESS) {
        return fail(res, rv, "has no address");
    }
    rv = apr_socket_create(&redis->socket, address->family, SOCK_STREAM, APR_PROTO_TCP, pool);
    if (rv == APR_SUCCESS) {
        rv = apr_socket_timeout_set(redis->socket, timeout);
    }
    if (rv == APR_SUCCESS) {
        rv = apr_socket_opt_set(redis->socket, APR_TCP_NODELAY, 1);
    }
    if (rv == APR_SUCCESS) {
        rv = apr_socket_connect(redis->socket, address);
    }
    return rv == APR_SUCCESS ? rv : fail(res, rv, "cannot be reached");
}

/* The user that Redis calls default is the one of versions that have no others, and do not take its name. */
static apr_status_t log_in(f1_redis_t *redis, const f1_redis_server_t *server, f1_result_t *res)
{
    const char *const by_password[] = {"AUTH", server->password, NULL};
    const char *const by_name[] = {"AUTH", server->user, server->password, NULL};
    int has_name = server->user && strcmp(server->user, "default") != 0;
    f1_redis_reply_t reply;

    return f1_redis_ask(redis, has_name ? by_name : by_password, &reply, res);
}

static apr_status_t select_database(f1_redis_t *redis, int database, f1_result_t *res)
{
    char number[12];
    const char *const words[] = {"SELECT", number, NULL};
    f1_redis_reply_t reply;

    apr_snprintf(number, sizeof(number), "%d", database);
    return f1_redis_ask(redis, words, &reply, res);
}

apr_status_t f1_redis_open(f1_redis_t **predis, const f1_redis_server_t *server, apr_interval_time_t timeout,
                           apr_pool_t *pool, f1_result_t *res)
{
    f1_redis_t *redis = apr_pcalloc(pool, sizeof(*redis));

    *predis = redis;
    if (connect_to(redis, server, timeout, pool, res) == APR_SUCCESS && server->password) {
        (void)log_in(redis, server, res);
    }
    if (res->rv == APR_SUCCESS && server->database) {
        (void)select_database(redis, server->database, res);
    }
    return res->rv;
}

static apr_status_t send_all(f1_redis_t *redis, const char *data, size_t len, f1_result_t *res)
{
    while (len > 0) {
        apr_size_t sent = len;
        apr_status_t rv = apr_socket_send(redis->socket, data, &sent);

        if (rv != APR_SUCCESS) {
            return fail(res, rv, "does not listen");
        }
        data += sent;
        len -= sent;
    }
    return APR_SUCCESS;
}

/* Every word with its length before it, so that nothing in it means anything. */
static apr_status_t send_command(f1_redis_t *redis, const char *const *words, f1_result_t *res)
{
    char command[COMMAND_MAX];
    size_t len = 0;
    int count;

    for (count = 0; words[count]; count++) {
    }
    len = (size_t)apr_snprintf(command, sizeof(command), "*%d\r\n", count);
    for (; *words; words++) {
        if (strlen(*words) + 40 > sizeof(command) - len) {
            return f1_result_fail(res, F1_E_UPSTREAM, APR_ENOSPC, "A command for Redis is too long");
        }
        len += (size_t)apr_snprintf(command + len, sizeof(command) - len, "$%" APR_SIZE_T_FMT "\r\n%s\r\n",
                                    strlen(*words), *words);
    }
    (void)send_all(redis, command, len, res);
    f1_secret_wipe(command, len); /* it may have been a password */
    return res->rv;
}

/* The next line, without its end. */
static apr_status_t read_line(f1_redis_t *redis, char line[LINE_MAX_LEN], f1_result_t *res)
{
    size_t len = 0;

    for (;;) {
        char c;

        if (redis->at == redis->end) {
            apr_size_t got = sizeof(redis->unread);
            apr_status_t rv = apr_socket_recv(redis->socket, redis->unread, &got);

            if (rv != APR_SUCCESS || !got) {
                return fail(res, rv == APR_SUCCESS ? APR_EOF : rv, "does not answer");
            }
            redis->at = 0;
            redis->end = got;
        }
        c = redis->unread[redis->at++];
        if (c == '\n' && len > 0 && line[len - 1] == '\r') {
            line[len - 1] = '\0';
            return APR_SUCCESS;
        }
        if (!c || len == LINE_MAX_LEN - 1) {
            return f1_result_fail(res, F1_E_UPSTREAM, APR_EINVAL, "What answers is not Redis");
        }
        line[len++] = c;
    }
}

static apr_status_t strange(f1_result_t *res)
{
    return f1_result_fail(res, F1_E_UPSTREAM, APR_EINVAL, "Redis answers something else than was asked");
}

static apr_status_t read_number(const char *line, f1_redis_reply_t *reply, f1_result_t *res)
{
    if (*line != ':' || reply->count == F1_REDIS_NUMBERS || !f1_str_to_int64(line + 1, &reply->numbers[reply->count])) {
        return strange(res);
    }
    reply->count++;
    return APR_SUCCESS;
}

static apr_status_t read_list(f1_redis_t *redis, const char *line, f1_redis_reply_t *reply, f1_result_t *res)
{
    apr_int64_t count;
    char item[LINE_MAX_LEN];

    if (!f1_str_to_int64(line + 1, &count) || count < 0 || count > F1_REDIS_NUMBERS) {
        return strange(res);
    }
    while (reply->count < count) {
        if (read_line(redis, item, res) != APR_SUCCESS || read_number(item, reply, res) != APR_SUCCESS) {
            return res->rv;
        }
    }
    return APR_SUCCESS;
}

/* A string of one line, whose length was announced. */
static apr_status_t read_string(f1_redis_t *redis, const char *line, f1_redis_reply_t *reply, f1_result_t *res)
{
    char text[LINE_MAX_LEN];
    apr_int64_t len;

    if (!f1_str_to_int64(line + 1, &len) || len < 0 || len >= F1_REDIS_TEXT) {
        return strange(res);
    }
    if (read_line(redis, text, res) != APR_SUCCESS) {
        return res->rv;
    }
    if (strlen(text) != (size_t)len) {
        return strange(res);
    }
    apr_cpystrn(reply->text, text, sizeof(reply->text));
    return APR_SUCCESS;
}

apr_status_t f1_redis_ask(f1_redis_t *redis, const char *const *words, f1_redis_reply_t *reply, f1_result_t *res)
{
    char line[LINE_MAX_LEN];

    *reply = (f1_redis_reply_t){.count = 0};
    if (send_command(redis, words, res) != APR_SUCCESS || read_line(redis, line, res) != APR_SUCCESS) {
        return res->rv;
    }
    switch (*line) {
    case '+':
        apr_cpystrn(reply->text, line + 1, sizeof(reply->text));
        return APR_SUCCESS;
    case '-':
        return f1_result_fail(res, F1_E_UPSTREAM, APR_EGENERAL, "Redis refuses: %s", line + 1);
    case ':':
        return read_number(line, reply, res);
    case '*':
        return read_list(redis, line, reply, res);
    case '$':
        return read_string(redis, line, reply, res);
    default:
        return strange(res);
    }
}
