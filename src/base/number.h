/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_BASE_NUMBER_H
#define F1_BASE_NUMBER_H

/* Numbers as text and back, where one number must have one spelling. */

#define F1_NUMBER_LEN 40

/* The shortest decimal digits that give this finite number back: "98.5", "0.0", "1e+20". */
const char *f1_number_format(char buf[F1_NUMBER_LEN], double number);

/* A whole text as a finite number: digits, perhaps with a sign, a fraction or an exponent. 0 when it is none. */
int f1_number_parse(const char *text, double *pnumber);

#endif
