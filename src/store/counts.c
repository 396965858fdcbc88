/* SPDX-License-Identifier: ISC */
/*
 * Counters of the audit: what each key did with each tool on each day (UTC).
 * They are taken from the audit files behind the requests' backs, so that a
 * request pays nothing for them; on a shared store those of all machines add
 * up.  A file is known by its first line, which holds a random id, whatever it
 * is called after rotation; how far it was read is changed in the transaction
 * that adds its lines, and only from what it was.
 */
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/audit_files.h"
#include "store/store_int.h"
#include "json/json.h"

#define CHUNK   ((size_t)1 << 20) /* read, and added, at once */
#define DAY_LEN 10
#define HEAD    16
#define TRIES   50 /* others are in the way, or were faster */

const char counts_schema[] =
    "CREATE TABLE IF NOT EXISTS counts ("
    " day TEXT NOT NULL, key_id TEXT NOT NULL, tool TEXT NOT NULL,"
    " calls BIGINT NOT NULL, failed BIGINT NOT NULL,"
    " nrows BIGINT NOT NULL, nbytes BIGINT NOT NULL, ms BIGINT NOT NULL,"
    " PRIMARY KEY (day, key_id, tool));"
    "CREATE TABLE IF NOT EXISTS counted ("
    " head TEXT PRIMARY KEY, at BIGINT NOT NULL)";

/* One file while it is read. */
struct reading {
	struct store *s;
	struct arena *a; /* of the chunk in hand */
	int fd;
	char head[2 * HEAD + 1];
	int64_t at; /* read so far */
	bool known; /* there is a row about it */
	struct count *v;
	size_t n, room;
	int64_t fresh; /* lines of the chunk in hand */
	int64_t lines;
};

static bool
take_any(void *arg, const struct value *v, size_t n)
{
	(void)v;
	(void)n;
	*(bool *)arg = true;
	return false;
}

enum err
counts_look(const struct store *s, struct db *db, bool *there, struct fault *f)
{
	static const char in_file[] =
	    "SELECT 1 FROM sqlite_master"
	    " WHERE type = 'table' AND name = 'counted'";
	static const char on_server[] =
	    "SELECT 1 FROM counts, counted WHERE 1 = 0";
	enum err err;

	*there = s->shared;
	if (!s->shared)
		return db_run(db, in_file, NULL, 0, take_any, there, NULL, f);
	err = db_run(db, on_server, NULL, 0, NULL, NULL, NULL, f);
	if (err != ERR_OBJECT_NOT_FOUND)
		return err;
	*f = (struct fault){ 0 };
	*there = false;
	return ERR_OK;
}

/* Who may not make tables has them from the administrator; another one may
 * make them just now. */
enum err
counts_tables(const struct store *s, struct db *db, struct fault *f)
{
	struct fault ignored = { 0 };
	bool there = false;
	enum err err = counts_look(s, db, &there, f);

	if (err != ERR_OK || there)
		return err;
	err = db_script(db, counts_schema, f);
	if (err == ERR_OK)
		return ERR_OK;
	if (counts_look(s, db, &there, &ignored) == ERR_OK && there) {
		*f = (struct fault){ 0 };
		return ERR_OK;
	}
	if (s->shared)
		fault_hint(f, "\"mcpctl init\" makes them");
	return err;
}

static enum err
begin(struct store *s, struct fault *f)
{
	enum err err = store_db_ready(s, s->keys, f);

	return err == ERR_OK ? counts_tables(s, s->keys->db, f) : err;
}

static int64_t
number(const json_t *o, const char *name)
{
	const json_t *v = json_member(o, name);

	return json_is_integer(v) && json_integer_value(v) > 0
		   ? json_integer_value(v)
		   : 0;
}

static struct count *
find(struct reading *r, struct str day, struct str key, struct str tool)
{
	struct count *c;

	for (size_t i = 0; i < r->n; i++)
		if (str_eq(r->v[i].tool, tool) && str_eq(r->v[i].key, key) &&
		    str_eq(r->v[i].day, day))
			return &r->v[i];
	if (r->n == r->room) {
		size_t room = r->room * 2 + 64;

		r->v = arena_grow(r->a, r->v, r->room * sizeof(*r->v),
		    room * sizeof(*r->v));
		r->room = room;
	}
	c = &r->v[r->n++];
	*c = (struct count){ .day = day, .key = key, .tool = tool };
	return c;
}

