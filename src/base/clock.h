/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_BASE_CLOCK_H
#define F1_BASE_CLOCK_H

/* "Now", replaceable: everything that asks what time it is (next race, as_of, schedules) asks here, so that a past
 * season can be replayed. Time that is only measured (timeouts, rate limits) uses the real clock instead. */

#include <apr_pools.h>
#include <apr_time.h>

/* Microseconds since 1970-01-01T00:00:00Z on the current clock. */
apr_time_t f1_clock_now(void);

/* "ISO[@SPEED]": from that instant the clock runs at SPEED virtual seconds per real one (default 1; 0 stands still).
 * ISO is an RFC 3339 timestamp. real_start: the real time at which the virtual clock shows ISO, so that several
 * processes agree; 0 means now. NULL or "" restores the real clock. APR_EINVAL when spec is neither. */
apr_status_t f1_clock_set(const char *spec, apr_time_t real_start);

/* Real time from now until the clock shows time: 0 when it does or did, APR_INT64_MAX when it never will. */
apr_interval_time_t f1_clock_until(apr_time_t time);

/* The spec's check alone, for configuration tests. */
int f1_clock_spec_is_valid(const char *spec);

/* RFC 3339 timestamp with zone ("2024-07-28T13:00:00Z", "…+02:00", fractions of a second to microseconds) or a date
 * alone, which means its midnight UTC. Checks the calendar. 0 when it is not one. */
int f1_time_parse(const char *text, apr_time_t *ptime);
/* "YYYY-MM-DD" of an existing day. */
int f1_date_is_valid(const char *text);

/* "2024-07-28T13:00:00Z", with ".ffffff" only where there is a fraction. */
#define F1_TIME_LEN 32
const char *f1_time_format(char buf[F1_TIME_LEN], apr_time_t time);

/* Wait before try number attempt (1 is the first retry): doubles from min to max, with up to a quarter of jitter. */
apr_interval_time_t f1_backoff(int attempt, apr_interval_time_t min, apr_interval_time_t max);

#endif
