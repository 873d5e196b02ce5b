/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Mail from the outbox to a mail server: what arrives, by which way, and that nothing arrives twice. The server is
 * aiosmtpd's (t/smtp_sink.py), and what arrives is read by Python's parser; f1boardctl work is the runner. */

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <apr_strings.h>

#include "base/secret_file.h"
#include "base/smtp.h"
#include "base/str.h"
#include "db/query.h"
#include "f1_test.h"
#include "f1_test_sink.h"

#define ANNA "11111111-1111-4111-8111-111111111111"
#define NOWHERE 1 /* a port that nobody listens at */

/* --- The client */

static f1_smtp_t *client(const char *scheme, const char *host, int port, f1_smtp_options_t options)
{
    f1_smtp_t *smtp;

    options.url = apr_psprintf(f1_test_pool(), "%s://%s:%d", scheme, host, port);
    f1_assert_ok(f1_smtp_create(&smtp, &options, f1_test_pool(), f1_test_result()), f1_test_result());
    return smtp;
}

static f1_smtp_mail_t mail_to(const char *to)
{
    return (f1_smtp_mail_t){.from = {"\"F1Board\" <f1@example.org>", "f1@example.org"},
                            .to = to,
                            .subject = "Hello",
                            .text = "Hello.\n",
                            .message_id = "1@example.org"};
}

static void sends(f1_smtp_t *smtp, const char *to, f1_smtp_outcome_t outcome, int code)
{
    const f1_smtp_mail_t mail = mail_to(to);
    f1_smtp_reply_t reply = f1_smtp_send(smtp, &mail, f1_test_pool());

    if (reply.outcome != outcome || reply.code != code) {
        fail_msg("%s: %d %d %s", to, (int)reply.outcome, reply.code, reply.words);
    }
}

/* NULL when the mail has none of this type. */
static const char *part(json_t *mail, const char *type)
{
    return json_string_value(json_object_get(json_object_get(mail, "parts"), type));
}

static void test_content(void **state)
{
    const f1_test_sink_t *sink = f1_test_sink("t/smtp_sink.py", "");
    f1_smtp_mail_t mail = mail_to("anna@example.org");
    json_t *got;

    (void)state;
    mail.subject = "S\xc3\xa3o Paulo: results of a session that has a very long name, and some more words behind it";
    mail.text =
        "R\xc3\xa4ikk\xc3\xb6nen = 1\n.\n..\nFrom here on a line that is a good deal longer than the seventy-eight"
        " characters that anybody may want to see on one line\n\nend\n";
    mail.html = "<p>R\xc3\xa4ikk\xc3\xb6nen &amp; <b>1</b></p>\n";
    mail.unsubscribe = "https://f1.example.org/f1/api/v1/unsubscribe/123";
    assert_int_equal(
        f1_smtp_send(client("smtp", "127.0.0.1", sink->port, (f1_smtp_options_t){0}), &mail, f1_test_pool()).outcome,
        F1_SMTP_SENT);
    got = f1_test_sink_get(sink, 1);
    f1_assert_json(got, "from", "\"f1@example.org\"");
    f1_assert_json(got, "to", "[\"anna@example.org\"]");
    f1_assert_json(got, "sender", "\"F1Board <f1@example.org>\"");
    assert_string_equal(json_string_value(f1_test_json_at(got, "subject")), mail.subject);
    f1_assert_json(got, "type", "\"multipart/alternative\"");
    assert_string_equal(part(got, "text/plain"), mail.text);
    assert_string_equal(part(got, "text/html"), mail.html);
    f1_assert_json(got, "headers/Message-ID", "\"<1@example.org>\"");
    f1_assert_json(got, "headers/Auto-Submitted", "\"auto-generated\"");
    f1_assert_json(got, "headers/List-Unsubscribe", "\"<https://f1.example.org/f1/api/v1/unsubscribe/123>\"");
    f1_assert_json(got, "headers/List-Unsubscribe-Post", "\"List-Unsubscribe=One-Click\"");
    f1_assert_json(got, "defects", "[]");
    assert_non_null(strstr(json_string_value(f1_test_json_at(got, "headers/Date")), " +0000"));
}

