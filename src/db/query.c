/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Statements: prepared once per backend, run by number, their failures translated in one table. */

#include "db/query.h"

#include <string.h>

#include <apr_strings.h>

#include "base/counters.h"
#include "base/log.h"
#include "base/str.h"
#include "db/conn_int.h"

#define COPY_CHUNK (256 * 1024)

struct f1_rows_t {
    PGresult *pgres;
};

/* SQLSTATE by its longest matching prefix; the order matters where one begins with another. */
static const struct {
    const char *prefix;
    f1_error_t error;
} sqlstates[] = {
    {"08", F1_E_DATABASE_UNAVAILABLE}, /* connection exception */
    {"22", F1_E_BAD_REQUEST}, /* data exception */
    {"23503", F1_E_CONFLICT}, /* foreign key violation */
    {"23505", F1_E_CONFLICT}, /* unique violation */
    {"23P01", F1_E_CONFLICT}, /* exclusion violation */
    {"23514", F1_E_BAD_REQUEST}, /* check violation */
    {"23502", F1_E_BAD_REQUEST}, /* not-null violation */
    {"40", F1_E_UNAVAILABLE}, /* serialization failure, deadlock: try again */
    {"53", F1_E_DATABASE_UNAVAILABLE}, /* out of connections, memory, disk */
    {"55P03", F1_E_UNAVAILABLE}, /* lock not available */
    {"57014", F1_E_TIMEOUT}, /* statement_timeout */
    {"57P", F1_E_DATABASE_UNAVAILABLE}, /* shutting down, starting up */
    {"F1400", F1_E_INVALID_PARAMETER}, /* refused by functions of ours, in words for whoever asked */
    {"F1404", F1_E_NOT_FOUND},
    {"F1409", F1_E_CONFLICT},
    {"F1422", F1_E_UNPROCESSABLE},
};

f1_error_t f1_sqlstate_error(const char *sqlstate)
{
    size_t i;

    if (!sqlstate) {
        return F1_E_DATABASE_UNAVAILABLE;
    }
    for (i = 0; i < sizeof(sqlstates) / sizeof(sqlstates[0]); i++) {
        if (strncmp(sqlstate, sqlstates[i].prefix, strlen(sqlstates[i].prefix)) == 0) {
            return sqlstates[i].error;
        }
    }
    return F1_E_INTERNAL;
}

static apr_status_t pgresult_cleanup(void *pgres)
{
    PQclear(pgres);
    return APR_SUCCESS;
}

PGresult *f1_pgresult_own(PGresult *pgres, apr_pool_t *pool)
{
    if (pgres) {
        apr_pool_cleanup_register(pool, pgres, pgresult_cleanup, apr_pool_cleanup_null);
    }
    return pgres;
}

/* What a client may read. The server's own words may quote values or name tables; they go to the log. */
static const char *public_detail(f1_error_t error)
{
    switch (error) {
    case F1_E_DATABASE_UNAVAILABLE:
        return "the database does not answer";
    case F1_E_TIMEOUT:
        return "the database took longer than the time allowed for a statement";
    case F1_E_UNAVAILABLE:
        return "the database is busy with a conflicting change";
    case F1_E_CONFLICT:
        return "it conflicts with what is stored";
    case F1_E_BAD_REQUEST:
        return "a value is not acceptable to the database";
    default:
        return "the database refused a statement";
    }
}

/* The constraint that refused something, if it is one that clients may be told about. */
static const f1_constraint_t *constraint_of(const PGresult *pgres)
{
    const char *name = pgres ? PQresultErrorField(pgres, PG_DIAG_CONSTRAINT_NAME) : NULL;
    const f1_constraint_t *constraint;

    for (constraint = f1_constraints; name && constraint->name; constraint++) {
        if (strcmp(constraint->name, name) == 0) {
            return constraint;
        }
    }
    return NULL;
}

/* A function of ours refused, and says why; a column that it names is the field to blame. */
static apr_status_t fail_in_its_words(const PGresult *pgres, f1_error_t error, const char *words, f1_result_t *res)
{
    const char *field = PQresultErrorField(pgres, PG_DIAG_COLUMN_NAME);

    if (!field || !*field) {
        return f1_result_fail(res, error, APR_EGENERAL, "%s", words);
    }
    f1_result_fail(res, error, APR_EGENERAL, "%s %s", field, words);
    f1_result_field(res, apr_pstrdup(res->pool, field), "%s", words);
    return res->rv;
}

