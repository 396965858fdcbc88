/* SPDX-License-Identifier: ISC */
/* doctor: looks a site over and names the line to change. */
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "ctl/doctor.h"

#define SAME_TAIL 12

static const char *const level_names[] = {
	[FIND_GOOD] = "good",
	[FIND_NOTE] = "note",
	[FIND_WARN] = "warn",
	[FIND_BAD] = "bad",
};

/* What libraries say may have several lines, and nothing behind a colon. */
static void
one_line(char *text)
{
	size_t n = 0;

	for (const char *p = text; *p != '\0'; p++) {
		bool space = (unsigned char)*p <= ' ';

		if (!space || (n > 0 && text[n - 1] != ' '))
			text[n++] = space ? ' ' : *p;
	}
	while (n > 0 && (text[n - 1] == ' ' || text[n - 1] == ':'))
		n--;
	text[n] = '\0';
}

void
find(struct doctor *d, enum finding level, const char *check, const char *fix,
    const char *fmt, ...)
{
	struct json_out *o = &d->c->json;
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	one_line(text);
	d->counts[level]++;
	if (!ctl_has(d->c, OPT_JSON)) {
		buf_fmt(&d->c->out, "%-5s %-14s %s\n", level_names[level],
		    check, text);
		if (fix != NULL)
			buf_fmt(&d->c->out, "%21schange: %s\n", "", fix);
		/* Some checks take seconds: show what is known. */
		(void)ctl_flush(d->c);
		return;
	}
	json_obj(o, NULL);
	json_z(o, "level", level_names[level]);
	json_z(o, "check", check);
	json_z(o, "text", text);
	if (fix != NULL)
		json_z(o, "change", fix);
	json_end(o);
}

/* Words for the log that end like those for the caller say more of the same;
 * some begin with the name that stands there already. */
void
find_fault(struct doctor *d, const char *check, const char *about,
    const char *fix, const struct fault *f)
{
	struct str said = str_of(f->msg), log = str_of(f->log), name;
	size_t tail = said.len < SAME_TAIL ? said.len : SAME_TAIL;

	name = arena_fmt(d->c->arena, "%s: ", about == NULL ? "" : about);
	if (str_starts(log, name))
		log = str_from(log, name.len);
	if (str_ends(log, str_from(said, said.len - tail)))
		said = (struct str){ 0 };
	find(d, FIND_BAD, check, f->hint[0] != '\0' ? f->hint : fix,
	    "%.*s%.*s%s%.*s", about == NULL ? 0 : (int)name.len, name.p,
	    (int)said.len, said.p == NULL ? "" : said.p,
	    said.len > 0 && log.len > 0 ? ": " : "", (int)log.len, log.p);
}

/* The token of --key, "-" to read it, or MCP_KEY.  What stood in the
 * arguments is blotted out: they are everybody's to read. */
static char *
read_token(struct ctl *c)
{
	const char *given = ctl_opt(c, OPT_KEY);
	char line[512];
	char *token;

	if (given == NULL)
		given = getenv("MCP_KEY");
	if (given == NULL)
		return NULL;
	if (str_eq(str_of(given), STR("-"))) {
		if (fgets(line, sizeof(line), stdin) == NULL)
			line[0] = '\0';
		token = arena_z(c->arena, str_of(line));
		sodium_memzero(line, sizeof(line));
	} else {
		token = arena_z(c->arena, str_of(given));
		if (ctl_has(c, OPT_KEY))
			sodium_memzero((char *)(uintptr_t)given, strlen(given));
	}
	token[strcspn(token, "\r\n")] = '\0';
	return token;
}

static bool
plain(const char *s)
{
	for (; *s != '\0'; s++)
		if (*s <= ' ' || *s > '~' || *s == '"' || *s == '\\')
			return false;
	return true;
}

static enum ctl_exit
outside(struct doctor *d)
{
	char *token = read_token(d->c);
	const char *url;
	enum ctl_exit e = ctl_url(d->c, URL_QUERY, &url);

	if (e != CTL_DONE)
		return e;
	if (token != NULL && (token[0] == '\0' || !plain(token)))
		return ctl_usage(d->c,
		    "--key is the token itself, or - to read it from standard input");
	e = doctor_out(d, url, token);
	if (token != NULL)
		sodium_memzero(token, strlen(token));
	return e;
}

static void
begin(struct doctor *d)
{
	if (!ctl_has(d->c, OPT_JSON))
		return;
	json_obj(&d->c->json, NULL);
	json_arr(&d->c->json, "findings");
}

static void
end(struct doctor *d)
{
	struct json_out *o = &d->c->json;

	if (ctl_has(d->c, OPT_JSON)) {
		json_end(o);
		json_bool(o, "ok", d->counts[FIND_BAD] == 0);
		json_int(o, "warnings", (int64_t)d->counts[FIND_WARN]);
		json_end(o);
		buf_char(&d->c->out, '\n');
		return;
	}
	buf_fmt(&d->c->out,
	    "%zu good, %zu to note, %zu to change, %zu broken\n",
	    d->counts[FIND_GOOD], d->counts[FIND_NOTE], d->counts[FIND_WARN],
	    d->counts[FIND_BAD]);
}

enum ctl_exit
cmd_doctor(struct ctl *c)
{
	struct doctor d = { .c = c };
	const char *url = ctl_opt(c, OPT_URL);
	enum ctl_exit e;

	if (url == NULL && ctl_has(c, OPT_KEY))
		return ctl_usage(c, "--key goes with --url");
	if (url == NULL && ctl_has(c, OPT_JSON)) {
		e = ctl_open_conf(c);
		if (e != CTL_DONE)
			return e;
	}
	begin(&d);
	e = url == NULL ? doctor_in(&d) : outside(&d);
	if (e == CTL_USAGE)
		return e;
	end(&d);
	if (e == CTL_DONE && d.counts[FIND_BAD] > 0)
		return CTL_FAILED;
	return e;
}
