/* SPDX-License-Identifier: ISC */
/* One source of an engine under test, and what is asked of it. */
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "rig.h"

struct conf_source spec;
struct conf conf;
struct sources *sources;
struct sql_ask ask;
struct outcome out;

void
rig_open(const struct conf_source *as)
{
	spec = *as;
	spec.name = "shop";
	spec.max_sql = 65536;
	if (spec.timeout == 0)
		spec.timeout = 10;
	if (spec.connect_timeout == 0)
		spec.connect_timeout = 3;
	conf = (struct conf){ .sources = &spec,
		.nsources = 1,
		.limits = contract_limits() };
	sources = sources_new(&conf);
	out = (struct outcome){ .a = arena_new((size_t)1 << 28) };
	ask = (struct sql_ask){
		.classes = ~0u,
		.verbs = VERB_ALL,
		.all_rows = true,
		.max_rows = 1000,
		.max_affected = 1000,
	};
}

int
rig_close(void **state)
{
	(void)state;
	sources_free(sources);
	secret_done(&spec.password);
	arena_free(out.a);
	return 0;
}

void
run(const char *sql)
{
	contract_ask(sources, &ask, sql, true, &out);
}

void
gives(const char *sql, const char *rows)
{
	run(sql);
	if (!str_eq(out.rows, str_of(rows)))
		fail_msg("%s: want %s, got %.*s [%s]", sql, rows,
		    (int)out.rows.len, out.rows.p, out.f.log);
}

void
works(void)
{
	gives("SELECT count(*) FROM t", "2\n");
}

void
fails(const char *sql, const char *code)
{
	static const char *const own[] = { "127.0.0.", "nosuch.invalid", "mcp",
		"somebody", "wrong word", "/tmp/", "nodb", "localhost",
		"10.1.2.3", "internal", "10.0.0", ":9000", "nosuchdriver",
		"psqlodbc", "unixODBC" };

	gives(sql, code);
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (strstr(out.f.msg, own[i]) != NULL ||
		    strstr(out.f.hint, own[i]) != NULL)
			fail_msg("tells %s: %s / %s", own[i], out.f.msg,
			    out.f.hint);
}

static bool
any_columns(struct row_sink *to, const struct column *c, size_t n)
{
	(void)to;
	(void)c;
	(void)n;
	return true;
}

static bool
count_row(struct row_sink *to, const struct value *v, size_t n)
{
	struct rig_rows *r = (struct rig_rows *)to;

	(void)v;
	(void)n;
	if (r->n++ == 0 && r->first != NULL)
		r->first();
	return true;
}

enum err
rig_read(const char *sql, int64_t most, struct rig_rows *rows)
{
	enum err e;

	rows->sink = (struct row_sink){ any_columns, count_row, NULL };
	rows->n = 0;
	out.f = (struct fault){ 0 };
	ask.text = str_of(sql);
	ask.max_rows = most;
	e = source_run(sources, 0, out.a, &ask, &out.g, &rows->sink, &out.done,
	    &out.f);
	sources_reset(sources);
	ask.max_rows = 1000;
	return e;
}

static void
read_all(const char *sql, int64_t most)
{
	struct rig_rows rows = { .n = 0 };

	if (rig_read(sql, most, &rows) != ERR_OK)
		fail_msg("%s: %s [%s]", sql, out.f.msg, out.f.log);
	assert_int_equal(rows.n, most);
}

void
rig_stays_flat(const char *sql, const char *all, int64_t most)
{
	int64_t before;

	works();
	before = contract_high_water();
	read_all(sql, 1000);
	assert_true(out.done.more);
	read_all(all, most);
	printf("memory: %lld kB more for 3000000 rows\n",
	    (long long)(contract_high_water() - before));
	assert_true(contract_high_water() - before < 8192);
}

int
rig_listen(int *port)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_addr = { htonl(INADDR_LOOPBACK) } };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	socklen_t len = sizeof(a);

	assert_int_equal(bind(fd, (struct sockaddr *)&a, len), 0);
	assert_int_equal(listen(fd, 5), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &len), 0);
	*port = ntohs(a.sin_port);
	return fd;
}

void
rig_certificate(const char *folder)
{
	char key[128], cert[128];
	struct stat st;
	int status;
	pid_t pid;

	(void)snprintf(key, sizeof(key), "%s/server.key", folder);
	(void)snprintf(cert, sizeof(cert), "%s/server.crt", folder);
	pid = fork();
	if (pid == 0) {
		(void)close(STDERR_FILENO);
		execlp("openssl", "openssl", "req", "-x509", "-newkey",
		    "rsa:2048", "-nodes", "-days", "2", "-subj",
		    "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
		    "-keyout", key, "-out", cert, (char *)NULL);
		_exit(127);
	}
	if (waitpid(pid, &status, 0) != pid || status != 0 ||
	    stat(folder, &st) != 0 || chown(key, st.st_uid, st.st_gid) != 0 ||
	    chmod(key, 0600) != 0)
		abort();
}
