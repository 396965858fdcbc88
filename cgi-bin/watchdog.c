/* SPDX-License-Identifier: ISC */
/*
 * The hard deadline.  A statement's single functions and its preparation
 * cannot be interrupted, so the answer for that case is framed before they
 * run, together with its audit line; a timer then writes both with nothing
 * but write(2), and the worker ends.
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "cgi-bin/watchdog.h"

enum { WORDS_MAX = 65536, GIVE_UP_MS = 2000 };

/* A signal handler has nothing but what is static. */
static char words[WORDS_MAX];
static size_t nwords;
static int words_fd;
static char line[WORDS_MAX];
static size_t nline;
static int line_fd;
static volatile sig_atomic_t armed;
static volatile int64_t end_ms;

/* clock_mono_ms may be called in a handler: clock_gettime is safe there. */
static void
set_timer(int64_t ms)
{
	struct itimerval t = { .it_value = { .tv_sec = ms / 1000,
				   .tv_usec = (ms % 1000) * 1000 + 1 } };

	(void)setitimer(ITIMER_REAL, &t, NULL);
}

static void
write_all(int fd, const char *p, size_t n)
{
	struct pollfd out = { .fd = fd, .events = POLLOUT };

	while (n > 0) {
		ssize_t done = write(fd, p, n);
		if (done > 0) {
			p += done;
			n -= (size_t)done;
		} else if (done == 0 || (errno != EINTR && errno != EAGAIN) ||
			   (errno == EAGAIN &&
			       poll(&out, 1, GIVE_UP_MS) <= 0)) {
			return;
		}
	}
}

/*
 * The timer is left running from one statement to the next, which saves two
 * system calls for each; so it may ring too early, or for nobody.
 */
static void
ring(int sig)
{
	int saved = errno;
	int64_t left;

	(void)sig;
	if (armed) {
		left = end_ms - clock_mono_ms();
		if (left <= 0) {
			write_all(line_fd, line, nline);
			write_all(words_fd, words, nwords);
			_exit(WATCHDOG_EXIT);
		}
		set_timer(left);
	}
	errno = saved;
}

/* When the timer will ring next; 0: it is not running. */
static int64_t rings_ms;

static void
arm(struct tool_guard *g, int64_t ms)
{
	int64_t now = clock_mono_ms();

	(void)g;
	if (nwords == 0)
		return;
	end_ms = now + ms;
	armed = 1;
	if (rings_ms > now && rings_ms <= end_ms)
		return;
	rings_ms = end_ms;
	set_timer(ms);
}

static void
disarm(struct tool_guard *g)
{
	(void)g;
	armed = 0;
}

static bool listening;

/* A copy of this process has neither the timer nor, perhaps, the handler. */
static void
forget(void)
{
	listening = false;
	armed = 0;
	rings_ms = 0;
}

static void
listen_once(void)
{
	static bool told;
	struct sigaction s = { .sa_handler = ring, .sa_flags = SA_RESTART };

	if (listening)
		return;
	listening = true;
	if (!told)
		told = pthread_atfork(NULL, NULL, forget) == 0;
	(void)sigaction(SIGALRM, &s, NULL);
}

/* The answer as the client will see it: whole, or the last event. */
static struct str
answer_text(struct http_res *answer)
{
	struct buf b;

	if (!answer->streaming)
		return http_render(answer);
	buf_init(&b, answer->arena, WORDS_MAX);
	for (size_t i = 0; i < answer->nbody; i++)
		buf_str(&b, answer->body[i]);
	return buf_text(&b);
}

struct tool_guard *
watchdog_guard(void *arg, struct http_res *answer, struct attempt *t)
{
	static struct tool_guard guard = { arm, disarm };
	struct buf b;
	struct str text;

	(void)arg;
	listen_once();
	armed = 0;
	nwords = 0;
	buf_init(&b, answer->arena, WORDS_MAX);
	if (!answer->io->frame(answer->io, answer_text(answer), &b, &words_fd))
		return NULL;
	memcpy(words, b.p, b.len);
	text = attempt_line(t, answer->arena, "call");
	nline = text.len < WORDS_MAX ? text.len : 0;
	memcpy(line, text.p, nline);
	line_fd = t->audit == NULL ? -1 : audit_fd(t->audit);
	nwords = b.len;
	return &guard;
}
