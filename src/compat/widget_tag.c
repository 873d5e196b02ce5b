/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* One step for each character, so that it cannot matter where a piece ends; text, comments, tags and values are crossed
 * at once. Steps are taken late: for what stands before a possible tag of ours when it has come. */

#include "compat/widget_tag.h"

#include <string.h>

#include <apr_lib.h>
#include <apr_strings.h>

#include "base/str.h"

#define ELEMENT "f1-board"

enum {
    TEXT,
    LESS, /* after < */
    NAME, /* in a tag's name */
    ATTRIBUTES, /* in a tag, outside of values */
    EQUALS, /* after an attribute's = */
    UNQUOTED, /* in a value */
    DOUBLE, /* in "a value" */
    SINGLE, /* in 'a value' */
    BANG, /* after <! */
    BANG_DASH, /* after <!- */
    COMMENT,
    COMMENT_BANG, /* after --! in a comment */
    BOGUS, /* <!doctype, <? and such, up to > */
    RAW, /* content that is no markup */
    RAW_LESS, /* after < there */
    RAW_NAME /* after </ there */
};

#define BEGINNING (sizeof("<f1-") - 1) /* what is looked for first */
#define BLOCK 64 /* bytes, at a time */

typedef enum { NOTHING, BEGIN, REJECT, OPEN, CLOSE } action_t;

/* Elements whose content is text up to their closing tag. */
static const char *const raw_elements[] = {"script", "style",   "textarea", "title",
                                           "xmp",    "noembed", "noframes", "iframe"};

static int is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* HTML's lower case, which knows no locale. */
static char to_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static int is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

void f1_tag_init(f1_tag_scan_t *scan, apr_pool_t *pool)
{
    memset(scan, 0, sizeof(*scan));
    scan->state = TEXT;
    scan->pool = pool;
}

static int name_is(const f1_tag_scan_t *scan, const char *name)
{
    return scan->name[0] == name[0] && !strcmp(scan->name, name);
}

static void begin_name(f1_tag_scan_t *scan, int closing)
{
    scan->name[0] = '\0';
    scan->name_len = 0;
    scan->closing = closing;
}

/* What of a name does not fit is cut off: all that we look for is shorter. */
static void add_to_name(f1_tag_scan_t *scan, char c)
{
    if (scan->name_len < sizeof(scan->name) - 1) {
        scan->name[scan->name_len++] = to_lower(c);
        scan->name[scan->name_len] = '\0';
    }
}

static int may_be_ours(const f1_tag_scan_t *scan)
{
    return scan->candidate && !scan->closing && !strncmp(scan->name, ELEMENT, scan->name_len);
}

static action_t begin_tag(f1_tag_scan_t *scan)
{
    scan->state = LESS;
    begin_name(scan, 0);
    scan->slash = 0;
    return BEGIN;
}

/* At a tag's >. */
static action_t end_tag(f1_tag_scan_t *scan)
{
    size_t i;

    scan->state = TEXT;
    if (name_is(scan, ELEMENT)) {
        return scan->closing ? CLOSE : OPEN;
    }
    for (i = 0; !scan->closing && i < sizeof(raw_elements) / sizeof(raw_elements[0]); i++) {
        if (name_is(scan, raw_elements[i])) {
            scan->raw = raw_elements[i];
            scan->state = RAW;
        }
    }
    return REJECT;
}

static inline action_t step_less(f1_tag_scan_t *scan, char c)
{
    if (c == '<') {
        return begin_tag(scan);
    }
    if (c == '/' && !scan->closing) {
        scan->closing = 1;
    }
    else if (is_letter(c)) {
        scan->state = NAME;
        add_to_name(scan, c);
        return may_be_ours(scan) ? NOTHING : REJECT;
    }
    else if (c == '>') {
        scan->state = TEXT; /* </> is nothing at all */
    }
    else if (scan->closing || c == '?') {
        scan->state = BOGUS;
    }
    else {
        scan->state = c == '!' ? BANG : TEXT;
    }
    return REJECT;
}

static inline action_t step_name(f1_tag_scan_t *scan, char c)
{
    if (c == '>') {
        return end_tag(scan);
    }
    if (is_space(c) || c == '/') {
        scan->state = ATTRIBUTES;
        scan->slash = c == '/';
        return name_is(scan, ELEMENT) && !scan->closing ? NOTHING : REJECT;
    }
    add_to_name(scan, c);
    return may_be_ours(scan) ? NOTHING : REJECT;
}

