/* SPDX-License-Identifier: ISC */
/* The ClickHouse source before its module is opened. */
#ifndef SOURCE_CLICKHOUSE_H
#define SOURCE_CLICKHOUSE_H

#include "base/fault.h"

struct conf_source;

/* Do url and tls agree?  Words to another machine are encrypted, unless the
 * configuration says that they need not be. */
enum err clickhouse_check(const struct conf_source *s, struct fault *f);

#endif
