/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Asking an upstream, and walking its lists. A list has no cursor but an offset, so a row that upstream adds or takes
 * away shifts all rows behind it. The only sign is its total: when that changes, what was read cannot be trusted. */

#include "ingest/source.h"

#include <string.h>

#include <apr_file_io.h>
#include <apr_strings.h>

#include "base/log.h"

#define FILE_MAX (256 * 1024 * 1024)
#define LIST_TRIES 3

struct f1_listing_t {
    f1_source_t *source;
    int season, round;
    apr_pool_t *pool; /* of one page, cleared for the next */
    f1_ergast_page_t page;
    int item; /* next item of the page */
    int next; /* offset of the next page */
    int total; /* -1: nothing read yet */
    int latest; /* season of the item before */
};

/* --- Upstreams */

static apr_status_t http_get(f1_source_t *source, const char *path, int offset, const char **pbody, size_t *plen,
                             apr_pool_t *pool, f1_result_t *res)
{
    const char *url = apr_psprintf(pool, "%s/%s.json?limit=%d&offset=%d", source->base, path, F1_SOURCE_PAGE, offset);
    f1_http_reply_t *reply;

    if (f1_http_get(source->baton, url, &reply, pool, res) != APR_SUCCESS) {
        return res->rv;
    }
    source->requests = f1_http_requests(source->baton);
    if (reply->status != 200) {
        return f1_result_fail(res, F1_E_UPSTREAM, APR_EGENERAL, "%s answered %d", url, reply->status);
    }
    *pbody = reply->body;
    *plen = reply->body_len;
    return APR_SUCCESS;
}

static apr_status_t file_get(f1_source_t *source, const char *path, int offset, const char **pbody, size_t *plen,
                             apr_pool_t *pool, f1_result_t *res)
{
    const char *name = apr_psprintf(pool, "%s/%s.json", (const char *)source->baton, path);
    apr_file_t *file;
    apr_finfo_t info;
    apr_status_t rv;
    char *body;

    (void)offset;
    source->requests++;
    rv = apr_file_open(&file, name, APR_FOPEN_READ, APR_FPROT_OS_DEFAULT, pool);
    if (APR_STATUS_IS_ENOENT(rv)) {
        return APR_SUCCESS;
    }
    if (rv == APR_SUCCESS) {
        rv = apr_file_info_get(&info, APR_FINFO_SIZE, file);
    }
    if (rv != APR_SUCCESS || info.size > FILE_MAX) {
        return f1_result_fail(res, F1_E_UPSTREAM, rv, "%s cannot be read or is too large", name);
    }
    *plen = (size_t)info.size;
    body = apr_palloc(pool, *plen + 1);
    rv = apr_file_read_full(file, body, *plen, NULL);
    if (rv != APR_SUCCESS) {
        return f1_result_fail(res, F1_E_UPSTREAM, rv, "%s cannot be read", name);
    }
    body[*plen] = '\0';
    *pbody = body;
    return apr_file_close(file);
}

apr_status_t f1_source_create(f1_source_t **psource, const char *base, f1_http_t *http, apr_pool_t *pool,
                              f1_result_t *res)
{
    f1_source_t *source = apr_pcalloc(pool, sizeof(*source));
    size_t len = strlen(base);

    while (len && base[len - 1] == '/') {
        len--;
    }
    source->base = apr_pstrndup(pool, base, len);
    if (strncmp(base, "file:///", 8) == 0) {
        source->whole = 1;
        source->get = file_get;
        source->baton = apr_pstrdup(pool, source->base + 7);
    }
    else if (http && (strncmp(base, "http://", 7) == 0 || strncmp(base, "https://", 8) == 0)) {
        source->get = http_get;
        source->baton = http;
    }
    else {
        return f1_result_fail(res, F1_E_BAD_REQUEST, APR_EINVAL,
                              "upstream '%s' should be http://…, https://… or file:///…", base);
    }
    *psource = source;
    return APR_SUCCESS;
}

/* --- Lists */

f1_listing_t *f1_listing_open(f1_source_t *source, f1_ergast_resource_t resource, int season, int round,
                              apr_pool_t *pool)
{
    f1_listing_t *listing = apr_pcalloc(pool, sizeof(*listing));

    listing->source = source;
    listing->season = season;
    listing->round = round;
    listing->page.resource = resource;
    listing->total = -1;
    apr_pool_create(&listing->pool, pool);
    apr_pool_tag(listing->pool, "f1_listing page");
    return listing;
}

