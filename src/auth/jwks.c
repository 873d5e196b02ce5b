/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Keys of other issuers, and their tokens. What was fetched is a set that never changes, in a pool of its own; a mutex
 * guards which set is the current one, and is not held while one is fetched. */

#include "auth/jwks.h"

#include <string.h>

#include <apr_lib.h>
#include <apr_strings.h>
#include <apr_thread_mutex.h>
#include <apr_uri.h>

#include "auth/jws.h"
#include "auth/token.h"
#include "base/base64.h"
#include "base/crypto.h"
#include "base/http.h"
#include "base/json.h"
#include "base/log.h"
#include "base/version.h"

#define WORD_MAX 255 /* bytes of an issuer, audience, subject */
#define URL_MAX 2048
#define EXPONENT_MAX 8 /* bytes */
#define BUSY_RETRY_AFTER 1 /* seconds */

typedef struct keyset_t {
    apr_pool_t *pool;
    int count;
    f1_key_t keys[F1_JWKS_MAX_KEYS];
} keyset_t;

typedef struct source_t {
    f1_issuer_t issuer;
    f1_http_t *http; /* of the thread that fetches */
    keyset_t *set; /* NULL until the first fetch has succeeded */
    apr_time_t fetched_at, tried_at;
    int fetching, failed;
} source_t;

struct f1_jwks_t {
    f1_jwks_options_t options;
    apr_thread_mutex_t *mutex;
    int count;
    source_t sources[F1_ISSUERS_MAX];
};

/* --- Configuration */

static int is_word(const char *text)
{
    const char *c;

    for (c = text; *c; c++) {
        if (!apr_isgraph(*c) || (unsigned char)*c > 0x7e) {
            return 0;
        }
    }
    return c > text && c - text <= WORD_MAX;
}

static int is_loopback(const char *host)
{
    return !strcmp(host, "localhost") || !strcmp(host, "127.0.0.1") || !strcmp(host, "::1");
}

static int is_url(const char *text, apr_pool_t *pool)
{
    apr_uri_t uri;

    if (strlen(text) > URL_MAX || apr_uri_parse(pool, text, &uri) != APR_SUCCESS || !uri.scheme || !uri.hostname ||
        !*uri.hostname || uri.user || uri.password || uri.fragment) {
        return 0;
    }
    return !strcmp(uri.scheme, "https") || (!strcmp(uri.scheme, "http") && is_loopback(uri.hostname));
}

const char *f1_issuer_wrong(const f1_issuer_t *issuer, apr_pool_t *pool)
{
    if (!is_word(issuer->issuer) || !is_word(issuer->audience)) {
        return "issuer and audience should be what tokens say, 1 to 255 characters without a blank";
    }
    if (!is_url(issuer->url, pool)) {
        return "keys should be at a URL like https://issuer.example/.well-known/jwks.json";
    }
    return NULL;
}

/* --- A JWKS */

/* Absent, or this word. */
static int is_or_none(const json_t *jwk, const char *member, const char *word)
{
    const json_t *value = json_object_get(jwk, member);

    return !value || (json_is_string(value) && !strcmp(json_string_value(value), word));
}

static int has_name(const f1_key_t *keys, int count, const char *kid)
{
    int i;

    for (i = 0; i < count; i++) {
        if (!strcmp(keys[i].kid, kid)) {
            return 1;
        }
    }
    return 0;
}

static const unsigned char *number(const json_t *jwk, const char *member, size_t *plen, apr_pool_t *pool)
{
    const char *text = f1_json_str(jwk, member);

    return text ? f1_base64_decode(f1_base64_url, text, strlen(text), plen, pool) : NULL;
}

/* Odd, and at least 3: with 1 everybody could sign. */
static int is_exponent(const unsigned char *bytes, size_t len)
{
    size_t i;

    for (i = 0; i + 1 < len && !bytes[i]; i++) {
    }
    return len > 0 && len <= EXPONENT_MAX && bytes[len - 1] % 2 && (i + 1 < len || bytes[len - 1] > 1);
}

