/* SPDX-License-Identifier: ISC */
/* The web server snippets, as they stand in examples/web. */
#ifndef CTL_WEB_H
#define CTL_WEB_H

#include <stddef.h>

#include "base/buf.h"

struct web_text {
	const char *name; /* of the file */
	const char *text;
};

extern const struct web_text web_texts[];
extern const size_t web_ntexts;

/* What the defaults in a snippet become. */
struct web_paths {
	const char *handler; /* absolute path of mcp.fcgi */
	const char *conf;    /* absolute path of mcp.conf */
	const char *mount;   /* "/mcp" */
	const char *host;    /* "example.org" */
	const char *state;   /* the state folder, or NULL */
};

/* Write a snippet with the real paths in it. */
void web_expand(struct buf *to, const char *text, const struct web_paths *p);

#endif
