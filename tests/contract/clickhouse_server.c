/* SPDX-License-Identifier: ISC */
/* Starting and ending a ClickHouse for tests. */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "clickhouse_server.h"
#include "net/fetch.h"
#include "server.h"

#define START_MS   60000
#define ANSWER_MAX 65536

#define ARG(text) ((char *)(unsigned long)(text))

static const char program[] = "/usr/sbin/clickhouse-server";

static void
broken(const char *what)
{
	perror(what);
	abort();
}

static void
put_file(const struct clickhouse_server *s, const char *name, const char *text)
{
	char path[128];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", s->folder, name);
	f = fopen(path, "w");
	if (f == NULL || fputs(text, f) < 0 || fclose(f) != 0)
		broken(path);
}

static void
configure(const struct clickhouse_server *s, bool tls)
{
	struct arena *a = arena_new((size_t)1 << 20);
	struct str secure = { "", 0 };

	if (tls)
		secure = arena_fmt(a,
		    "<https_port>%d</https_port><openSSL><server><certificateFile>%s/server.crt</certificateFile><privateKeyFile>%s/server.key</privateKeyFile><verificationMode>none</verificationMode><loadDefaultCAFile>false</loadDefaultCAFile></server></openSSL>",
		    s->tls_port, s->folder, s->folder);
	put_file(s, "config.xml",
	    arena_fmt(a,
		"<yandex><logger><level>error</level><console>1</console></logger><http_port>%d</http_port><tcp_port>%d</tcp_port>%.*s<listen_host>127.0.0.1</listen_host><path>%s/data/</path><tmp_path>%s/tmp/</tmp_path><user_files_path>%s/files/</user_files_path><format_schema_path>%s/schemas/</format_schema_path><users_config>users.xml</users_config><default_profile>default</default_profile><default_database>default</default_database><mark_cache_size>5368709</mark_cache_size><dictionaries_config>*_dictionary.xml</dictionaries_config></yandex>",
		s->port, s->native_port, (int)secure.len, secure.p, s->folder,
		s->folder, s->folder, s->folder)
		.p);
	/* Its rows are those of shop.hidden_pay, which is made later. */
	put_file(s, "pay_dictionary.xml",
	    arena_fmt(a,
		"<yandex><dictionary><name>paid</name><source><clickhouse><host>127.0.0.1</host><port>%d</port><user>default</user><password></password><db>shop</db><table>hidden_pay</table></clickhouse></source><lifetime>0</lifetime><layout><flat/></layout><structure><id><name>id</name></id><attribute><name>amount</name><type>String</type><null_value></null_value></attribute></structure></dictionary></yandex>",
		s->native_port)
		.p);
	put_file(s, "users.xml",
	    "<yandex><profiles><default><max_memory_usage>2000000000</max_memory_usage></default><readonly><readonly>1</readonly></readonly><small><max_concurrent_queries_for_user>1</max_concurrent_queries_for_user></small></profiles><quotas><default/></quotas><users>"
	    "<default><password></password><networks><ip>::/0</ip></networks><profile>default</profile><quota>default</quota></default>"
	    "<mcp><password>right word</password><networks><ip>::/0</ip></networks><profile>default</profile><quota>default</quota></mcp>"
	    "<small><password></password><networks><ip>::/0</ip></networks><profile>small</profile><quota>default</quota></small>"
	    "<reader><password></password><networks><ip>::/0</ip></networks><profile>readonly</profile><quota>default</quota></reader>"
	    "</users></yandex>");
	arena_free(a);
}

static int ask(const struct clickhouse_server *s, const char *database,
    struct str sql, char *out, size_t size);

static void
wait_ready(struct clickhouse_server *s)
{
	char answer[64];

	for (int i = 0; i < START_MS / 20; i++) {
		if (ask(s, "default", STR("SELECT 1"), answer,
			sizeof(answer)) == 200)
			return;
		if (waitpid(s->pid, NULL, WNOHANG) == s->pid)
			break;
		(void)poll(NULL, 0, 20);
	}
	fprintf(stderr, "ClickHouse does not start; see %s/log\n", s->folder);
	abort();
}

void
clickhouse_server_again(struct clickhouse_server *s)
{
	char config[128];
	char *args[] = { ARG(program), config, NULL };

	(void)snprintf(config, sizeof(config), "--config-file=%s/config.xml",
	    s->folder);
	s->pid = server_run(s->folder, "root", program, args);
	wait_ready(s);
}

