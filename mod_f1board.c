/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* mod_f1board: Formula 1 data, served by httpd out of PostgreSQL. This file is the table of contents: what httpd calls
 * us for, and what happens when it starts. Everything else is in src/. */

#include <httpd.h>
#include <http_config.h>
#include <http_log.h>
#include <http_core.h>
#include <http_main.h>

#include "base/log.h"
#include "db/query.h"
#include "web/authn.h"
#include "web/authz.h"
#include "web/cache.h"
#include "web/config.h"
#include "web/crew.h"
#include "web/dbd.h"
#include "web/describe.h"
#include "web/handler.h"
#include "web/hub.h"
#include "web/keys.h"
#include "web/limits.h"
#include "web/listener.h"
#include "web/logitem.h"
#include "web/mount.h"
#include "web/problem.h"
#include "web/runners.h"
#include "web/sink.h"
#include "web/status.h"
#include "web/store.h"
#include "web/topic.h"
#include "web/widget.h"
#include "web/widget_view.h"

static int check_config(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp, server_rec *s)
{
    const char *wrong;

    (void)plog;
    (void)ptemp;
    /* 1. what no file says */
    f1_config_defaults(s);
    /* 2. where URLs begin */
    wrong = f1_mount_find_all(s, pconf);
    /* 3. which endpoints are C functions */
    if (!wrong) {
        wrong = f1_handler_resolve(pconf);
    }
    /* 4. what time it is */
    if (!wrong) {
        wrong = f1_config_clock(s);
    }
    /* 5. what <f1-board> becomes */
    if (!wrong) {
        wrong = f1_widget_load(f1_config_server(s)->widgets, pconf);
    }
    /* 6. who signs access tokens */
    if (!wrong) {
        wrong = f1_keys_load(s, pconf);
    }
    /* 7. which Redis counts for all machines, and who asks it */
    if (!wrong) {
        wrong = f1_limits_load(s, pconf);
    }
    /* 8. where jobs ask, and as whom */
    if (!wrong) {
        wrong = f1_runners_check(s, pconf);
    }
    if (wrong) {
        ap_log_error(APLOG_MARK, APLOG_EMERG, 0, s, F1LOGNO(0500) "%s", wrong);
        return HTTP_INTERNAL_SERVER_ERROR;
    }
    return OK;
}

static int post_config(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp, server_rec *s)
{
    server_rec *each;
    apr_status_t rv;

    (void)plog;
    /* httpd reads its configuration twice when it starts; nothing lasting is made the first time */
    if (ap_state_query(AP_SQ_MAIN_STATE) == AP_SQ_MS_CREATE_PRE_CONFIG) {
        return OK;
    }
    /* 9. where the library logs, and what */
    f1_sink_install();
    f1_query_log_slow(f1_config_server(s)->slow_query);
    /* 10. counters, which a graceful restart finds again */
    rv = f1_status_start(s);
    if (rv != APR_SUCCESS) {
        ap_log_error(APLOG_MARK, APLOG_CRIT, rv, s, F1LOGNO(0503) "there is no shared memory for counters");
        return HTTP_INTERNAL_SERVER_ERROR;
    }
    /* 11. what clients have used up of their limits, which it finds again too */
    rv = f1_limits_start(s);
    if (rv != APR_SUCCESS) {
        ap_log_error(APLOG_MARK, APLOG_CRIT, rv, s, F1LOGNO(0670) "there is no shared memory for limits");
        return HTTP_INTERNAL_SERVER_ERROR;
    }
    /* 12. who runs jobs, which is known to all children */
    rv = f1_crew_start(s, (int)f1_config_server(s)->jobs_max);
    if (rv != APR_SUCCESS) {
        ap_log_error(APLOG_MARK, APLOG_CRIT, rv, s, F1LOGNO(0532) "there is no shared memory for runners of jobs");
        return HTTP_INTERNAL_SERVER_ERROR;
    }
    /* 13. a database for each server; no connection is opened before a request needs one */
    for (each = s; each; each = each->next) {
        f1_config_server(each)->dbd = f1_dbd_create(each, pconf);
        f1_config_server(each)->listener = f1_listener_create(each, pconf);
    }
    /* 14. where answers are kept */
    f1_store_start(s, pconf, ptemp);
    f1_cache_start(s, pconf);
    return OK;
}

static void register_hooks(apr_pool_t *pool)
{
    ap_hook_check_config(check_config, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_post_config(post_config, NULL, NULL, APR_HOOK_MIDDLE);
    f1_mount_register_hooks(pool);
    f1_authn_register_hooks(pool);
    f1_authz_register_providers(pool);
    f1_handler_register_hooks(pool);
    f1_problem_register_hooks(pool);
    f1_dbd_register_hooks(pool);
    f1_describe_register_hooks(pool);
    f1_keys_register_hooks(pool);
    f1_listener_register_hooks(pool);
    f1_runners_register_hooks(pool);
    f1_hub_register_hooks(pool);
    f1_topic_register_hooks(pool);
    f1_store_register_hooks(pool);
    f1_status_register_hooks(pool);
    f1_logitem_register_hooks(pool);
    f1_widget_register_filter();
}

AP_DECLARE_MODULE(f1board) = {
    STANDARD20_MODULE_STUFF, f1_config_dir_create, f1_config_dir_merge, f1_config_server_create,
    f1_config_server_merge,  f1_config_commands,   register_hooks,      AP_MODULE_FLAG_NONE,
};
