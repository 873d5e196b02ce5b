/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Passwords: rules, hashes of every form that may be stored, what a hostile hash can cost, and the gate. */

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include <apr_strings.h>
#include <apr_thread_proc.h>
#include <apr_time.h>

#include "auth/password.h"
#include "f1_test.h"

#define COST 4 /* the least there is: tests have no time to lose */

static int verify(const char *password, const char *stored)
{
    int right = -1;

    f1_assert_ok(f1_password_verify(&right, password, stored, f1_test_pool(), f1_test_result()), f1_test_result());
    return right;
}

static const char *hash(const char *password)
{
    const char *stored = NULL;

    f1_assert_ok(f1_password_hash(&stored, password, f1_test_pool(), f1_test_result()), f1_test_result());
    return stored;
}

/* What the rules say about a password, all at once: "detail; detail". */
static const char *complaints(const char *password, const char *username)
{
    f1_result_t *res = f1_result_make(f1_test_pool());
    const char *all = "";
    int good = f1_password_check(password, username, "/password", res), i;

    assert_int_equal(good, res->error == F1_E_OK);
    for (i = 0; res->fields && i < res->fields->nelts; i++) {
        const f1_field_error_t *field = &APR_ARRAY_IDX(res->fields, i, f1_field_error_t);

        assert_string_equal(field->field, "/password");
        all = apr_pstrcat(f1_test_pool(), all, *all ? "; " : "", field->detail, NULL);
    }
    return all;
}

/* Processor time of this program, which is the same on a busy machine. */
static apr_interval_time_t worked(void)
{
    struct timespec time;

    assert_int_equal(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time), 0);
    return apr_time_from_sec(time.tv_sec) + time.tv_nsec / 1000;
}

static const char *repeated(char c, size_t count)
{
    char *text = apr_palloc(f1_test_pool(), count + 1);

    memset(text, c, count);
    text[count] = '\0';
    return text;
}

static void test_rules(void **state)
{
    static const char classes[] = "must have upper case, lower case and a digit";

    (void)state;
    assert_string_equal(complaints("Grand-Prix7", NULL), "");
    assert_string_equal(complaints("Pr\xc3\xbc"
                                   "fung7x",
                                   NULL),
                        "");
    assert_string_equal(complaints("Kx7pLm2", NULL), "must have at least 8 characters");
    assert_string_equal(complaints("K\xc3\xbc\xc3\xbc\xc3\xbcx7p", NULL), "must have at least 8 characters");
    assert_string_equal(complaints("grand-prix7", NULL), classes);
    assert_string_equal(complaints("GRAND-PRIX7", NULL), classes);
    assert_string_equal(complaints("Grand-Prixx", NULL), classes);
    assert_string_equal(complaints("", NULL),
                        apr_pstrcat(f1_test_pool(), "must have at least 8 characters; ", classes, NULL));
    assert_string_equal(complaints("Grand-Prix7\xff", NULL), "must be UTF-8");
}

static void test_no_more_than_bcrypt_sees(void **state)
{
    apr_pool_t *pool = f1_test_pool();

    (void)state;
    assert_string_equal(complaints(apr_pstrcat(pool, "Aa1", repeated('x', 69), NULL), NULL), "");
    assert_string_equal(complaints(apr_pstrcat(pool, "Aa1", repeated('x', 70), NULL), NULL),
                        "must not be longer than 72 bytes");
    assert_string_equal(complaints(repeated('x', 1024 * 1024), NULL), "must not be longer than 72 bytes");
}

static void test_common_passwords(void **state)
{
    static const char *const common[] = {"Password1", "P@ssw0rd123!", "Qwerty12345", "Ferrari2024", "1234Abcd",
                                         "Aa123456",  "Formula1",     "2024Senna!!", "W3lc0me99",   "Ch4ngeMe1"};
    static const char *const fine[] = {"Passwordless1", "Ferrarini77x", "7G9d4K2x", "Kimi-and-Seb5", "xAbcd1234y"};
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(common) / sizeof(common[0]); i++) {
        assert_string_equal(complaints(common[i], NULL), "is one of the most common passwords");
    }
    for (i = 0; i < sizeof(fine) / sizeof(fine[0]); i++) {
        assert_string_equal(complaints(fine[i], NULL), "");
    }
}

static void test_the_username_is_no_password(void **state)
{
    (void)state;
    assert_string_equal(complaints("Maranello1", "maranello"), "is the username");
    assert_string_equal(complaints("M4ranello_77", "Maranello_99"), "is the username");
    assert_string_equal(complaints("Maranello1", "maranella"), "");
    assert_string_equal(complaints("Maranello1", "_77_"), "");
    assert_string_equal(complaints("Maranello1", repeated('x', 1000)), "");
}

