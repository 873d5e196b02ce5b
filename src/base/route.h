/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_BASE_ROUTE_H
#define F1_BASE_ROUTE_H

/* The table of endpoints, and how a request finds its row. Each row is made at build time from one file in sql/api by
 * tools/mksql; nothing in the table is built from request text. */

#include <stddef.h>
#include <apr_pools.h>

#include "base/statement.h"

typedef enum {
    F1_PARAM_INTEGER,       /* min..max */
    F1_PARAM_SLUG,          /* [a-z0-9][a-z0-9_-]*, at most 80; upper case is folded */
    F1_PARAM_DATE,          /* YYYY-MM-DD */
    F1_PARAM_TIMESTAMP,     /* RFC 3339 with zone, or a date */
    F1_PARAM_ENUM,          /* one of values */
    F1_PARAM_UUID,
    F1_PARAM_TEXT,          /* min..max characters of UTF-8 without control characters */
    F1_PARAM_BOOLEAN,       /* true | false | 1 | 0 */
    F1_PARAM_EMAIL,         /* name@host, at most 254; the host is folded */
    F1_PARAM_SECRET,        /* as text, in bodies only; what was sent is never told to anybody */
    F1_PARAM_WORDS,         /* a JSON array of some of values, in bodies only; becomes an array of PostgreSQL */
    F1_PARAM_OBJECTS        /* a JSON array of min..max objects, in bodies only; the statement looks into them */
} f1_param_type_t;

typedef enum {
    F1_IN_PATH,
    F1_IN_QUERY,
    F1_IN_BODY              /* a member of the JSON object that the request's body is */
} f1_param_in_t;

typedef struct f1_param_t {
    const char *name;
    f1_param_in_t in;
    f1_param_type_t type;
    int required;                   /* path parameters absent from one of several templates are not */
    int nullable;                   /* body: may be null, which is another thing than absent */
    apr_int64_t min, max;           /* integer: bounds; text, secret: characters; objects: elements */
    const char *const *values;      /* enum, words: NULL-terminated */
    const char *fallback;           /* value when absent, or NULL */
    const char *doc;
} f1_param_t;

typedef enum {
    F1_ANSWER_LIST,         /* a page of rows */
    F1_ANSWER_STREAM,       /* all rows, however many */
    F1_ANSWER_ONE,
    F1_ANSWER_JSON,
    F1_ANSWER_NONE,
    F1_ANSWER_EVENTS        /* one row, and again whenever it has changed, as long as the client listens */
} f1_answer_t;
typedef enum { F1_GET = 1, F1_POST = 2, F1_PUT = 4, F1_PATCH = 8, F1_DELETE = 16 } f1_method_t;

/* What is counted for itself where requests are limited. A route is in one of the named classes, or, as most are, in
 * the one of whoever asks. */
typedef enum {
    F1_LIMIT_ANONYMOUS,     /* requests of nobody in particular, by address */
    F1_LIMIT_USER,          /* of somebody who said who he is */
    F1_LIMIT_LOGIN,
    F1_LIMIT_REGISTER,
    F1_LIMIT_REFRESH,
    F1_LIMIT_FAILURES,      /* wrong credentials, whatever was asked */
    F1_LIMIT_CLASSES
} f1_limit_class_t;
extern const char *const f1_limit_names[F1_LIMIT_CLASSES];

/* Where a statement's $n comes from: an index into params, or one of these. */
#define F1_BIND_LIMIT (-1)
#define F1_BIND_OFFSET (-2)
#define F1_BIND_NOW (-3)            /* the clock's now, as a timestamp */
#define F1_BIND_ME (-4)             /* the id of the user who asks */
#define F1_BIND_MY_ROLE (-5)        /* "user" or "admin" */
#define F1_BIND_MY_SESSION (-6)     /* the id of the session whose token was shown; NULL: it was no session's */
#define F1_BIND_MY_VIA (-7)         /* how he showed himself, as the audit log has it: "token", "apikey", "server" */
#define F1_BIND_MY_KEY (-8)         /* the id of the API key that was shown; NULL: it was none */
#define F1_BIND_GIVEN (-100)        /* minus an index into params: whether the request has it, as a boolean */

/* Who may ask. */
typedef enum {
    F1_AUTH_OPEN,           /* anybody, always; credentials are not even looked at */
    F1_AUTH_PUBLIC,         /* anybody, unless the service was closed for strangers */
    F1_AUTH_USER,           /* who has an account and shows it himself */
    F1_AUTH_ADMIN,          /* an administrator himself, or an API key of his with the route's scope, if it has one */
    F1_AUTH_SCOPE           /* as F1_AUTH_USER, or an API key with the route's scope */
} f1_auth_t;

#define F1_ROUTE_MAX_PARAMS 16

/* A statement and, for each of its parameters, where the value comes from. */
typedef struct f1_bound_t {
    const f1_statement_t *statement;    /* NULL: there is none */
    const int *binds;
} f1_bound_t;

/* What JSON Schema of sql/openapi.json describes a part of the answer that PostgreSQL's types do not. */
typedef struct f1_schema_t {
    const char *of;                 /* a column of JSON, or a status ("503"); NULL: the body of a usual answer */
    const char *name;               /* in components/schemas; NULL ends the list */
} f1_schema_t;

