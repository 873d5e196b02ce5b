/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Writes C. Everything is a constant initializer, with compound literals for the lists inside, so that the tables need
 * no start-up code and stay in read-only memory. */

#include "sqlwrite.h"

#include <string.h>

#define NAME_PREFIX 4 /* "f1b_" of statement names */

static void add_preamble(f1_buf_t *out)
{
    f1_buf_adds(out, "/* Made by tools/mksql from the files in sql/: do not edit. */\n\n");
}

/* One byte of a string literal. UTF-8 stays as it is; a second '?' could make a trigraph. */
static void add_char(f1_buf_t *out, char c)
{
    if (c == '\n') {
        f1_buf_adds(out, "\\n");
        return;
    }
    if (c == '\t') {
        f1_buf_adds(out, "\\t");
        return;
    }
    if (c == '"' || c == '\\' || (c == '?' && out->data[out->len - 1] == '?')) {
        f1_buf_addc(out, '\\');
    }
    f1_buf_addc(out, c);
}

static void add_string(f1_buf_t *out, const char *text)
{
    f1_buf_addc(out, '"');
    for (; *text; text++) {
        add_char(out, *text);
    }
    f1_buf_addc(out, '"');
}

/* A literal for each line of the text. */
static void add_text(f1_buf_t *out, const char *indent, const char *text)
{
    do {
        size_t len = strcspn(text, "\n"), i;

        len += text[len] == '\n';
        f1_buf_addf(out, "\n%s    \"", indent);
        for (i = 0; i < len; i++) {
            add_char(out, text[i]);
        }
        f1_buf_addc(out, '"');
        text += len;
    } while (*text);
}

static void add_lines(f1_buf_t *out, const char *indent, const char *field, const char *text)
{
    f1_buf_addf(out, "%s.%s =", indent, field);
    add_text(out, indent, text);
    f1_buf_adds(out, ",\n");
}

static void add_strings(f1_buf_t *out, const char *const *strings)
{
    f1_buf_adds(out, "(const char *const[]){");
    for (; *strings; strings++) {
        add_string(out, *strings);
        f1_buf_adds(out, ", ");
    }
    f1_buf_adds(out, "NULL}");
}

static void add_string_field(f1_buf_t *out, const char *field, const char *text)
{
    if (text) {
        f1_buf_addf(out, "        .%s = ", field);
        add_string(out, text);
        f1_buf_adds(out, ",\n");
    }
}

static void add_strings_field(f1_buf_t *out, const char *field, const char *const *strings)
{
    f1_buf_addf(out, "        .%s = ", field);
    add_strings(out, strings);
    f1_buf_adds(out, ",\n");
}

/* --- statements */

static const char *symbol_of(const f1_statement_t *statement)
{
    return statement->name + NAME_PREFIX;
}

static void add_filters(f1_buf_t *out, const f1_statement_t *statement)
{
    static const char *const types[] = {"NUMBER", "TEXT", "VERBATIM", "BOOLEAN", "TIME", "JSON"};
    int i;

    if (!statement->filter_count) {
        return;
    }
    f1_buf_addf(out, "    .filter_count = %d,\n    .filters = (const f1_filter_t[]){", statement->filter_count);
    for (i = 0; i < statement->filter_count; i++) {
        const f1_filter_t *filter = &statement->filters[i];

        f1_buf_addf(out, "%s{\"%s\", F1_FILTER_%s, %d}", i ? ", " : "", filter->name, types[filter->type],
                    filter->param);
    }
    f1_buf_adds(out, "},\n");
}

static void add_statement(f1_buf_t *out, const f1_statement_t *statement, int id)
{
    int i;

    f1_buf_addf(out, "const f1_statement_t f1_stmt_%s = {\n    .id = %d,\n    .name = \"%s\",\n", symbol_of(statement),
                id, statement->name);
    add_lines(out, "    ", "sql", statement->sql);
    if (statement->param_count) {
        f1_buf_addf(out, "    .param_count = %d,\n    .param_names = (const char *const[]){", statement->param_count);
        for (i = 0; i < statement->param_count; i++) {
            f1_buf_addf(out, "%s\"%s\"", i ? ", " : "", statement->param_names[i]);
        }
        f1_buf_adds(out, "},\n");
    }
    add_filters(out, statement);
    f1_buf_addf(out, "    .read_only = %d,\n};\n\n", statement->read_only);
}

