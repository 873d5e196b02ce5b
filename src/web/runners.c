/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* A thread of each child starts the runners, and ends when all run: it finds out which databases there are, by asking
 * each server's, and waits for places in the crew; in the first child after a start it warms the servers before.
 * Servers with one database share one set of runners, whose settings are those of the first server. Pools of threads
 * have no parent, because no other thread may use it meanwhile. */

#include "web/runners.h"

#include <errno.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <apr_lib.h>
#include <apr_strings.h>
#include <apr_thread_mutex.h>
#include <apr_thread_proc.h>
#include <mpm_common.h>
#include <http_config.h>
#include <http_log.h>

#include "base/counters.h"
#include "base/log.h"
#include "base/version.h"
#include "db/query.h"
#include "gen/statements.h"
#include "job/runner.h"
#include "task/task.h"
#include "web/crew.h"
#include "web/dbd.h"
#include "web/mount.h"
#include "web/warm.h"

APLOG_USE_MODULE(f1board);

#define NICENESS 10 /* who waits for an answer comes first */
#define RETRY_S 1

/* A server whose requests come faster is busy; whether they do is found out so often. */
#define BUSY_RATE 200 /* a second */
#define BUSY_LOOK apr_time_from_msec(200)

typedef struct worker_t {
    struct worker_t *next;
    f1_crewman_t *man;
    f1_runner_t *runner;
    apr_thread_t *thread;
    apr_pool_t *pool;
    /* how busy the server is */
    apr_uint64_t requests;
    apr_time_t looked_at;
    int is_busy;
} worker_t;

/* The runners of a database. */
typedef struct set_t {
    struct set_t *next;
    server_rec *s;
    f1_task_context_t context;
    const char *schedules, *settings; /* what configuration says of schedules, as arrays of PostgreSQL */
    const char *conninfo; /* NULL: not known yet */
    int missing; /* runners that are to be started */
} set_t;

static struct {
    apr_pool_t *pool; /* the starter's */
    apr_thread_t *starter;
    sem_t stop; /* what wakes the starter; a signal handler may post it */
    atomic_int is_stopping;
    set_t *sets;
    apr_thread_mutex_t *lock; /* for what follows */
    worker_t *workers;
} child;

/* --- Configuration */

static const char *check_agent(f1_server_config_t *config, apr_pool_t *pconf)
{
    const char *c;

    if (!config->user_agent) {
        config->user_agent = apr_pstrcat(pconf, "mod_f1board/", f1_version, NULL);
    }
    for (c = config->user_agent; *c; c++) {
        if (*c < ' ' || *c > '~') {
            return "F1BoardUserAgent should have no other characters than those of ASCII that can be seen";
        }
    }
    return NULL;
}

static const char *check_ca(f1_server_config_t *config, apr_pool_t *pconf)
{
    const char *path;
    apr_finfo_t info;
    apr_status_t rv;
    char words[120];

    if (!config->ca_file) {
        return NULL;
    }
    path = ap_server_root_relative(pconf, config->ca_file);
    rv = path ? apr_stat(&info, path, APR_FINFO_TYPE, pconf) : APR_EBADPATH;
    if (rv == APR_SUCCESS && info.filetype != APR_REG) {
        rv = APR_EBADPATH;
    }
    if (rv != APR_SUCCESS) {
        return apr_psprintf(pconf, "F1BoardCAFile: %s: %s", config->ca_file, apr_strerror(rv, words, sizeof(words)));
    }
    config->ca_file = path;
    return NULL;
}

static f1_weather_access_t weather_of(const f1_server_config_t *config)
{
    return (f1_weather_access_t){config->weather, config->weather_url, config->weather_key};
}

/* The key is read now, because the children's user may not. */
static const char *check_weather(f1_server_config_t *config, apr_pool_t *pconf)
{
    f1_result_t *res = f1_result_make(pconf);
    f1_weather_access_t access;
    const char *path;

    if (config->weather_key_file) {
        path = ap_server_root_relative(pconf, config->weather_key_file);
        if (!path) {
            return "F1BoardWeatherKeyFile is no path";
        }
        if (f1_weather_key_read(&config->weather_key, path, pconf, res) != APR_SUCCESS) {
            return apr_pstrcat(pconf, "F1BoardWeatherKeyFile: ", res->detail, NULL);
        }
    }
    access = weather_of(config);
    return f1_weather_check(&access, res) == APR_SUCCESS ? NULL
                                                         : apr_pstrcat(pconf, "F1BoardWeather: ", res->detail, NULL);
}

