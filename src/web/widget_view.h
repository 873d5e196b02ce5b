/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_WEB_WIDGET_VIEW_H
#define F1_WEB_WIDGET_VIEW_H

/* What <f1-board view="…"> becomes: an endpoint's answer in the view's template. The page names a view and values for
 * the endpoint's parameters, never a file or a path. */

#include "base/result.h"
#include "base/str.h"
#include "compat/widget_tag.h"
#include "web/config.h"

#define F1_WIDGET_MAX_HTML (1024 * 1024) /* bytes that one tag may become */

/* Reads the templates: each from folder (NULL: none) if it is there, else the installed one. NULL, or what is wrong
 * with which file. Installed templates may be absent as a whole: then their views fail. */
const char *f1_widget_load(const char *folder, apr_pool_t *pconf);

/* Appends the HTML for these attributes, which comes in UTF-8. Whatever pool gets may go afterwards. */
apr_status_t f1_widget_render(f1_buf_t *out, request_rec *r, const f1_tag_attribute_t *attributes, int count,
                              apr_pool_t *pool, f1_result_t *res);

#endif
