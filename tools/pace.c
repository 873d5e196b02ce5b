/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* A load of many clients who each ask now and then: pace -c CONNECTIONS -r RATE -d SECONDS -w WARM-UP http://…
 *
 * Requests have their times from the beginning, RATE of them a second in all, and go out on the connection that has
 * been idle longest. What counts is the time from when a request should have been sent to the last byte of its answer:
 * one that had to wait for a slow answer before it has waited too. Answers need status 200 and Content-Length. */

#include <errno.h>
#include <inttypes.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define SECOND 1000000000LL
#define GRACE (5 * SECOND) /* for the last answers, and for connections to open */
#define HEAD_MAX 4096
#define MOST_REQUESTS 10000000

typedef enum { OPENING, IDLE, BUSY } state_t;

typedef struct conn_t {
    state_t state;
    int fd;
    int64_t request; /* at work */
    size_t head_len;
    int64_t body_left; /* -1: the head is not complete */
    int closing; /* the server said so */
    struct conn_t *previous, *next; /* of the idle ones */
    char head[HEAD_MAX + 1];
} conn_t;

typedef struct load_t {
    int connections, rate, seconds, warm_up;
    struct addrinfo *address;
    char request[2048];
    size_t request_len;
    int epoll, timer;
    conn_t *all;
    conn_t idle; /* head of a ring; the one idle longest comes first */
    int opening;
    int64_t start, total, due, sent, done; /* requests */
    uint32_t *micros; /* of those that count */
    int64_t counted, errors, reopened;
} load_t;

static void die(const char *what)
{
    fprintf(stderr, "pace: %s: %s\n", what, strerror(errno));
    exit(2);
}

static int64_t now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * SECOND + time.tv_nsec;
}

static int64_t due_time(const load_t *load, int64_t request)
{
    return load->start + request * SECOND / load->rate;
}

/* --- Connections */

static void unlink_idle(conn_t *conn)
{
    conn->previous->next = conn->next;
    conn->next->previous = conn->previous;
}

static void become_idle(load_t *load, conn_t *conn)
{
    conn->state = IDLE;
    conn->previous = load->idle.previous;
    conn->next = &load->idle;
    conn->previous->next = conn;
    load->idle.previous = conn;
}

static void open_conn(load_t *load, conn_t *conn)
{
    struct epoll_event event = {.events = EPOLLOUT, .data.ptr = conn};
    const struct addrinfo *address = load->address;
    int on = 1;

    conn->state = OPENING;
    conn->fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (conn->fd < 0 || setsockopt(conn->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on))) {
        die("socket");
    }
    if (connect(conn->fd, address->ai_addr, address->ai_addrlen) && errno != EINPROGRESS) {
        die("connect");
    }
    if (epoll_ctl(load->epoll, EPOLL_CTL_ADD, conn->fd, &event)) {
        die("epoll_ctl");
    }
    load->opening++;
}

static void reopen(load_t *load, conn_t *conn)
{
    if (conn->state == IDLE) {
        unlink_idle(conn);
    }
    close(conn->fd);
    load->reopened++;
    open_conn(load, conn);
}

static void opened(load_t *load, conn_t *conn)
{
    struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP, .data.ptr = conn};
    socklen_t len = sizeof(errno);
    int error = 0;

    if (getsockopt(conn->fd, SOL_SOCKET, SO_ERROR, &error, &len) || error) {
        errno = error ? error : errno;
        die("connect");
    }
    if (epoll_ctl(load->epoll, EPOLL_CTL_MOD, conn->fd, &event)) {
        die("epoll_ctl");
    }
    load->opening--;
    become_idle(load, conn);
}

/* --- Requests */

static void finish(load_t *load, conn_t *conn, int ok)
{
    int64_t took = now() - due_time(load, conn->request);

    load->done++;
    load->errors += !ok;
    if (ok && conn->request >= (int64_t)load->rate * load->warm_up) {
        load->micros[load->counted++] = (uint32_t)(took / 1000);
    }
    if (!ok || conn->closing) {
        reopen(load, conn);
    }
    else {
        become_idle(load, conn);
    }
}