static void test_outcomes(void **state)
{
    const f1_test_sink_t *sink = f1_test_sink("t/smtp_sink.py", "");
    f1_smtp_t *smtp = client("smtp", "127.0.0.1", sink->port, (f1_smtp_options_t){0});
    f1_smtp_mail_t mail = mail_to("anna@example.org");

    (void)state;
    sends(smtp, "nobody@example.org", F1_SMTP_REFUSED, 550);
    sends(smtp, "anna@example.org", F1_SMTP_SENT, 250);
    sends(smtp, "busy@example.org", F1_SMTP_DEFERRED, 451);
    sends(smtp, "full@example.org", F1_SMTP_REFUSED, 552);
    sends(smtp, "later@example.org", F1_SMTP_DEFERRED, 452);
    sends(smtp, "lost@example.org", F1_SMTP_UNCERTAIN, 354);
    sends(smtp, "bert@example.org", F1_SMTP_SENT, 250);
    sends(smtp, "cora@example.org", F1_SMTP_SENT, 250);
    assert_int_equal(f1_test_sink_count(sink), 4); /* the lost one came */
    sends(smtp, "anna@example.org\r\nRCPT TO:<eve@example.org>", F1_SMTP_REFUSED, 0);
    sends(smtp, "anna", F1_SMTP_REFUSED, 0);
    mail.subject = "a\r\nBcc: eve@example.org";
    assert_int_equal(f1_smtp_send(smtp, &mail, f1_test_pool()).outcome, F1_SMTP_REFUSED);
    mail = mail_to("anna@example.org");
    mail.text = "\xff";
    assert_int_equal(f1_smtp_send(smtp, &mail, f1_test_pool()).outcome, F1_SMTP_REFUSED);
    assert_int_equal(f1_test_sink_count(sink), 4);
}

static void test_nobody_listens(void **state)
{
    (void)state;
    sends(client("smtp", "127.0.0.1", NOWHERE, (f1_smtp_options_t){0}), "a@example.org", F1_SMTP_AWAY, 0);
    sends(client("smtp", "nowhere.invalid", 25, (f1_smtp_options_t){0}), "a@example.org", F1_SMTP_AWAY, 0);
}

static void test_urls(void **state)
{
    static const char *const wrong[] = {
        "",           "127.0.0.1",  "http://a",       "smtp://",  "smtp://u:p@a", "smtp://a/path",
        "smtp://a?x", "smtp://a#x", "smtp://a:99999", "SMTP://a", "smtp://a b",   NULL};

    (void)state;
    assert_true(f1_smtp_url_is_valid("smtp://127.0.0.1:25"));
    assert_true(f1_smtp_url_is_valid("smtps://mail.example.org"));
    for (int i = 0; wrong[i]; i++) {
        if (f1_smtp_url_is_valid(wrong[i])) {
            fail_msg("%s", wrong[i]);
        }
    }
}

/* --- TLS and who sends */

static const char *in_sandbox(const char *name)
{
    return apr_pstrcat(f1_test_pool(), getenv("F1_SANDBOX"), "/", name, NULL);
}

/* For "localhost", made once; returns the arguments of a sink that has it. */
static const char *with_certificate(const char *more)
{
    const char *key = in_sandbox("mail.key"), *crt = in_sandbox("mail.crt");
    struct stat info;

    if (stat(crt, &info) != 0) {
        assert_int_equal(system(apr_psprintf(f1_test_pool(),
                                             "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost"
                                             " -addext subjectAltName=DNS:localhost -keyout '%s' -out '%s' 2>/dev/null",
                                             key, crt)),
                         0);
    }
    return apr_psprintf(f1_test_pool(), "--tls %s %s %s", crt, key, more);
}

