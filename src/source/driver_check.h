/* SPDX-License-Identifier: ISC */
/* What the settings of a source say together, before anything is opened. */
#ifndef SOURCE_DRIVER_CHECK_H
#define SOURCE_DRIVER_CHECK_H

#include "base/buf.h"
#include "conf/conf.h"
#include "source/driver.h"

/* Complaints about one source. */
struct driver_said {
	const struct conf_source *spec;
	struct buf *to;
	size_t n;
};

/* One more line, where the setting stands: its name, then these words. */
void driver_wrong(struct driver_said *said, const char *setting,
    const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* "host": names, each perhaps with a port, with commas between; and a socket
 * instead of it. */
void driver_check_place(const struct conf_source *spec,
    struct driver_said *said);

/* The drivers' own (struct source_driver.check). */
void clickhouse_check(const struct conf_source *spec, struct driver_said *said);
void files_check(const struct conf_source *spec, struct driver_said *said);
void mariadb_check(const struct conf_source *spec, struct driver_said *said);
void odbc_check(const struct conf_source *spec, struct driver_said *said);
void pgsql_check(const struct conf_source *spec, struct driver_said *said);

#endif
