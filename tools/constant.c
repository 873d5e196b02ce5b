/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* An httpd module for ./dev.sh bench: sends the same bytes to everybody, with the headers it is told. It is as fast as
 * a handler can be, and so what a cached answer is compared with. */

#include <string.h>

#include <apr_file_io.h>
#include <apr_strings.h>
#include <httpd.h>
#include <http_config.h>
#include <http_core.h>
#include <http_protocol.h>
#include <http_request.h>

module AP_MODULE_DECLARE_DATA constant_module;

typedef struct constant_t {
    apr_table_t *headers;
    const char *content_type, *body;
    apr_size_t len;
} constant_t;

static void *make(apr_pool_t *pool, char *dir)
{
    constant_t *constant = apr_pcalloc(pool, sizeof(*constant));

    (void)dir;
    constant->headers = apr_table_make(pool, 16);
    return constant;
}

static const char *set_header(cmd_parms *cmd, void *config, const char *name, const char *value)
{
    constant_t *constant = config;

    (void)cmd;
    if (!strcasecmp(name, "Content-Type")) {
        constant->content_type = value;
    }
    else {
        apr_table_setn(constant->headers, name, value);
    }
    return NULL;
}

static const char *set_body(cmd_parms *cmd, void *config, const char *path)
{
    constant_t *constant = config;
    apr_file_t *file;
    apr_finfo_t info;
    char *body;

    if (apr_file_open(&file, path, APR_FOPEN_READ, APR_FPROT_OS_DEFAULT, cmd->pool) != APR_SUCCESS ||
        apr_file_info_get(&info, APR_FINFO_SIZE, file) != APR_SUCCESS) {
        return "there is no such file";
    }
    body = apr_palloc(cmd->pool, (apr_size_t)info.size + 1);
    constant->body = body;
    return apr_file_read_full(file, body, (apr_size_t)info.size, &constant->len) == APR_SUCCESS ? NULL
                                                                                                : "it cannot be read";
}

static const command_rec commands[] = {
    AP_INIT_TAKE2("ConstantHeader", set_header, NULL, ACCESS_CONF, "a header's name and value"),
    AP_INIT_TAKE1("ConstantBody", set_body, NULL, ACCESS_CONF, "the file with the body"),
    {NULL, {NULL}, NULL, 0, RAW_ARGS, NULL}};

static int add(void *r, const char *name, const char *value)
{
    apr_table_setn(((request_rec *)r)->headers_out, name, value);
    return 1;
}

static int handle(request_rec *r)
{
    const constant_t *constant = ap_get_module_config(r->per_dir_config, &constant_module);
    apr_bucket_brigade *bb;

    if (!r->handler || strcmp(r->handler, "constant") || !constant->body) {
        return DECLINED;
    }
    apr_table_do(add, r, constant->headers, NULL);
    ap_set_content_type(r, constant->content_type);
    ap_set_content_length(r, (apr_off_t)constant->len);
    bb = apr_brigade_create(r->pool, r->connection->bucket_alloc);
    APR_BRIGADE_INSERT_TAIL(bb, apr_bucket_immortal_create(constant->body, constant->len, bb->bucket_alloc));
    APR_BRIGADE_INSERT_TAIL(bb, apr_bucket_eos_create(bb->bucket_alloc));
    return ap_pass_brigade(r->output_filters, bb) == APR_SUCCESS ? OK : AP_FILTER_ERROR;
}

/* A path of no file, as ours are: no folder is looked into. Configuration is reset in between. */
static int no_file(request_rec *r)
{
    constant_t *constant = ap_get_module_config(r->per_dir_config, &constant_module);

    if (!constant->body) {
        return DECLINED;
    }
    r->filename = r->uri;
    ap_set_module_config(r->request_config, &constant_module, constant);
    return OK;
}

static int no_walk(request_rec *r)
{
    return ap_get_module_config(r->request_config, &constant_module) ? OK : DECLINED;
}

static void register_hooks(apr_pool_t *pool)
{
    (void)pool;
    ap_hook_translate_name(no_file, NULL, NULL, APR_HOOK_FIRST);
    ap_hook_map_to_storage(no_walk, NULL, NULL, APR_HOOK_FIRST);
    ap_hook_handler(handle, NULL, NULL, APR_HOOK_MIDDLE);
}

AP_DECLARE_MODULE(constant) = {STANDARD20_MODULE_STUFF, make, NULL, NULL, NULL, commands, register_hooks,
                               AP_MODULE_FLAG_NONE};
