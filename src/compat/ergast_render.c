/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Rows to nested JSON. Items stay open as long as rows go on with them: a row is compared with the one before level by
 * level, what differs is closed and opened anew. */

#include "compat/ergast_render.h"

#include <string.h>

/* The columns that an item of this level has itself. */
typedef struct level_t {
    int first, last;
    size_t skip; /* bytes of their names that lead to the item */
    const char *list; /* name of the list it is in; the outermost has none */
    size_t list_len;
} level_t;

typedef struct render_t {
    f1_buf_t *out;
    const f1_rows_t *rows;
    level_t levels[F1_ERGAST_LEVELS];
    int count;
    int row;
} render_t;

/* What stands before the members of an item in a column's name: up to its last "[].". */
static size_t lead_of(const char *name)
{
    const char *at = name, *next;

    while ((next = strstr(at, "[].")) != NULL) {
        at = next + 3;
    }
    return (size_t)(at - name);
}

static void find_levels(render_t *render, int first)
{
    int column, columns = f1_rows_columns(render->rows);
    level_t *level = NULL;

    for (column = first; column < columns; column++) {
        const char *name = f1_rows_name(render->rows, column);
        size_t skip = lead_of(name);

        if (!level || (skip != level->skip && render->count < F1_ERGAST_LEVELS)) {
            size_t outer = level ? level->skip : 0;

            level = &render->levels[render->count++];
            level->first = column;
            level->skip = skip;
            level->list = name + outer;
            level->list_len = skip > outer ? skip - outer - 3 : 0;
        }
        level->last = column;
    }
}

static const char *value_of(const render_t *render, int column)
{
    return f1_rows_get(render->rows, render->row, column);
}

static int is_empty(const render_t *render, int first, int last)
{
    for (; first <= last; first++) {
        if (value_of(render, first)) {
            return 0;
        }
    }
    return 1;
}

/* Whether the row has the same item at this level as the row before. */
static int goes_on(const render_t *render, const level_t *level)
{
    int column;

    for (column = level->first; column <= level->last; column++) {
        const char *now = value_of(render, column), *before = f1_rows_get(render->rows, render->row - 1, column);

        if (!now != !before || (now && strcmp(now, before))) {
            return 0;
        }
    }
    return 1;
}

/* A comma, unless this is the first of what was opened. */
static void separate(f1_buf_t *out)
{
    char last = out->len ? out->data[out->len - 1] : '[';

    if (last != '{' && last != '[') {
        f1_buf_addc(out, ',');
    }
}

static void add_name(f1_buf_t *out, const char *name, size_t len)
{
    separate(out);
    f1_buf_add_json(out, name, len);
    f1_buf_addc(out, ':');
}

/* The last of the columns from first on that are in the object of this name. */
static int object_end(const render_t *render, int first, int last, size_t skip, size_t len)
{
    const char *path = f1_rows_name(render->rows, first);

    while (first < last && !strncmp(f1_rows_name(render->rows, first + 1), path, skip + len + 1)) {
        first++;
    }
    return first;
}

static void add_members(const render_t *render, int first, int last, size_t skip)
{
    f1_buf_t *out = render->out;

    while (first <= last) {
        const char *name = f1_rows_name(render->rows, first) + skip, *value;
        size_t len = strcspn(name, ".");
        int end = first;

        if (name[len]) {
            end = object_end(render, first, last, skip, len);
            if (!is_empty(render, first, end)) {
                add_name(out, name, len);
                f1_buf_addc(out, '{');
                add_members(render, first, end, skip + len + 1);
                f1_buf_addc(out, '}');
            }
        }
        else if ((value = value_of(render, first)) != NULL) {
            add_name(out, name, len);
            f1_buf_add_json(out, value, f1_rows_length(render->rows, render->row, first));
        }
        first = end + 1;
    }
}

static void open_item(const render_t *render, int depth)
{
    const level_t *level = &render->levels[depth], *inner = level + 1;
    f1_buf_t *out = render->out;

    separate(out);
    f1_buf_addc(out, '{');
    add_members(render, level->first, level->last, level->skip);
    if (depth + 1 < render->count) {
        add_name(out, inner->list, inner->list_len);
        f1_buf_addc(out, '[');
    }
}

static void close_items(const render_t *render, int depth, int to)
{
    while (depth > to) {
        f1_buf_adds(render->out, depth-- < render->count ? "]}" : "}");
    }
}

void f1_ergast_render(f1_buf_t *out, const f1_rows_t *rows, int first)
{
    render_t render = {.out = out, .rows = rows};
    int depth = 0, from; /* depth: items that are open */

    find_levels(&render, first);
    for (; render.row < f1_rows_count(rows); render.row++) {
        for (from = 0; from < depth && from < render.count - 1 && goes_on(&render, &render.levels[from]); from++) {
        }
        close_items(&render, depth, from);
        for (depth = from; depth < render.count; depth++) {
            const level_t *level = &render.levels[depth];

            if (is_empty(&render, level->first, level->last)) {
                break;
            }
            open_item(&render, depth);
        }
    }
    close_items(&render, depth, 0);
}