/* The key's PEM; NULL when it is not an RSA key for RS256 signatures of a size that we take. */
static const char *rsa_pem(const json_t *jwk, apr_pool_t *pool)
{
    size_t n_len, e_len;
    const unsigned char *n = number(jwk, "n", &n_len, pool), *e = number(jwk, "e", &e_len, pool);
    const char *pem;
    f1_pem_t key;

    if (!f1_json_str(jwk, "kty") || !is_or_none(jwk, "kty", "RSA") || !is_or_none(jwk, "use", "sig") ||
        !is_or_none(jwk, "alg", "RS256") || !n || !e || n_len > F1_RSA_BITS_MAX / 8 || !is_exponent(e, e_len)) {
        return NULL;
    }
    pem = f1_pem_from_rsa(n, n_len, e, e_len, pool);
    if (!pem || f1_pem_read(&key, pem, strlen(pem), pool, f1_result_make(pool)) != APR_SUCCESS ||
        key.bits < F1_RSA_BITS_MIN) {
        return NULL;
    }
    return pem;
}

int f1_jwks_read(f1_key_t keys[F1_JWKS_MAX_KEYS], const char *text, size_t len, apr_pool_t *pool, f1_result_t *res)
{
    json_t *doc, *list, *jwk;
    int count = 0;
    size_t i;

    if (f1_json_parse(&doc, text, len, F1_E_BAD_DATA, pool, res) != APR_SUCCESS) {
        return -1;
    }
    list = f1_json_array(doc, "keys");
    if (!list) {
        f1_result_fail(res, F1_E_BAD_DATA, APR_EINVAL, "not a JWKS: there is no array \"keys\"");
        return -1;
    }
    json_array_foreach(list, i, jwk)
    {
        const char *kid = f1_json_str(jwk, "kid");

        if (kid && *kid && strlen(kid) <= F1_KID_MAX && count < F1_JWKS_MAX_KEYS && !has_name(keys, count, kid)) {
            keys[count] = (f1_key_t){apr_pstrdup(pool, kid), F1_ALG_RS256, NULL, rsa_pem(jwk, pool)};
            count += keys[count].verifies != NULL;
        }
    }
    return count;
}

/* --- Fetching */

static apr_status_t fetch(keyset_t *set, source_t *source, f1_result_t *res)
{
    f1_http_reply_t *reply;
    apr_pool_t *scratch;
    apr_status_t rv = apr_pool_create(&scratch, set->pool);

    if (rv != APR_SUCCESS) {
        return f1_result_fail(res, F1_E_INTERNAL, rv, "there is no memory");
    }
    rv = f1_http_get(source->http, source->issuer.url, &reply, scratch, res);
    if (rv == APR_SUCCESS && reply->status != 200) {
        rv = f1_result_fail(res, F1_E_UPSTREAM, APR_EGENERAL, "status %d", reply->status);
    }
    if (rv == APR_SUCCESS) {
        set->count = f1_jwks_read(set->keys, reply->body, reply->body_len, set->pool, res);
        rv = set->count < 0 ? res->rv : APR_SUCCESS;
    }
    return rv;
}

static void drop(keyset_t *set)
{
    if (set) {
        apr_pool_destroy(set->pool);
    }
}

/* A new set, or NULL when there is none to be had. Only one thread at a time is here for a source. */
static keyset_t *fetch_set(source_t *source, apr_pool_t *pool)
{
    f1_result_t *res = f1_result_make(pool);
    apr_pool_t *own;
    keyset_t *set;

    if (apr_pool_create_unmanaged(&own) != APR_SUCCESS) {
        return NULL;
    }
    apr_pool_tag(own, "f1board jwks");
    set = apr_pcalloc(own, sizeof(*set));
    set->pool = own;
    if (fetch(set, source, res) != APR_SUCCESS) {
        f1_log(F1_LOG_WARNING, APR_SUCCESS, F1LOGNO(0721) "the keys of %s cannot be fetched: %s", source->issuer.issuer,
               f1_result_text(res, pool));
        drop(set);
        return NULL;
    }
    f1_log(F1_LOG_INFO, APR_SUCCESS, F1LOGNO(0722) "%s has %d keys that can be used", source->issuer.issuer,
           set->count);
    return set;
}

/* How long ago; a clock that went back makes it long. */
static apr_interval_time_t since(apr_time_t then, apr_time_t now)
{
    return then && now >= then ? now - then : APR_INT64_MAX;
}

