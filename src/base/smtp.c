/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* SMTP on top of one libcurl easy handle. What libcurl tells in the end is too little to know whether a mail may be
 * sent again, so its trace is read too: which command was the last, and what the server replied to it. */

#include "base/smtp.h"

#include <string.h>

#include <apr_lib.h>
#include <apr_strings.h>
#include <curl/curl.h>

#include "base/param.h"
#include "base/str.h"
#include "base/transfer.h"

#define MAX_URL 1024
#define MAX_REPLY 200 /* characters of a reply that are kept */
#define MAX_TEXT (1024 * 1024)
#define DATE_LEN 25 /* of "Sat, 08 Jan 2000 18:31:41 GMT", without its zone */
#define GRACE apr_time_from_sec(1)

/* What was sent last: everything before the first mail, then the commands that belong to one. */
typedef enum { AT_SESSION, AT_SENDER, AT_RECIPIENT, AT_DATA } stage_t;

struct f1_smtp_t {
    f1_smtp_options_t options;
    f1_transfer_t *transfer;
    const char *host;
    /* the mail at hand */
    stage_t stage;
    int code; /* the reply to the last command; 0: none yet */
    int is_leaving; /* libcurl has said good-bye: what is replied to that is of no interest */
    char reply[MAX_REPLY + 1];
    apr_time_t stop_since; /* when it was first asked to stop; 0: it was not */
};

/* --- Following libcurl's trace */

static int begins(const char *data, size_t len, const char *command)
{
    return len >= strlen(command) && !memcmp(data, command, strlen(command));
}

static void on_command(f1_smtp_t *smtp, const char *data, size_t len)
{
    smtp->is_leaving = begins(data, len, "QUIT");
    if (smtp->is_leaving) {
        return;
    }
    smtp->code = 0;
    if (begins(data, len, "MAIL FROM:")) {
        smtp->stage = AT_SENDER;
    }
    else if (begins(data, len, "RCPT TO:")) {
        smtp->stage = AT_RECIPIENT;
    }
    else if (begins(data, len, "DATA\r\n")) {
        smtp->stage = AT_DATA;
    }
}

/* A line of a reply: three digits, and a hyphen where more lines follow. */
static void on_reply(f1_smtp_t *smtp, const char *data, size_t len)
{
    if (smtp->is_leaving || len < 3 || !apr_isdigit(data[0]) || !apr_isdigit(data[1]) || !apr_isdigit(data[2])) {
        return;
    }
    smtp->code = (data[0] - '0') * 100 + (data[1] - '0') * 10 + (data[2] - '0');
    while (len > 0 && apr_isspace(data[len - 1])) {
        len--;
    }
    len = len < MAX_REPLY ? len : MAX_REPLY;
    memcpy(smtp->reply, data, len);
    smtp->reply[len] = '\0';
    f1_transfer_printable(smtp->reply);
}

/* Its text may hold the password: it is looked at, and goes nowhere. */
static int on_trace(CURL *curl, curl_infotype type, char *data, size_t len, void *baton)
{
    f1_smtp_t *smtp = baton;

    (void)curl;
    if (type == CURLINFO_HEADER_OUT) {
        on_command(smtp, data, len);
    }
    else if (type == CURLINFO_HEADER_IN) {
        on_reply(smtp, data, len);
    }
    return 0;
}

/* Whether the server has the mail, or a part of it, and has not said yet what it makes of it. */
static int is_on_its_way(const f1_smtp_t *smtp)
{
    return smtp->stage == AT_DATA && smtp->code == 354;
}

static int is_stopping(void *baton)
{
    f1_smtp_t *smtp = baton;
    apr_time_t now = apr_time_now();

    if (!smtp->stop_since && smtp->options.is_stopping(smtp->options.baton)) {
        smtp->stop_since = now;
    }
    return smtp->stop_since && (!is_on_its_way(smtp) || now - smtp->stop_since > GRACE);
}

/* --- The client */

