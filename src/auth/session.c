/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Register, login and refresh: three ways to the same tokens. */

#include "auth/session.h"

#include "auth/guard.h"
#include "auth/password.h"
#include "base/clock.h"
#include "base/log.h"
#include "gen/statements.h"

/* hash: of the password that was checked. No row: it was changed, or the account disabled, in this moment. */
static apr_status_t start(f1_login_t *login, const f1_errand_t *errand, const char *hash, apr_interval_time_t lifetime)
{
    f1_ticket_t ticket = f1_errand_ticket("", errand->pool);
    char expires[F1_TIME_LEN];
    const char *values[] = {login->user_id, hash, ticket.hash, expires};
    f1_rows_t *rows;

    login->refresh_expires_at = f1_clock_now() + lifetime;
    f1_time_format(expires, login->refresh_expires_at);
    if (f1_errand_query(errand, &f1_stmt_auth_session_start, values, &rows) != APR_SUCCESS) {
        return errand->res->rv;
    }
    if (!f1_rows_count(rows)) {
        return f1_result_fail(errand->res, F1_E_CONFLICT, APR_EGENERAL, "The account was changed meanwhile");
    }
    login->session_id = f1_errand_column(rows, "id");
    login->refresh_token = ticket.text;
    return APR_SUCCESS;
}

apr_status_t f1_session_register(f1_login_t *login, const f1_errand_t *errand, const f1_account_new_t *account,
                                 apr_interval_time_t lifetime)
{
    f1_ticket_t ticket = f1_errand_ticket("", errand->pool);
    apr_time_t until = f1_clock_now() + lifetime;
    f1_account_new_t wanted = *account;
    char expires[F1_TIME_LEN];
    f1_rows_t *rows;

    wanted.refresh_hash = ticket.hash;
    wanted.session_until = f1_time_format(expires, until);
    if (f1_account_add(errand, &wanted, &rows) != APR_SUCCESS) {
        return errand->res->rv;
    }
    *login = (f1_login_t){.user_id = f1_errand_column(rows, "id"),
                          .username = f1_errand_column(rows, "username"),
                          .role = f1_errand_column(rows, "role"),
                          .session_id = f1_errand_column(rows, "session_id"),
                          .refresh_token = ticket.text,
                          .refresh_expires_at = until};
    return APR_SUCCESS;
}

/* That somebody knew the password is worth a line; that it cannot be written is no reason to let him in. */
static apr_status_t refuse_disabled(const f1_errand_t *errand, const f1_guard_t *guard)
{
    return f1_errand_query(errand, &f1_stmt_auth_login_refused, &guard->id, NULL) == APR_SUCCESS
               ? f1_result_fail(errand->res, F1_E_FORBIDDEN, APR_EACCES, "The account is disabled")
               : errand->res->rv;
}

/* The same password by a better hash. That it cannot be done now is no reason to refuse anybody. */
static void rehash(const f1_errand_t *errand, f1_guard_t *guard, const char *password)
{
    f1_errand_t own = *errand;
    const char *values[] = {guard->id, NULL, guard->hash};

    own.res = f1_result_make(errand->pool);
    if (f1_password_hash(&values[1], password, own.pool, own.res) == APR_SUCCESS &&
        f1_errand_query(&own, &f1_stmt_auth_password_rehash, values, NULL) == APR_SUCCESS) {
        guard->hash = values[1];
    }
    else {
        f1_log(F1_LOG_INFO, own.res->rv, F1LOGNO(0701) "a password keeps its weaker hash for now: %s",
               f1_result_text(own.res, own.pool));
    }
}

apr_status_t f1_session_login(f1_login_t *login, const f1_errand_t *errand, const char *name, const char *password,
                              apr_interval_time_t lifetime)
{
    f1_guard_t guard;

    if (f1_guard_find(&guard, errand, name, NULL) != APR_SUCCESS ||
        f1_guard_verify(&guard, errand, password) != APR_SUCCESS) {
        return errand->res->rv;
    }
    if (!guard.matches) {
        return f1_result_fail(errand->res, F1_E_UNAUTHORIZED, APR_EACCES, "Name or password is wrong");
    }
    if (guard.disabled) {
        return refuse_disabled(errand, &guard);
    }
    if (f1_password_needs_rehash(guard.hash)) {
        rehash(errand, &guard, password);
    }
    *login = (f1_login_t){.user_id = guard.id, .username = guard.username, .role = guard.role};
    return start(login, errand, guard.hash, lifetime);
}

static apr_status_t refuse(const f1_errand_t *errand, const f1_rows_t *rows)
{
    const char *why = "The refresh token is invalid";

    if (f1_rows_count(rows)) {
        why = f1_errand_is(rows, "reused")     ? "The refresh token was used before; log in again"
              : f1_errand_is(rows, "disabled") ? "The account is disabled"
              : f1_errand_is(rows, "revoked")  ? "The session has ended; log in again"
              : f1_errand_is(rows, "expired")  ? "The refresh token has expired; log in again"
                                               : why;
    }
    if (f1_rows_count(rows) && f1_errand_is(rows, "reused") && !f1_errand_is(rows, "revoked")) {
        f1_log(F1_LOG_NOTICE, APR_SUCCESS, F1LOGNO(0702) "session %s ends: its refresh token came a second time",
               f1_errand_column(rows, "session_id"));
    }
    return f1_result_fail(errand->res, F1_E_UNAUTHORIZED, APR_EACCES, "%s", why);
}

apr_status_t f1_session_refresh(f1_login_t *login, const f1_errand_t *errand, const char *refresh_token,
                                apr_interval_time_t lifetime)
{
    f1_ticket_t next = f1_errand_ticket("", errand->pool);
    apr_time_t until = f1_clock_now() + lifetime;
    char expires[F1_TIME_LEN];
    const char *values[] = {f1_errand_digest(refresh_token, errand->pool), next.hash, f1_time_format(expires, until)};
    f1_rows_t *rows;
    int tries = 2; /* of two at the same moment the second sees the first when it looks again */

    do {
        if (f1_errand_query(errand, &f1_stmt_auth_session_refresh, values, &rows) != APR_SUCCESS) {
            return errand->res->rv;
        }
        tries--;
    } while (tries && f1_rows_count(rows) && !f1_errand_is(rows, "refreshed") && !f1_errand_is(rows, "reused"));
    if (!f1_rows_count(rows) || !f1_errand_is(rows, "refreshed")) {
        return refuse(errand, rows);
    }
    *login = (f1_login_t){.user_id = f1_errand_column(rows, "account_id"),
                          .username = f1_errand_column(rows, "username"),
                          .role = f1_errand_column(rows, "role"),
                          .session_id = f1_errand_column(rows, "session_id"),
                          .refresh_token = next.text,
                          .refresh_expires_at = until};
    return APR_SUCCESS;
}

apr_status_t f1_session_end(const f1_errand_t *errand, const char *user_id, const char *session_id)
{
    const char *values[] = {user_id, session_id};

    return f1_errand_change(errand, &f1_stmt_auth_session_end, values, "session");
}

apr_status_t f1_session_end_all(const f1_errand_t *errand, const char *user_id)
{
    return f1_errand_query(errand, &f1_stmt_auth_session_end_all, &user_id, NULL);
}
