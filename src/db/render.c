/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Rows to JSON. What is the same for every row (member names, commas, where objects open and close) is worked out once
 * per result, as a list of steps; a row then only appends. A step that opens an object knows the columns inside it, so
 * that an object without any value is written as null and its steps are jumped over. */

#include "db/render.h"

#include <string.h>
#include <apr_tables.h>

typedef enum { STEP_VALUE, STEP_OPEN, STEP_CLOSE } step_kind_t;

typedef struct step_t {
    step_kind_t kind;
    f1_col_kind_t column_kind; /* of a value */
    const char *lead; /* what stands before it: comma, member name, colon */
    size_t lead_len;
    int column; /* of a value; of an object, its first one */
    int last; /* of an object: its last column */
    int end; /* of an object: index of the step that closes it */
} step_t;

typedef struct plan_t {
    const f1_rows_t *rows;
    apr_array_header_t *steps;
    apr_pool_t *pool;
} plan_t;

static step_t *add_step(plan_t *plan, step_kind_t kind, int column, const char *name, size_t len, int is_first)
{
    f1_buf_t lead;
    step_t *step = apr_array_push(plan->steps);

    f1_buf_init(&lead, plan->pool, len + 8, 1024);
    if (name != NULL) {
        f1_buf_adds(&lead, is_first ? "" : ",");
        f1_buf_add_json(&lead, name, len);
        f1_buf_addc(&lead, ':');
    }
    *step = (step_t){.kind = kind, .lead = lead.data, .lead_len = lead.len, .column = column};
    return step;
}

/* Plans the members made of columns first..last, whose names have this object's path in their first skip bytes. */
static void plan_object(plan_t *plan, int first, int last, size_t skip)
{
    int column = first;

    while (column <= last) {
        const char *name = f1_rows_name(plan->rows, column) + skip;
        const char *dot = strchr(name, '.');
        size_t len = (dot != NULL) ? (size_t)(dot - name) : strlen(name);
        int end = column, open;

        if (dot == NULL) {
            step_t *step = add_step(plan, STEP_VALUE, column, name, len, column == first);
            step->column_kind = f1_rows_kind(plan->rows, column);
            column++;
            continue;
        }
        while (end < last && strncmp(f1_rows_name(plan->rows, end + 1) + skip, name, len + 1) == 0) {
            end++;
        }
        open = plan->steps->nelts;
        add_step(plan, STEP_OPEN, column, name, len, column == first);
        plan_object(plan, column, end, skip + len + 1);
        add_step(plan, STEP_CLOSE, column, NULL, 0, 0);
        APR_ARRAY_IDX(plan->steps, open, step_t).last = end;
        APR_ARRAY_IDX(plan->steps, open, step_t).end = plan->steps->nelts - 1;
        column = end + 1;
    }
}

static void plan_make(plan_t *plan, const f1_rows_t *rows, apr_pool_t *pool)
{
    int columns = f1_rows_columns(rows);

    plan->rows = rows;
    plan->pool = pool;
    plan->steps = apr_array_make(pool, columns * 2, sizeof(step_t));
    plan_object(plan, 0, columns - 1, 0);
}

static int is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* PostgreSQL's text for a number is JSON's, except for NaN and the infinities. */
static void add_number(f1_buf_t *out, const char *text, size_t len)
{
    if (is_digit(text[0]) || (text[0] == '-' && is_digit(text[1]))) {
        f1_buf_add(out, text, len);
    }
    else {
        f1_buf_add(out, "null", 4);
    }
}

/* "2024-07-28 13:00:00.5+00" (the session's zone is UTC) to RFC 3339; "infinity" is no time. */
static void add_timestamp(f1_buf_t *out, const char *text, size_t len)
{
    if (len < 22 || !is_digit(text[0]) || text[10] != ' ' || memcmp(text + len - 3, "+00", 3) != 0) {
        f1_buf_add(out, "null", 4);
        return;
    }
    f1_buf_addc(out, '"');
    f1_buf_add(out, text, 10);
    f1_buf_addc(out, 'T');
    f1_buf_add(out, text + 11, len - 14);
    f1_buf_add(out, "Z\"", 2);
}

static void add_value(f1_buf_t *out, const f1_rows_t *rows, int row, const step_t *step)
{
    const char *text = f1_rows_get(rows, row, step->column);
    size_t len;

    if (text == NULL) {
        f1_buf_add(out, "null", 4);
        return;
    }
    len = f1_rows_length(rows, row, step->column);
    switch (step->column_kind) {
    case F1_COL_NUMBER:
        add_number(out, text, len);
        break;
    case F1_COL_BOOLEAN:
        f1_buf_adds(out, text[0] == 't' ? "true" : "false");
        break;
    case F1_COL_TIMESTAMP:
        add_timestamp(out, text, len);
        break;
    case F1_COL_JSON:
        f1_buf_add(out, text, len);
        break;
    case F1_COL_TEXT:
        f1_buf_add_json(out, text, len);
        break;
    }
}

static int is_all_null(const f1_rows_t *rows, int row, int first, int last)
{
    for (int column = first; column <= last; column++) {
        if (f1_rows_get(rows, row, column) != NULL) {
            return 0;
        }
    }
    return 1;
}

static void add_row(f1_buf_t *out, const plan_t *plan, int row)
{
    const step_t *steps = (const step_t *)plan->steps->elts;

    f1_buf_addc(out, '{');
    for (int i = 0; i < plan->steps->nelts; i++) {
        const step_t *step = &steps[i];

        f1_buf_add(out, step->lead, step->lead_len);
        if (step->kind == STEP_VALUE) {
            add_value(out, plan->rows, row, step);
        }
        else if (step->kind == STEP_CLOSE) {
            f1_buf_addc(out, '}');
        }
        else if (is_all_null(plan->rows, row, step->column, step->last)) {
            f1_buf_add(out, "null", 4);
            i = step->end;
        }
        else {
            f1_buf_addc(out, '{');
        }
    }
    f1_buf_addc(out, '}');
}

void f1_render_row(f1_buf_t *out, const f1_rows_t *rows, int row, apr_pool_t *pool)
{
    f1_render_rows(out, rows, row, row + 1, pool);
}

void f1_render_rows(f1_buf_t *out, const f1_rows_t *rows, int first, int last, apr_pool_t *pool)
{
    plan_t plan;

    if (first >= last) {
        return;
    }
    plan_make(&plan, rows, pool);
    for (int row = first; row < last; row++) {
        if (row > first) {
            f1_buf_addc(out, ',');
        }
        add_row(out, &plan, row);
    }
}