static const char *check_mail(f1_server_config_t *config, apr_pool_t *pconf)
{
    f1_post_settings_t settings = {.smtp = config->smtp,
                                   .ca_file = config->ca_file,
                                   .from = config->mail_from,
                                   .url = config->public_url,
                                   .require_tls = (int)config->smtp_require_tls};
    f1_result_t *res = f1_result_make(pconf);

    if (config->smtp_auth_file) {
        settings.auth_file = ap_server_root_relative(pconf, config->smtp_auth_file);
        if (!settings.auth_file) {
            return "F1BoardSMTPAuthFile is no path";
        }
    }
    return f1_post_office_open(&config->post_office, &settings, pconf, res) == APR_SUCCESS
               ? NULL
               : apr_pstrcat(pconf, "F1BoardSMTP: ", res->detail, NULL);
}

const char *f1_runners_check(server_rec *main_server, apr_pool_t *pconf)
{
    const char *wrong = NULL;
    server_rec *s;

    for (s = main_server; s && !wrong; s = s->next) {
        wrong = check_agent(f1_config_server(s), pconf);
        wrong = wrong ? wrong : check_ca(f1_config_server(s), pconf);
        wrong = wrong ? wrong : check_weather(f1_config_server(s), pconf);
        wrong = wrong ? wrong : check_mail(f1_config_server(s), pconf);
        wrong = wrong ? wrong : f1_warm_check(s);
    }
    return wrong;
}

/* Names are words, so that an array's text needs no quotes. */
static void write_schedules(set_t *set, const char *words, apr_pool_t *pool)
{
    const char *names = "", *settings = "";

    while (words && *words) {
        const char *comma = *names ? "," : "", *setting;

        names = apr_pstrcat(pool, names, comma, ap_getword_white(pool, &words), NULL);
        setting = ap_getword_white(pool, &words);
        settings = apr_pstrcat(pool, settings, comma, setting, apr_isdigit(*setting) ? " microseconds" : "", NULL);
    }
    set->schedules = apr_pstrcat(pool, "{", names, "}", NULL);
    set->settings = apr_pstrcat(pool, "{", settings, "}", NULL);
}

static set_t *make_set(server_rec *s, apr_pool_t *pool)
{
    const f1_server_config_t *config = f1_config_server(s);
    set_t *set = apr_pcalloc(pool, sizeof(*set));

    set->s = s;
    set->missing = (int)config->jobs;
    set->context = (f1_task_context_t){.ergast = config->ergast,
                                       .rate = config->ergast_rate,
                                       .weather = weather_of(config),
                                       .ca_file = config->ca_file,
                                       .user_agent = config->user_agent,
                                       .keep = config->job_history,
                                       .post_office = config->post_office,
                                       .webhook_http = (int)config->webhook_http,
                                       .webhook_private = (int)config->webhook_private};
    write_schedules(set, config->schedules, pool);
    return set;
}

/* --- A runner */

static apr_status_t make_pool(apr_pool_t **ppool, const char *tag)
{
    apr_allocator_t *allocator;
    apr_status_t rv = apr_allocator_create(&allocator);

    if (rv == APR_SUCCESS) {
        rv = apr_pool_create_unmanaged_ex(ppool, NULL, allocator);
    }
    if (rv == APR_SUCCESS) {
        apr_allocator_owner_set(allocator, *ppool);
        apr_pool_tag(*ppool, tag);
    }
    return rv;
}

/* Signals are for threads that know what to do with them; the first moments of a thread are not excepted. */
static apr_status_t start_thread(apr_thread_t **pthread, apr_thread_start_t run, void *data, apr_pool_t *pool)
{
    sigset_t all, before;
    apr_status_t rv;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    rv = apr_thread_create(pthread, NULL, run, data, pool);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return rv;
}

static void begin_thread(void)
{
    (void)apr_setup_signal_thread();
#ifdef __linux__ /* where each thread has its own */
    (void)nice(NICENESS);
#endif
}

static void *APR_THREAD_FUNC work(apr_thread_t *thread, void *data)
{
    worker_t *worker = data;

    (void)thread;
    begin_thread();
    (void)f1_runner_run(worker->runner, f1_result_make(worker->pool));
    f1_crew_leave(worker->man);
    return NULL; /* apr_thread_exit would leave this frame behind, which AddressSanitizer takes for an overflow */
}

static void report(void *data, const f1_job_t *job, const char *state, apr_interval_time_t took)
{
    f1_crew_report(((worker_t *)data)->man, job, state, took);
}

/* Requests that last, like streams of events, keep nobody busy; so those are counted that come. */
static int is_busy(void *data)
{
    worker_t *worker = data;
    apr_time_t now = apr_time_now();
    apr_interval_time_t since = now - worker->looked_at;
    apr_uint64_t requests;

    if (since >= BUSY_LOOK) {
        requests = f1_counted(F1_COUNT_CACHE_HIT) + f1_counted(F1_COUNT_CACHE_KNOWN) + f1_counted(F1_COUNT_CACHE_MISS) +
                   f1_counted(F1_COUNT_CACHE_BYPASS);
        worker->is_busy =
            (apr_time_t)(requests - worker->requests) * APR_USEC_PER_SEC > since * BUSY_RATE && worker->looked_at;
        worker->requests = requests;
        worker->looked_at = now;
    }
    return worker->is_busy;
}

