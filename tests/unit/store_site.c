/* SPDX-License-Identifier: ISC */
/* See store_site.h. */
#define _GNU_SOURCE /* nftw, memmem */
#include <dirent.h>
#include <ftw.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/store_site.h"

static void
must(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "store_site: %s\n", what);
	exit(99);
}

void
site_make(struct site *s)
{
	struct fault f = { 0 };

	*s = (struct site){ .folder = "/tmp/mcp-store-XXXXXX" };
	must(mkdtemp(s->folder) != NULL, "no folder");
	(void)snprintf(s->state, sizeof(s->state), "%s/state", s->folder);
	s->arena = arena_new((size_t)64 << 20);
	s->conf = (struct conf){ .state = s->state,
		.basic = true,
		.api_key_header = true,
		.limits = { .rate = { true, 120, 60, 30 },
		    .auth_fails = { true, 20, 60, 20 },
		    .authorization = 8192 } };
	must((site_server(&s->conf.store)
		     ? store_create_shared(&s->conf, &f)
		     : store_create(s->state, &f)) == ERR_OK,
	    f.log);
	must(site_reopen(s, &f) == ERR_OK, f.log);
}

enum err
site_reopen(struct site *s, struct fault *f)
{
	store_close(s->store);
	s->store = NULL;
	return store_open(&s->conf, &s->store, f);
}

static int
drop(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st;
	(void)kind;
	(void)at;
	return remove(path);
}

void
site_remove(struct site *s)
{
	store_close(s->store);
	arena_free(s->arena);
	must(nftw(s->folder, drop, 8, FTW_DEPTH | FTW_PHYS) == 0,
	    "not removed");
}

const char *
site_path(struct site *s, const char *name)
{
	return arena_fmt(s->arena, "%s/%s", s->state, name).p;
}

void
site_token(char token[static KEY_TEXT_LEN + 1], const char *id,
    const char *secret)
{
	unsigned char h[32];

	(void)snprintf(token, KEY_TEXT_LEN + 1, "mcpk_%.12s_%.43s", id, secret);
	crypto_generichash(h, sizeof(h), (unsigned char *)token, 61, NULL, 0);
	sodium_bin2hex(token + 61, 7, h, 3);
}

static bool
file_holds(const char *path, struct str needle)
{
	static char text[4 << 20];
	FILE *fp = fopen(path, "r");
	size_t n;

	if (fp == NULL)
		return false;
	n = fread(text, 1, sizeof(text), fp);
	must(n < sizeof(text), "file too large to search");
	fclose(fp);
	return memmem(text, n, needle.p, needle.len) != NULL;
}

int
site_each(const char *folder, void (*fn)(const char *name))
{
	DIR *dir = opendir(folder);
	struct dirent *e;
	int n = 0;

	must(dir != NULL, "no folder to list");
	while ((e = readdir(dir)) != NULL) {
		if (e->d_type != DT_REG)
			continue;
		fn(e->d_name);
		n++;
	}
	closedir(dir);
	return n;
}

bool
site_holds(struct site *s, struct str needle)
{
	DIR *dir = opendir(s->state);
	bool found = false;
	struct dirent *e;

	must(dir != NULL, "no state folder");
	while ((e = readdir(dir)) != NULL)
		if (e->d_type == DT_REG)
			found |= file_holds(site_path(s, e->d_name), needle);
	closedir(dir);
	return found;
}
