/* SPDX-License-Identifier: ISC */
/* Reading the cases of tests/cases/attacks. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "attacks.h"

#define CASES_MAX ((size_t)1 << 20)

static struct str
read_cases(struct arena *a, const char *name)
{
	char *text = arena_get(a, CASES_MAX);
	const char *srcdir = getenv("srcdir");
	char path[512];
	ssize_t n;
	int fd;

	(void)snprintf(path, sizeof(path), "%s/tests/cases/attacks/%s",
	    srcdir == NULL ? "." : srcdir, name);
	fd = open(path, O_RDONLY);
	n = fd < 0 ? -1 : read(fd, text, CASES_MAX);
	if (n <= 0) {
		perror(path);
		abort();
	}
	close(fd);
	return (struct str){ text, (size_t)n };
}

static const char *
expanded(struct arena *a, struct str line, const char *folder)
{
	const char *z = arena_z(a, line);
	const char *at = strstr(z, "{folder}");

	if (at == NULL)
		return z;
	return arena_fmt(a, "%.*s%s%s", (int)(at - z), z, folder, at + 8).p;
}

size_t
attacks_each(struct arena *a, const char *file, const char *section,
    const char *folder, void (*check)(const char *sql))
{
	struct str rest = read_cases(a, file), line;
	bool in = false;
	size_t n = 0;

	while (str_cut(&rest, '\n', &line)) {
		if (str_starts(line, STR("= ")))
			in = str_eq(str_from(line, 2), str_of(section));
		else if (in && line.len > 0 && line.p[0] != '#') {
			check(expanded(a, line, folder));
			n++;
		}
	}
	return n;
}
