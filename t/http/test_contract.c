/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* The API's description against what the server does: every route and parameter is in it, it is OpenAPI 3.1, and each
 * answer (of all examples, and of requests that are wrong in every way there is) is as described. The document is
 * validated by npm's @seriousme/openapi-schema-validator and answers by Debian's python3-jsonschema; what is not
 * installed is left out, with a word about it. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <apr_file_io.h>
#include <apr_lib.h>
#include <apr_strings.h>

#include "f1_test.h"
#include "base/route.h"

#define MISSING 77 /* exit status of checks without what they need */

static const char *header(const f1_reply_t *reply, const char *name)
{
    const char *value = apr_table_get(reply->headers, name);

    return value ? value : "";
}

static json_t *document(void)
{
    f1_reply_t *reply = f1_test_get("/api/openapi.json");

    assert_int_equal(reply->status, 200);
    assert_string_equal(header(reply, "Content-Type"), "application/json");
    assert_non_null(reply->json);
    return reply->json;
}

static const char *in_sandbox(const char *name)
{
    return apr_pstrcat(f1_test_pool(), getenv("F1_SANDBOX"), "/", name, NULL);
}

static void write_file(const char *path, const char *data, size_t len)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_int_equal(fwrite(data, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
}

/* Runs a command and returns its exit status. */
static int run(const char *command)
{
    int status = system(command);

    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

/* --- the document */

/* The names of an operation's parameters, references resolved. */
static const char *parameter_name(json_t *doc, json_t *parameter)
{
    const char *ref = json_string_value(json_object_get(parameter, "$ref"));

    if (ref) {
        parameter = f1_test_json_at(doc, ref + 2);
    }
    return json_string_value(json_object_get(parameter, "name"));
}

static int has_parameter(json_t *doc, json_t *operation, const char *name)
{
    json_t *parameter;
    size_t i;
    int found = 0;

    json_array_foreach(json_object_get(operation, "parameters"), i, parameter)
    {
        found += !strcmp(parameter_name(doc, parameter), name);
    }
    return found;
}

/* {name*} as {name}. */
static const char *path_of(const char *template)
{
    char *path = apr_pstrdup(f1_test_pool(), template), *star = strchr(path, '*');

    if (star) {
        memmove(star, star + 1, strlen(star));
    }
    return path;
}

/* As OpenAPI has it. */
static const char *lower(const char *text)
{
    char *copy = apr_pstrdup(f1_test_pool(), text), *c;

    for (c = copy; *c; c++) {
        *c = (char)apr_tolower(*c);
    }
    return copy;
}

static void check_body(json_t *operation, const f1_route_t *route)
{
    json_t *content = f1_test_json_at(operation, "requestBody/content"), *members;
    size_t count = 0;
    int i;

    assert_int_equal(content != NULL, f1_route_takes_body(route));
    members = f1_test_json_at(json_object_get(content, "application/json"), "schema/properties");
    for (i = 0; i < route->param_count; i++) {
        if (route->params[i].in == F1_IN_BODY) {
            assert_non_null(json_object_get(members, route->params[i].name));
            count++;
        }
    }
    assert_int_equal(json_object_size(members), count);
}

static void check_operation(json_t *doc, const f1_route_t *route, const char *template)
{
    json_t *operation =
        json_object_get(json_object_get(json_object_get(doc, "paths"), template), lower(f1_method_name(route->method)));
    size_t expected = (route->answer == F1_ANSWER_LIST ? 2 : 0) + (f1_route_has_formats(route) ? 1 : 0) +
                      (f1_route_is_repeatable(route) ? 1 : 0) + (route->state ? 1 : 0) +
                      (route->answer == F1_ANSWER_EVENTS ? 1 : 0);
    int i;

    if (!operation) {
        fail_msg("%s is not described", template);
    }
    check_body(operation, route);
    for (i = 0; i < route->param_count; i++) {
        const char *braced = apr_pstrcat(f1_test_pool(), "{", route->params[i].name, "}", NULL);
        int is_there = route->params[i].in == F1_IN_QUERY || strstr(template, braced);

        assert_int_equal(has_parameter(doc, operation, route->params[i].name), is_there ? 1 : 0);
        expected += is_there ? 1 : 0;
    }
    if (route->answer == F1_ANSWER_LIST) {
        assert_true(has_parameter(doc, operation, "limit") && has_parameter(doc, operation, "offset"));
    }
    assert_int_equal(has_parameter(doc, operation, "format"), f1_route_has_formats(route));
    assert_int_equal(json_array_size(json_object_get(operation, "parameters")), expected);
}

static void every_route_is_described(void **state)
{
    json_t *doc = document(), *paths = json_object_get(doc, "paths"), *path;
    size_t operations = 0, templates = 0;
    const char *name;
    int i, j;

    (void)state;
    for (i = 0; i < f1_route_count; i++) {
        for (j = 0; f1_routes[i].templates[j]; j++, templates++) {
            check_operation(doc, &f1_routes[i], path_of(f1_routes[i].templates[j]));
        }
    }
    json_object_foreach(paths, name, path)
    {
        operations += json_object_size(path);
    }
    assert_int_equal(operations, templates);
    f1_assert_json(doc, "openapi", "\"3.1.0\"");
    f1_assert_json(doc, "servers", "[{\"url\": \"/f1\"}]");
    f1_assert_json(doc, "info/license/identifier", "\"Apache-2.0\"");
    f1_assert_json(doc, "components/parameters/limit/schema",
                   "{\"type\": \"integer\", \"minimum\": 1, \"maximum\": 100, \"default\": 20}");
}

static void a_mount_has_its_own(void **state)
{
    const char *other = apr_pstrcat(f1_test_pool(), getenv("F1_ORIGIN"), "/other/api/openapi.json", NULL);
    const char *pgctl = getenv("F1_PGCTL");
    f1_reply_t *reply;

    (void)state;
    f1_test_expect_log("F1B02[01]0");
    f1_test_expect_log("F1B0510");
    f1_test_expect_log("dbd:error");
    document();
    assert_int_equal(run(apr_pstrcat(f1_test_pool(), pgctl, " stop -m immediate", NULL)), 0);
    reply = f1_test_get(other);
    assert_int_equal(reply->status, 503);
    assert_string_equal(header(reply, "Content-Type"), "application/problem+json");
    assert_string_not_equal(header(reply, "Retry-After"), "");
    assert_int_equal(run(apr_pstrcat(f1_test_pool(), pgctl, " start", NULL)), 0);
    /* each child finds out for itself that the database is back; connections are new each time and meet them all */
    for (int in_a_row = 0; in_a_row < 20; in_a_row++) {
        apr_sleep(apr_time_from_msec(50));
        reply = f1_test_get(other);
        if (reply->status == 503) {
            in_a_row = -1;
        }
    }
    assert_int_equal(reply->status, 200);
    f1_assert_json(reply->json, "servers", "[{\"url\": \"/other\"}]");
    f1_assert_json(reply->json, "info/title", "\"Other & <more>\"");
    f1_assert_json(reply->json, "components/parameters/limit/schema/maximum", "10");
    f1_assert_json(reply->json, "components/parameters/limit/schema/default", "5");
}

static void it_is_openapi(void **state)
{
    const char *modules = apr_pstrcat(f1_test_pool(), getenv("F1_BUILDDIR"), "/ui/docs/node_modules", NULL);
    const char *path = in_sandbox("openapi.json");
    f1_reply_t *reply = f1_test_get("/api/openapi.json");
    int status;

    (void)state;
    write_file(path, reply->body, reply->body_len);
    status = run(
        apr_psprintf(f1_test_pool(),
                     "test -d '%s/@seriousme' && command -v node >/dev/null || exit %d; node --input-type=module -e \""
                     "import {Validator} from '%s/@seriousme/openapi-schema-validator/index.js';"
                     "const found = await new Validator().validate('%s');"
                     "if (!found.valid) { console.error(JSON.stringify(found)); process.exit(1); }\" >&2",
                     modules, MISSING, modules, path));
    if (status == MISSING) {
        print_error("no OpenAPI validator here: make docs-ui brings it\n");
        return;
    }
    assert_int_equal(status, 0);
}

/* --- answers */

/* The template of the route that a target is a request for. */
static const char *template_of(const f1_route_t *route, const char *target)
{
    const char *path = apr_pstrmemdup(f1_test_pool(), target, strcspn(target, "?"));
    f1_match_t match;
    int i;

    for (i = 0; route->templates[i]; i++) {
        const char *const one[] = {route->templates[i], NULL};
        f1_route_t single = *route;

        single.templates = one;
        if (f1_route_find(&single, 1, route->method, path, &match, f1_test_pool())) {
            return path_of(route->templates[i]);
        }
    }
    fail_msg("%s is none of its route", target);
    return NULL;
}

static json_t *lower_names(const apr_table_t *headers)
{
    const apr_array_header_t *list = apr_table_elts(headers);
    json_t *names = json_array();
    int i;

    for (i = 0; i < list->nelts; i++) {
        json_array_append_new(names, json_string(lower(APR_ARRAY_IDX(list, i, apr_table_entry_t).key)));
    }
    return names;
}

static const f1_ask_t *with_method(const f1_route_t *route, const f1_ask_t *ask)
{
    f1_ask_t *copy = apr_pmemdup(f1_test_pool(), ask, sizeof(*ask));

    copy->method = f1_method_name(route->method);
    return copy;
}

/* The mail whose link is the example. */
static void add_mail(void)
{
    f1_test_sql("WITH reader AS (INSERT INTO f1board.account (username) VALUES ('reader') RETURNING id)"
                "INSERT INTO f1board.mail_outbox (account_id, kind, recipient, subject, is_optional, state, sent_at,"
                " unsubscribe_hash) SELECT id, 'results', 'reader@example.org', 's', true, 'sent', now(),"
                " sha256('123e4567-e89b-12d3-a456-426614174000') FROM reader");
}

/* Asks with the route's method, expects a status, and adds the answer to those that will be checked. */
static f1_reply_t *record(FILE *answers, const f1_route_t *route, const f1_ask_t *request, int status)
{
    const f1_ask_t *ask = with_method(route, request);
    f1_reply_t *reply = f1_test_ask(ask);
    const char *type = header(reply, "Content-Type");
    json_t *line;

    if (status && reply->status != status) {
        fail_msg("%s is answered with %d, not %d: %s", ask->path, reply->status, status, reply->body);
    }
    line = json_pack("{s:s, s:s, s:s, s:o, s:o, s:s, s:o}", "where",
                     apr_psprintf(f1_test_pool(), "%s %s (%d)", ask->method, ask->path, reply->status), "template",
                     template_of(route, ask->path), "method", lower(ask->method), "status",
                     json_string(apr_itoa(f1_test_pool(), reply->status)), "headers", lower_names(reply->headers),
                     "type", apr_pstrmemdup(f1_test_pool(), type, strcspn(type, ";")), "body",
                     reply->json && !strstr(type, "ndjson") ? json_incref(reply->json)
                                                            : json_stringn(reply->body, reply->body_len));
    assert_non_null(line);
    assert_int_equal(json_dumpf(line, answers, JSON_COMPACT), 0);
    assert_int_not_equal(fputc('\n', answers), EOF);
    json_decref(line);
    return reply;
}

/* The target with one more parameter. */
static const char *with(const char *target, const char *query)
{
    return apr_pstrcat(f1_test_pool(), target, strchr(target, '?') ? "&" : "?", query, NULL);
}

/* What is changed by the examples of a route, and how it refuses others. */
static void record_write(FILE *answers, const f1_route_t *route)
{
    static const char *const no_type[] = {"Accept: x/y", "Content-Type: application/json", NULL};
    static const char *const json[] = {"Content-Type: application/json", NULL};
    static const char *const text[] = {"Content-Type: text/plain", NULL};
    static const char *const zipped[] = {"Content-Type: application/json", "Content-Encoding: gzip", NULL};
    const char *target = route->examples[0], *body = route->bodies ? route->bodies[0] : NULL;
    char *large = apr_pcalloc(f1_test_pool(), 70 * 1024);
    int i;

    memset(large, 'x', 70 * 1024 - 1);
    record(answers, route, &(f1_ask_t){.path = target, .headers = no_type, .body = body}, 406);
    record(answers, route, &(f1_ask_t){.path = target, .headers = json, .body = large}, 413);
    record(answers, route, &(f1_ask_t){.path = with(target, large + 67 * 1024)}, 414);
    record(answers, route, &(f1_ask_t){.path = target, .headers = text, .body = "{}"}, route->any_body ? 200 : 415);
    record(answers, route, &(f1_ask_t){.path = target, .headers = zipped, .body = "{}"}, route->any_body ? 200 : 415);
    if (body) {
        record(answers, route, &(f1_ask_t){.path = target, .headers = json, .body = "{\"nonsense\":1}"}, 400);
        record(answers, route, &(f1_ask_t){.path = target, .headers = json, .body = "{\"nonsense\":"}, 400);
        record(answers, route, &(f1_ask_t){.path = target}, 415);
    }
    for (i = 0; route->examples[i]; i++) {
        f1_reply_t *reply =
            record(answers, route,
                   &(f1_ask_t){.path = route->examples[i], .headers = json, .body = body ? route->bodies[i] : NULL}, 0);

        assert_in_range(reply->status, 200, 499);
        assert_true(reply->status != 400 || strstr(reply->body, "was never sent")); /* no example knows a token */
    }
}

static void record_read(FILE *answers, const f1_route_t *route)
{
    const char *target = route->examples[0];
    const char *const no_type[] = {"Accept: x/y", NULL}, *const text[] = {"Content-Type: text/plain", NULL};
    const char *const json[] = {"Content-Type: application/json", NULL};
    char *large = apr_pcalloc(f1_test_pool(), 70 * 1024);
    const char *tag;
    int i;

    memset(large, 'x', 70 * 1024 - 1);
    for (i = 0; route->examples[i]; i++) {
        f1_reply_t *reply = record(answers, route, &(f1_ask_t){.path = route->examples[i]}, i ? 0 : 200);

        assert_true(reply->status == 200 || reply->status == 404);
        tag = header(reply, "ETag");
        if (*tag) {
            const char *const known[] = {apr_pstrcat(f1_test_pool(), "If-None-Match: ", tag, NULL), NULL};

            /* a child that does not follow changes yet answers anew */
            reply = record(answers, route, &(f1_ask_t){.path = route->examples[i], .headers = known}, 0);
            assert_true(reply->status == 304 || reply->status == 200);
        }
    }
    record(answers, route, &(f1_ask_t){.path = with(target, "nonsense=1")}, route->any_query ? 0 : 400);
    if (f1_route_has_formats(route)) {
        record(answers, route, &(f1_ask_t){.path = with(target, "format=csv")}, 200);
        record(answers, route, &(f1_ask_t){.path = with(target, "format=ndjson")}, 200);
    }
    if (route->answer == F1_ANSWER_LIST) {
        target = apr_pstrmemdup(f1_test_pool(), target, strcspn(target, "?"));
        record(answers, route, &(f1_ask_t){.path = with(target, "limit=500")}, 200);
    }
    record(answers, route, &(f1_ask_t){.path = target, .headers = no_type}, 406);
    record(answers, route, &(f1_ask_t){.path = target, .headers = json, .body = large}, 413);
    record(answers, route, &(f1_ask_t){.path = with(target, large + 67 * 1024)}, 414);
    record(answers, route, &(f1_ask_t){.path = target, .headers = text, .body = "x"}, 415);
}

/* What the seasons of the template lack: a correction, with the id that examples name. */
static void add_correction(void)
{
    f1_test_sql(
        "SELECT correction_apply('2029-krakow-grand-prix', 'race', '[{\"driver_id\": \"hakimi\", \"points\": 0.5}]',"
        " 'a slip', false, '2030-06-01', NULL, 'f1boardctl');"
        "ALTER TABLE revision ALTER id DROP IDENTITY;"
        "UPDATE revision SET id = CASE source WHEN 'admin' THEN 1 ELSE -id END");
}

static void answers_are_as_described(void **state)
{
    const char *python = getenv("F1_PYTHON") ? getenv("F1_PYTHON") : "/usr/bin/python3";
    const char *path = in_sandbox("openapi.json"), *lines = in_sandbox("answers");
    f1_reply_t *reply = f1_test_get("/api/openapi.json");
    FILE *answers = fopen(lines, "w");
    int status, i;

    (void)state;
    assert_non_null(answers);
    add_mail();
    write_file(path, reply->body, reply->body_len);
    add_correction();
    for (i = 0; i < f1_route_count; i++) {
        if (f1_routes[i].auth > F1_AUTH_PUBLIC) {
            record(answers, &f1_routes[i], &(f1_ask_t){.path = f1_routes[i].examples[0]}, 401);
        }
        else if (f1_routes[i].method == F1_GET) {
            record_read(answers, &f1_routes[i]);
        }
        else {
            record_write(answers, &f1_routes[i]);
        }
    }
    assert_int_equal(fclose(answers), 0);
    status = run(apr_psprintf(f1_test_pool(),
                              "command -v '%s' >/dev/null || exit %d; '%s' -W ignore '%s/t/http/answers.py' '%s' '%s'",
                              python, MISSING, python, getenv("F1_SRCDIR"), path, lines));
    if (status == MISSING) {
        print_error("answers are not validated: python3-jsonschema is not installed\n");
        return;
    }
    assert_int_equal(status, 0);
}

/* --- pages */

static void pages_without_their_files_tell_how_to_get_them(void **state)
{
    const char *pages[] = {"/other/api/docs", "/other/api/redoc"};
    size_t i;

    (void)state;
    for (i = 0; i < 2; i++) {
        f1_reply_t *reply = f1_test_get(apr_pstrcat(f1_test_pool(), getenv("F1_ORIGIN"), pages[i], NULL));

        assert_int_equal(reply->status, 200);
        assert_string_equal(header(reply, "Content-Type"), "text/html; charset=utf-8");
        assert_non_null(strstr(reply->body, "make docs-ui"));
        assert_non_null(strstr(reply->body, "href=\"/other/api/openapi.json\""));
        assert_non_null(strstr(reply->body, "Other &amp; &lt;more&gt;"));
        assert_null(strstr(reply->body, "<script"));
    }
}

static void pages_load_their_files_from_here_alone(void **state)
{
    const char *pages[] = {"/api/docs", "/api/redoc"}, *scripts[] = {"swagger-ui-bundle.js", "redoc.standalone.js"};
    size_t i;

    (void)state;
    for (i = 0; i < 2; i++) {
        f1_reply_t *reply = f1_test_get(pages[i]);

        assert_int_equal(reply->status, 200);
        assert_non_null(strstr(reply->body, "data-url=\"/f1/api/openapi.json\""));
        assert_non_null(
            strstr(reply->body, apr_pstrcat(f1_test_pool(), "src=\"/f1/api/docs/", scripts[i], "\"", NULL)));
        assert_null(strstr(reply->body, "//"));
        assert_non_null(strstr(header(reply, "Content-Security-Policy"), "default-src 'none'; script-src 'self';"));
        assert_string_equal(header(reply, "X-Content-Type-Options"), "nosniff");
    }
}

static void files_are_those_of_the_folder(void **state)
{
    static const char *const wrong[] = {"secret.js",   "..%2fsecret.js", "%2e%2e%2fsecret.js",
                                        ".hidden.js",  "notes",          "docs.css%2f",
                                        "docs.css%20", "none.js",        "x%5cdocs.css"};
    f1_reply_t *reply = f1_test_get("/api/docs/docs.css");
    const char *const known[] = {apr_pstrcat(f1_test_pool(), "If-None-Match: ", header(reply, "ETag"), NULL), NULL};
    size_t i;

    (void)state;
    assert_int_equal(reply->status, 200);
    assert_string_equal(header(reply, "Content-Type"), "text/css; charset=utf-8");
    assert_string_equal(header(reply, "X-Content-Type-Options"), "nosniff");
    assert_string_equal(header(reply, "Cache-Control"), "public, max-age=3600, stale-while-revalidate=3600");
    assert_string_equal(reply->body, "/* x */\n");
    reply = f1_test_ask(&(f1_ask_t){.path = "/api/docs/docs.css", .headers = known});
    assert_int_equal(reply->status, 304);
    assert_int_equal(reply->body_len, 0);
    for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        reply = f1_test_get(apr_pstrcat(f1_test_pool(), "/api/docs/", wrong[i], NULL));
        if (reply->status != 404 && reply->status != 400) {
            fail_msg("%s is answered with %d", wrong[i], reply->status);
        }
    }
}

static int setup(void **state)
{
    static const char files[] =
        "cd \"$F1_SANDBOX\" && mkdir assets && echo s >secret.js && cd assets && echo s >.hidden.js && echo s >notes &&"
        " for name in docs.css swagger.js redoc.js swagger-ui.css swagger-ui-bundle.js redoc.standalone.js; do"
        "     echo '/* x */' >$name || exit 1;"
        " done";

    return f1_test_group_setup(state) || run(files);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        F1_TEST(every_route_is_described),
        F1_TEST(a_mount_has_its_own),
        F1_TEST(it_is_openapi),
        F1_TEST(answers_are_as_described),
        F1_TEST(pages_without_their_files_tell_how_to_get_them),
        F1_TEST(pages_load_their_files_from_here_alone),
        F1_TEST(files_are_those_of_the_folder),
    };

    return cmocka_run_group_tests(tests, setup, f1_test_group_teardown);
}
