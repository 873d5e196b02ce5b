/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Keys, validators, and what is kept: a magic line, ETag, content type, the headers that belong to the answer, each on
 * a line, and the body. */

#include "web/cache.h"

#include <string.h>

#include <apr_strings.h>
#include <http_core.h>
#include <http_log.h>
#include <http_protocol.h>

#include "base/clock.h"
#include "base/counters.h"
#include "base/etag.h"
#include "base/log.h"
#include "base/version.h"
#include "db/endpoint.h"
#include "web/listener.h"
#include "web/store.h"

APLOG_USE_MODULE(f1board);

#define MAGIC "F1C2"
#define KEY_MAX 8192
#define KEPT_FOR apr_time_from_sec(24 * 3600)
#define KEPT_TIMED_FOR apr_time_from_sec(2)
#define PATIENCE_MAX apr_time_from_sec(30)
#define TAGGED_MAX (1024 * 1024) /* of what is longer no hash is made */
#define DAY (24 * 3600)
#define SHORT_AGE 60

/* What belongs to the answer, among the headers that endpoints set. */
static const char *const kept_headers[] = {"Link", "X-Total-Count", "X-Limit-Clamped", "Content-Disposition"};
#define KEPT_HEADERS (sizeof(kept_headers) / sizeof(kept_headers[0]))

typedef struct plan_t {
    f1_domain_set_t domains; /* empty: answers are not kept */
    int binds_now;
} plan_t;

static plan_t *plans; /* by index into f1_routes */
static const char *fingerprint; /* of the program */
static apr_interval_time_t patience;

/* --- Start */

static int binds_now(const f1_bound_t *bound)
{
    int i;

    for (i = 0; bound->statement && i < bound->statement->param_count; i++) {
        if (bound->binds[i] == F1_BIND_NOW) {
            return 1;
        }
    }
    return 0;
}

static void make_plan(plan_t *plan, const f1_route_t *route)
{
    int i, j;

    plan->binds_now = binds_now(&route->query) || binds_now(&route->count) || binds_now(&route->exists);
    if (route->method != F1_GET || !f1_route_has_tag(route)) {
        return;
    }
    for (i = 0; route->domains[i]; i++) {
        for (j = 0; f1_domains[j]; j++) {
            if (!strcmp(f1_domains[j], route->domains[i])) {
                plan->domains |= 1u << j;
            }
        }
    }
}

/* A store may be older than the program, and have answers of another one. */
static const char *make_fingerprint(apr_pool_t *pool)
{
    f1_buf_t text;
    int i;

    f1_buf_init(&text, pool, 65536, 16 * 1024 * 1024);
    f1_buf_addf(&text, MAGIC " %s ", f1_version);
    for (i = 0; i < f1_statement_count; i++) {
        f1_buf_adds(&text, f1_statements[i]->sql);
    }
    return apr_pstrmemdup(pool, f1_str_sha256(text.data, text.len, pool), 16);
}

void f1_cache_start(server_rec *s, apr_pool_t *pconf)
{
    apr_status_t rv = f1_flight_start(pconf);
    int i;

    if (rv != APR_SUCCESS) {
        ap_log_error(
            APLOG_MARK, APLOG_WARNING, rv, s,
            F1LOGNO(0565) "no shared memory: several requests for an answer that is not kept ask for it at once");
    }
    plans = apr_pcalloc(pconf, sizeof(*plans) * (size_t)(f1_route_count + 1));
    for (i = 0; i < f1_route_count; i++) {
        make_plan(&plans[i], &f1_routes[i]);
    }
    fingerprint = make_fingerprint(pconf);
    /* as long as a statement may take; then somebody else may try */
    patience = f1_config_server(s)->statement_timeout + apr_time_from_sec(1);
    patience = patience < PATIENCE_MAX ? patience : PATIENCE_MAX;
}

/* --- Keys */

/* The season that a request names, 0 where it names none: a year, or a race's id or a path, which begin with theirs. */
static int season_of(const f1_request_t *request, apr_pool_t *pool)
{
    static const char *const names[] = {"season", "year", "race_id", "path"};
    const f1_route_t *route = request->route;
    apr_int64_t year;
    int i;
    size_t j;

    for (i = 0; i < route->param_count; i++) {
        for (j = 0; j < sizeof(names) / sizeof(names[0]); j++) {
            if (request->values[i] && !strcmp(route->params[i].name, names[j]) &&
                f1_str_to_int64(apr_pstrndup(pool, request->values[i], 4), &year) && year > 0) {
                return (int)year;
            }
        }
    }
    return 0;
}

