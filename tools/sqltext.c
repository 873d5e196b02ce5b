/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* A scanner for PostgreSQL's lexical structure, as far as it decides whether a colon begins a parameter, and whether a
 * word belongs to the outermost query. It knows no grammar: the database tests prepare every statement. */

#include "sqltext.h"

#include <string.h>

#include <apr_lib.h>
#include <apr_strings.h>

#include "base/str.h"

#define NAME_MAX_LEN 40
#define NESTING_MAX 64
#define NUMBERED_MAX (1024 * 1024) /* a file is much smaller */

typedef struct scanner_t {
    sqltext_t *sql;
    const char *at;
    char open[NESTING_MAX]; /* the brackets around at, outermost first */
    int depth;
    int is_over; /* the final semicolon was seen */
    int is_broken; /* the rest cannot be understood */
    const char *counted; /* newlines are counted up to here … */
    int line; /* … which is on this line */
    complaints_t *complaints;
    apr_pool_t *pool;
} scanner_t;

int sqltext_is_name(const char *text)
{
    size_t len = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_");

    return text[0] >= 'a' && text[0] <= 'z' && !text[len] && len <= NAME_MAX_LEN;
}

/* Bytes above ASCII are letters to PostgreSQL. */
static int is_word_start(char c)
{
    return apr_isalpha(c) || c == '_' || (unsigned char)c >= 0x80;
}

static int is_word(char c)
{
    return is_word_start(c) || apr_isdigit(c) || c == '$';
}

static const char *skip_word(const char *s)
{
    while (is_word(*s)) {
        s++;
    }
    return s;
}

static int line_of(scanner_t *scanner, const char *s)
{
    if (s < scanner->counted) {
        scanner->counted = scanner->sql->text;
        scanner->line = scanner->sql->line;
    }
    for (; scanner->counted < s; scanner->counted++) {
        scanner->line += *scanner->counted == '\n';
    }
    return scanner->line;
}

static void broken(scanner_t *scanner, const char *where, const char *message)
{
    complain(scanner->complaints, scanner->sql->file, line_of(scanner, where), "%s", message);
    scanner->is_broken = 1;
}

/* From the opening quote to behind the closing one; the quote doubled stands for itself. */
static void skip_quoted(scanner_t *scanner, char quote, int has_backslashes)
{
    const char *start = scanner->at, *s;

    for (s = start + 1; *s; s++) {
        if (has_backslashes && *s == '\\' && s[1]) {
            s++;
        }
        else if (*s == quote && s[1] == quote) {
            s++;
        }
        else if (*s == quote) {
            scanner->at = s + 1;
            return;
        }
    }
    broken(scanner, start, quote == '"' ? "a quoted name is never closed" : "a string is never closed");
}

static void skip_comment(scanner_t *scanner)
{
    const char *start = scanner->at, *s = start + 2;
    int depth = 1;

    while (*s && depth) {
        if (s[0] == '/' && s[1] == '*') {
            depth++;
            s += 2;
        }
        else if (s[0] == '*' && s[1] == '/') {
            depth--;
            s += 2;
        }
        else {
            s++;
        }
    }
    scanner->at = s;
    if (depth) {
        broken(scanner, start, "a comment is never closed");
    }
}

/* $$…$$ and $tag$…$tag$, or a lone dollar sign. */
static void skip_dollar(scanner_t *scanner)
{
    const char *start = scanner->at, *s = start + 1, *tag, *end;

    if (apr_isdigit(*s)) {
        broken(scanner, start, "parameters are written :name, not $1");
        return;
    }
    if (is_word_start(*s)) {
        while (is_word(*s) && *s != '$') {
            s++;
        }
    }
    if (*s != '$') {
        scanner->at = start + 1;
        return;
    }
    tag = apr_pstrmemdup(scanner->pool, start, (apr_size_t)(s + 1 - start));
    end = strstr(s + 1, tag);
    if (!end) {
        broken(scanner, start, "a dollar-quoted string is never closed");
        return;
    }
    scanner->at = end + strlen(tag);
}

static void skip_bracket(scanner_t *scanner)
{
    char c = *scanner->at;

    if (c == '(' || c == '[') {
        if (scanner->depth == NESTING_MAX) {
            broken(scanner, scanner->at, "brackets are nested too deeply");
            return;
        }
        scanner->open[scanner->depth++] = c;
    }
    else if (scanner->depth == 0 || scanner->open[scanner->depth - 1] != (c == ')' ? '(' : '[')) {
        broken(scanner, scanner->at, apr_psprintf(scanner->pool, "a '%c' closes nothing", c));
        return;
    }
    else {
        scanner->depth--;
    }
    scanner->at++;
}

/* In a[lo:hi] the colon stands right behind something; in a[:n] and a[1: :n] it begins a parameter. */
static int is_slice(const scanner_t *scanner)
{
    char before = scanner->at > scanner->sql->text ? scanner->at[-1] : ' ';

    return scanner->depth > 0 && scanner->open[scanner->depth - 1] == '[' &&
           (is_word(before) || strchr(")]'\"", before));
}

static void skip_colon(scanner_t *scanner)
{
    const char *s = scanner->at, *end;
    sqltext_use_t *use;

    if (s[1] == ':') {
        scanner->at += 2;
        return;
    }
    if (!is_word_start(s[1]) || is_slice(scanner)) {
        scanner->at++;
        return;
    }
    end = skip_word(s + 1);
    use = apr_array_push(scanner->sql->uses);
    use->at = (size_t)(s - scanner->sql->text);
    use->name = apr_pstrmemdup(scanner->pool, s + 1, (apr_size_t)(end - s - 1));
    use->line = line_of(scanner, s);
    scanner->at = end;
}

