/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Views are rows of a table. Attributes become the parameters of the view's route and go through the same checks and
 * the same SQL as a request's. */

#include "web/widget_view.h"

#include <string.h>

#include <apr_file_io.h>
#include <apr_strings.h>
#include <http_protocol.h>
#include <util_script.h>

#include "base/json.h"
#include "compat/template.h"
#include "db/endpoint.h"
#include "web/cache.h"
#include "web/dbd.h"

typedef struct view_t {
    const char *name, *route, *file;
} view_t;

static const view_t views[] = {
    {"next-race", "races/next", "next-race.html"},
    {"calendar", "races/calendar", "calendar.html"},
    {"standings", "standings/drivers", "driver-standings.html"},
    {"driver-standings", "standings/drivers", "driver-standings.html"},
    {"constructor-standings", "standings/constructors", "constructor-standings.html"},
    {"race-result", "races/results", "race-result.html"},
    {"driver", "drivers/one", "driver.html"},
};
#define VIEWS (sizeof(views) / sizeof(views[0]))

static const f1_template_t *templates[VIEWS]; /* written at start-up only */

/* *ptext stays NULL when there is no such file. */
static apr_status_t read_file(const char *path, const char **ptext, apr_size_t *plen, apr_pool_t *pool)
{
    apr_file_t *file;
    char *text = apr_palloc(pool, F1_TEMPLATE_MAX + 2);
    apr_status_t rv = apr_file_open(&file, path, APR_FOPEN_READ, APR_FPROT_OS_DEFAULT, pool);

    if (APR_STATUS_IS_ENOENT(rv)) {
        return APR_SUCCESS;
    }
    if (rv != APR_SUCCESS) {
        return rv;
    }
    rv = apr_file_read_full(file, text, F1_TEMPLATE_MAX + 1, plen);
    apr_file_close(file);
    if (rv != APR_SUCCESS && rv != APR_EOF) {
        return rv;
    }
    *ptext = text;
    return APR_SUCCESS;
}

/* Leaves *ptemplate as it is when there is no such file. */
static const char *load(const f1_template_t **ptemplate, const char *folder, const char *file, apr_pool_t *pconf)
{
    const char *path = ap_server_root_relative(pconf, apr_pstrcat(pconf, folder, "/", file, NULL));
    f1_result_t *res = f1_result_make(pconf);
    f1_template_t *template;
    const char *text = NULL;
    apr_size_t len;
    char reason[120];
    apr_status_t rv = path ? read_file(path, &text, &len, pconf) : APR_EBADPATH;

    if (rv != APR_SUCCESS) {
        return apr_psprintf(pconf, "the template %s/%s cannot be read: %s", folder, file,
                            apr_strerror(rv, reason, sizeof(reason)));
    }
    if (!text) {
        return NULL;
    }
    if (f1_template_parse(&template, text, len, pconf, res) != APR_SUCCESS) {
        return apr_psprintf(pconf, "the template %s cannot be used: %s", path, res->detail);
    }
    *ptemplate = template;
    return NULL;
}

static const char *check_folder(const char *folder, apr_pool_t *pconf)
{
    const char *path = ap_server_root_relative(pconf, folder);
    apr_finfo_t info;

    if (path && apr_stat(&info, path, APR_FINFO_TYPE, pconf) == APR_SUCCESS && info.filetype == APR_DIR) {
        return NULL;
    }
    return apr_psprintf(pconf, "F1BoardWidgets: '%s' should be a folder", folder);
}

const char *f1_widget_load(const char *folder, apr_pool_t *pconf)
{
    const char *wrong = folder ? check_folder(folder, pconf) : NULL;
    size_t i;

    for (i = 0; i < VIEWS && !wrong; i++) {
        templates[i] = NULL;
        if (folder) {
            wrong = load(&templates[i], folder, views[i].file, pconf);
        }
        if (!wrong && !templates[i]) {
            wrong = load(&templates[i], F1_WIDGETS_DIR, views[i].file, pconf);
        }
    }
    return wrong;
}

static const char *attribute(const f1_tag_attribute_t *attributes, int count, const char *name)
{
    int i;

    for (i = 0; i < count; i++) {
        if (!strcmp(attributes[i].name, name)) {
            return attributes[i].value;
        }
    }
    return NULL;
}

static const f1_route_t *find_route(const char *name)
{
    int i;

    for (i = 0; i < f1_route_count; i++) {
        if (!strcmp(f1_routes[i].name, name)) {
            return &f1_routes[i];
        }
    }
    return NULL;
}

/* A page says race="…" for race_id, and season="…" wherever a season is meant. */
static int means(const f1_param_t *param, const char *name)
{
    size_t len = strlen(name);

    if (!strncmp(param->name, name, len) && (!param->name[len] || !strcmp(param->name + len, "_id"))) {
        return 1;
    }
    return param->in == F1_IN_PATH && !strcmp(param->name, "year") && !strcmp(name, "season");
}

/* The index of the path parameter that an attribute means; -1: it is for the query. */
static int path_parameter(const f1_route_t *route, const char *name)
{
    int i;

    for (i = 0; i < route->param_count; i++) {
        if (route->params[i].in == F1_IN_PATH && means(&route->params[i], name)) {
            return i;
        }
    }
    return -1;
}

