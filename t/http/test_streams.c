/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Clients that listen: what they hear of a job, and when their stream ends. They are sockets without any manners, so
 * that what is sent is seen byte by byte; jobs are rows that the test changes, as a runner would. */

#include "f1_test.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <apr_portable.h>
#include <apr_network_io.h>
#include <apr_strings.h>
#include <apr_thread_proc.h>
#include <apr_uri.h>
#include <curl/curl.h>

#include "base/clock.h"
#include "base/str.h"
#include "f1_test_users.h"

#define PATIENCE apr_time_from_sec(40) /* for what takes a moment, or a little longer than half a minute at most */
#define MANY 1000
#define INBOX "/api/v1/me/notifications/events"
#define HEARD_MAX (64 * 1024 * 1024)

typedef struct stream_t {
    int fd;
    f1_buf_t heard; /* all of it */
    size_t seen; /* of that, looked at */
    int is_over;
    int status;
} stream_t;

static int is_event_mpm(void)
{
    return !strcmp(getenv("F1_MPM"), "event");
}

/* --- streams */

static int connect_to_server(int rcvbuf)
{
    apr_pool_t *pool = f1_test_pool();
    apr_sockaddr_t *address;
    apr_socket_t *socket;
    apr_uri_t uri;
    int fd;

    assert_int_equal(apr_uri_parse(pool, getenv("F1_ORIGIN"), &uri), APR_SUCCESS);
    assert_int_equal(apr_sockaddr_info_get(&address, uri.hostname, APR_INET, uri.port, 0, pool), APR_SUCCESS);
    assert_int_equal(apr_socket_create(&socket, APR_INET, SOCK_STREAM, APR_PROTO_TCP, pool), APR_SUCCESS);
    if (rcvbuf) {
        assert_int_equal(apr_socket_opt_set(socket, APR_SO_RCVBUF, rcvbuf), APR_SUCCESS);
    }
    assert_int_equal(apr_socket_connect(socket, address), APR_SUCCESS);
    assert_int_equal(apr_os_sock_get(&fd, socket), APR_SUCCESS);
    fd = fcntl(fd, F_DUPFD_CLOEXEC, 0); /* the database's server is a child of ours, and stays */
    assert_true(fd >= 0);
    apr_socket_close(socket);
    assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
    return fd;
}

/* Reads what is there, after at most that long. */
static void hear(stream_t *stream, apr_interval_time_t timeout)
{
    struct pollfd poll_fd = {stream->fd, POLLIN, 0};
    char data[65536];
    ssize_t len;

    if (stream->is_over || poll(&poll_fd, 1, (int)apr_time_as_msec(timeout)) <= 0) {
        return;
    }
    len = read(stream->fd, data, sizeof(data));
    if (len > 0) {
        f1_buf_add(&stream->heard, data, (size_t)len);
    }
    else if (len == 0 || (errno != EAGAIN && errno != EINTR)) {
        stream->is_over = 1;
    }
}

/* Up to this mark, which it returns what comes before of; NULL when the stream ends, or too long a time has passed. */
static const char *until(stream_t *stream, const char *mark)
{
    apr_time_t by = apr_time_now() + PATIENCE;

    for (;;) {
        const char *at = strstr(stream->heard.data + stream->seen, mark);

        if (at) {
            const char *before = apr_pstrmemdup(f1_test_pool(), stream->heard.data + stream->seen,
                                                (apr_size_t)(at - stream->heard.data) - stream->seen);

            stream->seen = (size_t)(at - stream->heard.data) + strlen(mark);
            return before;
        }
        if (stream->is_over || apr_time_now() > by) {
            return NULL;
        }
        hear(stream, apr_time_from_msec(100));
    }
}

static void ask(stream_t *stream, const char *target, const char *const *headers, int rcvbuf)
{
    const char *request = apr_pstrcat(f1_test_pool(), "GET /f1", target, " HTTP/1.1\r\nHost: localhost\r\n", NULL);

    *stream = (stream_t){.fd = connect_to_server(rcvbuf)};
    f1_buf_init(&stream->heard, f1_test_pool(), 2048, HEARD_MAX);
    for (; *headers; headers++) {
        request = apr_pstrcat(f1_test_pool(), request, *headers, "\r\n", NULL);
    }
    request = apr_pstrcat(f1_test_pool(), request, "\r\n", NULL);
    assert_int_equal(write(stream->fd, request, strlen(request)), strlen(request));
}