static int is_keyword(const char *word, size_t len, const char *keyword)
{
    return len == strlen(keyword) && !strncasecmp(word, keyword, len);
}

static void take_word(scanner_t *scanner)
{
    const char *word = scanner->at, *end = skip_word(word);
    size_t len = (size_t)(end - word);
    sqltext_t *sql = scanner->sql;

    scanner->at = end;
    if (*end == '\'' && is_keyword(word, len, "e")) {
        skip_quoted(scanner, '\'', 1);
    }
    else if (scanner->depth > 0) {
        return;
    }
    else if (is_keyword(word, len, "order")) {
        sql->order_by = (size_t)(word - sql->text);
    }
    else if (is_keyword(word, len, "limit") || is_keyword(word, len, "offset") || is_keyword(word, len, "fetch") ||
             is_keyword(word, len, "for")) {
        sql->limit_line = line_of(scanner, word);
    }
}

/* Whatever stands at the scanner, which is no blank and no comment. */
static void take_token(scanner_t *scanner)
{
    char c = *scanner->at;

    if (scanner->is_over) {
        broken(scanner, scanner->at, "a file holds one statement, but something follows its semicolon");
    }
    else if (is_word_start(c)) {
        take_word(scanner);
    }
    else if (apr_isdigit(c)) {
        scanner->at = skip_word(scanner->at);
    }
    else if (c == '\'' || c == '"') {
        skip_quoted(scanner, c, 0);
    }
    else if (c == '$') {
        skip_dollar(scanner);
    }
    else if (c == ':') {
        skip_colon(scanner);
    }
    else if (strchr("()[]", c)) {
        skip_bracket(scanner);
    }
    else {
        if (c == ';') {
            scanner->is_over = 1;
            scanner->sql->len = (size_t)(scanner->at - scanner->sql->text);
        }
        scanner->at++;
    }
}

static void find_first_word(sqltext_t *sql, const char *at, apr_pool_t *pool)
{
    char *word = apr_pstrmemdup(pool, at, (apr_size_t)(skip_word(at) - at));

    sql->first_word = word;
    for (; *word; word++) {
        *word = (char)apr_tolower(*word);
    }
}

static void trim_end(sqltext_t *sql)
{
    while (sql->len > 0 && apr_isspace(sql->text[sql->len - 1])) {
        sql->len--;
    }
}

sqltext_t *sqltext_scan(const char *text, const char *file, int line, complaints_t *complaints, apr_pool_t *pool)
{
    sqltext_t *sql = apr_pcalloc(pool, sizeof(*sql));
    scanner_t scanner = {.sql = sql, .complaints = complaints, .pool = pool};

    for (; apr_isspace(*text); text++) {
        line += *text == '\n';
    }
    sql->file = file;
    sql->line = line;
    sql->text = text;
    sql->len = strlen(text);
    sql->uses = apr_array_make(pool, 8, sizeof(sqltext_use_t));
    scanner.at = scanner.counted = text;
    scanner.line = line;
    while (*scanner.at && !scanner.is_broken) {
        if (apr_isspace(*scanner.at)) {
            scanner.at++;
        }
        else if (scanner.at[0] == '-' && scanner.at[1] == '-') {
            scanner.at += strcspn(scanner.at, "\n");
        }
        else if (scanner.at[0] == '/' && scanner.at[1] == '*') {
            skip_comment(&scanner);
        }
        else {
            if (!sql->first_word) {
                find_first_word(sql, scanner.at, pool);
            }
            take_token(&scanner);
        }
    }
    if (!scanner.is_broken && scanner.depth > 0) {
        broken(&scanner, scanner.at, apr_psprintf(pool, "a '%c' is never closed", scanner.open[scanner.depth - 1]));
    }
    if (!sql->first_word) {
        sql->first_word = "";
        sql->len = 0; /* comments alone */
    }
    trim_end(sql);
    return sql;
}

int sqltext_find_name(const apr_array_header_t *names, const char *name)
{
    int i;

    for (i = 0; i < names->nelts; i++) {
        if (!strcmp(APR_ARRAY_IDX(names, i, const char *), name)) {
            return i;
        }
    }
    return -1;
}

static int number_of(apr_array_header_t *names, const char *name)
{
    int index = sqltext_find_name(names, name);

    if (index < 0) {
        APR_ARRAY_PUSH(names, const char *) = name;
        return names->nelts;
    }
    return index + 1;
}

const char *sqltext_number(const sqltext_t *sql, size_t len, apr_array_header_t *names, apr_pool_t *pool)
{
    f1_buf_t out;
    size_t done = 0;
    int i;

    while (len > 0 && apr_isspace(sql->text[len - 1])) {
        len--;
    }
    f1_buf_init(&out, pool, len, NUMBERED_MAX);
    for (i = 0; i < sql->uses->nelts; i++) {
        const sqltext_use_t *use = &APR_ARRAY_IDX(sql->uses, i, sqltext_use_t);

        if (use->at >= len) {
            break;
        }
        f1_buf_add(&out, sql->text + done, use->at - done);
        f1_buf_addf(&out, "$%d", number_of(names, use->name));
        done = use->at + 1 + strlen(use->name);
    }
    f1_buf_add(&out, sql->text + done, len - done);
    return out.data;
}
