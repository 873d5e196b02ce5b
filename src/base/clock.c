/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* The replaceable clock, RFC 3339 in and out, and waits that grow. */

#include "base/clock.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <apr_general.h>
#include <apr_strings.h>

#define SPEED_MAX 1e6

/* 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z: a zone must not lead out of the years that four digits can write. */
#define FIRST_SECOND APR_INT64_C(-62135596800)
#define LAST_SECOND APR_INT64_C(253402300799)

/* Set before threads start, read by all of them afterwards. */
static struct {
    int is_virtual;
    apr_time_t shown; /* what the virtual clock showed … */
    apr_time_t real; /* … at this real time */
    double speed;
} clock_now;

apr_time_t f1_clock_now(void)
{
    apr_time_t real = apr_time_now();

    if (!clock_now.is_virtual) {
        return real;
    }
    return clock_now.shown + (apr_time_t)((double)(real - clock_now.real) * clock_now.speed);
}

apr_interval_time_t f1_clock_until(apr_time_t time)
{
    apr_interval_time_t left = time - f1_clock_now();
    double real;

    if (left <= 0) {
        return 0;
    }
    if (!clock_now.is_virtual) {
        return left;
    }
    real = clock_now.speed > 0 ? (double)left / clock_now.speed : INFINITY;
    return real < (double)APR_INT64_MAX ? (apr_interval_time_t)real : APR_INT64_MAX;
}

/* Two digits at s as a number, -1 where they are not digits. */
static int digits2(const char *s)
{
    if (s[0] < '0' || s[0] > '9' || s[1] < '0' || s[1] > '9') {
        return -1;
    }
    return (s[0] - '0') * 10 + s[1] - '0';
}

static int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    return month == 2 && (year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)) ? 29 : days[month - 1];
}

/* "YYYY-MM-DD" at text, whatever follows. PostgreSQL knows no year 0. */
static int parse_date(const char *text, struct tm *tm)
{
    int century, year, month, day;

    if (strnlen(text, 10) < 10 || text[4] != '-' || text[7] != '-') {
        return 0;
    }
    century = digits2(text);
    year = digits2(text + 2);
    month = digits2(text + 5);
    day = digits2(text + 8);
    if (century < 0 || year < 0 || month < 1 || month > 12) {
        return 0;
    }
    year += century * 100;
    if (year < 1 || day < 1 || day > days_in_month(year, month)) {
        return 0;
    }
    tm->tm_year = year - 1900;
    tm->tm_mon = month - 1;
    tm->tm_mday = day;
    return 1;
}

/* "HH:MM:SS[.f…]" at text; returns what follows, NULL when it is no time of day. A leap second counts as the 59th:
 * POSIX time has none. */
static const char *parse_time_of_day(const char *text, struct tm *tm, long *pusec)
{
    int hour, minute, second;
    long unit = 100000;

    if (strnlen(text, 8) < 8 || text[2] != ':' || text[5] != ':') {
        return NULL;
    }
    hour = digits2(text);
    minute = digits2(text + 3);
    second = digits2(text + 6);
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60) {
        return NULL;
    }
    tm->tm_hour = hour;
    tm->tm_min = minute;
    tm->tm_sec = second > 59 ? 59 : second;
    text += 8;
    if (*text != '.') {
        return text;
    }
    if (*++text < '0' || *text > '9') {
        return NULL;
    }
    for (; *text >= '0' && *text <= '9'; text++, unit /= 10) {
        *pusec += (*text - '0') * unit;
    }
    return text;
}

/* "Z", "z", "+HH:MM" or "-HH:MM" to the end of text. */
static int parse_zone(const char *text, long *poffset)
{
    int hours, minutes;

    if ((text[0] == 'Z' || text[0] == 'z') && !text[1]) {
        return 1;
    }
    if ((text[0] != '+' && text[0] != '-') || strlen(text) != 6 || text[3] != ':') {
        return 0;
    }
    hours = digits2(text + 1);
    minutes = digits2(text + 4);
    if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) {
        return 0;
    }
    *poffset = (hours * 60 + minutes) * 60L * (text[0] == '-' ? -1 : 1);
    return 1;
}

