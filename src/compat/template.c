/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* A template is a flat list of nodes; a section knows where it ends. */

#include "compat/template.h"

#include <string.h>

#include <apr_lib.h>
#include <apr_strings.h>

typedef enum { TEXT, VALUE, SECTION, INVERTED } kind_t;

typedef struct node_t {
    kind_t kind;
    const char *text; /* TEXT: itself; else the name */
    size_t len; /* TEXT */
    int end; /* sections: index of the node behind them */
} node_t;

struct f1_template_t {
    apr_array_header_t *nodes;
};

typedef struct parser_t {
    apr_pool_t *pool;
    apr_array_header_t *nodes;
    int open[F1_TEMPLATE_MAX_DEPTH]; /* indexes of sections that are not closed yet */
    int depth;
    f1_result_t *res;
    const char *text, *at;
} parser_t;

static apr_status_t fail(const parser_t *parser, const char *what, const char *name)
{
    const char *c;
    int line = 1;

    for (c = parser->text; c < parser->at; c++) {
        line += *c == '\n';
    }
    return f1_result_fail(parser->res, F1_E_BAD_DATA, APR_EINVAL, "line %d: %s%s%s", line, what, name ? " " : "",
                          name ? name : "");
}

static node_t *add_node(parser_t *parser, kind_t kind, const char *text, size_t len)
{
    node_t *node = apr_array_push(parser->nodes);

    *node = (node_t){.kind = kind, .text = text, .len = len};
    return node;
}

static int is_name(const char *name)
{
    const char *c;

    for (c = name; *c; c++) {
        if (!apr_isalnum(*c) && *c != '_' && *c != '.') {
            return 0;
        }
    }
    return *name && (!strcmp(name, ".") || (*name != '.' && c[-1] != '.' && !strstr(name, "..")));
}

static apr_status_t close_section(parser_t *parser, const char *name)
{
    node_t *section;

    if (!parser->depth) {
        return fail(parser, "nothing is open that could be closed by", name);
    }
    section = &APR_ARRAY_IDX(parser->nodes, parser->open[parser->depth - 1], node_t);
    if (strcmp(section->text, name)) {
        return fail(parser, apr_psprintf(parser->pool, "%s is to be closed before", section->text), name);
    }
    section->end = parser->nodes->nelts;
    parser->depth--;
    return APR_SUCCESS;
}

static apr_status_t open_section(parser_t *parser, kind_t kind, const char *name)
{
    if (parser->depth == F1_TEMPLATE_MAX_DEPTH) {
        return fail(parser, "too many sections inside each other at", name);
    }
    parser->open[parser->depth++] = parser->nodes->nelts;
    add_node(parser, kind, name, 0);
    return APR_SUCCESS;
}

/* What stands between {{ and }}. */
static apr_status_t add_tag(parser_t *parser, const char *text, size_t len)
{
    char sigil = len ? *text : '\0';
    int has_sigil = sigil && strchr("#^/!", sigil) != NULL;
    char *name = apr_pstrmemdup(parser->pool, text + has_sigil, len - (size_t)has_sigil);

    if (sigil == '!') {
        return APR_SUCCESS;
    }
    name += strspn(name, " \t");
    name[strcspn(name, " \t")] = '\0';
    if (!is_name(name)) {
        return fail(parser, "this is no name:", name);
    }
    switch (sigil) {
    case '#':
        return open_section(parser, SECTION, name);
    case '^':
        return open_section(parser, INVERTED, name);
    case '/':
        return close_section(parser, name);
    default:
        add_node(parser, VALUE, name, 0);
        return APR_SUCCESS;
    }
}

/* A section's tag with a line to itself leaves no empty line behind. */
static int stands_alone(const parser_t *parser, const char *open, const char *behind)
{
    return *behind == '\n' && strchr("#^/!", open[2]) && (open == parser->text || open[-1] == '\n');
}

