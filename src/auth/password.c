/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Hashing and verifying passwords, and the gate in front of both. Stored hashes come from a database that others may
 * have filled: each form is read strictly, and its cost is bounded before anything is computed.
 *
 * What takes a quarter of a second is computed by a thread of its own, which is not worth mentioning beside that, with
 * a lower priority: where processors are short, who only reads comes first. */

#include "auth/password.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <apr_atomic.h>
#include <apr_lib.h>
#include <apr_md5.h>
#include <apr_strings.h>
#include <apr_thread_proc.h>

#include "base/base64.h"
#include "base/crypto.h"
#include "base/log.h"
#include "base/str.h"

#define BCRYPT_LEN 60 /* $2y$12$ and 22 characters of salt, 31 of digest */
#define BCRYPT_SALT_AT 7
#define BCRYPT_DIGEST_AT 29
#define BCRYPT_SALT_BYTES 16
#define PBKDF2_ITERATIONS_MAX 2000000
#define PBKDF2_BYTES 32
#define BUSY_RETRY_AFTER 1 /* seconds */
#define PATIENCE apr_time_from_msec(250)
#define GLANCE apr_time_from_msec(10)
#define NICENESS 10 /* a tenth of the share that others get where processors are short */

typedef enum { HASH_UNKNOWN, HASH_BCRYPT, HASH_PBKDF2 } hash_kind_t;

typedef struct hash_t {
    hash_kind_t kind;
    int cost; /* bcrypt: logarithm; PBKDF2: iterations */
    const unsigned char *salt;
    size_t salt_len;
    const unsigned char *digest; /* bcrypt: characters */
} hash_t;

static struct {
    int cost;
    apr_uint32_t jobs;
    apr_uint32_t waiters;
    volatile apr_uint32_t running, waiting;
} gate = {F1_PASSWORD_COST_DEFAULT, F1_PASSWORD_JOBS_DEFAULT, 0, 0, 0};

void f1_password_setup(int cost, int jobs)
{
    gate.cost = cost;
    gate.jobs = (apr_uint32_t)jobs;
}

void f1_password_queue(int waiters)
{
    gate.waiters = (apr_uint32_t)waiters;
}

static apr_status_t refuse_busy(f1_result_t *res)
{
    apr_status_t rv =
        f1_result_fail(res, F1_E_UNAVAILABLE, APR_EAGAIN, "Too many passwords are being checked right now");

    res->retry_after = BUSY_RETRY_AFTER;
    return rv;
}

/* Whether there is a place, now or soon. */
static int wait_for_place(void)
{
    apr_time_t end = apr_time_now() + PATIENCE;

    if (apr_atomic_read32(&gate.running) < gate.jobs) {
        return 1;
    }
    if (apr_atomic_inc32(&gate.waiting) < gate.waiters) {
        do {
            apr_sleep(GLANCE);
        } while (apr_atomic_read32(&gate.running) >= gate.jobs && apr_time_now() < end);
    }
    apr_atomic_dec32(&gate.waiting);
    return apr_atomic_read32(&gate.running) < gate.jobs;
}

apr_status_t f1_password_ready(f1_result_t *res)
{
    return wait_for_place() ? APR_SUCCESS : refuse_busy(res);
}

static apr_status_t gate_enter(f1_result_t *res)
{
    if (wait_for_place()) {
        if (apr_atomic_inc32(&gate.running) < gate.jobs) {
            return APR_SUCCESS;
        }
        apr_atomic_dec32(&gate.running);
    }
    return refuse_busy(res);
}

static void gate_leave(void)
{
    apr_atomic_dec32(&gate.running);
}

/* --- Reading stored hashes */