static int is_past(int season)
{
    apr_time_exp_t now;

    return season && apr_time_exp_gmt(&now, f1_clock_now()) == APR_SUCCESS && season < now.tm_year + 1900;
}

static void add_field(f1_buf_t *key, const char *text)
{
    f1_buf_adds(key, text ? text : "\x01");
    f1_buf_addc(key, '\x02');
}

static void add_request(f1_buf_t *key, const f1_request_t *request)
{
    const f1_route_t *route = request->route;
    int i;

    add_field(key, fingerprint);
    add_field(key, route->name);
    if (route->answer == F1_ANSWER_LIST) {
        f1_buf_addf(key, "%d %d %d %d\x02", request->limit, request->offset, request->limit_clamped,
                    request->format_given);
    }
    for (i = 0; i < route->param_count; i++) {
        add_field(key, request->values[i]);
    }
}

/* What else an answer over HTTP depends on. */
static void add_call(f1_buf_t *key, const f1_call_t *call)
{
    const f1_route_t *route = call->match.route;
    request_rec *r = call->r;

    add_field(key, call->content_type);
    add_field(key, call->dir->base);
    /* links of a list repeat the path as it was asked */
    if (route->handler || route->answer == F1_ANSWER_LIST) {
        add_field(key, r->uri);
    }
    /* a function may look at all this */
    if (route->handler) {
        add_field(key, ap_http_scheme(r));
        add_field(key, ap_get_server_name_for_url(r));
        f1_buf_addf(key, "%u %d\x02", (unsigned)ap_get_server_port(r), (int)call->dir->openf1_empty_404);
        add_field(key, r->args);
    }
}

/* The generations of the request's domains in its pool, and which database they are of; NULL: not known for sure. */
static const apr_int64_t *read_generations(const plan_t *plan, request_rec *r, int *pcount, const char **pplace)
{
    apr_int64_t *generations = apr_palloc(r->pool, F1_DOMAINS_MAX * sizeof(*generations));

    *pplace = f1_listener_read(f1_config_server(r->server)->listener, plan->domains, generations, pcount);
    return *pplace ? generations : NULL;
}

static const char *etag_of(const char *hash, apr_pool_t *pool)
{
    return apr_psprintf(pool, "\"%.*s\"", F1_STORE_ID_LEN, hash);
}

/* 0 when there is no key: the route's answers are not kept, or its generations are not known. call: NULL for a part. */
static int make_key(f1_cache_use_t *use, const f1_request_t *request, const f1_call_t *call, request_rec *r)
{
    const plan_t *plan = &plans[request->route - f1_routes];
    const char *place;
    int count, i;
    f1_buf_t key;

    if (use->time == F1_TIME_NONE && plan->binds_now) {
        use->time = F1_TIME_CLOCK;
    }
    if (use->time == F1_TIME_CLOCK && is_past(season_of(request, r->pool))) {
        use->time = F1_TIME_NONE;
    }
    if (!plan->domains || (call && call->is_private)) { /* what is not data, or not for everybody */
        use->time = use->time == F1_TIME_LIVE ? F1_TIME_LIVE : F1_TIME_NONE;
        return 0;
    }
    use->state = F1_CACHE_BYPASS;
    use->generations = read_generations(plan, r, &count, &place);
    if (!use->generations) {
        return 0;
    }
    f1_buf_init(&key, r->pool, 512, KEY_MAX);
    add_field(&key, place);
    add_request(&key, request);
    if (call) {
        add_call(&key, call);
    }
    for (i = 0; i < count; i++) {
        f1_buf_addf(&key, "%" APR_INT64_T_FMT " ", use->generations[i]);
    }
    if (use->time != F1_TIME_NONE) {
        f1_buf_addf(&key, "%" APR_TIME_T_FMT, apr_time_sec(f1_clock_now()));
    }
    if (key.full) {
        return 0;
    }
    use->id = f1_str_sha256(key.data, key.len, r->pool);
    use->etag = use->time == F1_TIME_NONE ? etag_of(use->id, r->pool) : NULL;
    use->state = F1_CACHE_MISS;
    return 1;
}

