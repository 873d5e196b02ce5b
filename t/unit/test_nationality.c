/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Country codes to nationalities. */

#include <string.h>

#include "f1_test.h"
#include "ingest/nationality.h"

static void table_is_sorted(void **state)
{
    (void)state;
    for (size_t i = 0; i < f1_nation_count; i++) {
        const f1_nation_t *nation = &f1_nations[i];
        size_t len = strlen(nation->code);

        assert_true(len == 2 || len == 3);
        assert_int_equal(strspn(nation->code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"), len);
        assert_true(nation->word[0] != '\0');
        if (i > 0 && strcmp(f1_nations[i - 1].code, nation->code) >= 0) {
            fail_msg("%s stands before %s", f1_nations[i - 1].code, nation->code);
        }
    }
}

static void every_code_is_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < f1_nation_count; i++) {
        assert_ptr_equal(f1_nationality(f1_nations[i].code, f1_test_pool()), f1_nations[i].word);
    }
}

/* All words that the results of 1950-2024 use. */
static void words_of_results(void **state)
{
    static const struct {
        const char *code, *word;
    } nations[] = {
        {"ARG", "Argentine"},       {"AUS", "Australian"},    {"AUT", "Austrian"},  {"BEL", "Belgian"},
        {"BRA", "Brazilian"},       {"CAN", "Canadian"},      {"CHI", "Chilean"},   {"CHN", "Chinese"},
        {"COL", "Colombian"},       {"CZE", "Czech"},         {"DEN", "Danish"},    {"ESP", "Spanish"},
        {"FIN", "Finnish"},         {"FRA", "French"},        {"GBR", "British"},   {"GDR", "East German"},
        {"GER", "German"},          {"HKG", "Hong Kong"},     {"HUN", "Hungarian"}, {"INA", "Indonesian"},
        {"IND", "Indian"},          {"IRL", "Irish"},         {"ITA", "Italian"},   {"JPN", "Japanese"},
        {"LIE", "Liechtensteiner"}, {"MAS", "Malaysian"},     {"MEX", "Mexican"},   {"MON", "Monegasque"},
        {"NED", "Dutch"},           {"NZL", "New Zealander"}, {"POL", "Polish"},    {"POR", "Portuguese"},
        {"RHO", "Rhodesian"},       {"RSA", "South African"}, {"RUS", "Russian"},   {"SUI", "Swiss"},
        {"SWE", "Swedish"},         {"THA", "Thai"},          {"URU", "Uruguayan"}, {"USA", "American"},
        {"VEN", "Venezuelan"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(nations) / sizeof(*nations); i++) {
        assert_string_equal(f1_nationality(nations[i].code, f1_test_pool()), nations[i].word);
    }
}

static void spellings(void **state)
{
    (void)state;
    assert_string_equal(f1_nationality("NLD", f1_test_pool()), "Dutch");
    assert_string_equal(f1_nationality("NL", f1_test_pool()), "Dutch");
    assert_string_equal(f1_nationality(" gbr\n", f1_test_pool()), "British");
    assert_string_equal(f1_nationality("de", f1_test_pool()), "German");
}

static void what_is_no_code_stays(void **state)
{
    (void)state;
    assert_string_equal(f1_nationality(NULL, f1_test_pool()), "");
    assert_string_equal(f1_nationality("", f1_test_pool()), "");
    assert_string_equal(f1_nationality(" \t\r\n", f1_test_pool()), "");
    assert_string_equal(f1_nationality("QQQ", f1_test_pool()), "QQQ");
    assert_string_equal(f1_nationality("  xq ", f1_test_pool()), "xq");
    assert_string_equal(f1_nationality(" New Zealander ", f1_test_pool()), "New Zealander");
    assert_string_equal(f1_nationality("G", f1_test_pool()), "G");
    assert_string_equal(f1_nationality("\xc3\x84", f1_test_pool()), "\xc3\x84");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        F1_TEST(table_is_sorted), F1_TEST(every_code_is_found),   F1_TEST(words_of_results),
        F1_TEST(spellings),       F1_TEST(what_is_no_code_stays),
    };

    return f1_test_run(tests);
}
