/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* If-Match and If-None-Match as clients, proxies and strangers send it. */

#include "f1_test.h"

#include <string.h>

#include <apr_strings.h>

#include "base/etag.h"

#define OWN "\"abc\""

static void assert_found(const char *list, const char *tag)
{
    size_t len = 0;
    const char *found = f1_etag_find(list, OWN, F1_ETAG_WEAKLY, &len);

    if (!found || strcmp(apr_pstrmemdup(f1_test_pool(), found, len), tag)) {
        fail_msg("%s: %s", list, found ? found : "not found");
    }
}

static void assert_not_found(const char *list)
{
    size_t len;

    if (f1_etag_find(list, OWN, F1_ETAG_WEAKLY, &len)) {
        fail_msg("%s", list);
    }
}

static void test_found(void **state)
{
    (void)state;
    assert_found(OWN, OWN);
    assert_found("W/" OWN, OWN);
    assert_found(" \"x\" , W/\"y\",\t" OWN " ", OWN);
    assert_found(",," OWN, OWN);
    assert_found("\"ab\", \"abcd\", " OWN, OWN);
    assert_found("\"a,b\", " OWN, OWN);
    assert_found("\"abc-gzip\"", "\"abc-gzip\"");
    assert_found("W/\"abc-br\"", "\"abc-br\"");
    assert_found("\"\", " OWN, OWN);
}

static void test_not_found(void **state)
{
    static const char *const lists[] = {"",
                                        " ",
                                        "*",
                                        "abc",
                                        "\"abc",
                                        "\"",
                                        "w/\"abc\"",
                                        "\"ABC\"",
                                        "\"ab\"",
                                        "\"abcd\"",
                                        "\"abc-\"",
                                        "\"abc-gzi\"",
                                        "W/ \"abc\"",
                                        "\"-gzip\"",
                                        "x \"abc\"",
                                        "\"abc-deflate\"",
                                        "\"abc-gzip-br\""};

    (void)state;
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        assert_not_found(lists[i]);
    }
}

static void test_strongly(void **state)
{
    size_t len;

    (void)state;
    assert_non_null(f1_etag_find(OWN, OWN, F1_ETAG_STRONGLY, &len));
    assert_non_null(f1_etag_find("W/" OWN ", \"abc-gzip\"", OWN, F1_ETAG_STRONGLY, &len));
    assert_null(f1_etag_find("W/" OWN, OWN, F1_ETAG_STRONGLY, &len));
    assert_null(f1_etag_find("W/" OWN ", \"x\"", OWN, F1_ETAG_STRONGLY, &len));
}

static void test_any(void **state)
{
    (void)state;
    assert_true(f1_etag_is_any("*"));
    assert_true(f1_etag_is_any(" *"));
    assert_false(f1_etag_is_any("\"*\""));
    assert_false(f1_etag_is_any(""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        F1_TEST(test_found),
        F1_TEST(test_not_found),
        F1_TEST(test_strongly),
        F1_TEST(test_any),
    };

    return f1_test_run(tests);
}