static void test_tls(void **state)
{
    const f1_test_sink_t *sink = f1_test_sink("t/smtp_sink.py", with_certificate(""));
    const f1_test_sink_t *plain = f1_test_sink("t/smtp_sink.py", "");
    const f1_smtp_options_t trusting = {.ca_file = in_sandbox("mail.crt"), .require_tls = 1};
    const f1_smtp_options_t strict = {.require_tls = 1}, easy = {.ca_file = in_sandbox("mail.crt")};

    (void)state;
    sends(client("smtp", "localhost", sink->port, trusting), "a@example.org", F1_SMTP_SENT, 250);
    sends(client("smtp", "localhost", sink->port, easy), "b@example.org", F1_SMTP_SENT, 250);
    f1_assert_json(f1_test_sink_get(sink, 1), "tls", "true");
    f1_assert_json(f1_test_sink_get(sink, 2), "tls", "true");
    /* an authority that nobody knows, another's certificate, none at all */
    sends(client("smtp", "localhost", sink->port, strict), "c@example.org", F1_SMTP_AWAY, 220);
    sends(client("smtp", "127.0.0.1", sink->port, trusting), "d@example.org", F1_SMTP_AWAY, 220);
    sends(client("smtp", "localhost", plain->port, trusting), "e@example.org", F1_SMTP_AWAY, 250);
    assert_int_equal(f1_test_sink_count(sink), 2);
    assert_int_equal(f1_test_sink_count(plain), 0);
    sends(client("smtp", "localhost", plain->port, easy), "f@example.org", F1_SMTP_SENT, 250);
    f1_assert_json(f1_test_sink_get(plain, 1), "tls", "false");
}

static void test_implicit_tls(void **state)
{
    const f1_test_sink_t *sink = f1_test_sink("t/smtp_sink.py", with_certificate("--implicit"));
    const f1_smtp_options_t trusting = {.ca_file = in_sandbox("mail.crt"), .require_tls = 1}, strict = {0};

    (void)state;
    sends(client("smtps", "localhost", sink->port, trusting), "a@example.org", F1_SMTP_SENT, 250);
    sends(client("smtps", "localhost", sink->port, strict), "b@example.org", F1_SMTP_AWAY, 0);
    sends(client("smtps", "127.0.0.1", sink->port, trusting), "c@example.org", F1_SMTP_AWAY, 0);
    assert_int_equal(f1_test_sink_count(sink), 1);
}

static void test_authentication(void **state)
{
    const f1_test_sink_t *sink = f1_test_sink("t/smtp_sink.py", with_certificate("--auth f1:secret"));
    const f1_test_sink_t *plain = f1_test_sink("t/smtp_sink.py", "");
    f1_smtp_options_t options = {.ca_file = in_sandbox("mail.crt"), .user = "f1", .password = "secret"};

    (void)state;
    sends(client("smtp", "localhost", sink->port, options), "a@example.org", F1_SMTP_SENT, 250);
    f1_assert_json(f1_test_sink_get(sink, 1), "user", "true");
    sends(client("smtp", "localhost", plain->port, options), "b@example.org", F1_SMTP_AWAY, 250); /* never in clear */
    options.password = "other";
    sends(client("smtp", "localhost", sink->port, options), "c@example.org", F1_SMTP_AWAY, 535);
    options.user = NULL;
    sends(client("smtp", "localhost", sink->port, options), "d@example.org", F1_SMTP_AWAY, 530);
    assert_int_equal(f1_test_sink_count(sink), 1);
    assert_int_equal(f1_test_sink_count(plain), 0);
    assert_null(strstr(f1_test_log(), "secret"));
}

static void test_the_file_with_the_password(void **state)
{
    static const struct {
        const char *text;
        mode_t rights;
        const char *wrong;
    } rows[] = {{"f1:se:cret\n", 0600, NULL},         {"f1:secret", 0640, NULL},
                {"f1:secret\n", 0644, "chmod 600"},   {"f1 secret\n", 0600, "user:password"},
                {":secret\n", 0600, "user:password"}, {"f1:a\nf2:b\n", 0600, "user:password"},
                {"", 0600, "user:password"}};
    const char *path = in_sandbox("mail.auth"), *user, *password;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        f1_result_t *res = f1_result_make(f1_test_pool());
        FILE *file = fopen(path, "w");

        assert_non_null(file);
        assert_true(fputs(rows[i].text, file) >= 0);
        assert_int_equal(fclose(file), 0);
        assert_int_equal(chmod(path, rows[i].rights), 0);
        if (rows[i].wrong) {
            assert_int_not_equal(f1_secret_file_login(&user, &password, path, f1_test_pool(), res), APR_SUCCESS);
            assert_non_null(strstr(res->detail, rows[i].wrong));
            assert_null(strstr(res->detail, "secret"));
            continue;
        }
        f1_assert_ok(f1_secret_file_login(&user, &password, path, f1_test_pool(), res), res);
        assert_string_equal(user, "f1");
        assert_string_equal(password, i ? "secret" : "se:cret");
    }
}

