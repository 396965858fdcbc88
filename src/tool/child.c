/* SPDX-License-Identifier: ISC */
/* A script's process as we see it: three pipes, a deadline, and its keeper. */
#define _GNU_SOURCE /* pipe2 */
#include "tool/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "tool/keeper.h"

enum { BEAT_MS = 100, STDERR_KEEP = 512, PIECE = 16384 };

/* A keeper that does not answer (somebody stopped it) is given up after. */
enum { KEEPER_LATE_MS = 3000 };

enum { IN, OUT, ERR, REPORT, PIPES };

/* Our ends and what came through them so far. */
struct run_child {
	const struct child_spec *spec;
	pid_t keeper;
	int fd[PIPES];
	size_t written;
	size_t seen; /* bytes of stdout */
	struct buf line;
	char tail[STDERR_KEEP];
	size_t tail_len;
	child_line *each;
	bool (*beat)(void *);
	void *arg;
};

static void
shut(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}

static void
shut_all(int *fd)
{
	for (int i = 0; i < PIPES; i++)
		shut(&fd[i]);
}

/* Ours and theirs of four pipes; the first is written by us. */
static bool
pipes_make(int ours[PIPES], int theirs[PIPES])
{
	for (int i = 0; i < PIPES; i++)
		ours[i] = theirs[i] = -1;
	for (int i = 0; i < PIPES; i++) {
		int p[2];

		if (pipe2(p, O_CLOEXEC) != 0)
			return false;
		ours[i] = p[i == IN ? 1 : 0];
		theirs[i] = p[i == IN ? 0 : 1];
	}
	for (int i = 0; i < REPORT; i++)
		(void)fcntl(ours[i], F_SETFL, O_NONBLOCK);
	return true;
}

static enum err
start(struct run_child *r, struct fault *f)
{
	int theirs[PIPES];
	pid_t self = getpid();
	bool ok = pipes_make(r->fd, theirs);

	r->keeper = ok ? fork() : -1;
	if (r->keeper == 0)
		keeper_main(r->spec, theirs, theirs[REPORT], self);
	shut_all(theirs);
	if (r->keeper > 0)
		return ERR_OK;
	shut_all(r->fd);
	fault_log(f, "a script cannot be started: %s", strerror(errno));
	return fault_set(f, ERR_BUSY, "the tool cannot be started now");
}

static void
feed(struct run_child *r)
{
	struct str rest = str_from(r->spec->input, r->written);
	ssize_t n = str_is_empty(rest) ? 0 : write(r->fd[IN], rest.p, rest.len);

	if (n > 0)
		r->written += (size_t)n;
	if (r->written == r->spec->input.len || (n < 0 && errno == EPIPE))
		shut(&r->fd[IN]);
}

static enum err
line_out(struct run_child *r, bool whole, struct fault *f)
{
	struct str text = buf_text(&r->line);
	bool more;

	if (buf_failed(&r->line))
		return fault_set(f, ERR_TOO_LARGE,
		    "the tool wrote a line of more than %zu bytes",
		    r->spec->line_max);
	if (text.p == NULL)
		text = STR("");
	more = r->each(r->arg, text, whole);
	buf_cut(&r->line, 0);
	return more ? ERR_OK
		    : fault_set(f, ERR_CANCELLED, "the call was ended");
}

/* Give out the lines that are whole and keep the rest. */
static enum err
lines(struct run_child *r, struct str piece, struct fault *f)
{
	enum err e = ERR_OK;

	while (e == ERR_OK && piece.len > 0) {
		const char *end = memchr(piece.p, '\n', piece.len);
		size_t n = end == NULL ? piece.len : (size_t)(end - piece.p);

		buf_put(&r->line, piece.p, n);
		if (end == NULL && !buf_failed(&r->line))
			return ERR_OK;
		e = line_out(r, true, f);
		piece = str_from(piece, n + 1);
	}
	return e;
}

static enum err
drink(struct run_child *r, struct fault *f)
{
	char piece[PIECE];
	ssize_t n = read(r->fd[OUT], piece, sizeof(piece));

	if (n < 0)
		return ERR_OK;
	if (n == 0) {
		shut(&r->fd[OUT]);
		return ERR_OK;
	}
	if ((size_t)n > r->spec->output_max - r->seen)
		return fault_set(f, ERR_TOO_LARGE,
		    "the tool wrote more than %zu bytes", r->spec->output_max);
	r->seen += (size_t)n;
	return lines(r, (struct str){ piece, (size_t)n }, f);
}

