/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Header fields of mail; what real mailers make of them is asked in t/db/test_mail. */

#include <string.h>

#include <apr_strings.h>

#include "base/mailheader.h"
#include "f1_test.h"

static void test_plain_words(void **state)
{
    (void)state;
    assert_string_equal(f1_mailheader_words("Belgian Grand Prix: results", f1_test_pool()),
                        "Belgian Grand Prix: results");
    assert_string_equal(f1_mailheader_words("", f1_test_pool()), "");
}

static void test_encoded_words(void **state)
{
    (void)state;
    assert_string_equal(f1_mailheader_words("S\xc3\xa3o Paulo", f1_test_pool()), "=?UTF-8?B?U8OjbyBQYXVsbw==?=");
    assert_string_equal(f1_mailheader_words("=?UTF-8?B?eA==?=", f1_test_pool()),
                        "=?UTF-8?B?PT9VVEYtOD9CP2VBPT0/PQ==?=");
}

/* A character of three bytes at each place of the limit: none is cut, no line is too long. */
static void test_long_words(void **state)
{
    char text[400];
    size_t lead;

    (void)state;
    for (lead = 0; lead < 6; lead++) {
        const char *words, *line;

        memset(text, 'x', sizeof(text));
        for (size_t at = lead; at + 3 < sizeof(text); at += 3) {
            memcpy(text + at, "\xe2\x82\xac", 3);
        }
        text[lead + 300] = '\0';
        words = f1_mailheader_words(text, f1_test_pool());
        assert_non_null(words);
        for (line = words; line; line = strstr(line, "\r\n") ? strstr(line, "\r\n") + 2 : NULL) {
            assert_true(strcspn(line, "\r") <= 76);
        }
    }
}

static void test_what_is_no_text(void **state)
{
    static const char *const texts[] = {"a\nBcc: all@example.org", "a\rb", "a\tb", "\x7f", "\xff", "\xc3", NULL};

    (void)state;
    for (int i = 0; texts[i]; i++) {
        assert_null(f1_mailheader_words(texts[i], f1_test_pool()));
    }
}

static void test_mailboxes(void **state)
{
    static const char *const texts[][3] = {
        {"a@Example.org", "a@example.org", "a@example.org"},
        {"<a@example.org>", NULL, NULL},
        {"F1Board <no-reply@example.org>", "\"F1Board\" <no-reply@example.org>", "no-reply@example.org"},
        {"F1, Board  <a@b.org>", "\"F1, Board\" <a@b.org>", "a@b.org"},
        {"S\xc3\xa3o <a@b.org>", "=?UTF-8?B?U8Ojbw==?= <a@b.org>", "a@b.org"},
        {"\"F1, Board\" <a@b.org>", "\"F1, Board\" <a@b.org>", "a@b.org"},
        {"a \"b\" <a@b.org>", NULL, NULL},
        {"\"a\\\" <a@b.org>", NULL, NULL},
        {"a\nb <a@b.org>", NULL, NULL},
        {"a <a@b.org", NULL, NULL},
        {"a <a@b.org> b", NULL, NULL},
        {"a <b>", NULL, NULL},
        {"", NULL, NULL},
        {">", NULL, NULL},
        {"a@b.org, c@d.org", NULL, NULL},
        {"a@b.org\r\nBcc: c@d.org", NULL, NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        f1_result_t *res = f1_result_make(f1_test_pool());
        f1_mailbox_t mailbox;

        if (!texts[i][1]) {
            assert_int_not_equal(f1_mailbox_parse(&mailbox, texts[i][0], f1_test_pool(), res), APR_SUCCESS);
            assert_int_equal(res->error, F1_E_INVALID_PARAMETER);
            continue;
        }
        f1_assert_ok(f1_mailbox_parse(&mailbox, texts[i][0], f1_test_pool(), res), res);
        assert_string_equal(mailbox.header, texts[i][1]);
        assert_string_equal(mailbox.address, texts[i][2]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        F1_TEST(test_plain_words),     F1_TEST(test_encoded_words), F1_TEST(test_long_words),
        F1_TEST(test_what_is_no_text), F1_TEST(test_mailboxes),
    };

    return f1_test_run(tests);
}
