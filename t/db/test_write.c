/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* What endpoints that change something answer, with routes of the test's own over the accounts' table: a body becomes a
 * row, what is created says where it is, and what is not there or in the way is told. */

#include <string.h>

#include <apr_strings.h>

#include "f1_test.h"
#include "base/body.h"
#include "db/endpoint.h"
#include "db/query.h"

#define ROUTE_OF(verb, kind, what) \
    .name = "things/write", .method = verb, .params = params, .param_count = 3, .answer = kind, .noun = what

/* clang-format off */
#define WRITE(number, words, params) {number, "write_" #number, words, params, NULL, 0, NULL, 0}
/* clang-format on */

static const f1_param_t params[] = {{.name = "username", .in = F1_IN_BODY, .type = F1_PARAM_TEXT, .min = 3, .max = 50},
                                    {.name = "email", .in = F1_IN_BODY, .type = F1_PARAM_EMAIL, .nullable = 1},
                                    {.name = "team", .in = F1_IN_BODY, .type = F1_PARAM_SLUG, .nullable = 1}};
static const int binds[] = {0, 1, 2, F1_BIND_GIVEN - 2};

static const f1_statement_t insert =
    WRITE(0, "INSERT INTO account (username, email, favorite_team) VALUES ($1, $2, $3) RETURNING username, email", 3);
static const f1_statement_t update =
    WRITE(1,
          "UPDATE account SET email = coalesce($2, email), favorite_team = CASE WHEN $4 THEN $3 ELSE favorite_team END"
          " WHERE username = $1 RETURNING email, favorite_team AS \"team\"",
          4);
static const f1_statement_t erase = WRITE(2, "DELETE FROM account WHERE username = $1", 1);
static const f1_statement_t follow = WRITE(
    3, "INSERT INTO account_link (issuer, subject, account_id) SELECT 'i', $1, '00000000-0000-0000-0000-000000000000'",
    1);

static const f1_route_t creates = {ROUTE_OF(F1_POST, F1_ANSWER_ONE, NULL), .status = 201,
                                   .location = "/api/v1/users/{username}/of/{email}", .query = {&insert, binds}};
static const f1_route_t changes = {ROUTE_OF(F1_PATCH, F1_ANSWER_ONE, "user"), .query = {&update, binds}};
static const f1_route_t erases = {ROUTE_OF(F1_DELETE, F1_ANSWER_NONE, "user"), .query = {&erase, binds}};
static const f1_route_t erases_if_there = {ROUTE_OF(F1_DELETE, F1_ANSWER_NONE, NULL), .query = {&erase, binds}};
static const f1_route_t follows = {ROUTE_OF(F1_POST, F1_ANSWER_NONE, NULL), .query = {&follow, binds}};

static const f1_param_t by_name[] = {
    {.name = "username", .in = F1_IN_PATH, .type = F1_PARAM_TEXT, .min = 3, .max = 50}};
static const f1_statement_t show = {
    6, "write_6", "SELECT email, favorite_team AS team FROM account WHERE username = $1", 1, NULL, 1, NULL, 0};
static const f1_route_t shows = {.name = "things/show",
                                 .method = F1_GET,
                                 .params = by_name,
                                 .param_count = 1,
                                 .answer = F1_ANSWER_ONE,
                                 .noun = "user",
                                 .query = {&show, binds},
                                 .has_version = 1};
static const f1_route_t changes_if = {ROUTE_OF(F1_PATCH, F1_ANSWER_ONE, "user"), .query = {&update, binds},
                                      .state = &shows};
static const f1_route_t erases_if = {ROUTE_OF(F1_DELETE, F1_ANSWER_NONE, "user"), .query = {&erase, binds},
                                     .state = &shows};

static f1_page_t page;
static const char *if_match;

/* The answer to a body, or "code: detail (field: detail)". */
static const char *ask(const f1_route_t *route, const char *body)
{
    f1_request_t request = {.route = route, .if_match = if_match};
    f1_result_t *res = f1_test_result();
    f1_buf_t out;

    f1_result_clear(res);
    f1_buf_init(&out, f1_test_pool(), 256, 4096);
    f1_assert_ok(f1_body_check(&request, body, strlen(body), f1_test_pool(), res), res);
    if (f1_endpoint_answer(f1_test_conn(), &request, &out, &page, f1_test_pool(), res) != APR_SUCCESS) {
        return f1_result_text(res, f1_test_pool());
    }
    return out.data;
}

