/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Rows of sessions as events. What a calendar is called and where it comes from are the server's own words, never the
 * Host that a client sent, because answers are kept for others. */

#include "web/calendar_feed.h"

#include <string.h>

#include <apr_strings.h>
#include <http_core.h>
#include <http_protocol.h>

#include "base/clock.h"
#include "compat/ical.h"
#include "db/query.h"
#include "gen/statements.h"

#define UID_DOMAIN "mod-f1board"

/* How long a session takes at most, nearly always. */
static const struct {
    const char *kind, *title;
    int minutes;
} kinds[] = {
    {"practice_1", "Practice 1", 60},
    {"practice_2", "Practice 2", 60},
    {"practice_3", "Practice 3", 60},
    {"qualifying", "Qualifying", 60},
    {"sprint", "Sprint", 60},
    {"race", "Race", 120},
    {"sprint_qualifying", "Sprint qualifying", 45},
};
#define KINDS (int)(sizeof(kinds) / sizeof(kinds[0]))

static int kind_index(const char *kind, size_t len)
{
    for (int i = 0; i < KINDS; i++) {
        if (strlen(kinds[i].kind) == len && !strncmp(kinds[i].kind, kind, len)) {
            return i;
        }
    }
    return -1;
}

static void check_kinds(const char *list, f1_result_t *res)
{
    while (list) {
        size_t len = strcspn(list, ",");

        if (kind_index(list, len) < 0) {
            f1_result_field(res, "session",
                            "must be one or more of practice_1, practice_2, practice_3, sprint_qualifying, sprint,"
                            " qualifying and race, with commas between them");
            return;
        }
        list = list[len] ? list + len + 1 : NULL;
    }
}

static const char *value_of(const f1_request_t *request, const char *name)
{
    for (int i = 0; i < request->route->param_count; i++) {
        if (!strcmp(request->route->params[i].name, name)) {
            return request->values[i];
        }
    }
    return NULL;
}

static apr_status_t read_sessions(f1_call_t *call, f1_rows_t **prows, f1_result_t *res)
{
    char now[F1_TIME_LEN];
    const char *values[] = {value_of(&call->request, "year"), value_of(&call->request, "session"),
                            f1_time_format(now, f1_clock_now())};
    apr_time_t start = apr_time_now();
    f1_conn_t *conn;
    apr_status_t rv;

    rv = call->db->open(call->db, &conn, call->r->pool, res);
    if (rv == APR_SUCCESS) {
        rv = f1_query(conn, &f1_stmt_calendar_sessions, values, prows, call->r->pool, res);
        call->db->close(call->db, conn);
    }
    call->query_time += apr_time_now() - start;
    if (rv == APR_SUCCESS && f1_rows_count(*prows) == 0) {
        rv = f1_result_fail(res, F1_E_NOT_FOUND, APR_NOTFOUND, "No such season");
    }
    return rv;
}

static const char *cell(const f1_rows_t *rows, int row, const char *name)
{
    return f1_rows_get(rows, row, f1_rows_column(rows, name));
}

static apr_time_t time_of(const f1_rows_t *rows, int row, const char *name)
{
    const char *text = cell(rows, row, name);
    apr_time_t time;

    return text && f1_time_parse(text, &time) ? time : 0;
}

/* "Wisła Motor Park, Kraków, Poland", as far as it is known. */
static const char *location_of(const f1_rows_t *rows, int row, apr_pool_t *pool)
{
    const char *locality = cell(rows, row, "locality"), *country = cell(rows, row, "country");

    return apr_pstrcat(pool, cell(rows, row, "circuit"), locality ? ", " : "", locality ? locality : "",
                       country ? ", " : "", country ? country : "", NULL);
}

static void add_event(f1_buf_t *out, const f1_rows_t *rows, int row)
{
    const char *kind = cell(rows, row, "kind"), *race = cell(rows, row, "race_id");
    const char *round = cell(rows, row, "round"), *cancelled = cell(rows, row, "cancelled");
    int i = kind ? kind_index(kind, strlen(kind)) : -1;
    apr_int64_t sequence = 0;
    f1_ical_event_t event = {
        .latitude = cell(rows, row, "latitude"),
        .longitude = cell(rows, row, "longitude"),
        .url = cell(rows, row, "url"),
        .date = cell(rows, row, "date"),
        .starts_at = time_of(rows, row, "starts_at"),
        .changed_at = time_of(rows, row, "changed_at"),
        .cancelled = cancelled && cancelled[0] == 't',
    };

    if (i < 0) {
        return; /* the season's only row, without a session */
    }
    if (f1_str_to_int64(cell(rows, row, "sequence"), &sequence)) {
        event.sequence = (int)sequence;
    }
    event.uid = apr_pstrcat(out->pool, race, "-", kind, "@" UID_DOMAIN, NULL);
    event.summary = apr_pstrcat(out->pool, cell(rows, row, "name"), ": ", kinds[i].title, NULL);
    event.location = location_of(rows, row, out->pool);
    event.length = apr_time_from_sec(60 * kinds[i].minutes);
    if (round) {
        event.description = apr_pstrcat(out->pool, "Round ", round, " of ", cell(rows, row, "year"), NULL);
    }
    f1_ical_event(out, &event);
}

static const char *source_of(const f1_call_t *call)
{
    request_rec *r = call->r;
    const char *kind = value_of(&call->request, "session");
    const server_rec *s = r->server;
    int usual = !s->port || s->port == ap_default_port(r);

    return apr_pstrcat(r->pool, ap_http_scheme(r), "://", s->server_hostname, usual ? "" : ":",
                       usual ? "" : apr_itoa(r->pool, s->port), ap_escape_uri(r->pool, r->uri), kind ? "?session=" : "",
                       kind ? kind : "", NULL);
}

apr_status_t f1_calendar_feed(f1_call_t *call, f1_buf_t *out, f1_result_t *res)
{
    f1_rows_t *rows;
    apr_status_t rv;

    check_kinds(value_of(&call->request, "session"), res);
    rv = res->error == F1_E_OK ? read_sessions(call, &rows, res) : res->rv;
    if (rv != APR_SUCCESS) {
        return rv;
    }
    call->content_type = "text/calendar; charset=utf-8";
    f1_ical_begin(out, apr_pstrcat(out->pool, "Formula 1 ", cell(rows, 0, "year"), NULL), source_of(call));
    for (int row = 0; row < f1_rows_count(rows); row++) {
        add_event(out, rows, row);
    }
    f1_ical_end(out);
    return APR_SUCCESS;
}
