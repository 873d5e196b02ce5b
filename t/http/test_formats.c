/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* The representations of lists as clients see them: which one they get, and that all tell the same. */

#include "f1_test.h"

#include <string.h>

#include <apr_strings.h>

#define LIST "/api/v1/seasons"
#define ONE "/api/v1/drivers/hakimi"
#define CSV "text/csv; charset=utf-8; header=present"
#define NDJSON "application/x-ndjson"
#define JSON "application/json"

static const char *header(const f1_reply_t *reply, const char *name)
{
    const char *value = apr_table_get(reply->headers, name);

    return value ? value : "";
}

static f1_reply_t *ask(const char *path, const char *accept)
{
    const char *headers[] = {accept ? apr_pstrcat(f1_test_pool(), "Accept: ", accept, NULL) : NULL, NULL};

    return f1_test_ask(&(f1_ask_t){.path = path, .headers = headers});
}

/* "" is 406. */
static void accept_decides(void **state)
{
    static const struct {
        const char *accept, *type;
    } cases[] = {
        {"text/csv", CSV},
        {"TEXT/CSV", CSV},
        {"text/*", CSV},
        {"text/csv;header=present", CSV},
        {"application/x-ndjson", NDJSON},
        {"application/*", JSON},
        {"*/*", JSON},
        {"text/csv, */*", CSV},
        {"*/*, application/x-ndjson", NDJSON},
        {"text/csv;q=0.5, */*;q=0.4", CSV},
        {"text/csv;q=0.5, */*", JSON},
        {"text/csv;q=0.5, application/json;q=0.4", CSV},
        {"text/csv;q=0.5, application/json;q=0.501", JSON},
        {"text/*, text/csv;q=0.1, application/json;q=0.2", JSON},
        {"text/*;q=0.1, text/csv;q=0.9, application/json;q=0.2", CSV},
        {"text/csv;q=0, */*;q=0.1", JSON},
        {"application/json;q=0, */*", CSV},
        {"application/json;q=0, text/csv;q=0, */*", NDJSON},
        {"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", JSON},
        {"text/csv;q=1.000, application/json;q=1.0", JSON},
        {"text/csv;q=7", CSV},
        {"text/csv;q=0.0001", ""},
        {"text/csv;q=0.", ""},
        {"text/csv;q=-1", ""},
        {"text/html", ""},
        {"text/csv;q=0", ""},
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        f1_reply_t *reply = ask(LIST, cases[i].accept);

        if (!*cases[i].type) {
            assert_int_equal(reply->status, 406);
            assert_string_equal(header(reply, "Content-Type"), "application/problem+json");
            f1_assert_json(reply->json, "detail",
                           "\"This resource is application/json, text/csv or application/x-ndjson\"");
            continue;
        }
        if (strcmp(header(reply, "Content-Type"), cases[i].type)) {
            print_error("Accept: %s\n", cases[i].accept);
        }
        assert_string_equal(header(reply, "Content-Type"), cases[i].type);
        assert_int_equal(reply->status, 200);
        assert_non_null(strstr(header(reply, "Vary"), "Accept"));
    }
}

static void format_wins_over_accept(void **state)
{
    (void)state;
    assert_string_equal(header(ask(LIST "?format=csv", "application/json"), "Content-Type"), CSV);
    assert_string_equal(header(ask(LIST "?format=CSV", NULL), "Content-Type"), CSV);
    assert_string_equal(header(ask(LIST "?format=ndjson", "text/csv"), "Content-Type"), NDJSON);
    assert_string_equal(header(ask(LIST "?format=json", "text/html"), "Content-Type"), JSON);
}

