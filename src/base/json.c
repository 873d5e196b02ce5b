/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* jansson documents that belong to pools, and the layout of JSON text. */

#include "base/json.h"

#include <string.h>

static apr_status_t doc_cleanup(void *doc)
{
    json_decref(doc);
    return APR_SUCCESS;
}

json_t *f1_json_own(json_t *doc, apr_pool_t *pool)
{
    if (doc) {
        apr_pool_cleanup_register(pool, doc, doc_cleanup, apr_pool_cleanup_null);
    }
    return doc;
}

apr_status_t f1_json_parse(json_t **pdoc, const char *data, size_t len, f1_error_t error, apr_pool_t *pool,
                           f1_result_t *res)
{
    json_error_t why;

    *pdoc = f1_json_own(json_loadb(data, len, JSON_REJECT_DUPLICATES, &why), pool);
    if (!*pdoc) {
        return f1_result_fail(res, error, APR_EINVAL, "not JSON: %s (line %d, column %d)", why.text, why.line,
                              why.column);
    }
    return APR_SUCCESS;
}

const char *f1_json_str(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

json_t *f1_json_object(const json_t *object, const char *key)
{
    json_t *member = json_object_get(object, key);

    return json_is_object(member) ? member : NULL;
}

json_t *f1_json_array(const json_t *object, const char *key)
{
    json_t *member = json_object_get(object, key);

    return json_is_array(member) ? member : NULL;
}

static void new_line(f1_buf_t *out, int depth)
{
    f1_buf_addc(out, '\n');
    while (depth-- > 0) {
        f1_buf_add(out, "  ", 2);
    }
}

/* Bytes of the string that begins at text, with its quotes. */
static size_t string_length(const char *text, size_t len)
{
    size_t i = 1;

    while (i < len && text[i] != '"') {
        i += text[i] == '\\' ? 2 : 1;
    }
    return i < len ? i + 1 : len;
}

void f1_json_indent(f1_buf_t *out, const char *json, size_t len, int depth)
{
    size_t i, part;
    char last = ' '; /* the last character that is no blank */

    for (i = 0; i < len; i += part) {
        char c = json[i];

        part = c == '"' ? string_length(json + i, len - i) : 1;
        if (strchr(" \t\r\n", c) && c) {
            continue;
        }
        if (c == '}' || c == ']') {
            depth--;
        }
        if (last == ',' || ((c == '}' || c == ']') != (last == '{' || last == '['))) {
            new_line(out, depth);
        }
        f1_buf_add(out, json + i, part);
        if (c == ':') {
            f1_buf_addc(out, ' ');
        }
        if (c == '{' || c == '[') {
            depth++;
        }
        last = c;
    }
}
