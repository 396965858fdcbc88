/* SPDX-License-Identifier: ISC */
/* The curl program as our HTTP client, until a request needs more of it. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ctl/curl.h"

#define ANSWER_MAX ((size_t)4 << 20)
#define CONFIG_FD  3
#define SECONDS    20

/* Behind the body: what curl knows, a record separator in front. */
#define MARK "\x1e"
#define REPORT \
	MARK   \
	    "%{http_code}\n%{time_starttransfer}\n%{time_total}\n%{content_type}\n%{redirect_url}\n%{errormsg}\n"

static const char *const programs[] = { "/usr/bin/curl", "/usr/local/bin/curl",
	"/bin/curl" };

const char *
curl_program(void)
{
	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++)
		if (access(programs[i], X_OK) == 0)
			return programs[i];
	return NULL;
}

/* A file in memory with these bytes, to be read from the start. */
static int
memory_file(struct str text)
{
	int fd = memfd_create("mcpctl", MFD_CLOEXEC);

	if (fd < 0)
		return -1;
	while (text.len > 0) {
		ssize_t n = write(fd, text.p, text.len);

		if (n <= 0) {
			(void)close(fd);
			return -1;
		}
		text = str_from(text, (size_t)n);
	}
	(void)lseek(fd, 0, SEEK_SET);
	return fd;
}

/* The settings file of curl: one "name = value" a line. */
static struct str
settings(struct arena *a, const struct curl_ask *ask)
{
	struct buf b;

	buf_init(&b, a, 65536);
	buf_fmt(&b, "url = \"%s\"\n", ask->url);
	if (ask->method != NULL)
		buf_fmt(&b, "request = \"%s\"\n", ask->method);
	for (size_t i = 0; i < CURL_HEADERS && ask->headers[i] != NULL; i++)
		buf_fmt(&b, "header = \"%s\"\n", ask->headers[i]);
	/* No "Expect: 100-continue": it costs a second where it is ignored. */
	buf_lit(&b, "header = \"Expect:\"\n");
	if (ask->body.p != NULL)
		buf_lit(&b, "data-binary = \"@-\"\n");
	buf_fmt(&b, "max-time = %d\n",
	    ask->seconds == 0 ? SECONDS : ask->seconds);
	buf_lit(&b, "silent\ngloboff\nproto = \"=http,https\"\n");
	return buf_text(&b);
}

static void
become(const char *program, int body, int config, int out)
{
	char *argv[] = { (char *)(uintptr_t)program, (char *)(uintptr_t) "-q",
		(char *)(uintptr_t) "-K", (char *)(uintptr_t) "/dev/fd/3",
		(char *)(uintptr_t) "-w", (char *)(uintptr_t)REPORT, NULL };
	char *envp[] = { NULL };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	(void)dup2(body < 0 ? null : body, STDIN_FILENO);
	(void)dup2(out, STDOUT_FILENO);
	(void)dup2(null, STDERR_FILENO);
	if (config == CONFIG_FD)
		(void)fcntl(config, F_SETFD, 0);
	else
		(void)dup2(config, CONFIG_FD);
	(void)execve(program, argv, envp);
	_exit(127);
}

static void
read_all(int fd, struct buf *to)
{
	while (buf_room(to, 65536)) {
		ssize_t n = read(fd, to->p + to->len, 65536);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		to->len += (size_t)n;
	}
}

/* "1.234567" seconds. */
static int64_t
millis(struct str seconds)
{
	struct str rest = seconds;
	struct str whole = { 0 };
	int64_t s = 0;
	int64_t ms = 0;

	(void)str_cut(&rest, '.', &whole);
	(void)str_int(whole, 0, 1000000, &s);
	(void)str_int((struct str){ rest.p, rest.len < 3 ? 0 : 3 }, 0, 999,
	    &ms);
	return s * 1000 + ms;
}

/* Take the report off the end of what came. */
static bool
read_report(struct str text, struct curl_answer *out)
{
	struct str field[6] = { { 0 } };
	struct str rest;
	size_t at = text.len;
	int64_t status = 0;

	while (at > 0 && text.p[at - 1] != MARK[0])
		at--;
	if (at == 0)
		return false;
	rest = str_from(text, at);
	for (size_t i = 0; i < 6; i++)
		(void)str_cut(&rest, '\n', &field[i]);
	(void)str_int(field[0], 0, 999, &status);
	*out = (struct curl_answer){
		.status = (int)status,
		.type = field[3],
		.body = { text.p, at - 1 },
		.error = field[5],
		.redirect = field[4],
		.first_ms = millis(field[1]),
		.total_ms = millis(field[2]),
	};
	return true;
}

static enum err
spawn(const char *program, int body, int config, struct buf *to,
    struct fault *f)
{
	int fds[2];
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) != 0)
		return fault_set(f, ERR_UNAVAILABLE, "no pipe: %s",
		    strerror(errno));
	pid = fork();
	if (pid == 0)
		become(program, body, config, fds[1]);
	(void)close(fds[1]);
	if (pid > 0)
		read_all(fds[0], to);
	(void)close(fds[0]);
	if (pid < 0)
		return fault_set(f, ERR_UNAVAILABLE,
		    "curl cannot be started: %s", strerror(errno));
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return ERR_OK;
}

enum err
curl_run(struct arena *a, const struct curl_ask *ask, struct curl_answer *out,
    struct fault *f)
{
	const char *program = curl_program();
	int config, body;
	struct buf b;
	enum err e;

	if (program == NULL) {
		fault_hint(f, "on Debian: apt-get install curl");
		return fault_set(f, ERR_UNAVAILABLE,
		    "the curl program is not installed");
	}
	buf_init(&b, a, ANSWER_MAX);
	config = memory_file(settings(a, ask));
	body = ask->body.p == NULL ? -1 : memory_file(ask->body);
	e = spawn(program, body, config, &b, f);
	(void)close(config);
	if (body >= 0)
		(void)close(body);
	if (e == ERR_OK && !read_report(buf_text(&b), out))
		return fault_set(f, ERR_UNAVAILABLE, "curl gave no report");
	return e;
}
