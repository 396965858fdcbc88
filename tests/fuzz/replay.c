/* SPDX-License-Identifier: ISC */
/*
 * A fuzz target without a fuzzer, for make check: every seed as it is, cut
 * short at each byte, and with each byte changed a little.  "fuzz_X FILE..."
 * runs these files only, as they are, which replays a finding.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "fuzz.h"

#define SEED_MAX ((size_t)1 << 20)
#define VARY_MAX 256 /* longer seeds are cut and changed only in the front */

/* A block of its own size, so that reading past it is seen. */
static void
run(const unsigned char *p, size_t n)
{
	unsigned char *copy = malloc(n == 0 ? 1 : n);

	if (copy == NULL)
		abort();
	if (n != 0)
		memcpy(copy, p, n);
	(void)LLVMFuzzerTestOneInput(copy, n);
	free(copy);
}

static size_t
slurp(const char *path, unsigned char *p)
{
	FILE *file = fopen(path, "rb");
	size_t n;

	if (file == NULL) {
		perror(path);
		exit(1);
	}
	n = fread(p, 1, SEED_MAX, file);
	(void)fclose(file);
	return n;
}

static void
vary(unsigned char *p, size_t n)
{
	static const unsigned char odd[] = { 0x00, 0x22, 0x5c, 0x7f, 0x80,
		0xff };

	for (size_t i = 0; i < n && i < VARY_MAX; i++) {
		unsigned char was = p[i];

		run(p, i);
		for (size_t k = 0; k < sizeof(odd); k++) {
			p[i] = odd[k];
			run(p, n);
		}
		p[i] = was ^ 1;
		run(p, n);
		p[i] = was ^ 0x20;
		run(p, n);
		p[i] = was;
	}
}

static int
is_seed(const struct dirent *e)
{
	return e->d_name[0] != '.';
}

static int
run_folder(const char *dir, unsigned char *text)
{
	struct dirent **names;
	int n = scandir(dir, &names, is_seed, alphasort);

	for (int i = 0; i < n; i++) {
		char path[4096 + 257];
		size_t size;

		(void)snprintf(path, sizeof(path), "%s/%s", dir,
		    names[i]->d_name);
		size = slurp(path, text);
		run(text, size);
		vary(text, size);
		free(names[i]);
	}
	if (n >= 0)
		free(names);
	if (n <= 0)
		(void)fprintf(stderr, "%s: no seeds\n", dir);
	return n;
}

/* The target's name: the program's, without its folder and "fuzz_". */
static const char *
target(const char *program)
{
	const char *slash = strrchr(program, '/');
	const char *name = slash == NULL ? program : slash + 1;

	return strncmp(name, "fuzz_", 5) == 0 ? name + 5 : name;
}

int
main(int argc, char **argv)
{
	static unsigned char text[SEED_MAX];
	const char *srcdir = getenv("srcdir");
	char dir[4096];

	for (int i = 1; i < argc; i++)
		run(text, slurp(argv[i], text));
	if (argc > 1)
		return 0;
	(void)snprintf(dir, sizeof(dir), "%s/tests/fuzz/seeds/%s",
	    srcdir == NULL ? "." : srcdir, target(argv[0]));
	run(NULL, 0);
	return run_folder(dir, text) > 0 ? 0 : 1;
}
