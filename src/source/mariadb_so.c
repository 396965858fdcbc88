/* SPDX-License-Identifier: ISC */
/* The module "mariadb". */
#include "source/driver_core.h"

DRIVER_MODULE(mariadb);
