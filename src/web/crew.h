/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_WEB_CREW_H
#define F1_WEB_CREW_H

/* Who runs jobs on this machine, and what became of them: a place for each runner, and a tally for each kind of job, in
 * memory that all children share. There are as many places as runners may be, however many children there are; a child
 * that died leaves its places to others. */

#include <httpd.h>

#include "base/counters.h"
#include "job/job.h"

#define F1_CREW_MAX 64

typedef struct f1_crewman_t f1_crewman_t;

/* In the parent: makes the places, or finds them again; most of them may be taken from now on. */
apr_status_t f1_crew_start(server_rec *s, int most);

/* In a child: takes a place; NULL when there is none. */
f1_crewman_t *f1_crew_join(void);
void f1_crew_leave(f1_crewman_t *man);

/* In a child: 1 for the first that asks after each start of the server, graceful ones too. */
int f1_crew_is_first(void);

/* As f1_runner_options_t has it. */
void f1_crew_report(f1_crewman_t *man, const f1_job_t *job, const char *state, apr_interval_time_t took);

/* --- What is seen of it, which is no snapshot */

typedef struct f1_crew_view_t {
    int pid;
    const char *kind;               /* NULL: it has nothing to do */
    apr_int64_t job;
    apr_time_t since;
} f1_crew_view_t;

/* 0 when nobody has place i, which is below F1_CREW_MAX. */
int f1_crew_see(int i, f1_crew_view_t *view);

/* How runs ended. */
#define F1_CREW_OUTCOMES 6
extern const char *const f1_crew_outcomes[F1_CREW_OUTCOMES];

typedef struct f1_crew_tally_t {
    apr_uint64_t outcomes[F1_CREW_OUTCOMES];
    f1_histogram_t took;
} f1_crew_tally_t;

/* kind: index into f1_task_kinds. */
void f1_crew_tally(int kind, f1_crew_tally_t *tally);

#endif
