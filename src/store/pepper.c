/* SPDX-License-Identifier: ISC */
/*
 * The pepper: 32 random bytes in a file of their own, beside the database but
 * never in it.  "pepper" is the current one; "pepper.ID" are earlier ones,
 * kept for the keys hashed with them.  An id is made of the bytes themselves.
 */
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <unistd.h>

#include "base/log.h"
#include "store/store_int.h"

static void
pepper_id(const unsigned char *bytes, char id[static PEPPER_ID_LEN + 1])
{
	static const unsigned char label[] = "mcp-fcgi pepper id";
	unsigned char h[crypto_generichash_BYTES];

	crypto_generichash(h, sizeof(h), label, sizeof(label) - 1, bytes,
	    PEPPER_LEN);
	sodium_bin2hex(id, PEPPER_ID_LEN + 1, h, PEPPER_ID_LEN / 2);
}

static enum err
trouble(struct fault *f, const char *path, const char *why, int error)
{
	fault_log(f, "%s: %s%s%s", path, why, error == 0 ? "" : ": ",
	    error == 0 ? "" : strerror(error));
	f->retry_s = 1;
	return fault_set(f, ERR_UNAVAILABLE, "the pepper %s", why);
}

/* Write all of a new file, or leave none. */
static enum err
write_new(const char *path, const unsigned char *p, size_t n, struct fault *f)
{
	int fd = open(path,
	    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0400);
	int error;

	if (fd < 0)
		return trouble(f, path, "cannot be made", errno);
	errno = ENOSPC; /* what a short write means here */
	error = write(fd, p, n) == (ssize_t)n && fsync(fd) == 0 ? 0 : errno;
	(void)close(fd);
	if (error == 0)
		return ERR_OK;
	(void)unlink(path);
	return trouble(f, path, "cannot be written", error);
}

/* Another one would make every key void, so none is made and none is advised.
 */
static enum err
missing_with_keys(const char *path, struct fault *f)
{
	return trouble(f, path,
	    "is missing though there are keys: put it back from your copy", 0);
}

enum err
pepper_create(const char *state, struct fault *f)
{
	struct arena *a = arena_new(65536);
	const char *path = arena_fmt(a, "%s/pepper", state).p;
	const char *keys = arena_fmt(a, "%s/keys.db", state).p;
	unsigned char bytes[PEPPER_LEN];
	enum err err = ERR_OK;

	if (access(path, F_OK) != 0) {
		if (access(keys, F_OK) == 0) {
			err = missing_with_keys(path, f);
		} else {
			randombytes_buf(bytes, sizeof(bytes));
			err = write_new(path, bytes, sizeof(bytes), f);
			sodium_memzero(bytes, sizeof(bytes));
		}
	}
	arena_free(a);
	return err;
}

/* Read one file into the next free place; the id comes from the bytes. */
static enum err
read_one(struct store *s, const char *path, struct fault *f)
{
	unsigned char bytes[PEPPER_LEN + 1];
	struct pepper *p = &s->peppers[s->npeppers];
	enum err err = state_file(path, "pepper", true, f);
	ssize_t n;
	int fd;

	if (err != ERR_OK)
		return err;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return trouble(f, path, "cannot be read", errno);
	n = read(fd, bytes, sizeof(bytes));
	(void)close(fd);
	if (n == PEPPER_LEN) {
		pepper_id(bytes, p->id);
		p->secret = secret_take(bytes, PEPPER_LEN);
		s->npeppers++;
	}
	sodium_memzero(bytes, sizeof(bytes));
	return n == PEPPER_LEN
		   ? ERR_OK
		   : trouble(f, path, "must be exactly 32 bytes long", 0);
}

enum err
pepper_load(struct store *s, struct fault *f)
{
	const char *path = arena_fmt(s->arena, "%s/pepper", s->state).p;
	const char *keys = arena_fmt(s->arena, "%s/keys.db", s->state).p;

	if (access(path, F_OK) != 0 && errno == ENOENT) {
		if (s->shared)
			return trouble(f, path,
			    "is missing: copy it from another front end or from your copy (for the first front end \"mcpctl init\" makes it)",
			    0);
		if (access(keys, F_OK) == 0)
			return missing_with_keys(path, f);
	}
	return read_one(s, path, f);
}

static bool
is_hex(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (memchr("0123456789abcdef", s.p[i], 16) == NULL)
			return false;
	return s.len != 0;
}

/* Read the earlier pepper of that id; if it is gone, say so once and put the
 * current one in its place: nothing will match, at the same cost. */
static const struct pepper *
earlier(struct store *s, struct str id)
{
	struct pepper *p = &s->peppers[s->npeppers];
	struct fault f = { 0 };
	char path[4096];

	(void)snprintf(path, sizeof(path), "%s/pepper.%.*s", s->state,
	    (int)id.len, id.p);
	if (read_one(s, path, &f) == ERR_OK && str_eq(id, str_of(p->id)))
		return p;
	log_line("some keys need an earlier pepper: %s",
	    access(path, F_OK) != 0
		? arena_fmt(s->arena,
		      "%s is missing: put it back from your copy", path)
		      .p
	    : f.log[0] != '\0' ? f.log
			       : "the file holds another one");
	secret_done(&p->secret);
	p->secret = secret_take(s->peppers[0].secret.bytes, PEPPER_LEN);
	memcpy(p->id, id.p, PEPPER_ID_LEN);
	p->id[PEPPER_ID_LEN] = '\0';
	s->npeppers = (size_t)(p - s->peppers) + 1;
	return p;
}

const struct pepper *
pepper_find(struct store *s, struct str id)
{
	for (size_t i = 0; i < s->npeppers; i++)
		if (str_eq(id, str_of(s->peppers[i].id)))
			return &s->peppers[i];
	if (id.len != PEPPER_ID_LEN || !is_hex(id) ||
	    s->npeppers == PEPPERS_MAX)
		return &s->peppers[0];
	return earlier(s, id);
}

void
pepper_hash(struct store *s, const struct pepper *p, struct str text,
    char hex[static HASH_TEXT + 1])
{
	unsigned char h[KEY_HASH_LEN];

	if (s->counts != NULL)
		s->counts->hashes++;
	crypto_generichash(h, sizeof(h), (const unsigned char *)text.p,
	    text.len, p->secret.bytes, PEPPER_LEN);
	sodium_bin2hex(hex, HASH_TEXT + 1, h, sizeof(h));
}
