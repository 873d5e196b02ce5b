/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_WEB_CALENDAR_FEED_H
#define F1_WEB_CALENDAR_FEED_H

/* calendar.ics: a season's sessions, those that are gone too. */

#include "web/handler.h"

f1_endpoint_fn_t f1_calendar_feed;

#endif