/* APR's conversions refuse years before 1970, where half of the races are; hence timegm and gmtime_r. */
int f1_time_parse(const char *text, apr_time_t *ptime)
{
    struct tm tm = {0};
    long usec = 0, offset = 0;
    apr_time_t seconds;

    if (!parse_date(text, &tm)) {
        return 0;
    }
    text += 10;
    if (*text) {
        if (*text != 'T' && *text != 't' && *text != ' ') {
            return 0;
        }
        text = parse_time_of_day(text + 1, &tm, &usec);
        if (!text || !parse_zone(text, &offset)) {
            return 0;
        }
    }
    seconds = (apr_time_t)timegm(&tm) - offset;
    *ptime = apr_time_from_sec(seconds) + usec;
    return seconds >= FIRST_SECOND && seconds <= LAST_SECOND;
}

int f1_date_is_valid(const char *text)
{
    struct tm tm;

    return strlen(text) == 10 && parse_date(text, &tm);
}

const char *f1_time_format(char buf[F1_TIME_LEN], apr_time_t time)
{
    apr_time_t usec = time % APR_USEC_PER_SEC;
    time_t seconds;
    struct tm tm;
    size_t len;

    if (usec < 0) {
        usec += APR_USEC_PER_SEC;
    }
    seconds = (time_t)((time - usec) / APR_USEC_PER_SEC);
    gmtime_r(&seconds, &tm);
    len = (size_t)apr_snprintf(buf, F1_TIME_LEN, "%04d", tm.tm_year + 1900); /* %Y has no leading zeros */
    len += strftime(buf + len, F1_TIME_LEN - len, "-%m-%dT%H:%M:%S", &tm);
    if (usec) {
        len += (size_t)apr_snprintf(buf + len, F1_TIME_LEN - len, ".%06d", (int)usec);
    }
    apr_cpystrn(buf + len, "Z", F1_TIME_LEN - len);
    return buf;
}

/* Splits "ISO[@SPEED]". */
static int parse_spec(const char *spec, apr_time_t *pshown, double *pspeed)
{
    char iso[F1_TIME_LEN + 8];
    const char *at = strchr(spec, '@');
    size_t len = at ? (size_t)(at - spec) : strlen(spec);
    char *end;

    if (len >= sizeof(iso)) {
        return 0;
    }
    memcpy(iso, spec, len);
    iso[len] = '\0';
    *pspeed = 1;
    if (at) {
        *pspeed = strtod(at + 1, &end);
        if (end == at + 1 || *end || !isfinite(*pspeed) || *pspeed < 0 || *pspeed > SPEED_MAX) {
            return 0;
        }
    }
    return f1_time_parse(iso, pshown);
}

int f1_clock_spec_is_valid(const char *spec)
{
    apr_time_t shown;
    double speed;

    return parse_spec(spec, &shown, &speed);
}

apr_status_t f1_clock_set(const char *spec, apr_time_t real_start)
{
    if (!spec || !*spec) {
        clock_now.is_virtual = 0;
        return APR_SUCCESS;
    }
    if (!parse_spec(spec, &clock_now.shown, &clock_now.speed)) {
        return APR_EINVAL;
    }
    clock_now.real = real_start ? real_start : apr_time_now();
    clock_now.is_virtual = 1;
    return APR_SUCCESS;
}

apr_interval_time_t f1_backoff(int attempt, apr_interval_time_t min, apr_interval_time_t max)
{
    apr_interval_time_t wait = min;
    apr_uint16_t random = 0;

    while (--attempt > 0 && wait < max) {
        wait *= 2;
    }
    if (wait > max) {
        wait = max;
    }
    /* without random bytes there is no jitter, which is worse for upstream but right for us */
    if (apr_generate_random_bytes((unsigned char *)&random, sizeof(random)) != APR_SUCCESS) {
        return wait;
    }
    return wait - wait / 4 * random / APR_UINT16_MAX;
}