/* --- The job */

static const char *work_command(int port)
{
    return apr_psprintf(f1_test_pool(),
                        "%s work --until-idle --smtp smtp://127.0.0.1:%d --smtp-plain"
                        " --mail-from 'F1 Board <f1@example.org>' --public-url https://f1.example.org/f1/",
                        getenv("F1_CTL"), port);
}

static void work(int port)
{
    int status = system(apr_pstrcat(f1_test_pool(), work_command(port), " >/dev/null 2>&1", NULL));

    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

/* Standard output of f1boardctl, which must end with status. */
static const char *ctl(int status, const char *arguments)
{
    FILE *pipe = popen(apr_psprintf(f1_test_pool(), "%s %s 2>/dev/null", getenv("F1_CTL"), arguments), "r");
    char *out = apr_pcalloc(f1_test_pool(), 65536);
    int ended;

    assert_non_null(pipe);
    (void)fread(out, 1, 65535, pipe);
    ended = pclose(pipe);
    assert_true(WIFEXITED(ended));
    assert_int_equal(WEXITSTATUS(ended), status);
    return out;
}

static void begin(void)
{
    f1_test_sql("SET search_path = f1board; DELETE FROM mail_outbox; DELETE FROM job; DELETE FROM account;"
                "UPDATE schedule SET next_at = NULL, is_paused = true;"
                "INSERT INTO account (id, username, email, email_verified_at) VALUES"
                " ('" ANNA "', 'anna', 'anna@example.org', now())");
}

static void post(const char *recipient, const char *more)
{
    f1_test_sql(apr_psprintf(f1_test_pool(),
                             "INSERT INTO f1board.mail_outbox (account_id, kind, recipient, subject, body, html,"
                             " is_optional, event_key, expires_at, created_at) SELECT '" ANNA "', 'results', '%s',"
                             " 'Results & more', E'The results.\\n', '<p>The results.</p>', %s",
                             recipient, more));
}
#define ONE "true, NULL, NULL, '2030-06-15'"

static const char *outbox(const char *columns)
{
    return f1_test_sql(apr_psprintf(f1_test_pool(), "SELECT %s FROM f1board.mail_outbox ORDER BY id", columns));
}

/* What waits after a failure is due now. */
static void pass_time(void)
{
    f1_test_sql("UPDATE f1board.mail_outbox SET next_at = now() WHERE state = 'waiting';"
                "UPDATE f1board.job SET retry_at = NULL WHERE state = 'PENDING'");
}

static void test_a_mail_is_sent_once(void **state)
{
    const f1_test_sink_t *sink = f1_test_sink("t/smtp_sink.py", "");
    const char *url;
    json_t *got;

    (void)state;
    begin();
    post("anna@example.org", ONE);
    assert_string_equal(outbox("state, attempts"), "waiting|0");
    work(sink->port);
    assert_string_equal(outbox("state, attempts, body, html, sent_at, lease, error"),
                        "sent|1|||2030-06-15 00:00:00+00||");
    got = f1_test_sink_get(sink, 1);
    f1_assert_json(got, "sender", "\"F1 Board <f1@example.org>\"");
    f1_assert_json(got, "subject", "\"Results & more\"");
    assert_string_equal(json_string_value(f1_test_json_at(got, "headers/Message-ID")),
                        outbox("'<' || message_id || '@example.org>'"));
    url = json_string_value(f1_test_json_at(got, "headers/List-Unsubscribe"));
    assert_non_null(strstr(url, "<https://f1.example.org/f1/api/v1/unsubscribe/"));
    assert_string_equal(outbox(apr_psprintf(f1_test_pool(), "unsubscribe_hash = sha256('%.36s')",
                                            url + strlen("<https://f1.example.org/f1/api/v1/unsubscribe/"))),
                        "t");
    url = apr_pstrndup(f1_test_pool(), url + 1, strlen(url) - 2);
    assert_string_equal(part(got, "text/plain"),
                        apr_psprintf(f1_test_pool(), "The results.\n\n-- \nNo more mail of this kind: %s\n", url));
    assert_non_null(strstr(part(got, "text/html"), "<p>The results.</p>"));
    assert_non_null(strstr(part(got, "text/html"), "Results &amp; more"));
    work(sink->port);
    assert_int_equal(f1_test_sink_count(sink), 1);
}

/* Mail about the account cannot be turned off, and goes first. */
static void test_mail_about_the_account(void **state)
{
    const f1_test_sink_t *sink = f1_test_sink("t/smtp_sink.py", "");
    json_t *got;

    (void)state;
    begin();
    post("anna@example.org", "true, n::text, NULL, '2030-06-15' FROM generate_series(1, 20) AS n");
    f1_test_sql("INSERT INTO f1board.mail_outbox (account_id, kind, recipient, subject, body) VALUES"
                " ('" ANNA "', 'verify_email', 'anna@example.org', 'Confirm', E'A code.\\n')");
    work(sink->port);
    got = f1_test_sink_get(sink, 1);
    assert_null(f1_test_json_at(got, "headers/List-Unsubscribe"));
    assert_string_equal(part(got, "text/plain"), "A code.\n");
    assert_null(part(got, "text/html"));
}

static void test_refused_and_deferred(void **state)
{
    const f1_test_sink_t *sink = f1_test_sink("t/smtp_sink.py", "");

    (void)state;
    begin();
    post("nobody@example.org", ONE);
    post("busy@example.org", ONE);
    post("lost@example.org", ONE);
    post("anna@example.org", ONE);
    work(sink->port);
    assert_string_equal(outbox("split_part(recipient, '@', 1), state, attempts, error_code, body IS NULL"),
                        "nobody|failed|1|550|f\nbusy|waiting|1|451|f\nlost|uncertain|1|lost|f\nanna|sent|1||t");
    assert_string_equal(outbox("CASE recipient WHEN 'busy@example.org' THEN next_at > now() + interval '15 s'"
                               " AND next_at < now() + interval '61 s' END"),
                        "\nt\n\n");
    /* another job waits for the one that is to be tried again */
    assert_string_equal(f1_test_sql("SELECT j.kind, j.unique_key, j.retry_at = m.next_at FROM f1board.job j,"
                                    " f1board.mail_outbox m WHERE j.state = 'PENDING' AND m.state = 'waiting'"),
                        "send_mail|send_mail|t");
    pass_time();
    f1_test_sql("UPDATE f1board.mail_outbox SET attempts = 15 WHERE state = 'waiting'");
    work(sink->port);
    assert_string_equal(outbox("state, attempts"), "failed|1\nfailed|16\nuncertain|1\nsent|1");
    assert_int_equal(f1_test_sink_count(sink), 2); /* the uncertain one came, and once */
    assert_non_null(strstr(ctl(0, "mail list --failed"), "nobody@example.org 550 550 5.1.1 no such user here"));
    assert_null(strstr(ctl(0, "mail list --failed"), "anna@example.org"));
    f1_test_sql("UPDATE f1board.mail_outbox SET recipient = 'bert@example.org' WHERE recipient = 'nobody@example.org'");
    ctl(2, "mail retry x");
    ctl(1, "mail retry 999999");
    ctl(0, "mail retry failed");
    assert_string_equal(outbox("state"), "waiting\nwaiting\nuncertain\nsent");
    ctl(0, apr_psprintf(f1_test_pool(), "mail retry %s",
                        f1_test_sql("SELECT id FROM f1board.mail_outbox WHERE state = 'uncertain'")));
    work(sink->port);
    assert_string_equal(outbox("state"), "sent\nwaiting\nuncertain\nsent"); /* bert's came, and lost's once more */
    assert_int_equal(f1_test_sink_count(sink), 4);
}

static void test_nobody_there(void **state)
{
    static const char waits[] = "SELECT state, payload->>'failures', retry_at > now(), unique_key FROM f1board.job"
                                " WHERE state = 'PENDING'";
    const f1_test_sink_t *sink = f1_test_sink("t/smtp_sink.py", "");

    (void)state;
    begin();
    post("anna@example.org", "true, n::text, NULL, '2030-06-15' FROM generate_series(1, 25) AS n");
    work(NOWHERE);
    assert_string_equal(f1_test_sql("SELECT DISTINCT state, attempts, error FROM f1board.mail_outbox"), "waiting|0|");
    assert_string_equal(f1_test_sql(waits), "PENDING|1|t|send_mail");
    assert_string_equal(f1_test_sql("SELECT state, result->>'away' <> '' FROM f1board.job WHERE state <> 'PENDING'"),
                        "SUCCESS|t");
    pass_time();
    work(NOWHERE);
    assert_string_equal(f1_test_sql(waits), "PENDING|2|t|send_mail");
    pass_time();
    work(sink->port);
    assert_string_equal(f1_test_sql("SELECT state, count(*) FROM f1board.mail_outbox GROUP BY 1"), "sent|25");
    assert_int_equal(f1_test_sink_count(sink), 25);
}

static void test_a_runner_without_a_mail_server(void **state)
{
    (void)state;
    begin();
    post("anna@example.org", ONE);
    ctl(0, "work --until-idle");
    assert_string_equal(f1_test_sql("SELECT state, attempts FROM f1board.job"), "PENDING|0");
    assert_string_equal(outbox("state, attempts"), "waiting|0");
    ctl(2, "work --until-idle --smtp mail.example.org");
    ctl(2, "work --until-idle --smtp smtp://mail.example.org");
    ctl(2, "work --until-idle --smtp smtp://mail.example.org --mail-from f1@example.org --public-url nowhere");
    ctl(2, "work --until-idle --smtp smtp://mail.example.org --mail-from f1@example.org --public-url http://a/"
           " --smtp-auth /nonexistent");
}

static void test_what_is_too_late(void **state)
{
    const f1_test_sink_t *sink = f1_test_sink("t/smtp_sink.py", "");

    (void)state;
    begin();
    post("anna@example.org", "true, NULL, timestamptz '2030-06-14', '2030-06-13'");
    post("bert@example.org", "true, NULL, timestamptz '2030-06-16', '2030-06-13'");
    work(sink->port);
    assert_string_equal(outbox("state, error_code"), "failed|expired\nsent|");
    assert_int_equal(f1_test_sink_count(sink), 1);
}

/* kill -9 in the middle of a mail: whether it was sent is not known, so it is not sent again. */
static void test_a_sender_that_dies(void **state)
{
    const f1_test_sink_t *sink = f1_test_sink("t/smtp_sink.py", "");
    const char *command = apr_pstrcat(f1_test_pool(), "exec ", work_command(sink->port), " >/dev/null 2>&1", NULL);
    int waited, status;
    pid_t pid;

    (void)state;
    begin();
    post("slow@example.org", ONE);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        execl("/bin/sh", "sh", "-c", command, (char *)NULL);
        _exit(127);
    }
    for (waited = 0; strcmp(outbox("state"), "sending") != 0 && waited < 30000; waited += 50) {
        apr_sleep(apr_time_from_msec(50));
    }
    assert_string_equal(outbox("state, attempts"), "sending|1");
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    f1_test_sql("UPDATE f1board.mail_outbox SET lease_until = now() - interval '1 s';"
                "UPDATE f1board.job SET lease_until = now() - interval '1 s' WHERE state = 'STARTED'");
    work(sink->port); /* finds the job, and that its runner is dead */
    f1_test_sql("UPDATE f1board.job SET retry_at = NULL WHERE state IN ('PENDING', 'RETRY')");
    work(sink->port);
    assert_string_equal(outbox("state, attempts, error_code, body IS NULL"), "uncertain|1|lost|f");
    f1_test_sql("UPDATE f1board.mail_outbox SET next_at = now()");
    ctl(0, "job add send_mail");
    work(sink->port);
    assert_string_equal(outbox("state, attempts"), "uncertain|1");
    assert_non_null(strstr(ctl(0, "mail list --failed"), "it may have been sent"));
}

