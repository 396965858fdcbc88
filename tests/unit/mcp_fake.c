/* SPDX-License-Identifier: ISC */
/* A request and an answer in memory. */
#include <ctype.h>
#include <stdlib.h>

#include "tests/unit/mcp_fake.h"

static struct fake *
fake_of(struct http_io *io)
{
	return io->arg;
}

static ssize_t
fake_read(struct http_io *io, void *p, size_t n, struct deadline d)
{
	struct fake *f = fake_of(io);

	(void)d;
	if (n > f->body.len)
		n = f->body.len;
	if (n > 0)
		memcpy(p, f->body.p, n);
	f->body = str_from(f->body, n);
	return (ssize_t)n;
}

void (*fake_hears)(struct fake *f, struct str text);

static bool
fake_send(struct http_io *io, const struct iovec *v, int n, bool last)
{
	struct fake *f = fake_of(io);

	(void)last;
	if (f->hung_up)
		return false;
	f->sends++;
	for (int i = 0; i < n; i++)
		buf_put(&f->sent, v[i].iov_base, v[i].iov_len);
	if (fake_hears != NULL)
		for (int i = 0; i < n; i++)
			fake_hears(f,
			    (struct str){ v[i].iov_base, v[i].iov_len });
	return !f->hung_up;
}

static bool
fake_gone(struct http_io *io)
{
	return fake_of(io)->hung_up;
}

static enum err
fake_line(struct attempt *t, const char *event, struct fault *why)
{
	struct fake *f = (struct fake *)(uintptr_t)t->audit;

	(void)event;
	(void)why;
	f->lines++;
	return ERR_OK;
}

void
fake_init(struct fake *f, bool known)
{
	*f = (struct fake){ 0 };
	f->arena = arena_new(256u << 20);
	buf_init(&f->sent, f->arena, 64u << 20);
	f->io = (struct http_io){ .env = f->env,
		.read = fake_read,
		.send = fake_send,
		.gone = fake_gone,
		.arg = f };
	f->conf.title = "Test";
	f->conf.instructions = "Ask \"nicely\".";
	f->conf.basic = true;
	f->conf.list_ttl_ms = 300000;
	f->conf.limits = (struct conf_limits){ .batch = 20,
		.json_depth = 64,
		.json_elements = 20000,
		.json_string = 1 << 20,
		.question_time = 900,
		.hard_extra = 2,
		.asks = 2,
		.asks_total = 4,
		.ask_time = 30,
		.session_time = 3600 };
	fake_content(&f->conf);
	f->mcp.conf = &f->conf;
	f->who.known = known;
	f->who.scopes = SCOPE_READ;
	memcpy(f->who.key.id, "aaaabbbbcccc", sizeof(f->who.key.id));
	memset(f->mcp.session_seal.key, 7, sizeof(f->mcp.session_seal.key));
	f->attempt = (struct attempt){ .id = "0123456789abcdef",
		.who = &f->who,
		.put = fake_line,
		.audit = (struct audit *)(uintptr_t)f };
	fake_param(f, "REQUEST_METHOD", STR("POST"));
	fake_param(f, "REQUEST_URI", STR("/mcp"));
	fake_param(f, "SCRIPT_NAME", STR("/mcp"));
	fake_param(f, "CONTENT_TYPE", STR("application/json"));
}

void
fake_done(struct fake *f)
{
	arena_free(f->arena);
}

void
fake_param(struct fake *f, const char *name, struct str value)
{
	size_t n = strlen(name);
	char *line = arena_z(f->arena,
	    arena_fmt(f->arena, "%s=%.*s", name, (int)value.len, value.p));

	for (size_t i = 0; i < f->nenv; i++)
		if (strncmp(f->env[i], line, n + 1) == 0) {
			f->env[i] = line;
			return;
		}
	if (f->nenv + 1 >= FAKE_ENV)
		abort();
	f->env[f->nenv++] = line;
}

void
fake_header(struct fake *f, struct str name, struct str value)
{
	char cgi[128] = "HTTP_";
	size_t n = 5;

	if (str_ieq(name, STR("Content-Type"))) {
		fake_param(f, "CONTENT_TYPE", value);
		return;
	}
	for (size_t i = 0; i < name.len && n + 1 < sizeof(cgi); i++)
		cgi[n++] = name.p[i] == '-'
			       ? '_'
			       : (char)toupper((unsigned char)name.p[i]);
	cgi[n] = '\0';
	fake_param(f, cgi, value);
}

struct str
fake_session(struct fake *f, struct str text)
{
	char how = text.p[text.len - 1];
	bool odd = how == '!' || how == '-' || how == '?';
	struct str in = { text.p, text.len - odd };
	struct str id = seal_make(&f->mcp.session_seal, f->arena,
	    how == '?' ? STR("ffffffffffff") : str_of(f->who.key.id),
	    how == '-' ? 0 : 3600, in);

	if (how == '!')
		((char *)(uintptr_t)id.p)[id.len / 2] ^= 1;
	return id;
}

void
fake_post(struct fake *f, struct str body)
{
	static const struct http_limits limits = { 1 << 20, 8192, 15 };
	struct tool_filter filter = { 0 };
	struct fault why = { 0 };

	f->body = body;
	fake_param(f, "CONTENT_LENGTH", arena_fmt(f->arena, "%zu", body.len));
	http_res_init(&f->res, f->arena, &f->io, 64u << 20);
	if (http_read(&f->io, &limits, f->arena, &f->req, &why) == ERR_OK)
		mcp_post(&f->mcp, &f->req, &filter, &f->attempt, &f->res);
	else
		http_res_fault(&f->res, &why);
	http_send(&f->res);
}

static void
fake_arm(struct tool_guard *g, int64_t ms)
{
	struct fake *f =
	    (struct fake *)((char *)g - offsetof(struct fake, guard));

	f->armed_ms = ms;
	f->disarmed = false;
}

static void
fake_disarm(struct tool_guard *g)
{
	struct fake *f =
	    (struct fake *)((char *)g - offsetof(struct fake, guard));

	f->disarmed = true;
}

static struct tool_guard *
fake_guard(void *arg, struct http_res *answer, struct attempt *t)
{
	struct fake *f = arg;

	f->last_words = http_render(answer);
	f->last_code = t->code;
	return f->guard_fails ? NULL : &f->guard;
}

void
fake_guarded(struct fake *f)
{
	f->guard = (struct tool_guard){ fake_arm, fake_disarm };
	f->mcp.guard = fake_guard;
	f->mcp.guard_arg = f;
}

struct str
fake_body(const struct fake *f)
{
	struct str all = buf_text(&f->sent);

	for (size_t i = 0; i + 4 <= all.len; i++)
		if (memcmp(all.p + i, "\r\n\r\n", 4) == 0)
			return str_from(all, i + 4);
	return (struct str){ 0 };
}

bool
fake_sent(const struct fake *f, const char *line)
{
	struct str all = buf_text(&f->sent), body = fake_body(f), l;
	size_t n = strlen(line);

	all.len -= body.len;
	while (str_cut(&all, '\n', &l))
		if (l.len == n + 1 && memcmp(l.p, line, n) == 0)
			return true;
	return false;
}

bool
fake_holds(struct str text, const char *part)
{
	size_t n = strlen(part);

	for (size_t i = 0; i + n <= text.len; i++)
		if (memcmp(text.p + i, part, n) == 0)
			return true;
	return false;
}
