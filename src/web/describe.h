/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_WEB_DESCRIBE_H
#define F1_WEB_DESCRIBE_H

/* The API's description (db/openapi.h) and the pages that show it, with the files that those load. The files are other
 * projects' (Swagger UI, ReDoc) and lie in the folder of F1BoardAssets; without them the pages say how to get them. */

#include "web/handler.h"

f1_endpoint_fn_t f1_describe_openapi;
f1_endpoint_fn_t f1_describe_docs;
f1_endpoint_fn_t f1_describe_redoc;
f1_endpoint_fn_t f1_describe_asset;

void f1_describe_register_hooks(apr_pool_t *pool);

#endif
