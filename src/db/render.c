/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Rows to text. What is the same for every row (member names, commas, where objects open and close) is worked out once
 * per result, as a list of steps; a row then only appends. A step that opens an object knows the columns inside it, so
 * that an object without any value is written as null and its steps are jumped over. CSV is the same steps without
 * those for objects. */

#include "db/render.h"

#include <string.h>
#include <apr_tables.h>

#define HEAD_MAX 65536 /* bytes of CSV's line of names */

typedef enum { STEP_VALUE, STEP_OPEN, STEP_CLOSE } step_kind_t;

typedef struct step_t {
    step_kind_t kind;
    f1_col_kind_t column_kind; /* of a value */
    const char *lead; /* what stands before it: comma, member name, colon */
    size_t lead_len;
    int is_optional; /* a value that is left out where there is none */
    int column; /* of a value; of an object, its first one */
    int last; /* of an object: its last column */
    int end; /* of an object: index of the step that closes it */
} step_t;

struct f1_render_t {
    f1_format_t format;
    apr_array_header_t *steps; /* of step_t */
    const char *head; /* CSV's line of names */
    size_t head_len;
    apr_pool_t *pool;
};

/* Whether spreadsheets would calculate this text. */
static int is_formula(const char *text)
{
    return text[0] != '\0' && strchr("=+-@\t\r", text[0]) != NULL;
}

/* A cell of CSV, in quotes where it has to be. */
static void add_cell(f1_buf_t *out, const char *before, const char *text, size_t len)
{
    const char *end = text + len, *quote;

    if (strcspn(text, ",\"\r\n") == len) {
        f1_buf_adds(out, before);
        f1_buf_add(out, text, len);
        return;
    }
    f1_buf_addc(out, '"');
    f1_buf_adds(out, before);
    while ((quote = memchr(text, '"', (size_t)(end - text))) != NULL) {
        f1_buf_add(out, text, (size_t)(quote - text) + 1);
        f1_buf_addc(out, '"');
        text = quote + 1;
    }
    f1_buf_add(out, text, (size_t)(end - text));
    f1_buf_addc(out, '"');
}

static step_t *add_step(f1_render_t *render, step_kind_t kind, int column, const char *name, size_t len, int is_first)
{
    f1_buf_t lead;
    step_t *step = apr_array_push(render->steps);

    f1_buf_init(&lead, render->pool, len + 8, 1024);
    if (name != NULL) {
        f1_buf_adds(&lead, is_first ? "" : ",");
        f1_buf_add_json(&lead, name, len);
        f1_buf_addc(&lead, ':');
    }
    *step = (step_t){.kind = kind, .lead = lead.data, .lead_len = lead.len, .column = column};
    return step;
}

/* Plans the members made of columns first..last, whose names have this object's path in their first skip bytes. */
static void plan_object(f1_render_t *render, const f1_rows_t *rows, int first, int last, size_t skip)
{
    int column = first;

    while (column <= last) {
        const char *name = f1_rows_name(rows, column) + skip;
        const char *dot = strchr(name, '.');
        size_t len = (dot != NULL) ? (size_t)(dot - name) : strlen(name);
        int end = column, open;

        if (dot == NULL) {
            int is_optional = len > 1 && name[len - 1] == '?';
            step_t *step = add_step(render, STEP_VALUE, column, name, len - (size_t)is_optional, column == first);
            step->column_kind = f1_rows_kind(rows, column);
            step->is_optional = is_optional;
            column++;
            continue;
        }
        while (end < last && strncmp(f1_rows_name(rows, end + 1) + skip, name, len + 1) == 0) {
            end++;
        }
        open = render->steps->nelts;
        add_step(render, STEP_OPEN, column, name, len, column == first);
        plan_object(render, rows, column, end, skip + len + 1);
        add_step(render, STEP_CLOSE, column, NULL, 0, 0);
        APR_ARRAY_IDX(render->steps, open, step_t).last = end;
        APR_ARRAY_IDX(render->steps, open, step_t).end = render->steps->nelts - 1;
        column = end + 1;
    }
}

/* CSV has its columns in their order, and what stands before a value is a comma at most. */
static void plan_line(f1_render_t *render, const f1_rows_t *rows)
{
    f1_buf_t head;
    int column;

    f1_buf_init(&head, render->pool, 256, HEAD_MAX);
    for (column = 0; column < f1_rows_columns(rows); column++) {
        const char *name = f1_rows_name(rows, column);

        f1_buf_adds(&head, column > 0 ? "," : "");
        add_cell(&head, "", name, strlen(name));
        *(step_t *)apr_array_push(render->steps) = (step_t){.kind = STEP_VALUE,
                                                            .column_kind = f1_rows_kind(rows, column),
                                                            .lead = ",",
                                                            .lead_len = column > 0,
                                                            .column = column};
    }
    f1_buf_adds(&head, "\r\n");
    render->head = head.data;
    render->head_len = head.len;
}

f1_render_t *f1_render_make(const f1_rows_t *rows, f1_format_t format, apr_pool_t *pool)
{
    f1_render_t *render = apr_pcalloc(pool, sizeof(*render));
    int columns = f1_rows_columns(rows);

    render->format = format;
    render->head = "";
    render->pool = pool;
    render->steps = apr_array_make(pool, columns * 2, sizeof(step_t));
    if (format == F1_FORMAT_CSV) {
        plan_line(render, rows);
    }
    else {
        plan_object(render, rows, 0, columns - 1, 0);
    }
    return render;
}

