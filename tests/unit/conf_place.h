/* SPDX-License-Identifier: ISC */
/* A folder of its own for each test of the configuration, and what is done in
 * it: write a file, load it, look at the complaints. */
#ifndef TEST_CONF_PLACE_H
#define TEST_CONF_PLACE_H

#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "conf/conf_int.h"

struct place {
	struct arena *a;
	char dir[64];
	const char *conf; /* DIR/mcp.conf */
	struct conf *c;   /* after good() */
	struct buf said;  /* complaints, after bad() */
	struct fault f;
};

static inline int
setup(void **state)
{
	struct place *p = calloc(1, sizeof(*p));

	assert_non_null(p);
	p->a = arena_new((size_t)1 << 30);
	snprintf(p->dir, sizeof(p->dir), "/tmp/test_conf_XXXXXX");
	assert_non_null(mkdtemp(p->dir));
	p->conf = arena_fmt(p->a, "%s/mcp.conf", p->dir).p;
	*state = p;
	return 0;
}

/* Files only; no test makes a folder within. */
static inline int
teardown(void **state)
{
	static const char *const files[] = { "mcp.conf", "b.conf", "secret",
		"link", "fifo" };
	struct place *p = *state;

	conf_free(p->c);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		unlink(arena_fmt(p->a, "%s/%s", p->dir, files[i]).p);
	assert_int_equal(rmdir(p->dir), 0);
	arena_free(p->a);
	free(p);
	return 0;
}

static inline const char *
put(struct place *p, const char *name, const char *text, unsigned mode)
{
	const char *path = arena_fmt(p->a, "%s/%s", p->dir, name).p;
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
	return path;
}

static inline enum err
load(struct place *p)
{
	conf_free(p->c);
	buf_init(&p->said, p->a, (size_t)1 << 20);
	p->f = (struct fault){ 0 };
	return conf_load(p->conf, &p->c, &p->said, &p->f);
}

static inline void
good(struct place *p, const char *text)
{
	put(p, "mcp.conf", text, 0600);
	if (load(p) != ERR_OK)
		fail_msg("%s\n%.*s", text, (int)p->said.len, p->said.p);
}

/* Refused, with "words" in the complaint. */
static inline void
refused(struct place *p, const char *words)
{
	assert_int_equal(load(p), ERR_CONF);
	assert_null(p->c);
	buf_char(&p->said, '\0');
	if (strstr(p->said.p, words) == NULL)
		fail_msg("not \"%s\" but %s", words, p->said.p);
}

#define SOURCE(text) "sources = { s = { driver = \"x\"; " text " }; };"

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

#endif
