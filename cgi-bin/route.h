/* SPDX-License-Identifier: ISC */
/* From a request to who answers it: the ladder of mcp.md 3.3, steps 1 to 4. */
#ifndef CGI_BIN_ROUTE_H
#define CGI_BIN_ROUTE_H

#include "cgi-bin/site.h"
#include "http/http.h"

void route(struct site *site, struct http_req *req, struct http_res *res);

#endif