/* Keep the end of stderr: its last line goes to the log. */
static void
hear(struct run_child *r)
{
	char piece[PIECE], *new = piece;
	ssize_t n = read(r->fd[ERR], piece, sizeof(piece));
	size_t keep;

	if (n == 0)
		shut(&r->fd[ERR]);
	if (n <= 0)
		return;
	if (n > STDERR_KEEP) {
		new += n - STDERR_KEEP;
		n = STDERR_KEEP;
	}
	keep = sizeof(r->tail) - (size_t)n;
	if (keep > r->tail_len)
		keep = r->tail_len;
	memmove(r->tail, r->tail + r->tail_len - keep, keep);
	memcpy(r->tail + keep, new, (size_t)n);
	r->tail_len = keep + (size_t)n;
}

/* What is left in the pipe once nobody writes any more. */
static void
hear_rest(struct run_child *r)
{
	for (int i = 0; i < 256 && r->fd[ERR] >= 0; i++) {
		struct pollfd p = { r->fd[ERR], POLLIN, 0 };

		if (poll(&p, 1, 0) <= 0)
			return;
		hear(r);
	}
}

/* One look at the pipes. */
static enum err
turn(struct run_child *r, int ms, struct fault *f)
{
	struct pollfd p[3] = {
		[IN] = { r->fd[IN], POLLOUT, 0 },
		[OUT] = { r->fd[OUT], POLLIN, 0 },
		[ERR] = { r->fd[ERR], POLLIN, 0 },
	};

	if (poll(p, 3, ms) < 0)
		return errno == EINTR ? ERR_OK
				      : fault_set(f, ERR_INTERNAL,
					    "the tool cannot be heard");
	if (p[IN].revents != 0)
		feed(r);
	if (p[ERR].revents != 0)
		hear(r);
	return p[OUT].revents != 0 ? drink(r, f) : ERR_OK;
}

/* The keeper has written the status, or is gone. */
static bool
is_over(const struct run_child *r)
{
	struct pollfd p = { r->fd[REPORT], POLLIN, 0 };

	return poll(&p, 1, r->fd[OUT] < 0 ? BEAT_MS / 2 : 0) > 0;
}

/*
 * To the end of stdout and of the script: one that closed its stdout may still
 * work, and a process that left it may still hold its stdout.
 */
static enum err
attend(struct run_child *r, struct deadline until, struct fault *f)
{
	while (r->fd[OUT] >= 0 || !is_over(r)) {
		int64_t left = deadline_left(until);
		int ms = left < BEAT_MS ? (int)left : BEAT_MS;
		enum err e;

		if (left == 0)
			return fault_set(f, ERR_TIMEOUT,
			    "the tool did not finish in time");
		e = turn(r, r->fd[OUT] < 0 ? 0 : ms, f);
		if (e != ERR_OK)
			return e;
		if (r->beat != NULL && !r->beat(r->arg))
			return fault_set(f, ERR_CANCELLED,
			    "the call was ended");
	}
	return r->line.len == 0 ? ERR_OK : line_out(r, false, f);
}

/* Wait for the keeper, which ends the script if it still runs. */
static void
finish(struct run_child *r, bool early, struct child_end *end)
{
	struct pollfd p = { r->fd[REPORT], POLLIN, 0 };
	struct deadline late = deadline_in(KEEPER_LATE_MS);

	end->status = -1;
	end->ended = early;
	if (early)
		(void)kill(r->keeper, SIGTERM);
	while (poll(&p, 1, (int)deadline_left(late)) < 0 && errno == EINTR)
		;
	if ((p.revents & POLLIN) != 0)
		(void)!read(r->fd[REPORT], &end->status, sizeof(end->status));
	else
		(void)kill(r->keeper, SIGKILL);
	while (waitpid(r->keeper, NULL, 0) < 0 && errno == EINTR)
		;
}

static struct str
last_line(struct arena *a, const struct run_child *r)
{
	struct str rest = { r->tail, r->tail_len }, piece, last = { "", 0 };

	while (str_cut(&rest, '\n', &piece))
		if (!str_is_empty(str_trim(piece)))
			last = piece;
	return arena_dup(a, last);
}

enum err
child_run(struct arena *a, const struct child_spec *spec, struct deadline until,
    child_line *line, bool (*beat)(void *arg), void *arg, struct child_end *end,
    struct fault *f)
{
	struct run_child *r = arena_zero(a, 1, sizeof(*r));
	void (*pipe_was)(int);
	enum err e;

	*end = (struct child_end){ 0 };
	r->spec = spec;
	r->each = line;
	r->beat = beat;
	r->arg = arg;
	buf_init(&r->line, a, spec->line_max);
	e = start(r, f);
	if (e != ERR_OK)
		return e;
	/* A script need not read what we tell it. */
	pipe_was = signal(SIGPIPE, SIG_IGN);
	e = attend(r, until, f);
	shut(&r->fd[IN]);
	shut(&r->fd[OUT]);
	finish(r, e != ERR_OK, end);
	(void)signal(SIGPIPE, pipe_was);
	hear_rest(r);
	end->stderr_line = last_line(a, r);
	shut_all(r->fd);
	return e;
}
