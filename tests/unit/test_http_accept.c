/* SPDX-License-Identifier: ISC */
/* Who may connect, and that a signal ends the wait. */
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/address.h"
#include "http/http_int.h"

enum { TAKEN = 3, LEFT = 4 };

static void
lists(void **state)
{
	static const struct {
		const char *servers, *from;
		bool may;
	} rows[] = {
		{ NULL, "192.0.2.1", true },
		{ "", "192.0.2.1", true },
		{ "192.0.2.1", "192.0.2.1", true },
		{ "198.51.100.7,192.0.2.1", "192.0.2.1", true },
		{ "198.51.100.7, 192.0.2.1", "192.0.2.1", true },
		{ "192.0.2.1", "::ffff:192.0.2.1", true },
		{ "192.0.2.1", "192.0.2.2", false },
		{ "nonsense", "192.0.2.1", false },
	};
	struct address from;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_true(address_parse(str_of(rows[i].from), &from));
		if (accept_allows(rows[i].servers, &from) != rows[i].may)
			fail_msg("row %zu", i);
	}
}

/* A socket that listens, and what to connect to. */
static int
listening(int family, struct sockaddr *at, socklen_t first, socklen_t *len)
{
	int fd = socket(family, SOCK_STREAM, 0);

	assert_true(fd >= 0);
	at->sa_family = (sa_family_t)family;
	assert_int_equal(bind(fd, at, first), 0);
	assert_int_equal(listen(fd, 4), 0);
	assert_int_equal(getsockname(fd, at, len), 0);
	return fd;
}

/* A process that takes one connection, or leaves; the signals are set up
 * before it is born, or one could kill it. */
static pid_t
taker(int fd, const char *servers)
{
	pid_t pid;

	accept_start();
	pid = fork();
	assert_true(pid >= 0);
	if (pid != 0)
		return pid;
	if (servers != NULL)
		(void)setenv("FCGI_WEB_SERVER_ADDRS", servers, 1);
	_exit(accept_next(fd) >= 0 ? TAKEN : LEFT);
}

/* The signal may come just before the wait, so it is repeated. */
static int
status_of(pid_t pid, int sig)
{
	int status;

	while (waitpid(pid, &status, sig == 0 ? 0 : WNOHANG) == 0) {
		(void)kill(pid, sig);
		(void)poll(NULL, 0, 10);
	}
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int
connected(int family, const struct sockaddr *to, socklen_t len)
{
	int fd = socket(family, SOCK_STREAM, 0);

	assert_true(fd >= 0);
	assert_int_equal(connect(fd, to, len), 0);
	return fd;
}

static void
tcp(void **state)
{
	struct sockaddr_in at = { .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t len = sizeof(at);
	int fd = listening(AF_INET, (struct sockaddr *)&at, len, &len);
	int client;
	pid_t pid;
	char c;

	(void)state;
	pid = taker(fd, "192.0.2.1");
	client = connected(AF_INET, (struct sockaddr *)&at, len);
	assert_int_equal(read(client, &c, 1), 0);
	assert_int_equal(status_of(pid, SIGTERM), LEFT);
	close(client);
	pid = taker(fd, "192.0.2.1,127.0.0.1");
	client = connected(AF_INET, (struct sockaddr *)&at, len);
	assert_int_equal(status_of(pid, 0), TAKEN);
	close(client);
	close(fd);
}

/* Of a unix socket the list says nothing. */
static void
unix_socket(void **state)
{
	struct sockaddr_un at = { .sun_path = { '\0' } }; /* any free name */
	socklen_t len = sizeof(at);
	int fd = listening(AF_UNIX, (struct sockaddr *)&at, sizeof(sa_family_t),
	    &len);
	int client;
	pid_t pid;

	(void)state;
	pid = taker(fd, "192.0.2.1");
	client = connected(AF_UNIX, (struct sockaddr *)&at, len);
	assert_int_equal(status_of(pid, 0), TAKEN);
	close(client);
	assert_int_equal(status_of(taker(fd, NULL), SIGUSR1), LEFT);
	close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists),
		cmocka_unit_test(tcp),
		cmocka_unit_test(unix_socket),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
