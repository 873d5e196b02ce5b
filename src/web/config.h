/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_WEB_CONFIG_H
#define F1_WEB_CONFIG_H

/* What directives.def declares, as two structs. An unset value is a sentinel of its own, never a default; defaults are
 * filled in once, in the outermost configuration, so that whatever a request sees is set. */

#include <httpd.h>
#include <http_config.h>

#include "auth/jwks.h"
#include "auth/limit.h"
#include "auth/token.h"
#include "base/redis.h"
#include "task/send_mail.h"

extern module AP_MODULE_DECLARE_DATA f1board_module;

#define F1_HANDLER "f1board"

/* Where a directive may stand. */
typedef enum { F1_SCOPE_GLOBAL, F1_SCOPE_SERVER, F1_SCOPE_DIR } f1_scope_t;

typedef enum {
    F1_TYPE_INTEGER,
    F1_TYPE_BYTES,      /* 64k, 16M */
    F1_TYPE_DURATION,   /* 250ms, 5s, 10mi, 1h; seconds without a unit; stored in microseconds */
    F1_TYPE_RATE,       /* 100/60s, 30/h, off; stored as f1_config_rate takes it apart, 0: off */
    F1_TYPE_FLAG,       /* On, Off */
    F1_TYPE_TEXT,       /* UTF-8 of minimum to maximum bytes */
    F1_TYPE_CLOCK,      /* as f1_clock_set takes it */
    F1_TYPE_STORE,      /* local, or redis:host:port */
    F1_TYPE_UPSTREAM,   /* http(s)://host…, file:///folder */
    F1_TYPE_BUDGET,     /* as f1_limits_parse takes it: 4/s,500/h */
    F1_TYPE_ORIGINS,    /* words https://host[:port], or *; stored with a space between them */
    F1_TYPE_SCHEDULES,  /* name and off, on or a time; a line for each, stored as words name, off, on or microseconds */
    F1_TYPE_ISSUERS     /* issuer, audience, URL of its keys; a line for each, stored as words behind each other */
} f1_type_t;

#define F1_UNSET APR_INT64_MIN

#define F1_STORE_INTEGER apr_int64_t
#define F1_STORE_BYTES apr_int64_t
#define F1_STORE_DURATION apr_int64_t
#define F1_STORE_RATE apr_int64_t
#define F1_STORE_FLAG apr_int64_t
#define F1_STORE_TEXT const char *
#define F1_STORE_CLOCK const char *
#define F1_STORE_STORE const char *
#define F1_STORE_UPSTREAM const char *
#define F1_STORE_BUDGET const char *
#define F1_STORE_ORIGINS const char *
#define F1_STORE_SCHEDULES const char *
#define F1_STORE_ISSUERS const char *

#define F1_FIELD_SERVER_GLOBAL(declaration) declaration
#define F1_FIELD_SERVER_SERVER(declaration) declaration
#define F1_FIELD_SERVER_DIR(declaration)
#define F1_FIELD_DIR_GLOBAL(declaration)
#define F1_FIELD_DIR_SERVER(declaration)
#define F1_FIELD_DIR_DIR(declaration) declaration

typedef struct f1_dbd_t f1_dbd_t;
typedef struct f1_listener_t f1_listener_t;

typedef struct f1_server_config_t {
#define F1_DIRECTIVE(scope, type, field, ...) F1_FIELD_SERVER_##scope(F1_STORE_##type field;)
#include "web/directives.def"
#undef F1_DIRECTIVE
    f1_token_rules_t token_rules; /* of tokens of our own; without keys there are none */
    const char *weather_key; /* what weather_key_file holds */
    f1_jwks_t *jwks; /* keys of other issuers; NULL: there are none */
    const f1_post_office_t *post_office; /* how its mail leaves; NULL: it knows no mail server */
    f1_dbd_t *dbd; /* its database; NULL until the server starts */
    f1_listener_t *listener; /* for changes of its data; NULL until then */
} f1_server_config_t;

typedef struct f1_dir_config_t {
#define F1_DIRECTIVE(scope, type, field, ...) F1_FIELD_DIR_##scope(F1_STORE_##type field;)
#include "web/directives.def"
#undef F1_DIRECTIVE
    const char *base; /* path of the innermost <Location> with a handler, without a slash at its end */
    apr_size_t base_len;
} f1_dir_config_t;

extern const command_rec f1_config_commands[];

void *f1_config_server_create(apr_pool_t *pool, server_rec *s);
void *f1_config_server_merge(apr_pool_t *pool, void *outer, void *inner);
void *f1_config_dir_create(apr_pool_t *pool, char *path);
void *f1_config_dir_merge(apr_pool_t *pool, void *outer, void *inner);

static inline f1_server_config_t *f1_config_server(const server_rec *s)
{
    return ap_get_module_config(s->module_config, &f1board_module);
}

static inline f1_rate_t f1_config_rate(apr_int64_t stored)
{
    return (f1_rate_t){.count = (apr_uint32_t)(stored >> 32), .seconds = (apr_uint32_t)stored};
}

/* Where redis:HOST:PORT/DATABASE is; 0 when the store is another, or that is wrong. */
int f1_config_redis(f1_redis_server_t *server, const char *store, apr_pool_t *pool);

/* Fills in defaults in every server, once all files are read. */
void f1_config_defaults(server_rec *main_server);

/* Sets the clock as F1BoardClock says. It began to run when F1_CLOCK_START in the environment says (microseconds since
 * 1970), so that other programs show the same time; else when the server was started, whatever restarts came after.
 * NULL, or what is wrong. */
const char *f1_config_clock(server_rec *main_server);

#endif
