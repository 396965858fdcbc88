/* SPDX-License-Identifier: ISC */
/* Writing a fault down, and the names of the codes. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/fault.h"
#include "base/utf8.h"

#undef fault_set /* fault.h, for analyzers */
#undef fault_field

static const char *const names[] = {
	[ERR_OK] = "OK",
	[ERR_NOT_FOUND] = "NOT_FOUND",
	[ERR_BAD_URL] = "BAD_URL",
	[ERR_FORBIDDEN] = "FORBIDDEN",
	[ERR_METHOD] = "METHOD_NOT_ALLOWED",
	[ERR_MEDIA] = "UNSUPPORTED_MEDIA",
	[ERR_NOT_ACCEPTABLE] = "NOT_ACCEPTABLE",
	[ERR_BODY_BIG] = "BODY_TOO_LARGE",
	[ERR_BODY_SHORT] = "BODY_SHORT",
	[ERR_BODY_SLOW] = "BODY_SLOW",
	[ERR_HEADER] = "BAD_HEADER",
	[ERR_HEADER_BIG] = "HEADER_TOO_LARGE",
	[ERR_UNAUTHORIZED] = "UNAUTHORIZED",
	[ERR_RATE] = "RATE_LIMITED",
	[ERR_UNAVAILABLE] = "UNAVAILABLE",
	[ERR_SCOPE] = "INSUFFICIENT_SCOPE",
	[ERR_JSON] = "INVALID_JSON",
	[ERR_REQUEST] = "INVALID_REQUEST",
	[ERR_FILTER] = "INVALID_FILTER",
	[ERR_UNKNOWN_METHOD] = "UNKNOWN_METHOD",
	[ERR_META] = "INVALID_META",
	[ERR_PARAMS] = "INVALID_PARAMS",
	[ERR_HEADER_MISMATCH] = "HEADER_MISMATCH",
	[ERR_VERSION] = "UNSUPPORTED_VERSION",
	[ERR_CAPABILITY] = "MISSING_CAPABILITY",
	[ERR_SESSION] = "SESSION_NOT_FOUND",
	[ERR_UNKNOWN_TOOL] = "UNKNOWN_TOOL",
	[ERR_UNKNOWN_PROMPT] = "UNKNOWN_PROMPT",
	[ERR_UNKNOWN_RESOURCE] = "UNKNOWN_RESOURCE",
	[ERR_TOOL_ERROR] = "TOOL_ERROR",
	[ERR_ARGUMENT] = "INVALID_ARGUMENT",
	[ERR_INVALID_ARGUMENT] = "INVALID_ARGUMENT",
	[ERR_SOURCE_NOT_FOUND] = "SOURCE_NOT_FOUND",
	[ERR_SCHEMA_NOT_FOUND] = "SCHEMA_NOT_FOUND",
	[ERR_TABLE_NOT_FOUND] = "TABLE_NOT_FOUND",
	[ERR_COLUMN_NOT_FOUND] = "COLUMN_NOT_FOUND",
	[ERR_PROCEDURE_NOT_FOUND] = "PROCEDURE_NOT_FOUND",
	[ERR_OBJECT_NOT_FOUND] = "OBJECT_NOT_FOUND",
	[ERR_SQL_SYNTAX] = "SQL_SYNTAX",
	[ERR_SQL_ERROR] = "SQL_ERROR",
	[ERR_READ_ONLY] = "READ_ONLY",
	[ERR_STATEMENT_NOT_ALLOWED] = "STATEMENT_NOT_ALLOWED",
	[ERR_MULTIPLE_STATEMENTS] = "MULTIPLE_STATEMENTS",
	[ERR_PERMISSION_DENIED] = "PERMISSION_DENIED",
	[ERR_CONSTRAINT_VIOLATION] = "CONSTRAINT_VIOLATION",
	[ERR_TIMEOUT] = "TIMEOUT",
	[ERR_CANCELLED] = "CANCELLED",
	[ERR_TOO_LARGE] = "TOO_LARGE",
	[ERR_CURSOR_INVALID] = "CURSOR_INVALID",
	[ERR_BUSY] = "BUSY",
	[ERR_SOURCE_UNREACHABLE] = "SOURCE_UNREACHABLE",
	[ERR_SOURCE_AUTH_FAILED] = "SOURCE_AUTH_FAILED",
	[ERR_CONFLICT] = "CONFLICT",
	[ERR_STORE_UNAVAILABLE] = "STORE_UNAVAILABLE",
	[ERR_INTERNAL] = "INTERNAL",
	[ERR_CONF] = "CONFIGURATION",
};
_Static_assert(sizeof(names) / sizeof(names[0]) == ERR_COUNT,
    "every code has a name");

static void put(char *out, size_t size, const char *fmt, va_list ap)
    __attribute__((format(printf, 3, 0)));

/* vsnprintf, but what does not fit is cut at a character. */
static void
put(char *out, size_t size, const char *fmt, va_list ap)
{
	int n = vsnprintf(out, size, fmt, ap);
	size_t len, start;

	if (n < 0 || (size_t)n < size)
		return;
	len = size - 1;
	start = len;
	while (start != 0 && len - start < 4 &&
	       ((unsigned char)out[start - 1] & 0xc0) == 0x80)
		start--;
	if (start != 0 && ((unsigned char)out[start - 1] & 0x80) != 0 &&
	    utf8_step(out + start - 1, len - start + 1) == 0)
		out[start - 1] = '\0';
}

enum err
fault_set(struct fault *f, enum err code, const char *fmt, ...)
{
	va_list ap;

	f->code = code;
	va_start(ap, fmt);
	put(f->msg, sizeof(f->msg), fmt, ap);
	va_end(ap);
	return code;
}

void
fault_hint(struct fault *f, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	put(f->hint, sizeof(f->hint), fmt, ap);
	va_end(ap);
}

void
fault_log(struct fault *f, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	put(f->log, sizeof(f->log), fmt, ap);
	va_end(ap);
}

const char *
fault_word(char out[static FAULT_MSG], struct str s, size_t max)
{
	s = utf8_cut(s, max < FAULT_MSG ? max : FAULT_MSG - 1);
	for (size_t i = 0; i < s.len; i++)
		out[i] = s.p[i] == '\0' ? '?' : s.p[i];
	out[s.len] = '\0';
	return out;
}

enum err
fault_field(struct fault *f, struct str field, const char *fmt, ...)
{
	va_list ap;
	struct str name = utf8_cut(field, sizeof(f->field) - 1);

	f->code = ERR_ARGUMENT;
	if (name.len != 0)
		memcpy(f->field, name.p, name.len);
	f->field[name.len] = '\0';
	va_start(ap, fmt);
	put(f->msg, sizeof(f->msg), fmt, ap);
	va_end(ap);
	return ERR_ARGUMENT;
}

const char *
err_name(enum err code)
{
	if ((size_t)code >= ERR_COUNT)
		return "INTERNAL";
	return names[code];
}

bool
err_retryable(enum err code)
{
	switch (code) {
	case ERR_TIMEOUT:
	case ERR_BUSY:
	case ERR_SOURCE_UNREACHABLE:
	case ERR_STORE_UNAVAILABLE:
		return true;
	default:
		return false;
	}
}
