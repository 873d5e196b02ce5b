/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_AUTH_GUARD_H
#define F1_AUTH_GUARD_H

/* Whether a password is somebody's, without helping those who guess: a name that nobody has costs and says what a
 * wrong password does, and after some wrong ones there is a growing wait. It counts for the network that they came
 * from; only those from where the owner never logged in have one together too (login_delay in sql/migrations). */

#include "auth/errand.h"

typedef struct f1_guard_t {
    const char *subject;        /* whom failures count for, be there an account or not */
    const char *id, *username, *role, *hash;    /* NULL: there is no such account; hash: or it has no password */
    const char *decoy;          /* another account's hash, to spend the time of it where there is none */
    int disabled;
    int wait;                   /* seconds until the next try */
    int matches;
} f1_guard_t;

/* Who it is, by login (a name or an address) or by id; the other is NULL.
 * F1_E_UNAVAILABLE, before the database is asked, while too many hashes are computed. */
apr_status_t f1_guard_find(f1_guard_t *guard, const f1_errand_t *errand, const char *login, const char *id);

/* Fills in matches, and counts a failure. F1_E_TOO_MANY_REQUESTS with retry_after while there is a wait,
 * F1_E_UNAVAILABLE while too many hashes are computed: then nothing was counted. */
apr_status_t f1_guard_verify(f1_guard_t *guard, const f1_errand_t *errand, const char *password);

#endif
