/* SPDX-License-Identifier: ISC */
/*
 * The table of the limits in a file of the state folder, mapped by every
 * process.  It is made and replaced under a lock on the folder, which ends
 * with its holder; a new one is whole before it gets the name.
 */
#define _GNU_SOURCE /* O_DIRECTORY */
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/limit_file.h"
#include "store/store_int.h"

enum { TRIES = 8 }; /* tables that are replaced under our hands */

static enum err
trouble(const struct limit_file *l, const char *why, struct fault *f)
{
	fault_log(f, "%s: %s", l->path, why);
	f->retry_s = 1;
	return fault_set(f, ERR_UNAVAILABLE, "the %s cannot be used: %s",
	    LIMIT_FILE_WHAT, why);
}

static enum err
trouble_errno(const struct limit_file *l, struct fault *f)
{
	return trouble(l,
	    errno == ENOSPC ? "the disk is full" : "the file cannot be written",
	    f);
}

void
limit_file_close(struct limit_file *l)
{
	if (l->table != NULL)
		(void)munmap(l->table, l->size);
	l->table = NULL;
}

/* Map what is open; ERR_UNAVAILABLE when it is no table. */
static enum err
map(struct limit_file *l, int fd, struct fault *f)
{
	struct stat st;
	void *p;

	if (fstat(fd, &st) != 0)
		return trouble_errno(l, f);
	if (st.st_size < (off_t)sizeof(struct limit_table))
		return trouble(l, "the file is damaged", f);
	p = mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_WRITE, MAP_SHARED,
	    fd, 0);
	if (p == MAP_FAILED)
		return trouble(l, "no memory", f);
	l->table = p;
	l->size = (size_t)st.st_size;
	l->dev = st.st_dev;
	l->ino = st.st_ino;
	if (limit_table_valid(l->table, l->size))
		return ERR_OK;
	limit_file_close(l);
	return trouble(l, "the file is damaged", f);
}

/* Open what is there; ERR_OBJECT_NOT_FOUND when nothing is. */
static enum err
open_it(struct limit_file *l, struct fault *f)
{
	int fd = open(l->path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	enum err err;

	if (fd < 0 && errno == ENOENT)
		return ERR_OBJECT_NOT_FOUND;
	err = state_file(l->path, LIMIT_FILE_WHAT, false, f);
	if (err == ERR_OK)
		err = fd < 0 ? trouble_errno(l, f) : map(l, fd, f);
	if (fd >= 0)
		(void)close(fd);
	return err;
}

/* A new table with its blocks on the disk, known to nobody yet. */
static enum err
make(struct limit_file *l, const char *path, uint64_t places,
    const unsigned char *key, struct limit_file *out, struct fault *f)
{
	size_t size = limit_table_size(places);
	int fd;
	enum err err = ERR_OK;

	*out = (struct limit_file){ .path = path };
	(void)unlink(path); /* of one who died at it */
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
	    0600);
	if (fd < 0)
		return trouble_errno(l, f);
	errno = posix_fallocate(fd, 0, (off_t)size);
	if (errno != 0) {
		err = trouble_errno(l, f);
	} else {
		out->size = size;
		out->table =
		    mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	}
	(void)close(fd);
	if (err == ERR_OK && out->table == MAP_FAILED) {
		out->table = NULL;
		err = trouble(l, "no memory", f);
	}
	if (err == ERR_OK)
		limit_table_init(out->table, places, key);
	else
		(void)unlink(path);
	return err;
}

/* It takes over the name; what it holds is on the disk before. */
static enum err
publish(struct limit_file *l, struct limit_file *fresh, struct fault *f)
{
	enum err err = ERR_OK;

	if (msync(fresh->table, fresh->size, MS_SYNC) != 0 ||
	    rename(fresh->path, l->path) != 0) {
		err = trouble_errno(l, f);
		(void)unlink(fresh->path);
	}
	limit_file_close(fresh);
	return err;
}

static enum err
create(struct limit_file *l, const char *beside, struct fault *f)
{
	struct limit_file fresh;
	unsigned char key[16];
	enum err err;

	randombytes_buf(key, sizeof(key));
	err = make(l, beside, LIMIT_PLACES_MIN, key, &fresh, f);
	return err == ERR_OK ? publish(l, &fresh, f) : err;
}

/* So many that a quarter is in use. */
static uint64_t
places_for(uint64_t used)
{
	uint64_t n = LIMIT_PLACES_MIN;

	while (n < LIMIT_PLACES_MAX && n / 4 < used)
		n *= 2;
	return n;
}

static uint64_t
count_used(const struct limit_table *t, int64_t now)
{
	uint64_t n = 0;

	for (uint64_t i = 0; i < t->places; i++)
		n += atomic_load(&t->at[i].who) != 0 &&
		     (atomic_load(&t->at[i].tat) & INT64_MAX) > now;
	return n;
}

