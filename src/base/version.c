/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* What configure.ac says about the version. */

#include "config.h"

#include "base/version.h"

const char f1_version[] = PACKAGE_VERSION;
