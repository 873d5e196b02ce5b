/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Every route of the table that shows or changes something, asked for by those who should not: by another user, who
 * knows the ids; and by a page of another site, in the browser of somebody who is logged in. What there is to try
 * follows from the table, so a new route is tried too. */

#include "f1_test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <apr_base64.h>
#include <apr_strings.h>

#include "base/route.h"
#include "f1_test_users.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define EVIL "Origin: https://evil.example"
#define ANN "(SELECT id FROM account WHERE username = 'ann')"

static const char *example_path(const f1_route_t *route)
{
    return apr_pstrmemdup(f1_test_pool(), route->examples[0], strcspn(route->examples[0], "?"));
}

static f1_reply_t *ask(const f1_route_t *route, const char *mount, const char *path, const char *credential,
                       const char *more)
{
    const char *headers[] = {credential, route->bodies ? "Content-Type: application/json" : "X-Nothing: 1", more, NULL};

    return f1_test_ask(&(f1_ask_t){.method = f1_method_name(route->method),
                                   .path = apr_pstrcat(f1_test_pool(), getenv("F1_ORIGIN"), mount, path, NULL),
                                   .headers = headers,
                                   .body = route->bodies ? route->bodies[0] : NULL});
}

/* All that belongs to a user, whatever table it is in. */
static const char *belongings(const char *username)
{
    return f1_test_sql(apr_psprintf(
        f1_test_pool(),
        "SELECT md5((SELECT a::text FROM account a WHERE username = '%s') || string_agg(query_to_xml("
        "  format('SELECT * FROM %%I AS t WHERE account_id = (SELECT id FROM account WHERE username = ''%s'')"
        "          ORDER BY t::text', table_name), true, false, '')::text, '' ORDER BY table_name))"
        " FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)"
        " WHERE column_name = 'account_id' AND table_schema = current_schema AND table_type = 'BASE TABLE'",
        username, username));
}

/* --- Another user */

/* What makes ann a thing that a path names, and tells its id. */
static const struct {
    const char *param, *sql;
} things[] = {
    {"session_id", "SELECT id FROM user_session WHERE account_id = " ANN},
    {"key_id", "INSERT INTO api_key (account_id, name, prefix, hash, scopes) VALUES (" ANN
               ", 'hers', 'f1b_abcdefgh', sha256(random()::text::bytea), '{}') RETURNING id"},
    {"notification_id",
     "INSERT INTO notification (account_id, kind, subject, title, text, in_app, by_mail, by_webhook,"
     " created_at) VALUES (" ANN ", 'results', random(), 'A race', 'Its results', true, false, false,"
     " '2030-06-14') RETURNING id"},
    {"webhook_id", "INSERT INTO webhook (account_id, url, secret, kinds) VALUES (" ANN
                   ", 'https://ann.example/', sha256('s'), '{results}') RETURNING id"},
};

/* A value for a parameter of the path; *pis_hers: it names a thing of ann's, not a part of everybody's account. */
static const char *path_value(const f1_route_t *route, const f1_param_t *param, int *pis_hers)
{
    size_t i;

    for (i = 0; i < COUNT(things); i++) {
        if (!strcmp(things[i].param, param->name)) {
            *pis_hers = 1;
            return f1_test_sql(things[i].sql);
        }
    }
    if (param->type == F1_PARAM_UUID || param->type == F1_PARAM_INTEGER) {
        fail_msg("%s: say in this test what makes a {%s}", route->file, param->name);
    }
    return param->values ? param->values[0] : NULL;
}

/* The route's path with a thing of ann's; NULL: it names none. */
static const char *path_to_hers(const f1_route_t *route)
{
    const char *path = route->templates[0];
    int i, is_hers = 0;

    for (i = 0; i < route->param_count; i++) {
        const char *hole, *value;

        if (route->params[i].in != F1_IN_PATH) {
            continue;
        }
        hole = apr_pstrcat(f1_test_pool(), "{", route->params[i].name, "}", NULL);
        value = path_value(route, &route->params[i], &is_hers);
        if (!value) {
            return NULL;
        }
        path =
            apr_pstrcat(f1_test_pool(), apr_pstrmemdup(f1_test_pool(), path, (apr_size_t)(strstr(path, hole) - path)),
                        value, strstr(path, hole) + strlen(hole), NULL);
    }
    return is_hers ? path : NULL;
}

static void what_is_anothers_is_not_there(void **state)
{
    int i, tried = 0;

    (void)state;
    for (i = 0; i < f1_route_count; i++) {
        const f1_route_t *route = &f1_routes[i];
        const char *path, *before;
        f1_reply_t *reply;

        if (strncmp(route->templates[0], "/api/v1/me/", 11)) {
            continue;
        }
        f1_test_users();
        path = path_to_hers(route);
        if (!path) {
            continue;
        }
        before = belongings("ann");
        reply = ask(route, "/f1", path, f1_test_bearer("bob"), NULL);
        if (reply->status != 404 || strcmp(belongings("ann"), before)) {
            fail_msg("%s: another user is told %d: %s", route->file, reply->status, reply->body);
        }
        reply = ask(route, "/f1", path, f1_test_bearer("ann"), NULL);
        if (reply->status >= 400) {
            fail_msg("%s: its owner is told %d: %s", route->file, reply->status, reply->body);
        }
        tried++;
    }
    assert_true(tried >= 2);
}

/* --- A page of another site */

/* What a form, or a script that needs nobody's leave, can send. */
static const char *const forms[] = {"Content-Type: text/plain", "Content-Type: application/x-www-form-urlencoded",
                                    "Content-Type: multipart/form-data; boundary=x", "Content-Type:"};

