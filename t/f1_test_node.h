/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_TEST_NODE_H
#define F1_TEST_NODE_H

/* More httpds beside the program's own, each on a port of its own, with the same configuration and more. What they log
 * stands in the same file, and fails the program in the same way. */

typedef struct f1_test_node_t {
    const char *name;       /* a word: the names of its files begin with it */
    const char *origin;     /* scheme, host and port */
    const char *url;        /* of the mount */
    const char *pid_file;
    const char *stop;       /* the command that ends it */
} f1_test_node_t;

/* lines: configuration that is read last. The node goes with the test. */
f1_test_node_t *f1_test_node_start(const char *name, const char *lines);
void f1_test_node_stop(f1_test_node_t *node);
void f1_test_node_signal(const f1_test_node_t *node, int signal_number);

#endif
