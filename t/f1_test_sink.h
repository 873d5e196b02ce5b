/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_TEST_SINK_H
#define F1_TEST_SINK_H

/* Programs in Python that take what ours sends, each in a process of its own, which goes with the test's pool: a mail
 * server (t/smtp_sink.py) and a receiver of webhooks (t/webhook_sink.py). What came stands in files of their folder. */

#include <jansson.h>

typedef struct f1_test_sink_t {
    int port;
    const char *dir;
    void *proc;
} f1_test_sink_t;

/* script: "t/smtp_sink.py"; arguments: what follows the folder. */
f1_test_sink_t *f1_test_sink(const char *script, const char *arguments);

/* What came as number n, from 1 on; waits for it, at most half a minute, and fails the test when it does not come. */
json_t *f1_test_sink_get(const f1_test_sink_t *sink, int n);

/* How many came so far. */
int f1_test_sink_count(const f1_test_sink_t *sink);

/* "dir/name" */
const char *f1_test_sink_path(const f1_test_sink_t *sink, const char *name);

#endif