static apr_status_t parse(parser_t *parser)
{
    apr_status_t rv = APR_SUCCESS;

    while (rv == APR_SUCCESS && *parser->at) {
        const char *open = strstr(parser->at, "{{");
        const char *close = open ? strstr(open, "}}") : NULL;
        size_t before = open ? (size_t)(open - parser->at) : strlen(parser->at);

        if (before) {
            add_node(parser, TEXT, parser->at, before);
        }
        parser->at += before;
        if (!open) {
            break;
        }
        if (!close) {
            return fail(parser, "{{ without }}", NULL);
        }
        rv = add_tag(parser, open + 2, (size_t)(close - open - 2));
        parser->at = close + 2;
        if (stands_alone(parser, open, close + 2)) {
            parser->at++;
        }
    }
    if (rv == APR_SUCCESS && parser->depth) {
        rv = fail(parser, "at the end there is still open:",
                  APR_ARRAY_IDX(parser->nodes, parser->open[parser->depth - 1], node_t).text);
    }
    return rv;
}

apr_status_t f1_template_parse(f1_template_t **ptemplate, const char *text, size_t len, apr_pool_t *pool,
                               f1_result_t *res)
{
    parser_t parser = {.pool = pool, .res = res};
    apr_status_t rv;

    if (len > F1_TEMPLATE_MAX) {
        return f1_result_fail(res, F1_E_BAD_DATA, APR_ENOSPC, "line 1: a template has at most %d bytes",
                              F1_TEMPLATE_MAX);
    }
    if (!f1_str_is_utf8(text, len)) {
        return f1_result_fail(res, F1_E_BAD_DATA, APR_EINVAL, "line 1: a template should be UTF-8");
    }
    parser.nodes = apr_array_make(pool, 32, sizeof(node_t));
    parser.text = parser.at = apr_pstrmemdup(pool, text, len);
    rv = parse(&parser);
    if (rv == APR_SUCCESS) {
        *ptemplate = apr_palloc(pool, sizeof(**ptemplate));
        (*ptemplate)->nodes = parser.nodes;
    }
    return rv;
}

/* --- Rendering */

/* A section's value, and the sections around it. */
typedef struct scope_t {
    const json_t *value;
    const struct scope_t *outer;
} scope_t;

/* What a name leads to; a part of a timestamp is text of its own. */
typedef struct found_t {
    const json_t *value; /* NULL: nothing */
    const char *part;
    size_t part_len;
} found_t;

static const json_t *member(const json_t *value, const char *name, size_t len)
{
    size_t index = 0, i;

    if (json_is_object(value)) {
        return json_object_getn(value, name, len);
    }
    for (i = 0; i < len && i < 6; i++) {
        if (!apr_isdigit(name[i])) {
            return NULL;
        }
        index = index * 10 + (size_t)(name[i] - '0');
    }
    return json_array_get(value, index); /* NULL where value is no array */
}

/* Of "2030-06-16T13:00:00Z". */
static const char *part_of(const json_t *value, const char *name, size_t *plen)
{
    const char *text = json_string_value(value);
    size_t len = json_string_length(value);

    if (!strcmp(name, "date") && len >= 10) {
        *plen = 10;
        return text;
    }
    if (!strcmp(name, "time") && len >= 16 && text[10] == 'T') {
        *plen = 5;
        return text + 11;
    }
    return NULL;
}

static found_t find(const scope_t *scope, const char *name)
{
    found_t found = {.value = scope->value};
    size_t len = strcspn(name, ".");

    if (!strcmp(name, ".")) {
        return found;
    }
    for (found.value = NULL; scope && !found.value; scope = scope->outer) {
        found.value = member(scope->value, name, len);
    }
    for (name += len; found.value && *name; name += len) {
        name++;
        len = strcspn(name, ".");
        if (json_is_string(found.value)) {
            found.part = part_of(found.value, name, &found.part_len);
            found.value = found.part ? found.value : NULL;
            break;
        }
        found.value = member(found.value, name, len);
    }
    return found;
}