static void ask(load_t *load, conn_t *conn)
{
    unlink_idle(conn);
    conn->state = BUSY;
    conn->request = load->sent++;
    conn->head_len = 0;
    conn->body_left = -1;
    conn->closing = 0;
    if (send(conn->fd, load->request, load->request_len, MSG_NOSIGNAL) != (ssize_t)load->request_len) {
        finish(load, conn, 0);
    }
}

/* The head is complete. Returns whether the answer is one that we understand. */
static int read_head(conn_t *conn)
{
    const char *line = conn->head;

    if (strncmp(line, "HTTP/1.1 200 ", 13)) {
        return 0;
    }
    while ((line = strstr(line, "\r\n")) && line[2] != '\r') {
        line += 2;
        if (!strncasecmp(line, "Content-Length:", 15)) {
            conn->body_left = strtoll(line + 15, NULL, 10);
        }
        else if (!strncasecmp(line, "Connection: close", 17)) {
            conn->closing = 1;
        }
    }
    return conn->body_left >= 0;
}

/* Bytes of an answer. Returns -1 when they cannot be one's, 1 when it is complete. */
static int take(conn_t *conn, const char *data, size_t len)
{
    size_t some = HEAD_MAX - conn->head_len;
    const char *end;

    if (conn->body_left < 0) {
        some = some < len ? some : len;
        memcpy(conn->head + conn->head_len, data, some);
        conn->head[conn->head_len + some] = '\0';
        end = strstr(conn->head, "\r\n\r\n");
        if (!end) {
            conn->head_len += some;
            return conn->head_len < HEAD_MAX ? 0 : -1;
        }
        if (!read_head(conn)) {
            return -1;
        }
        len -= (size_t)(end + 4 - conn->head) - conn->head_len;
    }
    conn->body_left -= (int64_t)len;
    return conn->body_left < 0 ? -1 : !conn->body_left;
}

static void receive(load_t *load, conn_t *conn)
{
    static char data[65536];

    for (;;) {
        ssize_t len = recv(conn->fd, data, sizeof(data), 0);
        int complete;

        if (len < 0 && errno == EAGAIN) {
            return;
        }
        if (conn->state == IDLE) {
            reopen(load, conn);
            return;
        }
        complete = len > 0 ? take(conn, data, (size_t)len) : -1;
        if (complete) {
            finish(load, conn, complete > 0);
            return;
        }
    }
}

/* --- The run */

static void wait_for_events(load_t *load)
{
    struct epoll_event events[256];
    int i, count = epoll_wait(load->epoll, events, 256, 100);
    uint64_t expired;

    if (count < 0 && errno != EINTR) {
        die("epoll_wait");
    }
    for (i = 0; i < count; i++) {
        conn_t *conn = events[i].data.ptr;

        if (!conn) {
            if (read(load->timer, &expired, sizeof(expired)) < 0 && errno != EAGAIN) {
                die("read");
            }
        }
        else if (conn->state == OPENING) {
            opened(load, conn);
        }
        else {
            receive(load, conn);
        }
    }
}

static void set_timer(const load_t *load, int64_t time)
{
    struct itimerspec at = {.it_value = {.tv_sec = time / SECOND, .tv_nsec = time % SECOND}};

    if (timerfd_settime(load->timer, TFD_TIMER_ABSTIME, &at, NULL)) {
        die("timerfd_settime");
    }
}

static void open_all(load_t *load)
{
    int64_t end = now() + GRACE;
    int i = 0;

    while (i < load->connections || load->opening) {
        for (; i < load->connections && load->opening < 64; i++) {
            open_conn(load, &load->all[i]);
        }
        wait_for_events(load);
        if (now() > end) {
            errno = ETIMEDOUT;
            die("connect");
        }
    }
}

