/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Calendars: folding to the octet, escaping, and what an event has to have. */

#include "f1_test.h"

#include <string.h>

#include <apr_strings.h>

#include "compat/ical.h"

static const char *event_of(const f1_ical_event_t *event)
{
    f1_buf_t out;

    f1_buf_init(&out, f1_test_pool(), 16, 65536);
    f1_ical_event(&out, event);
    assert_false(out.full);
    return out.data;
}

static const f1_ical_event_t plain = {.uid = "a-race@x",
                                      .summary = "A, B; C\\D\nE",
                                      .date = "2029-09-09",
                                      .changed_at = APR_TIME_C(1000000000) * 1000000};

static void an_event_has_its_properties(void **state)
{
    f1_ical_event_t event = plain;

    (void)state;
    assert_string_equal(event_of(&event), "BEGIN:VEVENT\r\nUID:a-race@x\r\nDTSTAMP:20010909T014640Z\r\n"
                                          "LAST-MODIFIED:20010909T014640Z\r\nSEQUENCE:0\r\n"
                                          "DTSTART;VALUE=DATE:20290909\r\nSUMMARY:A\\, B\\; C\\\\D\\nE\r\n"
                                          "STATUS:CONFIRMED\r\nTRANSP:TRANSPARENT\r\nEND:VEVENT\r\n");
    event.starts_at = event.changed_at;
    event.length = apr_time_from_sec(7200);
    event.sequence = 3;
    event.cancelled = 1;
    event.location = "Kraków";
    event.latitude = "50.0647";
    event.longitude = "19.945";
    event.url = "https://example.com/a,b;c";
    event.summary = "x\r\x01y";
    assert_string_equal(event_of(&event), "BEGIN:VEVENT\r\nUID:a-race@x\r\nDTSTAMP:20010909T014640Z\r\n"
                                          "LAST-MODIFIED:20010909T014640Z\r\nSEQUENCE:3\r\n"
                                          "DTSTART:20010909T014640Z\r\nDTEND:20010909T034640Z\r\nSUMMARY:xy\r\n"
                                          "LOCATION:Kraków\r\nGEO:50.0647;19.945\r\nURL:https://example.com/a,b;c\r\n"
                                          "STATUS:CANCELLED\r\nTRANSP:TRANSPARENT\r\nEND:VEVENT\r\n");
}

static void no_value_begins_a_line(void **state)
{
    f1_ical_event_t event = plain;

    (void)state;
    event.url = "https://example.com/\r\nATTACH:x";
    event.description = "a\r\nATTACH:x";
    assert_null(strstr(event_of(&event), "\nATTACH"));
    assert_null(strstr(event_of(&event), "URL"));
}

/* For every length and every place of a character of several octets: lines are short, whole characters, and unfold to
 * what they were. */
static void long_lines_are_folded(void **state)
{
    static const char *const characters[] = {"x", "é", "€", "🏁"};
    f1_ical_event_t event = plain;

    (void)state;
    for (size_t c = 0; c < 4; c++) {
        for (size_t lead = 0; lead < 5; lead++) {
            const char *line;
            f1_buf_t text, unfolded;

            f1_buf_init(&text, f1_test_pool(), 16, 1024);
            f1_buf_add(&text, "abcde", lead);
            while (text.len < 300) {
                f1_buf_adds(&text, characters[c]);
            }
            event.summary = text.data;
            f1_buf_init(&unfolded, f1_test_pool(), 16, 4096);
            for (line = event_of(&event); *line; line += strcspn(line, "\r") + 2) {
                size_t len = strcspn(line, "\r");

                assert_true(len <= 75);
                assert_true(f1_str_is_utf8(line, len));
                assert_int_equal(line[len + 1], '\n');
                f1_buf_adds(&unfolded, *line == ' ' ? "" : "\n");
                f1_buf_add(&unfolded, line + (*line == ' '), len - (*line == ' '));
            }
            assert_non_null(
                strstr(unfolded.data, apr_pstrcat(f1_test_pool(), "\nSUMMARY:", text.data, "\nSTATUS", NULL)));
        }
    }
}

static void calendars_say_what_they_are(void **state)
{
    f1_buf_t out;

    (void)state;
    f1_buf_init(&out, f1_test_pool(), 16, 4096);
    f1_ical_begin(&out, "Formula 1, 2029", "https://example.com/f1/calendar.ics");
    f1_ical_end(&out);
    assert_string_equal(out.data, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//mod_f1board//calendar//EN\r\n"
                                  "CALSCALE:GREGORIAN\r\nMETHOD:PUBLISH\r\nNAME:Formula 1\\, 2029\r\n"
                                  "X-WR-CALNAME:Formula 1\\, 2029\r\nREFRESH-INTERVAL;VALUE=DURATION:PT1H\r\n"
                                  "X-PUBLISHED-TTL:PT1H\r\nSOURCE;VALUE=URI:https://example.com/f1/calendar.ics\r\n"
                                  "END:VCALENDAR\r\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        F1_TEST(an_event_has_its_properties),
        F1_TEST(no_value_begins_a_line),
        F1_TEST(long_lines_are_folded),
        F1_TEST(calendars_say_what_they_are),
    };

    return f1_test_run(tests);
}