/* A program by its name; what it says goes nowhere. */
static void
run(char *const args[])
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		(void)close(STDERR_FILENO);
		execvp(args[0], args);
		_exit(127);
	}
	if (waitpid(pid, &status, 0) != pid || status != 0)
		broken(args[0]);
}

static void
make_certificate(const struct clickhouse_server *s)
{
	char key[128], cert[128];
	char *args[] = { ARG("openssl"), ARG("req"), ARG("-x509"),
		ARG("-newkey"), ARG("rsa:2048"), ARG("-nodes"), ARG("-days"),
		ARG("2"), ARG("-subj"), ARG("/CN=localhost"), ARG("-addext"),
		ARG("subjectAltName=DNS:localhost"), ARG("-keyout"), key,
		ARG("-out"), cert, NULL };

	(void)snprintf(key, sizeof(key), "%s/server.key", s->folder);
	(void)snprintf(cert, sizeof(cert), "%s/server.crt", s->folder);
	run(args);
}

bool
clickhouse_server_start(struct clickhouse_server *s, bool tls)
{
	*s = (struct clickhouse_server){ .port = server_port() };
	if (access(program, X_OK) != 0)
		return false;
	do
		s->native_port = server_port();
	while (s->native_port == s->port);
	do
		s->tls_port = server_port();
	while (s->tls_port == s->port || s->tls_port == s->native_port);
	if (!server_folder(s->folder, sizeof(s->folder), "clickhouse", "root"))
		return false;
	(void)snprintf(s->url, sizeof(s->url), "http://127.0.0.1:%d", s->port);
	if (tls)
		make_certificate(s);
	configure(s, tls);
	clickhouse_server_again(s);
	return true;
}

void
clickhouse_server_kill(struct clickhouse_server *s)
{
	server_end(&s->pid, SIGKILL);
}

void
clickhouse_server_stop(struct clickhouse_server *s)
{
	clickhouse_server_kill(s);
	server_remove(s->folder);
}

struct answer {
	char *p;
	size_t n, size;
};

static bool
take(void *arg, int status, const char *p, size_t n)
{
	struct answer *a = arg;

	(void)status;
	if (n > a->size - 1 - a->n)
		n = a->size - 1 - a->n;
	memcpy(a->p + a->n, p, n);
	a->n += n;
	a->p[a->n] = '\0';
	return true;
}

/* The status; 0: nobody is there. */
static int
ask(const struct clickhouse_server *s, const char *database, struct str sql,
    char *out, size_t size)
{
	struct answer a = { out, 0, size };
	struct net_answer answer = { 0 };
	struct fault f = { 0 };
	struct net *n;
	char url[200];
	struct net_ask q = { .url = url,
		.body = sql,
		.max_bytes = ANSWER_MAX,
		.deadline = deadline_in(START_MS),
		.take = take,
		.arg = &a };

	out[0] = '\0';
	(void)snprintf(url, sizeof(url),
	    "%s/?database=%s&allow_experimental_low_cardinality_type=1", s->url,
	    database);
	if (net_open(&n, &f) != ERR_OK) {
		fprintf(stderr, "%s\n", f.msg);
		abort();
	}
	if (net_fetch(n, &q, &answer, &f) != ERR_OK)
		answer.status = 0;
	net_close(n);
	return answer.status;
}

void
clickhouse_server_script(const struct clickhouse_server *s,
    const char *database, const char *sql)
{
	static char answer[ANSWER_MAX];

	while (sql[0] != '\0') {
		const char *end = strstr(sql, ";\n");
		size_t n = end == NULL ? strlen(sql) : (size_t)(end - sql);

		if (ask(s, database, (struct str){ sql, n }, answer,
			sizeof(answer)) != 200) {
			fprintf(stderr, "%.*s\n%s\n", (int)n, sql, answer);
			abort();
		}
		sql += end == NULL ? n : n + 2;
	}
}

const char *
clickhouse_server_value(const struct clickhouse_server *s, const char *sql)
{
	static char answer[ANSWER_MAX];

	if (ask(s, "default", str_of(sql), answer, sizeof(answer)) != 200) {
		fprintf(stderr, "%s\n%s\n", sql, answer);
		abort();
	}
	answer[strcspn(answer, "\n")] = '\0';
	return answer;
}
