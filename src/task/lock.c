/* SPDX-License-Identifier: ISC */
/*
 * Who is at work on a task: a lock on one byte of a common file, the byte
 * named by the id.  It belongs to the open file and not to the process
 * (F_OFD_SETLK), so a copy of the process holds it too and it ends with the
 * last of them, however that ends.
 */
#define _GNU_SOURCE /* F_OFD_SETLK */
#include <errno.h>
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include "task/task_int.h"

/* Who has it for no more than a moment is waited for. */
enum { TRIES = 100, PAUSE_MS = 20 };

/* 60 bits of the id. */
static off_t
place(const char *id)
{
	uint64_t n = 0;

	for (int i = 0; i < 15; i++)
		n = n << 4 |
		    (uint64_t)(id[i] <= '9' ? id[i] - '0' : id[i] - 'a' + 10);
	return (off_t)n;
}

static bool
ask(struct tasks *s, const char *id, int what, struct flock *l)
{
	*l = (struct flock){ .l_type = F_WRLCK,
		.l_whence = SEEK_SET,
		.l_start = place(id),
		.l_len = 1 };
	if (what == F_UNLCK) {
		l->l_type = F_UNLCK;
		what = F_OFD_SETLK;
	}
	return fcntl(s->lock, what, l) == 0;
}

bool
task_lock(struct tasks *s, const char *id)
{
	struct flock l;

	return ask(s, id, F_OFD_SETLK, &l);
}

bool
task_lock_soon(struct tasks *s, const char *id)
{
	const struct timespec pause = { .tv_nsec = PAUSE_MS * 1000000L };

	for (int i = 0; i < TRIES; i++) {
		if (task_lock(s, id))
			return true;
		(void)nanosleep(&pause, NULL);
	}
	return false;
}

bool
task_is_held(struct tasks *s, const char *id)
{
	struct flock l;

	return !ask(s, id, F_OFD_GETLK, &l) || l.l_type != F_UNLCK;
}

void
task_unlock(struct tasks *s, const char *id)
{
	struct flock l;

	(void)ask(s, id, F_UNLCK, &l);
}