/* Whether data changed while the answer was made: then nobody knows to which of two generations it belongs. */
static int has_moved(const f1_cache_use_t *use, const f1_request_t *request, request_rec *r)
{
    const char *place;
    int count;
    const apr_int64_t *now = read_generations(&plans[request->route - f1_routes], r, &count, &place);

    return !now || memcmp(now, use->generations, (size_t)count * sizeof(*now));
}

/* --- Validators */

/* Whether the client has it. A 304 has the ETag that the client's encoding would have. exists: it is known that there
 * is an answer, so that "*" can be said to be had. */
static int is_known(f1_call_t *call, int exists)
{
    f1_cache_use_t *use = &call->cache;
    const char *list = apr_table_get(call->r->headers_in, "If-None-Match"), *tag;
    size_t len;

    if (!list || !use->etag) {
        return 0;
    }
    tag = f1_etag_find(list, use->etag, F1_ETAG_WEAKLY, &len);
    if (!tag && !(exists && f1_etag_is_any(list))) {
        return 0;
    }
    if (tag) {
        use->etag = apr_pstrmemdup(call->r->pool, tag, len);
    }
    call->status = HTTP_NOT_MODIFIED;
    return 1;
}

const char *f1_cache_control(const f1_call_t *call)
{
    int age = call->match.route->max_age, season = season_of(&call->request, call->r->pool);

    if (call->is_private) {
        return "private, no-store";
    }
    if (age <= 0 || call->cache.time == F1_TIME_LIVE) {
        return "no-store";
    }
    if (is_past(season)) {
        age = DAY;
    }
    else if ((season || call->cache.time == F1_TIME_CLOCK) && age > SHORT_AGE) {
        age = SHORT_AGE;
    }
    return apr_psprintf(call->r->pool, "public, max-age=%d, stale-while-revalidate=%d", age, age);
}

/* --- What is kept */

typedef struct entry_t {
    const char *etag, *content_type, *headers[KEPT_HEADERS]; /* a header that the answer has not is empty */
    f1_buf_t body;
} entry_t;

/* Ends the line that begins at *pat and moves on; NULL where there is none. */
static char *next_line(char **pat)
{
    char *line = *pat, *end = strchr(line, '\n');

    if (!end) {
        return NULL;
    }
    *end = '\0';
    *pat = end + 1;
    return line;
}

/* data is NUL-terminated, and may have come from anywhere. */
static int read_entry(entry_t *entry, char *data, apr_size_t len)
{
    char *at = data;
    const char *magic = next_line(&at);
    int is_right = magic && !strcmp(magic, MAGIC) && (entry->etag = next_line(&at)) != NULL &&
                   (entry->content_type = next_line(&at)) != NULL;
    size_t i;

    for (i = 0; i < KEPT_HEADERS && is_right; i++) {
        entry->headers[i] = next_line(&at);
        is_right = entry->headers[i] != NULL;
    }
    entry->body = (f1_buf_t){.data = at, .len = len - (size_t)(at - data)};
    return is_right;
}

static int fetch(const f1_cache_use_t *use, entry_t *entry, request_rec *r)
{
    apr_size_t len;
    char *data = f1_store_max() ? f1_store_get(use->id, &len, r) : NULL;

    return data && read_entry(entry, data, len);
}

/* Also waits for somebody who makes the answer already. */
static int fetch_or_board(f1_cache_use_t *use, entry_t *entry, request_rec *r)
{
    int found = fetch(use, entry, r);

    if (!found && f1_store_max()) {
        (void)f1_flight_board(&use->flight, use->id, patience);
        found = fetch(use, entry, r); /* he may have landed just before */
        if (found) {
            f1_flight_land(&use->flight);
        }
    }
    if (found) {
        use->state = F1_CACHE_HIT;
    }
    return found;
}

/* The table of headers is NULL for a part. */
static void put(const f1_cache_use_t *use, const char *content_type, const apr_table_t *headers, const f1_buf_t *out,
                request_rec *r)
{
    apr_size_t max = f1_store_max();
    f1_buf_t entry;
    size_t i;

    if (out->len >= max) {
        return;
    }
    f1_buf_init(&entry, r->pool, out->len + 512, max);
    f1_buf_addf(&entry, MAGIC "\n%s\n%s\n", use->etag, content_type);
    for (i = 0; i < KEPT_HEADERS; i++) {
        const char *value = headers ? apr_table_get(headers, kept_headers[i]) : NULL;

        f1_buf_adds(&entry, value ? value : "");
        f1_buf_addc(&entry, '\n');
    }
    f1_buf_add(&entry, out->data, out->len);
    if (!entry.full) {
        f1_store_put(use->id, entry.data, entry.len, use->time == F1_TIME_NONE ? KEPT_FOR : KEPT_TIMED_FOR, r);
    }
}

