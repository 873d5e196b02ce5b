/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_BASE_STATEMENT_H
#define F1_BASE_STATEMENT_H

/* A SQL statement compiled in from a file of sql/: text with $n, its parameters' names, and a number that is dense
 * over all statements, so that a connection can keep "prepared" as a bit each. */

typedef struct f1_statement_t {
    int id;                             /* 0 .. f1_statement_count - 1 */
    const char *name;                   /* "f1b_" and its name: the prepared statement's name on the server */
    const char *sql;
    int param_count;
    const char *const *param_names;     /* without the colon, $1 first */
    int read_only;                      /* may be sent again after a lost connection */
} f1_statement_t;

extern const f1_statement_t *const f1_statements[];     /* all of them, by id */
extern const int f1_statement_count;

#endif
