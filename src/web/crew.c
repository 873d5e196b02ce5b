/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Places of runners. A place belongs to the process whose number it has, as long as that lives. */

#include "web/crew.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

#include "web/shared.h"

struct f1_crewman_t {
    atomic_int pid; /* 0: nobody's */
};

static struct {
    f1_crewman_t *men;
    int most;
} crew;

apr_status_t f1_crew_start(server_rec *s, int most)
{
    void *memory;
    int is_new;
    apr_status_t rv = f1_shared_find(s, "crew", sizeof(f1_crewman_t) * F1_CREW_MAX, &memory, &is_new);

    crew.men = memory;
    crew.most = rv == APR_SUCCESS ? most : 0;
    return rv;
}

static int is_alive(int pid)
{
    return pid > 0 && (kill((pid_t)pid, 0) == 0 || errno != ESRCH);
}

f1_crewman_t *f1_crew_join(void)
{
    int i;

    for (i = 0; i < crew.most; i++) {
        int pid = crew.men[i].pid;

        if (!is_alive(pid) && atomic_compare_exchange_strong(&crew.men[i].pid, &pid, (int)getpid())) {
            return &crew.men[i];
        }
    }
    return NULL;
}

void f1_crew_leave(f1_crewman_t *man)
{
    man->pid = 0;
}
