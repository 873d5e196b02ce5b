/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Heads of event streams. An answer that goes on for hours passes no filter that would keep or change its body, and
 * ends with its connection. */

#include "web/events.h"

#include <string.h>

#include <apr_strings.h>
#include <http_protocol.h>
#include <util_filter.h>

#include "web/topic.h"

#define RETRY "retry: 3000\n\n" /* milliseconds until a browser connects again */

apr_status_t f1_events_answer(f1_call_t *call, f1_buf_t *out, f1_result_t *res)
{
    const char *seen = apr_table_get(call->r->headers_in, "Last-Event-ID");
    apr_time_t start = apr_time_now();

    if (call->r->header_only || call->r->main) {
        (void)f1_topic_look(call, out, res);
    }
    else if (f1_topic_follow(&call->follower, call, seen, out, res) == APR_SUCCESS && !call->follower && !out->len) {
        call->status = HTTP_NO_CONTENT; /* which tells a browser that it need not connect again */
    }
    call->query_time = apr_time_now() - start;
    return res->rv;
}

/* Compression waits for more, and what rewrites pages has nothing to do here. Headers are set as everywhere. */
static void remove_filters(request_rec *r)
{
    ap_filter_t *filter, *next;

    for (filter = r->output_filters; filter && filter->frec->ftype < AP_FTYPE_PROTOCOL; filter = next) {
        next = filter->next;
        if (strcmp(filter->frec->name, "fixup_headers_out") != 0) {
            ap_remove_output_filter(filter);
        }
    }
}

int f1_events_send(f1_call_t *call, const f1_buf_t *first)
{
    request_rec *r = call->r;
    apr_bucket_alloc_t *alloc = r->connection->bucket_alloc;
    apr_bucket_brigade *bb = apr_brigade_create(r->pool, alloc);

    remove_filters(r);
    r->connection->keepalive = AP_CONN_CLOSE; /* no chunks: whoever serves the client later writes past them */
    ap_set_content_type(r, call->content_type);
    apr_table_setn(r->headers_out, "X-Accel-Buffering", "no"); /* for nginx, should it be a proxy before us */
    APR_BRIGADE_INSERT_TAIL(bb, apr_bucket_immortal_create(RETRY, strlen(RETRY), alloc));
    APR_BRIGADE_INSERT_TAIL(bb, apr_bucket_transient_create(first->data, first->len, alloc));
    APR_BRIGADE_INSERT_TAIL(bb, apr_bucket_flush_create(alloc));
    if (!call->follower) { /* HEAD */
        APR_BRIGADE_INSERT_TAIL(bb, apr_bucket_eos_create(alloc));
        return ap_pass_brigade(r->output_filters, bb) == APR_SUCCESS || r->connection->aborted ? OK : AP_FILTER_ERROR;
    }
    if (ap_pass_brigade(r->output_filters, bb) != APR_SUCCESS || r->connection->aborted) {
        f1_topic_leave(call->follower);
        return OK;
    }
    return f1_topic_stay(call->follower);
}
