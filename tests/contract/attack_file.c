/* SPDX-License-Identifier: ISC */
/* Attacks as data. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "attack_file.h"

#define CASES_MAX ((size_t)1 << 20)

static const char *
read_cases(const char *name)
{
	static char text[CASES_MAX];
	const char *srcdir = getenv("srcdir");
	char path[512];
	ssize_t n;
	int fd;

	(void)snprintf(path, sizeof(path), "%s/tests/cases/attacks/%s",
	    srcdir == NULL ? "." : srcdir, name);
	fd = open(path, O_RDONLY);
	assert_true(fd >= 0);
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	assert_true(n > 0);
	text[n] = '\0';
	return text;
}

/* {folder}, and bytes that do not fit in a line. */
static const char *
expanded(struct arena *a, struct str line, const char *folder)
{
	const struct {
		const char *word, *means;
	} words[] = { { "{folder}", folder }, { "{line}", "\n" },
		{ "{del}", "\x7f" } };
	const char *z = arena_z(a, line);

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		const char *at;

		while ((at = strstr(z, words[i].word)) != NULL)
			z = arena_fmt(a, "%.*s%s%s", (int)(at - z), z,
			    words[i].means, at + strlen(words[i].word))
				.p;
	}
	return z;
}

void
attack_each(struct arena *a, const char *file, const char *section,
    const char *folder, void (*check)(const char *sql))
{
	struct str rest = str_of(read_cases(file)), line;
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
	assert_true(n > 0);
	printf("%s: %zu cases\n", section, n);
}