/* The head of the answer. */
static const char *head(stream_t *stream)
{
    const char *text = until(stream, "\r\n\r\n");

    if (!text) {
        fail_msg("no answer, but: %s", stream->heard.data);
        return NULL;
    }
    stream->status = (int)strtol(text + strlen("HTTP/1.1 "), NULL, 10);
    return text;
}

static void hang_up(stream_t *stream)
{
    close(stream->fd);
}

static const char *job_path(const char *job)
{
    return apr_pstrcat(f1_test_pool(), "/api/v1/jobs/", job, "/events", NULL);
}

/* Where clients keep threads one child may have no more of them: another one has. */
static void listen_at(stream_t *stream, const char *bearer, const char *target, const char *last_id)
{
    const char *seen = last_id ? apr_pstrcat(f1_test_pool(), "Last-Event-ID: ", last_id, NULL) : NULL;
    const char *const headers[] = {bearer, "Accept: text/event-stream", seen, NULL};
    apr_time_t by = apr_time_now() + PATIENCE;

    do {
        ask(stream, target, headers, 0);
        (void)head(stream);
        if (stream->status != 503) {
            return;
        }
        hang_up(stream);
        apr_sleep(apr_time_from_msec(100));
    } while (apr_time_now() < by);
    fail_msg("nobody takes another client");
}

static void listen_as(stream_t *stream, const char *bearer, const char *job, const char *last_id)
{
    listen_at(stream, bearer, job_path(job), last_id);
}

static void listen_to(stream_t *stream, const char *job)
{
    listen_as(stream, f1_test_bearer("ann"), job, NULL);
    if (stream->status != 200) {
        fail_msg("%s", stream->heard.data);
    }
}

/* The next event; *pid, unless it is NULL: its id. NULL: there is none. */
static json_t *next_event(stream_t *stream, const char **pid)
{
    const char *text, *id, *data;

    do {
        text = until(stream, "\n\n");
        id = text ? strstr(text, "id: ") : NULL;
    } while (text && !id); /* a comment, or how long to wait before the next try */
    data = id ? strstr(id, "\ndata: ") : NULL;
    if (!data) {
        return NULL;
    }
    if (pid) {
        *pid = apr_pstrmemdup(f1_test_pool(), id + 4, (apr_size_t)(data - id) - 4);
    }
    return f1_test_json(data + strlen("\ndata: "));
}

static void assert_event(stream_t *stream, const char *path, const char *value)
{
    json_t *event = next_event(stream, NULL);

    if (!event) {
        fail_msg("no event with %s: %s, but: %s", path, value, stream->heard.data);
    }
    f1_assert_json(event, path, value);
}

/* Nothing comes any more, but perhaps a sign of life. */
static void assert_end(stream_t *stream)
{
    const char *text;

    while ((text = until(stream, "\n\n")) != NULL) {
        assert_string_equal(text, ":");
    }
    assert_true(stream->is_over);
    hang_up(stream);
}

/* --- jobs */

static const char *new_job(void)
{
    return f1_test_sql("INSERT INTO job (kind, run_at) VALUES ('test', '2030-01-01') RETURNING id");
}

static void start_job(const char *job)
{
    f1_test_sql(apr_psprintf(f1_test_pool(),
                             "UPDATE job SET state = 'STARTED', attempts = 1, lease = gen_random_uuid(),"
                             " lease_until = 'infinity', started_at = now() WHERE id = %s",
                             job));
}

static void progress(const char *job, int done)
{
    f1_test_sql(apr_psprintf(f1_test_pool(), "UPDATE job SET progress = '{\"done\": %d, \"total\": 9}' WHERE id = %s",
                             done, job));
}

static void end_job(const char *job)
{
    f1_test_sql(apr_psprintf(f1_test_pool(),
                             "UPDATE job SET state = 'SUCCESS', lease = NULL, lease_until = NULL, finished_at = now()"
                             " WHERE id = %s",
                             job));
}

/* --- the server */

static apr_int64_t counter(const char *name)
{
    const char *body = f1_test_get(apr_pstrcat(f1_test_pool(), getenv("F1_ORIGIN"), "/server-status?auto", NULL))->body;
    const char *at = body ? strstr(body, apr_pstrcat(f1_test_pool(), "\n", name, ": ", NULL)) : NULL;

    return at ? apr_atoi64(strchr(at + 1, ':') + 2) : -1;
}