/* Every bucket that is not full; none may be lost, it would begin anew. */
static enum err
carry_over(struct limit_file *l, struct limit_file *to, int64_t now,
    int64_t *removed, struct fault *f)
{
	uint64_t who;
	int64_t tat;

	for (uint64_t i = 0; i < l->table->places; i++) {
		if (!limit_table_freeze(l->table, i, now, &who, &tat))
			*removed += who != 0;
		else if (!limit_table_put(to->table, who, tat))
			return trouble(l, "there are too many buckets", f);
	}
	return ERR_OK;
}

/* The same buckets in a table that fits them. */
static enum err
replace(struct limit_file *l, const char *beside, int64_t now, int64_t *removed,
    struct fault *f)
{
	uint64_t places = places_for(count_used(l->table, now));
	struct limit_file fresh;
	enum err err = make(l, beside, places, l->table->key, &fresh, f);

	if (err != ERR_OK)
		return err;
	err = carry_over(l, &fresh, now, removed, f);
	if (err == ERR_OK)
		return publish(l, &fresh, f);
	limit_file_close(&fresh);
	(void)unlink(beside);
	return err;
}

/* The table that has the name is another one than ours. */
static bool
is_replaced(const struct limit_file *l)
{
	struct stat st;

	return stat(l->path, &st) != 0 || st.st_ino != l->ino ||
	       st.st_dev != l->dev;
}

/*
 * Under the lock: make it if there is none, replace it if it is still the one
 * that "l" knows.
 */
static enum err
renew(struct limit_file *l, int64_t now, int64_t *removed, struct fault *f)
{
	struct arena *a = arena_new(65536);
	const char *folder = arena_fmt(a, "%.*s", (int)l->folder, l->path).p;
	const char *beside = arena_fmt(a, "%s.new", l->path).p;
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	enum err err = ERR_OK;

	if (fd < 0 || flock(fd, LOCK_EX) != 0)
		err = trouble(l, "the folder cannot be locked", f);
	else if (l->table != NULL && !is_replaced(l))
		err = replace(l, beside, now, removed, f);
	else if (access(l->path, F_OK) != 0)
		err = create(l, beside, f);
	if (fd >= 0)
		(void)close(fd);
	arena_free(a);
	limit_file_close(l);
	return err;
}

enum err
limit_file_ready(struct limit_file *l, int64_t now, struct fault *f)
{
	int64_t now_s = now / 1000000, removed = 0;
	enum err err;

	if (l->table != NULL && now_s != l->looked_s && is_replaced(l))
		limit_file_close(l);
	l->looked_s = now_s;
	if (l->table != NULL)
		return ERR_OK;
	err = open_it(l, f);
	if (err != ERR_OBJECT_NOT_FOUND)
		return err;
	err = renew(l, now, &removed, f);
	return err == ERR_OK ? open_it(l, f) : err;
}

static uint64_t
number_of(const struct limit_table *t, struct str bucket)
{
	unsigned char h[crypto_shorthash_BYTES];
	uint64_t who;

	_Static_assert(sizeof(h) == sizeof(who) &&
			   sizeof(t->key) == crypto_shorthash_KEYBYTES,
	    "as long as it needs");
	crypto_shorthash(h, (const unsigned char *)bucket.p, bucket.len,
	    t->key);
	memcpy(&who, h, sizeof(who));
	return who == 0 ? 1 : who;
}

enum err
limit_file_charge(struct limit_file *l, struct str bucket, struct limit_move *m,
    bool *granted, int64_t *tat, struct fault *f)
{
	int64_t removed = 0;

	for (int i = 0; i < TRIES; i++) {
		enum limit_verdict v;
		enum err err = limit_file_ready(l, m->now, f);

		if (err != ERR_OK)
			return err;
		m->who = number_of(l->table, bucket);
		v = limit_table_charge(l->table, m, tat);
		*granted = v == LIMIT_GRANTED;
		if (v == LIMIT_GRANTED || v == LIMIT_REFUSED)
			return ERR_OK;
		err = renew(l, m->now, &removed, f);
		if (err != ERR_OK)
			return err;
	}
	return trouble(l, "there are too many buckets", f);
}

enum err
limit_file_swap(struct limit_file *l, struct str name, int64_t now,
    int64_t *was, int64_t next, bool *granted, struct fault *f)
{
	const int64_t expected = *was;
	int64_t removed = 0;

	for (int i = 0; i < TRIES; i++) {
		enum limit_verdict v;
		enum err err = limit_file_ready(l, now, f);

		if (err != ERR_OK)
			return err;
		*was = expected;
		v = limit_table_swap(l->table, number_of(l->table, name), was,
		    next);
		*granted = v == LIMIT_GRANTED;
		if (v == LIMIT_GRANTED || v == LIMIT_REFUSED)
			return ERR_OK;
		err = renew(l, now, &removed, f);
		if (err != ERR_OK)
			return err;
	}
	return trouble(l, "there are too many buckets", f);
}

enum err
limit_file_gc(struct limit_file *l, int64_t now, int64_t *removed,
    struct fault *f)
{
	enum err err = limit_file_ready(l, now, f);

	return err == ERR_OK ? renew(l, now, removed, f) : err;
}
