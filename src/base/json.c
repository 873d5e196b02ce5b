/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* jansson documents that belong to pools. */

#include "base/json.h"

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
