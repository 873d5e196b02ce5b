/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* One log sink over ap_log_rerror and ap_log_error. Levels are httpd's numbers already. */

#include "web/sink.h"

#include <http_log.h>
#include <http_main.h>

#include "base/log.h"

APLOG_USE_MODULE(f1board);

static _Thread_local request_rec *current;

static int enabled(void *baton, f1_log_level_t level)
{
    (void)baton;
    return current ? APLOG_R_IS_LEVEL(current, (int)level) : APLOG_IS_LEVEL(ap_server_conf, (int)level);
}

static void print(void *baton, f1_log_level_t level, apr_status_t rv, const char *message)
{
    (void)baton;
    if (current) {
        ap_log_rerror(APLOG_MARK, (int)level, rv, current, "%s", message);
    }
    else {
        ap_log_error(APLOG_MARK, (int)level, rv, ap_server_conf, "%s", message);
    }
}

void f1_sink_install(void)
{
    static const f1_log_sink_t sink = {enabled, print, NULL};

    f1_log_sink_set(&sink);
}

request_rec *f1_sink_request(request_rec *r)
{
    request_rec *before = current;

    current = r;
    return before;
}