static void test_other_fields_errors_are_not_its(void **state)
{
    f1_result_t *res = f1_test_result();

    (void)state;
    f1_result_field(res, "/email", "is no address");
    assert_true(f1_password_check("Grand-Prix7", NULL, "/password", res));
    assert_false(f1_password_check("short", NULL, "/password", res));
}

static void test_hash_and_verify(void **state)
{
    const char *one = hash("Grand-Prix7"), *two = hash("Grand-Prix7");

    (void)state;
    assert_int_equal(strlen(one), 60);
    assert_memory_equal(one, "$2y$04$", 7);
    assert_string_not_equal(one, two);
    assert_int_equal(verify("Grand-Prix7", one), 1);
    assert_int_equal(verify("Grand-Prix7", two), 1);
    assert_int_equal(verify("Grand-Prix8", one), 0);
    assert_int_equal(verify("grand-Prix7", one), 0);
    assert_int_equal(verify("", one), 0);
}

static void test_the_72nd_byte_counts_and_a_73rd_is_refused(void **state)
{
    char *password = apr_pstrcat(f1_test_pool(), repeated('x', 71), "a", NULL);
    const char *stored = hash(password);

    (void)state;
    assert_int_equal(verify(password, stored), 1);
    password[71] = 'b';
    assert_int_equal(verify(password, stored), 0);
    password[71] = 'a';
    assert_int_equal(verify(apr_pstrcat(f1_test_pool(), password, "y", NULL), stored), 0);
    assert_int_equal(verify(repeated('x', 1024 * 1024), stored), 0);
}

static void test_hashes_of_other_programs(void **state)
{
    static const struct {
        const char *password, *stored;
    } rows[] = {
        {"Grand-Prix7", "$2a$04$abcdefghijklmnopqrstuuch8f52KMlnWjl2EcOgVkI.PvYxBcACi"},
        {"Grand-Prix7", "$2b$04$abcdefghijklmnopqrstuuch8f52KMlnWjl2EcOgVkI.PvYxBcACi"},
        {"Grand-Prix7", "$2y$04$abcdefghijklmnopqrstuuch8f52KMlnWjl2EcOgVkI.PvYxBcACi"},
        {"U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"},
        {"password", "$pbkdf2-sha256$1212$4vjV83LKPjQzk31VI4E0Vw$hsYF68OiOUPdDZ1Fg.fJPeq1h/gXXY7acBp9/6c.tmQ"},
        {"Grand-Prix7", "pbkdf2_sha256$1000$seasalt$q/JjkPBfPzCSlmNUV9N9hZnhLHaA/aOpfGwgvT3c6o0="},
        {"Grand-Prix7", "pbkdf2:sha256:1000$seasalt$abf26390f05f3f309296635457d37d8599e12c7680fda3a97c6c20bd3ddcea8d"},
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_true(f1_password_is_hash(rows[i].stored, f1_test_pool()));
        assert_int_equal(verify(rows[i].password, rows[i].stored), 1);
        assert_int_equal(verify("Grand-Prix8", rows[i].stored), 0);
    }
}

