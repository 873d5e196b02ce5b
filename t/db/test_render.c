/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Rows as JSON: nesting and its NULLs, every kind of column, and the values that are awkward in JSON. */

#include <apr_strings.h>

#include "f1_test.h"
#include "db/query.h"
#include "db/render.h"

static int next_id;

static f1_rows_t *select_rows(const char *sql)
{
    f1_statement_t *statement = apr_pcalloc(f1_test_pool(), sizeof(*statement));
    f1_rows_t *rows;

    statement->id = next_id++;
    statement->name = apr_psprintf(f1_test_pool(), "render_%d", statement->id);
    statement->sql = sql;
    statement->read_only = 1;
    f1_assert_ok(f1_query(f1_test_conn(), statement, NULL, &rows, f1_test_pool(), f1_test_result()), f1_test_result());
    return rows;
}

static const char *render(const char *sql)
{
    f1_rows_t *rows = select_rows(sql);
    f1_buf_t out;

    f1_buf_init(&out, f1_test_pool(), 16, 1024 * 1024);
    f1_render_rows(&out, rows, 0, f1_rows_count(rows), f1_test_pool());
    assert_false(out.full);
    return out.data;
}

#define RENDERS(sql, json) assert_string_equal(render(sql), json)

static void numbers_keep_their_digits(void **state)
{
    (void)state;
    RENDERS("SELECT 8.14 AS n", "{\"n\":8.14}");
    RENDERS("SELECT 8.140 AS n", "{\"n\":8.140}");
    RENDERS("SELECT -1 AS n, 0 AS z", "{\"n\":-1,\"z\":0}");
    RENDERS("SELECT 9223372036854775807 AS n", "{\"n\":9223372036854775807}");
    RENDERS("SELECT 12345678901234567890.123456789012345678901 AS n",
            "{\"n\":12345678901234567890.123456789012345678901}");
    RENDERS("SELECT 1e-9::float8 AS n, 1e300::float8 AS m", "{\"n\":1e-09,\"m\":1e+300}");
    RENDERS("SELECT -0.5::float8 AS n", "{\"n\":-0.5}");
}

static void what_is_no_number_is_null(void **state)
{
    (void)state;
    RENDERS("SELECT 'NaN'::numeric AS a, 'NaN'::float8 AS b, 'Infinity'::float8 AS c, '-Infinity'::float8 AS d",
            "{\"a\":null,\"b\":null,\"c\":null,\"d\":null}");
}

static void texts_are_escaped(void **state)
{
    (void)state;
    RENDERS("SELECT 'a\"b\\c/d' AS t", "{\"t\":\"a\\\"b\\\\c/d\"}");
    RENDERS("SELECT E'\\n\\t\\x01\\x1f\\x7f' AS t", "{\"t\":\"\\n\\t\\u0001\\u001f\x7f\"}");
    RENDERS("SELECT 'Pérez 🏁' AS t, '' AS e", "{\"t\":\"Pérez 🏁\",\"e\":\"\"}");
    RENDERS("SELECT 'v' AS \"a\"\"b\"", "{\"a\\\"b\":\"v\"}");
}

static void times_are_rfc_3339(void **state)
{
    (void)state;
    RENDERS("SELECT '2024-07-28 15:00:00+02'::timestamptz AS t", "{\"t\":\"2024-07-28T13:00:00Z\"}");
    RENDERS("SELECT '2024-07-28 13:00:00.25Z'::timestamptz AS t", "{\"t\":\"2024-07-28T13:00:00.25Z\"}");
    RENDERS("SELECT 'infinity'::timestamptz AS t, NULL::timestamptz AS n", "{\"t\":null,\"n\":null}");
    RENDERS("SELECT '2024-07-28'::date AS d, '13:00:00'::time AS t", "{\"d\":\"2024-07-28\",\"t\":\"13:00:00\"}");
}

static void json_and_booleans_stay(void **state)
{
    (void)state;
    RENDERS("SELECT true AS t, false AS f, NULL::boolean AS n", "{\"t\":true,\"f\":false,\"n\":null}");
    RENDERS("SELECT '[1, {\"a\": null}]'::jsonb AS j, '{ }'::json AS k, NULL::jsonb AS n",
            "{\"j\":[1, {\"a\": null}],\"k\":{ },\"n\":null}");
    RENDERS("SELECT to_jsonb(ARRAY['a', NULL]) AS list", "{\"list\":[\"a\", null]}");
}

static void dots_nest(void **state)
{
    (void)state;
    RENDERS("SELECT 1 AS n, 'x' AS \"driver.id\", 'y' AS \"driver.name\", 2 AS m",
            "{\"n\":1,\"driver\":{\"id\":\"x\",\"name\":\"y\"},\"m\":2}");
    RENDERS("SELECT 'x' AS \"a.b.c\", 'y' AS \"a.b.d\", 'z' AS \"a.e\"",
            "{\"a\":{\"b\":{\"c\":\"x\",\"d\":\"y\"},\"e\":\"z\"}}");
    /* a name that only begins like the object's is not in it */
    RENDERS("SELECT 'x' AS \"a.b\", 'y' AS ab, 'z' AS \"ab.c\"",
            "{\"a\":{\"b\":\"x\"},\"ab\":\"y\",\"ab\":{\"c\":\"z\"}}");
}