static void count(f1_cache_state_t state)
{
    static const f1_count_t counts[] = {
        [F1_CACHE_BYPASS] = F1_COUNT_CACHE_BYPASS,
        [F1_CACHE_MISS] = F1_COUNT_CACHE_MISS,
        [F1_CACHE_HIT] = F1_COUNT_CACHE_HIT,
        [F1_CACHE_NOT_MODIFIED] = F1_COUNT_CACHE_KNOWN,
    };

    if (state != F1_CACHE_NONE) {
        f1_count(counts[state], 1);
    }
}

/* --- Requests */

static void take_headers(f1_call_t *call, const entry_t *entry)
{
    size_t i;

    call->content_type = entry->content_type;
    call->cache.etag = entry->etag;
    for (i = 0; i < KEPT_HEADERS; i++) {
        if (*entry->headers[i]) {
            apr_table_setn(call->r->headers_out, kept_headers[i], entry->headers[i]);
        }
    }
}

int f1_cache_find(f1_call_t *call, f1_time_bond_t time, f1_buf_t *out)
{
    f1_cache_use_t *use = &call->cache;
    entry_t entry;

    use->time = time;
    if (!make_key(use, &call->request, call, call->r)) {
        return 0;
    }
    if (is_known(call, 0)) {
        use->state = F1_CACHE_NOT_MODIFIED;
    }
    else if (fetch_or_board(use, &entry, call->r)) {
        take_headers(call, &entry);
        *out = entry.body;
        if (is_known(call, 1)) {
            use->state = F1_CACHE_NOT_MODIFIED;
        }
    }
    else {
        return 0;
    }
    count(use->state);
    return 1;
}

/* The key stands for the bytes, unless they are of the moment. */
static void tag(f1_cache_use_t *use, const f1_buf_t *out, int is_settled, apr_pool_t *pool)
{
    if (is_settled && use->time == F1_TIME_NONE) {
        return;
    }
    use->etag = out->len <= TAGGED_MAX ? f1_endpoint_tag(out->data, out->len, pool) : NULL;
}

static int has_tag(const f1_route_t *route)
{
    return route->method == F1_GET && (f1_route_has_tag(route) || route->has_version);
}

void f1_cache_keep(f1_call_t *call, const f1_buf_t *out)
{
    f1_cache_use_t *use = &call->cache;
    const f1_route_t *route = call->match.route;
    request_rec *r = call->r;

    count(use->state);
    use->etag = use->state == F1_CACHE_MISS ? use->etag : NULL;
    if (out && call->status == HTTP_OK && has_tag(route) && !call->spool.file) {
        int is_settled = use->state == F1_CACHE_MISS && !has_moved(use, &call->request, r);

        tag(use, out, is_settled, r->pool);
        if (is_settled && use->etag) {
            put(use, call->content_type, r->headers_out, out, r);
        }
        (void)is_known(call, 1);
    }
    else {
        use->etag = NULL;
    }
    f1_flight_land(&use->flight);
}

int f1_cache_find_part(f1_cache_use_t *use, const f1_request_t *request, request_rec *r, f1_buf_t *out)
{
    entry_t entry;

    if (!make_key(use, request, NULL, r) || !fetch_or_board(use, &entry, r)) {
        return 0;
    }
    count(use->state);
    *out = entry.body;
    return 1;
}

void f1_cache_keep_part(f1_cache_use_t *use, const f1_request_t *request, request_rec *r, const f1_buf_t *out)
{
    count(use->state);
    if (out && use->state == F1_CACHE_MISS && !has_moved(use, request, r)) {
        use->etag = "";
        put(use, "", NULL, out, r);
    }
    f1_flight_land(&use->flight);
}

const char *f1_cache_word(const f1_call_t *call)
{
    static const char *const words[] = {"none", "bypass", "miss", "hit", "304"};

    return words[call->cache.state];
}