/* Nothing of this may be computed, whatever it would cost, and nothing matches it. */
static void test_hostile_hashes(void **state)
{
    static const char *const rows[] = {
        "",
        "x",
        "plain text",
        "$2",
        "$2y$",
        "$2y$04$",
        "$2y$04$abcdefghijklmnopqrstuuch8f52KMlnWjl2EcOgVkI.PvYxBcAC",
        "$2y$04$abcdefghijklmnopqrstuuch8f52KMlnWjl2EcOgVkI.PvYxBcACii",
        "$2x$04$abcdefghijklmnopqrstuuch8f52KMlnWjl2EcOgVkI.PvYxBcACi",
        "$2y$31$abcdefghijklmnopqrstuuch8f52KMlnWjl2EcOgVkI.PvYxBcACi",
        "$2y$17$abcdefghijklmnopqrstuuch8f52KMlnWjl2EcOgVkI.PvYxBcACi",
        "$2y$03$abcdefghijklmnopqrstuuch8f52KMlnWjl2EcOgVkI.PvYxBcACi",
        "$2y$-4$abcdefghijklmnopqrstuuch8f52KMlnWjl2EcOgVkI.PvYxBcACi",
        "$2y$04$abcdefghijklmno=qrstuuch8f52KMlnWjl2EcOgVkI.PvYxBcACi",
        "$2y$04$abcdefghijklmnopqrstuuch8f52KMlnWjl2EcOgVkI.PvYxBcAC\n",
        "pbkdf2:sha256:1000000000$seasalt$abf26390f05f3f309296635457d37d8599e12c7680fda3a97c6c20bd3ddcea8d",
        "pbkdf2:sha256:2000001$seasalt$abf26390f05f3f309296635457d37d8599e12c7680fda3a97c6c20bd3ddcea8d",
        "pbkdf2:sha256:99999999999999999999$seasalt$abf26390f05f3f309296635457d37d8599e12c7680fda3a97c6c20bd3ddcea8d",
        "pbkdf2:sha256:0$seasalt$abf26390f05f3f309296635457d37d8599e12c7680fda3a97c6c20bd3ddcea8d",
        "pbkdf2:sha256:-1$seasalt$abf26390f05f3f309296635457d37d8599e12c7680fda3a97c6c20bd3ddcea8d",
        "pbkdf2:sha256:1000$$abf26390f05f3f309296635457d37d8599e12c7680fda3a97c6c20bd3ddcea8d",
        "pbkdf2:sha256:1000$seasalt$abf26390f05f3f309296635457d37d8599e12c7680fda3a97c6c20bd3ddcea8",
        "pbkdf2:sha256:1000$seasalt$abf26390",
        "pbkdf2:sha256:1000$seasalt$",
        "pbkdf2:sha256:1000$seasalt",
        "pbkdf2:sha256:1000",
        "pbkdf2:sha1:1000$seasalt$abf26390f05f3f309296635457d37d8599e12c7680fda3a97c6c20bd3ddcea8d",
        "pbkdf2_sha256$1000$seasalt$q/JjkPBfPzCSlmNUV9N9hZnhLHaA/aOpfGwgvT3c6o0=$more",
        "pbkdf2_sha256$1000$seasalt$",
        "$pbkdf2-sha256$1212$4vjV83LKPjQzk31VI4E0Vw$hsYF",
        "$pbkdf2-sha256$1212$=$hsYF68OiOUPdDZ1Fg.fJPeq1h/gXXY7acBp9/6c.tmQ",
        "$pbkdf2-sha256$1000000000$4vjV83LKPjQzk31VI4E0Vw$hsYF68OiOUPdDZ1Fg.fJPeq1h/gXXY7acBp9/6c.tmQ",
        "$1$salt$hash",
        "{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=",
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        apr_interval_time_t before = worked();

        assert_false(f1_password_is_hash(rows[i], f1_test_pool()));
        assert_int_equal(verify("Grand-Prix7", rows[i]), 0);
        assert_int_equal(verify("password", rows[i]), 0);
        /* 10^9 iterations take minutes */
        assert_true(worked() - before < apr_time_from_sec(30));
    }
    assert_false(f1_password_is_hash(apr_pstrcat(f1_test_pool(), "pbkdf2_sha256$1000$", repeated('s', 1024 * 1024),
                                                 "$q/JjkPBfPzCSlmNUV9N9hZnhLHaA/aOpfGwgvT3c6o0=", NULL),
                                     f1_test_pool()));
    assert_false(f1_password_is_hash(NULL, f1_test_pool()));
    assert_non_null(strstr(f1_test_log(), "F1B0720"));
    assert_null(strstr(f1_test_log(), "seasalt"));
}

static void test_weaker_hashes_are_replaced(void **state)
{
    (void)state;
    f1_password_setup(5, 2);
    assert_true(f1_password_needs_rehash("$2y$04$abcdefghijklmnopqrstuuch8f52KMlnWjl2EcOgVkI.PvYxBcACi"));
    assert_true(f1_password_needs_rehash("$2b$05$abcdefghijklmnopqrstuuch8f52KMlnWjl2EcOgVkI.PvYxBcACi"));
    assert_true(f1_password_needs_rehash("pbkdf2_sha256$1000$seasalt$q/JjkPBfPzCSlmNUV9N9hZnhLHaA/aOpfGwgvT3c6o0="));
    assert_true(f1_password_needs_rehash(""));
    assert_false(f1_password_needs_rehash(hash("Grand-Prix7")));
    f1_password_setup(COST, 2);
}

static apr_interval_time_t took(const char *password, const char *stored)
{
    apr_interval_time_t least = APR_INT64_MAX;
    int i;

    for (i = 0; i < 5; i++) {
        apr_interval_time_t before = worked(), time;

        (void)verify(password, stored);
        time = worked() - before;
        least = time < least ? time : least;
    }
    return least;
}

/* A factor of two is what one step of cost makes. */
static void assert_alike(apr_interval_time_t one, apr_interval_time_t other)
{
    if (one > 2 * other || other > 2 * one) {
        fail_msg("%ld and %ld microseconds are not alike", (long)one, (long)other);
    }
}