/* A statement that takes longer than the lease is of no use to anybody. */
static apr_status_t make_runner(worker_t *worker, const set_t *set, f1_result_t *res)
{
    const f1_server_config_t *config = f1_config_server(set->s);
    const f1_session_settings_t queue = {config->job_lease, "mod_f1board runner", 1};
    const f1_session_settings_t work = {config->job_lease, "mod_f1board job", 0};
    f1_runner_options_t options = {.kinds = f1_task_kinds_of(&set->context, worker->pool),
                                   .context = &set->context,
                                   .lease = config->job_lease,
                                   .report = report,
                                   .is_busy = is_busy,
                                   .baton = worker};

    if (f1_db_direct_create(&options.queue, set->conninfo, &queue, worker->pool, res) == APR_SUCCESS &&
        f1_db_direct_create(&options.work, set->conninfo, &work, worker->pool, res) == APR_SUCCESS) {
        (void)f1_runner_create(&worker->runner, &options, worker->pool, res);
    }
    return res->rv;
}

static void add_worker(worker_t *worker)
{
    apr_thread_mutex_lock(child.lock);
    worker->next = child.workers;
    child.workers = worker;
    if (child.is_stopping) { /* and whoever said so did not see this one */
        f1_runner_stop(worker->runner);
    }
    apr_thread_mutex_unlock(child.lock);
}

static apr_status_t start_worker(const set_t *set, f1_crewman_t *man, apr_pool_t *pool)
{
    worker_t *worker = apr_pcalloc(pool, sizeof(*worker));
    apr_status_t rv;

    worker->man = man;
    worker->pool = pool;
    rv = make_runner(worker, set, f1_result_make(pool));
    if (rv == APR_SUCCESS) {
        rv = start_thread(&worker->thread, work, worker, pool);
    }
    if (rv == APR_SUCCESS) {
        add_worker(worker);
    }
    return rv;
}

/* --- The starter */

static int is_taken(const set_t *set, const char *conninfo)
{
    const set_t *other;

    for (other = child.sets; other; other = other->next) {
        if (other != set && other->conninfo && !strcmp(other->conninfo, conninfo)) {
            return 1;
        }
    }
    return 0;
}

/* What configuration says of schedules becomes what the database says. */
static apr_status_t set_schedules(const set_t *set, apr_pool_t *pool)
{
    const char *values[] = {set->schedules, set->settings};
    f1_result_t *res = f1_result_make(pool);
    f1_dbd_lease_t lease;
    f1_conn_t *conn;
    f1_rows_t *rows;
    int i;

    f1_dbd_lease(&lease, f1_config_server(set->s)->dbd);
    if (lease.db.open(&lease.db, &conn, pool, res) != APR_SUCCESS) {
        return res->rv;
    }
    if (f1_query(conn, &f1_stmt_job_schedule_set, values, &rows, pool, res) == APR_SUCCESS) {
        for (i = 0; i < f1_rows_count(rows); i++) {
            ap_log_error(APLOG_MARK, APLOG_NOTICE, 0, set->s, F1LOGNO(0533) "F1BoardSchedule: %s %s from now on",
                         f1_rows_get(rows, i, 0), f1_rows_get(rows, i, 1));
        }
    }
    lease.db.close(&lease.db, conn);
    return res->rv;
}

/* Whether the set's database is known, and is no other set's. */
static int is_known(set_t *set)
{
    const char *place, *conninfo;
    apr_pool_t *scratch;

    if (set->conninfo) {
        return 1;
    }
    apr_pool_create(&scratch, child.pool);
    conninfo = f1_dbd_conninfo(f1_config_server(set->s)->dbd, 0, &place, scratch);
    if (conninfo && is_taken(set, conninfo)) {
        set->missing = 0;
    }
    else if (conninfo && set_schedules(set, scratch) == APR_SUCCESS) {
        set->conninfo = apr_pstrdup(child.pool, conninfo);
    }
    apr_pool_destroy(scratch);
    return set->conninfo != NULL;
}

