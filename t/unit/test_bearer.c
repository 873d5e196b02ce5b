/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Authorization and X-API-Key: which is which, and what is neither. */

#include <string.h>

#include <apr_strings.h>

#include "auth/bearer.h"
#include "auth/token.h"
#include "f1_test.h"

static void reads(const char *authorization, const char *api_key, f1_bearer_kind_t kind, const char *text)
{
    f1_bearer_t bearer;

    f1_assert_ok(f1_bearer_read(&bearer, authorization, api_key, f1_test_pool(), f1_test_result()), f1_test_result());
    assert_int_equal(bearer.kind, kind);
    if (text) {
        assert_string_equal(bearer.text, text);
    }
    else {
        assert_null(bearer.text);
    }
}

static void refuses(const char *authorization, const char *api_key)
{
    f1_result_t *res = f1_result_make(f1_test_pool());
    f1_bearer_t bearer;

    assert_int_not_equal(f1_bearer_read(&bearer, authorization, api_key, f1_test_pool(), res), APR_SUCCESS);
    assert_int_equal(res->error, F1_E_TOKEN_INVALID);
    assert_null(strstr(res->detail, "f1b_"));
}

static void test_nothing(void **state)
{
    (void)state;
    reads(NULL, NULL, F1_BEARER_NONE, NULL);
    reads("", NULL, F1_BEARER_NONE, NULL);
    reads("Basic dXNlcjpwYXNz", NULL, F1_BEARER_NONE, NULL);
    reads("Bearerx abc", NULL, F1_BEARER_NONE, NULL);
    reads("Digest Bearer abc", NULL, F1_BEARER_NONE, NULL);
}

static void test_tokens(void **state)
{
    (void)state;
    reads("Bearer aaa.bbb.ccc", NULL, F1_BEARER_TOKEN, "aaa.bbb.ccc");
    reads("bEARER \t aaa.bbb.ccc \t", NULL, F1_BEARER_TOKEN, "aaa.bbb.ccc");
    reads("  Bearer a-._~+/==", NULL, F1_BEARER_TOKEN, "a-._~+/==");
    reads("Bearer xf1b_aaa", NULL, F1_BEARER_TOKEN, "xf1b_aaa");
}

static void test_api_keys(void **state)
{
    (void)state;
    reads("Bearer f1b_abc-DEF_123", NULL, F1_BEARER_API_KEY, "f1b_abc-DEF_123");
    reads(NULL, "f1b_abc", F1_BEARER_API_KEY, "f1b_abc");
    reads(NULL, " f1b_abc ", F1_BEARER_API_KEY, "f1b_abc");
    reads("Basic dXNlcjpwYXNz", "f1b_abc", F1_BEARER_API_KEY, "f1b_abc");
    reads("Bearer f1b_abc", "f1b_abc", F1_BEARER_API_KEY, "f1b_abc");
}

static void test_refuses(void **state)
{
    apr_pool_t *pool = f1_test_pool();
    char *longest = apr_palloc(pool, F1_TOKEN_MAX + 3);

    (void)state;
    refuses("Bearer", NULL);
    refuses("Bearer ", NULL);
    refuses("Bearer =", NULL);
    refuses("Bearer a b", NULL);
    refuses("Bearer a=b", NULL);
    refuses("Bearer a\tb", NULL);
    refuses("Bearer \"abc\"", NULL);
    refuses("Bearer a,b", NULL);
    refuses("Bearer a\xc3\xa4", NULL);
    refuses("Bearer f1b_", NULL);
    refuses("Bearer f1b_a.b", NULL);
    refuses(NULL, "");
    refuses(NULL, "abc");
    refuses(NULL, "F1B_abc");
    refuses(NULL, "f1b_'; --");
    refuses("Bearer f1b_abc", "f1b_abd");
    refuses("Bearer aaa.bbb.ccc", "f1b_abc");
    memset(longest, 'a', F1_TOKEN_MAX + 2);
    longest[F1_TOKEN_MAX + 2] = '\0';
    refuses(apr_pstrcat(pool, "Bearer ", longest, NULL), NULL);
    refuses(NULL, longest);
    longest[F1_TOKEN_MAX] = '\0';
    reads(apr_pstrcat(pool, "Bearer ", longest, NULL), NULL, F1_BEARER_TOKEN, longest);
    longest[F1_API_KEY_MAX + 1] = '\0';
    memcpy(longest, "f1b_", 4);
    refuses(NULL, longest);
    longest[F1_API_KEY_MAX] = '\0';
    reads(NULL, longest, F1_BEARER_API_KEY, longest);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        F1_TEST(test_nothing),
        F1_TEST(test_tokens),
        F1_TEST(test_api_keys),
        F1_TEST(test_refuses),
    };

    return f1_test_run(tests);
}
