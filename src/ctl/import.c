/* SPDX-License-Identifier: ISC */
/* import: read the files of a source in, however large they are. */
#include <stdio.h>
#include <unistd.h>

#include "ctl/ctl.h"
#include "ctl/unmatched.h"
#include "source/files.h"

#define BAR_WIDTH 40
#define BAR_STEP  1000 /* of the whole */

/* A bar on a terminal; nobody else sees one. */
struct bar {
	const char *name;
	int64_t shown; /* in steps */
};

static bool
draw(void *arg, int64_t done, int64_t total)
{
	struct bar *b = arg;
	int64_t step = total > 0 ? done * BAR_STEP / total : BAR_STEP;
	int filled = (int)(step * BAR_WIDTH / BAR_STEP);

	if (step == b->shown)
		return true;
	b->shown = step;
	(void)fprintf(stderr, "\r%s [%.*s%*s] %3d %%", b->name, filled,
	    "########################################", BAR_WIDTH - filled, "",
	    (int)(step * 100 / BAR_STEP));
	return true;
}

static void
report(struct ctl *c, const struct conf_source *s, const struct files_report *r)
{
	struct json_out *o = &c->json;

	if (!ctl_has(c, OPT_JSON)) {
		buf_fmt(&c->out, "%s: ", s->name);
		if (r->fresh)
			buf_fmt(&c->out, "nothing has changed, %lld left out\n",
			    (long long)r->wrong);
		else
			buf_fmt(&c->out,
			    "%lld rows of %lld tables, %lld left out\n",
			    (long long)r->rows, (long long)r->tables,
			    (long long)r->wrong);
		return;
	}
	json_obj(o, NULL);
	json_z(o, "source", s->name);
	json_bool(o, "ok", true);
	json_bool(o, "changed", !r->fresh);
	json_int(o, "bytes", r->bytes);
	json_int(o, "tables", r->tables);
	json_int(o, "rows", r->rows);
	json_int(o, "wrong", r->wrong);
	json_end(o);
}

/* An element of the list like the others: these may have come in. */
static enum ctl_exit
failed(struct ctl *c, const char *name, const struct fault *f)
{
	struct json_out *o = &c->json;

	if (ctl_has(c, OPT_JSON)) {
		json_obj(o, NULL);
		json_z(o, "source", name);
		ctl_fault_json(o, f);
		json_end(o);
	}
	(void)ctl_fault_say(f);
	return CTL_FAILED;
}

static void
on_column(void *arg, struct str table, struct str column)
{
	unmatched_see(arg, STR(""), table, column);
}

static void
say_unmatched(void *arg, const char *setting, struct str sentence)
{
	(void)arg;
	(void)setting;
	ctl_say("%.*s", (int)sentence.len, sentence.p);
}

/* Settings that are for nothing in what was read, and, where nothing had to
 * be, what its import said. */
static enum err
look_again(struct ctl *c, const struct conf_source *s, struct files_report *r,
    struct fault *f)
{
	const struct files_watch w = { { 0 }, NULL, NULL };
	struct files_report kept;
	struct unmatched u;
	const struct files_eye eye = { on_column, &u };
	enum err e;

	unmatched_begin(&u, c->arena, s);
	e = files_look(c->conf, s, &w, &eye, c->arena, &kept, f);
	if (e != ERR_OK)
		return e;
	unmatched_say(&u, c->arena, say_unmatched, NULL);
	if (!r->fresh)
		return ERR_OK;
	*r = kept;
	r->fresh = true;
	return ERR_OK;
}

static enum ctl_exit
import_one(struct ctl *c, const struct conf_source *s)
{
	struct bar bar = { s->name, -1 };
	bool seen = isatty(STDERR_FILENO) == 1 && !ctl_has(c, OPT_JSON);
	struct files_watch w = { { 0 }, seen ? draw : NULL, &bar };
	struct files_report r;
	struct fault f = { 0 };
	enum err e = files_import(c->conf, s, 0, &w, c->arena, &r, &f);

	if (bar.shown >= 0)
		(void)fprintf(stderr, "\r%*s\r",
		    BAR_WIDTH + 10 + (int)strlen(s->name), "");
	if (e == ERR_OK)
		e = look_again(c, s, &r, &f);
	ctl_complaints(r.lines);
	if (e != ERR_OK)
		return failed(c, s->name, &f);
	report(c, s, &r);
	return CTL_DONE;
}

static bool
is_files(const struct conf_source *s)
{
	return strcmp(s->driver, FILES_DRIVER) == 0;
}

static enum ctl_exit
import_all(struct ctl *c)
{
	enum ctl_exit worst = CTL_DONE;
	size_t n = 0;

	for (size_t i = 0; i < c->conf->nsources; i++) {
		enum ctl_exit e;

		if (!is_files(&c->conf->sources[i]))
			continue;
		n++;
		e = import_one(c, &c->conf->sources[i]);
		worst = e > worst ? e : worst;
	}
	if (n == 0)
		ctl_say("no source of this site is one of files");
	return worst;
}

static enum ctl_exit
import_named(struct ctl *c, const char *name)
{
	int i = conf_source_index(c->conf, str_of(name));
	struct fault f = { 0 };

	if (i < 0) {
		(void)fault_set(&f, ERR_SOURCE_NOT_FOUND,
		    "there is no source %s", name);
		return failed(c, name, &f);
	}
	if (!is_files(&c->conf->sources[i])) {
		(void)fault_set(&f, ERR_INVALID_ARGUMENT,
		    "the source %s is none of files", name);
		return failed(c, name, &f);
	}
	return import_one(c, &c->conf->sources[i]);
}

/* What is made in the state folder belongs to its owner. */
enum ctl_exit
cmd_import(struct ctl *c)
{
	enum ctl_exit e = ctl_open_conf(c);
	struct fault f = { 0 };

	if (e != CTL_DONE)
		return e;
	if (ctl_mind_owner(c, &f) != ERR_OK)
		return ctl_fault(c, &f);
	if (ctl_has(c, OPT_JSON))
		json_arr(&c->json, NULL);
	e = c->nargs > 0 ? import_named(c, c->args[0]) : import_all(c);
	if (ctl_has(c, OPT_JSON)) {
		json_end(&c->json);
		buf_char(&c->out, '\n');
	}
	return e;
}