static inline action_t step_attributes(f1_tag_scan_t *scan, char c)
{
    if (c == '>') {
        return end_tag(scan);
    }
    scan->slash = c == '/'; /* not one in an unquoted value */
    if (c == '=') {
        scan->state = EQUALS;
    }
    return NOTHING;
}

static inline action_t step_value(f1_tag_scan_t *scan, char c)
{
    if (c == '>') {
        return end_tag(scan);
    }
    if (scan->state == UNQUOTED) {
        scan->state = is_space(c) ? ATTRIBUTES : UNQUOTED;
    }
    else if (c == '"' || c == '\'') {
        scan->state = c == '"' ? DOUBLE : SINGLE;
    }
    else if (!is_space(c)) {
        scan->state = UNQUOTED;
    }
    return NOTHING;
}

/* <!-- begins a comment, which <!--> and <!---> end at once; <!anything else ends with its >. */
static void step_bang(f1_tag_scan_t *scan, char c)
{
    if (c == '>') {
        scan->state = TEXT;
    }
    else if (c != '-') {
        scan->state = BOGUS;
    }
    else if (scan->state == BANG) {
        scan->state = BANG_DASH;
    }
    else {
        scan->state = COMMENT;
        scan->dashes = 2;
    }
}

static void step_comment(f1_tag_scan_t *scan, char c)
{
    if (c == '>' && (scan->dashes >= 2 || scan->state == COMMENT_BANG)) {
        scan->state = TEXT;
    }
    else if (c == '!' && scan->dashes >= 2 && scan->state == COMMENT) {
        scan->state = COMMENT_BANG;
        scan->dashes = 0;
    }
    else {
        scan->state = COMMENT;
        scan->dashes = c == '-' ? scan->dashes + (scan->dashes < 2) : 0;
    }
}

/* Only </name> of the element itself ends its content. */
static action_t step_raw(f1_tag_scan_t *scan, char c)
{
    if (c == '<') {
        scan->state = RAW_LESS;
    }
    else if (scan->state == RAW_LESS && c == '/') {
        scan->state = RAW_NAME;
        begin_name(scan, 1);
    }
    else if (scan->state == RAW_NAME && (is_space(c) || c == '/' || c == '>') && name_is(scan, scan->raw)) {
        scan->state = ATTRIBUTES;
        return step_attributes(scan, c);
    }
    else if (scan->state == RAW_NAME && is_letter(c)) {
        add_to_name(scan, c);
    }
    else {
        scan->state = RAW;
    }
    return NOTHING;
}

static inline action_t step(f1_tag_scan_t *scan, char c)
{
    switch (scan->state) {
    case TEXT:
        return c == '<' ? begin_tag(scan) : NOTHING;
    case LESS:
        return step_less(scan, c);
    case NAME:
        return step_name(scan, c);
    case ATTRIBUTES:
        return step_attributes(scan, c);
    case EQUALS:
    case UNQUOTED:
        return step_value(scan, c);
    case DOUBLE:
        scan->state = c == '"' ? ATTRIBUTES : DOUBLE;
        return NOTHING;
    case SINGLE:
        scan->state = c == '\'' ? ATTRIBUTES : SINGLE;
        return NOTHING;
    case BANG:
    case BANG_DASH:
        step_bang(scan, c);
        return NOTHING;
    case COMMENT:
    case COMMENT_BANG:
        step_comment(scan, c);
        return NOTHING;
    case BOGUS:
        scan->state = c == '>' ? TEXT : BOGUS;
        return NOTHING;
    default:
        return step_raw(scan, c);
    }
}

/* The next byte that can matter in this state, or len. */
static inline size_t next_of_interest(const f1_tag_scan_t *scan, const char *data, size_t from, size_t len)
{
    const char *found;
    char wanted;

    switch (scan->state) {
    case ATTRIBUTES:
        if (scan->slash) {
            return from;
        }
        while (from < len && data[from] != '>' && data[from] != '=' && data[from] != '/') {
            from++;
        }
        return from;
    case TEXT:
    case RAW:
        wanted = '<';
        break;
    case DOUBLE:
        wanted = '"';
        break;
    case SINGLE:
        wanted = '\'';
        break;
    case COMMENT:
        if (scan->dashes) {
            return from;
        }
        wanted = '-';
        break;
    default:
        return from;
    }
    found = memchr(data + from, wanted, len - from);
    return found ? (size_t)(found - data) : len;
}

