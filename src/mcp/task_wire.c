/* SPDX-License-Identifier: ISC */
/* Frames between a request and the worker of its call. */
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "mcp/task_int.h"

/* More than two forms of the largest result. */
#define FRAME_MAX ((size_t)128 << 20)

struct wire {
	uint32_t word, head, ntexts;
	uint32_t len[FRAME_TEXTS];
};

static bool
put(int fd, const void *from, size_t n)
{
	const char *p = from;

	while (n > 0) {
		ssize_t done = send(fd, p, n, MSG_NOSIGNAL);

		if (done < 0 && errno != EINTR)
			return false;
		if (done > 0) {
			p += done;
			n -= (size_t)done;
		}
	}
	return true;
}

static bool
get(int fd, void *to, size_t n)
{
	char *p = to;

	while (n > 0) {
		ssize_t done = recv(fd, p, n, 0);

		if (done == 0 || (done < 0 && errno != EINTR))
			return false;
		if (done > 0) {
			p += done;
			n -= (size_t)done;
		}
	}
	return true;
}

bool
frame_send(int fd, const struct frame *fr)
{
	struct wire w = { .word = fr->word,
		.head = (uint32_t)fr->head_len,
		.ntexts = (uint32_t)fr->ntexts };
	bool ok;

	for (size_t i = 0; i < fr->ntexts; i++)
		w.len[i] = (uint32_t)fr->text[i].len;
	ok = put(fd, &w, sizeof(w)) && put(fd, fr->head, fr->head_len);
	for (size_t i = 0; i < fr->ntexts && ok; i++)
		ok = put(fd, fr->text[i].p, fr->text[i].len);
	return ok;
}

bool
frame_take(int fd, struct arena *a, struct frame *fr, void *head,
    size_t head_len)
{
	struct wire w;
	size_t all = 0;
	char *p;

	if (!get(fd, &w, sizeof(w)) || w.ntexts > FRAME_TEXTS ||
	    w.head > FRAME_MAX)
		return false;
	for (size_t i = 0; i < w.ntexts; i++)
		all += w.len[i];
	if (all > FRAME_MAX)
		return false;
	*fr = (struct frame){ .word = (enum task_word)w.word,
		.ntexts = w.ntexts };
	p = arena_get(a, w.head + all + 1);
	if (!get(fd, p, w.head + all))
		return false;
	if (head_len > w.head)
		head_len = w.head;
	if (head_len > 0)
		memcpy(head, p, head_len);
	p += w.head;
	for (size_t i = 0; i < w.ntexts; i++) {
		fr->text[i] = (struct str){ p, w.len[i] };
		p += w.len[i];
	}
	return true;
}
