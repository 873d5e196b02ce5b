/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* A description is made once in each child for each mount: routes are compiled in, and types change only with the
 * schema's version, which a connection checks before it is used. Pages are a few lines that load the files of
 * F1BoardAssets; their Content-Security-Policy keeps a browser from asking anybody else. */

#include "web/describe.h"

#include <stdlib.h>
#include <string.h>

#include <apr_file_io.h>
#include <apr_strings.h>
#include <apr_thread_mutex.h>
#include <http_config.h>
#include <http_log.h>

#include "base/log.h"
#include "db/endpoint.h"
#include "db/openapi.h"

APLOG_USE_MODULE(f1board);

#define KEPT_MAX 16 /* documents that a child keeps; mounts are few, but <If> may vary what is in one */
#define HTML_TYPE "text/html; charset=utf-8"

/* What the two viewers need: styles in the page, and ReDoc's search a worker. */
#define POLICY                                                                                        \
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " \
    "font-src 'self'; connect-src 'self'; worker-src blob:; base-uri 'none'; form-action 'none'; "    \
    "frame-ancestors 'self'"

typedef struct kept_t {
    const char *key, *text;
    apr_size_t len;
} kept_t;

/* This child's documents. They are only ever added, so a pointer to one is good for as long as the child lives. */
static struct {
    apr_pool_t *pool;
    apr_thread_mutex_t *mutex;
    kept_t kept[KEPT_MAX];
    int count;
} child;

static apr_status_t end_child(void *unused)
{
    (void)unused;
    if (child.pool) {
        apr_pool_destroy(child.pool);
    }
    child.pool = NULL;
    return APR_SUCCESS;
}

static void start_child(apr_pool_t *pchild, server_rec *s)
{
    apr_status_t rv = apr_pool_create_unmanaged_ex(&child.pool, NULL, NULL);

    if (rv == APR_SUCCESS) {
        apr_pool_cleanup_register(pchild, NULL, end_child, apr_pool_cleanup_null);
        rv = apr_thread_mutex_create(&child.mutex, APR_THREAD_MUTEX_DEFAULT, pchild);
    }
    if (rv != APR_SUCCESS) {
        child.pool = NULL;
        ap_log_error(APLOG_MARK, APLOG_WARNING, rv, s, F1LOGNO(0581) "descriptions will be made for each request");
    }
}

static const kept_t *find(const char *key)
{
    const kept_t *found = NULL;
    int i;

    if (!child.pool || apr_thread_mutex_lock(child.mutex) != APR_SUCCESS) {
        return NULL;
    }
    for (i = 0; i < child.count && !found; i++) {
        if (!strcmp(child.kept[i].key, key)) {
            found = &child.kept[i];
        }
    }
    (void)apr_thread_mutex_unlock(child.mutex);
    return found;
}

static void keep(const char *key, const char *text, apr_size_t len)
{
    if (!child.pool || apr_thread_mutex_lock(child.mutex) != APR_SUCCESS) {
        return;
    }
    if (child.count < KEPT_MAX) {
        child.kept[child.count++] = (kept_t){apr_pstrdup(child.pool, key), apr_pstrmemdup(child.pool, text, len), len};
    }
    (void)apr_thread_mutex_unlock(child.mutex);
}

static apr_status_t make(f1_call_t *call, const f1_openapi_options_t *options, f1_buf_t *out, f1_result_t *res)
{
    apr_pool_t *pool = call->r->pool;
    apr_time_t start = apr_time_now();
    f1_conn_t *conn;
    json_t *doc;
    char *text;

    if (call->db->open(call->db, &conn, pool, res) != APR_SUCCESS) {
        return res->rv;
    }
    (void)f1_openapi_make(&doc, conn, options, pool, res);
    call->db->close(call->db, conn);
    call->query_time = apr_time_now() - start;
    if (res->error != F1_E_OK) {
        return res->rv;
    }
    text = json_dumps(doc, JSON_COMPACT);
    f1_buf_adds(out, text ? text : "");
    free(text);
    return text && !out->full ? APR_SUCCESS
                              : f1_result_fail(res, F1_E_INTERNAL, APR_ENOMEM, "The description is too large");
}

apr_status_t f1_describe_openapi(f1_call_t *call, f1_buf_t *out, f1_result_t *res)
{
    const f1_dir_config_t *dir = call->dir;
    const f1_openapi_options_t options = {.routes = f1_routes,
                                          .route_count = f1_route_count,
                                          .title = dir->title,
                                          .base = dir->base,
                                          .limit_default = (int)dir->page_size,
                                          .limit_max = (int)dir->page_size_max};
    const char *key = apr_psprintf(call->r->pool, "%pp %d %d %s %s", f1_config_server(call->r->server)->dbd,
                                   options.limit_default, options.limit_max, options.base, options.title);
    const kept_t *kept = find(key);

    if (kept) {
        f1_buf_add(out, kept->text, kept->len);
        return APR_SUCCESS;
    }
    if (make(call, &options, out, res) != APR_SUCCESS) {
        return res->rv;
    }
    keep(key, out->data, out->len);
    return APR_SUCCESS;
}

/* --- pages */

