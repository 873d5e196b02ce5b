/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Other parts of the server let in whom the service knows, and the service lets in whom the server knows: static files,
 * a proxied application, server-side includes, error documents, and mounts that are closed. */

#include "f1_test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <apr_base64.h>
#include <apr_strings.h>

#include "auth/jws.h"
#include "base/json.h"
#include "base/str.h"
#include "f1_test_keys.h"
#include "f1_test_users.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define RACES "/api/v1/races?limit=1"

static const char *in_sandbox(const char *name)
{
    return apr_pstrcat(f1_test_pool(), getenv("F1_SANDBOX"), "/", name, NULL);
}

static void put(const char *name, const char *text)
{
    const char *path = in_sandbox(name);
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path, 0644), 0);
}

static const char *const folders[] = {
    "admin",          "role-user",       "bob",  "key",        "two-scopes", "any-key",    "admin-or-key", "not-bob",
    "local-or-admin", "remote-or-admin", "expr", "valid-user", "named",      "redirected", "open",         "index"};

static int make_files(void **state)
{
    size_t i;

    if (f1_test_group_setup(state) || f1_test_setup(state)) {
        return -1;
    }
    put("passwords", "bob:$2y$05$abcdefghijklmnopqrstuuCcjKaiem7KrqQgT2E3g/w2SLyUyrtC6\n");
    assert_int_equal(mkdir(in_sandbox("htdocs/a"), 0755), 0);
    put("htdocs/a/page.html", "a page");
    for (i = 0; i < COUNT(folders); i++) {
        const char *folder = apr_pstrcat(f1_test_pool(), "htdocs/a/", folders[i], NULL);

        assert_int_equal(mkdir(in_sandbox(folder), 0755), 0);
        put(apr_pstrcat(f1_test_pool(), folder, "/index.html", NULL), "a page");
    }
    put("htdocs/a/open/who.html", "please log in");
    put("htdocs/a/page.shtml", "[<!--#include virtual=\"/a/admin/index.html\" -->]");
    put("htdocs/backend", "the application");
    put("htdocs/who.shtml", "<!--#include virtual=\"/a/page.html\" -->");
    return f1_test_teardown(state);
}

static const char *whole(const char *path)
{
    return apr_pstrcat(f1_test_pool(), getenv("F1_ORIGIN"), path, NULL);
}

/* credential: a whole header, or NULL. */
static f1_reply_t *ask(const char *path, const char *credential)
{
    const char *headers[] = {credential, NULL};

    return f1_test_ask(&(f1_ask_t){.path = whole(path), .headers = headers});
}

static const char *header(const f1_reply_t *reply, const char *name)
{
    const char *value = apr_table_get(reply->headers, name);

    return value ? value : "";
}

static const char *key_header(const char *key)
{
    return apr_pstrcat(f1_test_pool(), "X-API-Key: ", key, NULL);
}

static const char *basic(const char *user, const char *password)
{
    const char *both = apr_pstrcat(f1_test_pool(), user, ":", password, NULL);
    char *text = apr_palloc(f1_test_pool(), (apr_size_t)apr_base64_encode_len((int)strlen(both)));

    apr_base64_encode(text, both, (int)strlen(both));
    return apr_pstrcat(f1_test_pool(), "Authorization: Basic ", text, NULL);
}

/* --- Require */

