/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_WEB_METRICS_H
#define F1_WEB_METRICS_H

/* GET /metrics: what was counted, and how the mount's database is, for Prometheus; docs/monitoring.md lists it all. */

#include "web/handler.h"

/* The second media type; the first is text/plain. */
#define F1_METRICS_OPEN "application/openmetrics-text"

f1_endpoint_fn_t f1_metrics_answer;

#endif
