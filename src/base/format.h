/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_BASE_FORMAT_H
#define F1_BASE_FORMAT_H

/* How rows are written down: the representations that every list has, by their name in format= and their media type.
 */

typedef enum { F1_FORMAT_JSON, F1_FORMAT_CSV, F1_FORMAT_NDJSON } f1_format_t;
#define F1_FORMAT_COUNT 3

#define F1_TYPE_JSON "application/json"
#define F1_TYPE_CSV "text/csv"
#define F1_TYPE_NDJSON "application/x-ndjson"

typedef struct f1_format_info_t {
    const char *name;           /* "csv": in format=, and a file's suffix */
    const char *content_type;   /* the media type with its parameters */
} f1_format_info_t;

extern const f1_format_info_t f1_formats[F1_FORMAT_COUNT];

/* By its name, whatever its case; -1 when there is none. */
int f1_format_find(const char *name);

#endif
