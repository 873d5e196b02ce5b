/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* f1boardctl user and apikey, from the first admin to the last key. */

#include "f1_test.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <apr_strings.h>

#define OUTPUT_MAX (1024 * 1024)

typedef struct said_t {
    int code;
    char *out; /* both streams */
} said_t;

/* input: what stands on standard input */
static said_t ctl(const char *arguments, const char *input)
{
    FILE *pipe =
        popen(apr_psprintf(f1_test_pool(), "printf '%s' | '%s' %s 2>&1", input, getenv("F1_CTL"), arguments), "r");
    said_t said = {.out = apr_pcalloc(f1_test_pool(), OUTPUT_MAX)};
    int status;

    assert_non_null(pipe);
    (void)!fread(said.out, 1, OUTPUT_MAX - 1, pipe);
    status = pclose(pipe);
    assert_true(WIFEXITED(status));
    said.code = WEXITSTATUS(status);
    return said;
}

static void start(void)
{
    f1_test_sql("DELETE FROM account");
    assert_int_equal(ctl("user add --admin --email kim@example.org Kim", "SecurePass123\\n").code, 0);
}

static void test_add(void **state)
{
    said_t said;

    (void)state;
    start();
    assert_string_equal(f1_test_sql("SELECT username, role, email_verified FROM account_profile"), "Kim|admin|t");
    assert_string_equal(f1_test_sql("SELECT via, details FROM audit_log ORDER BY id DESC LIMIT 1"),
                        "f1boardctl|{\"role\": \"admin\"}");
    said = ctl("user add kim", "SecurePass123\\n");
    assert_int_equal(said.code, 1);
    assert_non_null(strstr(said.out, "is taken"));
    said = ctl("user add lou", "weak\\n");
    assert_int_equal(said.code, 1);
    assert_non_null(strstr(said.out, "/password"));
    assert_null(strstr(said.out, "weak\n"));
    assert_non_null(strstr(ctl("user add lou", "").out, "needed on standard input"));
    assert_non_null(strstr(ctl("user add \"l o u\"", "SecurePass123\\n").out, "/username: must have 3 to 50"));
    assert_int_equal(ctl("user add lou SecurePass123", "").code, 2);
    assert_string_equal(f1_test_sql("SELECT count(*) FROM account"), "1");
}

static void test_change(void **state)
{
    const char *hash;

    (void)state;
    start();
    assert_int_equal(ctl("user add lou", "SecurePass123\\n").code, 0);
    assert_null(strstr(ctl("user list", "").out, "disabled"));
    assert_int_equal(ctl("user disable LOU", "").code, 0);
    assert_int_equal(ctl("user role lou admin", "").code, 0);
    assert_string_equal(f1_test_sql("SELECT disabled, role FROM account_overview WHERE username = 'lou'"), "t|admin");
    assert_int_equal(ctl("user role lou root", "").code, 2);
    assert_int_equal(ctl("user enable lou", "").code, 0);
    assert_int_equal(ctl("user unlock kim@example.org", "").code, 0);
    hash = f1_test_sql("SELECT password_hash FROM account WHERE username = 'lou'");
    assert_int_equal(ctl("user password lou", "OtherPass123\\n").code, 0);
    assert_string_not_equal(f1_test_sql("SELECT password_hash FROM account WHERE username = 'lou'"), hash);
    assert_non_null(strstr(ctl("user show lou", "").out, "admin"));
    f1_assert_json(f1_test_json(ctl("user show lou --json", "").out), "username", "\"lou\"");
    assert_int_equal(ctl("user delete lou", "").code, 0);
    assert_int_equal(ctl("user show lou", "").code, 1);
    assert_non_null(strstr(ctl("user unlock lou", "").out, "there is no account 'lou'"));
}

static void test_keys(void **state)
{
    json_t *made;
    const char *id;

    (void)state;
    start();
    made = f1_test_json(ctl("apikey create kim bot --scopes profile:read,jobs:run --json", "").out);
    id = json_string_value(f1_test_json_at(made, "id"));
    assert_string_equal(f1_test_sql("SELECT scopes FROM api_key"), "{profile:read,jobs:run}");
    assert_int_equal(ctl("apikey create kim bot --scopes 'a b'", "").code, 1);
    assert_int_equal(ctl("apikey create kim bot --expires 2001-01-01", "").code, 1);
    assert_non_null(strstr(ctl("apikey list kim", "").out, id));
    assert_int_equal(ctl(apr_pstrcat(f1_test_pool(), "apikey revoke ", id, NULL), "").code, 0);
    assert_int_equal(ctl(apr_pstrcat(f1_test_pool(), "apikey revoke ", id, NULL), "").code, 1);
    assert_non_null(strstr(ctl("apikey list kim", "").out, "revoked"));
    assert_int_equal(ctl("apikey revoke nonsense", "").code, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        F1_TEST(test_add),
        F1_TEST(test_change),
        F1_TEST(test_keys),
    };

    return f1_test_run(tests);
}