/* The host of an smtp or smtps URL that has nothing but a host and perhaps a port; NULL when it is none. */
static const char *host_of(const char *url, apr_pool_t *pool)
{
    static const CURLUPart unwanted[] = {CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_QUERY, CURLUPART_FRAGMENT};
    CURLU *parsed = strlen(url) <= MAX_URL ? curl_url() : NULL;
    const char *host = NULL;
    char *part = NULL;
    size_t i;

    if (!parsed || (strncmp(url, "smtp://", 7) != 0 && strncmp(url, "smtps://", 8) != 0) ||
        curl_url_set(parsed, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK) {
        curl_url_cleanup(parsed);
        return NULL;
    }
    if (curl_url_get(parsed, CURLUPART_HOST, &part, 0) == CURLUE_OK) {
        host = apr_pstrdup(pool, part);
        curl_free(part);
    }
    for (i = 0; i < sizeof(unwanted) / sizeof(unwanted[0]); i++) {
        if (curl_url_get(parsed, unwanted[i], &part, 0) == CURLUE_OK) {
            curl_free(part);
            host = NULL;
        }
    }
    if (curl_url_get(parsed, CURLUPART_PATH, &part, 0) == CURLUE_OK) {
        host = strcmp(part, "/") == 0 ? host : NULL;
        curl_free(part);
    }
    curl_url_cleanup(parsed);
    return host;
}

static CURLcode setup(f1_smtp_t *smtp)
{
    const f1_smtp_options_t *o = &smtp->options;
    CURL *curl = smtp->transfer->curl;
    CURLcode code = CURLE_OK;

#define SET(option, value) code = code ? code : curl_easy_setopt(curl, option, value)
    SET(CURLOPT_URL, o->url);
    SET(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    SET(CURLOPT_PROXY, "");
    SET(CURLOPT_USE_SSL, o->require_tls || o->user ? (long)CURLUSESSL_ALL : (long)CURLUSESSL_TRY);
    if (o->user) {
        SET(CURLOPT_USERNAME, o->user);
        SET(CURLOPT_PASSWORD, o->password);
    }
    SET(CURLOPT_VERBOSE, 1L);
    SET(CURLOPT_DEBUGFUNCTION, on_trace);
    SET(CURLOPT_DEBUGDATA, smtp);
#undef SET
    return code;
}

apr_status_t f1_smtp_create(f1_smtp_t **psmtp, const f1_smtp_options_t *options, apr_pool_t *pool, f1_result_t *res)
{
    f1_smtp_t *smtp = apr_pcalloc(pool, sizeof(*smtp));
    const f1_transfer_options_t transfer = {.timeout = options->timeout ? options->timeout : apr_time_from_sec(60),
                                            .connect_timeout = options->connect_timeout ? options->connect_timeout
                                                                                        : apr_time_from_sec(10),
                                            .ca_file = options->ca_file,
                                            .is_stopping = options->is_stopping ? is_stopping : NULL,
                                            .baton = smtp};
    CURLcode code;

    smtp->options = *options;
    smtp->host = host_of(options->url, pool);
    if (!smtp->host) {
        return f1_result_fail(res, F1_E_INVALID_PARAMETER, APR_EINVAL, "not an smtp or smtps URL of a host");
    }
    if (f1_transfer_create(&smtp->transfer, &transfer, pool, res) != APR_SUCCESS) {
        return res->rv;
    }
    code = setup(smtp);
    if (code != CURLE_OK) {
        return f1_result_fail(res, F1_E_INTERNAL, APR_EGENERAL, "libcurl refuses its options: %s",
                              curl_easy_strerror(code));
    }
    *psmtp = smtp;
    return APR_SUCCESS;
}

const char *f1_smtp_host(const f1_smtp_t *smtp)
{
    return smtp->host;
}

int f1_smtp_url_is_valid(const char *url)
{
    apr_pool_t *pool;
    int is_valid;

    apr_pool_create(&pool, NULL);
    is_valid = host_of(url, pool) != NULL;
    apr_pool_destroy(pool);
    return is_valid;
}

/* --- One mail */

/* What libcurl holds of it while it is sent. */
typedef struct letter_t {
    struct curl_slist *fields, *recipients;
    curl_mime *mime;
    int has_failed;
} letter_t;

static void add(struct curl_slist **list, int *phas_failed, const char *text)
{
    struct curl_slist *longer = curl_slist_append(*list, text);

    *phas_failed |= !longer;
    *list = longer ? longer : *list;
}

/* Lines of MIME end in CRLF. */
static const char *with_crlf(const char *text, apr_pool_t *pool)
{
    f1_buf_t out;

    f1_buf_init(&out, pool, strlen(text) + 256, 2 * MAX_TEXT);
    for (; *text; text++) {
        if (*text == '\n') {
            f1_buf_addc(&out, '\r');
        }
        f1_buf_addc(&out, *text);
    }
    return out.data;
}

static void add_part(letter_t *letter, const char *type, const char *text, apr_pool_t *pool)
{
    curl_mimepart *part = letter->mime ? curl_mime_addpart(letter->mime) : NULL;

    letter->has_failed |= !part || curl_mime_data(part, with_crlf(text, pool), CURL_ZERO_TERMINATED) ||
                          curl_mime_type(part, type) || curl_mime_encoder(part, "quoted-printable");
}

static void add_fields(letter_t *letter, const f1_smtp_mail_t *mail, const char *subject, apr_pool_t *pool)
{
    const char *const fields[][2] = {{"From: ", mail->from.header},
                                     {"To: ", mail->to},
                                     {"Subject: ", subject},
                                     {"Message-ID: ", apr_pstrcat(pool, "<", mail->message_id, ">", NULL)},
                                     {"Auto-Submitted: ", "auto-generated"},
                                     {"Content-Type: ", "multipart/alternative"}};
    char date[APR_RFC822_DATE_LEN];
    size_t i;

    for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        add(&letter->fields, &letter->has_failed, apr_pstrcat(pool, fields[i][0], fields[i][1], NULL));
    }
    (void)apr_rfc822_date(date, apr_time_now());
    add(&letter->fields, &letter->has_failed, apr_psprintf(pool, "Date: %.*s +0000", DATE_LEN, date));
    if (mail->unsubscribe) {
        add(&letter->fields, &letter->has_failed, apr_psprintf(pool, "List-Unsubscribe: <%s>", mail->unsubscribe));
        if (begins(mail->unsubscribe, strlen(mail->unsubscribe), "https://")) { /* RFC 8058 knows no other */
            add(&letter->fields, &letter->has_failed, "List-Unsubscribe-Post: List-Unsubscribe=One-Click");
        }
    }
}

/* NULL, or why it cannot be sent at all. */
static const char *write_letter(letter_t *letter, const f1_smtp_t *smtp, const f1_smtp_mail_t *mail, apr_pool_t *pool)
{
    const char *subject = f1_mailheader_words(mail->subject, pool);

    if (!f1_param_email(mail->to, pool)) {
        return "the recipient is no address";
    }
    if (!subject || !f1_str_is_utf8(mail->text, strlen(mail->text)) || strlen(mail->text) > MAX_TEXT ||
        (mail->html && (!f1_str_is_utf8(mail->html, strlen(mail->html)) || strlen(mail->html) > MAX_TEXT))) {
        return "subject and text should be UTF-8 of at most 1 MiB";
    }
    letter->mime = curl_mime_init(smtp->transfer->curl);
    add_fields(letter, mail, subject, pool);
    add_part(letter, "text/plain; charset=utf-8", mail->text, pool);
    if (mail->html) {
        add_part(letter, "text/html; charset=utf-8", mail->html, pool);
    }
    add(&letter->recipients, &letter->has_failed, mail->to);
    return NULL;
}

static CURLcode perform(f1_smtp_t *smtp)
{
    f1_transfer_begin(smtp->transfer);
    smtp->stage = AT_SESSION;
    smtp->code = 0;
    return curl_easy_perform(smtp->transfer->curl);
}

/* Servers end a connection after some mails, or when it was idle. That is noticed with the first command of the next
 * mail, before anything could have happened to it: a new connection gets it. */
static int is_worn_out(const f1_smtp_t *smtp, CURLcode code)
{
    long connections = 0;

    return code != CURLE_OK && code != CURLE_ABORTED_BY_CALLBACK && smtp->stage <= AT_SENDER &&
           curl_easy_getinfo(smtp->transfer->curl, CURLINFO_NUM_CONNECTS, &connections) == CURLE_OK && connections == 0;
}

static CURLcode send_letter(f1_smtp_t *smtp, const letter_t *letter, const char *sender)
{
    CURL *curl = smtp->transfer->curl;
    CURLcode code = letter->has_failed ? CURLE_OUT_OF_MEMORY : CURLE_OK;

    smtp->stage = AT_SESSION;
    smtp->code = 0;
    smtp->stop_since = 0;
    code = code ? code : curl_easy_setopt(curl, CURLOPT_MAIL_FROM, sender);
    code = code ? code : curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, letter->recipients);
    code = code ? code : curl_easy_setopt(curl, CURLOPT_HTTPHEADER, letter->fields);
    code = code ? code : curl_easy_setopt(curl, CURLOPT_MIMEPOST, letter->mime);
    if (code != CURLE_OK) {
        return code;
    }
    code = perform(smtp);
    return is_worn_out(smtp, code) ? perform(smtp) : code;
}

