/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_BASE_VERSION_H
#define F1_BASE_VERSION_H

/* The program's version. config.h cannot be asked everywhere: httpd's headers define the same names. */
extern const char f1_version[];

#endif