static f1_tag_event_t skip(f1_tag_scan_t *scan, const char *data, size_t len, size_t *pused)
{
    size_t i = 0;

    if (scan->skipped > F1_TAG_FALLBACK_MAX) {
        scan->depth = 0;
        *pused = 0;
        return F1_TAG_UNCLOSED;
    }
    if (len > F1_TAG_FALLBACK_MAX + 1 - scan->skipped) {
        len = F1_TAG_FALLBACK_MAX + 1 - scan->skipped; /* the same limit, however it is cut */
    }
    while ((i = next_of_interest(scan, data, i, len)) < len) {
        action_t action = step(scan, data[i++]);

        scan->depth += action == OPEN && !scan->slash;
        scan->depth -= action == CLOSE;
        if (!scan->depth) {
            *pused = i;
            return F1_TAG_CLOSED;
        }
    }
    scan->skipped += len;
    *pused = len;
    return F1_TAG_FALLBACK;
}

static void hold(f1_tag_scan_t *scan, const char *data, size_t len)
{
    memcpy(scan->held + scan->held_len, data, len);
    scan->held_len += len;
}

/* --- What can wait */

/* Whether "<..-" stands somewhere in the block at data, of which BLOCK + 3 bytes are there. A loop for the compiler to
 * make vectors of: it takes the same time whatever the page has in it, and less than memmem or a memchr for '-'. */
static int may_have_tag(const char *data)
{
    unsigned char least = 1;
    int i;

    for (i = 0; i < BLOCK; i++) {
        unsigned char differs = (unsigned char)((data[i] ^ '<') | (data[i + 3] ^ '-'));

        least = differs < least ? differs : least;
    }
    return !least;
}

/* Whether a tag of ours begins at data; or, with less than BEGINNING there, whether it may. */
static int is_beginning(const char *data, size_t len)
{
    return data[0] == '<' && (len < 2 || to_lower(data[1]) == 'f') && (len < 3 || data[2] == '1') &&
           (len < BEGINNING || data[3] == '-');
}

/* Where in data the first tag of ours may begin, also with its last bytes; or len. */
static size_t find_beginning(const char *data, size_t from, size_t len)
{
    for (;;) {
        size_t end = len;
        const char *less;

        while (from + BLOCK + BEGINNING <= len && !may_have_tag(data + from)) {
            from += BLOCK;
        }
        if (from + BLOCK < end) {
            end = from + BLOCK;
        }
        while (from < end && (less = memchr(data + from, '<', end - from))) {
            from = (size_t)(less - data);
            if (is_beginning(less, len - from)) {
                return from;
            }
            from++;
        }
        from = end;
        if (from == len) {
            return len;
        }
    }
}

/* Bytes in which no tag of ours begins or ends. */
static void advance(f1_tag_scan_t *scan, const char *data, size_t len)
{
    size_t i = 0;

    while ((i = next_of_interest(scan, data, i, len)) < len) {
        step(scan, data[i++]);
    }
}

static void catch_up(f1_tag_scan_t *scan)
{
    size_t i;

    for (i = 0; i * F1_TAG_UNSEEN_CHUNK < scan->unseen_len; i++) {
        size_t len = scan->unseen_len - i * F1_TAG_UNSEEN_CHUNK;

        advance(scan, scan->unseen[i], len < F1_TAG_UNSEEN_CHUNK ? len : F1_TAG_UNSEEN_CHUNK);
    }
    scan->unseen_len = 0;
}

/* Leaves bytes in which no tag of ours begins or ends for later. */
static void put_off(f1_tag_scan_t *scan, const char *data, size_t len)
{
    if (scan->unseen_len + len > F1_TAG_UNSEEN) {
        catch_up(scan);
    }
    if (len > F1_TAG_UNSEEN) {
        advance(scan, data, len);
        return;
    }
    while (len) {
        size_t at = scan->unseen_len % F1_TAG_UNSEEN_CHUNK, some = F1_TAG_UNSEEN_CHUNK - at;
        char **chunk = &scan->unseen[scan->unseen_len / F1_TAG_UNSEEN_CHUNK];

        if (!*chunk) {
            *chunk = apr_palloc(scan->pool, F1_TAG_UNSEEN_CHUNK);
        }
        some = some < len ? some : len;
        memcpy(*chunk + at, data, some);
        scan->unseen_len += some;
        data += some;
        len -= some;
    }
}

