/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Header lines of SQL files. */

#include "sqlheader.h"

#include <string.h>

#include <apr_lib.h>
#include <apr_strings.h>

#define KEYS_MAX 24
#define KEY_LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_"

/* "-- key: value" of len bytes; 0: a comment like any other. */
static int read_line(sqlheader_line_t *line, const char *text, size_t len, apr_pool_t *pool)
{
    const char *end = text + len, *key, *value;
    size_t key_len;

    for (key = text + 2; key < end && *key == ' '; key++) {
    }
    key_len = strspn(key, KEY_LETTERS);
    if (!key_len || key[key_len] != ':') {
        return 0;
    }
    for (value = key + key_len + 1; value < end && apr_isspace(*value); value++) {
    }
    while (end > value && apr_isspace(end[-1])) {
        end--;
    }
    line->key = apr_pstrmemdup(pool, key, key_len);
    line->value = apr_pstrmemdup(pool, value, (apr_size_t)(end - value));
    return 1;
}

/* The row of a line's key, if the line may be read. first_lines: by index of key, 0: not seen yet. */
static const sqlheader_key_t *find_key(const sqlheader_line_t *line, const char *file, const sqlheader_key_t *keys,
                                       int *first_lines, complaints_t *complaints)
{
    const char *known = "";
    int i;

    for (i = 0; keys[i].name && strcmp(keys[i].name, line->key); i++) {
        known = apr_pstrcat(complaints->pool, known, i ? ", " : "", keys[i].name, NULL);
    }
    if (!keys[i].name) {
        complain(complaints, file, line->line, "unknown key '%s'; known are %s", line->key, known);
        return NULL;
    }
    if (first_lines[i] && !keys[i].repeats) {
        complain(complaints, file, line->line, "'%s' stands already on line %d", line->key, first_lines[i]);
        return NULL;
    }
    first_lines[i] = line->line;
    if (!*line->value) {
        complain(complaints, file, line->line, "'%s' says nothing", line->key);
        return NULL;
    }
    return &keys[i];
}

const char *sqlheader_read(const char *file, const char *data, const sqlheader_key_t *keys, void *baton, int *pline,
                           complaints_t *complaints, apr_pool_t *pool)
{
    int first_lines[KEYS_MAX] = {0}, i;
    sqlheader_line_t line = {.line = 1};

    for (; data[0] == '-' && data[1] == '-'; line.line++) {
        size_t len = strcspn(data, "\n");

        if (read_line(&line, data, len, pool)) {
            const sqlheader_key_t *key = find_key(&line, file, keys, first_lines, complaints);

            if (key) {
                key->read(baton, &line);
            }
        }
        data += len + (data[len] == '\n');
    }
    for (i = 0; keys[i].name; i++) {
        if (keys[i].is_required && !first_lines[i]) {
            complain(complaints, file, 1, "the header lacks '%s'", keys[i].name);
        }
    }
    *pline = line.line;
    return data;
}

const char *sqlheader_word(const char **pat, apr_pool_t *pool)
{
    const char *start = *pat, *end;

    while (apr_isspace(*start)) {
        start++;
    }
    for (end = start; *end && !apr_isspace(*end); end++) {
    }
    *pat = end;
    return end > start ? apr_pstrmemdup(pool, start, (apr_size_t)(end - start)) : NULL;
}
