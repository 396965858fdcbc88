/* SPDX-License-Identifier: ISC */
/*
 * What the endpoint shows to a person or a script that looks at it with GET
 * (mcp.md 3.1).  Nothing here tells a tool, a source or a version.
 */
#ifndef PAGE_PAGE_H
#define PAGE_PAGE_H

#include "conf/conf.h"
#include "http/http.h"

/* Answer a GET or HEAD of a path that is ours: the page where text/html is
 * accepted, 405 to who wants a stream, a short JSON status otherwise. */
void page_get(const struct conf *conf, const struct http_req *req,
    struct http_res *res);

#endif
