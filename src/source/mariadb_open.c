/* SPDX-License-Identifier: ISC */
/*
 * Connecting, to the first of several hosts that answers, with every word that
 * the library could take from the environment or a file given by us.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <errmsg.h>

#include "source/mariadb_int.h"

#define CERTIFICATES "/etc/ssl/certs/ca-certificates.crt"
#define KILL_MS      2000
#define PACKET_MAX   ((unsigned long)64 << 20) /* one row, one value */
#define FLAGS        (CLIENT_FOUND_ROWS | CLIENT_PS_MULTI_RESULTS)

/* How a server may ask who we are; never by sending the password as it is. */
#define AUTH \
	"mysql_native_password,client_ed25519,caching_sha2_password,sha256_password"

/* This machine needs no certificate. */
static bool
is_near(const struct mariadb_place *p)
{
	static const char *const near[] = { "localhost", "127.0.0.1", "::1" };

	if (!p->tcp)
		return true;
	for (size_t i = 0; i < sizeof(near) / sizeof(near[0]); i++)
		if (strcmp(p->host, near[i]) == 0)
			return true;
	return false;
}

static enum conf_tls
tls_of(const struct conf_source *s, const struct mariadb_place *p)
{
	if (s->tls != TLS_AUTO)
		return s->tls;
	return is_near(p) ? TLS_OFF : TLS_VERIFY;
}

static void
set_flag(MYSQL *h, enum mysql_option option, bool on)
{
	my_bool value = on ? 1 : 0;

	(void)mysql_options(h, option, &value);
}

static void
set_tls(MYSQL *h, const struct conf_source *s, enum conf_tls tls)
{
	bool verify = tls == TLS_VERIFY;

	if (tls == TLS_OFF)
		return;
	set_flag(h, MYSQL_OPT_SSL_ENFORCE, true);
	set_flag(h, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, verify);
	if (verify)
		(void)mysql_options(h, MYSQL_OPT_SSL_CA,
		    s->tls_ca != NULL ? s->tls_ca : CERTIFICATES);
}

static MYSQL *
handle_of(const struct conf_source *s, const struct mariadb_place *p,
    enum conf_tls tls)
{
	MYSQL *h = mysql_init(NULL);
	unsigned int off = 0, protocol = MYSQL_PROTOCOL_TCP;
	unsigned long most = PACKET_MAX;

	if (h == NULL)
		return NULL;
	(void)mysql_options(h, MYSQL_OPT_NONBLOCK, NULL);
	(void)mysql_options(h, MYSQL_OPT_LOCAL_INFILE, &off);
	(void)mysql_options(h, MYSQL_SET_CHARSET_NAME, "utf8mb4");
	(void)mysql_options(h, MYSQL_OPT_MAX_ALLOWED_PACKET, &most);
	(void)mysql_options(h, MARIADB_OPT_RESTRICTED_AUTH, AUTH);
	set_flag(h, MYSQL_OPT_RECONNECT, false);
	if (p->tcp)
		(void)mysql_options(h, MYSQL_OPT_PROTOCOL, &protocol);
	set_tls(h, s, tls);
	return h;
}

