/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* The smallest user of the scanner. Each piece is a copy of just its bytes, so that a read beyond it is seen. */

#include "tag_run.h"

#include <string.h>

#include <apr_strings.h>

#include "compat/widget_tag.h"

typedef struct run_t {
    f1_tag_scan_t scan;
    f1_buf_t *out;
    f1_buf_t fallback;
} run_t;

static int is_rendered(run_t *run)
{
    f1_tag_attribute_t attributes[F1_TAG_MAX_ATTRIBUTES];
    apr_pool_t *pool = run->out->pool;
    int count = f1_tag_attributes(run->scan.held, run->scan.held_len, attributes, pool);
    const char *text = "";
    int yes = 0;

    for (int i = 0; i < count; i++) {
        yes |= !strcmp(attributes[i].name, "view") && !strcmp(attributes[i].value, "yes");
        text = apr_pstrcat(pool, text, attributes[i].name, "=", attributes[i].value, ";", NULL);
    }
    if (yes) {
        f1_buf_adds(run->out, apr_pstrcat(pool, "[", text, "]", NULL));
    }
    return yes;
}

static void take(run_t *run, f1_tag_event_t event, const char *data, size_t len)
{
    f1_buf_t *out = run->out;

    switch (event) {
    case F1_TAG_PASS:
        f1_buf_add(out, data, len);
        break;
    case F1_TAG_KEEP:
        break;
    case F1_TAG_OPEN:
        if (is_rendered(run)) {
            f1_tag_skip(&run->scan);
            f1_tag_release(&run->scan);
            break;
        }
        /* fall through */
    case F1_TAG_HELD:
        f1_buf_add(out, run->scan.held, run->scan.held_len);
        f1_tag_release(&run->scan);
        break;
    case F1_TAG_FALLBACK:
        f1_buf_add(&run->fallback, data, len);
        break;
    case F1_TAG_CLOSED:
        run->fallback.len = 0;
        break;
    case F1_TAG_UNCLOSED:
        f1_buf_add(out, run->fallback.data, run->fallback.len);
        run->fallback.len = 0;
        break;
    }
}

static void feed(run_t *run, const char *page, size_t len, int last)
{
    const char *data = apr_pmemdup(run->out->pool, page, len);

    while (len) {
        size_t used;
        f1_tag_event_t event = f1_tag_next(&run->scan, data, len, last, &used);

        take(run, event, data, used);
        data += used;
        len -= used;
    }
}

void f1_tag_run(f1_buf_t *out, const char *page, size_t len, size_t first, size_t piece)
{
    run_t *run = apr_palloc(out->pool, sizeof(*run));
    size_t at = first < len ? first : len;

    run->out = out;
    f1_tag_init(&run->scan, out->pool);
    f1_buf_init(&run->fallback, out->pool, 64, len + 1);
    feed(run, page, at, at == len);
    for (; at < len; at += piece) {
        feed(run, page + at, piece < len - at ? piece : len - at, piece >= len - at);
    }
    f1_buf_add(out, run->fallback.data, run->fallback.len);
    f1_buf_add(out, run->scan.held, run->scan.held_len);
}
