/* SPDX-License-Identifier: ISC */
/*
 * SECURITY_MODEL 9 from the inside: a child enters the sandbox of a private
 * folder and tries what it must not do.  Each try is an exit status.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "cgi-bin/sandbox.h"
#include "cgi-bin/sandbox_int.h"

static char dir[64], state[96], read_db[96], write_db[96], wal_db[96];
static char outside[96], config[128];
static const char *files[1] = { config };

static struct conf_source sources[] = {
	{ .name = "r", .driver = "sqlite", .path = read_db, .readonly = true },
	{ .name = "w", .driver = "sqlite", .path = write_db },
	{ .name = "l", .driver = "sqlite", .path = wal_db, .readonly = true },
};

static const struct conf conf = { .state = state,
	.files = { files, 1 },
	.sources = sources,
	.nsources = 3,
	.sandbox = CONF_REQUIRED,
	.limits = { .memory = (int64_t)1 << 40, .cpu = 50, .open_files = 40 } };

static void
put(const char *path, const void *bytes, size_t n)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, n), (ssize_t)n);
	close(fd);
}

static void
folder(char *to, size_t n, const char *name)
{
	(void)snprintf(to, n, "%s/%s", dir, name);
	assert_int_equal(mkdir(to, 0700), 0);
}

static void
append(char path[static 96])
{
	size_t n = strlen(path);

	(void)snprintf(path + n, 96 - n, "/x.db");
}

static int
make_site(void **unused)
{
	char rollback[100] = { 0 }, wal[100] = { 0 };

	(void)unused;
	(void)snprintf(dir, sizeof(dir), "/tmp/test-sandbox-XXXXXX");
	assert_non_null(mkdtemp(dir));
	folder(state, sizeof(state), "state");
	folder(outside, sizeof(outside), "etc");
	folder(read_db, sizeof(read_db), "r");
	folder(write_db, sizeof(write_db), "w");
	folder(wal_db, sizeof(wal_db), "l");
	append(read_db);
	append(write_db);
	append(wal_db);
	(void)snprintf(config, sizeof(config), "%s/mcp.conf", outside);
	rollback[18] = rollback[19] = 1;
	wal[18] = wal[19] = 2;
	put(read_db, rollback, sizeof(rollback));
	put(write_db, rollback, sizeof(rollback));
	put(wal_db, wal, sizeof(wal));
	put(config, "#", 1);
	(void)snprintf(outside, sizeof(outside), "%s/secret", dir);
	put(outside, "x", 1);
	return 0;
}

static int
remove_site(void **unused)
{
	char command[128];
	pid_t pid = fork();

	(void)unused;
	(void)snprintf(command, sizeof(command), "%s", dir);
	if (pid == 0) {
		execlp("rm", "rm", "-r", command, (char *)NULL);
		_exit(127);
	}
	(void)waitpid(pid, NULL, 0);
	return 0;
}

/* Run a try in a child inside the sandbox of a configuration; its result is
 * the exit status. */
static int
inside_of(const struct conf *c, int (*try)(void))
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0)
		_exit(sandbox_enter(c, true) ? try() : 99);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 100;
}

static int
inside(int (*try)(void))
{
	return inside_of(&conf, try);
}

enum { CAN_READ = 1, CAN_WRITE = 2, CAN_MAKE = 4 };

static int
can(const char *path)
{
	char beside[128];
	int fd, got = 0;

	fd = open(path, O_RDONLY);
	got |= fd >= 0 ? CAN_READ : 0;
	fd = open(path, O_RDWR);
	got |= fd >= 0 ? CAN_WRITE : 0;
	(void)snprintf(beside, sizeof(beside), "%s-new", path);
	fd = open(beside, O_RDWR | O_CREAT, 0600);
	got |= fd >= 0 ? CAN_MAKE : 0;
	return got;
}

static int
try_read_db(void)
{
	return can(read_db);
}

static int
try_write_db(void)
{
	return can(write_db);
}

static int
try_wal_db(void)
{
	return can(wal_db);
}

static int
try_config(void)
{
	return can(config);
}

static int
try_outside(void)
{
	return can(outside);
}

