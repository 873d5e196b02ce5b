/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_COMPAT_TEMPLATE_H
#define F1_COMPAT_TEMPLATE_H

/* HTML with holes, filled from JSON:
 *
 *   {{name}}                       a value, escaped for text and for quoted attributes; nothing when it is missing
 *   {{#name}}…{{/name}}            once for each item of a list, once for an object or a value, not at all for nothing
 *   {{^name}}…{{/name}}            only for nothing: missing, null, false, "" or an empty list
 *   {{! words }}                   a comment
 *
 * A name is looked up from the innermost section outwards. Dots lead into objects and lists (race.name, items.0); "."
 * is the section's own value. A timestamp has the parts date and time (starts_at.time is "13:00"). There is no way to
 * write a value unescaped. A section's tag or a comment that is alone on its line takes the line with it. */

#include <jansson.h>

#include "base/result.h"
#include "base/str.h"

typedef struct f1_template_t f1_template_t;

#define F1_TEMPLATE_MAX (64 * 1024)     /* bytes of a template */
#define F1_TEMPLATE_MAX_DEPTH 8         /* sections in sections */

/* Parses text, which is copied. What is wrong with it is said with its line: "line 3: …". */
apr_status_t f1_template_parse(f1_template_t **ptemplate, const char *text, size_t len, apr_pool_t *pool,
                               f1_result_t *res);

void f1_template_render(f1_buf_t *out, const f1_template_t *template, const json_t *data);

/* HTML in UTF-8 as HTML in ASCII: other characters as numeric references. */
void f1_template_add_ascii(f1_buf_t *out, const char *html);

#endif
