/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Places and tallies. A place belongs to the process whose number it has, as long as that lives. Jobs are few beside
 * requests, so that one tally is enough for all runners. */

#include "web/crew.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include <apr_strings.h>

#include "task/task.h"
#include "web/shared.h"

#define NO_KIND (-1)

struct f1_crewman_t {
    atomic_int pid; /* 0: nobody's */
    atomic_int kind; /* index into f1_task_kinds */
    _Atomic apr_int64_t job;
    _Atomic apr_time_t since;
};

typedef struct tally_t {
    atomic_ullong outcomes[F1_CREW_OUTCOMES];
    atomic_ullong buckets[F1_BUCKETS];
    atomic_ullong sum;
} tally_t;

const char *const f1_crew_outcomes[F1_CREW_OUTCOMES] = {"success",   "failure",     "retry",
                                                        "cancelled", "interrupted", "lost"};
/* Of a job, in the same order. */
static const char *const states[F1_CREW_OUTCOMES] = {"SUCCESS", "FAILURE", "RETRY", "CANCELLED", "PENDING", "LOST"};

static struct {
    f1_crewman_t *men;
    tally_t *tallies; /* one for each kind */
    int most;
    atomic_int *asked; /* who is first since the server started */
} crew;

/* Another version of this module may know other kinds: the name tells all of them. */
apr_status_t f1_crew_start(server_rec *s, int most)
{
    const char *name = "crew";
    const f1_job_kind_t *kind;
    apr_size_t size = sizeof(f1_crewman_t) * F1_CREW_MAX;
    void *memory;
    int is_new;
    apr_status_t rv;

    for (kind = f1_task_kinds; kind->name; kind++) {
        name = apr_pstrcat(s->process->pconf, name, ":", kind->name, NULL);
        size += sizeof(tally_t);
    }
    rv = f1_shared_find(s, name, size, &memory, &is_new);
    if (rv == APR_SUCCESS) {
        crew.men = memory;
        crew.tallies = (tally_t *)(void *)(crew.men + F1_CREW_MAX);
        crew.most = most;
        rv = f1_shared_find(s, "crew first", sizeof(*crew.asked), &memory, &is_new);
    }
    if (rv == APR_SUCCESS) {
        crew.asked = memory;
        *crew.asked = 0;
    }
    return rv;
}

int f1_crew_is_first(void)
{
    return atomic_exchange(crew.asked, 1) == 0;
}

static int is_alive(int pid)
{
    return pid > 0 && (kill((pid_t)pid, 0) == 0 || errno != ESRCH);
}

f1_crewman_t *f1_crew_join(void)
{
    int i;

    for (i = 0; i < crew.most; i++) {
        f1_crewman_t *man = &crew.men[i];
        int pid = man->pid;

        if (!is_alive(pid) && atomic_compare_exchange_strong(&man->pid, &pid, (int)getpid())) {
            man->kind = NO_KIND;
            return man;
        }
    }
    return NULL;
}

void f1_crew_leave(f1_crewman_t *man)
{
    man->pid = 0;
}

static int kind_of(const f1_job_t *job)
{
    int kind;

    for (kind = 0; strcmp(f1_task_kinds[kind].name, job->kind) != 0; kind++) {
    }
    return kind; /* only those of the table are run */
}

static void add_duration(tally_t *tally, apr_interval_time_t took)
{
    int bucket = 0;

    while (bucket < F1_BUCKETS - 1 && took > f1_bucket_bounds[bucket]) {
        bucket++;
    }
    tally->buckets[bucket]++;
    tally->sum += took > 0 ? (unsigned long long)took : 0; /* the wall clock may have been set back */
}

void f1_crew_report(f1_crewman_t *man, const f1_job_t *job, const char *state, apr_interval_time_t took)
{
    int kind = kind_of(job), outcome;

    if (!state) {
        man->job = job->id;
        man->since = apr_time_now();
        man->kind = kind;
        return;
    }
    man->kind = NO_KIND;
    add_duration(&crew.tallies[kind], took);
    for (outcome = 0; outcome < F1_CREW_OUTCOMES; outcome++) {
        if (!strcmp(states[outcome], state)) {
            crew.tallies[kind].outcomes[outcome]++;
        }
    }
}

int f1_crew_see(int i, f1_crew_view_t *view)
{
    const f1_crewman_t *man = &crew.men[i];
    int kind = man->kind;

    *view = (f1_crew_view_t){.pid = man->pid, .job = man->job, .since = man->since};
    view->kind = kind == NO_KIND ? NULL : f1_task_kinds[kind].name;
    return is_alive(view->pid);
}

void f1_crew_tally(int kind, f1_crew_tally_t *tally)
{
    const tally_t *from = &crew.tallies[kind];
    int i;

    for (i = 0; i < F1_CREW_OUTCOMES; i++) {
        tally->outcomes[i] = from->outcomes[i];
    }
    for (i = 0; i < F1_BUCKETS; i++) {
        tally->took.buckets[i] = from->buckets[i];
    }
    tally->took.sum = from->sum;
}
