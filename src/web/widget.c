/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Buckets go through as they are, cut where a tag begins and ends. What is kept between brigades is a tag of which the
 * end has not come yet, and a fallback until its closing tag. */

#include "web/widget.h"

#include <stdatomic.h>
#include <string.h>

#include <apr_strings.h>
#include <httpd.h>
#include <http_connection.h>
#include <http_log.h>
#include <http_protocol.h>
#include <http_request.h>
#include <util_filter.h>

#include "base/log.h"
#include "compat/template.h"
#include "web/sink.h"
#include "web/widget_view.h"

APLOG_USE_MODULE(f1board);

#define FILTER "F1BOARD"
#define PASS_BYTES 65536 /* what may wait before it is passed on */
#define MAX_TAGS 64 /* of one response that become something */
#define LOG_INTERVAL apr_time_from_sec(10)

typedef struct widget_t {
    f1_tag_scan_t scan;
    apr_bucket_brigade *out;
    apr_size_t out_len;
    apr_bucket_brigade *fallback; /* of the element at work */
    int utf8;
    int tags;
} widget_t;

static int is_html(const char *content_type)
{
    return content_type && !strncasecmp(content_type, "text/html", 9) && strchr("; \t", content_type[9]);
}

/* The page's encoding has ASCII as it is, so that tags can be found and characters referred to by number. A page that
 * does not say has one of those, too: HTML allows no other without a charset. */
static int charset_is_known(request_rec *r, int *putf8)
{
    static const char *const others[] = {"us-ascii", "ascii", "windows-1250", "windows-1251", "windows-1252"};
    const char *at = ap_strcasestr(r->content_type, "charset=");
    char *name;
    size_t i;

    *putf8 = 0;
    if (!at) {
        return 1;
    }
    at += strlen("charset=");
    at += *at == '"';
    name = apr_pstrmemdup(r->pool, at, strcspn(at, "\"; \t"));
    *putf8 = !strcasecmp(name, "utf-8") || !strcasecmp(name, "utf8");
    if (*putf8 || !strncasecmp(name, "iso-8859-", 9)) {
        return 1;
    }
    for (i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        if (!strcasecmp(name, others[i])) {
            return 1;
        }
    }
    return 0;
}

static const char *header(request_rec *r, const char *name)
{
    const char *value = apr_table_get(r->headers_out, name);

    return value ? value : apr_table_get(r->err_headers_out, name);
}

/* Only whole pages that are what their URL stands for, and whose bytes are HTML. */
static int is_page(request_rec *r)
{
    const char *encoding = header(r, "Content-Encoding"), *control = header(r, "Cache-Control");

    if (r->status != HTTP_OK || !is_html(r->content_type) || header(r, "Content-Range")) {
        return 0;
    }
    if (control && ap_find_token(r->pool, control, "no-transform")) {
        return 0;
    }
    return (!encoding || !strcasecmp(encoding, "identity")) &&
           (!r->content_encoding || !strcasecmp(r->content_encoding, "identity"));
}

/* The page changes with the data: what told its former length and version is wrong now, and a part of it is of no use
 * to anybody. */
static void forget_validators(request_rec *r)
{
    static const char *const names[] = {"Content-Length", "ETag",   "Last-Modified",  "Accept-Ranges",
                                        "Content-MD5",    "Digest", "Content-Digest", "Repr-Digest"};
    size_t i;

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        apr_table_unset(r->headers_out, names[i]);
        apr_table_unset(r->err_headers_out, names[i]);
    }
    apr_table_unset(r->headers_in, "Range");
}

/* What a page's own mistakes and the database's absence say once in LOG_INTERVAL, however many readers there are. */
static void complain(request_rec *r, const f1_result_t *res, apr_pool_t *pool)
{
    static _Atomic apr_time_t logged[2];
    int ours = f1_error_http(res->error) >= 500;
    apr_time_t now = apr_time_now(), last = logged[ours];

    if (now - last < LOG_INTERVAL || !atomic_compare_exchange_strong(&logged[ours], &last, now)) {
        return;
    }
    if (ours) {
        ap_log_rerror(APLOG_MARK, APLOG_WARNING, 0, r, F1LOGNO(0590) "<f1-board> keeps its fallback: %s",
                      f1_result_text(res, pool));
    }
    else {
        ap_log_rerror(APLOG_MARK, APLOG_INFO, 0, r, F1LOGNO(0591) "<f1-board> in this page keeps its fallback: %s",
                      f1_result_text(res, pool));
    }
}

