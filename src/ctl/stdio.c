/* SPDX-License-Identifier: ISC */
/* stdio: one message a line in, one answer a line out (spec/mcp.md 3.5). */
#include <errno.h>
#include <unistd.h>

#include "ctl/local.h"

#define MESSAGE_ARENA (256u << 20)
#define CHUNK         65536

/* Lines from a descriptor.  A line over "max" comes cut, so that it is
 * refused as what it then is: no JSON. */
struct line_reader {
	int fd;
	size_t max;
	size_t at, have;
	char chunk[CHUNK];
};

/* Bytes up to the next newline; false at the end of the input. */
static bool
line_read(struct line_reader *r, struct buf *line)
{
	for (;;) {
		const char *from = r->chunk + r->at;
		size_t left = r->have - r->at;
		const char *nl = left == 0 ? NULL : memchr(from, '\n', left);
		size_t take = nl == NULL ? left : (size_t)(nl - from);
		ssize_t n;

		buf_put(line, from,
		    take > r->max - line->len ? r->max - line->len : take);
		r->at += take + (nl != NULL);
		if (nl != NULL)
			return true;
		do
			n = read(r->fd, r->chunk, sizeof(r->chunk));
		while (n < 0 && errno == EINTR);
		if (n <= 0)
			return line->len > 0;
		r->at = 0;
		r->have = (size_t)n;
	}
}

static enum ctl_exit
converse(struct local *l, struct line_reader *r)
{
	struct arena *a = arena_new(MESSAGE_ARENA);
	struct buf line;
	enum ctl_exit e = CTL_DONE;

	for (;;) {
		struct str body, answer;

		buf_init(&line, a, r->max);
		if (!line_read(r, &line))
			break;
		body = str_trim(buf_text(&line));
		if (body.len > 0 && body.p[body.len - 1] == '\r')
			body.len--;
		answer = (struct str){ 0 };
		if (body.len > 0)
			answer = local_message(l, a, body);
		if (answer.len > 0) {
			buf_str(&l->c->out, answer);
			buf_char(&l->c->out, '\n');
			if (!ctl_flush(l->c)) {
				e = CTL_FAILED;
				break;
			}
		}
		arena_reset(a);
	}
	arena_free(a);
	return e;
}

enum ctl_exit
cmd_stdio(struct ctl *c)
{
	struct local l;
	struct line_reader r = { .fd = STDIN_FILENO };
	enum ctl_exit e = local_open(c, &l);

	if (e == CTL_DONE) {
		r.max = (size_t)c->conf->limits.body;
		e = converse(&l, &r);
	}
	local_close(&l);
	return e;
}
