/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Decimal numbers, in the C locale that all our programs run in. */

#include "base/number.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DIGITS "0123456789"

const char *f1_number_format(char buf[F1_NUMBER_LEN], double number)
{
    int precision = 15, len;

    do {
        len = snprintf(buf, F1_NUMBER_LEN - 2, "%.*g", precision, number);
    } while (precision++ < 17 && strtod(buf, NULL) != number);
    if (len > 0 && !buf[strspn(buf, "-" DIGITS)]) {
        memcpy(buf + len, ".0", 3);
    }
    return buf;
}

/* The shape alone: strtod also takes "inf", "nan" and hexadecimal digits. */
static int is_number(const char *text)
{
    size_t whole, fraction = 0;

    text += *text == '+' || *text == '-';
    whole = strspn(text, DIGITS);
    text += whole;
    if (*text == '.') {
        fraction = strspn(++text, DIGITS);
        text += fraction;
    }
    if (!whole && !fraction) {
        return 0;
    }
    if (*text == 'e' || *text == 'E') {
        text++;
        text += *text == '+' || *text == '-';
        whole = strspn(text, DIGITS);
        if (!whole) {
            return 0;
        }
        text += whole;
    }
    return !*text;
}

int f1_number_parse(const char *text, double *pnumber)
{
    if (!is_number(text)) {
        return 0;
    }
    *pnumber = strtod(text, NULL);
    return isfinite(*pnumber);
}