static int start_empty(void **state)
{
    if (f1_test_setup(state)) {
        return -1;
    }
    f1_test_sql("DELETE FROM account");
    if_match = NULL;
    return 0;
}

static void a_body_becomes_a_row(void **state)
{
    (void)state;
    assert_string_equal(ask(&creates, "{\"username\":\"Kim\",\"email\":\"Kim@Example.com\"}"),
                        "{\"username\":\"Kim\",\"email\":\"Kim@example.com\"}");
    assert_string_equal(page.location, "/api/v1/users/Kim/of/Kim@example.com");
    assert_string_equal(f1_test_sql("SELECT username, email, favorite_team FROM account"), "Kim|Kim@example.com|");
}

/* Values in a path are escaped; without one of them there is no path. */
static void a_location_needs_its_columns(void **state)
{
    static const f1_statement_t odd = WRITE(4, "SELECT $1 AS username, '../?#% \303\251'::text AS email", 1);
    static const f1_statement_t none = WRITE(5, "SELECT $1 AS username, NULL::text AS email", 1);
    f1_route_t route = creates;

    (void)state;
    route.query.statement = &odd;
    ask(&route, "{\"username\":\"Kim\"}");
    assert_string_equal(page.location, "/api/v1/users/Kim/of/..%2f%3f%23%25%20%c3%a9");
    route.query.statement = &none;
    ask(&route, "{\"username\":\"Kim\"}");
    assert_null(page.location);
    route.location = "/api/v1/users/{nothing}";
    ask(&route, "{\"username\":\"Kim\"}");
    assert_null(page.location);
    route.location = "/api/v1/users/me";
    ask(&route, "{\"username\":\"Kim\"}");
    assert_string_equal(page.location, "/api/v1/users/me");
}

static void what_is_taken_is_named(void **state)
{
    (void)state;
    ask(&creates, "{\"username\":\"Kim\",\"email\":\"kim@example.com\"}");
    assert_string_equal(ask(&creates, "{\"username\":\"KIM\",\"email\":\"other@example.com\"}"),
                        "conflict: username is taken (/username: is taken)");
    assert_string_equal(ask(&creates, "{\"username\":\"Robin\",\"email\":\"KIM@example.com\"}"),
                        "conflict: email is taken (/email: is taken)");
    assert_string_equal(ask(&follows, "{\"username\":\"Kim\"}"), "conflict: it conflicts with what is stored");
    assert_string_equal(ask(&creates, "{\"username\":\"K m\"}"),
                        "bad_request: username must have 3 to 50 of a-z, A-Z, 0-9 and _"
                        " (/username: must have 3 to 50 of a-z, A-Z, 0-9 and _)");
    assert_string_equal(f1_test_sql("SELECT count(*) FROM account"), "1");
}

static void null_erases_and_absent_leaves(void **state)
{
    (void)state;
    ask(&creates, "{\"username\":\"Kim\",\"email\":\"kim@example.com\",\"team\":\"kiesel\"}");
    assert_string_equal(ask(&changes, "{\"username\":\"Kim\",\"email\":\"k@example.com\"}"),
                        "{\"email\":\"k@example.com\",\"team\":\"kiesel\"}");
    assert_string_equal(ask(&changes, "{\"username\":\"Kim\",\"team\":null}"),
                        "{\"email\":\"k@example.com\",\"team\":null}");
}

static void what_is_not_there_is_404(void **state)
{
    (void)state;
    ask(&creates, "{\"username\":\"Kim\"}");
    assert_string_equal(ask(&changes, "{\"username\":\"Robin\",\"team\":null}"), "not_found: No such user");
    assert_string_equal(ask(&erases, "{\"username\":\"Robin\"}"), "not_found: No such user");
    assert_string_equal(ask(&erases_if_there, "{\"username\":\"Robin\"}"), "");
    assert_string_equal(ask(&erases, "{\"username\":\"Kim\"}"), "");
    assert_string_equal(ask(&erases, "{\"username\":\"Kim\"}"), "not_found: No such user");
}

/* The ETag that a GET of Kim would have. */
static const char *tag_of_kim(void)
{
    f1_request_t request = {.route = &shows, .values = {"Kim"}};
    f1_page_t unused;
    f1_buf_t out;

    f1_result_clear(f1_test_result());
    f1_buf_init(&out, f1_test_pool(), 256, 4096);
    f1_assert_ok(f1_endpoint_answer(f1_test_conn(), &request, &out, &unused, f1_test_pool(), f1_test_result()),
                 f1_test_result());
    return f1_endpoint_tag(out.data, out.len, f1_test_pool());
}