/* Three runners, a thousand mails: each goes once. */
static void test_many(void **state)
{
    const f1_test_sink_t *sink = f1_test_sink("t/smtp_sink.py", "");
    const char *command = work_command(sink->port);
    int status;

    (void)state;
    begin();
    post("anna@example.org", "true, n::text, NULL, '2030-06-15' FROM generate_series(1, 1000) AS n");
    ctl(0, "job add send_mail"); /* one for each runner to begin with */
    ctl(0, "job add send_mail");
    status = system(apr_psprintf(f1_test_pool(), "(%s & %s & %s & wait) >/dev/null 2>&1", command, command, command));
    assert_int_equal(status, 0);
    work(sink->port);
    assert_string_equal(f1_test_sql("SELECT state, count(*), max(attempts) FROM f1board.mail_outbox GROUP BY 1"),
                        "sent|1000|1");
    assert_int_equal(f1_test_sink_count(sink), 1000);
    /* what is told twice is refused by its key */
    assert_string_equal(f1_test_sql("INSERT INTO f1board.mail_outbox (account_id, kind, recipient, subject, body,"
                                    " event_key) VALUES ('" ANNA "', 'results', 'a@b.org', 's', 'b', '1')"
                                    " ON CONFLICT DO NOTHING RETURNING id"),
                        "");
}

