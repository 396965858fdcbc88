/* SPDX-License-Identifier: ISC */
/*
 * What test_key_work.sh looks at with valgrind (SECURITY_MODEL A3):
 *   key_work CASE N  checks a token of that case N times;
 *   key_work secret  checks one of each with the pepper marked undefined, so
 *                    that memcheck names every branch that depends on it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#if defined(__has_include)
#if __has_include(<valgrind/memcheck.h>)
#include <valgrind/memcheck.h>
#endif
#endif
#ifndef VALGRIND_MAKE_MEM_UNDEFINED
#define VALGRIND_MAKE_MEM_UNDEFINED(p, n) ((void)(p), (void)(n))
#define VALGRIND_MAKE_MEM_DEFINED(p, n)   ((void)(p), (void)(n))
#endif

#include "store/store_int.h"
#include "tests/unit/store_site.h"

#define NOW    ((int64_t)1800000000)
#define OTHERS 40

static struct site site;

static void
need(bool good)
{
	if (good)
		return;
	fprintf(stderr, "key_work: cannot set up\n");
	exit(2);
}

static void
make(char token[static KEY_TEXT_LEN + 1], int64_t expires_s, bool revoke)
{
	const struct key want = { .label = STR("a key like others"),
		.scopes = SCOPE_READ,
		.expires_s = expires_s };
	struct fault f = { 0 };
	struct key k;

	need(key_create(site.store, &want, NOW - 100, token, &k, site.arena,
		 &f) == ERR_OK);
	if (revoke)
		need(key_revoke(site.store, str_of(k.id), NOW, &f) == ERR_OK);
}

enum { GOOD, WRONG, UNKNOWN, EXPIRED, REVOKED, CASES };
static const char *const names[CASES] = { "good", "wrong", "unknown", "expired",
	"revoked" };
static char tokens[CASES][KEY_TEXT_LEN + 1];

static void
make_all(void)
{
	char token[KEY_TEXT_LEN + 1];

	for (int i = 0; i < OTHERS; i++)
		make(token, 0, false);
	make(tokens[GOOD], 0, false);
	make(tokens[EXPIRED], NOW, false);
	make(tokens[REVOKED], 0, true);
	site_token(tokens[WRONG], tokens[GOOD] + 5, token + 18);
	site_token(tokens[UNKNOWN], "5123456789ab", token + 18);
}

static void
check(int which)
{
	char seen[KEY_ID_LEN + 1];
	struct arena *a = arena_new(1 << 20);
	struct fault f = { 0 };
	struct key k;
	enum err err =
	    key_check(site.store, a, str_of(tokens[which]), NOW, &k, seen, &f);

	VALGRIND_MAKE_MEM_DEFINED(&err, sizeof(err));
	need(err == (which == GOOD ? ERR_OK : ERR_UNAUTHORIZED));
	arena_free(a);
}

int
main(int argc, char **argv)
{
	int which = 0;
	struct pepper *p;

	site_make(&site);
	make_all();
	need(argc > 1);
	if (strcmp(argv[1], "secret") == 0) {
		p = &site.store->peppers[0];
		check(GOOD); /* prepared, and known to be right */
		VALGRIND_MAKE_MEM_UNDEFINED(p->secret.bytes, PEPPER_LEN);
		for (int i = 0; i < CASES; i++)
			check(i);
		VALGRIND_MAKE_MEM_DEFINED(p->secret.bytes, PEPPER_LEN);
	} else {
		while (which < CASES && strcmp(argv[1], names[which]) != 0)
			which++;
		need(which < CASES && argc > 2);
		for (long n = strtol(argv[2], NULL, 10); n > 0; n--)
			check(which);
	}
	site_remove(&site);
	return 0;
}
