/* SPDX-License-Identifier: ISC */
/*
 * A site with resources and prompts for the tests of the room content: the
 * two databases of tool_site.h, and a folder full of what must not be served.
 */
#ifndef TESTS_CONTENT_SITE_H
#define TESTS_CONTENT_SITE_H

#include "content/content.h"
#include "tests/unit/tool_site.h"

struct content_site {
	struct site site;
	char docs[40]; /* the folder of files */
};

/* "more" is put behind the usual settings; "docs" is the folder's variable in
 * it, written DOCS. */
void content_open(struct content_site *s, const char *more);
void content_close(struct content_site *s);

/* A call of the caller of s->site, ready to be used. */
struct tool_call *content_call(struct content_site *s);

/* A file below the folder. */
void content_file(struct content_site *s, const char *rel, const char *bytes,
    size_t n);

/* The text of a resource; NULL when there is none, s->site.fault says why. */
const char *content_read_text(struct content_site *s, const char *uri);

/* All pages of resources/list as one array. */
json_t *content_list_all(struct content_site *s);
/* The entry of that address in a list, or NULL. */
json_t *content_entry(json_t *list, const char *uri);

json_t *content_json(struct content_site *s, struct str text);

#endif
