/* SPDX-License-Identifier: ISC */
/* See content_site.h. */
#define _GNU_SOURCE /* nftw */
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/content_site.h"

static void
must(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "content_site: %s\n", what);
	exit(99);
}

static void
path_of(const struct content_site *s, const char *rel, char *to, size_t n)
{
	must((size_t)snprintf(to, n, "%s/%s", s->docs, rel) < n, "path");
}

void
content_file(struct content_site *s, const char *rel, const char *bytes,
    size_t n)
{
	char path[300];
	FILE *out;

	path_of(s, rel, path, sizeof(path));
	out = fopen(path, "wb");
	must(out != NULL && fwrite(bytes, 1, n, out) == n && fclose(out) == 0,
	    rel);
}

static void
folder(struct content_site *s, const char *rel)
{
	char path[300];

	path_of(s, rel, path, sizeof(path));
	must(mkdir(path, 0755) == 0, rel);
}

static void
link_to(struct content_site *s, const char *rel, const char *target)
{
	char path[300];

	path_of(s, rel, path, sizeof(path));
	must(symlink(target, path) == 0, rel);
}

static void
tree(struct content_site *s)
{
	static const char png[] = "\x89PNG\r\n\x1a\n\0\xff";
	char path[300];

	folder(s, "en");
	folder(s, "en/deep");
	folder(s, ".git");
	content_file(s, "intro.md", "# Hi\n", 5);
	content_file(s, "en/page.txt", "page", 4);
	content_file(s, "en/deep/er.json", "{}", 2);
	content_file(s, "a b%.md", "odd", 3);
	content_file(s, "dot.png", png, sizeof(png) - 1);
	content_file(s, "large.bin", png, sizeof(png) - 1);
	content_file(s, "raw", "\xff\xfe", 2);
	content_file(s, "plain", "words", 5);
	content_file(s, "empty.txt", "", 0);
	content_file(s, ".git/config", "secret", 6);
	content_file(s, ".hidden", "secret", 6);
	link_to(s, "passwd", "/etc/passwd");
	link_to(s, "etc", "/etc");
	link_to(s, "inside", "intro.md");
	link_to(s, "up", "..");
	link_to(s, "en/abs", s->docs);
	path_of(s, "pipe", path, sizeof(path));
	must(mkfifo(path, 0600) == 0, "pipe");
}

/* The settings with the folder's path where it says DOCS. */
static const char *
settings(const struct content_site *s, const char *more, char *to, size_t n)
{
	size_t at = (size_t)snprintf(to, n, "%s", site_usual);

	while (*more != '\0' && at + 64 < n) {
		if (strncmp(more, "DOCS", 4) != 0) {
			to[at++] = *more++;
			continue;
		}
		at += (size_t)snprintf(to + at, n - at, "%s", s->docs);
		more += 4;
	}
	to[at] = '\0';
	return to;
}

void
content_open(struct content_site *s, const char *more)
{
	static char text[32768];

	*s = (struct content_site){ .docs = "/tmp/mcp-content-XXXXXX" };
	must(mkdtemp(s->docs) != NULL, "no folder");
	tree(s);
	site_open(&s->site, settings(s, more, text, sizeof(text)));
	site_reader(&s->site);
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
content_close(struct content_site *s)
{
	site_close(&s->site);
	must(nftw(s->docs, drop, 8, FTW_DEPTH | FTW_PHYS) == 0, "not removed");
}

struct tool_call *
content_call(struct content_site *s)
{
	struct site *t = &s->site;

	t->fault = (struct fault){ 0 };
	t->attempt = (struct attempt){ .id = "00112233aabbccdd",
		.rows = -1,
		.bytes = -1,
		.affected = -1 };
	t->call = (struct tool_call){ .arena = t->arena,
		.conf = t->conf,
		.sources = t->sources,
		.catalogue = t->catalogue,
		.who = &t->who,
		.filter = &t->filter,
		.era = t->era,
		.now_s = t->now_s,
		.seal = &t->seal,
		.attempt = &t->attempt };
	return &t->call;
}

json_t *
content_json(struct content_site *s, struct str text)
{
	struct json_limits wide = { 128, 10000000, 100000000, 64 };
	struct fault f = { 0 };
	json_t *root = NULL;

	if (json_parse(s->site.arena, text, &wide, &root, &f) != ERR_OK)
		fail_msg("%s %s: %.*s", f.msg, f.log, (int)text.len, text.p);
	return root;
}

const char *
content_read_text(struct content_site *s, const char *uri)
{
	struct str contents = { 0 };
	json_t *all, *one;
	enum err e = resource_read(content_call(s), str_of(uri), &contents,
	    &s->site.fault);

	sources_reset(s->site.sources);
	if (e != ERR_OK)
		return NULL;
	all = content_json(s, contents);
	assert_int_equal(json_array_size(all), 1);
	one = json_array_get(all, 0);
	assert_true(str_eq(json_text(json_member(one, "uri")), str_of(uri)));
	assert_non_null(json_member(one, "mimeType"));
	assert_int_not_equal(json_member(one, "text") == NULL,
	    json_member(one, "blob") == NULL);
	return json_member(one, "text") == NULL
		   ? "blob"
		   : arena_z(s->site.arena,
			 json_text(json_member(one, "text")));
}

json_t *
content_list_all(struct content_site *s)
{
	struct content_page page = { 0 };
	json_t *all = NULL, *more;

	do {
		assert_int_equal(resource_list(content_call(s), page.next,
				     &page, &s->site.fault),
		    ERR_OK);
		more = content_json(s, page.items);
		if (all == NULL)
			all = more;
		else
			json_array_extend(all, more);
	} while (page.next.len > 0);
	sources_reset(s->site.sources);
	return all;
}

json_t *
content_entry(json_t *list, const char *uri)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		json_t *e = json_array_get(list, i);

		if (str_eq(json_text(json_member(e, "uri")), str_of(uri)))
			return e;
	}
	return NULL;
}
