/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_WEB_HUB_H
#define F1_WEB_HUB_H

/* Connections that stay open after their request was answered, so that clients hear of what happens when it happens.
 * Such a client is a guest. Guests in one room hear the same texts, and a text is in memory once, however many hear it.
 * Nobody who tells something waits for a guest: each has a queue with an end, and whoever does not listen is shown out.
 *
 * Under an MPM that can let go of connections (event) one thread of the child, the hub, serves all guests. Otherwise,
 * and on connections that are not real ones (streams of HTTP/2), a guest keeps the thread that he came with; for that
 * there is room for few. What guests hear is their host's business: nothing here knows of a protocol.
 *
 * Locks: the hub's own is taken last. Hosts may hold theirs when they call; left() is called without any. */

#include <httpd.h>

#include "base/result.h"

/* --- Texts: counted references. What is made belongs to who made it until he drops it. */

typedef struct f1_hub_text_t f1_hub_text_t;

f1_hub_text_t *f1_hub_text_make(const char *data, size_t len);
void f1_hub_text_drop(f1_hub_text_t *text);
const char *f1_hub_text_data(const f1_hub_text_t *text, size_t *plen);

/* --- Guests */

typedef struct f1_hub_guest_t f1_hub_guest_t;

/* Zeroes are an empty one. It has to stay until all who joined it have left. */
typedef struct f1_hub_room_t {
    f1_hub_guest_t *guests;
} f1_hub_room_t;

#define F1_HUB_OWNER_MAX 128

typedef struct f1_hub_terms_t {
    const char *owner;          /* who he is, shorter than F1_HUB_OWNER_MAX: how often he may be here is bounded */
    apr_time_t until;           /* when he has to go; 0: whenever he likes */
    const char *idle;           /* a constant that he hears after a while of silence, as a sign of life */
    void (*left)(void *baton);  /* called once, on whichever thread, when he is gone: the guest is no longer one */
    void *baton;
} f1_hub_terms_t;

/* A place for r's client, which is to be answered now. The guest hears what is told to his room from the moment he
 * joins it, once he stays. F1_E_UNAVAILABLE: all places are taken, or the process comes to its end;
 * F1_E_TOO_MANY_REQUESTS: the owner has as many as he may have. On failure left() is not called. */
apr_status_t f1_hub_enter(f1_hub_guest_t **pguest, request_rec *r, const f1_hub_terms_t *terms, f1_result_t *res);

/* At most one room for each guest, before he stays. */
void f1_hub_join(f1_hub_room_t *room, f1_hub_guest_t *guest);

/* To be called last by a handler, when the head of the answer, flushed, is on its way: returns what the handler is to
 * return. Where the guest keeps his thread this takes as long as he stays. What he hears passes r's filters only then:
 * they should not change bodies. */
int f1_hub_stay(f1_hub_guest_t *guest);

/* Instead of staying. */
void f1_hub_leave(f1_hub_guest_t *guest);

/* To all in the room. */
void f1_hub_tell(f1_hub_room_t *room, f1_hub_text_t *text);

/* He goes when he has heard what he was told. The guest must not have left: call it with a lock that left() takes. */
void f1_hub_dismiss(f1_hub_guest_t *guest);
void f1_hub_dismiss_all(f1_hub_room_t *room);

void f1_hub_register_hooks(apr_pool_t *pool);

#endif
