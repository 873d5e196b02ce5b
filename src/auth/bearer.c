/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Authorization and X-API-Key. */

#include "auth/bearer.h"

#include <string.h>

#include <apr_strings.h>

#include "auth/token.h"

#define SCHEME "Bearer"
#define ALNUM "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

static apr_status_t refuse(f1_result_t *res, const char *why)
{
    return f1_result_fail(res, F1_E_TOKEN_INVALID, APR_EINVAL, "%s", why);
}

/* What stands behind "Bearer ", or NULL where the scheme is another. */
static const char *behind_scheme(const char *authorization)
{
    size_t len = strlen(SCHEME);

    authorization += strspn(authorization, " \t");
    if (strncasecmp(authorization, SCHEME, len) || (authorization[len] && !strchr(" \t", authorization[len]))) {
        return NULL;
    }
    return authorization + len + strspn(authorization + len, " \t");
}

static const char *trimmed(const char *text, apr_pool_t *pool)
{
    size_t len;

    text += strspn(text, " \t");
    for (len = strlen(text); len > 0 && strchr(" \t", text[len - 1]); len--) {
    }
    return apr_pstrmemdup(pool, text, len);
}

static int is_api_key(const char *text)
{
    size_t len = strlen(text), prefix = strlen(F1_API_KEY_PREFIX);

    return len > prefix && len <= F1_API_KEY_MAX && !strncmp(text, F1_API_KEY_PREFIX, prefix) &&
           strspn(text, ALNUM "_-") == len;
}

/* RFC 6750 section 2.1: b64token. */
static int is_b64token(const char *text)
{
    size_t len = strspn(text, ALNUM "-._~+/");

    return len > 0 && strspn(text + len, "=") == strlen(text + len);
}

static apr_status_t read_authorization(f1_bearer_t *bearer, const char *text, apr_pool_t *pool, f1_result_t *res)
{
    if (strnlen(text, F1_TOKEN_MAX + 1) > F1_TOKEN_MAX) {
        return refuse(res, "Invalid token: it is too long");
    }
    text = trimmed(text, pool);
    if (!is_b64token(text)) {
        return refuse(res, "Invalid token: there is none behind \"" SCHEME "\", or it has other characters");
    }
    if (!strncmp(text, F1_API_KEY_PREFIX, strlen(F1_API_KEY_PREFIX)) && !is_api_key(text)) {
        return refuse(res, "Invalid API key");
    }
    bearer->kind = is_api_key(text) ? F1_BEARER_API_KEY : F1_BEARER_TOKEN;
    bearer->text = text;
    return APR_SUCCESS;
}

apr_status_t f1_bearer_read(f1_bearer_t *bearer, const char *authorization, const char *api_key, apr_pool_t *pool,
                            f1_result_t *res)
{
    const char *text = authorization ? behind_scheme(authorization) : NULL;
    apr_status_t rv = APR_SUCCESS;

    *bearer = (f1_bearer_t){F1_BEARER_NONE, NULL};
    if (text) {
        rv = read_authorization(bearer, text, pool, res);
    }
    if (rv != APR_SUCCESS || !api_key) {
        return rv;
    }
    if (strnlen(api_key, F1_TOKEN_MAX + 1) > F1_TOKEN_MAX || !is_api_key(trimmed(api_key, pool))) {
        return refuse(res, "Invalid API key");
    }
    api_key = trimmed(api_key, pool);
    if (bearer->text && strcmp(bearer->text, api_key)) {
        return refuse(res, "Authorization and X-API-Key say different things");
    }
    *bearer = (f1_bearer_t){F1_BEARER_API_KEY, api_key};
    return APR_SUCCESS;
}
