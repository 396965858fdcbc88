/* SPDX-License-Identifier: ISC */
/* The hard deadline: last words prepared ahead, sent by a signal handler. */
#ifndef CGI_BIN_WATCHDOG_H
#define CGI_BIN_WATCHDOG_H

#include "http/http.h"
#include "mcp/mcp.h"

/* Exit status of a worker that the hard deadline ended. */
enum { WATCHDOG_EXIT = 4 };

/* As struct mcp wants it; "arg" is not used. */
struct tool_guard *watchdog_guard(void *arg, struct http_res *answer,
    struct attempt *t);

#endif
