/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* What our tokens claim. */

#include "auth/token.h"

#include <string.h>

#include <apr_strings.h>

#include "auth/jws.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/json.h"

#define SECONDS_MAX (APR_INT64_MAX / APR_USEC_PER_SEC)
#define CLAIM_MAX 255 /* bytes */

static apr_status_t refuse(f1_result_t *res, const char *why)
{
    return f1_result_fail(res, F1_E_TOKEN_INVALID, APR_EINVAL, "Invalid token: %s", why);
}

/* Fractions are allowed (RFC 7519 section 2) and cut off. */
int f1_claims_time(const json_t *claims, const char *name, apr_time_t *ptime)
{
    const json_t *value = json_object_get(claims, name);
    double seconds = json_number_value(value);

    if (!json_is_number(value) || !(seconds >= 0 && seconds < (double)SECONDS_MAX)) {
        return 0;
    }
    *ptime = apr_time_from_sec((apr_int64_t)seconds);
    return 1;
}

static int has_audience(const json_t *value, const char *audience)
{
    const json_t *each;
    size_t i;

    if (json_is_string(value)) {
        return !strcmp(json_string_value(value), audience);
    }
    json_array_foreach(value, i, each)
    {
        if (json_is_string(each) && !strcmp(json_string_value(each), audience)) {
            return 1;
        }
    }
    return 0;
}

/* A time that is absent or over, but for clocks that differ. */
static int is_over(const json_t *claims, const char *name, apr_time_t now)
{
    apr_time_t time;

    return !json_object_get(claims, name) ||
           (f1_claims_time(claims, name, &time) && time <= now + apr_time_from_sec(F1_TOKEN_LEEWAY));
}

apr_status_t f1_claims_check(const json_t *claims, const char *issuer, const char *audience, apr_time_t now,
                             f1_result_t *res)
{
    const char *iss = f1_json_str(claims, "iss");
    apr_time_t expires;

    if (!iss || strcmp(iss, issuer)) {
        return refuse(res, "it is of another issuer");
    }
    if (!has_audience(json_object_get(claims, "aud"), audience)) {
        return refuse(res, "it is for another audience");
    }
    if (!f1_claims_time(claims, "exp", &expires)) {
        return refuse(res, "it never expires");
    }
    if (!is_over(claims, "nbf", now) || !is_over(claims, "iat", now)) {
        return refuse(res, "it is not valid yet");
    }
    if (expires <= now) {
        return f1_result_fail(res, F1_E_TOKEN_EXPIRED, APR_EINVAL, "The token has expired");
    }
    return APR_SUCCESS;
}

/* --- Our own */

static const char *claim(const json_t *claims, const char *name)
{
    const char *text = f1_json_str(claims, name);

    return text && *text && strlen(text) <= CLAIM_MAX ? text : NULL;
}

/* Nothing of a token that lacks something is passed on. */
static apr_status_t read_claims(f1_claims_t *out, const json_t *claims, f1_result_t *res)
{
    f1_claims_t read = {
        .user_id = claim(claims, "sub"),
        .username = claim(claims, "preferred_username"),
        .role = claim(claims, "role"),
        .session_id = claim(claims, "sid"),
        .token_id = claim(claims, "jti"),
    };

    if (!read.user_id || !read.username || !read.role || !read.session_id || !read.token_id ||
        !json_object_get(claims, "nbf") || !f1_claims_time(claims, "iat", &read.issued_at) ||
        !f1_claims_time(claims, "exp", &read.expires_at)) {
        return refuse(res, "a claim is missing");
    }
    if (strcmp(read.role, "user") && strcmp(read.role, "admin")) {
        return refuse(res, "its role is unknown");
    }
    *out = read;
    return APR_SUCCESS;
}

static apr_status_t no_keys(f1_result_t *res)
{
    return f1_result_fail(res, F1_E_UNAVAILABLE, APR_EGENERAL, "This server has no accounts");
}

apr_status_t f1_token_verify(f1_claims_t *claims, const char *token, const f1_token_rules_t *rules, apr_pool_t *pool,
                             f1_result_t *res)
{
    const f1_key_t *key;
    apr_status_t rv;
    f1_jws_t jws;

    *claims = (f1_claims_t){0};
    if (!rules->keys) {
        return no_keys(res);
    }
    rv = f1_jws_read(&jws, token, pool, res);
    if (rv != APR_SUCCESS) {
        return rv;
    }
    key = f1_keyring_find(rules->keys, jws.kid);
    if (!key) {
        return refuse(res, "its key is unknown");
    }
    rv = f1_jws_verify(&jws, key, res);
    if (rv == APR_SUCCESS) {
        rv = f1_claims_check(jws.claims, rules->issuer, rules->audience, f1_clock_now(), res);
    }
    return rv == APR_SUCCESS ? read_claims(claims, jws.claims, res) : rv;
}

static json_t *claims_json(const f1_claims_t *claims, const f1_token_rules_t *rules)
{
    json_int_t issued = apr_time_sec(claims->issued_at), expires = apr_time_sec(claims->expires_at);

    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:I, s:I}", "iss", rules->issuer, "aud", rules->audience,
                     "sub", claims->user_id, "preferred_username", claims->username, "role", claims->role, "sid",
                     claims->session_id, "jti", claims->token_id, "iat", issued, "nbf", issued, "exp", expires);
}

apr_status_t f1_token_sign(const char **ptoken, f1_claims_t *claims, const f1_token_rules_t *rules, apr_pool_t *pool,
                           f1_result_t *res)
{
    json_t *json;

    if (!rules->keys) {
        return no_keys(res);
    }
    claims->token_id = f1_random_uuid(pool);
    claims->issued_at = apr_time_from_sec(apr_time_sec(f1_clock_now()));
    claims->expires_at = claims->issued_at + rules->lifetime;
    json = f1_json_own(claims_json(claims, rules), pool);
    if (!json) {
        return f1_result_fail(res, F1_E_INTERNAL, APR_EINVAL, "the claims of a token are not text");
    }
    return f1_jws_sign(ptoken, json, f1_keyring_signer(rules->keys), pool, res);
}
