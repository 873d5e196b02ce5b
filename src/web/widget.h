/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_WEB_WIDGET_H
#define F1_WEB_WIDGET_H

/* The output filter F1BOARD: <f1-board view="…">fallback</f1-board> in HTML that httpd delivers, whoever made it,
 * becomes a table or a card. When that fails the page goes out as it came, and the log says why. */

void f1_widget_register_filter(void);

#endif