/* What is no tool is counted by its method: a URI would be one of too many. */
static void
take_line(struct reading *r, struct str line)
{
	struct fault ignored = { 0 };
	json_t *o = NULL;
	struct str ts, what;
	struct count *c;

	if (json_parse(r->a, line, &json_limits_default, &o, &ignored) !=
		ERR_OK ||
	    !str_eq(json_text(json_member(o, "event")), STR("call")))
		return;
	ts = json_text(json_member(o, "ts"));
	what = json_text(json_member(o, "method"));
	if (str_eq(what, STR("tools/call")))
		what = json_text(json_member(o, "tool"));
	/* A question to the user is no call yet; what follows on it is. */
	if (ts.len < DAY_LEN || what.len == 0 ||
	    str_eq(json_text(json_member(o, "code")), STR("ASKED")))
		return;
	ts.len = DAY_LEN;
	c = find(r, ts, json_text(json_member(o, "key_id")), what);
	c->calls++;
	c->failed += json_member(o, "code") != NULL;
	c->rows += number(o, "rows");
	c->bytes += number(o, "bytes");
	c->ms += number(o, "ms");
}

static enum err
add(struct store *s, const struct count *c, struct fault *f)
{
	static const char sql[] =
	    "INSERT INTO counts (day, key_id, tool, calls, failed, nrows,"
	    " nbytes, ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"
	    " ON CONFLICT (day, key_id, tool) DO UPDATE SET"
	    " calls = counts.calls + excluded.calls,"
	    " failed = counts.failed + excluded.failed,"
	    " nrows = counts.nrows + excluded.nrows,"
	    " nbytes = counts.nbytes + excluded.nbytes,"
	    " ms = counts.ms + excluded.ms";
	const struct value v[] = { value_text(c->day), value_text(c->key),
		value_text(c->tool), value_int(c->calls), value_int(c->failed),
		value_int(c->rows), value_int(c->bytes), value_int(c->ms) };

	return db_run(s->keys->db, sql, v, 8, NULL, NULL, NULL, f);
}

/* From r->at to "to"; ERR_CONFLICT: another one was faster. */
static enum err
advance(struct reading *r, int64_t to, struct fault *f)
{
	static const char first[] =
	    "INSERT INTO counted (head, at) VALUES (?1, ?2)"
	    " ON CONFLICT (head) DO NOTHING";
	static const char next[] =
	    "UPDATE counted SET at = ?2 WHERE head = ?1 AND at = ?3";
	const struct value v[] = { value_text(str_of(r->head)), value_int(to),
		value_int(r->at) };
	int64_t rows = 0;
	enum err err = db_run(r->s->keys->db, r->known ? next : first, v,
	    r->known ? 3 : 2, NULL, NULL, &rows, f);

	if (err == ERR_OK && rows != 1)
		return fault_set(f, ERR_CONFLICT,
		    "the audit is being counted already");
	r->known = true;
	return err;
}

static int
by_row(const void *a, const void *b)
{
	const struct count *x = a, *y = b;
	int d = str_cmp(x->day, y->day);

	if (d == 0)
		d = str_cmp(x->key, y->key);
	return d != 0 ? d : str_cmp(x->tool, y->tool);
}

/* In one order, or two machines could each wait for a row of the other. */
static enum err
keep(struct reading *r, int64_t to, struct fault *f)
{
	struct db *db = r->s->keys->db;
	struct fault ignored = { 0 };
	enum err err;

	if (r->n > 0)
		qsort(r->v, r->n, sizeof(*r->v), by_row);
	err = db_script(db, "BEGIN", f);
	if (err == ERR_OK)
		err = advance(r, to, f);
	for (size_t i = 0; i < r->n && err == ERR_OK; i++)
		err = add(r->s, &r->v[i], f);
	if (err == ERR_OK)
		err = db_script(db, "COMMIT", f);
	if (err != ERR_OK)
		(void)!db_script(db, "ROLLBACK", &ignored);
	return err;
}

/* The whole lines of a chunk; its length without the piece at the end. */
static size_t
take_lines(struct reading *r, struct str chunk)
{
	struct str rest = chunk, line;
	size_t whole = chunk.len;

	while (whole > 0 && chunk.p[whole - 1] != '\n')
		whole--;
	/* Longer than any line of ours: nothing to be counted in it. */
	if (whole == 0)
		return chunk.len == CHUNK ? CHUNK : 0;
	rest.len = whole;
	while (str_cut(&rest, '\n', &line)) {
		if (line.len == 0)
			continue;
		take_line(r, line);
		r->fresh++;
	}
	return whole;
}

