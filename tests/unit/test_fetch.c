/* SPDX-License-Identifier: ISC */
/*
 * Outgoing requests against a server of the test's own: what is taken, where
 * it stops, and where it does not go (SECURITY_MODEL A9, H3).
 */
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "net/fetch.h"

#define BODY_MAX 8192

static int port;
static pid_t server;
static struct net *net;
static struct net_ask ask;
static struct net_answer answer;
static struct fault f;
static char body[BODY_MAX];
static size_t got, want_at_most;
static int beats;
static int *dropped; /* requests that got no answer; the server counts them */

/* What is answered to a path, and then the connection ends; NULL: nothing. */
static const struct {
	const char *path, *text;
} answers[] = {
	{ "/ok", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello" },
	{ "/no", "HTTP/1.1 500 No\r\nContent-Length: 4\r\n\r\noops" },
	{ "/none", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n" },
	{ "/away",
	    "HTTP/1.1 302 Found\r\nLocation: /ok\r\nContent-Length: 0\r\n\r\n" },
	{ "/there",
	    "HTTP/1.1 307 No\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n" },
	{ "/cut", "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello" },
	{ "/chunks",
	    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n" },
	{ "/half",
	    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n" },
	{ "/junk", "SSH-2.0-something\r\n" },
	{ "/pack",
	    "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello" },
	{ "/slow", NULL },
};

/* Answer, and hang up at the next request of the same connection. */
static void
keep(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char in[8192];

	dprintf(fd, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nkept");
	if (poll(&p, 1, 500) == 1 && read(fd, in, sizeof(in)) > 0)
		++*dropped;
}

static void
serve_one(int fd)
{
	char in[8192], path[64];
	ssize_t n = read(fd, in, sizeof(in) - 1);
	size_t len;

	if (n <= 0)
		return;
	in[n] = '\0';
	len = strcspn(strchr(in, '/'), " ?");
	(void)snprintf(path, sizeof(path), "%.*s", (int)len, strchr(in, '/'));
	if (strcmp(path, "/keep") == 0) {
		keep(fd);
		return;
	}
	if (strcmp(path, "/echo") == 0) {
		dprintf(fd, "HTTP/1.1 200 OK\r\nContent-Length: %zd\r\n\r\n",
		    n);
		if (write(fd, in, (size_t)n) != n)
			abort();
		return;
	}
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		if (strcmp(path, answers[i].path) != 0)
			continue;
		if (answers[i].text == NULL)
			n = read(fd, in, 1); /* until the other side goes */
		else
			dprintf(fd, "%s", answers[i].text);
	}
}

static int
serve(void **state)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t len = sizeof(a);
	int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)state;
	assert_int_equal(bind(s, (struct sockaddr *)&a, len), 0);
	assert_int_equal(listen(s, 16), 0);
	assert_int_equal(getsockname(s, (struct sockaddr *)&a, &len), 0);
	port = ntohs(a.sin_port);
	dropped = mmap(NULL, sizeof(*dropped), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(dropped != MAP_FAILED);
	server = fork();
	if (server == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		(void)signal(SIGPIPE, SIG_IGN);
		for (;;) {
			int fd = accept(s, NULL, NULL);

			serve_one(fd);
			close(fd);
		}
	}
	close(s);
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	(void)kill(server, SIGKILL);
	(void)waitpid(server, NULL, 0);
	return 0;
}

static bool
take(void *arg, int status, const char *p, size_t n)
{
	(void)arg;
	assert_true(status >= 200);
	assert_true(got + n < sizeof(body));
	memcpy(body + got, p, n);
	got += n;
	body[got] = '\0';
	return got < want_at_most;
}

static bool
give_up(void *arg)
{
	(void)arg;
	beats++;
	return false;
}

static int
open_all(void **state)
{
	(void)state;
	assert_int_equal(net_open(&net, &f), ERR_OK);
	ask = (struct net_ask){ .max_bytes = 1000,
		.take = take,
		.deadline = deadline_in(10000) };
	want_at_most = BODY_MAX;
	return 0;
}

static int
close_all(void **state)
{
	(void)state;
	net_close(net);
	return 0;
}

static enum err
fetch(const char *host, const char *path)
{
	static char url[256];

	(void)snprintf(url, sizeof(url), "http://%s:%d%s", host, port, path);
	ask.url = url;
	got = 0;
	body[0] = '\0';
	f = (struct fault){ 0 };
	return net_fetch(net, &ask, &answer, &f);
}

static void
gives(const char *path, enum err e, int status, const char *text)
{
	enum err is = fetch("127.0.0.1", path);

	if (is != e || answer.status != status || strcmp(body, text) != 0)
		fail_msg("%s: %s %d \"%s\" %s [%s]", path, err_name(is),
		    answer.status, body, f.msg, f.log);
	assert_null(strstr(f.msg, "127.0.0.1"));
}

static void
answers_come(void **state)
{
	(void)state;
	gives("/ok", ERR_OK, 200, "hello");
	assert_int_equal(answer.bytes, 5);
	assert_false(answer.enough);
	gives("/no", ERR_OK, 500, "oops");
	gives("/none", ERR_OK, 200, "");
	gives("/chunks", ERR_OK, 200, "hello");
	gives("/pack", ERR_OK, 200, "hello");
	gives("/cut", ERR_SOURCE_UNREACHABLE, 200, "hello");
	gives("/half", ERR_SOURCE_UNREACHABLE, 200, "hel");
	gives("/junk", ERR_SOURCE_UNREACHABLE, 0, "");
	gives("/unknown", ERR_SOURCE_UNREACHABLE, 0, "");
	gives("/ok", ERR_OK, 200, "hello");
}

static void
redirects_are_not_followed(void **state)
{
	(void)state;
	gives("/away", ERR_SOURCE_UNREACHABLE, 302, "");
	assert_non_null(strstr(f.msg, "not followed"));
	gives("/there", ERR_SOURCE_UNREACHABLE, 307, "");
}

static void
the_ceiling_holds(void **state)
{
	(void)state;
	ask.max_bytes = 6;
	gives("/ok", ERR_OK, 200, "hello");
	ask.max_bytes = 5;
	gives("/ok", ERR_OK, 200, "hello");
	ask.max_bytes = 4;
	gives("/ok", ERR_TOO_LARGE, 200, "");
	gives("/chunks", ERR_TOO_LARGE, 200, "hel");
}

static void
enough_is_enough(void **state)
{
	(void)state;
	want_at_most = 2;
	gives("/chunks", ERR_OK, 200, "hel");
	assert_true(answer.enough);
	want_at_most = BODY_MAX;
	gives("/chunks", ERR_OK, 200, "hello");
	assert_false(answer.enough);
}

static void
deadlines_hold(void **state)
{
	int64_t began = clock_mono_ms();

	(void)state;
	ask.deadline = deadline_in(200);
	gives("/slow", ERR_TIMEOUT, 0, "");
	assert_true(clock_mono_ms() - began >= 190);
	assert_true(clock_mono_ms() - began < 3000);
	ask.deadline = deadline_in(10000);
	ask.beat = give_up;
	beats = 0;
	gives("/slow", ERR_CANCELLED, 0, "");
	assert_int_equal(beats, 1);
	ask.beat = NULL;
	gives("/ok", ERR_OK, 200, "hello");
}

static void
what_is_sent(void **state)
{
	static const char *const headers[] = { "X-One: 1", "X-Two: 2", NULL };

	(void)state;
	gives("/ok", ERR_OK, 200, "hello");
	ask.max_bytes = BODY_MAX;
	ask.headers = headers;
	ask.user = "me";
	ask.password = "word";
	assert_int_equal(fetch("127.0.0.1", "/echo?a=%20b"), ERR_OK);
	assert_non_null(strstr(body, "GET /echo?a=%20b HTTP/1.1\r\n"));
	assert_non_null(strstr(body, "\r\nX-One: 1\r\nX-Two: 2\r\n"));
	assert_non_null(
	    strstr(body, "\r\nAuthorization: Basic bWU6d29yZA==\r\n"));
	assert_null(strstr(body, "Accept-Encoding"));
	ask.body = STR("a\0b");
	ask.user = NULL;
	assert_int_equal(fetch("127.0.0.1", "/echo"), ERR_OK);
	assert_non_null(strstr(body, "POST /echo HTTP/1.1\r\n"));
	assert_non_null(strstr(body, "\r\nContent-Length: 3\r\n"));
	assert_null(strstr(body, "Authorization"));
}

/* A kept connection that is gone is made anew, for what may go twice. */
static void
kept_connections(void **state)
{
	(void)state;
	gives("/keep", ERR_OK, 200, "kept");
	gives("/ok", ERR_OK, 200, "hello");
	assert_int_equal(*dropped, 1);
	ask.body = STR("x");
	gives("/keep", ERR_OK, 200, "kept");
	ask.once = true;
	gives("/ok", ERR_OK, 200, "hello");
	assert_int_equal(*dropped, 1);
}

/* Names of the loopback that are not called so. */
static void
test_A9_addresses(void **state)
{
	static const char *const names[] = { "127.1", "0x7f000001",
		"2130706433", "0177.0.0.1", "any.localhost" };

	(void)state;
	assert_int_equal(fetch("localhost", "/ok"), ERR_OK);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_int_equal(fetch(names[i], "/ok"),
		    ERR_SOURCE_UNREACHABLE);
		assert_int_equal(answer.status, 0);
		if (strstr(f.msg, "not allowed") == NULL)
			fail_msg("%s: %s [%s]", names[i], f.msg, f.log);
	}
	ask.allowed = STR("10.0.0.0/8,127.0.0.0/8");
	assert_int_equal(fetch("127.1", "/ok"), ERR_OK);
	assert_int_equal(fetch("nosuch.invalid", "/ok"),
	    ERR_SOURCE_UNREACHABLE);
	assert_non_null(strstr(f.msg, "not known"));
}

static void
test_A9_schemes(void **state)
{
	static const char *const urls[] = { "file:///etc/passwd",
		"ftp://127.0.0.1/x", "gopher://127.0.0.1:1/",
		"dict://127.0.0.1/", "127.0.0.1/ok", "", "http://",
		"http://me:word@127.0.0.1/ok" };

	(void)state;
	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		ask.url = urls[i];
		got = 0;
		assert_int_equal(net_fetch(net, &ask, &answer, &f),
		    ERR_SOURCE_UNREACHABLE);
		assert_int_equal(got, 0);
	}
}

/* A port where nobody is, as every proxy there is a name for. */
static void
test_H3_proxies(void **state)
{
	static const char *const names[] = { "http_proxy", "HTTP_PROXY",
		"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY" };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		(void)setenv(names[i], "http://127.0.0.1:1", 1);
	gives("/ok", ERR_OK, 200, "hello");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		(void)unsetenv(names[i]);
}

static void
nobody_there(void **state)
{
	int was = port;

	(void)state;
	port = 1;
	assert_int_equal(fetch("127.0.0.1", "/ok"), ERR_SOURCE_UNREACHABLE);
	assert_non_null(strstr(f.msg, "cannot be reached"));
	port = was;
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, open_all, close_all)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(answers_come),
		CASE(redirects_are_not_followed),
		CASE(the_ceiling_holds),
		CASE(enough_is_enough),
		CASE(deadlines_hold),
		CASE(what_is_sent),
		CASE(kept_connections),
		CASE(test_A9_addresses),
		CASE(test_A9_schemes),
		CASE(test_H3_proxies),
		CASE(nobody_there),
	};

	return cmocka_run_group_tests(tests, serve, stop);
}
