/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Writes calendars. Every line goes through add_line, which folds. */

#include "compat/ical.h"

#include <string.h>

#include <apr_strings.h>

#include "base/clock.h"

#define LINE_MAX_OCTETS 75

static int is_continuation(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

/* A line of the next one begins with a blank, which counts. */
static void add_line(f1_buf_t *out, const char *line)
{
    size_t room = LINE_MAX_OCTETS;

    while (strlen(line) > room) {
        size_t len = room;

        while (len > 1 && is_continuation(line[len])) {
            len--;
        }
        f1_buf_add(out, line, len);
        f1_buf_adds(out, "\r\n ");
        line += len;
        room = LINE_MAX_OCTETS - 1;
    }
    f1_buf_adds(out, line);
    f1_buf_adds(out, "\r\n");
}

static void add_property(f1_buf_t *out, const char *name, const char *value)
{
    if (value) {
        add_line(out, apr_pstrcat(out->pool, name, ":", value, NULL));
    }
}

/* A text as a value: RFC 5545 §3.3.11. Control characters have no place in it. */
static void add_text(f1_buf_t *out, const char *name, const char *text)
{
    f1_buf_t value;

    if (!text) {
        return;
    }
    f1_buf_init(&value, out->pool, strlen(text) + 16, out->max);
    for (; *text; text++) {
        if (strchr("\\;,", *text)) {
            f1_buf_addc(&value, '\\');
        }
        if (*text == '\n') {
            f1_buf_adds(&value, "\\n");
        }
        else if ((unsigned char)*text >= 0x20 && *text != 0x7f) {
            f1_buf_addc(&value, *text);
        }
    }
    add_property(out, name, value.data);
}

/* A URI as a value; one with characters that no URI has could begin a line of its own, and is left out. */
static void add_uri(f1_buf_t *out, const char *name, const char *uri)
{
    if (uri && !uri[strcspn(uri, " \"<>\\^`{|}\r\n\t")]) {
        add_property(out, name, uri);
    }
}

/* 20290909T130000Z */
static void add_time(f1_buf_t *out, const char *name, apr_time_t time)
{
    apr_time_exp_t exp;

    if (apr_time_exp_gmt(&exp, time) == APR_SUCCESS) {
        add_property(out, name,
                     apr_psprintf(out->pool, "%04d%02d%02dT%02d%02d%02dZ", exp.tm_year + 1900, exp.tm_mon + 1,
                                  exp.tm_mday, exp.tm_hour, exp.tm_min, exp.tm_sec));
    }
}

static void add_start(f1_buf_t *out, const f1_ical_event_t *event)
{
    if (event->starts_at) {
        add_time(out, "DTSTART", event->starts_at);
        add_time(out, "DTEND", event->starts_at + event->length);
    }
    else if (f1_date_is_valid(event->date)) { /* all day long, which is what an absent end means */
        add_property(out, "DTSTART;VALUE=DATE",
                     apr_psprintf(out->pool, "%.4s%.2s%.2s", event->date, event->date + 5, event->date + 8));
    }
}

void f1_ical_begin(f1_buf_t *out, const char *name, const char *source)
{
    add_line(out, "BEGIN:VCALENDAR");
    add_line(out, "VERSION:2.0");
    add_line(out, "PRODID:-//mod_f1board//calendar//EN");
    add_line(out, "CALSCALE:GREGORIAN");
    add_line(out, "METHOD:PUBLISH");
    add_text(out, "NAME", name);
    add_text(out, "X-WR-CALNAME", name); /* what clients from before RFC 7986 read */
    add_line(out, "REFRESH-INTERVAL;VALUE=DURATION:PT1H");
    add_line(out, "X-PUBLISHED-TTL:PT1H");
    add_uri(out, "SOURCE;VALUE=URI", source);
}

void f1_ical_event(f1_buf_t *out, const f1_ical_event_t *event)
{
    add_line(out, "BEGIN:VEVENT");
    add_text(out, "UID", event->uid);
    add_time(out, "DTSTAMP", event->changed_at);
    add_time(out, "LAST-MODIFIED", event->changed_at);
    add_property(out, "SEQUENCE", apr_itoa(out->pool, event->sequence));
    add_start(out, event);
    add_text(out, "SUMMARY", event->summary);
    add_text(out, "DESCRIPTION", event->description);
    add_text(out, "LOCATION", event->location);
    if (event->latitude && event->longitude) {
        add_property(out, "GEO", apr_pstrcat(out->pool, event->latitude, ";", event->longitude, NULL));
    }
    add_uri(out, "URL", event->url);
    add_line(out, event->cancelled ? "STATUS:CANCELLED" : "STATUS:CONFIRMED");
    add_line(out, "TRANSP:TRANSPARENT");
    add_line(out, "END:VEVENT");
}

void f1_ical_end(f1_buf_t *out)
{
    add_line(out, "END:VCALENDAR");
}
