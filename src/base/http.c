/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Outgoing HTTP on top of one libcurl easy handle, which keeps its connections open between requests. libcurl speaks
 * the protocol and decompresses; what is decided here is which answers are final, which are asked for again and when,
 * which redirects are followed, and how much memory an upstream may fill. */

#include "base/http.h"

#include <string.h>

#include <apr_cstr.h>
#include <apr_lib.h>
#include <apr_strings.h>
#include <curl/curl.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"

#define MAX_URL 4096
#define MAX_HEADERS (64 * 1024) /* bytes of header fields, interim answers and trailers included */
#define MAX_REDIRECTS 3
#define LOW_SPEED_BYTES 100L /* fewer bytes a second than this … */
#define LOW_SPEED_TIME 20L /* … for so many seconds: upstream is as good as gone */

struct f1_http_t {
    f1_http_options_t options;
    CURL *curl;
    int requests;
    char curl_words[CURL_ERROR_SIZE];
};

/* One call of f1_http_get, through all its tries. */
typedef struct call_t {
    f1_http_t *http;
    apr_pool_t *pool;
    f1_result_t *res;
    const char *url; /* moves on with redirects */
    const char *host; /* what messages name: queries may hold keys */
    int tries;
    int redirects;
    f1_buf_t body;
    size_t header_bytes;
    long status;
    apr_int64_t retry_after; /* seconds; 0: upstream did not say */
    const char *why; /* what was wrong with the last try */
} call_t;

typedef struct origin_t {
    const char *scheme, *host, *port;
} origin_t;

typedef enum { ANSWER_FINAL, ANSWER_REDIRECT, ANSWER_RETRY, ANSWER_FAILED } answer_t;

static apr_status_t http_cleanup(void *data)
{
    f1_http_t *http = data;

    curl_easy_cleanup(http->curl);
    curl_global_cleanup();
    return APR_SUCCESS;
}

static size_t on_body(char *data, size_t size, size_t count, void *baton)
{
    call_t *call = baton;

    f1_buf_add(&call->body, data, size * count);
    return call->body.full ? 0 : size * count;
}

static size_t on_header(char *data, size_t size, size_t count, void *baton)
{
    call_t *call = baton;

    (void)data;
    call->header_bytes += size * count;
    return call->header_bytes > MAX_HEADERS ? 0 : size * count;
}

static int on_progress(void *baton, curl_off_t down_total, curl_off_t down, curl_off_t up_total, curl_off_t up)
{
    const f1_http_t *http = baton;

    (void)down_total;
    (void)down;
    (void)up_total;
    (void)up;
    return http->options.is_stopping(http->options.baton);
}

