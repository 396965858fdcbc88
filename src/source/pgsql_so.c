/* SPDX-License-Identifier: ISC */
/* The module "pgsql". */
#include "source/driver_core.h"

DRIVER_MODULE(pgsql);
