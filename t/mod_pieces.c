/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* For tests of output filters. The handler "pieces" makes an answer out of a file: each line is a bucket, "KIND text",
 * or something that is done between buckets. The output filter WITNESS comes behind the filter under test, and writes
 * into the answer which metadata came where. */

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <apr_portable.h>
#include <apr_strings.h>
#include <httpd.h>
#include <http_config.h>
#include <http_connection.h>
#include <http_log.h>
#include <http_protocol.h>
#include <util_filter.h>

#define LINE 8192

static apr_status_t ignore_read(apr_bucket *b, const char **data, apr_size_t *len, apr_read_type_e block)
{
    (void)b;
    (void)block;
    *data = NULL;
    *len = 0;
    return APR_SUCCESS;
}

/* Metadata that nobody knows. */
static const apr_bucket_type_t type_unknown = {"UNKNOWN",
                                               5,
                                               APR_BUCKET_METADATA,
                                               apr_bucket_destroy_noop,
                                               ignore_read,
                                               apr_bucket_setaside_noop,
                                               apr_bucket_split_notimpl,
                                               apr_bucket_simple_copy};

static apr_bucket *make_unknown(apr_bucket_alloc_t *alloc)
{
    apr_bucket *b = apr_bucket_alloc(sizeof(*b), alloc);

    APR_BUCKET_INIT(b);
    b->free = apr_bucket_free;
    b->list = alloc;
    b->length = 0;
    b->start = 0;
    b->data = NULL;
    b->type = &type_unknown;
    return b;
}

/* A pipe with text in it, closed at the other end. */
static apr_bucket *make_pipe(request_rec *r, const char *text, apr_bucket_alloc_t *alloc)
{
    apr_file_t *in, *out;
    apr_size_t len = strlen(text);

    if (apr_file_pipe_create(&in, &out, r->pool) != APR_SUCCESS ||
        apr_file_write_full(out, text, len, NULL) != APR_SUCCESS || apr_file_close(out) != APR_SUCCESS) {
        return NULL;
    }
    return apr_bucket_pipe_create(in, alloc);
}

static apr_bucket *make_socket(request_rec *r, const char *text, apr_bucket_alloc_t *alloc)
{
    apr_socket_t *in = NULL;
    int fds[2];
    int sent;

    if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds)) {
        return NULL;
    }
    sent = write(fds[1], text, strlen(text)) == (ssize_t)strlen(text);
    close(fds[1]);
    if (!sent || apr_os_sock_put(&in, &fds[0], r->pool) != APR_SUCCESS) {
        close(fds[0]);
        return NULL;
    }
    return apr_bucket_socket_create(in, alloc);
}

/* A file with text in it that has become more bytes shorter since its length was asked; with more < 0, longer. */
static apr_bucket *make_file(request_rec *r, const char *text, int more, apr_bucket_alloc_t *alloc)
{
    char *name = apr_psprintf(r->pool, "/tmp/f1pieces.XXXXXX");
    apr_size_t len = strlen(text);
    apr_bucket *b;
    apr_file_t *file;

    if (apr_file_mktemp(&file, name, 0, r->pool) != APR_SUCCESS ||
        apr_file_write_full(file, text, len, NULL) != APR_SUCCESS) {
        return NULL;
    }
    b = apr_bucket_file_create(file, 0, (apr_size_t)((int)len + more), r->pool, alloc);
    apr_bucket_file_enable_mmap(b, 0);
    return b;
}

static apr_bucket *make_bucket(request_rec *r, const char *kind, const char *text, apr_bucket_alloc_t *alloc)
{
    apr_size_t len = strlen(text);

    if (!strcmp(kind, "heap")) {
        return apr_bucket_heap_create(text, len, NULL, alloc);
    }
    if (!strcmp(kind, "pool")) {
        return apr_bucket_pool_create(text, len, r->pool, alloc);
    }
    if (!strcmp(kind, "transient")) {
        return apr_bucket_transient_create(text, len, alloc);
    }
    if (!strcmp(kind, "immortal")) {
        return apr_bucket_immortal_create(text, len, alloc);
    }
    if (!strcmp(kind, "pipe")) {
        return make_pipe(r, text, alloc);
    }
    if (!strcmp(kind, "socket")) {
        return make_socket(r, text, alloc);
    }
    if (!strcmp(kind, "file")) {
        return make_file(r, text, 0, alloc);
    }
    if (!strcmp(kind, "shorter")) {
        return make_file(r, text, 10, alloc);
    }
    if (!strcmp(kind, "longer")) {
        return make_file(r, apr_pstrcat(r->pool, text, "0123456789", NULL), -10, alloc);
    }
    if (!strcmp(kind, "flush")) {
        return apr_bucket_flush_create(alloc);
    }
    if (!strcmp(kind, "eoc")) {
        return ap_bucket_eoc_create(alloc);
    }
    return !strcmp(kind, "unknown") ? make_unknown(alloc) : NULL;
}