static void assert_counter(const char *name, apr_int64_t expected)
{
    apr_time_t by = apr_time_now() + PATIENCE;
    apr_int64_t value;

    while ((value = counter(name)) != expected && apr_time_now() < by) {
        apr_sleep(apr_time_from_msec(50));
    }
    assert_int_equal(value, expected);
}

static void graceful(void)
{
    assert_int_equal(kill((pid_t)apr_atoi64(getenv("F1_HTTPD_PID")), SIGUSR1), 0);
}

/* The generation of children that answers. */
static apr_int64_t generation(void)
{
    return counter("ParentServerConfigGeneration");
}

/* Restarts with these lines more. Children that began before are gone, or answer nobody, afterwards. */
static void configure(const char *lines)
{
    const char *path = apr_pstrcat(f1_test_pool(), getenv("F1_SANDBOX"), "/more.conf", NULL);
    apr_int64_t before = generation();
    apr_time_t by = apr_time_now() + PATIENCE;
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_true(fputs(lines, file) >= 0);
    assert_int_equal(fclose(file), 0);
    graceful();
    while (generation() <= before && apr_time_now() < by) {
        apr_sleep(apr_time_from_msec(50));
    }
    apr_sleep(apr_time_from_msec(300));
}

static void database(const char *action)
{
    assert_int_equal(system(apr_psprintf(f1_test_pool(), "'%s' %s", getenv("F1_PGCTL"), action)), 0);
}

/* --- tests */

static void a_job_is_followed_to_its_end(void **state)
{
    const char *job = new_job(), *text, *first, *last;
    stream_t stream, again;

    (void)state;
    f1_test_users();
    ask(&stream, job_path(job), (const char *const[]){f1_test_bearer("ann"), "Accept-Encoding: gzip", NULL}, 0);
    text = head(&stream);
    assert_int_equal(stream.status, 200);
    assert_non_null(strstr(text, "\r\nContent-Type: text/event-stream"));
    assert_non_null(strstr(text, "\r\nCache-Control: private, no-store\r\n"));
    assert_non_null(strstr(text, "\r\nX-Accel-Buffering: no\r\n"));
    assert_non_null(strstr(text, "\r\nX-Always: yes"));
    assert_non_null(strstr(text, "\r\nX-Success: yes"));
    assert_null(strstr(text, "\r\nContent-Encoding:"));
    assert_null(strstr(text, "\r\nContent-Length:"));
    assert_string_equal(until(&stream, "\n\n"), "retry: 3000");
    f1_assert_json(next_event(&stream, &first), "state", "\"PENDING\"");
    start_job(job);
    assert_event(&stream, "state", "\"STARTED\"");
    for (int i = 1; i <= 3; i++) {
        progress(job, i);
        assert_event(&stream, "progress/done", apr_itoa(f1_test_pool(), i));
    }
    /* a second client hears what the first has heard last, and both hear what comes */
    listen_as(&again, f1_test_bearer("ann"), job, first);
    assert_event(&again, "progress/done", "3");
    end_job(job);
    f1_assert_json(next_event(&stream, &last), "state", "\"SUCCESS\"");
    assert_string_not_equal(first, last);
    assert_event(&again, "state", "\"SUCCESS\"");
    assert_end(&stream);
    assert_end(&again);
    assert_counter("F1BoardStreams", 0);
    /* what has ended is told, once */
    listen_as(&stream, f1_test_bearer("ann"), job, NULL);
    assert_int_equal(stream.status, 200);
    assert_event(&stream, "state", "\"SUCCESS\"");
    hang_up(&stream);
    listen_as(&stream, f1_test_bearer("ann"), job, last);
    assert_int_equal(stream.status, 204);
    hang_up(&stream);
}

/* Who has the newest event hears nothing until there is another. */
static void what_a_client_has_is_not_told_again(void **state)
{
    const char *job = new_job(), *id;
    stream_t stream;

    (void)state;
    f1_test_users();
    listen_to(&stream, job);
    assert_non_null(next_event(&stream, &id));
    hang_up(&stream);
    listen_as(&stream, f1_test_bearer("ann"), job, id);
    assert_string_equal(until(&stream, "\n\n"), "retry: 3000");
    start_job(job);
    assert_event(&stream, "state", "\"STARTED\"");
    hang_up(&stream);
    assert_counter("F1BoardStreams", 0);
}

