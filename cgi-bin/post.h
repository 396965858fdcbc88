/* SPDX-License-Identifier: ISC */
/* A POST to the endpoint, and who was turned away before it. */
#ifndef CGI_BIN_POST_H
#define CGI_BIN_POST_H

#include "cgi-bin/site.h"
#include "http/http.h"

/* Answer it; path, Origin and Host are settled. */
void post_answer(struct site *site, struct http_req *req,
    struct tool_filter *filter, struct http_res *res);

/* Refuse an attempt from a foreign Origin or Host, of any method, and leave
 * its line. */
void post_refuse(struct site *site, const struct http_req *req,
    struct http_res *res, const struct fault *why);

#endif
