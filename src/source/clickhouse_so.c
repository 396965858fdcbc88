/* SPDX-License-Identifier: ISC */
/* The module "clickhouse". */
#include "source/driver_core.h"

DRIVER_MODULE(clickhouse);
