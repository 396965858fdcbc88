/* SPDX-License-Identifier: ISC */
/* Statements of ours on a link: past the authorizer, values bound. */
#include "source/sqlite_int.h"

struct str
sqlite_text(sqlite3_stmt *st, int i)
{
	const char *p = (const char *)sqlite3_column_text(st, i);

	return (struct str){ p,
		p == NULL ? 0 : (size_t)sqlite3_column_bytes(st, i) };
}

static int
bind_texts(sqlite3_stmt *st, const struct str *args, size_t n)
{
	int rc = SQLITE_OK;

	for (size_t i = 0; i < n && rc == SQLITE_OK; i++)
		if (args[i].len != 0)
			rc = sqlite3_bind_text64(st, (int)i + 1, args[i].p,
			    args[i].len, SQLITE_STATIC, SQLITE_UTF8);
	return rc;
}

int
sqlite_query(struct sqlite_link *l, const char *sql, const struct str *args,
    size_t nargs, bool (*row)(void *arg, sqlite3_stmt *st), void *arg)
{
	bool ours = l->auth.ours;
	sqlite3_stmt *st;
	int rc;

	l->auth.ours = true;
	rc = sqlite3_prepare_v2(l->h, sql, -1, &st, NULL);
	if (rc == SQLITE_OK)
		rc = bind_texts(st, args, nargs);
	if (rc == SQLITE_OK)
		while ((rc = sqlite3_step(st)) == SQLITE_ROW)
			if (row != NULL && !row(arg, st)) {
				rc = SQLITE_DONE;
				break;
			}
	sqlite3_finalize(st);
	l->auth.ours = ours;
	return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

int
sqlite_exec(struct sqlite_link *l, const char *sql)
{
	bool ours = l->auth.ours;
	int rc;

	l->auth.ours = true;
	rc = sqlite3_exec(l->h, sql, NULL, NULL, NULL);
	l->auth.ours = ours;
	return rc;
}

/* The one way a name gets into a text of ours. */
struct str
sqlite_quote(struct arena *a, struct str name)
{
	char *p = arena_get(a, name.len * 2 + 3);
	size_t n = 0;

	p[n++] = '"';
	for (size_t i = 0; i < name.len && name.p[i] != '\0'; i++) {
		if (name.p[i] == '"')
			p[n++] = '"';
		p[n++] = name.p[i];
	}
	p[n++] = '"';
	p[n] = '\0';
	return (struct str){ p, n };
}

bool
sqlite_names_has(const struct sqlite_names *n, struct str name)
{
	for (size_t i = 0; i < n->n; i++)
		if (str_ieq(n->v[i], name))
			return true;
	return false;
}

/* Room doubles, so it is full whenever the count is a power of two. */
void
sqlite_names_add(struct arena *a, struct sqlite_names *to, struct str name)
{
	size_t n = to->n;

	if ((n & (n - 1)) == 0)
		to->v = arena_grow(a, to->v, n * sizeof(*to->v),
		    (n == 0 ? 1 : n * 2) * sizeof(*to->v));
	to->v[to->n++] = arena_dup(a, name);
}

struct reading {
	struct arena *arena;
	struct sqlite_names *out;
};

static bool
add_name(void *arg, sqlite3_stmt *st)
{
	struct reading *r = arg;

	sqlite_names_add(r->arena, r->out, sqlite_text(st, 0));
	return true;
}

int
sqlite_names_read(struct sqlite_link *l, const char *sql,
    struct sqlite_names *out)
{
	struct reading r = { l->arena, out };
	struct str schema = str_of(l->schema);

	*out = (struct sqlite_names){ 0 };
	return sqlite_query(l, sql, &schema, 1, add_name, &r);
}