/* The file of this name in the folder of assets; NULL when there is none, or the name is not one of a plain file. */
static apr_file_t *open_asset(const f1_call_t *call, const char *name, apr_finfo_t *info)
{
    apr_pool_t *pool = call->r->pool;
    const char *folder = ap_server_root_relative(pool, call->dir->assets);
    apr_file_t *file;

    if (!folder || *name == '.' ||
        name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")]) {
        return NULL;
    }
    if (apr_file_open(&file, apr_pstrcat(pool, folder, "/", name, NULL), APR_FOPEN_READ | APR_FOPEN_BINARY, 0, pool) !=
        APR_SUCCESS) {
        return NULL;
    }
    return apr_file_info_get(info, APR_FINFO_TYPE | APR_FINFO_SIZE, file) == APR_SUCCESS && info->filetype == APR_REG &&
                   info->size <= F1_ENDPOINT_MAX_BODY
               ? file
               : NULL;
}

static void add_head(const f1_call_t *call, f1_buf_t *out, const char *style)
{
    f1_buf_adds(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                     "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                     "<link rel=\"icon\" href=\"data:,\">\n<title>");
    f1_buf_adds(out, ap_escape_html(call->r->pool, call->dir->title));
    f1_buf_adds(out, "</title>\n");
    if (style) {
        f1_buf_addf(out, "<link rel=\"stylesheet\" href=\"%s/%s\">\n", style, "docs.css");
    }
}

/* What a page says when there is nothing to show the description with. */
static void write_hint(const f1_call_t *call, f1_buf_t *out, const char *api)
{
    add_head(call, out, NULL);
    f1_buf_addf(out,
                "</head>\n<body>\n<h1>%s: the API's description</h1>\n"
                "<p>It is at <a href=\"%s/openapi.json\">%s/openapi.json</a>, as OpenAPI 3.1: many tools read it.</p>\n"
                "<p>The viewers, Swagger UI and ReDoc, are not installed here. In the source tree of mod_f1board, with "
                "Node.js at hand,</p>\n<pre>make docs-ui\nmake install</pre>\n<p>installs them where "
                "<code>F1BoardAssets</code> points to.</p>\n</body>\n</html>\n",
                ap_escape_html(call->r->pool, call->dir->title), api, api);
}

/* A page that script (ours) builds with library (theirs); styles: of the library, or NULL. */
static apr_status_t write_page(f1_call_t *call, f1_buf_t *out, const char *library, const char *script,
                               const char *styles)
{
    apr_pool_t *pool = call->r->pool;
    const char *api = ap_escape_html(pool, ap_escape_uri(pool, apr_pstrcat(pool, call->dir->base, "/api", NULL)));
    const char *assets = apr_pstrcat(pool, api, "/docs", NULL);
    apr_finfo_t info;

    call->content_type = HTML_TYPE;
    apr_table_setn(call->r->headers_out, "Content-Security-Policy", POLICY);
    if (!open_asset(call, library, &info) || !open_asset(call, script, &info)) {
        write_hint(call, out, api);
        return APR_SUCCESS;
    }
    add_head(call, out, assets);
    if (styles) {
        f1_buf_addf(out, "<link rel=\"stylesheet\" href=\"%s/%s\">\n", assets, styles);
    }
    f1_buf_addf(out,
                "</head>\n<body>\n<div id=\"api\" data-url=\"%s/openapi.json\">\n<noscript>This page needs JavaScript; "
                "<a href=\"%s/openapi.json\">the description</a> itself does not.</noscript>\n</div>\n"
                "<script src=\"%s/%s\"></script>\n<script src=\"%s/%s\"></script>\n</body>\n</html>\n",
                api, api, assets, library, assets, script);
    return APR_SUCCESS;
}

apr_status_t f1_describe_docs(f1_call_t *call, f1_buf_t *out, f1_result_t *res)
{
    (void)res;
    return write_page(call, out, "swagger-ui-bundle.js", "swagger.js", "swagger-ui.css");
}

apr_status_t f1_describe_redoc(f1_call_t *call, f1_buf_t *out, f1_result_t *res)
{
    (void)res;
    return write_page(call, out, "redoc.standalone.js", "redoc.js", NULL);
}

/* --- their files */

static const char *type_of(const char *name)
{
    static const struct {
        const char *suffix, *type;
    } types[] = {{".js", "text/javascript; charset=utf-8"},
                 {".css", "text/css; charset=utf-8"},
                 {".txt", "text/plain; charset=utf-8"},
                 {".png", "image/png"}};
    const char *suffix = strrchr(name, '.');
    size_t i;

    for (i = 0; suffix && i < sizeof(types) / sizeof(types[0]); i++) {
        if (!strcmp(suffix, types[i].suffix)) {
            return types[i].type;
        }
    }
    return NULL;
}

apr_status_t f1_describe_asset(f1_call_t *call, f1_buf_t *out, f1_result_t *res)
{
    const char *name = call->request.values[0], *type = type_of(name);
    apr_finfo_t info;
    apr_file_t *file = type ? open_asset(call, name, &info) : NULL;
    apr_status_t rv;
    apr_size_t len;
    char *data;

    if (!file) {
        return f1_result_fail(res, F1_E_NOT_FOUND, APR_NOTFOUND, "No such %s", call->match.route->noun);
    }
    data = apr_palloc(call->r->pool, (apr_size_t)info.size + 1);
    rv = apr_file_read_full(file, data, (apr_size_t)info.size, &len);
    if (rv != APR_SUCCESS) {
        return f1_result_fail(res, F1_E_INTERNAL, rv, "The file cannot be read");
    }
    f1_buf_add(out, data, len);
    call->content_type = type;
    return APR_SUCCESS;
}

void f1_describe_register_hooks(apr_pool_t *pool)
{
    (void)pool;
    ap_hook_child_init(start_child, NULL, NULL, APR_HOOK_MIDDLE);
}