/* Starts a runner of the set, if there is a place for it. A failure is for good: there is no memory. */
static int start_one(set_t *set)
{
    f1_crewman_t *man = f1_crew_join();
    apr_pool_t *pool = NULL;
    apr_status_t rv;

    if (!man) {
        return 0;
    }
    rv = is_known(set) ? make_pool(&pool, "f1board_runner") : APR_EAGAIN;
    if (rv == APR_SUCCESS) {
        rv = start_worker(set, man, pool);
    }
    if (rv == APR_SUCCESS) {
        set->missing--;
        return 1;
    }
    f1_crew_leave(man);
    if (pool) {
        apr_pool_destroy(pool);
    }
    if (!APR_STATUS_IS_EAGAIN(rv)) {
        ap_log_error(APLOG_MARK, APLOG_ERR, rv, set->s, F1LOGNO(0530) "no runner of jobs can be started");
        set->missing = 0;
    }
    return 0;
}

/* How many runners are missing still. */
static int start_missing(void)
{
    int missing = 0;
    set_t *set;

    for (set = child.sets; set; set = set->next) {
        while (set->missing && !child.is_stopping && start_one(set)) {
        }
        missing += set->missing;
    }
    return missing;
}

static int is_stopping(void *unused)
{
    (void)unused;
    return child.is_stopping;
}

/* What one child asks for is in the cache of all. */
static void warm_all(void)
{
    apr_pool_t *scratch;
    set_t *set;

    apr_pool_create(&scratch, child.pool);
    for (set = child.sets; set; set = set->next) {
        if (f1_config_server(set->s)->warm) {
            f1_warm(set->s, is_stopping, scratch);
        }
    }
    apr_pool_destroy(scratch);
}

static void *APR_THREAD_FUNC start_all(apr_thread_t *thread, void *data)
{
    struct timespec until;

    (void)thread;
    (void)data;
    begin_thread();
    if (f1_crew_is_first()) {
        warm_all();
    }
    while (!child.is_stopping && start_missing()) {
        (void)clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec += RETRY_S;
        (void)sem_timedwait(&child.stop, &until);
    }
    return NULL;
}

/* --- The child's life */

static void tell_to_stop(void)
{
    worker_t *worker;

    child.is_stopping = 1;
    (void)sem_post(&child.stop);
    apr_thread_mutex_lock(child.lock);
    for (worker = child.workers; worker; worker = worker->next) {
        f1_runner_stop(worker->runner);
    }
    apr_thread_mutex_unlock(child.lock);
}

/* Before mod_dbd's connections and our pools go. */
static apr_status_t stop(void *unused)
{
    worker_t *worker, *next;
    apr_status_t rv;

    (void)unused;
    tell_to_stop();
    apr_thread_join(&rv, child.starter);
    for (worker = child.workers; worker; worker = next) {
        next = worker->next;
        apr_thread_join(&rv, worker->thread);
        apr_pool_destroy(worker->pool);
    }
    apr_pool_destroy(child.pool);
    sem_destroy(&child.stop);
    memset(&child, 0, sizeof(child));
    return APR_SUCCESS;
}

static apr_status_t start(void)
{
    apr_status_t rv = apr_thread_mutex_create(&child.lock, APR_THREAD_MUTEX_DEFAULT, child.pool);

    if (rv == APR_SUCCESS && sem_init(&child.stop, 0, 0)) {
        rv = errno;
    }
    return rv == APR_SUCCESS ? start_thread(&child.starter, start_all, NULL, child.pool) : rv;
}

static void find_sets(server_rec *s)
{
    set_t **end = &child.sets;

    for (; s; s = s->next) {
        if (f1_config_server(s)->jobs || f1_config_server(s)->warm) {
            *end = make_set(s, child.pool);
            end = &(*end)->next;
        }
    }
}

static void child_init(apr_pool_t *pchild, server_rec *s)
{
    apr_status_t rv;

    memset(&child, 0, sizeof(child));
    if (!f1_mount_count()) {
        return;
    }
    rv = make_pool(&child.pool, "f1board_runners");
    if (rv == APR_SUCCESS) {
        find_sets(s);
        rv = child.sets ? start() : APR_SUCCESS;
    }
    if (child.starter) {
        apr_pool_pre_cleanup_register(pchild, NULL, stop);
    }
    else if (child.pool) {
        apr_pool_destroy(child.pool);
    }
    if (rv != APR_SUCCESS) {
        ap_log_error(APLOG_MARK, APLOG_ERR, rv, s,
                     F1LOGNO(0531) "no thread can start runners: this child runs no jobs");
    }
}

static void child_stopping(apr_pool_t *pchild, int graceful)
{
    (void)pchild;
    (void)graceful;
    if (child.starter) {
        tell_to_stop();
    }
}

/* mod_dbd has to be ready in the child. */
void f1_runners_register_hooks(apr_pool_t *pool)
{
    (void)pool;
    ap_hook_child_init(child_init, NULL, NULL, APR_HOOK_REALLY_LAST);
    ap_hook_child_stopping(child_stopping, NULL, NULL, APR_HOOK_MIDDLE);
}