static f1_reply_t *submit(const f1_route_t *route, const char *form, const char *more)
{
    const char *headers[] = {form, EVIL, "Sec-Fetch-Site: cross-site", more, NULL};

    return f1_test_ask(&(f1_ask_t){.method = f1_method_name(route->method),
                                   .path = example_path(route),
                                   .headers = headers,
                                   .body = route->bodies ? route->bodies[0] : ""});
}

/* Where no cookie counts, a browser has nothing to bring along; and what nobody has to show anything for takes JSON,
 * which no form sends, or has a secret in its path. */
static void forms_change_nothing(void **state)
{
    const char *cookie;
    size_t j;
    int i;

    (void)state;
    f1_test_users();
    cookie = apr_psprintf(f1_test_pool(), "Cookie: access_token=%s; token=%s; session=%s; Authorization=Bearer",
                          f1_test_token(&(f1_test_token_t){.username = "ann"}),
                          f1_test_token(&(f1_test_token_t){.username = "ann"}), f1_test_session("ann"));
    for (i = 0; i < f1_route_count; i++) {
        const f1_route_t *route = &f1_routes[i];
        int should = route->auth == F1_AUTH_OPEN ? 415 : 401;

        if (route->method == F1_GET) {
            continue;
        }
        if (route->any_body) { /* what has to be known is in its path */
            should = 404;
        }
        for (j = 0; j < COUNT(forms); j++) {
            f1_reply_t *reply = submit(route, forms[j], cookie);

            if (reply->status != should) {
                fail_msg("%s: a form of %s is told %d", route->file, forms[j], reply->status);
            }
            assert_null(apr_table_get(reply->headers, "Set-Cookie"));
            assert_null(apr_table_get(reply->headers, "Access-Control-Allow-Origin"));
        }
    }
}

/* A token in a query would be in logs, histories and Referer: it is not looked at there. */
static void tokens_in_queries_are_nothing(void **state)
{
    const char *token;

    (void)state;
    f1_test_users();
    token = f1_test_token(&(f1_test_token_t){.username = "ann"});
    assert_int_equal(f1_test_get(apr_pstrcat(f1_test_pool(), "/api/v1/me?access_token=", token, NULL))->status, 401);
}

static const char *password_of_bob(void)
{
    static const char both[] = "bob:bob's password";
    char *text = apr_palloc(f1_test_pool(), (apr_size_t)apr_base64_encode_len(sizeof(both) - 1));

    apr_base64_encode(text, both, sizeof(both) - 1);
    return apr_pstrcat(f1_test_pool(), "Authorization: Basic ", text, NULL);
}

static void make_trusted_admin(void)
{
    const char *path = apr_pstrcat(f1_test_pool(), getenv("F1_SANDBOX"), "/passwords", NULL), *origin;
    const char *headers[] = {password_of_bob(), NULL};
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_true(fputs("bob:$2y$05$abcdefghijklmnopqrstuuCcjKaiem7KrqQgT2E3g/w2SLyUyrtC6\n", file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path, 0644), 0);
    f1_test_sql("DELETE FROM account");
    origin = apr_pstrcat(f1_test_pool(), getenv("F1_ORIGIN"), "/trusted/api/v1/me", NULL);
    assert_int_equal(f1_test_ask(&(f1_ask_t){.path = origin, .headers = headers})->status, 200);
    f1_test_sql("UPDATE account SET role = 'admin'");
}

/* Where httpd knows somebody by what browsers send by themselves, it matters which page made them ask. */
static void pages_of_others_change_nothing(void **state)
{
    static const char *const foreign[] = {EVIL, "Origin: null", "Sec-Fetch-Site: cross-site",
                                          "Sec-Fetch-Site: same-site"};
    const char *own = apr_pstrcat(f1_test_pool(), "Origin: ", getenv("F1_ORIGIN"), NULL), *username, *before;
    const char *const welcome[] = {own, "Sec-Fetch-Site: same-origin", "Sec-Fetch-Site: none", "X-Program: yes"};
    char *padding = apr_pcalloc(f1_test_pool(), 3001);
    size_t j;
    int i;

    (void)state;
    memset(padding, 'x', 3000);
    make_trusted_admin();
    username = f1_test_sql("SELECT username FROM account");
    before = belongings(username);
    for (i = 0; i < f1_route_count; i++) {
        const f1_route_t *route = &f1_routes[i];

        if (route->method == F1_GET || route->auth == F1_AUTH_OPEN) {
            continue;
        }
        for (j = 0; j < COUNT(foreign); j++) {
            if (ask(route, "/trusted", example_path(route), password_of_bob(), foreign[j])->status != 403) {
                fail_msg("%s: %s may use it", route->file, foreign[j]);
            }
        }
        for (j = 0; j < COUNT(welcome); j++) { /* with a query that is too long, so that nothing is done */
            const char *path = apr_pstrcat(f1_test_pool(), example_path(route), "?", padding, NULL);

            if (ask(route, "/trusted", path, password_of_bob(), welcome[j])->status != 414) {
                fail_msg("%s: %s may not use it", route->file, welcome[j]);
            }
        }
    }
    assert_string_equal(belongings(username), before);
    f1_test_users();
    /* a token is sent by nobody but who has it */
    assert_int_equal(f1_test_ask(&(f1_ask_t){.path = "/api/v1/me/sessions",
                                             .headers = (const char *[]){f1_test_bearer("bob"), EVIL, NULL}})
                         ->status,
                     200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        F1_TEST(what_is_anothers_is_not_there),
        F1_TEST(forms_change_nothing),
        F1_TEST(tokens_in_queries_are_nothing),
        F1_TEST(pages_of_others_change_nothing),
    };

    return f1_test_run(tests);
}