static int read_bcrypt(hash_t *hash, const char *stored, apr_pool_t *pool)
{
    size_t len;

    if (strlen(stored) != BCRYPT_LEN || !strchr("aby", stored[2]) || stored[3] != '$' || !apr_isdigit(stored[4]) ||
        !apr_isdigit(stored[5]) || stored[6] != '$') {
        return 0;
    }
    hash->cost = (stored[4] - '0') * 10 + stored[5] - '0';
    hash->salt =
        f1_base64_decode(f1_base64_bcrypt, stored + BCRYPT_SALT_AT, BCRYPT_DIGEST_AT - BCRYPT_SALT_AT, &len, pool);
    hash->digest = (const unsigned char *)stored + BCRYPT_DIGEST_AT;
    return hash->salt && len == BCRYPT_SALT_BYTES && hash->cost >= F1_PASSWORD_COST_MIN &&
           hash->cost <= F1_PASSWORD_COST_MAX &&
           f1_base64_decode(f1_base64_bcrypt, stored + BCRYPT_DIGEST_AT, BCRYPT_LEN - BCRYPT_DIGEST_AT, &len, pool);
}

static int read_iterations(hash_t *hash, const char *text)
{
    apr_int64_t iterations;

    if (!f1_str_to_int64(text, &iterations) || iterations < 1 || iterations > PBKDF2_ITERATIONS_MAX) {
        return 0;
    }
    hash->cost = (int)iterations;
    return 1;
}

static const unsigned char *unhex(const char *text, size_t *plen, apr_pool_t *pool)
{
    static const char digits[] = "0123456789abcdef";
    size_t len = strlen(text), i;
    unsigned char *bytes = apr_palloc(pool, len / 2 + 1);

    for (i = 0; i < len; i++) {
        const char *at = strchr(digits, text[i]);

        if (!at) {
            return NULL;
        }
        bytes[i / 2] = (unsigned char)(i % 2 ? bytes[i / 2] << 4 | (at - digits) : at - digits);
    }
    *plen = len / 2;
    return len % 2 ? NULL : bytes;
}

/* The three spellings of "iterations, salt, digest": what stands before them, and how the two are written. */
typedef struct pbkdf2_form_t {
    const char *prefix;
    const char *salt_alphabet, *digest_alphabet; /* NULL: the salt is as it stands, the digest in hex */
} pbkdf2_form_t;

static const pbkdf2_form_t pbkdf2_forms[] = {
    {"$pbkdf2-sha256$", f1_base64_passlib, f1_base64_passlib},
    {"pbkdf2_sha256$", NULL, f1_base64_standard},
    {"pbkdf2:sha256:", NULL, NULL},
};

/* text: "29000$salt$digest", to be cut in pieces. */
static int read_pbkdf2(hash_t *hash, const pbkdf2_form_t *form, char *text, apr_pool_t *pool)
{
    char *salt = strchr(text, '$'), *digest = salt ? strchr(salt + 1, '$') : NULL;
    size_t len;

    if (!digest) {
        return 0;
    }
    *salt++ = '\0';
    *digest++ = '\0';
    hash->salt = (const unsigned char *)salt;
    hash->salt_len = strlen(salt);
    if (form->salt_alphabet) {
        hash->salt = f1_base64_decode(form->salt_alphabet, salt, strlen(salt), &hash->salt_len, pool);
    }
    hash->digest = form->digest_alphabet ? f1_base64_decode(form->digest_alphabet, digest, strlen(digest), &len, pool)
                                         : unhex(digest, &len, pool);
    return read_iterations(hash, text) && hash->salt && hash->salt_len > 0 && hash->digest && len == PBKDF2_BYTES;
}