/* --- Pieces */

/* --- Pieces */

/* What is held may become the beginning of a tag of ours with the next bytes. Without a candidate afterwards the event
 * is to be returned. */
static f1_tag_event_t judge_held(f1_tag_scan_t *scan, const char *data, size_t len, size_t *pused)
{
    size_t held = scan->held_len, more = BEGINNING - held < len ? BEGINNING - held : len, i;
    char both[BEGINNING];

    memcpy(both, scan->held, held);
    memcpy(both + held, data, more);
    *pused = 0;
    if (!is_beginning(both, held + more)) {
        put_off(scan, scan->held, held);
        return F1_TAG_HELD;
    }
    if (held + more < BEGINNING) {
        hold(scan, data, more);
        *pused = more;
        return F1_TAG_KEEP;
    }
    catch_up(scan);
    scan->candidate = step(scan, both[0]) == BEGIN;
    for (i = 1; i < held; i++) {
        step(scan, both[i]);
    }
    return F1_TAG_HELD;
}

/* Goes on with a candidate from data[i] until it is one no more, or is a tag of ours, or data ends. Returns where. */
static size_t follow(f1_tag_scan_t *scan, const char *data, size_t i, size_t len)
{
    while (scan->candidate && !scan->ready && (i = next_of_interest(scan, data, i, len)) < len) {
        action_t action = step(scan, data[i]);
        int too_long = scan->held_len + i - scan->begin >= F1_TAG_MAX;

        i++;
        scan->candidate = action != REJECT && !too_long;
        scan->ready = scan->candidate && action == OPEN;
    }
    if (scan->held_len + i - scan->begin > F1_TAG_MAX) {
        scan->candidate = 0; /* a quoted value that was crossed at once */
    }
    if (!scan->candidate) {
        scan->begin = 0;
    }
    return i;
}

/* data up to end was looked at, and ends with something that may be ours, or is: what stands before it comes first. */
static f1_tag_event_t offer(f1_tag_scan_t *scan, const char *data, size_t end, size_t *pused)
{
    if (scan->begin) {
        *pused = scan->begin;
        scan->ahead = end - scan->begin;
        scan->begin = 0;
        return F1_TAG_PASS;
    }
    hold(scan, data, end);
    *pused = end;
    if (!scan->ready) {
        return F1_TAG_KEEP;
    }
    scan->ready = 0;
    scan->candidate = 0;
    return F1_TAG_OPEN;
}

/* Nothing of ours begins before the last bytes, of which nobody knows. */
static f1_tag_event_t pass_or_hold(f1_tag_scan_t *scan, const char *data, size_t at, size_t len, size_t *pused)
{
    if (at) {
        *pused = at;
        return F1_TAG_PASS;
    }
    hold(scan, data, len);
    *pused = len;
    return F1_TAG_KEEP;
}

f1_tag_event_t f1_tag_next(f1_tag_scan_t *scan, const char *data, size_t len, int last, size_t *pused)
{
    size_t i = scan->ahead, at;

    if (scan->depth) {
        return skip(scan, data, len, pused);
    }
    scan->ahead = 0;
    if (scan->held_len && !scan->candidate) {
        f1_tag_event_t event = judge_held(scan, data, len, pused);

        if (!scan->candidate) {
            return event;
        }
    }
    for (;;) {
        if (!scan->candidate) {
            at = find_beginning(data, i, len);
            if (at < len || !last) {
                put_off(scan, data + i, at - i);
            }
            if (len - at < BEGINNING) {
                return pass_or_hold(scan, data, at, len, pused);
            }
            catch_up(scan);
            scan->candidate = step(scan, data[at]) == BEGIN;
            scan->begin = scan->candidate ? at : 0;
            i = at + 1;
        }
        i = follow(scan, data, i, len);
        if (scan->candidate) {
            return offer(scan, data, i, pused);
        }
        if (scan->held_len) {
            scan->ahead = i;
            *pused = 0;
            return F1_TAG_HELD;
        }
    }
}

void f1_tag_release(f1_tag_scan_t *scan)
{
    scan->held_len = 0;
}

void f1_tag_skip(f1_tag_scan_t *scan)
{
    scan->depth = !scan->slash;
    scan->skipped = 0;
}

/* --- Attributes */