apr_status_t f1_pgresult_fail(f1_conn_t *conn, const PGresult *pgres, const char *what, f1_result_t *res)
{
    const char *sqlstate = pgres ? PQresultErrorField(pgres, PG_DIAG_SQLSTATE) : NULL;
    const char *words = pgres ? PQresultErrorField(pgres, PG_DIAG_MESSAGE_PRIMARY) : NULL;
    f1_error_t error = f1_sqlstate_error(PQstatus(conn->pg) == CONNECTION_OK ? sqlstate : NULL);
    const f1_constraint_t *constraint = constraint_of(pgres);

    if (!words) {
        words = f1_conn_error(conn, res->pool);
    }
    f1_count(F1_COUNT_DB_ERROR, 1);
    if (error == F1_E_INTERNAL || error == F1_E_DATABASE_UNAVAILABLE) {
        f1_log(F1_LOG_ERR, APR_SUCCESS, F1LOGNO(0210) "%s failed: %s [%s]", what, words, sqlstate ? sqlstate : "-");
    }
    else {
        f1_log(F1_LOG_DEBUG, APR_SUCCESS, F1LOGNO(0211) "%s failed with SQLSTATE %s", what, sqlstate);
        f1_log(F1_LOG_TRACE1, APR_SUCCESS, "%s: %s", what, words);
    }
    if (error == F1_E_DATABASE_UNAVAILABLE || error == F1_E_UNAVAILABLE) {
        res->retry_after = 1;
    }
    if (sqlstate && strncmp(sqlstate, "F1", 2) == 0 && res->error == F1_E_OK) {
        return fail_in_its_words(pgres, error, words, res);
    }
    if (constraint && res->error == F1_E_OK) {
        f1_result_fail(res, error, APR_EGENERAL, "%s %s", constraint->field, constraint->detail);
        f1_result_field(res, apr_pstrcat(res->pool, "/", constraint->field, NULL), "%s", constraint->detail);
        return res->rv;
    }
    return f1_result_fail(res, error, APR_EGENERAL, "%s", public_detail(error));
}

static int succeeded(const PGresult *pgres)
{
    ExecStatusType status = PQresultStatus(pgres);

    return status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK;
}

static int has_sqlstate(const PGresult *pgres, const char *sqlstate)
{
    const char *is = pgres ? PQresultErrorField(pgres, PG_DIAG_SQLSTATE) : NULL;

    return is && strcmp(is, sqlstate) == 0;
}

/* NULL when the backend has the statement now, else what it said. */
static PGresult *prepare(f1_conn_t *conn, const f1_statement_t *statement, apr_pool_t *pool)
{
    PGresult *pgres = f1_pgresult_own(PQprepare(conn->pg, statement->name, statement->sql, 0, NULL), pool);

    f1_count(F1_COUNT_DB_PREPARE, 1);
    /* 42P05: it is there already, from before the session was set up anew */
    if (succeeded(pgres) || has_sqlstate(pgres, "42P05")) {
        conn->prepared[statement->id] = 1;
        return NULL;
    }
    return pgres;
}

/* Whether a failed statement should be sent again, as nothing was under way that is lost with it: the connection
 * broke, a pooler gave us a backend that lacks the statement (26000), or a migration changed its columns (0A000). */
static int worth_again(f1_conn_t *conn, const f1_statement_t *statement, const PGresult *pgres, int idle)
{
    if (f1_conn_is_lost(conn, pgres)) {
        return idle && statement->read_only;
    }
    if (!idle) {
        return 0;
    }
    if (has_sqlstate(pgres, "0A000")) {
        char sql[80];

        apr_snprintf(sql, sizeof(sql), "DEALLOCATE %s", statement->name);
        PQclear(PQexec(conn->pg, sql));
        conn->prepared[statement->id] = 0;
        return 1;
    }
    if (has_sqlstate(pgres, "26000")) {
        conn->backend_pid = 0;
        return 1;
    }
    return 0;
}

static apr_interval_time_t slow;

void f1_query_log_slow(apr_interval_time_t limit)
{
    slow = limit;
}