static hash_t read_hash(const char *stored, apr_pool_t *pool)
{
    hash_t hash = {HASH_UNKNOWN, 0, NULL, 0, NULL};
    size_t i, len = stored ? strlen(stored) : 0;

    if (len == 0 || len > F1_PASSWORD_HASH_MAX) {
        return hash;
    }
    if (!strncmp(stored, "$2", 2)) {
        hash.kind = read_bcrypt(&hash, stored, pool) ? HASH_BCRYPT : HASH_UNKNOWN;
        return hash;
    }
    for (i = 0; i < sizeof(pbkdf2_forms) / sizeof(pbkdf2_forms[0]); i++) {
        size_t prefix = strlen(pbkdf2_forms[i].prefix);

        if (!strncmp(stored, pbkdf2_forms[i].prefix, prefix)) {
            int known = read_pbkdf2(&hash, &pbkdf2_forms[i], apr_pstrdup(pool, stored + prefix), pool);

            hash.kind = known ? HASH_PBKDF2 : HASH_UNKNOWN;
            return hash;
        }
    }
    return hash;
}

int f1_password_is_hash(const char *stored, apr_pool_t *pool)
{
    return read_hash(stored, pool).kind != HASH_UNKNOWN;
}

int f1_password_needs_rehash(const char *stored)
{
    char wanted[BCRYPT_SALT_AT + 1];

    apr_snprintf(wanted, sizeof(wanted), "$2y$%02d$", gate.cost);
    return strncmp(stored, wanted, BCRYPT_SALT_AT) != 0;
}

/* --- Computing */

static int is_too_long(const char *password)
{
    return strnlen(password, F1_PASSWORD_MAX + 1) > F1_PASSWORD_MAX;
}

typedef char bcrypt_t[BCRYPT_LEN + 4];

static apr_status_t bcrypt(bcrypt_t out, const char *password, int cost, const unsigned char *salt)
{
    return apr_bcrypt_encode(password, (unsigned int)cost, salt, BCRYPT_SALT_BYTES, out, sizeof(bcrypt_t));
}

/* The work of a hash at this cost, for its time alone. */
static void work(const char *password, int cost)
{
    static const unsigned char salt[BCRYPT_SALT_BYTES] = {0};
    bcrypt_t out;

    (void)bcrypt(out, password, cost, salt);
    f1_secret_wipe(out, sizeof(out));
}

/* A hash of a lower cost is filled up, so that it takes as long as all others: 2^c + 2^c + 2^(c+1) + ... + 2^(C-1) is
 * 2^C. */
static int matches_bcrypt(const hash_t *hash, const char *password)
{
    bcrypt_t out = {0};
    int same, cost;

    same = bcrypt(out, password, hash->cost, hash->salt) == APR_SUCCESS &&
           f1_secret_equal(out + BCRYPT_DIGEST_AT, hash->digest, BCRYPT_LEN - BCRYPT_DIGEST_AT);
    f1_secret_wipe(out, sizeof(out));
    for (cost = hash->cost; cost < gate.cost; cost++) {
        work(password, cost);
    }
    return same;
}

static int matches_pbkdf2(const hash_t *hash, const char *password)
{
    unsigned char digest[PBKDF2_BYTES];
    int same;

    f1_pbkdf2_sha256(password, hash->salt, hash->salt_len, hash->cost, digest, sizeof(digest));
    same = f1_secret_equal(digest, hash->digest, sizeof(digest));
    f1_secret_wipe(digest, sizeof(digest));
    return same;
}

static int matches(const hash_t *hash, const char *password)
{
    if (is_too_long(password)) {
        work("", gate.cost);
        return 0;
    }
    switch (hash->kind) {
    case HASH_BCRYPT:
        return matches_bcrypt(hash, password);
    case HASH_PBKDF2:
        return matches_pbkdf2(hash, password);
    default:
        work(password, gate.cost);
        return 0;
    }
}

/* What the other thread is to do: nothing of it is in a pool. */
typedef struct job_t {
    const char *password;
    const hash_t *hash; /* to compare with; NULL: make a new one */
    int matches;
    bcrypt_t made;
    apr_status_t rv;
} job_t;

static apr_status_t make_hash(bcrypt_t out, const char *password)
{
    unsigned char salt[BCRYPT_SALT_BYTES];

    f1_random_bytes(salt, sizeof(salt));
    return bcrypt(out, password, gate.cost, salt);
}

