/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Accounts as clients meet them: the walk of docs/accounts.md as it is printed there, and what answers look like. */

#include "f1_test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <apr_strings.h>

#include "f1_test_users.h"

#define WALK_MAX (64 * 1024)

static f1_reply_t *ask(const char *method, const char *path, const char *authorization, const char *body)
{
    const char *headers[] = {authorization, body ? "Content-Type: application/json" : NULL, NULL};

    return f1_test_ask(
        &(f1_ask_t){.method = method, .path = path, .headers = authorization ? headers : headers + 1, .body = body});
}

static const char *text(const f1_reply_t *reply, const char *path)
{
    return json_string_value(f1_test_json_at(reply->json, path));
}

static f1_reply_t *register_as(const char *username)
{
    return ask("POST", "/api/v1/auth/register", NULL,
               apr_psprintf(f1_test_pool(),
                            "{\"username\":\"%s\",\"email\":\"%s@example.org\",\"password\":\"SecurePass123\"}",
                            username, username));
}

static const char *bearer(const f1_reply_t *reply)
{
    return apr_pstrcat(f1_test_pool(), "Authorization: Bearer ", text(reply, "access_token"), NULL);
}

/* The lines of the first block of the page that begins with a marker, as a shell reads them. */
static const char *walk_of(const char *page)
{
    const char *begin = strstr(page, "```sh\n"), *end;

    assert_non_null(begin);
    begin += strlen("```sh\n");
    end = strstr(begin, "```");
    assert_non_null(end);
    return apr_pstrmemdup(f1_test_pool(), begin, (apr_size_t)(end - begin));
}

static void test_the_walk_of_the_documentation(void **state)
{
    const char *script = apr_pstrcat(f1_test_pool(), getenv("F1_SANDBOX"), "/walk.sh", NULL);
    char *said = apr_pcalloc(f1_test_pool(), WALK_MAX);
    FILE *file = fopen(script, "w");
    size_t len;

    (void)state;
    assert_non_null(file);
    fprintf(file, "set -eu\n%s", walk_of(f1_test_file("docs/accounts.md", NULL)));
    assert_int_equal(fclose(file), 0);
    file = popen(apr_pstrcat(f1_test_pool(), "bash ", script, " 2>&1", NULL), "r");
    assert_non_null(file);
    len = fread(said, 1, WALK_MAX - 1, file);
    said[len] = '\0';
    if (pclose(file) != 0 || !strstr(said, "The session has ended")) {
        fail_msg("%s", said);
    }
    assert_string_equal(f1_test_sql("SELECT email_verified, time_zone FROM account_profile WHERE username = 'kim'"),
                        "t|Europe/Rome");
}

static void test_replies(void **state)
{
    f1_reply_t *reply = register_as("lou"), *login;

    (void)state;
    assert_int_equal(reply->status, 201);
    assert_string_equal(apr_table_get(reply->headers, "Cache-Control"), "no-store");
    assert_string_equal(text(reply, "token"), text(reply, "access_token"));
    assert_string_equal(text(reply, "user_id"), text(reply, "user/id"));
    f1_assert_json(reply->json, "token_type", "\"Bearer\"");
    f1_assert_json(reply->json, "expires_in", "900");
    f1_assert_json(reply->json, "expires_at", "\"2030-06-15T00:15:00Z\"");
    f1_assert_json(reply->json, "refresh_expires_at", "\"2030-06-22T00:00:00Z\"");
    f1_assert_json(reply->json, "user/role", "\"user\"");
    f1_assert_json(reply->json, "user/email_verified", "false");
    assert_int_equal(register_as("LOU")->status, 409);
    login = ask("POST", "/api/v1/auth/login", NULL, "{\"email\":\"lou@example.org\",\"password\":\"SecurePass123\"}");
    assert_int_equal(login->status, 200);
    assert_string_equal(text(login, "user_id"), text(reply, "user_id"));
    login = ask("POST", "/api/v1/auth/login", NULL, "{\"login\":\"lou\",\"password\":\"SecurePass124\"}");
    assert_int_equal(login->status, 401);
    assert_non_null(apr_table_get(login->headers, "WWW-Authenticate"));
    reply = ask("POST", "/api/v1/auth/login", NULL, "{\"login\":\"nobody\",\"password\":\"SecurePass124\"}");
    assert_string_equal(text(reply, "detail"), text(login, "detail"));
    reply = ask("POST", "/api/v1/auth/login", NULL, "{\"password\":\"SecurePass124\"}");
    assert_int_equal(reply->status, 400);
    reply = ask("POST", "/api/v1/auth/register", NULL,
                "{\"email\":\"x@example.org\",\"password\":\"Sh0rt\",\"username\":\"xavier\"}");
    assert_int_equal(reply->status, 400);
    f1_assert_json(reply->json, "errors/0/field", "\"/password\"");
    assert_null(strstr(reply->body, "Sh0rt"));
}