static void notify(const char *username, int subject)
{
    f1_test_sql(apr_psprintf(f1_test_pool(),
                             "INSERT INTO notification (account_id, kind, subject, title, text, in_app, by_mail,"
                             " by_webhook, created_at) SELECT id, 'results', 'subject %d', 'Title %d', 'Text', true,"
                             " false, false, '2030-06-15' FROM account WHERE username LIKE '%s'",
                             subject, subject, username));
}

/* An inbox is told to its owner, in all of his windows, and to nobody else. */
static void an_inbox_is_followed(void **state)
{
    stream_t windows[2], other;

    (void)state;
    f1_test_users();
    notify("bob", 1);
    listen_at(&windows[0], f1_test_bearer("bob"), INBOX, NULL);
    listen_at(&windows[1], f1_test_bearer("bob"), INBOX, NULL);
    listen_at(&other, f1_test_bearer("ann"), INBOX, NULL);
    assert_event(&windows[0], "newest/0/title", "\"Title 1\"");
    assert_event(&windows[1], "unread_count", "1");
    assert_event(&other, "unread_count", "0");
    notify("bob", 2);
    for (int i = 0; i < 2; i++) {
        json_t *event = next_event(&windows[i], NULL);

        f1_assert_json(event, "unread_count", "2");
        f1_assert_json(event, "newest/0/title", "\"Title 2\"");
        f1_assert_json(event, "newest/0/read", "false");
        f1_assert_json(event, "newest/1/title", "\"Title 1\"");
        assert_null(f1_test_json_at(event, "newest/2"));
    }
    f1_test_sql("UPDATE notification SET read_at = '2030-06-15'");
    assert_event(&windows[0], "unread_count", "0");
    assert_event(&windows[1], "newest/1/read", "true");
    /* so many that nobody is named */
    f1_test_sql("INSERT INTO account (username) SELECT 'user_' || n FROM generate_series(1, 200) n");
    notify("%", 3);
    assert_event(&windows[0], "newest/0/title", "\"Title 3\"");
    assert_event(&windows[1], "unread_count", "1");
    assert_event(&other, "unread_count", "1");
    assert_null(strstr(other.heard.data, "Title 2"));
    hang_up(&windows[0]);
    hang_up(&windows[1]);
    hang_up(&other);
    assert_counter("F1BoardStreams", 0);
}

static void strangers_hear_nothing(void **state)
{
    const char *job = new_job(), *const nothing[] = {NULL};
    stream_t stream;
    f1_reply_t *reply;

    (void)state;
    f1_test_users();
    ask(&stream, job_path(job), nothing, 0);
    (void)head(&stream);
    assert_int_equal(stream.status, 401);
    hang_up(&stream);
    listen_as(&stream, f1_test_bearer("bob"), job, NULL);
    assert_int_equal(stream.status, 403);
    hang_up(&stream);
    listen_as(&stream, f1_test_bearer("ann"), "999999", NULL);
    assert_int_equal(stream.status, 404);
    hang_up(&stream);
    reply = f1_test_ask(&(f1_ask_t){
        .path = job_path(job), .headers = (const char *const[]){f1_test_bearer("ann"), "Accept: text/html", NULL}});
    assert_int_equal(reply->status, 406);
    reply = f1_test_ask(&(f1_ask_t){
        .method = "HEAD", .path = job_path(job), .headers = (const char *const[]){f1_test_bearer("ann"), NULL}});
    assert_int_equal(reply->status, 200);
    assert_string_equal(apr_table_get(reply->headers, "Content-Type"), "text/event-stream");
    assert_counter("F1BoardStreams", 0);
}

/* One statement for a change, however many hear of it in a child. */
static void a_change_is_read_once(void **state)
{
    const char *job = new_job();
    apr_int64_t before;
    stream_t streams[4];

    (void)state;
    f1_test_users();
    for (int i = 0; i < 4; i++) {
        listen_to(&streams[i], job);
        assert_non_null(next_event(&streams[i], NULL));
    }
    before = counter("F1BoardQueries");
    start_job(job);
    for (int i = 0; i < 4; i++) {
        assert_event(&streams[i], "state", "\"STARTED\"");
        hang_up(&streams[i]);
    }
    if (is_event_mpm()) { /* two children at the start, and few statements now and then */
        assert_in_range(counter("F1BoardQueries") - before, 1, 8);
    }
    assert_counter("F1BoardStreams", 0);
}

