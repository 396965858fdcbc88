/* SPDX-License-Identifier: ISC */
/* Who may ask from where: Origin, Host and the headers of CORS. */
#ifndef CGI_BIN_ORIGIN_H
#define CGI_BIN_ORIGIN_H

#include "conf/conf.h"
#include "http/http.h"

/* Refuse a foreign Origin or Host (mcp.md 3.6, SECURITY_MODEL H2). */
enum err origin_check(const struct conf *conf, const struct http_req *req,
    struct fault *f) FAULT_MUST_CHECK;

/* Let the script of an allowed origin read the answer.  Does nothing unless
 * origins are configured. */
void origin_headers(const struct conf *conf, const struct http_req *req,
    struct http_res *res);

/* Answer OPTIONS: 204 where origins are configured, else 405. */
void origin_options(const struct conf *conf, const struct http_req *req,
    struct http_res *res);

#endif
