/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Which tags of a page are ours, and what stays of the rest; each page is cut at every place. */

#include "f1_test.h"

#include <string.h>

#include <apr_strings.h>

#include "compat/widget_tag.h"
#include "tag_run.h"

#define YES "<f1-board view=yes>"

static const char *run(const char *page, size_t first, size_t piece)
{
    f1_buf_t out;

    f1_buf_init(&out, f1_test_pool(), 256, 1024 * 1024);
    f1_tag_run(&out, page, strlen(page), first, piece);
    return out.data;
}

static void assert_page(const char *page, const char *expected)
{
    size_t len = strlen(page);

    assert_string_equal(run(page, len, 1), expected);
    assert_string_equal(run(page, 0, 1), expected);
    for (size_t at = 1; at < len; at += len / 500 + 1) {
        assert_string_equal(run(page, at, len), expected);
    }
}

static void assert_same(const char *page)
{
    assert_page(page, page);
}

static void replaced(void **state)
{
    (void)state;
    assert_page("a" YES "b</f1-board>c", "a[view=yes;]c");
    assert_page("<p><F1-BOARD\n VIEW = 'yes'\tlimit=5 >b</F1-Board\n></p>", "<p>[view=yes;limit=5;]</p>");
    assert_page("<f1-board view=\"yes\" a='x>y' b=\"&lt;&#233;&#x1F3C1;&quot;&amp;amp;&nope;&#0;&#xd800;\"></f1-board>",
                "[view=yes;a=x>y;b=<\xc3\xa9\xf0\x9f\x8f\x81\"&amp;&nope;&#0;&#xd800;;]");
    assert_page("<f1-board view=yes view=no hidden></f1-board>", "[view=yes;hidden=;]");
    assert_page("<f1-board view=\"yes\"/>x<f1-board view='yes' />y", "[view=yes;]x[view=yes;]y");
    assert_page("<<f1-board view=yes>x</f1-board>", "<[view=yes;]");
    assert_page("<f1<f1-boar<f1-board view=yes>x</f1-board>", "<f1<f1-boar<f1-board view=yes>x</f1-board>");
    assert_page(YES YES "in</f1-board>out</f1-board>z", "[view=yes;]z");
    assert_page(YES "<f1-board/>in<script></f1-board></script></f1-board>z", "[view=yes;]z");
    assert_page("<f1-board view=no>" YES "x</f1-board>y</f1-board>", "<f1-board view=no>[view=yes;]y</f1-board>");
}

static void left_alone(void **state)
{
    (void)state;
    assert_same("");
    assert_same("<");
    assert_same("a < b <1 </> </ x <!");
    assert_same("<f1-board");
    assert_same("<f1-board view=yes");
    assert_same("<f1-board view=\"yes>x</f1-board>");
    assert_same("<f1-boards view=yes>x</f1-boards>");
    assert_same("<f1-boar view=yes>x");
    assert_same("< f1-board view=yes>");
    assert_same("<f1-board view=no>fallback</f1-board>");
    assert_same("<f1-board view=yes/>x</f1-board>"); /* the slash belongs to the value */
    assert_same("<a title='" YES "' href=\"" YES "\">x</a>");
    assert_same("<!-- " YES " -- > --" YES "</f1-board>");
    assert_same("<!doctype html "
                "\"<f1-board view=yes\"");
    assert_same("</f1-board>");
}

static void no_markup_inside(void **state)
{
    static const char *const elements[] = {"script", "STYLE", "textarea", "title", "xmp"};

    (void)state;
    for (size_t i = 0; i < sizeof(elements) / sizeof(elements[0]); i++) {
        const char *name = elements[i];

        assert_page(
            apr_psprintf(f1_test_pool(), "<%s a='>'>" YES "</f1-board></%sx></%s \n>" YES "</f1-board>", name, name,
                         name),
            apr_psprintf(f1_test_pool(), "<%s a='>'>" YES "</f1-board></%sx></%s \n>[view=yes;]", name, name, name));
    }
    assert_page("<script>a<b</ </script>" YES "</f1-board>", "<script>a<b</ </script>[view=yes;]");
    assert_page("<!-->" YES "</f1-board>", "<!-->[view=yes;]");
    assert_page("<!--->" YES "</f1-board>", "<!--->[view=yes;]");
    assert_page("<!-- - -- x --!>" YES "</f1-board>", "<!-- - -- x --!>[view=yes;]");
    assert_page("<!-- a --->" YES "</f1-board>", "<!-- a --->[view=yes;]");
    assert_page("<!doctype html><?php x ?>" YES "</f1-board>", "<!doctype html><?php x ?>[view=yes;]");
}

static const char *filled(const char *before, size_t count, const char *after)
{
    char *middle = apr_palloc(f1_test_pool(), count + 1);

    memset(middle, 'x', count);
    middle[count] = '\0';
    return apr_pstrcat(f1_test_pool(), before, middle, after, NULL);
}

