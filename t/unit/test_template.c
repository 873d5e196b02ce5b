/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* The template language: what each construct writes, and what is refused. */

#include "f1_test.h"

#include <string.h>

#include <apr_strings.h>

#include "compat/template.h"

static const char *render(const char *text, const char *json)
{
    f1_template_t *template;
    f1_buf_t out;

    f1_assert_ok(f1_template_parse(&template, text, strlen(text), f1_test_pool(), f1_test_result()), f1_test_result());
    f1_buf_init(&out, f1_test_pool(), 64, 65536);
    f1_template_render(&out, template, f1_test_json(json));
    return out.data;
}

static void values(void **state)
{
    (void)state;
    assert_string_equal(render("a {{b}} {{ c }}{{none}}{{null}}{{list}}{{f}}.", "{\"b\":1,\"c\":\"x\",\"null\":null,"
                                                                                "\"list\":[1],\"f\":false}"),
                        "a 1 x.");
    assert_string_equal(render("{{a}} {{b}} {{c}}", "{\"a\":12.5,\"b\":25.0,\"c\":true}"), "12.5 25 true");
    assert_string_equal(render("{{t}}", "{\"t\":\"<a href=\\\"x\\\">&amp;'\"}"),
                        "&lt;a href=&quot;x&quot;&gt;&amp;amp;&#39;");
    assert_string_equal(
        render("{{a.b.c}}{{a.x.c}}{{a.b.c.d}}{{l.1}}{{l.2}}{{l.x}}", "{\"a\":{\"b\":{\"c\":\"deep\"}},\"l\":[1,2]}"),
        "deep2");
    assert_string_equal(render("{{t.date}} {{t.time}}{{d.time}}{{d.date}}{{t.zone}}",
                               "{\"t\":\"2030-06-16T13:00:00Z\",\"d\":\"2030\"}"),
                        "2030-06-16 13:00");
    assert_string_equal(render("{{! a comment }}{}}} { {", "{}"), "{}}} { {");
}

static void sections(void **state)
{
    (void)state;
    assert_string_equal(render("{{#l}}<{{.}}>{{/l}}{{^l}}none{{/l}}", "{\"l\":[1,\"&\"]}"), "<1><&amp;>");
    assert_string_equal(render("{{#l}}x{{/l}}{{^l}}none{{/l}}", "{\"l\":[]}"), "none");
    assert_string_equal(render("{{#o}}{{a}}{{b}}{{#i}}{{a}}{{/i}}{{/o}}", "{\"b\":2,\"i\":[1],\"o\":{\"a\":1}}"),
                        "121");
    assert_string_equal(
        render("{{#v}}[{{.}}]{{/v}}{{#e}}x{{/e}}{{^e}}y{{/e}}{{^f}}z{{/f}}", "{\"v\":\"a\",\"e\":\"\",\"f\":false}"),
        "[a]yz");
    assert_string_equal(render("{{#a}}{{#b}}{{c}}{{/b}};{{/a}}", "{\"a\":[{\"b\":[{\"c\":1},{\"c\":2}]},{}]}"), "12;;");
    assert_string_equal(render("{{#l}}\n{{.}}\n{{/l}}\n{{! x }}\nz {{#l}}\n{{/l}}\n", "{\"l\":[1,2]}"), "1\n2\nz \n\n");
    assert_string_equal(render("{{#t.time}}at {{t.time}}{{/t.time}}", "{\"t\":null}"), "");
}

static void refused(void **state)
{
    static const struct {
        const char *text, *because;
    } cases[] = {
        {"a\nb{{#x}}", "line 2: at the end there is still open: x"},
        {"{{#x}}\n\n{{/y}}", "line 3: x is to be closed before y"},
        {"{{/x}}", "line 1: nothing is open that could be closed by x"},
        {"\n{{x", "line 2: {{ without }}"},
        {"{{}}", "line 1: this is no name:"},
        {"{{{x}}}", "line 1: this is no name: {x"},
        {"{{&x}}", "line 1: this is no name: &x"},
        {"{{a..b}}", "line 1: this is no name: a..b"},
        {"{{> x}}", "line 1: this is no name: >"},
        {"{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}", "line 1: too many sections inside each other at a"},
        {"\xff", "line 1: a template should be UTF-8"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        f1_result_t *res = f1_result_make(f1_test_pool());
        f1_template_t *template;

        assert_int_not_equal(f1_template_parse(&template, cases[i].text, strlen(cases[i].text), f1_test_pool(), res),
                             APR_SUCCESS);
        assert_non_null(strstr(res->detail, cases[i].because));
    }
}

static void ascii(void **state)
{
    f1_buf_t out;

    (void)state;
    f1_buf_init(&out, f1_test_pool(), 64, 65536);
    f1_template_add_ascii(&out, "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x8f\x81z");
    assert_string_equal(out.data, "a&#233;&#8364;&#127937;z");
}

int main(void)
{
    const struct CMUnitTest tests[] = {F1_TEST(values), F1_TEST(sections), F1_TEST(refused), F1_TEST(ascii)};

    return f1_test_run(tests);
}
