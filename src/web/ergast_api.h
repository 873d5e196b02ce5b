/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_WEB_ERGAST_API_H
#define F1_WEB_ERGAST_API_H

/* The drop-in Ergast API below /ergast/f1. */

#include "web/handler.h"

f1_endpoint_fn_t f1_ergast_api;

#endif