static void count_time(const f1_statement_t *statement, apr_interval_time_t took)
{
    f1_count_duration(F1_DURATION_DB_QUERY, took);
    if (slow && took > slow) {
        f1_count(F1_COUNT_DB_SLOW, 1);
        f1_log(F1_LOG_WARNING, APR_SUCCESS, F1LOGNO(0270) "%s took %" APR_TIME_T_FMT " ms", statement->name,
               apr_time_as_msec(took));
    }
}

/* Prepares the statement where it has to be, and runs it. */
static PGresult *execute(f1_conn_t *conn, const f1_statement_t *statement, const char *const *values, apr_pool_t *pool)
{
    apr_time_t start = apr_time_now();
    PGresult *pgres = conn->prepared[statement->id] ? NULL : prepare(conn, statement, pool);

    if (!pgres) {
        f1_count(F1_COUNT_DB_QUERY, 1);
        pgres = f1_pgresult_own(
            PQexecPrepared(conn->pg, statement->name, statement->param_count, values, NULL, NULL, 0), pool);
    }
    count_time(statement, apr_time_now() - start);
    return pgres;
}

/* One try; *pagain as above. NULL: the connection could not be had, res says why. */
static PGresult *try_query(f1_conn_t *conn, const f1_statement_t *statement, const char *const *values, int *pagain,
                           apr_pool_t *pool, f1_result_t *res)
{
    PGresult *pgres;
    int idle;

    if (f1_conn_ready(conn, res) != APR_SUCCESS) {
        return NULL;
    }
    idle = PQtransactionStatus(conn->pg) == PQTRANS_IDLE;
    pgres = execute(conn, statement, values, pool);
    *pagain = !succeeded(pgres) && worth_again(conn, statement, pgres, idle);
    return pgres;
}

apr_status_t f1_query(f1_conn_t *conn, const f1_statement_t *statement, const char *const *values, f1_rows_t **prows,
                      apr_pool_t *pool, f1_result_t *res)
{
    PGresult *pgres;
    int again = 0, tries = 0;

    do {
        pgres = try_query(conn, statement, values, &again, pool, res);
    } while (again && res->error == F1_E_OK && ++tries < F1_CONN_TRIES);
    if (res->error != F1_E_OK) {
        return res->rv;
    }
    if (!succeeded(pgres)) {
        return f1_pgresult_fail(conn, pgres, statement->name, res);
    }
    if (prows) {
        *prows = apr_palloc(pool, sizeof(**prows));
        (*prows)->pgres = pgres;
    }
    return APR_SUCCESS;
}

typedef struct reading_t {
    f1_row_fn_t *each;
    void *baton;
    int begun; /* each was called */
    PGresult *failed; /* what the server said last when it was no row */
} reading_t;

/* Reads what a sent statement gives, to its end also after a failure: only then is the connection free again. */
static void read_rows(f1_conn_t *conn, reading_t *reading, f1_result_t *res)
{
    PGresult *pgres;

    while ((pgres = PQgetResult(conn->pg)) != NULL) {
        const f1_rows_t rows = {pgres};
        ExecStatusType status = PQresultStatus(pgres);

        if (status != PGRES_SINGLE_TUPLE && status != PGRES_TUPLES_OK) {
            reading->failed = f1_pgresult_own(pgres, res->pool);
            continue;
        }
        if (res->error == F1_E_OK) { /* else each has enough */
            reading->begun = 1;
            reading->each(reading->baton, &rows, res);
        }
        PQclear(pgres);
    }
}

/* One try; *pagain as above. */
static int try_each(f1_conn_t *conn, const f1_statement_t *statement, const char *const *values, reading_t *reading,
                    f1_result_t *res)
{
    apr_time_t start = apr_time_now();
    int idle, sent = 0;

    if (f1_conn_ready(conn, res) != APR_SUCCESS) {
        return 0;
    }
    idle = PQtransactionStatus(conn->pg) == PQTRANS_IDLE;
    reading->failed = conn->prepared[statement->id] ? NULL : prepare(conn, statement, res->pool);
    if (!reading->failed) {
        f1_count(F1_COUNT_DB_QUERY, 1);
        sent = PQsendQueryPrepared(conn->pg, statement->name, statement->param_count, values, NULL, NULL, 0) &&
               PQsetSingleRowMode(conn->pg);
        read_rows(conn, reading, res);
    }
    count_time(statement, apr_time_now() - start);
    if (res->error != F1_E_OK || (sent && !reading->failed)) {
        return 0;
    }
    if (!reading->begun && worth_again(conn, statement, reading->failed, idle)) {
        return 1;
    }
    f1_pgresult_fail(conn, reading->failed, statement->name, res);
    return 0;
}

