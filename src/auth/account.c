/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Accounts: what is asked is checked here, and what happens to the rows is in sql/stmt/auth. */

#include "auth/account.h"

#include <string.h>

#include <apr_time.h>

#include "auth/guard.h"
#include "auth/mail.h"
#include "auth/password.h"
#include "gen/statements.h"

#define NOUN "user"
#define BEAT apr_time_from_msec(100) /* at which answers go out that should not tell how much there was to do */

static apr_status_t hash_new(const f1_errand_t *errand, const char *password, const char *username, const char *field,
                             const char **phash)
{
    if (!f1_password_check(password, username, field, errand->res)) {
        return errand->res->rv;
    }
    return f1_password_hash(phash, password, errand->pool, errand->res);
}

apr_status_t f1_account_add(const f1_errand_t *errand, const f1_account_new_t *account, f1_rows_t **prows)
{
    f1_ticket_t ticket = f1_errand_ticket("", errand->pool);
    f1_mail_t mail = f1_mail_verify(errand->service, ticket.text, errand->pool);
    int confirm = account->email && !account->verified;
    const char *values[] = {account->username,
                            account->email,
                            account->verified ? "true" : "false",
                            NULL,
                            account->role,
                            confirm ? ticket.hash : NULL,
                            mail.subject,
                            mail.body,
                            account->refresh_hash,
                            account->session_until};

    if (account->password &&
        hash_new(errand, account->password, account->username, "/password", &values[3]) != APR_SUCCESS) {
        return errand->res->rv;
    }
    return f1_errand_query(errand, &f1_stmt_auth_account_add, values, prows);
}

apr_status_t f1_account_profile(const f1_errand_t *errand, const char *id, f1_rows_t **prows)
{
    apr_status_t rv = f1_errand_query(errand, &f1_stmt_auth_account_profile, &id, prows);

    if (rv == APR_SUCCESS && !f1_rows_count(*prows)) {
        rv = f1_result_fail(errand->res, F1_E_NOT_FOUND, APR_NOTFOUND, "No such " NOUN);
    }
    return rv;
}

static apr_status_t check_profile(const f1_errand_t *errand, const f1_account_change_t *change)
{
    const char *values[] = {change->favorite_team, change->time_zone};
    f1_rows_t *rows;

    if (f1_errand_query(errand, &f1_stmt_auth_profile_check, values, &rows) != APR_SUCCESS) {
        return errand->res->rv;
    }
    if (!f1_errand_is(rows, "team_known")) {
        f1_result_field(errand->res, "/favorite_team", "is the id of no constructor");
    }
    if (!f1_errand_is(rows, "zone_known")) {
        f1_result_field(errand->res, "/time_zone", "is no time zone like Europe/Rome");
    }
    return errand->res->rv;
}

apr_status_t f1_account_update(const f1_errand_t *errand, const char *id, const f1_account_change_t *change)
{
    f1_ticket_t ticket = f1_errand_ticket("", errand->pool);
    f1_mail_t mail = f1_mail_verify(errand->service, ticket.text, errand->pool);
    const char *values[] = {id,
                            change->favorite_team_given ? "true" : "false",
                            change->favorite_team,
                            change->notifications_enabled,
                            change->time_zone,
                            change->email,
                            ticket.hash,
                            mail.subject,
                            mail.body};

    if (check_profile(errand, change) != APR_SUCCESS) {
        return errand->res->rv;
    }
    return f1_errand_change(errand, &f1_stmt_auth_account_update, values, NOUN);
}

apr_status_t f1_account_set(const f1_errand_t *errand, const char *id, const char *role, const char *disabled)
{
    const char *values[] = {id, role, disabled};

    if (errand->actor && !strcmp(errand->actor, id)) {
        return f1_result_fail(errand->res, F1_E_CONFLICT, APR_EACCES,
                              "Admins cannot do this to themselves; another one can");
    }
    return f1_errand_change(errand, &f1_stmt_auth_account_set, values, NOUN);
}

apr_status_t f1_account_unlock(const f1_errand_t *errand, const char *id)
{
    return f1_errand_change(errand, &f1_stmt_auth_account_unlock, &id, NOUN);
}

apr_status_t f1_account_erase(const f1_errand_t *errand, const char *id)
{
    return f1_errand_change(errand, &f1_stmt_auth_account_erase, &id, NOUN);
}

/* Whether what is said to be the account's password is it; else field names what is wrong. */
static apr_status_t check_password(const f1_errand_t *errand, f1_guard_t *guard, const char *password,
                                   const char *field)
{
    if (f1_guard_verify(guard, errand, password) == APR_SUCCESS && !guard->matches) {
        f1_result_field(errand->res, field, "is not the password of this account");
    }
    return errand->res->rv;
}

