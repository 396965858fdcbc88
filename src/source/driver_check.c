/* SPDX-License-Identifier: ISC */
/* The settings of a source, looked at without opening it: all that is wrong. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "source/driver_check.h"

/* The settings that say where a source is and how to get there; all others
 * mean the same for every driver. */
static const char *const places[] = { "path", "host", "port", "socket",
	"database", "user", "password", "password_file", "password_env", "tls",
	"tls_ca", "options", "dsn", "trusted_role", "url", "addresses",
	"format", "delimiter", "header", "null", "types", "on_error",
	"unsafe_engines", NULL };

static bool
is_in(const char *const *list, const char *name)
{
	while (*list != NULL && strcmp(*list, name) != 0)
		list++;
	return *list != NULL;
}

void
driver_wrong(struct driver_said *said, const char *setting, const char *fmt,
    ...)
{
	const struct conf_source *s = said->spec;
	struct conf_at at = conf_source_at(s, setting);
	bool given = conf_source_has(s, setting);
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	buf_fmt(said->to, "%s:%d: %s%s%s%s %s\n", at.file, at.line,
	    s->store ? "" : "sources.", s->name, given ? "." : "",
	    given ? setting : "", text);
	said->n++;
}

/* A setting that this driver does not read. */
static void
say_unread(struct driver_said *said, const struct source_driver *d,
    const char *setting)
{
	char list[512];
	size_t n = 0;

	list[0] = '\0';
	for (size_t i = 0; d->settings[i] != NULL && n < sizeof(list); i++)
		n += (size_t)snprintf(list + n, sizeof(list) - n, "%s %s",
		    i == 0 ? "" : ",", d->settings[i]);
	driver_wrong(said, setting,
	    "is no setting of the driver %s; it reads%s", d->name, list);
}

/* "[::1]:5432", "name:5432": a port that is none, or a name that is not
 * there. */
static void
check_host(struct str one, struct driver_said *said)
{
	struct str rest = str_trim(one), name = rest;
	int64_t port;

	if (str_starts(rest, STR("["))) {
		rest = str_from(rest, 1);
		(void)str_cut(&rest, ']', &name);
		rest = str_from(rest, str_starts(rest, STR(":")));
	} else {
		(void)str_cut(&rest, ':', &name);
		if (str_has(rest, ':')) /* an address of version 6 */
			return;
	}
	if (name.len == 0)
		driver_wrong(said, "host", "names no host between its commas");
	else if (rest.len > 0 && !str_int(rest, 1, 65535, &port))
		driver_wrong(said, "host",
		    "has a port that is not between 1 and 65535: \"%.*s\"",
		    (int)one.len, one.p);
}

void
driver_check_place(const struct conf_source *s, struct driver_said *said)
{
	struct str rest = str_of(s->host), one;

	while (s->host != NULL && str_cut(&rest, ',', &one))
		check_host(one, said);
	if (s->host != NULL && s->socket != NULL)
		driver_wrong(said, "socket",
		    "and host exclude each other: one of them is where the server is");
}

/* The certificates are read when a connection is made. */
static void
check_certificates(const struct conf_source *s, struct driver_said *said)
{
	int fd;

	if (s->tls_ca == NULL)
		return;
	fd = open(s->tls_ca, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		driver_wrong(said, "tls_ca", "cannot be read: \"%s\": %s",
		    s->tls_ca, strerror(errno));
	else
		(void)close(fd);
}

size_t
driver_check(const struct source_driver *d, const struct conf_source *s,
    struct buf *complaints)
{
	struct driver_said said = { s, complaints, 0 };

	for (size_t i = 0; i < s->ngiven; i++) {
		const char *name = s->given[i].name;

		if (is_in(places, name) && !is_in(d->settings, name))
			say_unread(&said, d, name);
	}
	for (size_t i = 0; d->needs[i] != NULL; i++)
		if (!conf_source_has(s, d->needs[i]))
			driver_wrong(&said, d->needs[i],
			    "needs the setting \"%s\" with the driver %s",
			    d->needs[i], d->name);
	if (is_in(d->settings, "tls_ca"))
		check_certificates(s, &said);
	if (s->ddl && s->readonly)
		driver_wrong(&said, "ddl",
		    "needs readonly = false beside it: nothing is written without");
	if (d->check != NULL)
		d->check(s, &said);
	return said.n;
}

size_t
driver_check_store(const struct conf_source *s, struct buf *complaints)
{
	const struct source_driver *d = driver_find(str_of(s->driver));
	struct driver_said said = { s, complaints, 0 };

	if (d != NULL && (d->caps & SOURCE_CAN_STORE) != 0)
		return driver_check(d, s, complaints);
	if (!str_eq(str_of(s->driver), STR("sqlite"))) {
		driver_wrong(&said, "driver", "must be sqlite or pgsql");
		return said.n;
	}
	for (size_t i = 0; i < s->ngiven; i++)
		if (is_in(places, s->given[i].name))
			driver_wrong(&said, s->given[i].name,
			    "says nothing to the driver sqlite, which keeps the store in the state folder");
	return said.n;
}
