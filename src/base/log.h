/* SPDX-License-Identifier: ISC */
/* Lines for the administrator, on stderr (the web server's error log). */
#ifndef BASE_LOG_H
#define BASE_LOG_H

/* One line: "mcp.fcgi[PID]: text".  Everything outside printable ASCII is
 * escaped.  No secret, no bind value. */
void log_line(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* The name in front of the lines; a literal. */
void log_name(const char *name);

/* Say it and end the process: for broken promises inside this program. */
void log_die(const char *fmt, ...)
    __attribute__((format(printf, 1, 2), noreturn));

#endif
