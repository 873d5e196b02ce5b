/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_AUTH_ACCOUNT_H
#define F1_AUTH_ACCOUNT_H

/* Accounts, as their owners and admins change them. A name is given once; an address counts when it is confirmed. */

#include "auth/errand.h"

typedef struct f1_account_new_t {
    const char *username;       /* NULL: one is made up */
    const char *email;          /* NULL: none */
    const char *password;       /* NULL: none; only others can vouch for this one then */
    const char *role;           /* "user" or "admin" */
    int verified;               /* whoever adds it knows that the address is right */
    const char *refresh_hash;   /* of its first session's refresh token; NULL: it begins without a session */
    const char *session_until;  /* when that session ends unless it is refreshed */
} f1_account_new_t;

/* *prows: its id, username, role and session_id. F1_E_INVALID_PARAMETER for a password that is too weak, F1_E_CONFLICT
 * where name or address are somebody's. An address that is not verified gets a mail. */
apr_status_t f1_account_add(const f1_errand_t *errand, const f1_account_new_t *account, f1_rows_t **prows);

/* Rows of account_profile: as the owner sees it. F1_E_NOT_FOUND. */
apr_status_t f1_account_profile(const f1_errand_t *errand, const char *id, f1_rows_t **prows);

/* What PATCH changes; NULL stays as it is. */
typedef struct f1_account_change_t {
    int favorite_team_given;
    const char *favorite_team, *notifications_enabled, *time_zone;
    const char *email;          /* waits until verify-email confirms it */
} f1_account_change_t;
apr_status_t f1_account_update(const f1_errand_t *errand, const char *id, const f1_account_change_t *change);

/* Role ("user", "admin" or NULL) and whether it is disabled ("true", "false" or NULL). Disabling ends its sessions. */
apr_status_t f1_account_set(const f1_errand_t *errand, const char *id, const char *role, const char *disabled);

/* Forgets failed logins. */
apr_status_t f1_account_unlock(const f1_errand_t *errand, const char *id);

/* Deletes it and all that belongs to it; ids stay in the audit log. */
apr_status_t f1_account_erase(const f1_errand_t *errand, const char *id);

/* The same for its owner, who says the password; where there is none he has to have shown himself just now (is_fresh),
 * else F1_E_FORBIDDEN. */
apr_status_t f1_account_leave(const f1_errand_t *errand, const char *id, const char *password, int is_fresh);

/* --- Passwords. All but the session that is kept end. */

/* current: what the owner says it is now. keep_session may be NULL. F1_E_INVALID_PARAMETER names what is wrong;
 * F1_E_TOO_MANY_REQUESTS after too many wrong ones. */
apr_status_t f1_account_change_password(const f1_errand_t *errand, const char *id, const char *current,
                                        const char *password, const char *keep_session);

/* Without knowing the one before: for administrators. */
apr_status_t f1_account_set_password(const f1_errand_t *errand, const char *id, const char *username,
                                     const char *password);

/* --- By mail */

/* F1_E_INVALID_PARAMETER for a token that is none, or is no longer good. */
apr_status_t f1_account_verify_email(const f1_errand_t *errand, const char *token);

/* Sends a token if an account has this address, at most once a minute; neither its answer nor its time tells whether it
 * did. */
apr_status_t f1_account_forgot(const f1_errand_t *errand, const char *email);

apr_status_t f1_account_reset(const f1_errand_t *errand, const char *token, const char *password);

#endif
