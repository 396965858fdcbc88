/* SPDX-License-Identifier: ISC */
/* Bytes of a file in large pieces, the unread ones together at the front. */
#include <errno.h>
#include <unistd.h>

#include "source/files_int.h"

#define PIECE ((size_t)256 << 10)

void
files_in_open(struct files_in *in, struct arena *a, int fd)
{
	char *p = in->p == NULL ? arena_get(a, PIECE) : in->p;

	*in = (struct files_in){ .fd = fd, .arena = a, .p = p };
}

bool
files_in_more(struct files_in *in)
{
	ssize_t n;

	if (in->ended)
		return false;
	if (in->at > 0) {
		memmove(in->p, in->p + in->at, in->have - in->at);
		in->have -= in->at;
		in->at = 0;
	}
	if (in->have == PIECE)
		return false;
	do
		n = read(in->fd, in->p + in->have, PIECE - in->have);
	while (n < 0 && errno == EINTR);
	in->failed = n < 0;
	in->ended = n <= 0;
	if (n <= 0)
		return false;
	in->have += (size_t)n;
	in->read += n;
	return true;
}