static void test_forgot_password_tells_nothing(void **state)
{
    f1_reply_t *known, *unknown;

    (void)state;
    register_as("mia");
    known = ask("POST", "/api/v1/auth/forgot-password", NULL, "{\"email\":\"mia@example.org\"}");
    unknown = ask("POST", "/api/v1/auth/forgot-password", NULL, "{\"email\":\"nobody@example.org\"}");
    assert_int_equal(known->status, 204);
    assert_int_equal(unknown->status, 204);
    assert_int_equal(known->body_len, 0);
    assert_string_equal(
        f1_test_sql("SELECT count(*) FROM mail_outbox WHERE kind = 'reset_password' AND recipient LIKE 'mia@%'"), "1");
}

/* What one user may not see or touch of another's is not there. */
static void test_others(void **state)
{
    f1_reply_t *ned = register_as("ned"), *ola = register_as("ola"), *key;
    const char *path;

    (void)state;
    path = apr_pstrcat(f1_test_pool(), "/api/v1/me/sessions/", text(ned, "session_id"), NULL);
    assert_int_equal(ask("DELETE", path, bearer(ola), NULL)->status, 404);
    key = ask("POST", "/api/v1/me/api-keys", bearer(ned), "{\"name\":\"bot\",\"scopes\":[\"profile:read\"]}");
    assert_int_equal(key->status, 201);
    path = apr_pstrcat(f1_test_pool(), "/api/v1/me/api-keys/", text(key, "api_key/id"), NULL);
    assert_int_equal(ask("DELETE", path, bearer(ola), NULL)->status, 404);
    f1_assert_json(ask("GET", "/api/v1/me/api-keys", bearer(ola), NULL)->json, "total", "0");
    assert_null(strstr(ask("GET", "/api/v1/me/api-keys", bearer(ned), NULL)->body, text(key, "key")));
    assert_null(strstr(ask("GET", "/api/v1/me/export", bearer(ned), NULL)->body, "hash"));
    f1_assert_json(
        ask("GET", "/api/v1/me", apr_pstrcat(f1_test_pool(), "X-API-Key: ", text(key, "key"), NULL), NULL)->json,
        "username", "\"ned\"");
    assert_int_equal(ask("DELETE", path, bearer(ned), NULL)->status, 204);
    assert_int_equal(ask("DELETE", "/api/v1/me", bearer(ned), NULL)->status, 415);
    f1_assert_json(ask("DELETE", "/api/v1/me", bearer(ned), "{\"password\":\"SecurePass124\"}")->json, "errors/0/field",
                   "\"/password\"");
    assert_int_equal(ask("DELETE", "/api/v1/me", bearer(ned), "{\"password\":\"SecurePass123\"}")->status, 204);
    assert_int_equal(ask("GET", "/api/v1/me", bearer(ned), NULL)->status, 401);
}

static void test_admins(void **state)
{
    f1_reply_t *pia, *reply;
    const char *path, *admin;

    (void)state;
    f1_test_users();
    admin = f1_test_bearer("ann");
    pia = register_as("pia");
    path = apr_pstrcat(f1_test_pool(), "/api/v1/users/", text(pia, "user_id"), NULL);
    assert_int_equal(ask("PATCH", path, bearer(pia), "{\"role\":\"admin\"}")->status, 403);
    assert_int_equal(ask("PATCH", path, admin, "{\"role\":\"admin\"}")->status, 204);
    assert_int_equal(ask("GET", "/api/v1/users?q=PI", bearer(pia), NULL)->status, 200);
    assert_int_equal(ask("PATCH", path, bearer(pia), "{\"role\":\"user\"}")->status, 409);
    assert_int_equal(ask("PATCH", path, admin, "{\"role\":\"user\",\"disabled\":true}")->status, 204);
    assert_int_equal(ask("GET", "/api/v1/me", bearer(pia), NULL)->status, 401);
    f1_assert_json(ask("GET", path, admin, NULL)->json, "disabled", "true");
    assert_int_equal(ask("PATCH", path, admin, "{\"disabled\":false}")->status, 204);
    assert_int_equal(ask("POST", apr_pstrcat(f1_test_pool(), path, "/unlock", NULL), admin, NULL)->status, 204);
    reply = ask("GET", apr_pstrcat(f1_test_pool(), "/api/v1/audit?object=", text(pia, "user_id"), NULL), admin, NULL);
    f1_assert_json(reply->json, "items/0/action", "\"account.unlock\"");
    f1_assert_json(reply->json, "total", "6");
    assert_null(strstr(reply->body, "pia"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        F1_TEST(test_the_walk_of_the_documentation),
        F1_TEST(test_replies),
        F1_TEST(test_forgot_password_tells_nothing),
        F1_TEST(test_others),
        F1_TEST(test_admins),
    };

    return f1_test_run(tests);
}
