/* SPDX-License-Identifier: ISC */
/* The setting "host": names or addresses, each perhaps with a port of its own,
 * with commas between them. */
#include "source/pgsql_int.h"

/* "name", "name:port", "::1", "[::1]:port" */
static struct pgsql_place
read_one(struct arena *a, struct str s, const char *port)
{
	struct str name = s, rest = { 0 };

	if (str_starts(s, STR("["))) {
		rest = str_from(s, 1);
		(void)str_cut(&rest, ']', &name);
		rest = rest.len > 0 && rest.p[0] == ':' ? str_from(rest, 1)
							: (struct str){ 0 };
	} else if (str_has(s, ':')) {
		rest = s;
		(void)str_cut(&rest, ':', &name);
		if (str_has(rest, ':')) { /* an address of version 6 */
			name = s;
			rest = (struct str){ 0 };
		}
	}
	return (struct pgsql_place){ arena_z(a, name),
		rest.len > 0 ? arena_z(a, rest) : port };
}

size_t
pgsql_places(struct arena *a, const struct conf_source *s,
    struct pgsql_place out[static PGSQL_PLACES])
{
	const char *port = s->port > 0 ? arena_fmt(a, "%d", s->port).p : NULL;
	struct str rest = str_of(s->host == NULL ? "" : s->host), one;
	size_t n = 0;

	out[0] = (struct pgsql_place){ s->socket, port };
	if (s->socket != NULL || s->host == NULL)
		return 1;
	while (n < PGSQL_PLACES && str_cut(&rest, ',', &one))
		out[n++] = read_one(a, str_trim(one), port);
	return n == 0 ? 1 : n;
}

struct pgsql_place
pgsql_place_all(struct arena *a, const struct pgsql_place *p, size_t n)
{
	struct pgsql_place all = p[0];

	for (size_t i = 1; i < n; i++) {
		all.host = arena_fmt(a, "%s,%s", all.host, p[i].host).p;
		all.port =
		    arena_fmt(a, "%s,%s", all.port == NULL ? "" : all.port,
			p[i].port == NULL ? "" : p[i].port)
			.p;
	}
	return all;
}
