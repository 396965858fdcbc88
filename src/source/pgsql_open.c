/* SPDX-License-Identifier: ISC */
/*
 * Connecting, with every word that libpq could take from the environment or a
 * file of the user's given by us.
 */
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "source/pgsql_int.h"

#define KEYS_MAX     40
#define KEEP_IDLE_S  "30"
#define NOWHERE      "/dev/null/none" /* a file that there cannot be */
#define CERTIFICATES "/etc/ssl/certs/ca-certificates.crt"

/* What every connection starts with and DISCARD ALL goes back to. */
static const char startup[] =
    "-c default_transaction_read_only=on -c DateStyle=ISO -c IntervalStyle=postgres -c TimeZone=UTC -c bytea_output=hex -c extra_float_digits=1 -c synchronize_seqscans=off -c idle_in_transaction_session_timeout=120000 -c standard_conforming_strings=on -c backslash_quote=safe_encoding -c escape_string_warning=off -c xmlbinary=base64";

struct words {
	const char *key[KEYS_MAX + 1], *value[KEYS_MAX + 1];
	size_t n;
};

static void
word(struct words *w, const char *key, const char *value)
{
	if (value == NULL || w->n == KEYS_MAX)
		return;
	w->key[w->n] = key;
	w->value[w->n++] = value;
}

/* This machine needs no certificate. */
static bool
is_near(const char *host)
{
	static const char *const near[] = { "localhost", "127.0.0.1", "::1" };

	if (host == NULL || host[0] == '/')
		return true;
	for (size_t i = 0; i < sizeof(near) / sizeof(near[0]); i++)
		if (strcmp(host, near[i]) == 0)
			return true;
	return false;
}

static const char *
tls_word(const struct conf_source *s)
{
	static const char *const words[] = {
		[TLS_AUTO] = "verify-full",
		[TLS_OFF] = "disable",
		[TLS_PREFER] = "prefer",
		[TLS_REQUIRE] = "require",
		[TLS_VERIFY] = "verify-full",
	};

	if (s->tls == TLS_AUTO && (s->socket != NULL || is_near(s->host)))
		return words[TLS_OFF];
	return words[s->tls];
}

/* libpq verifies with "require" too, if there are certificates to do it by. */
static const char *
certificates(const struct conf_source *s)
{
	if (strncmp(tls_word(s), "verify", 6) != 0)
		return NOWHERE;
	return s->tls_ca != NULL ? s->tls_ca : CERTIFICATES;
}

/* What the two words ask is what our own startup words answer: this session
 * is read-only wherever it is. */
static const char *
session_attrs(const char *value)
{
	if (strcmp(value, "read-write") == 0)
		return "primary";
	return strcmp(value, "read-only") == 0 ? "standby" : value;
}

/* The administrator's own words, first, so that ours come after them. */
static enum err
own_words(struct words *w, struct arena *a, const char *options,
    struct fault *f)
{
	static const char *const ours[] = { "host", "hostaddr", "port",
		"dbname", "user", "password", "passfile", "service", "options",
		"sslmode", "sslrootcert", "client_encoding", "replication" };
	PQconninfoOption *all = PQconninfoParse(options, NULL);

	if (all == NULL) {
		fault_log(f, "the setting options cannot be read");
		return fault_set(f, ERR_SOURCE_UNREACHABLE,
		    "this source is not configured well");
	}
	for (const PQconninfoOption *o = all; o->keyword != NULL; o++) {
		bool own = false;

		for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
			own = own || strcmp(o->keyword, ours[i]) == 0;
		if (o->val != NULL && !own)
			word(w, arena_z(a, str_of(o->keyword)),
			    arena_z(a, str_of(strcmp(o->keyword,
						  "target_session_attrs") == 0
						  ? session_attrs(o->val)
						  : o->val)));
	}
	PQconninfoFree(all);
	return ERR_OK;
}

static enum err
words_of(struct words *w, struct arena *a, const struct conf_source *s,
    struct fault *f)
{
	enum err e = ERR_OK;