void sqlwrite_statements(f1_buf_t *out, const sqltree_t *tree)
{
    int i;

    add_preamble(out);
    f1_buf_adds(out, "#include \"gen/statements.h\"\n\n#include <stddef.h>\n\n");
    for (i = 0; i < tree->statements->nelts; i++) {
        add_statement(out, APR_ARRAY_IDX(tree->statements, i, sqltree_statement_t).statement, i);
    }
    f1_buf_adds(out, "const f1_statement_t *const f1_statements[] = {\n");
    for (i = 0; i < tree->statements->nelts; i++) {
        f1_buf_addf(out, "    &f1_stmt_%s,\n",
                    symbol_of(APR_ARRAY_IDX(tree->statements, i, sqltree_statement_t).statement));
    }
    f1_buf_addf(out, "    NULL,\n};\n\nconst int f1_statement_count = %d;\n", tree->statements->nelts);
    f1_buf_adds(out, "\nconst f1_constraint_t f1_constraints[] = {\n");
    for (i = 0; i < tree->constraints->nelts; i++) {
        const f1_constraint_t *constraint = &APR_ARRAY_IDX(tree->constraints, i, f1_constraint_t);

        f1_buf_addf(out, "    {\"%s\", \"%s\", ", constraint->name, constraint->field);
        add_string(out, constraint->detail);
        f1_buf_adds(out, "},\n");
    }
    f1_buf_adds(out, "    {NULL, NULL, NULL},\n};\n");
}

void sqlwrite_statements_header(f1_buf_t *out, const sqltree_t *tree)
{
    int i;

    add_preamble(out);
    f1_buf_adds(out, "#ifndef F1_GEN_STATEMENTS_H\n#define F1_GEN_STATEMENTS_H\n\n#include \"base/statement.h\"\n\n");
    for (i = 0; i < tree->statements->nelts; i++) {
        f1_buf_addf(out, "extern const f1_statement_t f1_stmt_%s;\n",
                    symbol_of(APR_ARRAY_IDX(tree->statements, i, sqltree_statement_t).statement));
    }
    f1_buf_adds(out, "\n#endif\n");
}

/* --- routes */

static const char *type_symbol(f1_param_type_t type)
{
    switch (type) {
    case F1_PARAM_INTEGER:
        return "F1_PARAM_INTEGER";
    case F1_PARAM_SLUG:
        return "F1_PARAM_SLUG";
    case F1_PARAM_DATE:
        return "F1_PARAM_DATE";
    case F1_PARAM_TIMESTAMP:
        return "F1_PARAM_TIMESTAMP";
    case F1_PARAM_ENUM:
        return "F1_PARAM_ENUM";
    case F1_PARAM_UUID:
        return "F1_PARAM_UUID";
    case F1_PARAM_TEXT:
        return "F1_PARAM_TEXT";
    case F1_PARAM_BOOLEAN:
        return "F1_PARAM_BOOLEAN";
    case F1_PARAM_EMAIL:
        return "F1_PARAM_EMAIL";
    case F1_PARAM_SECRET:
        return "F1_PARAM_SECRET";
    case F1_PARAM_WORDS:
        return "F1_PARAM_WORDS";
    case F1_PARAM_OBJECTS:
        return "F1_PARAM_OBJECTS";
    }
    return NULL;
}

static const char *method_symbol(int method)
{
    switch (method) {
    case F1_POST:
        return "F1_POST";
    case F1_PUT:
        return "F1_PUT";
    case F1_PATCH:
        return "F1_PATCH";
    case F1_DELETE:
        return "F1_DELETE";
    default:
        return "F1_GET";
    }
}

static const char *auth_symbol(f1_auth_t auth)
{
    switch (auth) {
    case F1_AUTH_OPEN:
        return "F1_AUTH_OPEN";
    case F1_AUTH_PUBLIC:
        return "F1_AUTH_PUBLIC";
    case F1_AUTH_USER:
        return "F1_AUTH_USER";
    case F1_AUTH_ADMIN:
        return "F1_AUTH_ADMIN";
    case F1_AUTH_SCOPE:
        return "F1_AUTH_SCOPE";
    }
    return NULL;
}

static const char *limit_symbol(f1_limit_class_t limit)
{
    switch (limit) {
    case F1_LIMIT_LOGIN:
        return "F1_LIMIT_LOGIN";
    case F1_LIMIT_REGISTER:
        return "F1_LIMIT_REGISTER";
    case F1_LIMIT_REFRESH:
        return "F1_LIMIT_REFRESH";
    default:
        return "F1_LIMIT_ANONYMOUS";
    }
}

