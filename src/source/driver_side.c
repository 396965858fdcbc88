/* SPDX-License-Identifier: ISC */
/*
 * The module's side of driver_core.h: the functions of the program under their
 * own names, each passed on to where it is.  The one mutable static is where
 * that is: a module learns it once, when it is opened.
 */
#include <stdarg.h>
#include <stdio.h>

#include "source/driver_core.h"

#undef fault_set /* fault.h, for analyzers */
#undef fault_field

#define TEXT_MAX 2048

static const struct driver_core *core;

void
driver_side_begin(const struct driver_core *c)
{
	core = c;
}

#define PASS_ON(result, name, params, args) \
	result name params                  \
	{                                   \
		return core->name args;     \
	}

DRIVER_CORE(PASS_ON)

enum err
fault_set(struct fault *f, enum err code, const char *fmt, ...)
{
	char text[TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return core->fault_text(f, code, text);
}

void
fault_hint(struct fault *f, const char *fmt, ...)
{
	char text[TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	core->hint_text(f, text);
}

void
fault_log(struct fault *f, const char *fmt, ...)
{
	char text[TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	core->log_text(f, text);
}

enum err
fault_field(struct fault *f, struct str field, const char *fmt, ...)
{
	char text[TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return core->field_text(f, field, text);
}

void
log_line(const char *fmt, ...)
{
	char text[TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	core->line_text(text);
}

struct str
arena_fmt(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	char *p;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	p = core->arena_get(a, (size_t)n + 1);
	va_start(ap, fmt);
	(void)vsnprintf(p, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return (struct str){ p, (size_t)n };
}

void
buf_fmt(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n <= 0 || !buf_room(b, (size_t)n + 1))
		return;
	va_start(ap, fmt);
	(void)vsnprintf(b->p + b->len, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->len += (size_t)n;
}
