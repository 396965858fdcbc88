/* SPDX-License-Identifier: ISC */
/*
 * Connections of web servers on fd 0, until somebody asks us to leave.  One
 * system call for each: whether something has arrived is found out by reading
 * it (intake.c), and who may come over TCP stands in a variable of the FastCGI
 * specification (3.2).
 */
#define _GNU_SOURCE /* accept4 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/address.h"
#include "http/http_int.h"

#define SERVERS_VARIABLE "FCGI_WEB_SERVER_ADDRS"

/* A signal handler has nothing but what is static. */
static volatile sig_atomic_t leaving;

static void
leave(int sig)
{
	(void)sig;
	leaving = 1;
}

/* The request in hand is finished first: only a wait for the next one is
 * interrupted. */
void
accept_start(void)
{
	const struct sigaction s = { .sa_handler = leave };

	(void)sigaction(SIGTERM, &s, NULL);
	(void)sigaction(SIGUSR1, &s, NULL);
}

union peer {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

bool
accept_allows(const char *servers, const struct address *from)
{
	return servers == NULL || servers[0] == '\0' ||
	       address_list_has(str_of(servers), from);
}

static bool
is_tcp(const union peer *p)
{
	return p->any.sa_family == AF_INET || p->any.sa_family == AF_INET6;
}

/* Over TCP: is it one of those who may, and small pieces go out at once. */
static bool
welcome(int fd, const union peer *p)
{
	const int on = 1;
	struct address from;

	if (p->any.sa_family == AF_INET)
		address_set(&from, &p->v4.sin_addr, sizeof(p->v4.sin_addr));
	else
		address_set(&from, &p->v6.sin6_addr, sizeof(p->v6.sin6_addr));
	if (!accept_allows(getenv(SERVERS_VARIABLE), &from))
		return false;
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	return true;
}

/* A fault of the connection that went, not of the socket. */
static bool
of_connection(int error)
{
	static const int known[] = { EINTR, ECONNABORTED, EPROTO, EAGAIN,
		ENETDOWN, ENOPROTOOPT, EHOSTDOWN, ENONET, EHOSTUNREACH,
		EOPNOTSUPP, ENETUNREACH, ETIMEDOUT };

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i] == error)
			return true;
	return false;
}

int
accept_next(int listening)
{
	for (;;) {
		union peer p = { .any = { .sa_family = AF_UNSPEC } };
		socklen_t len = sizeof(p);
		int fd;

		if (leaving)
			return -1;
		fd = accept4(listening, &p.any, &len, SOCK_CLOEXEC);
		if (fd < 0 && !of_connection(errno))
			return -1;
		if (fd < 0)
			continue;
		if (!is_tcp(&p) || welcome(fd, &p))
			return fd;
		(void)close(fd);
	}
}
