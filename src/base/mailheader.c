/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Header fields of mail. An encoded word has at most 75 characters, and whole ones of UTF-8 only, as RFC 2047 asks; so
 * long texts become several, each on a line of its own. */

#include "base/mailheader.h"

#include <string.h>

#include <apr_lib.h>
#include <apr_strings.h>

#include "base/base64.h"
#include "base/param.h"
#include "base/str.h"

#define WORD_BYTES 45 /* that make 60 characters of Base64, and 72 with what stands around them */
#define PLAIN_MAX 200

static int has_control(const char *text)
{
    for (; *text && !apr_iscntrl(*text); text++) {
    }
    return *text != '\0';
}

/* What needs no encoding; "=?" would be read as the beginning of an encoded word. */
static int is_plain(const char *text)
{
    const char *c;

    for (c = text; apr_isascii(*c) && *c; c++) {
    }
    return !*c && c - text <= PLAIN_MAX && !strstr(text, "=?");
}

/* How many bytes of text make whole characters, at most max. */
static size_t whole_characters(const char *text, size_t len, size_t max)
{
    if (len <= max) {
        return len;
    }
    for (len = max; ((unsigned char)text[len] & 0xc0) == 0x80; len--) {
    }
    return len;
}

const char *f1_mailheader_words(const char *text, apr_pool_t *pool)
{
    size_t left = strlen(text), len;
    const char *words = "";

    if (!f1_str_is_utf8(text, left) || has_control(text)) {
        return NULL;
    }
    if (is_plain(text)) {
        return apr_pstrdup(pool, text);
    }
    for (; left; text += len, left -= len) {
        len = whole_characters(text, left, WORD_BYTES);
        words = apr_pstrcat(pool, words, *words ? "\r\n " : "", "=?UTF-8?B?",
                            f1_base64_encode(f1_base64_standard, (const unsigned char *)text, len, pool),
                            len % 3 == 0   ? ""
                            : len % 3 == 1 ? "=="
                                           : "=",
                            "?=", NULL);
    }
    return words;
}

/* What stands before the bracket, with or without quotes, as a quoted string or encoded words; NULL when it cannot be a
 * name. */
static const char *display_name(const char *text, size_t len, apr_pool_t *pool)
{
    const char *name, *words;

    while (len > 0 && text[len - 1] == ' ') {
        len--;
    }
    if (len > 1 && text[0] == '"' && text[len - 1] == '"') {
        text++;
        len -= 2;
    }
    name = apr_pstrmemdup(pool, text, len);
    words = f1_mailheader_words(name, pool);
    if (!len || !words || strpbrk(name, "\"\\")) {
        return NULL;
    }
    return is_plain(name) ? apr_pstrcat(pool, "\"", name, "\"", NULL) : words;
}

apr_status_t f1_mailbox_parse(f1_mailbox_t *mailbox, const char *text, apr_pool_t *pool, f1_result_t *res)
{
    const char *open = strrchr(text, '<'), *address = text, *name = NULL;
    size_t len = strlen(text);

    if (open && text[len - 1] == '>') {
        name = display_name(text, (size_t)(open - text), pool);
        address = name ? apr_pstrmemdup(pool, open + 1, (apr_size_t)(text + len - open) - 2) : "";
    }
    mailbox->address = f1_param_email(address, pool);
    if (!mailbox->address) {
        return f1_result_fail(res, F1_E_INVALID_PARAMETER, APR_EINVAL,
                              "should be an address like name@example.org, or Name <name@example.org>");
    }
    mailbox->header = name ? apr_pstrcat(pool, name, " <", mailbox->address, ">", NULL) : mailbox->address;
    return APR_SUCCESS;
}