static const char *answer_symbol(f1_answer_t answer)
{
    switch (answer) {
    case F1_ANSWER_LIST:
        return "F1_ANSWER_LIST";
    case F1_ANSWER_STREAM:
        return "F1_ANSWER_STREAM";
    case F1_ANSWER_ONE:
        return "F1_ANSWER_ONE";
    case F1_ANSWER_JSON:
        return "F1_ANSWER_JSON";
    case F1_ANSWER_NONE:
        return "F1_ANSWER_NONE";
    case F1_ANSWER_EVENTS:
        return "F1_ANSWER_EVENTS";
    }
    return NULL;
}

static void add_param(f1_buf_t *out, const f1_param_t *param)
{
    static const char *const places[] = {"F1_IN_PATH", "F1_IN_QUERY", "F1_IN_BODY"};

    f1_buf_addf(out, "            {.name = \"%s\", .in = %s, .type = %s", param->name, places[param->in],
                type_symbol(param->type));
    if (param->required) {
        f1_buf_adds(out, ", .required = 1");
    }
    if (param->nullable) {
        f1_buf_adds(out, ", .nullable = 1");
    }
    if (param->min || param->max) {
        f1_buf_addf(out, ", .min = %" APR_INT64_T_FMT ", .max = %" APR_INT64_T_FMT, param->min, param->max);
    }
    if (param->values) {
        f1_buf_adds(out, ", .values = ");
        add_strings(out, param->values);
    }
    if (param->fallback) {
        f1_buf_adds(out, ", .fallback = ");
        add_string(out, param->fallback);
    }
    if (param->doc) {
        f1_buf_adds(out, ",\n             .doc = ");
        add_string(out, param->doc);
    }
    f1_buf_adds(out, "},\n");
}

static void add_params(f1_buf_t *out, const f1_route_t *route)
{
    int i;

    if (!route->param_count) {
        return;
    }
    f1_buf_adds(out, "        .params = (const f1_param_t[]){\n");
    for (i = 0; i < route->param_count; i++) {
        add_param(out, &route->params[i]);
    }
    f1_buf_addf(out, "        },\n        .param_count = %d,\n", route->param_count);
}

static void add_schemas(f1_buf_t *out, const f1_schema_t *schemas)
{
    f1_buf_adds(out, "        .schemas = (const f1_schema_t[]){");
    for (; schemas->name; schemas++) {
        f1_buf_adds(out, "{");
        if (schemas->of) {
            add_string(out, schemas->of);
        }
        else {
            f1_buf_adds(out, "NULL");
        }
        f1_buf_addf(out, ", \"%s\"}, ", schemas->name);
    }
    f1_buf_adds(out, "{NULL, NULL}},\n");
}

static void add_bind(f1_buf_t *out, int bind)
{
    static const char *const names[] = {"LIMIT",   "OFFSET",     "NOW",    "ME",
                                        "MY_ROLE", "MY_SESSION", "MY_VIA", "MY_KEY"}; /* from -1 down */

    if (bind <= F1_BIND_GIVEN) {
        f1_buf_addf(out, "F1_BIND_GIVEN - %d", F1_BIND_GIVEN - bind);
    }
    else if (bind < 0) {
        f1_buf_addf(out, "F1_BIND_%s", names[-1 - bind]);
    }
    else {
        f1_buf_addf(out, "%d", bind);
    }
}

static void add_bound(f1_buf_t *out, const char *field, const f1_bound_t *bound)
{
    int i;

    if (!bound->statement) {
        return;
    }
    f1_buf_addf(out, "        .%s = {&f1_stmt_%s, ", field, symbol_of(bound->statement));
    for (i = 0; i < bound->statement->param_count; i++) {
        const char *before = i ? ", " : "(const int[]){";

        f1_buf_adds(out, before);
        add_bind(out, bound->binds[i]);
    }
    f1_buf_adds(out, i ? "}},\n" : "NULL},\n");
}

static void add_events(f1_buf_t *out, const f1_route_t *route)
{
    if (!route->listen) {
        return;
    }
    add_string_field(out, "listen", route->listen);
    f1_buf_adds(out, "        .listen_bind = ");
    add_bind(out, route->listen_bind);
    f1_buf_adds(out, ",\n");
    add_string_field(out, "until", route->until);
}

