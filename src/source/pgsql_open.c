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

/* The same for a database of our own, which is there to be written.  A wait
 * for a row's lock ends as soon as ours does. */
static const char startup_own[] =
    "-c default_transaction_read_only=off -c DateStyle=ISO -c TimeZone=UTC -c standard_conforming_strings=on -c lock_timeout=%dms -c statement_timeout=%dms -c idle_in_transaction_session_timeout=60000";

#define OWN_MORE_MS 60000 /* for a statement that goes on giving rows */

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

struct places {
	struct pgsql_place v[PGSQL_PLACES];
	size_t n;
};

static bool
are_near(const struct places *p)
{
	for (size_t i = 0; i < p->n; i++)
		if (!is_near(p->v[i].host))
			return false;
	return true;
}

static const char *
tls_word(const struct conf_source *s, const struct places *p)
{
	static const char *const words[] = {
		[TLS_AUTO] = "verify-full",
		[TLS_OFF] = "disable",
		[TLS_PREFER] = "prefer",
		[TLS_REQUIRE] = "require",
		[TLS_VERIFY] = "verify-full",
	};

	if (s->tls == TLS_AUTO && are_near(p))
		return words[TLS_OFF];
	return words[s->tls];
}

/* libpq verifies with "require" too, if there are certificates to do it by. */
static const char *
certificates(const struct conf_source *s, const char *tls)
{
	if (strncmp(tls, "verify", 6) != 0)
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

/* Which server, and what it is told of the session: the words that differ
 * between a source and a database of our own. */
static void
way_words(struct words *w, struct arena *a, const struct pgsql_conn *c,
    const struct places *p)
{
	int ms = c->spec->timeout * 1000;
	struct pgsql_place at =
	    c->own ? p->v[c->place % p->n] : pgsql_place_all(a, p->v, p->n);

	word(w, "host", at.host);
	word(w, "port", at.port);
	if (!c->own) {
		word(w, "options", startup);
		word(w, "tcp_user_timeout", "30000");
		return;
	}
	word(w, "target_session_attrs", "primary");
	word(w, "options", arena_fmt(a, startup_own, ms, ms + OWN_MORE_MS).p);
	word(w, "tcp_user_timeout", arena_fmt(a, "%d", ms).p);
}

static enum err
words_of(struct words *w, struct arena *a, const struct pgsql_conn *c,
    const struct places *p, struct fault *f)
{
	const struct conf_source *s = c->spec;
	const char *tls = tls_word(s, p);
	enum err e = ERR_OK;

	if (s->options != NULL)
		e = own_words(w, a, s->options, f);
	way_words(w, a, c, p);
	word(w, "dbname", s->database);
	word(w, "user", s->user);
	if (s->password.bytes != NULL)
		word(w, "password",
		    arena_z(a, (struct str){ (const char *)s->password.bytes,
				   s->password.len }));
	word(w, "passfile", NOWHERE);
	word(w, "sslmode", tls);
	word(w, "sslrootcert", certificates(s, tls));
	word(w, "sslcert", NOWHERE);
	word(w, "gssencmode", "disable");
	word(w, "application_name", "mcp-fcgi");
	word(w, "client_encoding", "UTF8");
	word(w, "keepalives_idle", KEEP_IDLE_S);
	return e;
}

/* A server that leaves says so in what looks like a notice. */
static void
take_notice(void *arg, const PGresult *res)
{
	struct pgsql_conn *c = arg;
	const char *severity =
	    PQresultErrorField(res, PG_DIAG_SEVERITY_NONLOCALIZED);

	if (severity != NULL && strcmp(severity, "FATAL") == 0)
		c->lost = true;
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

/* To one server, or to whichever of a list the library chooses. */
static enum err
connect_to(struct pgsql_conn *c, struct arena *a, const struct places *p,
    struct deadline d, struct fault *f)
{
	struct words w = { .n = 0 };
	enum err e = words_of(&w, a, c, p, f);

	c->heard = false;
	if (e == ERR_OK) {
		c->h = PQconnectStartParams(w.key, w.value, 0);
		for (size_t i = 0; i < w.n; i++)
			if (strcmp(w.key[i], "password") == 0)
				explicit_bzero((char *)(uintptr_t)w.value[i],
				    strlen(w.value[i]));
	}
	if (e != ERR_OK)
		return e;
	if (c->h == NULL)
		return fault_set(f, ERR_INTERNAL, "no memory for a connection");
	if (!wait_connected(c->h, d)) {
		c->heard = pgsql_open_fault(c, f);
		hang_up(c);
		return f->code;
	}
	(void)PQsetNoticeReceiver(c->h, take_notice, c);
	c->cancel = PQgetCancel(c->h);
	c->connected++;
	return ERR_OK;
}

/* One after the other, the last good one first: the library would give all of
 * the time to a host that does not even refuse.  Of their faults the first of
 * a server that is there tells most. */
static enum err
connect_own(struct pgsql_conn *c, struct arena *a, const struct places *p,
    struct deadline d, struct fault *f)
{
	enum err e = ERR_SOURCE_UNREACHABLE;
	struct fault most = { 0 };
	bool heard = false;

	for (size_t i = 0; i < p->n && e != ERR_OK; i++) {
		int64_t left = deadline_left(d);

		e = connect_to(c, a, p, deadline_in(left / (int64_t)(p->n - i)),
		    f);
		if (e == ERR_OK)
			return e;
		c->place = (c->place + 1) % p->n;
		if (i == 0 || (c->heard && !heard))
			most = *f;
		heard = heard || c->heard;
	}
	*f = most;
	return most.code;
}

enum err
pgsql_connect(struct pgsql_conn *c, struct deadline d, struct fault *f)
{
	struct arena *a = arena_new((size_t)1 << 18);
	struct places p;
	enum err e;

	p.n = pgsql_places(a, c->spec, p.v);
	hang_up(c);
	drop_variables();
	e = c->own ? connect_own(c, a, &p, d, f) : connect_to(c, a, &p, d, f);
	arena_free(a);
	return e;
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