static void parts_let_in_whom_they_want(void **state)
{
    static const struct {
        const char *path;
        int nobody, ann, bob, key, key_without; /* ann is an administrator; the keys are hers */
    } cases[] = {
        {"/a/page.html", 401, 200, 200, 401, 401},
        {"/a/admin/", 401, 200, 401, 401, 401},
        {"/a/role-user/", 401, 200, 200, 401, 401},
        {"/a/bob/", 401, 401, 200, 401, 401},
        {"/a/key/", 401, 401, 401, 200, 401},
        {"/a/two-scopes/", 401, 401, 401, 401, 401},
        {"/a/any-key/", 401, 401, 401, 200, 200},
        {"/a/admin-or-key/", 401, 200, 403, 200, 403},
        {"/a/not-bob/", 401, 200, 401, 401, 401},
        {"/a/local-or-admin/", 200, 200, 200, 200, 200},
        {"/a/remote-or-admin/", 401, 200, 401, 401, 401},
        {"/a/expr/", 401, 200, 401, 401, 401},
        {"/a/valid-user/", 401, 200, 200, 200, 200},
        {"/a/named/", 401, 401, 200, 401, 401},
        {"/a/open/", 200, 200, 200, 200, 200},
    };
    const char *ann, *bob, *key, *key_without;
    size_t i;

    (void)state;
    f1_test_expect_log("AH01629|AH0163[01]"); /* httpd tells of everybody whom it does not let in */
    f1_test_users();
    ann = f1_test_bearer("ann");
    bob = f1_test_bearer("bob");
    key = key_header(f1_test_api_key("ann", "backup:read", NULL));
    key_without = key_header(f1_test_api_key("ann", "", NULL));
    for (i = 0; i < COUNT(cases); i++) {
        const int expected[] = {cases[i].nobody, cases[i].ann, cases[i].bob, cases[i].key, cases[i].key_without};
        const char *const shown[] = {NULL, ann, bob, key, key_without};
        size_t j;

        for (j = 0; j < COUNT(shown); j++) {
            f1_reply_t *reply = ask(cases[i].path, shown[j]);

            if (reply->status != expected[j]) {
                fail_msg("%s for %zu: %d instead of %d", cases[i].path, j, reply->status, expected[j]);
            }
        }
    }
    assert_int_equal(ask("/a/two-scopes/", key_header(f1_test_api_key("bob", "jobs:run,backup:read", NULL)))->status,
                     200);
}

static void challenges_tell_what_was_wrong(void **state)
{
    const char *expired, *foreign;

    (void)state;
    f1_test_users();
    expired = f1_test_token(&(f1_test_token_t){.username = "ann", .signed_at = "2030-06-14T12:00:00Z@0"});
    foreign = f1_test_token(&(f1_test_token_t){.username = "ann", .audience = "somebody else"});
    assert_string_equal(header(ask("/a/page.html", NULL), "WWW-Authenticate"), "Bearer realm=\"part a\"");
    assert_string_equal(
        header(ask("/a/page.html", apr_pstrcat(f1_test_pool(), "Authorization: Bearer ", expired, NULL)),
               "WWW-Authenticate"),
        "Bearer realm=\"part a\", error=\"invalid_token\", error_description=\"The token has expired\"");
    assert_non_null(
        strstr(header(ask("/a/page.html", apr_pstrcat(f1_test_pool(), "Authorization: Bearer ", foreign, NULL)),
                      "WWW-Authenticate"),
               "error=\"invalid_token\""));
    assert_non_null(
        strstr(header(ask("/a/admin/", f1_test_bearer("bob")), "WWW-Authenticate"), "error=\"insufficient_scope\""));
    assert_int_equal(ask("/a/page.html", f1_test_bearer("dan"))->status, 401);
    assert_int_equal(ask("/a/page.html", f1_test_bearer("cyd"))->status, 401);
    assert_int_equal(ask("/a/page.html", "Authorization: Basic YTpi")->status, 401);
}

/* --- the rest of httpd */

static void applications_are_told_who_asks(void **state)
{
    const char *key;

    (void)state;
    f1_test_users();
    assert_int_equal(ask("/a/application", NULL)->status, 401);
    assert_string_equal(header(ask("/a/application", f1_test_bearer("ann")), "X-Seen"), "ann admin []");
    key = f1_test_api_key("bob", "a", NULL);
    assert_int_equal(ask("/a/application", key_header(key))->status, 401);
}

/* A page that bob may see includes one that only ann may. */
static void subrequests_are_asked_for_themselves(void **state)
{
    (void)state;
    f1_test_users();
    assert_string_equal(ask("/a/page.shtml", f1_test_bearer("ann"))->body, "[a page]");
    f1_test_expect_log("AH01355|unable to include");
    assert_non_null(strstr(ask("/a/page.shtml", f1_test_bearer("bob"))->body, "an error occurred"));
    assert_string_equal(ask("/who.shtml", f1_test_bearer("bob"))->body, "a page");
    assert_non_null(strstr(ask("/who.shtml", NULL)->body, "an error occurred"));
}

