/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_WEB_ACCOUNT_API_H
#define F1_WEB_ACCOUNT_API_H

/* Endpoints that change accounts, sessions and keys (sql/api/auth, me and users); what they do is in src/auth. */

#include "base/str.h"
#include "web/call.h"

apr_status_t f1_auth_register(f1_call_t *call, f1_buf_t *out, f1_result_t *res);
apr_status_t f1_auth_login(f1_call_t *call, f1_buf_t *out, f1_result_t *res);
apr_status_t f1_auth_refresh(f1_call_t *call, f1_buf_t *out, f1_result_t *res);
apr_status_t f1_auth_logout(f1_call_t *call, f1_buf_t *out, f1_result_t *res);
apr_status_t f1_auth_logout_all(f1_call_t *call, f1_buf_t *out, f1_result_t *res);
apr_status_t f1_auth_verify_email(f1_call_t *call, f1_buf_t *out, f1_result_t *res);
apr_status_t f1_auth_forgot_password(f1_call_t *call, f1_buf_t *out, f1_result_t *res);
apr_status_t f1_auth_reset_password(f1_call_t *call, f1_buf_t *out, f1_result_t *res);
apr_status_t f1_auth_change_password(f1_call_t *call, f1_buf_t *out, f1_result_t *res);

apr_status_t f1_me_update(f1_call_t *call, f1_buf_t *out, f1_result_t *res);
apr_status_t f1_me_erase(f1_call_t *call, f1_buf_t *out, f1_result_t *res);
apr_status_t f1_me_session_end(f1_call_t *call, f1_buf_t *out, f1_result_t *res);
apr_status_t f1_me_api_key_add(f1_call_t *call, f1_buf_t *out, f1_result_t *res);
apr_status_t f1_me_api_key_revoke(f1_call_t *call, f1_buf_t *out, f1_result_t *res);

apr_status_t f1_users_update(f1_call_t *call, f1_buf_t *out, f1_result_t *res);
apr_status_t f1_users_unlock(f1_call_t *call, f1_buf_t *out, f1_result_t *res);

#endif