/* Streams end with what let their clients in: a token, or the session it is of. Others go on, and hear that the server
 * is there. */
static void streams_end_with_tokens_and_sessions(void **state)
{
    const char *job = new_job(), *bearer, *text;
    stream_t logged_out, expired, quiet;
    char at[F1_TIME_LEN];
    apr_time_t now;

    (void)state;
    f1_test_users();
    f1_test_sql("UPDATE account SET role = 'admin' WHERE username = 'bob'");
    listen_to(&quiet, job);
    listen_as(&logged_out, f1_test_bearer("bob"), job, NULL);
    assert_int_equal(logged_out.status, 200);
    assert_true(f1_time_parse(json_string_value(f1_test_json_at(f1_test_get("/")->json, "now")), &now));
    bearer =
        apr_pstrcat(f1_test_pool(), "Authorization: Bearer ",
                    f1_test_token(&(f1_test_token_t){
                        .username = "ann",
                        .signed_at = apr_pstrcat(
                            f1_test_pool(), f1_time_format(at, now - apr_time_from_sec(15 * 60 - 8)), "@0", NULL)}),
                    NULL);
    listen_as(&expired, bearer, job, NULL);
    assert_int_equal(expired.status, 200);
    assert_non_null(next_event(&expired, NULL));
    assert_end(&expired);
    assert_non_null(next_event(&logged_out, NULL));
    f1_test_sql("UPDATE user_session s SET revoked_at = '2030-06-15' FROM account a"
                " WHERE a.id = s.account_id AND a.username = 'bob'");
    assert_end(&logged_out);
    assert_non_null(next_event(&quiet, NULL));
    text = until(&quiet, "\n\n");
    assert_non_null(text);
    assert_string_equal(text, ":");
    start_job(job);
    assert_event(&quiet, "state", "\"STARTED\"");
    hang_up(&quiet);
    assert_counter("F1BoardStreams", 0);
}

/* A client that does not take what it is sent is dropped, and nobody waits for it. */
static void slow_clients_are_dropped(void **state)
{
    const char *job = new_job();
    apr_int64_t dropped = counter("F1BoardStreamsDropped");
    stream_t slow, other;
    int i;

    (void)state;
    f1_test_users();
    listen_to(&other, job);
    assert_non_null(next_event(&other, NULL));
    ask(&slow, job_path(job), (const char *const[]){f1_test_bearer("ann"), NULL}, 2048);
    start_job(job);
    assert_event(&other, "state", "\"STARTED\"");
    for (i = 0; i < 200 && counter("F1BoardStreams") > 1; i++) {
        f1_test_sql(apr_psprintf(f1_test_pool(),
                                 "UPDATE job SET progress = jsonb_build_object('done', %d, 'x', repeat('x', 60000))"
                                 " WHERE id = %s",
                                 i, job));
        assert_event(&other, "progress/done", apr_itoa(f1_test_pool(), i));
    }
    assert_counter("F1BoardStreams", 1);
    if (is_event_mpm()) {
        assert_int_equal(counter("F1BoardStreamsDropped"), dropped + 1);
    }
    end_job(job);
    assert_event(&other, "state", "\"SUCCESS\"");
    assert_end(&other);
    hang_up(&slow);
}