static void redirects_keep_who_asks(void **state)
{
    f1_reply_t *reply;

    (void)state;
    f1_test_users();
    reply = ask("/a/index/", f1_test_bearer("bob")); /* mod_dir goes to index.html */
    assert_int_equal(reply->status, 200);
    assert_string_equal(header(reply, "X-Env-User"), "bob");
    assert_string_equal(header(reply, "X-Env-Role"), "user");
    reply = ask("/a/redirected/", f1_test_bearer("bob"));
    assert_int_equal(reply->status, 401);
    assert_string_equal(reply->body, "please log in");
    assert_non_null(strstr(header(reply, "WWW-Authenticate"), "insufficient_scope"));
    assert_string_equal(ask("/a/redirected/", f1_test_bearer("ann"))->body, "a page");
}

/* Lines of the error log that have this word. */
static int count_in_log(const char *word)
{
    const char *at = f1_test_file(getenv("F1_LOG"), NULL);
    int count = 0;

    for (at = strstr(at, word); at; at = strstr(at + 1, word)) {
        count++;
    }
    return count;
}

/* A page, an include that wants somebody else, and a look by each of their requirements. */
static void the_database_is_asked_once(void **state)
{
    const char *ann;
    int before;

    (void)state;
    f1_test_users();
    ann = f1_test_bearer("ann");
    before = count_in_log("F1B0552:");
    assert_string_equal(ask("/a/page.shtml", ann)->body, "[a page]");
    assert_int_equal(ask("/guarded" RACES, ann)->status, 200);
    assert_int_equal(ask("/f1" RACES, "Authorization: Bearer nonsense")->status, 401);
    assert_int_equal(count_in_log("F1B0552:"), before + 2);
}

static const char *last_line(const char *name)
{
    const char *text = f1_test_file(in_sandbox(name), NULL);
    size_t end = strlen(text), begin;

    while (end > 0 && text[end - 1] == '\n') {
        end--;
    }
    for (begin = end; begin > 0 && text[begin - 1] != '\n'; begin--) {
    }
    return apr_pstrmemdup(f1_test_pool(), text + begin, end - begin);
}

/* httpd writes its line after the answer. */
static void assert_logged(const char *expected)
{
    int i;

    for (i = 0; i < 200 && strcmp(last_line("who.log"), expected) != 0; i++) {
        apr_sleep(apr_time_from_msec(50));
    }
    assert_string_equal(last_line("who.log"), expected);
}

static void logs_know_who_asked(void **state)
{
    const char *key;

    (void)state;
    f1_test_users();
    key = f1_test_api_key("bob", "x,y:z", NULL);
    ask("/a/page.html", f1_test_bearer("bob"));
    assert_logged("bob bob user token - [-] 200 /a/page.html");
    ask("/a/any-key/index.html", key_header(key));
    assert_logged(
        apr_psprintf(f1_test_pool(), "key:%.12s bob - apikey %.12s [x y:z] 200 /a/any-key/index.html", key, key));
    ask("/a/page.html", NULL);
    assert_logged("- - - - - [-] 401 /a/page.html");
    ask("/closed" RACES, f1_test_bearer("ann"));
    assert_logged("ann ann admin token - [-] 200 /closed/api/v1/races");
}

/* --- the service itself */

static void a_closed_service_wants_to_know(void **state)
{
    static const char *const open[] = {"/closed/api/v1/health", "/closed/api/openapi.json", "/closed/"};
    f1_reply_t *reply;
    size_t i;

    (void)state;
    f1_test_users();
    reply = ask("/closed" RACES, NULL);
    assert_int_equal(reply->status, 401);
    f1_assert_json(reply->json, "error_code", "\"unauthorized\"");
    f1_assert_json(reply->json, "error", "\"An access token is missing\"");
    assert_string_equal(header(reply, "WWW-Authenticate"), "Bearer realm=\"f1board\"");
    assert_string_equal(header(reply, "Cache-Control"), "private, no-store");
    reply = ask("/closed" RACES, f1_test_bearer("bob"));
    assert_int_equal(reply->status, 200);
    assert_string_equal(header(reply, "Cache-Control"), "private, no-store");
    assert_non_null(strstr(header(reply, "Vary"), "Authorization"));
    assert_int_equal(ask("/closed" RACES, key_header(f1_test_api_key("bob", "read", NULL)))->status, 200);
    assert_int_equal(ask("/closed" RACES, key_header(f1_test_api_key("bob", "", NULL)))->status, 403);
    assert_int_equal(ask("/closed" RACES, NULL)->status, 401); /* what bob was told is kept for nobody */
    assert_int_equal(ask("/f1" RACES, NULL)->status, 200);
    for (i = 0; i < COUNT(open); i++) {
        assert_int_equal(ask(open[i], "Authorization: Bearer nonsense")->status, 200);
    }
}