static void test_nobody_takes_as_long_as_somebody(void **state)
{
    const char *stored, *weak = "$2a$04$abcdefghijklmnopqrstuuch8f52KMlnWjl2EcOgVkI.PvYxBcACi";
    apr_interval_time_t wrong;

    (void)state;
    f1_password_setup(7, 2);
    stored = hash("Grand-Prix7");
    wrong = took("Grand-Prix8", stored);
    assert_alike(wrong, took("Grand-Prix7", stored));
    assert_alike(wrong, took("Grand-Prix8", NULL));
    assert_alike(wrong, took("Grand-Prix8", "no hash"));
    assert_alike(wrong, took("Grand-Prix8", weak));
    assert_alike(wrong, took("Grand-Prix7", weak));
    assert_alike(wrong, took(repeated('x', 1024 * 1024), stored));
    f1_password_setup(COST, 2);
}

/* Hashes as long as it is told to. */
static void *APR_THREAD_FUNC keep_busy(apr_thread_t *thread, void *data)
{
    volatile apr_uint32_t *stop = data;
    apr_pool_t *pool = apr_thread_pool_get(thread);
    const char *stored;

    while (!*stop) {
        (void)f1_password_hash(&stored, "Grand-Prix7", pool, f1_result_make(pool));
    }
    return NULL;
}

static void test_no_more_at_a_time_than_allowed(void **state)
{
    static volatile apr_uint32_t stop;
    f1_result_t *res = f1_result_make(f1_test_pool());
    apr_thread_t *thread;
    apr_status_t rv;
    const char *stored;
    int right;

    (void)state;
    f1_password_setup(10, 1);
    stop = 0;
    assert_int_equal(apr_thread_create(&thread, NULL, keep_busy, (void *)&stop, f1_test_pool()), APR_SUCCESS);
    do {
        rv = f1_password_verify(&right, "Grand-Prix7", NULL, f1_test_pool(), res);
    } while (rv == APR_SUCCESS);
    stop = 1;
    apr_thread_join(&rv, thread);
    assert_int_equal(res->error, F1_E_UNAVAILABLE);
    assert_true(res->retry_after > 0);

    f1_password_setup(COST, 0);
    res = f1_result_make(f1_test_pool());
    assert_int_not_equal(f1_password_hash(&stored, "Grand-Prix7", f1_test_pool(), res), APR_SUCCESS);
    assert_int_equal(res->error, F1_E_UNAVAILABLE);
    f1_password_setup(COST, 1);
    assert_int_equal(verify("Grand-Prix7", hash("Grand-Prix7")), 1);
}

#ifdef __linux__
/* Whether one of our threads has a lower priority than this one. */
static int somebody_is_nicer(void)
{
    int ours = getpriority(PRIO_PROCESS, 0), found = 0;
    DIR *tasks = opendir("/proc/self/task");
    struct dirent *task;

    assert_non_null(tasks);
    while ((task = readdir(tasks)) != NULL) {
        id_t id = (id_t)strtol(task->d_name, NULL, 10);

        found = found || (id > 0 && getpriority(PRIO_PROCESS, id) > ours);
    }
    assert_int_equal(closedir(tasks), 0);
    return found;
}

static void test_others_come_first(void **state)
{
    static volatile apr_uint32_t stop;
    int before = getpriority(PRIO_PROCESS, 0), tries;
    apr_thread_t *thread;
    apr_status_t rv;

    (void)state;
    if (before >= 15) {
        return; /* there is little below */
    }
    f1_password_setup(10, 1);
    stop = 0;
    assert_int_equal(apr_thread_create(&thread, NULL, keep_busy, (void *)&stop, f1_test_pool()), APR_SUCCESS);
    for (tries = 0; tries < 10000 && !somebody_is_nicer(); tries++) {
        apr_sleep(1000);
    }
    stop = 1;
    apr_thread_join(&rv, thread);
    f1_password_setup(COST, 2);
    assert_true(tries < 10000);
    assert_int_equal(getpriority(PRIO_PROCESS, 0), before);
    (void)hash("Grand-Prix7");
    assert_int_equal(getpriority(PRIO_PROCESS, 0), before);
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        F1_TEST(test_rules),
        F1_TEST(test_no_more_than_bcrypt_sees),
        F1_TEST(test_common_passwords),
        F1_TEST(test_the_username_is_no_password),
        F1_TEST(test_other_fields_errors_are_not_its),
        F1_TEST(test_hash_and_verify),
        F1_TEST(test_the_72nd_byte_counts_and_a_73rd_is_refused),
        F1_TEST(test_hashes_of_other_programs),
        F1_TEST(test_hostile_hashes),
        F1_TEST(test_weaker_hashes_are_replaced),
        F1_TEST(test_nobody_takes_as_long_as_somebody),
        F1_TEST(test_no_more_at_a_time_than_allowed),
#ifdef __linux__
        F1_TEST(test_others_come_first),
#endif
    };

    f1_password_setup(COST, 2);
    return f1_test_run(tests);
}
