/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_WEB_ERGAST_API_H
#define F1_WEB_ERGAST_API_H

/* The drop-in Ergast API below /ergast/f1. */

#include "web/handler.h"

f1_endpoint_fn_t f1_ergast_api;

/* "current", "last" and "next" are what they mean at the moment. */
f1_time_bond_t f1_ergast_time(const f1_call_t *call);

#endif
