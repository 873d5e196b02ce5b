/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* f1boardctl simulate: writes fictional seasons to a directory that ingestion takes for an upstream (file:///DIR). */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <apr_file_io.h>
#include <apr_strings.h>

#include "base/clock.h"
#include "base/str.h"
#include "cli/cli.h"
#include "ingest/simulate.h"

#define SEASONS_DEFAULT 3

typedef struct output_t {
    f1_cli_t *cli;
    const char *dir;
    int count;
} output_t;

static apr_status_t write_file(const char *path, const char *data, size_t len, apr_pool_t *pool)
{
    apr_file_t *file;
    apr_status_t rv, close_rv;

    rv =
        apr_file_open(&file, path, APR_FOPEN_WRITE | APR_FOPEN_CREATE | APR_FOPEN_TRUNCATE, APR_FPROT_OS_DEFAULT, pool);
    if (rv != APR_SUCCESS) {
        return rv;
    }
    rv = apr_file_write_full(file, data, len, NULL);
    close_rv = apr_file_close(file);
    return rv != APR_SUCCESS ? rv : close_rv;
}

/* One document; its folders are made on the way. The pool of a document lives as long as it is written. */
static apr_status_t write_document(void *baton, const char *path, const char *data, size_t len, f1_result_t *res)
{
    output_t *output = baton;
    const char *name, *slash;
    char why[200];
    apr_pool_t *pool;
    apr_status_t rv;

    if (f1_cli_stopping()) {
        return f1_result_fail(res, F1_E_UNAVAILABLE, APR_EINTR, "interrupted after %d documents", output->count);
    }
    rv = apr_pool_create(&pool, output->cli->pool);
    if (rv != APR_SUCCESS) {
        return f1_result_fail(res, F1_E_INTERNAL, rv, "out of memory");
    }
    name = apr_pstrcat(pool, output->dir, "/", path, ".json", NULL);
    slash = strrchr(name, '/');
    rv = apr_dir_make_recursive(apr_pstrndup(pool, name, (apr_size_t)(slash - name)), APR_FPROT_OS_DEFAULT, pool);
    if (rv == APR_SUCCESS) {
        rv = write_file(name, data, len, pool);
    }
    if (rv != APR_SUCCESS) {
        f1_result_fail(res, F1_E_INTERNAL, rv, "cannot write %s: %s", name, apr_strerror(rv, why, sizeof(why)));
    }
    apr_pool_destroy(pool);
    output->count++;
    f1_cli_progress(output->cli, output->count, 0, "documents, %s", path);
    return rv;
}

static int read_options(f1_cli_t *cli, f1_sim_options_t *options)
{
    const char *seed = f1_cli_option(cli, "seed"), *now = f1_cli_option(cli, "now");
    const char *seasons = f1_cli_option(cli, "seasons");
    apr_int64_t number = 1;

    options->now = f1_clock_now();
    options->seasons = SEASONS_DEFAULT;
    if (seed != NULL && (!f1_str_to_int64(seed, &number) || number < 0)) {
        (void)f1_cli_usage(cli, "--seed '%s' should be a whole number from 0 on", seed);
        return 0;
    }
    options->seed = (apr_uint64_t)number;
    if (now != NULL && !f1_time_parse(now, &options->now)) {
        (void)f1_cli_usage(cli, "--now '%s' should be like 2030-06-15 or 2030-06-15T12:00:00Z", now);
        return 0;
    }
    return seasons == NULL || f1_cli_integer(cli, "--seasons", seasons, 1, F1_SIM_SEASONS_MAX, &options->seasons);
}

/* The latent strengths: beside the documents where there are any, else as the answer. */
static apr_status_t write_strengths(output_t *output, const f1_sim_options_t *options)
{
    f1_cli_t *cli = output->cli;
    json_t *strengths = f1_sim_strengths(options, cli->pool);
    char *text = json_dumps(strengths, JSON_INDENT(2));
    apr_status_t rv = APR_SUCCESS;

    json_decref(strengths);
    if (text == NULL) {
        return f1_result_fail(cli->res, F1_E_INTERNAL, APR_ENOMEM, "out of memory");
    }
    if (output->dir != NULL) {
        rv = write_document(output, "strengths", text, strlen(text), cli->res);
    }
    else {
        puts(text);
    }
    free(text);
    return rv;
}

static f1_exit_t run_simulate(f1_cli_t *cli, const char *const *args, int arg_count)
{
    output_t output = {cli, f1_cli_option(cli, "out"), 0};
    int with_strengths = f1_cli_option(cli, "strengths") != NULL;
    f1_sim_options_t options;

    (void)args;
    (void)arg_count;
    if (!read_options(cli, &options)) {
        return F1_EXIT_USAGE;
    }
    if (output.dir == NULL && !with_strengths) {
        return f1_cli_usage(cli, "--out DIR is needed: where to write");
    }
    if (with_strengths && write_strengths(&output, &options) != APR_SUCCESS) {
        return f1_cli_fail(cli);
    }
    if (output.dir == NULL) {
        return F1_EXIT_OK;
    }
    if (f1_simulate(&options, write_document, &output, cli->pool, cli->res) != APR_SUCCESS) {
        return f1_cli_fail(cli);
    }
    f1_cli_print(cli, "%d simulated seasons in %d documents: file://%s", options.seasons, output.count, output.dir);
    f1_cli_json(cli, json_pack("{s:s, s:i, s:i, s:b}", "directory", output.dir, "seasons", options.seasons, "documents",
                               output.count, "simulated", 1));
    return F1_EXIT_OK;
}

static const f1_option_t simulate_options[] = {
    {"seed", "N", "another number is another world; default 1"},
    {"now", "ISO", "the last season is under way at this time; default now"},
    {"seasons", "N", "how many seasons; default 3"},
    {"out", "DIR", "where the documents go; made when missing"},
    {"strengths", NULL, "also write DIR/strengths.json, what the results follow from; without --out print it"},
    {NULL, NULL, NULL}};

const f1_command_t f1_cli_simulate_commands[] = {
    {"simulate", "--out DIR [--seed N] [--now ISO] [--seasons N] [--strengths]",
     "Write fictional seasons in the shape of an upstream", 0, 0, simulate_options, run_simulate},
    {NULL, NULL, NULL, 0, 0, NULL, NULL}};