static void add_utf8(f1_buf_t *out, unsigned code)
{
    int shift = code < 0x80 ? 0 : code < 0x800 ? 6 : code < 0x10000 ? 12 : 18;
    static const unsigned char first[] = {0x00, 0xc0, 0xe0, 0xf0};

    f1_buf_addc(out, (char)(first[shift / 6] | code >> shift));
    while (shift) {
        shift -= 6;
        f1_buf_addc(out, (char)(0x80 | (code >> shift & 0x3f)));
    }
}

/* A character reference at text, which begins with &: adds the character, and returns how long the reference is. 0:
 * there is none. */
static size_t reference(const char *text, size_t len, f1_buf_t *out)
{
    static const struct {
        const char *name;
        char c;
    } names[] = {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}};
    unsigned long code = 0;
    size_t i, hex;

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (len >= strlen(names[i].name) && !memcmp(text, names[i].name, strlen(names[i].name))) {
            f1_buf_addc(out, names[i].c);
            return strlen(names[i].name);
        }
    }
    if (len < 4 || text[1] != '#') {
        return 0;
    }
    hex = text[2] == 'x' || text[2] == 'X';
    for (i = 2 + hex; i < len && code <= 0x10ffff && (hex ? apr_isxdigit(text[i]) : apr_isdigit(text[i])); i++) {
        unsigned digit = apr_isdigit(text[i]) ? (unsigned)(text[i] - '0') : (unsigned)(to_lower(text[i]) - 'a' + 10);

        code = code * (hex ? 16 : 10) + digit;
    }
    if (i == 2 + hex || i >= len || text[i] != ';' || !code || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) {
        return 0;
    }
    add_utf8(out, (unsigned)code);
    return i + 1;
}

static const char *decode(const char *text, size_t len, apr_pool_t *pool)
{
    f1_buf_t out;
    size_t i = 0;

    f1_buf_init(&out, pool, len + 1, F1_TAG_MAX);
    while (i < len) {
        size_t used = text[i] == '&' ? reference(text + i, len - i, &out) : 0;

        if (!used) {
            f1_buf_addc(&out, text[i]);
            used = 1;
        }
        i += used;
    }
    return out.data;
}

static size_t span(const char *tag, size_t from, size_t end, int spaces)
{
    while (from < end && (spaces ? is_space(tag[from]) : !is_space(tag[from]))) {
        from++;
    }
    return from;
}

/* The value that begins at from, behind = and spaces. Returns where it ends. */
static size_t value_end(const char *tag, size_t from, size_t end, const char **pvalue, apr_pool_t *pool)
{
    char quote = from < end ? tag[from] : '\0';
    const char *close;
    size_t stop;

    if (quote != '"' && quote != '\'') {
        stop = span(tag, from, end, 0);
        *pvalue = decode(tag + from, stop - from, pool);
        return stop;
    }
    close = memchr(tag + from + 1, quote, end - from - 1);
    stop = close ? (size_t)(close - tag) : end;
    *pvalue = decode(tag + from + 1, stop - from - 1, pool);
    return stop < end ? stop + 1 : end;
}

static int is_new(const f1_tag_attribute_t *attributes, int count, const char *name)
{
    int i;

    for (i = 0; i < count; i++) {
        if (!strcmp(attributes[i].name, name)) {
            return 0;
        }
    }
    return 1;
}

int f1_tag_attributes(const char *tag, size_t len, f1_tag_attribute_t *attributes, apr_pool_t *pool)
{
    size_t at = strlen("<" ELEMENT), end = len - 1; /* without > */
    int count = 0;

    while (at < end) {
        f1_tag_attribute_t attribute = {.value = ""};
        size_t from = at;
        char *name;

        if (is_space(tag[at]) || tag[at] == '/') {
            at++;
            continue;
        }
        for (at++; at < end && !is_space(tag[at]) && tag[at] != '/' && tag[at] != '='; at++) {
        }
        name = apr_pstrmemdup(pool, tag + from, at - from);
        attribute.name = f1_str_lower(name);
        from = span(tag, at, end, 1);
        if (from < end && tag[from] == '=') {
            at = value_end(tag, span(tag, from + 1, end, 1), end, &attribute.value, pool);
        }
        if (!is_new(attributes, count, name)) {
            continue;
        }
        if (count == F1_TAG_MAX_ATTRIBUTES) {
            return -1;
        }
        attributes[count++] = attribute;
    }
    return count;
}
