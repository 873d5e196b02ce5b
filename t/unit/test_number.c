/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Numbers have one spelling, and what is no number is none. */

#include <math.h>
#include <string.h>

#include "f1_test.h"
#include "base/number.h"

static void numbers_have_one_spelling(void **state)
{
    static const struct {
        const char *text, *spelled;
    } cases[] = {{"0", "0.0"},
                 {"-0", "-0.0"},
                 {"25.0", "25.0"},
                 {"+25", "25.0"},
                 {"98.10", "98.1"},
                 {"0.1", "0.1"},
                 {"1e20", "1e+20"},
                 {"91.295", "91.295"},
                 {".5", "0.5"},
                 {"5.", "5.0"},
                 {"1E-7", "1e-07"},
                 {"5625.103", "5625.103"},
                 {"123456789012345678", "1.2345678901234568e+17"}};
    char text[F1_NUMBER_LEN];
    double number;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_true(f1_number_parse(cases[i].text, &number));
        assert_string_equal(f1_number_format(text, number), cases[i].spelled);
    }
}

static void others_are_refused(void **state)
{
    static const char *const wrong[] = {"",    " 1",  "1 ",    "+",        "-",     ".",        "e5",
                                        "1e",  "1e+", "0x10",  "inf",      "nan",   "Infinity", "1_000",
                                        "1,5", "--1", "1e999", "\xd9\xa1", "1.2.3", "5a"};
    double number;

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        if (f1_number_parse(wrong[i], &number)) {
            fail_msg("\"%s\" is taken for a number", wrong[i]);
        }
    }
}

static void what_was_formatted_is_parsed_back(void **state)
{
    char text[F1_NUMBER_LEN];
    double number = 1.0 / 3.0, back;

    (void)state;
    for (int i = 0; i < 2000; i++) {
        number = sin(number * 1000.0 + i) * pow(10, i % 40 - 20);
        assert_true(f1_number_parse(f1_number_format(text, number), &back));
        assert_true(back == number);
        assert_true(strlen(text) < F1_NUMBER_LEN);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        F1_TEST(numbers_have_one_spelling),
        F1_TEST(others_are_refused),
        F1_TEST(what_was_formatted_is_parsed_back),
    };

    return f1_test_run(tests);
}
