/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_TOOLS_SQLPARAM_H
#define F1_TOOLS_SQLPARAM_H

/* The value of a "param" line:
 *
 *     name path|query|body type [optional|required] [nullable] [default=value] [-- what it means]
 *
 * with a type of integer(1950..2199), text(1..100), enum(a|b|c), slug, date, timestamp, uuid, boolean or email, and in
 * bodies secret(8..72) and words(a|b|c). */

#include "base/route.h"
#include "complaint.h"

/* How the declaration ends the question whether the parameter must be there. */
typedef enum { SQLPARAM_UNSAID, SQLPARAM_OPTIONAL, SQLPARAM_REQUIRED } sqlparam_presence_t;

/* 0 when something was complained about; param->name is set even then if there is one, so that its uses raise no
 * complaints of their own. param->required is not set for path parameters: their templates decide. */
int sqlparam_read(f1_param_t *param, sqlparam_presence_t *presence, const char *text, const char *file, int line,
                  complaints_t *complaints, apr_pool_t *pool);

#endif
