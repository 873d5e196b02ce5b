/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_WEB_OPENF1_API_H
#define F1_WEB_OPENF1_API_H

/* The drop-in OpenF1 API below /openf1/v1. */

#include "web/handler.h"

f1_endpoint_fn_t f1_openf1_api;

/* "latest" is what happens now. */
f1_time_bond_t f1_openf1_time(const f1_call_t *call);

#endif
