/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_BASE_RESULT_H
#define F1_BASE_RESULT_H

/* Why something failed, in words for three readers: a program (code), a person (detail, field errors) and HTTP
 * (status). It is filled once, where the cause is known, carried up unchanged, and becomes problem+json in web/, the
 * last error of a job, or a line on the terminal. Nothing in it is secret: it may be shown to whoever asked. */

#include <apr_pools.h>
#include <apr_tables.h>

/* The catalogue of errors: X(symbol, HTTP status, code, title). Codes are part of the API: they are never renamed. */
#define F1_ERRORS(X)                                                                                               \
    X(OK, 200, "ok", "OK")                                                                                         \
    X(BAD_REQUEST, 400, "bad_request", "Bad request")                                                              \
    X(INVALID_PARAMETER, 400, "invalid_parameter", "Invalid parameter")                                            \
    X(UNAUTHORIZED, 401, "unauthorized", "Unauthorized")                                                           \
    X(TOKEN_EXPIRED, 401, "token_expired", "The access token has expired")                                         \
    X(TOKEN_INVALID, 401, "token_invalid", "The access token is invalid")                                          \
    X(FORBIDDEN, 403, "forbidden", "Forbidden")                                                                    \
    X(NOT_FOUND, 404, "not_found", "Not found")                                                                    \
    X(METHOD_NOT_ALLOWED, 405, "method_not_allowed", "Method not allowed")                                         \
    X(NOT_ACCEPTABLE, 406, "not_acceptable", "Not acceptable")                                                     \
    X(REQUEST_TIMEOUT, 408, "request_timeout", "Request timeout")                                                  \
    X(CONFLICT, 409, "conflict", "Conflict")                                                                       \
    X(PRECONDITION_FAILED, 412, "precondition_failed", "Precondition failed")                                      \
    X(BODY_TOO_LARGE, 413, "body_too_large", "Request body too large")                                             \
    X(URI_TOO_LONG, 414, "uri_too_long", "URI too long")                                                           \
    X(UNSUPPORTED_MEDIA_TYPE, 415, "unsupported_media_type", "Unsupported media type")                             \
    X(UNPROCESSABLE, 422, "unprocessable", "Unprocessable content")                                                \
    X(PRECONDITION_REQUIRED, 428, "precondition_required", "Precondition required")                                \
    X(TOO_MANY_REQUESTS, 429, "too_many_requests", "Too many requests")                                            \
    X(INTERNAL, 500, "internal_error", "Internal error")                                                           \
    X(UPSTREAM, 502, "upstream_error", "The upstream service failed")                                              \
    X(BAD_DATA, 502, "upstream_bad_data", "The upstream service sent unusable data")                               \
    X(UNAVAILABLE, 503, "unavailable", "Service unavailable")                                                      \
    X(DATABASE_UNAVAILABLE, 503, "database_unavailable", "The database cannot be reached")                         \
    X(SCHEMA_MISMATCH, 503, "schema_mismatch", "The database schema is of another version")                        \
    X(TIMEOUT, 504, "timeout", "The query took too long")

typedef enum {
#define F1_ERROR_ENUM(symbol, http, code, title) F1_E_##symbol,
    F1_ERRORS(F1_ERROR_ENUM)
#undef F1_ERROR_ENUM
} f1_error_t;

typedef struct f1_field_error_t {
    const char *field;      /* parameter name, or a JSON pointer into the body */
    const char *detail;
} f1_field_error_t;

typedef struct f1_result_t {
    apr_pool_t *pool;           /* where the words live */
    f1_error_t error;
    apr_status_t rv;            /* APR_SUCCESS exactly when error is F1_E_OK */
    const char *detail;         /* a sentence, or NULL */
    int retry_after;            /* seconds; 0: none known */
    apr_array_header_t *fields; /* of f1_field_error_t, or NULL */
} f1_result_t;

/* Ready to be passed down; says OK until someone fails. */
f1_result_t *f1_result_make(apr_pool_t *pool);

void f1_result_clear(f1_result_t *res);

/* Fills res and returns the status to return: rv, or APR_EGENERAL where rv is APR_SUCCESS. The first failure stays:
 * a later call on a failed result changes nothing, because the cause is known deepest down. */
apr_status_t f1_result_fail(f1_result_t *res, f1_error_t error, apr_status_t rv, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* Adds one field's error; the result becomes F1_E_INVALID_PARAMETER unless it failed otherwise before. */
void f1_result_field(f1_result_t *res, const char *field, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

int f1_error_http(f1_error_t error);
const char *f1_error_code(f1_error_t error);
const char *f1_error_title(f1_error_t error);

/* One line for logs and terminals: "code: detail (field: detail; …)". */
const char *f1_result_text(const f1_result_t *res, apr_pool_t *pool);

#endif
