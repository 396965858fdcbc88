/* SPDX-License-Identifier: ISC */
/* log: the last lines of the audit, and what comes in after them. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ctl/log_row.h"

#define LINES_MAX 100000

/* The last n lines that fit, in a ring of buffers that getline reuses. */
struct ring {
	char **line;
	size_t *cap;
	size_t n, count;
};

static void
ring_free(void *p)
{
	struct ring *r = p;

	for (size_t i = 0; i <= r->n; i++)
		free(r->line[i]);
}

/* Read all there is; what fits stays in the ring, whose spare slot the next
 * line is read into. */
static void
fill(struct ring *r, FILE *in, const struct log_filter *filter)
{
	size_t spare = r->n;

	while (getline(&r->line[spare], &r->cap[spare], in) > 0) {
		size_t at = r->count % r->n;
		char *line = r->line[at];
		size_t cap = r->cap[at];

		if (!log_fits(filter, str_of(r->line[spare])))
			continue;
		r->line[at] = r->line[spare];
		r->cap[at] = r->cap[spare];
		r->line[spare] = line;
		r->cap[spare] = cap;
		r->count++;
	}
}

static void
print(struct ctl *c, const struct ring *r)
{
	struct log_rows *rows = log_rows_new(c);
	size_t first = r->count > r->n ? r->count - r->n : 0;

	for (size_t i = first; i < r->count; i++)
		log_row(rows, str_of(r->line[i % r->n]));
	log_rows_done(rows);
}

static void
drain(struct ctl *c, FILE *in, const struct log_filter *filter, char **line,
    size_t *cap)
{
	clearerr(in);
	while (getline(line, cap, in) > 0)
		if (log_fits(filter, str_of(*line)))
			log_line_out(c, str_of(*line));
}

static bool
is_replaced(FILE *in, const char *path)
{
	struct stat now, was;

	return stat(path, &now) == 0 && fstat(fileno(in), &was) == 0 &&
	       now.st_ino != was.st_ino;
}

static bool
renew(FILE **in, const char *path)
{
	FILE *new = fopen(path, "re");

	if (new == NULL)
		return false;
	(void)fclose(*in);
	*in = new;
	return true;
}

/* Until a signal ends us: print what is appended, and start again with the
 * new file when this one has been renamed away. */
static enum ctl_exit
follow(struct ctl *c, FILE **in, const char *path,
    const struct log_filter *filter)
{
	int watch = inotify_init1(IN_CLOEXEC);
	char event[4096];
	char *line = NULL;
	size_t cap = 0;

	if (watch < 0 || inotify_add_watch(watch, c->conf->state,
			     IN_MODIFY | IN_CREATE | IN_MOVED_TO) < 0)
		return ctl_failed(c, ERR_UNAVAILABLE,
		    "%s cannot be watched: %s", c->conf->state,
		    strerror(errno));
	do {
		drain(c, *in, filter, &line, &cap);
		/* A new file may hold lines already. */
		if (is_replaced(*in, path) && renew(in, path))
			drain(c, *in, filter, &line, &cap);
	} while (ctl_flush(c) &&
		 (read(watch, event, sizeof(event)) > 0 || errno == EINTR));
	free(line);
	return CTL_FAILED;
}

static enum ctl_exit
read_log(struct ctl *c, FILE **in, const char *path, size_t lines)
{
	struct log_filter *filter = log_filter_new(c);
	struct ring r = { .n = lines };

	r.line = arena_zero(c->arena, lines + 1, sizeof(*r.line));
	r.cap = arena_zero(c->arena, lines + 1, sizeof(*r.cap));
	arena_defer(c->arena, ring_free,
	    memcpy(arena_get(c->arena, sizeof(r)), &r, sizeof(r)));
	fill(&r, *in, filter);
	if (r.count == 0)
		log_nothing(filter);
	if (ctl_has(c, OPT_FOLLOW)) {
		for (size_t i = r.count > r.n ? r.count - r.n : 0; i < r.count;
		     i++)
			log_line_out(c, str_of(r.line[i % r.n]));
		return follow(c, in, path, filter);
	}
	print(c, &r);
	return CTL_DONE;
}

enum ctl_exit
cmd_log(struct ctl *c)
{
	struct fault f = { 0 };
	const char *path;
	int64_t lines = 0;
	enum ctl_exit e;
	FILE *in;

	if (!ctl_number(c, OPT_LINES, 1, LINES_MAX, 50, &lines))
		return CTL_USAGE;
	e = ctl_open_store(c);
	if (e != CTL_DONE)
		return e;
	path = arena_fmt(c->arena, "%s/audit.jsonl", c->conf->state).p;
	in = fopen(path, "re");
	if (in == NULL && errno == ENOENT && !ctl_has(c, OPT_FOLLOW)) {
		if (ctl_has(c, OPT_JSON))
			buf_lit(&c->out, "[]\n");
		else
			ctl_say("nothing has been asked yet");
		return CTL_DONE;
	}
	if (in == NULL) {
		(void)fault_set(&f, ERR_UNAVAILABLE, "%s cannot be read: %s",
		    path, strerror(errno));
		return ctl_fault(c, &f);
	}
	e = read_log(c, &in, path, (size_t)lines);
	(void)fclose(in);
	return e;
}
