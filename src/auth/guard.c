/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Passwords at the door. The order is: ask the database, give the connection back, hash, and tell the database. */

#include "auth/guard.h"

#include "auth/password.h"
#include "base/log.h"
#include "base/str.h"
#include "gen/statements.h"

apr_status_t f1_guard_find(f1_guard_t *guard, const f1_errand_t *errand, const char *login, const char *id)
{
    const char *values[] = {login, id}, *wait;
    apr_int64_t seconds = 0;
    f1_rows_t *rows;

    if (f1_password_ready(errand->res) != APR_SUCCESS ||
        f1_errand_query(errand, &f1_stmt_auth_login_find, values, &rows) != APR_SUCCESS) {
        return errand->res->rv;
    }
    wait = f1_errand_column(rows, "wait");
    if (wait && !f1_str_to_int64(wait, &seconds)) {
        return f1_result_fail(errand->res, F1_E_INTERNAL, APR_EGENERAL, "There is no telling how long to wait");
    }
    *guard = (f1_guard_t){.subject = f1_errand_column(rows, "subject"),
                          .id = f1_errand_column(rows, "id"),
                          .username = f1_errand_column(rows, "username"),
                          .role = f1_errand_column(rows, "role"),
                          .hash = f1_errand_column(rows, "password_hash"),
                          .decoy = f1_errand_column(rows, "decoy"),
                          .disabled = f1_errand_is(rows, "disabled"),
                          .wait = seconds > 0 ? (int)seconds : 0};
    return APR_SUCCESS;
}

apr_status_t f1_guard_verify(f1_guard_t *guard, const f1_errand_t *errand, const char *password)
{
    if (guard->wait) {
        f1_log(F1_LOG_INFO, APR_SUCCESS,
               F1LOGNO(0700) "a password is not looked at for %d s, after too many wrong ones", guard->wait);
        errand->res->retry_after = guard->wait;
        return f1_result_fail(errand->res, F1_E_TOO_MANY_REQUESTS, APR_EBUSY,
                              "Too many wrong passwords; the next one is looked at in %d seconds", guard->wait);
    }
    if (f1_password_verify(&guard->matches, password, guard->hash ? guard->hash : guard->decoy, errand->pool,
                           errand->res) != APR_SUCCESS) {
        return errand->res->rv;
    }
    guard->matches = guard->matches && guard->hash;
    return guard->matches ? APR_SUCCESS : f1_errand_query(errand, &f1_stmt_auth_login_failed, &guard->subject, NULL);
}
