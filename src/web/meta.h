/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_WEB_META_H
#define F1_WEB_META_H

/* Endpoints about the service itself: what it is, and whether it is well. */

#include "web/handler.h"

f1_endpoint_fn_t f1_meta_service;
f1_endpoint_fn_t f1_meta_health;
f1_endpoint_fn_t f1_meta_live;
f1_endpoint_fn_t f1_meta_ready;
f1_endpoint_fn_t f1_meta_database;
f1_endpoint_fn_t f1_meta_cache;

#endif
