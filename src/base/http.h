/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_BASE_HTTP_H
#define F1_BASE_HTTP_H

/* Outgoing HTTP: one client per process and thread, connections reused, gzip accepted, TLS verified,
 * headers and bodies bounded. Connect failures, time-outs, broken-off answers, 429 and 5xx are retried with back-off,
 * honouring Retry-After; other 4xx never are (they would only say the same again). A redirect is followed, at most
 * three times, where it stays on the same host and port or goes from http to https on the same host. A proxy is used
 * where http_proxy, https_proxy or all_proxy in the environment name one; .netrc is never read, and a URL with a user
 * name is refused.
 *
 * What happens before each try (rate limits) and while waiting (progress, stop flags) is the caller's, by hooks. */

#include <apr_pools.h>
#include <apr_time.h>

#include "base/result.h"

typedef struct f1_http_t f1_http_t;

typedef struct f1_http_options_t {
    const char *user_agent;         /* required */
    apr_interval_time_t timeout;    /* whole request; default 30 s */
    apr_interval_time_t connect_timeout; /* default 10 s */
    int attempts;                   /* tries in all, default 3 */
    apr_interval_time_t wait_min;   /* first wait, default 2 s */
    apr_interval_time_t wait_max;   /* longest own wait, default 10 s; a longer Retry-After wins */
    apr_interval_time_t retry_after_max; /* default 300 s; a longer one ends the request with F1_E_UPSTREAM */
    size_t max_body;                /* bytes after decompression, default 16 MiB */
    const char *ca_file;            /* trusted instead of the system's certificates, or NULL */
    /* Called before every try, redirected ones too; a failure ends the request with it. NULL: no hook. */
    apr_status_t (*before)(void *baton, const char *url, f1_result_t *res);
    /* Called instead of sleeping; must return after about wait. NULL: apr_sleep. A failure ends the request. */
    apr_status_t (*wait)(void *baton, apr_interval_time_t wait, const char *why, f1_result_t *res);
    /* Asked about once a second while an answer is awaited; 1 ends the request with F1_E_UNAVAILABLE and APR_EINTR.
     * NULL: no hook. */
    int (*is_stopping)(void *baton);
    void *baton;
    int public_only;                /* to public addresses alone (address.h), and by no proxy */
} f1_http_options_t;

typedef struct f1_http_reply_t {
    int status;                     /* 2xx, or a 4xx that is not retried */
    const char *body;               /* NUL-terminated, in the pool of the call */
    size_t body_len;
    const char *content_type;       /* lower-case, without parameters; "" when absent */
    int tries;
} f1_http_reply_t;

/* options: copied; zero members take their defaults. Lives as long as pool. */
apr_status_t f1_http_create(f1_http_t **phttp, const f1_http_options_t *options, apr_pool_t *pool, f1_result_t *res);

/* GET. APR_SUCCESS with any status that is final (2xx, 3xx without Location, 4xx); otherwise res tells what the last
 * try said: F1_E_UPSTREAM, with retry_after where upstream named one. http(s) URLs only; messages and logs name the
 * host and never the rest of the URL, which may hold a key. */
apr_status_t f1_http_get(f1_http_t *http, const char *url, f1_http_reply_t **preply, apr_pool_t *pool,
                         f1_result_t *res);

typedef struct f1_http_post_t {
    const char *url;
    const char *const *headers;     /* "Name: value", NULL-terminated, at least one: Content-Type */
    const char *body;
    size_t body_len;
} f1_http_post_t;

/* POST, sent once: redirects are not followed and nothing is retried, because only the caller knows whether it may be
 * sent twice. APR_SUCCESS with any status; of the answer's body the first max_body bytes are kept. The hooks before and
 * wait are not called. Else F1_E_UPSTREAM with words that name the host. */
apr_status_t f1_http_post(f1_http_t *http, const f1_http_post_t *post, f1_http_reply_t **preply, apr_pool_t *pool,
                          f1_result_t *res);

/* Whether url is an absolute http or https URL that f1_http_get and f1_http_post take. */
int f1_http_url_is_valid(const char *url);

/* Tries sent since the client was made, retries included. */
int f1_http_requests(const f1_http_t *http);

#endif
