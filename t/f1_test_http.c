/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* The httpd of a test program, spoken to with libcurl, or byte by byte where libcurl is too polite. */

#include "f1_test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <apr_network_io.h>
#include <apr_strings.h>
#include <apr_uri.h>
#include <curl/curl.h>

#include "base/json.h"
#include "base/str.h"

#define BODY_MAX (64 * 1024 * 1024)
#define TIMEOUT_S 30

static const char *url_of(const char *path)
{
    const char *base = getenv("F1_URL");

    assert_non_null(base);
    return path[0] == '/' ? apr_pstrcat(f1_test_pool(), base, path, NULL) : path;
}

static size_t on_body(char *data, size_t size, size_t count, void *out)
{
    f1_buf_add(out, data, size * count);
    return ((f1_buf_t *)out)->full ? 0 : size * count;
}

static size_t on_header(char *data, size_t size, size_t count, void *headers)
{
    char *line = apr_pstrmemdup(f1_test_pool(), data, size * count);
    char *colon = strchr(line, ':');

    line[strcspn(line, "\r\n")] = '\0';
    if (!strncmp(line, "HTTP/", 5)) {
        apr_table_clear(headers); /* a 100 Continue came before */
    }
    else if (colon) {
        *colon = '\0';
        apr_table_set(headers, line, colon + 1 + strspn(colon + 1, " \t"));
    }
    return size * count;
}

static apr_status_t free_easy(void *easy)
{
    curl_easy_cleanup(easy);
    return APR_SUCCESS;
}

static apr_status_t free_list(void *list)
{
    curl_slist_free_all(list);
    return APR_SUCCESS;
}

static void set_headers(CURL *easy, const char *const *headers)
{
    struct curl_slist *list = NULL;

    for (; headers && *headers; headers++) {
        list = curl_slist_append(list, *headers);
    }
    apr_pool_cleanup_register(f1_test_pool(), list, free_list, apr_pool_cleanup_null);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, list);
}

static void set_method(CURL *easy, const f1_ask_t *ask)
{
    const char *method = ask->method ? ask->method : "GET";

    if (ask->body) {
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                         (curl_off_t)(ask->body_len ? ask->body_len : strlen(ask->body)));
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, ask->body);
    }
    if (!strcmp(method, "HEAD")) {
        curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    }
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, method);
}

f1_reply_t *f1_test_ask(const f1_ask_t *ask)
{
    apr_pool_t *pool = f1_test_pool();
    f1_reply_t *reply = apr_pcalloc(pool, sizeof(*reply));
    CURL *easy = curl_easy_init();
    f1_buf_t body;
    long status = 0;
    CURLcode rc;

    assert_non_null(easy);
    apr_pool_cleanup_register(pool, easy, free_easy, apr_pool_cleanup_null);
    reply->headers = apr_table_make(pool, 16);
    f1_buf_init(&body, pool, 4096, BODY_MAX);
    curl_easy_setopt(easy, CURLOPT_URL, url_of(ask->path));
    curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L); /* an idle connection holds a process of the prefork MPM */
    curl_easy_setopt(easy, CURLOPT_TIMEOUT, (long)TIMEOUT_S);
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, ask->http ? ask->http : (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, ask->encoding);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &body);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, reply->headers);
    set_method(easy, ask);
    set_headers(easy, ask->headers);
    rc = curl_easy_perform(easy);
    if (rc == CURLE_OK) {
        curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
        curl_easy_getinfo(easy, CURLINFO_HTTP_VERSION, &reply->http);
    }
    else {
        print_error("%s: %s\n", ask->path, curl_easy_strerror(rc));
    }
    reply->status = (int)status;
    reply->body = body.data;
    reply->body_len = body.len;
    reply->json = f1_json_own(json_loadb(body.data, body.len, JSON_DECODE_ANY, NULL), pool);
    return reply;
}

f1_reply_t *f1_test_get(const char *path)
{
    return f1_test_ask(&(f1_ask_t){.path = path});
}

FILE *f1_test_ask_meanwhile(const f1_ask_t *ask)
{
    apr_pool_t *pool = f1_test_pool();
    const char *command = apr_psprintf(pool, "curl -sS -m %d -w ' %%{http_code}' -X %s", TIMEOUT_S, ask->method);
    const char *const *header;
    FILE *asked;

    for (header = ask->headers; header && *header; header++) {
        command = apr_pstrcat(pool, command, " -H '", *header, "'", NULL);
    }
    if (ask->body) {
        command = apr_pstrcat(pool, command, " -d '", ask->body, "'", NULL);
    }
    asked = popen(apr_pstrcat(pool, command, " '", url_of(ask->path), "'", NULL), "r");
    assert_non_null(asked);
    return asked;
}

const char *f1_test_heard(FILE *asked)
{
    char chunk[4096];
    char *status;
    size_t got;
    f1_buf_t heard;

    f1_buf_init(&heard, f1_test_pool(), sizeof(chunk), BODY_MAX);
    while ((got = fread(chunk, 1, sizeof(chunk), asked)) > 0) {
        f1_buf_add(&heard, chunk, got);
    }
    assert_int_equal(pclose(asked), 0);
    status = strrchr(heard.data, ' ');
    assert_non_null(status);
    *status++ = '\0';
    return apr_pstrcat(f1_test_pool(), status, " ", heard.data, NULL);
}

static const char *talk(const char *bytes, size_t len, int is_end, size_t *plen)
{
    apr_pool_t *pool = f1_test_pool();
    apr_uri_t uri;
    apr_sockaddr_t *address;
    apr_socket_t *socket;
    char chunk[4096];
    size_t got = len;
    f1_buf_t answer;

    assert_int_equal(apr_uri_parse(pool, url_of("/"), &uri), APR_SUCCESS);
    assert_int_equal(apr_sockaddr_info_get(&address, uri.hostname, APR_INET, uri.port, 0, pool), APR_SUCCESS);
    assert_int_equal(apr_socket_create(&socket, APR_INET, SOCK_STREAM, APR_PROTO_TCP, pool), APR_SUCCESS);
    assert_int_equal(apr_socket_timeout_set(socket, apr_time_from_sec(10)), APR_SUCCESS);
    assert_int_equal(apr_socket_connect(socket, address), APR_SUCCESS);
    f1_buf_init(&answer, pool, sizeof(chunk), BODY_MAX);
    for (size_t sent = 0; sent < len; sent += got) {
        got = len - sent;
        if (apr_socket_send(socket, bytes + sent, &got) != APR_SUCCESS) {
            break; /* refused half-way: what the server says about it is still to be read */
        }
    }
    if (is_end) {
        assert_int_equal(apr_socket_shutdown(socket, APR_SHUTDOWN_WRITE), APR_SUCCESS);
    }
    for (;;) {
        got = sizeof(chunk);
        if (apr_socket_recv(socket, chunk, &got) != APR_SUCCESS) {
            break;
        }
        f1_buf_add(&answer, chunk, got);
    }
    apr_socket_close(socket);
    if (plen) {
        *plen = answer.len;
    }
    return answer.data;
}

const char *f1_test_raw(const char *bytes, size_t len, size_t *plen)
{
    return talk(bytes, len, 0, plen);
}

const char *f1_test_raw_end(const char *text)
{
    return talk(text, strlen(text), 1, NULL);
}

void f1_test_expect_log(const char *regex)
{
    const char *name = getenv("F1_EXPECT_LOG");
    FILE *file = name ? fopen(name, "a") : NULL;

    assert_non_null(file);
    fprintf(file, "%s\n", regex);
    assert_int_equal(fclose(file), 0);
}
