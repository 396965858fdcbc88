/* SPDX-License-Identifier: ISC */
/*
 * Places are bytes of one file in the state folder, and who has a place locks
 * its byte.  So a process that dies, however it dies, leaves none behind, and
 * the file is the same whoever comes and goes.  Behind the bytes stands whose
 * each place is; one more byte, locked for a moment, makes counting and taking
 * one step.
 */
#define _GNU_SOURCE /* F_OFD_SETLK */
#include "cgi-bin/places.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"

enum {
	PLACES_MAX = 256,
	DOOR = PLACES_MAX, /* the byte of who is taking */
	NAMES = 512,       /* where the names begin */
	NAME = PLACE_ID + 1
};

static bool
lock(int fd, int cmd, short type, off_t at)
{
	struct flock l = { .l_type = type,
		.l_whence = SEEK_SET,
		.l_start = at,
		.l_len = 1 };
	int rc;

	do
		rc = fcntl(fd, cmd, &l);
	while (rc != 0 && errno == EINTR);
	return rc == 0;
}

static off_t
name_at(int i)
{
	return NAMES + (off_t)i * NAME;
}

/* Is it the place of this id? */
static bool
is_of(int fd, int i, const char *id)
{
	char name[NAME] = { 0 };

	return pread(fd, name, sizeof(name) - 1, name_at(i)) > 0 &&
	       strcmp(name, id) == 0;
}

static bool
sign(int fd, int i, const char *id)
{
	char name[NAME] = { 0 };

	memcpy(name, id, strnlen(id, PLACE_ID));
	return pwrite(fd, name, sizeof(name), name_at(i)) == sizeof(name);
}

/*
 * A free place, taken; -1: there is none, or the id has enough.  Every one is
 * looked at: those of the id may stand behind a free one.
 */
static int
choose(int fd, const char *id, int each, int all, int *mine)
{
	int found = -1;

	*mine = 0;
	for (int i = 0; i < all && i < PLACES_MAX; i++) {
		if (!lock(fd, F_OFD_SETLK, F_WRLCK, i)) {
			*mine += is_of(fd, i, id);
			continue;
		}
		if (found < 0)
			found = i;
		else
			(void)lock(fd, F_OFD_SETLK, F_UNLCK, i);
	}
	if (found >= 0 && (*mine >= each || !sign(fd, found, id))) {
		(void)lock(fd, F_OFD_SETLK, F_UNLCK, found);
		return -1;
	}
	return found;
}

static int
places_open(const char *state)
{
	int dir = open(state, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int fd;

	if (dir < 0)
		return -1;
	fd = openat(dir, "listeners", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW,
	    0600);
	(void)close(dir);
	return fd;
}

enum err
place_take(struct place *p, const char *state, const char *id, int each,
    int all, struct fault *f)
{
	int mine = 0, found;

	p->fd = places_open(state);
	if (p->fd < 0 || !lock(p->fd, F_OFD_SETLKW, F_WRLCK, DOOR)) {
		fault_log(f, "state: the places of listeners: %s",
		    strerror(errno));
		place_leave(p);
		return fault_set(f, ERR_UNAVAILABLE,
		    "the state folder cannot be used");
	}
	found = choose(p->fd, id, each, all, &mine);
	(void)lock(p->fd, F_OFD_SETLK, F_UNLCK, DOOR);
	if (found >= 0)
		return ERR_OK;
	place_leave(p);
	if (mine >= each)
		return fault_set(f, ERR_RATE,
		    "Too many listeners: this token has %d open already", mine);
	return fault_set(f, ERR_UNAVAILABLE,
	    "all places for listeners are taken");
}

void
place_leave(struct place *p)
{
	if (p->fd >= 0)
		(void)close(p->fd);
	p->fd = -1;
}