static void bounds(void **state)
{
    const char *head = "<f1-board view=yes a=\"";
    size_t most = F1_TAG_MAX - strlen(head) - strlen("\">");
    const char *page = filled(YES, F1_TAG_FALLBACK_MAX + 1, "</f1-board>");

    (void)state;
    assert_page(filled(head, most, "\">b</f1-board>c"), filled("[view=yes;a=", most, ";]c"));
    assert_same(filled(head, most + 1, "\">b</f1-board>c"));
    assert_same(filled("<f1-board view=yes ", 2 * F1_TAG_MAX, ">b</f1-board>c"));

    /* left open: nothing of the page is lost */
    assert_page(YES "b<p>c", "[view=yes;]b<p>c");
    assert_string_equal(run(page, 1000, 1000), filled("[view=yes;]", F1_TAG_FALLBACK_MAX + 1, "</f1-board>"));
    assert_string_equal(run(page, strlen(page), 1), filled("[view=yes;]", F1_TAG_FALLBACK_MAX + 1, "</f1-board>"));
    assert_string_equal(run(filled(YES, 60000, "</f1-board>z"), 1000, 1000), "[view=yes;]z");
}

/* Pages longer than what is kept unseen, with something that was opened at their beginning. */
static void far_away(void **state)
{
    static const struct {
        const char *before, *after; /* after: where text begins again */
    } cases[] = {
        {"", ""},
        {"<!--", "-->"},
        {"<script>a<b", "</script>"},
        {"<a title=\"", "\">"},
        {"<a title='", "'>"},
        {"<a href=", ">"},
        {"<!doctype ", ">"},
    };
    static const size_t pieces[] = {1, 3, 8000, F1_TAG_UNSEEN_CHUNK, F1_TAG_UNSEEN, 1000000};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *begin = filled(cases[i].before, 2 * F1_TAG_UNSEEN + 7, "</x> ");
        const char *inside = i ? "<f1-board view=no>" YES : "";
        const char *hidden = apr_pstrcat(f1_test_pool(), filled(begin, 5, inside), cases[i].after, NULL);
        const char *page = apr_pstrcat(f1_test_pool(), hidden, YES "b</f1-board>c", NULL);
        const char *expected = apr_pstrcat(f1_test_pool(), hidden, "[view=yes;]c", NULL);

        if (i >= 5) { /* what ends with the first > */
            page = apr_pstrcat(f1_test_pool(), filled(cases[i].before, 2 * F1_TAG_UNSEEN, cases[i].after),
                               YES "b</f1-board>c", NULL);
            expected = apr_pstrcat(f1_test_pool(), filled(cases[i].before, 2 * F1_TAG_UNSEEN, cases[i].after),
                                   "[view=yes;]c", NULL);
        }
        for (size_t j = 0; j < sizeof(pieces) / sizeof(pieces[0]); j++) {
            assert_string_equal(run(page, 0, pieces[j]), expected);
        }
    }
}

/* Bytes that look like the beginning of a tag of ours at the end of a piece, and are not. */
static void nearly_ours(void **state)
{
    (void)state;
    assert_same("a<f<f1<f1-<f2-<F1-x<<<f1_<f1");
    assert_page("<f1-<<f<F1-boarD view=yes>x</f1-board>", "<f1-<<f<F1-boarD view=yes>x</f1-board>");
    assert_page("<b><f1 ><<f<!--<f1-board view=yes>--><f1-board view=yes>x</f1-board><", "<b><f1 ><<f<!--<f1-board "
                                                                                         "view=yes>-->[view=yes;]<");
    assert_same("<!-- <f1-board view=yes> <f1-board view=yes> <f1-");
    assert_same(filled("<f1-board ", F1_TAG_MAX, ">"));
}

static void too_many_attributes(void **state)
{
    const char *tag = "<f1-board";
    f1_tag_attribute_t attributes[F1_TAG_MAX_ATTRIBUTES];

    (void)state;
    for (int i = 0; i < F1_TAG_MAX_ATTRIBUTES; i++) {
        tag = apr_psprintf(f1_test_pool(), "%s a%d", tag, i);
    }
    tag = apr_pstrcat(f1_test_pool(), tag, " a0>", NULL);
    assert_int_equal(f1_tag_attributes(tag, strlen(tag), attributes, f1_test_pool()), F1_TAG_MAX_ATTRIBUTES);
    tag = apr_pstrcat(f1_test_pool(), apr_pstrndup(f1_test_pool(), tag, strlen(tag) - 1), " more>", NULL);
    assert_int_equal(f1_tag_attributes(tag, strlen(tag), attributes, f1_test_pool()), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        F1_TEST(replaced), F1_TEST(left_alone),  F1_TEST(no_markup_inside),    F1_TEST(bounds),
        F1_TEST(far_away), F1_TEST(nearly_ours), F1_TEST(too_many_attributes),
    };

    return f1_test_run(tests);
}
