/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Who may do what: the one place that decides it for the routes of the API. Nothing is looked up here. */

#include "auth/identity.h"

#include <string.h>

const f1_identity_t f1_identity_nobody = {.by = F1_BY_NOTHING};

static const char *const role_names[] = {NULL, "user", "admin"};

const char *f1_role_name(f1_role_t role)
{
    return role_names[role];
}

f1_role_t f1_role_of(const char *name)
{
    int role;

    for (role = F1_ROLE_ADMIN; role > F1_ROLE_NONE && (!name || strcmp(role_names[role], name) != 0); role--) {
    }
    return (f1_role_t)role;
}

int f1_identity_has_scope(const f1_identity_t *identity, const char *scope)
{
    const char *const *has;

    for (has = identity->scopes; has && *has; has++) {
        if (!strcmp(*has, scope)) {
            return 1;
        }
    }
    return 0;
}

static apr_status_t forbid(f1_result_t *res, const char *why)
{
    return f1_result_fail(res, F1_E_FORBIDDEN, APR_EACCES, "%s", why);
}

apr_status_t f1_identity_may_use(const f1_identity_t *identity, const f1_route_t *route, int public_read,
                                 f1_result_t *res)
{
    if (route->auth == F1_AUTH_OPEN || (route->auth == F1_AUTH_PUBLIC && public_read)) {
        return APR_SUCCESS;
    }
    if (identity->by == F1_BY_NOTHING) {
        return f1_result_fail(res, F1_E_UNAUTHORIZED, APR_EACCES, "An access token is missing");
    }
    if (route->auth == F1_AUTH_PUBLIC) {
        return APR_SUCCESS;
    }
    if (identity->by == F1_BY_KEY) {
        if (route->auth != F1_AUTH_SCOPE) {
            return forbid(res, "An API key cannot do this; it takes the user's own access token");
        }
        return f1_identity_has_scope(identity, route->scope)
                   ? APR_SUCCESS
                   : f1_result_fail(res, F1_E_FORBIDDEN, APR_EACCES, "The API key lacks the scope '%s'", route->scope);
    }
    return route->auth == F1_AUTH_ADMIN && identity->role < F1_ROLE_ADMIN
               ? forbid(res, "Only administrators may do this")
               : APR_SUCCESS;
}