static int
try_state(void)
{
	char path[128];

	(void)snprintf(path, sizeof(path), "%s/keys.db", state);
	return can(path);
}

static void
test_places(void **unused)
{
	(void)unused;
	assert_int_equal(inside(try_read_db), CAN_READ);
	assert_int_equal(inside(try_config), CAN_READ);
	assert_int_equal(inside(try_outside), 0);
	assert_int_equal(inside(try_write_db), CAN_READ | CAN_WRITE | CAN_MAKE);
	assert_int_equal(inside(try_wal_db), CAN_READ | CAN_WRITE | CAN_MAKE);
	assert_int_equal(inside(try_state), CAN_MAKE);
}

static int
try_run(void)
{
	char *argv[] = { (char *)(uintptr_t) "true", NULL };

	execv("/bin/true", argv);
	return errno == EPERM ? 1 : 2;
}

static int
try_kill_parent(void)
{
	return kill(getppid(), 0) == -1 && errno == EPERM ? 1 : 2;
}

static int
try_kill_self(void)
{
	return kill(getpid(), 0) == 0 ? 1 : 2;
}

static int
try_limits(void)
{
	struct rlimit core, files_open, cpu;

	if (getrlimit(RLIMIT_CORE, &core) != 0 ||
	    getrlimit(RLIMIT_NOFILE, &files_open) != 0 ||
	    getrlimit(RLIMIT_CPU, &cpu) != 0)
		return 2;
	return core.rlim_max == 0 && files_open.rlim_max == 40 &&
		       cpu.rlim_max == 50
		   ? 1
		   : 3;
}

static int
try_socket(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	return fd < 0 && errno == EPERM ? 1 : 2;
}

/* Sockets of our own are for sources behind one. */
static void
test_sockets(void **unused)
{
	struct conf_source far[] = { { .name = "p", .driver = "pgsql" } };
	struct conf near = conf, with = conf;
	struct conf_source here[] = { { .name = "s", .driver = "sqlite" } };

	(void)unused;
	near.sources = here;
	near.nsources = 1;
	with.sources = far;
	with.nsources = 1;
	assert_int_equal(inside_of(&near, try_socket), 1);
	assert_int_equal(inside_of(&with, try_socket), 2);
	assert_true(sandbox_outgrown(&near, &with));
}

static void
test_calls(void **unused)
{
	(void)unused;
	assert_int_equal(inside(try_run), 1);
	assert_int_equal(inside(try_kill_parent), 1);
	assert_int_equal(inside(try_kill_self), 1);
	assert_int_equal(inside(try_limits), 1);
}

static char work[128];

static int
try_elsewhere(void)
{
	int fd = open("/etc/passwd", O_RDONLY);

	if (fd < 0 || open("/etc/passwd", O_WRONLY) >= 0 ||
	    open("/var/tmp/not-here", O_WRONLY | O_CREAT, 0600) >= 0)
		return 2;
	return 1;
}

static int
try_work(void)
{
	char path[160];

	(void)snprintf(path, sizeof(path), "%s/inner", work);
	return mkdir(path, 0700) == 0 && rmdir(path) == 0 ? 1 : 2;
}

static int
try_signal_child(void)
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		for (;;)
			(void)pause();
	return kill(pid, SIGKILL) == 0 && waitpid(pid, &status, 0) == pid &&
		       WIFSIGNALED(status)
		   ? 1
		   : 2;
}

/* What programs need, once some are configured, and no more. */
static void
test_programs(void **unused)
{
	static const char *command[] = { "/bin/true" };
	static const char *folders[] = { work };
	struct conf_tool tool = { .command = { command, 1 } };
	struct conf with = conf, wider;

	(void)unused;
	(void)snprintf(work, sizeof(work), "/var/tmp/test-sandbox-XXXXXX");
	assert_non_null(mkdtemp(work));
	with.scripts = &tool;
	with.nscripts = 1;
	assert_int_equal(inside_of(&with, try_run), 0);
	assert_int_equal(inside_of(&with, try_signal_child), 1);
	assert_int_equal(inside_of(&with, try_elsewhere), 1);
	assert_int_equal(inside_of(&with, try_work), 2);
	assert_true(sandbox_outgrown(&conf, &with));
	assert_false(sandbox_outgrown(&with, &conf));
	wider = with;
	tool.writable = (struct conf_names){ folders, 1 };
	wider.tools = &tool;
	wider.ntools = 1;
	assert_int_equal(inside_of(&wider, try_work), 1);
	assert_true(sandbox_outgrown(&with, &wider));
	assert_false(sandbox_outgrown(&wider, &with));
	(void)rmdir(work);
}