static const char *listing_path(const f1_listing_t *listing)
{
    const char *name = f1_ergast_resource_name(listing->page.resource);

    if (!listing->season) {
        return name;
    }
    return listing->round ? apr_psprintf(listing->pool, "%d/%d/%s", listing->season, listing->round, name)
                          : apr_psprintf(listing->pool, "%d/%s", listing->season, name);
}

/* The page that was read has to be the one that was asked for. */
static apr_status_t check_page(f1_listing_t *listing, f1_result_t *res)
{
    f1_ergast_page_t *page = &listing->page;

    if (page->offset != listing->next) {
        return f1_result_fail(res, F1_E_BAD_DATA, APR_EGENERAL, "%s: the answer is the page at offset %d", page->name,
                              page->offset);
    }
    if (listing->source->whole && page->limit < page->total) {
        return f1_result_fail(res, F1_E_BAD_DATA, APR_EGENERAL, "%s: the file does not hold the whole list",
                              page->name);
    }
    if (listing->total >= 0 && page->total != listing->total) {
        f1_log(F1_LOG_INFO, APR_SUCCESS, F1LOGNO(0300) "%s: total went from %d to %d while reading", page->name,
               listing->total, page->total);
        return APR_EAGAIN;
    }
    return APR_SUCCESS;
}

static apr_status_t next_page(f1_listing_t *listing, f1_result_t *res)
{
    f1_source_t *source = listing->source;
    const char *path, *body = NULL;
    size_t len = 0;
    apr_status_t rv;

    apr_pool_clear(listing->pool);
    path = listing_path(listing);
    rv = source->get(source, path, listing->next, &body, &len, listing->pool, res);
    if (rv != APR_SUCCESS) {
        return rv;
    }
    listing->item = 0;
    if (!body) {
        listing->page.items = NULL;
        listing->total = 0;
        return APR_SUCCESS;
    }
    listing->page.name = listing->next ? apr_psprintf(listing->pool, "%s at offset %d", path, listing->next) : path;
    rv = f1_ergast_page_read(&listing->page, listing->season, listing->round, body, len, listing->pool, res);
    if (rv == APR_SUCCESS) {
        rv = check_page(listing, res);
    }
    if (rv == APR_SUCCESS) {
        source->is_simulated |= listing->page.is_simulated;
        listing->total = listing->page.total;
        listing->next += listing->page.limit;
    }
    return rv;
}

apr_status_t f1_listing_take(f1_listing_t *listing, int season, f1_ergast_rows_t *rows, f1_result_t *res)
{
    apr_status_t rv = APR_SUCCESS;
    int of;

    for (;;) {
        while (listing->item < (int)json_array_size(listing->page.items)) {
            rv = f1_ergast_item_season(&listing->page, listing->item, &of, res);
            if (rv != APR_SUCCESS) {
                return rv;
            }
            if (of < listing->latest) {
                return f1_result_fail(res, F1_E_BAD_DATA, APR_EGENERAL, "%s: season %d comes after season %d",
                                      listing->page.name, of, listing->latest);
            }
            if (!listing->season && season && of > season) {
                return APR_SUCCESS;
            }
            listing->latest = of;
            if (listing->season || !season || of == season) {
                rv = f1_ergast_item_rows(&listing->page, listing->item, listing->season, listing->round, rows, res);
            }
            if (rv != APR_SUCCESS) {
                return rv;
            }
            listing->item++;
        }
        if (listing->total >= 0 && listing->next >= listing->total) {
            return APR_SUCCESS;
        }
        rv = next_page(listing, res);
        if (rv != APR_SUCCESS) {
            return rv;
        }
    }
}

apr_status_t f1_source_list(f1_source_t *source, f1_ergast_resource_t resource, int season, int round,
                            f1_ergast_rows_t *rows, f1_result_t *res)
{
    f1_ergast_rows_t *taken = NULL;
    apr_status_t rv = APR_EAGAIN;
    apr_pool_t *pool;
    int tries;

    apr_pool_create(&pool, rows->pool);
    for (tries = 0; rv == APR_EAGAIN && tries < LIST_TRIES; tries++) {
        taken = f1_ergast_rows_make(rows->pool);
        rv = f1_listing_take(f1_listing_open(source, resource, season, round, pool), season, taken, res);
    }
    if (rv == APR_EAGAIN) {
        rv = f1_result_fail(res, F1_E_BAD_DATA, APR_EGENERAL, "%s of %d changed %d times while it was read",
                            f1_ergast_resource_name(resource), season, LIST_TRIES);
    }
    apr_pool_destroy(pool);
    if (rv == APR_SUCCESS) {
        f1_ergast_rows_merge(rows, taken);
    }
    return rv;
}