static void *APR_THREAD_FUNC compute(apr_thread_t *thread, void *data)
{
    job_t *job = data;

    (void)thread;
#ifdef __linux__ /* where each thread has its own */
    (void)nice(NICENESS);
#endif
    if (job->hash) {
        job->matches = matches(job->hash, job->password);
        job->rv = APR_SUCCESS;
    }
    else {
        job->rv = make_hash(job->made, job->password);
    }
    return NULL;
}

/* Signals are for threads that know what to do with them. */
static apr_status_t run_thread(job_t *job, apr_pool_t *pool)
{
    sigset_t all, before;
    apr_thread_t *thread;
    apr_status_t rv, ignored;

    (void)sigfillset(&all);
    rv = pthread_sigmask(SIG_SETMASK, &all, &before);
    if (rv != APR_SUCCESS) {
        return rv;
    }
    rv = apr_thread_create(&thread, NULL, compute, job, pool);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (rv == APR_SUCCESS) {
        rv = apr_thread_join(&ignored, thread);
    }
    return rv == APR_SUCCESS ? job->rv : rv;
}

static apr_status_t run(job_t *job, apr_pool_t *pool, f1_result_t *res)
{
    apr_status_t rv = gate_enter(res);

    if (rv != APR_SUCCESS) {
        return rv;
    }
    rv = run_thread(job, pool);
    gate_leave();
    return rv == APR_SUCCESS ? rv : f1_result_fail(res, F1_E_INTERNAL, rv, "the password cannot be hashed");
}

apr_status_t f1_password_verify(int *pmatches, const char *password, const char *stored, apr_pool_t *pool,
                                f1_result_t *res)
{
    hash_t hash = read_hash(stored, pool);
    job_t job = {.password = password, .hash = &hash};
    apr_status_t rv;

    if (stored && hash.kind == HASH_UNKNOWN) {
        f1_log(F1_LOG_INFO, APR_SUCCESS, F1LOGNO(0720) "a stored password hash is of no known form, or too costly");
    }
    rv = run(&job, pool, res);
    *pmatches = rv == APR_SUCCESS && job.matches;
    return rv;
}

apr_status_t f1_password_hash(const char **phash, const char *password, apr_pool_t *pool, f1_result_t *res)
{
    job_t job = {.password = password};
    apr_status_t rv = run(&job, pool, res);

    if (rv == APR_SUCCESS) {
        *phash = apr_pstrdup(pool, job.made);
    }
    return rv;
}

/* --- The rules for new ones */

/* What people choose when they are made to use upper case, lower case and a digit: one of these, with something before
 * or behind it. Our own collection, in lower case; i, e, a, o and s are also written 1, 3, 4 or @, 0 and 5 or $. */
/* clang-format off */
static const char *const common[] = {
    "aa", "aaa", "ab", "abc", "abcd", "abcde", "abcdef", "abcdefg", "abcdefgh", "access", "admin", "adminadmin",
    "alonso", "amanda", "andrew", "angel", "apple", "april", "asd", "asdf", "asdfg", "asdfgh", "asdfghjk", "august",
    "autumn", "babygirl", "barcelona", "baseball", "batman", "berlin", "bottas", "buster", "changeit", "changeme",
    "charlie", "chelsea", "chocolate", "computer", "cookie", "daniel", "december", "default", "demo", "dragon",
    "fantasy", "february", "ferrari", "football", "formula", "formulaone", "freedom", "friday", "friend", "george",
    "goodbye", "google", "grandprix", "guest", "hallo", "hamilton", "hannah", "hello", "helloworld", "hunter",
    "iloveyou", "internet", "january", "jennifer", "jessica", "jordan", "joshua", "july", "june", "killer", "lauda",
    "leclerc", "letmein", "liverpool", "login", "london", "lovely", "loveme", "madrid", "maggie", "march", "master",
    "matrix", "mclaren", "mercedes", "merlin", "michael", "michelle", "monaco", "monday", "monkey", "monza",
    "mustang", "mypassword", "newpassword", "nicole", "ninja", "norris", "november", "october", "orange", "pa",
    "paris", "pass", "passw", "passwd", "password", "passwort", "pepper", "piastri", "pitwall", "podium", "princess",
    "private", "purple", "qa", "qaz", "qazwsx", "qw", "qwe", "qwer", "qwert", "qwerty", "qwertyui", "qwertyuiop",
    "qwertz", "racing", "redbull", "robert", "root", "samantha", "samsung", "saturday", "schumacher", "secret",
    "senna", "september", "shadow", "silver", "spring", "starwars", "summer", "sunday", "sunshine", "superman",
    "superuser", "temp", "temporary", "test", "testing", "testpassword", "testtest", "thomas", "thursday", "tigger",
    "trustno", "tuesday", "user", "username", "verstappen", "vettel", "wednesday", "welcome", "whatever", "william",
    "winner", "winter", "yankees", "zaq", "zxc", "zxcvbn", "zxcvbnm",
};
/* clang-format on */

