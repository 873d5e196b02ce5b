/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* httpd keeps a handler's name as an expression, which only a request can evaluate. So each <Location> that sets any
 * handler leaves its path in our configuration of that section, from where requests inherit the innermost one; a
 * request looks whether the handler is ours. What is wrong with a mount is found in the tree of directives. */

#include "web/mount.h"

#include <string.h>

#include <apr_fnmatch.h>
#include <apr_strings.h>
#include <ap_expr.h>
#include <http_core.h>
#include <http_request.h>

#include "web/call.h"

/* Paths of all mounts, whatever their server. */
static apr_array_header_t *mounts;

static f1_dir_config_t *section_config(ap_conf_vector_t *section, apr_pool_t *pconf)
{
    f1_dir_config_t *dir = ap_get_module_config(section, &f1board_module);

    if (!dir) {
        dir = f1_config_dir_create(pconf, NULL);
        ap_set_module_config(section, &f1board_module, dir);
    }
    return dir;
}

static void mark(ap_conf_vector_t *section, apr_pool_t *pconf)
{
    const core_dir_config *core = ap_get_core_module_config(section);
    f1_dir_config_t *dir;

    if (!core || (!core->handler && !core->expr_handler) || core->r || core->d_is_fnmatch) {
        return;
    }
    dir = section_config(section, pconf);
    dir->base_len = strlen(core->d);
    while (dir->base_len && core->d[dir->base_len - 1] == '/') {
        dir->base_len--;
    }
    dir->base = apr_pstrmemdup(pconf, core->d, dir->base_len);
}

/* Where only one of the two is set, the other may come from anywhere; a request then takes the smaller one. */
static const char *check_sizes(const ap_conf_vector_t *section, apr_pool_t *pconf)
{
    const f1_dir_config_t *dir = ap_get_module_config(section, &f1board_module);

    if (!dir || dir->page_size == F1_UNSET || dir->page_size_max == F1_UNSET || dir->page_size <= dir->page_size_max) {
        return NULL;
    }
    return apr_psprintf(pconf,
                        "F1BoardPageSize: '%" APR_INT64_T_FMT
                        "' should not be above F1BoardPageSizeMax, which is %" APR_INT64_T_FMT,
                        dir->page_size, dir->page_size_max);
}

static const char *mark_sections(server_rec *s, apr_pool_t *pconf)
{
    const core_server_config *core = ap_get_core_module_config(s->module_config);
    ap_conf_vector_t **sections = (ap_conf_vector_t **)core->sec_url->elts;
    const char *wrong = check_sizes(s->lookup_defaults, pconf);
    int i;

    for (i = 0; i < core->sec_url->nelts && !wrong; i++) {
        mark(sections[i], pconf);
        wrong = check_sizes(sections[i], pconf);
    }
    return wrong;
}

/* <Location> that holds our SetHandler. */
static const char *take_mount(const ap_directive_t *handler, apr_pool_t *pconf)
{
    const ap_directive_t *section = handler->parent;
    const char *args = section ? section->args : "";
    const char *path = ap_getword_conf(pconf, &args);

    if (section && !strcasecmp(section->directive, "<Location") && path[0] == '/') {
        char *base = apr_pstrdup(pconf, path);
        size_t len = strcspn(base, ">");

        while (len && base[len - 1] == '/') {
            len--;
        }
        base[len] = '\0';
        if (!apr_fnmatch_test(base)) {
            APR_ARRAY_PUSH(mounts, const char *) = base;
            return NULL;
        }
    }
    return apr_psprintf(pconf,
                        "SetHandler " F1_HANDLER " on line %d of %s should be in a <Location> with a plain path like"
                        " \"/f1\", which is where URLs begin",
                        handler->line_num, handler->filename);
}

static const char *find_mounts(const ap_directive_t *node, apr_pool_t *pconf)
{
    const char *wrong = NULL;

    for (; node && !wrong; node = node->next) {
        const char *args = node->args;

        if (node->first_child) {
            wrong = find_mounts(node->first_child, pconf);
        }
        else if (!strcasecmp(node->directive, "SetHandler") && !strcasecmp(ap_getword_conf(pconf, &args), F1_HANDLER)) {
            wrong = take_mount(node, pconf);
        }
    }
    return wrong;
}

const char *f1_mount_find_all(server_rec *main_server, apr_pool_t *pconf)
{
    const char *wrong = NULL;
    server_rec *s;

    for (s = main_server; s && !wrong; s = s->next) {
        wrong = mark_sections(s, pconf);
    }
    mounts = apr_array_make(pconf, 4, sizeof(const char *));
    return wrong ? wrong : find_mounts(ap_conftree, pconf);
}

int f1_mount_count(void)
{
    return mounts->nelts;
}

const f1_dir_config_t *f1_mount_of(request_rec *r)
{
    const f1_dir_config_t *dir = ap_get_module_config(r->per_dir_config, &f1board_module);
    const core_dir_config *core = ap_get_core_module_config(r->per_dir_config);
    const char *handler, *err = NULL;

    if (!dir || !dir->base) {
        return NULL;
    }
    handler = core->expr_handler ? ap_expr_str_exec(r, core->expr_handler, &err) : core->handler;
    return handler && !err && !strcasecmp(handler, F1_HANDLER) ? dir : NULL;
}

static int is_below(const char *base, apr_size_t len, const char *path)
{
    return !strncmp(path, base, len) && (!path[len] || path[len] == '/');
}

const f1_dir_config_t *f1_mount_guess(const request_rec *r)
{
    int i;

    for (i = 0; r->per_dir_config == r->server->lookup_defaults && r->uri && i < mounts->nelts; i++) {
        const char *base = APR_ARRAY_IDX(mounts, i, const char *);

        if (is_below(base, strlen(base), r->uri)) {
            return ap_get_module_config(r->per_dir_config, &f1board_module);
        }
    }
    return NULL;
}

const char *f1_mount_path(const f1_dir_config_t *dir, const request_rec *r)
{
    if (!is_below(dir->base, dir->base_len, r->uri)) {
        return NULL;
    }
    return r->uri[dir->base_len] ? r->uri + dir->base_len : "/";
}

/* httpd has walked through the locations before it asks for a file name. There is none: the URL stands for itself. */
static int translate_name(request_rec *r)
{
    const f1_dir_config_t *dir = f1_mount_of(r);

    if (!dir || r->proxyreq) {
        return DECLINED;
    }
    f1_call_make(r, dir); /* per_dir_config is reset before map_to_storage: by this it knows */
    r->filename = r->uri;
    return OK;
}

static int map_to_storage(request_rec *r)
{
    return f1_call_of(r) ? OK : DECLINED;
}

/* A slug that ends in ".gz" is no compressed file: mod_mime has no say. */
static int type_checker(request_rec *r)
{
    return f1_call_of(r) ? OK : DECLINED;
}

void f1_mount_register_hooks(apr_pool_t *pool)
{
    static const char *const before_us[] = {"mod_rewrite.c", NULL};
    static const char *const after_us[] = {"mod_proxy.c", "mod_alias.c", NULL};

    (void)pool;
    ap_hook_translate_name(translate_name, before_us, after_us, APR_HOOK_FIRST);
    ap_hook_map_to_storage(map_to_storage, NULL, NULL, APR_HOOK_LAST); /* after core's TRACE, before its walk */
    ap_hook_type_checker(type_checker, NULL, NULL, APR_HOOK_FIRST);
}