static enum err
read_file(struct reading *r, struct fault *f)
{
	for (;;) {
		enum err err;
		size_t whole;
		ssize_t got;
		char *p;

		arena_reset(r->a);
		r->v = NULL;
		r->n = r->room = 0;
		r->fresh = 0;
		p = arena_get(r->a, CHUNK);
		got = pread(r->fd, p, CHUNK, (off_t)r->at);
		if (got <= 0)
			return ERR_OK;
		whole = take_lines(r, (struct str){ p, (size_t)got });
		if (whole == 0)
			return ERR_OK;
		err = keep(r, r->at + (int64_t)whole, f);
		if (err != ERR_OK)
			return err;
		r->at += (int64_t)whole;
		r->lines += r->fresh;
	}
}

static bool
take_place(void *arg, const struct value *v, size_t n)
{
	struct reading *r = arg;

	r->known = n == 1 && v[0].kind == VALUE_INT;
	r->at = r->known ? v[0].i : 0;
	return false;
}

/* Which file is it?  False: it has no whole line yet, or is none of ours. */
static bool
know(struct reading *r)
{
	unsigned char hash[HEAD];
	char *p = arena_get(r->a, CHUNK);
	ssize_t got = pread(r->fd, p, CHUNK, 0);
	struct str rest = { p, got > 0 ? (size_t)got : 0 }, line;

	if (rest.len == 0 || p[0] != '{' || !str_has(rest, '\n') ||
	    !str_cut(&rest, '\n', &line))
		return false;
	(void)crypto_generichash(hash, sizeof(hash),
	    (const unsigned char *)line.p, line.len, NULL, 0);
	sodium_bin2hex(r->head, sizeof(r->head), hash, sizeof(hash));
	return true;
}

/* From where it was left; from there again when others were in the way. */
static enum err
go_on(struct reading *r, struct fault *f)
{
	static const char place[] = "SELECT at FROM counted WHERE head = ?1";
	const struct value head = value_text(str_of(r->head));
	enum err err = ERR_OK;

	for (int i = 0; i < TRIES; i++) {
		*f = (struct fault){ 0 };
		r->known = false;
		r->at = 0;
		err = db_run(r->s->keys->db, place, &head, 1, take_place, r,
		    NULL, f);
		if (err == ERR_OK)
			err = read_file(r, f);
		if (err != ERR_CONFLICT && err != ERR_BUSY)
			break;
	}
	return err;
}

static enum err
count_file(struct store *s, struct arena *a, const char *path, int64_t *lines,
    struct fault *f)
{
	struct reading r = { .s = s, .a = a };
	struct stat st;
	enum err err = ERR_OK;

	r.fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (r.fd < 0)
		return ERR_OK; /* rotated away just now */
	if (fstat(r.fd, &st) == 0 && S_ISREG(st.st_mode) && know(&r))
		err = go_on(&r, f);
	(void)close(r.fd);
	*lines += r.lines;
	return err;
}

/* One file after the other. */
struct taking {
	struct store *s;
	struct arena *a;
	int64_t lines;
	enum err err;
	struct fault *f;
};

static bool
take_file(void *arg, const char *path)
{
	struct taking *t = arg;

	arena_reset(t->a);
	t->err = count_file(t->s, t->a, path, &t->lines, t->f);
	return t->err == ERR_OK;
}

enum err
counts_take(struct store *s, int64_t *lines, struct fault *f)
{
	struct taking t = { .s = s, .f = f };

	t.err = begin(s, f);
	if (t.err == ERR_OK) {
		t.a = arena_new((size_t)16 << 20);
		audit_files(s->state, take_file, &t);
		arena_free(t.a);
	}
	*lines = t.lines;
	return t.err;
}

struct passing {
	bool (*fn)(void *arg, const struct count *c);
	void *arg;
};

static bool
pass(void *arg, const struct value *v, size_t n)
{
	const struct passing *p = arg;
	const struct count c = { .day = v[0].s,
		.key = v[1].s,
		.tool = v[2].s,
		.calls = v[3].i,
		.failed = v[4].i,
		.rows = v[5].i,
		.bytes = v[6].i,
		.ms = v[7].i };

	return n == 8 && p->fn(p->arg, &c);
}

enum err
counts_each(struct store *s, struct str from,
    bool (*fn)(void *arg, const struct count *c), void *arg, struct fault *f)
{
	static const char sql[] =
	    "SELECT day, key_id, tool, calls, failed, nrows, nbytes, ms"
	    " FROM counts WHERE day >= ?1 ORDER BY day, key_id, tool";
	struct passing p = { fn, arg };
	const struct value v = value_text(from);
	enum err err = begin(s, f);

	return err == ERR_OK
		   ? store_run(s, s->keys, sql, &v, 1, pass, &p, NULL, f)
		   : err;
}