apr_status_t f1_account_leave(const f1_errand_t *errand, const char *id, const char *password, int is_fresh)
{
    f1_guard_t guard;

    if (f1_guard_find(&guard, errand, NULL, id) != APR_SUCCESS) {
        return errand->res->rv;
    }
    if (!guard.hash && !is_fresh) {
        return f1_result_fail(errand->res, F1_E_FORBIDDEN, APR_EACCES,
                              "Log in once more first: an account without a password is deleted within ten minutes of"
                              " a login");
    }
    if (guard.hash && !password) {
        f1_result_field(errand->res, "/password", "is needed: the password of this account");
    }
    else if (guard.hash) {
        (void)check_password(errand, &guard, password, "/password");
    }
    return errand->res->rv == APR_SUCCESS ? f1_account_erase(errand, id) : errand->res->rv;
}

/* --- Passwords */

/* former: the hash that is to be replaced; NULL: whatever it is. */
static apr_status_t store_password(const f1_errand_t *errand, const char *id, const char *hash, const char *former,
                                   const char *keep_session)
{
    f1_mail_t mail = f1_mail_password_changed(errand->service, errand->pool);
    const char *values[] = {id, hash, former, former ? "false" : "true", keep_session, mail.subject, mail.body};

    return f1_errand_change(errand, &f1_stmt_auth_password_set, values, NOUN);
}

apr_status_t f1_account_set_password(const f1_errand_t *errand, const char *id, const char *username,
                                     const char *password)
{
    const char *hash;

    return hash_new(errand, password, username, "/password", &hash) == APR_SUCCESS
               ? store_password(errand, id, hash, NULL, NULL)
               : errand->res->rv;
}

apr_status_t f1_account_change_password(const f1_errand_t *errand, const char *id, const char *current,
                                        const char *password, const char *keep_session)
{
    f1_guard_t guard;
    const char *hash;

    if (f1_guard_find(&guard, errand, NULL, id) != APR_SUCCESS) {
        return errand->res->rv;
    }
    if (!guard.hash) {
        return f1_result_fail(errand->res, F1_E_CONFLICT, APR_EGENERAL,
                              "This account has no password yet; forgot-password leads to one");
    }
    if (check_password(errand, &guard, current, "/current_password") != APR_SUCCESS) {
        return errand->res->rv;
    }
    if (!strcmp(current, password)) {
        f1_result_field(errand->res, "/new_password", "is the password that there is already");
        return errand->res->rv;
    }
    if (hash_new(errand, password, guard.username, "/new_password", &hash) != APR_SUCCESS) {
        return errand->res->rv;
    }
    return store_password(errand, id, hash, guard.hash, keep_session);
}

/* --- By mail */

static apr_status_t refuse_token(const f1_errand_t *errand)
{
    f1_result_field(errand->res, "/token", "was used already, is too old, or was never sent; ask for a new one");
    return errand->res->rv;
}

apr_status_t f1_account_verify_email(const f1_errand_t *errand, const char *token)
{
    f1_mail_t mail = f1_mail_email_changed(errand->service, errand->pool);
    const char *values[] = {f1_errand_digest(token, errand->pool), mail.subject, mail.body};
    f1_rows_t *rows;

    if (f1_errand_query(errand, &f1_stmt_auth_verify_email, values, &rows) != APR_SUCCESS) {
        return errand->res->rv;
    }
    return f1_rows_count(rows) ? APR_SUCCESS : refuse_token(errand);
}

apr_status_t f1_account_forgot(const f1_errand_t *errand, const char *email)
{
    f1_ticket_t ticket = f1_errand_ticket("", errand->pool);
    f1_mail_t mail = f1_mail_reset(errand->service, ticket.text, errand->pool);
    const char *values[] = {email, ticket.hash, mail.subject, mail.body};
    apr_time_t begun = apr_time_now();

    (void)f1_errand_query(errand, &f1_stmt_auth_reset_ask, values, NULL);
    apr_sleep(BEAT - (apr_time_now() - begun) % BEAT);
    return errand->res->rv;
}

apr_status_t f1_account_reset(const f1_errand_t *errand, const char *token, const char *password)
{
    f1_mail_t mail = f1_mail_password_changed(errand->service, errand->pool);
    const char *values[] = {f1_errand_digest(token, errand->pool), NULL, mail.subject, mail.body};
    f1_rows_t *rows;

    if (f1_errand_query(errand, &f1_stmt_auth_reset_find, values, &rows) != APR_SUCCESS) {
        return errand->res->rv;
    }
    if (!f1_rows_count(rows)) {
        return refuse_token(errand);
    }
    if (hash_new(errand, password, f1_errand_column(rows, "username"), "/password", &values[1]) != APR_SUCCESS ||
        f1_errand_query(errand, &f1_stmt_auth_reset_password, values, &rows) != APR_SUCCESS) {
        return errand->res->rv;
    }
    return f1_rows_count(rows) ? APR_SUCCESS : refuse_token(errand); /* somebody used it meanwhile */
}
