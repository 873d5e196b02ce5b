/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* An upstream, ready to be read. */

#include "ingest/feed.h"

#define WAIT_SLICE apr_time_from_msec(200)
#define BUDGET_WAIT_MAX apr_time_from_sec(3700)

static int is_stopping(const f1_feed_t *feed, const char *why, apr_interval_time_t left)
{
    return feed->options.is_stopping && feed->options.is_stopping(feed->options.baton, why, left);
}

/* Sleeps in slices, so that it ends soon when it should. */
static apr_status_t on_wait(void *baton, apr_interval_time_t wait, const char *why, f1_result_t *res)
{
    const f1_feed_t *feed = baton;
    apr_time_t until = apr_time_now() + wait;
    apr_interval_time_t left;

    for (left = wait; left > 0; left = until - apr_time_now()) {
        if (is_stopping(feed, why, left)) {
            return f1_result_fail(res, F1_E_UNAVAILABLE, APR_EINTR, "stopped while waiting: %s", why);
        }
        apr_sleep(left < WAIT_SLICE ? left : WAIT_SLICE);
    }
    return APR_SUCCESS;
}

static apr_status_t before_request(void *baton, const char *url, f1_result_t *res)
{
    f1_feed_t *feed = baton;

    (void)url;
    apr_pool_clear(feed->scratch);
    return f1_budget_take(&feed->budget, feed->conn, feed->scratch, res);
}

static int during_request(void *baton)
{
    return is_stopping(baton, "an answer of upstream", 0);
}

apr_status_t f1_feed_open(f1_feed_t *feed, const f1_feed_options_t *options, apr_pool_t *pool, f1_result_t *res)
{
    f1_http_options_t http_options = {.user_agent = options->user_agent,
                                      .ca_file = options->ca_file,
                                      .before = before_request,
                                      .wait = on_wait,
                                      .is_stopping = during_request,
                                      .baton = feed};
    f1_http_t *http;

    *feed = (f1_feed_t){.options = *options};
    apr_pool_create(&feed->scratch, pool);
    apr_pool_tag(feed->scratch, "f1board_feed");
    feed->budget = (f1_budget_t){.wait_max = BUDGET_WAIT_MAX, .wait = on_wait, .baton = feed};
    if (f1_budget_init(&feed->budget, options->url, options->rate, options->usual, pool, res) == APR_SUCCESS &&
        f1_http_create(&http, &http_options, pool, res) == APR_SUCCESS) {
        f1_source_create(&feed->source, options->url, http, pool, res);
    }
    return res->rv;
}