/* httpd's cache has what is public, so it works, and nothing else. */
static void a_shared_cache_keeps_nothing_private(void **state)
{
    const char *bob;
    int i;

    (void)state;
    f1_test_users();
    bob = f1_test_bearer("bob");
    for (i = 0; i < 200 && strncmp(header(ask("/kept" RACES, NULL), "X-Cache"), "HIT", 3) != 0; i++) {
    }
    assert_int_equal(strncmp(header(ask("/kept" RACES, NULL), "X-Cache"), "HIT", 3), 0);
    for (i = 0; i < 10; i++) {
        assert_int_equal(ask("/closed" RACES, bob)->status, 200);
        assert_int_equal(ask("/closed" RACES, NULL)->status, 401);
    }
}

/* What is shown has to be right, even where nothing would have had to be shown. */
static void wrong_credentials_are_told(void **state)
{
    static const struct {
        const char *header, *code;
    } cases[] = {
        {"Authorization: Bearer", "\"token_invalid\""},
        {"Authorization: Bearer a.b.c", "\"token_invalid\""},
        {"Authorization: Bearer f1b_nobody1_has_this_key", "\"token_invalid\""},
        {"X-API-Key: f1b_nobody1_has_this_key", "\"token_invalid\""},
        {"X-API-Key: nonsense", "\"token_invalid\""},
    };
    f1_reply_t *reply;
    size_t i;

    (void)state;
    f1_test_users();
    for (i = 0; i < COUNT(cases); i++) {
        reply = ask("/f1" RACES, cases[i].header);
        assert_int_equal(reply->status, 401);
        f1_assert_json(reply->json, "error_code", cases[i].code);
        assert_non_null(strstr(header(reply, "WWW-Authenticate"), "invalid_token"));
    }
    reply = ask("/f1" RACES,
                apr_pstrcat(f1_test_pool(), "Authorization: Bearer ",
                            f1_test_token(&(f1_test_token_t){.username = "bob", .signed_at = "2030-06-14T23:44:59Z@0"}),
                            NULL));
    assert_int_equal(reply->status, 401);
    f1_assert_json(reply->json, "error_code", "\"token_expired\"");
    assert_int_equal(ask("/f1" RACES, "Authorization: Basic YTpi")->status, 200); /* is somebody else's */
}

static void a_guarded_mount_answers_in_its_own_form(void **state)
{
    f1_reply_t *reply;

    (void)state;
    f1_test_users();
    reply = ask("/guarded" RACES, NULL);
    assert_int_equal(reply->status, 401);
    assert_string_equal(header(reply, "Content-Type"), "application/problem+json");
    assert_string_equal(header(reply, "WWW-Authenticate"), "Bearer realm=\"guarded\"");
    reply = ask("/guarded" RACES, "Authorization: Bearer nonsense");
    f1_assert_json(reply->json, "error_code", "\"token_invalid\"");
    assert_int_equal(ask("/guarded" RACES, f1_test_bearer("bob"))->status, 401);
    assert_int_equal(ask("/guarded" RACES, f1_test_bearer("ann"))->status, 200);
}

/* --- whom httpd knows */

static void httpd_s_users_count_where_they_are_trusted(void **state)
{
    (void)state;
    f1_test_users();
    assert_int_equal(ask("/trusted" RACES, NULL)->status, 401);
    f1_test_expect_log("AH01617"); /* the wrong password */
    assert_int_equal(ask("/trusted" RACES, basic("bob", "wrong"))->status, 401);
    assert_int_equal(ask("/trusted" RACES, basic("bob", "bob's password"))->status, 200);
    assert_int_equal(ask("/untrusted" RACES, basic("bob", "bob's password"))->status, 401);
    /* httpd's bob is not the bob who registered here */
    assert_string_equal(f1_test_sql("SELECT a.username <> 'bob', l.issuer, l.subject FROM account_link l"
                                    " JOIN account a ON a.id = l.account_id"),
                        "t|httpd|bob");
    assert_int_equal(ask("/basic", basic("bob", "bob's password"))->status, 404);
    assert_string_equal(f1_test_sql("SELECT count(*) FROM account_link"), "1");
    f1_test_sql("UPDATE account SET disabled_at = now() WHERE id = (SELECT account_id FROM account_link)");
    assert_int_equal(ask("/trusted" RACES, basic("bob", "bob's password"))->status, 401);
    assert_int_equal(ask("/basic", basic("bob", "bob's password"))->status, 401);
}

