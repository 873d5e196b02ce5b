/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Walks sql/api/AREA/NAME.sql, sql/stmt/AREA/NAME.sql and sql/migrations/NNNN_NAME.{up,down}.sql, reads sql/domains
 * and sql/constraints, and checks what no file can know alone: that routes, statement names and migration numbers are
 * there once, and that the data domains of routes exist. */

#include "sqltree.h"

#include <stdlib.h>
#include <string.h>

#include <apr_file_info.h>
#include <apr_file_io.h>
#include <apr_hash.h>
#include <apr_lib.h>
#include <apr_strings.h>

#include "base/str.h"
#include "sqlheader.h"
#include "sqltext.h"

#define CONSTRAINT_LETTERS "abcdefghijklmnopqrstuvwxyz0123456789_"

typedef struct walk_t {
    sqltree_t *tree;
    complaints_t *complaints;
    apr_pool_t *pool;
} walk_t;

typedef void take_file_t(walk_t *walk, const sqlfile_place_t *place, const char *data);

static void complain_status(walk_t *walk, const char *path, apr_status_t rv)
{
    char text[120];

    complain(walk->complaints, path, 1, "%s", apr_strerror(rv, text, sizeof(text)));
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Names in a folder that do not begin with a dot, sorted. A folder that does not exist is empty. */
static apr_array_header_t *list_folder(walk_t *walk, const char *path)
{
    apr_array_header_t *names = apr_array_make(walk->pool, 32, sizeof(const char *));
    apr_finfo_t info;
    apr_dir_t *dir;
    apr_status_t rv = apr_dir_open(&dir, path, walk->pool);

    if (rv != APR_SUCCESS) {
        if (!APR_STATUS_IS_ENOENT(rv)) {
            complain_status(walk, path, rv);
        }
        return names;
    }
    while ((rv = apr_dir_read(&info, APR_FINFO_NAME, dir)) == APR_SUCCESS || rv == APR_INCOMPLETE) {
        if (info.name[0] != '.') {
            APR_ARRAY_PUSH(names, const char *) = apr_pstrdup(walk->pool, info.name);
        }
    }
    if (!APR_STATUS_IS_ENOENT(rv)) {
        complain_status(walk, path, rv);
    }
    rv = apr_dir_close(dir);
    if (rv != APR_SUCCESS) {
        complain_status(walk, path, rv);
    }
    qsort(names->elts, (size_t)names->nelts, sizeof(const char *), compare_names);
    return names;
}

static int is_folder(walk_t *walk, const char *path)
{
    apr_finfo_t info;
    apr_status_t rv = apr_stat(&info, path, APR_FINFO_TYPE, walk->pool);

    return rv == APR_SUCCESS && info.filetype == APR_DIR;
}

/* The clean text of a file, or NULL after a complaint. */
static const char *read_file(walk_t *walk, const char *path, size_t max)
{
    apr_size_t len = 0;
    apr_file_t *file;
    char *data = apr_palloc(walk->pool, max + 2);
    apr_status_t rv = apr_file_open(&file, path, APR_FOPEN_READ | APR_FOPEN_BINARY, APR_OS_DEFAULT, walk->pool);

    if (rv == APR_SUCCESS) {
        rv = apr_file_read_full(file, data, max + 1, &len);
        rv = APR_STATUS_IS_EOF(rv) ? APR_SUCCESS : rv;
        apr_file_close(file);
    }
    if (rv != APR_SUCCESS) {
        complain_status(walk, path, rv);
        return NULL;
    }
    data[len] = '\0';
    return sqlfile_is_clean(path, data, len, max, walk->complaints) ? data : NULL;
}

/* "results" for "results.sql", NULL for what is no SQL file. */
static const char *strip_suffix(const char *name, const char *suffix, apr_pool_t *pool)
{
    size_t len = strlen(name), suffix_len = strlen(suffix);

    if (len <= suffix_len || strcmp(name + len - suffix_len, suffix)) {
        return NULL;
    }
    return apr_pstrmemdup(pool, name, len - suffix_len);
}

static void walk_area(walk_t *walk, const char *folder, const char *area, take_file_t *take)
{
    apr_array_header_t *names = list_folder(walk, folder);
    int i;

    for (i = 0; i < names->nelts; i++) {
        const char *entry = APR_ARRAY_IDX(names, i, const char *);
        const char *path = apr_pstrcat(walk->pool, folder, "/", entry, NULL);
        sqlfile_place_t place = {path, area, strip_suffix(entry, ".sql", walk->pool)};
        const char *data;

        if (is_folder(walk, path)) {
            complain(walk->complaints, path, 1, "an area has files only");
        }
        else if (place.name && !sqltext_is_name(place.name)) {
            complain(walk->complaints, path, 1, "files are named with a-z, 0-9 and _, beginning with a letter");
        }
        else if (place.name && (data = read_file(walk, path, SQLFILE_MAX_SIZE)) != NULL) {
            take(walk, apr_pmemdup(walk->pool, &place, sizeof(place)), data);
        }
    }
}

static void walk_areas(walk_t *walk, const char *folder, take_file_t *take)
{
    apr_array_header_t *names = list_folder(walk, folder);
    int i;

    for (i = 0; i < names->nelts; i++) {
        const char *area = APR_ARRAY_IDX(names, i, const char *);
        const char *path = apr_pstrcat(walk->pool, folder, "/", area, NULL);

        if (is_folder(walk, path)) {
            if (sqltext_is_name(area)) {
                walk_area(walk, path, area, take);
            }
            else {
                complain(walk->complaints, path, 1, "areas are named with a-z, 0-9 and _, beginning with a letter");
            }
        }
        else if (strip_suffix(area, ".sql", walk->pool)) {
            complain(walk->complaints, path, 1, "SQL files stand in the folder of their area");
        }
    }
}

static void add_statement(walk_t *walk, const char *file, const f1_statement_t *statement)
{
    sqltree_statement_t *added;

    if (statement) {
        added = apr_array_push(walk->tree->statements);
        added->file = file;
        added->statement = statement;
    }
}

static void take_route(walk_t *walk, const sqlfile_place_t *place, const char *data)
{
    sqlroute_t *read = sqlroute_read(place, data, walk->complaints, walk->pool);

    APR_ARRAY_PUSH(walk->tree->routes, sqlroute_t *) = read;
    add_statement(walk, place->file, read->route.query.statement);
    add_statement(walk, place->file, read->route.count.statement);
    add_statement(walk, place->file, read->route.exists.statement);
}

static void take_statement(walk_t *walk, const sqlfile_place_t *place, const char *data)
{
    add_statement(walk, place->file, sqlfile_read_statement(place, data, walk->complaints, walk->pool));
}

/* --- migrations */

/* NNNN_name; 0 when it is not. */
static int read_version(const char *stem)
{
    int version = 0, i;

    for (i = 0; i < 4; i++) {
        if (!apr_isdigit(stem[i])) {
            return 0;
        }
        version = version * 10 + stem[i] - '0';
    }
    return stem[4] == '_' && sqltext_is_name(stem + 5) ? version : 0;
}

static f1_migration_t *migration_of(walk_t *walk, int version, const char *name)
{
    f1_migration_t *last =
        walk->tree->migrations->nelts
            ? &APR_ARRAY_IDX(walk->tree->migrations, walk->tree->migrations->nelts - 1, f1_migration_t)
            : NULL;

    if (last && last->version == version) {
        return last;
    }
    last = apr_array_push(walk->tree->migrations);
    *last = (f1_migration_t){.version = version, .name = name};
    return last;
}

static void take_migration(walk_t *walk, const char *path, const char *entry)
{
    const char *up = strip_suffix(entry, ".up.sql", walk->pool);
    const char *stem = up ? up : strip_suffix(entry, ".down.sql", walk->pool);
    int version = stem ? read_version(stem) : 0;
    f1_migration_t *migration;
    const char *data;

    if (!version) {
        complain(walk->complaints, path, 1,
                 "migrations are named NNNN_name.up.sql and NNNN_name.down.sql, from 0001 on");
        return;
    }
    data = read_file(walk, path, SQLTREE_MAX_MIGRATION);
    migration = migration_of(walk, version, stem + 5);
    if (strcmp(migration->name, stem + 5)) {
        complain(walk->complaints, path, 1, "number %04d is taken by %s", version, migration->name);
    }
    else if (!data || !data[strspn(data, " \t\n")]) {
        complain(walk->complaints, path, 1, "the migration does nothing");
        data = " ";
    }
    if (up) {
        migration->up = data;
        migration->sha256 = f1_str_sha256(data, strlen(data), walk->pool);
    }
    else {
        migration->down = data;
    }
}

static void walk_migrations(walk_t *walk, const char *folder)
{
    apr_array_header_t *names = list_folder(walk, folder);
    int i;

    for (i = 0; i < names->nelts; i++) {
        const char *entry = APR_ARRAY_IDX(names, i, const char *);

        if (strip_suffix(entry, ".sql", walk->pool)) {
            take_migration(walk, apr_pstrcat(walk->pool, folder, "/", entry, NULL), entry);
        }
    }
    if (!walk->tree->migrations->nelts) {
        complain(walk->complaints, folder, 1, "there are no migrations");
    }
    for (i = 0; i < walk->tree->migrations->nelts; i++) {
        const f1_migration_t *migration = &APR_ARRAY_IDX(walk->tree->migrations, i, f1_migration_t);
        const char *stem = apr_psprintf(walk->pool, "%s/%04d_%s", folder, migration->version, migration->name);

        if (migration->version != i + 1) {
            complain(walk->complaints, stem, 1, "migration %04d is missing before this one", i + 1);
            return;
        }
        if (!migration->up || !migration->down) {
            complain(walk->complaints, stem, 1, "its .%s.sql is missing", migration->up ? "down" : "up");
        }
    }
}

/* What documents say is looked at by the code that reads it, and by its test. */
static const char *read_openapi(walk_t *walk, const char *path)
{
    apr_finfo_t info;
    const char *data;

    if (APR_STATUS_IS_ENOENT(apr_stat(&info, path, APR_FINFO_TYPE, walk->pool))) {
        return "";
    }
    data = read_file(walk, path, SQLTREE_MAX_OPENAPI);
    return data ? data : "";
}

/* --- across files */

/* A template with nothing in its braces: two of one shape match the same paths. */
static const char *shape_of(const char *template, apr_pool_t *pool)
{
    char *shape = apr_pstrdup(pool, template), *out = shape;

    for (; *template; template ++) {
        *out++ = *template;
        if (*template == '{') {
            template += strcspn(template, "}");
            *out++ = '}';
        }
    }
    *out = '\0';
    return shape;
}

static void check_template(walk_t *walk, apr_hash_t *seen, const sqlroute_t *read, int index)
{
    const char *template = read->route.templates[index];
    const char *key = apr_psprintf(walk->pool, "%d %s", read->route.method, shape_of(template, walk->pool));
    const char *first = apr_hash_get(seen, key, APR_HASH_KEY_STRING);

    if (first) {
        complain(walk->complaints, read->path, read->lines[index], "%s is a route of %s already", template, first);
        return;
    }
    apr_hash_set(seen, key, APR_HASH_KEY_STRING, apr_psprintf(walk->pool, "%s:%d", read->path, read->lines[index]));
}

/* --- data domains: a name and what it is, on a line; a '#' begins a comment */

static int has_domain(const sqltree_t *tree, const char *name)
{
    int i;

    for (i = 0; i < tree->domains->nelts; i++) {
        if (!strcmp(APR_ARRAY_IDX(tree->domains, i, const char *), name)) {
            return 1;
        }
    }
    return 0;
}

static void take_domain(walk_t *walk, const char *path, int line, const char *text)
{
    const char *name = sqlheader_word(&text, walk->pool);

    if (!name || *name == '#') {
        return;
    }
    if (!sqltext_is_name(name) || has_domain(walk->tree, name)) {
        complain(walk->complaints, path, line, "'%s' %s", name,
                 sqltext_is_name(name) ? "is listed already" : "cannot be a data domain");
    }
    else if (walk->tree->domains->nelts == F1_DOMAINS_MAX) {
        complain(walk->complaints, path, line, "more than %d data domains", F1_DOMAINS_MAX);
    }
    else {
        APR_ARRAY_PUSH(walk->tree->domains, const char *) = name;
    }
}

/* --- constraints: its name, a field, and what is wrong with that, on a line; a '#' begins a comment. */

static void take_constraint(walk_t *walk, const char *path, int line, const char *text)
{
    const char *name = sqlheader_word(&text, walk->pool);
    const char *field = sqlheader_word(&text, walk->pool);
    int i;

    if (!name || *name == '#') {
        return;
    }
    for (i = 0; i < walk->tree->constraints->nelts; i++) {
        if (!strcmp(APR_ARRAY_IDX(walk->tree->constraints, i, f1_constraint_t).name, name)) {
            complain(walk->complaints, path, line, "'%s' is listed already", name);
        }
    }
    text += strspn(text, " \t");
    if (!field || !*text || !sqltext_is_name(field) || strspn(name, CONSTRAINT_LETTERS) != strlen(name)) {
        complain(walk->complaints, path, line, "a constraint is: name field what is wrong");
        return;
    }
    APR_ARRAY_PUSH(walk->tree->constraints, f1_constraint_t) = (f1_constraint_t){name, field, text};
}

/* Hands each line of a file on. */
static void read_lines(walk_t *walk, const char *path,
                       void (*take)(walk_t *walk, const char *path, int line, const char *text))
{
    const char *data = read_file(walk, path, SQLFILE_MAX_SIZE);
    int line;

    for (line = 1; data && *data; line++) {
        size_t len = strcspn(data, "\n");

        take(walk, path, line, apr_pstrmemdup(walk->pool, data, len));
        data += len + (data[len] == '\n');
    }
}

static void check_domains(walk_t *walk, const sqlroute_t *read)
{
    int i;

    for (i = 0; read->route.domains && read->route.domains[i]; i++) {
        if (!has_domain(walk->tree, read->route.domains[i])) {
            complain(walk->complaints, read->path, read->cache_line, "'%s' is no data domain that sql/domains lists",
                     read->route.domains[i]);
        }
    }
}

/* --- what a change is of */

static int has_template(const f1_route_t *route, const char *template)
{
    int i;

    for (i = 0; route->templates[i]; i++) {
        if (!strcmp(route->templates[i], template)) {
            return 1;
        }
    }
    return 0;
}

/* The state of a thing is one row that depends on what its path names, and on who asks. */
static int is_state(const f1_route_t *route)
{
    int i;

    if (route->method != F1_GET || route->answer != F1_ANSWER_ONE || !route->query.statement || route->max_age) {
        return 0;
    }
    for (i = 0; i < route->param_count; i++) {
        if (route->params[i].in != F1_IN_PATH) {
            return 0;
        }
    }
    for (i = 0; i < route->query.statement->param_count; i++) {
        if (route->query.binds[i] == F1_BIND_NOW) {
            return 0;
        }
    }
    return 1;
}

static void find_state(walk_t *walk, sqlroute_t *read)
{
    f1_route_t *route = &read->route;
    int i;

    for (i = 0; i < walk->tree->routes->nelts && read->match_line && route->templates[0]; i++) {
        f1_route_t *other = &APR_ARRAY_IDX(walk->tree->routes, i, sqlroute_t *)->route;

        if (is_state(other) && has_template(other, route->templates[0])) {
            route->state = other;
            other->has_version = 1;
        }
    }
    if (read->match_line && (!route->state || route->templates[1])) {
        complain(
            walk->complaints, read->path, read->match_line,
            "match needs one path, and a GET of it that is SQL, answers one row, has no cache, no query parameters "
            "and no :now");
    }
}

static void check_routes(walk_t *walk)
{
    apr_hash_t *seen = apr_hash_make(walk->pool);
    int i, j;

    for (i = 0; i < walk->tree->routes->nelts; i++) {
        const sqlroute_t *read = APR_ARRAY_IDX(walk->tree->routes, i, sqlroute_t *);

        for (j = 0; read->route.templates[j]; j++) {
            check_template(walk, seen, read, j);
        }
        check_domains(walk, read);
        find_state(walk, APR_ARRAY_IDX(walk->tree->routes, i, sqlroute_t *));
    }
}

static int compare_statements(const void *a, const void *b)
{
    const sqltree_statement_t *first = a, *second = b;
    int order = strcmp(first->statement->name, second->statement->name);

    return order ? order : strcmp(first->file, second->file);
}

static void check_statements(walk_t *walk)
{
    apr_array_header_t *list = walk->tree->statements;
    int i;

    qsort(list->elts, (size_t)list->nelts, sizeof(sqltree_statement_t), compare_statements);
    for (i = 1; i < list->nelts; i++) {
        const sqltree_statement_t *before = &APR_ARRAY_IDX(list, i - 1, sqltree_statement_t);
        const sqltree_statement_t *statement = &APR_ARRAY_IDX(list, i, sqltree_statement_t);

        if (!strcmp(before->statement->name, statement->statement->name)) {
            complain(walk->complaints, statement->file, 1, "its statement %s is one of %s too; rename one",
                     statement->statement->name, before->file);
        }
    }
}

sqltree_t *sqltree_read(const char *root, complaints_t *complaints, apr_pool_t *pool)
{
    sqltree_t *tree = apr_palloc(pool, sizeof(*tree));
    walk_t walk = {tree, complaints, pool};

    tree->routes = apr_array_make(pool, 100, sizeof(sqlroute_t *));
    tree->statements = apr_array_make(pool, 300, sizeof(sqltree_statement_t));
    tree->migrations = apr_array_make(pool, 30, sizeof(f1_migration_t));
    tree->domains = apr_array_make(pool, 10, sizeof(const char *));
    tree->constraints = apr_array_make(pool, 20, sizeof(f1_constraint_t));
    read_lines(&walk, apr_pstrcat(pool, root, "/domains", NULL), take_domain);
    read_lines(&walk, apr_pstrcat(pool, root, "/constraints", NULL), take_constraint);
    walk_areas(&walk, apr_pstrcat(pool, root, "/api", NULL), take_route);
    walk_areas(&walk, apr_pstrcat(pool, root, "/stmt", NULL), take_statement);
    walk_migrations(&walk, apr_pstrcat(pool, root, "/migrations", NULL));
    tree->openapi = read_openapi(&walk, apr_pstrcat(pool, root, "/openapi.json", NULL));
    check_routes(&walk);
    check_statements(&walk);
    return tree;
}
