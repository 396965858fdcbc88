/* SPDX-License-Identifier: ISC */
/* Lines on fd 2, each by one write, so that lines of several workers do not
 * mix. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"

#define TEXT 1024 /* of the caller, before escapes; longer is cut */

static const char *program = "mcp.fcgi";

void
log_name(const char *name)
{
	program = name;
}

static size_t
escape(char *out, const char *text)
{
	static const char hex[] = "0123456789abcdef";
	size_t n = 0;

	for (const char *p = text; *p != '\0'; p++) {
		unsigned char c = (unsigned char)*p;

		if (c >= 0x20 && c < 0x7f && c != '\\') {
			out[n++] = (char)c;
			continue;
		}
		out[n++] = '\\';
		if (c == '\\') {
			out[n++] = '\\';
			continue;
		}
		out[n++] = 'x';
		out[n++] = hex[c >> 4];
		out[n++] = hex[c & 15];
	}
	return n;
}

static void line(const char *fmt, va_list ap)
    __attribute__((format(printf, 1, 0)));

static void
line(const char *fmt, va_list ap)
{
	char text[TEXT], out[64 + 4 * TEXT];
	int saved = errno;
	int head;
	size_t n;

	head = snprintf(out, 64, "%.40s[%ld]: ", program, (long)getpid());
	if (head < 0 || vsnprintf(text, sizeof(text), fmt, ap) < 0)
		return;
	n = (size_t)head + escape(out + head, text);
	out[n++] = '\n';
	/* A log that cannot be written has nowhere to complain. */
	if (write(STDERR_FILENO, out, n) < 0)
		errno = saved;
	errno = saved;
}

void
log_line(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	line(fmt, ap);
	va_end(ap);
}

void
log_die(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	line(fmt, ap);
	va_end(ap);
	abort();
}
