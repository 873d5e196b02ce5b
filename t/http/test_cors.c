/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* What browsers are told, and HEAD and OPTIONS on every route there is. */

#include "f1_test.h"

#include <string.h>

#include <apr_strings.h>

#include "base/route.h"

#define LIST "/api/v1/seasons"

static const char *header(const f1_reply_t *reply, const char *name)
{
    const char *value = apr_table_get(reply->headers, name);

    return value ? value : "";
}

static f1_reply_t *ask(const char *method, const char *path, const char *const *headers)
{
    return f1_test_ask(&(f1_ask_t){.method = method, .path = path, .headers = headers});
}

static void allowed_origins_may_read(void **state)
{
    static const char *const ours[] = {"Origin: https://ours.example", NULL};
    static const char *const others[] = {"Origin: https://others.example", NULL};
    f1_reply_t *reply = ask("GET", LIST, ours);

    (void)state;
    assert_string_equal(header(reply, "Access-Control-Allow-Origin"), "https://ours.example");
    assert_string_equal(header(reply, "Access-Control-Expose-Headers"),
                        "Content-Disposition, ETag, Idempotency-Replayed, Link, Location, RateLimit, RateLimit-Policy, "
                        "Retry-After, WWW-Authenticate, "
                        "X-Limit-Clamped, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, X-Total-Count");
    assert_string_equal(header(reply, "Access-Control-Allow-Credentials"), "");
    assert_non_null(strstr(header(reply, "Vary"), "Origin"));
    reply = ask("GET", LIST, others);
    assert_int_equal(reply->status, 200);
    assert_string_equal(header(reply, "Access-Control-Allow-Origin"), "");
    assert_non_null(strstr(header(reply, "Vary"), "Origin"));
    assert_non_null(strstr(header(f1_test_get(LIST), "Vary"), "Origin"));
    reply = ask("GET", "/api/v1/nothing", ours); /* errors can be read as well */
    assert_string_equal(header(reply, "Access-Control-Allow-Origin"), "https://ours.example");
}

static void preflights_are_answered(void **state)
{
    static const char *const preflight[] = {"Origin: https://ours.example", "Access-Control-Request-Method: GET",
                                            "Access-Control-Request-Headers: if-none-match", NULL};
    static const char *const other[] = {"Origin: https://others.example", "Access-Control-Request-Method: GET", NULL};
    f1_reply_t *reply = ask("OPTIONS", LIST, preflight);

    (void)state;
    assert_int_equal(reply->status, 204);
    assert_int_equal(reply->body_len, 0);
    assert_string_equal(header(reply, "Access-Control-Allow-Origin"), "https://ours.example");
    assert_string_equal(header(reply, "Access-Control-Allow-Methods"), "GET, HEAD, OPTIONS");
    assert_string_equal(header(reply, "Access-Control-Allow-Headers"),
                        "Accept, Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, X-API-Key");
    assert_string_equal(header(reply, "Access-Control-Max-Age"), "7200");
    reply = ask("OPTIONS", LIST, other);
    assert_int_equal(reply->status, 204);
    assert_string_equal(header(reply, "Access-Control-Allow-Methods"), "");
}

static void check_head(const char *path)
{
    f1_reply_t *get = ask("GET", path, NULL), *head = ask("HEAD", path, NULL);

    if (head->status != get->status) {
        print_error("%s: GET %d, HEAD %d\n", path, get->status, head->status);
    }
    assert_int_equal(head->status, get->status);
    assert_int_equal(head->body_len, 0);
    assert_string_equal(header(head, "Content-Type"), header(get, "Content-Type"));
}

/* Each route's first example: what the path has, whoever asks, and that it has nothing else. */
static void every_path_tells_its_methods(void **state)
{
    static const struct {
        int method;
        const char *name;
    } methods[] = {{F1_GET, "HEAD"}, {F1_POST, "POST"}, {F1_PUT, "PUT"}, {F1_PATCH, "PATCH"}, {F1_DELETE, "DELETE"}};
    int i;
    size_t j;

    (void)state;
    for (i = 0; i < f1_route_count; i++) {
        const char *path = f1_routes[i].examples[0], *allow;
        f1_reply_t *options = ask("OPTIONS", path, NULL);
        f1_match_t match;

        (void)f1_route_find(f1_routes, f1_route_count, F1_GET, apr_pstrmemdup(f1_test_pool(), path, strcspn(path, "?")),
                            &match, f1_test_pool());
        allow = f1_route_allow(match.allowed, f1_test_pool());
        assert_int_equal(options->status, 204);
        assert_string_equal(header(options, "Allow"), allow);
        if (match.allowed & F1_GET) {
            check_head(path);
        }
        for (j = 0; j < sizeof(methods) / sizeof(methods[0]); j++) {
            if (!(match.allowed & methods[j].method)) {
                f1_reply_t *reply = ask(methods[j].name, path, NULL);

                assert_int_equal(reply->status, 405);
                assert_string_equal(header(reply, "Allow"), allow);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        F1_TEST(allowed_origins_may_read),
        F1_TEST(preflights_are_answered),
        F1_TEST(every_path_tells_its_methods),
    };

    return f1_test_run(tests);
}
