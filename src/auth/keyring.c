/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* The file of secrets: lines of three words. It is read once, checked to the last word, and kept in memory that is
 * overwritten when it goes. */

#include "auth/keyring.h"

#include <string.h>

#include <apr_strings.h>

#include "base/base64.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/secret_file.h"

#define KID_MAX 64
#define SECRET_DISTINCT 10 /* different characters that a secret has at least; a random one of 32 has more */
#define SECRET_BYTES 32
#define WORDS 3

struct f1_keyring_t {
    int count;
    f1_key_t keys[F1_KEYRING_MAX];
};

static const char *const alg_names[] = {"HS256", "RS256", "ES256"};

const char *f1_alg_name(f1_alg_t alg)
{
    return alg_names[alg];
}

int f1_alg_find(const char *name)
{
    int i;

    for (i = 0; i < (int)(sizeof(alg_names) / sizeof(alg_names[0])); i++) {
        if (!strcmp(name, alg_names[i])) {
            return i;
        }
    }
    return -1;
}

/* --- Keys */

static int is_kid(const char *text)
{
    size_t len = strlen(text);

    return len <= KID_MAX && len == strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");
}

static const char *secret_wrong(const char *secret)
{
    char seen[256] = {0};
    int distinct = 0;
    const char *c;

    if (strlen(secret) < F1_SECRET_MIN) {
        return "the secret is shorter than 32 characters";
    }
    for (c = secret; *c; c++) {
        distinct += !seen[(unsigned char)*c];
        seen[(unsigned char)*c] = 1;
    }
    return distinct < SECRET_DISTINCT ? "the secret can be guessed" : NULL;
}

static const char *pem_wrong(f1_alg_t alg, const f1_pem_t *pem, int must_sign)
{
    if (alg == F1_ALG_RS256 &&
        (pem->kind != F1_PEM_RSA || pem->bits < F1_RSA_BITS_MIN || pem->bits > F1_RSA_BITS_MAX)) {
        return "RS256 takes an RSA key of 2048 to 8192 bits";
    }
    if (alg == F1_ALG_ES256 && pem->kind != F1_PEM_P256) {
        return "ES256 takes a key on the curve P-256";
    }
    return must_sign && !pem->private_pem ? "the first key signs: it must be a private one" : NULL;
}

/* Where a line comes from, for messages. */
typedef struct place_t {
    const char *file;
    int line;
    f1_result_t *res;
} place_t;

static apr_status_t complain(const place_t *place, const char *why)
{
    return f1_result_fail(place->res, F1_E_INTERNAL, APR_EINVAL, "%s:%d: %s", place->file, place->line, why);
}

/* name is relative to the folder of the file that names it. */
static apr_status_t read_pem(f1_key_t *key, const char *name, int must_sign, const place_t *place, apr_pool_t *pool)
{
    const char *slash = strrchr(place->file, '/'), *wrong;
    const char *folder = slash ? apr_pstrmemdup(pool, place->file, (apr_size_t)(slash - place->file) + 1) : "";
    const char *path = *name == '/' ? name : apr_pstrcat(pool, folder, name, NULL);
    f1_result_t *why = f1_result_make(pool);
    f1_secret_file_t file;
    f1_pem_t pem;

    if (f1_secret_file_read(&file, path, pool, why) != APR_SUCCESS ||
        f1_pem_read(&pem, file.text, file.len, pool, why) != APR_SUCCESS ||
        f1_secret_file_check(&file, path, pem.private_pem != NULL, why) != APR_SUCCESS) {
        return complain(place, why->detail);
    }
    wrong = pem_wrong(key->alg, &pem, must_sign);
    key->signs = pem.private_pem;
    key->verifies = pem.public_pem;
    return wrong ? complain(place, wrong) : APR_SUCCESS;
}