/* What is inserted while a job runs is never forgotten: each transaction that inserts leaves a job behind that has not
 * begun. */
static void test_no_wake_up_is_lost(void **state)
{
    static const char pending[] = "SELECT count(*) FROM f1board.job WHERE state = 'PENDING' AND kind = 'send_mail'";

    (void)state;
    begin();
    post("anna@example.org", ONE);
    assert_string_equal(f1_test_sql(pending), "1");
    post("bert@example.org", ONE);
    assert_string_equal(f1_test_sql(pending), "1");
    /* it runs, and has given its key away */
    f1_test_sql("UPDATE f1board.job SET state = 'STARTED', lease = gen_random_uuid(), lease_until = 'infinity',"
                " unique_key = NULL");
    post("cora@example.org", ONE);
    assert_string_equal(f1_test_sql(pending), "1");
    /* one that waits for later comes now */
    f1_test_sql("UPDATE f1board.job SET retry_at = now() + interval '1 hour' WHERE state = 'PENDING'");
    post("dora@example.org", ONE);
    assert_string_equal(f1_test_sql("SELECT retry_at FROM f1board.job WHERE state = 'PENDING'"), "");
}

/* As long as who inserts has not committed, nobody takes the job, and it finds everything when they have. */
static void test_what_is_not_committed_yet(void **state)
{
    const f1_test_sink_t *sink = f1_test_sink("t/smtp_sink.py", "");
    f1_result_t *res = f1_test_result();

    (void)state;
    begin();
    post("anna@example.org", ONE);
    f1_assert_ok(f1_exec(f1_test_conn(), "BEGIN", res), res);
    f1_assert_ok(f1_exec(f1_test_conn(),
                         "INSERT INTO mail_outbox (kind, recipient, subject, body) VALUES"
                         " ('x', 'bert@example.org', 's', 'b')",
                         res),
                 res);
    assert_string_equal(f1_test_sql("SELECT count(*) FROM (SELECT FROM f1board.job FOR UPDATE SKIP LOCKED) AS j"), "0");
    f1_assert_ok(f1_exec(f1_test_conn(), "COMMIT", res), res);
    work(sink->port);
    assert_string_equal(outbox("state"), "sent\nsent");
    assert_string_equal(f1_test_sql("SELECT count(*) FROM f1board.job"), "1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        F1_TEST(test_content),
        F1_TEST(test_outcomes),
        F1_TEST(test_nobody_listens),
        F1_TEST(test_urls),
        F1_TEST(test_tls),
        F1_TEST(test_implicit_tls),
        F1_TEST(test_authentication),
        F1_TEST(test_the_file_with_the_password),
        F1_TEST(test_a_mail_is_sent_once),
        F1_TEST(test_mail_about_the_account),
        F1_TEST(test_refused_and_deferred),
        F1_TEST(test_nobody_there),
        F1_TEST(test_a_runner_without_a_mail_server),
        F1_TEST(test_what_is_too_late),
        F1_TEST(test_a_sender_that_dies),
        F1_TEST(test_many),
        F1_TEST(test_no_wake_up_is_lost),
        F1_TEST(test_what_is_not_committed_yet),
    };

    return f1_test_run(tests);
}
