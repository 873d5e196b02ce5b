/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Files for mksql, as an endpoint and as a statement: whatever nothing is complained about must be whole, and can be
 * written as C. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <apr_general.h>
#include <apr_strings.h>

#include "tools/sqlroute.h"
#include "tools/sqlwrite.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const sqlfile_place_t place = {"sql/api/area/name.sql", "area", "name"};

static void require(int holds)
{
    if (!holds) {
        abort();
    }
}

static void add_statement(sqltree_t *tree, const f1_statement_t *statement)
{
    sqltree_statement_t *added = apr_array_push(tree->statements);

    added->file = place.file;
    added->statement = statement;
}

static void check_bound(sqltree_t *tree, const f1_bound_t *bound, int param_count)
{
    int i;

    if (!bound->statement) {
        return;
    }
    for (i = 0; i < bound->statement->param_count; i++) {
        int bind = bound->binds[i];

        if (bind <= F1_BIND_GIVEN) {
            require(F1_BIND_GIVEN - bind < param_count && strstr(bound->statement->param_names[i], "_given"));
            continue;
        }
        require(bind >= F1_BIND_MY_KEY && bind < param_count);
        require(bind >= 0 ||
                strstr("limit offset now me my_role my_session my_via my_key", bound->statement->param_names[i]));
    }
    add_statement(tree, bound->statement);
}

static void check_route(sqltree_t *tree, const f1_route_t *route)
{
    require(route->method && route->templates[0] && route->examples[0] && route->summary &&
            (route->auth == F1_AUTH_SCOPE) == (route->scope != NULL));
    require(route->domains && !route->domains[0] == !route->max_age);
    require(route->param_count >= 0 && route->param_count <= F1_ROUTE_MAX_PARAMS);
    require(!route->handler == !!route->query.statement);
    require(!route->count.statement == (!route->query.statement || route->answer != F1_ANSWER_LIST));
    check_bound(tree, &route->query, route->param_count);
    check_bound(tree, &route->count, route->param_count);
    check_bound(tree, &route->exists, route->param_count);
}

static void write_tree(const sqltree_t *tree, apr_pool_t *pool)
{
    f1_buf_t out;

    f1_buf_init(&out, pool, 0, 4 * 1024 * 1024);
    sqlwrite_statements_header(&out, tree);
    sqlwrite_statements(&out, tree);
    sqlwrite_routes(&out, tree);
    require(!out.full && f1_str_is_utf8(out.data, out.len));
}

static void check_file(const char *text, apr_pool_t *pool)
{
    sqltree_t tree = {
        apr_array_make(pool, 1, sizeof(sqlroute_t *)),    apr_array_make(pool, 4, sizeof(sqltree_statement_t)),
        apr_array_make(pool, 1, sizeof(f1_migration_t)),  apr_array_make(pool, 1, sizeof(const char *)),
        apr_array_make(pool, 1, sizeof(f1_constraint_t)), ""};
    complaints_t *complaints = complaints_make(pool);
    sqlroute_t *route = sqlroute_read(&place, text, complaints, pool);
    f1_statement_t *statement;

    if (!complaints->list->nelts) {
        APR_ARRAY_PUSH(tree.routes, sqlroute_t *) = route;
        check_route(&tree, &route->route);
    }
    complaints_sort(complaints);
    complaints = complaints_make(pool);
    statement = sqlfile_read_statement(&place, text, complaints, pool);
    if (!complaints->list->nelts) {
        require(*statement->sql != '\0');
        add_statement(&tree, statement);
    }
    write_tree(&tree, pool);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static apr_pool_t *pool;
    const char *text;

    if (!pool) {
        require(apr_initialize() == APR_SUCCESS && apr_pool_create(&pool, NULL) == APR_SUCCESS);
    }
    apr_pool_clear(pool);
    text = apr_pstrmemdup(pool, (const char *)data, size);
    if (sqlfile_is_clean(place.file, text, size, SQLFILE_MAX_SIZE, complaints_make(pool))) {
        check_file(text, pool);
    }
    return 0;
}
