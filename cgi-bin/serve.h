/* SPDX-License-Identifier: ISC */
/* The way of a request. */
#ifndef CGI_BIN_SERVE_H
#define CGI_BIN_SERVE_H

#include "cgi-bin/site.h"
#include "http/http.h"

/* Answer one request, whatever it is. */
void serve(struct site *site, struct http_io *io);

#endif
