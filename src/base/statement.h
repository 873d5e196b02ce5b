/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_BASE_STATEMENT_H
#define F1_BASE_STATEMENT_H

/* A SQL statement compiled in from a file of sql/: text with $n, its parameters' names, and a number that is dense
 * over all statements, so that a connection can keep "prepared" as a bit each. */

/* A column that a request may ask for. The statement compares it with a parameter of its name, a set of ranges in
 * PostgreSQL's notation for multiranges, or NULL for all. */
typedef enum {
    F1_FILTER_NUMBER,                   /* nummultirange */
    F1_FILTER_TEXT,                     /* text_ranges */
    F1_FILTER_VERBATIM,                 /* the same; what looks like a number is a text too */
    F1_FILTER_BOOLEAN,                  /* boolean_ranges */
    F1_FILTER_TIME,                     /* tstzmultirange */
    F1_FILTER_JSON                      /* numbers; the next parameter, NAME_text, has the texts */
} f1_filter_type_t;

typedef struct f1_filter_t {
    const char *name;
    f1_filter_type_t type;
    int param;                          /* index of its parameter */
} f1_filter_t;

typedef struct f1_statement_t {
    int id;                             /* 0 .. f1_statement_count - 1 */
    const char *name;                   /* "f1b_" and its name: the prepared statement's name on the server */
    const char *sql;
    int param_count;
    const char *const *param_names;     /* without the colon, $1 first */
    int read_only;                      /* may be sent again after a lost connection */
    const f1_filter_t *filters;
    int filter_count;
} f1_statement_t;

/* What a client may be told when a constraint refuses his data: about which field, and what. */
typedef struct f1_constraint_t {
    const char *name;                   /* as PostgreSQL has it: of a constraint or a unique index */
    const char *field;
    const char *detail;                 /* "is taken" */
} f1_constraint_t;

extern const f1_constraint_t f1_constraints[];          /* as sql/constraints lists them; ends with a NULL name */

extern const f1_statement_t *const f1_statements[];     /* all of them, by id */
extern const int f1_statement_count;

#endif
