/* SPDX-License-Identifier: ISC */
/* The module odbc.so. */
#include "source/driver_core.h"

DRIVER_MODULE(odbc);