/* The library takes what we do not say from variables of the environment. */
static void
drop_variables(void)
{
	static const char *const names[] = { "MYSQL_TCP_PORT",
		"MYSQL_UNIX_PORT", "MARIADB_UNIX_PORT", "MYSQL_PWD",
		"MARIADB_PLUGIN_DIR", "LIBMYSQL_PLUGINS", "MARIADB_HOME",
		"MYSQL_HOME" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		(void)unsetenv(names[i]);
}

static const char *
password_of(struct arena *a, const struct conf_source *s)
{
	if (s->password.bytes == NULL)
		return "";
	return arena_z(a,
	    (struct str){ (const char *)s->password.bytes, s->password.len });
}

/* One try; c->h is what came of it, connected or with its fault. */
static bool
try_once(struct mariadb_conn *c, enum conf_tls tls)
{
	const struct mariadb_place *p = &c->at;
	const struct conf_source *s = c->spec;
	struct arena *a = arena_new((size_t)1 << 16);
	const char *password = password_of(a, s);
	MYSQL *done = NULL;
	int w;

	mysql_close(c->h);
	c->h = handle_of(s, p, tls);
	if (c->h != NULL) {
		w = mysql_real_connect_start(&done, c->h,
		    p->tcp ? p->host : NULL, s->user, password, s->database,
		    (unsigned)p->port, p->socket, FLAGS);
		while (w != 0)
			w = mysql_real_connect_cont(&done, c->h,
			    mariadb_wait(c, w));
	}
	explicit_bzero((char *)(uintptr_t)password, strlen(password));
	arena_free(a);
	/* A server without TLS is taken by the library all the same. */
	c->plain = done != NULL && tls >= TLS_REQUIRE &&
		   mysql_get_ssl_cipher(c->h) == NULL;
	c->up = done != NULL && !c->plain;
	return c->up;
}

/* "prefer" is with TLS and, where the server has none, without. */
static bool
try_place(struct mariadb_conn *c)
{
	enum conf_tls tls = tls_of(c->spec, &c->at);

	if (try_once(c, tls))
		return true;
	return tls == TLS_PREFER && !c->lost && c->h != NULL &&
	       mysql_errno(c->h) == CR_SSL_CONNECTION_ERROR &&
	       try_once(c, TLS_OFF);
}

/* "name", "name:3307" or "[::1]:3307"; an address of six has more colons. */
static struct mariadb_place
place_of(struct str text, int port)
{
	struct mariadb_place p = { .port = port };
	struct str rest = str_trim(text), name;
	int64_t n;

	if (rest.len > 0 && rest.p[0] == '[') {
		rest = str_from(rest, 1);
		(void)str_cut(&rest, ']', &name);
		if (str_starts(rest, STR(":")))
			rest = str_from(rest, 1);
	} else {
		(void)str_cut(&rest, ':', &name);
		if (str_has(rest, ':'))
			name = str_trim(text);
	}
	if (str_int(rest, 1, 65535, &n))
		p.port = (int)n;
	(void)snprintf(p.host, sizeof(p.host), "%.*s", (int)name.len, name.p);
	/* Without a port "localhost" is the socket, as everywhere. */
	p.tcp = p.port != 0 || strcmp(p.host, "localhost") != 0;
	return p;
}

static void
hang_up(struct mariadb_conn *c)
{
	mysql_close(c->h);
	c->h = NULL;
	c->up = c->open = c->writing = c->xa = c->lost = c->moved = false;
}

static struct str
word_of_server(struct mariadb_conn *c, struct arena *a, const char *sql)
{
	struct fault ignored = { 0 };
	struct mariadb_rows r;

	if (mariadb_ask(c, a, sql, NULL, 0, &r, &ignored) != ERR_OK)
		return (struct str){ 0 };
	return mariadb_cell(&r, 0, 1);
}

/* A node of a cluster that has lost the others takes connections all the
 * same. */
static bool
serves(struct mariadb_conn *c)
{
	struct arena *a = arena_new((size_t)1 << 18);
	bool ok =
	    !str_ieq(word_of_server(c, a, "SHOW VARIABLES LIKE 'wsrep_on'"),
		STR("ON")) ||
	    str_ieq(word_of_server(c, a, "SHOW STATUS LIKE 'wsrep_ready'"),
		STR("ON"));

	arena_free(a);
	return ok && !c->lost;
}

static bool
may_be_elsewhere(const struct mariadb_conn *c)
{
	unsigned n = c->h == NULL ? 0 : mysql_errno(c->h);

	return n == 0 || n >= 2000 || mariadb_is_gone(n);
}

/* Each of the hosts in turn, until one serves. */
static bool
try_hosts(struct mariadb_conn *c)
{
	struct str rest =
	    str_of(c->spec->host == NULL ? "localhost" : c->spec->host);
	struct deadline whole = c->run.deadline;
	int64_t left = 1;
	struct str one;

	for (size_t i = 0; i < rest.len; i++)
		left += rest.p[i] == ',';
	for (bool many = left > 1; left > 0 && str_cut(&rest, ',', &one);
	     left--) {
		hang_up(c);
		c->at = place_of(one, c->spec->port);
		/* A host that says nothing leaves time for those behind it. */
		mariadb_watch(c,
		    left == 1 ? whole
			      : deadline_min(whole,
				    deadline_in(deadline_left(whole) / left)),
		    NULL);
		if (try_place(c) && (!many || serves(c)))
			return true;
		if (!may_be_elsewhere(c))
			break;
	}
	return false;
}

enum err
mariadb_dial(struct mariadb_conn *c, struct deadline d, struct fault *f)
{
	bool ok;
	enum err e;

	hang_up(c);
	drop_variables();
	mariadb_watch(c, d, NULL);
	c->at = (struct mariadb_place){ .socket = c->spec->socket };
	ok = c->spec->socket != NULL ? try_place(c) : try_hosts(c);
	if (!ok) {
		e = mariadb_open_fault(c, f);
		hang_up(c);
		return e;
	}
	c->is_mysql = strstr(mysql_get_server_info(c->h), "MariaDB") == NULL;
	return ERR_OK;
}

/* On a connection of its own, to the same server. */
bool
mariadb_kill_query(const struct mariadb_conn *c)
{
	struct mariadb_conn other = { .conf = c->conf,
		.spec = c->spec,
		.at = c->at };
	char sql[48];
	bool ok;

	mariadb_watch(&other, deadline_in(KILL_MS), NULL);
	(void)snprintf(sql, sizeof(sql), "KILL QUERY %lu",
	    mysql_thread_id(c->h));
	ok = try_place(&other);
	/* One that hangs is given up, not killed by yet another. */
	other.up = false;
	ok = ok && mariadb_query(&other, sql) == 0;
	hang_up(&other);
	return ok;
}

enum err
mariadb_open(const struct conf *conf, const struct conf_source *spec,
    const struct deadline *d, void **conn, struct fault *f)
{
	struct arena *a = arena_new((size_t)1 << 20);
	struct mariadb_conn *c = arena_zero(a, 1, sizeof(*c));
	enum err e;

	*conn = NULL;
	c->conf = conf;
	c->spec = spec;
	c->arena = a;
	c->later = arena_new((size_t)1 << 24);
	c->rules = spec->deny.n + spec->mask.n != 0;
	e = mariadb_dial(c, *d, f);
	if (e != ERR_OK) {
		mariadb_close(c);
		return e;
	}
	*conn = c;
	return ERR_OK;
}

void
mariadb_close(void *conn)
{
	struct mariadb_conn *c = conn;

	if (c == NULL)
		return;
	hang_up(c);
	arena_free(c->later);
	arena_free(c->arena);
}
