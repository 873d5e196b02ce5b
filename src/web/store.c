/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* The socache provider behind a mutex, where it wants one. One that failed is left alone for a moment, because each
 * try may take as long as its time-out. */

#include "web/store.h"

#include <stdatomic.h>
#include <string.h>

#include <apr_global_mutex.h>
#include <apr_strings.h>
#include <ap_provider.h>
#include <ap_socache.h>
#include <http_config.h>
#include <http_log.h>
#include <util_mutex.h>

#include "base/log.h"
#include "web/config.h"

APLOG_USE_MODULE(f1board);

#define MUTEX "f1board-cache"
#define SHMCB_BYTES "33554432" /* where F1BoardCache names no size */
#define PAUSE apr_time_from_sec(1)

static struct {
    const ap_socache_provider_t *provider; /* NULL: there is no store */
    ap_socache_instance_t *instance;
    server_rec *s;
    apr_global_mutex_t *mutex; /* NULL: the provider needs none */
    apr_size_t max;
    _Atomic apr_time_t again_at; /* in each child its own; 0: all is well */
} store;

/* "shmcb" or "redis:host:port" as the provider's name and its own words. */
static const char *split(const char *directive, const char **pwords, apr_pool_t *pool)
{
    const char *colon = strchr(directive, ':');

    *pwords = colon ? colon + 1 : NULL;
    if (!colon && !strcmp(directive, "shmcb")) {
        *pwords = apr_pstrcat(pool, ap_runtime_dir_relative(pool, "f1board-cache"), "(" SHMCB_BYTES ")", NULL);
    }
    return colon ? apr_pstrmemdup(pool, directive, (apr_size_t)(colon - directive)) : directive;
}

/* NULL, or why not. */
static const char *open_store(const char *name, const char *words, apr_pool_t *pconf, apr_pool_t *ptemp)
{
    struct ap_socache_hints hints = {F1_STORE_ID_LEN, 4096, apr_time_from_sec(60)};
    const ap_socache_provider_t *provider =
        ap_lookup_provider(AP_SOCACHE_PROVIDER_GROUP, name, AP_SOCACHE_PROVIDER_VERSION);
    const char *wrong;

    if (!provider) {
        return apr_psprintf(ptemp, "mod_socache_%s is not loaded", name);
    }
    wrong = provider->create(&store.instance, words, ptemp, pconf);
    if (wrong) {
        return wrong;
    }
    if (provider->flags & AP_SOCACHE_FLAG_NOTMPSAFE &&
        ap_global_mutex_create(&store.mutex, NULL, MUTEX, NULL, store.s, pconf, 0) != APR_SUCCESS) {
        return "no mutex can be made";
    }
    if (provider->init(store.instance, "f1board-cache", &hints, store.s, pconf) != APR_SUCCESS) {
        return "the store cannot be opened";
    }
    store.provider = provider;
    return NULL;
}

static apr_status_t close_store(void *unused)
{
    (void)unused;
    if (store.provider) {
        store.provider->destroy(store.instance, store.s);
        store.provider = NULL;
    }
    return APR_SUCCESS;
}

void f1_store_start(server_rec *s, apr_pool_t *pconf, apr_pool_t *ptemp)
{
    const f1_server_config_t *config = f1_config_server(s);
    const char *words, *name = split(config->cache, &words, ptemp), *wrong = NULL;

    store.provider = NULL;
    store.mutex = NULL;
    store.s = s;
    store.max = (apr_size_t)config->cache_max_entry;
    if (strcmp(name, "none")) {
        wrong = open_store(name, words, pconf, ptemp);
    }
    if (wrong) {
        ap_log_error(APLOG_MARK, APLOG_WARNING, 0, s,
                     F1LOGNO(0562) "F1BoardCache %s: %s; every answer comes from the database", config->cache, wrong);
    }
    apr_pool_cleanup_register(pconf, NULL, close_store, apr_pool_cleanup_null);
}

const char *f1_store_name(void)
{
    return store.provider ? store.provider->name : "none";
}

apr_size_t f1_store_max(void)
{
    apr_time_t at = store.again_at;

    return store.provider && (!at || at <= apr_time_now()) ? store.max : 0;
}

static apr_status_t lock(void)
{
    return store.mutex ? apr_global_mutex_lock(store.mutex) : APR_SUCCESS;
}

static void unlock(void)
{
    if (store.mutex) {
        apr_global_mutex_unlock(store.mutex);
    }
}

/* What is not there, or too large for it, is no failure. */
static void look_at(apr_status_t rv, request_rec *r)
{
    if (rv == APR_SUCCESS || rv == APR_NOTFOUND || rv == APR_ENOSPC) {
        return;
    }
    store.again_at = apr_time_now() + PAUSE;
    ap_log_rerror(APLOG_MARK, APLOG_INFO, rv, r,
                  F1LOGNO(0563) "the store of answers fails, and is left alone for a second");
}

char *f1_store_get(const char *id, apr_size_t *plen, request_rec *r)
{
    unsigned len = (unsigned)store.max;
    char *data = apr_palloc(r->pool, store.max + 1);
    apr_status_t rv = lock();

    if (rv == APR_SUCCESS) {
        rv = store.provider->retrieve(store.instance, store.s, (const unsigned char *)id, F1_STORE_ID_LEN,
                                      (unsigned char *)data, &len, r->pool);
        unlock();
    }
    look_at(rv, r);
    if (rv != APR_SUCCESS) {
        return NULL;
    }
    data[len] = '\0';
    *plen = len;
    return data;
}

void f1_store_put(const char *id, char *data, apr_size_t len, apr_interval_time_t keep, request_rec *r)
{
    apr_status_t rv = lock();

    if (rv == APR_SUCCESS) {
        rv = store.provider->store(store.instance, store.s, (const unsigned char *)id, F1_STORE_ID_LEN,
                                   apr_time_now() + keep, (unsigned char *)data, (unsigned)len, r->pool);
        unlock();
    }
    look_at(rv, r);
}

static int pre_config(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp)
{
    (void)plog;
    (void)ptemp;
    return ap_mutex_register(pconf, MUTEX, NULL, APR_LOCK_DEFAULT, 0) == APR_SUCCESS ? OK : HTTP_INTERNAL_SERVER_ERROR;
}

static void child_init(apr_pool_t *pchild, server_rec *s)
{
    if (store.mutex && apr_global_mutex_child_init(&store.mutex, apr_global_mutex_lockfile(store.mutex), pchild)) {
        ap_log_error(APLOG_MARK, APLOG_ERR, 0, s,
                     F1LOGNO(0564) "the mutex of the store is not to be had: this child keeps no answers");
        store.provider = NULL;
    }
}

void f1_store_register_hooks(apr_pool_t *pool)
{
    (void)pool;
    ap_hook_pre_config(pre_config, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_child_init(child_init, NULL, NULL, APR_HOOK_MIDDLE);
}