/* How it went, by the last command and the reply to it. Before the recipient is named, whatever happens is between the
 * server and us. */
static f1_smtp_outcome_t judge(const f1_smtp_t *smtp, CURLcode code)
{
    if (code == CURLE_OK) {
        return F1_SMTP_SENT;
    }
    if (smtp->stage <= AT_SENDER) {
        return F1_SMTP_AWAY;
    }
    if (is_on_its_way(smtp)) {
        return F1_SMTP_UNCERTAIN;
    }
    return smtp->code >= 500 ? F1_SMTP_REFUSED : F1_SMTP_DEFERRED;
}

f1_smtp_reply_t f1_smtp_send(f1_smtp_t *smtp, const f1_smtp_mail_t *mail, apr_pool_t *pool)
{
    f1_smtp_reply_t reply = {.outcome = F1_SMTP_REFUSED};
    letter_t letter = {0};
    CURLcode code;

    reply.words = write_letter(&letter, smtp, mail, pool);
    if (!reply.words) {
        code = send_letter(smtp, &letter, mail->from.address);
        reply.outcome = judge(smtp, code);
        reply.code = smtp->code;
        reply.is_stopped = code == CURLE_ABORTED_BY_CALLBACK;
        reply.words =
            smtp->code >= 400 ? apr_pstrdup(pool, smtp->reply) : f1_transfer_words(smtp->transfer, code, pool);
    }
    curl_slist_free_all(letter.fields);
    curl_slist_free_all(letter.recipients);
    curl_mime_free(letter.mime);
    return reply;
}