/* --- whom another issuer knows */

static const char *jwks(void)
{
    const f1_test_key_t *key = f1_test_key(F1_TEST_RSA);

    return apr_psprintf(f1_test_pool(),
                        "{\"keys\": [{\"kty\": \"RSA\", \"use\": \"sig\", \"alg\": \"RS256\", \"kid\": \"k1\","
                        " \"n\": \"%s\", \"e\": \"%s\"}]}",
                        key->n, key->e);
}

/* The issuer's time is the real one. age: of the login there, in seconds. */
static const char *issued_since(const char *subject, const char *audience, int age, int seconds,
                                f1_test_key_kind_t signer)
{
    const f1_key_t key = {.kid = "k1", .alg = F1_ALG_RS256, .signs = f1_test_key(signer)->private_pem};
    json_int_t now = (json_int_t)apr_time_sec(apr_time_now());
    json_t *claims =
        f1_json_own(json_pack("{s:s, s:s, s:s, s:s, s:I, s:I}", "iss", "https://issuer.example/", "sub", subject, "aud",
                              audience, "preferred_username", "bob", "iat", now - age, "exp", now + seconds),
                    f1_test_pool());
    const char *token;

    f1_assert_ok(f1_jws_sign(&token, claims, &key, f1_test_pool(), f1_test_result()), f1_test_result());
    return apr_pstrcat(f1_test_pool(), "Authorization: Bearer ", token, NULL);
}

static const char *issued(const char *subject, const char *audience, int seconds, f1_test_key_kind_t signer)
{
    return issued_since(subject, audience, 60, seconds, signer);
}

static int leave(const char *mount, const char *credential)
{
    const char *headers[] = {credential, "Content-Type: application/json", NULL};

    return f1_test_ask(&(f1_ask_t){.method = "DELETE",
                                   .path = apr_pstrcat(f1_test_pool(), whole(mount), "/api/v1/me", NULL),
                                   .headers = headers,
                                   .body = "{}"})
        ->status;
}

/* Who has no password here deletes his account after a login where he has one. */
static void who_has_no_password_here_leaves_after_a_login_there(void **state)
{
    (void)state;
    f1_test_users();
    put("htdocs/jwks.json", jwks());
    assert_int_equal(leave("/closed", issued_since("auth0|2", "f1board-tests", 660, 600, F1_TEST_RSA)), 403);
    assert_string_equal(f1_test_sql("SELECT count(*) FROM account_link"), "1");
    assert_int_equal(leave("/closed", issued_since("auth0|2", "f1board-tests", 60, 600, F1_TEST_RSA)), 204);
    assert_string_equal(f1_test_sql("SELECT count(*) FROM account_link"), "0");
    assert_int_equal(ask("/trusted" RACES, basic("bob", "bob's password"))->status, 200);
    assert_int_equal(leave("/trusted", basic("bob", "bob's password")), 204);
    assert_string_equal(f1_test_sql("SELECT count(*) FROM account_link"), "0");
    assert_int_equal(leave("/closed", f1_test_bearer("bob")), 403); /* bob of the tests has no password */
}

static void other_issuers_vouch_for_users(void **state)
{
    f1_reply_t *reply;

    (void)state;
    f1_test_users();
    put("htdocs/jwks.json", jwks());
    assert_int_equal(ask("/closed" RACES, issued("auth0|1", "f1board-tests", 600, F1_TEST_RSA))->status, 200);
    assert_int_equal(ask("/a/page.html", issued("auth0|1", "f1board-tests", 600, F1_TEST_RSA))->status, 200);
    assert_string_equal(f1_test_sql("SELECT l.issuer, l.subject, a.username <> 'bob', a.role FROM account_link l"
                                    " JOIN account a ON a.id = l.account_id"),
                        "https://issuer.example/|auth0|1|t|user");
    assert_int_equal(ask("/a/bob/", issued("auth0|1", "f1board-tests", 600, F1_TEST_RSA))->status, 401);
    reply = ask("/closed" RACES, issued("auth0|1", "f1board-tests", -1, F1_TEST_RSA));
    assert_int_equal(reply->status, 401);
    f1_assert_json(reply->json, "error_code", "\"token_expired\"");
    reply = ask("/closed" RACES, issued("auth0|1", "others", 600, F1_TEST_RSA));
    f1_assert_json(reply->json, "error_code", "\"token_invalid\"");
    reply = ask("/closed" RACES, issued("auth0|1", "f1board-tests", 600, F1_TEST_RSA_OTHER));
    f1_assert_json(reply->json, "error_code", "\"token_invalid\"");
    f1_test_sql("UPDATE account SET disabled_at = now() WHERE id = (SELECT account_id FROM account_link)");
    reply = ask("/closed" RACES, issued("auth0|1", "f1board-tests", 600, F1_TEST_RSA));
    f1_assert_json(reply->json, "error", "\"The account is disabled\"");
}