static void an_object_without_values_is_null(void **state)
{
    (void)state;
    RENDERS("SELECT NULL::text AS \"a.b\", NULL::int AS \"a.c\", 1 AS n", "{\"a\":null,\"n\":1}");
    RENDERS("SELECT NULL::text AS \"a.b\", 0 AS \"a.c\"", "{\"a\":{\"b\":null,\"c\":0}}");
    RENDERS("SELECT NULL::text AS \"a.b.c\", 1 AS \"a.d\"", "{\"a\":{\"b\":null,\"d\":1}}");
    RENDERS("SELECT NULL::text AS \"a.b.c\", NULL::text AS \"a.d\"", "{\"a\":null}");
    RENDERS("SELECT NULL::text AS a", "{\"a\":null}");
}

static void rows_are_separated_by_commas(void **state)
{
    f1_rows_t *rows = select_rows("SELECT i, CASE WHEN i = 2 THEN i END AS \"a.b\" FROM generate_series(1, 4) AS i");
    f1_buf_t out;

    (void)state;
    f1_buf_init(&out, f1_test_pool(), 16, 1024);
    f1_render_rows(&out, rows, 1, 3, f1_test_pool());
    assert_string_equal(out.data, "{\"i\":2,\"a\":{\"b\":2}},{\"i\":3,\"a\":null}");
    f1_render_rows(&out, rows, 4, 4, f1_test_pool());
    f1_render_row(&out, rows, 0, f1_test_pool());
    assert_string_equal(out.data, "{\"i\":2,\"a\":{\"b\":2}},{\"i\":3,\"a\":null}{\"i\":1,\"a\":null}");
}

/* All rows as lines. */
static const char *render_lines(const char *sql, f1_format_t format)
{
    f1_rows_t *rows = select_rows(sql);
    f1_render_t *render = f1_render_make(rows, format, f1_test_pool());
    f1_buf_t out;

    f1_buf_init(&out, f1_test_pool(), 16, 1024 * 1024);
    f1_render_head(&out, render);
    for (int row = 0; row < f1_rows_count(rows); row++) {
        f1_render_record(&out, render, rows, row);
    }
    assert_false(out.full);
    return out.data;
}

#define RENDERS_CSV(sql, csv) assert_string_equal(render_lines(sql, F1_FORMAT_CSV), csv)

static void csv_has_a_line_of_names(void **state)
{
    (void)state;
    RENDERS_CSV("SELECT 1 AS n, 'x' AS \"driver.id\", NULL::text AS \"driver.code\", true AS b",
                "n,driver.id,driver.code,b\r\n1,x,,true\r\n");
    RENDERS_CSV("SELECT 1 AS n, 2 AS m WHERE false", "n,m\r\n");
    RENDERS_CSV("SELECT 1 AS \"a,\"\"b\"", "\"a,\"\"b\"\r\n1\r\n");
}

static void csv_is_quoted_where_it_must(void **state)
{
    (void)state;
    RENDERS_CSV("SELECT 'a,b' AS a, 'say \"x\"' AS b, E'x\\ny' AS c, E'x\\ry' AS d, ' Pérez 🏁 ' AS e, '' AS f",
                "a,b,c,d,e,f\r\n\"a,b\",\"say \"\"x\"\"\",\"x\ny\",\"x\ry\", Pérez 🏁 ,\r\n");
    RENDERS_CSV("SELECT '[\"a\", 1]'::jsonb AS j, NULL::jsonb AS k", "j,k\r\n\"[\"\"a\"\", 1]\",\r\n");
}

static void csv_is_safe_from_formulas(void **state)
{
    (void)state;
    RENDERS_CSV("SELECT '=1+1' AS a, '+5.3' AS b, '-x' AS c, '@SUM(1)' AS d, E'\\tx' AS e, E'\\rx' AS f, 'a=1' AS g",
                "a,b,c,d,e,f,g\r\n'=1+1,'+5.3,'-x,'@SUM(1),'\tx,\"'\rx\",a=1\r\n");
    RENDERS_CSV("SELECT '=HYPERLINK(\"x\",\"y\")' AS a", "a\r\n\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\"\r\n");
    /* what is a number stays one */
    RENDERS_CSV("SELECT -1 AS a, -8.140 AS b, 'NaN'::float8 AS c, '-Infinity'::float8 AS d",
                "a,b,c,d\r\n-1,-8.140,,\r\n");
}

static void csv_times_are_rfc_3339(void **state)
{
    (void)state;
    RENDERS_CSV(
        "SELECT '2024-07-28 15:00:00.5+02'::timestamptz AS t, 'infinity'::timestamptz AS i, '2024-07-28'::date AS d",
        "t,i,d\r\n2024-07-28T13:00:00.5Z,,2024-07-28\r\n");
}

static void ndjson_is_an_object_a_line(void **state)
{
    (void)state;
    assert_string_equal(
        render_lines("SELECT i AS \"a.n\", E'x\\ny' AS t FROM generate_series(1, 2) AS i", F1_FORMAT_NDJSON),
        "{\"a\":{\"n\":1},\"t\":\"x\\ny\"}\n{\"a\":{\"n\":2},\"t\":\"x\\ny\"}\n");
    assert_string_equal(render_lines("SELECT 1 AS n WHERE false", F1_FORMAT_NDJSON), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        F1_TEST(numbers_keep_their_digits),
        F1_TEST(what_is_no_number_is_null),
        F1_TEST(texts_are_escaped),
        F1_TEST(times_are_rfc_3339),
        F1_TEST(json_and_booleans_stay),
        F1_TEST(dots_nest),
        F1_TEST(an_object_without_values_is_null),
        F1_TEST(rows_are_separated_by_commas),
        F1_TEST(csv_has_a_line_of_names),
        F1_TEST(csv_is_quoted_where_it_must),
        F1_TEST(csv_is_safe_from_formulas),
        F1_TEST(csv_times_are_rfc_3339),
        F1_TEST(ndjson_is_an_object_a_line),
    };

    return f1_test_run(tests);
}