/* The key's PEM in pool, as far as it is known and may be used. */
static const char *known_key(const f1_jwks_t *jwks, const source_t *source, const char *kid, apr_pool_t *pool)
{
    int i;

    if (!source->set || since(source->fetched_at, apr_time_now()) >= jwks->options.stale) {
        return NULL;
    }
    for (i = 0; i < source->set->count; i++) {
        if (!strcmp(source->set->keys[i].kid, kid)) {
            return apr_pstrdup(pool, source->set->keys[i].verifies);
        }
    }
    return NULL;
}

static apr_interval_time_t least_wait(const f1_jwks_t *jwks, const source_t *source)
{
    return source->failed ? jwks->options.retry : jwks->options.refetch;
}

static int is_due(const f1_jwks_t *jwks, const source_t *source, const char *pem)
{
    apr_time_t now = apr_time_now();

    return !source->fetching && (!pem || since(source->fetched_at, now) >= jwks->options.fresh) &&
           since(source->tried_at, now) >= least_wait(jwks, source);
}

static void install(source_t *source, keyset_t *set)
{
    source->fetching = 0;
    source->failed = !set;
    if (set) {
        drop(source->set);
        source->set = set;
        source->fetched_at = apr_time_now();
    }
}

/* Why there is no such key: it is unknown, or that cannot be said now. */
static apr_status_t no_key(const f1_jwks_t *jwks, const source_t *source, f1_result_t *res)
{
    apr_interval_time_t rest = least_wait(jwks, source) - since(source->tried_at, apr_time_now());
    apr_status_t rv;

    if (source->set && !source->fetching && !source->failed) {
        return f1_result_fail(res, F1_E_TOKEN_INVALID, APR_EINVAL, "Invalid token: its key is unknown");
    }
    rv = f1_result_fail(res, F1_E_UNAVAILABLE, APR_EAGAIN, "The keys of the token's issuer cannot be had right now");
    res->retry_after = source->fetching || rest <= 0 ? BUSY_RETRY_AFTER : (int)apr_time_sec(rest) + 1;
    return rv;
}

static apr_status_t find_key(const char **ppem, f1_jwks_t *jwks, source_t *source, const char *kid, apr_pool_t *pool,
                             f1_result_t *res)
{
    apr_status_t rv = APR_SUCCESS;
    keyset_t *set;

    apr_thread_mutex_lock(jwks->mutex);
    *ppem = known_key(jwks, source, kid, pool);
    if (is_due(jwks, source, *ppem)) {
        source->fetching = 1;
        source->tried_at = apr_time_now();
        apr_thread_mutex_unlock(jwks->mutex);
        set = fetch_set(source, pool);
        apr_thread_mutex_lock(jwks->mutex);
        install(source, set);
        *ppem = known_key(jwks, source, kid, pool);
    }
    if (!*ppem) {
        rv = no_key(jwks, source, res);
    }
    apr_thread_mutex_unlock(jwks->mutex);
    return rv;
}

/* --- All of it */

static apr_status_t drop_all(void *data)
{
    f1_jwks_t *jwks = data;
    int i;

    for (i = 0; i < jwks->count; i++) {
        drop(jwks->sources[i].set);
    }
    return APR_SUCCESS;
}

static void set_options(f1_jwks_options_t *to, const f1_jwks_options_t *from)
{
    *to = from ? *from : (f1_jwks_options_t){0};
    to->fresh = to->fresh ? to->fresh : apr_time_from_sec(60 * 60);
    to->stale = to->stale ? to->stale : apr_time_from_sec(24 * 60 * 60);
    to->refetch = to->refetch ? to->refetch : apr_time_from_sec(60);
    to->retry = to->retry ? to->retry : apr_time_from_sec(10);
    to->timeout = to->timeout ? to->timeout : apr_time_from_sec(5);
}

