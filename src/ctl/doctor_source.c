/* SPDX-License-Identifier: ISC */
/* One source as its users will meet it, and what its settings are about. */
#include "base/clock.h"
#include "ctl/doctor.h"
#include "ctl/unmatched.h"
#include "source/files.h"
#include "source/source.h"

#define CONNECT_MS 5000
#define LOOK_MS    30000

struct saying {
	struct doctor *doctor;
	const struct conf_source *source;
};

static void
say_right(void *arg, struct str sentence, const char *change)
{
	const struct saying *y = arg;

	if (change == NULL)
		change =
		    "give the source an account that can only read what it serves";
	find(y->doctor, FIND_WARN, "rights", change, "%s: %.*s",
	    y->source->name, (int)sentence.len, sentence.p);
}

/* What the account could do beyond its purpose. */
static void
look_rights(struct doctor *d, const struct conf_source *s,
    const struct driver_work *work, void *conn)
{
	struct saying y = { d, s };
	struct fault f = { 0 };

	if (work->rights != NULL &&
	    work->rights(conn, d->c->arena, say_right, &y, &f) != ERR_OK)
		find(d, FIND_NOTE, "rights", NULL, "%s: %s", s->name, f.msg);
}

static void
say_unmatched(void *arg, const char *setting, struct str sentence)
{
	struct doctor *d = arg;

	find(d, FIND_WARN, setting,
	    "write it as get_columns writes the name, or take it out", "%.*s",
	    (int)sentence.len, sentence.p);
}

/* Columns as a driver describes them. */
struct column_sink {
	struct row_sink sink;
	struct unmatched *unmatched;
};

static bool
on_cols(struct row_sink *to, const struct column *c, size_t n)
{
	(void)to;
	(void)c;
	(void)n;
	return true;
}

static struct str
text_of(const struct value *v)
{
	return v->kind == VALUE_TEXT ? v->s : STR("");
}

/* Schema, table and column are the first three (source/heading.h). */
static bool
on_column(struct row_sink *to, const struct value *v, size_t n)
{
	const struct column_sink *c = (const struct column_sink *)to;

	if (n >= 3)
		unmatched_see(c->unmatched, text_of(&v[0]), text_of(&v[1]),
		    text_of(&v[2]));
	return true;
}

/* Rules are looked for in a source without any, which shows all names. */
static enum err
see_columns(struct doctor *d, const struct conf_source *s,
    const struct driver_work *work, struct unmatched *u, struct fault *f)
{
	struct conf_source bare = *s;
	struct deadline in = deadline_in(LOOK_MS);
	struct meta_ask ask = { .what = META_COLUMNS, .deadline = in };
	struct column_sink to = { { on_cols, on_column, NULL }, u };
	void *conn = NULL;
	enum err e;

	bare.deny.n = 0;
	bare.mask.n = 0;
	e = work->open(d->c->conf, &bare, &in, &conn, f);
	if (e == ERR_OK)
		e = work->meta(conn, d->c->arena, &ask, &to.sink, f);
	work->close(conn);
	return e;
}

static void
look_rules(struct doctor *d, const struct conf_source *s,
    const struct driver_work *work)
{
	struct unmatched u;
	struct fault f = { 0 };

	if (s->deny.n + s->mask.n == 0)
		return;
	unmatched_begin(&u, d->c->arena, s);
	if (see_columns(d, s, work, &u, &f) == ERR_OK)
		unmatched_say(&u, d->c->arena, say_unmatched, d);
	else
		find(d, FIND_NOTE, "deny", NULL,
		    "%s: what its rules are about cannot be looked at: %s",
		    s->name, f.msg);
}

static void
say_broken(struct doctor *d, const struct conf_source *s, const struct fault *f)
{
	struct arena *a = d->c->arena;
	struct fault told = *f;
	const char *fix;

	if (f->code == ERR_BUSY &&
	    str_eq(str_of(s->driver), STR(FILES_DRIVER))) {
		fix = arena_fmt(a, "mcpctl import %s", s->name).p;
		told.hint[0] = '\0';
	} else if (f->code == ERR_SOURCE_AUTH_FAILED)
		fix = arena_fmt(a,
		    "give sources.%s (%s:%d) a user and password that its server takes",
		    s->name, s->at.file, s->at.line)
			  .p;
	else
		fix = arena_fmt(a, "mend sources.%s (%s:%d), or what it names",
		    s->name, s->at.file, s->at.line)
			  .p;
	find_fault(d, "source", s->name, fix, &told);
}

static void
say_open(struct doctor *d, const struct conf_source *s, const char *more)
{
	find(d, FIND_GOOD, "source", NULL, "%s opens (%s, %s)%s", s->name,
	    s->driver, s->readonly ? "read only" : "writes allowed", more);
}

static void
on_file_column(void *arg, struct str table, struct str column)
{
	unmatched_see(arg, STR(""), table, column);
}

/* A file that opens may still be one that cannot be read in. */
static void
look_files(struct doctor *d, const struct conf_source *s)
{
	struct unmatched u;
	const struct files_eye eye = { on_file_column, &u };
	const struct files_watch w = { deadline_in(LOOK_MS), NULL, NULL };
	struct files_report r;
	struct fault f = { 0 };

	unmatched_begin(&u, d->c->arena, s);
	if (files_look(d->c->conf, s, &w, &eye, d->c->arena, &r, &f) !=
	    ERR_OK) {
		say_broken(d, s, &f);
		return;
	}
	unmatched_say(&u, d->c->arena, say_unmatched, d);
	if (r.wrong > 0)
		find(d, FIND_WARN, "source",
		    arena_fmt(d->c->arena, "mcpctl import %s names the first",
			s->name)
			.p,
		    "%s: %lld %s left out of it (on_error = \"skip\")", s->name,
		    (long long)r.wrong, r.wrong == 1 ? "row is" : "rows are");
	say_open(d, s, r.fresh ? "" : "; the next call reads it in");
}

/* What "mcpctl check" says of it. */
static bool
look_settings(struct doctor *d, const struct conf_source *s,
    const struct source_driver *driver)
{
	struct str rest, line;
	struct buf said;

	buf_init(&said, d->c->arena, 1u << 16);
	if (driver_check(driver, s, &said) == 0)
		return true;
	rest = buf_text(&said);
	while (str_cut(&rest, '\n', &line))
		if (line.len > 0)
			find(d, FIND_BAD, "source", "mend that line", "%.*s",
			    (int)line.len, line.p);
	return false;
}

void
doctor_source(struct doctor *d, const struct conf_source *s)
{
	const struct driver_work *work;
	const struct source_driver *driver = driver_find(str_of(s->driver));
	struct deadline in = deadline_in(CONNECT_MS);
	struct fault f = { 0 };
	void *conn = NULL;

	if (driver == NULL) {
		find(d, FIND_BAD, "source", "driver = \"sqlite\";",
		    "%s: there is no driver '%s'", s->name, s->driver);
		return;
	}
	if (!look_settings(d, s, driver))
		return;
	if (str_eq(str_of(s->driver), STR(FILES_DRIVER))) {
		look_files(d, s);
		return;
	}
	work = driver_load(driver, &f);
	if (work == NULL ||
	    work->open(d->c->conf, s, &in, &conn, &f) != ERR_OK) {
		say_broken(d, s, &f);
		return;
	}
	look_rights(d, s, work, conn);
	work->close(conn);
	look_rules(d, s, work);
	say_open(d, s, "");
}