static apr_status_t pass(request_rec *r, apr_bucket_brigade *brigade)
{
    apr_status_t rv = ap_pass_brigade(r->output_filters, brigade);

    apr_brigade_cleanup(brigade);
    return rv;
}

/* Until there is such a file in the folder of r's; a test that does not make it fails later. */
static void wait_for(request_rec *r, const char *name)
{
    const char *path = apr_pstrcat(r->pool, ap_make_dirstr_parent(r->pool, r->filename), name, NULL);
    apr_finfo_t info;
    int i;

    for (i = 0; i < 200 && apr_stat(&info, path, APR_FINFO_TYPE, r->pool) != APR_SUCCESS; i++) {
        apr_sleep(apr_time_from_msec(50));
    }
}

/* "COUNT text": that often, a brigade each, in memory that is used anew. */
static apr_status_t repeat(request_rec *r, const char *text, apr_bucket_brigade *brigade)
{
    char piece[8000], *end;
    long count = strtol(text, &end, 10), i;
    size_t len = strlen(end), at;
    apr_status_t rv = APR_SUCCESS;

    for (i = 0; i < count && rv == APR_SUCCESS; i++) {
        for (at = 0; at < sizeof(piece); at++) {
            piece[at] = end[at % len];
        }
        APR_BRIGADE_INSERT_TAIL(brigade, apr_bucket_transient_create(piece, sizeof(piece), brigade->bucket_alloc));
        rv = pass(r, brigade);
        memset(piece, 0, sizeof(piece));
    }
    return rv;
}

static apr_status_t do_line(request_rec *r, char *line, apr_bucket_brigade *brigade)
{
    char *text = line + strcspn(line, " ");
    apr_bucket *b;

    if (*text) {
        *text++ = '\0';
    }
    if (!strcmp(line, "pass")) {
        return pass(r, brigade);
    }
    if (!strcmp(line, "repeat")) {
        return repeat(r, text, brigade);
    }
    if (!strcmp(line, "wait")) {
        wait_for(r, text);
        return APR_SUCCESS;
    }
    b = make_bucket(r, line, apr_pstrdup(r->pool, text), brigade->bucket_alloc);
    if (!b) {
        return APR_EINVAL;
    }
    APR_BRIGADE_INSERT_TAIL(brigade, b);
    return APR_SUCCESS;
}

static int handler(request_rec *r)
{
    apr_bucket_brigade *brigade;
    apr_status_t rv;
    apr_file_t *file;
    char *line;

    if (!r->handler || strcmp(r->handler, "pieces")) {
        return DECLINED;
    }
    if (apr_file_open(&file, r->filename, APR_FOPEN_READ | APR_FOPEN_BUFFERED, 0, r->pool) != APR_SUCCESS) {
        return HTTP_NOT_FOUND;
    }
    ap_set_content_type(r, "text/html");
    brigade = apr_brigade_create(r->pool, r->connection->bucket_alloc);
    line = apr_palloc(r->pool, LINE);
    for (rv = APR_SUCCESS; rv == APR_SUCCESS && apr_file_gets(line, LINE, file) == APR_SUCCESS;) {
        line[strcspn(line, "\n")] = '\0';
        rv = do_line(r, line, brigade);
    }
    if (rv != APR_SUCCESS) {
        ap_log_rerror(__FILE__, __LINE__, APLOG_NO_MODULE, APLOG_ERR, rv, r, "pieces: cannot do %s", line);
        return HTTP_INTERNAL_SERVER_ERROR;
    }
    APR_BRIGADE_INSERT_TAIL(brigade, apr_bucket_eos_create(brigade->bucket_alloc));
    return pass(r, brigade) == APR_SUCCESS ? OK : AP_FILTER_ERROR;
}

static apr_status_t witness(ap_filter_t *f, apr_bucket_brigade *in)
{
    apr_bucket *b, *next;

    for (b = APR_BRIGADE_FIRST(in); b != APR_BRIGADE_SENTINEL(in); b = next) {
        const char *mark = NULL;

        next = APR_BUCKET_NEXT(b);
        if (APR_BUCKET_IS_FLUSH(b)) {
            mark = "[flush]";
        }
        else if (AP_BUCKET_IS_EOC(b)) {
            mark = "[eoc]";
        }
        else if (b->type == &type_unknown) {
            mark = "[unknown]";
        }
        if (mark) {
            APR_BUCKET_INSERT_BEFORE(b, apr_bucket_immortal_create(mark, strlen(mark), in->bucket_alloc));
            if (!APR_BUCKET_IS_FLUSH(b)) {
                apr_bucket_delete(b);
            }
        }
    }
    return ap_pass_brigade(f->next, in);
}

static void register_hooks(apr_pool_t *pool)
{
    (void)pool;
    ap_hook_handler(handler, NULL, NULL, APR_HOOK_MIDDLE);
    ap_register_output_filter("WITNESS", witness, NULL, AP_FTYPE_CONTENT_SET);
}

AP_DECLARE_MODULE(pieces) = {STANDARD20_MODULE_STUFF, NULL, NULL, NULL, NULL, NULL, register_hooks, 0};
