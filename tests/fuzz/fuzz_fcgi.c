/* SPDX-License-Identifier: ISC */
/*
 * Any bytes as what a web server sends on the FastCGI socket.  Whatever comes
 * of it, parameters are whole texts with a name, and a body is no longer than
 * what was sent.
 */
#include <sys/socket.h>
#include <unistd.h>

#include "http/http_int.h"
#include "tests/fuzz/fuzz.h"

static void
check_env(const struct intake *in)
{
	size_t n = 0;

	for (; in->env[n] != NULL; n++) {
		FUZZ_PROMISE(n < INTAKE_NAMES);
		FUZZ_PROMISE(strchr(in->env[n], '=') > in->env[n]);
		FUZZ_PROMISE(in->env[n] >= in->params &&
			     in->env[n] + strlen(in->env[n]) <
				 in->params + sizeof(in->params));
	}
}

static void
read_body(struct intake *in, size_t sent, size_t step)
{
	struct deadline now = { .at_ms = clock_mono_ms() + 1000 };
	char text[9000];
	size_t total = 0;
	ssize_t n;

	while ((n = intake_body(in, text, step, now)) > 0) {
		FUZZ_PROMISE((size_t)n <= step);
		total += (size_t)n;
	}
	FUZZ_PROMISE(total <= sent);
	(void)intake_is_empty(in);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct intake in;
	struct deadline now = { .at_ms = clock_mono_ms() + 1000 };
	int pair[2];

	if (size > 100000 || socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0)
		return 0;
	FUZZ_PROMISE(size == 0 ||
		     send(pair[1], data, size, MSG_NOSIGNAL) == (ssize_t)size);
	(void)shutdown(pair[1], SHUT_WR);
	intake_start(&in, pair[0]);
	if (intake_request(&in, now) == INTAKE_OK) {
		check_env(&in);
		read_body(&in, size, size % 2 == 0 ? 9000 : 1 + size % 50);
	}
	intake_done(&in);
	(void)close(pair[0]);
	(void)close(pair[1]);
	return 0;
}