/* --- nothing secret is seen */

/* What "apachectl -t -D DUMP_CONFIG" prints. */
static const char *dump_of_config(void)
{
    const char *command = apr_psprintf(f1_test_pool(), "'%s' -t -D DUMP_CONFIG -f '%s' 2>&1", getenv("F1_HTTPD"),
                                       in_sandbox("httpd.conf"));
    FILE *pipe = popen(command, "r");
    char chunk[1024];
    size_t got;
    f1_buf_t out;

    assert_non_null(pipe);
    f1_buf_init(&out, f1_test_pool(), 4096, 1024 * 1024);
    while ((got = fread(chunk, 1, sizeof(chunk), pipe)) > 0) {
        f1_buf_add(&out, chunk, got);
    }
    assert_int_equal(pclose(pipe), 0);
    assert_non_null(strstr(out.data, "F1BoardSecretsFile"));
    return out.data;
}

/* httpd tells nearly everything at trace8, and mod_info shows the whole configuration. */
static void secrets_are_seen_nowhere(void **state)
{
    const char *key, *token, *signature, *secret, *log, *info;
    apr_pool_t *pool = f1_test_pool();

    (void)state;
    f1_test_users();
    key = f1_test_api_key("bob", "read", NULL);
    token = f1_test_token(&(f1_test_token_t){.username = "ann"});
    signature = strrchr(token, '.') + 1;
    secret = strrchr(f1_test_file(in_sandbox("secrets"), NULL), ' ') + 1;
    secret = apr_pstrmemdup(pool, secret, strcspn(secret, "\n"));
    assert_int_equal(ask("/closed" RACES, apr_pstrcat(pool, "Authorization: Bearer ", token, NULL))->status, 200);
    assert_int_equal(ask("/closed" RACES, apr_pstrcat(pool, "Authorization: Bearer ", token, "x", NULL))->status, 401);
    assert_int_equal(ask("/closed" RACES, apr_pstrcat(pool, "Authorization: Bearer ", key, NULL))->status, 200);
    assert_int_equal(ask("/closed" RACES, apr_pstrcat(pool, "X-API-Key: ", key, "x", NULL))->status, 401);
    log = f1_test_file(getenv("F1_LOG"), NULL);
    info =
        apr_pstrcat(pool, ask("/server-info", NULL)->body, ask("/server-status", NULL)->body, dump_of_config(), NULL);
    assert_non_null(strstr(info, "F1BoardSecretsFile"));
    assert_null(strstr(log, signature));
    assert_null(strstr(log, key + 12));
    assert_null(strstr(log, secret));
    assert_null(strstr(info, signature));
    assert_null(strstr(info, key + 12));
    assert_null(strstr(info, secret));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        F1_TEST(parts_let_in_whom_they_want),
        F1_TEST(challenges_tell_what_was_wrong),
        F1_TEST(applications_are_told_who_asks),
        F1_TEST(subrequests_are_asked_for_themselves),
        F1_TEST(redirects_keep_who_asks),
        F1_TEST(the_database_is_asked_once),
        F1_TEST(logs_know_who_asked),
        F1_TEST(a_closed_service_wants_to_know),
        F1_TEST(a_shared_cache_keeps_nothing_private),
        F1_TEST(wrong_credentials_are_told),
        F1_TEST(a_guarded_mount_answers_in_its_own_form),
        F1_TEST(httpd_s_users_count_where_they_are_trusted),
        F1_TEST(other_issuers_vouch_for_users),
        F1_TEST(who_has_no_password_here_leaves_after_a_login_there),
        F1_TEST(secrets_are_seen_nowhere),
    };

    return cmocka_run_group_tests(tests, make_files, f1_test_group_teardown);
}
