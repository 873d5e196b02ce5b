/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Who may do what. */

#include "f1_test.h"

#include "auth/identity.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *const two_scopes[] = {"jobs:run", "models:read", "read", NULL};
static const f1_identity_t user = {.by = F1_BY_TOKEN, .role = F1_ROLE_USER, .user_id = "u"};
static const f1_identity_t admin = {.by = F1_BY_TOKEN, .role = F1_ROLE_ADMIN, .user_id = "a"};
static const f1_identity_t server_admin = {.by = F1_BY_SERVER, .role = F1_ROLE_ADMIN, .user_id = "a"};
static const f1_identity_t key = {.by = F1_BY_KEY, .user_id = "a", .scopes = two_scopes, .owner_role = F1_ROLE_USER};
static const f1_identity_t bare_key = {
    .by = F1_BY_KEY, .user_id = "a", .scopes = two_scopes + 3, .owner_role = F1_ROLE_ADMIN};
static const f1_identity_t admins_key = {
    .by = F1_BY_KEY, .user_id = "a", .scopes = two_scopes, .owner_role = F1_ROLE_ADMIN};

static void everybody_may_do_what_is_his(void **state)
{
    static const f1_identity_t *const who[] = {&f1_identity_nobody, &user,      &admin, &server_admin, &key,
                                               &bare_key,           &admins_key};
    static const struct {
        f1_route_t route;
        int public_read;
        int answers[COUNT(who)]; /* 401, 403 or 200 */
    } cases[] = {
        {{.auth = F1_AUTH_OPEN}, 1, {200, 200, 200, 200, 200, 200, 200}},
        {{.auth = F1_AUTH_OPEN}, 0, {200, 200, 200, 200, 200, 200, 200}},
        {{.auth = F1_AUTH_PUBLIC}, 1, {200, 200, 200, 200, 200, 200, 200}},
        {{.auth = F1_AUTH_PUBLIC}, 0, {401, 200, 200, 200, 200, 403, 200}},
        {{.auth = F1_AUTH_USER}, 1, {401, 200, 200, 200, 403, 403, 403}},
        {{.auth = F1_AUTH_ADMIN}, 1, {401, 403, 200, 200, 403, 403, 403}},
        {{.auth = F1_AUTH_ADMIN, .scope = "jobs:run"}, 1, {401, 403, 200, 200, 403, 403, 200}},
        {{.auth = F1_AUTH_ADMIN, .scope = "jobs"}, 1, {401, 403, 200, 200, 403, 403, 403}},
        {{.auth = F1_AUTH_SCOPE, .scope = "jobs:run"}, 1, {401, 200, 200, 200, 200, 403, 200}},
        {{.auth = F1_AUTH_SCOPE, .scope = "models:read"}, 1, {401, 200, 200, 200, 200, 403, 200}},
        {{.auth = F1_AUTH_SCOPE, .scope = "jobs"}, 1, {401, 200, 200, 200, 403, 403, 403}},
    };
    size_t i, j;

    (void)state;
    for (i = 0; i < COUNT(cases); i++) {
        for (j = 0; j < COUNT(who); j++) {
            f1_result_t *res = f1_result_make(f1_test_pool());
            apr_status_t rv = f1_identity_may_use(who[j], &cases[i].route, cases[i].public_read, res);

            assert_int_equal(f1_error_http(res->error), cases[i].answers[j]);
            assert_int_equal(rv == APR_SUCCESS, cases[i].answers[j] == 200);
        }
    }
}

static void roles_have_names(void **state)
{
    (void)state;
    assert_int_equal(f1_role_of("user"), F1_ROLE_USER);
    assert_int_equal(f1_role_of("admin"), F1_ROLE_ADMIN);
    assert_int_equal(f1_role_of("Admin"), F1_ROLE_NONE);
    assert_int_equal(f1_role_of(NULL), F1_ROLE_NONE);
    assert_string_equal(f1_role_name(F1_ROLE_ADMIN), "admin");
    assert_null(f1_role_name(F1_ROLE_NONE));
}

static void assert_challenge(f1_error_t error, const char *detail, const char *scope, const char *expected)
{
    f1_result_t *res = f1_result_make(f1_test_pool());

    f1_result_fail(res, error, APR_EACCES, "%s", detail);
    assert_string_equal(f1_identity_challenge(res, "my \"realm\"", scope, f1_test_pool()), expected);
}

static void challenges_say_what_was_wrong(void **state)
{
    (void)state;
    assert_challenge(F1_E_UNAUTHORIZED, "missing", NULL, "Bearer realm=\"my realm\"");
    assert_challenge(F1_E_TOKEN_EXPIRED, "The access token has expired", NULL,
                     "Bearer realm=\"my realm\", error=\"invalid_token\", "
                     "error_description=\"The access token has expired\"");
    assert_challenge(F1_E_TOKEN_INVALID, "\"\r\nX: \xc3\xa9\\", NULL,
                     "Bearer realm=\"my realm\", error=\"invalid_token\", error_description=\"X: \"");
    assert_challenge(F1_E_FORBIDDEN, "no", "jobs:run",
                     "Bearer realm=\"my realm\", error=\"insufficient_scope\", error_description=\"no\", "
                     "scope=\"jobs:run\"");
    assert_challenge(F1_E_FORBIDDEN, "no", NULL,
                     "Bearer realm=\"my realm\", error=\"insufficient_scope\", error_description=\"no\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        F1_TEST(everybody_may_do_what_is_his),
        F1_TEST(roles_have_names),
        F1_TEST(challenges_say_what_was_wrong),
    };

    return f1_test_run(tests);
}