typedef struct f1_route_t {
    const char *name;               /* "races/results": area and file name */
    const char *file;               /* "sql/api/races/results.sql" */
    int method;                     /* one f1_method_t */
    const char *const *templates;   /* NULL-terminated, the canonical one first: "/api/v1/races/{race_id}/results" */
    const char *summary;
    const char *area;               /* tag in documentation: the folder */
    const f1_param_t *params;
    int param_count;
    f1_auth_t auth;
    const char *scope;              /* F1_AUTH_SCOPE, F1_AUTH_ADMIN: what an API key needs; NULL: none may */
    f1_limit_class_t limit;         /* F1_LIMIT_ANONYMOUS: that of whoever asks */
    const char *const *domains;     /* data domains the answer depends on; NULL-terminated */
    int max_age;                    /* seconds a cache may keep it; 0: not at all (no-store) */
    const f1_schema_t *schemas;
    const char *const *media;       /* the answer's media types, the usual one first; NULL-terminated */
    f1_answer_t answer;
    int status;                     /* of a usual answer; 0: 200, or 204 where there is no body */
    const char *location;           /* where a created thing is, "/api/v1/things/{id}" with columns of its row; NULL */
    const char *handler;            /* name of the C handler, or NULL: the generic one runs query */
    int any_query;                  /* the handler reads the query string: it is neither checked nor in the request's
                                       values, and two requests that differ in it are two questions */
    int any_body;                   /* what a request has for a body is dropped, whatever its type */
    f1_bound_t query;               /* list: ends in LIMIT and OFFSET parameters */
    f1_bound_t count;               /* list: SELECT count(*) of the same without LIMIT and OFFSET */
    f1_bound_t exists;              /* rows: asked when there are no rows; no row here either means 404 */
    const char *listen;             /* events: the channel of PostgreSQL that tells of changes */
    int listen_bind;                /* events: the value that a notice names, bound as the query's are */
    const char *until;              /* events: no other follows where this column has a value; NULL: there is no end */
    const struct f1_route_t *state; /* a change: the GET whose ETag If-Match may name; NULL: there is none */
    int match_required;             /* a change: If-Match has to be there */
    int has_version;                /* it is the state of a change: its answers have an ETag of their bytes */
    const char *noun;               /* what a 404 says does not exist: "race"; NULL where nothing can be missing */
    const char *const *examples;    /* request targets below the mount, NULL-terminated, for tests and documentation */
    const char *const *bodies;      /* the body that each of them is sent with; NULL where the route takes none */
} f1_route_t;

extern const f1_route_t f1_routes[];
extern const int f1_route_count;

extern const char *const f1_domains[];  /* every data domain, as sql/domains lists them; NULL-terminated */
#define F1_DOMAINS_MAX 32

typedef struct f1_match_t {
    const f1_route_t *route;
    int allowed;                            /* methods (f1_method_t) the path has, whatever was asked */
    const char *path_values[F1_ROUTE_MAX_PARAMS];   /* by index into route->params; NULL: not in the path */
} f1_match_t;

/* Finds the row for a decoded path below the mount ("/api/v1/races"). One trailing slash is ignored. A literal segment
 * wins over a parameter, and that over a last parameter written {name*}, which takes all that is left with its slashes,
 * or nothing. Copies path values into pool. Returns 1 when path and method match; 0 otherwise, with
 * allowed telling whether the path exists (405) or not (404). */
int f1_route_find(const f1_route_t *routes, int count, int method, const char *path, f1_match_t *match,
                  apr_pool_t *pool);

/* Whether the answer is rows, which come in every f1_format_t. */
static inline int f1_route_has_formats(const f1_route_t *route)
{
    return (route->answer == F1_ANSWER_LIST || route->answer == F1_ANSWER_STREAM) && !route->handler;
}

/* Whether requests have a body of JSON. */
static inline int f1_route_takes_body(const f1_route_t *route)
{
    for (int i = 0; i < route->param_count; i++) {
        if (route->params[i].in == F1_IN_BODY) {
            return 1;
        }
    }
    return 0;
}

/* Whether a request may come with an Idempotency-Key: whose it is must be known, and nothing that fails may be worth
 * remembering, as wrong passwords are. */
static inline int f1_route_is_repeatable(const f1_route_t *route)
{
    return route->method == F1_POST && route->auth > F1_AUTH_PUBLIC && route->limit == F1_LIMIT_ANONYMOUS;
}

/* Whether answers have an ETag. What is streamed has been sent before its end is known. */
static inline int f1_route_has_tag(const f1_route_t *route)
{
    return route->max_age > 0 && route->answer != F1_ANSWER_STREAM;
}

/* What an API key may be for, "jobs:run": a letter and then a-z 0-9 _ . : -, at most F1_SCOPE_MAX of them. */
#define F1_SCOPE_MAX 40
#define F1_SCOPE_READ "read"    /* for public routes of a service that is closed for strangers */
int f1_scope_is_valid(const char *scope);

/* "GET" for one method. */
const char *f1_method_name(int method);

/* "GET, HEAD, OPTIONS" for a set of methods. */
const char *f1_route_allow(int methods, apr_pool_t *pool);

#endif