static apr_status_t read_key(f1_keyring_t *ring, char *const *words, const place_t *place, apr_pool_t *pool)
{
    f1_key_t *key = &ring->keys[ring->count];
    int alg = f1_alg_find(words[1]);
    const char *wrong;

    if (!is_kid(words[0])) {
        return complain(place, "the name of a key has at most 64 letters, digits, '.', '_' and '-'");
    }
    if (f1_keyring_find(ring, words[0])) {
        return complain(place, "there is a key of this name already");
    }
    if (alg < 0) {
        return complain(place, "the algorithm should be HS256, RS256 or ES256");
    }
    key->kid = words[0];
    key->alg = (f1_alg_t)alg;
    if (key->alg != F1_ALG_HS256) {
        return read_pem(key, words[2], ring->count == 0, place, pool);
    }
    wrong = secret_wrong(words[2]);
    key->signs = key->verifies = words[2];
    return wrong ? complain(place, wrong) : APR_SUCCESS;
}

/* Cuts a line into its words; how many there are, at most one more than fit. */
static int split(char *line, char *words[WORDS])
{
    static const char blanks[] = " \t\r";
    int count = 0;

    for (line += strspn(line, blanks); *line; line += strspn(line, blanks)) {
        size_t len = strcspn(line, blanks);

        if (count == WORDS) {
            return WORDS + 1;
        }
        words[count++] = line;
        line += len;
        if (*line) {
            *line++ = '\0';
        }
    }
    return count;
}

static apr_status_t read_line(f1_keyring_t *ring, char *line, const place_t *place, apr_pool_t *pool)
{
    char *words[WORDS];
    int count = split(line, words);
    apr_status_t rv;

    if (count == 0 || words[0][0] == '#') {
        return APR_SUCCESS;
    }
    if (count != WORDS) {
        return complain(place, "a line has three words: the key's name, its algorithm, and the secret or a PEM file");
    }
    if (ring->count == F1_KEYRING_MAX) {
        return complain(place, "there are more than 16 keys");
    }
    rv = read_key(ring, words, place, pool);
    ring->count += rv == APR_SUCCESS;
    return rv;
}

apr_status_t f1_keyring_load(f1_keyring_t **pring, const char *file, apr_pool_t *pool, f1_result_t *res)
{
    f1_keyring_t *ring = apr_pcalloc(pool, sizeof(*ring));
    place_t place = {file, 0, res};
    f1_secret_file_t content;
    char *line, *end;
    apr_status_t rv = f1_secret_file_read(&content, file, pool, res);

    if (rv == APR_SUCCESS) {
        rv = f1_secret_file_check(&content, file, 1, res);
    }
    if (rv == APR_SUCCESS && memchr(content.text, '\0', content.len)) {
        return f1_result_fail(res, F1_E_INTERNAL, APR_EINVAL, "%s is not text", file);
    }
    for (line = content.text; rv == APR_SUCCESS && line; line = end) {
        end = strchr(line, '\n');
        if (end) {
            *end++ = '\0';
        }
        place.line++;
        rv = read_line(ring, line, &place, pool);
    }
    if (rv == APR_SUCCESS && ring->count == 0) {
        return f1_result_fail(res, F1_E_INTERNAL, APR_EINVAL, "%s has no key; f1boardctl secret new makes one", file);
    }
    *pring = ring;
    return rv;
}

const f1_key_t *f1_keyring_signer(const f1_keyring_t *ring)
{
    return &ring->keys[0];
}

const f1_key_t *f1_keyring_find(const f1_keyring_t *ring, const char *kid)
{
    int i;

    for (i = 0; i < ring->count; i++) {
        if (!strcmp(ring->keys[i].kid, kid)) {
            return &ring->keys[i];
        }
    }
    return NULL;
}

int f1_keyring_count(const f1_keyring_t *ring)
{
    return ring->count;
}

const char *f1_keyring_new_line(const char *kid, apr_pool_t *pool, f1_result_t *res)
{
    char day[F1_TIME_LEN];

    if (!kid) {
        f1_time_format(day, apr_time_now());
        /* two of one day have names of their own */
        kid = apr_psprintf(pool, "%.10s-%s", day, f1_random_text(3, pool));
    }
    if (!*kid || !is_kid(kid)) {
        f1_result_fail(res, F1_E_BAD_REQUEST, APR_EINVAL,
                       "the name of a key has at most 64 letters, digits, '.', '_' and '-'");
        return NULL;
    }
    return apr_psprintf(pool, "%s HS256 %s", kid, f1_random_text(SECRET_BYTES, pool));
}