	if (s->options != NULL)
		e = own_words(w, a, s->options, f);
	word(w, "host", s->socket != NULL ? s->socket : s->host);
	if (s->port > 0)
		word(w, "port", arena_fmt(a, "%d", s->port).p);
	word(w, "dbname", s->database);
	word(w, "user", s->user);
	if (s->password.bytes != NULL)
		word(w, "password",
		    arena_z(a, (struct str){ (const char *)s->password.bytes,
				   s->password.len }));
	word(w, "passfile", NOWHERE);
	word(w, "sslmode", tls_word(s));
	word(w, "sslrootcert", certificates(s));
	word(w, "sslcert", NOWHERE);
	word(w, "gssencmode", "disable");
	word(w, "application_name", "mcp-fcgi");
	word(w, "client_encoding", "UTF8");
	word(w, "options", startup);
	word(w, "keepalives_idle", KEEP_IDLE_S);
	word(w, "tcp_user_timeout", "30000");
	return e;
}

static void
ignore_notice(void *arg, const PGresult *res)
{
	(void)arg;
	(void)res;
}

/* Until it is there or the time is over; libpq's own limit is per host and in
 * whole seconds. */
static bool
wait_connected(PGconn *h, struct deadline d)
{
	PostgresPollingStatusType s = PGRES_POLLING_WRITING;

	while (s != PGRES_POLLING_OK && s != PGRES_POLLING_FAILED) {
		struct pollfd p = { .fd = PQsocket(h),
			.events =
			    s == PGRES_POLLING_READING ? POLLIN : POLLOUT };
		int64_t left = deadline_left(d);

		if (left == 0)
			return false;
		if (p.fd >= 0)
			(void)poll(&p, 1, left > 1000 ? 1000 : (int)left);
		if (p.revents != 0 || p.fd < 0)
			s = PQconnectPoll(h);
	}
	return s == PGRES_POLLING_OK;
}

static void
hang_up(struct pgsql_conn *c)
{
	PQfreeCancel(c->cancel);
	PQfinish(c->h);
	c->cancel = NULL;
	c->h = NULL;
	c->open = c->writing = c->lost = false;
	c->ntypes = 0;
}

/* libpq takes what we do not say from variables of the environment. */
static void
drop_variables(void)
{
	PQconninfoOption *all = PQconndefaults();

	for (const PQconninfoOption *o = all; o != NULL && o->keyword != NULL;
	     o++)
		if (o->envvar != NULL)
			(void)unsetenv(o->envvar);
	(void)unsetenv("PGSERVICEFILE");
	(void)unsetenv("PGSYSCONFDIR");
	PQconninfoFree(all);
}

enum err
pgsql_connect(struct pgsql_conn *c, struct deadline d, struct fault *f)
{
	struct arena *a = arena_new((size_t)1 << 18);
	struct words w = { .n = 0 };
	enum err e = words_of(&w, a, c->spec, f);

	hang_up(c);
	drop_variables();
	if (e == ERR_OK) {
		c->h = PQconnectStartParams(w.key, w.value, 0);
		for (size_t i = 0; i < w.n; i++)
			if (strcmp(w.key[i], "password") == 0)
				explicit_bzero((char *)(uintptr_t)w.value[i],
				    strlen(w.value[i]));
	}
	arena_free(a);
	if (e != ERR_OK)
		return e;
	if (c->h == NULL)
		return fault_set(f, ERR_INTERNAL, "no memory for a connection");
	if (!wait_connected(c->h, d)) {
		e = pgsql_open_fault(c, f);
		hang_up(c);
		return e;
	}
	(void)PQsetNoticeReceiver(c->h, ignore_notice, NULL);
	c->cancel = PQgetCancel(c->h);
	return ERR_OK;
}

enum err
pgsql_open(const struct conf *conf, const struct conf_source *spec,
    const struct deadline *d, void **conn, struct fault *f)
{
	struct arena *a = arena_new((size_t)1 << 20);
	struct pgsql_conn *c = arena_zero(a, 1, sizeof(*c));
	enum err e;

	*conn = NULL;
	c->conf = conf;
	c->spec = spec;
	c->arena = a;
	c->rules = spec->deny.n + spec->mask.n != 0;
	e = pgsql_connect(c, *d, f);
	if (e != ERR_OK) {
		pgsql_close(c);
		return e;
	}
	*conn = c;
	return ERR_OK;
}

void
pgsql_close(void *conn)
{
	struct pgsql_conn *c = conn;

	if (c == NULL)
		return;
	hang_up(c);
	arena_free(c->arena);
}
