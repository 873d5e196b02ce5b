/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_BASE_SMTP_H
#define F1_BASE_SMTP_H

/* Outgoing mail: one client per process and thread, which keeps its connection between mails. libcurl speaks SMTP and
 * writes MIME; what is decided here is how a mail went, and above all whether it may be sent again.
 *
 * Certificates are verified. What smtp:// sends goes through STARTTLS where the server has it; require_tls makes that a
 * condition. A name and a password are never sent without TLS. */

#include <apr_pools.h>
#include <apr_time.h>

#include "base/mailheader.h"
#include "base/result.h"

typedef struct f1_smtp_t f1_smtp_t;

typedef struct f1_smtp_options_t {
    const char *url;                /* smtp://host[:port], or smtps://host[:port] */
    const char *user, *password;    /* NULL: none */
    const char *ca_file;            /* trusted instead of the system's certificates, or NULL */
    int require_tls;
    apr_interval_time_t timeout;    /* of one mail; default 60 s */
    apr_interval_time_t connect_timeout; /* default 10 s */
    /* Asked about once a second; 1 breaks off, but leaves the server a second to take what it has. NULL: no hook. */
    int (*is_stopping)(void *baton);
    void *baton;
} f1_smtp_options_t;

/* All text is UTF-8, its lines end in \n. */
typedef struct f1_smtp_mail_t {
    f1_mailbox_t from;
    const char *to;                 /* an address */
    const char *subject, *text;
    const char *html;               /* a whole document, or NULL */
    const char *message_id;         /* "id@host"; the same whenever this mail is sent */
    const char *unsubscribe;        /* URL where its reader gets no more of them; NULL: none */
} f1_smtp_mail_t;

typedef enum {
    F1_SMTP_SENT,
    F1_SMTP_REFUSED,        /* for good */
    F1_SMTP_DEFERRED,       /* not now: it may be sent again */
    F1_SMTP_AWAY,           /* the server cannot be reached, or takes nothing from us; that says nothing of this mail */
    F1_SMTP_UNCERTAIN       /* the connection was lost when the server had all of it: it may have been taken */
} f1_smtp_outcome_t;

typedef struct f1_smtp_reply_t {
    f1_smtp_outcome_t outcome;
    int code;                       /* the server's last reply; 0: there was none */
    const char *words;              /* that, or what else was wrong, in printable ASCII */
    int is_stopped;                 /* broken off by the hook */
} f1_smtp_reply_t;

/* F1_E_INVALID_PARAMETER when url is none. options: copied. Lives as long as pool. */
apr_status_t f1_smtp_create(f1_smtp_t **psmtp, const f1_smtp_options_t *options, apr_pool_t *pool, f1_result_t *res);

/* A mail that cannot be written (its recipient is no address, its text no UTF-8) is F1_SMTP_REFUSED with code 0. The
 * reply's words live in pool. */
f1_smtp_reply_t f1_smtp_send(f1_smtp_t *smtp, const f1_smtp_mail_t *mail, apr_pool_t *pool);

/* Whether url is what f1_smtp_create takes. */
int f1_smtp_url_is_valid(const char *url);

/* The host that url names, for messages. */
const char *f1_smtp_host(const f1_smtp_t *smtp);

#endif