/* One of the route's paths has all its parameters, and there are no more of them. */
static apr_status_t check_path(const f1_match_t *match, apr_pool_t *pool, f1_result_t *res)
{
    const f1_route_t *route = match->route;
    const char *wanted = NULL;
    const char *const *path;

    for (path = route->templates; *path; path++) {
        int i, wrong = 0;
        const char *names = "";

        for (i = 0; i < route->param_count; i++) {
            const f1_param_t *param = &route->params[i];
            int in_path = strstr(*path, apr_pstrcat(pool, "{", param->name, "}", NULL)) != NULL;

            wrong |= in_path != (match->path_values[i] != NULL);
            names = in_path ? apr_pstrcat(pool, names, *names ? " and " : "", param->name, NULL) : names;
        }
        if (!wrong) {
            return APR_SUCCESS;
        }
        wanted = wanted ? apr_pstrcat(pool, wanted, ", or ", names, NULL) : names;
    }
    return f1_result_fail(res, F1_E_INVALID_PARAMETER, APR_EINVAL, "This view needs %s", wanted);
}

static apr_status_t make_request(f1_request_t *request, const f1_route_t *route, request_rec *r,
                                 const f1_tag_attribute_t *attributes, int count, apr_pool_t *pool, f1_result_t *res)
{
    const f1_dir_config_t *dir = ap_get_module_config(r->per_dir_config, &f1board_module);
    f1_match_t match = {.route = route};
    const char *query = "";
    apr_status_t rv;
    int i;

    for (i = 0; i < count; i++) {
        const char *name = attributes[i].name, *value = attributes[i].value;
        int index = path_parameter(route, name);

        if (index >= 0) {
            match.path_values[index] = value;
        }
        else if (strcmp(name, "view")) {
            query = apr_pstrcat(pool, query, *query ? "&" : "", ap_escape_urlencoded(pool, name), "=",
                                ap_escape_urlencoded(pool, value), NULL);
        }
    }
    rv = check_path(&match, pool, res);
    if (rv == APR_SUCCESS) { /* a table shows all there is, unless it says limit= */
        rv = f1_param_check(request, &match, query, (int)dir->page_size_max, (int)dir->page_size_max, pool, res);
    }
    if (rv == APR_SUCCESS && request->format != F1_FORMAT_JSON) {
        rv = f1_result_fail(res, F1_E_INVALID_PARAMETER, APR_EINVAL, "A view has no format");
    }
    return rv;
}

static apr_status_t ask_database(f1_buf_t *body, const f1_request_t *request, request_rec *r, apr_pool_t *pool,
                                 f1_result_t *res)
{
    f1_dbd_lease_t lease;
    f1_conn_t *conn;
    f1_page_t page;
    apr_status_t rv;

    f1_dbd_lease(&lease, f1_config_server(r->server)->dbd);
    rv = lease.db.open(&lease.db, &conn, pool, res);
    if (rv == APR_SUCCESS) {
        rv = f1_endpoint_answer(conn, request, body, &page, pool, res);
        lease.db.close(&lease.db, conn);
    }
    return rv;
}

static apr_status_t ask(f1_buf_t *body, const f1_request_t *request, request_rec *r, apr_pool_t *pool, f1_result_t *res)
{
    f1_cache_use_t use = {.state = F1_CACHE_NONE};
    apr_status_t rv = APR_SUCCESS;

    if (!f1_cache_find_part(&use, request, r, body)) {
        rv = ask_database(body, request, r, pool, res);
        f1_cache_keep_part(&use, request, r, rv == APR_SUCCESS ? body : NULL);
    }
    return rv;
}

apr_status_t f1_widget_render(f1_buf_t *out, request_rec *r, const f1_tag_attribute_t *attributes, int count,
                              apr_pool_t *pool, f1_result_t *res)
{
    const char *name = attribute(attributes, count, "view");
    const f1_route_t *route;
    f1_request_t request;
    f1_buf_t body;
    json_t *data;
    apr_status_t rv;
    size_t i;

    for (i = 0; i < VIEWS && (!name || strcmp(views[i].name, name)); i++) {
    }
    if (i == VIEWS) {
        return f1_result_fail(res, F1_E_INVALID_PARAMETER, APR_EINVAL, "There is no such view");
    }
    route = find_route(views[i].route);
    if (!route || !templates[i]) {
        return f1_result_fail(res, F1_E_INTERNAL, APR_ENOENT, "The template %s is not installed", views[i].file);
    }
    f1_buf_init(&body, pool, 8192, F1_WIDGET_MAX_HTML);
    rv = make_request(&request, route, r, attributes, count, pool, res);
    if (rv == APR_SUCCESS) {
        rv = ask(&body, &request, r, pool, res);
    }
    if (rv == APR_SUCCESS) {
        rv = f1_json_parse(&data, body.data, body.len, F1_E_INTERNAL, pool, res);
    }
    if (rv != APR_SUCCESS) {
        return rv;
    }
    f1_template_render(out, templates[i], data);
    return out->full ? f1_result_fail(res, F1_E_INTERNAL, APR_ENOSPC, "The view is too large") : APR_SUCCESS;
}
