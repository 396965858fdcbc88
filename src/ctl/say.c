/* SPDX-License-Identifier: ISC */
/* How a command answers: standard output at the end, standard error at once. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "ctl/ctl.h"

#define TEXT_MAX 1024

void
ctl_say(const char *fmt, ...)
{
	va_list ap;

	(void)fputs("mcpctl: ", stderr);
	va_start(ap, fmt);
	(void)vfprintf(stderr, fmt, ap);
	va_end(ap);
	(void)fputc('\n', stderr);
}

void
ctl_complaints(struct str lines)
{
	if (lines.len > 0)
		(void)fwrite(lines.p, 1, lines.len, stderr);
}

void
ctl_fault_json(struct json_out *o, const struct fault *f)
{
	json_bool(o, "ok", false);
	json_obj(o, "error");
	json_z(o, "code", err_name(f->code));
	json_z(o, "message", f->msg);
	if (f->hint[0] != '\0')
		json_z(o, "hint", f->hint);
	if (f->log[0] != '\0')
		json_z(o, "detail", f->log);
	json_end(o);
}

/* Instead of all that was to be said. */
static void
fault_json(struct ctl *c, const struct fault *f)
{
	struct json_out *o = &c->json;

	buf_cut(&c->out, 0);
	json_out_init(o, &c->out, NULL);
	json_obj(o, NULL);
	ctl_fault_json(o, f);
	json_end(o);
	buf_lit(&c->out, "\n");
}

/* The same words as JSON, where that is wanted. */
static void
said_json(struct ctl *c, enum err code, const char *text)
{
	struct fault f = { 0 };

	(void)fault_set(&f, code, "%s", text);
	if (ctl_has(c, OPT_JSON))
		fault_json(c, &f);
}

enum ctl_exit
ctl_failed(struct ctl *c, enum err code, const char *fmt, ...)
{
	char text[TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	ctl_say("%s", text);
	said_json(c, code, text);
	return code == ERR_INVALID_ARGUMENT ? CTL_USAGE : CTL_FAILED;
}

enum ctl_exit
ctl_usage(struct ctl *c, const char *fmt, ...)
{
	char text[TEXT_MAX];
	struct buf b;
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	buf_init(&b, c->arena, 16384);
	ctl_usage_line(&b, c->command);
	ctl_say("%s\nusage: %.*s", text, (int)b.len, b.p);
	said_json(c, ERR_INVALID_ARGUMENT, text);
	return CTL_USAGE;
}

enum ctl_exit
ctl_fault_say(const struct fault *f)
{
	ctl_say("%s%s%s%s", f->msg, f->log[0] == '\0' ? "" : " (", f->log,
	    f->log[0] == '\0' ? "" : ")");
	if (f->hint[0] != '\0')
		ctl_say("%s", f->hint);
	return f->code == ERR_CONF ? CTL_CONF : CTL_FAILED;
}

enum ctl_exit
ctl_fault(struct ctl *c, const struct fault *f)
{
	if (ctl_has(c, OPT_JSON))
		fault_json(c, f);
	return ctl_fault_say(f);
}

enum ctl_exit
ctl_fault_typed(struct ctl *c, const struct fault *f)
{
	enum ctl_exit e = ctl_fault(c, f);

	return f->code == ERR_INVALID_ARGUMENT || f->code == ERR_FILTER
		   ? CTL_USAGE
		   : e;
}

bool
ctl_flush(struct ctl *c)
{
	size_t done = 0;

	while (done < c->out.len) {
		ssize_t n =
		    write(STDOUT_FILENO, c->out.p + done, c->out.len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		done += (size_t)n;
	}
	buf_cut(&c->out, 0);
	return true;
}