apr_status_t f1_query_each(f1_conn_t *conn, const f1_statement_t *statement, const char *const *values,
                           f1_row_fn_t *each, void *baton, f1_result_t *res)
{
    reading_t reading = {.each = each, .baton = baton};
    int again, tries = 0;

    do {
        again = try_each(conn, statement, values, &reading, res);
    } while (again && ++tries < F1_CONN_TRIES);
    if (again) {
        f1_pgresult_fail(conn, reading.failed, statement->name, res);
    }
    return res->rv;
}

apr_status_t f1_exec(f1_conn_t *conn, const char *sql, f1_result_t *res)
{
    PGresult *pgres;

    if (f1_conn_ready(conn, res) != APR_SUCCESS) {
        return res->rv;
    }
    f1_count(F1_COUNT_DB_QUERY, 1);
    pgres = f1_pgresult_own(PQexec(conn->pg, sql), res->pool);
    return succeeded(pgres) ? APR_SUCCESS
                            : f1_pgresult_fail(conn, pgres, apr_psprintf(res->pool, "\"%.40s\"", sql), res);
}

apr_status_t f1_transaction(f1_conn_t *conn, apr_status_t (*body)(f1_conn_t *conn, void *baton, f1_result_t *res),
                            void *baton, f1_result_t *res)
{
    if (f1_exec(conn, "BEGIN", res) != APR_SUCCESS) {
        return res->rv;
    }
    if (body(conn, baton, res) == APR_SUCCESS && res->error == F1_E_OK) {
        return f1_exec(conn, "COMMIT", res);
    }
    /* a lost connection rolled back by itself; otherwise the answer cannot change what res already says */
    if (PQstatus(conn->pg) == CONNECTION_OK) {
        PQclear(PQexec(conn->pg, "ROLLBACK"));
    }
    return res->rv;
}

static int put_all(f1_conn_t *conn, const char *data, size_t len)
{
    size_t done, step;

    for (done = 0; done < len; done += step) {
        step = len - done < COPY_CHUNK ? len - done : COPY_CHUNK;
        if (PQputCopyData(conn->pg, data + done, (int)step) != 1) {
            return 0;
        }
    }
    return 1;
}

apr_status_t f1_copy_in(f1_conn_t *conn, const char *command, const struct iovec *parts, int count, f1_result_t *res)
{
    PGresult *pgres;
    int i;

    if (f1_conn_ready(conn, res) != APR_SUCCESS) {
        return res->rv;
    }
    f1_count(F1_COUNT_DB_QUERY, 1);
    pgres = f1_pgresult_own(PQexec(conn->pg, command), res->pool);
    if (PQresultStatus(pgres) != PGRES_COPY_IN) {
        return f1_pgresult_fail(conn, pgres, command, res);
    }
    for (i = 0; i < count && put_all(conn, parts[i].iov_base, parts[i].iov_len); i++) {
    }
    if (i < count || PQputCopyEnd(conn->pg, NULL) != 1) {
        return f1_pgresult_fail(conn, NULL, command, res);
    }
    pgres = f1_pgresult_own(PQgetResult(conn->pg), res->pool);
    /* libpq wants to be asked until it has nothing left to say */
    while (f1_pgresult_own(PQgetResult(conn->pg), res->pool)) {
    }
    return succeeded(pgres) ? APR_SUCCESS : f1_pgresult_fail(conn, pgres, command, res);
}

/* PostgreSQL's names for a list of type OIDs. */
static apr_status_t type_names(f1_conn_t *conn, const char *oids, const char **names, apr_pool_t *pool,
                               f1_result_t *res)
{
    static const char sql[] = "SELECT format_type(t.id, NULL) FROM unnest($1::oid[]) WITH ORDINALITY AS t (id, n)"
                              " ORDER BY t.n";
    PGresult *pgres = f1_pgresult_own(PQexecParams(conn->pg, sql, 1, NULL, &oids, NULL, NULL, 0), pool);
    int i;

    if (!succeeded(pgres)) {
        return f1_pgresult_fail(conn, pgres, "naming types", res);
    }
    for (i = 0; i < PQntuples(pgres); i++) {
        names[i] = PQgetvalue(pgres, i, 0);
    }
    return APR_SUCCESS;
}