/* Options that hold for every request of the client. */
static CURLcode setup(f1_http_t *http)
{
    CURL *curl = http->curl;
    const f1_http_options_t *o = &http->options;
    CURLcode code = CURLE_OK;

#define SET(option, value) code = code ? code : curl_easy_setopt(curl, option, value)
    SET(CURLOPT_ERRORBUFFER, http->curl_words);
    SET(CURLOPT_NOSIGNAL, 1L); /* other threads of the process own the signals */
    SET(CURLOPT_PROTOCOLS_STR, "http,https");
    SET(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    SET(CURLOPT_FOLLOWLOCATION, 0L); /* see redirect() */
    SET(CURLOPT_USERAGENT, o->user_agent);
    SET(CURLOPT_ACCEPT_ENCODING, ""); /* all that libcurl can undo */
    SET(CURLOPT_SSL_VERIFYPEER, 1L);
    SET(CURLOPT_SSL_VERIFYHOST, 2L);
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (o->ca_file) {
        SET(CURLOPT_CAINFO, o->ca_file);
        SET(CURLOPT_CAPATH, NULL); /* instead of the system's, not beside it */
    }
    SET(CURLOPT_TIMEOUT_MS, (long)apr_time_as_msec(o->timeout));
    SET(CURLOPT_CONNECTTIMEOUT_MS, (long)apr_time_as_msec(o->connect_timeout));
    SET(CURLOPT_LOW_SPEED_LIMIT, LOW_SPEED_BYTES);
    SET(CURLOPT_LOW_SPEED_TIME, LOW_SPEED_TIME);
    SET(CURLOPT_TCP_KEEPALIVE, 1L);
    SET(CURLOPT_WRITEFUNCTION, on_body);
    SET(CURLOPT_HEADERFUNCTION, on_header);
    if (o->is_stopping) {
        SET(CURLOPT_XFERINFOFUNCTION, on_progress);
        SET(CURLOPT_XFERINFODATA, http);
        SET(CURLOPT_NOPROGRESS, 0L);
    }
#undef SET
    return code;
}

static void set_defaults(f1_http_options_t *o, apr_pool_t *pool)
{
    o->user_agent = apr_pstrdup(pool, o->user_agent);
    o->ca_file = apr_pstrdup(pool, o->ca_file);
    o->timeout = o->timeout ? o->timeout : apr_time_from_sec(30);
    o->connect_timeout = o->connect_timeout ? o->connect_timeout : apr_time_from_sec(10);
    o->attempts = o->attempts ? o->attempts : 3;
    o->wait_min = o->wait_min ? o->wait_min : apr_time_from_sec(2);
    o->wait_max = o->wait_max ? o->wait_max : apr_time_from_sec(10);
    o->retry_after_max = o->retry_after_max ? o->retry_after_max : apr_time_from_sec(300);
    o->max_body = o->max_body ? o->max_body : 16 * 1024 * 1024;
}

apr_status_t f1_http_create(f1_http_t **phttp, const f1_http_options_t *options, apr_pool_t *pool, f1_result_t *res)
{
    f1_http_t *http = apr_pcalloc(pool, sizeof(*http));
    CURLcode code;

    http->options = *options;
    set_defaults(&http->options, pool);
    /* counted by libcurl, and safe beside other threads with every version that configure accepts */
    code = curl_global_init(CURL_GLOBAL_DEFAULT);
    if (code != CURLE_OK) {
        return f1_result_fail(res, F1_E_INTERNAL, APR_EGENERAL, "libcurl does not start: %s", curl_easy_strerror(code));
    }
    http->curl = curl_easy_init();
    apr_pool_cleanup_register(pool, http, http_cleanup, apr_pool_cleanup_null);
    code = http->curl ? setup(http) : CURLE_OUT_OF_MEMORY;
    if (code != CURLE_OK) {
        return f1_result_fail(res, F1_E_INTERNAL, APR_EGENERAL, "libcurl refuses its options: %s",
                              curl_easy_strerror(code));
    }
    *phttp = http;
    return APR_SUCCESS;
}

/* Upstream has a say in these words (names in certificates, redirects), and they go where only text may stand. */
static const char *printable(char *text)
{
    for (char *c = text; *c; c++) {
        if (!apr_isascii(*c) || !apr_isprint(*c)) {
            *c = '?';
        }
    }
    return text;
}

static const char *url_part(CURLU *parsed, CURLUPart part, apr_pool_t *pool)
{
    char *text;
    const char *copy;

    if (curl_url_get(parsed, part, &text, CURLU_DEFAULT_PORT) != CURLUE_OK) {
        return NULL;
    }
    copy = apr_pstrdup(pool, text);
    curl_free(text);
    return copy;
}

/* 0 when url is not an absolute http or https URL of acceptable length. */
static int origin_parse(origin_t *origin, const char *url, apr_pool_t *pool)
{
    CURLU *parsed;

    *origin = (origin_t){0};
    if (strlen(url) > MAX_URL) {
        return 0;
    }
    parsed = curl_url();
    if (parsed && curl_url_set(parsed, CURLUPART_URL, url, 0) == CURLUE_OK) {
        origin->scheme = url_part(parsed, CURLUPART_SCHEME, pool);
        origin->host = url_part(parsed, CURLUPART_HOST, pool);
        origin->port = url_part(parsed, CURLUPART_PORT, pool);
    }
    curl_url_cleanup(parsed);
    return origin->scheme && origin->host && origin->port &&
           (strcmp(origin->scheme, "http") == 0 || strcmp(origin->scheme, "https") == 0);
}

/* The same place, or the same host by TLS, whose certificate then proves that it is. */
static int may_redirect(const origin_t *from, const origin_t *to)
{
    int upgrade = strcmp(from->scheme, "http") == 0 && strcmp(to->scheme, "https") == 0;
    int same = strcmp(from->scheme, to->scheme) == 0 && strcmp(from->port, to->port) == 0;

    return (same || upgrade) && apr_cstr_casecmp(from->host, to->host) == 0;
}

/* Moves the call on to where the answer points. */
static answer_t redirect(call_t *call, const char *target)
{
    origin_t from, to;

    if (!origin_parse(&from, call->url, call->pool) || !origin_parse(&to, target, call->pool)) {
        call->why = "redirect to something that is no http or https URL";
        return ANSWER_FAILED;
    }
    if (!may_redirect(&from, &to)) {
        call->why = printable(
            apr_psprintf(call->pool, "redirect to %s://%s:%s, which is not followed", to.scheme, to.host, to.port));
        return ANSWER_FAILED;
    }
    if (++call->redirects > MAX_REDIRECTS) {
        call->why = apr_psprintf(call->pool, "more than %d redirects", MAX_REDIRECTS);
        return ANSWER_FAILED;
    }
    call->url = apr_pstrdup(call->pool, target);
    return ANSWER_REDIRECT;
}

static int is_transient(CURLcode code)
{
    switch (code) {
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE: /* the body broke off */
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
        return 1;
    default:
        return 0;
    }
}

static answer_t judge_failure(call_t *call, CURLcode code)
{
    const char *words = call->http->curl_words;

    if (code == CURLE_ABORTED_BY_CALLBACK) {
        f1_result_fail(call->res, F1_E_UNAVAILABLE, APR_EINTR, "stopped while %s was asked", call->host);
        return ANSWER_FAILED;
    }
    if (call->body.full) {
        call->why = apr_psprintf(call->pool, "more than %" APR_SIZE_T_FMT " bytes", call->body.max);
        return ANSWER_FAILED;
    }
    if (call->header_bytes > MAX_HEADERS) {
        call->why = apr_psprintf(call->pool, "more than %d bytes of header fields", MAX_HEADERS);
        return ANSWER_FAILED;
    }
    call->why = printable(apr_pstrdup(call->pool, *words ? words : curl_easy_strerror(code)));
    return is_transient(code) ? ANSWER_RETRY : ANSWER_FAILED;
}

static answer_t judge_status(call_t *call)
{
    char *target = NULL;

    if (call->status >= 500 || call->status == 429) {
        call->why = apr_psprintf(call->pool, "status %ld", call->status);
        return ANSWER_RETRY;
    }
    if (curl_easy_getinfo(call->http->curl, CURLINFO_REDIRECT_URL, &target) == CURLE_OK && target) {
        return redirect(call, target);
    }
    return ANSWER_FINAL;
}

/* Sends the request once and says what its answer is good for. */
static answer_t send_once(call_t *call)
{
    f1_http_t *http = call->http;
    curl_off_t seconds = 0;
    CURLcode code;

    call->body.len = 0;
    call->body.data[0] = '\0';
    call->header_bytes = 0;
    call->status = 0;
    call->retry_after = 0;
    call->tries++;
    http->requests++;
    http->curl_words[0] = '\0';

    code = curl_easy_setopt(http->curl, CURLOPT_URL, call->url);
    code = code ? code : curl_easy_setopt(http->curl, CURLOPT_WRITEDATA, call);
    code = code ? code : curl_easy_setopt(http->curl, CURLOPT_HEADERDATA, call);
    code = code ? code : curl_easy_perform(http->curl);
    if (code != CURLE_OK) {
        return judge_failure(call, code);
    }
    code = curl_easy_getinfo(http->curl, CURLINFO_RESPONSE_CODE, &call->status);
    code = code ? code : curl_easy_getinfo(http->curl, CURLINFO_RETRY_AFTER, &seconds);
    if (code != CURLE_OK) {
        return judge_failure(call, code);
    }
    call->retry_after = seconds > 0 ? seconds : 0; /* a date may lie in the past */
    return judge_status(call);
}

/* Ends the call: nothing came of it. */
static apr_status_t fail(call_t *call)
{
    apr_status_t rv;

    rv = f1_result_fail(call->res, F1_E_UPSTREAM, APR_EGENERAL, "%s: %s (%d %s)", call->host, call->why, call->tries,
                        call->tries == 1 ? "try" : "tries");
    call->res->retry_after = call->retry_after < APR_INT32_MAX ? (int)call->retry_after : APR_INT32_MAX;
    return rv;
}

/* A hook said no; where it gave no reason, this one must do. */
static apr_status_t hook_failed(call_t *call, apr_status_t rv)
{
    return f1_result_fail(call->res, F1_E_UPSTREAM, rv, "the request to %s was given up", call->host);
}

static apr_status_t wait_to_retry(call_t *call, int attempt)
{
    const f1_http_options_t *o = &call->http->options;
    apr_interval_time_t wait = f1_backoff(attempt, o->wait_min, o->wait_max);
    const char *why;
    apr_status_t rv;

    if (call->retry_after > apr_time_sec(o->retry_after_max)) {
        return fail(call);
    }
    if (wait < apr_time_from_sec(call->retry_after)) {
        wait = apr_time_from_sec(call->retry_after);
    }
    why = apr_psprintf(call->pool, "%s: %s", call->host, call->why);
    f1_log(F1_LOG_INFO, APR_SUCCESS, F1LOGNO(0150) "%s; asking again in %" APR_TIME_T_FMT " ms", why,
           apr_time_as_msec(wait));
    if (!o->wait) {
        apr_sleep(wait);
        return APR_SUCCESS;
    }
    rv = o->wait(o->baton, wait, why, call->res);
    return rv == APR_SUCCESS ? APR_SUCCESS : hook_failed(call, rv);
}

/* "Text/HTML; charset=utf-8" → "text/html" */
static const char *media_type(const char *header, apr_pool_t *pool)
{
    char *type = apr_pstrdup(pool, header ? header : "");

    type[strcspn(type, "; \t")] = '\0';
    for (char *c = type; *c; c++) {
        *c = apr_tolower(*c);
    }
    return type;
}

static f1_http_reply_t *reply_make(const call_t *call)
{
    f1_http_reply_t *reply = apr_pcalloc(call->pool, sizeof(*reply));
    char *type = NULL;

    if (curl_easy_getinfo(call->http->curl, CURLINFO_CONTENT_TYPE, &type) != CURLE_OK) {
        type = NULL;
    }
    reply->status = (int)call->status;
    reply->body = call->body.data;
    reply->body_len = call->body.len;
    reply->content_type = media_type(type, call->pool);
    reply->tries = call->tries;
    f1_log(F1_LOG_DEBUG, APR_SUCCESS, F1LOGNO(0151) "%s: status %d, %" APR_SIZE_T_FMT " bytes (%d %s)", call->host,
           reply->status, reply->body_len, reply->tries, reply->tries == 1 ? "try" : "tries");
    return reply;
}

apr_status_t f1_http_get(f1_http_t *http, const char *url, f1_http_reply_t **preply, apr_pool_t *pool, f1_result_t *res)
{
    const f1_http_options_t *o = &http->options;
    call_t call = {.http = http, .pool = pool, .res = res, .url = url};
    origin_t origin;
    apr_status_t rv;
    int attempt = 1;

    if (!origin_parse(&origin, url, pool)) {
        return f1_result_fail(res, F1_E_UPSTREAM, APR_EINVAL, "not an http or https URL");
    }
    call.host = origin.host;
    f1_buf_init(&call.body, pool, 16 * 1024, o->max_body);
    for (;;) {
        rv = o->before ? o->before(o->baton, call.url, res) : APR_SUCCESS;
        if (rv != APR_SUCCESS) {
            return hook_failed(&call, rv);
        }
        switch (send_once(&call)) {
        case ANSWER_FINAL:
            *preply = reply_make(&call);
            return APR_SUCCESS;
        case ANSWER_REDIRECT:
            break;
        case ANSWER_RETRY:
            if (attempt >= o->attempts) {
                return fail(&call);
            }
            rv = wait_to_retry(&call, attempt++);
            if (rv != APR_SUCCESS) {
                return rv;
            }
            break;
        case ANSWER_FAILED:
            return fail(&call);
        }
    }
}

int f1_http_requests(const f1_http_t *http)
{
    return http->requests;
}
