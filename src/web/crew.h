/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_WEB_CREW_H
#define F1_WEB_CREW_H

/* Who runs jobs on this machine: a place for each runner, in memory that all children share. There are as many places
 * as runners may be, however many children there are; a child that died leaves its places to others. */

#include <httpd.h>

#define F1_CREW_MAX 64

typedef struct f1_crewman_t f1_crewman_t;

/* In the parent: makes the places, or finds them again; most of them may be taken from now on. */
apr_status_t f1_crew_start(server_rec *s, int most);

/* In a child: takes a place; NULL when there is none. */
f1_crewman_t *f1_crew_join(void);
void f1_crew_leave(f1_crewman_t *man);

#endif
