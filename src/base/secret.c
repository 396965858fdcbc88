/* SPDX-License-Identifier: ISC */
/* Secrets in libsodium's guarded memory. */
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/secret.h"

#define FILE_MAX ((size_t)64 * 1024)

enum err
secret_start(struct fault *f)
{
	if (sodium_init() >= 0)
		return ERR_OK;
	fault_log(f, "libsodium does not start: no source of randomness");
	return fault_set(f, ERR_UNAVAILABLE, "the server cannot start");
}

struct secret
secret_take(const void *bytes, size_t len)
{
	struct secret s = { sodium_malloc(len), len };

	if (s.bytes == NULL)
		log_die("no guarded memory for a secret");
	if (len != 0)
		memcpy(s.bytes, bytes, len);
	return s;
}

void
secret_done(struct secret *s)
{
	sodium_free(s->bytes); /* wipes, and takes NULL */
	*s = (struct secret){ 0 };
}

/* Read at most "size" bytes to the end of the file; -1 with errno set. */
static ssize_t
read_all(int fd, unsigned char *p, size_t size)
{
	size_t n = 0;
	ssize_t got;

	do {
		got = read(fd, p + n, size - n);
		if (got > 0)
			n += (size_t)got;
	} while ((got > 0 && n < size) || (got < 0 && errno == EINTR));
	return got < 0 ? -1 : (ssize_t)n;
}

static size_t
without_newline(const unsigned char *p, size_t n)
{
	if (n != 0 && p[n - 1] == '\n')
		n--;
	if (n != 0 && p[n - 1] == '\r')
		n--;
	return n;
}

static enum err
unreadable(struct fault *f, const char *path, const char *why)
{
	fault_log(f, "%s: %s", path, why);
	return fault_set(f, ERR_CONF, "a file with a secret cannot be read");
}

enum err
secret_file(struct secret *s, const char *path, struct fault *f)
{
	unsigned char text[FILE_MAX + 1];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	enum err err = ERR_OK;
	ssize_t n;

	*s = (struct secret){ 0 };
	if (fd < 0)
		return unreadable(f, path, strerror(errno));
	n = read_all(fd, text, sizeof(text));
	if (n < 0)
		err = unreadable(f, path, strerror(errno));
	else if ((size_t)n > FILE_MAX)
		err = unreadable(f, path, "larger than 64 KiB");
	else
		*s = secret_take(text, without_newline(text, (size_t)n));
	sodium_memzero(text, sizeof(text));
	(void)close(fd);
	return err;
}