/* One try, as try_query's. */
static PGresult *try_describe(f1_conn_t *conn, const f1_statement_t *statement, int *pagain, apr_pool_t *pool,
                              f1_result_t *res)
{
    PGresult *pgres;
    int idle;

    if (f1_conn_ready(conn, res) != APR_SUCCESS) {
        return NULL;
    }
    idle = PQtransactionStatus(conn->pg) == PQTRANS_IDLE;
    pgres = conn->prepared[statement->id] ? NULL : prepare(conn, statement, pool);
    if (!pgres) {
        pgres = f1_pgresult_own(PQdescribePrepared(conn->pg, statement->name), pool);
    }
    *pagain = !succeeded(pgres) && worth_again(conn, statement, pgres, idle);
    return pgres;
}

apr_status_t f1_describe(f1_conn_t *conn, const f1_statement_t *statement, f1_description_t *description,
                         apr_pool_t *pool, f1_result_t *res)
{
    const char *oids = "{", **names;
    PGresult *pgres;
    int i, params, columns, again = 0, tries = 0;

    do {
        pgres = try_describe(conn, statement, &again, pool, res);
    } while (again && res->error == F1_E_OK && ++tries < F1_CONN_TRIES);
    if (res->error != F1_E_OK) {
        return res->rv;
    }
    if (!succeeded(pgres)) {
        return f1_pgresult_fail(conn, pgres, statement->name, res);
    }
    params = PQnparams(pgres);
    columns = PQnfields(pgres);
    names = apr_pcalloc(pool, sizeof(*names) * (size_t)(params + 2 * columns + 1));
    for (i = 0; i < params + columns; i++) {
        oids = apr_psprintf(pool, "%s%s%u", oids, i ? "," : "",
                            i < params ? PQparamtype(pgres, i) : PQftype(pgres, i - params));
    }
    for (i = 0; i < columns; i++) {
        names[params + columns + i] = PQfname(pgres, i);
    }
    *description = (f1_description_t){params, columns, names, names + params + columns, names + params};
    return type_names(conn, apr_pstrcat(pool, oids, "}", NULL), names, pool, res);
}

int f1_rows_count(const f1_rows_t *rows)
{
    return PQntuples(rows->pgres);
}

int f1_rows_columns(const f1_rows_t *rows)
{
    return PQnfields(rows->pgres);
}

const char *f1_rows_name(const f1_rows_t *rows, int column)
{
    return PQfname(rows->pgres, column);
}

/* OIDs of built-in types never change; libpq ships no header that names them. */
f1_col_kind_t f1_rows_kind(const f1_rows_t *rows, int column)
{
    switch (PQftype(rows->pgres, column)) {
    case 16: /* bool */
        return F1_COL_BOOLEAN;
    case 20: /* int8 */
    case 21: /* int2 */
    case 23: /* int4 */
    case 700: /* float4 */
    case 701: /* float8 */
    case 1700: /* numeric */
        return F1_COL_NUMBER;
    case 1184: /* timestamptz */
        return F1_COL_TIMESTAMP;
    case 114: /* json */
    case 3802: /* jsonb */
        return F1_COL_JSON;
    default:
        return F1_COL_TEXT;
    }
}

const char *f1_rows_get(const f1_rows_t *rows, int row, int column)
{
    return PQgetisnull(rows->pgres, row, column) ? NULL : PQgetvalue(rows->pgres, row, column);
}

size_t f1_rows_length(const f1_rows_t *rows, int row, int column)
{
    return (size_t)PQgetlength(rows->pgres, row, column);
}

int f1_rows_column(const f1_rows_t *rows, const char *name)
{
    return PQfnumber(rows->pgres, name);
}

long f1_rows_affected(const f1_rows_t *rows)
{
    apr_int64_t affected = 0;
    const char *text = PQcmdTuples(rows->pgres);

    return *text && f1_str_to_int64(text, &affected) ? (long)affected : 0;
}
