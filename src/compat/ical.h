/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_COMPAT_ICAL_H
#define F1_COMPAT_ICAL_H

/* Calendars as RFC 5545 and RFC 7986 have them: lines of at most 75 octets, folded where they are longer and never
 * inside a character; texts escaped; times UTC. Texts are UTF-8. */

#include <apr_time.h>

#include "base/str.h"

typedef struct f1_ical_event_t {
    const char *uid;            /* the same for ever */
    const char *summary;
    const char *description;    /* this and what follows: NULL when there is none */
    const char *location;
    const char *latitude, *longitude;
    const char *url;
    const char *date;           /* "2029-09-09": all that is known when starts_at is 0 */
    apr_time_t starts_at;
    apr_interval_time_t length;
    apr_time_t changed_at;
    int sequence;
    int cancelled;
} f1_ical_event_t;

/* source: URL of this calendar. */
void f1_ical_begin(f1_buf_t *out, const char *name, const char *source);
void f1_ical_event(f1_buf_t *out, const f1_ical_event_t *event);
void f1_ical_end(f1_buf_t *out);

#endif