static char letter_of(char c)
{
    static const char from[] = "013457@$", to[] = "oieastas";
    const char *at = c ? strchr(from, c) : NULL;

    return at ? to[at - from] : (char)apr_tolower(c);
}

/* The word in a password: without what is no letter at both ends, in lower case, and letters for what stands for
 * them. word has room for F1_PASSWORD_MAX bytes and a NUL. */
static void word_of(char *word, const char *password)
{
    size_t first = 0, last = strlen(password), i;

    while (first < last && !apr_isalpha(password[first])) {
        first++;
    }
    while (last > first && !apr_isalpha(password[last - 1])) {
        last--;
    }
    for (i = first; i < last; i++) {
        word[i - first] = letter_of(password[i]);
    }
    word[last - first] = '\0';
}

static int is_common(const char *word)
{
    size_t i;

    for (i = 0; i < sizeof(common) / sizeof(common[0]); i++) {
        if (!strcmp(word, common[i])) {
            return 1;
        }
    }
    return 0;
}

static int has_between(const char *text, char first, char last)
{
    for (; *text; text++) {
        if (*text >= first && *text <= last) {
            return 1;
        }
    }
    return 0;
}

/* What begins a character of UTF-8. */
static size_t characters(const char *text)
{
    size_t count = 0;

    for (; *text; text++) {
        count += ((unsigned char)*text & 0xc0) != 0x80;
    }
    return count;
}

static void check_guessing(const char *password, const char *username, const char *field, f1_result_t *res)
{
    char word[F1_PASSWORD_MAX + 1], name[F1_PASSWORD_MAX + 1];

    word_of(word, password);
    if (is_common(word)) {
        f1_result_field(res, field, "is one of the most common passwords");
    }
    if (username && strlen(username) <= F1_PASSWORD_MAX) {
        word_of(name, username);
        if (*name && !strcmp(word, name)) {
            f1_result_field(res, field, "is the username");
        }
    }
    f1_secret_wipe(word, sizeof(word));
}

int f1_password_check(const char *password, const char *username, const char *field, f1_result_t *res)
{
    int errors = res->fields ? res->fields->nelts : 0;

    if (is_too_long(password)) {
        f1_result_field(res, field, "must not be longer than %d bytes", F1_PASSWORD_MAX);
        return 0;
    }
    if (!f1_str_is_utf8(password, strlen(password))) {
        f1_result_field(res, field, "must be UTF-8");
        return 0;
    }
    if (characters(password) < F1_PASSWORD_MIN) {
        f1_result_field(res, field, "must have at least %d characters", F1_PASSWORD_MIN);
    }
    if (!has_between(password, 'A', 'Z') || !has_between(password, 'a', 'z') || !has_between(password, '0', '9')) {
        f1_result_field(res, field, "must have upper case, lower case and a digit");
    }
    check_guessing(password, username, field, res);
    return errors == (res->fields ? res->fields->nelts : 0);
}
