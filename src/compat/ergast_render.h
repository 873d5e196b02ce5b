/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_COMPAT_ERGAST_RENDER_H
#define F1_COMPAT_ERGAST_RENDER_H

/* Rows as the nested lists of an Ergast answer. Column names are the plan: a dot nests an object, "Results[]." is a
 * list inside the item before it. Rows that agree in an item's own columns belong to the same item, so "Laps[].number"
 * and "Laps[].Timings[].time" make one lap of many timings; at the innermost level each row is an item.
 *
 * Columns stand level by level, the list is an item's last member. Every value is a string; NULL is left out, as is an
 * object without any value. A list whose columns are all NULL is empty. */

#include "base/str.h"
#include "db/query.h"

#define F1_ERGAST_LEVELS 3

/* Appends the inside of the outer array; columns before first are not part of it. */
void f1_ergast_render(f1_buf_t *out, const f1_rows_t *rows, int first);

#endif
