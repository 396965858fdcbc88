/* SPDX-License-Identifier: ISC */
/*
 * One question to the server.  Every word of the URL is ours: a setting given
 * twice would be the last one's.
 */
#include <string.h>
#include <unistd.h>

#include "source/clickhouse_int.h"

#define URL_MAX     ((size_t)1 << 14)
#define BODY_MAX    (SIZE_MAX / 2)
#define SAID_MAX    ((size_t)1 << 14)
#define KILL_MS     2000
#define BLOCK_ROWS  8192
#define STATUS_OK   200
#define STATUS_AUTH 401

struct exchange {
	struct ch_conn *c;
	const struct ch_query *query;
	struct buf said; /* by a status that is none of success */
};

static bool
take(void *arg, int status, const char *p, size_t n)
{
	struct exchange *x = arg;

	if (status == STATUS_OK)
		return x->query->take == NULL ||
		       x->query->take(x->query->arg, p, n);
	if (n > SAID_MAX - x->said.len)
		n = SAID_MAX - x->said.len;
	buf_put(&x->said, p, n);
	return true;
}

static bool
beat(void *arg)
{
	struct exchange *x = arg;

	return running_look(&x->c->run) == ERR_OK;
}

/* A value of the URL (RFC 3986 2.3). */
static void
put_value(struct buf *b, struct str s)
{
	static const char hex[] = "0123456789ABCDEF";

	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.p[i];
		bool plain = (c >= '0' && c <= '9') ||
			     ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') ||
			     c == '-' || c == '_' || c == '.';

		if (plain) {
			buf_char(b, (char)c);
			continue;
		}
		buf_char(b, '%');
		buf_char(b, hex[c >> 4]);
		buf_char(b, hex[c & 15]);
	}
}

static void
put_limits(struct buf *b, const struct ch_conn *c, const struct ch_query *q)
{
	int64_t left = deadline_left(c->run.deadline);
	long long seconds = left / 1000 + 1;

	if (!q->write)
		buf_lit(b, "&readonly=1");
	if (left != INT64_MAX)
		buf_fmt(b, "&max_execution_time=%lld", seconds);
	if (q->max_rows > 0)
		buf_fmt(b,
		    "&max_result_rows=%lld&result_overflow_mode=break&max_block_size=%d",
		    (long long)q->max_rows, BLOCK_ROWS);
	/* Nothing is sent before all of it is there: a fault has its status. */
	buf_lit(b, "&wait_end_of_query=1");
}

static const char *
url_of(const struct ch_conn *c, struct arena *a, const struct ch_query *q,
    struct str id)
{
	struct str base = str_of(c->spec->url);
	struct buf b;

	buf_init(&b, a, URL_MAX);
	buf_str(&b, base);
	if (strchr(c->spec->url + (str_starts(base, STR("https")) ? 8 : 7),
		'/') == NULL)
		buf_char(&b, '/');
	buf_lit(&b, "?query_id=");
	put_value(&b, id);
	if (q->schema.len > 0 || c->spec->database != NULL) {
		buf_lit(&b, "&database=");
		put_value(&b,
		    q->schema.len > 0 ? q->schema : str_of(c->spec->database));
	}
	if (!c->plain)
		put_limits(&b, c, q);
	buf_char(&b, '\0');
	return b.p;
}

static bool
is_verified(const struct conf_source *s)
{
	return s->tls == TLS_AUTO || s->tls == TLS_VERIFY;
}

static enum err
fetch(struct exchange *x, struct arena *a, const char *url, struct deadline d,
    struct net_answer *out, struct fault *f)
{
	const struct ch_conn *c = x->c;
	const struct conf_source *s = c->spec;
	char *password = NULL;
	struct net_ask ask = { .url = url,
		.body = x->query->sql,
		.once = x->query->write,
		.user = s->user,
		.verify = is_verified(s),
		.ca = s->tls_ca,
		.allowed = c->allowed,
		.max_bytes = BODY_MAX,
		.deadline = d,
		.connect_ms = (int64_t)s->connect_timeout * 1000,
		.beat = beat,
		.take = take,
		.arg = x };
	enum err e;

	if (s->password.bytes != NULL)
		password =
		    arena_z(a, (struct str){ (const char *)s->password.bytes,
				   s->password.len });
	ask.password = password;
	e = net_fetch(c->net, &ask, out, f);
	if (password != NULL)
		explicit_bzero(password, s->password.len);
	return e;
}

/* End a query at the server too; it does not notice that nobody reads. */
static void
stop(struct ch_conn *c, struct arena *a, struct str id)
{
	struct ch_query kill = { .sql = arena_fmt(a,
				     "KILL QUERY WHERE query_id = %s ASYNC",
				     ch_text_literal(a, id).p) };
	struct exchange x = { .c = c, .query = &kill };
	struct running was = c->run;
	struct net_answer answer;
	struct fault ignored = { 0 };

	buf_init(&x.said, a, SAID_MAX);
	running_start(&c->run, deadline_in(KILL_MS), NULL);
	if (fetch(&x, a,
		url_of(c, a, &kill,
		    arena_fmt(a, "%.*s-end", (int)id.len, id.p)),
		c->run.deadline, &answer, &ignored) != ERR_OK)
		c->lost = true;
	c->run = was;
}

static enum err
not_clickhouse(int status, struct fault *f)
{
	fault_log(f, "status %d without an exception", status);
	return fault_set(f, ERR_SOURCE_UNREACHABLE,
	    status == STATUS_AUTH
		? "the source does not take the account it was configured with"
		: "the server of the source is no ClickHouse, or not well");
}

enum err
ch_send(struct ch_conn *c, struct arena *a, const struct ch_query *query,
    struct fault *f)
{
	struct exchange x = { .c = c, .query = query };
	struct str id = arena_fmt(a, "mcp-%lld-%llx-%lld", (long long)getpid(),
	    (unsigned long long)clock_wall_us(), (long long)++c->queries);
	struct net_answer answer;
	enum err e;

	buf_init(&x.said, a, SAID_MAX);
	if (running_look(&c->run) != ERR_OK)
		return running_fault(c->run.why, c->run.limit_ms, f);
	e = fetch(&x, a, url_of(c, a, query, id), c->run.deadline, &answer, f);
	if (e == ERR_TIMEOUT || e == ERR_CANCELLED) {
		if (c->run.why == ERR_OK)
			c->run.why = e;
		stop(c, a, id);
		return running_fault(c->run.why, c->run.limit_ms, f);
	}
	if (e != ERR_OK)
		return e;
	if (answer.enough && c->plain)
		stop(c, a, id);
	if (answer.status == STATUS_OK)
		return ERR_OK;
	if (!ch_is_exception(buf_text(&x.said)))
		return not_clickhouse(answer.status, f);
	return ch_fault(c, a, query, buf_text(&x.said), f);
}
