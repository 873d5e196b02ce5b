/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Every route of the table, asked by everybody there may be, at an open mount and at a closed one. What each should be
 * told is computed here from the route's header alone, so that a new route needs no line in this file, and one that
 * forgets to ask is found.
 *
 * Who may use a route is told before anything else about a request is looked at. So everybody sends a query that is too
 * long: who may use the route is told that (414), nothing is changed, and the others learn nothing but that they may
 * not. */

#include "f1_test.h"

#include <stdlib.h>
#include <string.h>

#include <apr_strings.h>

#include "base/route.h"
#include "f1_test_users.h"

#define TOO_LONG 3000 /* bytes of a query; F1BoardMaxQuery is 2k */

typedef enum { SHOWS_NOTHING, SHOWS_WRONG, SHOWS_USER, SHOWS_ADMIN, SHOWS_KEY, SHOWS_SCOPE, SHOWS_ADMIN_SCOPE } shows_t;

typedef struct caller_t {
    const char *who;
    shows_t shows;
    const char *header;
} caller_t;

static const char *token_header(const f1_test_token_t *wanted)
{
    return apr_pstrcat(f1_test_pool(), "Authorization: Bearer ", f1_test_token(wanted), NULL);
}

static const char *key_header(const char *key)
{
    return apr_pstrcat(f1_test_pool(), "X-API-Key: ", key, NULL);
}

/* Without its last character, and with another one. */
static const char *broken(const char *header)
{
    return apr_pstrmemdup(f1_test_pool(), header, strlen(header) - 1);
}

static const char *revoked(const char *key)
{
    f1_test_sql(apr_psprintf(f1_test_pool(), "UPDATE api_key SET revoked_at = now() WHERE prefix = '%.12s'", key));
    return key;
}

/* All scopes that routes ask for, with one that none does. */
static const char *all_scopes(void)
{
    const char *scopes = "of-no-route," F1_SCOPE_READ;
    int i;

    for (i = 0; i < f1_route_count; i++) {
        if (f1_routes[i].scope && !strstr(scopes, f1_routes[i].scope)) {
            scopes = apr_pstrcat(f1_test_pool(), scopes, ",", f1_routes[i].scope, NULL);
        }
    }
    return scopes;
}

static const caller_t *everybody(void)
{
    const caller_t callers[] = {
        {"nobody", SHOWS_NOTHING, "X-Nothing: 1"},
        {"somebody else's credentials", SHOWS_NOTHING, "Authorization: Basic YW5uOmFubg=="},
        {"an empty token", SHOWS_WRONG, "Authorization: Bearer"},
        {"no token", SHOWS_WRONG, "Authorization: Bearer what.is.this"},
        {"a token without a signature", SHOWS_WRONG,
         "Authorization: Bearer eyJhbGciOiJub25lIiwia2lkIjoidGVzdCJ9.eyJzdWIiOiJhbm4ifQ."},
        {"a token cut short", SHOWS_WRONG, broken(f1_test_bearer("ann"))},
        {"an expired token", SHOWS_WRONG,
         token_header(&(f1_test_token_t){.username = "ann", .signed_at = "2030-06-14T23:44:59Z@0"})},
        {"a token to come", SHOWS_WRONG,
         token_header(&(f1_test_token_t){.username = "ann", .signed_at = "2030-06-15T00:00:31Z@0"})},
        {"a token for another audience", SHOWS_WRONG,
         token_header(&(f1_test_token_t){.username = "ann", .audience = "other"})},
        {"a token of another issuer", SHOWS_WRONG,
         token_header(&(f1_test_token_t){.username = "ann", .issuer = "other"})},
        {"a token of another's session", SHOWS_WRONG,
         token_header(&(f1_test_token_t){.username = "ann", .session_id = f1_test_session("bob")})},
        {"who has logged out", SHOWS_WRONG, f1_test_bearer("cyd")},
        {"a disabled user", SHOWS_WRONG, f1_test_bearer("dan")},
        {"a disabled user's key", SHOWS_WRONG, key_header(f1_test_api_key("dan", all_scopes(), NULL))},
        {"a revoked key", SHOWS_WRONG, key_header(revoked(f1_test_api_key("ann", all_scopes(), NULL)))},
        {"an expired key", SHOWS_WRONG, key_header(f1_test_api_key("ann", all_scopes(), "2030-06-15"))},
        {"an unknown key", SHOWS_WRONG, "X-API-Key: f1b_unknown1_which_nobody_has"},
        {"no key", SHOWS_WRONG, "X-API-Key: nonsense"},
        {"a user", SHOWS_USER, f1_test_bearer("bob")},
        {"an administrator", SHOWS_ADMIN, f1_test_bearer("ann")},
        {"an administrator's key without scopes", SHOWS_KEY, key_header(f1_test_api_key("ann", "", NULL))},
        {"an administrator's key with other scopes", SHOWS_KEY,
         key_header(f1_test_api_key("ann", "of-no-route,admin,user,open,public", NULL))},
        {"a user's key with all scopes", SHOWS_SCOPE, key_header(f1_test_api_key("bob", all_scopes(), NULL))},
        {"the same as a bearer", SHOWS_SCOPE,
         apr_pstrcat(f1_test_pool(), "Authorization: Bearer ", f1_test_api_key("bob", all_scopes(), NULL), NULL)},
        {"an administrator's key with all scopes", SHOWS_ADMIN_SCOPE,
         key_header(f1_test_api_key("ann", all_scopes(), NULL))},
        {NULL, SHOWS_NOTHING, NULL},
    };

    return apr_pmemdup(f1_test_pool(), callers, sizeof(callers));
}