static void append(widget_t *widget, const char *data, apr_size_t len)
{
    if (len) {
        APR_BRIGADE_INSERT_TAIL(widget->out, apr_bucket_heap_create(data, len, NULL, widget->out->bucket_alloc));
        widget->out_len += len;
    }
}

static apr_status_t render(widget_t *widget, request_rec *r, apr_pool_t *pool, f1_result_t *res)
{
    f1_tag_attribute_t attributes[F1_TAG_MAX_ATTRIBUTES];
    int count = f1_tag_attributes(widget->scan.held, widget->scan.held_len, attributes, pool);
    f1_buf_t html, ascii;
    apr_status_t rv;

    if (count < 0 || widget->tags >= MAX_TAGS) {
        return f1_result_fail(res, F1_E_INVALID_PARAMETER, APR_EINVAL, "There are too many %s",
                              count < 0 ? "attributes" : "tags");
    }
    widget->tags++;
    f1_buf_init(&html, pool, 8192, F1_WIDGET_MAX_HTML);
    rv = f1_widget_render(&html, r, attributes, count, pool, res);
    if (rv != APR_SUCCESS) {
        return rv;
    }
    if (!widget->utf8) {
        f1_buf_init(&ascii, pool, html.len + 1, 3 * F1_WIDGET_MAX_HTML);
        f1_template_add_ascii(&ascii, html.data);
        html = ascii;
    }
    append(widget, html.data, html.len);
    return APR_SUCCESS;
}

/* At the end of an opening tag, which is held. */
static void take_tag(widget_t *widget, request_rec *r)
{
    request_rec *outer = f1_sink_request(r);
    apr_pool_t *pool;
    f1_result_t *res;

    apr_pool_create(&pool, r->pool);
    res = f1_result_make(pool);
    if (render(widget, r, pool, res) == APR_SUCCESS) {
        f1_tag_skip(&widget->scan);
    }
    else {
        append(widget, widget->scan.held, widget->scan.held_len);
        complain(r, res, pool);
    }
    f1_tag_release(&widget->scan);
    apr_pool_destroy(pool);
    f1_sink_request(outer);
}

static void give_fallback(widget_t *widget)
{
    APR_BRIGADE_CONCAT(widget->out, widget->fallback);
}

/* b's bytes, which were read, up to and with the next thing that has to be done about them. */
static apr_status_t take_bytes(widget_t *widget, request_rec *r, apr_bucket *b, const char *data, apr_size_t len,
                               int last)
{
    apr_size_t used;
    f1_tag_event_t event = f1_tag_next(&widget->scan, data, len, last, &used);
    apr_status_t rv = used && used < len ? apr_bucket_split(b, used) : APR_SUCCESS;

    if (rv != APR_SUCCESS) {
        return rv;
    }
    if (used) {
        APR_BUCKET_REMOVE(b);
    }
    switch (event) {
    case F1_TAG_PASS:
        APR_BRIGADE_INSERT_TAIL(widget->out, b);
        widget->out_len += used;
        break;
    case F1_TAG_KEEP:
        apr_bucket_destroy(b);
        break;
    case F1_TAG_OPEN:
        apr_bucket_destroy(b);
        take_tag(widget, r);
        break;
    case F1_TAG_HELD:
        append(widget, widget->scan.held, widget->scan.held_len);
        f1_tag_release(&widget->scan);
        break;
    case F1_TAG_FALLBACK:
        rv = apr_bucket_setaside(b, r->pool);
        APR_BRIGADE_INSERT_TAIL(widget->fallback, b);
        break;
    case F1_TAG_CLOSED:
        apr_bucket_destroy(b);
        apr_brigade_cleanup(widget->fallback);
        break;
    case F1_TAG_UNCLOSED:
        give_fallback(widget);
        break;
    }
    return rv == APR_ENOTIMPL ? APR_SUCCESS : rv;
}

static apr_status_t pass_out(widget_t *widget, ap_filter_t *f)
{
    apr_status_t rv = APR_BRIGADE_EMPTY(widget->out) ? APR_SUCCESS : ap_pass_brigade(f->next, widget->out);

    apr_brigade_cleanup(widget->out);
    widget->out_len = 0;
    return rv;
}

/* b's bytes; of a bucket whose length nobody knows, those there are. While there are none yet, the client gets all that
 * came before. */
