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

static int status_of_registration(const char *username, const char *email, const char *password)
{
    return ask("POST", "/api/v1/auth/register", NULL,
               apr_psprintf(f1_test_pool(), "{\"username\":\"%s\",\"email\":\"%s\",\"password\":\"%s\"}", username,
                            email, password))
        ->status;
}

/* Names that look like others', addresses in other letters, passwords that bcrypt would cut or that keep it busy. */
static void test_hostile_registrations(void **state)
{
    static const char *const names[] = {"r\xd0\xb8"
                                        "y",
                                        "ray\xe2\x80\xae",
                                        "r ay",
                                        "r\\u0000ay",
                                        "RAY",
                                        "ray@example",
                                        "..",
                                        "ra",
                                        "'; --",
                                        "\xef\xbd\x92"
                                        "ay"};
    char *long_one = apr_pcalloc(f1_test_pool(), 1024 * 1024);
    const char *before;
    size_t i;

    (void)state;
    assert_int_equal(register_as("ray")->status, 201);
    before = f1_test_sql("SELECT count(*) FROM account");
    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        int status = status_of_registration(names[i], "other@example.org", "SecurePass123");

        if (status != 400 && status != 409) {
            fail_msg("the name '%s' is told %d", names[i], status);
        }
    }
    assert_int_equal(status_of_registration("ray2", "RAY@Example.ORG", "SecurePass123"), 409);
    memset(long_one, 'x', 1024 * 1024 - 1);
    memcpy(long_one, "Aa1", 3);
    assert_int_equal(status_of_registration("ray3", "ray3@example.org", long_one), 413);
    assert_int_equal(ask("POST", "/api/v1/auth/login", NULL,
                         apr_psprintf(f1_test_pool(), "{\"login\":\"ray\",\"password\":\"%s\"}", long_one))
                         ->status,
                     413);
    long_one[73] = '\0';
    assert_int_equal(status_of_registration("ray3", "ray3@example.org", long_one), 400);
    assert_string_equal(f1_test_sql("SELECT count(*) FROM account"), before);
    long_one[72] = '\0';
    assert_int_equal(status_of_registration("ray3", "ray3@example.org", long_one), 201);
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

/* Of another account, whatever it is by now. */
static f1_reply_t *decide(const char *path, const char *authorization, const char *body)
{
    const char *headers[] = {authorization, "Content-Type: application/json", "If-Match: *", NULL};

    return f1_test_ask(&(f1_ask_t){.method = "PATCH", .path = path, .headers = headers, .body = body});
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
    assert_int_equal(decide(path, bearer(pia), "{\"role\":\"admin\"}")->status, 403);
    assert_int_equal(decide(path, admin, "{\"role\":\"admin\"}")->status, 204);
    assert_int_equal(ask("GET", "/api/v1/users?q=PI", bearer(pia), NULL)->status, 200);
    assert_int_equal(decide(path, bearer(pia), "{\"role\":\"user\"}")->status, 409);
    assert_int_equal(decide(path, admin, "{\"role\":\"user\",\"disabled\":true}")->status, 204);
    assert_int_equal(ask("GET", "/api/v1/me", bearer(pia), NULL)->status, 401);
    f1_assert_json(ask("GET", path, admin, NULL)->json, "disabled", "true");
    assert_int_equal(decide(path, admin, "{\"disabled\":false}")->status, 204);
    assert_int_equal(ask("POST", apr_pstrcat(f1_test_pool(), path, "/unlock", NULL), admin, NULL)->status, 204);
    reply = ask("GET", apr_pstrcat(f1_test_pool(), "/api/v1/audit?object=", text(pia, "user_id"), NULL), admin, NULL);
    f1_assert_json(reply->json, "items/0/action", "\"account.unlock\"");
    f1_assert_json(reply->json, "total", "6");
    assert_null(strstr(reply->body, "pia"));
}

static f1_reply_t *ask_by_key(const char *method, const char *path, const char *key, const char *body)
{
    return ask(method, path, apr_pstrcat(f1_test_pool(), "X-API-Key: ", key, NULL), body);
}

static const char *made_key(const char *authorization, const char *scopes)
{
    f1_reply_t *made = ask("POST", "/api/v1/me/api-keys", authorization,
                           apr_psprintf(f1_test_pool(), "{\"name\": \"bot\", \"scopes\": %s}", scopes));

    assert_int_equal(made->status, 201);
    return text(made, "key");
}

