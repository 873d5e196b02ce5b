/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Values of a request for log files whose lines are JSON. They come from strangers: bytes that are no UTF-8 are
 * replaced, length is bounded. */

#include "web/logitem.h"

#include <string.h>

#include <apr_strings.h>
#include <http_config.h>
#include <mod_log_config.h>

#include "base/clock.h"
#include "base/str.h"
#include "web/cache.h"

#define TEXT_MAX 4096 /* bytes of a header or path that are logged */
#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

/* A copy that is UTF-8 and at most TEXT_MAX bytes of text long. */
static const char *clean(const char *text, apr_pool_t *pool)
{
    size_t len = strlen(text), i;
    f1_buf_t out;

    if (len <= TEXT_MAX && f1_str_is_utf8(text, len)) {
        return text;
    }
    f1_buf_init(&out, pool, TEXT_MAX, TEXT_MAX * strlen(REPLACEMENT));
    for (i = 0; i < len && i < TEXT_MAX; i++) {
        if ((unsigned char)text[i] < 0x80) {
            f1_buf_addc(&out, text[i]);
        }
        else {
            f1_buf_adds(&out, REPLACEMENT);
        }
    }
    return out.data;
}

static const char *json(const char *text, apr_pool_t *pool)
{
    f1_buf_t out;

    if (!text) {
        return "null";
    }
    text = clean(text, pool);
    f1_buf_init(&out, pool, 128, TEXT_MAX * 6 * strlen(REPLACEMENT));
    f1_buf_add_json(&out, text, strlen(text));
    return out.data;
}

static const char *log_value(request_rec *r, char *name)
{
    const f1_call_t *call = f1_call_of(r);

    if (!strcmp(name, "time")) {
        return json(f1_time_format(apr_palloc(r->pool, F1_TIME_LEN), r->request_time), r->pool);
    }
    if (!strcmp(name, "method")) {
        return json(r->method, r->pool);
    }
    if (!strcmp(name, "path")) {
        return json(r->uri, r->pool);
    }
    if (!strcmp(name, "route")) {
        return json(call && call->match.route ? call->match.route->templates[0] : NULL, r->pool);
    }
    if (!strcmp(name, "query_us")) {
        return apr_psprintf(r->pool, "%" APR_TIME_T_FMT, call ? call->query_time : 0);
    }
    if (!strcmp(name, "cache")) {
        return json(call ? f1_cache_word(call) : NULL, r->pool);
    }
    return json(apr_table_get(r->headers_in, name), r->pool);
}

static int register_item(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp)
{
    APR_OPTIONAL_FN_TYPE(ap_register_log_handler) *add = APR_RETRIEVE_OPTIONAL_FN(ap_register_log_handler);

    (void)plog;
    (void)ptemp;
    if (add) {
        add(pconf, apr_pstrdup(pconf, "^f1"), log_value, 0);
    }
    return OK;
}

void f1_logitem_register_hooks(apr_pool_t *pool)
{
    static const char *const before_us[] = {"mod_log_config.c", NULL};

    (void)pool;
    ap_hook_pre_config(register_item, before_us, NULL, APR_HOOK_MIDDLE);
}