static void places_are_bounded(void **state)
{
    const char *job = new_job();
    stream_t streams[40], *last = streams;
    const char *text = NULL;
    int count;

    (void)state;
    f1_test_users();
    configure("F1BoardStreams 3\n");
    for (count = 0; count < 40 && !text; count++) {
        last = &streams[count];
        ask(last, job_path(job), (const char *const[]){f1_test_bearer("ann"), NULL}, 0);
        text = head(last);
        text = last->status == 200 ? NULL : text;
    }
    assert_int_equal(last->status, 503);
    assert_non_null(strstr(text, "\r\nRetry-After: 5"));
    assert_non_null(until(last, "\"error_code\":\"unavailable\""));
    /* everybody else is served meanwhile */
    for (int i = 0; i < 20; i++) {
        assert_int_equal(f1_test_get("/api/v1/seasons")->status, 200);
    }
    while (count > 0) {
        hang_up(&streams[--count]);
    }
    assert_counter("F1BoardStreams", 0);
    configure("F1BoardStreamsEach 1\n");
    for (text = NULL; count < 40 && !text; count++) {
        last = &streams[count];
        ask(last, job_path(job), (const char *const[]){f1_test_bearer("ann"), NULL}, 0);
        text = head(last);
        text = last->status == 200 ? NULL : text;
    }
    if (is_event_mpm()) {
        assert_int_equal(last->status, 429);
        assert_non_null(strstr(text, "\r\nRetry-After: 5"));
    }
    while (count > 0) {
        hang_up(&streams[--count]);
    }
    assert_counter("F1BoardStreams", 0);
}

/* A restart ends streams at once, and children that held them; whoever asks again is served by others. */
static void a_reload_ends_streams(void **state)
{
    const char *job = new_job();
    apr_time_t start;
    stream_t streams[3];

    (void)state;
    f1_test_users();
    for (int i = 0; i < 3; i++) {
        listen_to(&streams[i], job);
        assert_non_null(next_event(&streams[i], NULL));
    }
    start = apr_time_now();
    configure("");
    for (int i = 0; i < 3; i++) {
        assert_end(&streams[i]);
    }
    assert_in_range(apr_time_now() - start, 0, apr_time_from_sec(20));
    listen_to(&streams[0], job);
    assert_non_null(next_event(&streams[0], NULL));
    start_job(job);
    assert_event(&streams[0], "state", "\"STARTED\"");
    hang_up(&streams[0]);
    assert_counter("F1BoardStreams", 0);
}

static void streams_outlive_the_database(void **state)
{
    const char *job = new_job();
    stream_t stream, later;

    (void)state;
    f1_test_users();
    f1_test_expect_log("dbd:error");
    f1_test_expect_log("F1B02[01]0");
    f1_test_expect_log("F1B0510");
    f1_test_expect_log("AH0063[36]");
    listen_to(&stream, job);
    assert_non_null(next_event(&stream, NULL));
    database("stop -m fast");
    ask(&later, job_path(job), (const char *const[]){"Authorization: Bearer x", NULL}, 0);
    (void)head(&later);
    assert_int_not_equal(later.status, 200);
    hang_up(&later);
    apr_sleep(apr_time_from_sec(2));
    database("start");
    start_job(job);
    assert_event(&stream, "state", "\"STARTED\"");
    hang_up(&stream);
    assert_counter("F1BoardStreams", 0);
}

/* --- HTTP/2, whose streams are no connections of their own */

typedef struct h2_t {
    const char *url, *bearer;
    f1_buf_t heard;
    apr_thread_mutex_t *lock;
    CURLcode code;
    long version;
} h2_t;

static size_t on_data(char *data, size_t size, size_t count, void *baton)
{
    h2_t *h2 = baton;

    apr_thread_mutex_lock(h2->lock);
    f1_buf_add(&h2->heard, data, size * count);
    apr_thread_mutex_unlock(h2->lock);
    return size * count;
}

static void *APR_THREAD_FUNC follow_by_h2(apr_thread_t *thread, void *data)
{
    h2_t *h2 = data;
    CURL *easy = curl_easy_init();
    struct curl_slist *list = curl_slist_append(NULL, h2->bearer);

    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_URL, h2->url);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT, 40L);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, list);
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_data);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, h2);
    h2->code = curl_easy_perform(easy);
    curl_easy_getinfo(easy, CURLINFO_HTTP_VERSION, &h2->version);
    curl_slist_free_all(list);
    curl_easy_cleanup(easy);
    apr_thread_exit(thread, APR_SUCCESS);
    return NULL;
}

static void await_h2(h2_t *h2, const char *mark)
{
    apr_time_t by = apr_time_now() + PATIENCE;
    int is_there = 0;

    while (!is_there && apr_time_now() < by) {
        apr_thread_mutex_lock(h2->lock);
        is_there = strstr(h2->heard.data, mark) != NULL;
        apr_thread_mutex_unlock(h2->lock);
        apr_sleep(apr_time_from_msec(20));
    }
    if (!is_there) {
        fail_msg("no %s in %s", mark, h2->heard.data);
    }
}