/* H3: what a client can make of HTTP_PROXY, and its siblings. */
static void
test_H3_proxies(void **unused)
{
	static const char *const names[] = { "HTTP_PROXY", "http_proxy",
		"https_proxy", "ALL_PROXY", "No_Proxy", "ftp_PROXY" };
	int status;
	pid_t pid;

	(void)unused;
	for (size_t i = 0; i < 6; i++)
		(void)setenv(names[i], "http://evil", 1);
	(void)setenv("PROXY_OTHER", "stays", 1);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		int left = 0;
		sandbox_start();
		for (size_t i = 0; i < 6; i++)
			left += getenv(names[i]) != NULL;
		left += getenv("PROXY_OTHER") == NULL;
		left += umask(0) != 077;
		_exit(left);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	for (size_t i = 0; i < 6; i++)
		(void)unsetenv(names[i]);
}

/* A stray descriptor of the web server does not reach us; a closed stdout
 * does not become the next file. */
static void
test_descriptors(void **unused)
{
	int status;
	pid_t pid;

	(void)unused;
	assert_int_equal(dup2(0, 33), 33);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		(void)close(1);
		sandbox_start();
		_exit(fcntl(33, F_GETFD) == -1 && fcntl(1, F_GETFD) != -1 &&
			      fcntl(3, F_GETFD) == -1
			  ? 0
			  : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	(void)close(33);
}

static char served[128];

static int
try_served(void)
{
	return can(served);
}

/* What resources are read from can be read, and no more. */
static void
test_content(void **unused)
{
	const char *path = served;
	struct conf with = conf;
	char docs[96];

	(void)unused;
	folder(docs, sizeof(docs), "docs");
	(void)snprintf(served, sizeof(served), "%s/a.md", docs);
	put(served, "x", 1);
	assert_int_equal(inside(try_served), 0);
	with.content_files = (struct conf_names){ &path, 1 };
	assert_int_equal(inside_of(&with, try_served), CAN_READ);
	assert_true(sandbox_outgrown(&conf, &with));
	assert_false(sandbox_outgrown(&with, &conf));
	with = conf;
	path = docs;
	with.content_folders = (struct conf_names){ &path, 1 };
	assert_int_equal(inside_of(&with, try_served), CAN_READ);
	assert_int_equal(inside_of(&with, try_outside), 0);
	assert_true(sandbox_outgrown(&conf, &with));
	assert_false(sandbox_outgrown(&with, &conf));
}

static void
test_outgrown(void **unused)
{
	struct conf_source fewer[] = { sources[0], sources[1] };
	struct conf_source writable[] = { sources[0] };
	struct conf_source other[] = { sources[0] };
	struct conf next = conf;

	(void)unused;
	assert_false(sandbox_outgrown(&conf, &next));
	next.sources = fewer;
	next.nsources = 2;
	assert_false(sandbox_outgrown(&conf, &next));
	writable[0].readonly = false;
	next.sources = writable;
	next.nsources = 1;
	assert_true(sandbox_outgrown(&conf, &next));
	other[0].path = "/elsewhere/x.db";
	next.sources = other;
	assert_true(sandbox_outgrown(&conf, &next));
	next = conf;
	next.state = "/elsewhere";
	assert_true(sandbox_outgrown(&conf, &next));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_calls),
		cmocka_unit_test(test_sockets),
		cmocka_unit_test(test_programs),
		cmocka_unit_test(test_H3_proxies),
		cmocka_unit_test(test_descriptors),
		cmocka_unit_test(test_content),
		cmocka_unit_test(test_outgrown),
	};

	return cmocka_run_group_tests(tests, make_site, remove_site);
}