#define STALE "precondition_failed: It is not what If-Match names any more; fetch it again"

static void a_change_can_depend_on_the_version(void **state)
{
    const char *first;

    (void)state;
    ask(&creates, "{\"username\":\"Kim\",\"email\":\"kim@example.com\"}");
    first = if_match = tag_of_kim();
    assert_int_equal(strlen(first), 34);
    assert_string_equal(ask(&changes_if, "{\"username\":\"Kim\",\"team\":\"kiesel\"}"),
                        "{\"email\":\"kim@example.com\",\"team\":\"kiesel\"}");
    assert_string_equal(ask(&changes_if, "{\"username\":\"Kim\",\"team\":null}"), STALE);
    assert_string_equal(ask(&erases_if, "{\"username\":\"Kim\"}"), STALE);
    assert_string_equal(f1_test_sql("SELECT favorite_team FROM account"), "kiesel");
    if_match = apr_psprintf(f1_test_pool(), "\"other\", %.33s-gzip\"", tag_of_kim());
    assert_string_equal(ask(&changes_if, "{\"username\":\"Kim\",\"team\":null}"),
                        "{\"email\":\"kim@example.com\",\"team\":null}");
    if_match = first; /* it looks as it did first */
    assert_string_equal(ask(&erases_if, "{\"username\":\"Kim\"}"), "");
    if_match = "*";
    assert_string_equal(ask(&changes_if, "{\"username\":\"Kim\"}"), "not_found: No such user");
    ask(&creates, "{\"username\":\"Kim\"}");
    assert_string_equal(ask(&changes_if, "{\"username\":\"Kim\"}"), "{\"email\":null,\"team\":null}");
}

static apr_status_t change_it_twice(f1_conn_t *conn, void *baton, f1_result_t *res)
{
    static const f1_statement_t mine = WRITE(7, "UPDATE account SET favorite_team = 'mine'", 0);

    (void)baton;
    f1_test_sql("UPDATE account SET favorite_team = 'theirs'"); /* on a connection of its own */
    return f1_query(conn, &mine, NULL, NULL, f1_test_pool(), res);
}

static void of_two_changes_at_once_one_fails(void **state)
{
    f1_request_t request = {.route = &changes_if, .values = {"Kim"}};
    f1_result_t *res = f1_test_result();

    (void)state;
    ask(&creates, "{\"username\":\"Kim\"}");
    request.if_match = tag_of_kim();
    assert_int_not_equal(f1_endpoint_change(f1_test_conn(), &request, change_it_twice, NULL, res), APR_SUCCESS);
    assert_int_equal(res->error, F1_E_PRECONDITION_FAILED);
    assert_string_equal(f1_test_sql("SELECT favorite_team FROM account"), "theirs");
    /* without the condition the last one wins */
    f1_result_clear(res);
    request.if_match = NULL;
    f1_assert_ok(f1_endpoint_change(f1_test_conn(), &request, change_it_twice, NULL, res), res);
    assert_string_equal(f1_test_sql("SELECT favorite_team FROM account"), "mine");
}

/* sql/constraints speaks of constraints and unique indexes that exist. */
static void listed_constraints_exist(void **state)
{
    const f1_constraint_t *constraint;

    (void)state;
    for (constraint = f1_constraints; constraint->name; constraint++) {
        const char *sql = apr_psprintf(f1_test_pool(),
                                       "SELECT (SELECT count(*) FROM pg_constraint WHERE conname = '%s')"
                                       " + (SELECT count(*) FROM pg_class JOIN pg_index ON indexrelid = pg_class.oid"
                                       "    WHERE relname = '%s' AND indisunique) > 0",
                                       constraint->name, constraint->name);

        if (strcmp(f1_test_sql(sql), "t")) {
            fail_msg("sql/constraints: there is no %s", constraint->name);
        }
    }
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, start_empty, f1_test_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_body_becomes_a_row),
        TEST(a_location_needs_its_columns),
        TEST(what_is_taken_is_named),
        TEST(null_erases_and_absent_leaves),
        TEST(what_is_not_there_is_404),
        TEST(listed_constraints_exist),
        TEST(a_change_can_depend_on_the_version),
        TEST(of_two_changes_at_once_one_fails),
    };

    return f1_test_run(tests);
}
