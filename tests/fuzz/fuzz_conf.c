/* SPDX-License-Identifier: ISC */
/*
 * Any bytes as mcp.conf.  What loads must, once written out as the settings in
 * force, load again and be the same text.
 */
#define _GNU_SOURCE 1 /* memfd_create */

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "conf/conf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const char *__lsan_default_suppressions(void);

/* libconfig 1.5 loses the text it was joining when a syntax error follows. */
const char *
__lsan_default_suppressions(void)
{
	return "leak:libconfig";
}

#define TEXT_MAX ((size_t)8 << 20)

/* The bytes as a file that is ours alone; NULL when they do not load. */
static struct conf *
load(struct arena *a, const void *p, size_t n, bool *odd)
{
	int fd = memfd_create("mcp.conf", MFD_CLOEXEC);
	struct fault f = { 0 };
	struct conf *c = NULL;
	struct buf said;

	if (fd < 0 || fchmod(fd, 0600) != 0 || write(fd, p, n) != (ssize_t)n)
		abort();
	buf_init(&said, a, TEXT_MAX);
	if (conf_load(arena_fmt(a, "/proc/self/fd/%d", fd).p, &c, &said, &f) !=
	    ERR_OK)
		*odd = said.len == 0 || c != NULL;
	close(fd);
	return c;
}

static struct str
effective(struct arena *a, const struct conf *c)
{
	struct buf b;

	buf_init(&b, a, TEXT_MAX);
	conf_effective(c, &b);
	return buf_text(&b);
}

/* Secrets are not written out, so such a text may lack what it needs. */
static bool
has_secret(const struct conf *c)
{
	for (size_t i = 0; i < c->nsources; i++)
		if (c->sources[i].password.bytes != NULL)
			return true;
	return false;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new((size_t)256 << 20);
	bool odd = false;
	struct conf *c = load(a, data, size, &odd), *again;

	if (odd)
		abort(); /* refused without a word */
	if (c != NULL && !has_secret(c)) {
		struct str text = effective(a, c);

		again = load(a, text.p, text.len, &odd);
		if (again == NULL || !str_eq(effective(a, again), text))
			abort();
		conf_free(again);
	}
	conf_free(c);
	arena_free(a);
	return 0;
}
