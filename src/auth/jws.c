/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Compact JWS: read strictly by us, computed by libjwt. What libjwt would do by itself and must not: take a token's
 * word for its algorithm (a public key would become an HMAC secret), skip characters that are no base64, and let the
 * last of several equal members win. */

#include "auth/jws.h"

#include <stdlib.h>
#include <string.h>

#include <apr_lib.h>
#include <apr_strings.h>
#include <jwt.h>

#include "auth/token.h"
#include "base/base64.h"
#include "base/json.h"

#define PARTS 3
#define ALG_LEN_MAX 16

typedef struct part_t {
    const char *text;
    size_t len;
} part_t;

static apr_status_t refuse(f1_result_t *res, const char *why)
{
    return f1_result_fail(res, F1_E_TOKEN_INVALID, APR_EINVAL, "Invalid token: %s", why);
}

/* Exactly three parts, none empty. */
static int split(part_t parts[PARTS], const char *text)
{
    int i;

    for (i = 0; i < PARTS; i++) {
        parts[i].text = text;
        parts[i].len = strcspn(text, ".");
        text += parts[i].len;
        if (parts[i].len == 0 || (*text == '.') != (i < PARTS - 1)) {
            return 0;
        }
        text++;
    }
    return 1;
}

/* Bytes of a part in its one spelling. */
static const unsigned char *decode(const part_t *part, size_t *plen, apr_pool_t *pool)
{
    const unsigned char *bytes = f1_base64_decode(f1_base64_url, part->text, part->len, plen, pool);
    const char *again = bytes ? f1_base64_encode(f1_base64_url, bytes, *plen, pool) : "";

    return strlen(again) == part->len && !memcmp(again, part->text, part->len) ? bytes : NULL;
}

static json_t *decode_object(const part_t *part, apr_pool_t *pool)
{
    size_t len;
    const unsigned char *bytes = decode(part, &len, pool);
    f1_result_t *why = f1_result_make(pool);
    json_t *doc;

    if (!bytes || f1_json_parse(&doc, (const char *)bytes, len, F1_E_TOKEN_INVALID, pool, why) != APR_SUCCESS) {
        return NULL;
    }
    return json_is_object(doc) ? doc : NULL;
}

static int is_kid(const char *kid)
{
    const char *c;

    for (c = kid; *c; c++) {
        if ((unsigned char)*c < 0x20 || (unsigned char)*c > 0x7e) {
            return 0;
        }
    }
    return c > kid && c - kid <= F1_KID_MAX;
}

/* Absent, or one of what RFC 7519 and RFC 9068 call a token. */
static int is_type(const json_t *type)
{
    const char *name = json_string_value(type);

    return !type || (name && (!strcasecmp(name, "JWT") || !strcasecmp(name, "at+jwt")));
}

static apr_status_t read_header(f1_jws_t *jws, const json_t *header, f1_result_t *res)
{
    const char *alg = f1_json_str(header, "alg");

    jws->kid = f1_json_str(header, "kid");
    if (!alg || !jws->kid || !is_kid(jws->kid)) {
        return refuse(res, "its header names no algorithm or no key");
    }
    if (!is_type(json_object_get(header, "typ")) || json_object_get(header, "crit")) {
        return refuse(res, "its header asks for something unknown");
    }
    jws->alg = f1_alg_find(alg);
    return APR_SUCCESS;
}

apr_status_t f1_jws_read(f1_jws_t *jws, const char *text, apr_pool_t *pool, f1_result_t *res)
{
    part_t parts[PARTS];
    size_t len;
    json_t *header;

    *jws = (f1_jws_t){.text = text, .alg = -1};
    if (!text || strnlen(text, F1_TOKEN_MAX + 1) > F1_TOKEN_MAX || !split(parts, text)) {
        return refuse(res, "it is no JSON Web Token");
    }
    header = decode_object(&parts[0], pool);
    jws->claims = decode_object(&parts[1], pool);
    if (!header || !jws->claims || !decode(&parts[2], &len, pool)) {
        return refuse(res, "it is no JSON Web Token");
    }
    return read_header(jws, header, res);
}

static jwt_alg_t jwt_alg_of(f1_alg_t alg)
{
    static const jwt_alg_t algs[] = {JWT_ALG_HS256, JWT_ALG_RS256, JWT_ALG_ES256};

    return algs[alg];
}

apr_status_t f1_jws_verify(const f1_jws_t *jws, const f1_key_t *key, f1_result_t *res)
{
    jwt_t *jwt = NULL;
    int right;

    if (jws->alg != (int)key->alg) {
        return refuse(res, "its algorithm is not that of its key");
    }
    right = jwt_decode(&jwt, jws->text, (const unsigned char *)key->verifies, (int)strlen(key->verifies)) == 0 &&
            jwt_get_alg(jwt) == jwt_alg_of(key->alg);
    jwt_free(jwt);
    return right ? APR_SUCCESS : refuse(res, "its signature is wrong");
}

static char *sign(jwt_t *jwt, const json_t *claims, const f1_key_t *key)
{
    char *grants = json_dumps(claims, JSON_COMPACT), *text = NULL;

    if (grants && !jwt_add_header(jwt, "kid", key->kid) && !jwt_add_grants_json(jwt, grants) &&
        !jwt_set_alg(jwt, jwt_alg_of(key->alg), (const unsigned char *)key->signs, (int)strlen(key->signs))) {
        text = jwt_encode_str(jwt);
    }
    free(grants);
    return text;
}

apr_status_t f1_jws_sign(const char **ptext, const json_t *claims, const f1_key_t *key, apr_pool_t *pool,
                         f1_result_t *res)
{
    jwt_t *jwt = NULL;
    char *text = jwt_new(&jwt) == 0 ? sign(jwt, claims, key) : NULL;

    jwt_free(jwt);
    if (!text) {
        return f1_result_fail(res, F1_E_INTERNAL, APR_EGENERAL, "the token cannot be signed");
    }
    *ptext = apr_pstrdup(pool, text);
    free(text);
    return APR_SUCCESS;
}
