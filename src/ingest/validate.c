/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Questions about stored data; the rules themselves are in sql/stmt/ingest/validate.sql. */

#include "ingest/validate.h"

#include <string.h>

#include <apr_strings.h>

#include "base/str.h"
#include "gen/statements.h"
#include "ingest/nationality.h"

#define ROWS_MAX (4 * 1024 * 1024)

static int number(const f1_rows_t *rows, int row, int column)
{
    apr_int64_t value = 0;
    const char *text = f1_rows_get(rows, row, column);

    return text && f1_str_to_int64(text, &value) ? (int)value : 0;
}

apr_status_t f1_validate(f1_conn_t *conn, int season, apr_array_header_t **pfindings, apr_pool_t *pool,
                         f1_result_t *res)
{
    const char *values[] = {apr_itoa(pool, season)};
    f1_rows_t *rows;
    int i;

    *pfindings = apr_array_make(pool, 8, sizeof(f1_finding_t));
    if (f1_query(conn, &f1_stmt_ingest_validate, values, &rows, pool, res) != APR_SUCCESS) {
        return res->rv;
    }
    for (i = 0; i < f1_rows_count(rows); i++) {
        APR_ARRAY_PUSH(*pfindings, f1_finding_t) =
            (f1_finding_t){number(rows, i, 0), f1_rows_get(rows, i, 1), f1_rows_get(rows, i, 2)};
    }
    return APR_SUCCESS;
}

static void add_word(f1_buf_t *json, const f1_rows_t *codes, int i, const char *word)
{
    f1_buf_addf(json, "%s{\"kind\":\"%s\",\"id\":\"%s\",\"nationality\":", json->len > 1 ? "," : "",
                f1_rows_get(codes, i, 0), f1_rows_get(codes, i, 1));
    f1_buf_add_json(json, word, strlen(word));
    f1_buf_addc(json, '}');
}

apr_status_t f1_nationalities_convert(f1_conn_t *conn, int *pdrivers, int *pconstructors, apr_pool_t *pool,
                                      f1_result_t *res)
{
    const char *values[1];
    f1_rows_t *rows;
    f1_buf_t json;
    int i;

    if (f1_query(conn, &f1_stmt_ingest_nationality_codes, NULL, &rows, pool, res) != APR_SUCCESS) {
        return res->rv;
    }
    f1_buf_init(&json, pool, 1024, ROWS_MAX);
    f1_buf_addc(&json, '[');
    for (i = 0; i < f1_rows_count(rows); i++) {
        add_word(&json, rows, i, f1_nationality(f1_rows_get(rows, i, 2), pool));
    }
    f1_buf_addc(&json, ']');
    if (json.full) {
        return f1_result_fail(res, F1_E_INTERNAL, APR_ENOSPC, "too many nationalities to convert at once");
    }
    values[0] = json.data;
    if (f1_query(conn, &f1_stmt_ingest_nationality_set, values, &rows, pool, res) == APR_SUCCESS) {
        *pdrivers = number(rows, 0, 0);
        *pconstructors = number(rows, 0, 1);
    }
    return res->rv;
}

apr_status_t f1_nationalities_missing(f1_conn_t *conn, apr_array_header_t **pseasons, apr_pool_t *pool,
                                      f1_result_t *res)
{
    f1_rows_t *rows;
    int i;

    *pseasons = apr_array_make(pool, 8, sizeof(int));
    if (f1_query(conn, &f1_stmt_ingest_nationality_missing, NULL, &rows, pool, res) != APR_SUCCESS) {
        return res->rv;
    }
    for (i = 0; i < f1_rows_count(rows); i++) {
        APR_ARRAY_PUSH(*pseasons, int) = number(rows, i, 0);
    }
    return APR_SUCCESS;
}

apr_status_t f1_ingestion_status(f1_conn_t *conn, f1_rows_t **pruns, f1_rows_t **pseasons, apr_pool_t *pool,
                                 f1_result_t *res)
{
    if (f1_query(conn, &f1_stmt_ingest_recent_runs, NULL, pruns, pool, res) != APR_SUCCESS) {
        return res->rv;
    }
    return f1_query(conn, &f1_stmt_ingest_stored_seasons, NULL, pseasons, pool, res);
}
