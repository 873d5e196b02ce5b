/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_WEB_MOUNT_H
#define F1_WEB_MOUNT_H

/* Where the service is: every <Location> with "SetHandler f1board" is a mount, and its path the base of all URLs below
 * it. There may be several in a server, and each virtual host has those of the main server and its own.
 *
 * A request below a mount never becomes a file name: httpd's walk through directories is left out. */

#include "web/config.h"

/* Finds the mounts of all servers and checks what belongs to them. NULL, or what is wrong with one. */
const char *f1_mount_find_all(server_rec *main_server, apr_pool_t *pconf);

/* How many there are, of all servers. */
int f1_mount_count(void);

/* The configuration of the mount that r, whose location is known, is below; NULL when none is, or when another handler
 * was set for a part of it. */
const f1_dir_config_t *f1_mount_of(request_rec *r);

/* The same for a request that failed before its location was known: by its path alone. */
const f1_dir_config_t *f1_mount_guess(const request_rec *r);

/* r's path below the mount, beginning with a slash; NULL when it is not below. */
const char *f1_mount_path(const f1_dir_config_t *dir, const request_rec *r);

void f1_mount_register_hooks(apr_pool_t *pool);

#endif