/* 200 stands for: he may. */
static int expected(const f1_route_t *route, const caller_t *caller, int public_read)
{
    if (route->auth == F1_AUTH_OPEN) {
        return 200;
    }
    if (caller->shows == SHOWS_WRONG) {
        return 401;
    }
    if (route->auth == F1_AUTH_PUBLIC && public_read) {
        return 200;
    }
    if (caller->shows == SHOWS_NOTHING) {
        return 401;
    }
    switch (route->auth) {
    case F1_AUTH_USER:
        return caller->shows <= SHOWS_ADMIN ? 200 : 403;
    case F1_AUTH_ADMIN:
        return caller->shows == SHOWS_ADMIN || (caller->shows == SHOWS_ADMIN_SCOPE && route->scope) ? 200 : 403;
    default:
        return caller->shows == SHOWS_KEY ? 403 : 200;
    }
}

/* The route's first example below a mount, with a query that is too long. */
static const char *target_of(const f1_route_t *route, const char *mount)
{
    const char *example = route->examples[0];
    char *padding = apr_pcalloc(f1_test_pool(), TOO_LONG + 1);

    memset(padding, 'x', TOO_LONG);
    return apr_pstrcat(f1_test_pool(), getenv("F1_ORIGIN"), mount,
                       apr_pstrmemdup(f1_test_pool(), example, strcspn(example, "?")), "?", padding, NULL);
}

static void check_route(const f1_route_t *route, const caller_t *callers, const char *mount, int public_read)
{
    const char *target = target_of(route, mount);

    for (; callers->who; callers++) {
        const char *headers[] = {callers->header, NULL};
        f1_reply_t *reply = f1_test_ask(
            &(f1_ask_t){.method = f1_method_name(route->method), .path = target, .headers = headers, .body = NULL});
        int should = expected(route, callers, public_read);
        const char *challenge = apr_table_get(reply->headers, "WWW-Authenticate");

        if (reply->status != (should == 200 ? 414 : should)) {
            fail_msg("%s %s: %s is told %d instead of %d", mount, route->file, callers->who, reply->status,
                     should == 200 ? 414 : should);
        }
        assert_true((should == 200) == !challenge);
        assert_null(apr_table_get(reply->headers, "Set-Cookie"));
        assert_string_equal(apr_table_get(reply->headers, "Cache-Control"),
                            route->auth == F1_AUTH_OPEN || (route->auth == F1_AUTH_PUBLIC && public_read)
                                ? "no-store"
                                : "private, no-store");
    }
}

static void every_route_asks_everybody(void **state)
{
    const caller_t *callers;
    int i;

    (void)state;
    f1_test_users();
    callers = everybody();
    for (i = 0; i < f1_route_count; i++) {
        check_route(&f1_routes[i], callers, "/f1", 1);
        check_route(&f1_routes[i], callers, "/closed", 0);
    }
}

/* What may be read is read, by each of those who may, and kept by no cache that others look into. */
static void answers_are_private(void **state)
{
    const char *headers[] = {NULL, NULL};
    int i;

    (void)state;
    f1_test_users();
    headers[0] = f1_test_bearer("ann");
    for (i = 0; i < f1_route_count; i++) {
        const f1_route_t *route = &f1_routes[i];
        const char *path = apr_pstrcat(f1_test_pool(), getenv("F1_ORIGIN"), "/closed", route->examples[0], NULL);
        f1_reply_t *reply;

        if (route->method != F1_GET || route->auth == F1_AUTH_OPEN) {
            continue;
        }
        /* events would go on for ever */
        reply = f1_test_ask(&(f1_ask_t){
            .method = route->answer == F1_ANSWER_EVENTS ? "HEAD" : "GET", .path = path, .headers = headers});
        assert_int_not_equal(reply->status, 401);
        assert_int_not_equal(reply->status, 403);
        assert_string_equal(apr_table_get(reply->headers, "Cache-Control"), "private, no-store");
        assert_non_null(strstr(apr_table_get(reply->headers, "Vary"), "Authorization"));
        assert_int_equal(f1_test_ask(&(f1_ask_t){.path = path})->status, 401);
        assert_int_equal(f1_test_ask(&(f1_ask_t){.method = "HEAD", .path = path})->status, 401);
    }
}

/* What routes ask of keys is what keys can be given, word for word. */
static void scopes_can_be_given(void **state)
{
    const char *const *values = NULL;
    int i, j, known;

    (void)state;
    for (i = 0; i < f1_route_count; i++) {
        for (j = 0; j < f1_routes[i].param_count; j++) {
            values = !strcmp(f1_routes[i].name, "me/api_key_add") && f1_routes[i].params[j].type == F1_PARAM_WORDS
                         ? f1_routes[i].params[j].values
                         : values;
        }
    }
    assert_non_null(values);
    for (i = 0; i < f1_route_count; i++) {
        known = !f1_routes[i].scope;
        for (j = 0; values[j]; j++) {
            known |= f1_routes[i].scope && !strcmp(values[j], f1_routes[i].scope);
        }
        if (!known) {
            fail_msg("%s: no key can have the scope %s", f1_routes[i].file, f1_routes[i].scope);
        }
    }
    for (j = 0; values[j]; j++) {
        if (!strstr(all_scopes(), values[j])) {
            fail_msg("no route asks for the scope %s", values[j]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        F1_TEST(every_route_asks_everybody),
        F1_TEST(answers_are_private),
        F1_TEST(scopes_can_be_given),
    };

    return f1_test_run(tests);
}