static void unknown_formats_are_refused(void **state)
{
    f1_reply_t *reply = f1_test_get(LIST "?format=xml");

    (void)state;
    assert_int_equal(reply->status, 400);
    f1_assert_json(reply->json, "errors/0/field", "\"format\"");
    f1_assert_json(reply->json, "errors/0/detail", "\"must be json, csv or ndjson, not 'xml'\"");
    assert_int_equal(f1_test_get(LIST "?format=")->status, 400);
    assert_int_equal(f1_test_get(LIST "?format=csv&format=json")->status, 400);
    reply = f1_test_get(LIST "?format=csv%0d%0aX-Evil:%201");
    assert_int_equal(reply->status, 400);
    assert_string_equal(header(reply, "X-Evil"), "");
}

/* What is no list is JSON. */
static void one_is_json(void **state)
{
    (void)state;
    assert_int_equal(ask(ONE, "*/*")->status, 200);
    assert_int_equal(ask(ONE, "text/csv")->status, 406);
    assert_int_equal(ask("/api/v1/stats", "text/csv")->status, 406);
    assert_int_equal(ask("/api/v1/health", "text/csv")->status, 406);
    assert_int_equal(f1_test_get(ONE "?format=json")->status, 400);
}

static int count_lines(const char *text, const char *end)
{
    int count = 0;

    for (; (text = strstr(text, end)) != NULL; text += strlen(end)) {
        count++;
    }
    return count;
}

static void all_formats_have_the_same_rows(void **state)
{
    static const char *const page = "/api/v1/races?season=2029&limit=7&offset=14";
    f1_reply_t *json = ask(page, NULL), *csv = ask(page, "text/csv"), *ndjson = ask(page, NDJSON);
    const char *line = ndjson->body;
    size_t i;

    (void)state;
    assert_int_equal(count_lines(csv->body, "\r\n"), 8);
    assert_int_equal(strncmp(csv->body, "id,season,round,name,", 21), 0);
    assert_int_equal(count_lines(ndjson->body, "\n"), 7);
    for (i = 0; i < 7; i++) {
        size_t len = strcspn(line, "\n");

        assert_true(json_equal(f1_test_json(apr_pstrmemdup(f1_test_pool(), line, len)),
                               json_array_get(f1_test_json_at(json->json, "items"), i)));
        line += len + 1;
    }
    assert_string_equal(header(json, "X-Total-Count"), "22");
    assert_string_equal(header(csv, "X-Total-Count"), "22");
    assert_string_equal(header(ndjson, "X-Total-Count"), "22");
    assert_string_equal(header(csv, "Link"), header(json, "Link"));
    assert_string_equal(header(ndjson, "Link"), header(json, "Link"));
}

static void links_keep_the_format(void **state)
{
    (void)state;
    assert_string_equal(header(f1_test_get(LIST "?limit=1&format=Csv&offset=2"), "Link"),
                        "</f1" LIST "?format=csv&limit=1&offset=0>; rel=\"first\", "
                        "</f1" LIST "?format=csv&limit=1&offset=1>; rel=\"prev\", "
                        "</f1" LIST "?format=csv&limit=1&offset=2>; rel=\"last\"");
}

static void empty_lists_and_errors(void **state)
{
    f1_reply_t *reply = ask("/api/v1/drivers?search=nobody%20at%20all", "text/csv");

    (void)state;
    assert_int_equal(reply->status, 200);
    assert_int_equal(count_lines(reply->body, "\r\n"), 1);
    assert_string_equal(header(reply, "X-Total-Count"), "0");
    reply = ask("/api/v1/drivers?search=nobody%20at%20all", NDJSON);
    assert_int_equal(reply->status, 200);
    assert_int_equal(reply->body_len, 0);
    reply = ask("/api/v1/races/2029-moon-grand-prix/results", "text/csv");
    assert_int_equal(reply->status, 404);
    assert_string_equal(header(reply, "Content-Type"), "application/problem+json");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        F1_TEST(accept_decides),
        F1_TEST(format_wins_over_accept),
        F1_TEST(unknown_formats_are_refused),
        F1_TEST(one_is_json),
        F1_TEST(all_formats_have_the_same_rows),
        F1_TEST(links_keep_the_format),
        F1_TEST(empty_lists_and_errors),
    };

    return f1_test_run(tests);
}