static int is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* PostgreSQL's text for a number is JSON's, except for NaN and the infinities. */
static int is_number(const char *text)
{
    return is_digit(text[0]) || (text[0] == '-' && is_digit(text[1]));
}

/* "2024-07-28 13:00:00.5+00", as the session's zone is UTC; "infinity" is no time. */
static int is_timestamp(const char *text, size_t len)
{
    return len >= 22 && is_digit(text[0]) && text[10] == ' ' && memcmp(text + len - 3, "+00", 3) == 0;
}

/* The same in RFC 3339. */
static void add_timestamp(f1_buf_t *out, const char *text, size_t len)
{
    f1_buf_add(out, text, 10);
    f1_buf_addc(out, 'T');
    f1_buf_add(out, text + 11, len - 14);
    f1_buf_addc(out, 'Z');
}

static void add_json(f1_buf_t *out, f1_col_kind_t kind, const char *text, size_t len)
{
    switch (kind) {
    case F1_COL_NUMBER:
        f1_buf_add(out, is_number(text) ? text : "null", is_number(text) ? len : 4);
        break;
    case F1_COL_BOOLEAN:
        f1_buf_adds(out, text[0] == 't' ? "true" : "false");
        break;
    case F1_COL_TIMESTAMP:
        if (!is_timestamp(text, len)) {
            f1_buf_add(out, "null", 4);
            break;
        }
        f1_buf_addc(out, '"');
        add_timestamp(out, text, len);
        f1_buf_addc(out, '"');
        break;
    case F1_COL_JSON:
        f1_buf_add(out, text, len);
        break;
    case F1_COL_TEXT:
        f1_buf_add_json(out, text, len);
        break;
    }
}

static void add_csv(f1_buf_t *out, f1_col_kind_t kind, const char *text, size_t len)
{
    switch (kind) {
    case F1_COL_NUMBER:
        f1_buf_add(out, text, is_number(text) ? len : 0);
        break;
    case F1_COL_BOOLEAN:
        f1_buf_adds(out, text[0] == 't' ? "true" : "false");
        break;
    case F1_COL_TIMESTAMP:
        if (is_timestamp(text, len)) {
            add_timestamp(out, text, len);
        }
        break;
    case F1_COL_JSON:
        add_cell(out, "", text, len);
        break;
    case F1_COL_TEXT:
        add_cell(out, is_formula(text) ? "'" : "", text, len);
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

static void add_object(f1_buf_t *out, const f1_render_t *render, const f1_rows_t *rows, int row)
{
    const step_t *steps = (const step_t *)render->steps->elts;

    f1_buf_addc(out, '{');
    for (int i = 0; i < render->steps->nelts; i++) {
        const step_t *step = &steps[i];
        size_t skip = step->lead[0] == ',' && out->data[out->len - 1] == '{'; /* what would be before was left out */

        if (step->is_optional && f1_rows_get(rows, row, step->column) == NULL) {
            continue;
        }
        f1_buf_add(out, step->lead + skip, step->lead_len - skip);
        if (step->kind == STEP_VALUE) {
            const char *text = f1_rows_get(rows, row, step->column);

            if (text != NULL) {
                add_json(out, step->column_kind, text, f1_rows_length(rows, row, step->column));
            }
            else {
                f1_buf_add(out, "null", 4);
            }
        }
        else if (step->kind == STEP_CLOSE) {
            f1_buf_addc(out, '}');
        }
        else if (is_all_null(rows, row, step->column, step->last)) {
            f1_buf_add(out, "null", 4);
            i = step->end;
        }
        else {
            f1_buf_addc(out, '{');
        }
    }
    f1_buf_addc(out, '}');
}

static void add_line(f1_buf_t *out, const f1_render_t *render, const f1_rows_t *rows, int row)
{
    const step_t *steps = (const step_t *)render->steps->elts;

    for (int i = 0; i < render->steps->nelts; i++) {
        const char *text = f1_rows_get(rows, row, steps[i].column);

        f1_buf_add(out, steps[i].lead, steps[i].lead_len);
        if (text != NULL) {
            add_csv(out, steps[i].column_kind, text, f1_rows_length(rows, row, steps[i].column));
        }
    }
    f1_buf_add(out, "\r\n", 2);
}

void f1_render_head(f1_buf_t *out, const f1_render_t *render)
{
    f1_buf_add(out, render->head, render->head_len);
}

void f1_render_record(f1_buf_t *out, const f1_render_t *render, const f1_rows_t *rows, int row)
{
    if (render->format == F1_FORMAT_CSV) {
        add_line(out, render, rows, row);
        return;
    }
    add_object(out, render, rows, row);
    if (render->format == F1_FORMAT_NDJSON) {
        f1_buf_addc(out, '\n');
    }
}

void f1_render_row(f1_buf_t *out, const f1_rows_t *rows, int row, apr_pool_t *pool)
{
    f1_render_rows(out, rows, row, row + 1, pool);
}

void f1_render_rows(f1_buf_t *out, const f1_rows_t *rows, int first, int last, apr_pool_t *pool)
{
    f1_render_t *render;

    if (first >= last) {
        return;
    }
    render = f1_render_make(rows, F1_FORMAT_JSON, pool);
    for (int row = first; row < last; row++) {
        if (row > first) {
            f1_buf_addc(out, ',');
        }
        f1_render_record(out, render, rows, row);
    }
}