static void run(load_t *load)
{
    int64_t end;

    open_all(load);
    load->start = now();
    end = due_time(load, load->total) + GRACE;
    while (load->done < load->total && now() < end) {
        while (load->due < load->total && due_time(load, load->due) <= now()) {
            load->due++;
        }
        while (load->sent < load->due && load->idle.next != &load->idle) {
            ask(load, load->idle.next);
        }
        if (load->due < load->total) {
            set_timer(load, due_time(load, load->due));
        }
        wait_for_events(load);
    }
    load->errors += load->total - load->done; /* never answered */
}

static int compare(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

    return left < right ? -1 : left > right;
}

static double percentile(const load_t *load, int64_t of_1000)
{
    int64_t at = (load->counted * of_1000 + 999) / 1000 - 1;

    return load->counted ? load->micros[at < 0 ? 0 : at] / 1000.0 : 0;
}

static void report(load_t *load)
{
    qsort(load->micros, (size_t)load->counted, sizeof(*load->micros), compare);
    printf("answers %" PRId64 " errors %" PRId64 " reopened %" PRId64 " p50 %.3f p95 %.3f p99 %.3f max %.3f ms\n",
           load->counted, load->errors, load->reopened, percentile(load, 500), percentile(load, 950),
           percentile(load, 990), percentile(load, 1000));
}

/* --- Arguments */

static void usage(void)
{
    fputs("usage: pace [-c CONNECTIONS] [-r REQUESTS/S] [-d SECONDS] [-w WARM-UP SECONDS] http://HOST:PORT/PATH\n",
          stderr);
    exit(2);
}

static int number(const char *text, int least, int most)
{
    char *end;
    long value = strtol(text, &end, 10);

    if (end == text || *end || value < least || value > most) {
        usage();
    }
    return (int)value;
}

static void set_target(load_t *load, const char *url)
{
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    char host[256], port[6], path[1024];
    int written;

    if (sscanf(url, "http://%255[^:/]:%5[0-9]%1023s", host, port, path) != 3 || path[0] != '/') {
        usage();
    }
    if (getaddrinfo(host, port, &hints, &load->address)) {
        fprintf(stderr, "pace: there is no %s\n", host);
        exit(2);
    }
    written = snprintf(load->request, sizeof(load->request), "GET %s HTTP/1.1\r\nHost: %s:%s\r\nAccept: */*\r\n\r\n",
                       path, host, port);
    load->request_len = (size_t)written;
}

static void read_arguments(load_t *load, int argc, char **argv)
{
    int option;

    while ((option = getopt(argc, argv, "c:r:d:w:")) != -1) {
        switch (option) {
        case 'c':
            load->connections = number(optarg, 1, 60000);
            break;
        case 'r':
            load->rate = number(optarg, 1, 1000000);
            break;
        case 'd':
            load->seconds = number(optarg, 1, 3600);
            break;
        case 'w':
            load->warm_up = number(optarg, 0, 3600);
            break;
        default:
            usage();
        }
    }
    if (argc - optind != 1) {
        usage();
    }
    load->total = (int64_t)load->rate * (load->seconds + load->warm_up);
    if (load->total > MOST_REQUESTS) {
        usage();
    }
    set_target(load, argv[optind]);
}

/* Files enough for all connections, and timers that are not late on purpose. */
static void prepare(load_t *load)
{
    struct rlimit files;
    struct epoll_event event = {.events = EPOLLIN};

    if (!getrlimit(RLIMIT_NOFILE, &files)) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
    prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
    load->idle.previous = load->idle.next = &load->idle;
    load->all = calloc((size_t)load->connections, sizeof(*load->all));
    load->micros = calloc((size_t)load->total, sizeof(*load->micros));
    load->epoll = epoll_create1(0);
    load->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    if (!load->all || !load->micros || load->epoll < 0 || load->timer < 0 ||
        epoll_ctl(load->epoll, EPOLL_CTL_ADD, load->timer, &event)) {
        die("start");
    }
}

int main(int argc, char **argv)
{
    static load_t load = {.connections = 1000, .rate = 425, .seconds = 10, .warm_up = 3};

    read_arguments(&load, argc, argv);
    prepare(&load);
    run(&load);
    report(&load);
    return load.errors ? 1 : 0;
}
