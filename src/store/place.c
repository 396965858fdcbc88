/* SPDX-License-Identifier: ISC */
/*
 * Places for statements (limits.sources_in_flight).  A place is a mark in the
 * table of the limits with the number of the process that holds it, taken and
 * given back by one atomic operation each.  A process takes its number with a
 * lock on a cell of a file of its own kind, which the system ends with the
 * process: when all places of a key are held, those whose holders are gone are
 * taken from them.
 */
#define _GNU_SOURCE /* locks that belong to an open file */
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <unistd.h>

#include "source/db.h"
#include "store/store_int.h"

/* A number: bit 62, so that it counts as later than any time in the table,
 * then the cell, then what nobody had in that cell before. */
enum { CELLS = 4096, CELL_SHIFT = 48 };
#define NUMBER ((int64_t)1 << 62)
#define FRESH  (((int64_t)1 << CELL_SHIFT) - 1)

static struct flock
cell_lock(int64_t cell)
{
	return (struct flock){ .l_type = F_WRLCK,
		.l_whence = SEEK_SET,
		.l_start = (off_t)cell * (off_t)sizeof(int64_t),
		.l_len = sizeof(int64_t) };
}

/* The cell is ours, and says so. */
static bool
cell_take(struct places *p, int64_t cell)
{
	struct flock lock = cell_lock(cell);
	int64_t me;

	if (fcntl(p->lives, F_OFD_SETLK, &lock) != 0)
		return false;
	randombytes_buf(&me, sizeof(me));
	me = NUMBER | cell << CELL_SHIFT | (me & FRESH);
	if (pwrite(p->lives, &me, sizeof(me), lock.l_start) != sizeof(me))
		return false;
	p->me = me;
	return true;
}

/* Get a number, once in the life of a process. */
static bool
number_take(struct store *s)
{
	struct places *p = &s->running;
	int64_t first = getpid();

	if (p->lives < 0)
		p->lives =
		    open(arena_fmt(s->arena, "%s/places.lck", s->state).p,
			O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK,
			0600);
	if (p->lives < 0)
		return false;
	for (int i = 0; i < CELLS && p->me == 0; i++)
		if (!cell_take(p, (first + i) % CELLS) && errno != EAGAIN &&
		    errno != EACCES)
			return false;
	return p->me != 0;
}

/* Does the process with that number live?  In doubt it does. */
static bool
is_alive(const struct places *p, int64_t number)
{
	int64_t cell = (number & ~NUMBER) >> CELL_SHIFT, now;
	struct flock lock = cell_lock(cell);

	if (number == p->me)
		return true;
	if (pread(p->lives, &now, sizeof(now), lock.l_start) == sizeof(now) &&
	    now != number)
		return false;
	return fcntl(p->lives, F_OFD_GETLK, &lock) != 0 ||
	       lock.l_type != F_UNLCK;
}

/* Take place i, from nobody or from one who is gone. */
static enum err
take_one(struct store *s, const char *name, bool from_gone, bool *got,
    struct fault *f)
{
	int64_t now = s->now_s * 1000000, was = 0;
	struct places *p = &s->running;
	enum err err =
	    limit_file_swap(&s->table, str_of(name), now, &was, p->me, got, f);

	if (err != ERR_OK || *got || !from_gone || is_alive(p, was))
		return err;
	return limit_file_swap(&s->table, str_of(name), now, &was, p->me, got,
	    f);
}

/* Is there a table here that processes share?  Where the limits are rows on a
 * server there is one beside them, if this machine has a folder for it. */
static bool
has_places(struct store *s)
{
	struct places *p = &s->running;

	if (!p->looked)
		p->works = LIMIT_TABLE_WORKS && db_shares_memory(s->state) &&
			   (!s->shared || access(s->state, W_OK) == 0);
	p->looked = true;
	return p->works;
}

/* Of place i of a key; by hand, for it is made for each statement. */
static void
name_make(char *to, const char *key, int i)
{
	to[0] = 'p';
	memcpy(to + 1, key, KEY_ID_LEN);
	to[PLACE_NAME - 4] = (char)('0' + i / 100);
	to[PLACE_NAME - 3] = (char)('0' + i / 10 % 10);
	to[PLACE_NAME - 2] = (char)('0' + i % 10);
	to[PLACE_NAME - 1] = '\0';
}

enum err
store_place_take(struct store *s, const char *key, int max, struct fault *f)
{
	struct places *p = &s->running;
	bool got = false;

	if (!has_places(s))
		return ERR_OK;
	if (p->me == 0 && !number_take(s)) {
		fault_log(f, "places.lck: %s", strerror(errno));
		f->retry_s = 1;
		return fault_set(f, ERR_BUSY,
		    "statements cannot be counted on this server now");
	}
	for (int i = 0; i < 2 * max; i++) {
		enum err err;

		name_make(p->held, key, i % max);
		err = take_one(s, p->held, i >= max, &got, f);
		if (got)
			return ERR_OK;
		if (err != ERR_OK) {
			p->held[0] = '\0';
			return err;
		}
	}
	p->held[0] = '\0';
	f->retry_s = 1;
	return fault_set(f, ERR_BUSY,
	    "this token has as many statements running as it may (%d); "
	    "wait until one of them ends",
	    max);
}

void
store_place_leave(struct store *s)
{
	struct places *p = &s->running;
	int64_t was = p->me;
	struct fault f = { 0 };
	bool done;

	if (p->held[0] == '\0')
		return;
	/* One that cannot be given back is free when this process ends. */
	(void)!limit_file_swap(&s->table, str_of(p->held), s->now_s * 1000000,
	    &was, 0, &done, &f);
	p->held[0] = '\0';
}

void
store_place_apart(struct store *s)
{
	store_place_leave(s);
	if (s->running.lives >= 0)
		(void)close(s->running.lives);
	s->running.lives = -1;
	s->running.me = 0;
}
