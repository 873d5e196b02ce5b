/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_COMPAT_WIDGET_TAG_H
#define F1_COMPAT_WIDGET_TAG_H

/* Finds <f1-board …>fallback</f1-board> in HTML that arrives in pieces of any size, with constant memory. It follows
 * HTML's tokens as far as needed to know what is text: a tag inside a comment, an attribute's value, or an element
 * whose content is no markup (script, style, textarea …) is none. It does so only when something that looks like a tag
 * of ours has come: until then what passes is kept, up to F1_TAG_UNSEEN bytes, and a short page without one is never
 * looked at closely. */

#include <stddef.h>
#include <apr_pools.h>

#define F1_TAG_MAX 4096             /* bytes of a tag; a longer one is not ours */
#define F1_TAG_FALLBACK_MAX 65536   /* bytes of a fallback; a longer one is taken for an element left open */
#define F1_TAG_MAX_ATTRIBUTES 16
#define F1_TAG_UNSEEN_CHUNK 16384
#define F1_TAG_UNSEEN (8 * F1_TAG_UNSEEN_CHUNK)

/* What the first *pused bytes of a piece are. */
typedef enum {
    F1_TAG_PASS,        /* the page's own text */
    F1_TAG_KEEP,        /* perhaps the beginning of a tag; scan->held has a copy */
    F1_TAG_HELD,        /* none: what was held is text after all; pass scan->held on, then f1_tag_release */
    F1_TAG_OPEN,        /* a tag ends here, scan->held has all of it: f1_tag_skip, or pass it on; then f1_tag_release */
    F1_TAG_FALLBACK,    /* part of an element's fallback that is skipped */
    F1_TAG_CLOSED,      /* the rest of that fallback, and the closing tag */
    F1_TAG_UNCLOSED     /* none: no closing tag in sight; all of the fallback is text */
} f1_tag_event_t;

typedef struct f1_tag_scan_t {
    int state;
    char name[16];              /* of the tag at work, in lower case, perhaps cut off */
    size_t name_len;
    int closing;                /* the tag at work is </name> */
    int slash;                  /* its last character was a slash of its own */
    int dashes;                 /* at the end of a comment so far */
    const char *raw;            /* element whose content is no markup, while in it */
    int candidate;              /* the tag at work may be ours, and begins at begin or in held */
    size_t begin;
    size_t ahead;               /* bytes of the next piece that were looked at already */
    int ready;                  /* they end a tag of ours */
    int depth;                  /* skipping: elements open; else 0 */
    size_t skipped;
    size_t held_len;
    char held[F1_TAG_MAX];
    apr_pool_t *pool;
    size_t unseen_len;          /* bytes that were passed on, and of which state knows nothing yet */
    char *unseen[F1_TAG_UNSEEN / F1_TAG_UNSEEN_CHUNK];
} f1_tag_scan_t;

/* pool: where what is unseen is kept. */
void f1_tag_init(f1_tag_scan_t *scan, apr_pool_t *pool);

/* Looks at a piece, len > 0: pass what follows the first *pused bytes in the next call, together with any more. last:
 * nothing comes after this piece; then there is no need to keep any of it. */
f1_tag_event_t f1_tag_next(f1_tag_scan_t *scan, const char *data, size_t len, int last, size_t *pused);

/* What is held was taken care of. */
void f1_tag_release(f1_tag_scan_t *scan);

/* After F1_TAG_OPEN: what follows is fallback until the closing tag. <f1-board …/> has none, and nothing is skipped. */
void f1_tag_skip(f1_tag_scan_t *scan);

typedef struct f1_tag_attribute_t {
    const char *name;   /* lower case */
    const char *value;  /* without quotes and character references; "" where there is none */
} f1_tag_attribute_t;

/* The attributes of a whole tag; of equal names the first, as in HTML. Returns how many, -1 when there are more than
 * attributes has room for (F1_TAG_MAX_ATTRIBUTES). References: amp lt gt quot apos and numbers. */
int f1_tag_attributes(const char *tag, size_t len, f1_tag_attribute_t *attributes, apr_pool_t *pool);

#endif
