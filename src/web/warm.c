/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* The requests come by the network, as everybody's do: so the answers are stored under the keys by which they will be
 * looked for, whatever the configuration makes of them. */

#include "web/warm.h"

#include <apr_strings.h>
#include <http_config.h>
#include <http_log.h>

#include "base/http.h"
#include "base/log.h"
#include "web/config.h"

APLOG_USE_MODULE(f1board);

#define TIMEOUT apr_time_from_sec(10)

/* Pages and programs begin with these. */
static const char *const paths[] = {
    "/api/v1/seasons",
    "/api/v1/races/calendar",
    "/api/v1/races/next",
    "/api/v1/races/last",
    "/api/v1/standings/drivers",
    "/api/v1/standings/constructors",
    "/api/v1/rankings/drivers",
    "/api/v1/rankings/constructors",
    "/ergast/f1/current.json",
    "/ergast/f1/current/last/results.json",
    "/ergast/f1/current/driverstandings.json",
    "/ergast/f1/current/constructorstandings.json",
};

const char *f1_warm_check(const server_rec *s)
{
    const char *url = f1_config_server(s)->warm;

    return !url || f1_http_url_is_valid(url) ? NULL : "F1BoardWarm should be an http or https URL of this server";
}

void f1_warm(server_rec *s, int (*is_stopping)(void *unused), apr_pool_t *pool)
{
    const f1_server_config_t *config = f1_config_server(s);
    const f1_http_options_t options = {.user_agent = config->user_agent,
                                       .timeout = TIMEOUT,
                                       .attempts = 1,
                                       .ca_file = config->ca_file,
                                       .is_stopping = is_stopping};
    f1_result_t *res = f1_result_make(pool);
    f1_http_reply_t *reply;
    f1_http_t *http;
    int count = 0;
    size_t i;

    if (f1_http_create(&http, &options, pool, res) != APR_SUCCESS) {
        ap_log_error(APLOG_MARK, APLOG_WARNING, res->rv, s, F1LOGNO(0534) "F1BoardWarm: %s", res->detail);
        return;
    }
    for (i = 0; i < sizeof(paths) / sizeof(paths[0]) && !is_stopping(NULL); i++) {
        if (f1_http_get(http, apr_pstrcat(pool, config->warm, paths[i], NULL), &reply, pool, res) != APR_SUCCESS) {
            if (!is_stopping(NULL)) {
                ap_log_error(APLOG_MARK, APLOG_WARNING, 0, s, F1LOGNO(0535) "F1BoardWarm: %s: %s", paths[i],
                             res->detail);
            }
            return;
        }
        count += reply->status == 200;
    }
    ap_log_error(APLOG_MARK, APLOG_INFO, 0, s, F1LOGNO(0536) "F1BoardWarm: %d answers are warm", count);
}