static void http2_has_streams_too(void **state)
{
    const char *job = new_job();
    apr_thread_t *thread;
    apr_status_t rv;
    apr_pool_t *pool;
    h2_t h2;

    (void)state;
    if (!strcmp(getenv("F1_MPM"), "prefork")) {
        return; /* mod_http2 needs threads */
    }
    f1_test_users();
    assert_int_equal(apr_pool_create_unmanaged_ex(&pool, NULL, NULL), APR_SUCCESS);
    h2 = (h2_t){.url = apr_pstrcat(f1_test_pool(), getenv("F1_URL"), job_path(job), NULL),
                .bearer = f1_test_bearer("ann")};
    f1_buf_init(&h2.heard, pool, 4096, HEARD_MAX);
    assert_int_equal(apr_thread_mutex_create(&h2.lock, APR_THREAD_MUTEX_DEFAULT, f1_test_pool()), APR_SUCCESS);
    assert_int_equal(apr_thread_create(&thread, NULL, follow_by_h2, &h2, f1_test_pool()), APR_SUCCESS);
    await_h2(&h2, "\"PENDING\"");
    assert_counter("F1BoardStreamThreads", 1);
    start_job(job);
    await_h2(&h2, "\"STARTED\"");
    end_job(job);
    await_h2(&h2, "\"SUCCESS\"");
    assert_int_equal(apr_thread_join(&rv, thread), APR_SUCCESS);
    assert_int_equal(h2.code, CURLE_OK);
    assert_int_equal(h2.version, CURL_HTTP_VERSION_2_0);
    assert_counter("F1BoardStreamThreads", 0);
    apr_pool_destroy(pool);
}

/* --- many */

static void a_thousand_clients_hear_the_same(void **state)
{
    const char *job = new_job();
    stream_t *streams = apr_palloc(f1_test_pool(), sizeof(*streams) * MANY);
    const char *headers[] = {NULL, NULL};
    struct rlimit limit;
    apr_time_t start;

    (void)state;
    if (!is_event_mpm()) {
        return; /* for that it takes an MPM that lets go of connections */
    }
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    limit.rlim_cur = limit.rlim_max < MANY + 200 ? limit.rlim_max : MANY + 200;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    f1_test_users();
    headers[0] = f1_test_bearer("ann");
    for (int i = 0; i < MANY; i++) {
        ask(&streams[i], job_path(job), headers, 0);
        if (!head(&streams[i]) || streams[i].status != 200) {
            fail_msg("client %d: %s", i, streams[i].heard.data);
        }
    }
    for (int i = 0; i < MANY; i++) {
        assert_event(&streams[i], "state", "\"PENDING\"");
    }
    assert_counter("F1BoardStreams", MANY);
    start = apr_time_now();
    assert_int_equal(f1_test_get("/api/v1/seasons")->status, 200);
    assert_in_range(apr_time_now() - start, 0, apr_time_from_sec(5));
    start = apr_time_now();
    start_job(job);
    for (int i = 0; i < MANY; i++) {
        assert_event(&streams[i], "state", "\"STARTED\"");
    }
    print_error("%d clients heard of a change within %d ms\n", MANY, (int)apr_time_as_msec(apr_time_now() - start));
    for (int i = 0; i < MANY / 2; i++) {
        hang_up(&streams[i]);
    }
    end_job(job);
    for (int i = MANY / 2; i < MANY; i++) {
        assert_event(&streams[i], "state", "\"SUCCESS\"");
        assert_end(&streams[i]);
    }
    assert_counter("F1BoardStreams", 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        F1_TEST(a_job_is_followed_to_its_end),
        F1_TEST(what_a_client_has_is_not_told_again),
        F1_TEST(an_inbox_is_followed),
        F1_TEST(strangers_hear_nothing),
        F1_TEST(a_change_is_read_once),
        F1_TEST(streams_end_with_tokens_and_sessions),
        F1_TEST(slow_clients_are_dropped),
        F1_TEST(a_reload_ends_streams),
        F1_TEST(streams_outlive_the_database),
        F1_TEST(http2_has_streams_too),
        F1_TEST(a_thousand_clients_hear_the_same),
        F1_TEST(places_are_bounded),
    };

    return f1_test_run(tests);
}
