/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_WEB_SINK_H
#define F1_WEB_SINK_H

/* The library's log lines, in httpd's error log: with the client they were written for while a request is at work on
 * this thread, and by the LogLevel that holds for it. */

#include <httpd.h>

void f1_sink_install(void);

/* The request this thread works on from here; NULL: none. Returns the one before. */
request_rec *f1_sink_request(request_rec *r);

#endif