/* What keys can do, and that the audit log tells which one did it. */
static void test_keys_do_what_their_scopes_name(void **state)
{
    const char *key, *admins, *job;
    f1_reply_t *reply;

    (void)state;
    f1_test_users();
    f1_test_sql("UPDATE account SET email = username || '@example.org'");
    key = made_key(f1_test_bearer("bob"), "[\"profile:write\", \"jobs:run\"]");
    assert_int_equal(ask_by_key("GET", "/api/v1/me", key, NULL)->status, 403);
    assert_int_equal(ask_by_key("PATCH", "/api/v1/me", key, "{\"time_zone\": \"Asia/Tokyo\"}")->status, 200);
    assert_string_equal(f1_test_sql("SELECT u.via, k.prefix IS NOT NULL FROM audit_log u"
                                    " LEFT JOIN api_key k ON k.id::text = u.details->>'key'"
                                    " WHERE u.action = 'account.update' ORDER BY u.id DESC LIMIT 1"),
                        "apikey|t");
    /* who has the address can have a new password sent there */
    assert_int_equal(ask_by_key("PATCH", "/api/v1/me", key, "{\"email\": \"evil@example.org\"}")->status, 403);
    assert_string_equal(f1_test_sql("SELECT count(*) FROM account WHERE email_pending IS NOT NULL"), "0");
    assert_int_equal(ask_by_key("DELETE", "/api/v1/me", key, "{\"password\": \"SecurePass123\"}")->status, 403);
    assert_int_equal(ask_by_key("POST", "/api/v1/me/api-keys", key, "{\"name\": \"x\", \"scopes\": []}")->status, 403);
    reply = ask_by_key("POST", "/api/v1/sync", key, "{\"what\": \"current\"}");
    assert_int_equal(reply->status, 403);
    assert_string_equal(text(reply, "detail"), "Only API keys of administrators may do this");

    admins = made_key(f1_test_bearer("ann"), "[\"jobs:read\", \"jobs:run\"]");
    reply = ask_by_key("POST", "/api/v1/sync", admins, "{\"what\": \"current\"}");
    assert_int_equal(reply->status, 202);
    job = apr_pstrcat(f1_test_pool(), "/api/v1/jobs/", f1_test_sql("SELECT max(id) FROM job"), NULL);
    assert_int_equal(ask_by_key("GET", job, admins, NULL)->status, 200);
    assert_int_equal(ask_by_key("GET", "/api/v1/audit", admins, NULL)->status, 403);
    f1_test_sql("UPDATE account SET role = 'user' WHERE username = 'ann'");
    assert_int_equal(ask_by_key("GET", job, admins, NULL)->status, 403);
    f1_test_sql("UPDATE account SET role = 'admin' WHERE username = 'ann'");
}

/* The last lines of the audit log, as admins read them. */
static const char *audit(const char *query)
{
    f1_reply_t *reply =
        ask("GET", apr_pstrcat(f1_test_pool(), "/api/v1/audit?", query, NULL), f1_test_bearer("ann"), NULL);
    const char *line = "";
    json_t *item;
    size_t i;

    assert_int_equal(reply->status, 200);
    json_array_foreach(f1_test_json_at(reply->json, "items"), i, item)
    {
        line = apr_pstrcat(f1_test_pool(), line, i ? " " : "", json_string_value(json_object_get(item, "action")), ":",
                           json_string_value(json_object_get(item, "via")), NULL);
    }
    return line;
}

static void assert_done(const char *method, const char *path, const char *body, int status)
{
    f1_reply_t *reply = ask(method, path, f1_test_bearer("ann"), body);

    if (reply->status != status) {
        fail_msg("%s %s: %d, %s", method, path, reply->status, reply->body);
    }
}

static void test_settings_and_runs_by_hand_are_audited(void **state)
{
    const char *job;

    (void)state;
    f1_test_users();
    f1_test_sql("DELETE FROM job");
    assert_done("PATCH", "/api/v1/schedules/rankings", "{\"is_paused\": true}", 200);
    assert_done("POST", "/api/v1/schedules/rankings/run", NULL, 202);
    assert_done("POST", "/api/v1/schedules/rankings/run", NULL, 404); /* it waits, so nothing was done */
    assert_done("POST", "/api/v1/sync", "{\"what\": \"season\", \"season\": 2029}", 202);
    job = f1_test_sql("SELECT max(id) FROM job");
    assert_done("POST", apr_psprintf(f1_test_pool(), "/api/v1/jobs/%s/cancel", job), NULL, 200);
    assert_done("POST", apr_psprintf(f1_test_pool(), "/api/v1/jobs/%s/retry", job), NULL, 200);
    assert_string_equal(audit("limit=5"), "job.retry:token job.cancel:token job.add:token schedule.run:token"
                                          " schedule.change:token");
    assert_string_equal(audit("action=schedule&limit=2"), "schedule.run:token schedule.change:token");
    assert_string_equal(audit(apr_psprintf(f1_test_pool(), "object=%s&via=token&offset=1&limit=2", job)),
                        "job.cancel:token job.add:token");
    assert_string_equal(audit("from=2030-06-15T00:00:01Z"), "");
    assert_string_equal(audit("until=1999-01-01"), "");
    assert_string_equal(audit("action=job.add&from=2030-06-15&until=2030-06-15T00:00:01Z&limit=1"), "job.add:token");
    assert_string_equal(f1_test_sql(apr_psprintf(f1_test_pool(),
                                                 "SELECT details->'payload'->>'season', a.username"
                                                 " FROM audit_log u JOIN account a ON a.id = u.actor_id"
                                                 " WHERE action = 'job.add' AND object_id = '%s'",
                                                 job)),
                        "2029|ann");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        F1_TEST(test_the_walk_of_the_documentation),
        F1_TEST(test_replies),
        F1_TEST(test_hostile_registrations),
        F1_TEST(test_forgot_password_tells_nothing),
        F1_TEST(test_others),
        F1_TEST(test_admins),
        F1_TEST(test_keys_do_what_their_scopes_name),
        F1_TEST(test_settings_and_runs_by_hand_are_audited),
    };

    return f1_test_run(tests);
}