apr_status_t f1_jwks_create(f1_jwks_t **pjwks, const f1_issuer_t *issuers, int count, const f1_jwks_options_t *options,
                            apr_pool_t *pool, f1_result_t *res)
{
    f1_jwks_t *jwks = apr_pcalloc(pool, sizeof(*jwks));
    f1_http_options_t http = {.attempts = 1, .max_body = F1_JWKS_MAX_BODY};
    apr_status_t rv;
    int i;

    set_options(&jwks->options, options);
    http.user_agent = apr_pstrcat(pool, "mod_f1board/", f1_version, NULL);
    http.timeout = http.connect_timeout = jwks->options.timeout;
    http.ca_file = jwks->options.ca_file;
    rv = apr_thread_mutex_create(&jwks->mutex, APR_THREAD_MUTEX_DEFAULT, pool);
    if (rv != APR_SUCCESS || count > F1_ISSUERS_MAX) {
        return f1_result_fail(res, F1_E_INTERNAL, rv, "there cannot be so many issuers of tokens");
    }
    for (i = 0; i < count && rv == APR_SUCCESS; i++) {
        jwks->sources[i].issuer = issuers[i];
        rv = f1_http_create(&jwks->sources[i].http, &http, pool, res);
    }
    jwks->count = i;
    apr_pool_cleanup_register(pool, jwks, drop_all, apr_pool_cleanup_null);
    *pjwks = jwks;
    return rv;
}

/* Which source a token says it comes from; -1: none. */
static int source_of(const f1_jwks_t *jwks, const f1_jws_t *jws)
{
    const char *issuer = f1_json_str(jws->claims, "iss");
    int i;

    for (i = 0; issuer && i < jwks->count; i++) {
        if (!strcmp(jwks->sources[i].issuer.issuer, issuer)) {
            return i;
        }
    }
    return -1;
}

int f1_jwks_is_for(const f1_jwks_t *jwks, const char *token, apr_pool_t *pool)
{
    f1_jws_t jws;

    return jwks && f1_jws_read(&jws, token, pool, f1_result_make(pool)) == APR_SUCCESS && source_of(jwks, &jws) >= 0;
}

static const char *word(const json_t *claims, const char *name)
{
    const char *text = f1_json_str(claims, name);

    return text && *text && strlen(text) <= WORD_MAX ? text : NULL;
}

static apr_status_t read_stranger(f1_stranger_t *out, const json_t *claims, const f1_issuer_t *issuer, f1_result_t *res)
{
    const char *username = word(claims, "preferred_username");

    if (!word(claims, "sub")) {
        return f1_result_fail(res, F1_E_TOKEN_INVALID, APR_EINVAL, "Invalid token: it names nobody");
    }
    out->issuer = issuer->issuer;
    out->subject = word(claims, "sub");
    out->username = username ? username : word(claims, "nickname");
    out->email = json_is_true(json_object_get(claims, "email_verified")) ? word(claims, "email") : NULL;
    (void)f1_claims_time(claims, "exp", &out->expires_at); /* checked before */
    if (!f1_claims_time(claims, "auth_time", &out->login_at) && !f1_claims_time(claims, "iat", &out->login_at)) {
        out->login_at = 0;
    }
    return APR_SUCCESS;
}

apr_status_t f1_jwks_verify(f1_stranger_t *stranger, const char *token, f1_jwks_t *jwks, apr_pool_t *pool,
                            f1_result_t *res)
{
    f1_key_t key = {.alg = F1_ALG_RS256};
    source_t *source;
    f1_jws_t jws;
    apr_status_t rv = f1_jws_read(&jws, token, pool, res);
    int index;

    *stranger = (f1_stranger_t){0};
    if (rv != APR_SUCCESS) {
        return rv;
    }
    index = source_of(jwks, &jws);
    if (index < 0 || jws.alg != F1_ALG_RS256) {
        return f1_result_fail(res, F1_E_TOKEN_INVALID, APR_EINVAL,
                              "Invalid token: it is of another issuer, or not signed with RS256");
    }
    source = &jwks->sources[index];
    rv = find_key(&key.verifies, jwks, source, jws.kid, pool, res);
    if (rv == APR_SUCCESS) {
        rv = f1_jws_verify(&jws, &key, res);
    }
    if (rv == APR_SUCCESS) {
        rv = f1_claims_check(jws.claims, source->issuer.issuer, source->issuer.audience, apr_time_now(), res);
    }
    return rv == APR_SUCCESS ? read_stranger(stranger, jws.claims, &source->issuer, res) : rv;
}
