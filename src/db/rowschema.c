/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Columns to JSON Schema. Names are taken apart as render.c takes them apart: a dot nests, and the columns of one
 * object stand together. */

#include "db/rowschema.h"

#include <string.h>

#include <apr_lib.h>
#include <apr_strings.h>

static const struct {
    const char *type; /* as PostgreSQL prints it */
    const char *json;
    const char *format; /* or NULL */
} types[] = {
    {"boolean", "boolean", NULL},         {"smallint", "integer", NULL},
    {"integer", "integer", NULL},         {"bigint", "integer", NULL},
    {"numeric", "number", NULL},          {"real", "number", NULL},
    {"double precision", "number", NULL}, {"timestamp with time zone", "string", "date-time"},
    {"date", "string", "date"},           {"uuid", "string", "uuid"},
};

typedef struct columns_t {
    const f1_description_t *description;
    const f1_schema_t *declared;
    const json_t *components;
    apr_pool_t *pool;
} columns_t;

json_t *f1_schema_ref(const char *kind, const char *name)
{
    return json_pack("{s:s+++}", "$ref", "#/components/", kind, "/", name);
}

static json_t *column_schema(const columns_t *columns, int column)
{
    const char *type = columns->description->column_types[column];
    const f1_schema_t *declared;
    size_t i;

    for (declared = columns->declared; declared && declared->name; declared++) {
        if (declared->of && !strcmp(declared->of, columns->description->column_names[column])) {
            return f1_schema_ref("schemas", declared->name);
        }
    }
    if (!strcmp(type, "json") || !strcmp(type, "jsonb")) {
        return json_object(); /* anything */
    }
    for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        if (!strcmp(types[i].type, type)) {
            return types[i].format
                       ? json_pack("{s:[s, s], s:s}", "type", types[i].json, "null", "format", types[i].format)
                       : json_pack("{s:[s, s]}", "type", types[i].json, "null");
        }
    }
    return json_pack("{s:[s, s]}", "type", "string", "null");
}

/* Whether the object's members are exactly those of a schema. */
static int is_described_by(const json_t *properties, const json_t *schema)
{
    const json_t *known = json_object_get(schema, "properties");
    const char *name;
    json_t *member;

    if (json_object_size(properties) != json_object_size(known)) {
        return 0;
    }
    json_object_foreach((json_t *)properties, name, member)
    {
        if (!json_object_get(known, name)) {
            return 0;
        }
    }
    return 1;
}

/* "driver" is a DriverRef. NULL when it is no entity, or looks otherwise here. */
static json_t *entity_ref(const columns_t *columns, const char *name, const json_t *properties)
{
    const char *ref = apr_psprintf(columns->pool, "%c%sRef", apr_toupper(*name), name + 1);

    if (!is_described_by(properties, json_object_get(columns->components, ref))) {
        return NULL;
    }
    return json_pack("{s:[o, {s:s}]}", "anyOf", f1_schema_ref("schemas", ref), "type", "null");
}

static json_t *names_of(const json_t *properties)
{
    json_t *names = json_array(), *member;
    const char *name;

    json_object_foreach((json_t *)properties, name, member)
    {
        (void)json_array_append_new(names, json_string(name));
    }
    return names;
}

/* The members made of columns first..last, whose names have this object's path in their first skip bytes. An object
 * inside is null where all of its columns are. */
static json_t *members(const columns_t *columns, int first, int last, size_t skip)
{
    const char **names = columns->description->column_names;
    json_t *properties = json_object();
    int column = first;

    while (column <= last) {
        const char *name = names[column] + skip;
        size_t len = strcspn(name, ".");
        json_t *inside, *schema;
        int end = column;

        if (!name[len]) {
            (void)json_object_set_new(properties, name, column_schema(columns, column));
            column++;
            continue;
        }
        while (end < last && !strncmp(names[end + 1] + skip, name, len + 1)) {
            end++;
        }
        inside = members(columns, column, end, skip + len + 1);
        name = apr_pstrmemdup(columns->pool, name, len);
        schema = entity_ref(columns, name, inside);
        if (!schema) {
            schema = json_pack("{s:[s, s], s:o, s:O}", "type", "object", "null", "required", names_of(inside),
                               "properties", inside);
        }
        json_decref(inside);
        (void)json_object_set_new(properties, name, schema);
        column = end + 1;
    }
    return properties;
}

json_t *f1_row_schema(const f1_description_t *description, const f1_schema_t *declared, const json_t *components,
                      apr_pool_t *pool)
{
    const columns_t columns = {description, declared, components, pool};
    json_t *properties = members(&columns, 0, description->column_count - 1, 0);

    return json_pack("{s:s, s:o, s:o}", "type", "object", "required", names_of(properties), "properties", properties);
}