static int is_nothing(const found_t *found)
{
    const json_t *value = found->value;

    return !value || json_is_null(value) || json_is_false(value) || (json_is_array(value) && !json_array_size(value)) ||
           (json_is_string(value) && !json_string_length(value));
}

static void add_escaped(f1_buf_t *out, const char *text, size_t len)
{
    size_t i;

    for (i = 0; i < len; i++) {
        switch (text[i]) {
        case '&':
            f1_buf_adds(out, "&amp;");
            break;
        case '<':
            f1_buf_adds(out, "&lt;");
            break;
        case '>':
            f1_buf_adds(out, "&gt;");
            break;
        case '"':
            f1_buf_adds(out, "&quot;");
            break;
        case '\'':
            f1_buf_adds(out, "&#39;");
            break;
        default:
            f1_buf_addc(out, text[i]);
        }
    }
}

static void add_value(f1_buf_t *out, const found_t *found)
{
    const json_t *value = found->value;

    if (found->part) {
        add_escaped(out, found->part, found->part_len);
    }
    else if (json_is_string(value)) {
        add_escaped(out, json_string_value(value), json_string_length(value));
    }
    else if (json_is_integer(value)) {
        f1_buf_addf(out, "%" APR_INT64_T_FMT, (apr_int64_t)json_integer_value(value));
    }
    else if (json_is_real(value)) {
        f1_buf_addf(out, "%.15g", json_real_value(value));
    }
    else if (json_is_true(value)) {
        f1_buf_adds(out, "true");
    }
}

static void render(f1_buf_t *out, const apr_array_header_t *nodes, int from, int to, const scope_t *scope);

static void render_section(f1_buf_t *out, const apr_array_header_t *nodes, int index, const scope_t *scope)
{
    const node_t *node = &APR_ARRAY_IDX(nodes, index, node_t);
    found_t found = find(scope, node->text);
    scope_t inner = {.value = found.value, .outer = scope};
    int nothing = is_nothing(&found);
    size_t i;

    if (node->kind == INVERTED) {
        if (nothing) {
            render(out, nodes, index + 1, node->end, scope);
        }
    }
    else if (json_is_array(found.value)) {
        for (i = 0; i < json_array_size(found.value) && !out->full; i++) {
            inner.value = json_array_get(found.value, i);
            render(out, nodes, index + 1, node->end, &inner);
        }
    }
    else if (!nothing) {
        render(out, nodes, index + 1, node->end, &inner);
    }
}

static void render(f1_buf_t *out, const apr_array_header_t *nodes, int from, int to, const scope_t *scope)
{
    while (from < to) {
        const node_t *node = &APR_ARRAY_IDX(nodes, from, node_t);

        if (node->kind == TEXT) {
            f1_buf_add(out, node->text, node->len);
        }
        else if (node->kind == VALUE) {
            found_t found = find(scope, node->text);

            add_value(out, &found);
        }
        else {
            render_section(out, nodes, from, scope);
            from = node->end - 1;
        }
        from++;
    }
}

void f1_template_render(f1_buf_t *out, const f1_template_t *template, const json_t *data)
{
    scope_t scope = {.value = data};

    render(out, template->nodes, 0, template->nodes->nelts, &scope);
}

void f1_template_add_ascii(f1_buf_t *out, const char *html)
{
    const unsigned char *c = (const unsigned char *)html;

    while (*c) {
        unsigned code = *c++;

        if (code < 0x80) {
            f1_buf_addc(out, (char)code);
            continue;
        }
        code &= code >= 0xf0 ? 0x07 : code >= 0xe0 ? 0x0f : 0x1f;
        for (; (*c & 0xc0) == 0x80; c++) {
            code = code << 6 | (*c & 0x3f);
        }
        f1_buf_addf(out, "&#%u;", code);
    }
}
