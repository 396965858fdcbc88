/* SPDX-License-Identifier: ISC */
/* Attacks as data, and what each of them must not have done. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "attack.h"

#define CASES_MAX ((size_t)1 << 20)

struct attacked attacked;

void
attack_open(const struct conf_source *as)
{
	rig_open(as);
	ask.classes = SQL_BIT(SQL_SELECT) | SQL_BIT(SQL_EXPLAIN);
}

void
alive(void)
{
	gives("SELECT a, b FROM t ORDER BY a", "1|'one'\n2|'two'\n");
}

static bool
tells_path(const char *words, const char *sql)
{
	return strstr(words, attacked.folder) != NULL &&
	       strstr(sql, attacked.folder) == NULL;
}

void
changes_nothing(const char *sql)
{
	char *before = strdup(attacked.sum());

	assert_non_null(before);
	run(sql);
	if (strcmp(before, attacked.sum()) != 0)
		fail_msg("changed something: %s", sql);
	free(before);
	if (tells_path(out.f.msg, sql) || tells_path(out.f.hint, sql))
		fail_msg("tells a path: %s: %s / %s", sql, out.f.msg,
		    out.f.hint);
	if (attacked.also != NULL)
		attacked.also(sql);
}

void
stopped(const char *sql)
{
	changes_nothing(sql);
#ifdef SOURCE_GATE_OFF
	if (attacked.gate_only)
		return;
#endif
	if (out.e == ERR_OK)
		fail_msg("answered: %s", sql);
}

static struct str
read_cases(const char *name)
{
	char *text = arena_get(out.a, CASES_MAX);
	const char *srcdir = getenv("srcdir");
	char path[512];
	ssize_t n;
	int fd;

	(void)snprintf(path, sizeof(path), "%s/tests/cases/attacks/%s",
	    srcdir == NULL ? "." : srcdir, name);
	fd = open(path, O_RDONLY);
	assert_true(fd >= 0);
	n = read(fd, text, CASES_MAX);
	close(fd);
	assert_true(n > 0 && (size_t)n < CASES_MAX);
	return (struct str){ text, (size_t)n };
}

/* {folder}, and bytes that do not fit in a line. */
static const char *
expanded(struct str line)
{
	const struct {
		const char *word, *means;
	} words[] = { { "{folder}", attacked.folder }, { "{line}", "\n" },
		{ "{del}", "\x7f" } };
	const char *z = arena_z(out.a, line);

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		const char *at;

		while ((at = strstr(z, words[i].word)) != NULL)
			z = arena_fmt(out.a, "%.*s%s%s", (int)(at - z), z,
			    words[i].means, at + strlen(words[i].word))
				.p;
	}
	return z;
}

void
attack_each(const char *file, const char *section,
    void (*check)(const char *sql))
{
	struct str rest = read_cases(file), line;
	bool in = false;
	size_t n = 0;

	while (str_cut(&rest, '\n', &line)) {
		if (str_starts(line, STR("= ")))
			in = str_eq(str_from(line, 2), str_of(section));
		else if (in && line.len > 0 && line.p[0] != '#') {
			check(expanded(line));
			n++;
		}
	}
	assert_true(n > 0);
	printf("%s: %zu cases\n", section, n);
	alive();
	if (attacked.after != NULL)
		attacked.after();
}