static apr_status_t read_bucket(widget_t *widget, ap_filter_t *f, apr_bucket *b, const char **pdata, apr_size_t *plen)
{
    apr_status_t rv = apr_bucket_read(b, pdata, plen, APR_NONBLOCK_READ);

    if (!APR_STATUS_IS_EAGAIN(rv)) {
        return rv;
    }
    APR_BRIGADE_INSERT_TAIL(widget->out, apr_bucket_flush_create(widget->out->bucket_alloc));
    rv = pass_out(widget, f);
    return rv == APR_SUCCESS ? apr_bucket_read(b, pdata, plen, APR_BLOCK_READ) : rv;
}

/* The end, or a connection behind us that broke before it. */
static int ends_page(const apr_bucket *b)
{
    return APR_BUCKET_IS_EOS(b) || AP_BUCKET_IS_EOC(b);
}

static apr_status_t take_bucket(widget_t *widget, ap_filter_t *f, apr_bucket_brigade *in, apr_bucket *b)
{
    int flush = APR_BUCKET_IS_FLUSH(b);
    const char *data;
    apr_size_t len;
    apr_status_t rv;

    if (APR_BUCKET_IS_METADATA(b)) {
        if (ends_page(b)) {
            give_fallback(widget);
            append(widget, widget->scan.held, widget->scan.held_len);
            f1_tag_release(&widget->scan);
        }
        APR_BUCKET_REMOVE(b);
        APR_BRIGADE_INSERT_TAIL(widget->out, b);
        return flush ? pass_out(widget, f) : APR_SUCCESS;
    }
    if (f->r->header_only) { /* HEAD: the headers of the page, whose length would be told by what is here */
        apr_bucket_delete(b);
        return APR_SUCCESS;
    }
    rv = read_bucket(widget, f, b, &data, &len);
    if (rv == APR_SUCCESS && len) {
        apr_bucket *next = APR_BUCKET_NEXT(b);

        return take_bytes(widget, f->r, b, data, len, next != APR_BRIGADE_SENTINEL(in) && APR_BUCKET_IS_EOS(next));
    }
    if (rv == APR_SUCCESS || APR_STATUS_IS_EOF(rv)) { /* a file that was longer when it was opened */
        apr_bucket_delete(b);
        return APR_SUCCESS;
    }
    return rv;
}

static widget_t *make_widget(ap_filter_t *f, int utf8)
{
    widget_t *widget = apr_pcalloc(f->r->pool, sizeof(*widget));

    f1_tag_init(&widget->scan, f->r->pool);
    widget->out = apr_brigade_create(f->r->pool, f->c->bucket_alloc);
    widget->fallback = apr_brigade_create(f->r->pool, f->c->bucket_alloc);
    widget->utf8 = utf8;
    return widget;
}

/* The end goes out with what stands before it, so that httpd can tell the length of a page that came at once. */
static int more_bytes(const apr_bucket_brigade *in)
{
    return !APR_BRIGADE_EMPTY(in) && !APR_BUCKET_IS_METADATA(APR_BRIGADE_FIRST(in));
}

static apr_status_t filter(ap_filter_t *f, apr_bucket_brigade *in)
{
    widget_t *widget = f->ctx;
    apr_status_t rv = APR_SUCCESS;
    int utf8;

    if (!widget) {
        if (!is_page(f->r) || !charset_is_known(f->r, &utf8)) {
            ap_remove_output_filter(f);
            return ap_pass_brigade(f->next, in);
        }
        forget_validators(f->r);
        f->ctx = widget = make_widget(f, utf8);
    }
    while (rv == APR_SUCCESS && !APR_BRIGADE_EMPTY(in)) {
        rv = take_bucket(widget, f, in, APR_BRIGADE_FIRST(in));
        if (rv == APR_SUCCESS && widget->out_len >= PASS_BYTES && more_bytes(in)) {
            rv = pass_out(widget, f);
        }
    }
    return rv == APR_SUCCESS ? pass_out(widget, f) : rv;
}

/* A file that has not changed may still make another page. */
static int prepare(ap_filter_t *f)
{
    if (is_html(f->r->content_type)) {
        f->r->no_local_copy = 1;
    }
    return OK;
}

/* After includes were done, before compression. */
void f1_widget_register_filter(void)
{
    ap_register_output_filter(FILTER, filter, prepare, AP_FTYPE_RESOURCE + 5);
}
