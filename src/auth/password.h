/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_AUTH_PASSWORD_H
#define F1_AUTH_PASSWORD_H

/* Passwords and what is stored of them. New hashes are bcrypt ($2y$). Verified are also those that other programs made
 * and an administrator brought along: bcrypt as $2a$, $2b$ and $2y$, and PBKDF2-SHA256 as passlib ($pbkdf2-sha256$…),
 * Django (pbkdf2_sha256$…) and Werkzeug (pbkdf2:sha256:…) write it, each with bounded cost. Such a hash is replaced at
 * the next login (f1_password_needs_rehash).
 *
 * A hash takes a processor a quarter of a second, on purpose. So that a flood of logins does not take all threads, only
 * so many are computed at a time in each process, at low priority; who comes beyond that is sent away at once with
 * F1_E_UNAVAILABLE and retry_after. Never hold a database connection while hashing. */

#include <apr_pools.h>

#include "base/result.h"

#define F1_PASSWORD_MIN 8       /* characters */
#define F1_PASSWORD_MAX 72      /* bytes: bcrypt does not look at more */
#define F1_PASSWORD_HASH_MAX 255 /* bytes of a stored one */
#define F1_PASSWORD_COST_MIN 4
#define F1_PASSWORD_COST_MAX 16
#define F1_PASSWORD_COST_DEFAULT 12
#define F1_PASSWORD_JOBS_DEFAULT 2

/* bcrypt's cost of new hashes, and how many may be computed at a time. Once, before threads start; without it the
 * defaults hold. */
void f1_password_setup(int cost, int jobs);

/* How many may wait a quarter of a second for their turn before they are sent away; none without it. Waiting costs a
 * thread and nothing else, where sending a client away at once invites it to come back at once. */
void f1_password_queue(int waiters);

/* Whether a new password is good enough: F1_PASSWORD_MIN characters with upper case, lower case and digit, at most
 * F1_PASSWORD_MAX bytes, neither one of the most common nor the username (which may be NULL). Everything that is wrong
 * with it becomes an error of that field (a JSON pointer, "/password"); the password itself is never in the words. */
int f1_password_check(const char *password, const char *username, const char *field, f1_result_t *res);

/* The hash of a password that f1_password_check let pass. */
apr_status_t f1_password_hash(const char **phash, const char *password, apr_pool_t *pool, f1_result_t *res);

/* stored: NULL where there is no such user, or one without a password: *pmatches is 0 then, after as much work as a
 * wrong password costs. The same holds for a stored hash that is of no known form or too costly, and for a password
 * that is longer than any can be. Fails only where hashes are computed already as many as may. */
apr_status_t f1_password_verify(int *pmatches, const char *password, const char *stored, apr_pool_t *pool,
                                f1_result_t *res);

/* Whether one could be computed now; else F1_E_UNAVAILABLE. To be asked before anything else is spent on somebody who
 * would be sent away anyway. */
apr_status_t f1_password_ready(f1_result_t *res);

/* Whether a stored hash is of another kind or cost than a new one would be. */
int f1_password_needs_rehash(const char *stored);

/* Whether f1_password_verify can do anything with this hash: to be asked before one is taken over from elsewhere. */
int f1_password_is_hash(const char *stored, apr_pool_t *pool);

#endif
