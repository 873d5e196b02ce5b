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
#include "base/transfer.h"

#define MAX_URL 4096
#define MAX_HEADERS (64 * 1024) /* bytes of header fields, interim answers and trailers included */
#define MAX_REDIRECTS 3
#define LOW_SPEED_BYTES 100L /* fewer bytes a second than this … */
#define LOW_SPEED_TIME 20L /* … for so many seconds: upstream is as good as gone */

struct f1_http_t {
    f1_http_options_t options;
    f1_transfer_t *transfer;
    CURL *curl; /* the transfer's */
    int requests;
};

/* One call of f1_http_get or f1_http_post, through all its tries. */
typedef struct call_t {
    f1_http_t *http;
    apr_pool_t *pool;
    f1_result_t *res;
    const char *url; /* moves on with redirects */
    const f1_http_post_t *post; /* NULL: GET */
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

/* Options that hold for every request of the client. */
static CURLcode setup(f1_http_t *http)
{
    CURL *curl = http->curl;
    const f1_http_options_t *o = &http->options;
    CURLcode code = CURLE_OK;

#define SET(option, value) code = code ? code : curl_easy_setopt(curl, option, value)
    SET(CURLOPT_PROTOCOLS_STR, "http,https");
    SET(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    SET(CURLOPT_FOLLOWLOCATION, 0L); /* see redirect() */
    SET(CURLOPT_USERAGENT, o->user_agent);
    SET(CURLOPT_ACCEPT_ENCODING, ""); /* all that libcurl can undo */
    SET(CURLOPT_LOW_SPEED_LIMIT, LOW_SPEED_BYTES);
    SET(CURLOPT_LOW_SPEED_TIME, LOW_SPEED_TIME);
    SET(CURLOPT_WRITEFUNCTION, on_body);
    SET(CURLOPT_HEADERFUNCTION, on_header);
#undef SET
    return code;
}

static void set_defaults(f1_http_options_t *o, apr_pool_t *pool)
{
    o->user_agent = apr_pstrdup(pool, o->user_agent);
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
    f1_transfer_options_t transfer;
    CURLcode code;

    http->options = *options;
    set_defaults(&http->options, pool);
    transfer = (f1_transfer_options_t){.timeout = http->options.timeout,
                                       .connect_timeout = http->options.connect_timeout,
                                       .ca_file = options->ca_file,
                                       .is_stopping = options->is_stopping,
                                       .baton = options->baton,
                                       .public_only = options->public_only};
    if (f1_transfer_create(&http->transfer, &transfer, pool, res) != APR_SUCCESS) {
        return res->rv;
    }
    http->curl = http->transfer->curl;
    code = setup(http);
    if (code != CURLE_OK) {
        return f1_result_fail(res, F1_E_INTERNAL, APR_EGENERAL, "libcurl refuses its options: %s",
                              curl_easy_strerror(code));
    }
    *phttp = http;
    return APR_SUCCESS;
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
        call->why = f1_transfer_printable(
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
    call->why = f1_transfer_words(call->http->transfer, code, call->pool);
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

/* The header fields of a POST; NULL when there is no memory. */
static struct curl_slist *fields_of(const f1_http_post_t *post)
{
    struct curl_slist *fields = NULL, *longer;
    const char *const *field;

    for (field = post->headers; *field; field++) {
        longer = curl_slist_append(fields, *field);
        if (!longer) {
            curl_slist_free_all(fields);
            return NULL;
        }
        fields = longer;
    }
    return fields;
}

static CURLcode perform_post(call_t *call)
{
    CURL *curl = call->http->curl;
    struct curl_slist *fields = fields_of(call->post);
    CURLcode code = fields ? CURLE_OK : CURLE_OUT_OF_MEMORY;

    code = code ? code : curl_easy_setopt(curl, CURLOPT_POST, 1L);
    code = code ? code : curl_easy_setopt(curl, CURLOPT_HTTPHEADER, fields);
    code = code ? code : curl_easy_setopt(curl, CURLOPT_POSTFIELDS, call->post->body);
    code = code ? code : curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)call->post->body_len);
    code = code ? code : curl_easy_perform(curl);
    (void)curl_easy_setopt(curl, CURLOPT_HTTPHEADER, NULL);
    curl_slist_free_all(fields);
    return code;
}

static CURLcode perform_get(call_t *call)
{
    CURLcode code = curl_easy_setopt(call->http->curl, CURLOPT_HTTPGET, 1L);

    return code ? code : curl_easy_perform(call->http->curl);
}

/* Sends the request once. */
static CURLcode perform(call_t *call)
{
    f1_http_t *http = call->http;
    curl_off_t seconds = 0;
    CURLcode code, told;

    call->body.len = 0;
    call->body.data[0] = '\0';
    call->header_bytes = 0;
    call->status = 0;
    call->retry_after = 0;
    call->tries++;
    http->requests++;
    f1_transfer_begin(http->transfer);

    code = curl_easy_setopt(http->curl, CURLOPT_URL, call->url);
    code = code ? code : curl_easy_setopt(http->curl, CURLOPT_WRITEDATA, call);
    code = code ? code : curl_easy_setopt(http->curl, CURLOPT_HEADERDATA, call);
    if (code != CURLE_OK) {
        return code;
    }
    code = call->post ? perform_post(call) : perform_get(call);
    told = curl_easy_getinfo(http->curl, CURLINFO_RESPONSE_CODE, &call->status);
    told = told ? told : curl_easy_getinfo(http->curl, CURLINFO_RETRY_AFTER, &seconds);
    call->retry_after = seconds > 0 ? seconds : 0; /* a date may lie in the past */
    return code ? code : told;
}

/* Sends the request once and says what its answer is good for. */
static answer_t send_once(call_t *call)
{
    CURLcode code = perform(call);

    return code == CURLE_OK ? judge_status(call) : judge_failure(call, code);
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

apr_status_t f1_http_post(f1_http_t *http, const f1_http_post_t *post, f1_http_reply_t **preply, apr_pool_t *pool,
                          f1_result_t *res)
{
    call_t call = {.http = http, .pool = pool, .res = res, .url = post->url, .post = post};
    origin_t origin;
    CURLcode code;

    if (!origin_parse(&origin, post->url, pool)) {
        return f1_result_fail(res, F1_E_UPSTREAM, APR_EINVAL, "not an http or https URL");
    }
    call.host = origin.host;
    f1_buf_init(&call.body, pool, 1024, http->options.max_body);
    code = perform(&call);
    if (code == CURLE_OK || (code == CURLE_WRITE_ERROR && call.body.full)) {
        *preply = reply_make(&call);
        return APR_SUCCESS;
    }
    (void)judge_failure(&call, code);
    return fail(&call);
}

int f1_http_url_is_valid(const char *url)
{
    origin_t origin;
    apr_pool_t *pool;
    int is_valid;

    apr_pool_create(&pool, NULL);
    is_valid = origin_parse(&origin, url, pool);
    apr_pool_destroy(pool);
    return is_valid;
}

int f1_http_requests(const f1_http_t *http)
{
    return http->requests;
}