static void add_state(f1_buf_t *out, const sqltree_t *tree, const f1_route_t *route)
{
    int i;

    for (i = 0; i < tree->routes->nelts; i++) {
        if (route->state == &APR_ARRAY_IDX(tree->routes, i, sqlroute_t *)->route) {
            f1_buf_addf(out, "        .state = &f1_routes[%d],\n        .match_required = %d,\n", i,
                        route->match_required);
        }
    }
    if (route->has_version) {
        f1_buf_adds(out, "        .has_version = 1,\n");
    }
}

static void add_route(f1_buf_t *out, const sqltree_t *tree, const f1_route_t *route)
{
    f1_buf_adds(out, "    {\n");
    add_string_field(out, "name", route->name);
    add_string_field(out, "file", route->file);
    f1_buf_addf(out, "        .method = %s,\n", method_symbol(route->method));
    add_strings_field(out, "templates", route->templates);
    add_string_field(out, "summary", route->summary);
    add_string_field(out, "area", route->area);
    add_params(out, route);
    f1_buf_addf(out, "        .auth = %s,\n", auth_symbol(route->auth));
    add_string_field(out, "scope", route->scope);
    f1_buf_addf(out, "        .limit = %s,\n", limit_symbol(route->limit));
    add_strings_field(out, "domains", route->domains);
    f1_buf_addf(out, "        .max_age = %d,\n        .answer = %s,\n", route->max_age, answer_symbol(route->answer));
    if (route->status) {
        f1_buf_addf(out, "        .status = %d,\n", route->status);
    }
    add_string_field(out, "location", route->location);
    add_schemas(out, route->schemas);
    add_strings_field(out, "media", route->media);
    add_string_field(out, "handler", route->handler);
    f1_buf_addf(out, "        .any_query = %d,\n        .any_body = %d,\n", route->any_query, route->any_body);
    add_bound(out, "query", &route->query);
    add_bound(out, "count", &route->count);
    add_bound(out, "exists", &route->exists);
    add_events(out, route);
    add_state(out, tree, route);
    add_string_field(out, "noun", route->noun);
    add_strings_field(out, "examples", route->examples);
    if (route->bodies) {
        add_strings_field(out, "bodies", route->bodies);
    }
    f1_buf_adds(out, "    },\n");
}

void sqlwrite_routes(f1_buf_t *out, const sqltree_t *tree)
{
    int i;

    add_preamble(out);
    f1_buf_adds(out, "#include \"base/route.h\"\n#include \"gen/statements.h\"\n\nconst f1_route_t f1_routes[] = {\n");
    for (i = 0; i < tree->routes->nelts; i++) {
        add_route(out, tree, &APR_ARRAY_IDX(tree->routes, i, sqlroute_t *)->route);
    }
    f1_buf_addf(out, "    {0},\n};\n\nconst int f1_route_count = %d;\n", tree->routes->nelts);
    f1_buf_adds(out, "\nconst char *const f1_domains[] = {\n");
    for (i = 0; i < tree->domains->nelts; i++) {
        f1_buf_addf(out, "    \"%s\",\n", APR_ARRAY_IDX(tree->domains, i, const char *));
    }
    f1_buf_adds(out, "    NULL,\n};\n");
}

/* --- the frame of the API's description */

void sqlwrite_openapi(f1_buf_t *out, const sqltree_t *tree)
{
    add_preamble(out);
    f1_buf_adds(out, "#include \"db/openapi.h\"\n\nconst char f1_openapi_frame[] =");
    add_text(out, "", tree->openapi);
    f1_buf_adds(out, ";\n");
}

/* --- migrations */

void sqlwrite_migrations(f1_buf_t *out, const sqltree_t *tree)
{
    int i;

    add_preamble(out);
    f1_buf_adds(out, "#include \"db/migrate.h\"\n\nconst f1_migration_t f1_migrations[] = {\n");
    for (i = 0; i < tree->migrations->nelts; i++) {
        const f1_migration_t *migration = &APR_ARRAY_IDX(tree->migrations, i, f1_migration_t);

        f1_buf_addf(out, "    {\n        .version = %d,\n        .name = \"%s\",\n", migration->version,
                    migration->name);
        add_lines(out, "        ", "up", migration->up);
        add_lines(out, "        ", "down", migration->down);
        f1_buf_addf(out, "        .sha256 = \"%s\",\n    },\n", migration->sha256);
    }
    f1_buf_addf(out, "    {0},\n};\n\nconst int f1_migration_count = %d;\n", tree->migrations->nelts);
}
